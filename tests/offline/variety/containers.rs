//! Containers and what deploys them: controllers and strategies, host rights, logs, images, secrets.

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
        rollout_state: Some("COMPLETED".into()),
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
fn shares_of_tasks_are_those_of_rolling_updates() {
    let because = "if a service is using the rolling update deployment type, the two percentages and the \
        circuit breaker apply (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html)";
    let stuck = |edit: fn(&mut Service)| {
        let mut service =
            Service { minimum_healthy_percent: Some(100), maximum_percent: Some(100), ..service() };
        edit(&mut service);
        running(service, definition(DEFINITION, container()))
    };
    let halved = |edit: fn(&mut Service)| {
        let mut service =
            Service { minimum_healthy_percent: Some(50), maximum_percent: Some(100), ..service() };
        edit(&mut service);
        running(service, definition(DEFINITION, container()))
    };
    let rolling = |_: &mut Service| ();
    let mut cases = Vec::new();
    // What is edited, and the verdicts of the three policies in the order below.
    type Edit = (&'static str, fn(&mut Service), [&'static str; 3]);
    let edits: [Edit; 8] = [
        ("a rolling update", rolling, [FAIL, FAIL, FAIL]),
        (
            "blue/green",
            |service| service.deployment_strategy = Known::Yes("BLUE_GREEN".into()),
            [SKIP, SKIP, SKIP],
        ),
        ("linear", |service| service.deployment_strategy = Known::Yes("LINEAR".into()), [SKIP, SKIP, SKIP]),
        ("canary", |service| service.deployment_strategy = Known::Yes("CANARY".into()), [SKIP, SKIP, SKIP]),
        (
            "a strategy that is hidden",
            |service| service.deployment_strategy = Known::default(),
            [UNKNOWN, UNKNOWN, UNKNOWN],
        ),
        ("CodeDeploy", |service| service.deployment_controller = "CODE_DEPLOY".into(), [SKIP, SKIP, SKIP]),
        (
            "another controller",
            |service| service.deployment_controller = "EXTERNAL".into(),
            [SKIP, SKIP, SKIP],
        ),
        // A host has one task of a daemon: some must stop, and where none may, nothing is exchanged.
        ("a daemon", |service| service.scheduling_strategy = "DAEMON".into(), [FAIL, SKIP, FAIL]),
    ];
    for (name, edit, [proceeds, drops, breaker]) in edits {
        cases.push(of_service("ecs-deployment-cannot-proceed", name, stuck(edit), proceeds));
        cases.push(of_service("ecs-deployment-drops-capacity", name, halved(edit), drops));
        cases.push(of_service("ecs-no-deployment-circuit-breaker", name, halved(edit), breaker));
    }
    cases.push(of_service(
        "ecs-deployment-cannot-proceed",
        "a daemon that may stop half of its tasks",
        halved(|service| service.scheduling_strategy = "DAEMON".into()),
        PASS,
    ));
    check(because, &cases);
}

fn set(status: &str, definition: &str, running: i64, stability: &str) -> TaskSet {
    TaskSet {
        id: format!("ecs-svc/{status}"),
        status: status.into(),
        task_definition_arn: definition.into(),
        desired_count: 2,
        running_count: running,
        pending_count: 0,
        stability_status: Some(stability.into()),
    }
}

/// Deployed by CodeDeploy, in task sets; the second revision holds a password.
fn by_code_deploy(running_count: i64, sets: Vec<TaskSet>) -> Snapshot {
    let service = Service {
        deployment_controller: "CODE_DEPLOY".into(),
        deployments: Vec::new(),
        running_count,
        pending_count: 0,
        task_sets: Known::Yes(sets),
        ..service()
    };
    let mut account = running(service, definition(DEFINITION, container()));
    let password = PlaintextSecret {
        place: "environment".into(),
        name: "DB_PASSWORD".into(),
        kind: "password".into(),
        length: 12,
        ..PlaintextSecret::default()
    };
    let container = Container { plaintext_secrets: vec![password], ..container() };
    account.ecs.task_definitions.items.push(definition(GREEN_DEFINITION, container));
    account
}

