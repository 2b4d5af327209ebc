//! Load balancers, NAT gateways, endpoints, addresses, transfer, distributions, images.

use super::{Draft, Group, Place, Quantity, both, count, month_hours};
use crate::snapshot::elb::LoadBalancer;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn load_balancers(draft: &mut Draft<'_>) {
    let elb = &draft.snapshot.elb;
    for lb in elb.load_balancers.iter().filter(|lb| lb.state != "failed") {
        let place = Place { group: Group::LoadBalancing, resource: &lb.arn, region: &lb.region };
        let kind = match lb.kind.as_str() {
            "application" => "alb",
            "network" => "nlb",
            _ => "gwlb",
        };
        let hours = month_hours();
        draft.add(
            place,
            both("Load balancer", "ロードバランサー"),
            &format!("{kind}-hour"),
            Quantity::Units(hours),
            both(&format!("{hours} h"), &format!("{hours} 時間")),
        );
        capacity_units(draft, place, lb, kind);
    }
    draft.add_incomplete(Group::LoadBalancing, &elb.load_balancers, ("load balancers", "ロードバランサー"));
}

fn capacity_units(draft: &mut Draft<'_>, place: Place<'_>, lb: &LoadBalancer, kind: &str) {
    let series = draft.snapshot.cloudwatch.series.iter();
    let measured = series
        .filter(|series| series.resource_arn == lb.arn && series.metric_name == "ConsumedLCUs")
        .find_map(|series| Some((series.average?, series.window_days)));
    let hours = month_hours();
    // Units of other load balancers are counted by other things.
    let assumed = draft.assumptions.average_lcus.filter(|_| kind == "alb");
    let (quantity, basis) = match (measured, assumed) {
        (Some((average, days)), _) => (
            Quantity::Units(average * hours),
            both(
                &format!("{average} on average over {days} days (ConsumedLCUs) x {hours} h"),
                &format!("{days} 日間の平均 {average}（ConsumedLCUs）× {hours} 時間"),
            ),
        ),
        (None, Some(average)) => (
            Quantity::Units(average * hours),
            both(
                &format!("assumed: {average} on average x {hours} h"),
                &format!("仮定: 平均 {average} × {hours} 時間"),
            ),
        ),
        (None, None) => (
            Quantity::assumed(
                None,
                "average_lcus",
                ("the metric ConsumedLCUs", "メトリクス ConsumedLCUs の平均値"),
            ),
            both("depends on connections, bytes and rules", "接続数・転送量・ルール評価数による"),
        ),
    };
    let product = format!("{kind}-lcu-hour");
    draft.add(place, both("Capacity units (LCU)", "キャパシティユニット（LCU）"), &product, quantity, basis);
}

pub(super) fn network(draft: &mut Draft<'_>) {
    let ec2 = &draft.snapshot.ec2;
    for nat in ec2.nat_gateways.iter().filter(|nat| !["failed", "deleted"].contains(&nat.state.as_str())) {
        let place = Place { group: Group::Network, resource: &nat.arn, region: &nat.region };
        let hours = month_hours();
        draft.add(
            place,
            both("NAT gateway", "NAT ゲートウェイ"),
            "nat-gateway-hour",
            Quantity::Units(hours),
            both(&format!("{hours} h"), &format!("{hours} 時間")),
        );
        let quantity = Quantity::assumed(
            draft.assumptions.nat_gb,
            "nat_gb",
            (
                "the metrics BytesOutToDestination and BytesInFromDestination",
                "メトリクス BytesOutToDestination と BytesInFromDestination の合計",
            ),
        );
        draft.add(
            place,
            both("Data through the NAT gateway", "NAT ゲートウェイの処理データ"),
            "nat-gateway-gb",
            quantity,
            basis_of(draft.assumptions.nat_gb, "GB"),
        );
    }
    let (mut addresses, mut endpoints) = (BTreeMap::new(), BTreeMap::new());
    for interface in ec2.network_interfaces.iter() {
        *addresses.entry(interface.region.as_str()).or_insert(0) += interface.public_ips.len();
        *endpoints.entry(interface.region.as_str()).or_insert(0) +=
            usize::from(interface.interface_type == "vpc_endpoint");
    }
    for (region, number) in addresses.iter().filter(|(_, number)| **number > 0) {
        let resource = draft.every("ec2", region, "network-interface/*");
        hourly(
            draft,
            &resource,
            region,
            *number,
            "public-ipv4-hour",
            ("Public IPv4 addresses", "パブリック IPv4 アドレス"),
        );
    }
    for (region, number) in endpoints.iter().filter(|(_, number)| **number > 0) {
        let resource = draft.every("ec2", region, "vpc-endpoint/*");
        let what = ("Interface endpoints, by Availability Zone", "インターフェイスエンドポイント（AZ 単位）");
        hourly(draft, &resource, region, *number, "vpc-endpoint-hour", what);
    }
    draft.add_incomplete(Group::Network, &ec2.nat_gateways, ("NAT gateways", "NAT ゲートウェイ"));
    let hidden = ("addresses and endpoints", "アドレスとエンドポイント");
    draft.add_incomplete(Group::Network, &ec2.network_interfaces, hidden);
    transfer(
        draft,
        addresses.into_iter().filter(|(_, number)| *number > 0).map(|(region, _)| region).collect(),
    );
}

