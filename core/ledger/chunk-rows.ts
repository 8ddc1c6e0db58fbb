import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { GenerationRef } from "../contracts/batch";
import { chunkRowSchema, type ChunkRow, type ReleaseCause } from "../contracts/ledger-rows";
import type { Clock } from "../ports/clock";
import type { Claimant, ClaimResult, CommitGroup, Held } from "../ports/ledger";
import type { Row, RowChange, RowCondition, RowStore } from "../ports/row-store";
import { changeRow, withNextVersion } from "./change-row";
import { isOvertaken, isOwnClaim, lossOf, lostWorker, type ClaimCall } from "./claim-rules";
import { isOwnLostReply } from "./commit-rules";
import { LeaseOverError } from "./errors";
import { chunkKey, expiresAt, shardPartition, spotNoticeKey } from "./row-keys";
import { toRow } from "./to-row";

/**
 * `holder` and `released` lie flat in the table: a change sets whole attributes, and the lease's end is set by who doesn't know the
 * worker.
 */
const flatSchema = z.object({
  worker: z.string().optional(),
  leaseUntil: z.int().optional(),
  attempt: z.int().optional(),
  releasedClaim: z.int().optional(),
  releasedCause: z.string().optional(),
});

/** @throws ZodError when the row is none of a chunk, or when there is none */
export function parseChunkRow(row: Row | undefined): ChunkRow {
  const { attempt, leaseUntil, releasedCause, releasedClaim, worker } = flatSchema.parse(row);
  return chunkRowSchema.parse({
    ...row,
    ...(worker === undefined ? {} : { holder: { worker, leaseUntil, attempt } }),
    ...(releasedClaim === undefined ? {} : { released: { claim: releasedClaim, cause: releasedCause } }),
  });
}

/** A chunk of which nothing is known yet. */
const newChunk = (index: number) =>
  ({
    index,
    claim: 0,
    progress: 0,
    outcomes: "",
    partials: [],
    state: "open",
    deaths: 0,
    spotLosses: 0,
    strikes: 0,
    redrives: 0,
    slotMilliseconds: 0,
  }) as const;

const IS_FINISHED: RowCondition = { attribute: "state", equals: "finished" };
const IS_OPEN: RowCondition = { attribute: "state", equals: "open" };
const claimIs = (claim: number): RowCondition => ({ attribute: "claim", equals: claim });

/** What giving up for a cause counts as. A drain is nobody's fault. */
const RELEASE_COUNTS: Readonly<Record<ReleaseCause, Readonly<Record<string, number>>>> = {
  drain: {},
  spot: { spotLosses: 1 },
  "no-progress": { strikes: 1 },
  failed: { strikes: 1 },
};

/** The chunks' rows: the fence of all work (design: docs/adr/0002-ledger.md). */
export class ChunkRows {
  public constructor(
    private readonly rows: RowStore,
    private readonly clock: Clock,
  ) {}

  /** Tries first as if there were no row: then a first claim is one call, and a refusal brings the row that decides. */
  public claim(ref: GenerationRef, index: number, { attempt, leaseUntil, worker }: Claimant): Promise<ClaimResult> {
    const call: ClaimCall = { worker, leaseUntil, attempt, claimCall: randomUUID() };
    return changeRow<ClaimResult>(this.rows, chunkKey(ref, index), undefined, async (stored) => {
      const holder = toRow({ ...call, expiresAt: expiresAt(this.clock) });
      if (stored === undefined) return { change: { set: { ...newChunk(index), ...holder, claim: 1 } } };
      const row = parseChunkRow(stored);
      if (row.state !== "open") return { answer: { status: row.state, row } };
      if (isOwnClaim(stored, call)) return { answer: { status: "claimed", row } };
      if (isOvertaken(row, call)) return { answer: { status: "overtaken", row } };
      const loss = await this.lossBefore(row, call);
      // looked at again before each write, and last: a process may stand still between two of its calls, that for the notice included
      if (leaseUntil !== 0 && leaseUntil <= this.clock.now()) throw new LeaseOverError(ref, index);
      return { change: { set: { ...loss.set, ...holder }, add: { ...loss.add, claim: 1 } } };
    });
  }

