//! What of AWS's answers is no free text: names, identifiers and words of AWS, which judging needs or which
//! nobody can write a text into. Everything that is not here is replaced.

/// The fields of each service's answers that stay: a field, or a field behind the one that it is in, where
/// others have the same name.
const KEPT: &[(&str, &str)] = &[
    (
        "acm",
        "CertificateArn CertificateTransparencyLoggingPreference DomainName Export FailureReason InUseBy KeyAlgorithm \
         KeyUsages RenewalEligibility RenewalStatus RenewalStatusReason ResourceRecord/Name ResourceRecord/Type \
         SignatureAlgorithm Status SubjectAlternativeNames SubjectAlternativeNameSummaries Type ValidationDomain \
         ValidationMethod ValidationStatus",
    ),
    (
        "application-autoscaling",
        "AdjustmentType AlarmARN AlarmName MetricAggregationType MetricName Namespace PolicyARN PolicyName PolicyType \
         PredefinedMetricType PredefinedScalingMetricType PredefinedLoadMetricType ResourceId ResourceLabel RoleARN \
         ScalableDimension ScalableTargetARN Schedule ScheduledActionARN ScheduledActionName ServiceNamespace \
         Statistic Timezone Unit",
    ),
    (
        "cloudfront",
        "ACMCertificateArn ARN CNAME CachePolicyId Certificate CertificateSource DomainName Forward HeaderName \
         HttpVersion IAMCertificateId Id LastModifiedTime Method MinimumProtocolVersion OriginAccessControlId \
         OriginProtocolPolicy OriginRequestPolicyId PriceClass ResponseHeadersPolicyId RestrictionType \
         SSLSupportMethod SslProtocol Status TargetOriginId ViewerProtocolPolicy VpcOriginId WebACLId",
    ),
    (
        "cloudwatch",
        "$time AccountId ActionsSuppressor AlarmActions AlarmArn AlarmName AlarmRule ComparisonOperator \
         Dimensions/Name Dimensions/Value EvaluateLowSampleCountPercentile ExtendedStatistic Id \
         InsufficientDataActions MetricName Namespace OKActions Stat StateValue Statistic StatusCode \
         ThresholdMetricId TreatMissingData Unit",
    ),
    (
        "codedeploy",
        "alarms/name applicationId applicationName applications computePlatform deploymentConfigName \
         deploymentGroupId deploymentGroupName deploymentGroups serviceRoleArn",
    ),
    (
        "ec2",
        "addressFamily allocationId associationId attachTime attachmentId availabilityMode availabilityZone \
         availabilityZoneId awsAccountId awsRegion carrierGatewayId cidr cidrBlock cidrIp cidrIpv6 connectivityType \
         coreNetworkArn createTime creationTime deliverLogsStatus destinationCidrBlock destinationIpv6CidrBlock \
         destinationPrefixListId dhcpOptionsId egressOnlyInternetGatewayId exclusionId exclusionsAllowed flowLogId \
         flowLogStatus gatewayId groupId groupName hostnameType instanceId instanceOwnerId instanceTenancy \
         interfaceType internetGatewayBlockMode internetGatewayExclusionMode internetGatewayId ipOwnerId ipProtocol \
         ipv6Address ipv6CidrBlock localGatewayId logDestinationType managedBy natGatewayId networkAclAssociationId \
         networkAclId networkInterfaceId origin ownerId peeringStatus prefixListArn prefixListId prefixListName \
         privateIp privateIpAddress protocol publicIp requesterId resourceArn resourceId routeTableAssociationId \
         routeTableId routeTableIdSet/item ruleAction securityGroupArn serviceName state status subnetArn subnetId \
         subnetIdSet/item networkInterfaceIdSet/item trafficType transitGatewayId userId vpcEndpointId \
         vpcEndpointType vpcId vpcPeeringConnectionId",
    ),
    (
        "ecr",
        "encryptionType failureCode filter filterType imageDigest imageManifestMediaType imageTag imageTagMutability \
         imageTags registryId repositoryArn repositoryName repositoryUri scanFrequency scanType",
    ),
    (
        "ecs",
        "alarmNames alternateTargetGroupArn arn assignPublicIp attachmentId attachments/id attachments/status \
         attachments/type autoScalingGroupArn availabilityZone awslogs-create-group awslogs-group awslogs-region \
         capacityProvider capacityProviderArn capacityProviderName capacityProviders capacityProviders/name \
         clusterArn clusterArns clusterName compatibilities connectivity containerArn containerDefinitions/name \
         containerInstanceArn containerInstanceArns containerName containerOverrides/name containerPortRange \
         containers/name cpu cpuArchitecture credentialsParameter deployments/id deployments/status desiredStatus \
         ec2InstanceId environment/name environmentFiles/value executionRoleArn family firelensConfiguration/type \
         group healthStatus hostPortRange image lastStatus launchType logDriver managedTerminationProtection memory \
         networkMode operatingSystemFamily options/mode pidMode platformFamily platformVersion principalArn \
         privateIpv4Address propagateTags protocol reason requiresCompatibilities rolloutState schedulingStrategy \
         secretOptions/name secrets/name securityGroups serviceArn serviceArns serviceName settings/name \
         settings/value settings/type stabilityStatus status strategy subnets targetGroupArn taskArn taskArns \
         taskDefinition taskDefinitionArn taskDefinitionArns taskRoleArn taskSets/id type user valueFrom",
    ),
    (
        "elasticloadbalancing",
        "AvailabilityZone AvailabilityZones/member CanonicalHostedZoneId CertificateArn Code CreatedTime DNSName \
         Field GrpcCode HealthCheckPort HealthCheckProtocol HttpCode HttpHeaderName Id InstanceId InstanceProtocol \
         Instances/member IpAddressType ListenerArn LoadBalancerArn LoadBalancerArns/member LoadBalancerName Mode \
         Port Priority Protocol ProtocolVersion Reason ResourceArn RuleArn SSLCertificateId Scheme SecurityGroups/member \
         SslPolicy SslProtocols/member State StatusCode SubnetId Subnets/member TargetGroupArn TargetGroupName \
         TargetType TrustStoreArn Type VPCId VpcId ZoneName member/Name",
    ),
    (
        "events",
        "Arn AssignPublicIp EventBusName Group Id LaunchType ManagedBy PlatformVersion RoleArn RuleNames Rules/Name \
         ScheduleExpression SecurityGroups State Subnets TaskDefinitionArn capacityProvider",
    ),
    (
        "iam",
        "Arn DefaultVersionId Expiration PermissionsBoundaryArn PermissionsBoundaryType PolicyArn PolicyId PolicyName \
         PolicyNames/member RoleId RoleName ServerCertificateId ServerCertificateName VersionId Path",
    ),
    (
        "kms",
        "AWSAccountId Arn CustomerMasterKeySpec EncryptionAlgorithms KeyId KeyManager KeySpec KeyState KeyUsage Origin \
         PolicyName",
    ),
    ("logs", "arn kmsKeyId logGroupArn logGroupClass logGroupName"),
    (
        "rds",
        "Action ActivityStreamStatus Address ApplyMethod AttributeName AttributeValues/AttributeValue \
         AutoAppliedAfterDate AvailabilityZone BackupTarget CACertificateIdentifier CAIdentifier CurrentApplyDate \
         DBClusterArn DBClusterIdentifier DBClusterParameterGroup DBClusterParameterGroupStatus \
         DBClusterSnapshotArn DBClusterSnapshotIdentifier DBInstanceArn DBInstanceAutomatedBackupsArn \
         DBInstanceClass DBInstanceIdentifier DBInstanceStatus DBParameterGroupName DBSnapshotArn \
         DBSnapshotIdentifier DBSubnetGroup DBSubnetGroupArn DBSubnetGroupName DBSystemId DbClusterResourceId \
         DbiResourceId EnabledCloudwatchLogsExports/member Endpoint Engine EngineLifecycleSupport EngineMode \
         EngineVersion ForcedApplyDate GlobalClusterIdentifier HostedZoneId KmsKeyId LicenseModel \
         LifecycleSupportEndDate LifecycleSupportName MajorEngineVersion NetworkType OptInStatus OptionGroupName \
         ParameterApplyStatus ParameterName PreferredBackupWindow PreferredMaintenanceWindow \
         ReadReplicaDBClusterIdentifier ReadReplicaDBInstanceIdentifier ReadReplicaIdentifier \
         ReadReplicaSourceDBInstanceIdentifier ReaderEndpoint ReplicationSourceIdentifier ResourceIdentifier \
         SecondaryAvailabilityZone SecretArn SecretStatus SnapshotType Source SourceDBClusterSnapshotArn \
         SourceDBSnapshotIdentifier SourceRegion Status StorageType SubnetAvailabilityZone/Name SubnetGroupStatus \
         SubnetIdentifier SubnetStatus SupportedNetworkTypes/member VpcId VpcSecurityGroupId",
    ),
    (
        "route53",
        "DNSName Failover HostedZone/Name HostedZoneId Id NextRecordIdentifier NextRecordName NextRecordType Region \
         ResourceRecordSet/Name SetIdentifier Type",
    ),
    ("s3", "Bucket/Name BucketRegion CreationDate LocationConstraint Status StorageClass"),
    (
        "scheduler",
        "ActionAfterCompletion Arn AssignPublicIp CapacityProvider Group GroupName LaunchType Mode Name \
         PlatformVersion RoleArn ScheduleExpression ScheduleExpressionTimezone SecurityGroups State Subnets \
         TaskDefinitionArn",
    ),
    (
        "secretsmanager",
        "ARN KmsKeyId Name OwningService PrimaryRegion Region ReplicationStatus/Status RotationLambdaARN \
         ScheduleExpression SecretVersionsToStages",
    ),
    ("servicequotas", "QuotaAppliedAtLevel QuotaArn QuotaCode QuotaName ServiceCode ServiceName Unit"),
    ("sns", "Owner Protocol SubscriptionArn TopicArn"),
    ("ssm", "ARN DataType KeyId Name Tier Type"),
    (
        "wafv2",
        "ARN AggregateKeyType ComparisonOperator CountryCodes ExcludedRules/Name FallbackBehavior \
         FirewallManagerRuleGroups/Name Id LabelNamespace LockToken LogDestinationConfigs LogScope LogType \
         ManagedRuleGroupStatement/Name MetricName PositionalConstraint PostProcessFirewallManagerRuleGroups/Name \
         PreProcessFirewallManagerRuleGroups/Name ResourceArn ResourceArns RuleActionOverrides/Name RuleGroup/Name \
         Rules/Name Scope SensitivityLevel SingleHeader/Name SizeConstraint TextTransformations/Type VendorName \
         WebACL/Name WebACLs/Name",
    ),
];

