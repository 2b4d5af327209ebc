//! What stands in front of a load balancer: web ACLs and distributions.

use crate::snapshot::Snapshot;
use crate::snapshot::elb::LoadBalancer;
use crate::snapshot::known::Known;
use crate::snapshot::wafv2::WebAcl;

crate::record! {
    /// What stands in front of a load balancer.
    pub struct LoadBalancerEdge {
        /// Whether a web ACL protects the load balancer itself.
        pub has_web_acl: Known<bool>,
        /// That web ACL; null for none.
        pub web_acl_arn: Known<Option<String>>,
        /// Whether it is the origin of an enabled distribution.
        pub is_behind_distribution: Known<bool>,
        /// Those distributions' ids.
        pub distribution_ids: Known<Vec<String>>,
    }

    /// What a web ACL does.
    pub struct WebAclEffect {
        /// Whether a load balancer or a distribution uses it.
        pub is_in_use: Known<bool>,
        /// The managed rule groups of AWS that really block, in order.
        pub blocking_managed_groups: Known<Vec<String>>,
        /// The managed rule groups that only count.
        pub counting_managed_groups: Known<Vec<String>>,
        /// Whether the core rule set is among those that block.
        pub has_core_rules: Known<bool>,
        /// Whether a rate-based rule really blocks.
        pub has_rate_limit: Known<bool>,
        /// The least number of requests such a rule lets through in its window; null for none.
        pub rate_limit: Known<Option<i64>>,
    }
}

/// See [`super::FUNCTIONS`].
pub fn load_balancer_edge(_snapshot: &Snapshot, _lb: &LoadBalancer) -> LoadBalancerEdge {
    LoadBalancerEdge::default()
}

/// See [`super::FUNCTIONS`].
pub fn web_acl_effect(_snapshot: &Snapshot, _acl: &WebAcl) -> WebAclEffect {
    WebAclEffect::default()
}
