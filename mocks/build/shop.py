"""The shop of the review: as it is, and after phase 1.

Everything is made through AWS's API, so that a real account could be built the same way;
the exceptions are marked "mock". Passwords are throw-away words of this file.
"""

import datetime
import json
import math
import urllib.request

import boto3
from botocore.config import Config

REGION = "ap-northeast-1"
ACCOUNT = "123456789012"
DB_PASSWORD = "Sh0p-Passw0rd!2024"
IMAGE_DIGEST = "sha256:" + "ab" * 32
DAYS_OF_METRICS = 14


class Cloud:
    """Clients of the mock, and the control calls that are not AWS's."""

    def __init__(self, endpoint):
        self.endpoint = endpoint.rstrip("/")
        self.session = boto3.session.Session("testing", "testing", region_name=REGION)
        self.clients = {}

    def __call__(self, service, region=REGION):
        if (service, region) not in self.clients:
            config = Config(retries={"max_attempts": 0}, connect_timeout=5, read_timeout=120)
            self.clients[service, region] = self.session.client(
                service, region_name=region, endpoint_url=self.endpoint, config=config
            )
        return self.clients[service, region]

    def post(self, path, body=None):
        data = json.dumps(body).encode() if body is not None else b""
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.endpoint + path, data=data, headers=headers, method="POST")
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read()

    def reset(self):
        """Empties the mock; ids and names come out the same every time after it."""
        self.post("/moto-api/seed?a=42")
        self.post("/moto-api/reset")
        # A task otherwise comes a step closer to its end with every question about it.
        never = {"model_name": "ecs::task", "transition": {"progression": "manual", "times": 1_000_000}}
        self.post("/moto-api/state-manager/set-transition", never)


def named(kind, name):
    return [{"ResourceType": kind, "Tags": [{"Key": "Name", "Value": name}]}]


def assume_by(service):
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def allow(action, resource):
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


