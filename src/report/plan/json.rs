//! `--format json`: the plan for programs. The structs here are the form, and
//! `docs/plan.schema.json` is made from them. Keys come in alphabetical order.

use crate::cost::Group;
use crate::finding::{Downtime, Finding, Metric, Run, Severity};
use crate::plan::{
    Alternative, Amount, Assumption, Candidate, Cell, Context, CostRow, ImprovementRow, LeftOut, Part, Phase,
    PhaseKind, Plan, Step, TradeOff, Weights, WhyBefore, WhyLater, WhyOut,
};
use crate::report::page::json::{CountsForm, ScriptedCauseForm, TextForm, pretty, schema_of, sorted};
use crate::text::Text;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// The version of the form.
pub(crate) const FORMAT_VERSION: u32 = 1;

pub(super) fn render(plan: &Plan<'_>, run: &Run) -> Vec<u8> {
    pretty(&sorted(&PlanForm::new(plan, run)))
}

/// The JSON Schema of the form: `docs/plan.schema.json`.
pub fn schema() -> Value {
    schema_of::<PlanForm<'_>>()
}

/// The output of `tenken plan --format json`, version 1. Amounts are US dollars a month before
/// tax at list price. New keys may appear within a version; a removal or a change of meaning
/// raises `format_version`.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "tenken plan")]
struct PlanForm<'a> {
    /// The version of this form.
    #[schemars(extend("const" = FORMAT_VERSION))]
    format_version: u32,
    /// The account's twelve digits.
    #[schemars(regex(pattern = "^[0-9]{12}$"))]
    account: &'a str,
    /// When the audit began, RFC 3339 in UTC.
    #[schemars(extend("format" = "date-time"))]
    taken_at: &'a str,
    /// The regions that were asked, sorted.
    regions: &'a [String],
    context: ContextForm<'a>,
    /// The open failures today.
    failures: CountsForm,
    /// Verdicts that are not known; the plan says nothing about them.
    unknown: usize,
    /// Whether no better choice exists; false where there was too much to choose from.
    is_proven: bool,
    /// Phases that have steps, in order.
    phases: Vec<PhaseForm<'a>>,
    /// Today against after each phase.
    costs: Vec<PeriodCostForm>,
    /// What gets better.
    improvements: Vec<ImprovementForm<'a>>,
    /// Decisions between the options of one policy.
    trade_offs: Vec<TradeOffForm<'a>>,
    /// What is in no phase.
    left_out: Vec<LeftOutForm<'a>>,
    /// The open failures after the last phase, by id.
    remaining: Vec<&'a str>,
}

impl<'a> PlanForm<'a> {
    fn new(plan: &'a Plan<'_>, run: &'a Run) -> Self {
        PlanForm {
            format_version: FORMAT_VERSION,
            account: &run.account,
            taken_at: &run.taken_at,
            regions: &run.regions,
            context: ContextForm::new(&plan.context),
            failures: CountsForm::new(plan.failures),
            unknown: plan.unknown,
            is_proven: plan.is_proven,
            phases: plan.phases.iter().map(|phase| PhaseForm::new(phase, run)).collect(),
            costs: plan.costs.iter().map(PeriodCostForm::new).collect(),
            improvements: plan.improvements.iter().map(ImprovementForm::new).collect(),
            trade_offs: plan.trade_offs.iter().map(TradeOffForm::new).collect(),
            left_out: plan.left_out.iter().map(LeftOutForm::new).collect(),
            remaining: ids(&plan.remaining),
        }
    }
}

/// What the plan was made for.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Context")]
struct ContextForm<'a> {
    /// What may be spent a month; null where nobody said.
    budget_usd: Option<f64>,
    /// Today's bill; null where nobody knows it.
    current_bill_usd: Option<f64>,
    /// Budget less bill; null without a budget.
    headroom_usd: Option<f64>,
    /// What an hour of outage costs; null where nobody said.
    hour_down_usd: Option<f64>,
    /// How many times the usual load the busiest time brings; null where nobody said.
    peak_factor: Option<f64>,
    /// The last day of the first phases.
    deadline: String,
    /// Hours of work until then.
    staff_hours: f64,
    /// Who approves; null where nobody said.
    approver: Option<&'a str>,
    /// The currency that reports for people show.
    currency: &'a str,
    /// How much of it a dollar buys.
    rate: f64,
    weights: WeightsForm,
    /// The factor for failures of the pillar reliability.
    reliability_factor: f64,
    /// What nobody said.
    assumed: Vec<AssumedForm<'a>>,
}

