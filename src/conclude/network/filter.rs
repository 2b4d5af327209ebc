//! What network ACLs and security groups let through: on which ports, and whom.

use super::{ByFamily, Network, OrGap};
use crate::conclude::cidr::{
    Addresses, CidrBlock, IpFamily, extent, internet, is_internet, is_whole_internet,
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
/// So many ranges of ports are written out; the rest is counted.
const RANGES_SHOWN: usize = 8;

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

/// Neighbouring ports of a protocol.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PortRange {
    /// tcp, udp.
    pub protocol: &'static str,
    /// The first one.
    pub first: i64,
    /// The last one.
    pub last: i64,
}

impl Traffic {
    /// TCP to some ports.
    pub(crate) fn tcp(ports: OrGap<Ports>) -> Self {
        Traffic { protocols: vec!["tcp"], ports }
    }

    /// For people, for instance tcp/5432.
    pub(crate) fn label(&self) -> Text {
        let Ok(Ports::Some(ports)) = &self.ports else {
            return Text::new("any port", "いずれかのポート");
        };
        let labels = self
            .protocols
            .iter()
            .flat_map(|protocol| ports.iter().map(move |port| format!("{protocol}/{port}")));
        Text::same(labels.collect::<Vec<_>>().join(", "))
    }

    /// The ports that are asked for, cut at `borders`, where answers may change: each range is
    /// treated alike from its first port to its last.
    fn ranges(&self, borders: impl IntoIterator<Item = i64>) -> Vec<PortRange> {
        let cut: Vec<(i64, i64)> = match &self.ports {
            Ok(Ports::Some(ports)) => ports.iter().map(|port| (*port, *port)).collect(),
            Ok(Ports::Any) | Err(_) => {
                let starts: Vec<i64> = border_ports(borders.into_iter(), 0).into_iter().collect();
                let ends = starts.iter().skip(1).map(|next| next - 1).chain([LAST_PORT]);
                starts.iter().copied().zip(ends).collect()
            }
        };
        let of = |protocol: &'static str| {
            cut.iter().map(move |(first, last)| PortRange { protocol, first: *first, last: *last })
        };
        self.protocols.iter().flat_map(|protocol| of(protocol)).collect()
    }

    /// What holds on one of the ports, where the ports are not known, may not hold on the right one.
    fn settle(&self, answer: Known<bool>) -> Known<bool> {
        match (&self.ports, answer) {
            // What is closed on all ports is closed on those that are not known.
            (Err(gap), Known::Yes(true)) => Known::No(gap.clone()),
            (_, answer) => answer,
        }
    }

    /// Whether a security group's rule is about this traffic; `None` where it depends on
    /// ports that are not known.
    pub(crate) fn is_matched_by(&self, rule: &SecurityGroupRule) -> Known<bool> {
        let ranges = self.ranges(borders(rule.from_port, rule.to_port));
        self.settle(Known::Yes(ranges.iter().any(|range| rule_matches(rule, range.protocol, range.first))))
    }
}

/// For people: tcp/22, udp/1000-2000.
pub(crate) fn ranges_label(ranges: &[PortRange]) -> Text {
    let covers = |protocol: &str| {
        ranges.iter().any(|range| range.protocol == protocol && (range.first, range.last) == (0, LAST_PORT))
    };
    if covers("tcp") && covers("udp") {
        return Text::new("every port", "すべてのポート");
    }
    let mut labels: Vec<String> = ranges
        .iter()
        .map(|range| match range.first == range.last {
            true => format!("{}/{}", range.protocol, range.first),
            false => format!("{}/{}-{}", range.protocol, range.first, range.last),
        })
        .collect();
    if labels.len() > RANGES_SHOWN {
        let more = labels.len() - RANGES_SHOWN;
        labels.truncate(RANGES_SHOWN);
        labels.push(format!("+{more}"));
    }
    Text::same(labels.join(", "))
}

