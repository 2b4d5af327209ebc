//! Parameters by name: what Systems Manager's Parameter Store lists; never a value.

use super::known::Known;
use super::listing::Listing;
use super::operation::{Operation, bucket, operation};
use super::source::SourceRow;

crate::record! {
    /// Everything asked of Parameter Store.
    pub struct Ssm {
        /// Parameters (DescribeParameters).
        pub parameters: Listing<Parameter>,
    }

    /// A parameter, without its value.
    pub struct Parameter {
        /// The ARN.
        pub arn: String,
        /// The region.
        pub region: String,
        /// The name.
        pub name: String,
        /// String, StringList or SecureString.
        pub kind: String,
        /// The key that encrypts a SecureString, as its owner named it: ARN, id or alias; null for others.
        #[serde(default)]
        pub kms_key_id: Known<Option<String>>,
    }
}

/// What is asked, in the order of names.
pub const OPERATIONS: &[Operation] =
    &[operation("ssm", "DescribeParameters", &["ssm:DescribeParameters"], bucket("ssm", 10, 10), 50)
        .list("Parameters", "NextToken")];

/// Which of it answers which list or fact.
pub(crate) const SOURCES: &[SourceRow] =
    &[("ssm.parameters", &["ssm:DescribeParameters"]), ("Parameter.kms_key_id", &["ssm:DescribeParameters"])];
