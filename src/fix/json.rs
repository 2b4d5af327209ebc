//! The work as JSON, described in `docs/fix.md`.

use super::{Fix, unmet};
use crate::finding::{Finding, Remedy, Run};
use crate::text::Text;
use serde_json::{Value, json};

/// The version of the form. It changes when a field changes its meaning or goes away.
const SCHEMA_VERSION: u32 = 1;

/// Writes the work.
pub fn render(run: &Run, fixes: &[Fix<'_>]) -> String {
    let fixes: Vec<Value> = fixes.iter().map(form).collect();
    let document = json!({
        "schema_version": SCHEMA_VERSION,
        "account": run.account,
        "taken_at": run.taken_at,
        "fixes": fixes,
    });
    format!("{document:#}\n")
}

fn form(fix: &Fix<'_>) -> Value {
    let alternatives = fix.first().map(|first| first.options.as_slice()).unwrap_or_default();
    let others = alternatives.iter().filter(|option| option.id != fix.remedy.id);
    json!({
        "findings": fix.findings.iter().map(|finding| of_finding(finding)).collect::<Vec<_>>(),
        "needs_first": unmet(fix),
        "option": option(fix.remedy),
        "alternatives": others.map(option).collect::<Vec<_>>(),
    })
}

fn of_finding(finding: &Finding) -> Value {
    json!({
        "id": finding.id,
        "policy": finding.policy,
        "severity": finding.severity.as_str(),
        "resource": finding.resource,
        "region": finding.region,
        "discriminator": finding.discriminator,
        "message": text(&finding.message),
    })
}

fn option(remedy: &Remedy) -> Value {
    json!({
        "id": remedy.id,
        "title": text(&remedy.title),
        "steps": remedy.steps,
        "cli": text(&remedy.cli),
        "check": text(&remedy.check),
        "undo": text(&remedy.undo),
        "terraform": text(&remedy.terraform),
        "downtime": remedy.impact.downtime.as_str(),
        "needs_test": remedy.impact.needs_test,
        "effort_hours": remedy.impact.effort_hours,
    })
}

fn text(text: &Text) -> Value {
    json!({ "en": text.en, "ja": text.ja })
}
