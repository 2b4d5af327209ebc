//! Whether the subnets have addresses left for new tasks.

use super::{Requirement, Scene};
use crate::conclude::network::{Network, OrGap};
use crate::conclude::scaling;
use crate::snapshot::known::Known;
use crate::text::Text;

pub(super) fn condition(scene: Scene<'_>) -> Option<Requirement> {
    let Scene { snapshot, service, .. } = scene;
    if service.subnet_ids.is_empty() {
        return None;
    }
    let network = Network { snapshot, region: &service.region };
    // What a deployment starts beside the tasks that run, and one at least.
    let capacity = scaling::deployment_capacity(snapshot, service);
    let needed = (capacity.highest_tasks - service.running_count).max(1);
    let mut free = 0_i64;
    let mut hidden = None;
    for id in &service.subnet_ids {
        match free_in(&network, id) {
            // Nobody runs out of IPv6 addresses.
            Ok(None) => return None,
            Ok(Some(count)) => free = free.saturating_add(count),
            Err(gap) => hidden = hidden.or(Some(gap)),
        }
    }
    let holds = match hidden {
        Some(gap) if free < needed => Known::No(gap),
        _ => Known::Yes(free >= needed),
    };
    let subnets = service.subnet_ids.join(", ");
    let text = match holds {
        Known::No(_) => Text::new(
            format!("How many addresses are free in {subnets} could not be determined."),
            format!("{subnets} の空きアドレス数を確認できない。"),
        ),
        Known::Yes(_) => Text::new(
            format!("{free} addresses are free in {subnets}; new tasks of a deployment need {needed}."),
            format!(
                "{subnets} の空きアドレスは {free} 個で、デプロイ時の新しいタスクには {needed} 個が必要である。"
            ),
        ),
    };
    let ids = service.subnet_ids.clone();
    Some(Requirement { resource_ids: ids, ..Requirement::new("addresses", &subnets, holds, text) })
}

fn free_in(network: &Network<'_>, id: &str) -> OrGap<Option<i64>> {
    let subnet = network.subnet(id)?;
    let free = |_: &String| subnet.available_ip_address_count.ask().copied();
    subnet.cidr_block.as_ref().map(free).transpose()
}
