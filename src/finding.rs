//! What was judged: verdicts, evidence and identity.

mod acceptance;
mod cause;
mod cost;
mod label;
mod life;
mod planning;
mod relation;
mod run;
mod sequence;
mod short;

pub use acceptance::{Acceptance, AcceptanceRule, accept, day, matches};
pub use cause::{CauseKey, CauseKind, Stage, StageBlock};
pub use cost::MonthlyCost;
pub use label::{kind, label};
pub use life::{Change, Life, NewBecause, Remembered, Resolution, State, Turn};
pub use planning::{Downtime, Impact, Improvement, Metric, OptionName, Relations};
pub(crate) use relation::Related;
pub use run::{Past, PolicyInfo, Run, Totals};
pub(crate) use sequence::{arranged, lend_urgency, needed_first};
pub use short::telling_digits;

use crate::digest::sha256;
use crate::snapshot::GapId;
use crate::text::{Bilingual, Invalid, Text, quoted};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// How much it hurts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing; nothing is wrong.
    Info,
    /// Tidy up.
    Low,
    /// Plan it.
    Medium,
    /// This week.
    High,
    /// Tonight.
    Critical,
}

impl Severity {
    /// From the worst to the least.
    pub const ALL: [Severity; 5] =
        [Severity::Critical, Severity::High, Severity::Medium, Severity::Low, Severity::Info];

    /// As policies and flags write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for Severity {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Severity::ALL.into_iter().find(|severity| severity.as_str() == text).ok_or_else(|| {
            let text = quoted(text);
            Invalid::new(
                format!("unknown severity `{text}`; write critical, high, medium, low or info"),
                format!(
                    "重要度 `{text}` は存在しない。critical、high、medium、low、info のいずれかを指定する"
                ),
            )
        })
    }
}

/// The pillar of the AWS Well-Architected Framework, and the folder, of a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Pillar {
    /// Who can reach and read what.
    Security,
    /// What stays up, and what comes back.
    Reliability,
    /// Who notices, and how changes go out.
    Operations,
    /// Fast enough.
    Performance,
    /// Money.
    Cost,
}

impl Pillar {
    /// Every pillar, in the order of reports.
    pub const ALL: [Pillar; 5] =
        [Pillar::Security, Pillar::Reliability, Pillar::Operations, Pillar::Performance, Pillar::Cost];

    /// As policies and folders write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Pillar::Security => "security",
            Pillar::Reliability => "reliability",
            Pillar::Operations => "operations",
            Pillar::Performance => "performance",
            Pillar::Cost => "cost",
        }
    }
}

/// What came out for one resource under one policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is as it should be.
    Pass,
    /// It is not.
    Fail,
    /// The policy does not apply to it.
    Skip,
    /// AWS did not say enough to tell; the questions that would settle it.
    Unknown(Vec<GapId>),
}

impl Verdict {
    /// As JSON writes it.
    pub fn as_str(&self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Fail => "fail",
            Verdict::Skip => "skip",
            Verdict::Unknown(_) => "unknown",
        }
    }
}

/// A fact a verdict rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// The expression it came from, for instance `db.multi_az`.
    pub path: String,
    /// Its value.
    pub value: serde_json::Value,
}

/// One resource under one policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// See [`finding_id`].
    pub id: String,
    /// The policy's id.
    pub policy: String,
    /// How much it hurts when it fails.
    pub severity: Severity,
    /// The policy's pillar.
    pub pillar: Pillar,
    /// The ARN of the resource. For a list that could not be asked for, the ARN with `*`
    /// in place of the name.
    pub resource: String,
    /// The region.
    pub region: String,
    /// Tells the findings of one policy on one resource apart, for instance
    /// `app/DB_PASSWORD`; empty where there is only one.
    pub discriminator: String,
    /// What came out.
    pub verdict: Verdict,
    /// What was found, with the resource's own values.
    pub message: Text,
    /// What the verdict rests on.
    pub evidence: Vec<Evidence>,
    /// Ways to mend it, the recommended one first; only for failures.
    pub options: Vec<Remedy>,
    /// For a failure: the decision to live with it, where there is one that holds.
    pub accepted: Option<Acceptance>,
}

