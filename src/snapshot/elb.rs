//! Application and network load balancers: what Elastic Load Balancing v2 says.

use super::known::Known;
use super::listing::Listing;
use super::operation::{Operation, bucket, operation};
use super::source::SourceRow;
use std::collections::BTreeMap;

crate::record! {
    /// Everything asked of Elastic Load Balancing.
    pub struct Elb {
        /// Load balancers (DescribeLoadBalancers).
        pub load_balancers: Listing<LoadBalancer>,
        /// Target groups (DescribeTargetGroups).
        pub target_groups: Listing<TargetGroup>,
        /// TLS security policies (DescribeSSLPolicies).
        pub ssl_policies: Listing<SslPolicy>,
        /// Classic Load Balancers (DescribeLoadBalancers of the API of 2012-06-01).
        #[serde(default)]
        pub classic_load_balancers: Listing<ClassicLoadBalancer>,
    }

    /// A Classic Load Balancer.
    pub struct ClassicLoadBalancer {
        /// The ARN.
        pub arn: String,
        /// The region.
        pub region: String,
        /// The name.
        pub name: String,
        /// internet-facing or internal.
        pub scheme: String,
        /// Its VPC; null for one of before there were VPCs.
        pub vpc_id: Option<String>,
        /// The subnets it is in.
        pub subnet_ids: Vec<String>,
        /// Its security groups.
        pub security_group_ids: Vec<String>,
        /// The ports that it listens on.
        pub listener_ports: Vec<i64>,
        /// The instances that it sends requests to.
        pub instance_ids: Vec<String>,
    }

    /// An application, network or gateway load balancer.
    pub struct LoadBalancer {
        /// The ARN.
        pub arn: String,
        /// The region.
        pub region: String,
        /// The name.
        pub name: String,
        /// The DNS name that clients resolve.
        pub dns_name: String,
        /// application, network or gateway.
        pub kind: String,
        /// internet-facing or internal.
        pub scheme: String,
        /// ipv4, dualstack or dualstack-without-public-ipv4.
        pub ip_address_type: String,
        /// Its VPC.
        pub vpc_id: String,
        /// provisioning, active, active_impaired or failed.
        pub state: String,
        /// The Availability Zones it is in.
        pub availability_zones: Vec<String>,
        /// The subnets it is in.
        pub subnet_ids: Vec<String>,
        /// Its security groups; empty for network load balancers made without.
        pub security_group_ids: Vec<String>,
        /// Its settings (DescribeLoadBalancerAttributes).
        pub attributes: Known<LoadBalancerAttributes>,
        /// Its listeners (DescribeListeners).
        pub listeners: Known<Vec<Listener>>,
        /// Tags (DescribeTags).
        #[serde(default)]
        pub tags: Known<BTreeMap<String, String>>,
    }

    /// A load balancer's settings. A setting that AWS did not mention is null.
    pub struct LoadBalancerAttributes {
        /// Whether it writes an access log to S3; null for kinds that write none
        /// (DescribeLoadBalancerAttributes).
        pub access_logs_enabled: Known<Option<bool>>,
        /// The access log's bucket.
        pub access_logs_bucket: Option<String>,
        /// The access log's prefix in the bucket.
        pub access_logs_prefix: Option<String>,
        /// Whether it is protected against deletion (DescribeLoadBalancerAttributes).
        pub deletion_protection_enabled: Known<bool>,
        /// Whether it drops requests with invalid headers; null for kinds that read no headers
        /// (DescribeLoadBalancerAttributes).
        pub drop_invalid_header_fields_enabled: Known<Option<bool>>,
        /// monitor, defensive or strictest; null for kinds that read no requests
        /// (DescribeLoadBalancerAttributes).
        pub desync_mitigation_mode: Known<Option<String>>,
        /// How long an idle connection is kept.
        pub idle_timeout_seconds: Option<i64>,
        /// Whether requests pass when the web ACL cannot be asked.
        pub waf_fail_open_enabled: Option<bool>,
    }

    /// A listener: a port of a load balancer and what happens to requests that come in there.
    pub struct Listener {
        /// The ARN.
        pub arn: String,
        /// The region.
        pub region: String,
        /// Its load balancer.
        pub load_balancer_arn: String,
        /// The port.
        pub port: Option<i64>,
        /// HTTP, HTTPS, TCP, TLS, UDP, TCP_UDP, GENEVE.
        pub protocol: Option<String>,
        /// The TLS security policy; null where the listener does not speak TLS.
        pub ssl_policy: Option<String>,
        /// The default certificate.
        pub certificate_arns: Vec<String>,
        /// The certificates for other names that clients ask for (SNI), the default one left out; none
        /// where the listener does not speak TLS (DescribeListenerCertificates).
        #[serde(default)]
        pub further_certificate_arns: Known<Vec<String>>,
        /// What happens to requests that no rule takes.
        pub default_actions: Vec<ListenerAction>,
        /// Its rules, the default one left out (DescribeRules); empty for network load balancers.
        pub rules: Known<Vec<ListenerRule>>,
        /// The Strict-Transport-Security header it adds to answers; null for none (DescribeListenerAttributes).
        pub hsts_header: Known<Option<String>>,
    }

    /// What is done with a request.
    pub struct ListenerAction {
        /// forward, redirect, fixed-response, authenticate-oidc, authenticate-cognito or jwt-validation.
        pub kind: String,
        /// Where forward leads, groups of weight 0 among them.
        pub target_group_arns: Vec<String>,
        /// The same with weights; empty for other actions.
        #[serde(default)]
        pub target_groups: Known<Vec<WeightedTargetGroup>>,
        /// Protocol that redirect leads to: HTTP, HTTPS or #{protocol} for the same.
        pub redirect_protocol: Option<String>,
        /// Port that redirect leads to, or #{port} for the same.
        pub redirect_port: Option<String>,
        /// Host that redirect leads to, or #{host} for the same; null for other actions.
        #[serde(default)]
        pub redirect_host: Known<Option<String>>,
        /// HTTP_301 or HTTP_302.
        pub redirect_status_code: Option<String>,
    }

    /// A target group of a forward action.
    pub struct WeightedTargetGroup {
        /// The target group.
        pub target_group_arn: String,
        /// Its share of the requests is its weight over the sum of all: 0 to 999. No request goes to a
        /// group of weight 0.
        pub weight: i64,
    }

    /// A rule of a listener.
    pub struct ListenerRule {
        /// The ARN.
        pub arn: String,
        /// The lowest goes first.
        pub priority: String,
        /// All must hold.
        pub conditions: Vec<RuleCondition>,
        /// What is done.
        pub actions: Vec<ListenerAction>,
    }

    /// A condition of a listener's rule.
    pub struct RuleCondition {
        /// host-header, path-pattern, http-header, query-string, http-request-method or source-ip.
        pub field: String,
        /// The header that http-header looks at.
        pub header_name: Option<String>,
        /// The methods or addresses it accepts. Left out for what may be or hold a secret (http-header,
        /// query-string, path-pattern, host-header), but for values of http-header that are only wildcards
        /// and accept anything.
        pub values: Vec<String>,
        /// Of http-header: HMAC-SHA-256 of each value under a key that is not kept, comparable with
        /// the headers of distributions within one snapshot.
        pub value_fingerprints: Vec<String>,
    }

    /// A target group: where a load balancer sends requests, and how it tells who is healthy.
    pub struct TargetGroup {
        /// The ARN.
        pub arn: String,
        /// The region.
        pub region: String,
        /// The name.
        pub name: String,
        /// HTTP, HTTPS, TCP, TLS, UDP, TCP_UDP, GENEVE; null for Lambda.
        pub protocol: Option<String>,
        /// The targets' port; null for Lambda.
        pub port: Option<i64>,
        /// instance, ip, lambda or alb.
        pub target_type: String,
        /// Its VPC; null for Lambda.
        pub vpc_id: Option<String>,
        /// The load balancers that use it.
        pub load_balancer_arns: Vec<String>,
        /// Whether health is checked.
        pub health_check_enabled: Option<bool>,
        /// Protocol of the check.
        pub health_check_protocol: Option<String>,
        /// Path of the check; null for TCP checks.
        pub health_check_path: Option<String>,
        /// Time between two checks.
        pub health_check_interval_seconds: Option<i64>,
        /// How long an answer may take.
        pub health_check_timeout_seconds: Option<i64>,
        /// Good checks in a row until a target is taken in.
        pub healthy_threshold_count: Option<i64>,
        /// Bad checks in a row until a target is taken out.
        pub unhealthy_threshold_count: Option<i64>,
        /// The HTTP codes that count as good, for instance 200-399.
        pub matcher: Option<String>,
        /// Its settings (DescribeTargetGroupAttributes).
        pub attributes: Known<TargetGroupAttributes>,
        /// Its targets now; asked only where a load balancer uses the group (DescribeTargetHealth).
        pub targets: Known<Vec<Target>>,
        /// Tags (DescribeTags).
        #[serde(default)]
        pub tags: Known<BTreeMap<String, String>>,
    }

    /// A target group's settings. A setting that AWS did not mention is null.
    pub struct TargetGroupAttributes {
        /// How long a leaving target keeps its open requests.
        pub deregistration_delay_seconds: Option<i64>,
        /// How long a new target gets a growing share.
        pub slow_start_seconds: Option<i64>,
        /// Whether a client stays with one target.
        pub stickiness_enabled: Option<bool>,
        /// Whether targets see the clients' addresses instead of the load balancer's; of network load
        /// balancers' groups.
        #[serde(default)]
        pub preserve_client_ip_enabled: Known<Option<bool>>,
    }

    /// A target and its health.
    pub struct Target {
        /// Instance id, IP address, function or load balancer ARN.
        pub id: String,
        /// The port.
        pub port: Option<i64>,
        /// Its Availability Zone.
        pub availability_zone: Option<String>,
        /// initial, healthy, unhealthy, unused, draining or unavailable.
        pub state: String,
        /// AWS's reason code for a state other than healthy.
        pub reason: Option<String>,
    }

    /// A TLS security policy.
    pub struct SslPolicy {
        /// The region that was asked.
        pub region: String,
        /// For instance ELBSecurityPolicy-TLS13-1-2-2021-06.
        pub name: String,
        /// For instance TLSv1.2.
        pub protocols: Vec<String>,
        /// OpenSSL names.
        pub ciphers: Vec<String>,
    }
}

