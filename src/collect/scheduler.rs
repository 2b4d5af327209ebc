//! Schedules that start tasks.

use crate::ask::Ask;
use crate::ask::asked::client;
use crate::snapshot::operation::{Operation, named};
use crate::snapshot::scheduler::{Schedule, starts_tasks};
use crate::snapshot::{Cause, GapId, Listing};
use aws_sdk_scheduler::Client;
use aws_sdk_scheduler::types::{ScheduleState, ScheduleSummary, Target};
use std::cell::Cell;

const SCHEDULES: &Operation = named("scheduler", "ListSchedules");
const SCHEDULE: &Operation = named("scheduler", "GetSchedule");

/// So many schedules of a region are listed. Programs make one for each appointment, of which an
/// account may have a million; those that start tasks are few and are mostly made by hand.
const MOST_SCHEDULES: usize = 2_000;

/// So many of those that start tasks are asked for what they start.
const MOST_TASK_SCHEDULES: usize = 200;

/// What the schedules of a region come to.
pub(super) struct Schedules {
    /// The enabled ones that start tasks.
    pub schedules: Listing<Schedule>,
    /// Each of them with its target, or what hides it. A target holds what it is told, which may be secrets.
    pub targets: Vec<(Schedule, Result<Target, GapId>)>,
}

/// The enabled schedules of the region that start tasks.
pub(super) async fn schedules(ask: &Ask) -> Schedules {
    let client = client!(aws_sdk_scheduler, ask.config());
    let seen = Cell::new(0);
    let listed = ask
        .list(
            SCHEDULES,
            |token| {
                let request = client.list_schedules().state(ScheduleState::Enabled);
                request.max_results(SCHEDULES.page_size).set_next_token(token).send()
            },
            |page| {
                seen.set(seen.get() + page.schedules.len());
                page.next_token.clone().filter(|_| seen.get() < MOST_SCHEDULES)
            },
            |page| page.schedules,
            |item| summary(ask.region(), item),
        )
        .await;
    let mut schedules =
        Listing { items: listed.items.into_iter().flatten().collect(), incomplete: listed.incomplete };
    if seen.get() >= MOST_SCHEDULES || schedules.items.len() > MOST_TASK_SCHEDULES {
        schedules.incomplete.push(ask.gap(SCHEDULES, None, Cause::Truncated, "TooManySchedules"));
        schedules.items.truncate(MOST_TASK_SCHEDULES);
    }
    let targets = ask.each(&schedules.items, |schedule| async {
        (schedule.clone(), target(ask, &client, schedule).await)
    });
    let targets = targets.await;
    Schedules { schedules, targets }
}

async fn target(ask: &Ask, client: &Client, schedule: &Schedule) -> Result<Target, GapId> {
    let request = client.get_schedule().name(&schedule.name).group_name(&schedule.group_name).send();
    let answer = ask.once(SCHEDULE, Some(&schedule.arn), request).await?;
    answer.target.ok_or_else(|| ask.broken(SCHEDULE, Some(&schedule.arn)))
}

/// The schedule, where it is enabled and starts tasks; `None` where the answer does not say.
fn summary(region: &str, item: ScheduleSummary) -> Option<Option<Schedule>> {
    let target_arn = item.target?.arn;
    if !starts_tasks(&target_arn) || item.state? != ScheduleState::Enabled {
        return Some(None);
    }
    Some(Some(Schedule {
        arn: item.arn?,
        region: region.to_owned(),
        name: item.name?,
        group_name: item.group_name?,
        target_arn,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_scheduler::types::TargetSummary;

    #[test]
    fn schedules_that_start_no_task_are_left_out() {
        let answer = |target: &str, state: ScheduleState| {
            let target = TargetSummary::builder().arn(target).build().unwrap();
            let summary = ScheduleSummary::builder().arn("arn:1").name("nightly").group_name("default");
            summary.state(state).target(target).build()
        };
        let cluster = "arn:aws:ecs:eu-west-1:1:cluster/shop";
        let found = summary("eu-west-1", answer(cluster, ScheduleState::Enabled)).unwrap().unwrap();
        assert_eq!((found.name.as_str(), found.group_name.as_str()), ("nightly", "default"));
        assert_eq!(summary("eu-west-1", answer(cluster, ScheduleState::Disabled)), Some(None));
        let function = "arn:aws:lambda:eu-west-1:1:function:report";
        assert_eq!(summary("eu-west-1", answer(function, ScheduleState::Enabled)), Some(None));
        assert_eq!(summary("eu-west-1", ScheduleSummary::builder().arn("arn:1").build()), None);
    }
}
