//! Changes of a saved snapshot: where, and what to.

use crate::policy::evaluate::Value;
use crate::policy::path::{Path, PathStep};
use crate::snapshot::shape::Type;
use crate::snapshot::{SavedListing, Snapshot};
use serde_json::{Map, Value as Json, json};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// A change of a saved snapshot, or of the resource that its path begins at.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    /// The value becomes another one.
    Set(Path, Json),
    /// The list gets an element that it does not have yet.
    Add(Path, Json),
    /// The element leaves its list.
    Remove(Path),
}

impl Edit {
    fn path(&self) -> &Path {
        match self {
            Edit::Set(path, _) | Edit::Add(path, _) | Edit::Remove(path) => path,
        }
    }

    // The same, seen from so many steps further in.
    fn below(self, depth: usize) -> Edit {
        let inner = |path: Path| path.into_iter().skip(depth).collect();
        match self {
            Edit::Set(path, value) => Edit::Set(inner(path), value),
            Edit::Add(path, value) => Edit::Add(inner(path), value),
            Edit::Remove(path) => Edit::Remove(inner(path)),
        }
    }
}

/// Makes the changes. Their places are those before the first, so that elements leave last.
///
/// # Errors
/// A place that does not exist.
pub(crate) fn apply(root: &mut Json, edits: Vec<Edit>) -> Result<(), String> {
    let mut leaving = Vec::new();
    for edit in edits {
        match edit {
            Edit::Set(path, value) => *find(root, &path)? = value,
            Edit::Add(path, value) => {
                let list = find(root, &path)?.as_array_mut().ok_or_else(|| describe(&path))?;
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
        let Some((PathStep::Element(index), list)) = path.split_last() else {
            return Err(describe(&path));
        };
        let list = find(root, list)?.as_array_mut().filter(|list| *index < list.len());
        list.ok_or_else(|| describe(&path))?.remove(*index);
    }
    Ok(())
}

/// Makes the changes of a snapshot. Only the resources that change are written and read.
///
/// # Errors
/// A place that does not exist, or a resource that is none afterwards.
pub(crate) fn apply_to(snapshot: &mut Snapshot, edits: Vec<Edit>) -> Result<(), String> {
    let mut within: BTreeMap<Path, Vec<Edit>> = BTreeMap::new();
    let (mut added, mut removed) = (Vec::new(), BTreeSet::new());
    for edit in edits {
        match (edit.path().len(), edit) {
            // A section and a list: a resource of it.
            (2, Edit::Add(path, value)) => added.push((path, value)),
            (3, Edit::Remove(path)) => drop(removed.insert(path)),
            (depth, edit) if depth > 3 => {
                let resource = edit.path().iter().take(3).copied().collect();
                within.entry(resource).or_default().push(edit.below(3));
            }
            (_, edit) => return Err(describe(edit.path())),
        }
    }
    for (path, edits) in within {
        let (listing, index) = listing_of(snapshot, &path)?;
        listing.change(index, &mut |resource| apply(resource, edits.clone()))?;
    }
    for path in removed.into_iter().rev() {
        let (listing, index) = listing_of(snapshot, &path)?;
        listing.remove(index);
    }
    if added.is_empty() {
        return Ok(());
    }
    for (path, resource) in added {
        let (listing, _) = listing_of(snapshot, &path)?;
        listing.add(resource)?;
    }
    // Conclusions look resources up in the order in which snapshots are saved; a resource that
    // was there before stays as it was.
    snapshot.sort();
    Ok(())
}

fn listing_of<'s>(
    snapshot: &'s mut Snapshot,
    path: &[PathStep],
) -> Result<(&'s mut dyn SavedListing, usize), String> {
    let (section, listing, index) = match path {
        [PathStep::Field(section), PathStep::Field(listing)] => (section, listing, 0),
        [PathStep::Field(section), PathStep::Field(listing), PathStep::Element(index)] => {
            (section, listing, *index)
        }
        _ => return Err(describe(path)),
    };
    let found = snapshot.listing_mut(section, listing).ok_or_else(|| describe(path))?;
    Ok((found, index))
}

fn find<'r>(root: &'r mut Json, path: &[PathStep]) -> Result<&'r mut Json, String> {
    let mut value = root;
    for step in path {
        value = match step {
            PathStep::Field(name) => value.get_mut(*name),
            PathStep::Element(index) => value.get_mut(*index),
        }
        .ok_or_else(|| describe(path))?;
    }
    Ok(value)
}

fn describe(path: &[PathStep]) -> String {
    let steps = path.iter().map(|step| match step {
        PathStep::Field(name) => format!(".{name}"),
        PathStep::Element(index) => format!("[{index}]"),
    });
    format!("find `{}` in the snapshot", steps.collect::<String>().trim_start_matches('.'))
}

/// What a field that nobody mentions has: no, nothing, none.
pub(crate) fn neutral(ty: &Type) -> Json {
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
