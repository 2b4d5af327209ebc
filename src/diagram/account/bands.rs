//! What has a box: load balancers, services, tasks without one, databases, gateways.

use super::network::{Streets, Whereabouts};
use super::{Standing, band, hidden_band};
use crate::conclude::facts::Facts;
use crate::conclude::scaling::autoscaling;
use crate::diagram::words;
use crate::diagram::{Band, BandKind, Chip, ChipKind, PictureTier, Presence};
use crate::snapshot::ecs::{Cluster, Service, Task, TaskStarter};
use crate::snapshot::elb::LoadBalancer;
use crate::snapshot::rds::{DbCluster, DbInstance};
use crate::snapshot::{Known, Listing, Snapshot};
use crate::text::Text;
use std::collections::{BTreeMap, BTreeSet};

/// One band for what each region hides of a list.
fn hidden<T>(
    snapshot: &Snapshot,
    listing: &Listing<T>,
    kind: BandKind,
    tier: PictureTier,
) -> impl Iterator<Item = Standing> {
    snapshot.regions.iter().filter_map(move |region| {
        let gap = listing.complete_in(region).err()?;
        let band = hidden_band(kind, tier, region, &gap);
        Some(Standing { region: region.clone(), vpc_id: String::new(), band })
    })
}

fn at(band: Band, whereabouts: Whereabouts, otherwise: PictureTier) -> Band {
    Band {
        tier: whereabouts.tier.unwrap_or(otherwise),
        zones: whereabouts.zones,
        is_certain: band.is_certain && whereabouts.is_certain,
        ..band
    }
}

/// Load balancers of every kind.
pub(super) fn load_balancers(facts: &Facts<'_>, streets: &Streets<'_>) -> Vec<Standing> {
    let snapshot = facts.snapshot();
    let of_lb = |lb: &LoadBalancer| {
        let mut whereabouts = streets.whereabouts(&lb.region, &lb.subnet_ids);
        let zones: BTreeSet<String> =
            whereabouts.zones.drain(..).chain(lb.availability_zones.clone()).collect();
        whereabouts.zones = zones.into_iter().collect();
        let tier = if lb.is_internet_facing() { PictureTier::Public } else { PictureTier::Private };
        let mut one = band(&lb.arn, BandKind::LoadBalancer, Text::same(lb.name.as_str()), tier);
        one.facets = words::load_balancer(lb);
        one.groups = vec![(words::KIND.to_owned(), String::new())];
        Standing { region: lb.region.clone(), vpc_id: lb.vpc_id.clone(), band: at(one, whereabouts, tier) }
    };
    let classic = snapshot.elb.classic_load_balancers.iter().map(|lb| {
        let whereabouts = streets.whereabouts(&lb.region, &lb.subnet_ids);
        let tier = if lb.is_internet_facing() { PictureTier::Public } else { PictureTier::Private };
        let mut one = band(&lb.arn, BandKind::ClassicLoadBalancer, Text::same(lb.name.as_str()), tier);
        one.facets = words::classic_load_balancer(lb);
        one.groups = vec![(words::KIND.to_owned(), String::new())];
        let vpc_id = lb.vpc_id.clone().unwrap_or_default();
        Standing { region: lb.region.clone(), vpc_id, band: at(one, whereabouts, tier) }
    });
    let elb = &snapshot.elb;
    elb.load_balancers
        .iter()
        .map(of_lb)
        .chain(classic)
        .chain(hidden(snapshot, &elb.load_balancers, BandKind::LoadBalancer, PictureTier::Public))
        .chain(hidden(
            snapshot,
            &elb.classic_load_balancers,
            BandKind::ClassicLoadBalancer,
            PictureTier::Public,
        ))
        .collect()
}

