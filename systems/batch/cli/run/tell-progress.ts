import type { GenerationRecord } from "../../contracts/ledger-rows";
import type { BatchProgress } from "../../core/results/batch-progress";
import { progressUnit, renderPlan } from "../render/progress";
import type { Reporter } from "../../../../kit/cli/render/reporter";

const STEPS: Readonly<Partial<Record<BatchProgress["phase"], string>>> = { planning: "planning", closing: "sealing", reducing: "reducing" };

/** Tells how far a generation is: its plan once, its splits as numbers that end at their total, its other phases as steps. */
export function tellProgress(reporter: Reporter): (progress: BatchProgress, generation: GenerationRecord) => void {
  let phase: BatchProgress["phase"] | undefined;
  let planTold = false;
  let processed = 0;
  return (progress, { plan, closeCause }) => {
    if (progress.phase === "uploading") reporter.advance("uploaded", progress.arrived, progress.total, "files");
    if (plan !== undefined && !planTold) {
      planTold = true;
      reporter.say(renderPlan(plan));
    }
    if (plan !== undefined && progress.phase === "processing") {
      processed = progress.settled;
      reporter.advance("processed", processed, progress.total, progressUnit(plan));
    } else if (plan !== undefined && closeCause === "complete" && processed < plan.splitCount) {
      // between two looks the last splits were settled, or the generation would not be complete
      processed = plan.splitCount;
      reporter.advance("processed", processed, processed, progressUnit(plan));
    }
    const step = STEPS[progress.phase];
    if (step !== undefined && progress.phase !== phase) reporter.step(step);
    phase = progress.phase;
  };
}
