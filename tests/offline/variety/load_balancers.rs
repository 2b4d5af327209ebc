//! Load balancers: who gets answers from them, which target groups are in service, where their
//! logs go; and what web ACLs hold that are not AWS's managed rules.

use std::sync::OnceLock;
use tenken::finding::{Finding, Verdict};
use tenken::policy::PolicySet;
use tenken::policy::judge::judge;
use tenken::snapshot::Snapshot;
use tenken::snapshot::cloudfront::{Distribution, Origin, OriginHeader};
use tenken::snapshot::ec2::*;
use tenken::snapshot::elb::*;
use tenken::snapshot::gap::GapId;
use tenken::snapshot::known::Known;
use tenken::snapshot::wafv2::{RuleGroupRule, WebAcl, WebAclRule};

const ACCOUNT: &str = "123456789012";
const REGION: &str = "ap-northeast-1";
const NAME: &str = "shop-1234567890.ap-northeast-1.elb.amazonaws.com";
const BLUE: &str = "targetgroup/blue/6d0e";
const GREEN: &str = "targetgroup/green/6d0f";
const CLOUDFRONT: &str = "pl-58a04531";
const LB: &str = "loadbalancer/app/shop/50dc";

fn elb(kind: &str) -> String {
    format!("arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:{kind}")
}

fn ec2(kind: &str, id: &str) -> String {
    format!("arn:aws:ec2:{REGION}:{ACCOUNT}:{kind}/{id}")
}

