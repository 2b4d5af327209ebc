use super::*;
use crate::conclude::network::site::{self, REGION};

const ACL: &str = "arn:aws:wafv2:ap-northeast-1:123456789012:regional/webacl/shop/1";

fn acl(load_balancer_arns: Known<Vec<String>>, rules: Vec<WebAclRule>) -> WebAcl {
    WebAcl {
        arn: ACL.into(),
        region: REGION.into(),
        name: "shop".into(),
        scope: "REGIONAL".into(),
        default_action: Known::Yes("allow".into()),
        rules: Known::Yes(rules),
        load_balancer_arns,
        ..WebAcl::default()
    }
}

fn rule(priority: i64, statement: &str, action: &str) -> WebAclRule {
    WebAclRule { priority, statement: statement.into(), action: action.into(), ..Default::default() }
}

fn managed(priority: i64, group: &str, action: &str) -> WebAclRule {
    WebAclRule {
        vendor: Some("AWS".into()),
        managed_rule_group: Some(group.into()),
        ..rule(priority, "managed-rule-group", action)
    }
}

fn rate(priority: i64, action: &str, limit: i64) -> WebAclRule {
    WebAclRule { rate_limit: Some(limit), ..rule(priority, "rate-based", action) }
}

fn effect(rules: Vec<WebAclRule>) -> WebAclEffect {
    web_acl_effect(&Snapshot::default().complete(), &acl(Known::Yes(Vec::new()), rules))
}

#[test]
fn managed_groups_that_block_and_those_that_count() {
    let rules = vec![
        managed(1, "AWSManagedRulesSQLiRuleSet", "count"),
        managed(2, "AWSManagedRulesKnownBadInputsRuleSet", "none"),
        managed(3, CORE_RULES, "none"),
        WebAclRule { vendor: Some("Other".into()), ..managed(4, "TheirRules", "none") },
    ];
    let effect = effect(rules);
    let blocking = site::ids(&["AWSManagedRulesKnownBadInputsRuleSet", CORE_RULES, "Other/TheirRules"]);
    assert_eq!(effect.blocking_managed_groups, Known::Yes(blocking));
    assert_eq!(effect.counting_managed_groups, Known::Yes(site::ids(&["AWSManagedRulesSQLiRuleSet"])));
    assert_eq!(effect.has_core_rules, Known::Yes(true));
    assert_eq!(effect.has_rate_limit, Known::No(GapId::default()), "they do not show their rules");
    let mine = super::tests::effect(vec![managed(1, CORE_RULES, "none")]);
    assert_eq!(mine.rate_limit, Known::Yes(None));
}

#[test]
fn counted_rules_disable_a_group_only_when_all_count() {
    let counting = |names: &[&str]| WebAclRule {
        counted_rules: names.iter().map(|name| (*name).to_owned()).collect(),
        ..managed(1, CORE_RULES, "none")
    };
    assert_eq!(effect(vec![counting(&["SizeRestrictions_BODY"])]).has_core_rules, Known::Yes(true));
    let all = rules_of_group(CORE_RULES).unwrap();
    let effect = effect(vec![counting(all)]);
    assert_eq!(effect.has_core_rules, Known::Yes(false));
    assert_eq!(effect.counting_managed_groups, Known::Yes(site::ids(&[CORE_RULES])));
}

#[test]
fn an_allow_for_most_requests_comes_first() {
    for (statement, blocks) in [("geo-match", false), ("not", false), ("ip-set", true), ("byte-match", true)]
    {
        let before =
            vec![rule(0, statement, "allow"), managed(1, CORE_RULES, "none"), rate(2, "block", 2000)];
        let result = effect(before);
        assert_eq!(result.has_core_rules, Known::Yes(blocks), "{statement}");
        assert_eq!(result.has_rate_limit, Known::Yes(blocks), "{statement}");
        let after = vec![managed(1, CORE_RULES, "none"), rule(9, statement, "allow")];
        assert_eq!(effect(after).has_core_rules, Known::Yes(true), "{statement}");
        let block = vec![rule(0, statement, "block"), managed(1, CORE_RULES, "none")];
        assert_eq!(effect(block).has_core_rules, Known::Yes(true), "{statement}");
    }
}

