use crate::conclude::exposure::unintended_world_rules;
use crate::conclude::facts::Facts;
use crate::conclude::network::site::*;
use crate::snapshot::Snapshot;
use crate::snapshot::ec2::NetworkInterface;
use crate::snapshot::elb::{
    ClassicLoadBalancer, Listener, LoadBalancer, Target, TargetGroup, TargetGroupAttributes,
};
use crate::snapshot::gap::GapId;
use crate::snapshot::known::Known;

const ELSEWHERE: &str = "eu-west-1";

type Rule = (&'static str, i64, i64, &'static str);

/// Whether nothing of the group is reported.
fn is_meant(snapshot: &Snapshot, id: &str) -> Known<bool> {
    let group = snapshot.ec2.security_groups.iter().find(|group| group.id == id).unwrap();
    unintended_world_rules(&Facts::new(snapshot), group).map(|rules| rules.is_empty())
}

/// The review's load balancer, of some kind, with one rule and these listeners.
fn balancer(kind: &str, rule: Rule, listeners: Vec<Listener>) -> Snapshot {
    let mut snapshot = before();
    snapshot.ec2.security_groups.items[0] = group("sg-alb", "alb-sg", &[rule]);
    let balancer = &mut snapshot.elb.load_balancers.items[0];
    balancer.kind = kind.into();
    balancer.listeners = Known::Yes(listeners);
    snapshot
}

/// What Network Load Balancers speak, and whether that is TCP and UDP:
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-listeners.html>.
const PROTOCOLS: [(&str, bool, bool); 6] = [
    ("TCP", true, false),
    ("TLS", true, false),
    ("UDP", false, true),
    ("QUIC", false, true),
    ("TCP_UDP", true, true),
    ("TCP_QUIC", true, true),
];

#[test]
fn a_listener_opens_its_port_to_what_it_speaks() {
    for (protocol, tcp, udp) in PROTOCOLS {
        for (of_rule, expected) in [("tcp", tcp), ("udp", udp)] {
            let with = |port| {
                balancer("network", (of_rule, port, port, "0.0.0.0/0"), vec![listener(9000, protocol)])
            };
            assert_eq!(is_meant(&with(9000), "sg-alb"), Known::Yes(expected), "{protocol} {of_rule}");
            assert_eq!(is_meant(&with(9001), "sg-alb"), Known::Yes(false), "{protocol} {of_rule}");
        }
    }
}

#[test]
fn the_ports_of_the_web_are_meant_on_application_load_balancers() {
    let with = |kind, protocol, port| {
        is_meant(&balancer(kind, (protocol, port, port, "0.0.0.0/0"), Vec::new()), "sg-alb")
    };
    for port in [80, 443] {
        assert_eq!(with("application", "tcp", port), Known::Yes(true), "{port}");
        assert_eq!(with("application", "udp", port), Known::Yes(false), "{port}");
        assert_eq!(with("network", "tcp", port), Known::Yes(false), "{port}");
    }
    assert_eq!(with("application", "tcp", 8080), Known::Yes(false));
}

/// A load balancer has at most 50 listeners, unless AWS raises the quota:
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html>.
#[test]
fn a_range_is_meant_where_each_of_its_ports_has_a_listener() {
    let listeners = |ports: std::ops::RangeInclusive<i64>| ports.map(|port| listener(port, "TCP")).collect();
    let with = |from, to, listeners| {
        is_meant(&balancer("network", ("tcp", from, to, "0.0.0.0/0"), listeners), "sg-alb")
    };
    assert_eq!(with(9000, 9009, listeners(9000..=9009)), Known::Yes(true));
    assert_eq!(with(9000, 9009, listeners(9000..=9008)), Known::Yes(false));
    assert_eq!(with(9000, 9009, listeners(9001..=9009)), Known::Yes(false));
    assert_eq!(with(9000, 9099, listeners(9000..=9099)), Known::Yes(true));
    assert_eq!(with(9000, 9100, listeners(9000..=9100)), Known::Yes(false), "more than it can have");
    let every = balancer("network", ("-1", -1, -1, "0.0.0.0/0"), listeners(9000..=9009));
    assert_eq!(is_meant(&every, "sg-alb"), Known::Yes(false));
}

