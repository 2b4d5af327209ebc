//! Asks AWS, once, and keeps the answers and the refusals.
//!
//! A collector for each service turns AWS's answers into records of the snapshot. It has
//! no `Result`: a question without an answer is a gap in the snapshot. What makes a whole
//! scan impossible (no credentials, no region) is a [`CollectError`].

mod acm;
mod application_autoscaling;
pub mod ask;
mod cloudfront;
mod cloudwatch;
pub(crate) mod connect;
mod ec2;
mod ecr;
mod ecs;
mod elb;
pub mod error;
pub mod failure;
mod iam;
mod listed;
mod logs;
pub mod pace;
pub mod prices;
mod rds;
mod record;
mod replay;
mod s3;
mod secretsmanager;
mod session;
mod sns;
mod ssm;
mod time;
mod wafv2;

pub use ask::{Ask, Pages};
pub use error::CollectError;

use crate::snapshot::operation::Operation;
use crate::snapshot::{Gap, Snapshot};
use futures_util::future::join_all;
use session::Session;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
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

/// What to scan, and how.
#[derive(Debug, Clone)]
pub struct ScanOptions {
    /// The regions to ask. `all` stands for every region that the account has enabled;
    /// none for the region of the profile or environment.
    pub regions: Vec<String>,
    /// A profile of the AWS configuration; otherwise the one that the AWS CLI would use.
    pub profile: Option<String>,
    /// A role to assume with those credentials.
    pub role_arn: Option<String>,
    /// The external id that the role's trust policy asks for.
    pub external_id: Option<String>,
    /// One address for all services, for instance of a mock AWS. In a replay: where the
    /// recorded account is served over HTTP, instead of in process.
    pub endpoint_url: Option<String>,
    /// The time for the whole scan. What is not asked by then is a gap.
    pub timeout: Option<Duration>,
    /// The time for one attempt of a call.
    pub attempt_timeout: Duration,
    /// The time for a call with all its attempts.
    pub operation_timeout: Duration,
    /// Answers from this recorded account instead of AWS.
    pub replay: Option<PathBuf>,
    /// Writes what AWS answers to this folder, without the secrets.
    pub record: Option<PathBuf>,
}

impl Default for ScanOptions {
    fn default() -> Self {
        ScanOptions {
            regions: Vec::new(),
            profile: None,
            role_arn: None,
            external_id: None,
            endpoint_url: None,
            timeout: Some(Duration::from_secs(15 * 60)),
            attempt_timeout: Duration::from_secs(10),
            operation_timeout: Duration::from_secs(60),
            replay: None,
            record: None,
        }
    }
}

/// Who is told how a scan goes on. Called from the scan's thread; must not block.
pub trait Progress: Send + Sync {
    /// A call is about to be sent.
    fn call(&self, operation: &'static Operation, region: &str) {
        let _ = (operation, region);
    }

    /// A call is sent again, after AWS throttled it or the answer was broken.
    fn retry(&self, service: &str, region: &str) {
        let _ = (service, region);
    }

    /// A question will have no answer.
    fn gap(&self, gap: &Gap) {
        let _ = gap;
    }
}

/// Counts calls, retries and gaps; all that a progress line needs.
#[derive(Debug, Default)]
pub struct Counters {
    /// Calls that were sent, without their retries.
    pub calls: AtomicUsize,
    /// Calls that were sent again.
    pub retries: AtomicUsize,
    /// Questions without an answer.
    pub gaps: AtomicUsize,
}

impl Progress for Counters {
    fn call(&self, _operation: &'static Operation, _region: &str) {
        self.calls.fetch_add(1, Ordering::Relaxed);
    }

    fn retry(&self, _service: &str, _region: &str) {
        self.retries.fetch_add(1, Ordering::Relaxed);
    }

    fn gap(&self, _gap: &Gap) {
        self.gaps.fetch_add(1, Ordering::Relaxed);
    }
}

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
    let global = [session::global_region(ask.partition()).to_owned()];
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
