//! Services, their roles and what they stand behind.

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
        rollout_state: Some(rollout_state.into()),
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

const ROLE: &str = "arn:aws:iam::123456789012:role/shop-task";
const DEPLOYER: &str = "arn:aws:iam::123456789012:role/deployer";

fn statement(effect: &str, actions: &[&str], resources: &[&str]) -> Statement {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    Statement {
        policy_name: "own".into(),
        effect: effect.into(),
        actions: owned(actions),
        resources: owned(resources),
        ..Statement::default()
    }
}

fn allow(actions: &[&str], resources: &[&str]) -> Statement {
    statement("Allow", actions, resources)
}

fn deny(actions: &[&str], resources: &[&str]) -> Statement {
    statement("Deny", actions, resources)
}

fn all_but(actions: &[&str]) -> Statement {
    Statement { negated_actions: true, ..allow(actions, &["*"]) }
}

fn outside(statement: Statement) -> Statement {
    Statement { negated_resources: true, ..statement }
}

fn narrowed(statement: Statement) -> Statement {
    Statement { has_conditions: true, ..statement }
}

fn role(arn: &str, managed: &[&str], statements: Vec<Statement>) -> Role {
    Role {
        arn: arn.into(),
        region: "us-east-1".into(),
        name: arn.rsplit('/').next().unwrap().into(),
        attached_policy_arns: Known::Yes(
            managed
                .iter()
                .map(|name| match name.starts_with("arn:") {
                    true => (*name).to_owned(),
                    false => format!("arn:aws:iam::aws:policy/{name}"),
                })
                .collect(),
        ),
        statements: Known::Yes(statements),
        permissions_boundary_arn: Known::Yes(None),
        boundary_statements: Known::Yes(Vec::new()),
        ..Role::default()
    }
}

fn with_roles(roles: Vec<Role>) -> Snapshot {
    edited(steady(2, 0), |account| {
        account.ecs.task_definitions.items[0].task_role_arn = Some(ROLE.into());
        account.iam.roles.items = roles;
    })
}

fn bounded(role: Role, boundary: Vec<Statement>) -> Role {
    Role {
        permissions_boundary_arn: Known::Yes(Some("arn:aws:iam::123456789012:policy/boundary".into())),
        boundary_statements: Known::Yes(boundary),
        ..role
    }
}

