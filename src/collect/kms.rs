//! The keys that secrets, parameters, log groups and databases name; never key material.

use super::iam::document;
use crate::arn::Arn;
use crate::ask::Ask;
use crate::ask::asked::client;
use crate::ask::time::rfc_3339;
use crate::snapshot::iam::ResourceStatement;
use crate::snapshot::kms::{Key, Kms};
use crate::snapshot::operation::{Operation, named};
use crate::snapshot::{Cause, GapId, Known, Listing, Snapshot};
use aws_sdk_kms::{Client, types};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use std::collections::{BTreeMap, BTreeSet};

const KEY: &Operation = named("kms", "DescribeKey");
const POLICY: &Operation = named("kms", "GetKeyPolicy");

/// The region's keys that something of the account names.
pub(crate) async fn collect(ask: &Ask, found: &Snapshot) -> Snapshot {
    let client = client!(aws_sdk_kms, ask.config());
    let read = names_of_readable(found, ask.region());
    let named = names(found, ask.region());
    let own = read.union(&named).filter(|name| is_own(ask, name)).cloned().collect::<Vec<_>>();
    let answers = ask
        .each(own, |name| async {
            let key = key(ask, &client, &name).await;
            (name, key)
        })
        .await;
    let mut keys: BTreeMap<String, Key> = BTreeMap::new();
    let mut incomplete = hidden(found);
    for (name, answer) in answers {
        match answer {
            Ok(key) => keys.entry(key.arn.clone()).or_insert(key).names.push(name),
            Err(gap) => incomplete.push(gap),
        }
    }
    let items = ask
        .each(keys.into_values(), |key| async {
            // The policies of AWS's own keys let everybody in the account use them through the service.
            let is_there = key.manager == "CUSTOMER" && key.state != Key::NOT_FOUND;
            let is_read = is_there && key.names.iter().any(|name| read.contains(name));
            match is_read {
                true => Key { statements: policy(ask, &client, &key.arn).await.into(), ..key },
                false => key,
            }
        })
        .await;
    Snapshot { kms: Kms { keys: Listing { items, incomplete } }, ..Snapshot::default() }
}

async fn key(ask: &Ask, client: &Client, name: &str) -> Result<Key, GapId> {
    let call = async {
        match client.describe_key().key_id(name).send().await {
            Ok(answer) => Ok(Some(answer)),
            Err(error) if error.code() == Some("NotFoundException") => Ok(None),
            Err(error) => Err(error),
        }
    };
    let Some(answer) = ask.once(KEY, Some(name), call).await? else { return Ok(gone(ask, name)) };
    let made = answer.key_metadata.and_then(|key| record(ask.region(), key));
    made.ok_or_else(|| ask.broken(KEY, Some(name)))
}

/// A key that is named and does not exist any more.
fn gone(ask: &Ask, name: &str) -> Key {
    let arn = match Arn::parse(name) {
        Some(_) => name.to_owned(),
        None if name.starts_with("alias/") => ask.arn("kms", name),
        None => ask.arn("kms", &format!("key/{name}")),
    };
    Key {
        id: Arn::parse(&arn).map_or("", |arn| arn.name()).to_owned(),
        region: ask.region().to_owned(),
        state: Key::NOT_FOUND.to_owned(),
        manager: "CUSTOMER".to_owned(),
        arn,
        ..Key::default()
    }
}

/// The keys of what tasks read when they start.
fn names_of_readable(found: &Snapshot, region: &str) -> BTreeSet<String> {
    let secrets = found.secretsmanager.secrets.iter().filter(|secret| secret.region == region);
    let parameters = found.ssm.parameters.iter().filter(|parameter| parameter.region == region);
    let keys = secrets.map(|secret| &secret.kms_key_id);
    let keys = keys.chain(parameters.map(|parameter| &parameter.kms_key_id));
    keys.filter_map(|key| key.known()?.clone()).collect()
}

/// The keys of everything else.
fn names(found: &Snapshot, region: &str) -> BTreeSet<String> {
    let groups = found.logs.log_groups.iter().filter(|group| group.region == region);
    let databases = found.rds.db_instances.iter().filter(|database| database.region == region);
    let groups = groups.filter_map(|group| group.kms_key_arn.known()?.clone());
    groups.chain(databases.filter_map(|database| database.kms_key_id.clone())).collect()
}

/// A key of the account in the region. AWS's own have aliases that say so.
fn is_own(ask: &Ask, name: &str) -> bool {
    match Arn::parse(name) {
        Some(arn) => {
            arn.account == ask.account()
                && arn.region == ask.region()
                && !arn.resource.starts_with("alias/aws/")
        }
        None if name.starts_with("alias/") => !name.starts_with("alias/aws/"),
        // An id, of a key in several regions with `mrk-`.
        None => name.trim_start_matches("mrk-").bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-'),
    }
}

/// What hides resources hides the keys that they name.
fn hidden(found: &Snapshot) -> Vec<GapId> {
    let lists = [
        &found.secretsmanager.secrets.incomplete,
        &found.ssm.parameters.incomplete,
        &found.logs.log_groups.incomplete,
        &found.rds.db_instances.incomplete,
    ];
    lists.into_iter().flatten().cloned().collect()
}

fn record(region: &str, key: types::KeyMetadata) -> Option<Key> {
    Some(Key {
        arn: key.arn?,
        region: region.to_owned(),
        id: key.key_id,
        names: Vec::new(),
        state: key.key_state?.as_str().to_owned(),
        deleted_at: key.deletion_date.as_ref().and_then(rfc_3339),
        manager: key.key_manager?.as_str().to_owned(),
        is_multi_region: key.multi_region.unwrap_or(false),
        statements: Known::default(),
    })
}

async fn policy(ask: &Ask, client: &Client, arn: &str) -> Result<Vec<ResourceStatement>, GapId> {
    let answer = ask
        .once(POLICY, Some(arn), client.get_key_policy().key_id(arn).policy_name("default").send())
        .await?;
    let document = answer.policy.ok_or_else(|| ask.broken(POLICY, Some(arn)))?;
    document::resource_statements(&document)
        .ok_or_else(|| ask.gap(POLICY, Some(arn), Cause::Failed, document::UNREADABLE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_smithy_types::DateTime;

    #[test]
    fn a_key_that_waits_for_its_deletion() {
        let answer = types::KeyMetadata::builder()
            .arn("arn:aws:kms:ap-northeast-1:123456789012:key/1")
            .key_id("1")
            .key_state(types::KeyState::PendingDeletion)
            .key_manager(types::KeyManagerType::Customer)
            .deletion_date(DateTime::from_secs(1_700_000_000))
            .build()
            .unwrap();
        let key = record("ap-northeast-1", answer).unwrap();
        assert_eq!((key.state.as_str(), key.manager.as_str()), ("PendingDeletion", "CUSTOMER"));
        assert_eq!(key.deleted_at.as_deref(), Some("2023-11-14T22:13:20Z"));
        assert!(!key.is_multi_region);
    }
}
