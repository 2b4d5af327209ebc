//! Secrets by name, and who may read them; never a value.

use super::iam::document;
use crate::arn::Arn;
use crate::ask::Ask;
use crate::ask::asked::client;
use crate::ask::listed::filled;
use crate::ask::time::rfc_3339;
use crate::snapshot::iam::ResourceStatement;
use crate::snapshot::operation::{Operation, named};
use crate::snapshot::secretsmanager::{Secret, SecretPolicy, Secretsmanager, secret_arn};
use crate::snapshot::{Cause, GapId, Known, Listing, Snapshot};
use aws_sdk_secretsmanager::{Client, types};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use std::collections::{BTreeMap, BTreeSet};

const POLICY: &Operation = named("secretsmanager", "GetResourcePolicy");
const SECRETS: &Operation = named("secretsmanager", "ListSecrets");

/// The names of a region's secrets.
pub(crate) async fn collect(ask: &Ask, _found: &Snapshot) -> Snapshot {
    let client = client!(aws_sdk_secretsmanager, ask.config());
    let secrets = ask
        .list(
            SECRETS,
            |token| {
                // With those that wait for their deletion: a reference to one of
                // them fails, though the secret still exists.
                let request = client.list_secrets().include_planned_deletion(true);
                request.max_results(SECRETS.page_size).set_next_token(token).send()
            },
            |page| page.next_token.clone(),
            |page| page.secret_list.unwrap_or_default(),
            |entry| secret(ask.region(), entry),
        )
        .await;
    let secretsmanager = Secretsmanager { secrets, ..Secretsmanager::default() };
    Snapshot { secretsmanager, ..Snapshot::default() }
}

/// The policies of the region's secrets that task definitions in use refer to.
pub(crate) async fn policies(ask: &Ask, found: &Snapshot) -> Snapshot {
    let client = client!(aws_sdk_secretsmanager, ask.config());
    let definitions = &found.ecs.task_definitions;
    let containers = definitions.iter().flat_map(|definition| &definition.containers);
    let secrets: BTreeSet<String> = containers
        .flat_map(|container| {
            let references = container.secret_references.iter().map(|reference| &reference.value_from);
            references.chain(container.registry_credentials.known().and_then(Option::as_ref))
        })
        .filter_map(|value_from| secret_arn(value_from))
        .filter(|arn| is_here(ask, arn))
        .map(str::to_owned)
        .collect();
    let items = ask
        .each(secrets, |secret| async {
            let statements = policy(ask, &client, &secret).await;
            SecretPolicy { region: ask.region().to_owned(), secret, statements: statements.into() }
        })
        .await;
    // A task definition that could not be read refers to secrets that are not here.
    let resource_policies = Listing { items, incomplete: definitions.incomplete.clone() };
    let secretsmanager = Secretsmanager { resource_policies, ..Secretsmanager::default() };
    Snapshot { secretsmanager, ..Snapshot::default() }
}

fn is_here(ask: &Ask, arn: &str) -> bool {
    Arn::parse(arn).is_some_and(|arn| {
        arn.service == "secretsmanager" && arn.account == ask.account() && arn.region == ask.region()
    })
}

async fn policy(ask: &Ask, client: &Client, secret: &str) -> Result<Vec<ResourceStatement>, GapId> {
    let call = async {
        match client.get_resource_policy().secret_id(secret).send().await {
            Ok(answer) => Ok(answer.resource_policy),
            // A secret that is gone, or waits for its deletion, has none that counts.
            Err(error) if error.code().is_some_and(is_gone) => Ok(None),
            Err(error) => Err(error),
        }
    };
    let Some(document) = ask.once(POLICY, Some(secret), call).await? else { return Ok(Vec::new()) };
    document::resource_statements(&document)
        .ok_or_else(|| ask.gap(POLICY, Some(secret), Cause::Failed, document::UNREADABLE))
}

fn is_gone(code: &str) -> bool {
    ["ResourceNotFoundException", "InvalidRequestException"].contains(&code)
}

fn secret(region: &str, entry: types::SecretListEntry) -> Option<Secret> {
    Some(Secret {
        arn: entry.arn?,
        region: region.to_owned(),
        name: entry.name?,
        // Left out for secrets that never had a rotation.
        rotation_enabled: entry.rotation_enabled.unwrap_or(false),
        last_rotated_at: entry.last_rotated_date.as_ref().and_then(rfc_3339),
        kms_key_id: Known::Yes(filled(entry.kms_key_id)),
        deleted_at: entry.deleted_date.as_ref().and_then(rfc_3339),
        rotation_days: Known::Yes(entry.rotation_rules.and_then(|rules| rules.automatically_after_days)),
        next_rotation_at: Known::Yes(entry.next_rotation_date.as_ref().and_then(rfc_3339)),
        created_at: Known::Yes(entry.created_date.as_ref().and_then(rfc_3339)),
        last_accessed_at: Known::Yes(entry.last_accessed_date.as_ref().and_then(rfc_3339)),
        owning_service: Known::Yes(filled(entry.owning_service)),
        primary_region: Known::Yes(filled(entry.primary_region)),
        tags: Known::Yes(tags(entry.tags)),
    })
}

fn tags(tags: Option<Vec<types::Tag>>) -> BTreeMap<String, String> {
    let pair = |tag: types::Tag| Some((tag.key?, tag.value.unwrap_or_default()));
    tags.unwrap_or_default().into_iter().filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_smithy_types::DateTime;

    #[test]
    fn never_rotated_and_to_be_deleted() {
        let answer = types::SecretListEntry::builder()
            .arn("arn:1")
            .name("shop/db")
            .deleted_date(DateTime::from_secs(1_700_000_000))
            .build();
        let found = secret("ap-northeast-1", answer).unwrap();
        assert!(!found.rotation_enabled);
        assert_eq!(found.last_rotated_at, None);
        assert_eq!((found.rotation_days, found.last_accessed_at), (Known::Yes(None), Known::Yes(None)));
        assert_eq!(found.deleted_at.as_deref(), Some("2023-11-14T22:13:20Z"));
        assert_eq!(secret("ap-northeast-1", types::SecretListEntry::builder().name("x").build()), None);
    }
    #[test]
    fn rotated_by_another_service_and_replicated() {
        let rules = types::RotationRulesType::builder().automatically_after_days(30).build();
        let answer = types::SecretListEntry::builder()
            .arn("arn:1")
            .name("rds!db-1")
            .rotation_enabled(true)
            .rotation_rules(rules)
            .owning_service("rds")
            .primary_region("us-east-1")
            .tags(types::Tag::builder().key("team").value("shop").build())
            .next_rotation_date(DateTime::from_secs(1_700_000_000))
            .build();
        let found = secret("ap-northeast-1", answer).unwrap();
        assert_eq!(found.rotation_days, Known::Yes(Some(30)));
        assert_eq!(found.owning_service, Known::Yes(Some("rds".to_owned())));
        assert_eq!(found.primary_region, Known::Yes(Some("us-east-1".to_owned())));
        assert_eq!(found.tags, Known::Yes([("team".to_owned(), "shop".to_owned())].into()));
        assert_eq!(found.next_rotation_at, Known::Yes(Some("2023-11-14T22:13:20Z".to_owned())));
    }
}
