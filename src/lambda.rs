//! The same run as a Lambda function: what an event asks for, in the time that is left.
//!
//! Findings are an answer. What makes a run fail makes the invocation fail, so that retries,
//! the dead-letter queue and an alarm see it. Events come at least once: a run that is
//! repeated says nothing twice, because the history knows what was told.

pub mod event;
#[cfg(feature = "aws")]
mod invocation;
pub mod log;

#[cfg(feature = "aws")]
pub use invocation::{Function, invoke};

use crate::report::page::json::schema_of;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The version of [`Answer`].
pub(crate) const ANSWER_VERSION: u32 = 1;

/// The JSON Schema of [`Answer`]: `docs/lambda-answer.schema.json`.
pub fn schema() -> Value {
    schema_of::<Answer>()
}

/// What an invocation of the Lambda function answers, version 1. New keys may appear within a
/// version; a removal or a change of meaning raises `format_version`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(title = "tenken Lambda answer")]
pub struct Answer {
    /// The version of this form.
    #[schemars(extend("const" = ANSWER_VERSION))]
    pub format_version: u32,
    /// The account's twelve digits.
    #[schemars(regex(pattern = "^[0-9]{12}$"))]
    pub account: String,
    /// The regions that were asked.
    pub regions: Vec<String>,
    /// When the run began, RFC 3339 in UTC.
    #[schemars(extend("format" = "date-time"))]
    pub taken_at: String,
    /// What `tenken scan` would have ended with: 0, 1 or 3.
    #[schemars(extend("enum" = [0, 1, 3]))]
    pub exit_code: u8,
    /// The failures that nobody has accepted, by severity.
    pub failed: BTreeMap<String, usize>,
    /// The failures that somebody lives with.
    pub accepted: usize,
    /// What could not be judged.
    pub unknown: usize,
    /// The questions without an answer.
    pub gaps: usize,
    /// Whether the time ended before everything was asked; the rest is unknown.
    pub is_cut_short: bool,
    /// What changed since the run before, by kind; `null` where no history is kept.
    pub changes: Option<BTreeMap<String, usize>>,
    /// Where the history is; `null` where none is kept.
    pub history: Option<String>,
    /// The reports and the snapshot that were written.
    pub reports: Vec<String>,
    /// How many announcements each channel was told.
    pub told: BTreeMap<String, usize>,
}

/// Why an invocation failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct InvocationError {
    /// A word for the kind of failure, for queries and alarms.
    pub kind: &'static str,
    /// What happened and what to do, in the language of the run.
    pub message: String,
}
