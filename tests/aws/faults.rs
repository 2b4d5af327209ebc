//! Every operation, and everything that can go wrong with it, over real HTTP: the scan
//! ends, says which question got no answer and why, and claims nothing that it cannot know.

mod lost;

use crate::compare::{contradictions, needs};
use crate::server::{Fault, ON_THE_WAY, Served};
use crate::spread::{account, spread};
use lost::lost;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tenken::ask::{CollectError, Counters, ScanOptions};
use tenken::collect::{COLLECTORS, Scan, scan_with};
use tenken::finding::{Run, Severity, Verdict};
use tenken::policy::PolicySet;
use tenken::recording::pages;
use tenken::run;
use tenken::snapshot::operation::{OPERATIONS, find};
use tenken::snapshot::{Cause, Gap};

/// The accounts, the one with the most in it first.
const ACCOUNTS: &[&str] = &["worn-site", "ec-site-phase1", "ec-site"];

/// What begins a scan is no question that could have a gap.
const OPENING: &[&str] = &["ec2:DescribeRegions", "sts:GetCallerIdentity"];

/// A scan that takes longer does not end.
const LONGEST: Duration = Duration::from_secs(90);

/// The bytes that an answer may have here; those of the recorded accounts are smaller.
const ANSWER_LIMIT: usize = 2_000_000;

/// Time enough for answers on a busy machine; only what falls silent takes so long.
fn options(name: &str, url: &str, patience: Duration) -> ScanOptions {
    ScanOptions {
        replay: Some(account(name)),
        endpoint_url: Some(url.to_owned()),
        answer_limit_bytes: ANSWER_LIMIT,
        attempt_timeout: patience,
        operation_timeout: patience * 3 / 2,
        ..ScanOptions::default()
    }
}

async fn scan(name: &str, url: &str, patience: Duration) -> Result<Scan, CollectError> {
    scan_with(COLLECTORS, &options(name, url, patience), Arc::new(Counters::default())).await
}

/// An account without faults.
struct Baseline {
    name: &'static str,
    scan: Scan,
    /// Its snapshot as it is saved.
    saved: serde_json::Value,
    run: Run,
    asked: BTreeSet<String>,
}

async fn baseline(name: &'static str, policies: &PolicySet) -> Baseline {
    let served = Served::start(&account(name), None).await;
    let scan = scan(name, &served.url, Duration::from_secs(20)).await.unwrap();
    let run = run::judge(&scan.snapshot, policies);
    assert!(scan.snapshot.gaps.is_empty(), "{name}: {:?}", scan.snapshot.gaps);
    assert_eq!(served.unanswered(), BTreeSet::new(), "{name}");
    let saved = serde_json::to_value(&scan.snapshot).unwrap();
    Baseline { name, scan, saved, run, asked: served.asked() }
}

fn baselines(policies: &PolicySet) -> Vec<Baseline> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut found = Vec::new();
        for name in ACCOUNTS {
            found.push(baseline(name, policies).await);
        }
        found
    })
}

#[derive(Clone)]
struct Case<'a> {
    baseline: &'a Baseline,
    operation: String,
    fault: Fault,
}

impl Case<'_> {
    fn label(&self) -> String {
        format!("{}: {} {:?}", self.baseline.name, self.operation, self.fault)
    }
}

/// A list has to have elements for its last page to name another one: WAF's ends with an
/// empty page whatever that names.
fn can_repeat(baseline: &Baseline, operation: &str) -> bool {
    let Some((service, name)) = operation.split_once(':') else {
        return false;
    };
    match operation {
        "wafv2:ListWebACLs" => !baseline.scan.snapshot.wafv2.web_acls.items.is_empty(),
        "cloudwatch:GetMetricData" => true,
        "cloudfront:ListDistributions" => !baseline.scan.snapshot.cloudfront.distributions.items.is_empty(),
        _ => pages::can_split(service, name),
    }
}

