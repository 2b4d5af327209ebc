//! Networks: the lists of EC2, the ranges of the prefix lists that are in use, and what blocks the internet.

mod endpoints;
mod record;

use crate::ask::Ask;
use crate::ask::asked::client;
use crate::snapshot::ec2::{
    Ec2, FlowLog, InternetGateway, NetworkInterface, PrefixList, RouteTable, SecurityGroup,
    VpcBlockPublicAccess, VpcBlockPublicAccessExclusion,
};
use crate::snapshot::operation::{Operation, named};
use crate::snapshot::{GapId, Listing, Snapshot};
use aws_sdk_ec2::Client;
pub(super) use endpoints::collect as vpc_endpoints;
use record::Home;
use std::collections::BTreeSet;

const VPCS: &Operation = named("ec2", "DescribeVpcs");
const SUBNETS: &Operation = named("ec2", "DescribeSubnets");
const ROUTE_TABLES: &Operation = named("ec2", "DescribeRouteTables");
const NETWORK_ACLS: &Operation = named("ec2", "DescribeNetworkAcls");
const INTERNET_GATEWAYS: &Operation = named("ec2", "DescribeInternetGateways");
const NAT_GATEWAYS: &Operation = named("ec2", "DescribeNatGateways");
const SECURITY_GROUPS: &Operation = named("ec2", "DescribeSecurityGroups");
const PREFIX_LISTS: &Operation = named("ec2", "DescribeManagedPrefixLists");
const PREFIX_LIST_ENTRIES: &Operation = named("ec2", "GetManagedPrefixListEntries");
const FLOW_LOGS: &Operation = named("ec2", "DescribeFlowLogs");
const BLOCK_PUBLIC_ACCESS: &Operation = named("ec2", "DescribeVpcBlockPublicAccessOptions");
const BLOCK_PUBLIC_ACCESS_EXCLUSIONS: &Operation = named("ec2", "DescribeVpcBlockPublicAccessExclusions");
const NETWORK_INTERFACES: &Operation = named("ec2", "DescribeNetworkInterfaces");

/// One list of EC2, whose Describe operations all page in the same way.
macro_rules! list {
    ($ask:ident, $client:ident, $operation:ident, $call:ident, $items:ident, $record:expr) => {
        $ask.list(
            $operation,
            |token| $client.$call().max_results($operation.page_size).set_next_token(token).send(),
            |page| page.next_token.clone(),
            |page| page.$items.unwrap_or_default(),
            $record,
        )
    };
}

/// The networks of a region.
pub(crate) async fn collect(ask: &Ask, _found: &Snapshot) -> Snapshot {
    let client = client!(aws_sdk_ec2, ask.config());
    let client = &client;
    let home = Home { partition: ask.partition(), region: ask.region(), account: ask.account() };
    let (
        vpcs,
        subnets,
        route_tables,
        network_acls,
        internet_gateways,
        mut nat_gateways,
        security_groups,
        network_interfaces,
    ) = tokio::join!(
        list!(ask, client, VPCS, describe_vpcs, vpcs, |vpc| record::vpc(home, vpc)),
        list!(ask, client, SUBNETS, describe_subnets, subnets, |subnet| {
            record::subnet(home, subnet, &|arn| ask.broken(SUBNETS, Some(arn)))
        }),
        list!(ask, client, ROUTE_TABLES, describe_route_tables, route_tables, |table| {
            record::route_table(home, table)
        }),
        list!(ask, client, NETWORK_ACLS, describe_network_acls, network_acls, |acl| {
            record::network_acl(home, acl)
        }),
        list!(ask, client, INTERNET_GATEWAYS, describe_internet_gateways, internet_gateways, |gateway| {
            record::internet_gateway(home, gateway)
        }),
        list!(ask, client, NAT_GATEWAYS, describe_nat_gateways, nat_gateways, |gateway| {
            record::nat_gateway(home, gateway)
        }),
        list!(ask, client, SECURITY_GROUPS, describe_security_groups, security_groups, |group| {
            record::security_group(home, group)
        }),
        list!(
            ask,
            client,
            NETWORK_INTERFACES,
            describe_network_interfaces,
            network_interfaces,
            |interface| { record::network_interface(home, interface) }
        ),
    );
    let (prefix_lists, flow_logs, vpc_block_public_access) = tokio::join!(
        prefix_lists(ask, client, home, &security_groups, &route_tables),
        flow_logs(ask, client, &network_interfaces),
        block_public_access(ask, client, has_way_in(&internet_gateways, &route_tables)),
    );
    nat_gateways.items.retain(|gateway| gateway.state != "deleted");
    let ec2 = Ec2 {
        vpcs,
        subnets,
        route_tables,
        network_acls,
        internet_gateways,
        nat_gateways,
        security_groups,
        prefix_lists,
        network_interfaces,
        flow_logs,
        vpc_block_public_access,
        ..Ec2::default()
    };
    Snapshot { ec2, ..Snapshot::default() }
}

