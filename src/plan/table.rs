//! The tables of a plan: what it costs and what gets better, today and after each phase.

use super::candidate::{Candidate, Field};
use super::context::Context;
use super::{Phase, Today};
use crate::arn::Arn;
use crate::cost::Group;
use crate::finding::{Improvement, Metric};
use crate::text::Text;
use std::collections::{BTreeMap, BTreeSet};

/// A line of the table of costs: a part of the bill, or whatever belongs to none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// A part of the bill.
    Group(Group),
    /// What the bill that the user named has on top of list prices, or below them.
    Unexplained,
    /// Anything else.
    Other,
}

/// Dollars a month, today and after each phase.
#[derive(Debug, Clone, PartialEq)]
pub struct CostRow {
    /// What is paid for.
    pub part: Part,
    /// Today; `None` where nothing is known of it.
    pub today: Option<Cell>,
    /// After each phase of the plan, in order.
    pub after: Vec<Cell>,
}

/// An amount in a table.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Cell {
    /// What is known of it.
    pub usd: f64,
    /// How many parts of it have no known price.
    pub unknown: usize,
}

/// A line of the table of improvements.
#[derive(Debug, Clone, PartialEq)]
pub struct ImprovementRow {
    /// What gets better.
    pub metric: Metric,
    /// Today.
    pub today: Vec<Text>,
    /// After each phase of the plan, in order; as before where a phase changes nothing.
    pub after: Vec<Vec<Text>>,
}

/// The part of the bill that an option adds to: what it brings in, or else the resource's
/// own service.
fn part(candidate: &Candidate<'_>) -> Part {
    let metrics = candidate.remedy().map(|remedy| remedy.improves.iter().map(|improves| improves.metric));
    let brings = metrics.into_iter().flatten().find_map(|metric| match metric {
        Metric::Secrets => Some(Group::SecretsManager),
        Metric::WebAttacks => Some(Group::Waf),
        Metric::Alarms | Metric::Observability => Some(Group::CloudWatch),
        // What it costs and saves is transfer.
        Metric::ContentDelivery => Some(Group::DataTransfer),
        _ => None,
    });
    let own = || match Arn::parse(candidate.resource)?.service {
        "elasticloadbalancing" => Some(Group::LoadBalancing),
        "ecs" => Some(Group::Fargate),
        "rds" => Some(Group::Rds),
        "secretsmanager" | "ssm" => Some(Group::SecretsManager),
        "wafv2" => Some(Group::Waf),
        "cloudwatch" | "logs" => Some(Group::CloudWatch),
        "ec2" => Some(Group::Network),
        "cloudfront" => Some(Group::CloudFront),
        "ecr" => Some(Group::Ecr),
        _ => None,
    };
    brings.or_else(own).map_or(Part::Other, Part::Group)
}

/// Lines that are not zero throughout; the last one of the report is their sum.
pub(super) fn costs(phases: &[Phase<'_>], today: Option<&Today>, context: &Context) -> Vec<CostRow> {
    let mut rows: BTreeMap<Part, (Option<Cell>, Vec<Cell>)> = BTreeMap::new();
    for (group, sum) in today.iter().flat_map(|today| &today.parts) {
        let cell = Cell { usd: sum.usd, unknown: sum.unknown };
        rows.insert(Part::Group(*group), (Some(cell), vec![Cell::default(); phases.len()]));
    }
    if let Some(bill) = context.wishes.current_bill_usd {
        let listed = today.map_or(0.0, Today::total_usd);
        // What has no price is somewhere in it.
        let rest = Cell { usd: bill - listed, unknown: 0 };
        rows.insert(Part::Unexplained, (Some(rest), vec![Cell::default(); phases.len()]));
        for (today, _) in rows.values_mut() {
            // What is all unknown is not zero; what is known of the others is as much.
            *today = today
                .filter(|cell| cell.unknown == 0 || cell.usd != 0.0)
                .map(|cell| Cell { unknown: 0, ..cell });
        }
    }
    for (index, phase) in phases.iter().enumerate() {
        for candidate in phase.steps.iter().flat_map(|step| &step.actions) {
            let (_, after) =
                rows.entry(part(candidate)).or_insert_with(|| (None, vec![Cell::default(); phases.len()]));
            // A phase stays in force.
            for cell in after.iter_mut().skip(index) {
                cell.usd += candidate.monthly.usd;
                cell.unknown += candidate.monthly.unknown_parts;
            }
        }
    }
    rows.into_iter()
        .filter(|(_, (today, after))| today.is_some() || after.iter().any(|cell| *cell != Cell::default()))
        .map(|(part, (today, added))| {
            let base = today.unwrap_or_default();
            let after = added
                .iter()
                .map(|cell| Cell { usd: base.usd + cell.usd, unknown: base.unknown + cell.unknown });
            CostRow { part, after: after.collect(), today }
        })
        .collect()
}

/// What the plan changes; and what stays as it is although it fails, in the words of the
/// recommended option.
pub(super) fn improvements(field: &Field<'_>, phases: &[Phase<'_>]) -> Vec<ImprovementRow> {
    let mut changes: BTreeMap<Metric, Vec<(usize, &Improvement)>> = BTreeMap::new();
    let mut covered: BTreeSet<usize> = BTreeSet::new();
    for (index, phase) in phases.iter().enumerate() {
        for candidate in phase.steps.iter().flat_map(|step| &step.actions) {
            covered.extend(&candidate.mends);
            covered.extend(&candidate.lowers);
            for improves in candidate.remedies.iter().flat_map(|(_, remedy)| &remedy.improves) {
                changes.entry(improves.metric).or_default().push((index, improves));
            }
        }
    }
    let open = field
        .findings
        .iter()
        .enumerate()
        .filter(|(index, finding)| finding.is_open_failure() && !covered.contains(index));
    for improves in
        open.filter_map(|(_, finding)| finding.options.first()).flat_map(|remedy| &remedy.improves)
    {
        changes.entry(improves.metric).or_default().push((phases.len(), improves));
    }
    let rows = changes.into_iter().map(|(metric, changes)| {
        let state = |done: Option<usize>| -> Vec<Text> {
            let mut texts: Vec<Text> = Vec::new();
            for (phase, improves) in &changes {
                let is_done = done.is_some_and(|done| *phase <= done);
                let text = if is_done { &improves.after } else { &improves.before };
                if !texts.contains(text) {
                    texts.push(text.clone());
                }
            }
            texts
        };
        ImprovementRow {
            metric,
            today: state(None),
            after: (0..phases.len()).map(|phase| state(Some(phase))).collect(),
        }
    });
    rows.collect()
}
