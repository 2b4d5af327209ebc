use super::*;
use crate::snapshot::ec2::{PrefixList, SecurityGroup, SecurityGroupRule};
use crate::snapshot::elb::ListenerRule;

const REGION: &str = "ap-northeast-1";

fn action(kind: &str) -> ListenerAction {
    ListenerAction { kind: kind.into(), ..ListenerAction::default() }
}

fn redirect(protocol: Option<&str>) -> ListenerAction {
    ListenerAction { redirect_protocol: protocol.map(str::to_owned), ..action("redirect") }
}

fn rule(priority: &str, action: ListenerAction) -> ListenerRule {
    ListenerRule { priority: priority.into(), actions: vec![action], ..ListenerRule::default() }
}

fn listener(default: ListenerAction, rules: Known<Vec<ListenerRule>>) -> Listener {
    Listener {
        region: REGION.into(),
        load_balancer_arn: "arn:lb".into(),
        port: Some(80),
        protocol: Some("HTTP".into()),
        default_actions: vec![default],
        rules,
        ..Listener::default()
    }
}

fn ingress(protocol: &str, ports: Option<(i64, i64)>, kind: &str, peer: &str) -> SecurityGroupRule {
    SecurityGroupRule {
        protocol: protocol.into(),
        from_port: ports.map(|(from, _)| from),
        to_port: ports.map(|(_, to)| to),
        peer_kind: kind.into(),
        peer: peer.into(),
        ..SecurityGroupRule::default()
    }
}

fn account(rules: Vec<SecurityGroupRule>) -> Snapshot {
    let mut snapshot = Snapshot::default().complete();
    snapshot.elb.load_balancers.items.push(LoadBalancer {
        arn: "arn:lb".into(),
        region: REGION.into(),
        scheme: "internet-facing".into(),
        security_group_ids: vec!["sg-1".into()],
        ..LoadBalancer::default()
    });
    snapshot.ec2.security_groups.items.push(SecurityGroup {
        id: "sg-1".into(),
        region: REGION.into(),
        ingress: rules,
        ..SecurityGroup::default()
    });
    snapshot
}

fn open() -> Snapshot {
    account(vec![ingress("tcp", Some((80, 80)), "ipv4", "0.0.0.0/0")])
}

fn gap() -> GapId {
    GapId::new("elasticloadbalancing:DescribeRules", REGION, Some("arn:listener"))
}

#[test]
fn what_counts_as_plain_http() {
    for (action, plain) in [
        (action("forward"), true),
        (action("authenticate-oidc"), true),
        (redirect(Some("HTTP")), true),
        (redirect(Some("#{protocol}")), true),
        (redirect(None), true),
        (redirect(Some("HTTPS")), false),
        (action("fixed-response"), false),
    ] {
        let found = listener_traffic(&open(), &listener(action.clone(), Known::Yes(vec![])));
        assert_eq!(found.serves_plain_http, Known::Yes(plain), "{action:?}");
        let expected = if plain { vec!["default action".to_owned()] } else { vec![] };
        assert_eq!(found.plain_http_rules, Known::Yes(expected), "{action:?}");
    }
}

#[test]
fn rules_are_looked_at_one_by_one() {
    let rules =
        vec![rule("20", action("forward")), rule("3", action("forward")), rule("5", redirect(Some("HTTPS")))];
    let found = listener_traffic(&open(), &listener(redirect(Some("HTTPS")), Known::Yes(rules.clone())));
    assert_eq!(found.serves_plain_http, Known::Yes(true));
    assert_eq!(found.plain_http_rules, Known::Yes(vec!["3".to_owned(), "20".to_owned()]));
    assert_eq!(found.summary.en, "Rules 3, 20 answer over plain HTTP.");
    assert_eq!(found.summary.ja, "ルール 3、20 が平文の HTTP に応答している。");
    let found = listener_traffic(&open(), &listener(action("forward"), Known::Yes(rules[..1].to_vec())));
    assert_eq!(found.summary.en, "The default action and rule 20 answer over plain HTTP.");
    let found = listener_traffic(&open(), &listener(action("forward"), Known::Yes(vec![])));
    assert_eq!(found.summary.en, "The default action answers over plain HTTP.");
    assert_eq!(found.redirects_to_https, Known::Yes(false));
}

#[test]
fn hidden_rules_matter_unless_the_default_action_settles_it() {
    let found = listener_traffic(&open(), &listener(action("forward"), Known::No(gap())));
    assert_eq!((found.serves_plain_http, found.plain_http_rules), (Known::Yes(true), Known::No(gap())));
    assert_eq!(found.redirects_to_https, Known::No(gap()));
    let found = listener_traffic(&open(), &listener(redirect(Some("HTTPS")), Known::No(gap())));
    assert_eq!((found.serves_plain_http, found.redirects_to_https), (Known::No(gap()), Known::Yes(true)));
    assert!(found.summary.en.ends_with("what its rules do is not known."));
}

