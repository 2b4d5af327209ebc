//! What is changed of a task definition when a task is started. Values may be secrets: they are
//! looked at here and dropped.

use super::secrets::plaintext_secrets;
use crate::ask::listed::filled;
use crate::snapshot::ecs::{OverrideSecret, TaskRun};
use crate::snapshot::eventbridge::template;
use aws_sdk_ecs::types::{ContainerDefinition, ContainerOverride, KeyValuePair, TaskOverride};
use serde_json::Value as Json;

/// What is changed, without the values.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Overrides {
    pub task_role_arn: Option<String>,
    pub execution_role_arn: Option<String>,
    pub secrets: Vec<OverrideSecret>,
}

impl Overrides {
    /// The same as a part of what is started.
    pub(super) fn put_into(self, run: TaskRun) -> TaskRun {
        TaskRun {
            task_role_arn: self.task_role_arn,
            execution_role_arn: self.execution_role_arn,
            override_secrets: self.secrets,
            ..run
        }
    }
}

/// From what ECS says about a task.
pub(super) fn of_task(overrides: TaskOverride, fingerprint: &dyn Fn(&str) -> String) -> Overrides {
    let containers = overrides.container_overrides.unwrap_or_default();
    let mut secrets = Vec::new();
    for ContainerOverride { name, command, environment, .. } in containers {
        secrets.extend(in_container(name, environment, command, fingerprint));
    }
    Overrides {
        task_role_arn: filled(overrides.task_role_arn),
        execution_role_arn: filled(overrides.execution_role_arn),
        secrets,
    }
}

/// From the input of a target, which is JSON, or a template of it with `<variables>`. What is neither
/// changes nothing: ECS refuses it.
pub(super) fn of_input(input: &str, fingerprint: &dyn Fn(&str) -> String) -> Overrides {
    of_json(&read(input), fingerprint)
}

/// JSON in which what is yet to be filled in stands for nothing.
pub(super) fn read(input: &str) -> Json {
    template::read(input).unwrap_or(Json::Null)
}

/// From what RunTask calls `overrides`, with names that begin small, as in EventBridge, or large,
/// as in Scheduler's own call of the API.
pub(super) fn of_json(overrides: &Json, fingerprint: &dyn Fn(&str) -> String) -> Overrides {
    let texts = |list: Option<&Json>| -> Vec<String> {
        let items = list.and_then(Json::as_array).into_iter().flatten();
        items.filter_map(|item| item.as_str().map(str::to_owned)).collect()
    };
    let mut secrets = Vec::new();
    for container in member(overrides, "containerOverrides").and_then(Json::as_array).into_iter().flatten() {
        let variables = member(container, "environment").and_then(Json::as_array).into_iter().flatten();
        let variables = variables.map(|variable| {
            let pair = KeyValuePair::builder().set_name(text(variable, "name"));
            pair.set_value(text(variable, "value")).build()
        });
        secrets.extend(in_container(
            text(container, "name"),
            Some(variables.collect()),
            Some(texts(member(container, "command"))),
            fingerprint,
        ));
    }
    Overrides {
        task_role_arn: filled(text(overrides, "taskRoleArn")),
        execution_role_arn: filled(text(overrides, "executionRoleArn")),
        secrets,
    }
}

/// A member of an object by its name, which may begin with a capital.
pub(super) fn member<'j>(json: &'j Json, name: &str) -> Option<&'j Json> {
    json.get(name).or_else(|| {
        let mut letters = name.chars();
        let first = letters.next()?.to_ascii_uppercase();
        json.get(format!("{first}{}", letters.as_str()))
    })
}

/// The same as text.
pub(super) fn text(json: &Json, name: &str) -> Option<String> {
    member(json, name).and_then(Json::as_str).map(str::to_owned)
}

fn in_container(
    name: Option<String>,
    environment: Option<Vec<KeyValuePair>>,
    command: Option<Vec<String>>,
    fingerprint: &dyn Fn(&str) -> String,
) -> Vec<OverrideSecret> {
    let container = name.clone().unwrap_or_default();
    let changed = ContainerDefinition::builder().set_name(name);
    let changed = changed.set_environment(environment).set_command(command).build();
    let secrets = plaintext_secrets(&changed, fingerprint).into_iter();
    secrets.map(|secret| OverrideSecret { container: container.clone(), secret }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(input: &str) -> Vec<(String, String, String)> {
        let overrides = of_input(input, &|_| String::new());
        assert!(!format!("{overrides:?}").contains("Zx91"), "{overrides:?}");
        let secrets = overrides.secrets.into_iter();
        secrets.map(|given| (given.container, given.secret.place, given.secret.name)).collect()
    }

    #[test]
    fn secrets_in_inputs_are_named_and_dropped() {
        let owned = |container: &str, place: &str, name: &str| (container.into(), place.into(), name.into());
        let input = r#"{"containerOverrides": [{"name": "report",
            "environment": [{"name": "DB_PASSWORD", "value": "Zx91-kkQ7"}, {"name": "STAGE", "value": "live"}],
            "command": ["run", "--token=Zx91f8e7d6c5b4a"]}]}"#;
        let both = [owned("report", "environment", "DB_PASSWORD"), owned("report", "command", "--token")];
        assert_eq!(found(input), both);
        let template = r#"{"containerOverrides": [{"name": "report", "environment": [
            {"name": "DETAIL", "value": <detail>}, {"name": "RULE", "value": "<aws.events.rule-name>"},
            {"name": "DB_PASSWORD", "value": "Zx91-kkQ7"}]}]}"#;
        assert_eq!(found(template), [owned("report", "environment", "DB_PASSWORD")]);
        let call = r#"{"ContainerOverrides": [{"Name": "report", "Environment":
            [{"Name": "DB_PASSWORD", "Value": "Zx91-kkQ7"}]}]}"#;
        assert_eq!(found(call), [owned("report", "environment", "DB_PASSWORD")]);
        for nothing in ["", "null", "{}", "text", r#"{"containerOverrides": "x"}"#, "<", "<a"] {
            assert_eq!(found(nothing), []);
        }
    }

    #[test]
    fn roles_take_the_place_of_the_definitions() {
        let overrides = of_input(r#"{"taskRoleArn": "arn:aws:iam::1:role/report"}"#, &|_| String::new());
        assert_eq!(overrides.task_role_arn.as_deref(), Some("arn:aws:iam::1:role/report"));
        let started =
            TaskOverride::builder().execution_role_arn("arn:aws:iam::1:role/start").task_role_arn("");
        let overrides = of_task(started.build(), &|_| String::new());
        assert_eq!(overrides.execution_role_arn.as_deref(), Some("arn:aws:iam::1:role/start"));
        assert_eq!(overrides.task_role_arn, None);
    }
}
