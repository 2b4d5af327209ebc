//! A picture as a Mermaid flowchart, for Markdown. Mermaid finds its own places.

use super::svg::View;
use super::{Arrow, ArrowKind, Band, Becomes, Picture, PictureTier, Presence, Site, group, words};
use crate::text::{Lang, harmless};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The flowchart, without a fence.
pub fn draw(picture: &Picture, view: View, lang: Lang) -> String {
    let mut text = "flowchart TB\n".to_owned();
    let mut names = NodeNames::default();
    for (index, site) in picture.sites.iter().map(group::grouped).enumerate() {
        let mut writer = MermaidSite { text: &mut text, names: &mut names, site: &site, view, lang, index };
        writer.write();
    }
    text.push_str("  classDef danger stroke:#d0121b,stroke-width:2px\n");
    text.push_str("  classDef unknown stroke-dasharray:3 3\n");
    text.push_str("  classDef added stroke:#0a7d2c,stroke-width:2px\n");
    text.push_str("  classDef removed stroke-dasharray:5 5,opacity:0.6\n");
    text.push_str(&names.links());
    text
}

/// Short names for nodes, and the numbers of links that have a style.
#[derive(Default)]
struct NodeNames {
    nodes: BTreeMap<(usize, String), String>,
    links: usize,
    danger: Vec<usize>,
    added: Vec<usize>,
    removed: Vec<usize>,
}

impl NodeNames {
    fn of(&mut self, site: usize, id: &str) -> String {
        let next = format!("n{}", self.nodes.len());
        self.nodes.entry((site, id.to_owned())).or_insert(next).clone()
    }

    fn links(&self) -> String {
        let style = |numbers: &[usize], style: &str| {
            let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
            match numbers.is_empty() {
                true => String::new(),
                false => format!("  linkStyle {} {style}\n", numbers.join(",")),
            }
        };
        style(&self.danger, "stroke:#d0121b,stroke-width:2px")
            + &style(&self.added, "stroke:#0a7d2c,stroke-width:2px")
            + &style(&self.removed, "stroke-dasharray:4 4,opacity:0.6")
    }
}

struct MermaidSite<'m> {
    text: &'m mut String,
    names: &'m mut NodeNames,
    site: &'m Site,
    view: View,
    lang: Lang,
    index: usize,
}

impl MermaidSite<'_> {
    fn is_shown(&self, presence: Presence) -> bool {
        Becomes::of(presence, self.view.from, self.view.to) != Becomes::Absent
    }

    fn write(&mut self) {
        for tier in [PictureTier::Edge, PictureTier::Aside] {
            self.bands(tier, "  ");
        }
        let name = match self.site.id.is_empty() {
            true => self.site.name.say(self.lang).to_owned(),
            false => format!("VPC {} {}", self.site.name.say(self.lang), self.site.ranges),
        };
        let _ = writeln!(self.text, "  subgraph v{}[\"{}\"]", self.index, quoted_label(&name));
        for tier in PictureTier::OF_SUBNETS {
            let has_any =
                self.site.bands.iter().any(|band| band.tier == tier && self.is_shown(band.presence));
            if has_any {
                let name = words::tier(tier, self.lang);
                let _ = writeln!(self.text, "    subgraph v{}t{}[\"{name}\"]", self.index, tier as usize);
                self.bands(tier, "      ");
                self.text.push_str("    end\n");
            }
        }
        self.text.push_str("  end\n");
        let arrows: Vec<&Arrow> = self.site.arrows.iter().collect();
        arrows.into_iter().for_each(|arrow| self.arrow(arrow));
    }

    fn bands(&mut self, tier: PictureTier, indent: &str) {
        let own: Vec<&Band> = self.site.bands.iter().filter(|band| band.tier == tier).collect();
        for band in own {
            let class = match Becomes::of(band.presence, self.view.from, self.view.to) {
                Becomes::Absent => continue,
                Becomes::Added => ":::added",
                Becomes::Removed => ":::removed",
                Becomes::Same if !band.is_certain => ":::unknown",
                Becomes::Same => "",
            };
            let node = self.names.of(self.index, &band.id);
            let label = lines(band, self.view, self.lang);
            let label: Vec<String> = label.iter().map(|line| quoted_label(line)).collect();
            let _ = writeln!(self.text, "{indent}{node}[\"{}\"]{class}", label.join("<br/>"));
        }
    }

    fn arrow(&mut self, arrow: &Arrow) {
        let becomes = Becomes::of(arrow.presence, self.view.from, self.view.to);
        if becomes == Becomes::Absent {
            return;
        }
        let (from, to) = (self.names.of(self.index, &arrow.from), self.names.of(self.index, &arrow.to));
        let sign = match arrow.kind {
            ArrowKind::Traffic => "-->",
            ArrowKind::Danger => "==>",
            ArrowKind::Unknown | ArrowKind::News => "-.->",
        };
        let number = arrow.problem.map(|number| format!("#{number}"));
        let words = match arrow.kind {
            ArrowKind::Unknown => Some("?".to_owned()),
            _ => None,
        };
        let parts: Vec<String> = [number, words, (!arrow.label.is_empty()).then(|| arrow.label.clone())]
            .into_iter()
            .flatten()
            .collect();
        let label = match parts.is_empty() {
            true => String::new(),
            false => format!("|\"{}\"|", quoted_label(&parts.join(" "))),
        };
        let _ = writeln!(self.text, "  {from} {sign}{label} {to}");
        let link = self.names.links;
        self.names.links += 1;
        match (becomes, arrow.kind) {
            (Becomes::Added, _) => self.names.added.push(link),
            (Becomes::Removed, _) => self.names.removed.push(link),
            (_, ArrowKind::Danger) => self.names.danger.push(link),
            _ => {}
        }
    }
}

