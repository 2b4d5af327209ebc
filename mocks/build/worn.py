"""A shop that was put in order once and left alone since: phase 1, worn.

Every alteration is one that is made in practice, and breaks one check or a few.
"""

import json

from shop import ACCOUNT, MANAGED_GROUPS, REGION, Shop, allow, assume_by, managed_rules, visible

ADMIN_PASSWORD = "shop1234"
ADMIN_TOKEN_PARAMETER = "/shop/admin/api-token"
ADMIN_TOKEN = "tok-4f9a1c7e2b8d4635a0c1"
EXPORT_PASSWORD = "Exp0rt-Nightly-47kq"
REPORT_PASSWORD = "Rep0rts-Passw0rd!2019"
ORIGIN_SECRET = "q7Vd2mXw9Zt4Kc8Rb1Nf6Hs3"


class WornShop(Shop):
    """Phase 1, altered through AWS's API."""

    def __init__(self, cloud):
        super().__init__(cloud, is_phase_1=True)

    def build(self):
        super().build()
        self.old_tls()
        self.public_database()
        self.counting_web_acl()
        self.web_acl_of_staging()
        self.admin_service()
        self.reports_cluster()
        self.old_database()
        self.internal_balancer()
        self.office_and_exports()
        self.ways_out()
        self.distribution()
        self.sale()
        self.certificate_of_before()
        self.bastion()
        self.metrics_service()
        self.old_alarm()
        self.left_open()
        self.nightly_tasks()
        self.deployment_alarm()
        self.campaign()
        self.networks()
        self.old_host()
        self.television()
        self.agents()
        self.old_images()
        self.old_secrets()
        self.cloud.post("/_control/interfaces", self.looks)
        return self

    def old_tls(self):
        elb = self.cloud("elbv2")
        elb.modify_listener(ListenerArn=self.https_listener, SslPolicy="ELBSecurityPolicy-2016-08")
        header = "routing.http.response.strict_transport_security.header_value"
        elb.modify_listener_attributes(
            ListenerArn=self.https_listener, Attributes=[{"Key": header, "Value": ""}]
        )
        # Somebody deleted the bucket to save money; the load balancer still names it.
        s3 = self.cloud("s3")
        s3.delete_bucket_policy(Bucket=self.log_bucket)
        s3.delete_bucket(Bucket=self.log_bucket)
        self.admit(self.alb_group, 80, cidr="0.0.0.0/0")
        self.admit(self.alb_group, 443, cidr_v6="::/0")

    def public_database(self):
        """For an evening with a database client, and never taken back."""
        rds = self.cloud("rds")
        rds.create_db_subnet_group(
            DBSubnetGroupName="ec-db-public", DBSubnetGroupDescription="ec", SubnetIds=self.public
        )
        rds.modify_db_instance(
            DBInstanceIdentifier="ec-db",
            DBSubnetGroupName="ec-db-public",
            PubliclyAccessible=True,
            BackupRetentionPeriod=1,
            ApplyImmediately=True,
        )
        # Two halves, so that no rule reads 0.0.0.0/0; and IPv6.
        for cidr in ("0.0.0.0/1", "128.0.0.0/1"):
            self.admit(self.rds_group, 5432, cidr=cidr)
        self.admit(self.rds_group, 5432, cidr_v6="::/0")
        # From before there were groups: anything in the network.
        self.admit(self.rds_group, 5432, cidr="10.0.0.0/16")
        # The database moved: its interface is in a public subnet now.
        self.cloud("ec2").delete_network_interface(NetworkInterfaceId=self.db_interface)
        del self.looks[self.db_interface]
        look = {"owner": "amazon-rds", "description": "RDSNetworkInterface", "public_ip": "52.196.30.10"}
        self.interface(self.public[0], self.rds_group, look)

    def counting_web_acl(self):
        """Put into count mode while somebody looked for a blocked order, and left there."""
        waf = self.cloud("wafv2")
        token = waf.get_web_acl(Name="shop-waf", Scope="REGIONAL", Id=self.acl["Id"])["LockToken"]
        rules = [managed_rules(name, priority, {"Count": {}}) for priority, name in enumerate(MANAGED_GROUPS)]
        waf.update_web_acl(
            Name="shop-waf",
            Scope="REGIONAL",
            Id=self.acl["Id"],
            LockToken=token,
            DefaultAction={"Allow": {}},
            VisibilityConfig=visible("shop-waf"),
            Rules=rules,
        )

    def web_acl_of_staging(self):
        """Nothing wrong here: nothing uses it. It has a rule group of the account's own, against a country
        that only attacks came from."""
        waf = self.cloud("wafv2")
        rule = {
            "Name": "country",
            "Priority": 0,
            "Statement": {"GeoMatchStatement": {"CountryCodes": ["AQ"]}},
            "Action": {"Block": {}},
            "VisibilityConfig": visible("country"),
        }
        group = waf.create_rule_group(
            Name="shop-own", Scope="REGIONAL", Capacity=1, VisibilityConfig=visible("shop-own"), Rules=[rule]
        )["Summary"]
        own = {
            "Name": "shop-own",
            "Priority": 0,
            "Statement": {"RuleGroupReferenceStatement": {"ARN": group["ARN"]}},
            "OverrideAction": {"None": {}},
            "VisibilityConfig": visible("shop-own"),
        }
        waf.create_web_acl(
            Name="shop-staging",
            Scope="REGIONAL",
            DefaultAction={"Allow": {}},
            VisibilityConfig=visible("shop-staging"),
            Rules=[own],
        )

    def admin_service(self):
        """A second service, made in a hurry: its deployment failed and nobody saw it."""
        iam, elb = self.cloud("iam"), self.cloud("elbv2")
        trust = assume_by("ecs-tasks.amazonaws.com")
        role = iam.create_role(RoleName="shop-admin", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        iam.attach_role_policy(RoleName="shop-admin", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
        iam.put_role_policy(
            RoleName="shop-exec",
            PolicyName="read-secrets",
            PolicyDocument=allow("secretsmanager:GetSecretValue", "*"),
        )
        self.cloud("ssm").put_parameter(Name=ADMIN_TOKEN_PARAMETER, Value=ADMIN_TOKEN, Type="String")
        gone = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:shop/payment-Zq3Xw1"
        token = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter{ADMIN_TOKEN_PARAMETER}"
        container = self.container(
            environment=[{"name": "ADMIN_PASSWORD", "value": ADMIN_PASSWORD}],
            secrets=[{"name": "PAYMENT_KEY", "valueFrom": gone}, {"name": "API_TOKEN", "valueFrom": token}],
        )
        definition = self.register("shop-admin", container, role)
        self.admin_targets = elb.create_target_group(
            Name="shop-admin-tg",
            Protocol="HTTP",
            Port=8080,
            VpcId=self.vpc,
            TargetType="ip",
            HealthCheckPath="/health",
            # Dead tasks should go at once; so do those that start slowly.
            HealthCheckIntervalSeconds=5,
            HealthCheckTimeoutSeconds=2,
            UnhealthyThresholdCount=2,
        )["TargetGroups"][0]["TargetGroupArn"]
        elb.create_rule(
            ListenerArn=self.https_listener,
            Priority=10,
            Conditions=[{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/admin/*"]}}],
            Actions=[{"Type": "forward", "TargetGroupArn": self.admin_targets}],
        )
        one_zone = self.task_network(self.public[:1])
        self.shop_admin = self.make_service("shop-admin", definition, self.admin_targets, 1, True, 100, 100, one_zone)
        self.cloud("ecs").update_service(
            cluster="shop",
            service="shop-admin",
            capacityProviderStrategy=[{"capacityProvider": "FARGATE_SPOT", "weight": 1}],
        )
        self.task("shop-admin", definition, self.admin_targets, self.public[0], "52.196.20.20")
        self.metrics("shop-admin")
        # The shop itself: every deployment may take all tasks away first.
        breaker = {"enable": True, "rollback": True}
        self.cloud("ecs").update_service(
            cluster="shop",
            service="shop-api",
            deploymentConfiguration={
                "deploymentCircuitBreaker": breaker,
                "minimumHealthyPercent": 0,
                "maximumPercent": 100,
            },
        )

    def reports_cluster(self):
        """An Aurora cluster with one instance and nothing turned on."""
        rds = self.cloud("rds")
        rds.create_db_cluster(
            DBClusterIdentifier="reports",
            Engine="aurora-postgresql",
            EngineVersion="15.10",
            MasterUsername="reports",
            MasterUserPassword=REPORT_PASSWORD,
            DBSubnetGroupName="ec-db-subnets",
            VpcSecurityGroupIds=[self.rds_group],
            BackupRetentionPeriod=1,
            StorageEncrypted=False,
            DeletionProtection=False,
        )
        rds.create_db_instance(
            DBInstanceIdentifier="reports-1",
            DBClusterIdentifier="reports",
            DBInstanceClass="db.t4g.medium",
            Engine="aurora-postgresql",
            AvailabilityZone=REGION + "a",
            PubliclyAccessible=False,
        )
        look = {"owner": "amazon-rds", "description": "RDSNetworkInterface"}
        self.interface(self.private[0], self.rds_group, look)

    def old_database(self):
        """Never upgraded since it was made: parameters for a driver without TLS, minor versions by
        hand, and snapshots of a migration that somebody outside was to restore."""
        rds = self.cloud("rds")
        rds.create_db_parameter_group(
            DBParameterGroupName="ec-db-legacy", DBParameterGroupFamily="postgres13", Description="ec"
        )
        rds.modify_db_parameter_group(
            DBParameterGroupName="ec-db-legacy",
            Parameters=[{"ParameterName": "rds.force_ssl", "ParameterValue": "0", "ApplyMethod": "immediate"}],
        )
        # The last of the database before it was encrypted, which was deleted afterwards.
        rds.create_db_instance(
            DBInstanceIdentifier="ec-db-plain",
            DBInstanceClass="db.t4g.small",
            Engine="postgres",
            EngineVersion="13.16",
            AllocatedStorage=20,
            MasterUsername="shop",
            MasterUserPassword=REPORT_PASSWORD,
            DBSubnetGroupName="ec-db-subnets",
        )
        rds.create_db_snapshot(DBInstanceIdentifier="ec-db-plain", DBSnapshotIdentifier="ec-db-before-2024")
        rds.delete_db_instance(DBInstanceIdentifier="ec-db-plain", SkipFinalSnapshot=True)
        rds.create_db_snapshot(DBInstanceIdentifier="ec-db", DBSnapshotIdentifier="ec-db-encrypted")
        rds.modify_db_instance(
            DBInstanceIdentifier="ec-db",
            EngineVersion="13.16",
            DBParameterGroupName="ec-db-legacy",
            AutoMinorVersionUpgrade=False,
            ApplyImmediately=True,
        )
        rds.create_db_cluster_snapshot(
            DBClusterIdentifier="reports", DBClusterSnapshotIdentifier="reports-migration"
        )
        rds.modify_db_cluster_snapshot_attribute(
            DBClusterSnapshotIdentifier="reports-migration", AttributeName="restore", ValuesToAdd=["all"]
        )

    def internal_balancer(self):
        """A network load balancer in one zone. (An application load balancer has at least two.)"""
        group = self.group("internal-sg", "Internal load balancer")
        balancer = self.cloud("elbv2").create_load_balancer(
            Name="shop-internal",
            Type="network",
            Scheme="internal",
            Subnets=[self.private[0]],
            SecurityGroups=[group],
        )["LoadBalancers"][0]
        self.internal = balancer["LoadBalancerArn"]
        path = self.internal.split("loadbalancer/", 1)[1]
        look = {"owner": "amazon-elb", "description": f"ELB {path}"}
        self.interface(self.private[0], group, look)

    def office_and_exports(self):
        """Nothing wrong here: a prefix list of the account's own, and a policy of its own."""
        ec2, iam = self.cloud("ec2"), self.cloud("iam")
        office = ec2.create_managed_prefix_list(
            PrefixListName="office",
            AddressFamily="IPv4",
            MaxEntries=5,
            Entries=[{"Cidr": "203.0.113.0/28", "Description": "Tokyo office"}],
        )["PrefixList"]["PrefixListId"]
        permission = {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "PrefixListIds": [{"PrefixListId": office}]}
        group = self.group("office-sg", "Database from the office")
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])
        exports = iam.create_policy(
            PolicyName="write-exports", PolicyDocument=allow("s3:PutObject", "arn:aws:s3:::shop-exports/*")
        )["Policy"]["Arn"]
        iam.attach_role_policy(RoleName="shop-task", PolicyArn=exports)

    def ways_out(self):
        """One NAT gateway for both zones, and a route to a peering that was given up."""
        ec2 = self.cloud("ec2")
        address = ec2.allocate_address(Domain="vpc")["AllocationId"]
        gateway = ec2.create_nat_gateway(SubnetId=self.public[0], AllocationId=address)["NatGateway"]
        self.nat = gateway["NatGatewayId"]
        for interface in gateway["NatGatewayAddresses"]:
            self.looks[interface["NetworkInterfaceId"]] = {
                "owner": "amazon-aws",
                "description": f"Interface for NAT Gateway {self.nat}",
                "public_ip": "52.196.40.10",
            }
        ec2.create_route(
            RouteTableId=self.private_routes, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=self.nat
        )
        other = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
        peering = ec2.create_vpc_peering_connection(VpcId=self.vpc, PeerVpcId=other)["VpcPeeringConnection"]
        peering = peering["VpcPeeringConnectionId"]
        ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering)
        ec2.create_route(
            RouteTableId=self.private_routes, DestinationCidrBlock="10.9.0.0/16", VpcPeeringConnectionId=peering
        )
        ec2.delete_vpc_peering_connection(VpcPeeringConnectionId=peering)
        ec2.delete_vpc(VpcId=other)

    def distribution(self):
        """In front of the load balancer, which everybody still reaches by its own name. It sends a
        header to tell its requests apart, and nobody asks for it."""
        elb, cloudfront = self.cloud("elbv2"), self.cloud("cloudfront", "us-east-1")
        name = elb.describe_load_balancers(LoadBalancerArns=[self.alb])["LoadBalancers"][0]["DNSName"]
        header = {"HeaderName": "X-Origin-Verify", "HeaderValue": ORIGIN_SECRET}
        origin = {
            "Id": "shop-alb",
            "DomainName": name,
            "CustomHeaders": {"Quantity": 1, "Items": [header]},
            "CustomOriginConfig": {
                "HTTPPort": 80,
                "HTTPSPort": 443,
                "OriginProtocolPolicy": "https-only",
                "OriginSslProtocols": {"Quantity": 1, "Items": ["TLSv1.2"]},
            },
        }
        behavior = {
            "TargetOriginId": "shop-alb",
            "ViewerProtocolPolicy": "redirect-to-https",
            "CachePolicyId": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
        }
        configuration = {
            "CallerReference": "shop",
            "Comment": "shop",
            "Enabled": True,
            "Origins": {"Quantity": 1, "Items": [origin]},
            "DefaultCacheBehavior": behavior,
        }
        made = cloudfront.create_distribution(DistributionConfig=configuration)["Distribution"]
        self.distribution_id, self.distribution_arn = made["Id"], made["ARN"]

    def sale(self):
        """A second distribution for a sale that is long over: by a name of the shop's own, without
        encryption on either side, and with a certificate that nobody renews."""
        cloudfront, route53 = self.cloud("cloudfront", "us-east-1"), self.cloud("route53", "us-east-1")
        balancer = self.cloud("elbv2").describe_load_balancers(LoadBalancerArns=[self.alb])["LoadBalancers"][0]
        zone = route53.create_hosted_zone(Name="example.com", CallerReference="shop")["HostedZone"]["Id"]
        alias = {
            "HostedZoneId": balancer["CanonicalHostedZoneId"],
            "DNSName": "dualstack." + balancer["DNSName"],
            "EvaluateTargetHealth": False,
        }
        record = {"Name": "origin.example.com", "Type": "A", "AliasTarget": alias}
        change = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
        route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=change)
        certificate = self.cloud("acm", "us-east-1").request_certificate(
            DomainName="sale.example.com", ValidationMethod="DNS"
        )["CertificateArn"]
        origin = {
            "Id": "shop",
            "DomainName": "origin.example.com",
            "CustomOriginConfig": {
                "HTTPPort": 80,
                "HTTPSPort": 443,
                "OriginProtocolPolicy": "http-only",
                "OriginSslProtocols": {"Quantity": 1, "Items": ["TLSv1.2"]},
            },
        }
        configuration = {
            "CallerReference": "sale",
            "Comment": "sale",
            "Enabled": True,
            "Aliases": {"Quantity": 1, "Items": ["sale.example.com"]},
            "Origins": {"Quantity": 1, "Items": [origin]},
            "DefaultCacheBehavior": {
                "TargetOriginId": "shop",
                "ViewerProtocolPolicy": "allow-all",
                "CachePolicyId": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
            },
            "ViewerCertificate": {
                "CloudFrontDefaultCertificate": False,
                "ACMCertificateArn": certificate,
                "SSLSupportMethod": "sni-only",
                "MinimumProtocolVersion": "TLSv1",
            },
        }
        made = cloudfront.create_distribution(DistributionConfig=configuration)["Distribution"]
        self.sale_id, self.sale_arn = made["Id"], made["ARN"]

    def certificate_of_before(self):
        """From before Certificate Manager: kept in IAM for a second name, and expired."""
        uploaded = self.cloud("iam").upload_server_certificate(
            ServerCertificateName="shop-of-before", CertificateBody="certificate", PrivateKey="key"
        )["ServerCertificateMetadata"]
        self.cloud("elbv2").add_listener_certificates(
            ListenerArn=self.https_listener, Certificates=[{"CertificateArn": uploaded["Arn"]}]
        )

    def traffic(self):
        """The shop's tasks keep their connections to ec-db (see shop.leaking_connections)."""
        super().traffic()
        self.database_load("reports-1")
        for name in ("ConsumedLCUs", "ProcessedBytes"):
            self.publish("AWS/ApplicationELB", name, {"LoadBalancer": self.campaign_path})
        for name in ("BytesInFromDestination", "BytesOutToDestination"):
            self.publish("AWS/NATGateway", name, {"NatGatewayId": self.nat})
        for identifier in (self.distribution_id, self.sale_id):
            for name in ("BytesDownloaded", "Requests"):
                dimensions = {"DistributionId": identifier, "Region": "Global"}
                self.publish("AWS/CloudFront", name, dimensions, "us-east-1")

    def bastion(self):
        """For a database client, once; it still runs."""
        ec2 = self.cloud("ec2")
        self.bastion_group = self.group("bastion-sg", "SSH")
        self.admit(self.bastion_group, 22, cidr="0.0.0.0/0")
        instance = ec2.run_instances(
            ImageId="ami-0d52744d6551d851e",
            InstanceType="t4g.nano",
            MinCount=1,
            MaxCount=1,
            SubnetId=self.public[0],
            SecurityGroupIds=[self.bastion_group],
        )["Instances"][0]
        self.admit(self.rds_group, 5432, source=self.bastion_group)
        interfaces = [interface["NetworkInterfaceId"] for interface in instance.get("NetworkInterfaces", [])]
        self.bastion_interface = interfaces[0] if interfaces else None

    def metrics_service(self):
        """Collects figures for a dashboard; its port is open so that the dashboard's provider can
        fetch them. A third task was wanted and never came. It once brought out the dashboard's function,
        and its role still may."""
        group = self.group("metrics-sg", "Metrics")
        self.metrics_group = group
        self.admit(group, 9090, cidr="0.0.0.0/0")
        port = [{"containerPort": 9090, "hostPort": 9090, "protocol": "tcp"}]
        iam, trust = self.cloud("iam"), assume_by("ecs-tasks.amazonaws.com")
        role = iam.create_role(RoleName="shop-metrics", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        iam.put_role_policy(
            RoleName="shop-metrics",
            PolicyName="bring-out-dashboard",
            PolicyDocument=allow(
                "lambda:UpdateFunctionCode", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:dashboard"
            ),
        )
        definition = self.register("shop-metrics", self.container(portMappings=port), role)
        network = self.task_network(self.public, group)
        self.shop_metrics = self.make_service("shop-metrics", definition, None, 3, True, 100, 200, network)
        for number, subnet in enumerate(self.public):
            self.task("shop-metrics", definition, None, subnet, f"52.196.20.{30 + number}", group)
        self.metrics("shop-metrics")

    def left_open(self):
        """Small things that nobody took back: a group without use, ping, a test from inside the
        network, a redirect to a port that nothing listens on, a bucket without a lock."""
        ec2, elb, s3 = self.cloud("ec2"), self.cloud("elbv2"), self.cloud("s3")
        self.idle_group = self.group("old-web-sg", "Web servers of before")
        self.admit(self.idle_group, 443, cidr="0.0.0.0/0")
        ping = {"IpProtocol": "icmp", "FromPort": -1, "ToPort": -1, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
        ec2.authorize_security_group_ingress(GroupId=self.bastion_group, IpPermissions=[ping])
        self.admit(self.ecs_group, 8080, cidr="10.0.0.0/16")
        elb.create_listener(
            LoadBalancerArn=self.alb,
            Protocol="HTTP",
            Port=8080,
            DefaultActions=[
                {
                    "Type": "redirect",
                    "RedirectConfig": {"Protocol": "HTTPS", "Port": "8443", "StatusCode": "HTTP_301"},
                }
            ],
        )
        bucket = f"shop-internal-logs-{ACCOUNT}"
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        attributes = {"access_logs.s3.enabled": "true", "access_logs.s3.bucket": bucket}
        elb.modify_load_balancer_attributes(
            LoadBalancerArn=self.internal,
            Attributes=[{"Key": key, "Value": value} for key, value in attributes.items()],
        )

    def nightly_tasks(self):
        """An export that a rule starts at night and nobody looks at, with the second service's
        rights, the dashboard's open port and passwords in clear text; and a clean-up by a schedule,
        with nothing wrong."""
        iam, events = self.cloud("iam"), self.cloud("events")
        starter = iam.create_role(RoleName="start-tasks", AssumeRolePolicyDocument=assume_by("events.amazonaws.com"))
        starter = starter["Role"]["Arn"]
        administrator = f"arn:aws:iam::{ACCOUNT}:role/shop-admin"
        gone = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:shop/partner-Kp7Ld2"
        token = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter{ADMIN_TOKEN_PARAMETER}"
        port = [{"containerPort": 9090, "hostPort": 9090, "protocol": "tcp"}]
        container = self.container(
            portMappings=port,
            environment=[{"name": "DB_PASSWORD", "value": EXPORT_PASSWORD}],
            secrets=[{"name": "PARTNER_KEY", "valueFrom": gone}, {"name": "API_TOKEN", "valueFrom": token}],
        )
        export = self.register("shop-export", container, administrator)

        def parameters(definition, group, public):
            network = {"Subnets": self.public, "SecurityGroups": [group], "AssignPublicIp": public}
            return {
                "TaskDefinitionArn": definition,
                "TaskCount": 1,
                "LaunchType": "FARGATE",
                "NetworkConfiguration": {"awsvpcConfiguration": network},
            }

        overrides = {"containerOverrides": [{"name": "app", "environment": [{"name": "PARTNER_PASSWORD", "value": EXPORT_PASSWORD}]}]}
        rule = events.put_rule(Name="nightly-export", ScheduleExpression="cron(0 18 * * ? *)", State="ENABLED")
        self.nightly_export = rule["RuleArn"]
        target = {
            "Id": "export",
            "Arn": self.cluster,
            "RoleArn": starter,
            "Input": json.dumps(overrides),
            "EcsParameters": parameters(export, self.metrics_group, "ENABLED"),
        }
        events.put_targets(Rule="nightly-export", Targets=[target])
        clean = self.register("shop-cleanup", self.container(portMappings=[]), self.task_role)
        target = {
            "Arn": self.cluster,
            "RoleArn": starter,
            "EcsParameters": parameters(clean.rsplit(":", 1)[0], self.ecs_group, "DISABLED"),
        }
        schedule = self.cloud("scheduler").create_schedule(
            Name="hourly-cleanup",
            ScheduleExpression="rate(1 hour)",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target=target,
        )
        self.hourly_cleanup = schedule["ScheduleArn"]

    def deployment_alarm(self):
        """Nothing wrong here: an alarm that tells nobody, because deployments look at it."""
        self.cloud("cloudwatch").put_metric_alarm(
            AlarmName="shop-deployment",
            Namespace="AWS/ApplicationELB",
            MetricName="HTTPCode_Target_5XX_Count",
            Dimensions=[{"Name": "LoadBalancer", "Value": self.alb_path}],
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=5,
            ComparisonOperator="GreaterThanThreshold",
            ActionsEnabled=True,
            AlarmActions=[],
        )
        self.cloud("ecs").update_service(
            cluster="shop",
            service="shop-metrics",
            deploymentConfiguration={
                "deploymentCircuitBreaker": {"enable": True, "rollback": True},
                "minimumHealthyPercent": 100,
                "maximumPercent": 200,
                "alarms": {"alarmNames": ["shop-deployment"], "enable": True, "rollback": True},
            },
        )
        role = self.cloud("iam").create_role(
            RoleName="deploy", AssumeRolePolicyDocument=assume_by("codedeploy.amazonaws.com")
        )
        codedeploy = self.cloud("codedeploy")
        codedeploy.create_application(applicationName="back-office", computePlatform="Server")
        codedeploy.create_deployment_group(
            applicationName="back-office",
            deploymentGroupName="production",
            serviceRoleArn=role["Role"]["Arn"],
        )
    def campaign(self):
        """A load balancer that answers CloudFront alone, over plain HTTP, as a campaign left it: it sends
        clients on to another host. And a web ACL that was made for it and never got a rule."""
        ec2, elb, cloudfront = self.cloud("ec2"), self.cloud("elbv2"), self.cloud("cloudfront", "us-east-1")
        group = self.group("campaign-sg", "Campaign load balancer")
        name = "com.amazonaws.global.cloudfront.origin-facing"
        lists = ec2.describe_managed_prefix_lists(Filters=[{"Name": "prefix-list-name", "Values": [name]}])
        cloudfront_list = lists["PrefixLists"][0]["PrefixListId"]
        permission = {
            "IpProtocol": "tcp",
            "FromPort": 80,
            "ToPort": 80,
            "PrefixListIds": [{"PrefixListId": cloudfront_list, "Description": "CloudFront"}],
        }
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])
        balancer = elb.create_load_balancer(
            Name="shop-campaign",
            Type="application",
            Scheme="internet-facing",
            Subnets=self.public,
            SecurityGroups=[group],
        )["LoadBalancers"][0]
        self.campaign_alb = balancer["LoadBalancerArn"]
        self.campaign_path = self.campaign_alb.split("loadbalancer/", 1)[1]
        for number, subnet in enumerate(self.public):
            look = {
                "owner": "amazon-elb",
                "description": f"ELB {self.campaign_path}",
                "public_ip": f"52.196.50.{10 + number}",
            }
            self.interface(subnet, group, look)
        attributes = {
            "deletion_protection.enabled": "true",
            "routing.http.drop_invalid_header_fields.enabled": "true",
            "routing.http.desync_mitigation_mode": "monitor",
        }
        elb.modify_load_balancer_attributes(
            LoadBalancerArn=self.campaign_alb,
            Attributes=[{"Key": key, "Value": value} for key, value in attributes.items()],
        )
        elsewhere = {"Protocol": "HTTP", "Host": "campaign.example.com", "Port": "80", "StatusCode": "HTTP_302"}
        elb.create_listener(
            LoadBalancerArn=self.campaign_alb,
            Protocol="HTTP",
            Port=80,
            DefaultActions=[{"Type": "redirect", "RedirectConfig": elsewhere}],
        )
        # A second origin of the distribution.
        found = cloudfront.get_distribution_config(Id=self.distribution_id)
        configuration = found["DistributionConfig"]
        configuration["Origins"]["Items"].append(
            {
                "Id": "shop-campaign",
                "DomainName": balancer["DNSName"],
                "CustomOriginConfig": {
                    "HTTPPort": 80,
                    "HTTPSPort": 443,
                    "OriginProtocolPolicy": "http-only",
                    "OriginSslProtocols": {"Quantity": 1, "Items": ["TLSv1.2"]},
                },
            }
        )
        configuration["Origins"]["Quantity"] = len(configuration["Origins"]["Items"])
        behavior = {
            "PathPattern": "/campaign/*",
            "TargetOriginId": "shop-campaign",
            "ViewerProtocolPolicy": "redirect-to-https",
            "CachePolicyId": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
        }
        configuration["CacheBehaviors"] = {"Quantity": 1, "Items": [behavior]}
        cloudfront.update_distribution(
            Id=self.distribution_id, DistributionConfig=configuration, IfMatch=found["ETag"]
        )
        self.empty_acl = self.cloud("wafv2").create_web_acl(
            Name="shop-campaign",
            Scope="REGIONAL",
            DefaultAction={"Allow": {}},
            VisibilityConfig=visible("shop-campaign"),
            Rules=[],
        )["Summary"]

    def networks(self):
        """The internet is kept out of new VPCs, and the shop's is exempt. A web server that is reached
        directly, a function in the tasks' group, something in the default group, and an ACL that
        filters nothing."""
        ec2 = self.cloud("ec2")
        ec2.modify_vpc_block_public_access_options(InternetGatewayBlockMode="block-ingress")
        ec2.create_vpc_block_public_access_exclusion(
            VpcId=self.vpc, InternetGatewayExclusionMode="allow-bidirectional"
        )
        self.web_group = self.group("web-sg", "Landing page")
        self.admit(self.web_group, 443, cidr="0.0.0.0/0")
        look = {"owner": ACCOUNT, "description": "Landing page"}
        self.interface(self.private[0], self.web_group, look)
        look = {
            "owner": "amazon-aws",
            "description": "AWS Lambda VPC ENI-shop-import-0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f",
            "interface_type": "lambda",
        }
        self.interface(self.private[0], self.metrics_group, look)
        groups = ec2.describe_security_groups(
            Filters=[{"Name": "vpc-id", "Values": [self.vpc]}, {"Name": "group-name", "Values": ["default"]}]
        )["SecurityGroups"]
        self.default_group = groups[0]["GroupId"]
        self.interface(self.private[0], self.default_group, {"owner": ACCOUNT, "description": "Import job"})
        self.admin_acl = ec2.create_network_acl(VpcId=self.vpc)["NetworkAcl"]["NetworkAclId"]
        for egress in (False, True):
            ec2.create_network_acl_entry(
                NetworkAclId=self.admin_acl,
                RuleNumber=100,
                Protocol="-1",
                RuleAction="allow",
                Egress=egress,
                CidrBlock="0.0.0.0/0",
            )

    def old_host(self):
        """The bastion was made a host of the cluster, to run migrations by hand; one still runs."""
        ecs = self.cloud("ecs")
        instance = self.cloud("ec2").describe_network_interfaces(NetworkInterfaceIds=[self.bastion_interface])
        instance = instance["NetworkInterfaces"][0]["Attachment"]["InstanceId"]
        document = {"instanceId": instance, "region": REGION, "accountId": ACCOUNT}
        ecs.register_container_instance(cluster="shop", instanceIdentityDocument=json.dumps(document))
        definition = ecs.register_task_definition(
            family="shop-migrate",
            requiresCompatibilities=["EC2"],
            networkMode="none",
            containerDefinitions=[
                {
                    "name": "migrate",
                    "image": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/shop-api:1.4.2",
                    "cpu": 128,
                    "memory": 256,
                    "essential": True,
                }
            ],
        )["taskDefinition"]["taskDefinitionArn"]
        ecs.run_task(cluster="shop", taskDefinition=definition, launchType="EC2", startedBy="tanaka")

    def television(self):
        """The shop was to be on television: more tasks than its subnets have addresses for."""
        self.cloud("application-autoscaling").register_scalable_target(
            ServiceNamespace="ecs",
            ResourceId="service/shop/shop-api",
            ScalableDimension="ecs:service:DesiredCount",
            MaxCapacity=600,
        )

    def old_alarm(self):
        """Of the database that ec-db took the place of."""
        self.cloud("cloudwatch").put_metric_alarm(
            AlarmName="shop-db-old-cpu",
            Namespace="AWS/RDS",
            MetricName="CPUUtilization",
            Dimensions=[{"Name": "DBInstanceIdentifier", "Value": "ec-db-2019"}],
            Statistic="Average",
            Period=60,
            EvaluationPeriods=5,
            Threshold=80,
            ComparisonOperator="GreaterThanThreshold",
            ActionsEnabled=True,
            AlarmActions=[self.topic],
        )

    def agents(self):
        """A daemon for hosts that are gone: with the rights, the network and the processes of its
        host, one container without a log and one that waits for its own. And a platform version
        that was pinned for a test."""
        ecs = self.cloud("ecs")
        hosts = f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:autoScalingGroup:6a9c0c7e:autoScalingGroupName/shop-hosts"
        ecs.create_capacity_provider(name="shop-hosts", autoScalingGroupProvider={"autoScalingGroupArn": hosts})
        ecs.put_cluster_capacity_providers(
            cluster="shop",
            capacityProviders=["FARGATE", "FARGATE_SPOT", "shop-hosts"],
            defaultCapacityProviderStrategy=[],
        )
        log = {
            "awslogs-group": "/ecs/shop-api",
            "awslogs-region": REGION,
            "awslogs-stream-prefix": "agent",
            "mode": "blocking",
        }
        containers = [
            {"name": "agent", "image": self.image, "essential": True, "cpu": 0, "memory": 256, "privileged": True},
            {
                "name": "forwarder",
                "image": self.image,
                "essential": True,
                "cpu": 0,
                "memory": 128,
                "user": "1000",
                "readonlyRootFilesystem": True,
                "logConfiguration": {"logDriver": "awslogs", "options": log},
            },
        ]
        definition = ecs.register_task_definition(
            family="shop-agent",
            requiresCompatibilities=["EC2"],
            networkMode="host",
            pidMode="host",
            containerDefinitions=containers,
        )["taskDefinition"]["taskDefinitionArn"]
        self.shop_agent = ecs.create_service(
            cluster="shop",
            serviceName="shop-agent",
            taskDefinition=definition,
            desiredCount=0,
            launchType="EC2",
            schedulingStrategy="DAEMON",
        )["service"]["serviceArn"]
        breaker = {"enable": True, "rollback": True}
        rules = {"deploymentCircuitBreaker": breaker, "minimumHealthyPercent": 0, "maximumPercent": 100}
        ecs.update_service(cluster="shop", service="shop-agent", deploymentConfiguration=rules)
        ecs.update_service(cluster="shop", service="shop-metrics", platformVersion="1.3.0")

    def old_images(self):
        """Scanning was set for the images of one team; the setting of the repository itself is on
        and no longer counts."""
        ecr = self.cloud("ecr")
        legacy = ecr.create_repository(
            repositoryName="shop-legacy", imageScanningConfiguration={"scanOnPush": True}
        )["repository"]
        self.legacy_repository = legacy["repositoryArn"]
        rule = {
            "scanFrequency": "SCAN_ON_PUSH",
            "repositoryFilters": [{"filter": "batch-*", "filterType": "WILDCARD"}],
        }
        ecr.put_registry_scanning_configuration(scanType="BASIC", rules=[rule])

    def old_secrets(self):
        """One whose rotation fails since its function lost its way to the database, and one of a
        payment provider of before."""
        manager = self.cloud("secretsmanager")
        # Nothing wrong here: a key of the account's own.
        key = self.cloud("kms").create_key(Description="partners")["KeyMetadata"]["Arn"]
        self.partner_secret = manager.create_secret(
            Name="shop/partner", SecretString="partner-4Vt8-kWq2-Zr91", KmsKeyId=key
        )["ARN"]
        manager.rotate_secret(SecretId=self.partner_secret, RotationRules={"AutomaticallyAfterDays": 30})
        self.gateway_secret = manager.create_secret(Name="shop/old-gateway", SecretString="gateway-7Hn3-pLx6-Bd52")["ARN"]
