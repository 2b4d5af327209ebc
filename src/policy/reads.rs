//! What a policy looks at: lists, and facts that calls of their own fetch. From it follow
//! the operations and permissions that the policy needs.

use super::Policy;
use super::expression::{CheckedNode, LoopKind};
use super::template::Template;
use crate::snapshot::operation::Operation;
use crate::snapshot::shape::Type;
use crate::snapshot::source;
use crate::text::Bilingual;
use std::collections::BTreeSet;

/// The operations that a policy needs to come to a verdict and to fill in its messages.
pub fn operations(policy: &Policy) -> Vec<&'static Operation> {
    let mut operations: Vec<&'static Operation> =
        sources(policy).iter().flat_map(|source| source::operations(source)).collect();
    operations.sort_by_key(|operation| (operation.service, operation.name));
    operations.dedup();
    operations
}

/// The lists and facts that a policy looks at, as `snapshot::source` names them.
pub(crate) fn sources(policy: &Policy) -> BTreeSet<String> {
    let mut reads = Reads { types: vec![policy.subject.ty()], sources: policy.subject.sources() };
    if let Some(each) = &policy.each {
        let element = match reads.visit(&each.list) {
            Some(Type::List(element)) => Some(*element),
            _ => None,
        };
        reads.types.extend(element);
        reads.visit(&each.key);
    }
    for node in policy.when.iter().chain(&policy.pass).chain(&policy.evidence) {
        reads.visit(node);
    }
    for text in [Some(&policy.found), policy.passed.as_ref()].into_iter().flatten() {
        reads.text(text);
    }
    for option in &policy.options {
        reads.text(&option.title);
        for improves in &option.improves {
            reads.text(&improves.before);
            reads.text(&improves.after);
        }
        option.monthly_cost_note.iter().for_each(|note| reads.text(note));
        let numbers = option.effort_hours.iter().chain(&option.carries).chain(&option.carries_today);
        numbers.for_each(|node| drop(reads.visit(node)));
        option.causes.iter().for_each(|(_, node)| drop(reads.visit(node)));
        option.monthly_cost.iter().for_each(|node| drop(reads.visit(node)));
        let scripts = [&option.cli, &option.check, &option.undo, &option.terraform];
        scripts.into_iter().flatten().for_each(|script| reads.text(script));
        for template in option.steps.both().into_iter().flatten() {
            template.nodes().for_each(|node| drop(reads.visit(node)));
        }
    }
    reads.sources
}

struct Reads {
    // Of the variables in scope.
    types: Vec<Type>,
    sources: BTreeSet<String>,
}

impl Reads {
    fn text(&mut self, text: &Bilingual<Template>) {
        for template in [&text.en, &text.ja] {
            template.nodes().for_each(|node| drop(self.visit(node)));
        }
    }

    // Notes what the expression looks at, and gives its type where fields are read from it.
    fn visit(&mut self, node: &CheckedNode) -> Option<Type> {
        match node {
            CheckedNode::Variable(index) => self.types.get(*index).cloned().map(bare),
            CheckedNode::Conclusion(function) => {
                self.sources.extend(function.sources().map(str::to_owned));
                Some(bare((function.gives)()))
            }
            CheckedNode::Field(of, index, name) => match self.visit(of) {
                Some(Type::Record(shape)) => {
                    let source = format!("{}.{name}", shape().name);
                    if source::is_source(&source) {
                        self.sources.insert(source);
                    }
                    shape().fields.get(*index).map(|field| bare(field.ty.clone()))
                }
                _ => None,
            },
            CheckedNode::Index(of, index) => {
                self.visit(index);
                match self.visit(of) {
                    Some(Type::List(element)) => Some(bare(*element)),
                    _ => None,
                }
            }
            CheckedNode::Loop(kind, list, slot, body) => self.visit_loop(*kind, list, *slot, body),
            CheckedNode::Choose(condition, yes, no) => {
                self.visit(condition);
                let ty = self.visit(yes);
                self.visit(no).or(ty)
            }
            CheckedNode::Not(of) | CheckedNode::Negate(of) => self.visit(of),
            CheckedNode::And(left, right)
            | CheckedNode::Or(left, right)
            | CheckedNode::Compare(_, left, right)
            | CheckedNode::Calculate(_, left, right)
            | CheckedNode::In(left, right) => {
                self.visit(left);
                self.visit(right);
                None
            }
            CheckedNode::List(nodes) | CheckedNode::Function(_, nodes) => {
                nodes.iter().for_each(|node| drop(self.visit(node)));
                None
            }
            CheckedNode::Null
            | CheckedNode::Bool(_)
            | CheckedNode::Int(_)
            | CheckedNode::Float(_)
            | CheckedNode::Text(_) => None,
        }
    }

