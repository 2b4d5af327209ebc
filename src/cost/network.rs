//! Load balancers, NAT gateways, endpoints, addresses, transfer, distributions, images.

use super::traffic::{self, TrafficReading, rounded};
use super::{CostPlace, Draft, Group, Quantity, basis_of, both, count, month_hours};
use crate::snapshot::elb::LoadBalancer;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn load_balancers(draft: &mut Draft<'_>) {
    let elb = &draft.snapshot.elb;
    for lb in elb.load_balancers.iter().filter(|lb| !lb.has_failed()) {
        let place = CostPlace { group: Group::LoadBalancing, resource: &lb.arn, region: &lb.region };
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

fn capacity_units(draft: &mut Draft<'_>, place: CostPlace<'_>, lb: &LoadBalancer, kind: &str) {
    let hours = month_hours();
    // Units of other load balancers are counted by other things.
    let assumed = draft.assumptions.average_lcus.filter(|_| kind == "alb");
    let reading = traffic::read(draft.snapshot, &lb.region, &lb.arn, "ConsumedLCUs");
    let (quantity, basis) = match (reading, assumed) {
        // The sum of an hour is the units of that hour, as for the documented ReservedLCUs.
        (TrafficReading::Hourly { average, days }, _) => (
            Quantity::Units(average * hours),
            both(
                &format!("{} on average over {days} days (ConsumedLCUs) x {hours} h", rounded(average)),
                &format!("{days} 日間の平均 {}（ConsumedLCUs）× {hours} 時間", rounded(average)),
            ),
        ),
        (_, Some(average)) => (
            Quantity::Units(average * hours),
            both(
                &format!("assumed: {average} on average x {hours} h"),
                &format!("仮定: 平均 {average} × {hours} 時間"),
            ),
        ),
        (TrafficReading::Hidden(gap), None) => (Quantity::Hidden(gap), both("", "")),
        (TrafficReading::Nothing, None) => {
            let from = ("the metric ConsumedLCUs", "メトリクス ConsumedLCUs の平均値");
            let quantity = match kind {
                "alb" => Quantity::assumed(None, "average_lcus", from),
                _ => Quantity::uncounted(from),
            };
            (quantity, both("depends on connections, bytes and rules", "接続数・転送量・ルール評価数による"))
        }
    };
    let product = format!("{kind}-lcu-hour");
    draft.add(place, both("Capacity units (LCU)", "キャパシティユニット（LCU）"), &product, quantity, basis);
}

pub(super) fn network(draft: &mut Draft<'_>) {
    let ec2 = &draft.snapshot.ec2;
    for nat in ec2.nat_gateways.iter().filter(|nat| !nat.is_gone()) {
        let place = CostPlace { group: Group::Network, resource: &nat.arn, region: &nat.region };
        let hours = month_hours();
        draft.add(
            place,
            both("NAT gateway", "NAT ゲートウェイ"),
            "nat-gateway-hour",
            Quantity::Units(hours),
            both(&format!("{hours} h"), &format!("{hours} 時間")),
        );
        let (quantity, basis) = traffic::through_nat_gateway(draft, nat);
        let what = both("Data processed by the NAT gateway", "NAT ゲートウェイの処理データ");
        draft.add(place, what, "nat-gateway-gb", quantity, basis);
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
    traffic::to_the_internet(draft);
}

fn hourly(
    draft: &mut Draft<'_>,
    resource: &str,
    region: &str,
    number: usize,
    product: &str,
    what: (&str, &str),
) {
    let place = CostPlace { group: Group::Network, resource, region };
    let hours = month_hours();
    draft.add(
        place,
        both(what.0, what.1),
        product,
        Quantity::Units(count(number) * hours),
        both(&format!("{number} x {hours} h"), &format!("{number} 個 × {hours} 時間")),
    );
}

pub(super) fn edge(draft: &mut Draft<'_>) {
    traffic::delivered(draft);
    let distributions = &draft.snapshot.cloudfront.distributions;
    draft.add_incomplete(Group::CloudFront, distributions, ("distributions", "ディストリビューション"));
    let repositories = &draft.snapshot.ecr.repositories;
    let regions: BTreeSet<&str> = repositories.iter().map(|repository| repository.region.as_str()).collect();
    for region in regions {
        let resource = draft.every("ecr", region, "repository/*");
        let place = CostPlace { group: Group::Ecr, resource: &resource, region };
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
