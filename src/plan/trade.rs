//! Why this and not that: alternatives, what came too late, and what stays out.

use super::candidate::{Candidate, Field};
use super::choice::{Done, hours, open_needs};
use super::context::Context;
use super::{Phase, PhaseKind};
use crate::finding::Finding;
use crate::snapshot::GapId;

/// A decision between the options of one policy for one resource.
#[derive(Debug, Clone)]
pub struct TradeOff<'a> {
    /// What was chosen.
    pub chosen: Candidate<'a>,
    /// What was not.
    pub others: Vec<Alternative<'a>>,
    /// Hours of outage a month that pay for what the choice costs on top of the cheapest
    /// alternative, or of today where that costs nothing less; where an hour has a price
    /// and the choice keeps the service up.
    pub break_even_hours: Option<f64>,
    /// The money that the break-even is about, in dollars a month.
    pub extra_usd: f64,
}

/// An option that was not chosen.
#[derive(Debug, Clone)]
pub struct Alternative<'a> {
    /// The option.
    pub option: Candidate<'a>,
    /// Why the other one was chosen.
    pub why_not: WhyOut<'a>,
}

/// What is in no phase.
#[derive(Debug, Clone)]
pub struct LeftOut<'a> {
    /// The recommended option, or the one that came closest.
    pub option: Candidate<'a>,
    /// The findings that stay.
    pub findings: Vec<&'a Finding>,
    /// Why.
    pub why: WhyOut<'a>,
}

/// Why an option was not chosen.
#[derive(Debug, Clone, PartialEq)]
pub enum WhyOut<'a> {
    /// It costs more than is left: dollars a month needed and left.
    OverBudget(f64, f64),
    /// Its price is not known, and beside a budget nothing is taken for free.
    PriceUnknown(Vec<GapId>),
    /// What it needs is not in the plan: the policy that would have to be mended first.
    NeedsLeftOut(&'a str),
    /// Another option of the plan rules it out: that option's policy and id.
    Excluded(&'a str, &'a str),
    /// The policy recommends the other one, and there is room for it.
    Recommended,
    /// It does not carry the peak, and the other one does: at how many times today's load it ends, and
    /// how many there are at the peak.
    ShortOfPeak(f64, f64),
    /// The other one costs less money.
    Dearer,
    /// The other one mends more.
    MendsLess,
    /// The other one is less work, or less interruption.
    MoreWork,
    /// Something else was worth more.
    WorthLess,
}

/// Why a step comes after the deadline.
#[derive(Debug, Clone, PartialEq)]
pub enum WhyLater {
    /// Its hours are more than were left.
    Hours(f64, f64),
    /// Its money is more than was left.
    Money(f64, f64),
    /// It takes away what the peak needs: at how many times today's load it would end, and how many
    /// there are at the peak.
    Peak(f64, f64),
    /// What it needs comes then as well, or what it spends was saved first.
    Needs,
}

pub(super) struct Trader<'t, 'a> {
    pub field: &'t Field<'a>,
    pub context: &'t Context,
    pub done: &'t Done,
    pub first: &'t [usize],
    pub later: &'t [usize],
    /// Dollars a month that are left after the first phases.
    pub left: Option<f64>,
}

