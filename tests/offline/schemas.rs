//! The schemas in `docs/`: what tenken writes fits them, and whatever is damaged does not.

use crate::{golden, schema};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use tenken::text::Lang;

/// Beginnings of names of expected outputs, and their schemas. The first that fits counts.
const SCHEMAS: [(&str, &str); 7] = [
    ("lambda.md", "lambda-answer"),
    ("announcement", "announcement"),
    ("cost-", "cost"),
    ("fix-", "fix"),
    ("plan-", "plan"),
    ("simulation-", "simulation"),
    ("", "report"),
];

/// The forms that are Slack's.
const FOREIGN: &str = "announcement-slack-";

/// The answer that `docs/lambda.md` shows.
fn lambda_answer() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/lambda.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (_, answer) = text.split_once("## What it answers\n\n```json\n").unwrap();
    serde_json::from_str(answer.split_once("```").unwrap().0).unwrap()
}

/// The expected outputs that have a schema: name, schema, contents.
fn documents() -> Vec<(String, &'static str, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut found = vec![("lambda.md".to_owned(), "lambda-answer", lambda_answer())];
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if !name.ends_with(".json") || name.starts_with(FOREIGN) {
            continue;
        }
        let (_, schema) = SCHEMAS.into_iter().find(|(beginning, _)| name.starts_with(beginning)).unwrap();
        let value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        found.push((name, schema, value));
    }
    found
}

#[test]
fn work_is_written_as_expected() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots/ec-site.json");
    let policies = tenken::run::policies(None, &[]).unwrap();
    let snapshot = tenken::run::load_snapshot(&path).unwrap();
    let run = tenken::run::judge(&snapshot, &policies);
    let wanted = ["rds-single-az", "alb-no-waf"].map(str::to_owned).to_vec();
    let choice = tenken::fix::Choice { policies: wanted, ..Default::default() };
    let fixes = tenken::fix::choose(&run, &choice).unwrap();
    golden::assert_golden(
        "fix-ec-site.json",
        &tenken::fix::render(&run, &fixes, &snapshot, tenken::report::Format::Json, Lang::En),
    );
}

#[test]
fn every_expected_output_fits_its_schema() {
    let golden = documents();
    for (_, name) in SCHEMAS {
        assert!(golden.iter().any(|(_, schema, _)| *schema == name), "{name} has no expected output");
    }
    for (_, name, value) in &golden {
        schema::check(name, value);
    }
}

/// Keys that may be absent. Everything else is always there, if only as null.
const OPTIONAL: [&str; 6] = ["history", "state", "first_seen", "new_because", "resolution", "accepted_until"];

/// Maps, whose keys count for nothing.
const MAPS: [&str; 4] = ["/compliance", "/failed", "/changes", "/told"];

fn is_map(at: &str) -> bool {
    MAPS.iter().any(|map| at.ends_with(map))
}

/// The places of a document, each kind of place once: those of the first element in a list
/// that has them stand for those of the others. Values of evidence may be anything.
fn places(value: &Value, at: &str, kind: &str, seen: &mut BTreeSet<String>, found: &mut Vec<String>) {
    if kind.ends_with("/evidence/*/value") {
        return;
    }
    if seen.insert(kind.to_owned()) {
        found.push(at.to_owned());
    }
    match value {
        Value::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                places(element, &format!("{at}/{index}"), &format!("{kind}/*"), seen, found);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                let part = if is_map(kind) { "*" } else { name };
                places(field, &format!("{at}/{name}"), &format!("{kind}/{part}"), seen, found);
            }
        }
        _ => {}
    }
}

