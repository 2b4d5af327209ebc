//! Where subnets are: public or private, and in which Availability Zones.

use super::cidr::{CidrBlock, IpFamily, free_block};
use super::network::route::is_public;
use super::network::{Network, OrGap};
use crate::snapshot::Snapshot;
use crate::snapshot::ec2::{Route, Subnet, Vpc};
use crate::snapshot::ecs::Service;
use crate::snapshot::gap::GapId;
use crate::snapshot::known::Known;
use crate::snapshot::rds::DbSubnetGroup;
use std::collections::BTreeSet;

crate::record! {
    /// Subnets by what their routes make of them.
    pub(crate) struct SubnetLayout {
        /// Subnets without a working route to an internet gateway.
        pub private_subnet_ids: Known<Vec<String>>,
        /// Subnets with a working route to an internet gateway.
        pub public_subnet_ids: Known<Vec<String>>,
        /// The Availability Zones of the private ones, sorted.
        pub private_zones: Known<Vec<String>>,
        /// The Availability Zones of the public ones, sorted.
        pub public_zones: Known<Vec<String>>,
        /// The private subnets that a database may move to: those of the group, or where it has none those
        /// of its VPC.
        pub home_subnet_ids: Known<Vec<String>>,
        /// The Availability Zones of those.
        pub home_zones: Known<Vec<String>>,
        /// An Availability Zone that another private subnet could go to: one of the VPC's subnets'
        /// without one of those, or else one of the account's other subnets' in the region; null for none.
        pub missing_zone: Known<Option<String>>,
        /// A free IPv4 range of the VPC for it, as large as the existing private subnet, or else as
        /// the largest public one; null where there is no missing zone or no room.
        pub free_cidr_block: Known<Option<String>>,
    }
}

/// See [`super::FUNCTIONS`].
pub(crate) fn vpc_layout(snapshot: &Snapshot, vpc: &Vpc) -> SubnetLayout {
    let network = Network { snapshot, region: &vpc.region };
    layout(&network, network.subnets_of(&vpc.id), &vpc.id)
}

/// See [`super::FUNCTIONS`].
pub(crate) fn subnet_group_layout(snapshot: &Snapshot, group: &DbSubnetGroup) -> SubnetLayout {
    let network = Network { snapshot, region: &group.region };
    let subnets = group.subnet_ids.iter().map(|id| network.subnet(id)).collect();
    layout(&network, subnets, &group.vpc_id)
}

/// Whether a subnet has a working route to an internet gateway.
pub(crate) fn is_public_subnet(snapshot: &Snapshot, subnet: &Subnet) -> Known<bool> {
    let network = Network { snapshot, region: &subnet.region };
    network.route_table_of(subnet).map(is_public).into()
}

/// What a subnet's default route leads to, that of IPv4 before that of IPv6; none where it has none
/// that works.
pub(crate) fn default_route(snapshot: &Snapshot, subnet: &Subnet) -> Known<Option<String>> {
    let network = Network { snapshot, region: &subnet.region };
    let table = match network.route_table_of(subnet) {
        Ok(table) => table,
        Err(gap) => return Known::No(gap),
    };
    let leads_out = |destination: &str| {
        let mut routes = table.routes.iter();
        routes.find(|route| route.destination == destination && route.is_active())
    };
    let route = leads_out("0.0.0.0/0").or_else(|| leads_out("::/0"));
    Known::Yes(route.map(|route| route.target.clone()))
}

/// See [`super::FUNCTIONS`].
///
/// One text or none: the subnets, and behind them their zones.
pub(crate) fn private_subnet_choice(snapshot: &Snapshot, service: &Service) -> Known<Vec<String>> {
    private_way_out(snapshot, service).into()
}

fn private_way_out(snapshot: &Snapshot, service: &Service) -> OrGap<Vec<String>> {
    let network = Network { snapshot, region: &service.region };
    let Some(first) = service.subnet_ids.first() else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for subnet in network.subnets_of(&network.subnet(first)?.vpc_id)? {
        let table = network.route_table_of(subnet)?;
        if !is_public(table) && table.routes.iter().any(is_way_out) {
            found.push(subnet);
        }
    }
    let zones = zones(&found);
    // A service in one zone is the next failure.
    let is_enough = zones.len() > 1;
    Ok(is_enough.then(|| format!("{} {}", ids(&found).join(","), zones.join(" + "))).into_iter().collect())
}

