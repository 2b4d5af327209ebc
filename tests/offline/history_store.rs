//! Histories on a disk: processes that are killed, and many that write at once.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};
use tenken::config::Place;
use tenken::deliver::Access;
use tenken::finding::{Finding, Pillar, PolicyInfo, Run, Severity, Verdict, finding_id};
use tenken::history::store::{self, FileStore, HistoryError, Store, StoreError, Stored, Version};
use tenken::history::{History, file, step};
use tenken::run::{compare, places};
use tenken::text::Text;

/// What a child says before it writes for the first time.
const READY: &str = "ready to write";
const REGION: &str = "ap-northeast-1";

/// The run of a second: which databases fail depends on it alone; in nine seconds, each does.
fn run(policy: &str, second: u64) -> Run {
    let findings = (0..6).map(|index| {
        let resource = format!("arn:aws:rds:{REGION}:123456789012:db:db-{index}");
        Finding {
            id: finding_id(policy, &resource, ""),
            policy: policy.to_owned(),
            severity: Severity::High,
            pillar: Pillar::Reliability,
            resource,
            region: REGION.to_owned(),
            discriminator: String::new(),
            verdict: if (index + second / 3).is_multiple_of(3) { Verdict::Pass } else { Verdict::Fail },
            message: Text { en: format!("db-{index} is alone."), ja: format!("db-{index} は単独。") },
            evidence: Vec::new(),
            options: Vec::new(),
            accepted: None,
        }
    });
    let info = PolicyInfo {
        id: policy.to_owned(),
        severity: Severity::High,
        pillar: Pillar::Reliability,
        title: Text::default(),
        risk: Text::default(),
        compliance: BTreeMap::new(),
        references: Vec::new(),
    };
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    Run {
        account: "123456789012".into(),
        partition: "aws".into(),
        taken_at: format!("2026-07-01T{hour:02}:{minute:02}:{second:02}Z"),
        regions: vec![REGION.into()],
        findings: findings.collect(),
        policies: vec![info],
        ..Run::default()
    }
}

fn seconds(history: &History) -> u64 {
    let start = tenken::history::Time::parse("2026-07-01T00:00:00Z").unwrap();
    history.newest().map_or(0, |newest| newest.seconds_since(start).try_into().unwrap())
}

/// Not a test: what the others start as a process of its own.
#[test]
#[ignore = "a part of the other tests"]
fn child() {
    let Some(path) = std::env::var_os("TENKEN_TEST_HISTORY") else {
        return;
    };
    let store = FileStore::new(Path::new(&path));
    let variable = |name: &str| std::env::var(name).ok();
    let policy = variable("TENKEN_TEST_POLICY").unwrap();
    match variable("TENKEN_TEST_SECONDS") {
        // Writes as fast as it can until it is killed; the bound is for a parent that died.
        None => {
            println!("\n{READY}");
            for _ in 0..5000 {
                let next = seconds(&store::read(&store).unwrap()) + 1;
                store::update(&store, &run(&policy, next)).unwrap();
            }
        }
        Some(list) => {
            for second in list.split(',') {
                store::update(&store, &run(&policy, second.parse().unwrap())).unwrap();
            }
        }
    }
}

fn start(path: &Path, policy: &str, seconds: Option<String>) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "history_store::child", "--ignored", "--nocapture"]);
    command.env("TENKEN_TEST_HISTORY", path).env("TENKEN_TEST_POLICY", policy);
    if let Some(seconds) = seconds {
        command.env("TENKEN_TEST_SECONDS", seconds);
    }
    command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap()
}

/// Kills a writer at random moments. What is left is always the history after some run,
/// whole, and never an earlier one than before.
#[test]
fn a_killed_run_leaves_the_old_history_or_the_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.json");
    let store = FileStore::new(&path);
    let mut expected = History::default();
    // Knuth's MMIX constants; the moments differ anyway from machine to machine.
    let mut dice: u64 = 7;
    let (start_of_test, mut kills, mut progress, mut torn) = (Instant::now(), 0, 0, 0);
    while kills < 250 && start_of_test.elapsed() < Duration::from_secs(40) {
        let mut child = start(&path, "rds-single-az", None);
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.map_while(Result::ok).any(|line| line == READY));
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        std::thread::sleep(Duration::from_micros((dice >> 33) % 40_000));
        child.kill().unwrap();
        child.wait().unwrap();
        kills += 1;
        let is_torn = |name: &str| name.starts_with(".tenken-tmp.");
        torn += names(folder.path()).iter().filter(|name| is_torn(name)).count();
        let left = store::read(&store).unwrap();
        for second in seconds(&expected) + 1..=seconds(&left) {
            expected = step(&expected, &run("rds-single-az", second)).unwrap().0;
            progress += 1;
        }
        assert!(left == expected, "after {kills} kills, second {}", seconds(&left));
    }
    assert!(kills >= 30 && progress >= 30, "{kills} kills, {progress} runs: too few to prove anything");
    // For --nocapture: whether the kills fall where they hurt.
    println!("{kills} kills, {torn} times a write was left half done, {progress} runs");
    // No lock is left behind, and no file but these.
    let next = seconds(&expected) + 1;
    store::update(&store, &run("rds-single-az", next)).unwrap();
    assert_eq!(names(folder.path()), ["history.json", "history.json.lock"]);
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn another_file_under_the_name_of_the_lock_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let (path, lock) = (folder.path().join("history.json"), folder.path().join("history.json.lock"));
    let store = FileStore::new(&path);
    for other in ["{}", "pro", &"process 1\n".repeat(100)] {
        fs::write(&lock, other).unwrap();
        let error = store::update(&store, &run("rds-single-az", 1)).unwrap_err().to_string();
        assert!(error.contains("is not a lock of tenken"), "{error}");
        assert_eq!(fs::read_to_string(&lock).unwrap(), other);
        assert!(!path.exists());
    }
    for ours in ["", "process 1\n"] {
        fs::write(&lock, ours).unwrap();
        store::update(&store, &run("rds-single-az", 1)).unwrap();
    }
}

