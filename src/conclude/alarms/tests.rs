use super::*;
use crate::snapshot::Snapshot;
use crate::snapshot::application_autoscaling::ScalingPolicy;
use crate::snapshot::sns::{Subscription, Topic};

const REGION: &str = "ap-northeast-1";
const TOPIC: &str = "arn:aws:sns:ap-northeast-1:123456789012:shop-alerts";
const SCALING: &str = "arn:aws:autoscaling:ap-northeast-1:123456789012:scalingPolicy:0a1b:resource/ecs/service/shop/api:policyName/cpu70";

fn alarm_path(snapshot: &Snapshot, alarm: &Alarm) -> AlarmPath {
    super::alarm_path(&Facts::new(snapshot), alarm)
}

fn load_balancer_alarms(snapshot: &Snapshot, lb: &LoadBalancer) -> LoadBalancerAlarms {
    super::load_balancer_alarms(&Facts::new(snapshot), lb)
}

fn service_alarms(snapshot: &Snapshot, service: &Service) -> ServiceAlarms {
    super::service_alarms(&Facts::new(snapshot), service)
}

fn database_alarms(snapshot: &Snapshot, db: &DbInstance) -> DatabaseAlarms {
    super::database_alarms(&Facts::new(snapshot), db)
}

fn account() -> Snapshot {
    Snapshot::new("123456789012", "aws", "2026-01-01T00:00:00Z", &[REGION.to_owned()]).complete()
}

fn topic(subscriptions: Known<Vec<Subscription>>) -> Topic {
    Topic { arn: TOPIC.into(), region: REGION.into(), name: "shop-alerts".into(), subscriptions }
}

fn subscription(protocol: &str, confirmed: bool) -> Subscription {
    Subscription { protocol: protocol.into(), confirmed }
}

fn alarm(name: &str, actions: &[&str]) -> Alarm {
    Alarm {
        arn: format!("arn:aws:cloudwatch:{REGION}:123456789012:alarm:{name}"),
        region: REGION.into(),
        name: name.into(),
        kind: "metric".into(),
        metrics: vec![AlarmMetric::default()],
        actions_enabled: Known::Yes(true),
        alarm_actions: actions.iter().map(|action| (*action).to_owned()).collect(),
        comparison_operator: Some("GreaterThanThreshold".into()),
        threshold: Some(80.0),
        actions_suppressor: Known::Yes(None),
        ..Alarm::default()
    }
}

fn metric(namespace: &str, name: &str, statistic: &str, dimensions: &[(&str, &str)]) -> AlarmMetric {
    AlarmMetric {
        namespace: namespace.into(),
        metric_name: name.into(),
        statistic: Some(statistic.into()),
        dimensions: dimensions.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect(),
        account_id: None,
    }
}

fn watching(name: &str, metric: AlarmMetric) -> Alarm {
    Alarm { metrics: vec![metric], ..alarm(name, &[TOPIC]) }
}

fn denied() -> GapId {
    GapId::new("cloudwatch:DescribeAlarms", REGION, None)
}

#[test]
fn a_confirmed_subscription_is_needed() {
    let cases = [
        (vec![], Some(false), "Topic shop-alerts has no subscription."),
        (
            vec![subscription("email", false)],
            Some(false),
            "Topic shop-alerts has only unconfirmed subscriptions.",
        ),
        (
            vec![subscription("https", true), subscription("email", true), subscription("sms", false)],
            Some(true),
            "Topic shop-alerts has confirmed subscriptions (email, https).",
        ),
    ];
    for (subscriptions, expected, reason) in cases {
        let mut snapshot = account();
        snapshot.sns.topics.items.push(topic(Known::Yes(subscriptions)));
        let path = alarm_path(&snapshot, &alarm("cpu", &[TOPIC]));
        assert_eq!(path.is_for_people, Known::Yes(true));
        assert_eq!(path.reaches_someone.known().copied(), expected);
        assert_eq!(path.reason.en, reason);
        assert!(path.reason.ja.contains("トピック shop-alerts"), "{}", path.reason.ja);
        assert_eq!(path.topic_arns, [TOPIC]);
    }
}

