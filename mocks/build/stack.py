"""deploy/cloudformation.yaml in the mock: everything that it makes. moto makes all but alarms and
subscriptions, which are made here from what the template says of them."""

import io
import json
import time
import zipfile
from pathlib import Path

import boto3
import yaml

REGION = "ap-northeast-1"
TEMPLATE = Path(__file__).resolve().parents[2] / "deploy" / "cloudformation.yaml"


class Loader(yaml.SafeLoader):
    """Reads `!Ref X` as {"Ref": X}, and so on."""


def short_form(loader, suffix, node):
    construct = {
        yaml.ScalarNode: loader.construct_scalar,
        yaml.SequenceNode: loader.construct_sequence,
        yaml.MappingNode: loader.construct_mapping,
    }[type(node)]
    return {suffix: construct(node, deep=True) if not isinstance(node, yaml.ScalarNode) else construct(node)}


Loader.add_multi_constructor("!", short_form)


class Stack:
    """The template's stack, made."""

    def __init__(self, endpoint, parameters):
        self.endpoint = endpoint
        s3 = self.client("s3")
        s3.create_bucket(Bucket="packages", CreateBucketConfiguration={"LocationConstraint": REGION})
        package = io.BytesIO()
        with zipfile.ZipFile(package, "w") as archive:
            archive.writestr("bootstrap", "x")
        s3.put_object(Bucket="packages", Key="tenken-lambda.zip", Body=package.getvalue())
        self.cloudformation = self.client("cloudformation")
        self.cloudformation.create_stack(
            StackName="tenken",
            TemplateBody=TEMPLATE.read_text(encoding="utf-8"),
            Capabilities=["CAPABILITY_IAM"],
            Parameters=[
                {"ParameterKey": key, "ParameterValue": value}
                for key, value in {"CodeBucket": "packages", **parameters}.items()
            ],
        )
        for _ in range(100):
            stack = self.cloudformation.describe_stacks(StackName="tenken")["Stacks"][0]
            if stack["StackStatus"] == "CREATE_COMPLETE":
                break
            time.sleep(0.1)
        else:
            raise SystemExit(f"the stack was not made: {stack['StackStatus']}")
        self.outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
        self.make_the_rest(parameters)

    def client(self, service):
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )

    def make_the_rest(self, parameters):
        resources = yaml.load(TEMPLATE.read_text(encoding="utf-8"), Loader)["Resources"]
        queue = self.client("sqs").list_queues()["QueueUrls"][0].rsplit("/", 1)[-1]
        known = {
            json.dumps({"Ref": "Alarms"}): self.outputs["AlarmTopic"],
            json.dumps({"Ref": "Function"}): self.outputs["FunctionName"],
            json.dumps({"GetAtt": "DeadLetters.QueueName"}): queue,
        }

        def resolved(value):
            if isinstance(value, dict):
                found = known.get(json.dumps(value))
                return found if found else {key: resolved(part) for key, part in value.items()}
            return [resolved(part) for part in value] if isinstance(value, list) else value

        cloudwatch = self.client("cloudwatch")
        alarms = {name: part for name, part in resources.items() if part["Type"] == "AWS::CloudWatch::Alarm"}
        if len(alarms) != 3:
            raise SystemExit("the template has other alarms than stack.py knows")
        for name, part in alarms.items():
            cloudwatch.put_metric_alarm(AlarmName=f"tenken-{name}", **resolved(part["Properties"]))
        if parameters.get("AlarmEmail"):
            self.client("sns").subscribe(
                TopicArn=self.outputs["AlarmTopic"], Protocol="email", Endpoint=parameters["AlarmEmail"]
            )

    def variables(self):
        """The variables of the function."""
        function = self.client("lambda").get_function_configuration(FunctionName=self.outputs["FunctionName"])
        return function["Environment"]["Variables"]
