//! Questions without an answer, told together where one answer would settle them.

use crate::finding::{CauseKey, CauseKind, Finding, Run, Verdict, order};
use crate::snapshot::{Cause, Gap, GapId, OwnReason};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// What questions have in common that are told together; also the order of the groups.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct QuestionKey<'a> {
    /// Questions that were never asked have no cause of their own, and come last.
    pub never_asked: bool,
    pub cause: Option<Cause>,
    pub operation: &'a str,
    pub code: &'a str,
}

#[derive(Default)]
pub(crate) struct QuestionGroup<'a> {
    /// Where it was asked: the same gap in every region is one.
    pub regions: BTreeSet<&'a str>,
    pub permissions: BTreeSet<&'a str>,
    pub abouts: BTreeSet<&'a str>,
    pub findings: Vec<&'a Finding>,
}

/// What matters most comes first; what nothing depends on comes last.
pub(crate) fn questions(run: &Run) -> Vec<(QuestionKey<'_>, QuestionGroup<'_>)> {
    let mut groups: Vec<_> = groups(run).into_iter().collect();
    groups.sort_by_key(|(key, group)| {
        let worst = group.findings.iter().map(|finding| finding.severity).max();
        (group.findings.is_empty(), key.never_asked, Reverse(worst))
    });
    groups
}

fn groups(run: &Run) -> BTreeMap<QuestionKey<'_>, QuestionGroup<'_>> {
    let mut groups: BTreeMap<QuestionKey<'_>, QuestionGroup<'_>> = BTreeMap::new();
    for gap in run.gaps.values() {
        let group = groups.entry(key(gap)).or_default();
        group.regions.insert(&gap.region);
        group.permissions.extend(gap.permissions.iter().map(String::as_str));
        group.abouts.extend(gap.about.as_deref());
    }
    for finding in &run.findings {
        let Verdict::Unknown(ids) = &finding.verdict else {
            continue;
        };
        if ids.is_empty() {
            add(&mut groups, never_asked(""), &finding.region, finding);
        }
        for id in ids {
            match run.gaps.get(id) {
                Some(gap) => add(&mut groups, key(gap), &gap.region, finding),
                None => {
                    let (key, region) = never_asked_key(id, &finding.region);
                    add(&mut groups, key, region, finding);
                }
            }
        }
    }
    groups
}

fn key(gap: &Gap) -> QuestionKey<'_> {
    QuestionKey { never_asked: false, cause: Some(gap.cause), operation: &gap.operation, code: &gap.code }
}

fn never_asked(operation: &str) -> QuestionKey<'_> {
    QuestionKey { never_asked: true, cause: None, operation, code: "" }
}

/// An id without an entry: nobody asked, because what would have named the resource failed.
fn never_asked_key<'a>(id: &'a GapId, region: &'a str) -> (QuestionKey<'a>, &'a str) {
    match id.own_reason() {
        Some(OwnReason::NeverAsked) => (never_asked(""), region),
        None if id.operation().is_empty() => (never_asked(""), region),
        _ => (never_asked(id.operation()), id.region()),
    }
}

fn add<'a>(
    groups: &mut BTreeMap<QuestionKey<'a>, QuestionGroup<'a>>,
    key: QuestionKey<'a>,
    region: &'a str,
    finding: &'a Finding,
) {
    let group = groups.entry(key).or_default();
    group.regions.insert(region);
    // The gaps of one finding come one after the other.
    if !group.findings.last().is_some_and(|known| std::ptr::eq(*known, finding)) {
        group.findings.push(finding);
    }
}

/// Verdicts that are not known for one reason: one permission, or else one question.
#[derive(Debug, Clone)]
pub struct UnknownCause<'a> {
    /// The permission, or the question.
    pub key: CauseKey,
    /// All permissions that its findings wait for, sorted.
    pub permissions: BTreeSet<&'a str>,
    /// The findings, the worst first; never none.
    pub findings: Vec<&'a Finding>,
}

/// Why verdicts are not known. Every unknown verdict belongs to exactly one cause: the first permission
/// that it lacks, or else the first question that has no answer.
pub fn unknown_causes(run: &Run) -> Vec<UnknownCause<'_>> {
    let mut unknown: Vec<&Finding> =
        run.findings.iter().filter(|finding| matches!(finding.verdict, Verdict::Unknown(_))).collect();
    unknown.sort_by(|left, right| order(left, right));
    let mut causes: BTreeMap<CauseKey, UnknownCause<'_>> = BTreeMap::new();
    for finding in unknown {
        let Verdict::Unknown(ids) = &finding.verdict else {
            continue;
        };
        let gaps = ids.iter().filter_map(|id| run.gaps.get(id));
        let denied = gaps.filter(|gap| gap.cause == Cause::Denied);
        let permissions: BTreeSet<&str> =
            denied.flat_map(|gap| &gap.permissions).map(String::as_str).collect();
        let key = match (permissions.first(), ids.first()) {
            (Some(permission), _) => {
                CauseKey { kind: CauseKind::Permission, about: (*permission).to_owned() }
            }
            (None, id) => CauseKey {
                kind: CauseKind::Question,
                about: id.map(|id| id.operation().to_owned()).unwrap_or_default(),
            },
        };
        let cause = causes.entry(key.clone()).or_insert_with(|| UnknownCause {
            key,
            permissions: BTreeSet::new(),
            findings: Vec::new(),
        });
        cause.permissions.extend(permissions);
        cause.findings.push(finding);
    }
    causes.into_values().collect()
}