#[test]
fn hidden_subscriptions_and_topics_stay_open() {
    let mut snapshot = account();
    let gap = GapId::new("sns:ListSubscriptions", REGION, None);
    snapshot.sns.topics.items.push(topic(Known::No(gap.clone())));
    assert_eq!(alarm_path(&snapshot, &alarm("cpu", &[TOPIC])).reaches_someone, Known::No(gap));

    snapshot.sns.topics.items.clear();
    let path = alarm_path(&snapshot, &alarm("cpu", &[TOPIC]));
    assert_eq!(
        (path.reaches_someone, path.reason.en.as_str()),
        (Known::Yes(false), "Topic shop-alerts does not exist.")
    );

    let gap = GapId::new("sns:ListTopics", REGION, None);
    snapshot.sns.topics.incomplete.push(gap.clone());
    assert_eq!(alarm_path(&snapshot, &alarm("cpu", &[TOPIC])).reaches_someone, Known::No(gap));
}

#[test]
fn topics_out_of_sight_are_not_missing() {
    for action in
        ["arn:aws:sns:ap-northeast-1:999999999999:central", "arn:aws:sns:us-west-2:123456789012:elsewhere"]
    {
        let path = alarm_path(&account(), &alarm("cpu", &[action]));
        assert_eq!(path.reaches_someone, Known::No(GapId::default()));
        assert!(path.reason.en.contains("was not scanned"), "{}", path.reason.en);
    }
}

#[test]
fn one_open_way_is_enough_whatever_the_others_do() {
    let mut snapshot = account();
    snapshot.sns.topics.incomplete.push(GapId::new("sns:ListTopics", REGION, None));
    let lambda = "arn:aws:lambda:ap-northeast-1:123456789012:function:on-call";
    let path = alarm_path(&snapshot, &alarm("cpu", &[TOPIC, lambda]));
    assert_eq!(
        (path.reaches_someone, path.reason.en.as_str()),
        (Known::Yes(true), "It starts lambda on-call.")
    );
}

#[test]
fn no_action_and_disabled_actions_reach_nobody() {
    let mut snapshot = account();
    snapshot.sns.topics.items.push(topic(Known::Yes(vec![subscription("email", true)])));
    let disabled = Alarm { actions_enabled: Known::Yes(false), ..alarm("cpu", &[TOPIC]) };
    for (alarm, reason) in
        [(disabled, "Its actions are disabled."), (alarm("cpu", &[]), "It has no alarm action.")]
    {
        let path = alarm_path(&snapshot, &alarm);
        assert_eq!(path.is_for_people, Known::Yes(true));
        assert_eq!((path.reaches_someone, path.reason.en.as_str()), (Known::Yes(false), reason));
    }
}

#[test]
fn an_alarm_without_action_stays_open_while_composites_are_hidden() {
    let mut snapshot = account();
    snapshot.cloudwatch.alarms.incomplete.push(denied());
    assert_eq!(alarm_path(&snapshot, &alarm("cpu", &[])).reaches_someone, Known::No(denied()));
}

#[test]
fn scaling_is_not_for_people_unless_a_topic_is_told_too() {
    let mut snapshot = account();
    snapshot.sns.topics.items.push(topic(Known::Yes(vec![subscription("email", true)])));
    let path = alarm_path(&snapshot, &alarm("step-cpu", &[SCALING]));
    assert_eq!(path.is_for_people, Known::Yes(false));
    assert_eq!(path.reaches_someone, Known::Yes(false));
    assert_eq!(path.reason.en, "It only triggers scaling policy cpu70.");
    assert_eq!(
        alarm_path(&snapshot, &alarm("TargetTracking-service/shop/api-AlarmHigh-1", &[])).is_for_people,
        Known::Yes(false)
    );
    let both = alarm_path(&snapshot, &alarm("step-cpu", &[SCALING, TOPIC]));
    assert_eq!(both.is_for_people, Known::Yes(true));
    assert_eq!(both.reaches_someone, Known::Yes(true));

    snapshot.application_autoscaling.scaling_policies.items.push(ScalingPolicy {
        region: REGION.into(),
        kind: "TargetTrackingScaling".into(),
        alarm_names: vec!["renamed".into()],
        ..ScalingPolicy::default()
    });
    assert_eq!(alarm_path(&snapshot, &alarm("renamed", &[TOPIC])).is_for_people, Known::Yes(false));
    let elsewhere = Alarm { region: "us-east-1".into(), ..alarm("renamed", &[TOPIC]) };
    assert_eq!(alarm_path(&snapshot, &elsewhere).is_for_people, Known::Yes(true));
}

