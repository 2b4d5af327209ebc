//! Which options to carry out: as much risk taken away as money and hours allow.
//!
//! An integer programme. Ties go to what its policy recommends, then to what costs less
//! money and work, then to the order of ids; candidates come in that order whatever the
//! order of findings was, so that the same account gives the same plan.

use super::candidate::{Candidate, Field, Need};
use good_lp::{Expression, ProblemVariables, Solution, SolverModel, Variable, WithMipGap, microlp, variable};
use std::collections::{BTreeMap, BTreeSet};

/// What is left of money and work.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Dollars a month on top of what was chosen before; `None` for no limit.
    pub headroom_usd: Option<f64>,
    /// Hours of work; `None` for no limit.
    pub hours: Option<f64>,
    /// Whether options without a known price may be chosen beside a budget.
    pub allows_unknown_prices: bool,
    /// Whether the peak is still to come.
    pub is_before_peak: bool,
}

/// What earlier phases did.
#[derive(Debug, Clone, Default)]
pub(super) struct Done {
    /// The candidates chosen so far.
    pub picks: Vec<usize>,
    /// Findings that are mended.
    pub mended: BTreeSet<usize>,
    /// Findings whose risk is lower.
    pub lowered: BTreeSet<usize>,
}

impl Done {
    pub(super) fn add(&mut self, field: &Field<'_>, picks: &[usize]) {
        self.picks.extend(picks);
        for candidate in picks.iter().filter_map(|pick| field.candidates.get(*pick)) {
            self.mended.extend(&candidate.mends);
            self.lowered.extend(&candidate.lowers);
        }
    }
}

/// A lower risk counts half of one that is gone.
const PARTIAL: f64 = 0.5;
/// The part of its points that an option loses for not being the recommended one.
const ALTERNATIVE: f64 = 0.1;
/// The same for each place further down, and at most for its money and its work.
const NUANCE: f64 = 0.01;
/// With more candidates than this an exact choice may take minutes.
pub(super) const MOST_EXACT: usize = 300;

/// The candidates to carry out, sorted, and whether no better choice exists.
pub(super) fn choose(field: &Field<'_>, done: &Done, limits: &Limits) -> (Vec<usize>, bool) {
    let open: Vec<usize> =
        (0..field.candidates.len()).filter(|index| is_open(field, done, limits, *index)).collect();
    if open.len() <= MOST_EXACT
        && let Some(picks) = solve(field, done, limits, &open)
    {
        return (picks, true);
    }
    (greedy(field, done, limits, &open), open.is_empty())
}

/// Whether a candidate can be chosen at all, by itself.
pub(super) fn is_open(field: &Field<'_>, done: &Done, limits: &Limits, index: usize) -> bool {
    let Some(candidate) = field.candidates.get(index) else {
        return false;
    };
    let is_news = candidate.mends.iter().any(|finding| !done.mended.contains(finding))
        || candidate
            .lowers
            .iter()
            .any(|finding| !done.mended.contains(finding) && !done.lowered.contains(finding));
    let has_price =
        candidate.monthly.is_known() || limits.headroom_usd.is_none() || limits.allows_unknown_prices;
    let is_in_time = !(limits.is_before_peak && candidate.narrows);
    is_news && has_price && is_in_time && !candidate.excludes.iter().any(|other| done.picks.contains(other))
}

/// The candidates that mend a finding as `need` wants it.
fn ways<'f, 'a>(
    field: &'f Field<'a>,
    need: &'f Need,
    finding: usize,
) -> impl Iterator<Item = (usize, &'f Candidate<'a>)> {
    field.candidates.iter().enumerate().filter(move |(_, one)| {
        let is_named = need.name.option.is_none() || need.name.names(one.policy, one.option);
        is_named && one.mends.contains(&finding)
    })
}

/// The findings that must be mended before a candidate, as far as it does not do so itself.
pub(super) fn open_needs<'f>(
    candidate: &'f Candidate<'_>,
    done: &'f Done,
) -> impl Iterator<Item = (&'f Need, usize)> {
    candidate.needs.iter().flat_map(move |need| {
        let open = need.findings.iter().filter(|finding| !done.mended.contains(*finding));
        open.filter(|finding| !candidate.mends.contains(finding)).map(move |finding| (need, *finding))
    })
}

/// The points that a candidate takes away by itself.
pub(super) fn points(field: &Field<'_>, done: &Done, candidate: &Candidate<'_>) -> f64 {
    let of = |finding: &usize| field.points.get(*finding).copied().unwrap_or_default();
    let mends = candidate.mends.iter().filter(|finding| !done.mended.contains(*finding)).map(of);
    let lowers = candidate.lowers.iter().filter(|finding| !done.mended.contains(*finding)).map(of);
    mends.sum::<f64>() + lowers.sum::<f64>() * PARTIAL
}

