//! What runs out first when the load grows, and at how many times today's.
//!
//! Today's load is the 95th percentile of the last two weeks: of the CPU of all tasks together, and
//! of the connections and the CPU of the databases that admit them. All of it is taken to grow
//! together. A wall is where something is full; what is slow before that is not counted.

mod connections;

use super::facts::Facts;
use super::lookup::newest_task_definition;
use super::network::{Network, OrGap};
use super::scaling::autoscaling;
use super::task_databases::databases_of;
use crate::snapshot::Snapshot;
use crate::snapshot::cloudwatch::MetricSeries;
use crate::snapshot::ec2::Subnet;
use crate::snapshot::ecs::{FARGATE, FARGATE_SPOT, Service};
use crate::snapshot::gap::GapId;
use crate::snapshot::known::Known;
use crate::snapshot::rds::DbInstance;
use crate::snapshot::servicequotas::{FARGATE_SPOT_VCPUS, FARGATE_VCPUS};
use crate::text::{Text, counted};

crate::record! {
    /// What runs out as the load of a service grows.
    pub struct LoadWalls {
        /// What runs out, the nearest first, and then what is not known.
        pub walls: Vec<LoadWall>,
        /// At how many times today's load the nearest of those that are known stands; null where the
        /// load is nothing.
        pub nearest_factor: Known<Option<f64>>,
        /// What it is.
        pub nearest: Text,
        /// Yes; unknown where a wall is not known that could be nearer.
        pub is_complete: Known<bool>,
        /// The four nearest walls with their factors, and those that are not known, in words.
        pub summary: Text,
        /// The CPU that all tasks together use today, in percent of one task.
        pub task_load_percent: Known<f64>,
    }

    /// Something that runs out as the load grows.
    pub struct LoadWall {
        /// tasks (their number is fixed, or the maximum of the scaling), memory, addresses, quota (vCPUs
        /// of Fargate), connections or database-cpu.
        pub kind: String,
        /// What it belongs to: the service, or a database.
        pub resource: String,
        /// How many times today's load it carries, rounded down to one digit.
        pub factor: Known<f64>,
        /// What it is, in a few words.
        pub name: Text,
        /// The arithmetic, in words; the question that would have settled it where it is not known.
        pub arithmetic: Text,
        /// Of a database, the next class with twice the memory; null where there is none in its family.
        pub larger_class: Option<String>,
    }
}

/// Less than a day of datapoints does not show a peak.
const LEAST_SECONDS: i64 = 24 * 60 * 60;
/// ECS gives one sample a minute for each task.
const SECONDS_OF_A_SAMPLE: i64 = 60;
/// So many walls are told in words.
const WALLS_TOLD: usize = 4;
/// Percent of a task or of an instance: all of it.
const FULL: f64 = 100.0;
/// CPU units.
const UNITS_OF_A_VCPU: f64 = 1024.0;

/// See [`super::FUNCTIONS`].
pub(crate) fn load_walls(facts: &Facts<'_>, service: &Service) -> LoadWalls {
    let snapshot = facts.snapshot();
    let network = Network { snapshot, region: &service.region };
    let cpu = task_load(snapshot, service, "CPUUtilization");
    let mut walls = vec![task_wall(snapshot, service, "tasks", &cpu)];
    if scales_by_memory(snapshot, service) {
        let memory = task_load(snapshot, service, "MemoryUtilization");
        walls.push(task_wall(snapshot, service, "memory", &memory));
    }
    walls.extend(address_wall(&network, service, &cpu));
    if service.is_on_fargate() {
        walls.push(quota_wall(facts, service, &cpu));
    }
    let databases = databases_of(&network, service);
    for db in databases.found.iter().filter(|db| db.status.known().is_none_or(|status| status == "available"))
    {
        if db.instance_class.known().is_none_or(|class| connections::is_limited(&db.engine, class)) {
            walls.push(connection_wall(snapshot, db));
        }
        walls.push(database_cpu_wall(snapshot, db));
    }
    if let Some(gap) = databases.hidden {
        let name = Text::new("databases", "データベース");
        walls.push(LoadWall {
            kind: "connections".into(),
            resource: service.name.clone(),
            arithmetic: not_known(snapshot, &gap),
            factor: Known::No(gap),
            name,
            larger_class: None,
        });
    }
    // A load of nothing runs against no wall.
    walls.retain(|wall| wall.factor.known().is_none_or(|factor| factor.is_finite()));
    let place = |wall: &LoadWall| wall.factor.known().copied().unwrap_or(f64::INFINITY);
    walls.sort_by(|left, right| place(left).total_cmp(&place(right)));
    let nearest = walls.first();
    let hidden = walls.iter().find_map(|wall| wall.factor.ask().err());
    LoadWalls {
        nearest_factor: nearest.map_or(Known::Yes(None), |wall| wall.factor.clone().map(Some)),
        nearest: nearest.map_or_else(Text::default, |wall| wall.name.clone()),
        is_complete: hidden.map_or(Known::Yes(true), Known::No),
        summary: summary(&walls),
        task_load_percent: cpu.map(rounded_down).into(),
        walls,
    }
}

