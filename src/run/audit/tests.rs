//! The sequence of a run in a world of stand-ins: which step comes when, and that none that fails
//! takes another with it.

use super::*;
use crate::config::{Notify, S3Place};
use crate::deliver::{Bulletin, Clock, SendError, Telling};
use crate::finding::Verdict;
use crate::history::Time;
use crate::history::store::{StoreError, Stored, Version};
use crate::report::Format;
use crate::run::clock::RunClock;
use crate::run::{ConfigPlace, EXIT_CLEAN, EXIT_FINDINGS, EXIT_UNKNOWN, OutputDocument, configure};
use crate::snapshot::Known;
use crate::snapshot::rds::DbInstance;
use crate::text::{Explained, Text};
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::LazyLock;

const POLICY: &str = "rds-short-backup-retention";
const REGION: &str = "ap-northeast-1";
/// How long the stand-in of AWS takes to answer.
const ANSWERS_AFTER: Duration = Duration::from_secs(7);

/// Where something can go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    Places,
    History,
    ReadHistory,
    Channels,
    Snapshot,
    Save,
    WriteHistory,
    /// Standard output takes nothing.
    Screen,
    /// The first file takes nothing.
    File,
    /// The channel is closed for good.
    Send,
    /// The channel does not answer.
    Outage,
}

/// What the world holds and has seen.
#[derive(Default)]
struct Seen {
    faults: BTreeSet<Fault>,
    /// Every step, the same one after the other once.
    steps: RefCell<Vec<String>>,
    history: RefCell<Option<Vec<u8>>>,
    documents: RefCell<Vec<OutputDocument>>,
    /// How many files and objects were to be written.
    files: Cell<usize>,
    messages: RefCell<Vec<Value>>,
    /// What was asked of AWS.
    asked: RefCell<Vec<(SnapshotSource, Option<Duration>)>>,
    elapsed: Cell<Duration>,
}

impl Seen {
    fn step(&self, name: &str) {
        let mut steps = self.steps.borrow_mut();
        if steps.last().is_none_or(|last| last != name) {
            steps.push(name.to_owned());
        }
    }

    fn has(&self, fault: Fault) -> bool {
        self.faults.contains(&fault)
    }

    fn fail(&self, fault: Fault) -> Result<(), RunError> {
        match self.has(fault) {
            true => Err(RunError::unwritten(Path::new("here"), Text::same(format!("{fault:?}")))),
            false => Ok(()),
        }
    }

    fn did(&self, name: &str) -> bool {
        self.steps.borrow().iter().any(|step| step == name)
    }
}

/// The world, and the parts of it that a run is given.
#[derive(Clone, Default)]
struct Stand(Rc<Seen>);

impl Clock for Stand {
    fn now(&self) -> Time {
        Time::parse("2027-04-01T00:00:00Z").unwrap()
    }

    fn sleep(&self, _time: Duration) {}
}

impl RunClock for Stand {
    fn elapsed(&self) -> Duration {
        self.0.elapsed.get()
    }
}

fn version(bytes: &[u8]) -> Version {
    Version(String::from_utf8(bytes.to_vec()).unwrap())
}

impl Store for Stand {
    fn place(&self) -> String {
        "the history".to_owned()
    }

    fn load(&self) -> Result<Option<Stored>, StoreError> {
        self.0.step("read the history");
        if self.0.has(Fault::ReadHistory) {
            return Err(StoreError::Failed { reason: "no".to_owned() });
        }
        let bytes = self.0.history.borrow().clone();
        Ok(bytes.map(|bytes| Stored { version: version(&bytes), bytes }))
    }

    fn store(&self, bytes: &[u8], _expected: Option<&Version>) -> Result<Version, StoreError> {
        self.0.step("write the history");
        if self.0.has(Fault::WriteHistory) {
            return Err(StoreError::Failed { reason: "no".to_owned() });
        }
        *self.0.history.borrow_mut() = Some(bytes.to_vec());
        Ok(version(bytes))
    }
}

/// A channel whose messages say which report they name.
struct Told {
    stand: Stand,
    telling: Telling,
}

