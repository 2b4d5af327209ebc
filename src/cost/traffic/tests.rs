use super::super::{Assumptions, Bill, Item, bill};
use super::*;
use crate::finding::MonthlyCost;
use crate::price::PriceTable;
use crate::snapshot::cloudfront::Distribution;
use crate::snapshot::elb::LoadBalancer;

const TOKYO: &str = "ap-northeast-1";
const HOURS: i64 = 14 * 24;

fn empty() -> Snapshot {
    Snapshot::new("123456789012", "aws", "2026-11-24T00:00:00Z", &[TOKYO.to_owned()]).complete()
}

fn of(snapshot: &Snapshot) -> Bill {
    bill(snapshot, PriceTable::embedded(), &Assumptions::default())
}

fn item<'b>(bill: &'b Bill, what: &str) -> &'b Item {
    bill.items.iter().find(|item| item.what.en.starts_with(what)).unwrap()
}

fn near(one: f64, other: f64) {
    assert!((one - other).abs() < 0.001, "{one} instead of {other}");
}

/// A sum for every hour of the window.
fn measured(snapshot: &mut Snapshot, arn: &str, region: &str, metric_name: &str, each_hour: f64) {
    snapshot.cloudwatch.traffic.items.push(MetricSeries {
        region: region.to_owned(),
        resource_arn: arn.to_owned(),
        metric_name: metric_name.to_owned(),
        window_days: 14,
        datapoint_count: HOURS,
        average: Some(each_hour),
        ..MetricSeries::default()
    });
}

fn with_load_balancer(arn: &str, scheme: &str) -> Snapshot {
    let mut snapshot = empty();
    snapshot.elb.load_balancers.items.push(LoadBalancer {
        arn: arn.to_owned(),
        region: TOKYO.to_owned(),
        kind: "application".to_owned(),
        state: "active".to_owned(),
        scheme: scheme.to_owned(),
        ..LoadBalancer::default()
    });
    snapshot
}

fn nat(id: &str, connectivity_type: &str) -> NatGateway {
    NatGateway {
        arn: format!("arn:{id}"),
        region: TOKYO.to_owned(),
        id: id.to_owned(),
        connectivity_type: connectivity_type.to_owned(),
        state: "available".to_owned(),
        ..NatGateway::default()
    }
}

#[test]
fn what_leaves_through_load_balancers_is_counted_beyond_what_is_free() {
    let mut snapshot = with_load_balancer("arn:lb", "internet-facing");
    measured(&mut snapshot, "arn:lb", TOKYO, "ProcessedBytes", 2.0 * GB_BYTES);
    // 1,460 GB a month, of which 100 are free.
    near(item(&of(&snapshot), "To the internet").quantity.unwrap(), 1_360.0);
    // Hours without traffic have no points.
    snapshot.cloudwatch.traffic.items[0].datapoint_count = HOURS / 2;
    near(item(&of(&snapshot), "To the internet").quantity.unwrap(), 630.0);
    // AWS answers that no bytes were counted, though it watched; and that it knows nothing at all.
    snapshot.cloudwatch.traffic.items[0].datapoint_count = 0;
    snapshot.cloudwatch.traffic.items[0].average = None;
    measured(&mut snapshot, "arn:lb", TOKYO, "ConsumedLCUs", 0.1);
    near(item(&of(&snapshot), "To the internet").quantity.unwrap(), 0.0);
    snapshot.cloudwatch.traffic.items[1].datapoint_count = 0;
    snapshot.cloudwatch.traffic.items[1].average = None;
    assert_eq!(item(&of(&snapshot), "To the internet").quantity, None);
    // An internal load balancer sends nothing there.
    let bill = of(&with_load_balancer("arn:lb", "internal"));
    assert!(bill.items.iter().all(|item| item.group != Group::DataTransfer));
}

#[test]
fn a_metric_that_aws_would_not_give_leaves_it_unknown() {
    let mut snapshot = with_load_balancer("arn:lb", "internet-facing");
    let gap = GapId::new("cloudwatch:GetMetricData", TOKYO, None);
    snapshot.cloudwatch.traffic.incomplete.push(gap.clone());
    for what in ["To the internet", "Capacity units"] {
        assert_eq!(item(&of(&snapshot), what).monthly_usd, MonthlyCost::Unknown(vec![gap.clone()]), "{what}");
    }
    let settled = item(&of(&snapshot), "To the internet").settled_by.clone().unwrap();
    assert_eq!(settled.en, "an answer of cloudwatch:GetMetricData");
    // One load balancer that was answered for does not stand for another.
    let mut both = snapshot.elb.load_balancers.items[0].clone();
    both.arn = "arn:other".to_owned();
    snapshot.elb.load_balancers.items.push(both);
    measured(&mut snapshot, "arn:lb", TOKYO, "ProcessedBytes", GB_BYTES);
    assert_eq!(item(&of(&snapshot), "To the internet").quantity, None);
}

