//! Whether tasks on Fargate reach what they fetch from when they start: by their own public address,
//! by a NAT gateway, or by VPC endpoints.

use super::{Requirement, Scene};
use crate::conclude::network::{Network, OrGap};
use crate::snapshot::GapId;
use crate::snapshot::ec2::{Route, RouteTable, SecurityGroupRule, Subnet, VpcEndpoint};
use crate::snapshot::ecr::ImageName;
use crate::snapshot::known::Known;
use crate::text::Text;
use std::collections::BTreeSet;

/// What images and layers of ECR come from: two endpoints of its own, and S3.
const IMAGE: [&str; 3] = ["ecr.api", "ecr.dkr", "s3"];

/// What no endpoint leads to.
const INTERNET: &str = "internet";

/// How a subnet leads out.
enum WayOut {
    /// To the internet.
    Open,
    /// Not to the internet, and to no other network either.
    Closed,
    /// To another network, of which nothing is known.
    Elsewhere,
}

pub(super) fn conditions(scene: Scene<'_>) -> Vec<Requirement> {
    let Scene { snapshot, service, .. } = scene;
    if !scene.is_on_fargate() || service.subnet_ids.is_empty() {
        return Vec::new();
    }
    let network = Network { snapshot, region: &service.region };
    let needed = needed(scene);
    let mut conditions = vec![by_routes(scene, &network, &needed)];
    conditions.push(by_groups(scene, &network));
    conditions
}

/// What a task of the definition reaches for.
fn needed(scene: Scene<'_>) -> BTreeSet<&'static str> {
    let region = scene.service.region.as_str();
    let mut needed = BTreeSet::new();
    for container in &scene.definition.containers {
        match ImageName::parse(&container.image) {
            Some(name) if name.region == region => needed.extend(IMAGE),
            _ if container.image.is_empty() => {}
            _ => drop(needed.insert(INTERNET)),
        }
        if container.log_driver.as_deref() == Some("awslogs") {
            let is_here = container.log_region.as_deref().is_none_or(|there| there == region);
            needed.insert(if is_here { "logs" } else { INTERNET });
        }
        let secrets = container.secret_references.iter().map(|reference| reference.value_from.as_str());
        let credentials = container.registry_credentials.known().and_then(Option::as_deref);
        for reference in secrets.chain(credentials) {
            needed.insert(if reference.contains(":secret:") { "secretsmanager" } else { "ssm" });
        }
    }
    needed
}

fn by_routes(scene: Scene<'_>, network: &Network<'_>, needed: &BTreeSet<&'static str>) -> Requirement {
    let (mut lacking, mut tables, mut subnets) = (BTreeSet::new(), Vec::new(), Vec::new());
    let mut hidden: Option<GapId> = None;
    for id in &scene.service.subnet_ids {
        match lacking_in(scene, network, id, needed) {
            Ok((_, none)) if none.is_empty() => {}
            Ok((table, some)) => {
                lacking.extend(some);
                tables.push(table.id.clone());
                subnets.push(id.clone());
            }
            Err(gap) => hidden = hidden.or(Some(gap)),
        }
    }
    tables.dedup();
    let (what, places) = (list(&lacking), subnets.join(", "));
    let all = list(needed);
    let (holds, subject, text) = match hidden {
        _ if !lacking.is_empty() => (
            Known::Yes(false),
            what.clone(),
            Text::new(
                format!(
                    "Tasks in {places} do not reach {what}: there is no NAT gateway, public address or VPC endpoint that leads there."
                ),
                format!(
                    "{places} のタスクは {what} に到達できない。NAT ゲートウェイ、パブリック IP アドレス、VPC エンドポイントのいずれの経路もない。"
                ),
            ),
        ),
        Some(gap) => (
            Known::No(gap),
            all.clone(),
            Text::new(
                format!("Whether tasks reach {all} could not be determined."),
                format!("タスクが {all} に到達できるか確認できない。"),
            ),
        ),
        None => (
            Known::Yes(true),
            all.clone(),
            Text::new(format!("Tasks reach {all}."), format!("タスクは {all} に到達できる。")),
        ),
    };
    Requirement { resource_ids: tables, ..Requirement::new("way-out", &subject, holds, text) }
}

fn list(names: &BTreeSet<&'static str>) -> String {
    names.iter().copied().collect::<Vec<_>>().join(", ")
}

/// The route table of a subnet, and what cannot be reached from there.
fn lacking_in<'a>(
    scene: Scene<'a>,
    network: &Network<'a>,
    subnet_id: &str,
    needed: &BTreeSet<&'static str>,
) -> OrGap<(&'a RouteTable, BTreeSet<&'static str>)> {
    let subnet = network.subnet(subnet_id)?;
    let table = network.route_table_of(subnet)?;
    let way = way(scene, subnet, table);
    if matches!(way, WayOut::Open) || needed.is_empty() {
        return Ok((table, BTreeSet::new()));
    }
    let endpoints = &scene.snapshot.ec2.vpc_endpoints;
    let leads = |name: &str| {
        endpoints.iter().any(|endpoint| endpoint.vpc_id == subnet.vpc_id && leads_to(endpoint, name, table))
    };
    let lacking: BTreeSet<&str> = needed.iter().copied().filter(|name| !leads(name)).collect();
    if lacking.is_empty() {
        return Ok((table, lacking));
    }
    endpoints.complete_in(network.region)?;
    // Endpoints of another account's VPC are not in sight, and other networks may lead on.
    if matches!(way, WayOut::Elsewhere) || network.is_foreign_vpc(&subnet.vpc_id) {
        return Err(GapId::new("ec2:DescribeVpcEndpoints", network.region, Some(&subnet.vpc_id)));
    }
    Ok((table, lacking))
}