impl<'a> ContextForm<'a> {
    fn new(context: &'a Context) -> Self {
        let wishes = &context.wishes;
        ContextForm {
            budget_usd: wishes.budget_usd,
            current_bill_usd: context.bill_usd,
            headroom_usd: context.headroom_usd(),
            hour_down_usd: wishes.hour_down_usd,
            peak_factor: wishes.peak_factor,
            deadline: context.deadline.to_string(),
            staff_hours: context.staff_hours,
            approver: wishes.approver.as_deref(),
            currency: wishes.currency.code(),
            rate: wishes.currency.per_usd(),
            weights: WeightsForm::new(&wishes.weights),
            reliability_factor: context.reliability_factor(),
            assumed: context.assumptions.iter().map(AssumedForm::new).collect(),
        }
    }
}

/// The points of a failure, by severity.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Weights")]
struct WeightsForm {
    critical: f64,
    high: f64,
    medium: f64,
    low: f64,
    info: f64,
}

impl WeightsForm {
    fn new(weights: &Weights) -> Self {
        let [critical, high, medium, low, info] = Severity::ALL.map(|severity| weights.of(severity));
        WeightsForm { critical, high, medium, low, info }
    }
}

/// Something that nobody said.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "what", rename_all = "kebab-case")]
#[schemars(rename = "Assumed")]
enum AssumedForm<'a> {
    /// There is no limit.
    NoBudget,
    /// A dollar is worth this much.
    Rate {
        /// The currency's three letters.
        currency: &'a str,
        /// How much of it a dollar buys.
        rate: f64,
    },
    /// Today's bill is what the audited resources cost at list price.
    ListPrices {
        /// Whether every item of it has a price; otherwise it is more.
        is_complete: bool,
    },
    /// Nobody knows today's bill, so the whole budget counts as free.
    NoBill,
    /// The deadline.
    Deadline {
        /// The last day.
        day: String,
    },
    /// The hours of work until the deadline.
    StaffHours {
        /// So many.
        hours: f64,
    },
    /// Every hour is worth the same.
    NoPeak,
    /// An hour down has no price, so that nothing can be set against it.
    NoHourDown,
}

impl<'a> AssumedForm<'a> {
    fn new(assumption: &'a Assumption) -> Self {
        match assumption {
            Assumption::NoBudget => AssumedForm::NoBudget,
            Assumption::Rate { code, per_usd } => AssumedForm::Rate { currency: code, rate: *per_usd },
            Assumption::ListPrices { is_complete } => AssumedForm::ListPrices { is_complete: *is_complete },
            Assumption::NoBill => AssumedForm::NoBill,
            Assumption::Deadline(day) => AssumedForm::Deadline { day: day.to_string() },
            Assumption::StaffHours(hours) => AssumedForm::StaffHours { hours: *hours },
            Assumption::NoPeak => AssumedForm::NoPeak,
            Assumption::NoHourDown => AssumedForm::NoHourDown,
        }
    }
}

/// A part of the plan.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Phase")]
struct PhaseForm<'a> {
    phase: PhaseKind,
    /// On top of the phases before.
    monthly: AmountForm<'a>,
    /// Hours of work.
    effort_hours: f64,
    /// The longest interruption.
    downtime: Downtime,
    /// The open failures after it.
    remaining: CountsForm,
    /// What is done, in order.
    steps: Vec<StepForm<'a>>,
}

impl<'a> PhaseForm<'a> {
    fn new(phase: &'a Phase<'_>, run: &Run) -> Self {
        PhaseForm {
            phase: phase.kind,
            monthly: AmountForm::new(&phase.monthly),
            effort_hours: phase.effort_hours,
            downtime: phase.downtime,
            remaining: CountsForm::new(phase.remaining),
            steps: phase.steps.iter().map(|step| StepForm::new(step, run)).collect(),
        }
    }
}

