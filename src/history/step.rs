//! From one run to the next.

use super::sight::{Fate, Sight, place, stands_for_list};
use super::{BySeverity, End, Entry, GLOBAL, History, Opening, RunRecord, Time, UnknownEntry};
use crate::digest::sha256;
use crate::finding::{
    Change, Finding, Life, NewBecause, Past, Remembered, Resolution, Run, State, Turn, Verdict,
};
use crate::text::{Explained, Text};
use std::collections::BTreeMap;

/// How many runs are kept.
const MOST_RUNS: usize = 1000;
/// How many openings of a finding are kept.
const MOST_OPENINGS: usize = 20;
/// After this, a resolved finding is forgotten.
const FORGET_SECONDS: i64 = 2 * 365 * 24 * 60 * 60;

/// Why a run cannot be taken in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.what().en)]
pub enum StepError {
    /// The run's time is not a time.
    NoTime {
        /// As the run says.
        taken_at: String,
    },
    /// The history belongs to another account.
    OtherAccount {
        /// The run's.
        found: String,
        /// The history's.
        expected: String,
    },
}

impl Explained for StepError {
    fn what(&self) -> Text {
        match self {
            StepError::NoTime { taken_at } => Text::new(
                format!("the time of the run, `{taken_at}`, is not an RFC 3339 time"),
                format!("実行時刻 `{taken_at}` は RFC 3339 形式ではない"),
            ),
            StepError::OtherAccount { found, expected } => Text::new(
                format!(
                    "the run is of account {found}, and the history is of account {expected}; keep one history for each account"
                ),
                format!(
                    "今回はアカウント {found}、履歴はアカウント {expected} のもの。履歴はアカウントごとに分ける"
                ),
            ),
        }
    }
}

/// What a run changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// What reports say about it.
    pub past: Past,
    /// How many verdicts were left out because a newer run had looked there already.
    pub superseded: usize,
}

/// Takes in a run. The same run taken in twice changes nothing the second time.
///
/// A run that is older than what is known of a policy in a region changes nothing there:
/// two scans that end in the other order leave what the newer one saw.
///
/// # Errors
/// The run is of another account, or has no time.
pub fn step(previous: &History, run: &Run) -> Result<(History, Changes), StepError> {
    let time =
        Time::parse(&run.taken_at).ok_or_else(|| StepError::NoTime { taken_at: run.taken_at.clone() })?;
    step_at(previous, run, time)
}

/// The same, as if the run had begun at another time: a comparison puts the second of two
/// runs behind the first even where both are of the same snapshot.
pub(super) fn step_at(previous: &History, run: &Run, time: Time) -> Result<(History, Changes), StepError> {
    let is_other = (previous.account != run.account && !previous.account.is_empty())
        || (previous.partition != run.partition && !previous.partition.is_empty());
    if is_other {
        let name = |account: &str, partition: &str| match partition {
            "" | "aws" => account.to_owned(),
            partition => format!("{account} ({partition})"),
        };
        return Err(StepError::OtherAccount {
            found: name(&run.account, &run.partition),
            expected: name(&previous.account, &previous.partition),
        });
    }
    let sight = Sight::new(run, time);
    let mut history = previous.clone();
    history.account.clone_from(&run.account);
    history.partition.clone_from(&run.partition);
    let not_looked_at = advance_known(&mut history, previous, &sight);
    let superseded = add_new(&mut history, previous, &sight);
    note_unknown(&mut history, previous, &sight);
    note_looks(&mut history, &sight);
    forget(&mut history, time);
    let past = Past {
        previous_run: previous
            .runs
            .iter()
            .map(|run| run.taken_at)
            .filter(|at| *at < time)
            .max()
            .map(String::from),
        lives: lives(&history, previous, &sight),
        changes: changes(&history, time),
        not_looked_at,
    };
    record(&mut history, &sight, &past);
    Ok((history, Changes { past, superseded }))
}

/// Whether a newer run has judged by this policy there.
fn is_superseded(previous: &History, policy: &str, place: &str, time: Time) -> bool {
    previous.policies.get(policy).and_then(|looks| looks.get(place)).is_some_and(|newest| *newest > time)
}

/// When any policy last judged there.
fn newest_look(previous: &History, place: &str) -> Option<Time> {
    previous.policies.values().filter_map(|looks| looks.get(place)).max().copied()
}

