//! The beginning and the end of a task behind a load balancer.

use super::{StartAllowance, StopTiming};
use crate::conclude::health::health_check_timing;
use crate::conclude::lookup::{by_arn, newest_task_definition};
use crate::snapshot::ecs::{FARGATE_SPOT, Service};
use crate::snapshot::elb::TargetGroup;
use crate::snapshot::known::Known;
use crate::snapshot::{GapId, Snapshot};
use crate::text::{Text, counted};

/// What ECS waits between the signal to stop and the kill where the container says nothing
/// (stopTimeout in the task definition parameters).
const DEFAULT_STOP_SECONDS: i64 = 30;
/// The notice that AWS gives before it takes a Spot task back (Fargate capacity providers).
const SPOT_NOTICE_SECONDS: i64 = 120;

/// The target groups that the tasks are registered in.
fn target_groups<'a>(snapshot: &'a Snapshot, service: &Service) -> Result<Vec<&'a TargetGroup>, GapId> {
    let groups = &snapshot.elb.target_groups;
    // Those that a deployment exchanges serve in turn.
    let arns = service.load_balancers.iter().flat_map(|balancer| {
        let second = balancer.alternate_target_group_arn.known().and_then(Option::as_ref);
        balancer.target_group_arn.iter().chain(second)
    });
    arns.map(|arn| {
        let found = by_arn(groups, arn, |group| &group.arn);
        found.ok_or_else(|| groups.hidden_by(&service.region, arn))
    })
    .collect()
}

/// See [`crate::conclude::FUNCTIONS`].
pub(crate) fn start_allowance(snapshot: &Snapshot, service: &Service) -> StartAllowance {
    // A service with a load balancer and without a grace period has 0 (CreateService).
    let grace = service.health_check_grace_period_seconds.unwrap_or(0);
    let detection = target_groups(snapshot, service).map(|groups| {
        let detections =
            groups.into_iter().map(|group| health_check_timing(snapshot, group).detection_seconds);
        detections.flatten().min()
    });
    let seconds = detection.clone().map(|detection| detection.map(|detection| detection.max(grace)));
    StartAllowance {
        arithmetic: match &detection {
            Ok(Some(detection)) => Text::new(
                format!(
                    "Its grace period is {grace} {}, and the load balancer marks a target unhealthy after {detection} s.",
                    counted(grace, "second"),
                ),
                format!(
                    "猶予期間は {grace} 秒、ロードバランサーがターゲットを異常と判定するまでは {detection} 秒である。"
                ),
            ),
            Ok(None) => Text::new(
                "No load balancer checks its health.",
                "ロードバランサーによるヘルスチェックがない。",
            ),
            Err(_) => {
                Text::new("How its health is checked is not known.", "ヘルスチェックの設定は確認できない。")
            }
        },
        grace_seconds: grace,
        detection_seconds: detection.into(),
        seconds: seconds.into(),
    }
}

/// See [`crate::conclude::FUNCTIONS`].
pub(crate) fn stop_timing(snapshot: &Snapshot, service: &Service) -> StopTiming {
    let uses_spot = service
        .capacity_provider_strategy
        .iter()
        .any(|item| item.capacity_provider == FARGATE_SPOT && (item.weight > 0 || item.base > 0));
    let drain_seconds = Known::from(drain_seconds(snapshot, service));
    let stop = stop(snapshot, service);
    let needed = drain_seconds.clone().map(|drain| drain.map(|drain| drain.min(SPOT_NOTICE_SECONDS)));
    let is_cut_short = match (&needed, &stop) {
        (Known::Yes(None), _) => Known::Yes(false),
        (Known::Yes(Some(needed)), Ok((_, stop))) => Known::Yes(stop < needed),
        (Known::No(gap), _) | (_, Err(gap)) => Known::No(gap.clone()),
    };
    StopTiming {
        uses_spot,
        drain_seconds,
        container: stop.clone().map(|(name, _)| name).into(),
        stop_seconds: stop.map(|(_, seconds)| seconds).into(),
        spot_stop_seconds: needed,
        is_cut_short_on_spot: is_cut_short,
    }
}

/// The longest drain of its target groups; AWS's default where the attribute was not mentioned.
fn drain_seconds(snapshot: &Snapshot, service: &Service) -> Result<Option<i64>, GapId> {
    const DEFAULT: i64 = 300;
    let mut longest = None;
    for group in target_groups(snapshot, service)? {
        let seconds = group.attributes.ask()?.deregistration_delay_seconds.unwrap_or(DEFAULT);
        longest = longest.max(Some(seconds));
    }
    Ok(longest)
}

