//! The path from the internet to a database.

use super::path::{PathTarget, Placement, exposure};
use super::{Exposure, Hop};
use crate::conclude::cidr::IpFamily;
use crate::conclude::network::lookup::find;
use crate::conclude::network::{ByFamily, Network, OrGap, Ports, Traffic, any};
use crate::snapshot::Snapshot;
use crate::snapshot::ec2::{NetworkInterface, Subnet};
use crate::snapshot::gap::GapId;
use crate::snapshot::known::Known;
use crate::snapshot::rds::{DbInstance, DbSubnetGroup};
use crate::text::Text;

/// What a database listens on.
pub(crate) fn traffic(db: &DbInstance) -> Traffic {
    Traffic::tcp(db.port.map(|port| Ports::Some(vec![port])).ok_or_else(GapId::default))
}

/// See [`super::super::FUNCTIONS`].
pub(crate) fn database_exposure(snapshot: &Snapshot, db: &DbInstance) -> Exposure {
    let network = Network { snapshot, region: &db.region };
    let group = subnet_group(snapshot, db);
    let interfaces = interfaces(snapshot, db, group.as_ref().ok().copied());
    let vpc_id = db.vpc_id.as_deref().or(group.as_ref().ok().map(|group| group.vpc_id.as_str()));
    let placement = placement(&network, db, vpc_id, &group, &interfaces);
    let has_address = addresses(db, &placement, &interfaces);
    let target = PathTarget {
        name: &db.id,
        vpc_id,
        traffic: traffic(db),
        address: address_hop(db),
        has_address,
        placement,
        group_ids: Ok(db.security_group_ids.clone()),
    };
    exposure(&network, target)
}

fn subnet_group<'a>(snapshot: &'a Snapshot, db: &DbInstance) -> OrGap<&'a DbSubnetGroup> {
    let name = db.subnet_group_name.as_deref().ok_or_else(GapId::default)?;
    find(&snapshot.rds.db_subnet_groups, &db.region, name, |group| {
        group.name == name && group.region == db.region
    })
}

/// The interfaces that may be the database's: RDS makes them and writes no name on them,
/// so that databases with the same groups and subnets cannot be told apart.
fn interfaces<'a>(
    snapshot: &'a Snapshot,
    db: &DbInstance,
    group: Option<&DbSubnetGroup>,
) -> Vec<&'a NetworkInterface> {
    let interfaces = &snapshot.ec2.network_interfaces;
    let Some(group) = group else { return Vec::new() };
    if interfaces.complete_in(&db.region).is_err() {
        return Vec::new();
    }
    let is_rds = |interface: &NetworkInterface| {
        let owners = [&interface.requester_id, &interface.attachment_owner];
        interface.description == "RDSNetworkInterface"
            || owners.iter().any(|owner| owner.as_deref() == Some("amazon-rds"))
    };
    let is_in_zone = |interface: &NetworkInterface| {
        db.availability_zone.as_ref().is_none_or(|zone| *zone == interface.availability_zone)
    };
    let has_its_groups = |interface: &NetworkInterface| {
        interface.security_group_ids.len() == db.security_group_ids.len()
            && db.security_group_ids.iter().all(|id| interface.security_group_ids.contains(id))
    };
    interfaces
        .iter()
        .filter(|interface| interface.region == db.region && group.subnet_ids.contains(&interface.subnet_id))
        .filter(|interface| is_rds(interface) && is_in_zone(interface) && has_its_groups(interface))
        .collect()
}

fn placement<'a>(
    network: &Network<'a>,
    db: &DbInstance,
    vpc_id: Option<&str>,
    group: &OrGap<&DbSubnetGroup>,
    interfaces: &[&NetworkInterface],
) -> Placement<'a> {
    let interfaces_shown = network.snapshot.ec2.network_interfaces.complete_in(network.region);
    let doubt = group.as_ref().err().cloned().or(interfaces_shown.err()).unwrap_or_default();
    let mut ids: Vec<&str> = interfaces.iter().map(|interface| interface.subnet_id.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    let of_group = || group.as_ref().map(|group| group.subnet_ids.iter().map(String::as_str).collect());
    let subnets = match (ids.is_empty(), of_group()) {
        (false, _) => look_up(network, &ids),
        (true, Ok::<Vec<_>, _>(ids)) => look_up(network, &ids),
        // Without its group it can be anywhere in the VPC: what holds everywhere holds for it.
        (true, Err(gap)) => vpc_id.ok_or_else(|| gap.clone()).and_then(|vpc_id| network.subnets_of(vpc_id)),
    };
    let is_in_zone =
        |subnet: &&Subnet| db.availability_zone.as_ref().is_none_or(|zone| *zone == subnet.availability_zone);
    let subnets = subnets.map(|subnets| subnets.into_iter().filter(is_in_zone).collect());
    Placement { subnets, is_in_all: false, doubt }
}

fn look_up<'a>(network: &Network<'a>, ids: &[&str]) -> OrGap<Vec<&'a Subnet>> {
    ids.iter().map(|id| network.subnet(id)).collect()
}

/// With public access RDS gives a public IPv4 address; a public IPv6 address depends on
/// the database's network type, which only its interface shows.
fn addresses(db: &DbInstance, placement: &Placement<'_>, interfaces: &[&NetworkInterface]) -> ByFamily {
    if db.publicly_accessible != Known::Yes(true) {
        return ByFamily::both(&db.publicly_accessible);
    }
    let subnets = placement.subnets.as_ref();
    let may_have_v6 = match subnets {
        Ok(subnets) => any(subnets.iter().map(|subnet| match subnet.ipv6_cidr_blocks.is_empty() {
            true => Known::Yes(false),
            false => Known::No(GapId::default()),
        })),
        Err(gap) => Known::No(gap.clone()),
    };
    let has_v6 = match interfaces.is_empty() {
        true => may_have_v6,
        false => Known::Yes(interfaces.iter().any(|interface| !interface.ipv6_addresses.is_empty())),
    };
    ByFamily::of(|family| match family {
        IpFamily::V4 => Known::Yes(true),
        IpFamily::V6 => has_v6.clone(),
    })
}

fn address_hop(db: &DbInstance) -> Hop {
    let id = &db.id;
    let detail = match db.publicly_accessible.known() {
        Some(true) => Text::new(
            format!("{id} is publicly accessible: its name resolves to a public address"),
            format!("{id} はパブリックアクセスが有効で、DNS 名がパブリックアドレスに解決される"),
        ),
        Some(false) => Text::new(
            format!("{id} has no public address"),
            format!("{id} はパブリックアクセスが無効で、パブリックアドレスを持たない"),
        ),
        None => Text::new(
            format!("whether {id} is publicly accessible is not known"),
            format!("{id} のパブリックアクセスの有無を確認できない"),
        ),
    };
    Hop {
        kind: "public-address".to_owned(),
        resource: id.clone(),
        is_open: db.publicly_accessible.clone(),
        detail,
    }
}
