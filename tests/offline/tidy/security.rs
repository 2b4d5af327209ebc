//! SECURITY.md names tests for what it promises.

use super::root;
use std::collections::BTreeSet;
use std::fs;

/// The tests that a page names, as `file::name`.
fn named(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).filter(|code| code.contains(".rs::")).collect()
}

#[test]
fn every_promise_names_a_test_that_is_there() {
    let [english, japanese] =
        ["SECURITY.md", "SECURITY.ja.md"].map(|name| fs::read_to_string(root().join(name)).unwrap());
    assert_eq!(named(&english), named(&japanese), "both languages name the same tests");
    let tests: BTreeSet<&str> = named(&english).into_iter().collect();
    assert!(tests.len() > 20, "{tests:?}");
    for test in tests {
        let (file, name) = test.split_once("::").unwrap();
        let text = fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        let function = format!("fn {name}() {{");
        let before = text.split(&function).next().filter(|before| before.len() < text.len());
        let before = before.unwrap_or_else(|| panic!("{file} has no test {name}"));
        let attributes: Vec<&str> = before.lines().rev().take(4).map(str::trim).collect();
        let is_test = |line: &&str| line.starts_with("#[test]") || line.starts_with("#[tokio::test");
        assert!(attributes.iter().any(is_test), "{test} is no test");
        assert!(!attributes.iter().any(|line| line.contains("#[ignore")), "{test} is ignored");
    }
    // Each row of the threats has its test.
    for page in [&english, &japanese] {
        let (_, threats) = page.split_once("\n### ").unwrap();
        let rows = threats.lines().filter(|line| line.starts_with("| "));
        let rows = rows.filter(|line| ["test |", "テスト |"].iter().all(|head| !line.ends_with(head)));
        for row in rows {
            assert!(!named(row).is_empty(), "no test: {row}");
        }
    }
}
