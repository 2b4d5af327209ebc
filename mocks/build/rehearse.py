#!/usr/bin/env python3
"""Rehearses remedies: runs what `tenken fix` writes against a mock AWS and looks at what it did.

    rehearse.py BINARY [--account ACCOUNT]... [--policy POLICY]... [--share 1/4] [--report FILE]

Each account is built once; every option gets a copy of the mock of its own. For every policy that fails
there, one finding; for each of its options:

    run      the script that `tenken fix` writes, as it stands, with the AWS CLI
    check    its check ends without an error
    closed   the next scan no longer has the finding, no other finding that
             `tenken plan --simulate` did not announce, and every other finding under its id
    undone   after its undo the finding is back under its id

What the mock cannot do stands in `IMPOSSIBLE`, each with the reason. The last line counts. An option that
neither holds nor stands there makes this end with 1; so does one that stands there and holds.
"""

import argparse
import collections
import concurrent.futures
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
from rehearse_values import IMPOSSIBLE, values

BUILD = Path(__file__).resolve().parent
REGION = "ap-northeast-1"
ACCOUNTS = ["ec-site", "worn-site"]
SCAN_SECONDS, SCRIPT_SECONDS = 60, 120
# Findings about time and news of the account itself are never those of an option.
FOLDER_FILES = {"secret.txt": "present-value-7Hq", "new-secret.txt": "another-value-9Kd"}


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

    def __init__(self, name, binary, scratch):
        self.name, self.binary, self.scratch = name, binary, Path(scratch)
        log = open(self.scratch / f"{name}.log", "w", encoding="utf-8")
        self.server = subprocess.Popen(
            [sys.executable, str(BUILD / "moto_server.py"), "--port", "0"], stdout=subprocess.PIPE, stderr=log, text=True
        )
        self.endpoint = self.server.stdout.readline().strip()
        seed = [sys.executable, str(BUILD / "seed_account.py"), name, "--endpoint", self.endpoint]
        self.truth = json.loads(subprocess.run(seed, check=True, capture_output=True, text=True).stdout)
        self.snapshot = self.scratch / f"{name}.json"
        self.before = scan(binary, self.endpoint, self.scratch, self.snapshot)

    def options(self):
        """(policy, option, finding) of every policy that fails here."""
        found = self.tenken("fix", "--snapshot", self.snapshot, "--format", "json")
        options = {}
        for fix in json.loads(found)["fixes"]:
            for finding in fix["findings"]:
                for place, option in enumerate([fix["option"]] + fix["alternatives"]):
                    options.setdefault((finding["policy"], option["id"]), (place, finding["id"]))
        return options

    def tenken(self, *arguments):
        command = [str(self.binary), *map(str, arguments), "--no-config", "--lang", "en"]
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


def scan(binary, endpoint, folder, snapshot=None):
    """Open failures by id."""
    command = [str(binary), "scan", "--region", REGION, "--format", "json", "--no-config", "--lang", "en"]
    command += ["--save-snapshot", str(snapshot)] if snapshot else []
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment(endpoint, folder), timeout=SCAN_SECONDS
    )
    if done.returncode not in (0, 1):
        raise Problem("scan", f"ended with {done.returncode}: {done.stderr[-400:] or done.stdout[-400:]}")
    findings = json.loads(done.stdout)["findings"]
    return {finding["id"]: finding for finding in findings if finding["verdict"] == "fail"}


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


def undo_script(script, section):
    """The undo that stands as a comment behind a section, as somebody would paste it."""
    behind = script.split(f"\ncheck_{section}() (", 1)[1]
    found = re.search(r"\n# (?:undo|元に戻す):\n((?:#.*\n)+)", behind.split("\n# ====", 1)[0] + "\n")
    if not found:
        return ""
    lines = [line[1:].removeprefix("   ") for line in found.group(1).splitlines()]
    return "\n".join(lines)


