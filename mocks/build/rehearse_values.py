"""What only a person knows, for rehearsals; and what the mock cannot do."""

import re
from pathlib import Path

import boto3

# By `policy/option`, or `account:policy/option`: why it cannot be rehearsed against the mock.
IMPOSSIBLE = {}


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

    def private_subnets(self):
        """One in each of two zones, none of which gives out public addresses."""
        _vpc, subnets = self.shop()
        by_zone = {}
        for subnet in subnets:
            if not subnet["MapPublicIpOnLaunch"]:
                by_zone.setdefault(subnet["AvailabilityZone"], subnet["SubnetId"])
        return list(by_zone.values())[:2]


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
    "SUBNET_ID": lambda person: person.subnet_elsewhere(),
    "CERTIFICATE_ARN": lambda person: person.certificate(),
    "ADMIN_CIDR": lambda person: "10.0.0.0/24",
    "OTHER_REGION": lambda person: "ap-northeast-3",
    "AVAILABILITY_ZONE": lambda person: f"{person.region}c",
    "CALLER_GROUP_ID": lambda person: person.group(),
    "LOAD_BALANCER_GROUP_ID": lambda person: person.group(),
    "NEW_SUBNET_IDS": lambda person: person.subnet_elsewhere(),
    "MAXIMUM": lambda person: "2",
    "INSTANCE_ID": lambda person: person.instance(),
    "FLOW_LOG_ID": lambda person: person.flow_log(),
}


def values(endpoint, region, finding, script, folder, known):
    """The variables that a script leaves empty and that are not known yet, as the environment gives them."""
    person = Person(endpoint, region, finding, script, Path(folder))
    asked = [name for name in VARIABLES if name not in known and f'"${{{name}:?' in script]
    return {name: VARIABLES[name](person) for name in asked}
