//! Tasks that run without a service: started by rules, by schedules, by hand.

use tenken::policy::PolicySet;
use tenken::policy::judge::judge;
use tenken::snapshot::ec2::*;
use tenken::snapshot::ecs::{
    Container, OverrideSecret, PlaintextSecret, SecretReference, TaskDefinition, TaskRun, TaskStarter,
};
use tenken::snapshot::iam::{Role, Statement};
use tenken::snapshot::ssm::Parameter;
use tenken::snapshot::{GapId, Known, Snapshot};

const ACCOUNT: &str = "123456789012";
const REGION: &str = "ap-northeast-1";
const RULE: &str = "arn:aws:events:ap-northeast-1:123456789012:rule/nightly";
const CLUSTER: &str = "arn:aws:ecs:ap-northeast-1:123456789012:cluster/shop";
const REPORT: &str = "arn:aws:ecs:ap-northeast-1:123456789012:task-definition/report";
const ROLE: &str = "arn:aws:iam::123456789012:role/report";
const OTHER_ROLE: &str = "arn:aws:iam::123456789012:role/repair";

const PASS: &str = "pass";
const FAIL: &str = "fail";
const UNKNOWN: &str = "unknown";
const SKIP: &str = "skip";

/// A name, an account, a policy, the verdict expected for what starts the tasks, and why.
type Case = (Snapshot, &'static str, &'static str, &'static str);

fn check(cases: Vec<Case>) {
    let policies = PolicySet::embedded().unwrap();
    let mut problems = Vec::new();
    for (account, policy, expected, because) in cases {
        let findings = judge(&account, &policies);
        let found = findings.iter().filter(|finding| finding.policy == policy && finding.resource == RULE);
        let found: Vec<_> = found.collect();
        let verdicts: Vec<&str> = found.iter().map(|finding| finding.verdict.as_str()).collect();
        if verdicts != [expected] {
            let said = found.first().map_or("", |finding| finding.message.en.as_str());
            problems.push(format!("{policy}: {verdicts:?} instead of {expected} ({said}); {because}"));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

fn secret(place: &str, name: &str) -> PlaintextSecret {
    PlaintextSecret {
        place: place.into(),
        name: name.into(),
        kind: "password".into(),
        length: 12,
        ..PlaintextSecret::default()
    }
}

fn definition(revision: i64, secrets: Vec<PlaintextSecret>) -> TaskDefinition {
    TaskDefinition {
        arn: format!("{REPORT}:{revision}"),
        region: REGION.into(),
        family: "report".into(),
        revision,
        status: "ACTIVE".into(),
        task_role_arn: Some(ROLE.into()),
        containers: vec![Container {
            name: "app".into(),
            container_ports: vec![9090],
            plaintext_secrets: secrets,
            ..Container::default()
        }],
        ..TaskDefinition::default()
    }
}

/// A rule that starts the fourth revision of a report every night, in a public subnet.
fn account() -> Snapshot {
    let mut account = Snapshot::new(ACCOUNT, "aws", "2026-01-01T00:00:00Z", &[REGION.to_owned()]).complete();
    account.ecs.task_definitions.items =
        vec![definition(3, vec![secret("environment", "DB_PASSWORD")]), definition(4, vec![])];
    account.ecs.task_starters.items = vec![TaskStarter {
        arn: RULE.into(),
        region: REGION.into(),
        name: "nightly".into(),
        kind: "event-rule".into(),
        runs: vec![TaskRun {
            cluster_arn: CLUSTER.into(),
            task_definition_arn: format!("{REPORT}:4"),
            subnet_ids: vec!["subnet-public".into()],
            security_group_ids: vec!["sg-report".into()],
            assign_public_ip: Known::Yes(true),
            ..TaskRun::default()
        }],
    }];
    account.iam.roles.items = vec![role(OTHER_ROLE, "*"), role(ROLE, "s3:GetObject")];
    network(&mut account);
    account
}

fn edited(edit: impl FnOnce(&mut Snapshot)) -> Snapshot {
    let mut account = account();
    edit(&mut account);
    account
}

fn run(account: &mut Snapshot) -> &mut TaskRun {
    &mut account.ecs.task_starters.items[0].runs[0]
}

fn role(arn: &str, action: &str) -> Role {
    Role {
        arn: arn.into(),
        region: "us-east-1".into(),
        name: arn.rsplit('/').next().unwrap().into(),
        attached_policy_arns: Known::Yes(vec![]),
        statements: Known::Yes(vec![Statement {
            policy_name: "own".into(),
            effect: "Allow".into(),
            actions: vec![action.into()],
            resources: vec!["*".into()],
            ..Statement::default()
        }]),
        permissions_boundary_arn: Known::Yes(None),
        boundary_statements: Known::Yes(vec![]),
        trust: Known::Yes(vec![]),
    }
}

fn arn(kind: &str, id: &str) -> String {
    format!("arn:aws:ec2:{REGION}:{ACCOUNT}:{kind}/{id}")
}

fn network(account: &mut Snapshot) {
    let ec2 = &mut account.ec2;
    ec2.vpcs.items = vec![Vpc {
        arn: arn("vpc", "vpc-1"),
        region: REGION.into(),
        id: "vpc-1".into(),
        cidr_blocks: vec!["10.0.0.0/16".into()],
        ..Vpc::default()
    }];
    ec2.subnets.items = vec![Subnet {
        arn: arn("subnet", "subnet-public"),
        region: REGION.into(),
        id: "subnet-public".into(),
        vpc_id: "vpc-1".into(),
        availability_zone: format!("{REGION}a"),
        cidr_block: Some("10.0.0.0/24".into()),
        ..Subnet::default()
    }];
    ec2.route_tables.items = vec![RouteTable {
        arn: arn("route-table", "rtb-1"),
        region: REGION.into(),
        id: "rtb-1".into(),
        vpc_id: "vpc-1".into(),
        is_main: true,
        routes: vec![Route {
            destination: "0.0.0.0/0".into(),
            target: "igw-1".into(),
            state: "active".into(),
        }],
        ..RouteTable::default()
    }];
    ec2.internet_gateways.items = vec![InternetGateway {
        tags: tenken::snapshot::Known::Yes(Default::default()),
        arn: arn("internet-gateway", "igw-1"),
        region: REGION.into(),
        id: "igw-1".into(),
        vpc_ids: vec!["vpc-1".into()],
    }];
    let open = |egress: bool| NetworkAclEntry {
        rule_number: 100,
        egress,
        allow: true,
        protocol: "-1".into(),
        cidr_block: Some("0.0.0.0/0".into()),
        ..NetworkAclEntry::default()
    };
    ec2.network_acls.items = vec![NetworkAcl {
        arn: arn("network-acl", "acl-1"),
        region: REGION.into(),
        id: "acl-1".into(),
        vpc_id: "vpc-1".into(),
        is_default: true,
        entries: vec![open(false), open(true)],
        ..NetworkAcl::default()
    }];
    ec2.security_groups.items = vec![SecurityGroup {
        arn: arn("security-group", "sg-report"),
        region: REGION.into(),
        id: "sg-report".into(),
        name: "report".into(),
        vpc_id: "vpc-1".into(),
        ingress: vec![SecurityGroupRule {
            protocol: "tcp".into(),
            from_port: Some(9090),
            to_port: Some(9090),
            peer_kind: "ipv4".into(),
            peer: "0.0.0.0/0".into(),
            ..SecurityGroupRule::default()
        }],
        ..SecurityGroup::default()
    }];
    ec2.network_interfaces.items = vec![NetworkInterface {
        arn: arn("network-interface", "eni-1"),
        region: REGION.into(),
        id: "eni-1".into(),
        vpc_id: "vpc-1".into(),
        subnet_id: "subnet-public".into(),
        private_ips: vec!["10.0.0.10".into()],
        public_ips: vec!["203.0.113.10".into()],
        security_group_ids: vec!["sg-report".into()],
        ..NetworkInterface::default()
    }];
}

#[test]
fn secrets_of_what_rules_start_are_found() {
    let policy = "standalone-task-plaintext-secret";
    let hidden = GapId::new("ecs:DescribeTaskDefinition", REGION, Some(REPORT));
    check(vec![
        (account(), policy, PASS, "The revision that is started holds none."),
        (
            edited(|account| run(account).task_definition_arn = format!("{REPORT}:3")),
            policy,
            FAIL,
            "The target's TaskDefinitionArn names the revision that is started.",
        ),
        (
            edited(|account| run(account).task_definition_arn = REPORT.into()),
            policy,
            PASS,
            "Without a revision, the latest ACTIVE one is used.",
        ),
        (
            edited(|account| {
                run(account).task_definition_arn = REPORT.into();
                account.ecs.task_definitions.items.remove(1);
                account.ecs.task_definitions.incomplete = vec![hidden];
            }),
            policy,
            UNKNOWN,
            "The latest revision was asked for and not shown.",
        ),
        (
            edited(|account| {
                let given =
                    OverrideSecret { container: "app".into(), secret: secret("environment", "TOKEN") };
                run(account).override_secrets = vec![given];
            }),
            policy,
            FAIL,
            "The target's Input is JSON of overrides, which whoever may read the rule sees.",
        ),
        (
            edited(|account| run(account).task_definition_arn = format!("{REPORT}:9")),
            policy,
            UNKNOWN,
            "A definition that was not shown.",
        ),
    ]);
}

#[test]
fn references_of_what_rules_start_are_followed() {
    let refer = |account: &mut Snapshot| {
        account.ecs.task_definitions.items[1].containers[0].secret_references =
            vec![SecretReference { name: "DB_PASSWORD".into(), value_from: "/report/password".into() }];
    };
    let with = |kind: &'static str| {
        edited(|account| {
            refer(account);
            account.ssm.parameters.items = vec![Parameter {
                region: REGION.into(),
                name: "/report/password".into(),
                kind: kind.into(),
                ..Parameter::default()
            }];
        })
    };
    let (broken, plain) =
        ("standalone-task-secret-reference-broken", "standalone-task-secret-reference-unencrypted");
    check(vec![
        (edited(refer), broken, FAIL, "A task whose parameter is missing does not start."),
        (with("SecureString"), broken, PASS, "It is there."),
        (with("SecureString"), plain, PASS, "It is encrypted."),
        (with("String"), plain, FAIL, "A String is stored unencrypted."),
        (
            edited(|account| {
                refer(account);
                account.ssm.parameters.incomplete = vec![GapId::new("ssm:DescribeParameters", REGION, None)];
            }),
            broken,
            UNKNOWN,
            "A parameter that was not listed may be there.",
        ),
    ]);
}

#[test]
fn roles_of_what_rules_start_are_judged() {
    let (administrator, secrets) =
        ("standalone-task-role-administrator", "standalone-task-role-reads-every-secret");
    check(vec![
        (account(), administrator, PASS, "The role reads objects."),
        (
            edited(|account| run(account).task_role_arn = Some(OTHER_ROLE.into())),
            administrator,
            FAIL,
            "taskRoleArn of the overrides takes the place of the definition's.",
        ),
        (
            edited(|account| account.iam.roles.items[1] = role(ROLE, "secretsmanager:GetSecretValue")),
            secrets,
            FAIL,
            "The role reads every secret.",
        ),
        (
            edited(|account| {
                account.iam.roles.items.remove(1);
                account.iam.roles.incomplete = vec![GapId::new("iam:GetRole", "us-east-1", Some("report"))];
            }),
            administrator,
            UNKNOWN,
            "A role that was not shown may do anything.",
        ),
    ]);
}

#[test]
fn the_network_of_what_rules_start_is_walked() {
    let policy = "standalone-task-exposed-to-internet";
    check(vec![
        (
            account(),
            policy,
            FAIL,
            "AssignPublicIp ENABLED in a public subnet, and a group that admits the internet.",
        ),
        (
            edited(|account| run(account).assign_public_ip = Known::Yes(false)),
            policy,
            PASS,
            "AssignPublicIp DISABLED gives no public address.",
        ),
        (
            edited(|account| account.ec2.security_groups.items[0].ingress[0].from_port = Some(9091)),
            policy,
            PASS,
            "The group does not admit the container's port.",
        ),
        (
            edited(|account| run(account).subnet_ids.clear()),
            policy,
            SKIP,
            "Without awsvpc a task is in the network of its host.",
        ),
        (
            edited(|account| {
                account.ec2.security_groups.items.clear();
                account.ec2.security_groups.incomplete =
                    vec![GapId::new("ec2:DescribeSecurityGroups", REGION, None)];
            }),
            policy,
            UNKNOWN,
            "A group that was not shown may admit anybody.",
        ),
        (
            edited(|account| {
                *run(account) = TaskRun {
                    cluster_arn: CLUSTER.into(),
                    task_definition_arn: format!("{REPORT}:4"),
                    network_interface_ids: vec!["eni-1".into()],
                    assign_public_ip: Known::Yes(false),
                    ..TaskRun::default()
                };
            }),
            policy,
            FAIL,
            "A task that runs shows its interface.",
        ),
        (
            edited(|account| {
                run(account).assign_public_ip = Known::Yes(false);
                let second = TaskRun {
                    assign_public_ip: Known::Yes(true),
                    target_id: "2".into(),
                    ..run(account).clone()
                };
                account.ecs.task_starters.items[0].runs.push(second);
            }),
            policy,
            FAIL,
            "The second target of a rule counts as the first.",
        ),
    ]);
}

#[test]
fn starters_that_were_not_listed_are_unknown() {
    let account = edited(|account| {
        account.ecs.task_starters.items.clear();
        account.ecs.task_starters.incomplete = vec![GapId::new("events:ListRules", REGION, None)];
    });
    let findings = judge(&account, &PolicySet::embedded().unwrap());
    for policy in ["standalone-task-plaintext-secret", "standalone-task-exposed-to-internet"] {
        let found: Vec<&str> = findings
            .iter()
            .filter(|finding| finding.policy == policy)
            .map(|finding| finding.verdict.as_str())
            .collect();
        assert_eq!(found, [UNKNOWN], "{policy}");
    }
}
