//! What a load balancer carried.

use super::LoadBalancerTraffic;
use crate::snapshot::Snapshot;
use crate::snapshot::cloudwatch::GB_BYTES;
use crate::snapshot::elb::LoadBalancer;
use crate::snapshot::gap::GapId;
use crate::snapshot::known::Known;
use crate::text::Text;

/// Hours of a month, as AWS's price pages count them.
const MONTH_HOURS: f64 = 730.0;

/// See [`super::super::FUNCTIONS`].
pub(crate) fn load_balancer_traffic(snapshot: &Snapshot, lb: &LoadBalancer) -> LoadBalancerTraffic {
    let name = &lb.name;
    let no_data = || GapId::new("cloudwatch:GetMetricData", &lb.region, Some(&lb.arn));
    let bytes = snapshot.cloudwatch.bytes_of_load_balancer(&lb.region, &lb.arn);
    match bytes.and_then(|bytes| bytes.ok_or_else(no_data)) {
        Ok(series) => {
            let gb = series.carried_in(MONTH_HOURS) / GB_BYTES;
            let days = series.window_days;
            LoadBalancerTraffic {
                gb_per_month: Known::Yes(gb),
                window_days: Known::Yes(days),
                summary: Text::new(
                    format!("{name} carries {gb:.0} GB a month, at the rate of the last {days} days."),
                    format!("{name} の転送量は、直近 {days} 日間の実績から月 {gb:.0} GB。"),
                ),
            }
        }
        Err(gap) => LoadBalancerTraffic {
            gb_per_month: Known::No(gap.clone()),
            window_days: Known::No(gap),
            summary: Text::new(
                format!("The traffic of {name} is not known."),
                format!("{name} の転送量は不明。"),
            ),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::cloudwatch::MetricSeries;

    const TOKYO: &str = "ap-northeast-1";

    fn lb() -> LoadBalancer {
        LoadBalancer {
            arn: "arn:lb".into(),
            region: TOKYO.into(),
            name: "shop-alb".into(),
            ..LoadBalancer::default()
        }
    }

    #[test]
    fn a_month_is_made_of_the_window() {
        let mut snapshot = Snapshot::default().complete();
        let series = |metric_name: &str, average: Option<f64>, datapoint_count: i64| MetricSeries {
            region: TOKYO.into(),
            resource_arn: "arn:lb".into(),
            metric_name: metric_name.into(),
            window_days: 14,
            datapoint_count,
            average,
            ..MetricSeries::default()
        };
        snapshot.cloudwatch.traffic.items = vec![series("ConsumedLCUs", Some(9.0), 336)];
        snapshot.cloudwatch.traffic.items.push(series("ProcessedBytes", Some(2.0 * GB_BYTES), 168));
        let traffic = load_balancer_traffic(&snapshot, &lb());
        assert_eq!((traffic.gb_per_month, traffic.window_days), (Known::Yes(730.0), Known::Yes(14)));
        assert_eq!(traffic.summary.en, "shop-alb carries 730 GB a month, at the rate of the last 14 days.");
        snapshot.cloudwatch.traffic.items[1] = series("ProcessedBytes", None, 0);
        assert_eq!(load_balancer_traffic(&snapshot, &lb()).gb_per_month, Known::Yes(0.0));
        // Without any point, nobody knows.
        snapshot.cloudwatch.traffic.items[0] = series("ConsumedLCUs", None, 0);
        let gap = GapId::new("cloudwatch:GetMetricData", TOKYO, Some("arn:lb"));
        assert_eq!(load_balancer_traffic(&snapshot, &lb()).gb_per_month, Known::No(gap));
    }

    #[test]
    fn what_was_not_answered_is_not_known() {
        let mut snapshot = Snapshot::default().complete();
        let gap = GapId::new("cloudwatch:GetMetricData", TOKYO, None);
        snapshot.cloudwatch.traffic.incomplete.push(gap.clone());
        assert_eq!(load_balancer_traffic(&snapshot, &lb()).gb_per_month, Known::No(gap));
    }
}
