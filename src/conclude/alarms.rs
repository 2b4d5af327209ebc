//! Who is told when something breaks: alarms, and the way from an alarm to a person.

mod end;
mod events;
mod missing;
mod path;
#[cfg(test)]
mod tests;
mod topics;

use super::facts::Facts;
use super::lookup;
use crate::snapshot::GapId;
use crate::snapshot::cloudwatch::{Alarm, AlarmExpression, AlarmMetric};
use crate::snapshot::ecs::Service;
use crate::snapshot::elb::LoadBalancer;
use crate::snapshot::known::Known;
use crate::snapshot::rds::DbInstance;
use crate::text::Text;

pub(crate) use missing::missing_resources;
pub(crate) use path::alarm_path;

crate::record! {
    /// The way from an alarm to a person.
    pub struct AlarmPath {
        /// False for alarms that only trigger scaling, and for alarms without an action of their
        /// own that others look at: composite alarms, which speak for them or are suppressed by
        /// them, and deployments of ECS and CodeDeploy, which they stop. Unknown only of alarms
        /// without an action that reach nobody otherwise.
        pub is_for_people: Known<bool>,
        /// Whether some action, or some target of an EventBridge rule that it matches, leads to a
        /// confirmed subscriber of a topic of the account, or to a program (Lambda, Systems Manager,
        /// EC2 actions, …) that acts on its own. A log group is neither.
        pub reaches_someone: Known<bool>,
        /// Where the way ends when it reaches nobody, or whom it reaches.
        pub reason: Text,
        /// The topics it goes to.
        pub topic_arns: Vec<String>,
        /// The composite alarms whose rule names it.
        pub composite_names: Vec<String>,
    }

    /// A resource that an alarm watches and that does not exist.
    pub struct MissingResource {
        /// DB instance, DB cluster, ECS cluster, ECS service, load balancer, target group, SNS topic
        /// or NAT gateway.
        pub kind: String,
        /// As the alarm's dimensions name it.
        pub name: String,
    }

    /// The alarms of a load balancer.
    pub struct LoadBalancerAlarms {
        /// Whether an alarm watches for errors. Application: 5xx answers of the targets or of the
        /// load balancer itself, with a statistic that can go off (Sum and SampleCount count; every
        /// other statistic of these metrics is 1, so that the threshold must be below). Network and
        /// gateway: unhealthy or healthy hosts, or resets by targets or the load balancer.
        pub has_error_alarm: Known<bool>,
        /// The alarms that do.
        pub alarm_names: Vec<String>,
        /// The topics of its region that have a confirmed subscription, each with its name: candidates for
        /// a script.
        pub topic_candidates: Known<Vec<String>>,
    }

    /// The alarms of a service.
    pub struct ServiceAlarms {
        /// Whether an alarm that does not only scale watches for much CPU.
        pub has_cpu_alarm: Known<bool>,
        /// Whether an alarm that does not only scale watches for much memory.
        pub has_memory_alarm: Known<bool>,
        /// The alarms that do.
        pub alarm_names: Vec<String>,
        /// The topics of its region that have a confirmed subscription, each with its name: candidates for
        /// a script.
        pub topic_candidates: Known<Vec<String>>,
    }

    /// The alarms of a database, or of the cluster it belongs to, that do something when they go
    /// off: with an action of their own or of a composite alarm that names them, or by a rule of
    /// EventBridge.
    pub struct DatabaseAlarms {
        /// Whether any such alarm watches it.
        pub has_any_alarm: Known<bool>,
        /// Whether one watches for little free storage; true for Aurora, whose storage grows by itself.
        pub has_storage_alarm: Known<bool>,
        /// Whether one watches for many connections.
        pub has_connections_alarm: Known<bool>,
        /// The alarms that watch it.
        pub alarm_names: Vec<String>,
        /// The topics of its region that have a confirmed subscription, each with its name: candidates for
        /// a script.
        pub topic_candidates: Known<Vec<String>>,
    }
}

/// Which way a metric goes when something breaks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bad {
    High,
    Low,
}

/// Whether an alarm goes off on the bad side of a metric. Metric math may turn a value
/// round, so that alarms on several metrics pass.
fn goes_off_when(alarm: &Alarm, bad: Bad) -> bool {
    let Some(operator) = alarm.comparison_operator.as_deref() else {
        return true;
    };
    if has_math(alarm) || operator == "LessThanLowerOrGreaterThanUpperThreshold" {
        return true;
    }
    match bad {
        Bad::High => operator.starts_with("GreaterThan"),
        Bad::Low => operator.starts_with("LessThan"),
    }
}

