//! A snapshot, and the ways through it that many conclusions take.
//!
//! A conclusion that walks a whole list for every resource makes large accounts slow out
//! of proportion. What it needs is put in order here, when it is first asked for and once
//! for all resources. It follows from the snapshot alone, which cannot change meanwhile.

mod alarms;
mod watchable;

use super::lookup;
use crate::snapshot::account::AuditedAccount;
use crate::snapshot::ec2::NetworkInterface;
use crate::snapshot::ecs::{FARGATE, FARGATE_SPOT, Task};
use crate::snapshot::{GapId, Snapshot};
use std::cell::OnceCell;
use std::collections::HashMap;
use std::ops::Deref;

pub use alarms::AlarmIndex;
pub(crate) use watchable::tail;
pub(crate) use watchable::{Watchable, WatchableKind};

/// What conclusions are drawn from. It is the snapshot, for those that need no more.
pub struct Facts<'a> {
    snapshot: &'a Snapshot,
    account: AuditedAccount,
    alarms: OnceCell<AlarmIndex<'a>>,
    interfaces: OnceCell<HashMap<&'a str, Vec<&'a NetworkInterface>>>,
    tasks: OnceCell<HashMap<&'a str, &'a Task>>,
    watchable: OnceCell<Watchable<'a>>,
    fargate: OnceCell<FargateUse>,
}

/// The CPU units of running Fargate tasks, by region and kind, or what hides some of them.
type FargateUse = HashMap<(String, &'static str), Result<i64, GapId>>;

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
            account: AuditedAccount::of(snapshot),
            alarms: OnceCell::new(),
            interfaces: OnceCell::new(),
            tasks: OnceCell::new(),
            watchable: OnceCell::new(),
            fargate: OnceCell::new(),
        }
    }

    /// The snapshot itself, which lives longer.
    pub fn snapshot(&self) -> &'a Snapshot {
        self.snapshot
    }

    /// The account itself, as policies judge it.
    pub(crate) fn account(&self) -> &AuditedAccount {
        &self.account
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

    /// The CPU units of the tasks of a kind of Fargate that run in a region, 1024 for a vCPU.
    pub(crate) fn fargate_units(&self, region: &str, kind: &'static str) -> Result<i64, GapId> {
        self.snapshot.ecs.tasks.complete_in(region)?;
        let used = self.fargate.get_or_init(|| fargate_use(self.snapshot));
        used.get(&(region.to_owned(), kind)).cloned().unwrap_or(Ok(0))
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

fn fargate_use(snapshot: &Snapshot) -> FargateUse {
    let definitions = &snapshot.ecs.task_definitions;
    let mut used = FargateUse::new();
    for task in snapshot.ecs.tasks.iter() {
        let kind = match (task.capacity_provider.as_deref(), task.launch_type.as_deref()) {
            (Some(FARGATE), _) | (None, Some(FARGATE)) => FARGATE,
            (Some(FARGATE_SPOT), _) => FARGATE_SPOT,
            _ => continue,
        };
        let arn = &task.task_definition_arn;
        let definition = lookup::by_arn(definitions, arn, |definition| &definition.arn);
        let units = match definition {
            Some(definition) => Ok(definition.cpu_units.unwrap_or_default()),
            None => Err(definitions.hidden_by(&task.region, arn)),
        };
        let sum = used.entry((task.region.clone(), kind)).or_insert(Ok(0));
        *sum = sum.clone().and_then(|sum| units.map(|units| sum.saturating_add(units)));
    }
    used
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
