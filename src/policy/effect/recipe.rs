//! How a value of the account afterwards is made: expressions for numbers and truth values,
//! texts with expressions in braces, and records of both.

use super::edit::{neutral, saved};
use super::{Obstacle, bare, fits, is_nullable};
use crate::policy::evaluate::{EvaluationScope, Value, element as element_at, length};
use crate::policy::expression::{self, CheckedNode, CheckedType, ExpressionProblem, Names, Variable};
use crate::policy::template::Template;
use crate::snapshot::shape::{RecordShape, Type};
use crate::written::yaml::{YamlReader, line_of, scalar};
use crate::written::{Line, similar};
use saphyr::{MarkedYaml, Scalar, YamlData};
use serde_json::{Map, Value as Json};

/// How a value is made.
#[derive(Debug, Clone)]
pub enum Recipe {
    /// `null`.
    Null,
    /// An expression; its source; whether it may give null.
    Expression(CheckedNode, String, bool),
    /// A text with expressions; its source; whether it may give null.
    Text(Template, String, bool),
    /// One by one.
    List(Vec<Element>),
    /// Text by name.
    Tags(Vec<(String, Recipe)>),
    /// A record: like another one, or with neutral values, and with these fields.
    Record {
        /// Its shape.
        shape: fn() -> &'static RecordShape,
        /// The record that it is like.
        like: Option<(CheckedNode, String)>,
        /// What is otherwise.
        fields: Vec<(&'static str, Recipe)>,
    },
}

/// Elements of a list: one, or one for each record of another list.
#[derive(Debug, Clone)]
pub struct Element {
    /// The records, with the place of their variable in the scope.
    each: Option<(CheckedNode, usize)>,
    /// Left out where this does not hold.
    condition: Option<CheckedNode>,
    /// How one is made.
    recipe: Recipe,
}

/// Reads how a value of type `ty` is made; `path` names it in messages.
pub(super) fn read(
    reader: &mut YamlReader<'_>,
    node: &MarkedYaml<'_>,
    ty: &Type,
    names: &Names,
    path: &str,
) -> Option<Recipe> {
    let nullable = is_nullable(ty);
    if matches!(node.data, YamlData::Value(Scalar::Null)) {
        if !nullable {
            reader.problem(line_of(node), format!("`{path}` is never null"));
            return None;
        }
        return Some(Recipe::Null);
    }
    match (bare(ty), &node.data) {
        (Type::List(of), YamlData::Sequence(items)) => {
            let elements: Vec<Option<Element>> =
                items.iter().map(|item| element(reader, item, of, names, path)).collect();
            elements.into_iter().collect::<Option<Vec<_>>>().map(Recipe::List)
        }
        (Type::Tags, YamlData::Mapping(_)) => {
            let entries = reader.mapping(node, path, &[]);
            let recipes: Vec<Option<(String, Recipe)>> = entries
                .into_iter()
                .map(|(name, value)| {
                    read(reader, value, &Type::Text, names, path).map(|recipe| (name, recipe))
                })
                .collect();
            recipes.into_iter().collect::<Option<Vec<_>>>().map(Recipe::Tags)
        }
        (Type::Record(shape), YamlData::Mapping(_)) => record(reader, node, *shape, names, path),
        (Type::Text, _) => {
            let source = Line { line: line_of(node), value: scalar(node).unwrap_or_default() };
            match Template::compile(source.value.trim_end(), names) {
                Ok(template) if !source.value.trim().is_empty() => {
                    Some(Recipe::Text(template, source.value, nullable))
                }
                Ok(_) => {
                    reader.problem(line_of(node), format!("`{path}` must be text"));
                    None
                }
                Err(problems) => {
                    for ExpressionProblem { at, message } in problems {
                        reader.problem_at(&source, at, format!("{path}: {message}"));
                    }
                    None
                }
            }
        }
        _ => {
            let line = reader.text(node, path);
            expression_of(reader, &line, ty, names, path)
                .map(|node| Recipe::Expression(node, line.value, nullable))
        }
    }
}

fn element(
    reader: &mut YamlReader<'_>,
    node: &MarkedYaml<'_>,
    ty: &Type,
    names: &Names,
    path: &str,
) -> Option<Element> {
    let mut element = Element { each: None, condition: None, recipe: Recipe::Null };
    let mut names = names.clone();
    if let (Type::Record(_), Some(entries)) = (bare(ty), node.data.as_mapping()) {
        let text = |key: &str| entries.iter().find(|(name, _)| scalar(name).as_deref() == Some(key));
        if let Some((_, each)) = text("each") {
            let line = reader.text(each, "each");
            let (variable, list) = line.value.split_once(" in ").unwrap_or((line.value.as_str(), ""));
            let (list, of) = match expression::compile(list, &names) {
                Ok((list, checked)) => match checked.parts() {
                    Some((Type::List(of), false)) if matches!(bare(of), Type::Record(_)) => {
                        (list, bare(of).clone())
                    }
                    _ => {
                        let problem = format!("each: `{}` goes through no list of records", line.value);
                        reader.problem(line.line, problem);
                        return None;
                    }
                },
                Err(problems) => {
                    let from = line.value.len() - list.len();
                    for ExpressionProblem { at, message } in problems {
                        reader.problem_at(&line, from + at, format!("each: {message}"));
                    }
                    return None;
                }
            };
            element.each = Some((list, names.variables.len()));
            names.variables.push(Variable { name: variable.trim().to_owned(), ty: of });
        }
        if let Some((_, condition)) = text("where") {
            let line = reader.text(condition, "where");
            element.condition = Some(expression_of(reader, &line, &Type::Bool, &names, "where")?);
        }
    }
    element.recipe = read(reader, node, ty, &names, path)?;
    Some(element)
}

fn expression_of(
    reader: &mut YamlReader<'_>,
    line: &Line<String>,
    ty: &Type,
    names: &Names,
    path: &str,
) -> Option<CheckedNode> {
    if line.value.is_empty() {
        return None;
    }
    match expression::compile(&line.value, names) {
        Ok((node, checked)) if fits(ty, &checked) || (checked == CheckedType::Null && is_nullable(ty)) => {
            Some(node)
        }
        Ok((_, checked)) => {
            let problem = format!("{path}: `{}` is {}, and {ty:?} is wanted", line.value, checked.name());
            reader.problem(line.line, problem);
            None
        }
        Err(problems) => {
            for ExpressionProblem { at, message } in problems {
                reader.problem_at(line, at, format!("{path}: {message}"));
            }
            None
        }
    }
}

fn record(
    reader: &mut YamlReader<'_>,
    node: &MarkedYaml<'_>,
    shape: fn() -> &'static RecordShape,
    names: &Names,
    path: &str,
) -> Option<Recipe> {
    let known = shape();
    let (mut like, mut fields, mut is_sound) = (None, Vec::new(), true);
    for (name, value) in reader.mapping(node, path, &[]) {
        if name == "each" || name == "where" {
            continue; // What makes it an element of a list is read there.
        }
        if name == "like" {
            let line = reader.text(value, "like");
            let node = expression_of(reader, &line, &Type::Record(shape), names, "like");
            is_sound &= node.is_some();
            like = node.map(|node| (node, line.value));
            continue;
        }
        match known.field(&name) {
            Some((_, field)) => match read(reader, value, &field.ty, names, &format!("{path}.{name}")) {
                Some(recipe) => fields.push((field.name, recipe)),
                None => is_sound = false,
            },
            None => {
                let hint = similar(&name, known.fields.iter().map(|field| field.name));
                reader.problem(line_of(value), format!("{path}: {} has no field `{name}`{hint}", known.name));
                is_sound = false;
            }
        }
    }
    is_sound.then_some(Recipe::Record { shape, like, fields })
}

impl Recipe {
    /// The value, as a saved snapshot writes it.
    ///
    /// # Errors
    /// What it is made of is unknown, or null where there must be something.
    pub(crate) fn make(&self, scope: &mut EvaluationScope<'_, '_>) -> Result<Json, Obstacle> {
        match self {
            Recipe::Null => Ok(Json::Null),
            Recipe::Expression(node, source, nullable) => given(&scope.evaluate(node), source, *nullable),
            Recipe::Text(template, source, nullable) => given(&template.value(scope), source, *nullable),
            Recipe::List(elements) => {
                let mut list = Vec::new();
                for element in elements {
                    element.make(scope, &mut list)?;
                }
                Ok(Json::Array(list))
            }
            Recipe::Tags(entries) => {
                let mut tags = Map::new();
                for (name, recipe) in entries {
                    tags.insert(name.clone(), recipe.make(scope)?);
                }
                Ok(Json::Object(tags))
            }
            Recipe::Record { shape, like, fields } => {
                let base = match like {
                    Some((node, source)) => given(&scope.evaluate(node), source, false)?,
                    None => neutral(&Type::Record(*shape)),
                };
                let Json::Object(mut record) = base else {
                    return Err(Obstacle::None(shape().name.to_owned()));
                };
                for (name, recipe) in fields {
                    record.insert((*name).to_owned(), recipe.make(scope)?);
                }
                Ok(Json::Object(record))
            }
        }
    }
}

impl Element {
    fn make(&self, scope: &mut EvaluationScope<'_, '_>, list: &mut Vec<Json>) -> Result<(), Obstacle> {
        let Some((each, slot)) = &self.each else {
            return self.make_one(scope, list);
        };
        let records = scope.evaluate(each);
        if let Value::Unknown(gaps) = &records {
            return Err(Obstacle::Unknown(gaps.to_vec()));
        }
        let count = scope.variables.len();
        for position in 0..length(&records).unwrap_or(0) {
            scope.variables.truncate(*slot);
            scope.variables.push(element_at(&records, position));
            self.make_one(scope, list)?;
        }
        scope.variables.truncate(count);
        Ok(())
    }

    fn make_one(&self, scope: &mut EvaluationScope<'_, '_>, list: &mut Vec<Json>) -> Result<(), Obstacle> {
        match self.condition.as_ref().map(|condition| scope.evaluate(condition)) {
            None | Some(Value::Bool(true)) => list.push(self.recipe.make(scope)?),
            Some(Value::Unknown(gaps)) => return Err(Obstacle::Unknown(gaps.to_vec())),
            Some(_) => {}
        }
        Ok(())
    }
}

fn given(value: &Value<'_>, source: &str, nullable: bool) -> Result<Json, Obstacle> {
    match value {
        Value::Unknown(gaps) => Err(Obstacle::Unknown(gaps.to_vec())),
        Value::Null if !nullable => Err(Obstacle::None(source.trim().to_owned())),
        value => Ok(saved(value)),
    }
}
