import { defineFunction } from "../../../kit/function/define-function";
import { interruptionSchema, noteInterruption } from "../../../systems/batch/core/capacity/spot-interruption";
import { ledger } from "../uses";

/** Run by EventBridge two minutes before EC2 takes a spot instance back. */
export const spotNoticesFunction = defineFunction({
  name: "spot-notices",
  description: "Notes in the ledger which instances EC2 takes back",
  input: interruptionSchema,
  uses: { ledger: ledger("put") },
  compose: (deps) => (event) => noteInterruption(deps, event),
});
