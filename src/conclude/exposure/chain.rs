//! Chains of groups: from the internet to a database through hosts that it admits.

use super::DatabaseChain;
use super::database::traffic;
use super::instance::interface_exposure;
use super::usage::interface_label;
use super::world::ports_label;
use crate::conclude::facts::Facts;
use crate::conclude::network::Network;
use crate::snapshot::ec2::{NetworkInterface, SecurityGroup, SecurityGroupRule};
use crate::snapshot::gap::GapId;
use crate::snapshot::known::Known;
use crate::snapshot::rds::DbInstance;
use std::collections::{BTreeSet, VecDeque};

/// So many groups stand one behind the other in chains that are looked at.
const MOST_GROUPS: usize = 3;

/// A group that may reach the database, and the groups on the way, the database's own first.
struct Reached<'a> {
    group: &'a SecurityGroup,
    way: Vec<String>,
    ports: String,
}

/// See [`super::super::FUNCTIONS`].
///
/// Load balancers are left out: they are meant to be reached, and what they pass on is the
/// application's to check. A chain that is seen is one, whatever else is hidden.
pub fn chains_to_database(facts: &Facts<'_>, db: &DbInstance) -> Known<Vec<DatabaseChain>> {
    let network = Network { snapshot: facts.snapshot(), region: &db.region };
    let mut search = Search { facts, network, chains: Vec::new(), gap: None, seen: BTreeSet::new() };
    search.run(db);
    match search.gap {
        Some(gap) if search.chains.is_empty() => Known::No(gap),
        _ => Known::Yes(search.chains),
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
        let mut waiting: VecDeque<Reached<'f>> = VecDeque::new();
        for id in &db.security_group_ids {
            self.seen.insert(id);
            let Some(group) = self.group(id) else { continue };
            for rule in group.ingress.iter().filter(|rule| rule.is_about_group()) {
                match traffic.is_matched_by(rule) {
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
        waiting: &mut VecDeque<Reached<'f>>,
    ) {
        if !self.seen.insert(&rule.peer) {
            return;
        }
        let is_foreign = rule.peer_account.as_ref().is_some_and(|owner| *owner != self.network.snapshot.account);
        if is_foreign {
            self.note(GapId::default());
            return;
        }
        if let Some(group) = self.group(&rule.peer) {
            waiting.push_back(Reached { group, way, ports });
        }
    }

    fn look_at(&mut self, reached: &Reached<'f>) {
        let group = reached.group;
        if let Err(gap) = self.network.snapshot.ec2.network_interfaces.complete_in(&group.region) {
            self.note(gap);
        }
        let mut hosts: Vec<&NetworkInterface> = Vec::new();
        for interface in self.facts.interfaces_with(&group.id) {
            let is_host = interface.region == group.region && !interface.description.starts_with("ELB ");
            let has_address = !interface.public_ips.is_empty() || !interface.ipv6_addresses.is_empty();
            if !is_host || !has_address {
                continue;
            }
            match interface_exposure(self.network.snapshot, interface).is_reachable {
                Known::Yes(true) => hosts.push(interface),
                Known::Yes(false) => {}
                Known::No(gap) => self.note(gap),
            }
        }
        if hosts.is_empty() {
            return;
        }
        let mut names: Vec<String> = hosts.into_iter().map(|host| self.name(host)).collect();
        names.sort();
        names.dedup();
        let own = self.network.group_label(&group.id);
        let way: Vec<String> = [own].into_iter().chain(reached.way.iter().rev().cloned()).collect();
        self.chains.push(DatabaseChain {
            group_id: group.id.clone(),
            group_name: group.name.clone(),
            hosts: names.join(", "),
            groups: way.join(" → "),
            ports: reached.ports.clone(),
            key: group.id.clone(),
        });
    }

    fn name(&self, host: &NetworkInterface) -> String {
        let service = self.facts.task_of(&host.id).and_then(|task| task.service_name.clone());
        service.map_or_else(|| interface_label(host), |name| format!("service {name}"))
    }
}
