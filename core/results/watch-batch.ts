import type { GenerationRef } from "../contracts/batch";
import type { GenerationRecord } from "../contracts/ledger-rows";
import { UnknownBatchError } from "../generations/errors";
import type { Clock } from "../ports/clock";
import type { Ledger } from "../ports/ledger";
import type { Workflow } from "../ports/workflow";
import { readBatchProgress } from "./batch-progress";
import type { BatchProgress } from "./batch-progress";

export interface WatchBatchPorts {
  readonly ledger: Ledger;
  readonly workflow: Workflow;
  readonly clock: Clock;
}

export interface WatchHooks<Progress> {
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

/** Between two looks at the ledger: people see it move, and 2 reads a second cost nothing. */
const POLL_MILLISECONDS = 500;

/**
 * Looks that take long (many chunk rows) are followed by a pause this many times as long, so that watching never loads the ledger. What
 * counts is the shorter one of the last two: a single long one was held up by something else, such as a service that stood still.
 */
const PAUSE_PER_LOOK = 10;

/** Nobody waits longer than this for what is known already. */
const MAXIMUM_PAUSE_MILLISECONDS = 20_000;

/**
 * Between two looks at the execution. DescribeExecution refills at 10 to 15 a second for the whole account.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
const EXECUTION_POLL_MILLISECONDS = 5_000;

/** What the backstop of a failed execution (an EventBridge rule and the `finish` function) gets to report the batch. */
const BACKSTOP_MILLISECONDS = 90_000;

/** The workflow ended and nothing reported the batch. */
export class WorkflowFailedError extends Error {
  public override readonly name = "WorkflowFailedError";
  public readonly fix = "look at the execution's history and at the logs of its functions, then submit again";
  public constructor(ref: GenerationRef, problem: string) {
    super(`batch ${ref.batchId} (generation ${ref.generation}) was not reported: ${problem}`);
  }
}

/**
 * Waits until a generation's completion message was sent.
 *
 * @throws UnknownBatchError, WorkflowFailedError, the signal's reason
 */
export async function watchBatch(
  ports: WatchBatchPorts,
  ref: GenerationRef,
  { onProgress, signal }: WatchHooks<BatchProgress> = {},
): Promise<GenerationRecord> {
  const { ledger, clock } = ports;
  let nextExecutionLook = clock.now() + EXECUTION_POLL_MILLISECONDS;
  let endedAt: number | undefined;
  let tookBefore = Infinity;
  for (;;) {
    signal?.throwIfAborted();
    const lookedAt = clock.now();
    const generation = await ledger.getGeneration(ref);
    if (generation === undefined) throw new UnknownBatchError(ref.batchId);
    onProgress?.(await readBatchProgress(ledger, generation));
    if (generation.completionSentAt !== undefined) return generation;

    if (clock.now() >= nextExecutionLook) {
      nextExecutionLook = clock.now() + EXECUTION_POLL_MILLISECONDS;
      const problem = await problemOfExecution(ports.workflow, ref);
      if (problem === undefined) endedAt = undefined;
      else {
        endedAt ??= clock.now();
        if (clock.now() - endedAt >= BACKSTOP_MILLISECONDS) throw new WorkflowFailedError(ref, problem);
      }
    }
    const took = clock.now() - lookedAt;
    await clock.sleep(pauseAfter(Math.min(took, tookBefore)), signal);
    tookBefore = took;
  }
}

const pauseAfter = (look: number): number => Math.min(MAXIMUM_PAUSE_MILLISECONDS, Math.max(POLL_MILLISECONDS, look * PAUSE_PER_LOOK));

async function problemOfExecution(workflow: Workflow, ref: GenerationRef): Promise<string | undefined> {
  const execution = await workflow.status(ref);
  if (execution === undefined) return "its execution does not exist";
  if (execution.status === "running") return undefined;
  if (execution.status === "succeeded") return "its execution succeeded without a report";
  return `its execution failed with ${execution.error ?? "no error name"}: ${execution.cause ?? "no cause given"}`;
}
