//! Expected outputs, in `tests/golden/`.

/// Compares a text with the expected one, line by line. `UPDATE_GOLDEN=1` writes it anew.
pub(crate) fn assert_golden(name: &str, actual: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, actual).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    for (index, (expected, actual)) in expected.lines().zip(actual.lines()).enumerate() {
        assert_eq!(actual, expected, "{name}, line {}; UPDATE_GOLDEN=1 accepts it", index + 1);
    }
    assert!(actual == expected, "{name} differs in length; UPDATE_GOLDEN=1 accepts it");
}
