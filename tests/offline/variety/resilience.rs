//! What a growing load runs against, what databases come back to, and what alone stops everything.

mod cut;

use tenken::finding::Finding;
use tenken::policy::PolicySet;
use tenken::policy::judge::judge;
use tenken::policy::parameter::PolicyParameter;
use tenken::snapshot::application_autoscaling::{ScalableTarget, ScalingPolicy};
use tenken::snapshot::cloudwatch::MetricSeries;
use tenken::snapshot::ec2::{NatGateway, Route, RouteTable, SecurityGroup, SecurityGroupRule, Subnet, Vpc};
use tenken::snapshot::ecs::{Service, ServiceLoadBalancer, Task, TaskDefinition};
use tenken::snapshot::elb::{LoadBalancer, TargetGroup};
use tenken::snapshot::kms::Key;
use tenken::snapshot::rds::{DbCluster, DbInstance, ParameterGroup, ParameterGroupUse};
use tenken::snapshot::servicequotas::Quota;
use tenken::snapshot::{GapId, Known, Snapshot};

const REGION: &str = "ap-northeast-1";
const SERVICE: &str = "arn:aws:ecs:ap-northeast-1:123456789012:service/shop/shop-api";
const DATABASE: &str = "arn:aws:rds:ap-northeast-1:123456789012:db:ec-db";
const BALANCER: &str =
    "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:loadbalancer/app/shop-alb/50dc6c49";

const PASS: &str = "pass";
const FAIL: &str = "fail";
const UNKNOWN: &str = "unknown";
const SKIP: &str = "skip";

/// An account that is edited, the verdict expected, and AWS's words for it.
struct Case {
    name: &'static str,
    account: Snapshot,
    expected: &'static str,
    because: &'static str,
    /// What the message says, in English.
    says: &'static str,
}

fn found(account: &Snapshot, policy: &str, resource: &str) -> Vec<Finding> {
    let findings = judge(account, &PolicySet::embedded().unwrap());
    findings.into_iter().filter(|finding| finding.policy == policy && finding.resource == resource).collect()
}

