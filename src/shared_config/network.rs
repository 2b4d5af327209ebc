//! Proxies and trusted certificates, from variables and the profile.

use super::problem::SharedConfigError;
use super::{HostEnvironment, SharedConfig};
use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

/// A proxy's address, which may hold a password.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    /// The variable that names it.
    pub variable: String,
    /// Its address.
    pub url: String,
}

impl fmt::Debug for Proxy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Proxy").field("variable", &self.variable).finish_non_exhaustive()
    }
}

/// Which requests go through a proxy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proxies {
    /// For addresses that begin with `https:`.
    pub https: Option<Proxy>,
    /// For addresses that begin with `http:`.
    pub http: Option<Proxy>,
    /// Whose requests go through none: NO_PROXY.
    exceptions: Vec<String>,
}

/// A file of certificates to trust, and what names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFile {
    /// The variable or the key.
    pub place: String,
    /// The file.
    pub path: PathBuf,
}

impl Proxies {
    /// HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, each in capital or small letters; small ones win.
    ///
    /// # Errors
    /// A proxy is no HTTP address.
    pub fn read(around: &HostEnvironment<'_>) -> Result<Proxies, SharedConfigError> {
        let of = |scheme: &str| {
            let small = format!("{scheme}_proxy");
            if let Some(value) = (around.variable)(&small) {
                // A small one that is empty takes the capital one back.
                return Some((small, value)).filter(|(_, value)| !value.is_empty());
            }
            let capital = small.to_uppercase();
            // A CGI script gets HTTP_PROXY from a header that anybody may send.
            if scheme == "http" && (around.variable)("REQUEST_METHOD").is_some() {
                return None;
            }
            let value = (around.variable)(&capital).filter(|value| !value.is_empty())?;
            Some((capital, value))
        };
        let proxy = |scheme: &str| match of(scheme).or_else(|| of("all")) {
            Some((variable, value)) => match address(&value) {
                Some(url) => Ok(Some(Proxy { variable, url })),
                None => Err(SharedConfigError::Proxy { variable }),
            },
            None => Ok(None),
        };
        let exceptions = of("no").map(|(_, value)| value).unwrap_or_default();
        let exceptions = exceptions.split(',').map(|one| one.trim().to_lowercase());
        let exceptions = exceptions.filter(|one| !one.is_empty()).collect();
        Ok(Proxies { https: proxy("https")?, http: proxy("http")?, exceptions })
    }

    /// The proxy for a request; `None` where it goes straight to its host.
    pub fn of(&self, is_https: bool, host: &str, port: Option<u16>) -> Option<&Proxy> {
        let proxy = if is_https { &self.https } else { &self.http };
        proxy.as_ref().filter(|_| !is_near(host) && !self.excepts(host, port))
    }

    fn excepts(&self, host: &str, port: Option<u16>) -> bool {
        let host = host.to_lowercase();
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let address: Option<IpAddr> = host.parse().ok();
        let with_port = port.map(|port| format!("{host}:{port}"));
        self.exceptions.iter().any(|exception| {
            if exception == "*" {
                return true;
            }
            if let Some(address) = address
                && let Some((network, length)) = exception.split_once('/')
            {
                return is_inside(address, network, length);
            }
            let name = exception.trim_start_matches("*.").trim_start_matches('.');
            let ends = |whole: &str| {
                whole.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            };
            ends(host) || with_port.as_deref().is_some_and(ends)
        })
    }
}

/// This machine, and what its link alone reaches: metadata services, whose answers are secrets.
pub fn is_near(host: &str) -> bool {
    match host.trim_start_matches('[').trim_end_matches(']').parse() {
        Ok(IpAddr::V4(address)) => address.is_loopback() || address.is_link_local(),
        Ok(IpAddr::V6(address)) => {
            address.is_loopback() || address.segments() == [0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254]
        }
        Err(_) => host.eq_ignore_ascii_case("localhost"),
    }
}

fn is_inside(address: IpAddr, network: &str, length: &str) -> bool {
    let bits = |address: IpAddr| match address {
        IpAddr::V4(address) => (u128::from(address.to_bits()) << 96, 32),
        IpAddr::V6(address) => (address.to_bits(), 128),
    };
    let (Ok(network), Ok(length)) = (network.parse::<IpAddr>(), length.parse::<u32>()) else {
        return false;
    };
    let ((address, size), (network, network_size)) = (bits(address), bits(network));
    size == network_size && length <= size && (length == 0 || (address ^ network) >> (128 - length) == 0)
}