impl Channel for Told {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Slack
    }

    fn telling(&self) -> &Telling {
        &self.telling
    }

    fn messages(&self, bulletin: &Bulletin) -> Vec<Value> {
        vec![json!({ "groups": bulletin.groups.len(), "report": bulletin.report })]
    }

    fn fallback(&self, _bulletin: &Bulletin) -> Option<Value> {
        None
    }

    fn send(&self, message: &Value, _thread: Option<&str>) -> Result<Option<String>, SendError> {
        self.stand.0.step("send");
        if self.stand.0.has(Fault::Send) {
            return Err(SendError::Revoked { code: "gone".to_owned() });
        }
        if self.stand.0.has(Fault::Outage) {
            return Err(SendError::Unreachable { reason: Text::same("silence") });
        }
        self.stand.0.messages.borrow_mut().push(message.clone());
        Ok(None)
    }
}

impl World for Stand {
    fn clock(&self) -> &dyn RunClock {
        self
    }

    fn name_of_run(&self) -> String {
        "this run".to_owned()
    }

    fn check_writable(&self, destination: &Destination) -> Result<(), RunError> {
        self.0.step(&format!("check {destination}"));
        self.0.fail(Fault::Places)
    }

    fn history(&self, _place: &Place) -> Result<Box<dyn Store>, RunError> {
        self.0.step("open the history");
        self.0.fail(Fault::History)?;
        Ok(Box::new(self.clone()))
    }

    fn channels(
        &self,
        kinds: &[ChannelKind],
        notify: &Notify,
        lang: Lang,
    ) -> Result<Vec<Box<dyn Channel>>, RunError> {
        self.0.step("open the channels");
        self.0.fail(Fault::Channels)?;
        let report = notify.slack.as_ref().and_then(|slack| slack.options.report.clone());
        let channel = |_: &ChannelKind| -> Box<dyn Channel> {
            let telling = Telling { lang, report: report.clone(), ..Telling::default() };
            Box::new(Told { stand: self.clone(), telling })
        };
        Ok(kinds.iter().map(channel).collect())
    }

    fn snapshot(
        &self,
        source: &SnapshotSource,
        _connection: &Settings,
        most: Option<Duration>,
    ) -> Result<Snapshot, RunError> {
        self.0.step("ask AWS");
        self.0.asked.borrow_mut().push((source.clone(), most));
        self.0.fail(Fault::Snapshot)?;
        self.0.elapsed.set(self.0.elapsed.get() + ANSWERS_AFTER);
        let mut snapshot =
            Snapshot::new("123456789012", "aws", "2027-03-31T12:00:00Z", &[REGION.to_owned()]).complete();
        snapshot.rds.db_instances.items.push(DbInstance {
            arn: format!("arn:aws:rds:{REGION}:123456789012:db:ec-db"),
            region: REGION.into(),
            id: "ec-db".into(),
            multi_az: Known::Yes(false),
            publicly_accessible: Known::Yes(false),
            backup_retention_days: Known::Yes(3),
            ..DbInstance::default()
        });
        Ok(snapshot)
    }

    fn save(&self, _snapshot: &Snapshot, path: &Path) -> Result<(), RunError> {
        self.0.step(&format!("save {}", path.display()));
        self.0.fail(Fault::Save)
    }

    fn write(&self, document: &OutputDocument) -> Result<(), RunError> {
        self.0.step(&format!("write {}", document.destination));
        match document.destination {
            Destination::Screen => self.0.fail(Fault::Screen)?,
            _ if self.0.files.replace(self.0.files.get() + 1) == 0 => self.0.fail(Fault::File)?,
            _ => {}
        }
        self.0.documents.borrow_mut().push(document.clone());
        Ok(())
    }
}

fn stand(faults: &[Fault]) -> Stand {
    Stand(Rc::new(Seen { faults: faults.iter().copied().collect(), ..Seen::default() }))
}

fn configured(config: &str) -> Configured {
    let place = ConfigPlace::Text { name: "tenken.toml".to_owned(), contents: config.to_owned() };
    configure(&place, None, &[POLICY.to_owned()]).unwrap()
}

