use super::*;
use crate::conclude::facts::Facts;
use crate::conclude::network::site::{self, gap, ids};
use crate::snapshot::application_autoscaling::{ScalableTarget, ScalingPolicy, ScheduledAction};
use crate::snapshot::rds::{ParameterGroup, ParameterGroupUse};
use crate::snapshot::servicequotas::Quota;

fn series(arn: &str, metric: &str, p95: f64) -> MetricSeries {
    MetricSeries {
        region: site::REGION.into(),
        resource_arn: arn.into(),
        metric_name: metric.into(),
        period_seconds: 300,
        window_days: 14,
        datapoint_count: 4032,
        p95: Some(p95),
        ..MetricSeries::default()
    }
}

/// Two tasks that use 60 % of a task together (five samples each of the sum of 300), scaled from 2 to
/// 10; a database of 2 GiB with 50 connections and 40 % CPU; 400 free addresses.
fn shop() -> Snapshot {
    let mut snapshot = site::after();
    for subnet in &mut snapshot.ec2.subnets.items {
        subnet.available_ip_address_count = Known::Yes(200);
    }
    let service = &mut snapshot.ecs.services.items[0];
    (service.desired_count, service.running_count) = (2, 2);
    let service = service.arn.clone();
    let db = &mut snapshot.rds.db_instances.items[0];
    db.engine = "postgres".into();
    db.instance_class = Known::Yes("db.t4g.small".into());
    db.status = Known::Yes("available".into());
    let used = ParameterGroupUse { name: "default.postgres15".into(), apply_status: "in-sync".into() };
    db.parameter_groups = Known::Yes(vec![used]);
    let db = db.arn.clone();
    let mut group = ParameterGroup {
        arn: "arn:aws:rds:ap-northeast-1:123456789012:pg:default.postgres15".into(),
        region: site::REGION.into(),
        name: "default.postgres15".into(),
        parameters: vec![Default::default()],
    };
    group.parameters[0].name = "max_connections".into();
    group.parameters[0].value = Some("LEAST({DBInstanceClassMemory/9531392},5000)".into());
    snapshot.rds.parameter_groups.items = vec![group];
    snapshot.ecs.task_definitions.items[0].cpu_units = Some(512);
    snapshot.servicequotas.quotas.items = vec![Quota {
        region: site::REGION.into(),
        service: "fargate".into(),
        code: FARGATE_VCPUS.into(),
        value: 6.0,
        ..Quota::default()
    }];
    snapshot.cloudwatch.load.items = vec![
        series(&service, "CPUUtilization", 300.0),
        series(&service, "MemoryUtilization", 400.0),
        series(&db, "CPUUtilization", 40.0),
        series(&db, "DatabaseConnections", 50.0),
    ];
    let resource = "service/shop/shop-api".to_owned();
    snapshot.application_autoscaling.scalable_targets.items = vec![ScalableTarget {
        region: site::REGION.into(),
        resource_id: resource.clone(),
        scalable_dimension: "ecs:service:DesiredCount".into(),
        min_capacity: 2,
        max_capacity: 10,
        ..ScalableTarget::default()
    }];
    snapshot.application_autoscaling.scaling_policies.items = vec![ScalingPolicy {
        region: site::REGION.into(),
        name: "cpu".into(),
        resource_id: resource,
        scalable_dimension: "ecs:service:DesiredCount".into(),
        predefined_metric: Some("ECSServiceAverageCPUUtilization".into()),
        ..ScalingPolicy::default()
    }];
    snapshot
}

fn walls(snapshot: &Snapshot) -> LoadWalls {
    load_walls(&Facts::new(snapshot), &snapshot.ecs.services.items[0])
}

fn factors(snapshot: &Snapshot) -> Vec<(String, Option<f64>)> {
    walls(snapshot).walls.into_iter().map(|wall| (wall.kind, wall.factor.known().copied())).collect()
}

fn factor(snapshot: &Snapshot, kind: &str) -> Option<f64> {
    factors(snapshot).into_iter().find(|(name, _)| name == kind).and_then(|(_, factor)| factor)
}

#[test]
fn the_nearest_wall_comes_first() {
    let snapshot = shop();
    let expected =
        [("database-cpu", 2.5), ("connections", 4.0), ("tasks", 16.6), ("quota", 23.3), ("addresses", 670.0)];
    let expected = expected.map(|(kind, factor)| (kind.to_owned(), Some(factor)));
    assert_eq!(factors(&snapshot), expected);
    let found = walls(&snapshot);
    assert_eq!((found.nearest_factor, found.nearest.en.as_str()), (Known::Yes(Some(2.5)), "CPU of ec-db"));
    assert!(
        found.summary.en.starts_with(
            "CPU of ec-db 2.5 (100 % ÷ 40 % today); connections of ec-db 4.0 (about 202 connections ÷ 50 today); \
             maximum of the scaling 16.6 (10 tasks × 100 % ÷ 60 % of CPU that all tasks use today)"
        ),
        "{}",
        found.summary.en
    );
    assert_eq!((found.task_load_percent, found.is_complete), (Known::Yes(60.0), Known::Yes(true)));
    assert_eq!(found.walls[1].larger_class.as_deref(), Some("db.t4g.medium"));
}

