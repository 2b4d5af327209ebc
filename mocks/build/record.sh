#!/usr/bin/env bash
# Records the accounts of mocks/ again: builds each in a mock AWS, records it with tenken,
# corrects what the mock gets wrong, and checks that replaying gives what was built.
#
#     mocks/build/record.sh [BINARY]
set -euo pipefail
# A quarter of an hour is enough for everything, PyPI included.
[ -n "${BOUNDED:-}" ] || exec env BOUNDED=1 timeout --kill-after=10 900 "$0" "$@"
source "$(dirname "${BASH_SOURCE[0]}")/server.sh"
binary=${1:-${CARGO_TARGET_DIR:-$root/target}/release/tenken}

prepare_python
start_server
for account in ec-site ec-site-phase1 worn-site; do
  seed "$account"
  tenken record "$scratch/recordings/$account" --region ap-northeast-1
  "$python" "$build/correct.py" "$scratch/recordings/$account"
  tenken scan --replay "$scratch/recordings/$account" --format json --output "$scratch/$account.json" || true
  "$python" "$build/check_findings.py" --recorded "$scratch/$account.truth.json" "$scratch/$account.json"
  # The passwords of the scripts must not be in what is committed.
  if grep -rnF -f <("$python" "$build/passwords.py") "$scratch/recordings/$account"; then
    echo "$account: a password is in the recording" >&2
    exit 1
  fi
done
for account in ec-site ec-site-phase1 worn-site; do
  rm -rf "$root/mocks/$account"
  mv "$scratch/recordings/$account" "$root/mocks/$account"
done
