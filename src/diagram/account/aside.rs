//! What stands in front of VPCs and beside them: distributions, web ACLs, alarms and who hears them.

use super::{band, hidden_band};
use crate::conclude::edge::load_balancer_edge;
use crate::conclude::facts::Facts;
use crate::diagram::words;
use crate::diagram::{Band, BandKind, PictureTier, Site};
use crate::snapshot::Known;
use crate::snapshot::cloudwatch::Alarm;
use crate::text::Text;
use std::collections::{BTreeMap, BTreeSet};

/// The id of the band of a region's alarms.
pub(super) fn alarms_id(region: &str) -> String {
    format!("alarms {region}")
}

/// Adds them to the sites that they belong to; what belongs to none goes to the first of its region.
pub(super) fn add(facts: &Facts<'_>, sites: &mut [Site]) {
    let snapshot = facts.snapshot();
    let (mut of_distribution, mut of_acl): (BTreeMap<String, usize>, BTreeMap<String, usize>) =
        (BTreeMap::new(), BTreeMap::new());
    for lb in snapshot.elb.load_balancers.iter() {
        let stands = |site: &Site| site.bands.iter().any(|band| band.id == lb.arn);
        let Some(index) = sites.iter().position(stands) else { continue };
        let edge = load_balancer_edge(snapshot, lb);
        for id in edge.distribution_ids.known().into_iter().flatten() {
            of_distribution.entry(id.clone()).or_insert(index);
        }
        if let Some(Some(arn)) = edge.web_acl_arn.known() {
            of_acl.entry(arn.clone()).or_insert(index);
        }
    }
    for distribution in snapshot.cloudfront.distributions.iter() {
        let name = Text::same(distribution.id.as_str());
        let mut one = band(&distribution.arn, BandKind::Distribution, name, PictureTier::Edge);
        one.facets = words::distribution(distribution);
        one.groups = vec![(words::KIND.to_owned(), String::new())];
        let index = of_distribution.get(&distribution.id).copied().unwrap_or(0);
        if let Some(acl) = &distribution.web_acl_id {
            of_acl.entry(acl.clone()).or_insert(index);
        }
        push(sites, index, one);
    }
    for acl in snapshot.wafv2.web_acls.iter() {
        let (index, tier) = match of_acl.get(&acl.arn) {
            Some(index) => (*index, PictureTier::Edge),
            None => (first_of(sites, &acl.region), PictureTier::Aside),
        };
        let mut one = band(&acl.arn, BandKind::WebAcl, words::name(&acl.name), tier);
        one.facets = words::web_acl(acl, tier == PictureTier::Edge);
        one.groups = vec![(words::KIND.to_owned(), String::new())];
        one.is_certain = acl.load_balancer_arns.known().is_some() || acl.is_of_cloudfront();
        push(sites, index, one);
    }
    for topic in snapshot.sns.topics.iter() {
        let name = words::name(&topic.name);
        let mut one = band(&topic.arn, BandKind::Topic, name, PictureTier::Aside);
        one.facets = words::topic(topic);
        one.is_certain = topic.subscriptions.known().is_some();
        one.groups = vec![(words::KIND.to_owned(), String::new())];
        push(sites, first_of(sites, &topic.region), one);
    }
    for region in &snapshot.regions {
        let index = first_of(sites, region);
        let alarms: Vec<&Alarm> =
            snapshot.cloudwatch.alarms.iter().filter(|alarm| alarm.region == *region).collect();
        if !alarms.is_empty() {
            push(sites, index, alarm_band(region, &alarms));
        }
        if let Err(gap) = snapshot.cloudwatch.alarms.complete_in(region) {
            push(sites, index, hidden_band(BandKind::Alarms, PictureTier::Aside, region, &gap));
        }
        if let Err(gap) = snapshot.sns.topics.complete_in(region) {
            push(sites, index, hidden_band(BandKind::Topic, PictureTier::Aside, region, &gap));
        }
        if let Err(gap) = snapshot.wafv2.web_acls.complete_in(region) {
            push(sites, index, hidden_band(BandKind::WebAcl, PictureTier::Edge, region, &gap));
        }
    }
    if let Some(gap) = snapshot.cloudfront.distributions.incomplete.first() {
        push(sites, 0, hidden_band(BandKind::Distribution, PictureTier::Edge, "", gap));
    }
}

fn alarm_band(region: &str, alarms: &[&Alarm]) -> Band {
    let id = alarms_id(region);
    let mut one = band(&id, BandKind::Alarms, words::alarms(alarms.len()), PictureTier::Aside);
    let is_silent =
        |alarm: &&&Alarm| alarm.alarm_actions.is_empty() || alarm.actions_enabled == Known::Yes(false);
    one.facets = words::alarm_facets(alarms.iter().filter(is_silent).count());
    one.members = alarms.iter().map(|alarm| alarm.arn.clone()).collect::<BTreeSet<_>>();
    one
}

fn first_of(sites: &[Site], region: &str) -> usize {
    sites.iter().position(|site| site.region == region).unwrap_or(0)
}

fn push(sites: &mut [Site], index: usize, band: Band) {
    if let Some(site) = sites.get_mut(index) {
        site.bands.push(band);
        site.bands.sort_by(|left, right| {
            let key = |band: &Band| (band.tier, band.kind, band.name.en.clone(), band.id.clone());
            key(left).cmp(&key(right))
        });
    }
}
