//! What AWS said about an account, and what it would not say.
//!
//! A snapshot holds no AWS types, no clock and no network: everything after collecting
//! is a function of it. One file for each service; `shape` describes the records so that
//! policies can be checked against them.

pub mod account;
pub mod acm;
pub mod application_autoscaling;
pub mod cloudfront;
pub mod cloudwatch;
pub mod codedeploy;
pub(crate) mod coverage;
pub mod ec2;
pub mod ecr;
pub mod ecs;
pub mod elb;
pub mod eventbridge;
pub mod gap;
pub mod iam;
pub mod kms;
pub mod known;
pub mod listing;
pub mod logs;
pub mod operation;
pub mod rds;
pub mod route53;
pub mod s3;
pub mod scheduler;
pub mod schema;
pub mod secretsmanager;
pub mod service;
pub mod servicequotas;
pub mod shape;
pub mod sns;
pub mod source;
pub mod ssm;
pub mod store;
pub mod treatment;
pub mod wafv2;

pub use gap::{Cause, Gap, GapId, OwnReason};
pub use known::Known;
pub use listing::{Listing, SavedListing};

use serde::{Deserialize, Serialize};
use service::{ListingRow, Protocol, Scope, ServiceRow};
use shape::{FieldPlace, Reflect, ShapeOf, Valued, Visit};
use std::collections::BTreeMap;

/// The version of the saved form. A file with another one is refused.
pub const SCHEMA_VERSION: u32 = 1;

