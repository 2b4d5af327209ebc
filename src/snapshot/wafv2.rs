//! Web ACLs: what WAFv2 says, for regional resources and for CloudFront.

use super::known::Known;
use super::listing::Listing;
use super::operation::{Operation, bucket, operation};
use super::source::SourceRow;

crate::record! {
    /// Everything asked of WAFv2.
    pub struct Wafv2 {
        /// Web ACLs of both scopes (ListWebACLs).
        pub web_acls: Listing<WebAcl>,
    }

    /// A web ACL.
    pub struct WebAcl {
        /// The ARN.
        pub arn: String,
        /// The region; us-east-1 for the scope CLOUDFRONT.
        pub region: String,
        /// The name.
        pub name: String,
        /// REGIONAL or CLOUDFRONT.
        pub scope: String,
        /// What happens to requests that no rule ends: allow or block (GetWebACL).
        pub default_action: Known<String>,
        /// Its rules, in the order in which they are evaluated (GetWebACL).
        pub rules: Known<Vec<WebAclRule>>,
        /// The load balancers it protects (ListResourcesForWebACL); for the scope CLOUDFRONT see the distributions.
        pub load_balancer_arns: Known<Vec<String>>,
        /// Where the log of its requests goes: a log group, a bucket or a delivery stream; empty where
        /// none is written (ListLoggingConfigurations).
        #[serde(default)]
        pub log_destination_arns: Known<Vec<String>>,
    }

    /// A rule of a web ACL.
    pub struct WebAclRule {
        /// The name.
        pub name: String,
        /// The lowest goes first.
        pub priority: i64,
        /// managed-rule-group, rule-group, rate-based, ip-set, geo-match, byte-match, sqli-match, xss-match,
        /// size-constraint, regex-pattern-set, regex-match, label-match, asn-match, and, or, not.
        pub statement: String,
        /// The vendor of a managed rule group.
        pub vendor: Option<String>,
        /// The name of a managed rule group.
        pub managed_rule_group: Option<String>,
        /// allow, block, count, captcha, challenge; for groups: none (the group's own) or count.
        pub action: String,
        /// Rules of the group that only count.
        pub counted_rules: Vec<String>,
        /// Rules of the group that are given another action.
        pub overridden_rules: Vec<String>,
        /// Whether it looks only at a part of the requests.
        pub has_scope_down: bool,
        /// Requests that a rate-based rule lets through in its window.
        pub rate_limit: Option<i64>,
        /// The window of a rate-based rule.
        pub rate_window_seconds: Option<i64>,
        /// What a rate-based rule counts by: IP, FORWARDED_IP, CUSTOM_KEYS or CONSTANT.
        pub rate_key: Option<String>,
        /// The kinds of the statements within and, or and not, as in statement; empty for others.
        #[serde(default)]
        pub nested_statements: Known<Vec<String>>,
        /// The rule group, for rule-group; null for others.
        #[serde(default)]
        pub rule_group_arn: Known<Option<String>>,
        /// What is in that group (GetRuleGroup); empty for other statements. Managed rule groups do
        /// not show theirs.
        #[serde(default)]
        pub rule_group_rules: Known<Vec<RuleGroupRule>>,
    }

    /// A rule of a rule group.
    pub struct RuleGroupRule {
        /// The name.
        pub name: String,
        /// As that of a web ACL's rule; never a group.
        pub statement: String,
        /// The kinds of the statements within and, or and not.
        pub nested_statements: Vec<String>,
        /// allow, block, count, captcha, challenge.
        pub action: String,
        /// Whether it looks only at a part of the requests.
        pub has_scope_down: bool,
        /// Requests that a rate-based rule lets through in its window.
        pub rate_limit: Option<i64>,
        /// The window of a rate-based rule.
        pub rate_window_seconds: Option<i64>,
    }
}

impl WebAcl {
    /// Whether it protects distributions, and not resources of its region.
    pub(crate) fn is_of_cloudfront(&self) -> bool {
        self.scope == "CLOUDFRONT"
    }
}

/// What is asked, in the order of names.
pub const OPERATIONS: &[Operation] = &[
    operation("wafv2", "GetRuleGroup", &["wafv2:GetRuleGroup"], bucket("wafv2", 5, 5), 0),
    operation("wafv2", "GetWebACL", &["wafv2:GetWebACL"], bucket("wafv2", 5, 5), 0)
        .told_apart_by(&["Name", "Scope"]),
    operation(
        "wafv2",
        "ListLoggingConfigurations",
        &["wafv2:ListLoggingConfigurations"],
        bucket("wafv2", 5, 5),
        100,
    )
    .list("LoggingConfigurations", "NextMarker"),
    operation(
        "wafv2",
        "ListResourcesForWebACL",
        &["wafv2:ListResourcesForWebACL", "elasticloadbalancing:DescribeWebACLAssociation"],
        bucket("wafv2 ListResourcesForWebACL", 1, 1),
        0,
    ),
    operation("wafv2", "ListWebACLs", &["wafv2:ListWebACLs"], bucket("wafv2", 5, 5), 100)
        .list("WebACLs", "NextMarker"),
];

/// Which of it answers which list or fact.
pub(crate) const SOURCES: &[SourceRow] = &[
    ("wafv2.web_acls", &["cloudfront:ListDistributions", "wafv2:ListWebACLs"]),
    ("WebAcl.default_action", &["wafv2:GetWebACL"]),
    ("WebAcl.rules", &["wafv2:GetWebACL"]),
    ("WebAcl.load_balancer_arns", &["wafv2:ListResourcesForWebACL"]),
    ("WebAcl.log_destination_arns", &["wafv2:ListLoggingConfigurations"]),
    ("WebAclRule.nested_statements", &["wafv2:GetWebACL"]),
    ("WebAclRule.rule_group_arn", &["wafv2:GetWebACL"]),
    ("WebAclRule.rule_group_rules", &["wafv2:GetRuleGroup"]),
];
