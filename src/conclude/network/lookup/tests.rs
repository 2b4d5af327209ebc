use super::*;
use crate::conclude::network::site::{self, REGION, gap};
use crate::snapshot::ec2::{InternetGateway, NetworkAcl, VpcBlockPublicAccess};

const ELSEWHERE: &str = "eu-west-1";

/// Two of everything in the region, and one of another region before them.
fn account() -> Snapshot {
    let mut snapshot = site::before();
    let ec2 = &mut snapshot.ec2;
    let vpc = |id: &str, region: &str| Vpc { id: id.into(), region: region.into(), ..Vpc::default() };
    ec2.vpcs.items = vec![vpc("vpc-2", ELSEWHERE), vpc("vpc-1", REGION), vpc("vpc-2", REGION)];
    let mut foreign = site::subnet("subnet-private-a", "eu-west-1a", "10.0.0.0/24");
    foreign.region = ELSEWHERE.into();
    ec2.subnets.items.insert(0, foreign);
    let mut foreign = site::group("sg-rds", "default", &[]);
    foreign.region = ELSEWHERE.into();
    let mut other = site::group("sg-other", "default", &[]);
    other.vpc_id = "vpc-2".into();
    ec2.security_groups.items.splice(0..0, [foreign, other]);
    ec2.security_groups.items.push(site::group("sg-default", "default", &[]));
    let interface = |id: &str, region: &str, description: &str| NetworkInterface {
        id: id.into(),
        region: region.into(),
        description: description.into(),
        ..NetworkInterface::default()
    };
    ec2.network_interfaces.items = vec![
        interface("eni-2", ELSEWHERE, "elsewhere"),
        interface("eni-1", REGION, "first"),
        interface("eni-2", REGION, "second"),
    ];
    let mut foreign = site::prefix_list("pl-2", Known::Yes(Vec::new()));
    foreign.region = ELSEWHERE.into();
    let nameless = PrefixList { name: String::new(), ..site::prefix_list("pl-1", Known::Yes(Vec::new())) };
    let entries = Known::Yes(vec!["10.0.0.0/8", "2001:db8::/32"]);
    ec2.prefix_lists.items = vec![foreign, nameless, site::prefix_list("pl-2", entries)];
    snapshot
}

fn network(snapshot: &Snapshot) -> Network<'_> {
    Network { snapshot, region: REGION }
}

#[test]
fn ids_are_looked_up_in_their_region() {
    let snapshot = account();
    let network = network(&snapshot);
    let vpc = network.vpc("vpc-2").unwrap();
    assert_eq!((vpc.id.as_str(), vpc.region.as_str()), ("vpc-2", REGION));
    let subnet = network.subnet("subnet-private-a").unwrap();
    assert_eq!((subnet.id.as_str(), subnet.region.as_str()), ("subnet-private-a", REGION));
    let group = network.security_group("sg-rds").unwrap();
    assert_eq!((group.id.as_str(), group.region.as_str()), ("sg-rds", REGION));
    assert_eq!(network.network_interface("eni-2").unwrap().description, "second");
    let list = network.prefix_list("pl-2").unwrap();
    assert_eq!((list.id.as_str(), list.region.as_str()), ("pl-2", REGION));
    assert_eq!(network.default_security_group("vpc-1").unwrap().id, "sg-default");
    assert_eq!(network.default_security_group("vpc-2").unwrap().id, "sg-other");
    let subnets = network.subnets_of("vpc-1").unwrap();
    let subnets: Vec<&str> = subnets.iter().map(|subnet| subnet.id.as_str()).collect();
    assert_eq!(subnets, ["subnet-public-a", "subnet-public-c", "subnet-private-a"]);
    assert_eq!(network.subnets_of("vpc-2"), Ok(Vec::new()));
}

