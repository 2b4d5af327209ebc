//! What a scan came to, for people and for programs.

mod accepted;
mod document;
pub(crate) mod json;
pub(crate) mod past;
mod problem;
mod question;
pub mod read;
mod unknown;

pub use json::schema;

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
