use crate::conclude::exposure::{NetworkRule, network_rules_on_database};
use crate::conclude::facts::Facts;
use crate::conclude::network::site::*;
use crate::snapshot::Snapshot;
use crate::snapshot::known::Known;

type Rules = [(&'static str, i64, i64, &'static str)];

fn on_database(rules: &Rules) -> Snapshot {
    let mut snapshot = before();
    snapshot.ec2.security_groups.items[2] = group("sg-rds", "rds-sg", rules);
    snapshot
}

fn found(snapshot: &Snapshot) -> Known<Vec<NetworkRule>> {
    network_rules_on_database(&Facts::new(snapshot), &snapshot.rds.db_instances.items[0])
}

fn text(snapshot: &Snapshot) -> Vec<String> {
    let describe = |rule: &NetworkRule| {
        let network = rule.network.known().map_or("?", String::as_str);
        format!(
            "{} {network} {}",
            rule.peer,
            rule.address_count.map_or("?".into(), |count| count.to_string())
        )
    };
    found(snapshot).known().unwrap().iter().map(describe).collect()
}

#[test]
fn ranges_are_named_by_what_they_are() {
    let cases: &[(&str, &str)] = &[
        ("10.0.0.0/16", "10.0.0.0/16 vpc 65536"),
        ("10.0.0.0/8", "10.0.0.0/8 more-than-vpc 16777216"),
        ("10.0.1.0/24", "10.0.1.0/24 part-of-vpc 256"),
        ("192.168.0.0/16", "192.168.0.0/16 private 65536"),
        ("8.8.8.8/32", "8.8.8.8/32 internet 1"),
        ("8.0.0.0/9", "8.0.0.0/9 internet 8388608"),
        ("2001:db8::/32", "2001:db8::/32 internet 9223372036854775807"),
    ];
    for (peer, expected) in cases {
        assert_eq!(text(&on_database(&[("tcp", 5432, 5432, peer)])), [*expected], "{peer}");
    }
}

#[test]
fn groups_other_ports_and_what_is_told_as_the_internet_are_left_out() {
    for rules in [
        &[("tcp", 5432, 5432, "sg-ecs")][..],
        &[("tcp", 22, 22, "10.0.0.0/16")],
        &[("udp", 5432, 5432, "10.0.0.0/16")],
        &[("tcp", 5432, 5432, "0.0.0.0/0")],
        &[("tcp", 5432, 5432, "0.0.0.0/1")],
        &[("tcp", 5432, 5432, "0.0.0.0/1"), ("tcp", 5432, 5432, "128.0.0.0/1")],
    ] {
        assert_eq!(found(&on_database(rules)), Known::Yes(Vec::new()), "{rules:?}");
    }
    let beside = on_database(&[("tcp", 5432, 5432, "0.0.0.0/0"), ("-1", -1, -1, "10.0.0.0/16")]);
    let rules = found(&beside);
    let rule = &rules.known().unwrap()[0];
    assert_eq!((rule.ports.as_str(), rule.key.as_str()), ("all traffic", "all-traffic/10.0.0.0/16"));
    assert_eq!(rule.meaning.en, "the whole of vpc-1");
}

#[test]
fn prefix_lists_are_counted_where_they_are_read() {
    let mut snapshot = on_database(&[("tcp", 5432, 5432, "pl-1")]);
    assert_eq!(found(&snapshot), Known::No(Default::default()));
    snapshot.ec2.prefix_lists.items =
        vec![prefix_list("pl-1", Known::Yes(vec!["203.0.113.0/28", "10.0.1.0/24"]))];
    assert_eq!(text(&snapshot), ["pl-1 private 272"]);
    let denied = gap("ec2:GetManagedPrefixListEntries");
    snapshot.ec2.prefix_lists.items = vec![prefix_list("pl-1", Known::No(denied.clone()))];
    assert_eq!(found(&snapshot), Known::No(denied));
    snapshot.ec2.prefix_lists.items[0].owner = "AWS".into();
    assert_eq!(text(&snapshot), ["pl-1 aws-service ?"]);
}

#[test]
fn what_is_hidden_hides_what_depends_on_it() {
    let mut snapshot = on_database(&[("tcp", 5432, 5432, "10.0.0.0/16")]);
    snapshot.ec2.vpcs.items.clear();
    snapshot.ec2.vpcs.incomplete = vec![gap("ec2:DescribeVpcs")];
    let rules = found(&snapshot);
    let rule = &rules.known().unwrap()[0];
    assert_eq!(rule.network, Known::No(gap("ec2:DescribeVpcs")), "the rule itself is there");
    assert_eq!(rule.address_count, Some(65536));
    snapshot.rds.db_instances.items[0].security_group_ids.push("sg-dark".into());
    assert_eq!(found(&snapshot).known().map(Vec::len), Some(1), "one that is known is one");
    snapshot.ec2.security_groups.items[2].ingress.clear();
    snapshot.ec2.security_groups.incomplete = vec![gap("ec2:DescribeSecurityGroups")];
    assert_eq!(found(&snapshot), Known::No(gap("ec2:DescribeSecurityGroups")));
    snapshot.rds.db_instances.items[0].security_group_ids.pop();
    assert_eq!(found(&snapshot), Known::Yes(Vec::new()));
    snapshot.rds.db_instances.items[0].port = None;
    assert_eq!(found(&snapshot), Known::Yes(Vec::new()));
}
