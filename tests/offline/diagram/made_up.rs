//! Accounts that are made up: numbers out of a seed decide how many there are of what, where it stands and
//! what AWS would not say. Records are read from JSON, as saved snapshots are.

use serde_json::{Value, json};
use std::collections::BTreeSet;
use tenken::diagram::NumberedProblem;
use tenken::finding::Severity;
use tenken::snapshot::{GapId, Snapshot};
use tenken::text::Text;

const REGION: &str = "ap-northeast-1";
const ACCOUNT: &str = "123456789012";

/// Numbers that follow from a seed (xorshift64).
struct Numbers(u64);

impl Numbers {
    fn new(seed: u64) -> Numbers {
        Numbers(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(limit).unwrap()).unwrap()
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    fn name(&mut self, kind: &str, index: usize) -> String {
        const LONG: &[&str] = &[
            "",
            "-with-a-name-that-is-much-too-long-for-any-band-to-show",
            "-WWWWWWWWWWWWWWWW",
            "-日本語の長い名前のリソース",
            "\"><script>\u{202e}",
        ];
        format!("{kind}{index}{}", LONG[self.below(LONG.len())])
    }
}

fn arn(service: &str, resource: &str) -> String {
    format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}")
}

/// Fields that a record of this kind has and that the picture does not look at, as a recorded account has
/// them; what is made up replaces some.
fn like(section: &str, listing: &str) -> Value {
    static SAVED: std::sync::OnceLock<Value> = std::sync::OnceLock::new();
    let saved = SAVED.get_or_init(|| {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots/worn-site.json");
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    });
    saved[section][listing]["items"][0].clone()
}

fn add(snapshot: &mut Snapshot, section: &str, listing: &str, fields: Value) {
    let mut record = like(section, listing);
    for (name, value) in fields.as_object().unwrap() {
        record[name] = value.clone();
    }
    snapshot.listing_mut(section, listing).unwrap().add(record).unwrap();
}

/// An account with one VPC or several.
pub(super) fn account(seed: u64) -> Snapshot {
    let mut numbers = Numbers::new(seed + 1);
    let mut snapshot = empty();
    for vpc in 0..=numbers.below(3) {
        let size = [3, 8, 20, 45][numbers.below(4)];
        fill(&mut snapshot, &mut numbers, vpc, size, 3);
    }
    around(&mut snapshot, &mut numbers);
    if numbers.one_in(3) {
        hide(&mut snapshot, &mut numbers);
    }
    snapshot.sort();
    snapshot
}

/// An account with so many services in so many clusters of one VPC.
pub(super) fn large(services: usize, clusters: usize) -> Snapshot {
    let mut snapshot = empty();
    fill(&mut snapshot, &mut Numbers::new(5), 0, services, clusters);
    snapshot.sort();
    snapshot
}

fn empty() -> Snapshot {
    Snapshot::new(ACCOUNT, "aws", "2026-11-23T03:00:00Z", &[REGION.to_owned()]).complete()
}

