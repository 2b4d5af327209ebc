//! Finds a place for everything, in whole pixels.
//!
//! A column is an Availability Zone, a row is a tier, and a band lies across the zones that it is in,
//! on a line of its own. Arrows leave bands at their sides, run in lanes beside the columns, dangerous
//! ones at the left and meant ones at the right, and enter the next band from its side: nothing but a
//! band is at its height, so no arrow crosses what it does not belong to.

mod band;
mod legend;
mod route;
mod site;

use super::{ArrowKind, BandKind, ChipKind, Picture, PictureTier, Presence};
use crate::finding::Severity;
use crate::text::Lang;

/// A rectangle.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Area {
    /// The left edge.
    pub x: i64,
    /// The upper edge.
    pub y: i64,
    /// How wide it is.
    pub width: i64,
    /// How high it is.
    pub height: i64,
}

impl Area {
    /// The right edge.
    pub fn right(&self) -> i64 {
        self.x + self.width
    }

    /// The lower edge.
    pub fn bottom(&self) -> i64 {
        self.y + self.height
    }

    /// Whether the two have a point in common; edges do not count.
    pub fn overlaps(&self, other: &Area) -> bool {
        self.x < other.right() && other.x < self.right() && self.y < other.bottom() && other.y < self.bottom()
    }

    /// Whether the other is within it.
    pub fn contains(&self, other: &Area) -> bool {
        self.x <= other.x
            && other.right() <= self.right()
            && self.y <= other.y
            && other.bottom() <= self.bottom()
    }
}

/// What a box is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BoxLook {
    /// The VPC.
    Vpc,
    /// An Availability Zone.
    Zone,
    /// The subnets of a tier in a zone.
    Cell(PictureTier),
    /// A band.
    Band(BandKind),
    /// The initials of what a band is.
    Glyph(BandKind),
    /// A chip.
    Chip(ChipKind),
    /// The number of a problem.
    Badge(Severity),
    /// How many more problems there are.
    MoreBadges,
    /// A line of the key: an arrow of a kind.
    Key(KeyLook),
}

/// A line of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyLook {
    /// An arrow.
    Arrow(ArrowKind),
    /// What AWS did not show.
    Hatched,
    /// What a plan adds.
    Added,
    /// What it takes away.
    Removed,
}

/// A box at its place.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedBox {
    /// Where it is.
    pub area: Area,
    /// What it is.
    pub look: BoxLook,
    /// Whether all of it is known.
    pub is_certain: bool,
    /// In which states it is there.
    pub presence: Presence,
    /// The band's id; empty for everything but bands.
    pub id: String,
    /// All that there is to say about it; may be empty.
    pub tooltip: String,
}

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "they say where the text stands")]
pub enum TextLook {
    Title,
    Remark,
    Vpc,
    Zone,
    Tier,
    Subnet(PictureTier),
    Name,
    Facet,
    Chip,
    Glyph,
    Badge,
    Port,
    Heading,
    Key,
    Legend,
    Hops,
}

/// A text at its place.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedText {
    /// What it takes at most.
    pub area: Area,
    /// The size of its font.
    pub size: i64,
    /// What it is.
    pub look: TextLook,
    /// What it says, harmless and cut to its place.
    pub text: String,
    /// In which states it is there.
    pub presence: Presence,
}

/// An arrow at its place: from band to band, its corners in between.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedLine {
    /// Where it begins, its corners, and where its head is.
    pub points: Vec<(i64, i64)>,
    /// What it means.
    pub kind: ArrowKind,
    /// In which states it is there.
    pub presence: Presence,
    /// The bands at its ends.
    pub ends: (String, String),
    /// All that there is to say about it.
    pub tooltip: String,
}

/// A site with everything at its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    /// How wide it is.
    pub width: i64,
    /// How high it is.
    pub height: i64,
    /// The region and the name of the VPC.
    pub title: String,
    /// Boxes: those that hold others first.
    pub boxes: Vec<PlacedBox>,
    /// Arrows.
    pub lines: Vec<PlacedLine>,
    /// Texts.
    pub texts: Vec<PlacedText>,
}

/// Everything at its place: a sheet for each VPC, and of several an overview first. A VPC that holds more than a sheet can show is
/// drawn by groups.
pub fn place(picture: &Picture, lang: Lang) -> Vec<Sheet> {
    let overview = super::overview::overview(picture);
    let grouped = picture.sites.iter().map(super::group::grouped);
    overview.into_iter().chain(grouped).map(|site| site::sheet(picture, &site, lang)).collect()
}
