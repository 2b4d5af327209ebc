//! Small networks for tests, and the review's account.

use crate::snapshot::Snapshot;
use crate::snapshot::ec2::*;
use crate::snapshot::ecs::{Container, Service, ServiceLoadBalancer, TaskDefinition};
use crate::snapshot::elb::{Listener, LoadBalancer, TargetGroup};
use crate::snapshot::gap::GapId;
use crate::snapshot::known::Known;
use crate::snapshot::rds::{DbInstance, DbSubnetGroup};

pub(crate) const REGION: &str = "ap-northeast-1";

pub(crate) fn ids(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

pub(crate) fn gap(operation: &str) -> GapId {
    GapId::new(operation, REGION, None)
}

/// destination, target, state
pub(crate) fn routes(rows: &[(&str, &str, &str)]) -> Vec<Route> {
    let route = |(destination, target, state): &(&str, &str, &str)| Route {
        destination: (*destination).into(),
        target: (*target).into(),
        state: (*state).into(),
    };
    rows.iter().map(route).collect()
}

pub(crate) fn table(id: &str, is_main: bool, subnet_ids: &[&str], rows: &[(&str, &str, &str)]) -> RouteTable {
    RouteTable {
        id: id.into(),
        region: REGION.into(),
        vpc_id: "vpc-1".into(),
        is_main,
        subnet_ids: ids(subnet_ids),
        routes: routes(rows),
        ..Default::default()
    }
}

pub(crate) fn subnet(id: &str, zone: &str, cidr: &str) -> Subnet {
    Subnet {
        id: id.into(),
        region: REGION.into(),
        vpc_id: "vpc-1".into(),
        availability_zone: zone.into(),
        cidr_block: Some(cidr.into()),
        ..Default::default()
    }
}

pub(crate) fn acl(id: &str, subnet_ids: &[&str], entries: Vec<NetworkAclEntry>) -> NetworkAcl {
    NetworkAcl {
        id: id.into(),
        region: REGION.into(),
        vpc_id: "vpc-1".into(),
        is_default: subnet_ids.is_empty(),
        subnet_ids: ids(subnet_ids),
        entries,
        ..Default::default()
    }
}

pub(crate) fn entry(
    rule_number: i64,
    egress: bool,
    allow: bool,
    protocol: &str,
    cidr: &str,
    ports: Option<(i64, i64)>,
) -> NetworkAclEntry {
    let is_v6 = cidr.contains(':');
    NetworkAclEntry {
        rule_number,
        egress,
        allow,
        protocol: protocol.into(),
        cidr_block: (!is_v6).then(|| cidr.into()),
        ipv6_cidr_block: is_v6.then(|| cidr.into()),
        from_port: ports.map(|ports| ports.0),
        to_port: ports.map(|ports| ports.1),
    }
}

/// The ACL that comes with a VPC.
pub(crate) fn open_acl() -> NetworkAcl {
    let mut entries = Vec::new();
    for egress in [false, true] {
        entries.push(entry(100, egress, true, "-1", "0.0.0.0/0", None));
        entries.push(entry(101, egress, true, "-1", "::/0", None));
        entries.push(entry(32767, egress, false, "-1", "0.0.0.0/0", None));
    }
    acl("acl-default", &[], entries)
}

/// protocol, first and last port (-1 for all), source
pub(crate) fn rule(protocol: &str, from: i64, to: i64, peer: &str) -> SecurityGroupRule {
    let kind = match peer {
        peer if peer.starts_with("sg-") => "security-group",
        peer if peer.starts_with("pl-") => "prefix-list",
        peer if peer.contains(':') => "ipv6",
        _ => "ipv4",
    };
    SecurityGroupRule {
        protocol: protocol.into(),
        from_port: (from >= 0).then_some(from),
        to_port: (to >= 0).then_some(to),
        peer_kind: kind.into(),
        peer: peer.into(),
        ..Default::default()
    }
}

pub(crate) fn group(id: &str, name: &str, rules: &[(&str, i64, i64, &str)]) -> SecurityGroup {
    SecurityGroup {
        id: id.into(),
        name: name.into(),
        region: REGION.into(),
        vpc_id: "vpc-1".into(),
        ingress: rules.iter().map(|(protocol, from, to, peer)| rule(protocol, *from, *to, peer)).collect(),
        ..Default::default()
    }
}

pub(crate) fn prefix_list(id: &str, entries: Known<Vec<&str>>) -> PrefixList {
    PrefixList {
        id: id.into(),
        name: "ours".into(),
        owner: "123456789012".into(),
        region: REGION.into(),
        entries: entries.map(|entries| ids(&entries)),
        ..Default::default()
    }
}

pub(crate) fn listener(port: i64, protocol: &str) -> Listener {
    Listener {
        port: Some(port),
        protocol: Some(protocol.into()),
        region: REGION.into(),
        ..Default::default()
    }
}

pub(crate) fn load_balancer(name: &str, group_ids: &[&str], listeners: Vec<Listener>) -> LoadBalancer {
    LoadBalancer {
        arn: format!("arn:aws:elasticloadbalancing:{REGION}:123456789012:loadbalancer/app/{name}/50dc"),
        region: REGION.into(),
        name: name.into(),
        dns_name: format!("{name}-1234.{REGION}.elb.amazonaws.com"),
        kind: "application".into(),
        scheme: "internet-facing".into(),
        vpc_id: "vpc-1".into(),
        subnet_ids: ids(&["subnet-public-a", "subnet-public-c"]),
        security_group_ids: ids(group_ids),
        listeners: Known::Yes(listeners),
        ..Default::default()
    }
}

/// The review's account as it is; its groups admit the world everywhere.
pub(crate) fn before() -> Snapshot {
    let mut snapshot =
        Snapshot::new("123456789012", "aws", "2026-01-05T00:00:00Z", &[REGION.to_owned()]).complete();
    network(&mut snapshot);
    snapshot.ec2.security_groups.items = vec![
        group("sg-alb", "alb-sg", &[("tcp", 80, 80, "0.0.0.0/0")]),
        group("sg-ecs", "ecs-sg", &[("tcp", 8080, 8080, "0.0.0.0/0")]),
        group("sg-rds", "rds-sg", &[("tcp", 5432, 5432, "0.0.0.0/0")]),
    ];
    resources(&mut snapshot, vec![listener(80, "HTTP")]);
    snapshot
}

/// The review's account after phase 1: groups admit groups.
pub(crate) fn after() -> Snapshot {
    let mut snapshot = before();
    snapshot.ec2.subnets.items.push(subnet("subnet-private-c", "ap-northeast-1c", "10.0.11.0/24"));
    snapshot.ec2.route_tables.items[2].subnet_ids.push("subnet-private-c".into());
    snapshot.ec2.security_groups.items = vec![
        group("sg-alb", "alb-sg", &[("tcp", 443, 443, "0.0.0.0/0")]),
        group("sg-ecs", "ecs-sg", &[("tcp", 8080, 8080, "sg-alb")]),
        group("sg-rds", "rds-sg", &[("tcp", 5432, 5432, "sg-ecs")]),
    ];
    snapshot.rds.db_subnet_groups.items[0].subnet_ids = ids(&["subnet-private-a", "subnet-private-c"]);
    snapshot.elb.load_balancers.items =
        vec![load_balancer("shop-alb", &["sg-alb"], vec![listener(80, "HTTP"), listener(443, "HTTPS")])];
    snapshot
}

fn network(snapshot: &mut Snapshot) {
    let ec2 = &mut snapshot.ec2;
    ec2.vpcs.items = vec![Vpc {
        id: "vpc-1".into(),
        region: REGION.into(),
        cidr_blocks: ids(&["10.0.0.0/16"]),
        ..Default::default()
    }];
    ec2.subnets.items = vec![
        subnet("subnet-public-a", "ap-northeast-1a", "10.0.1.0/24"),
        subnet("subnet-public-c", "ap-northeast-1c", "10.0.2.0/24"),
        subnet("subnet-private-a", "ap-northeast-1a", "10.0.10.0/24"),
    ];
    let local = ("10.0.0.0/16", "local", "active");
    ec2.route_tables.items = vec![
        table("rtb-main", true, &[], &[local]),
        table(
            "rtb-public",
            false,
            &["subnet-public-a", "subnet-public-c"],
            &[local, ("0.0.0.0/0", "igw-1", "active")],
        ),
        table("rtb-private", false, &["subnet-private-a"], &[local]),
    ];
    ec2.network_acls.items = vec![open_acl()];
    ec2.internet_gateways.items = vec![InternetGateway {
        id: "igw-1".into(),
        region: REGION.into(),
        vpc_ids: ids(&["vpc-1"]),
        ..Default::default()
    }];
}

fn resources(snapshot: &mut Snapshot, listeners: Vec<Listener>) {
    let alb = load_balancer("shop-alb", &["sg-alb"], listeners);
    snapshot.elb.target_groups.items = vec![TargetGroup {
        arn: "arn:tg".into(),
        region: REGION.into(),
        name: "shop-tg".into(),
        protocol: Some("HTTP".into()),
        load_balancer_arns: vec![alb.arn.clone()],
        ..Default::default()
    }];
    snapshot.elb.load_balancers.items = vec![alb];
    snapshot.ecs.task_definitions.items = vec![TaskDefinition {
        arn: "arn:td".into(),
        region: REGION.into(),
        network_mode: Some("awsvpc".into()),
        containers: vec![Container { container_ports: vec![8080], ..Default::default() }],
        ..Default::default()
    }];
    snapshot.ecs.services.items = vec![Service {
        arn: format!("arn:aws:ecs:{REGION}:123456789012:service/shop/shop-api"),
        region: REGION.into(),
        name: "shop-api".into(),
        cluster_arn: "arn:cluster".into(),
        cluster_name: "shop".into(),
        status: "ACTIVE".into(),
        launch_type: Some("FARGATE".into()),
        task_definition_arn: Some("arn:td".into()),
        load_balancers: vec![ServiceLoadBalancer {
            target_group_arn: Some("arn:tg".into()),
            container_name: Some("app".into()),
            container_port: Some(8080),
            ..ServiceLoadBalancer::default()
        }],
        subnet_ids: ids(&["subnet-public-a", "subnet-public-c"]),
        security_group_ids: ids(&["sg-ecs"]),
        assign_public_ip: true,
        ..Default::default()
    }];
    snapshot.rds.db_subnet_groups.items = vec![DbSubnetGroup {
        name: "ec-db-subnets".into(),
        region: REGION.into(),
        vpc_id: "vpc-1".into(),
        subnet_ids: ids(&["subnet-private-a", "subnet-public-c"]),
        ..Default::default()
    }];
    snapshot.rds.db_instances.items = vec![DbInstance {
        arn: format!("arn:aws:rds:{REGION}:123456789012:db:ec-db"),
        region: REGION.into(),
        id: "ec-db".into(),
        availability_zone: Some("ap-northeast-1a".into()),
        publicly_accessible: Known::Yes(true),
        port: Some(5432),
        vpc_id: Some("vpc-1".into()),
        subnet_group_name: Some("ec-db-subnets".into()),
        security_group_ids: ids(&["sg-rds"]),
        ..Default::default()
    }];
}
