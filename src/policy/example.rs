//! Examples of policies: resources, the answers of conclusions, and what must come out.

use super::effect::{self, Edit, saved};
use super::evaluate::{Concluder, Value};
use super::held::{self, Held, left_out};
use super::subject::Subject;
use crate::conclude;
use crate::snapshot::shape::Type;
use crate::written::similar;
use crate::written::yaml::{YamlReader, line_of, scalar};
use saphyr::{MarkedYaml, Scalar, YamlData};
use std::collections::BTreeMap;

/// What an example must come out as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpectedVerdict {
    /// Pass.
    Pass,
    /// Fail.
    Fail,
    /// Unknown.
    Unknown,
    /// Not applicable.
    Skip,
}

impl ExpectedVerdict {
    /// The key in the file.
    pub fn as_str(self) -> &'static str {
        match self {
            ExpectedVerdict::Pass => "pass",
            ExpectedVerdict::Fail => "fail",
            ExpectedVerdict::Unknown => "unknown",
            ExpectedVerdict::Skip => "skip",
        }
    }
}

/// One example of a policy.
#[derive(Debug, Clone)]
pub struct Example {
    /// The line in the file.
    pub line: usize,
    /// What must come out.
    pub expected: ExpectedVerdict,
    /// The judged resource.
    pub subject: Held,
    /// What conclusions give, by function name.
    pub conclusions: BTreeMap<String, Held>,
    /// As it was written, for `policies show`.
    pub source: serde_json::Value,
}

impl<'a> Concluder<'a> for &'a Example {
    fn conclude(&self, function: &'static conclude::Conclusion) -> Value<'a> {
        match self.conclusions.get(function.name) {
            Some(held) => held.val().into(),
            None => Value::Unknown(std::rc::Rc::new(vec![left_out(function.name)])),
        }
    }
}

impl Example {
    /// The example as it is after an option's edits of the judged resource, and with the
    /// answers that conclusions give then.
    ///
    /// # Errors
    /// An edit leads to a place that the example does not have.
    pub fn after(
        &self,
        edits: Vec<Edit>,
        becomes: &BTreeMap<String, Held>,
        about: &Subject,
    ) -> Result<Example, String> {
        let mut subject = saved(&self.subject.val().into());
        effect::apply(&mut subject, edits)?;
        let mut subject = Held::from_saved(&subject, &about.ty());
        let mut conclusions = self.conclusions.clone();
        for (name, answer) in becomes {
            if *name == about.variable {
                subject = subject.overlaid(answer);
                continue;
            }
            let before = conclusions.get(name);
            let after = before.map_or_else(|| answer.clone(), |before| before.overlaid(answer));
            conclusions.insert(name.clone(), after);
        }
        Ok(Example { subject, conclusions, ..self.clone() })
    }
}

/// Reads the examples of a policy about `subject`.
pub fn read(
    reader: &mut YamlReader<'_>,
    node: &MarkedYaml<'_>,
    variable: &str,
    subject: &Type,
) -> Vec<Example> {
    let mut examples = Vec::new();
    let keys =
        [ExpectedVerdict::Pass, ExpectedVerdict::Fail, ExpectedVerdict::Unknown, ExpectedVerdict::Skip];
    for item in reader.list(node, "examples") {
        for (key, value) in reader.mapping(item, "an example", &["pass", "fail", "unknown", "skip"]) {
            let Some(expected) = keys.into_iter().find(|expected| expected.as_str() == key) else {
                continue;
            };
            if let Some(example) = read_one(reader, value, variable, subject, expected) {
                examples.push(example);
            }
        }
    }
    for needed in [ExpectedVerdict::Pass, ExpectedVerdict::Fail, ExpectedVerdict::Unknown] {
        if !examples.iter().any(|example| example.expected == needed) {
            let needed = needed.as_str();
            reader.problem(
                line_of(node),
                format!("examples lack a `{needed}`; show one resource that comes out so"),
            );
        }
    }
    examples
}

fn read_one(
    reader: &mut YamlReader<'_>,
    node: &MarkedYaml<'_>,
    variable: &str,
    subject: &Type,
    expected: ExpectedVerdict,
) -> Option<Example> {
    let mut example = Example {
        line: line_of(node),
        expected,
        subject: Held::Unknown(left_out(variable)),
        conclusions: BTreeMap::new(),
        source: to_json(node),
    };
    let mut has_subject = false;
    for (key, value) in reader.mapping(node, "an example", &[]) {
        if key == variable {
            example.subject = held::read(reader, value, subject, &key);
            has_subject = true;
        } else if let Some(function) = conclude::find(&key) {
            let answer = held::read(reader, value, &(function.gives)(), &key);
            example.conclusions.insert(key, answer);
        } else {
            let names = conclude::FUNCTIONS.iter().map(|function| function.name).chain([variable]);
            let hint = similar(&key, names);
            reader.problem(
                line_of(value),
                format!("an example gives `{variable}` and conclusions; `{key}` is neither{hint}"),
            );
        }
    }
    if !has_subject {
        reader.problem(example.line, format!("the example lacks `{variable}`"));
        return None;
    }
    Some(example)
}

fn to_json(node: &MarkedYaml<'_>) -> serde_json::Value {
    match &node.data {
        YamlData::Value(Scalar::Null) => serde_json::Value::Null,
        YamlData::Value(Scalar::Boolean(value)) => (*value).into(),
        YamlData::Value(Scalar::Integer(value)) => (*value).into(),
        YamlData::Value(Scalar::FloatingPoint(value)) => value.into_inner().into(),
        YamlData::Value(Scalar::String(text)) => text.as_ref().into(),
        YamlData::Sequence(items) => items.iter().map(to_json).collect(),
        YamlData::Mapping(entries) => entries
            .iter()
            .map(|(key, value)| (scalar(key).unwrap_or_default(), to_json(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        _ => serde_json::Value::Null,
    }
}
