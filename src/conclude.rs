//! What follows from several facts together.
//!
//! Each conclusion is a named function that policies call with the resource they judge,
//! for instance `database_exposure(db).is_reachable`. It walks from one resource to
//! others, says what it concluded, and gives the hops or the arithmetic as evidence. A
//! fact that AWS would not give makes unknown what depends on it, and nothing else.

pub(crate) mod access_log;
pub mod alarms;
mod cidr;
pub(crate) mod containers;
pub mod cut;
mod databases;
pub mod edge;
pub mod egress;
pub(crate) mod exposure;
pub mod facts;
pub mod health;
pub(crate) mod layout;
pub mod load;
mod lookup;
mod management;
mod network;
pub mod occupancy;
pub mod recovery;
pub mod roles;
pub(crate) mod rotation;
pub mod scaling;
pub(crate) mod scanning;
pub mod secrets;
pub(crate) mod start;
mod task_databases;
pub mod tls;
pub mod zones;

pub(crate) use databases::surest_clients;
#[cfg(test)]
pub(crate) use network::site;

use crate::snapshot::shape::{RecordShape, Type, Valued};
use facts::Facts;
use std::any::Any;

/// A conclusion that policies may call.
pub struct Conclusion {
    /// The name in expressions.
    pub name: &'static str,
    /// What it concludes.
    pub doc: &'static str,
    /// The record it is called with.
    pub takes: fn() -> &'static RecordShape,
    /// What it gives.
    pub gives: fn() -> Type,
    /// The lists and facts it looks at besides the record's own, as in `snapshot::source`, in groups.
    reads: &'static [&'static [&'static str]],
    /// Works on the real record; a record of another type gives an unknown answer.
    pub call: fn(&Facts<'_>, &dyn Any) -> Box<dyn Valued>,
}

impl std::fmt::Debug for Conclusion {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name)
    }
}

impl Conclusion {
    /// The lists and facts it looks at besides the record's own, as in `snapshot::source`.
    pub(crate) fn sources(&self) -> impl Iterator<Item = &'static str> {
        self.reads.iter().flat_map(|group| group.iter().copied())
    }
}

/// Looks a conclusion up by its name.
pub fn find(name: &str) -> Option<&'static Conclusion> {
    FUNCTIONS.iter().find(|function| function.name == name)
}

// A source, or a group of sources.
macro_rules! sources {
    ($name:literal) => {
        &[$name]
    };
    ($group:ident) => {
        $group
    };
}