/// One piece of work.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Step")]
struct StepForm<'a> {
    /// What is done, as one piece of work.
    actions: Vec<ActionForm<'a>>,
    /// The root causes that it mends, each with the one script for all of its findings.
    causes: Vec<ScriptedCauseForm<'a>>,
    /// Findings, by id.
    mends: Vec<&'a str>,
    /// Findings whose risk it only lowers.
    lowers: Vec<&'a str>,
    monthly: AmountForm<'a>,
    /// Hours of work.
    effort_hours: f64,
    downtime: Downtime,
    /// Risk taken away.
    points: f64,
    /// Points for each percent of the money and hours there are.
    score: f64,
    /// Why it comes before the next step of its phase.
    before_next: Option<BeforeForm>,
    /// Why it does not come before the deadline.
    why_later: Option<LaterForm>,
}

impl<'a> StepForm<'a> {
    fn new(step: &'a Step<'_>, run: &Run) -> Self {
        StepForm {
            actions: step.actions.iter().map(ActionForm::new).collect(),
            causes: step.causes.iter().map(|cause| ScriptedCauseForm::new(cause, run)).collect(),
            mends: ids(&step.mends),
            lowers: ids(&step.lowers),
            monthly: AmountForm::new(&step.monthly),
            effort_hours: step.effort_hours,
            downtime: step.downtime,
            points: step.points,
            score: step.score,
            before_next: step.before_next.map(BeforeForm::new),
            why_later: step.why_later.as_ref().map(LaterForm::new),
        }
    }
}

/// Why a step comes before the next one.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "why", rename_all = "kebab-case")]
#[schemars(rename = "Before")]
enum BeforeForm {
    /// The next step needs it.
    Needed,
    /// A step further down needs it, and is more urgent than the next one.
    NeededBy {
        /// The step of the phase, from 0.
        step: usize,
    },
    /// Tonight: what it mends is worse.
    Worse {
        /// The worst of what the step mends.
        severity: Severity,
        /// The worst of what the next one mends.
        next_severity: Severity,
    },
    /// It takes away more risk for its money and work.
    MoreRisk {
        /// Its score.
        score: f64,
        /// That of the next one.
        next_score: f64,
    },
    /// Both are worth about the same.
    Equal,
}

impl BeforeForm {
    fn new(why: WhyBefore) -> Self {
        match why {
            WhyBefore::Needed => BeforeForm::Needed,
            WhyBefore::NeededBy(step) => BeforeForm::NeededBy { step },
            WhyBefore::Worse(severity, next_severity) => BeforeForm::Worse { severity, next_severity },
            WhyBefore::MoreRisk(score, next_score) => BeforeForm::MoreRisk { score, next_score },
            WhyBefore::Equal => BeforeForm::Equal,
        }
    }
}

/// Why a step comes after the deadline.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "why", rename_all = "kebab-case")]
#[schemars(rename = "Later")]
enum LaterForm {
    /// Its hours are more than were left.
    Hours {
        /// Its hours.
        needed: f64,
        /// The hours that were left.
        left: f64,
    },
    /// Its money is more than was left.
    Money {
        /// Its dollars a month.
        needed_usd: f64,
        /// Those that were left.
        left_usd: f64,
    },
    /// It takes away what the peak needs.
    Peak {
        /// At how many times today's load it would end.
        carries: f64,
        /// How many there are at the peak.
        peak_factor: f64,
    },
    /// What it needs comes then as well, or what it spends was saved first.
    Needs,
}

impl LaterForm {
    fn new(why: &WhyLater) -> Self {
        match *why {
            WhyLater::Hours(needed, left) => LaterForm::Hours { needed, left },
            WhyLater::Money(needed_usd, left_usd) => LaterForm::Money { needed_usd, left_usd },
            WhyLater::Peak(carries, peak_factor) => LaterForm::Peak { carries, peak_factor },
            WhyLater::Needs => LaterForm::Needs,
        }
    }
}

/// An option for a resource.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Candidate")]
struct CandidateForm<'a> {
    /// The policy's id.
    policy: &'a str,
    /// The option's id in the policy.
    option: &'a str,
    /// The ARN.
    resource: &'a str,
    /// The region of the resource.
    region: &'a str,
    /// The worst of its findings.
    severity: Severity,
    /// What the option does.
    title: TextForm<'a>,
    /// The findings it is about, by id.
    findings: Vec<&'a str>,
    mends: MendsForm,
    /// What it costs.
    monthly: AmountForm<'a>,
    /// Hours of work.
    effort_hours: f64,
    downtime: Downtime,
    /// Whether it should be tried elsewhere first.
    needs_test: bool,
}

