//! From WAF's types to the snapshot's. What a rule looks for never leaves this file.

use crate::snapshot::known::Known;
use crate::snapshot::wafv2::{RuleGroupRule, WebAclRule};
use aws_sdk_wafv2::types;

/// What happens to requests that no rule ends.
pub(crate) fn default_action(acl: &types::WebAcl) -> Option<String> {
    let action = acl.default_action()?;
    match (action.allow(), action.block()) {
        (Some(_), None) => Some("allow".to_owned()),
        (None, Some(_)) => Some("block".to_owned()),
        _ => None,
    }
}

/// The rules in the order of their evaluation: groups that Firewall Manager puts first, the
/// ACL's own, groups that Firewall Manager puts last. `None` when a rule's action is
/// missing, or one that this version does not know: whether it blocks would be a guess.
pub(crate) fn rules(acl: &types::WebAcl) -> Option<Vec<WebAclRule>> {
    let managed = |groups: &[types::FirewallManagerRuleGroup]| {
        let rules: Option<Vec<_>> = groups.iter().map(firewall_manager_rule).collect();
        rules.map(in_order)
    };
    let own: Option<Vec<_>> = acl.rules().iter().map(rule).collect();
    let first = managed(acl.pre_process_firewall_manager_rule_groups())?;
    let last = managed(acl.post_process_firewall_manager_rule_groups())?;
    Some([first, in_order(own?), last].concat())
}

/// The rules of a rule group, in the order of their evaluation; `None` as for a web ACL's.
pub(crate) fn group_rules(group: &types::RuleGroup) -> Option<Vec<RuleGroupRule>> {
    let rules: Option<Vec<_>> = group.rules().iter().map(rule).collect();
    let kept = |rule: WebAclRule| RuleGroupRule {
        name: rule.name,
        statement: rule.statement,
        nested_statements: rule.nested_statements.known().cloned().unwrap_or_default(),
        action: rule.action,
        has_scope_down: rule.has_scope_down,
        rate_limit: rule.rate_limit,
        rate_window_seconds: rule.rate_window_seconds,
    };
    Some(in_order(rules?).into_iter().map(kept).collect())
}

fn in_order(mut rules: Vec<WebAclRule>) -> Vec<WebAclRule> {
    rules.sort_by_key(|rule| rule.priority);
    rules
}

fn rule(rule: &types::Rule) -> Option<WebAclRule> {
    let action = match (rule.action(), rule.override_action()) {
        (Some(action), None) => rule_action(action)?,
        (None, Some(action)) => override_action(action)?,
        _ => return None,
    };
    Some(WebAclRule {
        name: rule.name.clone(),
        priority: i64::from(rule.priority),
        action: action.to_owned(),
        ..statement(rule.statement()?)
    })
}

fn firewall_manager_rule(group: &types::FirewallManagerRuleGroup) -> Option<WebAclRule> {
    let content = group.firewall_manager_statement()?;
    let made = match (content.managed_rule_group_statement(), content.rule_group_reference_statement()) {
        (Some(managed), _) => managed_rule_group(managed),
        (None, Some(reference)) => rule_group(reference),
        (None, None) => return None,
    };
    Some(WebAclRule {
        name: group.name.clone(),
        priority: i64::from(group.priority),
        action: override_action(group.override_action()?)?.to_owned(),
        ..made
    })
}

fn rule_action(action: &types::RuleAction) -> Option<&'static str> {
    let actions = [
        (action.allow().is_some(), "allow"),
        (action.block().is_some(), "block"),
        (action.count().is_some(), "count"),
        (action.captcha().is_some(), "captcha"),
        (action.challenge().is_some(), "challenge"),
        (action.monetize().is_some(), "monetize"),
    ];
    actions.into_iter().find_map(|(is_set, name)| is_set.then_some(name))
}

fn override_action(action: &types::OverrideAction) -> Option<&'static str> {
    match (action.count(), action.none()) {
        (Some(_), None) => Some("count"),
        (None, Some(_)) => Some("none"),
        _ => None,
    }
}

/// What a statement says about its rule. Nested statements keep the outer kind.
fn statement(statement: &types::Statement) -> WebAclRule {
    if let Some(managed) = statement.managed_rule_group_statement() {
        return managed_rule_group(managed);
    }
    if let Some(reference) = statement.rule_group_reference_statement() {
        return rule_group(reference);
    }
    if let Some(rate) = statement.rate_based_statement() {
        return rate_based(rate);
    }
    let kind = kind(statement);
    let mut nested = Vec::new();
    add_nested(statement, &mut nested);
    WebAclRule { statement: kind.to_owned(), nested_statements: Known::Yes(nested), ..no_group() }
}

