//! What changed from one run to another, or since a history.

use super::step::step_at;
use super::{History, StepError, Time, step};
use crate::finding::{Change, Run, Severity, Turn};
use crate::text::{Explained, Text};

/// What is compared with: a run, or everything that is known.
#[derive(Debug, Clone)]
pub enum Base {
    /// A run.
    Run(Box<Run>),
    /// A history; nothing is written to it.
    History(Box<History>),
}

/// Why there is no comparison.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.what().en)]
pub enum DiffError {
    /// One of them has no time.
    NoTime {
        /// As it says.
        taken_at: String,
    },
    /// The two are of different accounts.
    OtherAccount {
        /// The first's.
        first: String,
        /// The second's.
        second: String,
    },
    /// The second is older than the first.
    WrongOrder {
        /// When the first began.
        first: String,
        /// When the second began.
        second: String,
    },
}

impl From<StepError> for DiffError {
    fn from(error: StepError) -> Self {
        match error {
            StepError::NoTime { taken_at } => DiffError::NoTime { taken_at },
            StepError::OtherAccount { found, expected } => {
                DiffError::OtherAccount { first: expected, second: found }
            }
        }
    }
}

impl Explained for DiffError {
    fn what(&self) -> Text {
        match self {
            DiffError::NoTime { taken_at } => Text::new(
                format!("compare: `{taken_at}` is not an RFC 3339 time"),
                format!("比較できない: `{taken_at}` は RFC 3339 形式の時刻ではない。"),
            ),
            DiffError::OtherAccount { first, second } => Text::new(
                format!("compare: the first is of account {first} and the second of account {second}"),
                format!("比較できない: 1 つ目はアカウント {first}、2 つ目はアカウント {second} のもの。"),
            ),
            DiffError::WrongOrder { first, second } => Text::new(
                format!(
                    "compare: the first is of {first} and the second of {second}; name the older one first"
                ),
                format!("比較できない: 1 つ目は {first}、2 つ目は {second} のもの。古いほうを先に指定する。"),
            ),
        }
    }
}

/// What changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The account's twelve digits.
    pub account: String,
    /// When the base began, or its newest run; `None` for an empty history.
    pub from: Option<String>,
    /// When the second run began.
    pub to: String,
    /// What changed, in the order of reports.
    pub changes: Vec<Change>,
    /// How many findings of the base are in regions that the second did not look at.
    pub not_looked_at: usize,
}

impl Difference {
    /// Whether something of this severity or worse is new, or fails again.
    pub(crate) fn has_news(&self, fail_on: Severity) -> bool {
        self.has(fail_on, |turn| matches!(turn, Turn::New(_) | Turn::Reopened | Turn::AcceptanceEnded))
    }

    /// Whether something of this severity or worse can no longer be judged.
    pub(crate) fn has_unknown(&self, fail_on: Severity) -> bool {
        self.has(fail_on, |turn| matches!(turn, Turn::Unknown { .. }))
    }

    fn has(&self, fail_on: Severity, is_meant: fn(&Turn) -> bool) -> bool {
        self.changes.iter().any(|change| change.finding.severity >= fail_on && is_meant(&change.turn))
    }
}

/// Compares. Two judgements of the same snapshot can be compared as well: what differs
/// then comes from policies and acceptances.
///
/// # Errors
/// The two are of different accounts, or the second is older.
pub fn diff(base: &Base, run: &Run) -> Result<Difference, DiffError> {
    let (history, from) = match base {
        Base::History(history) => (history.as_ref().clone(), history.newest().map(String::from)),
        Base::Run(first) => (step(&History::default(), first)?.0, Some(first.taken_at.clone())),
    };
    let no_time = || StepError::NoTime { taken_at: run.taken_at.clone() };
    let time = Time::parse(&run.taken_at).ok_or_else(no_time)?;
    let newest = history.newest();
    if let Some(newest) = newest.filter(|newest| *newest > time) {
        return Err(DiffError::WrongOrder { first: newest.to_string(), second: time.to_string() });
    }
    let time = if newest == Some(time) { time.next() } else { time };
    let mut past = step_at(&history, run, time)?.1.past;
    // The time that was moved is nobody's business.
    let moved = time.to_string();
    for change in past.changes.iter_mut().filter(|change| change.first_seen == moved) {
        change.first_seen.clone_from(&run.taken_at);
    }
    Ok(Difference {
        account: run.account.clone(),
        from,
        to: run.taken_at.clone(),
        changes: past.changes,
        not_looked_at: past.not_looked_at,
    })
}
