//! Security group rules that admit the internet or a large part of it, alone or together.

use super::WorldRule;
use super::database::traffic;
use super::meant::is_meant;
use super::usage::{GroupUsage, usage};
use crate::conclude::cidr::{
    Addresses, CidrBlock, IpFamily, extent, internet, is_internet, is_whole_internet,
};
use crate::conclude::facts::Facts;
use crate::conclude::network::filter::{LAST_PORT, protocol_name, rule_blocks, rule_matches};
use crate::conclude::network::{Network, Traffic};
use crate::snapshot::ec2::{SecurityGroup, SecurityGroupRule};
use crate::snapshot::gap::GapId;
use crate::snapshot::known::Known;
use crate::snapshot::rds::DbInstance;
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
type About = (String, Option<i64>, Option<i64>);

/// A source of a rule, with the ranges behind it.
#[derive(Clone, Debug)]
struct Source {
    text: String,
    rule: SecurityGroupRule,
    blocks: Vec<CidrBlock>,
}

/// Where the internet gets in.
#[derive(Clone)]
pub(super) struct OpenPeer {
    about: About,
    /// The fewest sources that make the internet or a large part of it, of IPv4 and of IPv6.
    v4: Vec<Source>,
    v6: Vec<Source>,
}

/// What a group's rules admit the internet to.
#[derive(Default)]
pub(super) struct Openings {
    pub(super) open: Vec<OpenPeer>,
    /// Rules whose sources AWS would not give.
    hidden: Vec<(SecurityGroupRule, GapId)>,
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

    fn as_rule(&self) -> SecurityGroupRule {
        let (protocol, from_port, to_port) = self.about.clone();
        SecurityGroupRule { protocol, from_port, to_port, ..SecurityGroupRule::default() }
    }

    fn admits(&self, family: IpFamily, protocol: &str, port: i64) -> bool {
        !self.sources(family).is_empty() && rule_matches(&self.as_rule(), protocol, port)
    }

