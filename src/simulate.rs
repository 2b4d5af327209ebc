//! What an account would look like with chosen options carried out, and how it would be judged.
//!
//! Pure: a snapshot, policies and choices give another snapshot and what differs. Options are
//! carried out one after the other, each on the account that those before it left.

use crate::arn::display_name;
use crate::finding::{Finding, MonthlyCost, Verdict};
use crate::policy::effect::{Obstacle, apply_to};
use crate::policy::judge::judge;
use crate::policy::mend::edits;
use crate::policy::{NoSuchPolicy, Policy, PolicyOption, PolicySet};
use crate::snapshot::{GapId, Snapshot};
use crate::text::{Explained, Invalid, Text, quoted};
use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

/// An option to carry out, as people write it: `POLICY[/OPTION][@RESOURCE]`, or `all`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChosenOption {
    /// The policy; `all` for every policy.
    pub policy: String,
    /// The option; the recommended one where it is left out.
    pub option: Option<String>,
    /// The resource, by ARN or by the name people know it by; every one that fails where it
    /// is left out.
    pub resource: Option<String>,
}

/// The choice of every recommended option.
const ALL: &str = "all";

impl FromStr for ChosenOption {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORM: &str = "write POLICY, POLICY/OPTION, POLICY@RESOURCE or `all`";
        const FORM_JA: &str = "POLICY、POLICY/OPTION、POLICY@RESOURCE、`all` のいずれかの形で指定する";
        let (what, resource) = match text.split_once('@') {
            Some((what, resource)) => (what, Some(resource)),
            None => (text, None),
        };
        let (policy, option) = match what.split_once('/') {
            Some((policy, option)) => (policy, Some(option)),
            None => (what, None),
        };
        let is_empty = |part: Option<&str>| part.is_some_and(|part| part.trim().is_empty());
        let shown = quoted(text);
        if is_empty(Some(policy)) || is_empty(option) || is_empty(resource) {
            return Err(Invalid::new(
                format!("`{shown}` does not name an option; {FORM}"),
                format!("`{shown}` は対応策の指定として読めない。{FORM_JA}"),
            ));
        }
        if policy == ALL && option.is_some() {
            return Err(Invalid::new(
                format!(
                    "`all` always means the recommended options, so `{shown}` cannot name another; {FORM}"
                ),
                format!(
                    "`all` は推奨の対応策すべてを表すため、`{shown}` のように対応策を指定できない。{FORM_JA}"
                ),
            ));
        }
        Ok(ChosenOption {
            policy: policy.to_owned(),
            option: option.map(str::to_owned),
            resource: resource.map(str::to_owned),
        })
    }
}

/// Why options cannot be carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.what().en)]
pub enum SimulateError {
    /// There is no such policy.
    NoSuchPolicy(#[from] NoSuchPolicy),
    /// The policy has no such option.
    NoSuchOption {
        /// The policy.
        policy: String,
        /// As it was named.
        option: String,
        /// The options it has.
        known: String,
    },
    /// Nothing of that kind fails.
    NothingFails {
        /// As it was written.
        choice: String,
        /// The resources that do fail under the policy.
        failing: String,
    },
    /// The policy does not say what the option changes.
    NoEffect {
        /// The policy.
        policy: String,
        /// The option.
        option: String,
    },
    /// An effect does not fit the snapshot.
    Broken {
        /// The policy.
        policy: String,
        /// The option.
        option: String,
        /// The ARN.
        resource: String,
        /// What does not fit.
        reason: String,
    },
}

impl Explained for SimulateError {
    fn what(&self) -> Text {
        match self {
            SimulateError::NoSuchPolicy(error) => error.what(),
            SimulateError::NoSuchOption { policy, option, known } => Text::new(
                format!("find the option `{option}` of {policy}; it has {known}"),
                format!("{policy} に対応策 `{option}` はない。指定できるのは {known}。"),
            ),
            SimulateError::NothingFails { choice, failing } => Text::new(
                format!("find a failure for `{choice}`; failing there: {failing}"),
                format!("`{choice}` に当てはまる指摘はない。指摘のあるリソース: {failing}"),
            ),
            SimulateError::NoEffect { policy, option } => Text::new(
                format!("simulate {policy}/{option}: its policy does not say what it changes"),
                format!("{policy}/{option} はシミュレーションできない。ポリシーに変更内容が書かれていない。"),
            ),
            SimulateError::Broken { policy, option, resource, reason } => Text::new(
                format!("simulate {policy}/{option} on {resource}: {reason}"),
                format!("{resource} に対する {policy}/{option} をシミュレーションできない: {reason}"),
            ),
        }
    }
}

/// What came of an option.
#[derive(Debug, Clone, PartialEq)]
pub enum OptionOutcome {
    /// It was carried out.
    Done,
    /// The failure was gone already, by an option before it.
    ClosedBefore,
    /// What it would change depends on what AWS would not say.
    Unknown(Vec<GapId>),
    /// It needs something that the account does not have; the expression.
    Missing(String),
}

/// One option for one failure.
#[derive(Debug, Clone, PartialEq)]
pub struct CarriedOption {
    /// The id of the failure.
    pub finding: String,
    /// The policy.
    pub policy: String,
    /// The option's id.
    pub option: String,
    /// What the option does.
    pub title: Text,
    /// The ARN.
    pub resource: String,
    /// What the option costs a month at list price.
    pub monthly_usd: MonthlyCost,
    /// What came of it.
    pub outcome: OptionOutcome,
}

/// What options cost together.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct OptionsCost {
    /// US dollars a month on top of today, as far as they are known; a saving is negative.
    pub usd: f64,
    /// The options whose cost is not known, as `policy/option`.
    pub unknown: Vec<String>,
}

