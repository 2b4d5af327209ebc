//! The size of Fargate tasks beside what they use.

use super::{FargateSizing, FargateTask};
use crate::conclude::lookup;
use crate::snapshot::cloudwatch::MetricSeries;
use crate::snapshot::ecs::{Service, TaskDefinition};
use crate::snapshot::known::Known;
use crate::snapshot::{GapId, Snapshot};
use crate::text::{Text, counted};

/// Below this use, in percent of the size, a task is too large.
const LOW_PERCENT: f64 = 40.0;
/// Above this use, in percent of the size, a task is too small.
const HIGH_PERCENT: f64 = 80.0;
/// Less than a day of datapoints does not show a peak.
const LEAST_SECONDS: i64 = 24 * 60 * 60;

/// The legal sizes of Fargate tasks: CPU units, and memory in MiB from, to and in steps of
/// (task size in the ECS developer guide). 256 CPU units are the exception.
const SIZES: [(i64, i64, i64, i64); 6] = [
    (512, 1024, 4096, 1024),
    (1024, 2048, 8192, 1024),
    (2048, 4096, 16384, 1024),
    (4096, 8192, 30720, 1024),
    (8192, 16384, 61440, 4096),
    (16384, 32768, 122_880, 8192),
];

/// Every legal size, by CPU and then by memory.
fn legal_sizes() -> Vec<Size> {
    let mut sizes: Vec<Size> = [512, 1024, 2048].map(|memory| Size { cpu: 256, memory }).to_vec();
    for (cpu, from, to, step) in SIZES {
        let mut memory = from;
        while memory <= to {
            sizes.push(Size { cpu, memory });
            memory += step;
        }
    }
    sizes
}

/// CPU units and memory in MiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Size {
    cpu: i64,
    memory: i64,
}

/// 95th percentiles in percent of a size.
#[derive(Debug, Clone, Copy)]
struct Use {
    cpu: f64,
    memory: f64,
}

impl Use {
    /// The same load on another size.
    fn on(self, from: Size, to: Size) -> Use {
        Use { cpu: scale(self.cpu, from.cpu, to.cpu), memory: scale(self.memory, from.memory, to.memory) }
    }

    fn is_within(self) -> bool {
        self.cpu <= HIGH_PERCENT && self.memory <= HIGH_PERCENT
    }
}

#[expect(clippy::cast_precision_loss, reason = "sizes are below 2^52")]
fn scale(percent: f64, from: i64, to: i64) -> f64 {
    percent * from as f64 / to as f64
}

/// The first size, walking up, that is in neither way smaller and large enough; the largest
/// one where none is.
fn larger(now: Size, load: Use) -> Size {
    let sizes = legal_sizes();
    let fits =
        |size: &&Size| size.cpu >= now.cpu && size.memory >= now.memory && load.on(now, **size).is_within();
    sizes.iter().find(fits).or(sizes.last()).copied().unwrap_or(now)
}

/// A size that is in neither way larger and still large enough. CPU shrinks to the largest
/// step that is used enough, so that one step at a time is taken; memory likewise.
fn smaller(now: Size, load: Use) -> Option<Size> {
    let candidates: Vec<Size> = legal_sizes()
        .into_iter()
        .filter(|size| size.cpu <= now.cpu && size.memory <= now.memory && *size != now)
        .filter(|size| load.on(now, *size).is_within())
        .collect();
    let used = |size: &Size| load.on(now, *size).cpu >= LOW_PERCENT;
    let cpu = candidates.iter().filter(|size| used(size)).map(|size| size.cpu).max();
    let cpu = cpu.or_else(|| candidates.iter().map(|size| size.cpu).min())?;
    let with_cpu: Vec<&Size> = candidates.iter().filter(|size| size.cpu == cpu).collect();
    let used = with_cpu.iter().filter(|size| load.on(now, ***size).memory >= LOW_PERCENT);
    let chosen = used.max_by_key(|size| size.memory);
    chosen.or_else(|| with_cpu.iter().min_by_key(|size| size.memory)).map(|size| **size)
}

