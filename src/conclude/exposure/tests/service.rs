use crate::conclude::exposure::{Exposure, service_exposure};
use crate::conclude::network::site::*;
use crate::snapshot::Snapshot;
use crate::snapshot::ec2::NetworkInterface;
use crate::snapshot::ecs::Task;
use crate::snapshot::gap::GapId;
use crate::snapshot::known::Known;

fn exposure(snapshot: &Snapshot) -> Exposure {
    service_exposure(snapshot, &snapshot.ecs.services.items[0])
}

/// A running task of the service with an interface.
fn run_task(snapshot: &mut Snapshot, interface: NetworkInterface) {
    snapshot.ecs.tasks.items = vec![Task {
        region: REGION.into(),
        cluster_arn: "arn:cluster".into(),
        service_name: Some("shop-api".into()),
        network_interface_id: Some("eni-1".into()),
        ..Default::default()
    }];
    snapshot.ec2.network_interfaces.items = vec![NetworkInterface {
        id: "eni-1".into(),
        region: REGION.into(),
        subnet_id: "subnet-public-a".into(),
        security_group_ids: ids(&["sg-ecs"]),
        ..interface
    }];
}

#[test]
fn tasks_in_public_subnets_are_reached_directly() {
    let exposure = exposure(&before());
    assert_eq!(exposure.is_reachable, Known::Yes(true));
    assert_eq!(exposure.is_open_in_waiting, Known::Yes(false));
    assert_eq!(exposure.hops.iter().filter(|hop| hop.kind == "route-table").count(), 2);
    assert_eq!(exposure.summary.en, "The internet reaches shop-api on tcp/8080: every hop is open.");
}

#[test]
fn after_phase_1_the_group_holds() {
    let exposure = exposure(&after());
    assert_eq!(exposure.is_reachable, Known::Yes(false));
    assert!(exposure.summary.en.contains("security group sg-ecs (ecs-sg) does not admit the internet"));
}

#[test]
fn one_public_subnet_is_enough_because_tasks_go_everywhere() {
    let mut snapshot = before();
    snapshot.ecs.services.items[0].subnet_ids = ids(&["subnet-private-a", "subnet-public-c"]);
    assert_eq!(exposure(&snapshot).is_reachable, Known::Yes(true));
    snapshot.ecs.services.items[0].subnet_ids = ids(&["subnet-private-a"]);
    assert_eq!(exposure(&snapshot).is_reachable, Known::Yes(false));
}

#[test]
fn without_public_addresses_only_the_interface_can_say_otherwise() {
    let mut snapshot = before();
    snapshot.ecs.services.items[0].assign_public_ip = false;
    let closed = exposure(&snapshot);
    assert_eq!(closed.is_reachable, Known::Yes(false));
    assert_eq!(closed.is_open_in_waiting, Known::Yes(true));
    assert!(closed.summary.en.contains("the tasks of shop-api have no public addresses"));
    let public_ips = ids(&["54.64.1.2"]);
    run_task(&mut snapshot, NetworkInterface { public_ips, ..Default::default() });
    assert_eq!(exposure(&snapshot).is_reachable, Known::Yes(true));
}

#[test]
fn ipv6_addresses_are_public_without_the_setting() {
    let mut snapshot = before();
    snapshot.ecs.services.items[0].assign_public_ip = false;
    for subnet in &mut snapshot.ec2.subnets.items {
        subnet.ipv6_cidr_blocks = ids(&["2406:da14::/64"]);
    }
    snapshot.ec2.route_tables.items[1].routes.extend(routes(&[("::/0", "igw-1", "active")]));
    snapshot.ec2.security_groups.items[1] = group("sg-ecs", "ecs-sg", &[("tcp", 8080, 8080, "::/0")]);
    assert_eq!(exposure(&snapshot).is_reachable.known(), None, "no task shows whether there are any");
    run_task(&mut snapshot, NetworkInterface::default());
    assert_eq!(exposure(&snapshot).is_reachable, Known::Yes(false));
    let ipv6_addresses = ids(&["2406:da14::5"]);
    run_task(&mut snapshot, NetworkInterface { ipv6_addresses, ..Default::default() });
    assert_eq!(exposure(&snapshot).is_reachable, Known::Yes(true));
}

