use crate::conclude::exposure::{GroupUse, group_use};
use crate::conclude::facts::Facts;
use crate::conclude::network::site::*;
use crate::snapshot::Snapshot;
use crate::snapshot::ec2::NetworkInterface;
use crate::snapshot::ecs::Task;
use crate::snapshot::elb::ClassicLoadBalancer;
use crate::snapshot::gap::GapId;
use crate::snapshot::known::Known;
use crate::snapshot::rds::DbCluster;

const ELSEWHERE: &str = "eu-west-1";

fn used(snapshot: &Snapshot, id: &str) -> GroupUse {
    let group = snapshot.ec2.security_groups.iter().find(|group| group.id == id).unwrap();
    group_use(&Facts::new(snapshot), group)
}

/// Nothing has the group `sg-new`.
fn unused() -> Snapshot {
    let mut snapshot = after();
    snapshot.ec2.security_groups.items.push(group("sg-new", "new-sg", &[]));
    snapshot
}

fn interface(id: &str, description: &str) -> NetworkInterface {
    NetworkInterface {
        id: id.into(),
        region: REGION.into(),
        vpc_id: "vpc-1".into(),
        description: description.into(),
        security_group_ids: ids(&["sg-new"]),
        ..NetworkInterface::default()
    }
}

fn with_interfaces(interfaces: Vec<NetworkInterface>) -> GroupUse {
    let mut snapshot = unused();
    snapshot.ec2.network_interfaces.items = interfaces;
    used(&snapshot, "sg-new")
}

#[test]
fn whatever_names_the_group_has_it() {
    let nothing = used(&unused(), "sg-new");
    assert_eq!((nothing.is_attached, nothing.attached_to.as_str()), (Known::Yes(false), ""));
    assert_eq!(used(&unused(), "sg-alb").attached_to, "alb shop-alb");
    assert_eq!(used(&unused(), "sg-ecs").attached_to, "service shop/shop-api");
    assert_eq!(used(&unused(), "sg-rds").attached_to, "db ec-db");
    for (kind, expected) in
        [("network", "nlb shop-alb"), ("gateway", "load balancer shop-alb"), ("application", "alb shop-alb")]
    {
        let mut snapshot = unused();
        snapshot.elb.load_balancers.items[0].kind = kind.into();
        assert_eq!(used(&snapshot, "sg-alb").attached_to, expected);
    }
    let mut snapshot = unused();
    let cluster = |id: &str, region: &str, group: &str| DbCluster {
        id: id.into(),
        region: region.into(),
        security_group_ids: ids(&[group]),
        ..DbCluster::default()
    };
    let rows = [("one", REGION, "sg-new"), ("two", REGION, "sg-rds"), ("three", ELSEWHERE, "sg-new")];
    snapshot.rds.db_clusters.items = rows.map(|(id, region, group)| cluster(id, region, group)).to_vec();
    let classic = |name: &str, region: &str, group: &str| ClassicLoadBalancer {
        name: name.into(),
        region: region.into(),
        security_group_ids: ids(&[group]),
        ..ClassicLoadBalancer::default()
    };
    snapshot.elb.classic_load_balancers.items =
        rows.map(|(id, region, group)| classic(id, region, group)).to_vec();
    let found = used(&snapshot, "sg-new");
    assert_eq!(found.attached_to, "classic load balancer one, db cluster one");
    assert_eq!(found.is_attached, Known::Yes(true));
}

#[test]
fn what_is_in_another_region_or_gone_has_no_group_here() {
    let mut snapshot = unused();
    snapshot.elb.load_balancers.items[0].region = ELSEWHERE.into();
    snapshot.ecs.services.items[0].region = ELSEWHERE.into();
    snapshot.rds.db_instances.items[0].region = ELSEWHERE.into();
    for id in ["sg-alb", "sg-ecs", "sg-rds"] {
        assert_eq!(used(&snapshot, id).is_attached, Known::Yes(false), "{id}");
    }
    let mut inactive = unused();
    inactive.ecs.services.items[0].status = "INACTIVE".into();
    assert_eq!(used(&inactive, "sg-ecs").is_attached, Known::Yes(false));
    let elsewhere = NetworkInterface { region: ELSEWHERE.into(), ..interface("eni-1", "") };
    assert_eq!(with_interfaces(vec![elsewhere]).is_attached, Known::Yes(false));
}

#[test]
fn interfaces_are_told_by_what_they_belong_to() {
    let of_instance = NetworkInterface { instance_id: Some("i-1".into()), ..interface("eni-1", "Primary") };
    let found = with_interfaces(vec![
        of_instance,
        interface("eni-2", ""),
        interface("eni-3", "VPC Endpoint Interface vpce-1"),
        interface("eni-4", "ELB app/other/1234"),
    ]);
    assert_eq!(
        found.attached_to,
        "instance i-1, interface eni-2, interface eni-3 (VPC Endpoint Interface vpce-1), \
         interface eni-4 (ELB app/other/1234)"
    );
    assert!(found.function_names.is_empty());
    assert_eq!((found.is_vpc_in_use, found.is_shared_with_functions), (Known::Yes(true), Known::Yes(false)));
}

#[test]
fn names_beyond_the_sixth_are_counted() {
    let many = |count: usize| {
        with_interfaces((0..count).map(|index| interface(&format!("eni-{index}"), "")).collect()).attached_to
    };
    assert!(many(6).ends_with(", interface eni-5"), "{}", many(6));
    assert!(many(7).ends_with(", interface eni-5, +1"), "{}", many(7));
    assert!(many(9).ends_with(", interface eni-5, +3"), "{}", many(9));
}

