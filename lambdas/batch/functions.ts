import { finishFunction } from "./finish/function";
import { mergeRangeFunction } from "./merge-range/function";
import { orchestrateFunction } from "./orchestrate/function";
import { planFunction } from "./plan/function";
import { processChunkFunction } from "./process-chunk/function";
import { processUploadFunction } from "./process-upload/function";
import { reconcileFunction } from "./reconcile/function";
import { reduceFunction } from "./reduce/function";
import { reportFunction } from "./report/function";
import { sealFunction } from "./seal/function";
import { spotNoticesFunction } from "./spot-notices/function";

/** Every function of the batch system: one for each folder here (a test compares). */
export const BATCH_FUNCTIONS = [
  planFunction,
  processChunkFunction,
  processUploadFunction,
  sealFunction,
  mergeRangeFunction,
  reduceFunction,
  reportFunction,
  finishFunction,
  orchestrateFunction,
  reconcileFunction,
  spotNoticesFunction,
] as const;

export type BatchFunction = (typeof BATCH_FUNCTIONS)[number];
export type LambdaName = BatchFunction["name"];
export const LAMBDA_NAMES: readonly LambdaName[] = BATCH_FUNCTIONS.map(({ name }) => name);
