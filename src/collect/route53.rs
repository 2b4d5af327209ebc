//! Where the names lead that distributions fetch from. A zone is never read whole: each name
//! is one request, and nothing is asked where every origin has a name of AWS's.

use crate::ask::Ask;
use crate::ask::asked::client;
use crate::snapshot::operation::{Operation, named};
use crate::snapshot::route53::{DnsRecord, MOST_STEPS, Route53, host, is_named_by_aws};
use crate::snapshot::{GapId, Listing, Snapshot};
use aws_sdk_route53::Client;
use aws_sdk_route53::types::{HostedZone, ResourceRecordSet};
use std::collections::BTreeSet;

const HOSTED_ZONES: &Operation = named("route53", "ListHostedZones");
const RECORDS: &Operation = named("route53", "ListResourceRecordSets");

/// Records in one answer; a name rarely has more.
const RECORDS_AT_ONCE: i32 = 100;

/// A public zone of the account.
#[derive(Clone)]
struct Zone {
    id: String,
    name: String,
}

/// The records of the names that distributions fetch from.
pub(crate) async fn collect(ask: &Ask, found: &Snapshot) -> Snapshot {
    let mut records = Listing::with_gaps(found.cloudfront.distributions.incomplete.clone());
    let mut wanted = origin_names(found);
    if !wanted.is_empty() {
        let client = client!(aws_sdk_route53, ask.config());
        let zones = zones(ask, &client).await;
        records.incomplete.extend(zones.incomplete);
        let mut seen = BTreeSet::new();
        for _ in 0..MOST_STEPS {
            seen.extend(wanted.iter().cloned());
            let questions = questions(&wanted, &zones.items);
            let answers = ask.each(questions, |(name, zone)| of_name(ask, &client, name, zone)).await;
            let mut next = BTreeSet::new();
            for answer in answers {
                match answer {
                    Ok(answered) => {
                        next.extend(answered.iter().flat_map(further_names));
                        records.items.extend(answered);
                    }
                    Err(gap) => records.incomplete.push(gap),
                }
            }
            wanted = next.difference(&seen).cloned().collect();
        }
    }
    Snapshot { route53: Route53 { records }, ..Snapshot::default() }
}

/// The names of origins that AWS did not give.
fn origin_names(found: &Snapshot) -> BTreeSet<String> {
    let enabled = found.cloudfront.distributions.iter().filter(|distribution| distribution.enabled);
    let names =
        enabled.flat_map(|distribution| &distribution.origins).map(|origin| host(&origin.domain_name));
    names.filter(|name| !is_named_by_aws(name)).collect()
}

/// The names that a record leads to and that records may say more about.
fn further_names(record: &DnsRecord) -> Vec<String> {
    let is_name = record.is_alias || record.kind == "CNAME";
    let targets = record.targets.iter().filter(|_| is_name).map(|target| host(target));
    targets.filter(|name| !is_named_by_aws(name)).collect()
}

async fn zones(ask: &Ask, client: &Client) -> Listing<Zone> {
    let zones = ask
        .list(
            HOSTED_ZONES,
            |marker| client.list_hosted_zones().max_items(HOSTED_ZONES.page_size).set_marker(marker).send(),
            |page| page.next_marker.clone().filter(|_| page.is_truncated),
            |page| page.hosted_zones,
            |zone| Some(public_zone(zone)),
        )
        .await;
    Listing { items: zones.items.into_iter().flatten().collect(), incomplete: zones.incomplete }
}

/// CloudFront does not see private zones.
fn public_zone(zone: HostedZone) -> Option<Zone> {
    let is_private = zone.config.is_some_and(|config| config.private_zone);
    let id = zone.id.trim_start_matches("/hostedzone/").to_owned();
    (!is_private).then(|| Zone { id, name: plain(&zone.name) })
}

