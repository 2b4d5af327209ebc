//! Containers: what ECS says about clusters, services, deployed task definitions and tasks.

use super::known::Known;
use super::listing::Listing;
use super::operation::{Operation, TokenBucket, bucket, operation};
use super::source::SourceRow;
use std::collections::BTreeMap;

/// The family in the ARN of a task definition: `shop-api` of `…:task-definition/shop-api:3`.
pub(crate) fn family_of(arn: &str) -> Option<&str> {
    let (_, name) = arn.split_once(":task-definition/")?;
    name.rsplit_once(':').map(|(family, _)| family)
}

crate::record! {
    /// Everything asked of ECS.
    pub struct Ecs {
        /// Clusters (ListClusters, DescribeClusters).
        pub clusters: Listing<Cluster>,
        /// Services (ListServices, DescribeServices).
        pub services: Listing<Service>,
        /// The task definitions that services, their deployments, running tasks and `task_starters` use
        /// (DescribeTaskDefinition).
        pub task_definitions: Listing<TaskDefinition>,
        /// Other revisions of the same families that are still active and that nothing runs: of each
        /// family the newest 20, fewer where there are many families (ListTaskDefinitions,
        /// DescribeTaskDefinition). Where a family has more, the list is incomplete.
        pub unused_task_definitions: Listing<TaskDefinition>,
        /// Running tasks (ListTasks, DescribeTasks).
        pub tasks: Listing<Task>,
        /// What starts tasks without a service: enabled rules of EventBridge's default event bus
        /// (ListRules, ListRuleNamesByTarget, ListTargetsByRule), enabled schedules of EventBridge
        /// Scheduler (ListSchedules, GetSchedule), and task definition families of which tasks run that
        /// no service and none of those started (ListTasks, DescribeTasks).
        #[serde(default)]
        pub task_starters: Listing<TaskStarter>,
        /// Capacity providers (DescribeCapacityProviders); asked where a cluster or service names another
        /// one than FARGATE and FARGATE_SPOT.
        pub capacity_providers: Listing<CapacityProvider>,
        /// The hosts of clusters that have services or tasks in the network of their hosts
        /// (ListContainerInstances, DescribeContainerInstances).
        #[serde(default)]
        pub container_instances: Listing<ContainerInstance>,
        /// The account settings that decide where a task definition says nothing: defaultLogDriverMode
        /// (ListAccountSettings). Asked in a region where a container leaves its log driver's mode to it.
        #[serde(default)]
        pub account_settings: Listing<AccountSetting>,
    }

    /// A setting of ECS for a whole account in a region.
    pub struct AccountSetting {
        /// The region.
        pub region: String,
        /// For instance defaultLogDriverMode.
        pub name: String,
        /// For instance blocking or non-blocking.
        pub value: String,
    }

    /// A cluster.
    pub struct Cluster {
        /// The ARN.
        pub arn: String,
        /// The region.
        pub region: String,
        /// The name.
        pub name: String,
        /// ACTIVE, PROVISIONING, …
        pub status: String,
        /// disabled, enabled or enhanced (DescribeClusters).
        pub container_insights: Known<String>,
        /// Its capacity providers.
        pub capacity_providers: Vec<String>,
        /// What services without a strategy of their own use.
        pub default_capacity_provider_strategy: Vec<CapacityProviderStrategyItem>,
        /// Services that are not inactive.
        pub active_services_count: i64,
        /// Running tasks.
        pub running_tasks_count: i64,
        /// Tags.
        pub tags: BTreeMap<String, String>,
    }

    /// A share of a capacity provider strategy.
    pub struct CapacityProviderStrategyItem {
        /// FARGATE, FARGATE_SPOT or the name of one of the account's own.
        pub capacity_provider: String,
        /// How many tasks it gets before the weights count.
        pub base: i64,
        /// Its share of the remaining tasks.
        pub weight: i64,
    }

    /// A service.
    pub struct Service {
        /// The ARN.
        pub arn: String,
        /// The region.
        pub region: String,
        /// The name.
        pub name: String,
        /// Its cluster's ARN.
        pub cluster_arn: String,
        /// Its cluster's name.
        pub cluster_name: String,
        /// ACTIVE, DRAINING or INACTIVE.
        pub status: String,
        /// EC2, FARGATE, EXTERNAL; null where a capacity provider strategy decides.
        pub launch_type: Option<String>,
        /// Empty where the launch type decides.
        pub capacity_provider_strategy: Vec<CapacityProviderStrategyItem>,
        /// The Fargate platform version asked for.
        pub platform_version: Option<String>,
        /// The operating system of its Fargate tasks, for instance Linux or Windows Server 2022 Core, as ECS
        /// writes it; null for tasks elsewhere.
        #[serde(default)]
        pub platform_family: Known<Option<String>>,
        /// REPLICA or DAEMON.
        pub scheduling_strategy: String,
        /// How many tasks there should be.
        pub desired_count: i64,
        /// How many tasks there are.
        pub running_count: i64,
        /// How many tasks are starting.
        pub pending_count: i64,
        /// The task definition of the service.
        pub task_definition_arn: Option<String>,
        /// Where its tasks are registered.
        pub load_balancers: Vec<ServiceLoadBalancer>,
        /// The subnets of its tasks (awsvpc).
        pub subnet_ids: Vec<String>,
        /// The security groups of its tasks (awsvpc).
        pub security_group_ids: Vec<String>,
        /// Whether its tasks get a public IPv4 address (awsvpc).
        pub assign_public_ip: bool,
        /// How long a new task's failed health checks are forgiven.
        pub health_check_grace_period_seconds: Option<i64>,
        /// ECS, CODE_DEPLOY or EXTERNAL.
        pub deployment_controller: String,
        /// How the ECS controller exchanges tasks: ROLLING, BLUE_GREEN, LINEAR or CANARY; ROLLING where AWS
        /// did not mention it. It says nothing about the other controllers.
        #[serde(default)]
        pub deployment_strategy: Known<String>,
        /// The sets of tasks that CodeDeploy or another controller brings out, the primary one first; none
        /// with the ECS controller.
        #[serde(default)]
        pub task_sets: Known<Vec<TaskSet>>,
        /// Whether a failing deployment is stopped; null where another controller deploys (DescribeServices).
        pub circuit_breaker_enabled: Known<Option<bool>>,
        /// Whether a stopped deployment is rolled back; null where another controller deploys (DescribeServices).
        pub circuit_breaker_rollback: Known<Option<bool>>,
        /// The alarms that fail its deployments (deploymentConfiguration.alarms); none where that is off.
        #[serde(default)]
        pub deployment_alarm_names: Known<Vec<String>>,
        /// Share of the desired tasks that stay during a deployment.
        pub minimum_healthy_percent: Option<i64>,
        /// Share of the desired tasks that may exist during a deployment.
        pub maximum_percent: Option<i64>,
        /// Its deployments, the primary one first.
        pub deployments: Vec<Deployment>,
        /// Whether people may open a shell in its containers.
        pub enable_execute_command: bool,
        /// Tags.
        pub tags: BTreeMap<String, String>,
    }

    /// Where a service's tasks are registered.
    pub struct ServiceLoadBalancer {
        /// The target group.
        pub target_group_arn: Option<String>,
        /// The container that takes the requests.
        pub container_name: Option<String>,
        /// The port that takes the requests.
        pub container_port: Option<i64>,
        /// The second target group of a blue/green, linear or canary deployment: after each deployment
        /// the two change places; null for none.
        #[serde(default)]
        pub alternate_target_group_arn: Known<Option<String>>,
    }

    /// A set of tasks that CodeDeploy or another controller brings out.
    pub struct TaskSet {
        /// For instance ecs-svc/123.
        pub id: String,
        /// PRIMARY serves, ACTIVE is brought out beside it, DRAINING is taken away.
        pub status: String,
        /// Its task definition.
        pub task_definition_arn: String,
        /// How many tasks there should be.
        pub desired_count: i64,
        /// How many tasks there are.
        pub running_count: i64,
        /// How many tasks are starting.
        pub pending_count: i64,
        /// STEADY_STATE, or STABILIZING until it has its tasks and they are healthy; null where AWS did
        /// not mention it.
        pub stability_status: Option<String>,
    }

    /// A deployment of a service.
    pub struct Deployment {
        /// For instance ecs-svc/123.
        pub id: String,
        /// PRIMARY, ACTIVE or INACTIVE.
        pub status: String,
        /// The task definition it brings out.
        pub task_definition_arn: String,
        /// How many tasks there should be.
        pub desired_count: i64,
        /// How many tasks there are.
        pub running_count: i64,
        /// Tasks that failed to start.
        pub failed_tasks: i64,
        /// COMPLETED, IN_PROGRESS or FAILED; null where another controller deploys, and behind a Classic Load
        /// Balancer (DescribeServices).
        pub rollout_state: Known<Option<String>>,
    }

    /// A task definition revision that is in use.
    pub struct TaskDefinition {
        /// The ARN, with the revision.
        pub arn: String,
        /// The region.
        pub region: String,
        /// The family.
        pub family: String,
        /// The revision.
        pub revision: i64,
        /// ACTIVE, INACTIVE or DELETE_IN_PROGRESS.
        pub status: String,
        /// CPU units of the whole task, 1024 for a vCPU; null where only containers have them.
        pub cpu_units: Option<i64>,
        /// Memory of the whole task; null where only containers have it.
        pub memory_mib: Option<i64>,
        /// awsvpc, bridge, host or none; null for Docker's default.
        pub network_mode: Option<String>,
        /// EC2, FARGATE, EXTERNAL.
        pub requires_compatibilities: Vec<String>,
        /// The role that starts the task: image, secrets, log.
        pub execution_role_arn: Option<String>,
        /// The role of the application itself.
        pub task_role_arn: Option<String>,
        /// X86_64 or ARM64; null for X86_64.
        pub cpu_architecture: Option<String>,
        /// LINUX, WINDOWS_SERVER_2022_CORE, …; null where the definition does not say.
        #[serde(default)]
        pub operating_system_family: Known<Option<String>>,
        /// Whose processes its containers see: host or task; null for those of each container alone.
        #[serde(default)]
        pub pid_mode: Known<Option<String>>,
        /// Its containers.
        pub containers: Vec<Container>,
    }

    /// A container of a task definition. Values of variables, commands and labels are
    /// looked at where they are read and then dropped.
    pub struct Container {
        /// The name.
        pub name: String,
        /// The image.
        pub image: String,
        /// Whether the task ends with it.
        pub essential: bool,
        /// The ports it listens on.
        pub container_ports: Vec<i64>,
        /// The user it runs as; null for the image's.
        pub user: Option<String>,
        /// Whether it runs with the host's rights.
        pub privileged: bool,
        /// Whether it may not write to its own file system.
        pub readonly_root_filesystem: bool,
        /// The names of its environment variables.
        pub environment_names: Vec<String>,
        /// The hosts of AWS's databases, caches and load balancers that values of its environment name;
        /// nothing else of the values is kept.
        #[serde(default)]
        pub endpoint_hosts: Known<Vec<String>>,
        /// The secrets written into the definition in plain text.
        pub plaintext_secrets: Vec<PlaintextSecret>,
        /// The secrets it is given by reference.
        pub secret_references: Vec<SecretReference>,
        /// Environment files in S3.
        pub environment_files: Vec<String>,
        /// awslogs, awsfirelens, …; null for none.
        pub log_driver: Option<String>,
        /// The log group of the awslogs driver.
        pub log_group: Option<String>,
        /// The region of the awslogs driver.
        pub log_region: Option<String>,
        /// Whether the awslogs driver makes its log group where there is none (awslogs-create-group).
        #[serde(default)]
        pub creates_log_group: Known<bool>,
        /// The secret with the credentials of a private registry; null for none.
        #[serde(default)]
        pub registry_credentials: Known<Option<String>>,
        /// blocking or non-blocking: whether the container waits until its log is taken; null where the
        /// definition leaves it to the account.
        #[serde(default)]
        pub log_mode: Known<Option<String>>,
        /// Whether ECS itself checks its health.
        pub has_health_check: bool,
        /// Time between the signal to stop and the kill; null for the default of 30.
        pub stop_timeout_seconds: Option<i64>,
    }

    /// A secret in plain text, without its value.
    pub struct PlaintextSecret {
        /// environment, command, entry-point, docker-labels, health-check, log-options or volume-options.
        pub place: String,
        /// The variable, label or option, the option of a volume after its volume (`share.o`); the position
        /// for commands.
        pub name: String,
        /// What it looks like, for instance password, connection-string, aws-access-key-id.
        pub kind: String,
        /// Its length in characters.
        pub length: i64,
        /// HMAC-SHA-256 under a key that is not kept: equal within one snapshot for equal values.
        pub fingerprint: String,
        /// Whether it is short or easy to guess.
        pub is_weak: bool,
    }

    /// A secret given by reference.
    pub struct SecretReference {
        /// The variable.
        pub name: String,
        /// The ARN or parameter name it comes from.
        pub value_from: String,
    }

    /// A running task.
    pub struct Task {
        /// The ARN.
        pub arn: String,
        /// The region.
        pub region: String,
        /// Its cluster's ARN.
        pub cluster_arn: String,
        /// Its task definition.
        pub task_definition_arn: String,
        /// The service that started it; null for single tasks.
        pub service_name: Option<String>,
        /// Its Availability Zone.
        pub availability_zone: Option<String>,
        /// RUNNING, PENDING, …
        pub last_status: String,
        /// EC2, FARGATE, EXTERNAL.
        pub launch_type: Option<String>,
        /// The capacity provider it runs on.
        pub capacity_provider: Option<String>,
        /// Its network interface (awsvpc).
        pub network_interface_id: Option<String>,
        /// When it was started, RFC 3339.
        pub started_at: Option<String>,
        /// The host that it runs on; null on Fargate.
        #[serde(default)]
        pub container_instance_arn: Known<Option<String>>,
        /// The ports of its host that lead to its containers (bridge mode).
        #[serde(default)]
        pub host_ports: Known<Vec<HostPort>>,
    }

    /// Ports of a host that lead to a container.
    pub struct HostPort {
        /// tcp or udp.
        pub protocol: String,
        /// The first port of the host.
        pub from_port: i64,
        /// The last port of the host.
        pub to_port: i64,
        /// The first port of the container.
        pub container_port: i64,
    }

    /// A host of a cluster: an EC2 instance, or a machine outside of AWS.
    pub struct ContainerInstance {
        /// The ARN.
        pub arn: String,
        /// The region.
        pub region: String,
        /// Its cluster's ARN.
        pub cluster_arn: String,
        /// The EC2 instance; null for a machine outside of AWS (ECS Anywhere).
        pub ec2_instance_id: Option<String>,
        /// ACTIVE, DRAINING, …
        pub status: String,
    }

    /// What starts tasks without a service.
    pub struct TaskStarter {
        /// The ARN of the rule or the schedule; of tasks that are started by hand or by a program,
        /// that of their task definition's family, without a revision.
        pub arn: String,
        /// The region.
        pub region: String,
        /// The name of the rule, the schedule or the family.
        pub name: String,
        /// event-rule, schedule or run-task.
        pub kind: String,
        /// What it starts: one for each target of a rule, one for each kind of task that runs.
        pub runs: Vec<TaskRun>,
    }

    /// Tasks that are started without a service.
    pub struct TaskRun {
        /// The target's id; empty where a starter has only one.
        pub target_id: String,
        /// Their cluster's ARN.
        pub cluster_arn: String,
        /// Their task definition; without a revision, the newest that is active.
        pub task_definition_arn: String,
        /// The subnets that they are put into (awsvpc).
        pub subnet_ids: Vec<String>,
        /// Their security groups (awsvpc).
        pub security_group_ids: Vec<String>,
        /// Whether they get a public IPv4 address (awsvpc).
        pub assign_public_ip: Known<bool>,
        /// The network interfaces of those that run now; of tasks of rules and schedules none.
        pub network_interface_ids: Vec<String>,
        /// The task role that takes the place of the definition's; null for none.
        pub task_role_arn: Option<String>,
        /// The task execution role that takes the place of the definition's; null for none.
        pub execution_role_arn: Option<String>,
        /// The secrets in plain text among what it changes of the definition (containerOverrides).
        /// The values are looked at where they are read and then dropped.
        pub override_secrets: Vec<OverrideSecret>,
    }

    /// A secret in plain text that is given to a container when its task is started.
    pub struct OverrideSecret {
        /// The container.
        pub container: String,
        /// Where it is and what it looks like.
        pub secret: PlaintextSecret,
    }

    /// A capacity provider.
    pub struct CapacityProvider {
        /// The ARN.
        pub arn: String,
        /// The region.
        pub region: String,
        /// The name.
        pub name: String,
        /// ACTIVE, PROVISIONING, INACTIVE, …
        pub status: String,
        /// The Auto Scaling group behind it; null for Fargate.
        pub auto_scaling_group_arn: Option<String>,
    }
}

