//! What was carried, out of the metrics of the last days: through NAT gateways, to the internet,
//! from distributions. A gigabyte of AWS's bills is 2^30 bytes.

use super::{CostPlace, Draft, Group, Quantity, basis_of, both, month_hours};
use crate::snapshot::cloudwatch::{GB_BYTES, MetricSeries};
use crate::snapshot::ec2::{NatGateway, NetworkInterface};
use crate::snapshot::{GapId, Snapshot};
use crate::text::Text;
use std::collections::BTreeSet;

/// Gigabytes to the internet that an account has free every month.
const FREE_OUT_GB: f64 = 100.0;
/// Gigabytes from edges that an account has free every month: a terabyte.
const FREE_DELIVERED_GB: f64 = 1_024.0;
/// Requests to edges that an account has free every month.
const FREE_REQUESTS: f64 = 10_000_000.0;

/// Where what leaves for the internet can be read.
const COST_EXPLORER: (&str, &str) =
    ("DataTransfer-Out-Bytes in Cost Explorer", "Cost Explorer の DataTransfer-Out-Bytes の値");

/// What a metric of a resource came to in an hour.
pub(super) enum TrafficReading {
    /// The mean of the hours that have a point, and the days that were looked at.
    Hourly { average: f64, days: i64 },
    /// CloudWatch answered that there is no point.
    Nothing,
    /// CloudWatch was not asked, or would not say.
    Hidden(GapId),
}

pub(super) fn read(snapshot: &Snapshot, region: &str, arn: &str, metric_name: &str) -> TrafficReading {
    match snapshot.cloudwatch.traffic_of(region, arn, metric_name) {
        Ok(MetricSeries { average: Some(average), window_days, .. }) => {
            TrafficReading::Hourly { average: *average, days: *window_days }
        }
        Ok(_) => TrafficReading::Nothing,
        Err(gap) => TrafficReading::Hidden(gap),
    }
}

/// A sum over the window, brought to a month, and the days of the window.
struct Carried {
    month: f64,
    days: i64,
}

impl Carried {
    fn of(series: &MetricSeries) -> Carried {
        Carried { month: series.carried_in(month_hours()), days: series.window_days }
    }
}

// The sum over several; the first gap where one is hidden, `None` where CloudWatch knows nothing of one.
fn all(readings: impl IntoIterator<Item = Result<Option<Carried>, GapId>>) -> Result<Option<Carried>, GapId> {
    let readings: Vec<Option<Carried>> = readings.into_iter().collect::<Result<_, _>>()?;
    Ok(readings.into_iter().try_fold(Carried { month: 0.0, days: 0 }, |sum, one| {
        let one = one?;
        Some(Carried { month: sum.month + one.month, days: sum.days.max(one.days) })
    }))
}

/// A figure with as many places as people read.
pub(super) fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// Gigabytes through a NAT gateway, both ways.
pub(super) fn through_nat_gateway(draft: &Draft<'_>, nat: &NatGateway) -> (Quantity, Text) {
    let reading = |metric_name| read(draft.snapshot, &nat.region, &nat.arn, metric_name);
    let assumed = draft.assumptions.nat_gb;
    match (reading("BytesOutToDestination"), reading("BytesInFromDestination"), assumed) {
        (TrafficReading::Hourly { average: out, days }, TrafficReading::Hourly { average: back, .. }, _) => {
            let gb = (out + back) * month_hours() / GB_BYTES;
            let shown = rounded(gb);
            let basis = both(
                &format!(
                    "{shown} GB a month, at the rate of the last {days} days (BytesOutToDestination + BytesInFromDestination)"
                ),
                &format!(
                    "直近 {days} 日間の実績から毎月 {shown} GB（BytesOutToDestination + BytesInFromDestination）"
                ),
            );
            (Quantity::Units(gb), basis)
        }
        (_, _, Some(gb)) => (Quantity::Units(gb), basis_of(Some(gb), "GB")),
        (TrafficReading::Hidden(gap), _, None) | (_, TrafficReading::Hidden(gap), None) => {
            (Quantity::Hidden(gap), both("", ""))
        }
        _ => {
            let from = (
                "the metrics BytesOutToDestination and BytesInFromDestination",
                "メトリクス BytesOutToDestination と BytesInFromDestination の合計",
            );
            (Quantity::assumed(None, "nat_gb", from), both("", ""))
        }
    }
}

