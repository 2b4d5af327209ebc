//! What stands between customers and a load balancer: names, distributions and certificates.

use tenken::finding::Finding;
use tenken::policy::PolicySet;
use tenken::policy::judge::judge;
use tenken::snapshot::acm::Certificate;
use tenken::snapshot::cloudfront::{Distribution, Origin, OriginHeader};
use tenken::snapshot::ec2::{InternetGateway, NetworkAcl, NetworkAclEntry, Route, RouteTable, Vpc};
use tenken::snapshot::ec2::{NetworkInterface, SecurityGroup, SecurityGroupRule, Subnet};
use tenken::snapshot::elb::{Listener, ListenerAction, LoadBalancer};
use tenken::snapshot::iam::ServerCertificate;
use tenken::snapshot::route53::DnsRecord;
use tenken::snapshot::{GapId, Known, Snapshot};

const REGION: &str = "ap-northeast-1";
const BALANCER: &str =
    "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:loadbalancer/app/shop-alb/50dc6c49";
const LISTENER: &str =
    "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:listener/app/shop-alb/50dc6c49/f2f7dc8e";
const DNS_NAME: &str = "shop-alb-1234567890.ap-northeast-1.elb.amazonaws.com";
const DISTRIBUTION: &str = "arn:aws:cloudfront::123456789012:distribution/E1ABC";
const SHOP: &str = "arn:aws:acm:ap-northeast-1:123456789012:certificate/shop";
const SECOND: &str = "arn:aws:acm:ap-northeast-1:123456789012:certificate/second";
const OTHERS: &str = "arn:aws:acm:ap-northeast-1:999999999999:certificate/theirs";
const EDGE: &str = "arn:aws:acm:us-east-1:123456789012:certificate/edge";
const KEPT_IN_IAM: &str = "arn:aws:iam::123456789012:server-certificate/shop-of-before";

const PASS: &str = "pass";
const FAIL: &str = "fail";
const UNKNOWN: &str = "unknown";
const SKIP: &str = "skip";

fn edited(mut account: Snapshot, edit: impl FnOnce(&mut Snapshot)) -> Snapshot {
    edit(&mut account);
    account
}

fn certificate(arn: &str, kind: &str, not_after: &str) -> Certificate {
    Certificate {
        arn: arn.into(),
        region: if arn == EDGE { "us-east-1" } else { REGION }.into(),
        domain_name: "shop.example.com".into(),
        status: "ISSUED".into(),
        kind: kind.into(),
        not_after: Some(not_after.into()),
        names: Known::Yes(vec!["shop.example.com".into()]),
        in_use_by: Known::Yes(vec![BALANCER.into()]),
        renewal_status: Known::Yes(None),
    }
}

fn arn(kind: &str, id: &str) -> String {
    format!("arn:aws:ec2:{REGION}:123456789012:{kind}/{id}")
}

