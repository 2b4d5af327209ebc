use crate::conclude::exposure::{Exposure, starter_exposure};
use crate::conclude::network::site::*;
use crate::snapshot::Snapshot;
use crate::snapshot::ec2::NetworkInterface;
use crate::snapshot::ecs::{TaskRun, TaskStarter};
use crate::snapshot::gap::GapId;
use crate::snapshot::known::Known;

fn exposure(snapshot: &Snapshot, runs: &[&TaskRun]) -> Exposure {
    let starter = TaskStarter {
        region: REGION.into(),
        name: "nightly".into(),
        runs: runs.iter().map(|run| (*run).clone()).collect(),
        ..TaskStarter::default()
    };
    starter_exposure(snapshot, &starter)
}

/// What a rule starts in public subnets.
fn started() -> TaskRun {
    TaskRun {
        task_definition_arn: "arn:aws:ecs:ap-northeast-1:123456789012:task-definition/report:1".into(),
        subnet_ids: ids(&["subnet-public-a", "subnet-public-c"]),
        security_group_ids: ids(&["sg-ecs"]),
        assign_public_ip: Known::Yes(true),
        ..TaskRun::default()
    }
}

/// What somebody started, as its interface shows it.
fn running() -> TaskRun {
    TaskRun {
        task_definition_arn: started().task_definition_arn,
        network_interface_ids: ids(&["eni-1"]),
        assign_public_ip: Known::Yes(false),
        ..TaskRun::default()
    }
}

/// The review's account, where groups admit the world, with a task's interface.
fn site(interface: NetworkInterface) -> Snapshot {
    let mut snapshot = before();
    snapshot.ecs.task_definitions.items[0].arn = started().task_definition_arn;
    snapshot.ec2.network_interfaces.items = vec![NetworkInterface {
        id: "eni-1".into(),
        region: REGION.into(),
        vpc_id: "vpc-1".into(),
        subnet_id: "subnet-public-a".into(),
        security_group_ids: ids(&["sg-ecs"]),
        ..interface
    }];
    snapshot
}

fn private() -> NetworkInterface {
    NetworkInterface { private_ips: ids(&["10.0.1.7"]), ..NetworkInterface::default() }
}

/// The same with IPv6 in every subnet, its routes and its group.
fn with_ipv6(interface: NetworkInterface) -> Snapshot {
    let mut snapshot = site(interface);
    for subnet in &mut snapshot.ec2.subnets.items {
        subnet.ipv6_cidr_blocks = ids(&["2406:da14::/64"]);
    }
    snapshot.ec2.route_tables.items[1].routes.extend(routes(&[("::/0", "igw-1", "active")]));
    snapshot.ec2.security_groups.items[1] = group("sg-ecs", "ecs-sg", &[("tcp", 8080, 8080, "::/0")]);
    snapshot
}

/// assignPublicIp of the network configuration:
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AwsVpcConfiguration.html>.
#[test]
fn the_setting_or_the_interface_says_whether_there_is_an_address() {
    let detail = |exposure: &Exposure| {
        let hop = exposure.hops.iter().find(|hop| hop.kind == "public-address").unwrap();
        (hop.resource.clone(), hop.is_open.clone(), hop.detail.en.clone())
    };
    let get = "the tasks of nightly get public addresses";
    let get_none = "the tasks of nightly get no public addresses";
    let open = exposure(&site(private()), &[&started()]);
    assert_eq!(open.is_reachable, Known::Yes(true));
    assert_eq!(detail(&open), ("nightly".to_owned(), Known::Yes(true), get.to_owned()));
    let without = TaskRun { assign_public_ip: Known::Yes(false), ..started() };
    let closed = exposure(&site(private()), &[&without]);
    assert_eq!(closed.is_reachable, Known::Yes(false));
    assert_eq!(detail(&closed), ("nightly".to_owned(), Known::Yes(false), get_none.to_owned()));
    let closed = exposure(&site(private()), &[&running()]);
    assert_eq!((&closed.is_reachable, detail(&closed).1), (&Known::Yes(false), Known::Yes(false)));
    let public = NetworkInterface { public_ips: ids(&["54.64.1.2"]), ..private() };
    let open = exposure(&site(public), &[&running()]);
    assert_eq!((&open.is_reachable, detail(&open).2.as_str()), (&Known::Yes(true), get));
}

