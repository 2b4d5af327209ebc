//! No secret gets out. An account has one of every kind wherever AWS keeps one; none of them
//! is in a report, snapshot, recording, message or log, whatever goes wrong.

use crate::planted_account::{Account, Planted, leaks};
use crate::server::{Fault, Served};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tenken::ask::{Progress, ScanOptions};
use tenken::collect::{COLLECTORS, Scan, scan_with};
use tenken::deliver::{Bulletin, Telling, document, plain, slack};
use tenken::finding::{Finding, Run};
use tenken::history::Time;
use tenken::history::announcement::{Addressee, ChannelKind};
use tenken::history::pending::claim;
use tenken::history::store::{self, FileStore};
use tenken::report::{Look, formats, render};
use tenken::run;
use tenken::secret::KINDS;
use tenken::snapshot::Gap;
use tenken::snapshot::operation::Operation;
use tenken::text::Lang;

const FROM: &str = "worn-site";

fn planted_account() -> (tempfile::TempDir, PathBuf, Vec<Planted>) {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("account");
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("mocks").join(FROM);
    let account = Account::plant(&from, &folder);
    assert!(account.planted.len() >= 40 * KINDS.len(), "{} secrets", account.planted.len());
    (scratch, folder, account.planted)
}

fn leaks_in_folder(label: &str, folder: &Path, planted: &[Planted]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(leaks_in_folder(label, &path, planted));
        } else {
            let label = format!("{label}, {}", path.display());
            let text = fs::read(&path).unwrap();
            found.extend(leaks(&label, &format!("{label} {}", String::from_utf8_lossy(&text)), planted));
        }
    }
    found
}

/// The files of a folder that not only their owner may read.
#[cfg(unix)]
fn open_to_others(folder: &Path) -> Vec<PathBuf> {
    use std::os::unix::fs::PermissionsExt;
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(open_to_others(&path));
        } else if fs::metadata(&path).unwrap().permissions().mode() & 0o077 != 0 {
            found.push(path);
        }
    }
    found
}

/// Everything that a progress line could show.
#[derive(Default)]
struct Said(Mutex<String>);

impl Progress for Said {
    fn call(&self, operation: &'static Operation, region: &str) {
        self.0.lock().unwrap().push_str(&format!("{operation:?} {region}\n"));
    }
    fn retry(&self, service: &str, region: &str) {
        self.0.lock().unwrap().push_str(&format!("{service} {region}\n"));
    }
    fn gap(&self, gap: &Gap) {
        self.0.lock().unwrap().push_str(&format!("{gap:?}\n"));
    }
}

async fn scan(options: &ScanOptions, planted: &[Planted]) -> (Scan, Vec<String>) {
    let said = Arc::new(Said::default());
    let scan = scan_with(COLLECTORS, options, said.clone()).await.unwrap();
    let said = said.0.lock().unwrap().clone();
    assert!(!said.is_empty());
    (scan, leaks("progress", &said, planted))
}

fn judge(scan: &Scan) -> Run {
    run::judge(&scan.snapshot, &run::policies(None, &[]).unwrap())
}

/// The verdicts that only one of two runs has.
fn differences(left: &Run, right: &Run) -> Vec<String> {
    let verdicts = |run: &Run| -> BTreeSet<String> {
        let text = |finding: &Finding| {
            let Finding { policy, resource, discriminator, verdict, .. } = finding;
            format!("{policy} on {resource} {discriminator}: {verdict:?}")
        };
        run.findings.iter().map(text).collect()
    };
    verdicts(left).symmetric_difference(&verdicts(right)).cloned().collect()
}

