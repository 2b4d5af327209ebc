//! A whole run, from the question to the news: the one place that knows the sequence.
//!
//! 1. Whatever can be refused is refused before AWS is asked: places that cannot be written to, a
//!    history that cannot be read, a channel that is not described.
//! 2. AWS is asked, or a file is read; the snapshot is saved where it is to be saved.
//! 3. It is judged, and what somebody lives with is taken into account.
//! 4. The history takes it in and queues its news, in one write.
//! 5. Reports are written.
//! 6. The channels are told what is queued for them.
//!
//! From the second step on nothing that fails loses anything else: what was found is reported even
//! where it cannot be remembered, and told even where the report cannot be written. Only what was
//! never queued, because the history could not be written, is not told.

use super::compare::check_history;
use super::exit_code;
use super::judge::judge_configured_while;
use super::notify;
use super::places::{HISTORY_FILE, PlaceName, Places, history_file};
use super::{Configured, Destination, Detail, EXIT_IMPOSSIBLE, Output, RunError, SnapshotSource, World};
use crate::config::{Place, Settings};
use crate::deliver::{Channel, Outcome};
use crate::finding::{AcceptanceRule, Run, Severity};
use crate::history::announcement::ChannelKind;
use crate::history::store::{HistoryError, Store};
use crate::price::PriceTable;
use crate::snapshot::Snapshot;
use crate::text::Lang;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What a run is asked for: flags, an event or a configuration in one form.
#[derive(Debug, Clone, Default)]
pub struct AuditRequest {
    /// The policies to judge by, and what the configuration says of acceptances and channels.
    pub configured: Configured,
    /// Which account, and how to reach it: regions, profile, role, address, time limits. Whatever
    /// else is in these settings is not looked at.
    pub connection: Settings,
    /// Where the snapshot comes from.
    pub source: SnapshotSource,
    /// Where the snapshot is saved, by itself and for its owner alone.
    pub save_snapshot: Option<PathBuf>,
    /// The history that the run is compared with and taken into.
    pub history: Option<Place>,
    /// The reports.
    pub outputs: Vec<Output>,
    /// How much they say on a terminal.
    pub detail: Detail,
    /// The channels that are told what changed; this takes a history.
    pub notify: Vec<ChannelKind>,
    /// The language of reports and messages.
    pub lang: Lang,
    /// The lowest severity that makes a failure count for the exit code.
    pub fail_on: Option<Severity>,
    /// When the run has to be over, as the world's clock counts from its start. Asking AWS ends
    /// early enough for the rest, and so does judging; what was not asked or judged by then is unknown.
    pub deadline: Option<Duration>,
}

/// A step of a run that can fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditStep {
    /// Seeing whether the places can be written to, before AWS is asked.
    CheckPlaces,
    /// Reading the history, before AWS is asked.
    OpenHistory,
    /// Finding the channels, before AWS is asked.
    OpenChannels,
    /// Asking AWS, or reading what it said before.
    TakeSnapshot,
    /// Saving the snapshot.
    SaveSnapshot,
    /// Taking the run into the history.
    Remember,
    /// Writing reports.
    Report,
}

/// A step that failed, and why.
#[derive(Debug)]
pub struct AuditFailure {
    /// The step.
    pub step: AuditStep,
    /// Why.
    pub error: Box<RunError>,
}

/// What a run that could ask AWS came to.
pub struct Audit {
    /// The verdicts, with what the history says of them where it could take them in.
    pub judged: Run,
    /// The exit code that follows from the verdicts alone.
    pub findings_code: u8,
    /// The acceptances that cover no failure.
    pub idle: Vec<AcceptanceRule>,
    /// How many verdicts changed nothing in the history, because a newer run is in it already.
    pub superseded: usize,
    /// The history, where one is kept.
    pub history: Option<Box<dyn Store>>,
    /// What was written, standard output left out.
    pub written: Vec<String>,
    /// What became of the news, one for each channel; none where the run could not be remembered.
    pub told: Vec<Result<Outcome, HistoryError>>,
    /// What failed, in order.
    pub failures: Vec<AuditFailure>,
}

impl Audit {
    /// What the process is to exit with: a run of which something failed was not possible as asked.
    pub fn exit_code(&self) -> u8 {
        if self.failures.is_empty() {
            notify::exit_code(self.findings_code, &self.told)
        } else {
            EXIT_IMPOSSIBLE
        }
    }

