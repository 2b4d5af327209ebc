//! Ways from one resource to another that several conclusions take.

use crate::snapshot::ecs::{Service, TaskDefinition, TaskRun, TaskStarter, family_of};
use crate::snapshot::{GapId, Known, Listing, Snapshot};

/// Whether something that was looked for in a list is there, where `found` says that it
/// was seen. Only a list that is complete in the region can say that there is none.
pub(super) fn exists<T>(listing: &Listing<T>, region: &str, found: bool) -> Known<bool> {
    if found { Known::Yes(true) } else { listing.complete_in(region).map(|()| false).into() }
}

/// The resource with an ARN. Snapshots keep these lists in the order of their ARNs, so that
/// halving finds it at once; a list that is in another order is walked.
pub(crate) fn by_arn<'a, T>(
    listing: &'a Listing<T>,
    arn: &str,
    arn_of: impl Fn(&T) -> &str,
) -> Option<&'a T> {
    let place = listing.items.binary_search_by(|item| arn_of(item).cmp(arn)).ok();
    let halved = place.and_then(|place| listing.items.get(place));
    halved.or_else(|| listing.iter().find(|item| arn_of(item) == arn))
}

/// The gap of a list that is asked once for the whole account, where it is incomplete.
pub(crate) fn complete_everywhere<T>(listing: &Listing<T>) -> Result<(), GapId> {
    listing.incomplete.first().map_or(Ok(()), |gap| Err(gap.clone()))
}

/// The ARNs of the task definitions that a service brings out: its own first, then those
/// of deployments and task sets that still have tasks. A service whose tasks another controller starts
/// has neither; then the running tasks say.
pub(crate) fn task_definition_arns<'a>(
    snapshot: &'a Snapshot,
    service: &'a Service,
) -> Result<Vec<&'a str>, GapId> {
    let mut arns: Vec<&str> = service.task_definition_arn.as_deref().into_iter().collect();
    let deployments = service.deployments.iter().filter(|deployment| !deployment.is_inactive());
    arns.extend(deployments.map(|deployment| deployment.task_definition_arn.as_str()));
    if service.is_deployed_by_another() {
        let sets = service.task_sets.ask()?.iter().filter(|set| !set.is_draining());
        arns.extend(sets.map(|set| set.task_definition_arn.as_str()));
    }
    if arns.is_empty() {
        let tasks = snapshot.ecs.tasks.iter().filter(|task| {
            task.cluster_arn == service.cluster_arn && task.service_name.as_deref() == Some(&service.name)
        });
        arns.extend(tasks.map(|task| task.task_definition_arn.as_str()));
    }
    if arns.is_empty() {
        return Err(snapshot.ecs.tasks.hidden_by(&service.region, &service.arn));
    }
    let mut seen = Vec::new();
    for arn in arns {
        if !seen.contains(&arn) {
            seen.push(arn);
        }
    }
    Ok(seen)
}

/// The task definitions of [`task_definition_arns`], or the gap that hides one of them.
pub(super) fn task_definitions<'a>(
    snapshot: &'a Snapshot,
    service: &'a Service,
) -> Result<Vec<&'a TaskDefinition>, GapId> {
    let arns = task_definition_arns(snapshot, service)?;
    arns.into_iter().map(|arn| task_definition(snapshot, &service.region, arn)).collect()
}

/// The task definition that new tasks of a service are started from.
pub(crate) fn newest_task_definition<'a>(
    snapshot: &'a Snapshot,
    service: &'a Service,
) -> Result<&'a TaskDefinition, GapId> {
    let arns = task_definition_arns(snapshot, service)?;
    let arn = arns.first().ok_or_else(GapId::default)?;
    task_definition(snapshot, &service.region, arn)
}

/// What is started without a service, each time with its task definition, or the gap that hides one.
pub(super) fn started<'a>(
    snapshot: &'a Snapshot,
    starter: &'a TaskStarter,
) -> Result<Vec<(&'a TaskRun, &'a TaskDefinition)>, GapId> {
    let with_definition = |run| Ok((run, started_definition(snapshot, &starter.region, run)?));
    starter.runs.iter().map(with_definition).collect()
}

/// The task definition that tasks are started from; without a revision, the newest that is active.
pub(crate) fn started_definition<'a>(
    snapshot: &'a Snapshot,
    region: &str,
    run: &TaskRun,
) -> Result<&'a TaskDefinition, GapId> {
    let arn = &run.task_definition_arn;
    if family_of(arn).is_some() {
        return task_definition(snapshot, region, arn);
    }
    let definitions = &snapshot.ecs.task_definitions;
    if let Some(gap) = definitions.gap_about(arn) {
        return Err(gap.clone());
    }
    let family = arn.split_once(":task-definition/").map_or(arn.as_str(), |(_, family)| family);
    let of_family = definitions.iter().filter(|definition| {
        definition.region == region && definition.family == family && definition.status == "ACTIVE"
    });
    of_family.max_by_key(|definition| definition.revision).ok_or_else(|| definitions.hidden_by(region, arn))
}

