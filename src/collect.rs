//! What AWS is asked: one file for each service.
//!
//! A collector turns AWS's answers into records of the snapshot. It has no `Result`: a
//! question without an answer is a gap in the snapshot. What makes a whole scan impossible
//! (no credentials, no region) is a [`CollectError`].

mod acm;
mod application_autoscaling;
mod cloudfront;
mod cloudwatch;
mod codedeploy;
mod ec2;
mod ecr;
mod ecs;
mod elb;
mod eventbridge;
mod iam;
mod logs;
pub(crate) mod prices;
mod rds;
mod s3;
mod scheduler;
mod secretsmanager;
mod sns;
mod ssm;
mod wafv2;

use crate::ask::regions::global_region;
use crate::ask::session::Session;
use crate::ask::{Ask, CollectError, Progress, ScanOptions};
use crate::snapshot::Snapshot;
use crate::snapshot::coverage::Coverage;
use crate::snapshot::service::Scope;
use futures_util::future::join_all;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use tokio::sync::OnceCell;

/// A row of [`COLLECTORS`]: what asks about one part of a service, where and when.
#[derive(Clone, Copy)]
pub struct Collector {
    /// The service as its IAM actions name it, as in the operations table.
    pub service: &'static str,
    /// Where it asks.
    pub scope: Scope,
    /// The service that it builds on: it begins when that service's collectors, which
    /// build on nothing, are done in all regions, whatever else is still being asked.
    pub after: Option<&'static str>,
    collect: &'static dyn Collect,
}

/// What a collector does: an `async fn(&Ask, &Snapshot) -> Snapshot`. It asks, and gives a
/// snapshot in which only its own listings are filled. It gets what the service of
/// [`Collector::after`] has, and nothing else.
trait Collect {
    /// The function's future, in a box: the rows' functions all have different ones.
    fn collect<'a>(
        &'a self,
        ask: &'a Ask,
        found: &'a Snapshot,
    ) -> Pin<Box<dyn Future<Output = Snapshot> + 'a>>;
}

impl<F: AsyncFn(&Ask, &Snapshot) -> Snapshot> Collect for F {
    fn collect<'a>(
        &'a self,
        ask: &'a Ask,
        found: &'a Snapshot,
    ) -> Pin<Box<dyn Future<Output = Snapshot> + 'a>> {
        Box::pin(self(ask, found))
    }
}

const fn regional(service: &'static str, collect: &'static dyn Collect) -> Collector {
    Collector { service, scope: Scope::Regional, after: None, collect }
}

const fn global(service: &'static str, collect: &'static dyn Collect) -> Collector {
    Collector { service, scope: Scope::Global, after: None, collect }
}

impl Collector {
    const fn after(self, service: &'static str) -> Collector {
        Collector { after: Some(service), ..self }
    }
}

/// Every collector.
pub const COLLECTORS: &[Collector] = &[
    regional("acm", &acm::collect),
    regional("application-autoscaling", &application_autoscaling::collect),
    global("cloudfront", &cloudfront::collect),
    regional("cloudwatch", &cloudwatch::alarms),
    regional("cloudwatch", &cloudwatch::service_load).after("ecs"),
    regional("cloudwatch", &cloudwatch::load_balancer_traffic).after("elasticloadbalancing"),
    regional("cloudwatch", &cloudwatch::nat_gateway_traffic).after("ec2"),
    global("cloudwatch", &cloudwatch::distribution_traffic).after("cloudfront"),
    regional("codedeploy", &codedeploy::collect).after("cloudwatch"),
    regional("ec2", &ec2::collect),
    regional("ecr", &ecr::collect),
    // With what EventBridge and EventBridge Scheduler start.
    regional("ecs", &ecs::collect),
    regional("elasticloadbalancing", &elb::collect),
    global("iam", &iam::collect).after("ecs"),
    regional("logs", &logs::collect),
    regional("rds", &rds::collect),
    global("s3", &s3::collect).after("elasticloadbalancing"),
    regional("secretsmanager", &secretsmanager::collect),
    regional("sns", &sns::collect),
    regional("ssm", &ssm::collect),
    global("wafv2", &wafv2::collect_of_cloudfront),
    regional("wafv2", &wafv2::collect),
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
    collectors: &[Collector],
    options: &ScanOptions,
    progress: Arc<dyn Progress>,
) -> Result<Scan, CollectError> {
    let session = Session::open(options, progress).await?;
    let mut snapshot =
        Snapshot::new(&session.account, &session.partition, &session.taken_at, &session.regions);
    let regions = snapshot.regions.clone();
    let ask = session.ask();
    let coverage = RefCell::default();
    for fragment in ask_all(collectors, &ask, &regions, &coverage).await {
        snapshot.merge(fragment);
    }
    snapshot.leave_unknown(&coverage.into_inner(), global_region(&session.partition));
    snapshot.gaps.extend(ask.gaps());
    snapshot.sort();
    session.end_recording()?;
    let (not_recorded, not_asked) = session.replay_fit();
    Ok(Scan { snapshot, not_recorded, not_asked })
}