#[test]
fn a_composite_speaks_for_its_silent_parts() {
    let mut snapshot = account();
    snapshot.sns.topics.items.push(topic(Known::Yes(vec![subscription("email", true)])));
    snapshot.cloudwatch.alarms.items.push(Alarm {
        kind: "composite".into(),
        metrics: vec![],
        rule: Some("ALARM(\"cpu\") OR ALARM(loud)".into()),
        ..alarm("shop-down", &[TOPIC])
    });
    let part = alarm_path(&snapshot, &alarm("cpu", &[]));
    assert_eq!(part.is_for_people, Known::Yes(false));
    assert_eq!(part.reaches_someone, Known::Yes(true));
    assert_eq!(part.composite_names, ["shop-down"]);
    assert!(part.reason.en.starts_with("Composite alarm shop-down includes it. Topic shop-alerts"));
    // A part with an action of its own is judged by it.
    assert_eq!(alarm_path(&snapshot, &alarm("loud", &[TOPIC])).is_for_people, Known::Yes(true));
    // A name that only contains the part's is another alarm.
    assert_eq!(alarm_path(&snapshot, &alarm("cp", &[])).is_for_people, Known::Yes(true));
    let composite = snapshot.cloudwatch.alarms.items[0].clone();
    assert_eq!(alarm_path(&snapshot, &composite).is_for_people, Known::Yes(true));
}

fn load_balancer(kind: &str, id: &str) -> LoadBalancer {
    LoadBalancer {
        arn: format!("arn:aws:elasticloadbalancing:{REGION}:123456789012:loadbalancer/{id}"),
        region: REGION.into(),
        kind: kind.into(),
        ..LoadBalancer::default()
    }
}

const ALB: &str = "app/shop-alb/50dc6c495c0c9188";

fn error_alarm(alarms: Vec<Alarm>) -> LoadBalancerAlarms {
    let mut snapshot = account();
    snapshot.cloudwatch.alarms.items = alarms;
    load_balancer_alarms(&snapshot, &load_balancer("application", ALB))
}

#[test]
fn errors_are_watched_on_the_load_balancers_own_dimension() {
    let on = |dimensions: &[(&str, &str)]| {
        let name = "HTTPCode_Target_5XX_Count";
        error_alarm(vec![watching("5xx", metric("AWS/ApplicationELB", name, "Sum", dimensions))])
    };
    let found = on(&[("LoadBalancer", ALB)]);
    assert_eq!((found.has_error_alarm, found.alarm_names), (Known::Yes(true), vec!["5xx".to_owned()]));
    assert_eq!(
        on(&[("LoadBalancer", ALB), ("TargetGroup", "targetgroup/t/1")]).has_error_alarm,
        Known::Yes(true)
    );
    assert_eq!(on(&[("LoadBalancer", "app/other/1")]).has_error_alarm, Known::Yes(false));
    assert_eq!(on(&[]).has_error_alarm, Known::Yes(false));
}

#[test]
fn metric_math_counts_and_other_metrics_do_not() {
    let dimensions = [("LoadBalancer", ALB)];
    let requests = metric("AWS/ApplicationELB", "RequestCount", "Sum", &dimensions);
    let errors = metric("AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", "Sum", &dimensions);
    let rate = Alarm { metrics: vec![requests.clone(), errors], ..alarm("rate", &[]) };
    assert_eq!(error_alarm(vec![rate]).has_error_alarm, Known::Yes(true));
    assert_eq!(error_alarm(vec![watching("requests", requests)]).has_error_alarm, Known::Yes(false));
}

