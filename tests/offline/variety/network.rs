//! Who reaches what: shared VPCs, what counts as the internet, ports along a path.

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
        availability_zone: format!("{REGION}a"),
        cidr_block: Some(cidr.into()),
        ..Default::default()
    };
    ec2.subnets.items = vec![subnet("subnet-private", "10.0.2.0/24"), subnet("subnet-public", "10.0.1.0/24")];
    let table = |id: &str, is_main: bool, subnet: &str, routes: Vec<Route>| RouteTable {
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
        arn: arn(ACCOUNT, "network-acl", "acl-1"),
        region: REGION.into(),
        id: "acl-1".into(),
        vpc_id: "vpc-1".into(),
        is_default: true,
        subnet_ids: ids(&["subnet-private", "subnet-public"]),
        entries: vec![entry(100, false, "-1", None, "0.0.0.0/0"), entry(100, true, "-1", None, "0.0.0.0/0")],
    }];
    ec2.internet_gateways.items = vec![InternetGateway {
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
        publicly_accessible: true,
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

/// Everything but 8.8.8.8, as people write it who block one address.
const ALL_BUT_ONE: [&str; 32] = [
    "0.0.0.0/5",
    "8.0.0.0/13",
    "8.8.0.0/21",
    "8.8.8.0/29",
    "8.8.8.9/32",
    "8.8.8.10/31",
    "8.8.8.12/30",
    "8.8.8.16/28",
    "8.8.8.32/27",
    "8.8.8.64/26",
    "8.8.8.128/25",
    "8.8.9.0/24",
    "8.8.10.0/23",
    "8.8.12.0/22",
    "8.8.16.0/20",
    "8.8.32.0/19",
    "8.8.64.0/18",
    "8.8.128.0/17",
    "8.9.0.0/16",
    "8.10.0.0/15",
    "8.12.0.0/14",
    "8.16.0.0/12",
    "8.32.0.0/11",
    "8.64.0.0/10",
    "8.128.0.0/9",
    "9.0.0.0/8",
    "10.0.0.0/7",
    "12.0.0.0/6",
    "16.0.0.0/4",
    "32.0.0.0/3",
    "64.0.0.0/2",
    "128.0.0.0/1",
];

fn admit_to_database(snapshot: &mut Snapshot, peers: &[&str]) {
    let admitted: Vec<Rule<'_>> = peers.iter().map(|peer| ("tcp", 5432, 5432, *peer)).collect();
    admit(snapshot, "sg-db", &admitted);
}

/// "0.0.0.0/0" is not the only way to write anybody: security group rules are added up.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html>
#[test]
fn large_parts_of_the_internet_are_the_internet_at_every_hop() {
    let exposed: &[(&str, &str, &str)] = &[
        ("db-exposed-to-internet", "db:shop", "fail"),
        ("db-security-group-open-to-world", "db:shop", "fail"),
    ];
    let closed: &[(&str, &str, &str)] = &[
        ("db-exposed-to-internet", "db:shop", "pass"),
        ("db-security-group-open-to-world", "db:shop", "pass"),
    ];
    check(&[
        Case {
            name: "every address but one",
            edit: |snapshot| admit_to_database(snapshot, &ALL_BUT_ONE),
            expected: exposed,
        },
        Case {
            name: "a half",
            edit: |snapshot| admit_to_database(snapshot, &["0.0.0.0/1"]),
            expected: exposed,
        },
        Case {
            name: "many large ranges",
            edit: |snapshot| {
                admit_to_database(snapshot, &["126.0.0.0/9", "133.0.0.0/9", "150.0.0.0/10", "210.0.0.0/10"]);
            },
            expected: exposed,
        },
        Case {
            name: "a prefix list with large ranges",
            edit: |snapshot| {
                snapshot.ec2.prefix_lists.items = vec![PrefixList {
                    id: "pl-1".into(),
                    region: REGION.into(),
                    owner: ACCOUNT.into(),
                    entries: Known::Yes(ids(&["1.0.0.0/8", "2.0.0.0/8"])),
                    ..Default::default()
                }];
                admit_to_database(snapshot, &["pl-1"]);
            },
            expected: exposed,
        },
        Case {
            name: "an office",
            edit: |snapshot| admit_to_database(snapshot, &["8.8.8.8/32"]),
            expected: closed,
        },
        Case {
            name: "a handful of offices",
            edit: |snapshot| admit_to_database(snapshot, &["8.8.8.8/29", "52.196.30.0/24", "52.68.0.0/16"]),
            expected: closed,
        },
        Case {
            name: "private ranges alone",
            edit: |snapshot| admit_to_database(snapshot, &["10.0.0.0/8", "192.168.0.0/16"]),
            expected: closed,
        },
        Case {
            name: "a route for a half of the internet",
            edit: |snapshot| {
                admit_to_database(snapshot, &["0.0.0.0/0"]);
                snapshot.ec2.route_tables.items[1].routes[1].destination = "0.0.0.0/2".into();
            },
            expected: &[("db-exposed-to-internet", "db:shop", "fail")],
        },
        Case {
            name: "a route to a partner alone",
            edit: |snapshot| {
                admit_to_database(snapshot, &["0.0.0.0/0"]);
                snapshot.ec2.route_tables.items[1].routes[1].destination = "8.8.8.0/24".into();
            },
            expected: &[("db-exposed-to-internet", "db:shop", "pass")],
        },
        Case {
            name: "an ACL for a half of the internet",
            edit: |snapshot| {
                admit_to_database(snapshot, &["0.0.0.0/0"]);
                snapshot.ec2.network_acls.items[0].entries[0].cidr_block = Some("64.0.0.0/2".into());
            },
            expected: &[("db-exposed-to-internet", "db:shop", "fail")],
        },
        Case {
            name: "halves that do not meet",
            edit: |snapshot| {
                admit_to_database(snapshot, &["0.0.0.0/1"]);
                snapshot.ec2.network_acls.items[0].entries[0].cidr_block = Some("128.0.0.0/1".into());
            },
            expected: &[("db-exposed-to-internet", "db:shop", "pass")],
        },
    ]);
    let mut snapshot = account();
    admit_to_database(&mut snapshot, &["0.0.0.0/1"]);
    let found = messages(&snapshot, "db-security-group-open-to-world", "db:shop");
    assert_eq!(
        found,
        ["shop: db (sg-db) admits 0.0.0.0/1 (56% of the internet's IPv4 addresses) to tcp/5432."]
    );
}

fn acl_in(snapshot: &mut Snapshot, ports: &[(i64, i64)]) {
    let entries = &mut snapshot.ec2.network_acls.items[0].entries;
    entries.retain(|entry| entry.egress);
    for (number, ports) in (100..).zip(ports) {
        entries.push(entry(number, false, "6", Some(*ports), "0.0.0.0/0"));
    }
}

/// A packet has one port from the first hop to the last, and its answer goes to the client's
/// ephemeral port, which a stateless ACL must let out.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/nacl-ephemeral-ports.html>
#[test]
fn a_port_is_open_where_every_hop_opens_it() {
    const INSTANCE: &str = "instance-exposed-to-internet";
    check(&[
        Case {
            name: "the group admits 22, the ACL what web servers need",
            edit: |snapshot| {
                admit(snapshot, "sg-bastion", &[("tcp", 22, 22, "0.0.0.0/0")]);
                acl_in(snapshot, &[(80, 80), (443, 443), (1024, 65535)]);
            },
            expected: &[(INSTANCE, "eni-bastion", "pass")],
        },
        Case {
            name: "the group admits UDP, the ACL TCP",
            edit: |snapshot| {
                admit(snapshot, "sg-bastion", &[("udp", 500, 500, "0.0.0.0/0")]);
                acl_in(snapshot, &[(0, 65535)]);
            },
            expected: &[(INSTANCE, "eni-bastion", "pass")],
        },
        Case {
            name: "answers get out to no client",
            edit: |snapshot| {
                admit(snapshot, "sg-bastion", &[("tcp", 22, 22, "0.0.0.0/0")]);
                snapshot.ec2.network_acls.items[0].entries[1] =
                    entry(100, true, "6", Some((443, 443)), "0.0.0.0/0");
            },
            expected: &[(INSTANCE, "eni-bastion", "pass")],
        },
        Case {
            name: "answers get out to clients of another part of the internet",
            edit: |snapshot| {
                admit(snapshot, "sg-bastion", &[("tcp", 22, 22, "0.0.0.0/1")]);
                snapshot.ec2.network_acls.items[0].entries[1] =
                    entry(100, true, "6", Some((1024, 65535)), "128.0.0.0/1");
            },
            expected: &[(INSTANCE, "eni-bastion", "pass")],
        },
    ]);
    let mut snapshot = account();
    admit(&mut snapshot, "sg-bastion", &[("tcp", 22, 22, "0.0.0.0/0"), ("tcp", 3000, 4000, "0.0.0.0/1")]);
    acl_in(&mut snapshot, &[(22, 22), (3500, 5000)]);
    assert_eq!(
        messages(&snapshot, INSTANCE, "eni-bastion"),
        [
            "The internet reaches i-bastion on tcp/22, tcp/3500-4000: every hop is open. Its address is 52.196.30.20."
        ]
    );
    let mut snapshot = account();
    admit(&mut snapshot, "sg-task", &[("tcp", 8080, 8080, "0.0.0.0/0")]);
    snapshot.ecs.services.items[0].load_balancers.clear();
    assert_eq!(
        messages(&snapshot, "task-exposed-to-internet", "service/shop/shop"),
        ["The internet reaches shop on tcp/8080: every hop is open."]
    );
}

/// Rules that name addresses admit whoever has them, by whatever name.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html>
#[test]
fn hosts_are_admitted_by_their_addresses_too() {
    const POLICY: &str = "db-admits-exposed-host";
    fn expose(snapshot: &mut Snapshot) {
        admit(snapshot, "sg-bastion", &[("tcp", 22, 22, "0.0.0.0/0")]);
    }
    fn peer(snapshot: &mut Snapshot, route_target: Option<&str>) {
        expose(snapshot);
        admit_to_database(snapshot, &["10.1.0.0/16"]);
        let ec2 = &mut snapshot.ec2;
        let mut subnet = ec2.subnets.items[1].clone();
        (subnet.id, subnet.vpc_id) = ("subnet-two".into(), "vpc-2".into());
        subnet.arn = arn(ACCOUNT, "subnet", "subnet-two");
        ec2.subnets.items.push(subnet);
        let mut table = ec2.route_tables.items[1].clone();
        (table.id, table.vpc_id, table.subnet_ids) = ("rtb-two".into(), "vpc-2".into(), ids(&["subnet-two"]));
        table.routes[1].target = "igw-2".into();
        ec2.route_tables.items.push(table);
        ec2.network_acls.items[0].subnet_ids.push("subnet-two".into());
        let host = &mut ec2.network_interfaces.items[0];
        (host.vpc_id, host.subnet_id) = ("vpc-2".into(), "subnet-two".into());
        host.private_ips = ids(&["10.1.0.10"]);
        ec2.route_tables.items[1].routes.extend(route_target.map(|target| route("10.1.0.0/16", target)));
    }
    let host: &[(&str, &str, &str)] = &[(POLICY, "db:shop", "fail")];
    let none: &[(&str, &str, &str)] = &[(POLICY, "db:shop", "pass")];
    check(&[
        Case {
            name: "a public bastion's address",
            edit: |snapshot| {
                expose(snapshot);
                admit_to_database(snapshot, &["52.196.30.20/32"]);
            },
            expected: host,
        },
        Case {
            name: "its private address",
            edit: |snapshot| {
                expose(snapshot);
                admit_to_database(snapshot, &["10.0.1.10/32"]);
            },
            expected: host,
        },
        Case {
            name: "its subnet",
            edit: |snapshot| {
                expose(snapshot);
                admit_to_database(snapshot, &["10.0.1.0/24"]);
            },
            expected: host,
        },
        Case {
            name: "its VPC's range",
            edit: |snapshot| {
                expose(snapshot);
                admit_to_database(snapshot, &["10.0.0.0/16"]);
            },
            expected: host,
        },
        Case {
            name: "a prefix list that holds it",
            edit: |snapshot| {
                expose(snapshot);
                snapshot.ec2.prefix_lists.items = vec![PrefixList {
                    id: "pl-1".into(),
                    region: REGION.into(),
                    owner: ACCOUNT.into(),
                    entries: Known::Yes(ids(&["10.0.1.0/28"])),
                    ..Default::default()
                }];
                admit_to_database(snapshot, &["pl-1"]);
            },
            expected: host,
        },
        Case {
            name: "the whole internet, with a public task",
            edit: |snapshot| {
                admit_to_database(snapshot, &["0.0.0.0/0"]);
                admit(snapshot, "sg-task", &[("tcp", 8080, 8080, "0.0.0.0/0")]);
                let task =
                    interface("eni-task", "subnet-public", "10.0.1.20", &["52.196.30.21"], &["sg-task"]);
                snapshot.ec2.network_interfaces.items.push(task);
            },
            expected: host,
        },
        Case { name: "a peered VPC's range", edit: |snapshot| peer(snapshot, Some("pcx-1")), expected: host },
        Case {
            name: "the same over a transit gateway",
            edit: |snapshot| peer(snapshot, Some("tgw-1")),
            expected: host,
        },
        Case { name: "a VPC without a way between", edit: |snapshot| peer(snapshot, None), expected: none },
        Case {
            name: "another subnet",
            edit: |snapshot| {
                expose(snapshot);
                admit_to_database(snapshot, &["10.0.2.0/24"]);
            },
            expected: none,
        },
        Case {
            name: "another port",
            edit: |snapshot| {
                expose(snapshot);
                admit(snapshot, "sg-db", &[("tcp", 22, 22, "10.0.1.0/24")]);
            },
            expected: none,
        },
        Case {
            name: "a bastion that an office alone reaches",
            edit: |snapshot| admit_to_database(snapshot, &["10.0.1.0/24"]),
            expected: none,
        },
        Case {
            name: "a NAT gateway, which lets nobody in",
            edit: |snapshot| {
                admit_to_database(snapshot, &["10.0.1.0/24"]);
                let gateway = &mut snapshot.ec2.network_interfaces.items[0];
                gateway.interface_type = "nat_gateway".into();
                gateway.security_group_ids.clear();
            },
            expected: none,
        },
    ]);
    let mut snapshot = account();
    expose(&mut snapshot);
    admit_to_database(&mut snapshot, &["10.0.0.0/16"]);
    assert_eq!(
        messages(&snapshot, POLICY, "db:shop"),
        [
            "shop admits instance i-bastion, which the internet reaches directly, to tcp/5432 (sg-bastion (bastion) → 10.0.0.0/16 → sg-db (db))."
        ]
    );
    snapshot.ec2.network_interfaces.items.clear();
    snapshot.ec2.network_interfaces.incomplete =
        vec![GapId::new("ec2:DescribeNetworkInterfaces", REGION, None)];
    assert_eq!(verdict(&findings(&snapshot), POLICY, "db:shop"), "unknown");
}

/// A group is a filter of the interfaces that have it; without any it filters nothing.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html>
#[test]
fn groups_count_by_what_they_are_attached_to_and_what_they_admit() {
    const OPEN: &str = "security-group-open-to-world";
    const IDLE: &str = "security-group-idle-open-to-world";
    const ICMP: &str = "security-group-icmp-open-to-world";
    check(&[
        Case {
            name: "attached to nothing",
            edit: |snapshot| {
                let old = group("sg-old", &[("tcp", 22, 22, "0.0.0.0/0")]);
                snapshot.ec2.security_groups.items.push(old);
            },
            expected: &[(OPEN, "sg-old", "pass"), (IDLE, "sg-old", "fail")],
        },
        Case {
            name: "attached to an instance",
            edit: |snapshot| admit(snapshot, "sg-bastion", &[("tcp", 22, 22, "0.0.0.0/0")]),
            expected: &[(OPEN, "sg-bastion", "fail"), (IDLE, "sg-bastion", "pass")],
        },
        Case {
            name: "what it is attached to is hidden",
            edit: |snapshot| {
                let old = group("sg-old", &[("tcp", 22, 22, "0.0.0.0/0")]);
                snapshot.ec2.security_groups.items.push(old);
                snapshot.ec2.network_interfaces.incomplete =
                    vec![GapId::new("ec2:DescribeNetworkInterfaces", REGION, None)];
            },
            expected: &[(OPEN, "sg-old", "unknown"), (IDLE, "sg-old", "unknown")],
        },
        Case {
            // Types and codes: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/security-group-rules-reference.html
            name: "all ICMP",
            edit: |snapshot| admit(snapshot, "sg-bastion", &[("icmp", -1, -1, "0.0.0.0/0")]),
            expected: &[(OPEN, "sg-bastion", "pass"), (ICMP, "sg-bastion", "fail")],
        },
        Case {
            name: "all ICMPv6 by its number",
            edit: |snapshot| admit(snapshot, "sg-bastion", &[("58", -1, -1, "::/0")]),
            expected: &[(OPEN, "sg-bastion", "pass"), (ICMP, "sg-bastion", "fail")],
        },
        Case {
            name: "ping",
            edit: |snapshot| admit(snapshot, "sg-bastion", &[("icmp", 8, -1, "0.0.0.0/0")]),
            expected: &[(OPEN, "sg-bastion", "pass"), (ICMP, "sg-bastion", "pass")],
        },
        Case {
            name: "all traffic is more than ICMP",
            edit: |snapshot| admit(snapshot, "sg-bastion", &[("-1", -1, -1, "0.0.0.0/0")]),
            expected: &[(OPEN, "sg-bastion", "fail"), (ICMP, "sg-bastion", "pass")],
        },
    ]);
}

/// Service Connect and Cloud Map let services call each other's tasks without a load balancer:
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect.html>
#[test]
fn past_the_load_balancer_is_critical_where_the_internet_comes() {
    const PAST: &str = "task-reachable-past-load-balancer";
    const INSIDE: &str = "task-open-inside-network";
    const SERVICE: &str = "service/shop/shop";
    check(&[
        Case {
            name: "the load balancer alone",
            edit: |_| {},
            expected: &[(PAST, SERVICE, "pass"), (INSIDE, SERVICE, "pass")],
        },
        Case {
            name: "another service's group",
            edit: |snapshot| rules(snapshot, "sg-task").push(rule(&("tcp", 8080, 8080, "sg-bastion"))),
            expected: &[(PAST, SERVICE, "pass"), (INSIDE, SERVICE, "fail")],
        },
        Case {
            name: "the tasks' own group",
            edit: |snapshot| rules(snapshot, "sg-task").push(rule(&("-1", -1, -1, "sg-task"))),
            expected: &[(PAST, SERVICE, "pass"), (INSIDE, SERVICE, "fail")],
        },
        Case {
            name: "the VPC",
            edit: |snapshot| rules(snapshot, "sg-task").push(rule(&("tcp", 8080, 8080, "10.0.0.0/16"))),
            expected: &[(PAST, SERVICE, "pass"), (INSIDE, SERVICE, "fail")],
        },
        Case {
            name: "the internet, to tasks with public addresses",
            edit: |snapshot| rules(snapshot, "sg-task").push(rule(&("tcp", 8080, 8080, "0.0.0.0/0"))),
            expected: &[(PAST, SERVICE, "fail"), (INSIDE, SERVICE, "skip")],
        },
        Case {
            name: "the internet, to private tasks",
            edit: |snapshot| {
                rules(snapshot, "sg-task").push(rule(&("tcp", 8080, 8080, "0.0.0.0/0")));
                let service = &mut snapshot.ecs.services.items[0];
                service.assign_public_ip = false;
                service.subnet_ids = ids(&["subnet-private"]);
            },
            expected: &[(PAST, SERVICE, "pass"), (INSIDE, SERVICE, "fail")],
        },
    ]);
}
