use super::*;
use crate::conclude::network::site::{self, REGION, gap};

const A: &str = "ap-northeast-1a";
const C: &str = "ap-northeast-1c";

fn with_tasks(zones: &[&str]) -> Snapshot {
    let mut snapshot = site::before();
    let task = |(number, zone): (usize, &&str)| Task {
        arn: format!("arn:task/{number}"),
        region: REGION.into(),
        cluster_arn: "arn:cluster".into(),
        service_name: Some("shop-api".into()),
        last_status: "RUNNING".into(),
        availability_zone: Some((*zone).into()),
        ..Task::default()
    };
    snapshot.ecs.tasks.items = zones.iter().enumerate().map(task).collect();
    snapshot
}

fn service(snapshot: &Snapshot) -> ServiceZones {
    service_zones(snapshot, &snapshot.ecs.services.items[0])
}

fn known(zones: &[&str]) -> Known<Vec<String>> {
    Known::Yes(site::ids(zones))
}

#[test]
fn the_review_s_service_is_in_two_zones() {
    let zones = service(&with_tasks(&[A, C]));
    assert_eq!((zones.subnet_zones, zones.task_zones), (known(&[A, C]), known(&[A, C])));
    assert_eq!(zones.is_in_one_zone, Known::Yes(false));
    assert_eq!(zones.summary.en, "its tasks run in ap-northeast-1a, ap-northeast-1c");
}

#[test]
fn one_zone_by_subnets_or_by_tasks() {
    let mut snapshot = with_tasks(&[A, A]);
    let zones = service(&snapshot);
    assert_eq!(zones.is_in_one_zone, Known::Yes(true));
    assert_eq!(zones.summary.en, "its 2 running tasks are all in ap-northeast-1a");
    snapshot.ecs.tasks.items[1].last_status = "PENDING".into();
    assert_eq!(service(&snapshot).is_in_one_zone, Known::Yes(false), "one task can only be in one zone");
    snapshot.ecs.services.items[0].subnet_ids.pop();
    let zones = service(&snapshot);
    assert_eq!(zones.is_in_one_zone, Known::Yes(true));
    assert_eq!(zones.summary.en, "its subnets are all in ap-northeast-1a");
}

#[test]
fn tasks_of_others_do_not_count() {
    let mut snapshot = with_tasks(&[A, A, C, C]);
    snapshot.ecs.tasks.items[2].cluster_arn = "arn:other".into();
    snapshot.ecs.tasks.items[3].service_name = Some("web".into());
    assert_eq!(service(&snapshot).is_in_one_zone, Known::Yes(true));
}

#[test]
fn the_interface_shows_the_zone_of_a_silent_task() {
    let mut snapshot = with_tasks(&[A, A]);
    let task = &mut snapshot.ecs.tasks.items[1];
    (task.availability_zone, task.network_interface_id) = (None, Some("eni-1".into()));
    assert_eq!(service(&snapshot).is_in_one_zone, Known::No(GapId::default()));
    let interface = NetworkInterface {
        id: "eni-1".into(),
        region: REGION.into(),
        availability_zone: C.into(),
        ..NetworkInterface::default()
    };
    snapshot.ec2.network_interfaces.items = vec![interface];
    assert_eq!(service(&snapshot).is_in_one_zone, Known::Yes(false));
}

#[test]
fn what_is_hidden_leaves_only_what_depends_on_it_open() {
    let mut snapshot = with_tasks(&[A]);
    snapshot.ecs.tasks.incomplete = vec![gap("ecs:ListTasks")];
    let zones = service(&snapshot);
    assert_eq!(zones.is_in_one_zone, Known::No(gap("ecs:ListTasks")));
    assert_eq!(zones.task_zones, Known::No(gap("ecs:ListTasks")));
    snapshot.ecs.services.items[0].subnet_ids.pop();
    assert_eq!(service(&snapshot).is_in_one_zone, Known::Yes(true), "its subnets decide");
    let mut snapshot = with_tasks(&[A, C]);
    snapshot.ec2.subnets.items.clear();
    snapshot.ec2.subnets.incomplete = vec![gap("ec2:DescribeSubnets")];
    assert_eq!(service(&snapshot).is_in_one_zone, Known::Yes(false), "its tasks decide");
    snapshot.ecs.tasks.items.clear();
    assert_eq!(service(&snapshot).is_in_one_zone, Known::No(gap("ec2:DescribeSubnets")));
    snapshot.ecs.services.items[0].subnet_ids.clear();
    assert_eq!(service(&snapshot).is_in_one_zone, Known::No(GapId::default()));
}

