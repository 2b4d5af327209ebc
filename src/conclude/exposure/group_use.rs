//! What a security group is used for, and what a network ACL opens to the internet.

use super::usage::usage;
use super::{AclAdminPorts, GroupUse};
use crate::conclude::facts::Facts;
use crate::conclude::network::Network;
use crate::conclude::network::filter::ports_open_to_internet;
use crate::snapshot::Snapshot;
use crate::snapshot::ec2::{NetworkAcl, SecurityGroup};
use crate::snapshot::known::Known;

/// The ports of SSH and Remote Desktop.
const ADMIN_PORTS: [i64; 2] = [22, 3389];

/// See [`super::super::FUNCTIONS`].
pub(crate) fn group_use(facts: &Facts<'_>, group: &SecurityGroup) -> GroupUse {
    let usage = usage(facts, group);
    let network = Network { snapshot: facts.snapshot(), region: &group.region };
    let is_shared = !usage.functions.is_empty() && !usage.names_of_others().is_empty();
    let is_shared = match &usage.hidden {
        Some(gap) if !is_shared => Known::No(gap.clone()),
        _ => Known::Yes(is_shared),
    };
    GroupUse {
        is_vpc_in_use: network.has_interfaces(|interface| interface.vpc_id == group.vpc_id),
        is_attached: usage.is_attached(),
        attached_to: usage.label(),
        function_names: usage.functions.clone(),
        is_shared_with_functions: is_shared,
        others: usage.names_of_others(),
    }
}

/// See [`super::super::FUNCTIONS`].
pub(crate) fn acl_admin_ports(_: &Snapshot, acl: &NetworkAcl) -> AclAdminPorts {
    let ports = ports_open_to_internet(acl, "tcp", &ADMIN_PORTS);
    AclAdminPorts { is_open: !ports.is_empty(), ports }
}
