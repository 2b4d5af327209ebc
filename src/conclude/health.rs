//! How long a load balancer takes to notice, and whether anybody counts on a target group.

use super::lookup;
use crate::snapshot::ecs::{Service, ServiceLoadBalancer};
use crate::snapshot::elb::{LoadBalancer, TargetGroup};
use crate::snapshot::known::Known;
use crate::snapshot::{GapId, Snapshot};
use crate::text::Text;

crate::record! {
    /// How long a load balancer takes to notice that a target failed, or that it is good again.
    pub struct HealthCheckTiming {
        /// Seconds until a failed target is taken out: interval × unhealthy threshold; null where
        /// health is not checked or AWS did not mention one of the two.
        pub detection_seconds: Option<i64>,
        /// Seconds until a good target is taken in: interval × healthy threshold; null likewise.
        pub recovery_seconds: Option<i64>,
        /// The arithmetic, in words.
        pub arithmetic: Text,
    }

    /// Whether anybody counts on a target group to have targets.
    pub struct TargetGroupUse {
        /// Whether requests are sent there and nobody means it to be empty: an ECS service that wants
        /// tasks registers them there, or, without a service, some listener forwards to it and to no
        /// group beside it that has targets. False for the group of a service that wants no task, and
        /// for the idle half: of two groups that a service exchanges, and beside a group of a service
        /// whose deployments another controller switches.
        pub must_have_targets: Known<bool>,
        /// Who counts on it, in words.
        pub summary: Text,
    }
}

/// See [`super::FUNCTIONS`].
pub fn target_group_use(snapshot: &Snapshot, group: &TargetGroup) -> TargetGroupUse {
    let services = services_of(snapshot, group);
    if let Some(service) = services.iter().find(|service| service.desired_count > 0) {
        let (name, count) = (&service.name, service.desired_count);
        match is_idle_half(snapshot, service, group) {
            Ok(false) => {}
            Ok(true) => {
                return TargetGroupUse {
                    must_have_targets: Known::Yes(false),
                    summary: Text::new(
                        format!("Service {name} exchanges it with another target group, which is in use."),
                        format!(
                            "サービス {name} が別のターゲットグループと切り替えて使い、現在はそちらが使用中である。"
                        ),
                    ),
                };
            }
            Err(gap) => {
                return TargetGroupUse {
                    must_have_targets: Known::No(gap),
                    summary: Text::new(
                        format!("Which target group service {name} uses now is not known."),
                        format!("サービス {name} が現在使っているターゲットグループを確認できない。"),
                    ),
                };
            }
        }
        return TargetGroupUse {
            must_have_targets: Known::Yes(true),
            summary: Text::new(
                format!("Service {name} wants {} there.", crate::text::counted(count, "task")),
                format!("サービス {name} が {count} タスクを登録するはずである。"),
            ),
        };
    }
    if let Some(service) = services.first() {
        let name = &service.name;
        return TargetGroupUse {
            must_have_targets: Known::Yes(false),
            summary: Text::new(
                format!("Service {name} wants no task."),
                format!("サービス {name} のタスク数は 0 に設定されている。"),
            ),
        };
    }
    match forwarding_port(snapshot, group) {
        Ok(Some(place)) => TargetGroupUse {
            must_have_targets: Known::Yes(true),
            summary: Text::new(
                format!("{place} forwards requests to it."),
                format!("{place} がリクエストを転送している。"),
            ),
        },
        Ok(None) => TargetGroupUse {
            must_have_targets: Known::Yes(false),
            summary: Text::new(
                "No listener counts on it alone.",
                "このターゲットグループだけに転送するリスナーはない。",
            ),
        },
        Err(gap) => TargetGroupUse {
            must_have_targets: Known::No(gap),
            summary: Text::new(
                "Whether a listener forwards to it is not known.",
                "リスナーが転送しているかどうか確認できない。",
            ),
        },
    }
}

/// The services whose tasks are registered in a group, now or after the next deployment.
fn services_of<'a>(snapshot: &'a Snapshot, group: &TargetGroup) -> Vec<&'a Service> {
    let names = |service: &&Service| {
        service.load_balancers.iter().any(|place| {
            place.target_group_arn.as_deref() == Some(&group.arn) || alternate_of(place) == Some(&group.arn)
        })
    };
    snapshot.ecs.services.iter().filter(|service| !service.is_inactive()).filter(names).collect()
}

fn alternate_of(place: &ServiceLoadBalancer) -> Option<&str> {
    place.alternate_target_group_arn.known()?.as_deref()
}

