//! Certificates: what Certificate Manager says.

use super::known::Known;
use super::listing::Listing;

crate::record! {
    /// Everything asked of Certificate Manager.
    pub struct Acm {
        /// Certificates (ListCertificates).
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
