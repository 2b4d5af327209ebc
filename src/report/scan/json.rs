//! `--format json`: everything about a run, for programs.
//!
//! The form is described by `docs/report.schema.json` and by the structs here, which are
//! its own: types from elsewhere are never written directly, so that a change inside
//! tenken cannot change the form. Keys keep their order. New keys may be added within a
//! version; a change of meaning or a removal raises [`FORMAT_VERSION`].

mod past;

pub(crate) use past::ChangeForm;

use crate::finding::{Finding, Life, PolicyInfo, Remedy, Run, State, Totals, Verdict};
use crate::report::page::json::pretty;
use crate::snapshot::{Cause, Gap, GapId};
use crate::text::Text;
use past::PastForm;
use serde::Serialize;
use std::collections::BTreeMap;

/// The version of the form.
pub const FORMAT_VERSION: u32 = 1;

/// The whole report for programs.
pub(super) fn render(run: &Run) -> Vec<u8> {
    pretty(&Report::new(run))
}

/// The whole report.
#[derive(Serialize)]
struct Report<'a> {
    /// [`FORMAT_VERSION`].
    format_version: u32,
    /// The account's twelve digits.
    account: &'a str,
    /// `aws`, `aws-cn` or `aws-us-gov`.
    partition: &'a str,
    /// When the scan began, RFC 3339 in UTC.
    taken_at: &'a str,
    /// The regions that were asked.
    regions: &'a [String],
    totals: TotalsForm,
    /// Every verdict, passes included: the worst severity first, then by policy and resource.
    findings: Vec<FindingForm<'a>>,
    /// The questions without an answer, by id.
    gaps: Vec<GapForm<'a>>,
    /// The IAM actions whose lack left a question open.
    missing_permissions: Vec<&'a str>,
    /// The policies that were judged by.
    policies: Vec<PolicyForm<'a>>,
    /// What changed since the run before; only where a history is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
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
            gaps: run.gaps.iter().map(|(id, gap)| GapForm::new(id, gap)).collect(),
            missing_permissions: run.missing_permissions(),
            policies: run.policies.iter().map(PolicyForm::new).collect(),
            history: run.past.as_ref().map(PastForm::new),
        }
    }
}

/// How many verdicts of each kind there are.
#[derive(Serialize)]
struct TotalsForm {
    pass: usize,
    /// Failures that nobody has accepted.
    fail: usize,
    /// Failures that somebody has accepted for a while.
    accepted: usize,
    skip: usize,
    unknown: usize,
    /// The failures of each severity that nobody has accepted, also where there is none.
    fail_by_severity: FailuresForm,
}

#[derive(Serialize)]
struct FailuresForm {
    critical: usize,
    high: usize,
    medium: usize,
    low: usize,
    info: usize,
}

impl TotalsForm {
    fn new(totals: &Totals) -> Self {
        // In the order of `Severity::ALL`.
        let [critical, high, medium, low, info] = totals.failed_by_severity;
        TotalsForm {
            pass: totals.passed,
            fail: totals.failed(),
            accepted: totals.accepted,
            skip: totals.skipped,
            unknown: totals.unknown,
            fail_by_severity: FailuresForm { critical, high, medium, low, info },
        }
    }
}

/// A text in every language.
#[derive(Serialize)]
pub(crate) struct TextForm<'a> {
    en: &'a str,
    ja: &'a str,
}

impl<'a> TextForm<'a> {
    pub fn new(text: &'a Text) -> Self {
        TextForm { en: &text.en, ja: &text.ja }
    }
}

/// One resource under one policy.
#[derive(Serialize)]
struct FindingForm<'a> {
    /// 16 hexadecimal digits that stay the same from scan to scan.
    id: &'a str,
    /// The policy's id.
    policy: &'a str,
    /// `critical`, `high`, `medium`, `low` or `info`: how much a failure hurts.
    severity: &'static str,
    /// `security`, `reliability`, `operations`, `performance` or `cost`.
    pillar: &'static str,
    /// An ARN; with `*` for the name where the list of resources could not be asked for.
    resource: &'a str,
    region: &'a str,
    /// Tells findings of one policy on one resource apart; empty where there is only one.
    discriminator: &'a str,
    /// `pass`, `fail`, `skip` (not applicable) or `unknown` (AWS did not say enough).
    verdict: &'a str,
    /// What was found.
    message: TextForm<'a>,
    /// What the verdict rests on.
    evidence: Vec<EvidenceForm<'a>>,
    /// The ids of the gaps that keep it unknown; empty for every other verdict.
    unknown_because: Vec<&'a str>,
    /// Ways to mend a failure, the recommended one first; empty for every other verdict.
    options: Vec<OptionForm<'a>>,
    /// For a failure: the decision to live with it for a while; otherwise null.
    accepted: Option<AcceptedForm<'a>>,
    /// `new`, `open`, `reopened`, `accepted`, `unknown-was-open` or `resolved`; only where
    /// a history is kept, for findings that failed at least once.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'static str>,
    /// When it first failed; where there is a state.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_seen: Option<&'a str>,
    /// Why it was not known before; for the state `new`.
    #[serde(skip_serializing_if = "Option::is_none")]
    new_because: Option<&'static str>,
}

