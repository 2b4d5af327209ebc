//! How close a scan comes to the fastest that AWS allows.
//!
//! A server answers for a generated account as AWS does: after 60 ms, and only while the
//! bucket of the operation (`snapshot/operation.rs`: capacity and refill) has a token;
//! otherwise it says "throttled" in the protocol's words. The real binary scans it with
//! its ordinary pacing. Nothing can be faster than
//!
//! ```text
//! max( max over buckets of (n − C) / r,  D · RTT + (longest page chain) · RTT )
//! ```
//!
//! where `n` calls draw from a bucket that starts with `C` tokens and gets `r` a second,
//! and `D` = 6 is the depth of what depends on what: identity, lists, what is in a load
//! balancer or cluster, rules and services, task definitions, roles and metrics. `n` is what the
//! scan asked: fewer questions would make a smaller bound, and this does not measure that.
//!
//! Prints the ratio, the share of throttled requests and what was lost; run with
//! `cargo bench --bench collect`.

#![expect(clippy::print_stdout, reason = "a benchmark prints")]
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot run ends")]

#[path = "../tests/generated/account.rs"]
mod generated;
#[path = "../tests/generated/usage.rs"]
mod usage;

use generated::serve::{Limits, Served, Tally};
use generated::{Account, REGION, Size};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

const ROUND_TRIP: Duration = Duration::from_millis(60);
/// How many answers have to be awaited one after the other.
const DEPTH: u32 = 6;

/// The bound in seconds, and what sets it.
fn bound(tally: &Tally) -> (f64, String) {
    let chain = u32::try_from(tally.longest_list).unwrap_or(u32::MAX);
    let latency = (ROUND_TRIP * (DEPTH + chain)).as_secs_f64();
    let buckets = tally.answered.iter().map(|(name, (count, capacity, per_second))| {
        let beyond = f64::from(count.saturating_sub(*capacity));
        (beyond / f64::from(*per_second), format!("{name}, {count} calls"))
    });
    let latency = (latency, format!("latency, a list of {chain} pages"));
    buckets.chain([latency]).max_by(|one, other| one.0.total_cmp(&other.0)).unwrap()
}

/// Resources of the account that the snapshot lacks.
fn lost(account: &Account, snapshot: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(snapshot).unwrap();
    let snapshot: serde_json::Value = serde_json::from_str(&text).unwrap();
    let length = |path: &str| {
        let (section, list) = path.split_once('.').unwrap();
        snapshot
            .pointer(&format!("/{section}/{list}/items"))
            .and_then(|items| items.as_array())
            .map_or(0, Vec::len)
    };
    let counts = account.counts().into_iter().filter(|(path, count)| length(path) != *count);
    let mut lost: Vec<String> =
        counts.map(|(path, count)| format!("{path}: {} of {count}", length(path))).collect();
    let gaps = snapshot
        .get("gaps")
        .and_then(|gaps| gaps.as_object())
        .into_iter()
        .flatten()
        .map(|(id, _)| format!("gap {id}"));
    lost.extend(gaps);
    lost
}

#[tokio::main]
async fn main() {
    let account = Arc::new(Account::new(Size::MEDIUM));
    let served = Served::start(Arc::clone(&account), Some(Limits { round_trip: ROUND_TRIP })).await;
    let folder = tempfile::tempdir().unwrap();
    let snapshot = folder.path().join("snapshot.json");
    let mut command = Command::new(env!("CARGO_BIN_EXE_tenken"));
    command
        .args([
            "scan",
            "--no-config",
            "--region",
            REGION,
            "--format",
            "json",
            "--endpoint-url",
            &served.address(),
        ])
        .arg("--save-snapshot")
        .arg(&snapshot)
        .env("AWS_ACCESS_KEY_ID", "GENERATED")
        .env("AWS_SECRET_ACCESS_KEY", "generated")
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
    let used = tokio::task::spawn_blocking(move || usage::run(&mut command)).await.unwrap().unwrap();

    let tally = served.tally();
    let (seconds, set_by) = bound(&tally);
    let wall = used.wall.as_secs_f64();
    println!("a medium account, generated: {:?}", account.size);
    println!(
        "  exit code {:?}, {} requests, answers after {ROUND_TRIP:?}",
        used.status.code(),
        tally.requests()
    );
    println!("  CPU {:.2} s, peak {:.0} MB", used.cpu.as_secs_f64(), used.peak_mib * 1.048_576);
    println!("  {wall:.2} s; the bound is {seconds:.2} s, set by {set_by}: ratio {:.3}", wall / seconds);
    let share = f64::from(tally.throttled) / f64::from(tally.requests());
    println!("  throttled: {} of {} requests, {:.2} %", tally.throttled, tally.requests(), share * 100.0);
    for (bucket, count) in &tally.throttled_by {
        println!("    {count} {bucket}");
    }
    let lost = lost(&account, &snapshot);
    println!("  lost: {}", if lost.is_empty() { "nothing".to_owned() } else { lost.join("; ") });
    println!("  refused: {:?}", tally.refused);
}
