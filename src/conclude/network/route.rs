//! Where a route table sends what is meant for the internet.

use super::filter::Passers;
use super::{ByFamily, Network};
use crate::conclude::cidr::{Addresses, CidrBlock, IpFamily, internet};
use crate::snapshot::ec2::{Route, RouteTable};
use crate::snapshot::gap::GapId;

/// What a route table does with the internet.
pub(crate) struct InternetRoute {
    /// Whether it leads to an internet gateway.
    pub is_open: ByFamily,
    /// Whom it leads there, of IPv4 and of IPv6.
    v4: Passers,
    v6: Passers,
    /// That gateway, or one that a blackhole route names.
    pub gateway: Option<String>,
    /// Whether routes to a gateway exist whose gateway is gone.
    pub is_blackhole: bool,
    /// A firewall endpoint that the internet's traffic goes through instead.
    pub firewall: Option<String>,
}

impl InternetRoute {
    /// The part of a family's internet that it leads to through a gateway.
    pub(crate) fn passers(&self, family: IpFamily) -> &Passers {
        match family {
            IpFamily::V4 => &self.v4,
            IpFamily::V6 => &self.v6,
        }
    }
}

/// Whether the table has a working route to an internet gateway, which is what AWS calls
/// a public subnet.
pub(crate) fn is_public(table: &RouteTable) -> bool {
    table.routes.iter().any(|route| is_to_gateway(route) && route.is_active())
}

fn is_to_gateway(route: &Route) -> bool {
    // The IPv6 gateways for egress only start with eigw- and let nobody in.
    route.target.starts_with("igw-")
}

/// Follows the most specific route of every address of the internet.
pub(crate) fn internet_route(network: &Network<'_>, table: &RouteTable) -> InternetRoute {
    let to_gateway = || table.routes.iter().filter(|route| is_to_gateway(route));
    let gateway = to_gateway().find(|route| route.is_active()).or_else(|| to_gateway().next());
    let firewall = table.routes.iter().find(|route| is_firewall(route) && route.is_active());
    let [v4, v6] = IpFamily::ALL.map(|family| family_route(network, table, family));
    InternetRoute {
        is_open: ByFamily::of(|family| match family {
            IpFamily::V4 => v4.is_open(family),
            IpFamily::V6 => v6.is_open(family),
        }),
        v4,
        v6,
        gateway: gateway.map(|route| route.target.clone()),
        is_blackhole: to_gateway().next().is_some() && !is_public(table),
        firewall: firewall.map(|route| route.target.clone()),
    }
}

/// A route for ranges to a VPC endpoint: AWS Network Firewall or a Gateway Load Balancer.
/// Gateway endpoints of S3 and DynamoDB have prefix lists for destinations.
fn is_firewall(route: &Route) -> bool {
    route.target.starts_with("vpce-") && !route.destination.starts_with("pl-")
}

