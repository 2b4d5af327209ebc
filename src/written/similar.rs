//! What was probably meant by a name that is not known.

/// `; did you mean …?` for the closest of the known names, or nothing.
pub fn similar<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    closest(name, known).map(|candidate| format!("; did you mean `{candidate}`?")).unwrap_or_default()
}

/// The known name that was probably meant: the one with the fewest edits, where those are few.
pub fn closest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let distance = |candidate| (strsim::levenshtein(name, candidate), candidate);
    let (distance, candidate) = known.map(distance).min()?;
    (distance <= 1 + name.chars().count() / 4).then_some(candidate)
}