/// A Classic Load Balancer listens on TCP alone:
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/elb-listener-config.html>.
#[test]
fn classic_load_balancers_stand_beside_the_others() {
    let with = |protocol: &'static str, ports: &[i64], edit: fn(&mut Snapshot)| {
        let mut snapshot = balancer("application", (protocol, 9000, 9000, "0.0.0.0/0"), Vec::new());
        snapshot.elb.classic_load_balancers.items = vec![ClassicLoadBalancer {
            name: "old".into(),
            region: REGION.into(),
            scheme: "internet-facing".into(),
            security_group_ids: ids(&["sg-alb"]),
            listener_ports: ports.to_vec(),
            ..ClassicLoadBalancer::default()
        }];
        edit(&mut snapshot);
        is_meant(&snapshot, "sg-alb")
    };
    assert_eq!(with("tcp", &[443, 9000], |_| {}), Known::Yes(true));
    assert_eq!(with("tcp", &[443], |_| {}), Known::Yes(false));
    assert_eq!(with("udp", &[443, 9000], |_| {}), Known::Yes(false));
    let is_internal = |snapshot: &mut Snapshot| {
        snapshot.elb.classic_load_balancers.items[0].scheme = "internal".into();
    };
    assert_eq!(
        with("tcp", &[9000], is_internal),
        Known::Yes(false),
        "the other one is not, and has no listener"
    );
    let is_alone: fn(&mut Snapshot) = |snapshot| snapshot.elb.load_balancers.items.clear();
    assert_eq!(with("tcp", &[9000], is_alone), Known::Yes(true));
    let of_function: fn(&mut Snapshot) = |snapshot| {
        snapshot.ec2.network_interfaces.items = vec![NetworkInterface {
            id: "eni-1".into(),
            region: REGION.into(),
            description: "AWS Lambda VPC ENI-shop-import".into(),
            security_group_ids: ids(&["sg-alb"]),
            ..NetworkInterface::default()
        }];
    };
    assert_eq!(with("tcp", &[9000], of_function), Known::Yes(false), "a function has the group too");
}

/// A public network load balancer without security groups passes clients on to an instance and to
/// an address, both with the group `sg-new`, which admits them.
fn targets(protocol: &'static str, edit: impl FnOnce(&mut TargetGroup, &mut LoadBalancer)) -> Snapshot {
    let mut snapshot = before();
    snapshot.ec2.security_groups.items.push(group(
        "sg-new",
        "new-sg",
        &[(protocol, 9000, 9000, "0.0.0.0/0")],
    ));
    let interface = |id: &str, instance: Option<&str>, private: &str, v6: &str| NetworkInterface {
        id: id.into(),
        region: REGION.into(),
        vpc_id: "vpc-1".into(),
        instance_id: instance.map(str::to_owned),
        private_ips: ids(&[private]),
        ipv6_addresses: ids(&[v6]),
        security_group_ids: ids(&["sg-new"]),
        ..NetworkInterface::default()
    };
    snapshot.ec2.network_interfaces.items = vec![
        interface("eni-1", Some("i-1"), "10.0.1.7", "2406:da14::7"),
        interface("eni-2", None, "10.0.1.8", "2406:da14::8"),
    ];
    let mut balancer = load_balancer("edge", &[], Vec::new());
    balancer.kind = "network".into();
    let target = |id: &str| Target { id: id.into(), port: Some(9000), ..Target::default() };
    let mut group = TargetGroup {
        arn: "arn:edge".into(),
        region: REGION.into(),
        protocol: Some("TCP".into()),
        target_type: "ip".into(),
        load_balancer_arns: vec![balancer.arn.clone()],
        attributes: Known::Yes(TargetGroupAttributes {
            preserve_client_ip_enabled: Known::Yes(Some(true)),
            ..TargetGroupAttributes::default()
        }),
        targets: Known::Yes(vec![target("10.0.1.7"), target("10.0.1.8")]),
        ..TargetGroup::default()
    };
    edit(&mut group, &mut balancer);
    snapshot.elb.target_groups.items.push(group);
    snapshot.elb.load_balancers.items.push(balancer);
    snapshot
}

/// "If a Network Load Balancer has no security groups, the targets' have to admit the clients":
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-register-targets.html#target-security-groups>.
#[test]
fn targets_are_known_by_instance_and_by_address() {
    let with = |names: &'static [&'static str]| {
        let snapshot = targets("tcp", |group, _| {
            let target = |id: &&str| Target { id: (*id).into(), port: Some(9000), ..Target::default() };
            group.targets = Known::Yes(names.iter().map(target).collect());
        });
        is_meant(&snapshot, "sg-new")
    };
    assert_eq!(with(&["10.0.1.7", "10.0.1.8"]), Known::Yes(true));
    assert_eq!(with(&["i-1", "10.0.1.8"]), Known::Yes(true));
    assert_eq!(with(&["2406:da14::7", "2406:da14::8"]), Known::Yes(true));
    assert_eq!(with(&["10.0.1.7"]), Known::Yes(false), "the other one is no target");
    assert_eq!(with(&["10.0.1.7", "10.0.1.9"]), Known::Yes(false));
    assert_eq!(with(&[]), Known::Yes(false));
}

