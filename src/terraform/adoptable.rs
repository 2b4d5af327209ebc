//! The resources of a snapshot as Terraform calls them: type, label, the id under which it imports them, and the arguments
//! that a block about them needs.

use super::layout::quoted;
use crate::arn::{Arn, display_name};
use crate::digest::sha256;
use crate::snapshot::Snapshot;
use crate::snapshot::elb::{Listener, ListenerAction, LoadBalancer, TargetGroup};
use hcl_edit::Ident;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Attribute, Block, Body};
use std::collections::BTreeSet;

/// A resource that exists, as Terraform would call and import it.
#[derive(Debug, Clone)]
pub(crate) struct Adoptable {
    /// Its ARN.
    pub arn: String,
    /// The type of the provider.
    pub kind: &'static str,
    /// Its name in the configuration; no two resources of a type have the same.
    pub label: String,
    /// The id under which the provider imports it.
    pub import_id: String,
    /// Its region.
    pub region: String,
    /// What a block about it cannot do without, as it is now; `None` where the snapshot does not know all of that.
    pub block: Option<Body>,
}

impl Adoptable {
    /// How expressions refer to it.
    pub(crate) fn address(&self) -> String {
        format!("{}.{}", self.kind, self.label)
    }

    /// Whether a block of its type is about it: what names the resource is the same.
    pub(crate) fn is_meant_by(&self, kind: &str, body: &Body) -> bool {
        let names = IDENTITIES.iter().find(|(named, _)| *named == kind).map(|(_, names)| *names);
        let same = |name: &str| {
            let written = |body: &Body| body.get_attribute(name).map(|one| text_of(&one.value));
            let known = self.block.as_ref().and_then(written);
            known.is_some() && known == written(body)
        };
        self.kind == kind && names.is_some_and(|names| names.iter().all(|name| same(name)))
    }
}

/// The arguments that name a resource, for types of which a policy may write a block about one that exists already.
const IDENTITIES: &[(&str, &[&str])] = &[
    ("aws_cloudwatch_log_group", &["name"]),
    ("aws_db_instance", &["identifier"]),
    ("aws_ecr_repository", &["name"]),
    ("aws_ecs_cluster", &["name"]),
    ("aws_ecs_service", &["cluster", "name"]),
    ("aws_lb", &["name"]),
    ("aws_lb_listener", &["load_balancer_arn", "port"]),
    ("aws_lb_target_group", &["name"]),
    ("aws_rds_cluster", &["cluster_identifier"]),
];

fn text_of(expression: &Expression) -> String {
    match expression {
        Expression::String(text) => quoted(text.as_str()),
        other => other.to_string().trim().to_owned(),
    }
}

/// KnownArguments, one after the other.
struct KnownArguments(Body);

impl KnownArguments {
    fn new() -> Self {
        KnownArguments(Body::new())
    }

    fn with(mut self, name: &str, value: impl Into<Expression>) -> Self {
        self.0.push(Attribute::new(Ident::new_sanitized(name), value));
        self
    }