/// The fields of rules that name no rule group and hold no statements.
fn no_group() -> WebAclRule {
    WebAclRule {
        nested_statements: Known::Yes(Vec::new()),
        rule_group_arn: Known::Yes(None),
        rule_group_rules: Known::Yes(Vec::new()),
        ..WebAclRule::default()
    }
}

/// The kinds of the statements within one, each once.
fn add_nested(statement: &types::Statement, kinds: &mut Vec<String>) {
    let all = statement.and_statement().map(types::AndStatement::statements).unwrap_or_default();
    let any = statement.or_statement().map(types::OrStatement::statements).unwrap_or_default();
    let none = statement.not_statement().and_then(types::NotStatement::statement);
    for inner in all.iter().chain(any).chain(none) {
        let kind = kind(inner);
        if !kinds.iter().any(|known| known == kind) {
            kinds.push(kind.to_owned());
        }
        add_nested(inner, kinds);
    }
}

fn kind(statement: &types::Statement) -> &'static str {
    let kinds = [
        (statement.ip_set_reference_statement().is_some(), "ip-set"),
        (statement.geo_match_statement().is_some(), "geo-match"),
        (statement.byte_match_statement().is_some(), "byte-match"),
        (statement.sqli_match_statement().is_some(), "sqli-match"),
        (statement.xss_match_statement().is_some(), "xss-match"),
        (statement.size_constraint_statement().is_some(), "size-constraint"),
        (statement.regex_pattern_set_reference_statement().is_some(), "regex-pattern-set"),
        (statement.regex_match_statement().is_some(), "regex-match"),
        (statement.label_match_statement().is_some(), "label-match"),
        (statement.asn_match_statement().is_some(), "asn-match"),
        (statement.and_statement().is_some(), "and"),
        (statement.or_statement().is_some(), "or"),
        (statement.not_statement().is_some(), "not"),
    ];
    // "other" is a kind that AWS added later: it is neither a group nor a rate limit.
    kinds.into_iter().find_map(|(is_set, name)| is_set.then_some(name)).unwrap_or("other")
}

fn managed_rule_group(managed: &types::ManagedRuleGroupStatement) -> WebAclRule {
    let (counted_rules, overridden_rules) =
        overrides(managed.excluded_rules(), managed.rule_action_overrides());
    WebAclRule {
        statement: "managed-rule-group".to_owned(),
        vendor: Some(managed.vendor_name.clone()),
        managed_rule_group: Some(managed.name.clone()),
        counted_rules,
        overridden_rules,
        has_scope_down: managed.scope_down_statement().is_some(),
        ..no_group()
    }
}

/// What is in the group is asked for later.
fn rule_group(reference: &types::RuleGroupReferenceStatement) -> WebAclRule {
    let (counted_rules, overridden_rules) =
        overrides(reference.excluded_rules(), reference.rule_action_overrides());
    WebAclRule {
        statement: "rule-group".to_owned(),
        counted_rules,
        overridden_rules,
        rule_group_arn: Known::Yes(Some(reference.arn.clone())),
        rule_group_rules: Known::default(),
        ..no_group()
    }
}

fn rate_based(rate: &types::RateBasedStatement) -> WebAclRule {
    WebAclRule {
        statement: "rate-based".to_owned(),
        has_scope_down: rate.scope_down_statement().is_some(),
        rate_limit: Some(rate.limit),
        // Rules from before the window could be chosen do not mention it: the SDK reads 0.
        rate_window_seconds: Some(rate.evaluation_window_sec).filter(|seconds| *seconds > 0),
        rate_key: Some(rate.aggregate_key_type.as_str().to_owned()),
        ..no_group()
    }
}

/// The rules of a group that only count, and those with another action. An excluded rule,
/// the older form, counts.
fn overrides(
    excluded: &[types::ExcludedRule],
    overrides: &[types::RuleActionOverride],
) -> (Vec<String>, Vec<String>) {
    let mut counted: Vec<String> = excluded.iter().map(|rule| rule.name.clone()).collect();
    let mut overridden = Vec::new();
    for rule in overrides {
        let counts = rule.action_to_use().is_some_and(|action| action.count().is_some());
        let names = if counts { &mut counted } else { &mut overridden };
        if !names.contains(&rule.name) {
            names.push(rule.name.clone());
        }
    }
    (counted, overridden)
}

#[cfg(test)]
mod tests;
