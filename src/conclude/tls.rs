//! Encryption between clients and listeners.

mod certificate;
mod redirect;
mod traffic;

use crate::snapshot::elb::{Listener, SslPolicy};
use crate::snapshot::known::Known;
use crate::snapshot::{GapId, Snapshot};
use crate::text::Text;

pub(crate) use certificate::{distribution_certificates, listener_certificates};
pub(crate) use redirect::plain_http;
pub(crate) use traffic::listener_traffic;

crate::record! {
    /// What a listener does with plain HTTP.
    pub struct ListenerTraffic {
        /// Whether its default action or some rule answers plain HTTP with more than a redirect
        /// to HTTPS or a fixed response.
        pub serves_plain_http: Known<bool>,
        /// Where it does: "default action", or rules by priority.
        pub plain_http_rules: Known<Vec<String>>,
        /// Whether its default action or some rule redirects to HTTPS.
        pub redirects_to_https: Known<bool>,
        /// Whether the load balancer's security groups admit the world to its port.
        pub is_admitted_from_world: Known<bool>,
        /// Whether its load balancer has addresses of the internet.
        pub is_internet_facing: Known<bool>,
        /// In words; also says when a redirect cannot be reached from outside.
        pub summary: Text,
    }

    /// What the HTTP listeners of a load balancer do together.
    pub struct PlainHttp {
        /// Whether some listener answers plain HTTP with more than a redirect to HTTPS or a fixed response.
        pub is_served: Known<bool>,
        /// Redirects to HTTPS on the same host and to a port where the load balancer has no HTTPS
        /// listener, as `80 → 443`, each once.
        pub dead_redirects: Known<Vec<String>>,
        /// The ports they lead to, each once.
        pub dead_ports: Known<Vec<i64>>,
    }

    /// What a listener offers in TLS, by the security policy it uses.
    pub struct ListenerTls {
        /// Whether it speaks TLS at all.
        pub speaks_tls: bool,
        /// Protocols before TLS 1.2 that it offers.
        pub weak_protocols: Known<Vec<String>>,
        /// Ciphers that it offers and that are broken or lack forward secrecy: the two lists below
        /// together. CBC ciphers with forward secrecy are not among them.
        pub weak_ciphers: Known<Vec<String>>,
        /// Ciphers with DES or Triple DES, RC2, RC4, MD5, export keys, no encryption or no server
        /// authentication.
        pub broken_ciphers: Known<Vec<String>>,
        /// Ciphers without ephemeral keys: what is recorded today can be read with a key that leaks later.
        pub ciphers_without_forward_secrecy: Known<Vec<String>>,
    }

    /// A certificate that a listener or a distribution shows to clients.
    pub struct ServedCertificate {
        /// The ARN. For one in IAM that a distribution names and that IAM does not list, its id. Empty
        /// in place of a listener's further certificates where AWS would not list them.
        pub arn: String,
        /// Whether it is shown to whoever asks for no other certificate's name. A distribution has
        /// one certificate, a listener may have further ones for other names.
        pub is_default: bool,
        /// acm, iam, or none where AWS would not list them.
        pub store: String,
        /// Days from the scan to its end, rounded down, below 0 when it has ended; null where it was
        /// never issued.
        pub expires_in_days: Known<Option<i64>>,
        /// Every name it is good for; none for one in IAM, which does not say.
        pub domain_names: Known<Vec<String>>,
        /// Whether Certificate Manager says that something uses it; true for one in IAM.
        pub is_in_use: Known<bool>,
        /// PENDING_VALIDATION, ISSUED, EXPIRED, REVOKED, …; null for one in IAM.
        pub status: Known<Option<String>>,
        /// Whether Certificate Manager renews it: false for imported ones, and for one in IAM.
        pub is_renewed_by_aws: Known<bool>,
        /// PENDING_AUTO_RENEWAL, PENDING_VALIDATION, SUCCESS or FAILED; null when none was tried, and
        /// for one in IAM.
        pub renewal_status: Known<Option<String>>,
        /// A part of a sentence: when it ends, or what else is wrong with it.
        pub summary: Text,
    }
}

