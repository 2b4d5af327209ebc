//! News and runs that are killed: what was queued is told, whatever happens on the way.
//!
//! Child processes take in runs and deliver their news to a stand-in that keeps what it
//! received. They are killed at random moments, or die at a random step; now and then two run
//! at once, and the channel fails at random as well. `TENKEN_TEST_KILLS` sets how many are
//! killed; the figures are printed with `--nocapture`.

use crate::news::{Memory, run};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tenken::deliver::{Bulletin, Channel, Clock, SendError, Telling, deliver};
use tenken::history::announcement::{Addressee, AnnouncementKind, ChannelKind};
use tenken::history::store::{self, FileStore, Store, StoreError, Stored, Version};
use tenken::history::{History, Time};
use tenken::text::Text;

/// What a child says before its first run.
const READY: &str = "ready to run";
/// How many are killed where nobody says otherwise.
const KILLS: usize = 60;
/// The messages of a bulletin.
const PIECES: usize = 2;
/// Time passes faster here, so that the claims of the dead end between two children.
const SECONDS_PER_MILLISECOND: i64 = 20;
/// When the runs begin: 2026-07-01.
const START: i64 = 1_782_864_000;
/// Where numbers of a child end: more than any child needs.
const NEVER: u64 = u64::MAX;

/// Knuth's MMIX generator.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// Dies at a step that was chosen beforehand, as a killed process does: at once.
struct Steps {
    left: Cell<u64>,
}

impl Steps {
    fn step(&self) {
        match self.left.get() {
            0 => std::process::abort(),
            NEVER => {}
            left => self.left.set(left - 1),
        }
    }
}

struct MortalStore<'m> {
    inner: FileStore,
    steps: &'m Steps,
}

impl Store for MortalStore<'_> {
    fn place(&self) -> String {
        self.inner.place()
    }

    fn load(&self) -> Result<Option<Stored>, StoreError> {
        self.inner.load()
    }

    fn store(&self, bytes: &[u8], expected: Option<&Version>) -> Result<Version, StoreError> {
        self.steps.step();
        let stored = self.inner.store(bytes, expected);
        self.steps.step();
        stored
    }
}

/// Keeps what it received in a file, one message a line.
struct Kept<'m> {
    file: PathBuf,
    steps: &'m Steps,
    dice: Cell<u64>,
    /// One of so many messages fails; none for 0.
    fails: u64,
    telling: Telling,
}

impl Channel for Kept<'_> {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Slack
    }

    fn telling(&self) -> &Telling {
        &self.telling
    }

    fn messages(&self, bulletin: &Bulletin) -> Vec<Value> {
        let mut told: Vec<Value> = Vec::new();
        for kind in AnnouncementKind::NEWS {
            let groups = bulletin.groups.iter().filter(|group| group.kind == kind);
            let mut ids: Vec<&str> =
                groups.flat_map(|group| &group.items).map(|item| item.finding.id.as_str()).collect();
            if kind == AnnouncementKind::Resolved {
                ids = bulletin.resolved.iter().map(|finding| finding.id.as_str()).collect();
            }
            ids.sort_unstable();
            if !ids.is_empty() {
                told.push(json!({ "kind": kind.as_str(), "findings": ids }));
            }
        }
        let piece = |piece: usize| json!({ "run": bulletin.run, "piece": piece, "told": told });
        (0..PIECES).map(piece).collect()
    }

    fn fallback(&self, _bulletin: &Bulletin) -> Option<Value> {
        None
    }

    fn send(&self, message: &Value, _thread: Option<&str>) -> Result<Option<String>, SendError> {
        self.steps.step();
        let mut dice = Dice(self.dice.get());
        let fails = self.fails > 0 && dice.roll(self.fails) == 0;
        let received = !fails || dice.roll(2) == 0;
        self.dice.set(dice.0);
        if received {
            let mut file = fs::OpenOptions::new().create(true).append(true).open(&self.file).unwrap();
            file.write_all(format!("{message}\n").as_bytes()).unwrap();
        }
        self.steps.step();
        match fails {
            // It may have been received all the same: nobody knows.
            true => Err(SendError::Unreachable { reason: Text::same("chance") }),
            false => Ok(None),
        }
    }
}

/// The real clock, faster.
struct FastClock {
    began_at_milliseconds: i64,
}

fn milliseconds() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis().try_into().unwrap()
}

