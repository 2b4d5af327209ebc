//! What the answers of Slack and of webhooks mean. Nothing of an answer is repeated but
//! codes of Slack's own form: servers like to repeat what they were asked.

use super::SendError;
use crate::text::Text;
use serde_json::Value;
use std::time::Duration;

/// How long to wait where a channel asks to slow down and does not say for how long.
const RETRY_AFTER: Duration = Duration::from_secs(30);
/// Longer than any code.
const MOST_CODE: usize = 40;

/// The answer to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The header `Retry-After`.
    pub retry_after: Option<String>,
    /// The beginning of the body.
    pub body: String,
}

/// What Slack's answer to an incoming webhook means.
///
/// # Errors
/// It was not delivered.
pub fn slack_webhook(answer: &HttpAnswer) -> Result<(), SendError> {
    match answer.status {
        200..=299 if answer.body.trim() == "ok" => Ok(()),
        // A page to sign in, of a proxy for instance.
        200..=299 => Err(unreachable(not_slack())),
        400 => match code(answer).as_str() {
            word @ ("user_not_found" | "channel_not_found" | "no_active_hooks" | "invalid_token") => {
                Err(refused_by_slack(word))
            }
            word => Err(SendError::BadMessage { code: word.to_owned() }),
        },
        413 => Err(SendError::BadMessage { code: code(answer) }),
        403 | 404 | 410 => Err(refused_by_slack(&code(answer))),
        _ => Err(other(answer)),
    }
}

/// What Slack's answer to `chat.postMessage` means; gives the message's time stamp, which
/// names the thread.
///
/// # Errors
/// It was not delivered.
pub fn slack_bot(answer: &HttpAnswer) -> Result<Option<String>, SendError> {
    if !(200..=299).contains(&answer.status) {
        return Err(other(answer));
    }
    let Ok(body) = serde_json::from_str::<Value>(&answer.body) else {
        return Err(unreachable(not_slack()));
    };
    let text = |key: &str| body.get(key).and_then(Value::as_str);
    if body.get("ok").and_then(Value::as_bool) == Some(true) {
        return Ok(text("ts").map(str::to_owned));
    }
    match tidy(text("error").unwrap_or_default()).unwrap_or("unknown_error") {
        "ratelimited" | "rate_limited" | "message_limit_exceeded" => {
            Err(SendError::RateLimited { after: after(answer) })
        }
        word @ ("internal_error"
        | "fatal_error"
        | "service_unavailable"
        | "request_timeout"
        | "team_added_to_org") => Err(unreachable(Text::same(word))),
        word if word.starts_with("invalid_blocks")
            || word.starts_with("msg_")
            || ["no_text", "invalid_arguments", "invalid_json", "too_many_attachments"].contains(&word) =>
        {
            Err(SendError::BadMessage { code: word.to_owned() })
        }
        word => Err(refused_by_slack(word)),
    }
}

/// What the answer of any other address means.
///
/// # Errors
/// It was not delivered.
pub fn webhook(answer: &HttpAnswer) -> Result<(), SendError> {
    let refused = |en, ja| SendError::Refused { code: status(answer), hint: Text::new(en, ja) };
    match answer.status {
        200..=299 => Ok(()),
        400 | 413 | 415 | 422 => Err(SendError::BadMessage { code: status(answer) }),
        401 | 403 => Err(refused(
            "check `authorization` of [notify.webhook]",
            "[notify.webhook] の `authorization` を確認する",
        )),
        404 | 410 => Err(SendError::Revoked { code: status(answer) }),
        _ => Err(other(answer)),
    }
}

fn refused_by_slack(word: &str) -> SendError {
    let (en, ja) = match word {
        "channel_not_found" => (
            "the channel does not exist, or the app is not in it; check `channel`, and invite the app",
            "チャンネルが存在しないか、アプリが参加していない。`channel` を確認し、アプリを招待する",
        ),
        "not_in_channel" => ("invite the app into the channel", "アプリをチャンネルに招待する"),
        "channel_is_archived" | "is_archived" => (
            "the channel is archived; name another",
            "チャンネルがアーカイブされている。別のチャンネルを指定する",
        ),
        "action_prohibited" | "restricted_action" | "posting_to_general_channel_denied" => (
            "an administrator of the workspace does not allow it; ask them",
            "ワークスペースの管理者が禁止している。管理者に確認する",
        ),
        "missing_scope" | "not_allowed_token_type" => {
            ("give the app the scope chat:write", "アプリにスコープ chat:write を付与する")
        }
        "user_not_found" => (
            "the user who created the webhook is gone; create a new one",
            "作成者のアカウントがない。新しく発行する",
        ),
        "no_permission" | "access_denied" | "ekm_access_denied" => (
            "the app may not write there; ask an administrator",
            "アプリに書き込み権限がない。管理者に確認する",
        ),
        // no_service, no_team, invalid_token, invalid_auth, token_revoked, account_inactive, …
        _ => return SendError::Revoked { code: word.to_owned() },
    };
    SendError::Refused { code: word.to_owned(), hint: Text::new(en, ja) }
}

