//! News that somebody is to be told. It is part of the history, so that what changed and
//! that it is still to be told are written in one step: a crash loses neither.
//!
//! Whoever delivers claims an announcement, stores the history, sends, marks it as
//! delivered and stores again. After a crash in between, the claim expires and another
//! delivers: told twice is possible, never told is not. Times are given by the caller.

use super::{Changes, History, Time};
use crate::finding::Turn;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// How many delivered announcements are remembered.
const MOST_ANNOUNCED: usize = 1000;

/// What an announcement is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AnnouncementKind {
    /// Findings that were not known, or whose acceptance ended.
    New,
    /// Findings that failed again.
    Reopened,
    /// Findings that cannot be seen any more.
    Unknown,
    /// Findings that do not fail any more.
    Resolved,
}

impl AnnouncementKind {
    /// Every kind, in the order in which they are told.
    pub const ALL: [AnnouncementKind; 4] = [
        AnnouncementKind::New,
        AnnouncementKind::Reopened,
        AnnouncementKind::Unknown,
        AnnouncementKind::Resolved,
    ];

    /// As JSON writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            AnnouncementKind::New => "new",
            AnnouncementKind::Reopened => "reopened",
            AnnouncementKind::Unknown => "unknown",
            AnnouncementKind::Resolved => "resolved",
        }
    }

    fn of(turn: &Turn) -> Option<AnnouncementKind> {
        match turn {
            Turn::New(_) | Turn::AcceptanceEnded => Some(AnnouncementKind::New),
            Turn::Reopened => Some(AnnouncementKind::Reopened),
            Turn::Unknown { was_open: true } => Some(AnnouncementKind::Unknown),
            Turn::Resolved(_) => Some(AnnouncementKind::Resolved),
            // Nobody has to act.
            Turn::Unknown { was_open: false }
            | Turn::SeenAgain
            | Turn::PolicyWithdrawn
            | Turn::Accepted { .. } => None,
        }
    }
}

/// Who is delivering an announcement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// Names the one who delivers, for instance host and process.
    pub by: String,
    /// Since when.
    pub at: Time,
}

/// News of one kind from one run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Announcement {
    /// Made of run, kind and findings: the same news always has the same id, so that it is
    /// queued and delivered once.
    pub id: String,
    /// When the run began that brought it.
    pub run: Time,
    /// What it is about.
    pub kind: AnnouncementKind,
    /// The ids of the findings, sorted.
    pub findings: Vec<String>,
    /// Who is delivering it; `null` while nobody is.
    pub claim: Option<Claim>,
    /// How often somebody began to deliver it.
    pub attempts: u32,
}

/// Queues the news of a run, one announcement of each kind that has some. News that is
/// queued or was delivered already is not queued again.
pub fn queue(history: &mut History, changes: &Changes, run: Time) {
    for kind in AnnouncementKind::ALL {
        let of_kind =
            changes.past.changes.iter().filter(|change| AnnouncementKind::of(&change.turn) == Some(kind));
        let mut findings: Vec<String> = of_kind.map(|change| change.finding.id.clone()).collect();
        findings.sort_unstable();
        let id = announcement_id(run, kind, &findings);
        let is_known =
            history.announced.contains(&id) || history.pending.iter().any(|pending| pending.id == id);
        if !findings.is_empty() && !is_known {
            history.pending.push(Announcement { id, run, kind, findings, claim: None, attempts: 0 });
        }
    }
}

