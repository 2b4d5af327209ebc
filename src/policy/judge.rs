//! Judges a snapshot: every resource under every policy that is about it.

use super::evaluate::{Concluder, EvaluationScope, Value, element, length};
use super::evidence::{self, Fact};
use super::example::Example;
use super::expression::CheckedNode;
use super::subject::FoundResource;
use super::template::quote::Language;
use super::template::{Template, display};
use super::{LinkKind, Policy, PolicyOption, PolicySet};
use crate::arn::{self, display_name};
use crate::conclude;
use crate::conclude::facts::Facts;
use crate::finding::{
    Evidence, Finding, Improvement, MonthlyCost, Relations, Remedy, Verdict, finding_id, order,
};
use crate::price::{PriceTable, Prices};
use crate::snapshot::shape::{RecordShape, Reflect, Valued};
use crate::snapshot::{GapId, Snapshot};
use crate::text::{Bilingual, Text};
use std::cell::OnceCell;
use std::collections::BTreeMap;

/// Judges everything, in the order of reports, at the prices that tenken was built with.
pub fn judge(snapshot: &Snapshot, policies: &PolicySet) -> Vec<Finding> {
    judge_at_prices(snapshot, policies, PriceTable::embedded())
}

/// The same at other prices: verdicts do not depend on them, costs of options do.
pub(crate) fn judge_at_prices(
    snapshot: &Snapshot,
    policies: &PolicySet,
    prices: &dyn Prices,
) -> Vec<Finding> {
    judge_while(snapshot, policies, prices, &|| true)
}

/// The same for as long as `goes_on` says so; it is asked before each resource. What is not judged
/// by then is unknown: one finding of each policy stands for all of it.
pub(crate) fn judge_while(
    snapshot: &Snapshot,
    policies: &PolicySet,
    prices: &dyn Prices,
    goes_on: &dyn Fn() -> bool,
) -> Vec<Finding> {
    let known = Facts::new(snapshot);
    let mut findings = Vec::new();
    for (_, group) in by_subject(policies) {
        let Some(first) = group.first() else {
            continue;
        };
        let evidence: Vec<Vec<Fact>> = group.iter().map(|policy| facts_of(policy)).collect();
        let mut is_cut_short = false;
        first.subject.each(snapshot, &mut |found| match found {
            _ if is_cut_short => {}
            _ if !goes_on() => is_cut_short = true,
            FoundResource::Resource(resource) => {
                let answers = Answers::default();
                let live = Live::new(&known, resource, &answers, prices);
                for (policy, facts) in group.iter().zip(&evidence) {
                    let judge = Judge { snapshot, policy, facts, resource };
                    judge.judge(&live, &mut findings);
                }
            }
            FoundResource::Hidden(parent, gap) => {
                findings.extend(group.iter().map(|policy| hidden(snapshot, policy, gap, parent)));
            }
            FoundResource::Incomplete(gap) => {
                findings.extend(group.iter().map(|policy| incomplete(snapshot, policy, gap)));
            }
        });
        if is_cut_short {
            let gap = GapId::from_text(GapId::OUT_OF_TIME);
            findings.extend(group.iter().map(|policy| incomplete(snapshot, policy, &gap)));
        }
    }
    findings.sort_by(order);
    findings
}

/// The verdicts alone, without messages and evidence: what a benchmark compares.
pub fn verdicts(snapshot: &Snapshot, policies: &PolicySet) -> BTreeMap<&'static str, usize> {
    let known = Facts::new(snapshot);
    let mut counts = BTreeMap::new();
    for (_, group) in by_subject(policies) {
        let Some(first) = group.first() else {
            continue;
        };
        first.subject.each(snapshot, &mut |found| {
            if let FoundResource::Resource(resource) = found {
                let answers = Answers::default();
                let live = Live::new(&known, resource, &answers, PriceTable::embedded());
                for policy in &group {
                    let mut scope = EvaluationScope::new(vec![Value::Record(resource)], &live);
                    *counts.entry(quick_verdict(policy, &mut scope)).or_default() += 1;
                }
            }
        });
    }
    counts
}

/// What an example comes out as.
pub fn judge_example(policy: &Policy, example: &Example) -> &'static str {
    let mut scope = EvaluationScope::new(vec![example.subject.val().into()], &example);
    quick_verdict(policy, &mut scope)
}

fn by_subject(policies: &PolicySet) -> BTreeMap<&str, Vec<&Policy>> {
    let mut groups: BTreeMap<&str, Vec<&Policy>> = BTreeMap::new();
    for policy in &policies.policies {
        groups.entry(policy.subject.path.as_str()).or_default().push(policy);
    }
    groups
}