/// What leaves for the internet, region by region.
pub(super) fn to_the_internet(draft: &mut Draft<'_>) {
    let (elb, ec2) = (&draft.snapshot.elb, &draft.snapshot.ec2);
    let facing: Vec<_> =
        elb.load_balancers.iter().filter(|lb| lb.is_internet_facing() && !lb.has_failed()).collect();
    let gateways: Vec<_> =
        ec2.nat_gateways.iter().filter(|nat| nat.connectivity_type == "public" && !nat.is_gone()).collect();
    let others: BTreeSet<&str> = ec2
        .network_interfaces
        .iter()
        .filter(|one| sends_itself(one))
        .map(|one| one.region.as_str())
        .collect();
    let mut regions = others.clone();
    regions.extend(facing.iter().map(|lb| lb.region.as_str()));
    regions.extend(gateways.iter().map(|nat| nat.region.as_str()));
    let mut free = FREE_OUT_GB;
    for region in regions {
        let resource = draft.every("ec2", region, "*");
        let place = CostPlace { group: Group::DataTransfer, resource: &resource, region };
        let what = both("To the internet", "インターネットへの転送");
        if let Some(gb) = draft.assumptions.data_out_gb {
            let paid = beyond(&mut free, gb);
            let basis = both(
                &format!("assumed: {gb} GB, of which {} GB are free", rounded(gb - paid)),
                &format!("仮定: {gb} GB（うち {} GB は無料）", rounded(gb - paid)),
            );
            draft.add(place, what, "data-out-gb", Quantity::Units(paid), basis);
            continue;
        }
        let snapshot = draft.snapshot;
        let of_lbs = facing.iter().filter(|lb| lb.region == region);
        let of_lbs = of_lbs.map(|lb| {
            let bytes = snapshot.cloudwatch.bytes_of_load_balancer(region, &lb.arn)?;
            Ok(bytes.map(Carried::of))
        });
        let of_gateways = gateways.iter().filter(|nat| nat.region == region);
        // Always published: the hours of a young gateway stand for all.
        let of_gateways =
            of_gateways.map(|nat| match read(snapshot, region, &nat.arn, "BytesOutToDestination") {
                TrafficReading::Hourly { average, days } => {
                    Ok(Some(Carried { month: average * month_hours(), days }))
                }
                TrafficReading::Nothing => Ok(None),
                TrafficReading::Hidden(gap) => Err(gap),
            });
        let mut readings = of_lbs.chain(of_gateways).peekable();
        if readings.peek().is_some() {
            let what = both("To the internet, through LB and NAT", "インターネットへの転送（LB・NAT 経由）");
            let (quantity, basis) = match all(readings) {
                Ok(Some(Carried { month, days })) => out(month / GB_BYTES, days, &mut free),
                Ok(None) => (Quantity::assumed(None, "data_out_gb", COST_EXPLORER), free_note()),
                Err(gap) => (Quantity::Hidden(gap), free_note()),
            };
            draft.add(place, what, "data-out-gb", quantity, basis);
        }
        if others.contains(region) {
            let what =
                both("To the internet, from other public IPs", "インターネットへの転送（その他の IP）");
            let quantity = Quantity::assumed(None, "data_out_gb", COST_EXPLORER);
            draft.add(place, what, "data-out-gb", quantity, free_note());
        }
    }
}

fn out(gb: f64, days: i64, free: &mut f64) -> (Quantity, Text) {
    let paid = beyond(free, gb);
    let (shown, taken) = (rounded(gb), rounded(gb - paid));
    let basis = both(
        &format!(
            "{shown} GB a month, at the rate of the last {days} days (ProcessedBytes, which counts requests too, and BytesOutToDestination), of which {taken} GB are free"
        ),
        &format!(
            "直近 {days} 日間の実績から毎月 {shown} GB（ProcessedBytes〔受信分も含む〕と BytesOutToDestination）、うち {taken} GB は無料"
        ),
    );
    (Quantity::Units(paid), basis)
}

