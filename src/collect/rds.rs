//! Databases: instances, clusters, subnet groups, and what belongs to them.

mod lifecycle;
mod parameters;
mod snapshots;

use crate::ask::Ask;
use crate::ask::asked::client;
use crate::ask::listed::filled;
use crate::ask::time::rfc_3339;
use crate::snapshot::operation::{Operation, named};
use crate::snapshot::rds::{DbCluster, DbInstance, DbSubnetGroup, ParameterGroupUse, Rds};
use crate::snapshot::{GapId, Known, Listing, Snapshot};
use aws_sdk_rds::{Client, types};
use std::collections::{BTreeMap, BTreeSet};

const CLUSTERS: &Operation = named("rds", "DescribeDBClusters");
const INSTANCES: &Operation = named("rds", "DescribeDBInstances");
const SUBNET_GROUPS: &Operation = named("rds", "DescribeDBSubnetGroups");

/// The databases of a region.
pub(crate) async fn collect(ask: &Ask, _found: &Snapshot) -> Snapshot {
    let client = client!(aws_sdk_rds, ask.config());
    let databases = async {
        let (db_instances, db_clusters) = tokio::join!(instances(ask, &client), clusters(ask, &client));
        let (parameter_groups, pending_maintenance, major_engine_versions) = tokio::join!(
            parameters::groups(ask, &client, &db_instances, &db_clusters),
            lifecycle::pending(ask, &client, &db_instances, &db_clusters),
            lifecycle::major_versions(ask, &client, &db_instances, &db_clusters),
        );
        Rds {
            db_instances,
            db_clusters,
            parameter_groups,
            pending_maintenance,
            major_engine_versions,
            ..Rds::default()
        }
    };
    let (databases, db_subnet_groups, snapshots) =
        tokio::join!(databases, subnet_groups(ask, &client), snapshots::manual(ask, &client));
    Snapshot { rds: Rds { db_subnet_groups, snapshots, ..databases }, ..Snapshot::default() }
}

/// Whether the region has no database, as far as AWS says: then nothing is asked about any.
fn has_none(instances: &Listing<DbInstance>, clusters: &Listing<DbCluster>) -> bool {
    instances.items.is_empty() && clusters.items.is_empty()
}

/// The list of what belongs to databases where there is none: as complete as theirs.
fn of_none<T>(instances: &Listing<DbInstance>, clusters: &Listing<DbCluster>) -> Listing<T> {
    let incomplete = instances.incomplete.iter().chain(&clusters.incomplete).cloned().collect();
    Listing::with_gaps(incomplete)
}

async fn instances(ask: &Ask, client: &Client) -> Listing<DbInstance> {
    ask.list(
        INSTANCES,
        |marker| client.describe_db_instances().max_records(INSTANCES.page_size).set_marker(marker).send(),
        |page| page.marker.clone(),
        |page| page.db_instances.unwrap_or_default(),
        |item| instance(ask.region(), item, &|arn| ask.broken(INSTANCES, Some(arn))),
    )
    .await
}

async fn clusters(ask: &Ask, client: &Client) -> Listing<DbCluster> {
    ask.list(
        CLUSTERS,
        |marker| client.describe_db_clusters().max_records(CLUSTERS.page_size).set_marker(marker).send(),
        |page| page.marker.clone(),
        |page| page.db_clusters.unwrap_or_default(),
        |item| cluster(ask.region(), item, &|arn| ask.broken(CLUSTERS, Some(arn))),
    )
    .await
}

async fn subnet_groups(ask: &Ask, client: &Client) -> Listing<DbSubnetGroup> {
    ask.list(
        SUBNET_GROUPS,
        |marker| {
            client.describe_db_subnet_groups().max_records(SUBNET_GROUPS.page_size).set_marker(marker).send()
        },
        |page| page.marker.clone(),
        |page| page.db_subnet_groups.unwrap_or_default(),
        |item| subnet_group(ask.region(), item),
    )
    .await
}

