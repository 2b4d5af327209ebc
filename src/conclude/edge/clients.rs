//! Who gets answers from a load balancer: the internet, CloudFront alone, or nobody out there.

use super::origin::origins_of;
use super::past_cloudfront::{open_places, sent_headers};
use super::{ListenerClients, LoadBalancerClients, distributions_of, web_acl_of};
use crate::conclude::cidr::{Addresses, CidrBlock, IpFamily, internet, is_internet};
use crate::conclude::exposure::load_balancer_exposure;
use crate::conclude::lookup::by_arn;
use crate::conclude::network::filter::rule_blocks;
use crate::conclude::network::{Network, Ports, Traffic, all, any, not};
use crate::conclude::tls::{listener_traffic, plain_http};
use crate::snapshot::cloudfront::{Distribution, Origin};
use crate::snapshot::ec2::SecurityGroupRule;
use crate::snapshot::elb::{Listener, LoadBalancer};
use crate::snapshot::known::Known;
use crate::snapshot::{GapId, Snapshot};
use crate::text::Text;

/// See [`crate::conclude::FUNCTIONS`].
pub(crate) fn load_balancer_clients(snapshot: &Snapshot, lb: &LoadBalancer) -> LoadBalancerClients {
    let distributions = distributions_of(snapshot, lb);
    let exposure = load_balancer_exposure(snapshot, lb);
    let serves_internet =
        all([exposure.is_reachable.clone(), not(asks_for_header(snapshot, lb, &distributions))]);
    let admits_cloudfront = match lb.is_internet_facing() {
        true => admits_cloudfront(snapshot, lb),
        false => Known::Yes(false),
    };
    let is_behind_cloudfront = match &distributions {
        Ok(found) if !found.is_empty() => Known::Yes(true),
        // One of another account may lead here.
        Ok(_) => all([admits_cloudfront.clone(), Known::No(elsewhere())]),
        Err(gap) => Known::No(gap.clone()),
    };
    let own = web_acl_of(snapshot, lb);
    let in_front = in_front(&distributions, &admits_cloudfront);
    let is_filtered = match &own {
        Ok(Some(_)) => Known::Yes(true),
        Ok(None) => all([not(serves_internet.clone()), in_front.clone().map(|acls| acls.is_some())]),
        Err(gap) => any([
            Known::No(gap.clone()),
            all([not(serves_internet.clone()), in_front.clone().map(|acls| acls.is_some())]),
        ]),
    };
    let web_acl_arns = match (&own, &is_filtered) {
        (Ok(Some(arn)), _) => Known::Yes(vec![arn.clone()]),
        (_, Known::Yes(true)) => in_front.map(Option::unwrap_or_default),
        (_, Known::Yes(false)) => Known::Yes(Vec::new()),
        (_, Known::No(gap)) => Known::No(gap.clone()),
    };
    LoadBalancerClients {
        summary: summary(lb, &serves_internet, &is_behind_cloudfront, &distributions),
        sends_plain_http_to_cloudfront: sends_plain_http(snapshot, lb, &distributions),
        serves_internet,
        admits_cloudfront,
        is_behind_cloudfront,
        is_filtered,
        web_acl_arns,
    }
}

/// See [`crate::conclude::FUNCTIONS`].
pub(crate) fn listener_clients(snapshot: &Snapshot, listener: &Listener) -> ListenerClients {
    let balancers = &snapshot.elb.load_balancers;
    let Some(lb) = by_arn(balancers, &listener.load_balancer_arn, |lb| &lb.arn) else {
        let hidden = balancers.hidden_by(&listener.region, &listener.load_balancer_arn);
        return ListenerClients { answers_internet: Known::No(hidden) };
    };
    if !lb.is_internet_facing() {
        return ListenerClients { answers_internet: Known::Yes(false) };
    }
    let alone = LoadBalancer { listeners: Known::Yes(vec![listener.clone()]), ..lb.clone() };
    let asks = asks_for_header(snapshot, &alone, &distributions_of(snapshot, lb));
    let is_admitted = listener_traffic(snapshot, listener).is_admitted_from_world;
    ListenerClients { answers_internet: all([is_admitted, not(asks)]) }
}

