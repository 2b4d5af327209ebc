//! The page: what a report for people is made of.
//!
//! A subject (a scan, a plan, a bill …) writes one [`Document`] for both languages, out of
//! blocks that say what something is: a finding, a command, what is unknown. How that
//! looks, and what has to be escaped, is the work of the drawers, one for each format; a
//! new drawer draws every document.

mod escape;
pub(super) mod html;
pub(crate) mod json;
pub(super) mod markdown;
mod screen;
pub(super) mod terminal;

use crate::diagram::Picture;
use crate::diagram::svg::View;
use crate::finding::{Pillar, Severity};
use crate::text::{Lang, Text};

/// A report for people, in one language.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The reader's language.
    pub(super) lang: Lang,
    pub(super) blocks: Vec<Block>,
}

/// Where a document is read. It decides between the two forms that a few things have; no
/// document asks for a format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Medium {
    /// Narrow, without headings to jump to; what stands at its end is seen first.
    Screen,
    /// Read from the top, with headings and wide tables.
    Page,
}

/// A part of a document. Blocks hold the words; what comes from AWS is in them unchanged.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Block {
    /// What this is, about which account, and when.
    Masthead(Masthead),
    /// A heading and what stands below it.
    Section(Heading, Vec<Block>),
    /// A piece of work or a decision, perhaps with its number, and what belongs to it.
    Item { number: Option<usize>, title: String, blocks: Vec<Block> },
    /// Something wrong, and what belongs to it.
    Problem { severity: Severity, title: String, facets: ProblemFacets, blocks: Vec<Block> },
    /// Something to be settled, and what belongs to it.
    Topic { title: String, blocks: Vec<Block> },
    /// What it all comes to, in a sentence, and what that rests on.
    Verdict { text: Prose, basis: String },
    /// A paragraph.
    Text { lead: Lead, text: Prose },
    /// A paragraph that matters less than the others.
    Note(String),
    /// A few lines behind one lead, and how many more there are.
    Lines { lead: String, severity: Severity, lines: Vec<String>, more: String },
    /// A list.
    List(Vec<ListItem>),
    /// What to do, step by step.
    Numbered(Vec<String>),
    /// Commands for the clipboard.
    Commands(Vec<String>),
    /// Something else for the clipboard, in the syntax of `language`, and what it is.
    Snippet { caption: String, language: &'static str, text: String },
    /// A table.
    Table(Table),
    /// Figures, each behind its name, which ends with its punctuation and a space.
    Figures(Vec<(String, String)>),
    /// What was found, one after the other.
    Findings(Vec<FoundItem>),
    /// Lines that belong to something, with what it is in front.
    Marked(Vec<MarkedLine>),
    /// Amounts of money by part and by item.
    Ledger(Ledger),
    /// Root causes of one severity, at a glance.
    Causes(CauseList),
    /// Commands of tenken's own, each behind what it shows.
    Hints(Vec<(String, String)>),
    /// Where to read more: addresses.
    References(Vec<String>),
    /// Where pictures of the account stand: whoever has its snapshot puts them in.
    Pictures(Vec<Figure>),
    /// A part that only a page shows that can fold it, and what stands for it there.
    Folded { title: String, summary: String, blocks: Vec<Block> },
    /// Where readers choose among the problems below, where a page lets them.
    Filters,
    /// What only such a page has room for.
    Extra(Vec<Block>),
    /// The same in two forms, because the two media are read in another order.
    Either { screen: Vec<Block>, page: Vec<Block> },
}

/// What readers choose problems by, where a page lets them, and the problem's number in the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ProblemFacets {
    pub number: usize,
    pub severity: Severity,
    pub pillar: Pillar,
    /// The services of its resources, for instance `rds`.
    pub services: Vec<String>,
    /// What a history says of its findings: new, open, reopened.
    pub states: Vec<&'static str>,
}

/// A picture of the account.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// What is drawn.
    pub picture: Picture,
    /// In which states.
    pub view: View,
    /// What it shows.
    pub caption: Text,
}

/// What a document is.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Masthead {
    pub title: String,
    /// The rest of it, where there is room for a sentence; may be empty.
    pub sentence: String,
    /// Both in a line or two.
    pub brief: Option<Brief>,
}

