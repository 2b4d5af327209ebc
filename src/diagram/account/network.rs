//! VPCs, their zones and their subnets: the columns and rows that everything stands in.

use crate::conclude::layout::{default_route, is_public_subnet};
use crate::diagram::words::{facet_free, idle_gateways, idle_vpcs, no_vpc, way_out_words};
use crate::diagram::{Band, PictureTier, PictureZone, Presence, Site, SiteKind, SubnetBox};
use crate::snapshot::ec2::{Subnet, Vpc};
use crate::snapshot::{Known, Snapshot};
use crate::text::Text;
use std::collections::{BTreeMap, BTreeSet};

/// Which subnet is where.
pub(super) struct Streets<'a> {
    snapshot: &'a Snapshot,
    subnets: BTreeMap<(&'a str, &'a str), Address<'a>>,
}

/// A subnet, and its row.
struct Address<'a> {
    subnet: &'a Subnet,
    tier: PictureTier,
    is_certain: bool,
}

/// Where something stands, as far as its subnets tell.
pub(super) struct Whereabouts {
    pub vpc_id: String,
    pub tier: Option<PictureTier>,
    pub zones: Vec<String>,
    /// Whether all of its subnets are known.
    pub is_certain: bool,
}

impl<'a> Streets<'a> {
    pub(super) fn of(snapshot: &'a Snapshot) -> Streets<'a> {
        let of_databases = of_databases_alone(snapshot);
        let address = |subnet: &'a Subnet| {
            let is_public = is_public_subnet(snapshot, subnet);
            let tier = match is_public {
                Known::Yes(true) => PictureTier::Public,
                _ if of_databases.contains(subnet.id.as_str()) => PictureTier::Data,
                _ => PictureTier::Private,
            };
            let is_certain = is_public.known().is_some();
            ((subnet.region.as_str(), subnet.id.as_str()), Address { subnet, tier, is_certain })
        };
        Streets { snapshot, subnets: snapshot.ec2.subnets.iter().map(address).collect() }
    }

    /// Where something stands that is in these subnets. In several rows, it is in the one that is
    /// nearest to the internet.
    pub(super) fn whereabouts(&self, region: &str, subnet_ids: &[String]) -> Whereabouts {
        let found: Vec<&Address<'_>> =
            subnet_ids.iter().filter_map(|id| self.subnets.get(&(region, id.as_str()))).collect();
        let zones: BTreeSet<String> =
            found.iter().map(|address| address.subnet.availability_zone.clone()).collect();
        Whereabouts {
            vpc_id: found.first().map(|address| address.subnet.vpc_id.clone()).unwrap_or_default(),
            tier: found.iter().map(|address| address.tier).min(),
            zones: zones.into_iter().collect(),
            is_certain: found.len() == subnet_ids.len() && !subnet_ids.is_empty(),
        }
    }

