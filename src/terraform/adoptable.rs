//! The resources of a snapshot as Terraform calls them: type, label, the id under which it imports them, and the arguments
//! that a block about them needs.

use super::layout::quoted;
use super::manager::{Manager, TagSight};
use crate::arn::{Arn, display_name};
use crate::digest::sha256;
use crate::snapshot::elb::{Listener, ListenerAction, LoadBalancer, TargetGroup};
use crate::snapshot::{GapId, Known, Snapshot};
use hcl_edit::Ident;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Attribute, Block, Body};
use std::collections::{BTreeMap, BTreeSet};

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
    /// Its region; empty for what belongs to none.
    pub region: String,
    /// The part of the account it belongs to, for the name of a file.
    pub service: &'static str,
    /// What manages it already, by its tags.
    pub tags: TagSight,
    /// Whether an import would write secrets in plain text into the configuration.
    pub holds_secrets: bool,
    /// What a block about it cannot do without, as it is now; `None` where the snapshot does not know all of that.
    pub block: Option<Body>,
}

impl Adoptable {
    /// What manages it already, as far as its tags say.
    pub(crate) fn manager(&self) -> Option<&Manager> {
        self.tags.manager()
    }

    /// Whether `import` blocks leave it out: what is managed already is meant only where `includes_managed`.
    pub(crate) fn is_left_out(&self, includes_managed: bool) -> bool {
        self.holds_secrets || (self.manager().is_some() && !includes_managed)
    }

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
    service: &'static str,
    // Of the next resource.
    tags: TagSight,
    holds_secrets: bool,
}

impl Collection {
    // The tags of the resource that is added next.
    fn tagged(&mut self, tags: &BTreeMap<String, String>) {
        self.tags = TagSight::of(tags);
    }

    // The same of tags that are a fact of their own.
    fn tagged_if_known(&mut self, tags: &Known<BTreeMap<String, String>>) {
        self.tags = TagSight::of_known(tags);
    }

    // What was said last is of one that AWS made with something else: a stack puts no tags on it, so that none say
    // nothing.
    fn made_by_the_way(&mut self) {
        if self.tags.manager().is_none() {
            self.tags = TagSight::NotLookedAt;
        }
    }

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
            service: self.service,
            tags: std::mem::take(&mut self.tags),
            holds_secrets: std::mem::take(&mut self.holds_secrets),
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
    operations(&mut all, snapshot);
    all.found
}

/// The questions without an answer that may hide resources whose tags would be looked at.
pub(crate) fn hidden(snapshot: &Snapshot) -> impl Iterator<Item = &GapId> {
    let (ec2, rds, ecs, elb) = (&snapshot.ec2, &snapshot.rds, &snapshot.ecs, &snapshot.elb);
    (ec2.vpcs.incomplete.iter())
        .chain(&ec2.internet_gateways.incomplete)
        .chain(&ec2.subnets.incomplete)
        .chain(&ec2.nat_gateways.incomplete)
        .chain(&ec2.route_tables.incomplete)
        .chain(&ec2.network_acls.incomplete)
        .chain(&ec2.security_groups.incomplete)
        .chain(&ec2.vpc_endpoints.incomplete)
        .chain(&elb.target_groups.incomplete)
        .chain(&elb.load_balancers.incomplete)
        .chain(&rds.db_clusters.incomplete)
        .chain(&rds.db_instances.incomplete)
        .chain(&ecs.clusters.incomplete)
        .chain(&ecs.services.incomplete)
        .chain(&snapshot.secretsmanager.secrets.incomplete)
}