impl Finding {
    /// Whether it failed and nobody has accepted it.
    pub fn is_open_failure(&self) -> bool {
        self.verdict == Verdict::Fail && self.accepted.is_none()
    }
}

/// A way to mend a finding, with the real ids filled in.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Remedy {
    /// The option's id in its policy.
    pub id: String,
    /// What it does.
    pub title: Text,
    /// What to do, step by step.
    pub steps: Bilingual<Vec<String>>,
    /// Commands for the AWS CLI, one or more lines; empty where there is none. The languages
    /// differ in comments, and in what `echo` says, alone.
    pub cli: Text,
    /// The same commands by their stages; empty where the script is one piece.
    pub blocks: Vec<StageBlock>,
    /// What the option changes that findings on other resources may share; empty where it is
    /// nothing but its own resource.
    pub causes: Vec<CauseKey>,
    /// Commands that read and show whether `cli` worked, with the expected answer as a comment;
    /// empty where there is none.
    pub check: Text,
    /// Commands that restore the state before `cli`, or a comment that says why that cannot be
    /// done; empty where there is none.
    pub undo: Text,
    /// A Terraform fragment; empty where there is none. The languages differ in comments alone.
    pub terraform: Text,
    /// What carrying it out takes.
    pub impact: Impact,
    /// How it stands to options of other policies.
    pub relations: Relations,
    /// What it changes for the better.
    pub improves: Vec<Improvement>,
    /// What it costs a month at list price, on top of today.
    pub monthly_usd: MonthlyCost,
    /// What that assumes, or leaves out.
    pub monthly_cost_note: Option<Text>,
    /// How many times today's load what it leaves carries, before anything scales or is added; none
    /// where that is not known or it has nothing to do with load.
    pub carries: Option<f64>,
    /// The same of today, where the option takes away from that.
    pub carries_today: Option<f64>,
}

/// The version of [`finding_id`]. It changes only together with a migration of histories.
pub(crate) const IDENTITY_VERSION: u32 = 1;

/// The identity of a finding: the first 16 hexadecimal digits of SHA-256 over policy id,
/// ARN and discriminator, each on a line of its own.
///
/// Histories, acceptances and other people's tickets depend on it. The ARN must be one
/// that survives a deployment: a service, never a task definition revision.
pub fn finding_id(policy: &str, resource: &str, discriminator: &str) -> String {
    sha256(format!("{policy}\n{resource}\n{discriminator}"), 16)
}

/// Orders findings for people: the worst first, then by policy and resource.
pub fn order(left: &Finding, right: &Finding) -> std::cmp::Ordering {
    right
        .severity
        .cmp(&left.severity)
        .then_with(|| left.policy.cmp(&right.policy))
        .then_with(|| left.resource.cmp(&right.resource))
        .then_with(|| left.discriminator.cmp(&right.discriminator))
}

#[cfg(test)]
mod tests {
    use super::*;

    // Golden: a change here breaks every history and acceptance in the field.
    #[test]
    fn identity_never_changes() {
        let service = "arn:aws:ecs:ap-northeast-1:123456789012:service/shop/shop-api";
        assert_eq!(finding_id("ecs-plaintext-secret", service, "app/DB_PASSWORD"), "29985f9bb0b3e497");
        assert_eq!(
            finding_id("rds-single-az", "arn:aws:rds:ap-northeast-1:123456789012:db:ec-db", ""),
            "26791519f612851d"
        );
    }

    #[test]
    fn severities_are_ordered_and_read_back() {
        for pair in Severity::ALL.windows(2) {
            assert!(pair[0] > pair[1]);
        }
        for severity in Severity::ALL {
            assert_eq!(severity.as_str().parse::<Severity>().unwrap(), severity);
        }
    }
}
