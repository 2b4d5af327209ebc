use crate::conclude::exposure::{
    WorldRule, icmp_world_rules, idle_world_rules, unintended_world_rules, world_rules_on_database,
};
use crate::conclude::facts::Facts;
use crate::conclude::network::site::*;
use crate::snapshot::Snapshot;
use crate::snapshot::ec2::NetworkInterface;
use crate::snapshot::known::Known;

type Rules = [(&'static str, i64, i64, &'static str)];

fn unintended(snapshot: &Snapshot, id: &str) -> Known<Vec<WorldRule>> {
    let group = snapshot.ec2.security_groups.iter().find(|group| group.id == id).unwrap();
    unintended_world_rules(&Facts::new(snapshot), group)
}

fn idle(snapshot: &Snapshot, id: &str) -> Known<Vec<WorldRule>> {
    let group = snapshot.ec2.security_groups.iter().find(|group| group.id == id).unwrap();
    idle_world_rules(&Facts::new(snapshot), group)
}

fn icmp(snapshot: &Snapshot, id: &str) -> Known<Vec<WorldRule>> {
    let group = snapshot.ec2.security_groups.iter().find(|group| group.id == id).unwrap();
    icmp_world_rules(&Facts::new(snapshot), group)
}

/// A group with these rules on the database.
fn on_database(rules: &Rules) -> Snapshot {
    let mut snapshot = before();
    snapshot.ec2.security_groups.items[2] = group("sg-rds", "rds-sg", rules);
    snapshot
}

fn text(rules: &Known<Vec<WorldRule>>) -> Vec<String> {
    rules.known().unwrap().iter().map(|rule| format!("{} {}", rule.ports, rule.sources)).collect()
}

fn database(snapshot: &Snapshot) -> Known<Vec<WorldRule>> {
    world_rules_on_database(&Facts::new(snapshot), &snapshot.rds.db_instances.items[0])
}

#[test]
fn the_review_s_groups() {
    let snapshot = before();
    assert_eq!(unintended(&snapshot, "sg-alb"), Known::Yes(Vec::new()));
    assert_eq!(text(&unintended(&snapshot, "sg-ecs")), ["tcp/8080 0.0.0.0/0"]);
    let rules = unintended(&snapshot, "sg-rds");
    let rule = &rules.known().unwrap()[0];
    assert_eq!(rule.key, "tcp/5432/0.0.0.0/0");
    assert_eq!(rule.attached_to, "db ec-db");
    assert_eq!((rule.from_port, rule.to_port), (Some(5432), Some(5432)));
    assert_eq!(database(&snapshot), rules);
    for id in ["sg-alb", "sg-ecs", "sg-rds"] {
        assert_eq!(unintended(&after(), id), Known::Yes(Vec::new()), "{id}");
    }
    assert_eq!(database(&after()), Known::Yes(Vec::new()));
}

#[test]
fn families_and_halves_are_one_rule() {
    let cases: &[(&Rules, &[&str])] = &[
        (&[("tcp", 5432, 5432, "::/0"), ("tcp", 5432, 5432, "0.0.0.0/0")], &["tcp/5432 0.0.0.0/0, ::/0"]),
        (
            &[
                ("tcp", 5432, 5432, "128.0.0.0/1"),
                ("tcp", 5432, 5432, "0.0.0.0/1"),
                ("tcp", 5432, 5432, "8.8.8.8/32"),
            ],
            &["tcp/5432 0.0.0.0/1 + 128.0.0.0/1"],
        ),
        (&[("tcp", 5432, 5432, "0.0.0.0/0"), ("tcp", 5432, 5432, "8.8.8.8/32")], &["tcp/5432 0.0.0.0/0"]),
        (&[("-1", -1, -1, "0.0.0.0/0")], &["all traffic 0.0.0.0/0"]),
        (&[("tcp", 5000, 6000, "0.0.0.0/0")], &["tcp/5000-6000 0.0.0.0/0"]),
        (
            &[("tcp", 0, 5432, "0.0.0.0/1"), ("-1", -1, -1, "128.0.0.0/1")],
            &["tcp/0-5432 0.0.0.0/1 + 128.0.0.0/1"],
        ),
        (&[("tcp", 5432, 5432, "0.0.0.0/1")], &["tcp/5432 0.0.0.0/1"]),
        (
            &[("tcp", 5432, 5432, "8.0.0.0/9"), ("-1", -1, -1, "12.0.0.0/9")],
            &["tcp/5432 8.0.0.0/9 + 12.0.0.0/9"],
        ),
        (&[("tcp", 5432, 5432, "8.0.0.0/7"), ("tcp", 5432, 5432, "52.196.0.0/16")], &["tcp/5432 8.0.0.0/7"]),
        (&[("tcp", 5432, 5432, "8.8.8.8/32"), ("tcp", 5432, 5432, "52.196.0.0/16")], &[]),
        (&[("tcp", 22, 22, "0.0.0.0/0")], &[]),
        (&[("udp", 5432, 5432, "0.0.0.0/0")], &[]),
        (&[("tcp", 5432, 5432, "10.0.0.0/8")], &[]),
    ];
    for (rules, expected) in cases {
        assert_eq!(text(&database(&on_database(rules))), *expected, "{rules:?}");
    }
}

