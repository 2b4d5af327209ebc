//! What starts tasks without a service: rules, schedules, and whoever else calls RunTask.

use super::overrides::{self, Overrides, member, text};
use super::record::FoundTask;
use crate::arn::Arn;
use crate::ask::Ask;
use crate::collect::eventbridge::TaskRule;
use crate::snapshot::ecs::{TaskRun, TaskStarter, family_of};
use crate::snapshot::known::Known;
use crate::snapshot::operation::{Operation, named};
use crate::snapshot::scheduler::{Schedule, is_run_task};
use crate::snapshot::{GapId, Listing};
use aws_sdk_eventbridge::types as events;
use aws_sdk_scheduler::types as scheduler;
use serde_json::Value as Json;
use std::collections::BTreeMap;

const TARGETS: &Operation = named("events", "ListTargetsByRule");
const SCHEDULE: &Operation = named("scheduler", "GetSchedule");

/// Whose name `startedBy` of a task begins with, where a rule or a schedule started it.
const STARTED_BY: [&str; 2] = ["events-rule/", "chronos-schedule/"];

/// What starts tasks, of all kinds. Tasks that a rule or a schedule started are looked at as that
/// rule's or schedule's, as far as it was shown.
pub(super) fn starters(
    ask: &Ask,
    rules: Listing<TaskRule>,
    schedules: Vec<(Schedule, Result<scheduler::Target, GapId>)>,
    tasks: &Listing<FoundTask>,
) -> Listing<TaskStarter> {
    let mut starters = Listing::of(Vec::new());
    starters.incomplete.extend(rules.incomplete);
    starters.incomplete.extend(tasks.incomplete.iter().cloned());
    let fingerprint = |secret: &str| ask.fingerprint(secret);
    let rules = rules.items.into_iter();
    let missing = |arn: &str| ask.broken(TARGETS, Some(arn));
    starters.items.extend(rules.map(|rule| of_rule(ask.region(), rule, &fingerprint, &missing)));
    for (schedule, target) in schedules {
        let run = target.and_then(|target| {
            let missing = || ask.broken(SCHEDULE, Some(&schedule.arn));
            of_schedule(ask, target, &fingerprint, &missing).ok_or_else(missing)
        });
        match run {
            Ok(run) => starters.items.push(TaskStarter {
                arn: schedule.arn,
                region: schedule.region,
                name: schedule.name,
                kind: "schedule".to_owned(),
                runs: vec![run],
            }),
            Err(gap) => starters.incomplete.push(gap),
        }
    }
    starters.items.retain(|starter| !starter.runs.is_empty());
    let others = of_tasks(ask.region(), tasks, &starters.items);
    starters.items.extend(others);
    starters
}

fn of_rule(
    region: &str,
    rule: TaskRule,
    fingerprint: &dyn Fn(&str) -> String,
    missing: &dyn Fn(&str) -> GapId,
) -> TaskStarter {
    let missing = || missing(&rule.arn);
    let targets = rule.targets.into_iter();
    let mut runs: Vec<TaskRun> =
        targets.filter_map(|target| of_target(target, fingerprint, &missing)).collect();
    if let [only] = runs.as_mut_slice() {
        only.target_id.clear();
    }
    TaskStarter {
        arn: rule.arn,
        region: region.to_owned(),
        name: rule.name,
        kind: "event-rule".to_owned(),
        runs,
    }
}

