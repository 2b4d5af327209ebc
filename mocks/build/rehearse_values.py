"""What only a person knows, for rehearsals; and what the mock cannot do."""

import re
from pathlib import Path

import boto3

# By `policy/option`, or `account:policy/option`: why it cannot be rehearsed against the mock.
IMPOSSIBLE = {
    "alb-certificate-expiring/import-again": "the certificate is in IAM, into which ACM imports nothing",
    "alb-certificate-expiring/let-it-renew": "nothing answers a TLS handshake",
    "alb-in-one-az/second-zone": "moto wants two zones of network load balancers, too, when it is undone",
    "alb-no-cdn/cloudfront-and-s3": "moto answers CloudFront's default certificate whatever a distribution has",
    "cloudfront-default-certificate/own-name": "moto answers CloudFront's default certificate whatever a distribution has",
    "cloudfront-no-waf/managed-rules": "moto has no AssociateDistributionWebACL",
    "ecs-new-task-would-not-start/remove-the-obstacle": "what was in the way was in the way of the tasks before",
    "ecs-old-revision-secret/change-and-delete": "moto forgets a deleted revision; AWS describes it until nothing uses it",
    "ecs-role-reads-every-secret/name-the-secrets": "a person takes the wildcard out of the old policies while the script waits",
    "ecs-secret-reference-broken/restore-or-repoint": "the secret never was, so that nothing can be restored",
    "instance-public-address/no-public-address": "moto's interfaces keep the address that they have",
    "rds-backup-in-one-region/replicate-backups": "moto has no StartDBInstanceAutomatedBackupsReplication",
    "rds-cluster-tls-not-required/require-tls": "moto has no default parameter groups of clusters",
    "rds-extended-support/upgrade-major-version": "moto has no DescribeDBEngineVersions",
    "rds-maintenance-due/choose-the-day": "moto has no ApplyPendingMaintenanceAction",
    "default-security-group-in-use/group-of-its-own": "it moves one interface a run, and there are more",
    "ecs-task-role-escalates/narrow-the-right": "moto has no SimulatePrincipalPolicy",
    "resources-not-managed/adopt": "it reads the account anew with tenken and runs Terraform, which is not there",
    "secret-no-rotation/rotation-function": "there is no function that could rotate",
    "security-group-open-to-world/session-manager": "moto has no StartSession",
    "security-group-shared-with-lambda/group-of-the-function": "the mock has the function's interface, and no function",
    "ssm-parameter-plain-secret/secure-string": "a person points everything to the new parameter while the script waits",
    "standalone-task-plaintext-secret/secrets-manager": "a person edits the rule's input while the script waits",
    "standalone-task-role-reads-every-secret/name-the-secrets": "a person takes the wildcard out of the old policies while the script waits",
    "standalone-task-secret-reference-broken/restore-or-repoint": "the secret never was, so that nothing can be restored",
}

# Policies whose findings stay in the mock whatever is done: by id, why.
STAYS = {
    "load-balancer-stops-with-one-loss": "services start no tasks in a second zone there",
}


# What a rehearsal shows and is not mended: by `account:policy/option`, what it is.
KNOWN = {
    "worn-site:ecs-no-autoscaling/target-tracking": "its cause adds a reader, which has the failures of its cluster",
    "worn-site:ecs-service-in-one-az/subnets-in-two-zones": "its cause adds a reader, which has the failures of its cluster",
    "worn-site:ecs-single-task/two-tasks": "its cause adds a reader, which has the failures of its cluster",
    "worn-site:rds-cluster-single-az/reader-in-another-zone": "the reader's failures are not announced where its whole cause is simulated",
    "worn-site:service-subnets-short-of-addresses/larger-subnets": "spread over old and new subnets, the tasks still do not fit",
}


