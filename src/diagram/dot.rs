//! A picture in Graphviz's language. Graphviz finds its own places.

use super::mermaid::lines;
use super::svg::View;
use super::{Arrow, ArrowKind, Band, Becomes, Picture, PictureTier, Site, group, words};
use crate::text::{Lang, harmless};
use std::fmt::Write as _;

/// The graph.
pub fn draw(picture: &Picture, view: View, lang: Lang) -> String {
    let mut text = "digraph tenken {\n  graph [compound=true, rankdir=TB, fontname=\"Helvetica\"];\n  node [shape=box, style=rounded, fontname=\"Helvetica\"];\n  edge [fontname=\"Helvetica\"];\n".to_owned();
    for (index, site) in picture.sites.iter().map(group::grouped).enumerate() {
        DotSite { text: &mut text, site: &site, view, lang, index }.write();
    }
    text.push_str("}\n");
    text
}

struct DotSite<'d> {
    text: &'d mut String,
    site: &'d Site,
    view: View,
    lang: Lang,
    index: usize,
}

impl DotSite<'_> {
    fn write(&mut self) {
        for tier in [PictureTier::Edge, PictureTier::Aside] {
            self.bands(tier, "  ");
        }
        let name = format!("{} {}", self.site.name.say(self.lang), self.site.ranges);
        let _ = writeln!(self.text, "  subgraph cluster_{} {{\n    label={};", self.index, quoted(&[name]));
        for tier in PictureTier::OF_SUBNETS {
            let name = words::tier(tier, self.lang).to_owned();
            let _ = writeln!(
                self.text,
                "    subgraph cluster_{}_{} {{\n      label={};",
                self.index,
                tier as usize,
                quoted(&[name])
            );
            self.bands(tier, "      ");
            self.text.push_str("    }\n");
        }
        self.text.push_str("  }\n");
        let arrows: Vec<&Arrow> = self.site.arrows.iter().collect();
        arrows.into_iter().for_each(|arrow| self.arrow(arrow));
    }

    fn node(&self, id: &str) -> String {
        quoted(&[format!("{} {id}", self.index)])
    }

    fn bands(&mut self, tier: PictureTier, indent: &str) {
        let own: Vec<&Band> = self.site.bands.iter().filter(|band| band.tier == tier).collect();
        for band in own {
            let look = match Becomes::of(band.presence, self.view.from, self.view.to) {
                Becomes::Absent => continue,
                Becomes::Added => ", color=\"#0a7d2c\", penwidth=2",
                Becomes::Removed => ", color=\"#8d99a8\", style=\"rounded,dashed\"",
                Becomes::Same if !band.is_certain => ", style=\"rounded,dashed\"",
                Becomes::Same => "",
            };
            let label = quoted(&lines(band, self.view, self.lang));
            let _ = writeln!(self.text, "{indent}{} [label={label}{look}];", self.node(&band.id));
        }
    }

    fn arrow(&mut self, arrow: &Arrow) {
        let mut looks = match Becomes::of(arrow.presence, self.view.from, self.view.to) {
            Becomes::Absent => return,
            Becomes::Added => vec!["color=\"#0a7d2c\"".to_owned()],
            Becomes::Removed => vec!["color=\"#8d99a8\"".to_owned(), "style=dashed".to_owned()],
            Becomes::Same => match arrow.kind {
                ArrowKind::Danger => vec!["color=\"#d0121b\"".to_owned(), "penwidth=2".to_owned()],
                ArrowKind::Unknown => vec!["color=\"#9a5b00\"".to_owned(), "style=dotted".to_owned()],
                ArrowKind::News => vec!["style=dashed".to_owned()],
                ArrowKind::Traffic => Vec::new(),
            },
        };
        let number = arrow.problem.map(|number| format!("#{number}"));
        let label: Vec<String> =
            number.into_iter().chain((!arrow.label.is_empty()).then(|| arrow.label.clone())).collect();
        if !label.is_empty() {
            looks.push(format!("label={}", quoted(&[label.join(" ")])));
        }
        let (from, to) = (self.node(&arrow.from), self.node(&arrow.to));
        let _ = writeln!(self.text, "  {from} -> {to} [{}];", looks.join(", "));
    }
}

/// A string of Graphviz's: what begins an escape there, and what ends it, is escaped.
fn quoted(lines: &[String]) -> String {
    let escaped = lines.iter().map(|line| harmless(line).replace('\\', "\\\\").replace('"', "\\\""));
    format!("\"{}\"", escaped.collect::<Vec<_>>().join("\\n"))
}