/// Which zone to ask for which name: the nearest one above it, and every one of that name.
fn questions(names: &BTreeSet<String>, zones: &[Zone]) -> Vec<(String, Zone)> {
    let mut questions = Vec::new();
    for name in names {
        let above = || zones.iter().filter(|zone| is_in(name, &zone.name));
        let nearest = above().map(|zone| zone.name.len()).max();
        let of_that_name = above().filter(|zone| Some(zone.name.len()) == nearest);
        questions.extend(of_that_name.map(|zone| (name.clone(), zone.clone())));
    }
    questions
}

fn is_in(name: &str, zone: &str) -> bool {
    name == zone || name.strip_suffix(zone).is_some_and(|rest| rest.ends_with('.'))
}

/// A name as Route 53 writes it, in the form in which names compare.
fn plain(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase().replace("\\052", "*")
}

/// The records of a name, or of the wildcard beside it where the zone does not have the name.
async fn of_name(ask: &Ask, client: &Client, name: String, zone: Zone) -> Result<Vec<DnsRecord>, GapId> {
    let own = sets(ask, client, &zone, &name, &name).await?;
    if own.exists {
        return Ok(records(ask.region(), &zone, &name, false, own.sets));
    }
    let Some(wildcard) = wildcard(&name, &zone.name) else { return Ok(Vec::new()) };
    let others = sets(ask, client, &zone, &wildcard, &name).await?;
    Ok(records(ask.region(), &zone, &name, true, others.sets))
}

/// The wildcard that answers for a name that a zone lacks. One further up answers only where no
/// name in between exists, which would take the whole zone to see.
fn wildcard(name: &str, zone: &str) -> Option<String> {
    let (_, parent) = name.split_once('.')?;
    (name != zone && is_in(parent, zone)).then(|| format!("*.{parent}"))
}

/// What a zone has of a name.
struct Sets {
    sets: Vec<ResourceRecordSet>,
    /// Whether the name exists, also with other types or because names below it do.
    exists: bool,
}

async fn sets(ask: &Ask, client: &Client, zone: &Zone, name: &str, about: &str) -> Result<Sets, GapId> {
    let mut found = Sets { sets: Vec::new(), exists: false };
    let mut from = (name.replace('*', "\\052"), None, None);
    loop {
        let (start, kind, identifier) = from;
        let request = client.list_resource_record_sets().hosted_zone_id(&zone.id).start_record_name(start);
        let request = request.set_start_record_type(kind).set_start_record_identifier(identifier);
        let call = request.max_items(RECORDS_AT_ONCE).send();
        let page = ask.once(RECORDS, Some(about), call).await?;
        let count = found.sets.len();
        found.exists |= page.resource_record_sets.iter().any(|set| is_in(&plain(&set.name), name));
        found.sets.extend(page.resource_record_sets.into_iter().filter(|set| plain(&set.name) == name));
        // The records of a name stand together: they go on only where the next page begins with it.
        match page.next_record_name.filter(|next| page.is_truncated && plain(next) == name) {
            Some(next) if found.sets.len() > count => {
                from = (next, page.next_record_type, page.next_record_identifier);
            }
            Some(_) => return Err(ask.broken(RECORDS, Some(about))),
            None => return Ok(found),
        }
    }
}