/// The capacity provider, and the launch type, of tasks on Fargate.
pub(crate) const FARGATE: &str = "FARGATE";

/// The capacity provider of tasks on Fargate's spare capacity.
pub(crate) const FARGATE_SPOT: &str = "FARGATE_SPOT";

/// The state of clusters, services and deployments that were deleted and are still listed.
const INACTIVE: &str = "INACTIVE";

impl Cluster {
    /// Whether it was deleted.
    pub(crate) fn is_inactive(&self) -> bool {
        self.status == INACTIVE
    }
}

impl Service {
    /// Whether it was deleted.
    pub(crate) fn is_inactive(&self) -> bool {
        self.status == INACTIVE
    }

    /// Whether its tasks are in the network of their hosts (bridge, host) and have none of their
    /// own: a service in the awsvpc mode names its subnets.
    pub(crate) fn is_in_network_of_hosts(&self) -> bool {
        self.subnet_ids.is_empty() && !self.is_on_fargate()
    }

    /// Whether CodeDeploy or another controller brings out its tasks, in task sets instead of deployments.
    pub(crate) fn is_deployed_by_another(&self) -> bool {
        matches!(self.deployment_controller.as_str(), "CODE_DEPLOY" | "EXTERNAL")
    }

    /// Whether its tasks run on Fargate, on spare capacity or not.
    pub(crate) fn is_on_fargate(&self) -> bool {
        let is_fargate = |provider: &str| [FARGATE, FARGATE_SPOT].contains(&provider);
        self.launch_type.as_deref() == Some(FARGATE)
            || self.capacity_provider_strategy.iter().any(|item| is_fargate(&item.capacity_provider))
    }
}

