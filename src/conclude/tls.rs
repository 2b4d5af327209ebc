//! Encryption between clients and listeners.

use super::Sentence;
use crate::snapshot::Snapshot;
use crate::snapshot::elb::Listener;
use crate::snapshot::known::Known;

crate::record! {
    /// What a listener does with plain HTTP.
    pub struct ListenerTraffic {
        /// Whether its default action or some rule answers plain HTTP with more than a redirect
        /// to HTTPS or a fixed response.
        pub serves_plain_http: Known<bool>,
        /// Where it does: "default action", or rules by priority.
        pub plain_http_rules: Known<Vec<String>>,
        /// Whether the load balancer's security groups admit the world to its port.
        pub is_admitted_from_world: Known<bool>,
        /// In words; also says when a redirect cannot be reached from outside.
        pub summary: Sentence,
    }

    /// What a listener offers in TLS.
    pub struct ListenerTls {
        /// Whether it speaks TLS at all.
        pub speaks_tls: bool,
        /// Protocols before TLS 1.2 that it offers.
        pub weak_protocols: Known<Vec<String>>,
        /// Ciphers without forward secrecy or authenticated encryption that it offers.
        pub weak_ciphers: Known<Vec<String>>,
    }
}

/// See [`super::FUNCTIONS`].
pub fn listener_traffic(_snapshot: &Snapshot, _listener: &Listener) -> ListenerTraffic {
    ListenerTraffic::default()
}

/// See [`super::FUNCTIONS`].
pub fn listener_tls(_snapshot: &Snapshot, _listener: &Listener) -> ListenerTls {
    ListenerTls::default()
}
