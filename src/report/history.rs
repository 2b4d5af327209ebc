//! What a history says about a long time, for people and for programs.

mod document;
mod json;
mod table;

use super::page::Document;
use super::{Format, ProgramFormat, Reportable};
use crate::history::{History, RunRecord};
use crate::text::Lang;

impl Reportable for History {
    fn document(&self, lang: Lang) -> Document {
        document::write(self, lang)
    }

    fn programs() -> Vec<ProgramFormat<Self>> {
        vec![(Format::Json, json::render)]
    }
}

// Whether a run looked at other regions, or with other policies, than runs usually do.
fn is_other_scope(run: &RunRecord, usual: &RunRecord) -> bool {
    run.regions != usual.regions || run.policies_digest != usual.policies_digest
}
