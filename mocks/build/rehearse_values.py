"""What only a person knows, for rehearsals; and what the mock cannot do."""

import boto3

# By `policy/option`, or `account:policy/option`: why it cannot be rehearsed against the mock.
IMPOSSIBLE = {}


class Person:
    """Somebody who fills in the variables of a script: makes or looks up what it asks for."""

    def __init__(self, endpoint, region, finding):
        self.endpoint, self.region, self.finding = endpoint, region, finding

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
}


def values(endpoint, region, finding, script):
    """The variables that a script leaves empty, as the environment gives them."""
    person = Person(endpoint, region, finding)
    return {name: make(person) for name, make in VARIABLES.items() if f'"${{{name}:?' in script}
