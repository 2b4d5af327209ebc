#!/usr/bin/env python3
"""moto (a mock AWS) with what an auditor needs and moto lacks, on the loopback.

    python moto_server.py --port 5555 [--log requests.jsonl]

Port 0 takes a free one; the first line on standard output is the address.

What is changed in moto, and why, is in the functions of `patch_moto`; README.md lists it.
The log has one JSON line per request: {"service", "operation", "region", "status"}.

POST /_control/interfaces {"eni-…": {"owner": …, "description": …, "public_ip": …}}
makes network interfaces look like those that ELB, RDS and Fargate own.

POST /_control/copy  gives {"address", "pid"} of another server with everything that is in this one; what
happens to one is not seen by the other. It ends with this server, or when it is killed. It also does what
remedies need of it (moto_remedies.py).
"""

import argparse
import io
import json
import os
import re
import signal
import socket
import sys
import threading
import time

import moto_remedies

SCOPE = re.compile(r"Credential=[^/]+/\d{8}/([^/]+)/([^/]+)/aws4_request")


def operation(environ, body):
    """The operation that a request names, or its method and path."""
    target = environ.get("HTTP_X_AMZ_TARGET")
    if target:
        return target.rsplit(".", 1)[-1]
    found = re.search(rb"(?:^|&)Action=([A-Za-z0-9]+)", body)
    if found:
        return found.group(1).decode()
    path = environ.get("PATH_INFO", "")
    if "/operation/" in path:
        return path.rsplit("/operation/", 1)[-1]
    return f"{environ['REQUEST_METHOD']} {path}"


def unknown_operation(environ, body, service, message):
    """AWS's answer for an operation it does not know, in the protocol of the request."""
    message = message.replace("&", "+").replace("<", "(")
    if environ.get("CONTENT_TYPE", "").startswith("application/x-www-form") or b"Action=" in body[:512]:
        wrap = (
            "<Response><Errors>{}</Errors><RequestID>mock</RequestID></Response>"
            if service == "ec2"
            else "<ErrorResponse>{}<RequestId>mock</RequestId></ErrorResponse>"
        )
        error = f"<Error><Code>InvalidAction</Code><Message>{message}</Message></Error>"
        return "text/xml", [], wrap.format(error).encode()
    if service in ("s3", "cloudfront"):
        error = f"<Error><Code>InvalidAction</Code><Message>{message}</Message></Error>"
        return "text/xml", [], (error if service == "s3" else f"<ErrorResponse>{error}</ErrorResponse>").encode()
    error = {"__type": "UnknownOperationException", "message": message}
    headers = [("x-amzn-ErrorType", "UnknownOperationException")]
    return "application/x-amz-json-1.0", headers, json.dumps(error).encode()


def end_without(parent):
    """Ends a copy with the server that it was made from."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(0)


class Server:
    """moto's application with a log, the control call, and errors as AWS answers them."""

    def __init__(self, app, log):
        self.app, self.log, self.lock = app, log, threading.Lock()
        # What a copy serves: this with everything around it.
        self.served = self

    def __call__(self, environ, start_response):
        if environ.get("PATH_INFO") == "/_control/interfaces":
            return self.interfaces(environ, start_response)
        if environ.get("PATH_INFO") == "/_control/copy":
            start_response("200 OK", [("Content-Type", "application/json")])
            return [json.dumps(self.copy()).encode()]
        size = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(size) if size else b""
        if size:
            environ["wsgi.input"] = io.BytesIO(body)
        scope = SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
        region, service = scope.groups() if scope else (None, None)
        seen = {}

        def start(status, headers, exc_info=None):
            seen["status"] = int(status.split(" ", 1)[0])
            return start_response(status, headers, exc_info)

        name = operation(environ, body)
        try:
            return self.app(environ, start)
        except Exception as error:  # noqa: BLE001 - moto raises for what it does not implement
            reason = f"{service}:{name}: {type(error).__name__}: {error}"[:200]
            kind, headers, payload = unknown_operation(environ, body, service, reason)
            start("400 Bad Request", [("Content-Type", kind), ("Content-Length", str(len(payload)))] + headers)
            return [payload]
        finally:
            line = {"service": service, "operation": name, "region": region, "status": seen.get("status")}
            with self.lock:
                if self.log:
                    self.log.write(json.dumps(line) + "\n")

    def copy(self):
        listener = socket.create_server(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        parent = os.getpid()
        pid = os.fork()
        if pid:
            listener.close()
            return {"address": address, "pid": pid}
        threading.Thread(target=end_without, args=[parent], daemon=True).start()
        moto_remedies.apply()
        try:
            serve(self.served, listener)
        finally:
            os._exit(0)

    def interfaces(self, environ, start_response):
        from types import SimpleNamespace

        from moto.ec2.models import ec2_backends

        looks = json.loads(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))
        backends = [backend for account in list(ec2_backends.values()) for backend in list(account.values())]
        changed = 0
        for identifier, look in looks.items():
            for interface in (backend.enis[identifier] for backend in backends if identifier in backend.enis):
                interface.instance = SimpleNamespace(id=None, owner_id=look["owner"], security_groups=[])
                interface.attachment_id = "ela-attach-" + identifier[4:]
                interface.device_index = 1
                interface.status = "in-use"
                interface.requester_managed = True
                interface.requester_id = look.get("requester", look["owner"])
                interface.description = look.get("description", interface.description)
                interface.interface_type = look.get("interface_type", "interface")
                if look.get("public_ip"):
                    interface.public_ip = look["public_ip"]
                changed += 1
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps({"changed": changed}).encode()]