/// See [`crate::conclude::FUNCTIONS`].
pub(crate) fn fargate_task(snapshot: &Snapshot, service: &Service) -> FargateTask {
    let definition = lookup::newest_task_definition(snapshot, service);
    let size = |pick: fn(&TaskDefinition) -> Option<i64>| -> Known<f64> {
        let definition = definition.clone();
        // Containers without a size of the whole task run on instances, which cost something else.
        definition.and_then(|definition| pick(definition).ok_or_else(GapId::default)).map(units).into()
    };
    let architecture = definition.clone().map(|definition| match definition.cpu_architecture.as_deref() {
        Some("ARM64") => "arm64".to_owned(),
        _ => "x86-64".to_owned(),
    });
    FargateTask {
        vcpus: size(|definition| definition.cpu_units),
        memory_gb: size(|definition| definition.memory_mib),
        architecture: architecture.into(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "sizes are below 2^52")]
fn units(thousandths: i64) -> f64 {
    thousandths as f64 / 1024.0
}

/// See [`crate::conclude::FUNCTIONS`].
pub(crate) fn fargate_sizing(snapshot: &Snapshot, service: &Service) -> FargateSizing {
    let is_fargate = service.is_on_fargate();
    let definition = lookup::newest_task_definition(snapshot, service);
    let cpu_units = Known::from(definition.clone().map(|definition| definition.cpu_units));
    let memory_mib = Known::from(definition.map(|definition| definition.memory_mib));
    let cpu = series(snapshot, service, "CPUUtilization");
    let memory = series(snapshot, service, "MemoryUtilization");
    let window_days = cpu.iter().chain(memory.iter()).map(|series| series.window_days).min().unwrap_or(0);
    let has_enough_data = match (&cpu, &memory) {
        (Ok(cpu), Ok(memory)) => Known::Yes(is_enough(cpu) && is_enough(memory)),
        (Err(gap), _) | (_, Err(gap)) => Known::No(gap.clone()),
    };
    let no_data = || GapId::new("cloudwatch:GetMetricData", &service.region, Some(&service.arn));
    let p95 = |series: Result<&MetricSeries, GapId>| {
        let series = series?;
        series.p95.filter(|_| is_enough(series)).ok_or_else(no_data)
    };
    let (cpu, memory) = (p95(cpu), p95(memory));
    let judged = judge(is_fargate, &cpu_units, &memory_mib, &cpu, &memory);
    FargateSizing {
        is_fargate,
        has_enough_data,
        direction: judged.clone().map(|(direction, _)| direction.to_owned()).into(),
        suggested_cpu_units: judged.clone().map(|(_, size)| size.cpu).into(),
        suggested_memory_mib: judged.clone().map(|(_, size)| size.memory).into(),
        summary: summary(&judged, &cpu_units, &memory_mib, &cpu, &memory, window_days),
        cpu_units,
        memory_mib,
        cpu_p95_percent: cpu.map(rounded).into(),
        memory_p95_percent: memory.map(rounded).into(),
        window_days,
    }
}

/// A metric of the service, in percent of what its tasks have. The average over the tasks
/// is preferred: the highest single minute of one task says little about the size of all.
fn series<'a>(snapshot: &'a Snapshot, service: &Service, metric: &str) -> Result<&'a MetricSeries, GapId> {
    let listing = &snapshot.cloudwatch.series;
    let mut found: Vec<&MetricSeries> = listing
        .iter()
        .filter(|series| {
            series.resource_arn == service.arn
                && series.namespace == "AWS/ECS"
                && series.metric_name == metric
        })
        .collect();
    found.sort_by_key(|series| series.statistic != "Average");
    found.first().copied().ok_or_else(|| listing.hidden_by(&service.region, &service.arn))
}

/// One digit after the point, for people.
fn rounded(percent: f64) -> f64 {
    (percent * 10.0).round() / 10.0
}

fn is_enough(series: &MetricSeries) -> bool {
    series.p95.is_some() && series.datapoint_count.saturating_mul(series.period_seconds) >= LEAST_SECONDS
}

fn judge(
    is_fargate: bool,
    cpu_units: &Known<Option<i64>>,
    memory_mib: &Known<Option<i64>>,
    cpu: &Result<f64, GapId>,
    memory: &Result<f64, GapId>,
) -> Result<(&'static str, Size), GapId> {
    let (Some(units), Some(mib)) = (*cpu_units.ask()?, *memory_mib.ask()?) else {
        return Err(GapId::default());
    };
    if !is_fargate || units <= 0 || mib <= 0 {
        return Err(GapId::default());
    }
    let now = Size { cpu: units, memory: mib };
    // One metric above its bound settles it, whatever the other is.
    let above = |percent: &Result<f64, GapId>| percent.as_ref().is_ok_and(|percent| *percent > HIGH_PERCENT);
    if above(cpu) || above(memory) {
        let percent = |percent: &Result<f64, GapId>| percent.as_ref().copied().unwrap_or(0.0);
        return Ok(("larger", larger(now, Use { cpu: percent(cpu), memory: percent(memory) })));
    }
    let load = Use { cpu: cpu.clone()?, memory: memory.clone()? };
    if load.cpu < LOW_PERCENT
        && load.memory < LOW_PERCENT
        && let Some(size) = smaller(now, load)
    {
        return Ok(("smaller", size));
    }
    Ok(("fits", now))
}

fn summary(
    judged: &Result<(&'static str, Size), GapId>,
    cpu_units: &Known<Option<i64>>,
    memory_mib: &Known<Option<i64>>,
    cpu: &Result<f64, GapId>,
    memory: &Result<f64, GapId>,
    days: i64,
) -> Text {
    let number = |value: &Known<Option<i64>>| match value {
        Known::Yes(Some(value)) => value.to_string(),
        _ => "?".to_owned(),
    };
    let percent = |value: &Result<f64, GapId>| match value {
        Ok(value) => format!("{value:.0} %"),
        Err(_) => "?".to_owned(),
    };
    let (units, mib) = (number(cpu_units), number(memory_mib));
    let (cpu, memory) = (percent(cpu), percent(memory));
    let (next_en, next_ja) = match judged {
        Ok((direction, size)) if *direction != "fits" => (
            format!("; {} CPU units and {} MiB would be enough", size.cpu, size.memory),
            format!("。{} CPU ユニット、{} MiB が適している", size.cpu, size.memory),
        ),
        _ => (String::new(), String::new()),
    };
    Text::new(
        format!(
            "The 95th percentile over {days} {} is {cpu} of {units} CPU units and {memory} of {mib} MiB{next_en}.",
            counted(days, "day")
        ),
        format!(
            "直近 {days} 日間の 95 パーセンタイルは CPU が {units} ユニットの {cpu}、メモリが {mib} MiB の {memory} である{next_ja}。"
        ),
    )
}

#[cfg(test)]
mod tests;
