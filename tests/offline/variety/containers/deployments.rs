//! Deployments of every kind of service.

use super::*;

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
