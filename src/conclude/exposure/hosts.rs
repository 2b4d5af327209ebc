//! Where the tasks are that have no network of their own: in the bridge and host modes they are
//! reached by the addresses of their hosts, behind the hosts' security groups.

use super::path::{PathTarget, Placement, exposure};
use super::{Exposure, Hop};
use crate::conclude::cidr::IpFamily;
use crate::conclude::lookup::by_arn;
use crate::conclude::network::{ByFamily, Network, OrGap, Ports, Traffic, all, any, not};
use crate::snapshot::ec2::NetworkInterface;
use crate::snapshot::ecs::{ContainerInstance, HostPort, Service, Task, TaskDefinition};
use crate::snapshot::gap::GapId;
use crate::snapshot::known::Known;
use crate::text::Text;
use std::collections::BTreeSet;

/// So many hosts that are alike are named; the rest is counted.
const HOSTS_SHOWN: usize = 3;

/// Interfaces of hosts that are alike, and what a service listens on there.
pub(super) struct HostTarget<'a> {
    /// At least one; they differ in nothing that decides who reaches them.
    pub interfaces: Vec<&'a NetworkInterface>,
    /// Ports of the host.
    pub traffic: Traffic,
}

/// The hosts of a service.
#[derive(Default)]
pub(super) struct Hosts<'a> {
    /// Where its tasks are reached.
    pub targets: Vec<HostTarget<'a>>,
    /// What would have shown more.
    pub hidden: Option<GapId>,
    /// Whether some of them are machines outside of AWS, whose network nobody here can tell.
    is_outside: bool,
    /// Whether no task runs, so that any host of the cluster may get the next one.
    is_any_of_cluster: bool,
}

impl<'a> Hosts<'a> {
    fn hide(&mut self, gap: GapId) {
        self.hidden.get_or_insert(gap);
    }

    fn add(&mut self, interface: &'a NetworkInterface, traffic: &Traffic) {
        let is_like = |target: &&mut HostTarget<'a>| {
            target.traffic == *traffic
                && target.interfaces.first().is_some_and(|first| are_alike(first, interface))
        };
        match self.targets.iter_mut().find(is_like) {
            Some(target) if target.interfaces.iter().any(|known| known.id == interface.id) => {}
            Some(target) => target.interfaces.push(interface),
            None => self.targets.push(HostTarget { interfaces: vec![interface], traffic: traffic.clone() }),
        }
    }

    /// Takes in a host, with what listens there.
    fn place(&mut self, network: &Network<'a>, host: &ContainerInstance, traffics: &[Traffic]) {
        let Some(instance_id) = &host.ec2_instance_id else {
            self.is_outside = true;
            self.hide(GapId::default());
            return;
        };
        let interfaces = &network.snapshot.ec2.network_interfaces;
        let own = interfaces.iter().filter(|interface| {
            interface.instance_id.as_ref() == Some(instance_id) && interface.region == network.region
        });
        let own: Vec<&NetworkInterface> = own.collect();
        if own.is_empty() {
            self.hide(interfaces.hidden_by(network.region, instance_id));
        }
        for interface in own {
            for traffic in traffics {
                self.add(interface, traffic);
            }
        }
    }
}

/// Whether the internet reaches two interfaces or neither.
fn are_alike(one: &NetworkInterface, other: &NetworkInterface) -> bool {
    let decides =
        |interface: &NetworkInterface| (interface.public_ips.is_empty(), interface.ipv6_addresses.is_empty());
    one.subnet_id == other.subnet_id
        && one.security_group_ids == other.security_group_ids
        && decides(one) == decides(other)
}

/// Finds the hosts on which a service's tasks are. Where none runs although some should, it may
/// be any host of the cluster.
pub(super) fn hosts<'a>(network: &Network<'a>, service: &Service) -> Hosts<'a> {
    let snapshot = network.snapshot;
    let mut hosts =
        Hosts { hidden: snapshot.ecs.tasks.complete_in(network.region).err(), ..Hosts::default() };
    let own = snapshot.ecs.tasks.iter().filter(|task| {
        task.service_name.as_deref() == Some(&service.name) && task.cluster_arn == service.cluster_arn
    });
    let mut is_placed = false;
    for task in own {
        match host_of(network, task) {
            Ok(Some(host)) => {
                is_placed = true;
                match listening(network, service, task) {
                    Ok(traffics) => hosts.place(network, host, &traffics),
                    Err(gap) => hosts.hide(gap),
                }
            }
            // Its host is still to be found.
            Ok(None) => {}
            Err(gap) => {
                is_placed = true;
                hosts.hide(gap);
            }
        }
    }
    if is_placed || hosts.hidden.is_some() || service.desired_count == 0 {
        return hosts;
    }
    hosts.is_any_of_cluster = true;
    let instances = &snapshot.ecs.container_instances;
    if let Err(gap) = instances.complete_in(network.region) {
        hosts.hide(gap);
    }
    let traffics = [Traffic { protocols: vec!["tcp", "udp"], ports: Ok(Ports::Any) }];
    for host in instances.iter().filter(|host| host.cluster_arn == service.cluster_arn) {
        hosts.place(network, host, &traffics);
    }
    hosts
}