fn facts_of(policy: &Policy) -> Vec<Fact> {
    let mut names = vec![policy.subject.variable.as_str()];
    names.extend(policy.each.as_ref().map(|each| each.variable.as_str()));
    policy.pass.iter().chain(&policy.evidence).flat_map(|node| evidence::facts(node, &names)).collect()
}

/// `when` decides whether the policy applies, `pass` what comes out.
pub(super) fn outcome(policy: &Policy, scope: &mut EvaluationScope<'_, '_>) -> Verdict {
    if let Some(when) = &policy.when {
        match scope.evaluate(when) {
            Value::Bool(true) => {}
            Value::Unknown(gaps) => return Verdict::Unknown(gaps.to_vec()),
            _ => return Verdict::Skip,
        }
    }
    match policy.pass.as_ref().map(|pass| scope.evaluate(pass)) {
        Some(Value::Bool(true)) => Verdict::Pass,
        Some(Value::Unknown(gaps)) => Verdict::Unknown(gaps.to_vec()),
        _ => Verdict::Fail,
    }
}

/// Whether `when` is false whatever the element: then a list without elements is none to pass for.
fn is_out_of_scope(policy: &Policy, scope: &mut EvaluationScope<'_, '_>) -> bool {
    let when = policy.when.as_ref().map(|when| scope.evaluate(when));
    matches!(when, Some(Value::Bool(false)))
}

fn quick_verdict(policy: &Policy, scope: &mut EvaluationScope<'_, '_>) -> &'static str {
    let Some(each) = &policy.each else {
        return outcome(policy, scope).as_str();
    };
    let list = scope.evaluate(&each.list);
    if list.gaps().is_some() {
        return "unknown";
    }
    let count = length(&list).unwrap_or(0);
    let mut worst = if count == 0 && !is_out_of_scope(policy, scope) { "pass" } else { "skip" };
    for position in 0..count {
        scope.variables.truncate(1);
        scope.variables.push(element(&list, position));
        match outcome(policy, scope) {
            Verdict::Fail => return "fail",
            Verdict::Unknown(_) => worst = "unknown",
            Verdict::Pass if worst == "skip" => worst = "pass",
            _ => {}
        }
    }
    worst
}

/// Answers of conclusions about one resource; each is worked out once for all policies.
#[derive(Default)]
pub(super) struct Answers(OnceCell<Vec<ConclusionAnswer>>);

/// The answer of one conclusion.
struct ConclusionAnswer {
    function: &'static conclude::Conclusion,
    value: OnceCell<Box<dyn Valued>>,
}

/// What expressions about one resource of an account may ask for.
pub(super) struct Live<'a, 'f, 's> {
    facts: &'f Facts<'s>,
    resource: &'a dyn Reflect,
    answers: &'a Answers,
    prices: &'f dyn Prices,
}

impl<'a, 'f, 's> Live<'a, 'f, 's> {
    pub(super) fn new(
        facts: &'f Facts<'s>,
        resource: &'a dyn Reflect,
        answers: &'a Answers,
        prices: &'f dyn Prices,
    ) -> Self {
        Live { facts, resource, answers, prices }
    }
}

impl Answers {
    // Room for every conclusion about such a resource is made with the first.
    fn of(
        &self,
        function: &'static conclude::Conclusion,
        shape: &RecordShape,
    ) -> Option<&OnceCell<Box<dyn Valued>>> {
        let about = || {
            let functions = conclude::FUNCTIONS.iter();
            let about = functions.filter(|function| (function.takes)().name == shape.name);
            about.map(|function| ConclusionAnswer { function, value: OnceCell::new() }).collect()
        };
        let answers = self.0.get_or_init(about);
        answers.iter().find(|answer| answer.function.name == function.name).map(|answer| &answer.value)
    }
}

impl<'a> Concluder<'a> for Live<'a, '_, '_> {
    fn conclude(&self, function: &'static conclude::Conclusion) -> Value<'a> {
        // The checker lets nothing through that is not about the judged resource.
        match self.answers.of(function, self.resource.shape()) {
            Some(answer) => {
                answer.get_or_init(|| (function.call)(self.facts, self.resource.as_any())).val().into()
            }
            None => Value::unknown(GapId::default()),
        }
    }

    fn price(&self, product: &str, region: &str) -> Value<'a> {
        match self.prices.ask(product, region) {
            Ok(price) => Value::Float(price.usd()),
            Err(gap) => Value::unknown(gap),
        }
    }
}

