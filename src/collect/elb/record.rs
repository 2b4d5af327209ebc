//! From Elastic Load Balancing's types to the snapshot's. `None` means that AWS left out
//! what identifies the resource; nothing is made up in its place.

use crate::ask::Ask;
use crate::ask::listed::filled;
use crate::secret::conceal_text;
use crate::snapshot::GapId;
use crate::snapshot::elb::{
    ClassicLoadBalancer, Listener, ListenerAction, ListenerRule, LoadBalancer, LoadBalancerAttributes,
    RuleCondition, SslPolicy, Target, TargetGroup, TargetGroupAttributes, WeightedTargetGroup,
};
use crate::snapshot::known::Known;
use aws_sdk_elasticloadbalancingv2::types;
use std::collections::BTreeMap;
use std::str::FromStr;

pub(crate) fn load_balancer(region: &str, balancer: types::LoadBalancer) -> Option<LoadBalancer> {
    let state = balancer.state().and_then(|state| state.code());
    let state = state.map(|code| code.as_str().to_owned()).unwrap_or_default();
    let zones = balancer.availability_zones();
    let availability_zones = zones.iter().map(|zone| zone.zone_name.clone()).collect::<Option<_>>()?;
    let subnet_ids = zones.iter().filter_map(|zone| zone.subnet_id.clone()).collect();
    let kind = balancer.r#type?.as_str().to_owned();
    // Gateway load balancers have neither scheme nor name; every other one has both.
    let is_gateway = kind == "gateway";
    let of_others = |text: Option<String>| if is_gateway { Some(text.unwrap_or_default()) } else { text };
    Some(LoadBalancer {
        state,
        availability_zones,
        subnet_ids,
        arn: balancer.load_balancer_arn?,
        region: region.to_owned(),
        name: balancer.load_balancer_name?,
        dns_name: of_others(balancer.dns_name)?,
        scheme: of_others(balancer.scheme.map(|scheme| scheme.as_str().to_owned()))?,
        kind,
        ip_address_type: balancer.ip_address_type.map(|kind| kind.as_str().to_owned()).unwrap_or_default(),
        vpc_id: balancer.vpc_id?,
        security_group_ids: balancer.security_groups.unwrap_or_default(),
        ..LoadBalancer::default()
    })
}

/// The tags of each resource, by its ARN.
pub(crate) fn tags_by_arn(described: &[types::TagDescription]) -> BTreeMap<String, BTreeMap<String, String>> {
    let pairs = |tags: &[types::Tag]| -> BTreeMap<String, String> {
        tags.iter()
            .filter_map(|tag| Some((tag.key.clone()?, tag.value.clone().unwrap_or_default())))
            .collect()
    };
    described.iter().filter_map(|one| Some((one.resource_arn.clone()?, pairs(one.tags())))).collect()
}

/// What kinds of load balancers have is documented, and answered of each of them.
pub(crate) fn load_balancer_attributes(
    kind: &str,
    attributes: &[types::LoadBalancerAttribute],
    missing: &dyn Fn() -> GapId,
) -> LoadBalancerAttributes {
    let value = |key: &str| {
        let attribute = attributes.iter().find(|attribute| attribute.key() == Some(key));
        filled(attribute.and_then(|attribute| attribute.value.clone()))
    };
    let is_application = kind == "application";
    let writes_logs = kind != "gateway";
    LoadBalancerAttributes {
        access_logs_enabled: of_kind(writes_logs, parsed(value("access_logs.s3.enabled")), missing),
        access_logs_bucket: value("access_logs.s3.bucket"),
        access_logs_prefix: value("access_logs.s3.prefix"),
        deletion_protection_enabled: parsed(value("deletion_protection.enabled")).ok_or_else(missing).into(),
        drop_invalid_header_fields_enabled: of_kind(
            is_application,
            parsed(value("routing.http.drop_invalid_header_fields.enabled")),
            missing,
        ),
        desync_mitigation_mode: of_kind(
            is_application,
            value("routing.http.desync_mitigation_mode"),
            missing,
        ),
        idle_timeout_seconds: parsed(value("idle_timeout.timeout_seconds")),
        waf_fail_open_enabled: parsed(value("waf.fail_open.enabled")),
    }
}

