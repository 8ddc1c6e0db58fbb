import type { Split } from "../../contracts/files";
import type { ChunkRow } from "../../contracts/ledger-rows";
import type { ResultMessage } from "../../contracts/messages";
import type { BatchMetricFields } from "../../contracts/metrics";
import { present } from "../../../../kit/lib/present";
import { BoundWorkload } from "../../../../workloads/bound-workload";
import { WorkloadUnusableError } from "../../../../workloads/workload";
import { keyProblem } from "../workloads/key-limit";
import { stageOutputs } from "../workloads/staged-outputs";
import { stagedOutputKey } from "../../contracts/state-keys";
import { filenameIn } from "../sources/batch-sources";
import { workSplit, type WorkedSplit } from "./work-split";
import { acknowledgementsOf, chunkAcknowledgement, type PlannedBatch } from "./acknowledge-chunk";
import { givenUpOn, isCareful, worksAlone } from "./careful-mode";
import type { ChunkControl, StopCause } from "./chunk-control";
import type { ChunkDeps } from "./chunk-deps";
import { CommitGroupBuilder } from "./commit-group";
import { stopOnFailures } from "./failure-breaker";
import type { HeldClaim } from "./held-claim";
import { InPlace } from "./in-place";
import { putItems } from "./put-items";
import { ReadAhead } from "./read-ahead";

/** How a run ended; a cause means: told to stop, what was done is committed. */
type RunEnd = "finished" | "closed" | "fenced" | StopCause;
/** A split that another attempt may do better; thrown once what was settled before it is committed. */
interface Failure {
  readonly failure: unknown;
}

/** One slot's work on one claimed chunk. */
export class ChunkRun {
  private outcomes: string;
  private group: number;
  /** Splits that are still to be worked on in careful mode. */
  private carefulSplits: number;
  private readonly inPlace: InPlace;
  private readonly bound: BoundWorkload;
  private readonly ahead: ReadAhead;

  public constructor(
    private readonly deps: ChunkDeps,
    private readonly planned: PlannedBatch,
    private readonly row: ChunkRow,
    private readonly splits: readonly Split[],
    private readonly held: HeldClaim,
    private readonly control: ChunkControl,
  ) {
    this.outcomes = row.outcomes;
    this.group = row.progress;
    // whatever went wrong, it did so in a commit group that began with the first unsettled split
    this.carefulSplits = isCareful(row) ? deps.groupLimits.maximumSplits : 0;
    this.bound = BoundWorkload.ofRecord(planned.batch.workload);
    this.inPlace = new InPlace(deps, control, { ...held.ref, chunkIndex: held.index });
    this.ahead = new ReadAhead(deps.store, splits);
  }

  public async run(): Promise<RunEnd> {
    try {
      return await this.runGroups();
    } finally {
      await this.ahead.dispose();
    }
  }

  private async runGroups(): Promise<RunEnd> {
    if ((await this.settleGivenUp()) === "fenced") return "fenced";
    if (worksAlone(this.row) && this.outcomes.length < this.splits.length) await this.control.untilAlone();
    while (this.outcomes.length < this.splits.length) {
      const end = await this.runGroup();
      if (end !== "committed") return end;
    }
    if (this.planned.plan.acknowledgePer === "chunk") {
      await this.acknowledge([chunkAcknowledgement(this.held.ref, this.row.index, this.outcomes, this.splits)]);
    }
    return "finished";
  }

  /** Settles the split that the ledger has given up on, without touching it: a commit group of its own. */
  private async settleGivenUp(): Promise<"fenced" | undefined> {
    const verdict = givenUpOn(this.row);
    if (verdict === undefined) return undefined;
    const split = present(this.splits[this.outcomes.length], "the split that an unfinished chunk goes on with");
    const group = this.newGroup();
    this.logQuarantined(split, verdict);
    await group.add(split, verdict);
    return this.commit(group);
  }

  private async runGroup(): Promise<"committed" | RunEnd> {
    const group = this.newGroup();
    try {
      const filled = await this.fill(group);
      // what is settled may not count any more
      if (filled === "closed") return filled;
      if (group.settled.length > 0 && (await this.commit(group)) === "fenced") return "fenced";
      if (typeof filled === "object") throw filled.failure;
      if (this.isCareful) this.carefulSplits -= group.settled.length;
      return filled === "full" ? "committed" : filled;
    } finally {
      await group.dispose();
    }
  }

  private newGroup(): CommitGroupBuilder {
    const { clock, groupLimits } = this.deps;
    const deps = this.isCareful ? { ...this.deps, groupLimits: { ...groupLimits, maximumSplits: 1 } } : this.deps;
    return new CommitGroupBuilder(deps, this.bound, clock.monotonic());
  }

  /** Works on splits until the group is full or the chunk is through. */
  private async fill(group: CommitGroupBuilder): Promise<"full" | "closed" | StopCause | Failure> {
    const first = this.outcomes.length;
    for (const [place, split] of this.splits.slice(first).entries()) {
      if (group.isFull()) return "full";
      const stop = this.control.stopCause();
      if (stop !== undefined) return stop;
      const worked = await this.tryToWork(split, first + place);
      if (typeof worked === "string" || "failure" in worked) return worked;
      if (await this.tripsBreaker(split, worked)) return "closed";
      await group.add(split, worked);
      this.control.progressed();
    }
    return "full";
  }

