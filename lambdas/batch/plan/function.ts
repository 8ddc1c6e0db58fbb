import { z } from "zod";
import { defineFunction } from "../../../kit/function/define-function";
import { planInputSchema } from "../../../systems/batch/contracts/batch";
import { SETTING_RANGES } from "../../../systems/batch/contracts/setting-ranges";
import { BATCHES_PREFIX } from "../../../systems/batch/contracts/state-keys";
import { plan } from "../../../systems/batch/core/planning/plan";
import { folder, invoke, ledger, objectStore, sourceBuckets, stateBucket } from "../uses";

const {
  bytesPerSlotSecond,
  fileOverheadBytes,
  fleetConcurrency,
  fleetTaskTimeoutSeconds,
  lambdaConcurrency,
  maximumFiles,
  maximumFilesPerChunk,
  maximumOpenBatches,
  maximumWorkers,
  partialsPerRange,
  slotsPerWorker,
  splitBytes,
  targetChunkBytes,
} = SETTING_RANGES;

export const planFunction = defineFunction({
  name: "plan",
  description: "Freezes a batch's manifest, packs chunks, proves the plan against the limits, chooses the route",
  input: planInputSchema,
  settings: z.strictObject({
    writing: z.strictObject({ targetChunkBytes, maximumFilesPerChunk, fileOverheadBytes, splitBytes, maximumFiles }),
    limits: z.strictObject({
      fleetConcurrency,
      lambdaConcurrency,
      fleetTaskTimeoutSeconds,
      /** Of process-chunk. */
      lambdaTimeoutSeconds: z.int().min(60).max(900),
      bytesPerSlotSecond,
      slotsPerWorker,
      maximumWorkers,
      partialsPerRange,
    }),
    maximumOpenBatches,
  }),
  uses: {
    ledger: ledger("get", "update", "put"),
    store: objectStore,
    // a resume reads what earlier generations left
    stateBucket: stateBucket(["read", "list", "write"], BATCHES_PREFIX),
    sourceBuckets,
    // at the end of a plan for the fleet, so that it wakes without waiting for its schedule
    orchestrator: invoke("orchestrate", "ORCHESTRATE_FUNCTION_NAME"),
    withFolder: folder,
  },
  compose:
    ({ orchestrator, settings, withFolder, ...ports }) =>
    ({ startedAt, ...ref }) =>
      withFolder((directory) => plan({ ...ports, ...settings, directory, wakeFleet: () => orchestrator.invokeAsync({}) }, ref, startedAt)),
});
