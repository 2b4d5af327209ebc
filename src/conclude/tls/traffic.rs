//! What a listener does with plain HTTP, and whether anybody outside reaches it.

use super::ListenerTraffic;
use crate::conclude::lookup;
use crate::conclude::network::filter::GroupFilter;
use crate::conclude::network::{Network, Ports, Traffic};
use crate::snapshot::elb::{Listener, ListenerAction, LoadBalancer};
use crate::snapshot::known::Known;
use crate::snapshot::{GapId, Snapshot};
use crate::text::{Text, spaced};

const DEFAULT_ACTION: &str = "default action";

/// See [`crate::conclude::FUNCTIONS`].
pub(crate) fn listener_traffic(snapshot: &Snapshot, listener: &Listener) -> ListenerTraffic {
    let lb = load_balancer(snapshot, listener);
    let is_admitted_from_world =
        Known::from(lb.clone().and_then(|lb| is_admitted_from_world(snapshot, lb, listener.port)));
    let is_internet_facing = Known::from(lb.clone().map(LoadBalancer::is_internet_facing));
    if listener.protocol.as_deref() != Some("HTTP") {
        let protocol = listener.protocol.as_deref().unwrap_or("?");
        return ListenerTraffic {
            serves_plain_http: Known::Yes(false),
            plain_http_rules: Known::Yes(Vec::new()),
            redirects_to_https: Known::Yes(false),
            is_admitted_from_world,
            is_internet_facing,
            summary: Text::new(
                format!("It speaks {protocol}, not plain HTTP."),
                format!("平文の HTTP ではなく {protocol} で待ち受けている。"),
            ),
        };
    }
    let default_is_plain = listener.default_actions.iter().any(serves_plain_http);
    let rules = listener.rules.ask();
    let plain_http_rules = rules.clone().map(|rules| {
        let mut plain: Vec<(i64, String)> = rules
            .iter()
            .filter(|rule| rule.actions.iter().any(serves_plain_http))
            .map(|rule| (rule.priority.parse().unwrap_or(i64::MAX), rule.priority.clone()))
            .collect();
        plain.sort();
        let default = default_is_plain.then(|| DEFAULT_ACTION.to_owned());
        default.into_iter().chain(plain.into_iter().map(|(_, priority)| priority)).collect::<Vec<String>>()
    });
    let serves_plain_http = match &plain_http_rules {
        _ if default_is_plain => Known::Yes(true),
        Ok(plain) => Known::Yes(!plain.is_empty()),
        Err(gap) => Known::No(gap.clone()),
    };
    let default_redirects = listener.default_actions.iter().any(redirects_to_https);
    let redirects = if default_redirects {
        Known::Yes(true)
    } else {
        let redirects = |rules: &Vec<crate::snapshot::elb::ListenerRule>| {
            rules.iter().any(|rule| rule.actions.iter().any(redirects_to_https))
        };
        rules.map(redirects).into()
    };
    let is_public = lb.is_ok_and(|lb| lb.is_internet_facing());
    let summary = if default_is_plain || plain_http_rules.as_ref().is_ok_and(|plain| !plain.is_empty()) {
        plain_summary(default_is_plain, &plain_http_rules)
    } else if plain_http_rules.is_err() {
        Text::new(
            "Its default action does not answer plain HTTP; what its rules do is not known.",
            "デフォルトアクションは平文の HTTP に応答しないが、ルールの内容は確認できない。",
        )
    } else if redirects == Known::Yes(true) {
        redirect_summary(listener, is_public && is_admitted_from_world == Known::Yes(false))
    } else {
        Text::new("It only gives fixed responses.", "固定レスポンスだけを返している。")
    };
    ListenerTraffic {
        serves_plain_http,
        plain_http_rules: plain_http_rules.into(),
        redirects_to_https: redirects,
        is_admitted_from_world,
        is_internet_facing,
        summary,
    }
}

/// Whether an action gives plain HTTP to a client: everything but fixed responses and
/// redirects to HTTPS. `#{protocol}`, which is also the default, redirects to HTTP again.
fn serves_plain_http(action: &ListenerAction) -> bool {
    match action.kind.as_str() {
        "fixed-response" => false,
        "redirect" => !redirects_to_https(action),
        _ => true,
    }
}

pub(super) fn redirects_to_https(action: &ListenerAction) -> bool {
    action.kind == "redirect" && action.redirect_protocol.as_deref() == Some("HTTPS")
}

fn plain_summary(default_is_plain: bool, plain: &Result<Vec<String>, GapId>) -> Text {
    let priorities: Vec<&str> =
        plain.iter().flatten().map(String::as_str).filter(|place| *place != DEFAULT_ACTION).collect();
    let rules_en = match priorities.as_slice() {
        [] => None,
        [one] => Some(format!("rule {one}")),
        several => Some(format!("rules {}", several.join(", "))),
    };
    let rules_ja = (!priorities.is_empty()).then(|| format!("ルール {}", priorities.join("、")));
    let (en, ja) = match (default_is_plain, rules_en, rules_ja) {
        (false, Some(en), Some(ja)) => {
            let verb = if priorities.len() == 1 { "answers" } else { "answer" };
            (format!("{} {verb}", capitalised(&en)), ja)
        }
        (_, Some(en), Some(ja)) => {
            (format!("The {DEFAULT_ACTION} and {en} answer"), format!("デフォルトアクションと{ja}"))
        }
        _ => (format!("The {DEFAULT_ACTION} answers"), "デフォルトアクション".to_owned()),
    };
    Text::new(format!("{en} over plain HTTP."), spaced(&[&ja, "が平文の HTTP に応答している。"]))
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// A closed port in front of a redirect is not a fault in itself: either the port opens for the
/// redirect, or the listener is of no use.
fn redirect_summary(listener: &Listener, is_out_of_reach: bool) -> Text {
    if !is_out_of_reach {
        return Text::new("Everything is redirected to HTTPS.", "すべて HTTPS へリダイレクトしている。");
    }
    let port = listener.port.map_or("?".to_owned(), |port| port.to_string());
    Text::new(
        format!(
            "Everything is redirected to HTTPS, but the load balancer's security groups do not admit the \
             internet to port {port}, so nobody outside reaches the redirect; open the port for it, or \
             remove the listener."
        ),
        format!(
            "すべて HTTPS へリダイレクトしているが、ロードバランサーのセキュリティグループがインターネットからのポート \
             {port} を許可していないため、外部からはリダイレクトに届かない。ポートを開けるか、リスナーを削除する。"
        ),
    )
}

fn load_balancer<'a>(snapshot: &'a Snapshot, listener: &Listener) -> Result<&'a LoadBalancer, GapId> {
    let lbs = &snapshot.elb.load_balancers;
    let found = lookup::by_arn(lbs, &listener.load_balancer_arn, |lb| &lb.arn);
    found.ok_or_else(|| lbs.hidden_by(&listener.region, &listener.load_balancer_arn))
}

/// Whether the groups admit the internet. A network load balancer without groups does.
fn is_admitted_from_world(snapshot: &Snapshot, lb: &LoadBalancer, port: Option<i64>) -> Result<bool, GapId> {
    if lb.security_group_ids.is_empty() {
        return Ok(true);
    }
    let network = Network { snapshot, region: &lb.region };
    let traffic = Traffic::tcp(Ok(port.map_or(Ports::Any, |port| Ports::Some(vec![port]))));
    let passage = GroupFilter::new(&network, &lb.security_group_ids).passage(&traffic);
    passage.is_open().either().ask().copied()
}

#[cfg(test)]
mod tests;