  private async tryToWork(split: Split, position: number): Promise<WorkedSplit | "closed" | Failure> {
    try {
      const { generation } = await this.inPlace.call("a look at the generation", () => this.deps.watch.get(this.held.ref));
      if (generation.status !== "open") return "closed";
      // a file under suspicion is not to meet its like, and whoever reads it is to have said so
      if (this.isCareful) await this.intend();
      const working = this.work(split);
      // it asks first
      if (!this.isCareful) this.ahead.beginAfter(position);
      return await working;
    } catch (failure) {
      this.control.signal.throwIfAborted();
      if (failure instanceof WorkloadUnusableError) return this.closeFailed(`the workload can do no file: ${failure.message}`);
      return { failure };
    }
  }

  private get isCareful(): boolean {
    return this.carefulSplits > 0;
  }

  /** An intent is no fence: whoever stood still until its lease was over must not meet the next file. */
  private async intend(): Promise<void> {
    await this.inPlace.call("an intent", () => this.held.intend(this.outcomes.length));
    this.control.assertLeased();
  }

  private acknowledge(messages: readonly ResultMessage[]): Promise<void> {
    return this.inPlace.call("an acknowledgement", () => this.deps.acknowledge(messages));
  }

  private async work(split: Split): Promise<WorkedSplit> {
    const { deps, control } = this;
    const place = { chunkIndex: this.held.index, claim: this.held.claim, file: split.file };
    const filename = filenameIn(this.planned.batch.sources, split);
    const worked = await workSplit(
      { ...deps, store: this.ahead },
      { ...split, identity: split },
      () => this.bound,
      control.signal,
      async (outputs) => {
        const wrong = keyProblem(this.held.ref, { ...place, filename }, outputs);
        if (wrong !== undefined) return wrong;
        return this.inPlace.call("outputs", () =>
          stageOutputs(deps.store, deps.stateBucket, outputs, (name) => stagedOutputKey(this.held.ref, place, name)),
        );
      },
    );
    if (worked.status === "quarantined") this.logQuarantined(split, worked);
    return worked;
  }

  private logQuarantined({ bucket, key }: Split, { detail, reason }: { readonly reason: string; readonly detail: string }): void {
    this.deps.log("warn", "file_quarantined", { ...this.held.ref, bucket, key, reason, detail });
  }

  private async tripsBreaker(split: Split, worked: WorkedSplit): Promise<boolean> {
    const denied = worked.reason === "access-denied";
    if (!this.deps.breaker.record(this.held.ref, `${split.bucket}/${split.key}`, denied)) return false;
    const detail = `access denied on three files in a row, last s3://${split.bucket}/${split.key}; allow the role to read them`;
    await this.closeFailed(detail);
    return true;
  }

  /** No other attempt and no other file would do better. */
  private async closeFailed(detail: string): Promise<"closed"> {
    await this.deps.ledger.closeGeneration(this.held.ref, "failed", detail);
    this.deps.log("error", "generation_closed", { ...this.held.ref, cause: "failed", detail });
    return "closed";
  }

  /** @returns undefined when it is committed */
  private async commit(group: CommitGroupBuilder): Promise<"fenced" | undefined> {
    const { deps } = this;
    const { batch, plan } = this.planned;
    const { claim, index, ref } = this.held;
    const beganAt = deps.clock.monotonic();
    const partial = await this.inPlace.call("a partial", () => group.writePartial(ref, index, claim, this.group));
    await putItems(this.deps.results, this.inPlace, group.items(batch.batchId));
    this.control.signal.throwIfAborted();
    const outcomes = this.outcomes + group.settled.map(({ letter }) => letter).join("");
    const finishes = outcomes.length === this.splits.length;
    if (finishes) this.held.end();
    const commit = { group: this.group, outcomes, finishes, slotMilliseconds: group.ageMilliseconds(), partial };
    // what the process asked for since its last commit, of whichever chunk
    const calls = deps.calls.take();
    const result = await this.inPlace.call("a commit", () =>
      this.deps.ledger.commitGroup(ref, index, claim, { ...commit, calls, leaseUntil: this.control.leaseUntil() }),
    );
    if (result === "fenced") return "fenced";
    if (finishes) this.held.finish();
    this.deps.log("info", "group_committed", {
      ...ref,
      chunkIndex: index,
      claim,
      slotMilliseconds: Math.round(commit.slotMilliseconds),
      ...group.tally(),
      commitMilliseconds: Math.round(this.deps.clock.monotonic() - beganAt),
      finishedChunks: finishes ? 1 : 0,
    } satisfies BatchMetricFields<"group_committed">);
    const committed = outcomes.slice(this.outcomes.length);
    this.outcomes = outcomes;
    this.group += 1;
    if (plan.acknowledgePer !== "chunk") {
      await this.acknowledge(acknowledgementsOf(ref, batch.sources, group.settled));
    }
    await this.inPlace.call("a look at the failures", () => stopOnFailures(this.deps, ref, committed));
    return undefined;
  }
}
