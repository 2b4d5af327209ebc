//! Security group rules that admit the internet or a large part of it, alone or together.

use super::WorldRule;
use super::database::traffic;
use super::meant::is_meant;
use super::openings::{OpenPeer, Openings, Source, openings, ports_label};
use super::usage::{GroupUsage, usage};
use crate::conclude::facts::Facts;
use crate::conclude::network::filter::protocol_name;
use crate::conclude::network::{Network, Traffic};
use crate::snapshot::ec2::SecurityGroup;
use crate::snapshot::gap::GapId;
use crate::snapshot::known::Known;
use crate::snapshot::rds::DbInstance;
use std::collections::BTreeSet;

impl OpenPeer {
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