def answer_web_acl_resources():
    """wafv2 ListResourcesForWebACL is not implemented."""
    from moto.wafv2.responses import WAFV2Response

    kinds = {"APPLICATION_LOAD_BALANCER": ":loadbalancer/app/", "API_GATEWAY": ":/restapis/"}

    def list_resources_for_web_acl(self):
        part = kinds.get(self._get_param("ResourceType") or "APPLICATION_LOAD_BALANCER", "\0")
        acl = self.wafv2_backend.wacls.get(self._get_param("WebACLArn"))
        arns = [arn for arn in (acl.associated_resources if acl else []) if part in arn]
        return 200, {"Content-Type": "application/json"}, json.dumps({"ResourceArns": arns})

    WAFV2Response.list_resources_for_web_acl = list_resources_for_web_acl


def answer_capacity_providers():
    """ecs DescribeCapacityProviders without names fails; AWS answers Fargate's two and one's own."""
    from moto.core.responses import ActionResult
    from moto.ecs.responses import EC2ContainerServiceResponse

    def describe_capacity_providers(self):
        names = self._get_param("capacityProviders")
        arn = f"arn:aws:ecs:{self.region}:{self.current_account}:capacity-provider/"
        known = [
            {"capacityProviderArn": arn + name, "name": name, "status": "ACTIVE", "tags": []}
            for name in ("FARGATE", "FARGATE_SPOT")
        ]
        known += [
            {
                "capacityProviderArn": provider.capacity_provider_arn,
                "name": provider.name,
                "status": provider.status,
                "autoScalingGroupProvider": provider.auto_scaling_group_provider,
                "tags": [],
            }
            for provider in self.ecs_backend.capacity_providers.values()
        ]
        found = [provider for provider in known if not names or provider["name"] in names]
        return ActionResult({"capacityProviders": found, "failures": []})

    EC2ContainerServiceResponse.describe_capacity_providers = describe_capacity_providers


def answer_log_driver_mode():
    """ecs ListAccountSettings does not know defaultLogDriverMode; AWS answers the default of 2025."""
    from moto.core.responses import ActionResult
    from moto.ecs.responses import EC2ContainerServiceResponse

    known = EC2ContainerServiceResponse.list_account_settings

    def list_account_settings(self):
        if self._get_param("name") != "defaultLogDriverMode":
            return known(self)
        root = f"arn:aws:iam::{self.current_account}:root"
        setting = {"name": "defaultLogDriverMode", "value": "non-blocking", "principalArn": root, "type": "user"}
        return ActionResult({"settings": [setting]})

    EC2ContainerServiceResponse.list_account_settings = list_account_settings


def answer_every_attribute():
    """elbv2 DescribeLoadBalancerAttributes answers four attributes and those that were set; AWS all of the kind."""
    from elb_attributes import APPLICATION_ATTRIBUTES, NETWORK_ATTRIBUTES
    from moto.elbv2.models import ELBv2Backend

    describe = ELBv2Backend.describe_load_balancer_attributes

    def describe_load_balancer_attributes(self, arn):
        written = describe(self, arn)
        known = NETWORK_ATTRIBUTES if "/net/" in arn else APPLICATION_ATTRIBUTES
        # Cross-zone balancing is always on for application load balancers, and moto says otherwise.
        fixed = "load_balancing.cross_zone.enabled"
        return {key: value if key == fixed else written.get(key) or value for key, value in known.items()}

    ELBv2Backend.describe_load_balancer_attributes = describe_load_balancer_attributes


