import { z } from "zod";
import { NEXT_RUN_REPAIRS } from "../../../kit/function/asynchronous-events";
import { defineFunction } from "../../../kit/function/define-function";
import { SETTING_RANGES } from "../../../systems/batch/contracts/setting-ranges";
import { orchestrate } from "../../../systems/batch/core/capacity/orchestrate";
import { capacity, ledger, onDemandCapacity, onDemandChunks, queue } from "../uses";

/** Run by its schedule each minute and by each plan for the fleet; what is in the event doesn't matter. */
export const orchestrateFunction = defineFunction({
  name: "orchestrate",
  description: "Raises the fleet's capacity to what queues and plans ask for",
  input: z.unknown(),
  settings: z.strictObject({ jobsPerWorker: SETTING_RANGES.jobsPerWorker, slotsPerWorker: SETTING_RANGES.slotsPerWorker }),
  uses: {
    // before it wakes a fleet it looks whether all that waits is S3's test event
    jobs: queue("jobs", "readDepth", "consume"),
    chunks: queue("chunks", "readDepth"),
    ledger: ledger("query", "get"),
    capacity,
    onDemandChunks: onDemandChunks("readDepth"),
    onDemandCapacity,
  },
  asynchronousEvents: NEXT_RUN_REPAIRS,
  compose:
    ({ onDemandCapacity: more, onDemandChunks: waiting, settings, ...ports }) =>
    () =>
      orchestrate({
        ...ports,
        ...settings,
        ...(waiting === undefined || more === undefined ? {} : { onDemand: { chunks: waiting, capacity: more } }),
      }),
});
