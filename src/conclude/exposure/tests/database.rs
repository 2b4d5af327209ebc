use crate::conclude::exposure::{Exposure, database_exposure};
use crate::conclude::network::site::*;
use crate::snapshot::Snapshot;
use crate::snapshot::ec2::NetworkInterface;
use crate::snapshot::known::Known;

fn exposure(snapshot: &Snapshot) -> Exposure {
    database_exposure(snapshot, &snapshot.rds.db_instances.items[0])
}

/// The review's account with its database in public subnets of one zone.
fn reachable() -> Snapshot {
    let mut snapshot = before();
    snapshot.rds.db_subnet_groups.items[0].subnet_ids = ids(&["subnet-public-a", "subnet-public-c"]);
    snapshot
}

fn hop(exposure: &Exposure, kind: &str) -> Option<bool> {
    exposure.hops.iter().find(|hop| hop.kind == kind).unwrap().is_open.known().copied()
}

#[test]
fn open_by_its_group_and_closed_by_its_route() {
    let snapshot = before();
    let exposure = exposure(&snapshot);
    assert_eq!(exposure.is_reachable, Known::Yes(false));
    assert_eq!(exposure.is_open_in_waiting, Known::Yes(true));
    let kinds: Vec<_> = exposure.hops.iter().map(|hop| hop.kind.as_str()).collect();
    let path = ["public-address", "internet-gateway", "route-table", "network-acl", "security-group"];
    assert_eq!(kinds, path);
    assert_eq!(
        exposure.summary.en,
        "The internet does not reach ec-db on tcp/5432: route table rtb-private of subnet subnet-private-a \
         has no route to an internet gateway. But security group sg-rds (rds-sg) admits the whole internet: \
         ec-db is exposed as soon as this changes."
    );
    assert!(
        exposure
            .summary
            .ja
            .contains("ルートテーブル rtb-private にはインターネットゲートウェイへのルートがない")
    );
}

#[test]
fn after_phase_1_every_guard_stands() {
    let exposure = exposure(&after());
    assert_eq!(exposure.is_reachable, Known::Yes(false));
    assert_eq!(exposure.is_open_in_waiting, Known::Yes(false));
    assert_eq!(hop(&exposure, "security-group"), Some(false));
}

#[test]
fn every_hop_open() {
    let exposure = exposure(&reachable());
    assert_eq!(exposure.is_reachable, Known::Yes(true), "{:?}", exposure.summary);
    assert_eq!(exposure.is_open_in_waiting, Known::Yes(false));
    assert!(exposure.hops.iter().all(|hop| hop.is_open == Known::Yes(true)));
}

#[test]
fn each_hop_alone_holds() {
    let mut without_address = reachable();
    without_address.rds.db_instances.items[0].publicly_accessible = Known::Yes(false);
    let mut without_gateway = reachable();
    without_gateway.ec2.internet_gateways.items[0].vpc_ids = ids(&["vpc-2"]);
    without_gateway.ec2.route_tables.items[1].routes[1].state = "blackhole".into();
    let mut blackhole = reachable();
    blackhole.ec2.route_tables.items[1].routes = routes(&[("0.0.0.0/0", "igw-1", "blackhole")]);
    let mut denied = reachable();
    let deny = entry(90, false, false, "6", "0.0.0.0/0", Some((5432, 5432)));
    denied.ec2.network_acls.items[0].entries.push(deny);
    let mut closed_group = reachable();
    closed_group.ec2.security_groups.items = after().ec2.security_groups.items;
    let cases = [
        (without_address, "public-address", "ec-db has no public address"),
        (without_gateway, "internet-gateway", "no internet gateway is attached to vpc-1"),
        (blackhole, "route-table", "the route to igw-1 in route table rtb-public"),
        (
            denied,
            "network-acl",
            "network ACL acl-default of subnet subnet-public-a does not let the internet in",
        ),
        (closed_group, "security-group", "security group sg-rds (rds-sg) does not admit the internet"),
    ];
    for (snapshot, kind, reason) in cases {
        let exposure = exposure(&snapshot);
        assert_eq!(exposure.is_reachable, Known::Yes(false), "{kind}");
        assert_eq!(hop(&exposure, kind), Some(false), "{kind}");
        assert!(exposure.summary.en.contains(reason), "{}", exposure.summary.en);
        assert_eq!(exposure.is_open_in_waiting, Known::Yes(kind != "security-group"), "{kind}");
    }
}

#[test]
fn a_subnet_without_a_table_of_its_own_follows_the_main_one() {
    let mut snapshot = reachable();
    snapshot.ec2.route_tables.items[1].subnet_ids.clear();
    let closed = exposure(&snapshot);
    assert_eq!(closed.is_reachable, Known::Yes(false));
    assert!(closed.summary.en.contains("rtb-main"), "{}", closed.summary.en);
    snapshot.ec2.route_tables.items[0].routes = routes(&[("0.0.0.0/0", "igw-1", "active")]);
    assert_eq!(exposure(&snapshot).is_reachable, Known::Yes(true));
}

#[test]
fn unknown_hops_matter_only_where_no_other_decides() {
    let hide = |snapshot: &mut Snapshot| {
        snapshot.ec2.network_acls.items.clear();
        snapshot.ec2.network_acls.incomplete = vec![gap("ec2:DescribeNetworkAcls")];
    };
    let mut closed = before();
    hide(&mut closed);
    assert_eq!(exposure(&closed).is_reachable, Known::Yes(false));
    assert_eq!(exposure(&closed).is_open_in_waiting, Known::Yes(true));
    let mut open = reachable();
    hide(&mut open);
    let unknown = exposure(&open);
    assert_eq!(unknown.is_reachable, Known::No(gap("ec2:DescribeNetworkAcls")));
    assert_eq!(unknown.is_open_in_waiting, Known::No(gap("ec2:DescribeNetworkAcls")));
    assert!(unknown.summary.en.contains("network ACL of subnet subnet-public-a is unknown"));
    assert!(!unknown.summary.en.contains("igw"), "{}", unknown.summary.en);
}

