//! The simulation for programs. The structs here are the form: `docs/simulation.schema.json`
//! is made from them, and `docs/simulation.md` describes it. Keys come in alphabetical order.
//! New keys may be added within a version; a change of meaning or a removal raises
//! [`FORMAT_VERSION`].

use crate::finding::{Finding, Run, Severity};
use crate::report::page::json::{TextForm, VerdictForm, pretty, schema_of, sorted};
use crate::simulate::{CarriedOption, OptionOutcome, OptionsCost, Simulation};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// The version of the form.
pub(crate) const FORMAT_VERSION: u32 = 1;

pub(super) fn render(simulation: &Simulation, run: &Run) -> Vec<u8> {
    let OptionsCost { usd, unknown } = simulation.monthly_cost();
    pretty(&sorted(&SimulationForm {
        format_version: FORMAT_VERSION,
        account: &run.account,
        partition: &run.partition,
        taken_at: &run.taken_at,
        regions: &run.regions,
        options: simulation.carried.iter().map(CarriedForm::new).collect(),
        closes: findings(&simulation.closes),
        opens: findings(&simulation.opens),
        unknown: findings(&simulation.unknown),
        stays: findings(&simulation.stays),
        monthly_usd: usd,
        monthly_usd_without: unknown,
    }))
}

/// The JSON Schema of the form: `docs/simulation.schema.json`.
pub fn schema() -> Value {
    schema_of::<SimulationForm<'_>>()
}

/// The output of `tenken plan --simulate … --format json`, version 1. New keys may appear within
/// a version; a removal or a change of meaning raises `format_version`.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "tenken simulation")]
struct SimulationForm<'a> {
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
    /// The options, in the order in which they were carried out.
    options: Vec<CarriedForm<'a>>,
    /// Failures that are gone, as they were.
    closes: Vec<SimulatedFindingForm<'a>>,
    /// Failures that are new.
    opens: Vec<SimulatedFindingForm<'a>>,
    /// Findings that can no longer be judged.
    unknown: Vec<SimulatedFindingForm<'a>>,
    /// Open failures that stay.
    stays: Vec<SimulatedFindingForm<'a>>,
    /// US dollars a month of the options that were carried out, as far as they are known.
    monthly_usd: f64,
    /// The options, as `policy/option`, whose cost is not known and not in the sum.
    monthly_usd_without: Vec<String>,
}

/// One option for one failure.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Carried")]
struct CarriedForm<'a> {
    /// The policy's id.
    policy: &'a str,
    /// The option's id in the policy.
    option: &'a str,
    /// What the option does.
    title: TextForm<'a>,
    /// The ARN.
    resource: &'a str,
    /// The id of the failure.
    #[schemars(regex(pattern = "^[0-9a-f]{16}$"))]
    finding: &'a str,
    outcome: OutcomeForm,
    /// For the outcome `unknown`: the ids of the gaps that it depends on.
    unknown_because: Vec<&'a str>,
    /// For the outcome `missing`: what the account lacks; otherwise null.
    missing: Option<&'a str>,
    /// US dollars a month on top of today; negative for a saving, null where it is not known.
    monthly_usd: Option<f64>,
}

/// What came of an option.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Outcome")]
enum OutcomeForm {
    /// It was carried out.
    Done,
    /// An option before it has closed the failure.
    ClosedBefore,
    /// What it would change depends on what AWS would not say.
    Unknown,
    /// It needs something that the account does not have.
    Missing,
}

impl<'a> CarriedForm<'a> {
    fn new(carried: &'a CarriedOption) -> Self {
        let (outcome, unknown, missing) = match &carried.outcome {
            OptionOutcome::Done => (OutcomeForm::Done, &[][..], None),
            OptionOutcome::ClosedBefore => (OutcomeForm::ClosedBefore, &[][..], None),
            OptionOutcome::Unknown(gaps) => (OutcomeForm::Unknown, gaps.as_slice(), None),
            OptionOutcome::Missing(what) => (OutcomeForm::Missing, &[][..], Some(what.as_str())),
        };
        CarriedForm {
            policy: &carried.policy,
            option: &carried.option,
            title: TextForm::new(&carried.title),
            resource: &carried.resource,
            finding: &carried.finding,
            outcome,
            unknown_because: unknown.iter().map(|gap| gap.as_str()).collect(),
            missing,
            monthly_usd: carried.monthly_usd.usd(),
        }
    }
}

/// One resource under one policy.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Finding")]
struct SimulatedFindingForm<'a> {
    /// The finding's id: the same in every run, report and history.
    #[schemars(regex(pattern = "^[0-9a-f]{16}$"))]
    id: &'a str,
    /// The policy's id.
    policy: &'a str,
    severity: Severity,
    /// The ARN; with `*` for the name where the list of resources could not be asked for.
    resource: &'a str,
    /// The region of the resource.
    region: &'a str,
    /// Tells findings of one policy on one resource apart; empty where there is only one.
    discriminator: &'a str,
    verdict: VerdictForm,
    /// What was found.
    message: TextForm<'a>,
}

impl<'a> SimulatedFindingForm<'a> {
    fn new(finding: &'a Finding) -> Self {
        SimulatedFindingForm {
            id: &finding.id,
            policy: &finding.policy,
            severity: finding.severity,
            resource: &finding.resource,
            region: &finding.region,
            discriminator: &finding.discriminator,
            verdict: (&finding.verdict).into(),
            message: TextForm::new(&finding.message),
        }
    }
}

fn findings(findings: &[Finding]) -> Vec<SimulatedFindingForm<'_>> {
    findings.iter().map(SimulatedFindingForm::new).collect()
}