fn networks(all: &mut Collection, snapshot: &Snapshot) {
    all.service = "network";
    let default_vpcs = snapshot.ec2.vpcs.iter().filter(|vpc| vpc.is_default);
    let default_vpcs: BTreeSet<&str> = default_vpcs.map(|vpc| vpc.id.as_str()).collect();
    for vpc in snapshot.ec2.vpcs.iter() {
        let kind = if vpc.is_default { "aws_default_vpc" } else { "aws_vpc" };
        all.tagged(&vpc.tags);
        if vpc.is_default {
            all.made_by_the_way();
        }
        all.add(kind, (&vpc.arn, &vpc.region), &vpc.id, &vpc.id, None);
    }
    for gateway in snapshot.ec2.internet_gateways.iter() {
        let place = (gateway.arn.as_str(), gateway.region.as_str());
        all.tagged_if_known(&gateway.tags);
        if gateway.vpc_ids.iter().any(|vpc| default_vpcs.contains(vpc.as_str())) {
            all.made_by_the_way();
        }
        all.add("aws_internet_gateway", place, &gateway.id, &gateway.id, None);
    }
    for subnet in snapshot.ec2.subnets.iter() {
        let block = KnownArguments::new()
            .with("vpc_id", subnet.vpc_id.as_str())
            .and("cidr_block", subnet.cidr_block.as_deref());
        all.tagged(&subnet.tags);
        if default_vpcs.contains(subnet.vpc_id.as_str()) {
            all.made_by_the_way();
        }
        all.add("aws_subnet", (&subnet.arn, &subnet.region), &subnet.id, &subnet.id, Some(block));
    }
    for gateway in snapshot.ec2.nat_gateways.iter().filter(|gateway| gateway.state == "available") {
        all.tagged_if_known(&gateway.tags);
        all.add("aws_nat_gateway", (&gateway.arn, &gateway.region), &gateway.id, &gateway.id, None);
    }
    for table in snapshot.ec2.route_tables.iter() {
        let place = (table.arn.as_str(), table.region.as_str());
        all.tagged_if_known(&table.tags);
        // The main table of a VPC is imported by the VPC.
        if table.is_main {
            all.made_by_the_way();
            all.add("aws_default_route_table", place, &table.id, &table.vpc_id, None);
        } else {
            all.add("aws_route_table", place, &table.id, &table.id, None);
        }
    }
    for acl in snapshot.ec2.network_acls.iter() {
        all.tagged_if_known(&acl.tags);
        if acl.is_default {
            all.made_by_the_way();
        }
        let kind = if acl.is_default { "aws_default_network_acl" } else { "aws_network_acl" };
        all.add(kind, (&acl.arn, &acl.region), &acl.id, &acl.id, None);
    }
    for group in snapshot.ec2.security_groups.iter() {
        let place = (group.arn.as_str(), group.region.as_str());
        all.tagged(&group.tags);
        if group.name == "default" {
            // Every VPC has one of this name.
            all.made_by_the_way();
            let block = KnownArguments::new().with("vpc_id", group.vpc_id.as_str());
            all.add("aws_default_security_group", place, &group.vpc_id, &group.id, Some(block));
        } else {
            all.add("aws_security_group", place, &group.name, &group.id, None);
        }
    }
    for endpoint in snapshot.ec2.vpc_endpoints.iter() {
        let place = (endpoint.arn.as_str(), endpoint.region.as_str());
        all.tagged_if_known(&endpoint.tags);
        all.add("aws_vpc_endpoint", place, &endpoint.id, &endpoint.id, None);
    }
}

