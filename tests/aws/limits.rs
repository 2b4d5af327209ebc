//! Endpoints that send without end, wait without end or say nothing: no more is read than the limit,
//! no more memory is taken than a small function has, and what happened is said.

use crate::server::{Endless, Fault, ON_THE_WAY, Served};
use crate::spread::account;
use std::path::Path;
use std::process::{Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tenken::ask::{CollectError, Counters, ScanOptions};
use tenken::collect::{COLLECTORS, scan_with};
use tenken::config::S3Place;
use tenken::deliver::Access;
use tenken::deliver::s3::{S3Client, S3Error};
use tenken::snapshot::Cause;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

const LIMIT: usize = 1_000_000;

/// A run that takes longer does not end.
const LONGEST: Duration = Duration::from_secs(120);

/// What a process may take whose every answer has no end, in kilobytes: half of what the function has.
const MOST_KILOBYTES: u64 = 256_000;

fn options(url: &str) -> ScanOptions {
    ScanOptions {
        replay: Some(account("ec-site")),
        endpoint_url: Some(url.to_owned()),
        answer_limit_bytes: LIMIT,
        ..ScanOptions::default()
    }
}

/// However an answer is sent: a gap names it, nothing else is lost, and it was neither read to its end
/// nor asked again.
#[tokio::test]
async fn an_answer_without_end_is_read_to_the_limit() {
    for form in Endless::ALL {
        let operation = "rds:DescribeDBInstances";
        let served =
            Served::start(&account("ec-site"), Some((operation.to_owned(), Fault::Endless(form)))).await;
        let counters = Arc::new(Counters::default());
        let scan = scan_with(COLLECTORS, &options(&served.url), Arc::clone(&counters) as _).await.unwrap();
        let gaps: Vec<_> = scan.snapshot.gaps.values().collect();
        let [gap] = gaps.as_slice() else { panic!("{form:?}: {gaps:?}") };
        assert_eq!((gap.operation.as_str(), gap.cause), (operation, Cause::TooLarge), "{form:?}");
        assert_eq!(gap.code, "AnswerTooLarge");
        assert!(served.longest() < LIMIT as u64 + ON_THE_WAY, "{form:?}: {} bytes", served.longest());
        assert_eq!(counters.retries.load(Ordering::Relaxed), 0, "{form:?}");
        assert!(!scan.snapshot.ecs.services.items.is_empty());
    }
}

#[tokio::test]
async fn the_limit_decides() {
    let served = Served::start(&account("ec-site"), None).await;
    let scan = |answer_limit_bytes| {
        let options = ScanOptions { answer_limit_bytes, ..options(&served.url) };
        async move { scan_with(COLLECTORS, &options, Arc::new(Counters::default())).await.unwrap().snapshot }
    };
    assert!(scan(LIMIT).await.gaps.is_empty());
    let small = scan(1_000).await;
    assert!(small.gaps.len() > 10 && small.gaps.values().all(|gap| gap.cause == Cause::TooLarge));
}

/// The real binary; gives its output and the most memory it has had, in kilobytes.
async fn run(mut command: std::process::Command) -> (Output, u64) {
    // Files, because nobody empties a pipe while the memory is watched.
    let folder = tempfile::tempdir().unwrap();
    let [out, err] = ["out", "err"].map(|name| folder.path().join(name));
    let file = |path: &Path| Stdio::from(std::fs::File::create(path).unwrap());
    let mut child = command.stdout(file(&out)).stderr(file(&err)).spawn().unwrap();
    let place = format!("/proc/{}/status", child.id());
    let mut peak_kilobytes = 0;
    let status = tokio::time::timeout(LONGEST, async {
        loop {
            if let Some(status) = child.try_wait().unwrap() {
                return status;
            }
            let text = std::fs::read_to_string(&place).unwrap_or_default();
            let line = text.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
            let now = line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or(0);
            peak_kilobytes = now.max(peak_kilobytes);
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    })
    .await
    .expect("the binary ends");
    let [stdout, stderr] = [out, err].map(|path| std::fs::read(path).unwrap());
    (Output { status, stdout, stderr }, peak_kilobytes)
}

/// What was written, without its line breaks.
fn words(text: &[u8]) -> String {
    String::from_utf8_lossy(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn binary(home: &Path, url: &str, more: &[&str]) -> std::process::Command {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_tenken"));
    command
        .env_clear()
        .env("HOME", home)
        .env("AWS_ACCESS_KEY_ID", "AKID")
        .env("AWS_SECRET_ACCESS_KEY", "secret")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .current_dir(home)
        .args(["scan", "--lang", "en", "--endpoint-url", url])
        .args(more);
    command
}

/// All questions at once have answers without end, at the default limit: the run ends, says so, and fits into the memory of a small function.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_without_end_fits_into_little_memory() {
    let home = tempfile::tempdir().unwrap();
    for form in Endless::ALL {
        let served = Served::start(&account("ec-site"), Some(("*".to_owned(), Fault::Endless(form)))).await;
        let (output, peak_kilobytes) =
            run(binary(home.path(), &served.url, &["--details", "--region", "ap-northeast-1"])).await;
        let said = words(&output.stdout);
        assert_eq!(output.status.code(), Some(3), "{form:?}: {}", words(&output.stderr));
        assert!(said.contains("answer too large (AnswerTooLarge)"), "{form:?}: {said}");
        assert!(said.contains("raise `answer_limit` in tenken.toml"), "{form:?}: {said}");
        println!("{form:?}: {peak_kilobytes} kB");
        assert!(peak_kilobytes < MOST_KILOBYTES, "{form:?}: {peak_kilobytes} kB");
    }
    let served =
        Served::start(&account("ec-site"), Some(("*".to_owned(), Fault::Endless(Endless::Chunked)))).await;
    std::fs::write(home.path().join("tenken.toml"), "answer_limit = \"100KB\"\n").unwrap();
    let (output, _) = run(binary(home.path(), &served.url, &["--region", "ap-northeast-1"])).await;
    assert_eq!(output.status.code(), Some(3), "{}", words(&output.stderr));
    assert!(served.longest() < 100_000 + ON_THE_WAY, "{}", served.longest());
}

/// A server whose every answer is this one; it counts the bytes that are taken.
async fn serve(form: Endless) -> (String, Arc<AtomicU64>, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let longest = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&longest);
    let task = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let counted = Arc::clone(&counted);
            tokio::spawn(async move {
                let _ = stream.read(&mut [0; 64 * 1024]).await;
                counted.fetch_max(form.send(&mut stream).await, Ordering::SeqCst);
            });
        }
    });
    (url, longest, task)
}

