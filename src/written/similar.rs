//! What was probably meant by a name that is not known.

use crate::text::Text;

/// What was probably meant, as the end of a message.
pub(crate) fn did_you_mean(name: &str) -> Text {
    Text::new(format!("; did you mean `{name}`?"), format!("。`{name}` のことか"))
}

/// Longer than any name.
const MOST_BYTES: usize = 200;

/// `; did you mean …?` for the closest of the known names, or nothing; in English, for messages
/// to authors of policies.
pub(crate) fn similar<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    closest(name, known).map(|candidate| did_you_mean(candidate).en).unwrap_or_default()
}

/// The known name that was probably meant: the one with the fewest edits, where those are few.
pub(crate) fn closest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // Nobody means a short name by a long text, and to compare them takes the product of their lengths.
    if name.len() > MOST_BYTES {
        return None;
    }
    let distance = |candidate| (strsim::levenshtein(name, candidate), candidate);
    let (distance, candidate) = known.map(distance).min()?;
    (distance <= 1 + name.chars().count() / 4).then_some(candidate)
}
