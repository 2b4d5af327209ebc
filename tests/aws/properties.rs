//! What must hold whatever AWS refuses to say: no verdict contradicts the one with all the
//! answers, and a policy needs no other permission than it names.
//!
//! The choices are random but the same on every run; `PROPERTY_SEED` makes others, and
//! `PROPERTY_CASES` more. A failure is made as small as it can be before it is reported.

mod holes;

use crate::compare::{contradictions, needs};
use crate::server::Served;
use crate::spread::{account, spread};
use holes::{Hole, holes, with_holes};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use tenken::ask::{Counters, ScanOptions};
use tenken::collect::{COLLECTORS, Collector, Scan, scan_with};
use tenken::finding::{Finding, Run, Verdict};
use tenken::policy::PolicySet;
use tenken::recording::Recording;
use tenken::report::{Look, formats, render};
use tenken::run;
use tenken::snapshot::operation::{OPERATIONS, find};
use tenken::snapshot::{Cause, OwnReason, SERVICES, Snapshot};
use tenken::text::Lang;

const ACCOUNTS: &[&str] = &["worn-site", "ec-site-phase1", "ec-site"];

/// A small generator of random numbers (SplitMix64), the same everywhere.
struct Dice(u64);

impl Dice {
    fn new(salt: u64) -> Dice {
        Dice(number("PROPERTY_SEED", 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ salt)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Some of the items: few, half or most of them.
    fn some<T: Clone>(&mut self, items: &[T]) -> Vec<T> {
        let percent = [3, 10, 25, 50, 80][usize::try_from(self.next() % 5).unwrap()];
        items.iter().filter(|_| self.next() % 100 < percent).cloned().collect()
    }
}

fn number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).map_or(otherwise, |text| text.parse().unwrap())
}

fn cases(otherwise: u64) -> u64 {
    number("PROPERTY_CASES", otherwise)
}

/// Leaves out of a failing choice whatever it fails without.
async fn smallest<T: Clone>(mut choice: Vec<T>, fails: impl AsyncFn(&[T]) -> bool) -> Vec<T> {
    let mut index = 0;
    while index < choice.len() {
        let mut smaller = choice.clone();
        smaller.remove(index);
        if fails(&smaller).await { choice = smaller } else { index += 1 }
    }
    choice
}

async fn replay(folder: &Path) -> Scan {
    replay_with(COLLECTORS, folder).await
}

async fn replay_with(collectors: &[Collector], folder: &Path) -> Scan {
    let options = ScanOptions { replay: Some(folder.to_owned()), ..ScanOptions::default() };
    scan_with(collectors, &options, Arc::new(Counters::default())).await.unwrap()
}

