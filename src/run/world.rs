//! What a run needs of the world around it: AWS, files, standard output, channels, time.

use super::clock::RunClock;
use super::{Destination, OutputDocument, RunError, SnapshotSource};
use crate::config::{Notify, Place, Settings};
use crate::deliver::Channel;
use crate::history::announcement::ChannelKind;
use crate::history::store::Store;
use crate::snapshot::Snapshot;
use crate::text::Lang;
use std::path::Path;
use std::time::Duration;

/// The world around a run. The real one is [`super::Machine`].
pub trait World {
    /// The time.
    fn clock(&self) -> &dyn RunClock;

    /// A name for this run that no other run has.
    fn name_of_run(&self) -> String;

    /// Whether something could be written there, as far as that can be known before AWS is asked.
    ///
    /// # Errors
    /// What stands in the way.
    fn check_writable(&self, destination: &Destination) -> Result<(), RunError>;

    /// The store of a history, whether there is one yet or not.
    ///
    /// # Errors
    /// There is no client for it.
    fn history(&self, place: &Place) -> Result<Box<dyn Store>, RunError>;

    /// The channels to tell, as the configuration describes them; `lang` is for those that have no
    /// language of their own. Nothing is sent yet.
    ///
    /// # Errors
    /// One is not described, or lacks what it needs.
    fn channels(
        &self,
        kinds: &[ChannelKind],
        notify: &Notify,
        lang: Lang,
    ) -> Result<Vec<Box<dyn Channel>>, RunError>;

    /// Asks AWS, or reads what it said before. `connection` says which account, and how to reach
    /// it; what takes longer than `most` is unknown.
    ///
    /// # Errors
    /// It is not possible at all: no credentials, no region, an unreadable file.
    fn snapshot(
        &self,
        source: &SnapshotSource,
        connection: &Settings,
        most: Option<Duration>,
    ) -> Result<Snapshot, RunError>;

    /// Writes a snapshot that only its owner can read.
    ///
    /// # Errors
    /// It cannot be written.
    fn save(&self, snapshot: &Snapshot, path: &Path) -> Result<(), RunError>;

    /// Writes a document.
    ///
    /// # Errors
    /// It cannot be written.
    fn write(&self, document: &OutputDocument) -> Result<(), RunError>;
}
