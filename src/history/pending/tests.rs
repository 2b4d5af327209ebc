use super::*;
use crate::finding::{NewBecause, Past, Pillar, Remembered, Resolution, Severity, Turn};
use crate::history::announcement::DigestDay;
use crate::history::file;
use crate::text::Text;
use jiff::civil::Weekday;

const SLACK: ChannelKind = ChannelKind::Slack;
const BOTH: [Addressee; 2] = [
    Addressee { channel: ChannelKind::Slack, digest: None },
    Addressee { channel: ChannelKind::Sns, digest: None },
];

fn time(text: &str) -> Time {
    Time::parse(text).unwrap()
}

fn run(taken_at: &str) -> Run {
    Run { taken_at: taken_at.into(), ..Run::default() }
}

fn change(id: &str, severity: Severity, turn: Turn) -> Change {
    let finding = Remembered {
        id: id.into(),
        policy: "p".into(),
        severity,
        pillar: Pillar::Security,
        resource: "arn:aws:rds:r:1:db:a".into(),
        region: "r".into(),
        discriminator: String::new(),
        message: Text { en: format!("{id} is open."), ja: String::new() },
    };
    Change { turn, finding, first_seen: "2026-07-01T00:00:00Z".into() }
}

fn changes(changes: Vec<Change>) -> Changes {
    let previous_run = Some("2026-06-30T09:00:00Z".to_owned());
    Changes { past: Past { changes, previous_run, ..Past::default() }, superseded: 0 }
}

fn queued(addressees: &[Addressee]) -> (History, Changes, Run) {
    let changes = changes(vec![
        change("b", Severity::High, Turn::New(NewBecause::AccountChanged)),
        change("a", Severity::Low, Turn::AcceptanceEnded),
        change("c", Severity::High, Turn::Resolved(Resolution::Passed)),
        change("d", Severity::Critical, Turn::PolicyWithdrawn),
        change("e", Severity::High, Turn::Unknown { was_open: false }),
    ]);
    let (mut history, run) = (History::default(), run("2026-07-01T09:00:00Z"));
    queue(&mut history, &run, &changes, addressees);
    (history, changes, run)
}

#[test]
fn news_is_queued_once_even_after_it_was_delivered() {
    let (mut history, changes, run) = queued(&BOTH);
    let kinds: Vec<_> = history.pending.iter().map(|pending| pending.kind).collect();
    assert_eq!(kinds, [AnnouncementKind::New, AnnouncementKind::Resolved]);
    assert_eq!(history.pending[0].findings, ["a", "b"]);
    // What is said of them is there as well, the worst first.
    let said: Vec<&str> =
        history.pending[0].items.iter().map(|item| item.finding.message.en.as_str()).collect();
    assert_eq!(said, ["b is open.", "a is open."]);
    let before = history.clone();
    queue(&mut history, &run, &changes, &BOTH);
    assert_eq!(history, before);
    let id = history.pending[0].id.clone();
    assert!(mark(&mut history, &id, SLACK));
    // The other channel has it still before it.
    assert_eq!(history.pending.len(), 2);
    assert!(history.announced.is_empty());
    assert!(mark(&mut history, &id, ChannelKind::Sns));
    assert!(!mark(&mut history, &id, ChannelKind::Sns));
    assert_eq!(history.announced, [id]);
    queue(&mut history, &run, &changes, &BOTH);
    assert_eq!(history.pending.len(), 1);
    // The same findings in another run are other news.
    queue(&mut history, &super::tests::run("2026-07-02T09:00:00Z"), &changes, &BOTH);
    assert_eq!(history.pending.len(), 3);
}

// Golden: with other ids, what was delivered before an update would be delivered again.
#[test]
fn ids_never_change() {
    let (history, _, _) = queued(&BOTH);
    let ids: Vec<&str> = history.pending.iter().map(|pending| pending.id.as_str()).collect();
    assert_eq!(ids, ["bde6ddd0d8d58fb4", "b99d30ff8d233ccc"]);
}

#[test]
fn without_anybody_to_tell_nothing_is_queued() {
    assert!(queued(&[]).0.pending.is_empty());
}

