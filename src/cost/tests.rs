//! Bills of small accounts, by hand.

use super::*;
use crate::price::PriceTable;
use crate::snapshot::Known;
use crate::snapshot::cloudwatch::MetricSeries;
use crate::snapshot::ec2::NetworkInterface;
use crate::snapshot::ecs::{Cluster, Service, Task, TaskDefinition};
use crate::snapshot::elb::LoadBalancer;
use crate::snapshot::rds::DbInstance;
use crate::snapshot::wafv2::{WebAcl, WebAclRule};

const TOKYO: &str = "ap-northeast-1";
const SERVICE: &str = "arn:aws:ecs:ap-northeast-1:123456789012:service/shop/shop-api";
const CLUSTER: &str = "arn:aws:ecs:ap-northeast-1:123456789012:cluster/shop";

fn empty() -> Snapshot {
    Snapshot::new("123456789012", "aws", "2026-11-23T03:00:00Z", &[TOKYO.to_owned()]).complete()
}

fn of(snapshot: &Snapshot) -> Bill {
    bill(snapshot, PriceTable::embedded(), &Assumptions::default())
}

fn database(class: &str, version: &str, multi_az: bool) -> DbInstance {
    DbInstance {
        arn: "arn:aws:rds:ap-northeast-1:123456789012:db:ec-db".into(),
        id: "ec-db".into(),
        region: TOKYO.into(),
        engine: "postgres".into(),
        engine_version: version.into(),
        instance_class: class.into(),
        status: "available".into(),
        allocated_storage_gib: Known::Yes(20),
        storage_type: Some("gp3".into()),
        multi_az: Known::Yes(multi_az),
        backup_retention_days: Known::Yes(0),
        ..DbInstance::default()
    }
}

fn near(actual: f64, expected: f64) {
    assert!((actual - expected).abs() < 0.005, "{actual}, not {expected}");
}

fn amount(bill: &Bill, what: &str) -> Option<f64> {
    let item = bill.items.iter().find(|item| item.what.en.starts_with(what));
    item.unwrap_or_else(|| panic!("no {what} in {:#?}", bill.items)).monthly_usd.usd()
}

#[test]
fn a_small_database_costs_what_aws_lists() {
    let mut snapshot = empty();
    snapshot.rds.db_instances.items.push(database("db.t4g.small", "15.4", false));
    let single = of(&snapshot);
    near(amount(&single, "Instance").unwrap(), 37.23);
    near(amount(&single, "Storage").unwrap(), 2.76);
    near(single.total().usd, 39.99);
    assert_eq!(single.total().unknown, 0);
    snapshot.rds.db_instances.items[0] = database("db.t4g.small", "15.4", true);
    near(of(&snapshot).total().usd, 74.46 + 5.52);
}

#[test]
fn an_old_major_version_costs_more_than_the_database() {
    let mut snapshot = empty();
    snapshot.rds.db_instances.items.push(database("db.t4g.small", "13.16", true));
    near(amount(&of(&snapshot), "Extended Support").unwrap(), 350.40);
    // Also while stopped, when the instance itself is free.
    snapshot.rds.db_instances.items[0].status = Known::Yes("stopped".into());
    let stopped = of(&snapshot);
    near(stopped.total().usd, 350.40 + 5.52);
}

#[test]
fn without_a_price_the_amount_is_unknown_and_the_total_a_least_one() {
    let mut snapshot = empty();
    snapshot.rds.db_instances.items.push(database("db.x9g.large", "15.4", false));
    let bill = of(&snapshot);
    assert_eq!(amount(&bill, "Instance"), None);
    let item = bill.items.iter().find(|item| item.what.en.starts_with("Instance")).unwrap();
    assert_eq!(
        item.monthly_usd.gaps()[0].as_str(),
        "pricing:GetProducts@ap-northeast-1 about rds-instance-hour/postgres/db.x9g.large/single-az"
    );
    assert!(item.settled_by.as_ref().unwrap().en.contains("--live-prices"));
    near(bill.total().usd, 2.76);
    assert_eq!(bill.total().unknown, 1);
}

