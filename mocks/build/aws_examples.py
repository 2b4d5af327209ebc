#!/usr/bin/env python3
"""AWS's own examples, read by the real binary: what the documentation of the AWS CLI and the models of
botocore show as answers (both come with the packages from PyPI) is served over HTTP in each service's
protocol, and tenken scans it. Nothing may crash, no answer may be refused, and every resource of an answer
must be in the snapshot.

    aws_examples.py BINARY [--verbose]

Each round answers every operation with another of its examples; an operation without one is denied.
"""

import argparse
import base64
import datetime
import http.server
import importlib.util
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import botocore.session
import cbor_shim
from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model

ACCOUNT = "123456789012"
REGION = "us-west-2"
SCOPE = re.compile(r"Credential=[^/]+/\d{8}/([^/]+)/([^/]+)/aws4_request")

# The models of botocore, by the name with which requests are signed; and the folder of the CLI's examples.
MODELS = {
    "acm": ("acm", "acm"),
    "application-autoscaling": ("application-autoscaling", "application-autoscaling"),
    "cloudfront": ("cloudfront", "cloudfront"),
    "codedeploy": ("codedeploy", "deploy"),
    "ec2": ("ec2", "ec2"),
    "ecr": ("ecr", "ecr"),
    "ecs": ("ecs", "ecs"),
    "elasticloadbalancing": ("elbv2", "elbv2"),
    "events": ("events", "events"),
    "iam": ("iam", "iam"),
    "kms": ("kms", "kms"),
    "logs": ("logs", "logs"),
    "monitoring": ("cloudwatch", "cloudwatch"),
    "rds": ("rds", "rds"),
    "route53": ("route53", "route53"),
    "s3": ("s3", "s3api"),
    "scheduler": ("scheduler", "scheduler"),
    "secretsmanager": ("secretsmanager", "secretsmanager"),
    "servicequotas": ("service-quotas", "service-quotas"),
    "sns": ("sns", "sns"),
    "ssm": ("ssm", "ssm"),
    "sts": ("sts", "sts"),
    "wafv2": ("wafv2", "wafv2"),
}
# By these an answer says that there is more, where botocore has no word on its pages.
PAGE_TOKENS = {"NextMarker", "NextToken", "nextToken"}
# Classic load balancers are asked under the same name with an older version.
CLASSIC = ("elb", "elb")
CLASSIC_VERSION = "2012-06-01"