/// An interface endpoint takes the service's usual name over; a gateway endpoint is a route.
fn leads_to(endpoint: &VpcEndpoint, name: &str, table: &RouteTable) -> bool {
    let is_of_service = endpoint.service_name.strip_suffix(name).is_some_and(|rest| rest.ends_with('.'));
    let is_in_use = match endpoint.kind.as_str() {
        "Interface" => endpoint.private_dns_enabled,
        "Gateway" => endpoint.route_table_ids.contains(&table.id),
        _ => false,
    };
    is_of_service && is_in_use && endpoint.state == "available"
}

fn way(scene: Scene<'_>, subnet: &Subnet, table: &RouteTable) -> WayOut {
    let everywhere = if subnet.cidr_block.is_some() { "0.0.0.0/0" } else { "::/0" };
    let is_v6 = subnet.cidr_block.is_none();
    let default = table.routes.iter().find(|route| route.destination == everywhere && route.is_active());
    let Some(route) = default else {
        let leads_elsewhere =
            table.routes.iter().any(|route| route.is_active() && is_to_other_network(route));
        return if leads_elsewhere { WayOut::Elsewhere } else { WayOut::Closed };
    };
    match route.target.split('-').next().unwrap_or_default() {
        "igw" if is_v6 || scene.service.assign_public_ip => WayOut::Open,
        "igw" => WayOut::Closed,
        "eigw" => WayOut::Open,
        "nat" => {
            let gateways = &scene.snapshot.ec2.nat_gateways;
            let gateway = gateways.iter().find(|gateway| gateway.id == route.target);
            match gateway {
                Some(gateway) if gateway.is_gone() => WayOut::Closed,
                Some(gateway) if gateway.connectivity_type == "private" => WayOut::Elsewhere,
                // An active route proves the gateway, also where another account owns it.
                _ => WayOut::Open,
            }
        }
        _ => WayOut::Elsewhere,
    }
}

/// A route beyond the VPC that is neither the internet's nor an endpoint's.
fn is_to_other_network(route: &Route) -> bool {
    let kind = route.target.split('-').next().unwrap_or_default();
    let is_gateway_endpoint = route.destination.starts_with("pl-") && kind == "vpce";
    !is_gateway_endpoint && !["local", "igw", "eigw", "nat"].contains(&kind)
}

/// Some group of the tasks has to let HTTPS out.
fn by_groups(scene: Scene<'_>, network: &Network<'_>) -> Requirement {
    let ids = &scene.service.security_group_ids;
    let subject = ids.join(", ");
    let (mut is_open, mut hidden) = (false, None);
    for id in ids {
        match network.security_group(id) {
            Ok(group) => is_open |= group.egress.iter().any(lets_https_out),
            Err(gap) => hidden = hidden.or(Some(gap)),
        }
    }
    let holds = match hidden {
        Some(gap) if !is_open => Known::No(gap),
        // Tasks without a group of their own have the VPC's, which AWS makes open to the outside.
        _ => Known::Yes(is_open || ids.is_empty()),
    };
    let text = match holds {
        Known::Yes(true) => Text::new(
            "The tasks' groups let HTTPS out.",
            "タスクのセキュリティグループは HTTPS の送信を許可している。",
        ),
        Known::Yes(false) => Text::new(
            format!(
                "No group of the tasks ({subject}) lets tcp/443 out, so that they reach neither registry, log nor secrets."
            ),
            format!(
                "タスクのセキュリティグループ（{subject}）が tcp/443 の送信を許可していないため、レジストリ、ログ、秘密情報のいずれにも到達できない。"
            ),
        ),
        Known::No(_) => Text::new(
            format!("Whether {subject} lets tcp/443 out could not be determined."),
            format!("{subject} が tcp/443 の送信を許可しているか確認できない。"),
        ),
    };
    Requirement { resource_ids: ids.clone(), ..Requirement::new("egress", &subject, holds, text) }
}

fn lets_https_out(rule: &SecurityGroupRule) -> bool {
    let is_port = rule.from_port.is_none_or(|from| from <= 443) && rule.to_port.is_none_or(|to| to >= 443);
    match rule.protocol.as_str() {
        "-1" => true,
        "tcp" | "6" => is_port,
        _ => false,
    }
}
