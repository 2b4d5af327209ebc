//! Checks JSON against the schemas in `docs/`.

use serde_json::Value;

/// Checks a value against `docs/NAME.schema.json`, and names everything that does not fit.
pub fn check(name: &str, value: &Value) {
    let path = format!("{}/docs/{name}.schema.json", env!("CARGO_MANIFEST_DIR"));
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let problems = problems(&schema, &schema, value, name);
    assert!(problems.is_empty(), "{problems:#?}");
}

/// The part of JSON Schema that the schemas in `docs/` use.
fn problems(root: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    if let Some(reference) = schema["$ref"].as_str() {
        return problems(root, root.pointer(reference.strip_prefix('#').unwrap()).unwrap(), value, at);
    }
    if let Some(ways) = schema["anyOf"].as_array() {
        let is_any = ways.iter().any(|way| problems(root, way, value, at).is_empty());
        return if is_any { Vec::new() } else { vec![format!("{at} is none of what it may be: {value}")] };
    }
    let mut found = Vec::new();
    let is_allowed = match &schema["type"] {
        Value::String(expected) => is_kind(expected, value),
        Value::Array(expected) => {
            expected.iter().filter_map(Value::as_str).any(|expected| is_kind(expected, value))
        }
        _ => true,
    };
    let is_listed = schema["enum"].as_array().is_none_or(|allowed| allowed.contains(value));
    let is_const = schema.get("const").is_none_or(|expected| expected == value);
    if !(is_allowed && is_listed && is_const) {
        found.push(format!("{at}: {value}"));
    }
    if let (Some(items), Some(elements)) = (schema.get("items"), value.as_array()) {
        for (index, element) in elements.iter().enumerate() {
            found.extend(problems(root, items, element, &format!("{at}[{index}]")));
        }
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
        let at = format!("{at}.{name}");
        match (schema["properties"].get(name), &schema["additionalProperties"]) {
            (Some(property), _) => found.extend(problems(root, property, field, &at)),
            (None, other @ Value::Object(_)) => found.extend(problems(root, other, field, &at)),
            (None, _) => found.push(format!("{at} is not documented")),
        }
    }
    found
}

fn is_kind(expected: &str, value: &Value) -> bool {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    expected == kind || (expected == "number" && kind == "integer")
}
