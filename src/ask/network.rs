//! How hosts are reached: through which proxy, and whose certificates are trusted.

use super::error::Distrust;
use super::issuer::issuer;
use crate::shared_config::network::{CertificateFile, Proxies, Proxy, certificate_file};
use crate::shared_config::{HostEnvironment, SharedConfig, SharedConfigError};
use crate::text::Text;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{self, TlsContext, TrustStore, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::error::Error;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// The status with which a proxy asks for a user and a password.
const PROXY_ASKS_WHO: u16 = 407;

/// The variables and files of this process.
pub(crate) fn surroundings() -> HostEnvironment<'static> {
    HostEnvironment { variable: &|name| std::env::var(name).ok(), read: &read }
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, String> {
    if !path.is_file() {
        return Ok(None);
    }
    std::fs::read(path).map(Some).map_err(|error| error.to_string())
}

/// A certificate that nothing trusted vouches for.
#[derive(Debug, thiserror::Error)]
#[error("the certificate of {host} is not trusted")]
pub(crate) struct UntrustedCertificate {
    /// Whose it is.
    pub host: String,
    /// The variable that names that host, where it is a proxy.
    pub variable: Option<String>,
    /// Who issued the certificate, where it says so.
    pub issuer: Option<String>,
    /// What is wrong with it.
    pub distrust: Distrust,
}

/// A proxy that lets nothing through.
#[derive(Debug, thiserror::Error)]
#[error("the proxy refused the connection")]
pub(crate) struct ProxyRefused {
    /// Who was asked.
    pub host: String,
    /// The variable that names the proxy.
    pub variable: String,
}

/// A proxy that nobody can connect to.
#[derive(Debug, thiserror::Error)]
#[error("the proxy cannot be reached")]
pub(crate) struct ProxyUnreachable {
    /// The variable that names the proxy.
    pub variable: String,
}

/// Proxies and trusted certificates.
#[derive(Debug, Clone, Default)]
pub(crate) struct HttpNetwork {
    proxies: Proxies,
    trust: TrustStore,
}

impl HttpNetwork {
    /// As the AWS CLI reaches AWS: a file of certificates that is named takes the operating system's place.
    ///
    /// # Errors
    /// A proxy or a file of certificates cannot be used.
    pub(crate) fn for_aws(shared: &SharedConfig) -> Result<HttpNetwork, SharedConfigError> {
        HttpNetwork::read(shared, false)
    }

    /// The same for hosts that are not AWS's: such a file counts beside the operating system's certificates.
    ///
    /// # Errors
    /// As [`HttpNetwork::for_aws`].
    pub(crate) fn for_others(shared: &SharedConfig) -> Result<HttpNetwork, SharedConfigError> {
        HttpNetwork::read(shared, true)
    }

    fn read(shared: &SharedConfig, with_native_roots: bool) -> Result<HttpNetwork, SharedConfigError> {
        let around = surroundings();
        let proxies = Proxies::read(&around)?;
        // Where a proxy was meant, nothing goes straight to its host.
        for proxy in [&proxies.https, &proxies.http].into_iter().flatten() {
            if ProxyConfig::all(proxy.url.as_str()).is_err() {
                return Err(SharedConfigError::Proxy { variable: proxy.variable.clone() });
            }
        }
        if let Some(file) = certificate_file(shared, &around) {
            let mut trust = TrustStore::empty().with_native_roots(with_native_roots);
            for certificate in certificates(&file)? {
                trust.add_pem_certificate(pem(&certificate));
            }
            return Ok(HttpNetwork { proxies, trust });
        }
        // The operating system's certificates are read from there; a mistake would leave none.
        if let Some(path) = (around.variable)("SSL_CERT_FILE").filter(|path| !path.is_empty()) {
            certificates(&CertificateFile { place: "SSL_CERT_FILE".to_owned(), path: path.into() })?;
        }
        Ok(HttpNetwork { proxies, trust: TrustStore::default() })
    }

    /// A client for any number of hosts. Plain HTTP addresses (mocks) work as well.
    pub(crate) fn client(&self) -> SharedHttpClient {
        SharedHttpClient::new(Routed {
            proxies: Arc::new(self.proxies.clone()),
            direct: self.client_through(None),
            by_https: self.client_through(self.proxies.https.as_ref()),
            by_http: self.client_through(self.proxies.http.as_ref()),
        })
    }

    fn client_through(&self, proxy: Option<&Proxy>) -> SharedHttpClient {
        let (context, proxy) = (self.context(), proxy_config(proxy));
        Builder::new().build_with_connector_fn(move |settings, components| {
            let mut builder = Connector::builder()
                .tls_provider(tls::Provider::Rustls(CryptoMode::Ring))
                .tls_context(context.clone())
                .proxy_config(proxy.clone());
            builder.set_connector_settings(settings.cloned());
            builder.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
            builder.build()
        })
    }

    /// A connector for one address.
    pub(crate) fn connector(&self, url: &str, settings: HttpConnectorSettings) -> SharedHttpConnector {
        let (is_https, host, port) = target(url);
        let proxy = self.proxies.of(is_https, &host, port);
        let builder = Connector::builder()
            .tls_provider(tls::Provider::Rustls(CryptoMode::Ring))
            .tls_context(self.context())
            .proxy_config(proxy_config(proxy))
            .connector_settings(settings)
            .sleep_impl(TokioSleep::new());
        let connector = SharedHttpConnector::new(builder.build());
        SharedHttpConnector::new(Explaining {
            proxies: Arc::new(self.proxies.clone()),
            connectors: [connector.clone(), connector.clone(), connector],
        })
    }

    fn context(&self) -> TlsContext {
        // Only a builder that this crate does not use can fail.
        TlsContext::builder().with_trust_store(self.trust.clone()).build().unwrap_or_default()
    }
}

fn proxy_config(proxy: Option<&Proxy>) -> ProxyConfig {
    match proxy.map(|proxy| ProxyConfig::all(proxy.url.as_str())) {
        Some(Ok(config)) => config,
        _ => ProxyConfig::disabled(),
    }
}

/// Whether an address is HTTPS, its host and its port.
fn target(url: &str) -> (bool, String, Option<u16>) {
    let (scheme, rest) = url.split_once("://").unwrap_or(("https", url));
    let is_https = scheme.eq_ignore_ascii_case("https");
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port.parse().ok()),
        _ => (authority, Some(if is_https { 443 } else { 80 })),
    };
    (is_https, host.to_owned(), port)
}

