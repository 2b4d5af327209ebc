#!/usr/bin/env python3
"""Compares a JSON report with what seed_account.py printed: the same failures, no unknowns, no gaps.

    check_findings.py truth.json report.json [--recorded]
"""

import argparse
import json
import sys
from collections import Counter
from pathlib import Path


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("truth", type=Path)
    parser.add_argument("report", type=Path)
    parser.add_argument("--recorded", action="store_true", help="also those that only the recording has")
    arguments = parser.parse_args()
    truth = json.loads(arguments.truth.read_text(encoding="utf-8"))
    report = json.loads(arguments.report.read_text(encoding="utf-8"))
    parts = [truth["findings"], truth["recorded"]] if arguments.recorded else [truth["findings"]]
    expected = Counter((policy, arn) for part in parts for policy, arns in part.items() for arn in arns)
    found = Counter((item["policy"], item["resource"]) for item in report["findings"] if item["verdict"] == "fail")
    unknown = [(item["policy"], item["resource"]) for item in report["findings"] if item["verdict"] == "unknown"]
    problems = [f"missing: {policy} on {arn} ({count})" for (policy, arn), count in sorted((expected - found).items())]
    problems += [f"unexpected: {policy} on {arn} ({count})" for (policy, arn), count in sorted((found - expected).items())]
    problems += [f"unknown: {policy} on {arn}" for policy, arn in sorted(unknown)]
    problems += [f"gap: {json.dumps(gap)}" for gap in report["gaps"]]
    for problem in problems:
        print(f"{truth['account']}: {problem}", file=sys.stderr)
    if not problems:
        print(f"{truth['account']}: all {found.total()} findings, and no others")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