#[test]
fn an_average_of_ones_never_passes_ten() {
    let with = |statistic: &str, threshold: f64, operator: &str| {
        let metric =
            metric("AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", statistic, &[("LoadBalancer", ALB)]);
        let alarm = Alarm {
            threshold: Some(threshold),
            comparison_operator: Some(operator.into()),
            ..watching("5xx", metric)
        };
        error_alarm(vec![alarm]).has_error_alarm
    };
    assert_eq!(with("Sum", 10.0, "GreaterThanThreshold"), Known::Yes(true));
    assert_eq!(with("SampleCount", 10.0, "GreaterThanThreshold"), Known::Yes(true));
    assert_eq!(with("Average", 10.0, "GreaterThanThreshold"), Known::Yes(false));
    assert_eq!(with("Average", 0.0, "GreaterThanThreshold"), Known::Yes(true));
    assert_eq!(with("Maximum", 1.0, "GreaterThanOrEqualToThreshold"), Known::Yes(true));
    assert_eq!(with("Maximum", 1.0, "GreaterThanThreshold"), Known::Yes(false));
    assert_eq!(with("Sum", 10.0, "LessThanThreshold"), Known::Yes(false));
}

#[test]
fn network_load_balancers_are_watched_by_hosts_and_resets() {
    let id = "net/shop-nlb/1";
    let check = |name: &str, operator: &str| {
        let mut snapshot = account();
        let alarm = Alarm {
            comparison_operator: Some(operator.into()),
            ..watching("hosts", metric("AWS/NetworkELB", name, "Maximum", &[("LoadBalancer", id)]))
        };
        snapshot.cloudwatch.alarms.items.push(alarm);
        load_balancer_alarms(&snapshot, &load_balancer("network", id)).has_error_alarm
    };
    assert_eq!(check("UnHealthyHostCount", "GreaterThanThreshold"), Known::Yes(true));
    assert_eq!(check("HealthyHostCount", "LessThanThreshold"), Known::Yes(true));
    assert_eq!(check("HealthyHostCount", "GreaterThanThreshold"), Known::Yes(false));
    assert_eq!(check("TCP_Target_Reset_Count", "GreaterThanThreshold"), Known::Yes(true));
    assert_eq!(check("TCP_Client_Reset_Count", "GreaterThanThreshold"), Known::Yes(false));
}

#[test]
fn an_incomplete_list_or_a_hidden_query_is_no_absence() {
    let lb = load_balancer("application", ALB);
    let mut snapshot = account();
    snapshot.cloudwatch.alarms.incomplete.push(denied());
    assert_eq!(load_balancer_alarms(&snapshot, &lb).has_error_alarm, Known::No(denied()));
    let metric = metric("AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", "Sum", &[("LoadBalancer", ALB)]);
    snapshot.cloudwatch.alarms.items.push(watching("5xx", metric));
    assert_eq!(load_balancer_alarms(&snapshot, &lb).has_error_alarm, Known::Yes(true));

    let mut snapshot = account();
    let query = Alarm { metrics: vec![], ..alarm("query", &[]) };
    snapshot.cloudwatch.alarms.items.push(query.clone());
    let gap = GapId::new("cloudwatch:DescribeAlarms", REGION, Some(&query.arn));
    assert_eq!(load_balancer_alarms(&snapshot, &lb).has_error_alarm, Known::No(gap));
    // A gap of another region hides nothing here.
    let mut snapshot = account();
    snapshot.cloudwatch.alarms.incomplete.push(GapId::new("cloudwatch:DescribeAlarms", "us-east-1", None));
    assert_eq!(load_balancer_alarms(&snapshot, &lb).has_error_alarm, Known::Yes(false));
}

fn shop_api() -> Service {
    Service {
        region: REGION.into(),
        name: "shop-api".into(),
        cluster_name: "shop".into(),
        ..Service::default()
    }
}

const API: [(&str, &str); 2] = [("ClusterName", "shop"), ("ServiceName", "shop-api")];