/// An attribute that kinds of load balancers have, or do not have.
fn of_kind<T>(has_it: bool, value: Option<T>, missing: &dyn Fn() -> GapId) -> Known<Option<T>> {
    if has_it && value.is_none() { Known::No(missing()) } else { Known::Yes(value) }
}

/// The rules and the header are asked for later.
pub(crate) fn listener(region: &str, load_balancer_arn: &str, listener: types::Listener) -> Option<Listener> {
    let protocol = listener.protocol.map(|protocol| protocol.as_str().to_owned());
    // Listeners of gateway load balancers take every packet: they have neither.
    let is_of_gateway = load_balancer_arn.contains("/gwy/");
    if !is_of_gateway && (protocol.is_none() || listener.port.is_none()) {
        return None;
    }
    let speaks_tls = matches!(protocol.as_deref(), Some("HTTPS" | "TLS"));
    // Imitations of AWS answer a policy for plain HTTP as well.
    let ssl_policy = filled(listener.ssl_policy).filter(|_| speaks_tls);
    if speaks_tls && ssl_policy.is_none() {
        return None;
    }
    let certificates = listener.certificates.unwrap_or_default();
    Some(Listener {
        arn: listener.listener_arn?,
        region: region.to_owned(),
        load_balancer_arn: load_balancer_arn.to_owned(),
        port: listener.port.map(i64::from),
        ssl_policy,
        protocol,
        certificate_arns: certificates
            .into_iter()
            .filter_map(|certificate| certificate.certificate_arn)
            .collect(),
        default_actions: actions(listener.default_actions)?,
        ..Listener::default()
    })
}

fn actions(actions: Option<Vec<types::Action>>) -> Option<Vec<ListenerAction>> {
    actions.unwrap_or_default().into_iter().map(action).collect()
}

fn action(action: types::Action) -> Option<ListenerAction> {
    // A single target group is answered twice: by itself and as the only one of the list.
    let groups = action.forward_config.and_then(|forward| forward.target_groups).unwrap_or_default();
    let mut target_groups: Vec<WeightedTargetGroup> = groups.into_iter().filter_map(weighted).collect();
    if let Some(single) = action.target_group_arn
        && !target_groups.iter().any(|group| group.target_group_arn == single)
    {
        target_groups.push(WeightedTargetGroup { target_group_arn: single, weight: DEFAULT_WEIGHT });
    }
    let redirect = action.redirect_config;
    let kind = action.r#type?.as_str().to_owned();
    if kind == "redirect" && redirect.is_none() {
        return None;
    }
    Some(ListenerAction {
        kind,
        target_group_arns: target_groups.iter().map(|group| group.target_group_arn.clone()).collect(),
        target_groups: Known::Yes(target_groups),
        redirect_protocol: redirect.as_ref().and_then(|redirect| redirect.protocol.clone()),
        redirect_port: redirect.as_ref().and_then(|redirect| redirect.port.clone()),
        redirect_host: Known::Yes(redirect.as_ref().and_then(|redirect| redirect.host.clone())),
        redirect_status_code: redirect
            .and_then(|redirect| redirect.status_code)
            .map(|code| code.as_str().to_owned()),
    })
}

/// What AWS gives a target group without a weight.
const DEFAULT_WEIGHT: i64 = 1;

fn weighted(group: types::TargetGroupTuple) -> Option<WeightedTargetGroup> {
    Some(WeightedTargetGroup {
        target_group_arn: group.target_group_arn?,
        weight: group.weight.map_or(DEFAULT_WEIGHT, i64::from),
    })
}

pub(crate) fn rule(rule: types::Rule, fingerprint: &dyn Fn(&str) -> String) -> Option<ListenerRule> {
    let conditions = rule.conditions.unwrap_or_default().into_iter();
    let conditions = conditions.map(|answered| condition(answered, fingerprint));
    Some(ListenerRule {
        arn: rule.rule_arn?,
        priority: rule.priority?,
        conditions: conditions.collect::<Option<_>>()?,
        actions: actions(rule.actions)?,
    })
}

