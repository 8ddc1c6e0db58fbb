import type { PlanSummary } from "../../contracts/ledger-rows";
import { byteSize, plural, usDollars } from "../../../../kit/cli/render/numbers";

/** Splits are files unless some were cut into ranges: then the number says so. */
export const isCutUp = ({ splitCount, fileCount, carriedFileCount }: PlanSummary): boolean => splitCount > fileCount - carriedFileCount;

/** What the progress of a generation counts. */
export const progressUnit = (plan: PlanSummary): string => (isCutUp(plan) ? "splits" : "files");

/** What the planner decided and expects. */
export function renderPlan(plan: PlanSummary): string {
  const splits = isCutUp(plan) ? ` in ${plural(plan.splitCount, "split")} (a split is a file, or a part of a big one)` : "";
  return (
    `plan: ${plural(plan.fileCount, "file")}, ${byteSize(plan.bytes)}${splits}, in ${plural(plan.chunkCount, "chunk")} on route ${plan.route}; ` +
    `expected ${plan.estimatedSeconds.toFixed(0)} s and ${usDollars(plan.estimatedCostUsd)} on AWS`
  );
}
