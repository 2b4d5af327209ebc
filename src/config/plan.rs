//! `[plan]`: what `tenken plan` is told of the business, a key for each of its flags.

use super::keys::misplaced;
use super::keys::of_key;
use crate::finding::Severity;
use crate::plan::{Deadline, PEAK_FACTORS, PlanRequest, STAFF_HOURS, WEIGHTS, Weights};
use crate::text::{Invalid, Lang, Text};
use crate::written::toml::{Node, Reader, is_no_table, kind};
use std::ops::RangeInclusive;
use std::str::FromStr;
use toml::de::DeValue;

/// The keys of the table, each with how it is written.
pub const PLAN_KEYS: &[(&str, &str)] = &[
    ("budget", "\"150000JPY\""),
    ("current_bill", "\"80000JPY\""),
    ("hour_down_cost", "\"300000JPY\""),
    ("peak_factor", "3"),
    ("deadline", "2027-03-31, or \"4w\""),
    ("staff_hours", "40"),
    ("approver", "\"CTO\""),
    ("allow_unknown_prices", "true"),
    ("weights", "a table: [plan.weights], and below it critical = 100"),
];

/// What the table says; what is wrong with it is among the reader's problems.
pub(super) fn read(reader: &mut Reader<'_>, node: &Node<'_>) -> PlanRequest {
    let mut request = PlanRequest::default();
    let DeValue::Table(table) = node.get_ref() else {
        const FORM: (&str, &str) = (
            "[plan] and below it budget = \"150000JPY\"",
            "[plan] の下に budget = \"150000JPY\" のように書く",
        );
        reader.problem(reader.line_of(node), is_no_table("plan", node.get_ref(), FORM));
        return request;
    };
    let names: Vec<&str> = PLAN_KEYS.iter().map(|(key, _)| *key).collect();
    for (key, node) in reader.entries(table, "plan", &names, misplaced) {
        let Some((name, form)) = PLAN_KEYS.iter().find(|(name, _)| *name == key.value) else {
            continue;
        };
        match *name {
            "budget" => request.budget = parsed(reader, node, name, form),
            "current_bill" => request.current_bill = parsed(reader, node, name, form),
            "hour_down_cost" => request.hour_down_cost = parsed(reader, node, name, form),
            "peak_factor" => request.peak_factor = number(reader, node, name, form, &PEAK_FACTORS),
            "deadline" => request.deadline = deadline(reader, node, name, form),
            "staff_hours" => request.staff_hours = number(reader, node, name, form, &STAFF_HOURS),
            "approver" => request.approver = reader.text(node, name, form).map(|line| line.value),
            "allow_unknown_prices" => request.allows_unknown_prices = truth(reader, node, name),
            _ => request.weights = weights(reader, node),
        }
    }
    request
}

fn parsed<T>(reader: &mut Reader<'_>, node: &Node<'_>, key: &str, form: &str) -> Option<T>
where
    T: FromStr<Err = Invalid>,
{
    let line = reader.text(node, key, form)?;
    match line.value.parse() {
        Ok(value) => Some(value),
        Err(error) => {
            reader.problem(line.line, of_key(key, &error));
            None
        }
    }
}

fn number(
    reader: &mut Reader<'_>,
    node: &Node<'_>,
    key: &str,
    form: &str,
    range: &RangeInclusive<f64>,
) -> Option<f64> {
    let line = reader.number(node, key, form)?;
    if range.contains(&line.value) {
        return Some(line.value);
    }
    let (least, most) = (range.start(), range.end());
    let message = Text::new(
        format!("`{key}` must be a number from {least} to {most}; write {key} = {form}"),
        format!("`{key}` は {least} から {most} までの数でなければならない。{key} = {form} のように書く"),
    );
    reader.problem(line.line, message);
    None
}

// A day stands without quotes, a time with them; a day in quotes is clear, too.
fn deadline(reader: &mut Reader<'_>, node: &Node<'_>, key: &str, form: &str) -> Option<Deadline> {
    match node.get_ref() {
        DeValue::Datetime(_) => reader.date(node, key).map(|line| Deadline::Day(line.value)),
        _ => parsed(reader, node, key, form),
    }
}

fn truth(reader: &mut Reader<'_>, node: &Node<'_>, key: &str) -> Option<bool> {
    match node.get_ref() {
        DeValue::Boolean(value) => Some(*value),
        other => {
            let message = Text::new(
                format!("`{key}` is {}; write {key} = true, or false", kind(other, Lang::En)),
                format!("`{key}` が{}になっている。{key} = true または false と書く", kind(other, Lang::Ja)),
            );
            reader.problem(reader.line_of(node), message);
            None
        }
    }
}

// A severity that is not named keeps its weight.
fn weights(reader: &mut Reader<'_>, node: &Node<'_>) -> Option<Weights> {
    let DeValue::Table(table) = node.get_ref() else {
        const FORM: (&str, &str) = (
            "[plan.weights] and below it critical = 100",
            "[plan.weights] の下に critical = 100 のように書く",
        );
        reader.problem(reader.line_of(node), is_no_table("weights", node.get_ref(), FORM));
        return None;
    };
    let names = Severity::ALL.map(Severity::as_str);
    let mut weights = Weights::default();
    for (key, node) in reader.entries(table, "plan.weights", &names, misplaced) {
        let Ok(severity) = key.value.parse() else {
            continue;
        };
        let form = Weights::default().of(severity).to_string();
        if let Some(weight) = number(reader, node, &key.value, &form, &WEIGHTS) {
            weights.set(severity, weight);
        }
    }
    if Severity::ALL.into_iter().all(|severity| weights.of(severity) == 0.0) {
        let message = Text::new(
            "`weights` are all 0, so nothing is worth doing; give one severity more than 0",
            "`weights` がすべて 0 のため、何も計画できない。いずれかの重要度を 0 より大きくする",
        );
        reader.problem(reader.line_of(node), message);
    }
    Some(weights)
}
