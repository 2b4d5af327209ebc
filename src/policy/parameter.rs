//! Parameters: thresholds of a policy that `tenken.toml` may change.
//!
//! They are written into expressions and texts as the values they have, so that an
//! expression with a parameter costs what one with a number costs.

use super::expression::{BUILTINS, CONSTANTS, Node, Variable};
use crate::conclude;
use crate::snapshot::shape::Type;
use crate::written::yaml::{Reader, line_of, scalar};
use saphyr::{MarkedYaml, Scalar, YamlData};
use std::collections::BTreeMap;

/// The value of a parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum Parameter {
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// Text.
    Text(String),
}

/// Parameters by name.
pub type Parameters = BTreeMap<String, Parameter>;

impl Parameter {
    /// How messages name what it takes.
    pub fn kind(&self) -> &'static str {
        match self {
            Parameter::Int(_) => "a whole number",
            Parameter::Float(_) => "a number",
            Parameter::Text(_) => "text",
        }
    }

    /// `other` in the type of this one; a whole number is a number, too.
    pub fn accept(&self, other: &Parameter) -> Option<Parameter> {
        match (self, other) {
            (Parameter::Int(_), Parameter::Int(_))
            | (Parameter::Float(_), Parameter::Float(_))
            | (Parameter::Text(_), Parameter::Text(_)) => Some(other.clone()),
            #[expect(clippy::cast_precision_loss, reason = "thresholds are small numbers")]
            (Parameter::Float(_), Parameter::Int(value)) => Some(Parameter::Float(*value as f64)),
            _ => None,
        }
    }

    /// As expressions hold it.
    pub fn node(&self) -> Node {
        match self {
            Parameter::Int(value) => Node::Int(*value),
            Parameter::Float(value) => Node::Float(*value),
            Parameter::Text(value) => Node::Text(value.clone()),
        }
    }

    /// Its type in expressions.
    pub fn ty(&self) -> Type {
        match self {
            Parameter::Int(_) => Type::Int,
            Parameter::Float(_) => Type::Float,
            Parameter::Text(_) => Type::Text,
        }
    }
}

impl std::fmt::Display for Parameter {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Parameter::Int(value) => write!(formatter, "{value}"),
            Parameter::Float(value) => write!(formatter, "{value:?}"),
            Parameter::Text(value) => write!(formatter, "{value:?}"),
        }
    }
}

/// Reads the parameters that a policy declares; `values` replace their defaults.
pub fn read(
    reader: &mut Reader,
    node: &MarkedYaml<'_>,
    variables: &[Variable],
    values: &Parameters,
) -> Parameters {
    let mut parameters = Parameters::new();
    for (name, value) in reader.mapping(node, "parameters", &[]) {
        let line = line_of(value);
        if let Some(problem) = unusable(&name, variables) {
            reader.problem(line, problem);
            continue;
        }
        let default = match &value.data {
            YamlData::Value(Scalar::Integer(value)) => Parameter::Int(*value),
            YamlData::Value(Scalar::FloatingPoint(value)) if value.is_finite() => {
                Parameter::Float(value.into_inner())
            }
            YamlData::Value(Scalar::String(text)) => Parameter::Text(text.to_string()),
            _ => {
                let written = scalar(value).unwrap_or_default();
                reader.problem(
                    line,
                    format!("the parameter `{name}` is `{written}`; write its default: a number or text"),
                );
                continue;
            }
        };
        let value = values.get(&name).and_then(|value| default.accept(value)).unwrap_or(default);
        parameters.insert(name, value);
    }
    parameters
}

fn unusable(name: &str, variables: &[Variable]) -> Option<String> {
    let is_plain = name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if !is_plain || ["true", "false", "null", "in"].contains(&name) {
        return Some(format!(
            "`{name}` is no name for a parameter; write lower-case words joined by `_`, for instance `days_min`"
        ));
    }
    let is_function =
        conclude::find(name).is_some() || BUILTINS.iter().any(|(builtin, _, _)| *builtin == name);
    let is_constant = CONSTANTS.iter().any(|(constant, _)| *constant == name);
    if is_function || is_constant || variables.iter().any(|variable| variable.name == name) {
        return Some(format!("`{name}` is taken; give the parameter another name"));
    }
    None
}
