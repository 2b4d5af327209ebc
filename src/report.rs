//! What tenken has to say, for people and for programs.
//!
//! There is a folder for each subject: its document, which every drawer of [`page`] can
//! draw, and its forms for programs. All of it is pure: no clock, no environment and no
//! file, so that the same subject always gives the same bytes.

pub mod cost;
pub mod diff;
mod format;
pub mod history;
pub mod page;
pub mod plan;
pub mod scan;
pub mod simulation;
pub(crate) mod words;

pub use format::{AskedFormat, Format, FormatError};
pub use page::Figure;

use crate::text::Lang;
use page::Document;

/// How a report is to look. Forms for programs do not depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// The reader's language.
    pub lang: Lang,
    /// Columns of the terminal.
    pub width: usize,
    /// Whether escape sequences for colours may be written.
    pub colour: bool,
}

/// A format for programs, and what writes it.
pub type ProgramFormat<R> = (Format, fn(&R) -> Vec<u8>);

/// Something that can be reported.
pub trait Reportable: Sized {
    /// What people read: every drawer can draw it.
    fn document(&self, lang: Lang) -> Document;

    /// The formats for programs that there are of it.
    fn programs() -> Vec<ProgramFormat<Self>>;
}

/// The formats of a kind of report, the default first.
pub fn formats<R: Reportable>() -> Vec<Format> {
    let programs = R::programs();
    Format::FOR_PEOPLE.iter().copied().chain(programs.into_iter().map(|(format, _)| format)).collect()
}

/// The report in one of its [`formats`], ended by a newline. [`Format::choose`] keeps other
/// formats out; they would give what the terminal shows.
pub fn render<R: Reportable>(report: &R, format: Format, look: &Look) -> Vec<u8> {
    render_with(report, Vec::new(), format, look)
}

/// The same with pictures of the account, where the format and the report have a place for them.
pub fn render_with<R: Reportable>(report: &R, figures: Vec<Figure>, format: Format, look: &Look) -> Vec<u8> {
    if let Some((_, write)) = R::programs().into_iter().find(|(program, _)| *program == format) {
        return write(report);
    }
    let document = report.document(look.lang).with_pictures(figures);
    match format {
        Format::Markdown => page::markdown::draw(&document),
        Format::Html => page::html::draw(&document),
        _ => page::terminal::draw(&document, look),
    }
}
