//! Containers and what deploys them: controllers and strategies, host rights, logs, images, secrets.

mod deployments;
mod images;

use tenken::policy::PolicySet;
use tenken::policy::judge::judge;
use tenken::snapshot::ecr::{Registry, Repository, ScanRule};
use tenken::snapshot::ecs::{
    AccountSetting, Container, Deployment, PlaintextSecret, Service, ServiceLoadBalancer, TaskDefinition,
    TaskSet,
};
use tenken::snapshot::elb::{LoadBalancer, Target, TargetGroup};
use tenken::snapshot::secretsmanager::Secret;
use tenken::snapshot::{GapId, Known, Snapshot};

const REGION: &str = "ap-northeast-1";
const SERVICE: &str = "arn:aws:ecs:ap-northeast-1:123456789012:service/shop/shop-api";
const DEFINITION: &str = "arn:aws:ecs:ap-northeast-1:123456789012:task-definition/shop-api:1";
const GREEN_DEFINITION: &str = "arn:aws:ecs:ap-northeast-1:123456789012:task-definition/shop-api:2";
const BLUE: &str = "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:targetgroup/shop-blue/6d0ecf83";
const GREEN: &str =
    "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:targetgroup/shop-green/6d0ecf84";
const BALANCER: &str =
    "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:loadbalancer/app/shop-alb/50dc6c49";
const REPOSITORY: &str = "arn:aws:ecr:ap-northeast-1:123456789012:repository/shop-api";
const SECRET: &str = "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:shop/db-Ab12Cd";

const PASS: &str = "pass";
const FAIL: &str = "fail";
const UNKNOWN: &str = "unknown";
const SKIP: &str = "skip";

/// An account, the verdict expected for one policy and resource.
struct Case {
    name: &'static str,
    account: Snapshot,
    policy: &'static str,
    resource: &'static str,
    expected: &'static str,
}

/// `because` has AWS's words and where they are.
fn check(because: &str, cases: &[Case]) {
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
                "{} on {}: {verdicts:?} instead of {} ({said}); {because}",
                case.policy, case.name, case.expected
            ));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

fn account() -> Snapshot {
    let mut account = Snapshot {
        account: "123456789012".into(),
        taken_at: "2026-06-30T12:00:00Z".into(),
        ..Snapshot::default().complete()
    };
    account.regions = vec![REGION.into()];
    account
}

fn deployment(status: &str, definition: &str) -> Deployment {
    Deployment {
        id: "ecs-svc/1".into(),
        status: status.into(),
        task_definition_arn: definition.into(),
        desired_count: 2,
        running_count: 2,
        failed_tasks: 0,
        rollout_state: Known::Yes(Some("COMPLETED".into())),
    }
}

fn service() -> Service {
    Service {
        arn: SERVICE.into(),
        region: REGION.into(),
        name: "shop-api".into(),
        cluster_arn: "arn:aws:ecs:ap-northeast-1:123456789012:cluster/shop".into(),
        cluster_name: "shop".into(),
        status: "ACTIVE".into(),
        launch_type: Some("FARGATE".into()),
        platform_version: Some("LATEST".into()),
        platform_family: Known::Yes(Some("Linux".into())),
        scheduling_strategy: "REPLICA".into(),
        deployment_controller: "ECS".into(),
        deployment_strategy: Known::Yes("ROLLING".into()),
        circuit_breaker_enabled: Known::Yes(Some(false)),
        circuit_breaker_rollback: Known::Yes(Some(false)),
        task_sets: Known::Yes(Vec::new()),
        desired_count: 2,
        running_count: 2,
        task_definition_arn: Some(DEFINITION.into()),
        deployments: vec![deployment("PRIMARY", DEFINITION)],
        ..Service::default()
    }
}

fn container() -> Container {
    Container {
        name: "app".into(),
        image: "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/shop-api:v1".into(),
        essential: true,
        user: Some("1000".into()),
        readonly_root_filesystem: true,
        log_driver: Some("awslogs".into()),
        log_mode: Known::Yes(None),
        ..Container::default()
    }
}

fn definition(arn: &str, container: Container) -> TaskDefinition {
    TaskDefinition {
        arn: arn.into(),
        region: REGION.into(),
        network_mode: Some("awsvpc".into()),
        operating_system_family: Known::Yes(None),
        pid_mode: Known::Yes(None),
        containers: vec![container],
        ..TaskDefinition::default()
    }
}

/// A service of two tasks that runs one definition.
fn running(service: Service, definition: TaskDefinition) -> Snapshot {
    let mut account = account();
    account.ecs.services.items = vec![service];
    account.ecs.task_definitions.items = vec![definition];
    account
}

fn of_service(policy: &'static str, name: &'static str, account: Snapshot, expected: &'static str) -> Case {
    Case { name, account, policy, resource: SERVICE, expected }
}

