//! From EC2's types to the snapshot's. `None` means that AWS left out what identifies the
//! resource or decides about traffic; nothing is made up in its place.

use crate::arn;
use crate::snapshot::ec2::{
    FlowLog, InternetGateway, NatGateway, NetworkAcl, NetworkAclEntry, NetworkInterface, PrefixList, Route,
    RouteTable, SecurityGroup, SecurityGroupRule, Subnet, Vpc, VpcBlockPublicAccess,
    VpcBlockPublicAccessExclusion,
};
use crate::snapshot::gap::GapId;
use crate::snapshot::known::Known;
use aws_sdk_ec2::types;
use std::collections::BTreeMap;

/// The account and region that were asked.
#[derive(Clone, Copy)]
pub(crate) struct Home<'a> {
    pub partition: &'a str,
    pub region: &'a str,
    pub account: &'a str,
}

impl Home<'_> {
    /// EC2 answers few ARNs; the owner differs from the account for what is shared with it.
    fn arn(&self, owner: Option<&str>, kind: &str, id: &str) -> String {
        let owner = owner.unwrap_or(self.account);
        arn::arn(self.partition, "ec2", self.region, owner, &format!("{kind}/{id}"))
    }
}

pub(crate) fn vpc(home: Home<'_>, vpc: types::Vpc) -> Option<Vpc> {
    let is_gone = |state: Option<&types::VpcCidrBlockState>| {
        let code = state.and_then(|state| state.state()).map(|code| code.as_str());
        matches!(code, Some("disassociated" | "failed"))
    };
    let associations = vpc.cidr_block_association_set();
    let mut cidr_blocks: Vec<String> = associations
        .iter()
        .filter(|association| !is_gone(association.cidr_block_state()))
        .filter_map(|association| association.cidr_block.clone())
        .collect();
    if associations.is_empty() {
        cidr_blocks.extend(vpc.cidr_block.clone());
    }
    let ipv6_cidr_blocks = vpc
        .ipv6_cidr_block_association_set()
        .iter()
        .filter(|association| !is_gone(association.ipv6_cidr_block_state()))
        .filter_map(|association| association.ipv6_cidr_block.clone())
        .collect();
    let tags = tags(vpc.tags());
    let id = vpc.vpc_id?;
    Some(Vpc {
        arn: home.arn(vpc.owner_id.as_deref(), "vpc", &id),
        region: home.region.to_owned(),
        id,
        cidr_blocks,
        ipv6_cidr_blocks,
        is_default: vpc.is_default.unwrap_or_default(),
        tags,
    })
}

pub(crate) fn subnet(
    home: Home<'_>,
    subnet: types::Subnet,
    missing: &dyn Fn(&str) -> GapId,
) -> Option<Subnet> {
    let is_gone = |state: Option<&types::SubnetCidrBlockState>| {
        let code = state.and_then(|state| state.state()).map(|code| code.as_str());
        matches!(code, Some("disassociated" | "failed"))
    };
    let ipv6_cidr_blocks = subnet
        .ipv6_cidr_block_association_set()
        .iter()
        .filter(|association| !is_gone(association.ipv6_cidr_block_state()))
        .filter_map(|association| association.ipv6_cidr_block.clone())
        .collect();
    let tags = tags(subnet.tags());
    let id = subnet.subnet_id?;
    let arn = subnet.subnet_arn.unwrap_or_else(|| home.arn(subnet.owner_id.as_deref(), "subnet", &id));
    Some(Subnet {
        region: home.region.to_owned(),
        id,
        vpc_id: subnet.vpc_id?,
        availability_zone: subnet.availability_zone?,
        cidr_block: subnet.cidr_block.filter(|block| !block.is_empty()),
        ipv6_cidr_blocks,
        map_public_ip_on_launch: Known::from(subnet.map_public_ip_on_launch.ok_or_else(|| missing(&arn))),
        available_ip_address_count: Known::from(
            subnet.available_ip_address_count.map(i64::from).ok_or_else(|| missing(&arn)),
        ),
        arn,
        tags,
    })
}

