//! The path from the internet to an interface: public address, internet gateway, the
//! subnet's route table and network ACL, security groups.

use super::{Exposure, Hop};
use crate::conclude::cidr::Family;
use crate::conclude::network::filter::{acl_passage, group_passage};
use crate::conclude::network::route::{InternetRoute, internet_route};
use crate::conclude::network::{Answer, ByFamily, Network, Traffic, all, any, not};
use crate::snapshot::ec2::{RouteTable, SecurityGroup, Subnet};
use crate::snapshot::gap::GapId;
use crate::snapshot::known::Known;
use crate::text::{Text, spaced};

/// Where a resource is.
pub struct Placement<'a> {
    /// The subnets that it is or may be in; where AWS would not say, what would have told.
    pub subnets: Answer<Vec<&'a Subnet>>,
    /// Whether it is in each of them, or else in one that nobody can tell.
    pub is_in_all: bool,
    /// What would have told in which of them it is.
    pub doubt: GapId,
}

/// What the internet wants to reach.
pub struct Target<'a> {
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
    pub group_ids: Answer<Vec<String>>,
}

/// Walks the path to a target.
pub fn exposure(network: &Network<'_>, target: Target<'_>) -> Exposure {
    // Subnets that are hidden hide the VPC they are in.
    let vpc_id =
        target.vpc_id.ok_or_else(|| target.placement.subnets.as_ref().err().cloned().unwrap_or_default());
    let gateway = gateway_hop(network, vpc_id);
    let mut hops = vec![target.address.clone(), gateway.clone()];
    let subnets = through_subnets(network, &target, &mut hops);
    let (groups, is_admitted, open_group) = groups_hop(network, &target);
    hops.push(groups);
    let before_groups = target.has_address.and(&ByFamily::both(&gateway.is_open)).and(&subnets);
    let is_reachable = before_groups.and(&is_admitted).either();
    let is_open_in_waiting = all([is_admitted.either(), not(is_reachable.clone())]);
    let summary = summary(&target, &is_reachable, &is_open_in_waiting, &hops, &open_group);
    Exposure { is_reachable, is_open_in_waiting, summary, hops }
}

fn hop(kind: &str, resource: impl Into<String>, is_open: Known<bool>, detail: Text) -> Hop {
    Hop { kind: kind.to_owned(), resource: resource.into(), is_open, detail }
}

