//! VPCs and what is in them.

use super::writing::{ec2, list, page, tag};
use super::{ACCOUNT, Account, REGION, arn, balancing, id};

/// Who an interface belongs to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Owner {
    /// A load balancer, in the first or second Availability Zone.
    LoadBalancer(usize, usize),
    /// The task at this place.
    Task(usize),
    /// A database, in the first or second Availability Zone.
    Database(usize, usize),
    /// A machine that has one of the other groups.
    Instance(usize),
}

pub(crate) fn vpc(number: usize) -> String {
    id("vpc", number)
}

/// 0 and 1 are public, 2 and 3 private; each in two Availability Zones.
pub(crate) fn subnet(vpc: usize, place: usize) -> String {
    id("subnet", vpc * 4 + place)
}

pub(crate) fn zone(place: usize) -> String {
    format!("{REGION}{}", ["a", "c"].get(place % 2).unwrap_or(&"a"))
}

pub(crate) const OFFICES: &str = "pl-0123456789abcdef0";
const CLOUDFRONT: &str = "pl-58a04531";

/// The ranges that make the internet, in one rule or in two.
pub(crate) fn world_sources(index: usize) -> Vec<&'static str> {
    if index.is_multiple_of(2) { vec!["0.0.0.0/0"] } else { vec!["0.0.0.0/1", "128.0.0.0/1"] }
}

/// Whether the group of a load balancer that faces the internet admits all of it; the others admit
/// CloudFront alone.
pub(crate) fn is_open(balancer: usize) -> bool {
    balancer.is_multiple_of(2)
}

impl Account {
    /// The groups in order: of VPCs, load balancers, services, databases, others.
    pub(crate) fn group(&self, number: usize) -> String {
        id("sg", number)
    }

    pub(crate) fn group_of_balancer(&self, balancer: usize) -> String {
        self.group(self.vpcs() + 1 + balancer)
    }

    pub(crate) fn group_of_service(&self, service: usize) -> String {
        self.group(self.vpcs() + 1 + self.size.load_balancers + service)
    }

    pub(crate) fn group_of_database(&self, database: usize) -> String {
        self.group(self.vpcs() + 1 + self.size.load_balancers + self.size.services + database)
    }

    pub(crate) fn first_other_group(&self) -> usize {
        self.size.security_groups - self.other_groups()
    }

    pub(crate) fn vpc_of_balancer(&self, balancer: usize) -> usize {
        balancer % self.vpcs()
    }

    pub(crate) fn vpc_of_service(&self, service: usize) -> usize {
        self.vpc_of_balancer(self.balancer_of(service))
    }

    pub(crate) fn owners(&self) -> Vec<Owner> {
        let zones = |make: fn(usize, usize) -> Owner, count: usize| {
            (0..count).flat_map(move |number| [make(number, 0), make(number, 1)])
        };
        let balancers = zones(Owner::LoadBalancer, self.size.load_balancers);
        let databases = zones(Owner::Database, self.size.databases);
        let tasks = (0..self.tasks.len()).map(Owner::Task);
        let instances = (0..self.other_groups()).filter(|number| number % 2 == 0).map(Owner::Instance);
        balancers.chain(tasks).chain(databases).chain(instances).collect()
    }

    pub(crate) fn interface_of_task(&self, task: usize) -> String {
        id("eni", self.size.load_balancers * 2 + task)
    }

