//! What network ACLs and security groups let through.

use super::{ByFamily, Network, OrGap, any};
use crate::conclude::cidr::{
    Addresses, CidrBlock, IpFamily, internet, is_most_of_internet, is_whole_internet,
};
use crate::snapshot::ec2::{NetworkAcl, NetworkAclEntry, SecurityGroup, SecurityGroupRule};
use crate::snapshot::gap::GapId;
use crate::snapshot::known::Known;
use crate::text::Text;
use std::collections::BTreeSet;

/// The largest port.
pub(crate) const LAST_PORT: i64 = 65535;
/// Where the ports begin that clients send from, NAT gateways and load balancers among them.
const FIRST_CLIENT_PORT: i64 = 1024;

/// The ports that a resource listens on.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Ports {
    /// These.
    Some(Vec<i64>),
    /// It names none, and nothing in the network stops it from listening on any.
    Any,
}

/// What wants to get in.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Traffic {
    /// tcp, udp.
    pub protocols: Vec<&'static str>,
    /// To these ports; where AWS would not say which, the question that would tell.
    pub ports: OrGap<Ports>,
}

impl Traffic {
    /// TCP to some ports.
    pub(crate) fn tcp(ports: OrGap<Ports>) -> Self {
        Traffic { protocols: vec!["tcp"], ports }
    }

    /// For people, for instance tcp/5432.
    pub(crate) fn label(&self) -> Text {
        self.ports_label().unwrap_or_else(|| Text::new("any port", "いずれかのポート"))
    }

    /// The same where at least one of them is open: of any port, that is some port.
    pub(crate) fn open_label(&self) -> Text {
        self.ports_label().unwrap_or_else(|| Text::new("some port", "いずれかのポート"))
    }

    fn ports_label(&self) -> Option<Text> {
        let Ok(Ports::Some(ports)) = &self.ports else {
            return None;
        };
        let labels = self
            .protocols
            .iter()
            .flat_map(|protocol| ports.iter().map(move |port| format!("{protocol}/{port}")));
        Some(Text::same(labels.collect::<Vec<_>>().join(", ")))
    }

    /// Whether `is_open` holds for one of the protocols and ports. `borders` are the ports
    /// at which answers may change; they stand for all ports where any counts.
    fn is_open(
        &self,
        borders: impl Iterator<Item = i64>,
        is_open: impl Fn(&str, i64) -> Known<bool>,
    ) -> Known<bool> {
        let candidates: Vec<i64> = match &self.ports {
            Ok(Ports::Some(ports)) => ports.clone(),
            Ok(Ports::Any) | Err(_) => border_ports(borders, 0).into_iter().collect(),
        };
        let protocols = self.protocols.iter();
        let answer =
            any(protocols.flat_map(|protocol| candidates.iter().map(|port| is_open(protocol, *port))));
        match (&self.ports, answer) {
            // What is closed on all ports is closed on those that are not known.
            (Err(gap), Known::Yes(true)) => Known::No(gap.clone()),
            (_, answer) => answer,
        }
    }

    /// Whether a security group's rule is about this traffic; `None` where it depends on
    /// ports that are not known.
    pub(crate) fn is_matched_by(&self, rule: &SecurityGroupRule) -> Known<bool> {
        self.is_open(borders(rule.from_port, rule.to_port), |protocol, port| {
            Known::Yes(rule_matches(rule, protocol, port))
        })
    }
}

fn borders(from: Option<i64>, to: Option<i64>) -> impl Iterator<Item = i64> {
    from.into_iter().chain(to.map(|port| port + 1))
}

fn border_ports(borders: impl Iterator<Item = i64>, first: i64) -> BTreeSet<i64> {
    borders.filter(|port| (first..=LAST_PORT).contains(port)).chain([first]).collect()
}

/// A protocol as security groups name it; network ACLs use IANA's numbers.
pub(crate) fn protocol_name(protocol: &str) -> &str {
    match protocol {
        "1" => "icmp",
        "6" => "tcp",
        "17" => "udp",
        "58" => "icmpv6",
        other => other,
    }
}

fn is_about(rule_protocol: &str, from: Option<i64>, to: Option<i64>, protocol: &str, port: i64) -> bool {
    match protocol_name(rule_protocol) {
        "-1" => true,
        name if name == protocol => {
            let from = from.filter(|port| *port >= 0).unwrap_or(0);
            let to = to.filter(|port| *port >= 0).unwrap_or(LAST_PORT);
            (from..=to).contains(&port)
        }
        _ => false,
    }
}