#[test]
fn halves_in_two_groups() {
    let mut snapshot = on_database(&[("tcp", 5432, 5432, "0.0.0.0/1")]);
    let other = group("sg-more", "more", &[("tcp", 5432, 5432, "128.0.0.0/1")]);
    snapshot.ec2.security_groups.items.push(other);
    snapshot.rds.db_instances.items[0].security_group_ids.push("sg-more".into());
    assert_eq!(text(&database(&snapshot)), ["tcp/5432 0.0.0.0/1", "tcp/5432 128.0.0.0/1"]);
    // Each alone is nobody in particular.
    let quarters = ["8.0.0.0/9", "12.0.0.0/9"];
    for (group, peer) in snapshot.ec2.security_groups.items.iter_mut().skip(2).zip(quarters) {
        group.ingress[0].peer = peer.into();
    }
    assert_eq!(text(&database(&snapshot)), ["tcp/5432 8.0.0.0/9 + 12.0.0.0/9"]);
}

#[test]
fn prefix_lists_are_looked_into() {
    let mut snapshot = on_database(&[("tcp", 5432, 5432, "pl-1")]);
    assert_eq!(database(&snapshot).known(), None);
    assert_eq!(unintended(&snapshot, "sg-rds").known(), None);
    snapshot.ec2.prefix_lists.items = vec![prefix_list("pl-1", Known::Yes(vec!["0.0.0.0/0", "::/0"]))];
    let rules = database(&snapshot);
    assert_eq!(text(&rules), ["tcp/5432 pl-1 (ours)"]);
    assert_eq!(rules.known().unwrap()[0].prefix_list_ids, ids(&["pl-1"]));
    snapshot.ec2.prefix_lists.items = vec![prefix_list("pl-1", Known::Yes(vec!["198.51.100.0/24"]))];
    assert_eq!(database(&snapshot), Known::Yes(Vec::new()));
    // A list for another port says nothing about this one.
    let mut other = on_database(&[("tcp", 22, 22, "pl-1")]);
    assert_eq!(database(&other), Known::Yes(Vec::new()));
    other.rds.db_instances.items[0].port = None;
    assert_eq!(database(&other).known(), None);
}

#[test]
fn a_hidden_group_does_not_hide_what_others_show() {
    let mut snapshot = before();
    snapshot.rds.db_instances.items[0].security_group_ids.push("sg-hidden".into());
    let hidden = gap("ec2:DescribeSecurityGroups");
    snapshot.ec2.security_groups.incomplete = vec![hidden.clone()];
    assert_eq!(text(&database(&snapshot)), ["tcp/5432 0.0.0.0/0"]);
    snapshot.ec2.security_groups.items.remove(2);
    assert_eq!(database(&snapshot), Known::No(hidden));
}

#[test]
fn a_public_load_balancer_is_open_where_it_listens() {
    let rules = |rules: &Rules| {
        let mut snapshot = before();
        snapshot.ec2.security_groups.items[0] = group("sg-alb", "alb-sg", rules);
        snapshot.elb.load_balancers.items[0].listeners =
            Known::Yes(vec![listener(80, "HTTP"), listener(8443, "HTTPS")]);
        snapshot
    };
    let open: &Rules = &[
        ("tcp", 80, 80, "0.0.0.0/0"),
        ("tcp", 443, 443, "::/0"),
        ("tcp", 8443, 8443, "0.0.0.0/0"),
        ("tcp", 9000, 9000, "0.0.0.0/0"),
        ("tcp", 80, 443, "0.0.0.0/0"),
        ("tcp", 22, 22, "198.51.100.0/24"),
    ];
    let mut snapshot = rules(open);
    assert_eq!(text(&unintended(&snapshot, "sg-alb")), ["tcp/80-443 0.0.0.0/0", "tcp/9000 0.0.0.0/0"]);
    let rule = &unintended(&snapshot, "sg-alb").known().unwrap()[0].clone();
    assert_eq!(rule.attached_to, "alb shop-alb");
    snapshot.elb.load_balancers.items[0].scheme = "internal".into();
    assert_eq!(unintended(&snapshot, "sg-alb").known().unwrap().len(), 5);
    let mut network = rules(&[("tcp", 443, 443, "0.0.0.0/0"), ("udp", 53, 53, "0.0.0.0/0")]);
    let nlb = &mut network.elb.load_balancers.items[0];
    nlb.kind = "network".into();
    nlb.listeners = Known::Yes(vec![listener(53, "UDP")]);
    assert_eq!(text(&unintended(&network, "sg-alb")), ["tcp/443 0.0.0.0/0"]);
}

