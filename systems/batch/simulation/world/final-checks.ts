import { checkOutputs } from "./check-outputs";
import { fileWordsSchema } from "../../../../workloads/word-count/results";
import { wordTotalSchema } from "../../../../workloads/word-count/workload";
import { createHash } from "node:crypto";
import { z } from "zod";
import { batchResultSchema, fileResultSchema, type BatchResult, type FileResult } from "../../contracts/files";
import { sealedLineSchema, type GenerationRecord, type SealedLine } from "../../contracts/ledger-rows";
import { batchCompletionSchema } from "../../contracts/messages";
import { batchFileMessageId, chunkMessageId, completionMessageId } from "../../contracts/acknowledgement";
import type { GenerationRef } from "../../contracts/batch";
import { receiptKey, resultKey, resultsKey, sealedKey } from "../../contracts/state-keys";
import { exceeds } from "../../core/failures/failure-limit";
import { sealNameOf } from "../../core/stored-batch/sealed-name";
import { RowLedger } from "../../core/ledger/row-ledger";
import { verifyBatch } from "../../core/verify/verify-batch";
import { present } from "../../../../kit/lib/present";
import { idOf } from "./facts";
import { checkUploads } from "./check-uploads";
import { linesOf, type PlanIndex } from "./plan-index";
import { COUNTER_MEMORY_BYTES } from "./function-settings";
import { SCRATCH_DIRECTORY } from "./functions";
import { MAXIMUM_GENERATIONS } from "./operator";
import { topOf } from "./sim-files";
import type { Upload } from "./uploads";
import type { World } from "./world";

/** Checks a world that came to its end: what the messages, the results, the table and the receipts say against what is true. */
export async function checkEnd(
  world: World,
  batchIds: readonly string[],
  uploads: readonly Upload[],
  isQuiet: boolean,
): Promise<{ readonly generations: number; readonly files: number }> {
  let generations = 0;
  let files = 0;
  for (const batchId of batchIds) {
    const states = new Map<string, FileResult>();
    for (let generation = 1; ; generation += 1) {
      const ref = { batchId, generation };
      const meta = await world.views.generation(ref);
      if (meta === undefined) break;
      generations += 1;
      files += await new GenerationCheck(world, ref, meta, states).run();
    }
    if (isQuiet) checkOutputs(world, batchId, states.values());
  }
  if (isQuiet) await checkUploads(world, uploads);
  return { generations, files };
}

class GenerationCheck {
  private readonly id: string;

  public constructor(
    private readonly world: World,
    private readonly ref: GenerationRef,
    private readonly meta: GenerationRecord,
    /** States of the batch's files as of the generation before; this one's go in. */
    private readonly states: Map<string, FileResult>,
  ) {
    this.id = idOf(ref);
  }

  /** Nothing went wrong, and no file killed a worker or stalled it: then everything is said exactly once. */
  private get isUndisturbed(): boolean {
    return this.world.faults.isUndisturbed && !this.world.facts.hasLosses && this.world.expectations.hangingCount === 0;
  }

  /** @returns the files looked at */
  public async run(): Promise<number> {
    if (this.meta.status !== "sealed" || this.meta.completionSentAt === undefined) {
      this.violate(2, `${this.id} is ${this.meta.status} and was not reported`);
      return 0;
    }
    const plan = await this.world.views.plan(this.ref);
    const results = this.lines(resultsKey(this.ref)).map((line) => fileResultSchema.parse(line));
    const result = batchResultSchema.parse(JSON.parse(this.world.store.text(this.world.names.state, resultKey(this.ref))));
    this.checkCompletion();
    if (plan === undefined) {
      this.checkUnplanned(results);
    } else {
      this.checkManifest(plan);
      this.checkFiles(plan, results, result);
      this.checkTotals(plan, results, result);
      await this.checkSealed(plan);
      await this.checkFailureLimit(result);
    }
    await this.checkReceipt();
    return results.length;
  }

  /** Who is told that too many files failed finds as many in quarantine, and only the generation that was submitted has such a limit. */
  private async checkFailureLimit({ files, status }: BatchResult): Promise<void> {
    if (this.meta.closeDetail?.includes("--stop-after-failures") !== true) return;
    const limit = (await new RowLedger(this.world.rows, this.world.time).getBatch(this.ref.batchId))?.failureLimit;
    if (limit === undefined || this.ref.generation > 1 || status !== "failed" || !exceeds(limit, files.quarantined, files.total)) {
      this.violate(1, `${this.id} is ${status} for its failures, and ${files.quarantined} of ${files.total} files are quarantined`);
    }
  }