#[test]
fn of_what_never_failed_only_the_critical_is_told_when_it_cannot_be_judged() {
    let changes = changes(vec![
        change("a", Severity::Critical, Turn::Unknown { was_open: false }),
        change("b", Severity::High, Turn::Unknown { was_open: false }),
        change("c", Severity::Low, Turn::Unknown { was_open: true }),
    ]);
    let mut history = History::default();
    queue(&mut history, &run("2026-07-01T09:00:00Z"), &changes, &BOTH);
    assert_eq!(history.pending[0].findings, ["a", "c"]);
}

#[test]
fn many_findings_are_counted_instead_of_kept() {
    let many = (0..300).map(|index| {
        let severity = if index % 3 == 0 { Severity::Critical } else { Severity::Low };
        change(&format!("{index:03}"), severity, Turn::Reopened)
    });
    let changes = changes(many.collect());
    let mut history = History::default();
    queue(&mut history, &run("2026-07-01T09:00:00Z"), &changes, &BOTH);
    let news = &history.pending[0];
    assert_eq!((news.findings.len(), news.items.len()), (300, 200));
    assert_eq!(news.left_out, BySeverity { low: 100, ..BySeverity::default() });
    assert_eq!(news.items.iter().filter(|item| item.finding.severity == Severity::Critical).count(), 100);
}

#[test]
fn what_is_claimed_is_not_claimed_again_until_the_claim_expires() {
    let (mut history, _, _) = queued(&BOTH);
    let now = time("2026-07-01T09:01:00Z");
    assert_eq!(claim(&mut history, SLACK, "one", now, &[]).len(), 2);
    assert!(claim(&mut history, SLACK, "two", now, &[]).is_empty());
    // Another channel is another matter.
    assert_eq!(claim(&mut history, ChannelKind::Sns, "two", now, &[]).len(), 2);
    assert!(claim(&mut history, ChannelKind::Webhook, "two", now, &[]).is_empty());
    assert_eq!(expire(&mut history, SLACK, time("2026-07-01T09:06:00Z"), 300), 0);
    assert_eq!(expire(&mut history, SLACK, time("2026-07-01T09:06:01Z"), 300), 2);
    let again = claim(&mut history, SLACK, "two", time("2026-07-01T09:07:00Z"), &[]);
    assert_eq!(again.len(), 2);
    assert!(again.iter().all(|one| one.delivery(SLACK).unwrap().attempts == 2));
    // The first one comes back and finds that the other owns it.
    assert!(!release(&mut history, &again[0].id, SLACK, "one"));
    assert!(release(&mut history, &again[0].id, SLACK, "two"));
    assert!(claim(&mut history, SLACK, "one", now, &[again[0].id.clone()]).is_empty());
    assert_eq!(claim(&mut history, SLACK, "one", now, &[]).len(), 1);
}

#[test]
fn a_claim_of_a_clock_that_was_set_back_expires() {
    let (mut history, _, _) = queued(&BOTH);
    claim(&mut history, SLACK, "one", time("2027-07-01T09:01:00Z"), &[]);
    assert_eq!(expire(&mut history, SLACK, time("2026-07-01T09:01:00Z"), 300), 2);
}

#[test]
fn the_news_of_the_oldest_run_come_first() {
    let (mut history, changes, _) = queued(&BOTH);
    queue(&mut history, &run("2026-06-30T09:00:00Z"), &changes, &BOTH);
    let claimed = claim(&mut history, SLACK, "one", time("2026-07-02T09:00:00Z"), &[]);
    assert!(claimed.iter().all(|one| one.run == time("2026-06-30T09:00:00Z")) && claimed.len() == 2);
    let claimed = claim(&mut history, SLACK, "one", time("2026-07-02T09:00:00Z"), &[]);
    assert!(claimed.iter().all(|one| one.run == time("2026-07-01T09:00:00Z")) && claimed.len() == 2);
}

