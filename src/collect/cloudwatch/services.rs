//! How busy services and databases were: points of five minutes each, asked for together.
//!
//! Averages are the load that the task size has to carry; the maximum of single samples says
//! more about start-up peaks than about size. Sums are the load of all tasks together, however
//! many there were at that time.

use super::databases::database;
use super::series::{Points, SeriesQuestion, ask_for, in_region};
use crate::ask::Ask;
use crate::snapshot::cloudwatch::Cloudwatch;
use crate::snapshot::ecs::Service;
use crate::snapshot::{Listing, Snapshot};

const BUSY: Points = Points { period_seconds: 300 };
const OF_SERVICES: &str = "AWS/ECS";
const AVERAGE: &str = "Average";
const SUM: &str = "Sum";

/// The CPU and memory of the region's services, on average and of all tasks together, and the CPU
/// and connections of its databases.
pub(crate) async fn load(ask: &Ask, found: &Snapshot) -> Snapshot {
    let (services, databases) = (&found.ecs.services, &found.rds.db_instances);
    let of_services = in_region(ask, services, |service| &service.region).flat_map(service);
    let of_databases = in_region(ask, databases, |db| &db.region).flat_map(database);
    let questions: Vec<SeriesQuestion<'_>> = of_services.chain(of_databases).collect();
    let answered = ask_for(ask, BUSY, &questions, Vec::new()).await;
    let (series, load): (Vec<_>, Vec<_>) = answered
        .items
        .into_iter()
        .partition(|series| series.namespace == OF_SERVICES && series.statistic == AVERAGE);
    // What could not be listed hides its own.
    let hidden: Vec<_> = services.hidden_in(ask.region()).cloned().chain(answered.incomplete).collect();
    let hidden_databases = databases.hidden_in(ask.region()).cloned();
    let cloudwatch = Cloudwatch {
        load: Listing { items: load, incomplete: hidden.iter().cloned().chain(hidden_databases).collect() },
        series: Listing { items: series, incomplete: hidden },
        ..Cloudwatch::default()
    };
    Snapshot { cloudwatch, ..Snapshot::default() }
}

fn service(service: &Service) -> Vec<SeriesQuestion<'_>> {
    let question = |(metric_name, statistic)| SeriesQuestion {
        resource_arn: &service.arn,
        namespace: OF_SERVICES,
        metric_name,
        statistic,
        dimensions: vec![("ClusterName", &service.cluster_name), ("ServiceName", &service.name)],
    };
    let figures = [
        ("CPUUtilization", AVERAGE),
        ("MemoryUtilization", AVERAGE),
        ("CPUUtilization", SUM),
        ("MemoryUtilization", SUM),
    ];
    figures.map(question).into()
}