fn cases(baselines: &[Baseline]) -> Vec<Case<'_>> {
    // That a bucket has no lifecycle, or no block, is an error, whose first half is one too.
    let says_it_all = |operation: &str, fault| {
        let is_about_bucket = matches!(
            operation,
            "s3:GetBucketLifecycleConfiguration" | "s3:GetBucketLocation" | "s3:GetPublicAccessBlock"
        );
        is_about_bucket && fault == Fault::Malformed
    };
    // Whatever the first account asks goes wrong there in every way; the others share the ways
    // between them, because every case is a whole scan.
    let is_tried = |number: usize, operation: &String, way: usize| {
        let is_of_first = baselines.first().is_some_and(|first| first.asked.contains(operation));
        number == 0 || !is_of_first || way % 2 == number % 2
    };
    let mut cases = Vec::new();
    for (number, baseline) in baselines.iter().enumerate() {
        for operation in baseline.asked.iter().filter(|operation| !OPENING.contains(&operation.as_str())) {
            for (way, fault) in Fault::ALL.into_iter().enumerate() {
                let is_there = is_tried(number, operation, way)
                    && (fault != Fault::RepeatedToken || can_repeat(baseline, operation));
                if is_there && !says_it_all(operation, fault) {
                    cases.push(Case { baseline, operation: operation.clone(), fault });
                }
            }
        }
    }
    cases
}

#[test]
fn every_fault_of_every_operation() {
    let started = Instant::now();
    let policies = run::policies(None, &[]).unwrap();
    let needs = needs(&policies);
    let baselines = baselines(&policies);
    let cases = cases(&baselines);
    let covered: BTreeSet<&str> = cases.iter().map(|case| case.operation.as_str()).collect();
    let all: BTreeSet<String> = OPERATIONS.iter().map(|operation| operation.id()).collect();
    let never: Vec<&String> =
        all.iter().filter(|id| !covered.contains(id.as_str()) && !OPENING.contains(&id.as_str())).collect();
    assert!(never.is_empty(), "no recorded account asks for {never:?}");

    let count = cases.len();
    let (silent, others): (Vec<_>, Vec<_>) = cases.into_iter().partition(|case| case.fault == Fault::Silent);
    let mut problems = spread(others, 4, |case| check(case, &policies, &needs, Duration::from_secs(20)));
    // Many wait at the same time. One that failed because the machine was busy gets another
    // chance, with more time and less company.
    let again = std::sync::Mutex::new(Vec::new());
    spread(silent, 5, |case| {
        let (again, policies, needs) = (&again, &policies, &needs);
        async move {
            if !check(case.clone(), policies, needs, Duration::from_secs(3)).await.is_empty() {
                again.lock().unwrap().push(case);
            }
            Vec::new()
        }
    });
    let again = again.into_inner().unwrap();
    problems.extend(spread(again, 2, |case| check(case, &policies, &needs, Duration::from_secs(8))));
    // Past the test's capture, so that the number is always seen.
    let line = format!("faults: {count} cases in {:.0?}\n", started.elapsed());
    let _ = std::io::stdout().write_all(line.as_bytes());
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}

async fn check(
    case: Case<'_>,
    policies: &PolicySet,
    needs: &BTreeMap<String, BTreeSet<String>>,
    patience: Duration,
) -> Vec<String> {
    let name = case.baseline.name;
    let served = Served::start(&account(name), Some((case.operation.clone(), case.fault))).await;
    let scan = match tokio::time::timeout(LONGEST, scan(name, &served.url, patience)).await {
        Ok(Ok(scan)) => scan,
        Ok(Err(error)) => return vec![format!("{}: no scan at all: {error}", case.label())],
        Err(_) => return vec![format!("{}: no end", case.label())],
    };
    let run = run::judge(&scan.snapshot, policies);
    let mut problems = gaps(&case, scan.snapshot.gaps.values());
    problems.extend(contradictions(&case.baseline.run, &run, needs));
    problems.extend(exit_codes(&run));
    if matches!(case.fault, Fault::Endless(_)) && served.longest() > ANSWER_LIMIT as u64 + ON_THE_WAY {
        problems.push(format!("{} bytes were read", served.longest()));
    }
    if case.fault != Fault::Expired {
        problems.extend(lost(&case.baseline.saved, &scan.snapshot, &case.operation));
    }
    problems.into_iter().map(|problem| format!("{}: {problem}", case.label())).collect()
}

