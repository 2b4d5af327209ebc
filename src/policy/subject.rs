//! What a policy is about: `db in rds.db_instances`, `listener in elb.load_balancers[].listeners`.

use super::path::{Path, PathStep};
use crate::snapshot::shape::{RecordShape, Reflect, ShapeOf, Type, Val};
use crate::snapshot::{GapId, SERVICES, Snapshot};
use crate::written::similar;
use std::collections::BTreeSet;

/// The resources that a policy judges.
#[derive(Debug, Clone)]
pub struct Subject {
    /// The variable's name.
    pub variable: String,
    /// As written, for instance `elb.load_balancers[].listeners`.
    pub path: String,
    /// The section of the snapshot.
    section: &'static str,
    /// The position of the listing in the section.
    listing: usize,
    /// The positions of nested lists, from the outside in.
    nested: Vec<usize>,
    /// The record that is judged.
    shape: ShapeOf,
}

/// A resource to judge, or the reason why there is none to look at.
pub enum FoundResource<'a> {
    /// A resource.
    Resource(&'a dyn Reflect),
    /// The nested list of this resource is unknown.
    Hidden(&'a dyn Reflect, &'a GapId),
    /// The list itself is not complete.
    Incomplete(&'a GapId),
}

impl Subject {
    /// Reads `variable in path`.
    ///
    /// # Errors
    /// One sentence that says what to write instead.
    pub fn parse(text: &str) -> Result<Subject, String> {
        let form = "write `for: db in rds.db_instances`";
        let (variable, path) =
            text.split_once(" in ").ok_or_else(|| format!("`{text}` is not understood; {form}"))?;
        let (variable, path) = (variable.trim(), path.trim());
        if variable.is_empty() || !variable.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            return Err(format!("`{variable}` is not a valid variable name; {form}"));
        }
        let (section_name, rest) =
            path.split_once('.').ok_or_else(|| format!("`{path}` is not a list; {form}"))?;
        let sections = Snapshot::section_shapes();
        let Some((section, section_shape)) = sections.iter().find(|(name, _)| *name == section_name) else {
            let hint = similar(section_name, sections.iter().map(|(name, _)| *name));
            return Err(format!("there is no service `{section_name}`{hint}"));
        };
        let mut names = rest.split("[].");
        let listing_name = names.next().unwrap_or_default();
        let (listing, mut shape) = list_field(section_shape(), listing_name)?;
        let mut nested = Vec::new();
        for name in names {
            let (index, inner) = list_field(shape(), name)?;
            nested.push(index);
            shape = inner;
        }
        for needed in ["arn", "region"] {
            if shape().field(needed).is_none() {
                return Err(format!("{} has no `{needed}`; judge the resource it belongs to", shape().name));
            }
        }
        Ok(Subject { variable: variable.to_owned(), path: path.to_owned(), section, listing, nested, shape })
    }

    /// The type of the variable.
    pub fn ty(&self) -> Type {
        Type::Record(self.shape)
    }

    /// The shape of the judged record.
    pub fn shape(&self) -> &'static RecordShape {
        (self.shape)()
    }

    /// The section of the snapshot, which is the service.
    pub fn section(&self) -> &'static str {
        self.section
    }

    /// The service as its IAM actions name it.
    pub fn service(&self) -> &'static str {
        let service = SERVICES.iter().find(|service| service.section == self.section);
        service.map_or(self.section, |service| service.prefix)
    }

    /// The lists on the way to the judged record, as `snapshot::source` names them.
    pub(crate) fn sources(&self) -> BTreeSet<String> {
        let mut sources = BTreeSet::new();
        let sections = Snapshot::section_shapes();
        let section = sections.iter().find(|(name, _)| *name == self.section).map(|(_, shape)| shape());
        let Some(listing) = section.and_then(|shape| shape.fields.get(self.listing)) else {
            return sources;
        };
        sources.insert(format!("{}.{}", self.section, listing.name));
        let mut ty = &listing.ty;
        for index in &self.nested {
            while let Type::Known(inner) | Type::Nullable(inner) | Type::List(inner) = ty {
                ty = inner;
            }
            let Type::Record(shape) = ty else {
                break;
            };
            let Some(field) = shape().fields.get(*index) else {
                break;
            };
            sources.insert(format!("{}.{}", shape().name, field.name));
            ty = &field.ty;
        }
        sources
    }

    /// The resource with this ARN and the way to it in a saved snapshot.
    pub fn locate<'a>(&self, snapshot: &'a Snapshot, arn: &str) -> Option<(&'a dyn Reflect, Path)> {
        let (name, section) = snapshot.sections().into_iter().find(|(name, _)| *name == self.section)?;
        let mut fields = vec![self.listing];
        fields.extend(&self.nested);
        locate(section, &fields, arn, &mut vec![PathStep::Field(name)])
    }

    /// Calls `visit` with every resource, in the snapshot's order.
    pub fn each<'a>(&self, snapshot: &'a Snapshot, visit: &mut dyn FnMut(FoundResource<'a>)) {
        let Some((_, section)) = snapshot.sections().into_iter().find(|(name, _)| *name == self.section)
        else {
            return;
        };
        let Val::List(listing) = section.field(self.listing) else {
            return;
        };
        for index in 0..listing.len() {
            if let Val::Record(record) = listing.get(index) {
                descend(record, &self.nested, visit);
            }
        }
        for gap in listing.incomplete() {
            visit(FoundResource::Incomplete(gap));
        }
    }
}

fn descend<'a>(record: &'a dyn Reflect, nested: &[usize], visit: &mut dyn FnMut(FoundResource<'a>)) {
    let Some((first, rest)) = nested.split_first() else {
        visit(FoundResource::Resource(record));
        return;
    };
    match record.field(*first) {
        Val::List(list) => {
            for index in 0..list.len() {
                if let Val::Record(inner) = list.get(index) {
                    descend(inner, rest, visit);
                }
            }
        }
        Val::Unknown(gap) => visit(FoundResource::Hidden(record, gap)),
        _ => {}
    }
}

fn locate<'a>(
    record: &'a dyn Reflect,
    lists: &[usize],
    arn: &str,
    path: &mut Path,
) -> Option<(&'a dyn Reflect, Path)> {
    let Some((first, rest)) = lists.split_first() else {
        return (record.text_field("arn") == arn).then(|| (record, path.clone()));
    };
    let (Val::List(list), Some(field)) = (record.field(*first), record.shape().fields.get(*first)) else {
        return None;
    };
    let depth = path.len();
    for index in 0..list.len() {
        path.truncate(depth);
        path.extend([PathStep::Field(field.name), PathStep::Element(index)]);
        if let Val::Record(inner) = list.get(index)
            && let Some(found) = locate(inner, rest, arn, path)
        {
            return Some(found);
        }
    }
    path.truncate(depth);
    None
}

fn list_field(shape: &'static RecordShape, name: &str) -> Result<(usize, ShapeOf), String> {
    let Some((index, field)) = shape.field(name) else {
        let hint = similar(name, shape.fields.iter().map(|field| field.name));
        return Err(format!("{} has no list `{name}`{hint}", shape.name));
    };
    let mut ty = &field.ty;
    while let Type::Known(inner) | Type::Nullable(inner) = ty {
        ty = inner;
    }
    match ty {
        Type::List(element) => match **element {
            Type::Record(inner) => Ok((index, inner)),
            _ => Err(format!("`{name}` is a list of {element:?}, which cannot be judged")),
        },
        other => Err(format!("`{name}` is {other:?}, not a list of resources")),
    }
}