fn load_balancers(all: &mut Collection, snapshot: &Snapshot) {
    all.service = "load_balancing";
    for certificate in snapshot.acm.certificates.iter().filter(|one| one.kind == "AMAZON_ISSUED") {
        let place = (certificate.arn.as_str(), certificate.region.as_str());
        all.add("aws_acm_certificate", place, &certificate.domain_name, &certificate.arn, None);
    }
    for group in snapshot.elb.target_groups.iter() {
        let block = target_group(group);
        all.tagged_if_known(&group.tags);
        all.add("aws_lb_target_group", (&group.arn, &group.region), &group.name, &group.arn, Some(block));
    }
    for lb in snapshot.elb.load_balancers.iter() {
        all.tagged_if_known(&lb.tags);
        all.add("aws_lb", (&lb.arn, &lb.region), &lb.name, &lb.arn, Some(load_balancer(lb)));
        for listener in lb.listeners.known().into_iter().flatten() {
            let port = listener.port.map(|port| format!("_{port}")).unwrap_or_default();
            let name = format!("{}{port}", lb.name);
            let place = (listener.arn.as_str(), listener.region.as_str());
            all.add("aws_lb_listener", place, &name, &listener.arn, listener_block(listener));
            for rule in listener.rules.known().into_iter().flatten() {
                let place = (rule.arn.as_str(), listener.region.as_str());
                let name = format!("{name}_{}", rule.priority);
                all.add("aws_lb_listener_rule", place, &name, &rule.arn, None);
            }
        }
    }
    for acl in snapshot.wafv2.web_acls.iter() {
        let id = Arn::parse(&acl.arn).map_or("", |arn| arn.name());
        let import_id = format!("{id}/{}/{}", acl.name, acl.scope);
        all.add("aws_wafv2_web_acl", (&acl.arn, &acl.region), &acl.name, import_id, None);
    }
    for distribution in snapshot.cloudfront.distributions.iter() {
        let place = (distribution.arn.as_str(), "");
        all.add("aws_cloudfront_distribution", place, &distribution.id, &distribution.id, None);
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
    all.service = "database";
    for group in snapshot.rds.db_subnet_groups.iter().filter(|group| group.name != "default") {
        all.add("aws_db_subnet_group", (&group.arn, &group.region), &group.name, &group.name, None);
    }
    for group in snapshot.rds.parameter_groups.iter().filter(|group| !group.name.starts_with("default.")) {
        let kind = match Arn::parse(&group.arn) {
            Some(arn) if arn.resource.starts_with("cluster-pg:") => "aws_rds_cluster_parameter_group",
            _ => "aws_db_parameter_group",
        };
        all.add(kind, (&group.arn, &group.region), &group.name, &group.name, None);
    }
    for cluster in snapshot.rds.db_clusters.iter() {
        let block = KnownArguments::new()
            .with("cluster_identifier", cluster.id.as_str())
            .with("engine", cluster.engine.as_str());
        all.tagged(&cluster.tags);
        all.add("aws_rds_cluster", (&cluster.arn, &cluster.region), &cluster.id, &cluster.id, Some(block));
    }
    for db in snapshot.rds.db_instances.iter() {
        let place = (db.arn.as_str(), db.region.as_str());
        all.tagged(&db.tags);
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
    all.service = "container";
    for role in snapshot.iam.roles.iter().filter(|role| !role.arn.contains(":role/aws-service-role/")) {
        // A role belongs to no region.
        all.add("aws_iam_role", (&role.arn, ""), &role.name, &role.name, None);
    }
    for repository in snapshot.ecr.repositories.iter() {
        let block = KnownArguments::new().with("name", repository.name.as_str());
        let place = (repository.arn.as_str(), repository.region.as_str());
        all.add("aws_ecr_repository", place, &repository.name, &repository.name, Some(block));
    }
    for cluster in snapshot.ecs.clusters.iter().filter(|cluster| cluster.status == "ACTIVE") {
        let block = KnownArguments::new().with("name", cluster.name.as_str());
        let place = (cluster.arn.as_str(), cluster.region.as_str());
        all.tagged(&cluster.tags);
        all.add("aws_ecs_cluster", place, &cluster.name, &cluster.name, Some(block));
    }
    for definition in snapshot.ecs.task_definitions.iter() {
        let place = (definition.arn.as_str(), definition.region.as_str());
        let holds_secrets = definition.containers.iter().any(|one| !one.plaintext_secrets.is_empty());
        all.holds_secrets = holds_secrets;
        let name = format!("{}_{}", definition.family, definition.revision);
        all.add("aws_ecs_task_definition", place, &name, &definition.arn, None);
    }
    for service in snapshot.ecs.services.iter().filter(|service| service.status == "ACTIVE") {
        let name = format!("{}/{}", service.cluster_name, service.name);
        let block = KnownArguments::new()
            .with("name", service.name.as_str())
            .with("cluster", service.cluster_arn.as_str());
        all.tagged(&service.tags);
        all.add("aws_ecs_service", (&service.arn, &service.region), &name, &name, Some(block));
    }
    let account = snapshot.account.as_str();
    let of_ecs = |resource: &str| resource.starts_with("service/");
    for target in
        snapshot.application_autoscaling.scalable_targets.iter().filter(|one| of_ecs(&one.resource_id))
    {
        // A target has no name of its own but what it scales.
        let arn = format!("arn:aws:ecs:{}:{account}:{}", target.region, target.resource_id);
        let id = format!("ecs/{}/{}", target.resource_id, target.scalable_dimension);
        let name = target.resource_id.trim_start_matches("service/").to_owned();
        all.add("aws_appautoscaling_target", (&arn, &target.region), &name, id, None);
    }
    for policy in
        snapshot.application_autoscaling.scaling_policies.iter().filter(|one| of_ecs(&one.resource_id))
    {
        let id = format!("ecs/{}/{}/{}", policy.resource_id, policy.scalable_dimension, policy.name);
        all.add("aws_appautoscaling_policy", (&policy.arn, &policy.region), &policy.name, id, None);
    }
}

fn operations(all: &mut Collection, snapshot: &Snapshot) {
    all.service = "operations";
    for key in snapshot.kms.keys.iter().filter(|key| key.manager == "CUSTOMER" && key.state == "Enabled") {
        let name = key.names.first().map_or(key.id.as_str(), |name| name.trim_start_matches("alias/"));
        all.add("aws_kms_key", (&key.arn, &key.region), name, &key.id, None);
    }
    for secret in snapshot.secretsmanager.secrets.iter().filter(|one| one.deleted_at.is_none()) {
        if secret.owning_service.known().is_some_and(Option::is_none) {
            all.tagged_if_known(&secret.tags);
            all.add(
                "aws_secretsmanager_secret",
                (&secret.arn, &secret.region),
                &secret.name,
                &secret.arn,
                None,
            );
        }
    }
    for bucket in snapshot.s3.buckets.iter() {
        all.add("aws_s3_bucket", (&bucket.arn, &bucket.region), &bucket.name, &bucket.name, None);
    }
    for topic in snapshot.sns.topics.iter() {
        all.add("aws_sns_topic", (&topic.arn, &topic.region), &topic.name, &topic.arn, None);
    }
    for group in snapshot.logs.log_groups.iter() {
        let block = KnownArguments::new().with("name", group.name.as_str());
        let place = (group.arn.as_str(), group.region.as_str());
        all.add("aws_cloudwatch_log_group", place, &group.name, &group.name, Some(block));
    }
    for alarm in snapshot.cloudwatch.alarms.iter() {
        let kind = if alarm.kind == "composite" {
            "aws_cloudwatch_composite_alarm"
        } else {
            "aws_cloudwatch_metric_alarm"
        };
        // Auto Scaling makes and deletes these by itself.
        if !alarm.name.starts_with("TargetTracking-") {
            all.add(kind, (&alarm.arn, &alarm.region), &alarm.name, &alarm.name, None);
        }
    }
    for log in snapshot.ec2.flow_logs.iter() {
        let arn = format!("arn:aws:ec2:{}:{}:vpc-flow-log/{}", log.region, snapshot.account, log.id);
        all.add("aws_flow_log", (&arn, &log.region), &log.id, &log.id, None);
    }
    for rule in snapshot.eventbridge.alarm_rules.iter() {
        all.add("aws_cloudwatch_event_rule", (&rule.arn, &rule.region), &rule.name, &rule.name, None);
    }
    for schedule in snapshot.scheduler.schedules.iter() {
        let id = format!("{}/{}", schedule.group_name, schedule.name);
        all.add("aws_scheduler_schedule", (&schedule.arn, &schedule.region), &schedule.name, id, None);
    }
}

/// A label for a resource that is not in the snapshot.
pub(crate) fn label_of(arn: &str) -> String {
    let name = Arn::parse(arn).map_or(arn, |_| display_name(arn));
    label(name)
}
