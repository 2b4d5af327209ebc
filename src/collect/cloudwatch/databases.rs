//! What is asked about databases: their CPU and their connections.

use super::series::SeriesQuestion;
use crate::snapshot::rds::DbInstance;

/// The metrics of a database.
pub(super) fn database(db: &DbInstance) -> Vec<SeriesQuestion<'_>> {
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
