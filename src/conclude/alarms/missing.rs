//! Alarms on what is no longer there.

use super::MissingResource;
use crate::conclude::facts::{Facts, WatchableKind, tail};
use crate::snapshot::cloudwatch::{Alarm, AlarmMetric};
use crate::snapshot::known::Known;

/// See [`crate::conclude::FUNCTIONS`].
pub(crate) fn missing_resources(facts: &Facts<'_>, alarm: &Alarm) -> Known<Vec<MissingResource>> {
    let snapshot = facts.snapshot();
    let mut missing: Vec<MissingResource> = Vec::new();
    let mut gap = None;
    let own =
        |metric: &&AlarmMetric| metric.account_id.as_ref().is_none_or(|account| *account == snapshot.account);
    for (kind, name) in alarm.metrics.iter().filter(own).flat_map(watched) {
        let is_named = |known: &MissingResource| known.kind == kind.name() && known.name == name;
        if facts.watchable().has(kind, &alarm.region, &name) || missing.iter().any(is_named) {
            continue;
        }
        match kind.complete_in(snapshot, &alarm.region) {
            Ok(()) => missing.push(MissingResource { kind: kind.name().to_owned(), name }),
            Err(hidden) => gap = gap.or(Some(hidden)),
        }
    }
    match gap {
        Some(gap) if missing.is_empty() => Known::No(gap),
        _ => Known::Yes(missing),
    }
}

