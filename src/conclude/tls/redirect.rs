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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conclude::network::site;
    use crate::snapshot::elb::ListenerRule;

    fn redirect(port: Option<&str>, host: Known<Option<String>>) -> ListenerAction {
        ListenerAction {
            kind: "redirect".into(),
            redirect_protocol: Some("HTTPS".into()),
            redirect_port: port.map(str::to_owned),
            redirect_host: host,
            ..ListenerAction::default()
        }
    }

    fn same_host(port: &str) -> ListenerAction {
        redirect(Some(port), Known::Yes(Some("#{host}".into())))
    }

    fn http(port: i64, default: ListenerAction, rules: Known<Vec<ListenerAction>>) -> Listener {
        let rule = |action| ListenerRule { actions: vec![action], ..ListenerRule::default() };
        Listener {
            default_actions: vec![default],
            rules: rules.map(|actions| actions.into_iter().map(rule).collect()),
            ..site::listener(port, "HTTP")
        }
    }

    fn none<T>() -> Known<Vec<T>> {
        Known::Yes(Vec::new())
    }

    fn of(listeners: Vec<Listener>) -> PlainHttp {
        plain_http(&Snapshot::default().complete(), &site::load_balancer("shop", &[], listeners))
    }

    fn dead(listeners: Vec<Listener>) -> (Vec<String>, Vec<i64>) {
        let found = of(listeners);
        (found.dead_redirects.known().unwrap().clone(), found.dead_ports.known().unwrap().clone())
    }

    #[test]
    fn a_redirect_is_dead_without_an_https_listener_on_its_port() {
        let http_only = |action: ListenerAction| vec![http(80, action, none())];
        let dead_at = |text: &str, port: i64| (vec![text.to_owned()], vec![port]);
        assert_eq!(dead(http_only(same_host("443"))), dead_at("80 → 443", 443));
        assert_eq!(dead(http_only(redirect(Some("443"), Known::Yes(None)))), dead_at("80 → 443", 443));
        assert_eq!(dead(http_only(same_host("#{port}"))), dead_at("80 → 80", 80));
        assert_eq!(dead(http_only(redirect(None, Known::Yes(None)))), dead_at("80 → 80", 80));
        let elsewhere = redirect(Some("443"), Known::Yes(Some("www.example.com".into())));
        assert_eq!(dead(http_only(elsewhere)), (Vec::new(), Vec::new()), "another host");
        let plain = ListenerAction { redirect_protocol: Some("HTTP".into()), ..same_host("8080") };
        assert_eq!(dead(http_only(plain)), (Vec::new(), Vec::new()), "not to HTTPS");
        for (listener, is_dead) in [
            (site::listener(443, "HTTPS"), false),
            (site::listener(8443, "HTTPS"), true),
            (site::listener(443, "HTTP"), true),
        ] {
            let listener = Listener { rules: none(), ..listener };
            let found = dead(vec![http(80, same_host("443"), none()), listener.clone()]);
            assert_eq!(!found.1.is_empty(), is_dead, "{listener:?}");
        }
        // Only HTTP listeners redirect to HTTPS.
        let https = Listener { default_actions: vec![same_host("9443")], ..site::listener(443, "HTTPS") };
        assert_eq!(dead(vec![Listener { rules: none(), ..https }]).1, [0; 0]);
    }

    #[test]
    fn each_dead_redirect_is_told_once() {
        let rules = Known::Yes(vec![same_host("443"), same_host("8443"), same_host("8443")]);
        let listeners =
            vec![http(80, same_host("8443"), rules), http(8080, same_host("443"), Known::Yes(Vec::new()))];
        let (texts, ports) = dead(listeners);
        assert_eq!(texts, ["80 → 8443", "80 → 443", "8080 → 443"]);
        assert_eq!(ports, [443, 8443]);
    }

    #[test]
    fn what_was_not_read_may_be_a_redirect() {
        let denied = || site::gap("elasticloadbalancing:DescribeRules");
        let hidden = || Known::No(denied());
        let forward = || ListenerAction { kind: "forward".into(), ..ListenerAction::default() };
        let found = of(vec![http(80, same_host("443"), hidden())]);
        assert_eq!(found.dead_ports, Known::Yes(vec![443]), "one that is seen");
        assert_eq!(of(vec![http(80, forward(), hidden())]).dead_ports, Known::No(denied()));
        assert_eq!(of(vec![http(80, forward(), hidden())]).is_served, Known::Yes(true));
        assert_eq!(of(vec![http(80, same_host("443"), hidden())]).is_served, Known::No(denied()));
        let host = redirect(Some("443"), Known::No(GapId::default()));
        let found = of(vec![http(80, host, Known::Yes(Vec::new()))]);
        assert_eq!((found.dead_ports, found.is_served), (Known::No(GapId::default()), Known::Yes(false)));
        let unread = LoadBalancer { listeners: Known::No(denied()), ..LoadBalancer::default() };
        let found = plain_http(&Snapshot::default().complete(), &unread);
        assert_eq!((found.is_served, found.dead_ports), (Known::No(denied()), Known::No(denied())));
        assert_eq!(found.dead_redirects, Known::No(denied()));
    }
}