/// Whether what is compared is worked out of the metrics instead of being one of them.
fn has_math(alarm: &Alarm) -> bool {
    let is_math = |expression: &AlarmExpression| !expression.is_anomaly_band() && !expression.is_query();
    alarm.metrics.len() > 1 || alarm.expressions.iter().any(is_math)
}

/// The alarms of a region that look at a metric `wanted` takes, those that only scale left
/// out. Such a metric has a dimension of this value.
fn alarms_on<'a>(
    facts: &Facts<'a>,
    region: &str,
    value: &str,
    wanted: impl Fn(&Alarm, &AlarmMetric) -> bool,
) -> Vec<&'a Alarm> {
    let about = facts.alarms().on(region, value);
    // A monitoring account may watch resources of others that have the same names.
    let is_own =
        |metric: &AlarmMetric| metric.account_id.as_ref().is_none_or(|account| *account == facts.account);
    about
        .filter(|alarm| alarm.metrics.iter().any(|metric| is_own(metric) && wanted(alarm, metric)))
        .filter(|alarm| !path::only_scales(facts, alarm))
        .collect()
}

/// Whether there is such an alarm. An alarm whose metrics are hidden in a query on one of the
/// namespaces may be it.
fn has_alarm(facts: &Facts<'_>, region: &str, namespaces: &[&str], found: bool) -> Known<bool> {
    match lookup::exists(&facts.cloudwatch.alarms, region, found) {
        Known::Yes(false) => match facts.alarms().on_queries(region, namespaces) {
            Some(query) => Known::No(GapId::new("cloudwatch:DescribeAlarms", region, Some(&query.arn))),
            None => Known::Yes(false),
        },
        other => other,
    }
}

/// The namespaces of the metrics of load balancers.
const BALANCING: [&str; 3] = ["AWS/ApplicationELB", "AWS/NetworkELB", "AWS/GatewayELB"];

/// The namespaces of the metrics of services.
const CONTAINERS: [&str; 2] = ["AWS/ECS", "ECS/ContainerInsights"];

/// Sorted and named once.
fn names<'a>(alarms: impl IntoIterator<Item = &'a Alarm>) -> Vec<String> {
    let mut names: Vec<String> = alarms.into_iter().map(|alarm| alarm.name.clone()).collect();
    names.sort();
    names.dedup();
    names
}

fn has_dimension(metric: &AlarmMetric, name: &str, value: &str) -> bool {
    metric.dimensions.get(name).is_some_and(|found| found == value)
}

fn has_no_dimension_beside(metric: &AlarmMetric, names: &[&str]) -> bool {
    metric.dimensions.keys().all(|name| names.contains(&name.as_str()))
}

/// See [`super::FUNCTIONS`].
pub(crate) fn load_balancer_alarms(facts: &Facts<'_>, lb: &LoadBalancer) -> LoadBalancerAlarms {
    let dimension = lb.arn.split_once("loadbalancer/").map_or(lb.arn.as_str(), |(_, id)| id);
    let found = alarms_on(facts, &lb.region, dimension, |alarm, metric| {
        has_dimension(metric, "LoadBalancer", dimension)
            && has_no_dimension_beside(metric, &["LoadBalancer", "TargetGroup", "AvailabilityZone"])
            && watches_errors(&lb.kind, alarm, metric)
    });
    LoadBalancerAlarms {
        has_error_alarm: has_alarm(facts, &lb.region, &BALANCING, !found.is_empty()),
        alarm_names: names(found),
        topic_candidates: topics::heard_in(facts, &lb.region),
    }
}

fn watches_errors(kind: &str, alarm: &Alarm, metric: &AlarmMetric) -> bool {
    let namespace = metric.namespace.as_str();
    match (kind, namespace, metric.metric_name.as_str()) {
        ("application", "AWS/ApplicationELB", "HTTPCode_Target_5XX_Count" | "HTTPCode_ELB_5XX_Count") => {
            goes_off_when(alarm, Bad::High) && counts_answers(alarm, metric)
        }
        ("network", "AWS/NetworkELB", "TCP_Target_Reset_Count" | "TCP_ELB_Reset_Count")
        | ("network", "AWS/NetworkELB", "UnHealthyHostCount")
        | ("gateway", "AWS/GatewayELB", "UnHealthyHostCount") => goes_off_when(alarm, Bad::High),
        ("network", "AWS/NetworkELB", "HealthyHostCount")
        | ("gateway", "AWS/GatewayELB", "HealthyHostCount") => goes_off_when(alarm, Bad::Low),
        _ => false,
    }
}

