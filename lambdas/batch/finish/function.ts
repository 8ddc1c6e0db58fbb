import { z } from "zod";
import { defineFunction } from "../../../kit/function/define-function";
import { onStatusChange, statusChangeSchema } from "../../../systems/batch/core/finish/on-status-change";
import { sweep } from "../../../systems/batch/core/finish/sweep";
import { ledger, workflow } from "../uses";

/** Run by two EventBridge rules: executions that ended without success, and a schedule. */
export const finishFunction = defineFunction({
  name: "finish",
  description: "Ends generations whose execution ended without a report",
  input: z.union([statusChangeSchema, z.object({ "detail-type": z.literal("Scheduled Event") })]),
  uses: { ledger: ledger("get", "update", "query"), workflow },
  compose: (deps) => async (event) => {
    if ("detail" in event) await onStatusChange(deps, event);
    else await sweep(deps);
  },
});