fn family_route(network: &Network<'_>, table: &RouteTable, family: IpFamily) -> Passers {
    let (mut hops, mut hidden): (Vec<(CidrBlock, &Route)>, Option<GapId>) = (Vec::new(), None);
    for route in &table.routes {
        if !route.destination.starts_with("pl-") {
            hops.extend(CidrBlock::parse(&route.destination).map(|block| (block, route)));
            continue;
        }
        match network.prefix_list_blocks(&route.destination) {
            Ok(blocks) => hops.extend(blocks.into_iter().map(|block| (block, route))),
            // Only a list that leads to the gateway can open what is closed without it.
            Err(gap) if is_to_gateway(route) && route.is_active() => hidden = Some(gap),
            Err(_) => {}
        }
    }
    hops.retain(|(block, _)| block.family == family);
    hops.sort_by_key(|(block, _)| block.span());
    let mut rest = internet(family).clone();
    let (mut through_gateway, mut through_firewall) = (Addresses::default(), Addresses::default());
    for (block, route) in hops {
        let destination = Addresses::of(family, [&block]);
        let taken = rest.intersection(&destination);
        rest = rest.difference(&destination);
        match route {
            route if !route.is_active() => {}
            route if is_to_gateway(route) => through_gateway = through_gateway.union(&taken),
            route if is_firewall(route) => through_firewall = through_firewall.union(&taken),
            _ => {}
        }
    }
    let may = match &hidden {
        Some(_) => internet(family).clone(),
        // What the firewall behind the endpoint lets through was not asked.
        None => through_gateway.union(&through_firewall),
    };
    Passers::between(through_gateway, may, hidden.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conclude::network::site;
    use crate::snapshot::Snapshot;
    use crate::snapshot::known::Known;

    const IGW: &str = "igw-1";

    fn routes(routes: &[(&str, &str, &str)]) -> RouteTable {
        RouteTable { id: "rtb-1".into(), routes: site::routes(routes), ..Default::default() }
    }

    fn open(snapshot: &Snapshot, table: &RouteTable) -> (Option<bool>, Option<bool>) {
        let network = Network { snapshot, region: site::REGION };
        let route = internet_route(&network, table);
        (route.is_open.get(IpFamily::V4).known().copied(), route.is_open.get(IpFamily::V6).known().copied())
    }

    #[test]
    fn the_most_specific_route_decides() {
        let snapshot = Snapshot::default().complete();
        type Routes = [(&'static str, &'static str, &'static str)];
        let cases: &[(&Routes, (bool, bool))] = &[
            (&[("10.0.0.0/16", "local", "active")], (false, false)),
            (&[("0.0.0.0/0", IGW, "active")], (true, false)),
            (&[("::/0", IGW, "active")], (false, true)),
            (&[("0.0.0.0/1", IGW, "active"), ("128.0.0.0/1", IGW, "active")], (true, false)),
            (&[("192.0.0.0/2", IGW, "active")], (true, false)),
            (&[("8.8.8.0/24", IGW, "active")], (false, false)),
            (&[("0.0.0.0/0", IGW, "blackhole")], (false, false)),
            (&[("0.0.0.0/0", "nat-1", "active")], (false, false)),
            (&[("::/0", "eigw-1", "active")], (false, false)),
            (&[("0.0.0.0/0", IGW, "active"), ("198.51.100.0/24", "tgw-1", "active")], (true, false)),
            (
                &[
                    ("0.0.0.0/0", IGW, "active"),
                    ("0.0.0.0/1", "tgw-1", "active"),
                    ("128.0.0.0/1", "tgw-1", "active"),
                ],
                (false, false),
            ),
        ];
        for (rows, expected) in cases {
            let table = routes(rows);
            assert_eq!(open(&snapshot, &table), (Some(expected.0), Some(expected.1)), "{rows:?}");
        }
    }

    #[test]
    fn a_firewall_on_the_way_is_not_known_to_close_it() {
        let table = routes(&[("0.0.0.0/0", "vpce-1", "active")]);
        assert_eq!(open(&Snapshot::default().complete(), &table), (None, Some(false)));
        let endpoint = routes(&[("pl-61a54008", "vpce-1", "active")]);
        assert_eq!(open(&Snapshot::default().complete(), &endpoint), (Some(false), Some(false)));
    }

    #[test]
    fn prefix_lists_as_destinations() {
        let mut snapshot = Snapshot::default().complete();
        let table = routes(&[("pl-world", IGW, "active")]);
        assert_eq!(open(&snapshot, &table), (None, None));
        snapshot.ec2.prefix_lists.items =
            vec![site::prefix_list("pl-world", Known::Yes(vec!["0.0.0.0/1", "128.0.0.0/1"]))];
        assert_eq!(open(&snapshot, &table), (Some(true), Some(false)));
        let denied = Known::No(GapId::new("ec2:GetManagedPrefixListEntries", site::REGION, Some("pl-world")));
        snapshot.ec2.prefix_lists.items = vec![site::prefix_list("pl-world", denied)];
        assert_eq!(open(&snapshot, &table), (None, None));
    }
}
