import { defineSystem } from "../../kit/system/system";
import { ENVIRONMENT_NAMES } from "./config/environment-names";
import { SYSTEM_NAME } from "./contracts/names";

/** Media files in, each told to the queue of its type (systems/media/README.md). */
export const media = defineSystem({
  name: SYSTEM_NAME,
  description: "media files: each is recognised, noted and told to the queue of its type",
  environments: ENVIRONMENT_NAMES,
  configuration: async () => (await import("./config/configuration")).configuration,
  functions: async () => [(await import("../../lambdas/media/classify/function")).classifyFunction.name],
  outputs: async () => (await import("./contracts/stack-outputs")).stackOutputsSchema,
  stack: async () => (await import("./stack/media-stack")).MediaStack,
  processes: [],
  simulation: async () => (await import("./simulation/simulation")).simulation,
  // it is used by uploads and queues; `local` and `synth` are all the verbs it needs
  command: () =>
    Promise.resolve({
      groups: [],
      local: { verbs: () => Promise.resolve([]), examples: [] },
      examples: [],
      exits: {},
      usageErrors: () => Promise.resolve([]),
    }),
});