impl Listener {
    /// Whether clients' connections to it are encrypted.
    pub(crate) fn speaks_tls(&self) -> bool {
        matches!(self.protocol.as_deref(), Some("HTTPS" | "TLS"))
    }
}

impl ClassicLoadBalancer {
    /// Whether it has addresses of the internet.
    pub(crate) fn is_internet_facing(&self) -> bool {
        self.scheme == "internet-facing"
    }
}

impl LoadBalancer {
    /// Whether it has addresses of the internet.
    pub(crate) fn is_internet_facing(&self) -> bool {
        self.scheme == "internet-facing"
    }

    /// Whether it was never set up: nothing is billed, and nothing answers.
    pub fn has_failed(&self) -> bool {
        self.state == "failed"
    }
}

impl ListenerAction {
    /// Whether it names a target group, with whatever weight.
    pub(crate) fn names(&self, target_group_arn: &str) -> bool {
        self.target_group_arns.iter().any(|arn| arn == target_group_arn)
    }

    /// Whether requests go to a target group by this action. Of several groups the weights decide.
    pub(crate) fn sends_to(&self, target_group_arn: &str) -> Known<bool> {
        if !self.names(target_group_arn) {
            return Known::Yes(false);
        }
        match &self.target_groups {
            Known::Yes(groups) => Known::Yes(
                groups.iter().any(|group| group.target_group_arn == target_group_arn && group.weight > 0),
            ),
            // A group that is alone has every request.
            Known::No(_) if self.target_group_arns.len() == 1 => Known::Yes(true),
            Known::No(gap) => Known::No(gap.clone()),
        }
    }
}

