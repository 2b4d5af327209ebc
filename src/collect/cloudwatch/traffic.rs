//! What load balancers, NAT gateways and distributions carried, hour by hour: the quantities of
//! the bill that no configuration shows.

use super::series::{Points, SeriesQuestion, of_resources};
use crate::ask::Ask;
use crate::snapshot::cloudfront::Distribution;
use crate::snapshot::cloudwatch::Cloudwatch;
use crate::snapshot::ec2::NatGateway;
use crate::snapshot::elb::LoadBalancer;
use crate::snapshot::{Listing, Snapshot};

const CARRIED: Points = Points { period_seconds: 3_600 };

/// Capacity units and bytes of the region's load balancers.
pub(crate) async fn load_balancer_traffic(ask: &Ask, found: &Snapshot) -> Snapshot {
    carried(ask, &found.elb.load_balancers, |balancer| &balancer.region, load_balancer).await
}

/// Bytes through the region's NAT gateways.
pub(crate) async fn nat_gateway_traffic(ask: &Ask, found: &Snapshot) -> Snapshot {
    carried(ask, &found.ec2.nat_gateways, |gateway| &gateway.region, nat_gateway).await
}

/// Bytes and requests that distributions answered with.
pub(crate) async fn distribution_traffic(ask: &Ask, found: &Snapshot) -> Snapshot {
    carried(ask, &found.cloudfront.distributions, |distribution| &distribution.region, distribution).await
}

/// What resources carried, as all three are asked about it.
async fn carried<'a, T>(
    ask: &Ask,
    resources: &'a Listing<T>,
    region: impl Fn(&T) -> &str,
    questions: impl Fn(&'a T) -> Vec<SeriesQuestion<'a>>,
) -> Snapshot {
    let traffic = of_resources(ask, CARRIED, resources, region, questions).await;
    Snapshot { cloudwatch: Cloudwatch { traffic, ..Cloudwatch::default() }, ..Snapshot::default() }
}

fn load_balancer(lb: &LoadBalancer) -> Vec<SeriesQuestion<'_>> {
    let namespace = match lb.kind.as_str() {
        "application" => "AWS/ApplicationELB",
        "network" => "AWS/NetworkELB",
        _ => "AWS/GatewayELB",
    };
    let Some((_, dimension)) = lb.arn.split_once("loadbalancer/") else { return Vec::new() };
    if lb.has_failed() {
        return Vec::new();
    }
    let question = |metric_name| SeriesQuestion {
        resource_arn: &lb.arn,
        namespace,
        metric_name,
        statistic: "Sum",
        dimensions: vec![("LoadBalancer", dimension)],
    };
    ["ConsumedLCUs", "ProcessedBytes"].map(question).into()
}

fn nat_gateway(nat: &NatGateway) -> Vec<SeriesQuestion<'_>> {
    if nat.is_gone() {
        return Vec::new();
    }
    let question = |metric_name| SeriesQuestion {
        resource_arn: &nat.arn,
        namespace: "AWS/NATGateway",
        metric_name,
        statistic: "Sum",
        dimensions: vec![("NatGatewayId", &nat.id)],
    };
    ["BytesInFromDestination", "BytesOutToDestination"].map(question).into()
}

fn distribution(distribution: &Distribution) -> Vec<SeriesQuestion<'_>> {
    if !distribution.enabled {
        return Vec::new();
    }
    // Published in us-east-1, for all edges together.
    let question = |metric_name| SeriesQuestion {
        resource_arn: &distribution.arn,
        namespace: "AWS/CloudFront",
        metric_name,
        statistic: "Sum",
        dimensions: vec![("DistributionId", &distribution.id), ("Region", "Global")],
    };
    ["BytesDownloaded", "Requests"].map(question).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(questions: &[SeriesQuestion<'_>]) -> Vec<String> {
        let dimensions = |question: &SeriesQuestion<'_>| {
            let pairs = question.dimensions.iter().map(|(name, value)| format!("{name}={value}"));
            pairs.collect::<Vec<_>>().join(",")
        };
        let text = |q: &SeriesQuestion<'_>| format!("{}/{}{{{}}}", q.namespace, q.metric_name, dimensions(q));
        questions.iter().map(text).collect()
    }

    #[test]
    fn load_balancers_are_asked_about_by_their_kind() {
        let lb = |kind: &str, id: &str, state: &str| LoadBalancer {
            arn: format!("arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:loadbalancer/{id}"),
            kind: kind.to_owned(),
            state: state.to_owned(),
            ..LoadBalancer::default()
        };
        assert_eq!(
            asks(&load_balancer(&lb("application", "app/shop/50dc", "active"))),
            [
                "AWS/ApplicationELB/ConsumedLCUs{LoadBalancer=app/shop/50dc}",
                "AWS/ApplicationELB/ProcessedBytes{LoadBalancer=app/shop/50dc}",
            ]
        );
        let network = lb("network", "net/mqtt/60ef", "active");
        assert!(asks(&load_balancer(&network))[0].starts_with("AWS/NetworkELB/"));
        let gateway = lb("gateway", "gwy/inspect/70ab", "active");
        assert!(asks(&load_balancer(&gateway))[0].starts_with("AWS/GatewayELB/"));
        assert!(load_balancer(&lb("application", "app/broken/1", "failed")).is_empty());
    }

    #[test]
    fn what_carries_nothing_is_not_asked_about() {
        let nat = |state: &str| NatGateway {
            id: "nat-1".to_owned(),
            state: state.to_owned(),
            ..NatGateway::default()
        };
        assert_eq!(
            asks(&nat_gateway(&nat("available")))[1],
            "AWS/NATGateway/BytesOutToDestination{NatGatewayId=nat-1}"
        );
        assert!(nat_gateway(&nat("failed")).is_empty());
        let of = |enabled| Distribution { id: "E1".to_owned(), enabled, ..Distribution::default() };
        assert_eq!(
            asks(&distribution(&of(true)))[0],
            "AWS/CloudFront/BytesDownloaded{DistributionId=E1,Region=Global}"
        );
        assert!(distribution(&of(false)).is_empty());
    }
}
