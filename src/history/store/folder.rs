//! A history in a file.
//!
//! Beside `history.json` stands `history.json.lock`. Whoever writes locks it for the
//! milliseconds in which the version is compared and the file replaced. The operating system gives the lock back when its owner dies, so
//! that no lock is ever stale; the name in it is for messages alone.

use super::{Store, StoreError, Stored, Version};
use crate::digest::sha256;
use crate::files::{self, FileReadError, MOST_SAVED, Mode};
use crate::text::{Explained, Text};
use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a writer waits for another.
pub(super) const PATIENCE_SECONDS: u64 = 20;
const PAUSE: Duration = Duration::from_millis(10);
const MOST_PAUSES: u64 = PATIENCE_SECONDS * 100;
/// What a lock says begins so.
const OWNER: &str = "process ";
/// The most bytes that a lock has.
const MOST_OF_LOCK: u64 = 64;

/// A history in a file that only its owner can read.
#[derive(Debug, Clone)]
pub struct FileStore {
    named: PathBuf,
    /// Where the file really is: a link stays a link, and all its names share one lock.
    path: PathBuf,
}

impl FileStore {
    /// The history in this file, which need not be there.
    pub fn new(path: &Path) -> Self {
        let real = std::fs::canonicalize(path).unwrap_or_else(|_| files::target_of(path));
        FileStore { named: path.to_owned(), path: real }
    }

    fn beside(&self, ending: &str) -> PathBuf {
        let mut name = self.path.file_name().map(OsString::from).unwrap_or_default();
        name.push(ending);
        self.path.with_file_name(name)
    }

    fn folder(&self) -> &Path {
        match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        }
    }

    // The file with the lock; the lock is given back when it is closed.
    fn lock(&self) -> Result<File, StoreError> {
        let path = self.beside(".lock");
        check_lock(&path)?;
        let mut file =
            private().read(true).write(true).create(true).truncate(false).open(&path).map_err(failed)?;
        for _ in 0..MOST_PAUSES {
            match file.try_lock() {
                Ok(()) => {
                    let owner = format!("{OWNER}{}\n", std::process::id());
                    // The name is for messages: a lock without one is as good.
                    let _ = file.set_len(0).and_then(|()| file.rewind());
                    let _ = file.write_all(owner.as_bytes());
                    return Ok(file);
                }
                Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
        }
        let mut owner = String::new();
        let _ = file.read_to_string(&mut owner);
        let owner = owner.trim();
        Err(StoreError::Busy {
            owner: if owner.is_empty() { "another process".to_owned() } else { owner.to_owned() },
        })
    }
}

impl Store for FileStore {
    fn place(&self) -> String {
        self.named.display().to_string()
    }

    fn load(&self) -> Result<Option<Stored>, StoreError> {
        // A rename replaces the file in one step, so that reading needs no lock.
        match files::read(&self.path, MOST_SAVED) {
            Ok(bytes) => Ok(Some(Stored { version: version(&bytes), bytes })),
            Err(error) if error.is_missing() => Ok(None),
            Err(FileReadError::System(error)) => Err(failed(error)),
            Err(error) => Err(StoreError::Refused { reason: error.what() }),
        }
    }

    fn store(&self, bytes: &[u8], expected: Option<&Version>) -> Result<Version, StoreError> {
        std::fs::create_dir_all(self.folder()).map_err(failed)?;
        let lock = self.lock()?;
        if self.load()?.map(|stored| stored.version).as_ref() != expected {
            return Err(StoreError::Conflict);
        }
        let written = files::replace(&self.path, bytes, Mode::Private).map_err(failed);
        drop(lock);
        written.map(|()| version(bytes))
    }
}

// A file that somebody else keeps under the name of the lock is not written over.
fn check_lock(path: &Path) -> Result<(), StoreError> {
    let is_lock = match files::read(path, MOST_OF_LOCK) {
        Ok(bytes) => bytes.is_empty() || bytes.starts_with(OWNER.as_bytes()),
        Err(FileReadError::System(_)) => true, // Whoever opens it says what is wrong.
        Err(_) => false,
    };
    if is_lock {
        return Ok(());
    }
    let path = path.display();
    Err(StoreError::Refused {
        reason: Text::new(
            format!(
                "{path} is there already and is not a lock of tenken; move it, or keep the history elsewhere"
            ),
            format!(
                "{path} がすでにあり、tenken のロックファイルではない。そのファイルを移動するか、履歴を別の場所に置く。"
            ),
        ),
    })
}

fn version(bytes: &[u8]) -> Version {
    Version(sha256(bytes, 64))
}

fn failed(error: std::io::Error) -> StoreError {
    StoreError::Failed { reason: error.to_string() }
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options
}
