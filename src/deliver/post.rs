//! Posting JSON to an address that must not be shown.

use super::answers::HttpAnswer;
use super::aws::OpenError;
use super::{Access, SecretText, SendError};
use crate::ask::answer::beginning;
use crate::ask::credentials::shared_config;
use crate::ask::network::{HttpNetwork, why_not_sent};
use crate::text::Text;
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use std::time::Duration;
use tokio::runtime::Runtime;

/// Time for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(3100);
/// Time for a whole request.
const TIMEOUT: Duration = Duration::from_secs(15);
/// How much of an answer is read.
const MOST_BODY: usize = 16 * 1024;

/// A client for one address. Redirects are not followed. It waits on the caller's thread and
/// must not be used or dropped on a thread that runs asynchronous tasks.
pub(crate) struct Poster {
    runtime: Runtime,
    network: HttpNetwork,
}

impl Poster {
    /// Nothing is asked yet.
    ///
    /// # Errors
    /// [`OpenError`].
    pub(crate) fn new(access: &Access) -> Result<Poster, OpenError> {
        let network = HttpNetwork::for_others(&shared_config(access.profile.as_deref())?)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Poster { runtime, network })
    }

    /// The runtime, for what else the channel asks.
    pub(crate) fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// Posts a body.
    ///
    /// # Errors
    /// There is no answer. The error holds neither address nor headers.
    pub(crate) fn post(
        &self,
        url: &SecretText,
        headers: &[(&'static str, String)],
        body: String,
    ) -> Result<HttpAnswer, SendError> {
        let unreachable = |en, ja| SendError::Unreachable { reason: Text::new(en, ja) };
        let in_time = || unreachable("no answer in time", "時間内に応答がない");
        let mut request = HttpRequest::new(SdkBody::from(body));
        let is_built = request.set_method("POST").is_ok() && request.set_uri(url.reveal()).is_ok();
        if !is_built {
            return Err(unreachable("the address is not a URL", "URL の形式ではない"));
        }
        let list = request.headers_mut();
        let fixed = [("content-type", "application/json; charset=utf-8"), ("user-agent", "tenken")];
        for (name, value) in fixed {
            list.insert(name, value);
        }
        for (name, value) in headers {
            if list.try_insert(*name, value.clone()).is_err() {
                return Err(unreachable(
                    "a header has characters that HTTP does not allow",
                    "ヘッダーに HTTP で使えない文字がある",
                ));
            }
        }
        let settings =
            HttpConnectorSettings::builder().connect_timeout(CONNECT_TIMEOUT).read_timeout(TIMEOUT).build();
        let connector = self.network.connector(url.reveal(), settings);
        self.runtime.block_on(async {
            let exchange = async {
                let mut response = connector.call(request).await.map_err(|error| {
                    // Never its own text, which names the address.
                    match why_not_sent(&error) {
                        Some(reason) => SendError::Unreachable { reason },
                        None if error.is_timeout() => in_time(),
                        None => unreachable("no connection", "接続できない"),
                    }
                })?;
                let status = response.status().as_u16();
                let retry_after = response.headers().get("retry-after").map(str::to_owned);
                let body = beginning(response.take_body(), MOST_BODY).await;
                let body = body.map_err(|_| unreachable("the answer broke off", "応答が途中で切れた"))?;
                Ok(HttpAnswer { status, retry_after, body: String::from_utf8_lossy(&body).into_owned() })
            };
            match tokio::time::timeout(TIMEOUT, exchange).await {
                Ok(answer) => answer,
                Err(_) => Err(in_time()),
            }
        })
    }
}

/// Whether news may be sent to an address: encrypted, or not leaving this machine.
pub(crate) fn is_safe(url: &str) -> bool {
    let is_complete = url.strip_prefix("https://").is_some_and(|rest| {
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        !host.is_empty() && !host.contains('@')
    });
    let is_clean = !url.contains(|c: char| c.is_whitespace() || c.is_control());
    is_clean && (is_complete || is_loopback(url))
}

fn is_loopback(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("http://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    ["127.0.0.1", "localhost", "[::1]"].contains(&host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_leaves_the_machine_encrypted_only() {
        for url in ["https://hooks.slack.com/services/T/B/X", "http://127.0.0.1:8080/x", "http://localhost/x"]
        {
            assert!(is_safe(url), "{url}");
        }
        for url in [
            "http://hooks.slack.com/services/T/B/X",
            "http://127.0.0.1@evil.example/",
            "http://localhost.evil.example/",
            "https://",
            "https://user@host/",
            "https://host/a b",
            "ftp://host/",
            "",
        ] {
            assert!(!is_safe(url), "{url}");
        }
    }
}
