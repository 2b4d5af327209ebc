//! Ways to a service's tasks around its load balancer.

use super::hosts::{HostTarget, hosts};
use super::openings::ports_label;
use super::service::{group_ids, service_exposure, target_groups, traffic};
use super::{Exposure, PastLoadBalancer, Way};
use crate::conclude::lookup::by_arn;
use crate::conclude::network::filter::LAST_PORT;
use crate::conclude::network::{Network, OrGap, Ports, Traffic};
use crate::snapshot::Snapshot;
use crate::snapshot::ec2::{SecurityGroup, SecurityGroupRule};
use crate::snapshot::ecs::Service;
use crate::snapshot::elb::LoadBalancer;
use crate::snapshot::gap::GapId;
use crate::snapshot::known::Known;
use crate::text::Text;

/// See [`super::super::FUNCTIONS`].
pub(crate) fn ways_past_load_balancer(snapshot: &Snapshot, service: &Service) -> PastLoadBalancer {
    let network = Network { snapshot, region: &service.region };
    let load_balancers = match load_balancers(snapshot, service) {
        Ok(load_balancers) => load_balancers,
        Err(gap) => return hidden(service, &gap),
    };
    // A load balancer without groups passes clients' addresses on: rules for them are meant.
    let is_behind = !load_balancers.is_empty()
        && load_balancers.iter().all(|load_balancer| !load_balancer.security_group_ids.is_empty());
    let mut own: Vec<String> =
        load_balancers.iter().flat_map(|load_balancer| load_balancer.security_group_ids.clone()).collect();
    own.sort();
    own.dedup();
    if !is_behind {
        return PastLoadBalancer {
            is_behind_load_balancer: Known::Yes(false),
            load_balancer_group_ids: Known::Yes(own),
            ways: Known::Yes(Vec::new()),
            is_reachable_from_internet: Known::Yes(false),
            group_ids: Vec::new(),
            from_port: 0,
            to_port: 0,
            summary: Text::new(
                format!("{} is not behind a load balancer with security groups.", service.name),
                format!("{} の前段に、セキュリティグループを持つロードバランサーはない。", service.name),
            ),
        };
    }
    let traffic = traffic(snapshot, service);
    let filters = filters(&network, service, &traffic);
    let (from_port, to_port) = served_ports(service, &filters);
    let mut group_ids: Vec<String> =
        filters.iter().flat_map(|filters| &filters.groups).map(|(id, _)| id.clone()).collect();
    group_ids.dedup();
    let ways = filters.and_then(|filters| ways(&network, filters, &own));
    let exposure = service_exposure(snapshot, service);
    let summary = summary(&network, service, &own, &traffic, &ways, &exposure);
    PastLoadBalancer {
        is_behind_load_balancer: Known::Yes(true),
        load_balancer_group_ids: Known::Yes(own),
        group_ids,
        from_port,
        to_port,
        ways: ways.into(),
        is_reachable_from_internet: exposure.is_reachable,
        summary,
    }
}

fn load_balancers<'a>(snapshot: &'a Snapshot, service: &'a Service) -> OrGap<Vec<&'a LoadBalancer>> {
    let mut found = Vec::new();
    for group in target_groups(snapshot, service) {
        for arn in &group?.load_balancer_arns {
            let listing = &snapshot.elb.load_balancers;
            let known = by_arn(listing, arn, |load_balancer| &load_balancer.arn);
            found.push(known.ok_or_else(|| listing.hidden_by(&service.region, arn))?);
        }
    }
    Ok(found)
}

fn hidden(service: &Service, gap: &GapId) -> PastLoadBalancer {
    PastLoadBalancer {
        is_behind_load_balancer: Known::No(gap.clone()),
        load_balancer_group_ids: Known::No(gap.clone()),
        group_ids: Vec::new(),
        from_port: 0,
        to_port: 0,
        ways: Known::No(gap.clone()),
        is_reachable_from_internet: Known::No(gap.clone()),
        summary: Text::new(
            format!("The load balancers of {} are unknown.", service.name),
            format!("{} のロードバランサーは不明。", service.name),
        ),
    }
}

/// A way that is known is one, whatever else is hidden; that there is none needs every group.
fn ways(network: &Network<'_>, filters: Filters, own: &[String]) -> OrGap<Vec<Way>> {
    let (mut ways, mut gap): (Vec<Way>, _) = (Vec::new(), filters.hidden);
    for (id, traffic) in filters.groups {
        let group = match network.security_group(&id) {
            Ok(group) => group,
            Err(hidden) => {
                gap = gap.or(Some(hidden));
                continue;
            }
        };
        let others = group.ingress.iter().filter(|rule| !own.contains(&rule.peer));
        for rule in others {
            match traffic.is_matched_by(rule) {
                Known::Yes(true) => {
                    let way = way(network, group, rule);
                    if !ways.contains(&way) {
                        ways.push(way);
                    }
                }
                Known::Yes(false) => {}
                Known::No(hidden) => gap = gap.or(Some(hidden)),
            }
        }
    }
    match gap {
        Some(gap) if ways.is_empty() => Err(gap),
        _ => Ok(ways),
    }
}

/// The groups that filter what comes to the tasks.
struct Filters {
    /// Each with the traffic that the tasks are there for.
    groups: Vec<(String, Traffic)>,
    /// What hides more of them.
    hidden: Option<GapId>,
}

