#!/usr/bin/env bash
# Whether an environment is what its sources say: plans it and ends with 1 if anything would change, or was changed past Terraform.
#
#   scripts/ci/drift.sh SYSTEM ENVIRONMENT
#
# Exit codes: 0 nothing would change, 1 something would (the review says what), or planning failed, 2 wrong call, 3 something is missing.
set -euo pipefail

system="${1:?give a system and an environment}"
environment="${2:?give a system and an environment}"
project="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
stack="$project/cdktf.out/stacks/$system-$environment"

cd "$project"
scripts/terraform-plan.sh "$environment" "$system"
# what it finds is told in any case; whether it blocks is no question here
node bin/filemill.js plan-review "$stack/plan.json" --title "$system-$environment" --markdown "$stack/review.md" || true
node --input-type=module -e '
import { readFileSync } from "node:fs";
const { resource_changes: changes = [], resource_drift: drift = [] } = JSON.parse(readFileSync(process.argv[1], "utf8"));
const would = changes.filter(({ change, mode }) => mode === "managed" && change.actions.join() !== "no-op");
console.log(`${would.length} resources would change, ${drift.length} were changed past Terraform`);
process.exitCode = would.length + drift.length === 0 ? 0 : 1;
' "$stack/plan.json"