// What is left to pay of a quantity, once what is free is used up.
fn beyond(free: &mut f64, quantity: f64) -> f64 {
    let taken = quantity.min(*free);
    *free -= taken;
    quantity - taken
}

fn free_note() -> Text {
    both("the first 100 GB a month are free", "毎月 100 GB までは無料")
}

// Whether what it sends to the internet passes no load balancer and no NAT gateway, which have
// interfaces with public addresses of their own.
fn sends_itself(interface: &NetworkInterface) -> bool {
    let owners = [&interface.requester_id, &interface.attachment_owner];
    let is_of_elb = owners.into_iter().flatten().any(|owner| owner == "amazon-elb")
        || interface.description.starts_with("ELB ");
    let is_nat = interface.interface_type == "nat_gateway"
        || interface.description.starts_with("Interface for NAT Gateway ");
    let is_balancer = interface.interface_type.ends_with("load_balancer");
    !interface.public_ips.is_empty() && !is_of_elb && !is_nat && !is_balancer
}

/// What the edges of CloudFront delivered. The free quantities are the account's, so that
/// distributions are one item.
pub(super) fn delivered(draft: &mut Draft<'_>) {
    let snapshot = draft.snapshot;
    let enabled: Vec<_> =
        snapshot.cloudfront.distributions.iter().filter(|distribution| distribution.enabled).collect();
    let Some(first) = enabled.first() else { return };
    let resource = match enabled.as_slice() {
        [only] => only.arn.clone(),
        _ => crate::arn::arn(&snapshot.partition, "cloudfront", "", &snapshot.account, "distribution/*"),
    };
    let place = CostPlace { group: Group::CloudFront, resource: &resource, region: &first.region };
    // Without requests there are no points.
    let of = |metric_name| -> Result<Carried, GapId> {
        let series = enabled.iter().map(|one| {
            let series = snapshot.cloudwatch.traffic_of(&one.region, &one.arn, metric_name)?;
            Ok(Some(Carried::of(series)))
        });
        Ok(all(series)?.unwrap_or(Carried { month: 0.0, days: 0 }))
    };
    let (quantity, basis) = match of("BytesDownloaded") {
        Ok(Carried { month, days }) => {
            let gb = month / GB_BYTES;
            let paid = beyond(&mut { FREE_DELIVERED_GB }, gb);
            let basis = both(
                &format!(
                    "{} GB a month, at the rate of the last {days} days (BytesDownloaded), 1 TB of which is free; the price is that of the edges in Japan",
                    rounded(gb)
                ),
                &format!(
                    "直近 {days} 日間の実績から毎月 {} GB（BytesDownloaded）、うち 1 TB は無料。単価は日本のエッジのもの",
                    rounded(gb)
                ),
            );
            (Quantity::Units(paid), basis)
        }
        Err(gap) => (Quantity::Hidden(gap), both("1 TB a month is free", "毎月 1 TB までは無料")),
    };
    draft.add(place, both("Delivery", "配信"), "cloudfront-out-gb/japan", quantity, basis);
    let (quantity, basis) = match of("Requests") {
        Ok(Carried { month, days }) => {
            let paid = beyond(&mut { FREE_REQUESTS }, month);
            let basis = both(
                &format!(
                    "{} a month, at the rate of the last {days} days (Requests), 10 million of which are free; all counted as HTTPS",
                    month.round()
                ),
                &format!(
                    "直近 {days} 日間の実績から毎月 {} 件（Requests）、うち 1,000 万件は無料。すべて HTTPS とみなす",
                    month.round()
                ),
            );
            (Quantity::Units(paid), basis)
        }
        Err(gap) => (Quantity::Hidden(gap), both("10 million a month are free", "毎月 1,000 万件までは無料")),
    };
    draft.add(place, both("Requests", "リクエスト"), "cloudfront-https-request/japan", quantity, basis);
}

#[cfg(test)]
mod tests;