impl TaskSet {
    /// Whether it is on its way out.
    pub(crate) fn is_draining(&self) -> bool {
        self.status == "DRAINING"
    }
}

impl Deployment {
    /// Whether another one took its place.
    pub(crate) fn is_inactive(&self) -> bool {
        self.status == INACTIVE
    }
}

impl Task {
    /// Whether it runs.
    pub(crate) fn is_running(&self) -> bool {
        self.last_status == "RUNNING"
    }

    /// Whether it is in the network of its host (bridge, host) and has none of its own.
    pub fn is_in_network_of_host(&self) -> bool {
        self.network_interface_id.is_none() && matches!(&self.container_instance_arn, Known::Yes(Some(_)))
    }
}

const CLUSTER: TokenBucket = bucket("ecs cluster read", 50, 20);
const TASK_DEFINITION: TokenBucket = bucket("ecs task definition read", 50, 20);
const SERVICE: TokenBucket = bucket("ecs service read", 100, 20);
const RESOURCE: TokenBucket = bucket("ecs cluster resource read", 100, 20);

/// What is asked, in the order of names.
pub const OPERATIONS: &[Operation] = &[
    operation(
        "ecs",
        "DescribeCapacityProviders",
        &["ecs:DescribeCapacityProviders"],
        bucket("ecs capacity provider read", 50, 20),
        10,
    )
    .list("capacityProviders", "nextToken"),
    operation("ecs", "DescribeClusters", &["ecs:DescribeClusters"], CLUSTER, 100).told_apart_by(&[]),
    operation("ecs", "DescribeContainerInstances", &["ecs:DescribeContainerInstances"], RESOURCE, 100)
        .told_apart_by(&["cluster"]),
    operation("ecs", "DescribeServices", &["ecs:DescribeServices"], SERVICE, 10).told_apart_by(&["cluster"]),
    operation("ecs", "DescribeTaskDefinition", &["ecs:DescribeTaskDefinition"], TASK_DEFINITION, 0),
    operation("ecs", "DescribeTasks", &["ecs:DescribeTasks"], RESOURCE, 100).told_apart_by(&["cluster"]),
    operation(
        "ecs",
        "ListAccountSettings",
        &["ecs:ListAccountSettings"],
        bucket("ecs account setting read", 50, 20),
        10,
    )
    .list("settings", "nextToken"),
    operation("ecs", "ListClusters", &["ecs:ListClusters"], CLUSTER, 100).list("clusterArns", "nextToken"),
    operation("ecs", "ListContainerInstances", &["ecs:ListContainerInstances"], RESOURCE, 100)
        .list("containerInstanceArns", "nextToken"),
    operation("ecs", "ListServices", &["ecs:ListServices"], SERVICE, 100).list("serviceArns", "nextToken"),
    operation("ecs", "ListTaskDefinitions", &["ecs:ListTaskDefinitions"], TASK_DEFINITION, 100)
        .list("taskDefinitionArns", "nextToken")
        .told_apart_by(&["familyPrefix"]),
    operation("ecs", "ListTasks", &["ecs:ListTasks"], RESOURCE, 100).list("taskArns", "nextToken"),
];

