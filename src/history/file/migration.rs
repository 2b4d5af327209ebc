//! What becomes of the files of older versions.

use serde_json::{Map, Value, json};

/// 1 → 2: an announcement says what there is to say, and each channel is served on its own.
/// Version 1 had a queue, but nobody who delivered: what is in it goes to Slack.
pub(super) fn channels(mut history: Value) -> Value {
    let findings = history.get("findings").cloned().unwrap_or_default();
    let pending = history.get_mut("pending").and_then(Value::as_array_mut);
    for announcement in pending.into_iter().flatten().filter_map(Value::as_object_mut) {
        address(announcement, &findings);
    }
    if let Some(fields) = history.as_object_mut() {
        fields.insert("format_version".to_owned(), json!(2));
    }
    history
}

fn address(announcement: &mut Map<String, Value>, findings: &Value) {
    let claim = announcement.remove("claim").unwrap_or_default();
    let attempts = announcement.remove("attempts").unwrap_or(json!(0));
    let turn = announcement.get("kind").cloned().unwrap_or_default();
    let turn = if turn == json!("unknown") { json!("unknown-was-open") } else { turn };
    let ids = announcement.get("findings").and_then(Value::as_array).cloned().unwrap_or_default();
    let items: Vec<Value> =
        ids.iter().filter_map(|id| findings.get(id.as_str()?)).map(|entry| item(entry, &turn)).collect();
    let none = json!({ "critical": 0, "high": 0, "medium": 0, "low": 0, "info": 0 });
    let delivery = json!({ "channel": "slack", "claim": claim, "attempts": attempts, "progress": null });
    announcement.insert("items".to_owned(), Value::Array(items));
    announcement.insert("left_out".to_owned(), none);
    announcement.insert("digest".to_owned(), Value::Null);
    announcement.insert("deliveries".to_owned(), json!([delivery]));
}

fn item(entry: &Value, turn: &Value) -> Value {
    let finding = entry.get("finding").cloned().unwrap_or_default();
    let policy = finding.get("policy").and_then(Value::as_str).unwrap_or_default().to_owned();
    json!({
        "turn": turn,
        "new_because": if *turn == json!("new") { entry.get("new_because").cloned() } else { None },
        "finding": finding,
        "first_seen": entry.get("first_seen"),
        "title": { "en": "", "ja": "" },
        "cause": format!("policy {policy}"),
        "evidence": [],
        "step": null,
        "command": null,
        "is_command_left_out": false,
    })
}
