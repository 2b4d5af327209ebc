//! What a history says about a long time, for programs.

use crate::history::trend::Trend;
use crate::history::{BySeverity, History};
use crate::report::page::json::pretty;
use serde::Serialize;

/// The version of the form.
pub(crate) const FORMAT_VERSION: u32 = 1;

#[derive(Serialize)]
struct TrendForm<'a> {
    /// [`FORMAT_VERSION`].
    format_version: u32,
    account: &'a str,
    /// The oldest first.
    runs: Vec<RunForm<'a>>,
    /// How many findings are in each state that has some.
    states: Vec<StateForm>,
    /// The critical finding that has been open the longest; null for none.
    oldest_critical: Option<OldestForm<'a>>,
    /// Null where nothing was resolved yet.
    time_to_fix: Option<TimeToFixForm>,
}

#[derive(Serialize)]
struct RunForm<'a> {
    taken_at: String,
    regions: &'a [String],
    policy_count: usize,
    failed: &'a BySeverity,
    accepted: usize,
    unknown: usize,
    new: usize,
    reopened: usize,
    resolved: usize,
}

#[derive(Serialize)]
struct StateForm {
    state: &'static str,
    count: usize,
}

#[derive(Serialize)]
struct OldestForm<'a> {
    id: &'a str,
    policy: &'a str,
    resource: &'a str,
    region: &'a str,
    discriminator: &'a str,
    state: &'static str,
    age_seconds: i64,
}

#[derive(Serialize)]
struct TimeToFixForm {
    median_seconds: i64,
    count: usize,
}

/// What the history says, the same in every language.
pub(super) fn render(history: &History) -> Vec<u8> {
    let trend = Trend::new(history);
    let runs = trend.runs.iter().map(|run| RunForm {
        taken_at: run.taken_at.to_string(),
        regions: &run.regions,
        policy_count: run.policy_count,
        failed: &run.failed,
        accepted: run.accepted,
        unknown: run.unknown,
        new: run.new,
        reopened: run.reopened,
        resolved: run.resolved,
    });
    let states = trend.states.iter().map(|(state, count)| StateForm { state: state.as_str(), count: *count });
    pretty(&TrendForm {
        format_version: FORMAT_VERSION,
        account: &history.account,
        runs: runs.collect(),
        states: states.collect(),
        oldest_critical: trend.oldest_critical.map(|oldest| {
            let finding = &oldest.entry.finding;
            OldestForm {
                id: &finding.id,
                policy: &finding.policy,
                resource: &finding.resource,
                region: &finding.region,
                discriminator: &finding.discriminator,
                state: oldest.entry.state.as_str(),
                age_seconds: oldest.age_seconds,
            }
        }),
        time_to_fix: trend
            .time_to_fix
            .map(|fix| TimeToFixForm { median_seconds: fix.median_seconds, count: fix.count }),
    })
}
