use super::*;
use crate::conclude::network::site::{self, gap, ids, routes, table};
use crate::snapshot::ec2::NatGateway;
use crate::snapshot::ecs::Task;
use crate::snapshot::elb::Target;
use crate::snapshot::rds::DbCluster;

const A: &str = "ap-northeast-1a";
const C: &str = "ap-northeast-1c";

/// A service of two tasks in private subnets of two zones with a gateway each, and a database with a
/// standby: nothing alone stops it.
fn robust() -> Snapshot {
    let mut snapshot = site::after();
    let service = &mut snapshot.ecs.services.items[0];
    (service.desired_count, service.running_count) = (2, 2);
    service.subnet_ids = ids(&["subnet-private-a", "subnet-private-c"]);
    let cluster = service.cluster_arn.clone();
    snapshot.ecs.tasks.items = [A, C]
        .map(|zone| Task {
            region: site::REGION.into(),
            cluster_arn: cluster.clone(),
            service_name: Some("shop-api".into()),
            availability_zone: Some(zone.into()),
            last_status: "RUNNING".into(),
            ..Task::default()
        })
        .into();
    snapshot.ec2.nat_gateways.items = [("nat-a", "subnet-public-a"), ("nat-c", "subnet-public-c")]
        .map(|(id, subnet)| NatGateway {
            id: id.into(),
            region: site::REGION.into(),
            vpc_id: "vpc-1".into(),
            subnet_id: subnet.into(),
            state: "available".into(),
            ..NatGateway::default()
        })
        .into();
    snapshot.ec2.route_tables.items.retain(|table| table.id != "rtb-private");
    for (zone, gateway) in [("a", "nat-a"), ("c", "nat-c")] {
        let subnet = format!("subnet-private-{zone}");
        let routes = [("0.0.0.0/0", gateway, "active")];
        snapshot.ec2.route_tables.items.push(table(&format!("rtb-{zone}"), false, &[&subnet], &routes));
    }
    snapshot.rds.db_instances.items[0].multi_az = Known::Yes(true);
    snapshot.elb.load_balancers.items[0].availability_zones = ids(&[A, C]);
    snapshot
}

fn cuts(snapshot: &Snapshot) -> OutageCuts {
    outage_cuts(snapshot, &snapshot.elb.load_balancers.items[0])
}

fn names(snapshot: &Snapshot) -> Vec<String> {
    let found = cuts(snapshot).cuts;
    found.known().unwrap().iter().map(|cut| format!("{} {}", cut.kind, cut.name)).collect()
}

#[test]
fn nothing_alone_stops_it() {
    assert_eq!(names(&robust()), Vec::<String>::new());
}

#[test]
fn the_only_gateway_and_the_database_in_one_zone() {
    let mut snapshot = robust();
    snapshot.rds.db_instances.items[0].multi_az = Known::Yes(false);
    let last = snapshot.ec2.route_tables.items.last_mut().unwrap();
    last.routes = routes(&[("0.0.0.0/0", "nat-a", "active")]);
    let found = cuts(&snapshot);
    assert_eq!(names(&snapshot), ["resource ec-db", "zone ap-northeast-1a"]);
    assert_eq!(
        found.summary.en,
        "A failure of database ec-db (no standby) is enough. Losing ap-northeast-1a is enough: \
         database ec-db (no standby) is there, the only outbound route of shop-api (nat-a) is there."
    );
    assert_eq!(found.database_ids, ["ec-db"]);
    assert_eq!(found.nat_gateway_ids, ["nat-a"]);
}

#[test]
fn gateways_that_stand_crosswise_fail_with_either_zone() {
    let mut snapshot = robust();
    snapshot.ec2.nat_gateways.items[0].subnet_id = "subnet-public-c".into();
    snapshot.ec2.nat_gateways.items[1].subnet_id = "subnet-public-a".into();
    assert_eq!(names(&snapshot), ["zone ap-northeast-1a", "zone ap-northeast-1c"]);
    // A regional gateway is in every zone.
    snapshot.ec2.nat_gateways.items[0].subnet_id.clear();
    snapshot.ec2.nat_gateways.items[1].subnet_id.clear();
    assert_eq!(names(&snapshot), Vec::<String>::new());
}

