//! Which operations answer which question: the way from a policy to the permissions it needs.

use super::operation::{self, Operation};

/// The operations behind a list (`rds.db_instances`) or a fact that a call of its own
/// fetches (`LoadBalancer.listeners`), as `service:Operation`. A list that is asked for
/// on the way to another counts for both.
const SOURCES: &[(&str, &[&str])] = &[
    ("acm.certificates", &["acm:ListCertificates"]),
    ("Certificate.names", &["acm:DescribeCertificate"]),
    ("Certificate.in_use_by", &["acm:DescribeCertificate"]),
    ("Certificate.renewal_status", &["acm:DescribeCertificate"]),
    ("application_autoscaling.scalable_targets", &["application-autoscaling:DescribeScalableTargets"]),
    ("application_autoscaling.scaling_policies", &["application-autoscaling:DescribeScalingPolicies"]),
    ("application_autoscaling.scheduled_actions", &["application-autoscaling:DescribeScheduledActions"]),
    ("cloudfront.distributions", &["cloudfront:ListDistributions"]),
    ("cloudwatch.alarms", &["cloudwatch:DescribeAlarms"]),
    (
        "cloudwatch.series",
        &["cloudwatch:GetMetricData", "ecs:ListClusters", "ecs:ListServices", "ecs:DescribeServices"],
    ),
    (
        "cloudwatch.traffic",
        &[
            "cloudwatch:GetMetricData",
            "elasticloadbalancing:DescribeLoadBalancers",
            "ec2:DescribeNatGateways",
            "cloudfront:ListDistributions",
        ],
    ),
    ("ec2.vpcs", &["ec2:DescribeVpcs"]),
    ("ec2.subnets", &["ec2:DescribeSubnets"]),
    ("ec2.route_tables", &["ec2:DescribeRouteTables"]),
    ("ec2.network_acls", &["ec2:DescribeNetworkAcls"]),
    ("ec2.internet_gateways", &["ec2:DescribeInternetGateways"]),
    ("ec2.nat_gateways", &["ec2:DescribeNatGateways"]),
    ("ec2.security_groups", &["ec2:DescribeSecurityGroups"]),
    (
        "ec2.prefix_lists",
        &["ec2:DescribeManagedPrefixLists", "ec2:DescribeSecurityGroups", "ec2:DescribeRouteTables"],
    ),
    ("PrefixList.entries", &["ec2:GetManagedPrefixListEntries"]),
    ("ec2.network_interfaces", &["ec2:DescribeNetworkInterfaces"]),
    ("ecr.repositories", &["ecr:DescribeRepositories"]),
    ("ecs.clusters", &["ecs:ListClusters", "ecs:DescribeClusters"]),
    ("ecs.services", &["ecs:ListClusters", "ecs:ListServices", "ecs:DescribeServices"]),
    (
        "ecs.task_definitions",
        &[
            "ecs:ListClusters",
            "ecs:ListServices",
            "ecs:DescribeServices",
            "ecs:ListTasks",
            "ecs:DescribeTasks",
            "ecs:DescribeTaskDefinition",
        ],
    ),
    (
        "ecs.unused_task_definitions",
        &[
            "ecs:ListClusters",
            "ecs:ListServices",
            "ecs:DescribeServices",
            "ecs:ListTasks",
            "ecs:DescribeTasks",
            "ecs:ListTaskDefinitions",
            "ecs:DescribeTaskDefinition",
        ],
    ),
    ("ecs.tasks", &["ecs:ListClusters", "ecs:ListTasks", "ecs:DescribeTasks"]),
    ("ecs.capacity_providers", &["ecs:DescribeCapacityProviders"]),
    ("elb.load_balancers", &["elasticloadbalancing:DescribeLoadBalancers"]),
    ("LoadBalancer.attributes", &["elasticloadbalancing:DescribeLoadBalancerAttributes"]),
    ("LoadBalancer.listeners", &["elasticloadbalancing:DescribeListeners"]),
    ("Listener.rules", &["elasticloadbalancing:DescribeRules"]),
    ("Listener.hsts_header", &["elasticloadbalancing:DescribeListenerAttributes"]),
    ("elb.target_groups", &["elasticloadbalancing:DescribeTargetGroups"]),
    ("TargetGroup.attributes", &["elasticloadbalancing:DescribeTargetGroupAttributes"]),
    ("TargetGroup.targets", &["elasticloadbalancing:DescribeTargetHealth"]),
    (
        "elb.ssl_policies",
        &[
            "elasticloadbalancing:DescribeLoadBalancers",
            "elasticloadbalancing:DescribeListeners",
            "elasticloadbalancing:DescribeSSLPolicies",
        ],
    ),
    (
        "iam.roles",
        &[
            "ecs:ListClusters",
            "ecs:ListServices",
            "ecs:DescribeServices",
            "ecs:ListTasks",
            "ecs:DescribeTasks",
            "ecs:DescribeTaskDefinition",
        ],
    ),
    ("Role.attached_policy_arns", &["iam:ListAttachedRolePolicies"]),
    (
        "Role.statements",
        &[
            "iam:ListAttachedRolePolicies",
            "iam:ListRolePolicies",
            "iam:GetRolePolicy",
            "iam:GetPolicy",
            "iam:GetPolicyVersion",
        ],
    ),
    ("logs.log_groups", &["logs:DescribeLogGroups"]),
    ("rds.db_instances", &["rds:DescribeDBInstances"]),
    ("rds.db_clusters", &["rds:DescribeDBClusters"]),
    ("rds.db_subnet_groups", &["rds:DescribeDBSubnetGroups"]),
    (
        "s3.buckets",
        &[
            "s3:ListBuckets",
            "elasticloadbalancing:DescribeLoadBalancers",
            "elasticloadbalancing:DescribeLoadBalancerAttributes",
        ],
    ),
    ("Bucket.public_access_blocked", &["s3:GetPublicAccessBlock"]),
    ("Bucket.has_lifecycle", &["s3:GetBucketLifecycleConfiguration"]),
    ("secretsmanager.secrets", &["secretsmanager:ListSecrets"]),
    ("sns.topics", &["sns:ListTopics"]),
    ("Topic.subscriptions", &["sns:ListSubscriptions"]),
    ("ssm.parameters", &["ssm:DescribeParameters"]),
    ("wafv2.web_acls", &["wafv2:ListWebACLs"]),
    ("WebAcl.default_action", &["wafv2:GetWebACL"]),
    ("WebAcl.rules", &["wafv2:GetWebACL"]),
    ("WebAcl.load_balancer_arns", &["wafv2:ListResourcesForWebACL"]),
];

