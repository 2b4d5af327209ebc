//! Alarms, and what metrics came to: how busy services and databases were, and what was carried.

mod databases;
mod math;
mod series;
mod services;
mod traffic;

pub(crate) use services::load;
pub(crate) use traffic::{distribution_traffic, load_balancer_traffic, nat_gateway_traffic};

use crate::ask::Ask;
use crate::ask::asked::client;
use crate::ask::listed::filled;
use crate::ask::time::rfc_3339;
use crate::snapshot::cloudwatch::{Alarm, AlarmMetric, Cloudwatch};
use crate::snapshot::operation::{Operation, named};
use crate::snapshot::{GapId, Known, Snapshot};
use aws_sdk_cloudwatch::operation::describe_alarms::DescribeAlarmsOutput;
use aws_sdk_cloudwatch::types::{self, AlarmType};
use std::collections::BTreeMap;

const ALARMS: &Operation = named("cloudwatch", "DescribeAlarms");

/// The alarms of a region.
pub(crate) async fn alarms(ask: &Ask, _found: &Snapshot) -> Snapshot {
    let client = client!(aws_sdk_cloudwatch, ask.config());
    let alarms = ask
        .list(
            ALARMS,
            |token| {
                // Without the types, composite alarms are left out.
                let request = client.describe_alarms().alarm_types(AlarmType::MetricAlarm);
                let request = request.alarm_types(AlarmType::CompositeAlarm);
                request.max_records(ALARMS.page_size).set_next_token(token).send()
            },
            |page| page.next_token.clone(),
            |page| both(ask.region(), page, &|arn| ask.broken(ALARMS, Some(arn))),
            |alarm| alarm,
        )
        .await;
    Snapshot { cloudwatch: Cloudwatch { alarms, ..Cloudwatch::default() }, ..Snapshot::default() }
}

fn both(region: &str, page: DescribeAlarmsOutput, missing: &dyn Fn(&str) -> GapId) -> Vec<Option<Alarm>> {
    let metric = page.metric_alarms.unwrap_or_default().into_iter();
    let metric = metric.map(|item| metric_alarm(region, item, missing));
    let composite = page.composite_alarms.unwrap_or_default();
    metric.chain(composite.into_iter().map(|item| composite_alarm(region, item, missing))).collect()
}

fn metric_alarm(region: &str, item: types::MetricAlarm, missing: &dyn Fn(&str) -> GapId) -> Option<Alarm> {
    let queries = item.metrics.unwrap_or_default();
    let statistic = item.statistic.map(|statistic| statistic.as_str().to_owned());
    let metrics = match (item.namespace, item.metric_name) {
        (Some(namespace), Some(metric_name)) => vec![AlarmMetric {
            namespace,
            metric_name,
            statistic: statistic.or(filled(item.extended_statistic)),
            dimensions: dimensions(item.dimensions),
            account_id: None,
        }],
        // What looks at no metric of its own looks at queries.
        (None, None) if !queries.is_empty() || item.evaluation_criteria.is_some() => {
            let of_metric = |query: &&types::MetricDataQuery| query.metric_stat.is_some();
            let compared = math::compared(&queries).into_iter().filter(of_metric);
            compared.map(queried).collect::<Option<_>>()?
        }
        _ => return None,
    };
    let expressions = math::compared(&queries).into_iter().filter_map(math::expression).collect();
    // Metric math evaluates at the longest period of what it is made of.
    let period = item.period.or_else(|| queries.iter().filter_map(period).max());
    let arn = item.alarm_arn?;
    Some(Alarm {
        arn: arn.clone(),
        region: region.to_owned(),
        name: item.alarm_name?,
        kind: "metric".to_owned(),
        metrics,
        expressions,
        rule: None,
        actions_suppressor: Known::Yes(None),
        actions_enabled: Known::from(item.actions_enabled.ok_or_else(|| missing(&arn))),
        alarm_actions: item.alarm_actions.unwrap_or_default(),
        insufficient_data_actions: item.insufficient_data_actions.unwrap_or_default(),
        state: item.state_value?.as_str().to_owned(),
        state_updated_at: item.state_updated_timestamp.as_ref().and_then(rfc_3339),
        treat_missing_data: filled(item.treat_missing_data),
        comparison_operator: item.comparison_operator.map(|operator| operator.as_str().to_owned()),
        threshold: item.threshold,
        period_seconds: period.map(i64::from),
        evaluation_periods: item.evaluation_periods.map(i64::from),
    })
}

