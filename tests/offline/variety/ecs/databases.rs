//! Databases: who watches them, where they may fail over to, which are none of RDS.

use super::*;

const DATABASE: &str = "arn:aws:rds:ap-northeast-1:123456789012:db:ec-db";

fn watched(engine: &str, alarms: Vec<Alarm>) -> Snapshot {
    let mut account = empty_account();
    account.rds.db_instances.items = vec![DbInstance {
        arn: DATABASE.into(),
        region: REGION.into(),
        id: "ec-db".into(),
        engine: engine.into(),
        allocated_storage_gib: Known::Yes(20),
        ..DbInstance::default()
    }];
    account.cloudwatch.alarms.items = alarms;
    account
}

fn alarm(metric: &str, operator: &str) -> Alarm {
    let name = format!("ec-db-{metric}");
    Alarm {
        arn: format!("arn:aws:cloudwatch:{REGION}:123456789012:alarm:{name}"),
        region: REGION.into(),
        name,
        kind: "metric".into(),
        metrics: vec![AlarmMetric {
            namespace: "AWS/RDS".into(),
            metric_name: metric.into(),
            statistic: Some("Average".into()),
            dimensions: [("DBInstanceIdentifier".to_owned(), "ec-db".to_owned())].into(),
            account_id: None,
        }],
        actions_enabled: Known::Yes(true),
        alarm_actions: vec![format!("arn:aws:sns:{REGION}:123456789012:on-duty")],
        comparison_operator: Some(operator.into()),
        ..Alarm::default()
    }
}

#[test]
fn a_database_is_watched_for_what_stops_it() {
    let because = "FreeStorageSpace and DatabaseConnections are recommended alarms \
        (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html)";
    let case = |name, engine, alarms, expected| Case {
        name,
        account: watched(engine, alarms),
        policy: "rds-no-alarm",
        resource: DATABASE,
        expected,
        because,
    };
    let storage = || alarm("FreeStorageSpace", "LessThanThreshold");
    let connections = || alarm("DatabaseConnections", "GreaterThanThreshold");
    let mute = |alarm: Alarm| Alarm { alarm_actions: Vec::new(), ..alarm };
    let composite = Alarm {
        arn: format!("arn:aws:cloudwatch:{REGION}:123456789012:alarm:database"),
        name: "database".into(),
        kind: "composite".into(),
        metrics: Vec::new(),
        rule: Some("ALARM(ec-db-FreeStorageSpace) OR ALARM(ec-db-DatabaseConnections)".into()),
        ..storage()
    };
    check(&[
        case("no alarm", "postgres", vec![], FAIL),
        case("a CPU alarm", "postgres", vec![alarm("CPUUtilization", "GreaterThanThreshold")], FAIL),
        case("both", "postgres", vec![connections(), storage()], PASS),
        case("storage alone", "postgres", vec![storage()], FAIL),
        case("connections alone", "mysql", vec![connections()], FAIL),
        case("without actions", "postgres", vec![mute(connections()), mute(storage())], FAIL),
        case(
            "with actions that are off",
            "postgres",
            vec![connections(), Alarm { actions_enabled: Known::Yes(false), ..storage() }],
            FAIL,
        ),
        case(
            "told by a composite alarm",
            "postgres",
            vec![composite, mute(connections()), mute(storage())],
            PASS,
        ),
        case(
            "going off when all is well",
            "postgres",
            vec![connections(), alarm("FreeStorageSpace", "GreaterThanThreshold")],
            FAIL,
        ),
        case("Aurora's storage grows by itself", "aurora-postgresql", vec![connections()], PASS),
        case("DocumentDB is no RDS database", "docdb", vec![], SKIP),
        case("Neptune is no RDS database", "neptune", vec![], SKIP),
    ]);
}

#[test]
fn a_public_subnet_in_a_database_s_group_may_be_chosen() {
    let because = "Amazon RDS chooses a subnet and an IP address within it \
        (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html)";
    const SUBNET_GROUP: &str = "arn:aws:rds:ap-northeast-1:123456789012:subgrp:ec-db-subnets";
    let case = |name, subnets: &[(&str, bool)], expected| {
        let mut account = empty_account();
        account.ec2.vpcs.items = vec![Vpc { id: "vpc-1".into(), region: REGION.into(), ..Vpc::default() }];
        let mut group = DbSubnetGroup {
            arn: SUBNET_GROUP.into(),
            region: REGION.into(),
            name: "ec-db-subnets".into(),
            vpc_id: "vpc-1".into(),
            ..DbSubnetGroup::default()
        };
        for (zone, is_public) in subnets {
            let id = format!("subnet-{zone}-{is_public}");
            let target = if *is_public { "igw-1" } else { "nat-1" };
            account.ec2.route_tables.items.push(RouteTable {
                id: format!("rtb-{id}"),
                region: REGION.into(),
                vpc_id: "vpc-1".into(),
                subnet_ids: vec![id.clone()],
                routes: vec![Route {
                    destination: "0.0.0.0/0".into(),
                    target: target.into(),
                    state: "active".into(),
                }],
                ..RouteTable::default()
            });
            group.subnet_ids.push(id.clone());
            account.ec2.subnets.items.push(Subnet {
                id,
                region: REGION.into(),
                vpc_id: "vpc-1".into(),
                availability_zone: (*zone).into(),
                ..Subnet::default()
            });
        }
        account.rds.db_subnet_groups.items = vec![group];
        Case { name, account, policy: "db-subnet-group-in-one-az", resource: SUBNET_GROUP, expected, because }
    };
    let (a, c, d) = ("ap-northeast-1a", "ap-northeast-1c", "ap-northeast-1d");
    check(&[
        case("two private zones", &[(a, false), (c, false)], PASS),
        case("two private zones and a public third", &[(a, false), (c, false), (d, true)], FAIL),
        case("two private zones, one public as well", &[(a, false), (c, false), (c, true)], FAIL),
        case("one private and one public", &[(a, false), (c, true)], FAIL),
        case("public ones alone", &[(a, true), (c, true)], FAIL),
    ]);
}

#[test]
fn documentdb_and_neptune_are_no_rds_clusters() {
    let because = "DescribeDBClusters can also return information for Amazon Neptune and Amazon DocumentDB \
        (https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBClusters.html)";
    const CLUSTER: &str = "arn:aws:rds:ap-northeast-1:123456789012:cluster:shop";
    let mut cases = Vec::new();
    for policy in [
        "rds-cluster-unencrypted-storage",
        "rds-cluster-no-deletion-protection",
        "rds-cluster-short-backup-retention",
        "rds-cluster-single-az",
    ] {
        for (engine, expected) in
            [("docdb", SKIP), ("neptune", SKIP), ("aurora-mysql", FAIL), ("mysql", FAIL)]
        {
            let account = edited(empty_account(), |account| {
                account.rds.db_clusters.items = vec![DbCluster {
                    arn: CLUSTER.into(),
                    region: REGION.into(),
                    id: "shop".into(),
                    engine: engine.into(),
                    multi_az: Known::Yes(false),
                    member_ids: vec!["shop-1".into()],
                    storage_encrypted: Known::Yes(false),
                    deletion_protection: Known::Yes(false),
                    backup_retention_days: Known::Yes(0),
                    replication_source_id: Known::Yes(None),
                    ..DbCluster::default()
                }];
            });
            cases.push(Case { name: engine, account, policy, resource: CLUSTER, expected, because });
        }
    }
    check(&cases);
}
