//! Claim, send, mark: each step is stored before the next.

use super::failure::SendError;
use super::{Bulletin, Channel, Clock};
use crate::digest::sha256;
use crate::history::announcement::ChannelKind;
use crate::history::pending::{self, Announcement, TellingProgress};
use crate::history::store::{self, HistoryError, Store};
use crate::history::{History, Time};
use crate::text::{Explained, Lang, counted, number};
use serde_json::Value;
use std::time::Duration;

/// A claim that is older belongs to somebody who died. It must be longer than all the waiting
/// between two stores: patience, three attempts and their time limits.
pub const CLAIM_SECONDS: i64 = 600;
/// How long a run waits for a channel that is busy, all in all.
const PATIENCE: Duration = Duration::from_secs(60);
/// The pause between two messages: Slack takes one a second.
const BETWEEN_MESSAGES: Duration = Duration::from_millis(1100);
/// How often a message is tried when there is no usable answer.
const MOST_ATTEMPTS: u32 = 3;
/// After so many runs that could not deliver the same news, it is no longer an accident.
pub(crate) const MANY_ATTEMPTS: u32 = 5;

/// What became of the news on a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The channel.
    pub channel: ChannelKind,
    /// How many runs were told of.
    pub told: usize,
    /// In how many messages.
    pub messages: usize,
    /// How many runs had nothing that this channel wants to be told.
    pub left_out: usize,
    /// How many announcements still wait for this channel.
    pub waiting: usize,
    /// How often the oldest of them has been tried.
    pub attempts: u32,
    /// How many messages the channel took only in their plain form.
    pub plain: usize,
    /// Why something was not told.
    pub failure: Option<SendError>,
    /// Why something that was told could not be recorded, so that it will be told again.
    pub not_recorded: Option<HistoryError>,
}

impl Outcome {
    fn new(channel: ChannelKind) -> Outcome {
        Outcome {
            channel,
            told: 0,
            messages: 0,
            left_out: 0,
            waiting: 0,
            attempts: 0,
            plain: 0,
            failure: None,
            not_recorded: None,
        }
    }

    /// Whether somebody has to do something before news is told again: it was refused for
    /// good, or has failed for many runs.
    pub fn needs_somebody(&self) -> bool {
        let has_failed = self.failure.is_some() || self.not_recorded.is_some();
        self.failure.as_ref().is_some_and(SendError::is_lasting)
            || self.not_recorded.is_some()
            || (has_failed && self.attempts >= MANY_ATTEMPTS)
    }

    /// What people are to know of it; nothing where all is well.
    pub fn text(&self, lang: Lang) -> Option<String> {
        let Outcome { channel, waiting, attempts, .. } = self;
        let kept = match lang {
            Lang::En => format!("{} {}", number(*waiting), counted(*waiting, "announcement")),
            Lang::Ja => format!("通知 {} 件", number(*waiting)),
        };
        let mut parts = Vec::new();
        if let Some(failure) = &self.failure {
            let reason = failure.what();
            let reason = reason.say(lang);
            parts.push(match lang {
                Lang::En => format!("failed to notify {channel}: {reason}; kept for the next run: {kept}"),
                Lang::Ja => format!(
                    "{channel} に通知できない: {reason}。{kept}を保持しており、次回の実行で送信する。"
                ),
            });
            if *attempts >= MANY_ATTEMPTS {
                parts.push(match lang {
                    Lang::En => format!(
                        "ATTENTION: {attempts} runs have failed to send the oldest; {channel} receives no news of changes"
                    ),
                    Lang::Ja => format!(
                        "注意: 最も古い通知は {attempts} 回の実行で送信に失敗している。{channel} には変化が伝わっていない。"
                    ),
                });
            }
        }
        if let Some(error) = &self.not_recorded {
            let reason = error.message(lang);
            parts.push(match lang {
                Lang::En => format!("{reason}; {channel} may receive the same news again"),
                Lang::Ja => format!("{reason} {channel} への通知が繰り返される可能性がある。"),
            });
        }
        if self.failure.is_none() && self.not_recorded.is_none() && self.waiting > 0 {
            let minutes = CLAIM_SECONDS / 60;
            parts.push(match lang {
                Lang::En => format!(
                    "another run is sending {kept} to {channel}; if it was killed, a run after {minutes} minutes sends them"
                ),
                Lang::Ja => format!(
                    "{channel} への{kept}は別の実行が送信中。その実行が停止していた場合は、{minutes} 分経過後の実行が送信する。"
                ),
            });
        }
        if self.plain > 0 && self.failure.is_none() {
            parts.push(match lang {
                Lang::En => format!(
                    "{channel} rejected the format of a message and got plain text instead; please report this as a bug in tenken"
                ),
                Lang::Ja => format!(
                    "{channel} がメッセージの形式を受け付けないため、プレーンテキストで送信した。tenken の不具合として報告してほしい。"
                ),
            });
        }
        (!parts.is_empty()).then(|| parts.join("\n"))
    }
}