/// The prefix lists that rules and routes name, with their entries. Where none is named, none is asked for.
async fn prefix_lists(
    ask: &Ask,
    client: &Client,
    home: Home<'_>,
    groups: &Listing<SecurityGroup>,
    tables: &Listing<RouteTable>,
) -> Listing<PrefixList> {
    let used = used_prefix_lists(&groups.items, &tables.items);
    if used.is_empty() {
        let hidden = groups.incomplete.iter().chain(&tables.incomplete);
        return Listing::with_gaps(hidden.cloned().collect());
    }
    let mut lists = list!(ask, client, PREFIX_LISTS, describe_managed_prefix_lists, prefix_lists, |list| {
        record::prefix_list(home, list)
    })
    .await;
    let used_lists = lists.items.into_iter().filter(|list| used.contains(&list.id));
    lists.items = ask.each(used_lists, |list| with_entries(ask, client, list)).await;
    lists
}

/// AWS keeps dozens of prefix lists of its own in every region; only those that
/// something names are worth a call each.
fn used_prefix_lists(groups: &[SecurityGroup], tables: &[RouteTable]) -> BTreeSet<String> {
    let rules = groups.iter().flat_map(|group| group.ingress.iter().chain(&group.egress));
    let named_by_rules = rules.filter(|rule| rule.peer_kind == "prefix-list").map(|rule| &rule.peer);
    let routes = tables.iter().flat_map(|table| &table.routes);
    let named_by_routes =
        routes.map(|route| &route.destination).filter(|destination| destination.starts_with("pl-"));
    named_by_rules.chain(named_by_routes).cloned().collect()
}

/// Where there is no interface, nothing passes that could be written down.
async fn flow_logs(ask: &Ask, client: &Client, interfaces: &Listing<NetworkInterface>) -> Listing<FlowLog> {
    if interfaces.items.is_empty() && interfaces.incomplete.is_empty() {
        return Listing::of(Vec::new());
    }
    list!(ask, client, FLOW_LOGS, describe_flow_logs, flow_logs, |log| record::flow_log(ask.region(), log))
        .await
}

/// Whether a region has, or may have, an internet gateway that could be blocked.
fn has_way_in(gateways: &Listing<InternetGateway>, tables: &Listing<RouteTable>) -> bool {
    let mut routes = tables.iter().flat_map(|table| &table.routes);
    !gateways.incomplete.is_empty()
        || !tables.incomplete.is_empty()
        || gateways.iter().any(|gateway| !gateway.vpc_ids.is_empty())
        || routes.any(|route| route.target.starts_with("igw-") && route.is_active())
}

async fn block_public_access(ask: &Ask, client: &Client, has_way_in: bool) -> Listing<VpcBlockPublicAccess> {
    if !has_way_in {
        return Listing::of(Vec::new());
    }
    let answer =
        ask.once(BLOCK_PUBLIC_ACCESS, None, client.describe_vpc_block_public_access_options().send()).await;
    let options = answer.and_then(|answer| {
        let options = answer.vpc_block_public_access_options;
        let options = options.and_then(|options| record::vpc_block_public_access(ask.region(), options));
        options.ok_or_else(|| ask.broken(BLOCK_PUBLIC_ACCESS, None))
    });
    match options {
        Ok(options) if options.is_off() => Listing::of(vec![options]),
        Ok(options) => {
            let exclusions = exclusions(ask, client).await;
            Listing::of(vec![VpcBlockPublicAccess { exclusions: exclusions.into(), ..options }])
        }
        Err(gap) => Listing::with_gaps(vec![gap]),
    }
}

async fn exclusions(ask: &Ask, client: &Client) -> Result<Vec<VpcBlockPublicAccessExclusion>, GapId> {
    ask.all(
        BLOCK_PUBLIC_ACCESS_EXCLUSIONS,
        None,
        |token| {
            let request = client.describe_vpc_block_public_access_exclusions();
            request.max_results(BLOCK_PUBLIC_ACCESS_EXCLUSIONS.page_size).set_next_token(token).send()
        },
        |page| page.next_token.clone(),
        |page| page.vpc_block_public_access_exclusions.unwrap_or_default(),
        record::vpc_block_public_access_exclusion,
    )
    .await
}

async fn with_entries(ask: &Ask, client: &Client, list: PrefixList) -> PrefixList {
    let entries = ask
        .all(
            PREFIX_LIST_ENTRIES,
            Some(&list.arn),
            |token| {
                let request = client.get_managed_prefix_list_entries().prefix_list_id(&list.id);
                request.max_results(PREFIX_LIST_ENTRIES.page_size).set_next_token(token).send()
            },
            |page| page.next_token.clone(),
            |page| page.entries.unwrap_or_default(),
            |entry| entry.cidr,
        )
        .await;
    PrefixList { entries: entries.into(), ..list }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::ec2::{Route, SecurityGroupRule};

    #[test]
    fn prefix_lists_of_rules_and_routes_are_used() {
        let rule = |kind: &str, peer: &str| SecurityGroupRule {
            peer_kind: kind.to_owned(),
            peer: peer.to_owned(),
            ..SecurityGroupRule::default()
        };
        let group = SecurityGroup {
            ingress: vec![rule("prefix-list", "pl-in"), rule("security-group", "sg-1")],
            egress: vec![rule("prefix-list", "pl-out"), rule("ipv4", "0.0.0.0/0")],
            ..SecurityGroup::default()
        };
        let route = |destination: &str| Route { destination: destination.to_owned(), ..Route::default() };
        let table = RouteTable {
            routes: vec![route("10.0.0.0/16"), route("pl-route"), route("pl-in")],
            ..RouteTable::default()
        };
        let used: Vec<String> = used_prefix_lists(&[group], &[table]).into_iter().collect();
        assert_eq!(used, ["pl-in", "pl-out", "pl-route"]);
    }
}
