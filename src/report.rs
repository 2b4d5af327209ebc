//! What a scan came to, for people and for programs: one file for each format.
//!
//! A reporter is a pure function from a [`Run`] to bytes. It reads no clock, no
//! environment and no file, so that the same run always gives the same bytes.

pub mod cost;
pub mod history;
pub(crate) mod page;
pub mod plan;
pub mod scan;
pub mod simulation;
pub(crate) mod words;

pub use scan::cause_word;

use crate::finding::Run;
use crate::text::Lang;

/// How a report is to look. Formats for programs do not depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// The reader's language.
    pub lang: Lang,
    /// Columns of the terminal.
    pub width: usize,
    /// Whether escape sequences for colours may be written.
    pub colour: bool,
}

/// A format.
pub trait Reporter: Sync {
    /// As `--format` names it.
    fn name(&self) -> &'static str;
    /// What a web server would call it.
    fn media_type(&self) -> &'static str;
    /// The report, which ends with a newline.
    fn render(&self, run: &Run, look: &Look) -> Vec<u8>;
}

/// Every format; the first is the default.
pub const REPORTERS: &[&dyn Reporter] =
    &[&scan::document::Terminal, &scan::markdown::Markdown, &scan::json::Json];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_of_formats_are_unique() {
        let names: BTreeSet<_> = REPORTERS.iter().map(|reporter| reporter.name()).collect();
        assert_eq!(names.len(), REPORTERS.len());
    }
}