/// Delivers everything that waits for a channel. `by` names this run, and no other.
///
/// What fails is kept for the next run. An error is only given where nothing could be claimed.
///
/// # Errors
/// The history cannot be read or written.
pub fn deliver(
    store: &dyn Store,
    channel: &dyn Channel,
    by: &str,
    clock: &dyn Clock,
) -> Result<Outcome, HistoryError> {
    deliver_within(store, channel, by, clock, None)
}

/// The same with less patience: a channel that is busy is waited for no longer than `most`, whatever it
/// asks. What it does not take by then is kept for the next run.
///
/// # Errors
/// As [`deliver`].
pub fn deliver_within(
    store: &dyn Store,
    channel: &dyn Channel,
    by: &str,
    clock: &dyn Clock,
    most: Option<Duration>,
) -> Result<Outcome, HistoryError> {
    let kind = channel.kind();
    let mut work = Work {
        store,
        channel,
        by,
        clock,
        patience: most.map_or(PATIENCE, |most| most.min(PATIENCE)),
        is_first: true,
        tried: Vec::new(),
        outcome: Outcome::new(kind),
    };
    loop {
        let (account, claimed) = work.claim()?;
        if claimed.is_empty() {
            break;
        }
        if !work.tell(&account, &claimed) {
            break;
        }
    }
    let mut outcome = work.outcome;
    if let Ok(history) = store::read(store) {
        let waiting = history.pending.iter().filter_map(|one| one.delivery(kind));
        outcome.waiting = waiting.clone().count();
        outcome.attempts = waiting.map(|delivery| delivery.attempts).max().unwrap_or_default();
    }
    Ok(outcome)
}

struct Work<'w> {
    store: &'w dyn Store,
    channel: &'w dyn Channel,
    by: &'w str,
    clock: &'w dyn Clock,
    patience: Duration,
    is_first: bool,
    tried: Vec<String>,
    outcome: Outcome,
}

