//! Distributions: what CloudFront says. CloudFront is global; its region here is us-east-1.

use super::known::Known;
use super::listing::Listing;
use super::operation::{Operation, bucket, global};
use super::source::SourceRow;

crate::record! {
    /// Everything asked of CloudFront.
    pub struct Cloudfront {
        /// Distributions (ListDistributions).
        pub distributions: Listing<Distribution>,
    }

    /// A distribution.
    pub struct Distribution {
        /// The ARN.
        pub arn: String,
        /// us-east-1, where CloudFront is asked.
        pub region: String,
        /// For instance E1ABC.
        pub id: String,
        /// For instance d1abc.cloudfront.net.
        pub domain_name: String,
        /// Its other names.
        pub aliases: Vec<String>,
        /// Whether it answers.
        pub enabled: bool,
        /// The web ACL in front of it: an ARN for WAFv2; null for none.
        pub web_acl_id: Option<String>,
        /// Where it fetches from.
        pub origins: Vec<Origin>,
        /// allow-all, redirect-to-https or https-only, of the default behaviour and every other one.
        pub viewer_protocol_policies: Vec<String>,
        /// The least TLS version, for instance TLSv1.2_2021.
        pub minimum_protocol_version: Option<String>,
        /// Whether it uses the *.cloudfront.net certificate.
        pub uses_default_certificate: Known<bool>,
        /// Its certificate in Certificate Manager; null for none.
        #[serde(default)]
        pub acm_certificate_arn: Known<Option<String>>,
        /// The id of its certificate in IAM; null for none.
        #[serde(default)]
        pub iam_certificate_id: Known<Option<String>>,
        /// How it tells its certificate to clients: sni-only, vip (an address of its own, for clients
        /// without SNI) or static-ip; null for the *.cloudfront.net certificate.
        #[serde(default)]
        pub ssl_support_method: Known<Option<String>>,
    }

    /// Where a distribution fetches from.
    pub struct Origin {
        /// The id.
        pub id: String,
        /// The DNS name.
        pub domain_name: String,
        /// http-only, https-only or match-viewer; null for S3 and VPC origins.
        pub protocol_policy: Option<String>,
        /// The headers it adds.
        pub custom_headers: Vec<OriginHeader>,
        /// Whether it is reached through a VPC origin.
        pub is_vpc_origin: bool,
    }

    /// A header that a distribution adds to its requests. Its value, often a secret that the
    /// origin asks for, is dropped.
    pub struct OriginHeader {
        /// The name.
        pub name: String,
        /// HMAC-SHA-256 of the value under a key that is not kept: equal within one snapshot for
        /// equal values.
        pub value_fingerprint: String,
    }
}

/// What is asked, in the order of names.
pub const OPERATIONS: &[Operation] = &[global(
    "cloudfront",
    "ListDistributions",
    &["cloudfront:ListDistributions"],
    bucket("cloudfront", 10, 10),
    100,
)
.list("Items", "NextMarker")
.at("GET /2020-05-31/distribution")];

/// Which of it answers which list or fact.
pub(crate) const SOURCES: &[SourceRow] = &[
    ("cloudfront.distributions", &["cloudfront:ListDistributions"]),
    ("Distribution.acm_certificate_arn", &["cloudfront:ListDistributions"]),
    ("Distribution.iam_certificate_id", &["cloudfront:ListDistributions"]),
    ("Distribution.uses_default_certificate", &["cloudfront:ListDistributions"]),
    ("Distribution.ssl_support_method", &["cloudfront:ListDistributions"]),
];