/// A request of everything that there is.
fn request(config: &str) -> AuditRequest {
    static PLAIN: LazyLock<Configured> = LazyLock::new(|| configured(""));
    AuditRequest {
        configured: if config.is_empty() { PLAIN.clone() } else { configured(config) },
        save_snapshot: Some("saved.json".into()),
        history: Some(Place::File("history.json".into())),
        outputs: vec![
            Output::File { format: Format::Json, path: "report.json".into() },
            Output::Screen { format: Format::Terminal, width: 80, colour: false },
        ],
        notify: vec![ChannelKind::Slack],
        ..AuditRequest::default()
    }
}

fn run(request: &AuditRequest, stand: &Stand) -> Result<Audit, AuditFailure> {
    audit(request, stand, &|_| {})
}

#[test]
fn everything_has_its_place_in_the_sequence() {
    let stand = stand(&[]);
    let audit = run(&request(""), &stand).unwrap_or_else(|failure| panic!("{failure:?}"));
    assert_eq!(
        *stand.0.steps.borrow(),
        [
            "check report.json",
            "check standard output",
            "check saved.json",
            "check history.json",
            "open the history",
            "read the history",
            "open the channels",
            "ask AWS",
            "save saved.json",
            "read the history",
            "write the history",
            "write report.json",
            "write standard output",
            // It is claimed, told, and marked as told; then what still waits is counted.
            "read the history",
            "write the history",
            "send",
            "read the history",
            "write the history",
            "read the history",
        ]
    );
    assert_eq!((audit.findings_code, audit.exit_code()), (EXIT_FINDINGS, EXIT_FINDINGS));
    assert_eq!(audit.written, ["report.json"]);
    assert_eq!(audit.told.iter().flatten().map(|outcome| outcome.told).collect::<Vec<_>>(), [1]);
    assert_eq!(*stand.0.messages.borrow(), [json!({ "groups": 1, "report": "report.json" })]);
    assert!(audit.judged.past.is_some());
    let lenient = AuditRequest { fail_on: Some(Severity::Critical), ..request("") };
    let audit = run(&lenient, &stand).unwrap_or_else(|failure| panic!("{failure:?}"));
    assert_eq!(audit.exit_code(), EXIT_CLEAN);
}

#[test]
fn what_can_be_refused_is_refused_before_aws_is_asked() {
    for (fault, step) in [
        (Fault::Places, AuditStep::CheckPlaces),
        (Fault::History, AuditStep::OpenHistory),
        (Fault::ReadHistory, AuditStep::OpenHistory),
        (Fault::Channels, AuditStep::OpenChannels),
    ] {
        let stand = stand(&[fault]);
        let failure = run(&request(""), &stand).err().unwrap();
        assert_eq!(failure.step, step, "{fault:?}");
        for later in ["ask AWS", "write the history", "send"] {
            assert!(!stand.0.did(later), "{fault:?}: {later}");
        }
    }
    // Without a history nobody knows what was told.
    let stand = stand(&[]);
    let failure = run(&AuditRequest { history: None, ..request("") }, &stand).err().unwrap();
    assert_eq!(failure.step, AuditStep::OpenChannels);
    assert!(matches!(*failure.error, RunError::NotifyWithoutHistory));
    assert!(!stand.0.did("open the channels") && !stand.0.did("ask AWS"));
}

#[test]
fn an_account_that_cannot_be_asked_changes_nothing() {
    let stand = stand(&[Fault::Snapshot]);
    let failure = run(&request(""), &stand).err().unwrap();
    assert_eq!(failure.step, AuditStep::TakeSnapshot);
    assert_eq!(stand.0.steps.borrow().last().unwrap(), "ask AWS");
}

