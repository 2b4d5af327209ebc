//! Who can reach what: the path from the internet, and ways past the load balancer.

mod database;
mod path;
#[cfg(test)]
mod tests;

pub use database::database_exposure;

use super::Sentence;
use crate::snapshot::Snapshot;
use crate::snapshot::ec2::SecurityGroup;
use crate::snapshot::ecs::Service;
use crate::snapshot::known::Known;
use crate::snapshot::rds::DbInstance;

crate::record! {
    /// Whether the internet reaches a resource.
    pub struct Exposure {
        /// Whether every hop is open.
        pub is_reachable: Known<bool>,
        /// Whether the security groups are open to the world though another hop still holds.
        pub is_open_in_waiting: Known<bool>,
        /// A whole sentence: the hops that hold, or that none does.
        pub summary: Sentence,
        /// From the internet to the resource.
        pub hops: Vec<Hop>,
    }

    /// One hop of a path.
    pub struct Hop {
        /// public-address, internet-gateway, route-table, network-acl or security-group.
        pub kind: String,
        /// The id of what decides here; of what has no id of its own, the resource it belongs to.
        pub resource: String,
        /// Whether it lets the traffic through.
        pub is_open: Known<bool>,
        /// Why; without a full stop.
        pub detail: Sentence,
    }

    /// Ways to a service's tasks around its load balancer.
    pub struct PastLoadBalancer {
        /// Whether the service is behind a load balancer with security groups.
        pub is_behind_load_balancer: bool,
        /// The security groups of its load balancers.
        pub load_balancer_group_ids: Known<Vec<String>>,
        /// The rules that admit others than the load balancer to the tasks' ports.
        pub ways: Known<Vec<Way>>,
        /// Whether such a way is open from the internet right to the tasks.
        pub is_reachable_from_internet: Known<bool>,
        /// What follows, in words.
        pub summary: Sentence,
    }

    /// A rule that admits others than the load balancer.
    pub struct Way {
        /// The tasks' group that has the rule.
        pub group_id: String,
        /// Its name.
        pub group_name: String,
        /// For instance tcp/8080.
        pub ports: String,
        /// Who is admitted.
        pub source: String,
    }

    /// A rule that admits the whole internet, or several that together do.
    pub struct WorldRule {
        /// The group.
        pub group_id: String,
        /// Its name.
        pub group_name: String,
        /// tcp, udp, … or -1.
        pub protocol: String,
        /// First port; null for all.
        pub from_port: Option<i64>,
        /// Last port; null for all.
        pub to_port: Option<i64>,
        /// For people: tcp/5432, tcp/8000-8100, all traffic.
        pub ports: String,
        /// For instance 0.0.0.0/0, or 0.0.0.0/1 + 128.0.0.0/1.
        pub sources: String,
        /// What the group protects, for people: names of load balancers, services, databases, interfaces.
        pub attached_to: String,
        /// Tells the rules of a group apart and survives edits of others: protocol/ports/sources.
        pub key: String,
    }
}

/// See [`super::FUNCTIONS`].
pub fn service_exposure(_snapshot: &Snapshot, _service: &Service) -> Exposure {
    Exposure::default()
}

/// See [`super::FUNCTIONS`].
pub fn ways_past_load_balancer(_snapshot: &Snapshot, _service: &Service) -> PastLoadBalancer {
    PastLoadBalancer::default()
}

/// See [`super::FUNCTIONS`].
pub fn world_rules_on_database(_snapshot: &Snapshot, _db: &DbInstance) -> Known<Vec<WorldRule>> {
    Known::default()
}

/// See [`super::FUNCTIONS`].
pub fn unintended_world_rules(_snapshot: &Snapshot, _group: &SecurityGroup) -> Known<Vec<WorldRule>> {
    Known::default()
}