#[test]
fn tasks_are_counted_as_they_run() {
    let mut snapshot = empty();
    snapshot.ecs.services.items.push(Service {
        arn: SERVICE.into(),
        region: TOKYO.into(),
        name: "shop-api".into(),
        cluster_arn: CLUSTER.into(),
        launch_type: Some("FARGATE".into()),
        running_count: 2,
        task_definition_arn: Some("arn:td:1".into()),
        ..Service::default()
    });
    snapshot.ecs.task_definitions.items.push(TaskDefinition {
        arn: "arn:td:1".into(),
        region: TOKYO.into(),
        cpu_units: Some(512),
        memory_mib: Some(1024),
        ..TaskDefinition::default()
    });
    let task = |arn: &str, provider: Option<&str>| Task {
        arn: arn.into(),
        region: TOKYO.into(),
        cluster_arn: CLUSTER.into(),
        service_name: Some("shop-api".into()),
        task_definition_arn: "arn:td:1".into(),
        last_status: "RUNNING".into(),
        launch_type: Some("FARGATE".into()),
        capacity_provider: provider.map(str::to_owned),
        ..Task::default()
    };
    snapshot.ecs.tasks.items = vec![task("a", None), task("b", Some("FARGATE"))];
    // Two tasks of 0.5 vCPU and 1 GB: 2 x 730 x (0.5 x 0.05056 + 0.00553).
    near(of(&snapshot).total().usd, 44.98);
    assert!(of(&snapshot).items.iter().all(|item| item.resource == SERVICE));
    // Spot has no list price.
    snapshot.ecs.tasks.items.push(task("c", Some("FARGATE_SPOT")));
    assert_eq!(of(&snapshot).total().unknown, 2);
    near(of(&snapshot).total().usd, 44.98);
    // Without the list of tasks, the services say how many they have.
    snapshot.ecs.tasks.items.clear();
    snapshot.ecs.tasks.incomplete.push(GapId::new("ecs:ListTasks", TOKYO, None));
    near(of(&snapshot).total().usd, 44.98);
    assert_eq!(of(&snapshot).total().unknown, 0);
    // Without the size, the amount is unknown, and the question is named.
    snapshot.ecs.task_definitions.items.clear();
    let gap = GapId::new("ecs:DescribeTaskDefinition", TOKYO, Some("arn:td:1"));
    snapshot.ecs.task_definitions.incomplete.push(gap.clone());
    let bill = of(&snapshot);
    assert_eq!(bill.total(), Sum { usd: 0.0, unknown: 2 });
    assert!(bill.items.iter().all(|item| item.monthly_usd.gaps() == [gap.clone()]));
}

#[test]
fn a_list_that_is_cut_short_leaves_an_unknown_item() {
    let mut snapshot = empty();
    let gap = GapId::new("secretsmanager:ListSecrets", TOKYO, None);
    snapshot.secretsmanager.secrets.incomplete.push(gap.clone());
    let bill = of(&snapshot);
    assert_eq!(bill.items.len(), 1);
    assert_eq!(bill.items[0].monthly_usd, MonthlyCost::Unknown(vec![gap]));
    assert_eq!(bill.items[0].resource, "arn:aws:secretsmanager:ap-northeast-1:123456789012:*");
    assert_eq!(bill.items[0].settled_by.as_ref().unwrap().en, "an answer of secretsmanager:ListSecrets");
}