// RDS answers the switches of every database today, and did not answer all of them in earlier
// versions of its API. One that is left out is a gap, and never stands for "no".
fn instance(
    region: &str,
    instance: types::DbInstance,
    missing: &dyn Fn(&str) -> GapId,
) -> Option<DbInstance> {
    let arn = instance.db_instance_arn?;
    let said = |value: Option<bool>| Known::from(value.ok_or_else(|| missing(&arn)));
    let count = |value: Option<i32>| Known::from(value.map(i64::from).ok_or_else(|| missing(&arn)));
    let text = |value: Option<String>| Known::from(value.ok_or_else(|| missing(&arn)));
    // There is none while a database is being made; one that is there has both.
    let (endpoint_address, port) = match instance.endpoint {
        None => (None, None),
        Some(endpoint) => (Some(filled(endpoint.address)?), Some(endpoint.port?)),
    };
    let group = instance.db_subnet_group;
    let source = filled(instance.read_replica_source_db_instance_identifier)
        .or(filled(instance.read_replica_source_db_cluster_identifier));
    // RDS Custom, DocumentDB and Neptune have none of these switches.
    let is_without = instance.engine.as_deref().is_some_and(is_without_switches);
    let switch = |on: Option<bool>| if is_without { Some(on.unwrap_or(false)) } else { on };
    let certificate = instance.certificate_details;
    let is_being_made = instance.db_instance_status.as_deref() == Some("creating");
    let ready = |time: Option<String>| match time {
        None if !is_being_made && !is_without => Known::No(missing(&arn)),
        time => Known::Yes(time),
    };
    Some(DbInstance {
        arn: arn.clone(),
        region: region.to_owned(),
        id: instance.db_instance_identifier?,
        engine: instance.engine?,
        engine_version: text(instance.engine_version),
        instance_class: text(instance.db_instance_class),
        status: text(instance.db_instance_status),
        cluster_id: filled(instance.db_cluster_identifier),
        availability_zone: filled(instance.availability_zone),
        secondary_availability_zone: filled(instance.secondary_availability_zone),
        multi_az: said(switch(instance.multi_az)),
        storage_encrypted: said(encrypted(instance.storage_encrypted, instance.storage_encryption_type)),
        kms_key_id: filled(instance.kms_key_id),
        backup_retention_days: count(instance.backup_retention_period),
        preferred_backup_window: filled(instance.preferred_backup_window),
        latest_restorable_at: instance.latest_restorable_time.as_ref().and_then(rfc_3339),
        publicly_accessible: said(instance.publicly_accessible),
        endpoint_address,
        port: port.map(i64::from),
        vpc_id: group.as_ref().and_then(|group| filled(group.vpc_id.clone())),
        subnet_group_name: group.and_then(|group| filled(group.db_subnet_group_name)),
        security_group_ids: group_ids(instance.vpc_security_groups)?,
        // What Aurora answers, whose storage is the cluster's, too.
        allocated_storage_gib: count(instance.allocated_storage.or(is_without.then_some(1))),
        max_allocated_storage_gib: instance.max_allocated_storage.map(i64::from),
        storage_type: filled(instance.storage_type),
        deletion_protection: said(switch(instance.deletion_protection)),
        auto_minor_version_upgrade: said(switch(instance.auto_minor_version_upgrade)),
        performance_insights_enabled: instance.performance_insights_enabled,
        // Left out, or 0, where enhanced monitoring is off.
        monitoring_interval_seconds: instance.monitoring_interval.unwrap_or(0).into(),
        log_exports: instance.enabled_cloudwatch_logs_exports.unwrap_or_default(),
        replication_source_id: source,
        replica_ids: Known::Yes(
            [instance.read_replica_db_instance_identifiers, instance.read_replica_db_cluster_identifiers]
                .into_iter()
                .flatten()
                .flatten()
                .collect(),
        ),
        backup_replication_arns: Known::Yes(
            instance
                .db_instance_automated_backups_replications
                .unwrap_or_default()
                .into_iter()
                .filter_map(|copy| copy.db_instance_automated_backups_arn)
                .collect(),
        ),
        backup_recovery_point_arn: Known::Yes(filled(instance.aws_backup_recovery_point_arn)),
        created_at: ready(instance.instance_create_time.as_ref().and_then(rfc_3339)),
        parameter_groups: Known::Yes(
            instance
                .db_parameter_groups
                .unwrap_or_default()
                .into_iter()
                .map(|group| {
                    Some(ParameterGroupUse {
                        name: group.db_parameter_group_name?,
                        apply_status: group.parameter_apply_status?,
                    })
                })
                .collect::<Option<_>>()?,
        ),
        ca_certificate_id: Known::Yes(filled(instance.ca_certificate_identifier)),
        certificate_valid_until: ready(
            certificate.and_then(|details| details.valid_till).as_ref().and_then(rfc_3339),
        ),
        lifecycle_support: Known::Yes(filled(instance.engine_lifecycle_support)),
        tags: tags(instance.tag_list),
    })
}