fn announcement_id(run: Time, kind: AnnouncementKind, findings: &[String]) -> String {
    let text = format!("{run}\n{}\n{}", kind.as_str(), findings.join("\n"));
    Sha256::digest(text.as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Claims every announcement that nobody is delivering, the oldest first, and gives them.
/// Nothing may be sent before the history with the claims is stored.
pub fn claim(history: &mut History, by: &str, now: Time) -> Vec<Announcement> {
    let mut claimed = Vec::new();
    for pending in history.pending.iter_mut().filter(|pending| pending.claim.is_none()) {
        pending.claim = Some(Claim { by: by.to_owned(), at: now });
        pending.attempts = pending.attempts.saturating_add(1);
        claimed.push(pending.clone());
    }
    claimed
}

/// Marks an announcement as delivered. `false` where it is not pending: somebody else has
/// delivered it after the claim expired.
pub fn mark(history: &mut History, id: &str) -> bool {
    let before = history.pending.len();
    history.pending.retain(|pending| pending.id != id);
    if history.pending.len() == before {
        return false;
    }
    history.announced.push(id.to_owned());
    let surplus = history.announced.len().saturating_sub(MOST_ANNOUNCED);
    history.announced.drain(..surplus);
    true
}

/// Gives back an announcement that could not be delivered, so that it is tried again.
/// Only the one who claimed it may do so.
pub fn release(history: &mut History, id: &str, by: &str) -> bool {
    let mut is_released = false;
    for pending in history.pending.iter_mut().filter(|pending| pending.id == id) {
        if pending.claim.as_ref().is_some_and(|claim| claim.by == by) {
            pending.claim = None;
            is_released = true;
        }
    }
    is_released
}

/// Lifts the claims that are older than this, whose owners have died; gives their number.
pub fn expire(history: &mut History, now: Time, after_seconds: i64) -> usize {
    let mut lifted = 0;
    for pending in &mut history.pending {
        if pending.claim.as_ref().is_some_and(|claim| now.seconds_since(claim.at) > after_seconds) {
            pending.claim = None;
            lifted += 1;
        }
    }
    lifted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Change, NewBecause, Pillar, Remembered, Resolution, Severity};
    use crate::report::Past;

    fn time(text: &str) -> Time {
        Time::parse(text).unwrap()
    }

    fn change(id: &str, turn: Turn) -> Change {
        let finding = Remembered {
            id: id.into(),
            policy: "p".into(),
            severity: Severity::High,
            pillar: Pillar::Security,
            resource: "arn:aws:rds:r:1:db:a".into(),
            region: "r".into(),
            discriminator: String::new(),
            message: Default::default(),
        };
        Change { turn, finding, first_seen: "2026-07-01T00:00:00Z".into() }
    }

    fn queued() -> (History, Changes, Time) {
        let changes = vec![
            change("b", Turn::New(NewBecause::AccountChanged)),
            change("a", Turn::AcceptanceEnded),
            change("c", Turn::Resolved(Resolution::Passed)),
            change("d", Turn::PolicyWithdrawn),
            change("e", Turn::Unknown { was_open: false }),
        ];
        let changes = Changes { past: Past { changes, ..Past::default() }, superseded: 0 };
        let (mut history, run) = (History::default(), time("2026-07-01T09:00:00Z"));
        queue(&mut history, &changes, run);
        (history, changes, run)
    }

    #[test]
    fn news_is_queued_once_even_after_it_was_delivered() {
        let (mut history, changes, run) = queued();
        let kinds: Vec<_> = history.pending.iter().map(|pending| pending.kind).collect();
        assert_eq!(kinds, [AnnouncementKind::New, AnnouncementKind::Resolved]);
        assert_eq!(history.pending[0].findings, ["a", "b"]);
        let before = history.clone();
        queue(&mut history, &changes, run);
        assert_eq!(history, before);
        let id = history.pending[0].id.clone();
        assert!(mark(&mut history, &id));
        queue(&mut history, &changes, run);
        assert_eq!(history.pending.len(), 1);
        // The same findings in another run are other news.
        queue(&mut history, &changes, time("2026-07-02T09:00:00Z"));
        assert_eq!(history.pending.len(), 3);
    }

    #[test]
    fn what_is_claimed_is_not_claimed_again_until_the_claim_expires() {
        let (mut history, _, _) = queued();
        let now = time("2026-07-01T09:01:00Z");
        assert_eq!(claim(&mut history, "one", now).len(), 2);
        assert!(claim(&mut history, "two", now).is_empty());
        assert_eq!(expire(&mut history, time("2026-07-01T09:06:00Z"), 300), 0);
        assert_eq!(expire(&mut history, time("2026-07-01T09:06:01Z"), 300), 2);
        let again = claim(&mut history, "two", time("2026-07-01T09:07:00Z"));
        assert_eq!(again.len(), 2);
        assert!(again.iter().all(|announcement| announcement.attempts == 2));
        // The first one comes back and finds that the other owns it.
        assert!(!release(&mut history, &again[0].id, "one"));
        assert!(release(&mut history, &again[0].id, "two"));
        assert_eq!(claim(&mut history, "one", now).len(), 1);
    }

    #[test]
    fn a_crash_at_any_point_loses_nothing() {
        // What is stored after each step; a crash goes on from one of them.
        let (queued, _, _) = queued();
        let mut claimed = queued.clone();
        let news = claim(&mut claimed, "one", time("2026-07-01T09:01:00Z"));
        let mut marked = claimed.clone();
        assert!(mark(&mut marked, &news[0].id));
        for (stored, left) in [(queued, 2), (claimed, 2), (marked, 1)] {
            let mut history = super::super::file::parse(&super::super::file::render(&stored)).unwrap();
            expire(&mut history, time("2026-07-01T10:00:00Z"), 300);
            assert_eq!(claim(&mut history, "two", time("2026-07-01T10:00:00Z")).len(), left);
        }
    }

    #[test]
    fn an_announcement_is_marked_once() {
        let (mut history, _, _) = queued();
        let id = history.pending[0].id.clone();
        assert!(mark(&mut history, &id));
        assert!(!mark(&mut history, &id));
        assert_eq!(history.announced, [id]);
    }
}
