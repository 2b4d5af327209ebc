//! Whether anything can change a service's number of tasks.

use super::Autoscaling;
use crate::snapshot::application_autoscaling::{ScalableTarget, ScalingPolicy, ScheduledAction};
use crate::snapshot::ecs::Service;
use crate::snapshot::known::Known;
use crate::snapshot::{GapId, Snapshot};
use crate::text::{Text, counted};

const DIMENSION: &str = "ecs:service:DesiredCount";

/// See [`crate::conclude::FUNCTIONS`].
pub(crate) fn autoscaling(snapshot: &Snapshot, service: &Service) -> Autoscaling {
    let resource = format!("service/{}/{}", service.cluster_name, service.name);
    let section = &snapshot.application_autoscaling;
    let target = section.scalable_targets.iter().find(|target| {
        target.region == service.region
            && target.resource_id == resource
            && target.scalable_dimension == DIMENSION
    });
    let Some(target) = target else {
        return without_target(section.scalable_targets.complete_in(&service.region), service);
    };
    let policies: Vec<&ScalingPolicy> = section
        .scaling_policies
        .iter()
        .filter(|policy| {
            policy.region == service.region
                && policy.resource_id == resource
                && policy.scalable_dimension == DIMENSION
        })
        .collect();
    let actions: Vec<&ScheduledAction> = section
        .scheduled_actions
        .iter()
        .filter(|action| action.region == service.region && action.resource_id == resource)
        .collect();
    let all_policies = section.scaling_policies.complete_in(&service.region);
    let all_actions = section.scheduled_actions.complete_in(&service.region);

    let room = Room::of(target, service);
    let acting: Vec<&ScheduledAction> =
        actions.iter().copied().filter(|action| changes_range(action, target)).collect();
    let is_seen = (room.grows_or_shrinks() && !policies.is_empty()) || !acting.is_empty();
    let hidden = |policies_matter: bool| {
        let hidden_policy = if policies_matter { all_policies.clone() } else { Ok(()) };
        let hidden_action = if target.scheduled_scaling_suspended { Ok(()) } else { all_actions.clone() };
        hidden_policy.and(hidden_action)
    };
    let can_act = match is_seen {
        true => Known::Yes(true),
        false => hidden(room.grows_or_shrinks()).map(|()| false).into(),
    };
    let seen_lowest = lowest_tasks(service, target, !policies.is_empty(), &acting);
    let lowest_tasks = match seen_lowest < SEVERAL {
        // What is hidden could only take away more.
        true => Known::Yes(seen_lowest),
        false => hidden(room.shrinks && target.min_capacity < SEVERAL).map(|()| seen_lowest).into(),
    };
    let reason = reason(&can_act, &room, target, &policies, &acting);
    let policy_names = all_policies.clone().map(|()| names(policies.iter().map(|policy| &policy.name)));
    let action_names = all_actions.clone().map(|()| names(actions.iter().map(|action| &action.name)));
    Autoscaling {
        has_target: Known::Yes(true),
        can_act,
        lowest_tasks,
        min_capacity: Known::Yes(Some(target.min_capacity)),
        max_capacity: Known::Yes(Some(target.max_capacity)),
        policy_names: policy_names.into(),
        scheduled_action_names: action_names.into(),
        reason,
    }
}

/// The fewest tasks of a service that goes on when one of them ends.
const SEVERAL: i64 = 2;

/// What policies and scheduled actions may leave of the tasks that are wanted now. A policy scales in
/// as far as the lowest minimum that is ever set; a maximum takes away what is above it by itself.
fn lowest_tasks(
    service: &Service,
    target: &ScalableTarget,
    has_policy: bool,
    acting: &[&ScheduledAction],
) -> i64 {
    let minimums = acting.iter().filter_map(|action| action.min_capacity);
    let minimum = minimums.fold(target.min_capacity, i64::min);
    let may_scale_in = has_policy && !target.dynamic_scaling_in_suspended;
    let scaled_in = may_scale_in.then_some(minimum);
    let maximums = acting.iter().filter_map(|action| action.max_capacity);
    scaled_in.into_iter().chain(maximums).fold(service.desired_count, i64::min)
}

