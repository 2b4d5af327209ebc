//! An expression as it was written, before its names mean anything.

use super::{Calculation, ComparisonOperator, LoopKind};
use std::collections::BTreeSet;
use std::ops::Range;

/// A part of an expression.
#[derive(Debug, Clone)]
pub(super) struct Expression {
    /// What it is.
    pub form: ExpressionForm,
    /// The bytes of the source that it is made of, parentheses included.
    pub span: Range<usize>,
}

/// Two parts are equal where they say the same, wherever they stand.
impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.form == other.form
    }
}

/// The forms of expressions.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum ExpressionForm {
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
    /// `[a, b]`.
    List(Vec<Expression>),
    /// A name.
    Name(String),
    /// `record.field`.
    Field(Box<Expression>, String),
    /// `list[0]`, `tags["Name"]`.
    Index(Box<Expression>, Box<Expression>),
    /// `function(a, b)`.
    Call(String, Vec<Expression>),
    /// `text.function(a)`.
    Method(Box<Expression>, String, Vec<Expression>),
    /// `list.all(x, body)`: the list, the name of the variable, the body.
    Loop(LoopKind, Box<Expression>, String, Box<Expression>),
    /// `!a`.
    Not(Box<Expression>),
    /// `-a`.
    Negate(Box<Expression>),
    /// `a && b`.
    And(Box<Expression>, Box<Expression>),
    /// `a || b`.
    Or(Box<Expression>, Box<Expression>),
    /// `a == b`, `a < b`, …
    Compare(ComparisonOperator, Box<Expression>, Box<Expression>),
    /// `a + b`, `a - b`, …
    Calculate(Calculation, Box<Expression>, Box<Expression>),
    /// `a in b`.
    In(Box<Expression>, Box<Expression>),
    /// `a ? b : c`.
    Choose(Box<Expression>, Box<Expression>, Box<Expression>),
}

impl Expression {
    /// The parts that it is made of.
    pub(super) fn parts(&self) -> Vec<&Expression> {
        match &self.form {
            ExpressionForm::Null
            | ExpressionForm::Bool(_)
            | ExpressionForm::Int(_)
            | ExpressionForm::Float(_)
            | ExpressionForm::Text(_)
            | ExpressionForm::Name(_) => Vec::new(),
            ExpressionForm::List(parts) | ExpressionForm::Call(_, parts) => parts.iter().collect(),
            ExpressionForm::Method(on, _, arguments) => std::iter::once(&**on).chain(arguments).collect(),
            ExpressionForm::Field(of, _) | ExpressionForm::Not(of) | ExpressionForm::Negate(of) => vec![of],
            ExpressionForm::Index(left, right)
            | ExpressionForm::Loop(_, left, _, right)
            | ExpressionForm::And(left, right)
            | ExpressionForm::Or(left, right)
            | ExpressionForm::Compare(_, left, right)
            | ExpressionForm::Calculate(_, left, right)
            | ExpressionForm::In(left, right) => vec![left, right],
            ExpressionForm::Choose(condition, yes, no) => vec![condition, yes, no],
        }
    }

    /// Adds the names that it says, but for those of loops around them.
    pub(crate) fn free_names<'e>(&'e self, loops: &mut Vec<&'e str>, names: &mut BTreeSet<&'e str>) {
        match &self.form {
            ExpressionForm::Name(name) if !loops.contains(&name.as_str()) => {
                names.insert(name);
            }
            ExpressionForm::Loop(_, list, variable, body) => {
                list.free_names(loops, names);
                loops.push(variable);
                body.free_names(loops, names);
                loops.pop();
            }
            _ => self.parts().into_iter().for_each(|part| part.free_names(loops, names)),
        }
    }
}
