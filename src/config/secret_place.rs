//! Where an address or a token is kept. It is never written into a configuration.

use crate::text::Text;
use std::fmt;

/// Where a secret is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretPlace {
    /// `env:NAME`: a variable of the environment.
    Environment {
        /// The variable.
        name: String,
    },
    /// `ssm:/path` or `ssm:ARN`: a SecureString of the Parameter Store.
    Parameter {
        /// The path or the ARN.
        name: String,
    },
    /// `secretsmanager:NAME` or `secretsmanager:ARN`, and `#KEY` for one value of a secret
    /// that is a JSON object.
    SecretsManager {
        /// The name or the ARN.
        name: String,
        /// The key in the secret's JSON.
        key: Option<String>,
    },
}

/// How places are written, for messages.
pub(crate) const SECRET_FORMS: &str = "env:NAME, ssm:/PATH or secretsmanager:NAME#KEY";

impl SecretPlace {
    /// Reads a place.
    ///
    /// # Errors
    /// What to write instead. The text itself is not repeated: it may be the secret.
    pub fn parse(text: &str) -> Result<SecretPlace, Text> {
        let (kind, name) = text.split_once(':').unwrap_or(("", text));
        let is_secret = kind.starts_with("http") || text.starts_with("xox") || text.starts_with("Bearer ");
        if is_secret {
            return Err(Text::new(
                format!(
                    "is the secret itself: whoever has it can write into the channel, and this file is read by many; \
                     keep it elsewhere and write that place: {SECRET_FORMS}"
                ),
                format!(
                    "に秘密情報そのものが書かれている。知っていれば誰でもチャンネルに書き込め、このファイルは多くの人が\
                     読む。別の場所に保管し、その場所を書く: {SECRET_FORMS}"
                ),
            ));
        }
        match kind {
            "env" | "ssm" | "secretsmanager" if name.is_empty() => Err(Text::new(
                format!("names nothing after `{kind}:`; write {SECRET_FORMS}"),
                format!("の `{kind}:` の後に何もない。{SECRET_FORMS} のように書く"),
            )),
            "env" => environment(name),
            "ssm" if is_plain(name) => Ok(SecretPlace::Parameter { name: name.to_owned() }),
            "secretsmanager" if is_plain(name) => {
                let (name, key) = match name.split_once('#') {
                    Some((name, key)) => (name, Some(key.to_owned())),
                    None => (name, None),
                };
                Ok(SecretPlace::SecretsManager {
                    name: name.to_owned(),
                    key: key.filter(|key| !key.is_empty()),
                })
            }
            "ssm" | "secretsmanager" => Err(Text::new(
                format!("has characters that AWS does not allow in names; write {SECRET_FORMS}"),
                format!("に AWS の名前に使えない文字がある。{SECRET_FORMS} のように書く"),
            )),
            _ => Err(Text::new(
                format!("does not say where the secret is kept; write {SECRET_FORMS}"),
                format!("に秘密情報の保管場所が書かれていない。{SECRET_FORMS} のように書く"),
            )),
        }
    }

    /// The region that the place itself names.
    pub fn region(&self) -> Option<&str> {
        match self {
            SecretPlace::Environment { .. } => None,
            SecretPlace::Parameter { name } | SecretPlace::SecretsManager { name, .. } => {
                crate::arn::Arn::parse(name).map(|arn| arn.region).filter(|region| !region.is_empty())
            }
        }
    }
}

impl fmt::Display for SecretPlace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SecretPlace::Environment { name } => write!(formatter, "env:{name}"),
            SecretPlace::Parameter { name } => write!(formatter, "ssm:{name}"),
            SecretPlace::SecretsManager { name, key: None } => write!(formatter, "secretsmanager:{name}"),
            SecretPlace::SecretsManager { name, key: Some(key) } => {
                write!(formatter, "secretsmanager:{name}#{key}")
            }
        }
    }
}

fn environment(name: &str) -> Result<SecretPlace, Text> {
    let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !name.starts_with(|c: char| c.is_ascii_digit());
    if is_name {
        return Ok(SecretPlace::Environment { name: name.to_owned() });
    }
    Err(Text::new(
        "is not a variable name: names have letters, digits and _, for instance env:TENKEN_SLACK_WEBHOOK",
        "が環境変数の名前になっていない。使えるのは英数字と _（例 env:TENKEN_SLACK_WEBHOOK）",
    ))
}

fn is_plain(name: &str) -> bool {
    name.chars().all(|c| c.is_ascii_alphanumeric() || "/_.-:+=@!#".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_and_written() {
        for text in [
            "env:TENKEN_SLACK_WEBHOOK",
            "ssm:/tenken/slack",
            "ssm:arn:aws:ssm:ap-northeast-1:123456789012:parameter/tenken/slack",
            "secretsmanager:tenken",
            "secretsmanager:tenken#slack",
            "secretsmanager:arn:aws:secretsmanager:us-east-1:123456789012:secret:tenken-AbCdEf#hook",
        ] {
            assert_eq!(SecretPlace::parse(text).unwrap().to_string(), text);
        }
        let region = |text: &str| SecretPlace::parse(text).unwrap().region().map(str::to_owned);
        assert_eq!(region("ssm:/tenken/slack"), None);
        assert_eq!(region("ssm:arn:aws:ssm:eu-west-1:1:parameter/x").as_deref(), Some("eu-west-1"));
    }

    #[test]
    fn a_secret_in_the_place_of_a_place_is_refused_and_not_repeated() {
        for text in [
            "https://hooks.slack.com/services/T000/B000/XXXX",
            "http://example.com/hook",
            "xoxb-1-2-XXXX",
            "Bearer XXXX",
        ] {
            let error = SecretPlace::parse(text).unwrap_err();
            assert!(
                error.en.contains("the secret itself") && error.ja.contains("秘密情報そのもの"),
                "{error:?}"
            );
            assert!(!error.en.contains("XXXX") && !error.ja.contains("XXXX"), "{error:?}");
        }
        for text in [
            "",
            "slack",
            "file:/etc/hook",
            "env:",
            "env:A B",
            "env:1A",
            "ssm:",
            "ssm:/a b",
            "secretsmanager:",
        ] {
            let error = SecretPlace::parse(text).unwrap_err();
            assert!(error.en.contains("env:") && error.ja.contains("env:"), "{text}: {error:?}");
        }
    }
}
