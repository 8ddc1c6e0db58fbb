#!/usr/bin/env bash
# What a deployment would change: synthesizes an environment and runs terraform init, validate and plan on it.
#
#   scripts/terraform-plan.sh [environment [system]]      (default: FILEMILL_ENVIRONMENT, else dev; batch)
#
# Needs terraform and npm. `init` fetches the AWS provider (600 MB) unless TF_PLUGIN_CACHE_DIR or a mirror has it; `plan` needs AWS
# credentials that may read. With PLAN_VALIDATE_ONLY=1 it stops after validate, which needs no credentials. Changes nothing on AWS.
# Leaves plan.tfplan, plan.txt (for people) and plan.json (for checks) beside the stack, in cdktf.out/stacks/<system>-<environment>.
#
# Exit codes: 0 planned (or valid), 1 terraform refused the stack, 2 wrong call, 3 something needed is not at hand.
set -euo pipefail

environment="${1:-${FILEMILL_ENVIRONMENT:-dev}}"
project="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
system="${2:-batch}"
stack="$project/cdktf.out/stacks/$system-$environment"

not_at_hand() {
  printf 'terraform-plan: %s\n' "$1" >&2
  exit 3
}

case "$environment" in
  dev | prod | coursework) ;;
  local)
    echo "terraform-plan: 'local' is run by the emulator, not planned; give dev, prod or coursework" >&2
    exit 2
    ;;
  *)
    echo "terraform-plan: there is no environment '$environment'; give dev, prod or coursework" >&2
    exit 2
    ;;
esac
command -v terraform > /dev/null || not_at_hand "terraform is not installed; install 1.11 or newer (https://developer.hashicorp.com/terraform/install)"

cd "$project"
node scripts/build.mjs --if-needed
FILEMILL_SYSTEMS="$system" FILEMILL_ENVIRONMENT="$environment" CHECKPOINT_DISABLE=1 node dist/main.js
architectures="$(node --input-type=module -e 'import { missingArchives } from "./scripts/build/missing-archives.mjs"; console.log((await missingArchives("cdktf.out")).join(" "))')"
# each is a word of its own
# shellcheck disable=SC2086
if [ -n "$architectures" ]; then npm run --silent build:archive -- $architectures; fi

cd "$stack"
export CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1
# validate looks at no state; so without credentials it can still be reached
backend=true
if [ "${PLAN_VALIDATE_ONLY:-}" = 1 ]; then backend=false; fi
if ! terraform init -input=false -no-color -backend="$backend" > init.txt 2>&1; then
  cat init.txt >&2
  not_at_hand "terraform init failed (above): the AWS provider or the state's bucket can't be reached. Give network access to the provider registry, or a mirror (https://developer.hashicorp.com/terraform/cli/config/config-file#provider-installation)"
fi
terraform validate -no-color
if [ "${PLAN_VALIDATE_ONLY:-}" = 1 ]; then exit 0; fi
terraform plan -input=false -no-color -lock=false -out=plan.tfplan
terraform show -no-color plan.tfplan > plan.txt
terraform show -json plan.tfplan > plan.json
echo "terraform-plan: read $stack/plan.txt"
