use super::*;
use crate::conclude::network::site::{self, REGION, gap, ids, rule};
use crate::snapshot::cloudfront::OriginHeader;
use crate::snapshot::ec2::PrefixList;
use crate::snapshot::elb::{ListenerAction, ListenerRule, RuleCondition};

/// The review's account after phase 1, whose load balancer forwards from 443 and admits everybody.
fn open() -> Snapshot {
    let mut snapshot = site::after();
    let mut https = site::listener(443, "HTTPS");
    https.default_actions = vec![ListenerAction { kind: "forward".into(), ..ListenerAction::default() }];
    https.rules = Known::Yes(Vec::new());
    https.load_balancer_arn.clone_from(&snapshot.elb.load_balancers.items[0].arn);
    snapshot.elb.load_balancers.items[0].listeners = Known::Yes(vec![https]);
    snapshot.ec2.prefix_lists.items = vec![PrefixList {
        owner: "AWS".into(),
        name: "com.amazonaws.global.cloudfront.origin-facing".into(),
        ..site::prefix_list("pl-cloudfront", Known::No(gap("ec2:GetManagedPrefixListEntries")))
    }];
    snapshot
}

fn admit(snapshot: &mut Snapshot, peers: &[&str]) {
    snapshot.ec2.security_groups.items[0].ingress =
        peers.iter().map(|peer| rule("tcp", 443, 443, peer)).collect();
}

fn put_in_front(snapshot: &mut Snapshot, web_acl_id: Option<&str>, protocol_policy: Option<&str>) {
    let origin = Origin {
        domain_name: snapshot.elb.load_balancers.items[0].dns_name.clone(),
        protocol_policy: protocol_policy.map(str::to_owned),
        ..Origin::default()
    };
    snapshot.cloudfront.distributions.items.push(Distribution {
        id: "E1".into(),
        enabled: true,
        web_acl_id: web_acl_id.map(str::to_owned),
        origins: vec![origin],
        ..Distribution::default()
    });
}

fn clients(snapshot: &Snapshot) -> LoadBalancerClients {
    load_balancer_clients(snapshot, &snapshot.elb.load_balancers.items[0])
}

fn listener_answers(snapshot: &Snapshot) -> Known<bool> {
    let listeners = snapshot.elb.load_balancers.items[0].listeners.known().unwrap();
    listener_clients(snapshot, &listeners[0]).answers_internet
}

#[test]
fn everybody_is_answered_and_nothing_filters_them() {
    let found = clients(&open());
    assert_eq!(found.serves_internet, Known::Yes(true));
    assert_eq!(found.is_filtered, Known::Yes(false));
    assert_eq!(found.is_behind_cloudfront, Known::Yes(false));
    assert_eq!(found.web_acl_arns, Known::Yes(Vec::new()));
    assert_eq!(listener_answers(&open()), Known::Yes(true));
    assert_eq!(found.summary.en, "shop-alb serves requests from the internet.");
}

#[test]
fn cloudfront_alone_is_filtered_where_it_filters() {
    let mut snapshot = open();
    admit(&mut snapshot, &["pl-cloudfront"]);
    put_in_front(&mut snapshot, Some("arn:acl"), Some("https-only"));
    let found = clients(&snapshot);
    assert_eq!((found.serves_internet, found.admits_cloudfront), (Known::Yes(false), Known::Yes(true)));
    assert_eq!(found.is_filtered, Known::Yes(true));
    assert_eq!(found.web_acl_arns, Known::Yes(ids(&["arn:acl"])));
    assert_eq!(found.sends_plain_http_to_cloudfront, Known::Yes(false));
    assert_eq!(found.summary.en, "shop-alb serves requests from CloudFront only (E1).");
    assert_eq!(listener_answers(&snapshot), Known::Yes(false));
    put_in_front(&mut snapshot, Some(""), None);
    assert_eq!(clients(&snapshot).is_filtered, Known::Yes(false), "one of two is not filtered");
    snapshot.cloudfront.distributions.items.clear();
    let found = clients(&snapshot);
    assert_eq!(found.is_behind_cloudfront, Known::No(elsewhere()));
    assert_eq!(found.is_filtered, Known::No(elsewhere()));
}

#[test]
fn an_internal_load_balancer_answers_nobody_out_there() {
    let mut snapshot = open();
    snapshot.elb.load_balancers.items[0].scheme = "internal".into();
    let found = clients(&snapshot);
    assert_eq!((found.serves_internet, found.admits_cloudfront), (Known::Yes(false), Known::Yes(false)));
    assert_eq!(listener_answers(&snapshot), Known::Yes(false));
    assert_eq!(found.summary.en, "shop-alb does not serve requests from the internet.");
}