/// What a target of a rule starts; `None` for a target that is no cluster.
fn of_target(
    target: events::Target,
    fingerprint: &dyn Fn(&str) -> String,
    missing: &dyn Fn() -> GapId,
) -> Option<TaskRun> {
    let parameters = target.ecs_parameters?;
    let network = parameters.network_configuration.and_then(|network| network.awsvpc_configuration);
    let template = target.input_transformer.map(|transformer| transformer.input_template);
    let overrides = target.input.or(template).map(|input| overrides::of_input(&input, fingerprint));
    let run = TaskRun {
        target_id: target.id,
        cluster_arn: target.arn,
        task_definition_arn: parameters.task_definition_arn,
        assign_public_ip: network.as_ref().map_or(Known::Yes(false), |network| {
            let assigned = network.assign_public_ip().map(|it| *it == events::AssignPublicIp::Enabled);
            assigned.ok_or_else(missing).into()
        }),
        subnet_ids: network.as_ref().map(|network| network.subnets.clone()).unwrap_or_default(),
        security_group_ids: network.and_then(|network| network.security_groups).unwrap_or_default(),
        ..TaskRun::default()
    };
    Some(overrides.unwrap_or_default().put_into(run))
}

fn of_schedule(
    ask: &Ask,
    target: scheduler::Target,
    fingerprint: &dyn Fn(&str) -> String,
    missing: &dyn Fn() -> GapId,
) -> Option<TaskRun> {
    if is_run_task(&target.arn) {
        let arn = |kind: &str, name: &str| ask.arn("ecs", &format!("{kind}/{name}"));
        return of_call(&overrides::read(target.input.as_deref()?), &arn, fingerprint);
    }
    let parameters = target.ecs_parameters?;
    let network = parameters.network_configuration.and_then(|network| network.awsvpc_configuration);
    let run = TaskRun {
        cluster_arn: target.arn,
        task_definition_arn: parameters.task_definition_arn,
        assign_public_ip: network.as_ref().map_or(Known::Yes(false), |network| {
            let assigned = network.assign_public_ip().map(|it| *it == scheduler::AssignPublicIp::Enabled);
            assigned.ok_or_else(missing).into()
        }),
        subnet_ids: network.as_ref().map(|network| network.subnets.clone()).unwrap_or_default(),
        security_group_ids: network.and_then(|network| network.security_groups).unwrap_or_default(),
        ..TaskRun::default()
    };
    let overrides = target.input.map(|input| overrides::of_input(&input, fingerprint));
    Some(overrides.unwrap_or_default().put_into(run))
}

/// What a schedule starts by a call of RunTask: the parameters of the call are its input. `arn` makes
/// an ARN of a kind of resource and a name.
fn of_call(
    call: &Json,
    arn: &dyn Fn(&str, &str) -> String,
    fingerprint: &dyn Fn(&str) -> String,
) -> Option<TaskRun> {
    let whole = |kind: &str, text: String| match Arn::parse(&text) {
        Some(_) => text,
        None => arn(kind, &text),
    };
    let network = member(call, "networkConfiguration");
    let network = network.and_then(|network| member(network, "awsvpcConfiguration"));
    let texts = |name: &str| -> Vec<String> {
        let list = network.and_then(|network| member(network, name)).and_then(Json::as_array);
        list.into_iter().flatten().filter_map(|item| item.as_str().map(str::to_owned)).collect()
    };
    let run = TaskRun {
        // The name that a cluster has where nobody names one.
        cluster_arn: whole("cluster", text(call, "cluster").unwrap_or_else(|| "default".to_owned())),
        task_definition_arn: whole("task-definition", text(call, "taskDefinition")?),
        subnet_ids: texts("subnets"),
        security_group_ids: texts("securityGroups"),
        // RunTask gives an address to those alone that ask for it.
        assign_public_ip: Known::Yes(
            network.and_then(|network| text(network, "assignPublicIp")).as_deref() == Some("ENABLED"),
        ),
        ..TaskRun::default()
    };
    let changed = member(call, "overrides").map(|changed| overrides::of_json(changed, fingerprint));
    Some(changed.unwrap_or_default().put_into(run))
}

/// The ARN of a task definition's family, and its name.
fn family(arn: &str) -> Option<(&str, &str)> {
    let (before, name) = arn.split_once(":task-definition/")?;
    let name = family_of(arn).unwrap_or(name);
    arn.get(..before.len() + ":task-definition/".len() + name.len()).map(|family| (family, name))
}

