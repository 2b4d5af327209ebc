//! What is in networks: whether anything is, what of it is written down, and whether there is room
//! for more.

use super::network::{Network, OrGap};
use crate::snapshot::Snapshot;
use crate::snapshot::ec2::{FlowLog, Subnet, Vpc};
use crate::snapshot::ecs::Service;
use crate::snapshot::known::Known;
use std::collections::BTreeSet;

/// How much of the desired tasks may exist during a deployment where nothing is said.
const DEFAULT_MAXIMUM_PERCENT: i64 = 200;

crate::record! {
    /// What is in a VPC, and whether it is written down.
    pub struct VpcOccupancy {
        /// Whether the account owns it; of a VPC that another account shares the owner sees the flow logs.
        pub is_own: bool,
        /// Whether anything is in it.
        pub is_in_use: Known<bool>,
        /// Its flow logs that record what was rejected and are delivered; those of single subnets or
        /// interfaces left out.
        pub flow_log_ids: Known<Vec<String>>,
        /// Its flow logs that are not delivered, or record only what was accepted.
        pub other_flow_log_ids: Known<Vec<String>>,
    }

    /// What is in a subnet.
    pub struct SubnetOccupancy {
        /// Whether the account owns it.
        pub is_own: bool,
        /// Whether anything is in it.
        pub is_in_use: Known<bool>,
    }

    /// The addresses that a service's tasks may need beside those that are free.
    pub struct AddressRoom {
        /// The most tasks that its scaling allows, or the desired ones where that is more.
        pub most_tasks: Known<i64>,
        /// How many more tasks may start at once, those of a deployment at this size included.
        pub tasks_to_come: Known<i64>,
        /// Free IPv4 addresses of its subnets.
        pub free_addresses: Known<i64>,
        /// Whether each task that may come gets an address.
        pub is_enough: Known<bool>,
    }
}

/// See [`super::FUNCTIONS`].
pub(crate) fn vpc_occupancy(snapshot: &Snapshot, vpc: &Vpc) -> VpcOccupancy {
    let network = Network { snapshot, region: &vpc.region };
    let logs = &snapshot.ec2.flow_logs;
    let of_vpc = || logs.iter().filter(|log| log.region == vpc.region && log.resource_id == vpc.id);
    let ids = |is_wanted: &dyn Fn(&FlowLog) -> bool| {
        of_vpc().filter(|log| is_wanted(log)).map(|log| log.id.clone()).collect::<Vec<_>>()
    };
    let records = |log: &FlowLog| {
        log.status == "ACTIVE"
            && matches!(log.traffic_type.as_str(), "ALL" | "REJECT")
            && log.delivery_status.as_deref() != Some("FAILED")
    };
    let recording = ids(&records);
    let is_whole = logs.complete_in(&vpc.region);
    let flow_log_ids = if recording.is_empty() { is_whole.clone() } else { Ok(()) };
    VpcOccupancy {
        is_own: !network.is_foreign(&vpc.arn),
        is_in_use: network.has_interfaces(|interface| interface.vpc_id == vpc.id),
        flow_log_ids: flow_log_ids.map(|()| recording).into(),
        other_flow_log_ids: is_whole.map(|()| ids(&|log| !records(log))).into(),
    }
}

/// See [`super::FUNCTIONS`].
pub(crate) fn subnet_occupancy(snapshot: &Snapshot, subnet: &Subnet) -> SubnetOccupancy {
    let network = Network { snapshot, region: &subnet.region };
    SubnetOccupancy {
        is_own: !network.is_foreign(&subnet.arn),
        is_in_use: network.has_interfaces(|interface| interface.subnet_id == subnet.id),
    }
}

/// See [`super::FUNCTIONS`].
///
/// Each task in the awsvpc mode has an interface with an address of a subnet of the service. A
/// deployment starts new tasks before it stops old ones.
pub(crate) fn address_room(snapshot: &Snapshot, service: &Service) -> AddressRoom {
    let network = Network { snapshot, region: &service.region };
    let most_tasks = most_tasks(snapshot, service);
    let percent = service.maximum_percent.unwrap_or(DEFAULT_MAXIMUM_PERCENT);
    let tasks_to_come = most_tasks.clone().map(|most| {
        let at_once = most.saturating_mul(percent).checked_div(100).unwrap_or_default().max(most);
        (at_once - service.running_count).max(0)
    });
    let free_addresses = free_addresses(&network, service);
    let is_enough = tasks_to_come.clone().and_then(|to_come| Ok(to_come <= free_addresses.clone()?));
    AddressRoom {
        most_tasks: most_tasks.into(),
        tasks_to_come: tasks_to_come.into(),
        free_addresses: free_addresses.into(),
        is_enough: is_enough.into(),
    }
}

fn most_tasks(snapshot: &Snapshot, service: &Service) -> OrGap<i64> {
    let resource = format!("service/{}/{}", service.cluster_name, service.name);
    let region = &service.region;
    let scaling = &snapshot.application_autoscaling;
    let target = scaling
        .scalable_targets
        .iter()
        .find(|target| target.region == *region && target.resource_id == resource);
    let Some(target) = target else {
        return scaling.scalable_targets.complete_in(region).map(|()| service.desired_count);
    };
    // A range within which nothing moves the service is not reached.
    let mut policies = scaling.scaling_policies.iter();
    let mut actions = scaling.scheduled_actions.iter();
    if policies.any(|policy| policy.region == *region && policy.resource_id == resource)
        || actions.any(|action| action.region == *region && action.resource_id == resource)
    {
        return Ok(target.max_capacity.max(service.desired_count));
    }
    scaling.scaling_policies.complete_in(region)?;
    scaling.scheduled_actions.complete_in(region)?;
    Ok(service.desired_count)
}