/// Whether a field of a service's answers stays: `path` is where it is, of which the last two tell.
pub(super) fn is_kept(service: &str, path: &[&str]) -> bool {
    let Some(field) = path.last() else { return false };
    // What AWS calls the request, in every service.
    if ["requestId", "RequestId"].contains(field) {
        return true;
    }
    let fields = KEPT.iter().find(|(of, _)| *of == service).map_or("", |(_, fields)| fields);
    let parent = path.len().checked_sub(2).and_then(|at| path.get(at)).copied().unwrap_or_default();
    fields.split_ascii_whitespace().any(|kept| match kept.split_once('/') {
        Some((within, name)) => within == parent && name == *field,
        None => kept == *field,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::SERVICES;
    use std::collections::BTreeSet;

    #[test]
    fn every_service_has_its_fields() {
        let named: Vec<&str> = KEPT.iter().map(|(service, _)| *service).collect();
        let services: BTreeSet<&str> = SERVICES.iter().map(|service| service.prefix).collect();
        assert_eq!(named.iter().copied().collect::<BTreeSet<_>>(), services, "say what of its answers stays");
        for (service, fields) in KEPT {
            let fields: Vec<&str> = fields.split_ascii_whitespace().collect();
            assert_eq!(
                fields.iter().collect::<BTreeSet<_>>().len(),
                fields.len(),
                "{service} names one twice"
            );
        }
    }

    #[test]
    fn what_people_write_is_in_no_list() {
        for (service, fields) in KEPT {
            for field in fields.split_ascii_whitespace() {
                let field = field.rsplit('/').next().unwrap();
                for free in ["escription", "Comment", "Message", "StateReason", "Pattern", "Query", "Body"] {
                    assert!(!field.ends_with(free), "{service}: {field}");
                }
            }
        }
    }
}
