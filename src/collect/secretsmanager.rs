//! Secrets by name; never a value.

use super::{Collector, Scope};
use crate::ask::Ask;
use crate::ask::listed::listed;
use crate::ask::time::rfc_3339;
use crate::snapshot::Snapshot;
use crate::snapshot::operation::{Operation, named};
use crate::snapshot::secretsmanager::{Secret, Secretsmanager};
use aws_sdk_secretsmanager::{Client, types};
use std::pin::Pin;

const SECRETS: &Operation = named("secretsmanager", "ListSecrets");

/// Collects the names of secrets.
pub struct Secrets;

impl Collector for Secrets {
    fn service(&self) -> &'static str {
        "secretsmanager"
    }

    fn scope(&self) -> Scope {
        Scope::Regional
    }

    fn collect<'a>(
        &'a self,
        ask: &'a Ask,
        _found: &'a Snapshot,
    ) -> Pin<Box<dyn Future<Output = Snapshot> + 'a>> {
        Box::pin(async move {
            let client = Client::new(ask.config());
            let pages = ask
                .pages(
                    SECRETS,
                    None,
                    |token| {
                        // With those that wait for their deletion: a reference to one of
                        // them fails, though the secret still exists.
                        let request = client.list_secrets().include_planned_deletion(true);
                        request.max_results(SECRETS.page_size).set_next_token(token).send()
                    },
                    |page| page.next_token.clone(),
                )
                .await;
            let secrets = listed(
                ask,
                SECRETS,
                pages,
                |page| page.secret_list.unwrap_or_default(),
                |entry| secret(ask.region(), entry),
            );
            Snapshot { secretsmanager: Secretsmanager { secrets }, ..Snapshot::default() }
        })
    }
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