#[test]
fn listeners_and_uses_that_are_hidden() {
    let mut snapshot = before();
    snapshot.ec2.security_groups.items[0] = group("sg-alb", "alb-sg", &[("tcp", 8443, 8443, "0.0.0.0/0")]);
    snapshot.elb.load_balancers.items[0].listeners = Known::No(gap("elasticloadbalancing:DescribeListeners"));
    assert_eq!(unintended(&snapshot, "sg-alb"), Known::No(gap("elasticloadbalancing:DescribeListeners")));
    let mut snapshot = before();
    snapshot.ec2.network_interfaces.incomplete = vec![gap("ec2:DescribeNetworkInterfaces")];
    assert_eq!(unintended(&snapshot, "sg-alb"), Known::No(gap("ec2:DescribeNetworkInterfaces")));
    assert_eq!(text(&unintended(&snapshot, "sg-ecs")), ["tcp/8080 0.0.0.0/0"]);
    snapshot.ec2.security_groups.items[0].ingress.clear();
    assert_eq!(unintended(&snapshot, "sg-alb"), Known::Yes(Vec::new()));
}

#[test]
fn other_uses_of_a_load_balancer_s_group_count() {
    let mut snapshot = before();
    let interface = |id: &str, description: &str, instance: Option<&str>| NetworkInterface {
        id: id.into(),
        region: REGION.into(),
        description: description.into(),
        instance_id: instance.map(Into::into),
        security_group_ids: ids(&["sg-alb"]),
        ..Default::default()
    };
    snapshot.ec2.network_interfaces.items = vec![
        interface("eni-1", "ELB app/shop-alb/50dc", None),
        interface("eni-2", "ELB app/shop-alb/50dc", None),
    ];
    assert_eq!(unintended(&snapshot, "sg-alb"), Known::Yes(Vec::new()));
    snapshot.ec2.network_interfaces.items.push(interface("eni-3", "", Some("i-0abc")));
    let rules = unintended(&snapshot, "sg-alb");
    assert_eq!(rules.known().unwrap()[0].attached_to, "alb shop-alb, instance i-0abc");
}

#[test]
fn a_load_balancer_that_is_not_listed_may_listen() {
    let mut snapshot = before();
    let hidden = gap("elasticloadbalancing:DescribeLoadBalancers");
    snapshot.elb.load_balancers.incomplete = vec![hidden.clone()];
    snapshot.ec2.security_groups.items[0] = group("sg-alb", "alb-sg", &[("tcp", 9000, 9000, "0.0.0.0/0")]);
    assert_eq!(unintended(&snapshot, "sg-alb"), Known::No(hidden.clone()), "another one may listen there");
    // Its interfaces are there, and are not a use of their own.
    snapshot.elb.load_balancers.items.clear();
    snapshot.ec2.network_interfaces.items = vec![NetworkInterface {
        region: REGION.into(),
        description: "ELB app/shop-alb/50dc".into(),
        security_group_ids: ids(&["sg-alb"]),
        ..Default::default()
    }];
    assert_eq!(unintended(&snapshot, "sg-alb"), Known::No(hidden));
    assert_eq!(text(&unintended(&snapshot, "sg-ecs")), ["tcp/8080 0.0.0.0/0"]);
}

#[test]
fn a_group_on_nothing_is_reported_as_such() {
    let mut snapshot = before();
    snapshot.ec2.security_groups.items.push(group("sg-old", "old", &[("tcp", 22, 22, "0.0.0.0/0")]));
    assert_eq!(unintended(&snapshot, "sg-old"), Known::Yes(Vec::new()), "it exposes nothing");
    assert_eq!(idle(&snapshot, "sg-ecs"), Known::Yes(Vec::new()));
    let rules = idle(&snapshot, "sg-old");
    let rule = &rules.known().unwrap()[0];
    assert_eq!((rule.attached_to.as_str(), &rule.is_attached), ("", &Known::Yes(false)));
    assert_eq!(rule.attachment.en, "attached to nothing");
    snapshot.ec2.network_interfaces.incomplete = vec![gap("ec2:DescribeNetworkInterfaces")];
    assert_eq!(unintended(&snapshot, "sg-old").known(), None, "it may be a load balancer's port");
    assert_eq!(idle(&snapshot, "sg-old").known(), None);
}

#[test]
fn echo_alone_is_no_finding() {
    let mut snapshot = before();
    let rules = [("icmp", 8, -1, "0.0.0.0/0"), ("icmpv6", 128, -1, "::/0")];
    snapshot.ec2.security_groups.items.push(group("sg-ping", "ping", &rules));
    assert_eq!(unintended(&snapshot, "sg-ping"), Known::Yes(Vec::new()));
    assert_eq!(idle(&snapshot, "sg-ping"), Known::Yes(Vec::new()));
    snapshot.ec2.security_groups.items.push(group("sg-icmp", "icmp", &[("icmp", -1, -1, "0.0.0.0/0")]));
    assert_eq!(text(&idle(&snapshot, "sg-icmp")), ["icmp 0.0.0.0/0"]);
    snapshot.ecs.services.items[0].security_group_ids = ids(&["sg-ping", "sg-icmp"]);
    assert_eq!(unintended(&snapshot, "sg-icmp"), Known::Yes(Vec::new()));
    assert_eq!(text(&icmp(&snapshot, "sg-icmp")), ["icmp 0.0.0.0/0"]);
    assert_eq!(icmp(&snapshot, "sg-ping"), Known::Yes(Vec::new()));
}
