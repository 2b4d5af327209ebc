//! Parameters: thresholds of a policy that `tenken.toml` may change.
//!
//! They are written into expressions and texts as the values they have, so that an
//! expression with a parameter costs what one with a number costs.

use crate::snapshot::shape::Type;
use std::collections::BTreeMap;

/// The value of a parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum PolicyParameter {
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// Text.
    Text(String),
}

/// Parameters by name.
pub type Parameters = BTreeMap<String, PolicyParameter>;

impl PolicyParameter {
    /// How messages name what it takes.
    pub fn kind(&self) -> &'static str {
        match self {
            PolicyParameter::Int(_) => "a whole number",
            PolicyParameter::Float(_) => "a number",
            PolicyParameter::Text(_) => "text",
        }
    }

    /// `other` in the type of this one; a whole number is a number, too.
    pub fn accept(&self, other: &PolicyParameter) -> Option<PolicyParameter> {
        match (self, other) {
            (PolicyParameter::Int(_), PolicyParameter::Int(_))
            | (PolicyParameter::Float(_), PolicyParameter::Float(_))
            | (PolicyParameter::Text(_), PolicyParameter::Text(_)) => Some(other.clone()),
            #[expect(clippy::cast_precision_loss, reason = "thresholds are small numbers")]
            (PolicyParameter::Float(_), PolicyParameter::Int(value)) => {
                Some(PolicyParameter::Float(*value as f64))
            }
            _ => None,
        }
    }

    /// Its type in expressions.
    pub fn ty(&self) -> Type {
        match self {
            PolicyParameter::Int(_) => Type::Int,
            PolicyParameter::Float(_) => Type::Float,
            PolicyParameter::Text(_) => Type::Text,
        }
    }
}

impl std::fmt::Display for PolicyParameter {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            PolicyParameter::Int(value) => write!(formatter, "{value}"),
            PolicyParameter::Float(value) => write!(formatter, "{value:?}"),
            PolicyParameter::Text(value) => write!(formatter, "{value:?}"),
        }
    }
}
