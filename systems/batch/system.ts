import { defineSystem } from "../../kit/system/system";
import { configuration } from "./config/configuration";
import { COURSEWORK_RUN_NAMES } from "./config/coursework-runs";
import { environmentTerms } from "./config/environment-terms";
import { onHostRuntime } from "./config/worker-archive";
import { LAMBDA_NAMES } from "../../lambdas/batch/functions";
import { SYSTEM_NAME } from "./contracts/names";
import { stackOutputsSchema } from "./contracts/stack-outputs";
import { WORKERS } from "./processes";

/** Very many files in, a result for each and one for all of them (docs/architecture.md). */
export const batch = defineSystem({
  name: SYSTEM_NAME,
  description: "files in batches: a result for each, and one for all of them",
  configuration,
  functions: LAMBDA_NAMES,
  outputs: stackOutputsSchema,
  stack: async () => (await import("./stack/batch-stack")).BatchStack,
  processes: [WORKERS],
  modeVariables: ["FILEMILL_INGEST"],
  simulation: async () => (await import("./simulation/simulation")).simulation,
  command: async () => {
    const [{ batchCommand }, { connect }] = await Promise.all([import("./cli/command"), import("./cli/connect")]);
    return batchCommand(connect, {
      names: configuration.environments,
      environmentOf: environmentTerms,
      publishedRuns: COURSEWORK_RUN_NAMES,
      onHostRuntime,
    });
  },
});
