//! Where a history is kept, and how two runs at once do not lose each other's result.
//!
//! A store compares and swaps: what is written replaces the version that was read, or
//! nothing. On a conflict the run is taken in again, on top of what the other run left.

mod folder;

pub use folder::FileStore;

use super::file::{self, FileError};
use super::pending::queue;
use super::{Changes, History, StepError, step};
use crate::finding::Run;
use crate::history::announcement::Addressee;
use crate::text::{Explained, Text};
use std::time::Duration;

/// Which of the contents that a place has had; equal only for equal contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version(pub String);

/// What a store held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// For [`Store::store`].
    pub version: Version,
}

/// Why a store did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.what().en)]
pub enum StoreError {
    /// Somebody else wrote since the version was read. Read again.
    Conflict,
    /// Somebody else has been writing for too long.
    Busy {
        /// Who, as far as it is known.
        owner: String,
    },
    /// The place says no, and there is something to do about it.
    Refused {
        /// What it said, and what it takes.
        reason: Text,
    },
    /// The place cannot be read or written.
    Failed {
        /// What it said.
        reason: String,
    },
}

impl Explained for StoreError {
    fn what(&self) -> Text {
        match self {
            StoreError::Conflict => Text::new(
                "other runs kept writing at the same time; try again",
                "ほかの実行が同時に書き込み続けている。再実行する。",
            ),
            StoreError::Busy { owner } => Text::new(
                format!(
                    "{owner} has been writing it for longer than {} seconds; try again, or stop that process if it hangs",
                    folder::PATIENCE_SECONDS
                ),
                format!(
                    "{owner} が {} 秒を超えて書き込み中。再実行するか、停止している場合はそのプロセスを終了する。",
                    folder::PATIENCE_SECONDS
                ),
            ),
            StoreError::Refused { reason } => reason.clone(),
            StoreError::Failed { reason } => Text::same(reason.as_str()),
        }
    }
}

/// A place for one history.
pub trait Store {
    /// The place, for messages.
    fn place(&self) -> String;

    /// What it holds; `None` where there is nothing yet.
    ///
    /// # Errors
    /// The place cannot be read.
    fn load(&self) -> Result<Option<Stored>, StoreError>;

    /// Replaces the version that was read, in one step: a crash leaves the old contents or
    /// the new ones. `None` expects that there is nothing yet.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where it holds another version, or it cannot be written.
    fn store(&self, bytes: &[u8], expected: Option<&Version>) -> Result<Version, StoreError>;
}

/// Why a history could not be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.what().en)]
pub enum HistoryError {
    /// It cannot be read.
    Read {
        /// Where.
        place: String,
        /// Why.
        error: StoreError,
    },
    /// It cannot be written.
    Write {
        /// Where.
        place: String,
        /// Why.
        error: StoreError,
    },
    /// It cannot be understood.
    File {
        /// Where.
        place: String,
        /// Why.
        error: FileError,
    },
    /// The run cannot be taken in.
    Step {
        /// Where.
        place: String,
        /// Why.
        error: StepError,
    },
}

impl Explained for HistoryError {
    fn what(&self) -> Text {
        match self {
            HistoryError::Read { place, error } => {
                let reason = error.what();
                Text::new(
                    format!("read the history {place}: {}", reason.en),
                    format!("履歴 {place} を読み込めない: {}", reason.ja),
                )
            }
            HistoryError::Write { place, error } => {
                let reason = error.what();
                Text::new(
                    format!("write the history {place}: {}", reason.en),
                    format!("履歴 {place} に書き込めない: {}", reason.ja),
                )
            }
            HistoryError::File { place, error } => {
                let reason = error.what();
                Text::new(
                    format!("use the history {place}: {}", reason.en),
                    format!("履歴 {place} を使用できない: {}", reason.ja),
                )
            }
            HistoryError::Step { place, error } => {
                let reason = error.what();
                Text::new(
                    format!("update the history {place}: {}; it was left as it is", reason.en),
                    format!("履歴 {place} を更新できない: {}。ファイルは変更していない。", reason.ja),
                )
            }
        }
    }
}

/// How often a run is taken in again when others keep writing.
const MOST_ATTEMPTS: u32 = 50;
/// The pause after the first conflict; it grows with each.
const PAUSE: Duration = Duration::from_millis(5);

/// Reads a history; an empty one where there is none yet.
///
/// # Errors
/// It cannot be read or understood.
pub fn read(store: &dyn Store) -> Result<History, HistoryError> {
    Ok(read_with_version(store)?.0)
}

fn read_with_version(store: &dyn Store) -> Result<(History, Option<Stored>), HistoryError> {
    let place = store.place();
    let stored = store.load().map_err(|error| HistoryError::Read { place: place.clone(), error })?;
    let history = match &stored {
        Some(stored) => file::parse(&stored.bytes).map_err(|error| HistoryError::File { place, error })?,
        None => History::default(),
    };
    Ok((history, stored))
}

/// Takes in a run and stores what is known then.
///
/// # Errors
/// The history cannot be read, understood or written, or it belongs to another account.
/// It is then as it was.
pub fn update(store: &dyn Store, run: &Run) -> Result<(History, Changes), HistoryError> {
    update_with_news(store, run, &[])
}

/// The same, and queues the news of the run for whom it is meant, all in one write: nothing
/// that is known to have changed can be forgotten to be told.
///
/// # Errors
/// See [`update`].
pub fn update_with_news(
    store: &dyn Store,
    run: &Run,
    addressees: &[Addressee],
) -> Result<(History, Changes), HistoryError> {
    let refused = |error| HistoryError::Step { place: store.place(), error };
    change(store, |history| {
        let (mut history, changes) = step(history, run).map_err(refused)?;
        queue(&mut history, run, &changes, addressees);
        Ok((history, changes))
    })
}

/// Changes a history by a function that may be called several times, each time with what
/// the store holds then.
///
/// # Errors
/// The history cannot be read, understood or written, or the function refuses.
pub fn change<T>(
    store: &dyn Store,
    function: impl Fn(&History) -> Result<(History, T), HistoryError>,
) -> Result<(History, T), HistoryError> {
    let mut attempts = 0;
    loop {
        let (known, stored) = read_with_version(store)?;
        let (history, answer) = function(&known)?;
        let bytes = file::render(&history);
        if stored.as_ref().is_some_and(|stored| stored.bytes == bytes) {
            return Ok((history, answer));
        }
        attempts += 1;
        match store.store(&bytes, stored.as_ref().map(|stored| &stored.version)) {
            Ok(_) => return Ok((history, answer)),
            Err(StoreError::Conflict) if attempts < MOST_ATTEMPTS => {
                std::thread::sleep(PAUSE * attempts.min(20))
            }
            Err(error) => return Err(HistoryError::Write { place: store.place(), error }),
        }
    }
}
