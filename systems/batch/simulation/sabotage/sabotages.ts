import { HOST_SABOTAGES } from "./host-sabotages";
import { INGEST_SABOTAGES } from "./ingest-sabotages";
import { MERGE_SABOTAGES } from "./merge-sabotages";
import { ON_DEMAND_SABOTAGES } from "./on-demand-sabotages";
import { OUTPUT_SABOTAGES } from "./output-sabotages";
import { REPAIR_SABOTAGES } from "./repair-sabotages";
import { before, instead, type Sabotage } from "../../../../kit/simulator/survey/sabotage";
import { FEEDBACK_SABOTAGES } from "./feedback-sabotages";
import { SCALING_SABOTAGES } from "./scaling-sabotages";

export type { Sabotage } from "../../../../kit/simulator/survey/sabotage";

const SLOT = "worker/slot.ts";
const RUN = "systems/batch/core/chunk-work/chunk-run.ts";
const CHUNK_ROWS = "systems/batch/core/ledger/chunk-rows.ts";
const SEAL = "systems/batch/core/seal/seal.ts";
const SLOT_WORKS = "    const end = await processChunk(";
const RUN_COMMITS = "    const commit = { group: this.group,";
const RUN_PUTS_ITEMS = "    await putItems(this.deps.results, this.inPlace, group.items(batch.batchId));\n";

const SEAL_YIELDS = `    for (const index of indexes) {
      const row = present(rows.get(index), "a chunk's row, finished or just closed,");
      if (row.unreadable !== undefined) log("error", "chunk_row_unreadable", { ...ref, chunkIndex: index, problem: row.unreadable });
      work.add(row);
      yield sealedLineOf(row);
    }`;
const SEAL_CLOSES = "rows.set(index, await ledger.closeChunk(ref, index));";

/** Makes pointers to whatever lies under a chunk's prefix, as a listing would find it. */
const LISTED_PARTIALS = `    for (const row of indexes.map((index) => rows.get(index))) {
      const partials = [];
      for await (const { key, size } of store.list(stateBucket, \`\${generationPrefix(ref)}partials/\${row.index}/\`)) {
        const [claim, group] = key.slice(key.lastIndexOf("/") + 1).split("-").map(Number);
        const pieces = [];
        for await (const piece of (await store.get(stateBucket, key)).body) pieces.push(piece);
        const bytes = Buffer.concat(pieces);
        // a line of JSON begins with a brace, what was merged with this byte
        const sectionOffset = bytes.indexOf(Buffer.from([0x0a, 0x89])) + 1 || bytes.length;
        partials.push({ claim, group, bytes: size, sectionOffset, splits: 1 });
      }
      yield { ...sealedLineOf(row), partials };
    }`;

