//! `tenken.toml` as the command line obeys it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tenken::config::{Config, PLAN_KEYS, written};
use tenken::plan::{Deadline, PlanRequest, Weights};
use tenken::policy::PolicySet;
use tenken::price::Money;
use tenken::snapshot::rds::DbInstance;
use tenken::snapshot::{Known, Snapshot, store};

const FAILING: &str = "arn:aws:rds:ap-northeast-1:123456789012:db:ec-db";

/// A folder with a saved snapshot of one database that keeps its backups for three days.
fn folder(config: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let regions = ["ap-northeast-1".to_owned()];
    let mut snapshot = Snapshot::new("123456789012", "aws", "2027-03-31T12:00:00Z", &regions).complete();
    snapshot.rds.db_instances.items.push(DbInstance {
        arn: FAILING.into(),
        region: "ap-northeast-1".into(),
        id: "ec-db".into(),
        multi_az: Known::Yes(false),
        publicly_accessible: Known::Yes(false),
        backup_retention_days: Known::Yes(3),
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
    assert!(report.contains("1 medium") && report.contains("1 verdict: 1 failed"), "{report}");
    // More policies, and no file to write to.
    let output = tenken(path, &["--no-config", "--details"]);
    assert!(out(&output).contains("rds-single-az"), "{}", out(&output));
    // A choice of flags replaces that of the file.
    tenken(path, &["--policy", "rds-single-az", "--output", "third.txt", "--details"]);
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
         tenken.toml:1: `lang`: unknown language `fr`; write en or ja\n\
         tenken.toml:2: `regions` is a whole number; write regions = [\"ap-northeast-1\", \"us-east-1\"]\n\
         tenken.toml:3: `fail_on`: unknown severity `grave`; write critical, high, medium, low or info\n"
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
        let output = tenken(folder.path(), &["--details"]);
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
    assert!(report.contains("Nothing failed but what was accepted"), "{report}");
    assert!(report.contains("by ops@example.com"), "{report}");
    let ended = folder(&acceptance("arn:aws:rds:*:db:ec-*", "2027-03-30"));
    let output = tenken(ended.path(), &["--details"]);
    assert_eq!(output.status.code(), Some(1));
    let report = out(&output).replace("\n    ", " ");
    assert!(
        report.contains("The acceptance by ops@example.com expired on 2027-03-30: Copied every night."),
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
         arn:aws:rds:*:db:old-db); remove it if the problem is fixed\n"
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

const BUSINESS: &str = r#"currency = "JPY"
rate = 140

[plan]
budget = "150000JPY"
current_bill = "80000JPY"
hour_down_cost = "300000JPY"
peak_factor = 3
deadline = "4w"
staff_hours = 40
approver = "CTO"
allow_unknown_prices = true

[plan.weights]
critical = 100
low = 2.5
"#;

fn configured(text: &str) -> Result<Config, Vec<String>> {
    Config::new(&written::read("tenken.toml", text), &PolicySet::embedded().unwrap())
        .map_err(|error| error.problems.iter().map(ToString::to_string).collect())
}

#[test]
fn every_key_of_the_business_is_understood() {
    let yen = |amount: f64| Some(Money { amount, code: "JPY".into() });
    let expected = PlanRequest {
        budget: yen(150_000.0),
        current_bill: yen(80_000.0),
        hour_down_cost: yen(300_000.0),
        peak_factor: Some(3.0),
        deadline: Some(Deadline::Days(28)),
        staff_hours: Some(40.0),
        approver: Some("CTO".into()),
        currency: None,
        rate: None,
        allows_unknown_prices: Some(true),
        weights: Some(Weights { low: 2.5, ..Weights::default() }),
    };
    assert_eq!(configured(BUSINESS).unwrap().plan, expected);
    for day in ["2027-03-31", "\"2027-03-31\""] {
        let plan = configured(&format!("[plan]\ndeadline = {day}\n")).unwrap().plan;
        assert_eq!(plan.deadline, Some(Deadline::Day("2027-03-31".parse().unwrap())));
    }
    // Nothing is left that the test does not know of.
    assert!(PLAN_KEYS.iter().all(|(key, _)| BUSINESS.contains(key)));
}

#[test]
fn problems_of_the_business_come_at_once_with_what_to_write() {
    for (written, expected) in [
        ("plan = 5", "1: `plan` is a whole number; write [plan] and below it budget = \"150000JPY\""),
        ("[plan]\nbuget = \"1USD\"", "2: plan has no key `buget`; did you mean `budget`?"),
        (
            "[plan]\ncurrent-bill = \"1USD\"",
            "2: plan has no key `current-bill`; did you mean `current_bill`?",
        ),
        (
            "[plan]\ncurrency = \"JPY\"",
            "2: plan has no key `currency`; it belongs above the first [table] of the file",
        ),
        ("[plan]\nbudget = 150000", "2: `budget` is a whole number; write budget = \"150000JPY\""),
        (
            "[plan]\nbudget = \"150000\"",
            "2: `budget`: `150000` is not an amount of money; write for instance 150000JPY, 15万円 or 1000USD",
        ),
        ("[plan]\ncurrent_bill = \"-5USD\"", "2: `current_bill`: `-5USD` is not an amount of money; "),
        ("[plan]\nhour_down_cost = \"\"", "2: `hour_down_cost` is empty; write hour_down_cost = "),
        (
            "[plan]\npeak_factor = 0.5",
            "2: `peak_factor` must be a number from 1 to 1000; write peak_factor = 3",
        ),
        ("[plan]\npeak_factor = \"3\"", "2: `peak_factor` is text; write peak_factor = 3"),
        (
            "[plan]\ndeadline = \"soon\"",
            "2: `deadline`: `soon` is not a deadline; write a date like 2027-03-31",
        ),
        ("[plan]\ndeadline = 28", "2: `deadline` is a whole number; write deadline = 2027-03-31, or \"4w\""),
        ("[plan]\ndeadline = 2027-02-30", "2: this date does not exist; write one like 2027-03-31"),
        ("[plan]\ndeadline = 2027-03-31T10:00:00Z", "2: `deadline` is a time; write deadline = 2027-03-31"),
        ("[plan]\nstaff_hours = -1", "2: `staff_hours` must be 0 or more; write staff_hours = 40"),
        ("[plan]\nstaff_hours = inf", "2: `staff_hours` must be 0 or more; write staff_hours = 40"),
        ("[plan]\nstaff_hours = 1e9", "2: `staff_hours` must be a number from 0 to 100000; "),
        ("[plan]\napprover = true", "2: `approver` is a boolean; write approver = \"CTO\""),
        (
            "[plan]\nallow_unknown_prices = \"yes\"",
            "2: `allow_unknown_prices` is text; write allow_unknown_prices = true, or false",
        ),
        (
            "[plan]\nweights = 5",
            "2: `weights` is a whole number; write [plan.weights] and below it critical = ",
        ),
        (
            "[plan.weights]\nmajor = 5",
            "2: plan.weights has no key `major`; it takes critical, high, medium, ",
        ),
        ("[plan.weights]\nhigh = \"40\"", "2: `high` is text; write high = 40"),
        ("[plan.weights]\nlow = 99999", "2: `low` must be a number from 0 to 10000; write low = 3"),
        (
            "[plan.weights]\ncritical = 0\nhigh = 0\nmedium = 0\nlow = 0\ninfo = 0",
            "1: `weights` are all 0, so nothing is worth doing",
        ),
    ] {
        let problems = configured(written).unwrap_err();
        assert!(problems[0].starts_with(&format!("tenken.toml:{expected}")), "{written}: {problems:?}");
        assert_eq!(problems.len(), 1, "{written}: {problems:?}");
    }
    let all = configured("lang = \"fr\"\n[plan]\nbudget = 5\npeak_factor = 0\n[plan.weights]\nhigh = -1\n");
    let lines: Vec<String> = all.unwrap_err().iter().map(|one| one[..13].to_owned()).collect();
    assert_eq!(lines, ["tenken.toml:1", "tenken.toml:3", "tenken.toml:4", "tenken.toml:6"]);
}

/// What `tenken plan` prints of the recorded account of the review.
fn planned(folder: &Path, arguments: &[&str]) -> String {
    let snapshot = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots/ec-site.json");
    let mut command = Command::new(env!("CARGO_BIN_EXE_tenken"));
    command.current_dir(folder).args(["plan", "--snapshot"]).arg(snapshot).args(arguments);
    let output = command.env("LC_ALL", "C").output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", complaint(&output));
    out(&output)
}

#[test]
fn the_plan_of_the_file_is_that_of_the_flags_and_flags_win() {
    let without_weights = BUSINESS.split_once("[plan.weights]").unwrap().0;
    let folder = folder(without_weights);
    let path = folder.path();
    let flags = |budget: &'static str| {
        let flags = ["--budget", budget, "--current-bill", "80000JPY", "--hour-down-cost", "300000JPY"];
        let more = ["--peak-factor", "3", "--deadline", "4w", "--staff-hours", "40", "--approver", "CTO"];
        let rest = ["--allow-unknown-prices", "--currency", "JPY", "--rate", "140"];
        [&flags[..], &more, &rest].concat()
    };
    let by = |arguments: &[&str]| planned(path, &[&["--format", "json"], arguments].concat());
    let by_file = by(&[]);
    assert_eq!(by_file, by(&[&["--no-config"], &flags("150000JPY")[..]].concat()));
    let dearer = by(&["--budget", "400000JPY"]);
    assert_eq!(dearer, by(&[&["--no-config"], &flags("400000JPY")[..]].concat()));
    assert_ne!(by_file, dearer);
    // What options close and open has nothing to do with it.
    let simulated = planned(path, &["--simulate", "all", "--currency", "USD"]);
    assert_eq!(simulated, planned(path, &["--no-config", "--simulate", "all"]));
}

#[test]
fn weights_of_the_file_are_those_of_the_plan() {
    let folder = folder("[plan.weights]\ncritical = 0\nhigh = 0\nlow = 500\n");
    let json = |arguments: &[&str]| -> serde_json::Value {
        let text = planned(folder.path(), &[&["--format", "json"], arguments].concat());
        serde_json::from_str(&text).unwrap()
    };
    let (own, usual) = (json(&[]), json(&["--no-config"]));
    let weights =
        serde_json::json!({ "critical": 0.0, "high": 0.0, "medium": 10.0, "low": 500.0, "info": 1.0 });
    assert_eq!(own["context"]["weights"], weights);
    let first = |plan: &serde_json::Value| plan["phases"][0]["steps"][0].clone();
    assert_ne!(first(&own), first(&usual));
}