struct Judge<'j, 'a> {
    snapshot: &'a Snapshot,
    policy: &'j Policy,
    facts: &'j [Fact],
    resource: &'a dyn Reflect,
}

impl<'a> Judge<'_, 'a> {
    fn judge(&self, live: &Live<'a, '_, '_>, findings: &mut Vec<Finding>) {
        let mut scope = EvaluationScope::new(vec![Value::Record(self.resource)], live);
        let Some(each) = &self.policy.each else {
            let verdict = outcome(self.policy, &mut scope);
            findings.push(self.finding(verdict, String::new(), &mut scope));
            return;
        };
        let list = scope.evaluate(&each.list);
        if let Some(gaps) = list.gaps() {
            findings.push(self.finding(Verdict::Unknown(gaps.to_vec()), String::new(), &mut scope));
            return;
        }
        let count = length(&list).unwrap_or(0);
        let before = findings.len();
        let mut applies = count == 0 && !is_out_of_scope(self.policy, &mut scope);
        for position in 0..count {
            scope.variables.truncate(1);
            scope.variables.push(element(&list, position));
            let verdict = outcome(self.policy, &mut scope);
            match verdict {
                Verdict::Skip => {}
                Verdict::Pass => applies = true,
                verdict => {
                    let key = display(&scope.evaluate(&each.key));
                    findings.push(self.finding(verdict, key, &mut scope));
                }
            }
        }
        scope.variables.truncate(1);
        // Nothing to blame: the resource as a whole passes, or the policy does not apply to it.
        if findings.len() == before {
            let verdict = if applies { Verdict::Pass } else { Verdict::Skip };
            findings.push(self.finding(verdict, String::new(), &mut scope));
        }
    }

    fn finding(
        &self,
        verdict: Verdict,
        discriminator: String,
        scope: &mut EvaluationScope<'_, '_>,
    ) -> Finding {
        let resource = self.resource.text_field("arn").to_owned();
        let message = self.message(&verdict, &resource, scope);
        let evidence = match verdict {
            Verdict::Pass | Verdict::Fail => self.evidence(scope),
            Verdict::Skip | Verdict::Unknown(_) => Vec::new(),
        };
        let options = match verdict {
            Verdict::Fail => self.policy.options.iter().map(|option| remedy(option, scope)).collect(),
            _ => Vec::new(),
        };
        let region = self.resource.text_field("region").to_owned();
        finding(
            self.policy,
            verdict,
            FindingPlace { resource, region, discriminator },
            message,
            evidence,
            options,
        )
    }

    fn message(&self, verdict: &Verdict, resource: &str, scope: &mut EvaluationScope<'_, '_>) -> Text {
        let name = display_name(resource);
        match (verdict, &self.policy.passed) {
            (Verdict::Fail, _) => render(&self.policy.found, scope),
            (Verdict::Pass, Some(passed)) => render(passed, scope),
            (Verdict::Pass, None) => {
                Text { en: format!("{name} is as it should be."), ja: format!("{name} は問題ない。") }
            }
            (Verdict::Skip, _) => Text {
                en: format!("{name} is out of scope of this policy."),
                ja: format!("{name} はこのポリシーの対象外。"),
            },
            (Verdict::Unknown(gaps), _) => unknown_message(self.snapshot, name, gaps),
        }
    }

    fn evidence(&self, scope: &mut EvaluationScope<'_, '_>) -> Vec<Evidence> {
        match (&self.policy.pass, &self.policy.each) {
            (None, Some(each)) => match scope.variables.get(1).cloned() {
                Some(element) => evidence::of_record(&each.variable, &element),
                None => Vec::new(),
            },
            _ => evidence::evidence(self.facts, scope),
        }
    }
}

fn render(template: &Bilingual<Template>, scope: &mut EvaluationScope<'_, '_>) -> Text {
    template.map(|template| template.render(scope))
}

fn code(
    script: Option<&Bilingual<Template>>,
    language: Language,
    scope: &mut EvaluationScope<'_, '_>,
) -> Text {
    let Some(script) = script else { return Text::default() };
    script.map(|template| template.render_code(language, scope))
}

