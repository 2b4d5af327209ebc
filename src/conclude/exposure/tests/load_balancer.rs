use crate::conclude::exposure::{Exposure, load_balancer_exposure};
use crate::conclude::network::site::*;
use crate::snapshot::Snapshot;
use crate::snapshot::elb::LoadBalancer;
use crate::snapshot::known::Known;

fn exposed(snapshot: &Snapshot) -> Exposure {
    load_balancer_exposure(snapshot, &snapshot.elb.load_balancers.items[0])
}

fn with(change: impl FnOnce(&mut LoadBalancer)) -> Exposure {
    let mut snapshot = before();
    change(&mut snapshot.elb.load_balancers.items[0]);
    exposed(&snapshot)
}

#[test]
fn every_hop_is_open() {
    let found = exposed(&before());
    assert_eq!((found.is_reachable, found.is_open_in_waiting), (Known::Yes(true), Known::Yes(false)));
    assert_eq!(found.summary.en, "The internet reaches shop-alb on tcp/80: every hop is open.");
    assert_eq!(found.hops.iter().filter(|hop| hop.kind == "route-table").count(), 2);
}

#[test]
fn each_hop_can_hold() {
    let internal = with(|lb| lb.scheme = "internal".into());
    assert_eq!((internal.is_reachable, internal.is_open_in_waiting), (Known::Yes(false), Known::Yes(true)));
    let unrouted = with(|lb| lb.subnet_ids = ids(&["subnet-private-a"]));
    assert_eq!(unrouted.is_reachable, Known::Yes(false));
    let other_port = with(|lb| lb.listeners = Known::Yes(vec![listener(443, "HTTPS")]));
    assert_eq!(
        (other_port.is_reachable, other_port.is_open_in_waiting),
        (Known::Yes(false), Known::Yes(false))
    );
    let silent = with(|lb| lb.listeners = Known::Yes(Vec::new()));
    assert_eq!(silent.is_reachable, Known::Yes(false));
}

#[test]
fn without_groups_everybody_is_admitted() {
    let found = with(|lb| {
        lb.kind = "network".into();
        lb.security_group_ids.clear();
    });
    assert_eq!(found.is_reachable, Known::Yes(true));
    let group = found.hops.iter().find(|hop| hop.kind == "security-group").unwrap();
    assert_eq!(group.detail.en, "shop-alb has no security group, so all traffic is allowed");
}

#[test]
fn without_public_ipv4_only_ipv6_counts() {
    let without = |lb: &mut LoadBalancer| lb.ip_address_type = "dualstack-without-public-ipv4".into();
    // Its group admits IPv4 alone.
    assert_eq!(with(without).is_reachable, Known::Yes(false));
    assert_eq!(with(|lb| lb.ip_address_type = "dualstack".into()).is_reachable, Known::Yes(true));
}

#[test]
fn what_is_hidden_leaves_it_open() {
    let mut snapshot = before();
    snapshot.ec2.route_tables.items.clear();
    snapshot.ec2.route_tables.incomplete = vec![gap("ec2:DescribeRouteTables")];
    assert_eq!(exposed(&snapshot).is_reachable, Known::No(gap("ec2:DescribeRouteTables")));
    let listeners = Known::No(gap("elasticloadbalancing:DescribeListeners"));
    let hidden = with(|lb| lb.listeners = listeners);
    assert_eq!(hidden.is_reachable, Known::No(gap("elasticloadbalancing:DescribeListeners")));
}