    pub(crate) fn ec2(
        &self,
        operation: &str,
        token: Option<&str>,
        size: usize,
        prefix_list: Option<&str>,
    ) -> Option<String> {
        let vpcs = self.vpcs();
        let answer = |set: &str, count: usize, item: &dyn Fn(usize) -> String| {
            let page = page(count, size, token);
            Some(ec2(operation, set, page.range.map(item), page.next))
        };
        match operation {
            "DescribeVpcs" => answer("vpcSet", vpcs + 1, &vpc_item),
            "DescribeSubnets" => answer("subnetSet", vpcs * 4 + 1, &|number| self.subnet_item(number)),
            "DescribeRouteTables" => answer("routeTableSet", vpcs * 4 + 1, &|number| self.table_item(number)),
            "DescribeNetworkAcls" => answer("networkAclSet", vpcs + 1, &|number| self.acl_item(number)),
            "DescribeInternetGateways" => answer("internetGatewaySet", vpcs, &gateway_item),
            "DescribeVpcEndpoints" => answer("vpcEndpointSet", 0, &|_| String::new()),
            "DescribeNatGateways" => answer("natGatewaySet", vpcs * 2, &nat_item),
            "DescribeSecurityGroups" => {
                answer("securityGroupInfo", self.size.security_groups, &|number| self.group_item(number))
            }
            "DescribeNetworkInterfaces" => {
                answer("networkInterfaceSet", self.interfaces.len(), &|number| self.interface_item(number))
            }
            // Every VPC writes down what is rejected, and nothing is blocked for the whole region.
            "DescribeFlowLogs" => answer("flowLogSet", vpcs + 1, &flow_log_item),
            "DescribeVpcBlockPublicAccessOptions" => Some(format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{operation}Response \
                 xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>generated</requestId>\
                 <vpcBlockPublicAccessOptions><awsAccountId>{ACCOUNT}</awsAccountId><awsRegion>{REGION}</awsRegion>\
                 <state>default-state</state><internetGatewayBlockMode>off</internetGatewayBlockMode>\
                 <exclusionsAllowed>allowed</exclusionsAllowed><managedBy>account</managedBy>\
                 </vpcBlockPublicAccessOptions></{operation}Response>"
            )),
            "DescribeManagedPrefixLists" => answer("prefixListSet", 2, &prefix_list_item),
            "GetManagedPrefixListEntries" => {
                let entries: &[&str] = match prefix_list {
                    Some(OFFICES) => &["198.51.100.0/24", "203.0.113.7/32"],
                    _ => &["120.52.22.96/27", "205.251.249.0/24"],
                };
                let item =
                    |number: usize| entries.get(number).map(|cidr| tag("cidr", cidr)).unwrap_or_default();
                answer("entrySet", entries.len(), &item)
            }
            _ => None,
        }
    }

    fn subnet_item(&self, number: usize) -> String {
        // The last one is the lone VPC's only subnet, which is private.
        let (home, place) =
            if number == self.vpcs() * 4 { (self.vpcs(), 2) } else { (number / 4, number % 4) };
        format!(
            "<subnetId>{id}</subnetId><subnetArn>{}</subnetArn><state>available</state><vpcId>{}</vpcId>\
             <cidrBlock>10.{}.{}.0/20</cidrBlock><availableIpAddressCount>4000</availableIpAddressCount>\
             <availabilityZone>{}</availabilityZone><mapPublicIpOnLaunch>false</mapPublicIpOnLaunch>\
             <ownerId>{ACCOUNT}</ownerId><ipv6CidrBlockAssociationSet/>",
            arn("ec2", &format!("subnet/{}", subnet(home, place))),
            vpc(home),
            home % 256,
            place * 16,
            zone(place),
            id = subnet(home, place),
        )
    }

    /// In each VPC: the main one, one for both public subnets, one for each private subnet.
    fn table_item(&self, number: usize) -> String {
        let home = number / 4;
        let place = number % 4;
        let to = |destination: &str, kind: &str, target: &str| {
            format!(
                "<destinationCidrBlock>{destination}</destinationCidrBlock><{kind}>{target}</{kind}>\
                 <state>active</state><origin>CreateRoute</origin>"
            )
        };
        let local = to(&format!("10.{}.0.0/16", home % 256), "gatewayId", "local");
        let association = |of: String| {
            format!(
                "<routeTableAssociationId>{}</routeTableAssociationId>{of}\
                 <associationState><state>associated</state></associationState>",
                id("rtbassoc", number),
            )
        };
        let serves = |place: usize| {
            association(format!("<subnetId>{}</subnetId><main>false</main>", subnet(home, place)))
        };
        let nat = |place: usize| to("0.0.0.0/0", "natGatewayId", &id("nat", home * 2 + place));
        let (routes, associations) = match place {
            0 => (vec![local], vec![association("<main>true</main>".to_owned())]),
            1 => (vec![local, to("0.0.0.0/0", "gatewayId", &id("igw", home))], vec![serves(0), serves(1)]),
            _ => (vec![local, nat(place - 2)], vec![serves(place)]),
        };
        format!(
            "<routeTableId>{}</routeTableId><vpcId>{}</vpcId><ownerId>{ACCOUNT}</ownerId>{}{}<propagatingVgwSet/><tagSet/>",
            id("rtb", number),
            vpc(home),
            list("routeSet", "item", routes),
            list("associationSet", "item", associations),
        )
    }

    fn acl_item(&self, home: usize) -> String {
        let entry = |number: u32, egress: bool, action: &str| {
            format!(
                "<ruleNumber>{number}</ruleNumber><protocol>-1</protocol><ruleAction>{action}</ruleAction>\
                 <egress>{egress}</egress><cidrBlock>0.0.0.0/0</cidrBlock>"
            )
        };
        let entries = [false, true]
            .into_iter()
            .flat_map(|egress| [entry(100, egress, "allow"), entry(32767, egress, "deny")]);
        let subnets = if home == self.vpcs() { 2..3 } else { 0..4 };
        let associations = subnets.map(|place| {
            format!(
                "<networkAclAssociationId>{}</networkAclAssociationId><networkAclId>{}</networkAclId><subnetId>{}</subnetId>",
                id("aclassoc", home * 4 + place),
                id("acl", home),
                subnet(home, place),
            )
        });
        format!(
            "<networkAclId>{}</networkAclId><vpcId>{}</vpcId><default>true</default><ownerId>{ACCOUNT}</ownerId>{}{}<tagSet/>",
            id("acl", home),
            vpc(home),
            list("entrySet", "item", entries),
            list("associationSet", "item", associations),
        )
    }

    fn group_item(&self, number: usize) -> String {
        let own = self.group(number);
        let first_of_services = self.vpcs() + 1 + self.size.load_balancers;
        let first_of_databases = first_of_services + self.size.services;
        let (name, home, rules) = if number <= self.vpcs() {
            ("default".to_owned(), number, vec![permission("-1", None, &[&own])])
        } else if number < first_of_services {
            let balancer = number - self.vpcs() - 1;
            let sources = match balancer {
                internal if internal >= self.facing() => "10.0.0.0/8",
                open if is_open(open) => "0.0.0.0/0",
                _ => CLOUDFRONT,
            };
            let rules = [80, 443].map(|port| permission("tcp", Some((port, port)), &[sources]));
            (format!("{}-lb", balancing::name(balancer)), self.vpc_of_balancer(balancer), rules.to_vec())
        } else if number < first_of_databases {
            let service = number - first_of_services;
            let mut rules = vec![permission(
                "tcp",
                Some((8080, 8080)),
                &[&self.group_of_balancer(self.balancer_of(service))],
            )];
            if self.has("task-open-inside-network", service) {
                rules.push(permission("tcp", Some((8000, 8100)), &["10.0.0.0/8"]));
            }
            (format!("api-{service}"), self.vpc_of_service(service), rules)
        } else if number < self.first_other_group() {
            let database = number - first_of_databases;
            let mut rules = vec![permission(
                "tcp",
                Some((5432, 5432)),
                &[&self.group_of_service(database % self.size.services)],
            )];
            if ["db-exposed-to-internet", "db-security-group-open-to-world"]
                .iter()
                .any(|open| self.has(open, database))
            {
                rules.push(permission("tcp", Some((5432, 5432)), &["0.0.0.0/0"]));
            }
            (format!("db-{database}"), database % self.vpcs(), rules)
        } else {
            let other = number - self.first_other_group();
            (format!("machines-{other}"), other % self.vpcs(), self.rules_of_others(other))
        };
        format!(
            "<ownerId>{ACCOUNT}</ownerId><groupId>{own}</groupId><groupName>{name}</groupName>\
             <groupDescription>{name}</groupDescription><vpcId>{}</vpcId><securityGroupArn>{}</securityGroupArn>{}{}{}",
            vpc(home),
            arn("ec2", &format!("security-group/{own}")),
            list("ipPermissions", "item", rules),
            list("ipPermissionsEgress", "item", [permission("-1", None, &["0.0.0.0/0"])]),
            list("tagSet", "item", [format!("<key>Name</key><value>{name}</value>")]),
        )
    }

    fn rules_of_others(&self, other: usize) -> Vec<String> {
        let ssh = Some((22, 22));
        if self.has("security-group-open-to-world", other) {
            return vec![permission("tcp", ssh, &world_sources(other))];
        }
        let first = self.first_other_group();
        let neighbour = self.group(first + (other + 1) % self.other_groups());
        match other % 4 {
            0 => vec![
                permission("tcp", ssh, &[OFFICES]),
                permission("tcp", Some((9100, 9100)), &["10.0.0.0/8"]),
            ],
            1 => vec![permission(
                "tcp",
                Some((443, 443)),
                &["10.0.0.0/8", "192.168.0.0/16", "198.51.100.7/32"],
            )],
            2 => vec![permission("tcp", Some((1024, 65535)), &[&neighbour])],
            _ => vec![
                permission("icmp", Some((8, -1)), &["0.0.0.0/0"]),
                permission("udp", Some((53, 53)), &["10.0.0.0/8"]),
            ],
        }
    }

    fn interface_item(&self, number: usize) -> String {
        let Some(owner) = self.interfaces.get(number) else { return String::new() };
        let (home, place, group, description, requester) = match *owner {
            Owner::LoadBalancer(balancer, zone) => {
                let arn = balancing::arn_of(balancer);
                let tail = arn.split_once("loadbalancer/").map_or("", |(_, tail)| tail);
                let place = if balancer < self.facing() { zone } else { zone + 2 };
                let group = self.group_of_balancer(balancer);
                (self.vpc_of_balancer(balancer), place, group, format!("ELB {tail}"), "amazon-elb")
            }
            Owner::Task(task) => {
                let service = self.tasks.get(task).copied().unwrap_or_default();
                let description = arn("ecs", &format!("attachment/{}", super::hash(task)));
                (
                    self.vpc_of_service(service),
                    2 + task % 2,
                    self.group_of_service(service),
                    description,
                    ACCOUNT,
                )
            }
            Owner::Database(database, zone) => {
                let is_exposed = self.has("db-exposed-to-internet", database);
                let place = if is_exposed { zone } else { zone + 2 };
                let group = self.group_of_database(database);
                (database % self.vpcs(), place, group, "RDSNetworkInterface".to_owned(), "amazon-rds")
            }
            Owner::Instance(other) => {
                let group = self.group(self.first_other_group() + other);
                (other % self.vpcs(), 2 + other % 2, group, String::new(), "")
            }
        };
        let address = format!("10.{}.{}.{}", home % 256, place * 16 + number / 250 % 16, number % 250 + 4);
        let attachment = match owner {
            Owner::Instance(_) => {
                format!(
                    "<instanceId>{}</instanceId><instanceOwnerId>{ACCOUNT}</instanceOwnerId>",
                    id("i", number)
                )
            }
            _ => format!(
                "<instanceOwnerId>{}</instanceOwnerId>",
                if requester.is_empty() { ACCOUNT } else { requester }
            ),
        };
        format!(
            "<networkInterfaceId>{}</networkInterfaceId><subnetId>{}</subnetId><vpcId>{}</vpcId>\
             <availabilityZone>{}</availabilityZone><description>{description}</description><ownerId>{ACCOUNT}</ownerId>{}\
             <requesterManaged>true</requesterManaged><status>in-use</status><macAddress>06:00:00:00:00:01</macAddress>\
             <privateIpAddress>{address}</privateIpAddress><sourceDestCheck>true</sourceDestCheck>{}\
             <attachment><attachmentId>{}</attachmentId>{attachment}<status>attached</status></attachment><tagSet/>{}\
             <ipv6AddressesSet/><interfaceType>interface</interfaceType>",
            id("eni", number),
            subnet(home, place),
            vpc(home),
            zone(place),
            if requester.is_empty() { String::new() } else { tag("requesterId", requester) },
            list("groupSet", "item", [format!("<groupId>{group}</groupId><groupName>x</groupName>")]),
            id("eni-attach", number),
            list(
                "privateIpAddressesSet",
                "item",
                [format!("<privateIpAddress>{address}</privateIpAddress><primary>true</primary>")]
            ),
        )
    }
}

