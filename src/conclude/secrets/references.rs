//! References to secrets, followed to what they name.

use super::BrokenReference;
use crate::arn::Arn;
use crate::conclude::lookup;
use crate::snapshot::ecs::{Service, TaskDefinition, TaskStarter};
use crate::snapshot::known::Known;
use crate::snapshot::secretsmanager::Secret;
use crate::snapshot::ssm::Parameter;
use crate::snapshot::{GapId, Snapshot};
use std::collections::BTreeSet;

/// Parameter Store hands out secrets of Secrets Manager under this prefix.
const SECRETS_MANAGER_PREFIX: &str = "aws/reference/secretsmanager/";

/// The problem of what does not exist.
const MISSING: &str = "missing";

/// The problem of a parameter that is not encrypted: tasks start with it.
pub(crate) const PLAIN: &str = "plain-string";

/// Parameters under this prefix are AWS's own.
const OF_AWS: &str = "aws/";

/// Whether a reference names a public parameter of AWS's own.
pub(crate) fn is_public_parameter(value_from: &str) -> bool {
    let name = match Arn::parse(value_from) {
        Some(arn) => arn.resource.strip_prefix("parameter").unwrap_or_default(),
        None => value_from,
    };
    let path = name.trim_start_matches('/');
    path.starts_with(OF_AWS) && !path.starts_with(SECRETS_MANAGER_PREFIX)
}

/// See [`crate::conclude::FUNCTIONS`].
///
/// References to other accounts, to regions that were not scanned and to AWS's own public
/// parameters are left out: nothing can be said about them. Unknown as a whole when the
/// list that would settle a reference is incomplete.
pub(crate) fn broken_secret_references(
    snapshot: &Snapshot,
    service: &Service,
) -> Known<Vec<BrokenReference>> {
    let definitions = lookup::task_definitions(snapshot, service);
    definitions.and_then(|definitions| find_broken(snapshot, &service.region, definitions)).into()
}

/// See [`crate::conclude::FUNCTIONS`].
pub(crate) fn broken_started_references(
    snapshot: &Snapshot,
    starter: &TaskStarter,
) -> Known<Vec<BrokenReference>> {
    let started = lookup::started(snapshot, starter);
    let definitions = started.map(|started| started.into_iter().map(|(_, definition)| definition).collect());
    definitions.and_then(|definitions| find_broken(snapshot, &starter.region, definitions)).into()
}

fn find_broken(
    snapshot: &Snapshot,
    region: &str,
    definitions: Vec<&TaskDefinition>,
) -> Result<Vec<BrokenReference>, GapId> {
    let mut seen = BTreeSet::new();
    let mut broken = Vec::new();
    for definition in definitions {
        for container in &definition.containers {
            for reference in &container.secret_references {
                let key = format!("{}/{}", container.name, reference.name);
                let Some(named) = Named::of(snapshot, region, &reference.value_from) else {
                    continue;
                };
                // The newest revision speaks for a variable, whether it is broken there or not.
                if !seen.insert(key.clone()) {
                    continue;
                }
                if let Some(problem) = named.problem(snapshot)? {
                    broken.push(BrokenReference {
                        task_definition_arn: definition.arn.clone(),
                        container: container.name.clone(),
                        name: reference.name.clone(),
                        value_from: named.text,
                        problem: problem.to_owned(),
                        key,
                    });
                }
            }
        }
    }
    Ok(broken)
}

/// What a reference names.
pub(crate) struct Named<'a> {
    /// Its region.
    pub region: &'a str,
    /// Whether it is in Secrets Manager, by whatever way it is asked for.
    pub is_secret: bool,
    /// The name; of secrets as ARNs carry it, with the random tail or without.
    name: &'a str,
    /// The reference without key and version.
    pub text: String,
}

