//! What an option changes: the account as it is afterwards, for `plan --simulate`.
//!
//! `effect` is a list of changes to the snapshot, `becomes` the answers that conclusions
//! give afterwards. Both are checked against the snapshot's types when the policy is
//! loaded; the examples and the recorded accounts prove that they mend what failed.

mod carry;
mod edit;
mod recipe;

pub(crate) use carry::Carrier;
pub use carry::Obstacle;
pub use edit::{Edit, saved};
pub(crate) use edit::{apply, apply_to};
pub use recipe::Recipe;

use super::expression::{self, CheckedNode, CheckedType, ExpressionProblem, Names, Variable};
use super::held::{self, Held};
use super::subject::Subject;
use crate::conclude;
use crate::snapshot::Snapshot;
use crate::snapshot::shape::Type;
use crate::written::yaml::{YamlReader, line_of};
use crate::written::{Line, similar};
use saphyr::MarkedYaml;
use std::collections::BTreeMap;

/// How many records a change may look for, one within the other.
const BINDINGS_MAX: usize = 4;

/// The variable for the time of the scan, RFC 3339, which stands behind the policy's own.
const TAKEN_AT: &str = "taken_at";

/// What an option changes.
#[derive(Debug, Clone, Default)]
pub struct Effect {
    /// The changes of the snapshot, in the order in which they are written. Each sees the
    /// account as it was before the first.
    pub changes: Vec<FactChange>,
    /// What conclusions answer afterwards in the example of a failure, by function name, and
    /// what the resource is where a change looks beyond it; fields that are left out stay.
    pub becomes: BTreeMap<String, Held>,
}

/// One change of the snapshot.
#[derive(Debug, Clone)]
pub struct FactChange {
    /// The line in the file.
    pub line: usize,
    /// The records it looks for, from the outside in; without any it is made once.
    pub bindings: Vec<Binding>,
    /// Made only where this holds.
    pub condition: Option<CheckedNode>,
    /// Made for the first record alone where it holds.
    pub is_once: bool,
    /// What is done.
    pub action: Action,
}

/// A record that is looked for: `table in ec2.route_tables`.
#[derive(Debug, Clone)]
pub struct Binding {
    /// The list it is in.
    pub list: FactPlace,
}

/// Where something is: a service of the snapshot or a variable, and the fields on the way.
#[derive(Debug, Clone)]
pub struct FactPlace {
    /// Where the way begins.
    pub root: Root,
    /// The fields, each by its position in the shape and its name.
    pub fields: Vec<(usize, &'static str)>,
    /// As it was written.
    pub source: String,
}

/// Where a [`FactPlace`] begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Root {
    /// A section of the snapshot.
    Section(&'static str),
    /// A variable, by its place in the scope.
    Variable(usize),
}

/// What a change does.
#[derive(Debug, Clone)]
pub enum Action {
    /// Gives a field another value.
    Set(FactPlace, Recipe),
    /// Adds an element to a list that does not have it yet, or tags to those that are there.
    Add(FactPlace, Recipe),
    /// Takes a variable's record out of its list.
    Remove(usize),
}

impl Effect {
    /// Whether the judged resource is gone afterwards, whatever else there is.
    pub(crate) fn removes_the_resource(&self) -> bool {
        self.changes.iter().any(|change| {
            matches!(change.action, Action::Remove(0))
                && change.condition.is_none()
                && change.bindings.is_empty()
        })
    }

    /// Whether nothing is written about what the option changes.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.becomes.is_empty()
    }
}

impl FactChange {
    /// Whether it looks at more than the judged resource, so that an example cannot show it.
    pub(crate) fn leaves_the_resource(&self) -> bool {
        let target = match &self.action {
            Action::Set(place, _) | Action::Add(place, _) => Some(place),
            Action::Remove(_) => None,
        };
        let mut places = self.bindings.iter().map(|binding| &binding.list).chain(target);
        places.any(|place| matches!(place.root, Root::Section(_))) || matches!(self.action, Action::Remove(0))
    }
}

/// Reads `effect`; `names` are those of the policy's expressions.
pub fn read(reader: &mut YamlReader<'_>, node: &MarkedYaml<'_>, names: &Names) -> Vec<FactChange> {
    let items = reader.list(node, "effect");
    if items.is_empty() && node.data.as_vec().is_some() {
        reader.problem(line_of(node), "effect is empty; leave it out where the option changes no fact");
    }
    let mut scope = names.clone();
    scope.variables.push(Variable { name: TAKEN_AT.to_owned(), ty: Type::Text });
    let own = scope.variables.len();
    items.iter().filter_map(|item| EffectReader { reader, scope: scope.clone(), own }.change(item)).collect()
}