#[test]
fn ports_come_from_the_load_balancer_or_the_definition() {
    let mut snapshot = before();
    snapshot.ecs.services.items[0].load_balancers.clear();
    assert_eq!(exposure(&snapshot).is_reachable, Known::Yes(true));
    snapshot.ecs.task_definitions.items[0].containers[0].container_ports = vec![9000];
    assert_eq!(exposure(&snapshot).is_reachable, Known::Yes(false));
    snapshot.ecs.task_definitions.items[0].containers[0].container_ports.clear();
    assert_eq!(exposure(&snapshot).is_reachable, Known::Yes(true), "it may listen on any port");
    let denied = GapId::new("ecs:DescribeTaskDefinition", REGION, Some("arn:td"));
    snapshot.ecs.task_definitions.items.clear();
    let other = GapId::new("ecs:DescribeTaskDefinition", REGION, Some("arn:other"));
    snapshot.ecs.task_definitions.incomplete = vec![other, denied.clone()];
    assert_eq!(exposure(&snapshot).is_reachable, Known::No(denied));
    snapshot.ec2.security_groups.items[1].ingress.clear();
    assert_eq!(exposure(&snapshot).is_reachable, Known::Yes(false));
}

#[test]
fn default_groups_and_missing_subnets() {
    let mut snapshot = before();
    snapshot.ecs.services.items[0].security_group_ids.clear();
    assert_eq!(exposure(&snapshot).is_reachable.known(), None);
    let default = group("sg-default", "default", &[("-1", -1, -1, "sg-default")]);
    snapshot.ec2.security_groups.items.push(default);
    assert_eq!(exposure(&snapshot).is_reachable, Known::Yes(false));
    // On Fargate AWS documents subnets as always there.
    snapshot.ecs.services.items[0].launch_type = Some("FARGATE".into());
    snapshot.ecs.services.items[0].subnet_ids.clear();
    assert_eq!(exposure(&snapshot).is_reachable.known(), None);
}

#[test]
fn hidden_subnets_are_unknown_unless_the_group_is_closed() {
    let mut snapshot = before();
    snapshot.ec2.subnets.items.clear();
    snapshot.ec2.subnets.incomplete = vec![gap("ec2:DescribeSubnets")];
    assert_eq!(exposure(&snapshot).is_reachable.known(), None);
    snapshot.ec2.security_groups.items = after().ec2.security_groups.items;
    assert_eq!(exposure(&snapshot).is_reachable, Known::Yes(false));
}

#[test]
fn hidden_subnets_hide_the_whole_way() {
    let mut snapshot = before();
    snapshot.ec2.subnets.items.clear();
    snapshot.ec2.subnets.incomplete = vec![gap("ec2:DescribeSubnets")];
    assert_eq!(exposure(&snapshot).is_reachable, Known::No(gap("ec2:DescribeSubnets")));
}

