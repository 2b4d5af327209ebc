//! Lanes for arrows beside the columns.

use super::{Area, PlacedLine};
use crate::diagram::{Arrow, ArrowKind};
use std::collections::BTreeMap;

/// Which side of bands an arrow uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    /// Dangerous ways.
    Left,
    /// Meant ways.
    Right,
    /// News, beside the VPC.
    Aside,
}

impl Side {
    pub(super) fn of(kind: ArrowKind) -> Side {
        match kind {
            ArrowKind::Traffic => Side::Right,
            ArrowKind::Danger | ArrowKind::Unknown => Side::Left,
            ArrowKind::News => Side::Aside,
        }
    }
}

/// The distance of two lanes.
pub(super) const LANE: i64 = 9;

/// The arrows of one kind that leave one band share a way out and a lane.
type Trunk<'a> = (&'a str, ArrowKind);

/// How many arrows there are at each side of each band: what leaves it together counts once.
pub(super) fn ports(arrows: &[Arrow]) -> BTreeMap<(&str, Side), i64> {
    let mut ports: BTreeMap<(&str, Side), i64> = BTreeMap::new();
    let mut seen: Vec<Trunk<'_>> = Vec::new();
    for arrow in arrows {
        let side = Side::of(arrow.kind);
        *ports.entry((&arrow.to, side)).or_insert(0) += 1;
        let trunk = (arrow.from.as_str(), arrow.kind);
        if !seen.contains(&trunk) {
            seen.push(trunk);
            *ports.entry((&arrow.from, side)).or_insert(0) += 1;
        }
    }
    ports
}

/// An arrow with the heights at which it leaves and enters, and its lane.
pub(super) struct RoutedArrow<'a> {
    pub arrow: &'a Arrow,
    pub side: Side,
    pub leaves: i64,
    pub enters: i64,
    pub lane: i64,
}

/// Gives every arrow its heights and its lane. `areas` has the heights of all bands.
pub(super) fn route<'a>(arrows: &'a [Arrow], areas: &BTreeMap<&str, Area>) -> Vec<RoutedArrow<'a>> {
    let mut routed = Vec::new();
    for side in [Side::Left, Side::Right, Side::Aside] {
        let own: Vec<&Arrow> = arrows
            .iter()
            .filter(|arrow| Side::of(arrow.kind) == side)
            .filter(|arrow| [&arrow.from, &arrow.to].iter().all(|id| areas.contains_key(id.as_str())))
            .collect();
        routed.extend(on_side(side, &own, areas));
    }
    routed
}

/// What enters a band at one side, with the height that it comes from, and what leaves it there.
#[derive(Default)]
struct BandEnds<'a> {
    entering: Vec<(i64, &'a str, ArrowKind)>,
    leaving: Vec<Trunk<'a>>,
}

fn on_side<'a>(side: Side, arrows: &[&'a Arrow], areas: &BTreeMap<&str, Area>) -> Vec<RoutedArrow<'a>> {
    let y_of = |id: &str| areas.get(id).map_or(0, |area| area.y);
    // What enters a band, from above first; then what leaves it.
    let mut ends: BTreeMap<&str, BandEnds<'a>> = BTreeMap::new();
    for arrow in arrows {
        let entering = &mut ends.entry(&arrow.to).or_default().entering;
        entering.push((y_of(&arrow.from), &arrow.from, arrow.kind));
        let trunk = (arrow.from.as_str(), arrow.kind);
        let leaving = &mut ends.entry(&arrow.from).or_default().leaving;
        if !leaving.contains(&trunk) {
            leaving.push(trunk);
        }
    }
    let mut heights: BTreeMap<(&str, &str, ArrowKind), i64> = BTreeMap::new();
    let mut exits: BTreeMap<Trunk<'_>, i64> = BTreeMap::new();
    for (id, BandEnds { mut entering, leaving }) in ends {
        entering.sort();
        let Some(area) = areas.get(id) else { continue };
        let count = i64::try_from(entering.len() + leaving.len()).unwrap_or(i64::MAX - 1);
        let at = |index: i64| area.y + (index + 1) * area.height / (count + 1);
        let mut index = 0;
        for (_, from, kind) in entering {
            heights.insert((from, id, kind), at(index));
            index += 1;
        }
        for trunk in leaving {
            exits.insert(trunk, at(index));
            index += 1;
        }
    }
    let height = |arrow: &Arrow| {
        let key = (arrow.from.as_str(), arrow.to.as_str(), arrow.kind);
        heights.get(&key).copied().unwrap_or(0)
    };
    let exit = |arrow: &Arrow| exits.get(&(arrow.from.as_str(), arrow.kind)).copied().unwrap_or(0);
    let mut spans: BTreeMap<Trunk<'_>, (i64, i64)> = BTreeMap::new();
    for arrow in arrows {
        let (low, high) = (exit(arrow).min(height(arrow)), exit(arrow).max(height(arrow)));
        let span = spans.entry((&arrow.from, arrow.kind)).or_insert((low, high));
        *span = (span.0.min(low), span.1.max(high));
    }
    let lanes = lanes(&spans);
    arrows
        .iter()
        .map(|arrow| RoutedArrow {
            arrow,
            side,
            leaves: exit(arrow),
            enters: height(arrow),
            lane: lanes.get(&(arrow.from.as_str(), arrow.kind)).copied().unwrap_or(0),
        })
        .collect()
}

/// A lane for each trunk, so that no two of a lane are at the same height: the short ones inside.
fn lanes<'a>(spans: &BTreeMap<Trunk<'a>, (i64, i64)>) -> BTreeMap<Trunk<'a>, i64> {
    let mut sorted: Vec<(&Trunk<'a>, &(i64, i64))> = spans.iter().collect();
    sorted.sort_by_key(|(trunk, (low, high))| (high - low, *low, **trunk));
    let mut taken: Vec<Vec<(i64, i64)>> = Vec::new();
    let mut lanes = BTreeMap::new();
    for (trunk, &(low, high)) in sorted {
        let is_free = |lane: &Vec<(i64, i64)>| lane.iter().all(|(from, to)| high < *from || *to < low);
        let index = taken.iter().position(is_free).unwrap_or(taken.len());
        match taken.get_mut(index) {
            Some(lane) => lane.push((low, high)),
            None => taken.push(vec![(low, high)]),
        }
        lanes.insert(*trunk, i64::try_from(index).unwrap_or(0));
    }
    lanes
}

/// How many lanes a side needs.
pub(super) fn lane_count(routed: &[RoutedArrow<'_>], side: Side) -> i64 {
    let own = routed.iter().filter(|one| one.side == side);
    own.map(|one| one.lane + 1).max().unwrap_or(0)
}

/// The line of an arrow whose lane is at `x`.
pub(super) fn line(routed: &RoutedArrow<'_>, x: i64, from: &Area, to: &Area, tooltip: String) -> PlacedLine {
    let edge = |area: &Area| if routed.side == Side::Right { area.right() } else { area.x };
    PlacedLine {
        points: vec![
            (edge(from), routed.leaves),
            (x, routed.leaves),
            (x, routed.enters),
            (edge(to), routed.enters),
        ],
        kind: routed.arrow.kind,
        presence: routed.arrow.presence,
        ends: (routed.arrow.from.clone(), routed.arrow.to.clone()),
        tooltip,
    }
}