/// The families of which tasks run that nothing among `known` started.
fn of_tasks(region: &str, tasks: &Listing<FoundTask>, known: &[TaskStarter]) -> Vec<TaskStarter> {
    let is_known = |cluster: &str, family_arn: &str| {
        let mut runs = known.iter().flat_map(|starter| &starter.runs);
        runs.any(|run| {
            let started = family(&run.task_definition_arn);
            run.cluster_arn == cluster && started.is_some_and(|(arn, _)| arn == family_arn)
        })
    };
    let mut starters: BTreeMap<&str, TaskStarter> = BTreeMap::new();
    for FoundTask { task, started_by, overrides } in tasks.iter() {
        let Some((family_arn, name)) = family(&task.task_definition_arn) else { continue };
        let is_of_a_starter =
            started_by.as_ref().is_some_and(|by| STARTED_BY.iter().any(|prefix| by.starts_with(prefix)));
        if task.service_name.is_some() || is_of_a_starter && is_known(&task.cluster_arn, family_arn) {
            continue;
        }
        let starter = starters.entry(family_arn).or_insert_with(|| TaskStarter {
            arn: family_arn.to_owned(),
            region: region.to_owned(),
            name: name.to_owned(),
            kind: "run-task".to_owned(),
            runs: Vec::new(),
        });
        add(starter, task, overrides);
    }
    starters.into_values().collect()
}