    /// How much of the internet it is, in brackets; nothing where it is the whole of it.
    fn share(&self) -> Text {
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
    fn is_diagnostics(&self) -> bool {
        match (self.about.0.as_str(), self.about.1) {
            ("icmp", Some(kind)) => matches!(kind, 3 | 8 | 11),
            ("icmpv6", Some(kind)) => matches!(kind, 1..=3 | 128),
            _ => false,
        }
    }

    fn world_rule(&self, group: &SecurityGroup, usage: &GroupUsage<'_>) -> WorldRule {
        let (protocol, from_port, to_port) = self.about.clone();
        let family_text = |sources: &[Source]| {
            let mut texts: Vec<&str> = Vec::new();
            for source in sources {
                if !texts.contains(&source.text.as_str()) {
                    texts.push(&source.text);
                }
            }
            texts.join(" + ")
        };
        let mut texts = vec![family_text(&self.v4), family_text(&self.v6)];
        texts.retain(|text| !text.is_empty());
        texts.dedup();
        let sources = texts.join(", ");
        let ports = ports_label(&protocol, from_port, to_port);
        let peers = |kind: &str| {
            let rules = self.v4.iter().chain(&self.v6).map(|source| &source.rule);
            let peers: BTreeSet<&String> =
                rules.filter(|rule| rule.peer_kind == kind).map(|rule| &rule.peer).collect();
            peers.into_iter().cloned().collect()
        };
        WorldRule {
            key: format!("{}/{sources}", ports.replace(' ', "-")),
            group_id: group.id.clone(),
            group_name: group.name.clone(),
            protocol,
            from_port,
            to_port,
            ports,
            sources,
            share: self.share(),
            cidr_blocks: peers("ipv4"),
            ipv6_cidr_blocks: peers("ipv6"),
            prefix_list_ids: peers("prefix-list"),
            attached_to: usage.label(),
            is_attached: usage.is_attached(),
            attachment: usage.sentence(),
        }
    }
}

/// See [`super::super::FUNCTIONS`].
pub(crate) fn world_rules_on_database(facts: &Facts<'_>, db: &DbInstance) -> Known<Vec<WorldRule>> {
    let network = Network { snapshot: facts, region: &db.region };
    let traffic = traffic(db);
    let (mut rules, mut gap) = (Vec::new(), None);
    let mut parts = SecurityGroup { region: db.region.clone(), ..SecurityGroup::default() };
    for id in &db.security_group_ids {
        let group = match network.security_group(id) {
            Ok(group) => group,
            Err(hidden) => {
                gap = gap.or(Some(hidden));
                continue;
            }
        };
        parts.ingress.extend(group.ingress.iter().cloned());
        collect(facts, group, &openings(&network, group), &traffic, &mut rules, &mut gap);
        if parts.id.is_empty() {
            (parts.id, parts.name) = (group.id.clone(), group.name.clone());
        }
    }
    if rules.is_empty() && db.security_group_ids.len() > 1 {
        // Parts of the internet in different groups make it too.
        collect(facts, &parts, &openings(&network, &parts), &traffic, &mut rules, &mut gap);
    }
    known_or_hidden(rules, gap)
}

/// A rule that is known is one, whatever else is hidden; that there is none needs every rule.
fn known_or_hidden(rules: Vec<WorldRule>, gap: Option<GapId>) -> Known<Vec<WorldRule>> {
    match gap {
        Some(gap) if rules.is_empty() => Known::No(gap),
        _ => Known::Yes(rules),
    }
}

fn collect(
    facts: &Facts<'_>,
    group: &SecurityGroup,
    openings: &Openings,
    traffic: &Traffic,
    rules: &mut Vec<WorldRule>,
    gap: &mut Option<GapId>,
) {
    let mut note = |answer: Known<bool>| match answer {
        Known::Yes(is_about) => is_about,
        Known::No(hidden) => {
            gap.get_or_insert(hidden);
            false
        }
    };
    let matching: Vec<&OpenPeer> =
        openings.open.iter().filter(|opening| note(traffic.is_matched_by(&opening.as_rule()))).collect();
    for (rule, hidden) in &openings.hidden {
        match traffic.is_matched_by(rule) {
            Known::Yes(false) => {}
            _ => drop(note(Known::No(hidden.clone()))),
        }
    }
    if !matching.is_empty() {
        let usage = usage(facts, group);
        rules.extend(matching.iter().map(|opening| opening.world_rule(group, &usage)));
    }
}

/// See [`super::super::FUNCTIONS`].
///
/// A group that is attached to nothing exposes nothing, see [`idle_world_rules`]; ICMP reaches no
/// program, see [`icmp_world_rules`].
pub(crate) fn unintended_world_rules(facts: &Facts<'_>, group: &SecurityGroup) -> Known<Vec<WorldRule>> {
    attached_rules(facts, group, |protocol| !is_icmp(protocol))
}

/// See [`super::super::FUNCTIONS`].
pub(crate) fn icmp_world_rules(facts: &Facts<'_>, group: &SecurityGroup) -> Known<Vec<WorldRule>> {
    attached_rules(facts, group, is_icmp)
}

/// See [`super::super::FUNCTIONS`].
pub(crate) fn idle_world_rules(facts: &Facts<'_>, group: &SecurityGroup) -> Known<Vec<WorldRule>> {
    let network = Network { snapshot: facts, region: &group.region };
    let openings = openings(&network, group);
    let open: Vec<&OpenPeer> = openings.open.iter().filter(|opening| !opening.is_diagnostics()).collect();
    if open.is_empty() && openings.hidden.is_empty() {
        return Known::Yes(Vec::new());
    }
    let usage = usage(facts, group);
    match usage.is_attached() {
        Known::Yes(true) => Known::Yes(Vec::new()),
        Known::Yes(false) => {
            let rules = open.iter().map(|opening| opening.world_rule(group, &usage)).collect();
            known_or_hidden(rules, openings.hidden.first().map(|(_, hidden)| hidden.clone()))
        }
        Known::No(gap) => Known::No(gap),
    }
}

fn is_icmp(protocol: &str) -> bool {
    matches!(protocol_name(protocol), "icmp" | "icmpv6")
}

/// What a group that something uses opens to the internet without being meant to.
fn attached_rules(
    facts: &Facts<'_>,
    group: &SecurityGroup,
    is_asked: impl Fn(&str) -> bool,
) -> Known<Vec<WorldRule>> {
    let network = Network { snapshot: facts, region: &group.region };
    let openings = openings(&network, group);
    let asked = |opening: &&OpenPeer| is_asked(&opening.about.0) && !opening.is_diagnostics();
    let open: Vec<&OpenPeer> = openings.open.iter().filter(asked).collect();
    let hidden = openings.hidden.iter().find(|(rule, _)| is_asked(&rule.protocol));
    if open.is_empty() && hidden.is_none() {
        return Known::Yes(Vec::new());
    }
    let usage = usage(facts, group);
    if usage.is_attached() == Known::Yes(false) {
        return Known::Yes(Vec::new());
    }
    let mut gap = hidden.map(|(_, hidden)| hidden.clone());
    let mut rules = Vec::new();
    for opening in open {
        match is_meant(facts, group, &opening.as_rule(), &usage) {
            Known::Yes(true) => {}
            Known::Yes(false) => rules.push(opening.world_rule(group, &usage)),
            Known::No(hidden) => gap = gap.or(Some(hidden)),
        }
    }
    known_or_hidden(rules, gap)
}