/// The operation has a gap of the right cause, and no other operation has one.
fn gaps<'g>(case: &Case<'_>, gaps: impl Iterator<Item = &'g Gap>) -> Vec<String> {
    let mut problems = Vec::new();
    let mut is_said = false;
    for gap in gaps {
        is_said |= gap.operation == case.operation;
        if gap.operation != case.operation && case.fault != Fault::Expired {
            problems.push(format!("a gap of {} ({:?} {})", gap.operation, gap.cause, gap.code));
        }
        let (cause, codes) = expected(case.fault);
        // Some say with an error that there is none; without a body only the status is left.
        let codes = if cause == Cause::Failed && is_said_with_error(case.baseline.name, &gap.operation) {
            &[codes, &["Http400", "Http404", "NotFound"]].concat()
        } else {
            codes
        };
        if gap.cause != cause || !codes.contains(&gap.code.as_str()) {
            problems
                .push(format!("{} has the cause {:?} and the code {}", gap.operation, gap.cause, gap.code));
        }
        let operation = gap.operation.split_once(':').and_then(|(service, name)| find(service, name));
        if operation.is_none_or(|operation| gap.permissions != operation.permissions) {
            problems.push(format!("{} names the permissions {:?}", gap.operation, gap.permissions));
        }
    }
    if !is_said {
        problems.push("no gap says so".to_owned());
    }
    problems
}

/// Whether one of the account's recorded answers to the operation is an error.
fn is_said_with_error(name: &str, operation: &str) -> bool {
    let (service, operation) = operation.split_once(':').unwrap();
    let mut folders = vec![account(name)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let file = path.file_name().and_then(|file| file.to_str()).unwrap();
            let is_answer = folder.ends_with(service) && file.split(['@', '.']).next() == Some(operation);
            if is_answer && [".400.", ".404."].iter().any(|status| file.contains(status)) {
                return true;
            }
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
    false
}

fn expected(fault: Fault) -> (Cause, &'static [&'static str]) {
    match fault {
        Fault::Denied => (
            Cause::Denied,
            &["AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"],
        ),
        Fault::Throttled => {
            let codes = &[
                "RequestLimitExceeded",
                "SlowDown",
                "Throttling",
                "ThrottlingException",
                "TooManyRequestsException",
            ];
            (Cause::Throttled, codes)
        }
        Fault::ServerError => (Cause::Failed, &["InternalFailure"]),
        Fault::Closed => (Cause::Failed, &["ConnectionClosed"]),
        Fault::Truncated => (Cause::Failed, &["ConnectionClosed", "MalformedResponse"]),
        Fault::Malformed | Fault::Empty => (Cause::Failed, &["MalformedResponse"]),
        Fault::RepeatedToken => (Cause::Truncated, &["RepeatedToken"]),
        Fault::Silent => (Cause::TimedOut, &["Timeout"]),
        Fault::LongPause | Fault::NoItems => unreachable!("no fault of every operation"),
        Fault::Endless(_) => (Cause::TooLarge, &["AnswerTooLarge"]),
        Fault::Expired => (Cause::Credentials, &["ExpiredToken", "ExpiredTokenException", "RequestExpired"]),
    }
}

