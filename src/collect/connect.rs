//! The one HTTP client of a scan: connections are shared by all services and regions.

use super::Progress;
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use std::fmt;
use std::sync::Arc;

/// A client for AWS. Plain HTTP addresses (mocks) work as well.
pub fn https_client() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new().tls_provider(tls::Provider::Rustls(CryptoMode::Ring)).build_https()
}

/// Tells the progress about calls that are sent again.
pub struct Watched {
    inner: SharedHttpClient,
    progress: Arc<dyn Progress>,
}

impl Watched {
    /// Watches the requests of another client.
    pub fn new(inner: SharedHttpClient, progress: Arc<dyn Progress>) -> SharedHttpClient {
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
            let (service, region) =
                request.headers().get("authorization").and_then(signed_for).unwrap_or_default();
            self.progress.retry(service, region);
        }
        self.inner.call(request)
    }
}

/// The service and region that a request was signed for:
/// `AWS4-HMAC-SHA256 Credential=KEY/20260101/ap-northeast-1/ec2/aws4_request, …`.
pub fn signed_for(authorization: &str) -> Option<(&str, &str)> {
    let (_, scope) = authorization.split_once("Credential=")?;
    let mut parts = scope.split(',').next()?.rsplit('/');
    let _terminator = parts.next()?;
    let service = parts.next()?;
    let region = parts.next()?;
    Some((service, region))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_service_and_region_from_the_signature() {
        let header = "AWS4-HMAC-SHA256 Credential=AKID/20260101/ap-northeast-1/ec2/aws4_request, \
                      SignedHeaders=host, Signature=00";
        assert_eq!(signed_for(header), Some(("ec2", "ap-northeast-1")));
        assert_eq!(signed_for("Bearer x"), None);
    }
}
