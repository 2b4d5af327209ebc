//! The arithmetic of rolling deployments.

use super::DeploymentCapacity;
use crate::snapshot::Snapshot;
use crate::snapshot::ecs::Service;
use crate::text::Text;

/// See [`crate::conclude::FUNCTIONS`].
///
/// ECS rounds the minimum up and the maximum down (DeploymentConfiguration in the ECS API
/// reference). Percentages that AWS did not mention are the API's defaults: 100 and 200, for
/// daemons 0 and 100.
pub(crate) fn deployment_capacity(_snapshot: &Snapshot, service: &Service) -> DeploymentCapacity {
    let defaults = if service.scheduling_strategy == "DAEMON" { (0, 100) } else { (100, 200) };
    let desired = service.desired_count.max(0);
    let minimum = service.minimum_healthy_percent.unwrap_or(defaults.0).max(0);
    let maximum = service.maximum_percent.unwrap_or(defaults.1).max(0);
    let lowest = desired.saturating_mul(minimum).saturating_add(99) / 100;
    let highest = desired.saturating_mul(maximum) / 100;
    DeploymentCapacity {
        lowest_tasks: lowest,
        highest_tasks: highest,
        drops_capacity: lowest < desired,
        can_proceed: desired == 0 || lowest < desired || highest > desired,
        arithmetic: Text::new(
            format!(
                "{desired} × {minimum} % = {lowest} {}{}, {desired} × {maximum} % = {highest} may run{}.",
                if lowest == 1 { "stays" } else { "stay" },
                rounding(desired, minimum, " (rounded up)"),
                rounding(desired, maximum, " (rounded down)"),
            ),
            format!(
                "{desired} × {minimum} % = {lowest} 個が残り{}、{desired} × {maximum} % = {highest} 個まで起動できる{}。",
                rounding(desired, minimum, "（切り上げ）"),
                rounding(desired, maximum, "（切り捨て）"),
            ),
        ),
    }
}

fn rounding(desired: i64, percent: i64, note: &str) -> &str {
    if desired.saturating_mul(percent) % 100 == 0 { "" } else { note }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn capacity(desired: i64, minimum: Option<i64>, maximum: Option<i64>) -> DeploymentCapacity {
        let service = Service {
            scheduling_strategy: "REPLICA".into(),
            desired_count: desired,
            minimum_healthy_percent: minimum,
            maximum_percent: maximum,
            ..Service::default()
        };
        deployment_capacity(&Snapshot::default().complete(), &service)
    }

    #[test]
    fn rounds_up_what_stays_and_down_what_may_run() {
        // desired, minimum, maximum -> stay, may run, drops, proceeds
        let cases = [
            (2, 100, 200, 2, 4, false, true),
            (2, 50, 200, 1, 4, true, true),
            (1, 50, 200, 1, 2, false, true),
            (3, 50, 150, 2, 4, true, true),
            (1, 0, 100, 0, 1, true, true),
            (1, 100, 150, 1, 1, false, false),
            (2, 100, 100, 2, 2, false, false),
            (0, 100, 100, 0, 0, false, true),
        ];
        for (desired, minimum, maximum, lowest, highest, drops, proceeds) in cases {
            let found = capacity(desired, Some(minimum), Some(maximum));
            assert_eq!(
                (found.lowest_tasks, found.highest_tasks, found.drops_capacity, found.can_proceed),
                (lowest, highest, drops, proceeds),
                "{desired} tasks, {minimum} % to {maximum} %"
            );
        }
    }

    #[test]
    fn defaults_and_words() {
        let found = capacity(2, None, None);
        assert_eq!(found.arithmetic.en, "2 × 100 % = 2 stay, 2 × 200 % = 4 may run.");
        assert_eq!(found.arithmetic.ja, "2 × 100 % = 2 個が残り、2 × 200 % = 4 個まで起動できる。");
        let odd = capacity(3, Some(50), Some(150));
        assert_eq!(
            odd.arithmetic.en,
            "3 × 50 % = 2 stay (rounded up), 3 × 150 % = 4 may run (rounded down)."
        );
        let daemon = Service { scheduling_strategy: "DAEMON".into(), desired_count: 3, ..Service::default() };
        let found = deployment_capacity(&Snapshot::default().complete(), &daemon);
        assert_eq!((found.lowest_tasks, found.highest_tasks, found.can_proceed), (0, 3, true));
    }
}
