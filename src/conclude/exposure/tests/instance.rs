use crate::conclude::exposure::{Exposure, interface_exposure};
use crate::conclude::network::site::*;
use crate::snapshot::Snapshot;
use crate::snapshot::ec2::NetworkInterface;
use crate::snapshot::known::Known;

/// An instance in a public subnet whose group admits the world to SSH.
fn with_instance() -> Snapshot {
    let mut snapshot = before();
    snapshot.ec2.security_groups.items.push(group("sg-ssh", "bastion-sg", &[("tcp", 22, 22, "0.0.0.0/0")]));
    snapshot.ec2.network_interfaces.items = vec![NetworkInterface {
        id: "eni-1".into(),
        region: REGION.into(),
        vpc_id: "vpc-1".into(),
        subnet_id: "subnet-public-a".into(),
        instance_id: Some("i-1".into()),
        public_ips: ids(&["52.196.30.20"]),
        security_group_ids: ids(&["sg-ssh"]),
        ..NetworkInterface::default()
    }];
    snapshot
}

fn exposed(snapshot: &Snapshot) -> Exposure {
    interface_exposure(snapshot, &snapshot.ec2.network_interfaces.items[0])
}

#[test]
fn every_hop_is_open() {
    let found = exposed(&with_instance());
    assert_eq!((found.is_reachable, found.is_open_in_waiting), (Known::Yes(true), Known::Yes(false)));
    let kinds: Vec<&str> = found.hops.iter().map(|hop| hop.kind.as_str()).collect();
    assert_eq!(kinds, ["public-address", "internet-gateway", "route-table", "network-acl", "security-group"]);
    assert_eq!(found.summary.en, "The internet reaches i-1 on tcp/22: every hop is open.");
    assert!(found.summary.ja.contains("i-1 の tcp/22 に到達できる"), "{}", found.summary.ja);
    assert_eq!(found.hops[0].detail.en, "i-1 has the address 52.196.30.20");
}

#[test]
fn each_hop_can_hold() {
    let mut private = with_instance();
    private.ec2.network_interfaces.items[0].public_ips.clear();
    let found = exposed(&private);
    assert!(
        found.summary.en.starts_with("The internet does not reach i-1 on any port: "),
        "{}",
        found.summary.en
    );
    assert_eq!((found.is_reachable, found.is_open_in_waiting), (Known::Yes(false), Known::Yes(true)));
    let mut routed = with_instance();
    routed.ec2.network_interfaces.items[0].subnet_id = "subnet-private-a".into();
    assert_eq!(exposed(&routed).is_reachable, Known::Yes(false));
    let mut closed = with_instance();
    closed.ec2.security_groups.items[3].ingress.clear();
    let found = exposed(&closed);
    assert_eq!((found.is_reachable, found.is_open_in_waiting), (Known::Yes(false), Known::Yes(false)));
    let mut detached = with_instance();
    detached.ec2.internet_gateways.items.clear();
    detached.ec2.route_tables.items[1].routes[1].state = "blackhole".into();
    assert_eq!(exposed(&detached).is_reachable, Known::Yes(false));
}

#[test]
fn unknown_hops_matter_where_the_rest_is_open() {
    let mut snapshot = with_instance();
    snapshot.ec2.network_acls.items.clear();
    snapshot.ec2.network_acls.incomplete = vec![gap("ec2:DescribeNetworkAcls")];
    assert_eq!(exposed(&snapshot).is_reachable, Known::No(gap("ec2:DescribeNetworkAcls")));
    snapshot.ec2.network_interfaces.items[0].public_ips.clear();
    assert_eq!(exposed(&snapshot).is_reachable, Known::Yes(false));
    let mut snapshot = with_instance();
    snapshot.ec2.subnets.items.clear();
    snapshot.ec2.subnets.incomplete = vec![gap("ec2:DescribeSubnets")];
    assert_eq!(exposed(&snapshot).is_reachable, Known::No(gap("ec2:DescribeSubnets")));
}
