//! Log groups: what CloudWatch Logs says; never what was logged.

use super::known::Known;
use super::listing::Listing;
use super::operation::{Operation, bucket, operation};
use super::source::SourceRow;

crate::record! {
    /// Everything asked of CloudWatch Logs.
    pub struct Logs {
        /// Log groups (DescribeLogGroups).
        pub log_groups: Listing<LogGroup>,
    }

    /// A log group.
    pub struct LogGroup {
        /// The ARN.
        pub arn: String,
        /// The region.
        pub region: String,
        /// The name.
        pub name: String,
        /// How long events are kept; null for ever.
        pub retention_days: Option<i64>,
        /// What is stored.
        pub stored_bytes: Option<i64>,
        /// The ARN of the key that encrypts it; null for AWS's own.
        #[serde(default)]
        pub kms_key_arn: Known<Option<String>>,
    }
}

/// What is asked, in the order of names.
pub const OPERATIONS: &[Operation] = &[operation(
    "logs",
    "DescribeLogGroups",
    &["logs:DescribeLogGroups"],
    bucket("logs DescribeLogGroups", 10, 10),
    50,
)
.list("logGroups", "nextToken")];

/// Which of it answers which list or fact.
pub(crate) const SOURCES: &[SourceRow] = &[
    ("logs.log_groups", &["logs:DescribeLogGroups"]),
    ("LogGroup.kms_key_arn", &["logs:DescribeLogGroups"]),
];