#[test]
fn the_order_of_arns_only_finds_what_is_asked_for() {
    let arn = |kind: &str, id: &str| format!("arn:aws:ec2:{REGION}:123456789012:{kind}/{id}");
    let mut snapshot = account();
    // A record whose ARN is another's is not what was asked for. Those without an ARN come first: the
    // lists are in the order of their ARNs, or halving would not find the wrong one either.
    let ec2 = &mut snapshot.ec2;
    for (region, id) in [(REGION, "subnet-wrong"), (ELSEWHERE, "subnet-right")] {
        let mut wrong = site::subnet(id, "a", "10.9.0.0/24");
        wrong.arn = arn("subnet", "subnet-right");
        wrong.region = region.into();
        let right = site::subnet("subnet-right", "a", "10.9.1.0/24");
        ec2.subnets.items = vec![right, wrong];
        let network = Network { snapshot: &Snapshot { ec2: ec2.clone(), ..site::before() }, region: REGION };
        assert_eq!(network.subnet("subnet-right").unwrap().cidr_block.as_deref(), Some("10.9.1.0/24"));
    }
    for (region, id) in [(REGION, "sg-wrong"), (ELSEWHERE, "sg-right")] {
        let mut wrong = site::group(id, "wrong", &[]);
        wrong.arn = arn("security-group", "sg-right");
        wrong.region = region.into();
        ec2.security_groups.items = vec![site::group("sg-right", "right", &[]), wrong];
        let network = Network { snapshot: &Snapshot { ec2: ec2.clone(), ..site::before() }, region: REGION };
        assert_eq!(network.security_group("sg-right").unwrap().name, "right");
    }
    for (region, id) in [(REGION, "eni-wrong"), (ELSEWHERE, "eni-right")] {
        let interface = |arn: String, id: &str, region: &str, description: &str| NetworkInterface {
            arn,
            id: id.into(),
            region: region.into(),
            description: description.into(),
            ..NetworkInterface::default()
        };
        ec2.network_interfaces.items = vec![
            interface(String::new(), "eni-right", REGION, "right"),
            interface(arn("network-interface", "eni-right"), id, region, "wrong"),
        ];
        let network = Network { snapshot: &Snapshot { ec2: ec2.clone(), ..site::before() }, region: REGION };
        assert_eq!(network.network_interface("eni-right").unwrap().description, "right");
    }
}

#[test]
fn what_is_not_listed_is_hidden_and_not_absent() {
    let mut snapshot = account();
    let denied = |operation: &str| vec![gap(operation)];
    snapshot.ec2.vpcs.incomplete = denied("ec2:DescribeVpcs");
    snapshot.ec2.subnets.incomplete = denied("ec2:DescribeSubnets");
    snapshot.ec2.security_groups.incomplete = denied("ec2:DescribeSecurityGroups");
    snapshot.ec2.network_interfaces.incomplete = denied("ec2:DescribeNetworkInterfaces");
    snapshot.ec2.prefix_lists.incomplete = denied("ec2:DescribeManagedPrefixLists");
    let network = network(&snapshot);
    assert_eq!(network.vpc("vpc-9"), Err(gap("ec2:DescribeVpcs")));
    assert_eq!(network.subnet("subnet-9"), Err(gap("ec2:DescribeSubnets")));
    assert_eq!(network.subnets_of("vpc-1"), Err(gap("ec2:DescribeSubnets")));
    assert_eq!(network.security_group("sg-9"), Err(gap("ec2:DescribeSecurityGroups")));
    assert_eq!(network.default_security_group("vpc-9"), Err(gap("ec2:DescribeSecurityGroups")));
    assert_eq!(network.network_interface("eni-9"), Err(gap("ec2:DescribeNetworkInterfaces")));
    assert_eq!(network.prefix_list_blocks("pl-9"), Err(gap("ec2:DescribeManagedPrefixLists")));
    assert_eq!(
        network.has_interfaces(|interface| interface.description == "elsewhere"),
        Known::No(gap("ec2:DescribeNetworkInterfaces")),
        "another region's does not count"
    );
    assert_eq!(network.has_interfaces(|interface| interface.description == "second"), Known::Yes(true));
    let complete = account();
    let network = Network { snapshot: &complete, region: REGION };
    assert_eq!(network.has_interfaces(|interface| interface.description == "elsewhere"), Known::Yes(false));
}

#[test]
fn labels_have_a_name_where_there_is_one() {
    let mut snapshot = account();
    snapshot.ec2.security_groups.items.push(site::group("sg-nameless", "", &[]));
    let network = network(&snapshot);
    assert_eq!(network.group_label("sg-default"), "sg-default (default)");
    assert_eq!(network.group_label("sg-nameless"), "sg-nameless");
    assert_eq!(network.group_label("sg-hidden"), "sg-hidden");
    assert_eq!(network.prefix_list_label("pl-2"), "pl-2 (ours)");
    assert_eq!(network.prefix_list_label("pl-1"), "pl-1");
    assert_eq!(network.prefix_list_label("pl-hidden"), "pl-hidden");
}

#[test]
fn entries_of_a_list_of_aws_need_not_be_known() {
    let mut snapshot = account();
    assert_eq!(network(&snapshot).prefix_list_blocks("pl-2").unwrap().len(), 2);
    let denied = gap("ec2:GetManagedPrefixListEntries");
    snapshot.ec2.prefix_lists.items[2].entries = Known::No(denied.clone());
    assert_eq!(network(&snapshot).prefix_list_blocks("pl-2"), Err(denied));
    snapshot.ec2.prefix_lists.items[2].owner = "AWS".into();
    assert_eq!(network(&snapshot).prefix_list_blocks("pl-2"), Ok(Vec::new()));
}

