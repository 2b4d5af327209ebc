//! Which load balancer a distribution fetches from, by the name of its origin: the load
//! balancer's own, or one that the account's records in Route 53 lead there.

use crate::conclude::network::any;
use crate::snapshot::cloudfront::{Distribution, Origin};
use crate::snapshot::elb::LoadBalancer;
use crate::snapshot::known::Known;
use crate::snapshot::route53::{DnsRecord, MOST_STEPS, host, is_named_by_aws};
use crate::snapshot::{GapId, Snapshot};
use std::collections::BTreeSet;
use std::net::IpAddr;

/// Whether a distribution has an origin that leads to a load balancer.
pub(super) fn fetches_from(
    snapshot: &Snapshot,
    distribution: &Distribution,
    lb: &LoadBalancer,
) -> Known<bool> {
    let way = Way { snapshot, lb, region: &distribution.region };
    any(distribution.origins.iter().map(|origin| way.leads_here(&origin.domain_name, MOST_STEPS)))
}

/// The origins of a distribution that are known to lead to a load balancer.
pub(super) fn origins_of<'a>(
    snapshot: &Snapshot,
    distribution: &'a Distribution,
    lb: &LoadBalancer,
) -> Vec<&'a Origin> {
    let way = Way { snapshot, lb, region: &distribution.region };
    let origins = distribution.origins.iter();
    origins.filter(|origin| way.leads_here(&origin.domain_name, MOST_STEPS) == Known::Yes(true)).collect()
}

/// The way of names to one load balancer.
struct Way<'a> {
    snapshot: &'a Snapshot,
    lb: &'a LoadBalancer,
    /// Where Route 53 is asked.
    region: &'a str,
}

