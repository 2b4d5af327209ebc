//! Accounts of any size, for tests and benchmarks: what AWS would answer about them, page
//! by page, the defects planted in them, and the truth about those.
//!
//! Nothing is kept: an account is its sizes and the places of its defects, and every
//! answer is written when it is asked for. The file is not part of the library; tests
//! and benchmarks take it in with `#[path = …] mod generated;`.

#![expect(dead_code, reason = "each test and benchmark uses a part of it")]

mod alarms;
mod answer;
mod balancing;
mod containers;
mod databases;
mod edge;
mod network;
mod plan;
mod roles;
pub(crate) mod serve;
mod writing;

pub(crate) use plan::Planted;

use plan::Plan;

/// The account's twelve digits.
pub(crate) const ACCOUNT: &str = "123456789012";
/// The one region that has anything in it.
pub(crate) const REGION: &str = "ap-northeast-1";
/// When the account is asked.
pub(crate) const TAKEN_AT: &str = "2026-11-23T03:00:00Z";

/// How much there is of what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    /// Security groups, those of everything else included.
    pub security_groups: usize,
    /// ECS services, each with a task definition, a target group, a repository, a log
    /// group, a secret and a parameter.
    pub services: usize,
    /// Application load balancers; every fifth is internal.
    pub load_balancers: usize,
    /// DB instances; a thirtieth of them in clusters.
    pub databases: usize,
}

impl Size {
    /// A medium account.
    pub(crate) const MEDIUM: Size =
        Size { security_groups: 300, services: 80, load_balancers: 20, databases: 24 };
    /// A large account.
    pub(crate) const LARGE: Size =
        Size { security_groups: 5_000, services: 500, load_balancers: 200, databases: 300 };

    /// The same, so many times as large.
    pub(crate) fn times(self, factor: usize) -> Size {
        Size {
            security_groups: self.security_groups * factor,
            services: self.services * factor,
            load_balancers: self.load_balancers * factor,
            databases: self.databases * factor,
        }
    }
}

/// An account.
#[derive(Debug)]
pub(crate) struct Account {
    /// How large it is.
    pub size: Size,
    plan: Plan,
    /// The service of every running task.
    tasks: Vec<usize>,
    interfaces: Vec<network::Owner>,
    alarms: Vec<alarms::About>,
}

impl Account {
    /// An account of this size, with defects of every policy.
    ///
    /// # Panics
    /// Where it is too small for one defect of each kind.
    pub(crate) fn new(size: Size) -> Self {
        let mut account = Account {
            size,
            plan: Plan::default(),
            tasks: Vec::new(),
            interfaces: Vec::new(),
            alarms: Vec::new(),
        };
        account.plan = Plan::of(&account);
        account.tasks = (0..size.services)
            .flat_map(|service| std::iter::repeat_n(service, account.desired_count(service)))
            .collect();
        account.interfaces = account.owners();
        account.alarms = account.alarm_list();
        account
    }

    /// Every verdict that must be found and is not a pass or not applicable, in order.
    pub(crate) fn truth(&self) -> Vec<Planted> {
        self.plan.truth(self)
    }

    fn has(&self, defect: &str, index: usize) -> bool {
        self.plan.has(defect, index)
    }

    /// VPCs with something in them. One more has a single private subnet.
    fn vpcs(&self) -> usize {
        (self.size.services / 20).max(2)
    }

    /// Load balancers that face the internet; the others are internal.
    fn facing(&self) -> usize {
        self.size.load_balancers - self.size.load_balancers / 5
    }

    fn db_clusters(&self) -> usize {
        (self.size.databases / 30).max(4)
    }

    /// DB instances that belong to no cluster.
    fn standalone(&self) -> usize {
        self.size.databases - self.db_clusters()
    }

    fn ecs_clusters(&self) -> usize {
        (self.size.services / 50).max(2)
    }

    fn web_acls(&self) -> usize {
        (self.size.load_balancers / 20).max(3)
    }

    /// Alarms on metrics of the shops' own.
    fn custom_alarms(&self) -> usize {
        (self.size.services / 5).max(2)
    }

    /// Task roles that services share.
    fn task_roles(&self) -> usize {
        (self.size.services / 5).max(1)
    }

    /// Groups that belong to no load balancer, service, database or VPC.
    fn other_groups(&self) -> usize {
        let taken = self.vpcs() + 1 + self.size.load_balancers + self.size.services + self.size.databases;
        self.size.security_groups - taken
    }

    /// The lists of the snapshot with the number of resources that each must have.
    pub(crate) fn counts(&self) -> Vec<(&'static str, usize)> {
        vec![
            ("ec2.vpcs", self.vpcs() + 1),
            ("ec2.subnets", self.vpcs() * 4 + 1),
            ("ec2.route_tables", self.vpcs() * 4 + 1),
            ("ec2.nat_gateways", self.vpcs() * 2),
            ("ec2.security_groups", self.size.security_groups),
            ("ec2.network_interfaces", self.interfaces.len()),
            ("elb.load_balancers", self.size.load_balancers),
            ("elb.target_groups", self.size.services),
            ("ecs.clusters", self.ecs_clusters()),
            ("ecs.services", self.size.services),
            ("ecs.task_definitions", self.size.services),
            ("ecs.tasks", self.tasks.len()),
            ("rds.db_instances", self.size.databases),
            ("rds.db_clusters", self.db_clusters()),
            ("cloudwatch.alarms", self.alarms.len()),
            ("cloudwatch.series", self.size.services * 2),
            (
                "cloudwatch.traffic",
                (self.size.load_balancers + self.distributed().len() + self.vpcs() * 2) * 2,
            ),
            ("ecr.repositories", self.size.services),
            ("logs.log_groups", self.size.services),
            ("secretsmanager.secrets", self.size.services),
            ("acm.certificates", self.size.load_balancers),
            ("wafv2.web_acls", self.web_acls()),
        ]
    }
}

/// An ARN in the account and its region.
fn arn(service: &str, resource: &str) -> String {
    format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}")
}

/// Sixteen hexadecimal digits that look random and are different for every number.
fn hash(number: usize) -> String {
    format!("{:016x}", (number as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15))
}

/// An id such as `sg-09e3779b97f4a7c15`.
fn id(kind: &str, number: usize) -> String {
    format!("{kind}-0{}", hash(number))
}

/// The number behind a word, as in `…/shop-17/…`.
fn number_after(text: &str, word: &str) -> Option<usize> {
    let (_, after) = text.split_once(word)?;
    let end = after.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(after.len());
    after.get(..end)?.parse().ok()
}
