//! Manual snapshots, and whether everybody may restore them.

use crate::ask::Ask;
use crate::ask::time::rfc_3339;
use crate::snapshot::operation::{Operation, named};
use crate::snapshot::rds::DbSnapshot;
use crate::snapshot::{GapId, Known, Listing};
use aws_sdk_rds::{Client, types};

const OF_INSTANCES: &Operation = named("rds", "DescribeDBSnapshots");
const OF_CLUSTERS: &Operation = named("rds", "DescribeDBClusterSnapshots");
const ATTRIBUTES: &Operation = named("rds", "DescribeDBSnapshotAttributes");
const CLUSTER_ATTRIBUTES: &Operation = named("rds", "DescribeDBClusterSnapshotAttributes");

/// The attribute with the accounts that may restore a snapshot, and the value for all of them.
const RESTORE: &str = "restore";
const EVERYBODY: &str = "all";

/// The manual snapshots of the region, of deleted databases as well. Automated ones cannot be shared.
pub(super) async fn manual(ask: &Ask, client: &Client) -> Listing<DbSnapshot> {
    let (mut all, of_clusters) = tokio::join!(of_instances(ask, client), of_clusters(ask, client));
    all.items.extend(of_clusters.items);
    all.incomplete.extend(of_clusters.incomplete);
    all.items = ask.each(all.items, |snapshot| with_attributes(ask, client, snapshot)).await;
    all
}

async fn of_instances(ask: &Ask, client: &Client) -> Listing<DbSnapshot> {
    ask.list(
        OF_INSTANCES,
        |marker| {
            let request = client.describe_db_snapshots().snapshot_type("manual");
            request.max_records(OF_INSTANCES.page_size).set_marker(marker).send()
        },
        |page| page.marker.clone(),
        |page| page.db_snapshots.unwrap_or_default(),
        |item| of_instance(ask.region(), item, &|arn| ask.broken(OF_INSTANCES, Some(arn))),
    )
    .await
}

async fn of_clusters(ask: &Ask, client: &Client) -> Listing<DbSnapshot> {
    ask.list(
        OF_CLUSTERS,
        |marker| {
            let request = client.describe_db_cluster_snapshots().snapshot_type("manual");
            request.max_records(OF_CLUSTERS.page_size).set_marker(marker).send()
        },
        |page| page.marker.clone(),
        |page| page.db_cluster_snapshots.unwrap_or_default(),
        |item| of_cluster(ask.region(), item, &|arn| ask.broken(OF_CLUSTERS, Some(arn))),
    )
    .await
}

fn of_instance(
    region: &str,
    snapshot: types::DbSnapshot,
    missing: &dyn Fn(&str) -> GapId,
) -> Option<DbSnapshot> {
    let arn = snapshot.db_snapshot_arn?;
    let is_encrypted = super::encrypted(snapshot.encrypted, snapshot.storage_encryption_type);
    Some(DbSnapshot {
        region: region.to_owned(),
        id: snapshot.db_snapshot_identifier?,
        kind: "instance".to_owned(),
        source_id: snapshot.db_instance_identifier?,
        engine: snapshot.engine?,
        status: Known::from(snapshot.status.ok_or_else(|| missing(&arn))),
        created_at: snapshot.snapshot_create_time.as_ref().and_then(rfc_3339),
        is_encrypted: Known::from(is_encrypted.ok_or_else(|| missing(&arn))),
        is_public: not_with_a_key(is_encrypted, snapshot.kms_key_id),
        arn,
    })
}

fn of_cluster(
    region: &str,
    snapshot: types::DbClusterSnapshot,
    missing: &dyn Fn(&str) -> GapId,
) -> Option<DbSnapshot> {
    let arn = snapshot.db_cluster_snapshot_arn?;
    let is_encrypted = super::encrypted(snapshot.storage_encrypted, snapshot.storage_encryption_type);
    Some(DbSnapshot {
        region: region.to_owned(),
        id: snapshot.db_cluster_snapshot_identifier?,
        kind: "cluster".to_owned(),
        source_id: snapshot.db_cluster_identifier?,
        engine: snapshot.engine?,
        status: Known::from(snapshot.status.ok_or_else(|| missing(&arn))),
        created_at: snapshot.snapshot_create_time.as_ref().and_then(rfc_3339),
        is_encrypted: Known::from(is_encrypted.ok_or_else(|| missing(&arn))),
        is_public: not_with_a_key(is_encrypted, snapshot.kms_key_id),
        arn,
    })
}