fn records(
    region: &str,
    zone: &Zone,
    name: &str,
    is_wildcard: bool,
    sets: Vec<ResourceRecordSet>,
) -> Vec<DnsRecord> {
    let sets = sets.into_iter().filter(|set| matches!(set.r#type.as_str(), "A" | "AAAA" | "CNAME"));
    let record = |set: ResourceRecordSet| {
        let kind = set.r#type.as_str().to_owned();
        let identifier = set.set_identifier.as_deref().unwrap_or_default();
        let values = set.resource_records.unwrap_or_default().into_iter().map(|record| record.value);
        let is_alias = set.alias_target.is_some();
        let targets = set.alias_target.map(|alias| alias.dns_name).into_iter().chain(values);
        DnsRecord {
            id: format!("{}/{name}/{kind}/{identifier}", zone.id),
            region: region.to_owned(),
            zone_id: zone.id.clone(),
            name: name.to_owned(),
            kind,
            is_wildcard,
            is_alias,
            targets: targets.map(|target| plain(&target)).collect(),
            set_identifier: set.set_identifier,
        }
    };
    sets.map(record).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::cloudfront::{Distribution, Origin};
    use aws_sdk_route53::types::{AliasTarget, HostedZoneConfig, ResourceRecord, RrType};

    fn zone(name: &str) -> Zone {
        Zone { id: format!("Z{}", name.len()), name: name.to_owned() }
    }

    fn names(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn only_names_that_aws_did_not_give_are_looked_for() {
        let distribution = |enabled: bool, origin: &str| Distribution {
            enabled,
            origins: vec![Origin { domain_name: origin.to_owned(), ..Origin::default() }],
            ..Distribution::default()
        };
        let mut found = Snapshot::default();
        found.cloudfront.distributions.items = vec![
            distribution(true, "shop-1.ap-northeast-1.elb.amazonaws.com"),
            distribution(true, "Origin.Example.com."),
            distribution(true, "origin.example.com"),
            distribution(false, "old.example.com"),
        ];
        assert_eq!(origin_names(&found), names(&["origin.example.com"]));
    }

    #[test]
    fn the_nearest_zones_are_asked() {
        let zones =
            [zone("example.com"), zone("shop.example.com"), zone("shop.example.com"), zone("ple.com")];
        let asked = |name: &str| -> Vec<String> {
            questions(&names(&[name]), &zones).into_iter().map(|(_, zone)| zone.name).collect()
        };
        assert_eq!(asked("origin.example.com"), ["example.com"]);
        assert_eq!(asked("a.shop.example.com"), ["shop.example.com", "shop.example.com"]);
        assert_eq!(asked("example.com"), ["example.com"]);
        assert_eq!(asked("origin.example.net"), Vec::<String>::new());
    }

    #[test]
    fn private_zones_are_left_out() {
        let answered = |is_private: bool| {
            HostedZone::builder()
                .id("/hostedzone/Z1")
                .name("Example.com.")
                .caller_reference("1")
                .config(HostedZoneConfig::builder().private_zone(is_private).build())
                .build()
                .unwrap()
        };
        assert!(public_zone(answered(true)).is_none());
        let zone = public_zone(answered(false)).unwrap();
        assert_eq!((zone.id.as_str(), zone.name.as_str()), ("Z1", "example.com"));
    }

    #[test]
    fn the_wildcard_beside_a_name() {
        assert_eq!(wildcard("a.b.example.com", "example.com").as_deref(), Some("*.b.example.com"));
        assert_eq!(wildcard("a.example.com", "example.com").as_deref(), Some("*.example.com"));
        assert_eq!(wildcard("example.com", "example.com"), None);
        assert_eq!(plain("\\052.Example.com."), "*.example.com");
    }

    #[test]
    fn aliases_names_and_addresses_are_kept_and_texts_are_not() {
        let set = |kind: RrType| ResourceRecordSet::builder().name("origin.example.com.").r#type(kind);
        let value = |value: &str| ResourceRecord::builder().value(value).build().unwrap();
        let alias = AliasTarget::builder()
            .hosted_zone_id("Z14GRHDCWA56QT")
            .dns_name("dualstack.Shop-1.ap-northeast-1.elb.amazonaws.com.")
            .evaluate_target_health(false)
            .build()
            .unwrap();
        let made = records(
            "us-east-1",
            &zone("example.com"),
            "origin.example.com",
            false,
            vec![
                set(RrType::A).alias_target(alias).build().unwrap(),
                set(RrType::Cname)
                    .set_identifier("blue")
                    .resource_records(value("LB.example.net."))
                    .build()
                    .unwrap(),
                set(RrType::Txt).resource_records(value("\"token=s3cret\"")).build().unwrap(),
            ],
        );
        assert_eq!(made.len(), 2);
        assert_eq!(made[0].targets, ["dualstack.shop-1.ap-northeast-1.elb.amazonaws.com"]);
        assert_eq!((made[0].is_alias, further_names(&made[0]).len()), (true, 0));
        assert_eq!(made[1].id, "Z11/origin.example.com/CNAME/blue");
        assert_eq!(further_names(&made[1]), ["lb.example.net"]);
    }
}
