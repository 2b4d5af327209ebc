//! VPC endpoints, where tasks may need them.

use super::record::{Home, tags};
use crate::ask::Ask;
use crate::ask::asked::client;
use crate::snapshot::ec2::{Ec2, VpcEndpoint};
use crate::snapshot::operation::{Operation, named};
use crate::snapshot::{Known, Listing, Snapshot};
use aws_sdk_ec2::types;

const VPC_ENDPOINTS: &Operation = named("ec2", "DescribeVpcEndpoints");

/// The VPC endpoints of a region where the tasks of a service have interfaces of their own.
pub(crate) async fn collect(ask: &Ask, found: &Snapshot) -> Snapshot {
    let services = &found.ecs.services;
    let in_networks =
        services.iter().any(|service| service.region == ask.region() && !service.subnet_ids.is_empty());
    let mut vpc_endpoints = Listing::of(Vec::new());
    if in_networks {
        let client = client!(aws_sdk_ec2, ask.config());
        let home = Home { partition: ask.partition(), region: ask.region(), account: ask.account() };
        vpc_endpoints = ask
            .list(
                VPC_ENDPOINTS,
                |token| {
                    let request = client.describe_vpc_endpoints().max_results(VPC_ENDPOINTS.page_size);
                    request.set_next_token(token).send()
                },
                |page| page.next_token.clone(),
                |page| page.vpc_endpoints.unwrap_or_default(),
                |endpoint| record(home, endpoint),
            )
            .await;
    } else {
        vpc_endpoints.incomplete.extend(services.incomplete.iter().cloned());
    }
    Snapshot { ec2: Ec2 { vpc_endpoints, ..Ec2::default() }, ..Snapshot::default() }
}

fn record(home: Home<'_>, endpoint: types::VpcEndpoint) -> Option<VpcEndpoint> {
    let tags = Known::Yes(tags(endpoint.tags()));
    let id = endpoint.vpc_endpoint_id?;
    let owner = endpoint.owner_id.as_deref().unwrap_or(home.account);
    Some(VpcEndpoint {
        arn: crate::arn::arn(home.partition, "ec2", home.region, owner, &format!("vpc-endpoint/{id}")),
        region: home.region.to_owned(),
        id,
        vpc_id: endpoint.vpc_id?,
        service_name: endpoint.service_name?,
        // AWS writes `available` in its reference and has answered `Available`.
        kind: endpoint.vpc_endpoint_type.map_or("Gateway".to_owned(), |kind| kind.as_str().to_owned()),
        state: endpoint.state?.as_str().to_ascii_lowercase(),
        private_dns_enabled: endpoint.private_dns_enabled.unwrap_or(false),
        route_table_ids: endpoint.route_table_ids.unwrap_or_default(),
        security_group_ids: endpoint
            .groups
            .unwrap_or_default()
            .into_iter()
            .filter_map(|group| group.group_id)
            .collect(),
        tags,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_written_in_one_way() {
        let home = Home { partition: "aws", region: "ap-northeast-1", account: "123456789012" };
        let answer = types::VpcEndpoint::builder()
            .vpc_endpoint_id("vpce-1")
            .vpc_id("vpc-1")
            .service_name("com.amazonaws.ap-northeast-1.s3")
            .state(types::State::Available)
            .route_table_ids("rtb-1")
            .build();
        let made = record(home, answer).unwrap();
        assert_eq!(made.arn, "arn:aws:ec2:ap-northeast-1:123456789012:vpc-endpoint/vpce-1");
        assert_eq!((made.kind.as_str(), made.state.as_str()), ("Gateway", "available"));
        assert_eq!(made.route_table_ids, ["rtb-1"]);
    }
}
