import { newChunk } from "../../systems/batch/core/ledger/stored-chunk";
import { OUTCOME_LETTERS, type ChunkRow } from "../../systems/batch/contracts/ledger-rows";
import { readChunkRow } from "../../systems/batch/core/ledger/stored-chunk";
import { LEASE_TOLERANCE_MILLISECONDS } from "../../systems/batch/core/ledger/claim-rules";
import type { Clock } from "../../kit/ports/clock";
import type { Row, RowChange, RowCondition, RowKey, RowQuery, RowStore, RowUpdateResult } from "../../kit/ports/row-store";

const LETTERS = Object.keys(OUTCOME_LETTERS).join("");

/** Looks at every change that a chunk's row really undergoes and holds it against the invariants, with a bookkeeping of its own. */
export class ChunkWatch implements RowStore {
  public readonly noticed = new Set<string>();
  /** Claims that gave themselves up. */
  private readonly givenUp = new Set<number>();
  /** Positions by claim, with the time they were noted at. */
  private readonly intents = new Map<number, readonly { readonly position: number; readonly at: number }[]>();
  /** Changes seen of each kind, so that a test can tell that it came to them. */
  public readonly seen = { claims: 0, deaths: 0, spotLosses: 0, releases: 0, commits: 0, closings: 0 };

  public constructor(
    private readonly rows: RowStore,
    private readonly clock: Clock,
  ) {}

  public get(key: RowKey): Promise<Row | undefined> {
    return this.rows.get(key);
  }
  public put(key: RowKey, row: Row): Promise<void> {
    return this.rows.put(key, row);
  }
  public createAll(rows: readonly { readonly key: RowKey; readonly row: Row }[]): Promise<boolean> {
    return this.rows.createAll(rows);
  }
  public query(pk: string, options?: RowQuery): AsyncIterable<Row> {
    return this.rows.query(pk, options);
  }
  public async update(key: RowKey, change: RowChange, condition?: RowCondition): Promise<RowUpdateResult> {
    // both calls are decided at once: nothing comes between them
    const [stored, result] = await Promise.all([this.rows.get(key), this.rows.update(key, change, condition)]);
    if (key.pk.includes("#INTENT#")) this.noteIntent(key, result.row);
    else if (result.status === "changed") this.look(stored === undefined ? undefined : readChunkRow(stored), readChunkRow(result.row));
    return result;
  }

  private noteIntent({ sk }: RowKey, row: Row | undefined): void {
    const claim = Number(sk.slice("CLAIM#".length));
    const noted = { position: Number(row?.["position"]), at: this.clock.now() };
    this.intents.set(claim, [...(this.intents.get(claim) ?? []), noted]);
  }

  /** What a death may make of the suspect: of an intent that is noted while the chunk is taken over, both are right. */
  private suspectsAfter({ claim, outcomes, suspect }: ChunkRow): unknown[] {
    const noted = this.intents.get(claim) ?? [];
    const earlier = noted.filter(({ at }) => at < this.clock.now()).at(-1);
    return [earlier, ...noted.filter(({ at }) => at >= this.clock.now())].map((intent) => {
      if (intent === undefined || intent.position < outcomes.length) return suspect;
      const { position } = intent;
      return { position, deaths: suspect?.position === position ? suspect.deaths + 1 : 1 };
    });
  }

  private look(stored: ChunkRow | undefined, after: ChunkRow): void {
    const before: ChunkRow = stored ?? { ...NOTHING, index: after.index };
    const isCommit = after.progress !== before.progress;
    expect(after.index).toBe(before.index);
    this.lookAtClaim(before, after);
    this.lookAtRelease(before, after, isCommit);
    if (isCommit) this.lookAtCommit(before, after);
    else {
      expect([after.outcomes, after.partials, after.slotMilliseconds]).toEqual([before.outcomes, before.partials, before.slotMilliseconds]);
      expect(after.state === before.state || (before.state === "open" && after.state === "closed")).toBe(true);
      if (after.state !== before.state) this.seen.closings += 1;
    }
    // after its end nothing but the dead-letter queue's count changes
    if (before.state !== "open") expect({ ...after, redrives: before.redrives }).toEqual(before);
  }

  private lookAtClaim(before: ChunkRow, after: ChunkRow): void {
    const { claim, holder } = before;
    const isClaim = after.claim !== claim;
    const isOver = holder !== undefined && holder.leaseUntil - LEASE_TOLERANCE_MILLISECONDS <= this.clock.now();
    const isLoss = isClaim && isOver && !this.givenUp.has(claim);
    const isSpot = isLoss && this.noticed.has(holder.worker);
    expect(after.claim).toBe(isClaim ? claim + 1 : claim);
    expect(after.deaths - before.deaths).toBe(isLoss && !isSpot ? 1 : 0);
    if (isClaim) expect(after.spotLosses - before.spotLosses).toBe(isSpot ? 1 : 0);
    else if (claim > 0) expect(after.holder?.worker).toBe(holder?.worker);
    if (isLoss && !isSpot) expect(this.suspectsAfter(before)).toContainEqual(after.suspect);
    else if (after.progress === before.progress) {
      expect(after.suspect).toEqual(before.suspect);
    }
    this.seen.claims += isClaim ? 1 : 0;
    this.seen.deaths += isLoss && !isSpot ? 1 : 0;
    this.seen.spotLosses += isSpot ? 1 : 0;
  }

  private lookAtRelease(before: ChunkRow, after: ChunkRow, isCommit: boolean): void {
    const { released } = after;
    const isRelease = released !== undefined && released.claim !== before.released?.claim;
    if (!isRelease) {
      expect(released).toEqual(before.released);
      if (!isCommit) expect(after.strikes).toBe(before.strikes);
      return;
    }
    expect(this.givenUp.has(released.claim)).toBe(false);
    expect(released.claim).toBe(before.claim);
    expect(after.strikes - before.strikes).toBe(released.cause === "failed" || released.cause === "no-progress" ? 1 : 0);
    expect(after.spotLosses - before.spotLosses).toBe(released.cause === "spot" ? 1 : 0);
    this.givenUp.add(released.claim);
    this.seen.releases += 1;
  }

  private lookAtCommit(before: ChunkRow, after: ChunkRow): void {
    expect(before.state).toBe("open");
    expect(after.progress).toBe(before.progress + 1);
    expect(after.outcomes.slice(0, before.outcomes.length)).toBe(before.outcomes);
    expect(after.outcomes.length).toBeGreaterThan(before.outcomes.length);
    expect(Array.from(after.outcomes).filter((letter) => !LETTERS.includes(letter))).toEqual([]);
    expect(after.partials.slice(0, -1)).toEqual(before.partials);
    // the newest claim's, and nobody else's
    expect(after.partials.at(-1)).toMatchObject({ claim: before.claim, group: before.progress });
    expect(after.slotMilliseconds).toBeGreaterThan(before.slotMilliseconds);
    expect([after.strikes, after.suspect]).toEqual([0, undefined]);
    expect(["open", "finished"]).toContain(after.state);
    this.seen.commits += 1;
  }
}

const NOTHING: ChunkRow = newChunk(0);
