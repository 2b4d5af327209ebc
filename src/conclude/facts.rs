//! A snapshot, and the ways through it that many conclusions take.
//!
//! A conclusion that walks a whole list for every resource makes large accounts slow out
//! of proportion. What it needs is put in order here, when it is first asked for and once
//! for all resources. It follows from the snapshot alone, which cannot change meanwhile.

use super::alarms::Watchable;
use crate::snapshot::Snapshot;
use crate::snapshot::cloudwatch::Alarm;
use crate::snapshot::ec2::NetworkInterface;
use crate::snapshot::ecs::Task;
use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::ops::Deref;

/// What conclusions are drawn from. It is the snapshot, for those that need no more.
pub struct Facts<'a> {
    snapshot: &'a Snapshot,
    alarms: OnceCell<AlarmIndex<'a>>,
    interfaces: OnceCell<HashMap<&'a str, Vec<&'a NetworkInterface>>>,
    tasks: OnceCell<HashMap<&'a str, &'a Task>>,
    watchable: OnceCell<Watchable<'a>>,
}

impl Deref for Facts<'_> {
    type Target = Snapshot;

    fn deref(&self) -> &Snapshot {
        self.snapshot
    }
}

/// Alarms by what they say; every list is in the order of the snapshot.
#[derive(Default)]
pub struct AlarmIndex<'a> {
    /// By the value of some dimension of some metric.
    by_dimension: HashMap<&'a str, Vec<&'a Alarm>>,
    /// Composite alarms by the names and ARNs in their rules.
    by_reference: HashMap<&'a str, Vec<(usize, &'a Alarm)>>,
    /// Regions and names of the alarms that target tracking made.
    tracking: HashSet<(&'a str, &'a str)>,
    /// Alarms on a query, which hides its metrics.
    on_queries: Vec<&'a Alarm>,
}

impl<'a> Facts<'a> {
    /// Nothing is put in order yet.
    pub fn new(snapshot: &'a Snapshot) -> Self {
        Facts {
            snapshot,
            alarms: OnceCell::new(),
            interfaces: OnceCell::new(),
            tasks: OnceCell::new(),
            watchable: OnceCell::new(),
        }
    }

    /// The snapshot itself, which lives longer.
    pub fn snapshot(&self) -> &'a Snapshot {
        self.snapshot
    }

    /// The alarms. `references` finds the names in a composite alarm's rule.
    pub fn alarms(&self, references: fn(&str) -> Vec<&str>) -> &AlarmIndex<'a> {
        self.alarms.get_or_init(|| AlarmIndex::of(self.snapshot, references))
    }

    /// What alarms may watch.
    pub fn watchable(&self) -> &Watchable<'a> {
        self.watchable.get_or_init(|| Watchable::of(self.snapshot))
    }

    /// The interfaces that have a security group.
    pub fn interfaces_with(&self, group_id: &str) -> &[&'a NetworkInterface] {
        let interfaces = self.interfaces.get_or_init(|| {
            let mut interfaces: HashMap<&str, Vec<&NetworkInterface>> = HashMap::new();
            for interface in self.snapshot.ec2.network_interfaces.iter() {
                for id in &interface.security_group_ids {
                    let of_group = interfaces.entry(id).or_default();
                    // A group that is named twice has the interface once.
                    if !of_group.last().is_some_and(|last| std::ptr::eq(*last, interface)) {
                        of_group.push(interface);
                    }
                }
            }
            interfaces
        });
        interfaces.get(group_id).map(Vec::as_slice).unwrap_or_default()
    }

    /// The task that an interface belongs to.
    pub fn task_of(&self, interface_id: &str) -> Option<&'a Task> {
        let tasks = self.tasks.get_or_init(|| {
            let mut tasks = HashMap::new();
            for task in self.snapshot.ecs.tasks.iter() {
                if let Some(id) = &task.network_interface_id {
                    tasks.entry(id.as_str()).or_insert(task);
                }
            }
            tasks
        });
        tasks.get(interface_id).copied()
    }
}

