//! Answers have a limit, so that no endpoint can fill the memory, whatever it sends.
//!
//! A body is read here, whole, before anything else sees the answer: what is longer is an error and
//! no more of it is read. AWS's clients ask for no compression and undo none, so that what is counted
//! is what is kept.

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use std::fmt;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The bytes that one answer may have where nobody says otherwise. AWS's largest, a page of a
/// thousand security groups, have a few million.
pub const ANSWER_LIMIT_BYTES: usize = 64_000_000;

/// Answers up to this size are read at the same time. Larger ones are read and parsed one after the
/// other: with as many as there are calls under way, the limit of one would be that of none.
const SMALL_BYTES: usize = 1_000_000;

/// An answer that is longer than the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the answer has more than {limit_bytes} bytes")]
pub(crate) struct AnswerTooLarge {
    /// The limit.
    pub limit_bytes: usize,
}

/// Keeps the large answer that is being parsed the only one; dropped with the response.
#[derive(Clone)]
struct HeldTurn(#[expect(dead_code, reason = "held, never read")] Arc<OwnedSemaphorePermit>);

/// An HTTP client whose answers are read whole, up to the limit.
pub(crate) struct Bounded {
    inner: SharedHttpClient,
    limit_bytes: usize,
    large: Arc<Semaphore>,
}

impl Bounded {
    /// Bounds the answers of another client.
    pub(crate) fn client(inner: SharedHttpClient, limit_bytes: usize) -> SharedHttpClient {
        SharedHttpClient::new(Bounded { inner, limit_bytes, large: Arc::new(Semaphore::new(1)) })
    }
}

impl fmt::Debug for Bounded {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Bounded")
    }
}

impl HttpClient for Bounded {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(BoundedConnector {
            inner: self.inner.http_connector(settings, components),
            limit_bytes: self.limit_bytes,
            large: Arc::clone(&self.large),
        })
    }
}

struct BoundedConnector {
    inner: SharedHttpConnector,
    limit_bytes: usize,
    large: Arc<Semaphore>,
}

impl fmt::Debug for BoundedConnector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("BoundedConnector")
    }
}

impl HttpConnector for BoundedConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let answer = self.inner.call(request);
        let (limit_bytes, large) = (self.limit_bytes, Arc::clone(&self.large));
        HttpConnectorFuture::new(async move {
            let mut response = answer.await?;
            let (body, turn) = whole(response.take_body(), limit_bytes, large).await?;
            *response.body_mut() = SdkBody::from(body);
            if let Some(turn) = turn {
                response.add_extension(turn);
            }
            Ok(response)
        })
    }
}

/// A whole body, with the turn of a large one.
async fn whole(
    body: SdkBody,
    limit_bytes: usize,
    large: Arc<Semaphore>,
) -> Result<(Vec<u8>, Option<HeldTurn>), ConnectorError> {
    // A user's error is not tried again: the answer would be as long.
    let too_large = || ConnectorError::user(AnswerTooLarge { limit_bytes }.into());
    let announced = body.content_length().unwrap_or_default();
    if usize::try_from(announced).map_or(true, |announced| announced > limit_bytes) {
        return Err(too_large());
    }
    let mut stream = ByteStream::new(body);
    let mut read = Vec::new();
    let mut turn = None;
    while let Some(chunk) = stream.next().await {
        // An answer that breaks off is a broken connection, which the SDK tries again.
        let chunk = chunk.map_err(|error| ConnectorError::io(Box::new(error)))?;
        let length = read.len().saturating_add(chunk.len());
        if length > limit_bytes {
            return Err(too_large());
        }
        if length > SMALL_BYTES && turn.is_none() {
            // The semaphore is never closed, so that a permit always comes.
            turn = Arc::clone(&large).acquire_owned().await.ok().map(|permit| HeldTurn(Arc::new(permit)));
        }
        read.extend_from_slice(&chunk);
    }
    Ok((read, turn))
}

/// The beginning of a body, up to `most_bytes`; the rest is not read.
///
/// # Errors
/// The body breaks off before that.
pub(crate) async fn beginning(body: SdkBody, most_bytes: usize) -> Result<Vec<u8>, ConnectorError> {
    let mut stream = ByteStream::new(body);
    let mut read = Vec::new();
    while read.len() < most_bytes {
        let Some(chunk) = stream.next().await else {
            break;
        };
        let chunk = chunk.map_err(|error| ConnectorError::io(Box::new(error)))?;
        read.extend_from_slice(&chunk);
    }
    read.truncate(most_bytes);
    Ok(read)
}
