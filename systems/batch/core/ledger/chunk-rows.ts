import { randomUUID } from "node:crypto";
import type { GenerationRef } from "../../contracts/batch";
import type { ChunkRow, ReleaseCause } from "../../contracts/ledger-rows";
import type { Clock } from "../../../../kit/ports/clock";
import type { Claimant, ClaimResult, CommitGroup, Held } from "../../ports/ledger";
import type { RowChange, RowCondition, RowKey, RowStore, RowUpdateResult } from "../../../../kit/ports/row-store";
import { changeRow, withNextVersion } from "./change-row";
import { checkedChange } from "./checked-writes";
import { isLeft, isOvertaken, isOwnClaim, lossOf, lostWorker, type ClaimCall } from "./claim-rules";
import { isOwnLostReply } from "./commit-rules";
import { chunkKey, expiresAt, INTENT_RETENTION_SECONDS, intentKey, shardPartition, spotNoticeKey } from "./row-keys";
import { newChunk, readChunkRow, storedChunkSchema, storedIntentSchema } from "./stored-chunk";
import { toRow } from "./to-row";

const IS_FINISHED: RowCondition = { attribute: "state", equals: "finished" };
const IS_OPEN: RowCondition = { attribute: "state", equals: "open" };
/** A change must not fill up a row that lost a part of what it held: it would look as if nothing were missing. */
const IS_WHOLE: RowCondition = {
  all: [...Object.keys(newChunk(0)), "version", "expiresAt"].map((attribute) => ({ attribute, is: "present" })),
};
const IS_ABSENT_OR_WHOLE: RowCondition = { any: [{ attribute: "pk", is: "absent" }, IS_WHOLE] };
const claimIs = (claim: number): RowCondition => ({ attribute: "claim", equals: claim });

/** What giving up for a cause counts as. A drain is nobody's fault, and a service that is away is not the file's. */
const RELEASE_COUNTS: Readonly<Record<ReleaseCause, Readonly<Record<string, number>>>> = {
  drain: {},
  spot: { spotLosses: 1 },
  "no-progress": { strikes: 1 },
  failed: { strikes: 1 },
  unavailable: {},
};

/** The chunks' rows: the fence of all work (docs/adr/0002-ledger.md). */
export class ChunkRows {
  public constructor(
    private readonly rows: RowStore,
    private readonly clock: Clock,
  ) {}

  /** Tries first as if there were no row: then a first claim is one call, and a refusal brings the row that decides. */
  public claim(ref: GenerationRef, index: number, claimant: Claimant): Promise<ClaimResult> {
    const { assertLeased, attempt, leaseUntil, worker } = claimant;
    const call: ClaimCall = { worker, leaseUntil, attempt, claimCall: randomUUID() };
    const key = chunkKey(ref, index);
    return changeRow<ClaimResult>(this.rows, key, undefined, async (stored) => {
      const holder = toRow({ ...call, expiresAt: expiresAt(this.clock) });
      if (stored === undefined) return { change: checked(key, { set: { ...newChunk(index), ...holder, claim: 1 } }) };
      const row = readChunkRow(stored);
      if (row.state !== "open") return { answer: { status: row.state, row } };
      if (isOwnClaim(stored, call)) return { answer: { status: "claimed", row } };
      if (isOvertaken(row, call)) return { answer: { status: "overtaken", row } };
      const loss = await this.lossBefore(ref, row, call);
      if (isLeft(row, loss, claimant)) return { answer: { status: "left", row } };
      // last of all, after the call for the notice
      assertLeased?.();
      return { change: checked(key, { set: { ...loss.set, ...holder }, add: { ...loss.add, claim: 1 } }) };
    });
  }

  public async renew(ref: GenerationRef, index: number, claim: number, leaseUntil: number): Promise<Held> {
    return this.changeHeld(ref, index, claim, { set: { leaseUntil } });
  }

  /** No condition: the row is this claim's own, and that of a claim which is lost tells nothing any more. */
  public async intend(ref: GenerationRef, index: number, claim: number, position: number): Promise<void> {
    const key = intentKey(ref, index, claim);
    const row = { position, expiresAt: expiresAt(this.clock, INTENT_RETENTION_SECONDS) };
    await this.rows.update(key, checkedChange(storedIntentSchema, key, { set: row }));
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
    const { calls = 0, finishes, leaseUntil, outcomes, partial, slotMilliseconds } = group;
    const { row } = await this.update(
      chunkKey(ref, index),
      {
        set: { progress: group.group + 1, outcomes, state: finishes ? "finished" : "open", leaseUntil, strikes: 0 },
        add: { slotMilliseconds, ...(calls === 0 ? {} : { calls }) },
        remove: ["suspect"],
        ...(partial === undefined ? {} : { append: { partials: [toRow(partial)] } }),
      },
      { all: [claimIs(claim), { attribute: "progress", equals: group.group }, IS_OPEN, IS_WHOLE] },
    );
    // carried out just now or before its reply was lost: the row tells both alike
    return row !== undefined && isOwnLostReply(readChunkRow(row), claim, group) ? "committed" : "fenced";
  }

