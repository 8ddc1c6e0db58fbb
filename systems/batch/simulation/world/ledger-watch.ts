import type { GenerationRef } from "../../contracts/batch";
import { generationRecordSchema, type ChunkRow, type GenerationRecord } from "../../contracts/ledger-rows";
import { MAXIMUM_STRIKES } from "../../core/chunk-work/careful-mode";
import { partialKey } from "../../contracts/state-keys";
import { DEMAND_PARTITION } from "../../core/ledger/row-keys";
import { attemptsSchema } from "../../core/ledger/upload-attempts";
import type { UploadAttempt } from "../../ports/ledger";
import { readChunkRow } from "../../core/ledger/stored-chunk";
import type { ResultStore } from "../../ports/result-store";
import type { Row, RowChange, RowCondition, RowKey, RowQuery, RowStore, RowUpdateResult } from "../../../../kit/ports/row-store";
import { RESULTS_CLIENT, type SimProcess } from "../../../../kit/simulator/kernel/sim-process";
import type { Facts, ServiceViews } from "./facts";
import { idOf } from "./facts";

export interface LedgerWatchWorld {
  readonly rows: RowStore;
  readonly results: ResultStore;
  readonly facts: Facts;
  readonly views: ServiceViews;
  readonly hasObject: (key: string) => boolean;
  readonly now: () => number;
  /** Losses to spot capacity from which on this worker, for it is on spot capacity, leaves a chunk. undefined: none */
  readonly leavesAfter: (worker: string) => number | undefined;
  /** Each worker has one slot. */
  readonly worksOneByOne: boolean;
}

interface Claimed {
  readonly worker: string;
  readonly at: number;
}

/** What is remembered of claims and intents, over all processes. */
export class LedgerHistory {
  private readonly claims = new Map<string, Claimed>();
  private readonly intents = new Map<string, Claimed[]>();
  private readonly uploadAttempts = new Map<string, Claimed>();

  public claimed(chunk: string, claim: number, claimed: Claimed): void {
    this.claims.set(`${chunk}#${claim}`, claimed);
  }
  public claimOf(chunk: string, claim: number): Claimed | undefined {
    return this.claims.get(`${chunk}#${claim}`);
  }
  public intended(chunk: string, position: number, claimed: Claimed): void {
    const id = `${chunk}@${position}`;
    this.intents.set(id, [...(this.intents.get(id) ?? []), claimed]);
  }
  public intentsOn(chunk: string, position: number): readonly Claimed[] {
    return this.intents.get(`${chunk}@${position}`) ?? [];
  }
  public begunUpload(attemptId: string, claimed: Claimed): void {
    if (!this.uploadAttempts.has(attemptId)) this.uploadAttempts.set(attemptId, claimed);
  }
  public uploadAttempt(attemptId: string): Claimed | undefined {
    return this.uploadAttempts.get(attemptId);
  }
}

/** The ledger's table, with an eye on every change that one process makes in it. */
export class WatchedRowStore implements RowStore {
  /** @param worker the id that this process claims under */
  public constructor(
    private readonly world: LedgerWatchWorld,
    private readonly history: LedgerHistory,
    private readonly worker: string,
    private readonly process: Pick<SimProcess, "lastFault">,
  ) {}

  public get(key: RowKey): Promise<Row | undefined> {
    return this.world.rows.get(key);
  }
  public put(key: RowKey, row: Row): Promise<void> {
    const { capacity, until } = row;
    if (key.pk === DEMAND_PARTITION && typeof capacity === "number" && typeof until === "number")
      this.world.facts.demands.set(key.sk, { capacity, from: this.world.now(), until: until * 1_000 });
    return this.world.rows.put(key, row);
  }
  public createAll(rows: readonly { readonly key: RowKey; readonly row: Row }[]): Promise<boolean> {
    return this.world.rows.createAll(rows);
  }
  public query(pk: string, options?: RowQuery): AsyncIterable<Row> {
    return this.world.rows.query(pk, options);
  }

  public async update(key: RowKey, change: RowChange, condition?: RowCondition): Promise<RowUpdateResult> {
    const before = await this.world.rows.get(key);
    const result = await this.world.rows.update(key, change, condition);
    if (result.status === "changed") {
      if (key.pk === DEMAND_PARTITION) this.lookAtWithdrawal(key);
      for (const { id, worker } of begunIn(key, result.row)) this.history.begunUpload(id, { worker, at: this.world.now() });
      await this.look(key, before, result.row);
    }
    return result;
  }

