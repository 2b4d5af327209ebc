//! What was written, with the line of everything.

use super::WrittenChannel;
use super::keys::{ACCEPT_KEYS, ACCEPT_OPTIONAL, KEYS, misplaced, renamed};
use crate::cost::{Assumptions, Group};
use crate::plan::PlanRequest;
use crate::policy::parameter::PolicyParameter;
use crate::text::{Lang, Text};
use crate::written::toml::{ACCEPTANCE, FILE, Node, Reader, is_no_table, kind};
use crate::written::{Line, Problem, closest};
use jiff::civil::Date;
use toml::de::{DeTable, DeValue};

/// A file, as far as it can be read.
#[derive(Debug, Clone, Default)]
pub struct Written {
    /// The file, for messages.
    pub file: String,
    /// What is wrong with it so far.
    pub problems: Vec<Problem>,
    /// Lines that are not TOML; what else seems wrong with them is a guess.
    pub damaged_lines: Vec<usize>,
    /// Keys with text.
    pub texts: Vec<(&'static str, Line<String>)>,
    /// Keys with lists of text.
    pub lists: Vec<(&'static str, Vec<Line<String>>)>,
    /// Keys with numbers.
    pub numbers: Vec<(&'static str, Line<f64>)>,
    /// `[cost]`
    pub assumptions: Vec<(Line<String>, f64)>,
    /// `[cost.expected]`
    pub expected_costs: Vec<(Line<String>, f64)>,
    /// `[plan]`
    pub plan: PlanRequest,
    /// `[parameters.POLICY]`
    pub parameters: Vec<WrittenParameter>,
    /// `[[accept]]`
    pub acceptances: Vec<WrittenAcceptance>,
    /// `[notify.…]`
    pub channels: Vec<WrittenChannel>,
}

/// A parameter of a policy.
#[derive(Debug, Clone)]
pub struct WrittenParameter {
    /// The policy's id.
    pub policy: Line<String>,
    /// The parameter's name.
    pub name: String,
    /// Its value.
    pub value: Line<PolicyParameter>,
}

/// An acceptance; what is missing or unusable is already among the problems.
#[derive(Debug, Clone, Default)]
pub struct WrittenAcceptance {
    /// The line it begins on.
    pub line: usize,
    /// The policy's id.
    pub policy: Option<Line<String>>,
    /// A pattern for ARNs.
    pub resource: Option<Line<String>>,
    /// A pattern for discriminators.
    pub discriminator: Option<Line<String>>,
    /// Why it may stay.
    pub reason: Option<Line<String>>,
    /// Who decided.
    pub owner: Option<Line<String>>,
    /// The last day.
    pub until: Option<Line<Date>>,
}

impl Written {
    /// The text of a key.
    pub fn text(&self, key: &str) -> Option<&Line<String>> {
        self.texts.iter().find(|(name, _)| *name == key).map(|(_, line)| line)
    }

    /// The list of a key.
    pub fn list(&self, key: &str) -> Option<&[Line<String>]> {
        self.lists.iter().find(|(name, _)| *name == key).map(|(_, lines)| lines.as_slice())
    }
}

/// Reads a file; its problems are in the answer.
pub fn read(file: &str, text: &str) -> Written {
    let mut reader = Reader::new(file, text);
    let document = reader.document();
    let mut written = Written::default();
    let names: Vec<&str> = KEYS.iter().map(|(key, _)| *key).collect();
    for (key, node) in reader.entries(&document, FILE, &names, renamed) {
        let Some((name, form)) = KEYS.iter().find(|(name, _)| *name == key.value) else {
            continue;
        };
        match *name {
            "regions" | "only_policies" => {
                let texts = reader.texts(node, name, form);
                written.lists.extend(texts.map(|texts| (*name, texts)));
            }
            "rate" => written.numbers.extend(reader.number(node, name, form).map(|rate| (*name, rate))),
            "cost" => cost(&mut reader, node, &mut written),
            "plan" => written.plan = super::plan::read(&mut reader, node),
            "parameters" => written.parameters = parameters(&mut reader, node),
            "notify" => written.channels = super::notify::read(&mut reader, node),
            "accept" => written.acceptances = acceptances(&mut reader, node),
            _ => {
                let text = reader.text(node, name, form);
                written.texts.extend(text.map(|text| (*name, text)));
            }
        }
    }
    written.file = reader.file;
    written.problems = reader.problems;
    written.damaged_lines = reader.damaged_lines;
    written
}

fn cost(reader: &mut Reader<'_>, node: &Node<'_>, written: &mut Written) {
    let DeValue::Table(entries) = node.get_ref() else {
        const FORM: (&str, &str) =
            ("[cost] and below it name = number", "[cost] の下に 名前 = 数値 の形で書く");
        return reader.problem(reader.line_of(node), is_no_table("cost", node.get_ref(), FORM));
    };
    let mut names: Vec<&str> = Assumptions::KEYS.iter().map(|(key, _)| *key).collect();
    names.push("expected");
    for (key, node) in reader.entries(entries, "cost", &names, misplaced) {
        if key.value != "expected" {
            let form =
                Assumptions::KEYS.iter().find(|(name, _)| *name == key.value).map_or("1", |(_, form)| form);
            let number = reader.number(node, &key.value, form);
            written.assumptions.extend(number.map(|number| (key, number.value)));
            continue;
        }
        let DeValue::Table(amounts) = node.get_ref() else {
            const FORM: (&str, &str) = (
                "[cost.expected] and below it total = 80000",
                "[cost.expected] の下に total = 80000 のように書く",
            );
            reader.problem(reader.line_of(node), is_no_table("expected", node.get_ref(), FORM));
            continue;
        };
        let groups = Group::ALL.map(Group::as_str);
        let names: Vec<&str> = ["total"].into_iter().chain(groups).collect();
        for (key, node) in reader.entries(amounts, "cost.expected", &names, |_| None) {
            let number = reader.number(node, &key.value, "5000");
            written.expected_costs.extend(number.map(|number| (key, number.value)));
        }
    }
}

fn parameters(reader: &mut Reader<'_>, node: &Node<'_>) -> Vec<WrittenParameter> {
    let DeValue::Table(policies) = node.get_ref() else {
        const FORM: (&str, &str) = (
            "[parameters.POLICY-ID] and below it name = value",
            "[parameters.ポリシー ID] の下に 名前 = 値 の形で書く",
        );
        reader.problem(reader.line_of(node), is_no_table("parameters", node.get_ref(), FORM));
        return Vec::new();
    };
    let mut parameters = Vec::new();
    for (policy, node) in reader.entries(policies, "parameters", &[], |_| None) {
        let DeValue::Table(values) = node.get_ref() else {
            let name = &policy.value;
            let message = Text::new(
                format!(
                    "`{name}` needs the policy that it belongs to; write [parameters.POLICY-ID] and below it {name} = value"
                ),
                format!(
                    "`{name}` がどのポリシーのものか分からない。[parameters.ポリシー ID] の下に {name} = 値 の形で書く"
                ),
            );
            reader.problem(policy.line, message);
            continue;
        };
        for (name, node) in reader.entries(values, "parameters", &[], |_| None) {
            let line = reader.line_of(node);
            match parameter(node.get_ref()) {
                Some(value) => parameters.push(WrittenParameter {
                    policy: policy.clone(),
                    name: name.value,
                    value: Line { line, value },
                }),
                None => {
                    const FORM: (&str, &str) =
                        ("a number, or text in quotes", "数値、または引用符で囲んだ文字列で書く");
                    reader.problem(line, is_no_table(&name.value, node.get_ref(), FORM));
                }
            }
        }
    }
    parameters
}

fn parameter(value: &DeValue<'_>) -> Option<PolicyParameter> {
    match value {
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).ok().map(PolicyParameter::Int)
        }
        DeValue::Float(number) => {
            number.as_str().parse().ok().filter(|number: &f64| number.is_finite()).map(PolicyParameter::Float)
        }
        DeValue::String(text) => Some(PolicyParameter::Text(text.to_string())),
        _ => None,
    }
}

const ACCEPT_FORM: (&str, &str) =
    ("[[accept]] and below it policy = …", "[[accept]] の下に policy = … のように書く");

fn acceptances(reader: &mut Reader<'_>, node: &Node<'_>) -> Vec<WrittenAcceptance> {
    let DeValue::Array(items) = node.get_ref() else {
        let message = match node.get_ref() {
            DeValue::Table(_) => Text::new(
                "there may be several acceptances; write [[accept]] with two brackets",
                "accept は複数書けるため、[[accept]] のように角括弧を二重にする",
            ),
            other => is_no_table("accept", other, ACCEPT_FORM),
        };
        reader.problem(reader.line_of(node), message);
        return Vec::new();
    };
    let mut acceptances = Vec::new();
    for item in items.iter() {
        match item.get_ref() {
            DeValue::Table(table) => {
                let line = reader.line_of(item);
                acceptances.push(acceptance(reader, table, line));
            }
            other => {
                let message = Text::new(
                    format!("`accept` holds {}; write {}", kind(other, Lang::En), ACCEPT_FORM.0),
                    format!("`accept` に{}が含まれる。{}", kind(other, Lang::Ja), ACCEPT_FORM.1),
                );
                reader.problem(reader.line_of(item), message);
            }
        }
    }
    acceptances
}

fn acceptance(reader: &mut Reader<'_>, table: &DeTable<'_>, line: usize) -> WrittenAcceptance {
    let mut acceptance = WrittenAcceptance { line, ..WrittenAcceptance::default() };
    let names: Vec<&str> = ACCEPT_KEYS.iter().map(|(key, _)| *key).collect();
    let entries = reader.entries(table, ACCEPTANCE, &names, misplaced);
    for (name, form) in ACCEPT_KEYS {
        let Some((_, node)) = entries.iter().find(|(key, _)| key.value == *name) else {
            // It may well be there: misspelt, or on a line that cannot be read.
            let mut unknown =
                table.keys().map(|key| key.get_ref()).filter(|key| !names.contains(&key.as_ref()));
            let is_misspelt = unknown.any(|key| closest(key, [*name].into_iter()).is_some());
            let may_be_there = is_misspelt || !reader.damaged_lines.is_empty();
            if !may_be_there && !ACCEPT_OPTIONAL.contains(name) {
                let message = Text::new(
                    format!("the acceptance lacks `{name}`; write {name} = {form}"),
                    format!("この [[accept]] に `{name}` がない。{name} = {form} のように書く"),
                );
                reader.problem(line, message);
            }
            continue;
        };
        match *name {
            "until" => acceptance.until = reader.date(node, name),
            "policy" => acceptance.policy = reader.text(node, name, form),
            "resource" => acceptance.resource = reader.text(node, name, form),
            "discriminator" => acceptance.discriminator = reader.text(node, name, form),
            "reason" => acceptance.reason = reader.text(node, name, form),
            _ => acceptance.owner = reader.text(node, name, form),
        }
    }
    acceptance
}
