//! Load balancers, their listeners and target groups.

use super::writing::{list, maybe, page, query, tag};
use super::{Account, arn, hash, network, number_after};
use tenken::recording::wire::Request;

const CLASSIC_NAMESPACE: &str = "http://elasticloadbalancing.amazonaws.com/doc/2012-06-01/";
const NAMESPACE: &str = "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/";

/// Ciphers without forward secrecy, old protocols, and neither.
const POLICIES: [(&str, &[&str], &[&str]); 3] = [
    (
        "ELBSecurityPolicy-TLS13-1-2-2021-06",
        &["TLSv1.2", "TLSv1.3"],
        &["TLS_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384"],
    ),
    (
        "ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06",
        &["TLSv1.2", "TLSv1.3"],
        &["TLS_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "AES128-GCM-SHA256", "AES128-SHA"],
    ),
    (
        "ELBSecurityPolicy-2016-08",
        &["TLSv1", "TLSv1.1", "TLSv1.2"],
        &["ECDHE-RSA-AES128-GCM-SHA256", "AES128-GCM-SHA256", "AES128-SHA"],
    ),
];

pub(crate) fn name(balancer: usize) -> String {
    format!("shop-{balancer}")
}

pub(crate) fn arn_of(balancer: usize) -> String {
    arn("elasticloadbalancing", &format!("loadbalancer/app/{}/{}", name(balancer), hash(balancer)))
}

pub(crate) fn dns_name(balancer: usize) -> String {
    format!("{}-{}.{}.elb.amazonaws.com", name(balancer), balancer + 1_000_000, super::REGION)
}

/// The port is in the last four digits.
pub(crate) fn listener_arn(balancer: usize, port: usize) -> String {
    let tail = format!("{}{port:04x}", hash(balancer + 7).get(..12).unwrap_or_default());
    arn("elasticloadbalancing", &format!("listener/app/{}/{}/{tail}", name(balancer), hash(balancer)))
}

pub(crate) fn target_group_arn(service: usize) -> String {
    arn("elasticloadbalancing", &format!("targetgroup/api-{service}/{}", hash(service)))
}

impl Account {
    pub(crate) fn balancer_of(&self, service: usize) -> usize {
        service % self.size.load_balancers
    }

    fn services_behind(&self, balancer: usize) -> impl Iterator<Item = usize> {
        (balancer..self.size.services).step_by(self.size.load_balancers)
    }

    pub(crate) fn elb(&self, request: &Request, token: Option<&str>, size: usize) -> Option<String> {
        let operation = request.operation.as_str();
        let named = |parameter: &str, word: &str| {
            let arn = request.parameters.get(parameter)?.first()?;
            Some((number_after(arn, word)?, arn.as_str()))
        };
        let port = |arn: &str| usize::from_str_radix(arn.get(arn.len().checked_sub(4)?..)?, 16).ok();
        let content = match operation {
            "DescribeLoadBalancers" => {
                let page = page(self.size.load_balancers, size, token);
                let items = page.range.map(|balancer| self.balancer_item(balancer));
                list("LoadBalancers", "member", items) + &maybe("NextMarker", page.next)
            }
            // The API of before has an operation of the same name, and the account nothing of it.
            "DescribeClassicLoadBalancers" => {
                let nothing = list("LoadBalancerDescriptions", "member", Vec::new());
                return Some(query("DescribeLoadBalancers", CLASSIC_NAMESPACE, &nothing));
            }
            "DescribeTargetGroups" => {
                let page = page(self.size.services, size, token);
                let items = page.range.map(|service| self.target_group_item(service));
                list("TargetGroups", "member", items) + &maybe("NextMarker", page.next)
            }
            "DescribeLoadBalancerAttributes" => {
                self.balancer_attributes(named("LoadBalancerArn", "/shop-")?.0)
            }
            "DescribeListenerCertificates" => {
                let (balancer, _) = named("ListenerArn", "/shop-")?;
                let certificate = tag("CertificateArn", super::edge::certificate_arn(balancer));
                list("Certificates", "member", [certificate + &tag("IsDefault", true)])
            }
            "DescribeListeners" => self.listeners(named("LoadBalancerArn", "/shop-")?.0),
            "DescribeListenerAttributes" => {
                let (balancer, _) = named("ListenerArn", "/shop-")?;
                let value = if self.has("alb-no-hsts", balancer) { "" } else { "max-age=31536000" };
                attributes(&[("routing.http.response.strict_transport_security.header_value", value)])
            }
            "DescribeRules" => {
                let (balancer, arn) = named("ListenerArn", "/shop-")?;
                self.rules(balancer, port(arn)?)
            }
            "DescribeTargetGroupAttributes" => attributes(&[
                ("deregistration_delay.timeout_seconds", "30"),
                ("slow_start.duration_seconds", "0"),
                ("stickiness.enabled", "false"),
            ]),
            "DescribeTags" => {
                let arns = request.parameters.get("ResourceArns")?;
                let items =
                    arns.iter().map(|arn| tag("ResourceArn", arn) + &list("Tags", "member", Vec::new()));
                list("TagDescriptions", "member", items)
            }
            "DescribeTargetHealth" => self.target_health(named("TargetGroupArn", "/api-")?.0),
            "DescribeSSLPolicies" => list("SslPolicies", "member", POLICIES.iter().map(policy_item)),
            _ => return None,
        };
        Some(query(operation, NAMESPACE, &content))
    }

    fn balancer_item(&self, balancer: usize) -> String {
        let is_facing = balancer < self.facing();
        let zones = if self.has("alb-in-one-az", balancer) { 1 } else { 2 };
        let home = self.vpc_of_balancer(balancer);
        let zones = (0..zones).map(|zone| {
            let place = if is_facing { zone } else { zone + 2 };
            format!(
                "<ZoneName>{}</ZoneName><SubnetId>{}</SubnetId>",
                network::zone(zone),
                network::subnet(home, place)
            )
        });
        format!(
            "<LoadBalancerArn>{}</LoadBalancerArn><LoadBalancerName>{}</LoadBalancerName><DNSName>{}</DNSName>\
             <CanonicalHostedZoneId>Z14GRHDCWA56QT</CanonicalHostedZoneId><CreatedTime>2025-01-01T00:00:00Z</CreatedTime>\
             <Scheme>{}</Scheme><VpcId>{}</VpcId><State><Code>active</Code></State><Type>application</Type>\
             <IpAddressType>ipv4</IpAddressType>{}{}",
            arn_of(balancer),
            name(balancer),
            dns_name(balancer),
            if is_facing { "internet-facing" } else { "internal" },
            network::vpc(home),
            list("AvailabilityZones", "member", zones),
            list("SecurityGroups", "member", [self.group_of_balancer(balancer)]),
        )
    }

    pub(crate) fn log_bucket(&self, balancer: usize) -> String {
        match balancer {
            _ if self.has("access-log-bucket-no-lifecycle", balancer) => "shop-logs-forever".to_owned(),
            _ if self.has("alb-access-log-bucket-missing", balancer) => "somebody-elses-logs".to_owned(),
            _ => format!("shop-logs-{}", balancer % 4),
        }
    }

    fn balancer_attributes(&self, balancer: usize) -> String {
        let unless = |defect: &str| if self.has(defect, balancer) { "false" } else { "true" };
        attributes(&[
            ("access_logs.s3.enabled", unless("alb-no-access-log")),
            ("access_logs.s3.bucket", &self.log_bucket(balancer)),
            ("access_logs.s3.prefix", &name(balancer)),
            ("deletion_protection.enabled", unless("alb-no-deletion-protection")),
            ("routing.http.drop_invalid_header_fields.enabled", unless("alb-invalid-headers-not-dropped")),
            ("routing.http.desync_mitigation_mode", "defensive"),
            ("idle_timeout.timeout_seconds", "60"),
            ("waf.fail_open.enabled", "false"),
        ])
    }

    fn listeners(&self, balancer: usize) -> String {
        let serves = self.services_behind(balancer).next();
        let forward = match serves {
            Some(service) => forward_to(service),
            None => "<Type>fixed-response</Type><FixedResponseConfig><StatusCode>503</StatusCode></FixedResponseConfig>"
                .to_owned(),
        };
        let redirect = "<Type>redirect</Type><Order>1</Order><RedirectConfig><Protocol>HTTPS</Protocol><Port>443</Port>\
                        <Host>#{host}</Host><Path>/#{path}</Path><Query>#{query}</Query><StatusCode>HTTP_301</StatusCode>\
                        </RedirectConfig>";
        let has_tls = !self.has("alb-no-https-listener", balancer);
        let is_plain = !has_tls || self.has("alb-http-not-redirected", balancer);
        // A fixed response over plain HTTP would be no defect.
        let plain = if is_plain { forward_to(serves.unwrap_or(balancer)) } else { redirect.to_owned() };
        let policy = match balancer {
            _ if self.has("alb-weak-ciphers", balancer) => POLICIES[1].0,
            _ if self.has("alb-weak-tls", balancer) => POLICIES[2].0,
            _ => POLICIES[0].0,
        };
        let listener = |port: usize, protocol: &str, tls: &str, action: &str| {
            format!(
                "<ListenerArn>{}</ListenerArn><LoadBalancerArn>{}</LoadBalancerArn><Port>{port}</Port>\
                 <Protocol>{protocol}</Protocol>{tls}{}",
                listener_arn(balancer, port),
                arn_of(balancer),
                list("DefaultActions", "member", [action.to_owned()]),
            )
        };
        let mut listeners = vec![listener(80, "HTTP", "", &plain)];
        if has_tls {
            let certificate = tag("CertificateArn", super::edge::certificate_arn(balancer));
            let tls = tag("SslPolicy", policy) + &list("Certificates", "member", [certificate]);
            listeners.push(listener(443, "HTTPS", &tls, &forward));
        }
        list("Listeners", "member", listeners)
    }

    fn rules(&self, balancer: usize, port: usize) -> String {
        let default = "<Priority>default</Priority><IsDefault>true</IsDefault><Conditions/><Actions/>";
        let mut rules = vec![tag("RuleArn", format!("{}/default", listener_arn(balancer, port))) + default];
        if port == 443 {
            let others = self.services_behind(balancer).skip(1).enumerate();
            rules.extend(others.map(|(number, service)| {
                let pattern = list("Values", "member", [format!("/api-{service}/*")]);
                let condition = format!("<Field>path-pattern</Field>{}", tag("PathPatternConfig", pattern));
                format!(
                    "<RuleArn>{}</RuleArn><Priority>{}</Priority><IsDefault>false</IsDefault>{}{}",
                    listener_arn(balancer, port).replace(":listener/", ":listener-rule/")
                        + &format!("/{number:016x}"),
                    number + 1,
                    list("Conditions", "member", [condition]),
                    list("Actions", "member", [forward_to(service)]),
                )
            }));
        }
        list("Rules", "member", rules)
    }

    fn target_group_item(&self, service: usize) -> String {
        let interval = if self.has("target-slow-failure-detection", service) { 30 } else { 10 };
        let path = if self.has("target-health-check-path-default", service) { "/" } else { "/health" };
        format!(
            "<TargetGroupArn>{}</TargetGroupArn><TargetGroupName>api-{service}</TargetGroupName><Protocol>HTTP</Protocol>\
             <Port>8080</Port><VpcId>{}</VpcId><HealthCheckProtocol>HTTP</HealthCheckProtocol>\
             <HealthCheckPort>traffic-port</HealthCheckPort><HealthCheckEnabled>true</HealthCheckEnabled>\
             <HealthCheckIntervalSeconds>{interval}</HealthCheckIntervalSeconds>\
             <HealthCheckTimeoutSeconds>5</HealthCheckTimeoutSeconds><HealthyThresholdCount>2</HealthyThresholdCount>\
             <UnhealthyThresholdCount>2</UnhealthyThresholdCount><HealthCheckPath>{path}</HealthCheckPath>\
             <Matcher><HttpCode>200</HttpCode></Matcher>{}<TargetType>ip</TargetType>\
             <ProtocolVersion>HTTP1</ProtocolVersion><IpAddressType>ipv4</IpAddressType>",
            target_group_arn(service),
            network::vpc(self.vpc_of_service(service)),
            list("LoadBalancerArns", "member", [arn_of(self.balancer_of(service))]),
        )
    }

    fn target_health(&self, service: usize) -> String {
        let is_ill = self.has("target-group-no-healthy-target", service);
        let health = if is_ill {
            "<State>unhealthy</State><Reason>Target.Timeout</Reason>"
        } else {
            "<State>healthy</State>"
        };
        let targets = (0..self.desired_count(service)).map(|number| {
            format!(
                "<Target><Id>10.0.{}.{}</Id><Port>8080</Port><AvailabilityZone>{}</AvailabilityZone></Target>\
                 <HealthCheckPort>8080</HealthCheckPort><TargetHealth>{health}</TargetHealth>",
                service % 250,
                number + 10,
                network::zone(number),
            )
        });
        list("TargetHealthDescriptions", "member", targets)
    }
}

fn forward_to(service: usize) -> String {
    let arn = tag("TargetGroupArn", target_group_arn(service));
    let share = arn.clone() + "<Weight>1</Weight>";
    format!(
        "<Type>forward</Type>{arn}<Order>1</Order>{}",
        tag("ForwardConfig", list("TargetGroups", "member", [share]))
    )
}

fn attributes(pairs: &[(&str, &str)]) -> String {
    let pairs = pairs.iter().map(|(key, value)| tag("Key", key) + &tag("Value", value));
    list("Attributes", "member", pairs)
}

fn policy_item((name, protocols, ciphers): &(&str, &[&str], &[&str])) -> String {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let ciphers = texts(ciphers).into_iter().map(|name| tag("Name", name) + "<Priority>1</Priority>");
    tag("Name", name)
        + &list("SslProtocols", "member", texts(protocols))
        + &list("Ciphers", "member", ciphers)
}
