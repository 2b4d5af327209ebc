//! From the internet to a database through hosts that it admits, by their groups or addresses.

use super::DatabaseChain;
use super::database::traffic;
use super::instance::{interface_exposure, walk_to_interface};
use super::openings::ports_label;
use super::usage::interface_label;
use crate::conclude::cidr::CidrBlock;
use crate::conclude::facts::Facts;
use crate::conclude::network::Network;
use crate::conclude::network::filter::rule_blocks;
use crate::snapshot::ec2::{NetworkInterface, Route, SecurityGroup, SecurityGroupRule};
use crate::snapshot::gap::GapId;
use crate::snapshot::known::Known;
use crate::snapshot::rds::DbInstance;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::IpAddr;

/// So many groups stand one behind the other in chains that are looked at.
const MOST_GROUPS: usize = 3;

/// A group that may reach the database, and the groups on the way, the database's own first.
struct ReachedGroup<'a> {
    group: &'a SecurityGroup,
    way: Vec<String>,
    ports: String,
}

/// See [`super::super::FUNCTIONS`].
///
/// Load balancers are left out: they are meant to be reached, and what they pass on is the
/// application's to check. A chain that is seen is one, whatever else is hidden.
pub(crate) fn chains_to_database(facts: &Facts<'_>, db: &DbInstance) -> Known<Vec<DatabaseChain>> {
    let network = Network { snapshot: facts.snapshot(), region: &db.region };
    let mut search = Search { facts, network, chains: Vec::new(), gap: None, seen: BTreeSet::new() };
    search.run(db);
    match search.gap {
        Some(gap) if search.chains.is_empty() => Known::No(gap),
        Some(gap) => {
            search.chains.push(hidden(gap));
            Known::Yes(search.chains)
        }
        None => Known::Yes(search.chains),
    }
}

/// What stands beside the chains that are seen where there may be others.
fn hidden(gap: GapId) -> DatabaseChain {
    DatabaseChain {
        group_id: String::new(),
        group_name: String::new(),
        hosts: String::new(),
        groups: String::new(),
        ports: String::new(),
        is_reached: Known::No(gap),
        open_peers: Vec::new(),
        key: "hidden".to_owned(),
    }
}

struct Search<'f, 'a> {
    facts: &'f Facts<'a>,
    network: Network<'f>,
    chains: Vec<DatabaseChain>,
    gap: Option<GapId>,
    seen: BTreeSet<&'f str>,
}

