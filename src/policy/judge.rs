//! Judges a snapshot: every resource under every policy that is about it.

use super::evaluate::{Concluder, EvaluationScope, Value, element, length};
use super::evidence::{self, Fact};
use super::example::Example;
use super::expression::CheckedNode;
use super::subject::FoundResource;
use super::template::guard::guarded;
use super::template::quote::{Language, one_line};
use super::template::{Template, display};
use super::{LinkKind, Policy, PolicyOption, PolicySet};
use crate::arn::{self, display_name};
use crate::conclude;
use crate::conclude::facts::Facts;
use crate::finding::{
    CauseKey, CauseKind, Evidence, Finding, Impact, Improvement, MonthlyCost, Relations, Remedy, Stage,
    StageBlock, Verdict, finding_id, order,
};
use crate::price::{PriceTable, Prices};
use crate::snapshot::shape::{RecordShape, Reflect, Valued};
use crate::snapshot::{GapId, Snapshot};
use crate::terraform::manager::{Manager, managers};
use crate::text::{Bilingual, Text, in_subshell, out_of_subshell};
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
        first.subject.each(&known, &mut |found| match found {
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
    say_managed(snapshot, &mut findings);
    findings.sort_by(order);
    findings
}

/// Failures of what a stack or Terraform manages say so, and their commands begin with it: what is changed beside
/// the stack comes back with its next deployment.
fn say_managed(snapshot: &Snapshot, findings: &mut [Finding]) {
    let managers = managers(snapshot);
    for finding in findings.iter_mut().filter(|finding| finding.verdict == Verdict::Fail) {
        let Some(warning) = managers.get(finding.resource.as_str()).map(Manager::warning) else {
            continue;
        };
        finding.message.en.push_str(&format!(" {}", warning.en));
        finding.message.ja.push_str(&warning.ja);
        let comment = warning.map(|words| format!("# {}\n", one_line(words)));
        for option in &mut finding.options {
            if !option.blocks.is_empty() {
                option.blocks.insert(0, StageBlock { stage: Stage::Prepare, text: comment.clone() });
            }
            if !option.cli.en.is_empty() {
                option.cli.en = before(&comment.en, &option.cli.en);
                option.cli.ja = before(&comment.ja, &option.cli.ja);
            }
        }
    }
}

// A script that begins with a comment, in its subshell where it has one.
fn before(comment: &str, script: &str) -> String {
    let commands = out_of_subshell(script);
    let text = format!("{comment}{commands}");
    if commands == script { text } else { in_subshell(&text) }
}

/// The verdicts alone, without messages and evidence: what a benchmark compares.
pub fn verdicts(snapshot: &Snapshot, policies: &PolicySet) -> BTreeMap<&'static str, usize> {
    let known = Facts::new(snapshot);
    let mut counts = BTreeMap::new();
    for (_, group) in by_subject(policies) {
        let Some(first) = group.first() else {
            continue;
        };
        first.subject.each(&known, &mut |found| {
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

/// What a list without elements comes to. Where `when` is false whatever the element, it is none to pass for;
/// where it is not known, whether the policy applies is not known either. An element that `when` asks about
/// and that is not there hides nothing.
fn without_elements(policy: &Policy, scope: &mut EvaluationScope<'_, '_>) -> Verdict {
    let Some(when) = &policy.when else {
        return Verdict::Pass;
    };
    match scope.evaluate(when) {
        Value::Bool(false) => Verdict::Skip,
        when => match when.gaps() {
            Some(gaps) if !gaps.contains(&GapId::default()) => Verdict::Unknown(gaps.to_vec()),
            _ => Verdict::Pass,
        },
    }
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
    let mut worst = if count == 0 { without_elements(policy, scope).as_str() } else { "skip" };
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
        if count == 0 {
            let verdict = without_elements(self.policy, &mut scope);
            findings.push(self.finding(verdict, String::new(), &mut scope));
            return;
        }
        let mut applies = false;
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
            (Verdict::Pass, None) => Text {
                en: format!("{name} is as it should be."),
                ja: format!("{name} に指摘はない。"),
            },
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
    Text::of(|lang| template.get(lang).render_in(lang, scope))
}

fn code(
    script: Option<&Bilingual<Template>>,
    language: Language,
    scope: &mut EvaluationScope<'_, '_>,
) -> Text {
    let Some(script) = script else { return Text::default() };
    script.map(|template| {
        let code = template.render_code(language, scope);
        match language {
            Language::Shell => guarded(&code),
            Language::Terraform => code,
        }
    })
}

fn remedy(option: &PolicyOption, scope: &mut EvaluationScope<'_, '_>) -> Remedy {
    Remedy {
        id: option.id.clone(),
        title: render(&option.title, scope),
        steps: Bilingual::of(|lang| {
            option.steps.get(lang).iter().map(|step| step.render_in(lang, scope)).collect()
        }),
        cli: code(option.cli.as_ref(), Language::Shell, scope),
        blocks: option.blocks.iter().map(|(stage, script)| block(*stage, script, scope)).collect(),
        causes: causes(&option.causes, scope),
        check: code(option.check.as_ref(), Language::Shell, scope),
        undo: code(option.undo.as_ref(), Language::Shell, scope),
        terraform: code(option.terraform.as_ref(), Language::Terraform, scope),
        impact: impact(option, scope),
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
        carries: option.carries.as_ref().and_then(|node| factor(node, scope)),
        carries_today: option.carries_today.as_ref().and_then(|node| factor(node, scope)),
        monthly_cost_note: option.monthly_cost_note.as_ref().map(|note| render(note, scope)),
    }
}

// Work that depends on the resource is worked out for it.
fn impact(option: &PolicyOption, scope: &mut EvaluationScope<'_, '_>) -> Impact {
    let hours = option.effort_hours.as_ref().and_then(|node| factor(node, scope));
    Impact { effort_hours: hours.map_or(option.impact.effort_hours, |hours| hours.max(0.0)), ..option.impact }
}

// How many times today's load; none where that is not known, or there is no load.
fn factor(node: &CheckedNode, scope: &mut EvaluationScope<'_, '_>) -> Option<f64> {
    match scope.evaluate(node) {
        #[expect(clippy::cast_precision_loss, reason = "factors are far below 2^53")]
        Value::Int(times) => Some(times as f64),
        Value::Float(times) => Some(times).filter(|times| times.is_finite()),
        _ => None,
    }
}

fn block(stage: Stage, script: &Bilingual<Template>, scope: &mut EvaluationScope<'_, '_>) -> StageBlock {
    StageBlock { stage, text: code(Some(script), Language::Shell, scope) }
}

// What is null or unknown is shared with nobody.
fn causes(written: &[(CauseKind, CheckedNode)], scope: &mut EvaluationScope<'_, '_>) -> Vec<CauseKey> {
    let mut keys = Vec::new();
    for (kind, node) in written {
        let value = scope.evaluate(node);
        let items = match length(&value) {
            Some(count) => (0..count).map(|position| element(&value, position)).collect(),
            None => vec![value],
        };
        for item in items {
            if let Value::Text(about) = item
                && !about.is_empty()
            {
                keys.push(CauseKey { kind: *kind, about: about.into_owned() });
            }
        }
    }
    keys.sort();
    keys.dedup();
    keys
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
        ja: format!("{name} は判定できない: {}。", reasons.ja.join("、")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::file::tests::{edited, policy};
    use crate::snapshot::Known;
    use crate::snapshot::elb::{Listener, LoadBalancer};
    use crate::snapshot::rds::{DbInstance, ParameterGroupUse};
    use std::cell::Cell;

    const ARN: &str = "arn:aws:rds:r:123456789012:db:";

    fn database(id: &str) -> DbInstance {
        DbInstance {
            arn: format!("{ARN}{id}"),
            region: "r".into(),
            id: id.into(),
            parameter_groups: Known::Yes(Vec::new()),
            multi_az: Known::Yes(false),
            publicly_accessible: Known::Yes(false),
            ..DbInstance::default()
        }
    }

    fn account(databases: Vec<DbInstance>) -> Snapshot {
        let mut snapshot =
            Snapshot::new("123456789012", "aws", "2026-11-24T00:00:00Z", &["r".to_owned()]).complete();
        snapshot.rds.db_instances.items = databases;
        snapshot
    }

    fn with_groups(names: &[(&str, &str)]) -> Vec<ParameterGroupUse> {
        let group = |(name, status): &(&str, &str)| ParameterGroupUse {
            name: (*name).to_owned(),
            apply_status: (*status).to_owned(),
        };
        names.iter().map(group).collect()
    }

    fn set(lines: &str) -> PolicySet {
        PolicySet { policies: vec![policy(&edited(&[("pass: db.multi_az\n", lines)]))] }
    }

    /// Verdict, discriminator and English message of each finding.
    fn judged(snapshot: &Snapshot, set: &PolicySet) -> Vec<(&'static str, String, String)> {
        let findings = judge(snapshot, set).into_iter();
        findings.map(|one| (one.verdict.as_str(), one.discriminator, one.message.en)).collect()
    }

    fn one(verdict: &'static str, discriminator: &str, message: &str) -> (&'static str, String, String) {
        (verdict, discriminator.to_owned(), message.to_owned())
    }

    #[test]
    fn a_resource_passes_fails_is_left_out_or_is_unknown() {
        let passed = "passed: { en: \"{db.id} is well.\", ja: b }\n";
        let gap = Known::No(GapId::from_text("kms:ListKeys@r"));
        for (lines, database, expected) in [
            ("pass: db.multi_az\n", database("a"), one("fail", "", "a runs alone.")),
            (
                "pass: db.multi_az\n",
                DbInstance { multi_az: Known::Yes(true), ..database("a") },
                one("pass", "", "a is as it should be."),
            ),
            (
                &format!("pass: db.multi_az\n{passed}"),
                DbInstance { multi_az: Known::Yes(true), ..database("a") },
                one("pass", "", "a is well."),
            ),
            (
                "when: db.publicly_accessible\npass: db.multi_az\n",
                database("a"),
                one("skip", "", "a is out of scope of this policy."),
            ),
            (
                "pass: db.storage_encrypted\n",
                DbInstance { storage_encrypted: gap.clone(), ..database("a") },
                one("unknown", "", "a could not be judged: kms:ListKeys (no data)."),
            ),
            (
                "when: db.storage_encrypted\npass: db.multi_az\n",
                DbInstance { storage_encrypted: gap, ..database("a") },
                one("unknown", "", "a could not be judged: kms:ListKeys (no data)."),
            ),
        ] {
            let snapshot = account(vec![database]);
            assert_eq!(judged(&snapshot, &set(lines)), std::slice::from_ref(&expected), "{lines}");
            assert_eq!(verdicts(&snapshot, &set(lines)), BTreeMap::from([(expected.0, 1)]), "{lines}");
        }
    }

    #[test]
    fn elements_are_judged_one_by_one_and_the_resource_where_none_is_to_blame() {
        let each = "each: use in db.parameter_groups\nkey: use.name\n";
        let condition = "pass: use.apply_status == \"in-sync\"\n";
        let when = "when: use.name != \"skipped\"\n";
        let never = "when: db.multi_az\n";
        let (pass, skip) = ("a is as it should be.", "a is out of scope of this policy.");
        for (lines, groups, expected, quick) in [
            (format!("{each}{condition}"), vec![], vec![one("pass", "", pass)], "pass"),
            (
                format!("{each}{condition}"),
                vec![("x", "in-sync"), ("y", "in-sync")],
                vec![one("pass", "", pass)],
                "pass",
            ),
            (
                format!("{each}{condition}"),
                vec![("x", "in-sync"), ("y", "applying"), ("z", "pending-reboot")],
                vec![one("fail", "y", "a runs alone."), one("fail", "z", "a runs alone.")],
                "fail",
            ),
            // Without a condition, whatever is there fails.
            (each.to_owned(), vec![("x", "in-sync")], vec![one("fail", "x", "a runs alone.")], "fail"),
            (each.to_owned(), vec![], vec![one("pass", "", pass)], "pass"),
            // Elements that are left out neither pass nor fail.
            (
                format!("{each}{when}{condition}"),
                vec![("skipped", "applying")],
                vec![one("skip", "", skip)],
                "skip",
            ),
            (
                format!("{each}{when}{condition}"),
                vec![("skipped", "applying"), ("x", "in-sync")],
                vec![one("pass", "", pass)],
                "pass",
            ),
            // A resource that the policy is not about does not pass for want of elements.
            (format!("{each}{never}{condition}"), vec![], vec![one("skip", "", skip)], "skip"),
            (
                format!("{each}{never}{condition}"),
                vec![("x", "applying")],
                vec![one("skip", "", skip)],
                "skip",
            ),
        ] {
            let groups = Known::Yes(with_groups(&groups));
            let snapshot = account(vec![DbInstance { parameter_groups: groups, ..database("a") }]);
            let set = set(&lines);
            assert_eq!(judged(&snapshot, &set), expected, "{lines}");
            assert_eq!(verdicts(&snapshot, &set), BTreeMap::from([(quick, 1)]), "{lines}");
        }
        let gap = GapId::from_text("rds:DescribeDBParameterGroups@r");
        let hidden = DbInstance { parameter_groups: Known::No(gap.clone()), ..database("a") };
        let found = judged(&account(vec![hidden.clone()]), &set(&format!("{each}{condition}")));
        let message = "a could not be judged: rds:DescribeDBParameterGroups (no data).";
        assert_eq!(found, [one("unknown", "", message)]);
        let quick = verdicts(&account(vec![hidden]), &set(&format!("{each}{condition}")));
        assert_eq!(quick, BTreeMap::from([("unknown", 1)]));
        // Of several elements, the worst.
        let lines = format!(
            "{each}pass: use.apply_status == \"in-sync\" || (use.name == \"dark\" && db.storage_encrypted)\n"
        );
        for (groups, quick) in [
            (vec![("dark", "")], "unknown"),
            (vec![("x", "in-sync"), ("dark", ""), ("y", "in-sync")], "unknown"),
            (vec![("dark", ""), ("x", "")], "fail"),
        ] {
            let database = DbInstance {
                parameter_groups: Known::Yes(with_groups(&groups)),
                storage_encrypted: Known::No(gap.clone()),
                ..database("a")
            };
            assert_eq!(verdicts(&account(vec![database]), &set(&lines)), BTreeMap::from([(quick, 1)]));
        }
    }

    #[test]
    fn every_policy_judges_every_resource() {
        let mut policies = set("pass: db.multi_az\n").policies;
        policies.extend(set("pass: db.publicly_accessible\n").policies);
        let set = PolicySet { policies };
        let sound = DbInstance { multi_az: Known::Yes(true), ..database("b") };
        let snapshot = account(vec![database("a"), sound]);
        assert_eq!(verdicts(&snapshot, &set), BTreeMap::from([("fail", 3), ("pass", 1)]));
        assert_eq!(judge(&snapshot, &set).len(), 4);
    }

    #[test]
    fn what_a_failure_says_comes_from_the_resource() {
        let lines = "    monthly_cost: 0\n    cli: \"aws x {db.id}\"\n    terraform: 'resource \"aws_a\" \"this\" {{ name = \"{db.id}\" }}'\n    requires: [rds-a/b]\n    excludes: [rds-c/d]\n    resolves: [rds-e]\n    together_with: [rds-f]\n    mends: partly\n    improves: [{ metric: rto, before: \"{db.id} now\", after: later }]\n    monthly_cost_note: { en: \"for {db.id}\", ja: b }\n";
        let policy = policy(&edited(&[
            ("    monthly_cost: 0\n", lines),
            ("Add one, ja", "\"Add one to {db.id}\", ja"),
        ]));
        let findings = judge(&account(vec![database("it's")]), &PolicySet { policies: vec![policy.clone()] });
        let [found] = findings.as_slice() else { panic!("{findings:#?}") };
        let arn = format!("{ARN}it's");
        assert_eq!(
            (found.policy.as_str(), found.severity, found.pillar),
            ("rds-single-az", policy.severity, policy.pillar)
        );
        assert_eq!((found.resource.as_str(), found.region.as_str()), (arn.as_str(), "r"));
        assert_eq!(found.id, finding_id("rds-single-az", &arn, ""));
        assert_eq!(found.message.ja, "it's は単独。");
        let [option] = found.options.as_slice() else { panic!("{:#?}", found.options) };
        assert_eq!((option.id.as_str(), option.title.en.as_str()), ("multi-az", "Add one to it's"));
        assert_eq!(option.steps.en, ["Modify it."]);
        assert_eq!(option.cli.en, "aws x 'it'\\''s'");
        assert_eq!(option.terraform.en, "resource \"aws_a\" \"this\" { name = \"it's\" }");
        assert_eq!((option.check.en.as_str(), option.undo.en.as_str()), ("", ""));
        assert_eq!(option.monthly_usd, MonthlyCost::Usd(0.0));
        assert_eq!(option.monthly_cost_note.as_ref().map(|note| note.en.as_str()), Some("for it's"));
        assert_eq!(option.improves[0].before.en, "it's now");
        let names =
            |names: &[crate::finding::OptionName]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(names(&option.relations.requires), ["rds-a/b"]);
        assert_eq!(names(&option.relations.excludes), ["rds-c/d"]);
        assert_eq!(names(&option.relations.together_with), ["rds-f"]);
        assert_eq!(option.relations.resolves, ["rds-e"]);
        assert!(option.relations.is_partial);
    }

    #[test]
    fn costs_are_amounts_or_what_hides_them() {
        let cost = |written: &str| {
            let written = format!("    monthly_cost: {written}\n");
            let policy = policy(&edited(&[("    monthly_cost: 0\n", &written)]));
            let findings = judge(&account(vec![database("a")]), &PolicySet { policies: vec![policy] });
            findings[0].options[0].monthly_usd.clone()
        };
        assert_eq!(cost("7"), MonthlyCost::Usd(7.0));
        assert_eq!(cost("-0.5"), MonthlyCost::Usd(-0.5));
        assert_eq!(cost("db.port"), MonthlyCost::Unknown(vec![GapId::default()]), "nothing is no amount");
        let gap = crate::price::gap("no-such-product", "r");
        assert_eq!(cost("'price(\"no-such-product\", db.region)'"), MonthlyCost::Unknown(vec![gap]));
        assert_eq!(cost("unknown\n    monthly_cost_note: { en: a, ja: b }"), MonthlyCost::default());
    }

    #[test]
    fn work_that_depends_on_the_resource_is_worked_out_for_it() {
        let hours = |written: &str| {
            let policy = policy(&edited(&[("effort_hours: 1", &format!("effort_hours: {written}"))]));
            let database = DbInstance { port: Some(5432), ..database("a") };
            let findings = judge(&account(vec![database]), &PolicySet { policies: vec![policy] });
            findings[0].options[0].impact.effort_hours
        };
        assert_eq!(hours("1.5"), 1.5);
        assert_eq!(hours("'size(db.id) + 2'"), 3.0);
        assert_eq!(hours("'size(db.id) / 2.0'"), 0.5);
        assert_eq!(hours("'0 - 3'"), 0.0, "no work takes less than none");
    }

    #[test]
    fn what_there_was_no_time_for_is_unknown_once() {
        let set = set("pass: db.multi_az\n");
        let snapshot = account(vec![database("a"), database("b"), database("c")]);
        for resources in 0_usize..=3 {
            let left = Cell::new(resources);
            let goes_on = || {
                let goes_on = left.get() > 0;
                left.set(left.get().saturating_sub(1));
                goes_on
            };
            let findings = judge_while(&snapshot, &set, PriceTable::embedded(), &goes_on);
            let (unknown, known): (Vec<_>, Vec<_>) =
                findings.iter().partition(|finding| matches!(finding.verdict, Verdict::Unknown(_)));
            assert_eq!(known.len(), resources, "{findings:#?}");
            let expected: &[&str] = if resources < 3 { &["arn:aws:rds:-:123456789012:*"] } else { &[] };
            assert_eq!(unknown.iter().map(|one| one.resource.as_str()).collect::<Vec<_>>(), expected);
            let gap = GapId::from_text(GapId::OUT_OF_TIME);
            assert!(unknown.iter().all(|one| one.verdict == Verdict::Unknown(vec![gap.clone()])));
            let message = "rds.db_instances could not be judged: the time of the run was up.";
            assert!(unknown.iter().all(|one| one.message.en == message), "{unknown:#?}");
        }
    }

    #[test]
    fn lists_that_are_hidden_stand_for_what_is_in_them() {
        let text = edited(&[
            ("for: db in rds.db_instances", "for: one in elb.load_balancers[].listeners"),
            ("pass: db.multi_az\n", "pass: one.port == 443\n"),
            ("{db.id} runs", "{one.arn} runs"),
            ("{db.id} は", "{one.arn} は"),
            ("set: db.multi_az, to: true", "set: one.port, to: 443"),
            ("db: { id: a, multi_az: true }", "one: { arn: a, port: 443 }"),
            ("db: { id: a, multi_az: false }", "one: { arn: a, port: 80 }"),
            ("db: { id: a }", "one: { arn: a }"),
        ]);
        let set = PolicySet { policies: vec![policy(&text)] };
        let mut snapshot = account(Vec::new());
        let arn = "arn:aws:elasticloadbalancing:r:123456789012:loadbalancer/app/shop/1";
        let balancer = |listeners| LoadBalancer {
            arn: arn.into(),
            region: "r".into(),
            listeners,
            ..LoadBalancer::default()
        };
        let gap = GapId::new("elasticloadbalancing:DescribeListeners", "r", Some(arn));
        snapshot.elb.load_balancers.items = vec![balancer(Known::No(gap.clone()))];
        let list = GapId::new("elasticloadbalancing:DescribeLoadBalancers", "r", None);
        snapshot.elb.load_balancers.incomplete = vec![list.clone()];
        let findings = judge(&snapshot, &set);
        let mut found: Vec<_> = findings
            .iter()
            .map(|one| {
                (
                    one.resource.as_str(),
                    one.region.as_str(),
                    one.discriminator.clone(),
                    one.message.en.clone(),
                )
            })
            .collect();
        found.sort();
        assert_eq!(
            found,
            [
                (
                    "arn:aws:elasticloadbalancing:r:123456789012:*",
                    "r",
                    list.to_string(),
                    "elb.load_balancers[].listeners could not be judged: elasticloadbalancing:DescribeLoadBalancers (no data).".to_owned(),
                ),
                (
                    arn,
                    "r",
                    gap.to_string(),
                    "shop could not be judged: elasticloadbalancing:DescribeListeners (no data).".to_owned(),
                ),
            ]
        );
        let listener = |port| Listener { arn: format!("{port}"), port: Some(port), ..Listener::default() };
        snapshot.elb.load_balancers.items = vec![balancer(Known::Yes(vec![listener(80), listener(443)]))];
        snapshot.elb.load_balancers.incomplete = Vec::new();
        assert_eq!(verdicts(&snapshot, &set), BTreeMap::from([("fail", 1), ("pass", 1)]));
        // What nobody asked is in the region of nobody; the list says whose it is.
        snapshot.elb.load_balancers.incomplete = vec![GapId::never_asked_in("r")];
        let unasked = judge(&snapshot, &set);
        let everything = "arn:aws:elasticloadbalancing:r:123456789012:*";
        assert!(unasked.iter().any(|one| one.resource == everything), "{unasked:#?}");
    }
}