    fn visit_loop(
        &mut self,
        kind: LoopKind,
        list: &CheckedNode,
        slot: usize,
        body: &CheckedNode,
    ) -> Option<Type> {
        let list = self.visit(list)?;
        let Type::List(element) = &list else {
            return None;
        };
        self.types.truncate(slot);
        self.types.push((**element).clone());
        let body = self.visit(body);
        self.types.truncate(slot);
        match kind {
            LoopKind::Filter => Some(list),
            LoopKind::Map => body.map(|element| Type::List(Box::new(element))),
            _ => None,
        }
    }
}

fn bare(ty: Type) -> Type {
    match ty {
        Type::Known(inner) | Type::Nullable(inner) => bare(*inner),
        Type::List(element) => Type::List(Box::new(bare(*element))),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::file::tests::{edited, policy};

    /// What the list of databases answers, the field that the policy looks at among it.
    const WITH_THE_LIST: [&str; 2] = ["rds.db_instances", "DbInstance.multi_az"];

    /// What [`POLICY`](crate::policy::file::tests::POLICY) looks at with these texts replaced.
    fn read(edits: &[(&str, &str)]) -> Vec<String> {
        sources(&policy(&edited(edits)))
            .into_iter()
            .filter(|source| !WITH_THE_LIST.contains(&source.as_str()))
            .collect()
    }

    #[test]
    fn whatever_a_policy_says_is_looked_at() {
        const TAKEN: &str = "DbInstance.created_at";
        let pass = "pass: db.multi_az\n";
        let cost = "    monthly_cost: 0\n";
        assert_eq!(read(&[]), Vec::<String>::new(), "what comes with the list costs no further call");
        for (place, edit) in [
            ("when", (pass, "pass: db.multi_az\nwhen: db.created_at != null\n")),
            ("pass", (pass, "pass: db.created_at == null\n")),
            ("not", (pass, "pass: \"!(db.created_at == null)\"\n")),
            ("the right side", (pass, "pass: db.multi_az || db.created_at == null\n")),
            ("choice", (pass, "pass: 'db.created_at == null ? true : false'\n")),
            ("yes", (pass, "pass: 'db.multi_az ? db.created_at == null : false'\n")),
            ("no", (pass, "pass: 'db.multi_az ? false : db.created_at == null'\n")),
            ("list", (pass, "pass: 'db.id in [db.created_at == null ? \"a\" : \"b\"]'\n")),
            ("function", (pass, "pass: 'db.created_at == null ? true : size(db.created_at) > 1'\n")),
            ("evidence", (pass, "pass: db.multi_az\nevidence: [db.created_at]\n")),
            ("found", ("{db.id} runs", "{db.id} {db.created_at} runs")),
            ("the other language", ("{db.id} は", "{db.id} {db.created_at} は")),
            ("passed", (pass, "pass: db.multi_az\npassed: { en: \"{db.created_at}\", ja: b }\n")),
            ("title", ("en: Add one", "en: \"Add {db.created_at}\"")),
            ("steps", ("[Modify it.]", "[\"Modify {db.created_at}.\"]")),
            ("steps of the other language", ("[変更する。]", "[\"{db.created_at} を変更する。\"]")),
            ("cli", (cost, "    monthly_cost: 0\n    cli: aws {db.created_at}\n")),
            ("check", (cost, "    monthly_cost: 0\n    check: aws {db.created_at}\n")),
            ("undo", (cost, "    monthly_cost: 0\n    undo: aws {db.created_at}\n")),
            ("terraform", (cost, "    monthly_cost: 0\n    terraform: \"# {db.created_at}\"\n")),
            ("cost", (cost, "    monthly_cost: 'db.created_at == null ? 1 : 2'\n")),
            (
                "note",
                (cost, "    monthly_cost: 0\n    monthly_cost_note: { en: \"{db.created_at}\", ja: b }\n"),
            ),
            (
                "before",
                (
                    cost,
                    "    monthly_cost: 0\n    improves: [{ metric: rto, before: \"{db.created_at}\", after: b }]\n",
                ),
            ),
            (
                "after",
                (
                    cost,
                    "    monthly_cost: 0\n    improves: [{ metric: rto, before: a, after: \"{db.created_at}\" }]\n",
                ),
            ),
        ] {
            assert_eq!(read(&[edit]), [TAKEN], "{place}");
        }
    }

    #[test]
    fn what_loops_and_elements_look_at_is_followed() {
        let listeners = [
            ("for: db in rds.db_instances", "for: lb in elb.load_balancers"),
            ("db.multi_az, to: true", "lb.name, to: a"),
        ];
        let about = |condition: &str| {
            let condition = format!("pass: '{condition}'");
            let [subject, effect] = listeners;
            let edits = [
                subject,
                effect,
                ("pass: db.multi_az\n", condition.as_str()),
                ("found: {", "\nfound: {"),
                ("{db.id} runs", "{lb.name} runs"),
                ("{db.id} は", "{lb.name} は"),
                ("db: { id: a, multi_az: true }", "lb: { name: a }"),
                ("db: { id: a, multi_az: false }", "lb: { name: a }"),
                ("db: { id: a }", "lb: { name: a }"),
            ];
            let sources = sources(&policy(&edited(&edits)));
            sources.into_iter().filter(|source| source != "elb.load_balancers").collect::<Vec<_>>()
        };
        let own = "LoadBalancer.listeners";
        for (condition, expected) in [
            ("lb.name == \"\"", vec![]),
            ("lb.listeners.all(one, one.port == 80)", vec![own]),
            ("lb.listeners.all(one, one.rules.all(rule, rule.arn == \"\"))", vec!["Listener.rules", own]),
            ("lb.listeners.filter(one, true).exists(one, size(one.rules) > 0)", vec!["Listener.rules", own]),
            ("lb.listeners.map(one, one.rules).exists(rules, size(rules) > 0)", vec!["Listener.rules", own]),
            ("lb.listeners[0].hsts_header == null", vec!["Listener.hsts_header", own]),
            (
                "(true ? lb.listeners : lb.listeners).all(one, one.hsts_header == null)",
                vec!["Listener.hsts_header", own],
            ),
            ("lb.security_group_ids[size(lb.listeners)] == \"\"", vec![own]),
        ] {
            assert_eq!(about(condition), expected, "{condition}");
        }
    }

    #[test]
    fn elements_that_are_judged_are_followed_as_well() {
        let rules = read(&[(
            "pass: db.multi_az\n",
            "each: use in db.parameter_groups\nkey: 'db.created_at == null ? use.name : \"\"'\n",
        )]);
        assert_eq!(rules, ["DbInstance.created_at", "DbInstance.parameter_groups"]);
        let role = read(&[("pass: db.multi_az\n", "pass: database_support(db).major_version == \"\"\n")]);
        assert_eq!(role, ["rds.major_engine_versions"]);
    }

    #[test]
    fn operations_are_told_once_in_the_order_of_names() {
        let names = |edits: &[(&str, &str)]| -> Vec<String> {
            let operations = operations(&policy(&edited(edits)));
            operations.iter().map(|operation| format!("{}:{}", operation.service, operation.name)).collect()
        };
        assert_eq!(names(&[]), ["rds:DescribeDBInstances"]);
        let more = names(&[(
            "pass: db.multi_az\n",
            "pass: database_role(db).kind == \"a\" && database_support(db).major_version == \"\"\n",
        )]);
        assert_eq!(
            more,
            ["rds:DescribeDBClusters", "rds:DescribeDBInstances", "rds:DescribeDBMajorEngineVersions"]
        );
    }
}
