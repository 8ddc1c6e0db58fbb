import type { GenerationRef } from "../../contracts/batch";
import type { ChunkRow, GenerationRecord } from "../../contracts/ledger-rows";
import type { ResultMessage } from "../../contracts/messages";
import type { Violation } from "../../../../kit/simulator/survey/simulation";
import type { Trace } from "../../../../kit/simulator/kernel/trace";
import type { PlanIndex } from "./plan-index";

export const idOf = ({ batchId, generation }: GenerationRef): string => `${batchId}#${generation}`;

/** What the checks see of a world: the services' own state, never a process's word. */
export interface ServiceViews {
  readonly chunkRow: (ref: GenerationRef, index: number) => Promise<ChunkRow | undefined>;
  readonly generation: (ref: GenerationRef) => Promise<GenerationRecord | undefined>;
  /** Undefined while the plan is not stored. */
  readonly plan: (ref: GenerationRef) => Promise<PlanIndex | undefined>;
}

/** Facts about one world, gathered where services carry calls out. */
export class Facts {
  public readonly violations: Violation[] = [];
  /** Bodies on the results queue by message id, in the order they were accepted. */
  public readonly sent = new Map<string, string[]>();
  /** Keys of what was submitted, by batch, and whether the submission brought the files along. */
  public readonly submitted = new Map<string, { readonly keys: ReadonlySet<string>; readonly bringsFiles: boolean }>();
  /** ETag by key of the uploads that were acknowledged last; empty for one that could not be read. */
  public readonly uploads = new Map<string, string>();
  /** Chunk messages by task token. */
  public readonly tokens = new Map<string, { readonly ref: GenerationRef; readonly index: number }>();
  /** Tokens that a worker answered, or that are none. */
  public readonly answered = new Set<string>();
  /** Chunks whose message was handed over for on-demand capacity, and those that were brought back from there. */
  public readonly handedOver = new Set<string>();
  public readonly onAnyCapacity = new Set<string>();
  /** Workers that could not write that they gave a claim up. */
  public readonly couldNotRelease = new Set<string>();
  /** Bodies that went to a dead-letter queue. */
  public readonly deadLettered = new Set<string>();
  /** Demands for capacity by their id, in workers; times in milliseconds since the epoch. */
  public readonly demands = new Map<string, { capacity: number; from: number; until: number }>();
  /** When messages were last seen to wait in the jobs queue, a minute exact; as long as some do, no upload is announced again. */
  public jobsWaitedAt = 0;
  /** When S3's word of an upload was last lost. */
  public uploadLostAt: number | undefined;
  private readonly stepped = new Set<string>();
  private readonly garbledRows: string[] = [];
  private readonly hanging = new Map<string, number>();
  private readonly losses = new Map<string, number[]>();

  public constructor(
    private readonly trace: Trace,
    private readonly now: () => number,
    private readonly latencyMilliseconds: number,
  ) {}

  public violate(invariant: number, problem: string): void {
    this.violations.push({ invariant, problem });
    this.trace.add("CHECK", `invariant ${invariant} broken`, { problem });
  }

  /** A worker vanished or stood still, through no doing of its own. */
  public lost(worker: string, at = this.now()): void {
    this.losses.set(worker, [...(this.losses.get(worker) ?? []), at]);
  }

  /** The clock of a worker's host was set to another time: what it says of leases, and what others see of its own, is wrong. */
  public clockStepped(worker: string): void {
    this.stepped.add(worker);
  }

  /** Whether a claim of the one may have seemed over to the other although it was not. */
  public sawTimeWrong(...workers: readonly string[]): boolean {
    return workers.some((worker) => this.stepped.has(worker));
  }

  /** Something that no chunk can be was written into a row. */
  public garbled(row: string, garbage: Readonly<Record<string, unknown>>): void {
    this.garbledRows.push(row);
    this.trace.add("somebody", "row garbled", { row, ...garbage });
  }

  public get hasGarbledRows(): boolean {
    return this.garbledRows.length > 0;
  }

  /** A worker begins to read a file, which hangs or not. */
  public reads(worker: string, hangs: boolean): void {
    if (hangs) this.hanging.set(worker, this.now());
    else this.hanging.delete(worker);
  }

  /** Since when a worker gets nowhere with the file that it read last. */
  public hangsSince(worker: string): number | undefined {
    return this.hanging.get(worker);
  }

  /** Whether any process was lost or stood still. */
  public get hasLosses(): boolean {
    return this.losses.size > 0;
  }

  /** @param since when a call of its own was carried out, which it may have sent just before its end */
  public wasLostSince(worker: string, since: number): boolean {
    return (this.losses.get(worker) ?? []).some((at) => at >= since - this.latencyMilliseconds);
  }

  /** A message was accepted on the results queue. Every copy of one id has the same bytes (invariant 2). */
  public accepted(message: ResultMessage, body: string): void {
    const bodies = this.sent.get(message.messageId) ?? [];
    if (bodies.some((other) => other !== body)) this.violate(2, `two messages ${message.messageId} differ`);
    this.sent.set(message.messageId, [...bodies, body]);
    if ("key" in message && message.batchId === undefined) this.uploads.set(message.key, message.etag);
  }
}
