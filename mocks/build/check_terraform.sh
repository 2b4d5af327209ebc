#!/usr/bin/env bash
# Reads all the Terraform that a binary writes about the recorded accounts, without AWS and without Terraform: with a parser from
# PyPI, against the AWS provider's schema, which is downloaded once (59 MB). Makes .venv-terraform.
#
#     mocks/build/check_terraform.sh [BINARY [--whole-only]]
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/server.sh"
binary=${1:-${CARGO_TARGET_DIR:-$root/target}/debug/tenken}

prepare_environment .venv-terraform requirements-terraform.txt
schema=$root/.venv-terraform/schema
if ! cmp -s "$build/requirements-terraform-schema.txt" "$schema/requirements.txt"; then
  rm -rf "$schema"
  "$root/.venv-terraform/bin/python" -m pip download --quiet --disable-pip-version-check --no-deps --dest "$schema" \
    -r "$build/requirements-terraform-schema.txt"
  cp "$build/requirements-terraform-schema.txt" "$schema/requirements.txt"
fi
# What the blocks of existing resources are written from is what the schema says.
table=$root/src/terraform/schema.tsv
# shellcheck disable=SC2046 # a type has no spaces
"$root/.venv-terraform/bin/python" "$build/terraform_schema.py" "$schema"/*.whl $(cut -f 1 "$table" | grep '^aws_') | diff "$table" - || {
  echo "src/terraform/schema.tsv is not what the schema says" >&2
  exit 1
}
python3 "$build/passwords.py" >"$scratch/passwords.txt"
"$root/.venv-terraform/bin/python" "$build/check_terraform.py" "${@:2}" "$binary" "$schema"/*.whl "$scratch/passwords.txt" "$root"/tests/snapshots/*.json