/// A decision to live with a failure.
#[derive(Serialize)]
struct AcceptedForm<'a> {
    reason: &'a str,
    owner: &'a str,
    /// The last day on which it holds, `2027-03-31`.
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
            severity: finding.severity.as_str(),
            pillar: finding.pillar.as_str(),
            resource: &finding.resource,
            region: &finding.region,
            discriminator: &finding.discriminator,
            verdict: finding.verdict.as_str(),
            message: TextForm::new(&finding.message),
            evidence: evidence.map(|fact| EvidenceForm { path: &fact.path, value: &fact.value }).collect(),
            unknown_because,
            options,
            accepted: finding.accepted.as_ref().map(|accepted| AcceptedForm {
                reason: &accepted.reason,
                owner: &accepted.owner,
                until: accepted.until.to_string(),
            }),
            state: life.map(|life| life.state.as_str()),
            first_seen: life.map(|life| life.first_seen.as_str()),
            new_because: life.filter(|life| life.state == State::New).map(|life| life.new_because.as_str()),
        }
    }
}

/// A fact a verdict rests on.
#[derive(Serialize)]
struct EvidenceForm<'a> {
    /// The expression it came from.
    path: &'a str,
    value: &'a serde_json::Value,
}

/// A way to mend a failure.
#[derive(Serialize)]
struct OptionForm<'a> {
    id: &'a str,
    title: TextForm<'a>,
    steps: StepsForm<'a>,
    /// Commands for the AWS CLI; empty where there is none.
    cli: TextForm<'a>,
    /// Commands that read and show whether `cli` worked; empty where there is none.
    check: TextForm<'a>,
    /// Commands that restore the state before `cli`; empty where there is none.
    undo: TextForm<'a>,
    /// A Terraform fragment; empty where there is none.
    terraform: TextForm<'a>,
}

/// What to do, step by step, in every language.
#[derive(Serialize)]
struct StepsForm<'a> {
    en: &'a [String],
    ja: &'a [String],
}

impl<'a> OptionForm<'a> {
    fn new(remedy: &'a Remedy) -> Self {
        OptionForm {
            id: &remedy.id,
            title: TextForm::new(&remedy.title),
            steps: StepsForm { en: &remedy.steps.en, ja: &remedy.steps.ja },
            cli: TextForm::new(&remedy.cli),
            check: TextForm::new(&remedy.check),
            undo: TextForm::new(&remedy.undo),
            terraform: TextForm::new(&remedy.terraform),
        }
    }
}

/// A question that got no answer.
#[derive(Serialize)]
struct GapForm<'a> {
    /// `service:Operation@region`, and ` about` a resource where it was about one.
    id: &'a str,
    /// `service:Operation`.
    operation: &'a str,
    /// The IAM actions that allow the question.
    permissions: &'a [String],
    region: &'a str,
    /// The resource the question was about; null for lists.
    about: Option<&'a str>,
    /// `denied`, `throttled`, `timed-out`, `not-offered`, `truncated`, `credentials`,
    /// `no-data` or `failed`.
    cause: &'static str,
    /// AWS's error code, or the kind of failure.
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
            cause: cause(gap.cause),
            code: &gap.code,
        }
    }
}

fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::Denied => "denied",
        Cause::Throttled => "throttled",
        Cause::TimedOut => "timed-out",
        Cause::NotOffered => "not-offered",
        Cause::Truncated => "truncated",
        Cause::Credentials => "credentials",
        Cause::NoData => "no-data",
        Cause::Failed => "failed",
    }
}

/// A policy that was judged by.
#[derive(Serialize)]
struct PolicyForm<'a> {
    id: &'a str,
    severity: &'static str,
    pillar: &'static str,
    /// The problem in a few words.
    title: TextForm<'a>,
    /// What happens to the business if it stays.
    risk: TextForm<'a>,
    /// The controls it checks, by framework.
    compliance: &'a BTreeMap<String, Vec<String>>,
    /// Where to read more.
    references: &'a [String],
}

impl<'a> PolicyForm<'a> {
    fn new(policy: &'a PolicyInfo) -> Self {
        PolicyForm {
            id: &policy.id,
            severity: policy.severity.as_str(),
            pillar: policy.pillar.as_str(),
            title: TextForm::new(&policy.title),
            risk: TextForm::new(&policy.risk),
            compliance: &policy.compliance,
            references: &policy.references,
        }
    }
}
