//! Metric math of an alarm: which of its metrics what is compared is made of.

use crate::snapshot::cloudwatch::AlarmExpression;
use aws_sdk_cloudwatch::types::MetricDataQuery;

/// The parts that what is compared uses, in the order of the alarm. An alarm may list others, whose
/// data it neither compares nor puts into an expression.
pub(super) fn compared(queries: &[MetricDataQuery]) -> Vec<&MetricDataQuery> {
    // Only one part of math returns data; a metric and the band around it both do.
    let mut used: Vec<bool> = queries.iter().map(|query| query.return_data() != Some(false)).collect();
    loop {
        let of_used = queries.iter().zip(&used).filter(|(_, is_used)| **is_used);
        let names: Vec<&str> =
            of_used.flat_map(|(query, _)| words(query.expression().unwrap_or_default())).collect();
        // METRICS() is an array of all metrics of the alarm.
        let has_all = names.contains(&"METRICS");
        let mut is_done = true;
        for (query, is_used) in queries.iter().zip(&mut used) {
            let is_named = has_all || query.id().is_some_and(|id| names.contains(&id));
            if is_named && !*is_used {
                *is_used = true;
                is_done = false;
            }
        }
        if is_done {
            break;
        }
    }
    queries.iter().zip(used).filter(|(_, is_used)| *is_used).map(|(query, _)| query).collect()
}

/// Ids and names of functions.
fn words(expression: &str) -> impl Iterator<Item = &str> {
    let words = expression.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    words.filter(|word| !word.is_empty())
}

/// The expression of a part; metrics have none.
pub(super) fn expression(query: &MetricDataQuery) -> Option<AlarmExpression> {
    Some(AlarmExpression { id: query.id()?.to_owned(), expression: query.expression()?.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metric(id: &str, returns: bool) -> MetricDataQuery {
        MetricDataQuery::builder().id(id).return_data(returns).build()
    }

    fn math(id: &str, expression: &str, returns: bool) -> MetricDataQuery {
        MetricDataQuery::builder().id(id).expression(expression).return_data(returns).build()
    }

    fn ids(queries: &[MetricDataQuery]) -> Vec<&str> {
        compared(queries).into_iter().filter_map(|query| query.id()).collect()
    }

    #[test]
    fn what_is_compared_leads_to_its_metrics() {
        let share = [
            metric("errors", false),
            metric("requests", false),
            metric("latency", false),
            math("share", "errors / requests", false),
            math("percent", "100 * share", true),
        ];
        assert_eq!(ids(&share), ["errors", "requests", "share", "percent"]);
        let sum = [metric("a", false), metric("b", false), math("all", "SUM(METRICS())", true)];
        assert_eq!(ids(&sum), ["a", "b", "all"]);
        let band = [metric("m1", true), math("ad1", "ANOMALY_DETECTION_BAND(m1, 2)", true)];
        assert_eq!(ids(&band), ["m1", "ad1"]);
    }
}