def name_network_load_balancers():
    """The ARN of every load balancer says `app`; of network load balancers it is `net`."""
    from moto.elbv2 import models

    make_arn, create = models.make_arn_for_load_balancer, models.ELBv2Backend.create_load_balancer
    kind = threading.local()

    def make_arn_for_load_balancer(*arguments, **named):
        arn = make_arn(*arguments, **named)
        return arn.replace("loadbalancer/app/", "loadbalancer/net/") if kind.is_network else arn

    def create_load_balancer(self, *arguments, **named):
        kind.is_network = named.get("loadbalancer_type") == "network" or "network" in arguments
        return create(self, *arguments, **named)

    models.make_arn_for_load_balancer = make_arn_for_load_balancer
    models.ELBv2Backend.create_load_balancer = create_load_balancer


def answer_fargate_quotas():
    """GetServiceQuota knows the quotas of VPCs alone; Fargate's are as AWS sets them for a used account."""
    from moto.servicequotas.models import ServiceQuotasBackend

    get_service_quota = ServiceQuotasBackend.get_service_quota
    names = {
        "L-3032A538": "Fargate On-Demand vCPU resource count",
        "L-36FBB829": "Fargate Spot vCPU resource count",
    }

    def answer(self, service_code, quota_code):
        if service_code != "fargate" or quota_code not in names:
            return get_service_quota(self, service_code, quota_code)
        arn = f"arn:aws:servicequotas:{self.region_name}:{self.account_id}:fargate/{quota_code}"
        return {
            "ServiceCode": "fargate",
            "ServiceName": "AWS Fargate",
            "QuotaArn": arn,
            "QuotaCode": quota_code,
            "QuotaName": names[quota_code],
            "Value": 64.0,
            "Unit": "None",
            "Adjustable": True,
            "GlobalQuota": False,
        }

    ServiceQuotasBackend.get_service_quota = answer


def keep_task_addresses_in_their_subnet():
    """The interface of a task gets an address from anywhere in 10/8."""
    from moto.ec2.models.elastic_network_interfaces import NetworkInterfaceBackend

    create = NetworkInterfaceBackend.create_network_interface

    def create_network_interface(self, subnet, private_ip_address, *arguments, **named):
        if named.get("description") == "moto ECS":
            private_ip_address = None
        return create(self, subnet, private_ip_address, *arguments, **named)

    NetworkInterfaceBackend.create_network_interface = create_network_interface


# Major versions with the ends of standard and of Extended Support: the release calendars of the RDS
# and Aurora user guides.
MAJOR_VERSIONS = [
    ("aurora-mysql", "8.0", "2028-04-30", "2029-07-31"),
    ("aurora-postgresql", "13", "2026-02-28", "2029-02-28"),
    ("aurora-postgresql", "14", "2027-02-28", "2030-02-28"),
    ("aurora-postgresql", "15", "2028-02-29", "2031-02-28"),
    ("aurora-postgresql", "16", "2029-02-28", "2032-02-29"),
    ("mariadb", "10.11", "2028-02-29", None),
    ("mysql", "5.7", "2024-02-29", "2027-02-28"),
    ("mysql", "8.0", "2026-07-31", "2029-07-31"),
    ("postgres", "13", "2026-02-28", "2029-02-28"),
    ("postgres", "14", "2027-02-28", "2030-02-28"),
    ("postgres", "15", "2028-02-29", "2031-02-28"),
    ("postgres", "16", "2029-02-28", "2032-02-29"),
    ("postgres", "17", "2030-02-28", "2033-02-28"),
]

# What AWS answers for parameters that nobody set: name, family, value. Later rows win.
DEFAULT_PARAMETERS = [
    ("max_connections", "postgres", "LEAST({DBInstanceClassMemory/9531392},5000)"),
    ("max_connections", "aurora-postgresql", "LEAST({DBInstanceClassMemory/9531392},5000)"),
    ("max_connections", "mysql", "{DBInstanceClassMemory/12582880}"),
    ("max_connections", "mariadb", "LEAST({DBInstanceClassMemory/25165760},12000)"),
    ("rds.force_ssl", "postgres", "1"),
    ("rds.force_ssl", "postgres13", "0"),
    ("rds.force_ssl", "postgres14", "0"),
    ("rds.force_ssl", "aurora-postgresql", "0"),
    ("rds.rds_superuser_reserved_connections", "postgres", "2"),
    ("require_secure_transport", "mysql", "0"),
    ("require_secure_transport", "mariadb", "0"),
    ("superuser_reserved_connections", "postgres", "3"),
    ("superuser_reserved_connections", "aurora-postgresql", "3"),
]


