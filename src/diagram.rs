//! The picture of an account: who stands where, and who may reach whom.
//!
//! [`draw`] makes the [`Picture`] of a snapshot: one [`Site`] for each VPC with its Availability
//! Zones, tiers, bands and arrows. [`unite`] lays the pictures of several states of an account on
//! top of each other, so that one placement serves all of them and nothing jumps. [`place()`] finds
//! a place for everything in whole pixels, without a layout engine, because what the picture says
//! is in its columns and rows. [`svg`], [`mermaid`] and [`dot`] write it down. All of it is pure:
//! the same snapshots give the same bytes.

mod account;
pub mod dot;
mod group;
mod measure;
pub mod mermaid;
mod overview;
pub mod place;
pub mod svg;
mod union;
pub(crate) mod words;

pub use account::draw;
pub use place::place;
pub use union::unite;

use crate::finding::Severity;
use crate::text::Text;
use std::collections::BTreeSet;

/// A problem as a report numbers it, so that the picture can name it by its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberedProblem {
    /// Its number in the report, from 1.
    pub number: usize,
    /// The worst severity of its findings.
    pub severity: Severity,
    /// What is wrong.
    pub title: Text,
    /// The policies and the resources of its findings: policy id, ARN, discriminator.
    pub findings: BTreeSet<(String, String, String)>,
}

/// In which of a picture's states something is there: today, and after each phase of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Presence(u32);

impl Presence {
    /// There in the first state, the only one of a picture that was not united.
    pub(crate) const TODAY: Presence = Presence(1);

    /// There in one state alone.
    pub(crate) fn only(state: usize) -> Presence {
        Presence(u32::try_from(state).ok().and_then(|state| 1u32.checked_shl(state)).unwrap_or(0))
    }

    /// Whether it is there in a state.
    pub fn is_in(self, state: usize) -> bool {
        self.0 & Presence::only(state).0 != 0
    }

    /// There where either is.
    pub(crate) fn or(self, other: Presence) -> Presence {
        Presence(self.0 | other.0)
    }
}

/// How something looks beside the state that a picture starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Becomes {
    /// It is there before and after.
    Same,
    /// It is there only afterwards.
    Added,
    /// It was there only before.
    Removed,
    /// It belongs to another state and is left out.
    Absent,
}

impl Becomes {
    /// Of something that is there in `presence`, from state `from` to state `to`.
    pub fn of(presence: Presence, from: usize, to: usize) -> Becomes {
        match (presence.is_in(from), presence.is_in(to)) {
            (true, true) => Becomes::Same,
            (false, true) => Becomes::Added,
            (true, false) => Becomes::Removed,
            (false, false) => Becomes::Absent,
        }
    }
}

/// An account, drawn: what there is to place.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// The account's twelve digits.
    pub account: String,
    /// When it was asked, RFC 3339 in UTC.
    pub taken_at: String,
    /// What each state is called, the first one today.
    pub states: Vec<Text>,
    /// One for each VPC that anything stands in; at least one.
    pub sites: Vec<Site>,
    /// The problems whose numbers appear, with the number of the state that they belong to.
    pub problems: Vec<NumberedProblem>,
}

/// A VPC with what stands in front of it and beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    /// The VPC's id; empty for what is in no VPC, or in one that is not known.
    pub id: String,
    /// What it is.
    pub kind: SiteKind,
    /// The region.
    pub region: String,
    /// What people call the VPC.
    pub name: Text,
    /// Its ranges.
    pub ranges: String,
    /// Its Availability Zones, one column for each; never none.
    pub zones: Vec<PictureZone>,
    /// Its subnets.
    pub subnets: Vec<SubnetBox>,
    /// Everything that has a box of its own.
    pub bands: Vec<Band>,
    /// Who reaches whom.
    pub arrows: Vec<Arrow>,
    /// The problems of the VPC itself.
    pub badges: Vec<Badge>,
    /// What is counted and not drawn.
    pub notes: Vec<Text>,
}

/// What a site is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SiteKind {
    /// A VPC.
    Vpc,
    /// Where that stands of which no VPC is known.
    Unknown,
    /// All VPCs: its columns are regions.
    Overview,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PictureZone {
    /// The Availability Zone; empty where it is not known.
    pub name: String,
    /// In which states anything is there.
    pub presence: Presence,
}

/// A row of a picture, from the internet to the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PictureTier {
    /// In front of the VPC: the internet, distributions, web ACLs.
    Edge,
    /// Subnets with a route to an internet gateway.
    Public,
    /// Other subnets.
    Private,
    /// Subnets that only databases use.
    Data,
    /// Beside the VPC: whoever is told of alarms, and what is used by nothing.
    Aside,
}