#[test]
fn targets_are_meant_for_what_their_group_speaks() {
    for (of_group, tcp, udp) in PROTOCOLS {
        for (of_rule, expected) in [("tcp", tcp), ("udp", udp)] {
            let snapshot = targets(of_rule, |group, _| group.protocol = Some(of_group.into()));
            assert_eq!(is_meant(&snapshot, "sg-new"), Known::Yes(expected), "{of_group} {of_rule}");
        }
    }
}

/// Off by default for addresses behind TCP and TLS, and on for the others:
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html#client-ip-preservation>.
#[test]
fn only_where_clients_keep_their_addresses_do_they_come_from_the_internet() {
    let with = |target_type: &'static str, protocol: &'static str, preserved: Known<Option<bool>>| {
        let of_rule = if protocol == "UDP" { "udp" } else { "tcp" };
        let snapshot = targets(of_rule, |group, _| {
            group.target_type = target_type.into();
            group.protocol = Some(protocol.into());
            group.attributes = Known::Yes(TargetGroupAttributes {
                preserve_client_ip_enabled: preserved,
                ..TargetGroupAttributes::default()
            });
        });
        is_meant(&snapshot, "sg-new")
    };
    assert_eq!(with("ip", "TCP", Known::Yes(None)), Known::Yes(false));
    assert_eq!(with("ip", "TLS", Known::Yes(None)), Known::Yes(false));
    assert_eq!(with("ip", "UDP", Known::Yes(None)), Known::Yes(true));
    assert_eq!(with("instance", "TCP", Known::Yes(None)), Known::Yes(true));
    assert_eq!(with("instance", "TCP", Known::Yes(Some(false))), Known::Yes(false));
    assert_eq!(with("ip", "TCP", Known::Yes(Some(true))), Known::Yes(true));
    let denied = gap("elasticloadbalancing:DescribeTargetGroupAttributes");
    assert_eq!(with("ip", "TCP", Known::No(denied.clone())), Known::No(denied.clone()));
    let hidden = targets("tcp", |group, _| group.attributes = Known::No(denied.clone()));
    assert_eq!(is_meant(&hidden, "sg-new"), Known::No(denied));
}

#[test]
fn only_a_public_network_load_balancer_without_groups_sends_clients_on() {
    let meant = |edit: fn(&mut TargetGroup, &mut LoadBalancer)| is_meant(&targets("tcp", edit), "sg-new");
    assert_eq!(meant(|_, _| {}), Known::Yes(true));
    assert_eq!(meant(|_, balancer| balancer.scheme = "internal".into()), Known::Yes(false));
    assert_eq!(meant(|_, balancer| balancer.kind = "gateway".into()), Known::Yes(false));
    assert_eq!(meant(|_, balancer| balancer.security_group_ids = ids(&["sg-alb"])), Known::Yes(false));
    assert_eq!(meant(|group, _| group.region = ELSEWHERE.into()), Known::Yes(false));
    assert_eq!(meant(|group, _| group.load_balancer_arns.clear()), Known::Yes(false));
    let mut hidden = targets("tcp", |_, _| {});
    hidden.ec2.network_interfaces.incomplete = vec![gap("ec2:DescribeNetworkInterfaces")];
    let unknown = Known::No(gap("ec2:DescribeNetworkInterfaces"));
    assert_eq!(is_meant(&hidden, "sg-new"), unknown, "what is not in sight may have the group");
    hidden.elb.target_groups.items.last_mut().unwrap().targets = Known::Yes(Vec::new());
    assert_eq!(is_meant(&hidden, "sg-new"), Known::Yes(false));
    let mut denied = targets("tcp", |_, _| {});
    let gap = GapId::new("elasticloadbalancing:DescribeTargetHealth", REGION, None);
    denied.elb.target_groups.items.last_mut().unwrap().targets = Known::No(gap.clone());
    assert_eq!(is_meant(&denied, "sg-new"), Known::No(gap));
}
