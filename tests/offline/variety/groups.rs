//! What security groups and network ACLs admit, what they are attached to, and what is in subnets.

use super::network::{ACCOUNT, Case, REGION, admit, arn, check, entry, findings, group, interface, verdict};
use tenken::snapshot::Snapshot;
use tenken::snapshot::ec2::{FlowLog, NetworkAcl, NetworkInterface};
use tenken::snapshot::elb::{ClassicLoadBalancer, LoadBalancer, Target, TargetGroup, TargetGroupAttributes};
use tenken::snapshot::gap::GapId;
use tenken::snapshot::known::Known;

const OPEN: &str = "security-group-open-to-world";
const WEB: &str = "security-group-web-port-open-to-world";

/// Security Hub's EC2.18 authorises TCP 80 and 443 unless it is told otherwise:
/// <https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html#ec2-18>
#[test]
fn the_ports_of_the_web_are_authorised_and_told_apart() {
    check(&[
        Case {
            name: "a web server's 443",
            edit: |snapshot| admit(snapshot, "sg-bastion", &[("tcp", 443, 443, "0.0.0.0/0")]),
            expected: &[(OPEN, "sg-bastion", "pass"), (WEB, "sg-bastion", "fail")],
        },
        Case {
            name: "80 over IPv6",
            edit: |snapshot| admit(snapshot, "sg-bastion", &[("tcp", 80, 80, "::/0")]),
            expected: &[(OPEN, "sg-bastion", "pass"), (WEB, "sg-bastion", "fail")],
        },
        Case {
            name: "8080 is another port",
            edit: |snapshot| admit(snapshot, "sg-bastion", &[("tcp", 8080, 8080, "0.0.0.0/0")]),
            expected: &[(OPEN, "sg-bastion", "fail"), (WEB, "sg-bastion", "pass")],
        },
        Case {
            name: "a range that holds them is more",
            edit: |snapshot| admit(snapshot, "sg-bastion", &[("tcp", 80, 443, "0.0.0.0/0")]),
            expected: &[(OPEN, "sg-bastion", "fail"), (WEB, "sg-bastion", "pass")],
        },
        Case {
            name: "UDP 443 is not authorised",
            edit: |snapshot| admit(snapshot, "sg-bastion", &[("udp", 443, 443, "0.0.0.0/0")]),
            expected: &[(OPEN, "sg-bastion", "fail"), (WEB, "sg-bastion", "pass")],
        },
        Case {
            name: "443 and SSH",
            edit: |snapshot| {
                admit(
                    snapshot,
                    "sg-bastion",
                    &[("tcp", 443, 443, "0.0.0.0/0"), ("tcp", 22, 22, "0.0.0.0/0")],
                );
            },
            expected: &[(OPEN, "sg-bastion", "fail"), (WEB, "sg-bastion", "fail")],
        },
        Case {
            name: "a public load balancer's 443 is meant",
            edit: |_| {},
            expected: &[(OPEN, "sg-alb", "pass"), (WEB, "sg-alb", "pass")],
        },
    ]);
}

/// A public network load balancer without security groups, which sends clients to the bastion on 8443.
fn behind_network_load_balancer(snapshot: &mut Snapshot) {
    let elb = |kind: &str| format!("arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:{kind}");
    snapshot.elb.load_balancers.items.push(LoadBalancer {
        arn: elb("loadbalancer/net/edge/60dc"),
        region: REGION.into(),
        name: "edge".into(),
        kind: "network".into(),
        scheme: "internet-facing".into(),
        vpc_id: "vpc-1".into(),
        listeners: Known::Yes(Vec::new()),
        ..LoadBalancer::default()
    });
    snapshot.elb.target_groups.items.push(TargetGroup {
        arn: elb("targetgroup/edge/7d0e"),
        region: REGION.into(),
        name: "edge".into(),
        protocol: Some("TCP".into()),
        target_type: "instance".into(),
        load_balancer_arns: vec![elb("loadbalancer/net/edge/60dc")],
        attributes: Known::Yes(TargetGroupAttributes {
            preserve_client_ip_enabled: Known::Yes(None),
            ..TargetGroupAttributes::default()
        }),
        targets: Known::Yes(vec![Target {
            id: "i-bastion".into(),
            port: Some(8443),
            state: "healthy".into(),
            ..Target::default()
        }]),
        ..TargetGroup::default()
    });
    admit(snapshot, "sg-bastion", &[("tcp", 8443, 8443, "0.0.0.0/0")]);
}