def answer_databases():
    """Parameters of groups with their defaults and sources, cluster groups by the cluster's engine,
    maintenance, major versions and server certificates: moto has none of them."""
    import datetime

    from moto.core.responses import ActionResult
    from moto.rds import models
    from moto.rds.responses import RDSResponse

    make_cluster = models.DBCluster.__init__

    def named_group(self, *arguments, **named):
        make_cluster(self, *arguments, **named)
        if self.parameter_group == "default.aurora8.0" and self.engine.startswith("aurora-postgresql"):
            self.parameter_group = f"default.{self.engine}{self.engine_version.split('.')[0]}"

    def parameters(self, name, group):
        family = name.removeprefix("default.") if group is None else group.family
        wanted = [value for entry in self.params.get("Filters", []) for value in entry["Values"]]
        found = {}
        for parameter, of, value in DEFAULT_PARAMETERS:
            if family.startswith(of):
                found[parameter] = {"ParameterValue": value, "Source": "engine-default"}
        for parameter, settings in ({} if group is None else group.parameters).items():
            found[parameter] = {**settings, "Source": "user"}
        names = sorted(name for name in found if not wanted or name in wanted)
        return ActionResult({"Parameters": [{"ParameterName": name, **found[name]} for name in names]})

    def describe_db_parameters(self):
        name = self.params["DBParameterGroupName"]
        group = self.backend.db_parameter_groups.get(name)
        return parameters(self, name, None if name.startswith("default.") else group)

    def describe_db_cluster_parameters(self):
        name = self.params["DBClusterParameterGroupName"]
        return parameters(self, name, self.backend.db_cluster_parameter_groups.get(name))

    def describe_pending_maintenance_actions(self):
        # Old major versions get a patch of their operating system, and soon without asking.
        soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=5)
        detail = {
            "Action": "system-update",
            "Description": "New Operating System update is available",
            "ForcedApplyDate": soon,
            "CurrentApplyDate": soon,
        }
        old = [db for db in self.backend.databases.values() if db.engine_version.startswith("13.")]
        actions = [
            {"ResourceIdentifier": db.db_instance_arn, "PendingMaintenanceActionDetails": [detail]} for db in old
        ]
        return ActionResult({"PendingMaintenanceActions": actions})

    def describe_db_major_engine_versions(self):
        def lifecycle(kind, end):
            end = f"{end}T23:59:59Z"
            return {"LifecycleSupportName": f"open-source-rds-{kind}-support", "LifecycleSupportEndDate": end}

        versions = []
        for engine, version, standard, extended in MAJOR_VERSIONS:
            lifecycles = [lifecycle("standard", standard)]
            lifecycles += [lifecycle("extended", extended)] if extended else []
            row = {"Engine": engine, "MajorEngineVersion": version, "SupportedEngineLifecycles": lifecycles}
            versions.append(row)
        return ActionResult({"DBMajorEngineVersions": versions})

    def certificate_details(self):
        # Amazon Trust Services' newest authority, for a server certificate of a year.
        until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=295)
        return {"CAIdentifier": "rds-ca-rsa2048-g1", "ValidTill": until}

    models.DBCluster.__init__ = named_group
    models.DBInstance.certificate_details = property(certificate_details)
    RDSResponse.describe_db_parameters = describe_db_parameters
    RDSResponse.describe_db_cluster_parameters = describe_db_cluster_parameters
    RDSResponse.describe_pending_maintenance_actions = describe_pending_maintenance_actions
    RDSResponse.describe_db_major_engine_versions = describe_db_major_engine_versions


