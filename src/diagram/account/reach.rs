//! Who reaches whom: requests on their way, ways that nobody meant, and ways that may be open.

use super::INTERNET;
use super::aside::alarms_id;
use crate::arn::display_name;
use crate::conclude::edge::{load_balancer_edge, past_cloudfront};
use crate::conclude::exposure::{
    Exposure, chains_to_database, database_exposure, load_balancer_exposure, service_exposure,
    starter_exposure,
};
use crate::conclude::facts::Facts;
use crate::conclude::surest_clients;
use crate::diagram::words;
use crate::diagram::{Arrow, ArrowKind, Band, BandKind, NumberedProblem, PictureTier, Presence, Site};
use crate::snapshot::Known;
use crate::snapshot::elb::LoadBalancer;
use crate::snapshot::rds::DbInstance;
use crate::text::Text;
use std::collections::BTreeSet;

/// The arrows of a site.
pub(super) fn arrows(facts: &Facts<'_>, site: &Site, problems: &[NumberedProblem]) -> Vec<Arrow> {
    let ids = site.bands.iter().map(|band| band.id.as_str()).collect();
    let mut reach = Reach { facts, site, problems, ids, arrows: Vec::new() };
    reach.load_balancers();
    reach.services();
    reach.databases();
    reach.distributions();
    reach.alarms();
    let mut arrows = reach.arrows;
    arrows.sort_by(|left, right| {
        let key = |arrow: &Arrow| (arrow.kind, arrow.from.clone(), arrow.to.clone(), arrow.label.clone());
        key(left).cmp(&key(right))
    });
    arrows.dedup_by(|later, earlier| {
        (&later.from, &later.to, later.kind) == (&earlier.from, &earlier.to, earlier.kind)
    });
    arrows
}

/// Which problem a dangerous way belongs to: the first of these policies that fails for a resource.
#[derive(Clone, Copy)]
struct ProblemOf<'p> {
    policies: &'p [&'p str],
    resource: &'p str,
}

struct Reach<'r, 'a> {
    facts: &'r Facts<'a>,
    site: &'r Site,
    problems: &'r [NumberedProblem],
    ids: BTreeSet<&'r str>,
    arrows: Vec<Arrow>,
}

impl Reach<'_, '_> {
    fn has(&self, id: &str) -> bool {
        self.ids.contains(id)
    }

    fn push(&mut self, from: &str, to: &str, kind: ArrowKind, label: String) {
        if from != to && [from, to].into_iter().all(|end| end == INTERNET || self.has(end)) {
            self.arrows.push(Arrow {
                from: from.to_owned(),
                to: to.to_owned(),
                kind,
                label,
                problem: None,
                hops: Vec::new(),
                presence: Presence::TODAY,
            });
        }
    }

    /// A way that nobody meant, with its hops and the problem that names it.
    fn danger(&mut self, (from, to): (&str, &str), kind: ArrowKind, hops: Vec<Text>, by: ProblemOf<'_>) {
        let before = self.arrows.len();
        self.push(from, to, kind, String::new());
        let number = by.policies.iter().find_map(|policy| self.number(policy, by.resource));
        if let Some(arrow) = self.arrows.get_mut(before) {
            arrow.problem = number;
            arrow.hops = hops;
        }
    }

    fn number(&self, policy: &str, resource: &str) -> Option<usize> {
        let names = |problem: &&NumberedProblem| {
            problem.findings.iter().any(|(by, about, _)| by == policy && about == resource)
        };
        self.problems.iter().find(names).map(|problem| problem.number)
    }

