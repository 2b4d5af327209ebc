//! Networks: what EC2's Describe calls say about VPCs and what is in them.

use super::known::Known;
use super::listing::Listing;
use super::operation::{Operation, bucket, operation};
use super::source::SourceRow;
use std::collections::BTreeMap;

crate::record! {
    /// Everything asked of EC2.
    pub struct Ec2 {
        /// VPCs (DescribeVpcs).
        pub vpcs: Listing<Vpc>,
        /// Subnets (DescribeSubnets).
        pub subnets: Listing<Subnet>,
        /// Route tables (DescribeRouteTables).
        pub route_tables: Listing<RouteTable>,
        /// Network ACLs (DescribeNetworkAcls).
        pub network_acls: Listing<NetworkAcl>,
        /// Internet gateways (DescribeInternetGateways).
        pub internet_gateways: Listing<InternetGateway>,
        /// NAT gateways that are not deleted (DescribeNatGateways).
        pub nat_gateways: Listing<NatGateway>,
        /// Security groups (DescribeSecurityGroups).
        pub security_groups: Listing<SecurityGroup>,
        /// The prefix lists that security group rules or routes name (DescribeManagedPrefixLists).
        pub prefix_lists: Listing<PrefixList>,
        /// Network interfaces (DescribeNetworkInterfaces).
        pub network_interfaces: Listing<NetworkInterface>,
        /// VPC endpoints (DescribeVpcEndpoints); asked for where the tasks of a service have network
        /// interfaces of their own.
        #[serde(default)]
        pub vpc_endpoints: Listing<VpcEndpoint>,
        /// Flow logs of VPCs, subnets and interfaces; asked where the region has interfaces (DescribeFlowLogs).
        #[serde(default)]
        pub flow_logs: Listing<FlowLog>,
        /// How the account blocks the internet for its VPCs, one entry for each region that has an
        /// internet gateway (DescribeVpcBlockPublicAccessOptions).
        #[serde(default)]
        pub vpc_block_public_access: Listing<VpcBlockPublicAccess>,
    }

    /// A virtual private cloud.
    pub struct Vpc {
        /// The ARN.
        pub arn: String,
        /// The region.
        pub region: String,
        /// For instance vpc-0abc.
        pub id: String,
        /// IPv4 ranges, CIDR.
        pub cidr_blocks: Vec<String>,
        /// IPv6 ranges, CIDR.
        pub ipv6_cidr_blocks: Vec<String>,
        /// Whether AWS made it with the account.
        pub is_default: bool,
        /// Tags.
        pub tags: BTreeMap<String, String>,
    }

    /// A subnet: a range of a VPC in one Availability Zone.
    pub struct Subnet {
        /// The ARN.
        pub arn: String,
        /// The region.
        pub region: String,
        /// For instance subnet-0abc.
        pub id: String,
        /// Its VPC.
        pub vpc_id: String,
        /// For instance ap-northeast-1a.
        pub availability_zone: String,
        /// The IPv4 range; null for IPv6-only subnets.
        pub cidr_block: Option<String>,
        /// IPv6 ranges, CIDR.
        pub ipv6_cidr_blocks: Vec<String>,
        /// Whether what starts here gets a public IPv4 address unless it says otherwise.
        pub map_public_ip_on_launch: Known<bool>,
        /// Free IPv4 addresses.
        pub available_ip_address_count: Known<i64>,
        /// Tags.
        pub tags: BTreeMap<String, String>,
    }

    /// A route table.
    pub struct RouteTable {
        /// The ARN.
        pub arn: String,
        /// The region.
        pub region: String,
        /// For instance rtb-0abc.
        pub id: String,
        /// Its VPC.
        pub vpc_id: String,
        /// Whether it serves every subnet of the VPC that names no table of its own.
        pub is_main: bool,
        /// The subnets that name it.
        pub subnet_ids: Vec<String>,
        /// Its routes.
        pub routes: Vec<Route>,
        /// Tags.
        #[serde(default)]
        pub tags: Known<BTreeMap<String, String>>,
    }

    /// One route.
    pub struct Route {
        /// A CIDR range, IPv4 or IPv6, or a prefix list's id.
        pub destination: String,
        /// The id of where it leads, for instance igw-0abc, nat-0abc, local.
        pub target: String,
        /// active or blackhole (the target is gone).
        pub state: String,
    }

    /// A network ACL: the stateless filter at a subnet's border.
    pub struct NetworkAcl {
        /// The ARN.
        pub arn: String,
        /// The region.
        pub region: String,
        /// For instance acl-0abc.
        pub id: String,
        /// Its VPC.
        pub vpc_id: String,
        /// Whether it serves every subnet of the VPC that names no ACL of its own.
        pub is_default: bool,
        /// The subnets it filters.
        pub subnet_ids: Vec<String>,
        /// Its entries; the lowest number that matches decides.
        pub entries: Vec<NetworkAclEntry>,
        /// Tags.
        #[serde(default)]
        pub tags: Known<BTreeMap<String, String>>,
    }

    /// One entry of a network ACL.
    pub struct NetworkAclEntry {
        /// Evaluated from the lowest; 32767 is the closing deny.
        pub rule_number: i64,
        /// Whether it filters what leaves the subnet.
        pub egress: bool,
        /// Whether it lets matching traffic through.
        pub allow: bool,
        /// IANA protocol number as text; -1 is all.
        pub protocol: String,
        /// The IPv4 range it is about; null when it is about IPv6.
        pub cidr_block: Option<String>,
        /// The IPv6 range it is about; null when it is about IPv4.
        pub ipv6_cidr_block: Option<String>,
        /// First port; null for all.
        pub from_port: Option<i64>,
        /// Last port; null for all.
        pub to_port: Option<i64>,
    }

    /// An internet gateway.
    pub struct InternetGateway {
        /// The ARN.
        pub arn: String,
        /// The region.
        pub region: String,
        /// For instance igw-0abc.
        pub id: String,
        /// The VPCs it is attached to.
        pub vpc_ids: Vec<String>,
        /// Tags.
        #[serde(default)]
        pub tags: Known<BTreeMap<String, String>>,
    }

    /// A NAT gateway.
    pub struct NatGateway {
        /// The ARN.
        pub arn: String,
        /// The region.
        pub region: String,
        /// For instance nat-0abc.
        pub id: String,
        /// Its VPC.
        pub vpc_id: String,
        /// The subnet it stands in.
        pub subnet_id: String,
        /// public or private.
        pub connectivity_type: String,
        /// pending, failed, available, deleting.
        pub state: String,
        /// Tags.
        #[serde(default)]
        pub tags: Known<BTreeMap<String, String>>,
    }

    /// A security group.
    pub struct SecurityGroup {
        /// The ARN.
        pub arn: String,
        /// The region.
        pub region: String,
        /// For instance sg-0abc.
        pub id: String,
        /// The group's name.
        pub name: String,
        /// What its owner wrote about it.
        pub description: String,
        /// Its VPC.
        pub vpc_id: String,
        /// What may come in; one entry for each source.
        pub ingress: Vec<SecurityGroupRule>,
        /// What may go out; one entry for each destination.
        pub egress: Vec<SecurityGroupRule>,
        /// Tags.
        pub tags: BTreeMap<String, String>,
    }

    /// One rule of a security group, for one source or destination.
    pub struct SecurityGroupRule {
        /// tcp, udp, icmp, icmpv6, an IANA number, or -1 for all.
        pub protocol: String,
        /// First port (ICMP: type); null for all.
        pub from_port: Option<i64>,
        /// Last port (ICMP: code); null for all.
        pub to_port: Option<i64>,
        /// What `peer` is: ipv4, ipv6, prefix-list or security-group.
        pub peer_kind: String,
        /// The source (ingress) or destination (egress): a CIDR range, a prefix list's id or a group's id.
        pub peer: String,
        /// The account of a referenced group that belongs to another one; null otherwise.
        pub peer_account: Option<String>,
        /// What its owner wrote about it.
        pub description: Option<String>,
    }

    /// A managed prefix list: a named set of ranges.
    pub struct PrefixList {
        /// The ARN.
        pub arn: String,
        /// The region.
        pub region: String,
        /// For instance pl-0abc.
        pub id: String,
        /// For instance com.amazonaws.global.cloudfront.origin-facing.
        pub name: String,
        /// AWS or an account id.
        pub owner: String,
        /// Its ranges, CIDR (GetManagedPrefixListEntries).
        pub entries: Known<Vec<String>>,
    }

    /// A VPC endpoint: a way to a service that does not leave AWS's network.
    pub struct VpcEndpoint {
        /// The ARN.
        pub arn: String,
        /// The region.
        pub region: String,
        /// For instance vpce-0abc.
        pub id: String,
        /// Its VPC.
        pub vpc_id: String,
        /// The service behind it, for instance com.amazonaws.ap-northeast-1.ecr.api.
        pub service_name: String,
        /// Interface, Gateway, GatewayLoadBalancer, …
        pub kind: String,
        /// available, pending, …
        pub state: String,
        /// Whether the service's usual name leads to it within the VPC (interface endpoints).
        pub private_dns_enabled: bool,
        /// The route tables that lead to it (gateway endpoints).
        pub route_table_ids: Vec<String>,
        /// Its security groups (interface endpoints).
        pub security_group_ids: Vec<String>,
        /// Tags.
        #[serde(default)]
        pub tags: Known<BTreeMap<String, String>>,
    }

    /// A network interface: where a resource is in a network.
    pub struct NetworkInterface {
        /// The ARN.
        pub arn: String,
        /// The region.
        pub region: String,
        /// For instance eni-0abc.
        pub id: String,
        /// Its VPC.
        pub vpc_id: String,
        /// Its subnet.
        pub subnet_id: String,
        /// Its Availability Zone.
        pub availability_zone: String,
        /// interface, network_load_balancer, nat_gateway, …
        pub interface_type: String,
        /// Written by whoever made it, for instance "ELB app/shop-alb/50dc" or an ECS attachment's ARN.
        pub description: String,
        /// The account or service that made it, for instance amazon-elb; null for people's own.
        pub requester_id: Option<String>,
        /// The account or service that owns what it is attached to; null when detached.
        pub attachment_owner: Option<String>,
        /// The EC2 instance it is attached to; null otherwise.
        pub instance_id: Option<String>,
        /// available, in-use, …
        pub status: String,
        /// Private IPv4 addresses.
        pub private_ips: Vec<String>,
        /// Public IPv4 addresses.
        pub public_ips: Vec<String>,
        /// IPv6 addresses.
        pub ipv6_addresses: Vec<String>,
        /// Its security groups.
        pub security_group_ids: Vec<String>,
    }

    /// A flow log: what passed an interface, a subnet or a VPC, written down.
    pub struct FlowLog {
        /// The region.
        pub region: String,
        /// For instance fl-0abc.
        pub id: String,
        /// The VPC, subnet or interface that it is of.
        pub resource_id: String,
        /// ACTIVE; one that is not delivered stays ACTIVE.
        pub status: String,
        /// ACCEPT, REJECT or ALL.
        pub traffic_type: String,
        /// SUCCESS or FAILED; null before the first delivery.
        pub delivery_status: Option<String>,
    }

    /// VPC Block Public Access of a region.
    pub struct VpcBlockPublicAccess {
        /// The region.
        pub region: String,
        /// off, block-bidirectional or block-ingress.
        pub mode: String,
        /// default-state, update-in-progress or update-complete.
        pub state: String,
        /// The VPCs and subnets that are exempt; asked where the mode is not off (DescribeVpcBlockPublicAccessExclusions).
        pub exclusions: Known<Vec<VpcBlockPublicAccessExclusion>>,
    }

    /// A VPC or subnet that is exempt from VPC Block Public Access.
    pub struct VpcBlockPublicAccessExclusion {
        /// For instance vpcbpa-exclude-0abc.
        pub id: String,
        /// The VPC's or subnet's ARN.
        pub resource_arn: String,
        /// allow-bidirectional or allow-egress.
        pub mode: String,
        /// create-complete, update-in-progress, delete-complete, disable-complete, …
        pub state: String,
    }
}

