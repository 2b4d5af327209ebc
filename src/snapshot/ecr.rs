//! Image repositories: what ECR says about their settings.

use super::listing::Listing;
use super::operation::{Operation, bucket, operation};
use super::source::SourceRow;

crate::record! {
    /// Everything asked of ECR.
    pub struct Ecr {
        /// Private repositories (DescribeRepositories).
        pub repositories: Listing<Repository>,
    }

    /// A repository.
    pub struct Repository {
        /// The ARN.
        pub arn: String,
        /// The region.
        pub region: String,
        /// The name.
        pub name: String,
        /// For instance 123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/shop-api.
        pub uri: String,
        /// Whether images are scanned when pushed.
        pub scan_on_push: bool,
        /// MUTABLE, IMMUTABLE, or one of those with exclusions.
        pub tag_mutability: String,
    }
}

/// What is asked, in the order of names.
pub const OPERATIONS: &[Operation] =
    &[operation("ecr", "DescribeRepositories", &["ecr:DescribeRepositories"], bucket("ecr", 10, 10), 1000)
        .list("repositories", "nextToken")];

/// Which of it answers which list or fact.
pub(crate) const SOURCES: &[SourceRow] = &[("ecr.repositories", &["ecr:DescribeRepositories"])];
