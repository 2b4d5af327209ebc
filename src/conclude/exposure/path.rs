//! The path from the internet to an interface: public address, internet gateway, the
//! subnet's route table and network ACL, security groups.

use super::openings::open_peers;
use super::{Exposure, Hop};
use crate::conclude::cidr::{IpFamily, whole_internet};
use crate::conclude::network::filter::{AclFilter, GroupFilter, Passage, Passers, merged, ranges_label};
use crate::conclude::network::route::{InternetRoute, internet_route};
use crate::conclude::network::{ByFamily, Network, OrGap, Traffic, all, any, not};
use crate::snapshot::ec2::{RouteTable, SecurityGroup, Subnet};
use crate::snapshot::gap::GapId;
use crate::snapshot::known::Known;
use crate::text::{Text, spaced};
use std::collections::BTreeSet;

/// Where a resource is.
pub(super) struct Placement<'a> {
    /// The subnets that it is or may be in; where AWS would not say, what would have told.
    pub subnets: OrGap<Vec<&'a Subnet>>,
    /// Whether it is in each of them, or else in one that nobody can tell.
    pub is_in_all: bool,
    /// What would have told in which of them it is.
    pub doubt: GapId,
}

/// What the internet wants to reach.
pub(super) struct PathTarget<'a> {
    /// As people call it.
    pub name: &'a str,
    /// The VPC, where it is known.
    pub vpc_id: Option<&'a str>,
    /// What it listens on.
    pub traffic: Traffic,
    /// Whether it has a public address.
    pub has_address: ByFamily,
    /// The same as a hop.
    pub address: Hop,
    /// Where it is.
    pub placement: Placement<'a>,
    /// Its security groups.
    pub group_ids: OrGap<Vec<String>>,
}

/// Walks the path to a target. Who is let through, and on which ports, is carried from hop to hop:
/// hops that are open to different ports or to different parts of the internet do not add up.
pub(crate) fn exposure(network: &Network<'_>, target: PathTarget<'_>) -> Exposure {
    walk(network, target).0
}

/// The same, with the groups that admit the internet.
pub(super) fn walk<'a>(network: &Network<'a>, target: PathTarget<'_>) -> (Exposure, Vec<&'a SecurityGroup>) {
    // Subnets that are hidden hide the VPC they are in.
    let vpc_id =
        target.vpc_id.ok_or_else(|| target.placement.subnets.as_ref().err().cloned().unwrap_or_default());
    let gateway = gateway_hop(network, vpc_id);
    let families = families(&target.has_address);
    let groups = Groups::of(network, &target);
    let mut hops = vec![target.address.clone(), gateway.clone()];
    let passages = through_subnets(network, &target, &gateway.is_open, &groups, &families, &mut hops);
    let (open_groups, open_peers) = match &groups {
        Groups::These(filter) => (
            filter.open_groups(network, &target.traffic),
            open_peers(network, filter.groups(), &target.traffic),
        ),
        Groups::Nothing | Groups::Hidden(_) => (Vec::new(), Vec::new()),
    };
    let (hop, is_admitted, admitted) = groups_hop(network, &target, &groups, &open_groups, &families);
    hops.push(hop);
    let is_reachable = in_subnets(&target.placement, &passages).either();
    let is_open_in_waiting = all([is_admitted.either(), not(is_reachable.clone())]);
    let summary =
        summary(&target, &is_reachable, &is_open_in_waiting, &hops, &admitted, &passages, &families);
    let security_group_ids = target.group_ids.unwrap_or_default();
    (
        Exposure { is_reachable, is_open_in_waiting, summary, hops, security_group_ids, open_peers },
        open_groups,
    )
}

/// The security groups of a target.
enum Groups<'a> {
    These(GroupFilter<'a>),
    /// It has none, as a network load balancer that was made without: all traffic is allowed.
    Nothing,
    Hidden(GapId),
}

impl<'a> Groups<'a> {
    fn of(network: &Network<'a>, target: &PathTarget<'_>) -> Self {
        match &target.group_ids {
            Ok(ids) if ids.is_empty() => Groups::Nothing,
            Ok(ids) => Groups::These(GroupFilter::new(network, ids)),
            Err(gap) => Groups::Hidden(gap.clone()),
        }
    }

    fn passers(&self, family: IpFamily, protocol: &str, port: i64) -> Passers {
        match self {
            Groups::These(filter) => filter.passers(family, protocol, port),
            Groups::Nothing => Passers::all_if(family, &Known::Yes(true)),
            Groups::Hidden(gap) => Passers::all_if(family, &Known::No(gap.clone())),
        }
    }