/// A load balancer that the internet reaches on 443, with one good certificate, and a distribution
/// with one that fetches from it by a name of the shop's own.
fn account() -> Snapshot {
    let mut account =
        Snapshot::new("123456789012", "aws", "2026-01-01T00:00:00Z", &[REGION.to_owned()]).complete();
    account.elb.load_balancers.items = vec![LoadBalancer {
        arn: BALANCER.into(),
        region: REGION.into(),
        name: "shop-alb".into(),
        dns_name: DNS_NAME.into(),
        kind: "application".into(),
        scheme: "internet-facing".into(),
        vpc_id: "vpc-1".into(),
        subnet_ids: vec!["subnet-1".into()],
        security_group_ids: vec!["sg-alb".into()],
        listeners: Known::Yes(vec![Listener {
            arn: LISTENER.into(),
            region: REGION.into(),
            load_balancer_arn: BALANCER.into(),
            port: Some(443),
            protocol: Some("HTTPS".into()),
            certificate_arns: vec![SHOP.into()],
            further_certificate_arns: Known::Yes(Vec::new()),
            default_actions: vec![ListenerAction { kind: "forward".into(), ..ListenerAction::default() }],
            rules: Known::Yes(Vec::new()),
            hsts_header: Known::Yes(None),
            ..Listener::default()
        }]),
        ..LoadBalancer::default()
    }];
    account.acm.certificates.items = vec![
        certificate(SHOP, "AMAZON_ISSUED", "2026-06-01T00:00:00Z"),
        certificate(EDGE, "AMAZON_ISSUED", "2026-06-01T00:00:00Z"),
    ];
    account.cloudfront.distributions.items = vec![Distribution {
        arn: DISTRIBUTION.into(),
        region: "us-east-1".into(),
        id: "E1ABC".into(),
        domain_name: "d1abc.cloudfront.net".into(),
        aliases: vec!["shop.example.com".into()],
        enabled: true,
        web_acl_id: Some("arn:aws:wafv2:us-east-1:123456789012:global/webacl/shop/1".into()),
        origins: vec![Origin {
            id: "alb".into(),
            domain_name: "origin.example.com".into(),
            protocol_policy: Some("https-only".into()),
            ..Origin::default()
        }],
        viewer_protocol_policies: vec!["redirect-to-https".into()],
        minimum_protocol_version: Some("TLSv1.2_2021".into()),
        uses_default_certificate: Known::Yes(false),
        acm_certificate_arn: Known::Yes(Some(EDGE.into())),
        iam_certificate_id: Known::Yes(None),
        ssl_support_method: Known::Yes(Some("sni-only".into())),
    }];
    reachable(&mut account);
    account
}

/// A public subnet whose group admits the internet to 443.
fn reachable(account: &mut Snapshot) {
    let ec2 = &mut account.ec2;
    ec2.vpcs.items =
        vec![Vpc { arn: arn("vpc", "vpc-1"), region: REGION.into(), id: "vpc-1".into(), ..Vpc::default() }];
    ec2.subnets.items = vec![Subnet {
        arn: arn("subnet", "subnet-1"),
        region: REGION.into(),
        id: "subnet-1".into(),
        vpc_id: "vpc-1".into(),
        cidr_block: Some("10.0.1.0/24".into()),
        ..Subnet::default()
    }];
    ec2.route_tables.items = vec![RouteTable {
        arn: arn("route-table", "rtb-1"),
        region: REGION.into(),
        id: "rtb-1".into(),
        vpc_id: "vpc-1".into(),
        is_main: true,
        routes: vec![Route {
            destination: "0.0.0.0/0".into(),
            target: "igw-1".into(),
            state: "active".into(),
        }],
        ..RouteTable::default()
    }];
    ec2.internet_gateways.items = vec![InternetGateway {
        tags: tenken::snapshot::Known::Yes(Default::default()),
        arn: arn("internet-gateway", "igw-1"),
        region: REGION.into(),
        id: "igw-1".into(),
        vpc_ids: vec!["vpc-1".into()],
    }];
    let entry = |egress: bool| NetworkAclEntry {
        rule_number: 100,
        egress,
        allow: true,
        protocol: "-1".into(),
        cidr_block: Some("0.0.0.0/0".into()),
        ..NetworkAclEntry::default()
    };
    ec2.network_acls.items = vec![NetworkAcl {
        tags: tenken::snapshot::Known::Yes(Default::default()),
        arn: arn("network-acl", "acl-1"),
        region: REGION.into(),
        id: "acl-1".into(),
        vpc_id: "vpc-1".into(),
        is_default: true,
        subnet_ids: vec!["subnet-1".into()],
        entries: vec![entry(false), entry(true)],
    }];
    let rule = |protocol: &str, port: Option<i64>| SecurityGroupRule {
        protocol: protocol.into(),
        from_port: port,
        to_port: port,
        peer_kind: "ipv4".into(),
        peer: "0.0.0.0/0".into(),
        ..SecurityGroupRule::default()
    };
    ec2.security_groups.items = vec![SecurityGroup {
        arn: arn("security-group", "sg-alb"),
        region: REGION.into(),
        id: "sg-alb".into(),
        name: "alb".into(),
        vpc_id: "vpc-1".into(),
        ingress: vec![rule("tcp", Some(443))],
        egress: vec![rule("-1", None)],
        ..SecurityGroup::default()
    }];
}