/// Headers and query strings often carry a secret that CloudFront and the load balancer share, and a path
/// or a host that nobody is to guess is one as well: their values end here.
fn condition(condition: types::RuleCondition, fingerprint: &dyn Fn(&str) -> String) -> Option<RuleCondition> {
    let field = condition.field?;
    let header = condition.http_header_config;
    let header_values = header.as_ref().map(|config| config.values()).unwrap_or_default();
    let value_fingerprints = header_values.iter().map(|value| fingerprint(value)).collect();
    let wildcards = header_values.iter().filter(|value| is_wildcard(value)).cloned().collect();
    let header_name = header.as_ref().and_then(|config| config.http_header_name.clone());
    let configured = match field.as_str() {
        "http-request-method" => {
            condition.http_request_method_config.map(|config| config.values.unwrap_or_default())
        }
        "source-ip" => condition.source_ip_config.map(|config| config.values.unwrap_or_default()),
        _ => return Some(RuleCondition { field, header_name, values: wildcards, value_fingerprints }),
    };
    let plain = condition.values.unwrap_or_default();
    let values = configured.filter(|values| !values.is_empty()).unwrap_or(plain);
    Some(RuleCondition { field, header_name, values, value_fingerprints })
}

/// A path whose query holds no secret; one that does is left out as a whole.
fn without_secret_query(path: String) -> String {
    match path.split_once('?') {
        Some((before, query)) if conceal_text(query.to_owned()) != query => format!("{before}?[secret]"),
        _ => path,
    }
}

/// Whether a pattern accepts anything: no secret can be in it.
fn is_wildcard(pattern: &str) -> bool {
    pattern.chars().all(|character| matches!(character, '*' | '?'))
}

/// The header that a listener adds to answers; AWS answers empty text for none.
pub(crate) fn hsts_header(attributes: &[types::ListenerAttribute]) -> Option<String> {
    let key = "routing.http.response.strict_transport_security.header_value";
    let attribute = attributes.iter().find(|attribute| attribute.key() == Some(key))?;
    filled(attribute.value.clone())
}

pub(crate) fn ssl_policy(region: &str, policy: types::SslPolicy) -> Option<SslPolicy> {
    let ciphers = policy.ciphers.unwrap_or_default();
    Some(SslPolicy {
        region: region.to_owned(),
        name: policy.name?,
        protocols: policy.ssl_protocols?,
        ciphers: ciphers.into_iter().map(|cipher| cipher.name).collect::<Option<_>>()?,
    })
}

/// Attributes and targets are asked for later.
pub(crate) fn target_group(region: &str, group: types::TargetGroup) -> Option<TargetGroup> {
    let protocol = |protocol: Option<types::ProtocolEnum>| protocol.map(|value| value.as_str().to_owned());
    Some(TargetGroup {
        arn: group.target_group_arn?,
        region: region.to_owned(),
        name: group.target_group_name?,
        protocol: protocol(group.protocol),
        port: group.port.map(i64::from),
        // CreateTargetGroup documents instances as the default.
        target_type: group.target_type.map_or("instance".to_owned(), |kind| kind.as_str().to_owned()),
        vpc_id: filled(group.vpc_id),
        load_balancer_arns: group.load_balancer_arns.unwrap_or_default(),
        health_check_enabled: group.health_check_enabled,
        health_check_protocol: protocol(group.health_check_protocol),
        health_check_path: filled(group.health_check_path).map(without_secret_query),
        health_check_interval_seconds: Some(group.health_check_interval_seconds?.into()),
        health_check_timeout_seconds: group.health_check_timeout_seconds.map(i64::from),
        healthy_threshold_count: Some(group.healthy_threshold_count?.into()),
        unhealthy_threshold_count: Some(group.unhealthy_threshold_count?.into()),
        matcher: group.matcher.and_then(|matcher| filled(matcher.http_code).or(filled(matcher.grpc_code))),
        ..TargetGroup::default()
    })
}

pub(crate) fn target_group_attributes(attributes: &[types::TargetGroupAttribute]) -> TargetGroupAttributes {
    let value = |key: &str| {
        let attribute = attributes.iter().find(|attribute| attribute.key() == Some(key));
        attribute.and_then(|attribute| attribute.value.clone())
    };
    TargetGroupAttributes {
        deregistration_delay_seconds: parsed(value("deregistration_delay.timeout_seconds")),
        slow_start_seconds: parsed(value("slow_start.duration_seconds")),
        stickiness_enabled: parsed(value("stickiness.enabled")),
        preserve_client_ip_enabled: Known::Yes(parsed(value("preserve_client_ip.enabled"))),
    }
}