/// Replays an account in which some operations are denied.
async fn replay_denied(name: &str, denied: &[String]) -> Scan {
    let folder = tempfile::tempdir().unwrap();
    let mut description = Recording::open(&account(name)).unwrap().account;
    description.answers = Some(account(name));
    description.deny = denied.to_vec();
    std::fs::write(folder.path().join("account.toml"), toml::to_string(&description).unwrap()).unwrap();
    replay(folder.path()).await
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn complete(name: &str, policies: &PolicySet) -> (Snapshot, Run) {
    let scan = block_on(replay(&account(name)));
    let run = run::judge(&scan.snapshot, policies);
    (scan.snapshot, run)
}

/// Every operation that can be denied: who asks is not denied to anybody.
fn deniable() -> Vec<String> {
    let all = OPERATIONS.iter().map(|operation| operation.id());
    all.filter(|id| id != "sts:GetCallerIdentity").collect()
}

#[test]
fn denials_only_make_unknown() {
    let policies = run::policies(None, &[]).unwrap();
    let needs = needs(&policies);
    for (salt, name) in ACCOUNTS.iter().enumerate() {
        let (_, all) = complete(name, &policies);
        let mut dice = Dice::new(salt as u64);
        let choices: Vec<Vec<String>> = (0..cases(60)).map(|_| dice.some(&deniable())).collect();
        let problems = spread(choices, 2, |denied| {
            let (policies, needs, all) = (&policies, &needs, &all);
            async move {
                let judge = async |denied: &[String]| {
                    let run = run::judge(&replay_denied(name, denied).await.snapshot, policies);
                    contradictions(all, &run, needs)
                };
                if judge(&denied).await.is_empty() {
                    return Vec::new();
                }
                let least = smallest(denied, async |choice| !judge(choice).await.is_empty()).await;
                vec![format!("{name} without {least:?}: {:#?}", judge(&least).await)]
            }
        });
        assert!(problems.is_empty(), "{}", problems.join("\n"));
    }
}

/// More than AWS does in one scan: single facts and single resources are missing.
#[test]
fn holes_only_make_unknown() {
    let policies = run::policies(None, &[]).unwrap();
    let needs = needs(&policies);
    for (salt, name) in ACCOUNTS.iter().enumerate() {
        let (snapshot, all) = complete(name, &policies);
        let holes = holes(&snapshot);
        assert!(holes.len() > 50, "{name} has room for {} holes only", holes.len());
        let judge = |choice: &[Hole]| {
            contradictions(&all, &run::judge(&with_holes(&snapshot, choice), &policies), &needs)
        };
        // Each alone, then many together.
        let mut choices: Vec<Vec<Hole>> = holes.iter().map(|hole| vec![hole.clone()]).collect();
        let mut dice = Dice::new(100 + salt as u64);
        choices.extend((0..cases(200)).map(|_| dice.some(&holes)));
        for choice in choices {
            if judge(&choice).is_empty() {
                continue;
            }
            let least = block_on(smallest(choice, async |choice| !judge(choice).is_empty()));
            panic!("{name} without {least:#?}: {:#?}", judge(&least));
        }
    }
}

/// What a list is and what hides the rest of it, in the saved form.
fn list<'j>(
    snapshot: &'j serde_json::Value,
    section: &str,
    list: &str,
    part: &str,
) -> &'j [serde_json::Value] {
    snapshot[section][list][part].as_array().unwrap()
}

/// A scan with one collector fewer knows less, and nothing else: the lists that the collector
/// would have filled are unknown, and no verdict passes for want of what was not asked.
#[test]
fn a_collector_fewer_only_makes_unknown() {
    let policies = run::policies(None, &[]).unwrap();
    for name in ACCOUNTS {
        let (snapshot, all) = complete(name, &policies);
        let whole = serde_json::to_value(&snapshot).unwrap();
        let expected: BTreeMap<&str, &Finding> =
            all.findings.iter().map(|finding| (finding.id.as_str(), finding)).collect();
        for left_out in 0..COLLECTORS.len() {
            let mut collectors = COLLECTORS.to_vec();
            let Collector { service, scope, .. } = collectors.remove(left_out);
            let label = format!("{name} without the collector {left_out} ({service}, {scope:?})");
            let partial = block_on(replay_with(&collectors, &account(name))).snapshot;
            let some = serde_json::to_value(&partial).unwrap();
            let mut is_unknown_somewhere = false;
            for service in SERVICES {
                for row in service.listings {
                    let of = |snapshot, part| list(snapshot, service.section, row.name, part);
                    let is_incomplete = !of(&some, "incomplete").is_empty();
                    is_unknown_somewhere |= is_incomplete;
                    let is_whole = of(&some, "items").len() == of(&whole, "items").len();
                    assert!(is_incomplete || is_whole, "{label}: {} lacks something", row.name);
                }
            }
            assert!(is_unknown_somewhere, "{label}: nothing is unknown");
            let run = run::judge(&partial, &policies);
            let unknown: BTreeSet<&str> = run
                .findings
                .iter()
                .filter(|finding| matches!(finding.verdict, Verdict::Unknown(_)))
                .map(|finding| finding.policy.as_str())
                .collect();
            for finding in &run.findings {
                let what = format!("{label}: {} on {}", finding.policy, finding.resource);
                let with_all = expected.get(finding.id.as_str()).map(|finding| &finding.verdict);
                match &finding.verdict {
                    verdict if Some(verdict) == with_all => {}
                    Verdict::Unknown(gaps) => assert!(
                        gaps.iter().any(|gap| gap.own_reason() == Some(OwnReason::NeverAsked)),
                        "{what} is unknown because of {gaps:?}"
                    ),
                    verdict => panic!("{what} is {} without an answer", verdict.as_str()),
                }
            }
            let found: BTreeSet<&str> = run.findings.iter().map(|finding| finding.id.as_str()).collect();
            for (id, finding) in &expected {
                let is_said = found.contains(id) || unknown.contains(finding.policy.as_str());
                assert!(is_said, "{label}: {} on {} vanished", finding.policy, finding.resource);
            }
        }
    }
}