pub(crate) fn route_table(home: Home<'_>, table: types::RouteTable) -> Option<RouteTable> {
    let is_live = |association: &&types::RouteTableAssociation| {
        let state = association.association_state().and_then(|state| state.state());
        !matches!(state.map(|state| state.as_str()), Some("disassociated" | "failed"))
    };
    let tags = Known::Yes(tags(table.tags()));
    let associations: Vec<_> = table.associations().iter().filter(is_live).collect();
    let is_main = associations.iter().any(|association| association.main == Some(true));
    // A table serves a subnet, a gateway, or, as the main one, what names no other.
    let is_of_subnet = |association: &&&types::RouteTableAssociation| {
        association.main != Some(true) && association.gateway_id.is_none()
    };
    let subnet_ids = associations
        .iter()
        .filter(is_of_subnet)
        .map(|association| association.subnet_id.clone())
        .collect::<Option<_>>()?;
    let id = table.route_table_id?;
    Some(RouteTable {
        arn: home.arn(table.owner_id.as_deref(), "route-table", &id),
        region: home.region.to_owned(),
        id,
        vpc_id: table.vpc_id?,
        is_main,
        subnet_ids,
        routes: table.routes.unwrap_or_default().into_iter().map(route).collect::<Option<_>>()?,
        tags,
    })
}

fn route(route: types::Route) -> Option<Route> {
    let destination = route
        .destination_cidr_block
        .or(route.destination_ipv6_cidr_block)
        .or(route.destination_prefix_list_id)?;
    // `gateway_id` is an internet or virtual private gateway, a gateway endpoint or `local`.
    // A route to an instance names the interface as well: the interface is what receives.
    let target = route
        .gateway_id
        .or(route.nat_gateway_id)
        .or(route.transit_gateway_id)
        .or(route.vpc_peering_connection_id)
        .or(route.network_interface_id)
        .or(route.egress_only_internet_gateway_id)
        .or(route.carrier_gateway_id)
        .or(route.local_gateway_id)
        .or(route.core_network_arn)
        .or(route.odb_network_arn)
        .or(route.instance_id)
        .or(route.ip_address)?;
    Some(Route { destination, target, state: route.state?.as_str().to_owned() })
}

pub(crate) fn network_acl(home: Home<'_>, acl: types::NetworkAcl) -> Option<NetworkAcl> {
    let tags = Known::Yes(tags(acl.tags()));
    let subnet_ids =
        acl.associations().iter().map(|association| association.subnet_id.clone()).collect::<Option<_>>()?;
    let id = acl.network_acl_id?;
    Some(NetworkAcl {
        arn: home.arn(acl.owner_id.as_deref(), "network-acl", &id),
        region: home.region.to_owned(),
        id,
        vpc_id: acl.vpc_id?,
        is_default: acl.is_default?,
        subnet_ids,
        entries: acl.entries.unwrap_or_default().into_iter().map(network_acl_entry).collect::<Option<_>>()?,
        tags,
    })
}

fn network_acl_entry(entry: types::NetworkAclEntry) -> Option<NetworkAclEntry> {
    let protocol = entry.protocol?;
    // EC2 ignores ports of entries for all traffic.
    let ports = entry.port_range.filter(|_| protocol != "-1");
    let allow = match entry.rule_action?.as_str() {
        "allow" => true,
        "deny" => false,
        _ => return None,
    };
    let cidr_block = entry.cidr_block.filter(|block| !block.is_empty());
    let ipv6_cidr_block = entry.ipv6_cidr_block.filter(|block| !block.is_empty());
    if cidr_block.is_none() && ipv6_cidr_block.is_none() {
        return None;
    }
    Some(NetworkAclEntry {
        rule_number: i64::from(entry.rule_number?),
        egress: entry.egress?,
        allow,
        protocol,
        cidr_block,
        ipv6_cidr_block,
        from_port: ports.as_ref().and_then(|ports| ports.from).map(i64::from),
        to_port: ports.as_ref().and_then(|ports| ports.to).map(i64::from),
    })
}

pub(crate) fn internet_gateway(home: Home<'_>, gateway: types::InternetGateway) -> Option<InternetGateway> {
    // An attached gateway's state is "available", which the SDK's enumeration does not know.
    let is_live = |attachment: &&types::InternetGatewayAttachment| {
        attachment.state().map(|state| state.as_str()) != Some("detached")
    };
    let vpc_ids = gateway
        .attachments()
        .iter()
        .filter(is_live)
        .filter_map(|attachment| attachment.vpc_id.clone())
        .collect();
    let tags = Known::Yes(tags(gateway.tags()));
    let id = gateway.internet_gateway_id?;
    Some(InternetGateway {
        arn: home.arn(gateway.owner_id.as_deref(), "internet-gateway", &id),
        region: home.region.to_owned(),
        id,
        vpc_ids,
        tags,
    })
}