/// Sorted, with what overlaps or adjoins put together.
pub(crate) fn merged(mut ranges: Vec<PortRange>) -> Vec<PortRange> {
    ranges.sort();
    let mut merged: Vec<PortRange> = Vec::new();
    for range in ranges {
        match merged.last_mut() {
            // Ports that were named one by one stay so, even where they are neighbours.
            Some(last) if last.protocol == range.protocol && range.first <= last.last => {
                last.last = last.last.max(range.last);
            }
            Some(last)
                if last.protocol == range.protocol
                    && range.first == last.last + 1
                    && (last.first != last.last || range.first != range.last) =>
            {
                last.last = range.last;
            }
            _ => merged.push(range),
        }
    }
    merged
}

/// Whom a hop lets through: the addresses of the internet that surely pass, and those that may.
#[derive(Debug, Clone)]
pub(crate) struct Passers {
    sure: Addresses,
    may: Addresses,
    hidden: Option<GapId>,
}

impl Passers {
    /// Exactly these.
    pub(crate) fn exactly(addresses: Addresses) -> Self {
        Passers { sure: addresses.clone(), may: addresses, hidden: None }
    }

    /// These, and perhaps more: what would tell.
    pub(crate) fn between(sure: Addresses, may: Addresses, hidden: GapId) -> Self {
        let hidden = (sure != may).then_some(hidden);
        Passers { sure, may, hidden }
    }

    /// These and, where something is hidden, perhaps anybody.
    fn at_least(family: IpFamily, addresses: &Addresses, hidden: Option<GapId>) -> Self {
        let sure = addresses.intersection(internet(family));
        match hidden {
            Some(gap) => Self::between(sure, internet(family).clone(), gap),
            None => Self::exactly(sure),
        }
    }

    /// Everybody or nobody.
    pub(crate) fn all_if(family: IpFamily, answer: &Known<bool>) -> Self {
        let everybody = || internet(family).clone();
        match answer {
            Known::Yes(true) => Self::exactly(everybody()),
            Known::Yes(false) => Self::exactly(Addresses::default()),
            Known::No(gap) => Self::between(Addresses::default(), everybody(), gap.clone()),
        }
    }

    /// Who passes both.
    pub(crate) fn and(&self, other: &Passers) -> Passers {
        let hidden = self.hidden.as_ref().or(other.hidden.as_ref()).cloned();
        let (sure, may) = (self.sure.intersection(&other.sure), self.may.intersection(&other.may));
        match hidden {
            Some(gap) => Self::between(sure, may, gap),
            None => Passers { sure, may, hidden },
        }
    }

    /// Whether anybody on the internet passes.
    pub(crate) fn is_open(&self, family: IpFamily) -> Known<bool> {
        if is_internet(family, &self.sure) {
            return Known::Yes(true);
        }
        match is_internet(family, &self.may) {
            true => Known::No(self.hidden.clone().unwrap_or_default()),
            false => Known::Yes(false),
        }
    }
}

/// What of some traffic passes, of one family.
#[derive(Debug, Clone)]
struct FamilyPassage {
    is_open: Known<bool>,
    ranges: Vec<PortRange>,
    /// Those who are let through to the port that is open widest.
    widest: Addresses,
}

/// What of some traffic passes one hop or several.
#[derive(Debug, Clone)]
pub(crate) struct Passage {
    v4: FamilyPassage,
    v6: FamilyPassage,
}