/// The container that takes the requests and has the least time, or else the essential one.
fn stop(snapshot: &Snapshot, service: &Service) -> Result<(String, i64), GapId> {
    let definition = newest_task_definition(snapshot, service)?;
    let takes_requests = |name: &str| {
        service.load_balancers.iter().any(|balancer| balancer.container_name.as_deref() == Some(name))
    };
    let timed = |is_wanted: &dyn Fn(&crate::snapshot::ecs::Container) -> bool| {
        let wanted = definition.containers.iter().filter(|container| is_wanted(container));
        let seconds = wanted.map(|container| {
            (container.name.clone(), container.stop_timeout_seconds.unwrap_or(DEFAULT_STOP_SECONDS))
        });
        seconds.min_by_key(|(_, seconds)| *seconds)
    };
    let behind = timed(&|container| takes_requests(&container.name));
    behind.or_else(|| timed(&|container| container.essential)).ok_or_else(GapId::default)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conclude::network::site::{self, gap};
    use crate::snapshot::ecs::CapacityProviderStrategyItem;
    use crate::snapshot::elb::TargetGroupAttributes;

    fn site() -> Snapshot {
        let mut snapshot = site::before();
        let group = &mut snapshot.elb.target_groups.items[0];
        group.health_check_interval_seconds = Some(5);
        group.unhealthy_threshold_count = Some(2);
        let delay = Some(300);
        let attributes = TargetGroupAttributes { deregistration_delay_seconds: delay, ..Default::default() };
        group.attributes = Known::Yes(attributes);
        let containers = &mut snapshot.ecs.task_definitions.items[0].containers;
        containers[0].name = "app".into();
        snapshot.ecs.services.items[0].capacity_provider_strategy = vec![CapacityProviderStrategyItem {
            capacity_provider: "FARGATE_SPOT".into(),
            weight: 1,
            base: 0,
        }];
        snapshot
    }

    fn start(snapshot: &Snapshot) -> StartAllowance {
        start_allowance(snapshot, &snapshot.ecs.services.items[0])
    }

    fn stop(snapshot: &Snapshot) -> StopTiming {
        stop_timing(snapshot, &snapshot.ecs.services.items[0])
    }

    #[test]
    fn a_task_has_the_longer_of_grace_and_detection() {
        let mut snapshot = site();
        let found = start(&snapshot);
        assert_eq!((found.grace_seconds, found.detection_seconds), (0, Known::Yes(Some(10))));
        assert_eq!(found.seconds, Known::Yes(Some(10)));
        assert_eq!(
            found.arithmetic.en,
            "Its grace period is 0 seconds, and the load balancer marks a target unhealthy after 10 s."
        );
        snapshot.ecs.services.items[0].health_check_grace_period_seconds = Some(90);
        assert_eq!(start(&snapshot).seconds, Known::Yes(Some(90)));
        snapshot.elb.target_groups.items[0].health_check_enabled = Some(false);
        assert_eq!(start(&snapshot).seconds, Known::Yes(None));
        snapshot.ecs.services.items[0].load_balancers.clear();
        assert_eq!(start(&snapshot).seconds, Known::Yes(None));
    }

    #[test]
    fn a_hidden_target_group_leaves_the_start_open() {
        let mut snapshot = site();
        snapshot.elb.target_groups.items.clear();
        snapshot.elb.target_groups.incomplete = vec![gap("elasticloadbalancing:DescribeTargetGroups")];
        let hidden = Known::No(gap("elasticloadbalancing:DescribeTargetGroups"));
        assert_eq!(start(&snapshot).seconds, hidden);
        assert_eq!(stop(&snapshot).is_cut_short_on_spot, hidden.map(|_| false));
    }

    #[test]
    fn spot_gives_two_minutes_and_containers_thirty_seconds() {
        let mut snapshot = site();
        let found = stop(&snapshot);
        assert!(found.uses_spot);
        assert_eq!(found.drain_seconds, Known::Yes(Some(300)));
        assert_eq!(found.container, Known::Yes("app".into()));
        assert_eq!((found.stop_seconds, found.spot_stop_seconds), (Known::Yes(30), Known::Yes(Some(120))));
        assert_eq!(found.is_cut_short_on_spot, Known::Yes(true));
        snapshot.ecs.task_definitions.items[0].containers[0].stop_timeout_seconds = Some(120);
        assert_eq!(stop(&snapshot).is_cut_short_on_spot, Known::Yes(false));
        snapshot.ecs.task_definitions.items[0].containers[0].stop_timeout_seconds = None;
        let short = TargetGroupAttributes { deregistration_delay_seconds: Some(20), ..Default::default() };
        snapshot.elb.target_groups.items[0].attributes = Known::Yes(short);
        let found = stop(&snapshot);
        assert_eq!(
            (found.spot_stop_seconds, found.is_cut_short_on_spot),
            (Known::Yes(Some(20)), Known::Yes(false))
        );
    }

    #[test]
    fn the_container_that_takes_the_requests_counts() {
        let mut snapshot = site();
        let containers = &mut snapshot.ecs.task_definitions.items[0].containers;
        let mut sidecar = containers[0].clone();
        (sidecar.name, sidecar.essential) = ("log".into(), true);
        sidecar.stop_timeout_seconds = Some(2);
        containers[0].stop_timeout_seconds = Some(120);
        containers.push(sidecar);
        assert_eq!(stop(&snapshot).container, Known::Yes("app".into()));
        snapshot.ecs.services.items[0].load_balancers[0].container_name = None;
        assert_eq!(stop(&snapshot).container, Known::Yes("log".into()));
        snapshot.ecs.services.items[0].capacity_provider_strategy[0].weight = 0;
        assert!(!stop(&snapshot).uses_spot);
    }

    #[test]
    fn only_what_the_stop_depends_on_leaves_it_open() {
        let mut snapshot = site();
        let denied = gap("elasticloadbalancing:DescribeTargetGroupAttributes");
        snapshot.elb.target_groups.items[0].attributes = Known::No(denied.clone());
        assert_eq!(stop(&snapshot).is_cut_short_on_spot, Known::No(denied));
        snapshot.ecs.services.items[0].load_balancers.clear();
        assert_eq!(stop(&snapshot).is_cut_short_on_spot, Known::Yes(false), "there is nothing to drain");
        let mut snapshot = site();
        snapshot.ecs.task_definitions.items.clear();
        snapshot.ecs.task_definitions.incomplete = vec![gap("ecs:DescribeTaskDefinition")];
        assert_eq!(stop(&snapshot).is_cut_short_on_spot, Known::No(gap("ecs:DescribeTaskDefinition")));
        assert_eq!(stop(&snapshot).drain_seconds, Known::Yes(Some(300)));
    }
}
