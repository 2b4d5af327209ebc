#!/usr/bin/env python3
"""Corrects a fresh recording of the mock where it is wrong or silent against AWS.

    correct.py mocks/ec-site

Every correction is a function with AWS's documented behaviour in its docstring; README.md
lists them. What makes recordings differ from run to run (request ids, the time of the
recording, the ids of default rules) is made constant, so that recording again changes
only what really changed.
"""

import datetime
import hashlib
import json
import re
import sys
import tomllib
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import shop
from elb_attributes import (
    APPLICATION_ATTRIBUTES,
    LISTENER_ATTRIBUTES,
    NETWORK_ATTRIBUTES,
    TARGET_GROUP_ATTRIBUTES,
)

TAKEN_AT = datetime.datetime(2026, 11, 23, 3, tzinfo=datetime.timezone.utc)
MADE_AT = datetime.datetime(2026, 9, 14, 1, 30, tzinfo=datetime.timezone.utc)
REGION, ACCOUNT = shop.REGION, shop.ACCOUNT


def text_of(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


class Xml:
    """An XML answer: elements by their local names."""

    def __init__(self, path):
        self.path = path
        text = path.read_text(encoding="utf-8")
        namespace = re.search(r'xmlns="([^"]*)"', text)
        self.namespace = namespace.group(1) if namespace else ""
        self.root = ElementTree.fromstring(text)

    def tag(self, name):
        return f"{{{self.namespace}}}{name}" if self.namespace else name

    def all(self, name, within=None):
        return list((self.root if within is None else within).iter(self.tag(name)))

    def child(self, parent, name):
        return parent.find(self.tag(name))

    def text(self, parent, name):
        found = self.child(parent, name)
        return None if found is None else (found.text or "")

    def set(self, parent, name, text=None):
        """Gives a child this text, and makes it where there is none."""
        found = self.child(parent, name)
        if found is None:
            found = ElementTree.SubElement(parent, self.tag(name))
        if text is not None:
            found.text = text
        return found

    def drop(self, parent, name):
        found = self.child(parent, name)
        if found is not None:
            parent.remove(found)

    def pairs(self, list_element, pairs):
        """Writes a list of Key and Value."""
        for old in list(list_element):
            list_element.remove(old)
        for key, value in pairs.items():
            member = ElementTree.SubElement(list_element, self.tag("member"))
            self.set(member, "Key", key)
            self.set(member, "Value", value)

    def read_pairs(self, list_element):
        return {self.text(member, "Key"): self.text(member, "Value") or "" for member in list_element}

    def write(self):
        ElementTree.register_namespace("", self.namespace)
        ElementTree.indent(self.root)
        self.path.write_text(ElementTree.tostring(self.root, encoding="unicode") + "\n", encoding="utf-8")


class Account:
    """A recording, by service and operation."""

    def __init__(self, folder):
        self.folder = folder
        about = tomllib.loads((folder / "account.toml").read_text(encoding="utf-8"))
        self.recorded_at = datetime.datetime.fromisoformat(about["taken_at"].replace("Z", "+00:00"))
        self.is_worn = folder.name == "worn-site"
        self.is_phase_1 = folder.name != "ec-site"

    def files(self, service, operation, extension):
        found = sorted(self.folder.glob(f"*/{service}/{operation}*.{extension}"))
        exact = re.compile(re.escape(operation) + r"(@.*)?(\.page\d+)?\." + extension)
        return [path for path in found if exact.fullmatch(path.name)]

    def xml(self, service, operation):
        """Every answer to an operation; written back after the loop's body."""
        for path in self.files(service, operation, "xml"):
            answer = Xml(path)
            yield answer
            answer.write()

    def json(self, service, operation):
        for path in self.files(service, operation, "json"):
            answer = json.loads(path.read_text(encoding="utf-8"))
            yield answer
            write_json(path, answer)


def write_json(path, answer):
    path.write_text(json.dumps(answer, indent=2, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")


# ---- what changes from run to run --------------------------------------------------


def make_constant(account):
    """Request ids, the ids of default rules (the mock uses memory addresses) and times."""
    for path in sorted(account.folder.rglob("*.xml")):
        if path.stat().st_size == 0:
            continue
        text = path.read_text(encoding="utf-8")
        text = re.sub(r"<(RequestId|requestId)>[^<]*<", r"<\1>recorded<", text)
        text = re.sub(r"(listener-rule/[^<]*?/)(\d{12,})<", stable_rule, text)
        text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z", lambda found: moved_text(account, found), text)
        path.write_text(text, encoding="utf-8")
        Xml(path).write()
    for path in sorted(account.folder.rglob("*.json")):
        answer = json.loads(path.read_text(encoding="utf-8"))
        write_json(path, moved(account, answer))


# What `tenken record` writes in place of secrets and addresses of people: random each time.
FAKES = re.compile(r"(?P<secret>FAKEkey0)\w+|(?P<weak>\bpass)\d{4}\b|(?P<person>\bsubscriber-)[0-9a-f]{8}\b")
LETTERS = "123456789BCDGHIJLMNOPQRSTUVWXYZabcdfghijlmnopqrstuvwxz"


def make_fakes_constant(account):
    """The same fake for the same secret as before, whatever the recording's key was."""
    known = {}

    def constant(found):
        number = known.setdefault(found.group(0), len(known) + 1)
        digest = hashlib.sha256(str(number).encode()).digest()
        if found["secret"]:
            tail = len(found.group(0)) - len(found["secret"])
            return found["secret"] + "".join(LETTERS[byte % len(LETTERS)] for byte in digest[:tail])
        if found["weak"]:
            return f"{found['weak']}{1000 + digest[0]}"
        return f"{found['person']}{digest[:4].hex()}"

    for path in sorted(account.folder.glob("*/*/*")):
        text = path.read_text(encoding="utf-8")
        path.write_text(FAKES.sub(constant, text), encoding="utf-8")


def stable_rule(found):
    digest = hashlib.sha256(found.group(1).encode()).hexdigest()[:16]
    return f"{found.group(1)}{digest}<"


def is_recording_time(account, seconds):
    return abs(seconds - account.recorded_at.timestamp()) < 3 * 86_400


def moved_text(account, found):
    moment = datetime.datetime.fromisoformat(found.group(0).replace("Z", "+00:00"))
    return text_of(MADE_AT) if is_recording_time(account, moment.timestamp()) else found.group(0)


def moved(account, value):
    """Times of the recording become the time at which everything was made; nulls go.

    AWS leaves out what has no value; the mock writes null."""
    if isinstance(value, dict):
        return {key: moved(account, item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [moved(account, item) for item in value]
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", value):
        return re.sub(".+", lambda found: moved_text(account, found), value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        for factor in (1, 1000):
            if is_recording_time(account, value / factor):
                return int(MADE_AT.timestamp() * factor)
    return value


def describe(account):
    """The clock stands still, and fingerprints stay the same."""
    path = account.folder / "account.toml"
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"(?m)^taken_at = .*$", f'taken_at = "{text_of(TAKEN_AT)}"', text)
    text = re.sub(r"(?m)^fingerprint_key = .*$", 'fingerprint_key = "recorded"', text)
    path.write_text(text, encoding="utf-8")


# ---- Elastic Load Balancing --------------------------------------------------------

def complete_attributes(account):
    """AWS answers every attribute that exists for the kind, set or not; the mock those that
    were set and four more, and for listeners one of network load balancers."""
    for operation, defaults in (
        ("DescribeTargetGroupAttributes", TARGET_GROUP_ATTRIBUTES),
        ("DescribeListenerAttributes", LISTENER_ATTRIBUTES),
        ("DescribeLoadBalancerAttributes", None),
    ):
        for answer in account.xml("elasticloadbalancing", operation):
            is_network = "=net-" in answer.path.name
            known = defaults or (NETWORK_ATTRIBUTES if is_network else APPLICATION_ATTRIBUTES)
            attributes = answer.all("Attributes")[0]
            written = answer.read_pairs(attributes)
            # Cross-zone balancing is always on for application load balancers.
            fixed = {"load_balancing.cross_zone.enabled"} if defaults is None else set()
            merged = {key: value if key in fixed else written.get(key) or value for key, value in known.items()}
            answer.pairs(attributes, merged)


def complete_listeners(account):
    """An HTTP listener has no security policy and no certificates, another one names its default
    certificate alone. Forward actions come with their ForwardConfig, redirects with all their parts."""
    for operation in ("DescribeListeners", "DescribeRules"):
        for answer in account.xml("elasticloadbalancing", operation):
            for listener in answer.all("Listeners"):
                for member in listener:
                    answer.drop(member, "AlpnPolicy")
                    if answer.text(member, "Protocol") == "HTTP":
                        answer.drop(member, "SslPolicy")
                        answer.drop(member, "Certificates")
                    else:
                        answer.set(answer.set(member, "MutualAuthentication"), "Mode", "off")
                        certificates = answer.child(member, "Certificates")
                        for further in list(certificates)[1:]:
                            certificates.remove(further)
            for action in answer.all("DefaultActions") + answer.all("Actions"):
                for member in action:
                    complete_action(answer, member)


def complete_action(answer, action):
    group = answer.text(action, "TargetGroupArn")
    if group and answer.child(action, "ForwardConfig") is None:
        config = answer.set(action, "ForwardConfig")
        member = answer.set(answer.set(config, "TargetGroups"), "member")
        answer.set(member, "TargetGroupArn", group)
        answer.set(member, "Weight", "1")
        answer.set(answer.set(config, "TargetGroupStickinessConfig"), "Enabled", "false")
    redirect = answer.child(action, "RedirectConfig")
    if redirect is not None:
        for name, whole in (("Host", "#{host}"), ("Path", "/#{path}"), ("Query", "#{query}")):
            if answer.text(redirect, name) in (None, ""):
                answer.set(redirect, name, whole)


def zones_of_load_balancers(account):
    """The hosted zones of Tokyo's load balancers (Elastic Load Balancing endpoints and quotas)."""
    for answer in account.xml("elasticloadbalancing", "DescribeLoadBalancers"):
        for balancers in answer.all("LoadBalancers"):
            for balancer in balancers:
                is_network = answer.text(balancer, "Type") == "network"
                answer.set(balancer, "CanonicalHostedZoneId", "Z31USIVHYNEOWT" if is_network else "Z14GRHDCWA56QT")


def target_health(account):
    """Targets by address come with their zone. In the worn account the second service's task
    and one of the first's fail their checks; the mock calls every target healthy."""
    for answer in account.xml("elasticloadbalancing", "DescribeTargetHealth"):
        for descriptions in answer.all("TargetHealthDescriptions"):
            for description in descriptions:
                target = answer.child(description, "Target")
                is_1c = (answer.text(target, "Id") or "").startswith("10.0.2.")
                answer.set(target, "AvailabilityZone", REGION + ("c" if is_1c else "a"))
                answer.set(description, "HealthCheckPort", answer.text(target, "Port"))
                is_second = is_1c and "shop-tg" in answer.path.name
                if account.is_worn and (is_second or "shop-admin" in answer.path.name):
                    health = answer.child(description, "TargetHealth")
                    answer.set(health, "State", "unhealthy")
                    answer.set(health, "Reason", "Target.FailedHealthChecks")
                    answer.set(health, "Description", "Health checks failed")


# ---- EC2 ---------------------------------------------------------------------------


def network_interfaces(account):
    """Interfaces of NAT gateways have no groups. Names under the region's own domain (the mock writes those of us-east-1), and AWS as
    the owner of the public addresses of load balancers and tasks."""
    for answer in account.xml("ec2", "DescribeNetworkInterfaces"):
        for name in answer.all("privateDnsName"):
            name.text = (name.text or "").replace(".ec2.internal", f".{REGION}.compute.internal")
        for interfaces in answer.all("networkInterfaceSet"):
            for interface in interfaces:
                if (answer.text(interface, "description") or "").startswith("Interface for NAT Gateway "):
                    answer.set(interface, "interfaceType", "nat_gateway")
                    for group in list(answer.set(interface, "groupSet")):
                        answer.child(interface, "groupSet").remove(group)
                association = answer.child(interface, "association")
                if association is None:
                    continue
                address = (answer.text(association, "publicIp") or "").replace(".", "-")
                answer.set(association, "publicDnsName", f"ec2-{address}.{REGION}.compute.amazonaws.com")
                requester = answer.text(interface, "requesterId")
                answer.set(association, "ipOwnerId", "amazon-elb" if requester == "amazon-elb" else "amazon")


def nat_gateways(account):
    """A NAT gateway has the addresses of its interface; the mock makes up others. It is public
    unless it was made private."""
    addresses = {}
    for answer in account.xml("ec2", "DescribeNetworkInterfaces"):
        for interfaces in answer.all("networkInterfaceSet"):
            for interface in interfaces:
                association = answer.child(interface, "association")
                public = None if association is None else answer.text(association, "publicIp")
                private = answer.text(interface, "privateIpAddress")
                addresses[answer.text(interface, "networkInterfaceId")] = (private, public)
    for answer in account.xml("ec2", "DescribeNatGateways"):
        for gateways in answer.all("natGatewaySet"):
            for gateway in gateways:
                answer.set(gateway, "connectivityType", "public")
                for address in answer.child(gateway, "natGatewayAddressSet"):
                    private, public = addresses[answer.text(address, "networkInterfaceId")]
                    answer.set(address, "privateIp", private)
                    answer.set(address, "publicIp", public)


def routes(account):
    """A route to what was deleted is a blackhole; the mock leaves it active. A VPC's own peerings
    are not asked for: in the worn account there is none left."""
    for answer in account.xml("ec2", "DescribeRouteTables"):
        for route in answer.all("routeSet"):
            for item in route:
                if answer.text(item, "vpcPeeringConnectionId"):
                    answer.set(item, "state", "blackhole")


# ---- RDS ---------------------------------------------------------------------------


def databases(account):
    """Fields that AWS always answers and the mock does not, and those that it invents:
    LatestRestorableTime without backups, a KMS key without encryption, MySQL's licence. The worn
    database's backups stopped, and its old version renews its certificate with a restart alone."""
    for answer in account.xml("rds", "DescribeDBInstances"):
        for instances in answer.all("DBInstances"):
            for number, instance in enumerate(instances):
                complete_instance(answer, instance, number)
    for answer in account.xml("rds", "DescribeDBClusters"):
        for clusters in answer.all("DBClusters"):
            for cluster in clusters:
                complete_cluster(answer, cluster)
    for answer in account.xml("rds", "DescribeDBClusterSnapshots"):
        for snapshots in answer.all("DBClusterSnapshots"):
            for snapshot in snapshots:
                if answer.text(snapshot, "StorageEncrypted") != "true":
                    answer.drop(snapshot, "KmsKeyId")
    for answer in account.xml("rds", "DescribePendingMaintenanceActions"):
        for name in ("ForcedApplyDate", "CurrentApplyDate"):
            for date in answer.all(name):
                date.text = text_of(TAKEN_AT + datetime.timedelta(days=5))
    for operation in ("DescribeDBInstances", "DescribeDBSubnetGroups"):
        for answer in account.xml("rds", operation):
            for group in answer.all("DBSubnetGroup"):
                if answer.child(group, "DBSubnetGroupName") is not None:
                    networks = answer.set(group, "SupportedNetworkTypes")
                    answer.set(networks, "member", "IPV4")


def complete_instance(answer, instance, number):
    def read(name):
        return answer.text(instance, name)

    def write(name, text=None):
        return answer.set(instance, name, text)

    is_aurora = (read("Engine") or "").startswith("aurora")
    is_old = (read("EngineVersion") or "").startswith("13.")
    write("LicenseModel", "postgresql-license")
    write("CACertificateIdentifier", "rds-ca-rsa2048-g1")
    certificate = write("CertificateDetails")
    answer.set(certificate, "CAIdentifier", "rds-ca-rsa2048-g1")
    renewed = TAKEN_AT + datetime.timedelta(days=20 if is_old else 295)
    answer.set(certificate, "ValidTill", text_of(renewed))
    write("PendingModifiedValues")
    write("PerformanceInsightsEnabled", "false")
    write("NetworkType", "IPV4")
    write("BackupTarget", "region")
    write("ActivityStreamStatus", "stopped")
    write("EngineLifecycleSupport", "open-source-rds-extended-support")
    write("DbInstancePort", "0")
    # The mock gives every instance the same.
    resource = hashlib.sha256((read("DBInstanceIdentifier") or "").encode()).hexdigest()[:26].upper()
    write("DbiResourceId", f"db-{resource}")
    if not is_aurora:
        write("Iops", "3000")
        write("StorageThroughput", "125")
    if read("StorageEncrypted") != "true":
        answer.drop(instance, "KmsKeyId")
    if read("BackupRetentionPeriod") == "0" or is_aurora:
        answer.drop(instance, "LatestRestorableTime")
    else:
        lag = datetime.timedelta(days=3) if is_old else datetime.timedelta(minutes=5)
        write("LatestRestorableTime", text_of(TAKEN_AT - lag))
    if read("MultiAZ") == "true" and not is_aurora:
        write("SecondaryAvailabilityZone", REGION + "c")


def complete_cluster(answer, cluster):
    if answer.text(cluster, "StorageEncrypted") != "true":
        answer.drop(cluster, "KmsKeyId")
    answer.set(cluster, "StorageType", "aurora")
    # Its storage is not encrypted, and nobody looked after its backups.
    lag = datetime.timedelta(days=3 if answer.text(cluster, "DBClusterIdentifier") == "reports" else 0, minutes=5)
    answer.set(cluster, "LatestRestorableTime", text_of(TAKEN_AT - lag))
    for zones in answer.all("AvailabilityZones", cluster):
        for zone, letter in zip(zones, "acd", strict=False):
            zone.text = REGION + letter


# ---- ECS ---------------------------------------------------------------------------


def services(account):
    """A strategy takes the place of the launch type. Running tasks are counted, and a deployment that reached its number is COMPLETED. In
    the worn account the second service's never did, and the circuit breaker gave up; the third one lost a task."""
    for answer in account.json("ecs", "DescribeServices"):
        for service in answer["services"]:
            is_broken = account.is_worn and service["serviceName"] == "shop-admin"
            is_short = account.is_worn and service["serviceName"] == "shop-metrics"
            running = service["desiredCount"] - (1 if is_short else 0)
            state = "FAILED" if is_broken else "COMPLETED"
            reason = "failed: tasks failed to start" if is_broken else "completed"
            if service.get("capacityProviderStrategy"):
                service.pop("launchType", None)
            if service.get("launchType") != "EC2":
                service["platformFamily"] = "Linux"
            service.update(runningCount=running, pendingCount=0, enableExecuteCommand=False)
            service.update(healthCheckGracePeriodSeconds=0, enableECSManagedTags=False, events=[])
            service["deploymentConfiguration"].update(strategy="ROLLING", bakeTimeInMinutes=0)
            for deployment in service["deployments"]:
                deployment.update(runningCount=running, pendingCount=0, failedTasks=3 if is_broken else 0)
                deployment.update(platformVersion="1.4.0", platformFamily="Linux")
                name = deployment["id"]
                deployment.update(rolloutState=state, rolloutStateReason=f"ECS deployment {name} {reason}.")
    counts = {}
    for path in account.files("ecs", "DescribeServices", "json"):
        listed = json.loads(path.read_text(encoding="utf-8"))["services"]
        counts = {"activeServicesCount": len(listed), "runningTasksCount": sum(s["runningCount"] for s in listed)}
    for answer in account.json("ecs", "DescribeClusters"):
        for cluster in answer["clusters"]:
            cluster.update(counts, pendingTasksCount=0, statistics=[], tags=[])
            own = ["FARGATE", "FARGATE_SPOT", "shop-hosts"] if account.is_worn else []
            cluster.update(capacityProviders=own, defaultCapacityProviderStrategy=[])


def tasks(account):
    """Tasks say in which zone they run, since when, and with what size; their containers run."""
    started = int(MADE_AT.timestamp()) + 60
    for answer in account.json("ecs", "DescribeTasks"):
        for task in answer["tasks"]:
            if not task["attachments"]:
                # On a host, where it has no interface of its own.
                task.pop("stoppedReason", None)
                task.update(availabilityZone=REGION + "a", lastStatus="RUNNING", desiredStatus="RUNNING")
                task.update(connectivity="CONNECTED", version=5, tags=[], startedAt=started)
                for container in task["containers"]:
                    container.pop("exitCode", None)
                    container.update(taskArn=task["taskArn"], lastStatus="RUNNING", networkBindings=[])
                continue
            details = {detail["name"]: detail["value"] for detail in task["attachments"][0]["details"]}
            zone = REGION + ("c" if details["privateIPv4Address"].startswith("10.0.2.") else "a")
            for detail in task["attachments"][0]["details"]:
                detail["value"] = detail["value"].replace(".ec2.internal", f".{REGION}.compute.internal")
            identifier = task["taskArn"].rsplit("/", 1)[1]
            task.pop("stoppedReason", None)
            task.update(availabilityZone=zone, lastStatus="RUNNING", desiredStatus="RUNNING", connectivity="CONNECTED")
            task.update(cpu="512", memory="1024", healthStatus="UNKNOWN", platformFamily="Linux", version=5, tags=[])
            task.update(createdAt=started - 45, startedAt=started, connectivityAt=started - 20)
            for number, container in enumerate(task["containers"]):
                arn = f"arn:aws:ecs:{REGION}:{ACCOUNT}:container/shop/{identifier}/{number}"
                container.pop("exitCode", None)
                container.update(containerArn=arn, taskArn=task["taskArn"], lastStatus="RUNNING", healthStatus="UNKNOWN")
                address = {"attachmentId": task["attachments"][0]["id"], "privateIpv4Address": details["privateIPv4Address"]}
                container["networkInterfaces"] = [address]


def revisions(account):
    """The newest revision comes first when that is asked for; the mock lists the oldest first."""
    for answer in account.json("ecs", "ListTaskDefinitions"):
        answer["taskDefinitionArns"].sort(key=lambda arn: -int(arn.rsplit(":", 1)[1]))


# ---- CloudWatch and SNS ------------------------------------------------------------


# How many tasks of each service run.
TASKS = {"shop-admin": 1, "shop-agent": 0, "shop-api": 2, "shop-metrics": 2}


def metrics(account):
    """AWS publishes without a break; the scan asks for fourteen days. The mock was given one point
    an hour. What nobody published has no points on AWS either."""
    for path in account.files("cloudwatch", "GetMetricData", "json"):
        answer = json.loads(path.read_text(encoding="utf-8"))
        lines = []
        for key in sorted(answer):
            # AWS/ECS/CPUUtilization{ClusterName=shop,ServiceName=shop-api} Average 300s
            name, of, statistic, seconds = re.fullmatch(
                r"[^/]+/[^/]+/(\w+)\{(.*)\} (\w+) (\d+)s", key
            ).groups()
            seconds = int(seconds)
            count = shop.DAYS_OF_METRICS * 86_400 // seconds if answer[key].get("Values") else 0
            points = shop.POINTS[name]
            if account.is_worn and key.startswith("AWS/RDS/DatabaseConnections") and of.endswith("=ec-db"):
                points = shop.leaking_connections
            # A sum over the tasks of a service: one sample a minute of each.
            samples = 1
            if key.startswith("AWS/ECS/") and statistic == "Sum":
                samples = TASKS[of.rpartition("ServiceName=")[2]] * seconds // 60
            values = [round(samples * points(index * seconds), 4) for index in range(1, count + 1)]
            newest = text_of(TAKEN_AT - datetime.timedelta(seconds=seconds))
            hours = [", ".join(map(str, values[start : start + 12])) for start in range(0, count, 12)]
            label, rows = json.dumps(answer[key].get("Label", key)), ",\n      ".join(hours)
            lines.append(
                f'  {json.dumps(key)}: {{\n    "Label": {label},\n    "Newest": "{newest}",\n'
                f'    "StatusCode": "Complete",\n    "Values": [\n      {rows}\n    ]\n  }}'
            )
        path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def alarms(account):
    """Alarms are evaluated; the mock leaves all at OK. Those of target tracking stand at the
    target and at nine tenths of it; on a quiet day the lower one is in ALARM. A metric that
    counts errors has no data while there are none."""
    for answer in account.json("cloudwatch", "DescribeAlarms"):
        for alarm in answer["MetricAlarms"]:
            state, reason = "OK", "Threshold Crossed: the datapoints were not beyond the threshold."
            if alarm["AlarmName"].startswith("TargetTracking-"):
                is_low = "-AlarmLow-" in alarm["AlarmName"]
                alarm["Threshold"] = 63.0 if is_low else 70.0
                if is_low:
                    state, reason = "ALARM", "Threshold Crossed: 15 datapoints were less than the threshold (63.0)."
            elif "5XX" in alarm.get("MetricName", "") or "-old-" in alarm["AlarmName"]:
                state, reason = "INSUFFICIENT_DATA", "Insufficient Data: 5 datapoints were unknown."
            alarm.update(StateValue=state, StateReason=reason)
            alarm.pop("StateReasonData", None)


def subscriptions(account):
    """A subscription by mail is pending until its owner follows the link; the mock confirms it
    at once. In the worn account nobody did."""
    if account.is_worn:
        for answer in account.xml("sns", "ListSubscriptions"):
            for subscription in answer.all("Subscriptions"):
                for member in subscription:
                    answer.set(member, "SubscriptionArn", "PendingConfirmation")


# ---- the rest ----------------------------------------------------------------------

CAPACITY_UNITS = {
    "AWSManagedRulesCommonRuleSet": 700,
    "AWSManagedRulesSQLiRuleSet": 200,
    "AWSManagedRulesKnownBadInputsRuleSet": 200,
    "rate-2000": 2,
}


def web_acls(account):
    """Capacity is in capacity units (documented for each managed group), not in rules."""
    for answer in account.json("wafv2", "GetWebACL"):
        acl = answer["WebACL"]
        acl["Capacity"] = sum(CAPACITY_UNITS.get(rule["Name"], 1) for rule in acl["Rules"])
        acl["ManagedByFirewallManager"] = False
        for rule in acl["Rules"]:
            rate = rule["Statement"].get("RateBasedStatement")
            if rate:
                rate.setdefault("EvaluationWindowSec", 300)


def certificates(account):
    """A certificate is in use by the load balancer (the mock says: by the listener) and is
    renewed while it is. In the worn account the record for its validation is gone and the
    renewal waits for it."""
    days = 12 if account.is_worn else 300
    dates = {
        "NotBefore": int(MADE_AT.timestamp()),
        "NotAfter": int((TAKEN_AT + datetime.timedelta(days=days)).timestamp()),
        "RenewalEligibility": "ELIGIBLE",
    }
    for answer in account.json("acm", "ListCertificates"):
        for certificate in answer["CertificateSummaryList"]:
            certificate.update(dates)
    for answer in account.json("acm", "DescribeCertificate"):
        certificate = answer["Certificate"]
        certificate.update(dates, KeyAlgorithm="RSA-2048", SignatureAlgorithm="SHA256WITHRSA")
        in_use = {re.sub(r":listener/(.+)/[^/]+$", r":loadbalancer/\1", arn) for arn in certificate["InUseBy"]}
        certificate["InUseBy"] = sorted(in_use) or distributions_with(account, certificate["CertificateArn"])
        serial = hashlib.sha256(certificate["CertificateArn"].encode()).hexdigest()[:32]
        certificate["Serial"] = ":".join(serial[start : start + 2] for start in range(0, 32, 2))
        if account.is_worn:
            waiting = [dict(option, ValidationStatus="PENDING_VALIDATION") for option in certificate["DomainValidationOptions"]]
            certificate["RenewalSummary"] = {
                "RenewalStatus": "PENDING_VALIDATION",
                "DomainValidationOptions": waiting,
                "UpdatedAt": int((TAKEN_AT - datetime.timedelta(days=48)).timestamp()),
            }


def distributions_with(account, certificate_arn):
    """The mock does not know that distributions use certificates."""
    found = []
    for answer in account.xml("cloudfront", "ListDistributions"):
        for summary in answer.all("DistributionSummary"):
            if any(named.text == certificate_arn for named in answer.all("ACMCertificateArn", summary)):
                found.append(answer.text(summary, "ARN"))
    return sorted(found)


def server_certificates(account):
    """The mock's all ended in 2012. This one ended forty days before the recording."""
    for answer in account.xml("iam", "ListServerCertificates"):
        for listed in answer.all("ServerCertificateMetadataList"):
            for member in listed:
                end = TAKEN_AT - datetime.timedelta(days=40)
                answer.set(member, "UploadDate", text_of(end - datetime.timedelta(days=730)))
                answer.set(member, "Expiration", text_of(end))


def secrets(account):
    """Versions have constant ids, and one list instead of two. What was used or rotated is so today; in
    the worn account one rotation failed since summer, and one secret was last read in spring."""
    for answer in account.json("secretsmanager", "ListSecrets"):
        for secret in answer["SecretList"]:
            digest = hashlib.sha256(secret["ARN"].encode()).hexdigest()
            identifier = "-".join((digest[:8], digest[8:12], "4" + digest[13:16], "8" + digest[17:20], digest[20:32]))
            secret.pop("VersionIdsToStages", None)
            secret["SecretVersionsToStages"] = {identifier: ["AWSCURRENT"]}
            today = TAKEN_AT.replace(hour=0)
            secret["LastAccessedDate"] = int(today.timestamp())
            if secret["Name"] == "shop/partner":
                rotated = TAKEN_AT - datetime.timedelta(days=150)
                secret["LastRotatedDate"] = int(rotated.timestamp())
                secret["NextRotationDate"] = int((rotated + datetime.timedelta(days=30)).timestamp())
            if secret["Name"] == "shop/old-gateway":
                secret["CreatedDate"] = int((TAKEN_AT - datetime.timedelta(days=900)).timestamp())
                secret["LastChangedDate"] = secret["CreatedDate"]
                secret["LastAccessedDate"] = int((today - datetime.timedelta(days=210)).timestamp())


def parameters(account):
    """Who changed a parameter is an ARN."""
    for answer in account.json("ssm", "DescribeParameters"):
        for parameter in answer.get("Parameters", []):
            parameter["LastModifiedUser"] = f"arn:aws:iam::{ACCOUNT}:user/ops"


def deployment_groups(account):
    """An id that stays the same, and no alarms; the mock has nothing there."""
    for answer in account.json("codedeploy", "GetDeploymentGroup"):
        information = answer["deploymentGroupInfo"]
        information["deploymentGroupId"] = "5f1c0f0e-2f6b-4c55-9d3a-7c1b1f0a8e21"
        alarms = {"enabled": False, "ignorePollAlarmFailure": False, "alarms": []}
        information["alarmConfiguration"] = alarms
        # AWS leaves out what was not configured.
        for name in [name for name, value in information.items() if value in ([], {})]:
            del information[name]


CORRECTIONS = (
    make_fakes_constant,
    make_constant,
    complete_attributes,
    complete_listeners,
    zones_of_load_balancers,
    target_health,
    network_interfaces,
    nat_gateways,
    routes,
    databases,
    services,
    tasks,
    revisions,
    metrics,
    alarms,
    subscriptions,
    web_acls,
    certificates,
    server_certificates,
    secrets,
    parameters,
    deployment_groups,
    describe,
)


def main():
    account = Account(Path(sys.argv[1]).resolve())
    for correction in CORRECTIONS:
        correction(account)


if __name__ == "__main__":
    main()
