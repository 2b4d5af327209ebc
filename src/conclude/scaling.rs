//! How many tasks, how large, and what happens to them during a deployment.

use super::Sentence;
use crate::snapshot::Snapshot;
use crate::snapshot::ecs::Service;
use crate::snapshot::known::Known;

crate::record! {
    /// Whether and how a service is scaled.
    pub struct Autoscaling {
        /// Whether it is registered as a scalable target.
        pub has_target: Known<bool>,
        /// Whether a policy or a scheduled action can really change the number of tasks.
        pub can_act: Known<bool>,
        /// The fewest tasks; null without a target.
        pub min_capacity: Known<Option<i64>>,
        /// The most tasks; null without a target.
        pub max_capacity: Known<Option<i64>>,
        /// Its policies.
        pub policy_names: Known<Vec<String>>,
        /// Why it can or cannot act.
        pub reason: Sentence,
    }

    /// How many tasks a rolling deployment leaves and needs.
    pub struct DeploymentCapacity {
        /// Tasks that stay: desired count × minimum healthy percent, rounded up.
        pub lowest_tasks: i64,
        /// Tasks that may exist: desired count × maximum percent, rounded down.
        pub highest_tasks: i64,
        /// Whether fewer tasks than desired may serve during a deployment.
        pub drops_capacity: bool,
        /// Whether a deployment can move at all: one task may stop or one more may start.
        pub can_proceed: bool,
        /// The arithmetic, in words.
        pub arithmetic: Sentence,
    }

    /// The size of Fargate tasks beside what they use.
    pub struct FargateSizing {
        /// CPU units of a task; null where the definition does not say.
        pub cpu_units: Known<Option<i64>>,
        /// Memory of a task; null where the definition does not say.
        pub memory_mib: Known<Option<i64>>,
        /// 95th percentile of CPU use in percent of the task's size.
        pub cpu_p95_percent: Known<f64>,
        /// 95th percentile of memory use in percent of the task's size.
        pub memory_p95_percent: Known<f64>,
        /// fits, smaller (a smaller size would do) or larger (it is too small).
        pub direction: Known<String>,
        /// The next legal Fargate size that keeps both between the bounds: CPU units.
        pub suggested_cpu_units: Known<i64>,
        /// Its memory.
        pub suggested_memory_mib: Known<i64>,
        /// How many days were looked at.
        pub window_days: i64,
    }
}

/// See [`super::FUNCTIONS`].
pub fn autoscaling(_snapshot: &Snapshot, _service: &Service) -> Autoscaling {
    Autoscaling::default()
}

/// See [`super::FUNCTIONS`].
pub fn deployment_capacity(_snapshot: &Snapshot, _service: &Service) -> DeploymentCapacity {
    DeploymentCapacity::default()
}

/// See [`super::FUNCTIONS`].
pub fn fargate_sizing(_snapshot: &Snapshot, _service: &Service) -> FargateSizing {
    FargateSizing::default()
}