fn distribution(account: &mut Snapshot) -> &mut Distribution {
    &mut account.cloudfront.distributions.items[0]
}

fn listener(account: &mut Snapshot) -> &mut Listener {
    let Known::Yes(listeners) = &mut account.elb.load_balancers.items[0].listeners else { unreachable!() };
    &mut listeners[0]
}

fn record(name: &str, kind: &str, is_alias: bool, target: &str) -> DnsRecord {
    DnsRecord {
        id: format!("Z1/{name}/{kind}/"),
        region: "us-east-1".into(),
        zone_id: "Z1".into(),
        name: name.into(),
        kind: kind.into(),
        is_alias,
        targets: vec![target.into()],
        ..DnsRecord::default()
    }
}

/// An account, a policy and the verdicts that it must give there, with what AWS says.
struct Case {
    name: &'static str,
    account: Snapshot,
    policy: &'static str,
    expected: &'static [&'static str],
}

fn findings(account: &Snapshot, policy: &str) -> Vec<Finding> {
    let mut found = judge(account, &PolicySet::embedded().unwrap());
    found.retain(|finding| finding.policy == policy);
    found
}

fn check(because: &str, cases: Vec<Case>) {
    let mut problems = Vec::new();
    for Case { name, account, policy, expected } in cases {
        let found = findings(&account, policy);
        let mut verdicts: Vec<&str> = found.iter().map(|finding| finding.verdict.as_str()).collect();
        verdicts.sort_unstable();
        if verdicts != expected {
            let said: Vec<&str> = found.iter().map(|finding| finding.message.en.as_str()).collect();
            problems
                .push(format!("{policy} on {name}: {verdicts:?}, not {expected:?} ({said:?}); {because}"));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn every_certificate_of_a_listener_is_judged() {
    let because = "you can add further certificates to the certificate list of a listener, which chooses by SNI \
        (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/https-listener-certificates.html); \
        imported certificates are not renewed \
        (https://docs.aws.amazon.com/acm/latest/userguide/import-certificate.html)";
    let case = |name, expected, edit: &dyn Fn(&mut Snapshot)| Case {
        name,
        account: edited(account(), |account| edit(account)),
        policy: "alb-certificate-expiring",
        expected,
    };
    let with_second = |account: &mut Snapshot, second: Certificate| {
        listener(account).further_certificate_arns = Known::Yes(vec![second.arn.clone()]);
        account.acm.certificates.items.push(second);
    };
    let in_iam = |account: &mut Snapshot, not_after: &str| {
        listener(account).further_certificate_arns = Known::Yes(vec![KEPT_IN_IAM.into()]);
        account.iam.server_certificates.items = vec![ServerCertificate {
            arn: KEPT_IN_IAM.into(),
            region: "us-east-1".into(),
            id: "ASCAEXAMPLE".into(),
            name: "shop-of-before".into(),
            not_after: Some(not_after.into()),
        }];
    };
    let failed = |not_after: &str| Certificate {
        renewal_status: Known::Yes(Some("FAILED".into())),
        ..certificate(SECOND, "AMAZON_ISSUED", not_after)
    };
    check(
        because,
        vec![
            case("one good certificate", &[PASS], &|_| {}),
            case("an imported one for a second name that ends", &[FAIL], &|account| {
                with_second(account, certificate(SECOND, "IMPORTED", "2026-01-11T00:00:00Z"));
            }),
            case("both end", &[FAIL, FAIL], &|account| {
                account.acm.certificates.items[0].not_after = Some("2026-01-05T00:00:00Z".into());
                with_second(account, certificate(SECOND, "IMPORTED", "2025-12-11T00:00:00Z"));
            }),
            case("one whose renewal failed", &[FAIL], &|account| {
                with_second(account, failed("2026-02-15T00:00:00Z"));
            }),
            case("one whose renewal failed once, long before its end", &[PASS], &|account| {
                with_second(account, failed("2026-06-01T00:00:00Z"));
            }),
            case("one that was revoked", &[FAIL], &|account| {
                let revoked = certificate(SECOND, "AMAZON_ISSUED", "2026-06-01T00:00:00Z");
                with_second(account, Certificate { status: "REVOKED".into(), ..revoked });
            }),
            case("one in IAM that ended", &[FAIL], &|account| in_iam(account, "2025-11-22T00:00:00Z")),
            case("one in IAM that is good", &[PASS], &|account| in_iam(account, "2026-11-22T00:00:00Z")),
            case("another account's", &[UNKNOWN], &|account| {
                listener(account).further_certificate_arns = Known::Yes(vec![OTHERS.into()]);
            }),
            case("one in IAM that may not be listed", &[UNKNOWN], &|account| {
                in_iam(account, "2025-11-22T00:00:00Z");
                account.iam.server_certificates.items.clear();
                account.iam.server_certificates.incomplete =
                    vec![GapId::new("iam:ListServerCertificates", "us-east-1", None)];
            }),
            case("further ones that may not be listed", &[UNKNOWN], &|account| {
                listener(account).further_certificate_arns = Known::No(denied());
            }),
            case("further ones that may not be listed beside one that ends", &[FAIL, UNKNOWN], &|account| {
                account.acm.certificates.items[0].not_after = Some("2026-01-05T00:00:00Z".into());
                listener(account).further_certificate_arns = Known::No(denied());
            }),
            case("a listener for HTTP", &[SKIP], &|account| {
                listener(account).protocol = Some("HTTP".into());
                listener(account).certificate_arns.clear();
            }),
        ],
    );
    let unlisted =
        edited(account(), |account| listener(account).further_certificate_arns = Known::No(denied()));
    let said = &findings(&unlisted, "alb-certificate-expiring")[0].message.en;
    assert!(said.contains("DescribeListenerCertificates"), "{said}");
}

fn denied() -> GapId {
    GapId::new("elasticloadbalancing:DescribeListenerCertificates", REGION, Some(LISTENER))
}

#[test]
fn the_certificate_of_a_distribution_is_judged() {
    let because = "to use a certificate in ACM with CloudFront, it has to be in us-east-1 \
        (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html)";
    let case = |name, expected, edit: &dyn Fn(&mut Snapshot)| Case {
        name,
        account: edited(account(), |account| edit(account)),
        policy: "cloudfront-certificate-expiring",
        expected,
    };
    check(
        because,
        vec![
            case("a good one in us-east-1, which is not scanned", &[PASS], &|_| {}),
            case("one that ends", &[FAIL], &|account| {
                account.acm.certificates.items[1].not_after = Some("2026-01-12T00:00:00Z".into());
            }),
            case("one that may not be described", &[UNKNOWN], &|account| {
                account.acm.certificates.items.pop();
                account.acm.certificates.incomplete =
                    vec![GapId::new("acm:DescribeCertificate", "us-east-1", Some(EDGE))];
            }),
            case("one in IAM that ended", &[FAIL], &|account| {
                distribution(account).acm_certificate_arn = Known::Yes(None);
                distribution(account).iam_certificate_id = Known::Yes(Some("ASCAEXAMPLE".into()));
                account.iam.server_certificates.items = vec![ServerCertificate {
                    arn: KEPT_IN_IAM.into(),
                    id: "ASCAEXAMPLE".into(),
                    not_after: Some("2025-12-31T00:00:00Z".into()),
                    ..ServerCertificate::default()
                }];
            }),
            case("CloudFront's own", &[SKIP], &|account| {
                distribution(account).uses_default_certificate = Known::Yes(true);
                distribution(account).acm_certificate_arn = Known::Yes(None);
            }),
            case("a distribution that is off", &[SKIP], &|account| {
                distribution(account).enabled = false;
                account.acm.certificates.items[1].not_after = Some("2026-01-12T00:00:00Z".into());
            }),
            case("an older snapshot", &[UNKNOWN], &|account| {
                distribution(account).acm_certificate_arn = Known::default();
            }),
        ],
    );
}

#[test]
fn an_origin_with_a_name_of_ones_own_leads_to_its_load_balancer() {
    let because = "alias records route traffic to a load balancer, and a CNAME record to any name \
        (https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-choosing-alias-non-alias.html)";
    let alias = || record("origin.example.com", "A", true, &format!("dualstack.{DNS_NAME}"));
    let case = |name, policy, expected, records: Vec<DnsRecord>| Case {
        name,
        account: edited(account(), |account| account.route53.records.items = records),
        policy,
        expected,
    };
    let cdn = |name, expected, records| case(name, "alb-no-cdn", expected, records);
    let past = |name, expected, records| case(name, "alb-reachable-past-cloudfront", expected, records);
    let chain = |end: DnsRecord| vec![record("origin.example.com", "CNAME", false, "lb.example.com"), end];
    let own = |target: &str| record("lb.example.com", "CNAME", false, target);
    check(
        because,
        vec![
            cdn("an alias", &[PASS], vec![alias()]),
            cdn("a chain of names", &[PASS], chain(own(DNS_NAME))),
            cdn(
                "an alias of another load balancer",
                &[FAIL],
                vec![record(
                    "origin.example.com",
                    "A",
                    true,
                    "dualstack.other-1.ap-northeast-1.elb.amazonaws.com",
                )],
            ),
            cdn("a chain into another account's zone", &[UNKNOWN], chain(own("lb.example.net"))),
            cdn("a zone that is another account's", &[UNKNOWN], vec![]),
            // Everybody reaches the load balancer itself, whatever the distribution's web ACL stops.
            past("an alias", &[FAIL], vec![alias()]),
            past("a zone that is another account's", &[UNKNOWN], vec![]),
        ],
    );
    let address = edited(account(), |account| {
        account.route53.records.items = vec![record("origin.example.com", "A", false, "52.196.10.10")];
        account.ec2.network_interfaces.items = vec![NetworkInterface {
            arn: arn("network-interface", "eni-1"),
            region: REGION.into(),
            id: "eni-1".into(),
            description: "ELB app/shop-alb/50dc6c49".into(),
            public_ips: vec!["52.196.10.10".into()],
            ..NetworkInterface::default()
        }];
    });
    let nobodys = edited(account(), |account| {
        account.route53.records.items = vec![record("origin.example.com", "A", false, "198.51.100.7")];
    });
    let denied = edited(account(), |account| {
        account.route53.records.incomplete = vec![GapId::new("route53:ListHostedZones", "us-east-1", None)];
    });
    let elsewhere = |name, account, expected| Case { name, account, policy: "alb-no-cdn", expected };
    check(
        because,
        vec![
            elsewhere("the address of its interface", address, &[PASS]),
            elsewhere("an address outside of AWS", nobodys, &[FAIL]),
            elsewhere("zones that may not be listed", denied.clone(), &[UNKNOWN]),
        ],
    );
    let said = &findings(&denied, "alb-no-cdn")[0].message.en;
    assert!(said.contains("route53:ListHostedZones"), "{said}");
}

#[test]
fn the_header_of_an_origin_with_a_name_of_ones_own_is_compared() {
    let mut account = edited(account(), |account| {
        let header = OriginHeader { name: "X-Origin-Verify".into(), value_fingerprint: "f00d".into() };
        distribution(account).origins[0].custom_headers = vec![header];
        account.route53.records.items = vec![record("origin.example.com", "A", true, DNS_NAME)];
    });
    let found = findings(&account, "alb-reachable-past-cloudfront");
    assert!(found[0].message.en.contains("does not require X-Origin-Verify"), "{}", found[0].message.en);
    let script = &found[0].options[0].cli.en;
    assert!(script.contains("ORIGIN_NAMES=\"origin.example.com\""), "{script}");
    distribution(&mut account).origins[0].domain_name = DNS_NAME.into();
    let script = &findings(&account, "alb-reachable-past-cloudfront")[0].options[0].cli.en;
    assert!(script.contains(&format!("ORIGIN_NAMES=\"{DNS_NAME}\"")), "{script}");
}

#[test]
fn distributions_as_security_hub_judges_them() {
    let because = "https://docs.aws.amazon.com/securityhub/latest/userguide/cloudfront-controls.html";
    let case = |name, policy, expected, edit: &dyn Fn(&mut Distribution)| Case {
        name,
        account: edited(account(), |account| edit(distribution(account))),
        policy,
        expected,
    };
    let version = |name, version: &'static str, expected| {
        case(name, "cloudfront-weak-tls", expected, &move |distribution: &mut Distribution| {
            distribution.minimum_protocol_version = Some(version.to_owned());
        })
    };
    let fetched = |name, origin: &'static str, viewer: &'static str, expected| {
        case(name, "cloudfront-origin-http", expected, &move |distribution: &mut Distribution| {
            distribution.origins[0].protocol_policy = (!origin.is_empty()).then(|| origin.to_owned());
            distribution.viewer_protocol_policies = vec![viewer.to_owned()];
        })
    };
    let off: &dyn Fn(&mut Distribution) = &|distribution| {
        distribution.enabled = false;
        distribution.web_acl_id = None;
        distribution.viewer_protocol_policies = vec!["allow-all".to_owned()];
        distribution.origins[0].protocol_policy = Some("http-only".to_owned());
        distribution.minimum_protocol_version = Some("TLSv1".to_owned());
    };
    check(
        because,
        vec![
            case("redirects", "cloudfront-viewer-http", &[PASS], &|_| {}),
            case("one behavior allows HTTP", "cloudfront-viewer-http", &[FAIL], &|distribution| {
                distribution.viewer_protocol_policies.push("allow-all".to_owned());
            }),
            case("a web ACL", "cloudfront-no-waf", &[PASS], &|_| {}),
            case("no web ACL", "cloudfront-no-waf", &[FAIL], &|distribution| distribution.web_acl_id = None),
            case("its own certificate", "cloudfront-default-certificate", &[PASS], &|_| {}),
            case("CloudFront's certificate", "cloudfront-default-certificate", &[FAIL], &|distribution| {
                distribution.uses_default_certificate = Known::Yes(true);
            }),
            fetched("https-only", "https-only", "allow-all", &[PASS]),
            fetched("http-only", "http-only", "https-only", &[FAIL]),
            fetched("match-viewer, which is HTTPS", "match-viewer", "redirect-to-https", &[PASS]),
            fetched("match-viewer, which may be HTTP", "match-viewer", "allow-all", &[FAIL]),
            fetched("a bucket", "", "allow-all", &[PASS]),
            version("TLSv1.2_2021", "TLSv1.2_2021", &[PASS]),
            version("TLSv1.3_2025", "TLSv1.3_2025", &[PASS]),
            version("TLSv1.2_2019", "TLSv1.2_2019", &[FAIL]),
            version("TLSv1", "TLSv1", &[FAIL]),
            case("a policy that cannot be chosen", "cloudfront-weak-tls", &[SKIP], &|distribution| {
                distribution.uses_default_certificate = Known::Yes(true);
                distribution.ssl_support_method = Known::Yes(None);
                distribution.minimum_protocol_version = Some("TLSv1".to_owned());
            }),
            case("off", "cloudfront-viewer-http", &[SKIP], off),
            case("off", "cloudfront-no-waf", &[SKIP], off),
            case("off", "cloudfront-origin-http", &[SKIP], off),
            case("off", "cloudfront-weak-tls", &[SKIP], off),
        ],
    );
    let denied = edited(account(), |account| {
        account.cloudfront.distributions.items.clear();
        account.cloudfront.distributions.incomplete =
            vec![GapId::new("cloudfront:ListDistributions", "us-east-1", None)];
    });
    for policy in
        ["cloudfront-viewer-http", "cloudfront-no-waf", "cloudfront-weak-tls", "cloudfront-origin-http"]
    {
        let found = findings(&denied, policy);
        assert!(matches!(found.as_slice(), [one] if one.verdict.as_str() == UNKNOWN), "{policy}");
    }
}
