//! What a run of the real binary costs, read from `/proc` while it runs.

use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// What a process used.
#[derive(Debug, Clone)]
pub(crate) struct Used {
    /// How it ended.
    pub status: ExitStatus,
    /// Wall clock.
    pub wall: Duration,
    /// User and system time of all threads; the kernel counts hundredths of a second.
    pub cpu: Duration,
    /// The most memory it had in use (VmHWM), in MiB. Read every few milliseconds until the
    /// process ends, because the kernel forgets it then.
    pub peak_mib: f64,
}

/// Runs a command to its end.
///
/// # Errors
/// It cannot be started, or there is no `/proc`.
pub(crate) fn run(command: &mut Command) -> std::io::Result<Used> {
    let start = Instant::now();
    let mut child = command.stdout(Stdio::null()).spawn()?;
    let (mut peak_kib, mut ticks) = (0_u64, 0_u64);
    loop {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id()))?;
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = peak.and_then(|text| text.trim().strip_suffix(" kB")?.trim().parse().ok());
        peak_kib = peak_kib.max(peak.unwrap_or(0));
        // The command's name may hold spaces: what follows its parenthesis is counted.
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id()))?;
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let field = |place: usize| fields.get(place).and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
        ticks = ticks.max(field(11) + field(12));
        // A zombie has ended and still shows its times.
        if fields.first() == Some(&"Z") {
            break;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    let wall = start.elapsed();
    let status = child.wait()?;
    let cpu = Duration::from_millis(ticks * 10);
    Ok(Used { status, wall, cpu, peak_mib: peak_kib as f64 / 1024.0 })
}