fn is_without_switches(engine: &str) -> bool {
    engine.starts_with("custom-") || matches!(engine, "docdb" | "neptune")
}

fn cluster(region: &str, cluster: types::DbCluster, missing: &dyn Fn(&str) -> GapId) -> Option<DbCluster> {
    let arn = cluster.db_cluster_arn?;
    let said = |value: Option<bool>| Known::from(value.ok_or_else(|| missing(&arn)));
    let count = |value: Option<i32>| Known::from(value.map(i64::from).ok_or_else(|| missing(&arn)));
    let text = |value: Option<String>| Known::from(value.ok_or_else(|| missing(&arn)));
    // Clusters of DocumentDB had no protection for years, and nothing is judged of it.
    let is_without = cluster.engine.as_deref().is_some_and(is_without_switches);
    let members = cluster.db_cluster_members.unwrap_or_default();
    let is_being_made = cluster.status.as_deref() == Some("creating");
    Some(DbCluster {
        arn: arn.clone(),
        region: region.to_owned(),
        id: cluster.db_cluster_identifier?,
        engine: cluster.engine?,
        engine_version: text(cluster.engine_version),
        status: text(cluster.status),
        multi_az: said(cluster.multi_az),
        member_ids: members.into_iter().map(|member| member.db_instance_identifier).collect::<Option<_>>()?,
        storage_encrypted: said(encrypted(cluster.storage_encrypted, cluster.storage_encryption_type)),
        backup_retention_days: count(cluster.backup_retention_period),
        port: cluster.port.map(i64::from),
        subnet_group_name: filled(cluster.db_subnet_group),
        security_group_ids: group_ids(cluster.vpc_security_groups)?,
        deletion_protection: said(cluster.deletion_protection.or(is_without.then_some(false))),
        latest_restorable_at: Known::Yes(cluster.latest_restorable_time.as_ref().and_then(rfc_3339)),
        replication_source_id: Known::Yes(filled(cluster.replication_source_identifier)),
        replica_ids: Known::Yes(cluster.read_replica_identifiers.unwrap_or_default()),
        global_cluster_id: Known::Yes(filled(cluster.global_cluster_identifier)),
        created_at: match cluster.cluster_create_time.as_ref().and_then(rfc_3339) {
            None if !is_being_made => Known::No(missing(&arn)),
            time => Known::Yes(time),
        },
        parameter_group_name: Known::Yes(filled(cluster.db_cluster_parameter_group)),
        tags: tags(cluster.tag_list),
    })
}

fn subnet_group(region: &str, group: types::DbSubnetGroup) -> Option<DbSubnetGroup> {
    let subnets = group.subnets.unwrap_or_default();
    let zones: BTreeSet<String> = subnets
        .iter()
        .filter_map(|subnet| subnet.subnet_availability_zone()?.name().map(str::to_owned))
        .collect();
    Some(DbSubnetGroup {
        arn: group.db_subnet_group_arn?,
        region: region.to_owned(),
        name: group.db_subnet_group_name?,
        vpc_id: group.vpc_id?,
        subnet_ids: subnets.into_iter().map(|subnet| subnet.subnet_identifier).collect::<Option<_>>()?,
        availability_zones: zones.into_iter().collect(),
    })
}

/// Whether storage is encrypted, as far as an answer says: with a key of AWS's (sse-rds), with a KMS key
/// (sse-kms), or as the older field has it.
fn encrypted(is_encrypted: Option<bool>, kind: Option<types::StorageEncryptionType>) -> Option<bool> {
    match kind {
        Some(kind) if ["sse-rds", "sse-kms"].contains(&kind.as_str()) => Some(true),
        _ => is_encrypted,
    }
}

/// Groups that are just being attached or detached count: both may let traffic in.
fn group_ids(groups: Option<Vec<types::VpcSecurityGroupMembership>>) -> Option<Vec<String>> {
    groups.unwrap_or_default().into_iter().map(|group| group.vpc_security_group_id).collect()
}

