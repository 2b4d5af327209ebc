//! How long a load balancer takes to notice, and whether anybody counts on a target group.

use super::lookup;
use crate::snapshot::ecs::{Service, ServiceLoadBalancer};
use crate::snapshot::elb::{ListenerAction, LoadBalancer, TargetGroup};
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
        /// Whether requests go there. False where no load balancer uses it, and where every forward action
        /// gives it weight 0: the idle half of a blue/green pair.
        pub is_in_service: Known<bool>,
        /// Whether requests are sent there and nobody means it to be empty: an ECS service that wants
        /// tasks registers them there, or, without a service, some listener forwards to it and to no
        /// group beside it that has targets and a weight. False where it is not in service, for the
        /// group of a service that wants no task, and for the idle half: of two groups that a service
        /// exchanges, and beside a group of a service whose deployments another controller switches.
        pub must_have_targets: Known<bool>,
        /// Who counts on it, in words.
        pub summary: Text,
    }
}

/// See [`super::FUNCTIONS`].
pub fn target_group_use(snapshot: &Snapshot, group: &TargetGroup) -> TargetGroupUse {
    let is_in_service = is_in_service(snapshot, group);
    if is_in_service == Known::Yes(false) && !group.load_balancer_arns.is_empty() {
        return TargetGroupUse {
            is_in_service,
            must_have_targets: Known::Yes(false),
            summary: Text::new(
                "Every listener and rule that names it gives it weight 0.",
                "参照するリスナーとルールでの重みがすべて 0 である。",
            ),
        };
    }
    let services = services_of(snapshot, group);
    let (must_have_targets, summary) = if let Some(service) =
        services.iter().find(|service| service.desired_count > 0)
    {
        let (name, count) = (&service.name, service.desired_count);
        let summary = Text::new(
            format!("Service {name} should register {} in it.", crate::text::counted(count, "task")),
            format!("サービス {name} が {count} タスクを登録するはずである。"),
        );
        // The idle half of a pair has its service, too.
        match is_idle_half(snapshot, service, group) {
            Ok(false) => (is_in_service.clone(), summary),
            Ok(true) => (
                Known::Yes(false),
                Text::new(
                    format!("Service {name} alternates it with another target group, which is in use."),
                    format!(
                        "サービス {name} が別のターゲットグループと切り替えて使い、現在はそちらが使用中である。"
                    ),
                ),
            ),
            Err(gap) => (
                Known::No(gap),
                Text::new(
                    format!("Which target group service {name} uses now is not known."),
                    format!("サービス {name} が現在使っているターゲットグループを確認できない。"),
                ),
            ),
        }
    } else if let Some(service) = services.first() {
        let name = &service.name;
        let summary = Text::new(
            format!("Service {name} has a desired count of 0."),
            format!("サービス {name} のタスク数は 0 に設定されている。"),
        );
        (Known::Yes(false), summary)
    } else {
        forwarded(snapshot, group)
    };
    TargetGroupUse { is_in_service, must_have_targets, summary }
}