/// Which of it answers which list or fact.
pub(crate) const SOURCES: &[SourceRow] = &[
    ("ecs.clusters", &["ecs:ListClusters", "ecs:DescribeClusters"]),
    ("ecs.services", &["ecs:ListClusters", "ecs:ListServices", "ecs:DescribeServices"]),
    (
        "ecs.task_definitions",
        &[
            "ecs:ListClusters",
            "ecs:ListServices",
            "ecs:DescribeServices",
            "ecs:ListTasks",
            "ecs:DescribeTasks",
            "events:ListRules",
            "events:ListRuleNamesByTarget",
            "events:ListTargetsByRule",
            "scheduler:ListSchedules",
            "scheduler:GetSchedule",
            "ecs:DescribeTaskDefinition",
        ],
    ),
    (
        "ecs.unused_task_definitions",
        &[
            "ecs:ListClusters",
            "ecs:ListServices",
            "ecs:DescribeServices",
            "ecs:ListTasks",
            "ecs:DescribeTasks",
            "ecs:ListTaskDefinitions",
            "ecs:DescribeTaskDefinition",
        ],
    ),
    ("ecs.tasks", &["ecs:ListClusters", "ecs:ListTasks", "ecs:DescribeTasks"]),
    ("Cluster.container_insights", &["ecs:DescribeClusters"]),
    ("Container.creates_log_group", &["ecs:DescribeTaskDefinition"]),
    ("Container.registry_credentials", &["ecs:DescribeTaskDefinition"]),
    (
        "ecs.task_starters",
        &[
            "ecs:ListClusters",
            "ecs:ListTasks",
            "ecs:DescribeTasks",
            "events:ListRules",
            "events:ListRuleNamesByTarget",
            "events:ListTargetsByRule",
            "scheduler:ListSchedules",
            "scheduler:GetSchedule",
        ],
    ),
    ("Service.circuit_breaker_enabled", &["ecs:DescribeServices"]),
    ("Service.circuit_breaker_rollback", &["ecs:DescribeServices"]),
    ("Deployment.rollout_state", &["ecs:DescribeServices"]),
    ("TaskRun.assign_public_ip", &["events:ListTargetsByRule", "scheduler:GetSchedule"]),
    ("Service.deployment_alarm_names", &["ecs:DescribeServices"]),
    ("Task.container_instance_arn", &["ecs:DescribeTasks"]),
    ("Task.host_ports", &["ecs:DescribeTasks"]),
    (
        "ecs.capacity_providers",
        &[
            "ecs:ListClusters",
            "ecs:DescribeClusters",
            "ecs:ListServices",
            "ecs:DescribeServices",
            "ecs:DescribeCapacityProviders",
        ],
    ),
    (
        "ecs.container_instances",
        &[
            "ecs:ListClusters",
            "ecs:ListServices",
            "ecs:DescribeServices",
            "ecs:ListTasks",
            "ecs:DescribeTasks",
            "ecs:ListContainerInstances",
            "ecs:DescribeContainerInstances",
        ],
    ),
    (
        "ecs.account_settings",
        &[
            "ecs:ListClusters",
            "ecs:ListServices",
            "ecs:DescribeServices",
            "ecs:ListTasks",
            "ecs:DescribeTasks",
            "ecs:DescribeTaskDefinition",
            "ecs:ListAccountSettings",
        ],
    ),
    ("Container.endpoint_hosts", &["ecs:DescribeTaskDefinition"]),
    ("Container.log_mode", &["ecs:DescribeTaskDefinition"]),
    ("Service.deployment_strategy", &["ecs:DescribeServices"]),
    ("Service.platform_family", &["ecs:DescribeServices"]),
    ("Service.task_sets", &["ecs:DescribeServices"]),
    ("ServiceLoadBalancer.alternate_target_group_arn", &["ecs:DescribeServices"]),
    ("TaskDefinition.operating_system_family", &["ecs:DescribeTaskDefinition"]),
    ("TaskDefinition.pid_mode", &["ecs:DescribeTaskDefinition"]),
];
