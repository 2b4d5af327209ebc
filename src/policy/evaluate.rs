//! Evaluates checked expressions in three-valued logic.
//!
//! *Unknown* carries the gaps that hide the answer. `&&`, `||`, `all`, `exists` let it
//! matter only where the rest does not decide; everything else that touches it becomes
//! unknown. Nothing is copied out of the snapshot.

use super::expression::{Builtin, Calculation, CheckedNode, ComparisonOperator, LoopKind};
use super::legal_name::legal_name;
use crate::arn::{self, Arn, display_name};
use crate::conclude;
use crate::price;
use crate::snapshot::GapId;
use crate::snapshot::shape::{ListView, Reflect, Val};
use jiff::{SignedDuration, Timestamp};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A value while an expression is evaluated.
#[derive(Clone)]
pub enum Value<'a> {
    /// AWS says that there is none.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// Text.
    Text(Cow<'a, str>),
    /// A list of the snapshot.
    List(&'a dyn ListView),
    /// A list that the expression made.
    Items(Rc<Vec<Value<'a>>>),
    /// Text by name.
    Tags(&'a BTreeMap<String, String>),
    /// A record.
    Record(&'a dyn Reflect),
    /// AWS would not say.
    Unknown(Rc<Vec<GapId>>),
}

impl<'a> From<Val<'a>> for Value<'a> {
    fn from(value: Val<'a>) -> Self {
        match value {
            Val::Null => Value::Null,
            Val::Bool(value) => Value::Bool(value),
            Val::Int(value) => Value::Int(value),
            Val::Float(value) => Value::Float(value),
            Val::Text(value) => Value::Text(Cow::Borrowed(value)),
            Val::List(value) => Value::List(value),
            Val::Tags(value) => Value::Tags(value),
            Val::Record(value) => Value::Record(value),
            Val::Unknown(gap) => Value::Unknown(Rc::new(vec![gap.clone()])),
        }
    }
}

impl<'a> Value<'a> {
    /// An unknown value because of one gap.
    pub fn unknown(gap: GapId) -> Value<'a> {
        Value::Unknown(Rc::new(vec![gap]))
    }
}

impl Value<'_> {
    /// The gaps of an unknown value.
    pub fn gaps(&self) -> Option<&[GapId]> {
        match self {
            Value::Unknown(gaps) => Some(gaps),
            _ => None,
        }
    }

    /// The value as JSON, for evidence. Unknown becomes the text `unknown`.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Value::Null => serde_json::Value::Null,
            Value::Bool(value) => (*value).into(),
            Value::Int(value) => (*value).into(),
            Value::Float(value) => (*value).into(),
            Value::Text(value) => value.as_ref().into(),
            Value::List(list) => {
                (0..list.len()).map(|index| Value::from(list.get(index)).to_json()).collect()
            }
            Value::Items(items) => items.iter().map(Value::to_json).collect(),
            Value::Tags(tags) => tags
                .iter()
                .map(|(name, value)| (name.clone(), value.clone().into()))
                .collect::<serde_json::Map<_, _>>()
                .into(),
            Value::Record(record) => {
                let fields = record.shape().fields.iter().enumerate();
                fields
                    .map(|(index, field)| (field.name.to_owned(), Value::from(record.field(index)).to_json()))
                    .collect::<serde_json::Map<_, _>>()
                    .into()
            }
            Value::Unknown(_) => "unknown".into(),
        }
    }
}

/// Gives conclusions about the judged resource.
pub trait Concluder<'a> {
    /// What `function` concludes.
    fn conclude(&self, function: &'static conclude::Conclusion) -> Value<'a>;

    /// US dollars for a unit of a product in a region. Unknown unless there is a table of
    /// prices, so that no verdict of an example depends on one.
    fn price(&self, product: &str, region: &str) -> Value<'a> {
        Value::unknown(price::gap(product, region))
    }
}

/// How much an expression may look at and make: elements of loops and lists, fields of
/// records in them, and blocks of 16 bytes of text. Far above what real policies need, and
/// low enough that a loop within a loop over a large account ends in a moment.
const WORK_MAX: usize = 2_000_000;