    fn load_balancers(&mut self) {
        let snapshot = self.facts.snapshot();
        for lb in snapshot.elb.load_balancers.iter() {
            if !self.has(&lb.arn) {
                continue;
            }
            let edge = load_balancer_edge(snapshot, lb);
            let acl = edge.web_acl_arn.known().cloned().flatten().filter(|arn| self.has(arn));
            // Whatever comes passes the web ACL first.
            let entry = acl.clone().unwrap_or_else(|| lb.arn.clone());
            if let Some(acl) = &acl {
                self.push(acl, &lb.arn, ArrowKind::Traffic, listener_ports(lb));
            }
            let label = if acl.is_some() { String::new() } else { listener_ports(lb) };
            let ids: Vec<String> = edge.distribution_ids.known().cloned().unwrap_or_default();
            let in_front = snapshot.cloudfront.distributions.iter().filter(|one| ids.contains(&one.id));
            let in_front: Vec<&str> = in_front.map(|one| one.arn.as_str()).collect();
            for distribution in &in_front {
                self.push(distribution, &entry, ArrowKind::Traffic, label.clone());
            }
            let exposure = load_balancer_exposure(snapshot, lb);
            match exposure.is_reachable {
                Known::Yes(true) if in_front.is_empty() => {
                    self.push(INTERNET, &entry, ArrowKind::Traffic, label.clone());
                }
                Known::Yes(true) if past_cloudfront(snapshot, lb).is_reachable_past == Known::Yes(true) => {
                    let hops = hops(&exposure, &lb.name);
                    let by = ProblemOf { policies: &["alb-reachable-past-cloudfront"], resource: &lb.arn };
                    self.danger((INTERNET, &lb.arn), ArrowKind::Danger, hops, by);
                }
                Known::No(_) if in_front.is_empty() => {
                    let by = ProblemOf { policies: &[], resource: &lb.arn };
                    let hops = hops(&exposure, &lb.name);
                    self.danger((INTERNET, &lb.arn), ArrowKind::Unknown, hops, by);
                }
                _ => {}
            }
            self.targets(lb);
        }
        for lb in snapshot.elb.classic_load_balancers.iter() {
            if lb.is_internet_facing() {
                let ports: Vec<String> = lb.listener_ports.iter().map(ToString::to_string).collect();
                self.push(INTERNET, &lb.arn, ArrowKind::Traffic, ports.join(","));
            }
        }
    }

    fn targets(&mut self, lb: &LoadBalancer) {
        let snapshot = self.facts.snapshot();
        let groups: Vec<&str> = snapshot
            .elb
            .target_groups
            .iter()
            .filter(|group| group.load_balancer_arns.contains(&lb.arn))
            .map(|group| group.arn.as_str())
            .collect();
        for service in snapshot.ecs.services.iter() {
            let behind = service.load_balancers.iter().find(|one| {
                let alternate = one.alternate_target_group_arn.known().and_then(Option::as_deref);
                let mut arns = one.target_group_arn.as_deref().into_iter().chain(alternate);
                arns.any(|arn| groups.contains(&arn))
            });
            if let Some(behind) = behind {
                let port = behind.container_port.map(|port| port.to_string()).unwrap_or_default();
                self.push(&lb.arn, &service.arn, ArrowKind::Traffic, port);
            }
        }
    }

    fn services(&mut self) {
        let snapshot = self.facts.snapshot();
        for service in snapshot.ecs.services.iter() {
            if !self.has(&service.arn) {
                continue;
            }
            let exposure = service_exposure(snapshot, service);
            const POLICIES: &[&str] = &["task-exposed-to-internet", "task-reachable-past-load-balancer"];
            let by = ProblemOf { policies: POLICIES, resource: &service.arn };
            self.exposed(&service.arn, &service.name, &exposure, by);
        }
        for starter in snapshot.ecs.task_starters.iter() {
            if !self.has(&starter.arn) {
                continue;
            }
            let exposure = starter_exposure(snapshot, starter);
            let policies = &["standalone-task-exposed-to-internet"];
            let by = ProblemOf { policies, resource: &starter.arn };
            self.exposed(&starter.arn, &starter.name, &exposure, by);
        }
    }

    fn exposed(&mut self, id: &str, name: &str, exposure: &Exposure, by: ProblemOf<'_>) {
        let kind = match exposure.is_reachable {
            Known::Yes(true) => ArrowKind::Danger,
            Known::Yes(false) => return,
            Known::No(_) => ArrowKind::Unknown,
        };
        self.danger((INTERNET, id), kind, hops(exposure, name), by);
    }

