//! What is to be done. Findings stay what they are, one for each resource and policy; a root cause
//! is what is changed to mend them, once for all that share it: the rules of a security group,
//! a task definition, a topic, an argument of a resource.
//!
//! All reports, plans, scripts and news take causes from here; none of them merges by itself.

mod join;
mod named;
mod question;
mod script;

pub(crate) use join::DisjointSets;
pub(crate) use named::finding as finding_named;
pub use named::{NameError, Shown, named};
pub(crate) use question::{QuestionGroup, QuestionKey, questions};
pub use question::{UnknownCause, unknown_causes};

use crate::finding::{CauseKey, CauseKind, Downtime, Finding, Related, Remedy, Run, Severity, order};
use crate::text::{Lang, Text};
use std::collections::{BTreeMap, BTreeSet};

/// A finding with the option that is carried out for it; `None` where its policy has none.
pub type ChosenRemedy<'a> = (&'a Finding, Option<&'a Remedy>);

/// What several findings have in common: one title, one piece of work, one script.
#[derive(Debug, Clone)]
pub struct RootCause<'a> {
    /// What is changed, sorted.
    pub keys: Vec<CauseKey>,
    /// What it closes, the worst first; never none.
    pub findings: Vec<&'a Finding>,
    /// How, in order.
    pub parts: Vec<CausePart<'a>>,
}

/// One option, carried out for one or several findings at once.
#[derive(Debug, Clone)]
pub struct CausePart<'a> {
    /// The findings, each with the option as rendered for it; never none.
    pub remedies: Vec<(&'a Finding, &'a Remedy)>,
}

impl<'a> CausePart<'a> {
    /// The option, as rendered for the worst of its findings.
    pub fn first(&self) -> Option<(&'a Finding, &'a Remedy)> {
        self.remedies.first().copied()
    }
}

impl<'a> RootCause<'a> {
    /// The finding that names it: the worst.
    pub fn first(&self) -> Option<&'a Finding> {
        self.findings.first().copied()
    }

    /// The worst severity of what it closes.
    pub fn severity(&self) -> Severity {
        self.findings.iter().map(|finding| finding.severity).max().unwrap_or(Severity::Info)
    }

    /// The problem in a few words: the title of the policy of the finding that names it.
    pub fn title(&self, run: &Run) -> Text {
        let Some(first) = self.first() else {
            return Text::default();
        };
        match run.policy(&first.policy) {
            Some(policy) => policy.title.clone(),
            None => Text { en: first.policy.clone(), ja: first.policy.clone() },
        }
    }

    /// What is changed, where findings share it, for people: `security group sg-1`.
    pub(crate) fn shared(&self, lang: Lang) -> Vec<String> {
        let keys = self.keys.iter().filter(|key| key.kind != CauseKind::Resource);
        keys.map(|key| format!("{} {}", key.kind.words(lang), crate::arn::display_name(&key.about))).collect()
    }

    /// Names the cause in news: what is changed, or the policy where nothing is shared, because what
    /// one policy finds is mended in one way.
    pub(crate) fn name(&self) -> String {
        match self.keys.iter().find(|key| key.kind != CauseKind::Resource) {
            Some(key) => format!("{} {}", key.kind.as_str(), key.about),
            None => format!("policy {}", self.first().map(|first| first.policy.as_str()).unwrap_or_default()),
        }
    }

    /// The hours that all of it takes: what is done at once counts once.
    pub fn effort_hours(&self) -> f64 {
        self.remedies().map(|remedy| remedy.impact.effort_hours).fold(0.0, f64::max)
    }

    /// The longest interruption.
    pub fn downtime(&self) -> Downtime {
        self.remedies().map(|remedy| remedy.impact.downtime).max().unwrap_or_default()
    }

    /// Whether any of it should be tried elsewhere first.
    pub fn needs_test(&self) -> bool {
        self.remedies().any(|remedy| remedy.impact.needs_test)
    }

    /// What all of it costs a month at list price, on top of today: what is done once for several
    /// findings is paid once.
    pub fn monthly(&self) -> MonthlySum {
        let mut sum = MonthlySum::default();
        for part in &self.parts {
            let mut done: Vec<&Text> = Vec::new();
            for (_, remedy) in &part.remedies {
                if !remedy.cli.en.is_empty() && done.contains(&&remedy.cli) {
                    continue;
                }
                done.push(&remedy.cli);
                sum.add(remedy);
            }
        }
        sum
    }

    fn remedies(&self) -> impl Iterator<Item = &'a Remedy> {
        self.parts.iter().filter_map(CausePart::first).map(|(_, remedy)| remedy)
    }
}

/// Dollars a month, as far as they are known.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct MonthlySum {
    /// What is known of it; a saving is negative.
    pub usd: f64,
    /// How many parts of it have no known price.
    pub unknown_parts: usize,
}

impl MonthlySum {
    /// Adds what an option costs.
    pub(crate) fn add(&mut self, remedy: &Remedy) {
        match remedy.monthly_usd.usd() {
            Some(usd) => self.usd += usd,
            None => self.unknown_parts += 1,
        }
    }

    /// Both together.
    pub(crate) fn and(self, other: MonthlySum) -> MonthlySum {
        MonthlySum { usd: self.usd + other.usd, unknown_parts: self.unknown_parts + other.unknown_parts }
    }
}

