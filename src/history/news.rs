//! What an announcement says. It is kept with the announcement, so that a later run can
//! tell it whole: after a crash there is nothing else to tell it from.
//!
//! It holds no secrets, because findings hold none, and is bounded in size.

use super::{BySeverity, History, Time};
use crate::finding::{
    Change, Evidence, Finding, NewBecause, Remembered, Run, Severity, State, Turn, Verdict,
};
use crate::history::announcement::AnnouncementKind;
use crate::snapshot::GapId;
use crate::text::Text;
use crate::work::{RootCause, recommended};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// How many findings of an announcement are kept by name; the others are counted.
const MOST_ITEMS: usize = 200;
/// How many of them are kept with evidence, first step and command.
const MOST_DETAILED: usize = 40;
/// How many facts are kept of a finding.
const MOST_EVIDENCE: usize = 3;
/// Characters of a fact.
const EVIDENCE_CHARACTERS: usize = 200;
/// Characters of a step.
const STEP_CHARACTERS: usize = 500;
/// A longer command is left to the report: half a command is none.
const COMMAND_CHARACTERS: usize = 1500;
/// The time that a digest looks back.
const WEEK_SECONDS: i64 = 7 * 24 * 60 * 60;

/// Why a finding is news.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NewsTurn {
    /// It fails and was not known.
    New,
    /// It fails again.
    Reopened,
    /// It fails, and its acceptance has expired.
    AcceptanceEnded,
    /// It failed when it was last seen, and cannot be seen now.
    UnknownWasOpen,
    /// It is critical and cannot be judged.
    Unknown,
    /// It does not fail any more.
    Resolved,
}

impl NewsTurn {
    /// The kind of announcement that tells of it.
    pub fn kind(self) -> AnnouncementKind {
        match self {
            NewsTurn::New | NewsTurn::AcceptanceEnded => AnnouncementKind::New,
            NewsTurn::Reopened => AnnouncementKind::Reopened,
            NewsTurn::UnknownWasOpen | NewsTurn::Unknown => AnnouncementKind::Unknown,
            NewsTurn::Resolved => AnnouncementKind::Resolved,
        }
    }

    /// Whether and why somebody is to be told of a change.
    pub fn of(change: &Change) -> Option<NewsTurn> {
        match &change.turn {
            Turn::New(_) => Some(NewsTurn::New),
            Turn::AcceptanceEnded => Some(NewsTurn::AcceptanceEnded),
            Turn::Reopened => Some(NewsTurn::Reopened),
            Turn::Unknown { was_open: true } => Some(NewsTurn::UnknownWasOpen),
            // Of what never failed, only what would be urgent.
            Turn::Unknown { was_open: false } if change.finding.severity == Severity::Critical => {
                Some(NewsTurn::Unknown)
            }
            Turn::Resolved(_) => Some(NewsTurn::Resolved),
            // Nobody has to act.
            Turn::Unknown { was_open: false }
            | Turn::SeenAgain
            | Turn::PolicyWithdrawn
            | Turn::Accepted { .. } => None,
        }
    }
}

/// One finding that is news.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewsItem {
    /// Why it is news.
    pub turn: NewsTurn,
    /// For a new one: why it was not known before.
    pub new_because: Option<NewBecause>,
    /// The finding.
    pub finding: Remembered,
    /// When it first failed, or was first unknown.
    pub first_seen: String,
    /// The problem in a few words: the policy's title.
    pub title: Text,
    /// Findings of one root cause have the same text here: a security group that is open is one
    /// cause for its database and for itself. Findings that share nothing are together under the policy.
    pub cause: String,
    /// Facts that it rests on, `db.multi_az = false`.
    pub evidence: Vec<String>,
    /// The first step of the recommended way to mend it.
    pub step: Option<Text>,
    /// The command of the recommended way; `null` where there is none or it is long. The languages
    /// differ in comments alone.
    #[serde(deserialize_with = "command")]
    pub command: Option<Text>,
    /// Whether there is a command that is left to the report.
    pub is_command_left_out: bool,
}

// News that was queued when commands had one language is delivered anyway.
fn command<'d, D: Deserializer<'d>>(deserializer: D) -> Result<Option<Text>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Form {
        Both(Text),
        One(String),
    }
    let form = Option::<Form>::deserialize(deserializer)?;
    Ok(form.map(|form| match form {
        Form::Both(text) => text,
        Form::One(text) => Text { en: text.clone(), ja: text },
    }))
}

