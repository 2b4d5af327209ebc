//! A snapshot, and the ways through it that many conclusions take.
//!
//! A conclusion that walks a whole list for every resource makes large accounts slow out
//! of proportion. What it needs is put in order here, when it is first asked for and once
//! for all resources. It follows from the snapshot alone, which cannot change meanwhile.

mod alarms;
mod watchable;

use crate::snapshot::Snapshot;
use crate::snapshot::ec2::NetworkInterface;
use crate::snapshot::ecs::Task;
use std::cell::OnceCell;
use std::collections::HashMap;
use std::ops::Deref;

pub use alarms::AlarmIndex;
pub(crate) use watchable::tail;
pub(crate) use watchable::{Watchable, WatchableKind};

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

    /// The alarms, by what they say.
    pub fn alarms(&self) -> &AlarmIndex<'a> {
        self.alarms.get_or_init(|| AlarmIndex::of(self.snapshot))
    }

    /// What alarms may watch.
    pub(crate) fn watchable(&self) -> &Watchable<'a> {
        self.watchable.get_or_init(|| Watchable::of(self.snapshot))
    }

    /// The interfaces that have a security group.
    pub(crate) fn interfaces_with(&self, group_id: &str) -> &[&'a NetworkInterface] {
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
    pub(crate) fn task_of(&self, interface_id: &str) -> Option<&'a Task> {
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