/// The certificates of a file, or of every file of a folder.
fn certificates(file: &CertificateFile) -> Result<Vec<CertificateDer<'static>>, SharedConfigError> {
    let unusable = |reason| SharedConfigError::CertificateFile {
        place: file.place.clone(),
        file: file.path.clone(),
        reason,
    };
    let failed = |error: std::io::Error| unusable(Text::same(error.to_string()));
    let mut files = vec![file.path.clone()];
    if file.path.is_dir() {
        let entries = std::fs::read_dir(&file.path).map_err(failed)?;
        files = entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.is_file()).collect();
        files.sort();
    }
    let mut certificates = Vec::new();
    for path in files {
        let bytes = std::fs::read(path).map_err(failed)?;
        let found = CertificateDer::pem_slice_iter(&bytes).filter_map(Result::ok);
        // A bundle may hold certificates of a kind that cannot vouch for any other.
        certificates.extend(found.filter(|found| rustls::RootCertStore::empty().add(found.clone()).is_ok()));
    }
    if certificates.is_empty() {
        return Err(unusable(Text::new(
            "no certificate in PEM form is in it",
            "PEM 形式の証明書が含まれていない",
        )));
    }
    Ok(certificates)
}

fn pem(certificate: &CertificateDer<'_>) -> Vec<u8> {
    let text = STANDARD.encode(certificate);
    format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n").into_bytes()
}

/// Chooses for each request whether it goes through a proxy.
struct Routed {
    proxies: Arc<Proxies>,
    direct: SharedHttpClient,
    by_https: SharedHttpClient,
    by_http: SharedHttpClient,
}

impl fmt::Debug for Routed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Routed")
    }
}

