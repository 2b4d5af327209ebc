//! The ways out of subnets: NAT gateways and the zones they stand in.

use super::network::{Network, OrGap};
use crate::snapshot::Snapshot;
use crate::snapshot::ec2::{NatGateway, Subnet};
use crate::snapshot::gap::GapId;
use crate::snapshot::known::Known;
use crate::text::Text;
use std::collections::BTreeSet;

crate::record! {
    /// Who goes out through a NAT gateway.
    pub struct NatGatewayUse {
        /// The Availability Zone it stands in; null for a regional one, which is in all of them.
        pub zone: Known<Option<String>>,
        /// The subnets whose routes lead to it.
        pub subnet_ids: Known<Vec<String>>,
        /// Those of them that are in other zones.
        pub other_zone_subnet_ids: Known<Vec<String>>,
        /// The zones of those, sorted.
        pub other_zones: Known<Vec<String>>,
        /// The services that have tasks in those.
        pub other_zone_service_names: Known<Vec<String>>,
        /// A whole sentence.
        pub summary: Text,
    }
}

/// See [`super::FUNCTIONS`].
///
/// A subnet that is known to be in another zone is one, whatever else is hidden.
pub(crate) fn nat_gateway_use(snapshot: &Snapshot, gateway: &NatGateway) -> NatGatewayUse {
    let network = Network { snapshot, region: &gateway.region };
    let zone = zone(&network, gateway);
    let routed = routed_subnets(&network, gateway);
    let (others, hidden) = match (&zone, &routed) {
        (Ok(None), _) => (Vec::new(), None),
        (Ok(Some(zone)), (subnets, hidden)) => {
            let others = subnets.iter().filter(|subnet| subnet.availability_zone != *zone).copied();
            (others.collect::<Vec<&Subnet>>(), hidden.clone())
        }
        (Err(gap), _) => (Vec::new(), Some(gap.clone())),
    };
    let answer = |texts: BTreeSet<String>| match &hidden {
        Some(gap) if others.is_empty() => Known::No(gap.clone()),
        _ => Known::Yes(texts.into_iter().collect::<Vec<String>>()),
    };
    let services = services(snapshot, gateway, &others);
    let services = match (services, snapshot.ecs.services.complete_in(&gateway.region)) {
        (names, Err(gap)) if names.is_empty() && !others.is_empty() => Known::No(gap),
        (names, _) => answer(names),
    };
    let (subnets, missing) = &routed;
    NatGatewayUse {
        summary: summary(gateway, &zone, &others, &hidden, &services),
        subnet_ids: match missing {
            Some(gap) => Known::No(gap.clone()),
            None => Known::Yes(subnets.iter().map(|subnet| subnet.id.clone()).collect()),
        },
        other_zone_subnet_ids: answer(others.iter().map(|subnet| subnet.id.clone()).collect()),
        other_zones: answer(others.iter().map(|subnet| subnet.availability_zone.clone()).collect()),
        other_zone_service_names: services,
        zone: zone.map(|zone| zone.map(str::to_owned)).into(),
    }
}

/// A regional NAT gateway stands in no subnet.
fn zone<'a>(network: &Network<'a>, gateway: &NatGateway) -> OrGap<Option<&'a str>> {
    if gateway.subnet_id.is_empty() {
        return Ok(None);
    }
    network.subnet(&gateway.subnet_id).map(|subnet| Some(subnet.availability_zone.as_str()))
}

/// The subnets of the VPC with a working route to the gateway, and what hides more of them.
fn routed_subnets<'a>(network: &Network<'a>, gateway: &NatGateway) -> (Vec<&'a Subnet>, Option<GapId>) {
    let subnets = &network.snapshot.ec2.subnets;
    let mut hidden = subnets.complete_in(network.region).err();
    let mut routed = Vec::new();
    let own =
        subnets.iter().filter(|subnet| subnet.vpc_id == gateway.vpc_id && subnet.region == network.region);
    for subnet in own {
        match network.route_table_of(subnet) {
            Ok(table) => {
                let leads =
                    |route: &crate::snapshot::ec2::Route| route.target == gateway.id && route.is_active();
                if table.routes.iter().any(leads) {
                    routed.push(subnet);
                }
            }
            Err(gap) => hidden = hidden.or(Some(gap)),
        }
    }
    (routed, hidden)
}

fn services(snapshot: &Snapshot, gateway: &NatGateway, subnets: &[&Subnet]) -> BTreeSet<String> {
    let is_there = |id: &String| subnets.iter().any(|subnet| subnet.id == *id);
    let services = snapshot.ecs.services.iter().filter(|service| {
        service.region == gateway.region
            && service.status == "ACTIVE"
            && service.subnet_ids.iter().any(is_there)
    });
    services.map(|service| service.name.clone()).collect()
}

