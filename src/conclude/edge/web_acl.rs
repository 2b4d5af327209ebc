//! What a web ACL really blocks, and whether anything uses it.

use super::WebAclEffect;
use crate::conclude::lookup::complete_everywhere;
use crate::conclude::network::any;
use crate::snapshot::Snapshot;
use crate::snapshot::cloudfront::Distribution;
use crate::snapshot::gap::GapId;
use crate::snapshot::known::Known;
use crate::snapshot::wafv2::{RuleGroupRule, WebAcl, WebAclRule};

/// See [`crate::conclude::FUNCTIONS`].
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
        let wanted = rules.iter().filter(|reached| blocks(reached) == blocking);
        wanted.filter_map(|reached| managed_group(reached.rule)).collect::<Vec<_>>()
    };
    let rate_limit = Known::from(rate_limit(&rules));
    WebAclEffect {
        is_in_use,
        has_core_rules: any(rules.iter().map(core_rules)),
        counting_managed_groups: Known::Yes(groups(false)),
        blocking_managed_groups: Known::Yes(groups(true)),
        has_rate_limit: rate_limit.clone().map(|limit| limit.is_some()),
        rate_limit,
    }
}

/// The name of a managed rule group, with its vendor where that is not AWS.
fn managed_group(rule: &WebAclRule) -> Option<String> {
    let group = rule.managed_rule_group.clone()?;
    match rule.vendor.as_deref() {
        None | Some(AWS) => Some(group),
        Some(vendor) => Some(format!("{vendor}/{group}")),
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
    // They are in the order of their evaluation. Priorities count within Firewall Manager's first
    // groups, the web ACL's own rules and Firewall Manager's last groups, each for itself.
    let mut is_reached = true;
    let mut reached = Vec::new();
    for rule in rules {
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

/// Whether a rule blocks common attacks, see `WebAclEffect::has_core_rules`.
fn core_rules(reached: &ReachedRule<'_>) -> Known<bool> {
    let rule = reached.rule;
    if !reached.is_reached {
        return Known::Yes(false);
    }
    match rule.statement.as_str() {
        "managed-rule-group" if !blocks(reached) => Known::Yes(false),
        "managed-rule-group" if is_of_aws(rule) => {
            Known::Yes(rule.managed_rule_group.as_deref() == Some(CORE_RULES))
        }
        "managed-rule-group" => match rule.managed_rule_group.as_deref() {
            Some(group) if group.to_ascii_uppercase().contains("OWASP") => Known::Yes(true),
            // Vendors do not show what is in their groups.
            _ => Known::No(GapId::default()),
        },
        "rule-group" if rule.action == "count" => Known::Yes(false),
        "rule-group" => match &rule.rule_group_rules {
            Known::Yes(inner) => {
                let looks = |inner: &RuleGroupRule| {
                    stops(&inner.action)
                        && !rule.counted_rules.contains(&inner.name)
                        && kinds(&inner.statement, &inner.nested_statements)
                            .any(|kind| LOOKS_INTO_REQUESTS.contains(&kind))
                };
                // What they look for is not looked at.
                unknown_if(inner.iter().any(looks))
            }
            Known::No(gap) => Known::No(gap.clone()),
        },
        _ => {
            let nested = rule.nested_statements.known().map(Vec::as_slice).unwrap_or_default();
            let looks = stops(&rule.action)
                && kinds(&rule.statement, nested).any(|kind| matches!(kind, "sqli-match" | "xss-match"));
            unknown_if(looks)
        }
    }
}

/// The statements of rules that look for attacks in what clients send.
const LOOKS_INTO_REQUESTS: [&str; 5] =
    ["byte-match", "regex-match", "regex-pattern-set", "sqli-match", "xss-match"];

fn kinds<'a>(statement: &'a str, nested: &'a [String]) -> impl Iterator<Item = &'a str> {
    std::iter::once(statement).chain(nested.iter().map(String::as_str))
}

fn unknown_if(may_be: bool) -> Known<bool> {
    match may_be {
        true => Known::No(GapId::default()),
        false => Known::Yes(false),
    }
}

fn is_of_aws(rule: &WebAclRule) -> bool {
    rule.vendor.as_deref() == Some(AWS)
}

fn stops(action: &str) -> bool {
    matches!(action, "block" | "captcha" | "challenge")
}

/// The vendor of AWS's own managed rule groups.
const AWS: &str = "AWS";
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

/// AWS's groups whose rules slow down clients that ask for too much, by measures of their own.
const LIMITING_GROUPS: [&str; 2] = ["AWSManagedRulesAntiDDoSRuleSet", "AWSManagedRulesBotControlRuleSet"];

/// The least limit of the rate-based rules that stop clients whatever they ask for.
fn rate_limit(rules: &[ReachedRule<'_>]) -> Result<Option<i64>, GapId> {
    let (mut least, mut hidden) = (None::<i64>, None);
    for reached in rules.iter().filter(|reached| reached.is_reached) {
        let rule = reached.rule;
        match rule.statement.as_str() {
            "rate-based" if stops(&rule.action) => {
                let limit = in_five_minutes(rule.rate_limit, rule.rate_window_seconds, rule.has_scope_down);
                note(limit, &mut least, &mut hidden);
            }
            "rule-group" if rule.action != "count" => match &rule.rule_group_rules {
                Known::Yes(inner) => {
                    let is_stopping = |inner: &&RuleGroupRule| {
                        inner.statement == "rate-based"
                            && stops(&inner.action)
                            && !rule.counted_rules.contains(&inner.name)
                    };
                    for inner in inner.iter().filter(is_stopping) {
                        let limit = in_five_minutes(
                            inner.rate_limit,
                            inner.rate_window_seconds,
                            inner.has_scope_down,
                        );
                        // What else it does than block is not kept.
                        let limit = limit.filter(|_| !rule.overridden_rules.contains(&inner.name));
                        note(limit, &mut least, &mut hidden);
                    }
                }
                Known::No(gap) => hidden = hidden.or(Some(gap.clone())),
            },
            "managed-rule-group" if blocks(reached) => {
                let group = rule.managed_rule_group.as_deref().unwrap_or_default();
                if !is_of_aws(rule) || LIMITING_GROUPS.contains(&group) {
                    note(None, &mut least, &mut hidden);
                }
            }
            _ => {}
        }
    }
    match (least, hidden) {
        (Some(limit), _) => Ok(Some(limit)),
        (None, Some(gap)) => Err(gap),
        (None, None) => Ok(None),
    }
}

/// Takes in a limit, or that there may be one.
fn note(limit: Option<i64>, least: &mut Option<i64>, hidden: &mut Option<GapId>) {
    match limit {
        Some(limit) => *least = Some(least.map_or(limit, |known| known.min(limit))),
        None => {
            hidden.get_or_insert_with(GapId::default);
        }
    }
}

/// What a rate-based rule lets through in five minutes; `None` where it looks at a part of the
/// requests, or does not say.
fn in_five_minutes(limit: Option<i64>, window_seconds: Option<i64>, has_scope_down: bool) -> Option<i64> {
    // A rule without a window has AWS's default, five minutes.
    let window = window_seconds.filter(|seconds| *seconds > 0).unwrap_or(FIVE_MINUTES);
    let limit = limit.filter(|_| !has_scope_down)?;
    Some(limit.saturating_mul(FIVE_MINUTES) / window)
}

#[cfg(test)]
mod tests;