/// See [`super::FUNCTIONS`].
pub(crate) fn listener_tls(snapshot: &Snapshot, listener: &Listener) -> ListenerTls {
    if !listener.speaks_tls() {
        return ListenerTls {
            speaks_tls: false,
            weak_protocols: Known::Yes(Vec::new()),
            weak_ciphers: Known::Yes(Vec::new()),
            broken_ciphers: Known::Yes(Vec::new()),
            ciphers_without_forward_secrecy: Known::Yes(Vec::new()),
        };
    }
    let policy = policy_of(snapshot, listener);
    let pick = |list: fn(&SslPolicy) -> &Vec<String>, wanted: fn(&str) -> bool| {
        let picked = policy
            .clone()
            .map(|policy| list(policy).iter().filter(|name| wanted(name)).cloned().collect::<Vec<String>>());
        Known::from(picked)
    };
    ListenerTls {
        speaks_tls: true,
        weak_protocols: pick(|policy| &policy.protocols, is_weak_protocol),
        weak_ciphers: pick(
            |policy| &policy.ciphers,
            |cipher| is_broken(cipher) || !has_forward_secrecy(cipher),
        ),
        broken_ciphers: pick(|policy| &policy.ciphers, is_broken),
        ciphers_without_forward_secrecy: pick(
            |policy| &policy.ciphers,
            |cipher| !has_forward_secrecy(cipher),
        ),
    }
}

fn policy_of<'a>(snapshot: &'a Snapshot, listener: &Listener) -> Result<&'a SslPolicy, GapId> {
    let name = listener.ssl_policy.as_deref().ok_or_else(GapId::default)?;
    let policies = &snapshot.elb.ssl_policies;
    let found = policies.iter().find(|policy| policy.region == listener.region && policy.name == name);
    found.ok_or_else(|| policies.hidden_by(&listener.region, name))
}

fn is_weak_protocol(protocol: &str) -> bool {
    ["SSLv2", "SSLv3", "TLSv1", "TLSv1.0", "TLSv1.1"].contains(&protocol)
}

/// Whether a cipher, named as OpenSSL or IANA names it, can be broken today.
fn is_broken(cipher: &str) -> bool {
    let broken = ["RC2", "RC4", "MD5", "NULL", "3DES", "DES", "EXP", "EXPORT", "ADH", "AECDH", "anon"];
    cipher.split(['-', '_']).any(|part| broken.contains(&part))
}

