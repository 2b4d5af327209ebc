//! What a history says about a run, for programs.

use crate::finding::{Change, NewBecause, Past, Pillar, Resolution, Severity, Turn};
use crate::report::page::json::TextForm;
use schemars::JsonSchema;
use serde::Serialize;

/// What changed since the run before.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "History")]
pub(super) struct PastForm<'a> {
    /// When the run before began, RFC 3339 in UTC; null for the first.
    #[schemars(extend("format" = "date-time"))]
    previous_run: Option<&'a str>,
    /// What became of findings: new ones first, resolved ones last, within a kind the worst
    /// severity first.
    changes: Vec<ChangeForm<'a>>,
    /// How many open findings are in regions that were not looked at, and stay as they were.
    not_looked_at: usize,
}

impl<'a> PastForm<'a> {
    pub(super) fn new(past: &'a Past) -> Self {
        PastForm {
            previous_run: past.previous_run.as_deref(),
            changes: past.changes.iter().map(ChangeForm::new).collect(),
            not_looked_at: past.not_looked_at,
        }
    }
}

/// What became of a finding.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Change")]
pub(crate) struct ChangeForm<'a> {
    change: TurnForm,
    /// The finding's id.
    #[schemars(regex(pattern = "^[0-9a-f]{16}$"))]
    id: &'a str,
    /// The policy's id.
    policy: &'a str,
    severity: Severity,
    pillar: Pillar,
    /// The resource's ARN.
    resource: &'a str,
    /// The region of the resource.
    region: &'a str,
    /// Tells findings of one policy on one resource apart; empty where there is only one.
    discriminator: &'a str,
    /// What was last found.
    message: TextForm<'a>,
    /// When it first failed, or was first unknown, RFC 3339 in UTC.
    #[schemars(extend("format" = "date-time"))]
    first_seen: &'a str,
    /// For what is new: why it was not known before.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "NewBecause")]
    new_because: Option<NewBecause>,
    /// For what is resolved: what shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Resolution")]
    resolution: Option<Resolution>,
    /// For what is accepted: the last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "&str")]
    accepted_until: Option<&'a str>,
}

/// What became of a finding.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Turn")]
enum TurnForm {
    /// It fails and was not known.
    New,
    /// It fails again.
    Reopened,
    /// It fails, and the acceptance that covered it has ended.
    AcceptanceEnded,
    /// It could not be seen or was not judged for a while; it still fails.
    SeenAgain,
    /// It was open and cannot be seen now, which resolves nothing.
    UnknownWasOpen,
    /// It never failed, and can no longer be judged.
    Unknown,
    /// Its policy was not part of the run.
    PolicyWithdrawn,
    /// It fails, and somebody lives with it.
    Accepted,
    /// It does not fail any more.
    Resolved,
}

impl From<&Turn> for TurnForm {
    fn from(turn: &Turn) -> Self {
        match turn {
            Turn::New(_) => TurnForm::New,
            Turn::Reopened => TurnForm::Reopened,
            Turn::AcceptanceEnded => TurnForm::AcceptanceEnded,
            Turn::SeenAgain => TurnForm::SeenAgain,
            Turn::Unknown { was_open: true } => TurnForm::UnknownWasOpen,
            Turn::Unknown { was_open: false } => TurnForm::Unknown,
            Turn::PolicyWithdrawn => TurnForm::PolicyWithdrawn,
            Turn::Accepted { .. } => TurnForm::Accepted,
            Turn::Resolved(_) => TurnForm::Resolved,
        }
    }
}

impl<'a> ChangeForm<'a> {
    pub(crate) fn new(change: &'a Change) -> Self {
        let finding = &change.finding;
        let (mut new_because, mut resolution, mut accepted_until) = (None, None, None);
        match &change.turn {
            Turn::New(because) => new_because = Some(*because),
            Turn::Resolved(how) => resolution = Some(*how),
            Turn::Accepted { until } => accepted_until = Some(until.as_str()),
            _ => {}
        }
        ChangeForm {
            change: (&change.turn).into(),
            id: &finding.id,
            policy: &finding.policy,
            severity: finding.severity,
            pillar: finding.pillar,
            resource: &finding.resource,
            region: &finding.region,
            discriminator: &finding.discriminator,
            message: TextForm::new(&finding.message),
            first_seen: &change.first_seen,
            new_because,
            resolution,
            accepted_until,
        }
    }
}