#[test]
fn the_effective_rights_of_a_role_decide() {
    let because = "an explicit deny in any policy overrides an allow; a boundary limits what identity policies grant \
        (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html), \
        PowerUserAccess leaves out IAM, IAMFullAccess gives it \
        (https://docs.aws.amazon.com/aws-managed-policy/latest/reference/IAMFullAccess.html)";
    let of = |name, role: Role, expected| Case {
        name,
        account: with_roles(vec![role]),
        policy: "ecs-task-role-administrator",
        resource: SERVICE,
        expected,
        because,
    };
    let says = |name, statements, expected| of(name, role(ROLE, &[], statements), expected);
    let managed = |name, policies: &[&str], expected| of(name, role(ROLE, policies, vec![]), expected);
    let everything = || allow(&["*"], &["*"]);
    let pass_every_role = || allow(&["iam:PassRole"], &["*"]);
    check(&[
        managed("no policy", &[], PASS),
        managed("PowerUserAccess", &["PowerUserAccess"], PASS),
        managed("IAMFullAccess", &["IAMFullAccess"], FAIL),
        managed("PowerUserAccess and IAMFullAccess", &["PowerUserAccess", "IAMFullAccess"], FAIL),
        managed("AdministratorAccess", &["AdministratorAccess"], FAIL),
        managed(
            "an own policy of that name, without its rights",
            &["arn:aws:iam::123456789012:policy/AdministratorAccess"],
            PASS,
        ),
        says("a copy of AdministratorAccess", vec![everything()], FAIL),
        says("every action on arn:aws:*", vec![allow(&["*"], &["arn:aws:*"])], FAIL),
        says("every action on *:*", vec![allow(&["*:*"], &["*:*"])], FAIL),
        says("every action in two halves", vec![all_but(&["iam:*"]), allow(&["IAM:*"], &["*"])], FAIL),
        says("every action but IAM's", vec![all_but(&["iam:*"])], PASS),
        says("every action but one of no weight", vec![all_but(&["aws-portal:*"])], FAIL),
        says("every resource but one", vec![outside(allow(&["*"], &["arn:aws:s3:::audit/*"]))], FAIL),
        says("every action of S3", vec![allow(&["s3:*"], &["*"])], PASS),
        says("every action on a bucket", vec![allow(&["*"], &["arn:aws:s3:::shop/*"])], PASS),
        says("everything, taken away again", vec![everything(), deny(&["*"], &["*"])], PASS),
        says("everything, but not IAM", vec![everything(), deny(&["iam:*"], &["*"])], PASS),
        says(
            "everything, denied outside one bucket",
            vec![everything(), outside(deny(&["*"], &["arn:aws:s3:::shop/*"]))],
            PASS,
        ),
        says("everything, denied under conditions", vec![everything(), narrowed(deny(&["*"], &["*"]))], FAIL),
        says("everything under conditions", vec![narrowed(everything())], UNKNOWN),
        says("iam:*", vec![allow(&["iam:*"], &["*"])], FAIL),
        says("may write its own policy", vec![allow(&["iam:PutRolePolicy"], &[ROLE])], FAIL),
        says("may read roles", vec![allow(&["iam:Get*", "iam:List*"], &["*"])], PASS),
        says("may write one other role's policy", vec![allow(&["iam:PutRolePolicy"], &[DEPLOYER])], PASS),
        says(
            "may write any policy",
            vec![allow(&["iam:CreatePolicyVersion"], &["arn:aws:iam::*:policy/*"])],
            FAIL,
        ),
        says(
            "may make users of any rights",
            vec![allow(&["iam:AttachUserPolicy", "iam:CreateAccessKey"], &["*"])],
            FAIL,
        ),
        says("may pass every role, but starts nothing", vec![pass_every_role()], PASS),
        says("may pass every role to an instance", vec![pass_every_role(), allow(&["ec2:*"], &["*"])], FAIL),
        says(
            "may pass every role to a function of its own",
            vec![pass_every_role(), allow(&["lambda:*"], &["arn:aws:lambda:*:*:function:shop-*"])],
            FAIL,
        ),
        says(
            "may pass every role to one service",
            vec![narrowed(pass_every_role()), allow(&["ecs:*"], &["*"])],
            PASS,
        ),
        of(
            "bounded to S3",
            bounded(role(ROLE, &["AdministratorAccess"], vec![]), vec![allow(&["s3:*"], &["*"])]),
            PASS,
        ),
        of(
            "bounded by everything but IAM",
            bounded(
                role(ROLE, &["AdministratorAccess"], vec![]),
                vec![everything(), deny(&["iam:*"], &["*"])],
            ),
            PASS,
        ),
        of(
            "bounded by everything",
            bounded(role(ROLE, &["AdministratorAccess"], vec![]), vec![everything()]),
            FAIL,
        ),
        of(
            "bounded, and may write its own policy",
            bounded(role(ROLE, &[], vec![allow(&["iam:PutRolePolicy"], &[ROLE])]), vec![all_but(&["s3:*"])]),
            PASS,
        ),
        of(
            "a boundary that is hidden",
            Role {
                permissions_boundary_arn: Known::default(),
                ..role(ROLE, &["AdministratorAccess"], vec![])
            },
            UNKNOWN,
        ),
        of(
            "a boundary that is hidden and has nothing to bound",
            Role {
                permissions_boundary_arn: Known::default(),
                ..role(ROLE, &[], vec![allow(&["s3:*"], &["*"])])
            },
            PASS,
        ),
        Case {
            account: with_roles(vec![
                role(DEPLOYER, &["AdministratorAccess"], vec![]),
                role(
                    ROLE,
                    &[],
                    vec![
                        allow(&["iam:PassRole"], &[DEPLOYER]),
                        allow(&["ecs:RegisterTaskDefinition", "ecs:RunTask"], &["*"]),
                    ],
                ),
            ]),
            ..of("may pass an administrator's role", role(ROLE, &[], vec![]), FAIL)
        },
        Case {
            account: with_roles(vec![
                role(DEPLOYER, &[], vec![allow(&["s3:*"], &["*"])]),
                role(
                    ROLE,
                    &[],
                    vec![
                        allow(&["iam:PassRole"], &[DEPLOYER]),
                        allow(&["ecs:RegisterTaskDefinition", "ecs:RunTask"], &["*"]),
                    ],
                ),
            ]),
            ..of("may pass a harmless role", role(ROLE, &[], vec![]), PASS)
        },
    ]);
}