fn host_of<'a>(network: &Network<'a>, task: &Task) -> OrGap<Option<&'a ContainerInstance>> {
    let arn = match &task.container_instance_arn {
        Known::Yes(Some(arn)) => arn,
        Known::Yes(None) => return Ok(None),
        Known::No(gap) => return Err(gap.clone()),
    };
    let instances = &network.snapshot.ecs.container_instances;
    let found = by_arn(instances, arn, |instance| &instance.arn);
    found.map(Some).ok_or_else(|| instances.hidden_by(network.region, arn))
}

/// What a task listens on at its host's addresses: in the host mode what its containers declare, in
/// the bridge mode the ports of the host that lead to them. Behind load balancers it is what these use.
fn listening(network: &Network<'_>, service: &Service, task: &Task) -> OrGap<Vec<Traffic>> {
    let definitions = &network.snapshot.ecs.task_definitions;
    let definition = by_arn(definitions, &task.task_definition_arn, |definition| &definition.arn);
    let definition =
        definition.ok_or_else(|| definitions.hidden_by(network.region, &task.task_definition_arn))?;
    let used: Vec<i64> =
        service.load_balancers.iter().filter_map(|registration| registration.container_port).collect();
    match definition.network_mode.as_deref() {
        Some("none") => Ok(Vec::new()),
        Some("host") => Ok(vec![in_network_of_host(definition, &used)]),
        _ => Ok(bridged(task.host_ports.ask()?, &used)),
    }
}

fn in_network_of_host(definition: &TaskDefinition, used: &[i64]) -> Traffic {
    let declared = definition.containers.iter().flat_map(|container| &container.container_ports);
    let ports: BTreeSet<i64> =
        if used.is_empty() { declared.copied().collect() } else { used.iter().copied().collect() };
    let is_declared = !ports.is_empty();
    let ports = if is_declared { Ports::Some(ports.into_iter().collect()) } else { Ports::Any };
    Traffic::tcp(Ok(ports))
}

fn bridged(host_ports: &[HostPort], used: &[i64]) -> Vec<Traffic> {
    let is_used = |port: &&HostPort| {
        let last = port.container_port + (port.to_port - port.from_port);
        used.is_empty() || used.iter().any(|used| (port.container_port..=last).contains(used))
    };
    let of = |protocol: &'static str| {
        let ports = host_ports.iter().filter(|port| port.protocol == protocol).filter(is_used);
        let ports: BTreeSet<i64> = ports.flat_map(|port| port.from_port..=port.to_port).collect();
        let ports: Vec<i64> = ports.into_iter().collect();
        (!ports.is_empty()).then(|| Traffic { protocols: vec![protocol], ports: Ok(Ports::Some(ports)) })
    };
    ["tcp", "udp"].into_iter().filter_map(of).collect()
}

/// Whether the internet reaches a service on one of its hosts.
pub(super) fn exposure_on_hosts(network: &Network<'_>, service: &Service) -> Exposure {
    let hosts = hosts(network, service);
    let walked: Vec<Exposure> =
        hosts.targets.iter().map(|target| walk_to(network, service, target)).collect();
    let hidden = || hosts.hidden.iter().map(|gap| Known::No(gap.clone()));
    let mut is_reachable = any(walked.iter().map(|exposure| exposure.is_reachable.clone()).chain(hidden()));
    if hosts.is_any_of_cluster && is_reachable == Known::Yes(true) {
        // Whether the next task goes there is for ECS to decide.
        is_reachable = Known::No(GapId::default());
    }
    let is_waiting = any(walked.iter().map(|exposure| exposure.is_open_in_waiting.clone()).chain(hidden()));
    let mut exposure = Exposure {
        summary: summary(service, &hosts, &walked, &is_reachable),
        is_open_in_waiting: all([is_waiting, not(is_reachable.clone())]),
        is_reachable,
        ..Exposure::default()
    };
    for walk in walked {
        let new = |hop: &Hop| !exposure.hops.contains(hop);
        let hops: Vec<Hop> = walk.hops.into_iter().filter(new).collect();
        exposure.hops.extend(hops);
        exposure.security_group_ids.extend(walk.security_group_ids);
        exposure.open_peers.extend(walk.open_peers);
    }
    for names in [&mut exposure.security_group_ids, &mut exposure.open_peers] {
        names.sort();
        names.dedup();
    }
    exposure
}