/// Reads `becomes`.
pub(crate) fn read_becomes(
    reader: &mut YamlReader<'_>,
    node: &MarkedYaml<'_>,
    subject: &Subject,
) -> BTreeMap<String, Held> {
    let judged = subject.shape().name;
    let mut answers = BTreeMap::new();
    for (name, value) in reader.mapping(node, "becomes", &[]) {
        let about = conclude::FUNCTIONS.iter().filter(|function| (function.takes)().name == judged);
        let ty = match about.clone().find(|function| function.name == name) {
            Some(function) => (function.gives)(),
            None if name == subject.variable => subject.ty(),
            None => {
                let names = about.map(|function| function.name).chain([subject.variable.as_str()]);
                let hint = similar(&name, names);
                reader.problem(
                    line_of(value),
                    format!(
                        "becomes gives `{}` and conclusions about it; `{name}` is neither{hint}",
                        subject.variable
                    ),
                );
                continue;
            }
        };
        let answer = held::read(reader, value, &ty, &name);
        answers.insert(name, answer);
    }
    answers
}

struct EffectReader<'r, 't> {
    reader: &'r mut YamlReader<'t>,
    scope: Names,
    // How many variables the policy itself has; those after them are records of the snapshot.
    own: usize,
}

impl EffectReader<'_, '_> {
    fn change(&mut self, item: &MarkedYaml<'_>) -> Option<FactChange> {
        let line = line_of(item);
        let keys = ["for", "where", "once", "set", "to", "add", "value", "remove"];
        let entries = self.reader.mapping(item, "a change", &keys);
        let get = |key: &str| entries.iter().find(|(name, _)| name == key).map(|(_, node)| *node);
        let bindings = match get("for") {
            Some(node) => self.bindings(node)?,
            None => Vec::new(),
        };
        let condition = match get("where") {
            Some(node) => Some(self.condition(node)?),
            None => None,
        };
        let is_once = match get("once") {
            Some(node) => self.once(node, &bindings),
            None => false,
        };
        let action = match (get("set"), get("to"), get("add"), get("value"), get("remove")) {
            (Some(place), Some(to), None, None, None) => {
                let (place, ty) = self.place(place, "set")?;
                Action::Set(place, recipe::read(self.reader, to, &ty, &self.scope, "to")?)
            }
            (None, None, Some(place), Some(value), None) => {
                let (list, ty) = self.place(place, "add")?;
                let element = match bare(&ty) {
                    Type::List(element) => element,
                    // More of them, beside those that are there.
                    tags @ Type::Tags => tags,
                    _ => {
                        let problem = format!("add: `{}` is {ty:?}, not a list; use `set`", list.source);
                        self.reader.problem(line_of(place), problem);
                        return None;
                    }
                };
                Action::Add(list, recipe::read(self.reader, value, element, &self.scope, "value")?)
            }
            (None, None, None, None, Some(variable)) => self.remove(variable)?,
            _ => {
                self.reader.problem(line, "a change is `set` with `to`, `add` with `value`, or `remove`");
                return None;
            }
        };
        Some(FactChange { line, bindings, condition, is_once, action })
    }

    fn once(&mut self, node: &MarkedYaml<'_>, bindings: &[Binding]) -> bool {
        let line = self.reader.text(node, "once");
        if line.value != "true" || bindings.is_empty() {
            self.reader.problem(line.line, "once: write `once: true` beside `for`: the first record alone");
        }
        line.value == "true"
    }

    fn bindings(&mut self, node: &MarkedYaml<'_>) -> Option<Vec<Binding>> {
        let lines = match node.data.is_sequence() {
            true => self.reader.texts(node, "for"),
            false => vec![self.reader.text(node, "for")],
        };
        if let Some(line) = lines.get(BINDINGS_MAX) {
            let problem =
                format!("for: a change looks for {BINDINGS_MAX} records at most, one within the other");
            self.reader.problem(line.line, problem);
            return None;
        }
        lines.iter().map(|line| self.binding(line)).collect()
    }

    fn binding(&mut self, line: &Line<String>) -> Option<Binding> {
        let form = "write `for: table in ec2.route_tables`";
        let Some((variable, path)) = line.value.split_once(" in ") else {
            self.reader.problem(line.line, format!("`{}` is not understood; {form}", line.value));
            return None;
        };
        let (variable, path) = (variable.trim(), path.trim());
        let is_plain =
            !variable.is_empty() && variable.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let is_taken = self.scope.variables.iter().any(|known| known.name == variable)
            || self.scope.parameters.contains_key(variable)
            || self.scope.lets.contains_key(variable);
        if !is_plain || is_taken {
            let problem =
                if is_taken { "is taken; give the record another name" } else { "is not a valid name" };
            self.reader.problem(line.line, format!("for: `{variable}` {problem}"));
            return None;
        }
        let (list, ty) = self.resolve(&Line { line: line.line, value: path.to_owned() }, "for")?;
        let element = match bare(&ty) {
            Type::List(element) if matches!(bare(element), Type::Record(_)) => bare(element).clone(),
            _ => {
                self.reader.problem(line.line, format!("for: `{path}` is {ty:?}, not a list of records"));
                return None;
            }
        };
        self.scope.variables.push(Variable { name: variable.to_owned(), ty: element });
        Some(Binding { list })
    }