/// A masthead in a line or two.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Brief {
    /// The command, for instance `tenken cost: `.
    pub command: String,
    pub text: String,
    /// What was looked at, behind a word that says so; both may be empty.
    pub scope: (String, String),
}

/// A heading. Figures and remarks stand apart, because media set them apart differently.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Heading {
    pub rank: HeadingRank,
    pub text: String,
    /// How many there are, `3` or `3 件`; may be empty.
    pub count: String,
    /// A few words about them; may be empty.
    pub remark: String,
}

/// What stands below a heading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HeadingRank {
    /// The whole document.
    Document,
    /// A chapter of a long document.
    Chapter,
    /// A part of a short one.
    Part,
    /// The part about what is not known.
    Unknown,
}

/// What a paragraph is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Lead {
    None,
    /// These words say it; they end with their punctuation and a space.
    Words(String),
    /// What would settle something unknown.
    Settle,
    /// The recommended way out.
    Fix,
    /// Another way out.
    Or,
}

/// Text within a paragraph, a cell or an item of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Prose(pub Vec<Span>);

/// A piece of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Span {
    Plain(String),
    /// A name from AWS's or tenken's own language: an operation, an id, an expression.
    Code(String),
    Strong(String),
    /// How bad something is.
    Severity(Severity),
    /// What only a reader needs who does not see the rest at a glance.
    Aside(String),
    /// The end of a line within a cell.
    Break,
}

/// An item of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ListItem {
    /// What it is, with its punctuation and a space; may be empty.
    pub lead: String,
    pub text: String,
    /// A line below it; may be empty.
    pub below: String,
}

/// A table. `heads` has a cell for each column.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Table {
    pub heads: Vec<String>,
    pub rows: Vec<Vec<Prose>>,
    /// Columns of amounts, which stand at the right.
    pub right: Vec<usize>,
    /// Whether the last row is a sum.
    pub has_sum: bool,
    /// Whether it is a log: many short rows.
    pub is_log: bool,
    /// What the rows say, where there is no room for the columns; empty where there is.
    pub narrow: Vec<Block>,
}

/// A finding.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FoundItem {
    /// Whether it is new; may be empty.
    pub mark: String,
    /// What people call the resource.
    pub name: String,
    /// The part of the resource that is meant; may be empty.
    pub part: String,
    /// What the resource is, and its region.
    pub place: Vec<String>,
    pub id: String,
    /// Something about it that the reader may not expect; may be empty.
    pub remark: String,
    /// What was found.
    pub message: String,
    /// What the verdict rests on.
    pub evidence: Vec<EvidenceLine>,
    /// How much evidence there is beside that; may be empty.
    pub more: String,
}

/// Something that a verdict rests on.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct EvidenceLine {
    /// The expression that it came from.
    pub path: String,
    /// Its value as JSON.
    pub json: String,
    /// Its value in words: a line for each record of a list.
    pub lines: Vec<String>,
}

/// A line with what it is in front, and what belongs to it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct MarkedLine {
    pub mark: Mark,
    pub text: Prose,
    pub below: Vec<Below>,
}

/// What stands in front of an entry.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Mark {
    /// How bad it is.
    Severity(Severity),
    /// The same at a glance: entries stand below each other like a table.
    Sign(Severity),
    /// Its name, with its punctuation and a space.
    Words(String),
}

/// A line below an entry.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Below {
    Text(String),
    /// What matters less.
    Note(String),
    /// One of several remarks.
    Remark(String),
}

/// Root causes of one severity.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct CauseList {
    pub severity: Severity,
    /// How many there are, and of how many findings; in words.
    pub count: String,
    /// What the figures at the ends of the lines are; may be empty.
    pub heads: String,
    /// A line for each.
    pub lines: Vec<CauseLine>,
    /// The names of those that have no line.
    pub others: Vec<String>,
    /// How many have not even that; may be empty.
    pub more: String,
}

/// A root cause at a glance.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct CauseLine {
    /// What it is asked for by.
    pub id: String,
    /// Whether it is new; may be empty.
    pub mark: String,
    pub title: String,
    /// The resource.
    pub place: String,
    /// What it takes and costs, in figures.
    pub figures: String,
}

/// Amounts of money.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ledger {
    /// What the sums of all parts are called, and the heads of their two columns.
    pub by_part: (String, [String; 2]),
    /// What all the amounts are called, and the heads of their six columns.
    pub by_item: (String, [String; 6]),
    pub parts: Vec<LedgerPart>,
    /// The word for the total, and the total.
    pub total: (String, String),
}

