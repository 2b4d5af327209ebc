//! Roles of the deployed tasks: what IAM says they may do. Certificates that are kept in IAM.

use super::known::Known;
use super::listing::Listing;
use super::operation::{Operation, bucket, global};
use super::source::SourceRow;

crate::record! {
    /// Everything asked of IAM.
    pub struct Iam {
        /// The task and execution roles of the deployed task definitions that exist, those of what starts
        /// tasks, and the roles that their policies name to be passed or taken on.
        pub roles: Listing<Role>,
        /// Server certificates; asked only where a listener or a distribution uses one
        /// (ListServerCertificates).
        #[serde(default)]
        pub server_certificates: Listing<ServerCertificate>,
    }

    /// A certificate that is kept in IAM, from where nothing renews it.
    pub struct ServerCertificate {
        /// The ARN.
        pub arn: String,
        /// us-east-1, where IAM is asked.
        pub region: String,
        /// The id by which distributions name it, for instance ASCAEXAMPLE.
        pub id: String,
        /// The name.
        pub name: String,
        /// When it ends, RFC 3339; null where IAM does not say.
        pub not_after: Option<String>,
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
        /// Who may take the role on: the statements of its trust policy (GetRole).
        #[serde(default)]
        pub trust: Known<Vec<ResourceStatement>>,
    }

    /// A statement of a policy that a resource carries: a role's trust, a key's or a secret's policy.
    pub struct ResourceStatement {
        /// Allow or Deny.
        pub effect: String,
        /// Whom it is about: Service:ecs-tasks.amazonaws.com, AWS:an ARN or an account, Federated:…, or *.
        pub principals: Vec<String>,
        /// Whether `principals` came from NotPrincipal.
        pub negated_principals: bool,
        /// Action, or what NotAction leaves out with `negated_actions`.
        pub actions: Vec<String>,
        /// Whether `actions` came from NotAction.
        pub negated_actions: bool,
        /// Whether conditions narrow it.
        pub has_conditions: bool,
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
        /// The services to which alone it lets roles be passed, where that is its only condition
        /// (iam:PassedToService); snapshots that lack it name none.
        #[serde(default)]
        pub passed_to_services: Vec<String>,
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
    global("iam", "ListServerCertificates", &["iam:ListServerCertificates"], bucket("iam", 10, 10), 1000)
        .list("ServerCertificateMetadataList", "Marker"),
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
    (
        "iam.server_certificates",
        &[
            "elasticloadbalancing:DescribeLoadBalancers",
            "elasticloadbalancing:DescribeListeners",
            "elasticloadbalancing:DescribeListenerCertificates",
            "cloudfront:ListDistributions",
            "iam:ListServerCertificates",
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
    ("Role.trust", &["iam:GetRole"]),
    ("Role.boundary_statements", &["iam:GetRole", "iam:GetPolicy", "iam:GetPolicyVersion"]),
];