/// Tasks that differ in nothing but their interface are one kind of task.
fn add(starter: &mut TaskStarter, task: &crate::snapshot::ecs::Task, overrides: &Overrides) {
    let run = overrides.clone().put_into(TaskRun {
        cluster_arn: task.cluster_arn.clone(),
        task_definition_arn: task.task_definition_arn.clone(),
        // Those that run are looked at by their interfaces.
        assign_public_ip: Known::Yes(false),
        ..TaskRun::default()
    });
    let is_same =
        |known: &&mut TaskRun| TaskRun { network_interface_ids: Vec::new(), ..(**known).clone() } == run;
    let interface = task.network_interface_id.clone();
    match starter.runs.iter_mut().find(is_same) {
        Some(known) => known.network_interface_ids.extend(interface),
        None => starter.runs.push(TaskRun { network_interface_ids: interface.into_iter().collect(), ..run }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::ecs::Task;
    use serde_json::json;

    const REGION: &str = "ap-northeast-1";
    const CLUSTER: &str = "arn:aws:ecs:ap-northeast-1:123456789012:cluster/shop";
    const REPORT: &str = "arn:aws:ecs:ap-northeast-1:123456789012:task-definition/report";

    fn target(id: &str, input: &str) -> events::Target {
        let network = events::AwsVpcConfiguration::builder()
            .subnets("subnet-1")
            .security_groups("sg-1")
            .assign_public_ip(events::AssignPublicIp::Enabled)
            .build()
            .unwrap();
        let network = events::NetworkConfiguration::builder().awsvpc_configuration(network).build();
        let parameters = events::EcsParameters::builder().task_definition_arn(REPORT);
        let parameters = parameters.network_configuration(network).build().unwrap();
        events::Target::builder().id(id).arn(CLUSTER).input(input).ecs_parameters(parameters).build().unwrap()
    }

    fn rule(targets: Vec<events::Target>) -> TaskStarter {
        let arn = "arn:aws:events:ap-northeast-1:123456789012:rule/nightly".to_owned();
        let rule = TaskRule { arn, name: "nightly".to_owned(), targets };
        of_rule(REGION, rule, &|_| String::new(), &|arn| {
            GapId::new("events:ListTargetsByRule", REGION, Some(arn))
        })
    }

    #[test]
    fn rules_say_what_they_start_and_where() {
        let input = r#"{"containerOverrides": [{"name": "app", "environment": [{"name": "DB_PASSWORD", "value": "Zx91-kkQ7"}]}]}"#;
        let other = events::Target::builder().id("log").arn("arn:aws:logs:eu-west-1:1:log-group:x").build();
        let found = rule(vec![target("1", input), other.unwrap()]);
        let run = &found.runs[0];
        assert_eq!((found.runs.len(), run.target_id.as_str()), (1, ""));
        assert_eq!((run.cluster_arn.as_str(), run.task_definition_arn.as_str()), (CLUSTER, REPORT));
        assert_eq!(
            (run.subnet_ids.as_slice(), &run.assign_public_ip),
            (["subnet-1".to_owned()].as_slice(), &Known::Yes(true))
        );
        assert_eq!(run.override_secrets[0].secret.name, "DB_PASSWORD");
        assert!(!serde_json::to_string(&found).unwrap().contains("Zx91"));
        let two = rule(vec![target("1", "{}"), target("2", "{}")]);
        let ids: Vec<&str> = two.runs.iter().map(|run| run.target_id.as_str()).collect();
        assert_eq!(ids, ["1", "2"]);
    }

    #[test]
    fn schedules_may_call_run_task_themselves() {
        let arn = |kind: &str, name: &str| format!("arn:aws:ecs:{REGION}:123456789012:{kind}/{name}");
        let call = json!({
            "Cluster": "shop",
            "TaskDefinition": "report:4",
            "NetworkConfiguration": { "AwsvpcConfiguration": {
                "Subnets": ["subnet-1"], "SecurityGroups": ["sg-1"], "AssignPublicIp": "ENABLED" } },
            "Overrides": { "TaskRoleArn": "arn:aws:iam::123456789012:role/report" },
        });
        let run = of_call(&call, &arn, &|_| String::new()).unwrap();
        assert_eq!(run.task_definition_arn, format!("{REPORT}:4"));
        assert_eq!((run.cluster_arn.as_str(), &run.assign_public_ip), (CLUSTER, &Known::Yes(true)));
        assert_eq!(run.task_role_arn.as_deref(), Some("arn:aws:iam::123456789012:role/report"));
        assert_eq!(of_call(&json!({ "Cluster": "shop" }), &arn, &|_| String::new()), None);
    }

    fn running(revision: i64, interface: &str, started_by: Option<&str>, service: Option<&str>) -> FoundTask {
        FoundTask {
            task: Task {
                cluster_arn: CLUSTER.into(),
                task_definition_arn: format!("{REPORT}:{revision}"),
                service_name: service.map(str::to_owned),
                network_interface_id: Some(interface.into()),
                ..Task::default()
            },
            started_by: started_by.map(str::to_owned),
            overrides: Overrides::default(),
        }
    }

    #[test]
    fn tasks_of_a_family_are_one_starter_unless_a_service_or_a_rule_started_them() {
        let tasks = Listing::of(vec![
            running(3, "eni-1", None, None),
            running(3, "eni-2", Some("me"), None),
            running(4, "eni-3", None, None),
            running(3, "eni-4", Some("ecs-svc/1"), Some("report")),
            running(3, "eni-5", Some("events-rule/nightly"), None),
        ]);
        let known = [rule(vec![target("1", "{}")])];
        let found = of_tasks(REGION, &tasks, &known);
        assert_eq!((found.len(), found[0].arn.as_str(), found[0].name.as_str()), (1, REPORT, "report"));
        let interfaces: Vec<&[String]> =
            found[0].runs.iter().map(|run| run.network_interface_ids.as_slice()).collect();
        assert_eq!(interfaces, [["eni-1".to_owned(), "eni-2".to_owned()].as_slice(), &["eni-3".to_owned()]]);
        // A rule that was not shown leaves its tasks to their family.
        assert_eq!(of_tasks(REGION, &tasks, &[])[0].runs[0].network_interface_ids.len(), 3);
    }
}