/// What a node says, line by line: what it is, its facets, what is in which zone, its problems.
pub(super) fn lines(band: &Band, view: View, lang: Lang) -> Vec<String> {
    let is_there = |presence: Presence| presence.is_in(view.to);
    let kind = words::kind(band.kind, lang);
    let name = band.name.say(lang);
    let mut lines = vec![if name == kind { name.to_owned() } else { format!("{kind}: {name}") }];
    let facets = band.facets.iter().filter(|facet| is_there(facet.presence) || !is_there(band.presence));
    let facets: Vec<&str> = facets.map(|facet| facet.text.say(lang)).collect();
    if !facets.is_empty() {
        lines.push(facets.join(", "));
    }
    let mut zones: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for chip in band.chips.iter().filter(|chip| is_there(chip.presence)) {
        zones.entry(&chip.zone).or_default().push(chip.text.say(lang));
    }
    for (zone, chips) in zones {
        let zone = if zone.is_empty() { "?" } else { zone };
        lines.push(format!("{zone}: {}", chips.join(", ")));
    }
    let numbers: Vec<String> = band
        .badges
        .iter()
        .filter(|badge| is_there(badge.presence))
        .map(|badge| format!("#{}", badge.number))
        .collect();
    if !numbers.is_empty() {
        lines.push(numbers.join(" "));
    }
    lines
}

/// Text within a quoted label. Mermaid reads Markdown and entities there, and some of its readers HTML: what
/// is neither a letter nor a digit and could begin anything is written as a number.
fn quoted_label(text: &str) -> String {
    let mut escaped = String::new();
    for c in harmless(text).trim().chars() {
        match c {
            '"' | '#' | '&' | '<' | '>' | '`' | '\\' | '*' | '_' | '[' | ']' | '{' | '}' | '|' | ';'
            | '\'' | '~' | '$' | '%' => {
                let _ = write!(escaped, "#{};", u32::from(c));
            }
            c => escaped.push(c),
        }
    }
    // A label that begins like a list is taken for one.
    let digits = escaped.len() - escaped.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let begins_list = escaped.starts_with(['-', '+'])
        || (digits > 0 && escaped.get(digits..).is_some_and(|rest| rest.starts_with(['.', ')'])));
    match (escaped.is_empty(), begins_list) {
        (true, _) => "–".to_owned(),
        (_, true) => format!("#8203;{escaped}"),
        _ => escaped,
    }
}
