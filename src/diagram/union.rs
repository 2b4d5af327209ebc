//! Several states of an account on top of each other.

use super::{
    Arrow, Badge, Band, Chip, FacetText, NumberedProblem, Picture, PictureZone, Presence, Site, SubnetBox,
};
use crate::text::Text;

/// The pictures of several states as one, today first: what is alike stands once, and everything
/// knows in which states it is there. Each picture is of one state. The numbers of problems must mean the
/// same in all of them.
pub fn unite(states: Vec<(Text, Picture)>) -> Option<Picture> {
    let mut states = states.into_iter().enumerate();
    let (_, (name, mut whole)) = states.next()?;
    whole.states = vec![name];
    for (state, (name, picture)) in states {
        whole.states.push(name);
        let there = Presence::only(state);
        merge(&mut whole.problems, picture.problems, same_problem, |_, _| {}, |_| {});
        merge(
            &mut whole.sites,
            picture.sites,
            |left, right| left.id == right.id && left.region == right.region,
            |mine, other| unite_sites(mine, other, there),
            |site| date_site(site, there),
        );
    }
    for site in &mut whole.sites {
        site.zones.sort_by(|left, right| left.name.cmp(&right.name));
        // A zone that is not known has no column beside zones that are.
        if site.zones.len() > 1 {
            site.zones.retain(|zone| !zone.name.is_empty());
        }
        site.bands.sort_by(|left, right| {
            let key = |band: &Band| (band.tier, band.kind, band.name.en.clone(), band.id.clone());
            key(left).cmp(&key(right))
        });
    }
    Some(whole)
}

fn same_problem(left: &NumberedProblem, right: &NumberedProblem) -> bool {
    left.number == right.number
}

/// Adds what is new; `join` takes a new state into what is there already, `date` gives it to what is not.
fn merge<T>(
    whole: &mut Vec<T>,
    added: Vec<T>,
    is_same: impl Fn(&T, &T) -> bool,
    mut join: impl FnMut(&mut T, T),
    mut date: impl FnMut(&mut T),
) {
    for mut one in added {
        match whole.iter_mut().find(|mine| is_same(mine, &one)) {
            Some(mine) => join(mine, one),
            None => {
                date(&mut one);
                whole.push(one);
            }
        }
    }
}

fn unite_sites(mine: &mut Site, other: Site, there: Presence) {
    merge(
        &mut mine.zones,
        other.zones,
        |left, right| left.name == right.name,
        |mine, _| mine.presence = mine.presence.or(there),
        |zone| zone.presence = there,
    );
    merge(
        &mut mine.subnets,
        other.subnets,
        |left, right| left.id == right.id && left.tier == right.tier,
        |mine, other| {
            mine.presence = mine.presence.or(there);
            unite_badges(&mut mine.badges, other.badges, there);
        },
        |subnet| date_subnet(subnet, there),
    );
    merge(
        &mut mine.bands,
        other.bands,
        |left, right| left.id == right.id,
        |mine, other| unite_bands(mine, other, there),
        |band| date_band(band, there),
    );
    merge(
        &mut mine.arrows,
        other.arrows,
        |left, right| (&left.from, &left.to, left.kind) == (&right.from, &right.to, right.kind),
        |mine, _| mine.presence = mine.presence.or(there),
        |arrow| date_arrow(arrow, there),
    );
    unite_badges(&mut mine.badges, other.badges, there);
}

fn unite_bands(mine: &mut Band, other: Band, there: Presence) {
    mine.presence = mine.presence.or(there);
    mine.members.extend(other.members);
    mine.zones.extend(other.zones);
    mine.zones.sort();
    mine.zones.dedup();
    // Whoever moves to another tier is drawn where it stands at last.
    if mine.tier != other.tier {
        mine.tier = other.tier;
    }
    mine.is_certain &= other.is_certain;
    merge(
        &mut mine.facets,
        other.facets,
        |left, right| left.text == right.text,
        |mine, _| mine.presence = mine.presence.or(there),
        |facet| facet.presence = there,
    );
    unite_chips(&mut mine.chips, other.chips, there);
    unite_badges(&mut mine.badges, other.badges, there);
}

// Several alike stand beside each other: the first of one state is the first of the other.
fn unite_chips(mine: &mut Vec<Chip>, other: Vec<Chip>, there: Presence) {
    let mut taken = vec![false; mine.len()];
    for mut chip in other {
        let is_free = |(index, known): &(usize, &mut Chip)| {
            taken.get(*index) == Some(&false)
                && (&known.zone, known.kind, &known.text) == (&chip.zone, chip.kind, &chip.text)
        };
        match mine.iter_mut().enumerate().find(is_free) {
            Some((index, known)) => {
                known.presence = known.presence.or(there);
                if let Some(place) = taken.get_mut(index) {
                    *place = true;
                }
            }
            None => {
                chip.presence = there;
                mine.push(chip);
            }
        }
    }
}

fn unite_badges(mine: &mut Vec<Badge>, other: Vec<Badge>, there: Presence) {
    merge(
        mine,
        other,
        |left, right| left.number == right.number,
        |mine, _| mine.presence = mine.presence.or(there),
        |badge| badge.presence = there,
    );
    mine.sort_by_key(|badge| badge.number);
}

fn date_site(site: &mut Site, there: Presence) {
    let Site { zones, subnets, bands, arrows, badges, .. } = site;
    zones.iter_mut().for_each(|zone: &mut PictureZone| zone.presence = there);
    subnets.iter_mut().for_each(|subnet| date_subnet(subnet, there));
    bands.iter_mut().for_each(|band| date_band(band, there));
    arrows.iter_mut().for_each(|arrow| date_arrow(arrow, there));
    badges.iter_mut().for_each(|badge| badge.presence = there);
}

fn date_subnet(subnet: &mut SubnetBox, there: Presence) {
    subnet.presence = there;
    subnet.badges.iter_mut().for_each(|badge| badge.presence = there);
}

fn date_band(band: &mut Band, there: Presence) {
    band.presence = there;
    band.facets.iter_mut().for_each(|facet: &mut FacetText| facet.presence = there);
    band.chips.iter_mut().for_each(|chip| chip.presence = there);
    band.badges.iter_mut().for_each(|badge| badge.presence = there);
}

fn date_arrow(arrow: &mut Arrow, there: Presence) {
    arrow.presence = there;
}
