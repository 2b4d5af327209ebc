//! Clusters, services, the task definitions they run, tasks, what starts them without a service, and
//! capacity providers.

mod overrides;
mod record;
mod revisions;
mod secrets;
mod settings;
mod size;
mod starters;

use crate::ask::Ask;
use crate::ask::asked::client;
use crate::collect::eventbridge::{self, Rules};
use crate::collect::scheduler::{self, Schedules};
use crate::snapshot::ecs::{
    CapacityProvider, Cluster, ContainerInstance, Ecs, FARGATE, FARGATE_SPOT, Service, Task, TaskDefinition,
    TaskStarter, family_of,
};
use crate::snapshot::eventbridge::{EventRule, Eventbridge};
use crate::snapshot::operation::{Operation, named};
use crate::snapshot::scheduler::{Schedule, Scheduler};
use crate::snapshot::{Cause, GapId, Listing, Snapshot};
use aws_sdk_ecs::Client;
use aws_sdk_ecs::operation::describe_clusters::DescribeClustersOutput;
use aws_sdk_ecs::operation::describe_container_instances::DescribeContainerInstancesOutput;
use aws_sdk_ecs::operation::describe_services::DescribeServicesOutput;
use aws_sdk_ecs::operation::describe_tasks::DescribeTasksOutput;
use aws_sdk_ecs::types::{ClusterField, Failure, ServiceField};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use record::FoundTask;
use std::collections::BTreeSet;

const CAPACITY_PROVIDERS: &Operation = named("ecs", "DescribeCapacityProviders");
const CLUSTERS: &Operation = named("ecs", "DescribeClusters");
const CONTAINER_INSTANCES: &Operation = named("ecs", "DescribeContainerInstances");
const SERVICES: &Operation = named("ecs", "DescribeServices");
const TASK_DEFINITION: &Operation = named("ecs", "DescribeTaskDefinition");
const TASKS: &Operation = named("ecs", "DescribeTasks");
const CLUSTER_ARNS: &Operation = named("ecs", "ListClusters");
const CONTAINER_INSTANCE_ARNS: &Operation = named("ecs", "ListContainerInstances");
const SERVICE_ARNS: &Operation = named("ecs", "ListServices");
const TASK_ARNS: &Operation = named("ecs", "ListTasks");

/// What runs in containers in a region.
pub(crate) async fn collect(ask: &Ask, _found: &Snapshot) -> Snapshot {
    let client = client!(aws_sdk_ecs, ask.config());
    let in_clusters = in_clusters(ask, &client).await;
    let InClusters {
        clusters,
        services,
        tasks,
        task_starters,
        task_definitions,
        unused_task_definitions,
        container_instances,
        alarm_rules,
        schedules,
    } = in_clusters;
    let (account_settings, capacity_providers) = tokio::join!(
        settings::of_log_drivers(ask, &client, &task_definitions),
        capacity_providers(ask, &client, &clusters, &services),
    );
    let ecs = Ecs {
        clusters,
        services,
        task_definitions,
        unused_task_definitions,
        tasks,
        task_starters,
        capacity_providers,
        container_instances,
        account_settings,
    };
    // Rules and schedules name the task definitions of what they start, and are asked once.
    let (eventbridge, scheduler) = (Eventbridge { alarm_rules }, Scheduler { schedules });
    Snapshot { ecs, eventbridge, scheduler, ..Snapshot::default() }
}

/// What is found through the clusters, and what starts tasks in them.
struct InClusters {
    clusters: Listing<Cluster>,
    services: Listing<Service>,
    tasks: Listing<Task>,
    task_starters: Listing<TaskStarter>,
    task_definitions: Listing<TaskDefinition>,
    unused_task_definitions: Listing<TaskDefinition>,
    alarm_rules: Listing<EventRule>,
    schedules: Listing<Schedule>,
    container_instances: Listing<ContainerInstance>,
}