/// The variables of an expression and where conclusions come from.
pub struct EvaluationScope<'a, 'c> {
    /// By their place in the scope: the judged resource first.
    pub variables: Vec<Value<'a>>,
    concluder: &'c dyn Concluder<'a>,
    /// What is left of [`WORK_MAX`].
    work: usize,
}

impl<'a, 'c> EvaluationScope<'a, 'c> {
    /// A scope with `variables`, the judged resource first; `concluder` gives conclusions.
    pub(crate) fn new(variables: Vec<Value<'a>>, concluder: &'c dyn Concluder<'a>) -> Self {
        EvaluationScope { variables, concluder, work: WORK_MAX }
    }

    /// The value of a checked expression; unknown where working it out takes too much.
    pub(crate) fn evaluate(&mut self, node: &CheckedNode) -> Value<'a> {
        self.work = WORK_MAX;
        self.value(node)
    }

    // What is refused once is refused to the end of the expression.
    fn spend(&mut self, work: usize) -> Result<(), Value<'a>> {
        self.work = self.work.saturating_sub(work);
        match self.work {
            0 => Err(Value::unknown(GapId::from_text(GapId::TOO_MUCH_WORK))),
            _ => Ok(()),
        }
    }

    // Later work goes through all that a value holds: an element costs what is in it.
    fn items(&mut self, items: Vec<Value<'a>>) -> Value<'a> {
        match self.spend(items.iter().map(weight).fold(0, usize::saturating_add)) {
            Ok(()) => Value::Items(Rc::new(items)),
            Err(unknown) => unknown,
        }
    }

    fn value(&mut self, node: &CheckedNode) -> Value<'a> {
        match node {
            CheckedNode::Null => Value::Null,
            CheckedNode::Bool(value) => Value::Bool(*value),
            CheckedNode::Int(value) => Value::Int(*value),
            CheckedNode::Float(value) => Value::Float(*value),
            CheckedNode::Text(value) => Value::Text(Cow::Owned(value.clone())),
            CheckedNode::List(nodes) => {
                let items = nodes.iter().map(|node| self.value(node)).collect();
                self.items(items)
            }
            CheckedNode::Variable(index) => self.variables.get(*index).cloned().unwrap_or(Value::Null),
            CheckedNode::Field(of, index, _) => match self.value(of) {
                Value::Record(record) => record.field(*index).into(),
                Value::Unknown(gaps) => Value::Unknown(gaps),
                _ => Value::Null,
            },
            CheckedNode::Index(of, index) => self.index(of, index),
            CheckedNode::Conclusion(function) => self.concluder.conclude(function),
            CheckedNode::Not(operand) => match self.value(operand) {
                Value::Bool(value) => Value::Bool(!value),
                other => other,
            },
            CheckedNode::Negate(operand) => match self.value(operand) {
                Value::Int(value) => value.checked_neg().map_or_else(no_result, Value::Int),
                Value::Float(value) => Value::Float(-value),
                other => other,
            },
            CheckedNode::And(left, right) => self.decide(left, right, false),
            CheckedNode::Or(left, right) => self.decide(left, right, true),
            CheckedNode::Choose(condition, yes, no) => match self.value(condition) {
                Value::Bool(true) => self.value(yes),
                Value::Bool(false) => self.value(no),
                other => other,
            },
            CheckedNode::Compare(comparison, left, right) => self.compare(*comparison, left, right),
            CheckedNode::Calculate(calculation, left, right) => self.calculate(*calculation, left, right),
            CheckedNode::In(element, list) => self.contains(element, list),
            CheckedNode::Loop(kind, list, slot, body) => self.run_loop(*kind, list, *slot, body),
            CheckedNode::Function(builtin, arguments) => self.function(*builtin, arguments),
        }
    }

    // `&&` is decided by false, `||` by true; unknown matters only where nothing decides.
    fn decide(&mut self, left: &CheckedNode, right: &CheckedNode, decisive: bool) -> Value<'a> {
        match self.value(left) {
            Value::Bool(value) if value == decisive => Value::Bool(decisive),
            Value::Unknown(gaps) => match self.value(right) {
                Value::Bool(value) if value == decisive => Value::Bool(decisive),
                Value::Unknown(more) => union(&gaps, &more),
                _ => Value::Unknown(gaps),
            },
            _ => self.value(right),
        }
    }

    fn index(&mut self, of: &CheckedNode, index: &CheckedNode) -> Value<'a> {
        let (of, index) = (self.value(of), self.value(index));
        match (of, index) {
            (Value::Unknown(left), Value::Unknown(right)) => union(&left, &right),
            (Value::Unknown(gaps), _) | (_, Value::Unknown(gaps)) => Value::Unknown(gaps),
            (Value::Tags(tags), Value::Text(name)) => {
                tags.get(name.as_ref()).map_or(Value::Null, |text| Value::Text(Cow::Borrowed(text)))
            }
            (list, Value::Int(position)) => match usize::try_from(position) {
                Ok(position) => element(&list, position),
                Err(_) => Value::Null,
            },
            _ => Value::Null,
        }
    }

    fn compare(
        &mut self,
        comparison: ComparisonOperator,
        left: &CheckedNode,
        right: &CheckedNode,
    ) -> Value<'a> {
        let (left, right) = (self.value(left), self.value(right));
        if let Some(unknown) = unknown_of(&left, &right) {
            return unknown;
        }
        if let (Some(left), Some(right)) = (length(&left), length(&right))
            && let Err(unknown) = self.spend(left.min(right))
        {
            return unknown;
        }
        match comparison {
            ComparisonOperator::Equal => equal(&left, &right),
            ComparisonOperator::NotEqual => negate(equal(&left, &right)),
            _ => Value::Bool(ordered(comparison, &left, &right)),
        }
    }

    fn calculate(&mut self, calculation: Calculation, left: &CheckedNode, right: &CheckedNode) -> Value<'a> {
        let (left, right) = (self.value(left), self.value(right));
        if let Some(unknown) = unknown_of(&left, &right) {
            return unknown;
        }
        match (left, right) {
            (Value::Text(left), Value::Text(right)) => match self.spend((left.len() + right.len()) / 16) {
                Ok(()) => Value::Text(Cow::Owned(format!("{left}{right}"))),
                Err(unknown) => unknown,
            },
            // Overflow and division by zero have no answer; `a / 0 != b` must not pass.
            (Value::Int(left), Value::Int(right)) => match calculation {
                Calculation::Add => left.checked_add(right),
                Calculation::Subtract => left.checked_sub(right),
                Calculation::Multiply => left.checked_mul(right),
                Calculation::Divide => left.checked_div(right),
                Calculation::Remainder => left.checked_rem(right),
            }
            .map_or_else(no_result, Value::Int),
            (left, right) => match (float(&left), float(&right)) {
                (Some(left), Some(right)) => {
                    let result = match calculation {
                        Calculation::Add => left + right,
                        Calculation::Subtract => left - right,
                        Calculation::Multiply => left * right,
                        Calculation::Divide => left / right,
                        Calculation::Remainder => left % right,
                    };
                    if result.is_finite() { Value::Float(result) } else { no_result() }
                }
                _ => Value::Null,
            },
        }
    }

    fn contains(&mut self, needle: &CheckedNode, list: &CheckedNode) -> Value<'a> {
        let (needle, list) = (self.value(needle), self.value(list));
        if let Some(unknown) = unknown_of(&needle, &list) {
            return unknown;
        }
        if let (Value::Text(name), Value::Tags(tags)) = (&needle, &list) {
            return Value::Bool(tags.contains_key(name.as_ref()));
        }
        if let Err(unknown) = self.spend(length(&list).unwrap_or(0)) {
            return unknown;
        }
        let mut gaps: Option<Rc<Vec<GapId>>> = None;
        for position in 0..length(&list).unwrap_or(0) {
            match equal(&needle, &element(&list, position)) {
                Value::Bool(true) => return Value::Bool(true),
                Value::Unknown(more) => gaps = Some(joined(gaps, more)),
                _ => {}
            }
        }
        gaps.map_or(Value::Bool(false), Value::Unknown)
    }

    fn run_loop(&mut self, kind: LoopKind, list: &CheckedNode, slot: usize, body: &CheckedNode) -> Value<'a> {
        let list = self.value(list);
        if let Value::Unknown(gaps) = list {
            return Value::Unknown(gaps);
        }
        let depth = self.variables.len();
        let mut gaps: Option<Rc<Vec<GapId>>> = None;
        let mut items = Vec::new();
        let mut hits = 0usize;
        for position in 0..length(&list).unwrap_or(0) {
            if let Err(unknown) = self.spend(1) {
                self.variables.truncate(depth);
                return unknown;
            }
            let item = element(&list, position);
            self.variables.truncate(slot);
            self.variables.push(item.clone());
            let result = self.value(body);
            match (kind, result) {
                (LoopKind::All, Value::Bool(false)) => {
                    self.variables.truncate(depth);
                    return Value::Bool(false);
                }
                (LoopKind::Exists, Value::Bool(true)) => {
                    self.variables.truncate(depth);
                    return Value::Bool(true);
                }
                (LoopKind::ExistsOne, Value::Bool(true)) => hits += 1,
                (LoopKind::Filter, Value::Bool(true)) => items.push(item),
                (LoopKind::Map, result) if result.gaps().is_none() => items.push(result),
                (_, Value::Unknown(more)) => gaps = Some(joined(gaps, more)),
                _ => {}
            }
        }
        self.variables.truncate(depth);
        match (kind, gaps) {
            (LoopKind::ExistsOne, _) if hits > 1 => Value::Bool(false),
            (_, Some(gaps)) => Value::Unknown(gaps),
            (LoopKind::All, None) => Value::Bool(true),
            (LoopKind::Exists, None) => Value::Bool(false),
            (LoopKind::ExistsOne, None) => Value::Bool(hits == 1),
            (LoopKind::Filter | LoopKind::Map, None) => self.items(items),
        }
    }

    fn function(&mut self, builtin: Builtin, arguments: &[CheckedNode]) -> Value<'a> {
        let mut values =
            arguments.iter().map(|argument| self.value(argument)).collect::<Vec<_>>().into_iter();
        let first = values.next().unwrap_or(Value::Null);
        let second = values.next().unwrap_or(Value::Null);
        let third = values.next().unwrap_or(Value::Null);
        if let Some(unknown) = unknown_of(&first, &second).or_else(|| unknown_of(&third, &Value::Null)) {
            return unknown;
        }
        if let Value::Text(text) = &first
            && let Err(unknown) = self.spend(text.len() / 16)
        {
            return unknown;
        }
        let int = |length: usize| Value::Int(i64::try_from(length).unwrap_or(i64::MAX));
        match (builtin, &first, &second) {
            (Builtin::Size, Value::Text(text), _) => int(text.chars().count()),
            (Builtin::Size, list, _) => length(list).map_or(Value::Null, int),
            (Builtin::Text, Value::Text(text), _) => Value::Text(text.clone()),
            (Builtin::Text, Value::Bool(value), _) => Value::Text(value.to_string().into()),
            (Builtin::Text, Value::Int(value), _) => Value::Text(value.to_string().into()),
            (Builtin::Text, Value::Float(value), _) => Value::Text(value.to_string().into()),
            (Builtin::Int, Value::Int(value), _) => Value::Int(*value),
            (Builtin::Int, Value::Float(value), _) => whole(*value),
            (Builtin::Int, Value::Text(text), _) => {
                text.trim().parse().map_or_else(|_| no_result(), Value::Int)
            }
            (Builtin::StartsWith, Value::Text(text), Value::Text(part)) => {
                Value::Bool(text.starts_with(part.as_ref()))
            }
            (Builtin::EndsWith, Value::Text(text), Value::Text(part)) => {
                Value::Bool(text.ends_with(part.as_ref()))
            }
            (Builtin::Contains, Value::Text(text), Value::Text(part)) => {
                Value::Bool(text.contains(part.as_ref()))
            }
            (Builtin::StartsWith | Builtin::EndsWith | Builtin::Contains, _, _) => Value::Bool(false),
            (Builtin::Price, Value::Text(product), Value::Text(region)) => {
                self.concluder.price(product, region)
            }
            (Builtin::After, Value::Text(text), Value::Text(part)) => {
                let rest = text.split_once(part.as_ref()).map_or(text.as_ref(), |(_, rest)| rest);
                Value::Text(rest.to_owned().into())
            }
            (Builtin::ArnBeside, Value::Text(arn), Value::Text(service)) => match (Arn::parse(arn), &third) {
                (Some(arn), Value::Text(resource)) => {
                    let has_account = service != "s3";
                    let has_region = has_account && !["iam", "cloudfront"].contains(&service.as_ref());
                    let region = if has_region { arn.region } else { "" };
                    let account = if has_account { arn.account } else { "" };
                    Value::Text(arn::arn(arn.partition, service, region, account, resource).into())
                }
                _ => Value::Null,
            },
            (Builtin::DaysLater, Value::Text(time), Value::Int(days)) => {
                let later = |time: Timestamp| {
                    time.checked_add(SignedDuration::from_hours(days.saturating_mul(24))).ok()
                };
                let time = time.parse().ok().and_then(later);
                time.map_or(Value::Null, |time| Value::Text(time.to_string().into()))
            }
            (Builtin::LegalName, Value::Text(text), Value::Text(kind)) => {
                legal_name(text, kind).map_or(Value::Null, |name| Value::Text(name.into()))
            }
            (Builtin::Japanese, Value::Text(text), _) => Value::Text(crate::text::in_japanese(text).into()),
            (Builtin::DisplayName, Value::Text(text), _) => Value::Text(display_name(text).to_owned().into()),
            _ => Value::Null,
        }
    }
}

