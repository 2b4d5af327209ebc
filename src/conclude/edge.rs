//! What stands in front of a load balancer: web ACLs and distributions.

mod origin;
mod past_cloudfront;
mod traffic;

use super::lookup::{by_arn, complete_everywhere};
use crate::snapshot::Snapshot;
use crate::snapshot::cloudfront::Distribution;
use crate::snapshot::elb::{Listener, LoadBalancer};
use crate::snapshot::gap::GapId;
use crate::snapshot::known::Known;
use crate::snapshot::wafv2::{WebAcl, WebAclRule};
use crate::text::Text;
use std::collections::BTreeSet;

pub(crate) use past_cloudfront::past_cloudfront;
pub(crate) use traffic::load_balancer_traffic;

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
        /// The managed rule groups of AWS that really block, in order: not set to count as a
        /// whole or in all their rules, and not behind a rule that allows whole countries or the like.
        pub blocking_managed_groups: Known<Vec<String>>,
        /// The managed rule groups of AWS that do not block, in order.
        pub counting_managed_groups: Known<Vec<String>>,
        /// Whether the core rule set (AWSManagedRulesCommonRuleSet) is among those that block.
        pub has_core_rules: Known<bool>,
        /// Whether a rate-based rule really stops clients; unknown where the only such rules
        /// look at a part of the requests, which may be any part.
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

/// See [`super::FUNCTIONS`].
pub(crate) fn web_acl_effect(snapshot: &Snapshot, acl: &WebAcl) -> WebAclEffect {
    let is_in_use = Known::from(is_in_use(snapshot, acl));
    let rules = match &acl.rules {
        Known::Yes(rules) => reached_rules(rules),
        Known::No(gap) => {
            return WebAclEffect {
                is_in_use,
                blocking_managed_groups: Known::No(gap.clone()),
                counting_managed_groups: Known::No(gap.clone()),
                has_core_rules: Known::No(gap.clone()),
                has_rate_limit: Known::No(gap.clone()),
                rate_limit: Known::No(gap.clone()),
            };
        }
    };
    let groups = |blocking: bool| {
        let of_aws = rules.iter().filter(|reached| reached.rule.vendor.as_deref() == Some("AWS"));
        let wanted = of_aws.filter(|reached| blocks(reached) == blocking);
        wanted.filter_map(|reached| reached.rule.managed_rule_group.clone()).collect::<Vec<_>>()
    };
    let blocking = groups(true);
    let rate_limit = Known::from(rate_limit(&rules));
    WebAclEffect {
        is_in_use,
        has_core_rules: Known::Yes(blocking.iter().any(|name| name == CORE_RULES)),
        counting_managed_groups: Known::Yes(groups(false)),
        blocking_managed_groups: Known::Yes(blocking),
        has_rate_limit: rate_limit.clone().map(|limit| limit.is_some()),
        rate_limit,
    }
}

fn is_in_use(snapshot: &Snapshot, acl: &WebAcl) -> Result<bool, GapId> {
    if !acl.is_of_cloudfront() {
        return acl.load_balancer_arns.ask().map(|arns| !arns.is_empty());
    }
    let distributions = &snapshot.cloudfront.distributions;
    let uses = |distribution: &Distribution| distribution.web_acl_id.as_deref() == Some(acl.arn.as_str());
    match distributions.iter().any(uses) {
        true => Ok(true),
        false => complete_everywhere(distributions).map(|()| false),
    }
}

/// A rule, and whether most requests get as far.
struct ReachedRule<'a> {
    rule: &'a WebAclRule,
    is_reached: bool,
}

fn reached_rules(rules: &[WebAclRule]) -> Vec<ReachedRule<'_>> {
    let mut ordered: Vec<&WebAclRule> = rules.iter().collect();
    ordered.sort_by_key(|rule| rule.priority);
    let mut is_reached = true;
    let mut reached = Vec::new();
    for rule in ordered {
        reached.push(ReachedRule { rule, is_reached });
        is_reached &= !lets_most_through(rule);
    }
    reached
}

