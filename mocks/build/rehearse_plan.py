#!/usr/bin/env python3
"""Carries out a whole plan: what `tenken plan` chooses for the review's account, phase by phase and step by step, on one
mock account.

    rehearse_plan.py BINARY [--judge BINARY] [--last PHASE] [--verbose]

The plan is made once, with the wishes of the review's team. The scripts of a phase are those that `tenken fix` writes from
a scan at its beginning, with the options of the plan; they run in the plan's order, each followed by its check. After a
phase the account is scanned. What must hold:

    - every step's script and check end without an error, but for what rehearse_values.py lists as impossible on the mock;
    - what a phase was to mend is mended, and nothing is open that was not and `plan --simulate` did not announce;
    - after the phase before the deadline, which is the review's first, the account has no finding that the review's own
      first phase, ec-site-phase1, does not have, but for those in `DIFFERENT`, each with its reason.

The last lines count. Ends with 1 where something does not hold.
"""

import argparse
import collections
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from botocore.exceptions import ClientError
from rehearse import Account, Problem, Rehearsal, bash, commands, control, environment, name, scan, write_files
from rehearse_values import IMPOSSIBLE, STAYS, values

# What the review's team wants; tests/offline/plan.rs has the same.
WISHES = [
    "--budget", "150000JPY", "--current-bill", "80000JPY", "--hour-down-cost", "300000JPY", "--peak-factor", "3",
    "--deadline", "4w", "--staff-hours", "40", "--currency", "JPY", "--rate", "150",
]  # fmt: skip
# The phases of a plan in their order. After the second the review's first phase is done.
PHASES = ["tonight", "before-deadline", "afterwards"]
REVIEWS_FIRST = "before-deadline"

# Findings that open there and not in AWS, or not by a script: by policy, why.
DIFFERENT = {
    **STAYS,
    "access-log-bucket-public": "a new bucket in moto lacks the block of public access that AWS gives to every new one",
    "cloudfront-default-certificate": "moto answers CloudFront's default certificate whatever a distribution has",
    "default-security-group-in-use": "moto puts the interface of a new NAT gateway into the default group",
    "nat-gateway-in-one-az": "the person who makes private subnets makes one NAT gateway for both zones",
    "rds-snapshot-unencrypted": "the snapshot in the clear, of which the encrypted copy was made, is kept until somebody deletes it",
}
# What a person makes or looks up anew for each step.
OF_A_STEP = {"SECRET_FOLDER", "PARAMETER_FOLDER", "VALUE_FOLDER", "INTERFACE_ID", "TARGET_GROUP_ARN"}


class Stage(Rehearsal):
    """A copy of the account for the whole plan, with a folder for each step."""

    def __init__(self, account, tools):
        super().__init__(account, "", tools)

    def __enter__(self):
        self.made = control(self.account.endpoint, "copy")
        self.folder = tempfile.TemporaryDirectory(dir=self.account.scratch)
        return self

    def step(self, number, script, findings):
        """Runs every section of a step's script, each followed by its check."""
        folder = Path(self.folder.name) / f"step-{number}"
        folder.mkdir()
        write_files(folder, script)
        (folder / "fix.sh").write_text(script, encoding="utf-8")
        sections = re.findall(r"^run_(\w+)\(\) \($", script, re.M)
        known = {variable: value for variable, value in self.filled.items() if variable not in OF_A_STEP}
        before = findings[sections[0]]
        self.filled = known | values(self.made["address"], before["region"], before, script, folder, known)
        # Rules of web ACLs count first and block in a second run.
        given = {"TENKEN_ASSUME_DONE": "all", "ACTION": "Block" if '"rate-limit"' in script else "None", **self.filled}
        given["PATH"] = f"{self.tools}:{os.environ['PATH']}"
        for section in sections:
            for action in ("run", "check"):
                bash(["bash", "fix.sh", action, section], folder, environment(self.made["address"], folder, **given), action)

    def scanned(self, saved):
        return scan(self.account, self.made["address"], self.folder.name, saved)