impl<'a> Named<'a> {
    /// `None` for what is out of sight.
    ///
    /// ECS takes `arn:…:secret:NAME-abcdef[:key[:stage[:version]]]`, `arn:…:parameter/NAME` and
    /// the bare name of a parameter in the task's own region.
    pub(crate) fn of(snapshot: &Snapshot, region: &'a str, value_from: &'a str) -> Option<Self> {
        let Some(arn) = Arn::parse(value_from) else {
            let name = value_from.split(':').next().unwrap_or(value_from);
            return Named::parameter(region, name, name.to_owned());
        };
        if arn.account != snapshot.account || !snapshot.regions.iter().any(|known| known == arn.region) {
            return None;
        }
        let prefix = value_from.strip_suffix(arn.resource).unwrap_or_default();
        match arn.service {
            "secretsmanager" => {
                let name = arn.resource.strip_prefix("secret:")?.split(':').next()?;
                let text = format!("{prefix}secret:{name}");
                Some(Named { region: arn.region, is_secret: true, name, text })
            }
            "ssm" => {
                let name = arn.resource.strip_prefix("parameter")?.split(':').next()?;
                Named::parameter(arn.region, name, format!("{prefix}parameter{name}"))
            }
            _ => None,
        }
    }

    fn parameter(region: &'a str, name: &'a str, text: String) -> Option<Self> {
        let path = name.trim_start_matches('/');
        if let Some(secret) = path.strip_prefix(SECRETS_MANAGER_PREFIX) {
            return Some(Named { region, is_secret: true, name: secret, text });
        }
        // Nobody but AWS may create parameters under /aws.
        (!path.starts_with(OF_AWS)).then_some(Named { region, is_secret: false, name: path, text })
    }

