//! Whether new tasks would start: what AWS's documentation says that a task needs, one condition at a
//! time.

mod network;
mod secrets;

use std::sync::LazyLock;
use tenken::policy::PolicySet;
use tenken::policy::judge::judge;
use tenken::snapshot::ec2::{
    NatGateway, Route, RouteTable, SecurityGroup, SecurityGroupRule, Subnet, VpcEndpoint,
};
use tenken::snapshot::ecr::Image;
use tenken::snapshot::ecs::{Container, SecretReference, Service, Task, TaskDefinition};
use tenken::snapshot::iam::{ResourceStatement, Role, Statement};
use tenken::snapshot::kms::Key;
use tenken::snapshot::logs::LogGroup;
use tenken::snapshot::secretsmanager::{Secret, SecretPolicy};
use tenken::snapshot::servicequotas::Quota;
use tenken::snapshot::ssm::Parameter;
use tenken::snapshot::{GapId, Known, Snapshot};

static POLICIES: LazyLock<PolicySet> = LazyLock::new(|| PolicySet::embedded().unwrap());

const REGION: &str = "ap-northeast-1";
const ACCOUNT: &str = "123456789012";
const SERVICE: &str = "arn:aws:ecs:ap-northeast-1:123456789012:service/shop/shop-api";
const IMAGE: &str = "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/shop-api:v1";
const EXECUTION: &str = "arn:aws:iam::123456789012:role/shop-exec";
const TASK: &str = "arn:aws:iam::123456789012:role/shop-task";
const SECRET: &str = "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:shop/db-a1B2c3";
const KEY: &str = "arn:aws:kms:ap-northeast-1:123456789012:key/1234abcd";
const TASK_EXECUTION: &str = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy";

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn allow(action: &str, resource: &str) -> Statement {
    Statement {
        policy_name: "own".into(),
        effect: "Allow".into(),
        actions: texts(&[action]),
        resources: texts(&[resource]),
        ..Statement::default()
    }
}

fn admitting(principal: &str, action: &str) -> ResourceStatement {
    ResourceStatement {
        effect: "Allow".into(),
        principals: texts(&[principal]),
        actions: texts(&[action]),
        ..ResourceStatement::default()
    }
}

fn role(arn: &str, managed: &[&str], statements: Vec<Statement>) -> Role {
    Role {
        arn: arn.into(),
        region: "us-east-1".into(),
        name: arn.rsplit('/').next().unwrap().into(),
        attached_policy_arns: Known::Yes(texts(managed)),
        statements: Known::Yes(statements),
        permissions_boundary_arn: Known::Yes(None),
        boundary_statements: Known::Yes(Vec::new()),
        trust: Known::Yes(vec![admitting("Service:ecs-tasks.amazonaws.com", "sts:AssumeRole")]),
    }
}

fn route(destination: &str, target: &str) -> Route {
    Route { destination: destination.into(), target: target.into(), state: "active".into() }
}