#[test]
fn every_secret_however_it_is_written() {
    let because = "an asterisk stands for any characters, and an incomplete ARN is completed with them \
        (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html)";
    let case = |name, statements, expected| Case {
        name,
        account: with_roles(vec![role(ROLE, &[], statements)]),
        policy: "ecs-role-reads-every-secret",
        resource: SERVICE,
        expected,
        because,
    };
    let read = "secretsmanager:GetSecretValue";
    let on = |resource: &str| vec![allow(&[read], &[resource])];
    check(&[
        case("every resource", on("*"), FAIL),
        case("arn:aws:*", on("arn:aws:*"), FAIL),
        case("arn:aws:secretsmanager:*", on("arn:aws:secretsmanager:*"), FAIL),
        case("an incomplete ARN", on("arn:aws:secretsmanager"), FAIL),
        case("secret*", on("arn:aws:secretsmanager:ap-northeast-1:123456789012:secret*"), FAIL),
        case("secret:*", on("arn:aws:secretsmanager:*:123456789012:secret:*"), FAIL),
        case("random endings", on("arn:aws:secretsmanager:*:*:secret:*-??????"), FAIL),
        case("a prefix", on("arn:aws:secretsmanager:*:*:secret:shop/*"), PASS),
        case("another account's", on("arn:aws:secretsmanager:*:999999999999:secret:*"), PASS),
        case("another region's", on("arn:aws:secretsmanager:us-west-2:123456789012:secret:*"), PASS),
        case(
            "every secret but one",
            vec![outside(allow(&[read], &["arn:aws:secretsmanager:*:*:secret:root-*"]))],
            FAIL,
        ),
        case("every action but IAM's", vec![all_but(&["iam:*"])], FAIL),
        case(
            "denied outside its own",
            vec![
                allow(&["*"], &["*"]),
                outside(deny(&["secretsmanager:*"], &["arn:aws:secretsmanager:*:*:secret:shop/*"])),
            ],
            PASS,
        ),
        case("by tags", vec![narrowed(allow(&[read], &["*"]))], PASS),
        case("names alone", vec![allow(&["secretsmanager:List*"], &["*"])], PASS),
    ]);
}

const DATABASE: &str = "arn:aws:rds:ap-northeast-1:123456789012:db:ec-db";

fn empty_account() -> Snapshot {
    let mut account = Snapshot { account: "123456789012".into(), ..Snapshot::default().complete() };
    account.regions = vec![REGION.into()];
    account
}

fn watched(engine: &str, alarms: Vec<Alarm>) -> Snapshot {
    let mut account = empty_account();
    account.rds.db_instances.items = vec![DbInstance {
        arn: DATABASE.into(),
        region: REGION.into(),
        id: "ec-db".into(),
        engine: engine.into(),
        allocated_storage_gib: 20,
        ..DbInstance::default()
    }];
    account.cloudwatch.alarms.items = alarms;
    account
}

