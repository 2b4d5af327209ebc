//! Secrets by name: what Secrets Manager lists; never a value.

use super::known::Known;
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
        /// The days between rotations; null where it is not rotated, or by the hour or the calendar.
        #[serde(default)]
        pub rotation_days: Known<Option<i64>>,
        /// When the next rotation is due, RFC 3339; null without rotation.
        #[serde(default)]
        pub next_rotation_at: Known<Option<String>>,
        /// When it was made, RFC 3339; null where AWS did not mention it.
        #[serde(default)]
        pub created_at: Known<Option<String>>,
        /// The last day on which its value was read, RFC 3339; null for never.
        #[serde(default)]
        pub last_accessed_at: Known<Option<String>>,
        /// The service of AWS that made it and looks after it, for instance rds; null for one of the account's own.
        #[serde(default)]
        pub owning_service: Known<Option<String>>,
        /// The region that it is replicated from, or to others; null for one without replicas.
        #[serde(default)]
        pub primary_region: Known<Option<String>>,
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
pub(crate) const SOURCES: &[SourceRow] = &[
    ("secretsmanager.secrets", &["secretsmanager:ListSecrets"]),
    ("Secret.created_at", &["secretsmanager:ListSecrets"]),
    ("Secret.last_accessed_at", &["secretsmanager:ListSecrets"]),
    ("Secret.next_rotation_at", &["secretsmanager:ListSecrets"]),
    ("Secret.owning_service", &["secretsmanager:ListSecrets"]),
    ("Secret.primary_region", &["secretsmanager:ListSecrets"]),
    ("Secret.rotation_days", &["secretsmanager:ListSecrets"]),
];
