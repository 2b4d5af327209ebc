//! Databases: what RDS says about instances, clusters and subnet groups.

use super::listing::Listing;
use super::operation::{Operation, bucket, operation};
use super::source::SourceRow;
use std::collections::BTreeMap;

crate::record! {
    /// Everything asked of RDS.
    pub struct Rds {
        /// DB instances (DescribeDBInstances).
        pub db_instances: Listing<DbInstance>,
        /// DB clusters (DescribeDBClusters).
        pub db_clusters: Listing<DbCluster>,
        /// DB subnet groups (DescribeDBSubnetGroups).
        pub db_subnet_groups: Listing<DbSubnetGroup>,
    }

    /// A DB instance.
    pub struct DbInstance {
        /// The ARN.
        pub arn: String,
        /// The region.
        pub region: String,
        /// The identifier.
        pub id: String,
        /// postgres, mysql, aurora-postgresql, …
        pub engine: String,
        /// For instance 15.4.
        pub engine_version: String,
        /// For instance db.t4g.small.
        pub instance_class: String,
        /// available, stopped, …
        pub status: String,
        /// The cluster it belongs to; null for an instance of its own.
        pub cluster_id: Option<String>,
        /// Where it is.
        pub availability_zone: Option<String>,
        /// Where its standby is; null for none.
        pub secondary_availability_zone: Option<String>,
        /// Whether it has a standby in another Availability Zone.
        pub multi_az: bool,
        /// Whether its storage is encrypted.
        pub storage_encrypted: bool,
        /// The KMS key; null when not encrypted.
        pub kms_key_id: Option<String>,
        /// How long automated backups are kept; 0 when they are off.
        pub backup_retention_days: i64,
        /// When automated backups run, UTC.
        pub preferred_backup_window: Option<String>,
        /// The latest time it can be restored to, RFC 3339.
        pub latest_restorable_at: Option<String>,
        /// Whether its DNS name resolves to a public address.
        pub publicly_accessible: bool,
        /// Its DNS name; null until it is made.
        pub endpoint_address: Option<String>,
        /// Its port; null until it is made.
        pub port: Option<i64>,
        /// Its VPC.
        pub vpc_id: Option<String>,
        /// Its DB subnet group.
        pub subnet_group_name: Option<String>,
        /// Its security groups.
        pub security_group_ids: Vec<String>,
        /// Storage.
        pub allocated_storage_gib: i64,
        /// What storage autoscaling may grow to; null when off.
        pub max_allocated_storage_gib: Option<i64>,
        /// gp2, gp3, io1, io2, aurora, …
        pub storage_type: Option<String>,
        /// Whether it is protected against deletion.
        pub deletion_protection: bool,
        /// Whether minor versions are installed in the maintenance window.
        pub auto_minor_version_upgrade: bool,
        /// Whether Performance Insights is on; null where AWS did not mention it.
        pub performance_insights_enabled: Option<bool>,
        /// Time between enhanced monitoring samples; 0 when off.
        pub monitoring_interval_seconds: i64,
        /// The logs it sends to CloudWatch Logs.
        pub log_exports: Vec<String>,
        /// The instance it replicates; null for none.
        pub replication_source_id: Option<String>,
        /// Tags.
        pub tags: BTreeMap<String, String>,
    }

    /// A DB cluster: Aurora, or Multi-AZ with two readable standbys.
    pub struct DbCluster {
        /// The ARN.
        pub arn: String,
        /// The region.
        pub region: String,
        /// The identifier.
        pub id: String,
        /// aurora-mysql, aurora-postgresql, mysql, postgres, …
        pub engine: String,
        /// The version.
        pub engine_version: String,
        /// available, stopped, …
        pub status: String,
        /// Whether it has instances in more than one Availability Zone.
        pub multi_az: bool,
        /// Its members' identifiers.
        pub member_ids: Vec<String>,
        /// Whether its storage is encrypted.
        pub storage_encrypted: bool,
        /// How long automated backups are kept.
        pub backup_retention_days: i64,
        /// Its port.
        pub port: Option<i64>,
        /// Its DB subnet group.
        pub subnet_group_name: Option<String>,
        /// Its security groups.
        pub security_group_ids: Vec<String>,
        /// Whether it is protected against deletion.
        pub deletion_protection: bool,
        /// Tags.
        pub tags: BTreeMap<String, String>,
    }

    /// A DB subnet group: where a database may be placed.
    pub struct DbSubnetGroup {
        /// The ARN.
        pub arn: String,
        /// The region.
        pub region: String,
        /// The name.
        pub name: String,
        /// Its VPC.
        pub vpc_id: String,
        /// Its subnets.
        pub subnet_ids: Vec<String>,
        /// The Availability Zones of its subnets.
        pub availability_zones: Vec<String>,
    }
}

impl DbInstance {
    /// Whether it is a database of RDS or Aurora. DocumentDB and Neptune come in the same list, with
    /// other metrics, prices and parameters.
    pub(crate) fn is_relational(&self) -> bool {
        !matches!(self.engine.as_str(), "docdb" | "neptune")
    }
}

/// What is asked, in the order of names.
pub const OPERATIONS: &[Operation] = &[
    operation("rds", "DescribeDBClusters", &["rds:DescribeDBClusters"], bucket("rds", 10, 10), 100)
        .list("DBClusters", "Marker"),
    operation("rds", "DescribeDBInstances", &["rds:DescribeDBInstances"], bucket("rds", 10, 10), 100)
        .list("DBInstances", "Marker"),
    operation("rds", "DescribeDBSubnetGroups", &["rds:DescribeDBSubnetGroups"], bucket("rds", 10, 10), 100)
        .list("DBSubnetGroups", "Marker"),
];

/// Which of it answers which list or fact.
pub(crate) const SOURCES: &[SourceRow] = &[
    ("rds.db_instances", &["rds:DescribeDBInstances"]),
    ("rds.db_clusters", &["rds:DescribeDBClusters"]),
    ("rds.db_subnet_groups", &["rds:DescribeDBSubnetGroups"]),
];