/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-register-targets.html#target-security-groups>
#[test]
fn targets_of_a_network_load_balancer_without_groups_admit_its_clients() {
    fn edge(snapshot: &mut Snapshot) -> &mut TargetGroup {
        snapshot.elb.target_groups.items.last_mut().unwrap()
    }
    fn addresses(snapshot: &mut Snapshot, preserved: Option<bool>) {
        behind_network_load_balancer(snapshot);
        let group = edge(snapshot);
        group.target_type = "ip".into();
        group.targets =
            Known::Yes(vec![Target { id: "10.0.1.10".into(), port: Some(8443), ..Target::default() }]);
        group.attributes = Known::Yes(TargetGroupAttributes {
            preserve_client_ip_enabled: Known::Yes(preserved),
            ..TargetGroupAttributes::default()
        });
    }
    let meant: &[(&str, &str, &str)] = &[(OPEN, "sg-bastion", "pass")];
    let not_meant: &[(&str, &str, &str)] = &[(OPEN, "sg-bastion", "fail")];
    check(&[
        Case { name: "the target's port", edit: behind_network_load_balancer, expected: meant },
        Case {
            name: "another port of the target",
            edit: |snapshot| {
                behind_network_load_balancer(snapshot);
                admit(
                    snapshot,
                    "sg-bastion",
                    &[("tcp", 8443, 8443, "0.0.0.0/0"), ("tcp", 22, 22, "0.0.0.0/0")],
                );
            },
            expected: not_meant,
        },
        Case {
            name: "a load balancer with a group of its own is who comes",
            edit: |snapshot| {
                behind_network_load_balancer(snapshot);
                let balancer = snapshot.elb.load_balancers.items.last_mut().unwrap();
                balancer.security_group_ids = vec!["sg-alb".into()];
            },
            expected: not_meant,
        },
        Case {
            name: "an internal load balancer has no clients of the internet",
            edit: |snapshot| {
                behind_network_load_balancer(snapshot);
                snapshot.elb.load_balancers.items.last_mut().unwrap().scheme = "internal".into();
            },
            expected: not_meant,
        },
        Case {
            name: "another resource has the group too",
            edit: |snapshot| {
                behind_network_load_balancer(snapshot);
                let other = interface("eni-other", "subnet-private", "10.0.2.9", &[], &["sg-bastion"]);
                snapshot.ec2.network_interfaces.items.push(other);
            },
            expected: not_meant,
        },
        Case {
            // Client IP preservation is off by default for addresses behind TCP and TLS.
            name: "addresses as targets",
            edit: |snapshot| addresses(snapshot, None),
            expected: not_meant,
        },
        Case {
            name: "addresses as targets, clients' addresses preserved",
            edit: |snapshot| addresses(snapshot, Some(true)),
            expected: meant,
        },
        Case {
            name: "addresses as targets of UDP",
            edit: |snapshot| {
                addresses(snapshot, None);
                edge(snapshot).protocol = Some("UDP".into());
                admit(snapshot, "sg-bastion", &[("udp", 8443, 8443, "0.0.0.0/0")]);
            },
            expected: meant,
        },
        Case {
            name: "instances without the clients' addresses",
            edit: |snapshot| {
                behind_network_load_balancer(snapshot);
                edge(snapshot).attributes = Known::Yes(TargetGroupAttributes {
                    preserve_client_ip_enabled: Known::Yes(Some(false)),
                    ..TargetGroupAttributes::default()
                });
            },
            expected: not_meant,
        },
        Case {
            name: "the targets are denied",
            edit: |snapshot| {
                behind_network_load_balancer(snapshot);
                edge(snapshot).targets =
                    Known::No(GapId::new("elasticloadbalancing:DescribeTargetHealth", REGION, None));
            },
            expected: &[(OPEN, "sg-bastion", "unknown")],
        },
    ]);
}