/// The review's load balancer in two zones, with targets: address, zone, state.
fn with_targets(targets: &[(&str, Option<&str>, &str)]) -> Snapshot {
    let mut snapshot = site::before();
    snapshot.elb.load_balancers.items[0].availability_zones = site::ids(&[A, C]);
    let target = |(id, zone, state): &(&str, Option<&str>, &str)| Target {
        id: (*id).into(),
        availability_zone: zone.map(str::to_owned),
        state: (*state).into(),
        ..Target::default()
    };
    let group = &mut snapshot.elb.target_groups.items[0];
    group.target_type = "ip".into();
    group.vpc_id = Some("vpc-1".into());
    group.targets = Known::Yes(targets.iter().map(target).collect());
    if let Known::Yes(listeners) = &mut snapshot.elb.load_balancers.items[0].listeners {
        listeners.iter_mut().for_each(|listener| listener.rules = Known::Yes(Vec::new()));
    }
    snapshot
}

fn empty(snapshot: &Snapshot) -> Known<Vec<String>> {
    let found = zones_without_healthy_target(snapshot, &snapshot.elb.load_balancers.items[0]);
    found.map(|zones| zones.into_iter().map(|zone| zone.key).collect())
}

#[test]
fn a_zone_is_empty_where_no_target_is_healthy() {
    type Targets = [(&'static str, Option<&'static str>, &'static str)];
    let cases: &[(&Targets, &[&str])] = &[
        (&[("1", Some(A), "healthy"), ("2", Some(C), "healthy")], &[]),
        (&[("1", Some(A), "healthy"), ("2", Some(C), "unhealthy")], &["shop-tg/ap-northeast-1c"]),
        (&[("1", Some(A), "healthy"), ("2", Some(A), "healthy")], &["shop-tg/ap-northeast-1c"]),
        (&[("1", Some(A), "healthy"), ("2", Some(C), "initial")], &[]),
        (&[("1", Some(A), "unavailable"), ("2", Some(C), "unavailable")], &[]),
        (&[("1", Some("all"), "healthy"), ("2", Some("all"), "healthy")], &[]),
        // Another policy speaks of these.
        (&[("1", Some(A), "unhealthy"), ("2", Some(C), "unhealthy")], &[]),
        (&[("1", Some(A), "healthy")], &[]),
        (&[("1", Some(A), "healthy"), ("2", Some(C), "draining")], &[]),
        (&[], &[]),
    ];
    for (targets, expected) in cases {
        assert_eq!(empty(&with_targets(targets)), known(expected), "{targets:?}");
    }
}

#[test]
fn interfaces_show_the_zones_of_instances_and_of_silent_addresses() {
    let mut snapshot = with_targets(&[("10.0.1.5", None, "healthy"), ("10.0.1.6", Some(A), "healthy")]);
    assert_eq!(empty(&snapshot), Known::No(GapId::default()));
    let interface = NetworkInterface {
        region: REGION.into(),
        vpc_id: "vpc-1".into(),
        availability_zone: C.into(),
        private_ips: site::ids(&["10.0.1.5"]),
        instance_id: Some("i-1".into()),
        ..NetworkInterface::default()
    };
    snapshot.ec2.network_interfaces.items = vec![interface];
    assert_eq!(empty(&snapshot), known(&[]));
    let mut instances = with_targets(&[("i-1", None, "healthy"), ("i-1", None, "healthy")]);
    instances.elb.target_groups.items[0].target_type = "instance".into();
    instances.ec2.network_interfaces.incomplete = vec![gap("ec2:DescribeNetworkInterfaces")];
    assert_eq!(empty(&instances), Known::No(gap("ec2:DescribeNetworkInterfaces")));
    instances.ec2.network_interfaces = snapshot.ec2.network_interfaces.clone();
    assert_eq!(empty(&instances), known(&["shop-tg/ap-northeast-1a"]));
}

#[test]
fn unknown_targets_and_groups() {
    let mut snapshot = with_targets(&[]);
    let denied = gap("elasticloadbalancing:DescribeTargetHealth");
    snapshot.elb.target_groups.items[0].targets = Known::No(denied.clone());
    assert_eq!(empty(&snapshot), Known::No(denied));
    snapshot.elb.load_balancers.items[0].availability_zones.pop();
    assert_eq!(empty(&snapshot), known(&[]), "one zone cannot lack the other");
    snapshot.elb.load_balancers.items[0].availability_zones.push(C.into());
    snapshot.elb.target_groups.items[0].target_type = "lambda".into();
    assert_eq!(empty(&snapshot), known(&[]));
    snapshot.elb.target_groups.items.clear();
    snapshot.elb.target_groups.incomplete = vec![gap("elasticloadbalancing:DescribeTargetGroups")];
    assert_eq!(empty(&snapshot), Known::No(gap("elasticloadbalancing:DescribeTargetGroups")));
}
