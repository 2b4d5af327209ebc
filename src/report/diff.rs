//! What changed, for people and for programs.

mod document;
mod json;

use super::page::Document;
use super::{Format, ProgramFormat, Reportable};
use crate::history::diff::Difference;
use crate::text::Lang;

impl Reportable for Difference {
    fn document(&self, lang: Lang) -> Document {
        document::write(self, lang)
    }

    fn programs() -> Vec<ProgramFormat<Self>> {
        vec![(Format::Json, json::render)]
    }
}
