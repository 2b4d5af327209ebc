//! A picture as SVG: every length is a whole pixel, every colour a class of one style sheet.

use super::place::{Area, BoxLook, KeyLook, PlacedBox, PlacedLine, PlacedText, Sheet, TextLook};
use super::{ArrowKind, BandKind, Becomes, ChipKind, PictureTier, Presence};
use crate::text::{Lang, harmless};
use std::fmt::Write as _;

/// Which of a picture's states are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    /// The state that it starts from.
    pub from: usize,
    /// The state that it shows; what differs is marked.
    pub to: usize,
}

impl View {
    /// Today, with nothing marked.
    pub const TODAY: View = View { from: 0, to: 0 };
}

/// The style sheet of all pictures.
pub const STYLE: &str = include_str!("svg.css");

/// Sheets as one file that stands by itself, one below the other.
pub fn file(sheets: &[Sheet], view: View, lang: Lang) -> String {
    const GAP: i64 = 28;
    let width = sheets.iter().map(|sheet| sheet.width).max().unwrap_or(0);
    let gaps = GAP * i64::try_from(sheets.len().saturating_sub(1)).unwrap_or(0);
    let height: i64 = sheets.iter().map(|sheet| sheet.height).sum::<i64>() + gaps;
    let mut svg = opening(width, height, &title(sheets), lang, " role=\"img\"");
    let _ = writeln!(svg, "<style>{STYLE}</style>");
    let _ = writeln!(svg, "{}", hatch("d"));
    let _ = writeln!(svg, "<rect class=\"paper\" width=\"{width}\" height=\"{height}\"/>");
    let mut y = 0;
    for sheet in sheets {
        let _ = writeln!(svg, "<g transform=\"translate(0 {y})\">");
        contents(&mut svg, sheet, view, "d");
        svg.push_str("</g>\n");
        y += sheet.height + GAP;
    }
    svg.push_str("</svg>\n");
    svg
}

/// One sheet for a page that has [`STYLE`] in its own. `prefix` keeps its ids from those of other pictures.
pub fn embedded(sheet: &Sheet, view: View, prefix: &str, lang: Lang) -> String {
    let attributes = format!(" role=\"img\" aria-labelledby=\"{prefix}-title\"");
    let mut svg = opening(sheet.width, sheet.height, "", lang, &attributes);
    let _ = writeln!(svg, "<title id=\"{prefix}-title\">{}</title>", escaped(&sheet.title));
    let _ = writeln!(svg, "{}", hatch(prefix));
    contents(&mut svg, sheet, view, prefix);
    svg.push_str("</svg>\n");
    svg
}

fn title(sheets: &[Sheet]) -> String {
    let titles: Vec<&str> = sheets.iter().map(|sheet| sheet.title.as_str()).collect();
    titles.join("; ")
}

fn opening(width: i64, height: i64, title: &str, lang: Lang, attributes: &str) -> String {
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"tenken-diagram\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" lang=\"{lang}\"{attributes}>\n"
    );
    if !title.is_empty() {
        let _ = writeln!(svg, "<title>{}</title>", escaped(title));
    }
    svg
}

fn hatch(prefix: &str) -> String {
    format!(
        "<defs><pattern id=\"{prefix}-hatch\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\"><rect class=\"hatch\" width=\"3\" height=\"8\"/></pattern></defs>"
    )
}

fn contents(svg: &mut String, sheet: &Sheet, view: View, prefix: &str) {
    let (below, above): (Vec<&PlacedBox>, Vec<&PlacedBox>) = sheet
        .boxes
        .iter()
        .partition(|one| matches!(one.look, BoxLook::Vpc | BoxLook::Zone | BoxLook::Cell(_)));
    // Cells lie on zones, zones on VPCs.
    for look in [0, 1, 2] {
        let rank = |one: &&&PlacedBox| match one.look {
            BoxLook::Vpc => 0,
            BoxLook::Zone => 2,
            _ => 1,
        };
        below.iter().filter(|one| rank(one) == look).for_each(|one| draw_box(svg, one, view, prefix));
    }
    sheet.lines.iter().for_each(|line| draw_line(svg, line, view));
    above.iter().for_each(|one| draw_box(svg, one, view, prefix));
    sheet.texts.iter().for_each(|text| draw_text(svg, text, view));
}

fn change(presence: Presence, view: View) -> Option<&'static str> {
    match Becomes::of(presence, view.from, view.to) {
        Becomes::Same => Some(""),
        Becomes::Added => Some(" added"),
        Becomes::Removed => Some(" removed"),
        Becomes::Absent => None,
    }
}

fn rect(svg: &mut String, area: &Area, class: &str, radius: i64, tooltip: &str) {
    let Area { x, y, width, height } = area;
    let _ = write!(
        svg,
        "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"{radius}\""
    );
    match tooltip {
        "" => svg.push_str("/>\n"),
        words => {
            let _ = writeln!(svg, "><title>{}</title></rect>", escaped_lines(words));
        }
    }
}

fn draw_box(svg: &mut String, one: &PlacedBox, view: View, prefix: &str) {
    let Some(change) = change(one.presence, view) else { return };
    let (class, radius) = match one.look {
        BoxLook::Vpc => ("vpc".to_owned(), 4),
        BoxLook::Zone => ("zone".to_owned(), 2),
        BoxLook::Cell(tier) => (format!("cell {}", tier_class(tier)), 2),
        BoxLook::Band(kind) => (format!("band {}", category(kind)), 4),
        BoxLook::Glyph(kind) => (format!("glyph {}", category(kind)), 3),
        BoxLook::Chip(kind) => (format!("chip {}", chip_class(kind)), 10),
        BoxLook::Badge(severity) => (format!("badge {severity}"), 8),
        BoxLook::MoreBadges => ("badge info".to_owned(), 8),
        BoxLook::Key(look) => return draw_key(svg, &one.area, look, view, prefix),
    };
    rect(svg, &one.area, &format!("{class}{change}"), radius, &one.tooltip);
    if !one.is_certain {
        let Area { x, y, width, height } = one.area;
        let _ = writeln!(
            svg,
            "<rect class=\"hatched\" fill=\"url(#{prefix}-hatch)\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"{radius}\"/>"
        );
    }
}