/// What a metric is about, as far as the account's lists would show it.
fn watched(metric: &AlarmMetric) -> Vec<(WatchableKind, String)> {
    let dimension = |name: &str| metric.dimensions.get(name).cloned();
    let one = |kind: WatchableKind, name: &str| dimension(name).map(|value| (kind, value));
    let found = match metric.namespace.as_str() {
        "AWS/RDS" => vec![
            one(WatchableKind::Database, "DBInstanceIdentifier"),
            one(WatchableKind::DatabaseCluster, "DBClusterIdentifier"),
        ],
        "AWS/ECS" | "ECS/ContainerInsights" => {
            let service = dimension("ClusterName").zip(dimension("ServiceName"));
            match service {
                Some((cluster, service)) => {
                    vec![Some((WatchableKind::Service, format!("{cluster}/{service}")))]
                }
                None => vec![one(WatchableKind::Cluster, "ClusterName")],
            }
        }
        "AWS/ApplicationELB" | "AWS/NetworkELB" | "AWS/GatewayELB" => {
            let group = dimension("TargetGroup");
            let group =
                group.map(|name| (WatchableKind::TargetGroup, tail(&name, "targetgroup/").to_owned()));
            vec![one(WatchableKind::LoadBalancer, "LoadBalancer"), group]
        }
        "AWS/SNS" => vec![one(WatchableKind::Topic, "TopicName")],
        "AWS/NATGateway" => vec![one(WatchableKind::NatGateway, "NatGatewayId")],
        _ => Vec::new(),
    };
    found.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conclude::network::site::{self, REGION, gap};
    use crate::snapshot::Snapshot;
    use crate::snapshot::ec2::NatGateway;
    use crate::snapshot::sns::Topic;

    fn alarm(namespace: &str, dimensions: &[(&str, &str)]) -> Alarm {
        let dimensions = dimensions.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        let metric = AlarmMetric {
            namespace: namespace.into(),
            dimensions: dimensions.collect(),
            ..AlarmMetric::default()
        };
        Alarm { region: REGION.into(), metrics: vec![metric], ..Alarm::default() }
    }

    fn account() -> Snapshot {
        let mut snapshot = site::before();
        snapshot.ecs.clusters.items.push(crate::snapshot::ecs::Cluster {
            region: REGION.into(),
            name: "shop".into(),
            status: "ACTIVE".into(),
            ..Default::default()
        });
        snapshot.elb.target_groups.items[0].arn =
            format!("arn:aws:elasticloadbalancing:{REGION}:123456789012:targetgroup/shop-tg/6d0e");
        let topic = format!("arn:aws:sns:{REGION}:123456789012:alerts");
        snapshot.sns.topics.items.push(Topic { arn: topic, region: REGION.into(), ..Topic::default() });
        let nat = NatGateway { id: "nat-1".into(), region: REGION.into(), ..NatGateway::default() };
        snapshot.ec2.nat_gateways.items.push(nat);
        snapshot
    }

    fn missing(snapshot: &Snapshot, alarm: &Alarm) -> Known<Vec<String>> {
        let found = missing_resources(&Facts::new(snapshot), alarm);
        found.map(|found| found.into_iter().map(|one| format!("{} {}", one.kind, one.name)).collect())
    }

    #[test]
    fn what_is_there_is_found_and_what_is_not_is_named() {
        let snapshot = account();
        type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a [&'a str]);
        let cases: &[Case<'_>] = &[
            ("AWS/RDS", &[("DBInstanceIdentifier", "ec-db")], &[]),
            ("AWS/RDS", &[("DBInstanceIdentifier", "old-db")], &["DB instance old-db"]),
            ("AWS/RDS", &[("DBClusterIdentifier", "old")], &["DB cluster old"]),
            ("AWS/RDS", &[("DatabaseClass", "db.t4g.small")], &[]),
            ("AWS/ECS", &[("ClusterName", "shop"), ("ServiceName", "shop-api")], &[]),
            ("AWS/ECS", &[("ClusterName", "shop"), ("ServiceName", "old")], &["ECS service shop/old"]),
            ("ECS/ContainerInsights", &[("ClusterName", "old")], &["ECS cluster old"]),
            ("AWS/ECS", &[("ClusterName", "shop")], &[]),
            ("AWS/ApplicationELB", &[("LoadBalancer", "app/shop-alb/50dc")], &[]),
            (
                "AWS/ApplicationELB",
                &[("LoadBalancer", "app/shop-alb/0000"), ("TargetGroup", "targetgroup/shop-tg/6d0e")],
                &["load balancer app/shop-alb/0000"],
            ),
            ("AWS/NetworkELB", &[("TargetGroup", "targetgroup/old/1")], &["target group old/1"]),
            ("AWS/SNS", &[("TopicName", "alerts")], &[]),
            ("AWS/SNS", &[("TopicName", "gone")], &["SNS topic gone"]),
            ("AWS/NATGateway", &[("NatGatewayId", "nat-1")], &[]),
            ("AWS/NATGateway", &[("NatGatewayId", "nat-2")], &["NAT gateway nat-2"]),
            ("Shop", &[("DBInstanceIdentifier", "old-db")], &[]),
        ];
        for (namespace, dimensions, expected) in cases {
            let found = missing(&snapshot, &alarm(namespace, dimensions));
            assert_eq!(found, Known::Yes(site::ids(expected)), "{namespace} {dimensions:?}");
        }
    }

    #[test]
    fn a_service_with_an_arn_of_old_is_found() {
        let mut snapshot = account();
        let service = &mut snapshot.ecs.services.items[0];
        service.arn = format!("arn:aws:ecs:{REGION}:123456789012:service/shop-api");
        let watching = alarm("AWS/ECS", &[("ClusterName", "shop"), ("ServiceName", "shop-api")]);
        assert_eq!(missing(&snapshot, &watching), Known::Yes(Vec::new()));
    }

    #[test]
    fn other_regions_and_accounts_are_not_confused_with_this_one() {
        let snapshot = account();
        let mut far = alarm("AWS/RDS", &[("DBInstanceIdentifier", "ec-db")]);
        far.region = "us-east-1".into();
        assert_eq!(missing(&snapshot, &far), Known::Yes(site::ids(&["DB instance ec-db"])));
        let mut other = alarm("AWS/RDS", &[("DBInstanceIdentifier", "theirs")]);
        other.metrics[0].account_id = Some("999999999999".into());
        assert_eq!(missing(&snapshot, &other), Known::Yes(Vec::new()));
        other.metrics[0].account_id = Some("123456789012".into());
        assert_eq!(missing(&snapshot, &other), Known::Yes(site::ids(&["DB instance theirs"])));
    }

    #[test]
    fn only_a_whole_list_shows_that_something_is_gone() {
        let mut snapshot = account();
        snapshot.rds.db_instances.incomplete = vec![gap("rds:DescribeDBInstances")];
        let old = alarm("AWS/RDS", &[("DBInstanceIdentifier", "old-db")]);
        assert_eq!(missing(&snapshot, &old), Known::No(gap("rds:DescribeDBInstances")));
        let known = alarm("AWS/RDS", &[("DBInstanceIdentifier", "ec-db")]);
        assert_eq!(missing(&snapshot, &known), Known::Yes(Vec::new()));
        let cluster = alarm("AWS/RDS", &[("DBClusterIdentifier", "old")]);
        assert_eq!(missing(&snapshot, &cluster), Known::Yes(site::ids(&["DB cluster old"])));
    }
}
