//! A document is made of blocks; each format draws blocks.

pub(crate) mod escape;
pub(crate) mod json;
pub(crate) mod markdown;
pub(crate) mod screen;
pub(crate) mod terminal;

/// A part of a document.
pub(crate) enum Block {
    Title(String),
    Heading(String),
    /// A piece of work or a decision, below a heading.
    Item(String),
    /// A paragraph with a few words in front that say what it is.
    Text {
        lead: String,
        text: String,
    },
    List(Vec<String>),
    Numbered(Vec<String>),
    Commands(Vec<String>),
    Table(Table),
}

/// A table; the first row of cells is its head.
pub(crate) struct Table {
    pub heads: Vec<String>,
    pub rows: Vec<Vec<String>>,
    /// Columns of amounts stand at the right.
    pub right: Vec<bool>,
    /// Whether the last row is a sum.
    pub has_sum: bool,
}

impl Block {
    pub fn plain(text: String) -> Block {
        Block::Text { lead: String::new(), text }
    }
}