impl FastClock {
    fn seconds(&self) -> i64 {
        (milliseconds() - self.began_at_milliseconds) * SECONDS_PER_MILLISECOND
    }
}

impl Clock for FastClock {
    fn now(&self) -> Time {
        Time::from_unix_seconds(START + self.seconds())
    }

    fn sleep(&self, _time: Duration) {}
}

/// One run: which databases stand alone depends on its time.
fn one_run(
    store: &dyn Store,
    channel: &dyn Channel,
    clock: &FastClock,
    (by, number): (&str, i64),
    dice: &mut Dice,
) {
    let alone: Vec<&str> = ["a", "b", "c", "d"].into_iter().filter(|_| dice.roll(2) == 0).collect();
    let mut judged = run(0, &alone);
    // Two runs of one second would be one.
    judged.taken_at = Time::from_unix_seconds(START + clock.seconds() + number).to_string();
    let addressees = [Addressee { channel: ChannelKind::Slack, digest: None }];
    store::update_with_news(store, &judged, &addressees).unwrap();
    deliver(store, channel, by, clock).unwrap();
}

/// Not a test: what the other starts as a process of its own.
#[test]
#[ignore = "a part of the other test"]
fn child() {
    let Some(folder) = std::env::var_os("TENKEN_TEST_FOLDER") else {
        return;
    };
    let number = |name: &str| -> u64 { std::env::var(name).unwrap().parse().unwrap() };
    let seed = number("TENKEN_TEST_SEED");
    let steps = Steps { left: Cell::new(number("TENKEN_TEST_STEPS")) };
    let folder = Path::new(&folder);
    let store = MortalStore { inner: FileStore::new(&folder.join("history.json")), steps: &steps };
    let channel = Kept {
        file: folder.join("received"),
        steps: &steps,
        dice: Cell::new(seed ^ 0xdead_beef),
        fails: 12,
        telling: Telling::default(),
    };
    let began: i64 = number("TENKEN_TEST_BEGAN").try_into().unwrap();
    let clock = FastClock { began_at_milliseconds: began };
    let index: i64 = number("TENKEN_TEST_INDEX").try_into().unwrap();
    let mut dice = Dice(seed);
    println!("\n{READY}");
    // The bound is for a parent that died.
    for turn in 0..2000 {
        one_run(&store, &channel, &clock, (&format!("{seed} {turn}"), index), &mut dice);
    }
}

fn start(folder: &Path, began: i64, index: usize, seed: u64, steps: u64) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "deliver_killed::child", "--ignored", "--nocapture"]);
    command.env("TENKEN_TEST_FOLDER", folder).env("TENKEN_TEST_SEED", seed.to_string());
    command.env("TENKEN_TEST_INDEX", index.to_string());
    command.env("TENKEN_TEST_STEPS", steps.to_string()).env("TENKEN_TEST_BEGAN", began.to_string());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.map_while(Result::ok).any(|line| line == READY));
    child
}