/// Classic Load Balancers are known by their names; AWS answers no ARN.
pub(crate) fn classic_load_balancer(
    ask: &Ask,
    balancer: aws_sdk_elasticloadbalancing::types::LoadBalancerDescription,
) -> Option<ClassicLoadBalancer> {
    let name = balancer.load_balancer_name?;
    let listeners = balancer.listener_descriptions.unwrap_or_default();
    let ports = listeners.iter().filter_map(|description| description.listener());
    let instances = balancer.instances.unwrap_or_default();
    Some(ClassicLoadBalancer {
        arn: ask.arn("elasticloadbalancing", &format!("loadbalancer/{name}")),
        region: ask.region().to_owned(),
        name,
        scheme: balancer.scheme?,
        vpc_id: filled(balancer.vpc_id),
        subnet_ids: balancer.subnets.unwrap_or_default(),
        security_group_ids: balancer.security_groups.unwrap_or_default(),
        listener_ports: ports.map(|listener| i64::from(listener.load_balancer_port)).collect(),
        instance_ids: instances.into_iter().filter_map(|instance| instance.instance_id).collect(),
    })
}

pub(crate) fn target(description: types::TargetHealthDescription) -> Option<Target> {
    let target = description.target?;
    let health = description.target_health?;
    Some(Target {
        id: target.id?,
        port: target.port.map(i64::from),
        availability_zone: filled(target.availability_zone),
        state: health.state?.as_str().to_owned(),
        reason: health.reason.map(|reason| reason.as_str().to_owned()),
    })
}