/// What a service's collectors found; asked for by whoever comes first.
type Found = OnceCell<Snapshot>;

/// All collectors at once. Those that build on a service wait for it alone: the slowest
/// service must not keep others waiting that have nothing to do with it. `coverage` takes down
/// what was asked.
async fn ask_all(
    collectors: &[Collector],
    ask: &Ask,
    regions: &[String],
    coverage: &RefCell<Coverage>,
) -> Vec<Snapshot> {
    let (first, second): (Vec<Collector>, Vec<Collector>) =
        collectors.iter().partition(|collector| collector.after.is_none());
    let mut services: BTreeMap<&str, Found> = BTreeMap::new();
    let own = first.iter().map(|collector| collector.service);
    for service in own.chain(second.iter().filter_map(|collector| collector.after)) {
        services.entry(service).or_default();
    }
    let gather = async |service: &str, found: &Found| {
        let own: Vec<Collector> =
            first.iter().copied().filter(|collector| collector.service == service).collect();
        let nothing = Snapshot::default();
        found.get_or_init(async || merged(asked(&own, ask, regions, &nothing, coverage).await)).await;
    };
    let build_on = async |collector: &Collector| {
        let service = collector.after.unwrap_or_default();
        let Some(found) = services.get(service) else { return Vec::new() };
        gather(service, found).await;
        match found.get() {
            Some(found) => asked(&[*collector], ask, regions, found, coverage).await,
            None => Vec::new(),
        }
    };
    let (_, built) = tokio::join!(
        join_all(services.iter().map(|(service, found)| gather(service, found))),
        join_all(second.iter().map(|collector| build_on(collector))),
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
    collectors: &[Collector],
    ask: &Ask,
    regions: &[String],
    found: &Snapshot,
    coverage: &RefCell<Coverage>,
) -> Vec<Snapshot> {
    let global = [global_region(ask.partition()).to_owned()];
    let mut questions = Vec::new();
    for collector in collectors {
        let regions = match collector.scope {
            Scope::Regional => regions,
            Scope::Global => &global,
        };
        questions.extend(regions.iter().map(|region| (collector.collect, ask.in_region(region))));
    }
    let answers = questions.iter().map(|(question, ask)| async move {
        let fragment = question.collect(ask, found).await;
        coverage.borrow_mut().note(ask.region(), &fragment);
        fragment
    });
    join_all(answers).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::operation::OPERATIONS;

    #[test]
    fn rows_name_services_of_the_operations_table_and_build_on_those_that_build_on_nothing() {
        for Collector { service, after, .. } in COLLECTORS {
            assert!(OPERATIONS.iter().any(|operation| operation.service == *service), "{service}");
            let is_first = |row: &&Collector| row.after.is_none() && Some(row.service) == *after;
            assert!(after.is_none() || COLLECTORS.iter().any(|row| is_first(&row)), "{service}");
        }
    }
}