/// The operations that a list or fact comes from; none for a name that is neither.
pub fn operations(source: &str) -> impl Iterator<Item = &'static Operation> {
    let found = SOURCES.iter().find(|(name, _)| *name == source);
    let ids = found.map(|(_, ids)| *ids).unwrap_or_default();
    ids.iter()
        .filter_map(|id| id.split_once(':'))
        .filter_map(|(service, name)| operation::find(service, name))
}

/// Whether a list or fact has a source.
pub fn is_source(source: &str) -> bool {
    SOURCES.iter().any(|(name, _)| *name == source)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::Snapshot;
    use crate::snapshot::shape::{RecordShape, Type};

    fn facts(shape: &'static RecordShape, seen: &mut Vec<&'static str>, found: &mut Vec<String>) {
        if seen.contains(&shape.name) {
            return;
        }
        seen.push(shape.name);
        for field in &shape.fields {
            if matches!(field.ty, Type::Known(_)) {
                found.push(format!("{}.{}", shape.name, field.name));
            }
            let mut ty = &field.ty;
            while let Type::Known(inner) | Type::Nullable(inner) | Type::List(inner) = ty {
                ty = inner;
            }
            if let Type::Record(inner) = ty {
                facts(inner(), seen, found);
            }
        }
    }

    #[test]
    fn every_list_and_fact_has_its_operations_and_they_are_in_the_table() {
        let mut expected = Vec::new();
        let mut seen = Vec::new();
        for (section, shape) in Snapshot::section_shapes() {
            for listing in &shape().fields {
                expected.push(format!("{section}.{}", listing.name));
            }
            facts(shape(), &mut seen, &mut expected);
        }
        let mut named: Vec<&str> = SOURCES.iter().map(|(name, _)| *name).collect();
        named.sort_unstable();
        expected.sort();
        assert_eq!(named, expected);
        for (name, ids) in SOURCES {
            assert_eq!(
                operations(name).count(),
                ids.len(),
                "{name} names an operation that is not in the table"
            );
        }
    }

    #[test]
    fn every_operation_answers_something() {
        let used: Vec<&Operation> = SOURCES.iter().flat_map(|(name, _)| operations(name)).collect();
        for operation in operation::OPERATIONS {
            let is_opening =
                ["sts:GetCallerIdentity", "ec2:DescribeRegions"].contains(&operation.id().as_str());
            assert!(is_opening || used.contains(&operation), "{} answers nothing", operation.id());
        }
    }
}
