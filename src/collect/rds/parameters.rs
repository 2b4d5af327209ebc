//! The parameters of the groups that databases use, of which only those are kept that are judged.

use crate::ask::Ask;
use crate::ask::listed::filled;
use crate::snapshot::operation::{Operation, named};
use crate::snapshot::rds::{DbCluster, DbInstance, DbParameter, JUDGED_PARAMETERS, ParameterGroup};
use crate::snapshot::{GapId, Listing};
use aws_sdk_rds::{Client, types};
use std::collections::BTreeSet;

const OF_INSTANCES: &Operation = named("rds", "DescribeDBParameters");
const OF_CLUSTERS: &Operation = named("rds", "DescribeDBClusterParameters");

/// The parameter groups of the region's databases: one question for each, because it names the
/// parameters that it wants.
pub(super) async fn groups(
    ask: &Ask,
    client: &Client,
    instances: &Listing<DbInstance>,
    clusters: &Listing<DbCluster>,
) -> Listing<ParameterGroup> {
    let of_instances: BTreeSet<&str> = instances
        .iter()
        .filter(|db| has_judged(&db.engine))
        .filter_map(|db| db.parameter_groups.known())
        .flatten()
        .map(|group| group.name.as_str())
        .collect();
    let of_clusters: BTreeSet<&str> = clusters
        .iter()
        .filter(|cluster| has_judged(&cluster.engine))
        .filter_map(|cluster| cluster.parameter_group_name.known()?.as_deref())
        .collect();
    let (of_instances, of_clusters) = tokio::join!(
        ask.each(of_instances, |name| of_instance(ask, client, name)),
        ask.each(of_clusters, |name| of_cluster(ask, client, name)),
    );
    let mut groups: Listing<ParameterGroup> = super::of_none(instances, clusters);
    for group in of_instances.into_iter().chain(of_clusters) {
        groups.items.extend(group.items);
        groups.incomplete.extend(group.incomplete);
    }
    groups
}

/// Oracle, Db2 and RDS Custom have none of the parameters; DocumentDB and Neptune are other services.
fn has_judged(engine: &str) -> bool {
    ["aurora", "mariadb", "mysql", "postgres", "sqlserver"].iter().any(|family| engine.starts_with(family))
}

async fn of_instance(ask: &Ask, client: &Client, name: &str) -> Listing<ParameterGroup> {
    let arn = ask.arn("rds", &format!("pg:{name}"));
    let parameters = ask
        .all(
            OF_INSTANCES,
            Some(&arn),
            |marker| {
                let request = client.describe_db_parameters().db_parameter_group_name(name);
                request.filters(judged()).max_records(OF_INSTANCES.page_size).set_marker(marker).send()
            },
            |page| page.marker.clone(),
            |page| wanted(page.parameters),
            parameter,
        )
        .await;
    group(ask, arn.clone(), name, parameters)
}

async fn of_cluster(ask: &Ask, client: &Client, name: &str) -> Listing<ParameterGroup> {
    let arn = ask.arn("rds", &format!("cluster-pg:{name}"));
    let parameters = ask
        .all(
            OF_CLUSTERS,
            Some(&arn),
            |marker| {
                let request = client.describe_db_cluster_parameters().db_cluster_parameter_group_name(name);
                request.filters(judged()).max_records(OF_CLUSTERS.page_size).set_marker(marker).send()
            },
            |page| page.marker.clone(),
            |page| wanted(page.parameters),
            parameter,
        )
        .await;
    group(ask, arn.clone(), name, parameters)
}

fn judged() -> types::Filter {
    let names = JUDGED_PARAMETERS.iter().map(|name| (*name).to_owned()).collect();
    types::Filter::builder().name("parameter-name").set_values(Some(names)).build()
}

/// Whatever else is answered is dropped: the value of a parameter may be anything.
fn wanted(parameters: Option<Vec<types::Parameter>>) -> Vec<types::Parameter> {
    let mut parameters = parameters.unwrap_or_default();
    parameters
        .retain(|parameter| parameter.parameter_name().is_none_or(|name| JUDGED_PARAMETERS.contains(&name)));
    parameters
}

fn parameter(parameter: types::Parameter) -> Option<DbParameter> {
    Some(DbParameter {
        name: parameter.parameter_name?,
        value: filled(parameter.parameter_value),
        source: parameter.source?,
    })
}

fn group(
    ask: &Ask,
    arn: String,
    name: &str,
    parameters: Result<Vec<DbParameter>, GapId>,
) -> Listing<ParameterGroup> {
    match parameters {
        Ok(parameters) => Listing::of(vec![ParameterGroup {
            arn,
            region: ask.region().to_owned(),
            name: name.to_owned(),
            parameters,
        }]),
        Err(gap) => Listing::with_gaps(vec![gap]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_judged_is_kept() {
        let named = |name: &str| types::Parameter::builder().parameter_name(name).source("user").build();
        let answer = vec![named("rds.force_ssl"), named("shared_preload_libraries")];
        let kept: Vec<_> = wanted(Some(answer)).into_iter().filter_map(parameter).collect();
        let expected = DbParameter { name: "rds.force_ssl".into(), value: None, source: "user".into() };
        assert_eq!(kept, [expected]);
    }

    #[test]
    fn engines_without_the_parameters_are_not_asked_about() {
        for (engine, is_asked) in [
            ("postgres", true),
            ("aurora-mysql", true),
            ("sqlserver-se", true),
            ("oracle-ee", false),
            ("custom-sqlserver-se", false),
            ("docdb", false),
        ] {
            assert_eq!(has_judged(engine), is_asked, "{engine}");
        }
    }
}
