//! The part of JSON Schema that `docs/announcement.schema.json` uses.

use serde_json::Value;

/// Checks an announcement against the documented form.
pub fn check_announcement(value: &Value) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/announcement.schema.json");
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let problems = problems(&schema, &schema, value, "announcement");
    assert!(problems.is_empty(), "{problems:#?}");
}

fn problems(root: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    if let Some(reference) = schema["$ref"].as_str() {
        return problems(root, root.pointer(reference.strip_prefix('#').unwrap()).unwrap(), value, at);
    }
    if let Some(ways) = schema["anyOf"].as_array() {
        let is_any = ways.iter().any(|way| problems(root, way, value, at).is_empty());
        return if is_any { Vec::new() } else { vec![format!("{at} is none of what it may be: {value}")] };
    }
    let mut found = Vec::new();
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let is_allowed = match &schema["type"] {
        Value::String(expected) => kind == expected,
        Value::Array(expected) => expected.contains(&Value::from(kind)),
        _ => true,
    };
    let is_listed = schema["enum"].as_array().is_none_or(|allowed| allowed.contains(value));
    let is_const = schema.get("const").is_none_or(|expected| expected == value);
    if !(is_allowed && is_listed && is_const) {
        found.push(format!("{at}: {value}"));
    }
    for (index, element) in value.as_array().into_iter().flatten().enumerate() {
        found.extend(problems(root, &schema["items"], element, &format!("{at}[{index}]")));
    }
    let Some(fields) = value.as_object() else {
        return found;
    };
    for name in schema["required"].as_array().into_iter().flatten() {
        if !fields.contains_key(name.as_str().unwrap()) {
            found.push(format!("{at} lacks {name}"));
        }
    }
    for (name, field) in fields {
        match schema["properties"].get(name) {
            Some(property) => found.extend(problems(root, property, field, &format!("{at}.{name}"))),
            None => found.push(format!("{at}.{name} is not documented")),
        }
    }
    found
}