#[test]
fn capacity_units_are_measured_or_assumed_or_unknown() {
    let mut snapshot = empty();
    let arn = "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:loadbalancer/app/shop-alb/50dc";
    snapshot.elb.load_balancers.items.push(LoadBalancer {
        arn: arn.into(),
        region: TOKYO.into(),
        kind: "application".into(),
        state: "active".into(),
        scheme: "internal".into(),
        ..LoadBalancer::default()
    });
    assert_eq!(amount(&of(&snapshot), "Capacity units"), None);
    near(amount(&of(&snapshot), "Load balancer").unwrap(), 17.739);
    let assumed = Assumptions { average_lcus: Some(0.5), ..Assumptions::default() };
    near(amount(&bill(&snapshot, PriceTable::embedded(), &assumed), "Capacity units").unwrap(), 2.92);
    snapshot.cloudwatch.traffic.items.push(MetricSeries {
        region: TOKYO.into(),
        resource_arn: arn.into(),
        metric_name: "ConsumedLCUs".into(),
        window_days: 14,
        average: Some(0.25),
        ..MetricSeries::default()
    });
    near(amount(&bill(&snapshot, PriceTable::embedded(), &assumed), "Capacity units").unwrap(), 1.46);
}

#[test]
fn web_acls_addresses_and_insights() {
    let mut snapshot = empty();
    snapshot.wafv2.web_acls.items.push(WebAcl {
        arn: "arn:acl".into(),
        region: TOKYO.into(),
        rules: Known::Yes(vec![WebAclRule::default(); 5]),
        ..WebAcl::default()
    });
    let interface = |kind: &str, addresses: usize| NetworkInterface {
        region: TOKYO.into(),
        interface_type: kind.into(),
        public_ips: vec!["192.0.2.1".into(); addresses],
        ..NetworkInterface::default()
    };
    snapshot.ec2.network_interfaces.items = vec![interface("interface", 2), interface("vpc_endpoint", 0)];
    snapshot.ecs.clusters.items.push(Cluster {
        arn: CLUSTER.into(),
        region: TOKYO.into(),
        container_insights: Known::Yes("enabled".into()),
        active_services_count: 1,
        ..Cluster::default()
    });
    let bill_now = of(&snapshot);
    near(bill_now.of(Group::Waf).usd, 10.0);
    assert_eq!(bill_now.of(Group::Waf).unknown, 1);
    near(amount(&bill_now, "Public IPv4").unwrap(), 7.30);
    near(amount(&bill_now, "Interface endpoints").unwrap(), 10.22);
    // One service: 31 metrics.
    near(amount(&bill_now, "Container Insights").unwrap(), 9.30);
    // What reaches the internet sends something there.
    assert_eq!(bill_now.of(Group::DataTransfer).unknown, 1);
    let assumed =
        Assumptions { data_out_gb: Some(1_100.0), insights_metrics: Some(10.0), ..Assumptions::default() };
    let bill_assumed = bill(&snapshot, PriceTable::embedded(), &assumed);
    near(bill_assumed.of(Group::DataTransfer).usd, 114.0);
    near(amount(&bill_assumed, "Container Insights").unwrap(), 3.0);
}

#[test]
fn an_expectation_of_nine_times_the_list_price_is_explained() {
    let mut snapshot = empty();
    snapshot.rds.db_instances.items.push(database("db.t4g.small", "15.4", false));
    let bill = of(&snapshot);
    let expected = Expected { total: Some(500.0), groups: [(Group::Rds, 50_000.0 / 150.0)].into() };
    let comparisons = compare(&snapshot, PriceTable::embedded(), &bill, &expected);
    assert_eq!(comparisons.len(), 2);
    near(comparisons[0].ratio().unwrap(), 8.34);
    let remark = &comparisons[0].remarks[0].en;
    for part in ["$175.20", "$350.40 with a standby", "postgres 15.4", "until 2028-02-29"] {
        assert!(remark.contains(part), "{part} is not in {remark}");
    }
    assert_eq!(comparisons[1].group, None);
    // An expectation that fits needs no remark.
    let fitting = Expected { total: None, groups: [(Group::Rds, 41.0)].into() };
    assert_eq!(compare(&snapshot, PriceTable::embedded(), &bill, &fitting)[0].remarks, []);
}