#[test]
fn other_protocols_serve_no_plain_http() {
    let https = Listener { protocol: Some("HTTPS".into()), ..listener(action("forward"), Known::No(gap())) };
    let found = listener_traffic(&open(), &https);
    assert_eq!((found.serves_plain_http, found.plain_http_rules), (Known::Yes(false), Known::Yes(vec![])));
}

#[test]
fn who_is_admitted() {
    let tcp = |from, to, kind, peer| vec![ingress("tcp", Some((from, to)), kind, peer)];
    for (rules, admitted) in [
        (tcp(80, 80, "ipv4", "0.0.0.0/0"), true),
        (tcp(1, 1024, "ipv6", "::/0"), true),
        (vec![ingress("-1", None, "ipv4", "0.0.0.0/0")], true),
        (tcp(443, 443, "ipv4", "0.0.0.0/0"), false),
        (tcp(80, 80, "ipv4", "203.0.113.0/24"), false),
        (tcp(80, 80, "security-group", "sg-2"), false),
        (vec![ingress("udp", Some((80, 80)), "ipv4", "0.0.0.0/0")], false),
        ([tcp(80, 80, "ipv4", "0.0.0.0/1"), tcp(80, 80, "ipv4", "128.0.0.0/1")].concat(), true),
        (vec![], false),
    ] {
        let snapshot = account(rules.clone());
        let found = listener_traffic(&snapshot, &listener(redirect(Some("HTTPS")), Known::Yes(vec![])));
        assert_eq!(found.is_admitted_from_world, Known::Yes(admitted), "{rules:?}");
        assert_eq!(found.summary.en.contains("nobody outside"), !admitted, "{}", found.summary.en);
        assert_eq!(found.serves_plain_http, Known::Yes(false));
    }
}

#[test]
fn prefix_lists_are_opened() {
    let mut snapshot = account(vec![ingress("tcp", Some((80, 80)), "prefix-list", "pl-1")]);
    let check = |snapshot: &Snapshot| {
        listener_traffic(snapshot, &listener(redirect(Some("HTTPS")), Known::Yes(vec![])))
            .is_admitted_from_world
    };
    assert_eq!(check(&snapshot), Known::No(GapId::default()));
    let list = |owner: &str, entries| PrefixList {
        id: "pl-1".into(),
        region: REGION.into(),
        owner: owner.into(),
        entries,
        ..PrefixList::default()
    };
    let gap = GapId::new("ec2:GetManagedPrefixListEntries", REGION, Some("pl-1"));
    for (list, expected) in [
        (list("AWS", Known::No(gap.clone())), Known::Yes(false)),
        (list("123456789012", Known::No(gap.clone())), Known::No(gap)),
        (list("123456789012", Known::Yes(vec!["0.0.0.0/0".into()])), Known::Yes(true)),
        (list("123456789012", Known::Yes(vec!["203.0.113.0/24".into()])), Known::Yes(false)),
    ] {
        snapshot.ec2.prefix_lists.items = vec![list];
        assert_eq!(check(&snapshot), expected);
    }
}

#[test]
fn internal_load_balancers_and_hidden_groups_make_no_claim_about_the_outside() {
    let mut snapshot = account(vec![]);
    snapshot.elb.load_balancers.items[0].scheme = "internal".into();
    let redirecting = listener(redirect(Some("HTTPS")), Known::Yes(vec![]));
    assert_eq!(listener_traffic(&snapshot, &redirecting).summary.en, "Everything is redirected to HTTPS.");

    let gap = GapId::new("ec2:DescribeSecurityGroups", REGION, None);
    let mut snapshot = open();
    snapshot.ec2.security_groups.items.clear();
    snapshot.ec2.security_groups.incomplete.push(gap.clone());
    let found = listener_traffic(&snapshot, &redirecting);
    assert_eq!((found.is_admitted_from_world, found.serves_plain_http), (Known::No(gap), Known::Yes(false)));
    assert_eq!(found.summary.en, "Everything is redirected to HTTPS.");

    snapshot.elb.load_balancers.items[0].security_group_ids.clear();
    assert_eq!(listener_traffic(&snapshot, &redirecting).is_admitted_from_world, Known::Yes(true));
    snapshot.elb.load_balancers.items.clear();
    assert_eq!(listener_traffic(&snapshot, &redirecting).is_admitted_from_world, Known::No(GapId::default()));
}
