#!/usr/bin/env bash
# Applies the plan that scripts/ci/plan.sh made and reviewed, and no other: Terraform refuses a plan whose state has changed since.
#
#   scripts/ci/apply.sh SYSTEM ENVIRONMENT
#
# Exit codes: 0 applied, 1 Terraform failed, 2 wrong call, 3 there is no plan.
set -euo pipefail

system="${1:?give a system and an environment}"
environment="${2:?give a system and an environment}"
project="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
stack="$project/cdktf.out/stacks/$system-$environment"

if [ ! -f "$stack/plan.tfplan" ]; then
  echo "apply: $stack/plan.tfplan is not there; run scripts/ci/plan.sh $system $environment first" >&2
  exit 3
fi
cd "$stack"
export CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1
terraform apply -input=false -no-color plan.tfplan
terraform output -json > outputs.json