impl PictureTier {
    /// The rows within a VPC.
    pub(crate) const OF_SUBNETS: [PictureTier; 3] =
        [PictureTier::Public, PictureTier::Private, PictureTier::Data];
}

/// A subnet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubnetBox {
    /// The subnet's id.
    pub id: String,
    /// Its name and range.
    pub label: String,
    /// Where its default route leads, or that it has none.
    pub way_out: Text,
    /// Its row.
    pub tier: PictureTier,
    /// Whether its row is certain: its routes are known.
    pub is_certain: bool,
    /// Its Availability Zone.
    pub zone: String,
    /// In which states it is there.
    pub presence: Presence,
    /// The problems it has.
    pub badges: Vec<Badge>,
}

/// The number of a problem, at what has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Badge {
    /// See [`NumberedProblem::number`].
    pub number: usize,
    /// In which states the problem is there.
    pub presence: Presence,
}

/// What a band is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "their names in `words` say what they are")]
pub enum BandKind {
    Internet,
    Vpc,
    Distribution,
    WebAcl,
    InternetGateway,
    NatGateway,
    LoadBalancer,
    ClassicLoadBalancer,
    Service,
    TaskStarter,
    DbCluster,
    DbInstance,
    Alarms,
    Topic,
}

/// A box across the zones that something is in.
#[derive(Debug, Clone, PartialEq)]
pub struct Band {
    /// The ARN, or another text that stands for it alone in the whole picture.
    pub id: String,
    /// What it is.
    pub kind: BandKind,
    /// What people call it.
    pub name: Text,
    /// Its row.
    pub tier: PictureTier,
    /// The zones it reaches over, sorted; none for what belongs to no zone, and for what is in one
    /// that is not known.
    pub zones: Vec<String>,
    /// Whether all of it is known. Otherwise it is hatched.
    pub is_certain: bool,
    /// What is worth knowing about it.
    pub facets: Vec<FacetText>,
    /// What is within it.
    pub chips: Vec<Chip>,
    /// The problems it has, the worst first.
    pub badges: Vec<Badge>,
    /// The ARNs of the resources that it stands for: its own, or those of a group.
    pub members: BTreeSet<String>,
    /// What it may be counted by where there is not room for everything: a word, and its value, for
    /// instance `cluster` and `shop`.
    pub groups: Vec<(String, String)>,
    /// In which states it is there.
    pub presence: Presence,
}

/// A few words about something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacetText {
    /// The words.
    pub text: Text,
    /// In which states they are true.
    pub presence: Presence,
}

/// What a chip stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChipKind {
    /// Something that runs there: a task, an instance.
    Running,
    /// Something that waits: a standby.
    Waiting,
    /// A place that is meant for something and has nothing.
    Empty,
    /// Something that is there, but AWS did not say where or how.
    Unknown,
}

/// A task, an instance, or a place that has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chip {
    /// Its Availability Zone; empty where it is not known.
    pub zone: String,
    /// What it stands for.
    pub kind: ChipKind,
    /// What it says.
    pub text: Text,
    /// How many it stands for; none for an empty place.
    pub count: usize,
    /// In which states it is there.
    pub presence: Presence,
}

/// How sure and how welcome it is that one reaches the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ArrowKind {
    /// Requests as they are meant to go.
    Traffic,
    /// News of alarms.
    News,
    /// A way that nobody meant.
    Danger,
    /// A way that may be open: AWS did not say enough to tell.
    Unknown,
}

/// One reaches another.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrow {
    /// The band it comes from.
    pub from: String,
    /// The band it leads to.
    pub to: String,
    /// What it means.
    pub kind: ArrowKind,
    /// The port or protocol; may be empty.
    pub label: String,
    /// The problem that it belongs to.
    pub problem: Option<usize>,
    /// The hops of a dangerous way, in order; empty for others.
    pub hops: Vec<Text>,
    /// In which states it is there.
    pub presence: Presence,
}

impl Arrow {
    /// Whether it is a way that nobody meant, for sure or perhaps.
    pub(crate) fn is_danger(&self) -> bool {
        matches!(self.kind, ArrowKind::Danger | ArrowKind::Unknown)
    }
}

impl Picture {
    /// What a problem's number stands for.
    pub(crate) fn problem(&self, number: usize) -> Option<&NumberedProblem> {
        self.problems.iter().find(|problem| problem.number == number)
    }

    /// Whether there is anything to see: a VPC with something in it, or something beside it.
    pub fn is_empty(&self) -> bool {
        self.sites.iter().all(|site| site.bands.iter().all(|band| band.kind == BandKind::Internet))
    }
}

#[cfg(test)]
mod tests;
