//! The picture of an account, today and after the phases of its plan.

use super::{Configured, RunError};
use crate::cost::bill;
use crate::diagram::svg::View;
use crate::diagram::{NumberedProblem, Picture, dot, draw, mermaid, place, svg, unite};
use crate::finding::{Finding, Run, day};
use crate::plan::{Context, Plan, Today, Wishes, make};
use crate::policy::PolicySet;
use crate::price::PriceTable;
use crate::report::scan::numbered;
use crate::report::{Figure, Format};
use crate::simulate::{ChosenOption, simulate};
use crate::snapshot::Snapshot;
use crate::text::{Invalid, Lang, Text, quoted};
use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

/// The formats of a picture, the default first.
pub const DIAGRAM_FORMATS: &[Format] = &[Format::Svg, Format::Mermaid, Format::Dot];

/// Up to where a plan is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterPhase {
    /// This phase, and those before it.
    Number(usize),
    /// All phases.
    Plan,
}

impl FromStr for AfterPhase {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = text.strip_prefix("phase-").and_then(|number| number.parse::<usize>().ok());
        match (text, number) {
            ("plan", _) => Ok(AfterPhase::Plan),
            (_, Some(number)) if number <= 2 => Ok(AfterPhase::Number(number)),
            _ => {
                let text = quoted(text);
                Err(Invalid::new(
                    format!("unknown phase `{text}`; write phase-0, phase-1, phase-2 or plan"),
                    format!(
                        "フェーズ `{text}` は存在しない。phase-0、phase-1、phase-2、plan のいずれかを指定する"
                    ),
                ))
            }
        }
    }
}

/// The picture of a snapshot. With a phase, it holds two states: today, and after it.
///
/// # Errors
/// An option of the plan cannot be carried out.
pub fn diagram_of(
    snapshot: &Snapshot,
    configured: &Configured,
    judged: &Run,
    wishes: Wishes,
    after: Option<AfterPhase>,
) -> Result<Picture, RunError> {
    let problems = numbered(judged);
    let today = draw(snapshot, &problems);
    let Some(after) = after else {
        return Ok(today);
    };
    let bill = Today::new(&bill(snapshot, PriceTable::embedded(), &configured.config.costs.assumptions));
    let scanned = day(&judged.taken_at).unwrap_or_default();
    let context = Context::new(wishes, scanned, Some(&bill));
    let plan = make(&judged.findings, Some(&bill), context);
    let policies = &configured.policies;
    let choices = choices(&plan, policies, after);
    let (name, picture) = (after.words(), after_options(snapshot, policies, judged, &problems, &choices)?);
    let states = vec![(Text::new("today", "現状"), today.clone()), (name, picture)];
    Ok(unite(states).unwrap_or(today))
}

impl AfterPhase {
    /// What the state after it is called.
    fn words(self) -> Text {
        match self {
            AfterPhase::Number(number) => {
                Text::new(format!("after phase {number}"), format!("フェーズ {number} 完了後"))
            }
            AfterPhase::Plan => Text::new("after the plan", "計画の完了後"),
        }
    }
}

/// The picture of the account with options carried out, with the numbers that problems have today;
/// new ones are numbered on.
fn after_options(
    snapshot: &Snapshot,
    policies: &PolicySet,
    judged: &Run,
    problems: &[NumberedProblem],
    choices: &[ChosenOption],
) -> Result<Picture, RunError> {
    let simulation = simulate(snapshot, policies, &judged.findings, choices)?;
    let failing: BTreeSet<(&str, &str, &str)> = simulation.stays.iter().map(key).collect();
    let mut left: Vec<NumberedProblem> = Vec::new();
    for problem in problems {
        let mut problem = problem.clone();
        problem.findings.retain(|(policy, resource, part)| failing.contains(&(policy, resource, part)));
        if !problem.findings.is_empty() {
            left.push(problem);
        }
    }
    let mut opened: BTreeMap<&str, NumberedProblem> = BTreeMap::new();
    for finding in simulation.opens.iter().filter(|finding| finding.is_open_failure()) {
        let number = problems.len() + opened.len() + 1;
        let title = judged.policy(&finding.policy).map(|policy| policy.title.clone());
        let problem = opened.entry(&finding.policy).or_insert_with(|| NumberedProblem {
            number,
            severity: finding.severity,
            title: title.unwrap_or_else(|| Text::same(finding.policy.as_str())),
            findings: BTreeSet::new(),
        });
        let (policy, resource, part) = key(finding);
        problem.findings.insert((policy.to_owned(), resource.to_owned(), part.to_owned()));
    }
    left.extend(opened.into_values());
    Ok(draw(&simulation.snapshot, &left))
}