  private lookAtWithdrawal({ sk }: RowKey): void {
    const demand = this.world.facts.demands.get(sk);
    if (demand !== undefined) demand.until = Math.min(demand.until, this.world.now());
  }

  private async look(key: RowKey, before: Row | undefined, after: Row): Promise<void> {
    const ref = generationOf(key);
    if (ref === undefined) return;
    if (key.sk === "META") this.lookAtGeneration(ref, before, after);
    else if (key.sk.startsWith("CHUNK#")) {
      const row = readChunkRow(after);
      await this.lookAtChunk(ref, before === undefined ? undefined : readChunkRow(before), row);
    }
  }

  private lookAtGeneration(ref: GenerationRef, earlier: Row | undefined, later: Row): void {
    const { facts } = this.world;
    const before = earlier === undefined ? undefined : generationRecordSchema.parse(earlier);
    const after = generationRecordSchema.parse(later);
    if (before === undefined) return;
    const order = ["open", "closed", "sealed"];
    if (order.indexOf(after.status) < order.indexOf(before.status))
      facts.violate(1, `${idOf(ref)} went from ${before.status} to ${after.status}`);
    const frozen: readonly (keyof GenerationRecord)[] = ["plan", "closeCause", "files", "sealedSha256", "completion"];
    for (const name of frozen) {
      if (before[name] !== undefined && JSON.stringify(before[name]) !== JSON.stringify(after[name]))
        facts.violate(name === "completion" ? 2 : 1, `${name} of ${idOf(ref)} was changed after it was set`);
    }
  }

  private async lookAtChunk(ref: GenerationRef, before: ChunkRow | undefined, after: ChunkRow): Promise<void> {
    // nothing is known of what is
    if (after.unreadable !== undefined) return;
    const chunk = `${idOf(ref)}/${after.index}`;
    // a claim may be what makes a garbled row readable again
    if (after.claim > 0 && this.history.claimOf(chunk, after.claim) === undefined)
      this.history.claimed(chunk, after.claim, { worker: this.worker, at: this.world.now() });
    // or of what was there
    if (before?.unreadable !== undefined) return;
    this.lookAtLosses(chunk, before, after);
    if (after.claim > (before?.claim ?? 0)) this.lookAtCapacity(chunk, after);
    if (before !== undefined && after.strikes > before.strikes) this.lookAtStrike(chunk);
    if (
      JSON.stringify([before?.outcomes ?? "", before?.progress ?? 0, before?.partials ?? []]) !==
      JSON.stringify([after.outcomes, after.progress, after.partials])
    ) {
      await this.lookAtCommit(ref, chunk, before, after);
    }
  }

  /**
   * A service that is throttled must not bring a chunk into careful mode, which asks it for more: a slowdown would sustain itself. Who does
   * one thing at a time gives up for the call that got no answer, if none was answered since. A worker also renews claims meanwhile, but it
   * puts items for a commit only.
   */
  private lookAtStrike(chunk: string): void {
    const { lastFault } = this.process;
    const isInvocation = this.worker.startsWith("lambda:");
    const isOfCommit = isInvocation ? lastFault?.service === "dynamodb" : lastFault?.operation === `PutItem${RESULTS_CLIENT}`;
    if (lastFault !== undefined && isOfCommit && (isInvocation || this.world.worksOneByOne))
      this.world.facts.violate(7, `chunk ${chunk} has a strike because DynamoDB took no ${lastFault.operation}`);
  }

  /** What spot capacity keeps losing it tries again only when on-demand capacity was waited for in vain. */
  private lookAtCapacity(chunk: string, { spotLosses }: ChunkRow): void {
    const { facts, leavesAfter } = this.world;
    const most = leavesAfter(this.worker);
    if (most !== undefined && spotLosses >= most && !facts.onAnyCapacity.has(chunk))
      facts.violate(7, `chunk ${chunk} was lost to spot capacity ${spotLosses} times, and ${this.worker} tries it there again`);
  }