fn summary(
    gateway: &NatGateway,
    zone: &OrGap<Option<&str>>,
    others: &[&Subnet],
    hidden: &Option<GapId>,
    services: &Known<Vec<String>>,
) -> Text {
    let id = &gateway.id;
    let zone = match zone {
        Ok(None) => {
            return Text::new(
                format!("{id} is regional and spans every Availability Zone."),
                format!("{id} はリージョナルで、すべてのアベイラビリティゾーンにまたがる。"),
            );
        }
        Ok(Some(zone)) if hidden.is_none() || !others.is_empty() => zone,
        _ => {
            return Text::new(
                format!("Which subnets use {id} could not be determined."),
                format!("{id} を経由するサブネットを確認できない。"),
            );
        }
    };
    if others.is_empty() {
        return Text::new(
            format!("{id} in {zone} serves no subnet of another zone."),
            format!("{zone} の {id} を経由する他のゾーンのサブネットはない。"),
        );
    }
    let named = |subnet: &&Subnet| format!("{} ({})", subnet.id, subnet.availability_zone);
    let subnets = others.iter().map(named).collect::<Vec<_>>().join(", ");
    let names = services.known().filter(|names| !names.is_empty()).map(|names| names.join(", "));
    let (en, ja) = match names {
        Some(names) => (format!("; services there: {names}"), format!("（サービス: {names}）")),
        None => (String::new(), String::new()),
    };
    Text::new(
        format!("{id} in {zone} also serves {subnets}{en}."),
        format!("{zone} の {id} を、他のゾーンの {subnets} も経由している{ja}。"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conclude::network::site::{self, gap, ids, routes};

    /// A gateway in 1a, and private subnets in 1a and 1c that go out through it.
    fn shared() -> Snapshot {
        let mut snapshot = site::after();
        let gateway = NatGateway {
            id: "nat-1".into(),
            region: site::REGION.into(),
            vpc_id: "vpc-1".into(),
            subnet_id: "subnet-public-a".into(),
            state: "available".into(),
            ..NatGateway::default()
        };
        snapshot.ec2.nat_gateways.items.push(gateway);
        snapshot.ec2.route_tables.items[2].routes.extend(routes(&[("0.0.0.0/0", "nat-1", "active")]));
        snapshot
    }

    fn used(snapshot: &Snapshot) -> NatGatewayUse {
        nat_gateway_use(snapshot, &snapshot.ec2.nat_gateways.items[0])
    }

    #[test]
    fn one_gateway_for_two_zones() {
        let mut snapshot = shared();
        let found = used(&snapshot);
        assert_eq!(found.zone, Known::Yes(Some("ap-northeast-1a".into())));
        assert_eq!(found.subnet_ids, Known::Yes(ids(&["subnet-private-a", "subnet-private-c"])));
        assert_eq!(found.other_zone_subnet_ids, Known::Yes(ids(&["subnet-private-c"])));
        assert_eq!(found.other_zones, Known::Yes(ids(&["ap-northeast-1c"])));
        assert_eq!(found.other_zone_service_names, Known::Yes(Vec::new()));
        assert_eq!(
            found.summary.en,
            "nat-1 in ap-northeast-1a also serves subnet-private-c (ap-northeast-1c)."
        );
        snapshot.ecs.services.items[0].subnet_ids = ids(&["subnet-private-a", "subnet-private-c"]);
        let found = used(&snapshot);
        assert_eq!(found.other_zone_service_names, Known::Yes(ids(&["shop-api"])));
        assert!(found.summary.en.ends_with("; services there: shop-api."), "{}", found.summary.en);
    }

    #[test]
    fn a_gateway_for_each_zone_and_a_regional_one() {
        let mut snapshot = shared();
        let mut second = snapshot.ec2.nat_gateways.items[0].clone();
        (second.id, second.subnet_id) = ("nat-2".into(), "subnet-public-c".into());
        snapshot.ec2.nat_gateways.items.push(second);
        let table = site::table("rtb-c", false, &["subnet-private-c"], &[("0.0.0.0/0", "nat-2", "active")]);
        snapshot.ec2.route_tables.items[2].subnet_ids.pop();
        snapshot.ec2.route_tables.items.push(table);
        for gateway in snapshot.ec2.nat_gateways.iter() {
            assert_eq!(nat_gateway_use(&snapshot, gateway).other_zones, Known::Yes(Vec::new()));
        }
        let mut regional = shared();
        regional.ec2.nat_gateways.items[0].subnet_id.clear();
        let found = used(&regional);
        assert_eq!((found.zone, found.other_zones), (Known::Yes(None), Known::Yes(Vec::new())));
    }

    #[test]
    fn the_main_table_counts_and_a_blackhole_does_not() {
        let mut snapshot = shared();
        snapshot.ec2.route_tables.items[2].subnet_ids.clear();
        assert_eq!(used(&snapshot).other_zones, Known::Yes(Vec::new()));
        snapshot.ec2.route_tables.items[0].routes = routes(&[("0.0.0.0/0", "nat-1", "active")]);
        assert_eq!(used(&snapshot).other_zones, Known::Yes(ids(&["ap-northeast-1c"])));
        snapshot.ec2.route_tables.items[0].routes = routes(&[("0.0.0.0/0", "nat-1", "blackhole")]);
        assert_eq!(used(&snapshot).other_zones, Known::Yes(Vec::new()));
    }

    #[test]
    fn what_is_hidden_leaves_only_what_depends_on_it_open() {
        let mut snapshot = shared();
        snapshot.ec2.subnets.incomplete = vec![gap("ec2:DescribeSubnets")];
        let found = used(&snapshot);
        assert_eq!(found.other_zones, Known::Yes(ids(&["ap-northeast-1c"])), "one is enough");
        assert_eq!(found.subnet_ids, Known::No(gap("ec2:DescribeSubnets")));
        snapshot.ec2.subnets.items.retain(|subnet| subnet.id != "subnet-private-c");
        assert_eq!(used(&snapshot).other_zones, Known::No(gap("ec2:DescribeSubnets")));
        let mut snapshot = shared();
        snapshot.ec2.route_tables.items.remove(2);
        snapshot.ec2.route_tables.incomplete = vec![gap("ec2:DescribeRouteTables")];
        assert_eq!(used(&snapshot).other_zones, Known::No(gap("ec2:DescribeRouteTables")));
        let mut snapshot = shared();
        snapshot.ecs.services.items.clear();
        snapshot.ecs.services.incomplete = vec![gap("ecs:ListServices")];
        assert_eq!(used(&snapshot).other_zone_service_names, Known::No(gap("ecs:ListServices")));
    }
}