/// Whether a service that exchanges two groups uses the other one. Where neither has targets, the one
/// that it names first counts: one outage is one finding.
fn is_idle_half(snapshot: &Snapshot, service: &Service, group: &TargetGroup) -> Result<bool, GapId> {
    for place in &service.load_balancers {
        let first = place.target_group_arn.as_deref();
        let Some(second) = alternate_of(place) else {
            // Without an answer nothing is decided, but only for a group that is empty itself.
            let is_hidden = first == Some(&group.arn)
                && service.deployment_strategy.known().is_some_and(|strategy| strategy != "ROLLING");
            if is_hidden && !has_targets(group)? {
                place.alternate_target_group_arn.ask()?;
            }
            continue;
        };
        let (is_first, is_second) = (first == Some(&group.arn), second == group.arn);
        if !is_first && !is_second {
            continue;
        }
        if has_targets(group)? {
            return Ok(false);
        }
        let other = if is_first { second } else { first.unwrap_or_default() };
        let groups = &snapshot.elb.target_groups;
        let other = lookup::by_arn(groups, other, |group| &group.arn)
            .ok_or_else(|| groups.hidden_by(&service.region, other))?;
        return Ok(is_second || has_targets(other)?);
    }
    Ok(false)
}

/// Whether a group has targets that stay.
fn has_targets(group: &TargetGroup) -> Result<bool, GapId> {
    Ok(group.targets.ask()?.iter().any(|target| target.state != "draining"))
}

/// A listener that forwards to a group and to none beside it that has targets, as
/// `name of the load balancer:port`.
fn forwarding_port(snapshot: &Snapshot, group: &TargetGroup) -> Result<Option<String>, GapId> {
    snapshot.ecs.services.complete_in(&group.region)?;
    let mut hidden = None;
    for arn in &group.load_balancer_arns {
        let balancers = &snapshot.elb.load_balancers;
        let Some(lb) = lookup::by_arn(balancers, arn, |lb| &lb.arn) else {
            hidden.get_or_insert_with(|| balancers.hidden_by(&group.region, arn));
            continue;
        };
        if is_switched_by_another(snapshot, lb) {
            continue;
        }
        match port_that_forwards(snapshot, lb, group) {
            Ok(Some(port)) => return Ok(Some(format!("{}:{port}", lb.name))),
            Ok(None) => {}
            Err(gap) => {
                hidden.get_or_insert(gap);
            }
        }
    }
    hidden.map_or(Ok(None), Err)
}

/// Whether a service behind a load balancer is deployed by CodeDeploy or an external controller,
/// which keeps a second group that is empty between deployments.
fn is_switched_by_another(snapshot: &Snapshot, lb: &LoadBalancer) -> bool {
    let is_here = |arn: &str| {
        let found = lookup::by_arn(&snapshot.elb.target_groups, arn, |group| &group.arn);
        found.is_some_and(|group| group.load_balancer_arns.contains(&lb.arn))
    };
    snapshot.ecs.services.iter().any(|service| {
        matches!(service.deployment_controller.as_str(), "CODE_DEPLOY" | "EXTERNAL")
            && service
                .load_balancers
                .iter()
                .filter_map(|place| place.target_group_arn.as_deref())
                .any(is_here)
    })
}

fn port_that_forwards(
    snapshot: &Snapshot,
    lb: &LoadBalancer,
    group: &TargetGroup,
) -> Result<Option<i64>, GapId> {
    let has_targets = |arn: &String| {
        let found = lookup::by_arn(&snapshot.elb.target_groups, arn, |group| &group.arn);
        found.is_some_and(|group| {
            group
                .targets
                .known()
                .is_none_or(|targets| targets.iter().any(|target| target.state != "draining"))
        })
    };
    let counts_on_it = |action: &crate::snapshot::elb::ListenerAction| {
        action.target_group_arns.contains(&group.arn)
            && !action.target_group_arns.iter().any(|arn| *arn != group.arn && has_targets(arn))
    };
    let mut hidden = None;
    for listener in lb.listeners.ask()? {
        let port = listener.port.unwrap_or_default();
        if listener.default_actions.iter().any(counts_on_it) {
            return Ok(Some(port));
        }
        match &listener.rules {
            Known::Yes(rules) if rules.iter().any(|rule| rule.actions.iter().any(counts_on_it)) => {
                return Ok(Some(port));
            }
            Known::Yes(_) => {}
            Known::No(gap) => {
                hidden.get_or_insert_with(|| gap.clone());
            }
        }
    }
    hidden.map_or(Ok(None), Err)
}