/// An allow ends the evaluation. By country, by size, or for everything but something, it
/// lets through what later rules would have looked at; for known addresses, labels or
/// paths it is an exception.
fn lets_most_through(rule: &WebAclRule) -> bool {
    rule.action == "allow"
        && !rule.has_scope_down
        && matches!(rule.statement.as_str(), "geo-match" | "not" | "size-constraint")
}

fn blocks(reached: &ReachedRule<'_>) -> bool {
    let rule = reached.rule;
    let own_rules = rule.managed_rule_group.as_deref().and_then(rules_of_group);
    let only_counts = own_rules.is_some_and(|names| {
        names.iter().all(|name| rule.counted_rules.iter().any(|counted| counted == name))
    });
    reached.is_reached && rule.action == "none" && !only_counts
}

const CORE_RULES: &str = "AWSManagedRulesCommonRuleSet";

/// The rules that block in the managed groups that shops usually take, as AWS documents
/// them in its latest static versions. A newer rule that still blocks changes little where
/// somebody set all of these to count.
fn rules_of_group(group: &str) -> Option<&'static [&'static str]> {
    match group {
        CORE_RULES => Some(&[
            "NoUserAgent_HEADER",
            "UserAgent_BadBots_HEADER",
            "SizeRestrictions_QUERYSTRING",
            "SizeRestrictions_Cookie_HEADER",
            "SizeRestrictions_BODY",
            "SizeRestrictions_URIPATH",
            "EC2MetaDataSSRF_BODY",
            "EC2MetaDataSSRF_COOKIE",
            "EC2MetaDataSSRF_URIPATH",
            "EC2MetaDataSSRF_QUERYARGUMENTS",
            "GenericLFI_QUERYARGUMENTS",
            "GenericLFI_URIPATH",
            "GenericLFI_BODY",
            "RestrictedExtensions_URIPATH",
            "RestrictedExtensions_QUERYARGUMENTS",
            "GenericRFI_QUERYARGUMENTS",
            "GenericRFI_BODY",
            "GenericRFI_URIPATH",
            "CrossSiteScripting_COOKIE",
            "CrossSiteScripting_QUERYARGUMENTS",
            "CrossSiteScripting_BODY",
            "CrossSiteScripting_URIPATH",
        ]),
        "AWSManagedRulesSQLiRuleSet" => Some(&[
            "SQLi_QUERYARGUMENTS",
            "SQLiExtendedPatterns_QUERYARGUMENTS",
            "SQLi_BODY",
            "SQLiExtendedPatterns_BODY",
            "SQLi_COOKIE",
        ]),
        "AWSManagedRulesAdminProtectionRuleSet" => Some(&["AdminProtection_URIPATH"]),
        "AWSManagedRulesAmazonIpReputationList" => {
            Some(&["AWSManagedIPReputationList", "AWSManagedReconnaissanceList"])
        }
        "AWSManagedRulesAnonymousIpList" => Some(&["AnonymousIPList", "HostingProviderIPList"]),
        _ => None,
    }
}

const FIVE_MINUTES: i64 = 300;

/// The least limit of the rate-based rules that stop clients whatever they ask for.
fn rate_limit(rules: &[ReachedRule<'_>]) -> Result<Option<i64>, GapId> {
    let stops = |reached: &&ReachedRule<'_>| {
        reached.is_reached
            && reached.rule.statement == "rate-based"
            && matches!(reached.rule.action.as_str(), "block" | "captcha" | "challenge")
    };
    let stopping: Vec<&WebAclRule> = rules.iter().filter(stops).map(|reached| reached.rule).collect();
    let whole = || stopping.iter().filter(|rule| !rule.has_scope_down);
    // A rule without a window has AWS's default, five minutes.
    let in_five_minutes = |rule: &&WebAclRule| {
        let window = rule.rate_window_seconds.filter(|seconds| *seconds > 0).unwrap_or(FIVE_MINUTES);
        rule.rate_limit.map(|limit| limit.saturating_mul(FIVE_MINUTES) / window)
    };
    match whole().filter_map(in_five_minutes).min() {
        Some(limit) => Ok(Some(limit)),
        None if whole().next().is_some() || !stopping.is_empty() => Err(GapId::default()),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests;
