//! Runs of a small account, a store in memory and a channel that keeps what it received.

use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;
use tenken::deliver::{Bulletin, Channel, Clock, SendError, Telling, document::document};
use tenken::finding::{Evidence, Finding, Pillar, PolicyInfo, Remedy, Run, Severity, Verdict, finding_id};
use tenken::history::Time;
use tenken::history::announcement::ChannelKind;
use tenken::history::store::{Store, StoreError, Stored, Version};
use tenken::text::Text;

pub(crate) const REGION: &str = "ap-northeast-1";
pub(crate) const POLICY: &str = "rds-single-az";

/// A run of a second in which these databases have no standby. All others have one.
pub(crate) fn run(second: u32, alone: &[&str]) -> Run {
    let mut names: Vec<String> = alone.iter().map(|name| (*name).to_owned()).collect();
    names.extend(["a", "b", "c", "d"].map(str::to_owned));
    names.sort();
    names.dedup();
    let findings = names.iter().map(|name| {
        let resource = format!("arn:aws:rds:{REGION}:123456789012:db:{name}");
        let is_alone = alone.contains(&name.as_str());
        Finding {
            id: finding_id(POLICY, &resource, ""),
            policy: POLICY.to_owned(),
            severity: Severity::High,
            pillar: Pillar::Reliability,
            resource,
            region: REGION.to_owned(),
            discriminator: String::new(),
            verdict: if is_alone { Verdict::Fail } else { Verdict::Pass },
            message: Text { en: format!("{name} is alone."), ja: format!("{name} は単独。") },
            evidence: vec![Evidence { path: "db.multi_az".into(), value: json!(false) }],
            options: vec![Remedy {
                id: "multi-az".into(),
                title: Text { en: "Turn on Multi-AZ".into(), ja: "Multi-AZ を有効化する".into() },
                steps: tenken::text::Bilingual {
                    en: vec!["Check the subnets.".into()],
                    ja: vec!["サブネットを確認する。".into()],
                },
                cli: Text {
                    en: format!("aws rds modify-db-instance --db-instance-identifier {name} --multi-az\n"),
                    ja: format!("aws rds modify-db-instance --db-instance-identifier {name} --multi-az\n"),
                },
                ..Remedy::default()
            }],
            accepted: None,
        }
    });
    let info = PolicyInfo {
        id: POLICY.to_owned(),
        severity: Severity::High,
        pillar: Pillar::Reliability,
        title: Text { en: "No standby".into(), ja: "スタンバイがない".into() },
        risk: Text::default(),
        compliance: BTreeMap::new(),
        references: Vec::new(),
    };
    Run {
        account: "123456789012".into(),
        partition: "aws".into(),
        taken_at: format!("2026-07-01T{:02}:{:02}:{:02}Z", second / 3600, second / 60 % 60, second % 60),
        regions: vec![REGION.into()],
        findings: findings.collect(),
        policies: vec![info],
        ..Run::default()
    }
}

/// The databases that a message speaks of, sorted.
pub(crate) fn named(message: &Value) -> Vec<String> {
    let of = |key: &str| message[key].as_array().cloned().unwrap_or_default();
    let mut names: Vec<String> = of("news")
        .iter()
        .chain(&of("resolved"))
        .map(|item| item["resource"].as_str().unwrap().rsplit(':').next().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

/// A store in memory.
#[derive(Default)]
pub(crate) struct Memory {
    bytes: RefCell<Option<Vec<u8>>>,
}

fn version(bytes: &[u8]) -> Version {
    Version(String::from_utf8(bytes.to_vec()).unwrap())
}

impl Store for Memory {
    fn place(&self) -> String {
        "memory".into()
    }

    fn load(&self) -> Result<Option<Stored>, StoreError> {
        let bytes = self.bytes.borrow().clone();
        Ok(bytes.map(|bytes| Stored { version: version(&bytes), bytes }))
    }

    fn store(&self, bytes: &[u8], expected: Option<&Version>) -> Result<Version, StoreError> {
        let mut held = self.bytes.borrow_mut();
        if held.as_ref().map(|bytes| version(bytes)).as_ref() != expected {
            return Err(StoreError::Conflict);
        }
        *held = Some(bytes.to_vec());
        Ok(version(bytes))
    }
}

/// A store that cannot be written any more after some writes.
pub(crate) struct FailsAfter<'s> {
    inner: &'s Memory,
    left: Cell<usize>,
}

impl<'s> FailsAfter<'s> {
    pub(crate) fn new(inner: &'s Memory, writes: usize) -> Self {
        FailsAfter { inner, left: Cell::new(writes) }
    }
}

impl Store for FailsAfter<'_> {
    fn place(&self) -> String {
        self.inner.place()
    }

    fn load(&self) -> Result<Option<Stored>, StoreError> {
        self.inner.load()
    }

    fn store(&self, bytes: &[u8], expected: Option<&Version>) -> Result<Version, StoreError> {
        let Some(left) = self.left.get().checked_sub(1) else {
            return Err(StoreError::Failed { reason: "no space left on device".into() });
        };
        self.left.set(left);
        self.inner.store(bytes, expected)
    }
}

/// A clock whose waiting takes no time.
pub(crate) struct TestClock {
    now: Cell<i64>,
    slept: Cell<Duration>,
}

impl Default for TestClock {
    fn default() -> Self {
        TestClock { now: Cell::new(1_782_900_000), slept: Cell::new(Duration::ZERO) }
    }
}

impl TestClock {
    pub(crate) fn slept(&self) -> Duration {
        self.slept.get()
    }