fn ids(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

fn rule(port: i64, peer: &str) -> SecurityGroupRule {
    SecurityGroupRule {
        protocol: "tcp".into(),
        from_port: Some(port),
        to_port: Some(port),
        peer_kind: if peer.starts_with("pl-") { "prefix-list" } else { "ipv4" }.into(),
        peer: peer.into(),
        ..Default::default()
    }
}

fn prefix_list(id: &str, name: &str, owner: &str, entries: Known<Vec<String>>) -> PrefixList {
    PrefixList {
        arn: ec2("prefix-list", id),
        region: REGION.into(),
        id: id.into(),
        name: name.into(),
        owner: owner.into(),
        entries,
    }
}

fn forward(groups: &[(&str, i64)]) -> ListenerAction {
    let weighted =
        |(arn, weight): &(&str, i64)| WeightedTargetGroup { target_group_arn: elb(arn), weight: *weight };
    ListenerAction {
        kind: "forward".into(),
        target_group_arns: groups.iter().map(|(arn, _)| elb(arn)).collect(),
        target_groups: Known::Yes(groups.iter().map(weighted).collect()),
        ..Default::default()
    }
}

fn listener(port: i64, protocol: &str, actions: Vec<ListenerAction>) -> Listener {
    Listener {
        arn: elb(&format!("listener/app/shop/50dc/{port}")),
        region: REGION.into(),
        load_balancer_arn: elb(LB),
        port: Some(port),
        protocol: Some(protocol.into()),
        default_actions: actions,
        rules: Known::Yes(Vec::new()),
        hsts_header: Known::Yes(None),
        ..Default::default()
    }
}

fn target_group(arn: &str, targets: &[&str]) -> TargetGroup {
    let target = |state: &&str| Target {
        id: "10.0.1.20".into(),
        port: Some(8080),
        availability_zone: Some("ap-northeast-1a".into()),
        state: (*state).to_owned(),
        reason: None,
    };
    TargetGroup {
        arn: elb(arn),
        region: REGION.into(),
        name: arn.split('/').nth(1).unwrap().into(),
        protocol: Some("HTTP".into()),
        target_type: "ip".into(),
        load_balancer_arns: vec![elb(LB)],
        health_check_enabled: Some(true),
        health_check_protocol: Some("HTTP".into()),
        health_check_path: Some("/".into()),
        health_check_interval_seconds: Some(30),
        healthy_threshold_count: Some(5),
        unhealthy_threshold_count: Some(5),
        targets: Known::Yes(targets.iter().map(target).collect()),
        ..Default::default()
    }
}

/// A load balancer in a public subnet, open to everybody on port 80, in front of a blue and a green
/// target group of which only green is in service. Nothing else.
fn account() -> Snapshot {
    let mut snapshot = Snapshot::new(ACCOUNT, "aws", "2026-01-05T00:00:00Z", &[REGION.to_owned()]).complete();
    let found = &mut snapshot.ec2;
    found.vpcs.items = vec![Vpc {
        arn: ec2("vpc", "vpc-1"),
        region: REGION.into(),
        id: "vpc-1".into(),
        cidr_blocks: ids(&["10.0.0.0/16"]),
        ..Default::default()
    }];
    found.subnets.items = vec![Subnet {
        arn: ec2("subnet", "subnet-1"),
        region: REGION.into(),
        id: "subnet-1".into(),
        vpc_id: "vpc-1".into(),
        availability_zone: "ap-northeast-1a".into(),
        cidr_block: Some("10.0.1.0/24".into()),
        ..Default::default()
    }];
    let route = |destination: &str, target: &str| Route {
        destination: destination.into(),
        target: target.into(),
        state: "active".into(),
    };
    found.route_tables.items = vec![RouteTable {
        arn: ec2("route-table", "rtb-1"),
        region: REGION.into(),
        id: "rtb-1".into(),
        vpc_id: "vpc-1".into(),
        is_main: true,
        subnet_ids: ids(&["subnet-1"]),
        routes: vec![route("10.0.0.0/16", "local"), route("0.0.0.0/0", "igw-1")],
    }];
    let entry = |egress: bool| NetworkAclEntry {
        rule_number: 100,
        egress,
        allow: true,
        protocol: "-1".into(),
        cidr_block: Some("0.0.0.0/0".into()),
        ipv6_cidr_block: None,
        from_port: None,
        to_port: None,
    };
    found.network_acls.items = vec![NetworkAcl {
        arn: ec2("network-acl", "acl-1"),
        region: REGION.into(),
        id: "acl-1".into(),
        vpc_id: "vpc-1".into(),
        is_default: true,
        subnet_ids: ids(&["subnet-1"]),
        entries: vec![entry(false), entry(true)],
    }];
    found.internet_gateways.items = vec![InternetGateway {
        arn: ec2("internet-gateway", "igw-1"),
        region: REGION.into(),
        id: "igw-1".into(),
        vpc_ids: ids(&["vpc-1"]),
    }];
    found.security_groups.items = vec![SecurityGroup {
        arn: ec2("security-group", "sg-alb"),
        region: REGION.into(),
        id: "sg-alb".into(),
        name: "alb".into(),
        vpc_id: "vpc-1".into(),
        ingress: vec![rule(80, "0.0.0.0/0")],
        ..Default::default()
    }];
    found.prefix_lists.items = vec![prefix_list(
        CLOUDFRONT,
        "com.amazonaws.global.cloudfront.origin-facing",
        "AWS",
        Known::default(),
    )];
    snapshot.elb.load_balancers.items = vec![LoadBalancer {
        arn: elb(LB),
        region: REGION.into(),
        name: "shop".into(),
        dns_name: NAME.into(),
        kind: "application".into(),
        scheme: "internet-facing".into(),
        vpc_id: "vpc-1".into(),
        state: "active".into(),
        availability_zones: ids(&["ap-northeast-1a", "ap-northeast-1c"]),
        subnet_ids: ids(&["subnet-1"]),
        security_group_ids: ids(&["sg-alb"]),
        listeners: Known::Yes(vec![listener(80, "HTTP", vec![forward(&[(BLUE, 0), (GREEN, 100)])])]),
        attributes: Known::Yes(LoadBalancerAttributes::default()),
        ..Default::default()
    }];
    snapshot.elb.target_groups.items =
        vec![target_group(BLUE, &["unhealthy"]), target_group(GREEN, &["healthy"])];
    snapshot
}

fn lb(snapshot: &mut Snapshot) -> &mut LoadBalancer {
    &mut snapshot.elb.load_balancers.items[0]
}

fn admit(snapshot: &mut Snapshot, rules: &[(i64, &str)]) {
    snapshot.ec2.security_groups.items[0].ingress =
        rules.iter().map(|(port, peer)| rule(*port, peer)).collect();
}

/// An enabled distribution in front, with this protocol policy and web ACL.
fn distribution(snapshot: &mut Snapshot, protocol_policy: &str, has_web_acl: bool) {
    let acl = format!("arn:aws:wafv2:us-east-1:{ACCOUNT}:global/webacl/edge/1");
    snapshot.cloudfront.distributions.items = vec![Distribution {
        arn: format!("arn:aws:cloudfront::{ACCOUNT}:distribution/E1"),
        region: "us-east-1".into(),
        id: "E1".into(),
        enabled: true,
        web_acl_id: has_web_acl.then_some(acl),
        origins: vec![Origin {
            id: "alb".into(),
            domain_name: NAME.into(),
            protocol_policy: Some(protocol_policy.into()),
            ..Default::default()
        }],
        viewer_protocol_policies: ids(&["redirect-to-https"]),
        ..Default::default()
    }];
}

/// Closed to CloudFront's own prefix list, behind a distribution with a web ACL: as AWS advises.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/restrict-access-to-load-balancer.html>
fn locked(snapshot: &mut Snapshot) {
    admit(snapshot, &[(80, CLOUDFRONT)]);
    distribution(snapshot, "http-only", true);
}

/// Only what has the distribution's secret header is forwarded; everybody is admitted.
fn secret_header(snapshot: &mut Snapshot) {
    distribution(snapshot, "http-only", true);
    snapshot.cloudfront.distributions.items[0].origins[0].custom_headers =
        vec![OriginHeader { name: "X-Origin-Verify".into(), value_fingerprint: "f00d".into() }];
    let asks = RuleCondition {
        field: "http-header".into(),
        header_name: Some("X-Origin-Verify".into()),
        value_fingerprints: ids(&["f00d"]),
        ..Default::default()
    };
    let mut closed =
        listener(80, "HTTP", vec![ListenerAction { kind: "fixed-response".into(), ..Default::default() }]);
    closed.rules = Known::Yes(vec![ListenerRule {
        arn: elb("listener-rule/app/shop/50dc/80/1"),
        priority: "1".into(),
        conditions: vec![asks],
        actions: vec![forward(&[(GREEN, 1)])],
    }]);
    lb(snapshot).listeners = Known::Yes(vec![closed]);
}

fn findings(snapshot: &Snapshot) -> Vec<Finding> {
    static POLICIES: OnceLock<PolicySet> = OnceLock::new();
    judge(snapshot, POLICIES.get_or_init(|| PolicySet::embedded().unwrap()))
}

fn verdict(findings: &[Finding], policy: &str, resource: &str) -> &'static str {
    let is_of = |finding: &&Finding| finding.policy == policy && finding.resource.ends_with(resource);
    let of = |verdict: &str| findings.iter().filter(is_of).any(|finding| finding.verdict.as_str() == verdict);
    ["fail", "unknown", "pass", "skip"].into_iter().find(|verdict| of(verdict)).unwrap_or("none")
}

