import { LEASE_MILLISECONDS } from "../../support/batch-world";
import { sessionsIn } from "../../support/word-count";
import { undisturbedControl } from "../../support/undisturbed";
import { PLAN_LIMITS } from "../../support/plan-limits";
import { nodeZlib } from "../../../kit/aws/node-zlib";
import { AccessDeniedBreaker } from "../../../systems/batch/core/chunk-work/access-denied-breaker";
import type { ChunkDeps } from "../../../systems/batch/core/chunk-work/chunk-deps";
import { GenerationWatch } from "../../../systems/batch/core/chunk-work/generation-watch";
import { processChunk } from "../../../systems/batch/core/chunk-work/process-chunk";
import { chunkLineSchema, type GenerationRef } from "../../../systems/batch/contracts/batch";
import { chunksKey } from "../../../systems/batch/contracts/state-keys";
import { reduce } from "../../../systems/batch/core/reduce/reduce";
import { report } from "../../../systems/batch/core/report/report";
import { seal } from "../../../systems/batch/core/seal/seal";
import { plan } from "../../../systems/batch/core/planning/plan";
import type { PlanDeps } from "../../../systems/batch/core/planning/plan-deps";
import { OUTPUTS, type Harness } from "../../systems/batch/cli/harness";
import { uncounted } from "../../support/fakes/call-meter";
import { testFaults } from "../../support/fakes/service-faults";
import type { Dice } from "./dice";
import { UNPACKED_LIMIT_BYTES } from "./generate";

const MIB = 1_048_576;

/** Cuts and packs files in its own way; the answer is to be the same in each. */
export interface Packing {
  readonly splitBytes: number;
  readonly maximumFilesPerChunk: number;
  readonly groupSplits: number;
}

/** Makes the harness's stack work for real, in memory: plan, chunks in any order, seal, reduce and report are those that are deployed. */
export function makeItWork(harness: Harness, directory: string, packing: Packing, dice: Dice): void {
  harness.finishes = false;
  const start = harness.workflow.start.bind(harness.workflow);
  harness.workflow.start = async (ref) => {
    const started = await start(ref);
    await work(harness, directory, packing, dice, ref);
    return started;
  };
}

async function work(harness: Harness, directory: string, packing: Packing, dice: Dice, ref: GenerationRef): Promise<void> {
  const { clock, ledger, objects: store, queue, results } = harness;
  const common = {
    ledger,
    store,
    clock,
    results,
    stateBucket: OUTPUTS.state_bucket,
    directory,
    faults: testFaults,
    calls: uncounted,
    log: () => undefined,
  };
  const send: ChunkDeps["acknowledge"] = (messages) => queue.send(messages.map((message) => JSON.stringify(message)));
  const { outcome } = await plan(planDepsOf(common, packing), ref);
  const planned = (await ledger.getGeneration(ref))?.plan;
  if (planned === undefined) throw new Error(`the plan of a tree came to '${outcome}'`);
  const chunks = store.text(common.stateBucket, chunksKey(ref, planned)).split("\n").filter(Boolean);
  for (const line of dice.shuffled(chunks)) {
    const end = await processChunk(
      chunkDepsOf(common, packing, send),
      ref,
      chunkLineSchema.parse(JSON.parse(line)),
      undisturbedControl(clock, LEASE_MILLISECONDS),
    );
    if (end !== "finished") throw new Error(`a chunk of a tree came to '${end}'`);
  }
  await seal(common, ref, "complete");
  await reduce({ ...common, memoryBytes: 4 * MIB, acknowledge: send }, ref);
  await report({ ...common, resultsQueue: queue }, ref);
}

const planDepsOf = (
  common: Pick<PlanDeps, "ledger" | "store" | "clock" | "stateBucket" | "directory" | "log">,
  { maximumFilesPerChunk, splitBytes }: Packing,
): PlanDeps => ({
  ...common,
  sourceBuckets: [OUTPUTS.uploading_bucket],
  writing: { targetChunkBytes: MIB, maximumFilesPerChunk, fileOverheadBytes: 1_000, splitBytes, maximumFiles: 10_000 },
  limits: PLAN_LIMITS,
  maximumOpenBatches: 2,
  wakeFleet: () => Promise.resolve(),
});

const chunkDepsOf = (
  {
    directory,
    ...common
  }: Omit<ChunkDeps, "room" | "sessions" | "watch" | "breaker" | "groupLimits" | "acknowledge"> & { directory: string },
  { groupSplits }: Packing,
  acknowledge: ChunkDeps["acknowledge"],
): ChunkDeps => ({
  ...common,
  sessions: sessionsIn({ ...common, directory }),
  room: { decompressor: nodeZlib, memoryBytes: 4 * MIB, directory, decompressionLimitBytes: UNPACKED_LIMIT_BYTES },
  watch: new GenerationWatch(common.ledger, common.clock),
  breaker: new AccessDeniedBreaker(),
  groupLimits: { maximumSplits: groupSplits, maximumBytes: 64 * MIB, maximumMilliseconds: 20_000 },
  acknowledge,
});
