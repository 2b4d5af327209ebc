//! Which box a problem belongs to.

use crate::conclude::facts::Facts;
use crate::diagram::{Badge, NumberedProblem, Presence, Site};
use crate::snapshot::Snapshot;
use std::collections::{BTreeMap, BTreeSet};

/// Puts the numbers of problems at what has them. Gives the numbers that belong to nothing that is drawn.
pub(super) fn attach(facts: &Facts<'_>, sites: &mut [Site], problems: &[NumberedProblem]) -> Vec<usize> {
    let owners = owners(facts.snapshot());
    let mut unplaced = Vec::new();
    for problem in problems {
        let mut about: BTreeSet<&str> = BTreeSet::new();
        for (_, resource, _) in &problem.findings {
            about.insert(resource);
            about.extend(owners.get(resource.as_str()).into_iter().flatten().map(String::as_str));
        }
        if !place(sites, problem.number, &about) {
            unplaced.push(problem.number);
        }
    }
    unplaced
}

fn place(sites: &mut [Site], number: usize, about: &BTreeSet<&str>) -> bool {
    let badge = Badge { number, presence: Presence::TODAY };
    let mut is_placed = false;
    for site in sites {
        for band in &mut site.bands {
            if band.members.iter().any(|arn| about.contains(arn.as_str())) {
                band.badges.push(badge);
                is_placed = true;
            }
        }
        for subnet in site.subnets.iter_mut().filter(|subnet| about.contains(subnet.id.as_str())) {
            subnet.badges.push(badge);
            is_placed = true;
        }
        let of_vpc = format!(":vpc/{}", site.id);
        if !site.id.is_empty() && about.iter().any(|arn| arn.ends_with(&of_vpc)) {
            site.badges.push(badge);
            is_placed = true;
        }
    }
    is_placed
}

/// What has no box of its own, and the boxes that it belongs to.
fn owners(snapshot: &Snapshot) -> BTreeMap<String, BTreeSet<String>> {
    let mut owners: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut add = |part: &str, of: &str| {
        owners.entry(part.to_owned()).or_default().insert(of.to_owned());
    };
    let mut by_group: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for lb in snapshot.elb.load_balancers.iter() {
        for listener in lb.listeners.known().into_iter().flatten() {
            add(&listener.arn, &lb.arn);
        }
        for id in &lb.security_group_ids {
            by_group.entry((&lb.region, id)).or_default().push(&lb.arn);
        }
    }
    for lb in snapshot.elb.classic_load_balancers.iter() {
        for id in &lb.security_group_ids {
            by_group.entry((&lb.region, id)).or_default().push(&lb.arn);
        }
    }
    for group in snapshot.elb.target_groups.iter() {
        group.load_balancer_arns.iter().for_each(|arn| add(&group.arn, arn));
    }
    for service in snapshot.ecs.services.iter() {
        for group in service.load_balancers.iter().filter_map(|one| one.target_group_arn.as_ref()) {
            add(group, &service.arn);
        }
        if let Some(definition) = &service.task_definition_arn {
            add(definition, &service.arn);
            let family = definition.rsplit_once(':').map_or(definition.as_str(), |(family, _)| family);
            add(family, &service.arn);
        }
        for id in &service.security_group_ids {
            by_group.entry((&service.region, id)).or_default().push(&service.arn);
        }
    }
    for starter in snapshot.ecs.task_starters.iter() {
        for id in starter.runs.iter().flat_map(|run| &run.security_group_ids) {
            by_group.entry((&starter.region, id)).or_default().push(&starter.arn);
        }
    }
    for db in snapshot.rds.db_instances.iter() {
        for id in &db.security_group_ids {
            by_group.entry((&db.region, id)).or_default().push(&db.arn);
        }
        let group =
            snapshot.rds.db_subnet_groups.iter().find(|group| {
                Some(&group.name) == db.subnet_group_name.as_ref() && group.region == db.region
            });
        if let Some(group) = group {
            add(&group.arn, &db.arn);
        }
    }
    for group in snapshot.ec2.security_groups.iter() {
        for arn in by_group.get(&(group.region.as_str(), group.id.as_str())).into_iter().flatten() {
            add(&group.arn, arn);
        }
    }
    for acl in snapshot.ec2.network_acls.iter() {
        let subnets = snapshot.ec2.subnets.iter();
        let own = subnets.filter(|subnet| subnet.region == acl.region && acl.subnet_ids.contains(&subnet.id));
        own.for_each(|subnet| add(&acl.arn, &subnet.arn));
    }
    owners
}
