#!/usr/bin/env python3
"""Rehearses remedies: runs what `tenken fix` writes against a mock AWS and looks at what it did.

    rehearse.py BINARY [--judge BINARY] [--account ACCOUNT]... [--policy POLICY]... [--share 1/4]

`--judge` names a build without the AWS SDK, which is quicker to make: it judges and writes what the other
collects.

Each account is built once; every option gets a copy of the mock of its own. For every policy that fails
there, one finding; for each of its options:

    run      the script that `tenken fix` writes, as it stands, with the AWS CLI
    check    its check ends without an error
    closed   the next scan no longer has the finding, no other finding that
             `tenken plan --simulate` did not announce (but for one in the place of a worse one of the
             same resource), and every other finding under its id
    undone   after its undo the finding is back under its id

What the mock cannot do stands in `IMPOSSIBLE`, each with the reason. The last line counts. An option that
neither holds nor stands there makes this end with 1; so does one that stands there and holds. `KNOWN` has what a
rehearsal shows and is not mended yet; that is printed and counted.
"""

import argparse
import collections
import concurrent.futures
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import urllib.request
from pathlib import Path

import aws_cli
from botocore.exceptions import ClientError
from rehearse_values import IMPOSSIBLE, KNOWN, STAYS, values

BUILD = Path(__file__).resolve().parent
REGION = "ap-northeast-1"
ACCOUNTS = ["ec-site", "worn-site"]
SCAN_SECONDS, SCRIPT_SECONDS = 60, 120
# Variables for which a person makes something that is judged as well.
PREPARED = {"SUBNET_ID", "SUBNET_IDS", "NEW_SUBNET_IDS", "CALLER_GROUP_ID", "LOAD_BALANCER_GROUP_ID", "TOPIC_ARN", "BUCKET", "BUCKET_ARN"}


class Problem(Exception):
    """Why an option does not hold: the stage, and what was seen."""

    def __init__(self, stage, seen):
        super().__init__(f"{stage}: {seen}")
        self.stage = stage


def control(endpoint, call):
    request = urllib.request.Request(f"{endpoint}/_control/{call}", data=b"{}", method="POST")
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


class Account:
    """An account in a mock of its own, with what tenken says of it."""

    def __init__(self, name, binary, judge, scratch):
        self.name, self.binary, self.judge, self.scratch = name, binary, judge, Path(scratch)
        log = open(self.scratch / f"{name}.log", "w", encoding="utf-8")
        self.server = subprocess.Popen(
            [sys.executable, str(BUILD / "moto_server.py"), "--port", "0"], stdout=subprocess.PIPE, stderr=log, text=True
        )
        self.endpoint = self.server.stdout.readline().strip()
        seed = [sys.executable, str(BUILD / "seed_account.py"), name, "--endpoint", self.endpoint]
        self.truth = json.loads(subprocess.run(seed, check=True, capture_output=True, text=True).stdout)
        self.snapshot = self.scratch / f"{name}.json"
        made = control(self.endpoint, "copy")
        self.before = scan(self, made["address"], self.scratch, self.snapshot)
        os.kill(made["pid"], signal.SIGTERM)

    def options(self):
        """(policy, option): the findings for which it is rehearsed at once. What a cause closes is closed by one
        section, as its policies recommend; any other option mends one finding."""
        causes = [[finding["id"] for finding in fix["findings"]] for fix in self.fixes()]
        options = {}
        for ident, finding in sorted(self.before.items()):
            for place, option in enumerate(finding["options"]):
                together = next((cause for cause in causes if ident in cause), [ident])
                options.setdefault((finding["policy"], option["id"]), [ident] if place else [ident, *together])
        return options

    def fixes(self):
        return json.loads(self.tenken("fix", "--snapshot", self.snapshot, "--format", "json"))["fixes"]

    def tenken(self, *arguments):
        command = [str(self.judge), *map(str, arguments), "--no-config", "--lang", "en"]
        return subprocess.run(
            command, check=True, capture_output=True, text=True, env=environment("", self.scratch), timeout=SCAN_SECONDS
        ).stdout

    def end(self):
        self.server.terminate()
        self.server.wait()