    fn condition(&mut self, node: &MarkedYaml<'_>) -> Option<CheckedNode> {
        let line = self.reader.text(node, "where");
        if line.value.is_empty() {
            return None;
        }
        match expression::compile(&line.value, &self.scope) {
            Ok((node, ty)) if matches!(ty.parts(), Some((Type::Bool, false))) => Some(node),
            Ok((_, ty)) => {
                let null = matches!(ty.parts(), Some((Type::Bool, true)));
                let problem = match null {
                    true => format!("may be null; write `{} == true`", line.value),
                    false => format!("is {}, not a condition", ty.name()),
                };
                self.reader.problem(line.line, format!("where: `{}` {problem}", line.value));
                None
            }
            Err(problems) => {
                for ExpressionProblem { at, message } in problems {
                    self.reader.problem_at(&line, at, format!("where: {message}"));
                }
                None
            }
        }
    }

    fn remove(&mut self, node: &MarkedYaml<'_>) -> Option<Action> {
        let line = self.reader.text(node, "remove");
        match self.variable(&line, "remove")? {
            Some(slot) => Some(Action::Remove(slot)),
            None => {
                self.reader.problem(
                    line.line,
                    format!("remove: `{}` is not a record; name it with `for` first", line.value),
                );
                None
            }
        }
    }

    fn place(&mut self, node: &MarkedYaml<'_>, key: &str) -> Option<(FactPlace, Type)> {
        let line = self.reader.text(node, key);
        self.resolve(&line, key)
    }

    // A way from a service or a variable through fields of records.
    fn resolve(&mut self, line: &Line<String>, key: &str) -> Option<(FactPlace, Type)> {
        if line.value.is_empty() {
            return None;
        }
        let mut names = line.value.split('.');
        let first = names.next().unwrap_or_default();
        let first = Line { line: line.line, value: first.to_owned() };
        let (root, mut ty) = match self.variable(&first, key)? {
            Some(slot) => {
                let ty = self.scope.variables.get(slot).map(|variable| variable.ty.clone())?;
                (Root::Variable(slot), ty)
            }
            None => {
                let sections = Snapshot::section_shapes();
                match sections.iter().find(|(name, _)| *name == first.value) {
                    Some((name, shape)) => (Root::Section(name), Type::Record(*shape)),
                    None => {
                        let variables = self.scope.variables.iter().map(|variable| variable.name.as_str());
                        let hint =
                            similar(&first.value, sections.iter().map(|(name, _)| *name).chain(variables));
                        let problem = format!("{key}: there is no `{}` here{hint}", first.value);
                        self.reader.problem(line.line, problem);
                        return None;
                    }
                }
            }
        };
        let mut fields = Vec::new();
        for name in names {
            let (index, field) = self.field(line, key, &ty, name)?;
            fields.push(index);
            ty = field;
        }
        if fields.is_empty() {
            self.reader.problem(line.line, format!("{key}: `{}` names no field", line.value));
            return None;
        }
        Some((FactPlace { root, fields, source: line.value.clone() }, ty))
    }

    fn field(
        &mut self,
        line: &Line<String>,
        key: &str,
        ty: &Type,
        name: &str,
    ) -> Option<((usize, &'static str), Type)> {
        let Type::Record(shape) = bare(ty) else {
            let hint =
                if matches!(bare(ty), Type::List(_)) { "; look for its records with `for`" } else { "" };
            self.reader.problem(line.line, format!("{key}: `{}`: {ty:?} has no fields{hint}", line.value));
            return None;
        };
        let shape = shape();
        match shape.field(name) {
            Some((index, field)) => Some(((index, field.name), field.ty.clone())),
            None => {
                let hint = similar(name, shape.fields.iter().map(|field| field.name));
                self.reader.problem(line.line, format!("{key}: {} has no field `{name}`{hint}", shape.name));
                None
            }
        }
    }

    // A variable that stands for a record of the snapshot; elements of `each` are answers.
    fn variable(&mut self, line: &Line<String>, key: &str) -> Option<Option<usize>> {
        let slot = self.scope.variables.iter().rposition(|variable| variable.name == line.value);
        match slot {
            Some(slot) if slot > 0 && slot < self.own => {
                self.reader.problem(
                    line.line,
                    format!(
                        "{key}: `{}` is not a record of the snapshot, and nothing else can be changed; find one with `for`",
                        line.value
                    ),
                );
                None
            }
            slot => Some(slot),
        }
    }
}

/// The type without `null` and without being asked for with a call of its own.
pub(crate) fn bare(ty: &Type) -> &Type {
    match ty {
        Type::Known(inner) | Type::Nullable(inner) => bare(inner),
        other => other,
    }
}

/// Whether an expression's type may stand where `ty` is wanted.
fn fits(ty: &Type, checked: &CheckedType) -> bool {
    match (bare(ty), checked.parts()) {
        (Type::Float, Some((Type::Int, _))) => true,
        (Type::List(_), None) => *checked == CheckedType::EmptyList,
        (wanted, Some((found, _))) => {
            bare(wanted) == bare(found)
                || matches!((wanted, found), (Type::List(wanted), Type::List(found)) if bare(wanted) == bare(found))
        }
        (_, None) => false,
    }
}

/// Whether AWS may say that there is none.
fn is_nullable(ty: &Type) -> bool {
    match ty {
        Type::Nullable(_) => true,
        Type::Known(inner) => is_nullable(inner),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
