//! Load balancers: who gets answers from them, which target groups are in service, where their
//! logs go; and what web ACLs hold that are not AWS's managed rules.

mod clients;
mod target_groups;
mod web_acls;

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
        tags: tenken::snapshot::Known::Yes(Default::default()),
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
        tags: tenken::snapshot::Known::Yes(Default::default()),
        arn: ec2("network-acl", "acl-1"),
        region: REGION.into(),
        id: "acl-1".into(),
        vpc_id: "vpc-1".into(),
        is_default: true,
        subnet_ids: ids(&["subnet-1"]),
        entries: vec![entry(false), entry(true)],
    }];
    found.internet_gateways.items = vec![InternetGateway {
        tags: tenken::snapshot::Known::Yes(Default::default()),
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

#[test]
fn desync_mitigation_as_security_hub_judges_it() {
    const DESYNC: &str = "alb-desync-mitigation-off";
    fn set(snapshot: &mut Snapshot, mode: Option<&str>) {
        lb(snapshot).attributes = Known::Yes(LoadBalancerAttributes {
            desync_mitigation_mode: Known::Yes(mode.map(str::to_owned)),
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
