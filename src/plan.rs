//! A plan: which options to carry out, in which order, and what that costs and mends.
//!
//! Pure: the same findings, prices and wishes give the same plan, whatever the order they
//! come in. The choice is made for as much risk as money and hours allow (`choice`); the
//! order follows from what needs what, then from the risk taken away for money and work
//! (`order`).

mod candidate;
mod choice;
mod context;
mod order;
mod request;
mod table;
mod trade;

pub use candidate::{Amount, Candidate};
pub use context::{Assumption, Context, Deadline, Weights, Wishes};
pub use order::{Step, WhyBefore};
pub(crate) use request::WEIGHTS;
pub use request::{PEAK_FACTORS, PlanRequest, STAFF_HOURS};
pub use table::{Cell, CostRow, ImprovementRow, Part};
pub use trade::{Alternative, LeftOut, TradeOff, WhyLater, WhyOut};

use crate::cost::{Bill, Group, Sum};
use crate::finding::{Downtime, Finding, Severity, Verdict};
use candidate::Field;
use choice::{Done, Limits, choose};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// Today's bill, as far as list prices tell.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Today {
    /// The parts of the bill that have items.
    pub parts: BTreeMap<Group, Sum>,
}

impl Today {
    /// Out of a bill.
    pub(crate) fn new(bill: &Bill) -> Today {
        Today { parts: bill.groups().map(|group| (group, bill.of(group))).collect() }
    }

    /// Dollars a month of what is known.
    pub(crate) fn total_usd(&self) -> f64 {
        self.parts.values().map(|sum| sum.usd).sum()
    }

    /// Whether every item has a price and a quantity.
    pub(crate) fn is_complete(&self) -> bool {
        self.parts.values().all(|sum| sum.unknown == 0)
    }
}

/// When a phase is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PhaseKind {
    /// Free and urgent.
    Tonight,
    /// Before the deadline, within the budget and the hours.
    BeforeDeadline,
    /// After the deadline, within the budget.
    Afterwards,
}

impl PhaseKind {
    /// Every phase, in order.
    pub(crate) const ALL: [PhaseKind; 3] =
        [PhaseKind::Tonight, PhaseKind::BeforeDeadline, PhaseKind::Afterwards];

    /// 0 for tonight.
    pub fn number(self) -> usize {
        self as usize
    }
}

/// A part of the plan.
#[derive(Debug, Clone)]
pub struct Phase<'a> {
    /// When it is.
    pub kind: PhaseKind,
    /// What is done, in order.
    pub steps: Vec<Step<'a>>,
    /// What it costs a month, on top of the phases before.
    pub monthly: Amount,
    /// Hours of work.
    pub effort_hours: f64,
    /// The longest interruption.
    pub downtime: Downtime,
    /// The failures that remain after it, by severity, in the order of [`Severity::ALL`].
    pub remaining: [usize; Severity::ALL.len()],
}

/// A plan.
#[derive(Debug, Clone)]
pub struct Plan<'a> {
    /// What it was made for.
    pub context: Context,
    /// The failures today, by severity, in the order of [`Severity::ALL`].
    pub failures: [usize; Severity::ALL.len()],
    /// Phases that have steps.
    pub phases: Vec<Phase<'a>>,
    /// Today against after each phase, by part of the bill.
    pub costs: Vec<CostRow>,
    /// What gets better, by metric.
    pub improvements: Vec<ImprovementRow>,
    /// Decisions between options of one policy.
    pub trade_offs: Vec<TradeOff<'a>>,
    /// What is not in any phase, and why.
    pub left_out: Vec<LeftOut<'a>>,
    /// Open failures that remain after the last phase.
    pub remaining: Vec<&'a Finding>,
    /// Verdicts that are not known; the plan says nothing about them.
    pub unknown: usize,
    /// Whether no better choice exists; otherwise there was too much to choose from.
    pub is_proven: bool,
}

/// Makes a plan.
pub fn make<'a>(findings: &'a [Finding], today: Option<&Today>, context: Context) -> Plan<'a> {
    let field = Field::new(findings, &context);
    let mut done = Done::default();
    let limits = |headroom_usd, hours: Option<f64>| Limits {
        headroom_usd,
        hours,
        is_before_peak: hours.is_some(),
        allows_unknown_prices: context.wishes.allows_unknown_prices,
    };
    let headroom = context.headroom_usd();
    let (first, first_is_proven) = choose(&field, &done, &limits(headroom, Some(context.staff_hours)));
    let before = done.clone();
    done.add(&field, &first);
    // What the first phases save is there to spend afterwards.
    let spent: f64 =
        first.iter().filter_map(|pick| field.candidates.get(*pick)).map(|one| one.monthly.usd).sum();
    let left = headroom.map(|usd| usd - spent);
    let (later, later_is_proven) = choose(&field, &done, &limits(left, None));
    let after_first = done.clone();
    done.add(&field, &later);

    let scales = order::Scales::new(&field, &context, &first);
    let steps = order::steps(&field, &before, &first, &scales);
    let (tonight, soon) = order::split(steps);
    let afterwards = order::steps(&field, &after_first, &later, &scales);
    let mut phases = Vec::new();
    let mut so_far = Done::default();
    for (kind, steps) in PhaseKind::ALL.into_iter().zip([tonight, soon, afterwards]) {
        let steps = order::explained(&field, steps, kind == PhaseKind::Tonight);
        let picks: Vec<usize> = steps.iter().flat_map(|step| step.picks.iter().copied()).collect();
        so_far.add(&field, &picks);
        if !steps.is_empty() {
            phases.push(phase(&field, kind, steps, &so_far));
        }
    }
    let trader =
        trade::Trader { field: &field, context: &context, done: &done, first: &first, later: &later, left };
    trader.explain_later(&mut phases);
    let open = field.findings.iter().enumerate().filter(|(_, finding)| finding.is_open_failure());
    Plan {
        failures: counted(&field, &Done::default()),
        costs: table::costs(&phases, today, &context),
        improvements: table::improvements(&field, &phases),
        trade_offs: trader.trade_offs(),
        left_out: trader.left_out(),
        remaining: open
            .filter(|(index, _)| !done.mended.contains(index))
            .map(|(_, finding)| *finding)
            .collect(),
        unknown: findings.iter().filter(|finding| matches!(finding.verdict, Verdict::Unknown(_))).count(),
        is_proven: first_is_proven && later_is_proven,
        phases,
        context,
    }
}

fn phase<'a>(field: &Field<'a>, kind: PhaseKind, steps: Vec<Step<'a>>, so_far: &Done) -> Phase<'a> {
    Phase {
        kind,
        monthly: Amount::sum(steps.iter().map(|step| &step.monthly)),
        effort_hours: steps.iter().map(|step| step.effort_hours).sum(),
        downtime: steps.iter().map(|step| step.downtime).max().unwrap_or_default(),
        remaining: counted(field, so_far),
        steps,
    }
}

fn counted(field: &Field<'_>, done: &Done) -> [usize; Severity::ALL.len()] {
    Severity::ALL.map(|severity| {
        let open = field.findings.iter().enumerate().filter(|(index, finding)| {
            finding.is_open_failure() && finding.severity == severity && !done.mended.contains(index)
        });
        open.count()
    })
}

#[cfg(test)]
mod tests;
