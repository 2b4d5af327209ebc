//! How busy services were: the average of five minutes each.
//!
//! Averages are the load that the task size has to carry; the maximum of single samples says
//! more about start-up peaks than about size.

use super::series::{Points, SeriesQuestion, of_resources};
use crate::ask::Ask;
use crate::snapshot::Snapshot;
use crate::snapshot::cloudwatch::Cloudwatch;
use crate::snapshot::ecs::Service;

const BUSY: Points = Points { statistic: "Average", period_seconds: 300 };

/// The CPU and memory of the region's services.
pub(crate) async fn service_load(ask: &Ask, found: &Snapshot) -> Snapshot {
    let series = of_resources(ask, BUSY, &found.ecs.services, |service| &service.region, service).await;
    Snapshot { cloudwatch: Cloudwatch { series, ..Cloudwatch::default() }, ..Snapshot::default() }
}

fn service(service: &Service) -> Vec<SeriesQuestion<'_>> {
    let question = |metric_name| SeriesQuestion {
        resource_arn: &service.arn,
        namespace: "AWS/ECS",
        metric_name,
        dimensions: vec![("ClusterName", &service.cluster_name), ("ServiceName", &service.name)],
    };
    ["CPUUtilization", "MemoryUtilization"].map(question).into()
}