macro_rules! conclusions {
    ($($(#[doc = $doc:literal])+ $module:ident::$name:ident($argument:ty) -> $result:ty => [$($source:tt),* $(,)?];)+) => {
        /// Every conclusion that policies may call.
        pub const FUNCTIONS: &[Conclusion] = &[$(
            Conclusion {
                name: stringify!($name),
                doc: concat!($($doc),+),
                takes: <$argument>::record_shape,
                gives: <$result as Valued>::ty,
                reads: &[$(sources!($source)),*],
                call: |facts, record| match record.downcast_ref::<$argument>() {
                    Some(record) => {
                        let result: $result = $module::$name(facts, record);
                        Box::new(result)
                    }
                    None => Box::new(<$result>::default()),
                },
            },
        )+];
    };
}

use crate::snapshot::account::AuditedAccount;
use crate::snapshot::cloudfront::Distribution;
use crate::snapshot::cloudwatch::Alarm;
use crate::snapshot::ec2::{NatGateway, NetworkAcl, NetworkInterface, SecurityGroup, Subnet, Vpc};
use crate::snapshot::ecr::Repository;
use crate::snapshot::ecs::{Service, TaskStarter};
use crate::snapshot::elb::{Listener, LoadBalancer, TargetGroup};
use crate::snapshot::known::Known;
use crate::snapshot::rds::{DbCluster, DbInstance, DbSubnetGroup};
use crate::snapshot::secretsmanager::Secret;
use crate::snapshot::wafv2::WebAcl;

/// What rules that admit the whole internet are, and which of them are meant.
const WORLD_RULES: &[&str] = &[
    "ec2.security_groups",
    "ec2.prefix_lists",
    "PrefixList.entries",
    "ec2.network_interfaces",
    "ecs.services",
    "ecs.tasks",
    "elb.load_balancers",
    "elb.classic_load_balancers",
    "LoadBalancer.listeners",
    "elb.target_groups",
    "TargetGroup.targets",
    "TargetGroup.attributes",
    "TargetGroupAttributes.preserve_client_ip_enabled",
    "rds.db_clusters",
    "rds.db_instances",
];
/// The way of a packet from the internet to an interface in a subnet.
const INTERNET_PATH: &[&str] = &[
    "ec2.subnets",
    "ec2.route_tables",
    "ec2.network_acls",
    "ec2.internet_gateways",
    "ec2.vpc_block_public_access",
    "VpcBlockPublicAccess.exclusions",
    "ec2.vpcs",
    "ec2.security_groups",
    "ec2.prefix_lists",
    "PrefixList.entries",
];
/// Where the routes of subnets lead.
const SUBNET_ROUTES: &[&str] =
    &["ec2.subnets", "ec2.route_tables", "ec2.vpcs", "ec2.prefix_lists", "PrefixList.entries"];
/// Whom the rules of security groups admit.
const GROUP_RULES: &[&str] = &["ec2.security_groups", "ec2.prefix_lists", "PrefixList.entries"];
/// The task definitions that run, and their tasks.
const RUNNING_TASKS: &[&str] = &["ecs.task_definitions", "ecs.tasks", "Service.task_sets"];
/// When certificates end.
const CERTIFICATES: &[&str] = &[
    "acm.certificates",
    "Certificate.names",
    "Certificate.in_use_by",
    "Certificate.renewal_status",
    "iam.server_certificates",
];
/// Which load balancers distributions fetch from.
const ORIGINS: &[&str] = &["cloudfront.distributions", "route53.records", "ec2.network_interfaces"];
/// Which databases admit a service's tasks.
const DATABASES_OF_TASKS: &[&str] =
    &["rds.db_instances", "ec2.subnets", "ec2.security_groups", "ec2.prefix_lists", "PrefixList.entries"];
/// What starts tasks without a service, and their task definitions.
const STARTED_TASKS: &[&str] = &["ecs.task_starters", "ecs.task_definitions"];
/// What IAM says of the roles of tasks.
const ROLES: &[&str] = &[
    "iam.roles",
    "Role.attached_policy_arns",
    "Role.statements",
    "Role.permissions_boundary_arn",
    "Role.boundary_statements",
];
/// Whom EventBridge tells of alarms.
const EVENT_RULES: &[&str] = &["eventbridge.alarm_rules", "EventRule.targets"];
/// Where the tasks are that have no network of their own.
const TASK_HOSTS: &[&str] = &["ecs.container_instances", "Task.container_instance_arn", "Task.host_ports"];
/// Which web ACLs stand in front of load balancers.
const WEB_ACL_USE: &[&str] = &["wafv2.web_acls", "WebAcl.load_balancer_arns"];
/// What Terraform can import.
const ADOPTABLE: &[&str] = &[
    "acm.certificates",
    "application_autoscaling.scalable_targets",
    "application_autoscaling.scaling_policies",
    "cloudfront.distributions",
    "cloudwatch.alarms",
    "ec2.flow_logs",
    "ec2.internet_gateways",
    "InternetGateway.tags",
    "ec2.nat_gateways",
    "NatGateway.tags",
    "ec2.network_acls",
    "NetworkAcl.tags",
    "ec2.route_tables",
    "RouteTable.tags",
    "ec2.security_groups",
    "ec2.subnets",
    "ec2.vpc_endpoints",
    "VpcEndpoint.tags",
    "ec2.vpcs",
    "ecr.repositories",
    "ecs.clusters",
    "ecs.services",
    "ecs.task_definitions",
    "elb.load_balancers",
    "LoadBalancer.tags",
    "LoadBalancer.listeners",
    "Listener.rules",
    "elb.target_groups",
    "TargetGroup.tags",
    "eventbridge.alarm_rules",
    "iam.roles",
    "kms.keys",
    "logs.log_groups",
    "rds.db_clusters",
    "rds.db_instances",
    "rds.db_subnet_groups",
    "rds.parameter_groups",
    "s3.buckets",
    "scheduler.schedules",
    "secretsmanager.secrets",
    "Secret.tags",
    "Secret.owning_service",
    "sns.topics",
    "wafv2.web_acls",
];

conclusions! {
    /// The bucket that a load balancer's access log goes to.
    access_log::log_destination(LoadBalancer) -> access_log::LogDestination => ["LoadBalancer.attributes", "LoadBalancerAttributes.access_logs_enabled", "s3.buckets", "s3.log_buckets_elsewhere", "BucketElsewhere.exists", "Bucket.public_access_blocked", "Bucket.has_lifecycle"];
    /// Whether the alarm is meant for people, and whether somebody confirmed hears it.
    alarms::alarm_path(Alarm) -> alarms::AlarmPath => ["cloudwatch.alarms", "Alarm.actions_suppressor", "application_autoscaling.scaling_policies", "sns.topics", "Topic.subscriptions", "ecs.services", "Service.deployment_alarm_names", "codedeploy.deployment_groups", EVENT_RULES];
    /// The alarms that watch a database.
    alarms::database_alarms(DbInstance) -> alarms::DatabaseAlarms => ["cloudwatch.alarms", EVENT_RULES, "sns.topics", "Topic.subscriptions"];
    /// The alarms that watch a load balancer for errors.
    alarms::load_balancer_alarms(LoadBalancer) -> alarms::LoadBalancerAlarms => ["cloudwatch.alarms", "sns.topics", "Topic.subscriptions"];
    /// The resources that an alarm watches and that do not exist.
    alarms::missing_resources(Alarm) -> Known<Vec<alarms::MissingResource>> => ["cloudwatch.alarms", "rds.db_instances", "rds.db_clusters", "ecs.clusters", "ecs.services", "elb.load_balancers", "elb.target_groups", "sns.topics", "ec2.nat_gateways"];
    /// The alarms that watch a service, those of its own scaling policies left out.
    alarms::service_alarms(Service) -> alarms::ServiceAlarms => ["cloudwatch.alarms", "application_autoscaling.scaling_policies", "sns.topics", "Topic.subscriptions"];
    /// What the tasks of a service share with their host.
    containers::host_sharing(Service) -> containers::HostSharing => [RUNNING_TASKS, "TaskDefinition.pid_mode"];
    /// The containers that a service runs, with what they may do on their host and where their log goes.
    containers::service_containers(Service) -> Known<Vec<containers::ServiceContainer>> => [RUNNING_TASKS, "Container.log_mode", "TaskDefinition.operating_system_family", "ecs.account_settings"];
    /// What alone stops a load balancer's service: single resources, and Availability Zones.
    cut::outage_cuts(LoadBalancer) -> cut::OutageCuts => ["elb.target_groups", "TargetGroup.targets", "ecs.services", "ecs.tasks", "ec2.network_interfaces", "ec2.route_tables", "ec2.nat_gateways", DATABASES_OF_TASKS, "rds.db_clusters"];
    /// The dates of a DB cluster: how old it is, and how far back it can be restored to.
    databases::cluster_times(DbCluster) -> databases::ClusterTimes => ["DbCluster.latest_restorable_at", "DbCluster.created_at"];
    /// Whether a DB cluster refuses connections without TLS.
    databases::cluster_transport(DbCluster) -> databases::DatabaseTransport => ["rds.parameter_groups", "DbCluster.parameter_group_name"];
    /// Who uses a database: services and tasks whose environment names its host, that are given its secret,
    /// that it admits, or that are in its network.
    databases::database_clients(DbInstance) -> databases::DatabaseClients => ["ecs.services", "Service.task_sets", "ecs.tasks", "ecs.task_definitions", "Container.endpoint_hosts", "ecs.task_starters", "ec2.subnets", "ec2.security_groups"];
    /// The maintenance with a date that waits for a database or for its cluster.
    databases::database_maintenance(DbInstance) -> Known<Vec<databases::DueMaintenance>> => ["rds.pending_maintenance", "rds.db_clusters"];
    /// What a database is among others: standalone, member, replica, green copy or retired.
    databases::database_role(DbInstance) -> databases::DatabaseRole => ["rds.db_instances"];
    /// Until when AWS supports the major version of a database.
    databases::database_support(DbInstance) -> databases::DatabaseSupport => ["rds.major_engine_versions"];
    /// The dates of a database: how old it is, how far back it can be restored to, when its certificate expires.
    databases::database_times(DbInstance) -> databases::DatabaseTimes => ["DbInstance.created_at", "DbInstance.certificate_valid_until"];
    /// Whether a database refuses connections without TLS.
    databases::database_transport(DbInstance) -> databases::DatabaseTransport => ["rds.parameter_groups", "DbInstance.parameter_groups"];
    /// Who gets answers from a listener.
    edge::listener_clients(Listener) -> edge::ListenerClients => [ORIGINS, "elb.load_balancers", "Listener.rules", GROUP_RULES];
    /// Who gets answers from a load balancer: the internet or CloudFront alone, and what filters it.
    edge::load_balancer_clients(LoadBalancer) -> edge::LoadBalancerClients => [WEB_ACL_USE, ORIGINS, "elb.load_balancers", "LoadBalancer.listeners", "Listener.rules", INTERNET_PATH];
    /// The web ACL and the distributions in front of a load balancer.
    edge::load_balancer_edge(LoadBalancer) -> edge::LoadBalancerEdge => [WEB_ACL_USE, ORIGINS];
    /// The names by which enabled distributions fetch from a listener's load balancer.
    edge::listener_origin_names(Listener) -> Known<Vec<String>> => [ORIGINS, "elb.load_balancers"];
    /// What a load balancer carried in the last days.
    edge::load_balancer_traffic(LoadBalancer) -> edge::LoadBalancerTraffic => ["cloudwatch.traffic"];
    /// Whether the internet reaches a load balancer past the distribution in front of it.
    edge::past_cloudfront(LoadBalancer) -> edge::PastCloudFront => [ORIGINS, "LoadBalancer.listeners", "Listener.rules", INTERNET_PATH, WEB_ACL_USE, "WebAcl.default_action", "WebAcl.rules"];
    /// What a web ACL really blocks, and whether anything uses it.
    edge::web_acl_effect(WebAcl) -> edge::WebAclEffect => ["WebAcl.rules", "WebAclRule.rule_group_rules", "WebAcl.load_balancer_arns", "cloudfront.distributions"];
    /// Whose way out a NAT gateway is, and in which Availability Zones those are.
    egress::nat_gateway_use(NatGateway) -> egress::NatGatewayUse => ["ec2.nat_gateways", "ec2.subnets", "ec2.route_tables", "ecs.services"];
    /// The ports of SSH and Remote Desktop that a network ACL opens to the internet or a large part of it.
    exposure::acl_admin_ports(NetworkAcl) -> exposure::AclAdminPorts => [];
    /// What a security group is attached to, Lambda functions apart.
    exposure::group_use(SecurityGroup) -> exposure::GroupUse => [WORLD_RULES];
    /// Whether the internet reaches a database, hop by hop.
    exposure::database_exposure(DbInstance) -> exposure::Exposure => ["rds.db_subnet_groups", "ec2.network_interfaces", INTERNET_PATH];
    /// Whether the internet reaches what an interface belongs to, on any port, hop by hop.
    exposure::interface_exposure(NetworkInterface) -> exposure::Exposure => ["ec2.network_interfaces", INTERNET_PATH];
    /// Whether the internet reaches a load balancer, hop by hop.
    exposure::load_balancer_exposure(LoadBalancer) -> exposure::Exposure => ["LoadBalancer.listeners", INTERNET_PATH];
    /// Whether the internet reaches a service's tasks directly, hop by hop.
    exposure::service_exposure(Service) -> exposure::Exposure => ["elb.target_groups", RUNNING_TASKS, TASK_HOSTS, "ec2.network_interfaces", INTERNET_PATH];
    /// Whether the internet reaches the tasks that are started without a service, hop by hop. Those in
    /// the network of their hosts are left out.
    exposure::starter_exposure(TaskStarter) -> exposure::Exposure => [STARTED_TASKS, "ec2.network_interfaces", INTERNET_PATH];
    /// Ways to a service's tasks around its load balancer.
    exposure::ways_past_load_balancer(Service) -> exposure::PastLoadBalancer => ["elb.load_balancers", "elb.target_groups", RUNNING_TASKS, TASK_HOSTS, "ec2.network_interfaces", INTERNET_PATH];
    /// Hosts that the internet reaches directly and that a database admits, by their groups, by
    /// groups that those admit, or by their addresses.
    exposure::chains_to_database(DbInstance) -> Known<Vec<exposure::DatabaseChain>> => [INTERNET_PATH, "ec2.network_interfaces", "ecs.tasks"];
    /// Rules of a database's groups that admit ranges of addresses to its port; those that admit
    /// the internet are left out, see world_rules_on_database.
    exposure::network_rules_on_database(DbInstance) -> Known<Vec<exposure::NetworkRule>> => [GROUP_RULES, "ec2.vpcs"];
    /// Rules of a database's groups that admit the internet, or a large part of it, to its port.
    exposure::world_rules_on_database(DbInstance) -> Known<Vec<exposure::WorldRule>> => [WORLD_RULES];
    /// Rules of a group for ICMP that admit the internet, what networks need to find faults left out.
    exposure::icmp_world_rules(SecurityGroup) -> Known<Vec<exposure::WorldRule>> => [WORLD_RULES];
    /// Rules of a group that is attached to nothing that admit the internet.
    exposure::idle_world_rules(SecurityGroup) -> Known<Vec<exposure::WorldRule>> => [WORLD_RULES];
    /// Rules of a group that admit the internet or a large part of it; public load balancers' listener
    /// ports, ICMP and groups that are attached to nothing are left out.
    exposure::unintended_world_rules(SecurityGroup) -> Known<Vec<exposure::WorldRule>> => [WORLD_RULES];
    /// How long a load balancer takes to notice that a target failed, or that it is good again.
    health::health_check_timing(TargetGroup) -> health::HealthCheckTiming => [];
    /// Whether anybody counts on a target group to have targets.
    health::target_group_use(TargetGroup) -> health::TargetGroupUse => ["ecs.services", "Service.deployment_strategy", "ServiceLoadBalancer.alternate_target_group_arn", "elb.load_balancers", "LoadBalancer.listeners", "Listener.rules", "elb.target_groups", "TargetGroup.targets"];
    /// The public and private subnets of a VPC, by Availability Zone.
    layout::vpc_layout(Vpc) -> layout::SubnetLayout => [SUBNET_ROUTES];
    /// The private subnets of a service's VPC that have a way out, in at least two Availability Zones:
    /// one text for a script, their ids with commas and behind them their zones; none where there are none.
    layout::private_subnet_choice(Service) -> Known<Vec<String>> => ["ec2.subnets", "ec2.route_tables"];
    /// The public and private subnets of a DB subnet group, by Availability Zone.
    layout::subnet_group_layout(DbSubnetGroup) -> layout::SubnetLayout => [SUBNET_ROUTES, "rds.db_subnet_groups"];
    /// What runs out as the load of a service grows, and at how many times today's.
    load::load_walls(Service) -> load::LoadWalls => ["cloudwatch.load", "application_autoscaling.scalable_targets", "application_autoscaling.scaling_policies", "application_autoscaling.scheduled_actions", "servicequotas.quotas", RUNNING_TASKS, DATABASES_OF_TASKS, "rds.db_clusters", "DbCluster.parameter_group_name", "DbInstance.parameter_groups", "rds.parameter_groups"];
    /// Who manages the resources of the account that Terraform can import, as far as their tags say.
    management::account_management(AuditedAccount) -> management::AccountManagement => [ADOPTABLE];
    /// What a DB cluster comes back to after a loss, and how.
    recovery::cluster_recovery(DbCluster) -> recovery::ClusterRecovery => ["DbCluster.latest_restorable_at", "DbCluster.replica_ids", "DbCluster.global_cluster_id"];
    /// What a database comes back to after a loss, and how.
    recovery::database_recovery(DbInstance) -> recovery::Recovery => ["rds.db_instances", "DbInstance.storage_encrypted", "DbInstance.deletion_protection", "DbInstance.replica_ids", "DbInstance.backup_replication_arns", "kms.keys"];
    /// What whoever takes over a service's task can become.
    roles::task_escalation(Service) -> roles::TaskEscalation => [INTERNET_PATH, RUNNING_TASKS, "ec2.network_interfaces", "elb.load_balancers", "elb.target_groups", "iam.roles", "Role.attached_policy_arns", "Role.statements", "Role.permissions_boundary_arn", "Role.boundary_statements", "Role.trust"];
    /// The addresses that a service's tasks may need beside those that are free in its subnets.
    occupancy::address_room(Service) -> occupancy::AddressRoom => ["ec2.subnets", "application_autoscaling.scalable_targets", "application_autoscaling.scaling_policies", "application_autoscaling.scheduled_actions"];
    /// Whether anything is in a subnet.
    occupancy::subnet_occupancy(Subnet) -> occupancy::SubnetOccupancy => ["ec2.network_interfaces"];
    /// Whether anything is in a VPC, and which flow logs record what was rejected there.
    occupancy::vpc_occupancy(Vpc) -> occupancy::VpcOccupancy => ["ec2.network_interfaces", "ec2.flow_logs"];
    /// What the roles of a service's tasks may do.
    roles::task_roles(Service) -> roles::TaskRoles => [RUNNING_TASKS, ROLES];
    /// What the roles of tasks that are started without a service may do.
    roles::starter_roles(TaskStarter) -> roles::TaskRoles => [STARTED_TASKS, ROLES];
    /// How old a secret's value is, and how long ago it was read.
    rotation::secret_age(Secret) -> rotation::SecretAge => ["Secret.created_at", "Secret.last_accessed_at", "Secret.next_rotation_at", "Secret.rotation_days"];
    /// Whether a service can be scaled, and by what.
    scaling::autoscaling(Service) -> scaling::Autoscaling => ["application_autoscaling.scalable_targets", "application_autoscaling.scaling_policies", "application_autoscaling.scheduled_actions"];
    /// How many tasks a deployment leaves and needs, with ECS's rounding.
    scaling::deployment_capacity(Service) -> scaling::DeploymentCapacity => [];
    /// The size of one of a service's tasks, as Fargate charges it.
    scaling::fargate_task(Service) -> scaling::FargateTask => [RUNNING_TASKS];
    /// The size of a service's Fargate tasks beside what they use.
    scaling::fargate_sizing(Service) -> scaling::FargateSizing => ["cloudwatch.series", RUNNING_TASKS];
    /// How long a new task of a service may take to start before its load balancer has it stopped.
    scaling::start_allowance(Service) -> scaling::StartAllowance => ["elb.target_groups", "ServiceLoadBalancer.alternate_target_group_arn"];
    /// How much time a service's tasks get to end their requests, on Fargate Spot above all.
    scaling::stop_timing(Service) -> scaling::StopTiming => ["elb.target_groups", "ServiceLoadBalancer.alternate_target_group_arn", "TargetGroup.attributes", RUNNING_TASKS];
    /// Whether a repository's images are scanned, by the registry's rules and its own setting.
    scanning::image_scanning(Repository) -> scanning::ImageScanning => ["ecr.registries", "Repository.scan_frequency"];
    /// References to secrets and parameters of the account that a service's tasks cannot use.
    secrets::broken_secret_references(Service) -> Known<Vec<secrets::BrokenReference>> => [RUNNING_TASKS, "secretsmanager.secrets", "ssm.parameters"];
    /// The plaintext secrets in the task definitions that a service runs.
    secrets::deployed_secrets(Service) -> Known<Vec<secrets::DeployedSecret>> => [RUNNING_TASKS];
    /// The plaintext secrets in the task definitions that are run without a service, and in what is
    /// changed of them when the tasks are started.
    secrets::started_secrets(TaskStarter) -> Known<Vec<secrets::DeployedSecret>> => [STARTED_TASKS];
    /// References to secrets and parameters of the account that tasks without a service cannot use.
    secrets::broken_started_references(TaskStarter) -> Known<Vec<secrets::BrokenReference>> => [STARTED_TASKS, "secretsmanager.secrets", "ssm.parameters"];
    /// The plaintext secrets in active revisions that a service no longer runs.
    secrets::old_revision_secrets(Service) -> Known<Vec<secrets::OldRevisionSecret>> => ["ecs.unused_task_definitions", RUNNING_TASKS];
    /// The certificate that a distribution shows; none where it uses the *.cloudfront.net certificate.
    tls::distribution_certificates(Distribution) -> Known<Vec<tls::ServedCertificate>> => ["Distribution.acm_certificate_arn", "Distribution.iam_certificate_id", CERTIFICATES];
    /// The certificates that a listener shows: the default one and those for other names.
    tls::listener_certificates(Listener) -> Vec<tls::ServedCertificate> => ["Listener.further_certificate_arns", CERTIFICATES];
    /// Whether a new task of a service would start now, condition by condition.
    start::task_start(Service) -> start::TaskStart => [RUNNING_TASKS, "Container.creates_log_group", "Container.registry_credentials", "ecr.images", "Image.digest", "logs.log_groups", "iam.roles", "Role.attached_policy_arns", "Role.statements", "Role.permissions_boundary_arn", "Role.boundary_statements", "Role.trust", "secretsmanager.secrets", "Secret.kms_key_id", "secretsmanager.resource_policies", "SecretPolicy.statements", "ssm.parameters", "Parameter.kms_key_id", "kms.keys", "Key.statements", "ec2.subnets", "ec2.route_tables", "ec2.vpcs", "ec2.nat_gateways", "ec2.security_groups", "ec2.vpc_endpoints", "servicequotas.quotas"];
    /// The TLS protocols and ciphers that a listener offers.
    tls::listener_tls(Listener) -> tls::ListenerTls => ["elb.ssl_policies"];
    /// Whether a listener serves anything over plain HTTP, by its default action and every rule.
    tls::listener_traffic(Listener) -> tls::ListenerTraffic => ["Listener.rules", "elb.load_balancers", GROUP_RULES];
    /// Whether a load balancer serves plain HTTP, and which of its redirects to HTTPS lead nowhere.
    tls::plain_http(LoadBalancer) -> tls::PlainHttp => ["elb.load_balancers", "LoadBalancer.listeners", "Listener.rules"];
    /// The Availability Zones of a service's subnets and running tasks.
    zones::service_zones(Service) -> zones::ServiceZones => ["ec2.subnets", "ecs.tasks", "ec2.network_interfaces"];
    /// The Availability Zones of a load balancer in which a target group has no healthy target.
    zones::zones_without_healthy_target(LoadBalancer) -> Known<Vec<zones::EmptyZone>> => ["elb.target_groups", "TargetGroup.targets", "elb.load_balancers", "LoadBalancer.listeners", "Listener.rules", "ec2.network_interfaces"];
}