/// Whether a task that is yet to be started gets an IPv6 address depends on the account's setting
/// dualStackIPv6: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html>.
#[test]
fn ipv6_addresses_are_shown_by_what_runs() {
    let without = TaskRun { assign_public_ip: Known::Yes(false), ..started() };
    let yet_unknown = exposure(&with_ipv6(private()), &[&without]);
    assert_eq!(yet_unknown.is_reachable, Known::No(GapId::default()));
    let hop = yet_unknown.hops.iter().find(|hop| hop.kind == "public-address").unwrap();
    assert_eq!(hop.detail.en, "it is unknown whether the tasks of nightly get public addresses");
    assert_eq!(exposure(&with_ipv6(private()), &[&running()]).is_reachable, Known::Yes(false));
    let with_address = NetworkInterface { ipv6_addresses: ids(&["2406:da14::7"]), ..private() };
    assert_eq!(exposure(&with_ipv6(with_address), &[&running()]).is_reachable, Known::Yes(true));
    let mut one = with_ipv6(private());
    one.ec2.subnets.items[0].ipv6_cidr_blocks.clear();
    assert_eq!(exposure(&one, &[&without]).is_reachable, Known::No(GapId::default()), "any subnet may be it");
}

#[test]
fn of_several_kinds_of_tasks_the_one_that_is_reached_speaks() {
    let mut snapshot = site(private());
    snapshot.ec2.subnets.incomplete = vec![gap("ec2:DescribeSubnets")];
    let open = started();
    let closed = TaskRun { assign_public_ip: Known::Yes(false), ..started() };
    let hidden = TaskRun { subnet_ids: ids(&["subnet-hidden"]), ..started() };
    let on_hosts = TaskRun { task_definition_arn: started().task_definition_arn, ..TaskRun::default() };
    let reached = |runs: &[&TaskRun]| exposure(&snapshot, runs).is_reachable;
    let unknown = || Known::No(gap("ec2:DescribeSubnets"));
    assert_eq!(reached(&[&closed]), Known::Yes(false));
    assert_eq!(reached(&[&hidden]), unknown());
    assert_eq!(reached(&[&closed, &hidden]), unknown());
    assert_eq!(reached(&[&closed, &hidden, &open]), Known::Yes(true));
    assert_eq!(reached(&[&on_hosts, &open]), Known::Yes(true), "only those with interfaces of their own");
    assert_eq!(exposure(&snapshot, &[&on_hosts]), Exposure::default());
}

/// "If you don't specify a security group, the default security group for the VPC is used"
/// (AwsVpcConfiguration).
#[test]
fn a_task_without_a_group_has_the_default_one() {
    let mut snapshot = site(private());
    let groups = &mut snapshot.ec2.security_groups.items;
    groups.push(group("sg-default", "default", &[("tcp", 8080, 8080, "0.0.0.0/0")]));
    let without = TaskRun { security_group_ids: vec![], ..started() };
    let found = exposure(&snapshot, &[&without]);
    assert_eq!((found.is_reachable, found.security_group_ids), (Known::Yes(true), ids(&["sg-default"])));
    snapshot.ec2.security_groups.items[3].ingress.clear();
    assert_eq!(exposure(&snapshot, &[&without]).is_reachable, Known::Yes(false));
    let own = exposure(&snapshot, &[&TaskRun { assign_public_ip: Known::Yes(true), ..running() }]);
    assert_eq!((own.is_reachable, own.security_group_ids), (Known::Yes(true), ids(&["sg-ecs"])));
}

#[test]
fn the_ports_are_those_that_the_containers_declare() {
    let mut snapshot = site(private());
    assert!(exposure(&snapshot, &[&started()]).summary.en.contains("tcp/8080"));
    let containers = &mut snapshot.ecs.task_definitions.items[0].containers;
    containers[0].container_ports = vec![9090];
    assert_eq!(exposure(&snapshot, &[&started()]).is_reachable, Known::Yes(false), "the group admits 8080");
    snapshot.ecs.task_definitions.items[0].containers[0].container_ports.clear();
    assert_eq!(exposure(&snapshot, &[&started()]).is_reachable, Known::Yes(true), "it may listen anywhere");
}