#[test]
fn service_alarms_tell_cpu_from_memory() {
    let mut snapshot = account();
    let none = service_alarms(&snapshot, &shop_api());
    assert_eq!((none.has_cpu_alarm, none.has_memory_alarm), (Known::Yes(false), Known::Yes(false)));
    snapshot.cloudwatch.alarms.items =
        vec![watching("shop-cpu", metric("AWS/ECS", "CPUUtilization", "Average", &API))];
    let one = service_alarms(&snapshot, &shop_api());
    assert_eq!((one.has_cpu_alarm, one.has_memory_alarm), (Known::Yes(true), Known::Yes(false)));
    snapshot
        .cloudwatch
        .alarms
        .items
        .push(watching("shop-mem", metric("ECS/ContainerInsights", "MemoryUtilized", "Average", &API)));
    let both = service_alarms(&snapshot, &shop_api());
    assert_eq!(both.has_memory_alarm, Known::Yes(true));
    assert_eq!(both.alarm_names, ["shop-cpu", "shop-mem"]);
    snapshot.cloudwatch.alarms.items.clear();
    snapshot.cloudwatch.alarms.incomplete.push(denied());
    assert_eq!(service_alarms(&snapshot, &shop_api()).has_cpu_alarm, Known::No(denied()));
}

#[test]
fn alarms_that_scale_idle_or_look_elsewhere_do_not_watch_a_service() {
    let cpu = metric("AWS/ECS", "CPUUtilization", "Average", &API);
    let idle =
        Alarm { comparison_operator: Some("LessThanThreshold".into()), ..watching("idle", cpu.clone()) };
    let others = [
        watching("TargetTracking-service/shop/shop-api-AlarmHigh-1", cpu.clone()),
        Alarm { alarm_actions: vec![SCALING.into()], ..watching("step", cpu.clone()) },
        idle,
        watching("cluster", metric("AWS/ECS", "CPUUtilization", "Average", &API[..1])),
        watching("other", metric("AWS/EC2", "CPUUtilization", "Average", &API)),
        Alarm { region: "us-east-1".into(), ..watching("far", cpu) },
    ];
    for alarm in others {
        let mut snapshot = account();
        let name = alarm.name.clone();
        snapshot.cloudwatch.alarms.items.push(alarm);
        assert_eq!(service_alarms(&snapshot, &shop_api()).has_cpu_alarm, Known::Yes(false), "{name}");
    }
}

#[test]
fn database_alarms_by_instance_and_by_cluster() {
    let db = DbInstance { region: REGION.into(), id: "ec-db".into(), ..DbInstance::default() };
    let mut snapshot = account();
    assert_eq!(database_alarms(&snapshot, &db).has_any_alarm, Known::Yes(false));
    let own = [("DBInstanceIdentifier", "ec-db")];
    snapshot
        .cloudwatch
        .alarms
        .items
        .push(watching("db-cpu", metric("AWS/RDS", "CPUUtilization", "Average", &own)));
    let found = database_alarms(&snapshot, &db);
    assert_eq!((found.has_any_alarm, found.has_storage_alarm), (Known::Yes(true), Known::Yes(false)));
    assert_eq!(found.has_connections_alarm, Known::Yes(false));

    let storage = watching("db-space", metric("AWS/RDS", "FreeStorageSpace", "Minimum", &own));
    snapshot.cloudwatch.alarms.items.push(storage.clone());
    assert_eq!(
        database_alarms(&snapshot, &db).has_storage_alarm,
        Known::Yes(false),
        "goes off when all is well"
    );
    let storage = Alarm { comparison_operator: Some("LessThanThreshold".into()), ..storage };
    snapshot.cloudwatch.alarms.items.push(storage);
    assert_eq!(database_alarms(&snapshot, &db).has_storage_alarm, Known::Yes(true));

    let member = DbInstance { cluster_id: Some("aurora".into()), id: "aurora-1".into(), ..db.clone() };
    assert_eq!(database_alarms(&snapshot, &member).has_any_alarm, Known::Yes(false));
    let dimensions = [("DBClusterIdentifier", "aurora"), ("Role", "WRITER")];
    let metric = metric("AWS/RDS", "DatabaseConnections", "Maximum", &dimensions);
    snapshot.cloudwatch.alarms.items.push(watching("aurora", metric));
    let found = database_alarms(&snapshot, &member);
    assert_eq!(
        (found.has_connections_alarm, found.alarm_names),
        (Known::Yes(true), vec!["aurora".to_owned()])
    );

    snapshot.cloudwatch.alarms.items.clear();
    snapshot.cloudwatch.alarms.incomplete.push(denied());
    let hidden = database_alarms(&snapshot, &db);
    assert_eq!((hidden.has_any_alarm, hidden.has_storage_alarm), (Known::No(denied()), Known::No(denied())));
}

