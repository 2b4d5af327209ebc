//! News that somebody is to be told. It is part of the history, so that what changed and
//! that it is still to be told are written in one step: a crash loses neither.
//!
//! Each announcement is delivered on each of its channels on its own, so that one that is
//! down does not make another repeat. Whoever delivers claims an announcement, stores the
//! history, sends, marks it as delivered and stores again. After a crash in between, the
//! claim expires and another delivers: told twice is possible, never told is not. Times are
//! given by the caller.

use super::announcement::{Addressee, AnnouncementKind, ChannelKind};
use super::news::{Digest, NewsItem, NewsTurn, items};
use super::{BySeverity, Changes, History, Time};
use crate::digest::sha256;
use crate::finding::{Change, Run};
use serde::{Deserialize, Serialize};

/// How many delivered announcements are remembered.
const MOST_ANNOUNCED: usize = 1000;

/// Who is delivering an announcement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// Names the one who delivers, for instance host and process.
    pub by: String,
    /// Since when.
    pub at: Time,
}

/// How far the messages of an announcement have come that was not told whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TellingProgress {
    /// Of the messages; with others, everything is told again.
    pub digest: String,
    /// How many of them were delivered.
    pub messages: usize,
    /// What the first of them began, so that the others can follow it there.
    pub thread: Option<String>,
}

/// What is still to be done about an announcement on one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// The channel.
    pub channel: ChannelKind,
    /// Who is delivering it; `null` while nobody is.
    pub claim: Option<Claim>,
    /// How often somebody began to deliver it.
    pub attempts: u32,
    /// How far it has come; `null` before the first message.
    pub progress: Option<TellingProgress>,
}

impl Delivery {
    fn new(channel: ChannelKind) -> Delivery {
        Delivery { channel, claim: None, attempts: 0, progress: None }
    }
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
    /// What there is to say of them, the worst first.
    pub items: Vec<NewsItem>,
    /// How many findings are not among `items`.
    pub left_out: BySeverity,
    /// What a digest says; `null` for news.
    pub digest: Option<Digest>,
    /// The channels on which it is still to be told; never none.
    pub deliveries: Vec<Delivery>,
}

impl Announcement {
    /// What is still to be done on a channel.
    pub(crate) fn delivery(&self, channel: ChannelKind) -> Option<&Delivery> {
        self.deliveries.iter().find(|delivery| delivery.channel == channel)
    }
}

/// Queues the news of a run, one announcement of each kind that has some. News that is
/// queued or was delivered already is not queued again.
pub fn queue(history: &mut History, run: &Run, changes: &Changes, addressees: &[Addressee]) {
    let Some(time) = Time::parse(&run.taken_at).filter(|_| !addressees.is_empty()) else {
        return;
    };
    for kind in AnnouncementKind::NEWS {
        let is_of_kind = |change: &&Change| NewsTurn::of(change).is_some_and(|turn| turn.kind() == kind);
        let of_kind: Vec<&Change> = changes.past.changes.iter().filter(is_of_kind).collect();
        let mut findings: Vec<String> = of_kind.iter().map(|change| change.finding.id.clone()).collect();
        findings.sort_unstable();
        let id = announcement_id(time, kind, &findings);
        if findings.is_empty() || is_known(history, &id) {
            continue;
        }
        let (items, left_out) = items(run, &of_kind);
        let deliveries = addressees.iter().map(|addressee| Delivery::new(addressee.channel)).collect();
        let digest = None;
        history.pending.push(Announcement {
            id,
            run: time,
            kind,
            findings,
            items,
            left_out,
            digest,
            deliveries,
        });
    }
    queue_digests(history, changes, time, addressees);
}

// The first run after the beginning of a week brings the digest, whichever day it is: a run
// that fell out must not take the digest with it.
fn queue_digests(history: &mut History, changes: &Changes, time: Time, addressees: &[Addressee]) {
    for addressee in addressees {
        let Some(day) = addressee.digest.filter(|_| changes.past.previous_run.is_some()) else {
            continue;
        };
        let week = day.week(time);
        let id = sha256(format!("digest\n{}\n{week}", addressee.channel), 16);
        if is_known(history, &id) {
            continue;
        }
        let digest = Some(Digest::new(history, week, time));
        history.pending.push(Announcement {
            id,
            run: time,
            kind: AnnouncementKind::Digest,
            findings: Vec::new(),
            items: Vec::new(),
            left_out: BySeverity::default(),
            digest,
            deliveries: vec![Delivery::new(addressee.channel)],
        });
    }
}