/// A history, a report or a configuration in S3.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_object_without_end_is_refused() {
    for form in Endless::ALL {
        let (url, longest, task) = serve(form).await;
        let read = move || {
            let access = Access {
                endpoint_url: Some(url),
                region: Some("eu-west-1".into()),
                answer_limit_bytes: Some(LIMIT),
                ..Access::default()
            };
            let credentials = aws_credential_types::Credentials::new("KEY", "secret", None, None, "test");
            let provider = aws_credential_types::provider::SharedCredentialsProvider::new(credentials);
            let s3 = S3Client::with_credentials(&access, provider).unwrap();
            s3.get(&S3Place { bucket: "audit".into(), key: "history.json".into() })
        };
        let refused = tokio::task::spawn_blocking(read).await.unwrap().unwrap_err();
        assert_eq!(refused, S3Error::Failed { code: "AnswerTooLarge".into() }, "{form:?}");
        task.abort();
        assert!(longest.load(Ordering::SeqCst) < LIMIT as u64 + ON_THE_WAY, "{form:?}");
    }
}

/// Where credentials come from, who they are, and where regions are listed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sources_of_credentials_without_end_end() {
    let home = tempfile::tempdir().unwrap();
    let (url, longest, _task) = serve(Endless::Chunked).await;
    let mut command = binary(home.path(), &url, &["--region", "ap-northeast-1", "--timeout", "30s"]);
    command
        .env_remove("AWS_ACCESS_KEY_ID")
        .env_remove("AWS_SECRET_ACCESS_KEY")
        .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", format!("{url}/credentials"));
    let (output, peak_kilobytes) = run(command).await;
    assert_eq!(output.status.code(), Some(2), "{}", words(&output.stderr));
    assert!(peak_kilobytes < MOST_KILOBYTES, "{peak_kilobytes} kB");
    assert!(longest.load(Ordering::SeqCst) < 64_000_000 + ON_THE_WAY);
    let (output, peak_kilobytes) = run(binary(home.path(), &url, &["--region", "ap-northeast-1"])).await;
    let said = words(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("AnswerTooLarge"), "{said}");
    assert!(peak_kilobytes < MOST_KILOBYTES, "{peak_kilobytes} kB");
}

