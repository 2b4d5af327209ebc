//! Certificates: what Certificate Manager says.

use super::known::Known;
use super::listing::Listing;
use super::operation::{Operation, bucket, operation};
use super::source::SourceRow;

crate::record! {
    /// Everything asked of Certificate Manager.
    pub struct Acm {
        /// Certificates of the regions of the scan (ListCertificates), and those that distributions
        /// use, which are in us-east-1 (DescribeCertificate).
        pub certificates: Listing<Certificate>,
    }

    /// A certificate.
    pub struct Certificate {
        /// The ARN.
        pub arn: String,
        /// The region.
        pub region: String,
        /// Its first name.
        pub domain_name: String,
        /// PENDING_VALIDATION, ISSUED, EXPIRED, FAILED, …
        pub status: String,
        /// AMAZON_ISSUED, IMPORTED or PRIVATE.
        pub kind: String,
        /// When it ends, RFC 3339; null until it is issued.
        pub not_after: Option<String>,
        /// Every name it is good for (DescribeCertificate).
        pub names: Known<Vec<String>>,
        /// The ARNs of what uses it (DescribeCertificate).
        pub in_use_by: Known<Vec<String>>,
        /// PENDING_AUTO_RENEWAL, PENDING_VALIDATION, SUCCESS or FAILED; null when none was tried (DescribeCertificate).
        pub renewal_status: Known<Option<String>>,
    }
}

/// What is asked, in the order of names.
pub const OPERATIONS: &[Operation] = &[
    operation(
        "acm",
        "DescribeCertificate",
        &["acm:DescribeCertificate"],
        bucket("acm DescribeCertificate", 10, 10),
        0,
    ),
    // Every type of key is asked for.
    operation(
        "acm",
        "ListCertificates",
        &["acm:ListCertificates"],
        bucket("acm ListCertificates", 8, 8),
        1000,
    )
    .list("CertificateSummaryList", "NextToken")
    .told_apart_by(&[]),
];

/// Which of it answers which list or fact.
pub(crate) const SOURCES: &[SourceRow] = &[
    (
        "acm.certificates",
        &[
            "cloudfront:ListDistributions",
            "elasticloadbalancing:DescribeLoadBalancers",
            "elasticloadbalancing:DescribeListeners",
            "acm:DescribeCertificate",
            "acm:ListCertificates",
        ],
    ),
    ("Certificate.names", &["acm:DescribeCertificate"]),
    ("Certificate.in_use_by", &["acm:DescribeCertificate"]),
    ("Certificate.renewal_status", &["acm:DescribeCertificate"]),
];
