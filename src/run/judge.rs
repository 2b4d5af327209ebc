//! A snapshot judged by policies: what failed, what could not be judged, and what a run exits with.

use super::kept::kept_copies;
use super::{Configured, EXIT_CLEAN, EXIT_FINDINGS, EXIT_UNKNOWN};
use crate::config::Config;
use crate::finding::{AcceptanceRule, Finding, PolicyInfo, Run, Severity, Verdict};
use crate::policy::PolicySet;
use crate::price::{PriceTable, Prices};
use crate::snapshot::operation::find;
use crate::snapshot::{Cause, Gap, GapId, Snapshot};
use std::collections::BTreeMap;

/// Judges a snapshot, at the prices that tenken was built with.
pub fn judge(snapshot: &Snapshot, policies: &PolicySet) -> Run {
    judge_at_prices(snapshot, policies, PriceTable::embedded())
}

/// The same at other prices: verdicts do not depend on them, costs of options do.
pub(super) fn judge_at_prices(snapshot: &Snapshot, policies: &PolicySet, prices: &dyn Prices) -> Run {
    judge_while(snapshot, policies, prices, &|| true)
}

fn judge_while(
    snapshot: &Snapshot,
    policies: &PolicySet,
    prices: &dyn Prices,
    goes_on: &dyn Fn() -> bool,
) -> Run {
    let infos = policies.policies.iter().map(|policy| PolicyInfo {
        id: policy.id.clone(),
        severity: policy.severity,
        pillar: policy.pillar,
        title: policy.title.clone(),
        risk: policy.risk.clone(),
        compliance: policy.compliance.clone(),
        references: policy.references.clone(),
    });
    let mut findings = crate::policy::judge::judge_while(snapshot, policies, prices, goes_on);
    let kept = kept_copies(snapshot, policies);
    crate::finding::accept(&mut findings, &kept, crate::finding::day(&snapshot.taken_at));
    let mut gaps = snapshot.gaps.clone();
    gaps.extend(answered_without_data(&findings, &gaps));
    Run {
        account: snapshot.account.clone(),
        partition: snapshot.partition.clone(),
        taken_at: snapshot.taken_at.clone(),
        regions: snapshot.regions.clone(),
        empty_regions: empty_regions(snapshot),
        findings,
        gaps,
        policies: infos.collect(),
        past: None,
    }
}

// A conclusion that finds an answer empty, as metrics of a new service are, names the
// operation as its gap although the call itself did not fail.
fn answered_without_data(findings: &[Finding], known: &BTreeMap<GapId, Gap>) -> BTreeMap<GapId, Gap> {
    let mut gaps = BTreeMap::new();
    for finding in findings {
        let Verdict::Unknown(ids) = &finding.verdict else {
            continue;
        };
        for id in ids.iter().filter(|id| !known.contains_key(*id)) {
            let operation = id.operation();
            let is_operation =
                operation.split_once(':').is_some_and(|(service, name)| find(service, name).is_some());
            if is_operation {
                let gap = Gap {
                    operation: operation.to_owned(),
                    permissions: Vec::new(),
                    region: id.region().to_owned(),
                    about: id.about().map(str::to_owned),
                    cause: Cause::NoData,
                    code: "NoData".to_owned(),
                };
                gaps.insert(id.clone(), gap);
            }
        }
    }
    gaps
}

/// Applies the configuration's acceptances to a run, as of the day of the scan. Gives
/// those that cover no failure.
fn accept<'c>(run: &mut Run, config: &'c Config) -> Vec<&'c AcceptanceRule> {
    let day = crate::finding::day(&run.taken_at);
    crate::finding::accept(&mut run.findings, &config.acceptances, day)
}

/// Judges a snapshot as a configuration says: by its policies, at these prices, with its
/// acceptances. Gives the acceptances that cover no failure as well.
pub fn judge_configured<'c>(
    snapshot: &Snapshot,
    configured: &'c Configured,
    prices: &dyn Prices,
) -> (Run, Vec<&'c AcceptanceRule>) {
    judge_configured_while(snapshot, configured, prices, &|| true)
}

/// The same for as long as `goes_on` says so; what is not judged by then is unknown.
pub(super) fn judge_configured_while<'c>(
    snapshot: &Snapshot,
    configured: &'c Configured,
    prices: &dyn Prices,
    goes_on: &dyn Fn() -> bool,
) -> (Run, Vec<&'c AcceptanceRule>) {
    let mut run = judge_while(snapshot, &configured.policies, prices, goes_on);
    let idle = accept(&mut run, &configured.config);
    (run, idle)
}

/// The exit code of a run: `fail_on` is the least severity that counts.
///
/// A gap counts by what it leaves undecided: it makes a run unknown where a verdict of at least that
/// severity depends on it. What is bounded on purpose stays a note.
pub fn exit_code(run: &Run, fail_on: Severity) -> u8 {
    let counts = |finding: &&Finding| finding.severity >= fail_on;
    let is_bounded = |id: &GapId| run.gaps.get(id).is_some_and(Gap::is_bounded_on_purpose);
    let is_undecided = |finding: &Finding| match &finding.verdict {
        Verdict::Unknown(ids) => ids.is_empty() || !ids.iter().all(is_bounded),
        _ => false,
    };
    if run.findings.iter().filter(counts).any(Finding::is_open_failure) {
        EXIT_FINDINGS
    } else if run.findings.iter().filter(counts).any(is_undecided) {
        EXIT_UNKNOWN
    } else {
        EXIT_CLEAN
    }
}

/// The regions without a service, a load balancer or a database, as far as all of them were listed:
/// a region that nobody uses, or the wrong one.
fn empty_regions(snapshot: &Snapshot) -> Vec<String> {
    let is_empty = |region: &&String| {
        let region = region.as_str();
        let (services, balancers) = (&snapshot.ecs.services, &snapshot.elb.load_balancers);
        let (instances, clusters) = (&snapshot.rds.db_instances, &snapshot.rds.db_clusters);
        let all_listed = services.complete_in(region).is_ok()
            && balancers.complete_in(region).is_ok()
            && instances.complete_in(region).is_ok()
            && clusters.complete_in(region).is_ok();
        all_listed
            && !services.iter().any(|service| service.region == region)
            && !balancers.iter().any(|balancer| balancer.region == region)
            && !instances.iter().any(|instance| instance.region == region)
            && !clusters.iter().any(|cluster| cluster.region == region)
    };
    snapshot.regions.iter().filter(is_empty).cloned().collect()
}

#[cfg(test)]
mod tests;
