//! Answers the SDK from a recorded account, in process and without a network.

use super::asked::Asked;
use crate::recording::wire::RawRequest;
use crate::recording::{NotRecorded, Recording};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use std::sync::Arc;

/// An HTTP client whose other end is a recorded account.
#[derive(Debug, Clone)]
pub(crate) struct Replay(Arc<Recording>);

impl Replay {
    /// Answers from `recording`.
    pub(crate) fn new(recording: Arc<Recording>) -> Replay {
        Replay(recording)
    }
}

impl HttpClient for Replay {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Replay {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let recording = Arc::clone(&self.0);
        HttpConnectorFuture::new(async move {
            let answer = match request.extension::<Asked>() {
                Some(asked) => {
                    with_raw(&request, |raw| recording.answer_as(raw, &asked.service, &asked.operation))
                }
                None => Err(NotRecorded { file: "what a request asks that does not say it".to_owned() }),
            };
            // A user's error is not tried again.
            let reply = answer.map_err(|not_recorded| ConnectorError::user(not_recorded.into()))?;
            if !reply.delay.is_zero() {
                tokio::time::sleep(reply.delay).await;
            }
            let status = reply.status.try_into().map_err(|error| ConnectorError::user(Box::new(error)))?;
            let mut response = HttpResponse::new(status, SdkBody::from(reply.body));
            for (name, value) in reply.headers {
                response.headers_mut().insert(name, value);
            }
            Ok(response)
        })
    }
}

/// Reads an SDK request as it would be on the wire.
pub(crate) fn with_raw<T>(request: &HttpRequest, read: impl FnOnce(&RawRequest<'_>) -> T) -> T {
    let header = |name: &str| request.headers().get(name).unwrap_or_default();
    let uri = request.uri();
    let after_scheme = uri.split_once("://").map_or(uri, |(_, after)| after);
    let (authority, target) = match after_scheme.find(['/', '?']) {
        Some(at) => after_scheme.split_at(at),
        None => (after_scheme, "/"),
    };
    let host = authority.split_once(':').map_or(authority, |(host, _)| host);
    let target = if target.starts_with('?') { format!("/{target}") } else { target.to_owned() };
    read(&RawRequest {
        method: request.method(),
        host,
        target: &target,
        authorization: header("authorization"),
        amz_target: header("x-amz-target"),
        body: request.body().bytes().unwrap_or_default(),
    })
}
