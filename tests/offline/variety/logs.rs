//! Where access logs go: buckets of the account, of a central account for logs, of nobody.

use tenken::policy::PolicySet;
use tenken::policy::judge::judge;
use tenken::policy::parameter::PolicyParameter;
use tenken::snapshot::elb::{LoadBalancer, LoadBalancerAttributes};
use tenken::snapshot::s3::{Bucket, BucketElsewhere};
use tenken::snapshot::{GapId, Known, Snapshot};

const REGION: &str = "ap-northeast-1";
const POLICY: &str = "alb-access-log-bucket-missing";

/// A load balancer that writes its access log to `bucket`, in an account that has `shop-logs` alone.
fn logging_to(bucket: &str, edit: impl FnOnce(&mut Snapshot)) -> Snapshot {
    let mut account =
        Snapshot::new("123456789012", "aws", "2026-01-05T00:00:00Z", &[REGION.to_owned()]).complete();
    account.elb.load_balancers.items = vec![LoadBalancer {
        arn: format!("arn:aws:elasticloadbalancing:{REGION}:123456789012:loadbalancer/app/shop/50dc"),
        region: REGION.into(),
        name: "shop".into(),
        kind: "application".into(),
        attributes: Known::Yes(LoadBalancerAttributes {
            access_logs_enabled: Known::Yes(Some(true)),
            access_logs_bucket: Some(bucket.to_owned()),
            ..LoadBalancerAttributes::default()
        }),
        ..LoadBalancer::default()
    }];
    account.s3.buckets.items = vec![Bucket {
        arn: "arn:aws:s3:::shop-logs".into(),
        region: REGION.into(),
        name: "shop-logs".into(),
        is_log_destination: true,
        ..Bucket::default()
    }];
    edit(&mut account);
    account
}

fn elsewhere(account: &mut Snapshot, name: &str, exists: Known<bool>) {
    account.s3.log_buckets_elsewhere.items =
        vec![BucketElsewhere { region: REGION.into(), name: name.into(), exists }];
}

fn verdicts(account: &Snapshot, policies: &PolicySet) -> Vec<String> {
    let mut found = judge(account, policies);
    found.retain(|finding| finding.policy == POLICY);
    found.into_iter().map(|finding| finding.verdict.as_str().to_owned()).collect()
}

/// "The bucket must … be located in the same Region as the load balancer. The bucket and the load
/// balancer can be owned by different accounts":
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html>
#[test]
fn a_log_may_go_to_a_central_account() {
    let policies = PolicySet::embedded().unwrap();
    let denied = || GapId::new("s3:GetBucketLocation", REGION, Some("log-archive"));
    let cases = [
        ("the account's own bucket", logging_to("shop-logs", |_| ()), "pass"),
        (
            "a bucket that another account has: whose, nobody here can tell",
            logging_to("log-archive", |account| elsewhere(account, "log-archive", Known::Yes(true))),
            "unknown",
        ),
        (
            "a bucket that does not exist",
            logging_to("log-archive", |account| elsewhere(account, "log-archive", Known::Yes(false))),
            "fail",
        ),
        (
            "whether it exists was refused",
            logging_to("log-archive", |account| elsewhere(account, "log-archive", Known::No(denied()))),
            "unknown",
        ),
        (
            "the list of the account's buckets was refused",
            logging_to("log-archive", |account| {
                account.s3.buckets.items.clear();
                account.s3.buckets.incomplete = vec![GapId::new("s3:ListBuckets", REGION, None)];
            }),
            "unknown",
        ),
        (
            "the log of a Network Load Balancer is no other",
            logging_to("log-archive", |account| {
                account.elb.load_balancers.items[0].kind = "network".into();
                elsewhere(account, "log-archive", Known::Yes(false));
            }),
            "fail",
        ),
        (
            "no log",
            logging_to("log-archive", |account| {
                account.elb.load_balancers.items[0].attributes = Known::Yes(LoadBalancerAttributes {
                    access_logs_enabled: Known::Yes(Some(false)),
                    ..LoadBalancerAttributes::default()
                });
            }),
            "skip",
        ),
    ];
    for (name, account, expected) in cases {
        assert_eq!(verdicts(&account, &policies), [expected], "{name}");
    }
}

/// A central bucket that somebody named is meant; its namesakes are not.
#[test]
fn a_central_bucket_that_was_named_is_meant() {
    let mut policies = PolicySet::embedded().unwrap();
    let central = PolicyParameter::Text("audit-logs log-archive".to_owned());
    policies.set_parameters(POLICY, &[("central_buckets".to_owned(), central)].into()).unwrap();
    for (bucket, expected) in [("log-archive", "pass"), ("log", "unknown"), ("audit-logs", "pass")] {
        let account = logging_to(bucket, |account| elsewhere(account, bucket, Known::Yes(true)));
        assert_eq!(verdicts(&account, &policies), [expected], "{bucket}");
    }
}
