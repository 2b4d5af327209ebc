//! Names of types: each means one thing, so that a reader who meets it needs no path.

use std::collections::BTreeMap;

/// What declares a type.
const KEYWORDS: &[&str] = &["struct", "enum", "trait", "type", "union"];

/// The type that a line of formatted code declares. An indented `type` belongs to an implementation
/// of a trait, which gives it its name.
fn declared(line: &str) -> Option<&str> {
    let is_indented = line.starts_with(' ');
    let words = line.trim_start();
    let words = match words.strip_prefix("pub") {
        Some(rest) if rest.starts_with('(') => rest.split_once(") ")?.1,
        Some(rest) => rest.trim_start(),
        None => words,
    };
    let (keyword, rest) = words.split_once(' ')?;
    if !KEYWORDS.contains(&keyword) || (keyword == "type" && is_indented) {
        return None;
    }
    let end = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len());
    rest.get(..end).filter(|name| !name.is_empty())
}

#[test]
fn no_two_types_have_one_name() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (path, code) in super::modules().into_values().flatten() {
        if path.components().any(|part| part.as_os_str() == "tests") {
            continue;
        }
        for name in code.lines().filter_map(declared) {
            places.entry(name.to_owned()).or_default().push(path.display().to_string());
        }
    }
    assert!(places.len() > 400, "{} types were found", places.len());
    places.retain(|_, files| files.len() > 1);
    assert!(places.is_empty(), "{places:#?}");
}

#[test]
fn declarations_of_types_are_read() {
    for (line, name) in [
        ("pub(crate) struct Network<'a> {", Some("Network")),
        ("    pub struct Vpc {", Some("Vpc")),
        ("pub(in crate::report) enum Look {", Some("Look")),
        ("type OrGap<T> = Result<T, GapId>;", Some("OrGap")),
        ("    type Err = Invalid;", None),
        ("        pub struct $name {", None),
        ("let structure = 1;", None),
    ] {
        assert_eq!(declared(line), name, "{line}");
    }
}