impl Work<'_> {
    // The news of the oldest run that this one has not tried.
    fn claim(&self) -> Result<(String, Vec<Announcement>), HistoryError> {
        let (kind, now) = (self.channel.kind(), self.clock.now());
        let (history, claimed) = store::change(self.store, |history| {
            let mut history = history.clone();
            pending::expire(&mut history, kind, now, CLAIM_SECONDS);
            let claimed = pending::claim(&mut history, kind, self.by, now, &self.tried);
            Ok((history, claimed))
        })?;
        Ok((history.account, claimed))
    }

    // Whether to go on with the next.
    fn tell(&mut self, account: &str, claimed: &[Announcement]) -> bool {
        self.tried.extend(claimed.iter().map(|one| one.id.clone()));
        let bulletin = Bulletin::new(account, claimed, self.channel.telling());
        if bulletin.is_empty() {
            let is_marked = self.note(claimed, mark);
            self.outcome.left_out += usize::from(is_marked);
            return is_marked;
        }
        match self.send_all(&bulletin, claimed) {
            Ok(()) => {
                self.outcome.told += 1;
                self.note(claimed, mark)
            }
            Err(Stop::NotRecorded) => false,
            Err(Stop::Failed(error)) => {
                // A form that is refused says nothing about the next message.
                let goes_on = matches!(error, SendError::BadMessage { .. });
                self.outcome.failure = Some(error);
                self.note(claimed, |history, id, kind, by, _| {
                    pending::release(history, id, kind, by);
                }) && goes_on
            }
        }
    }

    fn send_all(&mut self, bulletin: &Bulletin, claimed: &[Announcement]) -> Result<(), Stop> {
        let messages = self.channel.messages(bulletin);
        let digest = digest(&messages);
        let known = claimed.first().and_then(|one| one.delivery(self.channel.kind())?.progress.clone());
        let mut progress = known.filter(|progress| progress.digest == digest).unwrap_or(TellingProgress {
            digest,
            messages: 0,
            thread: None,
        });
        for (index, message) in messages.iter().enumerate().skip(progress.messages) {
            let is_last = index + 1 == messages.len();
            let sent = match self.send_patiently(message, progress.thread.as_deref()) {
                Err(SendError::BadMessage { code }) => {
                    // Once, and short: a fault in one form must not keep the news back.
                    let Some(plain) = self.channel.fallback(bulletin) else {
                        return Err(Stop::Failed(SendError::BadMessage { code }));
                    };
                    self.send_patiently(&plain, progress.thread.as_deref()).map_err(Stop::Failed)?;
                    self.outcome.plain += 1;
                    return Ok(());
                }
                other => other.map_err(Stop::Failed)?,
            };
            progress.messages = index + 1;
            if progress.thread.is_none() {
                progress.thread = sent;
            }
            if !is_last && !self.advance(claimed, &progress) {
                return Err(Stop::NotRecorded);
            }
        }
        Ok(())
    }

    fn send_patiently(&mut self, message: &Value, thread: Option<&str>) -> Result<Option<String>, SendError> {
        let mut unanswered = 0;
        loop {
            if !self.is_first {
                self.clock.sleep(BETWEEN_MESSAGES);
            }
            self.is_first = false;
            let error = match self.channel.send(message, thread) {
                Ok(sent) => {
                    self.outcome.messages += 1;
                    return Ok(sent);
                }
                Err(error) => error,
            };
            let wait = match &error {
                SendError::RateLimited { after } => (*after).max(Duration::from_secs(1)),
                SendError::Unreachable { .. } => {
                    unanswered += 1;
                    if unanswered >= MOST_ATTEMPTS {
                        return Err(error);
                    }
                    Duration::from_secs(unanswered.into())
                }
                _ => return Err(error),
            };
            let Some(left) = self.patience.checked_sub(wait) else {
                return Err(error);
            };
            self.patience = left;
            self.clock.sleep(wait);
        }
    }

    fn advance(&mut self, claimed: &[Announcement], progress: &TellingProgress) -> bool {
        self.note(claimed, |history, id, kind, by, now| {
            pending::advance(history, id, kind, by, now, progress);
        })
    }

    // Stores something about the announcements; whether that was possible.
    fn note(
        &mut self,
        claimed: &[Announcement],
        change: impl Fn(&mut History, &str, ChannelKind, &str, Time),
    ) -> bool {
        let (kind, now) = (self.channel.kind(), self.clock.now());
        let noted = store::change(self.store, |history| {
            let mut history = history.clone();
            for one in claimed {
                change(&mut history, &one.id, kind, self.by, now);
            }
            Ok((history, ()))
        });
        match noted {
            Ok(_) => true,
            Err(error) => {
                self.outcome.not_recorded = Some(error);
                false
            }
        }
    }
}

enum Stop {
    /// It was not delivered.
    Failed(SendError),
    /// It was delivered so far, but that could not be stored.
    NotRecorded,
}

fn mark(history: &mut History, id: &str, kind: ChannelKind, _by: &str, _now: Time) {
    pending::mark(history, id, kind);
}

fn digest(messages: &[Value]) -> String {
    let text: Vec<String> = messages.iter().map(Value::to_string).collect();
    sha256(text.join("\n"), 16)
}