/// Whether the findings go.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Mends")]
enum MendsForm {
    /// They do.
    Fully,
    /// The risk is lower, and the findings stay.
    Partly,
}

impl<'a> CandidateForm<'a> {
    fn new(one: &'a Candidate<'_>) -> Self {
        CandidateForm {
            policy: one.policy,
            option: one.option,
            resource: one.resource,
            region: one.region,
            severity: one.severity,
            title: one.remedy().map(|remedy| TextForm::new(&remedy.title)).unwrap_or_default(),
            findings: one.remedies.iter().map(|(finding, _)| finding.id.as_str()).collect(),
            mends: if one.is_partial { MendsForm::Partly } else { MendsForm::Fully },
            monthly: AmountForm::new(&one.monthly),
            effort_hours: one.effort_hours(),
            downtime: one.downtime(),
            needs_test: one.needs_test(),
        }
    }
}

/// An option that is carried out.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Action")]
struct ActionForm<'a> {
    #[serde(flatten)]
    option: CandidateForm<'a>,
    /// Commands for the AWS CLI. The languages differ in comments alone.
    commands: Vec<TextForm<'a>>,
    /// Verdicts that are not known of what it requires, by finding id.
    not_known: Vec<&'a str>,
}

impl<'a> ActionForm<'a> {
    fn new(one: &'a Candidate<'_>) -> Self {
        let script = one.script();
        let commands = if script.en.is_empty() { Vec::new() } else { vec![TextForm::owned(script)] };
        ActionForm { option: CandidateForm::new(one), commands, not_known: ids(&one.unclear) }
    }
}

/// A decision between the options of one policy.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TradeOff")]
struct TradeOffForm<'a> {
    /// What was chosen.
    chosen: CandidateForm<'a>,
    /// What was not.
    others: Vec<AlternativeForm<'a>>,
    /// What the choice costs on top of the cheapest alternative, or of today.
    extra_usd: f64,
    /// Hours of outage a month that pay for it.
    break_even_hours: Option<f64>,
}

impl<'a> TradeOffForm<'a> {
    fn new(one: &'a TradeOff<'_>) -> Self {
        TradeOffForm {
            chosen: CandidateForm::new(&one.chosen),
            others: one.others.iter().map(AlternativeForm::new).collect(),
            extra_usd: one.extra_usd,
            break_even_hours: one.break_even_hours,
        }
    }
}

/// An option that was not chosen.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Alternative")]
struct AlternativeForm<'a> {
    #[serde(flatten)]
    option: CandidateForm<'a>,
    why_not: OutForm<'a>,
}

impl<'a> AlternativeForm<'a> {
    fn new(one: &'a Alternative<'_>) -> Self {
        AlternativeForm { option: CandidateForm::new(&one.option), why_not: OutForm::new(&one.why_not) }
    }
}

/// What is in no phase: the recommended option, or the one that came closest.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "LeftOut")]
struct LeftOutForm<'a> {
    #[serde(flatten)]
    option: CandidateForm<'a>,
    why: OutForm<'a>,
}

impl<'a> LeftOutForm<'a> {
    fn new(one: &'a LeftOut<'_>) -> Self {
        // The findings that stay, which are not always those of the option.
        let option = CandidateForm { findings: ids(&one.findings), ..CandidateForm::new(&one.option) };
        LeftOutForm { option, why: OutForm::new(&one.why) }
    }
}

/// Why an option was not chosen.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "why", rename_all = "kebab-case")]
#[schemars(rename = "WhyOut")]
enum OutForm<'a> {
    /// It costs more than is left.
    OverBudget {
        /// Its dollars a month.
        needed_usd: f64,
        /// Those that are left.
        left_usd: f64,
    },
    /// Its price is not known, and beside a budget nothing is taken for free.
    PriceUnknown {
        /// The questions that hide the price.
        gaps: Vec<&'a str>,
    },
    /// What it needs is not in the plan.
    NeedsLeftOut {
        /// The policy that would have to be mended first.
        policy: &'a str,
    },
    /// Another option of the plan rules it out.
    Excluded {
        /// That option's policy.
        policy: &'a str,
        /// Its id.
        option: &'a str,
    },
    /// The policy recommends the other one, and there is room for it.
    Recommended,
    /// It does not carry the peak, and the other one does.
    ShortOfPeak {
        /// At how many times today's load it ends.
        carries: f64,
        /// How many there are at the peak.
        peak_factor: f64,
    },
    /// The other one costs less money.
    Dearer,
    /// The other one mends more.
    MendsLess,
    /// The other one is less work, or less interruption.
    MoreWork,
    /// Something else was worth more.
    WorthLess,
}