#[test]
fn functions_are_named_without_their_uuid() {
    let eni = |name: &str| interface("eni-1", &format!("AWS Lambda VPC ENI-{name}"));
    let uuid = "0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f";
    let import = format!("shop-import-{uuid}");
    let found = with_interfaces(vec![eni(&import), eni("short"), eni(&import), eni(&format!("-{uuid}"))]);
    assert_eq!(found.function_names, [&format!("-{uuid}"), "shop-import", "short"]);
    assert_eq!((found.others.len(), found.is_shared_with_functions), (0, Known::Yes(false)));
    assert_eq!(found.is_attached, Known::Yes(true));
    let shared = with_interfaces(vec![eni(&import), interface("eni-2", "")]);
    assert_eq!(shared.attached_to, "interface eni-2, function shop-import");
    assert_eq!(shared.is_shared_with_functions, Known::Yes(true));
}

#[test]
fn interfaces_of_what_is_named_are_not_told_again() {
    let with = |id: &str, edit: fn(&mut Snapshot, &mut NetworkInterface)| {
        let mut snapshot = unused();
        let mut interface = NetworkInterface { security_group_ids: ids(&[id]), ..interface("eni-1", "") };
        edit(&mut snapshot, &mut interface);
        snapshot.ec2.network_interfaces.items = vec![interface];
        used(&snapshot, id).attached_to
    };
    assert_eq!(with("sg-alb", |_, eni| eni.description = "ELB app/shop-alb/50dc".into()), "alb shop-alb");
    assert_eq!(
        with("sg-alb", |_, eni| eni.description = "ELB shop-alb/50dc".into()),
        "alb shop-alb, interface eni-1 (ELB shop-alb/50dc)",
        "the end of a name is not the name"
    );
    assert_eq!(with("sg-rds", |_, eni| eni.description = "RDSNetworkInterface".into()), "db ec-db");
    assert_eq!(
        with("sg-ecs", |_, eni| eni.description = "RDSNetworkInterface".into()),
        "service shop/shop-api, interface eni-1 (RDSNetworkInterface)"
    );
    let task = |snapshot: &mut Snapshot, service: Option<&str>| {
        snapshot.ecs.tasks.items = vec![Task {
            region: REGION.into(),
            service_name: service.map(str::to_owned),
            network_interface_id: Some("eni-1".into()),
            ..Task::default()
        }];
    };
    assert_eq!(with("sg-ecs", |_, _| ()), "service shop/shop-api, interface eni-1");
    let mut snapshot = unused();
    let eni = NetworkInterface { security_group_ids: ids(&["sg-ecs"]), ..interface("eni-1", "") };
    snapshot.ec2.network_interfaces.items = vec![eni];
    for (service, expected) in [
        (Some("shop-api"), "service shop/shop-api"),
        (Some("shop-web"), "service shop/shop-api, interface eni-1"),
        (None, "service shop/shop-api, interface eni-1"),
    ] {
        task(&mut snapshot, service);
        assert_eq!(used(&snapshot, "sg-ecs").attached_to, expected, "{service:?}");
    }
    let mut snapshot = unused();
    snapshot.elb.classic_load_balancers.items = vec![ClassicLoadBalancer {
        name: "old".into(),
        region: REGION.into(),
        security_group_ids: ids(&["sg-new"]),
        ..ClassicLoadBalancer::default()
    }];
    snapshot.ec2.network_interfaces.items =
        vec![interface("eni-1", "ELB old"), interface("eni-2", "ELB older")];
    assert_eq!(
        used(&snapshot, "sg-new").attached_to,
        "classic load balancer old, interface eni-2 (ELB older)"
    );
}

#[test]
fn what_may_have_the_group_is_unknown() {
    let hidden = |edit: fn(&mut Snapshot)| {
        let mut snapshot = unused();
        edit(&mut snapshot);
        let found = used(&snapshot, "sg-new");
        assert_eq!(found.attached_to, "?");
        assert_eq!(found.is_attached, found.is_shared_with_functions);
        assert_eq!(used(&snapshot, "sg-ecs").is_attached, Known::Yes(true), "one that is seen is enough");
        found.is_attached
    };
    let operation = "elasticloadbalancing:DescribeLoadBalancers";
    let interfaces = "ec2:DescribeNetworkInterfaces";
    assert_eq!(
        hidden(|it| it.ec2.network_interfaces.incomplete = vec![gap("ec2:DescribeNetworkInterfaces")]),
        Known::No(gap(interfaces))
    );
    assert_eq!(
        hidden(|it| {
            it.elb.load_balancers.incomplete = vec![gap("elasticloadbalancing:DescribeLoadBalancers")];
        }),
        Known::No(gap(operation))
    );
    assert_eq!(
        hidden(|it| {
            it.elb.classic_load_balancers.incomplete =
                vec![gap("elasticloadbalancing:DescribeLoadBalancers")];
        }),
        Known::No(gap(operation))
    );
    assert_eq!(
        hidden(|it| {
            let of_another = format!("arn:aws:ec2:{REGION}:999999999999:security-group/sg-new");
            it.ec2.security_groups.items.last_mut().unwrap().arn = of_another;
        }),
        Known::No(GapId::default()),
        "what its owner attached it to is not in sight"
    );
    // An interface of a load balancer that is not listed may be one that is meant to be open.
    let mut snapshot = unused();
    snapshot.ec2.network_interfaces.items = vec![interface("eni-1", "ELB app/other/1234")];
    snapshot.elb.load_balancers.incomplete = vec![gap(operation)];
    assert_eq!(used(&snapshot, "sg-new").is_attached, Known::No(gap(operation)));
    snapshot.ec2.network_interfaces.items = vec![interface("eni-1", "VPC Endpoint")];
    assert_eq!(used(&snapshot, "sg-new").is_attached, Known::Yes(true));
}
