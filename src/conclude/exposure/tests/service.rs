use crate::conclude::exposure::{Exposure, service_exposure};
use crate::conclude::network::site::*;
use crate::snapshot::Snapshot;
use crate::snapshot::ec2::NetworkInterface;
use crate::snapshot::ecs::Task;
use crate::snapshot::gap::GapId;
use crate::snapshot::known::Known;

fn exposure(snapshot: &Snapshot) -> Exposure {
    service_exposure(snapshot, &snapshot.ecs.services.items[0])
}

/// A running task of the service with an interface.
fn run_task(snapshot: &mut Snapshot, interface: NetworkInterface) {
    snapshot.ecs.tasks.items = vec![Task {
        region: REGION.into(),
        cluster_arn: "arn:cluster".into(),
        service_name: Some("shop-api".into()),
        network_interface_id: Some("eni-1".into()),
        ..Default::default()
    }];
    snapshot.ec2.network_interfaces.items = vec![NetworkInterface {
        id: "eni-1".into(),
        region: REGION.into(),
        subnet_id: "subnet-public-a".into(),
        security_group_ids: ids(&["sg-ecs"]),
        ..interface
    }];
}

#[test]
fn tasks_in_public_subnets_are_reached_directly() {
    let exposure = exposure(&before());
    assert_eq!(exposure.is_reachable, Known::Yes(true));
    assert_eq!(exposure.is_open_in_waiting, Known::Yes(false));
    assert_eq!(exposure.hops.iter().filter(|hop| hop.kind == "route-table").count(), 2);
    assert_eq!(exposure.summary.en, "The internet reaches shop-api on tcp/8080: every hop is open.");
}

#[test]
fn after_phase_1_the_group_holds() {
    let exposure = exposure(&after());
    assert_eq!(exposure.is_reachable, Known::Yes(false));
    assert!(exposure.summary.en.contains("security group sg-ecs (ecs-sg) does not admit the internet"));
}

#[test]
fn one_public_subnet_is_enough_because_tasks_go_everywhere() {
    let mut snapshot = before();
    snapshot.ecs.services.items[0].subnet_ids = ids(&["subnet-private-a", "subnet-public-c"]);
    assert_eq!(exposure(&snapshot).is_reachable, Known::Yes(true));
    snapshot.ecs.services.items[0].subnet_ids = ids(&["subnet-private-a"]);
    assert_eq!(exposure(&snapshot).is_reachable, Known::Yes(false));
}

#[test]
fn without_public_addresses_only_the_interface_can_say_otherwise() {
    let mut snapshot = before();
    snapshot.ecs.services.items[0].assign_public_ip = false;
    let closed = exposure(&snapshot);
    assert_eq!(closed.is_reachable, Known::Yes(false));
    assert_eq!(closed.is_open_in_waiting, Known::Yes(true));
    assert!(closed.summary.en.contains("the tasks of shop-api have no public addresses"));
    let public_ips = ids(&["54.64.1.2"]);
    run_task(&mut snapshot, NetworkInterface { public_ips, ..Default::default() });
    assert_eq!(exposure(&snapshot).is_reachable, Known::Yes(true));
}

#[test]
fn ipv6_addresses_are_public_without_the_setting() {
    let mut snapshot = before();
    snapshot.ecs.services.items[0].assign_public_ip = false;
    for subnet in &mut snapshot.ec2.subnets.items {
        subnet.ipv6_cidr_blocks = ids(&["2406:da14::/64"]);
    }
    snapshot.ec2.route_tables.items[1].routes.extend(routes(&[("::/0", "igw-1", "active")]));
    snapshot.ec2.security_groups.items[1] = group("sg-ecs", "ecs-sg", &[("tcp", 8080, 8080, "::/0")]);
    assert_eq!(exposure(&snapshot).is_reachable.known(), None, "no task shows whether there are any");
    run_task(&mut snapshot, NetworkInterface::default());
    assert_eq!(exposure(&snapshot).is_reachable, Known::Yes(false));
    let ipv6_addresses = ids(&["2406:da14::5"]);
    run_task(&mut snapshot, NetworkInterface { ipv6_addresses, ..Default::default() });
    assert_eq!(exposure(&snapshot).is_reachable, Known::Yes(true));
}

#[test]
fn ports_come_from_the_load_balancer_or_the_definition() {
    let mut snapshot = before();
    snapshot.ecs.services.items[0].load_balancers.clear();
    assert_eq!(exposure(&snapshot).is_reachable, Known::Yes(true));
    snapshot.ecs.task_definitions.items[0].containers[0].container_ports = vec![9000];
    assert_eq!(exposure(&snapshot).is_reachable, Known::Yes(false));
    snapshot.ecs.task_definitions.items[0].containers[0].container_ports.clear();
    assert_eq!(exposure(&snapshot).is_reachable, Known::Yes(true), "it may listen on any port");
    let denied = GapId::new("ecs:DescribeTaskDefinition", REGION, Some("arn:td"));
    snapshot.ecs.task_definitions.items.clear();
    let other = GapId::new("ecs:DescribeTaskDefinition", REGION, Some("arn:other"));
    snapshot.ecs.task_definitions.incomplete = vec![other, denied.clone()];
    assert_eq!(exposure(&snapshot).is_reachable, Known::No(denied));
    snapshot.ec2.security_groups.items[1].ingress.clear();
    assert_eq!(exposure(&snapshot).is_reachable, Known::Yes(false));
}

#[test]
fn default_groups_and_missing_subnets() {
    let mut snapshot = before();
    snapshot.ecs.services.items[0].security_group_ids.clear();
    assert_eq!(exposure(&snapshot).is_reachable.known(), None);
    let default = group("sg-default", "default", &[("-1", -1, -1, "sg-default")]);
    snapshot.ec2.security_groups.items.push(default);
    assert_eq!(exposure(&snapshot).is_reachable, Known::Yes(false));
    // On Fargate AWS documents subnets as always there.
    snapshot.ecs.services.items[0].launch_type = Some("FARGATE".into());
    snapshot.ecs.services.items[0].subnet_ids.clear();
    assert_eq!(exposure(&snapshot).is_reachable.known(), None);
}

#[test]
fn hidden_subnets_are_unknown_unless_the_group_is_closed() {
    let mut snapshot = before();
    snapshot.ec2.subnets.items.clear();
    snapshot.ec2.subnets.incomplete = vec![gap("ec2:DescribeSubnets")];
    assert_eq!(exposure(&snapshot).is_reachable.known(), None);
    snapshot.ec2.security_groups.items = after().ec2.security_groups.items;
    assert_eq!(exposure(&snapshot).is_reachable, Known::Yes(false));
}

#[test]
fn hidden_subnets_hide_the_whole_way() {
    let mut snapshot = before();
    snapshot.ec2.subnets.items.clear();
    snapshot.ec2.subnets.incomplete = vec![gap("ec2:DescribeSubnets")];
    assert_eq!(exposure(&snapshot).is_reachable, Known::No(gap("ec2:DescribeSubnets")));
}