#[test]
fn tasks_in_a_network_of_their_hosts_are_reached_by_these() {
    use crate::snapshot::ecs::{ContainerInstance, HostPort};
    let exposed = |host_port: (i64, i64, i64), edit: fn(&mut Snapshot)| {
        let mut snapshot = before();
        let service = &mut snapshot.ecs.services.items[0];
        service.launch_type = Some("EC2".into());
        service.subnet_ids.clear();
        service.security_group_ids.clear();
        service.desired_count = 1;
        snapshot.ecs.task_definitions.items[0].network_mode = Some("bridge".into());
        let (from_port, to_port, container_port) = host_port;
        let port = HostPort { protocol: "tcp".into(), from_port, to_port, container_port };
        let task = |name: &str, cluster: &str, host: &str| Task {
            region: REGION.into(),
            cluster_arn: cluster.into(),
            service_name: Some(name.into()),
            task_definition_arn: "arn:td".into(),
            container_instance_arn: Known::Yes(Some(host.into())),
            host_ports: Known::Yes(vec![port.clone()]),
            ..Task::default()
        };
        snapshot.ecs.tasks.items = vec![
            task("shop-web", "arn:cluster", "arn:ci/2"),
            task("shop-api", "arn:other", "arn:ci/2"),
            task("shop-api", "arn:cluster", "arn:ci/1"),
        ];
        let host = |number: u8| ContainerInstance {
            arn: format!("arn:ci/{number}"),
            region: REGION.into(),
            cluster_arn: "arn:cluster".into(),
            ec2_instance_id: Some(format!("i-{number}")),
            status: "ACTIVE".into(),
        };
        snapshot.ecs.container_instances.items = vec![host(1), host(2)];
        let interface = |number: u8, group: &str, subnet: &str| NetworkInterface {
            id: format!("eni-{number}"),
            region: REGION.into(),
            vpc_id: "vpc-1".into(),
            subnet_id: subnet.into(),
            instance_id: Some(format!("i-{number}")),
            public_ips: ids(&["203.0.113.9"]),
            security_group_ids: ids(&[group]),
            ..NetworkInterface::default()
        };
        snapshot.ec2.network_interfaces.items =
            vec![interface(1, "sg-ecs", "subnet-public-a"), interface(2, "sg-alb", "subnet-private-a")];
        edit(&mut snapshot);
        exposure(&snapshot)
    };
    let nothing: fn(&mut Snapshot) = |_| {};
    let open = exposed((8080, 8080, 8080), nothing);
    assert_eq!(open.is_reachable, Known::Yes(true));
    assert_eq!(open.security_group_ids, ids(&["sg-ecs"]), "other services are elsewhere");
    let address = open.hops.iter().find(|hop| hop.kind == "public-address").unwrap();
    assert_eq!(address.detail.en, "the hosts of shop-api, i-1, have public addresses");
    assert!(open.summary.en.contains("shop-api (i-1)"), "{}", open.summary.en);
    assert_eq!(open.is_open_in_waiting, Known::Yes(false));
    // The load balancer sends clients to port 8080 of the container: what leads elsewhere is not used.
    assert_eq!(exposed((8080, 8080, 9090), nothing).is_reachable, Known::Yes(false));
    assert_eq!(exposed((8075, 8085, 8075), nothing).is_reachable, Known::Yes(true), "a range of ports");
    assert_eq!(exposed((8080, 8080, 8000), nothing).is_reachable, Known::Yes(false));
    let private = exposed((8080, 8080, 8080), |it| it.ec2.network_interfaces.items[0].public_ips.clear());
    assert_eq!(private.is_reachable, Known::Yes(false));
    let address = private.hops.iter().find(|hop| hop.kind == "public-address").unwrap();
    assert_eq!(address.detail.en, "the hosts of shop-api, i-1, have no public addresses");
    let outside = exposed((8080, 8080, 8080), |it| {
        it.ecs.container_instances.items[0].ec2_instance_id = None;
    });
    assert_eq!(outside.is_reachable, Known::No(GapId::default()));
    assert!(outside.summary.en.contains("machines outside of AWS"), "{}", outside.summary.en);
    // Where none runs, any host of the cluster may get the next task.
    let any: fn(&mut Snapshot) = |it| it.ecs.tasks.items.clear();
    let found = exposed((8080, 8080, 8080), any);
    assert_eq!(found.is_reachable, Known::No(GapId::default()));
    assert!(found.summary.en.contains("no task runs, and some hosts of the cluster"), "{}", found.summary.en);
    let none_wanted = exposed((8080, 8080, 8080), |it| {
        it.ecs.tasks.items.clear();
        it.ecs.services.items[0].desired_count = 0;
    });
    assert_eq!(none_wanted.is_reachable, Known::Yes(false));
    assert!(none_wanted.summary.en.contains("no task of it listens"), "{}", none_wanted.summary.en);
    let denied = exposed((8080, 8080, 8080), |it| {
        it.ecs.tasks.items.clear();
        it.ecs.tasks.incomplete = vec![gap("ecs:ListTasks")];
    });
    assert_eq!(denied.is_reachable, Known::No(gap("ecs:ListTasks")));
    assert!(denied.summary.en.contains("not all of its hosts are known"), "{}", denied.summary.en);
}
