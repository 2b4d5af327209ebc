//! The life of a finding from scan to scan, as a history knows it.

use super::{Finding, Pillar, Severity};
use crate::text::Text;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where a finding stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It failed for the first time.
    New,
    /// It fails, as before.
    Open,
    /// It fails again after it was resolved.
    Reopened,
    /// It fails, and somebody lives with it for a while.
    Accepted,
    /// It failed when it was last seen, and cannot be seen now. Not resolved.
    UnknownWasOpen,
    /// It failed once, and was seen not to fail any more.
    Resolved,
    /// It failed when it was last judged, and its policy was not part of the last run:
    /// withdrawn, renamed or not chosen. Neither open nor resolved.
    PolicyWithdrawn,
}

impl State {
    /// As JSON writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            State::New => "new",
            State::Open => "open",
            State::Reopened => "reopened",
            State::Accepted => "accepted",
            State::UnknownWasOpen => "unknown-was-open",
            State::Resolved => "resolved",
            State::PolicyWithdrawn => "policy-withdrawn",
        }
    }

    /// Whether it failed in the last run that looked, and nobody has accepted it.
    pub(crate) fn is_failing(self) -> bool {
        matches!(self, State::New | State::Open | State::Reopened)
    }
}

/// Why a finding was not known before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NewBecause {
    /// Its policy had looked there and seen everything: something changed in the account.
    AccountChanged,
    /// Nothing was known before.
    FirstRun,
    /// Its policy had never judged there: the policy is new or renamed.
    PolicyIsNew,
    /// Its policy was not part of the run before; what changed since it last judged is open.
    PolicyReturned,
    /// Its region had never been looked at.
    RegionIsNew,
    /// It could not be seen before, so that it may be old.
    WasUnknown,
}

/// What shows that a finding is resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Resolution {
    /// It passes.
    Passed,
    /// Its policy does not apply to the resource any more.
    NotApplicable,
    /// The resource was judged, and what failed in it passes or is gone.
    ElementGone,
    /// The list of resources is complete, and the resource is not in it.
    ResourceGone,
}

/// What a history says about a finding of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Life {
    /// Where it stands.
    pub state: State,
    /// When it first failed, RFC 3339 in UTC.
    pub first_seen: String,
    /// Why it was not known before it first failed.
    pub new_because: NewBecause,
}

/// What is remembered of a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remembered {
    /// See [`super::finding_id`].
    pub id: String,
    /// The policy's id.
    pub policy: String,
    /// How much it hurts.
    pub severity: Severity,
    /// The policy's pillar.
    pub pillar: Pillar,
    /// The ARN of the resource.
    pub resource: String,
    /// The region.
    pub region: String,
    /// Tells the findings of one policy on one resource apart.
    pub discriminator: String,
    /// What was last found.
    pub message: Text,
}

impl Remembered {
    /// What is to be remembered of a finding.
    pub(crate) fn new(finding: &Finding) -> Self {
        Remembered {
            id: finding.id.clone(),
            policy: finding.policy.clone(),
            severity: finding.severity,
            pillar: finding.pillar,
            resource: finding.resource.clone(),
            region: finding.region.clone(),
            discriminator: finding.discriminator.clone(),
            message: finding.message.clone(),
        }
    }
}

/// What became of a finding between two runs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Turn {
    /// It fails and was not known.
    New(NewBecause),
    /// It fails again.
    Reopened,
    /// It fails, and the acceptance that covered it has ended.
    AcceptanceEnded,
    /// It could not be seen or was not judged for a while; it still fails.
    SeenAgain,
    /// It can no longer be judged.
    Unknown {
        /// Whether it failed when it was last seen.
        was_open: bool,
    },
    /// Its policy was not part of the run.
    PolicyWithdrawn,
    /// It fails, and somebody lives with it.
    Accepted {
        /// The last day, `2027-03-31`.
        until: String,
    },
    /// It does not fail any more.
    Resolved(Resolution),
}

impl Turn {
    /// As JSON writes it.
    pub fn as_str(&self) -> &'static str {
        match self {
            Turn::New(_) => "new",
            Turn::Reopened => "reopened",
            Turn::AcceptanceEnded => "acceptance-ended",
            Turn::SeenAgain => "seen-again",
            Turn::Unknown { was_open: true } => "unknown-was-open",
            Turn::Unknown { was_open: false } => "unknown",
            Turn::PolicyWithdrawn => "policy-withdrawn",
            Turn::Accepted { .. } => "accepted",
            Turn::Resolved(_) => "resolved",
        }
    }
}

/// A finding, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What became of it.
    pub turn: Turn,
    /// The finding.
    pub finding: Remembered,
    /// When it first failed, RFC 3339 in UTC; for one that never did, when it was first unknown.
    pub first_seen: String,
}
