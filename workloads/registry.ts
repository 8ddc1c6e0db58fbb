import type { Workload } from "./workload";
import { commandWorkload } from "./command/command-workload";
import { wordCount } from "./word-count/workload";

/** Every workload that ships; one line each. */
export const WORKLOADS: readonly Workload<unknown, unknown, unknown>[] = [wordCount, commandWorkload];
