//! Who can reach what: the path from the internet, and ways past the load balancer.

mod bypass;
mod chain;
mod database;
mod group_use;
mod hosts;
mod instance;
mod load_balancer;
mod meant;
mod network_rules;
mod openings;
mod path;
mod service;
mod starter;
#[cfg(test)]
mod tests;
mod usage;
mod world;

pub(crate) use bypass::ways_past_load_balancer;
pub(crate) use chain::chains_to_database;
pub(crate) use database::database_exposure;
pub(super) use database::traffic as database_traffic;
pub(crate) use group_use::{acl_admin_ports, group_use};
pub(crate) use instance::interface_exposure;
pub(crate) use load_balancer::load_balancer_exposure;
pub(crate) use network_rules::network_rules_on_database;
pub(crate) use service::service_exposure;
pub(crate) use starter::starter_exposure;
pub(crate) use world::{icmp_world_rules, idle_world_rules, unintended_world_rules, world_rules_on_database};

use crate::snapshot::known::Known;
use crate::text::Text;

crate::record! {
    /// Whether the internet reaches a resource.
    pub(crate) struct Exposure {
        /// Whether every hop is open.
        pub is_reachable: Known<bool>,
        /// Whether the security groups are open to the world though another hop still holds.
        pub is_open_in_waiting: Known<bool>,
        /// A whole sentence: the hops that hold, or that none does.
        pub summary: Text,
        /// From the internet to the resource.
        pub hops: Vec<Hop>,
        /// The security groups at the end of the path: the resource's own, or those of the hosts
        /// whose network it is in.
        pub security_group_ids: Vec<String>,
        /// The ranges and the ids of prefix lists by which rules of those groups let the internet, or a
        /// large part of it, in; sorted. Where AWS does not give a list's ranges it is left out.
        pub open_peers: Vec<String>,
    }

    /// One hop of a path.
    pub(crate) struct Hop {
        /// public-address, internet-gateway, block-public-access, route-table, network-acl or security-group.
        pub kind: String,
        /// The id of what decides here; of what has no id of its own, the resource it belongs to.
        pub resource: String,
        /// Whether it lets the traffic through.
        pub is_open: Known<bool>,
        /// Why; without a full stop.
        pub detail: Text,
    }

    /// What a security group is used for.
    pub(crate) struct GroupUse {
        /// Whether anything is in the group's VPC.
        pub is_vpc_in_use: Known<bool>,
        /// Whether the group is attached to anything.
        pub is_attached: Known<bool>,
        /// What to, for people, for instance service shop/shop-api, db ec-db; empty for nothing, ? where
        /// it is unknown.
        pub attached_to: String,
        /// The Lambda functions that have it, by name.
        pub function_names: Vec<String>,
        /// Whether functions have it, and something else besides.
        pub is_shared_with_functions: Known<bool>,
        /// What has it besides functions.
        pub others: Vec<String>,
    }

    /// The ports of administration that a network ACL opens.
    pub(crate) struct AclAdminPorts {
        /// Whether it lets the internet, or a large part of it, in on one of them.
        pub is_open: bool,
        /// Which: 22, 3389.
        pub ports: Vec<i64>,
    }

    /// Ways to a service's tasks around its load balancer.
    pub(crate) struct PastLoadBalancer {
        /// Whether the service is behind load balancers that all have security groups.
        pub is_behind_load_balancer: Known<bool>,
        /// The security groups of its load balancers.
        pub load_balancer_group_ids: Known<Vec<String>>,
        /// The security groups that filter what comes to the tasks: theirs, or those of the hosts whose
        /// network they are in.
        pub group_ids: Vec<String>,
        /// The first port at which the load balancers reach the tasks.
        pub from_port: i64,
        /// The last one: of hosts on which ECS chooses the ports, the last that it may choose.
        pub to_port: i64,
        /// The rules that admit others than the load balancer to the tasks' ports; empty where
        /// there is no load balancer with groups.
        pub ways: Known<Vec<Way>>,
        /// Whether the internet reaches the tasks directly on such a way, see service_exposure.
        pub is_reachable_from_internet: Known<bool>,
        /// A whole sentence: who is admitted past which group, and whether the internet gets there.
        pub summary: Text,
    }

    /// A rule that admits others than the load balancer.
    pub(crate) struct Way {
        /// The tasks' group that has the rule.
        pub group_id: String,
        /// Its name.
        pub group_name: String,
        /// tcp, udp, an IANA number, or -1 for all.
        pub protocol: String,
        /// First port; null for all.
        pub from_port: Option<i64>,
        /// Last port; null for all.
        pub to_port: Option<i64>,
        /// For people: tcp/8080, tcp/8000-8100, all traffic.
        pub ports: String,
        /// Who is admitted, for people: a range, or a group or prefix list with its name.
        pub source: String,
        /// What `peer` is: ipv4, ipv6, prefix-list or security-group.
        pub peer_kind: String,
        /// A CIDR range, a prefix list's id or a group's id.
        pub peer: String,
    }

    /// Hosts that the internet reaches directly and that a database admits, at once or through others.
    pub(crate) struct DatabaseChain {
        /// The group of the hosts, which admits the internet.
        pub group_id: String,
        /// Its name.
        pub group_name: String,
        /// The hosts, for people: instance i-0abc, service shop-api.
        pub hosts: String,
        /// The groups from the hosts' to the database's, each of which the next one admits, with the range
        /// of addresses between them where it is that which is admitted.
        pub groups: String,
        /// What the database's group admits: tcp/5432, all traffic.
        pub ports: String,
        /// Whether the internet reaches the hosts. Unknown where something hides hosts that are not listed.
        pub is_reached: Known<bool>,
        /// The ranges and the ids of prefix lists by which the hosts' groups let the internet in, see
        /// interface_exposure.
        pub open_peers: Vec<String>,
        /// Survives edits of other groups: the group's id.
        pub key: String,
    }

    /// A rule of a database's group that admits a range of addresses, though not the internet.
    pub(crate) struct NetworkRule {
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
        /// The range, or the prefix list with its name.
        pub source: String,
        /// What `peer` is: ipv4, ipv6 or prefix-list.
        pub peer_kind: String,
        /// A CIDR range or a prefix list's id.
        pub peer: String,
        /// Where the addresses are: vpc (all of the database's), part-of-vpc, more-than-vpc, private
        /// (another private network), internet, or aws-service for a list of AWS's that was not read.
        pub network: Known<String>,
        /// How many addresses are admitted; null for a list of AWS's that was not read.
        pub address_count: Option<i64>,
        /// The same as a part of a sentence.
        pub meaning: Text,
        /// Tells the rules of a group apart and survives edits of others: protocol/ports/peer.
        pub key: String,
    }

    /// A rule that admits the internet or a large part of it, or several that together do.
    pub(crate) struct WorldRule {
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
        /// For instance 0.0.0.0/0, or 0.0.0.0/1 + 128.0.0.0/1; IPv4 and IPv6 with a comma between.
        pub sources: String,
        /// How much of the internet the sources are, as a part of a sentence in brackets; empty where
        /// they are the whole of it.
        pub share: Text,
        /// The IPv4 ranges among the sources.
        pub cidr_blocks: Vec<String>,
        /// The IPv6 ranges among the sources.
        pub ipv6_cidr_blocks: Vec<String>,
        /// The prefix lists among the sources.
        pub prefix_list_ids: Vec<String>,
        /// What the group is attached to, for people: names of load balancers, services, databases,
        /// interfaces, for instance service shop/shop-api, db ec-db; empty for nothing, ? where it is unknown.
        pub attached_to: String,
        /// Whether the group is attached to anything.
        pub is_attached: Known<bool>,
        /// A part of a sentence: attached to what, or to nothing.
        pub attachment: Text,
        /// Tells the rules of a group apart and survives edits of others: protocol/ports/sources.
        pub key: String,
    }
}
