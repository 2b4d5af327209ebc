//! JSON for programs that can be shown, what its documents have in common, and their schemas.

mod form;
mod schema;

pub(crate) use form::{CauseForm, CountsForm, ScriptedCauseForm, StepsForm, TextForm, VerdictForm};
pub(crate) use schema::schema_of;

use crate::text::is_obeyed;
use serde::Serialize;
use serde_json::Value;

/// The form with its keys in alphabetical order.
pub(crate) fn sorted(form: &impl Serialize) -> Value {
    // Serialising fails for maps whose keys are not text; here there are none.
    serde_json::to_value(form).unwrap_or_default()
}

/// JSON for programs that does no harm on a terminal, ended by a newline. The keys come in
/// the order of the fields.
pub(crate) fn pretty(form: &impl Serialize) -> Vec<u8> {
    pretty_text(form).into_bytes()
}

/// The same as text.
pub(crate) fn pretty_text(form: &impl Serialize) -> String {
    // Fails only as above.
    let text = serde_json::to_string_pretty(form).unwrap_or_default();
    let mut text = without_controls(&text);
    text.push('\n');
    text
}

/// JSON escapes the oldest control characters only. The others, which a terminal obeys as
/// well, can only stand inside strings, where `\u009b` means the same.
fn without_controls(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if c == '\n' || !is_obeyed(c) {
            safe.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            safe.push_str(&format!("\\u{unit:04x}"));
        }
    }
    safe
}
