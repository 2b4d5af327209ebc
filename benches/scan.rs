//! What a whole scan costs: the recorded account of a small shop, phase by phase in
//! process and as the real binary; then generated accounts over HTTP, without pacing, as
//! the real binary. Prints wall time, CPU and peak memory; run with
//! `cargo bench --bench scan`, or with a factor (`-- 2`) for an account so many times as large.

#![expect(clippy::print_stdout, reason = "a benchmark prints")]
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot run ends")]

#[path = "../tests/generated/account.rs"]
mod generated;
#[path = "../tests/generated/usage.rs"]
mod usage;

use generated::serve::{Served, describe};
use generated::{Account, Size};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tenken::ask::{Counters, ScanOptions};
use tenken::finding::Run;
use tenken::policy::PolicySet;
use tenken::recording::Recording;
use tenken::report::{Look, formats, render};
use tenken::run;
use tenken::text::Lang;

const ROUNDS: usize = 9;

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// The median of several rounds; the first warms caches and is left out.
fn median(work: impl Fn()) -> Duration {
    let mut times: Vec<Duration> = (0..=ROUNDS)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed()
        })
        .skip(1)
        .collect();
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn phases(folder: &Path) {
    let options = ScanOptions { replay: Some(folder.to_owned()), ..ScanOptions::default() };
    let policies = PolicySet::embedded().unwrap();
    let snapshot = run::collect(&options, Arc::new(Counters::default())).unwrap();
    let judged = run::judge(&snapshot, &policies);
    let look = Look { lang: Lang::En, width: 100, colour: false };
    println!("phases in process, median of {ROUNDS}:");
    let phase = |name: &str, work: &dyn Fn()| println!("  {name}: {:.2} ms", milliseconds(median(work)));
    phase("load the policies", &|| drop(PolicySet::embedded().unwrap()));
    phase("open the recording", &|| drop(Recording::open(folder).unwrap()));
    phase("collect", &|| drop(run::collect(&options, Arc::new(Counters::default())).unwrap()));
    phase("judge", &|| drop(run::judge(&snapshot, &policies)));
    for format in formats::<Run>() {
        phase(&format!("render {format}"), &|| drop(render(&judged, format, &look)));
    }
}

fn binary(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tenken"));
    command.args(["scan", "--no-config", "--lang", "en", "--replay"]).arg(folder);
    command
}

fn print(name: &str, used: &usage::Used) {
    println!(
        "  {name}: wall {:.0} ms, CPU {:.2} s, peak {:.0} MB, exit code {:?}",
        milliseconds(used.wall),
        used.cpu.as_secs_f64(),
        used.peak_mib * 1.048_576,
        used.status.code(),
    );
}

async fn generated(name: &str, size: Size) {
    println!("{name}, generated: {size:?}");
    let account = Arc::new(Account::new(size));
    let served = Served::start(account, None).await;
    let folder = tempfile::tempdir().unwrap();
    describe(folder.path()).unwrap();
    let snapshot = folder.path().join("snapshot.json");
    for format in ["terminal", "json"] {
        let mut command = binary(folder.path());
        command.args(["--format", format, "--endpoint-url", &served.address()]);
        if format == "json" {
            command.arg("--save-snapshot").arg(&snapshot);
        }
        let used = tokio::task::spawn_blocking(move || usage::run(&mut command)).await.unwrap().unwrap();
        print(&format!("collect, judge, {format}"), &used);
    }
    println!("  {} calls", served.tally().requests() / 2);
    for format in ["terminal", "json"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tenken"));
        command
            .args(["scan", "--no-config", "--lang", "en", "--format", format, "--snapshot"])
            .arg(&snapshot);
        print(&format!("load, judge, {format}"), &usage::run(&mut command).unwrap());
    }
    judging(&snapshot);
}

/// Judging alone, and the policies that take most of it.
fn judging(snapshot: &Path) {
    let snapshot = run::load_snapshot(snapshot).unwrap();
    let policies = PolicySet::embedded().unwrap();
    let time = |policies: &PolicySet| {
        let start = Instant::now();
        let judged = run::judge(&snapshot, policies);
        (start.elapsed(), judged.findings.len())
    };
    let (whole, findings) = time(&policies);
    println!("  judge: {:.0} ms, {findings} verdicts; the slowest policies:", milliseconds(whole));
    let mut single: Vec<(Duration, String)> = policies
        .policies
        .iter()
        .map(|policy| {
            let mut alone = PolicySet::embedded().unwrap();
            alone.policies.retain(|other| other.id == policy.id);
            (time(&alone).0, policy.id.clone())
        })
        .collect();
    single.sort();
    for (time, id) in single.iter().rev().take(8) {
        println!("    {:.0} ms {id}", milliseconds(*time));
    }
}

#[tokio::main]
async fn main() {
    let factor = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(1);
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("mocks/ec-site");
    println!("the recorded account {}", folder.display());
    if folder.join("account.toml").exists() {
        tokio::task::spawn_blocking(move || {
            phases(&folder);
            print("the whole process", &usage::run(&mut binary(&folder)).unwrap());
        })
        .await
        .unwrap();
    } else {
        println!("  is not there");
    }
    generated("a medium account", Size::MEDIUM).await;
    generated("a large account", Size::LARGE.times(factor)).await;
}
