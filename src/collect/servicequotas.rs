//! The quotas that what runs draws from.

use crate::ask::Ask;
use crate::ask::asked::client;
use crate::snapshot::ecs::{FARGATE, FARGATE_SPOT, Service};
use crate::snapshot::operation::{Operation, named};
use crate::snapshot::servicequotas::{FARGATE_SPOT_VCPUS, FARGATE_VCPUS, Quota, Servicequotas};
use crate::snapshot::{Listing, Snapshot};
use aws_sdk_servicequotas::types;

const QUOTA: &Operation = named("servicequotas", "GetServiceQuota");

/// The Fargate quotas of a region that its services draw from.
pub(crate) async fn collect(ask: &Ask, found: &Snapshot) -> Snapshot {
    let client = client!(aws_sdk_servicequotas, ask.config());
    let services = &found.ecs.services;
    let mut quotas = Listing::with_gaps(services.incomplete.clone());
    let answers = ask
        .each(codes(ask.region(), services.iter()), |code| {
            let client = &client;
            async move {
                let call = client.get_service_quota().service_code("fargate").quota_code(code).send();
                let answer = ask.once(QUOTA, Some(code), call).await?;
                let made = answer.quota.and_then(|quota| record(ask.region(), quota));
                made.ok_or_else(|| ask.broken(QUOTA, Some(code)))
            }
        })
        .await;
    for answer in answers {
        match answer {
            Ok(quota) => quotas.items.push(quota),
            Err(gap) => quotas.incomplete.push(gap),
        }
    }
    Snapshot { servicequotas: Servicequotas { quotas }, ..Snapshot::default() }
}

/// The quotas of the kinds of Fargate that services of a region run on.
fn codes<'a>(region: &str, services: impl Iterator<Item = &'a Service>) -> Vec<&'static str> {
    let (mut on_demand, mut spot) = (false, false);
    for service in services.filter(|service| service.region == region && !service.is_inactive()) {
        let on =
            |name: &str| service.capacity_provider_strategy.iter().any(|item| item.capacity_provider == name);
        on_demand |= service.launch_type.as_deref() == Some(FARGATE) || on(FARGATE);
        spot |= on(FARGATE_SPOT);
    }
    [(on_demand, FARGATE_VCPUS), (spot, FARGATE_SPOT_VCPUS)]
        .into_iter()
        .filter_map(|(is_used, code)| is_used.then_some(code))
        .collect()
}

fn record(region: &str, quota: types::ServiceQuota) -> Option<Quota> {
    Some(Quota {
        region: region.to_owned(),
        service: quota.service_code?,
        code: quota.quota_code?,
        name: quota.quota_name.unwrap_or_default(),
        value: quota.value?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::ecs::CapacityProviderStrategyItem;

    #[test]
    fn only_what_services_draw_from_is_asked() {
        let service = |launch_type: Option<&str>, providers: &[&str]| Service {
            region: "eu-west-1".into(),
            launch_type: launch_type.map(str::to_owned),
            capacity_provider_strategy: providers
                .iter()
                .map(|name| CapacityProviderStrategyItem {
                    capacity_provider: (*name).to_owned(),
                    ..CapacityProviderStrategyItem::default()
                })
                .collect(),
            ..Service::default()
        };
        let codes = |services: &[Service]| codes("eu-west-1", services.iter());
        assert_eq!(codes(&[service(Some("EC2"), &[])]), Vec::<&str>::new());
        assert_eq!(codes(&[service(Some("FARGATE"), &[])]), [FARGATE_VCPUS]);
        assert_eq!(codes(&[service(None, &["FARGATE_SPOT"])]), [FARGATE_SPOT_VCPUS]);
        assert_eq!(
            codes(&[service(None, &["FARGATE", "FARGATE_SPOT"])]),
            [FARGATE_VCPUS, FARGATE_SPOT_VCPUS]
        );
        let elsewhere = Service { region: "eu-west-2".into(), ..service(Some("FARGATE"), &[]) };
        assert_eq!(codes(&[elsewhere]), Vec::<&str>::new());
    }
}