fn check(policy: &str, resource: &str, cases: &[Case]) {
    let mut problems = Vec::new();
    for case in cases {
        let found = found(&case.account, policy, resource);
        let verdicts: Vec<&str> = found.iter().map(|finding| finding.verdict.as_str()).collect();
        let said = found.first().map_or("", |finding| finding.message.en.as_str());
        if verdicts != [case.expected] || !said.contains(case.says) {
            problems.push(format!(
                "{policy} on {}: {verdicts:?} instead of {} with “{}” ({said}); {}",
                case.name, case.expected, case.says, case.because
            ));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

fn series(arn: &str, metric: &str, p95: f64) -> MetricSeries {
    MetricSeries {
        region: REGION.into(),
        resource_arn: arn.into(),
        metric_name: metric.into(),
        period_seconds: 300,
        window_days: 14,
        datapoint_count: 4032,
        p95: Some(p95),
        ..MetricSeries::default()
    }
}

fn route(destination: &str, target: &str) -> Route {
    Route { destination: destination.into(), target: target.into(), state: "active".into() }
}

/// A shop that stands twice: two tasks in private subnets of two zones, each with a NAT gateway of its
/// own, scaled from 2 to 10, and a PostgreSQL database of 2 GiB with a standby and backups. The tasks
/// use 60 % of one task together, the database 50 connections and 25 % of its CPU.
fn shop() -> Snapshot {
    let mut account =
        Snapshot::new("123456789012", "aws", "2026-01-05T00:00:00Z", &[REGION.to_owned()]).complete();
    network(&mut account);
    containers(&mut account);
    database(&mut account);
    account.cloudwatch.load.items = vec![
        series(SERVICE, "CPUUtilization", 300.0),
        series(SERVICE, "MemoryUtilization", 300.0),
        series(DATABASE, "CPUUtilization", 25.0),
        series(DATABASE, "DatabaseConnections", 50.0),
    ];
    account
}

fn network(account: &mut Snapshot) {
    let ec2 = &mut account.ec2;
    ec2.vpcs.items = vec![Vpc { id: "vpc-1".into(), region: REGION.into(), ..Vpc::default() }];
    for (zone, public, private) in
        [("a", "10.0.1.0/24", "10.0.11.0/24"), ("c", "10.0.2.0/24", "10.0.12.0/24")]
    {
        for (kind, cidr, target) in
            [("public", public, "igw-1".to_owned()), ("private", private, format!("nat-{zone}"))]
        {
            let id = format!("subnet-{kind}-{zone}");
            ec2.subnets.items.push(Subnet {
                id: id.clone(),
                region: REGION.into(),
                vpc_id: "vpc-1".into(),
                availability_zone: format!("{REGION}{zone}"),
                cidr_block: Some(cidr.into()),
                available_ip_address_count: Known::Yes(200),
                ..Subnet::default()
            });
            ec2.route_tables.items.push(RouteTable {
                id: format!("rtb-{kind}-{zone}"),
                region: REGION.into(),
                vpc_id: "vpc-1".into(),
                subnet_ids: vec![id],
                routes: vec![route("10.0.0.0/16", "local"), route("0.0.0.0/0", &target)],
                ..RouteTable::default()
            });
        }
        ec2.nat_gateways.items.push(NatGateway {
            id: format!("nat-{zone}"),
            region: REGION.into(),
            vpc_id: "vpc-1".into(),
            subnet_id: format!("subnet-public-{zone}"),
            state: "available".into(),
            ..NatGateway::default()
        });
    }
    let group = |id: &str, port: i64, peer: &str| SecurityGroup {
        id: id.into(),
        region: REGION.into(),
        vpc_id: "vpc-1".into(),
        ingress: vec![SecurityGroupRule {
            protocol: "tcp".into(),
            from_port: Some(port),
            to_port: Some(port),
            peer_kind: if peer.starts_with("sg-") { "security-group" } else { "ipv4" }.into(),
            peer: peer.into(),
            ..SecurityGroupRule::default()
        }],
        ..SecurityGroup::default()
    };
    ec2.security_groups.items = vec![group("sg-ecs", 8080, "sg-alb"), group("sg-rds", 5432, "sg-ecs")];
}

fn containers(account: &mut Snapshot) {
    account.ecs.services.items = vec![Service {
        arn: SERVICE.into(),
        region: REGION.into(),
        name: "shop-api".into(),
        cluster_arn: "arn:cluster".into(),
        cluster_name: "shop".into(),
        status: "ACTIVE".into(),
        launch_type: Some("FARGATE".into()),
        scheduling_strategy: "REPLICA".into(),
        deployment_controller: "ECS".into(),
        desired_count: 2,
        running_count: 2,
        task_definition_arn: Some("arn:td".into()),
        load_balancers: vec![ServiceLoadBalancer {
            target_group_arn: Some("arn:tg".into()),
            container_name: Some("app".into()),
            container_port: Some(8080),
            ..Default::default()
        }],
        subnet_ids: vec!["subnet-private-a".into(), "subnet-private-c".into()],
        security_group_ids: vec!["sg-ecs".into()],
        ..Service::default()
    }];
    account.ecs.task_definitions.items = vec![TaskDefinition {
        arn: "arn:td".into(),
        region: REGION.into(),
        cpu_units: Some(512),
        ..TaskDefinition::default()
    }];
    account.servicequotas.quotas.items = vec![Quota {
        region: REGION.into(),
        service: "fargate".into(),
        code: "L-3032A538".into(),
        value: 100.0,
        ..Quota::default()
    }];
    account.ecs.tasks.items = ["a", "c"]
        .map(|zone| Task {
            arn: format!("arn:task:{zone}"),
            region: REGION.into(),
            cluster_arn: "arn:cluster".into(),
            service_name: Some("shop-api".into()),
            task_definition_arn: "arn:td".into(),
            availability_zone: Some(format!("{REGION}{zone}")),
            last_status: "RUNNING".into(),
            ..Task::default()
        })
        .into();
    let resource = "service/shop/shop-api".to_owned();
    let dimension = "ecs:service:DesiredCount".to_owned();
    account.application_autoscaling.scalable_targets.items = vec![ScalableTarget {
        region: REGION.into(),
        resource_id: resource.clone(),
        scalable_dimension: dimension.clone(),
        min_capacity: 2,
        max_capacity: 10,
        ..ScalableTarget::default()
    }];
    account.application_autoscaling.scaling_policies.items = vec![ScalingPolicy {
        region: REGION.into(),
        name: "cpu70".into(),
        resource_id: resource,
        scalable_dimension: dimension,
        kind: "TargetTrackingScaling".into(),
        ..ScalingPolicy::default()
    }];
    account.elb.load_balancers.items = vec![LoadBalancer {
        arn: BALANCER.into(),
        region: REGION.into(),
        name: "shop-alb".into(),
        kind: "application".into(),
        scheme: "internet-facing".into(),
        state: "active".into(),
        availability_zones: vec![format!("{REGION}a"), format!("{REGION}c")],
        listeners: Known::Yes(Vec::new()),
        ..LoadBalancer::default()
    }];
    account.elb.target_groups.items = vec![TargetGroup {
        arn: "arn:tg".into(),
        region: REGION.into(),
        name: "shop-tg".into(),
        target_type: "ip".into(),
        load_balancer_arns: vec![BALANCER.into()],
        ..TargetGroup::default()
    }];
}

fn database(account: &mut Snapshot) {
    account.rds.db_instances.items = vec![DbInstance {
        arn: DATABASE.into(),
        region: REGION.into(),
        id: "ec-db".into(),
        engine: "postgres".into(),
        instance_class: "db.t4g.small".into(),
        status: "available".into(),
        availability_zone: Some(format!("{REGION}a")),
        multi_az: Known::Yes(true),
        publicly_accessible: Known::Yes(false),
        storage_encrypted: Known::Yes(false),
        deletion_protection: Known::Yes(false),
        backup_retention_days: Known::Yes(7),
        latest_restorable_at: Some("2026-01-04T23:56:00Z".into()),
        allocated_storage_gib: Known::Yes(100),
        port: Some(5432),
        vpc_id: Some("vpc-1".into()),
        security_group_ids: vec!["sg-rds".into()],
        replica_ids: Known::Yes(Vec::new()),
        backup_replication_arns: Known::Yes(Vec::new()),
        parameter_groups: Known::Yes(vec![ParameterGroupUse {
            name: "default.postgres15".into(),
            apply_status: "in-sync".into(),
        }]),
        ..DbInstance::default()
    }];
    account.rds.parameter_groups.items = vec![ParameterGroup {
        arn: "arn:aws:rds:ap-northeast-1:123456789012:pg:default.postgres15".into(),
        region: REGION.into(),
        name: "default.postgres15".into(),
        ..ParameterGroup::default()
    }];
}

fn edited(edit: impl FnOnce(&mut Snapshot)) -> Snapshot {
    let mut account = shop();
    edit(&mut account);
    account
}

fn load(account: &mut Snapshot, metric: usize, p95: f64) {
    account.cloudwatch.load.items[metric].p95 = Some(p95);
}

#[test]
fn a_growing_load_runs_against_the_nearest_wall() {
    let connections = "max_connections is LEAST({DBInstanceClassMemory/9531392},5000) for PostgreSQL \
        (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html)";
    let most = "scaling goes up to the maximum capacity and no further \
        (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-auto-scaling.html)";
    let addresses = "each task of awsvpc mode has a network interface with an address of its subnet \
        (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html)";
    let case = |name, account, expected, because, says| Case { name, account, expected, because, says };
    check(
        "load-wall-near",
        SERVICE,
        &[
            case("room everywhere", shop(), PASS, most, "can handle 4 times"),
            case(
                "130 of about 202 connections",
                edited(|account| load(account, 3, 130.0)),
                FAIL,
                connections,
                "can handle 1.5 times today's peak load. The first limit is connections of ec-db",
            ),
            case(
                "six tasks' worth of load and a maximum of ten",
                edited(|account| load(account, 0, 3000.0)),
                FAIL,
                most,
                "maximum of the scaling",
            ),
            case(
                "a fixed number of tasks",
                edited(|account| {
                    account.application_autoscaling.scalable_targets.items.clear();
                    load(account, 0, 600.0);
                }),
                FAIL,
                most,
                "fixed number of tasks",
            ),
            case(
                "subnets that are full",
                edited(|account| {
                    for subnet in &mut account.ec2.subnets.items {
                        subnet.available_ip_address_count = Known::Yes(0);
                    }
                    load(account, 0, 600.0);
                }),
                FAIL,
                addresses,
                "free addresses of the subnets",
            ),
            case(
                "a quota that leaves two tasks more",
                edited(|account| {
                    account.servicequotas.quotas.items[0].value = 1.0;
                    load(account, 0, 1200.0);
                }),
                FAIL,
                "the quota is the number of vCPUs that may run at once as Fargate on-demand in the Region \
                 (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html)",
                "vCPU quota of FARGATE",
            ),
            case(
                "a database that is half busy",
                edited(|account| load(account, 2, 55.0)),
                FAIL,
                "CPUUtilization: the percentage of CPU utilization \
                 (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html)",
                "CPU of ec-db",
            ),
            case(
                "a database that admits somebody else",
                edited(|account| {
                    account.ec2.security_groups.items[1].ingress[0].peer = "sg-other".into();
                    load(account, 3, 200.0);
                }),
                PASS,
                connections,
                "",
            ),
            case(
                "metrics that are denied",
                edited(|account| {
                    account.cloudwatch.load.items.clear();
                    account.cloudwatch.load.incomplete =
                        vec![GapId::new("cloudwatch:GetMetricData", REGION, None)];
                }),
                UNKNOWN,
                connections,
                "cloudwatch:GetMetricData",
            ),
            case(
                "a wall that is near beside one that is hidden",
                edited(|account| {
                    account.rds.parameter_groups.items.clear();
                    account.rds.parameter_groups.incomplete =
                        vec![GapId::new("rds:DescribeDBParameters", REGION, None)];
                    load(account, 2, 90.0);
                }),
                FAIL,
                connections,
                "CPU of ec-db",
            ),
            case(
                "a wall that is far beside one that is hidden",
                edited(|account| {
                    account.rds.parameter_groups.items.clear();
                    account.rds.parameter_groups.incomplete =
                        vec![GapId::new("rds:DescribeDBParameters", REGION, None)];
                }),
                UNKNOWN,
                connections,
                "rds:DescribeDBParameters",
            ),
            case(
                "nothing in front of it",
                edited(|account| account.ecs.services.items[0].load_balancers.clear()),
                SKIP,
                most,
                "",
            ),
        ],
    );
}

#[test]
fn recovery_is_as_the_configuration_gives_it() {
    let point = "RDS uploads transaction logs for DB instances to Amazon S3 every five minutes; LatestRestorableTime \
        (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIT.html)";
    let failover = "failover times are typically 60–120 seconds \
        (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZSingleStandby.html)";
    let region = "automated backups can be replicated to another Region \
        (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ReplicateBackups.html)";
    let case = |name, account, expected, because, says| Case { name, account, expected, because, says };
    let key = "deleting a KMS key makes all data that was encrypted under it unrecoverable \
        (https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html)";
    const KEY: &str = "arn:aws:kms:ap-northeast-1:123456789012:key/1";
    let encrypted = |state: &str| {
        edited(|account| {
            let db = &mut account.rds.db_instances.items[0];
            (db.storage_encrypted, db.kms_key_id) = (Known::Yes(true), Some(KEY.into()));
            let key = Key { arn: KEY.into(), region: REGION.into(), state: state.into(), ..Key::default() };
            account.kms.keys.items = vec![key];
        })
    };
    let db = |edit: fn(&mut DbInstance)| edited(|account| edit(&mut account.rds.db_instances.items[0]));
    check(
        "rds-recovery-objectives-missed",
        DATABASE,
        &[
            case(
                "backups and a standby",
                shop(),
                PASS,
                failover,
                "RPO 5 minutes, RTO about 60 minutes (restore of 100 GiB)",
            ),
            case(
                "no copy elsewhere",
                shop(),
                PASS,
                region,
                "region lost: no replica or replicated backup elsewhere",
            ),
            case(
                "a copy elsewhere",
                db(|db| {
                    let arn = "arn:aws:rds:ap-northeast-3:123456789012:auto-backup:ab-1".to_owned();
                    db.backup_replication_arns = Known::Yes(vec![arn]);
                }),
                PASS,
                region,
                "region lost: a copy in ap-northeast-3",
            ),
            case(
                "no backups",
                db(|db| db.backup_retention_days = Known::Yes(0)),
                FAIL,
                point,
                "RPO undefined (at most 15), RTO undefined",
            ),
            case(
                "logs that stopped four hours ago",
                db(|db| db.latest_restorable_at = Some("2026-01-04T20:00:00Z".into())),
                FAIL,
                point,
                "RPO 240 minutes",
            ),
            case(
                "no latest restorable time",
                db(|db| db.latest_restorable_at = None),
                UNKNOWN,
                point,
                "rds:DescribeDBInstances",
            ),
            case(
                "2 TiB",
                db(|db| db.allocated_storage_gib = Known::Yes(2048)),
                FAIL,
                point,
                "about 644 minutes to restore 2048 GiB",
            ),
            case(
                "a stopped database",
                db(|db| {
                    db.status = "stopped".into();
                    db.latest_restorable_at = Some("2026-01-01T00:00:00Z".into());
                }),
                PASS,
                point,
                "RPO 5 minutes",
            ),
            case("a key that is enabled", encrypted("Enabled"), PASS, key, ""),
            case(
                "a key that waits for its deletion",
                encrypted("PendingDeletion"),
                FAIL,
                key,
                "its KMS key is PendingDeletion",
            ),
            case(
                "a key of another account",
                edited(|account| {
                    let db = &mut account.rds.db_instances.items[0];
                    (db.storage_encrypted, db.kms_key_id) =
                        (Known::Yes(true), Some("arn:aws:kms:ap-northeast-1:999999999999:key/1".into()));
                }),
                UNKNOWN,
                key,
                "",
            ),
            case("a replica", db(|db| db.replication_source_id = Some("other".into())), SKIP, point, ""),
            case("a member of a cluster", db(|db| db.cluster_id = Some("shop".into())), SKIP, point, ""),
            case("DocumentDB", db(|db| db.engine = "docdb".into()), SKIP, point, ""),
        ],
    );
}
