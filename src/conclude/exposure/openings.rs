//! Which rules of security groups let the internet or a large part of it in, alone or together.

use crate::conclude::cidr::{
    Addresses, CidrBlock, IpFamily, extent, internet, is_internet, is_whole_internet,
};
use crate::conclude::network::filter::{LAST_PORT, protocol_name, rule_blocks, rule_matches};
use crate::conclude::network::{Network, Traffic};
use crate::snapshot::ec2::{SecurityGroup, SecurityGroupRule};
use crate::snapshot::gap::GapId;
use crate::snapshot::known::Known;
use crate::text::Text;
use std::collections::{BTreeMap, BTreeSet};

/// For people: tcp/5432, tcp/8000-8100, all traffic.
pub(crate) fn ports_label(protocol: &str, from: Option<i64>, to: Option<i64>) -> String {
    let name = protocol_name(protocol);
    match (name, from, to) {
        ("-1", _, _) => "all traffic".to_owned(),
        ("icmp" | "icmpv6", Some(kind), _) if kind >= 0 => format!("{name} type {kind}"),
        ("icmp" | "icmpv6", _, _) => name.to_owned(),
        (_, Some(from), Some(to)) if from == to => format!("{name}/{from}"),
        (_, Some(from), Some(to)) if from >= 0 => format!("{name}/{from}-{to}"),
        ("tcp" | "udp", _, _) => format!("{name}/0-{LAST_PORT}"),
        _ => format!("protocol {name}"),
    }
}

/// What a rule is about: protocol, first and last port.
pub(super) type About = (String, Option<i64>, Option<i64>);

/// A source of a rule, with the ranges behind it.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) text: String,
    pub(super) rule: SecurityGroupRule,
    blocks: Vec<CidrBlock>,
}

/// Where the internet gets in.
#[derive(Clone)]
pub(super) struct OpenPeer {
    pub(super) about: About,
    /// The fewest sources that make the internet or a large part of it, of IPv4 and of IPv6.
    pub(super) v4: Vec<Source>,
    pub(super) v6: Vec<Source>,
}

/// What a group's rules admit the internet to.
#[derive(Default)]
pub(super) struct Openings {
    pub(super) open: Vec<OpenPeer>,
    /// Rules whose sources AWS would not give.
    pub(super) hidden: Vec<(SecurityGroupRule, GapId)>,
}

/// Finds the ports that the rules of a group open to the internet or a large part of it.
pub(super) fn openings(network: &Network<'_>, group: &SecurityGroup) -> Openings {
    let mut openings = Openings::default();
    let mut by_ports: BTreeMap<About, Vec<Source>> = BTreeMap::new();
    for rule in &group.ingress {
        match rule_blocks(network, rule) {
            Ok(blocks) if blocks.is_empty() => {}
            Ok(blocks) => {
                let text = match rule.peer_kind.as_str() {
                    "prefix-list" => network.prefix_list_label(&rule.peer),
                    _ => rule.peer.clone(),
                };
                let about = about(rule);
                by_ports.entry(about).or_default().push(Source { text, rule: rule.clone(), blocks });
            }
            Err(gap) => openings.hidden.push((rule.clone(), gap)),
        }
    }
    for extent in [Extent::Whole, Extent::Part] {
        // What makes the whole internet with others is not told again as a part of it.
        let is_told = |source: &Source, family: IpFamily, open: &[OpenPeer]| {
            extent == Extent::Part
                && open
                    .iter()
                    .flat_map(|opening| opening.sources(family))
                    .any(|told| told.rule == source.rule)
        };
        let (mut rest, told) = (Vec::new(), openings.open.clone());
        for (about, sources) in &by_ports {
            let [v4, v6] = IpFamily::ALL.map(|family| {
                let left = sources.iter().filter(|source| !is_told(source, family, &told)).cloned();
                let left: Vec<Source> = left.collect();
                let needed = needed(family, &left, extent);
                if needed.is_empty() {
                    rest.extend(left.into_iter().map(|source| (family, source)));
                }
                needed
            });
            if !v4.is_empty() || !v6.is_empty() {
                openings.open.push(OpenPeer { about: about.clone(), v4, v6 });
            }
        }
        for family in IpFamily::ALL {
            let parts = rest.iter().filter(|(of, _)| *of == family).map(|(_, source)| source.clone());
            together(family, &parts.collect::<Vec<_>>(), extent, &mut openings.open);
        }
    }
    openings
}

/// How much of the internet sources make together.
#[derive(Clone, Copy, PartialEq)]
enum Extent {
    Whole,
    /// So much of it that it is anybody.
    Part,
}

impl Extent {
    fn is_reached(self, family: IpFamily, addresses: &Addresses) -> bool {
        match self {
            Extent::Whole => is_whole_internet(family, addresses),
            Extent::Part => is_internet(family, addresses),
        }
    }
}

fn about(rule: &SecurityGroupRule) -> About {
    let protocol = protocol_name(&rule.protocol).to_owned();
    if protocol == "-1" {
        return (protocol, None, None);
    }
    (protocol, rule.from_port, rule.to_port)
}

