//! Secrets by name: what Secrets Manager lists; never a value.

use super::iam::ResourceStatement;
use super::known::Known;
use super::listing::Listing;
use super::operation::{Operation, bucket, operation};
use super::source::SourceRow;
use std::collections::BTreeMap;

crate::record! {
    /// Everything asked of Secrets Manager.
    pub struct Secretsmanager {
        /// Secrets (ListSecrets).
        pub secrets: Listing<Secret>,
        /// The policies of the secrets that task definitions in use refer to (GetResourcePolicy).
        #[serde(default)]
        pub resource_policies: Listing<SecretPolicy>,
    }

    /// The policy that a secret carries.
    pub struct SecretPolicy {
        /// The region.
        pub region: String,
        /// The secret's ARN or name, as the task definition writes it, without key and version.
        pub secret: String,
        /// Its statements; none without a policy (GetResourcePolicy).
        pub statements: Known<Vec<ResourceStatement>>,
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
        /// The key that encrypts it, as its owner named it: ARN, id or alias; null for AWS's own.
        #[serde(default)]
        pub kms_key_id: Known<Option<String>>,
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
        /// Tags.
        #[serde(default)]
        pub tags: Known<BTreeMap<String, String>>,
    }
}

/// The secret in what a task definition refers to, `arn:…:secret:NAME[:key[:stage[:version]]]`: its
/// ARN, or the part of it that is written. `None` for parameters.
pub fn secret_arn(value_from: &str) -> Option<&str> {
    let (prefix, name) = value_from.split_once(":secret:")?;
    let name = name.split(':').next()?;
    value_from.get(..prefix.len() + ":secret:".len() + name.len())
}

/// What is asked, in the order of names.
pub const OPERATIONS: &[Operation] = &[
    operation(
        "secretsmanager",
        "GetResourcePolicy",
        &["secretsmanager:GetResourcePolicy"],
        bucket("secretsmanager", 10, 10),
        0,
    ),
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
    ("Secret.kms_key_id", &["secretsmanager:ListSecrets"]),
    (
        "secretsmanager.resource_policies",
        &[
            "ecs:ListClusters",
            "ecs:ListServices",
            "ecs:DescribeServices",
            "ecs:ListTasks",
            "ecs:DescribeTasks",
            "ecs:DescribeTaskDefinition",
            "events:ListRules",
            "events:ListRuleNamesByTarget",
            "events:ListTargetsByRule",
            "scheduler:ListSchedules",
            "scheduler:GetSchedule",
        ],
    ),
    ("SecretPolicy.statements", &["secretsmanager:GetResourcePolicy"]),
    ("Secret.created_at", &["secretsmanager:ListSecrets"]),
    ("Secret.last_accessed_at", &["secretsmanager:ListSecrets"]),
    ("Secret.next_rotation_at", &["secretsmanager:ListSecrets"]),
    ("Secret.owning_service", &["secretsmanager:ListSecrets"]),
    ("Secret.primary_region", &["secretsmanager:ListSecrets"]),
    ("Secret.rotation_days", &["secretsmanager:ListSecrets"]),
    ("Secret.tags", &["secretsmanager:ListSecrets"]),
];
