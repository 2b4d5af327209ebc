//! The bill at list price, for people and for programs.

mod document;
mod json;

pub use json::{SCHEMA_VERSION, schema};

use super::page::Document;
use super::{Format, Reportable};
use crate::cost::CostReport;
use crate::text::Lang;

impl Reportable for CostReport {
    fn document(&self, lang: Lang) -> Document {
        document::write(self, lang)
    }

    fn programs() -> Vec<(Format, fn(&Self) -> Vec<u8>)> {
        vec![(Format::Json, json::render)]
    }
}
