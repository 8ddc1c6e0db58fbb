import { TASK_CASES } from "./task-cases";
import { STATE_CASES } from "./state-cases";
import { MAP_CASES } from "./map-cases";
import type { ConformanceCase } from "./conformance-case";

/** Every behaviour of Step Functions that the batch's outcome hangs on and that needs no Lambda. */
export const CONFORMANCE_CASES: readonly ConformanceCase[] = [...TASK_CASES, ...STATE_CASES, ...MAP_CASES];
