//! Whether the account may run one more Fargate task.

use super::{Condition, Scene};
use crate::conclude::lookup;
use crate::snapshot::ecs::{FARGATE, FARGATE_SPOT, Task};
use crate::snapshot::servicequotas::{FARGATE_SPOT_VCPUS, FARGATE_VCPUS};
use crate::snapshot::{GapId, Snapshot};
use crate::text::Text;

/// CPU units of a vCPU.
const UNITS: i64 = 1024;

pub(super) fn conditions(scene: Scene<'_>) -> Vec<Condition> {
    let Scene { service, .. } = scene;
    let on = |name: &str| {
        service
            .capacity_provider_strategy
            .iter()
            .any(|item| item.capacity_provider == name && (item.weight > 0 || item.base > 0))
    };
    let is_on_demand = service.launch_type.as_deref() == Some(FARGATE) || on(FARGATE);
    let kinds =
        [(is_on_demand, FARGATE, FARGATE_VCPUS), (on(FARGATE_SPOT), FARGATE_SPOT, FARGATE_SPOT_VCPUS)];
    kinds
        .into_iter()
        .filter(|(is_used, ..)| *is_used)
        .map(|(_, kind, code)| condition(scene, kind, code))
        .collect()
}

fn condition(scene: Scene<'_>, kind: &str, code: &str) -> Condition {
    let answer = fits(scene, kind, code);
    let region = &scene.service.region;
    let text = match &answer {
        Ok((used, more, most)) => {
            let (used, more) = (vcpus(*used), vcpus(*more));
            Text::new(
                format!(
                    "{used} vCPU of {kind} run in {region}, a new task takes {more}, the quota {code} is {most}."
                ),
                format!(
                    "{region} では {kind} の {used} vCPU が稼働中で、新しいタスクは {more} vCPU を使う。クォータ {code} は {most} である。"
                ),
            )
        }
        Err(_) => Text::new(
            format!("Whether the quota {code} leaves room for a task could not be determined."),
            format!("クォータ {code} にタスクの余裕があるか確認できない。"),
        ),
    };
    let holds = answer.map(|(used, more, most)| vcpus(used.saturating_add(more)) <= most).into();
    Condition::new("quota", code, holds, text)
}

/// CPU units that run, those of a new task, and the vCPUs that may run.
fn fits(scene: Scene<'_>, kind: &str, code: &str) -> Result<(i64, i64, f64), GapId> {
    let Scene { snapshot, service, definition } = scene;
    let region = service.region.as_str();
    let quotas = &snapshot.servicequotas.quotas;
    let quota = quotas.iter().find(|quota| quota.code == code && quota.region == region);
    let quota = quota.ok_or_else(|| quotas.hidden_by(region, code))?;
    // A Fargate task has a size of its own.
    let more = definition.cpu_units.ok_or_else(GapId::default)?;
    let used = running(snapshot, region, kind)?;
    Ok((used, more, quota.value))
}

/// CPU units of everything that runs on Fargate, or on Fargate Spot, in a region.
pub(in crate::conclude) fn running(snapshot: &Snapshot, region: &str, kind: &str) -> Result<i64, GapId> {
    snapshot.ecs.tasks.complete_in(region)?;
    let is_of_kind = |task: &&Task| match task.capacity_provider.as_deref() {
        Some(provider) => provider == kind,
        None => kind == FARGATE && task.launch_type.as_deref() == Some(FARGATE),
    };
    let definitions = &snapshot.ecs.task_definitions;
    let tasks = snapshot.ecs.tasks.iter().filter(|task| task.region == region);
    let mut units = 0_i64;
    for task in tasks.filter(is_of_kind) {
        let arn = &task.task_definition_arn;
        let definition = lookup::by_arn(definitions, arn, |definition| &definition.arn);
        let definition = definition.ok_or_else(|| definitions.hidden_by(region, arn))?;
        units = units.saturating_add(definition.cpu_units.unwrap_or_default());
    }
    Ok(units)
}

#[expect(clippy::cast_precision_loss, reason = "CPU units of an account are far below 2^52")]
fn vcpus(units: i64) -> f64 {
    units as f64 / UNITS as f64
}
