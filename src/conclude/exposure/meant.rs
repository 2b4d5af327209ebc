//! What is meant to be open to the internet: the listeners of public load balancers, and the targets of
//! network load balancers that pass the clients' addresses on and have no security group.

use super::usage::GroupUsage;
use crate::conclude::facts::Facts;
use crate::conclude::lookup::by_arn;
use crate::conclude::network::{all, any};
use crate::snapshot::ec2::{NetworkInterface, SecurityGroup, SecurityGroupRule};
use crate::snapshot::elb::{LoadBalancer, TargetGroup, takes_udp};
use crate::snapshot::known::Known;

/// No load balancer has more than 50 listeners per default, none more than 100.
const MOST_PORTS: i64 = 100;

/// Whether the group belongs to public load balancers alone and each port of the rule has
/// a listener there, or to targets alone that a public network load balancer without groups sends
/// clients to. Ports 80 and 443 of an application load balancer are always meant: the redirect comes
/// before or after its listener.
pub(super) fn is_meant(
    facts: &Facts<'_>,
    group: &SecurityGroup,
    rule: &SecurityGroupRule,
    usage: &GroupUsage<'_>,
) -> Known<bool> {
    let (Some(from), Some(to)) = (rule.from_port, rule.to_port) else { return Known::Yes(false) };
    if !matches!(rule.protocol.as_str(), "tcp" | "udp") || !(0..MOST_PORTS).contains(&(to - from)) {
        return Known::Yes(false);
    }
    let ports = || from..=to;
    let has_balancer = !usage.load_balancers.is_empty() || !usage.classic_load_balancers.is_empty();
    if !has_balancer && !usage.others.is_empty() && usage.functions.is_empty() {
        return is_for_targets(facts, group, &rule.protocol, ports());
    }
    let is_public = |load_balancer: &&LoadBalancer| load_balancer.is_internet_facing();
    let is_shared = !usage.others.is_empty() || !usage.functions.is_empty();
    let are_classic_public =
        usage.classic_load_balancers.iter().all(|load_balancer| load_balancer.is_internet_facing());
    if is_shared || !are_classic_public || !usage.load_balancers.iter().all(is_public) {
        return Known::Yes(false);
    }
    if !has_balancer {
        return match &usage.hidden {
            Some(gap) => Known::No(gap.clone()),
            None => Known::Yes(false),
        };
    }
    let has_classic_listener = |port: i64| {
        let mut balancers = usage.classic_load_balancers.iter();
        rule.protocol == "tcp" && balancers.any(|load_balancer| load_balancer.listener_ports.contains(&port))
    };
    let answer = all(ports().map(|port| match has_classic_listener(port) {
        true => Known::Yes(true),
        false => has_listener(&usage.load_balancers, &rule.protocol, port),
    }));
    // Whatever else has the group may not be meant; another load balancer may have the listener.
    let hidden = match answer {
        Known::Yes(true) => &usage.hidden,
        _ => &usage.hidden_load_balancers,
    };
    hidden.clone().map_or(answer, Known::No)
}

/// Whether everything that has the group is the target of a public network load balancer without
/// security groups on each of the ports. Where such a load balancer preserves the clients' addresses,
/// the targets' groups have to admit the clients:
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-register-targets.html#target-security-groups>
fn is_for_targets(
    facts: &Facts<'_>,
    group: &SecurityGroup,
    protocol: &str,
    ports: impl Iterator<Item = i64>,
) -> Known<bool> {
    let snapshot = facts.snapshot();
    let region = group.region.as_str();
    let groups: Vec<&TargetGroup> = snapshot
        .elb
        .target_groups
        .iter()
        .filter(|target_group| target_group.region == region && serves_openly(facts, target_group))
        .collect();
    let interfaces: Vec<&NetworkInterface> = facts
        .interfaces_with(&group.id)
        .iter()
        .copied()
        .filter(|interface| interface.region == region)
        .collect();
    if groups.is_empty() || interfaces.is_empty() {
        return Known::Yes(false);
    }
    let are_targets = |port: i64| {
        all(interfaces
            .iter()
            .map(|interface| any(groups.iter().map(|group| has_target(group, interface, protocol, port)))))
    };
    let answer = all(ports.map(are_targets));
    // What is not in sight may have the group without being a target.
    match (answer, snapshot.ec2.network_interfaces.complete_in(region)) {
        (Known::Yes(true), Err(gap)) => Known::No(gap),
        (answer, _) => answer,
    }
}

/// Whether a public network load balancer without security groups uses the group.
fn serves_openly(facts: &Facts<'_>, group: &TargetGroup) -> bool {
    let balancers = &facts.snapshot().elb.load_balancers;
    group.load_balancer_arns.iter().any(|arn| {
        by_arn(balancers, arn, |load_balancer| &load_balancer.arn).is_some_and(|load_balancer| {
            load_balancer.kind == "network"
                && load_balancer.is_internet_facing()
                && load_balancer.security_group_ids.is_empty()
        })
    })
}

fn has_target(group: &TargetGroup, interface: &NetworkInterface, protocol: &str, port: i64) -> Known<bool> {
    let of_group = group.protocol.as_deref().unwrap_or_default();
    let speaks = match of_group {
        "TCP_UDP" | "TCP_QUIC" => true,
        of_group => takes_udp(of_group) == (protocol == "udp"),
    };
    if !speaks {
        return Known::Yes(false);
    }
    let is_target = group.targets.clone().map(|targets| {
        targets.iter().any(|target| {
            let is_it = interface.instance_id.as_deref() == Some(&target.id)
                || interface.private_ips.contains(&target.id)
                || interface.ipv6_addresses.contains(&target.id);
            is_it && target.port == Some(port)
        })
    });
    all([is_target, preserves_client_addresses(group)])
}

/// Always for instances and for UDP; for addresses behind TCP and TLS only where it is turned on.
fn preserves_client_addresses(group: &TargetGroup) -> Known<bool> {
    let is_so_by_default =
        group.target_type == "instance" || group.protocol.as_deref().is_some_and(takes_udp);
    let attributes = match &group.attributes {
        Known::Yes(attributes) => attributes,
        Known::No(gap) => return Known::No(gap.clone()),
    };
    attributes.preserve_client_ip_enabled.clone().map(|set| set.unwrap_or(is_so_by_default))
}

fn has_listener(load_balancers: &[&LoadBalancer], protocol: &str, port: i64) -> Known<bool> {
    any(load_balancers.iter().map(|load_balancer| {
        if load_balancer.kind == "application" && protocol == "tcp" && matches!(port, 80 | 443) {
            return Known::Yes(true);
        }
        load_balancer.listeners.clone().map(|listeners| {
            listeners.iter().any(|listener| {
                let speaks = match listener.protocol.as_deref() {
                    Some("UDP" | "QUIC") => protocol == "udp",
                    Some("TCP_UDP" | "TCP_QUIC") => true,
                    _ => protocol == "tcp",
                };
                speaks && listener.port == Some(port)
            })
        })
    }))
}
