use super::*;
use aws_sdk_ec2::types::{
    IpPermission, IpRange, Ipv6Range, NetworkInterfaceAssociation, NetworkInterfacePrivateIpAddress,
    PortRange, PrefixListId, RouteState, RouteTableAssociation, RouteTableAssociationState,
    RouteTableAssociationStateCode, RuleAction, UserIdGroupPair,
};

const HOME: Home<'static> = Home { partition: "aws", region: "ap-northeast-1", account: "123456789012" };

fn pair(group: &str, account: &str) -> UserIdGroupPair {
    UserIdGroupPair::builder().group_id(group).user_id(account).build()
}

#[test]
fn a_permission_becomes_one_rule_for_each_source() {
    let permission = IpPermission::builder()
        .ip_protocol("tcp")
        .from_port(443)
        .to_port(443)
        .ip_ranges(IpRange::builder().cidr_ip("0.0.0.0/0").description("web").build())
        .ip_ranges(IpRange::builder().cidr_ip("10.0.0.0/8").build())
        .ipv6_ranges(Ipv6Range::builder().cidr_ipv6("::/0").build())
        .prefix_list_ids(PrefixListId::builder().prefix_list_id("pl-1").build())
        .user_id_group_pairs(pair("sg-own", "123456789012"))
        .user_id_group_pairs(pair("sg-other", "999988887777"))
        .build();
    let rules = security_group_rules(HOME.account, permission).unwrap();
    let peers: Vec<(&str, &str, Option<&str>)> = rules
        .iter()
        .map(|rule| (rule.peer_kind.as_str(), rule.peer.as_str(), rule.peer_account.as_deref()))
        .collect();
    assert_eq!(
        peers,
        [
            ("ipv4", "0.0.0.0/0", None),
            ("ipv4", "10.0.0.0/8", None),
            ("ipv6", "::/0", None),
            ("prefix-list", "pl-1", None),
            ("security-group", "sg-own", None),
            ("security-group", "sg-other", Some("999988887777")),
        ]
    );
    assert!(rules.iter().all(|rule| rule.from_port == Some(443) && rule.to_port == Some(443)));
    assert_eq!(rules[0].description.as_deref(), Some("web"));
    assert_eq!(rules[1].description, None);
}

#[test]
fn all_traffic_and_all_icmp_have_no_ports() {
    let ports = |protocol: &str, from: i32, to: i32| {
        let permission = IpPermission::builder()
            .ip_protocol(protocol)
            .from_port(from)
            .to_port(to)
            .ip_ranges(IpRange::builder().cidr_ip("0.0.0.0/0").build())
            .build();
        let rules = security_group_rules(HOME.account, permission).unwrap();
        (rules[0].from_port, rules[0].to_port)
    };
    assert_eq!(ports("-1", 0, 65535), (None, None));
    assert_eq!(ports("icmp", -1, -1), (None, None));
    assert_eq!(ports("icmp", 8, -1), (Some(8), None));
    assert_eq!(ports("tcp", 0, 65535), (Some(0), Some(65535)));
}

#[test]
fn a_rule_without_its_source_is_no_rule() {
    let permission = IpPermission::builder().ip_protocol("tcp").ip_ranges(IpRange::builder().build()).build();
    assert_eq!(security_group_rules(HOME.account, permission.clone()), None);
    let group =
        types::SecurityGroup::builder().group_id("sg-1").group_name("web").ip_permissions(permission).build();
    assert_eq!(security_group(HOME, group), None);
}

#[test]
fn routes_name_their_target_whatever_its_kind() {
    let target = |build: fn(types::builders::RouteBuilder) -> types::builders::RouteBuilder| {
        let builder = types::Route::builder().destination_cidr_block("0.0.0.0/0").state(RouteState::Active);
        route(build(builder).build()).map(|route| route.target)
    };
    assert_eq!(target(|route| route.gateway_id("igw-1")).as_deref(), Some("igw-1"));
    assert_eq!(target(|route| route.gateway_id("local")).as_deref(), Some("local"));
    assert_eq!(target(|route| route.nat_gateway_id("nat-1")).as_deref(), Some("nat-1"));
    assert_eq!(target(|route| route.egress_only_internet_gateway_id("eigw-1")).as_deref(), Some("eigw-1"));
    let through_instance = target(|route| route.instance_id("i-1").network_interface_id("eni-1"));
    assert_eq!(through_instance.as_deref(), Some("eni-1"));
    assert_eq!(target(|route| route), None);
}

#[test]
fn associations_that_ended_do_not_count() {
    let association = |subnet: &str, code| {
        RouteTableAssociation::builder()
            .subnet_id(subnet)
            .association_state(RouteTableAssociationState::builder().state(code).build())
            .build()
    };
    let table = types::RouteTable::builder()
        .route_table_id("rtb-1")
        .vpc_id("vpc-1")
        .associations(association("subnet-1", RouteTableAssociationStateCode::Associated))
        .associations(association("subnet-2", RouteTableAssociationStateCode::Disassociated))
        .build();
    let table = route_table(HOME, table).unwrap();
    assert_eq!(table.arn, "arn:aws:ec2:ap-northeast-1:123456789012:route-table/rtb-1");
    assert_eq!(table.subnet_ids, ["subnet-1"]);
    assert!(!table.is_main);
}

#[test]
fn an_entry_that_neither_allows_nor_denies_is_refused() {
    let entry = |action: &str| {
        types::NetworkAclEntry::builder()
            .rule_number(100)
            .egress(false)
            .protocol("6")
            .cidr_block("0.0.0.0/0")
            .port_range(PortRange::builder().from(443).to(443).build())
            .rule_action(RuleAction::from(action))
            .build()
    };
    let allowed = network_acl_entry(entry("allow")).unwrap();
    assert!(allowed.allow);
    assert_eq!((allowed.from_port, allowed.to_port), (Some(443), Some(443)));
    assert!(!network_acl_entry(entry("deny")).unwrap().allow);
    assert_eq!(network_acl_entry(entry("maybe")), None);
}

#[test]
fn public_addresses_come_from_every_private_one() {
    let association = |ip: &str| NetworkInterfaceAssociation::builder().public_ip(ip).build();
    let address = |private: &str, public: &str| {
        NetworkInterfacePrivateIpAddress::builder()
            .private_ip_address(private)
            .association(association(public))
            .build()
    };
    let interface = types::NetworkInterface::builder()
        .network_interface_id("eni-1")
        .vpc_id("vpc-1")
        .subnet_id("subnet-1")
        .private_ip_address("10.0.0.1")
        .association(association("198.51.100.1"))
        .private_ip_addresses(address("10.0.0.1", "198.51.100.1"))
        .private_ip_addresses(address("10.0.0.2", "198.51.100.2"))
        .build();
    let interface = network_interface(HOME, interface).unwrap();
    assert_eq!(interface.private_ips, ["10.0.0.1", "10.0.0.2"]);
    assert_eq!(interface.public_ips, ["198.51.100.1", "198.51.100.2"]);
    assert_eq!(interface.attachment_owner, None);
}