/// Where what nobody reaches goes out: a NAT gateway, or a transit gateway to another network's.
fn is_way_out(route: &Route) -> bool {
    let leads_out = route.target.starts_with("nat-") || route.target.starts_with("tgw-");
    route.destination == "0.0.0.0/0" && route.is_active() && leads_out
}

/// Subnets by what their routes make of them.
#[derive(Default, Clone)]
struct Split<'a> {
    private: Vec<&'a Subnet>,
    public: Vec<&'a Subnet>,
}

fn layout(network: &Network<'_>, subnets: OrGap<Vec<&Subnet>>, vpc_id: &str) -> SubnetLayout {
    let split = match subnets.and_then(|subnets| split(network, subnets)) {
        Ok(split) => split,
        Err(gap) => return hidden(&gap),
    };
    let home = home(network, &split, vpc_id);
    let missing_zone =
        home.as_ref().map_err(Clone::clone).and_then(|home| missing_zone(network, home, vpc_id));
    let free_cidr_block = match (&missing_zone, &home) {
        (Ok(Some(_)), Ok(home)) => free_cidr_block(network, home, vpc_id),
        (Ok(_), _) => Ok(None),
        (Err(gap), _) => Err(gap.clone()),
    };
    SubnetLayout {
        home_subnet_ids: home.as_ref().map(|home| ids(&home.private)).map_err(Clone::clone).into(),
        home_zones: home.as_ref().map(|home| zones(&home.private)).map_err(Clone::clone).into(),
        private_subnet_ids: Known::Yes(ids(&split.private)),
        public_subnet_ids: Known::Yes(ids(&split.public)),
        private_zones: Known::Yes(zones(&split.private)),
        public_zones: Known::Yes(zones(&split.public)),
        missing_zone: missing_zone.into(),
        free_cidr_block: free_cidr_block.into(),
    }
}

fn hidden(gap: &GapId) -> SubnetLayout {
    SubnetLayout {
        private_subnet_ids: Known::No(gap.clone()),
        public_subnet_ids: Known::No(gap.clone()),
        private_zones: Known::No(gap.clone()),
        public_zones: Known::No(gap.clone()),
        home_subnet_ids: Known::No(gap.clone()),
        home_zones: Known::No(gap.clone()),
        missing_zone: Known::No(gap.clone()),
        free_cidr_block: Known::No(gap.clone()),
    }
}

fn split<'a>(network: &Network<'_>, subnets: Vec<&'a Subnet>) -> OrGap<Split<'a>> {
    let mut split = Split::default();
    for subnet in subnets {
        match is_public(network.route_table_of(subnet)?) {
            true => split.public.push(subnet),
            false => split.private.push(subnet),
        }
    }
    Ok(split)
}

// Where a group has no private subnet, those of its VPC take their place.
fn home<'a>(network: &Network<'a>, of_group: &Split<'a>, vpc_id: &str) -> OrGap<Split<'a>> {
    if !of_group.private.is_empty() {
        return Ok(of_group.clone());
    }
    split(network, network.subnets_of(vpc_id)?)
}

fn ids(subnets: &[&Subnet]) -> Vec<String> {
    subnets.iter().map(|subnet| subnet.id.clone()).collect()
}

fn zones(subnets: &[&Subnet]) -> Vec<String> {
    let zones: BTreeSet<&String> = subnets.iter().map(|subnet| &subnet.availability_zone).collect();
    zones.into_iter().cloned().collect()
}

