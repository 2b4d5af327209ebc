//! The path from the internet to a load balancer.

use super::path::{PathTarget, Placement, exposure};
use super::{Exposure, Hop};
use crate::conclude::cidr::IpFamily;
use crate::conclude::network::{ByFamily, Network, OrGap, Ports, Traffic};
use crate::snapshot::Snapshot;
use crate::snapshot::ec2::Subnet;
use crate::snapshot::elb::{LoadBalancer, takes_udp};
use crate::snapshot::gap::GapId;
use crate::snapshot::known::Known;
use crate::text::Text;
use std::collections::BTreeSet;

/// See [`super::super::FUNCTIONS`].
pub(crate) fn load_balancer_exposure(snapshot: &Snapshot, lb: &LoadBalancer) -> Exposure {
    let network = Network { snapshot, region: &lb.region };
    // It has a node in each of its subnets.
    let subnets: OrGap<Vec<&Subnet>> = lb.subnet_ids.iter().map(|id| network.subnet(id)).collect();
    let target = PathTarget {
        name: &lb.name,
        vpc_id: Some(&lb.vpc_id),
        traffic: traffic(lb),
        has_address: addresses(lb),
        address: address_hop(lb),
        placement: Placement { subnets, is_in_all: true, doubt: GapId::default() },
        group_ids: Ok(lb.security_group_ids.clone()),
    };
    exposure(&network, target)
}

fn traffic(lb: &LoadBalancer) -> Traffic {
    let ports = lb.listeners.ask().map(|listeners| {
        let ports: BTreeSet<i64> = listeners.iter().filter_map(|listener| listener.port).collect();
        Ports::Some(ports.into_iter().collect())
    });
    let mut traffic = Traffic::tcp(ports);
    let listeners = lb.listeners.known().into_iter().flatten();
    let mut protocols = listeners.filter_map(|listener| listener.protocol.as_deref());
    if protocols.any(takes_udp) {
        traffic.protocols.push("udp");
    }
    traffic
}

fn addresses(lb: &LoadBalancer) -> ByFamily {
    let is_public = lb.is_internet_facing();
    ByFamily::of(|family| {
        Known::Yes(match family {
            IpFamily::V4 => is_public && lb.ip_address_type != "dualstack-without-public-ipv4",
            IpFamily::V6 => is_public && lb.ip_address_type.starts_with("dualstack"),
        })
    })
}

fn address_hop(lb: &LoadBalancer) -> Hop {
    let name = &lb.name;
    let is_public = lb.is_internet_facing();
    let detail = match is_public {
        true => Text::new(
            format!("{name} is internet-facing: its name resolves to public addresses"),
            format!("{name} はインターネット向けで、DNS 名がパブリックアドレスに解決される"),
        ),
        false => Text::new(
            format!("{name} is internal and has no public address"),
            format!("{name} は内部向けで、パブリックアドレスを持たない"),
        ),
    };
    Hop { kind: "public-address".to_owned(), resource: name.clone(), is_open: Known::Yes(is_public), detail }
}
