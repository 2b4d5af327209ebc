//! What targets of rules and schedules are told: JSON, or a template of it with `<variables>`.

use serde_json::Value as Json;

/// JSON in which what is yet to be filled in stands for nothing; `None` where it is none.
pub(crate) fn read(input: &str) -> Option<Json> {
    serde_json::from_str(input).or_else(|_| serde_json::from_str(&without_variables(input))).ok()
}

/// `<aws.events.rule-arn>` and the like, outside of quotes or inside, become `null`.
fn without_variables(template: &str) -> String {
    let mut json = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('<') {
        json.push_str(before);
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
        match after.split_once('>') {
            Some((name, behind)) if !name.is_empty() && name.chars().all(is_part) => {
                json.push_str("null");
                rest = behind;
            }
            _ => {
                json.push('<');
                rest = after;
            }
        }
    }
    json + rest
}