fn missing_zone(network: &Network<'_>, split: &Split<'_>, vpc_id: &str) -> OrGap<Option<String>> {
    let taken = zones(&split.private);
    let free = |subnets: &mut dyn Iterator<Item = &Subnet>| {
        let zones = subnets.map(|subnet| &subnet.availability_zone);
        zones.filter(|zone| !taken.contains(zone) && is_plain_zone(network.region, zone)).min().cloned()
    };
    let of_vpc = network.subnets_of(vpc_id)?;
    let everywhere = || network.snapshot.ec2.subnets.iter().filter(|subnet| subnet.region == network.region);
    Ok(free(&mut of_vpc.into_iter()).or_else(|| free(&mut everywhere())))
}

/// Local Zones and Wavelength Zones have longer names than `region` and a letter.
fn is_plain_zone(region: &str, zone: &str) -> bool {
    zone.strip_prefix(region).is_some_and(|letter| letter.len() == 1)
}

fn free_cidr_block(network: &Network<'_>, split: &Split<'_>, vpc_id: &str) -> OrGap<Option<String>> {
    let vpc = network.vpc(vpc_id)?;
    let block = |subnet: &&Subnet| CidrBlock::parse(subnet.cidr_block.as_deref()?);
    let used: Vec<CidrBlock> = network.subnets_of(vpc_id)?.iter().filter_map(block).collect();
    let within: Vec<CidrBlock> = vpc.cidr_blocks.iter().filter_map(|text| CidrBlock::parse(text)).collect();
    let model = split
        .private
        .iter()
        .filter_map(block)
        .max_by_key(|block| block.last)
        .or_else(|| split.public.iter().filter_map(block).max_by_key(CidrBlock::span))
        .filter(|block| block.family == IpFamily::V4);
    let Some(model) = model else { return Ok(None) };
    Ok(free_block(&within, &used, model.span(), Some(&model)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conclude::network::site::{self, gap, routes, subnet};

    fn vpc(snapshot: &Snapshot) -> SubnetLayout {
        vpc_layout(snapshot, &snapshot.ec2.vpcs.items[0])
    }

    fn group(snapshot: &Snapshot) -> SubnetLayout {
        subnet_group_layout(snapshot, &snapshot.rds.db_subnet_groups.items[0])
    }

    fn known(texts: &[&str]) -> Known<Vec<String>> {
        Known::Yes(site::ids(texts))
    }

    #[test]
    fn the_review_has_one_private_zone() {
        let snapshot = site::before();
        let layout = vpc(&snapshot);
        assert_eq!(layout.private_subnet_ids, known(&["subnet-private-a"]));
        assert_eq!(layout.public_subnet_ids, known(&["subnet-public-a", "subnet-public-c"]));
        assert_eq!(layout.private_zones, known(&["ap-northeast-1a"]));
        assert_eq!(layout.public_zones, known(&["ap-northeast-1a", "ap-northeast-1c"]));
        assert_eq!(layout.missing_zone, Known::Yes(Some("ap-northeast-1c".into())));
        assert_eq!(layout.free_cidr_block, Known::Yes(Some("10.0.11.0/24".into())));
        let group = group(&snapshot);
        assert_eq!(group.private_subnet_ids, known(&["subnet-private-a"]));
        assert_eq!(group.public_subnet_ids, known(&["subnet-public-c"]));
        assert_eq!(group.missing_zone, Known::Yes(Some("ap-northeast-1c".into())));
        assert_eq!(group.free_cidr_block, Known::Yes(Some("10.0.11.0/24".into())));
    }

    #[test]
    fn after_phase_1_nothing_is_missing() {
        let layout = vpc(&site::after());
        assert_eq!(layout.private_zones, known(&["ap-northeast-1a", "ap-northeast-1c"]));
        assert_eq!(layout.missing_zone, Known::Yes(None));
        assert_eq!(layout.free_cidr_block, Known::Yes(None));
        assert_eq!(group(&site::after()).public_subnet_ids, known(&[]));
    }

    #[test]
    fn the_main_table_and_blackholes() {
        let mut snapshot = site::before();
        snapshot.ec2.route_tables.items[2].subnet_ids.clear();
        assert_eq!(vpc(&snapshot).private_subnet_ids, known(&["subnet-private-a"]));
        snapshot.ec2.route_tables.items[0].routes = routes(&[("::/0", "igw-1", "active")]);
        assert_eq!(vpc(&snapshot).private_subnet_ids, known(&[]));
        snapshot.ec2.route_tables.items[0].routes = routes(&[("0.0.0.0/0", "igw-1", "blackhole")]);
        assert_eq!(vpc(&snapshot).private_subnet_ids, known(&["subnet-private-a"]));
    }

    #[test]
    fn zones_of_other_networks_and_only_plain_ones() {
        let mut snapshot = site::before();
        snapshot.ec2.subnets.items.remove(1);
        assert_eq!(vpc(&snapshot).missing_zone, Known::Yes(None));
        for zone in ["ap-northeast-1-tpe-1a", "ap-northeast-1d"] {
            let mut other = subnet("subnet-other", zone, "172.31.0.0/20");
            other.vpc_id = "vpc-2".into();
            snapshot.ec2.subnets.items.push(other);
        }
        assert_eq!(vpc(&snapshot).missing_zone, Known::Yes(Some("ap-northeast-1d".into())));
    }

    #[test]
    fn services_may_go_where_private_subnets_have_a_way_out() {
        let choice = |snapshot: &Snapshot| private_subnet_choice(snapshot, &snapshot.ecs.services.items[0]);
        let mut snapshot = site::after();
        assert_eq!(choice(&snapshot), Known::Yes(Vec::new()), "no way out");
        let out = |target: &str, state: &str| {
            routes(&[("10.0.0.0/16", "local", "active"), ("0.0.0.0/0", target, state)])
        };
        snapshot.ec2.route_tables.items[2].routes = out("nat-1", "active");
        let both = "subnet-private-a,subnet-private-c ap-northeast-1a + ap-northeast-1c".to_owned();
        assert_eq!(choice(&snapshot), Known::Yes(vec![both]));
        snapshot.ec2.route_tables.items[2].routes = out("nat-1", "blackhole");
        assert_eq!(choice(&snapshot), Known::Yes(Vec::new()));
        let mut snapshot = site::before();
        snapshot.ec2.route_tables.items[2].routes = out("nat-1", "active");
        assert_eq!(choice(&snapshot), Known::Yes(Vec::new()), "one zone");
        snapshot.ec2.subnets.incomplete = vec![gap("ec2:DescribeSubnets")];
        assert_eq!(choice(&snapshot), Known::No(gap("ec2:DescribeSubnets")));
    }

    #[test]
    fn a_full_network_has_no_room() {
        let mut snapshot = site::before();
        snapshot.ec2.vpcs.items[0].cidr_blocks = site::ids(&["10.0.10.0/24"]);
        assert_eq!(vpc(&snapshot).free_cidr_block, Known::Yes(None));
    }

    #[test]
    fn hidden_lists_hide_what_depends_on_them() {
        let mut snapshot = site::before();
        snapshot.ec2.route_tables.incomplete = vec![gap("ec2:DescribeRouteTables")];
        assert_eq!(vpc(&snapshot).private_zones.known().map(Vec::len), Some(1), "every table is named");
        snapshot.ec2.route_tables.items[2].subnet_ids.clear();
        assert_eq!(vpc(&snapshot).private_zones, Known::No(gap("ec2:DescribeRouteTables")));
        let mut snapshot = site::before();
        snapshot.ec2.subnets.incomplete = vec![gap("ec2:DescribeSubnets")];
        assert_eq!(vpc(&snapshot).private_subnet_ids, Known::No(gap("ec2:DescribeSubnets")));
        let group_layout = group(&snapshot);
        assert_eq!(group_layout.private_subnet_ids, known(&["subnet-private-a"]), "its subnets are shown");
        assert_eq!(group_layout.missing_zone, Known::No(gap("ec2:DescribeSubnets")));
        let mut snapshot = site::before();
        snapshot.ec2.vpcs.items.clear();
        snapshot.ec2.vpcs.incomplete = vec![gap("ec2:DescribeVpcs")];
        assert_eq!(group(&snapshot).missing_zone.known().map(Option::is_some), Some(true));
        assert_eq!(group(&snapshot).free_cidr_block, Known::No(gap("ec2:DescribeVpcs")));
    }
}