# Where an answer lists resources, what names one, and the list of the snapshot in which it must be.
# Lists that the scan asks for by name alone (alarms' topics, roles of tasks, groups of logs that
# containers write to …) are read as what belongs to another resource.
RESOURCES = {
    "cloudfront:ListDistributions": ("DistributionList.Items", "Id", "cloudfront.distributions"),
    "ec2:DescribeVpcs": ("Vpcs", "VpcId", "ec2.vpcs"),
    "ec2:DescribeSubnets": ("Subnets", "SubnetId", "ec2.subnets"),
    "ec2:DescribeRouteTables": ("RouteTables", "RouteTableId", "ec2.route_tables"),
    "ec2:DescribeNetworkAcls": ("NetworkAcls", "NetworkAclId", "ec2.network_acls"),
    "ec2:DescribeInternetGateways": ("InternetGateways", "InternetGatewayId", "ec2.internet_gateways"),
    "ec2:DescribeNatGateways": ("NatGateways", "NatGatewayId", "ec2.nat_gateways"),
    "ec2:DescribeSecurityGroups": ("SecurityGroups", "GroupId", "ec2.security_groups"),
    "ec2:DescribeNetworkInterfaces": ("NetworkInterfaces", "NetworkInterfaceId", "ec2.network_interfaces"),
    "ec2:DescribeFlowLogs": ("FlowLogs", "FlowLogId", "ec2.flow_logs"),
    "ec2:DescribeVpcEndpoints": ("VpcEndpoints", "VpcEndpointId", "ec2.vpc_endpoints"),
    "ecr:DescribeRepositories": ("repositories", "repositoryName", "ecr.repositories"),
    "ecs:DescribeClusters": ("clusters", "clusterName", "ecs.clusters"),
    "ecs:DescribeServices": ("services", "serviceName", "ecs.services"),
    "ecs:DescribeTasks": ("tasks", "taskArn", "ecs.tasks"),
    "elasticloadbalancing:DescribeLoadBalancers": ("LoadBalancers", "LoadBalancerArn", "elb.load_balancers"),
    "elasticloadbalancing:DescribeListeners": ("Listeners", "ListenerArn", "elb.load_balancers"),
    "elasticloadbalancing:DescribeTargetGroups": ("TargetGroups", "TargetGroupArn", "elb.target_groups"),
    "monitoring:DescribeAlarms": ("MetricAlarms", "AlarmName", "cloudwatch.alarms"),
    "classic:DescribeLoadBalancers": (
        "LoadBalancerDescriptions",
        "LoadBalancerName",
        "elb.classic_load_balancers",
    ),
    "ecs:DescribeContainerInstances": ("containerInstances", "containerInstanceArn", "ecs.container_instances"),
    "logs:DescribeLogGroups": ("logGroups", "logGroupName", "logs.log_groups"),
    "rds:DescribeDBClusterSnapshots": ("DBClusterSnapshots", "DBClusterSnapshotIdentifier", "rds.snapshots"),
    "rds:DescribeDBSnapshots": ("DBSnapshots", "DBSnapshotIdentifier", "rds.snapshots"),
    "rds:DescribeDBInstances": ("DBInstances", "DBInstanceIdentifier", "rds.db_instances"),
    "rds:DescribeDBClusters": ("DBClusters", "DBClusterIdentifier", "rds.db_clusters"),
    "rds:DescribeDBSubnetGroups": ("DBSubnetGroups", "DBSubnetGroupName", "rds.db_subnet_groups"),
    "s3:ListBuckets": ("Buckets", "Name", "s3.buckets"),
    "secretsmanager:ListSecrets": ("SecretList", "Name", "secretsmanager.secrets"),
    "sns:ListTopics": ("Topics", "TopicArn", "sns.topics"),
    "ssm:DescribeParameters": ("Parameters", "Name", "ssm.parameters"),
    "wafv2:ListWebACLs": ("WebACLs", "ARN", "wafv2.web_acls"),
    "application-autoscaling:DescribeScalableTargets": (
        "ScalableTargets",
        "ResourceId",
        "application_autoscaling.scalable_targets",
    ),
    "application-autoscaling:DescribeScalingPolicies": (
        "ScalingPolicies",
        "PolicyName",
        "application_autoscaling.scaling_policies",
    ),
    "application-autoscaling:DescribeScheduledActions": (
        "ScheduledActions",
        "ScheduledActionName",
        "application_autoscaling.scheduled_actions",
    ),
}


# Services that answer the same questions, with pages of their own.
SAME_API = {"rds": ("docdb", "neptune")}
# Answers by ids of the question, which no example can know.
DENIED = {("monitoring", "GetMetricData")}


