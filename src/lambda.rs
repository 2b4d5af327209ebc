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
    /// Whether the time ended before everything was asked and judged; the rest is unknown.
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
    /// What failed, for queries and alarms.
    pub kind: ErrorType,
    /// What happened and what to do, in the language of the run.
    pub message: String,
}

/// What failed: the error type that Lambda, the log and the dead-letter queue show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorType {
    /// The event cannot be used, or is not even JSON.
    BadEvent,
    /// The variables of the function cannot be used.
    BadVariables,
    /// `tenken.toml`, or what it says about channels and histories, cannot be used.
    BadConfiguration,
    /// The operating system gives no sockets, timers or places to write to.
    Start,
    /// The history cannot be read.
    HistoryNotRead,
    /// AWS cannot be asked.
    CannotScan,
    /// The history cannot be written.
    HistoryNotWritten,
    /// A report or the snapshot cannot be written.
    ReportNotWritten,
    /// A channel did not take the news.
    NotTold,
    /// tenken itself failed.
    Crashed,
}

impl ErrorType {
    /// Every type.
    pub const ALL: [ErrorType; 10] = [
        ErrorType::BadEvent,
        ErrorType::BadVariables,
        ErrorType::BadConfiguration,
        ErrorType::Start,
        ErrorType::HistoryNotRead,
        ErrorType::CannotScan,
        ErrorType::HistoryNotWritten,
        ErrorType::ReportNotWritten,
        ErrorType::NotTold,
        ErrorType::Crashed,
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            ErrorType::BadEvent => "BadEvent",
            ErrorType::BadVariables => "BadVariables",
            ErrorType::BadConfiguration => "BadConfiguration",
            ErrorType::Start => "Start",
            ErrorType::HistoryNotRead => "HistoryNotRead",
            ErrorType::CannotScan => "CannotScan",
            ErrorType::HistoryNotWritten => "HistoryNotWritten",
            ErrorType::ReportNotWritten => "ReportNotWritten",
            ErrorType::NotTold => "NotTold",
            ErrorType::Crashed => "Crashed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_documentation_knows_every_error_type() {
        let text = include_str!("../docs/lambda.md");
        let (_, table) = text.split_once("| error type | what failed |").unwrap();
        let (table, _) = table.split_once("\n\n").unwrap();
        let first_cells = table.lines().filter_map(|line| line.split('|').nth(1));
        let documented: Vec<&str> = first_cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
        let all: BTreeSet<&str> = ErrorType::ALL.into_iter().map(ErrorType::as_str).collect();
        assert_eq!(documented.iter().copied().collect::<BTreeSet<&str>>(), all);
        assert_eq!(documented.len(), ErrorType::ALL.len(), "{documented:?} says one twice");
    }
}