fn draw_key(svg: &mut String, area: &Area, look: KeyLook, view: View, prefix: &str) {
    let class = match look {
        KeyLook::Arrow(kind) => {
            let y = area.y + area.height / 2;
            let points = vec![(area.x, y), (area.right(), y)];
            let line = PlacedLine {
                points,
                kind,
                presence: Presence::only(view.from).or(Presence::only(view.to)),
                ends: (String::new(), String::new()),
                tooltip: String::new(),
            };
            return draw_line(svg, &line, view);
        }
        KeyLook::Hatched => {
            let Area { x, y, width, height } = area;
            rect(svg, area, "band", 3, "");
            let _ = writeln!(
                svg,
                "<rect class=\"hatched\" fill=\"url(#{prefix}-hatch)\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"3\"/>"
            );
            return;
        }
        KeyLook::Added => "band added",
        KeyLook::Removed => "band removed",
    };
    rect(svg, area, class, 3, "");
}

fn draw_line(svg: &mut String, line: &PlacedLine, view: View) {
    let Some(change) = change(line.presence, view) else { return };
    let kind = arrow_class(line.kind);
    let mut path = String::new();
    for (index, (x, y)) in line.points.iter().enumerate() {
        let _ = write!(path, "{}{x} {y}", if index == 0 { "M" } else { " L" });
    }
    let _ = write!(svg, "<g class=\"arrow {kind}{change}\">");
    if !line.tooltip.is_empty() {
        let _ = write!(svg, "<title>{}</title>", escaped(&line.tooltip));
    }
    let _ = write!(svg, "<path d=\"{path}\"/>");
    if let [.., (before, _), (x, y)] = line.points.as_slice() {
        let back = if before < x { -7 } else { 7 };
        let _ = write!(svg, "<path class=\"head\" d=\"M{x} {y} l{back} -4 v8 z\"/>");
    }
    svg.push_str("</g>\n");
}

fn draw_text(svg: &mut String, text: &PlacedText, view: View) {
    let Some(change) = change(text.presence, view) else { return };
    if text.text.is_empty() {
        return;
    }
    // The words of the key say what the looks mean; they do not have them.
    let change = if text.look == TextLook::Key { "" } else { change };
    let (class, is_centred) = match text.look {
        TextLook::Title => ("title", false),
        TextLook::Remark => ("remark", false),
        TextLook::Vpc => ("vpc-name", false),
        TextLook::Zone => ("zone-name", true),
        TextLook::Tier => ("tier-name", false),
        TextLook::Subnet(PictureTier::Public) => ("subnet public", false),
        TextLook::Subnet(_) => ("subnet", false),
        TextLook::Name => ("name", false),
        TextLook::Facet => ("facet", false),
        TextLook::Chip => ("chip-text", true),
        TextLook::Glyph => ("glyph-text", true),
        TextLook::Badge => ("badge-text", true),
        TextLook::Port => ("port", false),
        TextLook::Heading => ("heading", false),
        TextLook::Key | TextLook::Legend => ("legend", false),
        TextLook::Hops => ("hops", false),
    };
    let Area { x, y, width, height } = text.area;
    let x = if is_centred { x + width / 2 } else { x };
    // Letters reach about seven tenths of the size above their line.
    let baseline = y + (height + text.size * 7 / 10) / 2;
    let anchor = if is_centred { " text-anchor=\"middle\"" } else { "" };
    let _ = writeln!(
        svg,
        "<text class=\"{class}{change}\" x=\"{x}\" y=\"{baseline}\" font-size=\"{}\"{anchor}>{}</text>",
        text.size,
        escaped(&text.text)
    );
}

fn tier_class(tier: PictureTier) -> &'static str {
    match tier {
        PictureTier::Public => "public",
        PictureTier::Data => "data",
        PictureTier::Edge | PictureTier::Private | PictureTier::Aside => "private",
    }
}

/// The colour of a kind of band, by the category that AWS puts the service in.
fn category(kind: BandKind) -> &'static str {
    match kind {
        BandKind::Internet => "outside",
        BandKind::Vpc
        | BandKind::Distribution
        | BandKind::InternetGateway
        | BandKind::NatGateway
        | BandKind::LoadBalancer
        | BandKind::ClassicLoadBalancer => "networking",
        BandKind::WebAcl => "security",
        BandKind::Service | BandKind::TaskStarter => "compute",
        BandKind::DbCluster | BandKind::DbInstance => "database",
        BandKind::Alarms | BandKind::Topic => "management",
    }
}

fn chip_class(kind: ChipKind) -> &'static str {
    match kind {
        ChipKind::Running => "running",
        ChipKind::Waiting => "waiting",
        ChipKind::Empty => "empty",
        ChipKind::Unknown => "unknown",
    }
}

fn arrow_class(kind: ArrowKind) -> &'static str {
    match kind {
        ArrowKind::Traffic => "traffic",
        ArrowKind::News => "news",
        ArrowKind::Danger => "danger",
        ArrowKind::Unknown => "unknown",
    }
}

/// Text within XML, on one line, with nothing in it that a reader would obey.
fn escaped(text: &str) -> String {
    escape(&harmless(text))
}

fn escaped_lines(text: &str) -> String {
    text.lines().map(escaped).collect::<Vec<_>>().join("\n")
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}