/// Each step fails in turn, and some together: every other step is done.
#[test]
fn what_fails_loses_nothing_else() {
    let table: &[(&[Fault], &[AuditStep])] = &[
        (&[Fault::Save], &[AuditStep::SaveSnapshot]),
        (&[Fault::WriteHistory], &[AuditStep::Remember]),
        (&[Fault::File], &[AuditStep::Report]),
        (&[Fault::Screen], &[AuditStep::Report]),
        (&[Fault::Send], &[]),
        (&[Fault::Save, Fault::File, Fault::Send], &[AuditStep::SaveSnapshot, AuditStep::Report]),
        (
            &[Fault::Save, Fault::WriteHistory, Fault::File, Fault::Screen],
            &[AuditStep::SaveSnapshot, AuditStep::Remember, AuditStep::Report, AuditStep::Report],
        ),
    ];
    for (faults, expected) in table {
        let stand = stand(faults);
        let audit = run(&request(""), &stand).unwrap_or_else(|failure| panic!("{faults:?}: {failure:?}"));
        let steps: Vec<AuditStep> = audit.failures.iter().map(|failure| failure.step).collect();
        assert_eq!(steps, *expected, "{faults:?}");
        // Each fails the run, that of a closed channel included.
        assert_eq!(audit.exit_code(), EXIT_IMPOSSIBLE, "{faults:?}");
        assert_eq!(audit.findings_code, EXIT_FINDINGS, "{faults:?}");
        for done in ["save saved.json", "write the history", "write report.json", "write standard output"] {
            assert!(stand.0.did(done), "{faults:?}: {done}");
        }
        let is_known = !faults.contains(&Fault::WriteHistory);
        assert_eq!(stand.0.history.borrow().is_some(), is_known, "{faults:?}");
        assert_eq!(audit.judged.past.is_some(), is_known, "{faults:?}");
        // What is not in the history was never queued.
        assert_eq!(stand.0.did("send"), is_known, "{faults:?}");
        let documents = 2 - faults.iter().filter(|one| [Fault::File, Fault::Screen].contains(one)).count();
        assert_eq!(stand.0.documents.borrow().len(), documents, "{faults:?}");
        let is_told = is_known && !faults.contains(&Fault::Send);
        assert_eq!(stand.0.messages.borrow().len(), usize::from(is_told), "{faults:?}");
    }
}

#[test]
fn a_channel_that_does_not_answer_is_told_by_the_next_run() {
    let silent = stand(&[Fault::Outage]);
    let audit = run(&request(""), &silent).unwrap_or_else(|failure| panic!("{failure:?}"));
    assert_eq!(audit.exit_code(), EXIT_FINDINGS);
    assert!(audit.told[0].as_ref().unwrap().failure.is_some());
    assert_eq!(audit.untold(&[ChannelKind::Slack], Lang::En), None);
    assert!(audit.untold(&[], Lang::En).unwrap().contains("slack (1)"));
    let next = stand(&[]);
    next.0.history.replace(silent.0.history.borrow().clone());
    run(&request(""), &next).unwrap_or_else(|failure| panic!("{failure:?}"));
    assert_eq!(next.0.messages.borrow().len(), 1);
}

#[test]
fn events_come_in_order() {
    let accept = format!(
        "[[accept]]\npolicy = \"{POLICY}\"\nresource = \"*:db:old-db\"\nreason = \"r\"\nowner = \"o\"\nuntil = 2099-12-31\n"
    );
    let request = request(&accept);
    let events = RefCell::new(Vec::new());
    let watch = |event: &AuditEvent<'_>| {
        events.borrow_mut().push(match event {
            AuditEvent::Begun => "begun".to_owned(),
            AuditEvent::Taken { snapshot, took } => format!("taken {} in {took:?}", snapshot.account),
            AuditEvent::Idle(rule) => format!("idle {}", rule.place),
            AuditEvent::Remembered { place, judged, superseded } => {
                format!(
                    "remembered in {place}, {} changes, {superseded}",
                    judged.past.as_ref().unwrap().changes.len()
                )
            }
            AuditEvent::Reported(written) => format!("reported {written:?}"),
        });
    };
    let audit = audit(&request, &stand(&[]), &watch).unwrap_or_else(|failure| panic!("{failure:?}"));
    assert_eq!(
        *events.borrow(),
        [
            "begun",
            "taken 123456789012 in 7s",
            "idle tenken.toml:1",
            "remembered in the history, 1 changes, 0",
            "reported [\"report.json\"]",
        ]
    );
    assert_eq!(audit.idle.len(), 1);
}

#[test]
fn asking_ends_early_enough_for_the_rest() {
    let stand = stand(&[]);
    stand.0.elapsed.set(Duration::from_secs(100));
    let source = SnapshotSource::Recorded("account".into());
    let timed =
        AuditRequest { deadline: Some(Duration::from_secs(1000)), source: source.clone(), ..request("") };
    run(&timed, &stand).unwrap_or_else(|failure| panic!("{failure:?}"));
    run(&request(""), &stand).unwrap_or_else(|failure| panic!("{failure:?}"));
    let asked = [(source, Some(Duration::from_secs(810))), (SnapshotSource::Live, None)];
    assert_eq!(*stand.0.asked.borrow(), asked);
}

