//! What a simulation came to, for people and for programs.

mod document;
mod json;

pub use json::schema;

use super::page::Document;
use super::{Format, ProgramFormat, Reportable};
use crate::finding::Run;
use crate::price::Currency;
use crate::simulate::Simulation;
use crate::text::Lang;

/// A simulation, and the account as it is.
#[derive(Debug, Clone, Copy)]
pub struct SimulationReport<'r> {
    /// What chosen options change.
    pub simulation: &'r Simulation,
    /// The account without them.
    pub run: &'r Run,
    /// What amounts are shown in.
    pub currency: &'r Currency,
}

impl Reportable for SimulationReport<'_> {
    fn document(&self, lang: Lang) -> Document {
        document::write(self, lang)
    }

    fn programs() -> Vec<ProgramFormat<Self>> {
        vec![(Format::Json, |report| json::render(report.simulation, report.run))]
    }
}
