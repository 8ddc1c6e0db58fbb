import { z } from "zod";
import { AccessDeniedBreaker } from "../../core/chunk-work/access-denied-breaker";
import type { ChunkDeps } from "../../core/chunk-work/chunk-deps";
import { GenerationWatch } from "../../core/chunk-work/generation-watch";
import { generationRefSchema, planInputSchema, processChunkInputSchema } from "../../contracts/batch";
import { NEXT_RUN_REPAIRS } from "../../../../kit/function/asynchronous-events";
import type { LambdaName } from "../../contracts/names";
import { onStatusChange, statusChangeSchema } from "../../core/finish/on-status-change";
import { sweep } from "../../core/finish/sweep";
import { reconcile } from "../../core/reconcile/reconcile";
import { reduce } from "../../core/reduce/reduce";
import { report } from "../../core/report/report";
import { seal } from "../../core/seal/seal";
import { orchestrate } from "../../core/capacity/orchestrate";
import { plan } from "../../core/planning/plan";
import { attemptName, runProcessChunk } from "../../core/chunk-work/process-chunk-function";
import { noteInterruption, interruptionSchema } from "../../core/capacity/spot-interruption";
import { syncDecompressor } from "../../../../kit/simulator/memory/sync-decompressor";
import type { Capacity, Hosts } from "../../../../kit/ports/capacity";
import type { Invocation, SimFunction } from "./functions-service";
import type { BucketNames } from "./deployed-stack";
import type { WorldSettings } from "./settings";
import type { WorldPorts } from "./world-ports";

/** Where functions put temporary files; no disk is touched, see kit/simulator/memory/stand-ins. */
export const SCRATCH_DIRECTORY = "/scratch";
export const COUNTER_MEMORY_BYTES = 1_048_576;
export const DECOMPRESSION_LIMIT_BYTES = 1_048_576;

export interface FunctionsWorld {
  readonly names: BucketNames;
  readonly settings: WorldSettings;
  /** @param worker the id that the invocation claims chunks under */
  readonly portsOf: (invocation: Invocation, worker?: string) => WorldPorts;
  readonly capacityOf: (invocation: Invocation) => Capacity & Hosts;
  /** The version of the worker that is deployed. */
  readonly workerVersion: () => string;
  readonly invokeAsync: (name: LambdaName, payload: unknown) => void;
}

const sealInputSchema = generationRefSchema.extend({ error: z.object({ Error: z.string(), Cause: z.string().optional() }).optional() });

/** The real cores of all Lambdas, composed as their handlers do, on simulated services. */
export function simFunctions(world: FunctionsWorld): Readonly<Record<LambdaName, SimFunction>> {
  const { settings } = world;
  const short = (run: SimFunction["run"]): SimFunction => ({ timeoutSeconds: 60, run });
  const long = (run: SimFunction["run"]): SimFunction => ({ timeoutSeconds: 900, run });
  const sealDeps = (invocation: Invocation) => ({
    ...world.portsOf(invocation),
    stateBucket: world.names.state,
    directory: SCRATCH_DIRECTORY,
  });
  return {
    plan: long((payload, invocation) => {
      const { startedAt, ...ref } = planInputSchema.parse(payload);
      return plan(planDeps(world, invocation), ref, startedAt);
    }),
    "process-chunk": {
      timeoutSeconds: settings.lambdaTimeoutSeconds,
      run: (payload, invocation) => runProcessChunk(chunkDeps(world, payload, invocation), payload, invocation),
    },
    seal: long(async (payload, invocation) => {
      const { error, ...ref } = sealInputSchema.parse(payload);
      const deps = sealDeps(invocation);
      const { status } = await (error === undefined
        ? seal(deps, ref, "complete")
        : seal(deps, ref, "failed", `${error.Error}: ${error.Cause ?? "no cause given"}`));
      return { status };
    }),
    reduce: long(async (payload, invocation) => {
      const { queues } = world.portsOf(invocation);
      const deps = { ...sealDeps(invocation), memoryBytes: COUNTER_MEMORY_BYTES, acknowledge: acknowledgeOn(queues.results) };
      const { status } = await reduce(deps, generationRefSchema.parse(payload));
      return { status };
    }),
    report: short(async (payload, invocation) => {
      const ports = world.portsOf(invocation);
      const { type } = await report(
        { ...ports, stateBucket: world.names.state, resultsQueue: ports.queues.results },
        generationRefSchema.parse(payload),
      );
      return { type };
    }),
    finish: short(async (payload, invocation) => {
      const ports = world.portsOf(invocation);
      const event = statusChangeSchema.safeParse(payload);
      await (event.success ? onStatusChange(ports, event.data) : sweep(ports));
    }),
    orchestrate: {
      ...short((_payload, invocation) => {
        const ports = world.portsOf(invocation);
        return orchestrate({
          ...ports,
          jobs: ports.queues.jobs,
          chunks: ports.queues.chunks,
          capacity: world.capacityOf(invocation),
          jobsPerWorker: 10,
          slotsPerWorker: settings.slots,
        });
      }),
      asynchronousEvents: NEXT_RUN_REPAIRS,
    },
    reconcile: {
      ...long((_payload, invocation) => reconcile(reconcileDeps(world, invocation))),
      asynchronousEvents: NEXT_RUN_REPAIRS,
    },
    "spot-notices": short((payload, invocation) => noteInterruption(world.portsOf(invocation), interruptionSchema.parse(payload))),
  };
}

