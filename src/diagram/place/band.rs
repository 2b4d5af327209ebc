//! The inside of a band: name, badges, facets, and chips in their columns.

use super::{Area, BoxLook, PlacedBox, PlacedText, Sheet, TextLook};
use crate::diagram::measure::{fitted, text_width};
use crate::diagram::{Badge, Band, Chip, Picture, Presence, words};
use crate::finding::Severity;
use crate::text::{Lang, harmless};

/// The size of names.
const NAME: i64 = 13;
/// The size of facets and chips.
pub(super) const SMALL: i64 = 11;
/// The height of a line of facets.
const LINE: i64 = 15;
/// The height of a chip, and of a line of chips.
const CHIP: i64 = 20;
const CHIP_LINE: i64 = 25;
/// Free space within a band.
pub(super) const INSET: i64 = 8;
/// The line of the name.
const HEAD: i64 = 24;
/// The height and the least distance of badges.
pub(super) const BADGE: i64 = 16;
const BADGE_GAP: i64 = 3;
/// The least height that an arrow takes at a band's side.
pub(super) const PORT: i64 = 17;

/// A column that a band has chips in.
#[derive(Debug, Clone, Copy)]
pub(super) struct ChipColumn<'c> {
    pub zone: &'c str,
    pub x: i64,
    pub width: i64,
}

