#!/usr/bin/env bash
# What CI does for a pull request: plans an environment and reviews the plan; with --unchanged, whether the environment is what its
# sources say. Leaves plan.tfplan, plan.txt, plan.json and review.md beside
# the stack, in cdktf.out/stacks/<system>-<environment>.
#
#   scripts/ci/plan.sh SYSTEM ENVIRONMENT [OPTION OF PLAN-REVIEW]...
#
# Needs what scripts/terraform-plan.sh needs. plan-policy.json of the project, if it is there, has the exceptions.
#
# Exit codes: 0 nothing blocks the plan, 1 it is blocked, or planning failed, 2 wrong call, 3 something needed is not at hand.
set -euo pipefail

system="${1:?give a system and an environment}"
environment="${2:?give a system and an environment}"
options=("${@:3}")
project="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
stack="$project/cdktf.out/stacks/$system-$environment"

# GitHub gives variables that nobody set as empty ones
for name in FILEMILL_PERMISSIONS_BOUNDARY_ARN FILEMILL_OWNER FILEMILL_KMS_KEY_ARN FILEMILL_ROLE_PATH; do
  if [ -z "${!name-}" ]; then unset "$name"; fi
done

cd "$project"
scripts/terraform-plan.sh "$environment" "$system"
if [ -f plan-policy.json ]; then options+=(--policy plan-policy.json); fi
node bin/filemill.js plan-review "$stack/plan.json" --title "$system-$environment" --markdown "$stack/review.md" ${options[@]+"${options[@]}"}
