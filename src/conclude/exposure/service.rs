//! The path from the internet right to a service's tasks.

use super::hosts::exposure_on_hosts;
use super::path::{PathTarget, Placement, exposure};
use super::{Exposure, Hop};
use crate::conclude::cidr::IpFamily;
use crate::conclude::lookup::by_arn;
use crate::conclude::network::{ByFamily, Network, OrGap, Ports, Traffic};
use crate::snapshot::Snapshot;
use crate::snapshot::ec2::{NetworkInterface, Subnet};
use crate::snapshot::ecs::{Service, TaskDefinition};
use crate::snapshot::elb::{TargetGroup, takes_udp};
use crate::snapshot::gap::GapId;
use crate::snapshot::known::Known;
use crate::text::Text;

/// See [`super::super::FUNCTIONS`].
pub(crate) fn service_exposure(snapshot: &Snapshot, service: &Service) -> Exposure {
    let network = Network { snapshot, region: &service.region };
    if service.is_in_network_of_hosts() {
        return exposure_on_hosts(&network, service);
    }
    let interfaces = interfaces(&network, service);
    let placement = placement(&network, service);
    let vpc_id = placement.subnets.as_ref().ok().and_then(|subnets| subnets.first());
    let vpc_id = vpc_id.map(|subnet| subnet.vpc_id.as_str());
    let has_address = addresses(service, &placement, &interfaces);
    let target = PathTarget {
        name: &service.name,
        vpc_id,
        traffic: traffic(snapshot, service),
        address: address_hop(service, &has_address),
        has_address,
        placement,
        group_ids: group_ids(&network, service, vpc_id),
    };
    exposure(&network, target)
}

/// The task definition that the service brings out.
fn task_definition<'a>(snapshot: &'a Snapshot, service: &Service) -> OrGap<&'a TaskDefinition> {
    let deployed = || service.deployments.first().map(|deployment| &deployment.task_definition_arn);
    let arn = service.task_definition_arn.as_ref().or_else(deployed).ok_or_else(GapId::default)?;
    let definitions = &snapshot.ecs.task_definitions;
    let found = by_arn(definitions, arn, |definition| &definition.arn);
    found.ok_or_else(|| definitions.hidden_by(&service.region, arn))
}

/// What the tasks listen on: the ports that their load balancers use, otherwise those that
/// the containers declare. Without any, a container in a network of its own may listen anywhere.
pub(crate) fn traffic(snapshot: &Snapshot, service: &Service) -> Traffic {
    let mut ports: Vec<i64> =
        service.load_balancers.iter().filter_map(|registration| registration.container_port).collect();
    let mut answer = Ok(());
    if ports.is_empty() {
        match task_definition(snapshot, service) {
            Ok(definition) => {
                ports.extend(definition.containers.iter().flat_map(|container| &container.container_ports));
            }
            Err(gap) => answer = Err(gap),
        }
    }
    ports.sort_unstable();
    ports.dedup();
    let ports = answer.map(|()| if ports.is_empty() { Ports::Any } else { Ports::Some(ports) });
    let mut traffic = Traffic::tcp(ports);
    let mut protocols = target_groups(snapshot, service).filter_map(|group| group.ok()?.protocol.as_deref());
    if protocols.any(takes_udp) {
        traffic.protocols.push("udp");
    }
    traffic
}

/// The target groups that the tasks are registered in.
pub(super) fn target_groups<'a>(
    snapshot: &'a Snapshot,
    service: &'a Service,
) -> impl Iterator<Item = OrGap<&'a TargetGroup>> {
    let arns =
        service.load_balancers.iter().filter_map(|registration| registration.target_group_arn.as_ref());
    let groups = &snapshot.elb.target_groups;
    arns.map(|arn| {
        let found = by_arn(groups, arn, |group| &group.arn);
        found.ok_or_else(|| groups.hidden_by(&service.region, arn))
    })
}

/// The interfaces of the running tasks, as far as they are shown.
fn interfaces<'a>(network: &Network<'a>, service: &Service) -> Vec<&'a NetworkInterface> {
    // Names differ sooner than ARNs do.
    let is_its_task = |task: &&crate::snapshot::ecs::Task| {
        task.service_name.as_deref() == Some(&service.name) && task.cluster_arn == service.cluster_arn
    };
    let tasks = network.snapshot.ecs.tasks.iter().filter(is_its_task);
    let ids = tasks.filter_map(|task| task.network_interface_id.as_deref());
    ids.filter_map(|id| network.network_interface(id).ok()).collect()
}

/// ECS spreads tasks over all subnets of the service, so that each of them counts.
fn placement<'a>(network: &Network<'a>, service: &Service) -> Placement<'a> {
    let subnets: OrGap<Vec<&Subnet>> = service.subnet_ids.iter().map(|id| network.subnet(id)).collect();
    Placement { subnets, is_in_all: true, doubt: GapId::default() }
}

/// The service's groups; a service that names none gets the VPC's default group.
pub(crate) fn group_ids(
    network: &Network<'_>,
    service: &Service,
    vpc_id: Option<&str>,
) -> OrGap<Vec<String>> {
    if !service.security_group_ids.is_empty() {
        return Ok(service.security_group_ids.clone());
    }
    let vpc_id = vpc_id.ok_or_else(GapId::default)?;
    network.default_security_group(vpc_id).map(|group| vec![group.id.clone()])
}

/// A public IPv4 address comes from the service's setting. Whether tasks get an IPv6
/// address depends on a setting of the account too, so that only their interfaces show it.
fn addresses(service: &Service, placement: &Placement<'_>, interfaces: &[&NetworkInterface]) -> ByFamily {
    // Fargate without subnets: AWS left out what it documents as always there.
    if service.subnet_ids.is_empty() {
        return ByFamily::both(&Known::No(GapId::default()));
    }
    let has_v4 = service.assign_public_ip || interfaces.iter().any(|shown| !shown.public_ips.is_empty());
    let has_v6 = || interfaces.iter().any(|shown| !shown.ipv6_addresses.is_empty());
    let v6 = match &placement.subnets {
        _ if has_v6() => Known::Yes(true),
        Ok(subnets) if subnets.iter().all(|subnet| subnet.ipv6_cidr_blocks.is_empty()) => Known::Yes(false),
        _ if !interfaces.is_empty() => Known::Yes(false),
        Ok(_) => Known::No(GapId::default()),
        Err(gap) => Known::No(gap.clone()),
    };
    ByFamily::of(|family| match family {
        IpFamily::V4 => Known::Yes(has_v4),
        IpFamily::V6 => v6.clone(),
    })
}

fn address_hop(service: &Service, has_address: &ByFamily) -> Hop {
    let name = &service.name;
    let detail = match has_address.either() {
        Known::Yes(true) => Text::new(
            format!("the tasks of {name} have public addresses"),
            format!("{name} のタスクはパブリックアドレスを持つ"),
        ),
        Known::Yes(false) => Text::new(
            format!("the tasks of {name} have no public addresses"),
            format!("{name} のタスクはパブリックアドレスを持たない"),
        ),
        Known::No(_) => Text::new(
            format!("it is unknown whether the tasks of {name} have public addresses"),
            format!("{name} のタスクがパブリックアドレスを持つかは不明"),
        ),
    };
    let is_open = has_address.either();
    Hop { kind: "public-address".to_owned(), resource: name.clone(), is_open, detail }
}
