//! Services, their roles and what they stand behind.

mod databases;
mod requests;
mod roles;

use tenken::policy::PolicySet;
use tenken::policy::judge::judge;
use tenken::snapshot::application_autoscaling::{ScalableTarget, ScalingPolicy, ScheduledAction};
use tenken::snapshot::cloudwatch::{Alarm, AlarmMetric};
use tenken::snapshot::ec2::{Route, RouteTable, Subnet, Vpc};
use tenken::snapshot::ecs::{Deployment, Service, ServiceLoadBalancer, TaskDefinition};
use tenken::snapshot::elb::{Listener, ListenerAction, LoadBalancer, Target, TargetGroup};
use tenken::snapshot::iam::{Role, Statement};
use tenken::snapshot::rds::{DbCluster, DbInstance, DbSubnetGroup};
use tenken::snapshot::wafv2::{WebAcl, WebAclRule};
use tenken::snapshot::{GapId, Known, Snapshot};

const REGION: &str = "ap-northeast-1";
const SERVICE: &str = "arn:aws:ecs:ap-northeast-1:123456789012:service/shop/shop-api";
const GROUP: &str = "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:targetgroup/shop-tg/6d0ecf83";
const IDLE: &str =
    "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:targetgroup/shop-tg-green/6d0ecf84";
const BALANCER: &str =
    "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:loadbalancer/app/shop-alb/50dc6c49";

const LISTENER: &str =
    "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:listener/app/shop-alb/50dc6c49/f2f7dc8e";

/// An account that is edited, the verdict expected for one policy and resource, and AWS's words for it.
struct Case {
    name: &'static str,
    account: Snapshot,
    policy: &'static str,
    resource: &'static str,
    expected: &'static str,
    because: &'static str,
}

const PASS: &str = "pass";
const FAIL: &str = "fail";
const UNKNOWN: &str = "unknown";
const SKIP: &str = "skip";