/// How an account stands, for a digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Digest {
    /// The first day of the week that it is about, `2026-11-23`.
    pub week: String,
    /// The failures that nobody has accepted.
    pub open: BySeverity,
    /// The failures that somebody lives with.
    pub accepted: usize,
    /// What could not be judged.
    pub unknown: usize,
    /// New findings of the runs of the last seven days.
    pub new: usize,
    /// Findings of these runs that failed again.
    pub reopened: usize,
    /// Findings of these runs that do not fail any more.
    pub resolved: usize,
    /// The critical failure that has been open for longest.
    pub oldest_critical: Option<Remembered>,
    /// Since when, RFC 3339 in UTC.
    pub oldest_critical_since: Option<String>,
}

impl Digest {
    /// How the account stands after a run.
    pub(crate) fn new(history: &History, week: String, time: Time) -> Digest {
        let mut open = BySeverity::default();
        for entry in history.findings.values().filter(|entry| entry.state.is_failing()) {
            open.add(entry.finding.severity, 1);
        }
        let is_recent = |at: Time| (0..=WEEK_SECONDS).contains(&time.seconds_since(at));
        let runs: Vec<_> = history.runs.iter().filter(|run| is_recent(run.taken_at)).collect();
        let critical = history
            .findings
            .values()
            .filter(|entry| entry.state.is_failing() && entry.finding.severity == Severity::Critical);
        let opened =
            |entry: &super::Entry| entry.openings.last().map_or(entry.first_seen, |one| one.opened_at);
        let oldest = critical.min_by_key(|entry| (opened(entry), entry.finding.id.clone()));
        Digest {
            week,
            open,
            accepted: history.findings.values().filter(|entry| entry.state == State::Accepted).count(),
            unknown: history.unknown.len(),
            new: runs.iter().map(|run| run.new).sum(),
            reopened: runs.iter().map(|run| run.reopened).sum(),
            resolved: runs.iter().map(|run| run.resolved).sum(),
            oldest_critical: oldest.map(|entry| entry.finding.clone()),
            oldest_critical_since: oldest.map(|entry| String::from(opened(entry))),
        }
    }
}

/// The findings of some changes, the worst first, and how many are only counted.
pub(super) fn items(run: &Run, changes: &[&Change]) -> (Vec<NewsItem>, BySeverity) {
    let mut sorted: Vec<&Change> = changes.to_vec();
    sorted.sort_by(|left, right| {
        let key = |change: &Change| {
            let finding = &change.finding;
            (finding.policy.clone(), finding.resource.clone(), finding.discriminator.clone())
        };
        right.finding.severity.cmp(&left.finding.severity).then_with(|| key(left).cmp(&key(right)))
    });
    let mut left_out = BySeverity::default();
    for change in sorted.iter().skip(MOST_ITEMS) {
        left_out.add(change.finding.severity, 1);
    }
    let kept = sorted.iter().take(MOST_ITEMS).enumerate();
    let causes = RunCauses::new(run);
    let mut items: Vec<NewsItem> =
        kept.filter_map(|(index, change)| item(run, &causes, change, index < MOST_DETAILED)).collect();
    tell_once(&mut items, &causes);
    (items, left_out)
}

// The script of a cause closes all of its findings: the first that is told brings it.
fn tell_once(items: &mut [NewsItem], causes: &RunCauses<'_>) {
    let mut told = BTreeSet::new();
    for item in items {
        let leading = causes.of(&item.finding.id).and_then(RootCause::first);
        if leading.is_some_and(|finding| !told.insert(finding.id.as_str())) {
            item.command = None;
            item.is_command_left_out = false;
        }
    }
}

fn item(run: &Run, causes: &RunCauses<'_>, change: &Change, is_detailed: bool) -> Option<NewsItem> {
    let turn = NewsTurn::of(change)?;
    let remembered = &change.finding;
    let finding = run.findings.iter().find(|finding| finding.id == remembered.id);
    let title = run.policy(&remembered.policy).map(|policy| policy.title.clone()).unwrap_or_default();
    let mut item = NewsItem {
        turn,
        new_because: match change.turn {
            Turn::New(because) => Some(because),
            _ => None,
        },
        finding: remembered.clone(),
        first_seen: change.first_seen.clone(),
        title,
        cause: format!("policy {}", remembered.policy),
        evidence: Vec::new(),
        step: None,
        command: None,
        is_command_left_out: false,
    };
    let Some(finding) = finding else {
        return Some(item);
    };
    match &finding.verdict {
        Verdict::Unknown(gaps) => explain_unknown(&mut item, run, gaps),
        Verdict::Fail => {
            let cause = causes.of(&finding.id);
            if let Some(cause) = cause {
                item.cause = cause.name();
            }
            if is_detailed {
                explain_failure(&mut item, finding, cause);
            }
        }
        Verdict::Pass | Verdict::Skip => {}
    }
    Some(item)
}

