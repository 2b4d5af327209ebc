//! News on its way: outages, refusals, and a run that is killed between any two steps.

use crate::news::{FailsAfter, Interrupted, Memory, Mortal, Received, TestClock, named, run};
use crate::schema;
use serde_json::Value;
use std::cell::{Cell, RefCell};
use std::time::Duration;
use tenken::deliver::send::CLAIM_SECONDS;
use tenken::deliver::{SendError, deliver, deliver_within};
use tenken::history::announcement::{Addressee, ChannelKind};
use tenken::history::store::{self, Store};
use tenken::text::{Lang, Text};

const SLACK: ChannelKind = ChannelKind::Slack;

fn refused() -> SendError {
    SendError::Refused {
        code: "action_prohibited".into(),
        hint: Text::new("ask an owner", "管理者に依頼する"),
    }
}

fn unreachable() -> SendError {
    SendError::Unreachable { reason: Text::same("503") }
}

fn limited(seconds: u64) -> SendError {
    SendError::RateLimited { after: Duration::from_secs(seconds) }
}

fn bad() -> SendError {
    SendError::BadMessage { code: "invalid_payload".into() }
}

/// A store that holds the first run's news for some channels.
fn queued(channels: &[ChannelKind]) -> Memory {
    let store = Memory::default();
    let addressees: Vec<Addressee> =
        channels.iter().map(|channel| Addressee { channel: *channel, digest: None }).collect();
    store::update_with_news(&store, &run(1, &["a", "b"]), &addressees).unwrap();
    store
}

fn pending(store: &dyn Store) -> usize {
    store::read(store).unwrap().pending.len()
}

#[test]
fn news_is_told_once() {
    let store = queued(&[SLACK]);
    let (channel, clock) = (Received::new(SLACK), TestClock::default());
    let outcome = deliver(&store, &channel, "one", &clock).unwrap();
    assert_eq!((outcome.told, outcome.messages, outcome.waiting, outcome.text(Lang::En)), (1, 1, 0, None));
    assert_eq!(named(&channel.texts()[0]), ["a", "b"]);
    // Nothing changed: nothing is said. The same run taken in again is no news.
    for second in [1, 2] {
        let addressees = [Addressee { channel: SLACK, digest: None }];
        store::update_with_news(&store, &run(second, &["a", "b"]), &addressees).unwrap();
        let outcome = deliver(&store, &channel, "two", &clock).unwrap();
        assert_eq!((outcome.told, channel.texts().len()), (0, 1));
    }
}

#[test]
fn what_a_channel_does_not_want_is_done_with_silently() {
    let store = queued(&[SLACK]);
    let mut channel = Received::new(SLACK);
    channel.telling.min_severity = tenken::finding::Severity::Critical;
    let outcome = deliver(&store, &channel, "one", &TestClock::default()).unwrap();
    assert_eq!((outcome.told, outcome.left_out, outcome.text(Lang::En)), (0, 1, None));
    assert!(channel.texts().is_empty());
    assert_eq!(pending(&store), 0);
}

#[test]
fn a_channel_that_is_down_does_not_make_another_repeat() {
    let store = queued(&[SLACK, ChannelKind::Sns]);
    let (slack, sns, clock) = (Received::new(SLACK), Received::new(ChannelKind::Sns), TestClock::default());
    slack.fail_always(unreachable());
    let outcome = deliver(&store, &slack, "one", &clock).unwrap();
    assert_eq!((outcome.told, outcome.waiting, outcome.attempts), (0, 1, 1));
    assert!(!outcome.needs_somebody());
    assert_eq!(deliver(&store, &sns, "one", &clock).unwrap().told, 1);
    slack.heal();
    assert_eq!(deliver(&store, &slack, "two", &clock).unwrap().told, 1);
    assert_eq!(deliver(&store, &sns, "two", &clock).unwrap().told, 0);
    assert_eq!((slack.texts().len(), sns.texts().len(), pending(&store)), (1, 1, 0));
}

#[test]
fn a_short_outage_and_a_short_limit_are_waited_for() {
    let store = queued(&[SLACK]);
    let (channel, clock) = (Received::new(SLACK), TestClock::default());
    channel.fail_next(&[unreachable(), limited(30), unreachable()]);
    let outcome = deliver(&store, &channel, "one", &clock).unwrap();
    assert_eq!((outcome.told, outcome.failure.clone()), (1, None), "{outcome:?}");
    assert!(clock.slept() >= Duration::from_secs(31), "{:?}", clock.slept());
}