fn whole<'a>(value: f64) -> Value<'a> {
    // Beyond this a float no longer counts in ones.
    const EXACT_MAX: f64 = 9_007_199_254_740_992.0;
    #[expect(clippy::cast_possible_truncation, reason = "the value is within the range in which it is exact")]
    let int = value as i64;
    if value.abs() <= EXACT_MAX { Value::Int(int) } else { no_result() }
}

/// What arithmetic without a result comes to: neither true nor false.
fn no_result<'a>() -> Value<'a> {
    Value::unknown(GapId::from_text(GapId::NO_RESULT))
}

/// How much there is to go through in a value.
fn weight(value: &Value<'_>) -> usize {
    match value {
        Value::Text(text) => 1 + text.len() / 16,
        Value::List(list) => 1 + list.len(),
        Value::Tags(tags) => 1 + tags.len(),
        Value::Record(record) => 1 + record.shape().fields.len(),
        Value::Items(items) => items.iter().map(weight).fold(1, usize::saturating_add),
        _ => 1,
    }
}

/// How many elements a list has; `None` for what is not a list.
pub(super) fn length(list: &Value<'_>) -> Option<usize> {
    match list {
        Value::List(list) => Some(list.len()),
        Value::Items(items) => Some(items.len()),
        Value::Tags(tags) => Some(tags.len()),
        _ => None,
    }
}

