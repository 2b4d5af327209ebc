//! Changes of a saved snapshot: where, and what to.

use crate::policy::evaluate::Value;
use crate::snapshot::shape::Type;
use serde_json::{Map, Value as Json, json};
use std::cmp::Reverse;

/// A step on the way to a value of a saved snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// A field of a record.
    Field(&'static str),
    /// An element of a list.
    Element(usize),
}

/// The way to a value of a saved snapshot.
pub type Path = Vec<Step>;

/// A change of a saved snapshot.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    /// The value becomes another one.
    Set(Path, Json),
    /// The list gets an element that it does not have yet.
    Add(Path, Json),
    /// The element leaves its list.
    Remove(Path),
}

/// Makes the changes. Their places are those before the first, so that elements leave last.
///
/// # Errors
/// A place that does not exist.
pub fn apply(root: &mut Json, edits: Vec<Edit>) -> Result<(), String> {
    let mut leaving = Vec::new();
    for edit in edits {
        match edit {
            Edit::Set(path, value) => *find(root, &path)? = value,
            Edit::Add(path, value) => {
                let list = elements(find(root, &path)?).ok_or_else(|| describe(&path))?;
                if !list.contains(&value) {
                    list.push(value);
                }
            }
            Edit::Remove(path) => leaving.push(path),
        }
    }
    leaving.sort_by_key(|path| Reverse(path.clone()));
    leaving.dedup();
    for path in leaving {
        let Some((Step::Element(index), list)) = path.split_last() else {
            return Err(describe(&path));
        };
        let list = elements(find(root, list)?).filter(|list| *index < list.len());
        list.ok_or_else(|| describe(&path))?.remove(*index);
    }
    Ok(())
}

fn find<'r>(root: &'r mut Json, path: &[Step]) -> Result<&'r mut Json, String> {
    let mut value = root;
    for step in path {
        value = match step {
            Step::Field(name) => value.get_mut(*name),
            Step::Element(index) => elements(value).and_then(|list| list.get_mut(*index)),
        }
        .ok_or_else(|| describe(path))?;
    }
    Ok(value)
}

// Lists of resources keep their elements under `items`.
fn elements(value: &mut Json) -> Option<&mut Vec<Json>> {
    match value {
        Json::Array(list) => Some(list),
        Json::Object(listing) => listing.get_mut("items").and_then(Json::as_array_mut),
        _ => None,
    }
}

fn describe(path: &[Step]) -> String {
    let steps = path.iter().map(|step| match step {
        Step::Field(name) => format!(".{name}"),
        Step::Element(index) => format!("[{index}]"),
    });
    format!("find `{}` in the snapshot", steps.collect::<String>().trim_start_matches('.'))
}

/// What a field that nobody mentions has: no, nothing, none.
pub fn neutral(ty: &Type) -> Json {
    match ty {
        Type::Nullable(_) => Json::Null,
        Type::Known(inner) => neutral(inner),
        Type::Bool => json!(false),
        Type::Int => json!(0),
        Type::Float => json!(0.0),
        Type::Text => json!(""),
        Type::List(_) => json!([]),
        Type::Tags => json!({}),
        Type::Record(shape) => {
            let fields = shape().fields.iter();
            Json::Object(fields.map(|field| (field.name.to_owned(), neutral(&field.ty))).collect())
        }
    }
}

/// A value as a saved snapshot writes it: what is unknown in it stays unknown.
pub fn saved(value: &Value<'_>) -> Json {
    match value {
        Value::List(list) => (0..list.len()).map(|index| saved(&list.get(index).into())).collect(),
        Value::Items(items) => items.iter().map(saved).collect(),
        Value::Record(record) => {
            let fields = record.shape().fields.iter().enumerate();
            let saved =
                fields.map(|(index, field)| (field.name.to_owned(), saved(&record.field(index).into())));
            Json::Object(saved.collect::<Map<_, _>>())
        }
        Value::Unknown(gaps) => {
            let gap = gaps.first().map(ToString::to_string).unwrap_or_default();
            json!({ "unknown_because": gap })
        }
        plain => plain.to_json(),
    }
}
