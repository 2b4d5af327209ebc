//! How busy services were: points of five minutes each.
//!
//! Averages are the load that the task size has to carry; the maximum of single samples says
//! more about start-up peaks than about size. Sums are the load of all tasks together, however
//! many there were at that time.

use super::series::{Points, SeriesQuestion, of_resources};
use crate::ask::Ask;
use crate::snapshot::cloudwatch::Cloudwatch;
use crate::snapshot::ecs::Service;
use crate::snapshot::{Listing, Snapshot};

const BUSY: Points = Points { period_seconds: 300 };
const AVERAGE: &str = "Average";
const SUM: &str = "Sum";

/// The CPU and memory of the region's services: on average, and of all tasks together.
pub(crate) async fn service_load(ask: &Ask, found: &Snapshot) -> Snapshot {
    let all = of_resources(ask, BUSY, &found.ecs.services, |service| &service.region, service).await;
    let (load, series) = all.items.into_iter().partition(|series| series.statistic == SUM);
    let cloudwatch = Cloudwatch {
        load: Listing { items: load, incomplete: all.incomplete.clone() },
        series: Listing { items: series, incomplete: all.incomplete },
        ..Cloudwatch::default()
    };
    Snapshot { cloudwatch, ..Snapshot::default() }
}

fn service(service: &Service) -> Vec<SeriesQuestion<'_>> {
    let question = |(metric_name, statistic)| SeriesQuestion {
        resource_arn: &service.arn,
        namespace: "AWS/ECS",
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