/// Services that were not deleted.
pub(super) fn services(facts: &Facts<'_>, streets: &Streets<'_>) -> Vec<Standing> {
    let snapshot = facts.snapshot();
    let mut tasks: BTreeMap<(&str, &str), Vec<&Task>> = BTreeMap::new();
    for task in snapshot.ecs.tasks.iter().filter(|task| task.last_status != "STOPPED") {
        if let Some(name) = &task.service_name {
            tasks.entry((&task.cluster_arn, name)).or_default().push(task);
        }
    }
    let services = snapshot.ecs.services.iter().filter(|service| !service.is_inactive());
    let mut standing: Vec<Standing> = services
        .map(|service| {
            let key = (service.cluster_arn.as_str(), service.name.as_str());
            one_service(facts, streets, service, tasks.get(&key).map(Vec::as_slice).unwrap_or_default())
        })
        .collect();
    // A service whose network is not known stands where the rest of its cluster is.
    let mut homes: BTreeMap<String, (String, PictureTier)> = BTreeMap::new();
    for one in standing.iter().filter(|one| !one.vpc_id.is_empty()) {
        let cluster = one.band.groups.first().map(|(_, name)| name.clone()).unwrap_or_default();
        homes.entry(format!("{} {cluster}", one.region)).or_insert((one.vpc_id.clone(), one.band.tier));
    }
    for one in standing.iter_mut().filter(|one| one.vpc_id.is_empty()) {
        let cluster = one.band.groups.first().map(|(_, name)| name.clone()).unwrap_or_default();
        if let Some((vpc_id, _)) = homes.get(&format!("{} {cluster}", one.region)) {
            one.vpc_id.clone_from(vpc_id);
        }
    }
    standing.extend(hidden(snapshot, &snapshot.ecs.services, BandKind::Service, PictureTier::Private));
    standing
}

fn one_service(facts: &Facts<'_>, streets: &Streets<'_>, service: &Service, tasks: &[&Task]) -> Standing {
    let snapshot = facts.snapshot();
    let subnets = match service.is_in_network_of_hosts() {
        true => host_subnets(snapshot, service),
        false => service.subnet_ids.clone(),
    };
    let whereabouts = streets.whereabouts(&service.region, &subnets);
    let mut vpc_id = whereabouts.vpc_id.clone();
    if vpc_id.is_empty() {
        let groups = service.load_balancers.iter().filter_map(|one| one.target_group_arn.as_ref());
        let found =
            groups.filter_map(|arn| snapshot.elb.target_groups.iter().find(|group| group.arn == *arn));
        vpc_id = found.filter_map(|group| group.vpc_id.clone()).next().unwrap_or_default();
    }
    let name = format!("{}/{}", service.cluster_name, service.name);
    let mut one = band(&service.arn, BandKind::Service, Text::same(name), PictureTier::Private);
    one.facets = words::service(service, &autoscaling(facts, service), task_size(snapshot, service));
    one.groups.push((words::CLUSTER.to_owned(), service.cluster_name.clone()));
    one.groups.extend(service.tags.clone());
    let mut one = at(one, whereabouts, PictureTier::Private);
    one.chips = task_chips(snapshot, service, tasks, &one.zones);
    // A zone that only a task tells.
    let told: BTreeSet<String> =
        one.chips.iter().map(|chip| chip.zone.clone()).filter(|zone| !zone.is_empty()).collect();
    let zones: BTreeSet<String> = one.zones.drain(..).chain(told).collect();
    one.zones = zones.into_iter().collect();
    Standing { region: service.region.clone(), vpc_id, band: one }
}

/// The subnets of the hosts of a service's cluster.
fn host_subnets(snapshot: &Snapshot, service: &Service) -> Vec<String> {
    let hosts = snapshot.ecs.container_instances.iter();
    let instances: BTreeSet<&str> = hosts
        .filter(|host| host.cluster_arn == service.cluster_arn)
        .filter_map(|host| host.ec2_instance_id.as_deref())
        .collect();
    let interfaces = snapshot
        .ec2
        .network_interfaces
        .iter()
        .filter(|interface| interface.instance_id.as_deref().is_some_and(|id| instances.contains(id)));
    let subnets: BTreeSet<String> = interfaces.map(|interface| interface.subnet_id.clone()).collect();
    subnets.into_iter().collect()
}

fn task_size(snapshot: &Snapshot, service: &Service) -> Option<(i64, i64)> {
    let arn = service.task_definition_arn.as_ref()?;
    let definition = snapshot.ecs.task_definitions.iter().find(|definition| definition.arn == *arn)?;
    Some((definition.cpu_units?, definition.memory_mib?))
}

