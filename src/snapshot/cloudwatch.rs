//! Alarms and metrics: what CloudWatch says.

use super::gap::GapId;
use super::known::Known;
use super::listing::Listing;
use super::operation::{Operation, bucket, operation};
use super::source::SourceRow;
use std::collections::BTreeMap;

crate::record! {
    /// Everything asked of CloudWatch.
    pub struct Cloudwatch {
        /// Metric and composite alarms (DescribeAlarms).
        pub alarms: Listing<Alarm>,
        /// How busy services and databases were: CPU and memory of all tasks of a service together
        /// (sums over one sample a minute of each task, in percent of a task), CPU and connections
        /// of databases (GetMetricData).
        #[serde(default)]
        pub load: Listing<MetricSeries>,
        /// What the services' CPU and memory metrics came to, on average over the tasks (GetMetricData).
        pub series: Listing<MetricSeries>,
        /// What load balancers, NAT gateways and distributions carried in each hour (GetMetricData).
        pub traffic: Listing<MetricSeries>,
    }

    /// An alarm.
    pub struct Alarm {
        /// The ARN.
        pub arn: String,
        /// The region.
        pub region: String,
        /// The name.
        pub name: String,
        /// metric or composite.
        pub kind: String,
        /// The metrics it looks at; several for metric math, none for composite alarms. Metrics that
        /// are listed and that what is compared does not use are left out.
        pub metrics: Vec<AlarmMetric>,
        /// The metric math, queries and anomaly bands of what it compares.
        #[serde(default)]
        pub expressions: Vec<AlarmExpression>,
        /// The rule of a composite alarm.
        pub rule: Option<String>,
        /// The alarm, by name or ARN, during which a composite alarm carries out no actions; null for none.
        #[serde(default)]
        pub actions_suppressor: Known<Option<String>>,
        /// Whether its actions are carried out.
        pub actions_enabled: Known<bool>,
        /// ARNs that are told when it goes off.
        pub alarm_actions: Vec<String>,
        /// ARNs that are told when it has no data.
        pub insufficient_data_actions: Vec<String>,
        /// OK, ALARM or INSUFFICIENT_DATA.
        pub state: String,
        /// When the state changed, RFC 3339.
        pub state_updated_at: Option<String>,
        /// missing, ignore, breaching or notBreaching.
        pub treat_missing_data: Option<String>,
        /// GreaterThanThreshold, …
        pub comparison_operator: Option<String>,
        /// What the metric is compared with; null for anomaly bands.
        pub threshold: Option<f64>,
        /// Length of one evaluated period.
        pub period_seconds: Option<i64>,
        /// How many periods are looked at.
        pub evaluation_periods: Option<i64>,
    }

    /// Metric math, a Metrics Insights query or an anomaly band.
    pub struct AlarmExpression {
        /// By which others name it.
        pub id: String,
        /// For instance `100 * errors / requests`, where these are ids of metrics.
        pub expression: String,
    }

    /// A metric that an alarm looks at.
    pub struct AlarmMetric {
        /// For instance AWS/ECS.
        pub namespace: String,
        /// For instance CPUUtilization.
        pub metric_name: String,
        /// Average, Sum, p95, …
        pub statistic: Option<String>,
        /// Dimensions by name.
        pub dimensions: BTreeMap<String, String>,
        /// The account that the metric is in; null for the alarm's own.
        pub account_id: Option<String>,
    }

    /// What the datapoints of one metric of one resource came to. A resource that AWS
    /// has no datapoints for has a series with none.
    pub struct MetricSeries {
        /// The region.
        pub region: String,
        /// The ARN of the resource the metric is about.
        pub resource_arn: String,
        /// For instance AWS/ECS.
        pub namespace: String,
        /// For instance CPUUtilization.
        pub metric_name: String,
        /// The statistic of each datapoint, for instance Maximum.
        pub statistic: String,
        /// Length of one datapoint.
        pub period_seconds: i64,
        /// How far back was asked.
        pub window_days: i64,
        /// How many datapoints there were.
        pub datapoint_count: i64,
        /// Their mean; null without datapoints.
        pub average: Option<f64>,
        /// Their 95th percentile; null without datapoints.
        pub p95: Option<f64>,
        /// The highest; null without datapoints.
        pub maximum: Option<f64>,
    }
}

