import { createHash } from "node:crypto";
import type { GenerationRef } from "../../contracts/batch";
import type { BatchRecord, GenerationRecord } from "../../contracts/ledger-rows";
import { receiptKey, resultKey, resultsKey, sealedKey } from "../../contracts/state-keys";
import { BatchStateError } from "../stored-batch/errors";
import { generationsUpTo } from "../stored-batch/generations-up-to";
import type { Ledger } from "../../ports/ledger";
import type { ObjectStore } from "../../../../kit/ports/object-store";
import type { ResultStore } from "../../ports/result-store";
import { readBlocks } from "../../../../kit/lib/read-blocks";
import { sealNameOf } from "../stored-batch/sealed-name";
import { rebuild, type Rebuilt } from "../reduce/rebuild";
import { completionText } from "../report/report";
import { isPlanned } from "../stored-batch/sealed-files";
import { BoundWorkload } from "../../../../workloads/bound-workload";
import type { Sessions } from "../workloads/sessions";
import { withSessions } from "../workloads/with-sessions";
import { checkChunks, checkManifest } from "./check-plan";
import { checkSubmission } from "./check-submission";
import { TableCheck } from "./check-table";
import { Recount, type RecountOptions } from "./recount";
import { StoredLines } from "./stored-lines";
import { check, type Check, type Finding, type Verification } from "./verification";
import { withScratchFolder } from "../../../../kit/folders/scratch-folder";

export interface VerifyPorts {
  readonly ledger: Ledger;
  readonly store: ObjectStore;
  readonly results: ResultStore;
  readonly stateBucket: string;
  /** Existing folder for temporary files. */
  readonly directory: string;
  /** Memory the merge may take before it spills to disk. */
  readonly memoryBytes: number;
  /** @default no source file is read again */
  readonly recount?: RecountOptions;
}

const NOT_MADE = "not made, because what it is held against can't be made again";

/**
 * Holds a reported generation against what is stored: reads manifest, chunks, sealed chunks and partials again, makes results and
 * receipt from them without writing anything, and compares. A false receipt is a check that fails, never an error. Memory does not
 * depend on the number of files.
 *
 * @throws what says nothing about the batch: network, access, an unknown batch
 */
export async function verifyBatch(ports: VerifyPorts, ref: GenerationRef): Promise<Verification> {
  const batch = await ports.ledger.getBatch(ref.batchId);
  const generation = await ports.ledger.getGeneration(ref);
  if (batch === undefined || generation === undefined) {
    throw new BatchStateError(`the ledger has no generation ${ref.generation} of batch ${ref.batchId}`);
  }
  const ledger = await check("ledger", () => Promise.resolve(ledgerFinding(generation)));
  if (generation.status !== "sealed") return verification(ref, [ledger]);
  return withScratchFolder(ports.directory, async (directory) => {
    const stored = [ledger, ...(await planChecks(ports, batch, generation)), await check("sealed", () => sealedFinding(ports, generation))];
    const remade = await withSessions({ ...ports, directory }, (sessions) =>
      new Remake({ ...ports, sessions }, batch, generation, directory).checks(),
    );
    return verification(ref, [...stored, ...remade]);
  });
}

const verification = (ref: GenerationRef, checks: readonly Check[]): Verification => ({
  ref,
  holds: checks.every(({ holds }) => holds),
  checks,
});

function ledgerFinding({ completion, completionSentAt, generation, status }: GenerationRecord): Finding {
  const counts = { generation };
  if (status !== "sealed") return { counts, wrong: `the generation is ${status}; only a sealed one can be verified` };
  if (completion === undefined || completionSentAt === undefined) return { counts, wrong: "the generation is sealed but not reported" };
  return { counts };
}

async function planChecks({ stateBucket, store }: VerifyPorts, batch: BatchRecord, generation: GenerationRecord): Promise<Check[]> {
  if (!isPlanned(generation)) return [];
  return [
    await check("manifest", () => checkManifest(store, stateBucket, generation)),
    await check("chunks", () => checkChunks(store, stateBucket, generation)),
    ...(batch.submission === undefined ? [] : [await check("submission", () => checkSubmission(store, stateBucket, batch, generation))]),
  ];
}