fn task_definition<'a>(snapshot: &'a Snapshot, region: &str, arn: &str) -> Result<&'a TaskDefinition, GapId> {
    let definitions = &snapshot.ecs.task_definitions;
    let found = by_arn(definitions, arn, |definition| &definition.arn);
    found.ok_or_else(|| definitions.hidden_by(region, arn))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::ecs::{Deployment, Task};

    fn service() -> Service {
        Service {
            arn: "arn:service".into(),
            region: "eu-west-1".into(),
            name: "api".into(),
            cluster_arn: "arn:cluster".into(),
            ..Service::default()
        }
    }

    fn deployment(status: &str, arn: &str) -> Deployment {
        Deployment { status: status.into(), task_definition_arn: arn.into(), ..Deployment::default() }
    }

    #[test]
    fn the_newest_comes_first_and_finished_deployments_do_not_count() {
        let service = Service {
            task_definition_arn: Some("arn:td:3".into()),
            deployments: vec![
                deployment("PRIMARY", "arn:td:3"),
                deployment("ACTIVE", "arn:td:2"),
                deployment("INACTIVE", "arn:td:1"),
            ],
            ..service()
        };
        let snapshot = Snapshot::default().complete();
        assert_eq!(task_definition_arns(&snapshot, &service).unwrap(), ["arn:td:3", "arn:td:2"]);
    }

    #[test]
    fn another_controllers_tasks_say_what_runs() {
        let mut snapshot = Snapshot::default().complete();
        let service = service();
        let denied = GapId::new("ecs:ListTasks", "eu-west-1", None);
        snapshot.ecs.tasks.incomplete.push(denied.clone());
        assert_eq!(task_definition_arns(&snapshot, &service), Err(denied));
        for (cluster, name) in [("arn:cluster", "api"), ("arn:other", "api"), ("arn:cluster", "web")] {
            snapshot.ecs.tasks.items.push(Task {
                cluster_arn: cluster.into(),
                service_name: Some(name.into()),
                task_definition_arn: format!("arn:td:{cluster}:{name}"),
                ..Task::default()
            });
        }
        assert_eq!(task_definition_arns(&snapshot, &service).unwrap(), ["arn:td:arn:cluster:api"]);
    }

    #[test]
    fn the_question_about_the_resource_itself_comes_first() {
        let listing: Listing<String> = Listing {
            items: Vec::new(),
            incomplete: vec![
                GapId::new("ecs:ListTasks", "eu-west-1", None),
                GapId::new("ecs:DescribeTaskDefinition", "eu-west-1", Some("arn:td:3")),
            ],
        };
        assert_eq!(listing.hidden_by("eu-west-1", "arn:td:3"), listing.incomplete[1]);
        assert_eq!(listing.hidden_by("eu-west-1", "arn:td:4"), listing.incomplete[0]);
        assert_eq!(listing.hidden_by("eu-west-2", "arn:td:4"), GapId::default());
        assert_eq!(exists(&listing, "eu-west-2", false), Known::Yes(false));
        assert_eq!(exists(&listing, "eu-west-1", true), Known::Yes(true));
        assert_eq!(exists(&listing, "eu-west-1", false), Known::No(listing.incomplete[0].clone()));
        assert_eq!(complete_everywhere(&listing), Err(listing.incomplete[0].clone()));
    }

    #[test]
    fn a_family_without_a_revision_is_its_newest_that_is_active() {
        let definition =
            |arn: &str, region: &str, family: &str, status: &str, revision: i64| TaskDefinition {
                arn: arn.into(),
                region: region.into(),
                family: family.into(),
                status: status.into(),
                revision,
                ..TaskDefinition::default()
            };
        let mut snapshot = Snapshot::default().complete();
        snapshot.ecs.task_definitions.items = vec![
            definition("a", "eu-west-1", "import", "ACTIVE", 1),
            definition("b", "eu-west-1", "import", "ACTIVE", 2),
            definition("c", "eu-west-1", "import", "INACTIVE", 3),
            definition("d", "eu-west-1", "export", "ACTIVE", 4),
            definition("e", "us-east-1", "import", "ACTIVE", 5),
        ];
        let family = "arn:aws:ecs:eu-west-1:123456789012:task-definition/import";
        let started = |snapshot: &Snapshot, arn: &str| {
            let run = TaskRun { task_definition_arn: arn.into(), ..TaskRun::default() };
            started_definition(snapshot, "eu-west-1", &run).map(|definition| definition.arn.clone())
        };
        assert_eq!(started(&snapshot, family).as_deref(), Ok("b"));
        assert_eq!(started(&snapshot, "import").as_deref(), Ok("b"));
        assert_eq!(started(&snapshot, &format!("{family}:9")), Err(GapId::default()), "a revision is itself");
        let denied = GapId::new("ecs:DescribeTaskDefinition", "eu-west-1", Some(family));
        snapshot.ecs.task_definitions.incomplete.push(denied.clone());
        assert_eq!(started(&snapshot, family), Err(denied));
    }
}