def step_name(step):
    return " + ".join(f"{action['policy']}/{action['option']}" for action in step["actions"])


def impossible(account, step):
    """Why the mock cannot do a step, or a part of it."""
    names = [f"{action['policy']}/{action['option']}" for action in step["actions"]]
    reasons = [IMPOSSIBLE.get(key) or IMPOSSIBLE.get(f"{account.name}:{key}") for key in names]
    return next((reason for reason in reasons if reason), None)


class Phase:
    """A phase of the plan, carried out."""

    def __init__(self, stage, planned, before, snapshot, verbose):
        self.stage, self.planned, self.before, self.snapshot, self.verbose = stage, planned, before, snapshot, verbose
        self.counts, self.problems, self.excused = collections.Counter(), [], {}
        self.opened = set()

    def open_actions(self, step):
        """The actions of a step with those of their findings that are still open."""
        actions = [(action, [ident for ident in action["findings"] if ident in self.before]) for action in step["actions"]]
        return [(action, open_) for action, open_ in actions if open_]

    def script(self, step):
        """What `tenken fix` writes for a step: its findings with the options of the plan."""
        words = []
        for action, findings in self.open_actions(step):
            words += [word for ident in findings for word in ("--finding", ident)]
            words += ["--option", f"{action['policy']}={action['option']}"]
        return self.stage.account.tenken("fix", "--snapshot", self.snapshot, *words)

    def carry_out(self, number, step):
        """How a step ended, and what is to be said of it."""
        if not self.open_actions(step):
            return "mended before", None
        reason = impossible(self.stage.account, step)
        try:
            script = self.script(step)
            if re.search(r"^run_\w+\(\) \(\necho ", script, re.M):
                return "by hand", "no command does it"
            self.stage.step(number, script, self.before)
        except (Problem, subprocess.SubprocessError, ClientError, LookupError, StopIteration) as problem:
            seen = getattr(problem, "stderr", None) or str(problem) or repr(problem)
            return ("impossible", f"{reason} ({seen[:120]})") if reason else ("failed", seen)
        return ("impossible", reason) if reason else ("run", None)

    def run(self):
        for number, step in enumerate(self.planned["steps"]):
            number = f"{self.planned['phase']}-{number}"
            became, why = self.carry_out(number, step)
            self.counts[became] += 1
            if became == "failed":
                self.problems.append(f"{self.planned['phase']}: {step_name(step)}: {why}")
            if became in ("failed", "impossible", "by hand"):
                self.excused |= dict.fromkeys(mended(step), why)
            if self.verbose or why:
                print(f"{self.planned['phase']}: {step_name(step)}: {became}{f': {why}' if why else ''}"[:400], flush=True)

    def judge(self, after):
        """What is open against what was promised."""
        phase = self.planned["phase"]
        promised = {ident for step in self.planned["steps"] for ident in mended(step)}
        for ident in sorted(promised & after.keys() - self.excused.keys()):
            if after[ident]["policy"] not in STAYS:
                seen = after[ident]["message"]["en"][:160]
                self.problems.append(f"{phase}: {name(after[ident])} was to be mended: {seen}")
        self.opened = announced = self.announced()
        for ident, finding in sorted(after.items()):
            if ident not in self.before and finding["policy"] not in announced | DIFFERENT.keys() and not self.is_lighter(finding, after):
                self.problems.append(f"{phase}: {name(finding)} is new, and was not announced")

    def is_lighter(self, finding, after):
        """Whether it is in the place of a worse one of the same resource."""
        grades = ["info", "low", "medium", "high", "critical"]
        gone = [one for ident, one in self.before.items() if ident not in after and one["resource"] == finding["resource"]]
        return any(grades.index(one["severity"]) > grades.index(finding["severity"]) for one in gone)

    def announced(self):
        """The policies of what `plan --simulate` says will open with the options of the phase."""
        words = []
        for step in self.planned["steps"]:
            for action, findings in self.open_actions(step):
                resources = {self.before[ident]["resource"] for ident in findings}
                for resource in sorted(resources):
                    words += ["--simulate", f"{action['policy']}/{action['option']}@{resource}"]
        try:
            document = json.loads(self.stage.account.tenken("plan", "--snapshot", self.snapshot, *words, "--format", "json"))
        except subprocess.CalledProcessError as error:
            if "does not say what it changes" not in error.stderr:
                raise
            return set()
        return {finding["policy"] for finding in document["opens"]}