/// The account afterwards, and what differs.
#[derive(Debug, Clone)]
pub struct Simulation {
    /// The account afterwards.
    pub snapshot: Snapshot,
    /// The options, in the order in which they were carried out.
    pub carried: Vec<CarriedOption>,
    /// Failures that are gone; as they were.
    pub closes: Vec<Finding>,
    /// Failures that are new.
    pub opens: Vec<Finding>,
    /// What can no longer be judged; as it is afterwards.
    pub unknown: Vec<Finding>,
    /// Failures that stay; as they are afterwards. Those that were accepted are left out.
    pub stays: Vec<Finding>,
    /// Everything, as it is judged afterwards.
    pub findings: Vec<Finding>,
}

impl Simulation {
    /// What the options that were carried out cost together.
    pub(crate) fn monthly_cost(&self) -> OptionsCost {
        let mut cost = OptionsCost::default();
        for carried in self.carried.iter().filter(|carried| carried.outcome == OptionOutcome::Done) {
            match carried.monthly_usd.usd() {
                Some(usd) => cost.usd += usd,
                None => cost.unknown.push(format!("{}/{}", carried.policy, carried.option)),
            }
        }
        cost.unknown.sort();
        cost.unknown.dedup();
        cost
    }
}

/// Carries options out on a snapshot; `before` is what it was judged as.
///
/// # Errors
/// A choice that names nothing, or an option whose policy does not say what it changes.
pub fn simulate(
    snapshot: &Snapshot,
    policies: &PolicySet,
    before: &[Finding],
    choices: &[ChosenOption],
) -> Result<Simulation, SimulateError> {
    let mut account = snapshot.clone();
    let mut carried = Vec::new();
    for (finding, policy, option) in chosen(policies, before, choices)? {
        let outcome = carry_out(&mut account, finding, policy, option)?;
        let remedy = finding.options.iter().find(|remedy| remedy.id == option.id);
        carried.push(CarriedOption {
            finding: finding.id.clone(),
            policy: policy.id.clone(),
            option: option.id.clone(),
            title: remedy.map(|remedy| remedy.title.clone()).unwrap_or_default(),
            resource: finding.resource.clone(),
            monthly_usd: remedy.map(|remedy| remedy.monthly_usd.clone()).unwrap_or_default(),
            outcome,
        });
    }
    let findings = judge(&account, policies);
    Ok(compare(account, carried, before, findings))
}

type Chosen<'a> = (&'a Finding, &'a Policy, &'a PolicyOption);

// Each failure once, in the order of the choices.
fn chosen<'a>(
    policies: &'a PolicySet,
    before: &'a [Finding],
    choices: &[ChosenOption],
) -> Result<Vec<Chosen<'a>>, SimulateError> {
    let mut seen = BTreeSet::new();
    let mut chosen = Vec::new();
    for choice in choices {
        let is_all = choice.policy == ALL;
        if !is_all {
            policies.named(&choice.policy)?;
        }
        let fails = |finding: &&Finding| {
            finding.verdict == Verdict::Fail && (is_all || finding.policy == choice.policy)
        };
        let is_meant = |finding: &&Finding| match &choice.resource {
            Some(resource) => is_named(&finding.resource, resource),
            None => finding.is_open_failure(),
        };
        let found: Vec<&Finding> = before.iter().filter(fails).filter(is_meant).collect();
        if found.is_empty() && !is_all {
            return Err(nothing_fails(choice, before.iter().filter(fails)));
        }
        for finding in found {
            let Some(policy) = policies.find(&finding.policy) else { continue };
            let option = option_of(policy, choice)?;
            if option.effect.changes.is_empty() {
                if is_all {
                    continue;
                }
                let (policy, option) = (policy.id.clone(), option.id.clone());
                return Err(SimulateError::NoEffect { policy, option });
            }
            if seen.insert((finding.id.as_str(), option.id.as_str())) {
                chosen.push((finding, policy, option));
            }
        }
    }
    Ok(chosen)
}

