//! Who is told when something breaks: alarms, and the way from an alarm to a person.

use super::Sentence;
use crate::snapshot::Snapshot;
use crate::snapshot::cloudwatch::Alarm;
use crate::snapshot::ecs::Service;
use crate::snapshot::elb::LoadBalancer;
use crate::snapshot::known::Known;
use crate::snapshot::rds::DbInstance;

crate::record! {
    /// The way from an alarm to a person.
    pub struct AlarmPath {
        /// False for alarms that only trigger scaling.
        pub is_for_people: bool,
        /// Whether some action leads to a confirmed subscriber.
        pub reaches_someone: Known<bool>,
        /// Where the way ends when it reaches nobody, or whom it reaches.
        pub reason: Sentence,
        /// The topics it goes to.
        pub topic_arns: Vec<String>,
    }

    /// The alarms of a load balancer.
    pub struct LoadBalancerAlarms {
        /// Whether an alarm watches 5xx answers, of the targets or of the load balancer itself.
        pub has_error_alarm: Known<bool>,
        /// The alarms that do.
        pub alarm_names: Vec<String>,
    }

    /// The alarms of a service.
    pub struct ServiceAlarms {
        /// Whether an alarm for people watches CPU.
        pub has_cpu_alarm: Known<bool>,
        /// Whether an alarm for people watches memory.
        pub has_memory_alarm: Known<bool>,
        /// The alarms that do.
        pub alarm_names: Vec<String>,
    }

    /// The alarms of a database.
    pub struct DatabaseAlarms {
        /// Whether any alarm watches it.
        pub has_any_alarm: Known<bool>,
        /// Whether an alarm watches free storage.
        pub has_storage_alarm: Known<bool>,
        /// The alarms that watch it.
        pub alarm_names: Vec<String>,
    }
}

/// See [`super::FUNCTIONS`].
pub fn alarm_path(_snapshot: &Snapshot, _alarm: &Alarm) -> AlarmPath {
    AlarmPath::default()
}

/// See [`super::FUNCTIONS`].
pub fn load_balancer_alarms(_snapshot: &Snapshot, _lb: &LoadBalancer) -> LoadBalancerAlarms {
    LoadBalancerAlarms::default()
}

/// See [`super::FUNCTIONS`].
pub fn service_alarms(_snapshot: &Snapshot, _service: &Service) -> ServiceAlarms {
    ServiceAlarms::default()
}

/// See [`super::FUNCTIONS`].
pub fn database_alarms(_snapshot: &Snapshot, _db: &DbInstance) -> DatabaseAlarms {
    DatabaseAlarms::default()
}
