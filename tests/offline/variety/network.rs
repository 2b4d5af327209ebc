//! Who reaches what: shared VPCs, what counts as the internet, ports along a path.

mod admitted;
mod internet;
mod revoked;

use std::sync::OnceLock;
use tenken::finding::{Finding, Verdict};
use tenken::policy::PolicySet;
use tenken::policy::judge::judge;
use tenken::snapshot::Snapshot;
use tenken::snapshot::ec2::*;
use tenken::snapshot::ecs::{Container, Service, ServiceLoadBalancer, TaskDefinition};
use tenken::snapshot::elb::{Listener, LoadBalancer, TargetGroup};
use tenken::snapshot::gap::GapId;
use tenken::snapshot::known::Known;
use tenken::snapshot::rds::{DbInstance, DbSubnetGroup};

pub(super) const ACCOUNT: &str = "123456789012";
const OTHER: &str = "999999999999";
pub(super) const REGION: &str = "ap-northeast-1";

pub(super) fn arn(owner: &str, kind: &str, id: &str) -> String {
    format!("arn:aws:ec2:{REGION}:{owner}:{kind}/{id}")
}

pub(super) fn ids(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

fn route(destination: &str, target: &str) -> Route {
    Route { destination: destination.into(), target: target.into(), state: "active".into() }
}

/// protocol, first and last port, source
pub(super) type Rule<'a> = (&'a str, i64, i64, &'a str);

fn rule(&(protocol, from, to, peer): &Rule<'_>) -> SecurityGroupRule {
    let peer_kind = match peer {
        peer if peer.starts_with("sg-") => "security-group",
        peer if peer.starts_with("pl-") => "prefix-list",
        peer if peer.contains(':') => "ipv6",
        _ => "ipv4",
    };
    SecurityGroupRule {
        protocol: protocol.into(),
        from_port: (from >= 0).then_some(from),
        to_port: (to >= 0).then_some(to),
        peer_kind: peer_kind.into(),
        peer: peer.into(),
        ..Default::default()
    }
}

pub(super) fn group(id: &str, rules: &[Rule<'_>]) -> SecurityGroup {
    SecurityGroup {
        arn: arn(ACCOUNT, "security-group", id),
        region: REGION.into(),
        id: id.into(),
        name: id.trim_start_matches("sg-").into(),
        vpc_id: "vpc-1".into(),
        ingress: rules.iter().map(rule).collect(),
        ..Default::default()
    }
}

/// number, egress, protocol, ports, source; all of them let traffic through
pub(super) fn entry(
    number: i64,
    egress: bool,
    protocol: &str,
    ports: Option<(i64, i64)>,
    cidr: &str,
) -> NetworkAclEntry {
    NetworkAclEntry {
        rule_number: number,
        egress,
        allow: true,
        protocol: protocol.into(),
        cidr_block: Some(cidr.into()),
        ipv6_cidr_block: None,
        from_port: ports.map(|ports| ports.0),
        to_port: ports.map(|ports| ports.1),
    }
}

pub(super) fn interface(
    id: &str,
    subnet: &str,
    private: &str,
    public: &[&str],
    groups: &[&str],
) -> NetworkInterface {
    NetworkInterface {
        arn: arn(ACCOUNT, "network-interface", id),
        region: REGION.into(),
        id: id.into(),
        vpc_id: "vpc-1".into(),
        subnet_id: subnet.into(),
        availability_zone: format!("{REGION}a"),
        instance_id: Some(id.replace("eni-", "i-")),
        status: "in-use".into(),
        private_ips: ids(&[private]),
        public_ips: ids(public),
        security_group_ids: ids(groups),
        ..Default::default()
    }
}

/// A VPC with a public and a private subnet, a database that says it is public in the public one,
/// a bastion beside it, and a service behind a load balancer. Nothing admits the internet but the
/// load balancer's group.
pub(super) fn account() -> Snapshot {
    let mut snapshot = Snapshot::new(ACCOUNT, "aws", "2026-01-05T00:00:00Z", &[REGION.to_owned()]).complete();
    let ec2 = &mut snapshot.ec2;
    ec2.vpcs.items = vec![Vpc {
        arn: arn(ACCOUNT, "vpc", "vpc-1"),
        region: REGION.into(),
        id: "vpc-1".into(),
        cidr_blocks: ids(&["10.0.0.0/16"]),
        ..Default::default()
    }];
    let subnet = |id: &str, cidr: &str| Subnet {
        arn: arn(ACCOUNT, "subnet", id),
        region: REGION.into(),
        id: id.into(),
        vpc_id: "vpc-1".into(),
        map_public_ip_on_launch: Known::Yes(false),
        availability_zone: format!("{REGION}a"),
        cidr_block: Some(cidr.into()),
        ..Default::default()
    };
    ec2.subnets.items = vec![subnet("subnet-private", "10.0.2.0/24"), subnet("subnet-public", "10.0.1.0/24")];
    let table = |id: &str, is_main: bool, subnet: &str, routes: Vec<Route>| RouteTable {
        tags: tenken::snapshot::Known::Yes(Default::default()),
        arn: arn(ACCOUNT, "route-table", id),
        region: REGION.into(),
        id: id.into(),
        vpc_id: "vpc-1".into(),
        is_main,
        subnet_ids: ids(&[subnet]),
        routes,
    };
    let local = || route("10.0.0.0/16", "local");
    ec2.route_tables.items = vec![
        table("rtb-private", true, "subnet-private", vec![local()]),
        table("rtb-public", false, "subnet-public", vec![local(), route("0.0.0.0/0", "igw-1")]),
    ];
    ec2.network_acls.items = vec![NetworkAcl {
        tags: tenken::snapshot::Known::Yes(Default::default()),
        arn: arn(ACCOUNT, "network-acl", "acl-1"),
        region: REGION.into(),
        id: "acl-1".into(),
        vpc_id: "vpc-1".into(),
        is_default: true,
        subnet_ids: ids(&["subnet-private", "subnet-public"]),
        entries: vec![entry(100, false, "-1", None, "0.0.0.0/0"), entry(100, true, "-1", None, "0.0.0.0/0")],
    }];
    ec2.internet_gateways.items = vec![InternetGateway {
        tags: tenken::snapshot::Known::Yes(Default::default()),
        arn: arn(ACCOUNT, "internet-gateway", "igw-1"),
        region: REGION.into(),
        id: "igw-1".into(),
        vpc_ids: ids(&["vpc-1"]),
    }];
    ec2.security_groups.items = vec![
        group("sg-alb", &[("tcp", 443, 443, "0.0.0.0/0")]),
        group("sg-bastion", &[("tcp", 22, 22, "8.8.8.8/32")]),
        group("sg-db", &[("tcp", 5432, 5432, "sg-task")]),
        group("sg-task", &[("tcp", 8080, 8080, "sg-alb")]),
    ];
    ec2.network_interfaces.items =
        vec![interface("eni-bastion", "subnet-public", "10.0.1.10", &["52.196.30.20"], &["sg-bastion"])];
    workload(&mut snapshot);
    snapshot
}

fn workload(snapshot: &mut Snapshot) {
    let elb = |kind: &str| format!("arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:{kind}");
    snapshot.elb.load_balancers.items = vec![LoadBalancer {
        arn: elb("loadbalancer/app/shop/50dc"),
        region: REGION.into(),
        name: "shop".into(),
        kind: "application".into(),
        scheme: "internet-facing".into(),
        vpc_id: "vpc-1".into(),
        subnet_ids: ids(&["subnet-public"]),
        security_group_ids: ids(&["sg-alb"]),
        listeners: Known::Yes(vec![Listener {
            arn: elb("listener/app/shop/50dc/1"),
            region: REGION.into(),
            port: Some(443),
            protocol: Some("HTTPS".into()),
            ..Default::default()
        }]),
        ..Default::default()
    }];
    snapshot.elb.target_groups.items = vec![TargetGroup {
        arn: elb("targetgroup/shop/6d0e"),
        region: REGION.into(),
        name: "shop".into(),
        protocol: Some("HTTP".into()),
        load_balancer_arns: vec![elb("loadbalancer/app/shop/50dc")],
        ..Default::default()
    }];
    let ecs = |kind: &str| format!("arn:aws:ecs:{REGION}:{ACCOUNT}:{kind}");
    snapshot.ecs.task_definitions.items = vec![TaskDefinition {
        arn: ecs("task-definition/shop:1"),
        region: REGION.into(),
        network_mode: Some("awsvpc".into()),
        containers: vec![Container { container_ports: vec![80, 8080], ..Default::default() }],
        ..Default::default()
    }];
    snapshot.ecs.services.items = vec![Service {
        arn: ecs("service/shop/shop"),
        region: REGION.into(),
        name: "shop".into(),
        cluster_arn: ecs("cluster/shop"),
        cluster_name: "shop".into(),
        status: "ACTIVE".into(),
        launch_type: Some("FARGATE".into()),
        task_definition_arn: Some(ecs("task-definition/shop:1")),
        load_balancers: vec![ServiceLoadBalancer {
            target_group_arn: Some(elb("targetgroup/shop/6d0e")),
            container_name: Some("app".into()),
            container_port: Some(8080),
            ..ServiceLoadBalancer::default()
        }],
        subnet_ids: ids(&["subnet-public"]),
        security_group_ids: ids(&["sg-task"]),
        assign_public_ip: true,
        ..Default::default()
    }];
    snapshot.rds.db_subnet_groups.items = vec![DbSubnetGroup {
        region: REGION.into(),
        name: "db".into(),
        vpc_id: "vpc-1".into(),
        subnet_ids: ids(&["subnet-public"]),
        ..Default::default()
    }];
    snapshot.rds.db_instances.items = vec![DbInstance {
        arn: format!("arn:aws:rds:{REGION}:{ACCOUNT}:db:shop"),
        region: REGION.into(),
        id: "shop".into(),
        availability_zone: Some(format!("{REGION}a")),
        publicly_accessible: Known::Yes(true),
        port: Some(5432),
        vpc_id: Some("vpc-1".into()),
        subnet_group_name: Some("db".into()),
        security_group_ids: ids(&["sg-db"]),
        ..Default::default()
    }];
}

fn rules<'a>(snapshot: &'a mut Snapshot, id: &str) -> &'a mut Vec<SecurityGroupRule> {
    &mut snapshot.ec2.security_groups.items.iter_mut().find(|group| group.id == id).unwrap().ingress
}

