//! The one table of AWS operations that the audit uses: what allows each, which of
//! AWS's token buckets it draws from, and how large its pages are.
//!
//! Everything here is Describe, List or Get of configuration; a test holds that. Rates
//! are AWS's documented defaults per account and region (EC2, ECS and ELB throttling
//! pages; WAF, CloudWatch, Logs and ACM quotas; the SNS API reference). Where AWS
//! documents no number, `UNDOCUMENTED` is used.

/// A token bucket of AWS's, per account and region.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Bucket {
    /// Operations with the same name share the bucket.
    pub name: &'static str,
    /// Requests that may come at once.
    pub capacity: u32,
    /// Requests a second after that.
    pub per_second: u32,
}

/// An operation of the audit.
#[derive(Debug, PartialEq, Eq)]
pub struct Operation {
    /// The service as its IAM actions name it, for instance `elasticloadbalancing`.
    pub service: &'static str,
    /// The operation as the API names it.
    pub name: &'static str,
    /// Every IAM action it needs.
    pub permissions: &'static [&'static str],
    /// The bucket it draws from. EC2 keeps one for each operation.
    pub bucket: Bucket,
    /// The largest page or batch that AWS accepts; 0 where the answer is not paged.
    pub page_size: i32,
    /// Whether it is asked once for the account (in us-east-1) instead of once a region.
    pub is_global: bool,
    /// Method and path where they say what is asked, as the API reference writes them:
    /// `GET /{bucket}?lifecycle`. Recordings name what is in a path by these labels, and know
    /// the request by them when it comes over HTTP.
    pub route: Option<&'static str>,
}

impl Operation {
    /// `service:Operation`, the form used in gaps and messages.
    pub fn id(&self) -> String {
        format!("{}:{}", self.service, self.name)
    }

    const fn at(self, route: &'static str) -> Operation {
        Operation { route: Some(route), ..self }
    }
}

/// Looks an operation up by service and name.
pub fn find(service: &str, name: &str) -> Option<&'static Operation> {
    OPERATIONS.iter().find(|operation| operation.service == service && operation.name == name)
}

#[expect(
    clippy::indexing_slicing,
    clippy::panic,
    reason = "runs in the compiler, where a panic is the error message"
)]
/// Looks an operation up while compiling; a name that is not in the table does not compile.
pub const fn named(service: &str, name: &str) -> &'static Operation {
    let mut index = 0;
    while index < OPERATIONS.len() {
        if same(OPERATIONS[index].service, service) && same(OPERATIONS[index].name, name) {
            return &OPERATIONS[index];
        }
        index += 1;
    }
    panic!("the operation is not in the table")
}

#[expect(
    clippy::indexing_slicing,
    reason = "`get` cannot be called in a const fn; the index is below both lengths"
)]
const fn same(left: &str, right: &str) -> bool {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    if left.len() != right.len() {
        return false;
    }
    let mut index = 0;
    while index < left.len() {
        if left[index] != right[index] {
            return false;
        }
        index += 1;
    }
    true
}

const fn bucket(name: &'static str, capacity: u32, per_second: u32) -> Bucket {
    Bucket { name, capacity, per_second }
}

const fn operation(
    service: &'static str,
    name: &'static str,
    permissions: &'static [&'static str],
    bucket: Bucket,
    page_size: i32,
) -> Operation {
    Operation { service, name, permissions, bucket, page_size, is_global: false, route: None }
}

const fn global(
    service: &'static str,
    name: &'static str,
    permissions: &'static [&'static str],
    bucket: Bucket,
    page_size: i32,
) -> Operation {
    Operation { service, name, permissions, bucket, page_size, is_global: true, route: None }
}

