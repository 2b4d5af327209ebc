//! What a security group is attached to.

use crate::arn::display_name;
use crate::conclude::facts::Facts;
use crate::conclude::network::Network;
use crate::snapshot::ec2::{NetworkInterface, SecurityGroup};
use crate::snapshot::elb::{ClassicLoadBalancer, LoadBalancer};
use crate::snapshot::gap::GapId;
use crate::snapshot::known::Known;
use crate::text::Text;

/// So many names are written out; the rest is counted.
const NAMES_SHOWN: usize = 6;

/// What a security group is attached to.
pub(super) struct GroupUsage<'a> {
    /// Load balancers.
    pub load_balancers: Vec<&'a LoadBalancer>,
    /// Lambda functions with an interface in the VPC, by name.
    pub functions: Vec<String>,
    /// Classic Load Balancers.
    pub classic_load_balancers: Vec<&'a ClassicLoadBalancer>,
    /// Everything else, as people call it.
    pub others: Vec<String>,
    /// What would have shown more.
    pub hidden: Option<GapId>,
    /// What would have shown more load balancers.
    pub hidden_load_balancers: Option<GapId>,
}

/// Finds what a group is attached to: load balancers, services, databases, and the
/// interfaces of everything else. Interfaces show every use, so that their list decides
/// whether there may be more.
pub(super) fn usage<'a>(facts: &Facts<'a>, group: &SecurityGroup) -> GroupUsage<'a> {
    let snapshot = facts.snapshot();
    let has = |ids: &[String]| ids.contains(&group.id);
    let region = group.region.as_str();
    let load_balancers: Vec<&LoadBalancer> = snapshot
        .elb
        .load_balancers
        .iter()
        .filter(|load_balancer| load_balancer.region == region && has(&load_balancer.security_group_ids))
        .collect();
    let hidden_load_balancers = snapshot.elb.load_balancers.complete_in(region).err();
    let classic = &snapshot.elb.classic_load_balancers;
    let classic_load_balancers: Vec<&ClassicLoadBalancer> = classic
        .iter()
        .filter(|load_balancer| load_balancer.region == region && has(&load_balancer.security_group_ids))
        .collect();
    let hidden_load_balancers = hidden_load_balancers.or_else(|| classic.complete_in(region).err());
    let mut others = Vec::new();
    for service in snapshot.ecs.services.iter().filter(|service| service.region == region) {
        if !service.is_inactive() && has(&service.security_group_ids) {
            others.push(format!("service {}/{}", service.cluster_name, service.name));
        }
    }
    for db in snapshot.rds.db_instances.iter().filter(|db| db.region == region) {
        if has(&db.security_group_ids) {
            others.push(format!("db {}", db.id));
        }
    }
    for cluster in snapshot.rds.db_clusters.iter().filter(|cluster| cluster.region == region) {
        if has(&cluster.security_group_ids) {
            others.push(format!("db cluster {}", cluster.id));
        }
    }
    let mut functions = Vec::new();
    let interfaces = &snapshot.ec2.network_interfaces;
    let with_group = facts.interfaces_with(&group.id).iter().copied();
    for interface in with_group.filter(|interface| interface.region == region) {
        let is_classic = |name: &str| classic_load_balancers.iter().any(|balancer| balancer.name == name);
        if interface.description.strip_prefix("ELB ").is_some_and(is_classic) {
            continue;
        }
        if let Some(function) = function_of(interface) {
            functions.push(function.to_owned());
            continue;
        }
        // Of a load balancer that is not listed only the list can say what it is for.
        let is_hidden = hidden_load_balancers.is_some() && interface.description.starts_with("ELB ");
        if !is_hidden && !is_named(facts, interface, &load_balancers, &others) {
            others.push(interface_label(interface));
        }
    }
    others.dedup();
    functions.sort();
    functions.dedup();
    // What else another account attached to the group that it shares is not in sight.
    let network = Network { snapshot, region };
    let elsewhere = || network.is_foreign(&group.arn).then(GapId::default);
    let hidden =
        interfaces.complete_in(region).err().or_else(|| hidden_load_balancers.clone()).or_else(elsewhere);
    GroupUsage { load_balancers, functions, classic_load_balancers, others, hidden, hidden_load_balancers }
}

