//! Files that a command reads and writes: none is lost, none is opened to others, and one that
//! cannot be used ends the run at once, with one message.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Seek};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};
use tenken::snapshot::rds::DbInstance;
use tenken::snapshot::{Known, Snapshot, store};

/// Longer than any of these commands takes, and shorter than for ever.
const PATIENCE: Duration = Duration::from_secs(120);

fn snapshot() -> Snapshot {
    let regions = ["ap-northeast-1".to_owned()];
    let mut snapshot = Snapshot::new("123456789012", "aws", "2027-03-31T12:00:00Z", &regions).complete();
    snapshot.rds.db_instances.items.push(DbInstance {
        arn: "arn:aws:rds:ap-northeast-1:123456789012:db:ec-db".into(),
        region: "ap-northeast-1".into(),
        id: "ec-db".into(),
        multi_az: Known::Yes(false),
        publicly_accessible: Known::Yes(false),
        backup_retention_days: Known::Yes(3),
        ..DbInstance::default()
    });
    snapshot
}

/// A folder with a saved snapshot, a report, a history in a folder and policies.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    store::save(&snapshot(), &at("account.json")).unwrap();
    for name in ["kept", "real", "own"] {
        fs::create_dir(at(name)).unwrap();
    }
    let policy = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/reliability/rds-single-az.yaml");
    fs::copy(policy, at("own/rds-single-az.yaml")).unwrap();
    let scan = tenken(folder.path(), &["--history", "kept/", "--format", "json", "--output", "report.json"]);
    assert_eq!(scan.status.code(), Some(1), "{}", complaint(&scan));
    folder
}

/// Runs a scan of the saved snapshot, or another command that names itself.
fn tenken(folder: &Path, arguments: &[&str]) -> Output {
    tenken_in("C", folder, arguments)
}

/// The same in a locale.
fn tenken_in(locale: &str, folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tenken"));
    if arguments.first().is_none_or(|first| first.starts_with('-')) {
        command.args(["scan", "--snapshot", "account.json"]);
    }
    command.current_dir(folder).args(arguments).env("LC_ALL", locale).stdin(Stdio::null());
    // Files take any amount, while a pipe has to be read.
    let (mut stdout, mut stderr) = (tempfile::tempfile().unwrap(), tempfile::tempfile().unwrap());
    let mut child =
        command.stdout(stdout.try_clone().unwrap()).stderr(stderr.try_clone().unwrap()).spawn().unwrap();
    let begun = Instant::now();
    while child.try_wait().unwrap().is_none() && begun.elapsed() < PATIENCE {
        std::thread::sleep(Duration::from_millis(20));
    }
    // Of one that still runs, nothing is left to wait for.
    let _ = child.kill();
    let status = child.wait().unwrap();
    let said = |file: &mut fs::File| {
        let mut bytes = Vec::new();
        file.rewind().unwrap();
        file.read_to_end(&mut bytes).unwrap();
        bytes
    };
    Output { status, stdout: said(&mut stdout), stderr: said(&mut stderr) }
}

fn complaint(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Every file and link below the folder, with what it says.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        let name = path.display().to_string();
        let kind = entry.file_type().unwrap();
        if kind.is_symlink() {
            found.insert(name, fs::read_link(&path).unwrap().display().to_string().into_bytes());
        } else if kind.is_dir() {
            found.insert(name, Vec::new());
            found.extend(contents(&path));
        } else if kind.is_file() {
            found.insert(name, fs::read(&path).unwrap());
        }
    }
    found
}

/// What is refused: the configuration, the arguments, and what the message names.
type Clash = (&'static str, &'static [&'static str], [&'static str; 2]);