fn alarm(metric: &str, operator: &str) -> Alarm {
    let name = format!("ec-db-{metric}");
    Alarm {
        arn: format!("arn:aws:cloudwatch:{REGION}:123456789012:alarm:{name}"),
        region: REGION.into(),
        name,
        kind: "metric".into(),
        metrics: vec![AlarmMetric {
            namespace: "AWS/RDS".into(),
            metric_name: metric.into(),
            statistic: Some("Average".into()),
            dimensions: [("DBInstanceIdentifier".to_owned(), "ec-db".to_owned())].into(),
            account_id: None,
        }],
        actions_enabled: true,
        alarm_actions: vec![format!("arn:aws:sns:{REGION}:123456789012:on-duty")],
        comparison_operator: Some(operator.into()),
        ..Alarm::default()
    }
}

#[test]
fn a_database_is_watched_for_what_stops_it() {
    let because = "FreeStorageSpace and DatabaseConnections are recommended alarms \
        (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html)";
    let case = |name, engine, alarms, expected| Case {
        name,
        account: watched(engine, alarms),
        policy: "rds-no-alarm",
        resource: DATABASE,
        expected,
        because,
    };
    let storage = || alarm("FreeStorageSpace", "LessThanThreshold");
    let connections = || alarm("DatabaseConnections", "GreaterThanThreshold");
    let mute = |alarm: Alarm| Alarm { alarm_actions: Vec::new(), ..alarm };
    let composite = Alarm {
        arn: format!("arn:aws:cloudwatch:{REGION}:123456789012:alarm:database"),
        name: "database".into(),
        kind: "composite".into(),
        metrics: Vec::new(),
        rule: Some("ALARM(ec-db-FreeStorageSpace) OR ALARM(ec-db-DatabaseConnections)".into()),
        ..storage()
    };
    check(&[
        case("no alarm", "postgres", vec![], FAIL),
        case("a CPU alarm", "postgres", vec![alarm("CPUUtilization", "GreaterThanThreshold")], FAIL),
        case("both", "postgres", vec![connections(), storage()], PASS),
        case("storage alone", "postgres", vec![storage()], FAIL),
        case("connections alone", "mysql", vec![connections()], FAIL),
        case("without actions", "postgres", vec![mute(connections()), mute(storage())], FAIL),
        case(
            "with actions that are off",
            "postgres",
            vec![connections(), Alarm { actions_enabled: false, ..storage() }],
            FAIL,
        ),
        case(
            "told by a composite alarm",
            "postgres",
            vec![composite, mute(connections()), mute(storage())],
            PASS,
        ),
        case(
            "going off when all is well",
            "postgres",
            vec![connections(), alarm("FreeStorageSpace", "GreaterThanThreshold")],
            FAIL,
        ),
        case("Aurora's storage grows by itself", "aurora-postgresql", vec![connections()], PASS),
        case("DocumentDB is no RDS database", "docdb", vec![], SKIP),
        case("Neptune is no RDS database", "neptune", vec![], SKIP),
    ]);
}

const WEB_ACL: &str = "arn:aws:wafv2:ap-northeast-1:123456789012:regional/webacl/shop/1a2b";

fn protected(rules: Vec<WebAclRule>) -> Snapshot {
    let mut account = empty_account();
    account.wafv2.web_acls.items = vec![WebAcl {
        log_destination_arns: Known::Yes(Vec::new()),
        arn: WEB_ACL.into(),
        region: REGION.into(),
        name: "shop".into(),
        scope: "REGIONAL".into(),
        default_action: Known::Yes("allow".into()),
        rules: Known::Yes(rules),
        load_balancer_arns: Known::Yes(vec![BALANCER.into()]),
    }];
    account
}

fn managed_group(name: &str, action: &str) -> WebAclRule {
    WebAclRule {
        name: name.into(),
        statement: "managed-rule-group".into(),
        vendor: Some("AWS".into()),
        managed_rule_group: Some(name.into()),
        action: action.into(),
        ..WebAclRule::default()
    }
}

fn limit(requests: i64, window_seconds: Option<i64>) -> WebAclRule {
    WebAclRule {
        name: "rate".into(),
        statement: "rate-based".into(),
        action: "block".into(),
        rate_limit: Some(requests),
        rate_window_seconds: window_seconds,
        ..WebAclRule::default()
    }
}