#[test]
fn task_sets_are_deployments_of_other_controllers() {
    let because = "an ACTIVE task set is not serving production traffic, the PRIMARY one is; STABILIZING until \
        running equals the computed desired count and the targets are healthy \
        (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskSet.html)";
    let steady = |running| set("PRIMARY", DEFINITION, running, "STEADY_STATE");
    let green = |running, stability| set("ACTIVE", GREEN_DEFINITION, running, stability);
    let short = |name, account, expected| of_service("ecs-service-short-of-tasks", name, account, expected);
    let secret = |name, account, expected| of_service("ecs-plaintext-secret", name, account, expected);
    let starting = TaskSet { pending_count: 2, ..set("PRIMARY", DEFINITION, 0, "STABILIZING") };
    let mut first = by_code_deploy(0, vec![starting]);
    first.ecs.services.items[0].pending_count = 2;
    let mut hidden = by_code_deploy(2, vec![]);
    hidden.ecs.services.items[0].task_sets = Known::default();
    check(
        because,
        &[
            short("two of two", by_code_deploy(2, vec![steady(2)]), PASS),
            short("none of two", by_code_deploy(0, vec![steady(0)]), FAIL),
            short("the first deployment", first, PASS),
            short(
                "the old set is gone while the new one does not serve yet",
                by_code_deploy(2, vec![steady(0), green(2, "STEADY_STATE")]),
                FAIL,
            ),
            short(
                "a deployment beside the old set",
                by_code_deploy(3, vec![steady(2), green(1, "STABILIZING")]),
                PASS,
            ),
            secret("one set", by_code_deploy(2, vec![steady(2)]), PASS),
            secret(
                "the set that is brought out",
                by_code_deploy(3, vec![steady(2), green(1, "STABILIZING")]),
                FAIL,
            ),
            secret(
                "a set that is taken away",
                by_code_deploy(2, vec![steady(2), set("DRAINING", GREEN_DEFINITION, 0, "STEADY_STATE")]),
                PASS,
            ),
            secret("sets that are hidden", hidden, UNKNOWN),
            of_service(
                "ecs-deployment-failed",
                "what CodeDeploy deploys has no rollout state",
                by_code_deploy(2, vec![steady(2)]),
                SKIP,
            ),
        ],
    );
}

fn group(arn: &str, targets: &[&str]) -> TargetGroup {
    TargetGroup {
        arn: arn.into(),
        region: REGION.into(),
        name: arn.split('/').nth(1).unwrap().into(),
        target_type: "ip".into(),
        load_balancer_arns: vec![BALANCER.into()],
        health_check_enabled: Some(true),
        targets: Known::Yes(
            targets
                .iter()
                .map(|id| Target { id: (*id).into(), state: "healthy".into(), ..Target::default() })
                .collect(),
        ),
        ..TargetGroup::default()
    }
}

/// A service that exchanges two groups, and the targets of both.
fn exchanging(blue: &[&str], green: &[&str], alternate: Known<Option<String>>) -> Snapshot {
    let place = ServiceLoadBalancer {
        target_group_arn: Some(BLUE.into()),
        container_name: Some("app".into()),
        container_port: Some(8080),
        alternate_target_group_arn: alternate,
    };
    let service = Service {
        deployment_strategy: Known::Yes("BLUE_GREEN".into()),
        load_balancers: vec![place],
        ..service()
    };
    let mut account = running(service, definition(DEFINITION, container()));
    account.elb.target_groups.items = vec![group(BLUE, blue), group(GREEN, green)];
    account.elb.load_balancers.items = vec![LoadBalancer {
        arn: BALANCER.into(),
        region: REGION.into(),
        name: "shop-alb".into(),
        kind: "application".into(),
        listeners: Known::Yes(Vec::new()),
        ..LoadBalancer::default()
    }];
    account
}

