import { replaceSilentHosts } from "../capacity/replace-silent-hosts";
import { announceWorkerVersion } from "../capacity/worker-version";
import type { LogEvent } from "../../../../kit/lib/log";
import { visitMessages } from "../dead-letters/dead-letters";
import { handleDeadChunk } from "../dead-letters/handle-dead-chunk";
import { handleDeadUpload } from "../dead-letters/handle-dead-upload";
import { stopOverdueBatches, type StopDeps } from "../finish/stop-batches";
import type { Hosts, QueueDepth } from "../../../../kit/ports/capacity";
import type { JobQueue, MessageSink } from "../../../../kit/ports/job-queue";
import type { TaskCallback } from "../../../../kit/ports/task-callback";
import { announceForgotten, type ForgottenDeps } from "./announce-forgotten";
import { bringBackWaited } from "./bring-back-waited";
import { finishStuck } from "./finish-stuck";
import { settleOrphans } from "./settle-orphans";

export type RepairQueue = JobQueue & MessageSink & QueueDepth;

export interface ReconcileDeps extends StopDeps, Omit<ForgottenDeps, "jobs" | "jobDeadLetters" | "uploads"> {
  readonly callback: TaskCallback;
  readonly queues: {
    readonly chunks: RepairQueue;
    readonly chunkDeadLetters: RepairQueue;
    /** Where chunks wait for on-demand capacity. Absent where none do. */
    readonly onDemandChunks?: JobQueue & QueueDepth;
    readonly jobs: QueueDepth;
    readonly jobDeadLetters: JobQueue;
    /** Where acknowledgements go. */
    readonly results: MessageSink;
  };
  /** Where uploads are announced: the jobs queue, or the function that takes them. */
  readonly uploads: MessageSink;
  readonly log: LogEvent;
  /** Where runs of the upload path look for what is acknowledged. */
  readonly stateBucket: string;
  /** Absent where workers show no sign of life (coursework, local). */
  readonly hosts?: Hosts;
  /** The version of the worker that is deployed; absent where none retires. */
  readonly workerVersion?: string;
}

/** Messages of the dead-letter queue and orphans looked at in one run: far more than there are, few enough for a Lambda's time. */
const MAXIMUM_MESSAGES = 500;
/**
 * Dead letters of uploads stay where they are until somebody sends them back: as many as can be looked at in the lease, at some 20 ms for a
 * call to a service and two calls a message.
 */
const MAXIMUM_DEAD_UPLOADS = 5_000;
const DEAD_UPLOADS_LEASE_SECONDS = 300;

/**
 * The periodic repair of what no event tells of: dead chunks and uploads, batches past their deadline or budget, chunks whose messages are
 * gone, leftovers of dead executions, files that were uploaded but never announced, hosts that hang. Each part runs whatever the others
 * come to.
 *
 * @throws AggregateError of the parts that failed, after all were tried
 */
export async function reconcile(deps: ReconcileDeps): Promise<void> {
  const { hosts, queues, workerVersion } = deps;
  const { chunkDeadLetters, chunks, jobDeadLetters, jobs, onDemandChunks } = queues;
  const chunkQueues = onDemandChunks === undefined ? [chunks] : [chunks, onDemandChunks];
  const parts: readonly (readonly [name: string, repair: () => Promise<number>])[] = [
    ["overdue-batches", () => stopOverdueBatches(deps)],
    ["dead-chunks", () => visitDeadChunks(deps, chunkDeadLetters)],
    ["dead-uploads", () => visitDeadUploads(deps, jobDeadLetters)],
    [
      "waited-chunks",
      async () => (onDemandChunks === undefined ? 0 : bringBackWaited({ ...deps, onDemandChunks, chunks }, MAXIMUM_MESSAGES)),
    ],
    ["stuck-chunks", () => finishStuck({ ...deps, queues: [...chunkQueues, chunkDeadLetters] })],
    ["orphan-messages", () => settleOrphans({ ...deps, queues: chunkQueues, chunkDeadLetters }, MAXIMUM_MESSAGES)],
    ["worker-version", async () => Number(workerVersion !== undefined && (await announceWorkerVersion(deps, workerVersion)))],
    ["silent-hosts", async () => (hosts === undefined ? 0 : replaceSilentHosts({ ...deps, hosts }))],
    ["forgotten-uploads", () => announceForgotten({ ...deps, jobs, jobDeadLetters })],
  ];
  const failures: unknown[] = [];
  for (const [part, repair] of parts) {
    try {
      const repaired = await repair();
      deps.log("info", "reconciled", { part, repaired });
    } catch (error) {
      deps.log("error", "reconcile_failed", { part, error });
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} parts of the reconcile failed; see reconcile_failed`);
}

async function visitDeadChunks(deps: ReconcileDeps, deadLetters: JobQueue): Promise<number> {
  let handled = 0;
  await visitMessages(deadLetters, MAXIMUM_MESSAGES, async ({ body }) => {
    const outcome = await handleDeadChunk({ ...deps, chunks: deps.queues.chunks }, body);
    if (outcome === "left") return "keep";
    handled += 1;
    return "delete";
  });
  return handled;
}

async function visitDeadUploads(deps: ReconcileDeps, deadLetters: JobQueue): Promise<number> {
  let handled = 0;
  const visited = await visitMessages(
    deadLetters,
    MAXIMUM_DEAD_UPLOADS,
    async (letter) => {
      const outcome = await handleDeadUpload({ ...deps, resultsQueue: deps.queues.results }, letter);
      if (outcome !== "known") handled += 1;
      return outcome === "through" || outcome === "sent-back" ? "delete" : "keep";
    },
    DEAD_UPLOADS_LEASE_SECONDS,
  );
  if (visited === MAXIMUM_DEAD_UPLOADS) deps.log("error", "dead_uploads_beyond_limit", { visited });
  return handled;
}
