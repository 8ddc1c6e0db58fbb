import type { LogEvent } from "../chunk-work/chunk-deps";
import type { GenerationRef } from "../contracts/batch";
import type { CloseCause } from "../contracts/ledger-rows";
import { executionName } from "../contracts/state-keys";
import { closeDetail } from "../ledger/close-detail";
import type { Clock } from "../ports/clock";
import type { Ledger } from "../ports/ledger";
import type { Workflow } from "../ports/workflow";

export interface FinishDeps {
  readonly ledger: Ledger;
  readonly workflow: Workflow;
  readonly clock: Clock;
  readonly log: LogEvent;
}

/** Why a generation is brought to its end, unless something closed it before. */
export interface FinishReason {
  readonly cause: Exclude<CloseCause, "complete">;
  /** Cause, value and way out in a sentence, for the completion message. */
  readonly detail: string;
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
 * finish execution, unless one is running. A generation that is reported, or whose execution has come to the seal, is left alone.
 *
 * @param reason for a generation that nobody closed before
 * @returns what it came to
 * @throws FinishExhaustedError
 */
export async function finishGeneration(deps: FinishDeps, ref: GenerationRef, reason: FinishReason): Promise<"reported" | "finishing"> {
  const detail = closeDetail(reason.detail);
  const { closeCause, completionSentAt } = await deps.ledger.closeGeneration(ref, reason.cause, detail);
  if (completionSentAt !== undefined) return "reported";
  // the seal closed it in its execution, which is about to report: stopped now it would only begin its end anew
  if (closeCause === "complete" && (await deps.workflow.status(ref))?.status === "running") return "finishing";
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