fn vpc_item(number: usize) -> String {
    let block = format!("10.{}.0.0/16", number % 256);
    format!(
        "<vpcId>{}</vpcId><ownerId>{ACCOUNT}</ownerId><state>available</state><cidrBlock>{block}</cidrBlock>{}\
         <dhcpOptionsId>dopt-1</dhcpOptionsId><instanceTenancy>default</instanceTenancy><isDefault>false</isDefault>",
        vpc(number),
        list(
            "cidrBlockAssociationSet",
            "item",
            [format!(
                "<cidrBlock>{block}</cidrBlock><cidrBlockState><state>associated</state></cidrBlockState>"
            )]
        ),
    )
}

fn flow_log_item(number: usize) -> String {
    format!(
        "<flowLogId>{}</flowLogId><resourceId>{}</resourceId><trafficType>REJECT</trafficType>\
         <flowLogStatus>ACTIVE</flowLogStatus><deliverLogsStatus>SUCCESS</deliverLogsStatus>\
         <logDestinationType>s3</logDestinationType><logDestination>arn:aws:s3:::flow-logs</logDestination>",
        id("fl", number),
        vpc(number),
    )
}

fn gateway_item(home: usize) -> String {
    let attachment = format!("<vpcId>{}</vpcId><state>available</state>", vpc(home));
    format!(
        "<internetGatewayId>{}</internetGatewayId><ownerId>{ACCOUNT}</ownerId>{}",
        id("igw", home),
        list("attachmentSet", "item", [attachment]),
    )
}