#[test]
fn a_web_acl_is_judged_by_what_it_stops() {
    let groups = "the IP reputation list looks at addresses alone; the core rule set at requests \
        (https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html)";
    let rates = "the limit is from 10 to 2,000,000,000 requests in 60, 120, 300 or 600 seconds \
        (https://docs.aws.amazon.com/waf/latest/APIReference/API_RateBasedStatement.html)";
    let core = |name, rules, expected| Case {
        name,
        account: protected(rules),
        policy: "waf-no-managed-rules",
        resource: WEB_ACL,
        expected,
        because: groups,
    };
    let rate = |name, rules, expected| Case {
        name,
        account: protected(rules),
        policy: "waf-no-rate-limit",
        resource: WEB_ACL,
        expected,
        because: rates,
    };
    check(&[
        core(
            "an IP reputation list",
            vec![managed_group("AWSManagedRulesAmazonIpReputationList", "none")],
            FAIL,
        ),
        core("the core rule set", vec![managed_group("AWSManagedRulesCommonRuleSet", "none")], PASS),
        core(
            "a core rule set that counts",
            vec![managed_group("AWSManagedRulesCommonRuleSet", "count")],
            FAIL,
        ),
        rate("no rule", vec![], FAIL),
        rate("the usual limit", vec![limit(2000, Some(300))], PASS),
        rate("the largest limit", vec![limit(2_000_000_000, Some(300))], FAIL),
        rate("no window said", vec![limit(10_000, None)], PASS),
        rate("a large limit in a long window", vec![limit(20_000, Some(600))], PASS),
        rate("a middling limit in a short window", vec![limit(5000, Some(60))], FAIL),
        rate("two limits, one of use", vec![limit(2_000_000_000, None), limit(2000, None)], PASS),
    ]);
}

#[test]
fn a_public_subnet_in_a_database_s_group_may_be_chosen() {
    let because = "Amazon RDS chooses a subnet and an IP address within it \
        (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html)";
    const SUBNET_GROUP: &str = "arn:aws:rds:ap-northeast-1:123456789012:subgrp:ec-db-subnets";
    let case = |name, subnets: &[(&str, bool)], expected| {
        let mut account = empty_account();
        account.ec2.vpcs.items = vec![Vpc { id: "vpc-1".into(), region: REGION.into(), ..Vpc::default() }];
        let mut group = DbSubnetGroup {
            arn: SUBNET_GROUP.into(),
            region: REGION.into(),
            name: "ec-db-subnets".into(),
            vpc_id: "vpc-1".into(),
            ..DbSubnetGroup::default()
        };
        for (zone, is_public) in subnets {
            let id = format!("subnet-{zone}-{is_public}");
            let target = if *is_public { "igw-1" } else { "nat-1" };
            account.ec2.route_tables.items.push(RouteTable {
                id: format!("rtb-{id}"),
                region: REGION.into(),
                vpc_id: "vpc-1".into(),
                subnet_ids: vec![id.clone()],
                routes: vec![Route {
                    destination: "0.0.0.0/0".into(),
                    target: target.into(),
                    state: "active".into(),
                }],
                ..RouteTable::default()
            });
            group.subnet_ids.push(id.clone());
            account.ec2.subnets.items.push(Subnet {
                id,
                region: REGION.into(),
                vpc_id: "vpc-1".into(),
                availability_zone: (*zone).into(),
                ..Subnet::default()
            });
        }
        account.rds.db_subnet_groups.items = vec![group];
        Case { name, account, policy: "db-subnet-group-in-one-az", resource: SUBNET_GROUP, expected, because }
    };
    let (a, c, d) = ("ap-northeast-1a", "ap-northeast-1c", "ap-northeast-1d");
    check(&[
        case("two private zones", &[(a, false), (c, false)], PASS),
        case("two private zones and a public third", &[(a, false), (c, false), (d, true)], FAIL),
        case("two private zones, one public as well", &[(a, false), (c, false), (c, true)], FAIL),
        case("one private and one public", &[(a, false), (c, true)], FAIL),
        case("public ones alone", &[(a, true), (c, true)], FAIL),
    ]);
}

