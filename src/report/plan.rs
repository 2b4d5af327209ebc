//! A plan for people and for programs. The document is written once for both languages;
//! the terminal and Markdown only draw it.

mod document;
mod json;
mod words;

use super::Look;
use super::page::{markdown::markdown, terminal::terminal};
use crate::finding::Run;
use crate::plan::Plan;

pub use json::{FORMAT_VERSION, schema};

/// The formats of plans; the first is the default.
pub const FORMATS: [&str; 3] = ["terminal", "markdown", "json"];

/// The plan in a format of [`FORMATS`]; anything else is the terminal.
pub fn render(plan: &Plan<'_>, run: &Run, format: &str, look: &Look) -> Vec<u8> {
    match format {
        "json" => json::render(plan, run),
        "markdown" => markdown(&document::write(plan, run, look.lang)),
        _ => terminal(&document::write(plan, run, look.lang), look),
    }
}
