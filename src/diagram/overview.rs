//! Several VPCs as one band each, in the columns of their regions.

use super::account::{INTERNET, band, internet};
use super::words;
use super::{Arrow, ArrowKind, Band, BandKind, Picture, PictureTier, PictureZone, Presence, Site, SiteKind};
use std::collections::{BTreeMap, BTreeSet};

/// The overview of a picture with more than one VPC.
pub(super) fn overview(picture: &Picture) -> Option<Site> {
    if picture.sites.len() < 2 {
        return None;
    }
    let regions: BTreeSet<&str> = picture.sites.iter().map(|site| site.region.as_str()).collect();
    let everywhere = (0..picture.states.len().max(1))
        .fold(Presence::only(usize::MAX), |sum, state| sum.or(Presence::only(state)));
    let (mut bands, mut arrows) = (Vec::new(), Vec::new());
    for site in &picture.sites {
        let one = Band { presence: everywhere, ..vpc(picture, site, everywhere) };
        arrows.extend(from_internet(site, &one.id));
        bands.push(one);
    }
    if !arrows.is_empty() {
        bands.insert(0, Band { presence: everywhere, ..internet() });
    }
    let zones = regions
        .into_iter()
        .map(|region| PictureZone { name: region.to_owned(), presence: everywhere })
        .collect();
    Some(Site {
        id: "overview".to_owned(),
        kind: SiteKind::Overview,
        region: picture.sites.first().map(|site| site.region.clone()).unwrap_or_default(),
        name: words::overview(picture.sites.len()),
        ranges: String::new(),
        zones,
        subnets: Vec::new(),
        bands,
        arrows,
        badges: Vec::new(),
        notes: Vec::new(),
    })
}

fn vpc(picture: &Picture, site: &Site, everywhere: Presence) -> Band {
    let id = format!("site {} {}", site.region, site.id);
    let mut one = band(&id, BandKind::Vpc, site.name.clone(), PictureTier::Private);
    one.members.clear();
    one.zones = vec![site.region.clone()];
    one.is_certain = site.kind == SiteKind::Vpc;
    let mut counts: BTreeMap<BandKind, usize> = BTreeMap::new();
    for band in site.bands.iter().filter(|band| !band.members.is_empty() && band.kind != BandKind::Internet) {
        *counts.entry(band.kind).or_insert(0) += 1;
    }
    one.facets =
        counts.into_iter().map(|(kind, count)| words::facet(words::counted_kind(kind, count))).collect();
    let numbers: BTreeSet<usize> = site
        .bands
        .iter()
        .flat_map(|band| &band.badges)
        .chain(site.subnets.iter().flat_map(|subnet| &subnet.badges))
        .chain(&site.badges)
        .map(|badge| badge.number)
        .collect();
    let severities = numbers.iter().filter_map(|number| picture.problem(*number)).map(|one| one.severity);
    if let Some(worst) = severities.clone().max() {
        let of_worst = severities.filter(|severity| *severity == worst).count();
        one.facets.push(words::facet(words::problem_count(numbers.len(), worst, of_worst)));
    }
    one.facets.iter_mut().for_each(|facet| facet.presence = everywhere);
    one
}

/// What comes from the internet into a VPC, once for each kind.
fn from_internet(site: &Site, id: &str) -> Vec<Arrow> {
    let mut kinds: BTreeMap<ArrowKind, Presence> = BTreeMap::new();
    for arrow in site.arrows.iter().filter(|arrow| arrow.from == INTERNET) {
        let known = kinds.entry(arrow.kind).or_insert(arrow.presence);
        *known = known.or(arrow.presence);
    }
    kinds
        .into_iter()
        .map(|(kind, presence)| Arrow {
            from: INTERNET.to_owned(),
            to: id.to_owned(),
            kind,
            label: String::new(),
            problem: None,
            hops: Vec::new(),
            presence,
        })
        .collect()
}