def mended(step):
    return [finding["id"] if isinstance(finding, dict) else finding for finding in step["mends"]]


def rehearse(account, tools, last, verbose):
    """What does not hold, and what is to be told."""
    problems, lines, excused, opened = [], [], {}, set()
    planned = json.loads(account.tenken("plan", "--snapshot", account.snapshot, *WISHES, "--format", "json"))
    with Stage(account, tools) as stage:
        snapshot, before = account.snapshot, account.before
        for place, steps in enumerate(planned["phases"]):
            phase = Phase(stage, steps, before, snapshot, verbose)
            phase.run()
            snapshot = account.scratch / f"after-{place}.json"
            after = stage.scanned(snapshot)
            phase.judge(after)
            counts = ", ".join(f"{count} {became}" for became, count in sorted(phase.counts.items()))
            lines.append(f"{steps['phase']}: {len(steps['steps'])} steps ({counts}); findings: {len(before)} before, {len(after)} after")
            problems += phase.problems
            excused |= phase.excused
            opened |= phase.opened
            before = after
            if steps["phase"] == REVIEWS_FIRST:
                problems += compared(account, after, excused, opened, lines)
            if steps["phase"] == last:
                break
    return problems, lines


def compared(account, after, excused, opened, lines):
    """What is open after the review's first phase and is not in the account that the review made of it."""
    reviews = Account("ec-site-phase1", account.binary, account.judge, account.scratch)
    reviews.end()
    # Both accounts are built by one hand: what has no random id has the same name.
    allowed = collections.Counter(of_policy(finding) for finding in reviews.before.values())
    found = collections.Counter(of_policy(finding) for finding in after.values())
    reasons = {of_policy(after[ident]): why for ident, why in excused.items() if ident in after}
    lines.append(
        f"ec-site-phase1 has {len(reviews.before)} findings, the account after tenken's plan {len(after)}: "
        f"{(found - allowed).total()} that are not there, {(allowed - found).total()} fewer"
    )
    problems = []
    for key, more in sorted((found - allowed).items()):
        policy, resource = key
        why = DIFFERENT.get(policy) or reasons.get(key) or ("`plan --simulate` says so beforehand" if policy in opened else None)
        if why:
            lines.append(f"  {policy} on {resource} ({more}): {why}")
        else:
            problems.append(f"{policy} on {resource} ({more}) is not in ec-site-phase1")
    return problems


def of_policy(finding):
    """The policy, and the resource by its kind, with its name where that is not made up by AWS."""
    resource = finding["resource"].split(":", 5)[-1]
    made_up = re.sub(r"/[0-9a-f]{16}(?=/|$)|(?<=[/-])[0-9a-f]{17}$|(?<=secret:).*", "", resource)
    return finding["policy"], made_up


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", type=Path)
    parser.add_argument("--judge", type=Path)
    parser.add_argument("--last", choices=PHASES, default=PHASES[-1], help="the phase after which to end")
    parser.add_argument("--verbose", action="store_true", help="every step")
    arguments = parser.parse_args()
    binary = arguments.binary.resolve()
    os.environ["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    with tempfile.TemporaryDirectory(prefix="rehearse-plan-") as scratch, commands(Path(scratch)) as tools:
        account = Account("ec-site", binary, (arguments.judge or binary).resolve(), scratch)
        try:
            problems, lines = rehearse(account, tools, arguments.last, arguments.verbose)
        finally:
            account.end()
    for line in [*problems, *lines]:
        print(line)
    print(f"the plan of ec-site: {len(problems)} problems")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