fn option_of<'p>(policy: &'p Policy, choice: &ChosenOption) -> Result<&'p PolicyOption, SimulateError> {
    let named = choice.option.as_deref();
    let mut options = policy.options.iter();
    let found = options.find(|option| named.is_none_or(|named| option.id == named));
    found.ok_or_else(|| SimulateError::NoSuchOption {
        policy: policy.id.clone(),
        option: named.unwrap_or_default().to_owned(),
        known: policy.options.iter().map(|option| option.id.as_str()).collect::<Vec<_>>().join(", "),
    })
}

fn is_named(arn: &str, name: &str) -> bool {
    let tail = arn.strip_suffix(name);
    arn == name || display_name(arn) == name || tail.is_some_and(|before| before.ends_with(['/', ':']))
}

fn nothing_fails<'f>(choice: &ChosenOption, failing: impl Iterator<Item = &'f Finding>) -> SimulateError {
    let option = choice.option.iter().map(|option| format!("/{option}"));
    let resource = choice.resource.iter().map(|resource| format!("@{resource}"));
    let names: BTreeSet<&str> = failing.map(|finding| display_name(&finding.resource)).collect();
    SimulateError::NothingFails {
        choice: choice.policy.clone() + &option.chain(resource).collect::<String>(),
        failing: match names.is_empty() {
            true => "–".to_owned(),
            false => names.into_iter().collect::<Vec<_>>().join(", "),
        },
    }
}

fn carry_out(
    account: &mut Snapshot,
    finding: &Finding,
    policy: &Policy,
    option: &PolicyOption,
) -> Result<OptionOutcome, SimulateError> {
    let broken = |reason: String| SimulateError::Broken {
        policy: policy.id.clone(),
        option: option.id.clone(),
        resource: finding.resource.clone(),
        reason,
    };
    let edits = match edits(account, policy, option, &finding.resource, &finding.discriminator) {
        Ok(Some(edits)) => edits,
        Ok(None) => return Ok(OptionOutcome::ClosedBefore),
        Err(Obstacle::Unknown(gaps)) => return Ok(OptionOutcome::Unknown(gaps)),
        Err(Obstacle::None(what)) => return Ok(OptionOutcome::Missing(what)),
    };
    apply_to(account, edits).map_err(broken)?;
    Ok(OptionOutcome::Done)
}

fn compare(
    snapshot: Snapshot,
    carried: Vec<CarriedOption>,
    before: &[Finding],
    findings: Vec<Finding>,
) -> Simulation {
    let failed: BTreeMap<&str, &Finding> = before
        .iter()
        .filter(|finding| finding.verdict == Verdict::Fail)
        .map(|finding| (finding.id.as_str(), finding))
        .collect();
    let was_unknown: BTreeSet<&str> =
        before.iter().filter(is_unknown).map(|finding| finding.id.as_str()).collect();
    let hidden: BTreeSet<(&str, &str)> = findings
        .iter()
        .filter(is_unknown)
        .map(|finding| (finding.policy.as_str(), finding.resource.as_str()))
        .collect();
    let fails: BTreeSet<&str> = findings
        .iter()
        .filter(|finding| finding.verdict == Verdict::Fail)
        .map(|finding| finding.id.as_str())
        .collect();
    let is_hidden =
        |finding: &&&Finding| hidden.contains(&(finding.policy.as_str(), finding.resource.as_str()));
    let closes =
        failed.values().filter(|finding| !fails.contains(finding.id.as_str()) && !is_hidden(finding));
    let mut closes: Vec<Finding> = closes.map(|finding| (*finding).clone()).collect();
    closes.sort_by(crate::finding::order);
    let (mut opens, mut stays) = (Vec::new(), Vec::new());
    for finding in findings.iter().filter(|finding| finding.verdict == Verdict::Fail) {
        match failed.get(finding.id.as_str()) {
            None => opens.push(finding.clone()),
            Some(before) if before.accepted.is_none() => stays.push(finding.clone()),
            Some(_) => {}
        }
    }
    let unknown =
        findings.iter().filter(is_unknown).filter(|finding| !was_unknown.contains(finding.id.as_str()));
    let unknown = unknown.cloned().collect();
    Simulation { snapshot, carried, closes, opens, unknown, stays, findings }
}

fn is_unknown(finding: &&Finding) -> bool {
    matches!(finding.verdict, Verdict::Unknown(_))
}
