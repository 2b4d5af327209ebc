//! What the scripts of options hold and lack.

use super::*;

/// What a script of one option must hold and must not.
struct Remedy {
    place: &'static str,
    holds: &'static [&'static str],
    lacks: &'static [&'static str],
    why: &'static str,
}

const REMEDIES: &[Remedy] = &[
    Remedy {
        place: "access-log-bucket-no-lifecycle/expire-after-90-days cli",
        holds: &[
            "AWSLogs/$(aws sts get-caller-identity",
            "/elasticloadbalancing/",
            "[.Rules[] | select(.ID != \"expire-access-logs\")]",
        ],
        lacks: &["Prefix\":\"\""],
        why: "an empty prefix expires every object of the bucket, and a put replaces every rule: \
              https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-filters.html",
    },
    Remedy {
        place: "alb-reachable-past-cloudfront/cloudfront-prefix-list cli",
        holds: &[
            "select(.DomainName as $name | $ours | index([$name]))",
            "OriginProtocolPolicy == \"http-only\" then .HTTPPort",
            "FromPort=$PORT,ToPort=$PORT",
        ],
        lacks: &["FromPort=443"],
        why: "an origin with http-only is fetched on its HTTP port: \
              https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesOrigin.html",
    },
    Remedy {
        place: "alb-no-https-listener/acm-certificate cli",
        holds: &[
            "select(covers($http))",
            "PrefixListIds",
            "\"http-only\"",
            "ORIGIN_NAMES=\"{load_balancer_edge(lb).origin_names}\"",
            "$ours | index([$origin])",
        ],
        lacks: &["CidrIp=0.0.0.0/0"],
        why: "a load balancer that admits CloudFront alone goes on doing so: \
              https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/restrict-access-to-load-balancer.html",
    },
    Remedy {
        place: "alb-no-https-listener/imported-certificate cli",
        holds: &[
            "select(covers($http))",
            "PrefixListIds",
            "\"http-only\"",
            "ORIGIN_NAMES=\"{load_balancer_edge(lb).origin_names}\"",
            "$ours | index([$origin])",
        ],
        lacks: &["CidrIp=0.0.0.0/0"],
        why: "as with the other certificate",
    },
    Remedy {
        place: "alb-plain-http-from-cloudfront/https-to-origin cli",
        holds: &["ORIGIN_NAMES=\"{load_balancer_edge(lb).origin_names}\"", "$names | index([$name])"],
        lacks: &["--arg from {lb.dns_name}"],
        why: "an origin may have a name of one's own that leads to the load balancer: \
              https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesOrigin.html",
    },
    Remedy {
        place: "alb-access-log-bucket-missing/restore-the-bucket cli",
        holds: &[
            "if [ {lb.kind} = network ]",
            "Service: \"delivery.logs.amazonaws.com\" }}, Action: \"s3:GetBucketAcl\"",
            "Service: \"delivery.logs.amazonaws.com\" }}, Action: \"s3:PutObject\"",
            "Service: \"logdelivery.elasticloadbalancing.amazonaws.com\" }}, Action: \"s3:PutObject\"",
        ],
        lacks: &[],
        why: "Network Load Balancers write through another principal than Application Load Balancers: \
              https://docs.aws.amazon.com/elasticloadbalancing/latest/network/enable-access-logs.html",
    },
    Remedy {
        place: "alb-http-not-redirected/redirect cli",
        holds: &["\"http-only\"", "if [ -n \"$HTTP_ONLY\" ]"],
        lacks: &[],
        why: "an origin that is fetched over HTTP alone is redirected to itself for ever: \
              https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesOrigin.html",
    },
    Remedy {
        place: "nat-gateway-in-one-az/gateway-in-each-zone cli",
        holds: &[
            "for ZONE in",
            ".[0].Routes[]",
            "TransitGatewayId",
            "VpcPeeringConnectionId",
            "--add-route-table-ids",
            "enable-vgw-route-propagation",
            "diff ",
        ],
        lacks: &["--destination-cidr-block 0.0.0.0/0"],
        why: "a subnet has one route table, so that a new one needs every route of the old: \
              https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html",
    },
    Remedy {
        place: "ssm-parameter-plain-secret/secure-string cli",
        holds: &["aws ssm describe-parameters"],
        lacks: &[],
        why: "a deleted parameter and its history do not come back: \
              https://docs.aws.amazon.com/systems-manager/latest/userguide/deleting-parameters.html",
    },
    Remedy {
        place: "instance-exposed-to-internet/session-manager cli",
        holds: &["SERVED_PORTS=80,443", "describe-instance-information", "index($port)"],
        lacks: &[],
        why: "customers go on reaching a web server, and whoever administers it is in before the port is closed: \
              https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-getting-started.html",
    },
    Remedy {
        place: "alb-no-cdn/cloudfront-and-s3 cli",
        holds: &[
            "\"Aliases\"",
            "\"ACMCertificateArn\"",
            "--region us-east-1",
            "distribution-deployed",
            "--connect-to",
        ],
        lacks: &[],
        why: "CloudFront answers 403 to a name that is no alias, and an alias needs a certificate of us-east-1: \
              https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/CNAMEs.html",
    },
    Remedy {
        place: "alb-certificate-expiring/replace cli",
        holds: &[
            "add-listener-certificates",
            "describe-listener-certificates",
            "remove-listener-certificates",
        ],
        lacks: &[],
        why: "a listener without a certificate for a name shows its default one, which browsers refuse: \
              https://docs.aws.amazon.com/elasticloadbalancing/latest/application/https-listener-certificates.html",
    },
    Remedy {
        place: "cloudfront-viewer-http/redirect-to-https cli",
        holds: &["get-distribution-config", "match-viewer", "--if-match"],
        lacks: &[],
        why: "an update replaces the whole configuration, and an origin with match-viewer is fetched over HTTPS then: \
              https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_UpdateDistribution.html",
    },
    Remedy {
        place: "waf-no-managed-rules/add-managed-groups cli",
        holds: &["ACTION=${{ACTION:-Count}}"],
        lacks: &["None: {{}}"],
        why: "rules are tested by counting: https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-testing.html",
    },
    Remedy {
        place: "waf-no-rate-limit/add-rate-limit cli",
        holds: &["ACTION=${{ACTION:-Count}}"],
        lacks: &["Block: {{}}"],
        why: "rules are tested by counting: https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-testing.html",
    },
    Remedy {
        place: "alb-no-waf/managed-rules-and-rate-limit cli",
        holds: &["\"SizeRestrictions_BODY\", \"ActionToUse\": {{ \"Count\""],
        lacks: &[],
        why: "the core rule set blocks uploads of more than 8 KB: \
              https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html",
    },
    Remedy {
        place: "rds-unencrypted-storage/copy-snapshot cli",
        holds: &[
            "OptionGroupName",
            "EnableCloudwatchLogsExports",
            "MonitoringInterval",
            "MaxAllocatedStorage",
            "ReadReplicaDBInstanceIdentifiers",
            "AssociatedRoles",
            "diff <(jq -S -f settings.jq",
        ],
        lacks: &["--multi-az", "MultiAZ: true"],
        why: "a restored database begins with defaults for what is not named: \
              https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreDBInstanceFromDBSnapshot.html",
    },
    Remedy {
        place: "rds-unencrypted-storage/copy-snapshot check",
        holds: &["settings.jq", "diff "],
        lacks: &["MultiAZ"],
        why: "every setting but the mended one is as before",
    },
    Remedy {
        place: "rds-cluster-unencrypted-storage/restore-encrypted cli",
        holds: &[
            "DBClusterParameterGroupName",
            "ServerlessV2ScalingConfiguration",
            "PromotionTier",
            "done < instances.json",
            "copy-db-cluster-snapshot",
        ],
        lacks: &[],
        why: "a restored cluster has the default parameter group, no capacity range and no instances: \
              https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreDBClusterFromSnapshot.html",
    },
    Remedy {
        place: "rds-cluster-unencrypted-storage/restore-encrypted check",
        holds: &["settings.jq", "diff ", "PromotionTier"],
        lacks: &[],
        why: "every setting but the mended one is as before",
    },
    Remedy {
        place: "log-group-no-retention/ninety-days cli",
        holds: &["RETENTION_DAYS={days}"],
        lacks: &[],
        why: "audit logs are kept longer than what applications write: \
              https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html#cloudwatch-16",
    },
    Remedy {
        place: "ecs-no-autoscaling/target-tracking-and-schedule undo",
        holds: &["{sale_start} {sale_end}", "scalable-targets-before.json"],
        lacks: &["describe-scheduled-actions"],
        why: "a schedule that somebody else made stays; deregistering takes all of them along: \
              https://docs.aws.amazon.com/autoscaling/application/APIReference/API_DeregisterScalableTarget.html",
    },
];

