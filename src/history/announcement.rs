//! What news can be about, by which ways it is told, and to whom.

use super::Time;
use crate::text::{Invalid, quoted};
use jiff::civil::Weekday;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What an announcement is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AnnouncementKind {
    /// Findings that were not known, or whose acceptance ended.
    New,
    /// Findings that failed again.
    Reopened,
    /// Findings that cannot be seen any more, and critical ones that never could.
    Unknown,
    /// Findings that do not fail any more.
    Resolved,
    /// How the account stands, once a week.
    Digest,
}

impl AnnouncementKind {
    /// Every kind of news, in the order in which they are told.
    pub const NEWS: [AnnouncementKind; 4] = [
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
            AnnouncementKind::Digest => "digest",
        }
    }
}

/// A way by which somebody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChannelKind {
    /// A channel of Slack.
    Slack,
    /// An address that takes JSON.
    Webhook,
    /// A topic of Amazon SNS.
    Sns,
}

impl ChannelKind {
    /// Every way.
    pub const ALL: [ChannelKind; 3] = [ChannelKind::Slack, ChannelKind::Webhook, ChannelKind::Sns];

    /// As flags and JSON write it.
    pub fn as_str(self) -> &'static str {
        match self {
            ChannelKind::Slack => "slack",
            ChannelKind::Webhook => "webhook",
            ChannelKind::Sns => "sns",
        }
    }
}

impl fmt::Display for ChannelKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for ChannelKind {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        ChannelKind::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or_else(|| {
            let text = quoted(text);
            Invalid::new(
                format!("unknown channel `{text}`; write slack, webhook or sns"),
                format!("通知先 `{text}` は存在しない。slack、webhook、sns のいずれかを指定する"),
            )
        })
    }
}

/// Who is to be told the news of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Addressee {
    /// The channel.
    pub channel: ChannelKind,
    /// When it gets a digest; `None` for never.
    pub digest: Option<DigestDay>,
}

/// The day on which a week begins for a digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DigestDay {
    /// The day.
    pub weekday: Weekday,
    /// Where the day begins: seconds east of UTC.
    pub utc_offset_seconds: i32,
}

impl DigestDay {
    /// The day on which the week of a point in time began, `2026-11-23`.
    pub(super) fn week(&self, time: Time) -> String {
        let local = time.0.as_second().saturating_add(i64::from(self.utc_offset_seconds));
        let days = local.div_euclid(86_400);
        // 1970-01-01 was a Thursday.
        let weekday = (days + 3).rem_euclid(7);
        let since = (weekday - i64::from(self.weekday.to_monday_zero_offset())).rem_euclid(7);
        let start = jiff::Timestamp::from_second((days - since) * 86_400).unwrap_or_default();
        start.strftime("%Y-%m-%d").to_string()
    }
}
