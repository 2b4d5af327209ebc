//! What leaves this machine after a run, and where it is kept there.
//!
//! Delivering has clients and permissions of its own: nothing here is among the operations
//! of an audit, which only reads. A role that is assumed for the audit is not used here.
//!
//! News: what is to be told waits in the history ([`crate::history::pending`]). [`send`]
//! claims it, sends it and marks it, each step stored before the next, so that a crash, an
//! outage or a refusal loses nothing. What a message says is made by pure functions
//! ([`bulletin`], [`slack`], [`plain`], [`document`]); only the channels touch the network.

pub mod answers;
#[cfg(feature = "aws")]
mod aws;
pub mod bulletin;
#[cfg(feature = "aws")]
pub mod channels;
pub mod document;
mod failure;
#[cfg(feature = "aws")]
mod fetch;
pub mod plain;
#[cfg(feature = "aws")]
mod post;
#[cfg(feature = "aws")]
pub mod s3;
mod secret;
pub mod send;
pub mod slack;
mod words;

#[cfg(feature = "aws")]
pub use aws::OpenError;
pub use bulletin::Bulletin;
pub use failure::SendError;
pub use secret::SecretText;
pub use send::{Outcome, deliver, deliver_within};

use crate::finding::Severity;
use crate::history::Time;
use crate::history::announcement::{Addressee, ChannelKind, DigestDay};
use crate::text::Lang;
use serde_json::Value;
use std::time::Duration;

/// With whose credentials AWS is asked to keep something. Without any word of it: as the
/// AWS CLI would.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Access {
    /// A profile of the AWS configuration.
    pub profile: Option<String>,
    /// One address for all services, for instance of a mock AWS.
    pub endpoint_url: Option<String>,
    /// The region to ask first, instead of that of the configuration.
    pub region: Option<String>,
    /// The bytes that one answer may have, for instance an object in S3, instead of the default.
    pub answer_limit_bytes: Option<usize>,
}

/// What a channel is told, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Telling {
    /// The language of messages for people.
    pub lang: Lang,
    /// Findings that are less severe are not told.
    pub min_severity: Severity,
    /// When to tell how the account stands, whatever changed.
    pub weekly_digest: Option<DigestDay>,
    /// Where the whole report is: a link or the name of a file.
    pub report: Option<String>,
}

impl Default for Telling {
    fn default() -> Self {
        Telling { lang: Lang::En, min_severity: Severity::Low, weekly_digest: None, report: None }
    }
}

/// A way to tell somebody.
pub trait Channel {
    /// What it is.
    fn kind(&self) -> ChannelKind;

    /// What it is told, and how.
    fn telling(&self) -> &Telling;

    /// What is to be sent, in order. The same bulletin always gives the same messages, so
    /// that a later run can go on where another was killed.
    fn messages(&self, bulletin: &Bulletin) -> Vec<Value>;

    /// A plain message for a channel that does not take the first of the others.
    fn fallback(&self, bulletin: &Bulletin) -> Option<Value>;

    /// Sends a message. Gives what later messages of the same bulletin can follow, where the
    /// channel has such a thing.
    ///
    /// # Errors
    /// It was not delivered, or nobody knows.
    fn send(&self, message: &Value, thread: Option<&str>) -> Result<Option<String>, SendError>;
}

/// The history's view of a channel.
pub(crate) fn addressee(channel: &dyn Channel) -> Addressee {
    Addressee { channel: channel.kind(), digest: channel.telling().weekly_digest }
}

/// The time, as far as delivering needs it.
pub trait Clock {
    /// Now.
    fn now(&self) -> Time;
    /// Waits.
    fn sleep(&self, time: Duration);
}