impl Route {
    /// Whether it leads anywhere: the target of a blackhole is gone.
    pub(crate) fn is_active(&self) -> bool {
        self.state == "active"
    }
}

impl NatGateway {
    /// Whether it was never set up or does not exist any more: AWS lists both for an hour.
    pub(crate) fn is_gone(&self) -> bool {
        matches!(self.state.as_str(), "failed" | "deleted")
    }
}

impl SecurityGroupRule {
    /// Whether the peer is another security group.
    pub(crate) fn is_about_group(&self) -> bool {
        self.peer_kind == "security-group"
    }
}

impl VpcBlockPublicAccess {
    /// Whether it blocks nothing.
    pub(crate) fn is_off(&self) -> bool {
        self.mode == "off"
    }
}

impl PrefixList {
    /// Whether AWS keeps it: the addresses of its own services, never the whole internet.
    pub(crate) fn is_of_aws(&self) -> bool {
        self.owner == "AWS"
    }
}

// EC2 evaluates each operation on its own; a page size keeps the fuller bucket of 100.
const fn describe(name: &'static str, permissions: &'static [&'static str], page_size: i32) -> Operation {
    operation("ec2", name, permissions, bucket(name, 100, 20), page_size)
}

/// What is asked, in the order of names.
pub const OPERATIONS: &[Operation] = &[
    describe("DescribeFlowLogs", &["ec2:DescribeFlowLogs"], 1000).list("flowLogSet", "nextToken"),
    describe("DescribeInternetGateways", &["ec2:DescribeInternetGateways"], 1000)
        .list("internetGatewaySet", "nextToken"),
    describe("DescribeManagedPrefixLists", &["ec2:DescribeManagedPrefixLists"], 100)
        .list("prefixListSet", "nextToken"),
    describe("DescribeNatGateways", &["ec2:DescribeNatGateways"], 1000).list("natGatewaySet", "nextToken"),
    describe("DescribeNetworkAcls", &["ec2:DescribeNetworkAcls"], 1000).list("networkAclSet", "nextToken"),
    describe("DescribeNetworkInterfaces", &["ec2:DescribeNetworkInterfaces"], 1000)
        .list("networkInterfaceSet", "nextToken"),
    describe("DescribeRegions", &["ec2:DescribeRegions"], 0),
    describe("DescribeRouteTables", &["ec2:DescribeRouteTables"], 100).list("routeTableSet", "nextToken"),
    describe("DescribeSecurityGroups", &["ec2:DescribeSecurityGroups"], 1000)
        .list("securityGroupInfo", "nextToken"),
    describe("DescribeSubnets", &["ec2:DescribeSubnets"], 1000).list("subnetSet", "nextToken"),
    describe("DescribeVpcBlockPublicAccessExclusions", &["ec2:DescribeVpcBlockPublicAccessExclusions"], 1000)
        .list("vpcBlockPublicAccessExclusionSet", "nextToken"),
    describe("DescribeVpcBlockPublicAccessOptions", &["ec2:DescribeVpcBlockPublicAccessOptions"], 0),
    describe("DescribeVpcEndpoints", &["ec2:DescribeVpcEndpoints"], 1000).list("vpcEndpointSet", "nextToken"),
    describe("DescribeVpcs", &["ec2:DescribeVpcs"], 1000).list("vpcSet", "nextToken"),
    describe("GetManagedPrefixListEntries", &["ec2:GetManagedPrefixListEntries"], 100)
        .list("entrySet", "nextToken"),
];

/// Which of it answers which list or fact.
pub(crate) const SOURCES: &[SourceRow] = &[
    ("ec2.vpcs", &["ec2:DescribeVpcs"]),
    ("ec2.subnets", &["ec2:DescribeSubnets"]),
    ("Subnet.map_public_ip_on_launch", &["ec2:DescribeSubnets"]),
    ("Subnet.available_ip_address_count", &["ec2:DescribeSubnets"]),
    ("ec2.route_tables", &["ec2:DescribeRouteTables"]),
    ("RouteTable.tags", &["ec2:DescribeRouteTables"]),
    ("ec2.network_acls", &["ec2:DescribeNetworkAcls"]),
    ("NetworkAcl.tags", &["ec2:DescribeNetworkAcls"]),
    ("ec2.internet_gateways", &["ec2:DescribeInternetGateways"]),
    ("InternetGateway.tags", &["ec2:DescribeInternetGateways"]),
    ("ec2.nat_gateways", &["ec2:DescribeNatGateways"]),
    ("NatGateway.tags", &["ec2:DescribeNatGateways"]),
    ("ec2.security_groups", &["ec2:DescribeSecurityGroups"]),
    (
        "ec2.prefix_lists",
        &["ec2:DescribeManagedPrefixLists", "ec2:DescribeSecurityGroups", "ec2:DescribeRouteTables"],
    ),
    ("PrefixList.entries", &["ec2:GetManagedPrefixListEntries"]),
    ("ec2.network_interfaces", &["ec2:DescribeNetworkInterfaces"]),
    (
        "ec2.vpc_endpoints",
        &["ecs:ListClusters", "ecs:ListServices", "ecs:DescribeServices", "ec2:DescribeVpcEndpoints"],
    ),
    ("VpcEndpoint.tags", &["ec2:DescribeVpcEndpoints"]),
    ("ec2.flow_logs", &["ec2:DescribeNetworkInterfaces", "ec2:DescribeFlowLogs"]),
    (
        "ec2.vpc_block_public_access",
        &[
            "ec2:DescribeInternetGateways",
            "ec2:DescribeRouteTables",
            "ec2:DescribeVpcBlockPublicAccessOptions",
        ],
    ),
    ("VpcBlockPublicAccess.exclusions", &["ec2:DescribeVpcBlockPublicAccessExclusions"]),
];