/// Those of a recorded account, which only a tenken that asks AWS can answer from.
#[cfg(not(feature = "aws"))]
const CLASHES_OF_RECORDINGS: &[Clash] = &[];
#[cfg(feature = "aws")]
const CLASHES_OF_RECORDINGS: &[Clash] = &[
    ("", &["scan", "--replay", "mock", "--output", "mock/account.toml"], ["--replay", "--output"]),
    ("", &["scan", "--replay", "mock", "--output", "mock/new/report.json"], ["--replay", "--output"]),
    ("", &["scan", "--replay", "mock", "--output", "answers/a.xml"], ["--replay", "--output"]),
    ("", &["scan", "--replay", "mock", "--output", "answer.xml"], ["--replay", "--output"]),
    ("", &["scan", "--replay", "mock", "--history", "mock/h.json"], ["--replay", "--history"]),
    ("", &["scan", "--replay", "mock", "--save-snapshot", "mock/s.json"], ["--replay", "--save-snapshot"]),
    ("output = \"mock/r.json\"", &["scan", "--replay", "mock"], ["--replay", "output (tenken.toml)"]),
    ("", &["cost", "--replay", "mock", "--output", "mock/r.json"], ["--replay", "--output"]),
    (
        "",
        &["cost", "--replay", "mock", "--live-prices", "--price-cache", "p.json", "--output", "p.json"],
        ["--price-cache", "--output"],
    ),
    (
        "",
        &["plan", "--replay", "mock", "--live-prices", "--price-cache", "mock/account.toml"],
        ["--replay", "--price-cache"],
    ),
];

const CLASHES: &[Clash] = &[
    ("", &["--history", "h.json", "--save-snapshot", "h.json"], ["--history", "--save-snapshot"]),
    ("", &["--history", "h.json", "--output", "h.json"], ["--history", "--output"]),
    ("", &["--output", "x.json", "--save-snapshot", "x.json"], ["--output", "--save-snapshot"]),
    ("", &["--output", "account.json"], ["--snapshot", "--output"]),
    ("", &["--save-snapshot", "account.json"], ["--snapshot", "--save-snapshot"]),
    ("", &["--history", "account.json"], ["--snapshot", "--history"]),
    // By another path, through folders and links, under another name of the same file.
    ("", &["--output", "./real/../x.json", "--save-snapshot", "x.json"], ["--output", "--save-snapshot"]),
    ("", &["--output", "link.json"], ["--snapshot", "--output"]),
    ("", &["--output", "second.json"], ["--snapshot", "--output"]),
    ("", &["--output", "hard.json"], ["--snapshot", "--output"]),
    ("", &["--output", "dangling.json", "--save-snapshot", "new.json"], ["--output", "--save-snapshot"]),
    ("", &["--history", "real/h.json", "--output", "linked/h.json"], ["--history", "--output"]),
    // The default name in a folder, the default place, the files beside a history.
    ("", &["--history", "kept", "--output", "kept/history.json"], ["--history", "--output"]),
    ("", &["--history", "new/", "--output", "new/history.json"], ["--history", "--output"]),
    ("", &["--output", ".tenken/history.json", "--history"], ["--history", "--output"]),
    ("", &["--history", "h.json", "--output", "h.json.lock"], ["--history", "--output"]),
    ("", &["--history", "h.json", "--save-snapshot", "h.json.lock"], ["--history", "--save-snapshot"]),
    // The configuration: the file itself, and what it names.
    ("", &["--output", "tenken.toml"], ["--config", "--output"]),
    ("", &["--config", "conf.toml", "--output", "real/../conf.toml"], ["--config", "--output"]),
    ("", &["--config", "conf.toml", "--save-snapshot", "conf.toml"], ["--config", "--save-snapshot"]),
    ("output = \"x.json\"", &["--save-snapshot", "x.json"], ["output (tenken.toml)", "--save-snapshot"]),
    ("output = \"account.json\"", &[], ["--snapshot", "output (tenken.toml)"]),
    ("save_snapshot = \"x\"\noutput = \"./x\"", &[], ["save_snapshot (tenken.toml)", "output (tenken.toml)"]),
    ("history = \"h.json\"", &["--output", "h.json"], ["history (tenken.toml)", "--output"]),
    // Policies.
    ("", &["--policies", "own", "--output", "own/rds-single-az.yaml"], ["--policies", "--output"]),
    (
        "policies_folder = \"own\"",
        &["--output", "own/new.yaml"],
        ["policies_folder (tenken.toml)", "--output"],
    ),
    ("", &["--policies", "own", "--output", "elsewhere.yaml"], ["--policies", "--output"]),
    ("", &["--policies", "own", "--history", "hard.yaml"], ["--policies", "--history"]),
    ("", &["--policies", "linked-own", "--save-snapshot", "own/new.yml"], ["--policies", "--save-snapshot"]),
    // Where the configuration is elsewhere, its paths begin there.
    (
        "",
        &["--config", "real/conf.toml", "--save-snapshot", "real/x.json"],
        ["--save-snapshot", "output (tenken.toml)"],
    ),
    (
        "",
        &["--config", "real/conf.toml", "--output", "real/h/history.json"],
        ["history (tenken.toml)", "--output"],
    ),
    // Links of a history, and of what lies beside it.
    ("", &["--history", "linked-history.json", "--output", "kept/history.json"], ["--history", "--output"]),
    (
        "",
        &["--history", "linked-history.json", "--output", "kept/history.json.lock"],
        ["--history", "--output"],
    ),
    ("", &["--history", "kept", "--save-snapshot", "linked-history.json"], ["--history", "--save-snapshot"]),
    // The other commands.
    ("", &["plan", "--snapshot", "account.json", "--output", "account.json"], ["--snapshot", "--output"]),
    ("", &["cost", "--snapshot", "account.json", "--output", "link.json"], ["--snapshot", "--output"]),
    ("", &["fix", "--snapshot", "account.json", "--output", "hard.json"], ["--snapshot", "--output"]),
    (
        "",
        &["fix", "--snapshot", "account.json", "--format", "cli", "--output", "tenken.toml"],
        ["--config", "--output"],
    ),
    ("", &["diff", "report.json", "account.json", "--output", "report.json"], ["FROM", "--output"]),
    ("", &["diff", "report.json", "account.json", "--output", "account.json"], ["TO", "--output"]),
    ("", &["diff", "report.json", "account.json", "--output", "linked-report.json"], ["FROM", "--output"]),
    ("", &["diff", "report.json", "link.json", "--output", "hard.json"], ["TO", "--output"]),
    ("", &["diff", "report.json", "account.json", "--output", "tenken.toml"], ["--config", "--output"]),
    ("", &["plan", "--snapshot", "account.json", "--output", "tenken.toml"], ["--config", "--output"]),
    (
        "",
        &["cost", "--snapshot", "account.json", "--config", "conf.toml", "--output", "conf.toml"],
        ["--config", "--output"],
    ),
    ("", &["diff", "kept", "account.json", "--output", "kept/history.json"], ["FROM", "--output"]),
    ("", &["history", "kept", "--format", "json", "--output", "kept/history.json"], ["HISTORY", "--output"]),
    ("", &["history", "--format", "json", "--output", ".tenken/history.json"], ["HISTORY", "--output"]),
];

