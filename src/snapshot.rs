//! What AWS said about an account, and what it would not say.
//!
//! A snapshot holds no AWS types, no clock and no network: everything after collecting
//! is a function of it. One file for each service; `shape` describes the records so that
//! policies can be checked against them.

pub mod acm;
pub mod application_autoscaling;
pub mod cloudfront;
pub mod cloudwatch;
pub mod ec2;
pub mod ecr;
pub mod ecs;
pub mod elb;
pub mod gap;
pub mod iam;
pub mod known;
pub mod listing;
pub mod logs;
pub mod operation;
pub mod rds;
pub mod s3;
pub mod schema;
pub mod secretsmanager;
pub mod shape;
pub mod sns;
pub mod source;
pub mod ssm;
pub mod store;
pub mod wafv2;

pub use gap::{Cause, Gap, GapId};
pub use known::Known;
pub use listing::{Listing, SavedListing};

use serde::{Deserialize, Serialize};
use shape::{Reflect, ShapeOf};
use std::collections::BTreeMap;

/// The version of the saved form. A file with another one is refused.
pub const SCHEMA_VERSION: u32 = 1;

/// One account at one time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    /// The version of this form.
    pub schema_version: u32,
    /// The account's twelve digits.
    pub account: String,
    /// `aws`, `aws-cn` or `aws-us-gov`.
    pub partition: String,
    /// When the scan began, RFC 3339 in UTC.
    pub taken_at: String,
    /// The regions that were asked, sorted.
    pub regions: Vec<String>,
    /// The questions without an answer, by their id.
    pub gaps: BTreeMap<GapId, Gap>,
    /// Certificates.
    pub acm: acm::Acm,
    /// Scaling of services.
    pub application_autoscaling: application_autoscaling::ApplicationAutoscaling,
    /// Distributions.
    pub cloudfront: cloudfront::Cloudfront,
    /// Alarms and metrics.
    pub cloudwatch: cloudwatch::Cloudwatch,
    /// Networks.
    pub ec2: ec2::Ec2,
    /// Image repositories.
    pub ecr: ecr::Ecr,
    /// Containers.
    pub ecs: ecs::Ecs,
    /// Load balancers.
    pub elb: elb::Elb,
    /// Roles of tasks.
    pub iam: iam::Iam,
    /// Log groups.
    pub logs: logs::Logs,
    /// Databases.
    pub rds: rds::Rds,
    /// Log buckets.
    pub s3: s3::S3,
    /// Secrets by name.
    pub secretsmanager: secretsmanager::Secretsmanager,
    /// Notification topics.
    pub sns: sns::Sns,
    /// Parameters by name.
    pub ssm: ssm::Ssm,
    /// Web ACLs.
    pub wafv2: wafv2::Wafv2,
}

/// Applies one method to every listing of a snapshot, named once, so that merging and
/// sorting cannot forget one.
macro_rules! every_listing {
    ($apply:ident) => {
        $apply! {
            acm.certificates(arn, arn),
            application_autoscaling.scalable_targets(region, resource_id),
            application_autoscaling.scaling_policies(arn, name),
            application_autoscaling.scheduled_actions(arn, name),
            cloudfront.distributions(arn, arn),
            cloudwatch.alarms(arn, arn),
            cloudwatch.series(resource_arn, metric_name),
            cloudwatch.traffic(resource_arn, metric_name),
            ec2.vpcs(arn, arn),
            ec2.subnets(arn, arn),
            ec2.route_tables(arn, arn),
            ec2.network_acls(arn, arn),
            ec2.internet_gateways(arn, arn),
            ec2.nat_gateways(arn, arn),
            ec2.security_groups(arn, arn),
            ec2.prefix_lists(arn, arn),
            ec2.network_interfaces(arn, arn),
            ecr.repositories(arn, arn),
            ecs.clusters(arn, arn),
            ecs.services(arn, arn),
            ecs.task_definitions(arn, arn),
            ecs.unused_task_definitions(arn, arn),
            ecs.tasks(arn, arn),
            ecs.capacity_providers(region, name),
            elb.load_balancers(arn, arn),
            elb.target_groups(arn, arn),
            elb.ssl_policies(region, name),
            iam.roles(arn, arn),
            logs.log_groups(arn, arn),
            rds.db_instances(arn, arn),
            rds.db_clusters(arn, arn),
            rds.db_subnet_groups(arn, arn),
            s3.buckets(arn, arn),
            secretsmanager.secrets(arn, arn),
            sns.topics(arn, arn),
            ssm.parameters(arn, arn),
            wafv2.web_acls(arn, arn),
        }
    };
}

