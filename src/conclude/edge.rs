//! What stands in front of a load balancer: web ACLs and distributions.

mod clients;
mod origin;
mod past_cloudfront;
mod traffic;
mod web_acl;

use super::lookup::{by_arn, complete_everywhere};
use crate::snapshot::Snapshot;
use crate::snapshot::cloudfront::Distribution;
use crate::snapshot::elb::{Listener, LoadBalancer};
use crate::snapshot::gap::GapId;
use crate::snapshot::known::Known;
use crate::snapshot::wafv2::WebAcl;
use crate::text::Text;
use std::collections::BTreeSet;

pub(crate) use clients::{listener_clients, load_balancer_clients};
pub(crate) use past_cloudfront::past_cloudfront;
pub(crate) use traffic::load_balancer_traffic;
pub(crate) use web_acl::web_acl_effect;

crate::record! {
    /// What stands in front of a load balancer.
    pub struct LoadBalancerEdge {
        /// Whether a web ACL protects the load balancer itself.
        pub has_web_acl: Known<bool>,
        /// That web ACL; null for none.
        pub web_acl_arn: Known<Option<String>>,
        /// Whether it is the origin of an enabled distribution, by the load balancer's own name or by
        /// one that the account's records in Route 53 lead to it; unknown where a distribution's origin
        /// has a name of which they do not say where it leads.
        pub is_behind_distribution: Known<bool>,
        /// Those distributions' ids.
        pub distribution_ids: Known<Vec<String>>,
        /// The names by which those fetch from it, sorted, each once, as the distributions write them.
        pub origin_names: Known<Vec<String>>,
    }

    /// Whether the internet reaches a load balancer past the distribution in front of it.
    pub struct PastCloudFront {
        /// Whether the internet, and not CloudFront alone, reaches one of its listeners, see
        /// load_balancer_exposure.
        pub is_reachable_from_internet: Known<bool>,
        /// Whether whatever its listeners forward must have a header with a value that the
        /// distribution sends.
        pub asks_for_header: Known<bool>,
        /// The headers that the distribution adds for it.
        pub header_names: Vec<String>,
        /// Where its listeners forward without asking: port/default, or port/priority of a rule.
        pub open_places: Known<Vec<String>>,
        /// Whether both are so; unknown as well where a web ACL may ask for the header, because
        /// what its rules match is not looked at. False where there is no distribution.
        pub is_reachable_past: Known<bool>,
        /// A whole sentence: what holds, or that nothing does.
        pub summary: Text,
    }

    /// Who gets answers from a load balancer, and what looks at their requests.
    pub struct LoadBalancerClients {
        /// Whether anybody on the internet does: the internet reaches one of its listeners, see
        /// load_balancer_exposure, and what they forward needs no header of the distribution in front.
        pub serves_internet: Known<bool>,
        /// Whether its security groups admit CloudFront's own prefix list to one of its listeners;
        /// unknown where another prefix list may be a copy of that.
        pub admits_cloudfront: Known<bool>,
        /// Whether requests come through CloudFront: it is the origin of an enabled distribution.
        /// Unknown where it admits CloudFront and no distribution of the account leads there,
        /// because one of another account may.
        pub is_behind_cloudfront: Known<bool>,
        /// Whether a web ACL looks at whatever comes from the internet: the load balancer's own, or
        /// those of every distribution in front where nothing else gets answers.
        pub is_filtered: Known<bool>,
        /// Those web ACLs; empty for none.
        pub web_acl_arns: Known<Vec<String>>,
        /// Whether CloudFront may fetch over plain HTTP what the load balancer serves so: a listener
        /// does, and a distribution's origin asks for it, or there is no HTTPS listener.
        pub sends_plain_http_to_cloudfront: Known<bool>,
        /// A whole sentence: who gets answers.
        pub summary: Text,
    }

    /// Who gets answers from a listener.
    pub struct ListenerClients {
        /// Whether anybody on the internet does: its load balancer has addresses of the internet, whose
        /// security groups admit it to the port, and what the listener forwards needs no header of the
        /// distribution in front.
        pub answers_internet: Known<bool>,
    }

    /// What a load balancer carried.
    pub struct LoadBalancerTraffic {
        /// Gigabytes (2^30 bytes) of a month of 730 hours, by what ProcessedBytes came to in the
        /// window; requests are in it, which are little beside answers.
        pub gb_per_month: Known<f64>,
        /// How far back was looked.
        pub window_days: Known<i64>,
        /// A whole sentence.
        pub summary: Text,
    }

    /// What a web ACL does.
    pub struct WebAclEffect {
        /// Whether a load balancer or a distribution uses it.
        pub is_in_use: Known<bool>,
        /// The managed rule groups that really block, in order: not set to count as a whole or in all
        /// their rules, and not behind a rule that allows whole countries or the like. Those of
        /// other vendors than AWS as vendor/group, Firewall Manager's first and last ones among them.
        pub blocking_managed_groups: Known<Vec<String>>,
        /// The managed rule groups that do not block, in order.
        pub counting_managed_groups: Known<Vec<String>>,
        /// Whether requests are blocked that carry common attacks: by the core rule set
        /// (AWSManagedRulesCommonRuleSet) or another vendor's group against the OWASP top ten.
        /// Unknown where nothing but other groups of other vendors, rule groups of one's own that
        /// look into requests, or rules of one's own against SQL injection or cross-site scripting
        /// may do so.
        pub has_core_rules: Known<bool>,
        /// Whether a rate-based rule, in a rule group or out of one, really stops clients; unknown
        /// where the only such rules look at a part of the requests, which may be any part, or
        /// where only groups may hold one that do not show their rules.
        pub has_rate_limit: Known<bool>,
        /// The least number of requests in five minutes that such a rule lets through, whatever its
        /// window; null for none.
        pub rate_limit: Known<Option<i64>>,
    }
}

