//! `scan --history`, `diff` and `history` as people call them.

use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tenken::snapshot::rds::DbInstance;
use tenken::snapshot::{Cause, Gap, Known, Snapshot, store};

const REGION: &str = "ap-northeast-1";
const POLICY: &str = "rds-short-backup-retention";

fn arn(name: &str) -> String {
    format!("arn:aws:rds:{REGION}:123456789012:db:{name}")
}

fn snapshot(day: u32, databases: &[(&str, i64)]) -> Snapshot {
    let taken_at = format!("2027-03-{day:02}T12:00:00Z");
    let mut snapshot = Snapshot::new("123456789012", "aws", &taken_at, &[REGION.to_owned()]).complete();
    for (name, days) in databases {
        snapshot.rds.db_instances.items.push(DbInstance {
            arn: arn(name),
            region: REGION.into(),
            id: (*name).into(),
            multi_az: Known::Yes(false),
            publicly_accessible: Known::Yes(false),
            backup_retention_days: Known::Yes(*days),
            ..DbInstance::default()
        });
    }
    snapshot
}

fn cut_short(mut snapshot: Snapshot) -> Snapshot {
    let gap = Gap {
        operation: "rds:DescribeDBInstances".into(),
        permissions: vec!["rds:DescribeDBInstances".into()],
        region: REGION.into(),
        about: None,
        cause: Cause::Denied,
        code: "AccessDenied".into(),
    };
    snapshot.rds.db_instances.incomplete.push(gap.id());
    snapshot.gaps.insert(gap.id(), gap);
    snapshot
}

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Place(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn save(&self, name: &str, snapshot: &Snapshot) {
        store::save(snapshot, &self.path().join(name)).unwrap();
    }

    fn tenken(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tenken"));
        command.current_dir(self.path()).args(arguments).env("LC_ALL", "C").output().unwrap()
    }

    fn scan(&self, name: &str, more: &[&str]) -> Output {
        let scan = ["scan", "--details", "--snapshot", name, "--policy", POLICY];
        self.tenken(&[&scan, more].concat())
    }

    fn diff(&self, from: &str, to: &str, more: &[&str]) -> Output {
        self.tenken(&[&["diff", from, to, "--policy", POLICY], more].concat())
    }
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

fn complaint(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Whatever the line breaks are.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn three_days() -> Place {
    let place = Place::new();
    place.save("1.json", &snapshot(1, &[("ec-db", 3), ("report-db", 1)]));
    place.save("2.json", &snapshot(2, &[("ec-db", 30), ("report-db", 1), ("new-db", 2)]));
    place.save("3.json", &cut_short(snapshot(3, &[("ec-db", 3)])));
    place
}

#[test]
fn a_scan_with_a_history_says_what_is_new_and_what_is_resolved() {
    let place = three_days();
    let output = place.scan("1.json", &["--history"]);
    assert_eq!(output.status.code(), Some(1), "{}", complaint(&output));
    let report = out(&output);
    assert!(report.contains("History: it starts with this run."), "{report}");
    assert!(!report.contains("NEW"), "{report}");
    let file = place.path().join(".tenken/history.json");
    let first = fs::read(&file).unwrap();
    // The same snapshot once more says the same and writes nothing.
    assert_eq!(out(&place.scan("1.json", &["--history"])), report);
    assert_eq!(fs::read(&file).unwrap(), first);
    // Without the flag nothing is written, and nothing is said.
    let silent = out(&place.scan("2.json", &[]));
    assert!(!silent.contains("Since") && !silent.contains("NEW"), "{silent}");
    assert_eq!(fs::read(&file).unwrap(), first);

    let output = place.scan("2.json", &["--history", ".tenken/history.json"]);
    let report = flat(&out(&output));
    assert!(report.contains("NEW new-db rds:db, ap-northeast-1"), "{report}");
    assert!(!report.contains("NEW report-db"), "{report}");
    let since = "Since 2027-03-01 12:00 UTC: 1 new; 1 resolved: ec-db (rds-short-backup-retention).";
    assert!(report.contains(since), "{report}");

    let output = place.scan("3.json", &["--history", "--lang", "ja"]);
    let report = out(&output);
    assert!(report.contains("再発 ec-db"), "{report}");
    let since = "前回（2027-03-02 12:00 UTC）から: 再発 1。新たに判定不能 1。未解決のまま確認不能 2: \
        new-db（rds-short-backup-retention）、report-db（rds-short-backup-retention）。";
    let squeeze = |text: &str| text.replace(['\n', ' '], "");
    assert!(squeeze(&report).contains(&squeeze(since)), "{report}");
    // An older scan that comes late is told, and changes nothing.
    let before: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    let output = place.scan("2.json", &["--history"]);
    assert!(complaint(&output).contains("a newer scan is in the history already"), "{}", complaint(&output));
    let after: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    assert_eq!(before["findings"], after["findings"]);
}

#[test]
fn the_json_report_has_states() {
    let place = three_days();
    place.scan("1.json", &["--history"]);
    let report = json(&place.scan("2.json", &["--history", "--format", "json"]));
    let of = |name: &str| {
        let findings = report["findings"].as_array().unwrap();
        findings.iter().find(|finding| finding["resource"] == arn(name)).unwrap().clone()
    };
    assert_eq!(
        (&of("new-db")["state"], &of("new-db")["new_because"]),
        (&"new".into(), &"account-changed".into())
    );
    assert_eq!(of("new-db")["first_seen"], "2027-03-02T12:00:00Z");
    assert_eq!((&of("report-db")["state"], &of("report-db")["new_because"]), (&"open".into(), &Value::Null));
    assert_eq!(of("report-db")["first_seen"], "2027-03-01T12:00:00Z");
    assert_eq!((&of("ec-db")["state"], &of("ec-db")["verdict"]), (&"resolved".into(), &"pass".into()));
    assert_eq!(report["history"]["previous_run"], "2027-03-01T12:00:00Z");
    let changes = report["history"]["changes"].as_array().unwrap();
    let turns: Vec<&str> = changes.iter().map(|change| change["change"].as_str().unwrap()).collect();
    assert_eq!(turns, ["new", "resolved"]);
    assert_eq!(changes[1]["resolution"], "passed");
    let plain = json(&place.scan("2.json", &["--format", "json"]));
    assert!(plain.get("history").is_none() && plain["findings"][0].get("state").is_none());
}

#[test]
fn a_history_that_cannot_be_used_is_kept() {
    let place = three_days();
    // Before AWS would be asked, whatever is in the file.
    let path = place.path().join("history.json");
    let newer = "{\"kind\": \"tenken-history\", \"format_version\": 7, \"identity_version\": 1}";
    let cut = "{\"kind\": \"tenken-history\", \"format_version\": 1,\n";
    for (text, expected) in [
        ("", "it is empty"),
        ("notes", "it is not a tenken history"),
        (newer, "history version 7"),
        (cut, "it ends in the middle, at line"),
    ] {
        fs::write(&path, text).unwrap();
        let output = place.scan("1.json", &["--history", "history.json"]);
        assert_eq!(output.status.code(), Some(2));
        assert_eq!(out(&output), "");
        let complaint = complaint(&output);
        assert!(complaint.starts_with("tenken: failed to use the history history.json: "), "{complaint}");
        assert!(complaint.contains(expected), "{complaint}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
    // Another account is only known afterwards: what was found is still reported.
    fs::remove_file(&path).unwrap();
    place.scan("1.json", &["--history", "history.json"]);
    let before = fs::read(&path).unwrap();
    let mut other = snapshot(2, &[("ec-db", 3)]);
    other.account = "999999999999".into();
    place.save("other.json", &other);
    let output = place.scan("other.json", &["--history", "history.json"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(out(&output).contains("account 999999999999"), "{}", out(&output));
    let text = complaint(&output);
    assert!(text.contains("of account 999999999999, and the history is of account 123456789012"), "{text}");
    assert_eq!(fs::read(&path).unwrap(), before);
    // A folder that is not there is more likely a slip.
    let output = place.scan("1.json", &["--history", "nowhere/history.json"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(complaint(&output).contains("there is no folder nowhere"), "{}", complaint(&output));
}

/// No file system takes a name as long as this, which its folder does not show beforehand.
#[test]
fn what_cannot_be_written_loses_nothing_else() {
    let place = three_days();
    let long = "x".repeat(400);
    let output = place.scan("1.json", &["--history", "h.json", "--save-snapshot", &long]);
    assert_eq!(output.status.code(), Some(2));
    assert!(out(&output).contains("report-db"), "{}", out(&output));
    assert!(complaint(&output).starts_with("tenken: failed to write x"), "{}", complaint(&output));
    // The run is remembered, and the next one compares with it.
    let other = "y".repeat(400);
    let flags = ["--history", "h.json", "--save-snapshot", &long, "--output", &other];
    let output = place.scan("2.json", &flags);
    assert_eq!((output.status.code(), out(&output).as_str()), (Some(2), ""));
    assert_eq!(complaint(&output).lines().count(), 2, "{}", complaint(&output));
    let trend = json(&place.tenken(&["history", "h.json", "--format", "json"]));
    assert_eq!(trend["runs"].as_array().unwrap().len(), 2);
}

#[test]
fn a_difference_between_two_snapshots() {
    let place = three_days();
    let output = place.diff("1.json", "2.json", &[]);
    assert_eq!(output.status.code(), Some(1), "{}", complaint(&output));
    let text = flat(&out(&output));
    assert!(
        text.starts_with("tenken diff: account 123456789012, from 2027-03-01 12:00 UTC to 2027-03-02"),
        "{text}"
    );
    assert!(text.contains("1 new, 1 resolved."), "{text}");
    assert!(text.contains("New medium new-db, rds-short-backup-retention"), "{text}");
    assert!(text.contains("Resolved medium ec-db, rds-short-backup-retention passes now"), "{text}");
    let text = out(&place.diff("1.json", "2.json", &["--lang", "ja"]));
    assert!(text.contains("新規 1、解決 1。") && text.contains("合格になった"), "{text}");
    // Nothing below the threshold counts.
    assert_eq!(place.diff("1.json", "2.json", &["--fail-on", "high"]).status.code(), Some(0));
    // What is gone from a list that was cut short is not resolved.
    let output = place.diff("2.json", "3.json", &["--fail-on", "medium"]);
    let text = flat(&out(&output));
    assert_eq!(output.status.code(), Some(1));
    assert!(text.contains("2 open before and not visible now"), "{text}");
    assert!(!text.contains("Resolved"), "{text}");
    // Only unknown: 3. The same: 0. The wrong way round, or no file: 2.
    place.save("4.json", &cut_short(snapshot(4, &[])));
    assert_eq!(place.diff("1.json", "4.json", &[]).status.code(), Some(3));
    let output = place.diff("1.json", "1.json", &[]);
    assert_eq!(output.status.code(), Some(0));
    assert!(out(&output).contains("No difference."), "{}", out(&output));
    let output = place.diff("2.json", "1.json", &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(complaint(&output).contains("name the older one first"), "{}", complaint(&output));
    assert_eq!(place.diff("1.json", "missing.json", &[]).status.code(), Some(2));
    fs::write(place.path().join("other.json"), "{}").unwrap();
    assert_eq!(place.diff("1.json", "other.json", &[]).status.code(), Some(2));
    let mut other = snapshot(9, &[]);
    other.account = "999999999999".into();
    place.save("other.json", &other);
    let output = place.diff("1.json", "other.json", &[]);
    assert!(complaint(&output).contains("the second of account 999999999999"), "{}", complaint(&output));
}

#[test]
fn reports_and_histories_differ_as_their_snapshots_do() {
    let place = three_days();
    for name in ["1", "2"] {
        let report = place.scan(&format!("{name}.json"), &["--format", "json"]);
        fs::write(place.path().join(format!("report-{name}.json")), report.stdout).unwrap();
    }
    place.scan("1.json", &["--history", "history.json"]);
    let before = fs::read(place.path().join("history.json")).unwrap();
    let expected = json(&place.diff("1.json", "2.json", &["--format", "json"]));
    assert_eq!(expected["changes"].as_array().unwrap().len(), 2);
    assert_eq!(expected["changes"][0]["first_seen"], "2027-03-02T12:00:00Z");
    for (from, to) in [
        ("report-1.json", "report-2.json"),
        ("1.json", "report-2.json"),
        ("history.json", "2.json"),
        ("history.json", "report-2.json"),
    ] {
        let output = place.diff(from, to, &["--format", "json"]);
        assert_eq!(output.status.code(), Some(1), "{from} {to}: {}", complaint(&output));
        assert_eq!(json(&output), expected, "{from} {to}");
    }
    // A difference writes nothing, and a history comes first.
    assert_eq!(fs::read(place.path().join("history.json")).unwrap(), before);
    let output = place.diff("2.json", "history.json", &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(complaint(&output).contains("it is a history; name it first"), "{}", complaint(&output));
    // Against the run that the history ends with, nothing is new.
    assert_eq!(place.diff("history.json", "1.json", &[]).status.code(), Some(0));
    // Two judgements of one snapshot: what differs are the policies, not the account.
    let output = place.tenken(&[
        "scan",
        "--snapshot",
        "1.json",
        "--policy",
        POLICY,
        "--policy",
        "rds-single-az",
        "--format",
        "json",
    ]);
    fs::write(place.path().join("more.json"), output.stdout).unwrap();
    let changes = json(&place.diff("1.json", "more.json", &["--format", "json"]));
    let changes = changes["changes"].as_array().unwrap();
    assert!(!changes.is_empty());
    for change in changes.iter().filter(|change| change["change"] == "new") {
        assert_eq!(change["new_because"], "policy-is-new");
        assert_eq!(change["first_seen"], "2027-03-01T12:00:00Z");
    }
}

#[test]
fn a_history_shows_its_trend() {
    let place = three_days();
    let output = place.tenken(&["history"]);
    assert_eq!(output.status.code(), Some(2));
    let text = complaint(&output);
    assert!(text.contains(".tenken/history.json; `tenken scan --history` starts one"), "{text}");
    for name in ["1.json", "2.json", "3.json"] {
        place.scan(name, &["--history"]);
    }
    place.tenken(&["scan", "--snapshot", "3.json", "--policy", "rds-single-az", "--history"]);
    let text = out(&place.tenken(&["history"]));
    assert!(text.starts_with("tenken history: account 123456789012, 4 runs\n"), "{text}");
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("2027-03-")).collect();
    assert_eq!(rows.len(), 4, "{text}");
    let columns: Vec<&str> = rows[1].split_whitespace().collect();
    assert_eq!(columns, ["2027-03-02", "12:00", "0", "0", "2", "0", "0", "0", "1", "0", "1"], "{text}");
    // The run by another policy cannot be compared with the others.
    assert_eq!(rows.iter().filter(|row| row.contains(" * ")).count(), 1, "{text}");
    assert!(text.contains("Oldest open critical finding: none"), "{text}");
    assert!(text.contains("Median time to fix: 1 day (of 1 resolved)"), "{text}");
    let japanese = out(&place.tenken(&["history", ".tenken/history.json", "--lang", "ja"]));
    assert!(japanese.contains("解決までの時間（中央値）: 1 日（解決 1 件）"), "{japanese}");
    for line in text.lines().chain(japanese.lines()) {
        assert!(tenken::text::width(line) <= 80, "{line}");
    }
    let trend = json(&place.tenken(&["history", "--format", "json"]));
    assert_eq!(trend["runs"].as_array().unwrap().len(), 4);
    assert_eq!(trend["runs"][1]["failed"]["medium"], 2);
    assert_eq!(trend["time_to_fix"]["median_seconds"], 86_400);
}

#[test]
fn every_command_takes_its_format_from_the_file_it_writes() {
    let place = three_days();
    place.scan("1.json", &["--history", "h.json"]);
    let commands: [&[&str]; 6] = [
        &["scan", "--snapshot", "2.json", "--policy", POLICY],
        &["cost", "--snapshot", "2.json"],
        &["plan", "--snapshot", "2.json", "--policy", POLICY],
        &["plan", "--snapshot", "2.json", "--policy", POLICY, "--simulate", "all"],
        &["history", "h.json"],
        &["diff", "1.json", "2.json", "--policy", POLICY],
    ];
    for command in commands {
        let write = |file: &str, more: &[&str]| {
            let output = place.tenken(&[command, &["--output", file], more].concat());
            let said = complaint(&output);
            (fs::read_to_string(place.path().join(file)).unwrap_or_default(), said)
        };
        let (markdown, _) = write("out.md", &[]);
        assert!(markdown.starts_with("# tenken"), "{command:?}: {markdown}");
        let (json, _) = write("out.json", &[]);
        assert!(serde_json::from_str::<Value>(&json).unwrap()["account"].is_string(), "{command:?}");
        let (text, _) = write("out.txt", &[]);
        assert!(text.starts_with("tenken"), "{command:?}: {text}");
        // What is said counts more than the name, and a name that says nothing is for people.
        assert_eq!(write("out.md", &["--format", "json"]).0, json, "{command:?}");
        assert_eq!(write("out.log", &[]).0, text, "{command:?}");
        // What is not there is refused with what there is.
        let (nothing, said) = write("out.tf", &[]);
        let known = ["terraform", "terminal", "markdown", "json"];
        let names_all = known.iter().all(|format| said.contains(format));
        assert!(nothing.is_empty() && names_all, "{command:?}: {said}");
    }
    let fix = ["fix", "--snapshot", "2.json", "--policy", POLICY, "--output"];
    place.tenken(&[&fix[..], &["fix.tf"]].concat());
    place.tenken(&[&fix[..], &["fix.sh"]].concat());
    let read = |name: &str| fs::read_to_string(place.path().join(name)).unwrap();
    assert!(read("fix.sh").starts_with("#!/usr/bin/env bash"));
    assert!(read("fix.tf").contains("terraform plan"), "{}", read("fix.tf"));
    let refused = place.tenken(&[&fix[..], &["fix.md"]].concat());
    assert!(complaint(&refused).contains("cli, terraform and json"), "{}", complaint(&refused));
}
