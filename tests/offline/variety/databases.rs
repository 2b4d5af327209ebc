//! Databases of all kinds: members of clusters, replicas, RDS Custom, blue/green deployments; their
//! snapshots, versions, certificates, maintenance, backups, and TLS.

mod upkeep;

use std::sync::OnceLock;
use tenken::finding::{Finding, Verdict};
use tenken::policy::PolicySet;
use tenken::policy::judge::judge;
use tenken::snapshot::Snapshot;
use tenken::snapshot::gap::GapId;
use tenken::snapshot::known::Known;
use tenken::snapshot::rds::*;

const REGION: &str = "ap-northeast-1";

fn arn(kind: &str, id: &str) -> String {
    format!("arn:aws:rds:{REGION}:123456789012:{kind}:{id}")
}

fn some(text: &str) -> Known<Option<String>> {
    Known::Yes(Some(text.to_owned()))
}

/// A database that is in order.
fn db(id: &str) -> DbInstance {
    DbInstance {
        arn: arn("db", id),
        region: REGION.into(),
        id: id.into(),
        engine: "postgres".into(),
        engine_version: "16.4".into(),
        instance_class: "db.r6g.large".into(),
        status: "available".into(),
        multi_az: Known::Yes(true),
        storage_encrypted: Known::Yes(true),
        backup_retention_days: Known::Yes(14),
        latest_restorable_at: Some("2026-11-29T02:55:00Z".into()),
        port: Some(15432),
        allocated_storage_gib: Known::Yes(100),
        storage_type: Some("gp3".into()),
        deletion_protection: Known::Yes(true),
        auto_minor_version_upgrade: Known::Yes(true),
        monitoring_interval_seconds: 60,
        replica_ids: Known::Yes(Vec::new()),
        backup_replication_arns: Known::Yes(vec![
            "arn:aws:rds:ap-northeast-3:123456789012:auto-backup:a".into(),
        ]),
        backup_recovery_point_arn: Known::Yes(None),
        created_at: some("2024-01-01T00:00:00Z"),
        parameter_groups: Known::Yes(vec![ParameterGroupUse {
            name: "shop".into(),
            apply_status: "in-sync".into(),
        }]),
        ca_certificate_id: some("rds-ca-rsa2048-g1"),
        certificate_valid_until: some("2027-09-14T01:30:00Z"),
        lifecycle_support: some("open-source-rds-extended-support"),
        ..Default::default()
    }
}

/// A cluster that is in order.
fn cluster(id: &str) -> DbCluster {
    DbCluster {
        arn: arn("cluster", id),
        region: REGION.into(),
        id: id.into(),
        engine: "aurora-postgresql".into(),
        engine_version: "16.4".into(),
        status: "available".into(),
        multi_az: Known::Yes(true),
        member_ids: vec![format!("{id}-1"), format!("{id}-2")],
        storage_encrypted: Known::Yes(true),
        backup_retention_days: Known::Yes(14),
        deletion_protection: Known::Yes(true),
        latest_restorable_at: some("2026-11-29T02:55:00Z"),
        replication_source_id: Known::Yes(None),
        created_at: some("2024-01-01T00:00:00Z"),
        parameter_group_name: some("shop"),
        ..Default::default()
    }
}

fn snapshot(id: &str, kind: &str) -> DbSnapshot {
    DbSnapshot {
        arn: arn(if kind == "cluster" { "cluster-snapshot" } else { "snapshot" }, id),
        region: REGION.into(),
        id: id.into(),
        kind: kind.into(),
        source_id: "shop".into(),
        engine: "postgres".into(),
        status: "available".into(),
        created_at: Some("2026-11-01T00:00:00Z".into()),
        is_encrypted: Known::Yes(true),
        is_public: Known::Yes(false),
    }
}

fn group(kind: &str, name: &str, parameters: &[(&str, Option<&str>)]) -> ParameterGroup {
    let parameters = parameters.iter().map(|(name, value)| DbParameter {
        name: (*name).to_owned(),
        value: value.map(str::to_owned),
        source: "user".into(),
    });
    ParameterGroup {
        arn: arn(kind, name),
        region: REGION.into(),
        name: name.into(),
        parameters: parameters.collect(),
    }
}

fn version(engine: &str, major: &str, standard: Option<&str>) -> MajorEngineVersion {
    MajorEngineVersion {
        region: REGION.into(),
        name: format!("{engine} {major}"),
        engine: engine.into(),
        major_version: major.into(),
        standard_support_ends_at: standard.map(str::to_owned),
        extended_support_ends_at: None,
    }
}