/// The distributions of this account do not say what those of another one do.
fn elsewhere() -> GapId {
    GapId::new("cloudfront:ListDistributions", "-", None)
}

/// Whether whatever the listeners forward must have a header that the distribution in front sends.
fn asks_for_header(
    snapshot: &Snapshot,
    lb: &LoadBalancer,
    distributions: &Result<Vec<&Distribution>, GapId>,
) -> Known<bool> {
    match distributions {
        Ok(found) if found.is_empty() => Known::Yes(false),
        Ok(found) => match open_places(lb, &sent_headers(snapshot, found, lb)) {
            (places, _) if !places.is_empty() => Known::Yes(false),
            (_, Some(gap)) => Known::No(gap),
            (_, None) => Known::Yes(true),
        },
        // Where some listener forwards without a question, it does not matter what is sent.
        Err(gap) => match forwards_unasked(lb) {
            Known::Yes(true) => Known::Yes(false),
            Known::Yes(false) | Known::No(_) => Known::No(gap.clone()),
        },
    }
}

/// Whether a listener forwards requests whatever headers they have.
fn forwards_unasked(lb: &LoadBalancer) -> Known<bool> {
    let of_listener = |listener: &Listener| {
        let forwards = |kind: &str| kind == "forward";
        if listener.default_actions.iter().any(|action| forwards(&action.kind)) {
            return Known::Yes(true);
        }
        let asks = |rule: &crate::snapshot::elb::ListenerRule| {
            rule.conditions
                .iter()
                .any(|condition| condition.field == "http-header" && condition.values.is_empty())
        };
        listener.rules.clone().map(|rules| {
            rules.iter().any(|rule| rule.actions.iter().any(|action| forwards(&action.kind)) && !asks(rule))
        })
    };
    match lb.listeners.ask() {
        Ok(listeners) => any(listeners.iter().map(of_listener)),
        Err(gap) => Known::No(gap),
    }
}

/// Whether the groups admit CloudFront's prefix list to some listener.
fn admits_cloudfront(snapshot: &Snapshot, lb: &LoadBalancer) -> Known<bool> {
    let network = Network { snapshot, region: &lb.region };
    let ports = lb
        .listeners
        .ask()
        .map(|listeners| Ports::Some(listeners.iter().filter_map(|listener| listener.port).collect()));
    let traffic = Traffic::tcp(ports);
    any(lb.security_group_ids.iter().map(|id| match network.security_group(id) {
        Ok(group) => any(group
            .ingress
            .iter()
            .map(|rule| all([traffic.is_matched_by(rule), is_for_cloudfront(&network, rule)]))),
        Err(gap) => Known::No(gap),
    }))
}

/// CloudFront's managed prefix lists, of IPv4 and of IPv6, end so.
const CLOUDFRONT_LIST: &str = "cloudfront.origin-facing";
/// CloudFront has ranges of this size and larger. Offices and partners have not.
const LARGE_RANGE: u128 = (1 << 16) - 1;

/// Whether a rule admits CloudFront; unknown where its ranges may be a copy of CloudFront's list.
fn is_for_cloudfront(network: &Network<'_>, rule: &SecurityGroupRule) -> Known<bool> {
    if rule.peer_kind == "prefix-list" {
        match network.prefix_list(&rule.peer) {
            Ok(list) if list.is_of_aws() => return Known::Yes(list.name.ends_with(CLOUDFRONT_LIST)),
            Ok(_) => {}
            Err(gap) => return Known::No(gap),
        }
    }
    match rule_blocks(network, rule) {
        Ok(blocks) if blocks.iter().any(may_be_cloudfront) => {
            Known::No(GapId::new("ec2:GetManagedPrefixListEntries", network.region, Some(CLOUDFRONT_LIST)))
        }
        Ok(_) => Known::Yes(false),
        Err(gap) => Known::No(gap),
    }
}

/// Whether a range is as large as those of CloudFront, and not the internet, which is told apart
/// as such.
fn may_be_cloudfront(block: &CidrBlock) -> bool {
    let addresses = Addresses::of(block.family, [block]);
    block.family == IpFamily::V4
        && block.span() >= LARGE_RANGE
        && !addresses.intersection(internet(IpFamily::V4)).is_empty()
        && !is_internet(IpFamily::V4, &addresses)
}

