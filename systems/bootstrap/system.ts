import { defineSystem } from "../../kit/system/system";
import { ENVIRONMENT_NAMES } from "./config/environment-names";
import { SYSTEM_NAME } from "./contracts/names";

/** What an account has before any other stack (docs/ci.md). */
export const bootstrap = defineSystem({
  name: SYSTEM_NAME,
  description: "an account's first stack: the bucket of Terraform's states, and the roles that CI takes",
  environments: ENVIRONMENT_NAMES,
  configuration: async () => (await import("./config/configuration")).configuration,
  functions: () => Promise.resolve([]),
  outputs: async () => (await import("./contracts/stack-outputs")).stackOutputsSchema,
  stack: async () => (await import("./stack/bootstrap-stack")).BootstrapStack,
  processes: [],
  command: () =>
    Promise.resolve({
      groups: [],
      local: { verbs: () => Promise.resolve([]), examples: [] },
      examples: [],
      exits: {},
      usageErrors: () => Promise.resolve([]),
    }),
});