#[test]
fn nothing_scales_a_fixed_number_and_schedules_raise_the_maximum() {
    let mut snapshot = shop();
    snapshot.application_autoscaling.scaling_policies.items.clear();
    assert_eq!(factor(&snapshot, "tasks"), Some(3.3), "two tasks stay");
    let mut snapshot = shop();
    snapshot.application_autoscaling.scheduled_actions.items = vec![ScheduledAction {
        region: site::REGION.into(),
        resource_id: "service/shop/shop-api".into(),
        max_capacity: Some(30),
        ..ScheduledAction::default()
    }];
    assert_eq!(factor(&snapshot, "tasks"), Some(50.0));
}

#[test]
fn memory_counts_where_its_owner_scales_by_it() {
    let mut snapshot = shop();
    assert_eq!(factor(&snapshot, "memory"), None);
    snapshot.application_autoscaling.scaling_policies.items[0].predefined_metric =
        Some("ECSServiceAverageMemoryUtilization".into());
    assert_eq!(factor(&snapshot, "memory"), Some(12.5));
}

#[test]
fn the_quota_is_shared_with_what_else_runs() {
    let mut snapshot = shop();
    let task = crate::snapshot::ecs::Task {
        region: site::REGION.into(),
        task_definition_arn: "arn:td".into(),
        launch_type: Some("FARGATE".into()),
        ..Default::default()
    };
    snapshot.ecs.tasks.items = vec![task; 11];
    // Of six vCPU five and a half are taken: one more task of half a vCPU.
    assert_eq!(factor(&snapshot, "quota"), Some(5.0));
    snapshot.ecs.services.items[0].launch_type = Some("EC2".into());
    assert_eq!(factor(&snapshot, "quota"), None);
    let mut v6 = shop();
    v6.ec2.subnets.items[0].cidr_block = None;
    assert_eq!(factor(&v6, "addresses"), None);
}

#[test]
fn connections_follow_the_parameter() {
    let set = |value: Option<&str>| {
        let mut snapshot = shop();
        snapshot.rds.parameter_groups.items[0].parameters[0].value = value.map(str::to_owned);
        factor(&snapshot, "connections")
    };
    assert_eq!(set(Some("75")), Some(1.5));
    assert_eq!(set(None), Some(4.0), "the default of its engine");
    assert_eq!(set(Some("{Nonsense}")), None);
    let mut serverless = shop();
    serverless.rds.db_instances.items[0].instance_class = Known::Yes("db.serverless".into());
    assert!(factors(&serverless).iter().all(|(kind, _)| kind != "connections"), "it grows");
}

#[test]
fn a_load_of_nothing_runs_against_no_wall() {
    let mut snapshot = shop();
    for series in &mut snapshot.cloudwatch.load.items {
        series.p95 = Some(0.0);
    }
    assert_eq!(factors(&snapshot), []);
    assert_eq!(walls(&snapshot).nearest_factor, Known::Yes(None));
}

#[test]
fn what_is_not_known_comes_last_and_hides_nothing_else() {
    let denied = gap("cloudwatch:GetMetricData");
    let mut snapshot = shop();
    snapshot.cloudwatch.load.items.retain(|series| series.metric_name != "DatabaseConnections");
    snapshot.cloudwatch.load.incomplete = vec![denied.clone()];
    let found = walls(&snapshot);
    assert_eq!((found.nearest_factor, found.is_complete), (Known::Yes(Some(2.5)), Known::No(denied.clone())));
    let last = found.walls.last().unwrap();
    assert_eq!((last.kind.as_str(), &last.factor), ("connections", &Known::No(denied)));
    assert!(last.arithmetic.en.contains("cloudwatch:GetMetricData"), "{}", last.arithmetic.en);
    let hidden = |edit: fn(&mut Snapshot), kind: &str, expected: GapId| {
        let mut snapshot = shop();
        edit(&mut snapshot);
        let wall = walls(&snapshot).walls.into_iter().find(|wall| wall.kind == kind).unwrap();
        assert_eq!(wall.factor, Known::No(expected));
    };
    let arn = shop().ecs.services.items[0].arn.clone();
    hidden(
        |snapshot| snapshot.cloudwatch.load.items[0].datapoint_count = 200,
        "tasks",
        GapId::new("cloudwatch:GetMetricData", site::REGION, Some(&arn)),
    );
    hidden(
        |snapshot| {
            snapshot.rds.parameter_groups.items.clear();
            snapshot.rds.parameter_groups.incomplete = vec![gap("rds:DescribeDBParameters")];
        },
        "connections",
        gap("rds:DescribeDBParameters"),
    );
    hidden(
        |snapshot| {
            snapshot.rds.db_instances.items.clear();
            snapshot.rds.db_instances.incomplete = vec![gap("rds:DescribeDBInstances")];
        },
        "connections",
        gap("rds:DescribeDBInstances"),
    );
    hidden(
        |snapshot| {
            snapshot.servicequotas.quotas.items.clear();
            snapshot.servicequotas.quotas.incomplete = vec![gap("servicequotas:GetServiceQuota")];
        },
        "quota",
        gap("servicequotas:GetServiceQuota"),
    );
    hidden(
        |snapshot| snapshot.ecs.services.items[0].subnet_ids = ids(&["subnet-other"]),
        "addresses",
        GapId::default(),
    );
    hidden(
        |snapshot| {
            snapshot.application_autoscaling.scalable_targets.items.clear();
            let gap = gap("application-autoscaling:DescribeScalableTargets");
            snapshot.application_autoscaling.scalable_targets.incomplete = vec![gap];
        },
        "tasks",
        gap("application-autoscaling:DescribeScalableTargets"),
    );
}