    fn and(self, name: &str, value: Option<impl Into<Expression>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    fn block(mut self, name: &str, body: KnownArguments) -> Self {
        let mut block = Block::new(Ident::new_sanitized(name));
        block.body = body.0;
        self.0.push(block);
        self
    }
}

/// Collects resources and gives each a label.
#[derive(Default)]
struct Collection {
    found: Vec<Adoptable>,
    addresses: BTreeSet<String>,
}

impl Collection {
    fn add(
        &mut self,
        kind: &'static str,
        (arn, region): (&str, &str),
        name: &str,
        import_id: impl Into<String>,
        block: Option<KnownArguments>,
    ) {
        let mut label = label(name);
        if !self.addresses.insert(format!("{kind}.{label}")) {
            label = format!("{label}_{}", sha256(arn, 8));
            self.addresses.insert(format!("{kind}.{label}"));
        }
        self.found.push(Adoptable {
            arn: arn.to_owned(),
            kind,
            label,
            import_id: import_id.into(),
            region: region.to_owned(),
            block: block.map(|arguments| arguments.0),
        });
    }
}

/// A name as a label: lower case letters, digits and underscores.
pub(crate) fn label(name: &str) -> String {
    let mut label: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
    label = label.trim_matches('_').to_owned();
    if !label.starts_with(|c: char| c.is_ascii_alphabetic()) {
        label.insert_str(0, "r_");
    }
    label
}

/// Every resource of a snapshot that Terraform can import, in the order in which they depend on each other.
pub(crate) fn adoptables(snapshot: &Snapshot) -> Vec<Adoptable> {
    let mut all = Collection::default();
    networks(&mut all, snapshot);
    load_balancers(&mut all, snapshot);
    databases(&mut all, snapshot);
    containers(&mut all, snapshot);
    all.found
}

fn networks(all: &mut Collection, snapshot: &Snapshot) {
    for subnet in snapshot.ec2.subnets.iter() {
        let block = KnownArguments::new()
            .with("vpc_id", subnet.vpc_id.as_str())
            .and("cidr_block", subnet.cidr_block.as_deref());
        all.add("aws_subnet", (&subnet.arn, &subnet.region), &subnet.id, &subnet.id, Some(block));
    }
    for group in snapshot.ec2.security_groups.iter() {
        let place = (group.arn.as_str(), group.region.as_str());
        if group.name == "default" {
            // Every VPC has one of this name.
            let block = KnownArguments::new().with("vpc_id", group.vpc_id.as_str());
            all.add("aws_default_security_group", place, &group.vpc_id, &group.id, Some(block));
        } else {
            all.add("aws_security_group", place, &group.name, &group.id, None);
        }
    }
}

fn load_balancers(all: &mut Collection, snapshot: &Snapshot) {
    for group in snapshot.elb.target_groups.iter() {
        let block = target_group(group);
        all.add("aws_lb_target_group", (&group.arn, &group.region), &group.name, &group.arn, Some(block));
    }
    for lb in snapshot.elb.load_balancers.iter() {
        all.add("aws_lb", (&lb.arn, &lb.region), &lb.name, &lb.arn, Some(load_balancer(lb)));
        for listener in lb.listeners.known().into_iter().flatten() {
            let port = listener.port.map(|port| format!("_{port}")).unwrap_or_default();
            let name = format!("{}{port}", lb.name);
            let place = (listener.arn.as_str(), listener.region.as_str());
            all.add("aws_lb_listener", place, &name, &listener.arn, listener_block(listener));
        }
    }
}

fn target_group(group: &TargetGroup) -> KnownArguments {
    let health_check = KnownArguments::new()
        .and("enabled", group.health_check_enabled)
        .and("protocol", group.health_check_protocol.as_deref())
        .and("path", group.health_check_path.as_deref())
        .and("matcher", group.matcher.as_deref())
        .and("interval", group.health_check_interval_seconds)
        .and("timeout", group.health_check_timeout_seconds)
        .and("healthy_threshold", group.healthy_threshold_count)
        .and("unhealthy_threshold", group.unhealthy_threshold_count);
    KnownArguments::new()
        .with("name", group.name.as_str())
        .and("port", group.port)
        .and("protocol", group.protocol.as_deref())
        .with("target_type", group.target_type.as_str())
        .and("vpc_id", group.vpc_id.as_deref())
        .block("health_check", health_check)
}

fn load_balancer(lb: &LoadBalancer) -> KnownArguments {
    KnownArguments::new()
        .with("name", lb.name.as_str())
        .with("internal", lb.scheme == "internal")
        .with("load_balancer_type", lb.kind.as_str())
        .with("subnets", lb.subnet_ids.iter().map(String::as_str).collect::<Vec<_>>())
}

// Where the default action is one that the snapshot knows well enough to write it down.
fn listener_block(listener: &Listener) -> Option<KnownArguments> {
    let action = match listener.default_actions.as_slice() {
        [action] => default_action(action)?,
        _ => return None,
    };
    let block = KnownArguments::new()
        .with("load_balancer_arn", listener.load_balancer_arn.as_str())
        .and("port", listener.port)
        .and("protocol", listener.protocol.as_deref())
        .and("ssl_policy", listener.ssl_policy.as_deref())
        .and("certificate_arn", listener.certificate_arns.first().map(String::as_str));
    Some(block.block("default_action", action))
}

fn default_action(action: &ListenerAction) -> Option<KnownArguments> {
    let known = KnownArguments::new().with("type", action.kind.as_str());
    match action.kind.as_str() {
        "forward" => match action.target_groups.known().map_or(&[][..], Vec::as_slice) {
            [] | [_] => Some(known.with("target_group_arn", action.target_group_arns.first()?.as_str())),
            groups => {
                let forward = groups.iter().fold(KnownArguments::new(), |forward, group| {
                    let target = KnownArguments::new().with("arn", group.target_group_arn.as_str());
                    forward.block("target_group", target.with("weight", group.weight))
                });
                Some(known.block("forward", forward))
            }
        },
        "redirect" => {
            let redirect = KnownArguments::new()
                .and("protocol", action.redirect_protocol.as_deref())
                .and("port", action.redirect_port.as_deref())
                .and("status_code", Some(action.redirect_status_code.as_deref()?));
            Some(known.block("redirect", redirect))
        }
        _ => None,
    }
}

fn databases(all: &mut Collection, snapshot: &Snapshot) {
    for cluster in snapshot.rds.db_clusters.iter() {
        let block = KnownArguments::new()
            .with("cluster_identifier", cluster.id.as_str())
            .with("engine", cluster.engine.as_str());
        all.add("aws_rds_cluster", (&cluster.arn, &cluster.region), &cluster.id, &cluster.id, Some(block));
    }
    for db in snapshot.rds.db_instances.iter() {
        let place = (db.arn.as_str(), db.region.as_str());
        let known = db.instance_class.known().map(|class| {
            KnownArguments::new().with("identifier", db.id.as_str()).with("instance_class", class.as_str())
        });
        match &db.cluster_id {
            // An instance of a Multi-AZ DB cluster belongs to the cluster's own resource.
            Some(cluster) if db.engine.starts_with("aurora") => {
                let block = known.map(|known| {
                    known.with("cluster_identifier", cluster.as_str()).with("engine", db.engine.as_str())
                });
                all.add("aws_rds_cluster_instance", place, &db.id, &db.id, block);
            }
            Some(_) => {}
            None => all.add("aws_db_instance", place, &db.id, &db.id, known),
        }
    }
}

fn containers(all: &mut Collection, snapshot: &Snapshot) {
    for group in snapshot.logs.log_groups.iter() {
        let block = KnownArguments::new().with("name", group.name.as_str());
        let place = (group.arn.as_str(), group.region.as_str());
        all.add("aws_cloudwatch_log_group", place, &group.name, &group.name, Some(block));
    }
    for repository in snapshot.ecr.repositories.iter() {
        let block = KnownArguments::new().with("name", repository.name.as_str());
        let place = (repository.arn.as_str(), repository.region.as_str());
        all.add("aws_ecr_repository", place, &repository.name, &repository.name, Some(block));
    }
    for cluster in snapshot.ecs.clusters.iter() {
        let block = KnownArguments::new().with("name", cluster.name.as_str());
        let place = (cluster.arn.as_str(), cluster.region.as_str());
        all.add("aws_ecs_cluster", place, &cluster.name, &cluster.name, Some(block));
    }
    for service in snapshot.ecs.services.iter() {
        let name = format!("{}/{}", service.cluster_name, service.name);
        let block = KnownArguments::new()
            .with("name", service.name.as_str())
            .with("cluster", service.cluster_arn.as_str());
        all.add("aws_ecs_service", (&service.arn, &service.region), &name, &name, Some(block));
    }
    for distribution in snapshot.cloudfront.distributions.iter() {
        let place = (distribution.arn.as_str(), "");
        all.add("aws_cloudfront_distribution", place, &distribution.id, &distribution.id, None);
    }
}

/// A label for a resource that is not in the snapshot.
pub(crate) fn label_of(arn: &str) -> String {
    let name = Arn::parse(arn).map_or(arn, |_| display_name(arn));
    label(name)
}