/// Whether some listener counts on a group without a service.
fn forwarded(snapshot: &Snapshot, group: &TargetGroup) -> (Known<bool>, Text) {
    match forwarding_port(snapshot, group) {
        Ok(Some(place)) => (
            Known::Yes(true),
            Text::new(
                format!("{place} forwards requests to it."),
                format!("{place} がリクエストを転送している。"),
            ),
        ),
        Ok(None) => (
            Known::Yes(false),
            Text::new(
                "No listener forwards to this target group only.",
                "このターゲットグループだけに転送するリスナーはない。",
            ),
        ),
        Err(gap) => (
            Known::No(gap),
            Text::new(
                "Whether a listener forwards to it is not known.",
                "リスナーが転送しているかどうか確認できない。",
            ),
        ),
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

/// Every forward action of a load balancer with the port of its listener.
fn forwards(lb: &LoadBalancer) -> Result<Vec<(i64, &ListenerAction)>, GapId> {
    let mut found = Vec::new();
    for listener in lb.listeners.ask()? {
        let port = listener.port.unwrap_or_default();
        let of_rules = listener.rules.known().into_iter().flatten().flat_map(|rule| &rule.actions);
        found.extend(listener.default_actions.iter().chain(of_rules).map(|action| (port, action)));
    }
    Ok(found)
}

/// The gap behind which a load balancer's further forward actions may be.
fn hidden_rules(lb: &LoadBalancer) -> Option<GapId> {
    lb.listeners.known().into_iter().flatten().find_map(|listener| listener.rules.ask().err())
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
    let mut hidden = hidden_rules(lb);
    for (port, action) in forwards(lb)? {
        let has_help = || {
            action
                .target_group_arns
                .iter()
                .any(|arn| *arn != group.arn && action.sends_to(arn) != Known::Yes(false) && has_targets(arn))
        };
        match action.sends_to(&group.arn) {
            Known::Yes(true) if !has_help() => return Ok(Some(port)),
            Known::No(gap) if !has_help() => hidden = hidden.or(Some(gap)),
            _ => {}
        }
    }
    hidden.map_or(Ok(None), Err)
}

/// Whether requests go to a target group: not where every forward action that names it gives it
/// weight 0, as the idle half of a blue/green pair has it.
pub(crate) fn is_in_service(snapshot: &Snapshot, group: &TargetGroup) -> Known<bool> {
    let (mut is_named, mut hidden) = (false, None);
    for arn in &group.load_balancer_arns {
        let balancers = &snapshot.elb.load_balancers;
        let Some(lb) = lookup::by_arn(balancers, arn, |lb| &lb.arn) else {
            hidden = hidden.or_else(|| Some(balancers.hidden_by(&group.region, arn)));
            continue;
        };
        let actions = match forwards(lb) {
            Ok(actions) => actions,
            Err(gap) => {
                hidden = hidden.or(Some(gap));
                continue;
            }
        };
        hidden = hidden.or_else(|| hidden_rules(lb));
        for (_, action) in actions.into_iter().filter(|(_, action)| action.names(&group.arn)) {
            is_named = true;
            match action.sends_to(&group.arn) {
                Known::Yes(true) => return Known::Yes(true),
                Known::Yes(false) => {}
                Known::No(gap) => hidden = hidden.or(Some(gap)),
            }
        }
    }
    match hidden {
        _ if group.load_balancer_arns.is_empty() => Known::Yes(false),
        Some(gap) => Known::No(gap),
        // AWS says that something uses it, though no forward action of a listener does.
        None if !is_named => Known::Yes(true),
        None => Known::Yes(false),
    }
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
    use crate::snapshot::elb::{Listener, ListenerRule, Target, WeightedTargetGroup};

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

    /// A load balancer whose listener forwards to two groups.
    fn pair(weights: Known<[i64; 2]>, rules: Known<Vec<ListenerRule>>) -> Snapshot {
        let arns = ["arn:blue", "arn:green"];
        let action = ListenerAction {
            kind: "forward".into(),
            target_group_arns: arns.map(str::to_owned).to_vec(),
            target_groups: weights.map(|weights| {
                arns.into_iter()
                    .zip(weights)
                    .map(|(arn, weight)| WeightedTargetGroup { target_group_arn: arn.into(), weight })
                    .collect()
            }),
            ..ListenerAction::default()
        };
        let listener =
            Listener { port: Some(443), default_actions: vec![action], rules, ..Listener::default() };
        let mut snapshot = Snapshot::default().complete();
        snapshot.elb.load_balancers.items = vec![LoadBalancer {
            arn: "arn:lb".into(),
            name: "shop".into(),
            listeners: Known::Yes(vec![listener]),
            ..LoadBalancer::default()
        }];
        snapshot.elb.target_groups.items = arns
            .map(|arn| TargetGroup {
                arn: arn.into(),
                load_balancer_arns: vec!["arn:lb".into()],
                targets: Known::Yes(Vec::new()),
                ..TargetGroup::default()
            })
            .to_vec();
        snapshot
    }

    #[test]
    fn weights_say_which_group_is_in_service() {
        let hidden = GapId::new("elasticloadbalancing:DescribeRules", "ap-northeast-1", None);
        let none = || Known::Yes(Vec::new());
        let cases = [
            ("blue is idle", Known::Yes([0, 1]), none(), Known::Yes(false), Known::Yes(true)),
            ("both serve", Known::Yes([1, 99]), none(), Known::Yes(true), Known::Yes(true)),
            ("neither does", Known::Yes([0, 0]), none(), Known::Yes(false), Known::Yes(false)),
            (
                "weights of old snapshots",
                Known::default(),
                none(),
                Known::No(GapId::default()),
                Known::No(GapId::default()),
            ),
            (
                "hidden rules",
                Known::Yes([0, 1]),
                Known::No(hidden.clone()),
                Known::No(hidden),
                Known::Yes(true),
            ),
        ];
        for (what, weights, rules, blue, green) in cases {
            let snapshot = pair(weights, rules);
            let found: Vec<Known<bool>> = snapshot
                .elb
                .target_groups
                .iter()
                .map(|group| target_group_use(&snapshot, group).is_in_service)
                .collect();
            assert_eq!(found, [blue, green], "{what}");
        }
        let idle = pair(Known::Yes([0, 1]), none());
        let found = target_group_use(&idle, &idle.elb.target_groups.items[0]);
        assert_eq!(found.must_have_targets, Known::Yes(false));
        assert!(found.summary.en.contains("weight 0"), "{}", found.summary.en);
        let found = target_group_use(&idle, &idle.elb.target_groups.items[1]);
        assert_eq!(found.must_have_targets, Known::Yes(true), "an idle group does not help");
        let unused = TargetGroup::default();
        assert_eq!(target_group_use(&idle, &unused).is_in_service, Known::Yes(false));
    }

    #[test]
    fn of_two_groups_that_a_service_exchanges_the_empty_one_is_idle() {
        let place = ServiceLoadBalancer {
            target_group_arn: Some("arn:blue".into()),
            alternate_target_group_arn: Known::Yes(Some("arn:green".into())),
            ..ServiceLoadBalancer::default()
        };
        let service = Service { desired_count: 2, load_balancers: vec![place], ..Service::default() };
        let group = |arn: &str, count: usize| TargetGroup {
            arn: format!("arn:{arn}"),
            load_balancer_arns: vec!["arn:lb".into()],
            targets: Known::Yes(vec![Target { state: "healthy".into(), ..Target::default() }; count]),
            ..TargetGroup::default()
        };
        let must_have = |blue: TargetGroup, green: TargetGroup| {
            let mut snapshot = pair(Known::Yes([1, 1]), Known::Yes(Vec::new()));
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
