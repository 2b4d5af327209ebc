//! What whoever takes over a task can become: one case for each way, and for what holds it up.

use std::sync::LazyLock;
use tenken::policy::PolicySet;
use tenken::policy::judge::judge;
use tenken::snapshot::ecs::{Service, ServiceLoadBalancer, TaskDefinition};
use tenken::snapshot::elb::{LoadBalancer, TargetGroup};
use tenken::snapshot::iam::{ResourceStatement, Role, Statement};
use tenken::snapshot::{GapId, Known, Snapshot};

static POLICIES: LazyLock<PolicySet> = LazyLock::new(|| PolicySet::embedded().unwrap());

const REGION: &str = "ap-northeast-1";
const SERVICE: &str = "arn:aws:ecs:ap-northeast-1:123456789012:service/shop/shop-api";
const TASK: &str = "arn:aws:iam::123456789012:role/shop-task";
const EXECUTION: &str = "arn:aws:iam::123456789012:role/shop-exec";
const DEPLOYER: &str = "arn:aws:iam::123456789012:role/deployer";
const BALANCER: &str =
    "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:loadbalancer/app/shop-alb/50dc6c49";
const GROUP: &str = "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:targetgroup/shop-tg/6d0ecf83";

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn allow(actions: &[&str], resources: &[&str]) -> Statement {
    Statement {
        policy_name: "own".into(),
        effect: "Allow".into(),
        actions: texts(actions),
        resources: texts(resources),
        ..Statement::default()
    }
}

fn deny(actions: &[&str], resources: &[&str]) -> Statement {
    Statement { effect: "Deny".into(), ..allow(actions, resources) }
}

fn narrowed(statement: Statement) -> Statement {
    Statement { has_conditions: true, ..statement }
}

fn pass(role: &str, services: &[&str]) -> Statement {
    Statement {
        has_conditions: !services.is_empty(),
        passed_to_services: texts(services),
        ..allow(&["iam:PassRole"], &[role])
    }
}

fn trusting(principal: &str) -> ResourceStatement {
    ResourceStatement {
        effect: "Allow".into(),
        principals: texts(&[principal]),
        actions: texts(&["sts:AssumeRole"]),
        ..ResourceStatement::default()
    }
}

fn role(arn: &str, trusted: &str, statements: Vec<Statement>) -> Role {
    Role {
        arn: arn.into(),
        region: "us-east-1".into(),
        name: arn.rsplit('/').next().unwrap().into(),
        attached_policy_arns: Known::Yes(Vec::new()),
        statements: Known::Yes(statements),
        permissions_boundary_arn: Known::Yes(None),
        boundary_statements: Known::Yes(Vec::new()),
        trust: Known::Yes(vec![trusting(trusted)]),
    }
}

const TASKS: &str = "Service:ecs-tasks.amazonaws.com";

/// A service behind a public load balancer whose task role has these rights, beside a role that may
/// write a bucket.
fn account(statements: Vec<Statement>, deployer_trusts: &str) -> Snapshot {
    let mut account =
        Snapshot::new("123456789012", "aws", "2026-01-05T00:00:00Z", &[REGION.to_owned()]).complete();
    account.ecs.services.items = vec![Service {
        arn: SERVICE.into(),
        region: REGION.into(),
        name: "shop-api".into(),
        status: "ACTIVE".into(),
        launch_type: Some("FARGATE".into()),
        task_definition_arn: Some("arn:td:1".into()),
        load_balancers: vec![ServiceLoadBalancer {
            target_group_arn: Some(GROUP.into()),
            container_name: Some("app".into()),
            container_port: Some(8080),
            ..Default::default()
        }],
        ..Service::default()
    }];
    account.ecs.task_definitions.items = vec![TaskDefinition {
        arn: "arn:td:1".into(),
        region: REGION.into(),
        task_role_arn: Some(TASK.into()),
        execution_role_arn: Some(EXECUTION.into()),
        ..TaskDefinition::default()
    }];
    account.elb.target_groups.items = vec![TargetGroup {
        arn: GROUP.into(),
        region: REGION.into(),
        load_balancer_arns: texts(&[BALANCER]),
        ..TargetGroup::default()
    }];
    account.elb.load_balancers.items = vec![LoadBalancer {
        arn: BALANCER.into(),
        region: REGION.into(),
        scheme: "internet-facing".into(),
        ..LoadBalancer::default()
    }];
    account.iam.roles.items = vec![
        role(DEPLOYER, deployer_trusts, vec![allow(&["s3:PutObject"], &["arn:aws:s3:::releases/*"])]),
        role(EXECUTION, TASKS, vec![allow(&["secretsmanager:GetSecretValue"], &["*"])]),
        role(TASK, TASKS, statements),
    ];
    account
}