/// Amazon DocumentDB and Neptune are listed beside RDS's databases and publish their metrics in namespaces
/// of their own: <https://docs.aws.amazon.com/documentdb/latest/developerguide/cloud_watch.html>,
/// <https://docs.aws.amazon.com/neptune/latest/userguide/cw-metrics.html>.
#[test]
fn a_database_is_watched_in_the_namespace_of_its_service() {
    for (engine, own) in [
        ("postgres", "AWS/RDS"),
        ("aurora-mysql", "AWS/RDS"),
        ("docdb", "AWS/DocDB"),
        ("neptune", "AWS/Neptune"),
    ] {
        let db = DbInstance {
            region: REGION.into(),
            id: "ec-db".into(),
            engine: engine.into(),
            ..DbInstance::default()
        };
        for namespace in ["AWS/RDS", "AWS/DocDB", "AWS/Neptune"] {
            let dimensions = [("DBInstanceIdentifier", "ec-db")];
            let mut snapshot = account();
            snapshot.cloudwatch.alarms.items =
                vec![watching("cpu", metric(namespace, "CPUUtilization", "Average", &dimensions))];
            assert_eq!(
                database_alarms(&snapshot, &db).has_any_alarm,
                Known::Yes(namespace == own),
                "{engine} in {namespace}"
            );
        }
    }
}

/// Aurora's storage grows by itself, and it has no FreeStorageSpace:
/// <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.AuroraMonitoring.Metrics.html>.
#[test]
fn a_database_of_aurora_needs_no_alarm_on_its_storage() {
    for (engine, expected) in [("aurora-postgresql", true), ("postgres", false), ("docdb", false)] {
        let db = DbInstance { region: REGION.into(), engine: engine.into(), ..DbInstance::default() };
        assert_eq!(database_alarms(&account(), &db).has_storage_alarm, Known::Yes(expected), "{engine}");
    }
}

#[test]
fn an_alarm_on_a_database_that_does_nothing_is_none() {
    let db = DbInstance { region: REGION.into(), id: "ec-db".into(), ..DbInstance::default() };
    let own = [("DBInstanceIdentifier", "ec-db")];
    let silent = |name: &str| Alarm {
        alarm_actions: vec![],
        ..watching(name, metric("AWS/RDS", "CPUUtilization", "Average", &own))
    };
    let loud = Alarm { alarm_actions: vec![TOPIC.into()], ..silent("loud") };
    let denied_rules = || GapId::new("events:ListRules", REGION, None);
    let with = |alarms: &[&Alarm], are_rules_hidden: bool| {
        let mut snapshot = account();
        snapshot.cloudwatch.alarms.items = alarms.iter().map(|alarm| (*alarm).clone()).collect();
        if are_rules_hidden {
            snapshot.eventbridge.alarm_rules.incomplete = vec![denied_rules()];
        }
        let found = database_alarms(&snapshot, &db);
        (found.has_any_alarm, found.alarm_names)
    };
    let quiet = silent("quiet");
    let names = vec!["loud".to_owned()];
    assert_eq!(with(&[&quiet], false), (Known::Yes(false), vec![]));
    assert_eq!(with(&[&quiet], true), (Known::No(denied_rules()), vec![]), "a rule may pass it on");
    assert_eq!(with(&[&quiet, &loud], false), (Known::Yes(true), names.clone()));
    assert_eq!(with(&[&quiet, &loud], true), (Known::Yes(true), names), "one that is heard is enough");
}