fn task_chips(snapshot: &Snapshot, service: &Service, tasks: &[&Task], zones: &[String]) -> Vec<Chip> {
    let mut by_zone: BTreeMap<String, usize> = BTreeMap::new();
    for task in tasks {
        by_zone.entry(zone_of(snapshot, task)).and_modify(|count| *count += 1).or_insert(1);
    }
    let mut chips: Vec<Chip> = Vec::new();
    for (zone, count) in &by_zone {
        let kind = if zone.is_empty() { ChipKind::Unknown } else { ChipKind::Running };
        chips.extend(running(zone, *count, kind));
    }
    // What the service says runs, and no list of tasks shows.
    let missing = usize::try_from(service.running_count).unwrap_or(0).saturating_sub(tasks.len());
    let is_hidden = snapshot.ecs.tasks.complete_in(&service.region).is_err();
    if missing > 0 && (is_hidden || tasks.is_empty()) {
        chips.extend(running("", missing, ChipKind::Unknown));
    } else {
        let empty = zones.iter().filter(|zone| !by_zone.contains_key(*zone));
        chips.extend(empty.map(|zone| chip(zone, ChipKind::Empty, words::no_task())));
    }
    chips
}

/// How many tasks of a zone have a chip of their own.
const MOST_CHIPS: usize = 4;

fn running(zone: &str, count: usize, kind: ChipKind) -> Vec<Chip> {
    if count > MOST_CHIPS {
        return vec![Chip { count, ..chip(zone, kind, words::tasks(count)) }];
    }
    (1..=count).map(|_| chip(zone, kind, words::task())).collect()
}

fn chip(zone: &str, kind: ChipKind, text: Text) -> Chip {
    let count = usize::from(kind != ChipKind::Empty);
    Chip { zone: zone.to_owned(), kind, text, count, presence: Presence::TODAY }
}

fn zone_of(snapshot: &Snapshot, task: &Task) -> String {
    let told = task.availability_zone.clone().or_else(|| {
        let id = task.network_interface_id.as_ref()?;
        let interface = snapshot.ec2.network_interfaces.iter().find(|interface| interface.id == *id)?;
        Some(interface.availability_zone.clone())
    });
    told.unwrap_or_default()
}

/// What starts tasks without a service.
pub(super) fn starters(facts: &Facts<'_>, streets: &Streets<'_>) -> Vec<Standing> {
    let snapshot = facts.snapshot();
    let one = |starter: &TaskStarter| {
        let mut subnets: Vec<String> = starter.runs.iter().flat_map(|run| run.subnet_ids.clone()).collect();
        subnets.sort();
        subnets.dedup();
        let whereabouts = streets.whereabouts(&starter.region, &subnets);
        let vpc_id = whereabouts.vpc_id.clone();
        let name = Text::same(starter.name.as_str());
        let mut one = band(&starter.arn, BandKind::TaskStarter, name, PictureTier::Private);
        one.facets = words::starter(starter);
        let clusters: BTreeSet<&str> = starter.runs.iter().map(|run| run.cluster_arn.as_str()).collect();
        let named = |cluster: &&Cluster| clusters.contains(cluster.arn.as_str());
        let cluster = snapshot.ecs.clusters.iter().find(named).map(|cluster| cluster.name.clone());
        one.groups = vec![(words::CLUSTER.to_owned(), cluster.unwrap_or_default())];
        Standing { region: starter.region.clone(), vpc_id, band: at(one, whereabouts, PictureTier::Private) }
    };
    let starters = &snapshot.ecs.task_starters;
    let unknown = hidden(snapshot, starters, BandKind::TaskStarter, PictureTier::Private);
    starters.iter().map(one).chain(unknown).collect()
}