#[tokio::test]
async fn reports_and_snapshots_hold_no_secret() {
    let (scratch, folder, planted) = planted_account();
    let options = ScanOptions { replay: Some(folder), ..ScanOptions::default() };
    let (scan, mut found) = scan(&options, &planted).await;
    assert_eq!(scan.not_recorded, Vec::<String>::new());
    // The places are looked at: their operations were answered, and secrets were found.
    let run = judge(&scan);
    let plaintext = run.findings.iter().filter(|finding| finding.policy == "ecs-plaintext-secret").count();
    assert!(plaintext >= KINDS.len() - 2, "only {plaintext} secrets were found");
    for (operation, is_gap) in [
        ("cloudfront:ListDistributions", false),
        ("ecs:DescribeTaskDefinition", false),
        ("elasticloadbalancing:DescribeRules", false),
        ("rds:DescribeDBInstances", false),
        ("route53:ListResourceRecordSets", false),
        ("sns:ListSubscriptions", false),
        ("wafv2:GetWebACL", false),
        ("cloudwatch:DescribeAlarms", false),
        ("ec2:DescribeNatGateways", true),
        ("ecr:DescribeRepositories", true),
        ("rds:DescribeDBClusters", true),
        ("s3:ListBuckets", true),
        ("sns:ListTopics", true),
        ("ssm:DescribeParameters", false),
        ("application-autoscaling:DescribeScalingPolicies", true),
    ] {
        let has_gap = scan.snapshot.gaps.values().any(|gap| gap.operation == operation);
        assert_eq!(has_gap, is_gap, "{operation}");
    }

    let saved = scratch.path().join("snapshot.json");
    run::save_snapshot(&scan.snapshot, &saved).unwrap();
    found.extend(leaks("snapshot", &fs::read_to_string(saved).unwrap(), &planted));
    found.extend(leaks("debug", &format!("{scan:?} {run:?}"), &planted));
    for format in formats::<Run>() {
        for lang in Lang::ALL {
            let report = render(&run, format, &Look { lang, width: 100, colour: true });
            found.extend(leaks(format.name(), &String::from_utf8_lossy(&report), &planted));
        }
    }
    found.extend(news_leaks(&run, &scratch.path().join("history.json"), &planted));
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// What a history keeps of a run, and what is told of it.
fn news_leaks(run: &Run, file: &Path, planted: &[Planted]) -> Vec<String> {
    let channel = ChannelKind::Slack;
    let store = FileStore::new(file);
    store::update_with_news(&store, run, &[Addressee { channel, digest: None }]).unwrap();
    let mut found = leaks("history", &fs::read_to_string(file).unwrap(), planted);
    let mut history = store::read(&store).unwrap();
    let claimed = claim(&mut history, channel, "test", Time::parse(&run.taken_at).unwrap(), &[]);
    let bulletin = Bulletin::new(&run.account, &claimed, &Telling::default());
    assert!(bulletin.groups.iter().any(|group| group.cause.contains("task-definition")));
    for lang in Lang::ALL {
        let messages = slack::messages(&bulletin, lang);
        found.extend(leaks("slack", &serde_json::to_string(&messages).unwrap(), planted));
        found.extend(leaks("plain", &plain::long(&bulletin, lang, usize::MAX), planted));
    }
    found.extend(leaks("document", &document::document(&bulletin, usize::MAX).to_string(), planted));
    found
}

#[tokio::test]
async fn recordings_hold_no_secret_and_give_the_same_findings() {
    let (scratch, folder, planted) = planted_account();
    let served = Served::start(&folder, None).await;
    let recorded = scratch.path().join("recorded");
    let options = ScanOptions {
        replay: Some(folder),
        endpoint_url: Some(served.url.clone()),
        record: Some(recorded.clone()),
        ..ScanOptions::default()
    };
    let (live, mut found) = scan(&options, &planted).await;
    assert!(served.unanswered().is_empty() && served.asked().len() > 50, "{:?}", served.asked());
    found.extend(leaks_in_folder("recording", &recorded, &planted));
    assert_eq!(open_to_others(&recorded), Vec::<PathBuf>::new());
    let (again, more) =
        scan(&ScanOptions { replay: Some(recorded), ..ScanOptions::default() }, &planted).await;
    found.extend(more);
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert_eq!(differences(&judge(&again), &judge(&live)), Vec::<String>::new());
}

#[tokio::test]
async fn whatever_goes_wrong() {
    let (scratch, folder, planted) = planted_account();
    let mut found = Vec::new();
    for operation in ["ecs:DescribeTaskDefinition", "cloudfront:ListDistributions", "wafv2:GetWebACL"] {
        for fault in Fault::ALL {
            let served = Served::start(&folder, Some((operation.to_owned(), fault))).await;
            let recorded = scratch.path().join(format!("{fault:?} {}", operation.replace(':', " ")));
            let patience = Duration::from_secs(if fault == Fault::Silent { 1 } else { 20 });
            let options = ScanOptions {
                replay: Some(folder.clone()),
                endpoint_url: Some(served.url.clone()),
                record: Some(recorded.clone()),
                attempt_timeout: patience,
                operation_timeout: patience * 2,
                ..ScanOptions::default()
            };
            let (scan, said) = scan(&options, &planted).await;
            found.extend(said);
            let label = format!("{fault:?} of {operation}");
            found.extend(leaks(&label, &format!("{:?} {:?}", scan, judge(&scan)), &planted));
            found.extend(leaks_in_folder(&label, &recorded, &planted));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The binary, with everything in its environment that makes programs talk.
async fn binary(arguments: &[&str]) -> std::process::Output {
    let home = tempfile::tempdir().unwrap();
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_tenken"));
    command.env_clear().env("HOME", home.path()).current_dir(home.path()).args(arguments);
    for (name, value) in [
        ("AWS_ACCESS_KEY_ID", "AKID"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("RUST_LOG", "trace"),
        ("RUST_BACKTRACE", "full"),
        ("AWS_LOG", "trace"),
        ("AWS_LOG_LEVEL", "trace"),
        ("AWS_DEBUG", "true"),
        ("AWS_SDK_LOG", "trace"),
        ("SMITHY_LOG", "trace"),
        ("LOG_LEVEL", "trace"),
        ("DEBUG", "*"),
    ] {
        command.env(name, value);
    }
    command.kill_on_drop(true).output().await.unwrap()
}

#[tokio::test]
async fn the_binary_says_no_secret() {
    let (scratch, folder, planted) = planted_account();
    let account = folder.to_str().unwrap();
    let mut found = Vec::new();
    let mut check = |label: &str, output: &std::process::Output, code: i32| {
        let said = format!(
            "{}\n{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        assert_eq!(output.status.code(), Some(code), "{label}: {said}");
        found.extend(leaks(label, &said, &planted));
    };
    let saved = scratch.path().join("saved.json");
    for format in formats::<Run>() {
        for lang in ["en", "ja"] {
            let format = format.name();
            let scan = ["scan", "--replay", account, "--format", format, "--lang", lang];
            let output = binary(&[&scan[..], &["--save-snapshot", saved.to_str().unwrap()]].concat()).await;
            check(&format!("{format} in {lang}"), &output, 1);
            let output = binary(&[&scan[..], &["--details"]].concat()).await;
            check(&format!("{format} with details in {lang}"), &output, 1);
        }
    }
    let served = Served::start(&folder, None).await;
    let recorded = scratch.path().join("recorded");
    let region = ["--region", "ap-northeast-1", "--endpoint-url", &served.url];
    // The account has answers that are none, which are not tried again for long.
    let times = ["--attempt-timeout", "10s", "--operation-timeout", "10s"];
    let output =
        binary(&[&["record", recorded.to_str().unwrap()][..], &region[..], &times[..]].concat()).await;
    check("record", &output, 3);
    let output = binary(&[&["scan", "--format", "json"][..], &region[..], &times[..]].concat()).await;
    check("live", &output, 1);
    found.extend(leaks("saved", &fs::read_to_string(saved).unwrap(), &planted));
    found.extend(leaks_in_folder("recording", &recorded, &planted));
    assert!(found.is_empty(), "{}", found.join("\n"));
}
