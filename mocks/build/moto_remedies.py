"""What remedies need of the mock and moto lacks, each with AWS's behaviour in its docstring. Copies of a
mock have it; recordings are made without."""


def settle_services():
    """ecs: tasks of a service start and replace those of the deployment before; in moto nothing runs."""
    from moto.ecs.models import EC2ContainerServiceBackend

    describe = EC2ContainerServiceBackend.describe_services

    def describe_services(self, *arguments):
        found, failures = describe(self, *arguments)
        for service in found:
            service.running_count, service.pending_count = service.desired_count, 0
            del service.deployments[1:]
            for deployment in service.deployments:
                deployment.update(
                    desiredCount=service.desired_count,
                    runningCount=service.desired_count,
                    pendingCount=0,
                    rolloutState="COMPLETED",
                    taskDefinition=service.task_definition,
                )
        return found, failures

    EC2ContainerServiceBackend.describe_services = describe_services


def update_services():
    """ecs UpdateService: capacity providers take the place of the launch type; `forceNewDeployment` alone
    changes nothing else."""
    from moto.ecs.models import EC2ContainerServiceBackend

    update = EC2ContainerServiceBackend.update_service

    def update_service(self, service_properties):
        strategy = service_properties.get("capacity_provider_strategy")
        service = update(self, service_properties)
        if strategy:
            service.launch_type = None
        return service

    EC2ContainerServiceBackend.update_service = update_service


def change_cluster_settings():
    """ecs UpdateClusterSettings is not implemented: it replaces the value of each setting that it names."""
    from moto.core.responses import ActionResult
    from moto.ecs.responses import EC2ContainerServiceResponse

    def update_cluster_settings(self):
        cluster = self.ecs_backend._get_cluster(self._get_param("cluster"))
        changed = {setting["name"]: setting["value"] for setting in self._get_param("settings")}
        kept = [setting for setting in cluster.settings or [] if setting["name"] not in changed]
        cluster.settings = kept + [{"name": name, "value": value} for name, value in changed.items()]
        return ActionResult({"cluster": cluster})

    EC2ContainerServiceResponse.update_cluster_settings = update_cluster_settings


def keep_subnet_groups():
    """rds ModifyDBSubnetGroup: moto forgets the group that it changes."""
    from moto.rds.models import RDSBackend

    modify = RDSBackend.modify_db_subnet_group

    def modify_db_subnet_group(self, subnet_name, *arguments, **named):
        group = modify(self, subnet_name, *arguments, **named)
        self.subnet_groups[subnet_name] = group
        return group

    RDSBackend.modify_db_subnet_group = modify_db_subnet_group


def have_default_option_groups():
    """rds: each engine has an option group `default:ENGINE-VERSION`, which a restored database may name."""
    from moto.rds import models

    restore = models.RDSBackend.restore_db_instance_from_db_snapshot

    def restore_db_instance_from_db_snapshot(self, from_snapshot_id, overrides):
        name = overrides.get("option_group_name") or ""
        if name.startswith("default:"):
            overrides = {key: value for key, value in overrides.items() if key != "option_group_name"}
        return restore(self, from_snapshot_id, overrides)

    models.RDSBackend.restore_db_instance_from_db_snapshot = restore_db_instance_from_db_snapshot


def change_ports():
    """rds ModifyDBInstance: `DBPortNumber` is the new port of the endpoint."""
    from moto.rds.models import RDSBackend

    modify = RDSBackend.modify_db_instance

    def modify_db_instance(self, db_instance_identifier, db_kwargs):
        port = db_kwargs.pop("db_port_number", None)
        database = modify(self, db_instance_identifier, db_kwargs)
        if port:
            database.port = int(port)
        return database

    RDSBackend.modify_db_instance = modify_db_instance


def know_instances():
    """ssm DescribeInstanceInformation is not implemented: instances with an agent are online."""
    from moto.core.responses import ActionResult
    from moto.ssm.responses import SimpleSystemManagerResponse

    def describe_instance_information(self):
        return ActionResult({"InstanceInformationList": []})

    SimpleSystemManagerResponse.describe_instance_information = describe_instance_information


def know_last_access():
    """iam: what a role used is not implemented; here nobody used anything."""
    import datetime

    from moto.core.responses import ActionResult
    from moto.iam.responses import IamResponse

    def generate_service_last_accessed_details(self):
        return ActionResult({"JobId": "0" * 36})

    def get_service_last_accessed_details(self):
        now = datetime.datetime.now(datetime.timezone.utc)
        answer = {"JobStatus": "COMPLETED", "JobType": "SERVICE_LEVEL", "ServicesLastAccessed": []}
        return ActionResult({**answer, "JobCreationDate": now, "JobCompletionDate": now})

    IamResponse.generate_service_last_accessed_details = generate_service_last_accessed_details
    IamResponse.get_service_last_accessed_details = get_service_last_accessed_details


def encrypt_copies():
    """rds CopyDBClusterSnapshot: a copy with a key is encrypted with it."""
    from moto.rds.models import RDSBackend

    copy = RDSBackend.copy_db_cluster_snapshot

    def copy_db_cluster_snapshot(self, *arguments, **named):
        made = copy(self, *arguments, **named)
        key = named.get("kms_key_id")
        if key:
            made.kms_key_id, made.storage_encrypted = key, True
        return made

    RDSBackend.copy_db_cluster_snapshot = copy_db_cluster_snapshot


def empty_web_acls():
    """wafv2 UpdateWebACL: rules replace those before, and none are none; moto keeps them then."""
    from moto.wafv2.models import WAFV2Backend

    update = WAFV2Backend.update_web_acl

    def update_web_acl(self, name, _id, default_action, rules, *arguments, **named):
        token = update(self, name, _id, default_action, rules, *arguments, **named)
        if rules == []:
            self.get_web_acl(None, name, _id).rules = []
        return token

    WAFV2Backend.update_web_acl = update_web_acl


def apply():
    empty_web_acls()
    know_instances()
    know_last_access()
    settle_services()
    update_services()
    change_cluster_settings()
    keep_subnet_groups()
    have_default_option_groups()
    change_ports()