/// The fewest sources, largest first, without which the rest admits nobody in particular; empty
/// where all of them do not make so much of the internet.
fn needed(family: IpFamily, sources: &[Source], extent: Extent) -> Vec<Source> {
    let addresses = |sources: &[&Source]| {
        Addresses::of(family, sources.iter().flat_map(|source| &source.blocks)).intersection(internet(family))
    };
    let size = |source: &&Source| source.blocks.iter().map(CidrBlock::span).max();
    let mut largest: Vec<&Source> = sources.iter().collect();
    if !extent.is_reached(family, &addresses(&largest)) {
        return Vec::new();
    }
    largest.sort_by_key(|source| std::cmp::Reverse(size(source)));
    let (mut rest, mut needed) = (internet(family).clone(), Vec::new());
    for (index, source) in largest.iter().enumerate() {
        let left = addresses(largest.get(index..).unwrap_or_default());
        let taken = internet(family).difference(&rest);
        let is_enough = is_internet(family, &taken) && !is_internet(family, &left.intersection(&rest));
        if extent == Extent::Part && is_enough {
            break;
        }
        let smaller = rest.difference(&Addresses::of(family, &source.blocks));
        if smaller != rest {
            needed.push((*source).clone());
            rest = smaller;
        }
    }
    needed.sort_by_key(|source| source.blocks.iter().map(|block| block.first).min());
    needed
}

/// Rules for different ports that make the internet where their ports overlap.
fn together(family: IpFamily, parts: &[Source], extent: Extent, open: &mut Vec<OpenPeer>) {
    if needed(family, parts, extent).is_empty() {
        return;
    }
    let protocols: BTreeSet<&str> =
        parts.iter().map(|part| protocol_name(&part.rule.protocol)).filter(|name| *name != "-1").collect();
    for protocol in protocols.into_iter().filter(|name| matches!(*name, "tcp" | "udp")) {
        let ends =
            parts.iter().flat_map(|part| [part.rule.from_port, part.rule.to_port.map(|port| port + 1)]);
        let mut starts: BTreeSet<i64> =
            ends.flatten().filter(|port| (0..=LAST_PORT).contains(port)).collect();
        starts.insert(0);
        let starts: Vec<i64> = starts.into_iter().collect();
        for (index, start) in starts.iter().enumerate() {
            let end = starts.get(index + 1).map_or(LAST_PORT, |next| next - 1);
            let matching: Vec<Source> =
                parts.iter().filter(|part| rule_matches(&part.rule, protocol, *start)).cloned().collect();
            let is_reported = open.iter().any(|opening| opening.admits(family, protocol, *start));
            let world = needed(family, &matching, extent);
            if world.is_empty() || is_reported {
                continue;
            }
            let about = (protocol.to_owned(), Some(*start), Some(end));
            let (v4, v6) = match family {
                IpFamily::V4 => (world, Vec::new()),
                IpFamily::V6 => (Vec::new(), world),
            };
            open.push(OpenPeer { about, v4, v6 });
        }
    }
}

impl OpenPeer {
    fn sources(&self, family: IpFamily) -> &[Source] {
        match family {
            IpFamily::V4 => &self.v4,
            IpFamily::V6 => &self.v6,
        }
    }

    pub(super) fn as_rule(&self) -> SecurityGroupRule {
        let (protocol, from_port, to_port) = self.about.clone();
        SecurityGroupRule { protocol, from_port, to_port, ..SecurityGroupRule::default() }
    }

    fn admits(&self, family: IpFamily, protocol: &str, port: i64) -> bool {
        !self.sources(family).is_empty() && rule_matches(&self.as_rule(), protocol, port)
    }

    /// How much of the internet it is, in brackets; nothing where it is the whole of it.
    pub(super) fn share(&self) -> Text {
        let addresses =
            |family| Addresses::of(family, self.sources(family).iter().flat_map(|source| &source.blocks));
        let open = || IpFamily::ALL.into_iter().filter(|family| !self.sources(*family).is_empty());
        if open().any(|family| is_whole_internet(family, &addresses(family))) {
            return Text::default();
        }
        let Some(family) = open().next() else { return Text::default() };
        let Text { en, ja } = extent(family, &addresses(family));
        Text::new(format!(" ({en})"), format!("（{ja}）"))
    }

    /// Whether it is only what networks need to find faults and packet sizes: ICMP echo,
    /// unreachable, packet too big and time exceeded.
    pub(super) fn is_diagnostics(&self) -> bool {
        match (self.about.0.as_str(), self.about.1) {
            ("icmp", Some(kind)) => matches!(kind, 3 | 8 | 11),
            ("icmpv6", Some(kind)) => matches!(kind, 1..=3 | 128),
            _ => false,
        }
    }
}

/// The ranges and prefix lists without which the rules of these groups admit nobody in particular to
/// some traffic; sorted.
pub(super) fn open_peers<'a>(
    network: &Network<'_>,
    groups: impl IntoIterator<Item = &'a SecurityGroup>,
    traffic: &Traffic,
) -> Vec<String> {
    let rules = groups.into_iter().flat_map(|group| &group.ingress);
    let is_asked = |rule: &&SecurityGroupRule| traffic.is_matched_by(rule) != Known::Yes(false);
    let mut left =
        SecurityGroup { ingress: rules.filter(is_asked).cloned().collect(), ..SecurityGroup::default() };
    let mut peers: BTreeSet<String> = BTreeSet::new();
    // What is left without the first ones may make the internet in another way.
    loop {
        let open = openings(network, &left).open;
        let matching = open.iter().filter(|opening| is_asked(&&opening.as_rule()));
        let found: BTreeSet<String> = matching
            .flat_map(|opening| opening.v4.iter().chain(&opening.v6))
            .map(|source| source.rule.peer.clone())
            .collect();
        if found.is_empty() {
            return peers.into_iter().collect();
        }
        left.ingress.retain(|rule| !found.contains(&rule.peer));
        peers.extend(found);
    }
}