/// `--timeout` is the time of what opens a scan, too: who that is and which regions there are.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_time_of_a_scan_bounds_its_opening() {
    let home = tempfile::tempdir().unwrap();
    for operation in ["sts:GetCallerIdentity", "ec2:DescribeRegions"] {
        let served = Served::start(&account("ec-site"), Some((operation.to_owned(), Fault::Silent))).await;
        let long = ["--attempt-timeout", "1h", "--operation-timeout", "1h"];
        // A busy machine may need the whole time for what comes before: then there is more of it.
        for seconds in [6, 30, 90] {
            let timeout = format!("{seconds}s");
            let mut command = binary(home.path(), &served.url, &["--region", "all", "--timeout", &timeout]);
            command.args(long);
            let (output, _) = run(command).await;
            let said = words(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{said}");
            assert!(said.contains("failed to begin the scan: its time was up before"), "{said}");
            assert!(said.contains("Give more time with --timeout"), "{said}");
            if served.asked().contains(operation) {
                assert!(said.contains(&format!("before {operation} was answered")), "{said}");
                break;
            }
        }
        assert!(served.asked().contains(operation), "{operation} was never asked");
    }
}

/// AWS may ask for a pause; the scan's time is not AWS's to give.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_endpoint_asks_to_wait_is_bounded() {
    let served = Served::start(&account("ec-site"), Some(("*".to_owned(), Fault::LongPause))).await;
    let options = ScanOptions {
        timeout: Some(Duration::from_secs(3)),
        operation_timeout: Duration::from_secs(3600),
        ..options(&served.url)
    };
    let scan = scan_with(COLLECTORS, &options, Arc::new(Counters::default()));
    let scan = tokio::time::timeout(LONGEST, scan).await.expect("the scan ends").unwrap();
    assert!(!scan.snapshot.gaps.is_empty());
    let causes = scan.snapshot.gaps.values().map(|gap| gap.cause);
    assert!(causes.clone().all(|cause| matches!(cause, Cause::TimedOut | Cause::Throttled | Cause::Failed)));
}

/// What is said about regions that cannot be listed, and about one that does not exist.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn regions_that_cannot_be_listed_are_explained() {
    let home = tempfile::tempdir().unwrap();
    let regions = "ec2:DescribeRegions".to_owned();
    for (fault, expected) in [
        (
            Some(Fault::Denied),
            &[
                "with ec2:DescribeRegions: permission denied (UnauthorizedOperation)",
                "Allow ec2:DescribeRegions",
            ],
        ),
        (
            Some(Fault::NoItems),
            &[
                "with ec2:DescribeRegions: failed (NoRegions)",
                "which AWS never answers: check --endpoint-url",
            ],
        ),
        (
            Some(Fault::Endless(Endless::Announced)),
            &[
                "with ec2:DescribeRegions: answer too large (AnswerTooLarge)",
                "or name the regions with --region",
            ],
        ),
    ] {
        let fault = fault.map(|fault| (regions.clone(), fault));
        let served = Served::start(&account("ec-site"), fault).await;
        let (output, _) = run(binary(home.path(), &served.url, &["--region", "all"])).await;
        let said = words(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(expected.iter().all(|part| said.contains(part)), "{said}");
        // A region that is named is asked all the same, and the report says that nobody checked it.
        let named = ["--region", "ap-northeast-1", "--format", "json"];
        let (output, _) = run(binary(home.path(), &served.url, &named)).await;
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let gaps = report["gaps"].to_string();
        assert!(gaps.contains("ec2:DescribeRegions"), "{gaps}");
    }
    let served = Served::start(&account("ec-site"), None).await;
    let two = ["--region", "ap-northeast-1", "--region", "ap-northeast-9"];
    let (output, _) = run(binary(home.path(), &served.url, &two)).await;
    let said = words(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("failed to find the region ap-northeast-9"), "{said}");
    assert!(said.contains("The regions are: ap-northeast-1"), "{said}");
}

#[tokio::test]
async fn a_recorded_account_has_its_own_regions() {
    let options = ScanOptions {
        replay: Some(account("ec-site")),
        regions: vec!["ap-northeast-9".to_owned()],
        ..ScanOptions::default()
    };
    let error = scan_with(COLLECTORS, &options, Arc::new(Counters::default())).await.unwrap_err();
    assert!(matches!(error, CollectError::UnknownRegion { region, .. } if region == "ap-northeast-9"));
}
