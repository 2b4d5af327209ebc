//! Load balancers with what depends on them, target groups and TLS policies.

mod record;

use crate::ask::Ask;
use crate::ask::asked::client;
use crate::snapshot::elb::{
    ClassicLoadBalancer, Elb, Listener, ListenerRule, LoadBalancer, SslPolicy, TargetGroup,
};
use crate::snapshot::operation::{Operation, named};
use crate::snapshot::{GapId, Known, Listing, Snapshot};
use aws_sdk_elasticloadbalancingv2::Client;
use std::collections::{BTreeMap, BTreeSet};

const CLASSIC_LOAD_BALANCERS: &Operation = named("elasticloadbalancing", "DescribeClassicLoadBalancers");
const LISTENER_ATTRIBUTES: &Operation = named("elasticloadbalancing", "DescribeListenerAttributes");
const LISTENER_CERTIFICATES: &Operation = named("elasticloadbalancing", "DescribeListenerCertificates");
const LISTENERS: &Operation = named("elasticloadbalancing", "DescribeListeners");
const LOAD_BALANCER_ATTRIBUTES: &Operation = named("elasticloadbalancing", "DescribeLoadBalancerAttributes");
const LOAD_BALANCERS: &Operation = named("elasticloadbalancing", "DescribeLoadBalancers");
const RULES: &Operation = named("elasticloadbalancing", "DescribeRules");
const SSL_POLICIES: &Operation = named("elasticloadbalancing", "DescribeSSLPolicies");
const TAGS: &Operation = named("elasticloadbalancing", "DescribeTags");
const TARGET_GROUP_ATTRIBUTES: &Operation = named("elasticloadbalancing", "DescribeTargetGroupAttributes");
const TARGET_GROUPS: &Operation = named("elasticloadbalancing", "DescribeTargetGroups");
const TARGET_HEALTH: &Operation = named("elasticloadbalancing", "DescribeTargetHealth");

/// The load balancers of a region.
pub(crate) async fn collect(ask: &Ask, _found: &Snapshot) -> Snapshot {
    let client = client!(aws_sdk_elasticloadbalancingv2, ask.config());
    let (balancers, target_groups, classic_load_balancers) = tokio::join!(
        balancers_and_policies(ask, &client),
        target_groups(ask, &client),
        classic_load_balancers(ask)
    );
    let (load_balancers, ssl_policies) = balancers;
    let elb = Elb { load_balancers, target_groups, ssl_policies, classic_load_balancers };
    Snapshot { elb, ..Snapshot::default() }
}

async fn classic_load_balancers(ask: &Ask) -> Listing<ClassicLoadBalancer> {
    let client = client!(aws_sdk_elasticloadbalancing, ask.config());
    ask.list(
        CLASSIC_LOAD_BALANCERS,
        |marker| {
            let request = client.describe_load_balancers().page_size(CLASSIC_LOAD_BALANCERS.page_size);
            request.set_marker(marker).send()
        },
        |page| page.next_marker.clone(),
        |page| page.load_balancer_descriptions.unwrap_or_default(),
        |balancer| record::classic_load_balancer(ask, balancer),
    )
    .await
}

/// The policies are asked for when some listener names one.
async fn balancers_and_policies(ask: &Ask, client: &Client) -> (Listing<LoadBalancer>, Listing<SslPolicy>) {
    let mut balancers = ask
        .list(
            LOAD_BALANCERS,
            |marker| {
                client.describe_load_balancers().page_size(LOAD_BALANCERS.page_size).set_marker(marker).send()
            },
            |page| page.next_marker.clone(),
            |page| page.load_balancers.unwrap_or_default(),
            |balancer| record::load_balancer(ask.region(), balancer),
        )
        .await;
    let arns: BTreeSet<String> = balancers.iter().map(|balancer| balancer.arn.clone()).collect();
    let items = std::mem::take(&mut balancers.items);
    let (items, mut tags) = tokio::join!(
        ask.each(items, |balancer| with_listeners(ask, client, balancer)),
        tags(ask, client, arns)
    );
    balancers.items = items;
    for balancer in &mut balancers.items {
        balancer.tags = tags.remove(&balancer.arn).unwrap_or_default();
    }
    let mut listeners = balancers.iter().filter_map(|balancer| balancer.listeners.known()).flatten();
    let policies = if listeners.any(|listener| listener.ssl_policy.is_some()) {
        ssl_policies(ask, client).await
    } else {
        Listing::of(Vec::new())
    };
    (balancers, policies)
}

