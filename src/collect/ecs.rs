//! Clusters, services, the task definitions they run, tasks and capacity providers.

mod record;
mod revisions;
mod secrets;
mod size;

use super::{Collector, Scope};
use crate::ask::Ask;
use crate::ask::listed::{broken, listed};
use crate::snapshot::ecs::{CapacityProvider, Cluster, Ecs, Service, Task, TaskDefinition};
use crate::snapshot::operation::{Operation, named};
use crate::snapshot::{Cause, GapId, Listing, Snapshot};
use aws_sdk_ecs::Client;
use aws_sdk_ecs::types::{ClusterField, Failure, ServiceField};
use std::collections::BTreeSet;
use std::pin::Pin;

const CAPACITY_PROVIDERS: &Operation = named("ecs", "DescribeCapacityProviders");
const CLUSTERS: &Operation = named("ecs", "DescribeClusters");
const SERVICES: &Operation = named("ecs", "DescribeServices");
const TASK_DEFINITION: &Operation = named("ecs", "DescribeTaskDefinition");
const TASKS: &Operation = named("ecs", "DescribeTasks");
const CLUSTER_ARNS: &Operation = named("ecs", "ListClusters");
const SERVICE_ARNS: &Operation = named("ecs", "ListServices");
const TASK_ARNS: &Operation = named("ecs", "ListTasks");

/// Collects what runs in containers.
pub struct Containers;

impl Collector for Containers {
    fn service(&self) -> &'static str {
        "ecs"
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
            let (in_clusters, capacity_providers) =
                tokio::join!(in_clusters(ask, &client), capacity_providers(ask, &client));
            let mut ecs = in_clusters;
            ecs.capacity_providers = capacity_providers;
            Snapshot { ecs, ..Snapshot::default() }
        })
    }
}

async fn in_clusters(ask: &Ask, client: &Client) -> Ecs {
    let (arns, gap) = cluster_arns(ask, client).await;
    let (mut clusters, contents) = tokio::join!(
        clusters(ask, client, &arns),
        ask.each(
            &arns,
            |arn| async move { tokio::join!(services(ask, client, arn), tasks(ask, client, arn)) }
        )
    );
    let mut services = Listing::default();
    let mut tasks = Listing::default();
    for (of_cluster, running) in contents {
        services.extend(of_cluster);
        tasks.extend(running);
    }
    // Whatever is in clusters that were not listed was not listed either.
    clusters.incomplete.extend(gap.clone());
    services.incomplete.extend(gap.clone());
    tasks.incomplete.extend(gap);
    let in_use = in_use(&services, &tasks);
    let mut task_definitions = described(ask, client, &in_use).await;
    let mut unused_task_definitions = revisions::unused(ask, client, &in_use).await;
    // Which are in use is not known in full where services or tasks are not.
    let hidden: Vec<GapId> = services.incomplete.iter().chain(&tasks.incomplete).cloned().collect();
    task_definitions.incomplete.extend(hidden.iter().cloned());
    unused_task_definitions.incomplete.extend(hidden);
    Ecs {
        clusters,
        services,
        task_definitions,
        unused_task_definitions,
        tasks,
        capacity_providers: Listing::default(),
    }
}

async fn cluster_arns(ask: &Ask, client: &Client) -> (Vec<String>, Option<GapId>) {
    let pages = ask
        .pages(
            CLUSTER_ARNS,
            None,
            |token| client.list_clusters().max_results(CLUSTER_ARNS.page_size).set_next_token(token).send(),
            |page| page.next_token.clone(),
        )
        .await;
    (pages.pages.into_iter().flat_map(|page| page.cluster_arns.unwrap_or_default()).collect(), pages.gap)
}

async fn clusters(ask: &Ask, client: &Client, arns: &[String]) -> Listing<Cluster> {
    let mut listing = Listing::default();
    let answers = ask
        .each(batches(arns, CLUSTERS), |batch| {
            let request = client
                .describe_clusters()
                .set_clusters(Some(batch.to_vec()))
                .include(ClusterField::Settings)
                .include(ClusterField::Tags);
            ask.once(CLUSTERS, None, request.send())
        })
        .await;
    for answer in answers {
        match answer {
            Ok(answer) => {
                listing.incomplete.extend(failures(ask, CLUSTERS, answer.failures));
                let found = answer.clusters.unwrap_or_default();
                keep(&mut listing, ask, CLUSTERS, None, found, |cluster| {
                    record::cluster(ask.region(), cluster)
                });
            }
            Err(gap) => listing.incomplete.push(gap),
        }
    }
    listing
}

async fn services(ask: &Ask, client: &Client, cluster_arn: &str) -> Listing<Service> {
    let pages = ask
        .pages(
            SERVICE_ARNS,
            Some(cluster_arn),
            |token| {
                let request = client.list_services().cluster(cluster_arn).max_results(SERVICE_ARNS.page_size);
                request.set_next_token(token).send()
            },
            |page| page.next_token.clone(),
        )
        .await;
    let mut listing = Listing { items: Vec::new(), incomplete: pages.gap.into_iter().collect() };
    let arns: Vec<String> =
        pages.pages.into_iter().flat_map(|page| page.service_arns.unwrap_or_default()).collect();
    let answers = ask
        .each(batches(&arns, SERVICES), |batch| {
            let request = client
                .describe_services()
                .cluster(cluster_arn)
                .set_services(Some(batch.to_vec()))
                .include(ServiceField::Tags);
            ask.once(SERVICES, Some(cluster_arn), request.send())
        })
        .await;
    for answer in answers {
        match answer {
            Ok(answer) => {
                listing.incomplete.extend(failures(ask, SERVICES, answer.failures));
                let found = answer.services.unwrap_or_default();
                let record = |service| record::service(ask.region(), service);
                keep(&mut listing, ask, SERVICES, Some(cluster_arn), found, record);
            }
            Err(gap) => listing.incomplete.push(gap),
        }
    }
    listing
}