/// An attribute's value is text whatever it means.
fn parsed<T: FromStr>(value: Option<String>) -> Option<T> {
    value?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_elasticloadbalancingv2::types::{
        Action, ActionTypeEnum, ForwardActionConfig, HttpHeaderConditionConfig,
        HttpRequestMethodConditionConfig, LoadBalancerAttribute, PathPatternConditionConfig, ProtocolEnum,
        QueryStringConditionConfig, QueryStringKeyValuePair, TargetGroupTuple,
    };

    #[test]
    fn attributes_are_read_and_absent_ones_are_unknown_where_the_kind_has_them() {
        let attribute =
            |key: &str, value: &str| LoadBalancerAttribute::builder().key(key).value(value).build();
        let gap = || GapId::new("elasticloadbalancing:DescribeLoadBalancerAttributes", "r", Some("arn"));
        let answered = [
            attribute("access_logs.s3.enabled", "false"),
            attribute("access_logs.s3.bucket", ""),
            attribute("idle_timeout.timeout_seconds", "60"),
            attribute("deletion_protection.enabled", "perhaps"),
        ];
        let application = LoadBalancerAttributes {
            access_logs_enabled: Known::Yes(Some(false)),
            deletion_protection_enabled: Known::No(gap()),
            drop_invalid_header_fields_enabled: Known::No(gap()),
            desync_mitigation_mode: Known::No(gap()),
            idle_timeout_seconds: Some(60),
            ..LoadBalancerAttributes::default()
        };
        assert_eq!(load_balancer_attributes("application", &answered, &gap), application);
        let network = LoadBalancerAttributes {
            drop_invalid_header_fields_enabled: Known::Yes(None),
            desync_mitigation_mode: Known::Yes(None),
            ..application
        };
        assert_eq!(load_balancer_attributes("network", &answered, &gap), network);
        assert_eq!(load_balancer_attributes("network", &[], &gap).access_logs_enabled, Known::No(gap()));
        assert_eq!(load_balancer_attributes("gateway", &[], &gap).access_logs_enabled, Known::Yes(None));
    }

    fn http_listener(protocol: ProtocolEnum) -> Listener {
        let listener = types::Listener::builder()
            .listener_arn("arn:listener")
            .port(443)
            .protocol(protocol)
            .ssl_policy("ELBSecurityPolicy-2016-08")
            .build();
        listener_of(listener)
    }

    fn listener_of(answered: types::Listener) -> Listener {
        listener("ap-northeast-1", "arn:lb", answered).unwrap()
    }

    #[test]
    fn only_listeners_that_speak_tls_keep_a_policy() {
        assert_eq!(http_listener(ProtocolEnum::Http).ssl_policy, None);
        for protocol in [ProtocolEnum::Https, ProtocolEnum::Tls] {
            assert_eq!(http_listener(protocol).ssl_policy.as_deref(), Some("ELBSecurityPolicy-2016-08"));
        }
    }

    #[test]
    fn a_single_target_group_is_named_once_and_shares_are_all_named() {
        let share = |arn: &str| TargetGroupTuple::builder().target_group_arn(arn).weight(1).build();
        let forward = |shares: &[&str], single: Option<&str>| {
            let config = shares
                .iter()
                .fold(ForwardActionConfig::builder(), |config, arn| config.target_groups(share(arn)));
            let built = Action::builder()
                .r#type(ActionTypeEnum::Forward)
                .forward_config(config.build())
                .set_target_group_arn(single.map(str::to_owned))
                .build();
            action(built).unwrap().target_group_arns
        };
        assert_eq!(forward(&["tg-1"], Some("tg-1")), ["tg-1"]);
        assert_eq!(forward(&[], Some("tg-1")), ["tg-1"]);
        assert_eq!(forward(&["tg-1", "tg-2"], None), ["tg-1", "tg-2"]);
    }

    #[test]
    fn weights_of_a_forward_are_kept() {
        let share = |arn: &str, weight: Option<i32>| {
            TargetGroupTuple::builder().target_group_arn(arn).set_weight(weight).build()
        };
        let config = ForwardActionConfig::builder()
            .target_groups(share("tg-blue", Some(0)))
            .target_groups(share("tg-green", None));
        let built = Action::builder().r#type(ActionTypeEnum::Forward).forward_config(config.build()).build();
        let kept = action(built).unwrap();
        assert_eq!(kept.sends_to("tg-blue"), Known::Yes(false));
        assert_eq!(kept.sends_to("tg-green"), Known::Yes(true), "the default weight is 1");
        assert_eq!(kept.target_group_arns, ["tg-blue", "tg-green"]);
    }

    #[test]
    fn values_that_may_be_secrets_end_here() {
        let header = types::RuleCondition::builder()
            .field("http-header")
            .values("s3cret")
            .http_header_config(
                HttpHeaderConditionConfig::builder().http_header_name("X-Origin").values("s3cret").build(),
            )
            .build();
        let query = types::RuleCondition::builder()
            .field("query-string")
            .query_string_config(
                QueryStringConditionConfig::builder()
                    .values(QueryStringKeyValuePair::builder().key("key").value("s3cret").build())
                    .build(),
            )
            .build();
        let fingerprint = |value: &str| format!("fingerprint of {} characters", value.len());
        let header = condition(header, &fingerprint).unwrap();
        assert_eq!(header.header_name.as_deref(), Some("X-Origin"));
        assert_eq!(header.value_fingerprints, ["fingerprint of 6 characters"]);
        let path = types::RuleCondition::builder()
            .field("path-pattern")
            .values("/s3cret/*")
            .path_pattern_config(PathPatternConditionConfig::builder().values("/s3cret/*").build())
            .build();
        let host = types::RuleCondition::builder().field("host-header").regex_values("^s3cret.*$").build();
        let [query, path, host] = [query, path, host].map(|kept| condition(kept, &fingerprint).unwrap());
        for kept in [header, query, path, host] {
            assert_eq!(kept.values, Vec::<String>::new(), "{}", kept.field);
        }
        let config = HttpHeaderConditionConfig::builder().http_header_name("X-Origin").values("s3cret-*");
        let open = types::RuleCondition::builder()
            .field("http-header")
            .http_header_config(config.values("*").build())
            .build();
        let kept = condition(open, &fingerprint).unwrap();
        assert_eq!(kept.values, ["*"], "a pattern with letters may hold a part of the secret");
        assert_eq!(kept.value_fingerprints.len(), 2);
    }

    #[test]
    fn values_are_not_doubled_by_their_older_form() {
        let path = types::RuleCondition::builder()
            .field("http-request-method")
            .values("GET")
            .http_request_method_config(HttpRequestMethodConditionConfig::builder().values("GET").build())
            .build();
        assert_eq!(condition(path, &|_| String::new()).unwrap().values, ["GET"]);
        let older = types::RuleCondition::builder().field("source-ip").values("192.0.2.0/24").build();
        assert_eq!(condition(older, &|_| String::new()).unwrap().values, ["192.0.2.0/24"]);
    }
}
