//! In which Availability Zones tasks and targets really are.

use super::network::{Network, OrGap};
use crate::snapshot::Snapshot;
use crate::snapshot::ec2::NetworkInterface;
use crate::snapshot::ecs::{Service, Task};
use crate::snapshot::elb::{LoadBalancer, Target, TargetGroup};
use crate::snapshot::gap::GapId;
use crate::snapshot::known::Known;
use crate::text::Text;
use std::collections::BTreeSet;

crate::record! {
    /// The Availability Zones of a service.
    pub struct ServiceZones {
        /// Those of its subnets, sorted; empty where its tasks use their hosts' network.
        pub subnet_zones: Known<Vec<String>>,
        /// Those of its running tasks, sorted.
        pub task_zones: Known<Vec<String>>,
        /// Whether the failure of one zone takes the whole service: its subnets are in one zone, or
        /// it runs two tasks or more and all of them are in one.
        pub is_in_one_zone: Known<bool>,
        /// A part of a sentence: which of the two it is.
        pub summary: Text,
    }

    /// An Availability Zone of a load balancer in which a target group has no healthy target.
    pub struct EmptyZone {
        /// The zone.
        pub zone: String,
        /// The target group.
        pub target_group_arn: String,
        /// Its name.
        pub target_group_name: String,
        /// The zones in which it has healthy targets, sorted.
        pub healthy_zones: Vec<String>,
        /// Tells target groups and zones apart: group/zone.
        pub key: String,
    }
}

/// See [`super::FUNCTIONS`].
pub(crate) fn service_zones(snapshot: &Snapshot, service: &Service) -> ServiceZones {
    let network = Network { snapshot, region: &service.region };
    let subnet_zones = subnet_zones(&network, service);
    let tasks = running_tasks(&network, service);
    let (is_in_one_zone, summary) = verdict(service, &subnet_zones, &tasks);
    ServiceZones {
        subnet_zones: subnet_zones.map(listed).into(),
        task_zones: tasks.complete().map(|()| listed(tasks.zones)).into(),
        is_in_one_zone,
        summary,
    }
}

fn listed(zones: BTreeSet<&str>) -> Vec<String> {
    zones.into_iter().map(str::to_owned).collect()
}

fn subnet_zones<'a>(network: &Network<'a>, service: &Service) -> OrGap<BTreeSet<&'a str>> {
    let subnets = service.subnet_ids.iter().map(|id| network.subnet(id));
    subnets.map(|subnet| subnet.map(|subnet| subnet.availability_zone.as_str())).collect()
}

/// The running tasks of a service, as far as they are shown.
struct Running<'a> {
    count: usize,
    zones: BTreeSet<&'a str>,
    hidden: Option<GapId>,
}

impl Running<'_> {
    fn complete(&self) -> OrGap<()> {
        self.hidden.clone().map_or(Ok(()), Err)
    }
}

fn running_tasks<'a>(network: &Network<'a>, service: &Service) -> Running<'a> {
    let tasks = &network.snapshot.ecs.tasks;
    // Names differ sooner than ARNs do.
    let own = tasks.iter().filter(|task| {
        task.service_name.as_deref() == Some(&service.name)
            && task.cluster_arn == service.cluster_arn
            && task.is_running()
    });
    let mut running =
        Running { count: 0, zones: BTreeSet::new(), hidden: tasks.complete_in(&service.region).err() };
    for task in own {
        running.count += 1;
        match zone_of_task(network, task) {
            Ok(zone) => {
                running.zones.insert(zone);
            }
            Err(gap) => {
                running.hidden.get_or_insert(gap);
            }
        }
    }
    running
}

/// ECS answers the zone; where it does not, the task's interface shows it.
fn zone_of_task<'a>(network: &Network<'a>, task: &'a Task) -> OrGap<&'a str> {
    if let Some(zone) = &task.availability_zone {
        return Ok(zone);
    }
    let interface = task.network_interface_id.as_deref().ok_or_else(GapId::default)?;
    network.network_interface(interface).map(|interface| interface.availability_zone.as_str())
}

fn verdict(service: &Service, subnets: &OrGap<BTreeSet<&str>>, tasks: &Running<'_>) -> (Known<bool>, Text) {
    let join = |zones: &BTreeSet<&str>| zones.iter().copied().collect::<Vec<_>>().join(", ");
    if let Ok(zones) = subnets
        && zones.len() == 1
    {
        let zone = join(zones);
        let summary =
            Text::new(format!("its subnets are all in {zone}"), format!("サブネットがすべて {zone} にある"));
        return (Known::Yes(true), summary);
    }
    let running = join(&tasks.zones);
    if tasks.zones.len() >= 2 {
        let summary =
            Text::new(format!("its tasks run in {running}"), format!("タスクが {running} で稼働している"));
        return (Known::Yes(false), summary);
    }
    let unknown = |gap: &GapId| {
        let summary = Text::new(
            format!("where the tasks of {} run is not known", service.name),
            format!("{} のタスクの配置先は確認できない", service.name),
        );
        (Known::No(gap.clone()), summary)
    };
    if let Some(gap) = &tasks.hidden {
        return unknown(gap);
    }
    match subnets {
        _ if tasks.count >= 2 => (
            Known::Yes(true),
            Text::new(
                format!("its {} running tasks are all in {running}", tasks.count),
                format!("稼働中の {} タスクがすべて {running} にある", tasks.count),
            ),
        ),
        Ok(zones) if !zones.is_empty() => {
            let zones = join(zones);
            let summary = Text::new(
                format!("its subnets are in {zones}"),
                format!("サブネットが {zones} にまたがっている"),
            );
            (Known::Yes(false), summary)
        }
        // A single task on its host's network is wherever that host is.
        Ok(_) => unknown(&GapId::default()),
        Err(gap) => unknown(gap),
    }
}

