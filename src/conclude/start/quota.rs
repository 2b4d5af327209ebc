//! Whether the account may run one more Fargate task.

use super::{Requirement, Scene};
use crate::conclude::facts::Facts;
use crate::snapshot::GapId;
use crate::snapshot::ecs::{FARGATE, FARGATE_SPOT};
use crate::snapshot::servicequotas::{FARGATE_SPOT_VCPUS, FARGATE_VCPUS};
use crate::text::Text;

/// CPU units of a vCPU.
const UNITS: i64 = 1024;

pub(super) fn conditions(scene: Scene<'_>, facts: &Facts<'_>) -> Vec<Requirement> {
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
        .map(|(_, kind, code)| condition(scene, facts, kind, code))
        .collect()
}

fn condition(scene: Scene<'_>, facts: &Facts<'_>, kind: &'static str, code: &str) -> Requirement {
    let answer = fits(scene, facts, kind, code);
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
    Requirement::new("quota", code, holds, text)
}

/// CPU units that run, those of a new task, and the vCPUs that may run.
fn fits(
    scene: Scene<'_>,
    facts: &Facts<'_>,
    kind: &'static str,
    code: &str,
) -> Result<(i64, i64, f64), GapId> {
    let Scene { snapshot, service, definition } = scene;
    let region = service.region.as_str();
    let quotas = &snapshot.servicequotas.quotas;
    let quota = quotas.iter().find(|quota| quota.code == code && quota.region == region);
    let quota = quota.ok_or_else(|| quotas.hidden_by(region, code))?;
    // A Fargate task has a size of its own.
    let more = definition.cpu_units.ok_or_else(GapId::default)?;
    let used = facts.fargate_units(region, kind)?;
    Ok((used, more, quota.value))
}

#[expect(clippy::cast_precision_loss, reason = "CPU units of an account are far below 2^52")]
fn vcpus(units: i64) -> f64 {
    units as f64 / UNITS as f64
}