  /** A generation that ended before it was planned changed no file's state. */
  private checkUnplanned(results: readonly FileResult[]): void {
    const before = [...this.states.values()];
    const isSame =
      results.length === before.length &&
      results.every(({ filename, status }, index) => before[index]?.filename === filename && before[index].status === status);
    if (!isSame)
      this.violate(
        1,
        `${this.id} was never planned, but its ${results.length} results are not the ${before.length} of the generation before`,
      );
  }

  /**
   * A plan of less than what was submitted would be a smaller batch that looks whole. Where objects were submitted, some may have been
   * deleted before it was made.
   */
  private checkManifest({ manifest }: PlanIndex): void {
    const { expectations, facts } = this.world;
    const { bringsFiles, keys } = present(facts.submitted.get(this.ref.batchId), `what was submitted as ${this.id}`);
    const planned = new Set(manifest.map(({ key }) => key));
    for (const key of planned) if (!keys.has(key)) this.violate(1, `${this.id} has '${key}', which was not submitted`);
    for (const key of keys) {
      if (!planned.has(key) && (bringsFiles || !expectations.wasDeleted(key)))
        this.violate(1, `'${key}' was submitted and is not in the manifest of ${this.id}`);
    }
  }

  private checkCompletion(): void {
    const copies = this.world.facts.sent.get(completionMessageId(this.ref)) ?? [];
    if (copies.length === 0) this.violate(2, `${this.id} was marked reported, but no completion message was sent`);
    if (this.isUndisturbed && copies.length !== 1)
      this.violate(2, `${this.id} was undisturbed and has ${copies.length} completion messages`);
  }

  private checkFiles(plan: PlanIndex, results: readonly FileResult[], { status }: BatchResult): void {
    if (results.length !== plan.manifest.length)
      this.violate(1, `${this.id} has ${plan.manifest.length} files and ${results.length} results`);
    for (const [index, file] of plan.manifest.entries()) {
      const result = results[index];
      if (result === undefined || !file.key.endsWith(result.filename)) {
        this.violate(1, `${this.id}: the result of '${file.key}' is missing`);
        continue;
      }
      const before = this.states.get(file.key);
      this.states.set(file.key, result);
      const objection = this.world.expectations.objection(file, result);
      if (objection !== undefined) this.violate(1, `${this.id}: '${file.key}' is ${result.status} (${result.reason ?? ""}): ${objection}`);
      if (result.status === "unfinished" && status === "completed")
        this.violate(1, `${this.id} is completed although '${file.key}' is unfinished`);
      if (result.status === "unfinished" && this.isUndisturbed && this.meta.closeCause === "complete")
        this.violate(1, `${this.id} was undisturbed, and nobody worked on '${file.key}'`);
      if (before?.status === "processed" && JSON.stringify(before) !== JSON.stringify(result))
        this.violate(1, `${this.id}: '${file.key}' was processed before and has another result now`);
      this.checkCounts(file, result);
      this.checkAcknowledgement(plan, file.file, file.carriedFrom !== undefined, result);
    }
  }

  private checkCounts(file: PlanIndex["manifest"][number], result: FileResult): void {
    if (result.status !== "processed") return;
    const expected = this.world.expectations.countsOf(file);
    if (expected === undefined) return;
    const words = topOf(expected.words, this.world.settings.top);
    const counted = fileWordsSchema.parse(result.result);
    const isSame =
      expected.totalWords === counted.totalWords &&
      expected.words.size === counted.distinctWords &&
      JSON.stringify(words) === JSON.stringify(counted.words);
    if (!isSame)
      this.violate(
        3,
        `${this.id}: '${file.key}' counts ${counted.totalWords} words (${counted.distinctWords} distinct), it has ${expected.totalWords} (${expected.words.size})`,
      );
  }

  private checkAcknowledgement(plan: PlanIndex, file: number, isCarried: boolean, { filename, status }: FileResult): void {
    const copies = this.world.facts.sent.get(batchFileMessageId(this.ref, file)) ?? [];
    if (isCarried) {
      if (copies.length > 0) this.violate(3, `${this.id}: '${filename}' is settled since an earlier generation and was acknowledged again`);
      return;
    }
    if (status === "unfinished") return;
    const [place, ...more] = plan.placesOf(file);
    const byFile = this.meta.plan?.acknowledgePer === "file" || place === undefined || more.length > 0;
    if (byFile && copies.length === 0) this.violate(4, `${this.id}: '${filename}' was never acknowledged`);
    if (this.isUndisturbed && this.meta.closeCause === "complete" && copies.length > 1)
      this.violate(4, `${this.id} was undisturbed and acknowledged '${filename}' ${copies.length} times`);
  }

