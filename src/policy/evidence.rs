//! What a verdict rests on: the fields and conclusions that an expression names.

use super::evaluate::{Scope, Value};
use super::expression::Node;
use crate::finding::Evidence;

/// A fact that an expression looks at.
#[derive(Debug, Clone)]
pub struct Fact {
    path: String,
    node: Node,
    // For a loop over records: the fields it looks at. Empty for everything.
    fields: Vec<&'static str>,
}

/// The facts of an expression, in the order in which they are written, each once.
/// `names` are the variables of the scope.
pub fn facts(node: &Node, names: &[&str]) -> Vec<Fact> {
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
pub fn evidence(facts: &[Fact], scope: &mut Scope<'_, '_>) -> Vec<Evidence> {
    facts
        .iter()
        .map(|fact| {
            let value = scope.evaluate(&fact.node);
            Evidence { path: fact.path.clone(), value: narrowed(&value, &fact.fields) }
        })
        .collect()
}

/// The simple fields of a record, for findings in which the element itself is the evidence.
pub fn of_record(name: &str, value: &Value<'_>) -> Vec<Evidence> {
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

fn walk(node: &Node, names: &[&str], facts: &mut Vec<Fact>) {
    if let Some(path) = path_of(node, names) {
        if !matches!(node, Node::Variable(_)) {
            facts.push(Fact { path, node: node.clone(), fields: Vec::new() });
        }
        return;
    }
    match node {
        Node::Loop(_, list, slot, body) => {
            if let Some(path) = path_of(list, names) {
                let mut fields = Vec::new();
                fields_of(body, *slot, &mut fields);
                facts.push(Fact { path, node: (**list).clone(), fields });
            } else {
                walk(list, names, facts);
            }
            walk(body, names, facts);
        }
        Node::Field(of, _, _) | Node::Not(of) | Node::Negate(of) => walk(of, names, facts),
        Node::Index(left, right)
        | Node::And(left, right)
        | Node::Or(left, right)
        | Node::Compare(_, left, right)
        | Node::Calculate(_, left, right)
        | Node::In(left, right) => {
            walk(left, names, facts);
            walk(right, names, facts);
        }
        Node::Choose(condition, yes, no) => {
            walk(condition, names, facts);
            walk(yes, names, facts);
            walk(no, names, facts);
        }
        Node::List(nodes) | Node::Function(_, nodes) => {
            nodes.iter().for_each(|node| walk(node, names, facts))
        }
        _ => {}
    }
}

// `db.multi_az`, `database_exposure(db).is_reachable`; nothing that hangs on a loop's variable.
fn path_of(node: &Node, names: &[&str]) -> Option<String> {
    match node {
        Node::Variable(index) => names.get(*index).map(|name| (*name).to_owned()),
        Node::Field(of, _, name) => path_of(of, names).map(|path| format!("{path}.{name}")),
        Node::Index(of, index) => match &**index {
            Node::Text(name) => path_of(of, names).map(|path| format!("{path}.{name}")),
            Node::Int(position) => path_of(of, names).map(|path| format!("{path}[{position}]")),
            _ => None,
        },
        Node::Conclusion(function) => {
            Some(format!("{}({})", function.name, names.first().copied().unwrap_or_default()))
        }
        _ => None,
    }
}

fn fields_of(node: &Node, slot: usize, fields: &mut Vec<&'static str>) {
    match node {
        Node::Field(of, _, name) => match &**of {
            Node::Variable(index) if *index == slot => {
                if !fields.contains(name) {
                    fields.push(name);
                }
            }
            inner => fields_of(inner, slot, fields),
        },
        Node::Not(of) | Node::Negate(of) => fields_of(of, slot, fields),
        Node::Index(left, right)
        | Node::And(left, right)
        | Node::Or(left, right)
        | Node::Compare(_, left, right)
        | Node::Calculate(_, left, right)
        | Node::In(left, right)
        | Node::Loop(_, left, _, right) => {
            fields_of(left, slot, fields);
            fields_of(right, slot, fields);
        }
        Node::Choose(condition, yes, no) => {
            for node in [condition, yes, no] {
                fields_of(node, slot, fields);
            }
        }
        Node::List(nodes) | Node::Function(_, nodes) => {
            nodes.iter().for_each(|node| fields_of(node, slot, fields))
        }
        _ => {}
    }
}