/// The web ACLs of the distributions in front; none where one of them has none, or where nothing
/// comes through CloudFront.
fn in_front(
    distributions: &Result<Vec<&Distribution>, GapId>,
    admits_cloudfront: &Known<bool>,
) -> Known<Option<Vec<String>>> {
    let found = match distributions {
        Ok(found) => found,
        Err(gap) => return Known::No(gap.clone()),
    };
    if found.is_empty() {
        return match admits_cloudfront {
            Known::Yes(false) => Known::Yes(None),
            Known::Yes(true) => Known::No(elsewhere()),
            Known::No(gap) => Known::No(gap.clone()),
        };
    }
    let acls: Option<Vec<String>> = found
        .iter()
        .map(|distribution| distribution.web_acl_id.clone().filter(|id| !id.is_empty()))
        .collect();
    match (acls, admits_cloudfront) {
        (None, _) => Known::Yes(None),
        // Whoever a list admits that may be a copy of CloudFront's is not known to come that way.
        (Some(_), Known::No(gap)) => Known::No(gap.clone()),
        (Some(mut acls), Known::Yes(_)) => {
            acls.sort();
            acls.dedup();
            Known::Yes(Some(acls))
        }
    }
}

fn sends_plain_http(
    snapshot: &Snapshot,
    lb: &LoadBalancer,
    distributions: &Result<Vec<&Distribution>, GapId>,
) -> Known<bool> {
    let may_ask = |distribution: &&Distribution| {
        let origins = origins_of(snapshot, distribution, lb);
        any(origins.into_iter().map(|origin| asks_in_clear(distribution, origin)))
    };
    let is_asked = match distributions {
        Ok(found) if !found.is_empty() => any(found.iter().map(may_ask)),
        // Whoever asks has no choice.
        other => match lb.listeners.ask() {
            Ok(listeners)
                if listeners.iter().all(|listener| listener.protocol.as_deref() == Some("HTTP")) =>
            {
                Known::Yes(true)
            }
            Ok(_) => Known::No(other.as_ref().err().cloned().unwrap_or_else(elsewhere)),
            Err(gap) => Known::No(gap),
        },
    };
    all([plain_http(snapshot, lb).is_served, is_asked])
}

/// Whether a distribution fetches from an origin over plain HTTP, at least for viewers who come so.
fn asks_in_clear(distribution: &Distribution, origin: &Origin) -> Known<bool> {
    match origin.protocol_policy.as_deref() {
        Some("https-only") => Known::Yes(false),
        Some("http-only") => Known::Yes(true),
        Some("match-viewer") => {
            Known::Yes(distribution.viewer_protocol_policies.iter().any(|policy| policy == "allow-all"))
        }
        _ => Known::No(GapId::default()),
    }
}

fn summary(
    lb: &LoadBalancer,
    serves_internet: &Known<bool>,
    is_behind: &Known<bool>,
    distributions: &Result<Vec<&Distribution>, GapId>,
) -> Text {
    let name = &lb.name;
    let ids = distributions.iter().flatten().map(|found| found.id.as_str()).collect::<Vec<_>>().join(", ");
    match (serves_internet, is_behind) {
        (Known::Yes(true), _) => Text::new(
            format!("{name} serves requests from the internet."),
            format!("{name} はインターネットからのリクエストに応答する。"),
        ),
        (Known::Yes(false), Known::Yes(true)) => Text::new(
            format!("{name} serves requests from CloudFront only ({ids})."),
            format!("{name} は CloudFront（{ids}）からのリクエストだけに応答する。"),
        ),
        (Known::Yes(false), Known::Yes(false)) => Text::new(
            format!("{name} does not serve requests from the internet."),
            format!("{name} はインターネットからのリクエストに応答しない。"),
        ),
        (Known::Yes(false), Known::No(_)) => Text::new(
            format!("Whether {name} serves requests from a distribution is not known."),
            format!("{name} がディストリビューションからのリクエストに応答するかは確認できない。"),
        ),
        (Known::No(_), _) => Text::new(
            format!("Whether {name} serves requests from the internet is not known."),
            format!("{name} がインターネットからのリクエストに応答するかは確認できない。"),
        ),
    }
}

#[cfg(test)]
mod tests;