    /// The secret, where it is one and in sight.
    pub(crate) fn secret<'s>(&self, snapshot: &'s Snapshot) -> Option<&'s Secret> {
        let tail = format!(":secret:{}", self.name);
        let is_it = |secret: &&Secret| {
            secret.region == self.region && (secret.name == self.name || secret.arn.ends_with(&tail))
        };
        snapshot.secretsmanager.secrets.iter().filter(|_| self.is_secret).find(is_it)
    }

    /// The parameter, where it is one and in sight.
    pub(crate) fn parameter_record<'s>(&self, snapshot: &'s Snapshot) -> Option<&'s Parameter> {
        let is_it = |parameter: &&Parameter| {
            parameter.region == self.region && parameter.name.trim_start_matches('/') == self.name
        };
        snapshot.ssm.parameters.iter().filter(|_| !self.is_secret).find(is_it)
    }

    /// Why tasks cannot use it; `None` when they can as far as it is concerned.
    pub(crate) fn problem(&self, snapshot: &Snapshot) -> Result<Option<&'static str>, GapId> {
        if self.is_secret {
            return match self.secret(snapshot) {
                Some(secret) if secret.deleted_at.is_some() => Ok(Some("scheduled-for-deletion")),
                Some(_) => Ok(None),
                None => snapshot.secretsmanager.secrets.complete_in(self.region).map(|()| Some(MISSING)),
            };
        }
        match self.parameter_record(snapshot) {
            Some(parameter) if parameter.kind != "SecureString" => Ok(Some(PLAIN)),
            Some(_) => Ok(None),
            None => snapshot.ssm.parameters.complete_in(self.region).map(|()| Some(MISSING)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::ecs::{Container, SecretReference};

    const REGION: &str = "ap-northeast-1";
    const SECRET: &str = "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:shop/db-a1B2c3";

    fn account(references: &[(&str, &str)]) -> Snapshot {
        let mut snapshot =
            Snapshot::new("123456789012", "aws", "2026-01-01T00:00:00Z", &[REGION.to_owned()]).complete();
        let secret_references = references.iter().map(|(name, value_from)| SecretReference {
            name: (*name).into(),
            value_from: (*value_from).into(),
        });
        let app = Container {
            name: "app".into(),
            secret_references: secret_references.collect(),
            ..Container::default()
        };
        snapshot.ecs.task_definitions.items.push(TaskDefinition {
            arn: "arn:td:1".into(),
            containers: vec![app],
            ..TaskDefinition::default()
        });
        snapshot.secretsmanager.secrets.items.push(Secret {
            arn: SECRET.into(),
            region: REGION.into(),
            name: "shop/db".into(),
            ..Secret::default()
        });
        for (name, kind) in [("/shop/key", "SecureString"), ("plain", "String"), ("list", "StringList")] {
            snapshot.ssm.parameters.items.push(Parameter {
                region: REGION.into(),
                name: name.into(),
                kind: kind.into(),
                ..Parameter::default()
            });
        }
        snapshot
    }

    fn service() -> Service {
        Service { region: REGION.into(), task_definition_arn: Some("arn:td:1".into()), ..Service::default() }
    }

    fn problem(value_from: &str) -> Option<String> {
        let found = broken_secret_references(&account(&[("DB", value_from)]), &service());
        found.known().unwrap().first().map(|broken| broken.problem.clone())
    }

    #[test]
    fn what_exists_is_found_in_every_form_that_ecs_takes() {
        for value_from in [
            SECRET,
            "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:shop/db-a1B2c3:password::",
            "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:shop/db",
            "arn:aws:ssm:ap-northeast-1:123456789012:parameter/shop/key",
            "/shop/key",
            "/aws/reference/secretsmanager/shop/db",
            "arn:aws:ssm:ap-northeast-1:123456789012:parameter/aws/reference/secretsmanager/shop/db",
        ] {
            assert_eq!(problem(value_from), None, "{value_from}");
        }
    }

    #[test]
    fn what_does_not_exist_is_missing() {
        for value_from in [
            // Made again under the same name: the tail is another one.
            "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:shop/db-zzzzzz",
            "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:db-a1B2c3",
            "arn:aws:ssm:ap-northeast-1:123456789012:parameter/shop/other",
            "/shop",
            "other",
        ] {
            assert_eq!(problem(value_from).as_deref(), Some("missing"), "{value_from}");
        }
    }

    #[test]
    fn parameters_that_are_not_encrypted_are_no_secrets() {
        assert_eq!(problem("plain").as_deref(), Some("plain-string"));
        assert_eq!(
            problem("arn:aws:ssm:ap-northeast-1:123456789012:parameter/list").as_deref(),
            Some("plain-string")
        );
    }

    #[test]
    fn what_is_out_of_sight_is_left_out() {
        for value_from in [
            "arn:aws:secretsmanager:ap-northeast-1:999999999999:secret:theirs-a1B2c3",
            "arn:aws:secretsmanager:us-west-2:123456789012:secret:far-a1B2c3",
            "arn:aws:ssm:ap-northeast-1::parameter/aws/service/ecs/optimized-ami",
            "/aws/service/global-infrastructure/version",
        ] {
            assert_eq!(problem(value_from), None, "{value_from}");
        }
    }

    #[test]
    fn a_deleted_secret_is_said_to_be_one_and_keys_inside_are_not_repeated() {
        let mut snapshot = account(&[("DB", &format!("{SECRET}:password::"))]);
        snapshot.secretsmanager.secrets.items[0].deleted_at = Some("2026-02-01T00:00:00Z".into());
        let found = broken_secret_references(&snapshot, &service());
        let broken = &found.known().unwrap()[0];
        assert_eq!((broken.problem.as_str(), broken.key.as_str()), ("scheduled-for-deletion", "app/DB"));
        assert_eq!((broken.value_from.as_str(), broken.name.as_str()), (SECRET, "DB"));
    }

    #[test]
    fn only_the_list_that_would_settle_it_leaves_it_open() {
        let gap = GapId::new("ssm:DescribeParameters", REGION, None);
        let mut snapshot = account(&[("DB", SECRET), ("KEY", "/shop/key")]);
        snapshot.ssm.parameters.incomplete.push(gap.clone());
        assert_eq!(broken_secret_references(&snapshot, &service()), Known::Yes(vec![]));
        snapshot.ssm.parameters.items.clear();
        assert_eq!(broken_secret_references(&snapshot, &service()), Known::No(gap));
        snapshot.ecs.task_definitions.items.clear();
        assert_eq!(broken_secret_references(&snapshot, &service()), Known::No(GapId::default()));
    }
}
