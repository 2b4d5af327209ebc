//! Checks JSON against the schemas in `docs/`.

use jsonschema::Validator;
use serde_json::Value;

/// What checks JSON against `docs/NAME.schema.json`, formats of times included.
pub(crate) fn validator(name: &str) -> Validator {
    let path = format!("{}/docs/{name}.schema.json", env!("CARGO_MANIFEST_DIR"));
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
}

/// Checks a value against `docs/NAME.schema.json`, and names everything that does not fit.
pub(crate) fn check(name: &str, value: &Value) {
    let validator = validator(name);
    let problems =
        validator.iter_errors(value).map(|problem| format!("{}: {problem}", problem.instance_path()));
    let problems: Vec<String> = problems.collect();
    assert!(problems.is_empty(), "{name}: {problems:#?}");
}
