//! The parameters that a policy declares.

use crate::conclude;
use crate::policy::expression::{BUILTINS, CONSTANTS, Variable};
use crate::policy::parameter::{Parameters, PolicyParameter};
use crate::written::yaml::{YamlReader, line_of, scalar};
use saphyr::{MarkedYaml, Scalar, YamlData};

/// Reads the parameters that a policy declares; `values` replace their defaults.
pub(super) fn read(
    reader: &mut YamlReader<'_>,
    node: &MarkedYaml<'_>,
    variables: &[Variable],
    values: &Parameters,
) -> Parameters {
    let mut parameters = Parameters::new();
    for (name, value) in reader.mapping(node, "parameters", &[]) {
        let line = line_of(value);
        if let Some(problem) = unusable(&name, "parameter", variables) {
            reader.problem(line, problem);
            continue;
        }
        let default = match &value.data {
            YamlData::Value(Scalar::Integer(value)) => PolicyParameter::Int(*value),
            YamlData::Value(Scalar::FloatingPoint(value)) if value.is_finite() => {
                PolicyParameter::Float(value.into_inner())
            }
            YamlData::Value(Scalar::String(text)) => PolicyParameter::Text(text.to_string()),
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

/// Why a name cannot be that of a `what`.
pub(super) fn unusable(name: &str, what: &str, variables: &[Variable]) -> Option<String> {
    let is_plain = name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if !is_plain || ["true", "false", "null", "in"].contains(&name) {
        return Some(format!(
            "`{name}` is not a valid {what} name; write lower-case words joined by `_`, for instance `days_min`"
        ));
    }
    let is_function =
        conclude::find(name).is_some() || BUILTINS.iter().any(|(builtin, _, _)| *builtin == name);
    let is_constant = CONSTANTS.iter().any(|(constant, _)| *constant == name);
    if is_function || is_constant || variables.iter().any(|variable| variable.name == name) {
        return Some(format!("`{name}` is taken; give the {what} another name"));
    }
    None
}
