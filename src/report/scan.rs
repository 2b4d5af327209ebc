//! What a scan came to, for people and for programs.

mod accepted;
mod document;
pub(crate) mod json;
pub(crate) mod past;
mod problem;
mod question;
pub mod read;
mod show;
mod summary;
mod unknown;

pub use json::schema;
pub use show::ShowReport;
pub use summary::ScanSummary;

use super::page::Document;
use super::{Format, ProgramFormat, Reportable};
use crate::finding::Run;
use crate::text::Lang;

impl Reportable for Run {
    fn document(&self, lang: Lang) -> Document {
        document::write(self, lang)
    }

    fn programs() -> Vec<ProgramFormat<Self>> {
        vec![(Format::Json, json::render)]
    }
}

impl Reportable for ScanSummary<'_> {
    fn document(&self, lang: Lang) -> Document {
        summary::write(self, lang)
    }

    fn programs() -> Vec<ProgramFormat<Self>> {
        vec![(Format::Json, |summary| json::render(summary.run))]
    }
}
