//! What a history says about a run, for programs.

use crate::finding::{Change, Past, Turn};
use crate::report::scan::json::TextForm;
use serde::Serialize;

/// What changed since the run before.
#[derive(Serialize)]
pub(super) struct PastForm<'a> {
    /// When the run before began; null for the first.
    previous_run: Option<&'a str>,
    changes: Vec<ChangeForm<'a>>,
    /// Open findings in regions that were not looked at, which stay as they were.
    not_looked_at: usize,
}

impl<'a> PastForm<'a> {
    pub fn new(past: &'a Past) -> Self {
        PastForm {
            previous_run: past.previous_run.as_deref(),
            changes: past.changes.iter().map(ChangeForm::new).collect(),
            not_looked_at: past.not_looked_at,
        }
    }
}

/// What became of a finding.
#[derive(Serialize)]
pub(crate) struct ChangeForm<'a> {
    /// `new`, `reopened`, `acceptance-ended`, `seen-again`, `unknown-was-open`, `unknown`,
    /// `policy-withdrawn`, `accepted` or `resolved`.
    change: &'static str,
    id: &'a str,
    policy: &'a str,
    severity: &'static str,
    pillar: &'static str,
    resource: &'a str,
    region: &'a str,
    discriminator: &'a str,
    /// What was last found.
    message: TextForm<'a>,
    /// When it first failed, or was first unknown.
    first_seen: &'a str,
    /// For what is new.
    #[serde(skip_serializing_if = "Option::is_none")]
    new_because: Option<&'static str>,
    /// For what is resolved.
    #[serde(skip_serializing_if = "Option::is_none")]
    resolution: Option<&'static str>,
    /// For what is accepted: the last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted_until: Option<&'a str>,
}

impl<'a> ChangeForm<'a> {
    pub fn new(change: &'a Change) -> Self {
        let finding = &change.finding;
        let (mut new_because, mut resolution, mut accepted_until) = (None, None, None);
        match &change.turn {
            Turn::New(because) => new_because = Some(because.as_str()),
            Turn::Resolved(how) => resolution = Some(how.as_str()),
            Turn::Accepted { until } => accepted_until = Some(until.as_str()),
            _ => {}
        }
        ChangeForm {
            change: change.turn.as_str(),
            id: &finding.id,
            policy: &finding.policy,
            severity: finding.severity.as_str(),
            pillar: finding.pillar.as_str(),
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