impl Way<'_> {
    fn leads_here(&self, name: &str, steps: usize) -> Known<bool> {
        let name = host(name);
        let own = host(&self.lb.dns_name);
        if !own.is_empty() && name == own {
            return Known::Yes(true);
        }
        if is_named_by_aws(&name) {
            return Known::Yes(false);
        }
        let Some(left) = steps.checked_sub(1) else { return Known::No(self.not_said(&name)) };
        let records: Vec<&DnsRecord> =
            self.snapshot.route53.records.iter().filter(|record| host(&record.name) == name).collect();
        let zones: BTreeSet<&str> = records.iter().map(|record| record.zone_id.as_str()).collect();
        let by_zone = zones.iter().map(|zone| {
            let own = records.iter().filter(|record| record.zone_id == **zone);
            any(own.map(|record| self.record_leads_here(record, left)))
        });
        let hidden = self.snapshot.route53.records.gap_about(&name);
        // Of two zones with one name the internet asks one; which, is not seen from here.
        let mut answers: Vec<Known<bool>> = by_zone.collect();
        answers.extend(hidden.cloned().map(Known::No));
        match answers.split_first() {
            None => Known::No(self.not_said(&name)),
            Some((first, others)) if others.iter().all(|other| other == first) => first.clone(),
            Some(_) => Known::No(hidden.cloned().unwrap_or_else(|| self.not_said(&name))),
        }
    }

    fn record_leads_here(&self, record: &DnsRecord, steps: usize) -> Known<bool> {
        let is_name = record.is_alias || record.kind == "CNAME";
        any(record.targets.iter().map(|target| match target.parse::<IpAddr>() {
            Ok(_) if !is_name => self.is_address_of(target),
            _ => self.leads_here(target, steps),
        }))
    }

    /// Whether an address is one of the load balancer's, as its interfaces in EC2 say.
    fn is_address_of(&self, address: &str) -> Known<bool> {
        let interfaces = &self.snapshot.ec2.network_interfaces;
        let found = interfaces.iter().find(|interface| {
            let mut own = interface.public_ips.iter().chain(&interface.ipv6_addresses);
            own.any(|own| own == address)
        });
        match found {
            Some(interface) => Known::Yes(interface.description.strip_prefix("ELB ").is_some_and(|tail| {
                let head = self.lb.arn.strip_suffix(tail);
                head.is_some_and(|head| head.ends_with("loadbalancer/"))
            })),
            None => interfaces.complete_in(&self.lb.region).map(|()| false).into(),
        }
    }

    /// The gap of a name of which no record says where it leads: its zone is another account's, or
    /// it is not in the zone.
    fn not_said(&self, name: &str) -> GapId {
        let records = &self.snapshot.route53.records;
        let asked = records.gap_about(name).or_else(|| records.incomplete.first()).cloned();
        asked.unwrap_or_else(|| GapId::new("route53:ListHostedZones", self.region, Some(name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conclude::network::site;
    use crate::snapshot::ec2::NetworkInterface;

    const NAME: &str = "origin.example.com";

    fn record(zone: &str, name: &str, kind: &str, target: &str) -> DnsRecord {
        DnsRecord {
            id: format!("{zone}/{name}/{kind}/{target}"),
            zone_id: zone.into(),
            name: name.into(),
            kind: kind.into(),
            is_alias: kind == "A" && target.parse::<IpAddr>().is_err(),
            targets: vec![target.into()],
            ..DnsRecord::default()
        }
    }

    fn answer(snapshot: &Snapshot) -> Known<bool> {
        let distribution = Distribution {
            id: "E1".into(),
            region: "us-east-1".into(),
            origins: vec![Origin { domain_name: "Origin.Example.com".into(), ..Origin::default() }],
            ..Distribution::default()
        };
        fetches_from(snapshot, &distribution, &snapshot.elb.load_balancers.items[0])
    }

    fn zone_gap(name: &str) -> Known<bool> {
        Known::No(GapId::new("route53:ListHostedZones", "us-east-1", Some(name)))
    }

    #[test]
    fn records_say_where_names_lead() {
        let mut snapshot = site::before();
        let own = snapshot.elb.load_balancers.items[0].dns_name.clone();
        let alias = format!("dualstack.{}.", own.to_uppercase());
        let cases: Vec<(&str, Vec<DnsRecord>, Known<bool>)> = vec![
            ("an alias", vec![record("Z1", NAME, "A", &alias)], Known::Yes(true)),
            ("a name", vec![record("Z1", NAME, "CNAME", &own)], Known::Yes(true)),
            (
                "another load balancer",
                vec![record("Z1", NAME, "A", "other-1.ap-northeast-1.elb.amazonaws.com")],
                Known::Yes(false),
            ),
            (
                "a chain",
                vec![
                    record("Z1", NAME, "CNAME", "lb.example.net"),
                    record("Z2", "lb.example.net", "A", &alias),
                ],
                Known::Yes(true),
            ),
            (
                "a chain into another account's zone",
                vec![record("Z1", NAME, "CNAME", "lb.example.net")],
                zone_gap("lb.example.net"),
            ),
            (
                "one of a weighted set",
                vec![record("Z1", NAME, "CNAME", "old.example.net"), record("Z1", NAME, "CNAME", &own)],
                Known::Yes(true),
            ),
            (
                "two zones of one name that agree",
                vec![record("Z1", NAME, "A", &alias), record("Z2", NAME, "CNAME", &own)],
                Known::Yes(true),
            ),
            (
                "two zones of one name that do not agree",
                vec![record("Z1", NAME, "A", &alias), record("Z2", NAME, "A", "x.cloudfront.net")],
                zone_gap(NAME),
            ),
            ("a name that leads to itself", vec![record("Z1", NAME, "CNAME", NAME)], zone_gap(NAME)),
            ("no record", vec![], zone_gap(NAME)),
        ];
        for (what, records, expected) in cases {
            snapshot.route53.records.items = records;
            assert_eq!(answer(&snapshot), expected, "{what}");
        }
    }

    #[test]
    fn addresses_are_known_by_their_interfaces() {
        let mut snapshot = site::before();
        let path = snapshot.elb.load_balancers.items[0].arn.split_once("loadbalancer/").unwrap().1.to_owned();
        snapshot.route53.records.items = vec![record("Z1", NAME, "A", "52.196.10.10")];
        snapshot.ec2.network_interfaces.items.clear();
        assert_eq!(answer(&snapshot), Known::Yes(false), "nobody's in this account");
        for (description, expected) in
            [(format!("ELB {path}"), true), ("ELB app/other/1".to_owned(), false), (String::new(), false)]
        {
            snapshot.ec2.network_interfaces.items = vec![NetworkInterface {
                description,
                public_ips: site::ids(&["52.196.10.10"]),
                ..NetworkInterface::default()
            }];
            assert_eq!(answer(&snapshot), Known::Yes(expected));
        }
        snapshot.ec2.network_interfaces.items.clear();
        let denied = site::gap("ec2:DescribeNetworkInterfaces");
        snapshot.ec2.network_interfaces.incomplete = vec![denied.clone()];
        assert_eq!(answer(&snapshot), Known::No(denied));
    }

    #[test]
    fn what_route_53_would_not_say_is_named() {
        let mut snapshot = site::before();
        let zones = GapId::new("route53:ListHostedZones", "us-east-1", None);
        snapshot.route53.records.incomplete = vec![zones.clone()];
        assert_eq!(answer(&snapshot), Known::No(zones));
        let own = snapshot.elb.load_balancers.items[0].dns_name.clone();
        snapshot.route53.records.items = vec![record("Z1", NAME, "CNAME", &own)];
        assert_eq!(answer(&snapshot), Known::Yes(true));
        // One of two zones of the name did not answer.
        let records = GapId::new("route53:ListResourceRecordSets", "us-east-1", Some(NAME));
        snapshot.route53.records.incomplete = vec![records.clone()];
        assert_eq!(answer(&snapshot), Known::No(records));
        snapshot.route53 = Default::default();
        assert_eq!(answer(&snapshot), Known::No(GapId::default()), "an older snapshot");
    }
}
