#!/usr/bin/env bash
# Checks the templates: CloudFormation with cfn-lint (from PyPI, in .venv), Terraform with
# terraform where it is installed, systemd's units where systemd is.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
root=$(cd .. && pwd)

lint=$root/.venv-deploy/bin/cfn-lint
if [ ! -x "$lint" ]; then
  python3 -m venv "$root/.venv-deploy"
  "$root/.venv-deploy/bin/pip" install --quiet --disable-pip-version-check cfn-lint==1.58.0
fi
"$lint" cloudformation.yaml
echo "cloudformation.yaml: no complaint of cfn-lint"

if command -v terraform >/dev/null; then
  terraform fmt -check -diff terraform
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
  cp terraform/* "$scratch"
  # The provider comes from Terraform's registry, or from the folder in TENKEN_TERRAFORM_PLUGINS.
  if terraform -chdir="$scratch" init -backend=false -input=false \
    ${TENKEN_TERRAFORM_PLUGINS:+-plugin-dir="$TENKEN_TERRAFORM_PLUGINS"} >"$scratch/init.log" 2>&1; then
    terraform -chdir="$scratch" validate
  else
    echo "terraform: formatted, but not validated: no AWS provider (TENKEN_TERRAFORM_PLUGINS names a folder with one)"
  fi
else
  echo "terraform is not installed: the module was not checked"
fi

if command -v systemd-analyze >/dev/null; then
  units=$(mktemp -d)
  trap 'rm -rf "${scratch:-}" "$units"' EXIT
  cp cron/tenken.timer "$units"
  # The binary need not be installed here.
  sed 's|/usr/local/bin/tenken|/bin/true|' cron/tenken.service >"$units/tenken.service"
  systemd-analyze verify "$units/tenken.service" "$units/tenken.timer"
  echo "systemd's units: no complaint"
fi