fn tags(tags: Option<Vec<types::Tag>>) -> BTreeMap<String, String> {
    let pair = |found: types::Tag| Some((found.key?, found.value.unwrap_or_default()));
    tags.unwrap_or_default().into_iter().filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer() -> types::builders::DbInstanceBuilder {
        types::DbInstance::builder()
            .db_instance_arn("arn:aws:rds:ap-northeast-1:123456789012:db:ec-db")
            .db_instance_identifier("ec-db")
            .engine("postgres")
            .engine_version("15.4")
            .db_instance_class("db.t4g.small")
            .db_instance_status("available")
            .multi_az(false)
            .storage_encrypted(false)
            .backup_retention_period(0)
            .publicly_accessible(true)
            .allocated_storage(20)
            .deletion_protection(false)
            .auto_minor_version_upgrade(true)
    }

    #[test]
    fn an_instance_that_is_being_made_has_no_endpoint() {
        let found = read(answer()).unwrap();
        assert_eq!((found.endpoint_address, found.port, found.vpc_id), (None, None, None));
        assert_eq!(found.backup_retention_days, Known::Yes(0));
        assert_eq!(found.performance_insights_enabled, None);
        assert_eq!(found.monitoring_interval_seconds, 0);
    }

    fn gap(arn: &str) -> GapId {
        GapId::new("rds:DescribeDBInstances", "ap-northeast-1", Some(arn))
    }

    fn read(answer: types::builders::DbInstanceBuilder) -> Option<DbInstance> {
        instance("ap-northeast-1", answer.build(), &gap)
    }

    #[test]
    fn a_switch_that_is_left_out_is_not_off() {
        let whole = read(answer()).unwrap();
        let unknown = || Known::No(gap("arn:aws:rds:ap-northeast-1:123456789012:db:ec-db"));
        let protection = read(answer().set_deletion_protection(None)).unwrap();
        assert_eq!(protection, DbInstance { deletion_protection: unknown(), ..whole.clone() });
        let encryption = read(answer().set_storage_encrypted(None)).unwrap();
        assert_eq!(encryption, DbInstance { storage_encrypted: unknown(), ..whole.clone() });
        let upgrades = read(answer().set_auto_minor_version_upgrade(None)).unwrap();
        assert_eq!(upgrades, DbInstance { auto_minor_version_upgrade: unknown(), ..whole.clone() });
        let standby = read(answer().set_multi_az(None)).unwrap();
        let gap = || GapId::new("rds:DescribeDBInstances", "ap-northeast-1", Some(&whole.arn));
        assert_eq!(standby, DbInstance { multi_az: Known::No(gap()), ..whole.clone() });
        let access = read(answer().set_publicly_accessible(None)).unwrap();
        assert_eq!(access, DbInstance { publicly_accessible: Known::No(gap()), ..whole.clone() });
        let backups = read(answer().set_backup_retention_period(None)).unwrap();
        assert_eq!(backups, DbInstance { backup_retention_days: Known::No(gap()), ..whole.clone() });
        let storage = read(answer().set_allocated_storage(None)).unwrap();
        assert_eq!(storage, DbInstance { allocated_storage_gib: Known::No(gap()), ..whole.clone() });
        // Nothing can be said of what has no name.
        assert_eq!(read(answer().set_db_instance_arn(None)), None);
    }

    #[test]
    fn the_kind_of_encryption_says_more_than_the_older_field() {
        let kind = |kind: &str| Some(types::StorageEncryptionType::from(kind));
        assert_eq!(encrypted(Some(false), kind("sse-rds")), Some(true));
        assert_eq!(encrypted(None, kind("sse-kms")), Some(true));
        assert_eq!(encrypted(Some(true), kind("none")), Some(true));
        assert_eq!(encrypted(None, kind("none")), None);
    }

    #[test]
    fn zones_of_a_subnet_group_are_named_once() {
        let subnet = |id: &str, zone: &str| {
            let zone = types::AvailabilityZone::builder().name(zone).build();
            types::Subnet::builder().subnet_identifier(id).subnet_availability_zone(zone).build()
        };
        let group = types::DbSubnetGroup::builder()
            .db_subnet_group_arn("arn:1")
            .db_subnet_group_name("ec")
            .vpc_id("vpc-1")
            .subnets(subnet("subnet-2", "ap-northeast-1c"))
            .subnets(subnet("subnet-1", "ap-northeast-1a"))
            .subnets(subnet("subnet-3", "ap-northeast-1a"))
            .build();
        let found = subnet_group("ap-northeast-1", group).unwrap();
        assert_eq!(found.availability_zones, ["ap-northeast-1a", "ap-northeast-1c"]);
        assert_eq!(found.subnet_ids.len(), 3);
    }
}
