use super::*;
use crate::snapshot::ecs::{CapacityProviderStrategyItem, TaskDefinition};

const REGION: &str = "ap-northeast-1";
const SERVICE: &str = "arn:aws:ecs:ap-northeast-1:123456789012:service/shop/shop-api";
const DEFINITION: &str = "arn:aws:ecs:ap-northeast-1:123456789012:task-definition/shop-api:7";

fn service() -> Service {
    Service {
        arn: SERVICE.into(),
        region: REGION.into(),
        launch_type: Some("FARGATE".into()),
        task_definition_arn: Some(DEFINITION.into()),
        ..Service::default()
    }
}

fn measured(metric: &str, p95: Option<f64>, count: i64) -> MetricSeries {
    MetricSeries {
        region: REGION.into(),
        resource_arn: SERVICE.into(),
        namespace: "AWS/ECS".into(),
        metric_name: metric.into(),
        statistic: "Average".into(),
        period_seconds: 3600,
        window_days: 14,
        datapoint_count: count,
        p95,
        ..MetricSeries::default()
    }
}

fn account(size: (i64, i64), cpu: f64, memory: f64) -> Snapshot {
    let mut snapshot = Snapshot::default().complete();
    snapshot.ecs.task_definitions.items.push(TaskDefinition {
        arn: DEFINITION.into(),
        cpu_units: Some(size.0),
        memory_mib: Some(size.1),
        ..TaskDefinition::default()
    });
    snapshot.cloudwatch.series.items =
        vec![measured("CPUUtilization", Some(cpu), 336), measured("MemoryUtilization", Some(memory), 336)];
    snapshot
}

fn sized(size: (i64, i64), cpu: f64, memory: f64) -> (String, i64, i64) {
    let found = fargate_sizing(&account(size, cpu, memory), &service());
    (
        found.direction.known().unwrap().clone(),
        *found.suggested_cpu_units.known().unwrap(),
        *found.suggested_memory_mib.known().unwrap(),
    )
}

#[test]
fn the_table_is_fargates() {
    let sizes = legal_sizes();
    assert_eq!(sizes.len(), 3 + 4 + 7 + 13 + 23 + 12 + 12);
    for (cpu, memory, legal) in [
        (256, 2048, true),
        (256, 3072, false),
        (512, 512, false),
        (4096, 30720, true),
        (4096, 31744, false),
        (8192, 20480, true),
        (8192, 18432, false),
        (16384, 122_880, true),
    ] {
        assert_eq!(sizes.contains(&Size { cpu, memory }), legal, "{cpu} {memory}");
    }
}

#[test]
fn sizes_follow_use() {
    let cases = [
        // now, CPU %, memory %, what follows
        ((512, 1024), 55.0, 60.0, ("fits", 512, 1024)),
        ((512, 1024), 20.0, 60.0, ("fits", 512, 1024)),
        ((512, 1024), 30.0, 35.0, ("smaller", 256, 512)),
        // Half the CPU is enough to be between the bounds: not further at once.
        ((4096, 8192), 20.0, 20.0, ("smaller", 2048, 4096)),
        ((4096, 8192), 20.0, 39.0, ("smaller", 2048, 7168)),
        // The smallest CPU, with memory to spare.
        ((256, 2048), 5.0, 10.0, ("smaller", 256, 512)),
        // A quarter of the CPU would do, but cannot have that much memory.
        ((2048, 16384), 10.0, 39.0, ("smaller", 1024, 8192)),
        ((256, 512), 1.0, 1.0, ("fits", 256, 512)),
        ((512, 1024), 95.0, 30.0, ("larger", 1024, 2048)),
        ((512, 1024), 30.0, 81.0, ("larger", 512, 2048)),
        ((512, 4096), 30.0, 90.0, ("larger", 1024, 5120)),
        ((256, 512), 80.0, 80.0, ("fits", 256, 512)),
        ((16384, 122_880), 99.0, 50.0, ("larger", 16384, 122_880)),
    ];
    for (now, cpu, memory, (direction, units, mib)) in cases {
        assert_eq!(sized(now, cpu, memory), (direction.to_owned(), units, mib), "{now:?} {cpu} {memory}");
    }
}