impl<'f> Search<'f, '_> {
    fn run(&mut self, db: &'f DbInstance) {
        let traffic = traffic(db);
        let mut by_address: Vec<(&'f SecurityGroup, &'f SecurityGroupRule)> = Vec::new();
        let mut waiting: VecDeque<ReachedGroup<'f>> = VecDeque::new();
        for id in &db.security_group_ids {
            self.seen.insert(id);
            let Some(group) = self.group(id) else { continue };
            for rule in &group.ingress {
                match traffic.is_matched_by(rule) {
                    Known::Yes(true) if !rule.is_about_group() => by_address.push((group, rule)),
                    Known::Yes(true) => {
                        let way = vec![self.network.group_label(id)];
                        let ports = ports_label(&rule.protocol, rule.from_port, rule.to_port);
                        self.reach(rule, way, ports, &mut waiting);
                    }
                    Known::Yes(false) => {}
                    Known::No(gap) => self.note(gap),
                }
            }
        }
        // The groups that come first are the shortest way.
        while let Some(reached) = waiting.pop_front() {
            self.look_at(&reached);
            if reached.way.len() >= MOST_GROUPS {
                continue;
            }
            for rule in reached.group.ingress.iter().filter(|rule| rule.is_about_group()) {
                let mut way = reached.way.clone();
                way.push(self.network.group_label(&reached.group.id));
                self.reach(rule, way, reached.ports.clone(), &mut waiting);
            }
        }
        for (group, rule) in by_address {
            self.look_behind(db, group, rule);
        }
    }

    /// The hosts that the internet reaches and whose addresses a rule of the database's group covers.
    fn look_behind(&mut self, db: &DbInstance, group: &SecurityGroup, rule: &SecurityGroupRule) {
        let blocks = match rule_blocks(&self.network, rule) {
            Ok(blocks) => blocks,
            Err(gap) => return self.note(gap),
        };
        let snapshot = self.network.snapshot;
        let interfaces = &snapshot.ec2.network_interfaces;
        if let (Err(gap), false) = (interfaces.complete_in(self.network.region), blocks.is_empty()) {
            self.note(gap);
        }
        let is_public = match db.publicly_accessible.ask() {
            Ok(is_public) => *is_public,
            Err(gap) => {
                self.note(gap);
                false
            }
        };
        let vpc_id = db.vpc_id.as_deref().unwrap_or(&group.vpc_id);
        let routes = routes_to_other_vpcs(&self.network, vpc_id);
        let covers = |address: &String| {
            let address = block_of(address);
            address.is_some_and(|address| blocks.iter().any(|block| block.contains(&address)))
        };
        let is_admitted = |interface: &&NetworkInterface| {
            let is_inside = |address: &String| {
                interface.vpc_id == vpc_id
                    || block_of(address)
                        .is_some_and(|address| routes.iter().any(|route| route.contains(&address)))
            };
            let private = || interface.private_ips.iter().chain(&interface.ipv6_addresses);
            let is_beside = interface.vpc_id == vpc_id || private().any(is_inside);
            // Public addresses are those by which a database that has one of its own is reached.
            let is_public_peer = || (is_beside || is_public) && interface.public_ips.iter().any(covers);
            private().any(|address| covers(address) && is_inside(address))
                || is_public_peer()
                || (is_public && interface.ipv6_addresses.iter().any(covers))
        };
        let mut hosts: BTreeMap<&str, (Vec<&NetworkInterface>, BTreeSet<String>)> = BTreeMap::new();
        for interface in interfaces.iter().filter(|interface| is_host(interface)).filter(is_admitted) {
            let (exposure, open_groups) = walk_to_interface(snapshot, interface);
            match exposure.is_reachable {
                Known::Yes(true) => {
                    // Without an open group of its own the host is named by its first one.
                    let open = open_groups.first().map(|group| group.id.as_str());
                    let own = open.or(interface.security_group_ids.first().map(String::as_str));
                    let (hosts, open_peers) = hosts.entry(own.unwrap_or_default()).or_default();
                    hosts.push(interface);
                    open_peers.extend(exposure.open_peers);
                }
                Known::Yes(false) => {}
                Known::No(gap) => self.note(gap),
            }
        }
        let source = match rule.peer_kind.as_str() {
            "prefix-list" => self.network.prefix_list_label(&rule.peer),
            _ => rule.peer.clone(),
        };
        for (own, (hosts, open_peers)) in hosts {
            // Those that are admitted by their group too are told as such.
            let is_told = |chain: &DatabaseChain| chain.group_id == own;
            if self.chains.iter().any(is_told) {
                continue;
            }
            let region = hosts.first().map_or(self.network.region, |host| host.region.as_str());
            let their_network = Network { snapshot, region };
            let name = their_network.security_group(own).map(|group| group.name.clone()).unwrap_or_default();
            self.chains.push(DatabaseChain {
                group_id: own.to_owned(),
                group_name: name,
                hosts: self.names(hosts),
                groups: format!(
                    "{} → {source} → {}",
                    their_network.group_label(own),
                    self.network.group_label(&group.id)
                ),
                ports: ports_label(&rule.protocol, rule.from_port, rule.to_port),
                is_reached: Known::Yes(true),
                open_peers: open_peers.into_iter().collect(),
                key: own.to_owned(),
            });
        }
    }

    fn names(&self, hosts: Vec<&NetworkInterface>) -> String {
        let mut names: Vec<String> = hosts.into_iter().map(|host| self.name(host)).collect();
        names.sort();
        names.dedup();
        names.join(", ")
    }

    fn note(&mut self, gap: GapId) {
        self.gap.get_or_insert(gap);
    }

    fn group(&mut self, id: &str) -> Option<&'f SecurityGroup> {
        match self.network.security_group(id) {
            Ok(group) => Some(group),
            Err(gap) => {
                // A group that a whole list does not have has been deleted: nobody is in it.
                if self.network.snapshot.ec2.security_groups.complete_in(self.network.region).is_err() {
                    self.note(gap);
                }
                None
            }
        }
    }

    /// Who is in another account's group is not in sight.
    fn reach(
        &mut self,
        rule: &'f SecurityGroupRule,
        way: Vec<String>,
        ports: String,
        waiting: &mut VecDeque<ReachedGroup<'f>>,
    ) {
        if !self.seen.insert(&rule.peer) {
            return;
        }
        let is_foreign =
            rule.peer_account.as_ref().is_some_and(|owner| *owner != self.network.snapshot.account);
        if is_foreign {
            self.note(GapId::default());
            return;
        }
        if let Some(group) = self.group(&rule.peer) {
            waiting.push_back(ReachedGroup { group, way, ports });
        }
    }

    fn look_at(&mut self, reached: &ReachedGroup<'f>) {
        let group = reached.group;
        if let Err(gap) = self.network.snapshot.ec2.network_interfaces.complete_in(&group.region) {
            self.note(gap);
        }
        let mut hosts: Vec<&NetworkInterface> = Vec::new();
        let mut open_peers: BTreeSet<String> = BTreeSet::new();
        for interface in self.facts.interfaces_with(&group.id) {
            if interface.region != group.region || !is_host(interface) {
                continue;
            }
            let exposure = interface_exposure(self.network.snapshot, interface);
            match exposure.is_reachable {
                Known::Yes(true) => {
                    hosts.push(interface);
                    open_peers.extend(exposure.open_peers);
                }
                Known::Yes(false) => {}
                Known::No(gap) => self.note(gap),
            }
        }
        if hosts.is_empty() {
            return;
        }
        let own = self.network.group_label(&group.id);
        let way: Vec<String> = [own].into_iter().chain(reached.way.iter().rev().cloned()).collect();
        self.chains.push(DatabaseChain {
            group_id: group.id.clone(),
            group_name: group.name.clone(),
            hosts: self.names(hosts),
            groups: way.join(" → "),
            ports: reached.ports.clone(),
            is_reached: Known::Yes(true),
            open_peers: open_peers.into_iter().collect(),
            key: group.id.clone(),
        });
    }

    fn name(&self, host: &NetworkInterface) -> String {
        let service = self.facts.task_of(&host.id).and_then(|task| task.service_name.clone());
        service.map_or_else(|| interface_label(host), |name| format!("service {name}"))
    }
}

