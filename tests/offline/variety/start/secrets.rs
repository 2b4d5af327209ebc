//! Secrets, keys and roles of a task that is to start.

use super::*;

#[test]
fn secrets_may_be_read() {
    const UNREADABLE: &[&str] =
        &["secret-right/arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:shop/db-a1B2c3"];
    check(
        "the execution role needs secretsmanager:GetSecretValue or ssm:GetParameters \
         (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html); a policy of \
         the secret may allow it as well \
         (https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_resource-policies.html)",
        &[
            ("no right", |account| own_statements(account, vec![allow("kms:Decrypt", KEY)]), UNREADABLE),
            (
                "a right to another secret",
                |account| {
                    let other = SECRET.replace("shop/db", "shop/mail");
                    own_statements(
                        account,
                        vec![allow("secretsmanager:GetSecretValue", &other), allow("kms:Decrypt", KEY)],
                    );
                },
                UNREADABLE,
            ),
            (
                "by the secret's policy",
                |account| {
                    own_statements(account, vec![allow("kms:Decrypt", KEY)]);
                    account.secretsmanager.resource_policies.items[0].statements =
                        Known::Yes(vec![admitting(
                            &format!("AWS:{EXECUTION}"),
                            "secretsmanager:GetSecretValue",
                        )]);
                },
                PASS,
            ),
            (
                "the secret's policy is hidden",
                |account| {
                    own_statements(account, vec![allow("kms:Decrypt", KEY)]);
                    account.secretsmanager.resource_policies.items[0].statements =
                        Known::No(GapId::new("secretsmanager:GetResourcePolicy", REGION, Some(SECRET)));
                },
                UNKNOWN,
            ),
            (
                "under conditions",
                |account| {
                    let narrowed =
                        Statement { has_conditions: true, ..allow("secretsmanager:GetSecretValue", SECRET) };
                    own_statements(account, vec![narrowed, allow("kms:Decrypt", KEY)]);
                },
                UNKNOWN,
            ),
            (
                "denied, whatever the secret's policy says",
                |account| {
                    let deny = Statement { effect: "Deny".into(), ..allow("secretsmanager:*", "*") };
                    own_statements(account, vec![deny, allow("*", "*")]);
                    account.secretsmanager.resource_policies.items[0].statements =
                        Known::Yes(vec![admitting("*", "*")]);
                },
                UNREADABLE,
            ),
            (
                "a secret that is gone is another policy's to tell",
                |account| account.secretsmanager.secrets.items.clear(),
                PASS,
            ),
            (
                "another account's secret",
                |account| {
                    container(account).secret_references[0].value_from =
                        SECRET.replace(ACCOUNT, "999999999999");
                },
                UNKNOWN,
            ),
            (
                "a parameter without the right to it",
                |account| {
                    container(account).secret_references[0].value_from = "/shop/key".into();
                    account.ssm.parameters.items = vec![Parameter {
                        arn: "arn:aws:ssm:ap-northeast-1:123456789012:parameter/shop/key".into(),
                        region: REGION.into(),
                        name: "/shop/key".into(),
                        kind: "SecureString".into(),
                        kms_key_id: Known::Yes(Some("alias/aws/ssm".into())),
                    }];
                },
                &["secret-right/arn:aws:ssm:ap-northeast-1:123456789012:parameter/shop/key"],
            ),
        ],
    );
}

#[test]
fn keys_can_be_used() {
    const UNUSABLE: &[&str] = &["key/arn:aws:kms:ap-northeast-1:123456789012:key/1234abcd"];
    const NO_RIGHT: &[&str] = &["key-right/arn:aws:kms:ap-northeast-1:123456789012:key/1234abcd"];
    check(
        "only an enabled key decrypts (https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html); \
         kms:Decrypt is needed for a key of one's own \
         (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html)",
        &[
            (
                "pending deletion",
                |account| account.kms.keys.items[0].state = "PendingDeletion".into(),
                UNUSABLE,
            ),
            ("disabled", |account| account.kms.keys.items[0].state = "Disabled".into(), UNUSABLE),
            (
                "AWS's own key",
                |account| account.secretsmanager.secrets.items[0].kms_key_id = Known::Yes(None),
                PASS,
            ),
            (
                "no right to decrypt",
                |account| own_statements(account, vec![allow("secretsmanager:GetSecretValue", SECRET)]),
                NO_RIGHT,
            ),
            (
                "by the key's policy",
                |account| {
                    own_statements(account, vec![allow("secretsmanager:GetSecretValue", SECRET)]);
                    account.kms.keys.items[0].statements =
                        Known::Yes(vec![admitting(&format!("AWS:{EXECUTION}"), "kms:Decrypt")]);
                },
                PASS,
            ),
            (
                "a key's policy that does not admit the account",
                |account| {
                    account.kms.keys.items[0].statements =
                        Known::Yes(vec![admitting("AWS:arn:aws:iam::123456789012:role/keeper", "kms:*")]);
                },
                NO_RIGHT,
            ),
            (
                "another account's key",
                |account| {
                    account.secretsmanager.secrets.items[0].kms_key_id =
                        Known::Yes(Some(KEY.replace(ACCOUNT, "999999999999")));
                },
                UNKNOWN,
            ),
            (
                "a key that was not described",
                |account| {
                    account.kms.keys.items.clear();
                    account.kms.keys.incomplete = vec![denied("kms:DescribeKey")];
                },
                UNKNOWN,
            ),
        ],
    );
}

#[test]
fn tasks_may_take_their_roles_on() {
    check(
        "the trust policy admits ecs-tasks.amazonaws.com \
         (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html)",
        &[
            (
                "another service's role",
                |account| {
                    account.iam.roles.items[1].trust =
                        Known::Yes(vec![admitting("Service:ec2.amazonaws.com", "sts:AssumeRole")]);
                },
                &["trust/arn:aws:iam::123456789012:role/shop-task"],
            ),
            (
                "a role that is gone",
                |account| drop(account.iam.roles.items.remove(1)),
                &["role/arn:aws:iam::123456789012:role/shop-task"],
            ),
            ("an older scan", |account| account.iam.roles.items[1].trust = Known::default(), UNKNOWN),
        ],
    );
}