impl<'a> OutForm<'a> {
    fn new(why: &'a WhyOut<'_>) -> Self {
        match why {
            WhyOut::OverBudget(needed, left) => OutForm::OverBudget { needed_usd: *needed, left_usd: *left },
            WhyOut::PriceUnknown(gaps) => {
                OutForm::PriceUnknown { gaps: gaps.iter().map(|gap| gap.as_str()).collect() }
            }
            WhyOut::NeedsLeftOut(policy) => OutForm::NeedsLeftOut { policy },
            WhyOut::Excluded(policy, option) => OutForm::Excluded { policy, option },
            WhyOut::Recommended => OutForm::Recommended,
            WhyOut::ShortOfPeak(carries, peak_factor) => {
                OutForm::ShortOfPeak { carries: *carries, peak_factor: *peak_factor }
            }
            WhyOut::Dearer => OutForm::Dearer,
            WhyOut::MendsLess => OutForm::MendsLess,
            WhyOut::MoreWork => OutForm::MoreWork,
            WhyOut::WorthLess => OutForm::WorthLess,
        }
    }
}

/// Money a month, as far as it is known.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Amount")]
struct AmountForm<'a> {
    /// What is known of it; a saving is negative.
    usd: f64,
    /// How many parts have no known price; above 0, the amount is a least one.
    unknown_parts: usize,
    /// The questions that hide them.
    gaps: Vec<&'a str>,
}

impl<'a> AmountForm<'a> {
    fn new(amount: &'a Amount) -> Self {
        AmountForm {
            usd: amount.usd,
            unknown_parts: amount.unknown_parts,
            gaps: amount.gaps.iter().map(|gap| gap.as_str()).collect(),
        }
    }
}

/// A line of the table of costs.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Cost")]
struct PeriodCostForm {
    part: PartForm,
    /// Null where nothing is known of it.
    today: Option<CellForm>,
    /// After each phase.
    after: Vec<CellForm>,
}

impl PeriodCostForm {
    fn new(row: &CostRow) -> Self {
        PeriodCostForm {
            part: row.part.into(),
            today: row.today.as_ref().map(CellForm::new),
            after: row.after.iter().map(CellForm::new).collect(),
        }
    }
}

/// A part of the bill, as `tenken cost` names it, or what belongs to none.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "Part")]
enum PartForm {
    Group(Group),
    Beside(BesideForm),
}

/// What belongs to no part of the bill.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Beside")]
enum BesideForm {
    /// What the bill that the user named has on top of list prices, or below them.
    Unexplained,
    /// Anything else.
    Other,
}

impl From<Part> for PartForm {
    fn from(part: Part) -> Self {
        match part {
            Part::Group(group) => PartForm::Group(group),
            Part::Unexplained => PartForm::Beside(BesideForm::Unexplained),
            Part::Other => PartForm::Beside(BesideForm::Other),
        }
    }
}

/// An amount in a table.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Cell")]
struct CellForm {
    /// What is known of it.
    usd: f64,
    /// How many parts have no known price.
    unknown_parts: usize,
}

impl CellForm {
    fn new(cell: &Cell) -> Self {
        CellForm { usd: cell.usd, unknown_parts: cell.unknown }
    }
}

/// A line of the table of improvements.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Improvement")]
struct ImprovementForm<'a> {
    metric: Metric,
    /// How it is.
    today: Vec<TextForm<'a>>,
    /// After each phase.
    after: Vec<Vec<TextForm<'a>>>,
}

impl<'a> ImprovementForm<'a> {
    fn new(row: &'a ImprovementRow) -> Self {
        ImprovementForm {
            metric: row.metric,
            today: texts(&row.today),
            after: row.after.iter().map(|after| texts(after)).collect(),
        }
    }
}

fn ids<'a>(findings: &[&'a Finding]) -> Vec<&'a str> {
    findings.iter().map(|finding| finding.id.as_str()).collect()
}

fn texts(all: &[Text]) -> Vec<TextForm<'_>> {
    all.iter().map(TextForm::new).collect()
}