#[test]
fn a_minute_of_limits_loses_nothing_and_ends() {
    let store = queued(&[SLACK]);
    let (channel, clock) = (Received::new(SLACK), TestClock::default());
    channel.fail_always(limited(7));
    let outcome = deliver(&store, &channel, "one", &clock).unwrap();
    assert_eq!(outcome.failure, Some(limited(7)));
    assert!(clock.slept() <= Duration::from_secs(75), "{:?}", clock.slept());
    assert_eq!(pending(&store), 1);
    // Slack asks for more than this run has: it does not wait for nothing.
    let (channel, clock) = (Received::new(SLACK), TestClock::default());
    channel.fail_always(limited(3600));
    deliver(&store, &channel, "two", &clock).unwrap();
    assert_eq!(clock.slept(), Duration::ZERO);
    channel.heal();
    assert_eq!(deliver(&store, &channel, "three", &clock).unwrap().told, 1);
}

/// What a channel asks to wait for cannot exceed the time that the run has left.
#[test]
fn a_run_out_of_time_waits_for_nobody() {
    let store = queued(&[SLACK]);
    for (seconds_left, retry_after_seconds, slept_seconds) in
        [(0, 1, 0), (20, 30, 0), (31, 30, 31), (3600, 61, 0)]
    {
        let (channel, clock) = (Received::new(SLACK), TestClock::default());
        channel.fail_always(limited(retry_after_seconds));
        let left = Duration::from_secs(seconds_left);
        let outcome = deliver_within(&store, &channel, "one", &clock, Some(left)).unwrap();
        assert_eq!(outcome.failure, Some(limited(retry_after_seconds)));
        assert_eq!(
            clock.slept().as_secs(),
            slept_seconds,
            "{seconds_left} s left, {retry_after_seconds} s asked"
        );
        assert_eq!(pending(&store), 1);
    }
    // Once it is always tried.
    let (channel, clock) = (Received::new(SLACK), TestClock::default());
    assert_eq!(deliver_within(&store, &channel, "two", &clock, Some(Duration::ZERO)).unwrap().told, 1);
}

#[test]
fn a_refusal_is_told_loudly_and_keeps_the_news() {
    let store = queued(&[SLACK]);
    let (channel, clock) = (Received::new(SLACK), TestClock::default());
    channel.fail_always(refused());
    let mut outcome = deliver(&store, &channel, "one", &clock).unwrap();
    assert!(outcome.needs_somebody() && channel.tries() == 1);
    assert!(outcome.text(Lang::En).unwrap().contains("action_prohibited"));
    assert!(outcome.text(Lang::Ja).unwrap().contains("管理者に依頼する"));
    for attempt in 2..=5 {
        assert!(!outcome.text(Lang::En).unwrap().contains("ATTENTION"));
        outcome = deliver(&store, &channel, &attempt.to_string(), &clock).unwrap();
        assert_eq!(outcome.attempts, attempt);
    }
    assert!(outcome.text(Lang::En).unwrap().contains("ATTENTION"));
    assert!(outcome.text(Lang::Ja).unwrap().contains("注意"));
    channel.heal();
    assert_eq!(deliver(&store, &channel, "last", &clock).unwrap().told, 1);
}

#[test]
fn an_outage_of_many_runs_needs_somebody() {
    let store = queued(&[SLACK]);
    let (channel, clock) = (Received::new(SLACK), TestClock::default());
    channel.fail_always(unreachable());
    let needs: Vec<bool> = (1..=5)
        .map(|turn| deliver(&store, &channel, &turn.to_string(), &clock).unwrap().needs_somebody())
        .collect();
    assert_eq!(needs, [false, false, false, false, true]);
}

#[test]
fn a_refused_form_falls_back_to_plain_text_once() {
    let store = queued(&[SLACK]);
    let (channel, clock) = (Received::new(SLACK), TestClock::default());
    channel.fail_next(&[bad()]);
    let outcome = deliver(&store, &channel, "one", &clock).unwrap();
    assert_eq!((outcome.told, outcome.plain, outcome.failure.clone()), (1, 1, None));
    assert!(outcome.text(Lang::En).unwrap().contains("plain text"));
    assert!(channel.texts()[0]["plain"].is_string());
    // Where even that is refused, the news stays, and does not hold back other news.
    let addressees = [Addressee { channel: SLACK, digest: None }];
    store::update_with_news(&store, &run(2, &["a", "b", "c"]), &addressees).unwrap();
    store::update_with_news(&store, &run(3, &["a", "b", "c", "d"]), &addressees).unwrap();
    channel.fail_next(&[bad(), bad()]);
    let outcome = deliver(&store, &channel, "two", &clock).unwrap();
    assert_eq!((outcome.told, outcome.waiting, outcome.failure.clone()), (1, 1, Some(bad())));
    assert_eq!(named(&channel.texts()[1]), ["d"]);
    assert_eq!(deliver(&store, &channel, "three", &clock).unwrap().told, 1);
    assert_eq!(named(&channel.texts()[2]), ["c"]);
}