fn fill(snapshot: &mut Snapshot, numbers: &mut Numbers, vpc: usize, services: usize, clusters: usize) {
    let vpc_id = format!("vpc-{vpc}");
    let tags = if numbers.one_in(2) { json!({ "Name": numbers.name("net", vpc) }) } else { json!({}) };
    add(
        snapshot,
        "ec2",
        "vpcs",
        json!({ "id": vpc_id, "arn": arn("ec2", &format!("vpc/{vpc_id}")), "is_default": numbers.one_in(4), "tags": tags }),
    );
    let igw = format!("igw-{vpc}");
    add(
        snapshot,
        "ec2",
        "internet_gateways",
        json!({ "id": igw, "arn": arn("ec2", &format!("internet-gateway/{igw}")), "vpc_ids": [vpc_id] }),
    );
    let zones = 1 + numbers.below(4);
    let mut public = Vec::new();
    let mut private = Vec::new();
    for zone in 0..zones {
        let name = format!("{REGION}{}", ["a", "b", "c", "d"][zone]);
        for copy in 0..=numbers.below(3) {
            for (tier, ids) in [("public", &mut public), ("private", &mut private)] {
                let id = format!("subnet-{vpc}-{tier}-{zone}-{copy}");
                let tags = json!({ "Name": numbers.name(tier, zone) });
                add(
                    snapshot,
                    "ec2",
                    "subnets",
                    json!({ "id": id, "arn": arn("ec2", &format!("subnet/{id}")), "vpc_id": vpc_id, "availability_zone": name, "tags": tags }),
                );
                ids.push((id, name.clone()));
            }
        }
        if numbers.one_in(2) {
            let id = format!("nat-{vpc}-{zone}");
            let subnet = public.last().unwrap().0.clone();
            add(
                snapshot,
                "ec2",
                "nat_gateways",
                json!({ "id": id, "arn": arn("ec2", &format!("natgateway/{id}")), "vpc_id": vpc_id, "subnet_id": subnet, "state": "available" }),
            );
        }
    }
    let table = |id: &str, is_main: bool, subnets: &[(String, String)], routes: Value| {
        let ids: Vec<&String> = subnets.iter().map(|(id, _)| id).collect();
        json!({ "id": id, "arn": arn("ec2", &format!("route-table/{id}")), "vpc_id": vpc_id, "is_main": is_main, "subnet_ids": ids, "routes": routes })
    };
    let to_igw = json!([{ "destination": "0.0.0.0/0", "target": igw, "state": "active" }]);
    add(snapshot, "ec2", "route_tables", table(&format!("rtb-{vpc}-public"), false, &public, to_igw));
    add(snapshot, "ec2", "route_tables", table(&format!("rtb-{vpc}-main"), true, &[], json!([])));
    let group = format!("sg-{vpc}");
    let rule = json!([{ "protocol": "-1", "from_port": null, "to_port": null, "peer_kind": "ipv4", "peer": "0.0.0.0/0", "peer_account": null, "description": null }]);
    add(
        snapshot,
        "ec2",
        "security_groups",
        json!({ "id": group, "arn": arn("ec2", &format!("security-group/{group}")), "vpc_id": vpc_id, "ingress": rule }),
    );
    add(
        snapshot,
        "ec2",
        "network_acls",
        json!({ "id": format!("acl-{vpc}"), "arn": arn("ec2", &format!("network-acl/acl-{vpc}")), "vpc_id": vpc_id, "is_default": true, "subnet_ids": [] }),
    );
    let pick = |numbers: &mut Numbers, from: &[(String, String)]| {
        let mut ids: BTreeSet<String> = BTreeSet::new();
        for _ in 0..=numbers.below(3) {
            ids.insert(from[numbers.below(from.len())].0.clone());
        }
        ids.into_iter().collect::<Vec<String>>()
    };
    let balancers = 1 + services / 6;
    for index in 0..balancers {
        let name = numbers.name("lb", index);
        let id = arn("elasticloadbalancing", &format!("loadbalancer/app/{vpc}-{index}/0"));
        let is_public = !numbers.one_in(4);
        let subnets = pick(numbers, if is_public { &public } else { &private });
        add(
            snapshot,
            "elb",
            "load_balancers",
            json!({ "arn": id, "name": name, "vpc_id": vpc_id, "scheme": if is_public { "internet-facing" } else { "internal" }, "subnet_ids": subnets, "availability_zones": [], "security_group_ids": [group] }),
        );
        add(
            snapshot,
            "elb",
            "target_groups",
            json!({ "arn": arn("elasticloadbalancing", &format!("targetgroup/{vpc}-{index}/0")), "vpc_id": vpc_id, "load_balancer_arns": [id] }),
        );
    }
    for index in 0..services {
        let cluster = format!("c{}", index % clusters.max(1));
        let name = numbers.name("s", index);
        let id = arn("ecs", &format!("service/{cluster}/{vpc}-{index}"));
        let is_public = numbers.one_in(3);
        let from = if is_public { &public } else { &private };
        let subnets = if numbers.one_in(12) { Vec::new() } else { pick(numbers, from) };
        let target =
            arn("elasticloadbalancing", &format!("targetgroup/{vpc}-{}/0", numbers.below(balancers)));
        let behind = if numbers.one_in(3) {
            json!([])
        } else {
            json!([{ "target_group_arn": target, "container_name": "app", "container_port": 8080, "alternate_target_group_arn": null }])
        };
        let running = numbers.below(7);
        add(
            snapshot,
            "ecs",
            "services",
            json!({ "arn": id, "name": name, "cluster_arn": arn("ecs", &format!("cluster/{vpc}{cluster}")), "cluster_name": cluster, "status": "ACTIVE", "subnet_ids": subnets, "security_group_ids": [group], "assign_public_ip": is_public, "load_balancers": behind, "running_count": running, "desired_count": running, "task_definition_arn": null }),
        );
        for task in 0..running {
            let zone = &from[numbers.below(from.len())].1;
            add(
                snapshot,
                "ecs",
                "tasks",
                json!({ "arn": arn("ecs", &format!("task/{vpc}-{index}-{task}")), "cluster_arn": arn("ecs", &format!("cluster/{vpc}{cluster}")), "service_name": name, "availability_zone": zone, "network_interface_id": null }),
            );
        }
    }
    for index in 0..1 + services / 5 {
        let id = format!("{vpc}-db-{index}");
        let is_public = numbers.one_in(5);
        let subnets = pick(numbers, if is_public { &public } else { &private });
        let name = format!("group-{vpc}-{index}");
        add(
            snapshot,
            "rds",
            "db_subnet_groups",
            json!({ "arn": arn("rds", &format!("subgrp:{name}")), "name": name, "vpc_id": vpc_id, "subnet_ids": subnets }),
        );
        let zone =
            if numbers.one_in(6) { Value::Null } else { json!(private[numbers.below(private.len())].1) };
        add(
            snapshot,
            "rds",
            "db_instances",
            json!({ "arn": arn("rds", &format!("db:{id}")), "id": numbers.name("db", index), "vpc_id": vpc_id, "subnet_group_name": name, "availability_zone": zone, "secondary_availability_zone": null, "multi_az": numbers.one_in(2), "cluster_id": null, "security_group_ids": [group], "publicly_accessible": numbers.one_in(3) }),
        );
    }
}

