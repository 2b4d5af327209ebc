//! Services on EC2 whose tasks have no network of their own. In the bridge and host modes a task is
//! reached at its host's addresses, behind its host's security groups:
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking.html>

use super::network::{ACCOUNT, Case, REGION, admit, check, findings, group, interface, messages, verdict};
use tenken::snapshot::Snapshot;
use tenken::snapshot::ecs::{ContainerInstance, HostPort, Task};
use tenken::snapshot::gap::GapId;
use tenken::snapshot::known::Known;

const SERVICE: &str = "service/shop/shop";
const EXPOSED: &str = "task-exposed-to-internet";
const PAST: &str = "task-reachable-past-load-balancer";
const INSIDE: &str = "task-open-inside-network";

fn ecs(kind: &str) -> String {
    format!("arn:aws:ecs:{REGION}:{ACCOUNT}:{kind}")
}

/// The service in the network of its hosts: one task on a host with a public address and the group
/// sg-host, which admits nobody yet.
fn on_host(snapshot: &mut Snapshot, mode: Option<&str>, ports: &[(&str, i64, i64)]) {
    let service = &mut snapshot.ecs.services.items[0];
    service.launch_type = Some("EC2".into());
    service.subnet_ids.clear();
    service.security_group_ids.clear();
    service.assign_public_ip = false;
    service.desired_count = 1;
    snapshot.ecs.task_definitions.items[0].network_mode = mode.map(str::to_owned);
    snapshot.ecs.container_instances.items = vec![ContainerInstance {
        arn: ecs("container-instance/shop/1"),
        region: REGION.into(),
        cluster_arn: ecs("cluster/shop"),
        ec2_instance_id: Some("i-host".into()),
        status: "ACTIVE".into(),
    }];
    let host_port = |&(protocol, host, container): &(&str, i64, i64)| HostPort {
        protocol: protocol.into(),
        from_port: host,
        to_port: host,
        container_port: container,
    };
    snapshot.ecs.tasks.items = vec![Task {
        arn: ecs("task/shop/1"),
        region: REGION.into(),
        cluster_arn: ecs("cluster/shop"),
        task_definition_arn: ecs("task-definition/shop:1"),
        service_name: Some("shop".into()),
        last_status: "RUNNING".into(),
        launch_type: Some("EC2".into()),
        container_instance_arn: Known::Yes(Some(ecs("container-instance/shop/1"))),
        host_ports: Known::Yes(ports.iter().map(host_port).collect()),
        ..Task::default()
    }];
    snapshot.ec2.security_groups.items.push(group("sg-host", &[]));
    let host = interface("eni-host", "subnet-public", "10.0.1.30", &["52.196.30.40"], &["sg-host"]);
    snapshot.ec2.network_interfaces.items.push(host);
}

/// The same without a load balancer.
fn alone(snapshot: &mut Snapshot, mode: Option<&str>, ports: &[(&str, i64, i64)]) {
    on_host(snapshot, mode, ports);
    snapshot.ecs.services.items[0].load_balancers.clear();
}

