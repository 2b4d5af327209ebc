//! What the JSON of several documents has in common.

use crate::finding::{CauseKey, CauseKind, Run, Severity, Verdict};
use crate::text::{Bilingual, Text};
use crate::work::RootCause;
use schemars::JsonSchema;
use serde::Serialize;
use std::borrow::Cow;

/// A text in every language.
#[derive(Default, Serialize, JsonSchema)]
#[schemars(rename = "Text")]
pub(crate) struct TextForm<'a> {
    /// English.
    en: Cow<'a, str>,
    /// Japanese.
    ja: Cow<'a, str>,
}

impl<'a> TextForm<'a> {
    pub(crate) fn new(text: &'a Text) -> Self {
        TextForm { en: text.en.as_str().into(), ja: text.ja.as_str().into() }
    }

    pub(crate) fn owned(text: Text) -> Self {
        TextForm { en: text.en.into(), ja: text.ja.into() }
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

/// A root cause: what several findings have in common. It has one title and is mended by one script.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Cause")]
pub(crate) struct CauseForm<'a> {
    /// The id of the finding that names it, the worst of those whose option is carried out; sections
    /// of `tenken fix` go by it.
    #[schemars(regex(pattern = "^[0-9a-f]{16}$"))]
    id: &'a str,
    /// The problem in a few words.
    title: TextForm<'a>,
    /// The worst severity of what it closes.
    severity: Severity,
    /// What is changed, sorted.
    about: Vec<CauseKeyForm>,
    /// The findings that it closes, by id, the worst first.
    findings: Vec<&'a str>,
}

/// One thing that is changed.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CauseKey")]
struct CauseKeyForm {
    kind: CauseKind,
    /// Which one: an id or ARN, for an argument followed by its name, for a resource behind the policy
    /// that sees it.
    name: String,
}

impl<'a> CauseForm<'a> {
    pub(crate) fn new(cause: &RootCause<'a>, run: &Run) -> Self {
        let key = |key: &CauseKey| CauseKeyForm { kind: key.kind, name: key.about.clone() };
        CauseForm {
            id: cause.first().map(|finding| finding.id.as_str()).unwrap_or_default(),
            title: TextForm::owned(cause.title(run)),
            severity: cause.severity(),
            about: cause.keys.iter().map(key).collect(),
            findings: cause.findings.iter().map(|finding| finding.id.as_str()).collect(),
        }
    }
}

/// A root cause with what mends it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ScriptedCause")]
pub(crate) struct ScriptedCauseForm<'a> {
    #[serde(flatten)]
    cause: CauseForm<'a>,
    /// Commands for the AWS CLI that close all of its findings, in the order in which they run; empty
    /// where there is none.
    cli: TextForm<'a>,
}

impl<'a> ScriptedCauseForm<'a> {
    pub(crate) fn new(cause: &RootCause<'a>, run: &Run) -> Self {
        ScriptedCauseForm { cause: CauseForm::new(cause, run), cli: TextForm::owned(cause.script()) }
    }
}
