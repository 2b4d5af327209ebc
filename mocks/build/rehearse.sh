#!/usr/bin/env bash
# Runs the remedies of the recorded accounts against a mock AWS (rehearse.py), with the AWS CLI from PyPI. Needs
# Python 3.11, PyPI, jq and openssl; makes .venv.
#
#     mocks/build/rehearse.sh [BINARY [--account ec-site]...]
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/server.sh"
binary=${1:-${CARGO_TARGET_DIR:-$root/target}/release/tenken}
[ "$#" -eq 0 ] || shift

prepare_python
"$python" "$build/rehearse.py" "$binary" "$@"
