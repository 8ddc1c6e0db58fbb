import { defineFunction } from "../../../kit/function/define-function";
import { generationRefSchema } from "../../../systems/batch/contracts/batch";
import { EVENT_METRICS } from "../../../systems/batch/contracts/metrics";
import { BATCHES_PREFIX } from "../../../systems/batch/contracts/state-keys";
import { report } from "../../../systems/batch/core/report/report";
import { ledger, objectStore, queue, stateBucket } from "../uses";

export const reportFunction = defineFunction({
  name: "report",
  description: "Sends a generation's completion message",
  input: generationRefSchema,
  metrics: { batch_reported: EVENT_METRICS.batch_reported },
  uses: {
    ledger: ledger("get", "update"),
    store: objectStore,
    stateBucket: stateBucket(["read", "list"], BATCHES_PREFIX),
    resultsQueue: queue("results", "send"),
  },
  compose: (deps) => async (ref) => {
    const { type } = await report(deps, ref);
    return { type };
  },
});
