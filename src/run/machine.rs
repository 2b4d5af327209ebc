//! The real world around a run: this machine, its environment, and AWS.

use super::clock::{RunClock, SystemClock};
use super::environment::{ProcessEnvironment, run_name};
use super::{
    Destination, OutputDocument, RunError, SnapshotSource, World, compare, load_snapshot, notify,
    save_snapshot,
};
#[cfg(feature = "aws")]
use crate::ask::{Counters, Progress, ScanOptions};
#[cfg(feature = "aws")]
use crate::config::S3Place;
use crate::config::{Notify, Place, Settings};
#[cfg(feature = "aws")]
use crate::deliver::s3::{Condition, S3Client};
use crate::deliver::{Access, Channel};
use crate::files::{self, Mode};
use crate::history::announcement::ChannelKind;
use crate::history::store::Store;
use crate::snapshot::Snapshot;
#[cfg(feature = "aws")]
use crate::text::Explained;
use crate::text::{Lang, Text};
#[cfg(feature = "aws")]
use std::cell::OnceCell;
use std::io::{ErrorKind, Write};
use std::path::Path;
#[cfg(feature = "aws")]
use std::sync::Arc;
use std::time::Duration;

/// Whom AWS's answers are counted for, made when AWS is about to be asked.
#[cfg(feature = "aws")]
type MakeProgress = Box<dyn Fn() -> Arc<dyn Progress>>;

/// This machine. It blocks, and must be used outside of asynchronous tasks.
pub struct Machine {
    clock: SystemClock,
    access: Access,
    #[cfg(feature = "aws")]
    progress: MakeProgress,
    #[cfg(feature = "aws")]
    s3: OnceCell<S3Client>,
}

impl Machine {
    /// This machine. Histories and reports in S3 and what channels take are asked of AWS with
    /// `access`, never with the role of an audit.
    pub fn new(clock: SystemClock, access: Access) -> Machine {
        Machine {
            clock,
            access,
            #[cfg(feature = "aws")]
            progress: Box::new(|| Arc::new(Counters::default())),
            #[cfg(feature = "aws")]
            s3: OnceCell::new(),
        }
    }

    /// The same, which tells somebody how asking AWS goes on: `progress` is called when AWS is
    /// about to be asked, and what it gives is dropped when everything was asked.
    #[cfg(feature = "aws")]
    pub fn with_progress(self, progress: impl Fn() -> Arc<dyn Progress> + 'static) -> Machine {
        Machine { progress: Box::new(progress), ..self }
    }

    /// Asks AWS, or a recorded account.
    ///
    /// # Errors
    /// What makes a scan impossible: no credentials, no region, an unreadable recording.
    #[cfg(feature = "aws")]
    pub fn collect(&self, options: &ScanOptions) -> Result<Snapshot, RunError> {
        super::collect(options, (self.progress)())
    }

    #[cfg(feature = "aws")]
    fn ask(
        &self,
        replay: Option<&Path>,
        connection: &Settings,
        most: Option<Duration>,
    ) -> Result<Snapshot, RunError> {
        let mut options =
            ScanOptions { replay: replay.map(Path::to_path_buf), ..super::scan_options(connection) };
        if let Some(most) = most {
            options.timeout = Some(options.timeout.map_or(most, |timeout| timeout.min(most)));
            options.attempt_timeout = options.attempt_timeout.min(most);
            options.operation_timeout = options.operation_timeout.min(most);
        }
        self.collect(&options)
    }

    #[cfg(not(feature = "aws"))]
    fn ask(
        &self,
        _replay: Option<&Path>,
        _connection: &Settings,
        _most: Option<Duration>,
    ) -> Result<Snapshot, RunError> {
        Err(RunError::NoCollector)
    }

    #[cfg(feature = "aws")]
    fn s3(&self) -> Result<&S3Client, RunError> {
        if let Some(s3) = self.s3.get() {
            return Ok(s3);
        }
        let s3 = S3Client::open(&self.access)?;
        Ok(self.s3.get_or_init(|| s3))
    }

    #[cfg(feature = "aws")]
    fn put(&self, place: &S3Place, document: &OutputDocument) -> Result<(), RunError> {
        let put = self.s3()?.put(place, &document.bytes, document.media_type, Condition::Always);
        put.map(|_| ())
            .map_err(|error| RunError::Unwritten { place: place.to_string(), reason: error.what() })
    }
}

