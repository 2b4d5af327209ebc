//! What starts at a time: what EventBridge Scheduler says about schedules that start tasks.

use super::listing::Listing;
use super::operation::{Operation, bucket, operation};
use super::source::SourceRow;

crate::record! {
    /// Everything asked of EventBridge Scheduler.
    pub struct Scheduler {
        /// Enabled schedules that start tasks of ECS (ListSchedules); what they start is in
        /// `ecs.task_starters`.
        pub schedules: Listing<Schedule>,
    }

    /// A schedule that starts tasks of ECS.
    pub struct Schedule {
        /// The ARN.
        pub arn: String,
        /// The region.
        pub region: String,
        /// The name.
        pub name: String,
        /// The schedule group that it is in.
        pub group_name: String,
        /// The cluster, or Scheduler's ARN of the API call RunTask.
        pub target_arn: String,
    }
}

/// What a schedule's target is that calls RunTask itself, without its partition:
/// `arn:aws:scheduler:::aws-sdk:ecs:runTask`.
const RUN_TASK: &str = ":scheduler:::aws-sdk:ecs:runTask";

/// Whether a target of a schedule is a cluster, or the API call that starts a task.
pub fn starts_tasks(target_arn: &str) -> bool {
    is_run_task(target_arn) || target_arn.contains(":cluster/") && target_arn.contains(":ecs:")
}

/// Whether a target of a schedule is the API call that starts a task.
pub fn is_run_task(target_arn: &str) -> bool {
    target_arn.ends_with(RUN_TASK)
}

/// What is asked, in the order of names.
pub const OPERATIONS: &[Operation] = &[
    operation(
        "scheduler",
        "GetSchedule",
        &["scheduler:GetSchedule"],
        bucket("scheduler GetSchedule", 50, 50),
        0,
    )
    .at("GET /schedules/{Name}"),
    operation(
        "scheduler",
        "ListSchedules",
        &["scheduler:ListSchedules"],
        bucket("scheduler ListSchedules", 50, 50),
        100,
    )
    .list("Schedules", "NextToken")
    .at("GET /schedules"),
];

/// Which of it answers which list or fact.
pub(crate) const SOURCES: &[SourceRow] = &[("scheduler.schedules", &["scheduler:ListSchedules"])];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clusters_and_the_call_itself_start_tasks() {
        for (target, expected) in [
            ("arn:aws:ecs:eu-west-1:123456789012:cluster/shop", true),
            ("arn:aws:scheduler:::aws-sdk:ecs:runTask", true),
            ("arn:aws-cn:scheduler:::aws-sdk:ecs:runTask", true),
            ("arn:aws:scheduler:::aws-sdk:ecs:stopTask", false),
            ("arn:aws:lambda:eu-west-1:123456789012:function:report", false),
            ("arn:aws:rds:eu-west-1:123456789012:cluster/shop", false),
        ] {
            assert_eq!(starts_tasks(target), expected, "{target}");
        }
    }
}
