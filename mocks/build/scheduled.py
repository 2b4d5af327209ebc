#!/usr/bin/env python3
"""Scheduled runs from end to end: the real function, deployed with deploy/cloudformation.yaml
into a mock AWS whose account is there already, history and reports in its S3, and a Slack
that keeps Slack's limits.

    scheduled.py BINARY TRUTH --endpoint http://127.0.0.1:5555

Between runs the account changes; exactly what is new must be told, once.
"""

import argparse
import json
import re
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lambda_service import Function
from slack_service import Slack
from stack import REGION, Stack

EVENT = {}
POLICIES = Path(__file__).parents[2] / "policies"
# A message holds the worst; how many there are besides stands at its end.
LEFT_OUT = re.compile(r"Not shown here: \d+ ")


class Check:
    def __init__(self):
        self.problems = []

    def that(self, holds, problem):
        if not holds:
            self.problems.append(problem)


def answer(check, function):
    # Runs of the same second are the same run, and tell the same changes.
    time.sleep(1)
    kind, body = function.invoke(EVENT)
    check.that(kind == "response", f"the invocation failed: {body}")
    return body


def severity(policy):
    """How bad a failure of the policy is."""
    text = next(POLICIES.glob(f"*/{policy}.yaml")).read_text()
    return re.search(r"^severity: (\w+)", text, re.MULTILINE)[1]


def failures(stack, summary):
    """The failures in the report that a run wrote."""
    place = next(place for place in summary["reports"] if place.endswith("/report.json"))
    bucket, key = place.removeprefix("s3://").split("/", 1)
    report = json.load(stack.client("s3").get_object(Bucket=bucket, Key=key)["Body"])
    return Counter((item["policy"], item["resource"]) for item in report["findings"] if item["verdict"] == "fail")


def open_to_the_world(stack):
    """Somebody opens SSH to the world, for an afternoon."""
    ec2 = stack.client("ec2")
    groups = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": ["ecs-sg"]}])["SecurityGroups"]
    rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.authorize_security_group_ingress(GroupId=groups[0]["GroupId"], IpPermissions=[rule])
    return groups[0]["GroupId"]


def close_again(stack, group):
    rule = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    stack.client("ec2").revoke_security_group_ingress(GroupId=group, IpPermissions=[rule])


def runs(check, arguments, truth, slack, folder):
    stack = Stack(
        arguments.endpoint,
        {"Regions": REGION, "SlackParameter": "/tenken/slack", "AlarmEmail": "ops@example.com"},
    )
    stack.client("ssm").put_parameter(Name="/tenken/slack", Type="SecureString", Value=slack.address)
    variables = {
        **stack.variables(),
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_ENDPOINT_URL": arguments.endpoint,
        "HOME": folder,
    }
    function = Function(arguments.binary, variables, folder)
    other = Function(arguments.binary, variables, folder)
    try:
        # 1: what is there already is told once, and nothing of what the template made.
        first = answer(check, function)
        expected = Counter((policy, arn) for policy, arns in truth["findings"].items() for arn in arns)
        found = failures(stack, first)
        check.that(found == expected, f"first run: missing {expected - found}, unexpected {found - expected}")
        check.that(first["unknown"] == 0 and first["gaps"] == 0, f"first run: {first}")
        said = slack.said()
        left_out = {policy for policy in truth["findings"] if policy not in said}
        urgent = {policy for policy in left_out if severity(policy) in ("critical", "high")}
        check.that(not urgent, f"first run: Slack was not told of {urgent}")
        check.that(len(truth["findings"]) - len(left_out) >= 10, f"first run: Slack was not told of {left_out}")
        check.that(not left_out or LEFT_OUT.search(said), f"first run: nothing says that {left_out} are left out")
        # 2: nothing changed, nothing is said.
        second = answer(check, function)
        check.that(second["changes"] == {} and slack.said() == "", f"second run: {second['changes']}")
        # 3: what changed is told, and nothing else, even if the event comes twice at once. Who of
        # the two saw it first does not matter; in the same second both are the same run.
        group = open_to_the_world(stack)
        with ThreadPoolExecutor() as pool:
            both = list(pool.map(lambda one: answer(check, one), (function, other)))
        third = both[0]
        new = failures(stack, third) - found
        changes = [one["changes"] for one in both]
        check.that({"new": new.total()} in changes and new.total() > 0, f"third run: {changes}")
        check.that(all(change in ({}, {"new": new.total()}) for change in changes), f"third run: {changes}")
        told = sum(group in json.dumps(message) for message in slack.messages)
        check.that(told == 1, f"third run: the group was named in {told} messages instead of 1")
        said = slack.said()
        for policy, arn in new:
            name = re.split("[/:]", arn)[-1]
            check.that(policy in said and name in said, f"third run: {policy} on {arn} was not told")
        others = {policy for policy, _ in expected} - {policy for policy, _ in new}
        for policy in others:
            check.that(policy not in said, f"third run: {policy} was told again")
        # 4: and only once.
        fourth = answer(check, function)
        check.that(fourth["changes"] == {} and slack.said() == "", f"fourth run: {fourth['changes']}")
        # 5: solved, in one line.
        close_again(stack, group)
        fifth = answer(check, function)
        check.that(fifth["changes"] == {"resolved": new.total()}, f"fifth run: {fifth['changes']}")
        check.that(slack.said() != "", "fifth run: nobody was told that it is solved")
        check.that(slack.refused == [], f"Slack refused messages: {slack.refused}")
        log = json.dumps(function.lines() + other.lines())
        for secret in (slack.address, slack.PATH, "AWS_SECRET"):
            check.that(secret not in log, "the log has a secret")
        return found.total(), new.total()
    finally:
        function.end()
        other.end()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("truth")
    parser.add_argument("--endpoint", required=True)
    arguments = parser.parse_args()
    with open(arguments.truth, encoding="utf-8") as file:
        truth = json.load(file)
    check, slack = Check(), Slack()
    with tempfile.TemporaryDirectory() as folder:
        known, new = runs(check, arguments, truth, slack, folder)
    for problem in check.problems:
        print(f"scheduled runs: {problem}", file=sys.stderr)
    if not check.problems:
        print(f"scheduled runs: {known} findings told once, {new} new ones told once, silence in between")
    sys.exit(1 if check.problems else 0)


if __name__ == "__main__":
    main()