export const acknowledgeOn =
  (results: { send(bodies: readonly string[]): Promise<void> }): ChunkDeps["acknowledge"] =>
  (messages) =>
    results.send(messages.map((message) => JSON.stringify(message)));

function planDeps({ invokeAsync, names, portsOf, settings }: FunctionsWorld, invocation: Invocation): Parameters<typeof plan>[0] {
  return {
    ...portsOf(invocation),
    stateBucket: names.state,
    sourceBuckets: [names.source],
    directory: SCRATCH_DIRECTORY,
    writing: {
      targetChunkBytes: 1_000_000,
      maximumFilesPerChunk: settings.filesPerChunk,
      fileOverheadBytes: 0,
      splitBytes: settings.splitBytes,
      maximumFiles: 1_000,
    },
    limits: {
      fleetConcurrency: 40,
      lambdaConcurrency: 200,
      fleetTaskTimeoutSeconds: 21_600,
      lambdaTimeoutSeconds: settings.lambdaTimeoutSeconds,
      bytesPerSlotSecond: 20_000_000,
      slotsPerWorker: settings.slots,
      maximumWorkers: settings.maximumWorkers,
    },
    maximumOpenBatches: settings.maximumOpenBatches,
    wakeFleet: () => {
      invokeAsync("orchestrate", {});
      return Promise.resolve();
    },
  };
}

function chunkDeps({ names, portsOf, settings }: FunctionsWorld, payload: unknown, invocation: Invocation): ChunkDeps {
  const ports = portsOf(invocation, attemptOf(payload));
  return {
    ...ports,
    stateBucket: names.state,
    counting: {
      decompressor: syncDecompressor,
      memoryBytes: COUNTER_MEMORY_BYTES,
      directory: SCRATCH_DIRECTORY,
      decompressionLimitBytes: DECOMPRESSION_LIMIT_BYTES,
    },
    watch: new GenerationWatch(ports.ledger, ports.clock),
    breaker: new AccessDeniedBreaker(),
    groupLimits: groupLimitsOf(settings),
    acknowledge: acknowledgeOn(ports.queues.results),
  };
}

/** The id that an invocation of process-chunk claims under. */
export const attemptOf = (payload: unknown): string => attemptName(processChunkInputSchema.parse(payload));

export const groupLimitsOf = ({ groupSplits }: WorldSettings): ChunkDeps["groupLimits"] => ({
  maximumSplits: groupSplits,
  maximumBytes: 1_000_000,
  maximumMilliseconds: 20_000,
});

function reconcileDeps(
  { capacityOf, names, portsOf, settings, workerVersion }: FunctionsWorld,
  invocation: Invocation,
): Parameters<typeof reconcile>[0] {
  const ports = portsOf(invocation);
  return {
    ...ports,
    stateBucket: names.state,
    processingBucket: names.processing,
    reconcilePrefix: "",
    maximumObjects: 2,
    // a memory queue's own
    jobsRetentionSeconds: 345_600,
    slotsPerWorker: settings.slots,
    hosts: capacityOf(invocation),
    workerVersion: workerVersion(),
  };
}