#[test]
fn a_subnet_that_names_no_table_has_the_main_one_of_its_vpc() {
    let mut snapshot = site::after();
    let subnet = |id: &str, vpc: &str| {
        let mut subnet = site::subnet(id, "ap-northeast-1a", "10.0.1.0/24");
        subnet.vpc_id = vpc.into();
        subnet
    };
    let mut main = site::table("rtb-main-2", true, &[], &[]);
    main.vpc_id = "vpc-2".into();
    snapshot.ec2.route_tables.items.insert(0, main);
    let mut side = site::table("rtb-side", false, &[], &[]);
    side.vpc_id = "vpc-1".into();
    snapshot.ec2.route_tables.items.insert(0, side);
    let mut first = site::acl("acl-2", &[], Vec::new());
    first.vpc_id = "vpc-2".into();
    let second = NetworkAcl { is_default: false, ..site::acl("acl-side", &[], Vec::new()) };
    snapshot.ec2.network_acls.items.splice(0..0, [second, first]);
    snapshot.ec2.network_acls.items.push(site::acl("acl-own", &["subnet-public-a"], Vec::new()));
    let table = |snapshot: &Snapshot, subnet: &Subnet| {
        network(snapshot).route_table_of(subnet).map(|table| table.id.clone())
    };
    let acl = |snapshot: &Snapshot, subnet: &Subnet| {
        network(snapshot).network_acl_of(subnet).map(|acl| acl.id.clone())
    };
    let cases = [
        (subnet("subnet-public-a", "vpc-1"), "rtb-public", "acl-own"),
        (subnet("subnet-new", "vpc-1"), "rtb-main", "acl-default"),
        (subnet("subnet-new", "vpc-2"), "rtb-main-2", "acl-2"),
    ];
    for (subnet, expected_table, expected_acl) in &cases {
        assert_eq!(table(&snapshot, subnet).as_deref(), Ok(*expected_table), "{}", subnet.id);
        assert_eq!(acl(&snapshot, subnet).as_deref(), Ok(*expected_acl), "{}", subnet.id);
    }
    // A list that is cut off may have one that names the subnet.
    snapshot.ec2.route_tables.incomplete = vec![gap("ec2:DescribeRouteTables")];
    snapshot.ec2.network_acls.incomplete = vec![gap("ec2:DescribeNetworkAcls")];
    assert_eq!(table(&snapshot, &cases[0].0).as_deref(), Ok("rtb-public"));
    assert_eq!(acl(&snapshot, &cases[0].0).as_deref(), Ok("acl-own"));
    assert_eq!(table(&snapshot, &cases[1].0), Err(gap("ec2:DescribeRouteTables")));
    assert_eq!(acl(&snapshot, &cases[1].0), Err(gap("ec2:DescribeNetworkAcls")));
}

#[test]
fn another_accounts_vpc_is_never_seen_whole() {
    let mut snapshot = site::after();
    for subnet in &mut snapshot.ec2.subnets.items {
        subnet.arn = format!("arn:aws:ec2:{REGION}:123456789012:subnet/{}", subnet.id);
    }
    snapshot.ec2.internet_gateways.items.clear();
    snapshot.ec2.route_tables.items[1].routes.clear();
    assert!(!network(&snapshot).is_foreign_vpc("vpc-1"));
    assert!(!network(&snapshot).is_foreign_vpc("vpc-9"));
    assert_eq!(network(&snapshot).internet_gateway_of("vpc-1"), Ok(None));
    let mut of_another = snapshot.clone();
    of_another.ec2.vpcs.items[0].arn = format!("arn:aws:ec2:{REGION}:999999999999:vpc/vpc-1");
    let mut with_subnet = snapshot.clone();
    with_subnet.ec2.subnets.items[1].arn = format!("arn:aws:ec2:{REGION}:999999999999:subnet/subnet-1");
    for shared in [of_another, with_subnet] {
        let network = network(&shared);
        assert!(network.is_foreign_vpc("vpc-1"));
        assert!(!network.is_foreign_vpc("vpc-9"), "another VPC");
        assert_eq!(network.subnets_of("vpc-1"), Err(GapId::default()));
        assert_eq!(network.internet_gateway_of("vpc-1"), Err(GapId::default()));
    }
}