/// Whether a security group's rule is about a protocol and port.
pub(crate) fn rule_matches(rule: &SecurityGroupRule, protocol: &str, port: i64) -> bool {
    is_about(&rule.protocol, rule.from_port, rule.to_port, protocol, port)
}

/// What a network ACL does at a subnet's border.
pub(crate) struct AclPassage {
    /// Whether the internet gets in.
    pub lets_in: ByFamily,
    /// Whether answers get out to the ports that clients send from.
    pub lets_out: ByFamily,
}

impl AclPassage {
    /// Whether both directions are open.
    pub(crate) fn is_open(&self) -> ByFamily {
        self.lets_in.and(&self.lets_out)
    }
}

/// Network ACLs keep no state: what comes in and what goes out are matched separately.
pub(crate) fn acl_passage(acl: &NetworkAcl, traffic: &Traffic) -> AclPassage {
    let lets = |egress: bool, protocol: &str, port: i64, family: IpFamily| {
        is_most_of_internet(family, &admitted_by_acl(acl, egress, protocol, port, family))
    };
    let borders_of = |egress: bool| {
        let entries = acl.entries.iter().filter(move |entry| entry.egress == egress);
        entries.flat_map(|entry| borders(entry.from_port, entry.to_port))
    };
    AclPassage {
        lets_in: ByFamily::of(|family| {
            traffic
                .is_open(borders_of(false), |protocol, port| Known::Yes(lets(false, protocol, port, family)))
        }),
        lets_out: ByFamily::of(|family| {
            let ports = border_ports(borders_of(true), FIRST_CLIENT_PORT);
            let mut protocols = traffic.protocols.iter();
            Known::Yes(protocols.any(|protocol| ports.iter().any(|port| lets(true, protocol, *port, family))))
        }),
    }
}

/// The part of the internet that an ACL lets through: for each address the entry with
/// the lowest number decides.
fn admitted_by_acl(acl: &NetworkAcl, egress: bool, protocol: &str, port: i64, family: IpFamily) -> Addresses {
    let is_about = |entry: &&NetworkAclEntry| {
        entry.egress == egress && is_about(&entry.protocol, entry.from_port, entry.to_port, protocol, port)
    };
    let mut entries: Vec<&NetworkAclEntry> = acl.entries.iter().filter(is_about).collect();
    entries.sort_by_key(|entry| entry.rule_number);
    let (mut rest, mut admitted) = (internet(family).clone(), Addresses::default());
    for entry in entries {
        let range = entry.cidr_block.as_deref().or(entry.ipv6_cidr_block.as_deref());
        let Some(block) = range.and_then(CidrBlock::parse) else { continue };
        let addresses = Addresses::of(family, [&block]);
        if entry.allow {
            admitted = admitted.union(&rest.intersection(&addresses));
        }
        rest = rest.difference(&addresses);
    }
    admitted
}

/// What the security groups of an interface do together.
pub(crate) struct GroupPassage<'a> {
    /// Whether the whole internet is admitted.
    pub is_open: ByFamily,
    /// The groups whose rules admit it.
    pub open_groups: Vec<&'a SecurityGroup>,
}

/// Whether groups admit the whole internet to any of the ports. Several rules, and rules
/// of several groups, may do so together.
pub(crate) fn group_passage<'a>(
    network: &Network<'a>,
    ids: &[String],
    traffic: &Traffic,
) -> GroupPassage<'a> {
    let (mut groups, mut hidden) = (Vec::new(), None);
    for id in ids {
        match network.security_group(id) {
            Ok(group) => groups.push(group),
            Err(gap) => hidden = hidden.or(Some(gap)),
        }
    }
    let is_open = ByFamily::of(|family| world_admitted(network, &groups, traffic, family, hidden.as_ref()));
    let alone = |group: &&&SecurityGroup| {
        IpFamily::ALL
            .iter()
            .any(|family| world_admitted(network, &[**group], traffic, *family, None) == Known::Yes(true))
    };
    let mut open_groups: Vec<&SecurityGroup> = groups.iter().filter(alone).copied().collect();
    if open_groups.is_empty() && is_open.either() == Known::Yes(true) {
        open_groups = groups;
    }
    GroupPassage { is_open, open_groups }
}