fn composite_alarm(
    region: &str,
    item: types::CompositeAlarm,
    missing: &dyn Fn(&str) -> GapId,
) -> Option<Alarm> {
    let arn = item.alarm_arn?;
    Some(Alarm {
        arn: arn.clone(),
        region: region.to_owned(),
        name: item.alarm_name?,
        kind: "composite".to_owned(),
        rule: item.alarm_rule,
        actions_suppressor: Known::Yes(filled(item.actions_suppressor)),
        actions_enabled: Known::from(item.actions_enabled.ok_or_else(|| missing(&arn))),
        alarm_actions: item.alarm_actions.unwrap_or_default(),
        insufficient_data_actions: item.insufficient_data_actions.unwrap_or_default(),
        state: item.state_value?.as_str().to_owned(),
        state_updated_at: item.state_updated_timestamp.as_ref().and_then(rfc_3339),
        ..Alarm::default()
    })
}

/// The metric behind a part of metric math; expressions have none of their own.
fn queried(query: &types::MetricDataQuery) -> Option<AlarmMetric> {
    let stat = query.metric_stat.as_ref()?;
    let metric = stat.metric.clone()?;
    Some(AlarmMetric {
        namespace: metric.namespace?,
        metric_name: metric.metric_name?,
        statistic: filled(stat.stat.clone()),
        dimensions: dimensions(metric.dimensions),
        account_id: filled(query.account_id.clone()),
    })
}

fn period(query: &types::MetricDataQuery) -> Option<i32> {
    query.metric_stat.as_ref().and_then(|stat| stat.period).or(query.period)
}

fn dimensions(dimensions: Option<Vec<types::Dimension>>) -> BTreeMap<String, String> {
    let pair = |dimension: types::Dimension| Some((dimension.name?, dimension.value?));
    dimensions.unwrap_or_default().into_iter().filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gap(arn: &str) -> GapId {
        GapId::new("cloudwatch:DescribeAlarms", "ap-northeast-1", Some(arn))
    }

    fn answer() -> types::builders::MetricAlarmBuilder {
        types::MetricAlarm::builder()
            .alarm_arn("arn:1")
            .alarm_name("cpu")
            .actions_enabled(true)
            .state_value(types::StateValue::Ok)
    }

    #[test]
    fn a_metric_of_its_own() {
        let dimension = types::Dimension::builder().name("DBInstanceIdentifier").value("ec-db").build();
        let alarm = answer()
            .namespace("AWS/RDS")
            .metric_name("CPUUtilization")
            .extended_statistic("p95")
            .dimensions(dimension)
            .period(60)
            .threshold(80.0)
            .build();
        let found = metric_alarm("ap-northeast-1", alarm, &gap).unwrap();
        assert_eq!(found.metrics[0].statistic.as_deref(), Some("p95"));
        assert_eq!(found.metrics[0].dimensions["DBInstanceIdentifier"], "ec-db");
        assert_eq!((found.period_seconds, found.threshold), (Some(60), Some(80.0)));
    }

    #[test]
    fn metric_math_and_anomaly_bands() {
        let query = |id: &str| types::MetricDataQuery::builder().id(id);
        let stat = |name: &str, period: i32| {
            let metric = types::Metric::builder().namespace("AWS/ApplicationELB").metric_name(name).build();
            types::MetricStat::builder().metric(metric).period(period).stat("Sum").build()
        };
        let alarm = answer()
            .metrics(query("errors").metric_stat(stat("HTTPCode_Target_5XX_Count", 60)).build())
            .metrics(query("all").metric_stat(stat("RequestCount", 300)).build())
            .metrics(query("share").expression("errors / all").return_data(true).build())
            .metrics(query("unused").metric_stat(stat("TargetResponseTime", 60)).return_data(false).build())
            .threshold_metric_id("band")
            .build();
        let found = metric_alarm("ap-northeast-1", alarm, &gap).unwrap();
        let names: Vec<&str> = found.metrics.iter().map(|metric| metric.metric_name.as_str()).collect();
        assert_eq!(names, ["HTTPCode_Target_5XX_Count", "RequestCount"]);
        assert_eq!((found.period_seconds, found.threshold), (Some(300), None));
        assert_eq!(found.expressions[0].expression, "errors / all");
    }

    #[test]
    fn composite_alarms_have_a_rule_and_no_metric() {
        let alarm = types::CompositeAlarm::builder()
            .alarm_arn("arn:2")
            .alarm_name("all")
            .alarm_rule("ALARM(cpu)")
            .actions_enabled(false)
            .state_value(types::StateValue::Alarm)
            .build();
        let page = DescribeAlarmsOutput::builder()
            .metric_alarms(answer().build())
            .metric_alarms(answer().set_state_value(None).build())
            .composite_alarms(alarm)
            .build();
        let found = both("ap-northeast-1", page, &gap);
        assert_eq!(found[1], None);
        let composite = found[2].as_ref().unwrap();
        assert_eq!((composite.kind.as_str(), composite.rule.as_deref()), ("composite", Some("ALARM(cpu)")));
        assert!(composite.actions_enabled == Known::Yes(false) && composite.metrics.is_empty());
    }
}
