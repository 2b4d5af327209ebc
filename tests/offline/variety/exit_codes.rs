//! What a scan ends with: a gap counts by what it leaves undecided, and an account without
//! anything says so.

use serde_json::{Value as Json, json};
use std::process::Command;
use tenken::snapshot::Snapshot;

/// A scan of eu-west-3 that found nothing at all, with every list complete but those that are
/// `denied`.
fn nothing_there(denied: &[(&str, &str, &str)]) -> Json {
    let whole =
        Snapshot::new("123456789012", "aws", "2026-07-01T09:00:00Z", &["eu-west-3".to_owned()]).complete();
    let mut snapshot = serde_json::to_value(whole).unwrap();
    for (section, list, operation) in denied {
        let gap = json!({
            "operation": operation, "permissions": [operation], "region": "eu-west-3", "about": null,
            "cause": "denied", "code": "AccessDenied",
        });
        let id = format!("{operation}@eu-west-3");
        snapshot["gaps"][&id] = gap;
        snapshot[*section][*list]["incomplete"] = json!([id]);
    }
    snapshot
}

/// The exit code and what is shown.
fn scan(snapshot: &Json, arguments: &[&str]) -> (i32, String) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("snapshot.json");
    std::fs::write(&file, snapshot.to_string()).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_tenken"))
        .args(["scan", "--no-config", "--snapshot"])
        .arg(&file)
        .args(arguments)
        .current_dir(folder.path())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap(), text)
}

/// A list that AWS would not give: its section and name, and the operation.
type Refused = (&'static str, &'static str, &'static str);

#[test]
fn a_scan_ends_with_what_counts() {
    let databases = &[("rds", "db_instances", "rds:DescribeDBInstances")][..];
    let logs = &[("logs", "log_groups", "logs:DescribeLogGroups")][..];
    let traffic = &[("cloudwatch", "traffic", "cloudwatch:GetMetricData")][..];
    let cases: &[(&str, &[Refused], &str, i32)] = &[
        ("everything was listed, and there is nothing", &[], "info", 0),
        ("whether a database is exposed is undecided", databases, "critical", 3),
        ("log groups are kept for ever, or not: low", logs, "low", 3),
        ("the same, and low does not count", logs, "medium", 0),
        ("bills need it, no verdict does", traffic, "info", 0),
    ];
    for (name, denied, fail_on, expected) in cases {
        let (code, text) = scan(&nothing_there(denied), &["--fail-on", fail_on, "--lang", "en"]);
        assert_eq!(code, *expected, "{name}: {text}");
    }
}

#[test]
fn an_empty_account_says_that_nothing_was_found() {
    let cases: &[(&[Refused], &str, &str)] = &[
        (&[], "en", "No service, load balancer or database in eu-west-3."),
        (&[], "ja", "eu-west-3 にサービス、ロードバランサー、データベースが見つからなかった。"),
        (
            &[("logs", "log_groups", "logs:DescribeLogGroups")],
            "en",
            "No service, load balancer or database in eu-west-3; 1 could not be judged",
        ),
    ];
    for (denied, lang, expected) in cases {
        let (_, text) = scan(&nothing_there(denied), &["--lang", lang]);
        assert!(text.contains(expected), "{expected}\n{text}");
    }
    // What could not be listed may be there.
    let (_, text) =
        scan(&nothing_there(&[("rds", "db_instances", "rds:DescribeDBInstances")]), &["--lang", "en"]);
    assert!(!text.contains("No service, load balancer or database"), "{text}");
}