/// The root causes of a run, for its news.
struct RunCauses<'r> {
    causes: Vec<RootCause<'r>>,
    by_finding: BTreeMap<&'r str, usize>,
}

impl<'r> RunCauses<'r> {
    fn new(run: &'r Run) -> Self {
        let causes = recommended(&run.findings);
        let numbered = causes.iter().enumerate();
        let by_finding = numbered
            .flat_map(|(index, cause)| cause.findings.iter().map(move |finding| (finding.id.as_str(), index)))
            .collect();
        RunCauses { causes, by_finding }
    }

    fn of(&self, id: &str) -> Option<&RootCause<'r>> {
        self.by_finding.get(id).and_then(|index| self.causes.get(*index))
    }
}

fn explain_unknown(item: &mut NewsItem, run: &Run, gaps: &[GapId]) {
    let mut operations: Vec<String> = Vec::new();
    let mut permissions: Vec<String> = Vec::new();
    for gap in gaps.iter().filter_map(|id| run.gaps.get(id)) {
        let operation = format!("{}: {}", gap.operation, gap.code);
        if !operations.contains(&operation) {
            operations.push(operation);
        }
        let needed = gap.permissions.iter().filter(|_| gap.cause == crate::snapshot::Cause::Denied);
        for permission in needed {
            if !permissions.contains(permission) {
                permissions.push(permission.clone());
            }
        }
    }
    if let Some(first) = operations.first() {
        item.cause = format!("question {} {first}", item.finding.region);
    }
    item.evidence =
        operations.iter().take(MOST_EVIDENCE).map(|text| cut(text, EVIDENCE_CHARACTERS)).collect();
    if !permissions.is_empty() {
        let list = cut(&permissions.join(", "), STEP_CHARACTERS);
        item.step = Some(Text {
            en: format!("Allow {list} to the role that audits."),
            ja: format!("監査に使うロールに {list} を許可する。"),
        });
    }
}

fn explain_failure(item: &mut NewsItem, finding: &Finding, cause: Option<&RootCause<'_>>) {
    item.evidence = finding.evidence.iter().filter_map(fact).take(MOST_EVIDENCE).collect();
    let Some(remedy) = finding.options.first() else {
        return;
    };
    let step = |steps: &[String]| steps.first().map(|step| cut(step, STEP_CHARACTERS)).unwrap_or_default();
    let text = remedy.steps.map(|steps| step(steps));
    let is_empty = text.en.is_empty() && text.ja.is_empty();
    item.step = Some(if is_empty { remedy.title.clone() } else { text });
    let script = cause.map_or_else(|| remedy.cli.clone(), RootCause::script);
    let command = Text { en: script.en.trim().to_owned(), ja: script.ja.trim().to_owned() };
    let is_short = |text: &str| text.chars().count() <= COMMAND_CHARACTERS;
    let is_left_out = !(is_short(&command.en) && is_short(&command.ja));
    item.is_command_left_out = is_left_out;
    item.command = (!is_left_out && !command.en.is_empty()).then_some(command);
}

// Sentences in two languages stand in the message already.
fn fact(evidence: &Evidence) -> Option<String> {
    let value = match &evidence.value {
        Value::Object(fields) if fields.contains_key("en") => return None,
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    Some(cut(&format!("{} = {value}", evidence.path), EVIDENCE_CHARACTERS))
}

fn cut(text: &str, characters: usize) -> String {
    if text.chars().count() <= characters {
        return text.to_owned();
    }
    let kept: String = text.chars().take(characters.saturating_sub(1)).collect();
    format!("{kept}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_with_a_command_in_one_language_is_read() {
        #[derive(Deserialize)]
        struct Queued {
            #[serde(deserialize_with = "command")]
            command: Option<Text>,
        }
        let read = |text: &str| serde_json::from_str::<Queued>(text).unwrap().command;
        let one = Text { en: "aws x".into(), ja: "aws x".into() };
        assert_eq!(read(r#"{ "command": "aws x" }"#), Some(one));
        let both = Text { en: "aws x  # a".into(), ja: "aws x  # い".into() };
        assert_eq!(read(r#"{ "command": { "en": "aws x  # a", "ja": "aws x  # い" } }"#), Some(both));
        assert_eq!(read(r#"{ "command": null }"#), None);
    }
}