impl Passage {
    /// Asks for each family and port who passes. `borders` are the ports at which answers may change.
    pub(crate) fn of(
        traffic: &Traffic,
        borders: &BTreeSet<i64>,
        passers: impl Fn(IpFamily, &'static str, i64) -> Passers,
    ) -> Self {
        let ranges = traffic.ranges(borders.iter().copied());
        let [v4, v6] = IpFamily::ALL.map(|family| {
            let (mut open, mut hidden, mut widest) = (Vec::new(), None, Addresses::default());
            for range in &ranges {
                let passers = passers(family, range.protocol, range.first);
                match passers.is_open(family) {
                    Known::Yes(true) => {
                        open.push(range.clone());
                        if passers.sure.count() > widest.count() {
                            widest = passers.sure;
                        }
                    }
                    Known::Yes(false) => {}
                    Known::No(gap) => hidden = hidden.or(Some(gap)),
                }
            }
            let is_open = match (open.is_empty(), hidden) {
                (true, Some(gap)) => Known::No(gap),
                (is_closed, _) => Known::Yes(!is_closed),
            };
            FamilyPassage { is_open: traffic.settle(is_open), ranges: merged(open), widest }
        });
        Passage { v4, v6 }
    }

    fn get(&self, family: IpFamily) -> &FamilyPassage {
        match family {
            IpFamily::V4 => &self.v4,
            IpFamily::V6 => &self.v6,
        }
    }

    /// Whether anybody on the internet passes on one of the ports.
    pub(crate) fn is_open(&self) -> ByFamily {
        ByFamily::of(|family| self.get(family).is_open.clone())
    }

    /// The ports on which somebody surely passes in one of the families.
    pub(crate) fn ranges(&self, families: &[IpFamily]) -> Vec<PortRange> {
        merged(families.iter().flat_map(|family| self.get(*family).ranges.clone()).collect())
    }

    /// The same for people; where the ports themselves are not known, no more than that.
    pub(crate) fn label(&self, families: &[IpFamily]) -> Text {
        match self.ranges(families) {
            ranges if ranges.is_empty() => Text::new("some port", "いずれかのポート"),
            ranges => ranges_label(&ranges),
        }
    }

    /// Who passes, for people: the whole internet, or how much of it.
    pub(crate) fn extent(&self, families: &[IpFamily]) -> Text {
        let extents = || families.iter().map(|family| (*family, &self.get(*family).widest));
        let whole = extents().find(|(family, widest)| is_whole_internet(*family, widest));
        let part = || extents().find(|(family, widest)| is_internet(*family, widest));
        whole.or_else(part).map_or_else(
            || Text::new("the internet", "インターネット"),
            |(family, widest)| extent(family, widest),
        )
    }
}

/// The ports at which what matches a rule of a group or an entry of an ACL may change.
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

/// A network ACL at a subnet's border. It keeps no state: what comes in and the answers that go
/// out are matched separately.
pub(crate) struct AclFilter<'a> {
    acl: &'a NetworkAcl,
    /// To whom answers get out, by protocol and family.
    answers: Vec<(&'static str, IpFamily, Addresses)>,
}

impl<'a> AclFilter<'a> {
    /// What an ACL does with some traffic.
    pub(crate) fn new(acl: &'a NetworkAcl, traffic: &Traffic) -> Self {
        let out = acl.entries.iter().filter(|entry| entry.egress);
        let ports =
            border_ports(out.flat_map(|entry| borders(entry.from_port, entry.to_port)), FIRST_CLIENT_PORT);
        // A client that is not answered on one port asks again from another one.
        let answered = |protocol: &'static str, family: IpFamily| {
            ports.iter().fold(Addresses::default(), |all, port| {
                all.union(&admitted_by_acl(acl, true, protocol, *port, family))
            })
        };
        let answers = traffic
            .protocols
            .iter()
            .flat_map(|protocol| IpFamily::ALL.map(|family| (*protocol, family, answered(protocol, family))));
        AclFilter { acl, answers: answers.collect() }
    }

    /// The ports at which its answer may change.
    pub(crate) fn borders(&self) -> impl Iterator<Item = i64> {
        let entries = self.acl.entries.iter().filter(|entry| !entry.egress);
        entries.flat_map(|entry| borders(entry.from_port, entry.to_port))
    }

    /// Who gets in.
    pub(crate) fn lets_in(&self, family: IpFamily, protocol: &str, port: i64) -> Passers {
        Passers::exactly(admitted_by_acl(self.acl, false, protocol, port, family))
    }

    /// Who is answered.
    fn lets_out(&self, family: IpFamily, protocol: &str) -> Passers {
        let answers = self.answers.iter().find(|(of, to, _)| *of == protocol && *to == family);
        Passers::exactly(answers.map(|(_, _, addresses)| addresses.clone()).unwrap_or_default())
    }