class Service:
    """A service as botocore describes it: operations, routes, tokens of pages."""

    def __init__(self, model, folder):
        session = botocore.session.get_session()
        self.name, self.folder = model, folder
        # moto's own, which its serializers want.
        self.model = get_service_model(model)
        # botocore speaks JSON to CloudWatch, the SDK for Rust CBOR.
        self.protocol = "smithy-rpc-v2-cbor" if model == "cloudwatch" else self.model.resolved_protocol
        try:
            self.paginators = session.get_paginator_model(model)
        except Exception:  # noqa: BLE001 - a service without pages has no such file
            self.paginators = None
        self.routes = [self.route(name) for name in self.model.operation_names]

    def route(self, name):
        http_part = self.model.operation_model(name).http
        path, _, query = http_part["requestUri"].partition("?")
        pattern = re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(path))
        keys = {part.partition("=")[0] for part in query.split("&") if part}
        return http_part["method"], re.compile(f"^{pattern}/?$"), keys, name

    def operation_of(self, method, path, query):
        """The operation of a request by method and path; the one that asks for most wins."""
        found = [
            (len(keys), name)
            for verb, pattern, keys, name in self.routes
            if verb == method and pattern.match(path) and keys <= set(query)
        ]
        named = query.get("x-id")
        if named and named[0] in self.model.operation_names:
            return named[0]
        return max(found)[1] if found else None

    def tokens(self, operation):
        """The members by which an answer says that there is more."""
        try:
            token = self.paginators.get_paginator(operation)._output_token
        except Exception:  # noqa: BLE001 - an operation without pages
            return PAGE_TOKENS
        return {expression.split(" ")[0].rsplit(".", 1)[-1] for expression in token} | PAGE_TOKENS

    def typed(self, shape, value):
        """A value of JSON as its shape wants it, without what the shape does not know."""
        if value is None:
            return None
        kind = shape.type_name
        if kind == "structure":
            if not isinstance(value, dict):
                return None
            members = {key: self.typed(shape.members[key], part) for key, part in value.items() if key in shape.members}
            return {key: part for key, part in members.items() if part is not None}
        if kind == "list":
            return [self.typed(shape.member, part) for part in value] if isinstance(value, list) else None
        if kind == "map":
            return {key: self.typed(shape.value, part) for key, part in value.items()}
        if kind == "timestamp":
            if isinstance(value, (int, float)):
                return datetime.datetime.fromtimestamp(value, datetime.timezone.utc)
            try:
                found = datetime.datetime.fromisoformat(str(value).replace("Z", "+00:00"))
            except ValueError:
                return None
            return found if found.tzinfo else found.replace(tzinfo=datetime.timezone.utc)
        if kind == "blob":
            return value if isinstance(value, bytes) else base64.b64decode(str(value) + "==")
        if kind == "boolean":
            return value if isinstance(value, bool) else str(value).lower() == "true"
        if kind in ("integer", "long"):
            return int(value)
        if kind in ("float", "double"):
            return float(value)
        # The CLI shows documents of IAM as JSON; on the wire they are encoded text.
        return quote(json.dumps(value)) if isinstance(value, (dict, list)) else str(value)

    def prepared(self, operation, output):
        """An example as an answer: typed, and with nothing after it."""
        shape = self.model.operation_model(operation).output_shape
        output = without_tokens(output, self.tokens(operation))
        return self.typed(shape, output) if shape else {}

    def serialized(self, operation, answer):
        """Status, media type and body of an answer in the service's protocol."""
        model = self.model.operation_model(operation)
        if self.protocol == "smithy-rpc-v2-cbor":
            data = json.loads(json.dumps(answer, default=lambda value: value.isoformat()))
            return 200, "application/cbor", cbor_shim.dumps(cbor_shim.typed(model.output_shape, data))
        serializer = get_serializer_class(self.model.service_name, self.protocol)(model)
        response = serializer.serialize(answer)
        body = response["body"]
        kind = response["headers"].get("Content-Type", "text/xml")
        return response["status_code"], kind, body if isinstance(body, bytes) else body.encode()

    def denied(self, operation):
        """What AWS answers to a question that it does not permit."""
        message = f"not authorized to perform {operation}"
        if self.protocol == "smithy-rpc-v2-cbor":
            return 403, "application/cbor", cbor_shim.dumps({"__type": "AccessDenied", "message": message})
        if "json" in self.protocol:
            error = {"__type": "AccessDeniedException", "message": message}
            return 403, "application/x-amz-json-1.1", json.dumps(error).encode()
        error = f"<Error><Code>AccessDenied</Code><Message>{message}</Message></Error>"
        if self.protocol == "ec2":
            error = f"<Response><Errors>{error}</Errors><RequestID>1</RequestID></Response>"
        elif self.name != "s3":
            error = f"<ErrorResponse>{error}<RequestId>1</RequestId></ErrorResponse>"
        return 403, "text/xml", error.encode()


def says_something(value):
    """Whether there is anything in an answer; some examples are left empty."""
    if isinstance(value, dict):
        return any(says_something(part) for part in value.values())
    return bool(value) if isinstance(value, list) else value is not None


