#!/usr/bin/env python3
"""Which fields of the recorded answers AWS's own API models call required.

A service's model (botocore ships them) says of members of its answers that they are always there. Such a
field is never left out, by no version of the API: `tests/aws/absent.rs` does not ask what its absence means.
Models that call nothing required (EC2, ECS, Elastic Load Balancing, RDS …) have no lines here.

    .venv/bin/python mocks/build/required_members.py > tests/aws/absent/required.tsv

needs botocore, which `mocks/build/requirements.txt` brings. Each line is an operation and a path, as the test
writes them: names of JSON members with `[]` for elements, or names of XML elements from the root.
"""

import json
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import botocore.session

MOCKS = Path(__file__).resolve().parent.parent
# Folders and files of recorded answers are named by service and operation; two generations of load balancers
# share the name of both, and the older one's is another in a recording.
MODELS = {"elasticloadbalancing": "elbv2", "servicequotas": "service-quotas"}
RENAMED = {("elasticloadbalancing", "DescribeClassicLoadBalancers"): ("elb", "DescribeLoadBalancers")}
SESSION = botocore.session.get_session()


def operation_model(service, operation):
    name, operation = RENAMED.get((service, operation), (MODELS.get(service, service), operation))
    model = SESSION.get_service_model(name)
    return model.operation_model(operation) if operation in model.operation_names else None


def json_paths(value, path=()):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*path, key)
            yield from json_paths(inner, (*path, key))
    elif isinstance(value, list):
        for inner in value:
            yield from json_paths(inner, (*path, "[]"))


def xml_paths(element, path=()):
    path = (*path, element.tag.rpartition("}")[2])
    yield path
    for inner in element:
        yield from xml_paths(inner, path)


def member(shape, name):
    """The member of a structure that is written under a name: the member's, and its own name."""
    for key, inner in shape.members.items():
        names = {key, inner.serialization.get("name", key)}
        if inner.type_name == "list" and inner.serialization.get("flattened"):
            names.add(inner.member.serialization.get("name", key))
        if name in names:
            return key, inner
    return None, None


def is_required(operation, path):
    """Whether the model calls what a path leads to required; elements of lists are not."""
    shape = operation.output_shape
    path = list(path)
    for wrapper in (f"{operation.name}Response", f"{operation.name}Result"):
        if path and path[0] == wrapper:
            path.pop(0)
    payload = shape.serialization.get("payload")
    if payload and path and member(shape, path[0])[1] is None:
        shape = shape.members[payload]
        path.pop(0)
    elif payload and path and path[0] == payload:
        shape = shape.members[payload]
        path.pop(0)
    required = False
    for name in path:
        if shape.type_name == "list":
            shape, required = shape.member, False
            continue
        if shape.type_name != "structure":
            return False
        key, inner = member(shape, name)
        if inner is None:
            return False
        required = key in shape.required_members
        shape = inner
    return required


def main():
    found = set()
    for file in sorted(MOCKS.glob("*/*/*/*.*")):
        if file.suffix not in (".json", ".xml") or any(f".{status}." in file.name for status in (400, 403, 404)):
            continue
        service, name = file.parent.name, file.name.split("@")[0].split(".")[0]
        operation = operation_model(service, name)
        if operation is None:
            sys.exit(f"no model has the operation of {file}")
        text = file.read_text()
        if file.suffix == ".xml":
            paths = xml_paths(ElementTree.fromstring(text))
        else:
            paths = json_paths(json.loads(text))
        for path in set(paths):
            if is_required(operation, path):
                found.add(f"{service}:{name}\t{'.'.join(path)}")
    print("\n".join(sorted(found)))


if __name__ == "__main__":
    main()