/// Whether programs run behind an interface, and it has an address of the internet. Load
/// balancers, NAT gateways, endpoints and databases are no hosts.
fn is_host(interface: &NetworkInterface) -> bool {
    let is_plain = matches!(
        interface.interface_type.as_str(),
        "" | "interface" | "branch" | "trunk" | "efa" | "efa-only"
    );
    let description = interface.description.as_str();
    let has_address = !interface.public_ips.is_empty() || !interface.ipv6_addresses.is_empty();
    is_plain && has_address && !description.starts_with("ELB ") && description != "RDSNetworkInterface"
}

/// The ranges that tables of a VPC send to other VPCs: over peering connections and gateways
/// between networks.
fn routes_to_other_vpcs(network: &Network<'_>, vpc_id: &str) -> Vec<CidrBlock> {
    let is_between = |route: &&Route| {
        route.is_active() && ["pcx-", "tgw-", "arn:"].iter().any(|kind| route.target.starts_with(kind))
    };
    let tables = network.snapshot.ec2.route_tables.iter();
    let routes = tables.filter(|table| table.vpc_id == vpc_id && table.region == network.region);
    let routes = routes.flat_map(|table| &table.routes).filter(is_between);
    routes
        .flat_map(|route| match route.destination.starts_with("pl-") {
            true => network.prefix_list_blocks(&route.destination).unwrap_or_default(),
            false => CidrBlock::parse(&route.destination).into_iter().collect(),
        })
        .collect()
}

/// An address as a range of one.
fn block_of(address: &str) -> Option<CidrBlock> {
    let bits = match address.parse().ok()? {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    };
    CidrBlock::parse(&format!("{address}/{bits}"))
}
