//! Secrets that services, and tasks without one, really run with.

pub(super) mod references;
mod revisions;

use super::lookup;
use crate::snapshot::ecs::{PlaintextSecret, Service, TaskDefinition, TaskStarter};
use crate::snapshot::known::Known;
use crate::snapshot::{GapId, Snapshot};

pub(crate) use references::{broken_secret_references, broken_started_references};
pub(crate) use revisions::old_revision_secrets;

crate::record! {
    /// A plaintext secret in a task definition that runs, or that is given to a container when its
    /// task is started.
    pub struct DeployedSecret {
        /// The task definition, with its revision.
        pub task_definition_arn: String,
        /// The container.
        pub container: String,
        /// environment, command, entry-point, docker-labels, health-check, log-options or volume-options;
        /// overridden-environment or overridden-command where it is given when the task is started.
        pub place: String,
        /// The variable, label or option; the option of a volume after its volume, `share.o`.
        pub name: String,
        /// What it looks like.
        pub kind: String,
        /// Its length in characters.
        pub length: i64,
        /// Whether it is short or easy to guess.
        pub is_weak: bool,
        /// Survives deployments: container/VARIABLE, with the place where it is not the environment.
        pub key: String,
        /// The task definition's family, which services may share.
        pub family: String,
    }

    /// A plaintext secret in active revisions of a service's families that the service does not run.
    pub struct OldRevisionSecret {
        /// The revisions that hold it, the newest first.
        pub task_definition_arns: Vec<String>,
        /// The newest of them, for people: family:revision.
        pub newest_revision: String,
        /// The container.
        pub container: String,
        /// environment, command, entry-point, docker-labels, health-check, log-options or volume-options.
        pub place: String,
        /// The variable, label or option; the option of a volume after its volume, `share.o`.
        pub name: String,
        /// What it looks like in the newest of them.
        pub kind: String,
        /// Whether it is short or easy to guess there.
        pub is_weak: bool,
        /// Survives deployments: container/VARIABLE, with the place where it is not the environment.
        pub key: String,
    }

    /// A reference to a secret or parameter of the account that tasks cannot use as one.
    pub struct BrokenReference {
        /// The task definition, with its revision.
        pub task_definition_arn: String,
        /// The container.
        pub container: String,
        /// The variable.
        pub name: String,
        /// The ARN or name of the secret or parameter, without the key and version inside it.
        pub value_from: String,
        /// missing, scheduled-for-deletion, or plain-string for a parameter that is not encrypted.
        pub problem: String,
        /// Survives deployments: container/VARIABLE.
        pub key: String,
    }
}

/// See [`super::FUNCTIONS`].
///
/// The newest revision comes first; a secret that several revisions hold is named once,
/// with the newest of them. Unknown as a whole when one of the revisions is hidden: a list
/// that lacks some would make them look mended.
pub(crate) fn deployed_secrets(snapshot: &Snapshot, service: &Service) -> Known<Vec<DeployedSecret>> {
    find_deployed(snapshot, service).into()
}

fn find_deployed(snapshot: &Snapshot, service: &Service) -> Result<Vec<DeployedSecret>, GapId> {
    let mut found = Vec::new();
    for definition in lookup::task_definitions(snapshot, service)? {
        add_all(&mut found, definition);
    }
    Ok(found)
}

/// See [`super::FUNCTIONS`].
pub(crate) fn started_secrets(snapshot: &Snapshot, starter: &TaskStarter) -> Known<Vec<DeployedSecret>> {
    find_started(snapshot, starter).into()
}

fn find_started(snapshot: &Snapshot, starter: &TaskStarter) -> Result<Vec<DeployedSecret>, GapId> {
    let mut found = Vec::new();
    for (run, definition) in lookup::started(snapshot, starter)? {
        add_all(&mut found, definition);
        for given in &run.override_secrets {
            let place = format!("overridden-{}", given.secret.place);
            let secret = PlaintextSecret { place, ..given.secret.clone() };
            add(&mut found, definition, &given.container, &secret);
        }
    }
    Ok(found)
}