#[test]
fn rate_limits_that_stop_clients() {
    let limits = effect(vec![rate(1, "block", 2000), rate(2, "challenge", 500), rate(3, "count", 100)]);
    assert_eq!(limits.rate_limit, Known::Yes(Some(500)));
    assert_eq!(effect(vec![rate(1, "count", 100)]).has_rate_limit, Known::Yes(false));
    let login = WebAclRule { has_scope_down: true, ..rate(1, "block", 100) };
    assert_eq!(effect(vec![login.clone()]).has_rate_limit.known(), None);
    assert_eq!(effect(vec![login, rate(2, "captcha", 2000)]).rate_limit, Known::Yes(Some(2000)));
    let minute = WebAclRule { rate_window_seconds: Some(60), ..rate(1, "block", 500) };
    assert_eq!(effect(vec![minute, rate(2, "block", 2000)]).rate_limit, Known::Yes(Some(2000)));
}

#[test]
fn in_use_by_scope() {
    let mut snapshot = Snapshot::default().complete();
    let regional = |arns: &[&str]| acl(Known::Yes(site::ids(arns)), Vec::new());
    assert_eq!(web_acl_effect(&snapshot, &regional(&[])).is_in_use, Known::Yes(false));
    assert_eq!(web_acl_effect(&snapshot, &regional(&["arn:lb"])).is_in_use, Known::Yes(true));
    let global = WebAcl { scope: "CLOUDFRONT".into(), ..regional(&[]) };
    assert_eq!(web_acl_effect(&snapshot, &global).is_in_use, Known::Yes(false));
    let listed = GapId::new("cloudfront:ListDistributions", "us-east-1", None);
    snapshot.cloudfront.distributions.incomplete = vec![listed.clone()];
    assert_eq!(web_acl_effect(&snapshot, &global).is_in_use, Known::No(listed));
    let user = Distribution { web_acl_id: Some(ACL.into()), ..Distribution::default() };
    snapshot.cloudfront.distributions.items = vec![user];
    assert_eq!(web_acl_effect(&snapshot, &global).is_in_use, Known::Yes(true));
}

#[test]
fn hidden_rules_hide_the_effect_but_not_the_use() {
    let hidden = GapId::new("wafv2:GetWebACL", REGION, Some(ACL));
    let mut acl = acl(Known::Yes(vec!["arn:lb".into()]), Vec::new());
    acl.rules = Known::No(hidden.clone());
    let effect = web_acl_effect(&Snapshot::default().complete(), &acl);
    assert_eq!(effect.is_in_use, Known::Yes(true));
    assert_eq!(effect.has_core_rules, Known::No(hidden.clone()));
    assert_eq!(effect.rate_limit, Known::No(hidden));
}

fn in_group(name: &str, statement: &str, action: &str) -> RuleGroupRule {
    RuleGroupRule {
        name: name.into(),
        statement: statement.into(),
        action: action.into(),
        ..RuleGroupRule::default()
    }
}

#[test]
fn rules_of_a_rule_group_stop_unless_the_web_acl_says_otherwise() {
    let limit = RuleGroupRule {
        rate_limit: Some(500),
        rate_window_seconds: Some(60),
        ..in_group("flood", "rate-based", "block")
    };
    let shown = |rules: Vec<RuleGroupRule>| WebAclRule {
        rule_group_rules: Known::Yes(rules),
        ..rule(0, "rule-group", "none")
    };
    assert_eq!(effect(vec![shown(vec![limit.clone()])]).rate_limit, Known::Yes(Some(2500)));
    let counted = WebAclRule { counted_rules: site::ids(&["flood"]), ..shown(vec![limit.clone()]) };
    assert_eq!(effect(vec![counted]).rate_limit, Known::Yes(None));
    let changed = WebAclRule { overridden_rules: site::ids(&["flood"]), ..shown(vec![limit.clone()]) };
    assert_eq!(effect(vec![changed]).rate_limit, Known::No(GapId::default()), "to what is not kept");
    let part = RuleGroupRule { has_scope_down: true, ..limit };
    assert_eq!(effect(vec![shown(vec![part])]).rate_limit, Known::No(GapId::default()));
    let looks = shown(vec![in_group("xss", "xss-match", "block")]);
    assert_eq!(effect(vec![looks.clone()]).has_core_rules, Known::No(GapId::default()));
    let counted = WebAclRule { counted_rules: site::ids(&["xss"]), ..looks.clone() };
    assert_eq!(effect(vec![counted]).has_core_rules, Known::Yes(false));
    let unreached = vec![rule(0, "geo-match", "allow"), looks];
    assert_eq!(effect(unreached).has_core_rules, Known::Yes(false));
}

