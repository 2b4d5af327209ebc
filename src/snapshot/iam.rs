//! Roles of the deployed tasks: what IAM says they may do.

use super::known::Known;
use super::listing::Listing;
use super::operation::{Operation, bucket, global};
use super::source::SourceRow;

crate::record! {
    /// Everything asked of IAM.
    pub struct Iam {
        /// The task and execution roles of the deployed task definitions, and of what starts tasks.
        pub roles: Listing<Role>,
    }

    /// A role.
    pub struct Role {
        /// The ARN.
        pub arn: String,
        /// us-east-1, where IAM is asked.
        pub region: String,
        /// The name.
        pub name: String,
        /// The ARNs of its managed policies (ListAttachedRolePolicies).
        pub attached_policy_arns: Known<Vec<String>>,
        /// The statements of its inline and customer-managed policies
        /// (ListRolePolicies, GetRolePolicy, GetPolicy, GetPolicyVersion).
        pub statements: Known<Vec<Statement>>,
        /// The policy that bounds what the others allow; null for none (GetRole).
        #[serde(default)]
        pub permissions_boundary_arn: Known<Option<String>>,
        /// The statements of that policy, of AWS's own as well; none without one
        /// (GetPolicy, GetPolicyVersion).
        #[serde(default)]
        pub boundary_statements: Known<Vec<Statement>>,
    }

    /// A statement of a policy.
    pub struct Statement {
        /// The policy it is in.
        pub policy_name: String,
        /// Allow or Deny.
        pub effect: String,
        /// Action, or what NotAction leaves out with `negated_actions`.
        pub actions: Vec<String>,
        /// Whether `actions` came from NotAction.
        pub negated_actions: bool,
        /// Resource, or what NotResource leaves out with `negated_resources`.
        pub resources: Vec<String>,
        /// Whether `resources` came from NotResource. Snapshots that lack it say `*` with conditions for it.
        #[serde(default)]
        pub negated_resources: bool,
        /// Whether conditions narrow it.
        pub has_conditions: bool,
    }
}

/// What is asked, in the order of names.
pub const OPERATIONS: &[Operation] = &[
    global("iam", "GetPolicy", &["iam:GetPolicy"], bucket("iam", 10, 10), 0),
    global("iam", "GetPolicyVersion", &["iam:GetPolicyVersion"], bucket("iam", 10, 10), 0),
    global("iam", "GetRole", &["iam:GetRole"], bucket("iam", 10, 10), 0),
    global("iam", "GetRolePolicy", &["iam:GetRolePolicy"], bucket("iam", 10, 10), 0),
    global("iam", "ListAttachedRolePolicies", &["iam:ListAttachedRolePolicies"], bucket("iam", 10, 10), 1000)
        .list("AttachedPolicies", "Marker"),
    global("iam", "ListRolePolicies", &["iam:ListRolePolicies"], bucket("iam", 10, 10), 1000)
        .list("PolicyNames", "Marker"),
];

/// Which of it answers which list or fact.
pub(crate) const SOURCES: &[SourceRow] = &[
    (
        "iam.roles",
        &[
            "ecs:ListClusters",
            "ecs:ListServices",
            "ecs:DescribeServices",
            "ecs:ListTasks",
            "ecs:DescribeTasks",
            "events:ListRules",
            "events:ListRuleNamesByTarget",
            "events:ListTargetsByRule",
            "scheduler:ListSchedules",
            "scheduler:GetSchedule",
            "ecs:DescribeTaskDefinition",
        ],
    ),
    ("Role.attached_policy_arns", &["iam:ListAttachedRolePolicies"]),
    (
        "Role.statements",
        &[
            "iam:ListAttachedRolePolicies",
            "iam:ListRolePolicies",
            "iam:GetRolePolicy",
            "iam:GetPolicy",
            "iam:GetPolicyVersion",
        ],
    ),
    ("Role.permissions_boundary_arn", &["iam:GetRole"]),
    ("Role.boundary_statements", &["iam:GetRole", "iam:GetPolicy", "iam:GetPolicyVersion"]),
];