impl HttpClient for Routed {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let connectors =
            [&self.direct, &self.by_https, &self.by_http].map(|one| one.http_connector(settings, components));
        SharedHttpConnector::new(Explaining { proxies: Arc::clone(&self.proxies), connectors })
    }
}

/// Sends a request the way that its address takes, and says why a connection was refused.
struct Explaining {
    proxies: Arc<Proxies>,
    /// Straight to the host, through the proxy for HTTPS, through that for HTTP.
    connectors: [SharedHttpConnector; 3],
}

impl fmt::Debug for Explaining {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Explaining")
    }
}

impl HttpConnector for Explaining {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (is_https, host, port) = target(request.uri());
        let proxy = self.proxies.of(is_https, &host, port).cloned();
        let [direct, by_https, by_http] = &self.connectors;
        let connector = match &proxy {
            None => direct,
            Some(_) if is_https => by_https,
            Some(_) => by_http,
        };
        let answer = connector.call(request);
        HttpConnectorFuture::new(async move {
            match answer.await {
                Ok(answer) => match proxy {
                    // What goes over TLS is refused before it is sent.
                    Some(Proxy { variable, .. }) if answer.status().as_u16() == PROXY_ASKS_WHO => {
                        Err(ConnectorError::other(ProxyRefused { host, variable }.into(), None))
                    }
                    _ => Ok(answer),
                },
                Err(error) => Err(explained(error, is_https, host, port, proxy).await),
            }
        })
    }
}

