import { accessLogWorkload } from "./access-log/access-log-workload";
import { commandWorkload } from "./command/command-workload";
import { moduleWorkload } from "./module/module-workload";
import { wordCount } from "./word-count/workload";
import type { Workload } from "./workload";

/** Every workload that ships; one line each. */
export const WORKLOADS: readonly Workload<unknown, unknown, unknown>[] = [wordCount, commandWorkload, moduleWorkload, accessLogWorkload];
