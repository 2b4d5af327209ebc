//! What the roles of tasks may do.

use super::*;

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
