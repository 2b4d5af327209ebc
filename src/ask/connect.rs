//! What a scan sees of its requests: those that are retried, and answers that are not whole.

use super::Progress;
use super::asked::Asked;
use crate::recording::wire::signed_for;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use std::fmt;
use std::sync::Arc;

/// An answer of success that is not whole: empty, or without its end. A proxy can do that;
/// the SDK would read it as shorter lists, or as none.
#[derive(Debug, thiserror::Error)]
#[error("the answer is not whole")]
pub(crate) struct CutAnswer;

/// Tells the progress about calls that are retried, and refuses answers that are not whole.
pub(crate) struct Watched {
    inner: SharedHttpClient,
    progress: Arc<dyn Progress>,
}

impl Watched {
    /// Watches the requests of another client, whose answers are [`super::answer::Bounded`] or from memory.
    #[expect(
        clippy::new_ret_no_self,
        reason = "a connector is only ever used behind the client that shares it"
    )]
    pub(crate) fn new(inner: SharedHttpClient, progress: Arc<dyn Progress>) -> SharedHttpClient {
        SharedHttpClient::new(Watched { inner, progress })
    }
}

impl fmt::Debug for Watched {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Watched")
    }
}

impl HttpClient for Watched {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(WatchedConnector {
            inner: self.inner.http_connector(settings, components),
            progress: Arc::clone(&self.progress),
        })
    }
}

struct WatchedConnector {
    inner: SharedHttpConnector,
    progress: Arc<dyn Progress>,
}

impl fmt::Debug for WatchedConnector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("WatchedConnector")
    }
}

impl HttpConnector for WatchedConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        // The SDK numbers its attempts: `attempt=2; max=6`.
        let attempt = request.headers().get("amz-sdk-request").unwrap_or_default();
        if attempt.starts_with("attempt=") && !attempt.starts_with("attempt=1;") {
            let signed = request.headers().get("authorization").and_then(signed_for);
            let (signing_name, region) = signed.unwrap_or_default();
            let asked = request.extension::<Asked>();
            self.progress.retry(asked.map_or(signing_name, |asked| &asked.service), region);
        }
        // Whose answers have the forms of AWS's protocols.
        let is_signed = request.headers().get("authorization").and_then(signed_for).is_some();
        let answer = self.inner.call(request);
        HttpConnectorFuture::new(async move {
            let response = answer.await?;
            let is_answer = is_signed && response.status().is_success();
            // Bounded answers are in memory.
            if is_answer && response.body().bytes().is_some_and(|body| !is_whole(body)) {
                // To the SDK a broken connection, which asks again.
                return Err(ConnectorError::io(CutAnswer.into()));
            }
            Ok(response)
        })
    }
}

/// Whether JSON and XML end with what they begin with. The SDK reads XML that breaks off as
/// if it ended there; other forms (CBOR) say themselves how long they are.
fn is_whole(body: &[u8]) -> bool {
    let body = body.trim_ascii();
    match body.first() {
        None => false,
        Some(b'{') => body.ends_with(b"}"),
        Some(b'<') => match root(body) {
            Some(name) => {
                let before = body.strip_suffix(b">").map(<[u8]>::trim_ascii_end);
                let before = before.and_then(|body| body.strip_suffix(name));
                before.is_some_and(|body| body.ends_with(b"</")) || is_one_element(body)
            }
            None => false,
        },
        Some(_) => true,
    }
}

/// The name of the outermost element, after declarations and comments.
fn root(mut body: &[u8]) -> Option<&[u8]> {
    loop {
        let begin = body.iter().position(|byte| *byte == b'<')?;
        body = body.get(begin + 1..)?;
        if !matches!(body.first(), Some(b'?' | b'!')) {
            let end = body.iter().position(|byte| byte.is_ascii_whitespace() || b"/>".contains(byte))?;
            return body.get(..end);
        }
    }
}

/// Whether there is nothing but `<Name …/>`, which has no end of its own.
fn is_one_element(body: &[u8]) -> bool {
    let is_start = |pair: &[u8]| pair.starts_with(b"<") && !matches!(pair.get(1), Some(b'?' | b'!'));
    body.ends_with(b"/>") && body.windows(2).filter(|pair| is_start(pair)).count() == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_without_their_end_are_not_whole() {
        let xml = "<?xml version=\"1.0\"?>\n<!-- a > b -->\n<A xmlns=\"u\"><B>1</B><A>2</A></A>\n";
        assert!(is_whole(xml.as_bytes()));
        for end in 1..xml.trim_end().len() - 1 {
            let is_inner_end = xml[..end].ends_with("</A>");
            assert_eq!(is_whole(&xml.as_bytes()[..end]), is_inner_end, "{}", &xml[..end]);
        }
        for whole in ["<A/>", "<A x=\"1\" />", "<A></A >", "{}", " {\"a\": {}}\n", "\u{bf}cbor"] {
            assert!(is_whole(whole.as_bytes()), "{whole}");
        }
        for cut in ["", " \n", "{", "{\"a\": [1", "<A><B/>", "<A", "<", "<?xml?>"] {
            assert!(!is_whole(cut.as_bytes()), "{cut}");
        }
    }
}
