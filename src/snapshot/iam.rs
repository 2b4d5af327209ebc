//! Roles of the deployed tasks: what IAM says they may do.

use super::known::Known;
use super::listing::Listing;

crate::record! {
    /// Everything asked of IAM.
    pub struct Iam {
        /// The task and execution roles of the deployed task definitions (GetRole).
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
        /// Resource.
        pub resources: Vec<String>,
        /// Whether conditions narrow it.
        pub has_conditions: bool,
    }
}
