//! The smallest loss that stops what a load balancer serves: a single resource, or an Availability Zone.
//!
//! The way is load balancer, targets or services, databases that admit the tasks, and the tasks' way
//! out. What AWS keeps in several zones by itself is no cut: an application load balancer's nodes,
//! CloudFront, Route 53, secrets, images, logs.

use super::databases::database_role;
use super::network::{Network, OrGap};
use super::task_databases::databases_of;
use super::zones::{service_zones, zone_of};
use crate::snapshot::Snapshot;
use crate::snapshot::ecs::Service;
use crate::snapshot::elb::{LoadBalancer, TargetGroup};
use crate::snapshot::gap::GapId;
use crate::snapshot::known::Known;
use crate::snapshot::rds::DbInstance;
use crate::text::Text;
use std::collections::{BTreeMap, BTreeSet};

crate::record! {
    /// What stops everything, or a part, that a load balancer serves.
    pub struct OutageCuts {
        /// The single losses that do, resources first and then zones.
        pub cuts: Known<Vec<OutageCut>>,
        /// Services that have one task or one zone, by ARN.
        pub service_arns: Vec<String>,
        /// Databases of their own without a standby, by identifier.
        pub database_ids: Vec<String>,
        /// DB clusters whose instances are in one zone, by identifier.
        pub cluster_ids: Vec<String>,
        /// NAT gateways whose zone is the only way out of the tasks that would be left.
        pub nat_gateway_ids: Vec<String>,
        /// The cuts in words, as whole sentences.
        pub summary: Text,
    }

    /// One loss that stops a load balancer's service.
    pub struct OutageCut {
        /// resource or zone.
        pub kind: String,
        /// The resource, or the zone.
        pub name: String,
        /// Of a resource, what it is; of a zone, what is there. In words.
        pub reason: Text,
    }
}

/// See [`super::FUNCTIONS`].
///
/// A cut that is known is one, whatever else is hidden; that there is none needs every answer.
pub(crate) fn outage_cuts(snapshot: &Snapshot, lb: &LoadBalancer) -> OutageCuts {
    let network = Network { snapshot, region: &lb.region };
    let mut search = CutSearch::of(network);
    if let [zone] = lb.availability_zones.as_slice() {
        let reason = Text::new(
            format!("load balancer {} is in no other zone", lb.name),
            format!("ロードバランサー {} が他のゾーンにない", lb.name),
        );
        search.zone(zone, reason);
    }
    search.targets(lb);
    search.finish()
}

struct CutSearch<'a> {
    network: Network<'a>,
    /// Resources and why each stops the service; zones likewise.
    resources: Vec<(String, Text)>,
    zones: BTreeMap<String, Vec<Text>>,
    services: BTreeSet<String>,
    databases: BTreeSet<String>,
    clusters: BTreeSet<String>,
    gateways: BTreeSet<String>,
    hidden: Option<GapId>,
}

impl<'a> CutSearch<'a> {
    fn of(network: Network<'a>) -> Self {
        CutSearch {
            network,
            resources: Vec::new(),
            zones: BTreeMap::new(),
            services: BTreeSet::new(),
            databases: BTreeSet::new(),
            clusters: BTreeSet::new(),
            gateways: BTreeSet::new(),
            hidden: None,
        }
    }

    fn zone(&mut self, zone: &str, reason: Text) {
        let reasons = self.zones.entry(zone.to_owned()).or_default();
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }

    fn resource(&mut self, name: &str, what: Text) {
        let resource = (name.to_owned(), what);
        if !self.resources.contains(&resource) {
            self.resources.push(resource);
        }
    }

    fn hide(&mut self, gap: GapId) {
        self.hidden.get_or_insert(gap);
    }

    /// Everything that stands behind the target groups of a load balancer.
    fn targets(&mut self, lb: &LoadBalancer) {
        let snapshot = self.network.snapshot;
        let groups = &snapshot.elb.target_groups;
        for gap in [groups.complete_in(&lb.region).err(), snapshot.ecs.services.complete_in(&lb.region).err()]
        {
            gap.into_iter().for_each(|gap| self.hide(gap));
        }
        for group in groups.iter().filter(|group| group.load_balancer_arns.contains(&lb.arn)) {
            let registers = |service: &&Service| {
                let mut places = service.load_balancers.iter();
                !service.is_inactive()
                    && places.any(|place| place.target_group_arn.as_deref() == Some(&group.arn))
            };
            let services: Vec<&Service> = snapshot.ecs.services.iter().filter(registers).collect();
            if services.is_empty() {
                self.instances(group);
            }
            for service in services.into_iter().filter(|service| service.desired_count > 0) {
                self.service(service);
                self.databases(service);
                self.way_out(service);
            }
        }
    }