// EC2 evaluates each operation on its own; a page size keeps the fuller bucket of 100.
const fn ec2(name: &'static str, permissions: &'static [&'static str], page_size: i32) -> Operation {
    operation("ec2", name, permissions, bucket(name, 100, 20), page_size)
}

// One bucket for the whole of Elastic Load Balancing.
const fn elb(name: &'static str, permissions: &'static [&'static str], page_size: i32) -> Operation {
    operation("elasticloadbalancing", name, permissions, bucket("elasticloadbalancing", 40, 10), page_size)
}

const ECS_CLUSTER: Bucket = bucket("ecs cluster read", 50, 20);
const ECS_TASK_DEFINITION: Bucket = bucket("ecs task definition read", 50, 20);
const ECS_SERVICE: Bucket = bucket("ecs service read", 100, 20);
const ECS_RESOURCE: Bucket = bucket("ecs cluster resource read", 100, 20);

/// Every operation of the audit, in the order of service and name.
pub const OPERATIONS: &[Operation] = &[
    operation(
        "acm",
        "DescribeCertificate",
        &["acm:DescribeCertificate"],
        bucket("acm DescribeCertificate", 10, 10),
        0,
    ),
    operation(
        "acm",
        "ListCertificates",
        &["acm:ListCertificates"],
        bucket("acm ListCertificates", 8, 8),
        1000,
    ),
    operation(
        "application-autoscaling",
        "DescribeScalableTargets",
        &["application-autoscaling:DescribeScalableTargets"],
        bucket("application-autoscaling", 10, 10),
        50,
    ),
    operation(
        "application-autoscaling",
        "DescribeScalingPolicies",
        &["application-autoscaling:DescribeScalingPolicies"],
        bucket("application-autoscaling", 10, 10),
        10,
    ),
    operation(
        "application-autoscaling",
        "DescribeScheduledActions",
        &["application-autoscaling:DescribeScheduledActions"],
        bucket("application-autoscaling", 10, 10),
        50,
    ),
    global(
        "cloudfront",
        "ListDistributions",
        &["cloudfront:ListDistributions"],
        bucket("cloudfront", 10, 10),
        100,
    )
    .at("GET /2020-05-31/distribution"),
    operation(
        "cloudwatch",
        "DescribeAlarms",
        &["cloudwatch:DescribeAlarms"],
        bucket("cloudwatch DescribeAlarms", 9, 9),
        100,
    ),
    operation(
        "cloudwatch",
        "GetMetricData",
        &["cloudwatch:GetMetricData"],
        bucket("cloudwatch GetMetricData", 50, 50),
        500,
    ),
    ec2("DescribeInternetGateways", &["ec2:DescribeInternetGateways"], 1000),
    ec2("DescribeManagedPrefixLists", &["ec2:DescribeManagedPrefixLists"], 100),
    ec2("DescribeNatGateways", &["ec2:DescribeNatGateways"], 1000),
    ec2("DescribeNetworkAcls", &["ec2:DescribeNetworkAcls"], 1000),
    ec2("DescribeNetworkInterfaces", &["ec2:DescribeNetworkInterfaces"], 1000),
    ec2("DescribeRegions", &["ec2:DescribeRegions"], 0),
    ec2("DescribeRouteTables", &["ec2:DescribeRouteTables"], 100),
    ec2("DescribeSecurityGroups", &["ec2:DescribeSecurityGroups"], 1000),
    ec2("DescribeSubnets", &["ec2:DescribeSubnets"], 1000),
    ec2("DescribeVpcs", &["ec2:DescribeVpcs"], 1000),
    ec2("GetManagedPrefixListEntries", &["ec2:GetManagedPrefixListEntries"], 100),
    operation("ecr", "DescribeRepositories", &["ecr:DescribeRepositories"], bucket("ecr", 10, 10), 1000),
    operation(
        "ecs",
        "DescribeCapacityProviders",
        &["ecs:DescribeCapacityProviders"],
        bucket("ecs capacity provider read", 50, 20),
        10,
    ),
    operation("ecs", "DescribeClusters", &["ecs:DescribeClusters"], ECS_CLUSTER, 100),
    operation("ecs", "DescribeServices", &["ecs:DescribeServices"], ECS_SERVICE, 10),
    operation("ecs", "DescribeTaskDefinition", &["ecs:DescribeTaskDefinition"], ECS_TASK_DEFINITION, 0),
    operation("ecs", "DescribeTasks", &["ecs:DescribeTasks"], ECS_RESOURCE, 100),
    operation("ecs", "ListClusters", &["ecs:ListClusters"], ECS_CLUSTER, 100),
    operation("ecs", "ListServices", &["ecs:ListServices"], ECS_SERVICE, 100),
    operation("ecs", "ListTaskDefinitions", &["ecs:ListTaskDefinitions"], ECS_TASK_DEFINITION, 100),
    operation("ecs", "ListTasks", &["ecs:ListTasks"], ECS_RESOURCE, 100),
    elb("DescribeListenerAttributes", &["elasticloadbalancing:DescribeListenerAttributes"], 0),
    elb("DescribeListeners", &["elasticloadbalancing:DescribeListeners"], 400),
    elb("DescribeLoadBalancerAttributes", &["elasticloadbalancing:DescribeLoadBalancerAttributes"], 0),
    elb("DescribeLoadBalancers", &["elasticloadbalancing:DescribeLoadBalancers"], 400),
    elb("DescribeRules", &["elasticloadbalancing:DescribeRules"], 400),
    elb("DescribeSSLPolicies", &["elasticloadbalancing:DescribeSSLPolicies"], 400),
    elb("DescribeTargetGroupAttributes", &["elasticloadbalancing:DescribeTargetGroupAttributes"], 0),
    elb("DescribeTargetGroups", &["elasticloadbalancing:DescribeTargetGroups"], 400),
    elb("DescribeTargetHealth", &["elasticloadbalancing:DescribeTargetHealth"], 0),
    global("iam", "GetPolicy", &["iam:GetPolicy"], bucket("iam", 10, 10), 0),
    global("iam", "GetPolicyVersion", &["iam:GetPolicyVersion"], bucket("iam", 10, 10), 0),
    global("iam", "GetRolePolicy", &["iam:GetRolePolicy"], bucket("iam", 10, 10), 0),
    global("iam", "ListAttachedRolePolicies", &["iam:ListAttachedRolePolicies"], bucket("iam", 10, 10), 1000),
    global("iam", "ListRolePolicies", &["iam:ListRolePolicies"], bucket("iam", 10, 10), 1000),
    operation(
        "logs",
        "DescribeLogGroups",
        &["logs:DescribeLogGroups"],
        bucket("logs DescribeLogGroups", 10, 10),
        50,
    ),
    operation("rds", "DescribeDBClusters", &["rds:DescribeDBClusters"], bucket("rds", 10, 10), 100),
    operation("rds", "DescribeDBInstances", &["rds:DescribeDBInstances"], bucket("rds", 10, 10), 100),
    operation("rds", "DescribeDBSubnetGroups", &["rds:DescribeDBSubnetGroups"], bucket("rds", 10, 10), 100),
    operation(
        "s3",
        "GetBucketLifecycleConfiguration",
        &["s3:GetLifecycleConfiguration"],
        bucket("s3 configuration", 10, 10),
        0,
    )
    .at("GET /{bucket}?lifecycle"),
    operation(
        "s3",
        "GetPublicAccessBlock",
        &["s3:GetBucketPublicAccessBlock"],
        bucket("s3 configuration", 10, 10),
        0,
    )
    .at("GET /{bucket}?publicAccessBlock"),
    global("s3", "ListBuckets", &["s3:ListAllMyBuckets"], bucket("s3 configuration", 10, 10), 10000)
        .at("GET /"),
    operation(
        "secretsmanager",
        "ListSecrets",
        &["secretsmanager:ListSecrets"],
        bucket("secretsmanager", 10, 10),
        100,
    ),
    operation(
        "sns",
        "ListSubscriptions",
        &["sns:ListSubscriptions"],
        bucket("sns ListSubscriptions", 30, 30),
        100,
    ),
    operation("sns", "ListTopics", &["sns:ListTopics"], bucket("sns ListTopics", 30, 30), 100),
    operation("ssm", "DescribeParameters", &["ssm:DescribeParameters"], bucket("ssm", 10, 10), 50),
    global("sts", "GetCallerIdentity", &[], bucket("sts", 100, 100), 0),
    operation("wafv2", "GetWebACL", &["wafv2:GetWebACL"], bucket("wafv2", 5, 5), 0),
    operation(
        "wafv2",
        "ListResourcesForWebACL",
        &["wafv2:ListResourcesForWebACL", "elasticloadbalancing:DescribeWebACLAssociation"],
        bucket("wafv2 ListResourcesForWebACL", 1, 1),
        0,
    ),
    operation("wafv2", "ListWebACLs", &["wafv2:ListWebACLs"], bucket("wafv2", 5, 5), 100),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_only_reads_configuration() {
        for operation in OPERATIONS {
            assert!(
                ["Describe", "List", "Get"].iter().any(|verb| operation.name.starts_with(verb)),
                "{} changes something",
                operation.id()
            );
            let contents = [
                "GetObject",
                "GetSecretValue",
                "BatchGetSecretValue",
                "GetParameter",
                "GetParameters",
                "GetParametersByPath",
                "GetLogEvents",
                "GetItem",
                "GetRecords",
                "GetFunction",
            ];
            assert!(!contents.contains(&operation.name), "{} reads contents", operation.id());
        }
    }

    #[test]
    fn sorted_and_named_once() {
        let ids: Vec<String> =
            OPERATIONS.iter().map(|operation| format!("{} {}", operation.service, operation.name)).collect();
        let mut sorted = ids.clone();
        sorted.sort();
        sorted.dedup();
        assert_eq!(ids, sorted);
    }
}
