//! Fetches addresses and tokens from where they are kept. Their values are in no error.

use super::{Access, SecretText, SendError, aws};
use crate::ask::failure::classify;
use crate::config::SecretPlace;
use crate::text::{Explained, Text};
use aws_sdk_ssm::types::ParameterType;
use aws_types::SdkConfig;
use aws_types::region::Region;
use serde_json::Value;
use tokio::runtime::Runtime;

/// Fetches a secret.
///
/// # Errors
/// [`SendError::NoSecret`], with what to do about it.
pub(crate) fn fetch(
    place: &SecretPlace,
    access: &Access,
    runtime: &Runtime,
) -> Result<SecretText, SendError> {
    let found = match place {
        SecretPlace::Environment { name } => match std::env::var(name) {
            Ok(value) => value,
            Err(_) => {
                return Err(missing(
                    place,
                    "the variable is not set, or is not text",
                    "環境変数が設定されていないか、テキストではない",
                ));
            }
        },
        SecretPlace::Parameter { name } => runtime.block_on(parameter(place, name, access))?,
        SecretPlace::SecretsManager { name, key } => {
            runtime.block_on(secret(place, name, key.as_deref(), access))?
        }
    };
    if found.trim().is_empty() {
        return Err(missing(place, "it is empty", "値が空"));
    }
    Ok(SecretText::new(&found))
}

async fn parameter(place: &SecretPlace, name: &str, access: &Access) -> Result<String, SendError> {
    let client = aws_sdk_ssm::Client::new(&config(place, access).await?);
    let answer = client.get_parameter().name(name).with_decryption(true).send().await;
    let parameter = answer.map_err(|error| {
        let (_, code) = classify(&error);
        refused(place, &code, "ssm:GetParameter")
    })?;
    let parameter = parameter.parameter;
    if parameter.as_ref().and_then(|one| one.r#type()) != Some(&ParameterType::SecureString) {
        return Err(missing(
            place,
            "the parameter is not a SecureString: anyone who may read parameters can read it; store it as one",
            "パラメータが SecureString ではなく、パラメータを読める全員が参照できる。SecureString として保存し直す",
        ));
    }
    parameter.and_then(|one| one.value).ok_or_else(|| missing(place, "it has no value", "値がない"))
}

async fn secret(
    place: &SecretPlace,
    name: &str,
    key: Option<&str>,
    access: &Access,
) -> Result<String, SendError> {
    let client = aws_sdk_secretsmanager::Client::new(&config(place, access).await?);
    let answer = client.get_secret_value().secret_id(name).send().await;
    let text = answer.map_err(|error| {
        let (_, code) = classify(&error);
        refused(place, &code, "secretsmanager:GetSecretValue")
    })?;
    let text = text.secret_string.ok_or_else(|| missing(place, "it is not text", "テキストではない"))?;
    let Some(key) = key else {
        return Ok(text);
    };
    let value = serde_json::from_str::<Value>(&text).ok();
    let value = value.as_ref().and_then(|value| value.get(key)).and_then(Value::as_str).map(str::to_owned);
    value.ok_or_else(|| {
        missing(
            place,
            "it is not a JSON object with text under this key",
            "このキーのテキストを持つ JSON オブジェクトではない",
        )
    })
}

async fn config(place: &SecretPlace, access: &Access) -> Result<SdkConfig, SendError> {
    let config = aws::load(access, None).await;
    let config = config.map_err(|error| {
        let what = error.what();
        missing(place, &format!("failed to {}", what.en), &what.ja)
    })?;
    Ok(match place.region() {
        Some(region) => config.into_builder().region(Region::new(region.to_owned())).build(),
        None => config,
    })
}

fn missing(place: &SecretPlace, en: &str, ja: &str) -> SendError {
    SendError::NoSecret {
        reason: Text::new(
            format!("no usable value at {place}: {en}"),
            format!("{place} から値を取得できない: {ja}"),
        ),
    }
}

fn refused(place: &SecretPlace, code: &str, needed: &str) -> SendError {
    SendError::NoSecret {
        reason: Text::new(
            format!(
                "{place} cannot be read ({code}); the credentials that run tenken need {needed}, and kms:Decrypt where a customer managed key encrypts it"
            ),
            format!(
                "{place} を読み取れない（{code}）。tenken を起動した認証情報に {needed} が必要。カスタマー管理キーで暗号化している場合は kms:Decrypt も必要"
            ),
        ),
    }
}