pub(crate) fn nat_gateway(home: Home<'_>, gateway: types::NatGateway) -> Option<NatGateway> {
    let tags = Known::Yes(tags(gateway.tags()));
    let id = gateway.nat_gateway_id?;
    Some(NatGateway {
        arn: home.arn(None, "natgateway", &id),
        region: home.region.to_owned(),
        id,
        vpc_id: gateway.vpc_id?,
        // A regional NAT gateway stands in no subnet.
        subnet_id: match gateway.availability_mode {
            Some(types::AvailabilityMode::Regional) => gateway.subnet_id.unwrap_or_default(),
            _ => gateway.subnet_id?,
        },
        // Those made before there were private ones are public, as CreateNatGateway's default is.
        connectivity_type: gateway
            .connectivity_type
            .map_or("public".to_owned(), |kind| kind.as_str().to_owned()),
        state: gateway.state?.as_str().to_owned(),
        tags,
    })
}

pub(crate) fn security_group(home: Home<'_>, group: types::SecurityGroup) -> Option<SecurityGroup> {
    let tags = tags(group.tags());
    let id = group.group_id?;
    let flatten = |permissions: Option<Vec<types::IpPermission>>| -> Option<Vec<SecurityGroupRule>> {
        let rules = permissions.unwrap_or_default().into_iter();
        let rules = rules.map(|permission| security_group_rules(home.account, permission));
        Some(rules.collect::<Option<Vec<_>>>()?.concat())
    };
    Some(SecurityGroup {
        arn: group
            .security_group_arn
            .unwrap_or_else(|| home.arn(group.owner_id.as_deref(), "security-group", &id)),
        region: home.region.to_owned(),
        id,
        name: group.group_name?,
        description: group.description.unwrap_or_default(),
        vpc_id: group.vpc_id.unwrap_or_default(),
        ingress: flatten(group.ip_permissions)?,
        egress: flatten(group.ip_permissions_egress)?,
        tags,
    })
}

/// One rule for each source or destination of a permission.
pub(crate) fn security_group_rules(
    account: &str,
    permission: types::IpPermission,
) -> Option<Vec<SecurityGroupRule>> {
    let protocol = permission.ip_protocol?;
    // All traffic has no ports whatever is written down, and -1 is every ICMP type or code.
    let has_ports = protocol != "-1";
    let port = |port: Option<i32>| port.filter(|port| has_ports && *port != -1).map(i64::from);
    let rule = SecurityGroupRule {
        from_port: port(permission.from_port),
        to_port: port(permission.to_port),
        protocol,
        ..SecurityGroupRule::default()
    };
    let with_peer = |kind: &str, peer: Option<String>, description: Option<String>| {
        Some(SecurityGroupRule {
            peer_kind: kind.to_owned(),
            peer: peer?,
            description: description.filter(|text| !text.is_empty()),
            ..rule.clone()
        })
    };
    let ipv4 = permission.ip_ranges.unwrap_or_default().into_iter();
    let ipv6 = permission.ipv6_ranges.unwrap_or_default().into_iter();
    let lists = permission.prefix_list_ids.unwrap_or_default().into_iter();
    let groups = permission.user_id_group_pairs.unwrap_or_default().into_iter();
    let rules = ipv4
        .map(|range| with_peer("ipv4", range.cidr_ip, range.description))
        .chain(ipv6.map(|range| with_peer("ipv6", range.cidr_ipv6, range.description)))
        .chain(lists.map(|list| with_peer("prefix-list", list.prefix_list_id, list.description)))
        .chain(groups.map(|pair| {
            let rule = with_peer("security-group", pair.group_id, pair.description)?;
            Some(SecurityGroupRule { peer_account: pair.user_id.filter(|id| id != account), ..rule })
        }));
    rules.collect()
}