/// A proxy's address, its scheme, user and host alone; `None` where no HTTP proxy can be meant.
fn address(value: &str) -> Option<String> {
    let (scheme, rest) = match value.split_once("://") {
        Some((scheme @ ("http" | "https"), rest)) => (scheme, rest),
        Some(_) => return None,
        None => ("http", value.trim_start_matches('/')),
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (user, place) = match authority.rsplit_once('@') {
        Some((user, place)) => (format!("{}@", spelled(user)), place),
        None => (String::new(), authority),
    };
    let is_clean = !value.contains(|c: char| c.is_whitespace() || c.is_control());
    (is_clean && is_host(place)).then(|| format!("{scheme}://{user}{place}"))
}

/// A host, and a port where it has one.
fn is_host(place: &str) -> bool {
    // What follows the bracket of an IPv6 address, or the host.
    let end = place.find(']').map_or_else(|| place.find(':').unwrap_or(place.len()), |end| end + 1);
    let (host, rest) = place.split_at(end);
    let is_named = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(address) => matches!(address.parse(), Ok(IpAddr::V6(_))),
        None => {
            !host.is_empty()
                && host.chars().all(|c| c.is_ascii_alphanumeric() || ['.', '-', '_'].contains(&c))
        }
    };
    let port = rest.strip_prefix(':').filter(|port| port.chars().all(|c| c.is_ascii_digit()));
    is_named && (rest.is_empty() || port.is_some_and(|port| port.parse::<u16>().is_ok()))
}

/// A user and a password as an address has to spell them. People write passwords as they are; whoever reads an
/// address decodes both.
fn spelled(user: &str) -> String {
    let (user, password) =
        user.split_once(':').map_or((user, None), |(user, password)| (user, Some(password)));
    let part = |text: &str| {
        let bytes = text.as_bytes();
        let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_hexdigit);
        let letter = |(at, byte): (usize, &u8)| match byte {
            b'%' if is_digit(at + 1) && is_digit(at + 2) => "%".to_owned(),
            byte if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) => char::from(*byte).to_string(),
            byte => format!("%{byte:02X}"),
        };
        bytes.iter().enumerate().map(letter).collect::<String>()
    };
    match password {
        Some(password) => format!("{}:{}", part(user), part(password)),
        None => part(user),
    }
}