fn account() -> Snapshot {
    let mut snapshot =
        Snapshot::new("123456789012", "aws", "2026-11-29T03:00:00Z", &[REGION.to_owned()]).complete();
    snapshot.rds.db_instances.items = vec![db("shop")];
    snapshot.rds.parameter_groups.items = vec![
        group("pg", "shop", &[("rds.force_ssl", Some("1")), ("max_connections", None)]),
        group("cluster-pg", "shop", &[("rds.force_ssl", Some("1"))]),
    ];
    snapshot.rds.major_engine_versions.items = vec![
        version("postgres", "13", Some("2026-02-28T23:59:59Z")),
        version("postgres", "16", Some("2029-02-28T23:59:59Z")),
        version("postgres", "18", None),
        version("mysql", "8.0", Some("2026-07-31T23:59:59Z")),
        version("aurora-postgresql", "16", Some("2029-02-28T23:59:59Z")),
    ];
    snapshot
}

fn shop(snapshot: &mut Snapshot) -> &mut DbInstance {
    &mut snapshot.rds.db_instances.items[0]
}

fn with_cluster(account: &mut Snapshot) -> &mut DbCluster {
    account.rds.db_instances.items.clear();
    for number in 1..=2 {
        account.rds.db_instances.items.push(DbInstance {
            engine: "aurora-postgresql".into(),
            cluster_id: Some("reports".into()),
            // The cluster has the settings; what RDS answers for a member is not what holds.
            multi_az: Known::Yes(false),
            storage_encrypted: Known::Yes(false),
            deletion_protection: Known::Yes(false),
            backup_retention_days: Known::Yes(0),
            latest_restorable_at: None,
            ..db(&format!("reports-{number}"))
        });
    }
    account.rds.db_clusters.items = vec![cluster("reports")];
    &mut account.rds.db_clusters.items[0]
}

fn findings(snapshot: &Snapshot) -> Vec<Finding> {
    static POLICIES: OnceLock<PolicySet> = OnceLock::new();
    judge(snapshot, POLICIES.get_or_init(|| PolicySet::embedded().unwrap()))
}

fn verdict(findings: &[Finding], policy: &str, resource: &str) -> &'static str {
    let is_of = |finding: &&Finding| finding.policy == policy && finding.resource.ends_with(resource);
    let of = |verdict: &str| findings.iter().filter(is_of).any(|finding| finding.verdict.as_str() == verdict);
    ["fail", "unknown", "pass", "skip"].into_iter().find(|verdict| of(verdict)).unwrap_or("none")
}

struct Case {
    name: &'static str,
    edit: fn(&mut Snapshot),
    /// Policy, the end of the resource's ARN, verdict.
    expected: &'static [(&'static str, &'static str, &'static str)],
}