#[test]
fn two_runs_at_once_do_not_tell_the_same() {
    let store = queued(&[SLACK]);
    let clock = TestClock::default();
    let (first, second) = (Received::new(SLACK), Received::new(SLACK));
    let other = RefCell::new(None);
    // The second run comes while the first is sending.
    let action = || *other.borrow_mut() = Some(deliver(&store, &second, "two", &clock).unwrap());
    let sending = Interrupted { inner: &first, action: RefCell::new(Some(Box::new(action))) };
    assert_eq!(deliver(&store, &sending, "one", &clock).unwrap().told, 1);
    let other = other.borrow().clone().unwrap();
    assert_eq!((other.told, other.waiting, other.failure.clone()), (0, 1, None));
    assert!(other.text(Lang::En).unwrap().contains("another run"), "{other:?}");
    assert!(other.text(Lang::Ja).unwrap().contains("別の実行"));
    assert_eq!((first.texts().len(), second.texts().len(), pending(&store)), (1, 0, 0));
}

#[test]
fn messages_that_were_delivered_are_not_sent_again_after_a_failure() {
    let names: Vec<String> = (0..60).map(|index| format!("db{index:02}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let store = Memory::default();
    let addressees = [Addressee { channel: SLACK, digest: None }];
    store::update_with_news(&store, &run(1, &names), &addressees).unwrap();
    let clock = TestClock::default();
    let mut channel = Received::new(SLACK);
    channel.pieces = 4;
    channel.fail_at(2, refused());
    let outcome = deliver(&store, &channel, "one", &clock).unwrap();
    assert_eq!((outcome.told, outcome.messages), (0, 2));
    channel.heal();
    let outcome = deliver(&store, &channel, "two", &clock).unwrap();
    assert_eq!((outcome.told, outcome.messages), (1, 2));
    let pieces: Vec<u64> = channel.texts().iter().map(|text| text["piece"].as_u64().unwrap()).collect();
    assert_eq!(pieces, [0, 1, 2, 3]);
    // What follows the first message follows it in its thread, whoever sends it.
    let threads = channel.threads();
    assert_eq!(threads[0], None);
    assert!(threads[1..].iter().all(|thread| thread.as_deref() == Some("thread 0")), "{threads:?}");
}

/// Kills the run after each of its steps: every store and every send.
#[test]
fn a_crash_between_any_two_steps_loses_nothing() {
    let mut crashes = 0;
    let mut repeats = 0;
    for steps in 0.. {
        let store = queued(&[SLACK]);
        let clock = TestClock::default();
        let mut channel = Received::new(SLACK);
        channel.pieces = 3;
        let mortal = Mortal { store: &store, channel: &channel, left: Cell::new(steps) };
        let attempt = || deliver(&mortal, &mortal, "one", &clock);
        let is_whole = std::panic::catch_unwind(std::panic::AssertUnwindSafe(attempt));
        if is_whole.is_ok() {
            break;
        }
        crashes += 1;
        // The next run comes before the claim ends, and one comes after.
        deliver(&store, &channel, "two", &clock).unwrap();
        clock.advance(CLAIM_SECONDS + 1);
        deliver(&store, &channel, "three", &clock).unwrap();
        let mut pieces: Vec<u64> =
            channel.texts().iter().map(|text| text["piece"].as_u64().unwrap()).collect();
        let all = pieces.len();
        pieces.sort_unstable();
        pieces.dedup();
        assert_eq!(pieces, [0, 1, 2], "after {steps} steps");
        repeats += all - pieces.len();
        assert_eq!(pending(&store), 0, "after {steps} steps");
    }
    // Claim, three messages, two stores between them, mark.
    assert_eq!(crashes, 7);
    // Only a message that was sent and could not be noted is sent again.
    assert_eq!(repeats, 3);
}

#[test]
fn news_that_cannot_be_recorded_as_told_says_so() {
    let store = queued(&[SLACK]);
    let (channel, clock) = (Received::new(SLACK), TestClock::default());
    let failing = FailsAfter::new(&store, 1);
    let outcome = deliver(&failing, &channel, "one", &clock).unwrap();
    assert!(outcome.needs_somebody());
    assert!(outcome.text(Lang::En).unwrap().contains("may receive the same news again"), "{outcome:?}");
    // It is: at least once.
    clock.advance(CLAIM_SECONDS + 1);
    assert_eq!(deliver(&store, &channel, "two", &clock).unwrap().told, 1);
    assert_eq!(channel.texts().len(), 2);
}

#[test]
fn what_an_older_run_could_not_tell_is_told_first_and_whole() {
    let store = queued(&[SLACK]);
    let (channel, clock) = (Received::new(SLACK), TestClock::default());
    channel.fail_always(unreachable());
    deliver(&store, &channel, "one", &clock).unwrap();
    channel.heal();
    // By now one of them is gone, and another has come.
    let addressees = [Addressee { channel: SLACK, digest: None }];
    store::update_with_news(&store, &run(2, &["b", "c"]), &addressees).unwrap();
    assert_eq!(deliver(&store, &channel, "two", &clock).unwrap().told, 2);
    let texts: Vec<Value> = channel.texts();
    assert_eq!(
        (named(&texts[0]), named(&texts[1])),
        (vec!["a".to_owned(), "b".to_owned()], vec!["a".to_owned(), "c".to_owned()])
    );
    assert_eq!(texts[0]["news"][0]["evidence"][0], "db.multi_az = false");
    assert_eq!(
        texts[0]["news"][0]["command"]["en"],
        "aws rds modify-db-instance --db-instance-identifier a --multi-az"
    );
    assert_eq!(texts[1]["resolved"][0]["message"]["en"], "a is alone.");
}

/// The file was written by the tenken that had version 1; its announcement is as its queue made them.
#[test]
fn a_history_of_version_1_is_read_and_its_news_is_told() {
    let old = include_bytes!("deliver/history-version-1.json");
    let read = tenken::history::file::parse(old).unwrap();
    assert_eq!((read.format_version, read.findings.len(), read.announced.len()), (2, 3, 1));
    let written = tenken::history::file::render(&read);
    assert_eq!(tenken::history::file::parse(&written).unwrap(), read);
    let store = Memory::default();
    store.store(old, None).unwrap();
    let (channel, clock) = (Received::new(SLACK), TestClock::default());
    clock.advance(365 * 24 * 3600);
    assert_eq!(deliver(&store, &channel, "one", &clock).unwrap().told, 1);
    let texts = channel.texts();
    assert_eq!(texts[0]["id"], "0123456789abcdef");
    let mut policies: Vec<&str> =
        texts[0]["news"].as_array().unwrap().iter().map(|item| item["policy"].as_str().unwrap()).collect();
    policies.sort_unstable();
    assert_eq!(policies, ["ecs-plaintext-secret", "ecs-plaintext-secret", "rds-single-az"]);
    assert_eq!(store::read(&store).unwrap().announced, ["fedcba9876543210", "0123456789abcdef"]);
}

#[test]
fn a_channel_that_nobody_tells_any_more_is_named() {
    use tenken::run::notify::untold;
    let store = queued(&[SLACK, ChannelKind::Sns]);
    let text = |told: &[ChannelKind], lang| untold(&store, told, lang);
    assert_eq!(text(&[SLACK, ChannelKind::Sns], Lang::En), None);
    assert!(text(&[SLACK], Lang::En).unwrap().ends_with("does not notify: sns (1)"));
    assert!(text(&[], Lang::Ja).unwrap().ends_with("slack（1 件）、sns（1 件）"));
}

#[test]
fn documents_are_as_documented_and_fit_where_they_must() {
    use tenken::deliver::document::{document, document_within};
    use tenken::deliver::{Bulletin, Telling};
    use tenken::history::announcement::DigestDay;
    use tenken::history::pending::claim;
    let store = Memory::default();
    let monday = DigestDay { weekday: jiff::civil::Weekday::Monday, utc_offset_seconds: 0 };
    let addressees = [Addressee { channel: SLACK, digest: Some(monday) }];
    let many: Vec<String> = (0..250).map(|index| format!("db-{index:03}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    store::update_with_news(&store, &run(1, &["a", "b"]), &addressees).unwrap();
    store::update_with_news(&store, &run(2, &many), &addressees).unwrap();
    let mut history = store::read(&store).unwrap();
    let telling = Telling { report: Some("report.md".into()), ..Telling::default() };
    let now = tenken::history::Time::parse("2026-07-01T01:00:00Z").unwrap();
    let mut seen = 0;
    loop {
        let claimed = claim(&mut history, SLACK, "one", now, &[]);
        if claimed.is_empty() {
            break;
        }
        seen += 1;
        let bulletin = Bulletin::new("123456789012", &claimed, &telling);
        let whole = document(&bulletin, usize::MAX);
        schema::check("announcement", &whole);
        let counted = |document: &Value| {
            let left: u64 =
                document["left_out"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum();
            document["news"].as_array().unwrap().len() as u64 + left
        };
        assert_eq!(counted(&whole), whole["counts"]["new"].as_u64().unwrap());
        for bytes in [2_000, 10_000, 50_000] {
            let small = document_within(&bulletin, bytes);
            schema::check("announcement", &small);
            assert!(small.to_string().len() <= bytes, "{} of {bytes} bytes", small.to_string().len());
            // What is not in it is counted.
            assert_eq!(counted(&small), counted(&whole));
        }
    }
    assert_eq!(seen, 2);
}
