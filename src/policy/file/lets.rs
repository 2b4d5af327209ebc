//! `let`: names for parts of expressions, of a whole policy or of one option.

use super::parameter::unusable;
use crate::policy::expression::{ExpressionProblem, Names, Parsed};
use crate::written::Line;
use crate::written::yaml::{YamlReader, line_of};
use saphyr::MarkedYaml;
use std::collections::{BTreeMap, BTreeSet};

/// The names that one `let` gives, before they mean anything.
#[derive(Default)]
pub(super) struct Lets {
    /// In an order in which each comes after those that it names.
    ordered: Vec<Let>,
    /// Those that have a problem.
    broken: Vec<String>,
    /// The lines of all of them, for those that nothing names.
    lines: BTreeMap<String, usize>,
}

struct Let {
    name: String,
    written: Line<String>,
    parsed: Parsed,
}

impl Lets {
    /// Reads `let`; `later` is a variable that does not exist yet.
    pub(super) fn read(
        reader: &mut YamlReader<'_>,
        node: &MarkedYaml<'_>,
        names: &Names,
        later: Option<&str>,
    ) -> Lets {
        let mut lets: BTreeMap<String, Let> = BTreeMap::new();
        let mut broken = Vec::new();
        for (name, value) in reader.mapping(node, "let", &[]) {
            let is_taken = names.parameters.contains_key(&name)
                || names.lets.contains_key(&name)
                || later == Some(name.as_str());
            let problem = match is_taken {
                true => Some(format!("`{name}` is taken; give the `let` another name")),
                false => unusable(&name, "`let`", &names.variables),
            };
            if let Some(problem) = problem {
                reader.problem(line_of(value), problem);
                continue;
            }
            let written = reader.text(value, &name);
            match Parsed::new(&written.value) {
                Ok(parsed) => drop(lets.insert(name.clone(), Let { name, written, parsed })),
                Err(ExpressionProblem { at, message }) => {
                    // Empty text is told already.
                    if !written.value.is_empty() {
                        reader.problem_at(&written, at, format!("{name}: {message}"));
                    }
                    broken.push(name);
                }
            }
        }
        let lines = lets.iter().map(|(name, one)| (name.clone(), one.written.line)).collect();
        let ordered = in_order(reader, lets, &mut broken);
        Lets { ordered, broken, lines }
    }

    /// Makes those known that do not name the variable, themselves or by others; all of them
    /// without one.
    pub(crate) fn define(&mut self, reader: &mut YamlReader<'_>, names: &mut Names, without: Option<&str>) {
        for name in self.broken.drain(..) {
            names.define_broken(&name);
        }
        let mut late: BTreeSet<String> = without.map(str::to_owned).into_iter().collect();
        for one in std::mem::take(&mut self.ordered) {
            if one.parsed.names().into_iter().any(|name| late.contains(name)) {
                late.insert(one.name.clone());
                self.ordered.push(one);
                continue;
            }
            if let Err(problems) = names.define(&one.name, one.parsed) {
                for ExpressionProblem { at, message } in problems {
                    reader.problem_at(&one.written, at, format!("{}: {message}", one.name));
                }
            }
        }
    }

    /// Notes those that nothing names.
    pub(crate) fn note_unused(&self, reader: &mut YamlReader<'_>, names: &Names) {
        for (name, line) in &self.lines {
            if names.lets.get(name).is_some_and(|named| !named.is_used()) {
                reader.problem(*line, format!("`{name}` of `let` is never used; name it in an expression"));
            }
        }
    }
}

// Each after those that it names; a circle is told.
fn in_order(
    reader: &mut YamlReader<'_>,
    mut lets: BTreeMap<String, Let>,
    broken: &mut Vec<String>,
) -> Vec<Let> {
    let mut ordered: Vec<Let> = Vec::new();
    while let Some(first) = lets.values().min_by_key(|one| one.written.line) {
        let (line, first) = (first.written.line, first.name.clone());
        let is_ready = |one: &&Let| one.parsed.names().into_iter().all(|name| !lets.contains_key(name));
        if let Some(name) = lets.values().find(is_ready).map(|one| one.name.clone()) {
            ordered.extend(lets.remove(&name));
            continue;
        }
        // Each of those that are left names another one, so that the way leads back at last.
        let mut way = vec![first];
        let next = |name: &str| {
            let names = lets.get(name).map(|one| one.parsed.names()).unwrap_or_default();
            names.into_iter().find(|name| lets.contains_key(*name)).map(str::to_owned)
        };
        while let Some(name) = way.last().and_then(|name| next(name)) {
            if let Some(start) = way.iter().position(|known| *known == name) {
                way.drain(..start);
                break;
            }
            way.push(name);
        }
        let circle: Vec<String> = way.iter().chain(way.first()).map(|name| format!("`{name}`")).collect();
        let message = format!("`let` is circular: {}", circle.join(" names "));
        let line = way.first().and_then(|name| lets.get(name)).map_or(line, |one| one.written.line);
        reader.problem(line, message);
        lets.retain(|name, _| !way.contains(name));
        broken.extend(way);
    }
    ordered
}