class Person:
    """Somebody who fills in the variables of a script: makes or looks up what it asks for."""

    def __init__(self, endpoint, region, finding, script, folder):
        self.endpoint, self.region, self.finding = endpoint, region, finding
        self.script, self.folder = script, folder

    def client(self, service, region=None):
        keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
        return boto3.client(service, endpoint_url=self.endpoint, region_name=region or self.region, **keys)

    def bucket(self):
        name = "rehearsal-logs-123456789012"
        # Where the script makes it, only a name is asked for.
        if "s3 mb" in self.script or "create-bucket" in self.script:
            return name
        place = {"LocationConstraint": self.region}
        self.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration=place)
        return name

    def topic(self):
        sns = self.client("sns")
        arn = sns.create_topic(Name="on-duty")["TopicArn"]
        sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=f"arn:aws:sqs:{self.region}:123456789012:on-duty")
        return arn

    def certificate(self, region=None):
        acm = self.client("acm", region)
        return acm.request_certificate(DomainName="shop.rehearsal.jp", ValidationMethod="DNS")["CertificateArn"]

    def instance(self):
        found = self.client("ec2").describe_instances()["Reservations"]
        return found[0]["Instances"][0]["InstanceId"] if found else "i-0123456789abcdef0"

    def secrets(self):
        """The folder with the values that the script asks for: what a test of a file's size names."""
        folder = self.folder / "secrets"
        folder.mkdir(mode=0o700, exist_ok=True)
        for file in re.findall(r'"\$(?:SECRET|PARAMETER|VALUE)_FOLDER"/([^\s"]+)', self.script):
            (folder / file).write_text(f"value-of-{file}", encoding="utf-8")
        return str(folder)

    def subnet_elsewhere(self):
        """A subnet in a zone of the VPC that has none for load balancers yet."""
        ec2 = self.client("ec2")
        vpc, subnets = self.shop()
        zones = {subnet["AvailabilityZone"] for subnet in subnets}
        free = next(zone for zone in "acd" if f"{self.region}{zone}" not in zones) if len(zones) < 3 else "d"
        made = ec2.create_subnet(VpcId=vpc, AvailabilityZone=f"{self.region}{free}", CidrBlock="10.0.99.0/24")
        return made["Subnet"]["SubnetId"]

    def group(self):
        vpc, _subnets = self.shop()
        made = self.client("ec2").create_security_group(GroupName="rehearsal", Description="callers", VpcId=vpc)
        return made["GroupId"]

    def flow_log(self):
        """The last one; none before there is any."""
        found = self.client("ec2").describe_flow_logs()["FlowLogs"]
        return found[-1]["FlowLogId"] if found else ""

    def shop(self):
        """The VPC with the databases, and its subnets."""
        ec2 = self.client("ec2")
        groups = self.client("rds").describe_db_subnet_groups()["DBSubnetGroups"]
        vpc = groups[0]["VpcId"]
        found = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]
        return vpc, sorted(found, key=lambda subnet: subnet["SubnetId"])

    def large_subnets(self):
        """One in each of the two zones of the services."""
        ec2 = self.client("ec2")
        vpc, _subnets = self.shop()
        blocks = {"a": "10.0.128.0/20", "c": "10.0.144.0/20"}
        made = [ec2.create_subnet(VpcId=vpc, AvailabilityZone=f"{self.region}{zone}", CidrBlock=block) for zone, block in blocks.items()]
        return ",".join(one["Subnet"]["SubnetId"] for one in made)

    def interface(self):
        """One of those in the group that the finding is about."""
        group = self.finding["resource"].rsplit("/", 1)[-1]
        in_group = [{"Name": "group-id", "Values": [group]}]
        return self.client("ec2").describe_network_interfaces(Filters=in_group)["NetworkInterfaces"][0]["NetworkInterfaceId"]

    def target_group(self):
        """The application's: where the load balancer's requests go."""
        groups = self.client("elbv2").describe_target_groups()["TargetGroups"]
        return next(group["TargetGroupArn"] for group in groups if group["LoadBalancerArns"])

    def private_subnets(self):
        """One in each of two zones, with a way out through a NAT gateway."""
        ec2 = self.client("ec2")
        vpc, subnets = self.shop()
        tables = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"]
        open_tables = [table for table in tables if any(route.get("GatewayId", "").startswith("igw-") for route in table["Routes"])]
        named = {association.get("SubnetId") for table in open_tables for association in table["Associations"]}
        public = next(subnet for subnet in subnets if subnet["SubnetId"] in named)
        address = ec2.allocate_address(Domain="vpc")["AllocationId"]
        gateway = ec2.create_nat_gateway(SubnetId=public["SubnetId"], AllocationId=address)["NatGateway"]["NatGatewayId"]
        table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
        ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=gateway)
        made = []
        for zone, block in (("a", "10.0.112.0/22"), ("c", "10.0.116.0/22")):
            subnet = ec2.create_subnet(VpcId=vpc, AvailabilityZone=f"{self.region}{zone}", CidrBlock=block)
            made.append(subnet["Subnet"]["SubnetId"])
            ec2.associate_route_table(RouteTableId=table, SubnetId=made[-1])
        return made


# Each variable by its name.
VARIABLES = {
    "BUCKET": lambda person: person.bucket(),
    "BUCKET_ARN": lambda person: f"arn:aws:s3:::{person.bucket()}",
    "ADDRESS": lambda person: "on-duty@shop.rehearsal.jp",
    "TOPIC_ARN": lambda person: person.topic(),
    "DOMAIN": lambda person: "shop.rehearsal.jp",
    "ORIGIN_DOMAIN": lambda person: "origin.shop.rehearsal.jp",
    "SUBNET_IDS": lambda person: ",".join(person.private_subnets()),
    "CONNECTIONS": lambda person: "150",
    "NAME": lambda person: "rehearsal",
    "SALE_START": lambda person: "2026-12-18T19:30:00",
    "SALE_END": lambda person: "2026-12-19T02:00:00",
    "USER_ID": lambda person: "10001:10001",
    "SOURCE_CIDR": lambda person: "10.0.0.0/24",
    "HEALTH_PATH": lambda person: "/healthz",
    "SECRET_FOLDER": lambda person: person.secrets(),
    "PARAMETER_FOLDER": lambda person: person.secrets(),
    "VALUE_FOLDER": lambda person: person.secrets(),
    "PORT": lambda person: "8080",
    "INTERFACE_ID": lambda person: person.interface(),
    "TARGET_GROUP_ARN": lambda person: person.target_group(),
    "SUBNET_ID": lambda person: person.subnet_elsewhere(),
    "CERTIFICATE_ARN": lambda person: person.certificate(),
    "ADMIN_CIDR": lambda person: "10.0.0.0/24",
    "OTHER_REGION": lambda person: "ap-northeast-3",
    "AVAILABILITY_ZONE": lambda person: f"{person.region}c",
    "CALLER_GROUP_ID": lambda person: person.group(),
    "LOAD_BALANCER_GROUP_ID": lambda person: person.group(),
    "NEW_SUBNET_IDS": lambda person: person.large_subnets(),
    "MAXIMUM": lambda person: "6",
    "INSTANCE_ID": lambda person: person.instance(),
    "FLOW_LOG_ID": lambda person: person.flow_log(),
}


def values(endpoint, region, finding, script, folder, known):
    """The variables that a script leaves empty and that are not known yet, as the environment gives them."""
    person = Person(endpoint, region, finding, script, Path(folder))
    asked = [name for name in VARIABLES if name not in known and f'"${{{name}:?' in script]
    return {name: VARIABLES[name](person) for name in asked}
