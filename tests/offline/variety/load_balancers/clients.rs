//! Who gets answers from a load balancer, and what is missing there.

use super::*;

#[test]
fn who_reaches_a_load_balancer_decides_what_is_missing_there() {
    check(&[
        Case {
            name: "everybody, and nothing in front",
            edit: |_| {},
            expected: &[
                (WAF, LB, "fail"),
                (HTTPS, LB, "fail"),
                (REDIRECT, HTTP_LISTENER, "fail"),
                (CDN, LB, "fail"),
                (ORIGIN, LB, "skip"),
            ],
        },
        Case {
            name: "CloudFront's prefix list alone, behind a web ACL: only the way between them is plain",
            edit: locked,
            expected: &[
                (WAF, LB, "pass"),
                (HTTPS, LB, "skip"),
                (REDIRECT, HTTP_LISTENER, "skip"),
                (CDN, LB, "pass"),
                (ORIGIN, LB, "fail"),
            ],
        },
        Case {
            name: "the same over HTTPS",
            edit: |snapshot| {
                locked(snapshot);
                admit(snapshot, &[(443, CLOUDFRONT)]);
                distribution(snapshot, "https-only", true);
                lb(snapshot).listeners =
                    Known::Yes(vec![listener(443, "HTTPS", vec![forward(&[(GREEN, 1)])])]);
            },
            expected: &[
                (WAF, LB, "pass"),
                (HTTPS, LB, "pass"),
                (ORIGIN, LB, "pass"),
                ("alb-no-hsts", "listener/app/shop/50dc/443", "skip"),
            ],
        },
        Case {
            name: "viewers who come by HTTPS alone have their requests fetched so",
            edit: |snapshot| {
                locked(snapshot);
                distribution(snapshot, "match-viewer", true);
            },
            expected: &[(ORIGIN, LB, "pass")],
        },
        Case {
            name: "the distribution has no web ACL",
            edit: |snapshot| {
                locked(snapshot);
                distribution(snapshot, "http-only", false);
            },
            expected: &[(WAF, LB, "fail"), (HTTPS, LB, "skip")],
        },
        Case {
            name: "one of two distributions in front has none",
            edit: |snapshot| {
                locked(snapshot);
                let mut other = snapshot.cloudfront.distributions.items[0].clone();
                other.arn += "2";
                other.web_acl_id = None;
                snapshot.cloudfront.distributions.items.push(other);
            },
            expected: &[(WAF, LB, "fail")],
        },
        Case {
            name: "everybody is admitted as well as the distribution: its web ACL is walked around",
            edit: |snapshot| {
                locked(snapshot);
                admit(snapshot, &[(80, CLOUDFRONT), (80, "0.0.0.0/0")]);
            },
            expected: &[(WAF, LB, "fail"), (HTTPS, LB, "fail"), (ORIGIN, LB, "skip")],
        },
        Case {
            name: "everybody is admitted, and only the distribution's secret header is forwarded",
            edit: secret_header,
            expected: &[
                (WAF, LB, "pass"),
                (HTTPS, LB, "skip"),
                (REDIRECT, HTTP_LISTENER, "skip"),
                (ORIGIN, LB, "fail"),
            ],
        },
        Case {
            name: "an office: no customer and no distribution comes that way",
            edit: |snapshot| admit(snapshot, &[(80, "203.0.113.0/28")]),
            expected: &[(WAF, LB, "skip"), (HTTPS, LB, "skip"), (CDN, LB, "skip"), (ORIGIN, LB, "skip")],
        },
    ]);
}