    fn borders(&self) -> BTreeSet<i64> {
        match self {
            Groups::These(filter) => filter.borders().collect(),
            Groups::Nothing | Groups::Hidden(_) => BTreeSet::new(),
        }
    }
}

fn hop(kind: &str, resource: impl Into<String>, is_open: Known<bool>, detail: Text) -> Hop {
    Hop { kind: kind.to_owned(), resource: resource.into(), is_open, detail }
}

fn gateway_hop(network: &Network<'_>, vpc_id: OrGap<&str>) -> Hop {
    let vpc = vpc_id.as_ref().copied().unwrap_or("-");
    match vpc_id.clone().and_then(|vpc_id| network.internet_gateway_of(vpc_id)) {
        Ok(Some(gateway)) => hop(
            "internet-gateway",
            gateway,
            Known::Yes(true),
            Text::new(
                format!("internet gateway {gateway} is attached to {vpc}"),
                format!("インターネットゲートウェイ {gateway} が {vpc} にアタッチされている"),
            ),
        ),
        Ok(None) => hop(
            "internet-gateway",
            vpc,
            Known::Yes(false),
            Text::new(
                format!("no internet gateway is attached to {vpc}"),
                format!("{vpc} にインターネットゲートウェイがアタッチされていない"),
            ),
        ),
        Err(gap) if network.is_foreign_vpc(vpc) => hop(
            "internet-gateway",
            vpc,
            Known::No(gap),
            Text::new(
                format!("{vpc} belongs to another account, whose internet gateways are not visible"),
                format!("{vpc} は別のアカウントの VPC で、インターネットゲートウェイを確認できない"),
            ),
        ),
        Err(gap) => hop(
            "internet-gateway",
            vpc,
            Known::No(gap),
            Text::new(
                format!("it is unknown whether {vpc} has an internet gateway"),
                format!("{vpc} にインターネットゲートウェイがあるかは不明"),
            ),
        ),
    }
}

/// The whole path through each of the target's subnets; their route tables and ACLs are hops.
fn through_subnets(
    network: &Network<'_>,
    target: &PathTarget<'_>,
    gateway: &Known<bool>,
    groups: &Groups<'_>,
    families: &[IpFamily],
    hops: &mut Vec<Hop>,
) -> Vec<Passage> {
    let to_subnet = ByAddress::of(|family| {
        let address = Passers::all_if(family, &target.has_address.get(family));
        address.and(&Passers::all_if(family, gateway))
    });
    let subnets = match &target.placement.subnets {
        Ok(subnets) if !subnets.is_empty() => subnets,
        hidden => {
            let gap = hidden.as_ref().err().cloned().unwrap_or_default();
            let detail = Text::new(
                format!("the subnets of {} are unknown", target.name),
                format!("{} のサブネットは不明", target.name),
            );
            hops.push(hop("route-table", "-", Known::No(gap.clone()), detail));
            let unknown = Known::No(gap);
            let passage = Passage::of(&target.traffic, &groups.borders(), |family, protocol, port| {
                let before = to_subnet.get(family).and(&Passers::all_if(family, &unknown));
                before.and(&groups.passers(family, protocol, port))
            });
            return vec![passage];
        }
    };
    let mut passages = Vec::new();
    for subnet in subnets {
        let (route, routed) = route_hop(network, subnet, families);
        let (acl_hop, acl) = acl_hop(network, subnet, &target.traffic, families);
        let is_let_in = not(network.is_blocked(subnet));
        hops.extend(block_hop(subnet, &is_let_in));
        hops.extend([route, acl_hop]);
        let to_acl = ByAddress::of(|family| {
            to_subnet.get(family).and(&Passers::all_if(family, &is_let_in)).and(routed.get(family))
        });
        let mut borders = groups.borders();
        borders.extend(acl.iter().flat_map(AclFilter::borders));
        passages.push(Passage::of(&target.traffic, &borders, |family, protocol, port| {
            let before = to_acl.get(family);
            if before.is_open(family) == Known::Yes(false) {
                return before.clone();
            }
            let let_through = match &acl {
                Ok(acl) => acl.passers(family, protocol, port),
                Err(gap) => Passers::all_if(family, &Known::No(gap.clone())),
            };
            before.and(&let_through).and(&groups.passers(family, protocol, port))
        }));
    }
    passages
}

/// Who comes as far as this, whatever the port.
struct ByAddress {
    v4: Passers,
    v6: Passers,
}

impl ByAddress {
    fn of(passers: impl Fn(IpFamily) -> Passers) -> Self {
        ByAddress { v4: passers(IpFamily::V4), v6: passers(IpFamily::V6) }
    }