/// Whether an interface belongs to something that is named already.
fn is_named(
    facts: &Facts<'_>,
    interface: &NetworkInterface,
    load_balancers: &[&LoadBalancer],
    others: &[String],
) -> bool {
    if let Some(tail) = interface.description.strip_prefix("ELB ") {
        return load_balancers.iter().any(|load_balancer| {
            load_balancer.arn.strip_suffix(tail).is_some_and(|head| head.ends_with("loadbalancer/"))
        });
    }
    if interface.description == "RDSNetworkInterface" {
        return others.iter().any(|name| name.starts_with("db "));
    }
    let task = facts.task_of(&interface.id);
    task.and_then(|task| Some(format!("/{}", task.service_name.as_ref()?)))
        .is_some_and(|tail| others.iter().any(|name| name.starts_with("service ") && name.ends_with(&tail)))
}

/// The Lambda function that an interface was made for. Lambda writes its name into the description:
/// `AWS Lambda VPC ENI-shop-import-0a1b2c3d-…`, a UUID at the end.
fn function_of(interface: &NetworkInterface) -> Option<&str> {
    let name = interface.description.strip_prefix("AWS Lambda VPC ENI-")?;
    const UUID: usize = 36;
    let end = name.len().checked_sub(UUID + 1).filter(|end| *end > 0);
    Some(end.and_then(|end| name.get(..end)).unwrap_or(name))
}

/// How people know what an interface belongs to.
pub(crate) fn interface_label(interface: &NetworkInterface) -> String {
    match (&interface.instance_id, interface.description.as_str()) {
        (Some(instance), _) => format!("instance {instance}"),
        (None, "") => format!("interface {}", interface.id),
        (None, description) => format!("interface {} ({description})", interface.id),
    }
}

impl GroupUsage<'_> {
    fn names(&self) -> Vec<String> {
        let functions = self.functions.iter().map(|name| format!("function {name}"));
        self.names_of_others().into_iter().chain(functions).collect()
    }

    /// What it is attached to besides Lambda functions.
    pub(super) fn names_of_others(&self) -> Vec<String> {
        let load_balancers = self.load_balancers.iter().map(|load_balancer| {
            let kind = match load_balancer.kind.as_str() {
                "application" => "alb",
                "network" => "nlb",
                _ => "load balancer",
            };
            format!("{kind} {}", display_name(&load_balancer.arn))
        });
        let classic = &self.classic_load_balancers;
        let classic =
            classic.iter().map(|load_balancer| format!("classic load balancer {}", load_balancer.name));
        load_balancers.chain(classic).chain(self.others.iter().cloned()).collect()
    }

    /// Whether it is attached to anything.
    pub(crate) fn is_attached(&self) -> Known<bool> {
        match (self.names().is_empty(), &self.hidden) {
            (false, _) => Known::Yes(true),
            (true, None) => Known::Yes(false),
            (true, Some(gap)) => Known::No(gap.clone()),
        }
    }

    /// The names, for instance `service shop/shop-api, db ec-db`; empty for none and `?`
    /// where none is known.
    pub(super) fn label(&self) -> String {
        let mut names = self.names();
        if names.is_empty() {
            return if self.hidden.is_some() { "?" } else { "" }.to_owned();
        }
        if names.len() > NAMES_SHOWN {
            let more = names.len() - NAMES_SHOWN;
            names.truncate(NAMES_SHOWN);
            names.push(format!("+{more}"));
        }
        names.join(", ")
    }

    /// The same as a part of a sentence: "attached to …".
    pub(crate) fn sentence(&self) -> Text {
        match self.is_attached() {
            Known::Yes(true) => {
                let names = self.label();
                Text::new(
                    format!("attached to {names}"),
                    format!("{} にアタッチ済み", crate::text::in_japanese(&names)),
                )
            }
            Known::Yes(false) => Text::new("attached to nothing", "どのリソースにもアタッチされていない"),
            Known::No(_) => Text::new("what it is attached to is unknown", "アタッチ先は不明"),
        }
    }
}
