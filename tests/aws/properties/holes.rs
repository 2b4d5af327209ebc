//! Holes in a snapshot: a fact that is not known, or a resource that is missing from a list
//! which says that it is not complete.

use serde_json::{Value as Json, json};
use tenken::snapshot::operation::Operation;
use tenken::snapshot::shape::{RecordShape, Type};
use tenken::snapshot::{Cause, Gap, Snapshot, source};

/// Something that can be missing.
#[derive(Debug, Clone)]
pub(crate) enum Hole {
    /// The fact at this JSON pointer.
    Fact { pointer: String, gap: Gap },
    /// This element of the list at this JSON pointer.
    Item { pointer: String, index: usize, gap: Gap },
    /// Nothing of the list, which all the same does not know so.
    Rest { pointer: String, gap: Gap },
}

fn gap(operation: &Operation, region: &str, about: Option<&str>) -> Gap {
    Gap {
        operation: operation.id(),
        permissions: operation.permissions.iter().map(|action| (*action).to_owned()).collect(),
        region: region.to_owned(),
        about: about.map(str::to_owned),
        cause: Cause::Denied,
        code: "AccessDenied".to_owned(),
    }
}

/// Everything that can be missing from a snapshot.
pub(crate) fn holes(snapshot: &Snapshot) -> Vec<Hole> {
    let json = serde_json::to_value(snapshot).unwrap();
    let mut holes = Vec::new();
    for (section, shape) in Snapshot::section_shapes() {
        for listing in &shape().fields {
            let name = format!("{section}.{}", listing.name);
            let pointer = format!("/{section}/{}", listing.name);
            let items = json.pointer(&format!("{pointer}/items")).unwrap().as_array().unwrap();
            let Type::List(element) = &listing.ty else { panic!("{name} is no list") };
            let Type::Record(element) = **element else { panic!("{name} has no records") };
            for (index, item) in items.iter().enumerate() {
                facts(element(), item, &format!("{pointer}/items/{index}"), item, &mut holes);
            }
            missing(snapshot, &name, &pointer, items, &mut holes);
        }
    }
    holes
}

/// Each operation that a list comes from may hide elements; of a regional one, those of its
/// region.
fn missing(snapshot: &Snapshot, name: &str, pointer: &str, items: &[Json], holes: &mut Vec<Hole>) {
    for operation in source::operations(name) {
        // Without load balancers a bucket is there, but not known as a log's destination.
        if name == "s3.buckets" && operation.service != "s3" {
            continue;
        }
        let regions: Vec<&str> = match name {
            _ if operation.is_global => vec!["us-east-1"],
            "wafv2.web_acls" => vec!["us-east-1", &snapshot.regions[0]],
            _ => snapshot.regions.iter().map(String::as_str).collect(),
        };
        for region in regions {
            let gap = gap(operation, region, None);
            holes.push(Hole::Rest { pointer: pointer.to_owned(), gap: gap.clone() });
            for (index, item) in items.iter().enumerate() {
                // What distributions use lies where CloudFront is asked; load balancers use their region's.
                let is_beside = matches!(name, "wafv2.web_acls" | "acm.certificates")
                    && operation.service == "cloudfront";
                let is_anywhere = operation.is_global && !is_beside || name == "iam.roles";
                let is_here = is_anywhere || item["region"] == *region;
                if is_here {
                    holes.push(Hole::Item { pointer: pointer.to_owned(), index, gap: gap.clone() });
                }
            }
        }
    }
}

/// The facts of a record and of the records in it. `top` is the listed resource.
fn facts(shape: &'static RecordShape, record: &Json, pointer: &str, top: &Json, holes: &mut Vec<Hole>) {
    for field in &shape.fields {
        let pointer = format!("{pointer}/{}", field.name);
        let mut ty = &field.ty;
        if let Type::Known(inner) = ty {
            ty = inner;
            let about = record["arn"].as_str().or(top["arn"].as_str());
            for operation in source::operations(&format!("{}.{}", shape.name, field.name)) {
                let region = top["region"].as_str().unwrap();
                let region = if operation.is_global { "us-east-1" } else { region };
                holes.push(Hole::Fact { pointer: pointer.clone(), gap: gap(operation, region, about) });
            }
        }
        while let Type::Nullable(inner) = ty {
            ty = inner;
        }
        match (ty, &record[field.name]) {
            (Type::Record(inner), value) if value.is_object() => facts(inner(), value, &pointer, top, holes),
            (Type::List(element), Json::Array(values)) => {
                if let Type::Record(inner) = **element {
                    for (index, value) in values.iter().enumerate() {
                        facts(inner(), value, &format!("{pointer}/{index}"), top, holes);
                    }
                }
            }
            _ => {}
        }
    }
}

/// The snapshot with these holes.
pub(crate) fn with_holes(snapshot: &Snapshot, holes: &[Hole]) -> Snapshot {
    let mut json = serde_json::to_value(snapshot).unwrap();
    let mut items: Vec<(&str, usize)> = Vec::new();
    for hole in holes {
        let gap = match hole {
            Hole::Fact { pointer, gap } => {
                // A fact around it may be gone already.
                if let Some(fact) = json.pointer_mut(pointer) {
                    *fact = json!({ "unknown_because": gap.id() });
                }
                gap
            }
            Hole::Item { pointer, index, gap } => {
                items.push((pointer, *index));
                gap
            }
            Hole::Rest { gap, .. } => gap,
        };
        if let Hole::Item { pointer, .. } | Hole::Rest { pointer, .. } = hole {
            let incomplete = json.pointer_mut(&format!("{pointer}/incomplete")).unwrap();
            let incomplete = incomplete.as_array_mut().unwrap();
            let id = json!(gap.id());
            if !incomplete.contains(&id) {
                incomplete.push(id);
            }
        }
        json["gaps"][gap.id().as_str()] = json!(gap);
    }
    // From the end, so that the positions before stay.
    items.sort_unstable();
    items.dedup();
    for (pointer, index) in items.into_iter().rev() {
        let list = json.pointer_mut(&format!("{pointer}/items")).unwrap();
        list.as_array_mut().unwrap().remove(index);
    }
    // Text, because unknown facts are told from known ones by how they begin.
    serde_json::from_str(&json.to_string()).unwrap()
}
