//! TLS, versions, certificates, backups and switches of databases.

use super::*;

/// rds.force_ssl is on by default from PostgreSQL 15 on, require_secure_transport from MySQL 9.7 on:
/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL.Concepts.General.SSL.html>,
/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/mysql-ssl-connections.require-ssl.html>
#[test]
fn tls_by_engine_group_and_default() {
    check(&[
        Case { name: "required", edit: |_| (), expected: &[("rds-tls-not-required", "shop", "pass")] },
        Case {
            name: "turned off",
            edit: |account| {
                account.rds.parameter_groups.items =
                    vec![group("pg", "shop", &[("rds.force_ssl", Some("0"))])];
            },
            expected: &[("rds-tls-not-required", "shop", "fail")],
        },
        Case {
            name: "the engine's default, on",
            edit: |account| {
                account.rds.parameter_groups.items = vec![group("pg", "shop", &[("rds.force_ssl", None)])];
            },
            expected: &[("rds-tls-not-required", "shop", "pass")],
        },
        Case {
            name: "the engine's default, off",
            edit: |account| {
                shop(account).engine = "mysql".into();
                shop(account).engine_version = Known::Yes("8.0.39".into());
                account.rds.parameter_groups.items = vec![group("pg", "shop", &[])];
            },
            expected: &[("rds-tls-not-required", "shop", "fail")],
        },
        Case {
            name: "required, and not in force before a reboot",
            edit: |account| {
                let group = ParameterGroupUse { name: "shop".into(), apply_status: "pending-reboot".into() };
                shop(account).parameter_groups = Known::Yes(vec![group]);
            },
            expected: &[("rds-tls-not-required", "shop", "fail")],
        },
        Case {
            name: "the group was refused",
            edit: |account| {
                account.rds.parameter_groups.items.clear();
                let gap = GapId::new("rds:DescribeDBParameters", REGION, Some(&arn("pg", "shop")));
                account.rds.parameter_groups.incomplete = vec![gap];
            },
            expected: &[("rds-tls-not-required", "shop", "unknown")],
        },
        Case {
            name: "Oracle has no such parameter",
            edit: |account| shop(account).engine = "oracle-ee".into(),
            expected: &[("rds-tls-not-required", "shop", "skip")],
        },
        Case {
            name: "a cluster by its own group",
            edit: |account| {
                with_cluster(account);
                account.rds.parameter_groups.items = vec![
                    group("pg", "shop", &[("rds.force_ssl", Some("1"))]),
                    group("cluster-pg", "shop", &[]),
                ];
            },
            expected: &[("rds-cluster-tls-not-required", "reports", "fail")],
        },
    ]);
}

#[test]
fn versions_certificates_and_maintenance_by_their_dates() {
    check(&[
        Case {
            name: "years ahead",
            edit: |_| (),
            expected: &[
                ("rds-extended-support", "shop", "pass"),
                ("rds-certificate-expiring", "shop", "pass"),
                ("rds-maintenance-due", "shop", "pass"),
            ],
        },
        Case {
            name: "past its standard support",
            edit: |account| shop(account).engine_version = Known::Yes("13.16".into()),
            expected: &[("rds-extended-support", "shop", "fail")],
        },
        Case {
            name: "past its standard support, MySQL",
            edit: |account| {
                shop(account).engine = "mysql".into();
                shop(account).engine_version = Known::Yes("8.0.39".into());
            },
            expected: &[("rds-extended-support", "shop", "fail")],
        },
        Case {
            name: "AWS names no end yet",
            edit: |account| shop(account).engine_version = Known::Yes("18.1".into()),
            expected: &[("rds-extended-support", "shop", "skip")],
        },
        Case {
            name: "AWS would not say",
            edit: |account| {
                account.rds.major_engine_versions.items.clear();
                account.rds.major_engine_versions.incomplete =
                    vec![GapId::new("rds:DescribeDBMajorEngineVersions", REGION, None)];
                account.rds.pending_maintenance.incomplete =
                    vec![GapId::new("rds:DescribePendingMaintenanceActions", REGION, None)];
                shop(account).certificate_valid_until = Known::default();
            },
            expected: &[
                ("rds-extended-support", "shop", "unknown"),
                ("rds-certificate-expiring", "shop", "unknown"),
                ("rds-maintenance-due", "shop", "unknown"),
            ],
        },
        Case {
            name: "a certificate of 2019",
            edit: |account| shop(account).certificate_valid_until = some("2026-12-20T00:00:00Z"),
            expected: &[("rds-certificate-expiring", "shop", "fail")],
        },
        Case {
            name: "maintenance in a week",
            edit: |account| {
                account.rds.pending_maintenance.items = vec![MaintenanceAction {
                    resource_arn: arn("db", "shop"),
                    region: REGION.into(),
                    action: "system-update".into(),
                    forced_at: Some("2026-12-06T00:00:00Z".into()),
                    ..Default::default()
                }];
            },
            expected: &[("rds-maintenance-due", "shop", "fail")],
        },
        Case {
            name: "maintenance that waits for somebody to start it",
            edit: |account| {
                account.rds.pending_maintenance.items = vec![MaintenanceAction {
                    resource_arn: arn("db", "shop"),
                    region: REGION.into(),
                    action: "os-upgrade".into(),
                    ..Default::default()
                }];
            },
            expected: &[("rds-maintenance-due", "shop", "pass")],
        },
    ]);
}