#[expect(clippy::cast_precision_loss, reason = "tasks and addresses are far below 2^52")]
fn number(count: i64) -> f64 {
    count as f64
}

/// One digit after the point, never more than there is.
fn rounded_down(factor: f64) -> f64 {
    (factor * 10.0 + 1e-9).floor() / 10.0
}

/// A metric of `cloudwatch.load` with at least a day of points: its 95th percentile.
fn p95<'a>(snapshot: &'a Snapshot, region: &str, arn: &str, metric: &str) -> OrGap<(f64, &'a MetricSeries)> {
    let listing = &snapshot.cloudwatch.load;
    let found = listing.iter().find(|series| series.resource_arn == arn && series.metric_name == metric);
    let series = found.ok_or_else(|| listing.hidden_by(region, arn))?;
    let is_enough = series.datapoint_count.saturating_mul(series.period_seconds) >= LEAST_SECONDS;
    let no_data = || GapId::new("cloudwatch:GetMetricData", region, Some(arn));
    series.p95.filter(|_| is_enough).map(|p95| (p95, series)).ok_or_else(no_data)
}

/// What all tasks of a service use together, in percent of one task.
fn task_load(snapshot: &Snapshot, service: &Service, metric: &str) -> OrGap<f64> {
    let (sum, series) = p95(snapshot, &service.region, &service.arn, metric)?;
    let samples = (series.period_seconds / SECONDS_OF_A_SAMPLE).max(1);
    Ok(sum / number(samples))
}

/// Most memory of a task is the runtime's own and does not follow the load, unless its owner
/// scales the service by it.
fn scales_by_memory(snapshot: &Snapshot, service: &Service) -> bool {
    let resource = format!("service/{}/{}", service.cluster_name, service.name);
    snapshot.application_autoscaling.scaling_policies.iter().any(|policy| {
        policy.region == service.region
            && policy.resource_id == resource
            && policy.predefined_metric.as_deref() == Some("ECSServiceAverageMemoryUtilization")
    })
}

/// The most tasks that there will ever be: those of today where nothing adds any.
fn most_tasks(snapshot: &Snapshot, service: &Service) -> OrGap<(i64, bool)> {
    let scaling = autoscaling(snapshot, service);
    if !*scaling.can_act.ask()? {
        return Ok((service.desired_count, false));
    }
    let resource = format!("service/{}/{}", service.cluster_name, service.name);
    let actions = &snapshot.application_autoscaling.scheduled_actions;
    let own = actions
        .iter()
        .filter(|action| action.region == service.region && action.resource_id == resource)
        .filter_map(|action| action.max_capacity);
    let most = scaling.max_capacity.ask()?.unwrap_or(service.desired_count);
    Ok((own.fold(most, i64::max).max(service.desired_count), true))
}

fn task_wall(snapshot: &Snapshot, service: &Service, kind: &str, load: &OrGap<f64>) -> LoadWall {
    let most = most_tasks(snapshot, service);
    let is_memory = kind == "memory";
    let name = match (&most, is_memory) {
        (_, true) => Text::new("memory of the tasks", "タスクのメモリ"),
        (Ok((_, true)), false) => Text::new("maximum of the scaling", "Auto Scaling の最大タスク数"),
        _ => Text::new("fixed number of tasks", "固定されたタスク数"),
    };
    let what = if is_memory { "memory" } else { "CPU" };
    let what_ja = if is_memory { "メモリ" } else { "CPU" };
    let found = most.and_then(|(most, _)| load.clone().map(|load| (number(most) * FULL / load, most, load)));
    wall(snapshot, kind, &service.name, name, None, found, |(_, most, load)| {
        Text::new(
            format!(
                "{most} {} × 100 % ÷ {load:.0} % of {what} that all tasks use today",
                counted(*most, "task")
            ),
            format!("{most} タスク × 100 % ÷ 現在の全タスクの {what_ja} 使用率の合計 {load:.0} %"),
        )
    })
}

