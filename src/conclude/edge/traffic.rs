//! What a load balancer carried.

use super::LoadBalancerTraffic;
use crate::conclude::Sentence;
use crate::snapshot::Snapshot;
use crate::snapshot::cloudwatch::MetricSeries;
use crate::snapshot::elb::LoadBalancer;
use crate::snapshot::gap::GapId;
use crate::snapshot::known::Known;

/// Bytes of a gigabyte, as AWS's bills count transfer.
const GB: f64 = 1_073_741_824.0;
/// Hours of a month, as AWS's price pages count them.
const MONTH_HOURS: f64 = 730.0;

/// See [`super::super::FUNCTIONS`].
pub fn load_balancer_traffic(snapshot: &Snapshot, lb: &LoadBalancer) -> LoadBalancerTraffic {
    let name = &lb.name;
    match processed(snapshot, lb) {
        Ok(series) => {
            let gb = series.carried_in(MONTH_HOURS) / GB;
            let days = series.window_days;
            LoadBalancerTraffic {
                gb_per_month: Known::Yes(gb),
                window_days: Known::Yes(days),
                summary: Sentence::new(
                    format!("{name} carries {gb:.0} GB a month, as over the last {days} days."),
                    format!("{name} の転送量は、直近 {days} 日間の実績から月 {gb:.0} GB。"),
                ),
            }
        }
        Err(gap) => LoadBalancerTraffic {
            gb_per_month: Known::No(gap.clone()),
            window_days: Known::No(gap),
            summary: Sentence::new(
                format!("It is not known what {name} carries."),
                format!("{name} の転送量は不明。"),
            ),
        },
    }
}

fn processed<'s>(snapshot: &'s Snapshot, lb: &LoadBalancer) -> Result<&'s MetricSeries, GapId> {
    let listing = &snapshot.cloudwatch.traffic;
    let mut series = listing.iter().filter(|series| series.resource_arn == lb.arn);
    let found = series.find(|series| series.metric_name == "ProcessedBytes");
    found.ok_or_else(|| listing.hidden_by(&lb.region, &lb.arn))
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let mut snapshot = Snapshot::default();
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
        snapshot.cloudwatch.traffic.items.push(series("ProcessedBytes", Some(2.0 * GB), 168));
        let traffic = load_balancer_traffic(&snapshot, &lb());
        assert_eq!((traffic.gb_per_month, traffic.window_days), (Known::Yes(730.0), Known::Yes(14)));
        assert_eq!(traffic.summary.en, "shop-alb carries 730 GB a month, as over the last 14 days.");
        snapshot.cloudwatch.traffic.items[1] = series("ProcessedBytes", None, 0);
        assert_eq!(load_balancer_traffic(&snapshot, &lb()).gb_per_month, Known::Yes(0.0));
    }

    #[test]
    fn what_was_not_answered_is_not_known() {
        let mut snapshot = Snapshot::default();
        let gap = GapId::new("cloudwatch:GetMetricData", TOKYO, None);
        snapshot.cloudwatch.traffic.incomplete.push(gap.clone());
        assert_eq!(load_balancer_traffic(&snapshot, &lb()).gb_per_month, Known::No(gap));
    }
}
