use crate::conclude::exposure::{DatabaseChain, chains_to_database};
use crate::conclude::facts::Facts;
use crate::conclude::network::site::*;
use crate::snapshot::Snapshot;
use crate::snapshot::ec2::NetworkInterface;
use crate::snapshot::ecs::Task;
use crate::snapshot::known::Known;

fn host(id: &str, group: &str) -> NetworkInterface {
    NetworkInterface {
        id: format!("eni-{id}"),
        region: REGION.into(),
        vpc_id: "vpc-1".into(),
        subnet_id: "subnet-public-a".into(),
        instance_id: Some(format!("i-{id}")),
        public_ips: ids(&["52.196.30.20"]),
        security_group_ids: ids(&[group]),
        ..NetworkInterface::default()
    }
}

/// After phase 1, with a bastion that is open to the world and that `group` admits.
fn with_bastion(admitted_by: &str) -> Snapshot {
    let mut snapshot = after();
    let groups = &mut snapshot.ec2.security_groups.items;
    groups.push(group("sg-ssh", "bastion-sg", &[("tcp", 22, 22, "0.0.0.0/0")]));
    let admitting = groups.iter_mut().find(|group| group.id == admitted_by).unwrap();
    let port = if admitted_by == "sg-rds" { 5432 } else { 22 };
    admitting.ingress.push(rule("tcp", port, port, "sg-ssh"));
    snapshot.ec2.network_interfaces.items = vec![host("1", "sg-ssh")];
    snapshot
}

fn chains(snapshot: &Snapshot) -> Known<Vec<DatabaseChain>> {
    chains_to_database(&Facts::new(snapshot), &snapshot.rds.db_instances.items[0])
}

fn text(snapshot: &Snapshot) -> Vec<String> {
    let found = chains(snapshot);
    found.known().unwrap().iter().map(|chain| format!("{}: {}", chain.hosts, chain.groups)).collect()
}

#[test]
fn the_review_has_no_chain_before_or_after() {
    assert_eq!(chains(&before()), Known::Yes(Vec::new()));
    assert_eq!(chains(&after()), Known::Yes(Vec::new()));
}

#[test]
fn a_bastion_at_once_and_through_the_tasks() {
    assert_eq!(text(&with_bastion("sg-rds")), ["instance i-1: sg-ssh (bastion-sg) → sg-rds (rds-sg)"]);
    let through = with_bastion("sg-ecs");
    assert_eq!(text(&through), ["instance i-1: sg-ssh (bastion-sg) → sg-ecs (ecs-sg) → sg-rds (rds-sg)"]);
    assert_eq!(chains(&through).known().unwrap()[0].ports, "tcp/5432");
}

#[test]
fn tasks_are_named_by_their_service() {
    let mut snapshot = after();
    snapshot.ec2.security_groups.items[1].ingress.push(rule("tcp", 9090, 9090, "0.0.0.0/0"));
    let mut task = host("1", "sg-ecs");
    task.instance_id = None;
    snapshot.ec2.network_interfaces.items = vec![task];
    snapshot.ecs.tasks.items = vec![Task {
        network_interface_id: Some("eni-1".into()),
        service_name: Some("shop-api".into()),
        ..Task::default()
    }];
    assert_eq!(text(&snapshot), ["service shop-api: sg-ecs (ecs-sg) → sg-rds (rds-sg)"]);
}

#[test]
fn what_breaks_a_chain() {
    let none: Known<Vec<DatabaseChain>> = Known::Yes(Vec::new());
    let mut private = with_bastion("sg-rds");
    private.ec2.network_interfaces.items[0].public_ips.clear();
    assert_eq!(chains(&private), none);
    let mut closed = with_bastion("sg-rds");
    closed.ec2.security_groups.items[3].ingress.clear();
    assert_eq!(chains(&closed), none);
    let mut other_port = with_bastion("sg-rds");
    other_port.ec2.security_groups.items[2].ingress[1] = rule("tcp", 22, 22, "sg-ssh");
    assert_eq!(chains(&other_port), none);
    let mut balancer = with_bastion("sg-rds");
    balancer.ec2.network_interfaces.items[0].description = "ELB app/shop-alb/50dc".into();
    assert_eq!(chains(&balancer), none);
    let mut foreign = with_bastion("sg-rds");
    foreign.ec2.security_groups.items[2].ingress[1].peer_account = Some("999999999999".into());
    assert_eq!(chains(&foreign).known(), None, "who is in another account's group is not in sight");
}

#[test]
fn groups_that_admit_each_other_end() {
    let mut snapshot = with_bastion("sg-ecs");
    snapshot.ec2.security_groups.items[3].ingress.push(rule("-1", -1, -1, "sg-ecs"));
    snapshot.ec2.security_groups.items[1].ingress.push(rule("-1", -1, -1, "sg-ecs"));
    assert_eq!(chains(&snapshot).known().map(Vec::len), Some(1));
}

#[test]
fn what_is_hidden_leaves_none_open() {
    let mut snapshot = after();
    snapshot.ec2.network_interfaces.incomplete = vec![gap("ec2:DescribeNetworkInterfaces")];
    assert_eq!(chains(&snapshot), Known::No(gap("ec2:DescribeNetworkInterfaces")));
    let mut seen = with_bastion("sg-rds");
    seen.ec2.network_interfaces.incomplete = vec![gap("ec2:DescribeNetworkInterfaces")];
    let found = chains(&seen);
    let found: Vec<_> = found.known().unwrap().iter().map(|chain| (&*chain.key, &chain.is_reached)).collect();
    let hidden = Known::No(gap("ec2:DescribeNetworkInterfaces"));
    assert_eq!(found, [("sg-ssh", &Known::Yes(true)), ("hidden", &hidden)], "a chain that is seen is one");
    seen.ec2.route_tables.items.clear();
    seen.ec2.route_tables.incomplete = vec![gap("ec2:DescribeRouteTables")];
    assert!(chains(&seen).known().is_none());
    let mut snapshot = after();
    snapshot.ec2.security_groups.items.remove(1);
    assert_eq!(chains(&snapshot), Known::Yes(Vec::new()), "a deleted group has no members");
    snapshot.ec2.security_groups.incomplete = vec![gap("ec2:DescribeSecurityGroups")];
    assert_eq!(chains(&snapshot), Known::No(gap("ec2:DescribeSecurityGroups")));
    assert_eq!(chains(&before()), Known::Yes(Vec::new()), "no group is admitted, so that none matters");
}