/// Damages a document at one place, and says what still fits its schema.
fn undetected(validator: &jsonschema::Validator, whole: &mut Value, at: &str, name: &str) -> Vec<String> {
    let mut missed = Vec::new();
    let mut try_with = |what: &str, damaged: Value, fits: bool| {
        let kept = std::mem::replace(whole.pointer_mut(at).unwrap(), damaged);
        if validator.is_valid(whole) != fits {
            missed.push(format!("{name}: {what} at {at}"));
        }
        *whole.pointer_mut(at).unwrap() = kept.clone();
        kept
    };
    let wrong = json!([[{ "wrong": "type" }]]);
    let kept = try_with("a wrong type", wrong.clone(), false);
    let Value::Object(fields) = &kept else {
        return missed;
    };
    let mut more = fields.clone();
    more.insert("unknown_key".to_owned(), wrong);
    try_with("an unknown key", Value::Object(more), false);
    if !is_map(at) {
        for key in fields.keys() {
            let mut less = fields.clone();
            less.remove(key);
            // In an announcement `first_seen` and `new_because` are always there.
            let may_lack = OPTIONAL.contains(&key.as_str()) && name == "report";
            let may_lack = may_lack && !(key == "first_seen" && at.contains("/changes/"));
            try_with(&format!("no {key}"), Value::Object(less), may_lack);
        }
    }
    missed
}

#[test]
fn every_schema_refuses_what_is_damaged() {
    let mut seen = [const { BTreeSet::new() }; SCHEMAS.len()];
    let mut missed = Vec::new();
    let mut golden = documents();
    // The smallest of each kind first: the others are damaged only where they have more.
    golden.sort_by_key(|(_, _, value)| value.to_string().len());
    for (_, name, mut whole) in golden {
        let index = SCHEMAS.iter().position(|(_, schema)| *schema == name).unwrap();
        let mut found = Vec::new();
        places(&whole, "", "", &mut seen[index], &mut found);
        let validator = schema::validator(name);
        for at in found {
            missed.extend(undetected(&validator, &mut whole, &at, name));
        }
    }
    for (kinds, (_, name)) in seen.iter().zip(SCHEMAS) {
        assert!(kinds.len() > 15, "{name} has few places: {kinds:?}");
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn words_ids_times_and_numbers_are_bounded() {
    let golden = documents();
    for (name, at, value) in [
        ("report", "/findings/0/verdict", json!("maybe")),
        ("report", "/findings/0/severity", json!("grave")),
        ("report", "/findings/0/id", json!("0123456789ABCDEF")),
        ("report", "/account", json!("shop")),
        ("report", "/taken_at", json!("yesterday")),
        ("report", "/totals/pass", json!(-1)),
        ("report", "/format_version", json!(2)),
        ("plan", "/phases/0/phase", json!("tomorrow")),
        ("plan", "/costs/0/part", json!("rent")),
        ("plan", "/phases/0/steps/0/before_next", json!({ "why": "needed-by" })),
        ("plan", "/phases/0/steps/0/before_next", json!({ "why": "equal", "step": 1 })),
        ("cost", "/items/0/group", json!("rent")),
        ("simulation", "/options/0/outcome", json!("perhaps")),
        ("fix", "/fixes/0/downtime", json!("days")),
        ("announcement", "/kind", json!("announcement")),
        ("announcement", "/news/0/turn", json!("old")),
        ("lambda-answer", "/exit_code", json!(2)),
    ] {
        let (_, _, whole) = golden.iter().find(|(_, schema, _)| *schema == name).unwrap();
        let mut damaged = whole.clone();
        *damaged.pointer_mut(at).unwrap_or_else(|| panic!("{name} has no {at}")) = value.clone();
        assert!(!schema::validator(name).is_valid(&damaged), "{name}: {value} at {at}");
    }
}

/// Policies, configuration and flags read the words that JSON holds.
#[test]
fn words_are_written_as_they_are_read() {
    use tenken::cost::Group;
    use tenken::finding::{Metric, Pillar, Severity};
    fn same<T: serde::Serialize>(all: &[T], as_read: impl Fn(&T) -> &'static str) {
        for one in all {
            assert_eq!(serde_json::to_value(one).unwrap(), as_read(one));
        }
    }
    same(&Severity::ALL, |one| one.as_str());
    same(&Pillar::ALL, |one| one.as_str());
    same(&Metric::ALL, |one| one.as_str());
    same(&Group::ALL, |one| one.as_str());
}
