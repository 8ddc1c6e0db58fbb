import type { LogEvent } from "../../core/chunk-work/chunk-deps";
import type { GenerationRef } from "../../core/contracts/batch";
import { executionName } from "../../core/contracts/state-keys";
import { closeDetail } from "../../core/ledger/close-detail";
import type { Clock } from "../../core/ports/clock";
import type { Ledger } from "../../core/ports/ledger";
import type { Workflow } from "../../core/ports/workflow";

export interface FinishDeps {
  readonly ledger: Ledger;
  readonly workflow: Workflow;
  readonly clock: Clock;
  readonly log: LogEvent;
}

/** Finish executions of one generation; twenty failed ones need a person. */
export const MAXIMUM_FINISH_ATTEMPTS = 20;

/** Every attempt to seal and report a generation failed. */
export class FinishExhaustedError extends Error {
  public override readonly name = "FinishExhaustedError";
  public constructor(ref: GenerationRef) {
    super(
      `${executionName(ref)} could not be sealed and reported in ${MAXIMUM_FINISH_ATTEMPTS} attempts; ` +
        `see why the executions named ${executionName(ref)}-finish* failed, then start one more with the next number`,
    );
  }
}

/**
 * Brings a generation to its completion message: closes it unless something closed it before, stops its execution and starts a
 * finish execution, unless one is running. A generation that is reported is left alone.
 *
 * @param reason why, for a generation that nobody closed before
 * @returns what it came to
 * @throws FinishExhaustedError
 */
export async function finishGeneration(deps: FinishDeps, ref: GenerationRef, reason: string): Promise<"reported" | "finishing"> {
  const detail = closeDetail(reason);
  const { completionSentAt } = await deps.ledger.closeGeneration(ref, "failed", detail);
  if (completionSentAt !== undefined) return "reported";
  await deps.workflow.stop(ref, detail);
  for (let attempt = 0; attempt < MAXIMUM_FINISH_ATTEMPTS; attempt += 1) {
    if (await deps.workflow.startFinish(ref, attempt)) {
      deps.log("warn", "finish_started", { ...ref, attempt, detail });
      return "finishing";
    }
    if ((await deps.workflow.finishStatus(ref, attempt))?.status === "running") return "finishing";
  }
  // the last one may have reported since we looked
  if ((await deps.ledger.getGeneration(ref))?.completionSentAt !== undefined) return "reported";
  throw new FinishExhaustedError(ref);
}