impl<'a> AlarmIndex<'a> {
    fn of(snapshot: &'a Snapshot, references: fn(&str) -> Vec<&str>) -> Self {
        let mut index = AlarmIndex::default();
        for (place, alarm) in snapshot.cloudwatch.alarms.iter().enumerate() {
            for value in alarm.metrics.iter().flat_map(|metric| metric.dimensions.values()) {
                let alarms = index.by_dimension.entry(value).or_default();
                if !alarms.last().is_some_and(|last| std::ptr::eq(*last, alarm)) {
                    alarms.push(alarm);
                }
            }
            for reference in alarm.rule.as_deref().map(references).unwrap_or_default() {
                index.by_reference.entry(reference).or_default().push((place, alarm));
            }
            if alarm.kind == "metric" && alarm.metrics.is_empty() {
                index.on_queries.push(alarm);
            }
        }
        for policy in snapshot.application_autoscaling.scaling_policies.iter() {
            if policy.kind == "TargetTrackingScaling" {
                let names = policy.alarm_names.iter().map(|name| (policy.region.as_str(), name.as_str()));
                index.tracking.extend(names);
            }
        }
        index
    }

    /// The alarms of a region with a metric that has a dimension of this value.
    pub fn on(&self, region: &str, value: &str) -> impl Iterator<Item = &'a Alarm> {
        let alarms = self.by_dimension.get(value).into_iter().flatten().copied();
        alarms.filter(move |alarm| alarm.region == region)
    }

    /// The composite alarms of a region whose rule has one of these names or ARNs, each once.
    pub fn referring_to(&self, region: &str, names: [&str; 2]) -> Vec<&'a Alarm> {
        let found = names.into_iter().filter_map(|name| self.by_reference.get(name)).flatten();
        let mut found: Vec<&(usize, &Alarm)> = found.filter(|(_, alarm)| alarm.region == region).collect();
        found.sort_by_key(|(place, _)| *place);
        found.dedup_by_key(|(place, _)| *place);
        found.into_iter().map(|(_, alarm)| *alarm).collect()
    }

    /// Whether target tracking made an alarm.
    pub fn is_tracking(&self, region: &str, name: &str) -> bool {
        self.tracking.contains(&(region, name))
    }

    /// The alarms of a region whose metrics are hidden in a query.
    pub fn on_queries(&self, region: &str) -> Option<&'a Alarm> {
        self.on_queries.iter().copied().find(|alarm| alarm.region == region)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::cloudwatch::AlarmMetric;

    #[test]
    fn an_interface_with_several_groups_is_found_by_each_and_once() {
        let mut snapshot = Snapshot::default().complete();
        let interface = |id: &str, groups: &[&str]| NetworkInterface {
            id: id.into(),
            security_group_ids: groups.iter().map(|group| (*group).to_owned()).collect(),
            ..NetworkInterface::default()
        };
        snapshot.ec2.network_interfaces.items =
            vec![interface("eni-1", &["sg-1", "sg-2"]), interface("eni-2", &["sg-2", "sg-2"])];
        let facts = Facts::new(&snapshot);
        let ids = |group: &str| -> Vec<&str> {
            facts.interfaces_with(group).iter().map(|interface| interface.id.as_str()).collect()
        };
        assert_eq!((ids("sg-1"), ids("sg-2"), ids("sg-3")), (vec!["eni-1"], vec!["eni-1", "eni-2"], vec![]));
    }

    #[test]
    fn alarms_are_found_by_any_dimension_in_their_region_alone() {
        let mut snapshot = Snapshot::default().complete();
        let alarm = |name: &str, region: &str| Alarm {
            name: name.into(),
            region: region.into(),
            metrics: vec![AlarmMetric {
                dimensions: [("A", "one"), ("B", "one"), ("C", "two")]
                    .map(|(name, value)| (name.to_owned(), value.to_owned()))
                    .into(),
                ..AlarmMetric::default()
            }],
            ..Alarm::default()
        };
        snapshot.cloudwatch.alarms.items = vec![alarm("here", "eu-west-1"), alarm("there", "eu-west-2")];
        let facts = Facts::new(&snapshot);
        let names = |value: &str| -> Vec<&str> {
            let alarms = facts.alarms(|_| Vec::new()).on("eu-west-1", value);
            alarms.map(|alarm| alarm.name.as_str()).collect()
        };
        assert_eq!((names("one"), names("two"), names("three")), (vec!["here"], vec!["here"], vec![]));
    }
}
