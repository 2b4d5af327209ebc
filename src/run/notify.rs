//! What changed, told to somebody.

use super::RunError;
use super::environment::Environment;
use crate::config::{Notify, NotifyOptions, SecretPlace, SlackAccess, SlackChannel};
use crate::deliver::{
    Access, Bulletin, Channel, Clock, Outcome, SendError, Telling, addressee, deliver_within,
};
use crate::finding::Run;
#[cfg(feature = "aws")]
use crate::finding::Severity;
use crate::history::announcement::{Addressee, ChannelKind};
use crate::history::store::{self, HistoryError, Store};
use crate::text::{Explained, Lang};
use serde_json::Value;
use std::time::Duration;

/// Where Slack's address is where the configuration does not describe Slack.
pub(crate) const SLACK_VARIABLE: &str = "TENKEN_SLACK_WEBHOOK";

/// The channels to tell: those named, as the configuration describes them. Secrets are fetched
/// when something is sent, but a variable that is not set is refused here. AWS is asked with
/// `access`, never with the role of an audit. `lang` is for channels that have no language of their
/// own.
///
/// # Errors
/// One is not described, its variable is not set, or this tenken was built without AWS.
pub fn channels(
    kinds: &[ChannelKind],
    notify: &Notify,
    access: &Access,
    lang: Lang,
    environment: &dyn Environment,
) -> Result<Vec<Box<dyn Channel>>, RunError> {
    let mut channels = Vec::new();
    for kind in ChannelKind::ALL.into_iter().filter(|kind| kinds.contains(kind)) {
        for place in secrets(kind, notify)? {
            if let SecretPlace::Environment { name } = &place
                && !environment.is_set(name)
            {
                return Err(RunError::NoVariable { kind, name: name.clone() });
            }
        }
        channels.push(open(kind, notify, access, lang)?);
    }
    Ok(channels)
}

// Without a table, Slack's address is in a variable of the environment.
fn slack(notify: &Notify) -> SlackChannel {
    notify.slack.clone().unwrap_or_else(|| SlackChannel {
        access: SlackAccess::Webhook(SecretPlace::Environment { name: SLACK_VARIABLE.to_owned() }),
        options: NotifyOptions::default(),
    })
}

fn secrets(kind: ChannelKind, notify: &Notify) -> Result<Vec<SecretPlace>, RunError> {
    let not_described = RunError::ChannelNotDescribed { kind };
    Ok(match kind {
        ChannelKind::Slack => match slack(notify).access {
            SlackAccess::Webhook(place) => vec![place],
            SlackAccess::Bot { token, .. } => vec![token],
        },
        ChannelKind::Webhook => {
            let webhook = notify.webhook.as_ref().ok_or(not_described)?;
            std::iter::once(&webhook.url).chain(&webhook.authorization).cloned().collect()
        }
        ChannelKind::Sns => {
            notify.sns.as_ref().ok_or(not_described)?;
            Vec::new()
        }
    })
}

#[cfg(feature = "aws")]
fn telling(options: &NotifyOptions, lang: Lang) -> Telling {
    Telling {
        lang: options.lang.unwrap_or(lang),
        min_severity: options.min_severity.unwrap_or(Severity::Low),
        weekly_digest: options.weekly_digest,
        report: options.report.clone(),
    }
}

#[cfg(feature = "aws")]
fn open(
    kind: ChannelKind,
    notify: &Notify,
    access: &Access,
    lang: Lang,
) -> Result<Box<dyn Channel>, RunError> {
    use crate::deliver::channels::{Slack, SnsTopic, Webhook};
    let not_described = RunError::ChannelNotDescribed { kind };
    Ok(match kind {
        ChannelKind::Slack => {
            let slack = slack(notify);
            let telling = telling(&slack.options, lang);
            Box::new(Slack::new(&slack.access, telling, access)?)
        }
        ChannelKind::Webhook => {
            let webhook = notify.webhook.as_ref().ok_or(not_described)?;
            let telling = telling(&webhook.options, lang);
            let authorization = webhook.authorization.as_ref();
            Box::new(Webhook::new(&webhook.url, authorization, telling, access)?)
        }
        ChannelKind::Sns => {
            let sns = notify.sns.as_ref().ok_or(not_described)?;
            let telling = telling(&sns.options, lang);
            Box::new(SnsTopic::new(&sns.topic, telling, access)?)
        }
    })
}

#[cfg(not(feature = "aws"))]
fn open(
    kind: ChannelKind,
    _notify: &Notify,
    _access: &Access,
    _lang: Lang,
) -> Result<Box<dyn Channel>, RunError> {
    Err(RunError::NoClient { kind })
}

/// Takes the run into the history, queues its news for the channels in the same write, and
/// tells the run what its findings were before. Gives the number of verdicts that a newer
/// run had superseded already. Nothing is sent: that is [`tell`], which also sends what
/// earlier runs could not.
///
/// # Errors
/// The history cannot be read, understood or written, or is of another account; it and the
/// run are then as they were.
pub(super) fn remember_with_news(
    run: &mut Run,
    store: &dyn Store,
    channels: &[Box<dyn Channel>],
) -> Result<usize, RunError> {
    let addressees: Vec<Addressee> = channels.iter().map(|channel| addressee(channel.as_ref())).collect();
    let (_, changes) = store::update_with_news(store, run, &addressees)?;
    run.past = Some(changes.past);
    Ok(changes.superseded)
}

/// A channel whose messages name a report where the configuration names none: which one that is
/// may only be known when AWS has been asked.
struct WithReport {
    channel: Box<dyn Channel>,
    telling: Telling,
}

impl Channel for WithReport {
    fn kind(&self) -> ChannelKind {
        self.channel.kind()
    }

