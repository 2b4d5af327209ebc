//! Scaling of services: what Application Auto Scaling says for the namespace `ecs`.

use super::listing::Listing;
use super::operation::{Operation, bucket, operation};
use super::source::SourceRow;

crate::record! {
    /// Everything asked of Application Auto Scaling.
    pub struct ApplicationAutoscaling {
        /// What may be scaled, and how far (DescribeScalableTargets).
        pub scalable_targets: Listing<ScalableTarget>,
        /// When it is scaled (DescribeScalingPolicies).
        pub scaling_policies: Listing<ScalingPolicy>,
        /// What is scaled at fixed times (DescribeScheduledActions).
        pub scheduled_actions: Listing<ScheduledAction>,
    }

    /// A service that may be scaled.
    pub struct ScalableTarget {
        /// The region.
        pub region: String,
        /// For instance service/shop/shop-api.
        pub resource_id: String,
        /// For instance ecs:service:DesiredCount.
        pub scalable_dimension: String,
        /// The fewest tasks.
        pub min_capacity: i64,
        /// The most tasks.
        pub max_capacity: i64,
        /// Whether growing by policies is suspended.
        pub dynamic_scaling_out_suspended: bool,
        /// Whether shrinking by policies is suspended.
        pub dynamic_scaling_in_suspended: bool,
        /// Whether scheduled actions are suspended.
        pub scheduled_scaling_suspended: bool,
    }

    /// A scaling policy.
    pub struct ScalingPolicy {
        /// The ARN.
        pub arn: String,
        /// The region.
        pub region: String,
        /// The name.
        pub name: String,
        /// The service it scales.
        pub resource_id: String,
        /// For instance ecs:service:DesiredCount.
        pub scalable_dimension: String,
        /// TargetTrackingScaling, StepScaling or PredictiveScaling.
        pub kind: String,
        /// What target tracking keeps the metric at.
        pub target_value: Option<f64>,
        /// ECSServiceAverageCPUUtilization, …; null for a metric of the account's own.
        pub predefined_metric: Option<String>,
        /// The alarms that trigger it.
        pub alarm_names: Vec<String>,
    }

    /// A scheduled action.
    pub struct ScheduledAction {
        /// The ARN.
        pub arn: String,
        /// The region.
        pub region: String,
        /// The name.
        pub name: String,
        /// The service it scales.
        pub resource_id: String,
        /// cron(…), rate(…) or at(…).
        pub schedule: String,
        /// The fewest tasks from then on.
        pub min_capacity: Option<i64>,
        /// The most tasks from then on.
        pub max_capacity: Option<i64>,
    }
}

/// What is asked, in the order of names.
pub const OPERATIONS: &[Operation] = &[
    operation(
        "application-autoscaling",
        "DescribeScalableTargets",
        &["application-autoscaling:DescribeScalableTargets"],
        bucket("application-autoscaling", 10, 10),
        50,
    )
    .list("ScalableTargets", "NextToken"),
    operation(
        "application-autoscaling",
        "DescribeScalingPolicies",
        &["application-autoscaling:DescribeScalingPolicies"],
        bucket("application-autoscaling", 10, 10),
        10,
    )
    .list("ScalingPolicies", "NextToken"),
    operation(
        "application-autoscaling",
        "DescribeScheduledActions",
        &["application-autoscaling:DescribeScheduledActions"],
        bucket("application-autoscaling", 10, 10),
        50,
    )
    .list("ScheduledActions", "NextToken"),
];

/// Which of it answers which list or fact.
pub(crate) const SOURCES: &[SourceRow] = &[
    ("application_autoscaling.scalable_targets", &["application-autoscaling:DescribeScalableTargets"]),
    (
        "application_autoscaling.scaling_policies",
        &[
            "application-autoscaling:DescribeScalableTargets",
            "application-autoscaling:DescribeScalingPolicies",
        ],
    ),
    (
        "application_autoscaling.scheduled_actions",
        &[
            "application-autoscaling:DescribeScalableTargets",
            "application-autoscaling:DescribeScheduledActions",
        ],
    ),
];