// What makes one of several equal choices the better one; always less than what it is worth.
fn drawback(field: &Field<'_>, done: &Done, index: usize, most_usd: f64, most_hours: f64) -> f64 {
    let Some(candidate) = field.candidates.get(index) else {
        return 0.0;
    };
    let rank = u32::try_from(candidate.rank).map_or(9.0, f64::from).min(9.0);
    let rank = if rank > 0.0 { ALTERNATIVE + NUANCE * rank } else { 0.0 };
    // At the peak the risk is there again.
    let rank = if candidate.has_peak_rival { PARTIAL } else { rank };
    let (money, work) = (candidate.monthly.usd.max(0.0) / most_usd, candidate.effort_hours() / most_hours);
    let place = u32::try_from(index).map_or(1.0, f64::from) * 1e-8;
    points(field, done, candidate) * (rank + NUANCE * (money + work)) + 1e-5 + place
}

struct Model {
    vars: ProblemVariables,
    picks: BTreeMap<usize, Variable>,
    objective: Expression,
    rules: Vec<good_lp::Constraint>,
}

fn solve(field: &Field<'_>, done: &Done, limits: &Limits, open: &[usize]) -> Option<Vec<usize>> {
    let mut model = Model {
        vars: ProblemVariables::new(),
        picks: BTreeMap::new(),
        objective: Expression::from(0.0),
        rules: Vec::new(),
    };
    for index in open {
        let pick = model.vars.add(variable().binary());
        model.picks.insert(*index, pick);
    }
    add_worth(&mut model, field, done, open);
    add_relations(&mut model, field, done, open);
    add_limits(&mut model, field, limits, open);
    let Model { vars, picks, objective, rules } = model;
    let mut problem = vars.maximise(objective).using(microlp).with_mip_gap(1e-6).ok()?;
    for rule in rules {
        problem.add_constraint(rule);
    }
    let solution = problem.solve().ok()?;
    Some(picks.into_iter().filter(|(_, pick)| solution.value(*pick) > 0.5).map(|(index, _)| index).collect())
}

fn add_worth(model: &mut Model, field: &Field<'_>, done: &Done, open: &[usize]) {
    let candidates = || open.iter().filter_map(|index| Some((*index, field.candidates.get(*index)?)));
    let most = field.points.iter().copied().fold(1.0, f64::max);
    let most_usd = candidates().map(|(_, one)| one.monthly.usd).fold(1.0, f64::max);
    let most_hours = candidates().map(|(_, one)| one.effort_hours()).fold(1.0, f64::max);
    for (finding, points) in field.points.iter().enumerate() {
        if *points <= 0.0 || done.mended.contains(&finding) {
            continue;
        }
        let sum = |lists: &dyn Fn(&Candidate<'_>) -> bool| {
            let picks =
                candidates().filter(|(_, one)| lists(one)).filter_map(|(index, _)| model.picks.get(&index));
            picks.fold(None, |sum: Option<Expression>, pick| Some(sum.unwrap_or_default() + *pick))
        };
        let mending = sum(&|one| one.mends.contains(&finding));
        let is_lowered = done.lowered.contains(&finding);
        let lowering = sum(&|one| one.lowers.contains(&finding)).filter(|_| !is_lowered);
        let mut both = Expression::from(0.0);
        if let Some(mending) = mending {
            let mended = model.vars.add(variable().min(0.0).max(1.0));
            // What an earlier phase lowered is worth the rest.
            let worth = if is_lowered { points * (1.0 - PARTIAL) } else { *points };
            model.objective += worth / most * mended;
            model.rules.push((mending - mended).geq(0.0));
            both += mended;
        }
        if let Some(lowering) = lowering {
            let lowered = model.vars.add(variable().min(0.0).max(1.0));
            model.objective += points * PARTIAL / most * lowered;
            model.rules.push((lowering - lowered).geq(0.0));
            both += lowered;
            model.rules.push(both.leq(1.0));
        }
    }
    for (index, pick) in &model.picks {
        model.objective -= drawback(field, done, *index, most_usd, most_hours) / most * *pick;
    }
}

fn add_relations(model: &mut Model, field: &Field<'_>, done: &Done, open: &[usize]) {
    let mut groups: BTreeMap<usize, Vec<Variable>> = BTreeMap::new();
    for (index, candidate) in open.iter().filter_map(|index| Some((*index, field.candidates.get(*index)?))) {
        let Some(pick) = model.picks.get(&index).copied() else {
            continue;
        };
        groups.entry(candidate.group).or_default().push(pick);
        for (need, finding) in open_needs(candidate, done) {
            let mut rule = -1.0 * pick;
            for (_, way) in
                ways(field, need, finding).filter_map(|(way, _)| Some((way, model.picks.get(&way)?)))
            {
                rule += *way;
            }
            model.rules.push(rule.geq(0.0));
        }
        for other in candidate.excludes.iter().filter(|other| **other > index) {
            if let Some(other) = model.picks.get(other) {
                model.rules.push((pick + *other).leq(1.0));
            }
        }
    }
    for picks in groups.into_values().filter(|picks| picks.len() > 1) {
        let sum = picks.into_iter().fold(Expression::from(0.0), |sum, pick| sum + pick);
        model.rules.push(sum.leq(1.0));
    }
}

