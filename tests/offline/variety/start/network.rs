//! Addresses, ways out and quotas of a task that is to start.

use super::*;

#[test]
fn subnets_have_addresses_left() {
    check(
        "each task takes an address of the subnet; a deployment starts new tasks beside the old ones \
         (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking-awsvpc.html)",
        &[
            (
                "one left, and two needed",
                |account| account.ec2.subnets.items[0].available_ip_address_count = Known::Yes(1),
                &["addresses/network"],
            ),
            (
                "two left",
                |account| account.ec2.subnets.items[0].available_ip_address_count = Known::Yes(2),
                PASS,
            ),
            (
                "a deployment that goes one by one",
                |account| {
                    service(account).maximum_percent = Some(150);
                    account.ec2.subnets.items[0].available_ip_address_count = Known::Yes(1);
                },
                PASS,
            ),
            (
                "a hidden subnet",
                |account| {
                    account.ec2.subnets.items.clear();
                    account.ec2.subnets.incomplete = vec![denied("ec2:DescribeSubnets")];
                },
                UNKNOWN,
            ),
        ],
    );
}

fn interface(name: &str) -> VpcEndpoint {
    VpcEndpoint {
        id: format!("vpce-{name}"),
        region: REGION.into(),
        vpc_id: "vpc-1".into(),
        service_name: format!("com.amazonaws.{REGION}.{name}"),
        kind: "Interface".into(),
        state: "available".into(),
        private_dns_enabled: true,
        ..VpcEndpoint::default()
    }
}

/// Without the NAT gateway.
fn shut_in(account: &mut Snapshot) {
    account.ec2.route_tables.items[0].routes.pop();
}

fn with_endpoints(account: &mut Snapshot) {
    shut_in(account);
    let gateway = VpcEndpoint {
        kind: "Gateway".into(),
        private_dns_enabled: false,
        route_table_ids: texts(&["rtb-a"]),
        ..interface("s3")
    };
    let names = ["ecr.api", "ecr.dkr", "logs", "secretsmanager"];
    account.ec2.vpc_endpoints.items = names.iter().map(|name| interface(name)).collect();
    account.ec2.vpc_endpoints.items.push(gateway);
}

#[test]
fn tasks_reach_what_they_start_from() {
    const SHUT_IN: &[&str] = &["way-out/network"];
    check(
        "Fargate tasks need a route to the internet, or endpoints for ECR (with S3), logs and secrets \
         (https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html)",
        &[
            ("no way out", shut_in, SHUT_IN),
            ("endpoints for everything", with_endpoints, PASS),
            (
                "no endpoint of S3",
                |account| {
                    with_endpoints(account);
                    account.ec2.vpc_endpoints.items.pop();
                },
                SHUT_IN,
            ),
            (
                "an endpoint of S3 for another route table",
                |account| {
                    with_endpoints(account);
                    account.ec2.vpc_endpoints.items[4].route_table_ids = texts(&["rtb-b"]);
                },
                SHUT_IN,
            ),
            (
                "an endpoint without private DNS",
                |account| {
                    with_endpoints(account);
                    account.ec2.vpc_endpoints.items[0].private_dns_enabled = false;
                },
                SHUT_IN,
            ),
            (
                "endpoints, and an image from Docker Hub",
                |account| {
                    with_endpoints(account);
                    container(account).image = "nginx:1.27".into();
                },
                SHUT_IN,
            ),
            (
                "an internet gateway without a public address",
                |account| account.ec2.route_tables.items[0].routes[1] = route("0.0.0.0/0", "igw-1"),
                SHUT_IN,
            ),
            (
                "an internet gateway with a public address",
                |account| {
                    account.ec2.route_tables.items[0].routes[1] = route("0.0.0.0/0", "igw-1");
                    service(account).assign_public_ip = true;
                },
                PASS,
            ),
            (
                "a NAT gateway that is gone",
                |account| account.ec2.route_tables.items[0].routes[1].state = "blackhole".into(),
                SHUT_IN,
            ),
            (
                "another account's network behind a transit gateway",
                |account| account.ec2.route_tables.items[0].routes[1] = route("0.0.0.0/0", "tgw-1"),
                UNKNOWN,
            ),
            (
                "endpoints that were not listed",
                |account| {
                    shut_in(account);
                    account.ec2.vpc_endpoints.incomplete = vec![denied("ec2:DescribeVpcEndpoints")];
                },
                UNKNOWN,
            ),
            (
                "a shared VPC, whose owner's endpoints are not in sight",
                |account| {
                    shut_in(account);
                    account.ec2.subnets.items[0].arn =
                        "arn:aws:ec2:ap-northeast-1:999999999999:subnet/subnet-a".into();
                },
                UNKNOWN,
            ),
            (
                "no way out on EC2, where the host pulls",
                |account| {
                    shut_in(account);
                    service(account).launch_type = Some("EC2".into());
                },
                PASS,
            ),
            (
                "a group that lets nothing out",
                |account| account.ec2.security_groups.items[0].egress.clear(),
                &["egress/network"],
            ),
        ],
    );
}

#[test]
fn the_quota_leaves_room() {
    check(
        "Fargate On-Demand vCPU resource count is the number of vCPUs that run at the same time \
         (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html)",
        &[
            ("full", |account| account.servicequotas.quotas.items[0].value = 1.0, &["quota/L-3032A538"]),
            ("room for one", |account| account.servicequotas.quotas.items[0].value = 1.5, PASS),
            (
                "not answered",
                |account| {
                    account.servicequotas.quotas.items.clear();
                    account.servicequotas.quotas.incomplete = vec![denied("servicequotas:GetServiceQuota")];
                },
                UNKNOWN,
            ),
            (
                "Spot tasks draw from another quota",
                |account| {
                    account.servicequotas.quotas.items[0].value = 0.5;
                    for task in &mut account.ecs.tasks.items {
                        task.capacity_provider = Some("FARGATE_SPOT".into());
                    }
                },
                PASS,
            ),
        ],
    );
}