/// What policies may do between the bounds.
struct Room {
    grows: bool,
    shrinks: bool,
}

impl Room {
    fn of(target: &ScalableTarget, service: &Service) -> Self {
        let has_range = target.max_capacity > target.min_capacity;
        let desired = service.desired_count;
        Room {
            grows: has_range && !target.dynamic_scaling_out_suspended && target.max_capacity > desired,
            shrinks: has_range && !target.dynamic_scaling_in_suspended && target.min_capacity < desired,
        }
    }

    fn grows_or_shrinks(&self) -> bool {
        self.grows || self.shrinks
    }
}

/// A scheduled action changes tasks by changing the bounds; one that sets the bounds which
/// are there changes nothing.
fn changes_range(action: &ScheduledAction, target: &ScalableTarget) -> bool {
    !target.scheduled_scaling_suspended
        && (action.min_capacity.is_some_and(|fewest| fewest != target.min_capacity)
            || action.max_capacity.is_some_and(|most| most != target.max_capacity))
}

fn names<'a>(names: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut names: Vec<String> = names.cloned().collect();
    names.sort();
    names
}

fn without_target(listed: Result<(), GapId>, service: &Service) -> Autoscaling {
    let reason = match &listed {
        Ok(()) => Text::new(
            format!(
                "It is not registered for scaling, so the number of tasks stays {}.",
                service.desired_count
            ),
            format!(
                "Auto Scaling に登録されておらず、タスク数は {} のまま変わらない。",
                service.desired_count
            ),
        ),
        Err(_) => Text::new(
            "Whether it is registered for scaling is not known.",
            "Auto Scaling に登録されているかどうか確認できない。",
        ),
    };
    let listed = |()| listed.clone();
    Autoscaling {
        has_target: listed(()).map(|()| false).into(),
        can_act: listed(()).map(|()| false).into(),
        lowest_tasks: listed(()).map(|()| service.desired_count).into(),
        min_capacity: listed(()).map(|()| None).into(),
        max_capacity: listed(()).map(|()| None).into(),
        policy_names: listed(()).map(|()| Vec::new()).into(),
        scheduled_action_names: listed(()).map(|()| Vec::new()).into(),
        reason,
    }
}

fn reason(
    can_act: &Known<bool>,
    room: &Room,
    target: &ScalableTarget,
    policies: &[&ScalingPolicy],
    acting: &[&ScheduledAction],
) -> Text {
    let (fewest, most) = (target.min_capacity, target.max_capacity);
    match can_act {
        Known::No(_) => Text::new(
            format!("It is registered for {fewest} to {most} tasks, but what scales it is not known."),
            format!("{fewest}〜{most} タスクで登録されているが、何によってスケールするかは確認できない。"),
        ),
        Known::Yes(true) => {
            let acts = if room.grows_or_shrinks() { policies } else { &[] };
            let by = acts.iter().map(|policy| policy.name.as_str());
            let by: Vec<&str> = by.chain(acting.iter().map(|action| action.name.as_str())).collect();
            Text::new(
                format!("It is registered for {fewest} to {most} tasks and scaled by {}.", by.join(", ")),
                format!("{fewest}〜{most} タスクで登録されており、{} によってスケールする。", by.join("、")),
            )
        }
        Known::Yes(false) => cannot_act(room, target, policies),
    }
}

