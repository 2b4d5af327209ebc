//! Where there is more in a VPC than a picture can show, what belongs together is counted.

use super::words::{self, CLUSTER};
use super::{Arrow, Badge, Band, BandKind, Chip, ChipKind, Presence, Site};
use std::collections::{BTreeMap, BTreeSet};

/// So many load balancers, services and databases, and what stands around them, have a band of their
/// own in one picture.
pub(super) const MOST_BANDS: usize = 25;

/// The same site with at most [`MOST_BANDS`] bands of each part that can grow: services by their cluster,
/// or by a tag that parts them better; the others by what they are.
pub(super) fn grouped(site: &Site) -> Site {
    let countable = site.bands.iter().filter(|band| !band.groups.is_empty()).count();
    if countable <= MOST_BANDS {
        return site.clone();
    }
    let mut kinds: BTreeMap<BandKind, Vec<&Band>> = BTreeMap::new();
    for band in &site.bands {
        kinds.entry(band.kind).or_default().push(band);
    }
    let mut renamed: BTreeMap<String, String> = BTreeMap::new();
    let mut bands = Vec::new();
    for (kind, members) in kinds {
        let is_many = members.len() > MOST_BANDS / 5 && members.iter().all(|band| is_countable(band));
        if !is_many {
            bands.extend(members.into_iter().cloned());
            continue;
        }
        let by = criterion(&members);
        let mut parts: BTreeMap<(super::PictureTier, String), Vec<&Band>> = BTreeMap::new();
        for band in members {
            parts.entry((band.tier, value(band, &by))).or_default().push(band);
        }
        for ((_, value), members) in rest_together(parts) {
            if let [alone] = members.as_slice() {
                bands.push((*alone).clone());
                continue;
            }
            let group = group(kind, &by, &value, &members);
            for member in &members {
                renamed.insert(member.id.clone(), group.id.clone());
            }
            bands.push(group);
        }
    }
    bands.sort_by(|left, right| {
        let key = |band: &Band| (band.tier, band.kind, band.name.en.clone(), band.id.clone());
        key(left).cmp(&key(right))
    });
    Site { bands, arrows: arrows(&site.arrows, &renamed), ..site.clone() }
}

fn is_countable(band: &Band) -> bool {
    !band.groups.is_empty()
}

fn value(band: &Band, by: &str) -> String {
    let found = band.groups.iter().find(|(name, _)| name == by);
    found.map(|(_, value)| value.clone()).unwrap_or_default()
}

/// By what bands are counted: the first of their groups, unless that leaves them in one heap
/// and another one parts them.
fn criterion(members: &[&Band]) -> String {
    let first = members.first().and_then(|band| band.groups.first());
    let first = first.map_or_else(|| CLUSTER.to_owned(), |(name, _)| name.clone());
    let parts = |by: &str| members.iter().map(|band| value(band, by)).collect::<BTreeSet<String>>().len();
    if parts(&first) > 1 {
        return first;
    }
    let names: BTreeSet<&str> =
        members.iter().flat_map(|band| &band.groups).map(|(name, _)| name.as_str()).collect();
    let covers = |by: &&str| {
        let having = members.iter().filter(|band| !value(band, by).is_empty()).count();
        having * 5 >= members.len() * 4 && (2..=MOST_BANDS).contains(&parts(by)) && *by != "Name"
    };
    let best = names.into_iter().filter(covers).max_by_key(|by| (parts(by), std::cmp::Reverse(*by)));
    best.map_or(first, str::to_owned)
}

type GroupParts<'b> = BTreeMap<(super::PictureTier, String), Vec<&'b Band>>;

// The smallest parts are one, where there are too many of them.
fn rest_together(parts: GroupParts<'_>) -> GroupParts<'_> {
    const MOST_GROUPS: usize = 12;
    let mut sizes: Vec<(usize, super::PictureTier, String)> =
        parts.iter().map(|((tier, value), members)| (members.len(), *tier, value.clone())).collect();
    sizes.sort_by(|left, right| right.cmp(left));
    let kept: BTreeSet<(super::PictureTier, String)> =
        sizes.into_iter().take(MOST_GROUPS).map(|(_, tier, value)| (tier, value)).collect();
    let mut together: GroupParts<'_> = BTreeMap::new();
    for ((tier, value), members) in parts {
        let key = if kept.contains(&(tier, value.clone())) { (tier, value) } else { (tier, String::new()) };
        together.entry(key).or_default().extend(members);
    }
    together
}

fn group(kind: BandKind, by: &str, value: &str, members: &[&Band]) -> Band {
    let tier = members.first().map_or(super::PictureTier::Private, |band| band.tier);
    let zones: BTreeSet<String> = members.iter().flat_map(|band| band.zones.iter().cloned()).collect();
    let presence = members.iter().fold(Presence::only(usize::MAX), |sum, band| sum.or(band.presence));
    let mut counts: BTreeMap<(String, ChipKind), (usize, Presence)> = BTreeMap::new();
    let filled = members.iter().flat_map(|band| &band.chips).filter(|chip| chip.kind != ChipKind::Empty);
    for chip in filled {
        let count = counts.entry((chip.zone.clone(), chip.kind)).or_insert((0, chip.presence));
        count.0 += chip.count;
        count.1 = count.1.or(chip.presence);
    }
    let chips = counts.into_iter().map(|((zone, kind), (count, presence))| Chip {
        zone,
        kind,
        text: crate::text::Text::same(format!("×{count}")),
        count,
        presence,
    });
    let mut badges: BTreeMap<usize, Presence> = BTreeMap::new();
    for badge in members.iter().flat_map(|band| &band.badges) {
        let known = badges.entry(badge.number).or_insert(badge.presence);
        *known = known.or(badge.presence);
    }
    Band {
        id: format!("group {kind:?} {tier:?} {by} {value}"),
        kind,
        name: words::group(kind, by, value, members.len()),
        tier,
        zones: zones.into_iter().collect(),
        is_certain: members.iter().all(|band| band.is_certain),
        facets: Vec::new(),
        chips: chips.collect(),
        badges: badges.into_iter().map(|(number, presence)| Badge { number, presence }).collect(),
        members: members.iter().flat_map(|band| band.members.iter().cloned()).collect(),
        groups: Vec::new(),
        presence,
    }
}

/// The arrows between what is left: those of the members of a group are the group's.
fn arrows(arrows: &[Arrow], renamed: &BTreeMap<String, String>) -> Vec<Arrow> {
    let mut left: Vec<Arrow> = Vec::new();
    let now = |id: &String| renamed.get(id).unwrap_or(id).clone();
    for arrow in arrows {
        let one = Arrow { from: now(&arrow.from), to: now(&arrow.to), ..arrow.clone() };
        if one.from == one.to {
            continue;
        }
        let same = left
            .iter_mut()
            .find(|known| (&known.from, &known.to, known.kind) == (&one.from, &one.to, one.kind));
        match same {
            Some(known) => {
                known.presence = known.presence.or(one.presence);
                if known.label != one.label {
                    known.label = String::new();
                }
                known.problem = known.problem.or(one.problem);
            }
            None => left.push(one),
        }
    }
    left
}