    /// Targets that no service registers. A group without any serves nothing.
    fn instances(&mut self, group: &TargetGroup) {
        if !matches!(group.target_type.as_str(), "instance" | "ip") {
            return;
        }
        let targets = match group.targets.ask() {
            Ok(targets) => targets,
            Err(gap) => return self.hide(gap),
        };
        let staying: Vec<_> = targets.iter().filter(|target| target.state != "draining").collect();
        if let [only] = staying.as_slice() {
            let what = Text::new(
                format!("{} (the only target of {})", only.id, group.name),
                format!("{}（{} の唯一のターゲット）", only.id, group.name),
            );
            self.resource(&only.id, what);
        }
        let zones: OrGap<BTreeSet<String>> =
            staying.iter().map(|target| zone_of(self.network.snapshot, group, target)).collect();
        match zones {
            Ok(zones) if zones.len() == 1 => {
                let reason = Text::new(
                    format!("all targets of {} are there", group.name),
                    format!("{} のターゲットがすべてある", group.name),
                );
                zones.iter().filter(|zone| *zone != "all").for_each(|zone| self.zone(zone, reason.clone()));
            }
            Ok(_) => {}
            Err(gap) => self.hide(gap),
        }
    }

    fn service(&mut self, service: &Service) {
        let name = &service.name;
        if service.desired_count == 1 && service.scheduling_strategy != "DAEMON" {
            let what = Text::new(format!("the only task of {name}"), format!("{name} の唯一のタスク"));
            self.resource(name, what);
            self.services.insert(service.arn.clone());
        }
        let zones = service_zones(self.network.snapshot, service);
        match zones.is_in_one_zone {
            Known::Yes(false) => {}
            Known::No(gap) => self.hide(gap),
            Known::Yes(true) => {
                let of = |zones: &Known<Vec<String>>| match zones.known().map(Vec::as_slice) {
                    Some([zone]) => Some(zone.clone()),
                    _ => None,
                };
                self.services.insert(service.arn.clone());
                match of(&zones.subnet_zones).or_else(|| of(&zones.task_zones)) {
                    Some(zone) => {
                        let reason = Text::new(
                            format!("all tasks of {name} are there"),
                            format!("{name} のタスクがすべてある"),
                        );
                        self.zone(&zone, reason);
                    }
                    None => self.hide(GapId::default()),
                }
            }
        }
    }

    fn databases(&mut self, service: &Service) {
        if service.subnet_ids.is_empty() {
            // Their hosts' groups and addresses are what a database would admit.
            return self.hide(GapId::default());
        }
        let databases = databases_of(&self.network, service);
        databases.hidden.into_iter().for_each(|gap| self.hide(gap));
        for db in databases.found {
            let role = database_role(self.network.snapshot, db);
            match (role.kind.ask().map(String::as_str), &db.cluster_id) {
                (Ok("member"), Some(id)) => self.cluster(db, id),
                (Ok("standalone"), _) => match db.multi_az.ask() {
                    Ok(true) => {}
                    Ok(false) => {
                        self.databases.insert(db.id.clone());
                        let why = Text::new("no standby", "スタンバイなし");
                        self.standing(&db.id, db.availability_zone.as_deref(), &why);
                    }
                    Err(gap) => self.hide(gap),
                },
                // Replicas, and what a blue/green deployment copies or leaves behind, can be done without.
                (Ok(_), _) => {}
                (Err(gap), _) => self.hide(gap),
            }
        }
    }

    fn cluster(&mut self, db: &DbInstance, id: &str) {
        let clusters = &self.network.snapshot.rds.db_clusters;
        let cluster = clusters.iter().find(|cluster| cluster.region == db.region && cluster.id == id);
        let Some(cluster) = cluster else { return self.hide(clusters.hidden_by(&db.region, id)) };
        match cluster.multi_az.ask() {
            Ok(true) => return,
            Ok(false) => {}
            Err(gap) => return self.hide(gap),
        }
        self.clusters.insert(cluster.id.clone());
        if cluster.member_ids.len() <= 1 {
            let why = Text::new("one instance", "インスタンスが 1 つ");
            self.standing(&cluster.id, db.availability_zone.as_deref(), &why);
        } else if let Some(zone) = &db.availability_zone {
            let reason = Text::new(
                format!("all instances of cluster {id} are there"),
                format!("クラスター {id} のインスタンスがすべてある"),
            );
            self.zone(zone, reason);
        }
    }

    /// A database without anything to take over.
    fn standing(&mut self, id: &str, zone: Option<&str>, why: &Text) {
        let what =
            Text::new(format!("database {id} ({})", why.en), format!("データベース {id}（{}）", why.ja));
        match zone {
            Some(zone) => {
                let there = Text::new(format!("{} is there", what.en), format!("{}がある", what.ja));
                self.zone(zone, there);
            }
            None => self.hide(GapId::default()),
        }
        self.resource(id, what);
    }

