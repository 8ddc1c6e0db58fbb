import type { Workload } from "../../../workloads/workload";
import { wordCount } from "../../../workloads/word-count/workload";
import { countingWithOutputs } from "./world/counting-with-outputs";

/** In place of workloads/registry.ts in the simulated worlds (scripts/build/simulator-bundle.mjs): programs need real processes. */
export const WORKLOADS: readonly Workload<unknown, unknown, unknown>[] = [wordCount, countingWithOutputs];
