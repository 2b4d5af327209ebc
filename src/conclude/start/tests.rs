use super::*;
use crate::conclude::network::site;
use crate::snapshot::ecr::Image;

const IMAGE: &str = "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/shop-api:v1";

/// The review's account: public subnets, no roles, no log.
fn account(digest: Known<Option<String>>) -> Snapshot {
    let mut snapshot = site::after();
    let container = &mut snapshot.ecs.task_definitions.items[0].containers[0];
    container.image = IMAGE.into();
    for subnet in &mut snapshot.ec2.subnets.items {
        subnet.available_ip_address_count = 100;
    }
    snapshot.ecs.task_definitions.items[0].cpu_units = Some(256);
    snapshot.ecr.images.items = vec![Image {
        uri: IMAGE.into(),
        region: site::REGION.into(),
        repository_name: "shop-api".into(),
        digest,
    }];
    snapshot
}

fn concluded(snapshot: &Snapshot) -> TaskStart {
    task_start(&Facts::new(snapshot), &snapshot.ecs.services.items[0])
}

fn kinds(conditions: &[StartCondition], holds: &Known<bool>) -> Vec<String> {
    conditions.iter().filter(|it| it.holds == *holds).map(|it| it.kind.clone()).collect()
}

#[test]
fn every_condition_is_told_with_its_answer() {
    let mut snapshot = account(Known::Yes(Some("sha256:ab".into())));
    snapshot.servicequotas.quotas.incomplete = vec![site::gap("servicequotas:GetServiceQuota")];
    let found = concluded(&snapshot);
    assert_eq!(kinds(&found.conditions, &Known::Yes(true)), ["image", "addresses", "way-out"]);
    assert_eq!(kinds(&found.conditions, &Known::Yes(false)), ["pull-right", "egress"]);
    let hidden = Known::No(site::gap("servicequotas:GetServiceQuota"));
    assert_eq!(kinds(&found.conditions, &hidden), ["quota"]);
    assert_eq!(found.would_start, Known::Yes(false), "one that fails decides");
    assert!(found.summary.en.starts_with("A new task of shop-api would not start."), "{}", found.summary.en);
}

#[test]
fn what_is_hidden_is_named_and_leaves_the_whole_open() {
    let gap = GapId::new("ecr:DescribeImages", site::REGION, Some("shop-api:v1"));
    let mut snapshot = account(Known::No(gap.clone()));
    snapshot.ecs.services.items[0].launch_type = Some("EC2".into());
    let found = concluded(&snapshot);
    assert_eq!((found.would_start, found.obstacles), (Known::No(gap.clone()), Known::No(gap)));
    assert!(found.summary.en.ends_with(&format!("not known: {IMAGE}.")), "{}", found.summary.en);
}

#[test]
fn a_registry_that_cannot_be_asked_does_not_count_and_is_named() {
    let mut snapshot = account(Known::Yes(None));
    snapshot.ecs.services.items[0].launch_type = Some("EC2".into());
    snapshot.ecs.task_definitions.items[0].containers[0].image = "nginx".into();
    let found = concluded(&snapshot);
    assert_eq!((found.would_start, found.obstacles), (Known::Yes(true), Known::Yes(Vec::new())));
    assert!(found.summary.en.ends_with("not known: nginx."), "{}", found.summary.en);
}

#[test]
fn keys_survive_deployments() {
    let mut snapshot = account(Known::Yes(None));
    snapshot.ecs.services.items[0].launch_type = Some("EC2".into());
    let obstacles = concluded(&snapshot).obstacles;
    let keys: Vec<&str> = obstacles.known().unwrap().iter().map(|obstacle| obstacle.key.as_str()).collect();
    assert_eq!(keys, ["image/123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/shop-api"]);
}
