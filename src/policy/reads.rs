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
