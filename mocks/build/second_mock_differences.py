"""What the second mock, ministack, answers otherwise than moto, and what AWS says. README.md tells it to readers."""

# Operations of tenken that ministack does not answer: what depends on them is unknown there.
GAPS = {
    "application-autoscaling:DescribeScalableTargets",
    "application-autoscaling:DescribeScalingPolicies",
    "application-autoscaling:DescribeScheduledActions",
    "codedeploy:ListApplications",
    "ec2:DescribeVpcBlockPublicAccessOptions",
    "ecr:DescribeImages",
    "ecr:GetRegistryScanningConfiguration",
    # It answers, but leaves out attributes that nobody set.
    "elasticloadbalancing:DescribeLoadBalancerAttributes",
    "elasticloadbalancing:DescribeListenerCertificates",
    "elasticloadbalancing:DescribeSSLPolicies",
    "rds:DescribeDBClusterParameters",
    "rds:DescribeDBMajorEngineVersions",
    "rds:DescribeDBParameters",
    "rds:DescribeDBSnapshotAttributes",
    "servicequotas:GetServiceQuota",
    "wafv2:GetRuleGroup",
    "wafv2:ListLoggingConfigurations",
}

# What the builders of the accounts ask for and ministack does not have.
NOT_BUILT = {
    "application-autoscaling:put_scaling_policy",
    "application-autoscaling:register_scalable_target",
    "codedeploy:create_application",
    "codedeploy:create_deployment_group",
    "ec2:create_vpc_block_public_access_exclusion",
    "ec2:modify_vpc_block_public_access_options",
    "ecr:put_registry_scanning_configuration",
    "ecs:register_container_instance",
    "iam:upload_server_certificate",
    "rds:modify_db_cluster_snapshot_attribute",
}

# Why the same account looks otherwise there.
NO_INTERFACES = "instances and tasks have no network interfaces, so that nothing is seen to be reached through them"
ONE_ZONE = "services start their tasks themselves, all in the first zone"
NO_TARGETS = "tasks have no addresses, so that nobody registers them as targets"
NO_SUBNET_GROUP = "ModifyDBInstance does not move a database to another subnet group"
NO_GROUPS_OF_CLUSTER = "instances of a cluster do not take over its subnet group and security groups"
NO_LISTENER_RULES = "a target group that only a rule names does not name its load balancer"
NO_PREFIX_LISTS = "rules lose their prefix lists, so that CloudFront does not reach the load balancer either"
NO_MAINTENANCE = "no maintenance ever waits"
ALWAYS_UPGRADES = "ModifyDBInstance does not turn minor upgrades off"

# By account and policy: how many failures more or fewer, and why.
DIFFERENCES = {
    "ec-site": {
        "db-admits-exposed-host": (-1, NO_INTERFACES),
        "ecs-service-in-one-az": (1, ONE_ZONE),
        "target-group-no-healthy-target": (1, NO_TARGETS),
    },
    "ec-site-phase1": {
        "ecs-service-in-one-az": (1, ONE_ZONE),
        "load-balancer-stops-with-one-loss": (1, ONE_ZONE),
        "target-group-no-healthy-target": (1, NO_TARGETS),
    },
    "worn-site": {
        "alb-no-waf": (-1, NO_PREFIX_LISTS),
        "db-admits-exposed-host": (-4, NO_INTERFACES),
        "db-exposed-to-internet": (-1, NO_SUBNET_GROUP),
        "db-security-group-admits-network": (-1, NO_GROUPS_OF_CLUSTER),
        "db-security-group-open-to-world": (-1, NO_GROUPS_OF_CLUSTER),
        "ecs-service-in-one-az": (2, ONE_ZONE),
        "instance-exposed-to-internet": (-1, NO_INTERFACES),
        "instance-public-address": (-1, NO_INTERFACES),
        "rds-maintenance-due": (-1, NO_MAINTENANCE),
        "rds-no-minor-version-upgrade": (-1, ALWAYS_UPGRADES),
        "security-group-icmp-open-to-world": (-1, NO_INTERFACES),
        "security-group-idle-open-to-world": (2, NO_INTERFACES),
        "security-group-open-to-world": (-1, NO_INTERFACES),
        "target-group-no-healthy-target": (1, NO_TARGETS),
        "task-open-inside-network": (-1, NO_LISTENER_RULES),
    },
}