fn gateway_hop(network: &Network<'_>, vpc_id: Answer<&str>) -> Hop {
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

/// The route tables and ACLs of the target's subnets.
fn through_subnets(network: &Network<'_>, target: &Target<'_>, hops: &mut Vec<Hop>) -> ByFamily {
    let subnets = match &target.placement.subnets {
        Ok(subnets) if !subnets.is_empty() => subnets,
        hidden => {
            let gap = hidden.as_ref().err().cloned().unwrap_or_default();
            let detail = Text::new(
                format!("the subnets of {} are unknown", target.name),
                format!("{} のサブネットは不明", target.name),
            );
            hops.push(hop("route-table", "-", Known::No(gap.clone()), detail));
            return ByFamily::both(&Known::No(gap));
        }
    };
    let families = families(&target.has_address);
    let mut passages = Vec::new();
    for subnet in subnets {
        let (route, is_routed) = route_hop(network, subnet, &families);
        let (acl, is_let_through) = acl_hop(network, subnet, &target.traffic, &families);
        hops.extend([route, acl]);
        passages.push(is_routed.and(&is_let_through));
    }
    ByFamily::of(|family| {
        let answers = || passages.iter().map(|passage| passage.get(family));
        let is_open = any(answers());
        if target.placement.is_in_all || is_open != Known::Yes(true) {
            return is_open;
        }
        match all(answers()) {
            Known::Yes(true) => Known::Yes(true),
            Known::Yes(false) => Known::No(target.placement.doubt.clone()),
            unknown => unknown,
        }
    })
}

/// The families that the target may be reached in; both where it has no address at all.
fn families(has_address: &ByFamily) -> Vec<Family> {
    let may_have = |family: &Family| has_address.get(*family) != Known::Yes(false);
    let families: Vec<Family> = Family::ALL.into_iter().filter(may_have).collect();
    if families.is_empty() { Family::ALL.to_vec() } else { families }
}

fn in_one_of(families: &[Family], answers: &ByFamily) -> Known<bool> {
    any(families.iter().map(|family| answers.get(*family)))
}

fn route_hop(network: &Network<'_>, subnet: &Subnet, families: &[Family]) -> (Hop, ByFamily) {
    match network.route_table_of(subnet) {
        Ok(table) => {
            let route = internet_route(network, table);
            let is_open = in_one_of(families, &route.is_open);
            let detail = route_detail(table, &subnet.id, &route, &is_open);
            (hop("route-table", table.id.as_str(), is_open, detail), route.is_open)
        }
        Err(gap) => {
            let detail = Text::new(
                format!("the route table of subnet {} is unknown", subnet.id),
                format!("サブネット {} のルートテーブルは不明", subnet.id),
            );
            let unknown = Known::No(gap);
            (hop("route-table", subnet.id.as_str(), unknown.clone(), detail), ByFamily::both(&unknown))
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

fn acl_hop(
    network: &Network<'_>,
    subnet: &Subnet,
    traffic: &Traffic,
    families: &[Family],
) -> (Hop, ByFamily) {
    let acl = match network.network_acl_of(subnet) {
        Ok(acl) => acl,
        Err(gap) => {
            let detail = Text::new(
                format!("the network ACL of subnet {} is unknown", subnet.id),
                format!("サブネット {} のネットワーク ACL は不明", subnet.id),
            );
            let unknown = Known::No(gap);
            return (
                hop("network-acl", subnet.id.as_str(), unknown.clone(), detail),
                ByFamily::both(&unknown),
            );
        }
    };
    let passage = acl_passage(acl, traffic);
    let is_open = passage.is_open();
    let (ports, open) = (traffic.label(), traffic.open_label());
    let en = format!("network ACL {} of subnet {}", acl.id, subnet.id);
    let ja = format!("サブネット {} のネットワーク ACL {}", subnet.id, acl.id);
    let detail = match (in_one_of(families, &is_open), in_one_of(families, &passage.lets_in)) {
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
    (hop("network-acl", acl.id.as_str(), in_one_of(families, &is_open), detail), is_open)
}

/// The security groups as one hop: they admit what any of them admits.
fn groups_hop(network: &Network<'_>, target: &Target<'_>) -> (Hop, ByFamily, String) {
    let (ports, open_ports) = (target.traffic.label(), target.traffic.open_label());
    let ids = match &target.group_ids {
        Ok(ids) => ids,
        Err(gap) => {
            let detail = Text::new(
                format!("the security groups of {} are unknown", target.name),
                format!("{} のセキュリティグループは不明", target.name),
            );
            let unknown = Known::No(gap.clone());
            let hop = hop("security-group", "-", unknown.clone(), detail);
            return (hop, ByFamily::both(&unknown), String::new());
        }
    };
    if ids.is_empty() {
        // Only a network load balancer that was made without.
        let detail = Text::new(
            format!("{} has no security group, so all traffic is allowed", target.name),
            format!("{} にはセキュリティグループがなく、すべての通信を許可する", target.name),
        );
        let open = Known::Yes(true);
        let hop = hop("security-group", target.name, open.clone(), detail);
        return (hop, ByFamily::both(&open), String::new());
    }
    let passage = group_passage(network, ids, &target.traffic);
    let label = |groups: &[&SecurityGroup]| {
        let labels = groups.iter().map(|group| network.group_label(&group.id));
        labels.collect::<Vec<_>>().join(", ")
    };
    let open = label(&passage.open_groups);
    let all = ids.iter().map(|id| network.group_label(id)).collect::<Vec<_>>().join(", ");
    let detail = match passage.is_open.either() {
        Known::Yes(true) => Text::new(
            format!("security group {open} admits the whole internet to {}", open_ports.en),
            spaced(&[
                "セキュリティグループ",
                &open,
                "は",
                &open_ports.ja,
                "をインターネット全体に開いている",
            ]),
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
    let open_ids = passage.open_groups.iter().map(|group| group.id.as_str()).collect::<Vec<_>>();
    let resource = if open_ids.is_empty() { ids.join(", ") } else { open_ids.join(", ") };
    let is_open = passage.is_open;
    (hop("security-group", resource, is_open.either(), detail), is_open, open)
}

fn summary(
    target: &Target<'_>,
    is_reachable: &Known<bool>,
    is_waiting: &Known<bool>,
    hops: &[Hop],
    open_group: &str,
) -> Text {
    let (name, ports) = (target.name, target.traffic.label());
    let (wanted, otherwise) = match is_reachable {
        Known::Yes(true) => {
            let ports = target.traffic.open_label();
            return Text::new(
                format!("The internet reaches {name} on {}: every hop is open.", ports.en),
                spaced(&[
                    "インターネットから",
                    name,
                    "の",
                    &ports.ja,
                    "に到達できる。経路上のすべてのホップが開いている。",
                ]),
            );
        }
        Known::Yes(false) => (
            Some(false),
            Text::new(
                "neither IPv4 nor IPv6 is open on the whole path",
                "IPv4 と IPv6 のどちらも経路全体では開いていない",
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
        let (en, ja) = match open_group {
            "" => ("it has no security group".to_owned(), "セキュリティグループがなく".to_owned()),
            group => (
                format!("security group {group} admits the whole internet"),
                format!("セキュリティグループ {group} はインターネット全体に開いており"),
            ),
        };
        summary.en += &format!(" But {en}: {name} is exposed as soon as this changes.");
        summary.ja += &format!("ただし{ja}、この条件が変わった時点で {name} は公開状態になる。");
    }
    summary
}
