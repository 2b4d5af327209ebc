//! `--format json`: everything about a run, for programs.
//!
//! The structs here are the form, and `docs/report.schema.json` is made from them: their
//! comments are its descriptions. They are its own: of the types from elsewhere only those
//! are written that are words, so that a change inside tenken cannot change the form unseen.
//! Keys keep their order. New keys may be added within a version; a change of meaning or a
//! removal raises [`FORMAT_VERSION`].

mod past;

pub(crate) use past::ChangeForm;

use crate::finding::{
    CauseKind, Finding, Life, NewBecause, Pillar, PolicyInfo, Remedy, Run, Severity, State, Totals, Verdict,
};
use crate::report::page::json::{
    CountsForm, ScriptedCauseForm, StepsForm, TextForm, VerdictForm, pretty, schema_of,
};
use crate::snapshot::{Cause, Gap, GapId};
use crate::work::{UnknownCause, recommended, unknown_causes};
use past::PastForm;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The version of the form.
pub(crate) const FORMAT_VERSION: u32 = 1;

/// The whole report for programs.
pub(super) fn render(run: &Run) -> Vec<u8> {
    pretty(&Report::new(run))
}

/// The JSON Schema of the form: `docs/report.schema.json`.
pub fn schema() -> Value {
    schema_of::<Report<'_>>()
}

/// The output of `--format json`, version 1. New keys may appear within a version; a removal
/// or a change of meaning raises `format_version`.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "tenken report")]
struct Report<'a> {
    /// The version of this form.
    #[schemars(extend("const" = FORMAT_VERSION))]
    format_version: u32,
    /// The account's twelve digits.
    #[schemars(regex(pattern = "^[0-9]{12}$"))]
    account: &'a str,
    /// The AWS partition: `aws`, `aws-cn` or `aws-us-gov`.
    partition: &'a str,
    /// When the scan began, RFC 3339 in UTC.
    #[schemars(extend("format" = "date-time"))]
    taken_at: &'a str,
    /// The regions that were asked, sorted.
    regions: &'a [String],
    totals: TotalsForm,
    /// Every verdict, passes included: the worst severity first, then by policy, resource and
    /// discriminator.
    findings: Vec<FindingForm<'a>>,
    /// The root causes of the failures that are not accepted, mended as recommended, the worst first:
    /// each of these failures belongs to exactly one.
    causes: Vec<ScriptedCauseForm<'a>>,
    /// Why verdicts are not known: each unknown verdict belongs to exactly one of these.
    unknown_causes: Vec<UnknownCauseForm<'a>>,
    /// The questions that AWS did not answer, sorted by id.
    gaps: Vec<GapForm<'a>>,
    /// The IAM actions whose lack left a question open, sorted.
    missing_permissions: Vec<&'a str>,
    /// The policies that were judged by.
    policies: Vec<PolicyForm<'a>>,
    /// What changed since the run before; only where a history is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "PastForm")]
    history: Option<PastForm<'a>>,
}

impl<'a> Report<'a> {
    fn new(run: &'a Run) -> Self {
        Report {
            format_version: FORMAT_VERSION,
            account: &run.account,
            partition: &run.partition,
            taken_at: &run.taken_at,
            regions: &run.regions,
            totals: TotalsForm::new(&run.totals()),
            findings: run
                .findings
                .iter()
                .map(|finding| FindingForm::new(finding, run.life(finding)))
                .collect(),
            causes: recommended(&run.findings)
                .iter()
                .map(|cause| ScriptedCauseForm::new(cause, run))
                .collect(),
            unknown_causes: unknown_causes(run).into_iter().map(UnknownCauseForm::new).collect(),
            gaps: run.gaps.iter().map(|(id, gap)| GapForm::new(id, gap)).collect(),
            missing_permissions: run.missing_permissions(),
            policies: run.policies.iter().map(PolicyForm::new).collect(),
            history: run.past.as_ref().map(PastForm::new),
        }
    }
}

