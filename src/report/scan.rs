//! What a scan came to, for people and for programs.

mod accepted;
mod coverage;
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
use crate::diagram::NumberedProblem;
use crate::finding::Run;
use crate::text::{Lang, Text};

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

/// The problems of a run in the order of its report, with their numbers there.
pub fn numbered(run: &Run) -> Vec<NumberedProblem> {
    let problems = problem::problems(run);
    let numbered = problems.iter().zip(1..).map(|(problem, number)| NumberedProblem {
        number,
        severity: problem.severity,
        title: Text::of(|lang| problem.title(lang).to_owned()),
        findings: problem
            .findings()
            .into_iter()
            .map(|finding| (finding.policy.clone(), finding.resource.clone(), finding.discriminator.clone()))
            .collect(),
    });
    numbered.collect()
}