#[test]
fn nat_gateways_are_paid_for_both_ways_and_send_one() {
    let mut snapshot = empty();
    snapshot.ec2.nat_gateways.items.push(nat("nat-1", "public"));
    measured(&mut snapshot, "arn:nat-1", TOKYO, "BytesInFromDestination", 0.3 * GB_BYTES);
    measured(&mut snapshot, "arn:nat-1", TOKYO, "BytesOutToDestination", 0.2 * GB_BYTES);
    near(item(&of(&snapshot), "Data processed by").quantity.unwrap(), 365.0);
    near(item(&of(&snapshot), "To the internet").quantity.unwrap(), 46.0);
    // A gateway that is two days old: its own hours are the usual ones.
    for series in &mut snapshot.cloudwatch.traffic.items {
        series.datapoint_count = 48;
    }
    near(item(&of(&snapshot), "Data processed by").quantity.unwrap(), 365.0);
    near(item(&of(&snapshot), "To the internet").quantity.unwrap(), 46.0);
    // Without points it is not known, and the user may say it.
    for series in &mut snapshot.cloudwatch.traffic.items {
        (series.datapoint_count, series.average) = (0, None);
    }
    assert_eq!(item(&of(&snapshot), "Data processed by").quantity, None);
    assert_eq!(item(&of(&snapshot), "To the internet").quantity, None);
    let assumed = Assumptions { nat_gb: Some(50.0), ..Assumptions::default() };
    near(
        item(&bill(&snapshot, PriceTable::embedded(), &assumed), "Data processed by").quantity.unwrap(),
        50.0,
    );
    // A private one leads to other networks.
    snapshot.ec2.nat_gateways.items[0].connectivity_type = "private".to_owned();
    assert!(of(&snapshot).items.iter().all(|item| item.group != Group::DataTransfer));
}

#[test]
fn public_addresses_of_load_balancers_and_gateways_are_not_counted_twice() {
    let interface = |kind: &str, owner: Option<&str>, description: &str| NetworkInterface {
        region: TOKYO.to_owned(),
        interface_type: kind.to_owned(),
        requester_id: owner.map(str::to_owned),
        description: description.to_owned(),
        public_ips: vec!["192.0.2.1".to_owned()],
        ..NetworkInterface::default()
    };
    assert!(!sends_itself(&interface("interface", Some("amazon-elb"), "ELB app/shop/50dc")));
    assert!(!sends_itself(&interface("network_load_balancer", None, "ELB net/shop/50dc")));
    assert!(!sends_itself(&interface("nat_gateway", None, "Interface for NAT Gateway nat-1")));
    let task = interface("interface", None, "arn:aws:ecs:ap-northeast-1:123456789012:attachment/1");
    assert!(sends_itself(&task));
    assert!(!sends_itself(&NetworkInterface { public_ips: Vec::new(), ..task.clone() }));
    let mut snapshot = with_load_balancer("arn:lb", "internet-facing");
    measured(&mut snapshot, "arn:lb", TOKYO, "ProcessedBytes", GB_BYTES);
    snapshot.ec2.network_interfaces.items.push(task);
    let bill_now = of(&snapshot);
    near(item(&bill_now, "To the internet, through").quantity.unwrap(), 630.0);
    assert_eq!(item(&bill_now, "To the internet, from other").quantity, None);
    // What the user says stands for all of it.
    let assumed = Assumptions { data_out_gb: Some(300.0), ..Assumptions::default() };
    let bill_assumed = bill(&snapshot, PriceTable::embedded(), &assumed);
    let quantities: Vec<Option<f64>> = bill_assumed
        .items
        .iter()
        .filter(|item| item.group == Group::DataTransfer)
        .map(|item| item.quantity)
        .collect();
    assert_eq!(quantities, [Some(200.0)]);
}

#[test]
fn what_is_free_is_free_once() {
    let mut free = 100.0;
    assert_eq!(beyond(&mut free, 30.0), 0.0);
    assert_eq!(beyond(&mut free, 90.0), 20.0);
    assert_eq!(beyond(&mut free, 5.0), 5.0);
}

#[test]
fn distributions_share_what_is_free() {
    let mut snapshot = empty();
    let distribution = |id: &str| Distribution {
        arn: format!("arn:{id}"),
        region: "us-east-1".to_owned(),
        id: id.to_owned(),
        enabled: true,
        ..Distribution::default()
    };
    snapshot.cloudfront.distributions.items = vec![distribution("E1"), distribution("E2")];
    for arn in ["arn:E1", "arn:E2"] {
        measured(&mut snapshot, arn, "us-east-1", "BytesDownloaded", GB_BYTES);
        measured(&mut snapshot, arn, "us-east-1", "Requests", 10_000.0);
    }
    let bill_now = of(&snapshot);
    near(item(&bill_now, "Delivery").quantity.unwrap(), 1_460.0 - 1_024.0);
    near(item(&bill_now, "Requests").quantity.unwrap(), 14_600_000.0 - 10_000_000.0);
    assert_eq!(item(&bill_now, "Delivery").resource, "arn:aws:cloudfront::123456789012:distribution/*");
    snapshot.cloudfront.distributions.items.pop();
    assert_eq!(item(&of(&snapshot), "Delivery").resource, "arn:E1");
    near(item(&of(&snapshot), "Delivery").quantity.unwrap(), 0.0);
    snapshot.cloudfront.distributions.items[0].enabled = false;
    assert!(of(&snapshot).items.is_empty());
}