/// Whether a listener or target group with this protocol takes UDP, alone or beside TCP.
pub(crate) fn takes_udp(protocol: &str) -> bool {
    matches!(protocol, "UDP" | "TCP_UDP" | "QUIC" | "TCP_QUIC")
}

// One bucket for the whole of Elastic Load Balancing.
const fn describe(name: &'static str, permissions: &'static [&'static str], page_size: i32) -> Operation {
    operation("elasticloadbalancing", name, permissions, bucket("elasticloadbalancing", 40, 10), page_size)
}

/// What is asked, in the order of names.
pub const OPERATIONS: &[Operation] = &[
    // AWS has two operations of one name; this is the one of the API of 2012-06-01.
    describe("DescribeClassicLoadBalancers", &["elasticloadbalancing:DescribeLoadBalancers"], 400)
        .list("LoadBalancerDescriptions", "NextMarker"),
    describe("DescribeListenerAttributes", &["elasticloadbalancing:DescribeListenerAttributes"], 0),
    describe("DescribeListenerCertificates", &["elasticloadbalancing:DescribeListenerCertificates"], 400)
        .list("Certificates", "NextMarker"),
    describe("DescribeListeners", &["elasticloadbalancing:DescribeListeners"], 400)
        .list("Listeners", "NextMarker"),
    describe("DescribeLoadBalancerAttributes", &["elasticloadbalancing:DescribeLoadBalancerAttributes"], 0),
    describe("DescribeLoadBalancers", &["elasticloadbalancing:DescribeLoadBalancers"], 400)
        .list("LoadBalancers", "NextMarker"),
    describe("DescribeRules", &["elasticloadbalancing:DescribeRules"], 400).list("Rules", "NextMarker"),
    describe("DescribeSSLPolicies", &["elasticloadbalancing:DescribeSSLPolicies"], 400)
        .list("SslPolicies", "NextMarker"),
    // The page size is how many may be asked about at once.
    describe("DescribeTags", &["elasticloadbalancing:DescribeTags"], 20),
    describe("DescribeTargetGroupAttributes", &["elasticloadbalancing:DescribeTargetGroupAttributes"], 0),
    describe("DescribeTargetGroups", &["elasticloadbalancing:DescribeTargetGroups"], 400)
        .list("TargetGroups", "NextMarker"),
    describe("DescribeTargetHealth", &["elasticloadbalancing:DescribeTargetHealth"], 0),
];

const LOAD_BALANCER_ATTRIBUTES: &[&str] = &["elasticloadbalancing:DescribeLoadBalancerAttributes"];

/// Which of it answers which list or fact.
pub(crate) const SOURCES: &[SourceRow] = &[
    ("elb.load_balancers", &["elasticloadbalancing:DescribeLoadBalancers"]),
    ("LoadBalancer.attributes", LOAD_BALANCER_ATTRIBUTES),
    ("LoadBalancerAttributes.access_logs_enabled", LOAD_BALANCER_ATTRIBUTES),
    ("LoadBalancerAttributes.deletion_protection_enabled", LOAD_BALANCER_ATTRIBUTES),
    ("LoadBalancerAttributes.drop_invalid_header_fields_enabled", LOAD_BALANCER_ATTRIBUTES),
    ("LoadBalancerAttributes.desync_mitigation_mode", LOAD_BALANCER_ATTRIBUTES),
    ("LoadBalancer.tags", &["elasticloadbalancing:DescribeTags"]),
    ("LoadBalancer.listeners", &["elasticloadbalancing:DescribeListeners"]),
    ("Listener.further_certificate_arns", &["elasticloadbalancing:DescribeListenerCertificates"]),
    (
        "ListenerAction.target_groups",
        &["elasticloadbalancing:DescribeListeners", "elasticloadbalancing:DescribeRules"],
    ),
    ("Listener.rules", &["elasticloadbalancing:DescribeRules"]),
    ("Listener.hsts_header", &["elasticloadbalancing:DescribeListenerAttributes"]),
    (
        "ListenerAction.redirect_host",
        &["elasticloadbalancing:DescribeListeners", "elasticloadbalancing:DescribeRules"],
    ),
    ("elb.classic_load_balancers", &["elasticloadbalancing:DescribeClassicLoadBalancers"]),
    ("elb.target_groups", &["elasticloadbalancing:DescribeTargetGroups"]),
    ("TargetGroup.attributes", &["elasticloadbalancing:DescribeTargetGroupAttributes"]),
    (
        "TargetGroupAttributes.preserve_client_ip_enabled",
        &["elasticloadbalancing:DescribeTargetGroupAttributes"],
    ),
    ("TargetGroup.tags", &["elasticloadbalancing:DescribeTags"]),
    ("TargetGroup.targets", &["elasticloadbalancing:DescribeTargetHealth"]),
    (
        "elb.ssl_policies",
        &[
            "elasticloadbalancing:DescribeLoadBalancers",
            "elasticloadbalancing:DescribeListeners",
            "elasticloadbalancing:DescribeSSLPolicies",
        ],
    ),
];