/// How high a band is with this width, its columns and so many arrows at a side.
pub(super) fn height(band: &Band, width: i64, columns: &[ChipColumn<'_>], ports: i64, lang: Lang) -> i64 {
    let lines = i64::try_from(facet_lines(band, width, lang).len()).unwrap_or(0);
    let mut height = HEAD + INSET + LINE * lines;
    let rows = chip_rows(band, width, columns, lang);
    height += CHIP_LINE * rows;
    height.max(PORT * (ports + 1))
}

/// Draws a band at its place.
pub(super) fn draw(
    sheet: &mut Sheet,
    picture: &Picture,
    band: &Band,
    area: Area,
    columns: &[ChipColumn<'_>],
    lang: Lang,
) {
    let name = harmless(band.name.say(lang)).into_owned();
    let facets: Vec<String> =
        band.facets.iter().map(|facet| harmless(facet.text.say(lang)).into_owned()).collect();
    let tooltip = [words::kind(band.kind, lang).to_owned(), name.clone(), facets.join(" · ")];
    let tooltip: Vec<String> = tooltip.into_iter().filter(|part| !part.is_empty()).collect();
    sheet.boxes.push(PlacedBox {
        area,
        look: BoxLook::Band(band.kind),
        is_certain: band.is_certain,
        presence: band.presence,
        id: band.id.clone(),
        tooltip: tooltip.join("\n"),
    });
    let initials = words::initials(band.kind);
    let glyph = Area { x: area.x + INSET, y: area.y + 6, width: 34, height: 18 };
    sheet.boxes.push(plain(glyph, BoxLook::Glyph(band.kind), band.presence));
    let inner = text_width(initials, 10);
    let at = Area { x: glyph.x + (glyph.width - inner) / 2, width: inner, ..glyph };
    sheet.texts.push(text(at, 10, TextLook::Glyph, initials.to_owned(), band.presence));
    let left = glyph.right() + 6;
    let room = area.right() - INSET - left;
    // The name comes first: badges that do not fit are counted.
    let least = text_width(&name, NAME).min(room * 6 / 10) + 10;
    let taken = badges(sheet, picture, &band.badges, area.right() - INSET, area.y + 7, room - least);
    let name = fitted(&name, room - taken - 6, NAME);
    let at = Area { x: left, y: area.y + 5, width: text_width(&name, NAME), height: HEAD - 4 };
    sheet.texts.push(text(at, NAME, TextLook::Name, name, band.presence));
    let mut y = area.y + HEAD + 3;
    for line in facet_lines(band, area.width, lang) {
        for (x, shown, presence) in line {
            let at = Area { x: area.x + INSET + x, y, width: text_width(&shown, SMALL), height: LINE - 1 };
            sheet.texts.push(text(at, SMALL, TextLook::Facet, shown, presence));
        }
        y += LINE;
    }
    for (chip, at) in placed_chips(band, area, columns, y, lang) {
        sheet.boxes.push(PlacedBox {
            tooltip: harmless(chip.text.say(lang)).into_owned(),
            ..plain(at, BoxLook::Chip(chip.kind), chip.presence)
        });
        let shown = fitted(chip.text.say(lang), at.width - 8, SMALL);
        let width = text_width(&shown, SMALL);
        let inner = Area { x: at.x + (at.width - width) / 2, width, y: at.y + 2, height: at.height - 4 };
        sheet.texts.push(text(inner, SMALL, TextLook::Chip, shown, chip.presence));
    }
}

fn plain(area: Area, look: BoxLook, presence: Presence) -> PlacedBox {
    PlacedBox { area, look, is_certain: true, presence, id: String::new(), tooltip: String::new() }
}

pub(super) fn text(area: Area, size: i64, look: TextLook, text: String, presence: Presence) -> PlacedText {
    PlacedText { area, size, look, text, presence }
}

/// Draws badges that end at `right`, as many as there is room for. Gives the width they take.
pub(super) fn badges(
    sheet: &mut Sheet,
    picture: &Picture,
    badges: &[Badge],
    right: i64,
    y: i64,
    room: i64,
) -> i64 {
    let severity = |badge: &Badge| picture.problem(badge.number).map_or(Severity::Info, |one| one.severity);
    let mut sorted: Vec<&Badge> = badges.iter().collect();
    sorted.sort_by_key(|badge| (std::cmp::Reverse(severity(badge)), badge.number));
    let width = |shown: &str| text_width(shown, 10) + 8;
    let all: i64 = sorted.iter().map(|badge| width(&badge.number.to_string()) + BADGE_GAP).sum();
    let more_width = width("+99") + BADGE_GAP;
    let limit = if all <= room { room } else { room - more_width };
    let (mut shown, mut used) = (Vec::new(), 0);
    for badge in &sorted {
        let next = width(&badge.number.to_string()) + BADGE_GAP;
        if used + next > limit {
            break;
        }
        used += next;
        shown.push((badge.number.to_string(), BoxLook::Badge(severity(badge)), badge.presence));
    }
    let left = sorted.len() - shown.len();
    if left > 0 && more_width <= room {
        used += width(&format!("+{left}")) + BADGE_GAP;
        let presence = sorted.iter().fold(Presence::only(usize::MAX), |sum, badge| sum.or(badge.presence));
        shown.push((format!("+{left}"), BoxLook::MoreBadges, presence));
    }
    let mut x = right - used;
    for (label, look, presence) in shown {
        let at = Area { x, y, width: width(&label), height: BADGE };
        x = at.right() + BADGE_GAP;
        sheet.boxes.push(plain(at, look, presence));
        let inner = text_width(&label, 10);
        let place = Area { x: at.x + (at.width - inner) / 2, width: inner, ..at };
        sheet.texts.push(text(place, 10, TextLook::Badge, label, presence));
    }
    used
}

type FacetLine = Vec<(i64, String, Presence)>;

/// Facets in lines: where each stands, counted from the inset.
fn facet_lines(band: &Band, width: i64, lang: Lang) -> Vec<FacetLine> {
    const GAP: i64 = 12;
    let room = width - 2 * INSET;
    let (mut lines, mut line, mut x): (Vec<FacetLine>, FacetLine, i64) = (Vec::new(), Vec::new(), 0);
    for facet in &band.facets {
        let shown = fitted(facet.text.say(lang), room, SMALL);
        let wide = text_width(&shown, SMALL);
        if x > 0 && x + wide > room {
            lines.push(std::mem::take(&mut line));
            x = 0;
        }
        line.push((x, shown, facet.presence));
        x += wide + GAP;
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

fn chip_width(chip: &Chip, room: i64, lang: Lang) -> i64 {
    (text_width(harmless(chip.text.say(lang)).trim(), SMALL) + 16).clamp(28, room.max(28))
}

/// The places of chips: in the column of their zone, or below all of them where the zone has none.
fn flow<'b>(
    band: &'b Band,
    width: i64,
    columns: &[ChipColumn<'_>],
    lang: Lang,
) -> (Vec<(&'b Chip, i64, i64, i64)>, i64) {
    const GAP: i64 = 6;
    let mut placed = Vec::new();
    let mut rows = 0;
    let has_column = |chip: &Chip| columns.iter().any(|column| column.zone == chip.zone);
    let mut fill = |chips: Vec<&'b Chip>, left: i64, room: i64, first: i64| {
        let (mut x, mut row) = (0, first);
        for chip in chips {
            let wide = chip_width(chip, room, lang);
            if x > 0 && x + wide > room {
                (x, row) = (0, row + 1);
            }
            placed.push((chip, left + x, row, wide));
            x += wide + GAP;
            rows = rows.max(row + 1);
        }
        rows
    };
    let mut deepest = 0;
    for column in columns {
        let own = band.chips.iter().filter(|chip| chip.zone == column.zone).collect();
        deepest = fill(own, column.x, column.width, 0);
    }
    let others: Vec<&Chip> = band.chips.iter().filter(|chip| !has_column(chip)).collect();
    let left = columns.first().map_or(0, |column| column.x);
    let room = width - 2 * INSET;
    let rows = fill(others, left, room, deepest);
    (placed, rows)
}

fn chip_rows(band: &Band, width: i64, columns: &[ChipColumn<'_>], lang: Lang) -> i64 {
    flow(band, width, columns, lang).1
}

fn placed_chips<'b>(
    band: &'b Band,
    area: Area,
    columns: &[ChipColumn<'_>],
    y: i64,
    lang: Lang,
) -> Vec<(&'b Chip, Area)> {
    let start = if columns.is_empty() { area.x + INSET } else { 0 };
    let (placed, _) = flow(band, area.width, columns, lang);
    placed
        .into_iter()
        .map(|(chip, x, row, width)| {
            let y = y + 2 + row * CHIP_LINE;
            (chip, Area { x: start + x, y, width, height: CHIP })
        })
        .collect()
}
