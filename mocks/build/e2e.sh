#!/usr/bin/env bash
# Runs the real binary over HTTP against a mock AWS, in which each account is built, and
# compares its findings with what was built; then scheduled runs of the Lambda function, with a Slack that
# keeps Slack's limits; then the commands of `tenken fix` against the models of the AWS CLI, AWS's own examples, and the
# accounts in a second mock. Needs Python 3.11 and PyPI; makes .venv and .venv-second.
#
#     mocks/build/e2e.sh [BINARY]
set -euo pipefail
# Twenty-seven minutes are enough for everything, PyPI included.
[ -n "${BOUNDED:-}" ] || exec env BOUNDED=1 timeout --kill-after=10 1620 "$0" "$@"
source "$(dirname "${BASH_SOURCE[0]}")/server.sh"
binary=${1:-${CARGO_TARGET_DIR:-$root/target}/release/tenken}

prepare_python
start_server
status=0
for account in ec-site ec-site-phase1 worn-site; do
  seed "$account"
  code=0
  tenken scan --region ap-northeast-1 --format json --output "$scratch/$account.json" || code=$?
  if [ "$code" -ne 1 ]; then
    echo "$account: tenken ended with $code instead of 1" >&2
    status=1
    continue
  fi
  "$python" "$build/check_findings.py" "$scratch/$account.truth.json" "$scratch/$account.json" || status=1
done

# A history in S3 from the command line: one run begins it, the next finds it.
"$python" - "$endpoint" <<'EOF'
import sys

import boto3

s3 = boto3.client("s3", endpoint_url=sys.argv[1], region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing")
s3.create_bucket(Bucket="audit-logs")
EOF
for _ in 1 2; do
  # Runs of the same second are the same run.
  sleep 1
  tenken scan --region ap-northeast-1 --history s3://audit-logs/history.json --output "$scratch/turn.txt" || [ $? -eq 1 ] || status=1
done
tenken history s3://audit-logs/history.json --format json >"$scratch/trend.json" || status=1
"$python" - "$scratch/trend.json" <<'EOF' || status=1
import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    runs = json.load(file)["runs"]
new = [run["new"] for run in runs]
if len(runs) != 2 or new[0] == 0 or new[1] != 0:
    sys.exit(f"history in S3: the runs have {new} new findings")
print(f"history in S3: {new[0]} findings, none of them new in the second run")
EOF

# The function as deploy/cloudformation.yaml deploys it; phase 1 is the account that is watched.
seed ec-site-phase1
timeout 300 "$python" "$build/scheduled.py" "${binary}-lambda" "$scratch/ec-site-phase1.truth.json" --endpoint "$endpoint" || status=1

# Every command that fixing these accounts needs exists, with its parameters.
for account in ec-site ec-site-phase1 worn-site; do
  "$binary" fix --replay "$root/mocks/$account" --no-config --format json --output "$scratch/$account.fix.json"
done
"$python" "$build/check_commands.py" "$scratch"/*.fix.json || status=1

# The remedies of the review's account, run as they are written; `make rehearse` does so for all accounts.
timeout 500 "$python" "$build/rehearse.py" "$binary" --account ec-site || status=1

# The review's first phase as tenken plans it, step by step on one account: no finding is left that the review's own does not have.
timeout 300 "$python" "$build/rehearse_plan.py" "$binary" --last before-deadline || status=1

# The Terraform that would fix these accounts parses, resolves and has the provider's arguments.
timeout 600 "$build/check_terraform.sh" "$binary" --whole-only || status=1

# The same account, region and address as the AWS CLI reaches, whatever variables and files say.
timeout 600 "$python" "$build/credential_chain.py" "$binary" || status=1

# The same way through a company's network, and the same trust, as the AWS CLI.
timeout 300 "$python" "$build/corporate_network.py" "$binary" || status=1

# The examples of AWS's own documentation as answers.
timeout 300 "$python" "$build/aws_examples.py" "$binary" || status=1

# The same accounts in a mock that other people wrote.
prepare_environment .venv-second requirements-second.txt
timeout 300 "$root/.venv-second/bin/python" "$build/second_mock.py" "$binary" || status=1
exit "$status"