fn around(snapshot: &mut Snapshot, numbers: &mut Numbers) {
    for index in 0..numbers.below(4) {
        let id = arn("sns", &format!("topic-{index}"));
        add(snapshot, "sns", "topics", json!({ "arn": id, "name": numbers.name("topic", index) }));
        add(
            snapshot,
            "cloudwatch",
            "alarms",
            json!({ "arn": arn("cloudwatch", &format!("alarm:{index}")), "name": format!("alarm-{index}"), "alarm_actions": [id] }),
        );
    }
    for index in 0..numbers.below(3) {
        let protected: Vec<String> =
            snapshot.elb.load_balancers.iter().take(index).map(|lb| lb.arn.clone()).collect();
        add(
            snapshot,
            "wafv2",
            "web_acls",
            json!({ "arn": arn("wafv2", &format!("regional/webacl/{index}/0")), "name": numbers.name("acl", index), "scope": "REGIONAL", "load_balancer_arns": protected }),
        );
    }
    for index in 0..numbers.below(3) {
        let id = format!("E{index}");
        add(
            snapshot,
            "cloudfront",
            "distributions",
            json!({ "arn": format!("arn:aws:cloudfront::{ACCOUNT}:distribution/{id}"), "id": id, "enabled": true, "web_acl_id": null }),
        );
    }
}

/// Takes away what the answer to one question would have shown.
fn hide(snapshot: &mut Snapshot, numbers: &mut Numbers) {
    let gap = |operation: &str| vec![GapId::new(operation, REGION, None)];
    match numbers.below(5) {
        0 => {
            snapshot.ec2.subnets.items.clear();
            snapshot.ec2.subnets.incomplete = gap("ec2:DescribeSubnets");
        }
        1 => snapshot.ecs.tasks = tenken::snapshot::Listing::with_gaps(gap("ecs:ListTasks")),
        2 => snapshot.rds.db_instances.incomplete = gap("rds:DescribeDBInstances"),
        3 => snapshot.ec2.route_tables = tenken::snapshot::Listing::with_gaps(gap("ec2:DescribeRouteTables")),
        _ => {
            snapshot.elb.load_balancers.incomplete = gap("elasticloadbalancing:DescribeLoadBalancers");
            snapshot.sns.topics.incomplete = gap("sns:ListTopics");
            snapshot.cloudwatch.alarms.incomplete = gap("cloudwatch:DescribeAlarms");
            snapshot.wafv2.web_acls.incomplete = gap("wafv2:ListWebACLs");
            snapshot.cloudfront.distributions.incomplete = gap("cloudfront:ListDistributions");
        }
    }
}

/// Problems of some of its resources.
pub(super) fn problems(snapshot: &Snapshot, seed: u64) -> Vec<NumberedProblem> {
    let mut numbers = Numbers::new(seed + 1_000);
    let arns: Vec<String> = super::to_draw(snapshot).into_iter().collect();
    let problem = |number: usize, numbers: &mut Numbers| NumberedProblem {
        number,
        severity: Severity::ALL[numbers.below(5)],
        title: Text::new(format!("Problem {number} of something"), format!("何かの問題 {number}")),
        findings: (0..numbers.below(6))
            .filter(|_| !arns.is_empty())
            .map(|_| ("policy".to_owned(), arns[numbers.below(arns.len())].clone(), String::new()))
            .collect(),
    };
    (1..=numbers.below(60) + 1).map(|number| problem(number, &mut numbers)).collect()
}
