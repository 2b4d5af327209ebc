//! The path from the internet right to tasks that are started without a service.

use super::path::{PathTarget, Placement, exposure};
use super::{Exposure, Hop};
use crate::conclude::cidr::IpFamily;
use crate::conclude::lookup::started_definition;
use crate::conclude::network::{ByFamily, Network, OrGap, Ports, Traffic};
use crate::snapshot::Snapshot;
use crate::snapshot::ec2::{NetworkInterface, Subnet};
use crate::snapshot::ecs::{TaskRun, TaskStarter};
use crate::snapshot::gap::GapId;
use crate::snapshot::known::Known;
use crate::text::Text;

/// See [`super::super::FUNCTIONS`].
///
/// Of several kinds of tasks the one that is reached speaks, then one of which that is not known.
pub(crate) fn starter_exposure(snapshot: &Snapshot, starter: &TaskStarter) -> Exposure {
    let runs = starter.runs.iter().filter(|run| has_own_network(run));
    let exposures = runs.map(|run| run_exposure(snapshot, starter, run));
    exposures.min_by_key(|exposure| rank(&exposure.is_reachable)).unwrap_or_default()
}

fn rank(is_reachable: &Known<bool>) -> u8 {
    match is_reachable {
        Known::Yes(true) => 0,
        Known::No(_) => 1,
        Known::Yes(false) => 2,
    }
}

/// Whether tasks have interfaces of their own (awsvpc) instead of their hosts'.
fn has_own_network(run: &TaskRun) -> bool {
    !run.subnet_ids.is_empty() || !run.network_interface_ids.is_empty()
}

fn run_exposure(snapshot: &Snapshot, starter: &TaskStarter, run: &TaskRun) -> Exposure {
    let network = Network { snapshot, region: &starter.region };
    let ids = run.network_interface_ids.iter();
    let interfaces: OrGap<Vec<&NetworkInterface>> = ids.map(|id| network.network_interface(id)).collect();
    let subnets = subnets(&network, run, &interfaces);
    let vpc_id = subnets.as_ref().ok().and_then(|subnets| subnets.first());
    let vpc_id = vpc_id.map(|subnet| subnet.vpc_id.as_str());
    let has_address = addresses(run, &subnets, &interfaces);
    let target = PathTarget {
        name: &starter.name,
        vpc_id,
        traffic: traffic(snapshot, starter, run),
        address: address_hop(&starter.name, &has_address),
        has_address,
        group_ids: group_ids(&network, run, vpc_id, &interfaces),
        // ECS chooses among the subnets anew for every task.
        placement: Placement { subnets, is_in_all: true, doubt: GapId::default() },
    };
    exposure(&network, target)
}

fn subnets<'a>(
    network: &Network<'a>,
    run: &TaskRun,
    interfaces: &OrGap<Vec<&'a NetworkInterface>>,
) -> OrGap<Vec<&'a Subnet>> {
    if !run.subnet_ids.is_empty() {
        return run.subnet_ids.iter().map(|id| network.subnet(id)).collect();
    }
    let mut ids: Vec<&str> =
        interfaces.as_ref().map_err(GapId::clone)?.iter().map(|shown| shown.subnet_id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    ids.into_iter().map(|id| network.subnet(id)).collect()
}

/// The ports that the containers declare. Without any, a container in a network of its own may
/// listen anywhere.
fn traffic(snapshot: &Snapshot, starter: &TaskStarter, run: &TaskRun) -> Traffic {
    let ports = started_definition(snapshot, &starter.region, run).map(|definition| {
        let containers = definition.containers.iter();
        let mut ports: Vec<i64> =
            containers.flat_map(|container| container.container_ports.iter().copied()).collect();
        ports.sort_unstable();
        ports.dedup();
        if ports.is_empty() { Ports::Any } else { Ports::Some(ports) }
    });
    Traffic::tcp(ports)
}

/// Tasks for which no group is named get the VPC's default group.
fn group_ids(
    network: &Network<'_>,
    run: &TaskRun,
    vpc_id: Option<&str>,
    interfaces: &OrGap<Vec<&NetworkInterface>>,
) -> OrGap<Vec<String>> {
    if !run.security_group_ids.is_empty() {
        return Ok(run.security_group_ids.clone());
    }
    if !run.network_interface_ids.is_empty() {
        let shown = interfaces.as_ref().map_err(GapId::clone)?;
        let mut ids: Vec<String> = shown.iter().flat_map(|shown| shown.security_group_ids.clone()).collect();
        ids.sort_unstable();
        ids.dedup();
        return Ok(ids);
    }
    let vpc_id = vpc_id.ok_or_else(GapId::default)?;
    network.default_security_group(vpc_id).map(|group| vec![group.id.clone()])
}

/// Tasks that run show their addresses. Of those that are yet to be started the setting tells
/// whether they get a public IPv4 address; whether they get an IPv6 address depends on a setting of
/// the account, too.
fn addresses(
    run: &TaskRun,
    subnets: &OrGap<Vec<&Subnet>>,
    interfaces: &OrGap<Vec<&NetworkInterface>>,
) -> ByFamily {
    let shown = |has: fn(&NetworkInterface) -> bool| match interfaces {
        Ok(shown) => Known::Yes(shown.iter().any(|shown| has(shown))),
        Err(gap) => Known::No(gap.clone()),
    };
    let is_running = !run.network_interface_ids.is_empty();
    ByFamily::of(|family| match family {
        IpFamily::V4 if run.assign_public_ip != Known::Yes(false) => run.assign_public_ip.clone(),
        IpFamily::V4 if is_running => shown(|interface| !interface.public_ips.is_empty()),
        IpFamily::V4 => Known::Yes(false),
        IpFamily::V6 if is_running => shown(|interface| !interface.ipv6_addresses.is_empty()),
        IpFamily::V6 => match subnets {
            Ok(subnets) if subnets.iter().all(|subnet| subnet.ipv6_cidr_blocks.is_empty()) => {
                Known::Yes(false)
            }
            Ok(_) => Known::No(GapId::default()),
            Err(gap) => Known::No(gap.clone()),
        },
    })
}

fn address_hop(name: &str, has_address: &ByFamily) -> Hop {
    let is_open = has_address.either();
    let detail = match &is_open {
        Known::Yes(true) => Text::new(
            format!("the tasks of {name} get public addresses"),
            format!("{name} のタスクにはパブリックアドレスが付く"),
        ),
        Known::Yes(false) => Text::new(
            format!("the tasks of {name} get no public addresses"),
            format!("{name} のタスクにはパブリックアドレスが付かない"),
        ),
        Known::No(_) => Text::new(
            format!("it is unknown whether the tasks of {name} get public addresses"),
            format!("{name} のタスクにパブリックアドレスが付くかは不明"),
        ),
    };
    Hop { kind: "public-address".to_owned(), resource: name.to_owned(), is_open, detail }
}