def answer_block_public_access():
    """ec2: VPC Block Public Access is not implemented; an account begins with it off."""
    from moto.core.responses import ActionResult
    from moto.ec2.responses import EC2Response

    def state(self):
        owner = {"AwsAccountId": self.current_account, "AwsRegion": self.region}
        off = {"State": "default-state", "InternetGatewayBlockMode": "off", "ExclusionsAllowed": "allowed"}
        backend = self.ec2_backend
        if not hasattr(backend, "block_public_access"):
            backend.block_public_access = ({**owner, **off, "ManagedBy": "account"}, [])
        return backend.block_public_access

    def describe_vpc_block_public_access_options(self):
        return ActionResult({"VpcBlockPublicAccessOptions": state(self)[0]})

    def modify_vpc_block_public_access_options(self):
        mode = self._get_param("InternetGatewayBlockMode")
        state(self)[0].update(InternetGatewayBlockMode=mode, State="update-complete")
        return ActionResult({"VpcBlockPublicAccessOptions": state(self)[0]})

    def describe_vpc_block_public_access_exclusions(self):
        return ActionResult({"VpcBlockPublicAccessExclusions": state(self)[1]})

    def create_vpc_block_public_access_exclusion(self):
        kind, identifier = ("vpc", self._get_param("VpcId"))
        if not identifier:
            kind, identifier = ("subnet", self._get_param("SubnetId"))
        exclusion = {
            "ExclusionId": f"vpcbpa-exclude-{identifier.split('-', 1)[1]}",
            "InternetGatewayExclusionMode": self._get_param("InternetGatewayExclusionMode"),
            "ResourceArn": f"arn:aws:ec2:{self.region}:{self.current_account}:{kind}/{identifier}",
            "State": "create-complete",
        }
        state(self)[1].append(exclusion)
        return ActionResult({"VpcBlockPublicAccessExclusion": exclusion})

    for answer in (
        describe_vpc_block_public_access_options,
        modify_vpc_block_public_access_options,
        describe_vpc_block_public_access_exclusions,
        create_vpc_block_public_access_exclusion,
    ):
        setattr(EC2Response, answer.__name__, answer)


def answer_metric_data_quickly():
    """cloudwatch GetMetricData goes through all points of the account for every period of every query;
    this gives it those of the query."""
    from moto.cloudwatch.models import CloudWatchBackend

    answer, all_points, lock = CloudWatchBackend.get_metric_data, CloudWatchBackend.get_all_metrics, threading.Lock()

    def of(dimensions):
        return sorted((dimension.name, dimension.value) for dimension in dimensions)

    def get_metric_data(self, queries, *arguments, **named):
        if any("MetricStat" not in query for query in queries):
            return answer(self, queries, *arguments, **named)
        results = []
        with lock:
            for query in queries:
                metric = query["MetricStat"]["Metric"]
                wanted = sorted((pair["Name"], pair["Value"]) for pair in metric.get("Dimensions", []))
                points = [
                    point
                    for point in all_points(self)
                    if (point.namespace, point.name) == (metric["Namespace"], metric["MetricName"])
                    and of(point.dimensions) == wanted
                ]
                self.get_all_metrics = lambda points=points: points
                try:
                    results += answer(self, [query], *arguments, **named)
                finally:
                    del self.get_all_metrics
        return results

    CloudWatchBackend.get_metric_data = get_metric_data


def patch_moto():
    answer_metric_data_quickly()
    answer_web_acl_resources()
    answer_databases()
    answer_block_public_access()
    answer_capacity_providers()
    answer_log_driver_mode()
    name_network_load_balancers()
    answer_every_attribute()
    answer_fargate_quotas()
    keep_task_addresses_in_their_subnet()


def serve(app, listener):
    from moto.moto_server.werkzeug_app import MotoRequestHandler
    from werkzeug.serving import make_server

    port = listener.getsockname()[1]
    server = make_server(
        "127.0.0.1", port, app, threaded=True, request_handler=MotoRequestHandler, fd=listener.fileno()
    )
    sys.stderr.flush()
    server.serve_forever()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--log")
    arguments = parser.parse_args()
    listener = socket.create_server(("127.0.0.1", arguments.port))
    port = listener.getsockname()[1]
    os.environ.setdefault("MOTO_PORT", str(port))
    # moto otherwise invents 1347 images and their snapshots owned by the account.
    os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
    os.environ.setdefault("MOTO_ACM_VALIDATION_WAIT", "0")
    os.environ.setdefault("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
    # Nobody waits for copies that end.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    import cbor_shim
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    patch_moto()
    log = open(arguments.log, "a", buffering=1, encoding="utf-8") if arguments.log else None
    app = DomainDispatcherApplication(create_backend_app)
    # Errors come here instead of becoming HTTP 500 and an HTML page.
    app.debug = True
    server = Server(app, log)
    server.served = cbor_shim.wrap(server)
    print(f"http://127.0.0.1:{port}", flush=True)
    serve(server.served, listener)


if __name__ == "__main__":
    main()