/// The certificates to trust instead of the operating system's: AWS_CA_BUNDLE, the profile's `ca_bundle`, or
/// REQUESTS_CA_BUNDLE.
pub fn certificate_file(shared: &SharedConfig, around: &HostEnvironment<'_>) -> Option<CertificateFile> {
    let variable = |name: &str| Some((name.to_owned(), (around.variable)(name)?));
    let of_profile =
        || Some((format!("ca_bundle ({})", shared.profile), shared.get("ca_bundle")?.to_owned()));
    let (place, path) =
        variable("AWS_CA_BUNDLE").or_else(of_profile).or_else(|| variable("REQUESTS_CA_BUNDLE"))?;
    Some(CertificateFile { place, path: PathBuf::from(path) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn proxies(variables: &[(&str, &str)]) -> Result<Proxies, SharedConfigError> {
        let variables: BTreeMap<_, _> = variables.iter().copied().collect();
        let variable = |name: &str| variables.get(name).map(|value| (*value).to_owned());
        Proxies::read(&HostEnvironment { variable: &variable, read: &|_| Ok(None) })
    }

    #[test]
    fn the_variables_choose_the_proxy() {
        for (variables, https, http) in [
            (vec![], None, None),
            (vec![("HTTPS_PROXY", "http://p:1")], Some("http://p:1"), None),
            (vec![("https_proxy", "http://p:1"), ("HTTPS_PROXY", "http://q:1")], Some("http://p:1"), None),
            (vec![("https_proxy", ""), ("HTTPS_PROXY", "http://q:1")], None, None),
            (vec![("ALL_PROXY", "p:1")], Some("http://p:1"), Some("http://p:1")),
            (
                vec![("all_proxy", "http://p:1"), ("HTTP_PROXY", "//q:2")],
                Some("http://p:1"),
                Some("http://q:2"),
            ),
            (vec![("HTTP_PROXY", "http://p:1"), ("REQUEST_METHOD", "GET")], None, None),
        ] {
            let proxies = proxies(&variables).unwrap();
            let url = |is_https| {
                proxies.of(is_https, "sts.amazonaws.com", Some(443)).map(|proxy| proxy.url.as_str())
            };
            assert_eq!((url(true), url(false)), (https, http), "{variables:?}");
        }
    }

    #[test]
    fn hosts_are_excepted_as_they_are_named() {
        let host = "ec2.ap-northeast-1.amazonaws.com";
        for (exceptions, host, expected) in [
            ("*", host, true),
            ("amazonaws.com", host, true),
            (".amazonaws.com", host, true),
            ("*.amazonaws.com", host, true),
            ("AMAZONAWS.com , example.com", host, true),
            ("ec2.ap-northeast-1.amazonaws.com:443", host, true),
            ("ec2.ap-northeast-1.amazonaws.com:444", host, false),
            ("naws.com", host, false),
            ("sts.ec2.ap-northeast-1.amazonaws.com", host, false),
            (".amazonaws.com:443", host, true),
            ("example.com,*", host, true),
            ("example.com amazonaws.com", host, false),
            ("https://amazonaws.com", host, false),
            ("example.com,,", host, false),
            ("", host, false),
            ("10.0.0.0/8", "10.1.2.3", true),
            ("10.0.0.0/8", "11.1.2.3", false),
            ("10.1.2.3", "10.1.2.3", true),
            ("fd00::/8", "[fd12::1]", true),
            ("0.0.0.0/0", "fd12::1", false),
        ] {
            let proxies = proxies(&[("HTTPS_PROXY", "http://p:1"), ("NO_PROXY", exceptions)]).unwrap();
            assert_eq!(proxies.of(true, host, Some(443)).is_none(), expected, "{exceptions} {host}");
        }
    }

    #[test]
    fn what_is_near_is_asked_without_a_proxy() {
        let proxies = proxies(&[("ALL_PROXY", "http://p:1")]).unwrap();
        for near in ["127.0.0.1", "localhost", "[::1]", "169.254.169.254", "169.254.170.2", "[fd00:ec2::254]"]
        {
            assert_eq!(proxies.of(false, near, None), None, "{near}");
        }
        assert!(proxies.of(false, "10.0.0.1", None).is_some());
    }

    #[test]
    fn a_proxy_is_spelled_for_whoever_reads_addresses() {
        for (value, expected) in [
            ("p", "http://p"),
            ("p:3128", "http://p:3128"),
            ("//p:3128/", "http://p:3128"),
            ("https://p.example.com/path?query", "https://p.example.com"),
            ("[::1]:3128", "http://[::1]:3128"),
            ("http://me@p:1", "http://me@p:1"),
            ("http://me:a%40b@p:1", "http://me:a%40b@p:1"),
            ("http://me:a@b:^%zé@p:1", "http://me:a%40b%3A%5E%25z%C3%A9@p:1"),
            ("me:100%@p:1", "http://me:100%25@p:1"),
        ] {
            let proxies = proxies(&[("HTTPS_PROXY", value)]).unwrap();
            assert_eq!(proxies.https.unwrap().url, expected, "{value}");
        }
    }

    #[test]
    fn what_is_no_http_proxy_is_refused_without_its_value() {
        for value in [
            "socks5://me:hunter2@p:1",
            "http://",
            "http://me:hunter2@:3128",
            "http://a b",
            // What stands before a slash would be taken for the proxy.
            "http://me:hunter2/x@p:1",
            "http://me:hunter2#@p:1",
            "http:/p:1",
            "p:x",
            "p:65536",
            "p:+1",
            "[::1",
            "[p]:1",
        ] {
            let error = proxies(&[("HTTPS_PROXY", value)]).unwrap_err();
            assert_eq!(error, SharedConfigError::Proxy { variable: "HTTPS_PROXY".to_owned() }, "{value}");
            assert!(!error.to_string().contains("hunter2"));
        }
    }
}