/// A service of two tasks on Fargate in a private subnet behind a NAT gateway, with a secret under a
/// key of the account's own: a new task starts.
fn sound() -> Snapshot {
    let mut account = Snapshot::new(ACCOUNT, "aws", "2026-01-05T00:00:00Z", &[REGION.to_owned()]).complete();
    account.ecs.services.items = vec![Service {
        arn: SERVICE.into(),
        region: REGION.into(),
        name: "shop-api".into(),
        cluster_name: "shop".into(),
        status: "ACTIVE".into(),
        launch_type: Some("FARGATE".into()),
        scheduling_strategy: "REPLICA".into(),
        deployment_controller: "ECS".into(),
        desired_count: 2,
        running_count: 2,
        task_definition_arn: Some("arn:td:1".into()),
        subnet_ids: texts(&["subnet-a"]),
        security_group_ids: texts(&["sg-ecs"]),
        ..Service::default()
    }];
    account.ecs.task_definitions.items = vec![TaskDefinition {
        arn: "arn:td:1".into(),
        region: REGION.into(),
        cpu_units: Some(512),
        execution_role_arn: Some(EXECUTION.into()),
        task_role_arn: Some(TASK.into()),
        containers: vec![Container {
            name: "app".into(),
            image: IMAGE.into(),
            log_driver: Some("awslogs".into()),
            log_group: Some("/ecs/shop-api".into()),
            log_region: Some(REGION.into()),
            creates_log_group: Known::Yes(false),
            registry_credentials: Known::Yes(None),
            secret_references: vec![SecretReference {
                name: "DB_PASSWORD".into(),
                value_from: format!("{SECRET}:password::"),
            }],
            ..Container::default()
        }],
        ..TaskDefinition::default()
    }];
    account.ecs.tasks.items = (0..2)
        .map(|number| Task {
            arn: format!("arn:task:{number}"),
            region: REGION.into(),
            launch_type: Some("FARGATE".into()),
            task_definition_arn: "arn:td:1".into(),
            last_status: "RUNNING".into(),
            ..Task::default()
        })
        .collect();
    account.ecr.images.items = vec![Image {
        uri: IMAGE.into(),
        region: REGION.into(),
        repository_name: "shop-api".into(),
        digest: Known::Yes(Some("sha256:ab".into())),
    }];
    account.logs.log_groups.items =
        vec![LogGroup { name: "/ecs/shop-api".into(), region: REGION.into(), ..LogGroup::default() }];
    account.iam.roles.items = vec![
        role(
            EXECUTION,
            &[TASK_EXECUTION],
            vec![allow("secretsmanager:GetSecretValue", SECRET), allow("kms:Decrypt", KEY)],
        ),
        role(TASK, &[], vec![]),
    ];
    account.secretsmanager.secrets.items = vec![Secret {
        arn: SECRET.into(),
        region: REGION.into(),
        name: "shop/db".into(),
        kms_key_id: Known::Yes(Some("alias/shop".into())),
        ..Secret::default()
    }];
    account.secretsmanager.resource_policies.items = vec![SecretPolicy {
        region: REGION.into(),
        secret: SECRET.into(),
        statements: Known::Yes(Vec::new()),
    }];
    account.kms.keys.items = vec![Key {
        arn: KEY.into(),
        region: REGION.into(),
        id: "1234abcd".into(),
        names: texts(&["alias/shop"]),
        state: "Enabled".into(),
        manager: "CUSTOMER".into(),
        statements: Known::Yes(vec![admitting("AWS:arn:aws:iam::123456789012:root", "kms:*")]),
        ..Key::default()
    }];
    account.ec2.subnets.items = vec![Subnet {
        arn: "arn:aws:ec2:ap-northeast-1:123456789012:subnet/subnet-a".into(),
        id: "subnet-a".into(),
        region: REGION.into(),
        vpc_id: "vpc-1".into(),
        cidr_block: Some("10.0.1.0/24".into()),
        available_ip_address_count: Known::Yes(200),
        ..Subnet::default()
    }];
    account.ec2.route_tables.items = vec![RouteTable {
        id: "rtb-a".into(),
        region: REGION.into(),
        vpc_id: "vpc-1".into(),
        subnet_ids: texts(&["subnet-a"]),
        routes: vec![route("10.0.0.0/16", "local"), route("0.0.0.0/0", "nat-1")],
        ..RouteTable::default()
    }];
    account.ec2.nat_gateways.items = vec![NatGateway {
        id: "nat-1".into(),
        region: REGION.into(),
        vpc_id: "vpc-1".into(),
        connectivity_type: "public".into(),
        state: "available".into(),
        ..NatGateway::default()
    }];
    account.ec2.security_groups.items = vec![SecurityGroup {
        arn: "arn:aws:ec2:ap-northeast-1:123456789012:security-group/sg-ecs".into(),
        id: "sg-ecs".into(),
        region: REGION.into(),
        vpc_id: "vpc-1".into(),
        egress: vec![SecurityGroupRule {
            protocol: "-1".into(),
            peer_kind: "ipv4".into(),
            peer: "0.0.0.0/0".into(),
            ..SecurityGroupRule::default()
        }],
        ..SecurityGroup::default()
    }];
    account.servicequotas.quotas.items = vec![Quota {
        region: REGION.into(),
        service: "fargate".into(),
        code: "L-3032A538".into(),
        name: "Fargate On-Demand vCPU resource count".into(),
        value: 6.0,
    }];
    account
}

/// What is found: the keys of what stands in the way, or one of these.
const PASS: &[&str] = &["pass"];
const UNKNOWN: &[&str] = &["unknown"];
const SKIP: &[&str] = &["skip"];

fn verdicts(account: &Snapshot) -> Vec<String> {
    let findings = judge(account, &POLICIES);
    let own = findings.iter().filter(|finding| finding.policy == "ecs-new-task-would-not-start");
    own.map(|finding| match finding.verdict.as_str() {
        "fail" => finding.discriminator.clone(),
        verdict => verdict.to_owned(),
    })
    .collect()
}