/// Free addresses of the subnets, one for each task (awsvpc). Nobody runs out of IPv6 addresses.
fn address_wall(network: &Network<'_>, service: &Service, load: &OrGap<f64>) -> Option<LoadWall> {
    let subnets: OrGap<Vec<_>> = service.subnet_ids.iter().map(|id| network.subnet(id)).collect();
    let has_v6_alone = |subnets: &Vec<&Subnet>| subnets.iter().any(|subnet| subnet.cidr_block.is_none());
    if service.subnet_ids.is_empty() || subnets.as_ref().is_ok_and(has_v6_alone) {
        return None;
    }
    let free = |subnets: Vec<&Subnet>| -> OrGap<i64> {
        subnets.iter().map(|subnet| subnet.available_ip_address_count.ask().copied()).sum()
    };
    let running = service.running_count;
    let found = subnets.and_then(free).and_then(|free| {
        load.clone().map(|load| (number(running.saturating_add(free)) * FULL / load, free, load))
    });
    let name = Text::new("free addresses of the subnets", "サブネットの空きアドレス");
    Some(wall(network.snapshot, "addresses", &service.name, name, None, found, |(_, free, load)| {
        Text::new(
            format!(
                "{} tasks with {free} free addresses × 100 % ÷ {load:.0} % of CPU that all tasks use today",
                running.saturating_add(*free)
            ),
            format!(
                "空きアドレス {free} 個で {} タスク × 100 % ÷ 現在の全タスクの CPU 使用率の合計 {load:.0} %",
                running.saturating_add(*free)
            ),
        )
    }))
}

/// The vCPUs that Fargate gives the account in the region, of which others may have taken some.
fn quota_wall(facts: &Facts<'_>, service: &Service, load: &OrGap<f64>) -> LoadWall {
    let is_on_demand = service.launch_type.as_deref() == Some(FARGATE)
        || service.capacity_provider_strategy.iter().any(|item| item.capacity_provider == FARGATE);
    let (kind, code) =
        if is_on_demand { (FARGATE, FARGATE_VCPUS) } else { (FARGATE_SPOT, FARGATE_SPOT_VCPUS) };
    let found = room_for_tasks(facts, service, kind, code).and_then(|(tasks, most)| {
        load.clone().map(|load| {
            (number(service.running_count.saturating_add(tasks)) * FULL / load, (tasks, most), load)
        })
    });
    let running = service.running_count;
    let name = Text::new(format!("vCPU quota of {kind}"), format!("{kind} の vCPU クォータ"));
    wall(facts, "quota", &service.name, name, None, found, |(_, (tasks, most), load)| {
        Text::new(
            format!(
                "{} tasks within {most} vCPU × 100 % ÷ {load:.0} % of CPU that all tasks use today",
                running.saturating_add(*tasks)
            ),
            format!(
                "{most} vCPU 以内で {} タスク × 100 % ÷ 現在の全タスクの CPU 使用率の合計 {load:.0} %",
                running.saturating_add(*tasks)
            ),
        )
    })
}

/// How many more tasks the quota leaves, and the quota.
fn room_for_tasks(facts: &Facts<'_>, service: &Service, kind: &'static str, code: &str) -> OrGap<(i64, f64)> {
    let region = service.region.as_str();
    let quotas = &facts.servicequotas.quotas;
    let quota = quotas.iter().find(|quota| quota.code == code && quota.region == region);
    let most = quota.ok_or_else(|| quotas.hidden_by(region, code))?.value;
    let size = newest_task_definition(facts, service)?.cpu_units;
    let size = size.filter(|units| *units > 0).ok_or_else(|| GapId::from_text(GapId::NO_RESULT))?;
    let used = facts.fargate_units(region, kind)?;
    Ok((whole((most * UNITS_OF_A_VCPU - number(used)) / number(size)).max(0), most))
}

#[expect(clippy::cast_possible_truncation, reason = "tasks of an account are some thousand")]
fn whole(tasks: f64) -> i64 {
    tasks.floor() as i64
}

fn connection_wall(snapshot: &Snapshot, db: &DbInstance) -> LoadWall {
    let used = p95(snapshot, &db.region, &db.arn, "DatabaseConnections").map(|(used, _)| used);
    let found = max_connections(snapshot, db).and_then(|most| used.map(|used| (most / used, most, used)));
    let name = Text::new(format!("connections of {}", db.id), format!("データベース {} の接続数", db.id));
    wall(snapshot, "connections", &db.id, name, Some(db), found, |(_, most, used)| {
        Text::new(
            format!("about {most:.0} connections ÷ {used:.0} today"),
            format!("最大接続数 約 {most:.0} ÷ 現在 {used:.0}"),
        )
    })
}

