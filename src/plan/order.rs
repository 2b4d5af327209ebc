//! The order of what was chosen: what is needed first, then what takes away the most risk
//! for its money and work.

use super::candidate::{Amount, Candidate, Field};
use super::choice::{Done, open_needs, points};
use super::context::Context;
use super::trade::WhyLater;
use crate::finding::{Downtime, Finding, Severity, arranged, lend_urgency, needed_first};
use crate::work::{ChosenRemedy, RootCause, causes};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// One piece of work: an option, or several that are done together.
#[derive(Debug, Clone)]
pub struct Step<'a> {
    /// What is done.
    pub actions: Vec<Candidate<'a>>,
    /// The root causes that it mends, each with what is done.
    pub causes: Vec<RootCause<'a>>,
    /// The failures it mends, the worst first.
    pub mends: Vec<&'a Finding>,
    /// The failures whose risk it only lowers.
    pub lowers: Vec<&'a Finding>,
    /// What it costs a month.
    pub monthly: Amount,
    /// Hours of work, once.
    pub effort_hours: f64,
    /// How long the service is interrupted.
    pub downtime: Downtime,
    /// Risk taken away, in points.
    pub points: f64,
    /// Points for each percent of the money and of the hours there are that it takes; higher
    /// comes first.
    pub score: f64,
    /// Why it comes before the next step of its phase.
    pub before_next: Option<WhyBefore>,
    /// Why it does not come in an earlier phase.
    pub why_later: Option<WhyLater>,
    /// Candidates, by index.
    pub(super) picks: Vec<usize>,
    /// The findings that must be mended before it.
    needs: BTreeSet<usize>,
    /// The findings that it mends.
    gives: BTreeSet<usize>,
    /// Steps that wait for it lend it theirs.
    rank: Rank,
}

/// How early a step comes, the highest first. Tonight the worst is mended first: nothing there costs
/// money, and all of it is done within hours. Later the score decides alone.
#[derive(Debug, Clone, Copy)]
struct Rank {
    severity: Option<Severity>,
    score: f64,
}

impl Rank {
    fn compare(&self, other: &Rank) -> Ordering {
        self.severity.cmp(&other.severity).then(self.score.total_cmp(&other.score))
    }
}

impl Step<'_> {
    /// The worst severity of what it mends or lowers.
    pub fn severity(&self) -> Severity {
        let findings = self.mends.iter().chain(&self.lowers);
        findings.map(|finding| finding.severity).max().unwrap_or(Severity::Info)
    }
}

/// Why a step comes before the next one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum WhyBefore {
    /// The next step needs it.
    Needed,
    /// Tonight: what it mends is worse than what the next one mends; the worst of both.
    Worse(Severity, Severity),
    /// A step further down, by its place in the phase from 0, needs it and is more urgent
    /// than the next one.
    NeededBy(usize),
    /// It takes away more risk for its money and work; the scores of both.
    MoreRisk(f64, f64),
    /// Both are worth about the same.
    Equal,
}

/// What money and work are measured by: what there is of them.
pub(super) struct Scales {
    usd: f64,
    hours: f64,
}

impl Scales {
    pub(super) fn new(field: &Field<'_>, context: &Context, picks: &[usize]) -> Scales {
        let chosen = picks.iter().filter_map(|pick| field.candidates.get(*pick));
        let usd: f64 = chosen.map(|one| one.monthly.usd.max(0.0)).sum();
        Scales {
            usd: context.headroom_usd().filter(|usd| *usd > 0.0).unwrap_or(usd).max(1.0),
            hours: context.staff_hours.max(1.0),
        }
    }
}

/// The pieces of work of these candidates, in order.
pub(super) fn steps<'a>(field: &Field<'a>, before: &Done, picks: &[usize], scales: &Scales) -> Vec<Step<'a>> {
    let mut works: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for pick in picks {
        if let Some(candidate) = field.candidates.get(*pick) {
            works.entry(candidate.work).or_default().push(*pick);
        }
    }
    let steps = works.into_values().map(|picks| step(field, before, picks, scales)).collect();
    in_order(steps)
}

fn step<'a>(field: &Field<'a>, before: &Done, picks: Vec<usize>, scales: &Scales) -> Step<'a> {
    let mut actions: Vec<Candidate<'a>> =
        picks.iter().filter_map(|pick| field.candidates.get(*pick)).cloned().collect();
    // Within one piece of work, too, what needs another comes after it; then the longest part
    // first, which often does what the others want.
    actions.sort_by(|left, right| {
        let longest = right.effort_hours().total_cmp(&left.effort_hours());
        left.needs.len().cmp(&right.needs.len()).then(longest)
    });
    let mut after = before.clone();
    after.add(field, &picks);
    // Accepted failures are no news for people, but others may wait for them.
    let gives: BTreeSet<usize> = after.mended.difference(&before.mended).copied().collect();
    let lowers: BTreeSet<usize> = after
        .lowered
        .iter()
        .filter(|index| !before.lowered.contains(index) && !after.mended.contains(index))
        .copied()
        .collect();
    let open = actions.iter().flat_map(|action| open_needs(action, before)).map(|(_, finding)| finding);
    let needs: BTreeSet<usize> = open.filter(|finding| !mended_by(&actions, *finding)).collect();
    let of = |indices: &BTreeSet<usize>| -> Vec<&'a Finding> {
        let mut findings: Vec<&Finding> =
            indices.iter().filter_map(|index| field.findings.get(*index).copied()).collect();
        findings.retain(|finding| finding.is_open_failure());
        findings.sort_by(|left, right| crate::finding::order(left, right));
        findings
    };
    let mut worth = 0.0;
    let mut seen = before.clone();
    for pick in &picks {
        worth += field.candidates.get(*pick).map_or(0.0, |one| points(field, &seen, one));
        seen.add(field, &[*pick]);
    }
    let monthly = Amount::sum(actions.iter().map(|one| &one.monthly));
    let effort_hours = actions.iter().map(Candidate::effort_hours).fold(0.0, f64::max);
    let takes = monthly.usd.max(0.0) / scales.usd + effort_hours / scales.hours;
    // Less than a thousandth of it all is as good as nothing.
    let score = worth / ((takes + 0.001) * 100.0);
    let mends = of(&gives);
    Step {
        causes: causes_of(&actions, &mends),
        mends,
        lowers: of(&lowers),
        downtime: actions.iter().map(Candidate::downtime).max().unwrap_or_default(),
        monthly,
        effort_hours,
        points: worth,
        score,
        before_next: None,
        why_later: None,
        picks,
        needs,
        gives,
        rank: Rank { severity: None, score },
        actions,
    }
}

