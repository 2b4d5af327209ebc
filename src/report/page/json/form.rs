//! What the JSON of several documents has in common.

use crate::finding::{Severity, Verdict};
use crate::text::{Bilingual, Text};
use schemars::JsonSchema;
use serde::Serialize;

/// A text in every language.
#[derive(Default, Serialize, JsonSchema)]
#[schemars(rename = "Text")]
pub(crate) struct TextForm<'a> {
    /// English.
    en: &'a str,
    /// Japanese.
    ja: &'a str,
}

impl<'a> TextForm<'a> {
    pub(crate) fn new(text: &'a Text) -> Self {
        TextForm { en: &text.en, ja: &text.ja }
    }
}

/// What to do, step by step, in every language.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Steps")]
pub(crate) struct StepsForm<'a> {
    /// English.
    en: &'a [String],
    /// Japanese.
    ja: &'a [String],
}

impl<'a> StepsForm<'a> {
    pub(crate) fn new(steps: &'a Bilingual<Vec<String>>) -> Self {
        StepsForm { en: &steps.en, ja: &steps.ja }
    }
}

/// How many there are of each severity, zeros included.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Counts")]
pub(crate) struct CountsForm {
    critical: usize,
    high: usize,
    medium: usize,
    low: usize,
    info: usize,
}

impl CountsForm {
    /// From the numbers in the order of [`Severity::ALL`].
    pub(crate) fn new([critical, high, medium, low, info]: [usize; Severity::ALL.len()]) -> Self {
        CountsForm { critical, high, medium, low, info }
    }
}

/// What came out.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Verdict")]
pub(crate) enum VerdictForm {
    /// It is as it should be.
    Pass,
    /// It is not.
    Fail,
    /// The policy does not apply to it.
    Skip,
    /// AWS did not say enough to tell.
    Unknown,
}

impl From<&Verdict> for VerdictForm {
    fn from(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Pass => VerdictForm::Pass,
            Verdict::Fail => VerdictForm::Fail,
            Verdict::Skip => VerdictForm::Skip,
            Verdict::Unknown(_) => VerdictForm::Unknown,
        }
    }
}