  private lookAtLosses(chunk: string, before: ChunkRow | undefined, after: ChunkRow): void {
    if (before === undefined || after.deaths === before.deaths) return;
    const claimed = this.history.claimOf(chunk, before.claim);
    if (this.world.facts.sawTimeWrong(this.worker, claimed?.worker ?? "")) return;
    // who gave its claim up and could not write so looks lost to the ledger
    if (this.world.facts.couldNotRelease.has(claimed?.worker ?? "")) return;
    if (after.deaths !== before.deaths + 1 || claimed === undefined || !this.world.facts.wasLostSince(claimed.worker, claimed.at)) {
      this.world.facts.violate(
        7,
        `chunk ${chunk} counts ${after.deaths} deaths, but ${claimed?.worker ?? "nobody"} was not lost under claim ${before.claim}`,
      );
    }
  }

  private async lookAtCommit(ref: GenerationRef, chunk: string, before: ChunkRow | undefined, after: ChunkRow): Promise<void> {
    const { facts } = this.world;
    if (before === undefined || before.state !== "open") {
      facts.violate(5, `chunk ${chunk} was ${before?.state ?? "absent"} and took a commit`);
      return;
    }
    if (!after.outcomes.startsWith(before.outcomes) || after.progress !== before.progress + 1)
      facts.violate(
        3,
        `chunk ${chunk}: outcomes '${before.outcomes}' became '${after.outcomes}', progress ${before.progress} became ${after.progress}`,
      );
    if (before.holder?.worker !== this.worker)
      facts.violate(
        3,
        `chunk ${chunk} took a commit of ${this.worker} while ${before.holder?.worker ?? "nobody"} held claim ${before.claim}`,
      );
    const meta = await this.world.views.generation(ref);
    if (meta?.status === "sealed") facts.violate(5, `chunk ${chunk} took a commit after its generation was sealed`);
    for (const pointer of after.partials.slice(before.partials.length)) {
      const key = partialKey(ref, after.index, pointer.claim, pointer.group);
      if (!this.world.hasObject(key)) facts.violate(4, `chunk ${chunk} points to ${key}, which is not there`);
    }
    await this.lookAtSettled(ref, chunk, before, after);
  }

  private async lookAtSettled(ref: GenerationRef, chunk: string, before: ChunkRow, after: ChunkRow): Promise<void> {
    const plan = await this.world.views.plan(ref);
    const splits = plan?.chunks[after.index];
    if (splits === undefined || after.outcomes.length > splits.length) {
      this.world.facts.violate(1, `chunk ${chunk} settled ${after.outcomes.length} splits of ${splits?.length ?? 0}`);
      return;
    }
    for (let position = before.outcomes.length; position < after.outcomes.length; position += 1) {
      const split = splits[position];
      const letter = after.outcomes.charAt(position);
      if (split === undefined) continue;
      if (letter === "P" && split.range === undefined) {
        const [item] = await this.world.results.get([`${split.bucket}/${split.key}`]);
        if (item === undefined || item.lastModified < split.lastModified)
          this.world.facts.violate(4, `'${split.key}' counts as processed in ${chunk} before its item is in the table`);
      }
      if (letter === "k") this.lookAtKiller(chunk, position, split.key);
      if (letter === "w" && before.strikes < MAXIMUM_STRIKES)
        this.world.facts.violate(7, `'${split.key}' of ${chunk} is given up after ${before.strikes} strikes`);
    }
  }

  /** Two workers must really have been lost while they said that they work on this split. */
  private lookAtKiller(chunk: string, position: number, key: string): void {
    const intents = this.history.intentsOn(chunk, position);
    if (this.world.facts.sawTimeWrong(this.worker, ...intents.map(({ worker }) => worker))) return;
    const lost = intents.filter(({ worker, at }) => this.world.facts.wasLostSince(worker, at));
    if (lost.length < 2)
      this.world.facts.violate(7, `'${key}' of ${chunk} is quarantined as kills-worker after ${lost.length} deaths on it`);
  }
}

/** Attempts at an upload that a row tells of, none where it is a row of another kind. */
function begunIn({ sk }: RowKey, row: Row): UploadAttempt[] {
  return sk.startsWith("ATTEMPTS#") ? attemptsSchema.parse(row).begun : [];
}

/** The generation that a row belongs to, undefined for one of no generation. */
export function generationOf({ pk }: RowKey): GenerationRef | undefined {
  const [, batchId, generation] = /^BATCH#([^#]+)#G(\d+)(?:#\d+)?$/.exec(pk) ?? [];
  return batchId === undefined ? undefined : { batchId, generation: Number(generation) };
}
