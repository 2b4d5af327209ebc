//! Deployments: what CodeDeploy says about the alarms that roll them back.

use super::listing::Listing;
use super::operation::{Operation, TokenBucket, bucket, operation};
use super::source::SourceRow;

crate::record! {
    /// Everything asked of CodeDeploy.
    pub struct Codedeploy {
        /// Deployment groups (ListApplications, ListDeploymentGroups, GetDeploymentGroup). They are
        /// asked for where an alarm has no action of its own, which may be there for deployments.
        pub deployment_groups: Listing<DeploymentGroup>,
    }

    /// A deployment group.
    pub struct DeploymentGroup {
        /// The region.
        pub region: String,
        /// The name.
        pub name: String,
        /// The application that it deploys.
        pub application_name: String,
        /// The alarms that stop its deployments; none where it does not look at them.
        pub alarm_names: Vec<String>,
    }
}

// AWS documents no number.
const BUCKET: TokenBucket = bucket("codedeploy", 10, 10);

/// What is asked, in the order of names.
pub const OPERATIONS: &[Operation] = &[
    operation("codedeploy", "GetDeploymentGroup", &["codedeploy:GetDeploymentGroup"], BUCKET, 0),
    operation("codedeploy", "ListApplications", &["codedeploy:ListApplications"], BUCKET, 100)
        .list("applications", "nextToken"),
    operation("codedeploy", "ListDeploymentGroups", &["codedeploy:ListDeploymentGroups"], BUCKET, 100)
        .list("deploymentGroups", "nextToken"),
];

/// Which of it answers which list or fact.
pub(crate) const SOURCES: &[SourceRow] = &[(
    "codedeploy.deployment_groups",
    &[
        "cloudwatch:DescribeAlarms",
        "codedeploy:ListApplications",
        "codedeploy:ListDeploymentGroups",
        "codedeploy:GetDeploymentGroup",
    ],
)];