def environment(endpoint, folder, **more):
    """Nothing of the caller's AWS configuration."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_PAGER": "",
        **({"AWS_ENDPOINT_URL": endpoint} if endpoint else {}),
        **more,
    }


def scan(account, endpoint, folder, snapshot=None):
    """Open failures by id."""
    common = ["scan", "--format", "json", "--no-config", "--lang", "en"]
    saved = snapshot or Path(folder) / "snapshot.json"
    commands = [[str(account.binary), *common, "--region", REGION, "--save-snapshot", str(saved)]]
    if account.judge != account.binary:
        commands.append([str(account.judge), *common, "--snapshot", str(saved)])
    for command in commands:
        done = subprocess.run(
            command, capture_output=True, text=True, env=environment(endpoint, folder), timeout=SCAN_SECONDS
        )
        if done.returncode not in (0, 1):
            raise Problem("scan", f"ended with {done.returncode}: {done.stderr[-400:] or done.stdout[-400:]}")
    findings = json.loads(done.stdout)["findings"]
    failures = [finding for finding in findings if finding["verdict"] == "fail"]
    # The copy that a script keeps for a week has failures of its own, of which the script tells.
    kept = {finding["resource"] for finding in failures if finding["accepted"]}
    return {finding["id"]: finding for finding in failures if finding["resource"] not in kept}


def name(finding):
    about = finding["resource"].rsplit(":", 1)[-1]
    return f"{finding['policy']}@{about}" + (f"#{finding['discriminator']}" if finding.get("discriminator") else "")


def bash(script, folder, env, stage):
    done = subprocess.run(
        script, cwd=folder, env=env, capture_output=True, text=True, timeout=SCRIPT_SECONDS, stdin=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    if done.returncode:
        output = [line for line in (done.stdout + done.stderr).strip().splitlines() if line.strip()]
        raise Problem(stage, f"ended with {done.returncode}: " + " / ".join(output[-3:])[:600])
    return done.stdout


def write_files(folder, script):
    """What steps tell people to have beside the script: values, policies, a certificate with its key."""
    statement = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "arn:aws:secretsmanager:*:*:secret:shop/db-??????"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    texts = {"secret.txt": "present-value-7Hq", "new-secret.txt": "another-value-9Kd", "task-policy.json": policy}
    # A policy for each role.
    for roles in re.findall(r'for ROLE_NAME in \$\(echo "([^"|]+)" \|', script):
        texts |= {f"secrets-policy-of-{role}.json": policy for role in roles.split(", ")}
    for file, text in texts.items():
        (Path(folder) / file).write_text(text, encoding="utf-8")
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "90", "-subj", "/CN=shop.rehearsal.jp"]
    made += ["-keyout", "private-key.pem", "-out", "certificate.pem"]
    subprocess.run(made, cwd=folder, check=True, capture_output=True)
    certificate = (Path(folder) / "certificate.pem").read_bytes()
    (Path(folder) / "chain.pem").write_bytes(certificate)


def undo_script(script, section):
    """The undo that stands as a comment behind a section, as somebody would paste it."""
    behind = script.split(f"\ncheck_{section}() (", 1)[1]
    found = re.search(r"\n# (?:undo|元に戻す):\n((?:#.*\n)+)", behind.split("\n# ====", 1)[0] + "\n")
    if not found:
        return ""
    lines = [line[1:].removeprefix("   ") for line in found.group(1).splitlines()]
    return "\n".join(lines)


def rehearse(account, policy, option, findings, tools):
    """Raises `Problem`; otherwise what was reached: "undone", "closed" where no undo is written, "by hand"
    where no command does it."""
    finding, together = findings[0], sorted(set(findings))
    before = account.before[finding]
    chosen = [word for ident in together for word in ("--finding", ident)]
    script = account.tenken("fix", "--snapshot", account.snapshot, *chosen, "--option", f"{policy}={option}")
    sections = re.findall(r"^run_(\w+)\(\) \($", script, re.M)
    section = next(section for section in sections if section in together)
    if f"run_{section}() (\necho " in script:
        return "by hand"
    undo = undo_script(script, section)
    with Rehearsal(account, script, tools) as stage:
        # What a person makes before is not the script's.
        stage.environment(before, script)
        made = stage.scan() if PREPARED & stage.filled.keys() else {}
        stage.run("run", section, before)
        stage.run("check", section, before)
        after = stage.scan()
        what = [word for ident in together for word in simulated(account, ident, policy, option)]
        judge(account, [account.before[ident] for ident in together], after, announced(account, what), made)
        if not any(line.strip() and not line.strip().startswith("#") for line in undo.splitlines()):
            return "closed"
        if "# Only until" not in undo:
            stage.undo(undo, before)
            back(account, before, after, stage.scan())
            return "undone"
    # Once the last step is done there is no way back; up to the first pause there is.
    with Rehearsal(account, script, tools) as stage:
        try:
            stage.run("run", section, before, is_done=False)
        except Problem:
            pass
        stage.undo(undo, before)
        back(account, before, {}, stage.scan())
    return "undone"


def simulated(account, ident, policy, option):
    """What `plan --simulate` is told of a finding that is chosen."""
    finding = account.before[ident]
    name = option if finding["policy"] == policy else finding["options"][0]["id"] if finding["options"] else None
    return ["--simulate", f"{finding['policy']}/{name}@{finding['resource']}"] if name else []


def back(account, before, after, again):
    """Whether a finding is there again. What is made again may have another ARN, and then another id."""
    new = [one for ident, one in again.items() if ident not in account.before and ident not in after]
    if before["id"] not in again and not any(one["policy"] == before["policy"] for one in new):
        raise Problem("undone", f"{name(before)} is not back")


class Rehearsal:
    """A copy of the account and a folder with the script."""

    def __init__(self, account, script, tools):
        self.account, self.script, self.tools = account, script, tools
        self.filled = {}

    def __enter__(self):
        self.made = control(self.account.endpoint, "copy")
        self.folder = tempfile.TemporaryDirectory(dir=self.account.scratch)
        (Path(self.folder.name) / "fix.sh").write_text(self.script, encoding="utf-8")
        write_files(self.folder.name, self.script)
        return self

    def __exit__(self, *_error):
        os.kill(self.made["pid"], signal.SIGTERM)
        self.folder.cleanup()

    def environment(self, before, text, is_done=True):
        # Rules of web ACLs count first and block in a second run.
        more = {"TENKEN_ASSUME_DONE": "all", "ACTION": "Block" if '"rate-limit"' in text else "None"} if is_done else {}
        # A person makes a bucket once, and names it as often as it is asked for.
        filled = self.filled | values(self.made["address"], before["region"], before, text, self.folder.name, self.filled)
        self.filled = {variable: value for variable, value in filled.items() if value}
        path = f"{self.tools}:{os.environ['PATH']}"
        return environment(self.made["address"], self.folder.name, PATH=path, **more, **filled)

    def run(self, action, section, before, is_done=True):
        env = self.environment(before, self.script, is_done)
        bash(["bash", "fix.sh", action, section], self.folder.name, env, action)

    def undo(self, undo, before):
        (Path(self.folder.name) / "undo.sh").write_text(f"set -euo pipefail\n{undo}\n", encoding="utf-8")
        bash(["bash", "undo.sh"], self.folder.name, self.environment(before, undo), "undo")

    def scan(self):
        return scan(self.account, self.made["address"], self.folder.name)


def announced(account, what):
    """What `plan --simulate` says of options; nothing where it says that they change nothing."""
    try:
        return json.loads(account.tenken("plan", "--snapshot", account.snapshot, *what, "--format", "json"))
    except subprocess.CalledProcessError as error:
        if "does not say what it changes" in error.stderr:
            return None
        raise


def judge(account, befores, after, announced, made):
    """Whether the account became what was announced."""
    closes = {finding["id"] for finding in announced["closes"]} if announced else set()
    for before in befores:
        if before["id"] in after and before["id"] in closes and before["policy"] not in STAYS:
            raise Problem("closed", f"{name(before)} is still there: {after[before['id']]['message']['en'][:200]}")
    opened = {finding["policy"] for finding in announced["opens"]} if announced else set()
    grades = ["info", "low", "medium", "high", "critical"]
    gone = [finding for ident, finding in account.before.items() if ident not in after]

    def is_expected(finding):
        is_lighter = any(
            one["resource"] == finding["resource"] and grades.index(one["severity"]) > grades.index(finding["severity"])
            for one in gone
        )
        return finding["policy"] in opened or finding["id"] in account.before or finding["id"] in made or is_lighter

    new = [finding for finding in after.values() if not is_expected(finding)]
    if new:
        raise Problem("opened", ", ".join(sorted(map(name, new)))[:400])


@contextlib.contextmanager
def commands(scratch):
    """A folder with the commands that scripts find before those of the machine."""
    tools = scratch / "tools"
    tools.mkdir()
    # Nothing happens by itself in the mock: to wait for it is to lose time. Nor does it answer as a
    # load balancer or an edge location.
    for tool, text in (("sleep", "exit 0"), ("curl", "echo HTTP/1.1 200 OK")):
        (tools / tool).write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        (tools / tool).chmod(0o755)
    address = str(scratch / "aws.socket")
    aws_cli.write_command(tools, address)
    cli = subprocess.Popen([sys.executable, str(BUILD / "aws_cli.py"), "serve", address], stdout=subprocess.PIPE, text=True)
    try:
        cli.stdout.readline()
        yield tools
    finally:
        cli.terminate()
        cli.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", type=Path)
    parser.add_argument("--judge", type=Path)
    parser.add_argument("--account", action="append", choices=ACCOUNTS)
    parser.add_argument("--policy", action="append")
    parser.add_argument("--share", default="1/1", help="for instance 2/5: the second fifth of the options")
    parser.add_argument("--report", type=Path, help="what became of each option, as JSON")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    binary = arguments.binary.resolve()
    share, shares = map(int, arguments.share.split("/"))
    os.environ["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    counts, problems, report = collections.Counter(), [], []
    lock = threading.Lock()
    with tempfile.TemporaryDirectory(prefix="rehearse-") as scratch, commands(Path(scratch)) as tools:
        accounts = []
        try:
            work, seen = [], set()
            for name_ in arguments.account or ACCOUNTS:
                account = Account(name_, binary, (arguments.judge or binary).resolve(), scratch)
                accounts.append(account)
                for (policy, option), findings in sorted(account.options().items()):
                    # An option of two accounts is rehearsed in both: the smaller one is where people begin.
                    key = (account.name, policy, option)
                    if key not in seen and (not arguments.policy or policy in arguments.policy):
                        seen.add(key)
                        work.append((account, policy, option, findings))
            work = [item for place, item in enumerate(work) if place % shares == share - 1]

            def one(item):
                account, policy, option, findings = item
                reason = IMPOSSIBLE.get(f"{policy}/{option}") or IMPOSSIBLE.get(f"{account.name}:{policy}/{option}")
                try:
                    reached, why = rehearse(account, policy, option, findings, tools), None
                except Problem as problem:
                    reached, why = None, str(problem)
                except subprocess.TimeoutExpired as slow:
                    reached, why = None, f"time: {slow.cmd[0]} took more than {slow.timeout} s"
                except subprocess.CalledProcessError as error:
                    reached, why = None, f"tenken: {error.stderr[-400:]}"
                except (ClientError, LookupError, StopIteration) as error:
                    reached, why = None, f"what a person fills in: {error!r}"
                with lock:
                    line = {"account": account.name, "option": f"{policy}/{option}", "reached": reached, "why": why}
                    report.append({**line, "impossible": reason})
                    reason = reason or STAYS.get(policy)
                    known = KNOWN.get(f"{account.name}:{policy}/{option}")
                    if known and not reached:
                        counts["known"] += 1
                        print(f"known: {account.name} {policy}/{option}: {known} ({why})"[:240], flush=True)
                    elif known:
                        problems.append(f"{account.name} {policy}/{option}: holds, and is listed as known")
                    elif reason and reached and policy not in STAYS:
                        problems.append(f"{account.name} {policy}/{option}: holds, and is listed as impossible")
                    elif reason:
                        counts["impossible"] += 1
                    elif reached:
                        counts[reached] += 1
                    else:
                        problems.append(f"{account.name} {policy}/{option}: {why}")

            with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
                list(pool.map(one, work))
        finally:
            for account in accounts:
                account.end()
    for problem in sorted(problems):
        print(problem)
    if arguments.report:
        report.sort(key=lambda line: (line["account"], line["option"]))
        arguments.report.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    closed = counts["closed"] + counts["undone"]
    print(
        f"{closed} of {len(work)} options closed, {counts['undone']} undone; {counts['by hand']} are done by hand; "
        f"{counts['impossible']} not possible on the mock; {counts['known']} known problems; {len(problems)} problems"
    )
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