/// How many verdicts of each kind there are.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Totals")]
struct TotalsForm {
    /// As it should be.
    pass: usize,
    /// Not as it should be, and not accepted.
    fail: usize,
    /// Not as it should be, but accepted for a while; not among the failures counted here.
    accepted: usize,
    /// The policy does not apply.
    skip: usize,
    /// AWS did not say enough to tell. Never to be taken for a pass.
    unknown: usize,
    /// The failures of each severity that are not accepted, zeros included.
    fail_by_severity: CountsForm,
}

impl TotalsForm {
    fn new(totals: &Totals) -> Self {
        TotalsForm {
            pass: totals.passed,
            fail: totals.failed(),
            accepted: totals.accepted,
            skip: totals.skipped,
            unknown: totals.unknown,
            fail_by_severity: CountsForm::new(totals.failed_by_severity),
        }
    }
}

/// One resource under one policy.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Finding")]
struct FindingForm<'a> {
    /// 16 hexadecimal digits that stay the same from scan to scan.
    #[schemars(regex(pattern = "^[0-9a-f]{16}$"))]
    id: &'a str,
    /// The policy's id.
    policy: &'a str,
    severity: Severity,
    pillar: Pillar,
    /// The ARN; with `*` for the name where the list of resources could not be asked for.
    resource: &'a str,
    /// The region of the resource.
    region: &'a str,
    /// Tells findings of one policy on one resource apart; empty where there is only one.
    discriminator: &'a str,
    verdict: VerdictForm,
    /// What was found.
    message: TextForm<'a>,
    /// What the verdict rests on.
    evidence: Vec<EvidenceForm<'a>>,
    /// The ids of the gaps that keep it unknown; empty for every other verdict. An id that is
    /// not among the gaps is a question that was not asked.
    unknown_because: Vec<&'a str>,
    /// Ways to mend a failure, the recommended one first; empty for every other verdict.
    options: Vec<OptionForm<'a>>,
    /// For a failure: the decision to live with it for a while; null for every other verdict
    /// and where there is none that holds.
    accepted: Option<AcceptedForm<'a>>,
    /// Where the finding stands; only where a history is kept, for findings that failed at
    /// least once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "State")]
    state: Option<State>,
    /// When it first failed, RFC 3339 in UTC; where there is a state.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "&str", extend("format" = "date-time"))]
    first_seen: Option<&'a str>,
    /// Why it was not known before; for the state `new`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "NewBecause")]
    new_because: Option<NewBecause>,
}

/// A decision to live with a failure.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Accepted")]
struct AcceptedForm<'a> {
    /// Why it may stay.
    reason: &'a str,
    /// Who decided.
    owner: &'a str,
    /// The last day on which it holds, in UTC, for instance 2027-03-31.
    until: String,
}

impl<'a> FindingForm<'a> {
    fn new(finding: &'a Finding, life: Option<&'a Life>) -> Self {
        let unknown_because = match &finding.verdict {
            Verdict::Unknown(gaps) => gaps.iter().map(GapId::as_str).collect(),
            Verdict::Pass | Verdict::Fail | Verdict::Skip => Vec::new(),
        };
        let options = match finding.verdict {
            Verdict::Fail => finding.options.iter().map(OptionForm::new).collect(),
            Verdict::Pass | Verdict::Skip | Verdict::Unknown(_) => Vec::new(),
        };
        let evidence = finding.evidence.iter();
        FindingForm {
            id: &finding.id,
            policy: &finding.policy,
            severity: finding.severity,
            pillar: finding.pillar,
            resource: &finding.resource,
            region: &finding.region,
            discriminator: &finding.discriminator,
            verdict: (&finding.verdict).into(),
            message: TextForm::new(&finding.message),
            evidence: evidence.map(|fact| EvidenceForm { path: &fact.path, value: &fact.value }).collect(),
            unknown_because,
            options,
            accepted: finding.accepted.as_ref().map(|accepted| AcceptedForm {
                reason: &accepted.reason,
                owner: &accepted.owner,
                until: accepted.until.to_string(),
            }),
            state: life.map(|life| life.state),
            first_seen: life.map(|life| life.first_seen.as_str()),
            new_because: life.filter(|life| life.state == State::New).map(|life| life.new_because),
        }
    }
}

