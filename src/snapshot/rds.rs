//! Databases: what RDS says about instances, clusters and subnet groups.

mod class;

pub(crate) use class::vcpu_count;

use super::known::Known;
use super::listing::Listing;
use super::operation::{Operation, TokenBucket, bucket, operation};
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
        /// Major versions of the engines, in regions with databases (DescribeDBMajorEngineVersions).
        #[serde(default)]
        pub major_engine_versions: Listing<MajorEngineVersion>,
        /// Parameter groups that databases use (DescribeDBParameters, DescribeDBClusterParameters).
        #[serde(default)]
        pub parameter_groups: Listing<ParameterGroup>,
        /// Maintenance that waits (DescribePendingMaintenanceActions).
        #[serde(default)]
        pub pending_maintenance: Listing<MaintenanceAction>,
        /// Manual snapshots of the account (DescribeDBSnapshots, DescribeDBClusterSnapshots).
        #[serde(default)]
        pub snapshots: Listing<DbSnapshot>,
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
        pub engine_version: Known<String>,
        /// For instance db.t4g.small.
        pub instance_class: Known<String>,
        /// available, stopped, …
        pub status: Known<String>,
        /// The cluster it belongs to; null for an instance of its own.
        pub cluster_id: Option<String>,
        /// Where it is.
        pub availability_zone: Option<String>,
        /// Where its standby is; null for none.
        pub secondary_availability_zone: Option<String>,
        /// Whether it has a standby in another Availability Zone (DescribeDBInstances).
        pub multi_az: Known<bool>,
        /// Whether its storage is encrypted (DescribeDBInstances).
        pub storage_encrypted: Known<bool>,
        /// The KMS key; null when not encrypted.
        pub kms_key_id: Option<String>,
        /// How long automated backups are kept; 0 when they are off (DescribeDBInstances).
        pub backup_retention_days: Known<i64>,
        /// When automated backups run, UTC.
        pub preferred_backup_window: Option<String>,
        /// The latest time it can be restored to, RFC 3339.
        pub latest_restorable_at: Option<String>,
        /// Whether its DNS name resolves to a public address (DescribeDBInstances).
        pub publicly_accessible: Known<bool>,
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
        /// Storage (DescribeDBInstances).
        pub allocated_storage_gib: Known<i64>,
        /// What storage autoscaling may grow to; null when off.
        pub max_allocated_storage_gib: Option<i64>,
        /// gp2, gp3, io1, io2, aurora, …
        pub storage_type: Option<String>,
        /// Whether it is protected against deletion (DescribeDBInstances).
        pub deletion_protection: Known<bool>,
        /// Whether minor versions are installed in the maintenance window (DescribeDBInstances).
        pub auto_minor_version_upgrade: Known<bool>,
        /// Whether Performance Insights is on; null where AWS did not mention it.
        pub performance_insights_enabled: Option<bool>,
        /// Time between enhanced monitoring samples; 0 when off.
        pub monitoring_interval_seconds: i64,
        /// The logs it sends to CloudWatch Logs.
        pub log_exports: Vec<String>,
        /// The instance it replicates; null for none.
        pub replication_source_id: Option<String>,
        /// Its read replicas: identifiers, ARNs of those in another region (DescribeDBInstances).
        #[serde(default)]
        pub replica_ids: Known<Vec<String>>,
        /// Copies of its automated backups in another region, by ARN (DescribeDBInstances).
        #[serde(default)]
        pub backup_replication_arns: Known<Vec<String>>,
        /// The recovery point of AWS Backup that took over its automated backups; null for none
        /// (DescribeDBInstances).
        #[serde(default)]
        pub backup_recovery_point_arn: Known<Option<String>>,
        /// When it was created, RFC 3339; null while it is being made (DescribeDBInstances).
        #[serde(default)]
        pub created_at: Known<Option<String>>,
        /// Its DB parameter groups (DescribeDBInstances).
        #[serde(default)]
        pub parameter_groups: Known<Vec<ParameterGroupUse>>,
        /// The certificate authority of its server certificate, for instance rds-ca-rsa2048-g1
        /// (DescribeDBInstances).
        #[serde(default)]
        pub ca_certificate_id: Known<Option<String>>,
        /// When its server certificate expires, RFC 3339 (DescribeDBInstances).
        #[serde(default)]
        pub certificate_valid_until: Known<Option<String>>,
        /// open-source-rds-extended-support, or open-source-rds-extended-support-disabled; null for
        /// engines without it (DescribeDBInstances).
        #[serde(default)]
        pub lifecycle_support: Known<Option<String>>,
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
        pub engine_version: Known<String>,
        /// available, stopped, …
        pub status: Known<String>,
        /// Whether it has instances in more than one Availability Zone (DescribeDBClusters).
        pub multi_az: Known<bool>,
        /// Its members' identifiers.
        pub member_ids: Vec<String>,
        /// Whether its storage is encrypted.
        pub storage_encrypted: Known<bool>,
        /// How long automated backups are kept (DescribeDBClusters).
        pub backup_retention_days: Known<i64>,
        /// Its port.
        pub port: Option<i64>,
        /// Its DB subnet group.
        pub subnet_group_name: Option<String>,
        /// Its security groups.
        pub security_group_ids: Vec<String>,
        /// Whether it is protected against deletion.
        pub deletion_protection: Known<bool>,
        /// The latest time it can be restored to, RFC 3339 (DescribeDBClusters).
        #[serde(default)]
        pub latest_restorable_at: Known<Option<String>>,
        /// The cluster it replicates; null for none (DescribeDBClusters).
        #[serde(default)]
        pub replication_source_id: Known<Option<String>>,
        /// Its read replicas: identifiers or ARNs of clusters (DescribeDBClusters).
        #[serde(default)]
        pub replica_ids: Known<Vec<String>>,
        /// The global database it belongs to; null for none (DescribeDBClusters).
        #[serde(default)]
        pub global_cluster_id: Known<Option<String>>,
        /// When it was created, RFC 3339; null while it is being made (DescribeDBClusters).
        #[serde(default)]
        pub created_at: Known<Option<String>>,
        /// Its DB cluster parameter group (DescribeDBClusters).
        #[serde(default)]
        pub parameter_group_name: Known<Option<String>>,
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

    /// A parameter group as an instance uses it.
    pub struct ParameterGroupUse {
        /// The name.
        pub name: String,
        /// in-sync, applying or pending-reboot.
        pub apply_status: String,
    }

    /// A DB parameter group or a DB cluster parameter group that a database uses.
    pub struct ParameterGroup {
        /// The ARN, `…:pg:…` or, of a cluster, `…:cluster-pg:…`.
        pub arn: String,
        /// The region.
        pub region: String,
        /// The name.
        pub name: String,
        /// Those of its parameters that are judged, as far as its engine has them.
        pub parameters: Vec<DbParameter>,
    }

    /// A parameter of a database engine.
    pub struct DbParameter {
        /// The name, for instance rds.force_ssl.
        pub name: String,
        /// The value, a formula like LEAST({DBInstanceClassMemory/9531392},5000) as it is written;
        /// null where the engine's own default applies and RDS does not set one.
        pub value: Option<String>,
        /// user, system or engine-default.
        pub source: String,
    }

    /// A manual snapshot of an instance or a cluster.
    pub struct DbSnapshot {
        /// The ARN.
        pub arn: String,
        /// The region.
        pub region: String,
        /// The identifier.
        pub id: String,
        /// instance or cluster.
        pub kind: String,
        /// The instance or cluster that it was taken of.
        pub source_id: String,
        /// postgres, mysql, aurora-postgresql, …
        pub engine: String,
        /// available, creating, …
        pub status: Known<String>,
        /// When it was taken, RFC 3339; null while it is being made.
        pub created_at: Option<String>,
        /// Whether it is encrypted (DescribeDBSnapshots, DescribeDBClusterSnapshots).
        pub is_encrypted: Known<bool>,
        /// Whether every AWS account may restore it (DescribeDBSnapshotAttributes,
        /// DescribeDBClusterSnapshotAttributes). Not asked with a KMS key: RDS shares no such
        /// snapshot with everybody.
        pub is_public: Known<bool>,
    }

    /// Maintenance that AWS will do, or that waits for somebody to start it.
    pub struct MaintenanceAction {
        /// The instance or cluster.
        pub resource_arn: String,
        /// The region.
        pub region: String,
        /// system-update, os-upgrade, db-upgrade, hardware-maintenance, ca-certificate-rotation, …
        pub action: String,
        /// What it does, in AWS's words.
        pub description: Option<String>,
        /// It is done in the first maintenance window after this time, RFC 3339.
        pub auto_applied_after: Option<String>,
        /// It is done at this time whatever the maintenance window, RFC 3339.
        pub forced_at: Option<String>,
        /// When it will be done, with what somebody chose, RFC 3339; null for not by itself.
        pub applied_at: Option<String>,
    }

    /// A major version of an engine: until when AWS supports it.
    pub struct MajorEngineVersion {
        /// The region.
        pub region: String,
        /// Engine and major version, for instance postgres 15.
        pub name: String,
        /// postgres, mysql, aurora-postgresql, …
        pub engine: String,
        /// For instance 15, 8.0.
        pub major_version: String,
        /// The end of standard support, RFC 3339; null where AWS names none.
        pub standard_support_ends_at: Option<String>,
        /// The end of Extended Support, RFC 3339; null where AWS names none.
        pub extended_support_ends_at: Option<String>,
    }
}