#[test]
fn the_idle_group_of_blue_green_is_meant_to_be_empty() {
    let because = "traffic shifts between the target group and the alternate target group, which change places \
        (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-deployment-how-it-works.html)";
    let second = || Known::Yes(Some(GREEN.to_owned()));
    let case = |name, account, resource, expected| Case {
        name,
        account,
        policy: "target-group-no-healthy-target",
        resource,
        expected,
    };
    let two: &[&str] = &["10.0.1.20", "10.0.2.20"];
    let mut hidden = exchanging(&[], &[], second());
    hidden.elb.target_groups.items[1].targets = Known::default();
    check(
        because,
        &[
            case("before a deployment, blue", exchanging(two, &[], second()), BLUE, PASS),
            case("before a deployment, green", exchanging(two, &[], second()), GREEN, SKIP),
            case("after it, blue", exchanging(&[], two, second()), BLUE, SKIP),
            case("after it, green", exchanging(&[], two, second()), GREEN, PASS),
            case("an outage, blue", exchanging(&[], &[], second()), BLUE, FAIL),
            case("an outage, green", exchanging(&[], &[], second()), GREEN, SKIP),
            case("targets of the other one hidden", hidden, BLUE, UNKNOWN),
            case("the other one hidden", exchanging(&[], two, Known::default()), BLUE, UNKNOWN),
        ],
    );
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

fn images(scan_on_push: bool, registry: Option<(&str, &[(&str, &str)])>) -> Snapshot {
    let mut account = account();
    account.ecr.repositories.items = vec![Repository {
        arn: REPOSITORY.into(),
        region: REGION.into(),
        name: "shop-api".into(),
        uri: "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/shop-api".into(),
        scan_on_push,
        scan_frequency: Known::Yes(None),
        tag_mutability: "MUTABLE".into(),
    }];
    match registry {
        Some((scan_type, rules)) => {
            let rule = |(frequency, filter): &(&str, &str)| ScanRule {
                scan_frequency: (*frequency).into(),
                repository_filters: vec![(*filter).into()],
            };
            account.ecr.registries.items = vec![Registry {
                id: "123456789012".into(),
                region: REGION.into(),
                scan_type: scan_type.into(),
                scan_rules: rules.iter().map(rule).collect(),
            }];
        }
        None => {
            account.ecr.registries.incomplete =
                vec![GapId::new("ecr:GetRegistryScanningConfiguration", REGION, None)];
        }
    }
    account
}

#[test]
fn the_registry_decides_what_is_scanned() {
    let because = "repositories that no filter of a basic registry names are scanned by hand, those that no filter \
        of an enhanced registry names not at all; a filter without * names every repository that contains it \
        (https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-filters.html)";
    let case = |name, account, expected| Case {
        name,
        account,
        policy: "ecr-no-scan-on-push",
        resource: REPOSITORY,
        expected,
    };
    let rules = |own, kind, rules: &'static [(&str, &str)]| images(own, Some((kind, rules)));
    let settled = |frequency: Known<Option<String>>| {
        let mut account = rules(true, "BASIC", &[("SCAN_ON_PUSH", "batch-*")]);
        account.ecr.repositories.items[0].scan_frequency = frequency;
        account
    };
    let tags = |mutability: &str| {
        let mut account = images(true, Some(("BASIC", &[])));
        account.ecr.repositories.items[0].tag_mutability = mutability.into();
        account
    };
    let tag = |name, account, expected| Case { policy: "ecr-mutable-tags", ..case(name, account, expected) };
    check(
        because,
        &[
            case("the repository's own setting", rules(true, "BASIC", &[]), PASS),
            case("no setting", rules(false, "BASIC", &[]), FAIL),
            case("a rule for all", rules(false, "BASIC", &[("SCAN_ON_PUSH", "*")]), PASS),
            case("a rule for a part of the name", rules(false, "BASIC", &[("SCAN_ON_PUSH", "shop")]), PASS),
            case("a rule for others", rules(false, "BASIC", &[("SCAN_ON_PUSH", "batch-*")]), FAIL),
            case("Inspector, on push", rules(false, "ENHANCED", &[("SCAN_ON_PUSH", "*")]), PASS),
            case("Inspector, continuously", rules(false, "ENHANCED", &[("CONTINUOUS_SCAN", "shop*")]), PASS),
            case("Inspector, for others", rules(true, "ENHANCED", &[("CONTINUOUS_SCAN", "batch")]), FAIL),
            case("Inspector, for none", rules(true, "ENHANCED", &[]), FAIL),
            case(
                "a setting that no rule covers, and ECR says on push",
                settled(Known::Yes(Some("SCAN_ON_PUSH".into()))),
                PASS,
            ),
            case(
                "a setting that no rule covers, and ECR says by hand",
                settled(Known::Yes(Some("MANUAL".into()))),
                FAIL,
            ),
            case("a setting that no rule covers, and ECR does not say", settled(Known::default()), UNKNOWN),
            case("a registry that is hidden", images(true, None), UNKNOWN),
            tag("tags that move", tags("MUTABLE"), FAIL),
            tag("tags that stay", tags("IMMUTABLE"), PASS),
            tag("tags that stay but for some", tags("IMMUTABLE_WITH_EXCLUSION"), PASS),
            tag("tags that move but for some", tags("MUTABLE_WITH_EXCLUSION"), FAIL),
        ],
    );
}

#[test]
fn secrets_are_changed_and_used() {
    let because = "SecretsManager.1 to SecretsManager.4 \
        (https://docs.aws.amazon.com/securityhub/latest/userguide/secretsmanager-controls.html)";
    let secret = |edit: fn(&mut Secret)| {
        let mut secret = Secret {
            arn: SECRET.into(),
            region: REGION.into(),
            name: "shop/db".into(),
            rotation_enabled: true,
            last_rotated_at: Some("2026-06-15T12:00:00Z".into()),
            rotation_days: Known::Yes(Some(30)),
            next_rotation_at: Known::Yes(Some("2026-07-15T12:00:00Z".into())),
            created_at: Known::Yes(Some("2025-01-01T00:00:00Z".into())),
            last_accessed_at: Known::Yes(Some("2026-06-30T00:00:00Z".into())),
            owning_service: Known::Yes(None),
            primary_region: Known::Yes(None),
            kms_key_id: Known::Yes(None),
            deleted_at: None,
        };
        edit(&mut secret);
        let mut account = account();
        account.secretsmanager.secrets.items = vec![secret];
        account
    };
    let case = |policy, name, account, expected| Case { name, account, policy, resource: SECRET, expected };
    let rotation = |name, account, expected| case("secret-no-rotation", name, account, expected);
    let overdue = |name, account, expected| case("secret-rotation-overdue", name, account, expected);
    let unused = |name, account, expected| case("secret-unused", name, account, expected);
    fn by_hand(secret: &mut Secret) {
        secret.rotation_enabled = false;
    }
    check(
        because,
        &[
            rotation("rotated", secret(|_| ()), PASS),
            rotation("by hand", secret(by_hand), FAIL),
            rotation(
                "another service's",
                secret(|one| {
                    by_hand(one);
                    one.owning_service = Known::Yes(Some("events".into()));
                }),
                SKIP,
            ),
            rotation(
                "a replica",
                secret(|one| {
                    by_hand(one);
                    one.primary_region = Known::Yes(Some("us-east-1".into()));
                }),
                SKIP,
            ),
            rotation(
                "a secret with replicas",
                secret(|one| {
                    by_hand(one);
                    one.primary_region = Known::Yes(Some(REGION.into()));
                }),
                FAIL,
            ),
            rotation(
                "to be deleted",
                secret(|one| one.deleted_at = Some("2026-07-20T00:00:00Z".into())),
                SKIP,
            ),
            rotation(
                "an owner that is hidden",
                secret(|one| {
                    by_hand(one);
                    one.owning_service = Known::default();
                }),
                UNKNOWN,
            ),
            overdue("in time", secret(|_| ()), PASS),
            overdue(
                "a rotation that fails",
                secret(|one| one.last_rotated_at = Some("2026-05-01T12:00:00Z".into())),
                FAIL,
            ),
            overdue(
                "a rotation within its window",
                secret(|one| one.last_rotated_at = Some("2026-05-30T12:00:00Z".into())),
                PASS,
            ),
            overdue(
                "once a year",
                secret(|one| {
                    one.last_rotated_at = Some("2026-01-15T12:00:00Z".into());
                    one.rotation_days = Known::Yes(Some(365));
                }),
                FAIL,
            ),
            overdue("by hand", secret(by_hand), SKIP),
            overdue("a schedule that is hidden", secret(|one| one.rotation_days = Known::default()), UNKNOWN),
            unused("read today", secret(|_| ()), PASS),
            unused(
                "read in spring",
                secret(|one| one.last_accessed_at = Known::Yes(Some("2026-03-01T00:00:00Z".into()))),
                FAIL,
            ),
            unused("never read", secret(|one| one.last_accessed_at = Known::Yes(None)), FAIL),
            unused(
                "made yesterday",
                secret(|one| {
                    one.last_accessed_at = Known::Yes(None);
                    one.created_at = Known::Yes(Some("2026-06-29T00:00:00Z".into()));
                }),
                PASS,
            ),
            unused("of an older snapshot", secret(|one| one.last_accessed_at = Known::default()), UNKNOWN),
        ],
    );
}

#[test]
fn a_daemon_behind_a_load_balancer_needs_time_to_start_too() {
    let because = "the grace period applies to every service that uses a load balancer \
        (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html)";
    let daemon = |grace: Option<i64>| {
        let mut account = exchanging(&["10.0.1.20"], &[], Known::Yes(None));
        let service = &mut account.ecs.services.items[0];
        service.scheduling_strategy = "DAEMON".into();
        service.deployment_strategy = Known::Yes("ROLLING".into());
        service.health_check_grace_period_seconds = grace;
        let blue = &mut account.elb.target_groups.items[0];
        blue.health_check_interval_seconds = Some(5);
        blue.healthy_threshold_count = Some(2);
        blue.unhealthy_threshold_count = Some(2);
        account
    };
    let case =
        |name, account, expected| of_service("ecs-short-health-check-grace-period", name, account, expected);
    check(because, &[case("no grace", daemon(None), FAIL), case("a minute", daemon(Some(60)), PASS)]);
}
