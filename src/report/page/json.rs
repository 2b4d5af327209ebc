//! JSON that can be shown.

use crate::text::is_obeyed;
use serde::Serialize;

/// JSON for programs that does no harm on a terminal, ended by a newline.
pub(crate) fn pretty(form: &impl Serialize) -> Vec<u8> {
    // Serialising fails for maps whose keys are not text; here there are none.
    let text = serde_json::to_string_pretty(form).unwrap_or_default();
    let mut text = without_controls(&text);
    text.push('\n');
    text.into_bytes()
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