def without_tokens(value, tokens):
    if isinstance(value, dict):
        rest = {key: without_tokens(part, tokens) for key, part in value.items() if key not in tokens}
        return {key: False if key == "IsTruncated" else part for key, part in rest.items()}
    return [without_tokens(part, tokens) for part in value] if isinstance(value, list) else value


def hyphenated(operation):
    """`DescribeDBInstances` as the CLI writes it."""
    return botocore.xform_name(operation, "-")


def outputs_of_cli(folder, operation):
    """The JSON outputs of the CLI's page on an operation."""
    root = Path(importlib.util.find_spec("awscli").origin).parent / "examples"
    page = root / folder / f"{hyphenated(operation)}.rst"
    if not page.exists():
        return
    decoder = json.JSONDecoder()
    text = page.read_text(encoding="utf-8")
    for part in re.split(r"^Output:+\s*$", text, flags=re.MULTILINE)[1:]:
        start = re.search(r"^\s*\{", part, flags=re.MULTILINE)
        # What is shown as text or a table is no answer.
        if start is None or part[: start.start()].strip():
            continue
        # Some have a comma too many. Those that leave parts out are no answers.
        shown = re.sub(r",(\s*[}\]])", r"\1", part[start.start() :])
        try:
            yield decoder.raw_decode(shown.lstrip())[0]
        except ValueError:
            continue


def outputs_of_botocore(model, operation):
    session = botocore.session.get_session()
    try:
        examples = session.get_component("data_loader").load_service_model(model, "examples-1")
    except Exception:  # noqa: BLE001 - a service without examples
        return
    for example in examples.get("examples", {}).get(operation, []):
        if example.get("output"):
            yield example["output"]


class Examples:
    """All examples of the services, and what a round answers."""

    def __init__(self):
        self.services = {signed: Service(*names) for signed, names in MODELS.items()}
        self.services["classic"] = Service(*CLASSIC)
        self.outputs = {}
        self.asked = {}
        self.round = 0

    def of(self, signed, operation):
        """The examples of an operation as answers."""
        if (signed, operation) in DENIED:
            return []
        if (signed, operation) not in self.outputs:
            service = self.services[signed]
            found = list(outputs_of_botocore(service.name, operation))
            for folder in (service.folder, *SAME_API.get(service.folder, ())):
                found += outputs_of_cli(folder, operation)
            answers = [service.prepared(operation, output) for output in found]
            self.outputs[signed, operation] = [answer for answer in answers if says_something(answer)]
        return self.outputs[signed, operation]

    def answer(self, signed, operation):
        service = self.services[signed]
        if operation == "GetCallerIdentity":
            me = {"UserId": "AIDAEXAMPLE", "Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:user/auditor"}
            return service.serialized(operation, me)
        examples = self.of(signed, operation)
        self.asked[signed, operation] = len(examples)
        if not examples:
            return service.denied(operation)
        return service.serialized(operation, examples[self.round % len(examples)])


def handler_for(examples, problems):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def do_POST(self):
            self.respond()

        def do_GET(self):
            self.respond()

        def body(self):
            if self.headers.get("Transfer-Encoding") == "chunked":
                parts = []
                while size := int(self.rfile.readline().split(b";")[0], 16):
                    parts.append(self.rfile.read(size))
                    self.rfile.readline()
                self.rfile.readline()
                return b"".join(parts)
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))

        def named(self, body):
            """The service by the request's signature, and the operation."""
            scope = SCOPE.search(self.headers.get("Authorization", ""))
            signed = scope.group(2) if scope else "sts"
            target = self.headers.get("X-Amz-Target")
            address = urlsplit(self.path)
            if target:
                return signed, target.rsplit(".", 1)[-1]
            if "/operation/" in address.path:
                return signed, address.path.rsplit("/operation/", 1)[-1]
            form = parse_qs(body.decode("utf-8", "replace"))
            if "Action" in form:
                is_classic = signed == "elasticloadbalancing" and form["Version"][0] == CLASSIC_VERSION
                return ("classic" if is_classic else signed), form["Action"][0]
            query = parse_qs(address.query, keep_blank_values=True)
            return signed, examples.services[signed].operation_of(self.command, address.path, query)

        def respond(self):
            body = self.body()
            try:
                signed, operation = self.named(body)
                status, kind, payload = examples.answer(signed, operation)
            except Exception as error:  # noqa: BLE001 - a mistake of this script, not of tenken
                problems.append(f"{self.command} {self.path}: {type(error).__name__}: {error}")
                status, kind, payload = 500, "text/plain", b""
            self.send_response(status)
            self.send_header("Content-Type", kind)
            if kind == "application/cbor":
                self.send_header("smithy-protocol", "rpc-v2-cbor")
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

    return Handler


