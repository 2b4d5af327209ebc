//! Secrets that a service really runs with.

use crate::snapshot::Snapshot;
use crate::snapshot::ecs::Service;
use crate::snapshot::known::Known;

crate::record! {
    /// A plaintext secret in a task definition that a service runs.
    pub struct DeployedSecret {
        /// The task definition, with its revision.
        pub task_definition_arn: String,
        /// The container.
        pub container: String,
        /// environment, command, entry-point, docker-labels, health-check or log-options.
        pub place: String,
        /// The variable, label or option.
        pub name: String,
        /// What it looks like.
        pub kind: String,
        /// Its length in characters.
        pub length: i64,
        /// Whether it is short or easy to guess.
        pub is_weak: bool,
        /// Survives deployments: container/VARIABLE, with the place where it is not the environment.
        pub key: String,
    }
}

/// See [`super::FUNCTIONS`].
pub fn deployed_secrets(_snapshot: &Snapshot, _service: &Service) -> Known<Vec<DeployedSecret>> {
    Known::default()
}