fn world_admitted(
    network: &Network<'_>,
    groups: &[&SecurityGroup],
    traffic: &Traffic,
    family: IpFamily,
    hidden: Option<&GapId>,
) -> Known<bool> {
    let rules = || groups.iter().flat_map(|group| &group.ingress);
    let borders = rules().flat_map(|rule| borders(rule.from_port, rule.to_port));
    traffic.is_open(borders, |protocol, port| {
        let (mut blocks, mut gap) = (Vec::new(), hidden.cloned());
        for rule in rules().filter(|rule| rule_matches(rule, protocol, port)) {
            match rule_blocks(network, rule) {
                Ok(more) => blocks.extend(more),
                Err(unknown) => gap = gap.or(Some(unknown)),
            }
        }
        match (is_whole_internet(family, &blocks), gap) {
            (true, _) => Known::Yes(true),
            (false, Some(gap)) => Known::No(gap),
            (false, None) => Known::Yes(false),
        }
    })
}

/// The addresses that a rule names itself or through a prefix list. Members of another
/// group are in the network, not on the internet.
pub(crate) fn rule_blocks(network: &Network<'_>, rule: &SecurityGroupRule) -> OrGap<Vec<CidrBlock>> {
    match rule.peer_kind.as_str() {
        "ipv4" | "ipv6" => Ok(CidrBlock::parse(&rule.peer).into_iter().collect()),
        "prefix-list" => network.prefix_list_blocks(&rule.peer),
        _ => Ok(Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conclude::network::site::{self, acl, entry};
    use crate::snapshot::Snapshot;

    fn tcp(port: i64) -> Traffic {
        Traffic::tcp(Ok(Ports::Some(vec![port])))
    }

    fn passes(entries: Vec<NetworkAclEntry>) -> (Option<bool>, Option<bool>) {
        let passage = acl_passage(&acl("acl-1", &[], entries), &tcp(5432));
        let known = |answer: ByFamily| answer.get(IpFamily::V4).known().copied();
        (known(passage.lets_in), known(passage.lets_out))
    }

    #[test]
    fn the_lowest_matching_entry_decides() {
        let everything = || entry(100, false, true, "-1", "0.0.0.0/0", None);
        let out = || entry(100, true, true, "-1", "0.0.0.0/0", None);
        let deny = |number| entry(number, false, false, "6", "0.0.0.0/0", Some((5432, 5432)));
        assert_eq!(passes(vec![everything(), out()]), (Some(true), Some(true)));
        assert_eq!(passes(vec![everything(), out(), deny(90)]), (Some(false), Some(true)));
        assert_eq!(passes(vec![everything(), out(), deny(110)]), (Some(true), Some(true)));
        let other_port = entry(90, false, false, "6", "0.0.0.0/0", Some((22, 22)));
        assert_eq!(passes(vec![everything(), out(), other_port]), (Some(true), Some(true)));
        let blocked = entry(90, false, false, "-1", "8.8.8.0/24", None);
        assert_eq!(passes(vec![everything(), out(), blocked]), (Some(true), Some(true)));
        let udp = entry(90, false, false, "17", "0.0.0.0/0", None);
        assert_eq!(passes(vec![everything(), out(), udp]), (Some(true), Some(true)));
        assert_eq!(passes(vec![]), (Some(false), Some(false)));
    }

    #[test]
    fn answers_must_get_out_too() {
        let everything = || entry(100, false, true, "-1", "0.0.0.0/0", None);
        let out = |from, to| entry(100, true, true, "6", "0.0.0.0/0", Some((from, to)));
        assert_eq!(passes(vec![everything(), out(443, 443)]), (Some(true), Some(false)));
        assert_eq!(passes(vec![everything(), out(1024, 65535)]), (Some(true), Some(true)));
        assert_eq!(passes(vec![everything(), out(32768, 60999)]), (Some(true), Some(true)));
        let v6_only = entry(100, true, true, "-1", "::/0", None);
        assert_eq!(passes(vec![everything(), v6_only]), (Some(true), Some(false)));
    }

    fn admits(snapshot: &Snapshot, ids: &[&str], traffic: &Traffic) -> (Option<bool>, Option<bool>) {
        let network = Network { snapshot, region: site::REGION };
        let ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
        let passage = group_passage(&network, &ids, traffic);
        (
            passage.is_open.get(IpFamily::V4).known().copied(),
            passage.is_open.get(IpFamily::V6).known().copied(),
        )
    }

    #[test]
    fn ways_to_write_the_world() {
        type Rules = [(&'static str, i64, i64, &'static str)];
        let cases: &[(&Rules, (bool, bool))] = &[
            (&[("tcp", 5432, 5432, "0.0.0.0/0")], (true, false)),
            (&[("tcp", 5432, 5432, "::/0")], (false, true)),
            (&[("-1", -1, -1, "0.0.0.0/0")], (true, false)),
            (&[("tcp", 0, 65535, "0.0.0.0/0")], (true, false)),
            (&[("6", 5000, 6000, "0.0.0.0/0")], (true, false)),
            (&[("tcp", 5433, 6000, "0.0.0.0/0")], (false, false)),
            (&[("udp", 5432, 5432, "0.0.0.0/0")], (false, false)),
            (&[("tcp", 5432, 5432, "0.0.0.0/1")], (false, false)),
            (&[("tcp", 5432, 5432, "0.0.0.0/1"), ("-1", -1, -1, "128.0.0.0/1")], (true, false)),
            (&[("tcp", 5432, 5432, "0.0.0.0/1"), ("tcp", 22, 22, "128.0.0.0/1")], (false, false)),
            (&[("tcp", 5432, 5432, "10.0.0.0/16"), ("tcp", 5432, 5432, "sg-app")], (false, false)),
            (&[("tcp", 5432, 5432, "2000::/3")], (false, true)),
        ];
        for (rules, expected) in cases {
            let mut snapshot = Snapshot::default().complete();
            snapshot.ec2.security_groups.items = vec![site::group("sg-1", "one", rules)];
            let admitted = admits(&snapshot, &["sg-1"], &tcp(5432));
            assert_eq!(admitted, (Some(expected.0), Some(expected.1)), "{rules:?}");
        }
    }

    #[test]
    fn two_groups_together() {
        let mut snapshot = Snapshot::default().complete();
        snapshot.ec2.security_groups.items = vec![
            site::group("sg-1", "one", &[("tcp", 5432, 5432, "0.0.0.0/1")]),
            site::group("sg-2", "two", &[("tcp", 5432, 5432, "128.0.0.0/1")]),
        ];
        assert_eq!(admits(&snapshot, &["sg-1"], &tcp(5432)), (Some(false), Some(false)));
        assert_eq!(admits(&snapshot, &["sg-1", "sg-2"], &tcp(5432)), (Some(true), Some(false)));
    }

    #[test]
    fn what_is_hidden_matters_only_where_nothing_else_decides() {
        let mut snapshot = Snapshot::default().complete();
        snapshot.ec2.security_groups.items =
            vec![site::group("sg-1", "one", &[("tcp", 5432, 5432, "0.0.0.0/0")])];
        snapshot.ec2.security_groups.incomplete =
            vec![GapId::new("ec2:DescribeSecurityGroups", site::REGION, None)];
        assert_eq!(admits(&snapshot, &["sg-1", "sg-2"], &tcp(5432)), (Some(true), None));
        assert_eq!(admits(&snapshot, &["sg-2"], &tcp(5432)), (None, None));
        assert_eq!(admits(&snapshot, &["sg-1"], &tcp(5433)), (Some(false), Some(false)));
    }

    #[test]
    fn prefix_lists_as_sources() {
        let mut snapshot = Snapshot::default().complete();
        snapshot.ec2.security_groups.items = vec![site::group("sg-1", "one", &[("tcp", 5432, 5432, "pl-1")])];
        assert_eq!(admits(&snapshot, &["sg-1"], &tcp(5432)), (None, None));
        assert_eq!(admits(&snapshot, &["sg-1"], &tcp(22)), (Some(false), Some(false)));
        let world = Known::Yes(vec!["0.0.0.0/1", "128.0.0.0/1"]);
        snapshot.ec2.prefix_lists.items = vec![site::prefix_list("pl-1", world)];
        assert_eq!(admits(&snapshot, &["sg-1"], &tcp(5432)), (Some(true), Some(false)));
        let mut cloudfront = site::prefix_list("pl-1", Known::default());
        cloudfront.owner = "AWS".into();
        snapshot.ec2.prefix_lists.items = vec![cloudfront];
        assert_eq!(admits(&snapshot, &["sg-1"], &tcp(5432)), (Some(false), Some(false)));
    }

    #[test]
    fn ports_that_are_not_known() {
        let unknown = Traffic::tcp(Err(GapId::new("ecs:DescribeTaskDefinition", site::REGION, None)));
        let mut snapshot = Snapshot::default().complete();
        snapshot.ec2.security_groups.items =
            vec![site::group("sg-1", "one", &[("tcp", 8080, 8080, "0.0.0.0/0")])];
        assert_eq!(admits(&snapshot, &["sg-1"], &unknown), (None, Some(false)));
        assert_eq!(admits(&snapshot, &["sg-1"], &Traffic::tcp(Ok(Ports::Any))), (Some(true), Some(false)));
    }
}