#[cfg(unix)]
#[test]
fn no_file_is_written_that_is_read_or_written_otherwise() {
    use std::os::unix::fs::symlink;
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    symlink("account.json", at("link.json")).unwrap();
    symlink("link.json", at("second.json")).unwrap();
    symlink("new.json", at("dangling.json")).unwrap();
    symlink("real", at("linked")).unwrap();
    fs::hard_link(at("account.json"), at("hard.json")).unwrap();
    fs::write(at("conf.toml"), "").unwrap();
    fs::write(at("real/conf.toml"), "output = \"x.json\"\nhistory = \"h/\"\n").unwrap();
    symlink("own", at("linked-own")).unwrap();
    symlink("kept/history.json", at("linked-history.json")).unwrap();
    symlink("report.json", at("linked-report.json")).unwrap();
    fs::rename(at("own/rds-single-az.yaml"), at("elsewhere.yaml")).unwrap();
    symlink("../elsewhere.yaml", at("own/rds-single-az.yaml")).unwrap();
    fs::hard_link(at("elsewhere.yaml"), at("hard.yaml")).unwrap();
    fs::create_dir(at("mock")).unwrap();
    fs::create_dir(at("answers")).unwrap();
    let account = "account = \"123456789012\"\nregions = [\"ap-northeast-1\"]\ntaken_at = \"2026-11-23T03:00:00Z\"\n\
                   fingerprint_key = \"recorded\"\nanswers = \"../answers\"\n";
    fs::write(at("mock/account.toml"), account).unwrap();
    fs::write(at("answer.xml"), "<a/>").unwrap();
    symlink("../answer.xml", at("answers/a.xml")).unwrap();
    fs::create_dir(at(".tenken")).unwrap();
    fs::copy(at("kept/history.json"), at(".tenken/history.json")).unwrap();
    for (config, arguments, names) in CLASHES.iter().chain(CLASHES_OF_RECORDINGS) {
        fs::write(at("tenken.toml"), config).unwrap();
        let before = contents(folder.path());
        let output = tenken(folder.path(), arguments);
        let said = complaint(&output);
        assert_eq!(output.status.code(), Some(2), "{config} {arguments:?}\n{said}");
        assert!(said.starts_with("tenken: failed to use ") && said.lines().count() == 1, "{said}");
        assert!(names.iter().all(|name| said.contains(name)), "{names:?}\n{said}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        let said = complaint(&tenken_in("ja_JP.UTF-8", folder.path(), arguments));
        let named = names.map(|name| name.replace(" (", "（").replace(')', "）"));
        assert!(named.iter().all(|name| said.contains(name)), "{named:?}\n{said}");
        assert!(said.contains("がどちらも") && said.lines().count() == 1, "{said}");
        assert!(before == contents(folder.path()), "{arguments:?} changed something");
    }
}

#[test]
fn files_that_are_not_the_same_are_all_written() {
    let folder = folder();
    let arguments = ["--history", "h.json", "--output", "own/report.json", "--save-snapshot", "saved.json"];
    let output = tenken(folder.path(), &[&arguments[..], &["--policies", "own"]].concat());
    assert_eq!(output.status.code(), Some(1), "{}", complaint(&output));
    for name in ["h.json", "own/report.json", "saved.json"] {
        assert!(folder.path().join(name).exists(), "{name}");
    }
    // Everybody may write there.
    #[cfg(unix)]
    {
        let output = tenken(folder.path(), &["--output", "/dev/null", "--save-snapshot", "/dev/null"]);
        assert_eq!(output.status.code(), Some(1), "{}", complaint(&output));
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }
}

#[cfg(unix)]
#[test]
fn what_is_written_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    let mode = |name: &str| fs::metadata(folder.path().join(name)).unwrap().permissions().mode() & 0o777;
    tenken(folder.path(), &["--output", "report.md", "--save-snapshot", "saved.json", "--history", "h.json"]);
    for (command, file) in [("plan", "plan.md"), ("fix", "fix.sh"), ("cost", "cost.json")] {
        tenken(folder.path(), &[command, "--snapshot", "account.json", "--output", file]);
    }
    tenken(folder.path(), &["diff", "kept", "account.json", "--output", "diff.md"]);
    for name in ["report.md", "saved.json", "h.json", "plan.md", "fix.sh", "cost.json", "diff.md"] {
        assert_eq!(mode(name), 0o600, "{name}");
    }
    // Somebody has opened it to others, and it stays so; a snapshot and a history never do.
    for name in ["report.md", "saved.json", "h.json"] {
        fs::set_permissions(folder.path().join(name), fs::Permissions::from_mode(0o644)).unwrap();
    }
    tenken(folder.path(), &["--output", "report.md", "--save-snapshot", "saved.json"]);
    assert_eq!((mode("report.md"), mode("saved.json")), (0o644, 0o600));
}

