//! Rules of a database's groups that admit ranges of addresses instead of groups.

use super::database::traffic;
use super::openings::ports_label;
use super::world::world_rules_on_database;
use super::{NetworkRule, WorldRule};
use crate::conclude::cidr::{Addresses, CidrBlock, IpFamily, internet};
use crate::conclude::facts::Facts;
use crate::conclude::network::filter::{protocol_name, rule_blocks};
use crate::conclude::network::{Network, OrGap};
use crate::snapshot::ec2::{SecurityGroup, SecurityGroupRule};
use crate::snapshot::known::Known;
use crate::snapshot::rds::DbInstance;
use crate::text::Text;

/// See [`super::super::FUNCTIONS`].
///
/// A rule that is known is one, whatever else is hidden; that there is none needs every group.
pub(crate) fn network_rules_on_database(facts: &Facts<'_>, db: &DbInstance) -> Known<Vec<NetworkRule>> {
    let network = Network { snapshot: facts, region: &db.region };
    let traffic = traffic(db);
    let world = world_rules_on_database(facts, db);
    let world = world.known().map(Vec::as_slice).unwrap_or_default();
    let (mut rules, mut gap) = (Vec::new(), None);
    for id in &db.security_group_ids {
        let group = match network.security_group(id) {
            Ok(group) => group,
            Err(hidden) => {
                gap = gap.or(Some(hidden));
                continue;
            }
        };
        let ranges = group.ingress.iter().filter(|rule| !rule.is_about_group());
        for rule in ranges.filter(|rule| !world.iter().any(|world| is_part_of(world, rule))) {
            let is_about = traffic.is_matched_by(rule);
            let found = match is_about {
                Known::Yes(false) => continue,
                Known::Yes(true) => network_rule(&network, db, group, rule),
                Known::No(hidden) => Err(hidden),
            };
            match found {
                Ok(rule) => rules.push(rule),
                Err(hidden) => gap = gap.or(Some(hidden)),
            }
        }
    }
    match gap {
        Some(gap) if rules.is_empty() => Known::No(gap),
        _ => Known::Yes(rules),
    }
}

/// Whether a rule is one of those that admit the whole internet, which is told as such.
fn is_part_of(world: &WorldRule, rule: &SecurityGroupRule) -> bool {
    let peers = match rule.peer_kind.as_str() {
        "ipv4" => &world.cidr_blocks,
        "ipv6" => &world.ipv6_cidr_blocks,
        _ => &world.prefix_list_ids,
    };
    peers.contains(&rule.peer)
}

fn network_rule(
    network: &Network<'_>,
    db: &DbInstance,
    group: &SecurityGroup,
    rule: &SecurityGroupRule,
) -> OrGap<NetworkRule> {
    let blocks = rule_blocks(network, rule)?;
    let vpc_id = if group.vpc_id.is_empty() { db.vpc_id.as_deref() } else { Some(group.vpc_id.as_str()) };
    let place = place(network, vpc_id, &blocks);
    let protocol = protocol_name(&rule.protocol).to_owned();
    let ports = ports_label(&rule.protocol, rule.from_port, rule.to_port);
    let source = match rule.peer_kind.as_str() {
        "prefix-list" => network.prefix_list_label(&rule.peer),
        _ => rule.peer.clone(),
    };
    Ok(NetworkRule {
        key: format!("{}/{}", ports.replace(' ', "-"), rule.peer),
        group_id: group.id.clone(),
        group_name: group.name.clone(),
        protocol,
        from_port: rule.from_port,
        to_port: rule.to_port,
        ports,
        source,
        peer_kind: rule.peer_kind.clone(),
        peer: rule.peer.clone(),
        meaning: meaning(&place, vpc_id.unwrap_or("-")),
        network: place.map(str::to_owned).into(),
        address_count: address_count(&blocks),
    })
}

/// Where the addresses are; AWS's own lists, whose entries need not be known, are services.
fn place(network: &Network<'_>, vpc_id: Option<&str>, blocks: &[CidrBlock]) -> OrGap<&'static str> {
    if blocks.is_empty() {
        return Ok("aws-service");
    }
    let on_internet = |family: IpFamily| {
        let addresses = Addresses::of(family, blocks);
        !addresses.intersection(internet(family)).is_empty()
    };
    let vpc = vpc_id.ok_or_else(Default::default).and_then(|id| network.vpc(id));
    let vpc = match vpc {
        Ok(vpc) => vpc,
        // IPv4 ranges of VPCs are private but for a few; what is on the internet is not in one.
        Err(_) if on_internet(IpFamily::V4) => return Ok("internet"),
        Err(gap) => return Err(gap),
    };
    let own: Vec<CidrBlock> = vpc
        .cidr_blocks
        .iter()
        .chain(&vpc.ipv6_cidr_blocks)
        .filter_map(|text| CidrBlock::parse(text))
        .collect();
    let holds = |outer: &[CidrBlock], inner: &[CidrBlock]| {
        IpFamily::ALL
            .iter()
            .all(|family| Addresses::of(*family, inner).difference(&Addresses::of(*family, outer)).is_empty())
    };
    let v4: Vec<CidrBlock> = own.iter().filter(|block| block.family == IpFamily::V4).copied().collect();
    Ok(match (holds(&own, blocks), !v4.is_empty() && holds(blocks, &v4)) {
        (true, true) => "vpc",
        (true, false) => "part-of-vpc",
        _ if IpFamily::ALL.into_iter().any(on_internet) => "internet",
        (false, true) => "more-than-vpc",
        (false, false) => "private",
    })
}

fn meaning(place: &OrGap<&'static str>, vpc: &str) -> Text {
    match place {
        Ok("vpc") => Text::new(format!("the whole of {vpc}"), format!("{vpc} 全体")),
        Ok("part-of-vpc") => Text::new(format!("a part of {vpc}"), format!("{vpc} の一部")),
        Ok("more-than-vpc") => {
            Text::new(format!("the whole of {vpc} and more"), format!("{vpc} 全体とその外側"))
        }
        Ok("internet") => Text::new("addresses on the internet", "インターネット上のアドレス"),
        Ok("private") => Text::new(
            format!("a private network outside {vpc}"),
            format!("{vpc} の外のプライベートネットワーク"),
        ),
        Ok(_) => Text::new("an AWS service for all its customers", "AWS サービスの共用アドレス"),
        Err(_) => Text::new("a network", "ネットワーク"),
    }
}

/// Null for lists that were not read. IPv6 ranges are larger than can be counted.
fn address_count(blocks: &[CidrBlock]) -> Option<i64> {
    let sizes = blocks.iter().map(|block| i64::try_from(block.span()).unwrap_or(i64::MAX).saturating_add(1));
    (!blocks.is_empty()).then(|| sizes.fold(0, i64::saturating_add))
}