fn cannot_act(room: &Room, target: &ScalableTarget, policies: &[&ScalingPolicy]) -> Text {
    let (fewest, most) = (target.min_capacity, target.max_capacity);
    if policies.is_empty() && room.grows_or_shrinks() {
        return Text::new(
            format!(
                "It is registered for {fewest} to {most} tasks, but no policy or scheduled action scales it."
            ),
            format!(
                "{fewest}〜{most} タスクで登録されているが、ポリシーもスケジュールされたアクションもない。"
            ),
        );
    }
    if most <= fewest {
        return Text::new(
            format!("Its minimum and maximum are both {fewest} {}.", counted(fewest, "task")),
            format!("最小と最大がどちらも {fewest} タスクである。"),
        );
    }
    if target.dynamic_scaling_out_suspended || target.dynamic_scaling_in_suspended {
        return Text::new("Scaling is suspended.", "スケーリングが一時停止されている。");
    }
    Text::new(
        format!("Its bounds of {fewest} to {most} {} leave no room.", counted(most, "task")),
        format!("{fewest}〜{most} タスクの範囲では変更の余地がない。"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const REGION: &str = "ap-northeast-1";
    const RESOURCE: &str = "service/shop/shop-api";

    fn service() -> Service {
        Service {
            region: REGION.into(),
            name: "shop-api".into(),
            cluster_name: "shop".into(),
            desired_count: 2,
            ..Service::default()
        }
    }

    fn target(fewest: i64, most: i64) -> ScalableTarget {
        ScalableTarget {
            region: REGION.into(),
            resource_id: RESOURCE.into(),
            scalable_dimension: DIMENSION.into(),
            min_capacity: fewest,
            max_capacity: most,
            ..ScalableTarget::default()
        }
    }

    fn account(target: ScalableTarget, has_policy: bool) -> Snapshot {
        let mut snapshot = Snapshot::default().complete();
        snapshot.application_autoscaling.scalable_targets.items.push(target);
        if has_policy {
            snapshot.application_autoscaling.scaling_policies.items.push(ScalingPolicy {
                region: REGION.into(),
                name: "cpu70".into(),
                resource_id: RESOURCE.into(),
                scalable_dimension: DIMENSION.into(),
                kind: "TargetTrackingScaling".into(),
                ..ScalingPolicy::default()
            });
        }
        snapshot
    }

    fn action(fewest: Option<i64>, most: Option<i64>) -> ScheduledAction {
        ScheduledAction {
            region: REGION.into(),
            name: "sale".into(),
            resource_id: RESOURCE.into(),
            min_capacity: fewest,
            max_capacity: most,
            ..ScheduledAction::default()
        }
    }

    #[test]
    fn without_a_target_the_number_of_tasks_is_fixed() {
        let found = autoscaling(&Snapshot::default().complete(), &service());
        assert_eq!((found.has_target, found.can_act), (Known::Yes(false), Known::Yes(false)));
        assert_eq!((found.min_capacity, found.policy_names), (Known::Yes(None), Known::Yes(vec![])));
        assert!(found.reason.en.ends_with("stays 2."), "{}", found.reason.en);

        let gap = GapId::new("application-autoscaling:DescribeScalableTargets", REGION, None);
        let mut snapshot = Snapshot::default().complete();
        snapshot.application_autoscaling.scalable_targets.incomplete.push(gap.clone());
        let found = autoscaling(&snapshot, &service());
        assert_eq!((found.has_target, found.can_act), (Known::No(gap.clone()), Known::No(gap.clone())));
        assert_eq!(found.max_capacity, Known::No(gap));
    }

    #[test]
    fn another_services_target_is_not_its_own() {
        let other = ScalableTarget { resource_id: "service/shop/shop-api-2".into(), ..target(2, 10) };
        assert_eq!(autoscaling(&account(other, true), &service()).has_target, Known::Yes(false));
        let far = ScalableTarget { region: "us-east-1".into(), ..target(2, 10) };
        assert_eq!(autoscaling(&account(far, true), &service()).has_target, Known::Yes(false));
    }

    #[test]
    fn a_policy_acts_within_bounds_that_leave_room() {
        let found = autoscaling(&account(target(2, 10), true), &service());
        assert_eq!((found.can_act, found.lowest_tasks), (Known::Yes(true), Known::Yes(2)));
        assert_eq!(found.policy_names, Known::Yes(vec!["cpu70".to_owned()]));
        assert_eq!(found.reason.en, "It is registered for 2 to 10 tasks and scaled by cpu70.");

        let found = autoscaling(&account(target(2, 2), true), &service());
        assert_eq!(found.can_act, Known::Yes(false));
        assert_eq!(found.reason.en, "Its minimum and maximum are both 2 tasks.");

        let found = autoscaling(&account(target(1, 2), true), &service());
        assert_eq!((found.can_act, found.lowest_tasks), (Known::Yes(true), Known::Yes(1)));

        let found = autoscaling(&account(target(2, 10), false), &service());
        assert_eq!(found.can_act, Known::Yes(false));
        assert!(found.reason.en.contains("no policy or scheduled action"), "{}", found.reason.en);
    }

    #[test]
    fn suspended_policies_do_not_act() {
        let suspended = ScalableTarget { dynamic_scaling_out_suspended: true, ..target(2, 10) };
        let found = autoscaling(&account(suspended.clone(), true), &service());
        assert_eq!(found.can_act, Known::Yes(false));
        assert_eq!(found.reason.en, "Scaling is suspended.");
        // Shrinking is still allowed when there is something to take away.
        let large = Service { desired_count: 5, ..service() };
        let found = autoscaling(&account(suspended, true), &large);
        assert_eq!((found.can_act, found.lowest_tasks), (Known::Yes(true), Known::Yes(2)));
    }

    #[test]
    fn scheduled_actions_act_by_changing_the_bounds() {
        let mut snapshot = account(target(2, 2), false);
        let actions = &mut snapshot.application_autoscaling.scheduled_actions.items;
        actions.push(action(Some(6), Some(6)));
        let found = autoscaling(&snapshot, &service());
        assert_eq!((found.can_act, found.lowest_tasks), (Known::Yes(true), Known::Yes(2)));
        assert_eq!(found.scheduled_action_names, Known::Yes(vec!["sale".to_owned()]));

        snapshot.application_autoscaling.scheduled_actions.items = vec![action(Some(2), Some(2))];
        assert_eq!(autoscaling(&snapshot, &service()).can_act, Known::Yes(false));

        let suspended = ScalableTarget { scheduled_scaling_suspended: true, ..target(2, 2) };
        let mut snapshot = account(suspended, false);
        snapshot.application_autoscaling.scheduled_actions.items = vec![action(Some(6), Some(6))];
        assert_eq!(autoscaling(&snapshot, &service()).can_act, Known::Yes(false));
    }

    #[test]
    fn hidden_policies_matter_only_where_they_could_act() {
        let gap = GapId::new("application-autoscaling:DescribeScalingPolicies", REGION, None);
        let mut snapshot = account(target(2, 10), false);
        snapshot.application_autoscaling.scaling_policies.incomplete.push(gap.clone());
        let found = autoscaling(&snapshot, &service());
        assert_eq!((found.has_target, found.can_act), (Known::Yes(true), Known::No(gap.clone())));
        assert_eq!(found.policy_names, Known::No(gap.clone()));
        assert_eq!(found.max_capacity, Known::Yes(Some(10)));

        let mut snapshot = account(target(2, 2), false);
        snapshot.application_autoscaling.scaling_policies.incomplete.push(gap);
        assert_eq!(autoscaling(&snapshot, &service()).can_act, Known::Yes(false));
        let gap = GapId::new("application-autoscaling:DescribeScheduledActions", REGION, None);
        snapshot.application_autoscaling.scheduled_actions.incomplete.push(gap.clone());
        assert_eq!(autoscaling(&snapshot, &service()).can_act, Known::No(gap));
    }
}
