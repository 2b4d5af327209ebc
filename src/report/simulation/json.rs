//! The simulation for programs; `docs/simulation.md` describes it. New keys may be added within
//! a version; a change of meaning or a removal raises [`FORMAT_VERSION`].

use crate::finding::{Finding, Run};
use crate::report::page::json::pretty;
use crate::simulate::{CarriedOption, OptionOutcome, OptionsCost, Simulation};
use serde_json::{Value, json};

/// The version of the form.
pub const FORMAT_VERSION: u32 = 1;

pub(super) fn render(simulation: &Simulation, run: &Run) -> Vec<u8> {
    let findings = |findings: &[Finding]| findings.iter().map(finding).collect::<Vec<_>>();
    let OptionsCost { usd, unknown } = simulation.monthly_cost();
    pretty(&json!({
        "format_version": FORMAT_VERSION,
        "account": run.account,
        "partition": run.partition,
        "taken_at": run.taken_at,
        "regions": run.regions,
        "options": simulation.carried.iter().map(carried).collect::<Vec<_>>(),
        "closes": findings(&simulation.closes),
        "opens": findings(&simulation.opens),
        "unknown": findings(&simulation.unknown),
        "stays": findings(&simulation.stays),
        "monthly_usd": usd,
        "monthly_usd_without": unknown,
    }))
}

fn carried(carried: &CarriedOption) -> Value {
    let (outcome, unknown, missing) = match &carried.outcome {
        OptionOutcome::Done => ("done", Vec::new(), None),
        OptionOutcome::ClosedBefore => ("closed-before", Vec::new(), None),
        OptionOutcome::Unknown(gaps) => ("unknown", gaps.iter().map(ToString::to_string).collect(), None),
        OptionOutcome::Missing(what) => ("missing", Vec::new(), Some(what)),
    };
    json!({
        "policy": carried.policy,
        "option": carried.option,
        "title": { "en": carried.title.en, "ja": carried.title.ja },
        "resource": carried.resource,
        "finding": carried.finding,
        "outcome": outcome,
        "unknown_because": unknown,
        "missing": missing,
        "monthly_usd": carried.monthly_usd.usd(),
    })
}

fn finding(finding: &Finding) -> Value {
    json!({
        "id": finding.id,
        "policy": finding.policy,
        "severity": finding.severity.as_str(),
        "resource": finding.resource,
        "region": finding.region,
        "discriminator": finding.discriminator,
        "verdict": finding.verdict.as_str(),
        "message": { "en": finding.message.en, "ja": finding.message.ja },
    })
}
