//! The JSON Schema of a saved snapshot, and the field reference, from the shapes.

use super::account::AuditedAccount;
use super::shape::{RecordShape, Type, Valued};
use super::{Cause, SCHEMA_VERSION, Snapshot};
use serde_json::{Map, Value, json};

/// The JSON Schema (draft 2020-12) of a saved snapshot.
pub fn snapshot_schema() -> Value {
    let mut records = Map::new();
    let mut properties = Map::new();
    let plain = [
        ("account", json!({ "type": "string", "description": "The account's twelve digits." })),
        ("partition", json!({ "type": "string", "description": "aws, aws-cn or aws-us-gov." })),
        (
            "taken_at",
            json!({ "type": "string", "format": "date-time", "description": "When the scan began, UTC." }),
        ),
        (
            "regions",
            json!({ "type": "array", "items": { "type": "string" }, "description": "The regions that were asked." }),
        ),
    ];
    properties.insert("schema_version".into(), json!({ "const": SCHEMA_VERSION }));
    properties.extend(plain.map(|(name, schema)| (name.to_owned(), schema)));
    properties.insert(
        "gaps".into(),
        json!({ "type": "object", "additionalProperties": { "$ref": "#/$defs/Gap" } }),
    );
    for (name, shape) in Snapshot::section_shapes() {
        properties.insert(name.into(), section(shape(), &mut records));
    }
    records.insert("Gap".into(), gap());
    records.insert("Unknown".into(), unknown());
    let required: Vec<&String> = properties.keys().collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "tenken snapshot",
        "type": "object",
        "additionalProperties": false,
        "required": required,
        "properties": properties,
        "$defs": records,
    })
}

// A section's fields are listings: what AWS listed, and what hides the rest.
fn section(shape: &RecordShape, records: &mut Map<String, Value>) -> Value {
    let mut properties = Map::new();
    for field in &shape.fields {
        let items = schema_of(&field.ty, records);
        properties.insert(
            field.name.into(),
            json!({
                "description": field.doc,
                "type": "object",
                "additionalProperties": false,
                "required": ["items", "incomplete"],
                "properties": { "items": items, "incomplete": { "type": "array", "items": { "type": "string" } } },
            }),
        );
    }
    let required: Vec<&str> = shape.fields.iter().map(|field| field.name).collect();
    json!({ "description": shape.doc, "type": "object", "additionalProperties": false, "required": required, "properties": properties })
}

fn record(shape: &RecordShape, records: &mut Map<String, Value>) -> Value {
    let reference = json!({ "$ref": format!("#/$defs/{}", shape.name) });
    if records.contains_key(shape.name) {
        return reference;
    }
    // Taken before the fields are visited, because records may nest.
    records.insert(shape.name.into(), Value::Null);
    let mut properties = Map::new();
    for field in &shape.fields {
        let mut schema = schema_of(&field.ty, records);
        if let Value::Object(schema) = &mut schema {
            schema.insert("description".into(), field.doc.clone().into());
        }
        properties.insert(field.name.into(), schema);
    }
    let required: Vec<&str> = shape.fields.iter().map(|field| field.name).collect();
    let schema = json!({
        "description": shape.doc,
        "type": "object",
        "additionalProperties": false,
        "required": required,
        "properties": properties,
    });
    records.insert(shape.name.into(), schema);
    reference
}

fn schema_of(ty: &Type, records: &mut Map<String, Value>) -> Value {
    match ty {
        Type::Bool => json!({ "type": "boolean" }),
        Type::Int => json!({ "type": "integer" }),
        Type::Float => json!({ "type": "number" }),
        Type::Text => json!({ "type": "string" }),
        Type::Tags => json!({ "type": "object", "additionalProperties": { "type": "string" } }),
        Type::List(element) => json!({ "type": "array", "items": schema_of(element, records) }),
        Type::Record(shape) => record(shape(), records),
        Type::Nullable(inner) => json!({ "anyOf": [schema_of(inner, records), { "type": "null" }] }),
        Type::Known(inner) => json!({ "anyOf": [schema_of(inner, records), { "$ref": "#/$defs/Unknown" }] }),
    }
}

