//! What a history says about a long time: how many fail, what has been open the longest,
//! how long mending takes.

use super::{Entry, History, RunRecord, Time};
use crate::finding::{Severity, State};

/// The answers of a history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trend<'h> {
    /// The runs, the oldest first.
    pub runs: &'h [RunRecord],
    /// The critical finding that has been open the longest.
    pub oldest_critical: Option<Oldest<'h>>,
    /// How long findings were open that have been resolved.
    pub time_to_fix: Option<TimeToFix>,
    /// The number of findings in each state that has some.
    pub states: Vec<(State, usize)>,
}

/// A finding that has been open for long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Oldest<'h> {
    /// The finding.
    pub entry: &'h Entry,
    /// From when it opened to the newest run.
    pub age_seconds: i64,
}

/// How long findings were open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TimeToFix {
    /// Half of them took no longer.
    pub median_seconds: i64,
    /// How many openings it is made of.
    pub count: usize,
}

/// Every state, in the order of reports.
const STATES: [State; 7] = [
    State::New,
    State::Reopened,
    State::Open,
    State::UnknownWasOpen,
    State::PolicyWithdrawn,
    State::Accepted,
    State::Resolved,
];

impl<'h> Trend<'h> {
    /// Asks a history.
    pub(crate) fn new(history: &'h History) -> Self {
        let count = |state: State| history.findings.values().filter(|entry| entry.state == state).count();
        Trend {
            runs: &history.runs,
            oldest_critical: history.newest().and_then(|now| oldest_critical(history, now)),
            time_to_fix: time_to_fix(history),
            states: STATES
                .into_iter()
                .map(|state| (state, count(state)))
                .filter(|(_, count)| *count > 0)
                .collect(),
        }
    }
}

// What cannot be seen now was open and is not resolved, so that it goes on ageing.
fn oldest_critical(history: &History, now: Time) -> Option<Oldest<'_>> {
    let is_open = |entry: &&Entry| {
        entry.finding.severity == Severity::Critical
            && (entry.state.is_failing() || entry.state == State::UnknownWasOpen)
    };
    let opened = |entry: &Entry| entry.openings.last().map_or(entry.first_seen, |opening| opening.opened_at);
    let entry = history.findings.values().filter(is_open).min_by_key(|entry| opened(entry))?;
    Some(Oldest { entry, age_seconds: now.seconds_since(opened(entry)) })
}

fn time_to_fix(history: &History) -> Option<TimeToFix> {
    let openings = history.findings.values().flat_map(|entry| &entry.openings);
    let mut seconds: Vec<i64> = openings
        .filter_map(|opening| opening.end.map(|end| end.resolved_at.seconds_since(opening.opened_at)))
        .collect();
    seconds.sort_unstable();
    // Of an even number, the upper of the two in the middle: a time that really occurred.
    let median_seconds = seconds.get(seconds.len() / 2).copied()?;
    Some(TimeToFix { median_seconds, count: seconds.len() })
}
