import type { GenerationRef } from "../../contracts/batch";
import type { GenerationRecord } from "../../contracts/ledger-rows";
import { UnknownBatchError } from "../stored-batch/errors";
import type { Clock } from "../../../../kit/ports/clock";
import type { Workflow } from "../../ports/workflow";
import { NotArrivedError, type ArrivalCount } from "../stored-batch/arrivals";
import { readBatchProgress, type BatchProgress, type ProgressPorts } from "./batch-progress";

export interface WatchBatchPorts extends ProgressPorts {
  readonly workflow: Workflow;
  readonly clock: Clock;
}

export interface WatchHooks<Progress extends readonly unknown[]> {
  readonly onProgress?: (...progress: Progress) => void;
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

/** Without a new file of a submission for so long, nobody brings one: 5 GiB in it are 9 MB a second, and most files are small. */
const ARRIVAL_PATIENCE_MILLISECONDS = 600_000;

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
 * @throws UnknownBatchError; NotArrivedError when the submission brings no more files; WorkflowFailedError; the signal's reason
 */
export async function watchBatch(
  ports: WatchBatchPorts,
  ref: GenerationRef,
  { onProgress, signal }: WatchHooks<[progress: BatchProgress, generation: GenerationRecord]> = {},
): Promise<GenerationRecord> {
  const { ledger, clock } = ports;
  const execution = new ExecutionWatch(ports, ref);
  const arrivals = new ArrivalWatch(ports, ref);
  let tookBefore = Infinity;
  for (;;) {
    signal?.throwIfAborted();
    const lookedAt = clock.monotonic();
    const generation = await ledger.getGeneration(ref);
    if (generation === undefined) throw new UnknownBatchError(ref.batchId);
    const progress = await readBatchProgress(ports, generation);
    onProgress?.(progress, generation);
    if (generation.completionSentAt !== undefined) return generation;
    // a batch whose files go up has no execution yet
    if (progress.phase === "uploading") await arrivals.look(progress);
    else await execution.look();
    const took = clock.monotonic() - lookedAt;
    await clock.sleep(pauseAfter(Math.min(took, tookBefore)), signal);
    tookBefore = took;
  }
}

const pauseAfter = (look: number): number => Math.min(MAXIMUM_PAUSE_MILLISECONDS, Math.max(POLL_MILLISECONDS, look * PAUSE_PER_LOOK));

/** Gives a batch up whose execution is over. */
class ExecutionWatch {
  private nextLook: number | undefined;
  private endedAt: number | undefined;

  public constructor(
    private readonly ports: WatchBatchPorts,
    private readonly ref: GenerationRef,
  ) {}

  /** @throws WorkflowFailedError */
  public async look(): Promise<void> {
    const { clock, workflow } = this.ports;
    this.nextLook ??= clock.monotonic() + EXECUTION_POLL_MILLISECONDS;
    if (clock.monotonic() < this.nextLook) return;
    this.nextLook = clock.monotonic() + EXECUTION_POLL_MILLISECONDS;
    const problem = await problemOfExecution(workflow, this.ref);
    if (problem === undefined) {
      this.endedAt = undefined;
      return;
    }
    this.endedAt ??= clock.monotonic();
    if (clock.monotonic() - this.endedAt >= BACKSTOP_MILLISECONDS) throw new WorkflowFailedError(this.ref, problem);
  }
}

/** Gives a batch up whose submission brings no more files. */
class ArrivalWatch {
  private last: { readonly arrived: number; readonly at: number } | undefined;

  public constructor(
    private readonly ports: WatchBatchPorts,
    private readonly ref: GenerationRef,
  ) {}

  /** @throws NotArrivedError */
  public async look(count: ArrivalCount): Promise<void> {
    const { clock, ledger } = this.ports;
    if (this.last?.arrived !== count.arrived) this.last = { arrived: count.arrived, at: clock.monotonic() };
    if (clock.monotonic() - this.last.at < ARRIVAL_PATIENCE_MILLISECONDS) return;
    const batch = await ledger.getBatch(this.ref.batchId);
    if (batch === undefined) throw new UnknownBatchError(this.ref.batchId);
    throw new NotArrivedError(batch, count);
  }
}

async function problemOfExecution(workflow: Workflow, ref: GenerationRef): Promise<string | undefined> {
  const execution = await workflow.status(ref);
  if (execution === undefined) return "its execution does not exist";
  if (execution.status === "running") return undefined;
  if (execution.status === "succeeded") return "its execution succeeded without a report";
  return `its execution failed with ${execution.error ?? "no error name"}: ${execution.cause ?? "no cause given"}`;
}
