#!/usr/bin/env python3
"""The recorded accounts built in a second mock AWS, ministack, and scanned by the real binary: whatever differs
from what seed_account.py says must be explained below and in README.md, and nothing else may differ.

    second_mock.py BINARY [ACCOUNT …] [--verbose]

Two mocks that were written by different people seldom make the same mistake. Where they disagree, AWS's
documentation decides which one is wrong.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import Counter
from pathlib import Path

import seed_account
from botocore.exceptions import ClientError, ParamValidationError
from second_mock_differences import DIFFERENCES, GAPS, NOT_BUILT
from shop import ACCOUNT, REGION, Cloud, Shop
from worn import WornShop

README = Path(__file__).resolve().parents[1] / "README.md"


class Absent(dict):
    """The answer of an operation that is not there, and everything in it."""

    def __missing__(self, key):
        return Absent()

    def split(self, *_):
        return [Absent(), Absent()]

    def __format__(self, _):
        return "absent"


def holds_absent(value):
    if value is None or isinstance(value, Absent):
        return True
    if isinstance(value, dict):
        return any(holds_absent(part) for part in value.values())
    return isinstance(value, (list, tuple)) and any(holds_absent(part) for part in value)


class Lenient:
    """A client that goes on where the mock lacks an operation, and says so."""

    def __init__(self, client, lacks):
        self.client, self.lacks = client, lacks

    def __getattr__(self, name):
        call = getattr(self.client, name)

        def lenient(**parameters):
            try:
                return call(**parameters)
            except ClientError as error:
                if error.response["Error"]["Code"] not in NOT_THERE:
                    raise
                self.lacks.add(f"{self.client.meta.service_model.service_name}:{name}")
                return Absent()
            except ParamValidationError:
                # It builds on something that is not there.
                if not any(holds_absent(value) for value in parameters.values()):
                    raise
                return Absent()

        return lenient


# How ministack says that it does not have an operation.
NOT_THERE = {"400", "InvalidAction", "UnknownOperationException", "NotImplemented", "UnsupportedOperation"}


class SecondCloud(Cloud):
    """ministack: what Cloud asks of moto, in its way."""

    def __init__(self, endpoint):
        super().__init__(endpoint)
        self.lacks = set()

    def __call__(self, service, region=REGION):
        return Lenient(super().__call__(service, region), self.lacks)

    def reset(self):
        super().post("/_ministack/reset")

    def post(self, path, body=None):
        # moto alone can be told what ELB's, RDS's and Fargate's interfaces look like.
        return b""


class OfSecondMock:
    """Services start their tasks themselves."""

    def task(self, *arguments, **named):
        pass


class SecondShop(OfSecondMock, Shop):
    pass


class SecondWornShop(OfSecondMock, WornShop):
    pass


SHOPS = {
    "ec-site": (lambda cloud: SecondShop(cloud, is_phase_1=False), seed_account.before),
    "ec-site-phase1": (lambda cloud: SecondShop(cloud, is_phase_1=True), seed_account.phase_1),
    "worn-site": (SecondWornShop, seed_account.worn),
}


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def started(folder):
    """The server and its address, once it answers."""
    port = free_port()
    environment = {
        **os.environ,
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "TMPDIR": folder,
    }
    log = open(Path(folder) / "server.log", "w", encoding="utf-8")
    server = subprocess.Popen([sys.executable, "-m", "ministack"], env=environment, stdout=log, stderr=log)
    endpoint = f"http://127.0.0.1:{port}"
    for _ in range(300):
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(endpoint + "/_ministack/health", timeout=5):
                return server, endpoint
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    server.kill()
    sys.exit("the second mock did not start: " + (Path(folder) / "server.log").read_text(encoding="utf-8")[-2000:])


def scan(binary, endpoint, folder):
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": folder,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_ENDPOINT_URL": endpoint,
    }
    command = [binary, "scan", "--region", REGION, "--no-config", "--format", "json"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=180, check=False)
    if ended.returncode not in (0, 1, 3):
        sys.exit(f"tenken ended with {ended.returncode}: {ended.stderr[-2000:]}")
    return json.loads(ended.stdout)


def is_by_gaps(finding):
    """Whether an unknown verdict names nothing but operations that ministack lacks."""
    named = [gap.split("@")[0].split(" ")[0] for gap in finding["unknown_because"]]
    return bool(named) and all(operation in GAPS for operation in named)


def compare(account, truth, report, lacks, verbose):
    """What differs and is not explained, and what is explained and does not differ."""
    explained = DIFFERENCES[account]
    expected = Counter({policy: len(arns) for policy, arns in truth.items()})
    found = Counter(item["policy"] for item in report["findings"] if item["verdict"] == "fail")
    unknown = [item for item in report["findings"] if item["verdict"] == "unknown"]
    by_gaps = Counter(item["policy"] for item in unknown if is_by_gaps(item))
    hidden = Counter(item["policy"] for item in unknown) - by_gaps
    problems, seen = [], set()
    for policy in sorted({*expected, *found, *hidden}):
        more = found[policy] - expected[policy]
        # What could not be asked explains as many failures as are missing.
        if -by_gaps[policy] <= more <= 0 and not hidden[policy]:
            continue
        seen.add(policy)
        if verbose:
            print(f"{account}: {policy}: {more:+} failures, {hidden[policy]} unknown, {by_gaps[policy]} by gaps")
            for item in report["findings"]:
                if item["policy"] == policy and item["verdict"] in ("fail", "unknown"):
                    print(f"    {item['verdict']} {item['resource']}: {item['message']['en']}")
        if policy not in explained:
            problems.append(f"{policy}: {more:+} failures, {hidden[policy]} unknown, and nothing explains it")
        elif more != explained[policy][0]:
            problems.append(f"{policy}: {more:+} failures; explained are {explained[policy][0]:+}")
    problems += [f"{policy} is explained and does not differ" for policy in explained if policy not in seen]
    gaps = {gap["operation"] for gap in report["gaps"]}
    problems += [f"gap: {operation}, and nothing explains it" for operation in sorted(gaps - set(GAPS))]
    problems += [f"not built: {operation}, and nothing explains it" for operation in sorted(lacks - set(NOT_BUILT))]
    return problems


def unexplained_to_readers():
    """README.md has to name every policy and operation that differs."""
    text = README.read_text(encoding="utf-8")
    named = {policy for account in DIFFERENCES.values() for policy in account} | {gap.split(":")[1] for gap in GAPS}
    return [f"mocks/README.md does not mention {name}" for name in sorted(named) if f"`{name}`" not in text]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("accounts", nargs="*", default=list(SHOPS))
    parser.add_argument("--verbose", action="store_true", help="print every difference")
    arguments = parser.parse_args()
    problems = unexplained_to_readers()
    with tempfile.TemporaryDirectory() as folder:
        server, endpoint = started(folder)
        try:
            for account in arguments.accounts:
                make, findings = SHOPS[account]
                cloud = SecondCloud(endpoint)
                cloud.reset()
                shop = make(cloud).build()
                shop.traffic()
                report = scan(arguments.binary, endpoint, folder)
                truth = findings(shop)
                found = compare(account, truth, report, cloud.lacks, arguments.verbose)
                problems += [f"{account}: {problem}" for problem in found]
                if not found:
                    count = sum(1 for item in report["findings"] if item["verdict"] == "fail")
                    print(f"second mock: {account}: {count} findings, all differences explained")
        finally:
            server.terminate()
            server.wait()
    for problem in problems:
        print(f"second mock: {problem}", file=sys.stderr)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