/// The element of a list; null beyond its end.
pub(super) fn element<'a>(list: &Value<'a>, position: usize) -> Value<'a> {
    match list {
        Value::List(list) => list.get(position).into(),
        Value::Items(items) => items.get(position).cloned().unwrap_or(Value::Null),
        _ => Value::Null,
    }
}

fn union<'a>(left: &[GapId], right: &[GapId]) -> Value<'a> {
    let mut gaps: Vec<GapId> = left.iter().chain(right).cloned().collect();
    gaps.sort();
    gaps.dedup();
    Value::Unknown(Rc::new(gaps))
}

fn joined(gaps: Option<Rc<Vec<GapId>>>, more: Rc<Vec<GapId>>) -> Rc<Vec<GapId>> {
    match gaps {
        Some(gaps) => match union(&gaps, &more) {
            Value::Unknown(gaps) => gaps,
            _ => more,
        },
        None => more,
    }
}

fn unknown_of<'a>(left: &Value<'a>, right: &Value<'a>) -> Option<Value<'a>> {
    match (left, right) {
        (Value::Unknown(left), Value::Unknown(right)) => Some(union(left, right)),
        (Value::Unknown(gaps), _) | (_, Value::Unknown(gaps)) => Some(Value::Unknown(gaps.clone())),
        _ => None,
    }
}