#[test]
fn each_remedy_does_what_it_says_and_nothing_else() {
    let all: Vec<Script> = ["cli", "check", "undo"].into_iter().flat_map(scripts).collect();
    let mut problems = String::new();
    for remedy in REMEDIES {
        let found: Vec<&Script> =
            all.iter().filter(|script| script.place.starts_with(&format!("{} (", remedy.place))).collect();
        assert_eq!(found.len(), 2, "{}: one script for each language", remedy.place);
        for script in found {
            for part in remedy.holds.iter().filter(|part| !script.text.contains(**part)) {
                writeln!(problems, "{} lacks `{part}`: {}", script.place, remedy.why).unwrap();
            }
            for part in remedy.lacks.iter().filter(|part| script.text.contains(**part)) {
                writeln!(problems, "{} holds `{part}`: {}", script.place, remedy.why).unwrap();
            }
        }
    }
    assert_eq!(problems, "");
}

/// A rule of every script: what a line holds that it is about, what else must be in the script,
/// and why.
struct Rule {
    line: &'static [&'static str],
    needs: &'static [&'static str],
    why: &'static str,
}

const RULES: &[Rule] = &[
    Rule {
        line: &["aws wafv2 update-web-acl"],
        needs: &["del(.ARN, .Capacity,", "LockToken"],
        why: "what UpdateWebACL does not name is gone: \
              https://docs.aws.amazon.com/waf/latest/APIReference/API_UpdateWebACL.html",
    },
    Rule {
        line: &["aws ecs update-service", "--task-definition"],
        needs: &["deploymentController.type"],
        why: "CodeDeploy refuses another definition: \
              https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html",
    },
    Rule {
        line: &["aws ecs register-task-definition"],
        needs: &[
            "--include TAGS",
            "startswith(\"aws:\") | not",
            "if $tags == [] then . else .tags = $tags end",
        ],
        why: "a revision has the tags that it is registered with, and an empty list of them is refused: \
              https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html",
    },
    Rule {
        line: &["aws ecs update-service", "--force-new-deployment"],
        needs: &["deploymentController.type"],
        why: "CodeDeploy refuses a deployment of ECS, see above",
    },
    Rule {
        line: &["aws ecs update-service", "--network-configuration"],
        needs: &["deploymentController.type"],
        why: "CodeDeploy refuses another network, see above",
    },
    Rule {
        line: &["put-bucket-lifecycle-configuration"],
        // A bucket that the script has made has no rules.
        needs: &["get-bucket-lifecycle-configuration|aws s3 mb"],
        why: "a put replaces every rule of the bucket: \
              https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html",
    },
    Rule {
        line: &["put-bucket-policy"],
        needs: &["get-bucket-policy|aws s3 mb"],
        why: "a put replaces the whole policy: \
              https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html",
    },
    Rule {
        line: &["put-registry-scanning-configuration"],
        needs: &["get-registry-scanning-configuration", "scanType"],
        why: "a put replaces every rule, and enhanced scanning by basic: \
              https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutRegistryScanningConfiguration.html",
    },
    Rule {
        line: &["put-cluster-capacity-providers"],
        needs: &["clusters[0].capacityProviders", "clusters[0].defaultCapacityProviderStrategy"],
        why: "what is not named is taken off the cluster: \
              https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PutClusterCapacityProviders.html",
    },
];