// Gives the number of open findings where the run did not look.
fn advance_known(history: &mut History, previous: &History, sight: &Sight<'_>) -> usize {
    let mut not_looked_at = 0;
    for entry in history.findings.values_mut() {
        let (policy, place) = (&entry.finding.policy, place(&entry.finding.resource, &entry.finding.region));
        if is_superseded(previous, policy, place, sight.time) {
            take_in_late(entry, sight.fate(&entry.finding, previous), sight.time);
            continue;
        }
        match sight.fate(&entry.finding, previous) {
            Fate::Fails(finding) => fail(entry, finding, sight.time),
            Fate::Resolved(resolution) => resolve(entry, resolution, sight.time),
            Fate::Hidden => set_aside(entry, State::UnknownWasOpen, sight.time),
            Fate::PolicyWithdrawn => {
                // Only the newest run says which policies there are.
                if newest_look(previous, place).is_none_or(|newest| newest <= sight.time) {
                    set_aside(entry, State::PolicyWithdrawn, sight.time);
                }
            }
            Fate::NotLookedAt => not_looked_at += usize::from(entry.state != State::Resolved),
        }
    }
    not_looked_at
}

// A newer run has looked there already. What it could not see, the older one may have seen.
fn take_in_late(entry: &mut Entry, fate: Fate<'_>, time: Time) {
    let fails = matches!(fate, Fate::Fails(_));
    if fails && time < entry.first_seen {
        entry.first_seen = time;
        if let [opening] = entry.openings.as_mut_slice() {
            opening.opened_at = time;
        }
    }
    if entry.state != State::UnknownWasOpen || time <= entry.last_seen {
        return;
    }
    match fate {
        Fate::Fails(_) => {
            entry.last_seen = time;
            entry.seen_count = entry.seen_count.saturating_add(1);
        }
        Fate::Resolved(resolution) => resolve(entry, resolution, time),
        Fate::Hidden | Fate::PolicyWithdrawn | Fate::NotLookedAt => {}
    }
}

fn turn_to(entry: &mut Entry, state: State, time: Time) {
    if entry.state != state {
        entry.changed_from = Some(entry.state);
        entry.changed_at = time;
        entry.state = state;
    }
}

fn fail(entry: &mut Entry, finding: &Finding, time: Time) {
    entry.finding = Remembered::new(finding);
    if time > entry.last_seen {
        entry.last_seen = time;
        entry.seen_count = entry.seen_count.saturating_add(1);
    }
    let mut is_reopened = false;
    if entry.state == State::Resolved {
        match entry.openings.last_mut() {
            // The same run was judged again, by other policies or acceptances.
            Some(opening) if opening.end.is_some_and(|end| end.resolved_at == time) => opening.end = None,
            _ => {
                is_reopened = true;
                entry.reopened_count = entry.reopened_count.saturating_add(1);
                entry.openings.push(Opening { opened_at: time, end: None });
                let surplus = entry.openings.len().saturating_sub(MOST_OPENINGS);
                entry.openings.drain(..surplus);
            }
        }
    }
    entry.accepted_until = finding.accepted.as_ref().map(|accepted| accepted.until.to_string());
    let is_news = matches!(entry.state, State::New | State::Reopened) && entry.changed_at == time;
    if entry.accepted_until.is_some() {
        turn_to(entry, State::Accepted, time);
    } else if is_reopened {
        turn_to(entry, State::Reopened, time);
    } else if !is_news {
        turn_to(entry, State::Open, time);
    }
}

fn resolve(entry: &mut Entry, resolution: Resolution, time: Time) {
    if entry.state == State::Resolved {
        return;
    }
    if let Some(opening) = entry.openings.last_mut() {
        opening.end = Some(End { resolved_at: time, resolution });
    }
    entry.accepted_until = None;
    turn_to(entry, State::Resolved, time);
}

// Neither open nor resolved. What was resolved stays so until it is seen to fail.
fn set_aside(entry: &mut Entry, state: State, time: Time) {
    if entry.state != State::Resolved {
        turn_to(entry, state, time);
    }
}