#[test]
fn hidden_route_tables_hide_associations() {
    let mut snapshot = reachable();
    snapshot.ec2.route_tables.items.remove(1);
    snapshot.ec2.route_tables.incomplete = vec![gap("ec2:DescribeRouteTables")];
    assert_eq!(exposure(&snapshot).is_reachable, Known::No(gap("ec2:DescribeRouteTables")));
    snapshot.rds.db_instances.items[0].publicly_accessible = Known::Yes(false);
    assert_eq!(exposure(&snapshot).is_reachable, Known::Yes(false));
}

#[test]
fn a_missing_group_is_unknown_and_a_hidden_gateway_is_proved_by_a_route() {
    let mut snapshot = reachable();
    snapshot.ec2.internet_gateways.items.clear();
    snapshot.ec2.internet_gateways.incomplete = vec![gap("ec2:DescribeInternetGateways")];
    assert_eq!(exposure(&snapshot).is_reachable, Known::Yes(true));
    snapshot.ec2.security_groups.items.clear();
    snapshot.ec2.security_groups.incomplete = vec![gap("ec2:DescribeSecurityGroups")];
    assert_eq!(exposure(&snapshot).is_reachable, Known::No(gap("ec2:DescribeSecurityGroups")));
    let mut closed = before();
    closed.ec2.security_groups = snapshot.ec2.security_groups;
    assert_eq!(exposure(&closed).is_reachable, Known::Yes(false));
    assert_eq!(exposure(&closed).is_open_in_waiting, Known::No(gap("ec2:DescribeSecurityGroups")));
}

#[test]
fn a_hidden_subnet_group_leaves_the_whole_vpc() {
    let mut snapshot = before();
    snapshot.rds.db_subnet_groups.items.clear();
    snapshot.rds.db_subnet_groups.incomplete = vec![gap("rds:DescribeDBSubnetGroups")];
    // One subnet of the zone is public, the other is not.
    assert_eq!(exposure(&snapshot).is_reachable, Known::No(gap("rds:DescribeDBSubnetGroups")));
    snapshot.ec2.route_tables.items[1].routes.clear();
    assert_eq!(exposure(&snapshot).is_reachable, Known::Yes(false));
}

#[test]
fn two_subnets_of_a_zone_are_told_apart_by_the_interface() {
    let mut snapshot = before();
    snapshot.rds.db_subnet_groups.items[0].subnet_ids =
        ids(&["subnet-private-a", "subnet-public-a", "subnet-public-c"]);
    let unknown = exposure(&snapshot);
    assert_eq!(unknown.is_reachable.known(), None);
    assert!(unknown.summary.en.contains("which of the listed subnets"), "{}", unknown.summary.en);
    let interface = |subnet: &str| NetworkInterface {
        region: REGION.into(),
        subnet_id: subnet.into(),
        availability_zone: "ap-northeast-1a".into(),
        description: "RDSNetworkInterface".into(),
        requester_id: Some("amazon-rds".into()),
        security_group_ids: ids(&["sg-rds"]),
        ..Default::default()
    };
    snapshot.ec2.network_interfaces.items = vec![interface("subnet-private-a")];
    assert_eq!(exposure(&snapshot).is_reachable, Known::Yes(false));
    snapshot.ec2.network_interfaces.items = vec![interface("subnet-public-a")];
    assert_eq!(exposure(&snapshot).is_reachable, Known::Yes(true));
    snapshot.ec2.network_interfaces.items[0].security_group_ids = ids(&["sg-other"]);
    assert_eq!(exposure(&snapshot).is_reachable.known(), None);
}

#[test]
fn ipv4_and_ipv6_are_paths_of_their_own() {
    let mut snapshot = reachable();
    snapshot.ec2.security_groups.items[2] = group("sg-rds", "rds-sg", &[("tcp", 5432, 5432, "::/0")]);
    let crossed = exposure(&snapshot);
    assert_eq!(crossed.is_reachable, Known::Yes(false));
    assert!(crossed.summary.en.contains("neither IPv4 nor IPv6"), "{}", crossed.summary.en);
    let subnet = &mut snapshot.ec2.subnets.items[0];
    subnet.ipv6_cidr_blocks = ids(&["2600:1f14::/64"]);
    snapshot.ec2.route_tables.items[1].routes.extend(routes(&[("::/0", "igw-1", "active")]));
    assert_eq!(exposure(&snapshot).is_reachable.known(), None, "its network type is not known");
    snapshot.ec2.network_interfaces.items = vec![NetworkInterface {
        region: REGION.into(),
        subnet_id: "subnet-public-a".into(),
        availability_zone: "ap-northeast-1a".into(),
        description: "RDSNetworkInterface".into(),
        ipv6_addresses: ids(&["2600:1f14::5"]),
        security_group_ids: ids(&["sg-rds"]),
        ..Default::default()
    }];
    assert_eq!(exposure(&snapshot).is_reachable, Known::Yes(true));
}

#[test]
fn a_port_that_is_not_known_yet() {
    let mut snapshot = reachable();
    snapshot.rds.db_instances.items[0].port = None;
    assert_eq!(exposure(&snapshot).is_reachable.known(), None);
    snapshot.ec2.security_groups.items = after().ec2.security_groups.items;
    assert_eq!(exposure(&snapshot).is_reachable, Known::Yes(false));
}