#[cfg(unix)]
#[test]
fn links_are_followed_and_nothing_is_left_beside() {
    use std::os::unix::fs::symlink;
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    for name in ["report.md", "saved.json", "h.json"] {
        symlink(format!("real/{name}"), at(name)).unwrap();
    }
    for _ in 0..2 {
        let arguments = ["--output", "report.md", "--save-snapshot", "saved.json", "--history", "h.json"];
        let output = tenken(folder.path(), &arguments);
        assert_eq!(output.status.code(), Some(1), "{}", complaint(&output));
        for name in ["report.md", "saved.json", "h.json"] {
            assert!(fs::symlink_metadata(at(name)).unwrap().is_symlink(), "{name}");
            assert!(!fs::read(at("real").join(name)).unwrap().is_empty(), "{name}");
        }
    }
    let left: Vec<String> =
        contents(folder.path()).into_keys().filter(|name| name.contains("tenken-tmp")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[cfg(unix)]
#[test]
fn a_run_that_is_killed_while_it_writes_leaves_the_old_file_or_the_new_one() {
    let folder = folder();
    let report = folder.path().join("report.json");
    let old = fs::read(&report).unwrap();
    tenken(folder.path(), &["--output", "other.json"]);
    let new = fs::read(folder.path().join("other.json")).unwrap();
    for delay in [0, 5, 20, 60, 120, 200, 300, 450] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tenken"))
            .current_dir(folder.path())
            .args(["scan", "--snapshot", "account.json", "--output", "report.json"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(delay));
        let _ = child.kill();
        child.wait().unwrap();
        let found = fs::read(&report).unwrap();
        assert!(found == old || found == new, "killed after {delay} ms");
    }
    tenken(folder.path(), &["--output", "report.json"]);
    let names: Vec<_> =
        contents(folder.path()).into_keys().filter(|name| name.contains("tenken-tmp")).collect();
    assert!(names.is_empty(), "{names:?}");
}

fn refused(folder: &Path, arguments: &[&str], expected: &str) {
    let output = tenken(folder, arguments);
    let said = complaint(&output);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
    assert!(said.contains(expected), "{arguments:?}: {said}");
    assert!(said.len() < 2_000 && said.lines().count() <= 6, "{arguments:?}: {} bytes", said.len());
}

#[cfg(unix)]
#[test]
fn pipes_and_folders_are_no_files() {
    let folder = folder();
    assert!(Command::new("mkfifo").arg(folder.path().join("pipe")).status().unwrap().success());
    assert!(Command::new("mkfifo").arg(folder.path().join("own/pipe.yaml")).status().unwrap().success());
    let _listener = std::os::unix::net::UnixListener::bind(folder.path().join("socket")).unwrap();
    for (arguments, expected) in [
        (&["--config", "pipe"][..], "it is a pipe"),
        (&["scan", "--snapshot", "pipe"], "it is a pipe"),
        (&["--history", "pipe"], "it is a pipe"),
        (&["--policies", "own"], "it is a pipe"),
        (&["diff", "pipe", "account.json"], "it is a pipe"),
        (&["diff", "account.json", "pipe"], "it is a pipe"),
        (&["history", "pipe"], "it is a pipe"),
        (&["--config", "socket"], "it is a socket"),
        (&["scan", "--snapshot", "socket"], "it is a socket"),
        (&["--config", "/dev/zero"], "it is a device"),
        (&["--history", "/dev/zero"], "it is a device"),
        (&["--config", "kept"], "it is a folder"),
        (&["scan", "--snapshot", "kept"], "it is a folder"),
        (&["--output", "kept"], "it is a folder"),
        (&["--save-snapshot", "kept"], "it is a folder"),
        (&["diff", "account.json", "own"], "it is a folder"),
        (&["scan", "--snapshot", "/dev/zero"], "it is a device"),
    ] {
        refused(folder.path(), arguments, expected);
    }
}

#[test]
fn a_byte_order_mark_is_read_over() {
    let folder = folder();
    let marked = |name: &str| {
        let path = folder.path().join(name);
        let text = fs::read_to_string(&path).unwrap_or_default();
        fs::write(&path, format!("\u{feff}{text}")).unwrap();
    };
    fs::write(folder.path().join("tenken.toml"), "only_policies = [\"rds-single-az\"]\n").unwrap();
    for name in ["tenken.toml", "account.json", "report.json", "kept/history.json", "own/rds-single-az.yaml"]
    {
        marked(name);
    }
    for arguments in [
        &["--policies", "own", "--history", "kept"][..],
        &["diff", "report.json", "account.json"],
        &["diff", "kept", "account.json"],
        &["history", "kept"],
    ] {
        let output = tenken(folder.path(), arguments);
        assert_ne!(output.status.code(), Some(2), "{arguments:?}: {}", complaint(&output));
    }
    let utf16: Vec<u8> = "\u{feff}lang = \"ja\"\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    fs::write(folder.path().join("tenken.toml"), utf16).unwrap();
    refused(folder.path(), &["--config", "tenken.toml"], "UTF-16");
}

#[test]
fn a_broken_report_is_called_one() {
    let folder = folder();
    let whole = fs::read_to_string(folder.path().join("report.json")).unwrap();
    let middle = whole.char_indices().nth(whole.chars().count() / 2).unwrap().0;
    fs::write(folder.path().join("cut.json"), &whole[..middle]).unwrap();
    fs::write(folder.path().join("odd.json"), whole.replacen(':', ":x", 1)).unwrap();
    for name in ["cut.json", "odd.json"] {
        for arguments in [["diff", name, "account.json"], ["diff", "account.json", name]] {
            refused(folder.path(), &arguments, "`tenken scan --format json` writes reports");
            refused(folder.path(), &arguments, &format!("failed to compare {name}: line "));
        }
    }
}

#[test]
fn little_of_a_long_value_is_repeated() {
    let folder = folder();
    let path = folder.path().join("tenken.toml");
    let long = "x".repeat(10_000_000);
    for (config, expected) in [
        (format!("lang = \"{long}\"\n"), "unknown language `xxx"),
        (format!("fail_on = \"{long}\"\n"), "unknown severity `xxx"),
        (format!("format = \"{long}\"\n"), "there is no format `xxx"),
        (format!("timeout = \"{long}\"\n"), "is not a time"),
        (format!("{long} = 1\n"), "has no key `xxx"),
        (format!("only_policies = [\"{long}\"]\n"), "there is no policy `xxx"),
        (format!("lang = {long}\n"), "tenken.toml:1: "),
        (format!("lang = \"{}\"\n", "x".repeat(100_000_000)), "it is larger than 16 MiB"),
    ] {
        fs::write(&path, config).unwrap();
        refused(folder.path(), &["--config", "tenken.toml"], expected);
    }
    fs::remove_file(path).unwrap();
    let long = "x".repeat(100_000);
    for arguments in [["--lang", &long], ["--policy", &long], ["--fail-on", &long], ["--format", &long]] {
        refused(folder.path(), &arguments, "xxx");
    }
}

#[test]
fn thousands_of_acceptances_take_seconds() {
    let folder = folder();
    let mut config = "only_policies = [\"rds-single-az\"]\n".to_owned();
    for number in 0..10_000 {
        config.push_str(&format!(
            "[[accept]]\npolicy = \"rds-single-az\"\nresource = \"arn:aws:rds:ap-northeast-1:123456789012:db:ec-{number}\"\n\
             reason = \"Rebuilt every night\"\nowner = \"ops@example.com\"\nuntil = 2027-12-31\n"
        ));
    }
    fs::write(folder.path().join("tenken.toml"), config).unwrap();
    // What grows with the square of the number takes minutes here, and is killed.
    let output = tenken(folder.path(), &["--output", "report.md"]);
    assert_eq!(output.status.code(), Some(1), "{}", complaint(&output).len());
    assert_eq!(complaint(&output).lines().count(), 10_000, "each covers nothing");
}

#[test]
fn a_snapshot_leads_to_no_other_file() {
    let folder = folder();
    let path = folder.path().join("account.json");
    let whole = fs::read_to_string(&path).unwrap();
    for (from, to, expected) in [
        ("\"123456789012\"", "\"../../etc/passwd\"", "`account` is `../../etc/passwd`"),
        ("\"123456789012\"", "\"１２３４５６７８９０１２\"", "`account` is `１２３４５６７８９０１２`"),
        ("\"aws\"", "\"../aws\"", "`partition` is `../aws`"),
        ("\"2027-03-31T12:00:00Z\"", "\"../../x\"", "`taken_at` is `../../x`"),
        ("\"ap-northeast-1\"", "\"../../x\"", "`regions` is `../../x`"),
    ] {
        let hostile = whole.replacen(from, to, 1);
        assert_ne!(hostile, whole, "{from}");
        fs::write(&path, hostile).unwrap();
        let before = contents(folder.path());
        refused(folder.path(), &["--history", "h.json", "--output", "x.json"], expected);
        assert!(before == contents(folder.path()), "{to}");
    }
}
