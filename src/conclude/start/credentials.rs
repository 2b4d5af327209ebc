//! The roles of a task: whether they are there, admit ECS, and have what a start needs.

use super::{Requirement, Scene};
use crate::arn::Arn;
use crate::conclude::lookup;
use crate::conclude::roles::admits::{Who, admits};
use crate::conclude::roles::rights::Rights;
use crate::snapshot::GapId;
use crate::snapshot::iam::Role;
use crate::snapshot::known::Known;
use crate::text::Text;

/// The service that takes the roles of tasks on.
const TASKS: &str = "ecs-tasks.amazonaws.com";

/// The role that starts a task.
pub(super) enum ExecutionRole<'a> {
    /// Its rights are in sight, as far as they are.
    Seen(&'a Role, Rights),
    /// The task definition names none.
    None,
    /// It does not exist: a condition of its own says so.
    Missing(&'a str),
    /// It was not read.
    Hidden(GapId),
}

impl ExecutionRole<'_> {
    /// Its name; empty where there is none.
    pub(super) fn name(&self) -> &str {
        match self {
            ExecutionRole::Seen(role, _) => &role.name,
            ExecutionRole::Missing(arn) => Arn::parse(arn).map_or(arn, |arn| arn.name()),
            ExecutionRole::None | ExecutionRole::Hidden(_) => "",
        }
    }
}

/// An action on a resource.
pub(super) struct Right<'a> {
    /// The IAM action.
    pub action: &'a str,
    /// An ARN, or `*`.
    pub resource: &'a str,
}

impl Right<'_> {
    /// Whether a role has it by its own policies.
    pub(super) fn of(&self, role: &ExecutionRole<'_>) -> Known<bool> {
        match role {
            ExecutionRole::Seen(_, rights) => rights.may(self.action, self.resource),
            ExecutionRole::None => Known::Yes(false),
            // Told once, by the role itself.
            ExecutionRole::Missing(_) => Known::Yes(true),
            ExecutionRole::Hidden(gap) => Known::No(gap.clone()),
        }
    }
}

/// The execution role of the task definition.
pub(super) fn execution_role(scene: Scene<'_>) -> ExecutionRole<'_> {
    let Some(arn) = scene.definition.execution_role_arn.as_deref() else { return ExecutionRole::None };
    match found(scene, arn) {
        Ok(Some(role)) => ExecutionRole::Seen(role, Rights::of(role)),
        Ok(None) => ExecutionRole::Missing(arn),
        Err(gap) => ExecutionRole::Hidden(gap),
    }
}

fn found<'a>(scene: Scene<'a>, arn: &str) -> Result<Option<&'a Role>, GapId> {
    let roles = &scene.snapshot.iam.roles;
    match lookup::by_arn(roles, arn, |role| &role.arn) {
        Some(role) => Ok(Some(role)),
        None => match roles.gap_about(arn) {
            Some(gap) => Err(gap.clone()),
            None => lookup::complete_everywhere(roles).map(|()| None),
        },
    }
}

/// Whether a role has a right, in words.
pub(super) fn right(
    kind: &'static str,
    subject: &str,
    role: &ExecutionRole<'_>,
    actions: &[&str],
    holds: Known<bool>,
) -> Requirement {
    let (name, what) = (role.name(), actions.join(", "));
    let text = match (&holds, role) {
        (Known::Yes(true), _) => Text::new(
            format!("The execution role may use {subject}."),
            format!("実行ロールは {subject} を利用できる。"),
        ),
        (Known::Yes(false), ExecutionRole::None) => Text::new(
            format!("The task definition has no execution role, and {subject} needs one ({what})."),
            format!("タスク定義に実行ロールがなく、{subject} を利用できない（{what}）。"),
        ),
        (Known::Yes(false), _) => Text::new(
            format!("Execution role {name} lacks {what} on {subject}."),
            format!("実行ロール {name} に {subject} への {what} が許可されていない。"),
        ),
        (Known::No(_), _) => Text::new(
            format!("Whether the execution role may use {subject} could not be determined."),
            format!("実行ロールが {subject} を利用できるか確認できない。"),
        ),
    };
    Requirement {
        role_name: name.to_owned(),
        actions: actions.iter().map(|action| (*action).to_owned()).collect(),
        ..Requirement::new(kind, subject, holds, text)
    }
}

/// Both roles exist and admit the service of tasks.
pub(super) fn conditions(scene: Scene<'_>) -> Vec<Requirement> {
    let definition = scene.definition;
    let arns = [definition.execution_role_arn.as_deref(), definition.task_role_arn.as_deref()];
    arns.into_iter()
        .flatten()
        .filter(|arn| Arn::parse(arn).is_some())
        .map(|arn| admission(scene, arn))
        .collect()
}

fn admission(scene: Scene<'_>, arn: &str) -> Requirement {
    let name = Arn::parse(arn).map_or(arn, |arn| arn.name());
    let role = match found(scene, arn) {
        Ok(Some(role)) => role,
        Ok(None) => {
            let text =
                Text::new(format!("Role {name} does not exist."), format!("ロール {name} が存在しない。"));
            let missing = Requirement::new("role", arn, Known::Yes(false), text);
            return Requirement { role_name: name.to_owned(), ..missing };
        }
        Err(gap) => return Requirement::new("trust", arn, Known::No(gap), unread(name)),
    };
    let holds = match role.trust.ask() {
        Ok(statements) => admits(statements, Who::Service(TASKS), "sts:AssumeRole"),
        Err(gap) => Known::No(gap),
    };
    let text = match holds {
        Known::Yes(true) => Text::new(
            format!("Role {name} may be taken on by tasks."),
            format!("ロール {name} はタスクが引き受けられる。"),
        ),
        Known::Yes(false) => Text::new(
            format!("The trust policy of role {name} does not admit {TASKS}."),
            format!("ロール {name} の信頼ポリシーが {TASKS} を許可していない。"),
        ),
        Known::No(_) => unread(name),
    };
    Requirement {
        role_name: name.to_owned(),
        actions: vec!["sts:AssumeRole".to_owned()],
        ..Requirement::new("trust", arn, holds, text)
    }
}

fn unread(name: &str) -> Text {
    Text::new(
        format!("Whether tasks may take role {name} on could not be determined."),
        format!("タスクがロール {name} を引き受けられるか確認できない。"),
    )
}
