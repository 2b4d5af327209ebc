//! Keys: what KMS says about those that secrets, parameters, log groups and databases name; never
//! key material.

use super::iam::ResourceStatement;
use super::known::Known;
use super::listing::Listing;
use super::operation::{Operation, bucket, operation};
use super::source::SourceRow;

crate::record! {
    /// Everything asked of KMS.
    pub struct Kms {
        /// The account's keys that its secrets, SecureString parameters, log groups and DB instances
        /// name (DescribeKey).
        pub keys: Listing<Key>,
    }

    /// A key.
    pub struct Key {
        /// The ARN.
        pub arn: String,
        /// The region.
        pub region: String,
        /// The id.
        pub id: String,
        /// How the resources name it: ARN, id or alias.
        pub names: Vec<String>,
        /// Enabled, Disabled, PendingDeletion, PendingImport, Unavailable, …; NotFound where KMS knows no
        /// such key any more.
        pub state: String,
        /// When it is to be deleted, RFC 3339; null when it is not.
        pub deleted_at: Option<String>,
        /// AWS for keys that a service of AWS's made, CUSTOMER for the account's own.
        pub manager: String,
        /// Whether it exists in several regions, or may.
        pub is_multi_region: bool,
        /// The statements of its policy (GetKeyPolicy); asked for the account's own keys that encrypt
        /// secrets and parameters.
        pub statements: Known<Vec<ResourceStatement>>,
    }
}

impl Key {
    /// The state of a key that something names and that does not exist.
    pub const NOT_FOUND: &'static str = "NotFound";
}

/// What is asked, in the order of names.
pub const OPERATIONS: &[Operation] = &[
    operation("kms", "DescribeKey", &["kms:DescribeKey"], bucket("kms DescribeKey", 10, 10), 0),
    operation("kms", "GetKeyPolicy", &["kms:GetKeyPolicy"], bucket("kms GetKeyPolicy", 10, 10), 0),
];

/// Which of it answers which list or fact.
pub(crate) const SOURCES: &[SourceRow] = &[
    (
        "kms.keys",
        &[
            "secretsmanager:ListSecrets",
            "ssm:DescribeParameters",
            "logs:DescribeLogGroups",
            "rds:DescribeDBInstances",
            "kms:DescribeKey",
        ],
    ),
    ("Key.statements", &["kms:GetKeyPolicy"]),
];