    fn databases(&mut self) {
        let snapshot = self.facts.snapshot();
        for db in snapshot.rds.db_instances.iter() {
            let Some(band) = self.band_of(&db.arn) else { continue };
            let exposure = database_exposure(snapshot, db);
            let by = ProblemOf { policies: &["db-exposed-to-internet"], resource: &db.arn };
            self.exposed(&band, &db.id, &exposure, by);
            let port = db.port.map(|port| format!("tcp/{port}")).unwrap_or_default();
            for client in surest_clients(snapshot, db) {
                self.push(&client, &band, ArrowKind::Traffic, port.clone());
            }
            self.chains(db, &band);
        }
    }

    // The hosts of a chain have its group.
    fn chains(&mut self, db: &DbInstance, band: &str) {
        let snapshot = self.facts.snapshot();
        let chains = chains_to_database(self.facts, db);
        for chain in chains.known().into_iter().flatten() {
            if chain.is_reached == Known::Yes(false) || chain.group_id.is_empty() {
                continue;
            }
            let kind =
                if chain.is_reached == Known::Yes(true) { ArrowKind::Danger } else { ArrowKind::Unknown };
            let hosts = snapshot.ecs.services.iter().filter(|service| {
                service.region == db.region && service.security_group_ids.contains(&chain.group_id)
            });
            for service in hosts {
                let hops = words::chain_hops(&chain.hosts, &chain.groups, &chain.ports, &db.id);
                let by = ProblemOf { policies: &["db-admits-exposed-host"], resource: &db.arn };
                self.danger((&service.arn, band), kind, hops, by);
            }
        }
    }

    fn band_of(&self, arn: &str) -> Option<String> {
        let stands_for = |band: &&Band| band.members.contains(arn);
        self.site.bands.iter().find(stands_for).map(|band| band.id.clone())
    }

    fn distributions(&mut self) {
        let snapshot = self.facts.snapshot();
        for one in snapshot.cloudfront.distributions.iter().filter(|one| one.enabled) {
            let acl = one.web_acl_id.as_deref().filter(|acl| self.has(acl));
            match acl {
                Some(acl) => {
                    self.push(INTERNET, acl, ArrowKind::Traffic, String::new());
                    self.push(acl, &one.arn, ArrowKind::Traffic, String::new());
                }
                None => self.push(INTERNET, &one.arn, ArrowKind::Traffic, String::new()),
            }
        }
    }

    fn alarms(&mut self) {
        let snapshot = self.facts.snapshot();
        let bands = self.site.bands.iter().filter(|band| band.kind == BandKind::Topic);
        let topics: BTreeSet<&str> =
            bands.filter(|band| band.tier == PictureTier::Aside).map(|band| band.id.as_str()).collect();
        let told: BTreeSet<(&str, &str)> = snapshot
            .cloudwatch
            .alarms
            .iter()
            .flat_map(|alarm| {
                alarm.alarm_actions.iter().map(|action| (alarm.region.as_str(), action.as_str()))
            })
            .filter(|(_, action)| topics.contains(action))
            .collect();
        for (region, topic) in told {
            self.push(&alarms_id(region), topic, ArrowKind::News, String::new());
        }
    }
}

fn listener_ports(lb: &LoadBalancer) -> String {
    let listeners = lb.listeners.known().into_iter().flatten();
    let ports: Vec<String> = listeners
        .filter_map(|listener| Some(format!("{}:{}", listener.protocol.as_deref()?, listener.port?)))
        .collect();
    ports.join(" ")
}

/// The hops by their names, from the internet to the resource.
fn hops(exposure: &Exposure, name: &str) -> Vec<Text> {
    let mut hops = vec![words::internet()];
    for hop in &exposure.hops {
        let sign = match hop.is_open {
            Known::Yes(true) => "",
            Known::Yes(false) => " ✕",
            Known::No(_) => " ?",
        };
        let id = display_name(&hop.resource);
        let text = Text::of(|lang| format!("{}{sign}", words::hop(&hop.kind, id, lang)));
        // Of several subnets, what they share is told once.
        if !hops.contains(&text) {
            hops.push(text);
        }
    }
    hops.push(Text::same(name));
    hops
}
