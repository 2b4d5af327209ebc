//! Checks JSON against the schemas in `docs/`.

use serde_json::Value;

/// The part of JSON Schema that the schemas in `docs/` use.
pub fn check(root: &Value, schema: &Value, value: &Value, at: &str) {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = root.pointer(reference.strip_prefix('#').unwrap()).expect(reference);
        return check(root, target, value, at);
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    match &schema["type"] {
        Value::String(expected) => assert!(is_kind(expected, kind), "{at}: {kind}"),
        Value::Array(expected) => {
            let is_one = expected.iter().filter_map(Value::as_str).any(|expected| is_kind(expected, kind));
            assert!(is_one, "{at}: {kind}");
        }
        _ => {}
    }
    if let Some(allowed) = schema["enum"].as_array() {
        assert!(allowed.contains(value), "{at}: {value}");
    }
    if let (Some(items), Some(elements)) = (schema.get("items"), value.as_array()) {
        for (index, element) in elements.iter().enumerate() {
            check(root, items, element, &format!("{at}[{index}]"));
        }
    }
    let Some(fields) = value.as_object() else {
        return;
    };
    for name in schema["required"].as_array().into_iter().flatten() {
        assert!(fields.contains_key(name.as_str().unwrap()), "{at} lacks {name}");
    }
    for (name, field) in fields {
        let at = format!("{at}.{name}");
        match (schema["properties"].get(name), &schema["additionalProperties"]) {
            (Some(property), _) => check(root, property, field, &at),
            (None, Value::Object(_)) => check(root, &schema["additionalProperties"], field, &at),
            (None, _) => panic!("{at} is not documented"),
        }
    }
}

fn is_kind(expected: &str, kind: &str) -> bool {
    expected == kind || (expected == "number" && kind == "integer")
}