  /** What was sealed is what the rows still say: nothing was committed after the count. */
  private async checkSealed(plan: PlanIndex): Promise<void> {
    const bytes = this.world.store.bytes(this.world.names.state, sealedKey(this.ref, sealNameOf(this.meta)));
    if (sha256(bytes) !== this.meta.sealedSha256) this.violate(1, `what was sealed of ${this.id} is not what META says`);
    const sealed = linesOf(bytes).map((line) => sealedLineSchema.parse(line));
    this.checkDeaths(sealed);
    if (sealed.length !== plan.chunks.length) this.violate(1, `${this.id} has ${plan.chunks.length} chunks, ${sealed.length} are sealed`);
    for (const line of sealed) {
      const row = await this.world.views.chunkRow(this.ref, line.index);
      if (line.unreadable !== undefined) this.checkUnreadable(line);
      // garbled before the generation was sealed, yet after its row was read
      if (row?.unreadable !== undefined) continue;
      const isSame =
        row !== undefined &&
        row.state !== "open" &&
        JSON.stringify([row.outcomes, row.partials]) === JSON.stringify([line.outcomes, line.partials]);
      if (!isSame) this.violate(5, `chunk ${this.id}/${line.index} is not any more what was sealed`);
      if (line.finished && this.meta.plan?.acknowledgePer === "chunk" && !this.world.facts.sent.has(chunkMessageId(this.ref, line.index)))
        this.violate(4, `chunk ${this.id}/${line.index} is finished and was never acknowledged`);
    }
  }

  /** A chunk whose row could not be read counts nothing, and was garbled by somebody: the program writes what it can read. */
  private checkUnreadable({ finished, index, outcomes, unreadable }: SealedLine): void {
    if (!this.world.facts.hasGarbledRows || finished || outcomes !== "")
      this.violate(1, `chunk ${this.id}/${index} is sealed as '${outcomes}' with a row that can't be read: ${unreadable ?? ""}`);
  }

  /**
   * Where nothing but files kills, a killer takes three workers in a generation: the one that met it first and two that said so. Every
   * claim which those held counts a death, at worst one of each chunk; more of them means that a killer is not found (invariant 7).
   */
  private checkDeaths(sealed: readonly SealedLine[]): void {
    if (this.world.faults.mayLose) return;
    const most = 3 * MAXIMUM_GENERATIONS * this.world.expectations.killerCount;
    for (const { deaths, index } of sealed) {
      if (deaths > most)
        this.violate(7, `chunk ${this.id}/${index} counts ${deaths} deaths, the world has ${this.world.expectations.killerCount} killers`);
    }
  }

  private checkTotals(plan: PlanIndex, results: readonly FileResult[], result: BatchResult): void {
    const merged = new Map<string, number>();
    let totalWords = 0;
    for (const [index, { status }] of results.entries()) {
      const file = plan.manifest[index];
      const counts = status === "processed" && file !== undefined ? this.world.expectations.countsOf(file) : undefined;
      if (counts === undefined) continue;
      totalWords += counts.totalWords;
      for (const [word, count] of counts.words) merged.set(word, (merged.get(word) ?? 0) + count);
    }
    const counted = wordTotalSchema.parse(result.result);
    const isSame =
      totalWords === counted.totalWords &&
      merged.size === counted.distinctWords &&
      JSON.stringify(topOf(merged, this.world.settings.top)) === JSON.stringify(counted.words);
    if (!isSame)
      this.violate(
        3,
        `${this.id} counts ${counted.totalWords} words in all (${counted.distinctWords} distinct), its processed files have ${totalWords} (${merged.size})`,
      );
    for (const status of ["processed", "skipped", "quarantined", "unfinished"] as const) {
      const found = results.filter((line) => line.status === status).length;
      if (result.files[status] !== found) this.violate(1, `${this.id} says ${result.files[status]} files are ${status}, ${found} are`);
    }
  }

  private async checkReceipt(): Promise<void> {
    const completion = batchCompletionSchema.parse(JSON.parse(z.string().parse(this.meta.completion)));
    const bytes = this.world.store.bytes(this.world.names.state, receiptKey(this.ref));
    if (sha256(bytes) !== completion.receipt.sha256)
      this.violate(1, `the receipt of ${this.id} is not the one that its completion message names`);
    const { checks } = await verifyBatch(
      {
        ledger: new RowLedger(this.world.rows, this.world.time),
        store: this.world.store,
        results: this.world.results,
        stateBucket: this.world.names.state,
        directory: SCRATCH_DIRECTORY,
        memoryBytes: COUNTER_MEMORY_BYTES,
      },
      this.ref,
    );
    for (const { detail, holds, name } of checks)
      if (!holds) this.violate(1, `verify says of ${this.id} that '${name}' does not hold: ${detail ?? ""}`);
  }

  private lines(key: string): unknown[] {
    return linesOf(this.world.store.bytes(this.world.names.state, key));
  }

  private violate(invariant: number, problem: string): void {
    this.world.facts.violate(invariant, problem);
  }
}

const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