/// RDS uploads transaction logs every five minutes:
/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIT.html>
#[test]
fn backups_that_are_on_and_do_not_run() {
    check(&[
        Case {
            name: "running, with a copy elsewhere",
            edit: |_| (),
            expected: &[
                ("rds-backup-not-running", "shop", "pass"),
                ("rds-backup-in-one-region", "shop", "pass"),
            ],
        },
        Case {
            name: "stopped for days",
            edit: |account| shop(account).latest_restorable_at = Some("2026-11-26T00:00:00Z".into()),
            expected: &[("rds-backup-not-running", "shop", "fail")],
        },
        Case {
            name: "never run",
            edit: |account| shop(account).latest_restorable_at = None,
            expected: &[("rds-backup-not-running", "shop", "fail")],
        },
        Case {
            name: "made an hour ago",
            edit: |account| {
                shop(account).latest_restorable_at = None;
                shop(account).created_at = some("2026-11-29T02:00:00Z");
            },
            expected: &[("rds-backup-not-running", "shop", "skip")],
        },
        Case {
            name: "a stopped database",
            edit: |account| {
                shop(account).status = "stopped".into();
                shop(account).latest_restorable_at = Some("2026-11-26T00:00:00Z".into());
            },
            expected: &[("rds-backup-not-running", "shop", "skip")],
        },
        Case {
            name: "an older snapshot does not know how old it is",
            edit: |account| shop(account).created_at = Known::default(),
            expected: &[("rds-backup-not-running", "shop", "unknown")],
        },
        Case {
            name: "a cluster's",
            edit: |account| with_cluster(account).latest_restorable_at = some("2026-11-26T00:00:00Z"),
            expected: &[("rds-cluster-backup-not-running", "reports", "fail")],
        },
        Case {
            name: "nowhere else",
            edit: |account| shop(account).backup_replication_arns = Known::Yes(Vec::new()),
            expected: &[("rds-backup-in-one-region", "shop", "fail")],
        },
        Case {
            name: "a replica in another region",
            edit: |account| {
                shop(account).backup_replication_arns = Known::Yes(Vec::new());
                let elsewhere = "arn:aws:rds:ap-northeast-3:123456789012:db:shop-osaka".to_owned();
                shop(account).replica_ids = Known::Yes(vec!["shop-replica".into(), elsewhere]);
            },
            expected: &[("rds-backup-in-one-region", "shop", "pass")],
        },
        Case {
            name: "AWS Backup decides where copies go",
            edit: |account| {
                shop(account).backup_replication_arns = Known::Yes(Vec::new());
                shop(account).backup_recovery_point_arn =
                    some("arn:aws:backup:r:a:recovery-point:continuous");
            },
            expected: &[("rds-backup-in-one-region", "shop", "skip")],
        },
    ]);
}

#[test]
fn switches_of_an_instance() {
    check(&[
        Case {
            name: "on",
            edit: |_| (),
            expected: &[
                ("rds-no-minor-version-upgrade", "shop", "pass"),
                ("rds-no-enhanced-monitoring", "shop", "pass"),
                ("rds-default-port", "shop", "pass"),
            ],
        },
        Case {
            name: "off",
            edit: |account| {
                shop(account).auto_minor_version_upgrade = Known::Yes(false);
                shop(account).monitoring_interval_seconds = 0;
                shop(account).port = Some(5432);
            },
            expected: &[
                ("rds-no-minor-version-upgrade", "shop", "fail"),
                ("rds-no-enhanced-monitoring", "shop", "fail"),
                ("rds-default-port", "shop", "fail"),
            ],
        },
        Case {
            name: "another engine's default port",
            edit: |account| shop(account).port = Some(3306),
            expected: &[("rds-default-port", "shop", "pass")],
        },
        Case {
            name: "an instance that is being made has no port",
            edit: |account| shop(account).port = None,
            expected: &[("rds-default-port", "shop", "skip")],
        },
    ]);
}
