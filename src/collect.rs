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
mod conceal;
mod ec2;
mod ecr;
mod ecs;
mod elb;
mod eventbridge;
mod iam;
mod kms;
mod logs;
pub(crate) mod prices;
mod rds;
mod route53;
mod s3;
mod scheduler;
mod secretsmanager;
mod servicequotas;
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
    /// Further services that it builds on.
    pub and_after: &'static [&'static str],
    collect: &'static dyn Collect,
}

/// What a collector does: an `async fn(&Ask, &Snapshot) -> Snapshot`. It asks, and gives a
/// snapshot in which only its own listings are filled. It gets what the service of
/// [`Collector::after`] has and the regions of the scan, and nothing else.
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
    Collector { service, scope: Scope::Regional, after: None, and_after: &[], collect }
}

const fn global(service: &'static str, collect: &'static dyn Collect) -> Collector {
    Collector { service, scope: Scope::Global, after: None, and_after: &[], collect }
}

impl Collector {
    const fn after(self, service: &'static str) -> Collector {
        Collector { after: Some(service), ..self }
    }

    const fn and_after(self, services: &'static [&'static str]) -> Collector {
        Collector { and_after: services, ..self }
    }

    /// Every service that it builds on.
    fn builds_on(&self) -> impl Iterator<Item = &'static str> {
        self.after.into_iter().chain(self.and_after.iter().copied())
    }
}

/// Every collector.
pub const COLLECTORS: &[Collector] = &[
    regional("acm", &acm::collect).after("elasticloadbalancing").and_after(&["cloudfront"]),
    global("acm", &acm::collect_of_distributions).after("cloudfront"),
    regional("application-autoscaling", &application_autoscaling::collect),
    global("cloudfront", &cloudfront::collect),
    regional("cloudwatch", &cloudwatch::alarms),
    regional("cloudwatch", &cloudwatch::load).after("ecs").and_after(&["rds"]),
    regional("cloudwatch", &cloudwatch::load_balancer_traffic).after("elasticloadbalancing"),
    regional("cloudwatch", &cloudwatch::nat_gateway_traffic).after("ec2"),
    global("cloudwatch", &cloudwatch::distribution_traffic).after("cloudfront"),
    regional("codedeploy", &codedeploy::collect).after("cloudwatch"),
    regional("ec2", &ec2::collect),
    regional("ec2", &ec2::vpc_endpoints).after("ecs"),
    regional("ecr", &ecr::collect),
    regional("ecr", &ecr::images).after("ecs"),
    // With what EventBridge and EventBridge Scheduler start.
    regional("ecs", &ecs::collect),
    regional("elasticloadbalancing", &elb::collect),
    global("iam", &iam::collect).after("ecs"),
    global("iam", &iam::server_certificates).after("elasticloadbalancing").and_after(&["cloudfront"]),
    regional("kms", &kms::collect).after("secretsmanager").and_after(&["logs", "rds", "ssm"]),
    regional("logs", &logs::collect),
    regional("rds", &rds::collect),
    global("route53", &route53::collect).after("cloudfront"),
    global("s3", &s3::collect).after("elasticloadbalancing"),
    regional("secretsmanager", &secretsmanager::collect),
    regional("secretsmanager", &secretsmanager::policies).after("ecs"),
    regional("servicequotas", &servicequotas::collect).after("ecs"),
    regional("sns", &sns::collect).after("cloudwatch"),
    regional("ssm", &ssm::collect),
    global("wafv2", &wafv2::collect_of_cloudfront).after("cloudfront"),
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
    for service in own.chain(second.iter().flat_map(Collector::builds_on)) {
        services.entry(service).or_default();
    }
    let gather = async |service: &str, found: &Found| {
        let own: Vec<Collector> =
            first.iter().copied().filter(|collector| collector.service == service).collect();
        let nothing = Snapshot::default();
        let merged = async || {
            let whole = merged(asked(&own, ask, regions, &nothing, coverage).await);
            Snapshot { regions: regions.to_vec(), ..whole }
        };
        found.get_or_init(merged).await;
    };
    let build_on = async |collector: &Collector| {
        let needed = collector.builds_on().filter_map(|service| services.get_key_value(service));
        let needed: Vec<(&str, &Found)> = needed.map(|(service, found)| (*service, found)).collect();
        join_all(needed.iter().map(|(service, found)| gather(service, found))).await;
        let parts: Vec<&Snapshot> = needed.iter().filter_map(|(_, found)| found.get()).collect();
        match parts.as_slice() {
            [] => Vec::new(),
            [found] => asked(&[*collector], ask, regions, found, coverage).await,
            parts => {
                let found = merged(parts.iter().copied().cloned().collect());
                asked(&[*collector], ask, regions, &found, coverage).await
            }
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
        let mut fragment = question.collect(ask, found).await;
        conceal::conceal(&mut fragment);
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
        for collector in COLLECTORS {
            let service = collector.service;
            assert!(OPERATIONS.iter().any(|operation| operation.service == service), "{service}");
            for after in collector.builds_on() {
                let is_first = |row: &&Collector| row.after.is_none() && row.service == after;
                assert!(COLLECTORS.iter().any(|row| is_first(&row)), "{service}");
            }
        }
    }
}