async fn tasks(ask: &Ask, client: &Client, cluster_arn: &str) -> Listing<Task> {
    let pages = ask
        .pages(
            TASK_ARNS,
            Some(cluster_arn),
            |token| {
                let request = client.list_tasks().cluster(cluster_arn).max_results(TASK_ARNS.page_size);
                request.set_next_token(token).send()
            },
            |page| page.next_token.clone(),
        )
        .await;
    let mut listing = Listing { items: Vec::new(), incomplete: pages.gap.into_iter().collect() };
    let arns: Vec<String> =
        pages.pages.into_iter().flat_map(|page| page.task_arns.unwrap_or_default()).collect();
    let answers = ask
        .each(batches(&arns, TASKS), |batch| {
            let request = client.describe_tasks().cluster(cluster_arn).set_tasks(Some(batch.to_vec()));
            ask.once(TASKS, Some(cluster_arn), request.send())
        })
        .await;
    for answer in answers {
        match answer {
            Ok(answer) => {
                listing.incomplete.extend(failures(ask, TASKS, answer.failures));
                let found = answer.tasks.unwrap_or_default();
                let record = |task| record::task(ask.region(), task);
                keep(&mut listing, ask, TASKS, Some(cluster_arn), found, record);
            }
            Err(gap) => listing.incomplete.push(gap),
        }
    }
    listing
}

/// Task definitions, each asked for once.
async fn described(
    ask: &Ask,
    client: &Client,
    arns: impl IntoIterator<Item = &String>,
) -> Listing<TaskDefinition> {
    let mut listing = Listing::default();
    let answers = ask
        .each(arns, |arn| async move {
            let request = client.describe_task_definition().task_definition(arn).send();
            let answer = ask.once(TASK_DEFINITION, Some(arn), request).await?;
            let fingerprint = |secret: &str| ask.fingerprint(secret);
            answer
                .task_definition
                .and_then(|definition| record::task_definition(ask.region(), definition, &fingerprint))
                .ok_or_else(|| broken(ask, TASK_DEFINITION, Some(arn)))
        })
        .await;
    for answer in answers {
        match answer {
            Ok(definition) => listing.items.push(definition),
            Err(gap) => listing.incomplete.push(gap),
        }
    }
    listing
}

fn in_use(services: &Listing<Service>, tasks: &Listing<Task>) -> BTreeSet<String> {
    let of_services = services.iter().flat_map(|service| {
        let deployed = service.deployments.iter().map(|deployment| &deployment.task_definition_arn);
        service.task_definition_arn.iter().chain(deployed)
    });
    of_services.chain(tasks.iter().map(|task| &task.task_definition_arn)).cloned().collect()
}

async fn capacity_providers(ask: &Ask, client: &Client) -> Listing<CapacityProvider> {
    let pages = ask
        .pages(
            CAPACITY_PROVIDERS,
            None,
            |token| {
                let request = client.describe_capacity_providers().max_results(CAPACITY_PROVIDERS.page_size);
                request.set_next_token(token).send()
            },
            |page| page.next_token.clone(),
        )
        .await;
    let failed: Vec<Failure> =
        pages.pages.iter().flat_map(|page| page.failures.iter().flatten()).cloned().collect();
    let mut listing = listed(
        ask,
        CAPACITY_PROVIDERS,
        pages,
        |page| page.capacity_providers.unwrap_or_default(),
        |provider| record::capacity_provider(ask.region(), provider),
    );
    listing.incomplete.extend(failures(ask, CAPACITY_PROVIDERS, Some(failed)));
    listing
}

/// As many ARNs as one call may name.
fn batches<'a>(arns: &'a [String], operation: &Operation) -> std::slice::Chunks<'a, String> {
    arns.chunks(usize::try_from(operation.page_size).unwrap_or(1).max(1))
}

/// What ECS could not describe. `MISSING` is what ended since it was listed.
fn failures(ask: &Ask, operation: &'static Operation, failures: Option<Vec<Failure>>) -> Vec<GapId> {
    failures
        .unwrap_or_default()
        .into_iter()
        .filter(|failure| failure.reason() != Some("MISSING"))
        .map(|failure| {
            let reason = failure.reason().unwrap_or("UnknownFailure");
            ask.gap(operation, failure.arn(), Cause::Failed, reason)
        })
        .collect()
}

/// Keeps the records of an answer; one that cannot be made is a gap.
fn keep<I, R>(
    listing: &mut Listing<R>,
    ask: &Ask,
    operation: &'static Operation,
    about: Option<&str>,
    found: Vec<I>,
    record: impl Fn(I) -> Option<R>,
) {
    for item in found {
        match record(item) {
            Some(record) => listing.items.push(record),
            None => listing.incomplete.push(broken(ask, operation, about)),
        }
    }
}