/// See [`super::FUNCTIONS`].
///
/// Nothing is said of a load balancer in one zone. A group without any healthy target is left
/// out, and so is one with a single target, which cannot be in two zones. Targets that are being
/// taken in count as healthy.
pub(crate) fn zones_without_healthy_target(snapshot: &Snapshot, lb: &LoadBalancer) -> Known<Vec<EmptyZone>> {
    if lb.availability_zones.len() < 2 {
        return Known::Yes(Vec::new());
    }
    let groups = &snapshot.elb.target_groups;
    let mut gap = groups.complete_in(&lb.region).err();
    let mut empty = Vec::new();
    for group in groups.iter().filter(|group| group.load_balancer_arns.contains(&lb.arn)) {
        // No request goes to the idle half of a blue/green pair.
        let is_in_service = super::health::is_in_service(snapshot, group);
        if is_in_service == Known::Yes(false) {
            continue;
        }
        // Functions and other load balancers have zones of their own.
        if !matches!(group.target_type.as_str(), "instance" | "ip") {
            continue;
        }
        match group.targets.ask().and_then(|targets| healthy_zones(snapshot, group, targets)) {
            Ok(Some(healthy)) => match (empty_zones(lb, group, &healthy), is_in_service) {
                (zones, Known::No(hidden)) if !zones.is_empty() => gap = gap.or(Some(hidden)),
                (zones, _) => empty.extend(zones),
            },
            Ok(None) => {}
            Err(hidden) => gap = gap.or(Some(hidden)),
        }
    }
    match gap {
        Some(gap) if empty.is_empty() => Known::No(gap),
        _ => Known::Yes(empty),
    }
}

fn empty_zones(lb: &LoadBalancer, group: &TargetGroup, healthy: &BTreeSet<String>) -> Vec<EmptyZone> {
    if healthy.contains(EVERY_ZONE) {
        return Vec::new();
    }
    let without = lb.availability_zones.iter().filter(|zone| !healthy.contains(*zone));
    let empty = without.map(|zone| EmptyZone {
        zone: zone.clone(),
        target_group_arn: group.arn.clone(),
        target_group_name: group.name.clone(),
        healthy_zones: healthy.iter().cloned().collect(),
        key: format!("{}/{zone}", group.name),
    });
    empty.collect()
}

/// What AWS answers for targets outside the VPC: the nodes of every zone use them.
const EVERY_ZONE: &str = "all";

/// The zones of the healthy targets; `None` where there are too few targets to speak of zones.
fn healthy_zones(
    snapshot: &Snapshot,
    group: &TargetGroup,
    targets: &[Target],
) -> OrGap<Option<BTreeSet<String>>> {
    let staying: Vec<&Target> = targets.iter().filter(|target| target.state != "draining").collect();
    // `unavailable` is a target whose health is not checked.
    let is_healthy =
        |target: &&&Target| matches!(target.state.as_str(), "healthy" | "initial" | "unavailable");
    let healthy: Vec<&&Target> = staying.iter().filter(is_healthy).collect();
    if staying.len() < 2 || healthy.is_empty() {
        return Ok(None);
    }
    healthy.into_iter().map(|target| zone_of(snapshot, group, target)).collect::<OrGap<_>>().map(Some)
}

/// AWS answers the zone of addresses; of instances their interfaces show it.
pub(super) fn zone_of(snapshot: &Snapshot, group: &TargetGroup, target: &Target) -> OrGap<String> {
    if let Some(zone) = &target.availability_zone {
        return Ok(zone.clone());
    }
    let interfaces = &snapshot.ec2.network_interfaces;
    let is_its = |interface: &&NetworkInterface| {
        interface.region == group.region
            && match group.target_type.as_str() {
                "instance" => interface.instance_id.as_deref() == Some(&target.id),
                _ => {
                    Some(&interface.vpc_id) == group.vpc_id.as_ref()
                        && (interface.private_ips.contains(&target.id)
                            || interface.ipv6_addresses.contains(&target.id))
                }
            }
    };
    let found = interfaces.iter().find(is_its);
    let zone = found.map(|interface| interface.availability_zone.clone());
    zone.ok_or_else(|| interfaces.hidden_by(&group.region, &target.id))
}

#[cfg(test)]
mod tests;
