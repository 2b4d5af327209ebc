//! Histories in S3, against a stand-in that keeps S3's documented rules for conditional
//! writes, and against every refusal that has something to do about it.

use crate::bucket::{Buckets, Fault, State, Write};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use std::sync::{Arc, Mutex, MutexGuard};
use tenken::config::Place;
use tenken::deliver::Access;
use tenken::deliver::s3::{S3Client, S3Store};
use tenken::finding::{Finding, Pillar, PolicyInfo, Run, Severity, Verdict, finding_id};
use tenken::history::store::{self, HistoryError, Store, StoreError};
use tenken::run::compare::open_history;
use tenken::text::{Explained, Lang, Text};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer};

const PLACE: &str = "s3://audit-logs/history/123456789012.json";
const REGION: &str = "ap-northeast-1";

fn run(policy: &str, second: u32) -> Run {
    let resource = format!("arn:aws:rds:{REGION}:123456789012:db:shop");
    let finding = Finding {
        id: finding_id(policy, &resource, ""),
        policy: policy.to_owned(),
        severity: Severity::High,
        pillar: Pillar::Reliability,
        resource,
        region: REGION.to_owned(),
        discriminator: String::new(),
        verdict: Verdict::Fail,
        message: Text { en: "shop is alone.".into(), ja: "shop は単独。".into() },
        evidence: Vec::new(),
        options: Vec::new(),
        accepted: None,
    };
    let info = PolicyInfo {
        id: policy.to_owned(),
        severity: Severity::High,
        pillar: Pillar::Reliability,
        title: Text::default(),
        risk: Text::default(),
        compliance: Default::default(),
        references: Vec::new(),
    };
    Run {
        account: "123456789012".into(),
        partition: "aws".into(),
        taken_at: format!("2026-07-01T00:00:{second:02}Z"),
        regions: vec![REGION.into()],
        findings: vec![finding],
        policies: vec![info],
        ..Run::default()
    }
}

/// The stand-in, on a runtime of its own: the store blocks.
struct Served {
    _runtime: tokio::runtime::Runtime,
    server: MockServer,
    buckets: Buckets,
}

impl Served {
    fn start(state: State) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let buckets = Buckets(Arc::new(Mutex::new(state)));
        let server = runtime.block_on(async {
            let server = MockServer::start().await;
            Mock::given(any()).respond_with(buckets.clone()).mount(&server).await;
            server
        });
        Served { _runtime: runtime, server, buckets }
    }

    /// The history, as another process opens it.
    fn store(&self) -> S3Store {
        store_at(&self.server.uri())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.buckets.0.lock().unwrap()
    }

    fn writes(&self) -> Vec<Write> {
        self.state().writes.clone()
    }
}

fn store_at(endpoint: &str) -> S3Store {
    let access =
        Access { endpoint_url: Some(endpoint.to_owned()), region: Some(REGION.into()), ..Access::default() };
    let credentials = Credentials::new("TESTING", "testing", None, None, "test");
    let s3 = S3Client::with_credentials(&access, SharedCredentialsProvider::new(credentials)).unwrap();
    S3Store::new(s3, PLACE.parse().unwrap())
}

fn object() -> String {
    PLACE.replacen("s3:/", "", 1)
}

#[test]
fn a_history_begins_and_goes_on() {
    let server = Served::start(State::default());
    let store = server.store();
    assert_eq!(store.load(), Ok(None));
    let (_, changes) = store::update(&store, &run("rds-single-az", 1)).unwrap();
    assert_eq!(changes.past.previous_run, None);
    let (history, changes) = store::update(&store, &run("rds-single-az", 2)).unwrap();
    assert_eq!(changes.past.previous_run.as_deref(), Some("2026-07-01T00:00:01Z"));
    // Another process sees what this one wrote.
    assert_eq!(store::read(&server.store()).unwrap(), history);
    let writes = server.writes();
    assert_eq!(writes.len(), 2);
    assert_eq!(writes[0].if_none_match.as_deref(), Some("*"));
    assert_eq!(writes[1].if_none_match, None);
    assert!(writes[1].if_match.as_ref().is_some_and(|etag| etag.starts_with('"')), "{writes:?}");
    assert_eq!(store.place(), PLACE);
}

#[test]
fn runs_at_once_lose_nothing() {
    let server = Served::start(State::default());
    std::thread::scope(|scope| {
        for policy in ["policy-a", "policy-b", "policy-c", "policy-d"] {
            let uri = server.server.uri();
            scope.spawn(move || {
                let store = store_at(&uri);
                for second in 0..5 {
                    store::update(&store, &run(policy, second)).unwrap();
                }
            });
        }
    });
    let history = store::read(&server.store()).unwrap();
    assert_eq!(history.policies.len(), 4);
    assert_eq!(history.findings.len(), 4);
    assert!(server.state().conflicts > 0, "the writers never met, which proves nothing");
}

