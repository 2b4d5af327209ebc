//! Log groups; never what was logged.

use crate::ask::Ask;
use crate::ask::asked::client;
use crate::ask::listed::filled;
use crate::snapshot::logs::{LogGroup, Logs};
use crate::snapshot::operation::{Operation, named};
use crate::snapshot::{Known, Snapshot};
use aws_sdk_cloudwatchlogs::types;

const LOG_GROUPS: &Operation = named("logs", "DescribeLogGroups");

/// The log groups of a region.
pub(crate) async fn collect(ask: &Ask, _found: &Snapshot) -> Snapshot {
    let client = client!(aws_sdk_cloudwatchlogs, ask.config());
    let log_groups = ask
        .list(
            LOG_GROUPS,
            |token| client.describe_log_groups().limit(LOG_GROUPS.page_size).set_next_token(token).send(),
            |page| page.next_token.clone(),
            |page| page.log_groups.unwrap_or_default(),
            |group| log_group(ask.region(), group),
        )
        .await;
    Snapshot { logs: Logs { log_groups }, ..Snapshot::default() }
}

fn log_group(region: &str, group: types::LogGroup) -> Option<LogGroup> {
    // The older form of the ARN ends in `:*`, for policies about streams.
    let arn = group.log_group_arn.or(group.arn)?;
    // Groups of this class keep events for a day, and have no setting for it.
    let is_delivery = group.log_group_class == Some(types::LogGroupClass::Delivery);
    Some(LogGroup {
        arn: arn.strip_suffix(":*").unwrap_or(&arn).to_owned(),
        region: region.to_owned(),
        name: group.log_group_name?,
        retention_days: group.retention_in_days.map(i64::from).or(is_delivery.then_some(1)),
        stored_bytes: group.stored_bytes,
        kms_key_arn: Known::Yes(filled(group.kms_key_id)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_without_the_streams() {
        let arn = "arn:aws:logs:ap-northeast-1:123456789012:log-group:/ecs/shop";
        let answer = types::LogGroup::builder().log_group_name("/ecs/shop").arn(format!("{arn}:*"));
        let found = log_group("ap-northeast-1", answer.clone().build()).unwrap();
        assert_eq!((found.arn.as_str(), found.retention_days), (arn, None));
        let kept = answer.clone().log_group_arn(arn).retention_in_days(30).build();
        assert_eq!(log_group("ap-northeast-1", kept).unwrap().retention_days, Some(30));
        let delivery = answer.log_group_class(types::LogGroupClass::Delivery).build();
        assert_eq!(log_group("ap-northeast-1", delivery).unwrap().retention_days, Some(1));
    }
}