fn hourly(
    draft: &mut Draft<'_>,
    resource: &str,
    region: &str,
    number: usize,
    product: &str,
    what: (&str, &str),
) {
    let place = Place { group: Group::Network, resource, region };
    let hours = month_hours();
    draft.add(
        place,
        both(what.0, what.1),
        product,
        Quantity::Units(count(number) * hours),
        both(&format!("{number} x {hours} h"), &format!("{number} 個 × {hours} 時間")),
    );
}

// What has a public address sends something out.
fn transfer<'a>(draft: &mut Draft<'a>, mut regions: BTreeSet<&'a str>) {
    let facing = draft.snapshot.elb.load_balancers.iter().filter(|lb| lb.scheme == "internet-facing");
    regions.extend(facing.map(|lb| lb.region.as_str()));
    for region in regions {
        let resource = draft.every("ec2", region, "*");
        let place = Place { group: Group::DataTransfer, resource: &resource, region };
        // The first 100 GB of an account and month are free; a smaller quantity costs nothing.
        let paid = draft.assumptions.data_out_gb.map(|gb| (gb - 100.0).max(0.0));
        let basis = match draft.assumptions.data_out_gb {
            Some(gb) => both(
                &format!("assumed: {gb} GB, of which 100 GB are free"),
                &format!("仮定: {gb} GB（うち 100 GB は無料）"),
            ),
            None => both("the first 100 GB a month are free", "毎月 100 GB までは無料"),
        };
        let from =
            ("DataTransfer-Out-Bytes in Cost Explorer", "Cost Explorer の DataTransfer-Out-Bytes の値");
        let quantity = Quantity::assumed(paid, "data_out_gb", from);
        draft.add(place, both("To the internet", "インターネットへの転送"), "data-out-gb", quantity, basis);
    }
}

fn basis_of(assumption: Option<f64>, unit: &str) -> crate::finding::Text {
    match assumption {
        Some(value) => both(&format!("assumed: {value} {unit}"), &format!("仮定: {value} {unit}")),
        None => both("", ""),
    }
}

pub(super) fn edge(draft: &mut Draft<'_>) {
    let distributions = &draft.snapshot.cloudfront.distributions;
    for distribution in distributions.iter().filter(|distribution| distribution.enabled) {
        let place =
            Place { group: Group::CloudFront, resource: &distribution.arn, region: &distribution.region };
        let quantity = Quantity::uncounted((
            "the metrics BytesDownloaded and Requests",
            "メトリクス BytesDownloaded と Requests",
        ));
        draft.add(
            place,
            both("Delivery and requests", "配信とリクエスト"),
            "cloudfront-out-gb/japan",
            quantity,
            both(
                "1 TB and 10 million requests a month are free; the price is that of the edges in Japan",
                "毎月 1 TB と 1,000 万リクエストまでは無料。単価は日本のエッジのもの",
            ),
        );
    }
    draft.add_incomplete(Group::CloudFront, distributions, ("distributions", "ディストリビューション"));
    let repositories = &draft.snapshot.ecr.repositories;
    let regions: BTreeSet<&str> = repositories.iter().map(|repository| repository.region.as_str()).collect();
    for region in regions {
        let resource = draft.every("ecr", region, "repository/*");
        let place = Place { group: Group::Ecr, resource: &resource, region };
        let quantity = Quantity::assumed(
            draft.assumptions.image_gb,
            "image_gb",
            ("the sizes that DescribeImages lists", "DescribeImages が返すサイズの合計"),
        );
        let basis = basis_of(draft.assumptions.image_gb, "GB");
        draft.add(place, both("Stored images", "保存イメージ"), "ecr-storage-gb-month", quantity, basis);
    }
    draft.add_incomplete(Group::Ecr, repositories, ("repositories", "リポジトリ"));
}