#[test]
fn a_rule_group_that_is_not_shown_names_the_question() {
    let hidden = GapId::new("wafv2:GetRuleGroup", REGION, Some("arn:group"));
    let group = |action: &str| WebAclRule {
        rule_group_rules: Known::No(hidden.clone()),
        ..rule(0, "rule-group", action)
    };
    let found = effect(vec![group("none")]);
    assert_eq!(
        (found.has_core_rules, found.rate_limit),
        (Known::No(hidden.clone()), Known::No(hidden.clone()))
    );
    let found = effect(vec![group("none"), managed(1, CORE_RULES, "none"), rate(2, "block", 2000)]);
    assert_eq!((found.has_core_rules, found.rate_limit), (Known::Yes(true), Known::Yes(Some(2000))));
    assert_eq!(effect(vec![group("count")]).has_core_rules, Known::Yes(false));
}

#[test]
fn a_group_only_counts_when_every_rule_that_aws_documents_counts() {
    let groups: [(&str, &[&str]); 4] = [
        (
            "AWSManagedRulesSQLiRuleSet",
            &[
                "SQLi_QUERYARGUMENTS",
                "SQLiExtendedPatterns_QUERYARGUMENTS",
                "SQLi_BODY",
                "SQLiExtendedPatterns_BODY",
                "SQLi_COOKIE",
            ],
        ),
        ("AWSManagedRulesAdminProtectionRuleSet", &["AdminProtection_URIPATH"]),
        (
            "AWSManagedRulesAmazonIpReputationList",
            &["AWSManagedIPReputationList", "AWSManagedReconnaissanceList"],
        ),
        ("AWSManagedRulesAnonymousIpList", &["AnonymousIPList", "HostingProviderIPList"]),
    ];
    for (group, names) in groups {
        let counting = |names: &[&str]| {
            let rule = WebAclRule { counted_rules: site::ids(names), ..managed(1, group, "none") };
            effect(vec![rule]).counting_managed_groups
        };
        assert_eq!(counting(names), Known::Yes(site::ids(&[group])));
        assert_eq!(counting(&names[1..]), Known::Yes(Vec::new()), "{group}");
    }
    // Nobody says which rules other groups have.
    let rule = WebAclRule {
        counted_rules: site::ids(&["Any"]),
        ..managed(1, "AWSManagedRulesLinuxRuleSet", "none")
    };
    assert_eq!(effect(vec![rule]).counting_managed_groups, Known::Yes(Vec::new()));
}

#[test]
fn what_vendors_groups_look_for_is_unknown_unless_their_name_says_it() {
    let theirs = |group: &str, action: &str| {
        let rule = WebAclRule { vendor: Some("Other".into()), ..managed(1, group, action) };
        let effect = effect(vec![rule]);
        (effect.has_core_rules, effect.has_rate_limit)
    };
    let unknown = || Known::No(GapId::default());
    assert_eq!(theirs("owasp_top10", "none"), (Known::Yes(true), unknown()));
    assert_eq!(theirs("BotRules", "none"), (unknown(), unknown()));
    assert_eq!(theirs("owasp_top10", "count"), (Known::Yes(false), Known::Yes(false)));
    let bots = |action: &str| effect(vec![managed(1, "AWSManagedRulesBotControlRuleSet", action)]);
    assert_eq!(bots("none").has_rate_limit, unknown(), "a measure of its own");
    assert_eq!(bots("count").has_rate_limit, Known::Yes(false));
    assert_eq!(bots("none").has_core_rules, Known::Yes(false));
}