fn negate(value: Value<'_>) -> Value<'_> {
    match value {
        Value::Bool(value) => Value::Bool(!value),
        other => other,
    }
}

fn float(value: &Value<'_>) -> Option<f64> {
    match value {
        #[expect(clippy::cast_precision_loss, reason = "counts and percentages are far below 2^53")]
        Value::Int(value) => Some(*value as f64),
        Value::Float(value) => Some(*value),
        _ => None,
    }
}

// Equality of lists and records goes element by element and may be unknown.
fn equal<'a>(left: &Value<'a>, right: &Value<'a>) -> Value<'a> {
    if let Some(unknown) = unknown_of(left, right) {
        return unknown;
    }
    let result = match (left, right) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(left), Value::Bool(right)) => left == right,
        (Value::Text(left), Value::Text(right)) => left == right,
        (Value::Int(left), Value::Int(right)) => left == right,
        (Value::Tags(left), Value::Tags(right)) => left == right,
        (Value::List(_) | Value::Items(_), Value::List(_) | Value::Items(_)) => {
            let (Some(left_length), Some(right_length)) = (length(left), length(right)) else {
                return Value::Bool(false);
            };
            if left_length != right_length {
                return Value::Bool(false);
            }
            return all_equal(
                (0..left_length).map(|position| equal(&element(left, position), &element(right, position))),
            );
        }
        (Value::Record(left), Value::Record(right)) => {
            if left.shape().name != right.shape().name {
                return Value::Bool(false);
            }
            let fields = 0..left.shape().fields.len();
            return all_equal(
                fields.map(|index| equal(&left.field(index).into(), &right.field(index).into())),
            );
        }
        (left, right) => match (float(left), float(right)) {
            (Some(left), Some(right)) => left == right,
            _ => false,
        },
    };
    Value::Bool(result)
}