  public async renew(ref: GenerationRef, index: number, claim: number, leaseUntil: number): Promise<Held> {
    return this.changeHeld(ref, index, claim, { set: { leaseUntil } });
  }

  public async intend(
    ref: GenerationRef,
    index: number,
    claim: number,
    { leaseUntil, position }: { readonly position: number; readonly leaseUntil: number },
  ): Promise<Held> {
    return this.changeHeld(ref, index, claim, { set: { intent: { claim, position }, leaseUntil } });
  }

  /** A claim that gave itself up already is left as it is, so that a repetition counts nothing twice. */
  public async release(ref: GenerationRef, index: number, claim: number, cause: ReleaseCause): Promise<void> {
    const notYet: RowCondition = {
      any: [
        { attribute: "releasedClaim", is: "absent" },
        { attribute: "releasedClaim", differsFrom: claim },
      ],
    };
    const change = { set: { releasedClaim: claim, releasedCause: cause }, add: RELEASE_COUNTS[cause] };
    await this.changeHeld(ref, index, claim, change, [notYet]);
  }

  public async commit(ref: GenerationRef, index: number, claim: number, group: CommitGroup): Promise<"committed" | "fenced"> {
    const { finishes, leaseUntil, outcomes, partial, slotMilliseconds } = group;
    const { row } = await this.rows.update(
      chunkKey(ref, index),
      withNextVersion({
        set: { progress: group.group + 1, outcomes, state: finishes ? "finished" : "open", leaseUntil, strikes: 0 },
        add: { slotMilliseconds },
        remove: ["intent", "suspect"],
        ...(partial === undefined ? {} : { append: { partials: [toRow(partial)] } }),
      }),
      { all: [claimIs(claim), { attribute: "progress", equals: group.group }, IS_OPEN] },
    );
    // carried out just now or before its reply was lost: the row tells both alike
    return row !== undefined && isOwnLostReply(parseChunkRow(row), claim, group) ? "committed" : "fenced";
  }

  public async close(ref: GenerationRef, index: number): Promise<ChunkRow> {
    const { state, ...others } = newChunk(index);
    const { row } = await this.rows.update(
      chunkKey(ref, index),
      withNextVersion({ set: { state: "closed", expiresAt: expiresAt(this.clock) }, setIfAbsent: others }),
      {
        any: [
          { attribute: "state", is: "absent" },
          { attribute: "state", equals: state },
        ],
      },
    );
    return parseChunkRow(row);
  }

  public async markAcknowledged(ref: GenerationRef, index: number): Promise<void> {
    await this.rows.update(chunkKey(ref, index), withNextVersion({ set: { acknowledged: true } }), IS_FINISHED);
  }

  public async countRedrive(ref: GenerationRef, index: number): Promise<ChunkRow> {
    const { redrives, ...others } = newChunk(index);
    const { row } = await this.rows.update(
      chunkKey(ref, index),
      withNextVersion({ setIfAbsent: { ...others, expiresAt: expiresAt(this.clock) }, add: { redrives: redrives + 1 } }),
    );
    return parseChunkRow(row);
  }

  public async get(ref: GenerationRef, index: number): Promise<ChunkRow | undefined> {
    const row = await this.rows.get(chunkKey(ref, index));
    return row === undefined ? undefined : parseChunkRow(row);
  }

  public async *ofShard(ref: GenerationRef, shard: number): AsyncIterable<ChunkRow> {
    for await (const row of this.rows.query(shardPartition(ref, shard))) yield parseChunkRow(row);
  }

  private async changeHeld(
    ref: GenerationRef,
    index: number,
    claim: number,
    change: RowChange,
    conditions: readonly RowCondition[] = [],
  ): Promise<Held> {
    const condition = { all: [claimIs(claim), IS_OPEN, ...conditions] };
    const { status } = await this.rows.update(chunkKey(ref, index), withNextVersion(change), condition);
    return status === "changed" ? "held" : "fenced";
  }

  /** What taking an open chunk over adds to its row for the claim before. */
  private async lossBefore(row: ChunkRow, claimant: Claimant): Promise<Pick<RowChange, "add" | "set">> {
    const worker = lostWorker(row, claimant, this.clock.now());
    if (worker === undefined) return {};
    return lossOf(row, (await this.rows.get(spotNoticeKey(worker))) !== undefined);
  }
}
