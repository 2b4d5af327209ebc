//! Who issued a certificate that was not trusted. The library that refused it does not say; the host is
//! asked once more for its certificate alone, and nothing is sent to it.

use crate::shared_config::network::Proxy;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme};
use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Time for each step.
const TIMEOUT: Duration = Duration::from_secs(3);
/// Headers of a proxy's answer.
const MOST_HEADERS: usize = 16 * 1024;
/// How much of a name is shown.
const MOST_CHARACTERS: usize = 100;

/// The issuer's common name, or its organisation; `None` where it cannot be learnt.
pub(super) async fn issuer(host: &str, port: u16, proxy: Option<&Proxy>) -> Option<String> {
    let (host, proxy) = (host.to_owned(), proxy.map(|proxy| proxy.url.clone()));
    tokio::task::spawn_blocking(move || ask(&host, port, proxy.as_deref())).await.ok().flatten()
}

fn ask(host: &str, port: u16, proxy: Option<&str>) -> Option<String> {
    let mut stream = match proxy {
        // To a proxy that itself speaks TLS, a whole second client would be needed.
        Some(url) => tunnel(url.strip_prefix("http://")?, host, port)?,
        None => connect(host, port)?,
    };
    let seen = Arc::new(Seen { certificate: Mutex::default(), provider: ring::default_provider() });
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .ok()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(&seen) as Arc<dyn ServerCertVerifier>)
        .with_no_client_auth();
    let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned()).ok()?;
    let mut connection = ClientConnection::new(Arc::new(config), name).ok()?;
    // The verifier trusts nobody: this ends before anything is said.
    while connection.is_handshaking() && connection.complete_io(&mut stream).is_ok() {}
    let certificate = seen.certificate.lock().unwrap_or_else(PoisonError::into_inner);
    issuer_of(certificate.as_deref()?)
}

fn connect(host: &str, port: u16) -> Option<TcpStream> {
    let addresses = (host.trim_matches(['[', ']']), port).to_socket_addrs().ok()?;
    let stream = addresses.into_iter().find_map(|one| TcpStream::connect_timeout(&one, TIMEOUT).ok())?;
    stream.set_read_timeout(Some(TIMEOUT)).ok()?;
    stream.set_write_timeout(Some(TIMEOUT)).ok()?;
    Some(stream)
}

fn tunnel(proxy: &str, host: &str, port: u16) -> Option<TcpStream> {
    let authority = proxy.split(['/', '?', '#']).next()?;
    let (user, place) = match authority.rsplit_once('@') {
        Some((user, place)) => (Some(user), place),
        None => (None, authority),
    };
    let (proxy_host, proxy_port) = place.rsplit_once(':').unwrap_or((place, "80"));
    let mut stream = connect(proxy_host, proxy_port.parse().ok()?)?;
    let mut request = format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n");
    if let Some(user) = user {
        let user: Vec<u8> = percent_encoding::percent_decode_str(user).collect();
        request.push_str(&format!("Proxy-Authorization: Basic {}\r\n", STANDARD.encode(user)));
    }
    request.push_str("\r\n");
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") && answer.len() < MOST_HEADERS {
        let mut byte = [0];
        stream.read_exact(&mut byte).ok()?;
        answer.extend(byte);
    }
    let status = answer.get(9..12)?;
    (status == b"200").then_some(stream)
}

/// Keeps the certificate that it refuses.
#[derive(Debug)]
struct Seen {
    certificate: Mutex<Option<Vec<u8>>>,
    provider: CryptoProvider,
}

impl ServerCertVerifier for Seen {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        *self.certificate.lock().unwrap_or_else(PoisonError::into_inner) = Some(certificate.to_vec());
        Err(rustls::Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure))
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verify_tls12_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// The issuer's common name in a certificate (X.509, DER), or its organisation.
fn issuer_of(certificate: &[u8]) -> Option<String> {
    const SEQUENCE: u8 = 0x30;
    let (SEQUENCE, whole, _) = element(certificate)? else {
        return None;
    };
    let (_, mut inside, _) = element(whole)?;
    // The version is optional; then serial number, algorithm, issuer.
    let mut fields = Vec::new();
    while fields.len() < 4 && !inside.is_empty() {
        let (tag, content, rest) = element(inside)?;
        if tag != 0xa0 {
            fields.push(content);
        }
        inside = rest;
    }
    let mut names = *fields.get(2)?;
    let (mut common, mut organisation) = (None, None);
    while !names.is_empty() {
        let (_, set, rest) = element(names)?;
        let (_, pair, _) = element(set)?;
        let (_, kind, value) = element(pair)?;
        let (_, value, _) = element(value)?;
        match kind {
            [0x55, 0x04, 0x03] => common = Some(value),
            [0x55, 0x04, 0x0a] => organisation = Some(value),
            _ => {}
        }
        names = rest;
    }
    // The name comes from whoever answered.
    let name = String::from_utf8_lossy(common.or(organisation)?);
    let shown: String = name.chars().filter(|c| !c.is_control()).take(MOST_CHARACTERS).collect();
    Some(crate::text::harmless(&shown).into_owned())
}

/// An element of DER: its tag, its content, and what follows.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = bytes.split_first()?;
    let (first, mut rest) = rest.split_first()?;
    let mut length = usize::from(*first);
    if length >= 0x80 {
        let count = length & 0x7f;
        let digits = rest.get(..count).filter(|_| count <= 4)?;
        length = digits.iter().fold(0, |sum, digit| sum << 8 | usize::from(*digit));
        rest = rest.get(count..)?;
    }
    Some((*tag, rest.get(..length)?, rest.get(length..)?))
}
