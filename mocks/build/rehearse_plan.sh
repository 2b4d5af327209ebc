#!/usr/bin/env bash
# Carries out the whole plan of the review's account against a mock AWS (rehearse_plan.py), with the AWS CLI from PyPI. Needs
# Python 3.11, PyPI, jq and openssl; makes .venv.
#
#     mocks/build/rehearse_plan.sh [BINARY [--verbose]]
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/server.sh"
binary=${1:-${CARGO_TARGET_DIR:-$root/target}/release/tenken}
[ "$#" -eq 0 ] || shift

prepare_python
"$python" "$build/rehearse_plan.py" "$binary" "$@"
