//! Histories and comparisons: what was known before, and what changed.

use super::{Configured, EXIT_CLEAN, EXIT_FINDINGS, EXIT_UNKNOWN, RunError};
use crate::finding::Severity;
use crate::history::diff::{Base, Difference, diff};
use crate::history::store::{self, FileStore, Store};
use crate::history::trend::Trend;
use crate::history::{file, report_file, show};
use crate::report::{Look, Run};
use crate::text::Lang;
use std::path::Path;

/// Where a history is kept if nobody says otherwise.
pub const HISTORY_FILE: &str = ".tenken/history.json";

/// Whether a history can be read, or begun, before AWS is asked. The account is only known
/// afterwards.
///
/// # Errors
/// It cannot be read or understood.
pub fn check_history(path: &Path) -> Result<(), RunError> {
    store::read(&FileStore::new(path))?;
    Ok(())
}

/// Takes the run into the history and tells the run what its findings were before. Gives
/// the number of verdicts that a newer run had superseded already.
///
/// # Errors
/// The history cannot be read, understood or written, or is of another account; it and the
/// run are then as they were.
pub fn remember(run: &mut Run, path: &Path) -> Result<usize, RunError> {
    let (_, changes) = store::update(&FileStore::new(path), run)?;
    run.past = Some(changes.past);
    Ok(changes.superseded)
}

/// Compares two files: snapshots, which are judged by the policies given, JSON reports, or
/// a history with one of these.
///
/// # Errors
/// A file cannot be read or is none of these, or the two cannot be compared.
pub fn compare(
    first: &Path,
    second: &Path,
    configured: &Configured,
    lang: Lang,
) -> Result<Difference, RunError> {
    let base = match read(first, configured, lang)? {
        Compared::Run(run) => Base::Run(run),
        Compared::History => Base::History(Box::new(store::read(&FileStore::new(first))?)),
    };
    match read(second, configured, lang)? {
        Compared::Run(run) => Ok(diff(&base, &run)?),
        Compared::History => Err(RunError::Compared {
            path: second.to_owned(),
            reason: lang
                .pick(
                    "it is a history; name it first, and the snapshot or report to compare with it second",
                    "これは履歴。履歴を 1 つ目に、比較するスナップショットまたはレポートを 2 つ目に指定する。",
                )
                .to_owned(),
        }),
    }
}

enum Compared {
    Run(Box<Run>),
    History,
}

fn read(path: &Path, configured: &Configured, lang: Lang) -> Result<Compared, RunError> {
    let refused = |reason: String| RunError::Compared { path: path.to_owned(), reason };
    let bytes = std::fs::read(path).map_err(|error| refused(error.to_string()))?;
    if file::is_history(&bytes) {
        return Ok(Compared::History);
    }
    if report_file::is_report(&bytes) {
        let run = report_file::parse(&bytes).map_err(|error| refused(error.text(lang)))?;
        return Ok(Compared::Run(Box::new(run)));
    }
    let mut run = super::judge(&super::load_snapshot(path)?, &configured.policies);
    super::accept(&mut run, &configured.config);
    Ok(Compared::Run(Box::new(run)))
}

/// The exit code of a comparison: 1 where something of this severity or worse is new or
/// fails again, 3 where only something cannot be judged any more.
pub fn difference_code(difference: &Difference, fail_on: Severity) -> u8 {
    if difference.has_news(fail_on) {
        EXIT_FINDINGS
    } else if difference.has_unknown(fail_on) {
        EXIT_UNKNOWN
    } else {
        EXIT_CLEAN
    }
}

/// A comparison as bytes: for people with a look, for programs without.
pub fn render_difference(difference: &Difference, look: Option<&Look>) -> Vec<u8> {
    look.map_or_else(|| show::difference_json(difference), |look| show::difference(difference, look))
}

/// What a history says about a long time, as bytes: for people with a look, for programs
/// without.
///
/// # Errors
/// There is none, or it cannot be read or understood.
pub fn render_history(path: &Path, look: Option<&Look>) -> Result<Vec<u8>, RunError> {
    let store = FileStore::new(path);
    let history = store::read(&store)?;
    if history.runs.is_empty() && matches!(store.load(), Ok(None)) {
        return Err(RunError::NoHistory { path: path.to_owned() });
    }
    let trend = Trend::new(&history);
    Ok(match look {
        Some(look) => show::trend(&history.account, &trend, look),
        None => show::trend_json(&history.account, &trend),
    })
}