fn unknown() -> Value {
    json!({
        "description": "AWS would not say; the id names the entry in `gaps`.",
        "type": "object",
        "additionalProperties": false,
        "required": ["unknown_because"],
        "properties": { "unknown_because": { "type": "string" } },
    })
}

fn gap() -> Value {
    let causes = Cause::ALL.map(Cause::as_str);
    json!({
        "description": "A question that got no answer.",
        "type": "object",
        "additionalProperties": false,
        "required": ["operation", "permissions", "region", "about", "cause", "code"],
        "properties": {
            "operation": { "type": "string", "description": "service:Operation." },
            "permissions": { "type": "array", "items": { "type": "string" }, "description": "The IAM actions that allow the question." },
            "region": { "type": "string" },
            "about": { "type": ["string", "null"], "description": "The ARN or name of the resource; null for lists." },
            "cause": { "enum": causes },
            "code": { "type": "string", "description": "AWS's error code or the kind of failure." },
        },
    })
}

/// The field reference for authors of policies, in Markdown: every list that can be
/// judged, and every record with its fields.
pub fn field_reference() -> String {
    let mut text =
        String::from("# Fields\n\nWhat expressions can name. Generated from the snapshot's types.\n");
    let mut seen: Vec<&'static str> = Vec::new();
    let account = AuditedAccount::ty();
    text.push_str("\n## account\n\n`for: account` judges the account itself, once.\n");
    describe_records(&account, &mut seen, &mut text);
    for (name, shape) in Snapshot::section_shapes() {
        text.push_str(&format!("\n## {name}\n\n{}\n", shape().doc));
        for listing in &shape().fields {
            text.push_str(&format!("\n`{name}.{}`: {}\n", listing.name, listing.doc));
            describe_records(&listing.ty, &mut seen, &mut text);
        }
    }
    text
}

/// Describes the records in a type, those `seen` already left out.
pub(crate) fn describe_records(ty: &Type, seen: &mut Vec<&'static str>, text: &mut String) {
    match ty {
        Type::List(inner) | Type::Nullable(inner) | Type::Known(inner) => describe_records(inner, seen, text),
        Type::Record(shape) => {
            let shape = shape();
            if seen.contains(&shape.name) {
                return;
            }
            seen.push(shape.name);
            text.push_str(&format!(
                "\n### {}\n\n{}\n\n| field | type | meaning |\n|---|---|---|\n",
                shape.name, shape.doc
            ));
            for field in &shape.fields {
                let unknown = if matches!(field.ty, Type::Known(_)) { ", may be unknown" } else { "" };
                text.push_str(&format!("| `{}` | {:?}{unknown} | {} |\n", field.name, field.ty, field.doc));
            }
            for field in &shape.fields {
                describe_records(&field.ty, seen, text);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn walk(ty: &Type, seen: &mut BTreeMap<&'static str, &'static RecordShape>) {
        match ty {
            Type::List(inner) | Type::Nullable(inner) | Type::Known(inner) => walk(inner, seen),
            Type::Record(shape) => {
                let shape = shape();
                if let Some(other) = seen.insert(shape.name, shape) {
                    assert!(std::ptr::eq(other, shape), "two records are named {}", shape.name);
                    return;
                }
                shape.fields.iter().for_each(|field| walk(&field.ty, seen));
            }
            _ => {}
        }
    }

    /// The schema and the references describe a record once, by its name.
    #[test]
    fn no_two_records_have_the_same_name() {
        let mut seen = BTreeMap::new();
        for (_, shape) in Snapshot::section_shapes() {
            shape().fields.iter().for_each(|field| walk(&field.ty, &mut seen));
        }
        assert!(seen.len() > 40, "{}", seen.len());
    }
}
