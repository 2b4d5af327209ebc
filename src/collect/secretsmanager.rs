//! Secrets by name; never a value.

use crate::ask::Ask;
use crate::ask::asked::client;
use crate::ask::listed::filled;
use crate::ask::time::rfc_3339;
use crate::snapshot::operation::{Operation, named};
use crate::snapshot::secretsmanager::{Secret, Secretsmanager};
use crate::snapshot::{Known, Snapshot};
use aws_sdk_secretsmanager::types;

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
    Snapshot { secretsmanager: Secretsmanager { secrets }, ..Snapshot::default() }
}

fn secret(region: &str, entry: types::SecretListEntry) -> Option<Secret> {
    Some(Secret {
        arn: entry.arn?,
        region: region.to_owned(),
        name: entry.name?,
        // Left out for secrets that never had a rotation.
        rotation_enabled: entry.rotation_enabled.unwrap_or(false),
        last_rotated_at: entry.last_rotated_date.as_ref().and_then(rfc_3339),
        deleted_at: entry.deleted_date.as_ref().and_then(rfc_3339),
        rotation_days: Known::Yes(entry.rotation_rules.and_then(|rules| rules.automatically_after_days)),
        next_rotation_at: Known::Yes(entry.next_rotation_date.as_ref().and_then(rfc_3339)),
        created_at: Known::Yes(entry.created_date.as_ref().and_then(rfc_3339)),
        last_accessed_at: Known::Yes(entry.last_accessed_date.as_ref().and_then(rfc_3339)),
        owning_service: Known::Yes(filled(entry.owning_service)),
        primary_region: Known::Yes(filled(entry.primary_region)),
    })
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
            .next_rotation_date(DateTime::from_secs(1_700_000_000))
            .build();
        let found = secret("ap-northeast-1", answer).unwrap();
        assert_eq!(found.rotation_days, Known::Yes(Some(30)));
        assert_eq!(found.owning_service, Known::Yes(Some("rds".to_owned())));
        assert_eq!(found.primary_region, Known::Yes(Some("us-east-1".to_owned())));
        assert_eq!(found.next_rotation_at, Known::Yes(Some("2023-11-14T22:13:20Z".to_owned())));
    }
}