    fn get(&self, family: IpFamily) -> &Passers {
        match family {
            IpFamily::V4 => &self.v4,
            IpFamily::V6 => &self.v6,
        }
    }
}

/// What the passages through the subnets come to where the target may not be in all of them.
fn in_subnets(placement: &Placement<'_>, passages: &[Passage]) -> ByFamily {
    ByFamily::of(|family| {
        let answers = || passages.iter().map(|passage| passage.is_open().get(family));
        let is_open = any(answers());
        if placement.is_in_all || is_open != Known::Yes(true) {
            return is_open;
        }
        match all(answers()) {
            Known::Yes(true) => Known::Yes(true),
            Known::Yes(false) => Known::No(placement.doubt.clone()),
            unknown => unknown,
        }
    })
}

/// The families that the target may be reached in; both where it has no address at all.
fn families(has_address: &ByFamily) -> Vec<IpFamily> {
    let may_have = |family: &IpFamily| has_address.get(*family) != Known::Yes(false);
    let families: Vec<IpFamily> = IpFamily::ALL.into_iter().filter(may_have).collect();
    if families.is_empty() { IpFamily::ALL.to_vec() } else { families }
}

fn in_one_of(families: &[IpFamily], answers: &ByFamily) -> Known<bool> {
    any(families.iter().map(|family| answers.get(*family)))
}

/// VPC Block Public Access is a hop only where it blocks, or may: most accounts never turned it on.
fn block_hop(subnet: &Subnet, is_let_in: &Known<bool>) -> Option<Hop> {
    let id = subnet.id.as_str();
    let detail = match is_let_in {
        Known::Yes(true) => return None,
        Known::Yes(false) => Text::new(
            format!("VPC Block Public Access keeps the internet out of subnet {id}"),
            format!(
                "VPC ブロックパブリックアクセスがサブネット {id} へのインターネットからの通信を遮断している"
            ),
        ),
        Known::No(_) => Text::new(
            format!("it is unknown whether VPC Block Public Access keeps the internet out of subnet {id}"),
            format!(
                "VPC ブロックパブリックアクセスがサブネット {id} へのインターネットからの通信を遮断しているかは不明"
            ),
        ),
    };
    Some(hop("block-public-access", id, is_let_in.clone(), detail))
}

fn route_hop(network: &Network<'_>, subnet: &Subnet, families: &[IpFamily]) -> (Hop, ByAddress) {
    match network.route_table_of(subnet) {
        Ok(table) => {
            let route = internet_route(network, table);
            let is_open = in_one_of(families, &route.is_open);
            let detail = route_detail(table, &subnet.id, &route, &is_open);
            let routed = ByAddress::of(|family| route.passers(family).clone());
            (hop("route-table", table.id.as_str(), is_open, detail), routed)
        }
        Err(gap) => {
            let detail = Text::new(
                format!("the route table of subnet {} is unknown", subnet.id),
                format!("サブネット {} のルートテーブルは不明", subnet.id),
            );
            let unknown = Known::No(gap);
            let routed = ByAddress::of(|family| Passers::all_if(family, &unknown));
            (hop("route-table", subnet.id.as_str(), unknown, detail), routed)
        }
    }
}

fn route_detail(table: &RouteTable, subnet: &str, route: &InternetRoute, is_open: &Known<bool>) -> Text {
    let en = format!("route table {} of subnet {subnet}", table.id);
    let ja = format!("サブネット {subnet} のルートテーブル {}", table.id);
    match (is_open, &route.gateway, &route.firewall) {
        (Known::Yes(true), Some(gateway), _) => {
            Text::new(format!("{en} leads to {gateway}"), format!("{ja} は {gateway} に通じている"))
        }
        (Known::No(_), _, Some(endpoint)) => Text::new(
            format!("{en} leads through the firewall endpoint {endpoint}, whose rules are not evaluated"),
            format!("{ja} はファイアウォールエンドポイント {endpoint} を経由し、そのルールは調べていない"),
        ),
        (Known::Yes(false), Some(gateway), _) if route.is_blackhole => Text::new(
            format!("the route to {gateway} in {en} is a blackhole"),
            format!("{ja} の {gateway} へのルートはブラックホールになっている"),
        ),
        (Known::Yes(false), Some(gateway), _) => Text::new(
            format!("{en} does not send the internet's traffic to {gateway}, or only a small part"),
            format!("{ja} はインターネット宛ての通信を {gateway} に送らないか、ごく一部しか送らない"),
        ),
        (Known::Yes(_), _, _) => Text::new(
            format!("{en} has no route to an internet gateway"),
            format!("{ja} にはインターネットゲートウェイへのルートがない"),
        ),
        (Known::No(_), _, None) => {
            Text::new(format!("it is unknown where {en} leads"), format!("{ja} の行き先は不明"))
        }
    }
}

