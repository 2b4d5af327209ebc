//! Large accounts: every planted defect is found, and nothing else is.
//!
//! The account is generated (`tests/generated`), served over HTTP and scanned like any
//! other. What it costs is measured by `cargo bench --bench scan`.

use crate::generated::serve::{Served, describe};
use crate::generated::{Account, Planted, Size};
use std::collections::BTreeSet;
use std::sync::Arc;
use tenken::ask::{Counters, ScanOptions};
use tenken::collect::{COLLECTORS, scan_with};
use tenken::finding::Verdict;
use tenken::policy::PolicySet;
use tenken::snapshot::Snapshot;

async fn scan(account: &Arc<Account>) -> Snapshot {
    let served = Served::start(Arc::clone(account), None).await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    describe(folder.path()).expect("the folder takes a file");
    let options = ScanOptions {
        replay: Some(folder.path().to_owned()),
        endpoint_url: Some(served.address()),
        ..ScanOptions::default()
    };
    let scan = scan_with(COLLECTORS, &options, Arc::new(Counters::default())).await.expect("a scan");
    assert_eq!(served.tally().refused, Vec::<String>::new(), "the account does not understand");
    scan.snapshot
}

fn found(snapshot: &Snapshot, policies: &PolicySet) -> Vec<Planted> {
    let findings = tenken::policy::judge::judge(snapshot, policies);
    let wrong = findings.into_iter().filter(|it| !matches!(it.verdict, Verdict::Pass | Verdict::Skip));
    let mut wrong: Vec<Planted> = wrong
        .map(|it| Planted {
            policy: it.policy,
            verdict: it.verdict.as_str().to_owned(),
            resource: it.resource,
            discriminator: it.discriminator,
        })
        .collect();
    wrong.sort();
    wrong
}

async fn every_defect_is_found_and_nothing_else(size: Size) {
    let account = Arc::new(Account::new(size));
    let snapshot = scan(&account).await;
    let gaps: Vec<&tenken::snapshot::Gap> = snapshot.gaps.values().collect();
    assert!(gaps.is_empty(), "{} questions without an answer, first {:?}", gaps.len(), gaps.first());

    // A policy that is newer than the plan may rightly fail everywhere; it is left out until
    // it has a defect in `tests/generated/plan.rs`.
    let truth = account.truth();
    let planted: BTreeSet<&str> = truth.iter().map(|it| it.policy.as_str()).collect();
    let mut policies = PolicySet::embedded().expect("sound policies");
    policies.policies.retain(|policy| planted.contains(policy.id.as_str()));
    assert_eq!(policies.policies.len(), planted.len(), "a planted policy has gone");

    let found = found(&snapshot, &policies);
    let missed: Vec<&Planted> = truth.iter().filter(|it| !found.contains(it)).collect();
    let invented: Vec<&Planted> = found.iter().filter(|it| !truth.contains(it)).collect();
    assert!(
        missed.is_empty() && invented.is_empty(),
        "missed {}: {:#?}\ninvented {}: {:#?}",
        missed.len(),
        missed.iter().take(10).collect::<Vec<_>>(),
        invented.len(),
        invented.iter().take(10).collect::<Vec<_>>(),
    );
    assert_eq!(found.len(), truth.len(), "something was found twice");
}

#[tokio::test]
async fn a_medium_account() {
    every_defect_is_found_and_nothing_else(Size::MEDIUM).await;
}

#[tokio::test]
async fn a_large_account() {
    every_defect_is_found_and_nothing_else(Size::LARGE).await;
}