#[test]
fn only_what_is_served_in_clear_text_is_an_alarm() {
    let because = "a redirect action sends the client to another URL; #{host} and #{port} are the request's own \
        (https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RedirectActionConfig.html)";
    let http = |action: ListenerAction| Listener {
        port: Some(80),
        protocol: Some("HTTP".into()),
        default_actions: vec![action],
        ..forwarding_to(&[])
    };
    let redirect = |port: &str, host: Known<Option<String>>| ListenerAction {
        kind: "redirect".into(),
        redirect_protocol: Some("HTTPS".into()),
        redirect_port: Some(port.into()),
        redirect_host: host,
        ..ListenerAction::default()
    };
    let same = || Known::Yes(Some("#{host}".to_owned()));
    let forward = || forwarding_to(&[GROUP]).default_actions[0].clone();
    let account = |listeners: Vec<Listener>| {
        edited(steady(2, 0), |account| {
            account.elb.load_balancers.items[0].listeners = Known::Yes(listeners);
        })
    };
    let internal = |listeners: Vec<Listener>| {
        edited(account(listeners), |account| {
            account.elb.load_balancers.items[0].scheme = "internal".into();
        })
    };
    let case = |name, account, policy, expected| Case {
        name,
        account,
        policy,
        resource: BALANCER,
        expected,
        because,
    };
    let no_https = "alb-no-https-listener";
    let nowhere = "alb-redirect-to-nowhere";
    let listener = |name, account, expected| Case {
        resource: LISTENER,
        ..case(name, account, "alb-http-not-redirected", expected)
    };
    check(&[
        case("redirects alone", account(vec![http(redirect("443", same()))]), no_https, SKIP),
        case("both", account(vec![http(redirect("443", same())), forwarding_to(&[GROUP])]), no_https, PASS),
        case("redirects to nowhere", account(vec![http(redirect("443", same()))]), nowhere, FAIL),
        case("redirects to the same port", account(vec![http(redirect("#{port}", same()))]), nowhere, FAIL),
        case(
            "redirects to the listener",
            account(vec![http(redirect("443", same())), forwarding_to(&[GROUP])]),
            nowhere,
            PASS,
        ),
        case(
            "redirects to another port than the listener's",
            account(vec![http(redirect("8443", same())), forwarding_to(&[GROUP])]),
            nowhere,
            FAIL,
        ),
        case(
            "redirects to another host",
            account(vec![http(redirect("443", Known::Yes(Some("www.example.com".into()))))]),
            nowhere,
            PASS,
        ),
        case(
            "a snapshot without hosts",
            account(vec![http(redirect("443", Known::default()))]),
            nowhere,
            UNKNOWN,
        ),
        listener("the internet in clear text", account(vec![http(forward())]), FAIL),
        listener("an internal load balancer in clear text", internal(vec![http(forward())]), SKIP),
    ]);
}

#[test]
fn documentdb_and_neptune_are_no_rds_clusters() {
    let because = "DescribeDBClusters can also return information for Amazon Neptune and Amazon DocumentDB \
        (https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBClusters.html)";
    const CLUSTER: &str = "arn:aws:rds:ap-northeast-1:123456789012:cluster:shop";
    let mut cases = Vec::new();
    for policy in [
        "rds-cluster-unencrypted-storage",
        "rds-cluster-no-deletion-protection",
        "rds-cluster-short-backup-retention",
        "rds-cluster-single-az",
    ] {
        for (engine, expected) in
            [("docdb", SKIP), ("neptune", SKIP), ("aurora-mysql", FAIL), ("mysql", FAIL)]
        {
            let account = edited(empty_account(), |account| {
                account.rds.db_clusters.items = vec![DbCluster {
                    arn: CLUSTER.into(),
                    region: REGION.into(),
                    id: "shop".into(),
                    engine: engine.into(),
                    replication_source_id: Known::Yes(None),
                    ..DbCluster::default()
                }];
            });
            cases.push(Case { name: engine, account, policy, resource: CLUSTER, expected, because });
        }
    }
    check(&cases);
}
