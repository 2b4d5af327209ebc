//! Deployment groups and the alarms that stop their deployments.

use crate::ask::Ask;
use crate::ask::asked::client;
use crate::snapshot::codedeploy::{Codedeploy, DeploymentGroup};
use crate::snapshot::operation::{Operation, named};
use crate::snapshot::{GapId, Listing, Snapshot};
use aws_sdk_codedeploy::Client;
use aws_sdk_codedeploy::types::DeploymentGroupInfo;

const APPLICATIONS: &Operation = named("codedeploy", "ListApplications");
const GROUPS: &Operation = named("codedeploy", "ListDeploymentGroups");
const GROUP: &Operation = named("codedeploy", "GetDeploymentGroup");

/// The deployment groups of a region. Nothing is asked where every alarm has an action: nobody
/// wonders then whether one is there for deployments.
pub(crate) async fn collect(ask: &Ask, found: &Snapshot) -> Snapshot {
    // An alarm that was not listed may have none.
    let hidden = found.cloudwatch.alarms.hidden_in(ask.region()).cloned().collect();
    let mut groups = Listing::with_gaps(hidden);
    if has_silent_alarm(found, ask.region()) {
        let client = client!(aws_sdk_codedeploy, ask.config());
        let applications = applications(ask, &client).await;
        groups.incomplete.extend(applications.incomplete);
        let names = ask.each(&applications.items, |name| group_names(ask, &client, name)).await;
        let mut pairs = Vec::new();
        for (application, names) in applications.items.iter().zip(names) {
            groups.incomplete.extend(names.incomplete);
            pairs.extend(names.items.into_iter().map(|name| (application, name)));
        }
        let answers = ask.each(&pairs, |(application, name)| group(ask, &client, application, name)).await;
        for answer in answers {
            match answer {
                Ok(group) => groups.items.push(group),
                Err(gap) => groups.incomplete.push(gap),
            }
        }
    }
    Snapshot { codedeploy: Codedeploy { deployment_groups: groups }, ..Snapshot::default() }
}

fn has_silent_alarm(found: &Snapshot, region: &str) -> bool {
    // Target tracking makes its alarms itself.
    found.cloudwatch.alarms.iter().any(|alarm| {
        alarm.region == region && alarm.alarm_actions.is_empty() && !alarm.name.starts_with("TargetTracking-")
    })
}

async fn applications(ask: &Ask, client: &Client) -> Listing<String> {
    ask.list(
        APPLICATIONS,
        |token| client.list_applications().set_next_token(token).send(),
        |page| page.next_token.clone(),
        |page| page.applications.unwrap_or_default(),
        Some,
    )
    .await
}

async fn group_names(ask: &Ask, client: &Client, application: &str) -> Listing<String> {
    ask.list_in(
        GROUPS,
        Some(application),
        |token| client.list_deployment_groups().application_name(application).set_next_token(token).send(),
        |page| page.next_token.clone(),
        |page| page.deployment_groups.unwrap_or_default(),
        Some,
    )
    .await
}

async fn group(ask: &Ask, client: &Client, application: &str, name: &str) -> Result<DeploymentGroup, GapId> {
    let about = format!("{application}/{name}");
    let request = client.get_deployment_group().application_name(application).deployment_group_name(name);
    let answer = ask.once(GROUP, Some(&about), request.send()).await?;
    let info = answer.deployment_group_info.ok_or_else(|| ask.broken(GROUP, Some(&about)))?;
    Ok(record(ask.region(), application, name, info))
}

fn record(region: &str, application: &str, name: &str, info: DeploymentGroupInfo) -> DeploymentGroup {
    let alarms = info.alarm_configuration.filter(|configuration| configuration.enabled);
    let alarms = alarms.and_then(|configuration| configuration.alarms).unwrap_or_default();
    DeploymentGroup {
        region: region.to_owned(),
        name: name.to_owned(),
        application_name: application.to_owned(),
        alarm_names: alarms.into_iter().filter_map(|alarm| alarm.name).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::cloudwatch::Alarm;
    use aws_sdk_codedeploy::types::{self, AlarmConfiguration};

    #[test]
    fn alarms_count_where_the_group_looks_at_them() {
        for (enabled, expected) in [(true, vec!["shop-5xx"]), (false, vec![])] {
            let alarm = types::Alarm::builder().name("shop-5xx").build();
            let alarms = AlarmConfiguration::builder().enabled(enabled).alarms(alarm).build();
            let info = DeploymentGroupInfo::builder().alarm_configuration(alarms).build();
            assert_eq!(record("eu-west-1", "shop", "production", info).alarm_names, expected);
        }
    }

    #[test]
    fn only_an_alarm_without_action_raises_the_question() {
        let mut found = Snapshot::default();
        let alarm = |name: &str, actions: &[&str]| Alarm {
            region: "eu-west-1".into(),
            name: name.into(),
            alarm_actions: actions.iter().map(|action| (*action).to_owned()).collect(),
            ..Alarm::default()
        };
        found.cloudwatch.alarms.items = vec![alarm("loud", &["arn:1"]), alarm("TargetTracking-1", &[])];
        assert!(!has_silent_alarm(&found, "eu-west-1"));
        found.cloudwatch.alarms.items.push(alarm("silent", &[]));
        assert!(has_silent_alarm(&found, "eu-west-1") && !has_silent_alarm(&found, "eu-west-2"));
    }
}
