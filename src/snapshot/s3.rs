//! The buckets that other resources write to: what S3 says about their configuration.

use super::known::Known;
use super::listing::Listing;

crate::record! {
    /// Everything asked of S3.
    pub struct S3 {
        /// The account's buckets (ListBuckets); configuration is asked only of those that load balancers log to.
        pub buckets: Listing<Bucket>,
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