/// A Classic Load Balancer admits its clients at its listeners' ports:
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/elb-vpc-security-groups.html>
#[test]
fn classic_load_balancers_are_meant_to_be_reached() {
    fn classic(snapshot: &mut Snapshot, scheme: &str, rules: &[super::network::Rule<'_>]) {
        snapshot.ec2.security_groups.items.push(group("sg-classic", rules));
        snapshot.elb.classic_load_balancers.items = vec![ClassicLoadBalancer {
            arn: format!("arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/old-shop"),
            region: REGION.into(),
            name: "old-shop".into(),
            scheme: scheme.into(),
            security_group_ids: vec!["sg-classic".into()],
            listener_ports: vec![443, 8443],
            ..ClassicLoadBalancer::default()
        }];
        snapshot.ec2.network_interfaces.items.push(NetworkInterface {
            description: "ELB old-shop".into(),
            instance_id: None,
            ..interface("eni-classic", "subnet-public", "10.0.1.50", &["52.196.30.60"], &["sg-classic"])
        });
    }
    const MEANT: &[super::network::Rule<'static>] =
        &[("tcp", 443, 443, "0.0.0.0/0"), ("tcp", 8443, 8443, "0.0.0.0/0")];
    check(&[
        Case {
            name: "its listeners' ports",
            edit: |snapshot| classic(snapshot, "internet-facing", MEANT),
            expected: &[(OPEN, "sg-classic", "pass"), (WEB, "sg-classic", "pass")],
        },
        Case {
            name: "another port",
            edit: |snapshot| classic(snapshot, "internet-facing", &[("tcp", 22, 22, "0.0.0.0/0")]),
            expected: &[(OPEN, "sg-classic", "fail")],
        },
        Case {
            name: "an internal one",
            edit: |snapshot| classic(snapshot, "internal", MEANT),
            expected: &[(OPEN, "sg-classic", "fail"), (WEB, "sg-classic", "fail")],
        },
        Case {
            name: "denied",
            edit: |snapshot| {
                classic(snapshot, "internet-facing", MEANT);
                snapshot.elb.classic_load_balancers.items.clear();
                let operation = "elasticloadbalancing:DescribeClassicLoadBalancers";
                snapshot.elb.classic_load_balancers.incomplete = vec![GapId::new(operation, REGION, None)];
            },
            expected: &[(OPEN, "sg-classic", "unknown"), (WEB, "sg-classic", "unknown")],
        },
    ]);
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html>
#[test]
fn default_groups_have_no_rules_and_nothing_has_them() {
    const RULES: &str = "default-security-group-has-rules";
    const USED: &str = "default-security-group-in-use";
    fn default_group(snapshot: &mut Snapshot, rules: &[super::network::Rule<'_>]) {
        let mut group = group("sg-default", rules);
        group.name = "default".into();
        snapshot.ec2.security_groups.items.push(group);
    }
    check(&[
        Case {
            name: "as AWS makes it",
            edit: |snapshot| default_group(snapshot, &[("-1", -1, -1, "sg-default")]),
            expected: &[(RULES, "sg-default", "fail"), (USED, "sg-default", "pass")],
        },
        Case {
            name: "emptied",
            edit: |snapshot| default_group(snapshot, &[]),
            expected: &[(RULES, "sg-default", "pass"), (USED, "sg-default", "pass")],
        },
        Case {
            name: "in use",
            edit: |snapshot| {
                default_group(snapshot, &[]);
                let host = interface("eni-lost", "subnet-private", "10.0.2.9", &[], &["sg-default"]);
                snapshot.ec2.network_interfaces.items.push(host);
            },
            expected: &[(RULES, "sg-default", "pass"), (USED, "sg-default", "fail")],
        },
        Case {
            name: "of a VPC that nothing is in",
            edit: |snapshot| {
                default_group(snapshot, &[("-1", -1, -1, "sg-default")]);
                snapshot.ec2.security_groups.items.last_mut().unwrap().vpc_id = "vpc-unused".into();
            },
            expected: &[(RULES, "sg-default", "skip"), (USED, "sg-default", "pass")],
        },
        Case {
            name: "what has it is denied",
            edit: |snapshot| {
                default_group(snapshot, &[("-1", -1, -1, "sg-default")]);
                snapshot.ec2.network_interfaces.items.clear();
                snapshot.ec2.network_interfaces.incomplete =
                    vec![GapId::new("ec2:DescribeNetworkInterfaces", REGION, None)];
            },
            expected: &[(RULES, "sg-default", "unknown"), (USED, "sg-default", "unknown")],
        },
        Case {
            name: "another group has rules",
            edit: |_| {},
            expected: &[(RULES, "sg-alb", "skip"), (USED, "sg-alb", "skip")],
        },
    ]);
}

/// Lambda writes the function's name into the description of the interfaces it makes:
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html>
#[test]
fn functions_have_groups_of_their_own() {
    const SHARED: &str = "security-group-shared-with-lambda";
    fn function(snapshot: &mut Snapshot, groups: &[&str]) {
        snapshot.ec2.network_interfaces.items.push(NetworkInterface {
            interface_type: "lambda".into(),
            instance_id: None,
            description: "AWS Lambda VPC ENI-shop-import-0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f".into(),
            ..interface("eni-function", "subnet-private", "10.0.2.20", &[], groups)
        });
    }
    check(&[
        Case {
            name: "with the tasks",
            edit: |snapshot| function(snapshot, &["sg-task"]),
            expected: &[(SHARED, "sg-task", "fail"), (SHARED, "sg-db", "pass")],
        },
        Case {
            name: "with the database",
            edit: |snapshot| function(snapshot, &["sg-db"]),
            expected: &[(SHARED, "sg-db", "fail")],
        },
        Case {
            name: "alone",
            edit: |snapshot| {
                snapshot.ec2.security_groups.items.push(group("sg-function", &[]));
                function(snapshot, &["sg-function"]);
            },
            expected: &[(SHARED, "sg-function", "pass")],
        },
        Case {
            name: "a part of the interfaces is denied",
            edit: |snapshot| {
                snapshot.ec2.security_groups.items.push(group("sg-function", &[]));
                function(snapshot, &["sg-function"]);
                snapshot.ec2.network_interfaces.incomplete =
                    vec![GapId::new("ec2:DescribeNetworkInterfaces", REGION, None)];
            },
            expected: &[(SHARED, "sg-function", "unknown")],
        },
    ]);
}

/// Security Hub's EC2.21 looks at the ACLs that somebody made, and the lowest number decides:
/// <https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html>
#[test]
fn network_acls_keep_the_internet_from_the_ports_of_administration() {
    const ACL: &str = "network-acl-admin-ports-open";
    fn made(snapshot: &mut Snapshot, entries: Vec<tenken::snapshot::ec2::NetworkAclEntry>) {
        snapshot.ec2.network_acls.items.push(NetworkAcl {
            arn: arn(ACCOUNT, "network-acl", "acl-made"),
            region: REGION.into(),
            id: "acl-made".into(),
            vpc_id: "vpc-1".into(),
            entries,
            ..NetworkAcl::default()
        });
    }
    let open: &[(&str, &str, &str)] = &[(ACL, "acl-made", "fail")];
    let closed: &[(&str, &str, &str)] = &[(ACL, "acl-made", "pass")];
    check(&[
        Case { name: "the VPC's default one", edit: |_| {}, expected: &[(ACL, "acl-1", "skip")] },
        Case {
            name: "all traffic",
            edit: |snapshot| made(snapshot, vec![entry(100, false, "-1", None, "0.0.0.0/0")]),
            expected: open,
        },
        Case {
            name: "a range with Remote Desktop",
            edit: |snapshot| made(snapshot, vec![entry(100, false, "6", Some((1024, 65535)), "0.0.0.0/0")]),
            expected: open,
        },
        Case {
            name: "the web alone",
            edit: |snapshot| made(snapshot, vec![entry(100, false, "6", Some((443, 443)), "0.0.0.0/0")]),
            expected: closed,
        },
        Case {
            name: "an office",
            edit: |snapshot| made(snapshot, vec![entry(100, false, "6", Some((22, 22)), "203.0.113.0/24")]),
            expected: closed,
        },
        Case {
            name: "denied before it is allowed",
            edit: |snapshot| {
                let mut deny = entry(90, false, "6", Some((22, 22)), "0.0.0.0/0");
                deny.allow = false;
                made(snapshot, vec![entry(100, false, "6", Some((20, 25)), "0.0.0.0/0"), deny]);
            },
            expected: closed,
        },
        Case {
            name: "denied after it was allowed",
            edit: |snapshot| {
                let mut deny = entry(110, false, "6", Some((22, 22)), "0.0.0.0/0");
                deny.allow = false;
                made(snapshot, vec![entry(100, false, "6", Some((20, 25)), "0.0.0.0/0"), deny]);
            },
            expected: open,
        },
        Case {
            name: "on the way out",
            edit: |snapshot| made(snapshot, vec![entry(100, true, "6", Some((22, 22)), "0.0.0.0/0")]),
            expected: closed,
        },
    ]);
}

/// Security Hub's EC2.15 and EC2.9.
#[test]
fn public_addresses_are_asked_for() {
    const SUBNET: &str = "subnet-assigns-public-addresses";
    const INSTANCE: &str = "instance-public-address";
    check(&[
        Case {
            name: "a subnet gives them by itself",
            edit: |snapshot| snapshot.ec2.subnets.items[1].map_public_ip_on_launch = Known::Yes(true),
            expected: &[(SUBNET, "subnet-public", "fail"), (SUBNET, "subnet-private", "skip")],
        },
        Case { name: "it does not", edit: |_| {}, expected: &[(SUBNET, "subnet-public", "pass")] },
        Case {
            name: "nothing is in it",
            edit: |snapshot| {
                snapshot.ec2.subnets.items[1].map_public_ip_on_launch = Known::Yes(true);
                snapshot.ec2.network_interfaces.items.clear();
            },
            expected: &[(SUBNET, "subnet-public", "skip")],
        },
        Case {
            name: "another account's subnet is that account's to change",
            edit: |snapshot| {
                let subnet = &mut snapshot.ec2.subnets.items[1];
                subnet.map_public_ip_on_launch = Known::Yes(true);
                subnet.arn = arn("999999999999", "subnet", "subnet-public");
            },
            expected: &[(SUBNET, "subnet-public", "skip")],
        },
        Case {
            name: "an instance has one, whatever its group admits",
            edit: |_| {},
            expected: &[
                (INSTANCE, "eni-bastion", "fail"),
                ("instance-exposed-to-internet", "eni-bastion", "pass"),
            ],
        },
        Case {
            name: "an instance has none",
            edit: |snapshot| snapshot.ec2.network_interfaces.items[0].public_ips.clear(),
            expected: &[(INSTANCE, "eni-bastion", "pass")],
        },
        Case {
            name: "what is no instance",
            edit: |snapshot| snapshot.ec2.network_interfaces.items[0].instance_id = None,
            expected: &[(INSTANCE, "eni-bastion", "skip")],
        },
    ]);
}

/// Security Hub's EC2.6 wants a flow log of the VPC for rejected traffic.
#[test]
fn vpcs_write_rejected_traffic_down() {
    const LOG: &str = "vpc-no-flow-log";
    fn log(snapshot: &mut Snapshot, traffic_type: &str, delivery: Option<&str>) {
        snapshot.ec2.flow_logs.items.push(FlowLog {
            region: REGION.into(),
            id: "fl-1".into(),
            resource_id: "vpc-1".into(),
            status: "ACTIVE".into(),
            traffic_type: traffic_type.into(),
            delivery_status: delivery.map(str::to_owned),
        });
    }
    check(&[
        Case { name: "none", edit: |_| {}, expected: &[(LOG, "vpc/vpc-1", "fail")] },
        Case {
            name: "rejected traffic",
            edit: |snapshot| log(snapshot, "REJECT", Some("SUCCESS")),
            expected: &[(LOG, "vpc/vpc-1", "pass")],
        },
        Case {
            name: "all traffic, not delivered yet",
            edit: |snapshot| log(snapshot, "ALL", None),
            expected: &[(LOG, "vpc/vpc-1", "pass")],
        },
        Case {
            name: "accepted traffic alone",
            edit: |snapshot| log(snapshot, "ACCEPT", Some("SUCCESS")),
            expected: &[(LOG, "vpc/vpc-1", "fail")],
        },
        Case {
            name: "delivery fails",
            edit: |snapshot| log(snapshot, "ALL", Some("FAILED")),
            expected: &[(LOG, "vpc/vpc-1", "fail")],
        },
        Case {
            name: "denied",
            edit: |snapshot| {
                snapshot.ec2.flow_logs.incomplete = vec![GapId::new("ec2:DescribeFlowLogs", REGION, None)];
            },
            expected: &[(LOG, "vpc/vpc-1", "unknown")],
        },
        Case {
            name: "nothing is in it",
            edit: |snapshot| snapshot.ec2.network_interfaces.items.clear(),
            expected: &[(LOG, "vpc/vpc-1", "skip")],
        },
        Case {
            name: "another account's VPC is that account's to write down",
            edit: |snapshot| snapshot.ec2.vpcs.items[0].arn = arn("999999999999", "vpc", "vpc-1"),
            expected: &[(LOG, "vpc/vpc-1", "skip")],
        },
    ]);
}

/// Each Fargate task takes an address of its subnet:
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html>
#[test]
fn the_most_tasks_of_a_service_find_addresses() {
    const ROOM: &str = "service-subnets-short-of-addresses";
    fn service(snapshot: &mut Snapshot, free: i64, desired: i64) {
        snapshot.ec2.subnets.items[1].available_ip_address_count = Known::Yes(free);
        let service = &mut snapshot.ecs.services.items[0];
        service.scheduling_strategy = "REPLICA".into();
        (service.desired_count, service.running_count) = (desired, desired);
        service.maximum_percent = Some(200);
    }
    check(&[
        Case {
            name: "a deployment fits",
            edit: |snapshot| service(snapshot, 4, 4),
            expected: &[(ROOM, "service/shop/shop", "pass")],
        },
        Case {
            name: "a deployment does not fit",
            edit: |snapshot| service(snapshot, 3, 4),
            expected: &[(ROOM, "service/shop/shop", "fail")],
        },
        Case {
            name: "the subnet is denied",
            edit: |snapshot| {
                service(snapshot, 4, 4);
                snapshot.ec2.subnets.items.clear();
                snapshot.ec2.subnets.incomplete = vec![GapId::new("ec2:DescribeSubnets", REGION, None)];
            },
            expected: &[(ROOM, "service/shop/shop", "unknown")],
        },
    ]);
    let mut snapshot = super::network::account();
    service(&mut snapshot, 0, 1);
    snapshot.ecs.services.items[0].subnet_ids.clear();
    assert_eq!(verdict(&findings(&snapshot), ROOM, "service/shop/shop"), "skip");
}