/// Bytes of a gigabyte, as AWS's bills count transfer.
pub(crate) const GB_BYTES: f64 = 1_073_741_824.0;

impl Cloudwatch {
    /// What a metric of a resource came to in the hours of the window.
    ///
    /// # Errors
    /// The gap that hides it.
    pub(crate) fn traffic_of(
        &self,
        region: &str,
        arn: &str,
        metric_name: &str,
    ) -> Result<&MetricSeries, GapId> {
        let mut series = self.traffic.iter().filter(|series| series.resource_arn == arn);
        let found = series.find(|series| series.metric_name == metric_name);
        found.ok_or_else(|| self.traffic.hidden_by(region, arn))
    }

    /// The bytes that a load balancer processed; `None` where CloudWatch knows nothing of it yet.
    /// Bytes have no datapoints while there are none, but capacity units always have.
    ///
    /// # Errors
    /// The gap that hides it.
    pub(crate) fn bytes_of_load_balancer(
        &self,
        region: &str,
        arn: &str,
    ) -> Result<Option<&MetricSeries>, GapId> {
        let bytes = self.traffic_of(region, arn, "ProcessedBytes")?;
        let is_known =
            bytes.datapoint_count > 0 || self.traffic_of(region, arn, "ConsumedLCUs")?.datapoint_count > 0;
        Ok(is_known.then_some(bytes))
    }
}

impl AlarmExpression {
    /// Whether it is the band of values that an anomaly detector expects.
    pub(crate) fn is_anomaly_band(&self) -> bool {
        self.expression.trim_start().starts_with("ANOMALY_DETECTION_BAND")
    }

    /// Whether it is a query, which names no metric of its own.
    pub(crate) fn is_query(&self) -> bool {
        let text = self.expression.trim_start();
        text.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("SELECT"))
    }
}

impl MetricSeries {
    /// What was counted in `hours` on average: the sum of the datapoints, each of which is a sum,
    /// over the whole window. Metrics that count have no datapoints while there is nothing to
    /// count.
    pub(crate) fn carried_in(&self, hours: f64) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "some hundred points, some days")]
        let (count, days) = (self.datapoint_count as f64, self.window_days.max(1) as f64);
        self.average.unwrap_or_default() * count / (days * 24.0) * hours
    }
}

/// What is asked, in the order of names.
pub const OPERATIONS: &[Operation] = &[
    operation(
        "cloudwatch",
        "DescribeAlarms",
        &["cloudwatch:DescribeAlarms"],
        bucket("cloudwatch DescribeAlarms", 9, 9),
        100,
    )
    .list("MetricAlarms", "NextToken")
    .told_apart_by(&[]),
    operation(
        "cloudwatch",
        "GetMetricData",
        &["cloudwatch:GetMetricData"],
        bucket("cloudwatch GetMetricData", 50, 50),
        500,
    )
    .list("MetricDataResults", "NextToken")
    .told_apart_by(&[]),
];

/// Which of it answers which list or fact.
pub(crate) const SOURCES: &[SourceRow] = &[
    ("cloudwatch.alarms", &["cloudwatch:DescribeAlarms"]),
    ("Alarm.actions_suppressor", &["cloudwatch:DescribeAlarms"]),
    (
        "cloudwatch.load",
        &[
            "cloudwatch:GetMetricData",
            "ecs:ListClusters",
            "ecs:ListServices",
            "ecs:DescribeServices",
            "rds:DescribeDBInstances",
        ],
    ),
    (
        "cloudwatch.series",
        &["cloudwatch:GetMetricData", "ecs:ListClusters", "ecs:ListServices", "ecs:DescribeServices"],
    ),
    (
        "cloudwatch.traffic",
        &[
            "cloudwatch:GetMetricData",
            "elasticloadbalancing:DescribeLoadBalancers",
            "ec2:DescribeNatGateways",
            "cloudfront:ListDistributions",
        ],
    ),
];
