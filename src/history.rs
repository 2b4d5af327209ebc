//! What was known before: the life of every finding from run to run.
//!
//! A history belongs to one account. [`step`] takes in a run: a pure function without a
//! clock, so that the same history and the same run give the same bytes. Nothing is ever
//! resolved because it could not be seen. `docs/history.md` tells the rules.

pub mod announcement;
pub mod diff;
pub mod file;
pub mod news;
pub mod pending;
mod sight;
mod step;
pub mod store;
pub mod trend;

pub use file::FileError;
pub use step::{Changes, StepError, step};

use crate::finding::{IDENTITY_VERSION, NewBecause, Remembered, Resolution, Severity, State};
use pending::Announcement;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// The version of the saved form. Any new key raises it: an older tenken that does not
/// know a key must refuse the file instead of dropping the key.
pub(crate) const FORMAT_VERSION: u32 = 2;

/// What tells a history from other JSON.
pub(crate) const KIND: &str = "tenken-history";

/// The place of resources that belong to no region.
pub(crate) const GLOBAL: &str = "global";

/// A point in time. Written as RFC 3339 in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Time(jiff::Timestamp);

impl Time {
    /// Reads an RFC 3339 time.
    pub fn parse(text: &str) -> Option<Time> {
        text.parse().ok().map(Time)
    }

    /// The time so many seconds after 1970 began; that beginning where there is no such time.
    pub fn from_unix_seconds(seconds: i64) -> Time {
        Time(jiff::Timestamp::from_second(seconds).unwrap_or_default())
    }

    /// The whole seconds from an earlier time to this one; negative from a later one.
    pub fn seconds_since(self, earlier: Time) -> i64 {
        self.0.as_second() - earlier.0.as_second()
    }

    /// The next time that can be told from this one.
    fn next(self) -> Time {
        let later = self.0.checked_add(jiff::SignedDuration::from_nanos(1));
        later.map_or(self, Time)
    }
}

impl TryFrom<String> for Time {
    type Error = String;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Time::parse(&text).ok_or_else(|| format!("`{text}` is not an RFC 3339 time"))
    }
}

impl From<Time> for String {
    fn from(time: Time) -> String {
        time.to_string()
    }
}

impl fmt::Display for Time {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// Everything that is known of an account from earlier runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct History {
    /// Says what the file is: `tenken-history`.
    pub kind: String,
    /// The version of this form.
    pub format_version: u32,
    /// The version of the findings' ids.
    pub identity_version: u32,
    /// The account's twelve digits; empty before the first run.
    pub account: String,
    /// `aws`, `aws-cn` or `aws-us-gov`.
    pub partition: String,
    /// The runs, the oldest first; the newest 1,000 are kept.
    pub runs: Vec<RunRecord>,
    /// When each policy last judged in each region, and in `global`.
    pub policies: BTreeMap<String, BTreeMap<String, Time>>,
    /// Every finding that ever failed, by id. One that has been resolved for two years is
    /// forgotten.
    pub findings: BTreeMap<String, Entry>,
    /// What could not be judged when it was last looked at, by id.
    pub unknown: BTreeMap<String, UnknownEntry>,
    /// News that somebody is still to be told.
    pub pending: Vec<Announcement>,
    /// The ids of the newest 1,000 announcements that were delivered.
    pub announced: Vec<String>,
}

impl Default for History {
    fn default() -> Self {
        History {
            kind: KIND.to_owned(),
            format_version: FORMAT_VERSION,
            identity_version: IDENTITY_VERSION,
            account: String::new(),
            partition: String::new(),
            runs: Vec::new(),
            policies: BTreeMap::new(),
            findings: BTreeMap::new(),
            unknown: BTreeMap::new(),
            pending: Vec::new(),
            announced: Vec::new(),
        }
    }
}

impl History {
    /// When the newest run began.
    pub fn newest(&self) -> Option<Time> {
        self.runs.iter().map(|run| run.taken_at).max()
    }
}

/// A run, as far as a trend needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunRecord {
    /// When it began.
    pub taken_at: Time,
    /// The regions that were asked.
    pub regions: Vec<String>,
    /// How many policies were judged by.
    pub policy_count: usize,
    /// Tells runs with other policies apart.
    pub policies_digest: String,
    /// The failures that nobody has accepted.
    pub failed: BySeverity,
    /// The failures that somebody lives with.
    pub accepted: usize,
    /// What could not be judged.
    pub unknown: usize,
    /// The findings that failed for the first time.
    pub new: usize,
    /// The findings that failed again.
    pub reopened: usize,
    /// The findings that were seen not to fail any more.
    pub resolved: usize,
}

/// A number for each severity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BySeverity {
    /// Tonight.
    pub critical: usize,
    /// This week.
    pub high: usize,
    /// Plan it.
    pub medium: usize,
    /// Tidy up.
    pub low: usize,
    /// Worth knowing.
    pub info: usize,
}

impl BySeverity {
    /// Counts some more of a severity.
    pub(crate) fn add(&mut self, severity: Severity, count: usize) {
        match severity {
            Severity::Critical => self.critical += count,
            Severity::High => self.high += count,
            Severity::Medium => self.medium += count,
            Severity::Low => self.low += count,
            Severity::Info => self.info += count,
        }
    }

    /// The number of a severity.
    pub fn of(&self, severity: Severity) -> usize {
        match severity {
            Severity::Critical => self.critical,
            Severity::High => self.high,
            Severity::Medium => self.medium,
            Severity::Low => self.low,
            Severity::Info => self.info,
        }
    }

    /// The number of this severity and of those that are worse.
    pub(crate) fn at_least(&self, severity: Severity) -> usize {
        Severity::ALL.into_iter().filter(|one| *one >= severity).map(|one| self.of(one)).sum()
    }
}

/// A finding that failed at least once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The finding, as it last failed.
    pub finding: Remembered,
    /// Where it stands.
    pub state: State,
    /// The run in which it came to stand there.
    pub changed_at: Time,
    /// Where it stood before; `null` for one that was new then.
    pub changed_from: Option<State>,
    /// Why it was not known before it first failed.
    pub new_because: NewBecause,
    /// The first run in which it failed.
    pub first_seen: Time,
    /// The newest run in which it failed.
    pub last_seen: Time,
    /// In how many runs it failed.
    pub seen_count: u32,
    /// How often it failed again after it was resolved.
    pub reopened_count: u32,
    /// The last day of the acceptance, where it is accepted.
    pub accepted_until: Option<String>,
    /// From when to when it was open; the newest 20 are kept.
    pub openings: Vec<Opening>,
}

/// A time in which a finding failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// The first run in which it failed.
    pub opened_at: Time,
    /// How it ended; `null` while it has not.
    pub end: Option<End>,
}

/// The end of an opening.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct End {
    /// The run that saw it.
    pub resolved_at: Time,
    /// What shows it.
    pub resolution: Resolution,
}

/// What could not be judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnknownEntry {
    /// The finding; its message says why.
    pub finding: Remembered,
    /// The first of the runs in a row that could not judge it.
    pub since: Time,
    /// Whether it stands for a list, so that other findings may be hidden behind it.
    pub is_list: bool,
}
