//! Who else is admitted: hosts by their addresses, unused groups, ways past the load balancer.

use super::*;

/// Rules that name addresses admit whoever has them, by whatever name.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html>
#[test]
fn hosts_are_admitted_by_their_addresses_too() {
    const POLICY: &str = "db-admits-exposed-host";
    fn expose(snapshot: &mut Snapshot) {
        admit(snapshot, "sg-bastion", &[("tcp", 22, 22, "0.0.0.0/0")]);
    }
    fn peer(snapshot: &mut Snapshot, route_target: Option<&str>) {
        expose(snapshot);
        admit_to_database(snapshot, &["10.1.0.0/16"]);
        let ec2 = &mut snapshot.ec2;
        let mut subnet = ec2.subnets.items[1].clone();
        (subnet.id, subnet.vpc_id) = ("subnet-two".into(), "vpc-2".into());
        subnet.arn = arn(ACCOUNT, "subnet", "subnet-two");
        ec2.subnets.items.push(subnet);
        let mut table = ec2.route_tables.items[1].clone();
        (table.id, table.vpc_id, table.subnet_ids) = ("rtb-two".into(), "vpc-2".into(), ids(&["subnet-two"]));
        table.routes[1].target = "igw-2".into();
        ec2.route_tables.items.push(table);
        ec2.network_acls.items[0].subnet_ids.push("subnet-two".into());
        let host = &mut ec2.network_interfaces.items[0];
        (host.vpc_id, host.subnet_id) = ("vpc-2".into(), "subnet-two".into());
        host.private_ips = ids(&["10.1.0.10"]);
        ec2.route_tables.items[1].routes.extend(route_target.map(|target| route("10.1.0.0/16", target)));
    }
    let host: &[(&str, &str, &str)] = &[(POLICY, "db:shop", "fail")];
    let none: &[(&str, &str, &str)] = &[(POLICY, "db:shop", "pass")];
    check(&[
        Case {
            name: "a public bastion's address",
            edit: |snapshot| {
                expose(snapshot);
                admit_to_database(snapshot, &["52.196.30.20/32"]);
            },
            expected: host,
        },
        Case {
            name: "its private address",
            edit: |snapshot| {
                expose(snapshot);
                admit_to_database(snapshot, &["10.0.1.10/32"]);
            },
            expected: host,
        },
        Case {
            name: "its subnet",
            edit: |snapshot| {
                expose(snapshot);
                admit_to_database(snapshot, &["10.0.1.0/24"]);
            },
            expected: host,
        },
        Case {
            name: "its VPC's range",
            edit: |snapshot| {
                expose(snapshot);
                admit_to_database(snapshot, &["10.0.0.0/16"]);
            },
            expected: host,
        },
        Case {
            name: "a prefix list that holds it",
            edit: |snapshot| {
                expose(snapshot);
                snapshot.ec2.prefix_lists.items = vec![PrefixList {
                    id: "pl-1".into(),
                    region: REGION.into(),
                    owner: ACCOUNT.into(),
                    entries: Known::Yes(ids(&["10.0.1.0/28"])),
                    ..Default::default()
                }];
                admit_to_database(snapshot, &["pl-1"]);
            },
            expected: host,
        },
        Case {
            name: "the whole internet, with a public task",
            edit: |snapshot| {
                admit_to_database(snapshot, &["0.0.0.0/0"]);
                admit(snapshot, "sg-task", &[("tcp", 8080, 8080, "0.0.0.0/0")]);
                let task =
                    interface("eni-task", "subnet-public", "10.0.1.20", &["52.196.30.21"], &["sg-task"]);
                snapshot.ec2.network_interfaces.items.push(task);
            },
            expected: host,
        },
        Case { name: "a peered VPC's range", edit: |snapshot| peer(snapshot, Some("pcx-1")), expected: host },
        Case {
            name: "the same over a transit gateway",
            edit: |snapshot| peer(snapshot, Some("tgw-1")),
            expected: host,
        },
        Case { name: "a VPC without a way between", edit: |snapshot| peer(snapshot, None), expected: none },
        Case {
            name: "another subnet",
            edit: |snapshot| {
                expose(snapshot);
                admit_to_database(snapshot, &["10.0.2.0/24"]);
            },
            expected: none,
        },
        Case {
            name: "another port",
            edit: |snapshot| {
                expose(snapshot);
                admit(snapshot, "sg-db", &[("tcp", 22, 22, "10.0.1.0/24")]);
            },
            expected: none,
        },
        Case {
            name: "a bastion that an office alone reaches",
            edit: |snapshot| admit_to_database(snapshot, &["10.0.1.0/24"]),
            expected: none,
        },
        Case {
            name: "a NAT gateway, which lets nobody in",
            edit: |snapshot| {
                admit_to_database(snapshot, &["10.0.1.0/24"]);
                let gateway = &mut snapshot.ec2.network_interfaces.items[0];
                gateway.interface_type = "nat_gateway".into();
                gateway.security_group_ids.clear();
            },
            expected: none,
        },
    ]);
    let mut snapshot = account();
    expose(&mut snapshot);
    admit_to_database(&mut snapshot, &["10.0.0.0/16"]);
    assert_eq!(
        messages(&snapshot, POLICY, "db:shop"),
        [
            "shop admits instance i-bastion, which the internet reaches directly, to tcp/5432 (sg-bastion (bastion) → 10.0.0.0/16 → sg-db (db))."
        ]
    );
    snapshot.ec2.network_interfaces.items.clear();
    snapshot.ec2.network_interfaces.incomplete =
        vec![GapId::new("ec2:DescribeNetworkInterfaces", REGION, None)];
    assert_eq!(verdict(&findings(&snapshot), POLICY, "db:shop"), "unknown");
}