/// Standalone instances, and clusters with their members.
pub(super) fn databases(facts: &Facts<'_>, streets: &Streets<'_>) -> Vec<Standing> {
    let snapshot = facts.snapshot();
    let rds = &snapshot.rds;
    let is_listed = |db: &&DbInstance| {
        let of_cluster =
            |id: &String| rds.db_clusters.iter().any(|one| one.id == *id && one.region == db.region);
        !db.cluster_id.as_ref().is_some_and(of_cluster)
    };
    let instances = rds.db_instances.iter().filter(is_listed).map(|db| instance(snapshot, streets, db));
    let clusters = rds.db_clusters.iter().map(|one| cluster(snapshot, streets, one));
    instances
        .chain(clusters)
        .chain(hidden(snapshot, &rds.db_instances, BandKind::DbInstance, PictureTier::Data))
        .chain(hidden(snapshot, &rds.db_clusters, BandKind::DbCluster, PictureTier::Data))
        .collect()
}

/// Where databases of a subnet group are or may be.
fn group_whereabouts(
    snapshot: &Snapshot,
    streets: &Streets<'_>,
    region: &str,
    group: Option<&str>,
) -> Whereabouts {
    let groups = &snapshot.rds.db_subnet_groups;
    let found = groups.iter().find(|one| Some(one.name.as_str()) == group && one.region == region);
    let mut whereabouts = streets.whereabouts(region, found.map_or(&[], |group| &group.subnet_ids));
    if let (Some(group), true) = (found, whereabouts.vpc_id.is_empty()) {
        whereabouts.vpc_id.clone_from(&group.vpc_id);
    }
    whereabouts
}

fn instance(snapshot: &Snapshot, streets: &Streets<'_>, db: &DbInstance) -> Standing {
    let mut whereabouts = group_whereabouts(snapshot, streets, &db.region, db.subnet_group_name.as_deref());
    let vpc_id = db.vpc_id.clone().unwrap_or_else(|| whereabouts.vpc_id.clone());
    let own = own_tier(streets, snapshot, db, &whereabouts);
    whereabouts.tier = own.or(whereabouts.tier);
    let mut one = band(&db.arn, BandKind::DbInstance, Text::same(db.id.as_str()), PictureTier::Data);
    one.facets = words::database(db);
    one.groups = vec![(words::KIND.to_owned(), String::new())];
    one.groups.extend(db.tags.clone());
    let mut chips = Vec::new();
    let primary = if db.replication_source_id.is_some() { words::replica() } else { words::primary() };
    chips.push(match &db.availability_zone {
        Some(zone) => chip(zone, ChipKind::Running, primary),
        None => chip("", ChipKind::Unknown, primary),
    });
    let taken = |zone: &String| Some(zone) == db.availability_zone.as_ref();
    match (&db.multi_az, &db.secondary_availability_zone) {
        (Known::Yes(true), Some(zone)) => chips.push(chip(zone, ChipKind::Waiting, words::standby())),
        // AWS tells the zone of a standby only when it is there.
        (Known::Yes(true), None) => {
            let mut free = whereabouts.zones.iter().filter(|zone| !taken(zone));
            let only = free.next().filter(|_| free.next().is_none());
            chips.push(chip(only.map_or("", String::as_str), ChipKind::Waiting, words::standby()));
        }
        (Known::Yes(false), _) => {
            let free = whereabouts.zones.iter().filter(|zone| !taken(zone));
            chips.extend(free.map(|zone| chip(zone, ChipKind::Empty, words::no_standby())));
        }
        (Known::No(_), _) => chips.push(chip("", ChipKind::Unknown, words::standby_unknown())),
    }
    let mut zones: BTreeSet<String> = whereabouts.zones.drain(..).collect();
    zones.extend(chips.iter().map(|chip| chip.zone.clone()).filter(|zone| !zone.is_empty()));
    whereabouts.zones = zones.into_iter().collect();
    let mut one = at(one, whereabouts, PictureTier::Data);
    one.chips = chips;
    Standing { region: db.region.clone(), vpc_id, band: one }
}

// A subnet group may reach over rows: the database stands in the one that it is in now.
fn own_tier(
    streets: &Streets<'_>,
    snapshot: &Snapshot,
    db: &DbInstance,
    group: &Whereabouts,
) -> Option<PictureTier> {
    let zone = db.availability_zone.as_ref()?;
    let found = snapshot
        .rds
        .db_subnet_groups
        .iter()
        .find(|one| Some(&one.name) == db.subnet_group_name.as_ref() && one.region == db.region)?;
    let tiers: BTreeSet<PictureTier> = found
        .subnet_ids
        .iter()
        .map(|id| streets.whereabouts(&db.region, std::slice::from_ref(id)))
        .filter(|one| one.zones.contains(zone))
        .filter_map(|one| one.tier)
        .collect();
    tiers.first().copied().or(group.tier)
}