/// Whether the keys of a cipher are ephemeral. Those of TLS 1.3, which name no key exchange,
/// always are.
fn has_forward_secrecy(cipher: &str) -> bool {
    let is_tls13 = cipher.starts_with("TLS_") && !cipher.contains("_WITH_");
    is_tls13 || cipher.split(['-', '_']).any(|part| ["ECDHE", "DHE", "EDH", "EECDH"].contains(&part))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REGION: &str = "ap-northeast-1";

    fn listener(protocol: &str, policy: &str) -> Listener {
        Listener {
            region: REGION.into(),
            protocol: Some(protocol.into()),
            ssl_policy: Some(policy.into()),
            ..Listener::default()
        }
    }

    fn account(name: &str, protocols: &[&str], ciphers: &[&str]) -> Snapshot {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let mut snapshot = Snapshot::default().complete();
        snapshot.elb.ssl_policies.items.push(SslPolicy {
            region: REGION.into(),
            name: name.into(),
            protocols: owned(protocols),
            ciphers: owned(ciphers),
        });
        snapshot
    }

    const MODERN: &str = "ELBSecurityPolicy-TLS13-1-2-2021-06";
    const MODERN_CIPHERS: [&str; 11] = [
        "TLS_AES_128_GCM_SHA256",
        "TLS_AES_256_GCM_SHA384",
        "TLS_CHACHA20_POLY1305_SHA256",
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        "ECDHE-RSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-AES128-SHA256",
        "ECDHE-RSA-AES128-SHA256",
        "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-RSA-AES256-GCM-SHA384",
        "ECDHE-ECDSA-AES256-SHA384",
        "ECDHE-RSA-AES256-SHA384",
    ];

    #[test]
    fn the_modern_policy_is_strong() {
        let snapshot = account(MODERN, &["TLSv1.2", "TLSv1.3"], &MODERN_CIPHERS);
        for protocol in ["HTTPS", "TLS"] {
            let found = listener_tls(&snapshot, &listener(protocol, MODERN));
            assert!(found.speaks_tls);
            assert_eq!(found.weak_protocols, Known::Yes(vec![]));
            assert_eq!(found.weak_ciphers, Known::Yes(vec![]));
        }
    }

    #[test]
    fn the_old_default_offers_old_protocols_and_static_keys() {
        let name = "ELBSecurityPolicy-2016-08";
        let ciphers =
            ["ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-SHA", "AES128-GCM-SHA256", "AES128-SHA"];
        let snapshot = account(name, &["TLSv1", "TLSv1.1", "TLSv1.2"], &ciphers);
        let found = listener_tls(&snapshot, &listener("HTTPS", name));
        assert_eq!(found.weak_protocols, Known::Yes(vec!["TLSv1".to_owned(), "TLSv1.1".to_owned()]));
        let without = Known::Yes(vec!["AES128-GCM-SHA256".to_owned(), "AES128-SHA".to_owned()]);
        assert_eq!(found.broken_ciphers, Known::Yes(vec![]));
        assert_eq!(found.weak_ciphers, without);
        assert_eq!(found.ciphers_without_forward_secrecy, without);
    }

    #[test]
    fn ciphers_in_both_spellings() {
        for cipher in [
            "DES-CBC3-SHA",
            "ECDHE-RSA-RC4-SHA",
            "EXP-RC4-MD5",
            "ECDHE-RSA-NULL-SHA",
            "ADH-AES128-SHA",
            "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
            "TLS_ECDH_anon_WITH_AES_128_CBC_SHA",
        ] {
            assert!(is_broken(cipher), "{cipher}");
        }
        for cipher in MODERN_CIPHERS {
            assert!(!is_broken(cipher) && has_forward_secrecy(cipher), "{cipher}");
        }
        assert!(has_forward_secrecy("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"));
        assert!(has_forward_secrecy("DHE-RSA-AES128-SHA"));
        for cipher in ["AES256-SHA256", "TLS_RSA_WITH_AES_128_GCM_SHA256", "CAMELLIA128-SHA"] {
            assert!(!has_forward_secrecy(cipher) && !is_broken(cipher), "{cipher}");
        }
    }

    #[test]
    fn an_unlisted_policy_stays_open_and_plain_listeners_offer_nothing() {
        let found = listener_tls(&Snapshot::default().complete(), &listener("HTTPS", MODERN));
        assert!(found.speaks_tls);
        assert_eq!(found.weak_protocols, Known::No(GapId::default()));
        let gap = GapId::new("elasticloadbalancing:DescribeSSLPolicies", REGION, None);
        let mut snapshot = account(MODERN, &["TLSv1.2"], &MODERN_CIPHERS);
        snapshot.elb.ssl_policies.items[0].region = "us-east-1".into();
        snapshot.elb.ssl_policies.incomplete.push(gap.clone());
        let found = listener_tls(&snapshot, &listener("HTTPS", MODERN));
        assert_eq!((found.weak_protocols, found.weak_ciphers), (Known::No(gap.clone()), Known::No(gap)));

        let found = listener_tls(&Snapshot::default().complete(), &listener("HTTP", ""));
        assert_eq!((found.speaks_tls, found.weak_ciphers), (false, Known::Yes(vec![])));
    }
}
