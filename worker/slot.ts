import { passedChunkSchema, type PassedChunk, type DeadChunk, type FileAcknowledgement } from "../systems/batch/contracts/messages";
import { parseUploadMessage } from "../systems/batch/contracts/s3-event";
import type { ChunkDeps } from "../systems/batch/core/chunk-work/chunk-deps";
import type { LogEvent } from "../kit/lib/log";
import { UnknownGenerationError } from "../systems/batch/core/ledger/errors";
import { processChunk } from "../systems/batch/core/chunk-work/process-chunk";
import { ChunkCorruptError } from "../systems/batch/core/chunk-work/read-splits";
import type { SlotSessions } from "../systems/batch/core/workloads/sessions";
import type { MessageSink } from "../kit/ports/job-queue";
import type { TaskCallback } from "../kit/ports/task-callback";
import { withNotedAttempt } from "../systems/batch/core/upload-work/noted-attempt";
import { noteAcknowledged } from "../systems/batch/core/upload-work/note-acknowledged";
import { processUpload, type UploadDeps } from "../systems/batch/core/upload-work/process-upload";
import type { ChunkControl, StopCause } from "../systems/batch/core/chunk-work/chunk-control";
import type { GatePass } from "./alone-gate";
import type { Collector } from "./collector";
import type { Job } from "./job";
import { NoProgressError, type Lease } from "./lease";
import type { LeaseKeeper } from "./lease-keeper";

/** A failed job comes back after this many seconds times its receipts, at most 60: a passing fault is over, a lasting one doesn't spin. */
const RETRY_SECONDS = 5;
const MAXIMUM_RETRY_SECONDS = 60;

/** Whom a slot on spot capacity leaves chunks to that spot capacity keeps losing (docs/adr/0039-on-demand-after-spot-losses.md). */
export interface HandOver {
  readonly to: MessageSink;
  /** Losses of a chunk to spot capacity from which on it is left. */
  readonly afterSpotLosses: number;
}

export interface SlotDeps {
  /** Without `acknowledge` and with a `room` whose progress the slot fills in. */
  readonly chunk: Omit<ChunkDeps, "acknowledge">;
  readonly upload: UploadDeps;
  readonly callback: TaskCallback;
  readonly collector: Collector;
  readonly leases: LeaseKeeper;
  readonly log: LogEvent;
  /** Id of the worker, as in `Claimant`. */
  readonly workerId: string;
  /** What a slot works with, in place of the sessions of `chunk` and `upload`. @default those */
  readonly sessionsOf?: (slot: number) => SlotSessions;
  /** Why the worker drains, once it does. */
  readonly stopCause: () => StopCause | undefined;
  /** Aborted once the worker drains. */
  readonly draining: AbortSignal;
  /** @default nobody: it works on whatever it receives */
  readonly handOver?: HandOver | undefined;
}

/** Works on one job at a time; several slots work side by side. */
export class Slot {
  private readonly deps: SlotDeps;

  public constructor(
    private readonly slot: number,
    deps: SlotDeps,
  ) {
    const sessions = deps.sessionsOf?.(slot);
    this.deps = sessions === undefined ? deps : { ...deps, chunk: { ...deps.chunk, sessions }, upload: { ...deps.upload, sessions } };
  }

  /**
   * Never rejects: what fails is logged, and the message comes back by its queue.
   *
   * @param pass the job's place among those of this worker
   */
  public async run(job: Job, pass: GatePass): Promise<void> {
    const { lease } = job;
    const jobId = lease.message.messageId;
    this.deps.log("info", "job_received", { jobId, slot: this.slot, kind: job.source.kind, receiveCount: lease.message.receiveCount });
    lease.started();
    try {
      await (job.source.kind === "upload" ? this.runUpload(job, pass) : this.runChunk(job, pass));
    } catch (error) {
      await this.failed(job, error);
    } finally {
      pass.leave();
    }
  }

  /** A message that was received before may be one that kills: it is worked on alone, and each of its files is noted. */
  private async runUpload(job: Job, pass: GatePass): Promise<void> {
    const { lease } = job;
    const isCareful = lease.message.receiveCount > 1;
    const parsed = parseUploadMessage(lease.message.body);
    if (parsed.kind === "unreadable") return this.deadLetter(job, parsed.problem);
    const records = parsed.kind === "test" ? [] : parsed.records;
    if (isCareful && records.length > 0) {
      await this.untilAlone(lease, pass);
      if (this.deps.stopCause() !== undefined) return this.deps.leases.giveBack(lease);
    }
    const { log, upload, workerId } = this.deps;
    const { clock, faults } = this.deps.chunk;
    const noting = { ledger: upload.ledger, workerId, log, clock, faults };
    const hold = {
      assertHeld: () => {
        lease.assertHeld();
      },
      endsAsDeath: () => lease.signal.reason instanceof NoProgressError,
    };
    const acknowledgements: FileAcknowledgement[] = [];
    for (const record of records) {
      const room = {
        ...upload.room,
        onProgress: (bytes: number) => {
          lease.read(bytes);
        },
      };
      const work = (): Promise<FileAcknowledgement> => processUpload({ ...upload, room }, record, lease.signal);
      acknowledgements.push(await (isCareful ? withNotedAttempt(noting, record, hold, work) : work()));
      lease.progressed();
    }
    this.deps.collector.settle(job, acknowledgements, () => noteAcknowledged(this.deps.upload, acknowledgements));
  }