fn found(account: &Snapshot) -> Vec<String> {
    let findings = judge(account, &POLICIES);
    let own = findings.iter().filter(|finding| finding.policy == "ecs-task-role-escalates");
    own.map(|finding| match finding.verdict.as_str() {
        "fail" => finding.discriminator.strip_prefix("shop-task/").unwrap().to_owned(),
        verdict => verdict.to_owned(),
    })
    .collect()
}

fn check(because: &str, cases: Vec<(&str, Snapshot, &[&str])>) {
    let mut problems = Vec::new();
    for (name, account, expected) in cases {
        let found = found(&account);
        if found != expected {
            problems.push(format!("{name}: {found:?} instead of {expected:?}; {because}"));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

const PASS: &[&str] = &["pass"];
const UNKNOWN: &[&str] = &["unknown"];

fn with(statements: Vec<Statement>) -> Snapshot {
    account(statements, TASKS)
}

#[test]
fn rights_that_lead_to_somebody_else() {
    const FUNCTION: &str = "arn:aws:lambda:ap-northeast-1:123456789012:function:dashboard";
    let one = |action: &str, resource: &str| with(vec![allow(&[action], &[resource])]);
    check(
        "each of these actions gives the rights of another principal \
         (https://rhinosecuritylabs.com/aws/aws-privilege-escalation-methods-mitigation/)",
        vec![
            ("a bucket", one("s3:*", "*"), PASS),
            ("reads", with(vec![allow(&["iam:Get*", "iam:List*", "ecs:Describe*"], &["*"])]), PASS),
            ("other code for a function", one("lambda:UpdateFunctionCode", FUNCTION), &["function-code"]),
            ("every action on a function", one("lambda:*", FUNCTION), &["function-code"]),
            (
                "a key for a user",
                one("iam:CreateAccessKey", "arn:aws:iam::123456789012:user/ci"),
                &["access-key"],
            ),
            ("one other role's policy", one("iam:PutRolePolicy", DEPLOYER), &["put-role-policy"]),
            ("commands on instances", one("ssm:SendCommand", "*"), &["command"]),
            ("shells on instances", one("ssm:StartSession", "*"), &["session"]),
            ("shells in tasks", one("ecs:ExecuteCommand", "*"), &["shell-in-task"]),
            ("another template for a stack", one("cloudformation:UpdateStack", "*"), &["stack"]),
            ("every parameter", one("ssm:GetParameter", "*"), &["parameters"]),
            ("its own parameters", one("ssm:GetParameter", "arn:aws:ssm:*:*:parameter/shop/*"), PASS),
            ("a build that it cannot start", one("codebuild:UpdateProject", "*"), PASS),
            (
                "all but IAM and what is denied",
                with(vec![
                    Statement { negated_actions: true, ..allow(&["iam:*", "sts:*", "ssm:*"], &["*"]) },
                    deny(&["lambda:*", "cloudformation:*", "codebuild:*", "glue:*", "sagemaker:*"], &["*"]),
                    deny(&["ec2-instance-connect:*"], &["*"]),
                ]),
                &["shell-in-task"],
            ),
            ("under conditions", with(vec![narrowed(allow(&["ssm:StartSession"], &["*"]))]), UNKNOWN),
            ("an administrator has a policy of its own", one("*", "*"), PASS),
        ],
    );
}

#[test]
fn boundaries_hold_it_up() {
    let bounded = |boundary: Vec<Statement>| {
        let mut account = with(vec![allow(&["ssm:StartSession"], &["*"])]);
        let role = &mut account.iam.roles.items[2];
        role.permissions_boundary_arn = Known::Yes(Some("arn:aws:iam::123456789012:policy/boundary".into()));
        role.boundary_statements = Known::Yes(boundary);
        account
    };
    let hidden = |edit: fn(&mut Role)| {
        let mut account = with(vec![]);
        edit(&mut account.iam.roles.items[2]);
        account
    };
    check(
        "a boundary limits what identity policies grant \
         (https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html)",
        vec![
            ("within its boundary", bounded(vec![allow(&["ssm:*"], &["*"])]), &["session"]),
            ("beyond its boundary", bounded(vec![allow(&["s3:*"], &["*"])]), PASS),
            (
                "hidden policies",
                hidden(|role| {
                    let gap = GapId::new("iam:ListRolePolicies", "us-east-1", Some(TASK));
                    role.statements = Known::No(gap);
                }),
                UNKNOWN,
            ),
        ],
    );
}

#[test]
fn roles_that_are_passed() {
    let run = || allow(&["ecs:RegisterTaskDefinition", "ecs:RunTask"], &["*"]);
    let ecs = &["ecs-tasks.amazonaws.com"];
    check(
        "whoever passes a role to a service that runs code has its rights \
         (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html)",
        vec![
            ("another role", with(vec![pass(DEPLOYER, &[]), run()]), &["passes-role/deployer"]),
            ("another role to ECS alone", with(vec![pass(DEPLOYER, ecs), run()]), &["passes-role/deployer"]),
            (
                "another role to a service that it does not use",
                with(vec![pass(DEPLOYER, &["lambda.amazonaws.com"]), run()]),
                PASS,
            ),
            ("nothing that takes it", with(vec![pass(DEPLOYER, &[])]), PASS),
            ("its own roles", with(vec![pass(TASK, &[]), pass(EXECUTION, &[]), run()]), PASS),
            (
                "a role without more rights",
                with(vec![pass(DEPLOYER, &[]), run(), allow(&["s3:*"], &["*"])]),
                PASS,
            ),
            (
                "a role that tasks may not take on",
                account(vec![pass(DEPLOYER, &[]), run()], "Service:ec2.amazonaws.com"),
                PASS,
            ),
            (
                "any role to ECS",
                with(vec![pass("*", ecs), run()]),
                &["passes-any-role/ecs-tasks.amazonaws.com"],
            ),
            (
                "roles by a pattern, which were not listed",
                with(vec![pass("arn:aws:iam::123456789012:role/batch-*", &[]), run()]),
                UNKNOWN,
            ),
            (
                "a role that was not read",
                with(vec![pass("arn:aws:iam::123456789012:role/batch", &[]), run()]),
                UNKNOWN,
            ),
            (
                "another condition, of which nothing is kept",
                with(vec![narrowed(allow(&["iam:PassRole"], &[DEPLOYER])), run()]),
                PASS,
            ),
        ],
    );
}

#[test]
fn roles_that_are_taken_on() {
    let assume = |resource: &str| vec![allow(&["sts:AssumeRole"], &[resource])];
    let mut hidden = account(assume(DEPLOYER), TASKS);
    hidden.iam.roles.items[0].trust = Known::default();
    check(
        "sts:AssumeRole takes a right to it and a trust policy that admits the caller \
         (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_manage-assume.html)",
        vec![
            (
                "a role that trusts it",
                account(assume(DEPLOYER), &format!("AWS:{TASK}")),
                &["assumes-role/deployer"],
            ),
            (
                "a role that trusts the account",
                account(assume(DEPLOYER), "AWS:arn:aws:iam::123456789012:root"),
                &["assumes-role/deployer"],
            ),
            ("a role that trusts a service", account(assume(DEPLOYER), TASKS), PASS),
            ("any role", account(assume("*"), TASKS), &["assumes-any-role"]),
            (
                "another account's role",
                account(assume("arn:aws:iam::999999999999:role/shared"), TASKS),
                UNKNOWN,
            ),
            ("a trust that was not read", hidden, UNKNOWN),
        ],
    );
}

#[test]
fn the_message_says_whether_the_internet_reaches_it() {
    let message = |account: &Snapshot| {
        let findings = judge(account, &POLICIES);
        let own = findings.iter().find(|finding| finding.policy == "ecs-task-role-escalates");
        own.unwrap().message.en.clone()
    };
    let mut account = with(vec![allow(&["ssm:StartSession"], &["*"])]);
    let public = message(&account);
    assert!(public.contains("The internet reaches the service"), "{public}");
    account.elb.load_balancers.items[0].scheme = "internal".into();
    let internal = message(&account);
    assert!(!internal.contains("The internet reaches the service"), "{internal}");
}