fn key(finding: &Finding) -> (&str, &str, &str) {
    (&finding.policy, &finding.resource, &finding.discriminator)
}

/// What a plan carries out until a phase, as far as policies say what it changes.
fn choices(plan: &Plan<'_>, policies: &PolicySet, after: AfterPhase) -> Vec<ChosenOption> {
    let is_done = |number: usize| match after {
        AfterPhase::Number(last) => number <= last,
        AfterPhase::Plan => true,
    };
    let says_what = |policy: &str, option: &str| {
        policies.find(policy).is_some_and(|policy| {
            let mut options = policy.options.iter();
            options.any(|known| known.id == option && !known.effect.changes.is_empty())
        })
    };
    let phases = plan.phases.iter().filter(|phase| is_done(phase.kind.number()));
    let actions = phases.flat_map(|phase| &phase.steps).flat_map(|step| &step.actions);
    let mut choices = Vec::new();
    for action in actions.filter(|action| says_what(action.policy, action.option)) {
        for (finding, _) in &action.remedies {
            choices.push(ChosenOption {
                policy: action.policy.to_owned(),
                option: Some(action.option.to_owned()),
                resource: Some(finding.resource.clone()),
            });
        }
    }
    choices
}

/// Whether reports in this format have pictures.
fn has_pictures(format: Format) -> bool {
    matches!(format, Format::Html | Format::Markdown)
}

/// The picture of a scan's report.
pub(super) fn today_figures(snapshot: &Snapshot, judged: &Run, format: Format) -> Vec<Figure> {
    if !has_pictures(format) {
        return Vec::new();
    }
    let picture = draw(snapshot, &numbered(judged));
    if picture.is_empty() {
        return Vec::new();
    }
    vec![Figure { picture, view: View::TODAY, caption: Text::new("The account today", "現状の構成") }]
}

/// The pictures of a plan's report: today, and after each phase, all with the same places. A phase whose
/// options cannot be carried out has none.
pub(super) fn plan_figures(
    snapshot: &Snapshot,
    policies: &PolicySet,
    judged: &Run,
    plan: &Plan<'_>,
    format: Format,
) -> Vec<Figure> {
    if !has_pictures(format) {
        return Vec::new();
    }
    let problems = numbered(judged);
    let mut states = vec![(Text::new("today", "現状"), draw(snapshot, &problems))];
    for phase in &plan.phases {
        let after = AfterPhase::Number(phase.kind.number());
        let choices = choices(plan, policies, after);
        if let Ok(picture) = after_options(snapshot, policies, judged, &problems, &choices) {
            states.push((after.words(), picture));
        }
    }
    let Some(picture) = unite(states).filter(|picture| !picture.is_empty()) else {
        return Vec::new();
    };
    let figure = |(state, name): (usize, &Text)| {
        let view = View { from: 0, to: state };
        let caption = match state {
            0 => Text::new("The account today", "現状の構成"),
            _ => name.map(|name| name.clone()),
        };
        Figure { picture: picture.clone(), view, caption: capitalised(caption) }
    };
    picture.states.iter().enumerate().map(figure).collect()
}

fn capitalised(text: Text) -> Text {
    let mut chars = text.en.chars();
    let first: String = chars.next().iter().flat_map(|first| first.to_uppercase()).collect();
    Text::new(format!("{first}{}", chars.as_str()), text.ja)
}

/// The picture in one of its formats, in the states that it is asked for.
pub fn diagram(picture: &Picture, after: Option<AfterPhase>, format: Format, lang: Lang) -> Vec<u8> {
    let view = if after.is_some() { View { from: 0, to: 1 } } else { View::TODAY };
    let text = match format {
        Format::Mermaid => mermaid::draw(picture, view, lang),
        Format::Dot => dot::draw(picture, view, lang),
        _ => svg::file(&place(picture, lang), view, lang),
    };
    text.into_bytes()
}