    /// Who gets in and is answered.
    pub(crate) fn passers(&self, family: IpFamily, protocol: &str, port: i64) -> Passers {
        self.lets_in(family, protocol, port).and(&self.lets_out(family, protocol))
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

/// The ports among these to which a network ACL lets the internet, or a large part of it, in.
pub(crate) fn ports_open_to_internet(acl: &NetworkAcl, protocol: &str, ports: &[i64]) -> Vec<i64> {
    let is_open = |port: &&i64| {
        IpFamily::ALL
            .iter()
            .any(|family| is_internet(*family, &admitted_by_acl(acl, false, protocol, **port, *family)))
    };
    ports.iter().filter(is_open).copied().collect()
}

/// The security groups of an interface: they admit what any of them admits, and several rules,
/// or rules of several groups, may admit the internet together.
pub(crate) struct GroupFilter<'a> {
    groups: Vec<&'a SecurityGroup>,
    rules: Vec<(&'a SecurityGroupRule, OrGap<Vec<CidrBlock>>)>,
    hidden: Option<GapId>,
}

impl<'a> GroupFilter<'a> {
    /// Looks the groups and the prefix lists of their rules up.
    pub(crate) fn new(network: &Network<'a>, ids: &[String]) -> Self {
        let (mut groups, mut hidden) = (Vec::new(), None);
        for id in ids {
            match network.security_group(id) {
                Ok(group) => groups.push(group),
                Err(gap) => hidden = hidden.or(Some(gap)),
            }
        }
        Self::of(network, groups, hidden)
    }

    fn of(network: &Network<'a>, groups: Vec<&'a SecurityGroup>, hidden: Option<GapId>) -> Self {
        let rules = groups.iter().flat_map(|group| &group.ingress);
        let rules = rules.map(|rule| (rule, rule_blocks(network, rule))).collect();
        GroupFilter { groups, rules, hidden }
    }

    /// The ports at which its answer may change.
    pub(crate) fn borders(&self) -> impl Iterator<Item = i64> {
        self.rules.iter().flat_map(|(rule, _)| borders(rule.from_port, rule.to_port))
    }

    /// Whom they admit.
    pub(crate) fn passers(&self, family: IpFamily, protocol: &str, port: i64) -> Passers {
        let (mut blocks, mut gap): (Vec<&CidrBlock>, Option<GapId>) = (Vec::new(), self.hidden.clone());
        for (_, answer) in self.rules.iter().filter(|(rule, _)| rule_matches(rule, protocol, port)) {
            match answer {
                Ok(more) => blocks.extend(more),
                Err(unknown) => gap = gap.or_else(|| Some(unknown.clone())),
            }
        }
        Passers::at_least(family, &Addresses::of(family, blocks), gap)
    }

    /// What of some traffic they admit from the internet.
    pub(crate) fn passage(&self, traffic: &Traffic) -> Passage {
        let borders = self.borders().collect();
        Passage::of(traffic, &borders, |family, protocol, port| self.passers(family, protocol, port))
    }

    /// The groups themselves, as far as they are known.
    pub(crate) fn groups(&self) -> impl Iterator<Item = &'a SecurityGroup> {
        self.groups.iter().copied()
    }

    /// The groups whose own rules admit the internet, or all of them where they do so together.
    pub(crate) fn open_groups(&self, network: &Network<'a>, traffic: &Traffic) -> Vec<&'a SecurityGroup> {
        let is_open =
            |filter: &GroupFilter<'_>| filter.passage(traffic).is_open().either() == Known::Yes(true);
        let alone = |group: &&&'a SecurityGroup| is_open(&GroupFilter::of(network, vec![**group], None));
        let open: Vec<&SecurityGroup> = self.groups.iter().filter(alone).copied().collect();
        match open.is_empty() && is_open(self) {
            true => self.groups.clone(),
            false => open,
        }
    }
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
        let acl = acl("acl-1", &[], entries);
        let filter = AclFilter::new(&acl, &tcp(5432));
        let known = |passers: Passers| passers.is_open(IpFamily::V4).known().copied();
        (known(filter.lets_in(IpFamily::V4, "tcp", 5432)), known(filter.lets_out(IpFamily::V4, "tcp")))
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
        let is_open = GroupFilter::new(&network, &ids).passage(traffic).is_open();
        (is_open.get(IpFamily::V4).known().copied(), is_open.get(IpFamily::V6).known().copied())
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
            (&[("tcp", 5432, 5432, "0.0.0.0/1")], (true, false)),
            (&[("tcp", 5432, 5432, "8.8.8.8/32"), ("tcp", 5432, 5432, "52.196.0.0/16")], (false, false)),
            (&[("tcp", 5432, 5432, "0.0.0.0/1"), ("-1", -1, -1, "128.0.0.0/1")], (true, false)),
            (&[("tcp", 5432, 5432, "8.0.0.0/9"), ("tcp", 22, 22, "12.0.0.0/9")], (false, false)),
            (&[("tcp", 5432, 5432, "8.0.0.0/9"), ("-1", -1, -1, "12.0.0.0/9")], (true, false)),
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
            site::group("sg-1", "one", &[("tcp", 5432, 5432, "8.0.0.0/9")]),
            site::group("sg-2", "two", &[("tcp", 5432, 5432, "12.0.0.0/9")]),
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

    fn ports(rows: &[(&'static str, i64, i64)]) -> Vec<PortRange> {
        rows.iter()
            .map(|(protocol, first, last)| PortRange { protocol, first: *first, last: *last })
            .collect()
    }

    #[test]
    fn ranges_for_people() {
        let label = |rows: &[(&'static str, i64, i64)]| ranges_label(&ports(rows)).en;
        assert_eq!(label(&[("tcp", 22, 22), ("udp", 1000, 2000)]), "tcp/22, udp/1000-2000");
        assert_eq!(label(&[("tcp", 0, LAST_PORT), ("udp", 0, LAST_PORT)]), "every port");
        assert_eq!(label(&[("tcp", 0, LAST_PORT)]), "tcp/0-65535");
        assert_eq!(label(&[("tcp", 0, LAST_PORT), ("udp", 1, LAST_PORT)]), "tcp/0-65535, udp/1-65535");
        let many: Vec<(&'static str, i64, i64)> =
            (1..=10).map(|port| ("tcp", port * 10, port * 10)).collect();
        assert!(label(&many[..8]).ends_with(", tcp/80"), "{}", label(&many[..8]));
        assert!(label(&many).ends_with(", tcp/80, +2"), "{}", label(&many));
    }

    #[test]
    fn ranges_that_overlap_or_adjoin_are_one() {
        let merge = |rows: &[(&'static str, i64, i64)]| merged(ports(rows));
        assert_eq!(merge(&[("tcp", 5, 9), ("tcp", 1, 6)]), ports(&[("tcp", 1, 9)]));
        assert_eq!(merge(&[("tcp", 1, 9), ("tcp", 2, 3)]), ports(&[("tcp", 1, 9)]));
        assert_eq!(merge(&[("tcp", 1, 4), ("tcp", 5, 9)]), ports(&[("tcp", 1, 9)]));
        assert_eq!(merge(&[("tcp", 4, 4), ("tcp", 5, 9)]), ports(&[("tcp", 4, 9)]));
        assert_eq!(merge(&[("tcp", 1, 4), ("tcp", 5, 5)]), ports(&[("tcp", 1, 5)]));
        for apart in [
            [("tcp", 4, 4), ("tcp", 5, 5)],
            [("tcp", 1, 4), ("tcp", 6, 9)],
            [("tcp", 1, 4), ("udp", 2, 9)],
            [("tcp", 1, 4), ("udp", 5, 9)],
        ] {
            assert_eq!(merge(&apart), ports(&apart), "{apart:?}");
        }
        assert_eq!(merge(&[("tcp", 22, 22), ("tcp", 22, 22)]), ports(&[("tcp", 22, 22)]));
    }
}
