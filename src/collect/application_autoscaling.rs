//! Scalable targets, scaling policies and scheduled actions of ECS services.

use crate::ask::Ask;
use crate::ask::asked::client;
use crate::snapshot::application_autoscaling::{
    ApplicationAutoscaling, ScalableTarget, ScalingPolicy, ScheduledAction,
};
use crate::snapshot::operation::{Operation, named};
use crate::snapshot::{Listing, Snapshot};
use aws_sdk_applicationautoscaling::Client;
use aws_sdk_applicationautoscaling::types::{self, ServiceNamespace};

const TARGETS: &Operation = named("application-autoscaling", "DescribeScalableTargets");
const POLICIES: &Operation = named("application-autoscaling", "DescribeScalingPolicies");
const ACTIONS: &Operation = named("application-autoscaling", "DescribeScheduledActions");

/// How the services of a region scale.
pub(crate) async fn collect(ask: &Ask, _found: &Snapshot) -> Snapshot {
    let client = client!(aws_sdk_applicationautoscaling, ask.config());
    let scalable_targets = targets(ask, &client).await;
    // Policies and actions belong to targets: without one there are none, and nothing to ask.
    let hidden = &scalable_targets.incomplete;
    let (scaling_policies, scheduled_actions) = match scalable_targets.items.is_empty() {
        true => (Listing::with_gaps(hidden.clone()), Listing::with_gaps(hidden.clone())),
        false => tokio::join!(policies(ask, &client), actions(ask, &client)),
    };
    let application_autoscaling =
        ApplicationAutoscaling { scalable_targets, scaling_policies, scheduled_actions };
    Snapshot { application_autoscaling, ..Snapshot::default() }
}

async fn targets(ask: &Ask, client: &Client) -> Listing<ScalableTarget> {
    ask.list(
        TARGETS,
        |token| {
            let request = client.describe_scalable_targets().service_namespace(ServiceNamespace::Ecs);
            request.max_results(TARGETS.page_size).set_next_token(token).send()
        },
        |page| page.next_token.clone(),
        |page| page.scalable_targets.unwrap_or_default(),
        |item| Some(target(ask.region(), item)),
    )
    .await
}

async fn policies(ask: &Ask, client: &Client) -> Listing<ScalingPolicy> {
    ask.list(
        POLICIES,
        |token| {
            let request = client.describe_scaling_policies().service_namespace(ServiceNamespace::Ecs);
            request.max_results(POLICIES.page_size).set_next_token(token).send()
        },
        |page| page.next_token.clone(),
        |page| page.scaling_policies.unwrap_or_default(),
        |item| Some(policy(ask.region(), item)),
    )
    .await
}

async fn actions(ask: &Ask, client: &Client) -> Listing<ScheduledAction> {
    ask.list(
        ACTIONS,
        |token| {
            let request = client.describe_scheduled_actions().service_namespace(ServiceNamespace::Ecs);
            request.max_results(ACTIONS.page_size).set_next_token(token).send()
        },
        |page| page.next_token.clone(),
        |page| page.scheduled_actions.unwrap_or_default(),
        |item| Some(action(ask.region(), item)),
    )
    .await
}

fn target(region: &str, target: types::ScalableTarget) -> ScalableTarget {
    // A target that nobody suspended has no such state, or one that says false.
    let suspended = target.suspended_state;
    let is_suspended =
        |part: fn(&types::SuspendedState) -> Option<bool>| suspended.as_ref().and_then(part).unwrap_or(false);
    ScalableTarget {
        region: region.to_owned(),
        dynamic_scaling_out_suspended: is_suspended(|state| state.dynamic_scaling_out_suspended),
        dynamic_scaling_in_suspended: is_suspended(|state| state.dynamic_scaling_in_suspended),
        scheduled_scaling_suspended: is_suspended(|state| state.scheduled_scaling_suspended),
        resource_id: target.resource_id,
        scalable_dimension: target.scalable_dimension.as_str().to_owned(),
        min_capacity: target.min_capacity.into(),
        max_capacity: target.max_capacity.into(),
    }
}