    fn telling(&self) -> &Telling {
        &self.telling
    }

    fn messages(&self, bulletin: &Bulletin) -> Vec<Value> {
        self.channel.messages(bulletin)
    }

    fn fallback(&self, bulletin: &Bulletin) -> Option<Value> {
        self.channel.fallback(bulletin)
    }

    fn send(&self, message: &Value, thread: Option<&str>) -> Result<Option<String>, SendError> {
        self.channel.send(message, thread)
    }
}

/// The same channel, which names this report where the configuration names none.
pub(super) fn with_report(channel: Box<dyn Channel>, report: Option<&str>) -> Box<dyn Channel> {
    let mut telling = channel.telling().clone();
    telling.report = telling.report.or_else(|| report.map(str::to_owned));
    Box::new(WithReport { channel, telling })
}

/// Tells each channel everything that waits for it, one after the other: one that fails does
/// not keep another waiting for good. `by` names this run, and no other. An error is of a history
/// that cannot be read or written before anything is sent. Blocks for as long as that takes, a few
/// minutes at most; in `left` time, where there is so little, channels that are busy are not waited
/// for, whatever they ask.
pub(super) fn tell(
    store: &dyn Store,
    channels: &[Box<dyn Channel>],
    by: &str,
    clock: &dyn Clock,
    left: Option<Duration>,
) -> Vec<Result<Outcome, HistoryError>> {
    // Time for each, whatever the others take of theirs.
    let patience = left.map(|left| left / u32::try_from(channels.len()).unwrap_or(u32::MAX).max(1));
    channels.iter().map(|channel| deliver_within(store, channel.as_ref(), by, clock, patience)).collect()
}

/// The IAM policy that telling these channels takes, as JSON. It is apart from that of the
/// audit, which only reads, and belongs to the credentials that start tenken.
///
/// # Errors
/// A channel is not described.
pub fn permissions(kinds: &[ChannelKind], notify: &Notify) -> Result<String, RunError> {
    let mut statements = Vec::new();
    for kind in ChannelKind::ALL.into_iter().filter(|kind| kinds.contains(kind)) {
        let places = secrets(kind, notify)?;
        let statements_of_kind = places.iter().filter_map(statement).map(|(action, resource)| {
            serde_json::json!({ "Effect": "Allow", "Action": action, "Resource": resource })
        });
        statements.extend(statements_of_kind);
        if let Some(sns) = notify.sns.as_ref().filter(|_| kind == ChannelKind::Sns) {
            statements.push(
                serde_json::json!({ "Effect": "Allow", "Action": "sns:Publish", "Resource": sns.topic }),
            );
        }
    }
    let policy = serde_json::json!({ "Version": "2012-10-17", "Statement": statements });
    Ok(format!("{policy:#}"))
}

// None for what AWS does not keep.
fn statement(place: &SecretPlace) -> Option<(&'static str, String)> {
    match place {
        SecretPlace::Environment { .. } => None,
        SecretPlace::Parameter { name } if name.starts_with("arn:") => {
            Some(("ssm:GetParameter", name.clone()))
        }
        SecretPlace::Parameter { name } => {
            let name = name.trim_start_matches('/');
            Some(("ssm:GetParameter", format!("arn:aws:ssm:*:*:parameter/{name}")))
        }
        SecretPlace::SecretsManager { name, .. } if name.starts_with("arn:") => {
            Some(("secretsmanager:GetSecretValue", name.clone()))
        }
        // AWS adds six characters to the name.
        SecretPlace::SecretsManager { name, .. } => Some((
            "secretsmanager:GetSecretValue",
            format!("arn:aws:secretsmanager:*:*:secret:{name}-??????"),
        )),
    }
}

/// What people are to know of it, in lines; none where all is well.
pub fn texts(told: &[Result<Outcome, HistoryError>], lang: Lang) -> Vec<String> {
    let text = |one: &Result<Outcome, HistoryError>| match one {
        Ok(outcome) => outcome.text(lang),
        Err(error) => Some(error.message(lang)),
    };
    told.iter().filter_map(text).collect()
}

/// What still waits for channels that a run does not tell, for people; nothing where nothing
/// does. A channel that was given up would otherwise be waited for in silence.
pub fn untold(store: &dyn Store, told: &[ChannelKind], lang: Lang) -> Option<String> {
    let history = store::read(store).ok()?;
    let waiting =
        |kind: ChannelKind| history.pending.iter().filter(|one| one.delivery(kind).is_some()).count();
    let parts: Vec<String> = ChannelKind::ALL
        .into_iter()
        .filter(|kind| !told.contains(kind))
        .map(|kind| (kind, waiting(kind)))
        .filter(|(_, count)| *count > 0)
        .map(|(kind, count)| match lang {
            Lang::En => format!("{kind} ({count})"),
            Lang::Ja => format!("{kind}（{count} 件）"),
        })
        .collect();
    (!parts.is_empty()).then(|| match lang {
        Lang::En => {
            format!("unsent news is waiting for channels that this run does not notify: {}", parts.join(", "))
        }
        Lang::Ja => format!("今回の通知先に含まれないチャンネルへの未送信の通知がある: {}", parts.join("、")),
    })
}

/// The exit code of a run that has told its news: that of its findings, unless somebody has
/// to do something before news is told again. What was refused for good, has failed for
/// many runs, or could not be recorded makes the run one that was not possible as asked.
pub(super) fn exit_code(of_findings: u8, told: &[Result<Outcome, HistoryError>]) -> u8 {
    let needs_somebody =
        |one: &Result<Outcome, HistoryError>| one.as_ref().map_or(true, Outcome::needs_somebody);
    if told.iter().any(needs_somebody) { super::EXIT_IMPOSSIBLE } else { of_findings }
}