fn other(answer: &HttpAnswer) -> SendError {
    match answer.status {
        429 => SendError::RateLimited { after: after(answer) },
        300..=399 => SendError::Refused {
            code: status(answer),
            hint: Text::new(
                "the address redirects, and redirects are not followed; store the final address",
                "転送先には送信しない。最終的な URL を保存する",
            ),
        },
        408 | 425 | 500..=599 => unreachable(Text::same(status(answer))),
        401 | 403 | 404 | 410 => SendError::Revoked { code: status(answer) },
        _ => SendError::BadMessage { code: status(answer) },
    }
}

fn unreachable(reason: Text) -> SendError {
    SendError::Unreachable { reason }
}

fn not_slack() -> Text {
    Text::new("an answer that is not Slack's", "Slack のものではない応答")
}

fn status(answer: &HttpAnswer) -> String {
    format!("HTTP {}", answer.status)
}

fn code(answer: &HttpAnswer) -> String {
    tidy(answer.body.trim()).map_or_else(|| status(answer), str::to_owned)
}

fn tidy(word: &str) -> Option<&str> {
    let is_code = !word.is_empty()
        && word.len() <= MOST_CODE
        && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    is_code.then_some(word)
}

// Seconds; dates are not used by those who limit.
fn after(answer: &HttpAnswer) -> Duration {
    let seconds = answer.retry_after.as_deref().and_then(|text| text.trim().parse().ok());
    seconds.map_or(RETRY_AFTER, Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Explained;

    fn answer(status: u16, body: &str) -> HttpAnswer {
        HttpAnswer { status, retry_after: None, body: body.to_owned() }
    }

    #[test]
    fn answers_of_hooks_are_told_apart() {
        let kind = |status: u16, body: &str| match slack_webhook(&answer(status, body)) {
            Ok(()) => "delivered".to_owned(),
            Err(SendError::Revoked { code }) => format!("revoked {code}"),
            Err(SendError::Refused { code, .. }) => format!("refused {code}"),
            Err(SendError::BadMessage { code }) => format!("bad {code}"),
            Err(SendError::RateLimited { after }) => format!("limited {}", after.as_secs()),
            Err(SendError::Unreachable { reason }) => format!("unreachable {}", reason.en),
            Err(other) => other.to_string(),
        };
        let table = [
            (200, "ok", "delivered"),
            (200, "<html>Sign in</html>", "unreachable an answer that is not Slack's"),
            (400, "invalid_payload", "bad invalid_payload"),
            (400, "msg_blocks_too_long", "bad msg_blocks_too_long"),
            (403, "action_prohibited", "refused action_prohibited"),
            (403, "invalid_token", "revoked invalid_token"),
            (404, "no_service", "revoked no_service"),
            (404, "channel_not_found", "refused channel_not_found"),
            (404, "<html>/services/T/B/XXXX</html>", "revoked HTTP 404"),
            (410, "channel_is_archived", "refused channel_is_archived"),
            (302, "", "refused HTTP 302"),
            (429, "", "limited 30"),
            (500, "server_error", "unreachable HTTP 500"),
            (503, "", "unreachable HTTP 503"),
        ];
        for (status, body, expected) in table {
            assert_eq!(kind(status, body), expected, "{status} {body}");
        }
        let limited = HttpAnswer { retry_after: Some(" 7 ".into()), ..answer(429, "") };
        assert_eq!(slack_webhook(&limited), Err(SendError::RateLimited { after: Duration::from_secs(7) }));
    }

    #[test]
    fn answers_to_bots_are_told_apart() {
        let error = |word: &str| {
            slack_bot(&answer(200, &format!("{{\"ok\": false, \"error\": \"{word}\"}}"))).unwrap_err()
        };
        assert_eq!(slack_bot(&answer(200, "{\"ok\": true, \"ts\": \"1.2\"}")), Ok(Some("1.2".into())));
        assert!(matches!(error("msg_blocks_too_long"), SendError::BadMessage { .. }));
        assert!(matches!(error("invalid_blocks"), SendError::BadMessage { .. }));
        assert!(matches!(error("not_in_channel"), SendError::Refused { .. }));
        assert!(matches!(error("token_revoked"), SendError::Revoked { .. }));
        assert!(matches!(error("ratelimited"), SendError::RateLimited { .. }));
        assert!(matches!(error("internal_error"), SendError::Unreachable { .. }));
        // What looks like no code of Slack is not repeated.
        assert!(!error("xoxb-1-XXXX").what().en.contains("XXXX"));
        assert!(slack_bot(&answer(200, "<html>")).is_err());
        assert!(matches!(slack_bot(&answer(429, "")), Err(SendError::RateLimited { .. })));
    }

    #[test]
    fn every_refusal_says_what_to_do_in_both_languages() {
        for word in ["channel_not_found", "is_archived", "missing_scope", "no_service", "user_not_found"] {
            let error = refused_by_slack(word);
            assert!(error.is_lasting());
            for text in error.what().both() {
                assert!(text.contains(word) && text.len() > word.len() + 20);
            }
        }
    }
}