#[test]
fn progress_holds_the_claim_of_its_owner_alone() {
    let (mut history, _, _) = queued(&BOTH);
    let id = claim(&mut history, SLACK, "one", time("2026-07-01T09:01:00Z"), &[])[0].id.clone();
    let progress = TellingProgress { digest: "d".into(), messages: 1, thread: Some("1.2".into()) };
    advance(&mut history, &id, SLACK, "two", time("2026-07-01T09:05:00Z"), &progress);
    assert_eq!(history.pending[0].delivery(SLACK).unwrap().progress, None);
    advance(&mut history, &id, SLACK, "one", time("2026-07-01T09:05:00Z"), &progress);
    assert_eq!(expire(&mut history, SLACK, time("2026-07-01T09:09:00Z"), 300), 1);
    let again = claim(&mut history, SLACK, "two", time("2026-07-01T09:11:00Z"), &[]);
    assert!(again.is_empty() || again[0].id != id);
    expire(&mut history, SLACK, time("2026-07-01T10:00:00Z"), 300);
    let again = claim(&mut history, SLACK, "two", time("2026-07-01T10:00:00Z"), &[]);
    assert_eq!(again[0].delivery(SLACK).unwrap().progress, Some(progress));
}

#[test]
fn a_crash_at_any_point_loses_nothing() {
    // What is stored after each step; a crash goes on from one of them.
    let (queued, _, _) = queued(&BOTH);
    let mut claimed = queued.clone();
    let news = claim(&mut claimed, SLACK, "one", time("2026-07-01T09:01:00Z"), &[]);
    let mut marked = claimed.clone();
    assert!(mark(&mut marked, &news[0].id, SLACK));
    for (stored, left) in [(queued, 2), (claimed, 2), (marked, 1)] {
        let mut history = file::parse(&file::render(&stored)).unwrap();
        let later = time("2026-07-01T10:00:00Z");
        expire(&mut history, SLACK, later, 300);
        assert_eq!(claim(&mut history, SLACK, "two", later, &[]).len(), left);
    }
}

#[test]
fn a_week_begins_on_the_day_that_was_asked_for() {
    let monday = |utc_offset_seconds| DigestDay { weekday: Weekday::Monday, utc_offset_seconds };
    // 2026-11-23 is a Monday.
    let table = [
        ("2026-11-22T20:59:59Z", 0, "2026-11-16"),
        ("2026-11-22T21:00:00Z", 0, "2026-11-16"),
        ("2026-11-22T15:00:00Z", 9 * 3600, "2026-11-23"),
        ("2026-11-22T14:59:59Z", 9 * 3600, "2026-11-16"),
        ("2026-11-23T00:00:00Z", 0, "2026-11-23"),
        ("2026-11-29T23:59:59Z", 0, "2026-11-23"),
        ("1969-12-31T23:00:00Z", 0, "1969-12-29"),
    ];
    for (at, offset, week) in table {
        assert_eq!(monday(offset).week(time(at)), week, "{at} {offset}");
    }
    let sunday = DigestDay { weekday: Weekday::Sunday, utc_offset_seconds: 0 };
    assert_eq!(sunday.week(time("2026-11-28T12:00:00Z")), "2026-11-22");
    assert_eq!(sunday.week(time("2026-11-29T12:00:00Z")), "2026-11-29");
}

#[test]
fn a_digest_is_queued_once_a_week_and_not_for_the_first_run() {
    let digest = Some(DigestDay { weekday: Weekday::Monday, utc_offset_seconds: 0 });
    let addressees =
        [Addressee { channel: SLACK, digest }, Addressee { channel: ChannelKind::Sns, digest: None }];
    let mut history = History::default();
    let first = Changes::default();
    queue(&mut history, &run("2026-11-20T03:00:00Z"), &first, &addressees);
    assert!(history.pending.is_empty());
    let quiet = changes(Vec::new());
    for (at, expected) in [
        ("2026-11-21T03:00:00Z", 1),
        ("2026-11-22T03:00:00Z", 1),
        // Monday's run fell out.
        ("2026-11-24T03:00:00Z", 2),
        ("2026-11-25T03:00:00Z", 2),
    ] {
        queue(&mut history, &run(at), &quiet, &addressees);
        assert_eq!(history.pending.len(), expected, "{at}");
    }
    assert!(history.pending.iter().all(|one| one.deliveries.len() == 1 && one.digest.is_some()));
    let id = history.pending[1].id.clone();
    assert!(mark(&mut history, &id, SLACK));
    queue(&mut history, &run("2026-11-26T03:00:00Z"), &quiet, &addressees);
    assert_eq!(history.pending.len(), 1);
}