/// See [`super::FUNCTIONS`].
pub(crate) fn health_check_timing(_snapshot: &Snapshot, group: &TargetGroup) -> HealthCheckTiming {
    if group.health_check_enabled == Some(false) {
        return HealthCheckTiming {
            arithmetic: Text::new("Its health is not checked.", "ヘルスチェックが無効になっている。"),
            ..HealthCheckTiming::default()
        };
    }
    let interval = group.health_check_interval_seconds;
    let after = |count: Option<i64>| Some((interval?, count?, interval?.saturating_mul(count?)));
    let detection = after(group.unhealthy_threshold_count);
    let recovery = after(group.healthy_threshold_count);
    HealthCheckTiming {
        detection_seconds: detection.map(|(_, _, seconds)| seconds),
        recovery_seconds: recovery.map(|(_, _, seconds)| seconds),
        arithmetic: Text::new(
            format!(
                "{} until a failed target is removed, {} until a healthy one is added.",
                product(detection, "s", "an unknown time"),
                product(recovery, "s", "an unknown time"),
            ),
            format!(
                "異常なターゲットの切り離しまで {}、正常なターゲットの組み込みまで {}。",
                product(detection, "秒", "不明"),
                product(recovery, "秒", "不明"),
            ),
        ),
    }
}

fn product(factors: Option<(i64, i64, i64)>, seconds: &str, unknown: &str) -> String {
    match factors {
        Some((interval, count, product)) => {
            format!("{interval} {seconds} × {count} = {product} {seconds}")
        }
        None => unknown.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::elb::Target;

    fn group(interval: Option<i64>, healthy: Option<i64>, unhealthy: Option<i64>) -> TargetGroup {
        TargetGroup {
            health_check_enabled: Some(true),
            health_check_interval_seconds: interval,
            healthy_threshold_count: healthy,
            unhealthy_threshold_count: unhealthy,
            ..TargetGroup::default()
        }
    }

    #[test]
    fn the_default_finds_a_dead_target_in_60_seconds_and_a_good_one_in_150() {
        let timing = health_check_timing(&Snapshot::default().complete(), &group(Some(30), Some(5), Some(2)));
        assert_eq!((timing.detection_seconds, timing.recovery_seconds), (Some(60), Some(150)));
        assert_eq!(
            timing.arithmetic.en,
            "30 s × 2 = 60 s until a failed target is removed, 30 s × 5 = 150 s until a healthy one is added."
        );
        assert!(timing.arithmetic.ja.contains("30 秒 × 5 = 150 秒"), "{}", timing.arithmetic.ja);
    }

    #[test]
    fn what_is_not_checked_or_not_said_has_no_time() {
        let off = TargetGroup { health_check_enabled: Some(false), ..group(Some(30), Some(5), Some(2)) };
        let timing = health_check_timing(&Snapshot::default().complete(), &off);
        assert_eq!((timing.detection_seconds, timing.recovery_seconds), (None, None));
        let timing = health_check_timing(&Snapshot::default().complete(), &group(Some(30), None, Some(2)));
        assert_eq!((timing.detection_seconds, timing.recovery_seconds), (Some(60), None));
        assert!(timing.arithmetic.en.ends_with("an unknown time until a healthy one is added."));
        let timing = health_check_timing(&Snapshot::default().complete(), &group(None, Some(5), Some(2)));
        assert_eq!((timing.detection_seconds, timing.recovery_seconds), (None, None));
    }
    #[test]
    fn of_two_groups_that_a_service_exchanges_the_empty_one_is_idle() {
        let place = ServiceLoadBalancer {
            target_group_arn: Some("blue".into()),
            alternate_target_group_arn: Known::Yes(Some("green".into())),
            ..ServiceLoadBalancer::default()
        };
        let service = Service { desired_count: 2, load_balancers: vec![place], ..Service::default() };
        let group = |arn: &str, count: usize| TargetGroup {
            arn: arn.into(),
            targets: Known::Yes(vec![Target { state: "healthy".into(), ..Target::default() }; count]),
            ..TargetGroup::default()
        };
        let must_have = |blue: TargetGroup, green: TargetGroup| {
            let mut snapshot = Snapshot::default().complete();
            snapshot.ecs.services.items = vec![service.clone()];
            snapshot.elb.target_groups.items = vec![blue.clone(), green.clone()];
            [blue, green].map(|group| target_group_use(&snapshot, &group).must_have_targets)
        };
        let (yes, no) = (Known::Yes(true), Known::Yes(false));
        assert_eq!(must_have(group("blue", 2), group("green", 0)), [yes.clone(), no.clone()]);
        assert_eq!(must_have(group("blue", 0), group("green", 2)), [no.clone(), yes.clone()]);
        assert_eq!(must_have(group("blue", 2), group("green", 2)), [yes.clone(), yes.clone()]);
        assert_eq!(must_have(group("blue", 0), group("green", 0)), [yes, no]);
        let gap = GapId::new("elasticloadbalancing:DescribeTargetHealth", "ap-northeast-1", Some("green"));
        let hidden = TargetGroup { targets: Known::No(gap.clone()), ..group("green", 0) };
        assert_eq!(must_have(group("blue", 0), hidden), [Known::No(gap.clone()), Known::No(gap)]);
    }
}
