//! Expressions of policies, a subset of Google's CEL: parsed, checked against the snapshot's
//! types, and turned into a tree in which every name is already resolved.
//!
//! Parsing and evaluation (`evaluate`) are tenken's own: an unknown value must stay unknown and
//! name its gap, and a message must say where a mistake is and what to write instead.

mod check;
mod lex;
mod parse;
mod syntax;

pub use check::{CheckedType, compile};
pub(crate) use parse::Parsed;

use super::parameter::{Parameters, PolicyParameter};
use crate::conclude;
use crate::price::HOURS_PER_MONTH;
use crate::snapshot::shape::Type;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A checked expression.
#[derive(Debug, Clone)]
pub enum CheckedNode {
    /// `null`.
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// Text.
    Text(String),
    /// A list written in the expression.
    List(Vec<CheckedNode>),
    /// A variable, by its place in the scope.
    Variable(usize),
    /// A field of a record, by its place in the shape.
    Field(Box<CheckedNode>, usize, &'static str),
    /// An element of a list by position, or of tags by name.
    Index(Box<CheckedNode>, Box<CheckedNode>),
    /// A conclusion about the judged resource.
    Conclusion(&'static conclude::Conclusion),
    /// `!`.
    Not(Box<CheckedNode>),
    /// `-`.
    Negate(Box<CheckedNode>),
    /// `&&`.
    And(Box<CheckedNode>, Box<CheckedNode>),
    /// `||`.
    Or(Box<CheckedNode>, Box<CheckedNode>),
    /// `condition ? this : that`.
    Choose(Box<CheckedNode>, Box<CheckedNode>, Box<CheckedNode>),
    /// `==`, `<`, …
    Compare(ComparisonOperator, Box<CheckedNode>, Box<CheckedNode>),
    /// `+`, `-`, …
    Calculate(Calculation, Box<CheckedNode>, Box<CheckedNode>),
    /// `x in list`, `"Name" in tags`.
    In(Box<CheckedNode>, Box<CheckedNode>),
    /// A loop over a list; the variable's place in the scope, and the body.
    Loop(LoopKind, Box<CheckedNode>, usize, Box<CheckedNode>),
    /// A function that tenken gives to expressions.
    Function(Builtin, Vec<CheckedNode>),
}

impl From<&PolicyParameter> for CheckedNode {
    fn from(parameter: &PolicyParameter) -> Self {
        match parameter {
            PolicyParameter::Int(value) => CheckedNode::Int(*value),
            PolicyParameter::Float(value) => CheckedNode::Float(*value),
            PolicyParameter::Text(value) => CheckedNode::Text(value.clone()),
        }
    }
}

/// Comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ComparisonOperator {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// Arithmetic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Calculation {
    /// `+`, also for text
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Remainder,
}

/// Loops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoopKind {
    /// `list.all(x, …)`
    All,
    /// `list.exists(x, …)`
    Exists,
    /// `list.exists_one(x, …)`
    ExistsOne,
    /// `list.filter(x, …)`
    Filter,
    /// `list.map(x, …)`
    Map,
}

/// Loops by name.
const LOOPS: &[(&str, LoopKind)] = &[
    ("all", LoopKind::All),
    ("exists", LoopKind::Exists),
    ("exists_one", LoopKind::ExistsOne),
    ("filter", LoopKind::Filter),
    ("map", LoopKind::Map),
];

/// Functions of expressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Builtin {
    /// `size(list)`, `size(text)`
    Size,
    /// `string(x)`
    Text,
    /// `int(x)`
    Int,
    /// `text.startsWith(prefix)`
    StartsWith,
    /// `text.endsWith(suffix)`
    EndsWith,
    /// `text.contains(part)`
    Contains,
    /// `display_name(arn)`
    DisplayName,
    /// `price(product, region)`
    Price,
    /// `text.after(part)`: what follows the first `part`; the whole text where it has none.
    After,
    /// `arn_beside(arn, service, resource)`: an ARN in the same partition, region and account.
    ArnBeside,
    /// `days_later(time, days)`, RFC 3339
    DaysLater,
    /// `legal_name(text, kind)`: the text as a name that AWS takes.
    LegalName,
    /// `japanese(text)`: words of data, for texts in Japanese.
    Japanese,
}

/// Name, function, and whether it is called on its first argument.
pub(crate) const BUILTINS: &[(&str, Builtin, bool)] = &[
    ("size", Builtin::Size, false),
    ("string", Builtin::Text, false),
    ("int", Builtin::Int, false),
    ("startsWith", Builtin::StartsWith, true),
    ("endsWith", Builtin::EndsWith, true),
    ("contains", Builtin::Contains, true),
    ("display_name", Builtin::DisplayName, false),
    ("price", Builtin::Price, false),
    ("after", Builtin::After, true),
    ("arn_beside", Builtin::ArnBeside, false),
    ("days_later", Builtin::DaysLater, false),
    ("legal_name", Builtin::LegalName, false),
    ("japanese", Builtin::Japanese, false),
];

/// Values that every expression may name.
pub(crate) const CONSTANTS: &[(&str, i64)] = &[("hours_per_month", HOURS_PER_MONTH)];

/// A variable that expressions may name.
#[derive(Debug, Clone)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Type,
}

/// What expressions may name.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// The judged resource first, then others; their order is their place in the scope.
    pub variables: Vec<Variable>,
    /// Values that are written into the expression in place of their names.
    pub parameters: Parameters,
    /// Expressions that a name stands for (`let`).
    pub lets: BTreeMap<String, Rc<NamedExpression>>,
}

/// An expression that a name stands for.
#[derive(Debug, Default)]
pub struct NamedExpression {
    /// The expression; `None` where it has a problem, which was told where it is written.
    parsed: Option<Parsed>,
    /// How many variables there were where it was written: it can name these and no others.
    variables: usize,
    is_used: Cell<bool>,
}

impl NamedExpression {
    /// Whether an expression has named it.
    pub(crate) fn is_used(&self) -> bool {
        self.is_used.get()
    }
}

/// A problem of an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpressionProblem {
    /// Where it is, in bytes of the expression.
    pub at: usize,
    /// What is wrong and what to write instead.
    pub message: String,
}

#[cfg(test)]
mod tests;