/// What the history itself says was to be told: announcements, and how many findings of
/// which kind each run brought.
#[derive(Default)]
struct ToTell {
    announcements: BTreeSet<String>,
    counts: BTreeMap<(String, &'static str), usize>,
}

impl ToTell {
    fn note(&mut self, history: &History) {
        self.announcements.extend(history.pending.iter().map(|one| one.id.clone()));
        self.announcements.extend(history.announced.iter().cloned());
        for run in &history.runs {
            for (kind, count) in [("new", run.new), ("reopened", run.reopened), ("resolved", run.resolved)] {
                if count > 0 {
                    self.counts.insert((run.taken_at.to_string(), kind), count);
                }
            }
        }
    }
}

/// How often each piece of each announcement was received.
type Pieces = BTreeMap<(String, u64), usize>;
/// The findings that were told, by run and kind of news.
type Findings = BTreeMap<(String, String), BTreeSet<String>>;

fn received(file: &Path) -> (Pieces, Findings) {
    let (mut pieces, mut findings) = (BTreeMap::new(), BTreeMap::<_, BTreeSet<String>>::new());
    for line in fs::read_to_string(file).unwrap().lines() {
        let message: Value = serde_json::from_str(line).unwrap();
        let run = message["run"].as_str().unwrap().to_owned();
        for told in message["told"].as_array().unwrap() {
            let kind = told["kind"].as_str().unwrap().to_owned();
            let ids: Vec<&str> =
                told["findings"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
            // As the queue makes it.
            let digest = Sha256::digest(format!("{run}\n{kind}\n{}", ids.join("\n")).as_bytes());
            let id = hex::encode(digest)[..16].to_owned();
            *pieces.entry((id, message["piece"].as_u64().unwrap())).or_insert(0) += 1;
            findings.entry((run.clone(), kind)).or_default().extend(ids.into_iter().map(str::to_owned));
        }
    }
    (pieces, findings)
}

#[test]
fn killed_runs_lose_no_news() {
    let kills: usize = std::env::var("TENKEN_TEST_KILLS").map_or(KILLS, |text| text.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let (file, began) = (FileStore::new(&folder.path().join("history.json")), milliseconds());
    let (mut dice, mut to_tell) = (Dice(11), ToTell::default());
    let (mut killed, mut torn, mut pairs) = (0, 0, 0);
    while killed < kills {
        let count = if dice.roll(4) == 0 { 2 } else { 1 };
        pairs += usize::from(count == 2);
        let children: Vec<(Child, bool)> = (0..count)
            .map(|index| {
                // Half of them die by themselves, at a step.
                let dies = dice.roll(2) == 0;
                let steps = if dies { dice.roll(40) } else { NEVER };
                (start(folder.path(), began, index, dice.roll(1 << 30), steps), dies)
            })
            .collect();
        for (mut child, dies) in children {
            if !dies {
                std::thread::sleep(Duration::from_micros(dice.roll(150_000)));
                child.kill().unwrap();
            }
            child.wait().unwrap();
            killed += 1;
        }
        let history = store::read(&file).unwrap();
        torn += usize::from(
            history.pending.iter().any(|one| one.deliveries.iter().any(|one| one.claim.is_some())),
        );
        to_tell.note(&history);
    }
    // At last a run that nobody kills, long after the claims of the dead have ended.
    let steps = Steps { left: Cell::new(NEVER) };
    let file_of_received = folder.path().join("received");
    let channel = Kept {
        file: file_of_received.clone(),
        steps: &steps,
        dice: Cell::new(1),
        fails: 0,
        telling: Telling::default(),
    };
    let clock = FastClock { began_at_milliseconds: began - 1_000_000 };
    deliver(&file, &channel, "last", &clock).unwrap();
    let history = store::read(&file).unwrap();
    to_tell.note(&history);
    assert!(history.pending.is_empty(), "{:#?}", history.pending);

    let (pieces, findings) = received(&file_of_received);
    let is_told = |id: &String| (0..PIECES as u64).all(|piece| pieces.contains_key(&(id.clone(), piece)));
    let lost: Vec<&String> = to_tell.announcements.iter().filter(|id| !is_told(id)).collect();
    let unheard: Vec<_> = to_tell
        .counts
        .iter()
        .filter(|((run, kind), count)| {
            findings.get(&(run.clone(), (*kind).to_owned())).map_or(0, BTreeSet::len) != **count
        })
        .collect();
    let messages: usize = pieces.values().sum();
    let repeats = messages - pieces.len();
    println!(
        "{killed} runs killed ({pairs} pairs at once; {torn} times with news claimed and not told), \
         {} announcements of {} runs: {} lost, {repeats} of {messages} messages repeated",
        to_tell.announcements.len(),
        history.runs.len(),
        lost.len(),
    );
    assert!(lost.is_empty(), "{lost:?}");
    assert!(unheard.is_empty(), "{unheard:?}");
    // Nothing was told that was not to be told.
    assert!(pieces.keys().all(|(id, _)| to_tell.announcements.contains(id)));
    assert!(
        torn * 20 >= kills && to_tell.announcements.len() * 2 >= kills,
        "too little happened to prove anything"
    );
}

/// The test above can fail: a run that marks before it sends loses news.
#[test]
fn marking_before_sending_would_be_noticed() {
    let store = Memory::default();
    let addressees = [Addressee { channel: ChannelKind::Slack, digest: None }];
    let (history, _) = store::update_with_news(&store, &run(1, &["a"]), &addressees).unwrap();
    let mut to_tell = ToTell::default();
    let mut hasty = history.clone();
    tenken::history::pending::mark(&mut hasty, &history.pending[0].id, ChannelKind::Slack);
    to_tell.note(&hasty);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("received");
    fs::write(&file, "").unwrap();
    let (pieces, findings) = received(&file);
    assert!(pieces.is_empty() && findings.is_empty());
    assert_eq!((to_tell.announcements.len(), to_tell.counts.len()), (1, 1));
}
