import { defineSystem } from "../../kit/system/system";
import { COURSEWORK_RUN_NAMES } from "./config/coursework-runs";
import { ENVIRONMENT_NAMES } from "./config/environment-names";
import type { Connect } from "./cli/services";
import { SYSTEM_NAME } from "./contracts/names";
import { WORKERS } from "./processes";

/** Very many files in, a result for each and one for all of them (docs/architecture.md). */
export const batch = defineSystem({
  name: SYSTEM_NAME,
  description: "files in batches: a result for each, and one for all of them",
  environments: ENVIRONMENT_NAMES,
  configuration: async () => (await import("./config/configuration")).configuration,
  functions: async () => (await import("../../lambdas/batch/functions")).LAMBDA_NAMES,
  outputs: async () => (await import("./contracts/stack-outputs")).stackOutputsSchema,
  stack: async () => (await import("./stack/batch-stack")).BatchStack,
  processes: [WORKERS],
  modeVariables: ["FILEMILL_INGEST"],
  simulation: async () => (await import("./simulation/simulation")).simulation,
  command: async () => {
    const { batchCommand } = await import("./cli/command");
    // with all of AWS's clients
    const connect: Connect = async (...to) => (await import("./cli/connect")).connect(...to);
    return batchCommand(connect, {
      names: ENVIRONMENT_NAMES,
      environmentOf: async (variables) => (await import("./config/environment-terms")).environmentTerms(variables),
      publishedRuns: COURSEWORK_RUN_NAMES,
      onHostRuntime: async (stack) => (await import("./config/worker-archive")).onHostRuntime(stack),
    });
  },
});