#[test]
fn what_replaces_something_copies_it_first() {
    let mut problems = String::new();
    for script in scripts("cli") {
        let commands: String = script
            .text
            .lines()
            .filter(|line| !line.trim_start().starts_with('#'))
            .fold(String::new(), |all, line| all + line + "\n");
        let is_about =
            |rule: &&Rule| commands.lines().any(|line| rule.line.iter().all(|part| line.contains(part)));
        for rule in RULES.iter().filter(is_about) {
            let holds =
                |need: &&&str| need.split('|').any(|part| !part.is_empty() && commands.contains(part));
            for need in rule.needs.iter().filter(|need| !holds(need)) {
                writeln!(problems, "{}: {:?} without `{need}`: {}", script.place, rule.line, rule.why)
                    .unwrap();
            }
        }
        // A change of a database waits for the maintenance window otherwise, and its check fails until then.
        // https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ModifyInstance.ApplyImmediately.html
        let at_once = ["--apply-immediately", "--cloudwatch-logs-export-configuration"];
        for line in commands.lines().filter(|line| {
            line.contains("rds modify-db-instance ") || line.contains("rds modify-db-cluster ")
        }) {
            let is_in_file = line.contains("--cli-input-json") && commands.contains("ApplyImmediately: true");
            if !is_in_file && !at_once.iter().any(|option| line.contains(option)) {
                writeln!(problems, "{}: `{}` waits for the maintenance window", script.place, line.trim())
                    .unwrap();
            }
        }
    }
    assert_eq!(problems, "");
}
