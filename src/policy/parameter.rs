//! Parameters: thresholds of a policy that `tenken.toml` may change.
//!
//! They are written into expressions and texts as the values they have, so that an
//! expression with a parameter costs what one with a number costs.

use crate::snapshot::shape::Type;
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
