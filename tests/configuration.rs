//! `tenken.toml` as the command line obeys it.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tenken::snapshot::rds::DbInstance;
use tenken::snapshot::{Snapshot, store};

const FAILING: &str = "arn:aws:rds:ap-northeast-1:123456789012:db:ec-db";

/// A folder with a saved snapshot of one database that keeps its backups for three days.
fn folder(config: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let regions = ["ap-northeast-1".to_owned()];
    let mut snapshot = Snapshot::new("123456789012", "aws", "2027-03-31T12:00:00Z", &regions);
    snapshot.rds.db_instances.items.push(DbInstance {
        arn: FAILING.into(),
        region: "ap-northeast-1".into(),
        id: "ec-db".into(),
        backup_retention_days: 3,
        ..DbInstance::default()
    });
    store::save(&snapshot, &folder.path().join("account.json")).unwrap();
    fs::write(folder.path().join("tenken.toml"), config).unwrap();
    folder
}

fn tenken(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tenken"));
    command.current_dir(folder).args(["scan", "--snapshot", "account.json"]).args(arguments);
    command.env("LC_ALL", "C").output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn complaint(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

const ONLY: &str = "only_policies = [\"rds-short-backup-retention\"]\n";

fn acceptance(resource: &str, until: &str) -> String {
    format!(
        "{ONLY}\n[[accept]]\npolicy = \"rds-short-backup-retention\"\nresource = \"{resource}\"\n\
         reason = \"Copied every night\"\nowner = \"ops@example.com\"\nuntil = {until}\n"
    )
}

#[test]
fn the_file_says_what_flags_say_and_flags_win() {
    let folder = folder(&format!("{ONLY}lang = \"ja\"\nfail_on = \"high\"\noutput = \"report.txt\"\n"));
    let path = folder.path();
    // The failure is medium.
    let output = tenken(path, &[]);
    assert_eq!(output.status.code(), Some(0), "{}", complaint(&output));
    assert_eq!(out(&output), "");
    assert!(fs::read_to_string(path.join("report.txt")).unwrap().contains("アカウント 123456789012"));
    let output = tenken(path, &["--fail-on", "medium", "--lang", "en", "--output", "other.txt"]);
    assert_eq!(output.status.code(), Some(1));
    let report = fs::read_to_string(path.join("other.txt")).unwrap();
    assert!(report.contains("1 medium") && report.contains("1 verdicts: 1 failed"), "{report}");
    // More policies, and no file to write to.
    let output = tenken(path, &["--no-config"]);
    assert!(out(&output).contains("rds-single-az"), "{}", out(&output));
    // A choice of flags replaces that of the file.
    tenken(path, &["--policy", "rds-single-az", "--output", "third.txt"]);
    let report = fs::read_to_string(path.join("third.txt")).unwrap();
    assert!(report.contains("rds-single-az") && !report.contains("rds-short-backup-retention"));
}

#[test]
fn another_file_is_named_and_its_paths_begin_at_its_folder() {
    let folder = folder("this is not TOML");
    let path = folder.path();
    fs::create_dir(path.join("conf")).unwrap();
    fs::write(path.join("conf/audit.toml"), format!("{ONLY}output = \"report.txt\"\n")).unwrap();
    let output = tenken(path, &["--config", "conf/audit.toml"]);
    assert_eq!(output.status.code(), Some(1), "{}", complaint(&output));
    assert!(path.join("conf/report.txt").exists());
    let output = tenken(path, &["--config", "missing.toml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(complaint(&output).starts_with("tenken: failed to read missing.toml: "));
}

#[test]
fn problems_stop_the_run_and_come_at_once() {
    let folder = folder("lang = \"fr\"\nfail_on = \"grave\"\npolicies_folder = \"own\"\n");
    let path = folder.path();
    fs::create_dir(path.join("own")).unwrap();
    fs::write(path.join("own/bad.yaml"), "id: bad\n").unwrap();
    let output = tenken(path, &["--policies", path.join("nowhere").to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2));
    fs::remove_file(path.join("own/bad.yaml")).unwrap();
    fs::write(path.join("tenken.toml"), "lang = \"fr\"\nregions = 1\nfail_on = \"grave\"\n").unwrap();
    let output = tenken(path, &[]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        complaint(&output),
        "tenken: failed to use the configuration:\n\
         tenken.toml:1: `lang`: `fr` is no language of tenken: write en or ja\n\
         tenken.toml:2: `regions` is a whole number; write regions = [\"ap-northeast-1\", \"us-east-1\"]\n\
         tenken.toml:3: `fail_on`: `grave` is no severity: write critical, high, medium, low or info\n"
    );
    assert_eq!(out(&output), "");
    // Together with those of the policies it names.
    fs::write(path.join("own/bad.yaml"), "id: bad\n").unwrap();
    fs::write(path.join("tenken.toml"), "regions = 1\npolicies_folder = \"own\"\n").unwrap();
    let complaint = complaint(&tenken(path, &[]));
    assert!(complaint.contains("tenken.toml:1: `regions`"), "{complaint}");
    assert!(complaint.contains("bad.yaml:1: the policy lacks `severity`"), "{complaint}");
}

#[test]
fn a_threshold_of_the_file_is_the_one_that_is_judged_by() {
    let parameters = "[parameters.rds-short-backup-retention]\nretention_days_min = ";
    for (days, code) in [(3, 0), (4, 1)] {
        let folder = folder(&format!("{ONLY}{parameters}{days}\n"));
        let output = tenken(folder.path(), &[]);
        assert_eq!(output.status.code(), Some(code), "{}", complaint(&output));
        assert_eq!(out(&output).contains("it should be 4 or more"), code == 1);
    }
}

#[test]
fn an_accepted_failure_counts_until_its_last_day_only() {
    // The scan was on 31 March.
    let accepted = folder(&acceptance("arn:aws:rds:*:db:ec-*", "2027-03-31"));
    let output = tenken(accepted.path(), &[]);
    assert_eq!(output.status.code(), Some(0), "{}", complaint(&output));
    assert_eq!(complaint(&output), "");
    let report = out(&output);
    assert!(report.contains("Nothing wrong but what was accepted"), "{report}");
    assert!(report.contains("by ops@example.com"), "{report}");
    let ended = folder(&acceptance("arn:aws:rds:*:db:ec-*", "2027-03-30"));
    let output = tenken(ended.path(), &[]);
    assert_eq!(output.status.code(), Some(1));
    let report = out(&output).replace("\n    ", " ");
    assert!(
        report.contains("The acceptance by ops@example.com ended on 2027-03-30: Copied every night."),
        "{report}"
    );
}

#[test]
fn an_acceptance_of_nothing_is_named() {
    let folder = folder(&acceptance("arn:aws:rds:*:db:old-db", "2027-12-31"));
    let output = tenken(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        complaint(&output),
        "tenken.toml:3: this acceptance covers no failure of this scan (rds-short-backup-retention, \
         arn:aws:rds:*:db:old-db); take it out if the problem is gone\n"
    );
    let japanese = complaint(&tenken(folder.path(), &["--lang", "ja"]));
    assert!(japanese.starts_with("tenken.toml:3: このリスク受容に該当する"), "{japanese}");
}

#[test]
fn what_telling_lacks_is_said_before_anything_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("tenken.toml");
    std::fs::write(&config, "[notify.sns]\ntopic = \"arn:aws:sns:eu-west-1:123456789012:tenken\"\n\n[notify.webhook]\nurl = \"env:TENKEN_TEST_UNSET\"\nauthorization = \"ssm:/tenken/token\"\n")
        .unwrap();
    let tenken = |arguments: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_tenken"))
            .current_dir(folder.path())
            .args(arguments)
            .env_remove("TENKEN_SLACK_WEBHOOK")
            .env("LC_ALL", "en_US.UTF-8")
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    };
    let scan = ["scan", "--snapshot", "none.json", "--history", "h.json"];
    let table: [(&[&str], &str); 5] = [
        (&["scan", "--snapshot", "none.json", "--notify", "slack"], "--notify needs --history"),
        (
            &["scan", "--snapshot", "none.json", "--notify", "slack", "--lang", "ja"],
            "--notify には --history が必要",
        ),
        (&[&scan[..], &["--notify", "slack"]].concat(), "the variable TENKEN_SLACK_WEBHOOK is not set"),
        (&[&scan[..], &["--notify", "webhook"]].concat(), "the variable TENKEN_TEST_UNSET is not set"),
        (&[&scan[..], &["--notify", "teams"]].concat(), "write slack, webhook or sns"),
    ];
    for (arguments, expected) in table {
        let (code, out, error) = tenken(arguments);
        assert_eq!((code, out.as_str()), (2, ""), "{error}");
        assert!(error.contains(expected), "{error}\n{expected}");
    }
    assert!(!folder.path().join("h.json").exists());
    // What telling takes is apart from what auditing takes.
    let (code, policy, _) = tenken(&["permissions", "--notify", "sns", "--notify", "webhook"]);
    let policy: serde_json::Value = serde_json::from_str(&policy).unwrap();
    let statement = |index: usize| {
        let one = &policy["Statement"][index];
        (one["Action"].as_str().unwrap().to_owned(), one["Resource"].as_str().unwrap().to_owned())
    };
    assert_eq!(code, 0);
    assert_eq!(statement(0), ("ssm:GetParameter".into(), "arn:aws:ssm:*:*:parameter/tenken/token".into()));
    assert_eq!(statement(1), ("sns:Publish".into(), "arn:aws:sns:eu-west-1:123456789012:tenken".into()));
    assert!(!tenken(&["permissions"]).1.contains("sns:Publish"));
    let (_, _, error) = tenken(&["permissions", "--no-config", "--notify", "sns"]);
    assert!(error.contains("write [notify.sns]"), "{error}");
}
