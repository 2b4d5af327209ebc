#!/usr/bin/env bash
# Reads all the Terraform that a binary writes about the recorded accounts, without AWS and without Terraform: with a parser from
# PyPI, against the AWS provider's schema, which is downloaded once (59 MB); and with HashiCorp's own parser, from npm, where there is
# Node.js 18 or later. Both must read the same. Makes .venv-terraform.
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
# HashiCorp's parser, compiled to WebAssembly: no script of a package runs when it is installed.
second=()
parser=$root/.venv-terraform/hashicorp_parser
if command -v npm >/dev/null; then
  if ! cmp -s "$build/hashicorp_parser/package-lock.json" "$parser/package-lock.json"; then
    rm -rf "$parser"
    mkdir -p "$parser"
    cp "$build/hashicorp_parser/package.json" "$build/hashicorp_parser/package-lock.json" "$parser"
    npm ci --prefix "$parser" --ignore-scripts --no-audit --no-fund --silent || {
      rm -rf "$parser"
      exit 1
    }
  fi
  second=(--second "$parser")
fi
python3 "$build/passwords.py" >"$scratch/passwords.txt"
"$root/.venv-terraform/bin/python" "$build/check_terraform.py" "${second[@]}" "${@:2}" "$binary" "$schema"/*.whl "$scratch/passwords.txt" "$root"/tests/snapshots/*.json