#[test]
fn whoever_began_meanwhile_is_not_written_over() {
    let server = Served::start(State::default());
    let (first, second) = (server.store(), server.store());
    assert_eq!((first.load(), second.load()), (Ok(None), Ok(None)));
    let version = first.store(b"first", None).unwrap();
    assert_eq!(second.store(b"second", None), Err(StoreError::Conflict));
    assert_eq!(first.load().unwrap().unwrap().bytes, b"first");
    let newer = second.store(b"newer", Some(&version)).unwrap();
    assert_ne!(newer, version);
    assert_eq!(first.store(b"older", Some(&version)), Err(StoreError::Conflict));
    // An object that somebody removed is no version either.
    server.state().objects.clear();
    assert_eq!(first.store(b"again", Some(&newer)), Err(StoreError::Conflict));
}

#[test]
fn a_write_under_way_is_a_conflict_and_tried_again() {
    let server = Served::start(State { faults: vec![Fault::Busy, Fault::Busy], ..State::default() });
    let (history, _) = store::update(&server.store(), &run("rds-single-az", 1)).unwrap();
    assert_eq!(history.runs.len(), 1);
    assert_eq!(server.state().conflicts, 2);
}

/// S3 has written, and its answer got lost: the SDK sends again and learns that its version
/// is gone. The run must be in the history once.
#[test]
fn a_lost_answer_leaves_one_run() {
    let server = Served::start(State { faults: vec![Fault::AnswerLost], ..State::default() });
    let (history, _) = store::update(&server.store(), &run("rds-single-az", 1)).unwrap();
    assert_eq!(history.runs.len(), 1);
    assert_eq!(store::read(&server.store()).unwrap(), history);
    assert!(server.state().conflicts > 0);
}

#[test]
fn trouble_that_passes_is_waited_for() {
    let server = Served::start(State { faults: vec![Fault::Internal, Fault::SlowDown], ..State::default() });
    store::update(&server.store(), &run("rds-single-az", 1)).unwrap();
    assert_eq!(server.writes().len(), 3);
}

#[test]
fn refusals_name_what_they_take_and_leave_the_history() {
    for (fault, en, ja) in [
        (Fault::Denied, "s3:PutObject, s3:GetObject (object)", "次の権限が必要: s3:PutObject"),
        (Fault::NoBucket, "there is no bucket audit-logs", "バケット audit-logs は存在しない"),
        (Fault::ExpiredToken, "AWS did not accept the credentials (ExpiredToken)", "認証情報を受け付けない"),
        (Fault::Odd, "S3 gave no usable answer (InvalidArgument)", "有効な応答がない（InvalidArgument）"),
    ] {
        let server = Served::start(State::default());
        let store = server.store();
        let (before, _) = store::update(&store, &run("rds-single-az", 1)).unwrap();
        server.state().faults.push(fault);
        let error = store::update(&store, &run("rds-single-az", 2)).unwrap_err();
        let english = error.message(Lang::En);
        assert!(english.starts_with("failed to write the history s3://audit-logs/"), "{english}");
        assert!(english.contains(en), "{english}");
        assert!(error.message(Lang::Ja).contains(ja), "{}", error.message(Lang::Ja));
        assert_eq!(store::read(&store).unwrap(), before);
    }
}

/// Without s3:ListBucket S3 says of a missing object that it is forbidden. A history must
/// not begin anew where there may be one.
#[test]
fn what_may_not_be_read_is_not_begun() {
    let server = Served::start(State { hides_missing: true, ..State::default() });
    let error = store::update(&server.store(), &run("rds-single-az", 1)).unwrap_err();
    assert!(matches!(&error, HistoryError::Read { error: StoreError::Refused { .. }, .. }), "{error:?}");
    assert!(error.message(Lang::En).contains("s3:ListBucket (bucket)"), "{}", error.message(Lang::En));
    assert_eq!(server.writes().len(), 0);
}

#[test]
fn a_damaged_history_is_kept() {
    let server = Served::start(State {
        objects: [(object(), b"{\"kind\": \"tenken-hist".to_vec())].into(),
        ..State::default()
    });
    let error = store::update(&server.store(), &run("rds-single-az", 1)).unwrap_err();
    assert!(matches!(error, HistoryError::File { .. }), "{error:?}");
    assert_eq!(server.writes().len(), 0);
}

#[test]
fn a_bucket_of_another_region_is_followed() {
    let server = Served::start(State { region: Some("eu-west-1".into()), ..State::default() });
    let store = server.store();
    store::update(&store, &run("rds-single-az", 1)).unwrap();
    store::update(&store, &run("rds-single-az", 2)).unwrap();
    // Only the first question went to the wrong region.
    assert_eq!(server.state().redirects, 1);
    assert_eq!(store::read(&store).unwrap().runs.len(), 2);
}

#[test]
fn places_of_this_machine_stay_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.json");
    let store = open_history(&Place::File(path.clone()), &Access::default()).unwrap();
    store::update(&*store, &run("rds-single-az", 1)).unwrap();
    assert!(path.is_file());
}