// What an option mends besides its own belongs to its cause as well.
fn causes_of<'a>(actions: &[Candidate<'a>], mends: &[&'a Finding]) -> Vec<RootCause<'a>> {
    let own = actions.iter().flat_map(|action| &action.remedies);
    let mut chosen: Vec<ChosenRemedy<'a>> = own.map(|(finding, remedy)| (*finding, Some(*remedy))).collect();
    for finding in mends {
        if !chosen.iter().any(|(other, _)| other.id == finding.id) {
            chosen.push((finding, finding.options.first()));
        }
    }
    causes(chosen)
}

fn mended_by(actions: &[Candidate<'_>], finding: usize) -> bool {
    actions.iter().any(|one| one.mends.contains(&finding))
}

fn needs(step: &Step<'_>, other: &Step<'_>) -> bool {
    !step.needs.is_disjoint(&other.gives)
}

fn in_order<'a>(mut steps: Vec<Step<'a>>) -> Vec<Step<'a>> {
    let is_needed = |steps: &[Step<'a>], one: usize, other: usize| match (steps.get(one), steps.get(other)) {
        (Some(one), Some(other)) => needs(one, other),
        _ => false,
    };
    let mut ranks: Vec<Rank> = steps.iter().map(|step| step.rank).collect();
    lend_urgency(&mut ranks, Rank::compare, |one, other| is_needed(&steps, one, other));
    for (step, rank) in steps.iter_mut().zip(ranks) {
        step.rank = rank;
    }
    let compare = |one: usize, other: usize| match (steps.get(one), steps.get(other)) {
        (Some(left), Some(right)) => left
            .rank
            .compare(&right.rank)
            .then(left.score.total_cmp(&right.score))
            .then(right.picks.cmp(&left.picks)),
        _ => Ordering::Equal,
    };
    let places = needed_first(steps.len(), compare, |one, other| is_needed(&steps, one, other));
    arranged(steps, &places)
}

/// Scores that differ by less say nothing: they depend on estimates.
const CLOSE: f64 = 1.02;

/// Hours that one piece of work may take, and all of them together, to be for tonight.
const EVENING_HOURS: f64 = 4.0;
const NIGHT_HOURS: f64 = 8.0;

fn is_for_tonight(step: &Step<'_>) -> bool {
    step.monthly.is_free()
        && step.severity() >= Severity::High
        && step.downtime <= Downtime::Minutes
        && step.effort_hours <= EVENING_HOURS
}

/// What is free and urgent, and all it needs is so too, the worst first until the night is over; and
/// the rest.
pub(super) fn split(mut steps: Vec<Step<'_>>) -> (Vec<Step<'_>>, Vec<Step<'_>>) {
    for step in &mut steps {
        step.rank.severity = is_for_tonight(step).then(|| step.severity());
    }
    let (mut tonight, mut later) = (Vec::new(), Vec::new());
    let mut hours = 0.0;
    for step in in_order(steps) {
        let has_time = hours + step.effort_hours <= NIGHT_HOURS;
        if is_for_tonight(&step) && has_time && !later.iter().any(|other| needs(&step, other)) {
            hours += step.effort_hours;
            tonight.push(step);
        } else {
            later.push(step);
        }
    }
    (tonight, later)
}

/// The steps of one phase, each with why it comes before the next.
pub(super) fn explained<'a>(field: &Field<'a>, mut steps: Vec<Step<'a>>, is_tonight: bool) -> Vec<Step<'a>> {
    debug_assert!(steps.iter().flat_map(|step| &step.picks).all(|pick| *pick < field.candidates.len()));
    for step in &mut steps {
        step.rank = Rank { severity: is_tonight.then(|| step.severity()), score: step.score };
    }
    let mut steps = in_order(steps);
    let reasons: Vec<Option<WhyBefore>> = steps
        .iter()
        .enumerate()
        .map(|(index, step)| {
            let next = steps.get(index + 1)?;
            let waiting = steps
                .iter()
                .enumerate()
                .skip(index + 2)
                .find(|(_, other)| needs(other, step) && other.rank.compare(&next.rank).is_ge());
            Some(match waiting {
                _ if needs(next, step) => WhyBefore::Needed,
                _ if is_tonight && step.severity() > next.severity() => {
                    WhyBefore::Worse(step.severity(), next.severity())
                }
                _ if step.score > next.score * CLOSE => WhyBefore::MoreRisk(step.score, next.score),
                Some((place, _)) => WhyBefore::NeededBy(place),
                None => WhyBefore::Equal,
            })
        })
        .collect();
    for (step, reason) in steps.iter_mut().zip(reasons) {
        step.before_next = reason;
    }
    steps
}