fn check(cases: &[Case]) {
    let policies = PolicySet::embedded().unwrap();
    let mut problems = Vec::new();
    for case in cases {
        let findings = judge(&case.account, &policies);
        let found: Vec<_> = findings
            .iter()
            .filter(|finding| finding.policy == case.policy && finding.resource == case.resource)
            .collect();
        let verdicts: Vec<&str> = found.iter().map(|finding| finding.verdict.as_str()).collect();
        if verdicts != [case.expected] {
            let said = found.first().map_or("", |finding| finding.message.en.as_str());
            problems.push(format!(
                "{} on {}: {verdicts:?} instead of {} ({said}); {}",
                case.policy, case.name, case.expected, case.because
            ));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

fn deployment(rollout_state: &str, running_count: i64, failed_tasks: i64) -> Deployment {
    Deployment {
        id: "ecs-svc/1".into(),
        status: "PRIMARY".into(),
        task_definition_arn: "arn:td:1".into(),
        desired_count: 2,
        running_count,
        failed_tasks,
        rollout_state: Known::Yes(Some(rollout_state.into())),
    }
}

/// A service of two tasks behind a load balancer: running, starting, and the deployment's state.
fn shop(running: i64, pending: i64, rollout: Deployment) -> Snapshot {
    let mut account = Snapshot { account: "123456789012".into(), ..Snapshot::default().complete() };
    account.regions = vec![REGION.into()];
    account.ecs.services.items = vec![Service {
        arn: SERVICE.into(),
        region: REGION.into(),
        name: "shop-api".into(),
        cluster_arn: "arn:aws:ecs:ap-northeast-1:123456789012:cluster/shop".into(),
        cluster_name: "shop".into(),
        status: "ACTIVE".into(),
        launch_type: Some("FARGATE".into()),
        scheduling_strategy: "REPLICA".into(),
        deployment_controller: "ECS".into(),
        desired_count: 2,
        running_count: running,
        pending_count: pending,
        task_definition_arn: Some("arn:td:1".into()),
        load_balancers: vec![ServiceLoadBalancer {
            target_group_arn: Some(GROUP.into()),
            container_name: Some("app".into()),
            container_port: Some(8080),
            ..ServiceLoadBalancer::default()
        }],
        deployments: vec![rollout],
        ..Service::default()
    }];
    account.ecs.task_definitions.items =
        vec![TaskDefinition { arn: "arn:td:1".into(), region: REGION.into(), ..TaskDefinition::default() }];
    account.elb.load_balancers.items = vec![LoadBalancer {
        arn: BALANCER.into(),
        region: REGION.into(),
        name: "shop-alb".into(),
        kind: "application".into(),
        scheme: "internet-facing".into(),
        listeners: Known::Yes(vec![forwarding_to(&[GROUP])]),
        ..LoadBalancer::default()
    }];
    let healthy = (0..running).map(|at| target(&format!("10.0.{at}.20"), "healthy")).collect();
    account.elb.target_groups.items = vec![group(GROUP, healthy)];
    account
}

fn steady(running: i64, pending: i64) -> Snapshot {
    shop(running, pending, deployment("COMPLETED", running, 0))
}

fn target(id: &str, state: &str) -> Target {
    Target { id: id.into(), state: state.into(), ..Target::default() }
}

fn group(arn: &str, targets: Vec<Target>) -> TargetGroup {
    TargetGroup {
        arn: arn.into(),
        region: REGION.into(),
        name: arn.split('/').nth(1).unwrap().into(),
        target_type: "ip".into(),
        load_balancer_arns: vec![BALANCER.into()],
        health_check_enabled: Some(true),
        targets: Known::Yes(targets),
        ..TargetGroup::default()
    }
}

fn forwarding_to(groups: &[&str]) -> Listener {
    Listener {
        arn: LISTENER.into(),
        region: REGION.into(),
        load_balancer_arn: BALANCER.into(),
        port: Some(443),
        protocol: Some("HTTPS".into()),
        default_actions: vec![ListenerAction {
            kind: "forward".into(),
            target_group_arns: groups.iter().map(|group| (*group).to_owned()).collect(),
            ..ListenerAction::default()
        }],
        rules: Known::Yes(Vec::new()),
        hsts_header: Known::Yes(None),
        ..Listener::default()
    }
}

fn edited(mut account: Snapshot, edit: impl FnOnce(&mut Snapshot)) -> Snapshot {
    edit(&mut account);
    account
}

#[test]
fn a_total_outage_is_seen() {
    let counts = "runningCount: the number of tasks in the cluster that are in the RUNNING state \
        (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Service.html)";
    let failed = "failedTasks: consecutively failed tasks; reset to zero once a task runs \
        (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Deployment.html)";
    let no_target = "503: the target groups for the load balancer have no registered targets \
        (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html)";
    let short = |name, account, expected| Case {
        name,
        account,
        policy: "ecs-service-short-of-tasks",
        resource: SERVICE,
        expected,
        because: counts,
    };
    let failing = |name, account, expected| Case {
        name,
        account,
        policy: "ecs-deployment-failed",
        resource: SERVICE,
        expected,
        because: failed,
    };
    let empty = |name, account, resource, expected| Case {
        name,
        account,
        policy: "target-group-no-healthy-target",
        resource,
        expected,
        because: no_target,
    };
    let in_progress = |running, failures| deployment("IN_PROGRESS", running, failures);
    let without_service = |groups: &'static [&'static str]| {
        edited(steady(0, 0), |account| {
            account.ecs.services.items.clear();
            account.elb.load_balancers.items[0].listeners = Known::Yes(vec![forwarding_to(groups)]);
        })
    };
    check(&[
        short("two of two", steady(2, 0), PASS),
        short("none of two", steady(0, 0), FAIL),
        short("none of two, and one that starts again and again", steady(0, 2), FAIL),
        short("one of two", steady(1, 0), FAIL),
        short("one of two, the other one starting", steady(1, 1), PASS),
        short("the first deployment", shop(0, 2, in_progress(0, 0)), PASS),
        short("a deployment that exchanges tasks", shop(1, 0, in_progress(0, 0)), PASS),
        short("a deployment that nothing comes of", shop(0, 0, in_progress(0, 0)), FAIL),
        short("a deployment whose tasks fail", shop(0, 2, in_progress(0, 7)), FAIL),
        short(
            "switched off",
            edited(steady(0, 0), |account| account.ecs.services.items[0].desired_count = 0),
            SKIP,
        ),
        failing("a deployment that is young", shop(0, 2, in_progress(0, 2)), PASS),
        failing("a deployment that cannot start a task", shop(0, 2, in_progress(0, 3)), FAIL),
        failing("a deployment that has started some", shop(1, 1, in_progress(1, 0)), PASS),
        failing("a deployment that ECS gave up", shop(0, 0, deployment("FAILED", 0, 10)), FAIL),
        empty("healthy targets", steady(2, 0), GROUP, PASS),
        empty("a service without tasks", steady(0, 0), GROUP, FAIL),
        empty(
            "a group whose targets are leaving",
            edited(steady(0, 0), |account| {
                account.elb.target_groups.items[0].targets =
                    Known::Yes(vec![target("10.0.0.20", "draining")]);
            }),
            GROUP,
            FAIL,
        ),
        empty(
            "a service that is switched off",
            edited(steady(0, 0), |account| account.ecs.services.items[0].desired_count = 0),
            GROUP,
            SKIP,
        ),
        empty("instances that are gone", without_service(&[GROUP]), GROUP, FAIL),
        empty("no listener", without_service(&[]), GROUP, SKIP),
        empty(
            "the idle half of a blue/green pair in one action",
            edited(steady(2, 0), |account| {
                account.elb.target_groups.items.push(group(IDLE, vec![]));
                account.elb.load_balancers.items[0].listeners =
                    Known::Yes(vec![forwarding_to(&[GROUP, IDLE])]);
            }),
            IDLE,
            SKIP,
        ),
        empty(
            "CodeDeploy's test listener",
            edited(steady(2, 0), |account| {
                account.ecs.services.items[0].deployment_controller = "CODE_DEPLOY".into();
                account.elb.target_groups.items.push(group(IDLE, vec![]));
                account.elb.load_balancers.items[0].listeners =
                    Known::Yes(vec![forwarding_to(&[GROUP]), forwarding_to(&[IDLE])]);
            }),
            IDLE,
            SKIP,
        ),
        empty(
            "a group that a listener of nobody's forwards to",
            edited(steady(2, 0), |account| {
                account.elb.target_groups.items.push(group(IDLE, vec![]));
                account.elb.load_balancers.items[0].listeners =
                    Known::Yes(vec![forwarding_to(&[GROUP]), forwarding_to(&[IDLE])]);
            }),
            IDLE,
            FAIL,
        ),
        empty(
            "listeners that are hidden",
            edited(without_service(&[GROUP]), |account| {
                account.elb.load_balancers.items[0].listeners = Known::default();
            }),
            GROUP,
            UNKNOWN,
        ),
    ]);
}

#[test]
fn a_scaling_minimum_of_one_is_a_single_task() {
    let because = "when scaling in, Application Auto Scaling goes down to the minimum capacity \
        (https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-scalable-target.html)";
    let scaled = |fewest: i64, edit: fn(&mut Snapshot)| {
        edited(steady(2, 0), |account| {
            let resource = "service/shop/shop-api".to_owned();
            let dimension = "ecs:service:DesiredCount".to_owned();
            let section = &mut account.application_autoscaling;
            section.scalable_targets.items.push(ScalableTarget {
                region: REGION.into(),
                resource_id: resource.clone(),
                scalable_dimension: dimension.clone(),
                min_capacity: fewest,
                max_capacity: 10,
                ..ScalableTarget::default()
            });
            section.scaling_policies.items.push(ScalingPolicy {
                region: REGION.into(),
                name: "cpu70".into(),
                resource_id: resource,
                scalable_dimension: dimension,
                kind: "TargetTrackingScaling".into(),
                ..ScalingPolicy::default()
            });
            edit(account);
        })
    };
    fn night(account: &mut Snapshot, fewest: Option<i64>, most: Option<i64>) {
        account.application_autoscaling.scheduled_actions.items.push(ScheduledAction {
            region: REGION.into(),
            name: "night".into(),
            resource_id: "service/shop/shop-api".into(),
            min_capacity: fewest,
            max_capacity: most,
            ..ScheduledAction::default()
        });
    }
    let case = |name, account, expected| Case {
        name,
        account,
        policy: "ecs-single-task",
        resource: SERVICE,
        expected,
        because,
    };
    check(&[
        case("two tasks without scaling", steady(2, 0), PASS),
        case("a minimum of two", scaled(2, |_| ()), PASS),
        case("a minimum of one", scaled(1, |_| ()), FAIL),
        case("a minimum of none", scaled(0, |_| ()), FAIL),
        case(
            "a minimum of one, but nothing scales in",
            scaled(1, |account| {
                account.application_autoscaling.scalable_targets.items[0].dynamic_scaling_in_suspended = true;
            }),
            PASS,
        ),
        case(
            "a minimum of one without a policy",
            scaled(1, |account| account.application_autoscaling.scaling_policies.items.clear()),
            PASS,
        ),
        case("a lower minimum at night", scaled(2, |account| night(account, Some(1), None)), FAIL),
        case("a maximum of one at night", scaled(2, |account| night(account, Some(1), Some(1))), FAIL),
        case("a higher minimum in the morning", scaled(2, |account| night(account, Some(4), None)), PASS),
        case(
            "a minimum of one, and policies that are hidden",
            scaled(1, |account| {
                let policies = &mut account.application_autoscaling.scaling_policies;
                policies.items.clear();
                let operation = "application-autoscaling:DescribeScalingPolicies";
                policies.incomplete = vec![GapId::new(operation, REGION, None)];
            }),
            UNKNOWN,
        ),
    ]);
}

fn empty_account() -> Snapshot {
    let mut account = Snapshot { account: "123456789012".into(), ..Snapshot::default().complete() };
    account.regions = vec![REGION.into()];
    account
}