async fn in_clusters(ask: &Ask, client: &Client) -> InClusters {
    let arns = cluster_arns(ask, client).await;
    let (clusters, contents, rules, scheduled) = tokio::join!(
        clusters(ask, client, &arns),
        ask.each(&arns.items, |arn| async move {
            tokio::join!(services(ask, client, arn), tasks(ask, client, arn))
        }),
        eventbridge::rules(ask, &arns.items),
        scheduler::schedules(ask),
    );
    // Whatever is in clusters that were not listed was not listed either.
    let mut services = Listing::with_gaps(arns.incomplete.clone());
    let mut found = Listing::with_gaps(arns.incomplete.clone());
    for (of_cluster, running) in contents {
        services.extend(of_cluster);
        found.extend(running);
    }
    let Rules { alarm_rules, task_rules } = rules;
    let Schedules { schedules, targets } = scheduled;
    let mut task_starters = starters::starters(ask, task_rules, targets, &found);
    task_starters.incomplete.extend(schedules.incomplete.iter().cloned());
    let tasks = found.items.into_iter().map(|found| found.task).collect();
    let tasks = Listing { items: tasks, incomplete: found.incomplete };
    let mut in_use = in_use(&services, &tasks);
    let families: BTreeSet<String> =
        in_use.iter().filter_map(|arn| family_of(arn)).map(str::to_owned).collect();
    let runs = task_starters.iter().flat_map(|starter| &starter.runs);
    in_use.extend(runs.map(|run| run.task_definition_arn.clone()));
    let mut task_definitions = definitions(ask, client, &in_use).await;
    // A family without a revision stands for its newest.
    in_use.extend(task_definitions.iter().map(|definition| definition.arn.clone()));
    let mut unused_task_definitions = revisions::unused(ask, client, &families, &in_use).await;
    let mut container_instances = hosts(ask, client, &clusters_of_hosts(&services, &tasks)).await;
    // Which are in use is not known in full where services or tasks are not.
    let hidden: Vec<GapId> = services.incomplete.iter().chain(&tasks.incomplete).cloned().collect();
    task_definitions.incomplete.extend(hidden.iter().chain(&task_starters.incomplete).cloned());
    unused_task_definitions.incomplete.extend(hidden.iter().cloned());
    container_instances.incomplete.extend(hidden);
    InClusters {
        clusters,
        services,
        tasks,
        task_starters,
        task_definitions,
        unused_task_definitions,
        container_instances,
        alarm_rules,
        schedules,
    }
}

/// The clusters in which something is in the network of its host: only there it matters which
/// hosts they have.
fn clusters_of_hosts(services: &Listing<Service>, tasks: &Listing<Task>) -> BTreeSet<String> {
    let is_there = |service: &&Service| !service.is_inactive() && service.is_in_network_of_hosts();
    let of_services = services.iter().filter(is_there).map(|service| &service.cluster_arn);
    let of_tasks = tasks.iter().filter(|task| task.is_in_network_of_host()).map(|task| &task.cluster_arn);
    of_services.chain(of_tasks).cloned().collect()
}

async fn hosts(ask: &Ask, client: &Client, cluster_arns: &BTreeSet<String>) -> Listing<ContainerInstance> {
    let mut hosts = Listing::of(Vec::new());
    for of_cluster in ask.each(cluster_arns, |arn| container_instances(ask, client, arn)).await {
        hosts.extend(of_cluster);
    }
    hosts
}

async fn container_instances(ask: &Ask, client: &Client, cluster_arn: &str) -> Listing<ContainerInstance> {
    let arns = ask
        .list_in(
            CONTAINER_INSTANCE_ARNS,
            Some(cluster_arn),
            |token| {
                let request = client.list_container_instances().cluster(cluster_arn);
                request.max_results(CONTAINER_INSTANCE_ARNS.page_size).set_next_token(token).send()
            },
            |page| page.next_token.clone(),
            |page| page.container_instance_arns.unwrap_or_default(),
            Some,
        )
        .await;
    let call = |batch: &[String]| {
        let request = client.describe_container_instances().cluster(cluster_arn);
        request.set_container_instances(Some(batch.to_vec())).send()
    };
    let parts = |answer: DescribeContainerInstancesOutput| (answer.container_instances, answer.failures);
    let record = |instance| record::container_instance(ask.region(), cluster_arn, instance);
    described(ask, CONTAINER_INSTANCES, Some(cluster_arn), &arns, call, parts, record).await
}

async fn cluster_arns(ask: &Ask, client: &Client) -> Listing<String> {
    ask.list(
        CLUSTER_ARNS,
        |token| client.list_clusters().max_results(CLUSTER_ARNS.page_size).set_next_token(token).send(),
        |page| page.next_token.clone(),
        |page| page.cluster_arns.unwrap_or_default(),
        Some,
    )
    .await
}

async fn clusters(ask: &Ask, client: &Client, arns: &Listing<String>) -> Listing<Cluster> {
    let call = |batch: &[String]| {
        let request = client.describe_clusters().set_clusters(Some(batch.to_vec()));
        request.include(ClusterField::Settings).include(ClusterField::Tags).send()
    };
    let parts = |answer: DescribeClustersOutput| (answer.clusters, answer.failures);
    let record = |cluster| record::cluster(ask.region(), cluster, &|arn| ask.broken(CLUSTERS, Some(arn)));
    described(ask, CLUSTERS, None, arns, call, parts, record).await
}

async fn services(ask: &Ask, client: &Client, cluster_arn: &str) -> Listing<Service> {
    let arns = ask
        .list_in(
            SERVICE_ARNS,
            Some(cluster_arn),
            |token| {
                let request = client.list_services().cluster(cluster_arn);
                request.max_results(SERVICE_ARNS.page_size).set_next_token(token).send()
            },
            |page| page.next_token.clone(),
            |page| page.service_arns.unwrap_or_default(),
            Some,
        )
        .await;
    let call = |batch: &[String]| {
        let request = client.describe_services().cluster(cluster_arn).set_services(Some(batch.to_vec()));
        request.include(ServiceField::Tags).send()
    };
    let parts = |answer: DescribeServicesOutput| (answer.services, answer.failures);
    let missing = |arn: &str| ask.broken(SERVICES, Some(arn));
    let record = |service| record::service(ask.region(), service, &missing);
    described(ask, SERVICES, Some(cluster_arn), &arns, call, parts, record).await
}