/// Findings first, then what is unknown. A gap counts by what it leaves undecided.
fn exit_codes(run: &Run) -> Vec<String> {
    let has_failed = run.findings.iter().any(|finding| finding.verdict == Verdict::Fail);
    let is_unknown = |finding: &tenken::finding::Finding| matches!(finding.verdict, Verdict::Unknown(_));
    let expected = match (has_failed, run.findings.iter().any(is_unknown)) {
        (true, _) => run::EXIT_FINDINGS,
        (false, true) => run::EXIT_UNKNOWN,
        (false, false) => run::EXIT_CLEAN,
    };
    let mut problems = Vec::new();
    if run::exit_code(run, Severity::Info) != expected {
        problems.push(format!("exit code {}", run::exit_code(run, Severity::Info)));
    }
    let mut without = run.clone();
    without.findings.retain(|finding| finding.verdict != Verdict::Fail);
    let is_undecided = without.findings.iter().any(is_unknown);
    let expected = if is_undecided { run::EXIT_UNKNOWN } else { run::EXIT_CLEAN };
    if run::exit_code(&without, Severity::Info) != expected {
        problems.push(format!("exit code {} without failures", run::exit_code(&without, Severity::Info)));
    }
    problems
}

#[test]
fn a_scan_that_cannot_begin_is_an_error() {
    let cases = Fault::ALL.into_iter().filter(|fault| *fault != Fault::RepeatedToken).collect();
    let problems = spread(cases, 5, |fault| async move {
        let operation = "sts:GetCallerIdentity".to_owned();
        let served = Served::start(&account("ec-site"), Some((operation, fault))).await;
        let scan = scan("ec-site", &served.url, Duration::from_secs(3));
        let error = match tokio::time::timeout(LONGEST, scan).await {
            Ok(Ok(_)) => return vec![format!("{fault:?}: a scan of nobody's account")],
            Ok(Err(error)) => error,
            Err(_) => return vec![format!("{fault:?}: no end")],
        };
        let is_refusal = matches!(fault, Fault::Denied | Fault::Expired);
        match error {
            CollectError::CredentialsRefused { .. } if is_refusal => Vec::new(),
            CollectError::NoIdentity { ref code } if !is_refusal && !code.is_empty() => Vec::new(),
            other => vec![format!("{fault:?}: {other:?}")],
        }
    });
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// The real binary, which finds credentials and regions itself.
async fn binary(url: &str, region: &str) -> std::process::Output {
    let home = tempfile::tempdir().unwrap();
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_tenken"));
    command
        .env_clear()
        .env("HOME", home.path())
        .env("AWS_ACCESS_KEY_ID", "AKID")
        .env("AWS_SECRET_ACCESS_KEY", "secret")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .args(["scan", "--no-config", "--format", "json", "--lang", "en", "--endpoint-url", url])
        .args(["--region", region, "--attempt-timeout", "5s", "--operation-timeout", "6s"])
        .kill_on_drop(true);
    tokio::time::timeout(LONGEST, command.output()).await.expect("the binary ends").unwrap()
}

/// Regions that cannot be checked are asked as they are named; without a list there is no
/// `all`. What begins a scan is not paged.
#[test]
fn regions_that_are_not_listed() {
    let faults: Vec<Fault> = Fault::ALL.into_iter().filter(|fault| *fault != Fault::RepeatedToken).collect();
    let problems = spread(faults, 3, |fault| async move {
        let operation = "ec2:DescribeRegions".to_owned();
        let folder = account("ec-site");
        let serve = || Served::start(&folder, Some((operation.clone(), fault)));
        let served = serve().await;
        let all = binary(&served.url, "all").await;
        let mut problems = Vec::new();
        let said = String::from_utf8_lossy(&all.stderr).into_owned();
        if all.status.code() != Some(2) || !said.contains("regions") || !all.stdout.is_empty() {
            problems.push(format!("{fault:?}, all: {:?} {said}", all.status));
        }
        // Expired credentials are so for the whole scan.
        let served = serve().await;
        let named = binary(&served.url, "ap-northeast-1").await;
        let said = String::from_utf8_lossy(&named.stderr).into_owned();
        let (expected, least) = if fault == Fault::Expired { (3, 20) } else { (1, 40) };
        if served.asked().len() < least || named.status.code() != Some(expected) {
            problems.push(format!("{fault:?}, named: {:?} {said}", named.status));
        }
        problems
    });
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