type Case = (&'static str, fn(&mut Snapshot), &'static [&'static str]);

fn check(because: &str, cases: &[Case]) {
    let mut problems = Vec::new();
    for (name, edit, expected) in cases {
        let mut account = sound();
        edit(&mut account);
        let found = verdicts(&account);
        if found != *expected {
            problems.push(format!("{name}: {found:?} instead of {expected:?}; {because}"));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

fn service(account: &mut Snapshot) -> &mut Service {
    &mut account.ecs.services.items[0]
}

fn container(account: &mut Snapshot) -> &mut Container {
    &mut account.ecs.task_definitions.items[0].containers[0]
}

fn execution(account: &mut Snapshot) -> &mut Role {
    &mut account.iam.roles.items[0]
}

fn own_statements(account: &mut Snapshot, statements: Vec<Statement>) {
    execution(account).statements = Known::Yes(statements);
}

fn denied(operation: &str) -> GapId {
    GapId::new(operation, REGION, None)
}

#[test]
fn a_sound_service_passes_and_one_that_wants_no_task_is_left_out() {
    check(
        "desiredCount is the number of tasks to keep running \
         (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Service.html)",
        &[
            ("as it is", |_| (), PASS),
            (
                "switched off",
                |account| {
                    account.ecr.images.items[0].digest = Known::Yes(None);
                    service(account).desired_count = 0;
                },
                SKIP,
            ),
            (
                "outside AWS",
                |account| {
                    account.ecr.images.items[0].digest = Known::Yes(None);
                    service(account).launch_type = Some("EXTERNAL".into());
                },
                SKIP,
            ),
            (
                "a hidden task definition",
                |account| {
                    account.ecs.task_definitions.items.clear();
                    account.ecs.task_definitions.incomplete = vec![denied("ecs:DescribeTaskDefinition")];
                },
                UNKNOWN,
            ),
        ],
    );
}

#[test]
fn the_image_exists() {
    const MISSING: &[&str] = &["image/123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/shop-api"];
    check(
        "CannotPullContainerError: the image or tag does not exist \
         (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html)",
        &[
            (
                "expired by a lifecycle policy",
                |account| account.ecr.images.items[0].digest = Known::Yes(None),
                MISSING,
            ),
            (
                "denied",
                |account| {
                    account.ecr.images.items[0].digest =
                        Known::No(GapId::new("ecr:DescribeImages", REGION, Some("shop-api:v1")));
                },
                UNKNOWN,
            ),
            (
                "another account's registry",
                |account| container(account).image = IMAGE.replace(ACCOUNT, "999999999999"),
                UNKNOWN,
            ),
            ("Docker Hub", |account| container(account).image = "nginx:1.27".into(), PASS),
            ("ECR Public", |account| container(account).image = "public.ecr.aws/nginx/nginx:1".into(), PASS),
            ("an older scan", |account| account.ecr.images = Snapshot::default().ecr.images, UNKNOWN),
        ],
    );
}

#[test]
fn the_execution_role_pulls_and_logs() {
    check(
        "Fargate uses the execution role to pull from ECR and to send logs with awslogs \
         (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html)",
        &[
            (
                "without its policy",
                |account| execution(account).attached_policy_arns = Known::Yes(Vec::new()),
                &[
                    "log-right/arn:aws:logs:ap-northeast-1:123456789012:log-group:/ecs/shop-api",
                    "pull-right/shop-api",
                ],
            ),
            (
                "without its policy on EC2, where the host pulls",
                |account| {
                    service(account).launch_type = Some("EC2".into());
                    execution(account).attached_policy_arns = Known::Yes(Vec::new());
                },
                PASS,
            ),
            (
                "a policy of AWS's that was not read",
                |account| {
                    let other = "arn:aws:iam::aws:policy/SomethingNew";
                    execution(account).attached_policy_arns = Known::Yes(texts(&[other]));
                },
                UNKNOWN,
            ),
            (
                "hidden policies",
                |account| {
                    execution(account).attached_policy_arns =
                        Known::No(GapId::new("iam:ListAttachedRolePolicies", "us-east-1", Some(EXECUTION)));
                },
                UNKNOWN,
            ),
            (
                "the right to layers left to the repository's policy",
                |account| {
                    execution(account).attached_policy_arns = Known::Yes(Vec::new());
                    own_statements(
                        account,
                        vec![
                            allow("ecr:GetAuthorizationToken", "*"),
                            allow("logs:*", "*"),
                            allow("secretsmanager:GetSecretValue", SECRET),
                            allow("kms:Decrypt", KEY),
                        ],
                    );
                },
                UNKNOWN,
            ),
        ],
    );
}

#[test]
fn the_log_group_exists_or_is_made() {
    const MISSING: &[&str] = &["log-group//ecs/shop-api"];
    check(
        "ResourceInitializationError: the log group does not exist; awslogs-create-group makes it \
         (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html)",
        &[
            ("deleted", |account| account.logs.log_groups.items.clear(), MISSING),
            (
                "in another region",
                |account| account.logs.log_groups.items[0].region = "us-east-1".into(),
                MISSING,
            ),
            (
                "made by the task, which may",
                |account| {
                    account.logs.log_groups.items.clear();
                    container(account).creates_log_group = Known::Yes(true);
                    let statements = execution(account).statements.known().unwrap().clone();
                    own_statements(account, [statements, vec![allow("logs:CreateLogGroup", "*")]].concat());
                },
                PASS,
            ),
            (
                "made by the task, which may not",
                |account| {
                    account.logs.log_groups.items.clear();
                    container(account).creates_log_group = Known::Yes(true);
                },
                &["log-right/arn:aws:logs:ap-northeast-1:123456789012:log-group:/ecs/shop-api"],
            ),
            (
                "denied",
                |account| {
                    account.logs.log_groups.items.clear();
                    account.logs.log_groups.incomplete = vec![denied("logs:DescribeLogGroups")];
                },
                UNKNOWN,
            ),
            (
                "a region that was not scanned",
                |account| container(account).log_region = Some("us-west-2".into()),
                UNKNOWN,
            ),
        ],
    );
}
