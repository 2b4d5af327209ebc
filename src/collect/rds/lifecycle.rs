//! What AWS will do to databases, and until when it supports their versions.

use crate::ask::Ask;
use crate::ask::listed::filled;
use crate::ask::time::rfc_3339;
use crate::snapshot::Listing;
use crate::snapshot::operation::{Operation, named};
use crate::snapshot::rds::{DbCluster, DbInstance, MaintenanceAction, MajorEngineVersion};
use aws_sdk_rds::{Client, types};

const MAINTENANCE: &Operation = named("rds", "DescribePendingMaintenanceActions");
const MAJOR_VERSIONS: &Operation = named("rds", "DescribeDBMajorEngineVersions");

/// The maintenance that waits for databases of the region.
pub(super) async fn pending(
    ask: &Ask,
    client: &Client,
    instances: &Listing<DbInstance>,
    clusters: &Listing<DbCluster>,
) -> Listing<MaintenanceAction> {
    if super::has_none(instances, clusters) {
        return super::of_none(instances, clusters);
    }
    ask.list(
        MAINTENANCE,
        |marker| {
            let request = client.describe_pending_maintenance_actions();
            request.max_records(MAINTENANCE.page_size).set_marker(marker).send()
        },
        |page| page.marker.clone(),
        |page| {
            let resources = page.pending_maintenance_actions.unwrap_or_default();
            resources.into_iter().flat_map(actions).collect()
        },
        |(resource, action)| maintenance(ask.region(), resource, action),
    )
    .await
}

type OfResource = (Option<String>, types::PendingMaintenanceAction);

fn actions(resource: types::ResourcePendingMaintenanceActions) -> Vec<OfResource> {
    let arn = resource.resource_identifier;
    let details = resource.pending_maintenance_action_details.unwrap_or_default();
    details.into_iter().map(|action| (arn.clone(), action)).collect()
}

fn maintenance(
    region: &str,
    resource_arn: Option<String>,
    action: types::PendingMaintenanceAction,
) -> Option<MaintenanceAction> {
    Some(MaintenanceAction {
        resource_arn: resource_arn?,
        region: region.to_owned(),
        action: action.action?,
        description: filled(action.description),
        auto_applied_after: action.auto_applied_after_date.as_ref().and_then(rfc_3339),
        forced_at: action.forced_apply_date.as_ref().and_then(rfc_3339),
        applied_at: action.current_apply_date.as_ref().and_then(rfc_3339),
    })
}

/// The major versions of the engines, in a region that has a database whose versions run out.
pub(super) async fn major_versions(
    ask: &Ask,
    client: &Client,
    instances: &Listing<DbInstance>,
    clusters: &Listing<DbCluster>,
) -> Listing<MajorEngineVersion> {
    let engines = instances.iter().map(|db| &db.engine).chain(clusters.iter().map(|it| &it.engine));
    if !engines.into_iter().any(|engine| is_open_source(engine)) {
        return super::of_none(instances, clusters);
    }
    ask.list(
        MAJOR_VERSIONS,
        |marker| {
            let request = client.describe_db_major_engine_versions();
            request.max_records(MAJOR_VERSIONS.page_size).set_marker(marker).send()
        },
        |page| page.marker.clone(),
        |page| page.db_major_engine_versions.unwrap_or_default(),
        |version| major_version(ask.region(), version),
    )
    .await
}

/// The engines of which AWS names the end of support.
fn is_open_source(engine: &str) -> bool {
    ["aurora-mysql", "aurora-postgresql", "mariadb", "mysql", "postgres"].contains(&engine)
}

fn major_version(region: &str, version: types::DbMajorEngineVersion) -> Option<MajorEngineVersion> {
    let (engine, major_version) = (version.engine?, version.major_engine_version?);
    let lifecycles = version.supported_engine_lifecycles.unwrap_or_default();
    let ends_at = |name: &str| {
        let found = lifecycles
            .iter()
            .find(|it| it.lifecycle_support_name.as_ref().is_some_and(|it| it.as_str() == name));
        found.and_then(|it| it.lifecycle_support_end_date.as_ref()).and_then(rfc_3339)
    };
    Some(MajorEngineVersion {
        region: region.to_owned(),
        name: format!("{engine} {major_version}"),
        standard_support_ends_at: ends_at("open-source-rds-standard-support"),
        extended_support_ends_at: ends_at("open-source-rds-extended-support"),
        engine,
        major_version,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_smithy_types::DateTime;

    #[test]
    fn every_action_of_a_resource_is_named() {
        let action = |name: &str| types::PendingMaintenanceAction::builder().action(name).build();
        let resource = types::ResourcePendingMaintenanceActions::builder()
            .resource_identifier("arn:1")
            .pending_maintenance_action_details(action("system-update"))
            .pending_maintenance_action_details(action("db-upgrade"))
            .build();
        let found: Vec<_> = actions(resource)
            .into_iter()
            .filter_map(|(resource, action)| maintenance("eu-west-1", resource, action))
            .map(|found| (found.resource_arn, found.action))
            .collect();
        let of = |name: &str| ("arn:1".to_owned(), name.to_owned());
        assert_eq!(found, [of("system-update"), of("db-upgrade")]);
    }

    #[test]
    fn each_kind_of_support_has_its_end() {
        let support = |name: &str, end| {
            types::SupportedEngineLifecycle::builder()
                .lifecycle_support_name(name.into())
                .lifecycle_support_start_date(DateTime::from_secs(0))
                .lifecycle_support_end_date(DateTime::from_secs(end))
                .build()
        };
        let answer = types::DbMajorEngineVersion::builder().engine("postgres").major_engine_version("15");
        let plain = major_version("eu-west-1", answer.clone().build()).unwrap();
        assert_eq!((plain.standard_support_ends_at, plain.extended_support_ends_at), (None, None));
        let found = answer
            .supported_engine_lifecycles(support("open-source-rds-extended-support", 1_900_000_000))
            .supported_engine_lifecycles(support("open-source-rds-standard-support", 1_800_000_000))
            .build();
        let found = major_version("eu-west-1", found).unwrap();
        assert_eq!(found.name, "postgres 15");
        assert_eq!(found.standard_support_ends_at.as_deref(), Some("2027-01-15T08:00:00Z"));
        assert_eq!(found.extended_support_ends_at.as_deref(), Some("2030-03-17T17:46:40Z"));
    }
}