impl DbInstance {
    /// Whether it is a database of RDS or Aurora. DocumentDB and Neptune come in the same list, with
    /// other metrics, prices and parameters.
    pub(crate) fn is_relational(&self) -> bool {
        !matches!(self.engine.as_str(), "docdb" | "neptune")
    }
}

/// The parameters that are judged. No other is kept.
#[cfg_attr(not(feature = "aws"), expect(dead_code, reason = "the collector asks for them"))]
pub(crate) const JUDGED_PARAMETERS: &[&str] = &[
    "max_connections",
    "rds.force_ssl",
    "rds.rds_superuser_reserved_connections",
    "require_secure_transport",
    "superuser_reserved_connections",
];

/// RDS documents no rate.
const RDS: TokenBucket = bucket("rds", 10, 10);

/// What is asked, in the order of names.
pub const OPERATIONS: &[Operation] = &[
    operation("rds", "DescribeDBClusterParameters", &["rds:DescribeDBClusterParameters"], RDS, 100)
        .list("Parameters", "Marker")
        .told_apart_by(&["DBClusterParameterGroupName"]),
    operation(
        "rds",
        "DescribeDBClusterSnapshotAttributes",
        &["rds:DescribeDBClusterSnapshotAttributes"],
        RDS,
        0,
    ),
    operation("rds", "DescribeDBClusterSnapshots", &["rds:DescribeDBClusterSnapshots"], RDS, 100)
        .list("DBClusterSnapshots", "Marker"),
    operation("rds", "DescribeDBClusters", &["rds:DescribeDBClusters"], RDS, 100)
        .list("DBClusters", "Marker"),
    operation("rds", "DescribeDBInstances", &["rds:DescribeDBInstances"], RDS, 100)
        .list("DBInstances", "Marker"),
    operation("rds", "DescribeDBMajorEngineVersions", &["rds:DescribeDBMajorEngineVersions"], RDS, 100)
        .list("DBMajorEngineVersions", "Marker"),
    operation("rds", "DescribeDBParameters", &["rds:DescribeDBParameters"], RDS, 100)
        .list("Parameters", "Marker")
        .told_apart_by(&["DBParameterGroupName"]),
    operation("rds", "DescribeDBSnapshotAttributes", &["rds:DescribeDBSnapshotAttributes"], RDS, 0),
    operation("rds", "DescribeDBSnapshots", &["rds:DescribeDBSnapshots"], RDS, 100)
        .list("DBSnapshots", "Marker"),
    operation("rds", "DescribeDBSubnetGroups", &["rds:DescribeDBSubnetGroups"], RDS, 100)
        .list("DBSubnetGroups", "Marker"),
    operation(
        "rds",
        "DescribePendingMaintenanceActions",
        &["rds:DescribePendingMaintenanceActions"],
        RDS,
        100,
    )
    .list("PendingMaintenanceActions", "Marker"),
];

