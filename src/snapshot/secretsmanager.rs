//! Secrets by name: what Secrets Manager lists; never a value.

use super::listing::Listing;
use super::operation::{Operation, bucket, operation};
use super::source::SourceRow;

crate::record! {
    /// Everything asked of Secrets Manager.
    pub struct Secretsmanager {
        /// Secrets (ListSecrets).
        pub secrets: Listing<Secret>,
    }

    /// A secret, without its value.
    pub struct Secret {
        /// The ARN.
        pub arn: String,
        /// The region.
        pub region: String,
        /// The name.
        pub name: String,
        /// Whether it is rotated by itself.
        pub rotation_enabled: bool,
        /// When it was last rotated, RFC 3339; null for never.
        pub last_rotated_at: Option<String>,
        /// When it is to be deleted, RFC 3339; null when it is not.
        pub deleted_at: Option<String>,
    }
}

/// What is asked, in the order of names.
pub const OPERATIONS: &[Operation] = &[
    // Those that wait for their deletion are asked for as well.
    operation(
        "secretsmanager",
        "ListSecrets",
        &["secretsmanager:ListSecrets"],
        bucket("secretsmanager", 10, 10),
        100,
    )
    .list("SecretList", "NextToken")
    .told_apart_by(&[]),
];

/// Which of it answers which list or fact.
pub(crate) const SOURCES: &[SourceRow] = &[("secretsmanager.secrets", &["secretsmanager:ListSecrets"])];