class Shop:
    """Builds the account into a cloud; what it made is in attributes and in `ids`."""

    def __init__(self, cloud, is_phase_1):
        self.cloud, self.is_phase_1 = cloud, is_phase_1
        self.looks = {}

    def build(self):
        self.network()
        self.security_groups()
        self.database()
        self.image_logs_and_roles()
        self.task_definition()
        self.balancer()
        self.service()
        self.tasks()
        self.interfaces()
        self.metrics()
        if self.is_phase_1:
            self.auto_scaling()
            self.web_acl()
            self.alarms()
        return self

    # ---- network -------------------------------------------------------------------

    def subnet(self, cidr, zone, name, is_public):
        ec2 = self.cloud("ec2")
        identifier = ec2.create_subnet(
            VpcId=self.vpc, CidrBlock=cidr, AvailabilityZone=REGION + zone, TagSpecifications=named("subnet", name)
        )["Subnet"]["SubnetId"]
        if is_public:
            ec2.modify_subnet_attribute(SubnetId=identifier, MapPublicIpOnLaunch={"Value": True})
        return identifier

    def network(self):
        ec2 = self.cloud("ec2")
        self.vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=named("vpc", "ec-site"))["Vpc"]["VpcId"]
        ec2.modify_vpc_attribute(VpcId=self.vpc, EnableDnsHostnames={"Value": True})
        self.public = [
            self.subnet("10.0.1.0/24", "a", "public-1a", True),
            self.subnet("10.0.2.0/24", "c", "public-1c", True),
        ]
        self.private = [self.subnet("10.0.10.0/24", "a", "private-1a", False)]
        if self.is_phase_1:
            self.private.append(self.subnet("10.0.11.0/24", "c", "private-1c", False))
        gateway = ec2.create_internet_gateway(TagSpecifications=named("internet-gateway", "ec-site"))
        gateway = gateway["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=self.vpc)
        public_routes = self.route_table("public", self.public)
        ec2.create_route(RouteTableId=public_routes, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
        self.private_routes = self.route_table("private", self.private)
        self.default_vpc()

    def default_vpc(self):
        """Mock: the default VPC has no internet gateway; on AWS it is there from the start."""
        ec2 = self.cloud("ec2")
        mine = [{"Name": "is-default", "Values": ["true"]}]
        vpc = ec2.describe_vpcs(Filters=mine)["Vpcs"][0]["VpcId"]
        gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
        tables = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"]
        ec2.create_route(
            RouteTableId=tables[0]["RouteTableId"], DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway
        )

    def route_table(self, name, subnets):
        ec2 = self.cloud("ec2")
        table = ec2.create_route_table(VpcId=self.vpc, TagSpecifications=named("route-table", name))
        table = table["RouteTable"]["RouteTableId"]
        for subnet in subnets:
            ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
        return table

    def group(self, name, description):
        return self.cloud("ec2").create_security_group(
            GroupName=name,
            Description=description,
            VpcId=self.vpc,
            TagSpecifications=named("security-group", name),
        )["GroupId"]

    def admit(self, group, port, cidr=None, cidr_v6=None, source=None):
        permission = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port}
        if cidr:
            permission["IpRanges"] = [{"CidrIp": cidr}]
        if cidr_v6:
            permission["Ipv6Ranges"] = [{"CidrIpv6": cidr_v6}]
        if source:
            permission["UserIdGroupPairs"] = [{"GroupId": source}]
        self.cloud("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])

    def security_groups(self):
        self.alb_group = self.group("alb-sg", "ALB")
        self.ecs_group = self.group("ecs-sg", "ECS tasks")
        self.rds_group = self.group("rds-sg", "RDS")
        if self.is_phase_1:
            self.admit(self.alb_group, 443, cidr="0.0.0.0/0")
            self.admit(self.ecs_group, 8080, source=self.alb_group)
            self.admit(self.rds_group, 5432, source=self.ecs_group)
        else:
            self.admit(self.alb_group, 80, cidr="0.0.0.0/0")
            self.admit(self.ecs_group, 8080, cidr="0.0.0.0/0")
            self.admit(self.rds_group, 5432, cidr="0.0.0.0/0")

    # ---- database ------------------------------------------------------------------

    def database(self):
        rds = self.cloud("rds")
        # AWS refuses a DB subnet group in one zone. With one private subnet, the group of
        # the account before can only have been completed with a public one.
        subnets = self.private if self.is_phase_1 else [*self.private, self.public[1]]
        rds.create_db_subnet_group(
            DBSubnetGroupName="ec-db-subnets", DBSubnetGroupDescription="ec", SubnetIds=subnets
        )
        database = {
            "DBInstanceIdentifier": "ec-db",
            "DBInstanceClass": "db.t4g.small",
            "Engine": "postgres",
            "EngineVersion": "15.4",
            "AllocatedStorage": 20,
            "StorageType": "gp3",
            "DBName": "shop",
            "MasterUsername": "shop",
            "MasterUserPassword": DB_PASSWORD,
            "DBSubnetGroupName": "ec-db-subnets",
            "VpcSecurityGroupIds": [self.rds_group],
            "PubliclyAccessible": False,
            "MultiAZ": self.is_phase_1,
            "StorageEncrypted": self.is_phase_1,
            "BackupRetentionPeriod": 7 if self.is_phase_1 else 0,
            "AvailabilityZone": REGION + "a",
        }
        if self.is_phase_1:
            del database["AvailabilityZone"]  # AWS refuses it with Multi-AZ
            database["PreferredBackupWindow"] = "17:00-18:00"  # 02:00 in Tokyo
            database["KmsKeyId"] = self.cloud("kms").create_key(Description="ec-db")["KeyMetadata"]["Arn"]
        made = rds.create_db_instance(**database)["DBInstance"]
        self.db, self.db_host = made["DBInstanceArn"], made["Endpoint"]["Address"]

    # ---- containers ----------------------------------------------------------------

    def image_logs_and_roles(self):
        ecr, iam = self.cloud("ecr"), self.cloud("iam")
        repository = ecr.create_repository(repositoryName="shop-api")["repository"]
        self.repository, self.image = repository["repositoryArn"], repository["repositoryUri"] + ":v1"
        docker = "application/vnd.docker."
        manifest = {
            "schemaVersion": 2,
            "mediaType": docker + "distribution.manifest.v2+json",
            "config": {"mediaType": docker + "container.image.v1+json", "size": 7023, "digest": IMAGE_DIGEST},
            "layers": [],
        }
        ecr.put_image(repositoryName="shop-api", imageManifest=json.dumps(manifest), imageTag="v1")
        self.cloud("logs").create_log_group(logGroupName="/ecs/shop-api")
        trust = assume_by("ecs-tasks.amazonaws.com")
        self.execution_role = iam.create_role(RoleName="shop-exec", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        self.task_role = iam.create_role(RoleName="shop-task", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        iam.attach_role_policy(
            RoleName="shop-exec",
            PolicyArn="arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",
        )

    def container(self, **more):
        log = {"awslogs-group": "/ecs/shop-api", "awslogs-region": REGION, "awslogs-stream-prefix": "app"}
        return {
            "name": "app",
            "image": self.image,
            "essential": True,
            "cpu": 0,
            "memory": 1024,
            "portMappings": [{"containerPort": 8080, "hostPort": 8080, "protocol": "tcp"}],
            "logConfiguration": {"logDriver": "awslogs", "options": log},
            **more,
        }

    def register(self, family, container, task_role):
        return self.cloud("ecs").register_task_definition(
            family=family,
            requiresCompatibilities=["FARGATE"],
            networkMode="awsvpc",
            cpu="512",
            memory="1024",
            executionRoleArn=self.execution_role,
            taskRoleArn=task_role,
            containerDefinitions=[container],
        )["taskDefinition"]["taskDefinitionArn"]

    def task_definition(self):
        url = f"postgresql://shop:{DB_PASSWORD}@{self.db_host}:5432/shop"
        production = {"name": "APP_ENV", "value": "production"}
        plain = [
            production,
            {"name": "DB_HOST", "value": self.db_host},
            {"name": "DB_USER", "value": "shop"},
            {"name": "DB_PASSWORD", "value": DB_PASSWORD},
            {"name": "DATABASE_URL", "value": url},
        ]
        if not self.is_phase_1:
            self.definition = self.register("shop-api", self.container(environment=plain), self.task_role)
            return
        # A migration leaves the revision with the passwords behind, still ACTIVE.
        self.register("shop-api", self.container(environment=plain), self.task_role)
        content = {"host": self.db_host, "username": "shop", "password": DB_PASSWORD, "url": url}
        self.secret = self.cloud("secretsmanager").create_secret(Name="shop/db", SecretString=json.dumps(content))["ARN"]
        names = (("DB_HOST", "host"), ("DB_USER", "username"), ("DB_PASSWORD", "password"), ("DATABASE_URL", "url"))
        secrets = [{"name": name, "valueFrom": f"{self.secret}:{key}::"} for name, key in names]
        container = self.container(environment=[production], secrets=secrets)
        self.definition = self.register("shop-api", container, self.task_role)
        self.cloud("iam").put_role_policy(
            RoleName="shop-exec",
            PolicyName="read-db-secret",
            PolicyDocument=allow("secretsmanager:GetSecretValue", self.secret),
        )

    def balancer(self):
        elb = self.cloud("elbv2")
        self.alb = elb.create_load_balancer(
            Name="shop-alb",
            Type="application",
            Scheme="internet-facing",
            Subnets=self.public,
            SecurityGroups=[self.alb_group],
        )["LoadBalancers"][0]["LoadBalancerArn"]
        self.alb_path = self.alb.split("loadbalancer/", 1)[1]
        health = {}
        if self.is_phase_1:
            health = {
                "HealthCheckPath": "/health",
                "HealthCheckIntervalSeconds": 10,
                "HealthyThresholdCount": 2,
                "UnhealthyThresholdCount": 3,
                "HealthCheckTimeoutSeconds": 5,
            }
        self.target_group = elb.create_target_group(
            Name="shop-tg", Protocol="HTTP", Port=8080, VpcId=self.vpc, TargetType="ip", **health
        )["TargetGroups"][0]["TargetGroupArn"]
        forward = {"Type": "forward", "TargetGroupArn": self.target_group}
        if not self.is_phase_1:
            self.http_listener = self.listener("HTTP", 80, forward)
            return
        self.certificate = self.cloud("acm").request_certificate(
            DomainName="shop.example.com", ValidationMethod="DNS"
        )["CertificateArn"]
        self.https_listener = self.listener(
            "HTTPS",
            443,
            forward,
            SslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06",
            Certificates=[{"CertificateArn": self.certificate}],
        )
        header = "routing.http.response.strict_transport_security.header_value"
        elb.modify_listener_attributes(
            ListenerArn=self.https_listener, Attributes=[{"Key": header, "Value": "max-age=31536000"}]
        )
        redirect = {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}
        self.http_listener = self.listener("HTTP", 80, {"Type": "redirect", "RedirectConfig": redirect})
        self.access_logs()

    def listener(self, protocol, port, action, **more):
        return self.cloud("elbv2").create_listener(
            LoadBalancerArn=self.alb, Protocol=protocol, Port=port, DefaultActions=[action], **more
        )["Listeners"][0]["ListenerArn"]

    def access_logs(self):
        self.log_bucket = f"shop-alb-logs-{ACCOUNT}"
        s3 = self.cloud("s3")
        s3.create_bucket(Bucket=self.log_bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        blocked = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
        s3.put_public_access_block(
            Bucket=self.log_bucket, PublicAccessBlockConfiguration={name: True for name in blocked}
        )
        delivery = {
            "Effect": "Allow",
            "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::{self.log_bucket}/*",
        }
        s3.put_bucket_policy(
            Bucket=self.log_bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [delivery]})
        )
        attributes = {"access_logs.s3.enabled": "true", "access_logs.s3.bucket": self.log_bucket}
        self.set_attributes(attributes)

    def set_attributes(self, attributes):
        self.cloud("elbv2").modify_load_balancer_attributes(
            LoadBalancerArn=self.alb, Attributes=[{"Key": key, "Value": value} for key, value in attributes.items()]
        )

    def make_service(self, name, definition, target_group, count, circuit_breaker, minimum, maximum, network=None):
        ecs = self.cloud("ecs")
        balancer = {"targetGroupArn": target_group, "containerName": "app", "containerPort": 8080}
        arn = ecs.create_service(
            cluster="shop",
            serviceName=name,
            taskDefinition=definition,
            desiredCount=count,
            loadBalancers=[balancer] if target_group else [],
            networkConfiguration=network or self.task_network(self.public),
            platformVersion="LATEST",
            launchType="FARGATE",
        )["service"]["serviceArn"]
        # Mock: CreateService drops the deployment configuration, UpdateService keeps it.
        breaker = {"enable": circuit_breaker, "rollback": circuit_breaker}
        rules = {
            "deploymentCircuitBreaker": breaker,
            "minimumHealthyPercent": minimum,
            "maximumPercent": maximum,
        }
        ecs.update_service(cluster="shop", service=name, deploymentConfiguration=rules)
        return arn

    def task_network(self, subnets, group=None):
        # There is no NAT gateway in the review's costs: the tasks have public addresses.
        vpc = {"subnets": subnets, "securityGroups": [group or self.ecs_group], "assignPublicIp": "ENABLED"}
        return {"awsvpcConfiguration": vpc}

    def service(self):
        insights = "enabled" if self.is_phase_1 else "disabled"
        self.cluster = self.cloud("ecs").create_cluster(
            clusterName="shop", settings=[{"name": "containerInsights", "value": insights}]
        )["cluster"]["clusterArn"]
        self.shop_api = self.make_service(
            "shop-api", self.definition, self.target_group, 2, self.is_phase_1, 100, 200
        )

    def tasks(self):
        """Mock: services start no tasks. One in each zone, registered with the load balancer."""
        for number, subnet in enumerate(self.public):
            self.task("shop-api", self.definition, self.target_group, subnet, f"52.196.20.{10 + number}")

    def task(self, service, definition, target_group, subnet, public_ip, group=None):
        task = self.cloud("ecs").run_task(
            cluster="shop",
            taskDefinition=definition,
            launchType="FARGATE",
            group=f"service:{service}",
            startedBy="ecs-svc/0000000000000000001",
            platformVersion="1.4.0",
            networkConfiguration=self.task_network([subnet], group),
        )["tasks"][0]
        details = {detail["name"]: detail["value"] for detail in task["attachments"][0]["details"]}
        attachment = f"arn:aws:ecs:{REGION}:{ACCOUNT}:attachment/{task['attachments'][0]['id']}"
        # The account of AWS's Fargate in Tokyo owns the attachment.
        self.looks[details["networkInterfaceId"]] = {
            "owner": "417136022498",
            "requester": "578734482556",
            "description": attachment,
            "public_ip": public_ip,
        }
        if target_group:
            self.cloud("elbv2").register_targets(
                TargetGroupArn=target_group, Targets=[{"Id": details["privateIPv4Address"], "Port": 8080}]
            )

    # ---- what AWS does by itself ---------------------------------------------------

    def interface(self, subnet, group, look):
        identifier = self.cloud("ec2").create_network_interface(
            SubnetId=subnet, Groups=[group], Description=look["description"]
        )["NetworkInterface"]["NetworkInterfaceId"]
        self.looks[identifier] = look
        return identifier

    def interfaces(self):
        """Mock: load balancers and databases get no network interfaces."""
        for number, subnet in enumerate(self.public):
            look = {"owner": "amazon-elb", "description": f"ELB {self.alb_path}"}
            self.interface(subnet, self.alb_group, {**look, "public_ip": f"52.196.10.{10 + number}"})
        look = {"owner": "amazon-rds", "description": "RDSNetworkInterface"}
        self.db_interface = self.interface(self.private[0], self.rds_group, look)
        self.cloud.post("/_control/interfaces", self.looks)

    def metrics(self, service="shop-api"):
        dimensions = {"ClusterName": "shop", "ServiceName": service}
        for name in ("CPUUtilization", "MemoryUtilization"):
            self.publish("AWS/ECS", name, dimensions)

    def traffic(self):
        """After everything else: the mock draws ids one after the other, also for this."""
        for name in ("ConsumedLCUs", "ProcessedBytes"):
            self.publish("AWS/ApplicationELB", name, {"LoadBalancer": self.alb_path})
        self.database_load("ec-db")

    def database_load(self, instance):
        for name in ("CPUUtilization", "DatabaseConnections"):
            self.publish("AWS/RDS", name, {"DBInstanceIdentifier": instance})

    def publish(self, namespace, name, dimensions, region=REGION):
        """Mock: nothing publishes metrics. One point an hour; recordings get all of them."""
        now = datetime.datetime.now(datetime.timezone.utc).replace(minute=0, second=0, microsecond=0)
        points = [
            {
                "MetricName": name,
                "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
                "Timestamp": now - datetime.timedelta(hours=hours),
                "Value": POINTS[name](hours * 3_600),
            }
            for hours in range(1, DAYS_OF_METRICS * 24)
        ]
        self.cloud("cloudwatch", region).put_metric_data(Namespace=namespace, MetricData=points)

    # ---- phase 1 -------------------------------------------------------------------

    def auto_scaling(self):
        scaling = self.cloud("application-autoscaling")
        target = {
            "ServiceNamespace": "ecs",
            "ResourceId": "service/shop/shop-api",
            "ScalableDimension": "ecs:service:DesiredCount",
        }
        scaling.register_scalable_target(**target, MinCapacity=2, MaxCapacity=10)
        scaling.put_scaling_policy(
            **target,
            PolicyName="cpu70",
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration={
                "TargetValue": 70.0,
                "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
                "ScaleOutCooldown": 60,
                "ScaleInCooldown": 300,
            },
        )

    def web_acl(self):
        waf = self.cloud("wafv2")
        rules = [managed_rules(name, priority, {"None": {}}) for priority, name in enumerate(MANAGED_GROUPS)]
        rules.append(
            {
                "Name": "rate-2000",
                "Priority": 3,
                "Statement": {"RateBasedStatement": {"Limit": 2000, "AggregateKeyType": "IP"}},
                "Action": {"Block": {}},
                "VisibilityConfig": visible("rate-2000"),
            }
        )
        self.acl = waf.create_web_acl(
            Name="shop-waf",
            Scope="REGIONAL",
            DefaultAction={"Allow": {}},
            VisibilityConfig=visible("shop-waf"),
            Rules=rules,
        )["Summary"]
        waf.associate_web_acl(WebACLArn=self.acl["ARN"], ResourceArn=self.alb)

    def alarms(self):
        sns, cloudwatch = self.cloud("sns"), self.cloud("cloudwatch")
        self.topic = sns.create_topic(Name="shop-alerts")["TopicArn"]
        sns.subscribe(TopicArn=self.topic, Protocol="email", Endpoint="ops@example.com")
        service = {"ClusterName": "shop", "ServiceName": "shop-api"}
        balancer, database = {"LoadBalancer": self.alb_path}, {"DBInstanceIdentifier": "ec-db"}
        over, under = "GreaterThanThreshold", "LessThanThreshold"
        for name, namespace, metric, dimensions, statistic, comparison, threshold in (
            ("shop-cpu", "AWS/ECS", "CPUUtilization", service, "Average", over, 80),
            ("shop-memory", "AWS/ECS", "MemoryUtilization", service, "Average", over, 80),
            ("shop-5xx", "AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", balancer, "Sum", over, 10),
            ("shop-elb-5xx", "AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", balancer, "Sum", over, 10),
            ("shop-db-cpu", "AWS/RDS", "CPUUtilization", database, "Average", over, 80),
            ("shop-db-storage", "AWS/RDS", "FreeStorageSpace", database, "Minimum", under, 2 * 1024**3),
            ("shop-db-connections", "AWS/RDS", "DatabaseConnections", database, "Maximum", over, 180),
        ):
            cloudwatch.put_metric_alarm(
                AlarmName=name,
                Namespace=namespace,
                MetricName=metric,
                Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
                Statistic=statistic,
                Period=60,
                EvaluationPeriods=5,
                Threshold=threshold,
                ComparisonOperator=comparison,
                ActionsEnabled=True,
                AlarmActions=[self.topic],
            )


MANAGED_GROUPS = (
    "AWSManagedRulesCommonRuleSet",
    "AWSManagedRulesSQLiRuleSet",
    "AWSManagedRulesKnownBadInputsRuleSet",
)


def visible(name):
    return {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": name}


def managed_rules(name, priority, override):
    return {
        "Name": name,
        "Priority": priority,
        "Statement": {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": name}},
        "OverrideAction": override,
        "VisibilityConfig": visible(name),
    }


# What a metric came to in the period that began so many seconds before the last hour. Days
# have 86,400 seconds; nights are quiet and evenings are busy.


def of_the_day(seconds):
    """From 0 at night to 2 in the evening."""
    return 1 + math.cos(2 * math.pi * (seconds - 7_200) / 86_400)


def cpu_percent(seconds):
    """CPU of five minutes: nights near 5 %, evenings near 24 %."""
    return round(5 + 9.5 * of_the_day(seconds) + 1.5 * math.sin(seconds / 300 * 1.7), 2)


def memory_percent(seconds):
    """Memory of five minutes: close to 30 % all day."""
    daily = 1.2 * math.sin(2 * math.pi * seconds / 86_400)
    return round(29.5 + daily + 0.4 * math.sin(seconds / 300 * 2.3), 2)


def connections(seconds):
    """Connections to a database: a pool of ten for each task, and what the evening adds."""
    return float(round(20 + 10 * of_the_day(seconds)))


def leaking_connections(seconds):
    """The same where tasks open connections and keep them: 129 in the evening."""
    return float(round(40 + 45 * of_the_day(seconds)))


def gigabytes_an_hour(seconds):
    """What the shop sends: 977 GB a month, what the review's 15,000 yen for transfer buy."""
    return 0.08 + 1.2584 * of_the_day(seconds)


def bytes_an_hour(share):
    return lambda seconds: float(round(share * gigabytes_an_hour(seconds) * 2**30))


POINTS = {
    "CPUUtilization": cpu_percent,
    "MemoryUtilization": memory_percent,
    "DatabaseConnections": connections,
    "ProcessedBytes": bytes_an_hour(1),
    # A unit is a gigabyte an hour, and that is what this shop has most of.
    "ConsumedLCUs": lambda seconds: round(gigabytes_an_hour(seconds), 4),
    "BytesDownloaded": bytes_an_hour(1.4),
    "Requests": lambda seconds: float(round(20_000 * gigabytes_an_hour(seconds))),
    # Images and calls of payment providers.
    "BytesInFromDestination": bytes_an_hour(0.06),
    "BytesOutToDestination": bytes_an_hour(0.01),
}