    pub(crate) fn advance(&self, seconds: i64) {
        self.now.set(self.now.get() + seconds);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Time {
        Time::from_unix_seconds(self.now.get())
    }

    fn sleep(&self, time: Duration) {
        self.slept.set(self.slept.get() + time);
        self.advance(time.as_secs().try_into().unwrap());
    }
}

/// A channel that keeps what it received.
pub(crate) struct Received {
    kind: ChannelKind,
    pub telling: Telling,
    /// In how many messages it is told.
    pub pieces: usize,
    texts: RefCell<Vec<(Value, Option<String>)>>,
    tries: Cell<usize>,
    next: RefCell<VecDeque<Option<SendError>>>,
    always: RefCell<Option<SendError>>,
}

impl Received {
    pub(crate) fn new(kind: ChannelKind) -> Self {
        Received {
            kind,
            telling: Telling::default(),
            pieces: 1,
            texts: RefCell::default(),
            tries: Cell::new(0),
            next: RefCell::default(),
            always: RefCell::default(),
        }
    }

    pub(crate) fn texts(&self) -> Vec<Value> {
        self.texts.borrow().iter().map(|(text, _)| text.clone()).collect()
    }

    pub(crate) fn threads(&self) -> Vec<Option<String>> {
        self.texts.borrow().iter().map(|(_, thread)| thread.clone()).collect()
    }

    pub(crate) fn tries(&self) -> usize {
        self.tries.get()
    }

    pub(crate) fn fail_next(&self, errors: &[SendError]) {
        self.next.borrow_mut().extend(errors.iter().cloned().map(Some));
    }

    pub(crate) fn fail_at(&self, index: usize, error: SendError) {
        let mut next = self.next.borrow_mut();
        next.extend((0..index).map(|_| None));
        next.push_back(Some(error));
    }

    pub(crate) fn fail_always(&self, error: SendError) {
        *self.always.borrow_mut() = Some(error);
    }

    pub(crate) fn heal(&self) {
        *self.always.borrow_mut() = None;
        self.next.borrow_mut().clear();
    }
}

impl Channel for Received {
    fn kind(&self) -> ChannelKind {
        self.kind
    }

    fn telling(&self) -> &Telling {
        &self.telling
    }

    fn messages(&self, bulletin: &Bulletin) -> Vec<Value> {
        let piece = |index: usize| {
            let mut message = document(bulletin, usize::MAX);
            if let Some(fields) = message.as_object_mut() {
                fields.insert("piece".to_owned(), json!(index));
            }
            message
        };
        (0..self.pieces).map(piece).collect()
    }

    fn fallback(&self, bulletin: &Bulletin) -> Option<Value> {
        Some(json!({ "plain": bulletin.id }))
    }

    fn send(&self, message: &Value, thread: Option<&str>) -> Result<Option<String>, SendError> {
        self.tries.set(self.tries.get() + 1);
        let planned = self.next.borrow_mut().pop_front().flatten();
        if let Some(error) = planned.or_else(|| self.always.borrow().clone()) {
            return Err(error);
        }
        self.texts.borrow_mut().push((message.clone(), thread.map(str::to_owned)));
        Ok(Some(format!("thread {}", message["piece"])))
    }
}

/// A channel that does something else before it sends for the first time.
pub(crate) struct Interrupted<'c> {
    pub inner: &'c Received,
    pub action: RefCell<Option<Box<dyn FnOnce() + 'c>>>,
}

impl Channel for Interrupted<'_> {
    fn kind(&self) -> ChannelKind {
        self.inner.kind()
    }

    fn telling(&self) -> &Telling {
        self.inner.telling()
    }

    fn messages(&self, bulletin: &Bulletin) -> Vec<Value> {
        self.inner.messages(bulletin)
    }

    fn fallback(&self, bulletin: &Bulletin) -> Option<Value> {
        self.inner.fallback(bulletin)
    }

    fn send(&self, message: &Value, thread: Option<&str>) -> Result<Option<String>, SendError> {
        let action = self.action.borrow_mut().take();
        if let Some(action) = action {
            action();
        }
        self.inner.send(message, thread)
    }
}

/// A run that dies before its next step when it has done so many: writes and sends.
pub(crate) struct Mortal<'m> {
    pub store: &'m Memory,
    pub channel: &'m Received,
    pub left: Cell<usize>,
}

impl Mortal<'_> {
    fn step(&self) {
        match self.left.get().checked_sub(1) {
            Some(left) => self.left.set(left),
            // Unlike a panic, it is not reported.
            None => std::panic::resume_unwind(Box::new("died")),
        }
    }
}

impl Store for Mortal<'_> {
    fn place(&self) -> String {
        self.store.place()
    }

    fn load(&self) -> Result<Option<Stored>, StoreError> {
        self.store.load()
    }

    fn store(&self, bytes: &[u8], expected: Option<&Version>) -> Result<Version, StoreError> {
        self.step();
        self.store.store(bytes, expected)
    }
}

impl Channel for Mortal<'_> {
    fn kind(&self) -> ChannelKind {
        self.channel.kind()
    }

    fn telling(&self) -> &Telling {
        self.channel.telling()
    }

    fn messages(&self, bulletin: &Bulletin) -> Vec<Value> {
        self.channel.messages(bulletin)
    }

    fn fallback(&self, bulletin: &Bulletin) -> Option<Value> {
        self.channel.fallback(bulletin)
    }

    fn send(&self, message: &Value, thread: Option<&str>) -> Result<Option<String>, SendError> {
        self.step();
        self.channel.send(message, thread)
    }
}