/// A fact a verdict rests on.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Evidence")]
struct EvidenceForm<'a> {
    /// The expression the value came from.
    path: &'a str,
    /// Any JSON value.
    value: &'a Value,
}

/// A way to mend a failure, with the real ids filled in.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Option")]
struct OptionForm<'a> {
    /// The option's id in its policy.
    id: &'a str,
    /// What it does.
    title: TextForm<'a>,
    steps: StepsForm<'a>,
    /// Commands for the AWS CLI, one or more lines; empty where there is none. The languages
    /// differ in comments alone.
    cli: TextForm<'a>,
    /// Commands that read and show whether `cli` worked, with the expected answer as a
    /// comment; empty where there is none.
    check: TextForm<'a>,
    /// Commands that restore the state before `cli`, or a comment that says why that cannot
    /// be done; empty where there is none.
    undo: TextForm<'a>,
    /// A Terraform fragment; empty where there is none. The languages differ in comments alone.
    terraform: TextForm<'a>,
}

impl<'a> OptionForm<'a> {
    fn new(remedy: &'a Remedy) -> Self {
        OptionForm {
            id: &remedy.id,
            title: TextForm::new(&remedy.title),
            steps: StepsForm::new(&remedy.steps),
            cli: TextForm::new(&remedy.cli),
            check: TextForm::new(&remedy.check),
            undo: TextForm::new(&remedy.undo),
            terraform: TextForm::new(&remedy.terraform),
        }
    }
}

/// Verdicts that are not known for one reason.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "UnknownCause")]
struct UnknownCauseForm<'a> {
    /// `permission`, or `question` where no permission would settle it.
    kind: CauseKind,
    /// The IAM action, or `service:Operation`; empty where nothing was asked.
    name: String,
    /// All IAM actions that its findings wait for, sorted.
    permissions: Vec<&'a str>,
    /// The findings, by id, the worst first.
    findings: Vec<&'a str>,
}

impl<'a> UnknownCauseForm<'a> {
    fn new(cause: UnknownCause<'a>) -> Self {
        UnknownCauseForm {
            kind: cause.key.kind,
            name: cause.key.about,
            permissions: cause.permissions.into_iter().collect(),
            findings: cause.findings.iter().map(|finding| finding.id.as_str()).collect(),
        }
    }
}

/// A question that AWS did not answer.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Gap")]
struct GapForm<'a> {
    /// `service:Operation@region`, followed by ` about` and a resource where the question was
    /// about one.
    id: &'a str,
    /// `service:Operation`.
    operation: &'a str,
    /// The IAM actions that allow the question.
    permissions: &'a [String],
    /// The region that was asked.
    region: &'a str,
    /// The resource the question was about; null for lists.
    about: Option<&'a str>,
    cause: Cause,
    /// AWS's error code, or the kind of failure where there was no answer at all.
    code: &'a str,
}

impl<'a> GapForm<'a> {
    fn new(id: &'a GapId, gap: &'a Gap) -> Self {
        GapForm {
            id: id.as_str(),
            operation: &gap.operation,
            permissions: &gap.permissions,
            region: &gap.region,
            about: gap.about.as_deref(),
            cause: gap.cause,
            code: &gap.code,
        }
    }
}

/// A policy that was judged by.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Policy")]
struct PolicyForm<'a> {
    /// The policy's id.
    id: &'a str,
    severity: Severity,
    pillar: Pillar,
    /// The problem in a few words.
    title: TextForm<'a>,
    /// What happens to the business if it stays.
    risk: TextForm<'a>,
    /// The controls the policy checks, by framework.
    compliance: &'a BTreeMap<String, Vec<String>>,
    /// Where to read more.
    references: &'a [String],
}

impl<'a> PolicyForm<'a> {
    fn new(policy: &'a PolicyInfo) -> Self {
        PolicyForm {
            id: &policy.id,
            severity: policy.severity,
            pillar: policy.pillar,
            title: TextForm::new(&policy.title),
            risk: TextForm::new(&policy.risk),
            compliance: &policy.compliance,
            references: &policy.references,
        }
    }
}
