//! `[notify.slack]`, `[notify.webhook]` and `[notify.sns]`: who is told what changed.

use super::keys::of_key;
use super::{SECRET_FORMS, SecretPlace};
use crate::arn::Arn;
use crate::finding::Severity;
use crate::history::announcement::{ChannelKind, DigestDay};
use crate::text::{Invalid, Lang, Text};
use crate::written::Line;
use crate::written::toml::{Node, Reader, is_no_table};
use jiff::civil::Weekday;
use std::str::FromStr;
use toml::de::{DeTable, DeValue};

/// The channels that the file describes. Flags say which of them are told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notify {
    /// `[notify.slack]`
    pub slack: Option<SlackChannel>,
    /// `[notify.webhook]`
    pub webhook: Option<WebhookChannel>,
    /// `[notify.sns]`
    pub sns: Option<SnsChannel>,
}

/// What every channel may say. `None`: the file does not say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NotifyOptions {
    /// The least severity that is told.
    pub min_severity: Option<Severity>,
    /// When to tell how the account stands, whatever changed.
    pub weekly_digest: Option<DigestDay>,
    /// The language of messages.
    pub lang: Option<Lang>,
    /// Where the whole report is: a link or the name of a file.
    pub report: Option<String>,
}

/// A channel of Slack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlackChannel {
    /// How it is reached.
    pub access: SlackAccess,
    /// What it is told.
    pub options: NotifyOptions,
}

/// How a channel of Slack is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SlackAccess {
    /// By an incoming webhook, which belongs to one channel.
    Webhook(SecretPlace),
    /// By a bot, whose messages can follow each other in a thread.
    Bot {
        /// Its token.
        token: SecretPlace,
        /// The channel's id, `C0123456789`.
        channel: String,
    },
}

/// An address that takes JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookChannel {
    /// The address.
    pub url: SecretPlace,
    /// The value of the header `Authorization`.
    pub authorization: Option<SecretPlace>,
    /// What it is told.
    pub options: NotifyOptions,
}

/// A topic of Amazon SNS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnsChannel {
    /// Its ARN.
    pub topic: String,
    /// What it is told.
    pub options: NotifyOptions,
}

/// The keys that every channel has, each with how it is written.
const OPTIONS: &[(&str, &str)] = &[
    ("min_severity", "\"high\""),
    ("weekly_digest", "\"monday\""),
    ("utc_offset", "\"+09:00\""),
    ("lang", "\"ja\""),
    ("report", "\"https://reports.example.com/tenken\""),
];

/// The other keys of each channel.
const CHANNELS: &[(ChannelKind, &[(&str, &str)])] = &[
    (
        ChannelKind::Slack,
        &[
            ("webhook", "\"ssm:/tenken/slack\""),
            ("token", "\"ssm:/tenken/slack-token\""),
            ("channel", "\"C0123456789\""),
        ],
    ),
    (
        ChannelKind::Webhook,
        &[("url", "\"ssm:/tenken/webhook\""), ("authorization", "\"ssm:/tenken/authorization\"")],
    ),
    (ChannelKind::Sns, &[("topic", "\"arn:aws:sns:ap-northeast-1:123456789012:tenken\"")]),
];

