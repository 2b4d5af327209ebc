//! Secrets in revisions that a service no longer runs and that anybody may still read.

use super::{OldRevisionSecret, find_deployed, key};
use crate::conclude::lookup;
use crate::snapshot::ecs::{Service, TaskDefinition, family_of};
use crate::snapshot::known::Known;
use crate::snapshot::{GapId, Snapshot};
use std::collections::BTreeSet;

/// See [`crate::conclude::FUNCTIONS`].
///
/// What the deployed revisions hold as well is theirs to tell. A secret that is found is one,
/// whatever else is hidden; that there is none needs every revision.
pub(crate) fn old_revision_secrets(snapshot: &Snapshot, service: &Service) -> Known<Vec<OldRevisionSecret>> {
    find(snapshot, service).into()
}

fn find(snapshot: &Snapshot, service: &Service) -> Result<Vec<OldRevisionSecret>, GapId> {
    let arns = lookup::task_definition_arns(snapshot, service)?;
    let families: BTreeSet<&str> = arns.into_iter().filter_map(family_of).collect();
    let deployed: BTreeSet<String> =
        find_deployed(snapshot, service)?.into_iter().map(|secret| secret.key).collect();
    let unused = &snapshot.ecs.unused_task_definitions;
    let mut revisions: Vec<&TaskDefinition> = unused
        .iter()
        .filter(|definition| definition.region == service.region)
        .filter(|definition| families.contains(definition.family.as_str()))
        .collect();
    revisions.sort_by_key(|definition| std::cmp::Reverse(definition.revision));
    let mut found: Vec<OldRevisionSecret> = Vec::new();
    for definition in revisions {
        for container in &definition.containers {
            for secret in &container.plaintext_secrets {
                let key = key(&container.name, secret);
                if deployed.contains(&key) {
                    continue;
                }
                match found.iter_mut().find(|known| known.key == key) {
                    Some(known) if known.task_definition_arns.last() != Some(&definition.arn) => {
                        known.task_definition_arns.push(definition.arn.clone());
                    }
                    Some(_) => {}
                    None => found.push(OldRevisionSecret {
                        task_definition_arns: vec![definition.arn.clone()],
                        newest_revision: format!("{}:{}", definition.family, definition.revision),
                        container: container.name.clone(),
                        place: secret.place.clone(),
                        name: secret.name.clone(),
                        kind: secret.kind.clone(),
                        is_weak: secret.is_weak,
                        key,
                    }),
                }
            }
        }
    }
    match hidden(snapshot, service, &families) {
        Some(gap) if found.is_empty() => Err(gap),
        _ => Ok(found),
    }
}

/// What hides revisions of these families: the list of one of them, or a revision itself.
/// Questions about other families and about what is in use change nothing here.
fn hidden(snapshot: &Snapshot, service: &Service, families: &BTreeSet<&str>) -> Option<GapId> {
    let unused = &snapshot.ecs.unused_task_definitions;
    let is_about = |gap: &&GapId| {
        let about = gap.about().unwrap_or_default();
        // A question about nothing in particular may hide any of them.
        about.is_empty()
            || families.contains(about)
            || family_of(about).is_some_and(|family| families.contains(family))
    };
    unused.hidden_in(&service.region).find(is_about).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::ecs::{Container, PlaintextSecret};

    const REGION: &str = "ap-northeast-1";

    fn arn(family: &str, revision: i64) -> String {
        format!("arn:aws:ecs:{REGION}:123456789012:task-definition/{family}:{revision}")
    }

    fn definition(family: &str, revision: i64, names: &[&str]) -> TaskDefinition {
        let secret = |name: &&str| PlaintextSecret {
            place: "environment".into(),
            name: (*name).into(),
            ..PlaintextSecret::default()
        };
        let app = Container {
            name: "app".into(),
            plaintext_secrets: names.iter().map(secret).collect(),
            ..Container::default()
        };
        TaskDefinition {
            arn: arn(family, revision),
            region: REGION.into(),
            family: family.into(),
            revision,
            containers: vec![app],
            ..TaskDefinition::default()
        }
    }

    fn account(deployed: &[&str], unused: Vec<TaskDefinition>) -> (Snapshot, Service) {
        let mut snapshot = Snapshot::default().complete();
        snapshot.ecs.task_definitions.items = vec![definition("api", 8, deployed)];
        snapshot.ecs.unused_task_definitions.items = unused;
        let service =
            Service { region: REGION.into(), task_definition_arn: Some(arn("api", 8)), ..Service::default() };
        (snapshot, service)
    }

    #[test]
    fn revisions_are_gathered_by_secret_the_newest_first() {
        let (snapshot, service) = account(
            &[],
            vec![
                definition("api", 3, &["DB_PASSWORD"]),
                definition("api", 7, &["API_KEY", "DB_PASSWORD"]),
                definition("web", 7, &["WEB_KEY"]),
            ],
        );
        let found = old_revision_secrets(&snapshot, &service);
        let found: Vec<(&str, &[String])> = found
            .known()
            .unwrap()
            .iter()
            .map(|secret| (secret.key.as_str(), secret.task_definition_arns.as_slice()))
            .collect();
        let both = [arn("api", 7), arn("api", 3)];
        assert_eq!(found, [("app/API_KEY", &[arn("api", 7)][..]), ("app/DB_PASSWORD", &both[..])]);
    }

    #[test]
    fn the_deployed_revision_speaks_for_itself() {
        let (snapshot, service) = account(&["DB_PASSWORD"], vec![definition("api", 7, &["DB_PASSWORD"])]);
        assert_eq!(old_revision_secrets(&snapshot, &service), Known::Yes(Vec::new()));
    }

    #[test]
    fn a_cut_or_denied_list_of_the_family_leaves_none_open() {
        let (mut snapshot, service) = account(&[], Vec::new());
        let gap = |operation: &str, about: &str| GapId::new(operation, REGION, Some(about));
        let incomplete = |snapshot: &mut Snapshot, gap: &GapId| {
            snapshot.ecs.unused_task_definitions.incomplete = vec![gap.clone()];
        };
        for other in [
            gap("ecs:ListTaskDefinitions", "web"),
            gap("ecs:DescribeTaskDefinition", &arn("web", 3)),
            gap("ecs:ListServices", "arn:aws:ecs:ap-northeast-1:123456789012:cluster/api"),
            GapId::new("ecs:ListTaskDefinitions", "eu-west-1", Some("api")),
        ] {
            incomplete(&mut snapshot, &other);
            assert_eq!(old_revision_secrets(&snapshot, &service), Known::Yes(Vec::new()), "{other}");
        }
        for own in [
            gap("ecs:ListTaskDefinitions", "api"),
            gap("ecs:DescribeTaskDefinition", &arn("api", 3)),
            GapId::new("ecs:ListClusters", REGION, None),
        ] {
            incomplete(&mut snapshot, &own);
            assert_eq!(old_revision_secrets(&snapshot, &service), Known::No(own.clone()));
            snapshot.ecs.unused_task_definitions.items = vec![definition("api", 7, &["DB_PASSWORD"])];
            assert_eq!(old_revision_secrets(&snapshot, &service).known().map(Vec::len), Some(1));
            snapshot.ecs.unused_task_definitions.items.clear();
        }
        snapshot.ecs.unused_task_definitions.incomplete.clear();
        snapshot.ecs.task_definitions.items.clear();
        assert_eq!(old_revision_secrets(&snapshot, &service), Known::No(GapId::default()));
    }
}
