//! Out of a snapshot: sites, bands, chips and arrows of one state of an account.

mod aside;
mod bands;
mod network;
mod problems;
mod reach;

use super::words::{hidden_words, seen_words};
use super::{Arrow, Band, BandKind, NumberedProblem, Picture, PictureTier, PictureZone, Presence, Site};
use crate::conclude::facts::Facts;
use crate::snapshot::{GapId, Snapshot};
use crate::text::Text;
use network::Streets;
use std::collections::{BTreeMap, BTreeSet};

/// The internet, in every site.
pub(super) const INTERNET: &str = "internet";

/// Draws one state of an account, with the numbers of its problems.
pub fn draw(snapshot: &Snapshot, problems: &[NumberedProblem]) -> Picture {
    let facts = Facts::new(snapshot);
    let streets = Streets::of(snapshot);
    let mut drawn = Vec::new();
    drawn.extend(bands::load_balancers(&facts, &streets));
    drawn.extend(bands::services(&facts, &streets));
    drawn.extend(bands::starters(&facts, &streets));
    drawn.extend(bands::databases(&facts, &streets));
    drawn.extend(bands::gateways(&facts, &streets));
    let mut sites = sites(snapshot, &streets, drawn);
    aside::add(&facts, &mut sites);
    for site in &mut sites {
        site.arrows = reach::arrows(&facts, site, problems);
        // Whoever nobody reaches needs no internet in front.
        let is_used = |arrow: &Arrow| [&arrow.from, &arrow.to].iter().any(|end| *end == INTERNET);
        if site.arrows.iter().any(is_used) {
            site.bands.insert(0, internet());
        }
    }
    let unplaced = problems::attach(&facts, &mut sites, problems);
    if let (Some(site), false) = (sites.first_mut(), unplaced.is_empty()) {
        site.notes.push(super::words::unplaced_words(&unplaced));
    }
    Picture {
        account: snapshot.account.clone(),
        taken_at: snapshot.taken_at.clone(),
        states: vec![super::words::today()],
        sites,
        problems: problems.to_vec(),
    }
}

/// A band, and the VPC that it stands in.
pub(super) struct Standing {
    pub region: String,
    /// The VPC's id; empty where it is in none, or not known.
    pub vpc_id: String,
    pub band: Band,
}

pub(super) fn internet() -> Band {
    Band {
        is_certain: true,
        ..band(INTERNET, BandKind::Internet, super::words::internet(), PictureTier::Edge)
    }
}

/// A band with nothing on it.
pub(super) fn band(id: &str, kind: BandKind, name: Text, tier: PictureTier) -> Band {
    Band {
        id: id.to_owned(),
        kind,
        name,
        tier,
        zones: Vec::new(),
        is_certain: true,
        facets: Vec::new(),
        chips: Vec::new(),
        badges: Vec::new(),
        members: BTreeSet::from([id.to_owned()]),
        groups: Vec::new(),
        presence: Presence::TODAY,
    }
}

/// What stands for the rest of a list that AWS did not show whole.
pub(super) fn hidden_band(kind: BandKind, tier: PictureTier, region: &str, gap: &GapId) -> Band {
    let id = format!("hidden {kind:?} {region}");
    Band {
        is_certain: false,
        members: BTreeSet::new(),
        facets: vec![super::words::facet(hidden_words(gap))],
        ..band(&id, kind, seen_words(kind), tier)
    }
}

/// Puts the bands into their VPCs. VPCs that have nothing are counted.
fn sites(snapshot: &Snapshot, streets: &Streets<'_>, drawn: Vec<Standing>) -> Vec<Site> {
    let mut by_vpc: BTreeMap<(String, String), Vec<Band>> = BTreeMap::new();
    for standing in drawn {
        by_vpc.entry((standing.region, standing.vpc_id)).or_default().push(standing.band);
    }
    // What hides behind a gap stands where the most of its region is.
    let strays: Vec<((String, String), Vec<Band>)> = by_vpc
        .iter()
        .filter(|((_, vpc_id), _)| vpc_id.is_empty())
        .map(|(key, bands)| (key.clone(), bands.clone()))
        .collect();
    for (key, bands) in strays {
        let home = by_vpc
            .iter()
            .filter(|((region, vpc_id), _)| *region == key.0 && !vpc_id.is_empty())
            .max_by_key(|(_, bands)| bands.len())
            .map(|(home, _)| home.clone());
        if let Some(home) = home {
            by_vpc.remove(&key);
            by_vpc.entry(home).or_default().extend(bands);
        }
    }
    let is_gateway = |band: &Band| band.kind == BandKind::InternetGateway;
    let (busy, idle): (Vec<_>, Vec<_>) =
        by_vpc.into_iter().partition(|(_, bands)| !bands.iter().all(is_gateway));
    let mut sites: Vec<Site> =
        busy.into_iter().map(|((region, vpc_id), bands)| streets.site(region, vpc_id, bands)).collect();
    sites.sort_by_key(|site| (std::cmp::Reverse(site.bands.len()), site.region.clone(), site.id.clone()));
    if sites.is_empty() {
        let region = snapshot.regions.first().cloned().unwrap_or_default();
        sites.push(streets.site(region, String::new(), Vec::new()));
    }
    let gateways = idle.iter().map(|(_, bands)| bands.len()).sum();
    if let Some(first) = sites.first().map(|site| site.id.clone()) {
        let drawn: BTreeSet<String> = sites.iter().map(|site| site.id.clone()).chain([first]).collect();
        let notes = streets.idle_notes(&drawn, gateways);
        if let Some(site) = sites.first_mut() {
            site.notes.extend(notes);
        }
    }
    for site in &mut sites {
        site.bands.sort_by(|left, right| {
            let key = |band: &Band| (band.tier, band.kind, band.name.en.clone(), band.id.clone());
            key(left).cmp(&key(right))
        });
        if site.zones.is_empty() {
            site.zones.push(PictureZone { name: String::new(), presence: Presence::TODAY });
        }
    }
    sites
}