/// `tenken permissions` names enough: a server that refuses whatever takes any other permission leaves
/// no gap, and no verdict is another.
#[test]
fn a_scan_needs_no_other_permission() {
    let document: serde_json::Value = serde_json::from_str(&run::guide::permissions()).unwrap();
    let actions = document["Statement"][0]["Action"].as_array().unwrap();
    let actions: BTreeSet<String> =
        actions.iter().map(|action| action.as_str().unwrap().to_owned()).collect();
    let policies = run::policies(None, &[]).unwrap();
    let mut needed = BTreeSet::from(["ec2:DescribeRegions".to_owned()]);
    for name in ACCOUNTS {
        let (scan, asked) = block_on(async {
            let served = Served::allowing(&account(name), actions.clone()).await;
            let options = ScanOptions {
                replay: Some(account(name)),
                endpoint_url: Some(served.url.clone()),
                ..ScanOptions::default()
            };
            let scan = scan_with(COLLECTORS, &options, Arc::new(Counters::default())).await.unwrap();
            (scan, served.asked())
        });
        assert!(scan.snapshot.gaps.is_empty(), "{name}: {:?}", scan.snapshot.gaps);
        assert!(
            complete(name, &policies).1 == run::judge(&scan.snapshot, &policies),
            "{name} is judged otherwise"
        );
        let sent = asked
            .iter()
            .filter_map(|id| id.split_once(':'))
            .filter_map(|(service, name)| find(service, name));
        needed.extend(sent.flat_map(|operation| operation.permissions).map(|action| (*action).to_owned()));
    }
    // What begins a scan of `--region all` is answered from account.toml here; all else is sent by one
    // of the accounts.
    let never: Vec<&String> = actions.difference(&needed).collect();
    assert!(never.is_empty(), "no account sends what takes {never:?}");
    // The server refuses: without any single permission there is a gap that names it.
    let without: BTreeSet<String> =
        actions.iter().filter(|action| *action != "ecs:DescribeCapacityProviders").cloned().collect();
    let scan = block_on(async {
        let served = Served::allowing(&account("worn-site"), without).await;
        let options = ScanOptions {
            replay: Some(account("worn-site")),
            endpoint_url: Some(served.url.clone()),
            ..ScanOptions::default()
        };
        scan_with(COLLECTORS, &options, Arc::new(Counters::default())).await.unwrap()
    });
    let refused: BTreeSet<&str> = scan.snapshot.gaps.values().map(|gap| gap.operation.as_str()).collect();
    assert_eq!(refused, BTreeSet::from(["ecs:DescribeCapacityProviders"]));
}

