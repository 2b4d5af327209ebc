//! What web ACLs hold that are not AWS's managed rules.

use super::*;

fn own(statement: &str, action: &str) -> WebAclRule {
    WebAclRule {
        statement: statement.into(),
        action: action.into(),
        nested_statements: Known::Yes(Vec::new()),
        ..Default::default()
    }
}

fn group(rules: Known<Vec<RuleGroupRule>>, action: &str) -> WebAclRule {
    let arn = format!("arn:aws:wafv2:{REGION}:{ACCOUNT}:regional/rulegroup/wafcharm/2");
    WebAclRule { rule_group_arn: Known::Yes(Some(arn)), rule_group_rules: rules, ..own("rule-group", action) }
}

fn of_group(statement: &str, action: &str, rate_limit: Option<i64>) -> RuleGroupRule {
    RuleGroupRule {
        name: statement.into(),
        statement: statement.into(),
        action: action.into(),
        rate_limit,
        ..Default::default()
    }
}

fn refused() -> Known<Vec<RuleGroupRule>> {
    Known::No(GapId::new("wafv2:GetRuleGroup", REGION, Some("arn:rulegroup")))
}

/// Managed rule groups of AWS Marketplace sellers stand in a web ACL as AWS's do, and rule groups of
/// one's own and Firewall Manager's protect as well.
/// <https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-groups.html>
#[test]
fn rule_groups_of_others_count_or_are_unknown() {
    type Rules = fn() -> Vec<WebAclRule>;
    let cases: &[(&str, Rules, &str, &str)] = &[
        ("nothing", Vec::new, "fail", "fail"),
        (
            "the core rule set",
            || vec![managed("AWS", "AWSManagedRulesCommonRuleSet", "none")],
            "pass",
            "fail",
        ),
        (
            "F5 against the OWASP top ten",
            || vec![managed("F5", "F5-OWASP_Managed", "none")],
            "pass",
            "unknown",
        ),
        (
            "Cyber Security Cloud's",
            || vec![managed("Cyber Security Cloud Inc.", "CyberSecurityCloud-HighSecurityOWASPSet-", "none")],
            "pass",
            "unknown",
        ),
        ("the same, counting", || vec![managed("F5", "F5-OWASP_Managed", "count")], "fail", "fail"),
        (
            "behind an allow for whole countries",
            || vec![own("geo-match", "allow"), managed("F5", "F5-OWASP_Managed", "none")],
            "fail",
            "fail",
        ),
        ("Fortinet's bots", || vec![managed("Fortinet", "Malicious_Bots", "none")], "unknown", "unknown"),
        (
            "AWS's list of addresses",
            || vec![managed("AWS", "AWSManagedRulesAmazonIpReputationList", "none")],
            "fail",
            "fail",
        ),
        (
            "AWS's group against floods, by its own measure",
            || vec![managed("AWS", "AWSManagedRulesAntiDDoSRuleSet", "none")],
            "fail",
            "unknown",
        ),
        (
            "a rule group that its owner does not show",
            || vec![group(refused(), "none")],
            "unknown",
            "unknown",
        ),
        ("the same, counting", || vec![group(refused(), "count")], "fail", "fail"),
        (
            "a rule group that looks into requests",
            || vec![group(Known::Yes(vec![of_group("regex-pattern-set", "block", None)]), "none")],
            "unknown",
            "fail",
        ),
        (
            "a rule group that counts what it finds",
            || vec![group(Known::Yes(vec![of_group("regex-pattern-set", "count", None)]), "none")],
            "fail",
            "fail",
        ),
        (
            "a rule group of addresses alone",
            || vec![group(Known::Yes(vec![of_group("ip-set", "block", None)]), "none")],
            "fail",
            "fail",
        ),
        (
            "a rate limit in a rule group",
            || vec![group(Known::Yes(vec![of_group("rate-based", "block", Some(2000))]), "none")],
            "fail",
            "pass",
        ),
        (
            "one that stops nobody",
            || vec![group(Known::Yes(vec![of_group("rate-based", "block", Some(2_000_000_000))]), "none")],
            "fail",
            "fail",
        ),
        (
            "a limit of its own beside a group that is not shown",
            || {
                let limit = WebAclRule { rate_limit: Some(2000), ..own("rate-based", "block") };
                vec![group(refused(), "none"), limit]
            },
            "unknown",
            "pass",
        ),
        (
            "its own rule against SQL injection, within others",
            || {
                let nested = Known::Yes(ids(&["geo-match", "sqli-match"]));
                vec![WebAclRule { nested_statements: nested, ..own("and", "block") }]
            },
            "unknown",
            "fail",
        ),
        (
            "Firewall Manager's first group goes before an allow of the web ACL, whatever their priorities",
            || {
                let first =
                    WebAclRule { priority: 9, ..managed("AWS", "AWSManagedRulesCommonRuleSet", "none") };
                vec![first, WebAclRule { priority: 0, ..own("geo-match", "allow") }]
            },
            "pass",
            "fail",
        ),
    ];
    let mut wrong = Vec::new();
    for (name, rules, managed, limited) in cases {
        let mut snapshot = account();
        web_acl(&mut snapshot, rules());
        let judged = findings(&snapshot);
        for (policy, expected) in [("waf-no-managed-rules", managed), ("waf-no-rate-limit", limited)] {
            let found = verdict(&judged, policy, "webacl/shop/1");
            if found != *expected {
                wrong.push(format!("{name}: {policy} is {found}, not {expected}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn empty_web_acls_and_those_without_a_log() {
    const EMPTY: &str = "waf-no-rules";
    const LOG: &str = "waf-no-log";
    const ACL: &str = "webacl/shop/1";
    check(&[
        Case {
            name: "no rule, no log",
            edit: |snapshot| web_acl(snapshot, Vec::new()),
            expected: &[(EMPTY, ACL, "fail"), (LOG, ACL, "fail")],
        },
        Case {
            name: "a rule and a log",
            edit: |snapshot| {
                web_acl(snapshot, vec![own("ip-set", "block")]);
                snapshot.wafv2.web_acls.items[0].log_destination_arns =
                    Known::Yes(vec![format!("arn:aws:logs:{REGION}:{ACCOUNT}:log-group:aws-waf-logs-shop")]);
            },
            expected: &[(EMPTY, ACL, "pass"), (LOG, ACL, "pass")],
        },
        Case {
            name: "nothing uses it: it is empty all the same, and has nothing to log",
            edit: |snapshot| {
                web_acl(snapshot, Vec::new());
                snapshot.wafv2.web_acls.items[0].load_balancer_arns = Known::Yes(Vec::new());
            },
            expected: &[(EMPTY, ACL, "fail"), (LOG, ACL, "skip")],
        },
        Case {
            name: "neither is known",
            edit: |snapshot| {
                web_acl(snapshot, Vec::new());
                let acl = &mut snapshot.wafv2.web_acls.items[0];
                acl.rules = Known::No(GapId::new("wafv2:GetWebACL", REGION, None));
                acl.log_destination_arns =
                    Known::No(GapId::new("wafv2:ListLoggingConfigurations", REGION, None));
            },
            expected: &[(EMPTY, ACL, "unknown"), (LOG, ACL, "unknown")],
        },
    ]);
}
