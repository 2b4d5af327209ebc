//! JSON Schemas, made from the structs that are written.

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde_json::Value;

/// The schema of a form: what it is when it is written, and nothing beside it.
pub(crate) fn schema_of<Form: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let generator = settings.with_transform(RecursiveTransform(plain)).into_generator();
    generator.into_root_schema_for::<Form>().to_value()
}

/// Refuses keys that are not described, leaves out the sizes of Rust's numbers, which mean
/// nothing in JSON, and makes one line of a comment's lines.
fn plain(schema: &mut Schema) {
    if schema.get("properties").is_some() {
        schema.insert("additionalProperties".to_owned(), Value::Bool(false));
    }
    if matches!(schema.get("format"), Some(Value::String(format)) if format != "date-time") {
        schema.remove("format");
    }
    if let Some(Value::String(description)) = schema.get_mut("description") {
        *description = description.replace('\n', " ");
    }
}