    /// Zones whose NAT gateways are the only way out of the subnets that are left without the zone.
    fn way_out(&mut self, service: &Service) {
        let mut ways = Vec::new();
        for id in &service.subnet_ids {
            let way = self.network.subnet(id).and_then(|subnet| {
                let gateway = gateway_of(&self.network, self.network.route_table_of(subnet)?)?;
                Ok((subnet.availability_zone.as_str(), gateway))
            });
            match way {
                Ok(way) => ways.push(way),
                Err(gap) => return self.hide(gap),
            }
        }
        let zones: BTreeSet<&str> = ways.iter().filter_map(|(_, way)| way.map(|(_, zone)| zone)).collect();
        for zone in zones {
            let left: Vec<_> = ways.iter().filter(|(own, _)| *own != zone).collect();
            if left.is_empty() || !left.iter().all(|(_, way)| way.is_some_and(|(_, there)| there == zone)) {
                continue;
            }
            let ids: BTreeSet<&str> = left.iter().filter_map(|(_, way)| way.map(|(id, _)| id)).collect();
            let names = ids.iter().copied().collect::<Vec<_>>().join(", ");
            self.gateways.extend(ids.into_iter().map(str::to_owned));
            let reason = Text::new(
                format!("the only outbound route of {} ({names}) is there", service.name),
                format!("{} の外部への唯一の経路（{names}）がある", service.name),
            );
            self.zone(zone, reason);
        }
    }

    fn finish(self) -> OutageCuts {
        let mut resources = self.resources;
        resources.sort_by(|left, right| left.0.cmp(&right.0));
        let resources = resources.into_iter();
        let mut cuts: Vec<OutageCut> =
            resources.map(|(name, reason)| OutageCut { kind: "resource".into(), name, reason }).collect();
        cuts.extend(self.zones.into_iter().map(|(name, reasons)| {
            let reason = Text::new(
                reasons.iter().map(|reason| reason.en.as_str()).collect::<Vec<_>>().join(", "),
                reasons.iter().map(|reason| reason.ja.as_str()).collect::<Vec<_>>().join("、"),
            );
            OutageCut { kind: "zone".into(), name, reason }
        }));
        let summary = summary(&cuts);
        let listed = |names: BTreeSet<String>| names.into_iter().collect::<Vec<_>>();
        OutageCuts {
            cuts: match self.hidden {
                Some(gap) if cuts.is_empty() => Known::No(gap),
                _ => Known::Yes(cuts),
            },
            service_arns: listed(self.services),
            database_ids: listed(self.databases),
            cluster_ids: listed(self.clusters),
            nat_gateway_ids: listed(self.gateways),
            summary,
        }
    }
}

/// The NAT gateway that a table's routes lead to, and its zone. A regional one is in every zone, an
/// internet gateway as well.
fn gateway_of<'a>(
    network: &Network<'a>,
    table: &'a crate::snapshot::ec2::RouteTable,
) -> OrGap<Option<(&'a str, &'a str)>> {
    let leads = |route: &&crate::snapshot::ec2::Route| route.target.starts_with("nat-") && route.is_active();
    let Some(route) = table.routes.iter().find(leads) else { return Ok(None) };
    let gateways = &network.snapshot.ec2.nat_gateways;
    let found =
        gateways.iter().find(|gateway| gateway.region == network.region && gateway.id == route.target);
    let gateway = found.ok_or_else(|| gateways.hidden_by(network.region, &route.target))?;
    if gateway.subnet_id.is_empty() {
        return Ok(None);
    }
    let zone = network.subnet(&gateway.subnet_id)?.availability_zone.as_str();
    Ok(Some((&gateway.id, zone)))
}

fn summary(cuts: &[OutageCut]) -> Text {
    let sentence = |cut: &OutageCut| match cut.kind.as_str() {
        "zone" => Text::new(
            format!("Losing {} is enough: {}.", cut.name, cut.reason.en),
            format!("{} の障害だけで止まる（{}）。", cut.name, cut.reason.ja),
        ),
        _ => Text::new(
            format!("A failure of {} is enough.", cut.reason.en),
            format!("{}の障害だけで止まる。", cut.reason.ja),
        ),
    };
    let sentences: Vec<Text> = cuts.iter().map(sentence).collect();
    let en: Vec<&str> = sentences.iter().map(|text| text.en.as_str()).collect();
    let ja: Vec<&str> = sentences.iter().map(|text| text.ja.as_str()).collect();
    Text::new(en.join(" "), ja.concat())
}

#[cfg(test)]
mod tests;
