//! A VPC on its sheet: heights first, then lanes, then columns.

use super::band::{self, BADGE, ChipColumn, INSET, SMALL, text};
use super::legend;
use super::route::{self, LANE, RoutedArrow, Side};
use super::{Area, BoxLook, PlacedBox, Sheet, TextLook};
use crate::diagram::measure::{fitted, text_width};
use crate::diagram::{
    Arrow, Band, BandKind, Picture, PictureTier, Presence, Site, SiteKind, SubnetBox, words,
};
use crate::text::{Lang, harmless};
use std::collections::BTreeMap;

const MARGIN: i64 = 14;
/// Between two lines of bands.
const GAP: i64 = 12;
/// Between two columns.
const COLUMN_GAP: i64 = 14;
/// The names of tiers.
const TIER_NAMES: i64 = 92;
/// Beside the columns, where ports and numbers stand.
const LEFT_STRIP: i64 = 40;
const RIGHT_STRIP: i64 = 128;
/// What stands beside the VPC.
const ASIDE: i64 = 268;
/// A line with the name of a subnet.
const SUBNET_LINE: i64 = 17;
/// So many subnets of a zone and a tier are named.
const MOST_SUBNETS: usize = 4;

/// Everything of a site at its place.
pub(super) fn sheet(picture: &Picture, site: &Site, lang: Lang) -> Sheet {
    let mut placer = Placer::new(picture, site, lang);
    placer.heights();
    placer.finish()
}

/// A line of bands that lie beside each other, and its height.
struct BandLine<'p> {
    bands: Vec<&'p Band>,
    y: i64,
    height: i64,
}

/// A tier, and where it begins and ends.
struct TierRow {
    tier: PictureTier,
    y: i64,
    bottom: i64,
}

struct Placer<'p> {
    picture: &'p Picture,
    site: &'p Site,
    lang: Lang,
    column_width: i64,
    ports: BTreeMap<(&'p str, Side), i64>,
    lines: Vec<BandLine<'p>>,
    aside: Vec<BandLine<'p>>,
    gateways: Vec<BandLine<'p>>,
    rows: Vec<TierRow>,
    vpc: (i64, i64),
    zones_top: i64,
    bottom: i64,
}

