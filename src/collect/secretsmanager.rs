//! Secrets by name; never a value.

use crate::ask::Ask;
use crate::ask::asked::client;
use crate::ask::time::rfc_3339;
use crate::snapshot::Snapshot;
use crate::snapshot::operation::{Operation, named};
use crate::snapshot::secretsmanager::{Secret, Secretsmanager};
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
        assert_eq!(found.deleted_at.as_deref(), Some("2023-11-14T22:13:20Z"));
        assert_eq!(secret("ap-northeast-1", types::SecretListEntry::builder().name("x").build()), None);
    }
}
