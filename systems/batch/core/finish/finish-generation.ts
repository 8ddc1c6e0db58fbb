import type { LogEvent } from "../../../../kit/lib/log";
import type { GenerationRef } from "../../contracts/batch";
import type { CloseCause } from "../../contracts/ledger-rows";
import { executionName, finishExecutionName } from "../../contracts/state-keys";
import { closeDetail } from "../ledger/close-detail";
import type { Clock } from "../../../../kit/ports/clock";
import type { Ledger } from "../../ports/ledger";
import type { ExecutionState, Workflow } from "../../ports/workflow";

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

/**
 * Finish executions of one generation; more failed ones need a person. The first three come as soon as somebody looks (the sweep does every
 * five minutes); attempt n from 3 on is started when the one before it was started at least 5 min x 2^(n-3) ago, an hour at most. So 3 to
 * 6 wait for 5 + 10 + 20 + 40 = 75 minutes, and the 33 others an hour each: 40 attempts outlast an outage of 34 hours, a day and a half
 * with the executions' own time, and one that ends is noticed within about an hour.
 */
export const MAXIMUM_FINISH_ATTEMPTS = 40;
const UNSPACED_ATTEMPTS = 3;
const FIRST_SPACE_MILLISECONDS = 300_000;
const MAXIMUM_SPACE_MILLISECONDS = 3_600_000;

/** Every attempt to seal and report a generation failed. */
export class FinishExhaustedError extends Error {
  public override readonly name = "FinishExhaustedError";
  public readonly fix: string;
  public constructor(ref: GenerationRef) {
    super(`${executionName(ref)} could not be sealed and reported in ${MAXIMUM_FINISH_ATTEMPTS} attempts`);
    this.fix =
      `see why the executions named ${executionName(ref)}-finish* failed, then start one more of the state machine, ` +
      `named ${finishExecutionName(ref, MAXIMUM_FINISH_ATTEMPTS)}, with the input of the last`;
  }
}

/**
 * Brings a generation to its completion message: closes it unless something closed it before, stops its execution and starts a
 * finish execution, unless one is running or the next is not due yet (see `MAXIMUM_FINISH_ATTEMPTS`). A generation that is reported, or
 * whose execution has come to the seal, is left alone.
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
  let before: ExecutionState | undefined;
  for (let attempt = 0; attempt < MAXIMUM_FINISH_ATTEMPTS; attempt += 1) {
    if (before !== undefined && deps.clock.now() - before.startedAt < spaceBefore(attempt)) return "finishing";
    if (await deps.workflow.startFinish(ref, attempt)) {
      deps.log("warn", "finish_started", { ...ref, attempt, detail });
      return "finishing";
    }
    before = await deps.workflow.finishStatus(ref, attempt);
    if (before?.status === "running") return "finishing";
  }
  // the last one may have reported since we looked
  if ((await deps.ledger.getGeneration(ref))?.completionSentAt !== undefined) return "reported";
  throw new FinishExhaustedError(ref);
}

/** Milliseconds from the start of the attempt before to the start of this one. */
const spaceBefore = (attempt: number): number =>
  attempt < UNSPACED_ATTEMPTS ? 0 : Math.min(FIRST_SPACE_MILLISECONDS * 2 ** (attempt - UNSPACED_ATTEMPTS), MAXIMUM_SPACE_MILLISECONDS);