  private async runChunk(job: Job, pass: GatePass): Promise<void> {
    const { lease } = job;
    const parsed = parseChunkJob(lease.message.body);
    if ("problem" in parsed) return this.deadLetter(job, parsed.problem);
    const { batchId, generation, chunk, token } = parsed;
    const handOver = parsed.onAnyCapacity === true ? undefined : this.deps.handOver;
    const deps: ChunkDeps = {
      ...this.deps.chunk,
      room: {
        ...this.deps.chunk.room,
        onProgress: (bytes) => {
          lease.read(bytes);
        },
      },
      acknowledge: (messages) => this.deps.collector.acknowledge(messages),
    };
    const control = { ...this.controlOf(job, pass), leavesAfterSpotLosses: handOver?.afterSpotLosses };
    const end = await processChunk(deps, { batchId, generation }, chunk, control);
    switch (end) {
      case "finished":
      case "closed":
        this.deps.collector.settle(job, [], () => this.callBack(job, token, end));
        return;
      case "again":
        return this.deps.leases.giveBack(lease);
      case "fenced":
        // another slot holds the chunk: its message, too, is none of ours
        this.deps.leases.forget(lease);
        return;
      case "left":
        if (handOver !== undefined) await this.handOver(job, parsed, handOver);
    }
  }

  /** Sent first, deleted then, so that it is never nowhere. If it is in both queues, the chunk's row says whose work counts. */
  private async handOver(job: Job, passed: PassedChunk, { to }: HandOver): Promise<void> {
    const { batchId, chunk, generation } = passed;
    job.lease.assertHeld();
    const handedOver: PassedChunk = { ...passed, handedOverAt: this.deps.chunk.clock.now() };
    await to.send([JSON.stringify(handedOver)]);
    this.deps.log("info", "chunk_handed_over", { batchId, generation, chunkIndex: chunk.index, jobId: job.lease.message.messageId });
    this.deps.collector.settle(job, []);
  }

  private controlOf({ lease }: Job, pass: GatePass): ChunkControl {
    return {
      worker: this.deps.workerId,
      leaseUntil: () => lease.until,
      assertLeased: () => {
        lease.assertHeld();
      },
      claimed: (claim) => {
        lease.claim = claim;
      },
      untilAlone: () => this.untilAlone(lease, pass),
      stopCause: this.deps.stopCause,
      signal: lease.signal,
      progressed: () => {
        lease.progressed();
      },
    };
  }

  private async untilAlone(lease: Lease, pass: GatePass): Promise<void> {
    lease.waits();
    try {
      await pass.untilAlone(AbortSignal.any([lease.signal, this.deps.draining]));
    } catch (error) {
      // told to drain is no failure: whoever waits asks for the cause next
      if (!this.deps.draining.aborted) throw error;
    }
    lease.started();
  }

  private async callBack(job: Job, token: string, outcome: "finished" | "closed"): Promise<void> {
    const delivered = await this.deps.callback.succeed(token, { outcome });
    if (delivered === "invalid-token") await job.source.deadLetters.send([job.lease.message.body]);
  }

  private async deadLetter(job: Job, problem: string, body = job.lease.message.body): Promise<void> {
    this.deps.log("error", "message_unreadable", { jobId: job.lease.message.messageId, problem });
    await job.source.deadLetters.send([body]);
    this.deps.collector.settle(job, []);
  }

  private async failed(job: Job, error: unknown): Promise<void> {
    const { message, signal } = job.lease;
    // its keeper has told why, and has given the message back or leaves it to whoever holds it now
    if (signal.aborted && error === signal.reason) return;
    try {
      if (error instanceof UnknownGenerationError) {
        await this.deadLetter(job, error.message);
        return;
      }
      if (error instanceof ChunkCorruptError) {
        // it was read, else nobody could have found this out
        const dead: DeadChunk = { ...passedChunkSchema.parse(JSON.parse(message.body)), problem: error.message };
        await this.deadLetter(job, error.message, JSON.stringify(dead));
        return;
      }
    } catch (second) {
      this.deps.log("error", "dead_letter_failed", { jobId: message.messageId, error: second });
    }
    this.deps.log("error", "job_failed", { jobId: message.messageId, slot: this.slot, receiveCount: message.receiveCount, error });
    if (signal.aborted) return;
    await this.deps.leases.giveBack(job.lease, Math.min(RETRY_SECONDS * message.receiveCount, MAXIMUM_RETRY_SECONDS));
  }
}

function parseChunkJob(body: string): ReturnType<typeof passedChunkSchema.parse> | { problem: string } {
  let content: unknown;
  try {
    content = JSON.parse(body);
  } catch (error) {
    return { problem: `not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
  const parsed = passedChunkSchema.safeParse(content);
  return parsed.success
    ? parsed.data
    : { problem: parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ") };
}