fn acl_hop<'a>(
    network: &Network<'a>,
    subnet: &Subnet,
    traffic: &Traffic,
    families: &[IpFamily],
) -> (Hop, OrGap<AclFilter<'a>>) {
    let acl = match network.network_acl_of(subnet) {
        Ok(acl) => acl,
        Err(gap) => {
            let detail = Text::new(
                format!("the network ACL of subnet {} is unknown", subnet.id),
                format!("サブネット {} のネットワーク ACL は不明", subnet.id),
            );
            return (hop("network-acl", subnet.id.as_str(), Known::No(gap.clone()), detail), Err(gap));
        }
    };
    let filter = AclFilter::new(acl, traffic);
    let borders: BTreeSet<i64> = filter.borders().collect();
    let both_ways =
        Passage::of(traffic, &borders, |family, protocol, port| filter.passers(family, protocol, port));
    let in_only =
        Passage::of(traffic, &borders, |family, protocol, port| filter.lets_in(family, protocol, port));
    let is_open = in_one_of(families, &both_ways.is_open());
    let (ports, open) = (traffic.label(), both_ways.label(families));
    let en = format!("network ACL {} of subnet {}", acl.id, subnet.id);
    let ja = format!("サブネット {} のネットワーク ACL {}", subnet.id, acl.id);
    let detail = match (&is_open, in_one_of(families, &in_only.is_open())) {
        (Known::Yes(true), _) => Text::new(
            format!("{en} lets the internet in on {} and its answers out", open.en),
            spaced(&[&ja, "は", &open.ja, "への通信とその応答を通す"]),
        ),
        (Known::Yes(false), Known::Yes(false)) => Text::new(
            format!("{en} does not let the internet in on {}", ports.en),
            spaced(&[&ja, "はインターネットから", &ports.ja, "への通信を通さない"]),
        ),
        (Known::Yes(false), _) => Text::new(
            format!("{en} does not let answers out to the internet"),
            format!("{ja} はインターネットへの応答を通さない"),
        ),
        (Known::No(_), _) => Text::new(
            format!("it is unknown whether {en} lets the internet in"),
            format!("{ja} がインターネットからの通信を通すかは不明"),
        ),
    };
    (hop("network-acl", acl.id.as_str(), is_open, detail), Ok(filter))
}

/// The security groups as one hop, and who is admitted by which, as a part of a sentence.
fn groups_hop(
    network: &Network<'_>,
    target: &PathTarget<'_>,
    groups: &Groups<'_>,
    open_groups: &[&SecurityGroup],
    families: &[IpFamily],
) -> (Hop, ByFamily, Text) {
    let filter = match groups {
        Groups::These(filter) => filter,
        Groups::Hidden(gap) => {
            let detail = Text::new(
                format!("the security groups of {} are unknown", target.name),
                format!("{} のセキュリティグループは不明", target.name),
            );
            let unknown = Known::No(gap.clone());
            let hop = hop("security-group", "-", unknown.clone(), detail);
            return (hop, ByFamily::both(&unknown), Text::default());
        }
        Groups::Nothing => {
            let detail = Text::new(
                format!("{} has no security group, so all traffic is allowed", target.name),
                format!("{} にはセキュリティグループがなく、すべての通信を許可する", target.name),
            );
            let open = Known::Yes(true);
            let admitted = Text::new("it has no security group", "セキュリティグループがなく");
            let hop = hop("security-group", target.name, open.clone(), detail);
            return (hop, ByFamily::both(&open), admitted);
        }
    };
    let passage = filter.passage(&target.traffic);
    // Who is admitted in a family that the target has no address in is of interest while no other is.
    let is_open = passage.is_open();
    let families = match in_one_of(families, &is_open) {
        Known::Yes(true) => families,
        _ => &IpFamily::ALL,
    };
    let (ports, open_ports, extent) =
        (target.traffic.label(), passage.label(families), passage.extent(families));
    let labels = open_groups.iter().map(|group| network.group_label(&group.id));
    let open = labels.collect::<Vec<_>>().join(", ");
    let ids = target.group_ids.as_deref().unwrap_or_default();
    let all = ids.iter().map(|id| network.group_label(id)).collect::<Vec<_>>().join(", ");
    let detail = match is_open.either() {
        Known::Yes(true) => Text::new(
            format!("security group {open} admits {} to {}", extent.en, open_ports.en),
            spaced(&["セキュリティグループ", &open, "は", &open_ports.ja, "を", &extent.ja, "に開いている"]),
        ),
        Known::Yes(false) => Text::new(
            format!("security group {all} does not admit the internet to {}", ports.en),
            spaced(&["セキュリティグループ", &all, "は", &ports.ja, "をインターネットに開いていない"]),
        ),
        Known::No(_) => Text::new(
            format!("it is unknown whether security group {all} admits the internet to {}", ports.en),
            spaced(&["セキュリティグループ", &all, "が", &ports.ja, "をインターネットに開いているかは不明"]),
        ),
    };
    let open_ids = open_groups.iter().map(|group| group.id.as_str()).collect::<Vec<_>>();
    let resource = if open_ids.is_empty() { ids.join(", ") } else { open_ids.join(", ") };
    let admitted = Text::new(
        format!("security group {open} admits {}", extent.en),
        spaced(&["セキュリティグループ", &open, "は", &extent.ja, "に開いており"]),
    );
    (hop("security-group", resource, is_open.either(), detail), is_open, admitted)
}