pub(super) fn admit(snapshot: &mut Snapshot, id: &str, admitted: &[Rule<'_>]) {
    *rules(snapshot, id) = admitted.iter().map(rule).collect();
}

pub(super) fn findings(snapshot: &Snapshot) -> Vec<Finding> {
    static POLICIES: OnceLock<PolicySet> = OnceLock::new();
    judge(snapshot, POLICIES.get_or_init(|| PolicySet::embedded().unwrap()))
}

/// What a policy says of a resource whose ARN ends so.
pub(super) fn verdict(findings: &[Finding], policy: &str, resource: &str) -> &'static str {
    let is_of = |finding: &&Finding| finding.policy == policy && finding.resource.ends_with(resource);
    let of = |verdict: &str| findings.iter().filter(is_of).any(|finding| finding.verdict.as_str() == verdict);
    ["fail", "unknown", "pass", "skip"].into_iter().find(|verdict| of(verdict)).unwrap_or("none")
}

pub(super) fn messages(snapshot: &Snapshot, policy: &str, resource: &str) -> Vec<String> {
    let mut found = findings(snapshot);
    found.retain(|finding| finding.policy == policy && finding.resource.ends_with(resource));
    found.retain(|finding| finding.verdict == Verdict::Fail);
    found.into_iter().map(|finding| finding.message.en).collect()
}

