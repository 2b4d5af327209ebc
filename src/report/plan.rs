//! A plan for people and for programs.

mod document;
mod json;
mod words;

pub use json::schema;

use super::page::Document;
use super::{Format, ProgramFormat, Reportable};
use crate::finding::Run;
use crate::plan::Plan;
use crate::text::Lang;

/// A plan, and the run that it is made for.
#[derive(Debug, Clone, Copy)]
pub struct PlanReport<'r> {
    /// What to do, and when.
    pub plan: &'r Plan<'r>,
    /// What it is about.
    pub run: &'r Run,
}

impl Reportable for PlanReport<'_> {
    fn document(&self, lang: Lang) -> Document {
        document::write(self.plan, self.run, lang)
    }

    fn programs() -> Vec<ProgramFormat<Self>> {
        vec![(Format::Json, |report| json::render(report.plan, report.run))]
    }
}