#[test]
fn processes_that_write_at_once_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/history.json");
    let policies = ["policy-a", "policy-b", "policy-c"];
    let children: Vec<Child> = policies
        .iter()
        .enumerate()
        .map(|(index, policy)| {
            let seconds: Vec<String> =
                (0..15).map(|turn| (1 + index + turn * policies.len()).to_string()).collect();
            start(&path, policy, Some(seconds.join(",")))
        })
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let history = store::read(&FileStore::new(&path)).unwrap();
    assert_eq!(history.runs.len(), 45);
    assert_eq!(history.policies.len(), 3);
    for policy in policies {
        let findings = history.findings.values().filter(|entry| entry.finding.policy == policy);
        assert_eq!(findings.count(), 6, "{policy}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link() {
    let folder = tempfile::tempdir().unwrap();
    let (real, link) = (folder.path().join("real.json"), folder.path().join("history.json"));
    store::update(&FileStore::new(&real), &run("p", 1)).unwrap();
    std::os::unix::fs::symlink(&real, &link).unwrap();
    store::update(&FileStore::new(&link), &run("p", 2)).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(store::read(&FileStore::new(&real)).unwrap().runs.len(), 2);
}

/// A store in memory, as one elsewhere behaves: it answers with conflicts.
struct Memory {
    bytes: Mutex<Option<Vec<u8>>>,
    /// What others write just before the next writes.
    others: Mutex<Vec<Run>>,
}

impl Memory {
    fn with_others(others: Vec<Run>) -> Self {
        Memory { bytes: Mutex::new(None), others: Mutex::new(others) }
    }
}

fn version(bytes: &[u8]) -> Version {
    Version(String::from_utf8(bytes.to_vec()).unwrap())
}

impl Store for Memory {
    fn place(&self) -> String {
        "memory".into()
    }

    fn load(&self) -> Result<Option<Stored>, StoreError> {
        let bytes = self.bytes.lock().unwrap().clone();
        Ok(bytes.map(|bytes| Stored { version: version(&bytes), bytes }))
    }

    fn store(&self, bytes: &[u8], expected: Option<&Version>) -> Result<Version, StoreError> {
        let mut held = self.bytes.lock().unwrap();
        if let Some(other) = self.others.lock().unwrap().pop() {
            let known = held.as_ref().map_or_else(History::default, |bytes| file::parse(bytes).unwrap());
            *held = Some(file::render(&step(&known, &other).unwrap().0));
        }
        if held.as_ref().map(|bytes| version(bytes)).as_ref() != expected {
            return Err(StoreError::Conflict);
        }
        *held = Some(bytes.to_vec());
        Ok(version(bytes))
    }
}

#[test]
fn after_a_conflict_the_run_is_taken_in_on_top_of_the_others() {
    let store = Memory::with_others(vec![run("c", 3), run("b", 2), run("a", 1)]);
    let (history, changes) = store::update(&store, &run("d", 4)).unwrap();
    assert_eq!(store::read(&store).unwrap(), history);
    assert_eq!(history.runs.len(), 4);
    // The changes are those since the others, not those since what was read first.
    assert_eq!(changes.past.previous_run.unwrap(), "2026-07-01T00:00:03Z");
    // Somebody who never stops writing ends in an error.
    let store = Memory::with_others((1..100).map(|second| run("other", second)).collect());
    let error = store::update(&store, &run("d", 4)).unwrap_err();
    assert!(matches!(error, HistoryError::Write { error: StoreError::Conflict, .. }), "{error}");
}

#[test]
fn a_run_that_changes_nothing_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.json");
    let store = FileStore::new(&path);
    store::update(&store, &run("p", 1)).unwrap();
    let before = fs::metadata(&path).unwrap().modified().unwrap();
    store::update(&store, &run("p", 1)).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), before);
}

#[test]
fn a_folder_keeps_its_history_under_a_name_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::File(folder.path().to_owned());
    let store = compare::open_history(&place, &Access::default()).unwrap();
    store::update(&*store, &run("p", 1)).unwrap();
    let file = folder.path().join("history.json");
    assert_eq!(seconds(&file::parse(&fs::read(&file).unwrap()).unwrap()), 1);
    // As is one that is not there yet and is written as folders are.
    let slashed = places::history_file(&folder.path().join("new/"));
    assert_eq!(slashed, folder.path().join("new").join("history.json"));
    // The file itself is the same place.
    let same = compare::open_history(&Place::File(file), &Access::default()).unwrap();
    assert_eq!(seconds(&store::read(&*same).unwrap()), 1);
}