/// The causes of all open failures, each mended as its policy recommends, the worst first.
pub fn recommended(findings: &[Finding]) -> Vec<RootCause<'_>> {
    let open = findings.iter().filter(|finding| finding.is_open_failure());
    causes(open.map(|finding| (finding, finding.options.first())).collect())
}

/// The causes of these findings, the worst first. Every finding belongs to exactly one.
pub fn causes(mut chosen: Vec<ChosenRemedy<'_>>) -> Vec<RootCause<'_>> {
    chosen.sort_by(|(left, _), (right, _)| order(left, right));
    let related = Related::new(chosen.iter().map(|(finding, _)| *finding).collect());
    let keys: Vec<Vec<CauseKey>> = chosen.iter().map(|(finding, remedy)| keys(finding, *remedy)).collect();
    let mended = mended(&chosen, &keys, &related);
    let mut sets = DisjointSets::new(chosen.len());
    let mut by_key: BTreeMap<&CauseKey, usize> = BTreeMap::new();
    for (index, key) in
        keys.iter().enumerate().flat_map(|(index, keys)| keys.iter().map(move |key| (index, key)))
    {
        let first = *by_key.entry(key).or_insert(index);
        sets.join(first, index);
    }
    for (other, by) in &mended {
        sets.join(*other, *by);
    }
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for index in 0..chosen.len() {
        members.entry(sets.root(index)).or_default().push(index);
    }
    members.into_values().map(|members| cause(&members, &chosen, &keys, &mended)).collect()
}

/// What the option changes; its own resource where it names nothing that others may share.
pub(crate) fn keys(finding: &Finding, remedy: Option<&Remedy>) -> Vec<CauseKey> {
    match remedy.filter(|remedy| !remedy.causes.is_empty()) {
        Some(remedy) => remedy.causes.clone(),
        None => {
            let about = format!("{} {}", finding.policy, finding.resource);
            vec![CauseKey { kind: CauseKind::Resource, about }]
        }
    }
}

/// Whether an option that changes `by` can mend what would be mended by changing `other`: what
/// closes one security group leaves another one as it is.
pub(crate) fn is_within_reach(by: &[CauseKey], other: &[CauseKey]) -> bool {
    let is_same_kind = |left: &CauseKey, right: &CauseKey| {
        left.kind == right.kind && left.kind != CauseKind::Resource && left.kind != CauseKind::Argument
    };
    let mut alike = by.iter().flat_map(|left| other.iter().map(move |right| (left, right)));
    !alike.clone().any(|(left, right)| is_same_kind(left, right)) || alike.any(|(left, right)| left == right)
}

// Which finding is mended by the option that was chosen for another one.
fn mended(
    chosen: &[ChosenRemedy<'_>],
    keys: &[Vec<CauseKey>],
    related: &Related<'_>,
) -> BTreeSet<(usize, usize)> {
    let mut by_policy: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut resolving: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, (finding, remedy)) in chosen.iter().enumerate() {
        by_policy.entry(&finding.policy).or_default().push(index);
        for policy in remedy.iter().flat_map(|remedy| &remedy.relations.resolves) {
            resolving.entry(policy).or_default().push(index);
        }
    }
    let pairs = resolving.into_iter().flat_map(|(policy, by)| {
        let others = by_policy.get(policy).map(Vec::as_slice).unwrap_or_default();
        related.mended(&by, others)
    });
    let keys = |index: usize| keys.get(index).map(Vec::as_slice).unwrap_or_default();
    pairs.filter(|(other, by)| is_within_reach(keys(*by), keys(*other))).collect()
}

fn cause<'a>(
    members: &[usize],
    chosen: &[ChosenRemedy<'a>],
    keys: &[Vec<CauseKey>],
    mended: &BTreeSet<(usize, usize)>,
) -> RootCause<'a> {
    let mut parts: Vec<Vec<usize>> = Vec::new();
    let option = |index: usize| {
        let (finding, remedy) = chosen.get(index)?;
        Some((finding.policy.as_str(), remedy.as_ref()?.id.as_str()))
    };
    for member in members.iter().copied().filter(|member| option(*member).is_some()) {
        match parts.iter_mut().find(|part| part.first().and_then(|first| option(*first)) == option(member)) {
            Some(part) => part.push(member),
            None => parts.push(vec![member]),
        }
    }
    let severity = |index: usize| chosen.get(index).map(|(finding, _)| finding.severity);
    let kept = join::needed_parts(parts, mended, severity);
    let remedies = |part: Vec<usize>| -> Vec<(&'a Finding, &'a Remedy)> {
        let chosen = part.iter().filter_map(|index| chosen.get(*index));
        chosen.filter_map(|(finding, remedy)| Some((*finding, (*remedy)?))).collect()
    };
    let mut shared: Vec<CauseKey> =
        members.iter().filter_map(|index| keys.get(*index)).flatten().cloned().collect();
    shared.sort();
    shared.dedup();
    RootCause {
        keys: shared,
        findings: members
            .iter()
            .filter_map(|index| chosen.get(*index))
            .map(|(finding, _)| *finding)
            .collect(),
        parts: kept.into_iter().map(|part| CausePart { remedies: remedies(part) }).collect(),
    }
}
