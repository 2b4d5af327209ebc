//! What judging costs: built-in policies over 100,000 databases, beside the same
//! conditions written as Rust closures. Prints ratios; run with
//! `cargo bench --no-default-features --bench judge`.

#![expect(clippy::print_stdout, reason = "a benchmark prints")]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};
use tenken::finding::{Finding, Verdict, finding_id};
use tenken::policy::PolicySet;
use tenken::policy::judge::{judge, verdicts};
use tenken::snapshot::rds::DbInstance;
use tenken::snapshot::{Known, Snapshot};
use tenken::text::Text;

const RESOURCES: usize = 100_000;
const ROUNDS: usize = 7;
const REGION: &str = "ap-northeast-1";

type Condition = fn(&DbInstance) -> Verdict;

fn verdict(applies: bool, passes: bool) -> Verdict {
    match (applies, passes) {
        (false, _) => Verdict::Skip,
        (true, true) => Verdict::Pass,
        (true, false) => Verdict::Fail,
    }
}

fn days(db: &DbInstance) -> i64 {
    db.backup_retention_days.known().copied().unwrap_or_default()
}

/// The policies that need no conclusion, and the same conditions in Rust.
const CONDITIONS: &[(&str, Condition)] = &[
    ("rds-single-az", |db| {
        verdict(
            db.cluster_id.is_none() && db.replication_source_id.is_none(),
            db.multi_az.known() == Some(&true),
        )
    }),
    ("rds-unencrypted-storage", |db| {
        verdict(db.cluster_id.is_none(), db.storage_encrypted.known() == Some(&true))
    }),
    ("rds-no-automated-backup", |db| {
        verdict(db.cluster_id.is_none() && db.replication_source_id.is_none(), days(db) > 0)
    }),
    ("rds-short-backup-retention", |db| {
        let applies = db.cluster_id.is_none() && db.replication_source_id.is_none() && days(db) > 0;
        verdict(applies, days(db) >= 7)
    }),
    ("rds-no-deletion-protection", |db| {
        verdict(db.cluster_id.is_none(), db.deletion_protection.known() == Some(&true))
    }),
    ("rds-no-log-export", |db| {
        let engines = ["postgres", "mysql", "mariadb"];
        let log = if db.engine == "postgres" { "postgresql" } else { "error" };
        verdict(
            db.cluster_id.is_none() && engines.contains(&db.engine.as_str()),
            db.log_exports.iter().any(|name| name == log),
        )
    }),
];

fn account() -> Snapshot {
    let mut snapshot =
        Snapshot::new("123456789012", "aws", "2026-11-24T00:00:00Z", &[REGION.to_owned()]).complete();
    snapshot.rds.db_instances.items = (0..RESOURCES)
        .map(|number| DbInstance {
            arn: format!("arn:aws:rds:{REGION}:123456789012:db:db-{number:06}"),
            region: REGION.into(),
            id: format!("db-{number:06}"),
            engine: if number % 3 == 0 { "postgres" } else { "mysql" }.into(),
            availability_zone: Some(format!("{REGION}a")),
            cluster_id: (number % 10 == 9).then(|| "cluster".to_owned()),
            multi_az: Known::Yes(number % 2 == 0),
            storage_encrypted: Known::Yes(number % 4 != 0),
            backup_retention_days: Known::Yes(i64::try_from(number % 9).unwrap_or_default()),
            deletion_protection: Known::Yes(number % 5 != 0),
            log_exports: if number % 2 == 0 { vec!["postgresql".into()] } else { Vec::new() },
            ..DbInstance::default()
        })
        .collect();
    snapshot
}

fn closures(snapshot: &Snapshot) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for db in snapshot.rds.db_instances.iter() {
        for (_, condition) in CONDITIONS {
            *counts.entry(black_box(condition)(db).as_str()).or_default() += 1;
        }
    }
    counts
}

/// Findings as judging makes them, messages and identities included, without templates.
fn closure_findings(snapshot: &Snapshot, policies: &PolicySet) -> Vec<Finding> {
    let mut findings = Vec::new();
    for db in snapshot.rds.db_instances.iter() {
        for (id, condition) in CONDITIONS {
            let Some(policy) = policies.find(id) else {
                continue;
            };
            findings.push(Finding {
                id: finding_id(id, &db.arn, ""),
                policy: (*id).to_owned(),
                severity: policy.severity,
                pillar: policy.pillar,
                resource: db.arn.clone(),
                region: db.region.clone(),
                discriminator: String::new(),
                verdict: condition(db),
                message: Text {
                    en: format!("{} has a problem.", db.id),
                    ja: format!("{} に問題がある。", db.id),
                },
                evidence: Vec::new(),
                options: Vec::new(),
                accepted: None,
            });
        }
    }
    findings
}

fn timed<T>(work: impl Fn() -> T) -> Duration {
    let start = Instant::now();
    black_box(work());
    start.elapsed()
}

/// Both sides in turn, so that a machine whose speed drifts does not favour one.
fn side_by_side<A, B>(name: &str, ours: impl Fn() -> A, theirs: impl Fn() -> B) {
    let mut ratios: Vec<f64> = Vec::new();
    let (mut ours_total, mut theirs_total) = (Duration::ZERO, Duration::ZERO);
    for round in 0..=ROUNDS {
        let (one, other) = (timed(&ours), timed(&theirs));
        // The first round warms caches and the allocator.
        if round > 0 {
            ratios.push(one.as_secs_f64() / other.as_secs_f64());
            ours_total += one;
            theirs_total += other;
        }
    }
    ratios.sort_by(f64::total_cmp);
    let median = ratios.get(ratios.len() / 2).copied().unwrap_or_default();
    let rounds = u32::try_from(ROUNDS).unwrap_or(1);
    println!(
        "{name}: policies {:.1} ms, closures {:.1} ms, median ratio {median:.1}",
        (ours_total / rounds).as_secs_f64() * 1e3,
        (theirs_total / rounds).as_secs_f64() * 1e3,
    );
}

fn main() {
    let snapshot = account();
    let mut policies = match PolicySet::embedded() {
        Ok(policies) => policies,
        Err(error) => {
            println!("{error}");
            return;
        }
    };
    policies.policies.retain(|policy| CONDITIONS.iter().any(|(id, _)| *id == policy.id));
    assert_eq!(policies.policies.len(), CONDITIONS.len(), "a policy of the benchmark has gone");
    assert_eq!(
        verdicts(&snapshot, &policies),
        closures(&snapshot),
        "both sides must come to the same verdicts"
    );
    println!("{RESOURCES} resources under {} policies", CONDITIONS.len());
    side_by_side("verdicts", || verdicts(&snapshot, &policies), || closures(&snapshot));
    side_by_side("findings", || judge(&snapshot, &policies), || closure_findings(&snapshot, &policies));
}
