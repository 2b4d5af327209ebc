//! The real binary, with nothing of the caller's environment.

use crate::schema;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const BINARY: &str = env!("CARGO_BIN_EXE_tenken");

/// The load balancer of `mocks/ec-site`.
const LOAD_BALANCER: &str =
    "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:loadbalancer/app/shop-alb/6d13f618bb0f2a22";

/// What a command came to.
struct Outcome {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Outcome {
    /// It could not run; standard error says why in these words, standard output is empty.
    #[track_caller]
    fn is_refused(&self, words: &[&str]) {
        assert_eq!(self.code, 2, "{}", self.stderr);
        assert_eq!(self.stdout, "");
        for word in words {
            assert!(self.stderr.contains(word), "{word:?} is not in {:?}", self.stderr);
        }
    }
}

/// A command in an empty home, without AWS configuration, locale or terminal.
fn command(home: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(BINARY);
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).env_clear();
    command.env("HOME", home).env("AWS_EC2_METADATA_DISABLED", "true");
    command.stdin(Stdio::null());
    command
}

fn run_with(arguments: &[&str], environment: &[(&str, &str)]) -> Outcome {
    let home = tempfile::tempdir().unwrap();
    let output = command(home.path(), arguments).envs(environment.iter().copied()).output().unwrap();
    Outcome {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn run(arguments: &[&str]) -> Outcome {
    run_with(arguments, &[])
}

fn scan(arguments: &[&str]) -> Outcome {
    run(&[&["scan", "--replay", "mocks/ec-site"], arguments].concat())
}

/// A recorded account with more lines in its `account.toml`.
fn altered_account(folder: &Path, lines: &str) -> PathBuf {
    let copy = folder.join("account");
    copy_folder(Path::new(env!("CARGO_MANIFEST_DIR")).join("mocks/ec-site").as_path(), &copy);
    let about = copy.join("account.toml");
    let text = fs::read_to_string(&about).unwrap();
    fs::write(&about, format!("{text}\n{lines}\n")).unwrap();
    copy
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(|entry| entry.unwrap()) {
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy_folder(&entry.path(), &target),
            false => fs::write(&target, fs::read(entry.path()).unwrap()).unwrap(),
        }
    }
}

#[test]
fn findings_end_with_1() {
    let outcome = scan(&["--details"]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (1, ""));
    assert!(outcome.stdout.contains("alb-no-https-listener"));
    let id = tenken::finding::finding_id("alb-no-https-listener", LOAD_BALANCER, "");
    let summary = scan(&[]);
    assert_eq!((summary.code, summary.stderr.as_str()), (1, ""));
    assert!(summary.stdout.contains(&id[..6]) && summary.stdout.lines().count() < 80, "{}", summary.stdout);
    let shown = run(&["show", &id[..6], "--replay", "mocks/ec-site"]);
    assert_eq!((shown.code, shown.stderr.as_str()), (0, ""));
    assert!(shown.stdout.contains(&id), "{}", shown.stdout);
}

#[test]
fn nothing_found_ends_with_0() {
    let outcome = scan(&["--policy", "ecs-single-task"]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
}

#[test]
fn the_threshold_decides() {
    assert_eq!(scan(&["--policy", "alb-no-cdn"]).code, 1);
    assert_eq!(scan(&["--policy", "alb-no-cdn", "--fail-on", "medium"]).code, 0);
    assert_eq!(scan(&["--fail-on", "critical"]).code, 1);
}

#[test]
fn something_unknown_and_nothing_found_ends_with_3() {
    let folder = tempfile::tempdir().unwrap();
    let account = altered_account(folder.path(), r#"deny = ["rds:DescribeDBInstances"]"#);
    let account = account.to_str().unwrap();
    let unknown = run(&["scan", "--replay", account, "--policy", "rds-single-az", "--lang", "en"]);
    assert_eq!(unknown.code, 3, "{}", unknown.stderr);
    assert!(unknown.stdout.contains("rds:DescribeDBInstances"), "{}", unknown.stdout);
    // A finding weighs more than what is unknown.
    assert_eq!(run(&["scan", "--replay", account]).code, 1);
}

#[test]
fn no_credentials() {
    let outcome = run(&["scan", "--region", "ap-northeast-1"]);
    outcome.is_refused(&["failed to find AWS credentials"]);
}

#[test]
fn nobody_at_the_address() {
    let keys = [("AWS_ACCESS_KEY_ID", "testing"), ("AWS_SECRET_ACCESS_KEY", "testing")];
    let arguments = ["scan", "--region", "ap-northeast-1", "--endpoint-url", "http://127.0.0.1:1"];
    let short = ["--operation-timeout", "5s"];
    let outcome = run_with(&[&arguments[..], &short[..]].concat(), &keys);
    outcome.is_refused(&["failed to ask AWS whose credentials these are"]);
}

#[test]
fn flags_that_do_not_exist() {
    for (arguments, words) in [
        (vec!["scan", "--regoin", "x"], vec!["--region"]),
        (vec!["scan", "--format", "pdf"], vec!["pdf", "terminal", "json"]),
        (vec!["scan", "--lang", "de"], vec!["en or ja"]),
        (vec!["scan", "--fail-on", "worst"], vec!["critical"]),
        (vec!["scan", "--timeout", "5"], vec!["90s or 5m"]),
        (vec!["scan", "--replay", "a", "--snapshot", "b"], vec!["cannot be used with"]),
        (vec!["scna"], vec!["scan"]),
        (vec![], vec!["Usage"]),
    ] {
        run(&arguments).is_refused(&words);
    }
}

#[test]
fn a_policy_that_does_not_exist() {
    scan(&["--policy", "rds-single-ax"]).is_refused(&["rds-single-ax", "rds-single-az"]);
    scan(&["--policy", "quite-another-thing"]).is_refused(&["quite-another-thing", "tenken policies list"]);
}

#[test]
fn snapshots_that_cannot_be_used() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let saved = path("saved.json");
    assert_eq!(scan(&["--save-snapshot", &saved]).code, 1);
    let whole = fs::read_to_string(&saved).unwrap();

    let cut_off = path("cut-off.json");
    fs::write(&cut_off, whole.get(..whole.len() / 2).unwrap()).unwrap();
    run(&["scan", "--snapshot", &cut_off]).is_refused(&["cut-off.json", "ends in the middle"]);

    let newer = path("newer.json");
    let version = whole.lines().find(|line| line.contains("\"schema_version\"")).unwrap();
    fs::write(&newer, whole.replace(version, "  \"schema_version\": 999,")).unwrap();
    run(&["scan", "--snapshot", &newer]).is_refused(&["newer.json", "version 999", "newer one"]);

    let foreign = path("foreign.json");
    fs::write(&foreign, "{\"Reservations\": []}").unwrap();
    run(&["scan", "--snapshot", &foreign]).is_refused(&["foreign.json", "not a tenken snapshot"]);

    let damaged = path("damaged.json");
    fs::write(&damaged, whole.replacen("\"multi_az\": false", "\"multi_az\": \"no\"", 1)).unwrap();
    run(&["scan", "--snapshot", &damaged]).is_refused(&["damaged.json", "line ", "column "]);

    run(&["scan", "--snapshot", &path("none.json")]).is_refused(&["none.json"]);
    run(&["scan", "--snapshot", folder.path().to_str().unwrap()]).is_refused(&["failed to read"]);
}

#[test]
fn a_saved_snapshot_is_private_and_gives_the_same_report() {
    let folder = tempfile::tempdir().unwrap();
    let saved = folder.path().join("saved.json");
    let live = scan(&["--save-snapshot", saved.to_str().unwrap()]);
    let again = run(&["scan", "--snapshot", saved.to_str().unwrap()]);
    assert_eq!((live.code, again.code), (1, 1));
    assert!(live.stdout == again.stdout);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&saved).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn recordings_that_cannot_be_used() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    run(&["scan", "--replay", path]).is_refused(&["account.toml"]);
    run(&["scan", "--replay", "mocks/ec-sight"]).is_refused(&["mocks/ec-sight"]);
    scan(&["--region", "eu-west-1"]).is_refused(&["eu-west-1"]);
    let account = altered_account(folder.path(), r#"deny = ["rds:DescribeEverything"]"#);
    run(&["scan", "--replay", account.to_str().unwrap()]).is_refused(&["rds:DescribeEverything"]);
}

#[test]
fn a_recording_is_not_written_into_a_folder_in_use() {
    run(&["record", "mocks/ec-site", "--region", "ap-northeast-1"])
        .is_refused(&["mocks/ec-site", "not empty"]);
}

#[test]
fn reports_go_into_files() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.json");
    let outcome = scan(&["--format", "json", "--output", file.to_str().unwrap()]);
    assert_eq!((outcome.code, outcome.stdout.as_str(), outcome.stderr.as_str()), (1, "", ""));
    let report: serde_json::Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    schema::check("report", &report);
    assert_eq!(report["account"], "123456789012");
    let missing = folder.path().join("missing/report.json");
    scan(&["--output", missing.to_str().unwrap()]).is_refused(&["there is no folder", "missing"]);
    scan(&["--output", folder.path().to_str().unwrap()]).is_refused(&["it is a folder"]);
}

#[test]
fn broken_policies_are_all_listed() {
    let folder = tempfile::tempdir().unwrap();
    let pillar = folder.path().join("security");
    fs::create_dir_all(&pillar).unwrap();
    fs::write(pillar.join("no-yaml.yaml"), "id: [").unwrap();
    fs::write(pillar.join("unfinished.yaml"), "id: unfinished\nseverity: terrible\n").unwrap();
    let path = folder.path().to_str().unwrap();
    scan(&["--policies", path]).is_refused(&["no-yaml.yaml", "unfinished.yaml"]);
    run(&["policies", "test", path]).is_refused(&["no-yaml.yaml", "unfinished.yaml"]);
    let empty = tempfile::tempdir().unwrap();
    scan(&["--policies", empty.path().to_str().unwrap()]).is_refused(&["has no policy"]);
}

#[test]
fn a_policy_of_ones_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let made = run(&["policies", "new", "own-check", "--folder", path, "--pillar", "cost"]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    assert_eq!(run(&["policies", "test", path]).code, 0);
    let outcome = scan(&["--policies", path, "--policy", "own-check", "--format", "json"]);
    assert!([0, 1].contains(&outcome.code), "{}", outcome.stderr);
    assert!(outcome.stdout.contains("own-check"));
    schema::check("report", &serde_json::from_str(&outcome.stdout).unwrap());
}

#[test]
fn languages() {
    let japanese = scan(&["--lang", "ja", "--details"]).stdout;
    assert!(japanese.contains("データベース"));
    let arguments = ["scan", "--replay", "mocks/ec-site", "--details"];
    for (variable, value) in [("LANG", "ja_JP.UTF-8"), ("LC_MESSAGES", "ja_JP.UTF-8"), ("LC_ALL", "ja")] {
        assert!(run_with(&arguments, &[(variable, value)]).stdout == japanese, "{variable}={value}");
    }
    assert!(
        run_with(&arguments, &[("LANG", "ja_JP.UTF-8"), ("LC_ALL", "C")]).stdout
            == scan(&["--details"]).stdout
    );
    let english = run_with(&[&arguments[..], &["--lang", "en"]].concat(), &[("LANG", "ja_JP.UTF-8")]);
    assert!(english.stdout == scan(&["--details"]).stdout, "the flag weighs more than the locale");
}

#[test]
fn pipes_get_no_escape_sequences() {
    let arguments = ["scan", "--replay", "mocks/ec-site"];
    for environment in [&[][..], &[("NO_COLOR", "1")], &[("TERM", "xterm-256color")], &[("TERM", "dumb")]] {
        assert!(!run_with(&arguments, environment).stdout.contains('\u{1b}'), "{environment:?}");
    }
}

/// `script` gives the command a terminal; without it there is nothing to test.
#[cfg(target_os = "linux")]
#[test]
fn terminals_get_colour_unless_it_is_unwanted() {
    let in_terminal = |environment: &[(&str, &str)]| {
        let line = format!("{BINARY} scan --details --replay mocks/ec-site --policy alb-no-cdn");
        let mut command = Command::new("script");
        command.args(["-qec", &line, "/dev/null"]).current_dir(env!("CARGO_MANIFEST_DIR")).env_clear();
        command.env("PATH", "/usr/bin:/bin").env("TERM", "xterm-256color").envs(environment.iter().copied());
        let output = command.stdin(Stdio::null()).output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.contains("alb-no-cdn").then(|| text.contains('\u{1b}'))
    };
    let Some(is_coloured) = in_terminal(&[]) else { return };
    assert!(is_coloured);
    assert_eq!(in_terminal(&[("NO_COLOR", "1")]), Some(false));
    assert_eq!(in_terminal(&[("TERM", "dumb")]), Some(false));
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let home = tempfile::tempdir().unwrap();
    let mut child = command(home.path(), &["scan", "--replay", "mocks/ec-site", "--format", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0; 16];
    let mut reader = child.stdout.take().unwrap();
    reader.read_exact(&mut first).unwrap();
    drop(reader);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1), "the findings still count");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn what_needs_no_account() {
    for (arguments, part) in [
        (vec!["permissions"], "rds:DescribeDBInstances"),
        (vec!["policies", "list"], "rds-single-az"),
        (vec!["policies", "list", "--lang", "ja"], "データベース"),
        (vec!["policies", "show", "rds-single-az"], "multi_az"),
        (vec!["policies", "test"], "examples"),
        (vec!["schema", "snapshot"], "schema_version"),
        (vec!["schema", "policy"], "severity"),
        (vec!["schema", "fields"], "multi_az"),
        (vec!["--version"], env!("CARGO_PKG_VERSION")),
        (vec!["--help"], "Exit codes"),
        (vec!["scan", "--help"], "--replay"),
    ] {
        let outcome = run(&arguments);
        assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""), "{arguments:?}");
        assert!(outcome.stdout.contains(part), "{arguments:?}: {}", outcome.stdout);
    }
}