#[test]
fn a_smaller_size_never_goes_above_the_bound() {
    for now in legal_sizes() {
        for percent in [1.0, 10.0, 19.0, 20.0, 33.0, 39.9] {
            for other in [0.5, 15.0, 39.9] {
                let load = Use { cpu: percent, memory: other };
                if let Some(size) = smaller(now, load) {
                    assert!(load.on(now, size).is_within(), "{now:?} {load:?} {size:?}");
                    assert!(size.cpu <= now.cpu && size.memory <= now.memory && size != now);
                }
            }
        }
    }
}

#[test]
fn use_is_said_in_words() {
    let found = fargate_sizing(&account((512, 1024), 30.04, 35.0), &service());
    assert_eq!(
        found.summary.en,
        "The 95th percentile over 14 days is 30 % of 512 CPU units and 35 % of 1024 MiB; \
         256 CPU units and 512 MiB would be enough."
    );
    assert_eq!((found.window_days, found.has_enough_data), (14, Known::Yes(true)));
    assert_eq!((found.cpu_units, found.memory_mib), (Known::Yes(Some(512)), Known::Yes(Some(1024))));
    assert_eq!(found.cpu_p95_percent, Known::Yes(30.0));
}

#[test]
fn too_few_datapoints_say_nothing() {
    let gap = GapId::new("cloudwatch:GetMetricData", REGION, Some(SERVICE));
    for series in [measured("MemoryUtilization", Some(10.0), 23), measured("MemoryUtilization", None, 0)] {
        let mut snapshot = account((512, 1024), 10.0, 10.0);
        snapshot.cloudwatch.series.items[1] = series;
        let found = fargate_sizing(&snapshot, &service());
        assert_eq!(found.has_enough_data, Known::Yes(false));
        assert_eq!(
            (found.direction, found.memory_p95_percent),
            (Known::No(gap.clone()), Known::No(gap.clone()))
        );
        assert_eq!(found.cpu_p95_percent, Known::Yes(10.0));
        // The other metric alone says enough when it is above its bound.
        snapshot.cloudwatch.series.items[0].p95 = Some(95.0);
        assert_eq!(fargate_sizing(&snapshot, &service()).direction, Known::Yes("larger".to_owned()));
    }
}

#[test]
fn hidden_metrics_and_definitions_stay_open() {
    let gap = GapId::new("cloudwatch:GetMetricData", REGION, None);
    let mut snapshot = account((512, 1024), 10.0, 10.0);
    snapshot.cloudwatch.series.items.clear();
    snapshot.cloudwatch.series.incomplete.push(gap.clone());
    let found = fargate_sizing(&snapshot, &service());
    assert_eq!((found.has_enough_data, found.direction), (Known::No(gap.clone()), Known::No(gap)));
    assert_eq!(found.cpu_units, Known::Yes(Some(512)));

    let gap = GapId::new("ecs:DescribeTaskDefinition", REGION, Some(DEFINITION));
    let mut snapshot = account((512, 1024), 10.0, 10.0);
    snapshot.ecs.task_definitions.items.clear();
    snapshot.ecs.task_definitions.incomplete.push(gap.clone());
    let found = fargate_sizing(&snapshot, &service());
    assert_eq!((found.cpu_units, found.direction), (Known::No(gap.clone()), Known::No(gap)));
    assert_eq!(found.cpu_p95_percent, Known::Yes(10.0));
}

#[test]
fn only_fargate_has_fargate_sizes() {
    let snapshot = account((512, 1024), 10.0, 10.0);
    let on_instances = Service { launch_type: Some("EC2".into()), ..service() };
    let found = fargate_sizing(&snapshot, &on_instances);
    assert_eq!((found.is_fargate, found.direction.known()), (false, None));
    let spot = CapacityProviderStrategyItem {
        capacity_provider: "FARGATE_SPOT".into(),
        ..CapacityProviderStrategyItem::default()
    };
    let on_spot = Service { launch_type: None, capacity_provider_strategy: vec![spot], ..service() };
    assert!(fargate_sizing(&snapshot, &on_spot).is_fargate);
}

#[test]
fn the_average_is_preferred_to_single_peaks() {
    let mut snapshot = account((512, 1024), 50.0, 50.0);
    let peak = MetricSeries { statistic: "Maximum".into(), ..measured("CPUUtilization", Some(99.0), 336) };
    snapshot.cloudwatch.series.items.insert(0, peak);
    assert_eq!(fargate_sizing(&snapshot, &service()).direction, Known::Yes("fits".to_owned()));
}
