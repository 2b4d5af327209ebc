//! What was judged: the findings of an account, the questions without an answer, and what
//! a history says about them.

use super::{Change, Finding, Life, Pillar, Severity, Verdict};
use crate::snapshot::{Cause, Gap, GapId, OwnReason};
use crate::text::Text;
use std::collections::{BTreeMap, BTreeSet};

/// Everything that a report is made from.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Run {
    /// The account's twelve digits.
    pub account: String,
    /// `aws`, `aws-cn` or `aws-us-gov`.
    pub partition: String,
    /// When the scan began, RFC 3339 in UTC.
    pub taken_at: String,
    /// The regions that were asked, sorted.
    pub regions: Vec<String>,
    /// Those of them that have no service, no load balancer and no database, as far as all of these
    /// were listed: nobody uses them, or another one was meant.
    pub empty_regions: Vec<String>,
    /// Every verdict, passes included, in [`crate::finding::order`].
    pub findings: Vec<Finding>,
    /// The questions without an answer, by their id.
    pub gaps: BTreeMap<GapId, Gap>,
    /// The policies that were judged by.
    pub policies: Vec<PolicyInfo>,
    /// What a history says about it, where one is kept.
    pub past: Option<Past>,
}

/// What a history says about a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Past {
    /// When the run before began, RFC 3339 in UTC; `None` for the first.
    pub previous_run: Option<String>,
    /// The failures that are known, and what was open and is unknown now, by finding id.
    pub lives: BTreeMap<String, Life>,
    /// What changed since the run before, in the order of [`crate::finding::Turn`].
    pub changes: Vec<Change>,
    /// How many open findings are in regions that were not looked at, and stay as they were.
    pub not_looked_at: usize,
}

/// What a report says about a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyInfo {
    /// The policy's id.
    pub id: String,
    /// How much its failures hurt.
    pub severity: Severity,
    /// Its pillar.
    pub pillar: Pillar,
    /// The problem in a few words.
    pub title: Text,
    /// What happens to the business if it stays.
    pub risk: Text,
    /// The controls it checks, by framework, for instance `aws-fsbp` and `RDS.5`.
    pub compliance: BTreeMap<String, Vec<String>>,
    /// Where to read more.
    pub references: Vec<String>,
}

/// How many verdicts of each kind there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Failures that nobody has accepted, in the order of [`Severity::ALL`].
    pub failed_by_severity: [usize; Severity::ALL.len()],
    /// Failures that somebody has accepted for a while.
    pub accepted: usize,
    /// As it should be.
    pub passed: usize,
    /// Not applicable.
    pub skipped: usize,
    /// Could not be judged.
    pub unknown: usize,
}

impl Totals {
    /// All failures that nobody has accepted.
    pub fn failed(&self) -> usize {
        self.failed_by_severity.iter().sum()
    }

    /// The failures of each severity that has some, the worst first.
    pub fn failures(&self) -> impl Iterator<Item = (Severity, usize)> + '_ {
        Severity::ALL.into_iter().zip(self.failed_by_severity).filter(|(_, count)| *count > 0)
    }

    /// All verdicts.
    pub fn all(&self) -> usize {
        self.failed() + self.accepted + self.passed + self.skipped + self.unknown
    }
}

impl Run {
    /// Whether the time of the run was up before everything was judged.
    pub fn is_out_of_time(&self) -> bool {
        self.findings.iter().any(|finding| match &finding.verdict {
            Verdict::Unknown(gaps) => gaps.iter().any(|gap| gap.own_reason() == Some(OwnReason::OutOfTime)),
            Verdict::Pass | Verdict::Fail | Verdict::Skip => false,
        })
    }

    /// Counts the verdicts.
    pub fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        for finding in &self.findings {
            match finding.verdict {
                Verdict::Pass => totals.passed += 1,
                Verdict::Skip => totals.skipped += 1,
                Verdict::Unknown(_) => totals.unknown += 1,
                Verdict::Fail if finding.accepted.is_some() => totals.accepted += 1,
                Verdict::Fail => {
                    let counts = Severity::ALL.into_iter().zip(&mut totals.failed_by_severity);
                    for (_, count) in counts.filter(|(severity, _)| *severity == finding.severity) {
                        *count += 1;
                    }
                }
            }
        }
        totals
    }

    /// What a history says about a finding, where one is kept.
    pub(crate) fn life(&self, finding: &Finding) -> Option<&Life> {
        self.past.as_ref().and_then(|past| past.lives.get(&finding.id))
    }

    /// What is known about a policy.
    pub fn policy(&self, id: &str) -> Option<&PolicyInfo> {
        self.policies.iter().find(|policy| policy.id == id)
    }

    /// The IAM actions whose lack left a question open, sorted.
    pub fn missing_permissions(&self) -> Vec<&str> {
        let denied = self.gaps.values().filter(|gap| gap.cause == Cause::Denied);
        let permissions: BTreeSet<&str> =
            denied.flat_map(|gap| &gap.permissions).map(String::as_str).collect();
        permissions.into_iter().collect()
    }
}