fn summary(
    target: &PathTarget<'_>,
    is_reachable: &Known<bool>,
    is_waiting: &Known<bool>,
    hops: &[Hop],
    admitted: &Text,
    passages: &[Passage],
    families: &[IpFamily],
) -> Text {
    let (name, ports) = (target.name, target.traffic.label());
    let (wanted, otherwise) = match is_reachable {
        Known::Yes(true) => {
            return reached(name, passages, families);
        }
        Known::Yes(false) => (
            Some(false),
            Text::new(
                "neither IPv4 nor IPv6 is open on one port to the same part of the internet at every hop",
                "IPv4 と IPv6 のどちらでも、経路上のすべてのホップで同じ相手に開いているポートがない",
            ),
        ),
        Known::No(_) => (
            None,
            Text::new("which of the listed subnets it is in is unknown", "どのサブネットにあるかが不明"),
        ),
    };
    let mut reasons: Vec<&Text> =
        hops.iter().filter(|hop| hop.is_open.known().copied() == wanted).map(|hop| &hop.detail).collect();
    if reasons.is_empty() {
        reasons.push(&otherwise);
    }
    let en = reasons.iter().map(|reason| reason.en.as_str()).collect::<Vec<_>>().join("; ");
    let ja = reasons.iter().map(|reason| reason.ja.as_str()).collect::<Vec<_>>().join("、");
    if wanted.is_none() {
        return Text::new(
            format!("Whether the internet reaches {name} on {} is unknown: {en}.", ports.en),
            spaced(&["インターネットから", name, "の", &ports.ja, "に到達できるかは不明（", &ja, "）。"]),
        );
    }
    let mut summary = Text::new(
        format!("The internet does not reach {name} on {}: {en}.", ports.en),
        spaced(&["インターネットから", name, "の", &ports.ja, "には到達できない（", &ja, "）。"]),
    );
    if *is_waiting == Known::Yes(true) {
        let Text { en, ja } = admitted;
        summary.en += &format!(" But {en}: {name} is exposed as soon as this changes.");
        summary.ja += &format!("ただし{ja}、この条件が変わった時点で {name} は公開状態になる。");
    }
    summary
}

/// The internet, or how much of it, and the ports that are left at the end of the path.
fn reached(name: &str, passages: &[Passage], families: &[IpFamily]) -> Text {
    let open = passages.iter().filter(|passage| passage.is_open().either() == Known::Yes(true));
    let ranges = merged(open.clone().flat_map(|passage| passage.ranges(families)).collect());
    let ports = if ranges.is_empty() {
        Text::new("some port", "いずれかのポート")
    } else {
        ranges_label(&ranges)
    };
    let extents: Vec<Text> = open.map(|passage| passage.extent(families)).collect();
    let part = extents.first().filter(|_| !extents.iter().any(|extent| *extent == whole_internet()));
    let (subject, from) = match part {
        Some(part) => (format!("{} reach", part.en), part.ja.clone()),
        None => ("The internet reaches".to_owned(), "インターネット".to_owned()),
    };
    let mut en = format!("{subject} {name} on {}: every hop is open.", ports.en);
    if let Some(first) = en.get(..1) {
        en = first.to_uppercase() + en.get(1..).unwrap_or_default();
    }
    Text::new(
        en,
        spaced(&[&from, "から", name, "の", &ports.ja, "に到達できる。経路上のすべてのホップが開いている。"]),
    )
}