fn is_known(history: &History, id: &str) -> bool {
    history.announced.iter().any(|known| known == id) || history.pending.iter().any(|known| known.id == id)
}

fn announcement_id(run: Time, kind: AnnouncementKind, findings: &[String]) -> String {
    sha256(format!("{run}\n{}\n{}", kind.as_str(), findings.join("\n")), 16)
}

/// Claims what the oldest run brought that nobody is delivering on this channel, leaving out
/// some, and gives it. Nothing may be sent before the history with the claims is stored.
pub fn claim(
    history: &mut History,
    channel: ChannelKind,
    by: &str,
    now: Time,
    leaving_out: &[String],
) -> Vec<Announcement> {
    let is_free = |pending: &Announcement| {
        pending.delivery(channel).is_some_and(|delivery| delivery.claim.is_none())
            && !leaving_out.contains(&pending.id)
    };
    let Some(oldest) = history.pending.iter().filter(|one| is_free(one)).map(|one| one.run).min() else {
        return Vec::new();
    };
    let mut claimed = Vec::new();
    for pending in &mut history.pending {
        if pending.run != oldest || !is_free(pending) {
            continue;
        }
        for delivery in pending.deliveries.iter_mut().filter(|delivery| delivery.channel == channel) {
            delivery.claim = Some(Claim { by: by.to_owned(), at: now });
            delivery.attempts = delivery.attempts.saturating_add(1);
        }
        claimed.push(pending.clone());
    }
    claimed
}

/// Marks an announcement as delivered on a channel. `false` where it is not pending there:
/// somebody else has delivered it after the claim expired.
pub fn mark(history: &mut History, id: &str, channel: ChannelKind) -> bool {
    let mut is_marked = false;
    for pending in history.pending.iter_mut().filter(|pending| pending.id == id) {
        let before = pending.deliveries.len();
        pending.deliveries.retain(|delivery| delivery.channel != channel);
        is_marked |= pending.deliveries.len() < before;
    }
    if history.pending.iter().any(|pending| pending.id == id && pending.deliveries.is_empty()) {
        history.pending.retain(|pending| pending.id != id);
        history.announced.push(id.to_owned());
        let surplus = history.announced.len().saturating_sub(MOST_ANNOUNCED);
        history.announced.drain(..surplus);
    }
    is_marked
}

/// Notes how far an announcement has come on a channel, and holds the claim for longer.
pub fn advance(
    history: &mut History,
    id: &str,
    channel: ChannelKind,
    by: &str,
    now: Time,
    progress: &TellingProgress,
) {
    for delivery in own_deliveries(history, id, channel, by) {
        delivery.claim = Some(Claim { by: by.to_owned(), at: now });
        delivery.progress = Some(progress.clone());
    }
}

/// Gives back an announcement that could not be delivered, so that it is tried again.
/// Only the one who claimed it may do so.
pub(crate) fn release(history: &mut History, id: &str, channel: ChannelKind, by: &str) -> bool {
    let mut is_released = false;
    for delivery in own_deliveries(history, id, channel, by) {
        delivery.claim = None;
        is_released = true;
    }
    is_released
}

fn own_deliveries<'h>(
    history: &'h mut History,
    id: &'h str,
    channel: ChannelKind,
    by: &'h str,
) -> impl Iterator<Item = &'h mut Delivery> {
    let pending = history.pending.iter_mut().filter(move |pending| pending.id == id);
    pending.flat_map(|pending| &mut pending.deliveries).filter(move |delivery| {
        delivery.channel == channel && delivery.claim.as_ref().is_some_and(|claim| claim.by == by)
    })
}

/// Lifts the claims on a channel that are older than this, whose owners have died; gives
/// their number. A claim from the future, of a clock that was set back, is lifted as well
/// when it is as far away.
pub(crate) fn expire(history: &mut History, channel: ChannelKind, now: Time, after_seconds: i64) -> usize {
    let mut lifted = 0;
    for delivery in history.pending.iter_mut().flat_map(|pending| &mut pending.deliveries) {
        let is_old = |claim: &Claim| now.seconds_since(claim.at).saturating_abs() > after_seconds;
        if delivery.channel == channel && delivery.claim.as_ref().is_some_and(is_old) {
            delivery.claim = None;
            lifted += 1;
        }
    }
    lifted
}

#[cfg(test)]
mod tests;