async function sealedFinding({ stateBucket, store }: VerifyPorts, generation: GenerationRecord): Promise<Finding> {
  const name = sealNameOf(generation);
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const block of readBlocks(store, stateBucket, sealedKey(generation, name))) {
    hash.update(block);
    bytes += block.length;
  }
  const found = hash.digest("hex");
  if (found === name.sealedSha256) return { counts: { bytes } };
  return { counts: { bytes }, wrong: `what was sealed hashes to ${found}, META says ${name.sealedSha256}` };
}

/** Makes a generation's documents again and compares. */
class Remake {
  private readonly table: TableCheck;
  private readonly recount: Recount | undefined;

  public constructor(
    private readonly ports: VerifyPorts & { readonly sessions: Sessions },
    private readonly batch: BatchRecord,
    private readonly generation: GenerationRecord,
    private readonly directory: string,
  ) {
    const bound = BoundWorkload.ofRecord(batch.workload);
    this.table = new TableCheck(ports.results, bound);
    if (ports.recount !== undefined) {
      this.recount = new Recount(ports.store, bound, ports.sessions, ports.recount, generation.files?.processed ?? 0);
    }
  }

  public async checks(): Promise<Check[]> {
    const stored = new StoredLines(this.ports, resultsKey(this.generation));
    let rebuilt: Rebuilt | undefined;
    const partials = await check("partials", async () => {
      rebuilt = await this.remake(stored);
      return { counts: { files: rebuilt.result.files.total, outputs: rebuilt.result.outputs.files } };
    });
    const results = await check("results", () => (rebuilt === undefined ? notMade() : stored.finish()));
    return [partials, results, ...(await this.documents(rebuilt)), ...(await this.outside(rebuilt))];
  }

  private async remake(stored: StoredLines): Promise<Rebuilt> {
    const { batch, directory, ports } = this;
    const generations = await generationsUpTo(ports.ledger, this.generation);
    return rebuild({ ...ports, ranges: "made", directory, batch, generations }, async (file, result) => {
      await stored.compare(result);
      await this.table.add(file, result);
      await this.recount?.add(file, result);
    });
  }

  private async documents(rebuilt: Rebuilt | undefined): Promise<Check[]> {
    const { generation, ports } = this;
    const made = (look: (rebuilt: Rebuilt) => Promise<Finding>) => () => (rebuilt === undefined ? notMade() : look(rebuilt));
    return [
      await check(
        "result",
        made(async ({ result }) => this.sameText(resultKey(generation), JSON.stringify(result))),
      ),
      await check(
        "receipt",
        made(async ({ receipt }) => this.sameText(receiptKey(generation), receipt)),
      ),
      await check(
        "completion",
        made(({ result }) => {
          const expected = completionText(generation, result, ports.stateBucket);
          const wrong = "the completion message in META is not the one that these results make";
          return Promise.resolve({ counts: { messages: 1 }, ...(generation.completion === expected ? {} : { wrong }) });
        }),
      ),
    ];
  }

  private async outside(rebuilt: Rebuilt | undefined): Promise<Check[]> {
    const { recount } = this;
    return [
      await check("table", () => (rebuilt === undefined ? notMade() : this.table.finish())),
      ...(recount === undefined
        ? []
        : [await check("recount", () => (rebuilt === undefined ? notMade() : Promise.resolve(recount.finish())))]),
    ];
  }

  private async sameText(key: string, expected: string): Promise<Finding> {
    const parts: Uint8Array[] = [];
    for await (const block of readBlocks(this.ports.store, this.ports.stateBucket, key)) parts.push(block);
    const stored = Buffer.concat(parts);
    const counts = { bytes: stored.length };
    return stored.equals(Buffer.from(expected)) ? { counts } : { counts, wrong: `${key} is not what the partials and the ledger make` };
  }
}

const notMade = (): Promise<Finding> => Promise.resolve({ counts: {}, wrong: NOT_MADE });