#[test]
fn what_a_container_may_do() {
    let because = "privileged, readonlyRootFilesystem, user, logConfiguration, networkMode and pidMode of the task \
        definition (https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html)";
    let with = |edit: fn(&mut Container)| {
        let mut container = container();
        edit(&mut container);
        running(service(), definition(DEFINITION, container))
    };
    let defined = |edit: fn(&mut TaskDefinition)| {
        let mut definition = definition(DEFINITION, container());
        edit(&mut definition);
        running(service(), definition)
    };
    let good = || with(|_| ());
    let mut hidden = good();
    hidden.ecs.task_definitions.items.clear();
    hidden.ecs.task_definitions.incomplete =
        vec![GapId::new("ecs:DescribeTaskDefinition", REGION, Some(DEFINITION))];
    let mut gone = with(|container| container.privileged = true);
    gone.ecs.services.items[0].status = "INACTIVE".into();
    let setting = |value: &str| {
        let mut account = good();
        account.ecs.account_settings.items = vec![AccountSetting {
            region: REGION.into(),
            name: "defaultLogDriverMode".into(),
            value: value.into(),
        }];
        account
    };
    let mut no_setting = good();
    no_setting.ecs.account_settings.incomplete = vec![GapId::new("ecs:ListAccountSettings", REGION, None)];
    let windows = |edit: fn(&mut Container)| {
        let mut account = with(edit);
        account.ecs.task_definitions.items[0].operating_system_family =
            Known::Yes(Some("WINDOWS_SERVER_2022_CORE".into()));
        account
    };
    check(
        because,
        &[
            of_service("ecs-privileged-container", "an ordinary container", good(), PASS),
            of_service("ecs-privileged-container", "privileged", with(|one| one.privileged = true), FAIL),
            of_service("ecs-privileged-container", "a definition that is hidden", hidden, UNKNOWN),
            of_service("ecs-privileged-container", "a deleted service", gone, SKIP),
            of_service("ecs-root-user", "a user", good(), PASS),
            of_service("ecs-root-user", "no user", with(|one| one.user = None), FAIL),
            of_service("ecs-root-user", "root with a group", with(|one| one.user = Some("0:0".into())), FAIL),
            of_service(
                "ecs-root-user",
                "root's group alone",
                with(|one| one.user = Some("1000:0".into())),
                PASS,
            ),
            of_service(
                "ecs-root-user",
                "the administrator of Windows",
                windows(|one| one.user = Some("ContainerAdministrator".into())),
                FAIL,
            ),
            of_service("ecs-writable-root-filesystem", "read-only", good(), PASS),
            of_service(
                "ecs-writable-root-filesystem",
                "writable",
                with(|one| one.readonly_root_filesystem = false),
                FAIL,
            ),
            of_service(
                "ecs-writable-root-filesystem",
                "Windows has none that is read-only",
                windows(|one| one.readonly_root_filesystem = false),
                PASS,
            ),
            of_service("ecs-no-log-driver", "awslogs", good(), PASS),
            of_service("ecs-no-log-driver", "none", with(|one| one.log_driver = None), FAIL),
            of_service("ecs-blocking-log-driver", "AWS's default", good(), PASS),
            of_service("ecs-blocking-log-driver", "the account's setting", setting("blocking"), FAIL),
            of_service(
                "ecs-blocking-log-driver",
                "a setting like the default",
                setting("non-blocking"),
                PASS,
            ),
            of_service("ecs-blocking-log-driver", "a setting that is hidden", no_setting, UNKNOWN),
            of_service(
                "ecs-blocking-log-driver",
                "its own mode",
                with(|one| one.log_mode = Known::Yes(Some("blocking".into()))),
                FAIL,
            ),
            of_service("ecs-host-network", "awsvpc", good(), PASS),
            of_service(
                "ecs-host-network",
                "host",
                defined(|one| one.network_mode = Some("host".into())),
                FAIL,
            ),
            of_service("ecs-host-processes", "its own", good(), PASS),
            of_service(
                "ecs-host-processes",
                "the task's",
                defined(|one| one.pid_mode = Known::Yes(Some("task".into()))),
                PASS,
            ),
            of_service(
                "ecs-host-processes",
                "the host's",
                defined(|one| one.pid_mode = Known::Yes(Some("host".into()))),
                FAIL,
            ),
            of_service(
                "ecs-host-processes",
                "of an older snapshot",
                defined(|one| one.pid_mode = Known::default()),
                UNKNOWN,
            ),
        ],
    );
}

#[test]
fn where_tasks_run() {
    let because = "ECS.10 asks for 1.4.0 on Linux and 1.0.0 on Windows or LATEST, ECS.2 for assignPublicIp DISABLED \
        (https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html)";
    let on = |version: Option<&str>, family: Option<&str>| {
        let service = Service {
            platform_version: version.map(str::to_owned),
            platform_family: Known::Yes(family.map(str::to_owned)),
            ..service()
        };
        running(service, definition(DEFINITION, container()))
    };
    let addressed = |assign_public_ip: bool, subnets: &[&str]| {
        let subnet_ids = subnets.iter().map(|id| (*id).to_owned()).collect();
        let service = Service { assign_public_ip, subnet_ids, ..service() };
        running(service, definition(DEFINITION, container()))
    };
    let platform =
        |name, account, expected| of_service("ecs-outdated-platform-version", name, account, expected);
    let public = |name, account, expected| of_service("ecs-public-address", name, account, expected);
    check(
        because,
        &[
            platform("LATEST", on(Some("LATEST"), Some("Linux")), PASS),
            platform("1.4.0", on(Some("1.4.0"), Some("Linux")), PASS),
            platform("1.3.0", on(Some("1.3.0"), Some("Linux")), FAIL),
            platform("1.0.0 on Linux", on(Some("1.0.0"), Some("Linux")), FAIL),
            platform("1.0.0 on Windows", on(Some("1.0.0"), Some("Windows Server 2022 Core")), PASS),
            platform("hosts of one's own", on(None, None), SKIP),
            public("a public address", addressed(true, &["subnet-1"]), FAIL),
            public("a private address", addressed(false, &["subnet-1"]), PASS),
            public("the host's network", addressed(false, &[]), SKIP),
        ],
    );
}