/// A channel as it was written.
#[derive(Debug, Clone)]
pub struct WrittenChannel {
    /// Which one.
    pub kind: ChannelKind,
    /// The line it begins on.
    pub line: usize,
    /// Its keys with their text; those that could not be read are among the problems.
    pub texts: Vec<(&'static str, Line<String>)>,
    /// Whether something of it could not be read, so that what seems to be missing is a guess.
    pub is_damaged: bool,
}

impl WrittenChannel {
    fn text(&self, key: &str) -> Option<&Line<String>> {
        self.texts.iter().find(|(name, _)| *name == key).map(|(_, line)| line)
    }
}

/// Reads the tables.
pub(super) fn read(reader: &mut Reader<'_>, node: &Node<'_>) -> Vec<WrittenChannel> {
    const FORM: (&str, &str) = (
        "[notify.slack], [notify.webhook] or [notify.sns] and below it name = value",
        "[notify.slack]、[notify.webhook]、[notify.sns] のいずれかの下に 名前 = 値 の形で書く",
    );
    let DeValue::Table(tables) = node.get_ref() else {
        reader.problem(reader.line_of(node), is_no_table("notify", node.get_ref(), FORM));
        return Vec::new();
    };
    let names: Vec<&str> = ChannelKind::ALL.iter().map(|kind| kind.as_str()).collect();
    let mut channels = Vec::new();
    for (name, node) in reader.entries(tables, "notify", &names, |_| None) {
        match (node.get_ref(), name.value.parse()) {
            (DeValue::Table(table), Ok(kind)) => channels.push(read_channel(reader, table, kind, name.line)),
            (other, _) => {
                reader.problem(name.line, is_no_table(&name.value, other, FORM));
            }
        }
    }
    channels
}

fn read_channel(
    reader: &mut Reader<'_>,
    table: &DeTable<'_>,
    kind: ChannelKind,
    line: usize,
) -> WrittenChannel {
    let own = CHANNELS.iter().find(|(one, _)| *one == kind).map(|(_, keys)| *keys).unwrap_or_default();
    let keys: Vec<(&'static str, &'static str)> = own.iter().chain(OPTIONS).copied().collect();
    let names: Vec<&str> = keys.iter().map(|(name, _)| *name).collect();
    let before = reader.problems.len();
    let mut texts = Vec::new();
    for (key, node) in reader.entries(table, &format!("notify.{kind}"), &names, |_| None) {
        if let Some((name, form)) = keys.iter().find(|(name, _)| *name == key.value) {
            texts.extend(reader.text(node, name, form).map(|text| (*name, text)));
        }
    }
    let is_damaged = reader.problems.len() > before || !reader.damaged_lines.is_empty();
    WrittenChannel { kind, line, texts, is_damaged }
}

/// What the tables mean; problems are given to `problem` with their lines.
pub(super) fn meaning(channels: &[WrittenChannel], problem: &mut dyn FnMut(usize, Text)) -> Notify {
    let mut notify = Notify::default();
    for written in channels {
        let mut reading = NotifyReading { written, problem };
        let options = reading.options();
        match written.kind {
            ChannelKind::Slack => {
                notify.slack = reading.slack_access().map(|access| SlackChannel { access, options });
            }
            ChannelKind::Webhook => {
                let authorization = reading.secret("authorization");
                let url = reading.needed("url").then(|| reading.secret("url")).flatten();
                notify.webhook = url.map(|url| WebhookChannel { url, authorization, options });
            }
            ChannelKind::Sns => {
                let topic = reading.needed("topic").then(|| reading.topic()).flatten();
                notify.sns = topic.map(|topic| SnsChannel { topic, options });
            }
        }
    }
    notify
}

struct NotifyReading<'r> {
    written: &'r WrittenChannel,
    problem: &'r mut dyn FnMut(usize, Text),
}