/// A group is a filter of the interfaces that have it; without any it filters nothing.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html>
#[test]
fn groups_count_by_what_they_are_attached_to_and_what_they_admit() {
    const OPEN: &str = "security-group-open-to-world";
    const IDLE: &str = "security-group-idle-open-to-world";
    const ICMP: &str = "security-group-icmp-open-to-world";
    check(&[
        Case {
            name: "attached to nothing",
            edit: |snapshot| {
                let old = group("sg-old", &[("tcp", 22, 22, "0.0.0.0/0")]);
                snapshot.ec2.security_groups.items.push(old);
            },
            expected: &[(OPEN, "sg-old", "pass"), (IDLE, "sg-old", "fail")],
        },
        Case {
            name: "attached to an instance",
            edit: |snapshot| admit(snapshot, "sg-bastion", &[("tcp", 22, 22, "0.0.0.0/0")]),
            expected: &[(OPEN, "sg-bastion", "fail"), (IDLE, "sg-bastion", "pass")],
        },
        Case {
            name: "what it is attached to is hidden",
            edit: |snapshot| {
                let old = group("sg-old", &[("tcp", 22, 22, "0.0.0.0/0")]);
                snapshot.ec2.security_groups.items.push(old);
                snapshot.ec2.network_interfaces.incomplete =
                    vec![GapId::new("ec2:DescribeNetworkInterfaces", REGION, None)];
            },
            expected: &[(OPEN, "sg-old", "unknown"), (IDLE, "sg-old", "unknown")],
        },
        Case {
            // Types and codes: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/security-group-rules-reference.html
            name: "all ICMP",
            edit: |snapshot| admit(snapshot, "sg-bastion", &[("icmp", -1, -1, "0.0.0.0/0")]),
            expected: &[(OPEN, "sg-bastion", "pass"), (ICMP, "sg-bastion", "fail")],
        },
        Case {
            name: "all ICMPv6 by its number",
            edit: |snapshot| admit(snapshot, "sg-bastion", &[("58", -1, -1, "::/0")]),
            expected: &[(OPEN, "sg-bastion", "pass"), (ICMP, "sg-bastion", "fail")],
        },
        Case {
            name: "ping",
            edit: |snapshot| admit(snapshot, "sg-bastion", &[("icmp", 8, -1, "0.0.0.0/0")]),
            expected: &[(OPEN, "sg-bastion", "pass"), (ICMP, "sg-bastion", "pass")],
        },
        Case {
            name: "all traffic is more than ICMP",
            edit: |snapshot| admit(snapshot, "sg-bastion", &[("-1", -1, -1, "0.0.0.0/0")]),
            expected: &[(OPEN, "sg-bastion", "fail"), (ICMP, "sg-bastion", "pass")],
        },
    ]);
}

/// Service Connect and Cloud Map let services call each other's tasks without a load balancer:
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect.html>
#[test]
fn past_the_load_balancer_is_critical_where_the_internet_comes() {
    const PAST: &str = "task-reachable-past-load-balancer";
    const INSIDE: &str = "task-open-inside-network";
    const SERVICE: &str = "service/shop/shop";
    check(&[
        Case {
            name: "the load balancer alone",
            edit: |_| {},
            expected: &[(PAST, SERVICE, "pass"), (INSIDE, SERVICE, "pass")],
        },
        Case {
            name: "another service's group",
            edit: |snapshot| rules(snapshot, "sg-task").push(rule(&("tcp", 8080, 8080, "sg-bastion"))),
            expected: &[(PAST, SERVICE, "pass"), (INSIDE, SERVICE, "fail")],
        },
        Case {
            name: "the tasks' own group",
            edit: |snapshot| rules(snapshot, "sg-task").push(rule(&("-1", -1, -1, "sg-task"))),
            expected: &[(PAST, SERVICE, "pass"), (INSIDE, SERVICE, "fail")],
        },
        Case {
            name: "the VPC",
            edit: |snapshot| rules(snapshot, "sg-task").push(rule(&("tcp", 8080, 8080, "10.0.0.0/16"))),
            expected: &[(PAST, SERVICE, "pass"), (INSIDE, SERVICE, "fail")],
        },
        Case {
            name: "the internet, to tasks with public addresses",
            edit: |snapshot| rules(snapshot, "sg-task").push(rule(&("tcp", 8080, 8080, "0.0.0.0/0"))),
            expected: &[(PAST, SERVICE, "fail"), (INSIDE, SERVICE, "skip")],
        },
        Case {
            name: "the internet, to private tasks",
            edit: |snapshot| {
                rules(snapshot, "sg-task").push(rule(&("tcp", 8080, 8080, "0.0.0.0/0")));
                let service = &mut snapshot.ecs.services.items[0];
                service.assign_public_ip = false;
                service.subnet_ids = ids(&["subnet-private"]);
            },
            expected: &[(PAST, SERVICE, "pass"), (INSIDE, SERVICE, "fail")],
        },
    ]);
}
