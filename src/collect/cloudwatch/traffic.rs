//! What load balancers, NAT gateways and distributions carried, hour by hour: the quantities of
//! the bill that no configuration shows.

use super::series::{Points, Question, ask_for};
use crate::ask::Ask;
use crate::snapshot::Listing;
use crate::snapshot::cloudfront::Distribution;
use crate::snapshot::cloudwatch::MetricSeries;
use crate::snapshot::ec2::NatGateway;
use crate::snapshot::elb::LoadBalancer;

const CARRIED: Points = Points { statistic: "Sum", period_seconds: 3_600 };

/// Capacity units and bytes of the region's load balancers.
pub(super) async fn of_load_balancers(ask: &Ask, lbs: &Listing<LoadBalancer>) -> Listing<MetricSeries> {
    asked(ask, lbs, |lb| &lb.region, load_balancer).await
}

/// Bytes through the region's NAT gateways.
pub(super) async fn of_nat_gateways(ask: &Ask, gateways: &Listing<NatGateway>) -> Listing<MetricSeries> {
    asked(ask, gateways, |nat| &nat.region, nat_gateway).await
}

/// Bytes and requests that distributions answered with.
pub(super) async fn of_distributions(ask: &Ask, all: &Listing<Distribution>) -> Listing<MetricSeries> {
    asked(ask, all, |distribution| &distribution.region, distribution).await
}

async fn asked<'a, T>(
    ask: &Ask,
    resources: &'a Listing<T>,
    region: impl Fn(&T) -> &str,
    questions: impl Fn(&'a T) -> Vec<Question<'a>>,
) -> Listing<MetricSeries> {
    let here = resources.iter().filter(|resource| region(resource) == ask.region());
    let questions: Vec<Question<'_>> = here.flat_map(questions).collect();
    let hidden = resources.incomplete.iter().filter(|gap| gap.region() == ask.region());
    ask_for(ask, CARRIED, &questions, hidden.cloned().collect()).await
}

fn load_balancer(lb: &LoadBalancer) -> Vec<Question<'_>> {
    let namespace = match lb.kind.as_str() {
        "application" => "AWS/ApplicationELB",
        "network" => "AWS/NetworkELB",
        _ => "AWS/GatewayELB",
    };
    let Some((_, dimension)) = lb.arn.split_once("loadbalancer/") else { return Vec::new() };
    if lb.state == "failed" {
        return Vec::new();
    }
    let question = |metric_name| Question {
        resource_arn: &lb.arn,
        namespace,
        metric_name,
        dimensions: vec![("LoadBalancer", dimension)],
    };
    ["ConsumedLCUs", "ProcessedBytes"].map(question).into()
}

fn nat_gateway(nat: &NatGateway) -> Vec<Question<'_>> {
    if ["failed", "deleted"].contains(&nat.state.as_str()) {
        return Vec::new();
    }
    let question = |metric_name| Question {
        resource_arn: &nat.arn,
        namespace: "AWS/NATGateway",
        metric_name,
        dimensions: vec![("NatGatewayId", &nat.id)],
    };
    ["BytesInFromDestination", "BytesOutToDestination"].map(question).into()
}

fn distribution(distribution: &Distribution) -> Vec<Question<'_>> {
    if !distribution.enabled {
        return Vec::new();
    }
    // Published in us-east-1, for all edges together.
    let question = |metric_name| Question {
        resource_arn: &distribution.arn,
        namespace: "AWS/CloudFront",
        metric_name,
        dimensions: vec![("DistributionId", &distribution.id), ("Region", "Global")],
    };
    ["BytesDownloaded", "Requests"].map(question).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(questions: &[Question<'_>]) -> Vec<String> {
        let dimensions = |question: &Question<'_>| {
            let pairs = question.dimensions.iter().map(|(name, value)| format!("{name}={value}"));
            pairs.collect::<Vec<_>>().join(",")
        };
        let text = |q: &Question<'_>| format!("{}/{}{{{}}}", q.namespace, q.metric_name, dimensions(q));
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
