//! Which resources there are that an alarm can watch, by the names that CloudWatch knows them by.

use crate::snapshot::{GapId, Snapshot};
use std::borrow::Cow;
use std::collections::HashSet;

/// What alarms watch: regions and names of resources whose lists are complete by nature,
/// by kind.
#[derive(Default)]
pub(crate) struct Watchable<'a> {
    names: HashSet<(WatchableKind, &'a str, Cow<'a, str>)>,
}

/// A kind of resource that a dimension names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum WatchableKind {
    /// A DB instance.
    Database,
    /// A DB cluster.
    DatabaseCluster,
    /// An ECS cluster.
    Cluster,
    /// An ECS service, as `cluster/service`.
    Service,
    /// A load balancer, as `app/NAME/ID`.
    LoadBalancer,
    /// A target group, as `NAME/ID`.
    TargetGroup,
    /// An SNS topic.
    Topic,
    /// A NAT gateway.
    NatGateway,
}

impl WatchableKind {
    /// For people, in the words of AWS.
    pub(crate) fn name(self) -> &'static str {
        match self {
            WatchableKind::Database => "DB instance",
            WatchableKind::DatabaseCluster => "DB cluster",
            WatchableKind::Cluster => "ECS cluster",
            WatchableKind::Service => "ECS service",
            WatchableKind::LoadBalancer => "load balancer",
            WatchableKind::TargetGroup => "target group",
            WatchableKind::Topic => "SNS topic",
            WatchableKind::NatGateway => "NAT gateway",
        }
    }

    /// Whether every resource of the kind in a region is in its list.
    pub(crate) fn complete_in(self, snapshot: &Snapshot, region: &str) -> Result<(), GapId> {
        match self {
            WatchableKind::Database => snapshot.rds.db_instances.complete_in(region),
            WatchableKind::DatabaseCluster => snapshot.rds.db_clusters.complete_in(region),
            WatchableKind::Cluster => snapshot.ecs.clusters.complete_in(region),
            WatchableKind::Service => snapshot.ecs.services.complete_in(region),
            WatchableKind::LoadBalancer => snapshot.elb.load_balancers.complete_in(region),
            WatchableKind::TargetGroup => snapshot.elb.target_groups.complete_in(region),
            WatchableKind::Topic => snapshot.sns.topics.complete_in(region),
            WatchableKind::NatGateway => snapshot.ec2.nat_gateways.complete_in(region),
        }
    }
}

/// The part of an ARN that CloudWatch uses as a dimension.
pub(crate) fn tail<'a>(arn: &'a str, before: &str) -> &'a str {
    arn.split_once(before).map_or(arn, |(_, tail)| tail)
}

impl<'a> Watchable<'a> {
    /// Puts the names in order, once for all alarms.
    pub(crate) fn of(snapshot: &'a Snapshot) -> Self {
        let mut names = HashSet::new();
        let mut add = |kind, region: &'a str, name: &'a str| {
            names.insert((kind, region, Cow::Borrowed(name)));
        };
        for db in snapshot.rds.db_instances.iter() {
            add(WatchableKind::Database, &db.region, &db.id);
        }
        for cluster in snapshot.rds.db_clusters.iter() {
            add(WatchableKind::DatabaseCluster, &cluster.region, &cluster.id);
        }
        for cluster in snapshot.ecs.clusters.iter().filter(|cluster| !cluster.is_inactive()) {
            add(WatchableKind::Cluster, &cluster.region, &cluster.name);
        }
        for balancer in snapshot.elb.load_balancers.iter() {
            add(WatchableKind::LoadBalancer, &balancer.region, tail(&balancer.arn, ":loadbalancer/"));
        }
        for group in snapshot.elb.target_groups.iter() {
            add(WatchableKind::TargetGroup, &group.region, tail(&group.arn, ":targetgroup/"));
        }
        for topic in snapshot.sns.topics.iter() {
            add(WatchableKind::Topic, &topic.region, topic.arn.rsplit(':').next().unwrap_or_default());
        }
        for gateway in snapshot.ec2.nat_gateways.iter().filter(|gateway| gateway.state != "deleting") {
            add(WatchableKind::NatGateway, &gateway.region, &gateway.id);
        }
        for service in snapshot.ecs.services.iter().filter(|service| !service.is_inactive()) {
            // Not from the ARN: those from before 2018 lack the cluster.
            let name = format!("{}/{}", service.cluster_name, service.name);
            names.insert((WatchableKind::Service, &service.region, Cow::Owned(name)));
        }
        Watchable { names }
    }

    /// Whether a region has a resource of this kind and name.
    pub(crate) fn has(&self, kind: WatchableKind, region: &str, name: &str) -> bool {
        self.names.contains(&(kind, region, Cow::Borrowed(name)))
    }
}