// Gives the number of verdicts that came too late.
fn add_new(history: &mut History, previous: &History, sight: &Sight<'_>) -> usize {
    let mut superseded = 0;
    for finding in sight.findings() {
        let place = place(&finding.resource, &finding.region);
        let is_late = is_superseded(previous, &finding.policy, place, sight.time);
        // Where the newer run could not see, the failure counts, as one that is hidden now.
        let is_hidden = is_late && previous.unknown.values().any(|unknown| hid(unknown, finding));
        superseded += usize::from(is_late);
        let is_unheard = finding.verdict == Verdict::Fail && !history.findings.contains_key(&finding.id);
        if is_unheard && (!is_late || is_hidden) {
            let mut entry = new_entry(finding, why_new(previous, finding, sight.time), sight.time);
            if is_hidden {
                turn_to(&mut entry, State::UnknownWasOpen, sight.time);
            }
            history.findings.insert(finding.id.clone(), entry);
        }
    }
    superseded
}

fn new_entry(finding: &Finding, new_because: NewBecause, time: Time) -> Entry {
    let accepted_until = finding.accepted.as_ref().map(|accepted| accepted.until.to_string());
    Entry {
        finding: Remembered::new(finding),
        state: if accepted_until.is_some() { State::Accepted } else { State::New },
        changed_at: time,
        changed_from: None,
        new_because,
        first_seen: time,
        last_seen: time,
        seen_count: 1,
        reopened_count: 0,
        accepted_until,
        openings: vec![Opening { opened_at: time, end: None }],
    }
}

fn why_new(previous: &History, finding: &Finding, time: Time) -> NewBecause {
    let place = place(&finding.resource, &finding.region);
    // The same run judged again is not a look of before.
    let is_before = |at: &&Time| **at < time;
    let looked = previous.policies.get(&finding.policy).and_then(|looks| looks.get(place));
    let newest = previous.policies.values().filter_map(|looks| looks.get(place)).filter(is_before).max();
    let is_first = !previous.policies.values().flat_map(BTreeMap::values).any(|at| *at < time);
    match (looked, newest) {
        _ if is_first => NewBecause::FirstRun,
        (_, None) => NewBecause::RegionIsNew,
        (None, _) => NewBecause::PolicyIsNew,
        (Some(looked), Some(newest)) if looked < newest => NewBecause::PolicyReturned,
        _ if previous.unknown.values().any(|unknown| hid(unknown, finding)) => NewBecause::WasUnknown,
        _ => NewBecause::AccountChanged,
    }
}

// Whether the finding may have been there behind what could not be judged.
fn hid(unknown: &UnknownEntry, finding: &Finding) -> bool {
    let UnknownEntry { finding: hiding, is_list, .. } = unknown;
    hiding.policy == finding.policy
        && (hiding.id == finding.id
            || (hiding.resource == finding.resource && hiding.discriminator.is_empty())
            || (*is_list
                && (hiding.region == finding.region || place(&finding.resource, &finding.region) == GLOBAL)))
}

fn note_unknown(history: &mut History, previous: &History, sight: &Sight<'_>) {
    history.unknown.retain(|_, unknown| {
        let known = &unknown.finding;
        let place = place(&known.resource, &known.region);
        !sight.judged(&known.policy)
            || !sight.looked_at(place)
            || is_superseded(previous, &known.policy, place, sight.time)
    });
    let is_unknown = |finding: &&Finding| matches!(finding.verdict, Verdict::Unknown(_));
    for finding in sight.findings().filter(is_unknown) {
        let place = place(&finding.resource, &finding.region);
        if is_superseded(previous, &finding.policy, place, sight.time) {
            continue;
        }
        let since = previous.unknown.get(&finding.id).map_or(sight.time, |known| known.since);
        let unknown =
            UnknownEntry { finding: Remembered::new(finding), since, is_list: stands_for_list(finding) };
        history.unknown.insert(finding.id.clone(), unknown);
    }
}

fn note_looks(history: &mut History, sight: &Sight<'_>) {
    for policy in &sight.run.policies {
        let looks = history.policies.entry(policy.id.clone()).or_default();
        let regions = sight.run.regions.iter().map(String::as_str);
        for place in regions.chain([GLOBAL]) {
            let newest = looks.entry(place.to_owned()).or_insert(sight.time);
            *newest = (*newest).max(sight.time);
        }
    }
}

fn forget(history: &mut History, time: Time) {
    history.findings.retain(|_, entry| {
        entry.state != State::Resolved || time.seconds_since(entry.changed_at) <= FORGET_SECONDS
    });
}

