//! What stands in front of a load balancer: web ACLs and distributions.

mod clients;
mod past_cloudfront;
mod traffic;
mod web_acl;

use super::lookup::complete_everywhere;
use crate::snapshot::Snapshot;
use crate::snapshot::cloudfront::Distribution;
use crate::snapshot::elb::LoadBalancer;
use crate::snapshot::gap::GapId;
use crate::snapshot::known::Known;
use crate::snapshot::wafv2::WebAcl;
use crate::text::Text;

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
        /// Whether it is the origin of an enabled distribution, by the load balancer's own name;
        /// unknown where a distribution's origin has another name that may lead to it.
        pub is_behind_distribution: Known<bool>,
        /// Those distributions' ids.
        pub distribution_ids: Known<Vec<String>>,
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
    }
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

fn distributions_of<'a>(snapshot: &'a Snapshot, lb: &LoadBalancer) -> Result<Vec<&'a Distribution>, GapId> {
    let distributions = &snapshot.cloudfront.distributions;
    let enabled = || distributions.iter().filter(|distribution| distribution.enabled);
    let own = host(&lb.dns_name);
    let leads_here = |distribution: &&Distribution| {
        !own.is_empty() && distribution.origins.iter().any(|origin| host(&origin.domain_name) == own)
    };
    let found: Vec<&Distribution> = enabled().filter(leads_here).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    complete_everywhere(distributions)?;
    let may_lead_here = |distribution: &Distribution| {
        distribution.origins.iter().any(|origin| !is_named_by_aws(&host(&origin.domain_name)))
    };
    // An origin with a name of its owner's, as certificates need, may be an alias of the
    // load balancer. Only DNS knows, and it was not asked.
    match lb.is_internet_facing() && enabled().any(may_lead_here) {
        true => Err(GapId::default()),
        false => Ok(found),
    }
}

/// A host name as it compares: without case, final dot and the prefix that asks for both
/// IP versions.
fn host(name: &str) -> String {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name.strip_prefix("dualstack.").map_or(name.clone(), str::to_owned)
}

fn is_named_by_aws(host: &str) -> bool {
    const SUFFIXES: [&str; 6] = [
        ".amazonaws.com",
        ".amazonaws.com.cn",
        ".on.aws",
        ".awsapprunner.com",
        ".cloudfront.net",
        ".api.aws",
    ];
    SUFFIXES.iter().any(|suffix| host.ends_with(suffix))
}

#[cfg(test)]
mod tests;
