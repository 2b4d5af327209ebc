//! How many tasks, how large, and what happens to them during a deployment.

mod autoscaling;
mod deployment;
mod fargate;
mod lifetime;

use crate::snapshot::known::Known;
use crate::text::Text;

pub(crate) use autoscaling::autoscaling;
pub(crate) use deployment::deployment_capacity;
pub(crate) use fargate::{fargate_sizing, fargate_task};
pub(crate) use lifetime::{start_allowance, stop_timing};

crate::record! {
    /// Whether and how a service is scaled.
    pub struct Autoscaling {
        /// Whether it is registered as a scalable target.
        pub has_target: Known<bool>,
        /// Whether a policy or a scheduled action can really change the number of tasks.
        pub can_act: Known<bool>,
        /// The fewest tasks that it can come to: what is wanted now, or less where a policy or a
        /// scheduled action may take tasks away.
        pub lowest_tasks: Known<i64>,
        /// The fewest tasks; null without a target.
        pub min_capacity: Known<Option<i64>>,
        /// The most tasks; null without a target.
        pub max_capacity: Known<Option<i64>>,
        /// Its policies.
        pub policy_names: Known<Vec<String>>,
        /// Its scheduled actions.
        pub scheduled_action_names: Known<Vec<String>>,
        /// Why it can or cannot act.
        pub reason: Text,
    }

    /// How many tasks a rolling deployment leaves and needs. It says nothing about services that
    /// CodeDeploy or another controller deploys, and nothing about blue/green, linear and canary
    /// deployments, which bring out a whole second set.
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
        pub arithmetic: Text,
    }

    /// The size of one task of a service as Fargate charges it; unknown where the definition has none.
    pub struct FargateTask {
        /// vCPUs.
        pub vcpus: Known<f64>,
        /// Memory, in units of 1,024 MiB.
        pub memory_gb: Known<f64>,
        /// x86-64 or arm64.
        pub architecture: Known<String>,
    }

    /// How long a new task may take until it answers its load balancer's health checks.
    pub struct StartAllowance {
        /// How long failed health checks of a new task are forgiven; 0 where the service says nothing.
        pub grace_seconds: i64,
        /// Seconds until the fastest of its load balancers finds a target dead; null where none checks.
        pub detection_seconds: Known<Option<i64>>,
        /// The longer of the two: a task that takes longer is stopped before it was ready; null
        /// where no load balancer checks.
        pub seconds: Known<Option<i64>>,
        /// The arithmetic, in words.
        pub arithmetic: Text,
    }

    /// How much time a task gets to end its requests.
    pub struct StopTiming {
        /// Whether some tasks run on Fargate Spot.
        pub uses_spot: bool,
        /// How long its load balancers let open requests go on: the longest deregistration delay;
        /// null without a load balancer.
        pub drain_seconds: Known<Option<i64>>,
        /// The container that takes the requests; of several the one with the least time.
        pub container: Known<String>,
        /// Time between its signal to stop and the kill; 30 where it does not say.
        pub stop_seconds: Known<i64>,
        /// The time it needs when AWS takes a Spot task back: the drain, but at most the 120 seconds
        /// of AWS's notice; null without a load balancer.
        pub spot_stop_seconds: Known<Option<i64>>,
        /// Whether the kill comes before that time.
        pub is_cut_short_on_spot: Known<bool>,
    }

    /// The size of Fargate tasks beside what they use.
    pub struct FargateSizing {
        /// Whether its tasks run on Fargate; everything below is about Fargate sizes.
        pub is_fargate: bool,
        /// Whether both metrics have at least 24 hours of datapoints; what is said about use is
        /// unknown without.
        pub has_enough_data: Known<bool>,
        /// CPU units of a task; null where the definition does not say.
        pub cpu_units: Known<Option<i64>>,
        /// Memory of a task; null where the definition does not say.
        pub memory_mib: Known<Option<i64>>,
        /// 95th percentile of CPU use in percent of the task's size, rounded to one digit.
        pub cpu_p95_percent: Known<f64>,
        /// 95th percentile of memory use in percent of the task's size, rounded to one digit.
        pub memory_p95_percent: Known<f64>,
        /// larger (one of the two is above 80 %), smaller (both are below 40 %, and a smaller size
        /// keeps both at or below 80 %) or fits.
        pub direction: Known<String>,
        /// The next legal Fargate size at which both stay at or below 80 %, and, where there is one,
        /// at or above 40 %: CPU units. The present size when it fits; the largest one when none is
        /// large enough.
        pub suggested_cpu_units: Known<i64>,
        /// Its memory.
        pub suggested_memory_mib: Known<i64>,
        /// How many days were looked at; 0 without a metric.
        pub window_days: i64,
        /// The use and the sizes, in words.
        pub summary: Text,
    }
}