fn lives(history: &History, previous: &History, sight: &Sight<'_>) -> BTreeMap<String, Life> {
    let mut lives = BTreeMap::new();
    for finding in sight.findings() {
        let place = place(&finding.resource, &finding.region);
        let Some(entry) = history.findings.get(&finding.id) else {
            continue;
        };
        if !is_superseded(previous, &finding.policy, place, sight.time) {
            let (first_seen, new_because) = (String::from(entry.first_seen), entry.new_because);
            lives.insert(finding.id.clone(), Life { state: entry.state, first_seen, new_because });
        }
    }
    lives
}

// Read from the new history alone, so that a run taken in twice says the same twice.
fn changes(history: &History, time: Time) -> Vec<Change> {
    let mut changes = Vec::new();
    for entry in history.findings.values().filter(|entry| entry.changed_at == time) {
        let was = entry.changed_from;
        let turn = match entry.state {
            State::New => Turn::New(entry.new_because),
            State::Reopened => Turn::Reopened,
            State::Accepted => Turn::Accepted { until: entry.accepted_until.clone().unwrap_or_default() },
            State::UnknownWasOpen => Turn::Unknown { was_open: true },
            State::PolicyWithdrawn => Turn::PolicyWithdrawn,
            State::Resolved => match entry.openings.last().and_then(|opening| opening.end) {
                Some(end) => Turn::Resolved(end.resolution),
                None => continue,
            },
            State::Open => match was {
                Some(State::Accepted) => Turn::AcceptanceEnded,
                Some(State::UnknownWasOpen | State::PolicyWithdrawn) => Turn::SeenAgain,
                _ => continue,
            },
        };
        let first_seen = String::from(entry.first_seen);
        changes.push(Change { turn, finding: entry.finding.clone(), first_seen });
    }
    for (id, unknown) in history.unknown.iter().filter(|(_, unknown)| unknown.since == time) {
        let was_open = history.findings.get(id).is_some_and(|entry| entry.state == State::UnknownWasOpen);
        if !was_open {
            let (finding, first_seen) = (unknown.finding.clone(), String::from(unknown.since));
            changes.push(Change { turn: Turn::Unknown { was_open: false }, finding, first_seen });
        }
    }
    changes.sort_by(|left, right| {
        let key = |change: &Change| (rank(&change.turn), std::cmp::Reverse(change.finding.severity));
        let name = |change: &Change| {
            let finding = &change.finding;
            (finding.policy.clone(), finding.resource.clone(), finding.discriminator.clone())
        };
        key(left).cmp(&key(right)).then_with(|| name(left).cmp(&name(right)))
    });
    changes
}

/// The order of changes for people; reasons do not part them.
fn rank(turn: &Turn) -> u8 {
    match turn {
        Turn::New(_) => 0,
        Turn::Reopened => 1,
        Turn::AcceptanceEnded => 2,
        Turn::SeenAgain => 3,
        Turn::Unknown { was_open: true } => 4,
        Turn::Unknown { was_open: false } => 5,
        Turn::PolicyWithdrawn => 6,
        Turn::Accepted { .. } => 7,
        Turn::Resolved(_) => 8,
    }
}

fn record(history: &mut History, sight: &Sight<'_>, past: &Past) {
    let run = sight.run;
    let mut ids: Vec<&str> = run.policies.iter().map(|policy| policy.id.as_str()).collect();
    ids.sort_unstable();
    let totals = run.totals();
    // In the order of `Severity::ALL`.
    let [critical, high, medium, low, info] = totals.failed_by_severity;
    let count =
        |is_counted: fn(&Turn) -> bool| past.changes.iter().filter(|change| is_counted(&change.turn)).count();
    let record = RunRecord {
        taken_at: sight.time,
        regions: run.regions.clone(),
        policy_count: ids.len(),
        policies_digest: sha256(ids.join("\n"), 8),
        failed: BySeverity { critical, high, medium, low, info },
        accepted: totals.accepted,
        unknown: totals.unknown,
        new: count(|turn| matches!(turn, Turn::New(_))),
        reopened: count(|turn| *turn == Turn::Reopened),
        resolved: count(|turn| matches!(turn, Turn::Resolved(_))),
    };
    let key = |run: &RunRecord| (run.taken_at, run.regions.clone(), run.policies_digest.clone());
    history.runs.retain(|known| key(known) != key(&record));
    history.runs.push(record);
    history.runs.sort_by_key(key);
    let surplus = history.runs.len().saturating_sub(MOST_RUNS);
    history.runs.drain(..surplus);
}

#[cfg(test)]
mod tests;