/// An account whose judging takes longer than there is time: what was not judged is unknown, under every
/// policy, and the report, the history and the news come all the same.
#[test]
fn judging_ends_early_enough_for_the_rest() {
    let timed = |seconds: u64| AuditRequest { deadline: Some(Duration::from_secs(seconds)), ..request("") };
    // AWS answers after seven seconds.
    let audit = run(&timed(10), &stand(&[])).unwrap_or_else(|failure| panic!("{failure:?}"));
    assert!(!audit.judged.is_out_of_time() && audit.judged.totals().failed() > 0);
    let hurried = stand(&[]);
    let audit = run(&timed(5), &hurried).unwrap_or_else(|failure| panic!("{failure:?}"));
    assert!(audit.judged.is_out_of_time() && audit.failures.is_empty(), "{:?}", audit.failures);
    assert_eq!((audit.judged.totals().failed(), audit.exit_code()), (0, EXIT_UNKNOWN));
    for finding in &audit.judged.findings {
        assert!(
            matches!(finding.verdict, Verdict::Unknown(_)),
            "{} is {:?}",
            finding.policy,
            finding.verdict
        );
        let words = &finding.message;
        assert!(words.en.ends_with("could not be judged: the time of the run was up."), "{}", words.en);
        assert!(words.ja.ends_with("は判定できない: 実行の制限時間に達した。"), "{}", words.ja);
    }
    for done in ["save saved.json", "write the history", "write report.json", "write standard output"] {
        assert!(hurried.0.did(done), "{done}");
    }
}

#[test]
fn something_is_always_left_for_the_rest() {
    for (left, expected) in [(900, 810), (60, 45), (30, 15), (10, 5), (0, 0)] {
        assert_eq!(collecting_time(Duration::from_secs(left)), Duration::from_secs(expected), "{left}");
    }
}

#[test]
fn a_folder_holds_each_format_and_the_snapshot() {
    let prefix = S3Place { bucket: "audit".to_owned(), key: "reports/".to_owned() };
    let formats = vec![Format::Markdown, Format::Json];
    let folder = AuditRequest { outputs: vec![Output::Folder { formats, prefix }], ..request("") };
    let name = |file: &str| format!("s3://audit/reports/123456789012/2027-03-31T120000Z/{file}");
    let whole = stand(&[]);
    let audit = run(&folder, &whole).unwrap_or_else(|failure| panic!("{failure:?}"));
    assert_eq!(audit.written, ["report.md", "report.json", "snapshot.json"].map(name));
    let kinds: Vec<&str> = whole.0.documents.borrow().iter().map(|document| document.media_type).collect();
    assert_eq!(kinds[1..], ["application/json", "application/json"]);
    // News names the first format that was asked for.
    assert_eq!(whole.0.messages.borrow()[0]["report"], name("report.md"));
    let broken = stand(&[Fault::File]);
    let audit = run(&folder, &broken).unwrap_or_else(|failure| panic!("{failure:?}"));
    assert_eq!(audit.written, ["report.json", "snapshot.json"].map(name));
    assert_eq!(audit.failures.len(), 1);
}

#[test]
fn the_report_of_the_configuration_is_the_one_that_is_named() {
    let stand = stand(&[]);
    let described = "[notify.slack]\nwebhook = \"env:HOOK\"\nreport = \"https://reports.example.com/\"\n";
    run(&request(described), &stand).unwrap_or_else(|failure| panic!("{failure:?}"));
    assert_eq!(stand.0.messages.borrow()[0]["report"], "https://reports.example.com/");
}

#[test]
fn an_unreadable_place_is_named_in_both_languages() {
    let error = RunError::Unwritten {
        place: "s3://b/k".to_owned(),
        reason: Text::new("no bucket", "バケットがない"),
    };
    assert_eq!(error.message(Lang::En), "failed to write s3://b/k: no bucket");
    assert_eq!(error.message(Lang::Ja), "s3://b/k に書き込めない: バケットがない");
}