fn add_all(found: &mut Vec<DeployedSecret>, definition: &TaskDefinition) {
    for container in &definition.containers {
        for secret in &container.plaintext_secrets {
            add(found, definition, &container.name, secret);
        }
    }
}

/// A secret that was named already stays as it was.
fn add(
    found: &mut Vec<DeployedSecret>,
    definition: &TaskDefinition,
    container: &str,
    secret: &PlaintextSecret,
) {
    let key = key(container, secret);
    if !found.iter().any(|known| known.key == key) {
        found.push(DeployedSecret {
            task_definition_arn: definition.arn.clone(),
            container: container.to_owned(),
            place: secret.place.clone(),
            name: secret.name.clone(),
            kind: secret.kind.clone(),
            length: secret.length,
            is_weak: secret.is_weak,
            key,
            family: definition.family.clone(),
        });
    }
}

fn key(container: &str, secret: &PlaintextSecret) -> String {
    match secret.place.as_str() {
        "environment" => format!("{container}/{}", secret.name),
        place => format!("{container}/{place}/{}", secret.name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::ecs::{Container, Deployment, TaskDefinition};

    const REGION: &str = "ap-northeast-1";

    fn arn(revision: i64) -> String {
        format!("arn:aws:ecs:{REGION}:123456789012:task-definition/shop-api:{revision}")
    }

    fn secret(place: &str, name: &str, length: i64) -> PlaintextSecret {
        PlaintextSecret {
            place: place.into(),
            name: name.into(),
            kind: "password".into(),
            length,
            ..PlaintextSecret::default()
        }
    }

    fn definition(revision: i64, secrets: Vec<PlaintextSecret>) -> TaskDefinition {
        let app = Container { name: "app".into(), plaintext_secrets: secrets, ..Container::default() };
        TaskDefinition { arn: arn(revision), revision, containers: vec![app], ..TaskDefinition::default() }
    }

    fn service() -> Service {
        let deployment = |status: &str, revision| Deployment {
            status: status.into(),
            task_definition_arn: arn(revision),
            ..Deployment::default()
        };
        Service {
            region: REGION.into(),
            task_definition_arn: Some(arn(8)),
            deployments: vec![deployment("PRIMARY", 8), deployment("ACTIVE", 7)],
            ..Service::default()
        }
    }

    #[test]
    fn revisions_that_run_are_looked_at_and_the_newest_speaks() {
        let mut snapshot = Snapshot::default().complete();
        snapshot.ecs.task_definitions.items = vec![
            definition(6, vec![secret("environment", "OLD", 8)]),
            definition(7, vec![secret("environment", "DB_PASSWORD", 8), secret("command", "2", 9)]),
            definition(8, vec![secret("environment", "DB_PASSWORD", 20)]),
        ];
        let found = deployed_secrets(&snapshot, &service());
        let found = found.known().unwrap();
        let keys: Vec<&str> = found.iter().map(|secret| secret.key.as_str()).collect();
        assert_eq!(keys, ["app/DB_PASSWORD", "app/command/2"]);
        assert_eq!((found[0].length, found[0].task_definition_arn.as_str()), (20, arn(8).as_str()));
        assert_eq!(found[1].task_definition_arn, arn(7));
    }

    #[test]
    fn a_hidden_revision_leaves_the_answer_open() {
        let mut snapshot = Snapshot::default().complete();
        snapshot.ecs.task_definitions.items = vec![definition(8, vec![])];
        let gap = GapId::new("ecs:DescribeTaskDefinition", REGION, Some(&arn(7)));
        snapshot.ecs.task_definitions.incomplete.push(gap.clone());
        assert_eq!(deployed_secrets(&snapshot, &service()), Known::No(gap));
        snapshot.ecs.task_definitions.incomplete.clear();
        assert_eq!(deployed_secrets(&snapshot, &service()), Known::No(GapId::default()));
        snapshot.ecs.task_definitions.items.push(definition(7, vec![]));
        assert_eq!(deployed_secrets(&snapshot, &service()), Known::Yes(vec![]));
    }
}