fn filters(network: &Network<'_>, service: &Service, traffic: &Traffic) -> OrGap<Filters> {
    if service.is_in_network_of_hosts() {
        let hosts = hosts(network, service);
        let of_target = |target: &HostTarget<'_>| {
            let ids = target.interfaces.first().map(|first| first.security_group_ids.clone());
            ids.unwrap_or_default().into_iter().map(|id| (id, target.traffic.clone())).collect::<Vec<_>>()
        };
        let groups = hosts.targets.iter().flat_map(of_target).collect();
        return Ok(Filters { groups, hidden: hosts.hidden });
    }
    let vpc_id = service.subnet_ids.first().map(|id| network.subnet(id).map(|subnet| subnet.vpc_id.as_str()));
    let vpc_id = vpc_id.transpose().unwrap_or_default();
    let ids = group_ids(network, service, vpc_id)?;
    Ok(Filters { groups: ids.into_iter().map(|id| (id, traffic.clone())).collect(), hidden: None })
}

/// Where load balancers reach the tasks: at the container's port, or at ports of the hosts. From
/// 32768 on ECS chooses those itself, another one for each task:
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html>
fn served_ports(service: &Service, filters: &OrGap<Filters>) -> (i64, i64) {
    const FIRST_CHOSEN: i64 = 32768;
    let registered = service.load_balancers.iter().find_map(|registration| registration.container_port);
    let of_hosts =
        filters.iter().flat_map(|filters| &filters.groups).flat_map(|(_, traffic)| match &traffic.ports {
            Ok(Ports::Some(ports)) => ports.clone(),
            _ => Vec::new(),
        });
    let of_hosts: Vec<i64> = of_hosts.filter(|_| service.is_in_network_of_hosts()).collect();
    match (of_hosts.iter().min(), of_hosts.iter().max()) {
        (Some(first), Some(last)) if *last >= FIRST_CHOSEN => (*first.min(&FIRST_CHOSEN), LAST_PORT),
        (Some(first), Some(last)) => (*first, *last),
        _ => (registered.unwrap_or_default(), registered.unwrap_or_default()),
    }
}

fn way(network: &Network<'_>, group: &SecurityGroup, rule: &SecurityGroupRule) -> Way {
    let source = match rule.peer_kind.as_str() {
        "security-group" => network.group_label(&rule.peer),
        "prefix-list" => network.prefix_list_label(&rule.peer),
        _ => rule.peer.clone(),
    };
    Way {
        group_id: group.id.clone(),
        group_name: group.name.clone(),
        protocol: rule.protocol.clone(),
        from_port: rule.from_port,
        to_port: rule.to_port,
        ports: ports_label(&rule.protocol, rule.from_port, rule.to_port),
        source,
        peer_kind: rule.peer_kind.clone(),
        peer: rule.peer.clone(),
    }
}

fn summary(
    network: &Network<'_>,
    service: &Service,
    own: &[String],
    traffic: &Traffic,
    ways: &OrGap<Vec<Way>>,
    exposure: &Exposure,
) -> Text {
    let name = &service.name;
    let ports = traffic.label();
    let own = own.iter().map(|id| network.group_label(id)).collect::<Vec<_>>().join(", ");
    let ways = match ways {
        Ok(ways) if ways.is_empty() => {
            return Text::new(
                format!("Only the load balancer's group {own} is admitted to {name} on {}.", ports.en),
                format!(
                    "{name} の {} に通信できるのはロードバランサーのグループ {own} だけである。",
                    ports.ja
                ),
            );
        }
        Ok(ways) => ways,
        Err(_) => {
            return Text::new(
                format!("It is unknown who is admitted to {name} besides the load balancer's group {own}."),
                format!("ロードバランサーのグループ {own} 以外に {name} へ通信できるものがあるかは不明。"),
            );
        }
    };
    let (en, ja) = rules(ways);
    let mut summary = Text::new(
        format!("{en}, bypassing the load balancer's group {own}."),
        format!("{ja}、ロードバランサーのグループ {own} を経由せずに {name} のタスクへ通信できる。"),
    );
    match exposure.is_reachable {
        Known::Yes(true) => {
            summary.en += &format!(
                " The tasks of {name} have public addresses in public subnets, so the internet reaches them directly."
            );
            summary.ja += &format!(
                "{name} のタスクはパブリックサブネットでパブリックアドレスを持つため、インターネットから直接到達できる。"
            );
        }
        Known::Yes(false) => {
            summary.en += " The internet does not reach the tasks directly.";
            summary.ja += "インターネットからタスクへ直接は到達できない。";
        }
        Known::No(_) => {
            summary.en += " Whether the internet reaches the tasks directly is unknown.";
            summary.ja += "インターネットからタスクへ直接到達できるかは不明。";
        }
    }
    summary
}

/// "sg-1 (name) admits A, B to tcp/8080", for each group and ports.
fn rules(ways: &[Way]) -> (String, String) {
    let mut merged: Vec<(String, &str, Vec<&str>)> = Vec::new();
    for way in ways {
        let group = match way.group_name.as_str() {
            "" => way.group_id.clone(),
            name => format!("{} ({name})", way.group_id),
        };
        match merged.iter_mut().find(|(known, ports, _)| *known == group && *ports == way.ports) {
            Some((_, _, sources)) => sources.push(&way.source),
            None => merged.push((group, &way.ports, vec![&way.source])),
        }
    }
    let en = merged
        .iter()
        .map(|(group, ports, sources)| format!("{group} admits {} to {ports}", sources.join(", ")));
    let ja = merged.iter().map(|(group, ports, sources)| {
        format!("{group} が {} に {ports} を許可しており", sources.join(", "))
    });
    (en.collect::<Vec<_>>().join("; "), ja.collect::<Vec<_>>().join("、"))
}