def elements(answer, path):
    for part in path.split("."):
        answer = (answer or {}).get(part)
    return answer or []


def lost(examples, snapshot):
    """The resources of this round's answers that the snapshot does not have, and how many there were."""
    missing, count = [], 0
    for name, (path, identity, place) in RESOURCES.items():
        signed, operation = name.split(":")
        answers = examples.outputs.get((signed, operation))
        if not answers:
            continue
        section, listing = place.split(".")
        text = json.dumps(snapshot.get(section, {}).get(listing, {}).get("items", []))
        for element in elements(answers[examples.round % len(answers)], path):
            if identity not in element:
                continue
            count += 1
            if json.dumps(element[identity])[1:-1] not in text:
                missing.append(f"{name}: {element[identity]} is not in {place}")
    return missing, count


# Examples that show fewer fields than AWS answers; what is left out is not known.
INCOMPLETE = {
    "ecs:DescribeClusters": "no settings, for which it has to be asked with include=SETTINGS",
    "ecs:DescribeServices": "neither circuit breakers nor states of deployments, which came in 2020",
    "elasticloadbalancing:DescribeLoadBalancerAttributes": "the attributes of 2015",
    "elasticloadbalancing:DescribeTags": "another resource than those that are asked about",
}


def refused(examples, snapshot):
    """The gaps of operations that were answered by an example, but for what the example leaves out."""
    answered = {operation for (_, operation), count in examples.asked.items() if count}
    return [
        f"{gap['operation']}: {gap['cause']} ({gap['code']}) about {gap.get('about')}"
        for gap in snapshot["gaps"].values()
        if gap["operation"].split(":")[1] in answered and gap["cause"] not in ("denied",)
        and not (gap["code"] == "IncompleteAnswer" and gap["operation"] in INCOMPLETE)
    ]


def scan(binary, endpoint, folder):
    path = Path(folder) / "snapshot.json"
    path.unlink(missing_ok=True)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": folder,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_MAX_ATTEMPTS": "1",
    }
    command = [binary, "scan", "--region", REGION, "--no-config", "--format", "json", "--save-snapshot", str(path)]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    if ended.returncode not in (0, 1, 3) or "panicked" in ended.stderr:
        return None, f"ended with {ended.returncode}: {ended.stderr[-800:]}"
    json.loads(ended.stdout)
    return json.loads(path.read_text(encoding="utf-8")), None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--verbose", action="store_true", help="say which operations have examples")
    arguments = parser.parse_args()
    examples, problems = Examples(), []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler_for(examples, problems))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    found = rounds = 0
    with tempfile.TemporaryDirectory() as folder:
        while rounds == 0 or examples.round < max(examples.asked.values(), default=0):
            snapshot, error = scan(arguments.binary, endpoint, folder)
            if error:
                problems.append(f"round {examples.round}: {error}")
            else:
                missing, count = lost(examples, snapshot)
                found += count
                problems += [f"round {examples.round}: {line}" for line in missing + refused(examples, snapshot)]
            examples.round += 1
            rounds += 1
    server.shutdown()
    if arguments.verbose:
        for (signed, operation), count in sorted(examples.asked.items()):
            print(f"{signed}:{operation}: {count}")
    for problem in problems:
        print(f"AWS's examples: {problem}", file=sys.stderr)
    answered = sum(1 for count in examples.asked.values() if count)
    total = sum(examples.asked.values())
    print(f"AWS's examples: {total} of {answered} operations ({len(examples.asked)} asked), {found} resources, in {rounds} scans")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