#[test]
fn what_may_be_cloudfront_is_unknown_and_never_protection() {
    check(&[
        Case {
            name: "a distribution of another account may lead to what admits CloudFront",
            edit: |snapshot| {
                locked(snapshot);
                snapshot.cloudfront.distributions.items.clear();
            },
            // CloudFront has no other way to fetch than plain HTTP, whoever owns the distribution.
            expected: &[
                (WAF, LB, "unknown"),
                (CDN, LB, "unknown"),
                (HTTPS, LB, "skip"),
                (ORIGIN, LB, "fail"),
            ],
        },
        Case {
            name: "a list of the account's own with ranges as large as CloudFront's may be a copy of its list",
            edit: |snapshot| {
                locked(snapshot);
                let copy = Known::Yes(ids(&["13.32.0.0/15", "204.246.168.0/22"]));
                snapshot.ec2.prefix_lists.items.push(prefix_list("pl-copy", "cloudfront", ACCOUNT, copy));
                admit(snapshot, &[(80, "pl-copy")]);
            },
            expected: &[(WAF, LB, "unknown"), (HTTPS, LB, "skip")],
        },
        Case {
            name: "so may the ranges themselves",
            edit: |snapshot| {
                locked(snapshot);
                admit(snapshot, &[(80, "13.32.0.0/15")]);
            },
            expected: &[(WAF, LB, "unknown")],
        },
        Case {
            name: "an office's list is none",
            edit: |snapshot| {
                let office = Known::Yes(ids(&["203.0.113.0/28"]));
                snapshot.ec2.prefix_lists.items.push(prefix_list("pl-office", "office", ACCOUNT, office));
                admit(snapshot, &[(80, "pl-office")]);
            },
            expected: &[(WAF, LB, "skip"), (HTTPS, LB, "skip")],
        },
        Case {
            name: "a list that another account shares and does not show",
            edit: |snapshot| {
                locked(snapshot);
                let hidden =
                    Known::No(GapId::new("ec2:GetManagedPrefixListEntries", REGION, Some("pl-shared")));
                snapshot.ec2.prefix_lists.items.push(prefix_list(
                    "pl-shared",
                    "edge",
                    "999999999999",
                    hidden,
                ));
                admit(snapshot, &[(80, "pl-shared")]);
            },
            expected: &[(WAF, LB, "unknown"), (HTTPS, LB, "unknown"), (ORIGIN, LB, "unknown")],
        },
        Case {
            name: "groups that AWS would not say",
            edit: |snapshot| {
                locked(snapshot);
                snapshot.ec2.security_groups.items.clear();
                snapshot.ec2.security_groups.incomplete =
                    vec![GapId::new("ec2:DescribeSecurityGroups", REGION, None)];
            },
            expected: &[
                (WAF, LB, "unknown"),
                (HTTPS, LB, "unknown"),
                (REDIRECT, HTTP_LISTENER, "unknown"),
                (ORIGIN, LB, "unknown"),
            ],
        },
        Case {
            name: "its own web ACL protects it whoever comes",
            edit: |snapshot| {
                snapshot.ec2.security_groups.items.clear();
                snapshot.ec2.security_groups.incomplete =
                    vec![GapId::new("ec2:DescribeSecurityGroups", REGION, None)];
                web_acl(snapshot, vec![managed("AWS", "AWSManagedRulesCommonRuleSet", "none")]);
            },
            expected: &[(WAF, LB, "pass")],
        },
        Case {
            name: "distributions that AWS would not list",
            edit: |snapshot| {
                locked(snapshot);
                snapshot.cloudfront.distributions.items.clear();
                snapshot.cloudfront.distributions.incomplete =
                    vec![GapId::new("cloudfront:ListDistributions", "us-east-1", None)];
            },
            expected: &[(WAF, LB, "unknown"), (CDN, LB, "unknown"), (HTTPS, LB, "skip")],
        },
    ]);
}

/// Halves of the internet go past the distribution as the whole does; CloudFront stays admitted.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/restrict-access-to-load-balancer.html>
#[test]
fn whoever_goes_past_cloudfront_is_closed_out_by_name() {
    let mut snapshot = account();
    admit(&mut snapshot, &[(80, "0.0.0.0/1"), (80, "128.0.0.0/1"), (80, CLOUDFRONT), (80, "203.0.113.7/32")]);
    distribution(&mut snapshot, "http-only", true);
    let judged = findings(&snapshot);
    let is_it = |finding: &&Finding| {
        finding.policy == "alb-reachable-past-cloudfront" && finding.verdict == Verdict::Fail
    };
    let option = &judged.iter().find(is_it).unwrap().options[0];
    for script in [&option.cli, &option.check, &option.undo] {
        assert!(script.en.contains("OPEN_PEERS=\"0.0.0.0/1, 128.0.0.0/1\""), "{}", script.en);
    }
}
