//! Ways from some rights to more, as data. The lists are those that are public: Rhino Security Labs, "AWS
//! IAM Privilege Escalation - Methods and Mitigation", and its successors; the actions are those of AWS's
//! Service Authorization Reference.

use crate::text::Bilingual;

/// What a role can be passed to, and that then runs the caller's code or template with its rights.
pub(super) struct Launcher {
    /// The service that takes the role on.
    pub service: &'static str,
    /// What it takes besides iam:PassRole; all of them.
    pub actions: &'static [&'static str],
}

const fn launcher(service: &'static str, actions: &'static [&'static str]) -> Launcher {
    Launcher { service, actions }
}

/// Everything that roles are passed to.
pub(super) const LAUNCHERS: &[Launcher] = &[
    launcher("lambda.amazonaws.com", &["lambda:CreateFunction", "lambda:InvokeFunction"]),
    launcher("lambda.amazonaws.com", &["lambda:UpdateFunctionConfiguration", "lambda:UpdateFunctionCode"]),
    launcher("ec2.amazonaws.com", &["ec2:RunInstances"]),
    launcher("ecs-tasks.amazonaws.com", &["ecs:RegisterTaskDefinition", "ecs:RunTask"]),
    launcher("ecs-tasks.amazonaws.com", &["ecs:RegisterTaskDefinition", "ecs:UpdateService"]),
    launcher("cloudformation.amazonaws.com", &["cloudformation:CreateStack"]),
    launcher("codebuild.amazonaws.com", &["codebuild:CreateProject", "codebuild:StartBuild"]),
    launcher("glue.amazonaws.com", &["glue:CreateJob", "glue:StartJobRun"]),
    launcher(
        "sagemaker.amazonaws.com",
        &["sagemaker:CreateNotebookInstance", "sagemaker:CreatePresignedNotebookInstanceUrl"],
    ),
    launcher("ssm.amazonaws.com", &["ssm:StartAutomationExecution"]),
    launcher("states.amazonaws.com", &["states:CreateStateMachine", "states:StartExecution"]),
    launcher("scheduler.amazonaws.com", &["scheduler:CreateSchedule"]),
];

/// A way to the rights of somebody else that passes no role.
pub(super) struct Method {
    /// For keys.
    pub id: &'static str,
    /// What it takes; all of them.
    pub actions: &'static [&'static str],
    /// What whoever has them becomes.
    pub becomes: Bilingual<&'static str>,
}

const fn method(
    id: &'static str,
    actions: &'static [&'static str],
    en: &'static str,
    ja: &'static str,
) -> Method {
    Method { id, actions, becomes: Bilingual { en, ja } }
}

/// Every such way.
pub(super) const METHODS: &[Method] = &[
    method(
        "access-key",
        &["iam:CreateAccessKey"],
        "an IAM user, by a new access key",
        "新しいアクセスキーによる IAM ユーザー",
    ),
    method(
        "login",
        &["iam:CreateLoginProfile"],
        "an IAM user, by a new password",
        "新しいパスワードによる IAM ユーザー",
    ),
    method(
        "new-password",
        &["iam:UpdateLoginProfile"],
        "an IAM user, by another password",
        "パスワード変更による IAM ユーザー",
    ),
    method("group", &["iam:AddUserToGroup"], "a member of an IAM group", "IAM グループのメンバー"),
    method(
        "policy-version",
        &["iam:CreatePolicyVersion"],
        "whatever a policy that it rewrites is attached to",
        "書き換えたポリシーの付与先",
    ),
    method(
        "older-policy-version",
        &["iam:SetDefaultPolicyVersion"],
        "what an older version of a policy allowed",
        "旧バージョンのポリシーの権限を持つもの",
    ),
    method(
        "attach-role-policy",
        &["iam:AttachRolePolicy"],
        "a role with policies of its choice",
        "任意のポリシーを付与したロール",
    ),
    method(
        "put-role-policy",
        &["iam:PutRolePolicy"],
        "a role with rights of its choice",
        "任意の権限を付与したロール",
    ),
    method(
        "attach-user-policy",
        &["iam:AttachUserPolicy"],
        "a user with policies of its choice",
        "任意のポリシーを付与したユーザー",
    ),
    method(
        "put-user-policy",
        &["iam:PutUserPolicy"],
        "a user with rights of its choice",
        "任意の権限を付与したユーザー",
    ),
    method(
        "attach-group-policy",
        &["iam:AttachGroupPolicy"],
        "a group with policies of its choice",
        "任意のポリシーを付与したグループのメンバー",
    ),
    method(
        "put-group-policy",
        &["iam:PutGroupPolicy"],
        "a group with rights of its choice",
        "任意の権限を付与したグループのメンバー",
    ),
    method(
        "trust",
        &["iam:UpdateAssumeRolePolicy"],
        "a role whose trust it rewrites",
        "信頼ポリシーを書き換えたロール",
    ),
    method(
        "boundary",
        &["iam:DeleteRolePermissionsBoundary"],
        "a role without its boundary",
        "アクセス許可の境界を外したロール",
    ),
    method(
        "function-code",
        &["lambda:UpdateFunctionCode"],
        "a Lambda function's role, by other code",
        "コード変更による Lambda 関数のロール",
    ),
    method(
        "stack",
        &["cloudformation:UpdateStack"],
        "a stack's service role, by another template",
        "テンプレート変更によるスタックのサービスロール",
    ),
    method(
        "change-set",
        &["cloudformation:CreateChangeSet", "cloudformation:ExecuteChangeSet"],
        "a stack's service role, by another template",
        "テンプレート変更によるスタックのサービスロール",
    ),
    method(
        "build",
        &["codebuild:UpdateProject", "codebuild:StartBuild"],
        "a build project's role, by other commands",
        "コマンド変更によるビルドプロジェクトのロール",
    ),
    method(
        "development-endpoint",
        &["glue:UpdateDevEndpoint"],
        "a Glue endpoint's role, by another SSH key",
        "SSH 鍵の追加による Glue 開発エンドポイントのロール",
    ),
    method(
        "notebook",
        &["sagemaker:CreatePresignedNotebookInstanceUrl"],
        "a notebook's role",
        "ノートブックのロール",
    ),
    method(
        "command",
        &["ssm:SendCommand"],
        "an instance's role, by a command on the instance",
        "コマンド実行によるインスタンスのロール",
    ),
    method(
        "session",
        &["ssm:StartSession"],
        "an instance's role, by a shell on the instance",
        "シェル接続によるインスタンスのロール",
    ),
    method(
        "ssh-key",
        &["ec2-instance-connect:SendSSHPublicKey"],
        "an instance's role, by a shell on the instance",
        "SSH 鍵の送信によるインスタンスのロール",
    ),
    method(
        "shell-in-task",
        &["ecs:ExecuteCommand"],
        "another task's role, by a shell in its container",
        "コンテナへのシェル接続による他のタスクのロール",
    ),
];

/// Reads of every parameter are reads of other systems' secrets; those of Secrets Manager are a
/// conclusion of their own.
pub(super) const PARAMETER_READS: &[&str] =
    &["ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"];