    /// The VPC of a region that has these bands in it.
    pub(super) fn site(&self, region: String, vpc_id: String, bands: Vec<Band>) -> Site {
        let vpcs = &self.snapshot.ec2.vpcs;
        let vpc = vpcs.iter().find(|vpc| vpc.id == vpc_id && vpc.region == region);
        let of_vpc =
            |address: &&Address<'_>| address.subnet.vpc_id == vpc_id && address.subnet.region == region;
        let found: Vec<&Address<'_>> = self.subnets.values().filter(of_vpc).collect();
        // A zone in which nothing stands has no column, as long as any has.
        let used: BTreeSet<&str> = bands.iter().flat_map(|band| &band.zones).map(String::as_str).collect();
        let has_any = |address: &&&Address<'_>| {
            used.is_empty() || used.contains(address.subnet.availability_zone.as_str()) || !is_default(vpc)
        };
        let shown: Vec<&&Address<'_>> = found.iter().filter(has_any).collect();
        let mut zones: BTreeSet<String> =
            shown.iter().map(|address| address.subnet.availability_zone.clone()).collect();
        zones.extend(bands.iter().flat_map(|band| band.zones.iter().cloned()));
        let left = found.len() - shown.len();
        Site {
            name: match vpc {
                Some(vpc) => Text::same(tag_name(&vpc.tags).unwrap_or(&vpc.id)),
                None if vpc_id.is_empty() => no_vpc(),
                None => Text::same(vpc_id.as_str()),
            },
            ranges: vpc.map(|vpc| ranges(vpc, &vpc_id)).unwrap_or_default(),
            kind: if vpc_id.is_empty() { SiteKind::Unknown } else { SiteKind::Vpc },
            id: vpc_id,
            region,
            zones: zones.into_iter().map(|name| PictureZone { name, presence: Presence::TODAY }).collect(),
            subnets: shown.into_iter().map(|address| self.subnet_box(address)).collect(),
            bands,
            arrows: Vec::new(),
            badges: Vec::new(),
            notes: if left > 0 { vec![facet_free(left)] } else { Vec::new() },
        }
    }

    fn subnet_box(&self, address: &Address<'_>) -> SubnetBox {
        let Address { subnet, tier, is_certain } = *address;
        let name = tag_name(&subnet.tags).unwrap_or(&subnet.id);
        let name = if name.starts_with("subnet-simulated-") { "subnet" } else { name };
        let range = subnet.cidr_block.as_deref().or(subnet.ipv6_cidr_blocks.first().map(String::as_str));
        SubnetBox {
            id: subnet.arn.clone(),
            label: format!("{name} {}", range.unwrap_or_default()).trim_end().to_owned(),
            way_out: way_out_words(&default_route(self.snapshot, subnet)),
            tier,
            is_certain,
            zone: subnet.availability_zone.clone(),
            presence: Presence::TODAY,
            badges: Vec::new(),
        }
    }

    /// What is said of the VPCs that are not drawn.
    pub(super) fn idle_notes(&self, drawn: &BTreeSet<String>, gateways: usize) -> Vec<Text> {
        let idle: Vec<&Vpc> = self.snapshot.ec2.vpcs.iter().filter(|vpc| !drawn.contains(&vpc.id)).collect();
        if idle.is_empty() {
            return Vec::new();
        }
        let subnets = self.subnets.values().filter(|address| {
            idle.iter().any(|vpc| vpc.id == address.subnet.vpc_id && vpc.region == address.subnet.region)
        });
        let names: Vec<&str> = idle.iter().map(|vpc| tag_name(&vpc.tags).unwrap_or(&vpc.id)).collect();
        let mut notes = vec![idle_vpcs(&names, subnets.count())];
        if gateways > 0 {
            notes.push(idle_gateways(gateways));
        }
        notes
    }
}

fn is_default(vpc: Option<&Vpc>) -> bool {
    vpc.is_some_and(|vpc| vpc.is_default)
}

fn ranges(vpc: &Vpc, shown: &str) -> String {
    let ranges = vpc.cidr_blocks.iter().chain(&vpc.ipv6_cidr_blocks).map(String::as_str);
    let id = (tag_name(&vpc.tags).is_some()).then_some(shown);
    id.into_iter().chain(ranges).collect::<Vec<_>>().join(" · ")
}

fn tag_name(tags: &BTreeMap<String, String>) -> Option<&str> {
    tags.get("Name").map(|name| name.trim()).filter(|name| !name.is_empty())
}

/// The subnets of subnet groups that databases use, as far as no service, load balancer or NAT gateway is
/// in any private subnet of the group: otherwise the whole group is in the private row.
fn of_databases_alone(snapshot: &Snapshot) -> BTreeSet<&str> {
    let rds = &snapshot.rds;
    let in_use: BTreeSet<&str> = rds
        .db_instances
        .iter()
        .filter_map(|db| db.subnet_group_name.as_deref())
        .chain(rds.db_clusters.iter().filter_map(|cluster| cluster.subnet_group_name.as_deref()))
        .collect();
    let of_others: BTreeSet<&str> = snapshot
        .ecs
        .services
        .iter()
        .flat_map(|service| &service.subnet_ids)
        .chain(snapshot.ecs.task_starters.iter().flat_map(|one| &one.runs).flat_map(|run| &run.subnet_ids))
        .chain(snapshot.elb.load_balancers.iter().flat_map(|lb| &lb.subnet_ids))
        .chain(snapshot.elb.classic_load_balancers.iter().flat_map(|lb| &lb.subnet_ids))
        .chain(snapshot.ec2.nat_gateways.iter().map(|nat| &nat.subnet_id))
        .map(String::as_str)
        .collect();
    let public: BTreeSet<&str> = snapshot
        .ec2
        .subnets
        .iter()
        .filter(|subnet| is_public_subnet(snapshot, subnet) == Known::Yes(true))
        .map(|subnet| subnet.id.as_str())
        .collect();
    let is_alone = |ids: &&Vec<String>| {
        let mut private = ids.iter().filter(|id| !public.contains(id.as_str()));
        !private.any(|id| of_others.contains(id.as_str()))
    };
    let groups = rds.db_subnet_groups.iter().filter(|group| in_use.contains(group.name.as_str()));
    groups.map(|group| &group.subnet_ids).filter(is_alone).flatten().map(String::as_str).collect()
}
