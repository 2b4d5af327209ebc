//! What a verdict rests on: the fields and conclusions that an expression names.

use super::evaluate::{EvaluationScope, Value};
use super::expression::CheckedNode;
use crate::finding::Evidence;

/// A fact that an expression looks at.
#[derive(Debug, Clone)]
pub struct Fact {
    path: String,
    node: CheckedNode,
    // For a loop over records: the fields it looks at. Empty for everything.
    fields: Vec<&'static str>,
}

/// The facts of an expression, in the order in which they are written, each once.
/// `names` are the variables of the scope.
pub fn facts(node: &CheckedNode, names: &[&str]) -> Vec<Fact> {
    let mut facts = Vec::new();
    walk(node, names, &mut facts);
    let mut unique: Vec<Fact> = Vec::new();
    for fact in facts {
        if !unique.iter().any(|other| other.path == fact.path) {
            unique.push(fact);
        }
    }
    unique
}

/// The facts with their values.
pub fn evidence(facts: &[Fact], scope: &mut EvaluationScope<'_, '_>) -> Vec<Evidence> {
    facts
        .iter()
        .map(|fact| {
            let value = scope.evaluate(&fact.node);
            Evidence { path: fact.path.clone(), value: narrowed(&value, &fact.fields) }
        })
        .collect()
}

/// The simple fields of a record, for findings in which the element itself is the evidence.
pub(crate) fn of_record(name: &str, value: &Value<'_>) -> Vec<Evidence> {
    let Value::Record(record) = value else {
        return Vec::new();
    };
    let fields = record.shape().fields.iter().enumerate();
    fields
        .map(|(index, field)| (field.name, Value::from(record.field(index))))
        .filter(|(_, value)| !matches!(value, Value::Null | Value::Record(_) | Value::Tags(_)))
        .map(|(field, value)| Evidence { path: format!("{name}.{field}"), value: value.to_json() })
        .collect()
}

fn narrowed(value: &Value<'_>, fields: &[&'static str]) -> serde_json::Value {
    let json = value.to_json();
    if fields.is_empty() {
        return json;
    }
    match json {
        serde_json::Value::Array(items) => items
            .into_iter()
            .map(|item| match item {
                serde_json::Value::Object(object) => {
                    let kept = object.into_iter().filter(|(name, _)| fields.contains(&name.as_str()));
                    serde_json::Value::Object(kept.collect())
                }
                other => other,
            })
            .collect(),
        other => other,
    }
}

fn walk(node: &CheckedNode, names: &[&str], facts: &mut Vec<Fact>) {
    if let Some(path) = path_of(node, names) {
        if !matches!(node, CheckedNode::Variable(_)) {
            facts.push(Fact { path, node: node.clone(), fields: Vec::new() });
        }
        return;
    }
    match node {
        CheckedNode::Loop(_, list, slot, body) => {
            if let Some(path) = path_of(list, names) {
                let mut fields = Vec::new();
                fields_of(body, *slot, &mut fields);
                facts.push(Fact { path, node: (**list).clone(), fields });
            } else {
                walk(list, names, facts);
            }
            walk(body, names, facts);
        }
        CheckedNode::Field(of, _, _) | CheckedNode::Not(of) | CheckedNode::Negate(of) => {
            walk(of, names, facts)
        }
        CheckedNode::Index(left, right)
        | CheckedNode::And(left, right)
        | CheckedNode::Or(left, right)
        | CheckedNode::Compare(_, left, right)
        | CheckedNode::Calculate(_, left, right)
        | CheckedNode::In(left, right) => {
            walk(left, names, facts);
            walk(right, names, facts);
        }
        CheckedNode::Choose(condition, yes, no) => {
            walk(condition, names, facts);
            walk(yes, names, facts);
            walk(no, names, facts);
        }
        CheckedNode::List(nodes) | CheckedNode::Function(_, nodes) => {
            nodes.iter().for_each(|node| walk(node, names, facts))
        }
        _ => {}
    }
}

// `db.multi_az`, `database_exposure(db).is_reachable`; nothing that depends on a loop's variable.
fn path_of(node: &CheckedNode, names: &[&str]) -> Option<String> {
    match node {
        CheckedNode::Variable(index) => names.get(*index).map(|name| (*name).to_owned()),
        CheckedNode::Field(of, _, name) => path_of(of, names).map(|path| format!("{path}.{name}")),
        CheckedNode::Index(of, index) => match &**index {
            CheckedNode::Text(name) => path_of(of, names).map(|path| format!("{path}.{name}")),
            CheckedNode::Int(position) => path_of(of, names).map(|path| format!("{path}[{position}]")),
            _ => None,
        },
        CheckedNode::Conclusion(function) => {
            Some(format!("{}({})", function.name, names.first().copied().unwrap_or_default()))
        }
        _ => None,
    }
}

fn fields_of(node: &CheckedNode, slot: usize, fields: &mut Vec<&'static str>) {
    match node {
        CheckedNode::Field(of, _, name) => match &**of {
            CheckedNode::Variable(index) if *index == slot => {
                if !fields.contains(name) {
                    fields.push(name);
                }
            }
            inner => fields_of(inner, slot, fields),
        },
        CheckedNode::Not(of) | CheckedNode::Negate(of) => fields_of(of, slot, fields),
        CheckedNode::Index(left, right)
        | CheckedNode::And(left, right)
        | CheckedNode::Or(left, right)
        | CheckedNode::Compare(_, left, right)
        | CheckedNode::Calculate(_, left, right)
        | CheckedNode::In(left, right)
        | CheckedNode::Loop(_, left, _, right) => {
            fields_of(left, slot, fields);
            fields_of(right, slot, fields);
        }
        CheckedNode::Choose(condition, yes, no) => {
            for node in [condition, yes, no] {
                fields_of(node, slot, fields);
            }
        }
        CheckedNode::List(nodes) | CheckedNode::Function(_, nodes) => {
            nodes.iter().for_each(|node| fields_of(node, slot, fields))
        }
        _ => {}
    }
}