/// See [`super::FUNCTIONS`].
pub(crate) fn load_balancer_edge(snapshot: &Snapshot, lb: &LoadBalancer) -> LoadBalancerEdge {
    let web_acl_arn = Known::from(web_acl_of(snapshot, lb));
    let distributions = distributions_of(snapshot, lb);
    let ids = |found: Vec<&Distribution>| found.iter().map(|found| found.id.clone()).collect::<Vec<_>>();
    let distribution_ids = Known::from(distributions.map(ids));
    LoadBalancerEdge {
        has_web_acl: web_acl_arn.clone().map(|arn| arn.is_some()),
        web_acl_arn,
        is_behind_distribution: distribution_ids.clone().map(|ids| !ids.is_empty()),
        distribution_ids,
        origin_names: origin_names(snapshot, lb).into(),
    }
}

/// See [`super::FUNCTIONS`].
pub(crate) fn listener_origin_names(snapshot: &Snapshot, listener: &Listener) -> Known<Vec<String>> {
    let balancers = &snapshot.elb.load_balancers;
    match by_arn(balancers, &listener.load_balancer_arn, |lb| &lb.arn) {
        Some(lb) => origin_names(snapshot, lb).into(),
        None => Known::No(balancers.hidden_by(&listener.region, &listener.load_balancer_arn)),
    }
}

/// The names by which distributions fetch from a load balancer.
fn origin_names(snapshot: &Snapshot, lb: &LoadBalancer) -> Result<Vec<String>, GapId> {
    let distributions = distributions_of(snapshot, lb)?;
    let origins = distributions.iter().flat_map(|found| origin::origins_of(snapshot, found, lb));
    let names: BTreeSet<&str> = origins.map(|origin| origin.domain_name.as_str()).collect();
    Ok(names.into_iter().map(str::to_owned).collect())
}

fn web_acl_of(snapshot: &Snapshot, lb: &LoadBalancer) -> Result<Option<String>, GapId> {
    let acls = || {
        let acls = snapshot.wafv2.web_acls.iter();
        acls.filter(|acl| !acl.is_of_cloudfront() && acl.region == lb.region)
    };
    let protects = |acl: &&WebAcl| acl.load_balancer_arns.known().is_some_and(|arns| arns.contains(&lb.arn));
    // A load balancer has one web ACL at most: the one that is found is all there is.
    if let Some(acl) = acls().find(protects) {
        return Ok(Some(acl.arn.clone()));
    }
    for acl in acls() {
        acl.load_balancer_arns.ask()?;
    }
    snapshot.wafv2.web_acls.complete_in(&lb.region)?;
    Ok(None)
}

/// The enabled distributions that fetch from a load balancer. One that is found is enough; that
/// there is none only follows where it is known of every origin where its name leads.
fn distributions_of<'a>(snapshot: &'a Snapshot, lb: &LoadBalancer) -> Result<Vec<&'a Distribution>, GapId> {
    let distributions = &snapshot.cloudfront.distributions;
    let (mut found, mut hidden) = (Vec::new(), None);
    for distribution in distributions.iter().filter(|distribution| distribution.enabled) {
        match origin::fetches_from(snapshot, distribution, lb) {
            Known::Yes(true) => found.push(distribution),
            Known::Yes(false) => {}
            Known::No(gap) => hidden = hidden.or(Some(gap)),
        }
    }
    if !found.is_empty() {
        return Ok(found);
    }
    complete_everywhere(distributions)?;
    // Only what has addresses of the internet is an origin by its name.
    match hidden.filter(|_| lb.is_internet_facing()) {
        Some(gap) => Err(gap),
        None => Ok(found),
    }
}

#[cfg(test)]
mod tests;