fn all_equal<'a>(results: impl Iterator<Item = Value<'a>>) -> Value<'a> {
    let mut gaps: Option<Rc<Vec<GapId>>> = None;
    for result in results {
        match result {
            Value::Bool(false) => return Value::Bool(false),
            Value::Unknown(more) => gaps = Some(joined(gaps, more)),
            _ => {}
        }
    }
    gaps.map_or(Value::Bool(true), Value::Unknown)
}

// Null orders as false both ways: it can never make a `pass` true.
fn ordered(comparison: ComparisonOperator, left: &Value<'_>, right: &Value<'_>) -> bool {
    let ordering = match (left, right) {
        (Value::Text(left), Value::Text(right)) => Some(left.cmp(right)),
        (Value::Int(left), Value::Int(right)) => Some(left.cmp(right)),
        (left, right) => match (float(left), float(right)) {
            (Some(left), Some(right)) => left.partial_cmp(&right),
            _ => None,
        },
    };
    ordering.is_some_and(|ordering| match comparison {
        ComparisonOperator::Less => ordering.is_lt(),
        ComparisonOperator::LessOrEqual => ordering.is_le(),
        ComparisonOperator::Greater => ordering.is_gt(),
        ComparisonOperator::GreaterOrEqual => ordering.is_ge(),
        ComparisonOperator::Equal | ComparisonOperator::NotEqual => false,
    })
}

#[cfg(test)]
mod tests;