const CLUSTERS: &[&str] = &["rds:DescribeDBClusters"];
const INSTANCES: &[&str] = &["rds:DescribeDBInstances"];

/// Which of it answers which list or fact.
pub(crate) const SOURCES: &[SourceRow] = &[
    ("rds.db_instances", INSTANCES),
    ("rds.db_clusters", CLUSTERS),
    ("rds.db_subnet_groups", &["rds:DescribeDBSubnetGroups"]),
    (
        "rds.major_engine_versions",
        &["rds:DescribeDBInstances", "rds:DescribeDBClusters", "rds:DescribeDBMajorEngineVersions"],
    ),
    (
        "rds.parameter_groups",
        &[
            "rds:DescribeDBInstances",
            "rds:DescribeDBClusters",
            "rds:DescribeDBParameters",
            "rds:DescribeDBClusterParameters",
        ],
    ),
    (
        "rds.pending_maintenance",
        &["rds:DescribeDBInstances", "rds:DescribeDBClusters", "rds:DescribePendingMaintenanceActions"],
    ),
    ("rds.snapshots", &["rds:DescribeDBSnapshots", "rds:DescribeDBClusterSnapshots"]),
    ("DbInstance.multi_az", INSTANCES),
    ("DbInstance.backup_retention_days", INSTANCES),
    ("DbInstance.publicly_accessible", INSTANCES),
    ("DbInstance.allocated_storage_gib", INSTANCES),
    ("DbInstance.storage_encrypted", INSTANCES),
    ("DbInstance.deletion_protection", INSTANCES),
    ("DbInstance.engine_version", INSTANCES),
    ("DbInstance.instance_class", INSTANCES),
    ("DbInstance.status", INSTANCES),
    ("DbInstance.auto_minor_version_upgrade", INSTANCES),
    ("DbInstance.replica_ids", INSTANCES),
    ("DbInstance.backup_replication_arns", INSTANCES),
    ("DbInstance.backup_recovery_point_arn", INSTANCES),
    ("DbInstance.created_at", INSTANCES),
    ("DbInstance.parameter_groups", INSTANCES),
    ("DbInstance.ca_certificate_id", INSTANCES),
    ("DbInstance.certificate_valid_until", INSTANCES),
    ("DbInstance.lifecycle_support", INSTANCES),
    ("DbCluster.multi_az", CLUSTERS),
    ("DbCluster.backup_retention_days", CLUSTERS),
    ("DbCluster.storage_encrypted", CLUSTERS),
    ("DbCluster.deletion_protection", CLUSTERS),
    ("DbCluster.engine_version", CLUSTERS),
    ("DbCluster.status", CLUSTERS),
    ("DbCluster.latest_restorable_at", CLUSTERS),
    ("DbCluster.replication_source_id", CLUSTERS),
    ("DbCluster.replica_ids", CLUSTERS),
    ("DbCluster.global_cluster_id", CLUSTERS),
    ("DbCluster.created_at", CLUSTERS),
    ("DbCluster.parameter_group_name", CLUSTERS),
    ("DbSnapshot.status", &["rds:DescribeDBSnapshots", "rds:DescribeDBClusterSnapshots"]),
    ("DbSnapshot.is_encrypted", &["rds:DescribeDBSnapshots", "rds:DescribeDBClusterSnapshots"]),
    (
        "DbSnapshot.is_public",
        &["rds:DescribeDBSnapshotAttributes", "rds:DescribeDBClusterSnapshotAttributes"],
    ),
];