fn cluster(snapshot: &Snapshot, streets: &Streets<'_>, cluster: &DbCluster) -> Standing {
    let members: Vec<&DbInstance> = snapshot
        .rds
        .db_instances
        .iter()
        .filter(|db| db.cluster_id.as_ref() == Some(&cluster.id) && db.region == cluster.region)
        .collect();
    let group = cluster.subnet_group_name.as_deref();
    let group = group.or_else(|| members.iter().find_map(|db| db.subnet_group_name.as_deref()));
    let mut whereabouts = group_whereabouts(snapshot, streets, &cluster.region, group);
    let of_member = members.iter().find_map(|db| db.vpc_id.clone());
    let vpc_id = of_member.unwrap_or_else(|| whereabouts.vpc_id.clone());
    let mut one = band(&cluster.arn, BandKind::DbCluster, Text::same(cluster.id.as_str()), PictureTier::Data);
    one.facets = words::cluster(cluster, members.first().copied());
    one.groups = vec![(words::KIND.to_owned(), String::new())];
    one.groups.extend(cluster.tags.clone());
    one.members.extend(members.iter().map(|db| db.arn.clone()));
    let chips: Vec<Chip> = members
        .iter()
        .map(|db| match &db.availability_zone {
            Some(zone) => chip(zone, ChipKind::Running, Text::same(db.id.as_str())),
            None => chip("", ChipKind::Unknown, Text::same(db.id.as_str())),
        })
        .collect();
    let taken: BTreeSet<String> =
        chips.iter().map(|chip| chip.zone.clone()).filter(|zone| !zone.is_empty()).collect();
    let free = whereabouts.zones.iter().filter(|zone| !taken.contains(*zone));
    let empty: Vec<Chip> = free.map(|zone| chip(zone, ChipKind::Empty, words::no_instance())).collect();
    let zones: BTreeSet<String> = whereabouts.zones.drain(..).chain(taken).collect();
    whereabouts.zones = zones.into_iter().collect();
    let mut one = at(one, whereabouts, PictureTier::Data);
    one.chips = chips.into_iter().chain(empty).collect();
    Standing { region: cluster.region.clone(), vpc_id, band: one }
}

/// Internet gateways and NAT gateways.
pub(super) fn gateways(facts: &Facts<'_>, streets: &Streets<'_>) -> Vec<Standing> {
    let snapshot = facts.snapshot();
    let mut standing = Vec::new();
    for gateway in snapshot.ec2.internet_gateways.iter() {
        let vpc_id = gateway.vpc_ids.first().cloned().unwrap_or_default();
        let name = Text::same(gateway.id.as_str());
        let mut one = band(&gateway.arn, BandKind::InternetGateway, name, PictureTier::Edge);
        if vpc_id.is_empty() {
            one.facets = vec![words::facet(words::not_attached())];
        }
        standing.push(Standing { region: gateway.region.clone(), vpc_id, band: one });
    }
    for nat in snapshot.ec2.nat_gateways.iter().filter(|nat| !nat.is_gone()) {
        let subnet = std::slice::from_ref(&nat.subnet_id);
        let whereabouts = streets.whereabouts(&nat.region, subnet);
        let name = Text::same(nat.id.as_str());
        let one = band(&nat.arn, BandKind::NatGateway, name, PictureTier::Public);
        let band = at(one, whereabouts, PictureTier::Public);
        standing.push(Standing { region: nat.region.clone(), vpc_id: nat.vpc_id.clone(), band });
    }
    let ec2 = &snapshot.ec2;
    standing.extend(hidden(snapshot, &ec2.internet_gateways, BandKind::InternetGateway, PictureTier::Edge));
    standing.extend(hidden(snapshot, &ec2.nat_gateways, BandKind::NatGateway, PictureTier::Public));
    standing
}