fn check(cases: &[Case]) {
    let mut wrong = Vec::new();
    for case in cases {
        let mut snapshot = account();
        (case.edit)(&mut snapshot);
        let judged = findings(&snapshot);
        for (policy, resource, expected) in case.expected {
            let found = verdict(&judged, policy, resource);
            if found != *expected {
                wrong.push(format!("{}: {policy} of {resource} is {found}, not {expected}", case.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The policies about what whoever holds the data has to do.
const DUTIES: [&str; 6] = [
    "rds-single-az",
    "rds-no-automated-backup",
    "rds-no-deletion-protection",
    "rds-unencrypted-storage",
    "rds-backup-not-running",
    "rds-backup-in-one-region",
];

/// A database with none of them done.
fn bare(id: &str) -> DbInstance {
    DbInstance {
        multi_az: Known::Yes(false),
        storage_encrypted: Known::Yes(false),
        deletion_protection: Known::Yes(false),
        backup_retention_days: Known::Yes(0),
        latest_restorable_at: None,
        backup_replication_arns: Known::Yes(Vec::new()),
        ..db(id)
    }
}

#[test]
fn a_database_in_order_has_no_failure() {
    let judged = findings(&account());
    let failed = judged.iter().filter(|finding| finding.verdict == Verdict::Fail);
    // Nothing in this account watches it, and nothing says that it was made from code.
    let beside = ["rds-no-alarm", "resources-not-managed"];
    let failed: Vec<&str> =
        failed.map(|finding| finding.policy.as_str()).filter(|id| !beside.contains(id)).collect();
    assert_eq!(failed, ["rds-no-log-export"]);
}

/// Whoever holds the data has the duties. A member of a cluster has its cluster's settings
/// (<https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Overview.Encryption.html>), a replica is
/// encrypted as its source is and cannot be restored in its place
/// (<https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ReadRepl.html>), a green database is a copy
/// of its blue one and a switchover leaves the old one as -old1
/// (<https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/blue-green-deployments-overview.html>).
#[test]
fn only_who_holds_the_data_has_duties() {
    let of = |others: Vec<DbInstance>, id: &str| -> Vec<(&'static str, &'static str)> {
        let mut account = account();
        account.rds.db_instances.items.extend(others);
        let judged = findings(&account);
        DUTIES.iter().map(|policy| (*policy, verdict(&judged, policy, &format!(":{id}")))).collect()
    };
    let skipped: Vec<_> = DUTIES.iter().map(|policy| (*policy, "skip")).collect();
    let replica = DbInstance { replication_source_id: Some("shop".into()), ..bare("shop-replica") };
    assert_eq!(of(vec![replica], "shop-replica"), skipped);
    let member = DbInstance { cluster_id: Some("orders".into()), ..bare("orders-1") };
    assert_eq!(of(vec![member], "orders-1"), skipped);
    assert_eq!(of(vec![bare("shop-green-a1b2c3")], "shop-green-a1b2c3"), skipped);
    // What a switchover left still holds the customers' data in plain text.
    let mut retired = skipped.clone();
    retired[3].1 = "fail";
    assert_eq!(of(vec![bare("shop-old1")], "shop-old1"), retired);
    // Names alone make nothing of a database that stands alone.
    let failed = [
        ("rds-single-az", "fail"),
        ("rds-no-automated-backup", "fail"),
        ("rds-no-deletion-protection", "fail"),
        ("rds-unencrypted-storage", "fail"),
        ("rds-backup-not-running", "skip"),
        ("rds-backup-in-one-region", "skip"),
    ];
    assert_eq!(of(vec![bare("other-green-a1b2c3")], "other-green-a1b2c3"), failed);
    assert_eq!(of(vec![bare("other")], "other"), failed);
}

#[test]
fn a_blue_database_that_is_hidden_leaves_the_green_one_unknown() {
    let mut account = account();
    account.rds.db_instances.items = vec![bare("shop-green-a1b2c3")];
    account.rds.db_instances.incomplete = vec![GapId::new("rds:DescribeDBInstances", REGION, None)];
    let judged = findings(&account);
    assert_eq!(verdict(&judged, "rds-single-az", "shop-green-a1b2c3"), "unknown");
}

/// RDS Custom has neither the switch of Multi-AZ nor that of deletion protection, and patches
/// nothing by itself:
/// <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html>
#[test]
fn custom_instances_are_not_blamed_for_what_they_cannot_have() {
    check(&[Case {
        name: "RDS Custom for SQL Server",
        edit: |account| {
            let version = "15.00.4345.5".to_owned();
            *shop(account) = DbInstance {
                engine: "custom-sqlserver-se".into(),
                engine_version: Known::Yes(version),
                auto_minor_version_upgrade: Known::Yes(false),
                ..bare("shop")
            };
        },
        expected: &[
            ("rds-single-az", "shop", "skip"),
            ("rds-no-deletion-protection", "shop", "skip"),
            ("rds-no-minor-version-upgrade", "shop", "skip"),
            ("rds-tls-not-required", "shop", "skip"),
            ("rds-extended-support", "shop", "skip"),
            // Backups and encryption it has.
            ("rds-no-automated-backup", "shop", "fail"),
            ("rds-unencrypted-storage", "shop", "fail"),
        ],
    }]);
}

#[test]
fn a_cluster_answers_for_its_members() {
    check(&[
        Case {
            name: "Aurora in order",
            edit: |account| {
                with_cluster(account);
            },
            expected: &[
                ("rds-single-az", "reports-1", "skip"),
                ("rds-unencrypted-storage", "reports-1", "skip"),
                ("rds-backup-not-running", "reports-1", "skip"),
                ("rds-default-port", "reports-1", "skip"),
                ("rds-tls-not-required", "reports-1", "skip"),
                ("rds-no-minor-version-upgrade", "reports-1", "pass"),
                ("rds-no-enhanced-monitoring", "reports-1", "pass"),
                ("rds-extended-support", "reports-1", "pass"),
                ("rds-cluster-single-az", "reports", "pass"),
                ("rds-cluster-tls-not-required", "reports", "pass"),
                ("rds-cluster-backup-not-running", "reports", "pass"),
            ],
        },
        Case {
            name: "Aurora Serverless v2 is a class like another",
            edit: |account| {
                with_cluster(account);
                for member in &mut account.rds.db_instances.items {
                    member.instance_class = Known::Yes("db.serverless".into());
                }
            },
            expected: &[
                ("rds-no-minor-version-upgrade", "reports-1", "pass"),
                ("rds-no-enhanced-monitoring", "reports-1", "pass"),
                ("rds-single-az", "reports-1", "skip"),
            ],
        },
        Case {
            name: "a Multi-AZ DB cluster has minor versions by its cluster",
            edit: |account| {
                let cluster = with_cluster(account);
                cluster.engine = "postgres".into();
                for member in &mut account.rds.db_instances.items {
                    member.engine = "postgres".into();
                    member.auto_minor_version_upgrade = Known::Yes(false);
                }
            },
            expected: &[
                ("rds-no-minor-version-upgrade", "reports-1", "skip"),
                ("rds-single-az", "reports-1", "skip"),
                ("rds-cluster-single-az", "reports", "pass"),
                ("rds-cluster-tls-not-required", "reports", "pass"),
            ],
        },
        Case {
            name: "a cluster that replicates another one",
            edit: |account| {
                let cluster = with_cluster(account);
                cluster.multi_az = Known::Yes(false);
                cluster.backup_retention_days = Known::Yes(1);
                cluster.replication_source_id = some("arn:aws:rds:us-east-1:123456789012:cluster:reports");
            },
            expected: &[
                ("rds-cluster-single-az", "reports", "skip"),
                ("rds-cluster-short-backup-retention", "reports", "skip"),
            ],
        },
        Case {
            name: "DocumentDB is another service",
            edit: |account| {
                with_cluster(account).engine = "docdb".into();
                for member in &mut account.rds.db_instances.items {
                    member.engine = "docdb".into();
                    member.auto_minor_version_upgrade = Known::Yes(false);
                    member.monitoring_interval_seconds = 0;
                }
            },
            expected: &[
                ("rds-no-minor-version-upgrade", "reports-1", "skip"),
                ("rds-no-enhanced-monitoring", "reports-1", "skip"),
                ("rds-certificate-expiring", "reports-1", "skip"),
                ("rds-extended-support", "reports-1", "skip"),
                ("rds-cluster-tls-not-required", "reports", "skip"),
                ("rds-cluster-backup-not-running", "reports", "skip"),
            ],
        },
    ]);
}

/// A snapshot with a KMS key cannot be shared with everybody:
/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ShareSnapshot.html>
#[test]
fn snapshots_are_judged_one_by_one() {
    check(&[
        Case {
            name: "of an instance and of a cluster",
            edit: |account| {
                account.rds.snapshots.items = vec![
                    snapshot("good", "instance"),
                    DbSnapshot {
                        is_encrypted: Known::Yes(false),
                        is_public: Known::Yes(true),
                        ..snapshot("open", "instance")
                    },
                    DbSnapshot { is_encrypted: Known::Yes(false), ..snapshot("plain", "cluster") },
                    DbSnapshot {
                        is_encrypted: Known::Yes(false),
                        is_public: Known::default(),
                        ..snapshot("hidden", "cluster")
                    },
                ];
            },
            expected: &[
                ("rds-snapshot-public", ":good", "pass"),
                ("rds-snapshot-public", ":open", "fail"),
                ("rds-snapshot-public", ":plain", "pass"),
                ("rds-snapshot-public", ":hidden", "unknown"),
                ("rds-snapshot-unencrypted", ":good", "pass"),
                ("rds-snapshot-unencrypted", ":open", "fail"),
                ("rds-snapshot-unencrypted", ":plain", "fail"),
            ],
        },
        Case {
            name: "a list that was refused",
            edit: |account| {
                account.rds.snapshots.incomplete = vec![GapId::new("rds:DescribeDBSnapshots", REGION, None)];
            },
            expected: &[("rds-snapshot-public", "", "unknown"), ("rds-snapshot-unencrypted", "", "unknown")],
        },
    ]);
}
