//! How busy databases were: the CPU and the connections of five minutes each.

use super::series::{Points, SeriesQuestion, of_resources};
use crate::ask::Ask;
use crate::snapshot::Snapshot;
use crate::snapshot::cloudwatch::Cloudwatch;
use crate::snapshot::rds::DbInstance;

const BUSY: Points = Points { period_seconds: 300 };

/// The CPU and the connections of the region's databases.
pub(crate) async fn database_load(ask: &Ask, found: &Snapshot) -> Snapshot {
    let load = of_resources(ask, BUSY, &found.rds.db_instances, |db| &db.region, database).await;
    Snapshot { cloudwatch: Cloudwatch { load, ..Cloudwatch::default() }, ..Snapshot::default() }
}

fn database(db: &DbInstance) -> Vec<SeriesQuestion<'_>> {
    // DocumentDB and Neptune publish under names of their own, and nothing asks for them.
    if !db.is_relational() {
        return Vec::new();
    }
    let question = |metric_name| SeriesQuestion {
        resource_arn: &db.arn,
        namespace: "AWS/RDS",
        metric_name,
        statistic: "Average",
        dimensions: vec![("DBInstanceIdentifier", &db.id)],
    };
    ["CPUUtilization", "DatabaseConnections"].map(question).into()
}