/// Which way a metric goes when something breaks decides which comparison finds it.
#[test]
fn gateway_load_balancers_are_watched_by_hosts() {
    let id = "gwy/inspection/1";
    let check = |namespace: &str, name: &str, operator: &str| {
        let mut snapshot = account();
        let alarm = Alarm {
            comparison_operator: Some(operator.into()),
            ..watching("hosts", metric(namespace, name, "Maximum", &[("LoadBalancer", id)]))
        };
        snapshot.cloudwatch.alarms.items.push(alarm);
        load_balancer_alarms(&snapshot, &load_balancer("gateway", id)).has_error_alarm
    };
    let own = "AWS/GatewayELB";
    assert_eq!(check(own, "UnHealthyHostCount", "GreaterThanThreshold"), Known::Yes(true));
    assert_eq!(check(own, "UnHealthyHostCount", "LessThanThreshold"), Known::Yes(false));
    assert_eq!(check(own, "HealthyHostCount", "LessThanThreshold"), Known::Yes(true));
    assert_eq!(check(own, "HealthyHostCount", "GreaterThanThreshold"), Known::Yes(false));
    assert_eq!(check("AWS/NetworkELB", "HealthyHostCount", "LessThanThreshold"), Known::Yes(false));
    let anomaly = "LessThanLowerOrGreaterThanUpperThreshold";
    assert_eq!(check(own, "HealthyHostCount", anomaly), Known::Yes(true), "it looks both ways");
}

/// The names of Container Insights, with and without enhanced observability:
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-metrics-ECS.html>,
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-enhanced-observability-metrics-ECS.html>.
#[test]
fn a_service_is_watched_under_every_name_of_its_cpu_and_memory() {
    let with = |namespace: &str, name: &str, dimensions: &[(&str, &str)]| {
        let mut snapshot = account();
        snapshot.cloudwatch.alarms.items =
            vec![watching("it", metric(namespace, name, "Average", dimensions))];
        let found = service_alarms(&snapshot, &shop_api());
        (found.has_cpu_alarm == Known::Yes(true), found.has_memory_alarm == Known::Yes(true))
    };
    let insights = "ECS/ContainerInsights";
    let container = [API[0], API[1], ("ContainerName", "app")];
    for (namespace, cpu, memory) in [
        ("AWS/ECS", "CPUUtilization", "MemoryUtilization"),
        (insights, "CpuUtilized", "MemoryUtilized"),
        (insights, "TaskCpuUtilization", "TaskMemoryUtilization"),
        (insights, "ContainerCpuUtilization", "ContainerMemoryUtilization"),
    ] {
        assert_eq!(with(namespace, cpu, &container), (true, false), "{cpu}");
        assert_eq!(with(namespace, memory, &container), (false, true), "{memory}");
    }
    assert_eq!(with(insights, "CpuReserved", &API), (false, false));
    assert_eq!(with(insights, "RunningTaskCount", &API), (false, false));
    let of_one_task = [API[0], API[1], ("TaskId", "0a1b")];
    assert_eq!(with(insights, "TaskCpuUtilization", &of_one_task), (false, false), "it ends with its task");
    let elsewhere = [("ClusterName", "other"), API[1]];
    assert_eq!(with("AWS/ECS", "CPUUtilization", &elsewhere), (false, false));
}

/// A monitoring account has the metrics of others under their names:
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Unified-Cross-Account.html>.
#[test]
fn an_alarm_on_another_accounts_metric_watches_nothing_here() {
    let of = |account_id: Option<&str>| {
        let metric = AlarmMetric {
            account_id: account_id.map(str::to_owned),
            ..metric("AWS/ECS", "CPUUtilization", "Average", &API)
        };
        let mut snapshot = account();
        snapshot.cloudwatch.alarms.items = vec![watching("cpu", metric)];
        service_alarms(&snapshot, &shop_api()).has_cpu_alarm
    };
    assert_eq!(of(None), Known::Yes(true));
    assert_eq!(of(Some("123456789012")), Known::Yes(true));
    assert_eq!(of(Some("999999999999")), Known::Yes(false));
}
