//! Where the HTTP listeners of a load balancer send their clients.

use super::PlainHttp;
use super::traffic::{listener_traffic, redirects_to_https};
use crate::snapshot::elb::{Listener, ListenerAction, LoadBalancer};
use crate::snapshot::known::Known;
use crate::snapshot::{GapId, Snapshot};

/// See [`crate::conclude::FUNCTIONS`].
pub(crate) fn plain_http(snapshot: &Snapshot, lb: &LoadBalancer) -> PlainHttp {
    let listeners = match lb.listeners.ask() {
        Ok(listeners) => listeners,
        Err(gap) => {
            return PlainHttp {
                is_served: Known::No(gap.clone()),
                dead_redirects: Known::No(gap.clone()),
                dead_ports: Known::No(gap),
            };
        }
    };
    let mut hidden = None;
    let mut is_served = false;
    for listener in listeners {
        match listener_traffic(snapshot, listener).serves_plain_http {
            Known::Yes(serves) => is_served |= serves,
            Known::No(gap) => hidden = hidden.or(Some(gap)),
        }
    }
    let is_served = match hidden {
        Some(gap) if !is_served => Known::No(gap),
        _ => Known::Yes(is_served),
    };
    let dead = dead_redirects(listeners);
    let ports = dead.clone().map(|dead| {
        let mut ports: Vec<i64> = dead.iter().map(|(_, to)| *to).collect();
        ports.sort_unstable();
        ports.dedup();
        ports
    });
    let texts = dead.map(|dead| dead.iter().map(|(from, to)| format!("{from} → {to}")).collect::<Vec<_>>());
    PlainHttp { is_served, dead_redirects: texts.into(), dead_ports: ports.into() }
}

/// The ports from and to which redirects lead nowhere.
fn dead_redirects(listeners: &[Listener]) -> Result<Vec<(i64, i64)>, GapId> {
    let has_https = |port: i64| {
        let is_there = |listener: &Listener| {
            listener.protocol.as_deref() == Some("HTTPS") && listener.port == Some(port)
        };
        listeners.iter().any(is_there)
    };
    let mut dead: Vec<(i64, i64)> = Vec::new();
    let mut hidden = None;
    for listener in listeners.iter().filter(|listener| listener.protocol.as_deref() == Some("HTTP")) {
        let rules = match listener.rules.ask() {
            Ok(rules) => rules.as_slice(),
            Err(gap) => {
                hidden = hidden.or(Some(gap));
                &[]
            }
        };
        let of_rules = rules.iter().flat_map(|rule| &rule.actions);
        let redirects =
            listener.default_actions.iter().chain(of_rules).filter(|action| redirects_to_https(action));
        for action in redirects {
            let Some((from, to)) = listener.port.zip(port_of(action, listener)) else { continue };
            let redirect = (from, to);
            if has_https(to) || dead.contains(&redirect) {
                continue;
            }
            match &action.redirect_host {
                // Another host may be another load balancer's or a distribution's.
                Known::Yes(Some(host)) if host != "#{host}" => {}
                Known::Yes(_) => dead.push(redirect),
                Known::No(gap) => hidden = hidden.or(Some(gap.clone())),
            }
        }
    }
    match hidden {
        Some(gap) if dead.is_empty() => Err(gap),
        _ => Ok(dead),
    }
}

/// The port that a redirect leads to; `#{port}`, which is also the default, is the listener's own.
fn port_of(action: &ListenerAction, listener: &Listener) -> Option<i64> {
    match action.redirect_port.as_deref() {
        None | Some("#{port}") => listener.port,
        Some(port) => port.parse().ok(),
    }
}