async fn explained(
    error: ConnectorError,
    is_https: bool,
    host: String,
    port: Option<u16>,
    proxy: Option<Proxy>,
) -> ConnectorError {
    let mut link: Option<&(dyn Error + 'static)> = Some(&error);
    let (mut untrusted, mut is_refused, mut is_connecting) = (None, false, false);
    // Plain HTTP is said to the proxy itself.
    let mut is_of_proxy = proxy.is_some() && !is_https;
    while let Some(cause) = link {
        if let Some(rustls::Error::InvalidCertificate(reason)) = cause.downcast_ref() {
            untrusted = Some(distrust(reason));
        }
        // The types of these errors have no names that could be used here.
        let text = cause.to_string();
        is_of_proxy |=
            proxy.is_some() && text.contains("tunnel error: failed to create underlying connection");
        is_connecting |= text.contains("client error (Connect)");
        is_refused |= proxy.is_some()
            && ["tunnel error: unsuccessful", "proxy authorization required"]
                .iter()
                .any(|refusal| text.contains(refusal));
        // What an error of input or output holds is no source of it.
        link = match cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
            Some(inner) => Some(inner as &(dyn Error + 'static)),
            None => cause.source(),
        };
    }
    // To ask again would give the same answer: these are no broken connections.
    if let Some(distrust) = untrusted {
        // A proxy that itself speaks TLS shows a certificate of its own, before anything goes through it.
        let (host, port, between, variable) = match proxy {
            Some(proxy) if is_of_proxy => {
                let (_, host, port) = target(&proxy.url);
                (host, port, None, Some(proxy.variable))
            }
            proxy => (host, port, proxy, None),
        };
        let issuer = issuer(&host, port.unwrap_or(443), between.as_ref()).await;
        let untrusted = UntrustedCertificate { host, variable, issuer, distrust };
        return ConnectorError::other(untrusted.into(), None);
    }
    match proxy {
        Some(Proxy { variable, .. }) if is_refused => {
            ConnectorError::other(ProxyRefused { host, variable }.into(), None)
        }
        // This may pass, and is asked again.
        Some(Proxy { variable, .. }) if is_of_proxy && is_connecting && error.is_io() => {
            ConnectorError::io(ProxyUnreachable { variable }.into())
        }
        _ => error,
    }
}

fn distrust(reason: &rustls::CertificateError) -> Distrust {
    use rustls::CertificateError::{
        Expired, ExpiredContext, NotValidForName, NotValidForNameContext, NotValidYet, NotValidYetContext,
        Other,
    };
    match reason {
        Expired
        | ExpiredContext { .. }
        | NotValidForName
        | NotValidForNameContext { .. }
        | NotValidYet
        | NotValidYetContext { .. } => Distrust::Misfit,
        // The library behind says this word, and its type has no name that could be used here.
        Other(error) if format!("{error:?}").contains("CaUsedAsEndEntity") => Distrust::Authority,
        _ => Distrust::Issuer,
    }
}

/// A word for a connection that was refused on the way, where it was.
pub(crate) fn not_sent(error: &(dyn Error + 'static)) -> Option<&'static str> {
    let mut link = Some(error);
    while let Some(error) = link {
        if error.is::<UntrustedCertificate>() {
            return Some("UntrustedCertificate");
        }
        if error.is::<ProxyRefused>() {
            return Some("ProxyRefused");
        }
        if error.is::<ProxyUnreachable>() {
            return Some("ProxyUnreachable");
        }
        link = error.source();
    }
    None
}

/// The same as a fragment for people, without the address that was asked.
pub(crate) fn why_not_sent(error: &(dyn Error + 'static)) -> Option<Text> {
    let mut link = Some(error);
    while let Some(error) = link {
        if let Some(UntrustedCertificate { variable, distrust, .. }) = error.downcast_ref() {
            let (en, ja) = match variable {
                Some(name) => {
                    (format!("the certificate of the proxy of {name}"), format!("{name} のプロキシの証明書"))
                }
                None => ("its certificate".to_owned(), "証明書".to_owned()),
            };
            return Some(match distrust {
                Distrust::Misfit => Text::new(
                    format!("{en} is not trusted: it is for another host name, or for another time"),
                    format!("{ja}を信頼できない。別のホスト名の証明書であるか、有効期間外である"),
                ),
                Distrust::Issuer | Distrust::Authority => Text::new(
                    format!("{en} is not trusted; AWS_CA_BUNDLE names the CA certificates of your company"),
                    format!("{ja}を信頼できない。社内 CA の証明書は AWS_CA_BUNDLE に設定する"),
                ),
            });
        }
        if let Some(ProxyRefused { variable, .. }) = error.downcast_ref() {
            return Some(Text::new(
                format!("the proxy of {variable} refused the connection"),
                format!("環境変数 {variable} のプロキシが接続を拒否した"),
            ));
        }
        if let Some(ProxyUnreachable { variable }) = error.downcast_ref() {
            return Some(Text::new(
                format!("the proxy of {variable} cannot be reached"),
                format!("環境変数 {variable} のプロキシに接続できない"),
            ));
        }
        link = error.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_host_and_a_port() {
        for (url, expected) in [
            ("https://sts.amazonaws.com/", (true, "sts.amazonaws.com", Some(443))),
            ("http://169.254.169.254/latest", (false, "169.254.169.254", Some(80))),
            ("https://me@host:8443?x", (true, "host", Some(8443))),
            ("http://[::1]:80/", (false, "[::1]", Some(80))),
            ("https://[fd00::1]/", (true, "[fd00::1]", Some(443))),
        ] {
            let (is_https, host, port) = target(url);
            assert_eq!((is_https, host.as_str(), port), expected, "{url}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_certificate_decides_what_is_said() {
        use rustls::{CertificateError, OtherError};
        #[derive(Debug, thiserror::Error)]
        #[error("as the library says it")]
        struct CaUsedAsEndEntity;
        for (reason, expected) in [
            (CertificateError::UnknownIssuer, Distrust::Issuer),
            (CertificateError::BadSignature, Distrust::Issuer),
            (CertificateError::Expired, Distrust::Misfit),
            (CertificateError::NotValidForName, Distrust::Misfit),
            (CertificateError::Other(OtherError(Arc::new(CaUsedAsEndEntity))), Distrust::Authority),
        ] {
            assert_eq!(distrust(&reason), expected, "{reason:?}");
        }
    }

    #[test]
    fn a_file_without_certificates_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        let file = CertificateFile { place: "AWS_CA_BUNDLE".to_owned(), path: path.clone() };
        assert!(certificates(&file).is_err());
        std::fs::write(&path, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();
        let error = certificates(&file).unwrap_err().to_string();
        assert!(error.contains("AWS_CA_BUNDLE") && error.contains("ca.pem"), "{error}");
    }
}
