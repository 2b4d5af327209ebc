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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::PolicySet;
    use crate::policy::file::tests::{edited, policy};
    use crate::policy::judge::judge;
    use crate::snapshot::rds::{DbInstance, ParameterGroupUse};
    use crate::snapshot::{Known, Snapshot};
    use serde_json::json;

    fn account() -> Snapshot {
        let group = |name: &str| ParameterGroupUse { name: name.into(), ..ParameterGroupUse::default() };
        let mut snapshot =
            Snapshot::new("123456789012", "aws", "2026-11-24T00:00:00Z", &["r".to_owned()]).complete();
        snapshot.rds.db_instances.items = vec![DbInstance {
            arn: "arn:aws:rds:r:123456789012:db:a".into(),
            region: "r".into(),
            id: "a".into(),
            engine: "postgres".into(),
            port: Some(5432),
            security_group_ids: vec!["sg-1".into(), "sg-2".into()],
            parameter_groups: Known::Yes(vec![group("one"), group("two")]),
            tags: [("Name".to_owned(), "shop".to_owned())].into(),
            multi_az: Known::Yes(false),
            allocated_storage_gib: Known::Yes(0),
            publicly_accessible: Known::Yes(false),
            ..DbInstance::default()
        }];
        snapshot
    }

    /// What a finding shows of a policy that says `pass`, with other lines of it.
    fn shown(lines: &str) -> Vec<(String, serde_json::Value)> {
        let policy = policy(&edited(&[("pass: db.multi_az\n", lines)]));
        let findings = judge(&account(), &PolicySet { policies: vec![policy] });
        let evidence = findings.into_iter().flat_map(|finding| finding.evidence);
        evidence.map(|evidence| (evidence.path, evidence.value)).collect()
    }

    #[test]
    fn a_finding_shows_what_its_condition_looks_at() {
        let cases = [
            ("pass: db.multi_az", vec![("db.multi_az", json!(false))]),
            // Each once, in the order in which they are written.
            (
                "pass: db.port != null && db.id != \"a\" && db.port > 3",
                vec![("db.port", json!(5432)), ("db.id", json!("a"))],
            ),
            ("pass: \"!(db.engine == 'postgres')\"", vec![("db.engine", json!("postgres"))]),
            ("pass: -db.allocated_storage_gib > 0", vec![("db.allocated_storage_gib", json!(0))]),
            ("pass: db.tags.Name == \"\"", vec![("db.tags.Name", json!("shop"))]),
            ("pass: db.tags[\"Owner\"] == \"\"", vec![("db.tags.Owner", json!(null))]),
            ("pass: db.security_group_ids[1] == \"\"", vec![("db.security_group_ids[1]", json!("sg-2"))]),
            (
                "pass: db.security_group_ids[db.allocated_storage_gib] == \"\"",
                vec![
                    ("db.security_group_ids", json!(["sg-1", "sg-2"])),
                    ("db.allocated_storage_gib", json!(0)),
                ],
            ),
            ("pass: database_role(db).kind == \"\"", vec![("database_role(db).kind", json!("standalone"))]),
            (
                "pass: size(db.security_group_ids) + db.allocated_storage_gib > 7",
                vec![
                    ("db.security_group_ids", json!(["sg-1", "sg-2"])),
                    ("db.allocated_storage_gib", json!(0)),
                ],
            ),
            (
                "pass: 'db.id in [db.engine, db.region]'",
                vec![("db.id", json!("a")), ("db.engine", json!("postgres")), ("db.region", json!("r"))],
            ),
            (
                "pass: 'db.multi_az ? db.id == \"a\" : db.engine == \"b\" || db.publicly_accessible'",
                vec![
                    ("db.multi_az", json!(false)),
                    ("db.id", json!("a")),
                    ("db.engine", json!("postgres")),
                    ("db.publicly_accessible", json!(false)),
                ],
            ),
            // Of the records of a list, what the loop looks at; the rest of the loop, too.
            (
                "pass: db.parameter_groups.exists(use, use.name == db.id)",
                vec![
                    ("db.parameter_groups", json!([{ "name": "one" }, { "name": "two" }])),
                    ("db.id", json!("a")),
                ],
            ),
            (
                "pass: 'db.parameter_groups.exists(use, !(use.name != \"\" && [use.apply_status][0] != \"\"))  && false'",
                vec![(
                    "db.parameter_groups",
                    json!([{ "name": "one", "apply_status": "" }, { "name": "two", "apply_status": "" }]),
                )],
            ),
            (
                "pass: 'db.parameter_groups.all(use, db.multi_az ? size(use.name) > 3 : use.name in [\"a\"])'",
                vec![
                    ("db.parameter_groups", json!([{ "name": "one" }, { "name": "two" }])),
                    ("db.multi_az", json!(false)),
                ],
            ),
            // The variable of the loop within is another one.
            (
                "pass: db.parameter_groups.all(a, db.parameter_groups.all(b, a.name == b.apply_status))",
                vec![("db.parameter_groups", json!([{ "name": "one" }, { "name": "two" }]))],
            ),
            (
                "pass: 'db.parameter_groups.map(use, use.name).all(name, name == \"\")'",
                vec![("db.parameter_groups", json!([{ "name": "one" }, { "name": "two" }]))],
            ),
            (
                "pass: db.security_group_ids.all(id, id == \"\")",
                vec![("db.security_group_ids", json!(["sg-1", "sg-2"]))],
            ),
            // What the policy asks for besides.
            (
                "pass: db.multi_az\nevidence: [db.engine, db.multi_az]",
                vec![
                    ("db.multi_az", json!(false)),
                    ("db.engine", json!("postgres")),
                    ("db.multi_az", json!(false)),
                ],
            ),
        ];
        for (lines, expected) in cases {
            let expected: Vec<(String, serde_json::Value)> =
                expected.into_iter().map(|(path, value)| (path.to_owned(), value)).collect();
            assert_eq!(shown(&format!("{lines}\n")), expected, "{lines}");
        }
    }

    #[test]
    fn an_element_that_fails_by_being_there_is_shown_itself() {
        let found = shown("each: use in db.parameter_groups\nkey: use.name\n");
        let value = |path: &str, value: &str| (path.to_owned(), json!(value));
        assert_eq!(
            found,
            [
                value("use.name", "one"),
                value("use.apply_status", ""),
                value("use.name", "two"),
                value("use.apply_status", ""),
            ]
        );
        // With a condition, what that looks at.
        let found = shown("each: use in db.parameter_groups\nkey: use.name\npass: use.name == db.id\n");
        assert_eq!(
            found,
            [value("use.name", "one"), value("db.id", "a"), value("use.name", "two"), value("db.id", "a")]
        );
        let db = account().rds.db_instances.items.remove(0);
        let shown = of_record("db", &Value::Record(&db));
        let paths: Vec<&str> = shown.iter().map(|evidence| evidence.path.as_str()).collect();
        assert!(paths.contains(&"db.port") && paths.contains(&"db.security_group_ids"), "{paths:?}");
        // Neither what there is none of nor what has parts of its own.
        assert!(!paths.contains(&"db.cluster_id") && !paths.contains(&"db.tags"), "{paths:?}");
        assert!(of_record("db", &Value::Null).is_empty());
    }
}