#[test]
fn tasks_are_reached_at_the_ports_of_their_hosts() {
    check(&[
        Case {
            name: "bridge, the port of the host is open",
            edit: |snapshot| {
                alone(snapshot, Some("bridge"), &[("tcp", 32768, 8080)]);
                admit(snapshot, "sg-host", &[("tcp", 32768, 65535, "0.0.0.0/0")]);
            },
            expected: &[(EXPOSED, SERVICE, "fail")],
        },
        Case {
            name: "bridge by default, the container's port is open and leads nowhere",
            edit: |snapshot| {
                alone(snapshot, None, &[("tcp", 32768, 8080)]);
                admit(snapshot, "sg-host", &[("tcp", 8080, 8080, "0.0.0.0/0")]);
            },
            expected: &[(EXPOSED, SERVICE, "pass")],
        },
        Case {
            name: "bridge, UDP is not TCP",
            edit: |snapshot| {
                alone(snapshot, Some("bridge"), &[("udp", 5353, 53)]);
                admit(snapshot, "sg-host", &[("tcp", 5353, 5353, "0.0.0.0/0")]);
            },
            expected: &[(EXPOSED, SERVICE, "pass")],
        },
        Case {
            name: "bridge without a published port",
            edit: |snapshot| {
                alone(snapshot, Some("bridge"), &[]);
                admit(snapshot, "sg-host", &[("-1", -1, -1, "0.0.0.0/0")]);
            },
            expected: &[(EXPOSED, SERVICE, "pass")],
        },
        Case {
            name: "no network at all",
            edit: |snapshot| {
                alone(snapshot, Some("none"), &[]);
                admit(snapshot, "sg-host", &[("-1", -1, -1, "0.0.0.0/0")]);
            },
            expected: &[(EXPOSED, SERVICE, "pass")],
        },
        Case {
            name: "host, the container's port is the host's",
            edit: |snapshot| {
                alone(snapshot, Some("host"), &[]);
                admit(snapshot, "sg-host", &[("tcp", 8080, 8080, "0.0.0.0/0")]);
            },
            expected: &[(EXPOSED, SERVICE, "fail")],
        },
        Case {
            name: "host, another port",
            edit: |snapshot| {
                alone(snapshot, Some("host"), &[]);
                admit(snapshot, "sg-host", &[("tcp", 22, 22, "0.0.0.0/0")]);
            },
            expected: &[(EXPOSED, SERVICE, "pass")],
        },
        Case {
            name: "the host has no public address",
            edit: |snapshot| {
                alone(snapshot, Some("host"), &[]);
                admit(snapshot, "sg-host", &[("tcp", 8080, 8080, "0.0.0.0/0")]);
                snapshot.ec2.network_interfaces.items[1].public_ips.clear();
            },
            expected: &[(EXPOSED, SERVICE, "pass")],
        },
        Case {
            name: "one of two hosts is enough",
            edit: |snapshot| {
                alone(snapshot, Some("host"), &[]);
                snapshot
                    .ec2
                    .security_groups
                    .items
                    .push(group("sg-second", &[("tcp", 8080, 8080, "0.0.0.0/0")]));
                let ec2 = &mut snapshot.ec2.network_interfaces.items;
                ec2.push(interface(
                    "eni-second",
                    "subnet-public",
                    "10.0.1.31",
                    &["52.196.30.41"],
                    &["sg-second"],
                ));
                let mut host = snapshot.ecs.container_instances.items[0].clone();
                (host.arn, host.ec2_instance_id) =
                    (ecs("container-instance/shop/2"), Some("i-second".into()));
                snapshot.ecs.container_instances.items.push(host);
                let mut task = snapshot.ecs.tasks.items[0].clone();
                task.arn = ecs("task/shop/2");
                task.container_instance_arn = Known::Yes(Some(ecs("container-instance/shop/2")));
                snapshot.ecs.tasks.items.push(task);
            },
            expected: &[(EXPOSED, SERVICE, "fail")],
        },
        Case {
            name: "stopped on purpose",
            edit: |snapshot| {
                alone(snapshot, Some("host"), &[]);
                admit(snapshot, "sg-host", &[("tcp", 8080, 8080, "0.0.0.0/0")]);
                snapshot.ecs.tasks.items.clear();
                snapshot.ecs.services.items[0].desired_count = 0;
            },
            expected: &[(EXPOSED, SERVICE, "pass")],
        },
        Case {
            name: "no task runs and every host is closed",
            edit: |snapshot| {
                alone(snapshot, Some("host"), &[]);
                snapshot.ecs.tasks.items.clear();
            },
            expected: &[(EXPOSED, SERVICE, "pass")],
        },
        Case {
            name: "no task runs and a host is open",
            edit: |snapshot| {
                alone(snapshot, Some("host"), &[]);
                admit(snapshot, "sg-host", &[("tcp", 8080, 8080, "0.0.0.0/0")]);
                snapshot.ecs.tasks.items.clear();
            },
            expected: &[(EXPOSED, SERVICE, "unknown")],
        },
        Case {
            // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-anywhere.html
            name: "machines outside of AWS are nobody's here",
            edit: |snapshot| {
                alone(snapshot, Some("bridge"), &[("tcp", 80, 80)]);
                snapshot.ecs.services.items[0].launch_type = Some("EXTERNAL".into());
                snapshot.ecs.container_instances.items[0].ec2_instance_id = None;
            },
            expected: &[(EXPOSED, SERVICE, "skip")],
        },
    ]);
    let mut snapshot = super::network::account();
    alone(&mut snapshot, Some("bridge"), &[("tcp", 32768, 8080)]);
    admit(&mut snapshot, "sg-host", &[("tcp", 32768, 65535, "0.0.0.0/0")]);
    assert_eq!(
        messages(&snapshot, EXPOSED, SERVICE),
        ["The internet reaches shop (i-host) on tcp/32768: every hop is open."]
    );
}

#[test]
fn what_hides_a_host_is_named() {
    type Edit = fn(&mut Snapshot, GapId);
    let cases: [(&str, Edit); 6] = [
        ("ecs:ListContainerInstances", |snapshot, gap| {
            snapshot.ecs.container_instances.items.clear();
            snapshot.ecs.container_instances.incomplete = vec![gap];
        }),
        ("ecs:DescribeContainerInstances", |snapshot, gap| {
            snapshot.ecs.container_instances.items.clear();
            snapshot.ecs.container_instances.incomplete = vec![gap];
        }),
        ("ecs:DescribeTasks", |snapshot, gap| {
            snapshot.ecs.tasks.items.clear();
            snapshot.ecs.tasks.incomplete = vec![gap];
        }),
        ("ecs:DescribeTasks", |snapshot, gap| snapshot.ecs.tasks.items[0].host_ports = Known::No(gap)),
        ("ecs:DescribeTaskDefinition", |snapshot, gap| {
            snapshot.ecs.task_definitions.items.clear();
            snapshot.ecs.task_definitions.incomplete = vec![gap];
        }),
        ("ec2:DescribeNetworkInterfaces", |snapshot, gap| {
            snapshot.ec2.network_interfaces.items.clear();
            snapshot.ec2.network_interfaces.incomplete = vec![gap];
        }),
    ];
    for (operation, edit) in cases {
        let mut snapshot = super::network::account();
        alone(&mut snapshot, Some("bridge"), &[("tcp", 32768, 8080)]);
        edit(&mut snapshot, GapId::new(operation, REGION, None));
        let judged = findings(&snapshot);
        assert_eq!(verdict(&judged, EXPOSED, SERVICE), "unknown", "{operation}");
        let named = judged
            .iter()
            .any(|finding| finding.policy == EXPOSED && format!("{finding:?}").contains(operation));
        assert!(named, "{operation} is not named");
    }
}