fn free_addresses(network: &Network<'_>, service: &Service) -> OrGap<i64> {
    let ids: BTreeSet<&String> = service.subnet_ids.iter().collect();
    let mut free = 0_i64;
    for id in ids {
        free = free.saturating_add(*network.subnet(id)?.available_ip_address_count.ask()?);
    }
    Ok(free)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conclude::network::site::*;
    use crate::snapshot::application_autoscaling::{ScalableTarget, ScalingPolicy};
    use crate::snapshot::ec2::NetworkInterface;

    fn log(id: &str, traffic_type: &str, delivery: Option<&str>) -> FlowLog {
        FlowLog {
            region: REGION.into(),
            id: id.into(),
            resource_id: "vpc-1".into(),
            status: "ACTIVE".into(),
            traffic_type: traffic_type.into(),
            delivery_status: delivery.map(str::to_owned),
        }
    }

    #[test]
    fn flow_logs_count_that_record_rejections_and_are_delivered() {
        let mut snapshot = before();
        let look = |snapshot: &Snapshot| vpc_occupancy(snapshot, &snapshot.ec2.vpcs.items[0]);
        assert_eq!(look(&snapshot).flow_log_ids, Known::Yes(Vec::new()));
        let other = FlowLog { resource_id: "subnet-public-a".into(), ..log("fl-0", "ALL", None) };
        snapshot.ec2.flow_logs.items = vec![
            other,
            log("fl-1", "ACCEPT", None),
            log("fl-2", "ALL", Some("FAILED")),
            log("fl-3", "REJECT", Some("SUCCESS")),
        ];
        let seen = look(&snapshot);
        assert_eq!(seen.flow_log_ids, Known::Yes(ids(&["fl-3"])));
        assert_eq!(seen.other_flow_log_ids, Known::Yes(ids(&["fl-1", "fl-2"])));
        let denied = gap("ec2:DescribeFlowLogs");
        snapshot.ec2.flow_logs.incomplete = vec![denied.clone()];
        assert_eq!(look(&snapshot).flow_log_ids, Known::Yes(ids(&["fl-3"])), "one is enough");
        snapshot.ec2.flow_logs.items.clear();
        assert_eq!(look(&snapshot).flow_log_ids, Known::No(denied));
    }

    #[test]
    fn a_vpc_or_subnet_is_in_use_where_an_interface_is() {
        let mut snapshot = before();
        snapshot.ec2.network_interfaces.items.clear();
        let of = |snapshot: &Snapshot| subnet_occupancy(snapshot, &snapshot.ec2.subnets.items[0]).is_in_use;
        assert_eq!(of(&snapshot), Known::Yes(false));
        snapshot.ec2.network_interfaces.items = vec![NetworkInterface {
            region: REGION.into(),
            vpc_id: "vpc-1".into(),
            subnet_id: "subnet-public-a".into(),
            ..NetworkInterface::default()
        }];
        assert_eq!(of(&snapshot), Known::Yes(true));
        assert_eq!(vpc_occupancy(&snapshot, &snapshot.ec2.vpcs.items[0]).is_in_use, Known::Yes(true));
        let denied = gap("ec2:DescribeNetworkInterfaces");
        snapshot.ec2.network_interfaces.items.clear();
        snapshot.ec2.network_interfaces.incomplete = vec![denied.clone()];
        assert_eq!(of(&snapshot), Known::No(denied));
    }

    #[test]
    fn the_most_tasks_of_scaling_and_a_deployment_need_addresses() {
        let mut snapshot = before();
        for subnet in &mut snapshot.ec2.subnets.items {
            subnet.available_ip_address_count = Known::Yes(5);
        }
        let service = &mut snapshot.ecs.services.items[0];
        (service.desired_count, service.running_count, service.maximum_percent) = (2, 2, Some(150));
        service.subnet_ids = ids(&["subnet-public-a", "subnet-public-c"]);
        let look = |snapshot: &Snapshot| address_room(snapshot, &snapshot.ecs.services.items[0]);
        let seen = look(&snapshot);
        assert_eq!((seen.tasks_to_come, seen.free_addresses), (Known::Yes(1), Known::Yes(10)));
        assert_eq!(seen.is_enough, Known::Yes(true));
        let service = &snapshot.ecs.services.items[0];
        snapshot.application_autoscaling.scalable_targets.items = vec![ScalableTarget {
            region: REGION.into(),
            resource_id: format!("service/{}/{}", service.cluster_name, service.name),
            max_capacity: 9,
            ..ScalableTarget::default()
        }];
        assert_eq!(look(&snapshot).tasks_to_come, Known::Yes(1), "nothing moves it");
        let policy = ScalingPolicy {
            region: REGION.into(),
            resource_id: snapshot.application_autoscaling.scalable_targets.items[0].resource_id.clone(),
            ..ScalingPolicy::default()
        };
        snapshot.application_autoscaling.scaling_policies.items = vec![policy];
        let seen = look(&snapshot);
        assert_eq!((seen.tasks_to_come, seen.is_enough), (Known::Yes(11), Known::Yes(false)));
        let denied = gap("application-autoscaling:DescribeScalableTargets");
        snapshot.application_autoscaling.scalable_targets.items.clear();
        snapshot.application_autoscaling.scalable_targets.incomplete = vec![denied.clone()];
        assert_eq!(look(&snapshot).is_enough, Known::No(denied));
    }
}
