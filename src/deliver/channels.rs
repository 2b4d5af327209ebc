//! The channels themselves: Slack, an address that takes JSON, a topic of Amazon SNS.

use super::answers::{slack_bot, slack_webhook, webhook};
use super::aws::{self, OpenError};
use super::fetch::fetch;
use super::post::{Poster, is_safe};
use super::{Access, Bulletin, Channel, SecretText, SendError, Telling, document, plain, slack};
use crate::arn::Arn;
use crate::ask::failure::classify;
use crate::config::{SecretPlace, SlackAccess};
use crate::history::announcement::ChannelKind;
use crate::snapshot::Cause;
use crate::text::Text;
use aws_sdk_sns::Client;
use aws_types::region::Region;
use serde_json::{Value, json};
use std::cell::OnceCell;
use std::time::Duration;

/// Slack's own address.
const SLACK_API: &str = "https://slack.com/api";
/// Findings of a document where the whole one is refused.
const FEW_ITEMS: usize = 10;
/// Bytes of one form of a message to SNS, which takes 256 KiB for all of them.
const MOST_SNS_BYTES: usize = 100 * 1024;
/// Characters of an e-mail.
const MOST_EMAIL_CHARACTERS: usize = 20_000;
/// Characters of a text message; SNS takes 1,600 bytes.
const MOST_SMS_CHARACTERS: usize = 140;
/// Characters of an e-mail's subject.
const MOST_SUBJECT: usize = 100;

/// A secret that is fetched when it is first needed, and once.
struct Kept {
    place: SecretPlace,
    access: Access,
    value: OnceCell<SecretText>,
}

impl Kept {
    fn new(place: SecretPlace, access: &Access) -> Kept {
        Kept { place, access: access.clone(), value: OnceCell::new() }
    }

    fn get(&self, poster: &Poster) -> Result<&SecretText, SendError> {
        if let Some(value) = self.value.get() {
            return Ok(value);
        }
        let value = fetch(&self.place, &self.access, poster.runtime())?;
        Ok(self.value.get_or_init(|| value))
    }

    fn address(&self, poster: &Poster) -> Result<&SecretText, SendError> {
        let value = self.get(poster)?;
        if is_safe(value.reveal()) {
            return Ok(value);
        }
        let place = &self.place;
        Err(SendError::NoSecret {
            reason: Text::new(
                format!("what is kept at {place} is not an address that begins with https://"),
                format!("{place} の値は https:// で始まる URL ではない"),
            ),
        })
    }
}

/// A channel of Slack.
pub struct Slack {
    poster: Poster,
    telling: Telling,
    way: SlackWay,
    api: String,
}

enum SlackWay {
    Webhook(Kept),
    Bot { token: Kept, channel: String },
}

impl Slack {
    /// A channel; nothing is asked yet.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn new(slack: &SlackAccess, telling: Telling, access: &Access) -> Result<Slack, OpenError> {
        let way = match slack {
            SlackAccess::Webhook(place) => SlackWay::Webhook(Kept::new(place.clone(), access)),
            SlackAccess::Bot { token, channel } => {
                SlackWay::Bot { token: Kept::new(token.clone(), access), channel: channel.clone() }
            }
        };
        Ok(Slack { poster: Poster::new(access)?, telling, way, api: SLACK_API.to_owned() })
    }

    /// The same with another address of Slack, as tests have.
    pub fn with_api(self, api: &str) -> Slack {
        Slack { api: api.to_owned(), ..self }
    }
}

impl Channel for Slack {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Slack
    }

    fn telling(&self) -> &Telling {
        &self.telling
    }

    fn messages(&self, bulletin: &Bulletin) -> Vec<Value> {
        slack::messages(bulletin, self.telling.lang)
    }

    fn fallback(&self, bulletin: &Bulletin) -> Option<Value> {
        Some(slack::fallback(bulletin, self.telling.lang))
    }

    fn send(&self, message: &Value, thread: Option<&str>) -> Result<Option<String>, SendError> {
        match &self.way {
            SlackWay::Webhook(kept) => {
                let answer = self.poster.post(kept.address(&self.poster)?, &[], message.to_string())?;
                slack_webhook(&answer).map(|()| None)
            }
            SlackWay::Bot { token, channel } => {
                let mut body = message.clone();
                if let Some(fields) = body.as_object_mut() {
                    fields.insert("channel".to_owned(), json!(channel));
                    if let Some(thread) = thread {
                        fields.insert("thread_ts".to_owned(), json!(thread));
                    }
                }
                let authorization = format!("Bearer {}", token.get(&self.poster)?.reveal());
                let address = SecretText::new(&format!("{}/chat.postMessage", self.api));
                let answer =
                    self.poster.post(&address, &[("authorization", authorization)], body.to_string())?;
                slack_bot(&answer)
            }
        }
    }
}

/// An address that takes JSON.
pub struct Webhook {
    poster: Poster,
    telling: Telling,
    url: Kept,
    authorization: Option<Kept>,
}

impl Webhook {
    /// An address; nothing is asked yet.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn new(
        url: &SecretPlace,
        authorization: Option<&SecretPlace>,
        telling: Telling,
        access: &Access,
    ) -> Result<Webhook, OpenError> {
        let url = Kept::new(url.clone(), access);
        let authorization = authorization.map(|place| Kept::new(place.clone(), access));
        Ok(Webhook { poster: Poster::new(access)?, telling, url, authorization })
    }
}

