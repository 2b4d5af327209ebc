//! The path from the internet to an instance, interface by interface.

use super::path::{PathTarget, Placement, walk};
use super::{Exposure, Hop};
use crate::conclude::cidr::IpFamily;
use crate::conclude::network::{ByFamily, Network, Ports, Traffic};
use crate::snapshot::Snapshot;
use crate::snapshot::ec2::{NetworkInterface, SecurityGroup};
use crate::snapshot::gap::GapId;
use crate::snapshot::known::Known;
use crate::text::Text;

/// See [`super::super::FUNCTIONS`].
///
/// What listens on an instance is not known to AWS, so that every port counts.
pub(crate) fn interface_exposure(snapshot: &Snapshot, interface: &NetworkInterface) -> Exposure {
    walk_to_interface(snapshot, interface).0
}

/// The same, with the groups that admit the internet.
pub(super) fn walk_to_interface<'a>(
    snapshot: &'a Snapshot,
    interface: &'a NetworkInterface,
) -> (Exposure, Vec<&'a SecurityGroup>) {
    let network = Network { snapshot, region: &interface.region };
    let has_address = ByFamily::of(|family| match family {
        IpFamily::V4 => Known::Yes(!interface.public_ips.is_empty()),
        IpFamily::V6 => Known::Yes(!interface.ipv6_addresses.is_empty()),
    });
    let name = interface.instance_id.as_deref().unwrap_or(&interface.id);
    let target = PathTarget {
        name,
        vpc_id: Some(&interface.vpc_id),
        traffic: Traffic { protocols: vec!["tcp", "udp"], ports: Ok(Ports::Any) },
        address: address_hop(name, interface),
        has_address,
        placement: Placement {
            subnets: network.subnet(&interface.subnet_id).map(|subnet| vec![subnet]),
            is_in_all: true,
            doubt: GapId::default(),
        },
        group_ids: Ok(interface.security_group_ids.clone()),
    };
    walk(&network, target)
}

fn address_hop(name: &str, interface: &NetworkInterface) -> Hop {
    let addresses: Vec<&str> =
        interface.public_ips.iter().chain(&interface.ipv6_addresses).map(String::as_str).collect();
    let detail = match addresses.is_empty() {
        true => Text::new(
            format!("{name} has no public address"),
            format!("{name} はパブリックアドレスを持たない"),
        ),
        false => {
            let addresses = addresses.join(", ");
            Text::new(
                format!("{name} has the address {addresses}"),
                format!("{name} はアドレス {addresses} を持つ"),
            )
        }
    };
    Hop {
        kind: "public-address".to_owned(),
        resource: interface.id.clone(),
        is_open: Known::Yes(!addresses.is_empty()),
        detail,
    }
}