fn walk_to(network: &Network<'_>, service: &Service, target: &HostTarget<'_>) -> Exposure {
    let Some(interface) = target.interfaces.first() else { return Exposure::default() };
    let mut ids: Vec<&str> =
        target.interfaces.iter().filter_map(|interface| interface.instance_id.as_deref()).collect();
    ids.dedup();
    let more = ids.len().saturating_sub(HOSTS_SHOWN);
    ids.truncate(HOSTS_SHOWN);
    let more = if more > 0 { format!(", +{more}") } else { String::new() };
    let hosts = format!("{}{more}", ids.join(", "));
    let has_address = ByFamily::of(|family| {
        Known::Yes(match family {
            IpFamily::V4 => !interface.public_ips.is_empty(),
            IpFamily::V6 => !interface.ipv6_addresses.is_empty(),
        })
    });
    let is_open = has_address.either();
    let detail = match &is_open {
        Known::Yes(true) => Text::new(
            format!("the hosts of {}, {hosts}, have public addresses", service.name),
            format!("{} のホスト {hosts} はパブリックアドレスを持つ", service.name),
        ),
        _ => Text::new(
            format!("the hosts of {}, {hosts}, have no public addresses", service.name),
            format!("{} のホスト {hosts} はパブリックアドレスを持たない", service.name),
        ),
    };
    let address = Hop { kind: "public-address".to_owned(), resource: interface.id.clone(), is_open, detail };
    let target = PathTarget {
        name: &format!("{} ({hosts})", service.name),
        vpc_id: Some(&interface.vpc_id),
        traffic: target.traffic.clone(),
        has_address,
        address,
        placement: Placement {
            subnets: network.subnet(&interface.subnet_id).map(|subnet| vec![subnet]),
            is_in_all: true,
            doubt: GapId::default(),
        },
        group_ids: Ok(interface.security_group_ids.clone()),
    };
    exposure(network, target)
}

fn summary(service: &Service, hosts: &Hosts<'_>, walked: &[Exposure], is_reachable: &Known<bool>) -> Text {
    let name = &service.name;
    if let Known::No(_) = is_reachable {
        let reason = match (hosts.is_outside, hosts.is_any_of_cluster, hosts.hidden.is_some()) {
            (true, _, _) => Text::new(
                "some of its tasks are on machines outside of AWS",
                "タスクの一部が AWS の外のマシンで動いている",
            ),
            (_, true, false) => Text::new(
                "no task runs, and some hosts of the cluster are open to the internet",
                "稼働中のタスクがなく、クラスターにはインターネットに開いているホストがある",
            ),
            (_, _, true) => Text::new("not all of its hosts are known", "一部のホストを確認できない"),
            (_, false, false) => Text::default(),
        };
        if !reason.en.is_empty() {
            return Text::new(
                format!("Whether the internet reaches {name} on its hosts is unknown: {}.", reason.en),
                format!("{name} のホストにインターネットから到達できるかは不明（{}）。", reason.ja),
            );
        }
    }
    if walked.is_empty() {
        return Text::new(
            format!("The internet does not reach {name}: no task of it listens on a port of a host."),
            format!("インターネットから {name} には到達できない（ホストのポートで待ち受けるタスクがない）。"),
        );
    }
    let decides = |exposure: &&Exposure| exposure.is_reachable == *is_reachable;
    let told: Vec<&Exposure> = walked.iter().filter(decides).take(HOSTS_SHOWN).collect();
    let en: Vec<&str> = told.iter().map(|exposure| exposure.summary.en.as_str()).collect();
    let ja: Vec<&str> = told.iter().map(|exposure| exposure.summary.ja.as_str()).collect();
    Text::new(en.join(" "), ja.concat())
}
