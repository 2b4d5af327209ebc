//! The work as JSON. The structs here are the form: `docs/fix.schema.json` is made from them,
//! and `docs/fix.md` describes it. Keys come in alphabetical order.

use super::{Fix, unmet};
use crate::finding::{Downtime, Finding, Remedy, Run, Severity};
use crate::report::page::json::{CauseForm, StepsForm, TextForm, pretty_text, schema_of, sorted};
use crate::work::CausePart;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// The version of the form. It changes when a field changes its meaning or goes away.
const SCHEMA_VERSION: u32 = 2;

/// Writes the work.
pub(super) fn render(run: &Run, fixes: &[Fix<'_>]) -> String {
    pretty_text(&sorted(&WorkForm {
        schema_version: SCHEMA_VERSION,
        account: &run.account,
        taken_at: &run.taken_at,
        fixes: fixes.iter().map(|fix| FixForm::new(fix, run)).collect(),
    }))
}

/// The JSON Schema of the form: `docs/fix.schema.json`.
pub fn schema() -> Value {
    schema_of::<WorkForm<'_>>()
}

/// The output of `tenken fix --format json`, version 2. New keys may appear within a version; a
/// removal or a change of meaning raises `schema_version`.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "tenken fix")]
struct WorkForm<'a> {
    /// The version of this form.
    #[schemars(extend("const" = SCHEMA_VERSION))]
    schema_version: u32,
    /// The account's twelve digits.
    #[schemars(regex(pattern = "^[0-9]{12}$"))]
    account: &'a str,
    /// When AWS was asked, RFC 3339 in UTC.
    #[schemars(extend("format" = "date-time"))]
    taken_at: &'a str,
    /// The pieces of work, in order.
    fixes: Vec<FixForm<'a>>,
}

/// One piece of work: a root cause.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Fix")]
struct FixForm<'a> {
    cause: CauseForm<'a>,
    /// What it closes, the worst first.
    findings: Vec<FixFindingForm<'a>>,
    /// Findings that have to be mended first: id and policy.
    needs_first: Vec<String>,
    /// What is carried out, in order.
    options: Vec<FixOptionForm<'a>>,
    /// Commands for the AWS CLI for all of it, in the order in which they run; empty where there
    /// is none.
    cli: TextForm<'a>,
    /// Commands that read and show whether `cli` worked; empty where there is none.
    check: TextForm<'a>,
    /// Commands that restore the state before `cli`, or a comment that says why that cannot
    /// be done; empty where there is none.
    undo: TextForm<'a>,
    /// Terraform fragments.
    terraform: Vec<TextForm<'a>>,
    downtime: Downtime,
    /// Whether it should be tried elsewhere first.
    needs_test: bool,
    /// Hours of work for one engineer, once.
    effort_hours: f64,
    /// The other options of the first finding's policy.
    alternatives: Vec<FixAlternativeForm<'a>>,
}

impl<'a> FixForm<'a> {
    fn new(fix: &'a Fix<'_>, run: &Run) -> Self {
        let cause = &fix.cause;
        let led = cause.parts.first().and_then(CausePart::first);
        let options = led.map(|(finding, _)| finding.options.as_slice()).unwrap_or_default();
        let others = options.iter().filter(|option| led.is_some_and(|(_, remedy)| option.id != remedy.id));
        FixForm {
            cause: CauseForm::new(cause, run),
            findings: cause.findings.iter().map(|finding| FixFindingForm::new(finding)).collect(),
            needs_first: unmet(fix),
            options: cause.parts.iter().filter_map(FixOptionForm::new).collect(),
            cli: TextForm::owned(cause.script()),
            check: TextForm::owned(cause.check()),
            undo: TextForm::owned(cause.undo()),
            terraform: cause.terraform().into_iter().map(TextForm::new).collect(),
            downtime: cause.downtime(),
            needs_test: cause.needs_test(),
            effort_hours: cause.effort_hours(),
            alternatives: others.map(FixAlternativeForm::new).collect(),
        }
    }
}

/// An open failure.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Finding")]
struct FixFindingForm<'a> {
    /// The finding's id: the same in every run, report and history.
    #[schemars(regex(pattern = "^[0-9a-f]{16}$"))]
    id: &'a str,
    /// The policy's id.
    policy: &'a str,
    severity: Severity,
    /// The ARN.
    resource: &'a str,
    /// The region of the resource.
    region: &'a str,
    /// Tells findings of one policy on one resource apart; empty where there is only one.
    discriminator: &'a str,
    /// What was found.
    message: TextForm<'a>,
}

impl<'a> FixFindingForm<'a> {
    fn new(finding: &'a Finding) -> Self {
        FixFindingForm {
            id: &finding.id,
            policy: &finding.policy,
            severity: finding.severity,
            resource: &finding.resource,
            region: &finding.region,
            discriminator: &finding.discriminator,
            message: TextForm::new(&finding.message),
        }
    }
}

/// An option that is carried out, for one or several of the findings.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Option")]
struct FixOptionForm<'a> {
    /// The option's id in its policy.
    id: &'a str,
    /// The policy's id.
    policy: &'a str,
    /// The findings that it is carried out for, by id.
    findings: Vec<&'a str>,
    /// What it does.
    title: TextForm<'a>,
    steps: StepsForm<'a>,
}

impl<'a> FixOptionForm<'a> {
    fn new(part: &CausePart<'a>) -> Option<Self> {
        let (finding, remedy) = part.first()?;
        Some(FixOptionForm {
            id: &remedy.id,
            policy: &finding.policy,
            findings: part.remedies.iter().map(|(finding, _)| finding.id.as_str()).collect(),
            title: TextForm::new(&remedy.title),
            steps: StepsForm::new(&remedy.steps),
        })
    }
}

/// A way to mend the first finding that was not chosen, with the real ids filled in.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Alternative")]
struct FixAlternativeForm<'a> {
    /// The option's id in its policy.
    id: &'a str,
    /// What it does.
    title: TextForm<'a>,
    steps: StepsForm<'a>,
    /// Commands for the AWS CLI; empty where there is none.
    cli: TextForm<'a>,
    /// Commands that read and show whether `cli` worked; empty where there is none.
    check: TextForm<'a>,
    /// Commands that restore the state before `cli`, or a comment that says why that cannot
    /// be done; empty where there is none.
    undo: TextForm<'a>,
    /// A Terraform fragment; empty where there is none.
    terraform: TextForm<'a>,
    downtime: Downtime,
    /// Whether it should be tried elsewhere first.
    needs_test: bool,
    /// Hours of work for one engineer, once.
    effort_hours: f64,
}

impl<'a> FixAlternativeForm<'a> {
    fn new(remedy: &'a Remedy) -> Self {
        FixAlternativeForm {
            id: &remedy.id,
            title: TextForm::new(&remedy.title),
            steps: StepsForm::new(&remedy.steps),
            cli: TextForm::new(&remedy.cli),
            check: TextForm::new(&remedy.check),
            undo: TextForm::new(&remedy.undo),
            terraform: TextForm::new(&remedy.terraform),
            downtime: remedy.impact.downtime,
            needs_test: remedy.impact.needs_test,
            effort_hours: remedy.impact.effort_hours,
        }
    }
}
