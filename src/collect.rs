//! What AWS is asked: one file for each service.
//!
//! A collector turns AWS's answers into records of the snapshot. It has no `Result`: a
//! question without an answer is a gap in the snapshot. What makes a whole scan impossible
//! (no credentials, no region) is a [`CollectError`].

mod acm;
mod application_autoscaling;
mod cloudfront;
mod cloudwatch;
mod ec2;
mod ecr;
mod ecs;
mod elb;
mod iam;
mod logs;
pub mod prices;
mod rds;
mod s3;
mod secretsmanager;
mod sns;
mod ssm;
mod wafv2;

use crate::ask::regions::global_region;
use crate::ask::session::Session;
use crate::ask::{Ask, CollectError, Progress, ScanOptions};
use crate::snapshot::Snapshot;
use futures_util::future::join_all;
use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use tokio::sync::OnceCell;

/// Where a collector's questions are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// In every region of the scan.
    Regional,
    /// Once, in the region where the partition keeps its global services (us-east-1).
    Global,
}

/// Asks one service.
pub trait Collector: Sync {
    /// The service as its IAM actions name it, as in the operations table.
    fn service(&self) -> &'static str;

    /// Where it asks.
    fn scope(&self) -> Scope;

    /// The service that it builds on: it begins when that service's collectors, which
    /// build on nothing, are done in all regions, whatever else is still being asked.
    fn after(&self) -> Option<&'static str> {
        None
    }

    /// Asks, and gives a snapshot in which only its own listings are filled. `found` has
    /// what the service of [`Collector::after`] has, and nothing else.
    fn collect<'a>(
        &'a self,
        ask: &'a Ask,
        found: &'a Snapshot,
    ) -> Pin<Box<dyn Future<Output = Snapshot> + 'a>>;
}

/// Every collector.
pub const COLLECTORS: &[&dyn Collector] = &[
    &acm::Certificates,
    &application_autoscaling::ServiceScaling,
    &cloudfront::Distributions,
    &cloudwatch::Alarms,
    &cloudwatch::DistributionTraffic,
    &cloudwatch::LoadBalancerTraffic,
    &cloudwatch::NatGatewayTraffic,
    &cloudwatch::ServiceMetrics,
    &ec2::Networks,
    &ecr::Repositories,
    &ecs::Containers,
    &elb::LoadBalancers,
    &iam::TaskRoles,
    &logs::LogGroups,
    &rds::Databases,
    &s3::LogBuckets,
    &secretsmanager::Secrets,
    &sns::Topics,
    &ssm::Parameters,
    &wafv2::CloudfrontWebAcls,
    &wafv2::RegionalWebAcls,
];

/// A scan's snapshot and, where it went through a recorded account, how well that fitted.
#[derive(Debug)]
pub struct Scan {
    /// What AWS said, and what it would not say.
    pub snapshot: Snapshot,
    /// In a replay: the files that are missing for requests of this scan. Their questions
    /// are gaps with the code `NotRecorded`.
    pub not_recorded: Vec<String>,
    /// In a replay: the files that nothing asked for.
    pub not_asked: Vec<String>,
}

/// Asks every collector, and gives what AWS said and would not say.
pub async fn scan(options: &ScanOptions, progress: Arc<dyn Progress>) -> Result<Snapshot, CollectError> {
    Ok(scan_with(COLLECTORS, options, progress).await?.snapshot)
}

/// The same with other collectors, and with what a replay lacked.
pub async fn scan_with(
    collectors: &[&dyn Collector],
    options: &ScanOptions,
    progress: Arc<dyn Progress>,
) -> Result<Scan, CollectError> {
    let session = Session::open(options, progress).await?;
    let mut snapshot =
        Snapshot::new(&session.account, &session.partition, &session.taken_at, &session.regions);
    let regions = snapshot.regions.clone();
    let ask = session.ask();
    for fragment in ask_all(collectors, &ask, &regions).await {
        snapshot.merge(fragment);
    }
    snapshot.gaps.extend(ask.gaps());
    snapshot.sort();
    session.end_recording()?;
    let (not_recorded, not_asked) = session.replay_fit();
    Ok(Scan { snapshot, not_recorded, not_asked })
}

/// What a service's collectors found; asked for by whoever comes first.
type Found = OnceCell<Snapshot>;

/// All collectors at once. Those that build on a service wait for it alone: the slowest
/// service must not keep others waiting that have nothing to do with it.
async fn ask_all(collectors: &[&dyn Collector], ask: &Ask, regions: &[String]) -> Vec<Snapshot> {
    let (first, second): (Vec<&dyn Collector>, Vec<&dyn Collector>) =
        collectors.iter().partition(|collector| collector.after().is_none());
    let mut services: BTreeMap<&str, Found> = BTreeMap::new();
    for service in
        first.iter().map(|collector| collector.service()).chain(second.iter().filter_map(|c| c.after()))
    {
        services.entry(service).or_default();
    }
    let gather = async |service: &str, found: &Found| {
        let own: Vec<&dyn Collector> =
            first.iter().copied().filter(|collector| collector.service() == service).collect();
        let nothing = Snapshot::default();
        found.get_or_init(async || merged(asked(&own, ask, regions, &nothing).await)).await;
    };
    let build_on = async |collector: &dyn Collector| {
        let service = collector.after().unwrap_or_default();
        let Some(found) = services.get(service) else { return Vec::new() };
        gather(service, found).await;
        match found.get() {
            Some(found) => asked(&[collector], ask, regions, found).await,
            None => Vec::new(),
        }
    };
    let (_, built) = tokio::join!(
        join_all(services.iter().map(|(service, found)| gather(service, found))),
        join_all(second.iter().map(|collector| build_on(*collector))),
    );
    services.into_values().filter_map(Found::into_inner).chain(built.into_iter().flatten()).collect()
}

fn merged(fragments: Vec<Snapshot>) -> Snapshot {
    let mut whole = Snapshot::default();
    for fragment in fragments {
        whole.merge(fragment);
    }
    whole
}

/// What collectors find in each of their regions.
async fn asked(
    collectors: &[&dyn Collector],
    ask: &Ask,
    regions: &[String],
    found: &Snapshot,
) -> Vec<Snapshot> {
    let global = [global_region(ask.partition()).to_owned()];
    let mut questions = Vec::new();
    for collector in collectors {
        let regions = match collector.scope() {
            Scope::Regional => regions,
            Scope::Global => &global,
        };
        questions.extend(regions.iter().map(|region| (*collector, ask.in_region(region))));
    }
    join_all(questions.iter().map(|(collector, ask)| collector.collect(ask, found))).await
}