export const SABOTAGES: readonly Sabotage[] = [
  {
    name: "delete-before-commit",
    breaks: "a slot deletes its message before it works on the chunk",
    patches: [before(SLOT, SLOT_WORKS, "    await lease.queue.delete([lease.message]);\n")],
  },
  {
    name: "acknowledge-before-commit",
    breaks: "files are acknowledged before their commit",
    patches: [before(RUN, RUN_COMMITS, "    await this.deps.acknowledge(acknowledgementsOf(ref, batch.sources, group.settled));\n")],
  },
  {
    name: "callback-before-commit",
    breaks: "a slot answers the task before it works on the chunk",
    patches: [before(SLOT, SLOT_WORKS, '    await this.callBack(job, token, "finished");\n')],
  },
  {
    name: "item-after-commit",
    breaks: "the items of the table come after the commit that counts them",
    patches: [
      instead(RUN, RUN_PUTS_ITEMS, ""),
      before(RUN, '    if (result === "fenced") return "fenced";\n', `    if (result !== "fenced") ${RUN_PUTS_ITEMS.trimStart()}`),
    ],
  },
  {
    name: "no-generation-in-keys",
    breaks: "all generations of a batch write under the same keys",
    patches: [
      instead("systems/batch/contracts/state-keys.ts", "`batches/${ref.batchId}/g${ref.generation}/`", "`batches/${ref.batchId}/g1/`"),
    ],
  },
  {
    name: "no-claim-condition",
    provokedBy: ["worker-paused"],
    breaks: "a commit does not ask whether its claim is the newest",
    patches: [instead(CHUNK_ROWS, '{ all: [claimIs(claim), { attribute: "progress"', '{ all: [{ attribute: "progress"')],
  },
  {
    name: "close-only-meta",
    breaks: "seal closes META but not the rows of the chunks",
    patches: [instead(SEAL, SEAL_CLOSES, "rows.set(index, rows.get(index) ?? (await ledger.closeChunk(ref, index)));")],
  },
  {
    name: "partials-listed",
    breaks: "what counts is what a listing finds, not what the rows point to",
    patches: [
      instead(
        SEAL,
        "async function* closeAll({ ledger, log }: SealDeps,",
        "async function* closeAll({ ledger, log, stateBucket, store }: SealDeps,",
      ),
      instead(SEAL, SEAL_YIELDS, LISTED_PARTIALS),
      instead(
        SEAL,
        "import { countedPartialsKey, rangesKey, sealedKey } from",
        "import { countedPartialsKey, generationPrefix, rangesKey, sealedKey } from",
      ),
    ],
  },
  {
    name: "lease-without-progress",
    breaks: "leases are renewed whether there is progress or not",
    patches: [instead("worker/lease-keeper.ts", "    this.dropStalled();\n", "")],
  },
  {
    name: "own-lost-reply-as-fenced",
    breaks: "a commit whose reply was lost is taken for another slot's",
    patches: [
      instead(
        "systems/batch/core/ledger/commit-rules.ts",
        "row.claim === claim && row.progress === group.group + 1",
        "false && row.claim === claim && row.progress === group.group + 1",
      ),
    ],
  },
  {
    name: "fenced-slot-deletes",
    breaks: "a slot that lost its claim deletes the message all the same",
    patches: [
      instead(
        SLOT,
        "        // another slot holds the chunk: its message, too, is none of ours\n",
        "        await lease.queue.delete([lease.message]);\n",
      ),
    ],
  },
  {
    name: "deaths-counted-by-receives",
    breaks: "every receive of a message that another one had counts somebody dead",
    patches: [
      instead(
        "systems/batch/core/ledger/claim-rules.ts",
        "return holder.leaseUntil - LEASE_TOLERANCE_MILLISECONDS <= now ? holder.worker : undefined;",
        "return holder.worker;",
      ),
    ],
  },
  {
    name: "older-attempts-claim",
    provokedBy: ["lambda-invoked-twice"],
    shownBy: 417,
    breaks: "an invocation that comes after a newer attempt takes the chunk from it",
    patches: [
      instead(
        "systems/batch/core/ledger/claim-rules.ts",
        "attempt !== undefined && holder?.attempt !== undefined && attempt < holder.attempt;",
        "false;",
      ),
    ],
  },
  {
    name: "no-intent",
    breaks: "careful mode says nothing before it works on a file",
    patches: [
      instead(RUN, "if (this.isCareful) await this.intend();", "if (this.isCareful && this.outcomes === undefined) await this.intend();"),
    ],
  },
  {
    name: "count-before-seal",
    breaks: "what is sealed was read before the rows were closed",
    patches: [
      instead(SEAL, SEAL_CLOSES, "const row = await ledger.closeChunk(ref, index);\n      rows.set(index, rows.get(index) ?? row);"),
    ],
  },
  {
    name: "message-before-record",
    breaks: "the completion message is sent before it is recorded",
    patches: [
      before(
        "systems/batch/core/report/report.ts",
        "  const stored = await deps.ledger.putCompletion(",
        "  await deps.resultsQueue.send([completionText(generation, result, deps.stateBucket)]);\n",
      ),
    ],
  },
  {
    name: "split-file-from-some-ranges",
    breaks: "a split file counts as soon as one of its ranges does",
    patches: [
      instead(
        "systems/batch/core/stored-batch/sealed-files.ts",
        "  if (outcomes.length < parts.length) {",
        "  if (outcomes.length === 0) {",
      ),
    ],
  },
  {
    name: "nothing-released",
    breaks: "slots give chunks up without a word",
    patches: [
      instead(
        "systems/batch/core/chunk-work/held-claim.ts",
        "this.released ??= this.finished ? Promise.resolve() : this.writeRelease(cause);",
        "this.released ??= Promise.resolve();",
      ),
    ],
  },
  {
    name: "delete-before-callback",
    breaks: "the collector deletes a message before its task is answered",
    patches: [before("worker/collector.ts", "      await callBack?.();\n", "      await this.deletionsOf(queue).add([message]);\n")],
  },
  {
    name: "content-not-checked",
    breaks: "workers read what is there, not what the plan froze",
    patches: [instead(RUN, "{ ...split, identity: split }", "{ ...split }")],
  },
  {
    name: "processed-again",
    shownBy: 101,
    breaks: "a resumed generation plans processed files again",
    patches: [
      instead(
        "systems/batch/core/planning/resumed-files.ts",
        'if (status === "unfinished")',
        'if (status === "unfinished" || status === "processed")',
      ),
    ],
  },
  {
    name: "no-sweep",
    breaks: "nobody looks for generations that nobody reports",
    patches: [
      instead(
        "systems/batch/core/finish/sweep.ts",
        "  const refs = await openOrRecent(deps, places);\n",
        "  const refs = (await openOrRecent(deps, places)).slice(0, 0);\n",
      ),
    ],
  },
  {
    name: "no-drain",
    breaks: "a worker that is idle by its clock retires whatever its slots do",
    patches: [
      instead("worker/worker.ts", "this.busy.size > 0 || this.deps.rests() ? 0 : ", ""),
      instead("worker/worker.ts", "    await Promise.all(this.busy.keys());\n", ""),
      instead("worker/worker.ts", "    await this.deps.collector.drain();\n", ""),
    ],
  },
  {
    name: "ended-before-drained",
    provokedBy: ["instance-ended"],
    breaks: "a worker lets its group end the instance as soon as it hears of it, whatever its slots do",
    patches: [before("worker/termination.ts", "  ending.abort();\n", "  await completeTermination(deps, ended);\n")],
  },
  {
    name: "group-kept-waiting",
    breaks: "a worker that retired doesn't tell its group that there is nothing to wait for",
    patches: [instead("worker/compose.ts", 'if (end === "retired" || ending.signal.aborted)', "if (ending.signal.aborted)")],
  },
  {
    name: "day-clock-durations",
    breaks: "a commit group's time is taken by the day's clock, and stored whatever it is",
    patches: [
      instead(
        "systems/batch/core/chunk-work/commit-group.ts",
        "this.deps.clock.monotonic() - this.startedAt",
        "this.deps.clock.now() - this.startedAt",
      ),
      instead(RUN, "new CommitGroupBuilder(deps, this.bound, clock.monotonic())", "new CommitGroupBuilder(deps, this.bound, clock.now())"),
      instead(CHUNK_ROWS, "checkedChange(storedChunkSchema, key, change);", "change;"),
    ],
  },
  {
    name: "unreadable-row-thrown",
    breaks: "a row that can't be read is an error of whoever walks over the rows",
    patches: [
      instead(
        CHUNK_ROWS,
        " yield readChunkRow(row);",
        " { const read = readChunkRow(row); if (read.unreadable !== undefined) throw new Error(read.unreadable); yield read; }",
      ),
    ],
  },
  ...HOST_SABOTAGES,
  ...REPAIR_SABOTAGES,
  ...OUTPUT_SABOTAGES,
  ...FEEDBACK_SABOTAGES,
  ...SCALING_SABOTAGES,
  ...INGEST_SABOTAGES,
  ...ON_DEMAND_SABOTAGES,
  ...MERGE_SABOTAGES,
];