async fn with_listeners(ask: &Ask, client: &Client, balancer: LoadBalancer) -> LoadBalancer {
    let attributes = ask.once(
        LOAD_BALANCER_ATTRIBUTES,
        Some(&balancer.arn),
        client.describe_load_balancer_attributes().load_balancer_arn(&balancer.arn).send(),
    );
    let (attributes, listeners) = tokio::join!(attributes, listeners(ask, client, &balancer));
    let missing = || ask.broken(LOAD_BALANCER_ATTRIBUTES, Some(&balancer.arn));
    let attributes = attributes
        .map(|answer| record::load_balancer_attributes(&balancer.kind, answer.attributes(), &missing));
    LoadBalancer { attributes: attributes.into(), listeners: listeners.into(), ..balancer }
}

async fn listeners(ask: &Ask, client: &Client, balancer: &LoadBalancer) -> Result<Vec<Listener>, GapId> {
    let listeners = ask
        .all(
            LISTENERS,
            Some(&balancer.arn),
            |marker| {
                let request = client.describe_listeners().load_balancer_arn(&balancer.arn);
                request.page_size(LISTENERS.page_size).set_marker(marker).send()
            },
            |page| page.next_marker.clone(),
            |page| page.listeners.unwrap_or_default(),
            |listener| record::listener(ask.region(), &balancer.arn, listener),
        )
        .await?;
    let with_parts = async |listener: Listener| {
        let (certificates, listener) = tokio::join!(
            further_certificates(ask, client, listener.arn.clone(), listener.speaks_tls()),
            with_rules(ask, client, &balancer.kind, listener),
        );
        Listener { further_certificate_arns: certificates.into(), ..listener }
    };
    Ok(ask.each(listeners, with_parts).await)
}

/// The certificates that are chosen by the name that a client asks for.
async fn further_certificates(
    ask: &Ask,
    client: &Client,
    listener_arn: String,
    speaks_tls: bool,
) -> Result<Vec<String>, GapId> {
    if !speaks_tls {
        return Ok(Vec::new());
    }
    ask.all(
        LISTENER_CERTIFICATES,
        Some(&listener_arn),
        |marker| {
            let request = client.describe_listener_certificates().listener_arn(&listener_arn);
            request.page_size(LISTENER_CERTIFICATES.page_size).set_marker(marker).send()
        },
        |page| page.next_marker.clone(),
        |page| {
            let mut certificates = page.certificates.unwrap_or_default();
            // The listener itself names its default certificate.
            certificates.retain(|certificate| certificate.is_default != Some(true));
            certificates
        },
        |certificate| certificate.certificate_arn,
    )
    .await
}

/// Only application load balancers have rules, and only their HTTPS listeners add headers
/// for encrypted connections.
async fn with_rules(ask: &Ask, client: &Client, kind: &str, listener: Listener) -> Listener {
    if kind != "application" {
        return Listener { rules: Known::Yes(Vec::new()), hsts_header: Known::Yes(None), ..listener };
    }
    let (rules, hsts_header) =
        tokio::join!(rules(ask, client, &listener.arn), hsts_header(ask, client, &listener));
    Listener { rules: rules.into(), hsts_header, ..listener }
}

async fn rules(ask: &Ask, client: &Client, listener_arn: &str) -> Result<Vec<ListenerRule>, GapId> {
    ask.all(
        RULES,
        Some(listener_arn),
        |marker| {
            let request = client.describe_rules().listener_arn(listener_arn);
            request.page_size(RULES.page_size).set_marker(marker).send()
        },
        |page| page.next_marker.clone(),
        |page| {
            let mut rules = page.rules.unwrap_or_default();
            // The default rule says again what the listener's default actions say.
            rules.retain(|rule| rule.is_default != Some(true));
            rules
        },
        |rule| record::rule(rule, &|value: &str| ask.fingerprint(value)),
    )
    .await
}

