//! Tasks on Fargate: the vCPU and memory of every running task.

use super::{CostPlace, Draft, Group, Quantity, both, float, month_hours};
use crate::snapshot::GapId;
use crate::snapshot::ecs::{FARGATE, FARGATE_SPOT, Service, TaskDefinition};
use crate::text::counted;
use std::collections::BTreeMap;

/// Running tasks that are alike.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Alike<'a> {
    region: &'a str,
    cluster_arn: &'a str,
    service_name: Option<&'a str>,
    definition_arn: &'a str,
    is_spot: bool,
}

pub(super) fn tasks(draft: &mut Draft<'_>) {
    let ecs = &draft.snapshot.ecs;
    let definitions: BTreeMap<&str, &TaskDefinition> =
        ecs.task_definitions.iter().map(|definition| (definition.arn.as_str(), definition)).collect();
    let services: BTreeMap<(&str, &str), &Service> = ecs
        .services
        .iter()
        .map(|service| ((service.cluster_arn.as_str(), service.name.as_str()), service))
        .collect();
    for (alike, count) in alike_tasks(draft) {
        let service = alike.service_name.and_then(|name| services.get(&(alike.cluster_arn, name)));
        let resource = service.map_or(alike.definition_arn, |service| service.arn.as_str());
        let place = CostPlace { group: Group::Fargate, resource, region: alike.region };
        let definition = definitions.get(alike.definition_arn).copied();
        add(draft, place, &alike, definition, count);
    }
    draft.add_incomplete(Group::Fargate, &ecs.clusters, ("clusters", "クラスター"));
    draft.add_incomplete(Group::Fargate, &ecs.services, ("services", "サービス"));
}

// Tasks say best what runs; where they could not be listed, services say how many they have.
fn alike_tasks<'a>(draft: &Draft<'a>) -> BTreeMap<Alike<'a>, i64> {
    let ecs = &draft.snapshot.ecs;
    let mut counts = BTreeMap::new();
    let hidden = |region: &str| ecs.tasks.complete_in(region).is_err();
    for task in ecs.tasks.iter().filter(|task| task.is_running() && !hidden(&task.region)) {
        let provider = task.capacity_provider.as_deref();
        let is_spot = provider == Some(FARGATE_SPOT);
        if is_spot || provider == Some(FARGATE) || task.launch_type.as_deref() == Some(FARGATE) {
            let alike = Alike {
                region: &task.region,
                cluster_arn: &task.cluster_arn,
                service_name: task.service_name.as_deref(),
                definition_arn: &task.task_definition_arn,
                is_spot,
            };
            *counts.entry(alike).or_insert(0) += 1;
        }
    }
    for service in ecs.services.iter().filter(|service| hidden(&service.region)) {
        let providers: Vec<&str> =
            service.capacity_provider_strategy.iter().map(|item| item.capacity_provider.as_str()).collect();
        let definition = service.task_definition_arn.as_deref().filter(|_| service.is_on_fargate());
        if let Some(definition_arn) = definition {
            let alike = Alike {
                region: &service.region,
                cluster_arn: &service.cluster_arn,
                service_name: Some(&service.name),
                definition_arn,
                // Which of the tasks are Spot cannot be seen; none may be priced as if they were not.
                is_spot: providers.contains(&FARGATE_SPOT),
            };
            *counts.entry(alike).or_insert(0) += service.running_count;
        }
    }
    counts.retain(|_, count| *count > 0);
    counts
}

fn add(
    draft: &mut Draft<'_>,
    place: CostPlace<'_>,
    alike: &Alike<'_>,
    definition: Option<&TaskDefinition>,
    count: i64,
) {
    let architecture = definition.and_then(|definition| definition.cpu_architecture.as_deref());
    let architecture = if architecture == Some("ARM64") { "arm64" } else { "x86-64" };
    let spot = if alike.is_spot { "-spot" } else { "" };
    let size = |pick: fn(&TaskDefinition) -> Option<i64>| match definition.and_then(pick) {
        Some(value) => Ok(float(value) / 1024.0),
        None => Err(hidden(draft, alike)),
    };
    let sizes = [
        ("vcpu", ("vCPU", " vCPU"), size(|definition| definition.cpu_units), "vCPU"),
        ("gb", ("Memory", "メモリ"), size(|definition| definition.memory_mib), "GB"),
    ];
    for (key, name, size, unit) in sizes {
        let product = format!("fargate{spot}-{key}-hour/{architecture}");
        let en = if alike.is_spot {
            format!("{} of tasks on Spot", name.0)
        } else {
            format!("{} of tasks", name.0)
        };
        let ja = if alike.is_spot {
            format!("Spot タスクの{}", name.1)
        } else {
            format!("タスクの{}", name.1)
        };
        let (quantity, basis) = match size {
            Ok(size) => (
                Quantity::Units(float(count) * size * month_hours()),
                both(
                    &format!(
                        "{count} {} x {size} {unit} x {} h, Linux, {architecture}",
                        counted(count, "task"),
                        month_hours()
                    ),
                    &format!(
                        "{count} タスク × {size} {unit} × {} 時間、Linux、{architecture}",
                        month_hours()
                    ),
                ),
            ),
            Err(gap) => (
                Quantity::Hidden(gap),
                both(&format!("{count} {}", counted(count, "task")), &format!("{count} タスク")),
            ),
        };
        draft.add(place, both(&en, &ja), &product, quantity, basis);
    }
}

fn hidden(draft: &Draft<'_>, alike: &Alike<'_>) -> GapId {
    let listing = &draft.snapshot.ecs.task_definitions;
    listing.hidden_by(alike.region, alike.definition_arn)
}