/// One account, edited.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) edit: fn(&mut Snapshot),
    /// Policy, the end of the resource's ARN, verdict.
    pub(super) expected: &'static [(&'static str, &'static str, &'static str)],
}

pub(super) fn check(cases: &[Case]) {
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

/// The VPC and what is in it belong to another account, which shared the subnets. A participant
/// sees the tables and ACLs of the shared subnets and none of the gateways:
/// <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-sharing-service-behavior.html>
fn share(snapshot: &mut Snapshot) {
    let ec2 = &mut snapshot.ec2;
    let change = |arn: &mut String| *arn = arn.replace(ACCOUNT, OTHER);
    ec2.vpcs.items.iter_mut().for_each(|vpc| change(&mut vpc.arn));
    ec2.subnets.items.iter_mut().for_each(|subnet| change(&mut subnet.arn));
    ec2.route_tables.items.iter_mut().for_each(|table| change(&mut table.arn));
    ec2.network_acls.items.iter_mut().for_each(|acl| change(&mut acl.arn));
    ec2.internet_gateways.items.clear();
}

#[test]
fn what_another_account_owns_is_unknown_and_never_absent() {
    const DB: &str = "db-exposed-to-internet";
    check(&[
        Case {
            name: "an active route proves the owner's gateway",
            edit: |snapshot| {
                share(snapshot);
                admit(snapshot, "sg-db", &[("tcp", 5432, 5432, "0.0.0.0/0")]);
            },
            expected: &[(DB, "db:shop", "fail")],
        },
        Case {
            name: "the same for tasks",
            edit: |snapshot| {
                share(snapshot);
                admit(snapshot, "sg-task", &[("tcp", 8080, 8080, "0.0.0.0/0")]);
                snapshot.ecs.services.items[0].load_balancers.clear();
            },
            expected: &[("task-exposed-to-internet", "service/shop/shop", "fail")],
        },
        Case {
            name: "the same for an instance",
            edit: |snapshot| {
                share(snapshot);
                admit(snapshot, "sg-bastion", &[("tcp", 22, 22, "0.0.0.0/0")]);
            },
            expected: &[("instance-exposed-to-internet", "eni-bastion", "fail")],
        },
        Case {
            name: "a table of the owner's that leads nowhere still holds",
            edit: |snapshot| {
                share(snapshot);
                admit(snapshot, "sg-db", &[("tcp", 5432, 5432, "0.0.0.0/0")]);
                snapshot.ec2.route_tables.items[1].routes.pop();
            },
            expected: &[(DB, "db:shop", "pass")],
        },
        Case {
            name: "a table that is not shown may lead to the gateway",
            edit: |snapshot| {
                share(snapshot);
                admit(snapshot, "sg-db", &[("tcp", 5432, 5432, "0.0.0.0/0")]);
                snapshot.ec2.route_tables.items.clear();
            },
            expected: &[(DB, "db:shop", "unknown")],
        },
        Case {
            // A route whose gateway is detached is a blackhole.
            // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Route.html
            name: "in an own VPC too the route is the proof",
            edit: |snapshot| {
                snapshot.ec2.internet_gateways.items.clear();
                admit(snapshot, "sg-db", &[("tcp", 5432, 5432, "0.0.0.0/0")]);
            },
            expected: &[(DB, "db:shop", "fail")],
        },
        Case {
            name: "a blackhole is none",
            edit: |snapshot| {
                snapshot.ec2.internet_gateways.items.clear();
                snapshot.ec2.route_tables.items[1].routes[1].state = "blackhole".into();
                admit(snapshot, "sg-db", &[("tcp", 5432, 5432, "0.0.0.0/0")]);
            },
            expected: &[(DB, "db:shop", "pass")],
        },
        Case {
            name: "subnets that were not shared may be in other zones",
            edit: share,
            expected: &[("private-subnets-in-one-az", "vpc/vpc-1", "unknown")],
        },
        Case {
            name: "a group of another account may have exposed members",
            edit: |snapshot| {
                let mut foreign = rule(&("tcp", 5432, 5432, "sg-theirs"));
                foreign.peer_account = Some(OTHER.into());
                rules(snapshot, "sg-db").push(foreign);
            },
            expected: &[("db-admits-exposed-host", "db:shop", "unknown")],
        },
        Case {
            name: "what is attached to another account's group is not shown",
            edit: |snapshot| {
                let mut theirs = group("sg-theirs", &[("tcp", 443, 443, "0.0.0.0/0")]);
                theirs.arn = arn(OTHER, "security-group", "sg-theirs");
                snapshot.ec2.security_groups.items.push(theirs);
            },
            expected: &[("security-group-open-to-world", "sg-theirs", "unknown")],
        },
    ]);
}

fn admit_to_database(snapshot: &mut Snapshot, peers: &[&str]) {
    let admitted: Vec<Rule<'_>> = peers.iter().map(|peer| ("tcp", 5432, 5432, *peer)).collect();
    admit(snapshot, "sg-db", &admitted);
}
