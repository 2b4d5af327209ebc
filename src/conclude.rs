//! What follows from several facts together.
//!
//! Each conclusion is a named function that policies call with the resource they judge,
//! for instance `database_exposure(db).is_reachable`. It walks from one resource to
//! others, says what it concluded, and gives the hops or the arithmetic as evidence. A
//! fact that AWS would not give makes unknown what depends on it, and nothing else.

pub mod access_log;
pub mod alarms;
mod cidr;
pub mod edge;
pub mod exposure;
pub mod health;
pub mod layout;
mod lookup;
mod network;
pub mod roles;
pub mod scaling;
pub mod secrets;
pub mod tls;

use crate::snapshot::Snapshot;
use crate::snapshot::shape::{RecordShape, Type, Valued};
use std::any::Any;

crate::record! {
    /// A sentence in both languages.
    pub struct Sentence {
        /// English.
        pub en: String,
        /// Japanese.
        pub ja: String,
    }
}

impl Sentence {
    /// A sentence from its two forms.
    pub fn new(en: impl Into<String>, ja: impl Into<String>) -> Self {
        Sentence { en: en.into(), ja: ja.into() }
    }
}

/// A conclusion that policies may call.
pub struct Function {
    /// The name in expressions.
    pub name: &'static str,
    /// What it concludes.
    pub doc: &'static str,
    /// The record it is called with.
    pub takes: fn() -> &'static RecordShape,
    /// What it gives.
    pub gives: fn() -> Type,
    /// Works on the real record; a record of another type gives an unknown answer.
    pub call: fn(&Snapshot, &dyn Any) -> Box<dyn Valued>,
}

impl std::fmt::Debug for Function {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name)
    }
}

/// Looks a conclusion up by its name.
pub fn find(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.name == name)
}

macro_rules! conclusions {
    ($($(#[doc = $doc:literal])+ $module:ident::$name:ident($argument:ty) -> $result:ty;)+) => {
        /// Every conclusion that policies may call.
        pub const FUNCTIONS: &[Function] = &[$(
            Function {
                name: stringify!($name),
                doc: concat!($($doc),+),
                takes: <$argument>::record_shape,
                gives: <$result as Valued>::ty,
                call: |snapshot, record| match record.downcast_ref::<$argument>() {
                    Some(record) => {
                        let result: $result = $module::$name(snapshot, record);
                        Box::new(result)
                    }
                    None => Box::new(<$result>::default()),
                },
            },
        )+];
    };
}

use crate::snapshot::cloudwatch::Alarm;
use crate::snapshot::ec2::{SecurityGroup, Vpc};
use crate::snapshot::ecs::Service;
use crate::snapshot::elb::{Listener, LoadBalancer, TargetGroup};
use crate::snapshot::known::Known;
use crate::snapshot::rds::{DbInstance, DbSubnetGroup};
use crate::snapshot::wafv2::WebAcl;

conclusions! {
    /// The bucket that a load balancer's access log goes to.
    access_log::log_destination(LoadBalancer) -> access_log::LogDestination;
    /// Whether the alarm is meant for people, and whether somebody confirmed hears it.
    alarms::alarm_path(Alarm) -> alarms::AlarmPath;
    /// The alarms that watch a database.
    alarms::database_alarms(DbInstance) -> alarms::DatabaseAlarms;
    /// The alarms that watch a load balancer for errors.
    alarms::load_balancer_alarms(LoadBalancer) -> alarms::LoadBalancerAlarms;
    /// The alarms that watch a service, those of its own scaling policies left out.
    alarms::service_alarms(Service) -> alarms::ServiceAlarms;
    /// The web ACL and the distributions in front of a load balancer.
    edge::load_balancer_edge(LoadBalancer) -> edge::LoadBalancerEdge;
    /// What a web ACL really blocks, and whether anything uses it.
    edge::web_acl_effect(WebAcl) -> edge::WebAclEffect;
    /// Whether the internet reaches a database, hop by hop.
    exposure::database_exposure(DbInstance) -> exposure::Exposure;
    /// Whether the internet reaches a service's tasks directly, hop by hop.
    exposure::service_exposure(Service) -> exposure::Exposure;
    /// Ways to a service's tasks around its load balancer.
    exposure::ways_past_load_balancer(Service) -> exposure::PastLoadBalancer;
    /// Rules of a database's groups that admit the whole internet to its port.
    exposure::world_rules_on_database(DbInstance) -> Known<Vec<exposure::WorldRule>>;
    /// Rules of a group that admit the whole internet, public load balancers' listener ports left out.
    exposure::unintended_world_rules(SecurityGroup) -> Known<Vec<exposure::WorldRule>>;
    /// How long a load balancer takes to notice that a target failed, or that it is good again.
    health::health_check_timing(TargetGroup) -> health::HealthCheckTiming;
    /// The public and private subnets of a VPC, by Availability Zone.
    layout::vpc_layout(Vpc) -> layout::SubnetLayout;
    /// The public and private subnets of a DB subnet group, by Availability Zone.
    layout::subnet_group_layout(DbSubnetGroup) -> layout::SubnetLayout;
    /// What the roles of a service's tasks may do.
    roles::task_roles(Service) -> roles::TaskRoles;
    /// Whether a service can be scaled, and by what.
    scaling::autoscaling(Service) -> scaling::Autoscaling;
    /// How many tasks a deployment leaves and needs, with ECS's rounding.
    scaling::deployment_capacity(Service) -> scaling::DeploymentCapacity;
    /// The size of a service's Fargate tasks beside what they use.
    scaling::fargate_sizing(Service) -> scaling::FargateSizing;
    /// References to secrets and parameters of the account that a service's tasks cannot use.
    secrets::broken_secret_references(Service) -> Known<Vec<secrets::BrokenReference>>;
    /// The plaintext secrets in the task definitions that a service runs.
    secrets::deployed_secrets(Service) -> Known<Vec<secrets::DeployedSecret>>;
    /// The certificate of a listener that ends first.
    tls::listener_certificate(Listener) -> tls::ListenerCertificate;
    /// The TLS protocols and ciphers that a listener offers.
    tls::listener_tls(Listener) -> tls::ListenerTls;
    /// Whether a listener serves anything over plain HTTP, by its default action and every rule.
    tls::listener_traffic(Listener) -> tls::ListenerTraffic;
}