#[test]
fn tasks_in_one_zone_and_a_single_one() {
    let mut snapshot = robust();
    snapshot.ecs.tasks.items[1].availability_zone = Some(A.into());
    assert_eq!(names(&snapshot), ["zone ap-northeast-1a"]);
    let mut snapshot = robust();
    snapshot.ecs.services.items[0].desired_count = 1;
    snapshot.ecs.tasks.items.pop();
    assert_eq!(names(&snapshot), ["resource shop-api"]);
    snapshot.ecs.services.items[0].desired_count = 0;
    assert_eq!(names(&snapshot), Vec::<String>::new(), "it serves nothing");
}

#[test]
fn targets_without_a_service() {
    let mut snapshot = robust();
    snapshot.ecs.services.items.clear();
    let target = |id: &str, zone: &str| Target {
        id: id.into(),
        availability_zone: Some(zone.into()),
        state: "healthy".into(),
        ..Target::default()
    };
    let group = &mut snapshot.elb.target_groups.items[0];
    group.target_type = "instance".into();
    group.targets = Known::Yes(vec![target("i-1", A), target("i-2", C)]);
    assert_eq!(names(&snapshot), Vec::<String>::new());
    snapshot.elb.target_groups.items[0].targets = Known::Yes(vec![target("i-1", A), target("i-2", A)]);
    assert_eq!(names(&snapshot), ["zone ap-northeast-1a"]);
    snapshot.elb.target_groups.items[0].targets = Known::Yes(vec![target("i-1", A)]);
    assert_eq!(names(&snapshot), ["resource i-1", "zone ap-northeast-1a"]);
    snapshot.elb.target_groups.items[0].targets = Known::No(gap("elasticloadbalancing:DescribeTargetHealth"));
    assert_eq!(cuts(&snapshot).cuts, Known::No(gap("elasticloadbalancing:DescribeTargetHealth")));
}

#[test]
fn clusters_and_replicas() {
    let mut snapshot = robust();
    let db = &mut snapshot.rds.db_instances.items[0];
    (db.multi_az, db.cluster_id) = (Known::Yes(false), Some("shop".into()));
    let cluster = DbCluster {
        region: site::REGION.into(),
        id: "shop".into(),
        multi_az: Known::Yes(false),
        member_ids: ids(&["ec-db"]),
        ..DbCluster::default()
    };
    snapshot.rds.db_clusters.items = vec![cluster];
    assert_eq!(names(&snapshot), ["resource shop", "zone ap-northeast-1a"]);
    assert_eq!(cuts(&snapshot).cluster_ids, ["shop"]);
    snapshot.rds.db_clusters.items[0].member_ids = ids(&["ec-db", "ec-db-2"]);
    assert_eq!(names(&snapshot), ["zone ap-northeast-1a"], "another instance of the zone takes over");
    snapshot.rds.db_clusters.items[0].multi_az = Known::Yes(true);
    assert_eq!(names(&snapshot), Vec::<String>::new());
    let mut replica = robust();
    let db = &mut replica.rds.db_instances.items[0];
    (db.multi_az, db.replication_source_id) = (Known::Yes(false), Some("other".into()));
    assert_eq!(names(&replica), Vec::<String>::new());
}

#[test]
fn what_is_hidden_leaves_it_open_and_what_is_known_decides() {
    let denied = gap("rds:DescribeDBInstances");
    let mut snapshot = robust();
    snapshot.rds.db_instances.incomplete = vec![denied.clone()];
    assert_eq!(cuts(&snapshot).cuts, Known::No(denied));
    snapshot.ecs.tasks.items[1].availability_zone = Some(A.into());
    assert_eq!(names(&snapshot), ["zone ap-northeast-1a"]);
    let mut snapshot = robust();
    snapshot.ec2.nat_gateways.items.clear();
    snapshot.ec2.nat_gateways.incomplete = vec![gap("ec2:DescribeNatGateways")];
    assert_eq!(cuts(&snapshot).cuts, Known::No(gap("ec2:DescribeNatGateways")));
    // The tasks of hosts: what a database admits is the hosts.
    let mut snapshot = robust();
    snapshot.ecs.services.items[0].subnet_ids.clear();
    assert_eq!(cuts(&snapshot).cuts, Known::default());
}