impl Channel for Webhook {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Webhook
    }

    fn telling(&self) -> &Telling {
        &self.telling
    }

    fn messages(&self, bulletin: &Bulletin) -> Vec<Value> {
        vec![document::document(bulletin, usize::MAX)]
    }

    fn fallback(&self, bulletin: &Bulletin) -> Option<Value> {
        Some(document::document(bulletin, FEW_ITEMS))
    }

    fn send(&self, message: &Value, _thread: Option<&str>) -> Result<Option<String>, SendError> {
        let id = message.get("id").and_then(Value::as_str).unwrap_or_default();
        // The same news has the same id, for receivers that want each once.
        let mut headers = vec![("idempotency-key", id.to_owned())];
        if let Some(kept) = &self.authorization {
            headers.push(("authorization", kept.get(&self.poster)?.reveal().to_owned()));
        }
        let answer = self.poster.post(self.url.address(&self.poster)?, &headers, message.to_string())?;
        webhook(&answer).map(|()| None)
    }
}

/// A topic of Amazon SNS.
pub(crate) struct SnsTopic {
    poster: Poster,
    telling: Telling,
    arn: String,
    client: Client,
}

impl SnsTopic {
    /// A topic; it is not asked yet.
    ///
    /// # Errors
    /// [`OpenError`].
    pub(crate) fn new(arn: &str, telling: Telling, access: &Access) -> Result<SnsTopic, OpenError> {
        let poster = Poster::new(access)?;
        let config = poster.runtime().block_on(aws::load(access, None))?;
        let region = Arn::parse(arn).map(|arn| arn.region.to_owned()).filter(|region| !region.is_empty());
        let config = match region {
            Some(region) => config.into_builder().region(Region::new(region)).build(),
            None => config,
        };
        Ok(SnsTopic { telling, arn: arn.to_owned(), client: Client::new(&config), poster })
    }
}

impl Channel for SnsTopic {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Sns
    }

    fn telling(&self) -> &Telling {
        &self.telling
    }

    fn messages(&self, bulletin: &Bulletin) -> Vec<Value> {
        vec![self.message(bulletin, MOST_SNS_BYTES, MOST_EMAIL_CHARACTERS)]
    }

    fn fallback(&self, bulletin: &Bulletin) -> Option<Value> {
        Some(self.message(bulletin, MOST_SNS_BYTES / 10, MOST_EMAIL_CHARACTERS / 10))
    }

    fn send(&self, message: &Value, _thread: Option<&str>) -> Result<Option<String>, SendError> {
        let text = |key: &str| message.get(key).and_then(Value::as_str).unwrap_or_default();
        let body = json!({ "default": text("json"), "email": text("email"), "sms": text("sms") });
        let mut request = self
            .client
            .publish()
            .topic_arn(&self.arn)
            .subject(text("subject"))
            .message_structure("json")
            .message(body.to_string());
        if self.arn.ends_with(".fifo") {
            request = request.message_group_id("tenken").message_deduplication_id(text("id"));
        }
        match self.poster.runtime().block_on(request.send()) {
            Ok(_) => Ok(None),
            Err(error) => Err(of_sns(classify(&error))),
        }
    }
}

impl SnsTopic {
    fn message(&self, bulletin: &Bulletin, most_bytes: usize, most_characters: usize) -> Value {
        let lang = self.telling.lang;
        json!({
            "id": bulletin.id,
            "subject": subject(bulletin),
            "json": document::document_within(bulletin, most_bytes).to_string(),
            "email": plain::long(bulletin, lang, most_characters),
            "sms": plain::line(bulletin, lang).chars().take(MOST_SMS_CHARACTERS).collect::<String>(),
        })
    }
}

// SNS takes ASCII alone for a subject.
fn subject(bulletin: &Bulletin) -> String {
    let line = plain::line(bulletin, crate::text::Lang::En);
    line.chars().filter(|c| c.is_ascii() && !c.is_ascii_control()).take(MOST_SUBJECT).collect()
}

fn of_sns((cause, code): (Cause, String)) -> SendError {
    match (cause, code.as_str()) {
        (Cause::Throttled, _) => SendError::RateLimited { after: Duration::from_secs(5) },
        (_, "NotFound" | "NotFoundException" | "TopicNotFound") => SendError::Refused {
            code,
            hint: Text::new(
                "there is no such topic; check `topic` of [notify.sns]",
                "トピックが存在しない。[notify.sns] の `topic` を確認する",
            ),
        },
        (_, "InvalidParameter" | "InvalidParameterValue" | "InvalidParameterException") => {
            SendError::BadMessage { code }
        }
        (_, kms) if kms.starts_with("KMS") => SendError::Refused {
            code,
            hint: Text::new(
                "the topic's KMS key denies access; the credentials that run tenken need kms:GenerateDataKey and kms:Decrypt",
                "トピックの KMS キーに拒否された。tenken を起動した認証情報に kms:GenerateDataKey と kms:Decrypt が必要",
            ),
        },
        (Cause::Denied | Cause::Credentials, _) => SendError::Refused {
            code,
            hint: Text::new(
                "the credentials that run tenken need sns:Publish on the topic",
                "tenken を起動した認証情報に、トピックへの sns:Publish が必要",
            ),
        },
        _ => SendError::Unreachable { reason: Text::same(code) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_of_sns_say_what_is_missing() {
        let of = |cause: Cause, code: &str| of_sns((cause, code.to_owned()));
        assert!(of(Cause::Denied, "AuthorizationError").to_string().contains("sns:Publish"));
        assert!(of(Cause::Denied, "KMSAccessDenied").to_string().contains("kms:GenerateDataKey"));
        assert!(of(Cause::Failed, "NotFound").is_lasting());
        assert!(matches!(of(Cause::Failed, "InvalidParameter"), SendError::BadMessage { .. }));
        assert!(!of(Cause::Throttled, "Throttled").is_lasting());
        assert!(!of(Cause::TimedOut, "Timeout").is_lasting());
    }
}