impl<'a> Trader<'_, 'a> {
    fn chosen(&self) -> impl Iterator<Item = (usize, &Candidate<'a>)> {
        let picks = self.first.iter().chain(self.later);
        picks.filter_map(|pick| Some((*pick, self.field.candidates.get(*pick)?)))
    }

    /// The dollars a month that nothing in the plan uses.
    fn money_left(&self) -> Option<f64> {
        let spent =
            self.later.iter().filter_map(|pick| self.field.candidates.get(*pick)).map(|one| one.monthly.usd);
        Some(self.left? - spent.sum::<f64>())
    }

    /// Says of each step after the deadline why it was not possible before.
    pub(crate) fn explain_later(&self, phases: &mut [Phase<'a>]) {
        let hours_left = (self.context.staff_hours - hours(self.field, self.first)).max(0.0);
        let positive: f64 = self
            .first
            .iter()
            .filter_map(|pick| self.field.candidates.get(*pick))
            .map(|one| one.monthly.usd.max(0.0))
            .sum();
        let money_left = self.context.headroom_usd().map(|usd| (usd - positive).max(0.0));
        for phase in phases.iter_mut().filter(|phase| phase.kind == PhaseKind::Afterwards) {
            for step in &mut phase.steps {
                let over = money_left.filter(|left| step.monthly.usd > *left + 1e-9);
                let narrowed = step.actions.iter().filter(|action| action.narrows);
                if let Some((carries, factor)) = narrowed.filter_map(|action| action.short_of_peak).next() {
                    step.why_later = Some(WhyLater::Peak(carries, factor));
                    continue;
                }
                step.why_later = Some(match over {
                    Some(left) => WhyLater::Money(step.monthly.usd, left),
                    None if step.effort_hours > hours_left => WhyLater::Hours(step.effort_hours, hours_left),
                    None => WhyLater::Needs,
                });
            }
        }
    }

    /// The decisions where a policy had more than one way.
    pub(crate) fn trade_offs(&self) -> Vec<TradeOff<'a>> {
        let mut trade_offs: Vec<TradeOff<'a>> = Vec::new();
        for (index, chosen) in self.chosen() {
            let rivals: Vec<(usize, &Candidate<'a>)> = self
                .field
                .candidates
                .iter()
                .enumerate()
                .filter(|(other, one)| one.group == chosen.group && *other != index)
                .collect();
            let cheapest = rivals
                .iter()
                .map(|(_, one)| &one.monthly)
                .filter(|amount| amount.is_known())
                .map(|amount| amount.usd.max(0.0))
                .fold(f64::INFINITY, f64::min);
            let base = if cheapest < chosen.monthly.usd { cheapest } else { 0.0 };
            let extra_usd = chosen.monthly.usd - base;
            let keeps_up = chosen
                .remedies
                .first()
                .is_some_and(|(finding, _)| finding.pillar == crate::finding::Pillar::Reliability);
            let break_even_hours = if keeps_up && chosen.monthly.is_known() {
                self.context.break_even_hours(extra_usd)
            } else {
                None
            };
            let others: Vec<Alternative<'a>> = rivals
                .into_iter()
                .map(|(_, one)| Alternative { option: one.clone(), why_not: self.why_not(one, chosen) })
                .collect();
            if !others.is_empty() || break_even_hours.is_some() {
                trade_offs.push(TradeOff { chosen: chosen.clone(), others, break_even_hours, extra_usd });
            }
        }
        // Several resources with the same decision are one decision.
        trade_offs.sort_by(|left, right| {
            right.chosen.severity.cmp(&left.chosen.severity).then(left.chosen.policy.cmp(right.chosen.policy))
        });
        trade_offs
    }

    fn why_not(&self, one: &Candidate<'a>, chosen: &Candidate<'a>) -> WhyOut<'a> {
        if let Some(why) = self.why_impossible(one) {
            return why;
        }
        if one.is_partial && !chosen.is_partial {
            return WhyOut::MendsLess;
        }
        if let (Some((carries, factor)), None) = (one.short_of_peak, chosen.short_of_peak) {
            return WhyOut::ShortOfPeak(carries, factor);
        }
        if chosen.rank < one.rank {
            return WhyOut::Recommended;
        }
        let is_over = self
            .money_left()
            .is_some_and(|left| one.monthly.usd.max(0.0) > left + chosen.monthly.usd.max(0.0) + 1e-9);
        if is_over {
            return WhyOut::OverBudget(
                one.monthly.usd,
                self.money_left().unwrap_or_default() + chosen.monthly.usd.max(0.0),
            );
        }
        if one.effort_hours() > chosen.effort_hours() || one.downtime() > chosen.downtime() {
            return WhyOut::MoreWork;
        }
        if one.monthly.usd > chosen.monthly.usd { WhyOut::Dearer } else { WhyOut::WorthLess }
    }

    fn why_impossible(&self, one: &Candidate<'a>) -> Option<WhyOut<'a>> {
        let rival = one.excludes.iter().find(|other| self.done.picks.contains(other));
        if let Some(rival) = rival.and_then(|other| self.field.candidates.get(*other)) {
            return Some(WhyOut::Excluded(rival.policy, rival.option));
        }
        let has_budget = self.context.headroom_usd().is_some();
        if has_budget && !one.monthly.is_known() && !self.context.wishes.allows_unknown_prices {
            return Some(WhyOut::PriceUnknown(one.monthly.gaps.clone()));
        }
        let needed = open_needs(one, self.done).next();
        let needed = needed.and_then(|(_, finding)| self.field.findings.get(finding));
        needed.map(|finding| WhyOut::NeedsLeftOut(&finding.policy))
    }

    /// The open failures that no phase mends or lowers, by policy and resource.
    pub(super) fn left_out(&self) -> Vec<LeftOut<'a>> {
        let mut left_out: Vec<LeftOut<'a>> = Vec::new();
        let mut seen = std::collections::BTreeSet::new();
        for one in &self.field.candidates {
            let own = one.mends.iter().chain(&one.lowers);
            let findings: Vec<&'a Finding> = own
                .filter(|finding| {
                    !self.done.mended.contains(*finding) && !self.done.lowered.contains(*finding)
                })
                .filter_map(|finding| self.field.findings.get(*finding).copied())
                .filter(|finding| finding.is_open_failure() && finding.policy == one.policy)
                .collect();
            if findings.is_empty() || !seen.insert(one.group) {
                continue;
            }
            let why = self.why_impossible(one).unwrap_or_else(|| self.why_unaffordable(one));
            left_out.push(LeftOut { option: one.clone(), findings, why });
        }
        left_out.sort_by(|left, right| {
            right.option.severity.cmp(&left.option.severity).then(left.option.policy.cmp(right.option.policy))
        });
        left_out
    }

    fn why_unaffordable(&self, one: &Candidate<'a>) -> WhyOut<'a> {
        match self.money_left() {
            Some(left) if one.monthly.usd > left => WhyOut::OverBudget(one.monthly.usd, left.max(0.0)),
            _ => WhyOut::WorthLess,
        }
    }
}