struct Case {
    name: &'static str,
    edit: fn(&mut Snapshot),
    /// Policy, the end of the resource's ARN, verdict.
    expected: &'static [(&'static str, &'static str, &'static str)],
}

fn check(cases: &[Case]) {
    let mut wrong = Vec::new();
    for case in cases {
        let mut snapshot = account();
        (case.edit)(&mut snapshot);
        let judged = findings(&snapshot);
        for (policy, resource, expected) in case.expected {
            let found = verdict(&judged, policy, resource);
            if found != *expected {
                wrong.push(format!("{}: {policy} of {resource} is {found}, not {expected}", case.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

const WAF: &str = "alb-no-waf";
const HTTPS: &str = "alb-no-https-listener";
const REDIRECT: &str = "alb-http-not-redirected";
const CDN: &str = "alb-no-cdn";
const ORIGIN: &str = "alb-plain-http-from-cloudfront";
const HTTP_LISTENER: &str = "listener/app/shop/50dc/80";

#[test]
fn who_reaches_a_load_balancer_decides_what_is_missing_there() {
    check(&[
        Case {
            name: "everybody, and nothing in front",
            edit: |_| {},
            expected: &[
                (WAF, LB, "fail"),
                (HTTPS, LB, "fail"),
                (REDIRECT, HTTP_LISTENER, "fail"),
                (CDN, LB, "fail"),
                (ORIGIN, LB, "skip"),
            ],
        },
        Case {
            name: "CloudFront's prefix list alone, behind a web ACL: only the way between them is plain",
            edit: locked,
            expected: &[
                (WAF, LB, "pass"),
                (HTTPS, LB, "skip"),
                (REDIRECT, HTTP_LISTENER, "skip"),
                (CDN, LB, "pass"),
                (ORIGIN, LB, "fail"),
            ],
        },
        Case {
            name: "the same over HTTPS",
            edit: |snapshot| {
                locked(snapshot);
                admit(snapshot, &[(443, CLOUDFRONT)]);
                distribution(snapshot, "https-only", true);
                lb(snapshot).listeners =
                    Known::Yes(vec![listener(443, "HTTPS", vec![forward(&[(GREEN, 1)])])]);
            },
            expected: &[
                (WAF, LB, "pass"),
                (HTTPS, LB, "pass"),
                (ORIGIN, LB, "pass"),
                ("alb-no-hsts", "listener/app/shop/50dc/443", "skip"),
            ],
        },
        Case {
            name: "viewers who come by HTTPS alone have their requests fetched so",
            edit: |snapshot| {
                locked(snapshot);
                distribution(snapshot, "match-viewer", true);
            },
            expected: &[(ORIGIN, LB, "pass")],
        },
        Case {
            name: "the distribution has no web ACL",
            edit: |snapshot| {
                locked(snapshot);
                distribution(snapshot, "http-only", false);
            },
            expected: &[(WAF, LB, "fail"), (HTTPS, LB, "skip")],
        },
        Case {
            name: "one of two distributions in front has none",
            edit: |snapshot| {
                locked(snapshot);
                let mut other = snapshot.cloudfront.distributions.items[0].clone();
                other.arn += "2";
                other.web_acl_id = None;
                snapshot.cloudfront.distributions.items.push(other);
            },
            expected: &[(WAF, LB, "fail")],
        },
        Case {
            name: "everybody is admitted as well as the distribution: its web ACL is walked around",
            edit: |snapshot| {
                locked(snapshot);
                admit(snapshot, &[(80, CLOUDFRONT), (80, "0.0.0.0/0")]);
            },
            expected: &[(WAF, LB, "fail"), (HTTPS, LB, "fail"), (ORIGIN, LB, "skip")],
        },
        Case {
            name: "everybody is admitted, and only the distribution's secret header is forwarded",
            edit: secret_header,
            expected: &[
                (WAF, LB, "pass"),
                (HTTPS, LB, "skip"),
                (REDIRECT, HTTP_LISTENER, "skip"),
                (ORIGIN, LB, "fail"),
            ],
        },
        Case {
            name: "an office: no customer and no distribution comes that way",
            edit: |snapshot| admit(snapshot, &[(80, "203.0.113.0/28")]),
            expected: &[(WAF, LB, "skip"), (HTTPS, LB, "skip"), (CDN, LB, "skip"), (ORIGIN, LB, "skip")],
        },
    ]);
}

#[test]
fn what_may_be_cloudfront_is_unknown_and_never_protection() {
    check(&[
        Case {
            name: "a distribution of another account may lead to what admits CloudFront",
            edit: |snapshot| {
                locked(snapshot);
                snapshot.cloudfront.distributions.items.clear();
            },
            // CloudFront has no other way to fetch than plain HTTP, whoever owns the distribution.
            expected: &[
                (WAF, LB, "unknown"),
                (CDN, LB, "unknown"),
                (HTTPS, LB, "skip"),
                (ORIGIN, LB, "fail"),
            ],
        },
        Case {
            name: "a list of the account's own with ranges as large as CloudFront's may be a copy of its list",
            edit: |snapshot| {
                locked(snapshot);
                let copy = Known::Yes(ids(&["13.32.0.0/15", "204.246.168.0/22"]));
                snapshot.ec2.prefix_lists.items.push(prefix_list("pl-copy", "cloudfront", ACCOUNT, copy));
                admit(snapshot, &[(80, "pl-copy")]);
            },
            expected: &[(WAF, LB, "unknown"), (HTTPS, LB, "skip")],
        },
        Case {
            name: "so may the ranges themselves",
            edit: |snapshot| {
                locked(snapshot);
                admit(snapshot, &[(80, "13.32.0.0/15")]);
            },
            expected: &[(WAF, LB, "unknown")],
        },
        Case {
            name: "an office's list is none",
            edit: |snapshot| {
                let office = Known::Yes(ids(&["203.0.113.0/28"]));
                snapshot.ec2.prefix_lists.items.push(prefix_list("pl-office", "office", ACCOUNT, office));
                admit(snapshot, &[(80, "pl-office")]);
            },
            expected: &[(WAF, LB, "skip"), (HTTPS, LB, "skip")],
        },
        Case {
            name: "a list that another account shares and does not show",
            edit: |snapshot| {
                locked(snapshot);
                let hidden =
                    Known::No(GapId::new("ec2:GetManagedPrefixListEntries", REGION, Some("pl-shared")));
                snapshot.ec2.prefix_lists.items.push(prefix_list(
                    "pl-shared",
                    "edge",
                    "999999999999",
                    hidden,
                ));
                admit(snapshot, &[(80, "pl-shared")]);
            },
            expected: &[(WAF, LB, "unknown"), (HTTPS, LB, "unknown"), (ORIGIN, LB, "unknown")],
        },
        Case {
            name: "groups that AWS would not say",
            edit: |snapshot| {
                locked(snapshot);
                snapshot.ec2.security_groups.items.clear();
                snapshot.ec2.security_groups.incomplete =
                    vec![GapId::new("ec2:DescribeSecurityGroups", REGION, None)];
            },
            expected: &[
                (WAF, LB, "unknown"),
                (HTTPS, LB, "unknown"),
                (REDIRECT, HTTP_LISTENER, "unknown"),
                (ORIGIN, LB, "unknown"),
            ],
        },
        Case {
            name: "its own web ACL protects it whoever comes",
            edit: |snapshot| {
                snapshot.ec2.security_groups.items.clear();
                snapshot.ec2.security_groups.incomplete =
                    vec![GapId::new("ec2:DescribeSecurityGroups", REGION, None)];
                web_acl(snapshot, vec![managed("AWS", "AWSManagedRulesCommonRuleSet", "none")]);
            },
            expected: &[(WAF, LB, "pass")],
        },
        Case {
            name: "distributions that AWS would not list",
            edit: |snapshot| {
                locked(snapshot);
                snapshot.cloudfront.distributions.items.clear();
                snapshot.cloudfront.distributions.incomplete =
                    vec![GapId::new("cloudfront:ListDistributions", "us-east-1", None)];
            },
            expected: &[(WAF, LB, "unknown"), (CDN, LB, "unknown"), (HTTPS, LB, "skip")],
        },
    ]);
}

const UNHEALTHY: &str = "target-group-no-healthy-target";

/// "0 to 999": no request goes to a group of weight 0.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupTuple.html>
#[test]
fn a_target_group_of_weight_0_is_not_in_service() {
    const SLOW: &str = "target-slow-failure-detection";
    const PATH: &str = "target-health-check-path-default";
    check(&[
        Case {
            name: "the idle half of a pair is broken, the other is not",
            edit: |_| {},
            expected: &[
                (UNHEALTHY, BLUE, "skip"),
                (UNHEALTHY, GREEN, "pass"),
                (SLOW, BLUE, "skip"),
                (SLOW, GREEN, "fail"),
                (PATH, BLUE, "skip"),
                (PATH, GREEN, "fail"),
            ],
        },
        Case {
            name: "the idle half has targets and the other has none: they do not help",
            edit: |snapshot| {
                snapshot.elb.target_groups.items =
                    vec![target_group(BLUE, &["healthy"]), target_group(GREEN, &[])];
            },
            expected: &[(UNHEALTHY, GREEN, "fail")],
        },
        Case {
            name: "both halves serve during a canary",
            edit: |snapshot| {
                lb(snapshot).listeners =
                    Known::Yes(vec![listener(80, "HTTP", vec![forward(&[(BLUE, 5), (GREEN, 95)])])]);
            },
            expected: &[(UNHEALTHY, BLUE, "fail"), (UNHEALTHY, GREEN, "pass")],
        },
        Case {
            name: "a rule on another listener sends there",
            edit: |snapshot| {
                let mut test = listener(8443, "HTTPS", vec![forward(&[(GREEN, 1)])]);
                test.rules = Known::Yes(vec![ListenerRule {
                    priority: "1".into(),
                    actions: vec![forward(&[(BLUE, 1)])],
                    ..Default::default()
                }]);
                let http = listener(80, "HTTP", vec![forward(&[(BLUE, 0), (GREEN, 100)])]);
                lb(snapshot).listeners = Known::Yes(vec![http, test]);
            },
            expected: &[(UNHEALTHY, BLUE, "fail")],
        },
        Case {
            name: "rules that AWS would not say may send there",
            edit: |snapshot| {
                let mut hidden = listener(80, "HTTP", vec![forward(&[(BLUE, 0), (GREEN, 100)])]);
                hidden.rules = Known::No(GapId::new("elasticloadbalancing:DescribeRules", REGION, None));
                lb(snapshot).listeners = Known::Yes(vec![hidden]);
            },
            expected: &[(UNHEALTHY, BLUE, "unknown"), (UNHEALTHY, GREEN, "pass")],
        },
        Case {
            name: "a snapshot from before weights were kept does not say which half serves",
            edit: |snapshot| {
                let mut old = forward(&[(BLUE, 0), (GREEN, 100)]);
                old.target_groups = Known::default();
                lb(snapshot).listeners = Known::Yes(vec![listener(80, "HTTP", vec![old])]);
            },
            expected: &[(UNHEALTHY, BLUE, "unknown"), (UNHEALTHY, GREEN, "pass")],
        },
        Case {
            name: "of a single group it does",
            edit: |snapshot| {
                let mut old = forward(&[(BLUE, 1)]);
                old.target_groups = Known::default();
                lb(snapshot).listeners = Known::Yes(vec![listener(80, "HTTP", vec![old])]);
            },
            expected: &[(UNHEALTHY, BLUE, "fail")],
        },
    ]);
}

#[test]
fn zones_of_the_idle_half_are_not_missed() {
    const ZONE: &str = "alb-zone-without-healthy-target";
    check(&[
        Case {
            name: "both targets of blue are in one zone, and no request goes there",
            edit: |snapshot| {
                snapshot.elb.target_groups.items = vec![target_group(BLUE, &["healthy", "healthy"])];
            },
            expected: &[(ZONE, LB, "pass")],
        },
        Case {
            name: "those of green, where they all go",
            edit: |snapshot| {
                snapshot.elb.target_groups.items = vec![target_group(GREEN, &["healthy", "healthy"])];
            },
            expected: &[(ZONE, LB, "fail")],
        },
    ]);
}

#[test]
fn the_https_listener_does_what_the_http_listener_does() {
    let judged = findings(&account());
    for policy in [HTTPS, ORIGIN] {
        let mut snapshot = account();
        if policy == ORIGIN {
            locked(&mut snapshot);
        }
        let judged = findings(&snapshot);
        let found = judged.iter().find(|finding| finding.policy == policy).unwrap();
        assert_eq!(found.verdict, Verdict::Fail);
        for option in &found.options {
            let script = &option.cli.en;
            for part in [
                "describe-listeners --listener-arns",
                "--default-actions file://default-actions.json",
                "aws elbv2 create-rule --cli-input-json",
            ] {
                assert!(script.contains(part), "{policy}/{}: {part}", option.id);
            }
            assert!(!script.contains("TargetGroupArn="), "{policy}/{} picks one group", option.id);
        }
    }
    let found = judged.iter().find(|finding| finding.policy == HTTPS).unwrap();
    let terraform = &found.options[0].terraform;
    let shares = format!("split(\", \", \"{}, {}\"), split(\", \", \"0, 100\")", elb(BLUE), elb(GREEN));
    assert!(terraform.en.contains(&shares), "{}", terraform.en);
    let found = judged.iter().find(|finding| finding.policy == REDIRECT).unwrap();
    let undo = &found.options[0].undo;
    assert!(undo.en.contains("file://default-actions.json"), "{}", undo.en);
}

fn web_acl(snapshot: &mut Snapshot, rules: Vec<WebAclRule>) {
    snapshot.wafv2.web_acls.items = vec![WebAcl {
        arn: format!("arn:aws:wafv2:{REGION}:{ACCOUNT}:regional/webacl/shop/1"),
        region: REGION.into(),
        name: "shop".into(),
        scope: "REGIONAL".into(),
        default_action: Known::Yes("allow".into()),
        rules: Known::Yes(rules),
        load_balancer_arns: Known::Yes(vec![elb(LB)]),
        log_destination_arns: Known::Yes(Vec::new()),
    }];
}

fn managed(vendor: &str, group: &str, action: &str) -> WebAclRule {
    WebAclRule {
        name: group.into(),
        statement: "managed-rule-group".into(),
        vendor: Some(vendor.into()),
        managed_rule_group: Some(group.into()),
        action: action.into(),
        nested_statements: Known::Yes(Vec::new()),
        rule_group_arn: Known::Yes(None),
        rule_group_rules: Known::Yes(Vec::new()),
        ..Default::default()
    }
}

fn own(statement: &str, action: &str) -> WebAclRule {
    WebAclRule {
        statement: statement.into(),
        action: action.into(),
        nested_statements: Known::Yes(Vec::new()),
        ..Default::default()
    }
}

fn group(rules: Known<Vec<RuleGroupRule>>, action: &str) -> WebAclRule {
    let arn = format!("arn:aws:wafv2:{REGION}:{ACCOUNT}:regional/rulegroup/wafcharm/2");
    WebAclRule { rule_group_arn: Known::Yes(Some(arn)), rule_group_rules: rules, ..own("rule-group", action) }
}

fn of_group(statement: &str, action: &str, rate_limit: Option<i64>) -> RuleGroupRule {
    RuleGroupRule {
        name: statement.into(),
        statement: statement.into(),
        action: action.into(),
        rate_limit,
        ..Default::default()
    }
}

fn refused() -> Known<Vec<RuleGroupRule>> {
    Known::No(GapId::new("wafv2:GetRuleGroup", REGION, Some("arn:rulegroup")))
}

/// Managed rule groups of AWS Marketplace sellers stand in a web ACL as AWS's do, and rule groups of
/// one's own and Firewall Manager's protect as well.
/// <https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-groups.html>
#[test]
fn rule_groups_of_others_count_or_are_unknown() {
    type Rules = fn() -> Vec<WebAclRule>;
    let cases: &[(&str, Rules, &str, &str)] = &[
        ("nothing", Vec::new, "fail", "fail"),
        (
            "the core rule set",
            || vec![managed("AWS", "AWSManagedRulesCommonRuleSet", "none")],
            "pass",
            "fail",
        ),
        (
            "F5 against the OWASP top ten",
            || vec![managed("F5", "F5-OWASP_Managed", "none")],
            "pass",
            "unknown",
        ),
        (
            "Cyber Security Cloud's",
            || vec![managed("Cyber Security Cloud Inc.", "CyberSecurityCloud-HighSecurityOWASPSet-", "none")],
            "pass",
            "unknown",
        ),
        ("the same, counting", || vec![managed("F5", "F5-OWASP_Managed", "count")], "fail", "fail"),
        (
            "behind an allow for whole countries",
            || vec![own("geo-match", "allow"), managed("F5", "F5-OWASP_Managed", "none")],
            "fail",
            "fail",
        ),
        ("Fortinet's bots", || vec![managed("Fortinet", "Malicious_Bots", "none")], "unknown", "unknown"),
        (
            "AWS's list of addresses",
            || vec![managed("AWS", "AWSManagedRulesAmazonIpReputationList", "none")],
            "fail",
            "fail",
        ),
        (
            "AWS's group against floods, by its own measure",
            || vec![managed("AWS", "AWSManagedRulesAntiDDoSRuleSet", "none")],
            "fail",
            "unknown",
        ),
        (
            "a rule group that its owner does not show",
            || vec![group(refused(), "none")],
            "unknown",
            "unknown",
        ),
        ("the same, counting", || vec![group(refused(), "count")], "fail", "fail"),
        (
            "a rule group that looks into requests",
            || vec![group(Known::Yes(vec![of_group("regex-pattern-set", "block", None)]), "none")],
            "unknown",
            "fail",
        ),
        (
            "a rule group that counts what it finds",
            || vec![group(Known::Yes(vec![of_group("regex-pattern-set", "count", None)]), "none")],
            "fail",
            "fail",
        ),
        (
            "a rule group of addresses alone",
            || vec![group(Known::Yes(vec![of_group("ip-set", "block", None)]), "none")],
            "fail",
            "fail",
        ),
        (
            "a rate limit in a rule group",
            || vec![group(Known::Yes(vec![of_group("rate-based", "block", Some(2000))]), "none")],
            "fail",
            "pass",
        ),
        (
            "one that stops nobody",
            || vec![group(Known::Yes(vec![of_group("rate-based", "block", Some(2_000_000_000))]), "none")],
            "fail",
            "fail",
        ),
        (
            "a limit of its own beside a group that is not shown",
            || {
                let limit = WebAclRule { rate_limit: Some(2000), ..own("rate-based", "block") };
                vec![group(refused(), "none"), limit]
            },
            "unknown",
            "pass",
        ),
        (
            "its own rule against SQL injection, within others",
            || {
                let nested = Known::Yes(ids(&["geo-match", "sqli-match"]));
                vec![WebAclRule { nested_statements: nested, ..own("and", "block") }]
            },
            "unknown",
            "fail",
        ),
        (
            "Firewall Manager's first group goes before an allow of the web ACL, whatever their priorities",
            || {
                let first =
                    WebAclRule { priority: 9, ..managed("AWS", "AWSManagedRulesCommonRuleSet", "none") };
                vec![first, WebAclRule { priority: 0, ..own("geo-match", "allow") }]
            },
            "pass",
            "fail",
        ),
    ];
    let mut wrong = Vec::new();
    for (name, rules, managed, limited) in cases {
        let mut snapshot = account();
        web_acl(&mut snapshot, rules());
        let judged = findings(&snapshot);
        for (policy, expected) in [("waf-no-managed-rules", managed), ("waf-no-rate-limit", limited)] {
            let found = verdict(&judged, policy, "webacl/shop/1");
            if found != *expected {
                wrong.push(format!("{name}: {policy} is {found}, not {expected}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn empty_web_acls_and_those_without_a_log() {
    const EMPTY: &str = "waf-no-rules";
    const LOG: &str = "waf-no-log";
    const ACL: &str = "webacl/shop/1";
    check(&[
        Case {
            name: "no rule, no log",
            edit: |snapshot| web_acl(snapshot, Vec::new()),
            expected: &[(EMPTY, ACL, "fail"), (LOG, ACL, "fail")],
        },
        Case {
            name: "a rule and a log",
            edit: |snapshot| {
                web_acl(snapshot, vec![own("ip-set", "block")]);
                snapshot.wafv2.web_acls.items[0].log_destination_arns =
                    Known::Yes(vec![format!("arn:aws:logs:{REGION}:{ACCOUNT}:log-group:aws-waf-logs-shop")]);
            },
            expected: &[(EMPTY, ACL, "pass"), (LOG, ACL, "pass")],
        },
        Case {
            name: "nothing uses it: it is empty all the same, and has nothing to log",
            edit: |snapshot| {
                web_acl(snapshot, Vec::new());
                snapshot.wafv2.web_acls.items[0].load_balancer_arns = Known::Yes(Vec::new());
            },
            expected: &[(EMPTY, ACL, "fail"), (LOG, ACL, "skip")],
        },
        Case {
            name: "neither is known",
            edit: |snapshot| {
                web_acl(snapshot, Vec::new());
                let acl = &mut snapshot.wafv2.web_acls.items[0];
                acl.rules = Known::No(GapId::new("wafv2:GetWebACL", REGION, None));
                acl.log_destination_arns =
                    Known::No(GapId::new("wafv2:ListLoggingConfigurations", REGION, None));
            },
            expected: &[(EMPTY, ACL, "unknown"), (LOG, ACL, "unknown")],
        },
    ]);
}

#[test]
fn desync_mitigation_as_security_hub_judges_it() {
    const DESYNC: &str = "alb-desync-mitigation-off";
    fn set(snapshot: &mut Snapshot, mode: Option<&str>) {
        lb(snapshot).attributes = Known::Yes(LoadBalancerAttributes {
            desync_mitigation_mode: mode.map(str::to_owned),
            ..Default::default()
        });
    }
    check(&[
        Case {
            name: "monitor",
            edit: |account| set(account, Some("monitor")),
            expected: &[(DESYNC, LB, "fail")],
        },
        Case {
            name: "defensive",
            edit: |account| set(account, Some("defensive")),
            expected: &[(DESYNC, LB, "pass")],
        },
        Case {
            name: "strictest",
            edit: |account| set(account, Some("strictest")),
            expected: &[(DESYNC, LB, "pass")],
        },
        Case {
            name: "not said",
            edit: |account| lb(account).attributes = Known::default(),
            expected: &[(DESYNC, LB, "unknown")],
        },
    ]);
}
