//! The names of keys: those there are, what to say of those there are not, and of bad values.

use crate::text::{Explained, Text};

/// The keys of the file, each with how it is written.
pub(super) const KEYS: &[(&str, &str)] = &[
    ("regions", "[\"ap-northeast-1\", \"us-east-1\"]"),
    ("profile", "\"audit\""),
    ("role_arn", "\"arn:aws:iam::123456789012:role/audit\""),
    ("external_id", "\"the id that the role asks for\""),
    ("endpoint_url", "\"http://localhost:5000\""),
    ("timeout", "\"15m\""),
    ("attempt_timeout", "\"10s\""),
    ("operation_timeout", "\"60s\""),
    ("answer_limit", "\"64MB\""),
    ("policies_folder", "\"policies\""),
    ("only_policies", "[\"rds-single-az\"]"),
    ("format", "\"terminal\""),
    ("output", "\"report.md\""),
    ("save_snapshot", "\"snapshot.json\""),
    ("history", "\".tenken/history.json\", or \"s3://bucket/key\""),
    ("lang", "\"ja\""),
    ("fail_on", "\"high\""),
    ("currency", "\"JPY\""),
    ("rate", "150"),
    ("cost", "a table: [cost], with what the documentation shows"),
    ("plan", "a table: [plan], with what the documentation shows"),
    ("parameters", "a table for each policy: [parameters.rds-short-backup-retention]"),
    ("notify", "a table for each channel: [notify.slack]"),
    ("accept", "tables: [[accept]], each with what the documentation shows"),
];

/// The keys of an acceptance, each with how it is written.
pub(super) const ACCEPT_KEYS: &[(&str, &str)] = &[
    ("policy", "\"alb-no-cdn\""),
    ("resource", "\"arn:aws:elasticloadbalancing:*:loadbalancer/app/shop-alb/*\""),
    ("discriminator", "\"app/DB_PASSWORD\""),
    ("reason", "\"why it may stay\""),
    ("owner", "\"ops@example.com\""),
    ("until", "2027-03-31"),
];

/// The keys that an acceptance may do without.
pub(super) const ACCEPT_OPTIONAL: &[&str] = &["discriminator"];

/// Names that people try and that are not close to the right one.
pub(super) fn renamed(name: &str) -> Option<Text> {
    let known = match name {
        "policies" | "policy_folder" => "policies_folder",
        "policy" | "policies_only" | "only" => "only_policies",
        "language" => "lang",
        "acceptance" | "acceptances" | "exceptions" | "ignore" => "accept",
        "thresholds" => "parameters",
        "slack" | "webhook" | "sns" | "notifications" | "notification" => "notify",
        _ => return None,
    };
    Some(Text::new(format!("; write `{known}`"), format!("。`{known}` と書く")))
}

/// A key that was meant for the file and fell under a table's heading.
pub(super) fn misplaced(name: &str) -> Option<Text> {
    let is_of_file = KEYS.iter().any(|(key, _)| *key == name);
    is_of_file.then(|| {
        Text::new(
            "; it belongs above the first [table] of the file",
            "。このキーはファイルの先頭、最初の [テーブル] より前に書く",
        )
    })
}

/// What is wrong with the value of a key.
pub(super) fn of_key(key: &str, problem: &dyn Explained) -> Text {
    let what = problem.what();
    Text::new(format!("`{key}`: {}", what.en), format!("`{key}`: {}", what.ja))
}