impl<'p> Placer<'p> {
    fn new(picture: &'p Picture, site: &'p Site, lang: Lang) -> Placer<'p> {
        let column_width = match site.zones.len() {
            0 | 1 => 460,
            2 => 330,
            3 => 280,
            _ => 232,
        };
        Placer {
            picture,
            site,
            lang,
            column_width,
            ports: route::ports(&site.arrows),
            lines: Vec::new(),
            aside: Vec::new(),
            gateways: Vec::new(),
            rows: Vec::new(),
            vpc: (0, 0),
            zones_top: 0,
            bottom: 0,
        }
    }

    fn count(&self) -> i64 {
        i64::try_from(self.site.zones.len()).unwrap_or(1).max(1)
    }

    /// The width of all columns.
    fn width(&self) -> i64 {
        self.count() * self.column_width + (self.count() - 1) * COLUMN_GAP
    }

    fn column_of(&self, zone: &str) -> Option<i64> {
        let index = self.site.zones.iter().position(|known| known.name == zone)?;
        i64::try_from(index).ok()
    }

    /// The first and the last column of a band; all of them where none is known.
    fn columns_of(&self, band: &Band) -> (i64, i64) {
        let columns: Vec<i64> = band.zones.iter().filter_map(|zone| self.column_of(zone)).collect();
        match (columns.iter().min(), columns.iter().max()) {
            (Some(first), Some(last)) => (*first, *last),
            _ => (0, self.count() - 1),
        }
    }

    /// Where a band begins and how wide it is, counted from the first column.
    fn reach(&self, band: &Band) -> (i64, i64) {
        match band.tier {
            PictureTier::Edge if band.kind == BandKind::Internet => {
                let width = self.width().min(300);
                ((self.width() - width) / 2, width)
            }
            PictureTier::Edge => {
                let width = self.width().min(460);
                ((self.width() - width) / 2, width)
            }
            PictureTier::Aside => (0, ASIDE - 26),
            _ => {
                let (first, last) = self.columns_of(band);
                let step = self.column_width + COLUMN_GAP;
                let x = first * step + INSET;
                (x, (last - first) * step + self.column_width - 2 * INSET)
            }
        }
    }

    fn chip_columns(&self, band: &'p Band, left: i64) -> Vec<ChipColumn<'p>> {
        if !PictureTier::OF_SUBNETS.contains(&band.tier) || band.zones.is_empty() {
            return Vec::new();
        }
        let step = self.column_width + COLUMN_GAP;
        let zones = self.site.zones.iter().filter(|zone| band.zones.contains(&zone.name));
        zones
            .filter_map(|zone| {
                let column = self.column_of(&zone.name)?;
                let width = self.column_width - 4 * INSET;
                Some(ChipColumn { zone: &zone.name, x: left + column * step + 2 * INSET, width })
            })
            .collect()
    }

    fn height_of(&self, band: &'p Band) -> i64 {
        let (_, width) = self.reach(band);
        let ports = [Side::Left, Side::Right, Side::Aside]
            .into_iter()
            .map(|side| self.ports.get(&(band.id.as_str(), side)).copied().unwrap_or(0))
            .max();
        band::height(band, width, &self.chip_columns(band, 0), ports.unwrap_or(0), self.lang)
    }

    fn of(&self, tier: PictureTier) -> Vec<&'p Band> {
        self.site.bands.iter().filter(|band| band.tier == tier).collect()
    }

    /// From the top to the bottom.
    fn heights(&mut self) {
        let mut y = MARGIN + 30;
        let is_gateway = |band: &&Band| band.kind == BandKind::InternetGateway;
        let (gateways, edge): (Vec<&Band>, Vec<&Band>) =
            self.of(PictureTier::Edge).into_iter().partition(is_gateway);
        for band in edge {
            let height = self.height_of(band);
            self.lines.push(BandLine { bands: vec![band], y, height });
            y += height + GAP;
        }
        let top = y + 6;
        y = top + 30;
        for pair in gateways.chunks(2) {
            let height = pair.iter().map(|band| self.height_of(band)).max().unwrap_or(0);
            self.gateways.push(BandLine { bands: pair.to_vec(), y, height });
            y += height + GAP;
        }
        self.zones_top = y;
        y += 28;
        for tier in PictureTier::OF_SUBNETS {
            y = self.tier(tier, y);
        }
        self.vpc = (top, y + 18);
        let mut beside = top + 30;
        for band in self.of(PictureTier::Aside) {
            let height = self.height_of(band);
            self.aside.push(BandLine { bands: vec![band], y: beside, height });
            beside += height + GAP;
        }
        self.bottom = self.vpc.1.max(beside);
    }

    /// One tier from `y` on; gives where the next one begins.
    fn tier(&mut self, tier: PictureTier, y: i64) -> i64 {
        let bands = self.of(tier);
        let most = self.site.zones.iter().map(|zone| self.subnets(tier, &zone.name).len()).max();
        let most = most.unwrap_or(0).min(MOST_SUBNETS + 1);
        if bands.is_empty() && most == 0 {
            return y;
        }
        let header = i64::try_from(most).unwrap_or(0) * SUBNET_LINE + 6;
        let mut at = y + header;
        let mut packed: Vec<BandLine<'p>> = Vec::new();
        for band in bands {
            let height = self.height_of(band);
            // Gateways that no arrow leads to may stand beside each other.
            let fits = |line: &&mut BandLine<'p>| {
                line.bands.iter().all(|other| {
                    let (mine, theirs) = (self.columns_of(band), self.columns_of(other));
                    other.kind == BandKind::NatGateway && (mine.1 < theirs.0 || theirs.1 < mine.0)
                })
            };
            let beside = packed.iter_mut().find(fits).filter(|_| band.kind == BandKind::NatGateway);
            match beside {
                Some(line) => {
                    line.bands.push(band);
                    line.height = line.height.max(height);
                }
                None => packed.push(BandLine { bands: vec![band], y: 0, height }),
            }
        }
        for mut line in packed {
            line.y = at;
            at += line.height + GAP;
            self.lines.push(line);
        }
        let bottom = at.max(y + header + 26);
        self.rows.push(TierRow { tier, y, bottom });
        bottom + GAP
    }

    fn subnets(&self, tier: PictureTier, zone: &str) -> Vec<&'p SubnetBox> {
        let own = |subnet: &&SubnetBox| subnet.tier == tier && subnet.zone == zone;
        self.site.subnets.iter().filter(own).collect()
    }

    fn finish(self) -> Sheet {
        let arrows: &[Arrow] = &self.site.arrows;
        let mut heights: BTreeMap<&str, Area> = BTreeMap::new();
        for line in self.lines.iter().chain(&self.aside).chain(&self.gateways) {
            for band in &line.bands {
                let (x, width) = self.reach(band);
                heights.insert(&band.id, Area { x, y: line.y, width, height: line.height });
            }
        }
        let routed = route::route(arrows, &heights);
        let left_lanes = route::lane_count(&routed, Side::Left);
        let right_lanes = route::lane_count(&routed, Side::Right);
        let strip = |lanes: i64, strip: i64| if lanes == 0 { 12 } else { strip + lanes * LANE + 6 };
        let (left_strip, right_strip) = (strip(left_lanes, LEFT_STRIP), strip(right_lanes, RIGHT_STRIP));
        let left = MARGIN + TIER_NAMES + left_strip;
        let right = left + self.width();
        let vpc = Area {
            x: MARGIN,
            y: self.vpc.0,
            width: right + right_strip - MARGIN,
            height: self.vpc.1 - self.vpc.0,
        };
        let beside = vpc.right() + 16;
        let width = if self.aside.is_empty() { vpc.right() + MARGIN } else { beside + ASIDE + MARGIN };
        let mut sheet = Sheet {
            width,
            height: 0,
            title: self.title(),
            boxes: Vec::new(),
            lines: Vec::new(),
            texts: Vec::new(),
        };
        self.frames(&mut sheet, vpc, left);
        let mut areas: BTreeMap<&str, Area> = BTreeMap::new();
        for (line, offset) in self
            .lines
            .iter()
            .map(|line| (line, left))
            .chain(self.aside.iter().map(|line| (line, beside + 26)))
        {
            for band in &line.bands {
                let (x, width) = self.reach(band);
                let area = Area { x: offset + x, y: line.y, width, height: line.height };
                areas.insert(&band.id, area);
                let columns = self.chip_columns(band, left);
                band::draw(&mut sheet, self.picture, band, area, &columns, self.lang);
            }
        }
        for line in &self.gateways {
            let mut end = right - INSET;
            for band in line.bands.iter().rev() {
                let width = (self.width() / 2 - COLUMN_GAP).min(330);
                let area = Area { x: end - width, y: line.y, width, height: line.height };
                end = area.x - COLUMN_GAP;
                areas.insert(&band.id, area);
                band::draw(&mut sheet, self.picture, band, area, &[], self.lang);
            }
        }
        if !self.aside.is_empty() {
            let name = words::tier(PictureTier::Aside, self.lang).to_owned();
            let at = Area { x: beside + 26, y: vpc.y + 6, width: text_width(&name, 12), height: 18 };
            let bands = self.aside.iter().flat_map(|line| &line.bands);
            let presence = bands.fold(Presence::only(usize::MAX), |sum, band| sum.or(band.presence));
            sheet.texts.push(text(at, 12, TextLook::Tier, name, presence));
        }
        for one in &routed {
            let lane_x = match one.side {
                Side::Left => left - LEFT_STRIP - one.lane * LANE,
                Side::Right => right + RIGHT_STRIP + one.lane * LANE,
                Side::Aside => beside + 18 - one.lane * LANE / 2,
            };
            self.arrow(&mut sheet, one, lane_x, &areas, (left, right));
        }
        let bottom = legend::draw(&mut sheet, self.picture, self.site, self.bottom + 16, self.lang);
        sheet.height = bottom + MARGIN;
        sheet
    }

    fn title(&self) -> String {
        let Site { region, name, .. } = self.site;
        let (region, name) = (harmless(region), name.say(self.lang));
        format!("{} / {region} / {}", harmless(&self.picture.account), harmless(name))
    }

    /// In every state of the picture.
    fn everywhere(&self) -> Presence {
        let states = 0..self.picture.states.len().max(1);
        states.fold(Presence::only(usize::MAX), |sum, state| sum.or(Presence::only(state)))
    }

    fn arrow(
        &self,
        sheet: &mut Sheet,
        one: &RoutedArrow<'_>,
        lane_x: i64,
        areas: &BTreeMap<&str, Area>,
        (left, right): (i64, i64),
    ) {
        let arrow = one.arrow;
        let (Some(from), Some(to)) = (areas.get(arrow.from.as_str()), areas.get(arrow.to.as_str())) else {
            return;
        };
        let name = |id: &str| {
            let band = self.site.bands.iter().find(|band| band.id == id);
            band.map(|band| harmless(band.name.say(self.lang)).into_owned()).unwrap_or_default()
        };
        let mut tooltip = format!("{} → {}", name(&arrow.from), name(&arrow.to));
        if !arrow.label.is_empty() {
            tooltip.push_str(&format!(" ({})", harmless(&arrow.label)));
        }
        sheet.lines.push(route::line(one, lane_x, from, to, tooltip));
        if !arrow.label.is_empty() && one.side == Side::Right {
            let shown = fitted(&arrow.label, RIGHT_STRIP - 12, 10);
            let width = text_width(&shown, 10);
            let at = Area { x: right + 6, y: one.enters - 14, width, height: 12 };
            sheet.texts.push(text(at, 10, TextLook::Port, shown, arrow.presence));
        }
        if let (Some(number), Side::Left) = (arrow.problem, one.side) {
            let severity = self.picture.problem(number).map(|problem| problem.severity);
            let label = number.to_string();
            let inner = text_width(&label, 10);
            let width = inner + 8;
            let area = Area { x: left - 6 - width, y: one.enters - BADGE / 2, width, height: BADGE };
            sheet.boxes.push(PlacedBox {
                area,
                look: BoxLook::Badge(severity.unwrap_or(crate::finding::Severity::Info)),
                is_certain: true,
                presence: arrow.presence,
                id: String::new(),
                tooltip: String::new(),
            });
            let at = Area { x: area.x + (width - inner) / 2, width: inner, ..area };
            sheet.texts.push(text(at, 10, TextLook::Badge, label, arrow.presence));
        }
    }

    /// The account's line, the VPC, its zones, and the subnets of each tier.
    fn frames(&self, sheet: &mut Sheet, vpc: Area, left: i64) {
        let all = self.everywhere();
        let title = fitted(&self.headline(), sheet.width - 2 * MARGIN, 15);
        let at = Area { x: MARGIN, y: MARGIN - 4, width: text_width(&title, 15), height: 22 };
        sheet.texts.push(text(at, 15, TextLook::Title, title, all));
        let frame = |area: Area, look: BoxLook, is_certain: bool, presence: Presence, tooltip: String| {
            PlacedBox { area, look, is_certain, presence, id: String::new(), tooltip }
        };
        let site = self.site;
        let name = match site.kind {
            SiteKind::Unknown | SiteKind::Overview => site.name.say(self.lang).to_owned(),
            SiteKind::Vpc => format!("VPC {} · {}", site.name.say(self.lang), site.ranges),
        };
        let is_known = site.kind != SiteKind::Unknown;
        sheet.boxes.push(frame(vpc, BoxLook::Vpc, is_known, all, harmless(&name).into_owned()));
        // Between the lanes, which cross this line.
        let room = self.width();
        let end = left + room;
        let taken = band::badges(sheet, self.picture, &site.badges, end, vpc.y + 7, room / 2);
        let name = fitted(&name, room - taken - 8, 13);
        let at = Area { x: left, y: vpc.y + 6, width: text_width(&name, 13), height: 18 };
        sheet.texts.push(text(at, 13, TextLook::Vpc, name, all));
        let step = self.column_width + COLUMN_GAP;
        let column = |index: usize| left + i64::try_from(index).unwrap_or(0) * step;
        let last = self.rows.last().map_or(self.zones_top + 30, |row| row.bottom);
        for (index, zone) in site.zones.iter().enumerate() {
            let area = Area {
                x: column(index),
                y: self.zones_top,
                width: self.column_width,
                height: last + 8 - self.zones_top,
            };
            let is_certain = !zone.name.is_empty();
            sheet.boxes.push(frame(area, BoxLook::Zone, is_certain, zone.presence, String::new()));
            let name = match site.kind {
                SiteKind::Overview => words::region(&zone.name, self.lang),
                SiteKind::Vpc | SiteKind::Unknown => words::zone(&zone.name, self.lang),
            };
            let name = fitted(&name, area.width - 16, 12);
            let width = text_width(&name, 12);
            let at = Area { x: area.x + (area.width - width) / 2, y: area.y + 5, width, height: 18 };
            sheet.texts.push(text(at, 12, TextLook::Zone, name, zone.presence));
        }
        for row in &self.rows {
            let name = match site.kind {
                SiteKind::Overview => words::kind(BandKind::Vpc, self.lang),
                SiteKind::Vpc | SiteKind::Unknown => words::tier(row.tier, self.lang),
            };
            let name = fitted(name, TIER_NAMES - 16, 12);
            let at = Area { x: vpc.x + 10, y: row.y + 5, width: text_width(&name, 12), height: 18 };
            sheet.texts.push(text(at, 12, TextLook::Tier, name, all));
            for (index, zone) in site.zones.iter().enumerate() {
                let area = Area {
                    x: column(index) + 3,
                    y: row.y,
                    width: self.column_width - 6,
                    height: row.bottom - row.y,
                };
                self.cell(sheet, row, &zone.name, area);
            }
        }
    }

    fn cell(&self, sheet: &mut Sheet, row: &TierRow, zone: &str, area: Area) {
        let subnets = self.subnets(row.tier, zone);
        if subnets.is_empty() {
            return;
        }
        let presence = subnets.iter().fold(Presence::only(usize::MAX), |sum, one| sum.or(one.presence));
        sheet.boxes.push(PlacedBox {
            area,
            look: BoxLook::Cell(row.tier),
            is_certain: subnets.iter().all(|subnet| subnet.is_certain),
            presence,
            id: String::new(),
            tooltip: String::new(),
        });
        let mut y = area.y + 4;
        let look = TextLook::Subnet(row.tier);
        let shown = if subnets.len() > MOST_SUBNETS + 1 { MOST_SUBNETS } else { subnets.len() };
        for subnet in subnets.iter().take(shown) {
            let room = area.width - 16;
            let taken = band::badges(sheet, self.picture, &subnet.badges, area.right() - 6, y, room / 3);
            let label = format!("{} {}", subnet.label, subnet.way_out.say(self.lang));
            let label = fitted(&label, room - taken - 4, SMALL);
            let at = Area { x: area.x + 8, y, width: text_width(&label, SMALL), height: SUBNET_LINE - 2 };
            sheet.texts.push(text(at, SMALL, look, label, subnet.presence));
            y += SUBNET_LINE;
        }
        let more = subnets.len() - shown;
        if more > 0 {
            let label = match self.lang {
                Lang::En => format!("and {more} more subnets"),
                Lang::Ja => format!("ほかサブネット {more} 個"),
            };
            let at = Area { x: area.x + 8, y, width: text_width(&label, SMALL), height: SUBNET_LINE - 2 };
            sheet.texts.push(text(at, SMALL, look, label, presence));
        }
    }

    fn headline(&self) -> String {
        let Picture { account, taken_at, .. } = self.picture;
        let day = taken_at.get(..10).unwrap_or(taken_at);
        match self.lang {
            _ if self.site.kind == SiteKind::Overview => {
                format!("{} {account}  ·  {day}", self.lang.pick("AWS account", "AWS アカウント"))
            }
            Lang::En => format!("AWS account {account}  ·  {}  ·  {day}", self.site.region),
            Lang::Ja => format!("AWS アカウント {account}  ·  {}  ·  {day}", self.site.region),
        }
    }
}