/// RDS refuses to share a snapshot with a KMS key with everybody; all others have to be asked about.
fn not_with_a_key(is_encrypted: Option<bool>, key: Option<String>) -> Known<bool> {
    let has_key = is_encrypted == Some(true) && key.is_some_and(|key| !key.is_empty());
    if has_key { Known::Yes(false) } else { Known::default() }
}

async fn with_attributes(ask: &Ask, client: &Client, snapshot: DbSnapshot) -> DbSnapshot {
    if snapshot.is_public.known().is_some() {
        return snapshot;
    }
    let (id, about) = (snapshot.id.as_str(), Some(snapshot.arn.as_str()));
    let is_public = if snapshot.kind == "cluster" {
        let request = client.describe_db_cluster_snapshot_attributes().db_cluster_snapshot_identifier(id);
        ask.once(CLUSTER_ATTRIBUTES, about, request.send()).await.and_then(|answer| {
            let attributes =
                answer.db_cluster_snapshot_attributes_result.and_then(|it| it.db_cluster_snapshot_attributes);
            let pairs =
                attributes.map(|them| them.into_iter().map(|it| (it.attribute_name, it.attribute_values)));
            is_for_everybody(pairs).ok_or_else(|| ask.broken(CLUSTER_ATTRIBUTES, about))
        })
    } else {
        let request = client.describe_db_snapshot_attributes().db_snapshot_identifier(id);
        ask.once(ATTRIBUTES, about, request.send()).await.and_then(|answer| {
            let attributes = answer.db_snapshot_attributes_result.and_then(|it| it.db_snapshot_attributes);
            let pairs =
                attributes.map(|them| them.into_iter().map(|it| (it.attribute_name, it.attribute_values)));
            is_for_everybody(pairs).ok_or_else(|| ask.broken(ATTRIBUTES, about))
        })
    };
    DbSnapshot { is_public: is_public.into(), ..snapshot }
}

type Attribute = (Option<String>, Option<Vec<String>>);

/// Whether `restore` names everybody. An answer without attributes, or with one that has no name, says
/// nothing.
fn is_for_everybody(attributes: Option<impl Iterator<Item = Attribute>>) -> Option<bool> {
    let named = attributes?.map(|(name, accounts)| Some((name?, accounts))).collect::<Option<Vec<_>>>()?;
    let accounts = named.into_iter().filter(|(name, _)| name == RESTORE).filter_map(|(_, accounts)| accounts);
    Some(accounts.flatten().any(|account| account == EVERYBODY))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_a_key_is_not_public_and_what_has_none_is_asked_about() {
        let answer = types::DbSnapshot::builder()
            .db_snapshot_arn("arn:1")
            .db_snapshot_identifier("before")
            .db_instance_identifier("shop-db")
            .engine("postgres")
            .status("available");
        let gap = |arn: &str| GapId::new("rds:DescribeDBSnapshots", "eu-west-1", Some(arn));
        for (encrypted, expected, public) in [
            (Some(true), Known::Yes(true), Known::Yes(false)),
            (Some(false), Known::Yes(false), Known::default()),
            // An answer that leaves it out loses the one fact, and everybody's access is asked for.
            (None, Known::No(gap("arn:1")), Known::default()),
        ] {
            let answer = answer.clone().set_encrypted(encrypted).kms_key_id("key");
            let found = of_instance("eu-west-1", answer.build(), &gap).unwrap();
            assert_eq!((found.is_encrypted, found.is_public), (expected, public));
        }
    }

    #[test]
    fn everybody_is_named_in_the_attribute_restore() {
        let of = |values: &[&str]| {
            let values = values.iter().map(|value| (*value).to_owned()).collect();
            is_for_everybody(Some([(Some(RESTORE.to_owned()), Some(values))].into_iter()))
        };
        assert_eq!(of(&[]), Some(false));
        assert_eq!(of(&["123456789012"]), Some(false));
        assert_eq!(of(&["123456789012", "all"]), Some(true));
        assert_eq!(is_for_everybody(None::<std::vec::IntoIter<Attribute>>), None);
    }
}
