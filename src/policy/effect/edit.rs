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
    /// The list gets an element that it does not have yet; text by name gets more of it.
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
            Edit::Add(path, value) => match (find(root, &path)?, value) {
                (Json::Array(list), value) => {
                    if !list.contains(&value) {
                        list.push(value);
                    }
                }
                (Json::Object(tags), Json::Object(more)) => tags.extend(more),
                _ => return Err(describe(&path)),
            },
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

#[cfg(test)]
mod tests {
    use super::PathStep::{Element, Field};
    use super::*;
    use crate::snapshot::rds::{DbInstance, ParameterGroupUse};
    use crate::snapshot::shape::Valued;
    use crate::snapshot::{GapId, Known};

    #[test]
    fn edits_are_made_at_places_as_they_were_before() {
        let before = json!({ "id": "a", "words": ["b", "c", "d"], "inner": [{ "id": "e" }] });
        let words = |index: usize| vec![Field("words"), Element(index)];
        for (edits, after) in [
            (vec![], before.clone()),
            (
                vec![
                    Edit::Set(vec![Field("id")], json!("z")),
                    Edit::Set(vec![Field("inner"), Element(0), Field("id")], json!(1)),
                ],
                json!({ "id": "z", "words": ["b", "c", "d"], "inner": [{ "id": 1 }] }),
            ),
            (
                vec![Edit::Remove(words(0)), Edit::Remove(words(2)), Edit::Remove(words(0))],
                json!({ "id": "a", "words": ["c"], "inner": [{ "id": "e" }] }),
            ),
            (
                vec![
                    Edit::Remove(words(0)),
                    Edit::Add(vec![Field("words")], json!("e")),
                    Edit::Set(words(1), json!("x")),
                ],
                json!({ "id": "a", "words": ["x", "d", "e"], "inner": [{ "id": "e" }] }),
            ),
            (vec![Edit::Add(vec![Field("words")], json!("c"))], before.clone()),
            (
                vec![Edit::Add(vec![Field("inner"), Element(0)], json!({ "id": "f", "team": "g" }))],
                json!({ "id": "a", "words": ["b", "c", "d"], "inner": [{ "id": "f", "team": "g" }] }),
            ),
        ] {
            let mut root = before.clone();
            assert_eq!(apply(&mut root, edits.clone()), Ok(()), "{edits:?}");
            assert_eq!(root, after, "{edits:?}");
        }
        for (edit, missing) in [
            (Edit::Set(vec![Field("no")], json!(1)), "find `no` in the snapshot"),
            (
                Edit::Set(vec![Field("inner"), Element(1), Field("id")], json!(1)),
                "find `inner[1].id` in the snapshot",
            ),
            (Edit::Add(vec![Field("id")], json!(1)), "find `id` in the snapshot"),
            (Edit::Remove(words(3)), "find `words[3]` in the snapshot"),
            (Edit::Remove(vec![Field("words")]), "find `words` in the snapshot"),
            (Edit::Remove(vec![Field("id"), Element(0)]), "find `id[0]` in the snapshot"),
        ] {
            assert_eq!(apply(&mut before.clone(), vec![edit.clone()]), Err(missing.to_owned()), "{edit:?}");
        }
    }

    fn account() -> Snapshot {
        let mut snapshot = Snapshot::new("123456789012", "aws", "2026-11-24T00:00:00Z", &[]).complete();
        let group = |name: &str| ParameterGroupUse { name: name.into(), ..ParameterGroupUse::default() };
        let database = |id: &str| DbInstance {
            arn: id.into(),
            id: id.into(),
            parameter_groups: Known::Yes(vec![group("one"), group("two")]),
            ..DbInstance::default()
        };
        snapshot.rds.db_instances.items = vec![database("b"), database("c"), database("d")];
        snapshot
    }