/// AWS's core rule set is a group of AWS; another vendor may give its group the same name.
#[test]
fn core_rules_are_told_by_vendor_and_statement() {
    let theirs = WebAclRule { vendor: Some("Other".into()), ..managed(1, CORE_RULES, "none") };
    assert_eq!(effect(vec![theirs]).has_core_rules, Known::No(GapId::default()));
    let own = |statement: &str, action: &str| effect(vec![rule(1, statement, action)]).has_core_rules;
    let unknown = || Known::No(GapId::default());
    for statement in ["sqli-match", "xss-match"] {
        assert_eq!(own(statement, "block"), unknown(), "{statement}");
        assert_eq!(own(statement, "captcha"), unknown(), "{statement}");
        assert_eq!(own(statement, "challenge"), unknown(), "{statement}");
        assert_eq!(own(statement, "count"), Known::Yes(false), "{statement}");
    }
    assert_eq!(own("geo-match", "block"), Known::Yes(false));
    let nested = WebAclRule {
        nested_statements: Known::Yes(site::ids(&["byte-match", "xss-match"])),
        ..rule(1, "and", "block")
    };
    assert_eq!(effect(vec![nested]).has_core_rules, unknown());
    let stopped = vec![rule(0, "geo-match", "allow"), rule(1, "xss-match", "block")];
    assert_eq!(effect(stopped).has_core_rules, Known::Yes(false), "few requests get as far");
}

/// A rule group's statements that look into requests may be what the core rules are; others are not.
#[test]
fn own_rule_groups_may_hold_core_rules() {
    let group = |inner: RuleGroupRule| {
        let rule = WebAclRule { rule_group_rules: Known::Yes(vec![inner]), ..rule(0, "rule-group", "none") };
        effect(vec![rule]).has_core_rules
    };
    for (statement, action, may_be) in [
        ("byte-match", "block", true),
        ("regex-match", "block", true),
        ("regex-pattern-set", "captcha", true),
        ("sqli-match", "challenge", true),
        ("xss-match", "count", false),
        ("ip-set", "block", false),
        ("rate-based", "block", false),
    ] {
        let expected = if may_be { Known::No(GapId::default()) } else { Known::Yes(false) };
        assert_eq!(group(in_group("it", statement, action)), expected, "{statement} {action}");
    }
    let nested =
        RuleGroupRule { nested_statements: site::ids(&["sqli-match"]), ..in_group("it", "or", "block") };
    assert_eq!(group(nested), Known::No(GapId::default()));
}

/// "EvaluationWindowSec … 60, 120, 300 (default), 600":
/// <https://docs.aws.amazon.com/waf/latest/APIReference/API_RateBasedStatement.html>.
#[test]
fn limits_are_compared_over_five_minutes() {
    for (window, limit) in [
        (None, 1000),
        (Some(60), 5000),
        (Some(120), 2500),
        (Some(300), 1000),
        (Some(600), 500),
        (Some(0), 1000),
    ] {
        let rule = WebAclRule { rate_window_seconds: window, ..rate(1, "block", 1000) };
        assert_eq!(effect(vec![rule]).rate_limit, Known::Yes(Some(limit)), "{window:?}");
    }
    let silent = WebAclRule { rate_limit: None, ..rate(1, "block", 1000) };
    assert_eq!(effect(vec![silent]).rate_limit, Known::No(GapId::default()), "a limit that is not said");
    let unreached = vec![rule(0, "not", "allow"), rate(1, "block", 1000)];
    assert_eq!(effect(unreached).rate_limit, Known::Yes(None));
    let narrow = WebAclRule { has_scope_down: true, ..rule(0, "geo-match", "allow") };
    assert_eq!(effect(vec![narrow, rate(1, "block", 1000)]).rate_limit, Known::Yes(Some(1000)));
}