  public async close(ref: GenerationRef, index: number): Promise<ChunkRow> {
    const { state, ...others } = newChunk(index);
    const change = { set: { state: "closed", expiresAt: expiresAt(this.clock) }, setIfAbsent: others };
    const condition: RowCondition = {
      all: [
        IS_ABSENT_OR_WHOLE,
        {
          any: [
            { attribute: "state", is: "absent" },
            { attribute: "state", equals: state },
          ],
        },
      ],
    };
    return this.evenIfUnreadable(chunkKey(ref, index), () => this.update(chunkKey(ref, index), change, condition));
  }

  public async markAcknowledged(ref: GenerationRef, index: number): Promise<void> {
    await this.update(chunkKey(ref, index), { set: { acknowledged: true } }, IS_FINISHED);
  }

  public async countRedrive(ref: GenerationRef, index: number): Promise<ChunkRow> {
    const { redrives, ...others } = newChunk(index);
    const change = { setIfAbsent: { ...others, expiresAt: expiresAt(this.clock) }, add: { redrives: redrives + 1 } };
    return this.evenIfUnreadable(chunkKey(ref, index), () => this.update(chunkKey(ref, index), change, IS_ABSENT_OR_WHOLE));
  }

  public async get(ref: GenerationRef, index: number): Promise<ChunkRow | undefined> {
    const row = await this.rows.get(chunkKey(ref, index));
    return row === undefined ? undefined : readChunkRow(row);
  }

  public async *ofShard(ref: GenerationRef, shard: number): AsyncIterable<ChunkRow> {
    for await (const row of this.rows.query(shardPartition(ref, shard))) yield readChunkRow(row);
  }

  private async changeHeld(
    ref: GenerationRef,
    index: number,
    claim: number,
    change: RowChange,
    conditions: readonly RowCondition[] = [],
  ): Promise<Held> {
    const { status } = await this.update(chunkKey(ref, index), change, { all: [claimIs(claim), IS_OPEN, IS_WHOLE, ...conditions] });
    return status === "changed" ? "held" : "fenced";
  }

  private async update(key: RowKey, change: RowChange, condition?: RowCondition): Promise<RowUpdateResult> {
    return this.rows.update(key, withNextVersion(checked(key, change)), condition);
  }

  /**
   * A change that brings the row about where there is none. A row that can't be read takes no claim, but commits go by what it holds: it
   * is closed for them too, however little of it is as it should be. A change that such a row made fail is not to be repeated.
   */
  private async evenIfUnreadable(key: RowKey, change: () => Promise<RowUpdateResult>): Promise<ChunkRow> {
    const stored = await change().then(
      ({ row }) => row,
      async (error: unknown) => {
        const row = await this.rows.get(key);
        if (row === undefined || readChunkRow(row).unreadable === undefined) throw error;
        return row;
      },
    );
    if (stored === undefined) throw new Error(`row ${key.pk} / ${key.sk} was changed and is not there`);
    if (readChunkRow(stored).unreadable === undefined || stored["state"] === "closed") return readChunkRow(stored);
    const closing = { set: { state: "closed", expiresAt: expiresAt(this.clock) } };
    const { row } = await this.rows.update(key, closing, { attribute: "pk", is: "present" });
    // if its state alone was none, it is a closed chunk now, with what it had
    return readChunkRow(row ?? stored);
  }

  /** What taking an open chunk over adds to its row for the claim before. */
  private async lossBefore(ref: GenerationRef, row: ChunkRow, claimant: Claimant): Promise<Pick<RowChange, "add" | "set">> {
    const worker = lostWorker(row, claimant, this.clock.now());
    if (worker === undefined) return {};
    if ((await this.rows.get(spotNoticeKey(worker))) !== undefined) return lossOf(row, "explained");
    const intent = storedIntentSchema.safeParse(await this.rows.get(intentKey(ref, row.index, row.claim)));
    // one that can't be read tells as much as none
    return lossOf(row, { intended: intent.data?.position });
  }
}

const checked = (key: RowKey, change: RowChange): RowChange => checkedChange(storedChunkSchema, key, change);