fn policy(region: &str, policy: types::ScalingPolicy) -> ScalingPolicy {
    let tracking = policy.target_tracking_scaling_policy_configuration;
    let predefined = tracking.as_ref().and_then(|tracking| tracking.predefined_metric_specification.as_ref());
    ScalingPolicy {
        arn: policy.policy_arn,
        region: region.to_owned(),
        name: policy.policy_name,
        resource_id: policy.resource_id,
        scalable_dimension: policy.scalable_dimension.as_str().to_owned(),
        kind: policy.policy_type.as_str().to_owned(),
        target_value: tracking.as_ref().map(|tracking| tracking.target_value),
        predefined_metric: predefined.map(|metric| metric.predefined_metric_type.as_str().to_owned()),
        alarm_names: policy.alarms.unwrap_or_default().into_iter().map(|alarm| alarm.alarm_name).collect(),
    }
}

fn action(region: &str, action: types::ScheduledAction) -> ScheduledAction {
    let capacity = action.scalable_target_action;
    ScheduledAction {
        arn: action.scheduled_action_arn,
        region: region.to_owned(),
        name: action.scheduled_action_name,
        resource_id: action.resource_id,
        schedule: action.schedule,
        min_capacity: capacity.as_ref().and_then(|capacity| capacity.min_capacity).map(i64::from),
        max_capacity: capacity.as_ref().and_then(|capacity| capacity.max_capacity).map(i64::from),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_smithy_types::DateTime;

    #[test]
    fn policies_name_their_metric_and_alarms() {
        let metric = types::PredefinedMetricSpecification::builder()
            .predefined_metric_type(types::MetricType::EcsServiceAverageCpuUtilization)
            .build()
            .unwrap();
        let tracking = types::TargetTrackingScalingPolicyConfiguration::builder()
            .target_value(60.0)
            .predefined_metric_specification(metric)
            .build()
            .unwrap();
        let alarm = types::Alarm::builder().alarm_name("high").alarm_arn("arn:high").build().unwrap();
        let answer = types::ScalingPolicy::builder()
            .policy_arn("arn:1")
            .policy_name("cpu")
            .service_namespace(ServiceNamespace::Ecs)
            .resource_id("service/shop/shop-api")
            .scalable_dimension(types::ScalableDimension::EcsServiceDesiredCount)
            .policy_type(types::PolicyType::TargetTrackingScaling)
            .target_tracking_scaling_policy_configuration(tracking)
            .alarms(alarm)
            .creation_time(DateTime::from_secs(0))
            .build()
            .unwrap();
        let found = policy("ap-northeast-1", answer);
        assert_eq!(found.kind, "TargetTrackingScaling");
        assert_eq!(found.target_value, Some(60.0));
        assert_eq!(found.predefined_metric.as_deref(), Some("ECSServiceAverageCPUUtilization"));
        assert_eq!(found.alarm_names, ["high"]);
    }

    #[test]
    fn suspension_is_read_part_by_part() {
        let state = types::SuspendedState::builder()
            .dynamic_scaling_out_suspended(true)
            .dynamic_scaling_in_suspended(false)
            .build();
        let answer = types::ScalableTarget::builder()
            .service_namespace(ServiceNamespace::Ecs)
            .resource_id("service/shop/shop-api")
            .scalable_dimension(types::ScalableDimension::EcsServiceDesiredCount)
            .min_capacity(1)
            .max_capacity(4)
            .role_arn("arn:role")
            .creation_time(DateTime::from_secs(0))
            .suspended_state(state)
            .build()
            .unwrap();
        let found = target("ap-northeast-1", answer);
        assert!(found.dynamic_scaling_out_suspended);
        assert!(!found.dynamic_scaling_in_suspended && !found.scheduled_scaling_suspended);
        assert_eq!((found.min_capacity, found.max_capacity), (1, 4));
    }
}
