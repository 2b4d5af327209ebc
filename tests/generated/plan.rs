//! Where defects are, and what must be found because of them.

use super::{Account, alarms, arn, balancing, containers, databases, edge, network};
use std::collections::{BTreeMap, BTreeSet};

/// A verdict that must be found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Planted {
    /// The policy.
    pub policy: String,
    /// Always fail: nothing of the account is hidden.
    pub verdict: String,
    /// The ARN.
    pub resource: String,
    /// What tells several findings about a resource apart.
    pub discriminator: String,
}

/// The places of the defects. A defect has the name of the policy that finds it.
#[derive(Debug, Default)]
pub(crate) struct Plan(BTreeMap<&'static str, BTreeSet<usize>>);

/// What is wrong where the internet gets answers, and not where CloudFront alone does.
const OF_OPEN_LOAD_BALANCERS: [&str; 4] =
    ["alb-no-cdn", "alb-no-https-listener", "alb-http-not-redirected", "alb-no-hsts"];

const OF_LOAD_BALANCERS: [&str; 11] = [
    "access-log-bucket-no-lifecycle",
    "alb-access-log-bucket-missing",
    "alb-no-access-log",
    "alb-no-error-alarm",
    "alb-in-one-az",
    "alb-no-deletion-protection",
    "alb-invalid-headers-not-dropped",
    "alb-no-waf",
    "alb-certificate-expiring",
    "alb-weak-ciphers",
    "alb-weak-tls",
];

const OF_SERVICES: [&str; 15] = [
    "ecs-no-fargate-spot",
    "fargate-size-mismatch",
    "ecs-no-deployment-circuit-breaker",
    "ecs-no-utilisation-alarm",
    "ecs-deployment-cannot-proceed",
    "ecs-deployment-drops-capacity",
    "ecs-deployment-failed",
    "ecs-no-autoscaling",
    "ecs-single-task",
    "ecs-plaintext-secret",
    "ecs-role-reads-every-secret",
    "ecs-secret-reference-broken",
    "ecs-secret-reference-unencrypted",
    "ecs-task-role-administrator",
    "task-open-inside-network",
];

const OF_TARGET_GROUPS: [&str; 3] =
    ["target-group-no-healthy-target", "target-health-check-path-default", "target-slow-failure-detection"];

const OF_DATABASES: [&str; 12] = [
    "rds-no-alarm",
    "rds-no-enhanced-monitoring",
    "rds-no-minor-version-upgrade",
    "rds-no-log-export",
    "rds-no-automated-backup",
    "rds-no-deletion-protection",
    "rds-short-backup-retention",
    "rds-single-az",
    "db-exposed-to-internet",
    "db-security-group-open-to-world",
    "rds-publicly-accessible-flag",
    "rds-unencrypted-storage",
];

const OF_DB_CLUSTERS: [&str; 4] = [
    "rds-cluster-no-deletion-protection",
    "rds-cluster-short-backup-retention",
    "rds-cluster-single-az",
    "rds-cluster-unencrypted-storage",
];

impl Plan {
    /// One resource has one defect at most, so that each shows by itself.
    pub(crate) fn of(account: &Account) -> Self {
        let mut plan = Plan::default();
        let services = account.size.services;
        let (open, others): (Vec<usize>, Vec<usize>) =
            (0..account.facing()).partition(|balancer| network::is_open(*balancer));
        plan.plant_at(&open, &OF_OPEN_LOAD_BALANCERS);
        let is_free =
            |balancer: &usize| !OF_OPEN_LOAD_BALANCERS.iter().any(|defect| plan.has(defect, *balancer));
        let free: Vec<usize> = others.into_iter().chain(open).filter(is_free).collect();
        plan.plant_at(&free, &OF_LOAD_BALANCERS);
        plan.plant(services, &OF_SERVICES);
        plan.plant(services, &OF_TARGET_GROUPS);
        plan.plant(account.standalone(), &OF_DATABASES);
        plan.plant(account.db_clusters(), &OF_DB_CLUSTERS);
        plan.plant(account.ecs_clusters(), &["ecs-no-container-insights"]);
        plan.plant(services, &["log-group-no-retention"]);
        plan.plant(services, &["ecr-no-scan-on-push"]);
        plan.plant(services, &["ssm-parameter-plain-secret"]);
        plan.plant(account.other_groups(), &["security-group-open-to-world"]);
        plan.plant(account.custom_alarms(), &["alarm-reaches-nobody"]);
        plan.plant(account.web_acls(), &["waf-no-managed-rules", "waf-no-rate-limit"]);
        plan
    }

    /// Spreads the defects of a kind of resources evenly: each has about a fiftieth of them.
    fn plant(&mut self, count: usize, defects: &[&'static str]) {
        let places: Vec<usize> = (0..count).collect();
        self.plant_at(&places, defects);
    }

    /// The same among the resources with these numbers.
    fn plant_at(&mut self, places: &[usize], defects: &[&'static str]) {
        let count = places.len();
        assert!(count >= defects.len(), "{count} are too few for {defects:?}");
        let total = (count / 50).clamp(1, count / defects.len()) * defects.len();
        for (number, defect) in (0..total).zip(defects.iter().cycle()) {
            self.0.entry(defect).or_default().extend(places.get(number * count / total));
        }
    }

    pub(crate) fn has(&self, defect: &str, index: usize) -> bool {
        self.0.get(defect).is_some_and(|places| places.contains(&index))
    }

    pub(crate) fn places(&self, defect: &str) -> Vec<usize> {
        self.0.get(defect).into_iter().flatten().copied().collect()
    }

    pub(crate) fn truth(&self, account: &Account) -> Vec<Planted> {
        let mut truth: Vec<Planted> = self
            .0
            .iter()
            .flat_map(|(defect, places)| places.iter().map(move |index| (*defect, *index)))
            .flat_map(|(defect, index)| found(account, defect, index))
            .collect();
        // Always there: a VPC and a subnet group with one private subnet each, and groups in which
        // a database may come to lie in a public subnet.
        let lone = arn("ec2", &format!("vpc/{}", network::vpc(account.vpcs())));
        truth.push(fail("private-subnets-in-one-az", lone, ""));
        let mixed = (0..account.vpcs()).map(|home| format!("subgrp:mixed-{home}"));
        for group in mixed.chain(["subgrp:one-zone".to_owned()]) {
            truth.push(fail("db-subnet-group-in-one-az", arn("rds", &group), ""));
        }
        truth.sort();
        truth
    }
}

fn fail(policy: &str, resource: String, discriminator: impl Into<String>) -> Planted {
    Planted {
        policy: policy.to_owned(),
        verdict: "fail".to_owned(),
        resource,
        discriminator: discriminator.into(),
    }
}

/// Everything that one defect makes fail.
fn found(account: &Account, defect: &str, index: usize) -> Vec<Planted> {
    if OF_LOAD_BALANCERS.contains(&defect) || OF_OPEN_LOAD_BALANCERS.contains(&defect) {
        return found_on_load_balancer(defect, index);
    }
    if OF_SERVICES.contains(&defect) {
        return found_on_service(account, defect, index);
    }
    let group_arn = |number: usize| arn("ec2", &format!("security-group/{}", account.group(number)));
    let resource = match defect {
        _ if OF_DATABASES.contains(&defect) => return found_on_database(account, defect, index),
        _ if OF_TARGET_GROUPS.contains(&defect) => balancing::target_group_arn(index),
        _ if OF_DB_CLUSTERS.contains(&defect) => databases::cluster_arn(index),
        "ecs-no-container-insights" => containers::cluster_arn(index),
        "log-group-no-retention" => arn("logs", &format!("log-group:/ecs/api-{index}")),
        "ecr-no-scan-on-push" => arn("ecr", &format!("repository/api-{index}")),
        "ssm-parameter-plain-secret" => arn("ssm", &format!("parameter/legacy/{index}/password")),
        "alarm-reaches-nobody" => alarms::arn_of(&alarms::custom_name(index)),
        "waf-no-managed-rules" | "waf-no-rate-limit" => edge::web_acl_arn(index),
        _ => {
            let sources = network::world_sources(index).join(" + ");
            // Every second machine is there; the groups of the others are attached to nothing.
            let policy = if index.is_multiple_of(2) { defect } else { "security-group-idle-open-to-world" };
            return vec![fail(
                policy,
                group_arn(account.first_other_group() + index),
                format!("tcp/22/{sources}"),
            )];
        }
    };
    vec![fail(defect, resource, "")]
}

fn found_on_load_balancer(defect: &str, index: usize) -> Vec<Planted> {
    let balancer = balancing::arn_of(index);
    let (plain, tls) = (balancing::listener_arn(index, 80), balancing::listener_arn(index, 443));
    match defect {
        "alb-no-https-listener" => {
            vec![fail(defect, balancer, ""), fail("alb-http-not-redirected", plain, "")]
        }
        "alb-http-not-redirected" => vec![fail(defect, plain, "")],
        "alb-weak-tls" => vec![fail(defect, tls.clone(), ""), fail("alb-weak-ciphers", tls, "")],
        "alb-certificate-expiring" => {
            vec![fail(defect, tls, arn("acm", &format!("certificate/shop-{index}")))]
        }
        "alb-no-hsts" | "alb-weak-ciphers" => vec![fail(defect, tls, "")],
        _ => vec![fail(defect, balancer, "")],
    }
}

fn found_on_service(account: &Account, defect: &str, index: usize) -> Vec<Planted> {
    let service = account.service_arn(index);
    match defect {
        "ecs-plaintext-secret" => vec![fail(defect, service, "app/DB_PASSWORD")],
        "ecs-secret-reference-broken" => vec![fail(defect, service, "app/API_TOKEN")],
        "ecs-secret-reference-unencrypted" => vec![fail(defect, service, "app/SETTING")],
        // Who may do everything may read every secret.
        "ecs-task-role-administrator" => {
            vec![fail(defect, service.clone(), ""), fail("ecs-role-reads-every-secret", service, "")]
        }
        _ => vec![fail(defect, service, "")],
    }
}

fn found_on_database(account: &Account, defect: &str, index: usize) -> Vec<Planted> {
    let db = databases::arn_of(account, index);
    let group = account.group_of_database(index);
    let rule = "tcp/5432/0.0.0.0/0";
    let open = || {
        vec![
            fail("db-security-group-open-to-world", db.clone(), format!("{group}/{rule}")),
            fail("security-group-open-to-world", arn("ec2", &format!("security-group/{group}")), rule),
        ]
    };
    match defect {
        "db-exposed-to-internet" => {
            let mut found = open();
            found.push(fail("rds-publicly-accessible-flag", db.clone(), ""));
            found.push(fail(defect, db.clone(), ""));
            found
        }
        "db-security-group-open-to-world" => open(),
        _ => vec![fail(defect, db, "")],
    }
}