/// The entries are asked for later, where something uses the list.
pub(crate) fn prefix_list(home: Home<'_>, list: types::ManagedPrefixList) -> Option<PrefixList> {
    let id = list.prefix_list_id?;
    let owner = list.owner_id.unwrap_or_default();
    let owner_in_arn = if owner == "AWS" { "aws" } else { owner.as_str() };
    Some(PrefixList {
        arn: list.prefix_list_arn.unwrap_or_else(|| home.arn(Some(owner_in_arn), "prefix-list", &id)),
        region: home.region.to_owned(),
        id,
        name: list.prefix_list_name?,
        owner,
        ..PrefixList::default()
    })
}

pub(crate) fn network_interface(
    home: Home<'_>,
    interface: types::NetworkInterface,
) -> Option<NetworkInterface> {
    let private_ips =
        interface.private_ip_addresses().iter().filter_map(|address| address.private_ip_address.clone());
    let private_ips = unique(private_ips.chain(interface.private_ip_address.clone()));
    let associations = interface.private_ip_addresses().iter().filter_map(|address| address.association());
    let associations = associations.chain(interface.association());
    let public_ips =
        associations.map(|association| association.public_ip.clone()).collect::<Option<Vec<String>>>()?;
    let public_ips = unique(public_ips.into_iter());
    let ipv6_addresses =
        interface.ipv6_addresses().iter().filter_map(|address| address.ipv6_address.clone()).collect();
    let security_group_ids =
        interface.groups().iter().map(|group| group.group_id.clone()).collect::<Option<_>>()?;
    let attachment = interface.attachment;
    let id = interface.network_interface_id?;
    Some(NetworkInterface {
        arn: home.arn(interface.owner_id.as_deref(), "network-interface", &id),
        region: home.region.to_owned(),
        id,
        vpc_id: interface.vpc_id?,
        subnet_id: interface.subnet_id?,
        availability_zone: interface.availability_zone.unwrap_or_default(),
        interface_type: interface.interface_type.map(|kind| kind.as_str().to_owned()).unwrap_or_default(),
        description: interface.description.unwrap_or_default(),
        requester_id: interface.requester_id.filter(|text| !text.is_empty()),
        attachment_owner: attachment.as_ref().and_then(|attachment| attachment.instance_owner_id.clone()),
        instance_id: attachment.and_then(|attachment| attachment.instance_id),
        status: interface.status.map(|status| status.as_str().to_owned()).unwrap_or_default(),
        private_ips,
        public_ips,
        ipv6_addresses,
        security_group_ids,
    })
}

pub(crate) fn flow_log(region: &str, log: types::FlowLog) -> Option<FlowLog> {
    Some(FlowLog {
        region: region.to_owned(),
        id: log.flow_log_id?,
        resource_id: log.resource_id?,
        status: log.flow_log_status?,
        traffic_type: log.traffic_type.map(|kind| kind.as_str().to_owned()).unwrap_or_default(),
        delivery_status: log.deliver_logs_status.filter(|status| !status.is_empty()),
    })
}

/// The exclusions are asked for later, where anything is blocked.
pub(crate) fn vpc_block_public_access(
    region: &str,
    options: types::VpcBlockPublicAccessOptions,
) -> Option<VpcBlockPublicAccess> {
    Some(VpcBlockPublicAccess {
        region: region.to_owned(),
        mode: options.internet_gateway_block_mode?.as_str().to_owned(),
        state: options.state.map(|state| state.as_str().to_owned()).unwrap_or_default(),
        exclusions: Known::Yes(Vec::new()),
    })
}

pub(crate) fn vpc_block_public_access_exclusion(
    exclusion: types::VpcBlockPublicAccessExclusion,
) -> Option<VpcBlockPublicAccessExclusion> {
    Some(VpcBlockPublicAccessExclusion {
        id: exclusion.exclusion_id?,
        resource_arn: exclusion.resource_arn?,
        mode: exclusion.internet_gateway_exclusion_mode?.as_str().to_owned(),
        state: exclusion.state?.as_str().to_owned(),
    })
}

fn unique(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = Vec::new();
    for text in texts.filter(|text| !text.is_empty()) {
        if !seen.contains(&text) {
            seen.push(text);
        }
    }
    seen
}

pub(super) fn tags(tags: &[types::Tag]) -> BTreeMap<String, String> {
    let tags = tags.iter().filter_map(|tag| Some((tag.key.clone()?, tag.value.clone().unwrap_or_default())));
    tags.collect()
}

#[cfg(test)]
mod tests;
