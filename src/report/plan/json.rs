//! `--format json`: the plan for programs. The form is described by `docs/plan.schema.json`
//! and by the structs here. Amounts are US dollars a month before tax; an amount with
//! `unknown_parts` above 0 is a least amount.

use crate::finding::{Finding, Run, Severity};
use crate::plan::{
    Amount, Assumption, Candidate, Cell, Part, Phase, Plan, Step, WhyBefore, WhyLater, WhyOut,
};
use crate::report::page::json::pretty;
use crate::text::Text;
use serde_json::{Map, Value, json};

/// The version of the form.
pub const FORMAT_VERSION: u32 = 1;

pub(super) fn render(plan: &Plan<'_>, run: &Run) -> Vec<u8> {
    let (context, wishes) = (&plan.context, &plan.context.wishes);
    let weights =
        Severity::ALL.map(|severity| (severity.as_str().to_owned(), json!(wishes.weights.of(severity))));
    let form = json!({
        "format_version": FORMAT_VERSION,
        "account": run.account,
        "taken_at": run.taken_at,
        "regions": run.regions,
        "context": {
            "budget_usd": wishes.budget_usd,
            "current_bill_usd": context.bill_usd,
            "headroom_usd": context.headroom_usd(),
            "hour_down_usd": wishes.hour_down_usd,
            "peak_factor": wishes.peak_factor,
            "deadline": context.deadline.to_string(),
            "staff_hours": context.staff_hours,
            "approver": wishes.approver,
            "currency": wishes.currency.code(),
            "rate": wishes.currency.per_usd(),
            "weights": Map::from_iter(weights),
            "reliability_factor": context.reliability_factor(),
            "assumed": context.assumptions.iter().map(assumption).collect::<Vec<_>>(),
        },
        "failures": counts(&plan.failures),
        "unknown": plan.unknown,
        "is_proven": plan.is_proven,
        "phases": plan.phases.iter().map(phase).collect::<Vec<_>>(),
        "costs": plan.costs.iter().map(|row| json!({
            "part": part(row.part),
            "today": row.today.as_ref().map(cell),
            "after": row.after.iter().map(cell).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "improvements": plan.improvements.iter().map(|row| json!({
            "metric": row.metric.as_str(),
            "today": texts(&row.today),
            "after": row.after.iter().map(|after| texts(after)).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "trade_offs": plan.trade_offs.iter().map(|one| json!({
            "chosen": candidate(&one.chosen),
            "others": one.others.iter().map(|other| with(&other.option, [("why_not", why_out(&other.why_not))])).collect::<Vec<_>>(),
            "extra_usd": one.extra_usd,
            "break_even_hours": one.break_even_hours,
        })).collect::<Vec<_>>(),
        "left_out": plan.left_out.iter().map(|one| with(&one.option, [("findings", ids(&one.findings)), ("why", why_out(&one.why))])).collect::<Vec<_>>(),
        "remaining": ids(&plan.remaining),
    });
    pretty(&form)
}

fn phase(phase: &Phase<'_>) -> Value {
    json!({
        "phase": phase.kind.as_str(),
        "monthly": amount(&phase.monthly),
        "effort_hours": phase.effort_hours,
        "downtime": phase.downtime.as_str(),
        "remaining": counts(&phase.remaining),
        "steps": phase.steps.iter().map(step).collect::<Vec<_>>(),
    })
}

fn step(step: &Step<'_>) -> Value {
    json!({
        "actions": step.actions.iter().map(|action| with(action, [("commands", json!(commands(action))), ("not_known", ids(&action.unclear))])).collect::<Vec<_>>(),
        "mends": ids(&step.mends),
        "lowers": ids(&step.lowers),
        "monthly": amount(&step.monthly),
        "effort_hours": step.effort_hours,
        "downtime": step.downtime.as_str(),
        "points": step.points,
        "score": step.score,
        "before_next": step.before_next.map(|why| match why {
            WhyBefore::Needed => json!({ "why": "needed" }),
            WhyBefore::NeededBy(place) => json!({ "why": "needed-by", "step": place }),
            WhyBefore::Worse(this, next) => json!({ "why": "worse", "severity": this.as_str(), "next_severity": next.as_str() }),
            WhyBefore::MoreRisk(this, next) => json!({ "why": "more-risk", "score": this, "next_score": next }),
            WhyBefore::Equal => json!({ "why": "equal" }),
        }),
        "why_later": step.why_later.as_ref().map(|why| match why {
            WhyLater::Hours(needed, left) => json!({ "why": "hours", "needed": needed, "left": left }),
            WhyLater::Money(needed, left) => json!({ "why": "money", "needed_usd": needed, "left_usd": left }),
            WhyLater::Needs => json!({ "why": "needs" }),
        }),
    })
}

// The form of an option, and what its place adds to it.
fn with(one: &Candidate<'_>, more: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    let mut form = candidate(one);
    if let Value::Object(fields) = &mut form {
        fields.extend(more.into_iter().map(|(name, value)| (name.to_owned(), value)));
    }
    form
}

fn candidate(one: &Candidate<'_>) -> Value {
    let remedy = one.remedy();
    json!({
        "policy": one.policy,
        "option": one.option,
        "resource": one.resource,
        "region": one.region,
        "severity": one.severity.as_str(),
        "title": remedy.map(|remedy| text(&remedy.title)),
        "findings": one.remedies.iter().map(|(finding, _)| finding.id.as_str()).collect::<Vec<_>>(),
        "mends": if one.is_partial { "partly" } else { "fully" },
        "monthly": amount(&one.monthly),
        "effort_hours": one.effort_hours(),
        "downtime": one.downtime().as_str(),
        "needs_test": one.needs_test(),
    })
}

fn commands(one: &Candidate<'_>) -> Vec<Value> {
    let mut commands: Vec<&Text> = Vec::new();
    for (_, remedy) in &one.remedies {
        if !remedy.cli.en.is_empty() && !commands.contains(&&remedy.cli) {
            commands.push(&remedy.cli);
        }
    }
    commands.into_iter().map(text).collect()
}

fn assumption(assumption: &Assumption) -> Value {
    match assumption {
        Assumption::NoBudget => json!({ "what": "no-budget" }),
        Assumption::Rate { code, per_usd } => json!({ "what": "rate", "currency": code, "rate": per_usd }),
        Assumption::ListPrices { is_complete } => {
            json!({ "what": "list-prices", "is_complete": is_complete })
        }
        Assumption::NoBill => json!({ "what": "no-bill" }),
        Assumption::Deadline(day) => json!({ "what": "deadline", "day": day.to_string() }),
        Assumption::StaffHours(hours) => json!({ "what": "staff-hours", "hours": hours }),
        Assumption::NoPeak => json!({ "what": "no-peak" }),
        Assumption::NoHourDown => json!({ "what": "no-hour-down" }),
    }
}

fn why_out(why: &WhyOut<'_>) -> Value {
    match why {
        WhyOut::OverBudget(needed, left) => {
            json!({ "why": "over-budget", "needed_usd": needed, "left_usd": left })
        }
        WhyOut::PriceUnknown(gaps) => json!({ "why": "price-unknown", "gaps": gaps }),
        WhyOut::NeedsLeftOut(policy) => json!({ "why": "needs-left-out", "policy": policy }),
        WhyOut::Excluded(policy, option) => json!({ "why": "excluded", "policy": policy, "option": option }),
        WhyOut::Recommended => json!({ "why": "recommended" }),
        WhyOut::Dearer => json!({ "why": "dearer" }),
        WhyOut::MendsLess => json!({ "why": "mends-less" }),
        WhyOut::MoreWork => json!({ "why": "more-work" }),
        WhyOut::WorthLess => json!({ "why": "worth-less" }),
    }
}

fn part(part: Part) -> &'static str {
    match part {
        Part::Group(group) => group.as_str(),
        Part::Unexplained => "unexplained",
        Part::Other => "other",
    }
}

fn amount(amount: &Amount) -> Value {
    json!({ "usd": amount.usd, "unknown_parts": amount.unknown_parts, "gaps": amount.gaps })
}

fn cell(cell: &Cell) -> Value {
    json!({ "usd": cell.usd, "unknown_parts": cell.unknown })
}

fn counts(counts: &[usize]) -> Value {
    Value::Object(
        Severity::ALL
            .iter()
            .zip(counts)
            .map(|(severity, count)| (severity.as_str().to_owned(), json!(count)))
            .collect(),
    )
}

fn ids(findings: &[&Finding]) -> Value {
    json!(findings.iter().map(|finding| finding.id.as_str()).collect::<Vec<_>>())
}

fn text(text: &Text) -> Value {
    json!({ "en": text.en, "ja": text.ja })
}

fn texts(all: &[Text]) -> Value {
    json!(all.iter().map(text).collect::<Vec<_>>())
}