async fn tasks(ask: &Ask, client: &Client, cluster_arn: &str) -> Listing<FoundTask> {
    let arns = ask
        .list_in(
            TASK_ARNS,
            Some(cluster_arn),
            |token| {
                let request = client.list_tasks().cluster(cluster_arn);
                request.max_results(TASK_ARNS.page_size).set_next_token(token).send()
            },
            |page| page.next_token.clone(),
            |page| page.task_arns.unwrap_or_default(),
            Some,
        )
        .await;
    let call = |batch: &[String]| {
        client.describe_tasks().cluster(cluster_arn).set_tasks(Some(batch.to_vec())).send()
    };
    let parts = |answer: DescribeTasksOutput| (answer.tasks, answer.failures);
    let fingerprint = |secret: &str| ask.fingerprint(secret);
    let record = |task| record::found_task(ask.region(), task, &fingerprint);
    described(ask, TASKS, Some(cluster_arn), &arns, call, parts, record).await
}

/// What ARNs stand for, asked in batches of as many as one call may name. What hides ARNs
/// hides what they stand for.
async fn described<P, E, Fut, I, R>(
    ask: &Ask,
    operation: &'static Operation,
    about: Option<&str>,
    arns: &Listing<String>,
    call: impl Fn(&[String]) -> Fut,
    parts: impl Fn(P) -> (Option<Vec<I>>, Option<Vec<Failure>>),
    record: impl Fn(I) -> Option<R>,
) -> Listing<R>
where
    Fut: Future<Output = Result<P, SdkError<E, HttpResponse>>>,
    E: ProvideErrorMetadata,
{
    let mut listing = Listing::with_gaps(arns.incomplete.clone());
    let most = usize::try_from(operation.page_size).unwrap_or(1).max(1);
    let answers = ask.each(arns.items.chunks(most), |batch| ask.once(operation, about, call(batch))).await;
    for answer in answers {
        match answer.map(&parts) {
            Ok((found, failed)) => {
                listing.incomplete.extend(failures(ask, operation, failed));
                ask.keep(&mut listing, operation, about, found.unwrap_or_default(), &record);
            }
            Err(gap) => listing.incomplete.push(gap),
        }
    }
    listing
}

/// Task definitions, each asked for once.
async fn definitions(
    ask: &Ask,
    client: &Client,
    arns: impl IntoIterator<Item = &String>,
) -> Listing<TaskDefinition> {
    let mut listing = Listing::of(Vec::new());
    let answers = ask
        .each(arns, |arn| async move {
            // AWS takes a family by its name, a revision by its ARN.
            let (_, name) = arn.split_once(":task-definition/").unwrap_or(("", arn));
            let asked = if family_of(arn).is_some() { arn } else { name };
            let request = client.describe_task_definition().task_definition(asked).send();
            let answer = ask.once(TASK_DEFINITION, Some(arn), request).await?;
            let fingerprint = |secret: &str| ask.fingerprint(secret);
            answer
                .task_definition
                .and_then(|definition| record::task_definition(ask.region(), definition, &fingerprint))
                .ok_or_else(|| ask.broken(TASK_DEFINITION, Some(arn)))
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
        let sets = service.task_sets.known().into_iter().flatten().map(|set| &set.task_definition_arn);
        service.task_definition_arn.iter().chain(deployed).chain(sets)
    });
    of_services.chain(tasks.iter().map(|task| &task.task_definition_arn)).cloned().collect()
}

/// Fargate's two are the same everywhere: only where another one is named there is something to ask.
async fn capacity_providers(
    ask: &Ask,
    client: &Client,
    clusters: &Listing<Cluster>,
    services: &Listing<Service>,
) -> Listing<CapacityProvider> {
    let of_clusters = clusters.iter().flat_map(|cluster| &cluster.capacity_providers);
    let strategies = services.iter().flat_map(|service| &service.capacity_provider_strategy);
    let named = of_clusters.chain(strategies.map(|item| &item.capacity_provider));
    let is_another = |name: &String| name != FARGATE && name != FARGATE_SPOT;
    if !named.into_iter().any(is_another) {
        let hidden = clusters.incomplete.iter().chain(&services.incomplete);
        return Listing::with_gaps(hidden.cloned().collect());
    }
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
    let mut listing = Listing::with_gaps(pages.gap.into_iter().collect());
    for page in pages.pages {
        listing.incomplete.extend(failures(ask, CAPACITY_PROVIDERS, page.failures));
        let found = page.capacity_providers.unwrap_or_default();
        let record = |provider| record::capacity_provider(ask.region(), provider);
        ask.keep(&mut listing, CAPACITY_PROVIDERS, None, found, record);
    }
    listing
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
