//! Where a snapshot comes from, and where it is kept.

use super::RunError;
#[cfg(feature = "aws")]
use crate::ask::{Progress, ScanOptions};
#[cfg(feature = "aws")]
use crate::collect;
#[cfg(feature = "aws")]
use crate::config::{DEFAULT_TIMEOUT, Settings};
use crate::snapshot::Snapshot;
use crate::snapshot::store;
use std::path::{Path, PathBuf};
#[cfg(feature = "aws")]
use std::sync::Arc;

/// Where a snapshot comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum SnapshotSource {
    /// AWS is asked.
    #[default]
    Live,
    /// The account that is recorded in this folder.
    Recorded(PathBuf),
    /// This file, as [`save_snapshot`] wrote it.
    Saved(PathBuf),
}

/// Reads a saved snapshot.
///
/// # Errors
/// See [`store::load`].
pub fn load_snapshot(path: &Path) -> Result<Snapshot, RunError> {
    Ok(store::load(path)?)
}

/// Writes a snapshot that only its owner can read.
///
/// # Errors
/// See [`store::save`].
pub fn save_snapshot(snapshot: &Snapshot, path: &Path) -> Result<(), RunError> {
    Ok(store::save(snapshot, path)?)
}

/// A snapshot as [`save_snapshot`] writes it; `name` is for messages.
///
/// # Errors
/// It cannot be written as JSON.
pub(crate) fn snapshot_bytes(snapshot: &Snapshot, name: &str) -> Result<Vec<u8>, RunError> {
    Ok(store::render(snapshot, Path::new(name))?)
}

/// The options of a scan that flags, an event or `tenken.toml` give.
#[cfg(feature = "aws")]
pub fn scan_options(settings: &Settings) -> ScanOptions {
    let settings = settings.clone();
    let defaults = ScanOptions::default();
    ScanOptions {
        regions: settings.regions.unwrap_or_default(),
        profile: settings.profile,
        role_arn: settings.role_arn,
        external_id: settings.external_id,
        endpoint_url: settings.endpoint_url,
        timeout: settings.timeout.or(Some(DEFAULT_TIMEOUT)),
        attempt_timeout: settings.attempt_timeout.unwrap_or(defaults.attempt_timeout),
        operation_timeout: settings.operation_timeout.unwrap_or(defaults.operation_timeout),
        answer_limit_bytes: settings.answer_limit_bytes.unwrap_or(defaults.answer_limit_bytes),
        replay: None,
        record: None,
    }
}

/// Asks AWS, or a recorded account.
///
/// # Errors
/// What makes a scan impossible: no credentials, no region, an unreadable recording.
#[cfg(feature = "aws")]
pub fn collect(options: &ScanOptions, progress: Arc<dyn Progress>) -> Result<Snapshot, RunError> {
    // One thread: the answers of an account are read in milliseconds, and waiting needs none.
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(RunError::Start)?;
    Ok(runtime.block_on(collect::scan(options, progress))?)
}
