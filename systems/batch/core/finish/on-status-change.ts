import { z } from "zod";
import { finishGeneration, type FinishDeps } from "./finish-generation";
import { parseExecutionName } from "./execution-names";

/**
 * EventBridge event of an execution that didn't succeed.
 * https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
 */
export const statusChangeSchema = z.object({
  "detail-type": z.literal("Step Functions Execution Status Change"),
  detail: z.object({
    name: z.string(),
    status: z.enum(["FAILED", "TIMED_OUT", "ABORTED"]),
    error: z.string().nullish(),
    cause: z.string().nullish(),
  }),
});
export type StatusChange = z.output<typeof statusChangeSchema>;

/** Finish executions that are followed at once by the next when they fail; later ones wait for the sweep, whose period is the pause. */
const IMMEDIATE_ATTEMPTS = 2;

/** An execution of the machine ended without success: finishes its generation. */
export async function onStatusChange(deps: FinishDeps, { detail }: StatusChange): Promise<void> {
  const named = parseExecutionName(detail.name);
  if (named === undefined) {
    deps.log("warn", "foreign_execution_ignored", { name: detail.name, status: detail.status });
    return;
  }
  const { attempt, ref } = named;
  if (attempt !== undefined && attempt >= IMMEDIATE_ATTEMPTS) {
    deps.log("error", "finish_failed", { ...ref, attempt, status: detail.status });
    return;
  }
  if ((await deps.ledger.getGeneration(ref)) === undefined) {
    deps.log("warn", "unknown_generation_ignored", { ...ref, status: detail.status });
    return;
  }
  const reason = { cause: "failed", detail: `the workflow ended as ${detail.status}${reasonOf(detail)}` } as const;
  const outcome = await finishGeneration(deps, ref, reason);
  deps.log("info", "status_change_handled", { ...ref, attempt, status: detail.status, outcome });
}

const reasonOf = ({ error, cause }: StatusChange["detail"]): string =>
  [error, cause].flatMap((part) => (part === null || part === undefined || part === "" ? [] : [`: ${part}`])).join("");
