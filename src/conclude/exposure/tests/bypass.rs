use crate::conclude::exposure::{PastLoadBalancer, ways_past_load_balancer};
use crate::conclude::network::site::*;
use crate::snapshot::Snapshot;
use crate::snapshot::known::Known;

fn ways(snapshot: &Snapshot) -> PastLoadBalancer {
    ways_past_load_balancer(snapshot, &snapshot.ecs.services.items[0])
}

fn sources(past: &PastLoadBalancer) -> Vec<&str> {
    past.ways.known().unwrap().iter().map(|way| way.source.as_str()).collect()
}

#[test]
fn the_review_is_open_right_to_the_tasks() {
    let past = ways(&before());
    assert_eq!(past.is_behind_load_balancer, Known::Yes(true));
    assert_eq!(past.load_balancer_group_ids, Known::Yes(ids(&["sg-alb"])));
    assert_eq!(past.is_reachable_from_internet, Known::Yes(true));
    let way = &past.ways.known().unwrap()[0];
    assert_eq!(
        (way.group_id.as_str(), way.ports.as_str(), way.source.as_str()),
        ("sg-ecs", "tcp/8080", "0.0.0.0/0")
    );
    assert_eq!(
        past.summary.en,
        "sg-ecs (ecs-sg) admits 0.0.0.0/0 to tcp/8080, bypassing the load balancer's group sg-alb (alb-sg). \
         The tasks of shop-api have public addresses in public subnets, so the internet reaches them directly."
    );
    assert_eq!(
        past.summary.ja,
        "sg-ecs (ecs-sg) が 0.0.0.0/0 に tcp/8080 を許可しており、ロードバランサーのグループ sg-alb (alb-sg) \
         を経由せずに shop-api のタスクへ通信できる。shop-api のタスクはパブリックサブネットでパブリックアドレスを\
         持つため、インターネットから直接到達できる。"
    );
}

#[test]
fn after_phase_1_there_is_no_way() {
    let past = ways(&after());
    assert_eq!(past.ways, Known::Yes(Vec::new()));
    assert_eq!(past.is_reachable_from_internet, Known::Yes(false));
    assert!(
        past.summary.en.contains("Only the load balancer's group sg-alb (alb-sg)"),
        "{}",
        past.summary.en
    );
}

#[test]
fn anybody_but_the_load_balancer_is_a_way() {
    let mut snapshot = after();
    let rules = [
        ("tcp", 8080, 8080, "sg-alb"),
        ("tcp", 8000, 9000, "10.0.0.0/16"),
        ("-1", -1, -1, "sg-rds"),
        ("tcp", 8080, 8080, "pl-1"),
        ("tcp", 22, 22, "0.0.0.0/0"),
        ("udp", 8080, 8080, "0.0.0.0/0"),
    ];
    snapshot.ec2.security_groups.items[1] = group("sg-ecs", "ecs-sg", &rules);
    snapshot.ec2.prefix_lists.items = vec![prefix_list("pl-1", Known::Yes(vec!["198.51.100.0/24"]))];
    let past = ways(&snapshot);
    assert_eq!(sources(&past), ["10.0.0.0/16", "sg-rds (rds-sg)", "pl-1 (ours)"]);
    assert_eq!(past.is_reachable_from_internet, Known::Yes(false));
    assert!(past.summary.en.contains("does not reach the tasks directly"), "{}", past.summary.en);
}

#[test]
fn load_balancers_without_groups_let_clients_through_by_design() {
    let mut snapshot = before();
    let nlb = &mut snapshot.elb.load_balancers.items[0];
    nlb.kind = "network".into();
    nlb.security_group_ids.clear();
    assert_eq!(ways(&snapshot).is_behind_load_balancer, Known::Yes(false));
    snapshot.elb.load_balancers.items[0].security_group_ids = ids(&["sg-alb"]);
    assert_eq!(ways(&snapshot).is_behind_load_balancer, Known::Yes(true));
    snapshot.ecs.services.items[0].load_balancers.clear();
    assert_eq!(ways(&snapshot).is_behind_load_balancer, Known::Yes(false));
}

#[test]
fn a_hidden_load_balancer_or_group_is_unknown() {
    let mut snapshot = before();
    snapshot.elb.target_groups.items.clear();
    let hidden = gap("elasticloadbalancing:DescribeTargetGroups");
    snapshot.elb.target_groups.incomplete = vec![hidden.clone()];
    assert_eq!(ways(&snapshot).is_behind_load_balancer, Known::No(hidden.clone()));
    assert_eq!(ways(&snapshot).ways, Known::No(hidden));
    let mut snapshot = before();
    snapshot.ec2.security_groups.items.remove(1);
    let hidden = gap("ec2:DescribeSecurityGroups");
    snapshot.ec2.security_groups.incomplete = vec![hidden.clone()];
    let past = ways(&snapshot);
    assert_eq!(past.is_behind_load_balancer, Known::Yes(true));
    assert_eq!(past.ways, Known::No(hidden));
    snapshot.ecs.services.items[0].security_group_ids = ids(&["sg-rds", "sg-ecs"]);
    snapshot.ec2.security_groups.items[1] = group("sg-rds", "rds-sg", &[("-1", -1, -1, "0.0.0.0/0")]);
    assert_eq!(sources(&ways(&snapshot)), ["0.0.0.0/0"], "what is known is a way all the same");
}