/// Whether the statistic of a 5xx count can reach the threshold. Each answer is a datapoint
/// of 1: "Minimum, Maximum, and Average all return 1" (metrics of Application Load Balancers).
fn counts_answers(alarm: &Alarm, metric: &AlarmMetric) -> bool {
    let counts = matches!(metric.statistic.as_deref(), None | Some("Sum" | "SampleCount"));
    if counts || has_math(alarm) {
        return true;
    }
    match (alarm.threshold, alarm.comparison_operator.as_deref()) {
        (Some(threshold), Some("GreaterThanThreshold")) => threshold < 1.0,
        (Some(threshold), Some("GreaterThanOrEqualToThreshold")) => threshold <= 1.0,
        _ => true,
    }
}

/// See [`super::FUNCTIONS`].
pub(crate) fn service_alarms(facts: &Facts<'_>, service: &Service) -> ServiceAlarms {
    let on = |is_wanted: fn(&str) -> bool| {
        alarms_on(facts, &service.region, &service.name, |alarm, metric| {
            CONTAINERS.contains(&metric.namespace.as_str())
                && is_wanted(&metric.metric_name)
                && has_dimension(metric, "ClusterName", &service.cluster_name)
                && has_dimension(metric, "ServiceName", &service.name)
                && has_no_dimension_beside(metric, &["ClusterName", "ServiceName", "ContainerName"])
                && goes_off_when(alarm, Bad::High)
        })
    };
    // CPUUtilization is ECS's own; the others are Container Insights', with and without
    // enhanced observability.
    let cpu = on(|name| {
        ["CPUUtilization", "CpuUtilized"].contains(&name)
            || ["TaskCpuUtiliz", "ContainerCpuUtiliz"].iter().any(|prefix| name.starts_with(prefix))
    });
    let memory = on(|name| {
        ["MemoryUtilization", "MemoryUtilized"].contains(&name)
            || ["TaskMemoryUtiliz", "ContainerMemoryUtiliz"].iter().any(|prefix| name.starts_with(prefix))
    });
    ServiceAlarms {
        has_cpu_alarm: has_alarm(facts, &service.region, &CONTAINERS, !cpu.is_empty()),
        has_memory_alarm: has_alarm(facts, &service.region, &CONTAINERS, !memory.is_empty()),
        alarm_names: names(cpu.into_iter().chain(memory)),
        topic_candidates: topics::heard_in(facts, &service.region),
    }
}

/// See [`super::FUNCTIONS`].
pub(crate) fn database_alarms(facts: &Facts<'_>, db: &DbInstance) -> DatabaseAlarms {
    // Databases of other services that come with RDS's have metrics of their own.
    let namespace = match db.engine.as_str() {
        "docdb" => "AWS/DocDB",
        "neptune" => "AWS/Neptune",
        _ => "AWS/RDS",
    };
    let on = |wanted: &[&str], bad: Option<Bad>| {
        let cluster = db.cluster_id.as_deref();
        let wanted = |alarm: &Alarm, metric: &AlarmMetric| {
            metric.namespace == namespace
                && (has_dimension(metric, "DBInstanceIdentifier", &db.id)
                    || cluster.is_some_and(|id| has_dimension(metric, "DBClusterIdentifier", id)))
                && (wanted.is_empty() || wanted.contains(&metric.metric_name.as_str()))
                && bad.is_none_or(|bad| goes_off_when(alarm, bad))
        };
        let values = [Some(db.id.as_str()), cluster].into_iter().flatten();
        let found = values.flat_map(|value| alarms_on(facts, &db.region, value, wanted));
        let (mut acting, mut hidden) = (Vec::new(), None);
        for alarm in found {
            match path::acts(facts, alarm) {
                Known::Yes(true) => acting.push(alarm),
                Known::Yes(false) => {}
                Known::No(gap) => hidden = hidden.or(Some(gap)),
            }
        }
        (acting, hidden)
    };
    let has = |(acting, hidden): &(Vec<&Alarm>, Option<GapId>)| match hidden {
        Some(gap) if acting.is_empty() => Known::No(gap.clone()),
        _ => has_alarm(facts, &db.region, &[namespace], !acting.is_empty()),
    };
    let any = on(&[], None);
    // Aurora has no FreeStorageSpace: its instances have local storage, its volume a limit.
    let storage = ["FreeStorageSpace", "FreeLocalStorage", "AuroraVolumeBytesLeftTotal"];
    DatabaseAlarms {
        has_any_alarm: has(&any),
        has_storage_alarm: match db.engine.starts_with("aurora") {
            true => Known::Yes(true),
            false => has(&on(&storage, Some(Bad::Low))),
        },
        has_connections_alarm: has(&on(&["DatabaseConnections"], Some(Bad::High))),
        alarm_names: names(any.0),
        topic_candidates: topics::heard_in(facts, &db.region),
    }
}
