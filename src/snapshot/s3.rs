//! The buckets that other resources write to: what S3 says about their configuration.

use super::known::Known;
use super::listing::Listing;
use super::operation::{Operation, bucket, global, operation};
use super::source::SourceRow;

crate::record! {
    /// Everything asked of S3.
    pub struct S3 {
        /// The account's buckets (ListBuckets); configuration is asked only of those that load balancers log to.
        pub buckets: Listing<Bucket>,
        /// The buckets that load balancers log to and that the account does not have.
        #[serde(default)]
        pub log_buckets_elsewhere: Listing<BucketElsewhere>,
    }

    /// A bucket that is not the account's.
    pub struct BucketElsewhere {
        /// The region of a load balancer that logs to it.
        pub region: String,
        /// The name.
        pub name: String,
        /// Whether there is a bucket of this name, whoever owns it (GetBucketLocation).
        pub exists: Known<bool>,
    }

    /// A bucket.
    pub struct Bucket {
        /// The ARN.
        pub arn: String,
        /// The region it is in.
        pub region: String,
        /// The name.
        pub name: String,
        /// Whether a load balancer writes its access log here, so that the configuration was asked for.
        pub is_log_destination: bool,
        /// Whether all four settings of its public access block are on (GetPublicAccessBlock).
        pub public_access_blocked: Known<bool>,
        /// Whether some lifecycle rule is enabled (GetBucketLifecycleConfiguration).
        pub has_lifecycle: Known<bool>,
    }
}

/// What is asked, in the order of names.
pub const OPERATIONS: &[Operation] = &[
    operation(
        "s3",
        "GetBucketLifecycleConfiguration",
        &["s3:GetLifecycleConfiguration"],
        bucket("s3 configuration", 10, 10),
        0,
    )
    .at("GET /{bucket}?lifecycle"),
    operation("s3", "GetBucketLocation", &["s3:GetBucketLocation"], bucket("s3 configuration", 10, 10), 0)
        .at("GET /{bucket}?location"),
    operation(
        "s3",
        "GetPublicAccessBlock",
        &["s3:GetBucketPublicAccessBlock"],
        bucket("s3 configuration", 10, 10),
        0,
    )
    .at("GET /{bucket}?publicAccessBlock"),
    global("s3", "ListBuckets", &["s3:ListAllMyBuckets"], bucket("s3 configuration", 10, 10), 10000)
        .list("Buckets", "ContinuationToken")
        .at("GET /"),
];

/// Which of it answers which list or fact.
pub(crate) const SOURCES: &[SourceRow] = &[
    (
        "s3.buckets",
        &[
            "s3:ListBuckets",
            "elasticloadbalancing:DescribeLoadBalancers",
            "elasticloadbalancing:DescribeLoadBalancerAttributes",
        ],
    ),
    (
        "s3.log_buckets_elsewhere",
        &[
            "s3:ListBuckets",
            "elasticloadbalancing:DescribeLoadBalancers",
            "elasticloadbalancing:DescribeLoadBalancerAttributes",
        ],
    ),
    ("BucketElsewhere.exists", &["s3:GetBucketLocation"]),
    ("Bucket.public_access_blocked", &["s3:GetPublicAccessBlock"]),
    ("Bucket.has_lifecycle", &["s3:GetBucketLifecycleConfiguration"]),
];