#[test]
fn past_the_load_balancer_is_what_the_hosts_group_admits() {
    check(&[
        Case {
            name: "the load balancer alone",
            edit: |snapshot| {
                on_host(snapshot, Some("bridge"), &[("tcp", 32768, 8080)]);
                admit(
                    snapshot,
                    "sg-host",
                    &[("tcp", 32768, 65535, "sg-alb"), ("tcp", 22, 22, "10.0.0.0/16")],
                );
            },
            expected: &[(PAST, SERVICE, "pass"), (INSIDE, SERVICE, "pass"), (EXPOSED, SERVICE, "skip")],
        },
        Case {
            name: "the internet",
            edit: |snapshot| {
                on_host(snapshot, Some("bridge"), &[("tcp", 32768, 8080)]);
                admit(snapshot, "sg-host", &[("tcp", 32768, 65535, "0.0.0.0/0")]);
            },
            expected: &[(PAST, SERVICE, "fail")],
        },
        Case {
            name: "the network",
            edit: |snapshot| {
                on_host(snapshot, Some("host"), &[]);
                admit(snapshot, "sg-host", &[("tcp", 8080, 8080, "10.0.0.0/16")]);
            },
            expected: &[(PAST, SERVICE, "pass"), (INSIDE, SERVICE, "fail")],
        },
        Case {
            name: "another container's port of the same host",
            edit: |snapshot| {
                on_host(snapshot, Some("bridge"), &[("tcp", 32768, 8080), ("tcp", 9000, 9000)]);
                admit(snapshot, "sg-host", &[("tcp", 9000, 9000, "0.0.0.0/0")]);
            },
            expected: &[(PAST, SERVICE, "pass")],
        },
        Case {
            name: "the list of hosts is denied",
            edit: |snapshot| {
                on_host(snapshot, Some("bridge"), &[("tcp", 32768, 8080)]);
                snapshot.ecs.container_instances.items.clear();
                snapshot.ecs.container_instances.incomplete =
                    vec![GapId::new("ecs:ListContainerInstances", REGION, None)];
            },
            expected: &[(PAST, SERVICE, "unknown"), (INSIDE, SERVICE, "unknown")],
        },
    ]);
}

/// The remedy is about the groups of the hosts, for the service has none.
#[test]
fn the_remedy_names_the_groups_of_the_hosts() {
    let mut snapshot = super::network::account();
    alone(&mut snapshot, Some("host"), &[]);
    admit(&mut snapshot, "sg-host", &[("tcp", 8080, 8080, "0.0.0.0/0")]);
    let judged = findings(&snapshot);
    let found = judged.iter().find(|finding| finding.policy == EXPOSED).unwrap();
    let script = &found.options[0].cli;
    assert!(format!("{script:?}").contains("--group-id sg-host "), "{script:?}");
}

/// The load balancer is admitted where it reaches the tasks: at the host's ports of the container that is
/// registered with it, and, where ECS chooses those, at all that it may choose:
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html>
#[test]
fn the_remedy_admits_the_load_balancer_to_the_ports_of_the_hosts() {
    type Ports = &'static [(&'static str, i64, i64)];
    let cases: &[(Ports, (i64, i64))] = &[
        (&[("tcp", 9000, 8080)], (9000, 9000)),
        (&[("tcp", 9000, 8080), ("tcp", 9443, 8443)], (9000, 9000)),
        (&[("tcp", 9000, 8080), ("tcp", 9443, 8080)], (9000, 9443)),
        (&[("tcp", 32767, 8080)], (32767, 32767)),
        (&[("tcp", 32768, 8080)], (32768, 65535)),
        (&[("tcp", 41005, 8080)], (32768, 65535)),
        (&[("tcp", 9000, 8080), ("tcp", 41005, 8080)], (9000, 65535)),
    ];
    for (ports, (first, last)) in cases {
        let mut snapshot = super::network::account();
        on_host(&mut snapshot, Some("bridge"), ports);
        admit(&mut snapshot, "sg-host", &[("-1", -1, -1, "0.0.0.0/0")]);
        let judged = findings(&snapshot);
        let is_it = |finding: &&tenken::finding::Finding| {
            finding.policy == PAST && finding.resource.ends_with(SERVICE)
        };
        let script = &judged.iter().find(is_it).unwrap().options[0].cli.en;
        let range = format!("FromPort={first},ToPort={last},UserIdGroupPairs");
        assert!(script.contains(&range), "{ports:?}: not {range} in {script}");
    }
}