macro_rules! every_section {
    ($apply:ident) => {
        $apply! {
            acm: acm::Acm,
            application_autoscaling: application_autoscaling::ApplicationAutoscaling,
            cloudfront: cloudfront::Cloudfront,
            cloudwatch: cloudwatch::Cloudwatch,
            ec2: ec2::Ec2,
            ecr: ecr::Ecr,
            ecs: ecs::Ecs,
            elb: elb::Elb,
            iam: iam::Iam,
            logs: logs::Logs,
            rds: rds::Rds,
            s3: s3::S3,
            secretsmanager: secretsmanager::Secretsmanager,
            sns: sns::Sns,
            ssm: ssm::Ssm,
            wafv2: wafv2::Wafv2,
        }
    };
}

impl Snapshot {
    /// An empty snapshot of an account.
    pub fn new(account: &str, partition: &str, taken_at: &str, regions: &[String]) -> Self {
        let mut regions = regions.to_vec();
        regions.sort();
        regions.dedup();
        Snapshot {
            schema_version: SCHEMA_VERSION,
            account: account.to_owned(),
            partition: partition.to_owned(),
            taken_at: taken_at.to_owned(),
            regions,
            ..Snapshot::default()
        }
    }

    /// Takes in what another part of the scan found. The account, time and regions stay.
    pub fn merge(&mut self, other: Snapshot) {
        self.gaps.extend(other.gaps);
        macro_rules! extend {
            ($($section:ident.$listing:ident($first:ident, $second:ident),)+) => {
                $(self.$section.$listing.extend(other.$section.$listing);)+
            };
        }
        every_listing!(extend);
    }

    /// Puts everything in an order that does not depend on which call came back first.
    pub fn sort(&mut self) {
        macro_rules! sort {
            ($($section:ident.$listing:ident($first:ident, $second:ident),)+) => {
                $(self.$section.$listing.sort_by_key(|item| (item.$first.as_str(), item.$second.as_str()));)+
            };
        }
        every_listing!(sort);
    }

    /// A list of resources by its section and name, to be changed in its saved form. Call
    /// [`Snapshot::sort`] when resources were added.
    pub fn listing_mut(&mut self, section: &str, listing: &str) -> Option<&mut dyn SavedListing> {
        macro_rules! find {
            ($($section:ident.$listing:ident($first:ident, $second:ident),)+) => {
                match (section, listing) {
                    $((stringify!($section), stringify!($listing)) => Some(&mut self.$section.$listing),)+
                    _ => None,
                }
            };
        }
        every_listing!(find)
    }

    /// The sections by name, as policies see them: `rds` in `rds.db_instances`.
    pub fn sections(&self) -> [(&'static str, &dyn Reflect); 16] {
        macro_rules! list {
            ($($name:ident: $ty:ty,)+) => { [$((stringify!($name), &self.$name as &dyn Reflect),)+] };
        }
        every_section!(list)
    }

    /// The shapes of the sections by name.
    pub fn section_shapes() -> [(&'static str, ShapeOf); 16] {
        macro_rules! list {
            ($($name:ident: $ty:ty,)+) => { [$((stringify!($name), <$ty>::record_shape as ShapeOf),)+] };
        }
        every_section!(list)
    }

    /// The gap behind an id. An id without an entry is a question that was not asked.
    pub fn gap(&self, id: &GapId) -> Option<&Gap> {
        self.gaps.get(id)
    }
}