#[test]
fn a_header_that_nobody_else_knows_closes_what_the_groups_admit() {
    let mut snapshot = open();
    put_in_front(&mut snapshot, Some("arn:acl"), Some("https-only"));
    let asks = RuleCondition {
        field: "http-header".into(),
        header_name: Some("X-Origin-Verify".into()),
        value_fingerprints: ids(&["f00d"]),
        ..RuleCondition::default()
    };
    let Known::Yes(listeners) = &mut snapshot.elb.load_balancers.items[0].listeners else { unreachable!() };
    let forward = listeners[0].default_actions.remove(0);
    listeners[0].rules = Known::Yes(vec![ListenerRule {
        priority: "1".into(),
        conditions: vec![asks],
        actions: vec![forward],
        ..ListenerRule::default()
    }]);
    assert_eq!(clients(&snapshot).serves_internet, Known::Yes(true), "the distribution sends no such header");
    snapshot.cloudfront.distributions.items[0].origins[0].custom_headers =
        vec![OriginHeader { name: "x-origin-verify".into(), value_fingerprint: "f00d".into() }];
    assert_eq!(clients(&snapshot).serves_internet, Known::Yes(false));
    assert_eq!(clients(&snapshot).is_filtered, Known::Yes(true));
    assert_eq!(listener_answers(&snapshot), Known::Yes(false));
    // Without the distributions nobody knows whose header that is.
    snapshot.cloudfront.distributions.items.clear();
    snapshot.cloudfront.distributions.incomplete = vec![gap("cloudfront:ListDistributions")];
    assert_eq!(clients(&snapshot).serves_internet, Known::No(gap("cloudfront:ListDistributions")));
}

#[test]
fn what_admits_cloudfront_and_what_may() {
    let mut snapshot = open();
    let lists = &mut snapshot.ec2.prefix_lists.items;
    let ours = |id: &str, entries: &[&'static str]| site::prefix_list(id, Known::Yes(entries.to_vec()));
    lists.push(ours("pl-office", &["203.0.113.0/28"]));
    lists.push(ours("pl-copy", &["204.246.168.0/22", "13.32.0.0/15"]));
    lists.push(PrefixList {
        owner: "AWS".into(),
        name: "com.amazonaws.ap-northeast-1.s3".into(),
        ..ours("pl-s3", &["52.219.0.0/16"])
    });
    let cases: &[(&str, Option<bool>)] = &[
        ("pl-cloudfront", Some(true)),
        ("pl-s3", Some(false)),
        ("pl-office", Some(false)),
        ("pl-copy", None),
        ("pl-unlisted", None),
        ("13.32.0.0/15", None),
        ("203.0.113.0/24", Some(false)),
        ("10.0.0.0/8", Some(false)),
        ("0.0.0.0/0", Some(false)),
        ("sg-ecs", Some(false)),
    ];
    for (peer, expected) in cases {
        admit(&mut snapshot, &[peer]);
        assert_eq!(clients(&snapshot).admits_cloudfront.known(), expected.as_ref(), "{peer}");
    }
    admit(&mut snapshot, &["pl-copy", "pl-cloudfront"]);
    assert_eq!(clients(&snapshot).admits_cloudfront, Known::Yes(true), "what is known decides");
    snapshot.ec2.security_groups.items[0].ingress = vec![rule("tcp", 80, 80, "pl-cloudfront")];
    assert_eq!(clients(&snapshot).admits_cloudfront, Known::Yes(false), "nothing listens on 80");
    snapshot.ec2.security_groups.items.clear();
    snapshot.ec2.security_groups.incomplete = vec![GapId::new("ec2:DescribeSecurityGroups", REGION, None)];
    assert_eq!(clients(&snapshot).admits_cloudfront.known(), None);
}

#[test]
fn how_distributions_fetch() {
    let plain = |protocol: &str, policy: Option<&str>, viewers: &str| {
        let mut snapshot = open();
        let Known::Yes(listeners) = &mut snapshot.elb.load_balancers.items[0].listeners else {
            unreachable!()
        };
        listeners[0].protocol = Some(protocol.into());
        if let Some(policy) = policy {
            put_in_front(&mut snapshot, None, Some(policy));
            snapshot.cloudfront.distributions.items[0].viewer_protocol_policies = ids(&[viewers]);
        }
        clients(&snapshot).sends_plain_http_to_cloudfront
    };
    let cases = [
        ("HTTP", Some("http-only"), "redirect-to-https", Some(true)),
        ("HTTP", Some("https-only"), "allow-all", Some(false)),
        ("HTTP", Some("match-viewer"), "allow-all", Some(true)),
        ("HTTP", Some("match-viewer"), "https-only", Some(false)),
        ("HTTP", Some("something-new"), "https-only", None),
        ("HTTPS", Some("http-only"), "allow-all", Some(false)),
        ("HTTP", None, "", Some(true)),
        ("HTTPS", None, "", Some(false)),
    ];
    for (protocol, policy, viewers, expected) in cases {
        assert_eq!(
            plain(protocol, policy, viewers).known(),
            expected.as_ref(),
            "{protocol} {policy:?} {viewers}"
        );
    }
}