#[test]
fn an_active_route_proves_an_internet_gateway() {
    let snapshot = site::after();
    assert_eq!(network(&snapshot).internet_gateway_of("vpc-1"), Ok(Some("igw-1")));
    assert_eq!(network(&snapshot).internet_gateway_of("vpc-9"), Ok(None));
    let with = |target: &str, state: &str, is_listed: bool| {
        let mut snapshot = site::after();
        snapshot.ec2.internet_gateways.items =
            vec![InternetGateway { id: "igw-2".into(), region: REGION.into(), ..InternetGateway::default() }];
        if !is_listed {
            snapshot.ec2.internet_gateways.incomplete = vec![gap("ec2:DescribeInternetGateways")];
        }
        snapshot.ec2.route_tables.items[1].routes = site::routes(&[("0.0.0.0/0", target, state)]);
        network(&snapshot).internet_gateway_of("vpc-1").map(|gateway| gateway.map(str::to_owned))
    };
    assert_eq!(with("igw-1", "active", false), Ok(Some("igw-1".to_owned())));
    assert_eq!(with("igw-1", "blackhole", true), Ok(None), "a gateway that was detached");
    assert_eq!(with("nat-1", "active", true), Ok(None));
    assert_eq!(with("nat-1", "active", false), Err(gap("ec2:DescribeInternetGateways")));
}

#[test]
fn block_public_access_keeps_out_what_no_exclusion_lets_in() {
    let blocked = |state: &str, exclusions: &[(&str, &str, &str)]| {
        let mut snapshot = site::after();
        let exclusion = |(resource, mode, state): &(&str, &str, &str)| VpcBlockPublicAccessExclusion {
            resource_arn: format!("arn:aws:ec2:{REGION}:123456789012:{resource}"),
            mode: (*mode).into(),
            state: (*state).into(),
            ..Default::default()
        };
        snapshot.ec2.vpc_block_public_access.items = vec![
            VpcBlockPublicAccess { region: ELSEWHERE.into(), mode: "off".into(), ..Default::default() },
            VpcBlockPublicAccess {
                region: REGION.into(),
                mode: "block-ingress".into(),
                state: state.into(),
                exclusions: Known::Yes(exclusions.iter().map(exclusion).collect()),
            },
        ];
        let network = Network { snapshot: &snapshot, region: REGION };
        network.is_blocked(network.subnet("subnet-public-a").unwrap())
    };
    let (both, egress) = ("allow-bidirectional", "allow-egress");
    let subnet = "subnet/subnet-public-a";
    let done = "update-complete";
    let unknown = || Known::No(GapId::default());
    assert_eq!(blocked(done, &[]), Known::Yes(true));
    assert_eq!(blocked("update-in-progress", &[]), unknown());
    for (exclusion, expected) in [
        ((subnet, both, "create-complete"), Known::Yes(false)),
        ((subnet, both, "update-complete"), Known::Yes(false)),
        (("vpc/vpc-1", both, "create-complete"), Known::Yes(false)),
        (("vpc/vpc-2", both, "create-complete"), Known::Yes(true)),
        (("subnet/subnet-public-c", both, "create-complete"), Known::Yes(true)),
        ((subnet, egress, "create-complete"), Known::Yes(true)),
        ((subnet, both, "create-in-progress"), unknown()),
        ((subnet, both, "delete-in-progress"), unknown()),
        ((subnet, both, "delete-complete"), Known::Yes(true)),
        ((subnet, both, "create-failed"), Known::Yes(true)),
    ] {
        assert_eq!(blocked(done, &[exclusion]), expected, "{exclusion:?}");
    }
    let changing = (subnet, both, "delete-in-progress");
    assert_eq!(blocked(done, &[changing, ("vpc/vpc-1", both, "create-complete")]), Known::Yes(false));
}

#[test]
fn block_public_access_that_is_off_or_hidden() {
    let mut snapshot = site::after();
    let blocked = |snapshot: &Snapshot, edit: fn(&mut Subnet)| {
        let mut subnet = snapshot.ec2.subnets.items[0].clone();
        edit(&mut subnet);
        Network { snapshot, region: REGION }.is_blocked(&subnet)
    };
    let shared = |subnet: &mut Subnet| subnet.arn = format!("arn:aws:ec2:{REGION}:999999999999:subnet/x");
    assert_eq!(blocked(&snapshot, |_| {}), Known::Yes(false), "no setting");
    snapshot.ec2.vpc_block_public_access.incomplete = vec![gap("ec2:DescribeVpcBlockPublicAccessOptions")];
    assert_eq!(blocked(&snapshot, |_| {}), Known::No(gap("ec2:DescribeVpcBlockPublicAccessOptions")));
    assert_eq!(blocked(&snapshot, shared), Known::Yes(false), "another account's subnet");
    let denied = gap("ec2:DescribeVpcBlockPublicAccessExclusions");
    snapshot.ec2.vpc_block_public_access.items = vec![VpcBlockPublicAccess {
        region: REGION.into(),
        mode: "off".into(),
        exclusions: Known::No(denied.clone()),
        ..Default::default()
    }];
    assert_eq!(blocked(&snapshot, |_| {}), Known::Yes(false), "off");
    snapshot.ec2.vpc_block_public_access.items[0].mode = "block-bidirectional".into();
    assert_eq!(blocked(&snapshot, |_| {}), Known::No(denied));
}