/// The one table of services. A row has the section and its record, the service's name in IAM
/// actions, its protocol, and its lists, each with the two fields by which it is sorted and,
/// where they are not asked in every region alone, the questions it is put together from. The
/// section's file has the records, [`service::ServiceRow::operations`] and
/// [`service::ServiceRow::sources`].
macro_rules! services {
    ($(
        $(#[doc = $doc:literal])+
        $section:ident: $ty:ty, $prefix:literal, $protocol:ident {
            $($listing:ident($first:ident, $second:ident) $(: $($scope:ident)+)?,)+
        }
    )+) => {
        /// One account at one time. A section that a saved snapshot lacks is one that nobody asked for:
        /// an older tenken did not know the service.
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
            $(
                $(#[doc = $doc])+
                #[serde(default)]
                pub $section: $ty,
            )+
        }

        /// The services of the audit.
        pub const SERVICES: &[ServiceRow] = &[$(
            ServiceRow {
                section: stringify!($section),
                prefix: $prefix,
                protocol: Protocol::$protocol,
                shape: <$ty>::record_shape,
                listings: &[$(
                    ListingRow {
                        name: stringify!($listing),
                        questions: regional_if_empty(&[$($(Scope::$scope),+)?]),
                    },
                )+],
                operations: $section::OPERATIONS,
                sources: $section::SOURCES,
            },
        )+];

        impl Snapshot {
            /// Takes in what another part of the scan found. The account, time and regions stay.
            pub fn merge(&mut self, other: Snapshot) {
                self.gaps.extend(other.gaps);
                $($(self.$section.$listing.extend(other.$section.$listing);)+)+
            }

            /// Puts everything in an order that does not depend on which call came back first.
            pub fn sort(&mut self) {
                $($(
                    self.$section.$listing.sort_by_key(|item| (item.$first.as_str(), item.$second.as_str()));
                )+)+
            }

            /// A list of resources by its section and name, to be changed in its saved form.
            /// Call [`Snapshot::sort`] when resources were added.
            pub fn listing_mut(&mut self, section: &str, listing: &str) -> Option<&mut dyn SavedListing> {
                match (section, listing) {
                    $($((stringify!($section), stringify!($listing)) => Some(&mut self.$section.$listing),)+)+
                    _ => None,
                }
            }

            /// The same with every list that nobody asked for complete and empty: the state of
            /// an account without resources, to which a snapshot made by hand adds some.
            #[must_use]
            pub fn complete(mut self) -> Self {
                $($(
                    if !self.$section.$listing.was_asked() {
                        self.$section.$listing.incomplete.clear();
                    }
                )+)+
                self
            }

            /// The lists that somebody asked for: section and name.
            pub(crate) fn asked_lists(&self) -> Vec<(&'static str, &'static str)> {
                let mut asked = Vec::new();
                $($(
                    if self.$section.$listing.was_asked() {
                        asked.push((stringify!($section), stringify!($listing)));
                    }
                )+)+
                asked
            }

            /// Shows every text that AWS wrote, or somebody in the account.
            pub fn each_text(&mut self, visit: &mut Visit<'_>) {
                $(
                    let place = FieldPlace { record: "Snapshot", field: stringify!($section) };
                    self.$section.each_text(place, visit);
                )+
            }

            /// The sections by name, as policies see them: `rds` in `rds.db_instances`.
            pub fn sections(&self) -> [(&'static str, &dyn Reflect); SERVICES.len()] {
                [$((stringify!($section), &self.$section as &dyn Reflect),)+]
            }

            /// The shapes of the sections by name.
            pub fn section_shapes() -> [(&'static str, ShapeOf); SERVICES.len()] {
                [$((stringify!($section), <$ty>::record_shape as ShapeOf),)+]
            }
        }
    };
}

services! {
    /// Certificates.
    acm: acm::Acm, "acm", Json {
        // Those of the regions, and those of distributions.
        certificates(arn, arn): Regional Global,
    }
    /// Scaling of services.
    application_autoscaling: application_autoscaling::ApplicationAutoscaling, "application-autoscaling", Json {
        scalable_targets(region, resource_id),
        scaling_policies(arn, name),
        scheduled_actions(arn, name),
    }
    /// Distributions.
    cloudfront: cloudfront::Cloudfront, "cloudfront", RestXml {
        distributions(arn, arn): Global,
    }
    /// Alarms and metrics.
    cloudwatch: cloudwatch::Cloudwatch, "cloudwatch", Cbor {
        alarms(arn, arn),
        load(resource_arn, metric_name),
        series(resource_arn, metric_name),
        // Of load balancers, of NAT gateways, and of distributions.
        traffic(resource_arn, metric_name): Regional Regional Global,
    }
    /// Deployments.
    codedeploy: codedeploy::Codedeploy, "codedeploy", Json {
        deployment_groups(application_name, name),
    }
    /// Networks.
    ec2: ec2::Ec2, "ec2", Ec2Query {
        vpcs(arn, arn),
        subnets(arn, arn),
        route_tables(arn, arn),
        network_acls(arn, arn),
        internet_gateways(arn, arn),
        nat_gateways(arn, arn),
        security_groups(arn, arn),
        prefix_lists(arn, arn),
        network_interfaces(arn, arn),
        vpc_endpoints(arn, arn),
        flow_logs(region, id),
        vpc_block_public_access(region, region),
    }
    /// Image repositories.
    ecr: ecr::Ecr, "ecr", Json {
        repositories(arn, arn),
        images(region, uri),
        registries(region, id),
    }
    /// Containers.
    ecs: ecs::Ecs, "ecs", Json {
        clusters(arn, arn),
        services(arn, arn),
        task_definitions(arn, arn),
        unused_task_definitions(arn, arn),
        tasks(arn, arn),
        task_starters(arn, arn),
        capacity_providers(region, name),
        account_settings(region, name),
        container_instances(arn, arn),
    }
    /// Load balancers.
    elb: elb::Elb, "elasticloadbalancing", Query {
        load_balancers(arn, arn),
        target_groups(arn, arn),
        ssl_policies(region, name),
        classic_load_balancers(arn, arn),
    }
    /// Rules that alarms set off.
    eventbridge: eventbridge::Eventbridge, "events", Json {
        alarm_rules(arn, arn),
    }
    /// Roles of tasks, and certificates that are kept there.
    iam: iam::Iam, "iam", Query {
        roles(arn, arn): Global,
        server_certificates(arn, arn): Global,
    }
    /// Keys.
    kms: kms::Kms, "kms", Json {
        keys(arn, arn),
    }
    /// Log groups.
    logs: logs::Logs, "logs", Json {
        log_groups(arn, arn),
    }
    /// Databases.
    rds: rds::Rds, "rds", Query {
        db_instances(arn, arn),
        db_clusters(arn, arn),
        db_subnet_groups(arn, arn),
        major_engine_versions(region, name),
        parameter_groups(arn, arn),
        pending_maintenance(resource_arn, action),
        snapshots(arn, arn),
    }
    /// Names in DNS.
    route53: route53::Route53, "route53", RestXml {
        records(id, id): Global,
    }
    /// Log buckets.
    s3: s3::S3, "s3", RestXml {
        buckets(arn, arn): Global,
        log_buckets_elsewhere(region, name): Global,
    }
    /// Schedules of tasks.
    scheduler: scheduler::Scheduler, "scheduler", RestJson {
        schedules(arn, arn),
    }
    /// Secrets by name.
    secretsmanager: secretsmanager::Secretsmanager, "secretsmanager", Json {
        secrets(arn, arn),
        resource_policies(region, secret),
    }
    /// Quotas.
    servicequotas: servicequotas::Servicequotas, "servicequotas", Json {
        quotas(region, code),
    }
    /// Notification topics.
    sns: sns::Sns, "sns", Query {
        topics(arn, arn),
    }
    /// Parameters by name.
    ssm: ssm::Ssm, "ssm", Json {
        parameters(arn, arn),
    }
    /// Web ACLs.
    wafv2: wafv2::Wafv2, "wafv2", Json {
        // Those of regional resources, and those of CloudFront.
        web_acls(arn, arn): Regional Global,
    }
}

/// Most lists are asked in every region, once.
const fn regional_if_empty(questions: &'static [Scope]) -> &'static [Scope] {
    if questions.is_empty() { &[Scope::Regional] } else { questions }
}

impl Snapshot {
    /// A snapshot of an account of which nothing was asked yet: every list in it is unknown.
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

    /// The gap behind an id. An id without an entry is a question that was not asked.
    pub fn gap(&self, id: &GapId) -> Option<&Gap> {
        self.gaps.get(id)
    }
}
