import type { LambdaName } from "../../../../lambdas/batch/functions";
import { MINUTE } from "./settings";

/** How often schedules run, in milliseconds (systems/batch/stack/workflow.ts). */
export const SCHEDULES: readonly { readonly target: LambdaName; readonly everyMilliseconds: number }[] = [
  { target: "orchestrate", everyMilliseconds: MINUTE },
  { target: "finish", everyMilliseconds: 5 * MINUTE },
  { target: "reconcile", everyMilliseconds: 5 * MINUTE },
];
