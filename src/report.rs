//! What a scan came to, for people and for programs: one file for each format.
//!
//! A reporter is a pure function from a [`Run`] to bytes. It reads no clock, no
//! environment and no file, so that the same run always gives the same bytes.

pub mod cost;
pub mod json;
pub mod markdown;
pub(crate) mod past;
pub mod plan;
pub(crate) mod problem;
mod question;
pub mod simulation;
pub mod terminal;

pub use question::cause_word;

use crate::arn::{self, Arn};
use crate::finding::{Change, Finding, Life, Pillar, Severity, Text, Verdict};
use crate::snapshot::{Cause, Gap, GapId};
use crate::text::Lang;
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

/// How a report is to look. Formats for programs do not depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// The reader's language.
    pub lang: Lang,
    /// Columns of the terminal.
    pub width: usize,
    /// Whether escape sequences for colours may be written.
    pub colour: bool,
}

/// A format.
pub trait Reporter: Sync {
    /// As `--format` names it.
    fn name(&self) -> &'static str;
    /// What a web server would call it.
    fn media_type(&self) -> &'static str;
    /// The report, which ends with a newline.
    fn render(&self, run: &Run, look: &Look) -> Vec<u8>;
}

/// Every format; the first is the default.
pub const REPORTERS: &[&dyn Reporter] = &[&terminal::Terminal, &markdown::Markdown, &json::Json];

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
    pub fn life(&self, finding: &Finding) -> Option<&Life> {
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

/// The text in the reader's language, or in the other one where that is missing.
pub fn say(text: &Text, lang: Lang) -> &str {
    let (wanted, other) = match lang {
        Lang::En => (&text.en, &text.ja),
        Lang::Ja => (&text.ja, &text.en),
    };
    if wanted.is_empty() { other } else { wanted }
}

/// What a resource is, for instance `rds:db`: the service and the resource type of its
/// ARN. Empty for text that is not an ARN.
pub fn kind(resource: &str) -> String {
    let Some(parsed) = Arn::parse(resource) else {
        return String::new();
    };
    match parsed.resource.split_once(['/', ':']) {
        Some((kind, _)) if !kind.is_empty() => format!("{}:{kind}", parsed.service),
        _ => parsed.service.to_owned(),
    }
}

/// What people call a resource. An ARN with `*` for its name stands for a list that could
/// not be asked for: every resource of its kind.
pub fn label(resource: &str, lang: Lang) -> String {
    let name = arn::display_name(resource);
    let kind = kind(resource);
    match lang {
        _ if kind.is_empty() || !name.ends_with('*') => name.to_owned(),
        Lang::En => format!("every {kind}"),
        Lang::Ja => format!("すべての {kind}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_are_called_what_people_call_them() {
        let prefix = "arn:aws:rds:ap-northeast-1:123456789012:";
        assert_eq!(label(&format!("{prefix}db:ec-db"), Lang::En), "ec-db");
        assert_eq!(label(&format!("{prefix}db:*"), Lang::En), "every rds:db");
        assert_eq!(label(&format!("{prefix}db:*"), Lang::Ja), "すべての rds:db");
        assert_eq!(label("arn:aws:s3:::shop-logs", Lang::En), "shop-logs");
        assert_eq!(kind("arn:aws:s3:::shop-logs"), "s3");
        assert_eq!(label("*", Lang::En), "*");
    }

    #[test]
    fn a_missing_language_falls_back_to_the_other() {
        let text = Text { en: "only English".into(), ja: String::new() };
        assert_eq!(say(&text, Lang::Ja), "only English");
    }

    #[test]
    fn names_of_formats_are_unique() {
        let names: BTreeSet<_> = REPORTERS.iter().map(|reporter| reporter.name()).collect();
        assert_eq!(names.len(), REPORTERS.len());
    }
}