def rehearse(account, policy, option, finding, tools):
    """Raises `Problem`; otherwise what was reached: "undone", or "closed" where no undo is written."""
    made = control(account.endpoint, "copy")
    endpoint = made["address"]
    before = account.before[finding]
    try:
        with tempfile.TemporaryDirectory(dir=account.scratch) as folder:
            chosen = ["--finding", finding, "--option", f"{policy}={option}"]
            script = account.tenken("fix", "--snapshot", account.snapshot, *chosen)
            path = Path(folder) / "fix.sh"
            path.write_text(script, encoding="utf-8")
            section = re.search(r"^run_(\w+)\(\) \($", script, re.M).group(1)
            for file, text in FOLDER_FILES.items():
                (Path(folder) / file).write_text(text, encoding="utf-8")
            env = environment(
                endpoint, folder, TENKEN_ASSUME_DONE="all", PATH=f"{tools}:{os.environ['PATH']}",
                **values(account, policy, option, before),
            )  # fmt: skip
            bash(["bash", str(path), "run", section], folder, env, "run")
            bash(["bash", str(path), "check", section], folder, env, "check")
            after = scan(account.binary, endpoint, folder)
            what = f"{policy}/{option}@{before['resource']}"
            announced = json.loads(
                account.tenken("plan", "--snapshot", account.snapshot, "--simulate", what, "--format", "json")
            )
            judge(account, before, after, announced, option)
            undo = undo_script(script, section)
            if not any(line.strip() and not line.strip().startswith("#") for line in undo.splitlines()):
                return "closed"
            (Path(folder) / "undo.sh").write_text(f"set -euo pipefail\n{undo}\n", encoding="utf-8")
            bash(["bash", "undo.sh"], folder, env, "undo")
            again = scan(account.binary, endpoint, folder)
            if finding not in again:
                raise Problem("undone", f"{name(before)} is not back")
            return "undone"
    except subprocess.TimeoutExpired as slow:
        raise Problem("time", f"{slow.cmd[0]} took more than {slow.timeout} s") from slow
    except subprocess.CalledProcessError as error:
        raise Problem("tenken", error.stderr[-400:]) from error
    finally:
        os.kill(made["pid"], signal.SIGTERM)


def judge(account, before, after, announced, option):
    outcome = next((one for one in announced["options"] if one["finding"] == before["id"]), None)
    closes = {finding["id"] for finding in announced["closes"]}
    stays_open = outcome and before["id"] not in closes
    if before["id"] in after and not stays_open:
        raise Problem("closed", f"{name(before)} is still there: {after[before['id']]['message']['en'][:200]}")
    opened = {finding["policy"] for finding in announced["opens"]}
    new = [finding for ident, finding in after.items() if ident not in account.before and finding["policy"] not in opened]
    if new:
        raise Problem("opened", ", ".join(sorted(map(name, new)))[:400])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", type=Path)
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
    with tempfile.TemporaryDirectory(prefix="rehearse-") as scratch:
        tools = Path(scratch) / "tools"
        tools.mkdir()
        # Nothing happens by itself in the mock: to wait for it is to lose time.
        (tools / "sleep").write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
        (tools / "sleep").chmod(0o755)
        address = str(Path(scratch) / "aws.socket")
        aws_cli.write_command(tools, address)
        cli = subprocess.Popen(
            [sys.executable, str(BUILD / "aws_cli.py"), "serve", address], stdout=subprocess.PIPE, text=True
        )
        cli.stdout.readline()
        accounts = []
        try:
            work, seen = [], set()
            for name_ in arguments.account or ACCOUNTS:
                account = Account(name_, binary, scratch)
                accounts.append(account)
                for (policy, option), (place, finding) in sorted(account.options().items()):
                    # An option of two accounts is rehearsed in both: the smaller one is where people begin.
                    key = (account.name, policy, option)
                    if key not in seen and (not arguments.policy or policy in arguments.policy):
                        seen.add(key)
                        work.append((account, policy, option, finding))
            work = [item for place, item in enumerate(work) if place % shares == share - 1]

            def one(item):
                account, policy, option, finding = item
                reason = IMPOSSIBLE.get(f"{policy}/{option}") or IMPOSSIBLE.get(f"{account.name}:{policy}/{option}")
                try:
                    reached, why = rehearse(account, policy, option, finding, tools), None
                except Problem as problem:
                    reached, why = None, str(problem)
                with lock:
                    line = {"account": account.name, "option": f"{policy}/{option}", "reached": reached, "why": why}
                    report.append({**line, "impossible": reason})
                    if reason and reached:
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
            cli.terminate()
    for problem in sorted(problems):
        print(problem)
    if arguments.report:
        report.sort(key=lambda line: (line["account"], line["option"]))
        arguments.report.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    closed = counts["closed"] + counts["undone"]
    print(
        f"{closed} of {len(work)} options closed, {counts['undone']} undone; "
        f"{counts['impossible']} not possible on the mock; {len(problems)} problems"
    )
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