async fn hsts_header(ask: &Ask, client: &Client, listener: &Listener) -> Known<Option<String>> {
    if listener.protocol.as_deref() != Some("HTTPS") {
        return Known::Yes(None);
    }
    let answer = ask
        .once(
            LISTENER_ATTRIBUTES,
            Some(&listener.arn),
            client.describe_listener_attributes().listener_arn(&listener.arn).send(),
        )
        .await;
    answer.map(|answer| record::hsts_header(answer.attributes())).into()
}

async fn ssl_policies(ask: &Ask, client: &Client) -> Listing<SslPolicy> {
    ask.list(
        SSL_POLICIES,
        |marker| client.describe_ssl_policies().page_size(SSL_POLICIES.page_size).set_marker(marker).send(),
        |page| page.next_marker.clone(),
        |page| page.ssl_policies.unwrap_or_default(),
        |policy| record::ssl_policy(ask.region(), policy),
    )
    .await
}

async fn target_groups(ask: &Ask, client: &Client) -> Listing<TargetGroup> {
    let mut groups = ask
        .list(
            TARGET_GROUPS,
            |marker| {
                client.describe_target_groups().page_size(TARGET_GROUPS.page_size).set_marker(marker).send()
            },
            |page| page.next_marker.clone(),
            |page| page.target_groups.unwrap_or_default(),
            |group| record::target_group(ask.region(), group),
        )
        .await;
    let arns: BTreeSet<String> = groups.iter().map(|group| group.arn.clone()).collect();
    let items = std::mem::take(&mut groups.items);
    let (items, mut tags) =
        tokio::join!(ask.each(items, |group| with_targets(ask, client, group)), tags(ask, client, arns));
    groups.items = items;
    for group in &mut groups.items {
        group.tags = tags.remove(&group.arn).unwrap_or_default();
    }
    groups
}

/// The tags of these resources, each by its ARN; so many are asked about at once as AWS takes.
async fn tags(
    ask: &Ask,
    client: &Client,
    arns: BTreeSet<String>,
) -> BTreeMap<String, Known<BTreeMap<String, String>>> {
    // In an order that does not depend on AWS's, so that the same resources make the same requests.
    let arns: Vec<String> = arns.into_iter().collect();
    let most = usize::try_from(TAGS.page_size).unwrap_or(1).max(1);
    let answers = ask
        .each(arns.chunks(most), |batch| async move {
            let request = client.describe_tags().set_resource_arns(Some(batch.to_vec())).send();
            let answer = ask.once(TAGS, None, request).await;
            (batch, answer.map(|answer| record::tags_by_arn(answer.tag_descriptions())))
        })
        .await;
    let mut tags = BTreeMap::new();
    for (batch, answer) in answers {
        for arn in batch {
            let found = answer
                .clone()
                .and_then(|found| found.get(arn).cloned().ok_or_else(|| ask.broken(TAGS, Some(arn))));
            tags.insert(arn.clone(), found.into());
        }
    }
    tags
}

/// A group that no load balancer uses checks no health, so that its targets are not asked for.
async fn with_targets(ask: &Ask, client: &Client, group: TargetGroup) -> TargetGroup {
    let attributes = ask.once(
        TARGET_GROUP_ATTRIBUTES,
        Some(&group.arn),
        client.describe_target_group_attributes().target_group_arn(&group.arn).send(),
    );
    let targets = async {
        if group.load_balancer_arns.is_empty() {
            return Known::Yes(Vec::new());
        }
        let health = client.describe_target_health().target_group_arn(&group.arn).send();
        match ask.once(TARGET_HEALTH, Some(&group.arn), health).await {
            Ok(answer) => {
                let targets = answer.target_health_descriptions.unwrap_or_default();
                let targets: Option<Vec<_>> = targets.into_iter().map(record::target).collect();
                targets.ok_or_else(|| ask.broken(TARGET_HEALTH, Some(&group.arn))).into()
            }
            Err(gap) => Known::No(gap),
        }
    };
    let (attributes, targets) = tokio::join!(attributes, targets);
    let attributes = attributes.map(|answer| record::target_group_attributes(answer.attributes()));
    TargetGroup { attributes: attributes.into(), targets, ..group }
}
