//! What web ACLs stop, and what is served in clear text.

use super::*;

const WEB_ACL: &str = "arn:aws:wafv2:ap-northeast-1:123456789012:regional/webacl/shop/1a2b";

fn protected(rules: Vec<WebAclRule>) -> Snapshot {
    let mut account = empty_account();
    account.wafv2.web_acls.items = vec![WebAcl {
        log_destination_arns: Known::Yes(Vec::new()),
        arn: WEB_ACL.into(),
        region: REGION.into(),
        name: "shop".into(),
        scope: "REGIONAL".into(),
        default_action: Known::Yes("allow".into()),
        rules: Known::Yes(rules),
        load_balancer_arns: Known::Yes(vec![BALANCER.into()]),
    }];
    account
}

fn managed_group(name: &str, action: &str) -> WebAclRule {
    WebAclRule {
        name: name.into(),
        statement: "managed-rule-group".into(),
        vendor: Some("AWS".into()),
        managed_rule_group: Some(name.into()),
        action: action.into(),
        ..WebAclRule::default()
    }
}

fn limit(requests: i64, window_seconds: Option<i64>) -> WebAclRule {
    WebAclRule {
        name: "rate".into(),
        statement: "rate-based".into(),
        action: "block".into(),
        rate_limit: Some(requests),
        rate_window_seconds: window_seconds,
        ..WebAclRule::default()
    }
}

#[test]
fn a_web_acl_is_judged_by_what_it_stops() {
    let groups = "the IP reputation list looks at addresses alone; the core rule set at requests \
        (https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html)";
    let rates = "the limit is from 10 to 2,000,000,000 requests in 60, 120, 300 or 600 seconds \
        (https://docs.aws.amazon.com/waf/latest/APIReference/API_RateBasedStatement.html)";
    let core = |name, rules, expected| Case {
        name,
        account: protected(rules),
        policy: "waf-no-managed-rules",
        resource: WEB_ACL,
        expected,
        because: groups,
    };
    let rate = |name, rules, expected| Case {
        name,
        account: protected(rules),
        policy: "waf-no-rate-limit",
        resource: WEB_ACL,
        expected,
        because: rates,
    };
    check(&[
        core(
            "an IP reputation list",
            vec![managed_group("AWSManagedRulesAmazonIpReputationList", "none")],
            FAIL,
        ),
        core("the core rule set", vec![managed_group("AWSManagedRulesCommonRuleSet", "none")], PASS),
        core(
            "a core rule set that counts",
            vec![managed_group("AWSManagedRulesCommonRuleSet", "count")],
            FAIL,
        ),
        rate("no rule", vec![], FAIL),
        rate("the usual limit", vec![limit(2000, Some(300))], PASS),
        rate("the largest limit", vec![limit(2_000_000_000, Some(300))], FAIL),
        rate("no window said", vec![limit(10_000, None)], PASS),
        rate("a large limit in a long window", vec![limit(20_000, Some(600))], PASS),
        rate("a middling limit in a short window", vec![limit(5000, Some(60))], FAIL),
        rate("two limits, one of use", vec![limit(2_000_000_000, None), limit(2000, None)], PASS),
    ]);
}

#[test]
fn only_what_is_served_in_clear_text_is_an_alarm() {
    let because = "a redirect action sends the client to another URL; #{host} and #{port} are the request's own \
        (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RedirectActionConfig.html)";
    let http = |action: ListenerAction| Listener {
        port: Some(80),
        protocol: Some("HTTP".into()),
        default_actions: vec![action],
        ..forwarding_to(&[])
    };
    let redirect = |port: &str, host: Known<Option<String>>| ListenerAction {
        kind: "redirect".into(),
        redirect_protocol: Some("HTTPS".into()),
        redirect_port: Some(port.into()),
        redirect_host: host,
        ..ListenerAction::default()
    };
    let same = || Known::Yes(Some("#{host}".to_owned()));
    let forward = || forwarding_to(&[GROUP]).default_actions[0].clone();
    let account = |listeners: Vec<Listener>| {
        edited(steady(2, 0), |account| {
            account.elb.load_balancers.items[0].listeners = Known::Yes(listeners);
        })
    };
    let internal = |listeners: Vec<Listener>| {
        edited(account(listeners), |account| {
            account.elb.load_balancers.items[0].scheme = "internal".into();
        })
    };
    let case = |name, account, policy, expected| Case {
        name,
        account,
        policy,
        resource: BALANCER,
        expected,
        because,
    };
    let no_https = "alb-no-https-listener";
    let nowhere = "alb-redirect-to-nowhere";
    let listener = |name, account, expected| Case {
        resource: LISTENER,
        ..case(name, account, "alb-http-not-redirected", expected)
    };
    check(&[
        case("redirects alone", account(vec![http(redirect("443", same()))]), no_https, SKIP),
        case("both", account(vec![http(redirect("443", same())), forwarding_to(&[GROUP])]), no_https, PASS),
        case("redirects to nowhere", account(vec![http(redirect("443", same()))]), nowhere, FAIL),
        case("redirects to the same port", account(vec![http(redirect("#{port}", same()))]), nowhere, FAIL),
        case(
            "redirects to the listener",
            account(vec![http(redirect("443", same())), forwarding_to(&[GROUP])]),
            nowhere,
            PASS,
        ),
        case(
            "redirects to another port than the listener's",
            account(vec![http(redirect("8443", same())), forwarding_to(&[GROUP])]),
            nowhere,
            FAIL,
        ),
        case(
            "redirects to another host",
            account(vec![http(redirect("443", Known::Yes(Some("www.example.com".into()))))]),
            nowhere,
            PASS,
        ),
        case(
            "a snapshot without hosts",
            account(vec![http(redirect("443", Known::default()))]),
            nowhere,
            UNKNOWN,
        ),
        listener("the internet in clear text", account(vec![http(forward())]), FAIL),
        listener("an internal load balancer in clear text", internal(vec![http(forward())]), SKIP),
    ]);
}
