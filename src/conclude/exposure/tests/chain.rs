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

/// A bastion that is open to the world, and a database whose group admits these peers.
fn admitting(peers: &[&str]) -> Snapshot {
    let mut snapshot = with_bastion("sg-rds");
    let ingress = &mut snapshot.ec2.security_groups.items[2].ingress;
    ingress.truncate(1);
    ingress.extend(peers.iter().map(|peer| rule("tcp", 5432, 5432, peer)));
    let bastion = &mut snapshot.ec2.network_interfaces.items[0];
    bastion.private_ips = ids(&["10.0.1.7"]);
    bastion.ipv6_addresses = ids(&["2406:da14::7"]);
    snapshot.rds.db_instances.items[0].publicly_accessible = Known::Yes(false);
    snapshot
}

/// "The traffic is allowed based on the private IP addresses of the interfaces"; public ones are those by
/// which a database that has one is reached:
/// <https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html>.
#[test]
fn a_host_is_admitted_by_any_of_its_addresses() {
    let found = |peer: &str| text(&admitting(&[peer]));
    for peer in ["10.0.1.7/32", "10.0.1.0/24", "10.0.0.0/16", "2406:da14::/64", "52.196.30.20/32"] {
        assert_eq!(found(peer), [format!("instance i-1: sg-ssh (bastion-sg) → {peer} → sg-rds (rds-sg)")]);
    }
    for peer in ["10.0.1.8/32", "10.0.2.0/24", "2406:da15::/64", "52.196.30.21/32"] {
        assert!(found(peer).is_empty(), "{peer}");
    }
    let mut list = admitting(&["pl-1"]);
    list.ec2.prefix_lists.items = vec![prefix_list("pl-1", Known::Yes(vec!["10.0.1.0/24"]))];
    assert_eq!(text(&list), ["instance i-1: sg-ssh (bastion-sg) → pl-1 (ours) → sg-rds (rds-sg)"]);
    list.ec2.prefix_lists.items[0].entries = Known::No(gap("ec2:GetManagedPrefixListEntries"));
    assert_eq!(chains(&list), Known::No(gap("ec2:GetManagedPrefixListEntries")));
}

#[test]
fn a_host_is_told_once_with_all_that_it_takes() {
    let both = admitting(&["sg-ssh", "10.0.1.0/24"]);
    assert_eq!(text(&both), ["instance i-1: sg-ssh (bastion-sg) → sg-rds (rds-sg)"], "by its group first");
    assert_eq!(text(&admitting(&["10.0.1.7/32", "10.0.1.0/24"])).len(), 1);
    let mut two = admitting(&["10.0.1.0/24"]);
    let second = NetworkInterface { private_ips: ids(&["10.0.1.9"]), ..host("0", "sg-ssh") };
    two.ec2.network_interfaces.items.push(second);
    let found = chains(&two);
    let chain = &found.known().unwrap()[0];
    assert_eq!((chain.hosts.as_str(), chain.ports.as_str()), ("instance i-0, instance i-1", "tcp/5432"));
    assert_eq!((chain.group_name.as_str(), chain.key.as_str()), ("bastion-sg", "sg-ssh"));
    assert_eq!((&chain.is_reached, &chain.open_peers), (&Known::Yes(true), &ids(&["0.0.0.0/0"])));
    two.ec2.network_interfaces.items[1].public_ips.clear();
    two.ec2.network_interfaces.items[1].ipv6_addresses.clear();
    assert_eq!(chains(&two).known().unwrap()[0].hosts, "instance i-1", "the other one is private");
}

#[test]
fn addresses_are_of_no_account_where_the_interfaces_are_hidden() {
    let hidden = |peers: &[&str]| {
        let mut snapshot = admitting(peers);
        snapshot.ec2.network_interfaces.items.clear();
        snapshot.ec2.network_interfaces.incomplete = vec![gap("ec2:DescribeNetworkInterfaces")];
        snapshot.ec2.security_groups.items[2].ingress.remove(0);
        chains(&snapshot)
    };
    assert_eq!(hidden(&["10.0.1.0/24"]), Known::No(gap("ec2:DescribeNetworkInterfaces")));
    assert_eq!(hidden(&[]), Known::Yes(Vec::new()), "nothing is admitted");
}

/// A chain of groups, each of which admits the next; the bastion has the last one.
fn through(groups: usize) -> Snapshot {
    let mut snapshot = with_bastion("sg-rds");
    let groups: Vec<String> =
        (1..groups).map(|place| format!("sg-{place}")).chain(["sg-ssh".into()]).collect();
    snapshot.ec2.security_groups.items[2].ingress = vec![rule("tcp", 5432, 5432, &groups[0])];
    for pair in groups.windows(2) {
        let admitting = group(&pair[0], "", &[("tcp", 22, 22, &pair[1])]);
        snapshot.ec2.security_groups.items.push(admitting);
    }
    snapshot
}

#[test]
fn chains_are_followed_through_three_groups() {
    assert_eq!(text(&through(1)), ["instance i-1: sg-ssh (bastion-sg) → sg-rds (rds-sg)"]);
    assert_eq!(text(&through(2)), ["instance i-1: sg-ssh (bastion-sg) → sg-1 → sg-rds (rds-sg)"]);
    assert_eq!(text(&through(3)), ["instance i-1: sg-ssh (bastion-sg) → sg-2 → sg-1 → sg-rds (rds-sg)"]);
    assert!(text(&through(4)).is_empty());
}

/// Values of InterfaceType: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInterface.html>.
#[test]
fn programs_run_behind_plain_interfaces_alone() {
    let with = |kind: &str, description: &str| {
        let mut snapshot = with_bastion("sg-rds");
        let interface = &mut snapshot.ec2.network_interfaces.items[0];
        interface.interface_type = kind.into();
        interface.description = description.into();
        text(&snapshot).len()
    };
    for kind in ["", "interface", "branch", "trunk", "efa", "efa-only"] {
        assert_eq!(with(kind, "Primary network interface"), 1, "{kind}");
    }
    for kind in ["natGateway", "vpc_endpoint", "network_load_balancer", "lambda"] {
        assert_eq!(with(kind, ""), 0, "{kind}");
    }
    for description in ["ELB net/edge/50dc", "RDSNetworkInterface"] {
        assert_eq!(with("interface", description), 0, "{description}");
    }
    assert_eq!(with("interface", "for RDSNetworkInterface"), 1, "a description that people wrote");
}
