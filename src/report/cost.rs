//! The bill at list price, for people and for programs.

mod document;
mod json;

pub use json::schema;

use super::page::Document;
use super::{Format, ProgramFormat, Reportable};
use crate::cost::CostReport;
use crate::text::Lang;

impl Reportable for CostReport {
    fn document(&self, lang: Lang) -> Document {
        document::write(self, lang)
    }

    fn programs() -> Vec<ProgramFormat<Self>> {
        vec![(Format::Json, json::render)]
    }
}