fn nat_item(number: usize) -> String {
    format!(
        "<natGatewayId>{}</natGatewayId><vpcId>{}</vpcId><subnetId>{}</subnetId><state>available</state>\
         <connectivityType>public</connectivityType>",
        id("nat", number),
        vpc(number / 2),
        subnet(number / 2, number % 2),
    )
}

fn prefix_list_item(number: usize) -> String {
    let (id, name, owner) = match number {
        0 => (CLOUDFRONT, "com.amazonaws.global.cloudfront.origin-facing", "AWS"),
        _ => (OFFICES, "offices", ACCOUNT),
    };
    let account = if owner == "AWS" { "aws" } else { owner };
    format!(
        "<prefixListId>{id}</prefixListId><prefixListName>{name}</prefixListName><addressFamily>IPv4</addressFamily>\
         <prefixListArn>arn:aws:ec2:{REGION}:{account}:prefix-list/{id}</prefixListArn><ownerId>{owner}</ownerId>\
         <state>create-complete</state>"
    )
}

/// A permission; what its sources are shows in how they begin.
fn permission(protocol: &str, ports: Option<(i64, i64)>, sources: &[&str]) -> String {
    let ports = ports.map(|(from, to)| format!("<fromPort>{from}</fromPort><toPort>{to}</toPort>"));
    let starting =
        |kind: &'static str| sources.iter().copied().filter(move |source| source.starts_with(kind));
    let ranges = sources.iter().filter(|source| source.starts_with(|first: char| first.is_ascii_digit()));
    format!(
        "<ipProtocol>{protocol}</ipProtocol>{}{}{}<ipv6Ranges/>{}",
        ports.unwrap_or_default(),
        list(
            "groups",
            "item",
            starting("sg-").map(|id| format!("<userId>{ACCOUNT}</userId><groupId>{id}</groupId>"))
        ),
        list("ipRanges", "item", ranges.map(|range| tag("cidrIp", range))),
        list("prefixListIds", "item", starting("pl-").map(|id| tag("prefixListId", id))),
    )
}
