//! Histories and comparisons: what was known before, and what changed.

use super::places::history_file;
use super::{Configured, EXIT_CLEAN, EXIT_FINDINGS, EXIT_UNKNOWN, RunError};
use crate::config::{Place, S3Place};
use crate::deliver::Access;
use crate::files::{self, MOST_SAVED};
use crate::finding::{Run, Severity};
use crate::history::diff::{Base, Difference, diff};
use crate::history::file;
use crate::history::store::{self, FileStore, Store};
use crate::price::PriceTable;
use crate::report::scan::read as report_file;
use crate::report::{Format, Look, render};
use crate::text::{Explained, Text};
use std::path::Path;

/// The store of a history; nothing is asked or opened yet. `access` is only used for S3.
///
/// # Errors
/// It is in S3, and this tenken was built without AWS.
pub fn open_history(place: &Place, access: &Access) -> Result<Box<dyn Store>, RunError> {
    match place {
        Place::File(path) => Ok(Box::new(FileStore::new(&history_file(path)))),
        Place::S3(place) => open_in_s3(place, access),
    }
}

#[cfg(feature = "aws")]
fn open_in_s3(place: &S3Place, access: &Access) -> Result<Box<dyn Store>, RunError> {
    let bucket = crate::deliver::s3::S3Client::open(access)?;
    Ok(Box::new(crate::deliver::s3::S3Store::new(bucket, place.clone())))
}

#[cfg(not(feature = "aws"))]
fn open_in_s3(place: &S3Place, _access: &Access) -> Result<Box<dyn Store>, RunError> {
    Err(RunError::NoAws { place: place.to_string() })
}

/// Whether a history can be read, or begun, before AWS is asked. The account is only known
/// afterwards.
///
/// # Errors
/// It cannot be read or understood.
pub(crate) fn check_history(store: &dyn Store) -> Result<(), RunError> {
    store::read(store)?;
    Ok(())
}

/// Compares two files: snapshots, which are judged by the policies given, JSON reports, or
/// a history, which may be in S3, with one of these.
///
/// # Errors
/// A file cannot be read or is none of these, or the two cannot be compared.
pub fn compare(first: &Place, second: &Path, configured: &Configured) -> Result<Difference, RunError> {
    let history = |place: &Place| -> Result<Base, RunError> {
        let store = open_history(place, &Access::default())?;
        Ok(Base::History(Box::new(store::read(&*store)?)))
    };
    let base = match first {
        Place::S3(_) => history(first)?,
        Place::File(path) => match read(&history_file(path), configured)? {
            Compared::Run(run) => Base::Run(run),
            Compared::History => history(first)?,
        },
    };
    match read(second, configured)? {
        Compared::Run(run) => Ok(diff(&base, &run)?),
        Compared::History => Err(RunError::Compared {
            path: second.to_owned(),
            reason: Text::new(
                "it is a history; name it first, and the snapshot or report to compare with it second",
                "これは履歴。履歴を 1 つ目に、比較するスナップショットまたはレポートを 2 つ目に指定する。",
            ),
        }),
    }
}

enum Compared {
    Run(Box<Run>),
    History,
}

fn read(path: &Path, configured: &Configured) -> Result<Compared, RunError> {
    let refused = |reason: Text| RunError::Compared { path: path.to_owned(), reason };
    let bytes = files::read(path, MOST_SAVED).map_err(|error| refused(error.what()))?;
    if file::is_history(&bytes) {
        return Ok(Compared::History);
    }
    if report_file::is_report(&bytes) {
        let run = report_file::parse(&bytes).map_err(|error| refused(error.what()))?;
        return Ok(Compared::Run(Box::new(run)));
    }
    // A report that is broken is not to be called a broken snapshot.
    if let Some(error) = report_file::damage(&bytes) {
        return Err(refused(error.what()));
    }
    let snapshot = super::load_snapshot(path)?;
    let (run, _) = super::judge_configured(&snapshot, configured, PriceTable::embedded());
    Ok(Compared::Run(Box::new(run)))
}

/// The exit code of a comparison: 1 where something of this severity or worse is new or
/// fails again, 3 where only something can no longer be judged.
pub fn difference_code(difference: &Difference, fail_on: Severity) -> u8 {
    if difference.has_news(fail_on) {
        EXIT_FINDINGS
    } else if difference.has_unknown(fail_on) {
        EXIT_UNKNOWN
    } else {
        EXIT_CLEAN
    }
}

/// A comparison as bytes.
pub fn render_difference(difference: &Difference, format: Format, look: &Look) -> Vec<u8> {
    render(difference, format, look)
}

/// What a history says about a long time, as bytes.
///
/// # Errors
/// There is none, or it cannot be read or understood.
pub fn render_history(store: &dyn Store, format: Format, look: &Look) -> Result<Vec<u8>, RunError> {
    let history = store::read(store)?;
    if history.runs.is_empty() && matches!(store.load(), Ok(None)) {
        return Err(RunError::NoHistory { place: store.place() });
    }
    Ok(render(&history, format, look))
}
