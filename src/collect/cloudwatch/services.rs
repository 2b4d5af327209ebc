//! How busy services were: the average of five minutes each.
//!
//! Averages are the load that the task size has to carry; the maximum of single samples says
//! more about start-up peaks than about size.

use super::series::{Points, Question, ask_for};
use crate::ask::Ask;
use crate::snapshot::Listing;
use crate::snapshot::cloudwatch::MetricSeries;
use crate::snapshot::ecs::Service;

const BUSY: Points = Points { statistic: "Average", period_seconds: 300 };

/// The metrics of the region's services.
pub(super) async fn busy(ask: &Ask, services: &Listing<Service>) -> Listing<MetricSeries> {
    let here = services.iter().filter(|service| service.region == ask.region());
    let questions: Vec<Question<'_>> = here
        .flat_map(|service| {
            ["CPUUtilization", "MemoryUtilization"].map(|metric_name| Question {
                resource_arn: &service.arn,
                namespace: "AWS/ECS",
                metric_name,
                dimensions: vec![("ClusterName", &service.cluster_name), ("ServiceName", &service.name)],
            })
        })
        .collect();
    let hidden = services.incomplete.iter().filter(|gap| gap.region() == ask.region());
    ask_for(ask, BUSY, &questions, hidden.cloned().collect()).await
}