impl NotifyReading<'_> {
    // Whether the key is there; whether it is sound is another question.
    fn needed(&mut self, key: &str) -> bool {
        let is_there = self.written.text(key).is_some();
        if !is_there && !self.written.is_damaged {
            let keys = CHANNELS.iter().find(|(kind, _)| *kind == self.written.kind).map(|(_, keys)| *keys);
            let form = keys.unwrap_or_default().iter().find(|(name, _)| *name == key).map(|(_, form)| *form);
            let (kind, form) = (self.written.kind, form.unwrap_or_default());
            let message = Text::new(
                format!("[notify.{kind}] lacks `{key}`; write {key} = {form}"),
                format!("[notify.{kind}] に `{key}` がない。{key} = {form} のように書く"),
            );
            (self.problem)(self.written.line, message);
        }
        is_there
    }

    fn secret(&mut self, key: &str) -> Option<SecretPlace> {
        let line = self.written.text(key)?;
        match SecretPlace::parse(&line.value) {
            Ok(place) => Some(place),
            Err(reason) => {
                let message = Text::new(format!("`{key}` {}", reason.en), format!("`{key}` {}", reason.ja));
                (self.problem)(line.line, message);
                None
            }
        }
    }

    fn slack_access(&mut self) -> Option<SlackAccess> {
        let written = self.written;
        match (written.text("webhook"), written.text("token"), written.text("channel")) {
            (Some(_), None, None) => self.secret("webhook").map(SlackAccess::Webhook),
            (None, Some(_), Some(channel)) => {
                let token = self.secret("token");
                let is_id = channel.value.starts_with(['C', 'G', 'D'])
                    && channel.value.len() >= 9
                    && channel.value.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
                if !is_id {
                    let written = &channel.value;
                    let message = Text::new(
                        format!(
                            "`channel` is `{written}`; write the channel's id, for instance C0123456789: it stands at \
                             the end of the channel's details in Slack"
                        ),
                        format!(
                            "`channel` が `{written}` になっている。チャンネル ID（例 C0123456789）を書く。Slack の\
                             チャンネル詳細の末尾に表示される"
                        ),
                    );
                    (self.problem)(channel.line, message);
                    return None;
                }
                token.map(|token| SlackAccess::Bot { token, channel: channel.value.clone() })
            }
            (Some(webhook), _, _) => {
                let message = Text::new(
                    "a webhook belongs to one channel and needs no token; keep `webhook`, or `token` and `channel`",
                    "webhook は 1 つのチャンネル専用で、トークンは不要である。`webhook` か、`token` と `channel` の一方を残す",
                );
                (self.problem)(webhook.line, message);
                None
            }
            _ if written.is_damaged => None,
            _ => {
                let message = Text::new(
                    format!(
                        "[notify.slack] lacks `webhook`, or `token` and `channel`; write webhook = \"{SECRET_FORMS}\""
                    ),
                    format!(
                        "[notify.slack] に `webhook`、または `token` と `channel` がない。webhook = \"{SECRET_FORMS}\" のように書く"
                    ),
                );
                (self.problem)(written.line, message);
                None
            }
        }
    }

    fn topic(&mut self) -> Option<String> {
        let line = self.written.text("topic")?;
        let is_topic = Arn::parse(&line.value).is_some_and(|arn| {
            arn.service == "sns"
                && !arn.region.is_empty()
                && !arn.account.is_empty()
                && !arn.resource.contains(':')
        });
        if !is_topic {
            let written = &line.value;
            let message = Text::new(
                format!(
                    "`topic` is `{written}`; write the topic's ARN, for instance arn:aws:sns:ap-northeast-1:123456789012:tenken"
                ),
                format!(
                    "`topic` が `{written}` になっている。トピックの ARN（例 arn:aws:sns:ap-northeast-1:123456789012:tenken）を書く"
                ),
            );
            (self.problem)(line.line, message);
            return None;
        }
        Some(line.value.clone())
    }

    fn options(&mut self) -> NotifyOptions {
        NotifyOptions {
            min_severity: self.parsed("min_severity"),
            weekly_digest: self.digest(),
            lang: self.parsed("lang"),
            report: self.written.text("report").map(|line| line.value.trim().to_owned()),
        }
    }

    fn parsed<T: FromStr<Err = Invalid>>(&mut self, key: &str) -> Option<T> {
        let line = self.written.text(key)?;
        match line.value.parse() {
            Ok(value) => Some(value),
            Err(problem) => {
                (self.problem)(line.line, of_key(key, &problem));
                None
            }
        }
    }

    fn digest(&mut self) -> Option<DigestDay> {
        let offset = match self.written.text("utc_offset") {
            Some(line) => match offset_seconds(&line.value) {
                Some(seconds) => seconds,
                None => {
                    let written = &line.value;
                    let message = Text::new(
                        format!("`utc_offset` is `{written}`; write hours and minutes, for instance +09:00"),
                        format!("`utc_offset` が `{written}` になっている。+09:00 のように時と分で書く"),
                    );
                    (self.problem)(line.line, message);
                    return None;
                }
            },
            None => 0,
        };
        let Some(line) = self.written.text("weekly_digest") else {
            if let Some(line) = self.written.text("utc_offset") {
                let message = Text::new(
                    "`utc_offset` says when the day of `weekly_digest` begins; write that as well",
                    "`utc_offset` は `weekly_digest` の日の始まりを決める。`weekly_digest` も書く",
                );
                (self.problem)(line.line, message);
            }
            return None;
        };
        let day = DAYS.iter().find(|(name, _)| line.value.eq_ignore_ascii_case(name));
        if day.is_none() {
            let written = &line.value;
            let message = Text::new(
                format!("`weekly_digest` is `{written}`; write a day of the week, monday to sunday"),
                format!("`weekly_digest` が `{written}` になっている。monday から sunday のいずれかを書く"),
            );
            (self.problem)(line.line, message);
        }
        day.map(|(_, weekday)| DigestDay { weekday: *weekday, utc_offset_seconds: offset })
    }
}

const DAYS: &[(&str, Weekday)] = &[
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

fn offset_seconds(text: &str) -> Option<i32> {
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    let is_number = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(hours) || !is_number(minutes) {
        return None;
    }
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours <= 14 && minutes <= 59).then_some(sign * (hours * 3600 + minutes * 60))
}