/// A part of a ledger.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LedgerPart {
    pub title: String,
    pub sum: String,
    pub resources: Vec<LedgerResource>,
}

/// The items of one resource.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LedgerResource {
    pub name: String,
    pub region: String,
    /// Both in running text.
    pub place: String,
    pub items: Vec<LedgerItem>,
}

/// An amount.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LedgerItem {
    pub what: String,
    /// Quantity and unit price; may be empty.
    pub arithmetic: String,
    pub amount: String,
    pub is_known: bool,
    /// Basis; may be empty.
    pub basis: String,
    /// What would settle it where it is unknown; may be empty.
    pub settle: String,
}

impl Document {
    /// The same with pictures at the place that it has for them.
    pub(super) fn with_pictures(mut self, figures: Vec<Figure>) -> Document {
        if !figures.is_empty() {
            fill(&mut self.blocks, figures);
        }
        self
    }

    /// The blocks in the form for a medium: of everything that has two, one is left.
    fn on(&self, medium: Medium) -> Vec<Block> {
        on(&self.blocks, medium)
    }
}

/// Puts pictures into the first place for them. Gives them back where there is none.
fn fill(blocks: &mut [Block], mut figures: Vec<Figure>) -> Vec<Figure> {
    for block in blocks {
        match block {
            Block::Pictures(place) => {
                *place = figures;
                return Vec::new();
            }
            Block::Section(_, blocks) => figures = fill(blocks, figures),
            _ => {}
        }
        if figures.is_empty() {
            break;
        }
    }
    figures
}

fn on(blocks: &[Block], medium: Medium) -> Vec<Block> {
    let mut chosen = Vec::new();
    for block in blocks {
        match (block, medium) {
            (Block::Either { screen, .. }, Medium::Screen) => chosen.extend(on(screen, medium)),
            (Block::Either { page, .. }, Medium::Page) => chosen.extend(on(page, medium)),
            (Block::Table(table), Medium::Screen) if !table.narrow.is_empty() => {
                chosen.extend(on(&table.narrow, medium));
            }
            (
                Block::Pictures(_) | Block::Folded { .. } | Block::Filters | Block::Extra(_),
                Medium::Screen,
            ) => {}
            (Block::Section(heading, blocks), _) => {
                chosen.push(Block::Section(heading.clone(), on(blocks, medium)));
            }
            (Block::Item { number, title, blocks }, _) => {
                chosen.push(Block::Item { number: *number, title: title.clone(), blocks: on(blocks, medium) })
            }
            (Block::Problem { severity, title, facets, blocks }, _) => chosen.push(Block::Problem {
                severity: *severity,
                title: title.clone(),
                facets: facets.clone(),
                blocks: on(blocks, medium),
            }),
            (Block::Topic { title, blocks }, _) => {
                chosen.push(Block::Topic { title: title.clone(), blocks: on(blocks, medium) });
            }
            (other, _) => chosen.push(other.clone()),
        }
    }
    chosen
}

impl Block {
    /// A paragraph without anything in front.
    pub(crate) fn plain(text: impl Into<Prose>) -> Block {
        Block::Text { lead: Lead::None, text: text.into() }
    }

    /// A paragraph behind words that say what it is.
    pub(crate) fn led(lead: &str, text: impl Into<Prose>) -> Block {
        Block::Text { lead: Lead::Words(lead.to_owned()), text: text.into() }
    }
}

impl Heading {
    /// A heading without figures.
    pub(super) fn new(rank: HeadingRank, text: impl Into<String>) -> Heading {
        Heading { rank, text: text.into(), count: String::new(), remark: String::new() }
    }
}

impl From<String> for Prose {
    fn from(text: String) -> Prose {
        Prose(vec![Span::Plain(text)])
    }
}

impl From<&str> for Prose {
    fn from(text: &str) -> Prose {
        Prose::from(text.to_owned())
    }
}

impl From<Span> for Prose {
    fn from(span: Span) -> Prose {
        Prose(vec![span])
    }
}

impl From<String> for ListItem {
    fn from(text: String) -> ListItem {
        ListItem { lead: String::new(), text, below: String::new() }
    }
}