fn remedy(option: &PolicyOption, scope: &mut EvaluationScope<'_, '_>) -> Remedy {
    Remedy {
        id: option.id.clone(),
        title: render(&option.title, scope),
        steps: option.steps.map(|steps| steps.iter().map(|step| step.render(scope)).collect()),
        cli: code(option.cli.as_ref(), Language::Shell, scope),
        check: code(option.check.as_ref(), Language::Shell, scope),
        undo: code(option.undo.as_ref(), Language::Shell, scope),
        terraform: code(option.terraform.as_ref(), Language::Terraform, scope),
        impact: option.impact,
        relations: relations(option),
        improves: option
            .improves
            .iter()
            .map(|improves| Improvement {
                metric: improves.metric,
                before: render(&improves.before, scope),
                after: render(&improves.after, scope),
            })
            .collect(),
        monthly_usd: option.monthly_cost.as_ref().map(|cost| monthly_cost(cost, scope)).unwrap_or_default(),
        monthly_cost_note: option.monthly_cost_note.as_ref().map(|note| render(note, scope)),
    }
}

// Null, for instance a storage type that AWS did not mention, is not an amount either.
fn monthly_cost(cost: &CheckedNode, scope: &mut EvaluationScope<'_, '_>) -> MonthlyCost {
    match scope.evaluate(cost) {
        #[expect(clippy::cast_precision_loss, reason = "amounts of money are far below 2^53")]
        Value::Int(usd) => MonthlyCost::Usd(usd as f64),
        Value::Float(usd) => MonthlyCost::Usd(usd),
        Value::Unknown(gaps) => MonthlyCost::Unknown(gaps.to_vec()),
        _ => MonthlyCost::Unknown(vec![GapId::default()]),
    }
}

fn relations(option: &PolicyOption) -> Relations {
    let named = |kind: LinkKind| {
        option.links.iter().filter(move |link| link.kind == kind).map(|link| link.to.clone())
    };
    Relations {
        requires: named(LinkKind::Requires).collect(),
        excludes: named(LinkKind::Excludes).collect(),
        resolves: named(LinkKind::Resolves).map(|name| name.policy).collect(),
        together_with: named(LinkKind::TogetherWith).collect(),
        is_partial: option.is_partial,
    }
}

struct FindingPlace {
    resource: String,
    region: String,
    discriminator: String,
}

fn finding(
    policy: &Policy,
    verdict: Verdict,
    place: FindingPlace,
    message: Text,
    evidence: Vec<Evidence>,
    options: Vec<Remedy>,
) -> Finding {
    Finding {
        id: finding_id(&policy.id, &place.resource, &place.discriminator),
        policy: policy.id.clone(),
        severity: policy.severity,
        pillar: policy.pillar,
        resource: place.resource,
        region: place.region,
        discriminator: place.discriminator,
        verdict,
        message,
        evidence,
        options,
        accepted: None,
    }
}

// A resource whose nested list is unknown stands for everything in that list.
fn hidden(snapshot: &Snapshot, policy: &Policy, gap: &GapId, parent: &dyn Reflect) -> Finding {
    let resource = parent.text_field("arn").to_owned();
    let message = unknown_message(snapshot, display_name(&resource), std::slice::from_ref(gap));
    let place = FindingPlace {
        resource,
        region: parent.text_field("region").to_owned(),
        discriminator: gap.to_string(),
    };
    finding(policy, Verdict::Unknown(vec![gap.clone()]), place, message, Vec::new(), Vec::new())
}

// A list that could not be asked for stands for everything that it would have named.
fn incomplete(snapshot: &Snapshot, policy: &Policy, gap: &GapId) -> Finding {
    let known = snapshot.gap(gap);
    let about = known.and_then(|gap| gap.about.clone()).filter(|about| arn::Arn::parse(about).is_some());
    let service = match gap.own_reason() {
        None => gap.service(),
        // Nobody asked: the list says whose it is.
        Some(_) => policy.subject.service(),
    };
    let everything = || arn::arn(&snapshot.partition, service, gap.region(), &snapshot.account, "*");
    let resource = about.unwrap_or_else(everything);
    let name = policy.subject.path.clone();
    let message = unknown_message(snapshot, &name, std::slice::from_ref(gap));
    let place = FindingPlace { resource, region: gap.region().to_owned(), discriminator: gap.to_string() };
    finding(policy, Verdict::Unknown(vec![gap.clone()]), place, message, Vec::new(), Vec::new())
}

fn unknown_message(snapshot: &Snapshot, name: &str, gaps: &[GapId]) -> Text {
    let reasons: Vec<Text> = gaps.iter().map(|id| id.in_words(snapshot.gap(id))).collect();
    let mut reasons = Bilingual::of(|lang| reasons.iter().map(|reason| reason.say(lang)).collect::<Vec<_>>());
    reasons.en.dedup();
    reasons.ja.dedup();
    Text {
        en: format!("{name} could not be judged: {}.", reasons.en.join(", ")),
        ja: format!("{name} は判定できない: {}。", reasons.ja.join(", ")),
    }
}