fn add_limits(model: &mut Model, field: &Field<'_>, limits: &Limits, open: &[usize]) {
    if let Some(headroom) = limits.headroom_usd {
        let mut money = Expression::from(0.0);
        for (index, pick) in &model.picks {
            // What saves money has saved nothing before it is done.
            let usd = field.candidates.get(*index).map_or(0.0, |one| one.monthly.usd.max(0.0));
            money += usd * *pick;
        }
        model.rules.push(money.leq(headroom.max(0.0)));
    }
    if let Some(hours) = limits.hours {
        let mut works: BTreeMap<usize, Vec<(f64, Variable)>> = BTreeMap::new();
        for (index, pick) in &model.picks {
            if let Some(one) = field.candidates.get(*index) {
                works.entry(one.work).or_default().push((one.effort_hours(), *pick));
            }
        }
        let mut effort = Expression::from(0.0);
        for parts in works.into_values() {
            match parts.as_slice() {
                [(hours, pick)] => effort += *hours * *pick,
                parts => {
                    // One piece of work takes as long as its longest part.
                    let longest = model.vars.add(variable().min(0.0));
                    for (hours, pick) in parts {
                        model.rules.push((longest - *hours * *pick).geq(0.0));
                    }
                    effort += longest;
                }
            }
        }
        model.rules.push(effort.leq(hours.max(0.0)));
    }
    debug_assert!(open.len() == model.picks.len());
}

// The most points for the least money and work first, each with what it needs, as long as
// the limits hold. Good, but not proven to be the best.
fn greedy(field: &Field<'_>, done: &Done, limits: &Limits, open: &[usize]) -> Vec<usize> {
    let mut ranked: Vec<(f64, usize)> = open
        .iter()
        .filter_map(|index| {
            let candidate = field.candidates.get(*index)?;
            let money = limits
                .headroom_usd
                .filter(|usd| *usd > 0.0)
                .map_or(0.0, |usd| candidate.monthly.usd.max(0.0) / usd);
            let work = limits
                .hours
                .filter(|hours| *hours > 0.0)
                .map_or(0.0, |hours| candidate.effort_hours() / hours);
            let drawback = drawback(field, done, *index, f64::MAX, f64::MAX);
            let worth = points(field, done, candidate) - drawback;
            (worth > 0.0).then_some((worth / (money + work + 0.001), *index))
        })
        .collect();
    ranked.sort_by(|left, right| right.0.total_cmp(&left.0).then(left.1.cmp(&right.1)));
    let mut taken = Done { picks: Vec::new(), ..done.clone() };
    for (_, index) in ranked {
        let Some(closure) = with_needs(field, &taken, index, open) else {
            continue;
        };
        let mut trial = taken.clone();
        trial.add(field, &closure);
        if is_open(field, &taken, limits, index) && fits(field, &trial.picks, limits) {
            taken = trial;
        }
    }
    taken.picks.sort_unstable();
    taken.picks
}

// The candidate and what it needs that is not done yet, or none where that cannot be done.
fn with_needs(field: &Field<'_>, taken: &Done, index: usize, open: &[usize]) -> Option<Vec<usize>> {
    let mut all = vec![index];
    let mut next = 0;
    while let Some(candidate) = all.get(next).and_then(|index| field.candidates.get(*index)) {
        let mut with = taken.clone();
        with.add(field, &all);
        for (need, finding) in open_needs(candidate, taken).collect::<Vec<_>>() {
            if !with.mended.contains(&finding) {
                let way = ways(field, need, finding).map(|(way, _)| way).find(|way| open.contains(way))?;
                all.push(way);
                with.add(field, &[way]);
            }
        }
        next += 1;
    }
    let groups: BTreeSet<usize> =
        all.iter().filter_map(|index| field.candidates.get(*index)).map(|one| one.group).collect();
    let is_sound = groups.len() == all.len()
        && all.iter().all(|one| {
            let excludes = field.candidates.get(*one).map(|one| one.excludes.as_slice()).unwrap_or_default();
            !excludes.iter().any(|other| all.contains(other) || taken.picks.contains(other))
        });
    is_sound.then_some(all)
}

fn fits(field: &Field<'_>, picks: &[usize], limits: &Limits) -> bool {
    let chosen = || picks.iter().filter_map(|pick| field.candidates.get(*pick));
    let groups: BTreeSet<usize> = chosen().map(|one| one.group).collect();
    let money: f64 = chosen().map(|one| one.monthly.usd.max(0.0)).sum();
    let within = |spent: f64, limit: Option<f64>| limit.is_none_or(|limit| spent <= limit.max(0.0) + 1e-9);
    groups.len() == picks.len()
        && within(money, limits.headroom_usd)
        && within(hours(field, picks), limits.hours)
}

/// Hours of work for these candidates, of which several may be one piece of work.
pub(super) fn hours(field: &Field<'_>, picks: &[usize]) -> f64 {
    let mut works: BTreeMap<usize, f64> = BTreeMap::new();
    for one in picks.iter().filter_map(|pick| field.candidates.get(*pick)) {
        let longest = works.entry(one.work).or_default();
        *longest = longest.max(one.effort_hours());
    }
    works.into_values().sum()
}