    #[test]
    fn resources_of_an_account_change_come_and_go() {
        let list = vec![Field("rds"), Field("db_instances")];
        let at = |index: usize, rest: &[PathStep]| [list.as_slice(), &[Element(index)], rest].concat();
        let ids = |edits: Vec<Edit>| {
            let mut snapshot = account();
            apply_to(&mut snapshot, edits).map(|()| {
                let databases = snapshot.rds.db_instances.items.into_iter();
                databases.map(|one| (one.id, one.parameter_groups.known().map(Vec::len))).collect::<Vec<_>>()
            })
        };
        let database = |id: &str, groups| (id.to_owned(), groups);
        let (b, c, d) = (database("b", Some(2)), database("c", Some(2)), database("d", Some(2)));
        assert_eq!(ids(vec![]), Ok(vec![b.clone(), c.clone(), d.clone()]));
        let renamed = Edit::Set(at(1, &[Field("id")]), json!("x"));
        assert_eq!(ids(vec![renamed]), Ok(vec![b.clone(), database("x", Some(2)), d.clone()]));
        let less = Edit::Remove(at(2, &[Field("parameter_groups"), Element(0)]));
        assert_eq!(ids(vec![less]), Ok(vec![b.clone(), c.clone(), database("d", Some(1))]));
        let gone = vec![Edit::Remove(at(0, &[])), Edit::Remove(at(2, &[])), Edit::Remove(at(0, &[]))];
        assert_eq!(ids(gone), Ok(vec![c.clone()]));
        // What comes stands where snapshots have it.
        let mut new = neutral(&DbInstance::ty());
        (new["arn"], new["id"]) = (json!("a"), json!("a"));
        assert_eq!(ids(vec![Edit::Add(list.clone(), new)]), Ok(vec![database("a", Some(0)), b, c, d]));
        for (edit, missing) in [
            (Edit::Set(vec![Field("rds")], json!(1)), "find `rds` in the snapshot"),
            (Edit::Set(list.clone(), json!([])), "find `rds.db_instances` in the snapshot"),
            (Edit::Set(at(0, &[]), json!({})), "find `rds.db_instances[0]` in the snapshot"),
            (Edit::Add(at(0, &[]), json!({})), "find `rds.db_instances[0]` in the snapshot"),
            (Edit::Add(vec![Field("rds"), Field("no")], json!({})), "find `rds.no` in the snapshot"),
            (Edit::Set(at(0, &[Field("no")]), json!(1)), "find `no` in the snapshot"),
        ] {
            assert_eq!(ids(vec![edit.clone()]), Err(missing.to_owned()), "{edit:?}");
        }
    }

    #[test]
    fn what_nobody_mentions_is_no_nothing_or_none() {
        for (ty, expected) in [
            (Type::Bool, json!(false)),
            (Type::Int, json!(0)),
            (Type::Float, json!(0.0)),
            (Type::Text, json!("")),
            (Type::Tags, json!({})),
            (Type::List(Box::new(Type::Int)), json!([])),
            (Type::Nullable(Box::new(Type::Int)), json!(null)),
            (Type::Known(Box::new(Type::Int)), json!(0)),
            (Type::Known(Box::new(Type::Nullable(Box::new(Type::Int)))), json!(null)),
        ] {
            assert_eq!(neutral(&ty), expected, "{ty:?}");
        }
    }

    #[test]
    fn values_are_written_as_snapshots_have_them() {
        let gap = || Value::unknown(GapId::from_text("gap:A@r"));
        let hidden = json!({ "unknown_because": "gap:A@r" });
        for (value, expected) in [
            (Value::Null, json!(null)),
            (Value::Int(7), json!(7)),
            (gap(), hidden.clone()),
            (Value::Items(std::rc::Rc::new(vec![Value::Bool(true), gap()])), json!([true, hidden.clone()])),
        ] {
            assert_eq!(saved(&value), expected);
        }
        let groups = vec![ParameterGroupUse { name: "one".into(), apply_status: "in-sync".into() }];
        let database = DbInstance {
            parameter_groups: Known::Yes(groups),
            storage_encrypted: Known::No(GapId::from_text("gap:A@r")),
            ..DbInstance::default()
        };
        let written = saved(&Value::Record(&database));
        assert_eq!(written, serde_json::to_value(&database).unwrap());
        assert_eq!(written["storage_encrypted"], hidden);
    }
}
