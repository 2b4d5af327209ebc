//! Below the picture: dangerous ways with their hops, the problems behind the numbers, and what the
//! lines mean.

use super::band::text;
use super::{Area, BoxLook, KeyLook, PlacedBox, Sheet, TextLook};
use crate::diagram::measure::{fitted, text_width};
use crate::diagram::{Arrow, ArrowKind, Picture, Presence, Site};
use crate::finding::Severity;
use crate::text::{Lang, harmless};
use std::collections::BTreeMap;

const LINE: i64 = 18;
const MARGIN: i64 = 14;
const SIZE: i64 = 11;

/// Draws it from `y` on; gives where it ends.
pub(super) fn draw(sheet: &mut Sheet, picture: &Picture, site: &Site, y: i64, lang: Lang) -> i64 {
    let mut legend = Legend { sheet, picture, site, y, lang };
    legend.key();
    legend.ways();
    legend.problems();
    legend.notes();
    legend.y
}

struct Legend<'l> {
    sheet: &'l mut Sheet,
    picture: &'l Picture,
    site: &'l Site,
    y: i64,
    lang: Lang,
}

impl Legend<'_> {
    fn room(&self) -> i64 {
        self.sheet.width - 2 * MARGIN
    }

    fn everywhere(&self) -> Presence {
        let states = 0..self.picture.states.len().max(1);
        states.fold(Presence::only(usize::MAX), |sum, state| sum.or(Presence::only(state)))
    }

    fn heading(&mut self, en: &str, ja: &str) {
        self.y += 6;
        let words = self.lang.pick(en, ja).to_owned();
        let at = Area { x: MARGIN, y: self.y, width: text_width(&words, 12), height: LINE - 2 };
        let all = self.everywhere();
        self.sheet.texts.push(text(at, 12, TextLook::Heading, words, all));
        self.y += LINE + 2;
    }

    /// What lines and looks mean: those that the picture has.
    fn key(&mut self) {
        let has = |kind: ArrowKind| self.site.arrows.iter().any(|arrow| arrow.kind == kind);
        let mut entries: Vec<(KeyLook, &str)> = Vec::new();
        let pick = |en, ja| self.lang.pick(en, ja);
        if has(ArrowKind::Traffic) {
            entries.push((KeyLook::Arrow(ArrowKind::Traffic), pick("requests", "リクエスト")));
        }
        if has(ArrowKind::News) {
            entries.push((KeyLook::Arrow(ArrowKind::News), pick("notifications", "通知")));
        }
        if has(ArrowKind::Danger) {
            entries.push((KeyLook::Arrow(ArrowKind::Danger), pick("dangerous path", "危険な経路")));
        }
        if has(ArrowKind::Unknown) {
            let words = pick("may be open: not known", "到達の可能性あり（不明）");
            entries.push((KeyLook::Arrow(ArrowKind::Unknown), words));
        }
        let is_hatched = self.site.bands.iter().any(|band| !band.is_certain)
            || self.site.subnets.iter().any(|subnet| !subnet.is_certain);
        if is_hatched {
            entries.push((KeyLook::Hatched, pick("not fully known", "不明な部分あり")));
        }
        if self.picture.states.len() > 1 {
            entries.push((KeyLook::Added, pick("added", "追加")));
            entries.push((KeyLook::Removed, pick("removed", "削除")));
        }
        let mut x = MARGIN;
        let later = (1..self.picture.states.len())
            .fold(Presence::only(usize::MAX), |sum, state| sum.or(Presence::only(state)));
        for (look, words) in entries {
            // Today, nothing is marked.
            let is_mark = matches!(look, KeyLook::Added | KeyLook::Removed);
            let presence = if is_mark { later } else { self.everywhere() };
            let width = text_width(words, SIZE);
            if x > MARGIN && x + 40 + width > self.sheet.width - MARGIN {
                x = MARGIN;
                self.y += LINE;
            }
            self.sheet.boxes.push(PlacedBox {
                area: Area { x, y: self.y + 2, width: 30, height: 12 },
                look: BoxLook::Key(look),
                is_certain: true,
                presence,
                id: String::new(),
                tooltip: String::new(),
            });
            let at = Area { x: x + 36, y: self.y, width, height: LINE - 2 };
            self.sheet.texts.push(text(at, SIZE, TextLook::Key, words.to_owned(), presence));
            x = at.right() + 22;
        }
        self.y += LINE;
    }

    fn badge(&mut self, number: usize, severity: Severity, presence: Presence) {
        let label = number.to_string();
        let inner = text_width(&label, 10);
        let area = Area { x: MARGIN, y: self.y, width: 30, height: 16 };
        self.badge_at(area, label, inner, severity, presence);
    }

    fn badge_at(&mut self, area: Area, label: String, inner: i64, severity: Severity, presence: Presence) {
        self.sheet.boxes.push(PlacedBox {
            area,
            look: BoxLook::Badge(severity),
            is_certain: true,
            presence,
            id: String::new(),
            tooltip: String::new(),
        });
        let at = Area { x: area.x + (area.width - inner) / 2, width: inner, ..area };
        self.sheet.texts.push(text(at, 10, TextLook::Badge, label, presence));
    }

    /// Each dangerous way, hop by hop.
    fn ways(&mut self) {
        const MOST_WAYS: usize = 12;
        let arrows: Vec<&Arrow> =
            self.site.arrows.iter().filter(|arrow| arrow.is_danger() && !arrow.hops.is_empty()).collect();
        if arrows.is_empty() {
            return;
        }
        self.heading("Dangerous paths, hop by hop", "危険な経路（ホップ順）");
        for arrow in arrows.iter().take(MOST_WAYS) {
            if let Some(number) = arrow.problem {
                let severity = self.picture.problem(number).map_or(Severity::Info, |one| one.severity);
                self.badge(number, severity, arrow.presence);
            }
            let left = MARGIN + 38;
            let hops: Vec<String> =
                arrow.hops.iter().map(|hop| harmless(hop.say(self.lang)).into_owned()).collect();
            for line in wrapped(&hops, self.sheet.width - MARGIN - left) {
                let at = Area { x: left, y: self.y, width: text_width(&line, SIZE), height: LINE - 2 };
                self.sheet.texts.push(text(at, SIZE, TextLook::Hops, line, arrow.presence));
                self.y += LINE;
            }
        }
        let more = arrows.len().saturating_sub(MOST_WAYS);
        if more > 0 {
            let words = match self.lang {
                Lang::En => format!("and {more} more"),
                Lang::Ja => format!("ほか {more} 件"),
            };
            self.line(MARGIN + 38, words);
        }
    }

    fn line(&mut self, x: i64, words: String) {
        let shown = fitted(&words, self.sheet.width - MARGIN - x, SIZE);
        let at = Area { x, y: self.y, width: text_width(&shown, SIZE), height: LINE - 2 };
        let all = self.everywhere();
        self.sheet.texts.push(text(at, SIZE, TextLook::Legend, shown, all));
        self.y += LINE;
    }

    /// The problems whose numbers are in the picture, in two columns where there is room.
    fn problems(&mut self) {
        let mut numbers: BTreeMap<usize, Presence> = BTreeMap::new();
        let badges = self
            .site
            .bands
            .iter()
            .flat_map(|band| &band.badges)
            .chain(self.site.subnets.iter().flat_map(|subnet| &subnet.badges))
            .chain(&self.site.badges);
        for badge in badges {
            let known = numbers.entry(badge.number).or_insert(badge.presence);
            *known = known.or(badge.presence);
        }
        if numbers.is_empty() {
            return;
        }
        self.heading("Problems by their numbers", "番号と指摘");
        let columns = if self.room() >= 760 { 2 } else { 1 };
        let width = self.room() / columns;
        let rows = (i64::try_from(numbers.len()).unwrap_or(0) + columns - 1) / columns;
        let top = self.y;
        for (index, (number, presence)) in numbers.into_iter().enumerate() {
            let Some(problem) = self.picture.problem(number) else { continue };
            let index = i64::try_from(index).unwrap_or(0);
            let (column, row) = (index / rows.max(1), index % rows.max(1));
            let (x, y) = (MARGIN + column * width, top + row * LINE);
            let label = number.to_string();
            let inner = text_width(&label, 10);
            let area = Area { x, y, width: 30, height: 16 };
            self.badge_at(area, label, inner, problem.severity, presence);
            let shown = fitted(problem.title.say(self.lang), width - 38 - 14, SIZE);
            let at = Area { x: x + 38, y, width: text_width(&shown, SIZE), height: LINE - 2 };
            self.sheet.texts.push(text(at, SIZE, TextLook::Legend, shown, presence));
        }
        self.y = top + rows * LINE;
    }

    fn notes(&mut self) {
        self.y += 6;
        let notes: Vec<String> = self.site.notes.iter().map(|note| note.say(self.lang).to_owned()).collect();
        for note in notes {
            self.line(MARGIN, note);
        }
    }
}

/// Hops in lines that are not wider than `room`.
fn wrapped(hops: &[String], room: i64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for (index, hop) in hops.iter().enumerate() {
        let piece = if index == 0 { hop.clone() } else { format!("→ {hop}") };
        let longer = if line.is_empty() { piece.clone() } else { format!("{line}  {piece}") };
        if !line.is_empty() && text_width(&longer, SIZE) > room {
            lines.push(std::mem::replace(&mut line, piece));
        } else {
            line = longer;
        }
    }
    lines.push(line);
    lines.into_iter().map(|line| fitted(&line, room, SIZE)).collect()
}