impl World for Machine {
    fn clock(&self) -> &dyn RunClock {
        &self.clock
    }

    fn name_of_run(&self) -> String {
        run_name()
    }

    fn check_writable(&self, destination: &Destination) -> Result<(), RunError> {
        match destination {
            Destination::Screen => Ok(()),
            Destination::File(path) => check_file(path),
            #[cfg(feature = "aws")]
            Destination::Object(_) => self.s3().map(|_| ()),
            #[cfg(not(feature = "aws"))]
            Destination::Object(place) => Err(RunError::NoAws { place: place.to_string() }),
        }
    }

    fn history(&self, place: &Place) -> Result<Box<dyn Store>, RunError> {
        compare::open_history(place, &self.access)
    }

    fn channels(
        &self,
        kinds: &[ChannelKind],
        notify: &Notify,
        lang: Lang,
    ) -> Result<Vec<Box<dyn Channel>>, RunError> {
        notify::channels(kinds, notify, &self.access, lang, &ProcessEnvironment)
    }

    fn snapshot(
        &self,
        source: &SnapshotSource,
        connection: &Settings,
        most: Option<Duration>,
    ) -> Result<Snapshot, RunError> {
        match source {
            SnapshotSource::Live => self.ask(None, connection, most),
            SnapshotSource::Recorded(folder) => self.ask(Some(folder), connection, most),
            SnapshotSource::Saved(path) => load_snapshot(path),
        }
    }

    fn save(&self, snapshot: &Snapshot, path: &Path) -> Result<(), RunError> {
        save_snapshot(snapshot, path)
    }

    fn write(&self, document: &OutputDocument) -> Result<(), RunError> {
        match &document.destination {
            Destination::Screen => print(&document.bytes),
            Destination::File(path) => write_file(path, &document.bytes),
            #[cfg(feature = "aws")]
            Destination::Object(place) => self.put(place, document),
            #[cfg(not(feature = "aws"))]
            Destination::Object(place) => Err(RunError::NoAws { place: place.to_string() }),
        }
    }
}

/// Writes to standard output. A reader that went away, as `head` does, is not a failure.
///
/// # Errors
/// Standard output takes nothing.
pub fn print(bytes: &[u8]) -> Result<(), RunError> {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(RunError::StandardOutput(error)),
        _ => Ok(()),
    }
}

/// Writes a file in one step: a new one that only its owner can read; one that is there keeps who can.
///
/// # Errors
/// The file system said no.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), RunError> {
    files::replace(path, bytes, Mode::AsBefore)
        .map_err(|error| RunError::unwritten(path, crate::text::system_error(&error)))
}

/// Writes files that are new into a folder, which is made where it is missing. Where one of them is there already, none is
/// written.
///
/// # Errors
/// The file system said no, or there is such a file.
pub fn write_new_files(folder: &Path, named: &[(&str, &str)]) -> Result<(), RunError> {
    files::create_private_folder(folder)
        .map_err(|error| RunError::unwritten(folder, crate::text::system_error(&error)))?;
    let paths: Vec<_> = named.iter().map(|(name, text)| (folder.join(name), text)).collect();
    if let Some((path, _)) = paths.iter().find(|(path, _)| path.symlink_metadata().is_ok()) {
        let reason = Text::new(
            "it is there already; name another folder, or move it away",
            "すでに存在する。別のフォルダーを指定するか、先に移動する。",
        );
        return Err(RunError::unwritten(path, reason));
    }
    paths.iter().try_for_each(|(path, text)| write_file(path, text.as_bytes()))
}

/// Whether a file could be written, as far as its folder says: a scan of minutes must not end in
/// "no such folder".
///
/// # Errors
/// There is no such folder, or the name is that of a folder.
pub fn check_file(path: &Path) -> Result<(), RunError> {
    let refused = |reason: Text| RunError::unwritten(path, reason);
    let target = files::target_of(path);
    let folder = match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    if path.is_dir() {
        return Err(refused(Text::new(
            "it is a folder; name a file inside it",
            "フォルダーである。その中のファイルを指定する。",
        )));
    }
    if folder.is_dir() {
        return Ok(());
    }
    let folder = folder.display();
    Err(refused(Text::new(
        format!("there is no folder {folder}; create it first"),
        format!("フォルダー {folder} がない。先に作成する。"),
    )))
}