/// `tenken permissions --policy ID` names enough: with nothing else allowed, the policy
/// finds the same, and says the same about it.
#[test]
fn a_policy_needs_no_other_permission() {
    let policies = run::policies(None, &[]).unwrap();
    let needs = needs(&policies);
    for name in ACCOUNTS {
        let (_, all) = complete(name, &policies);
        let mut by_need: BTreeMap<&BTreeSet<String>, Vec<&String>> = BTreeMap::new();
        for (policy, operations) in &needs {
            by_need.entry(operations).or_default().push(policy);
        }
        let work: Vec<_> = by_need.into_iter().collect();
        let problems = spread(work, 2, |(operations, chosen)| {
            let (policies, all) = (&policies, &all);
            async move {
                let denied: Vec<String> =
                    deniable().into_iter().filter(|id| !operations.contains(id)).collect();
                let run = run::judge(&replay_denied(name, &denied).await.snapshot, policies);
                let of = |run: &Run, policy: &str| -> Vec<Finding> {
                    run.findings.iter().filter(|finding| finding.policy == policy).cloned().collect()
                };
                let mut problems = Vec::new();
                for policy in chosen {
                    for (expected, found) in of(all, policy).iter().zip(&of(&run, policy)) {
                        if expected != found {
                            problems.push(format!(
                                "{name}: {policy} on {} is {:?} ({}) with {operations:?} alone, and not {:?} ({})",
                                found.resource,
                                found.verdict,
                                found.message.en,
                                expected.verdict,
                                expected.message.en
                            ));
                        }
                    }
                    let counts = (of(all, policy).len(), of(&run, policy).len());
                    if counts.0 != counts.1 {
                        problems
                            .push(format!("{name}: {policy} has {} findings, not {}", counts.1, counts.0));
                    }
                }
                problems
            }
        });
        assert!(problems.is_empty(), "{}", problems.join("\n"));
    }
}

#[test]
fn a_narrow_role_learns_what_it_may_not_see() {
    let policies = run::policies(None, &[]).unwrap();
    let needs = needs(&policies);
    let (_, all) = complete("ec-site", &policies);
    let (snapshot, narrow) = complete("narrow-role", &policies);
    let denied = Recording::open(&account("narrow-role")).unwrap().account.deny;
    assert!((denied.len() * 2).abs_diff(OPERATIONS.len()) <= 4, "{} denied is not half", denied.len());

    assert_eq!(contradictions(&all, &narrow, &needs), Vec::<String>::new());
    // Who needs nothing of what is denied finds what it always finds.
    let mut untouched = 0;
    for (policy, operations) in &needs {
        if operations.iter().any(|operation| denied.contains(operation)) {
            continue;
        }
        untouched += 1;
        let of = |run: &Run| -> Vec<Finding> {
            run.findings.iter().filter(|finding| finding.policy == *policy).cloned().collect()
        };
        assert_eq!(of(&narrow), of(&all), "{policy}");
    }
    assert!(untouched >= 10, "only {untouched} policies do without the denied calls");
    let unknown = narrow.findings.iter().filter(|finding| matches!(finding.verdict, Verdict::Unknown(_)));
    assert!(unknown.count() >= 20, "half of the calls decide more than that");

    for gap in snapshot.gaps.values() {
        assert_eq!(gap.cause, Cause::Denied, "{gap:?}");
        assert!(denied.contains(&gap.operation), "{gap:?}");
        let named = narrow.missing_permissions();
        assert!(gap.permissions.iter().all(|permission| named.contains(&permission.as_str())), "{gap:?}");
    }
    // Every report says which permissions are missing.
    for format in formats::<Run>() {
        for lang in Lang::ALL {
            let report = render(&narrow, format, &Look { lang, width: 100, colour: false });
            let report = String::from_utf8(report).unwrap();
            for permission in narrow.missing_permissions() {
                assert!(report.contains(permission), "{} in {lang} lacks {permission}", format.name());
            }
        }
    }
    assert_eq!(run::exit_code(&narrow, tenken::finding::Severity::Low), run::EXIT_FINDINGS);
}

#[test]
fn a_rough_day_changes_nothing() {
    let policies = run::policies(None, &[]).unwrap();
    let (calm, all) = complete("ec-site", &policies);
    let (rough, run) = complete("rough-day", &policies);
    assert!(rough.gaps.is_empty(), "{:?}", rough.gaps);
    assert!(rough == calm, "the snapshots differ");
    assert!(run == all, "the findings differ");
}