    /// What still waits for channels other than these, which were told, in the words of
    /// [`notify::untold`]; nothing where nobody was to be told anything.
    pub fn untold(&self, told: &[ChannelKind], lang: Lang) -> Option<String> {
        let store = self.history.as_deref().filter(|_| !self.told.is_empty())?;
        notify::untold(store, told, lang)
    }
}

/// What happens during a run, for whoever shows or logs it.
#[derive(Debug)]
pub enum AuditEvent<'e> {
    /// Places and history can be used.
    Begun,
    /// The snapshot is there.
    Taken {
        /// The snapshot.
        snapshot: &'e Snapshot,
        /// How long that took.
        took: Duration,
    },
    /// An acceptance covers no failure.
    Idle(&'e AcceptanceRule),
    /// The history has taken the run in.
    Remembered {
        /// The history's place.
        place: String,
        /// The run, with its past.
        judged: &'e Run,
        /// See [`Audit::superseded`].
        superseded: usize,
    },
    /// Whatever could be written of the reports is written; see [`Audit::written`].
    Reported(&'e [String]),
}

/// Carries out a run. `watch` is told what happens when it happens.
///
/// # Errors
/// AWS was not asked, or could not be. Whatever fails later is in [`Audit::failures`].
pub fn audit(
    request: &AuditRequest,
    world: &dyn World,
    watch: &dyn Fn(&AuditEvent<'_>),
) -> Result<Audit, AuditFailure> {
    check_places(request, world).map_err(failed(AuditStep::CheckPlaces))?;
    let history = open_history(request, world).map_err(failed(AuditStep::OpenHistory))?;
    if !request.notify.is_empty() && history.is_none() {
        return Err(failed(AuditStep::OpenChannels)(RunError::NotifyWithoutHistory));
    }
    watch(&AuditEvent::Begun);
    let channels = world
        .channels(&request.notify, &request.configured.config.notify, request.lang)
        .map_err(failed(AuditStep::OpenChannels))?;

    let snapshot = take(request, world, watch).map_err(failed(AuditStep::TakeSnapshot))?;
    let mut failures = Vec::new();
    if let Some(path) = &request.save_snapshot {
        let saved = world.save(&snapshot, path).map_err(failed(AuditStep::SaveSnapshot));
        failures.extend(saved.err());
    }

    let judging_end = request.deadline.map(|deadline| judging_end(world.clock().elapsed(), deadline));
    let goes_on = || judging_end.is_none_or(|end| world.clock().elapsed() < end);
    let (mut judged, idle) =
        judge_configured_while(&snapshot, &request.configured, PriceTable::embedded(), &goes_on);
    for rule in &idle {
        watch(&AuditEvent::Idle(rule));
    }

    let report = request.outputs.iter().find_map(|output| output.name_of_report(&judged));
    let channels: Vec<Box<dyn Channel>> =
        channels.into_iter().map(|channel| notify::with_report(channel, report.as_deref())).collect();
    let remembered = remember(&mut judged, history.as_deref(), &channels, watch);
    let (superseded, is_remembered) = match remembered {
        Ok(superseded) => (superseded, true),
        Err(error) => {
            failures.push(failed(AuditStep::Remember)(error));
            (0, false)
        }
    };

    let written = report_all(request, &judged, &snapshot, world, &mut failures);
    if !request.outputs.is_empty() {
        watch(&AuditEvent::Reported(&written));
    }

    // Last, so that nobody waits for the report.
    let told = match &history {
        Some(store) if is_remembered => {
            let left = request.deadline.map(|deadline| deadline.saturating_sub(world.clock().elapsed()));
            notify::tell(&**store, &channels, &world.name_of_run(), world.clock(), left)
        }
        _ => Vec::new(),
    };
    let findings_code = exit_code(&judged, request.fail_on.unwrap_or(Severity::Low));
    let idle = idle.into_iter().cloned().collect();
    Ok(Audit { judged, findings_code, idle, superseded, history, written, told, failures })
}

fn failed(step: AuditStep) -> impl Fn(RunError) -> AuditFailure {
    move |error| AuditFailure { step, error: Box::new(error) }
}

/// What a run reads and writes. The message says whether a flag or the configuration named it.
fn places(request: &AuditRequest) -> Places {
    let mut places = request.configured.places.clone();
    let file = &request.configured.config.settings;
    let name = |flag: &'static str, key: &'static str, is_of_file: bool| {
        if is_of_file { PlaceName::Key(key) } else { PlaceName::Flag(flag) }
    };
    match &request.source {
        SnapshotSource::Live => {}
        SnapshotSource::Recorded(folder) => places.reads_recording(PlaceName::Flag("--replay"), folder),
        SnapshotSource::Saved(path) => places.reads(PlaceName::Flag("--snapshot"), path),
    }
    if let Some(path) = &request.save_snapshot {
        let is_of_file = file.save_snapshot.as_ref() == Some(path);
        places.writes(name("--save-snapshot", "save_snapshot", is_of_file), path);
    }
    if let Some(place) = &request.history {
        places.keeps_history(name("--history", "history", file.history.as_ref() == Some(place)), place);
    }
    for output in &request.outputs {
        let is_of_file = matches!(output, Output::File { path, .. } if file.output.as_ref() == Some(path));
        let name = name("--output", "output", is_of_file);
        match output.destination() {
            Destination::Screen => {}
            Destination::File(path) => places.writes(name, &path),
            Destination::Object(prefix) => places.writes_objects(name, &prefix),
        }
    }
    places
}

fn check_places(request: &AuditRequest, world: &dyn World) -> Result<(), RunError> {
    places(request).check()?;
    let outputs = request.outputs.iter().map(Output::destination);
    let snapshot = request.save_snapshot.iter().cloned().map(Destination::File);
    // Only the default may make its folder: another is more likely a slip.
    let history = request.history.iter().filter_map(|place| match place {
        Place::File(path) if path != Path::new(HISTORY_FILE) => Some(Destination::File(history_file(path))),
        _ => None,
    });
    outputs.chain(snapshot).chain(history).try_for_each(|destination| world.check_writable(&destination))
}

fn open_history(request: &AuditRequest, world: &dyn World) -> Result<Option<Box<dyn Store>>, RunError> {
    let Some(place) = &request.history else {
        return Ok(None);
    };
    let store = world.history(place)?;
    check_history(&*store)?;
    Ok(Some(store))
}

fn take(
    request: &AuditRequest,
    world: &dyn World,
    watch: &dyn Fn(&AuditEvent<'_>),
) -> Result<Snapshot, RunError> {
    let begun = world.clock().elapsed();
    let most = request.deadline.map(|deadline| collecting_time(deadline.saturating_sub(begun)));
    let snapshot = world.snapshot(&request.source, &request.connection, most)?;
    let took = world.clock().elapsed().saturating_sub(begun);
    watch(&AuditEvent::Taken { snapshot: &snapshot, took });
    Ok(snapshot)
}

// The number of superseded verdicts.
fn remember(
    judged: &mut Run,
    history: Option<&dyn Store>,
    channels: &[Box<dyn Channel>],
    watch: &dyn Fn(&AuditEvent<'_>),
) -> Result<usize, RunError> {
    let Some(store) = history else {
        return Ok(0);
    };
    let superseded = notify::remember_with_news(judged, store, channels)?;
    watch(&AuditEvent::Remembered { place: store.place(), judged, superseded });
    Ok(superseded)
}

fn report_all(
    request: &AuditRequest,
    judged: &Run,
    snapshot: &Snapshot,
    world: &dyn World,
    failures: &mut Vec<AuditFailure>,
) -> Vec<String> {
    let mut written = Vec::new();
    for output in &request.outputs {
        for document in output.documents(judged, snapshot, request.lang, &request.detail) {
            let destination = document.and_then(|document| {
                world.write(&document)?;
                Ok(document.destination)
            });
            match destination {
                Ok(Destination::Screen) => {}
                Ok(destination) => written.push(destination.to_string()),
                Err(error) => failures.push(failed(AuditStep::Report)(error)),
            }
        }
    }
    written
}

// The time that asking AWS may take of what is left: the rest is for judging, storing and telling. A
// tenth, and at least a quarter of a minute; of a short time, half.
fn collecting_time(left: Duration) -> Duration {
    let rest = (left / 10).max(Duration::from_secs(15)).min(left / 2);
    left.saturating_sub(rest)
}

// When judging ends that begins now: half of what is left is for storing, reporting and telling.
fn judging_end(now: Duration, deadline: Duration) -> Duration {
    now + deadline.saturating_sub(now) / 2
}

#[cfg(test)]
mod tests;
