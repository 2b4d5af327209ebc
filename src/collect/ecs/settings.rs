//! What the account decides for containers whose definition leaves it open.

use super::record;
use crate::ask::Ask;
use crate::snapshot::Listing;
use crate::snapshot::ecs::{AccountSetting, TaskDefinition};
use crate::snapshot::operation::{Operation, named};
use aws_sdk_ecs::Client;
use aws_sdk_ecs::types::SettingName;

const SETTINGS: &Operation = named("ecs", "ListAccountSettings");

/// The mode of log drivers that say nothing, asked where one does so. Definitions that are hidden may
/// be such: then the list is as incomplete as they are.
pub(super) async fn of_log_drivers(
    ask: &Ask,
    client: &Client,
    definitions: &Listing<TaskDefinition>,
) -> Listing<AccountSetting> {
    if !definitions.iter().any(leaves_mode_open) {
        return Listing::with_gaps(definitions.incomplete.clone());
    }
    ask.list(
        SETTINGS,
        |token| {
            let request = client.list_account_settings().name(SettingName::DefaultLogDriverMode);
            request.effective_settings(true).max_results(SETTINGS.page_size).set_next_token(token).send()
        },
        |page| page.next_token.clone(),
        |page| page.settings.unwrap_or_default(),
        |setting| record::account_setting(ask.region(), setting),
    )
    .await
}

fn leaves_mode_open(definition: &TaskDefinition) -> bool {
    definition.containers.iter().any(|container| {
        container.log_driver.is_some() && container.log_mode.known().is_some_and(Option::is_none)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::Known;
    use crate::snapshot::ecs::Container;

    #[test]
    fn only_a_log_driver_without_a_mode_leaves_it_open() {
        let with = |driver: Option<&str>, mode: Option<&str>| TaskDefinition {
            containers: vec![Container {
                log_driver: driver.map(str::to_owned),
                log_mode: Known::Yes(mode.map(str::to_owned)),
                ..Container::default()
            }],
            ..TaskDefinition::default()
        };
        assert!(leaves_mode_open(&with(Some("awslogs"), None)));
        assert!(!leaves_mode_open(&with(Some("awslogs"), Some("non-blocking"))));
        assert!(!leaves_mode_open(&with(None, None)));
    }
}