fn database_cpu_wall(snapshot: &Snapshot, db: &DbInstance) -> LoadWall {
    let used = p95(snapshot, &db.region, &db.arn, "CPUUtilization").map(|(used, _)| used);
    let found = used.map(|used| (FULL / used, FULL, used));
    let name = Text::new(format!("CPU of {}", db.id), format!("データベース {} の CPU", db.id));
    wall(snapshot, "database-cpu", &db.id, name, Some(db), found, |(_, _, used)| {
        Text::new(format!("100 % ÷ {used:.0} % today"), format!("100 % ÷ 現在 {used:.0} %"))
    })
}

fn wall<T>(
    snapshot: &Snapshot,
    kind: &str,
    resource: &str,
    name: Text,
    db: Option<&DbInstance>,
    found: OrGap<(f64, T, f64)>,
    arithmetic: impl Fn(&(f64, T, f64)) -> Text,
) -> LoadWall {
    LoadWall {
        kind: kind.to_owned(),
        resource: resource.to_owned(),
        arithmetic: found.as_ref().map_or_else(|gap| not_known(snapshot, gap), arithmetic),
        factor: found.map(|(factor, _, _)| rounded_down(factor)).into(),
        name,
        larger_class: db.and_then(|db| connections::twice_as_large(db.instance_class.known()?)),
    }
}

fn not_known(snapshot: &Snapshot, gap: &GapId) -> Text {
    let words = gap.in_words(snapshot.gap(gap));
    Text::new(format!("not known: {}", words.en), format!("確認できない: {}", words.ja))
}

/// What `max_connections` comes to on an instance: what somebody set, or the default of its engine.
fn max_connections(snapshot: &Snapshot, db: &DbInstance) -> OrGap<f64> {
    let set = set_parameter(snapshot, db)?;
    let class = db.instance_class.ask()?;
    let formula = set.or_else(|| connections::default_formula(&db.engine).map(str::to_owned));
    let value = formula.and_then(|formula| connections::value_of(&formula, class));
    // A formula or a class that no table has: nothing that AWS could answer.
    value.ok_or_else(|| GapId::from_text(GapId::NO_RESULT))
}

/// The value in the instance's parameter groups, those of its cluster behind them.
fn set_parameter(snapshot: &Snapshot, db: &DbInstance) -> OrGap<Option<String>> {
    let groups = &snapshot.rds.parameter_groups;
    let of_cluster = match &db.cluster_id {
        None => None,
        Some(id) => {
            let clusters = &snapshot.rds.db_clusters;
            let cluster = clusters.iter().find(|cluster| cluster.region == db.region && cluster.id == *id);
            let cluster = cluster.ok_or_else(|| clusters.hidden_by(&db.region, id))?;
            cluster.parameter_group_name.ask()?.as_deref()
        }
    };
    let own = db.parameter_groups.ask()?.iter().map(|used| (":pg:", used.name.as_str()));
    for (kind, name) in own.chain(of_cluster.map(|name| (":cluster-pg:", name))) {
        let group = groups
            .iter()
            .find(|group| group.region == db.region && group.name == name && group.arn.contains(kind));
        let group = group.ok_or_else(|| groups.hidden_by(&db.region, name))?;
        let parameter = group.parameters.iter().find(|parameter| parameter.name == "max_connections");
        if let Some(value) = parameter.and_then(|parameter| parameter.value.clone()) {
            return Ok(Some(value));
        }
    }
    Ok(None)
}

/// The nearest walls, and all that are not known.
fn summary(walls: &[LoadWall]) -> Text {
    let known = walls.iter().filter(|wall| wall.factor.known().is_some()).take(WALLS_TOLD);
    let told: Vec<&LoadWall> =
        known.chain(walls.iter().filter(|wall| wall.factor.known().is_none())).collect();
    let line = |wall: &LoadWall, unknown: &str| match &wall.factor {
        Known::Yes(factor) => format!("{factor:.1}"),
        Known::No(_) => unknown.to_owned(),
    };
    let en: Vec<String> = told
        .iter()
        .map(|wall| format!("{} {} ({})", wall.name.en, line(wall, "?"), wall.arithmetic.en))
        .collect();
    let ja: Vec<String> = told
        .iter()
        .map(|wall| format!("{} {}（{}）", wall.name.ja, line(wall, "不明"), wall.arithmetic.ja))
        .collect();
    Text::new(en.join("; "), ja.join("、"))
}

#[cfg(test)]
mod tests;
