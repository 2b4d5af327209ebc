//! Whether the log can be written: a task whose log driver fails does not start.

use super::credentials::{self, Right};
use super::image::log_group_exists;
use super::{Requirement, Scene};
use crate::snapshot::known::Known;
use crate::text::Text;

pub(super) fn conditions(scene: Scene<'_>) -> Vec<Requirement> {
    let mut conditions = Vec::new();
    for container in &scene.definition.containers {
        let Some(group) = &container.log_group else { continue };
        let region = container.log_region.as_deref().unwrap_or(&scene.service.region);
        let exists = log_group_exists(scene.snapshot, region, group);
        let holds = match (&exists, &container.creates_log_group) {
            (Known::Yes(true), _) | (_, Known::Yes(true)) => Known::Yes(true),
            (Known::Yes(false), Known::No(gap)) => Known::No(gap.clone()),
            _ => exists.clone(),
        };
        let text = match (&holds, &exists) {
            (Known::Yes(true), Known::Yes(true)) => {
                Text::new(format!("Log group {group} exists."), format!("ロググループ {group} は存在する。"))
            }
            (Known::Yes(true), _) => Text::new(
                format!("Log group {group} is made by the task where it is missing."),
                format!("ロググループ {group} は、なければタスクが作成する。"),
            ),
            (Known::Yes(false), _) => Text::new(
                format!("Log group {group} in {region} does not exist, and awslogs-create-group is not set."),
                format!(
                    "{region} にロググループ {group} が存在せず、awslogs-create-group も設定されていない。"
                ),
            ),
            (Known::No(_), _) => Text::new(
                format!("Whether log group {group} exists could not be determined."),
                format!("ロググループ {group} の有無を確認できない。"),
            ),
        };
        let is_missing = holds == Known::Yes(false);
        conditions.push(Requirement::new("log-group", group, holds, text));
        if !is_missing {
            conditions.extend(writing(scene, region, group, exists == Known::Yes(false)));
        }
    }
    conditions
}

/// On Fargate the execution role writes the log.
fn writing(scene: Scene<'_>, region: &str, group: &str, is_to_be_made: bool) -> Option<Requirement> {
    if !scene.is_on_fargate() {
        return None;
    }
    let of_group = crate::arn::arn(
        &scene.snapshot.partition,
        "logs",
        region,
        &scene.snapshot.account,
        &format!("log-group:{group}"),
    );
    let of_stream = format!("{of_group}:log-stream:app/app/1");
    let whole_group = format!("{of_group}:*");
    let role = credentials::execution_role(scene);
    let mut rights = vec![
        Right { action: "logs:CreateLogStream", resource: &of_stream },
        Right { action: "logs:PutLogEvents", resource: &of_stream },
    ];
    if is_to_be_made {
        rights.push(Right { action: "logs:CreateLogGroup", resource: &whole_group });
    }
    let answers = rights.iter().map(|right| (right.action, right.of(&role)));
    let answers: Vec<(&str, Known<bool>)> = answers.collect();
    let lacking: Vec<&str> = answers
        .iter()
        .filter(|(_, answer)| *answer == Known::Yes(false))
        .map(|(action, _)| *action)
        .collect();
    let holds = crate::conclude::network::all(answers.iter().map(|(_, answer)| answer.clone()));
    Some(credentials::right("log-right", &of_group, &role, &lacking, holds))
}
