import { defineSystem } from "../../kit/system/system";
import { configuration } from "./config/configuration";
import { SYSTEM_NAME } from "./contracts/names";
import { stackOutputsSchema } from "./contracts/stack-outputs";

/** What an account has before any other stack (docs/ci.md). */
export const bootstrap = defineSystem({
  name: SYSTEM_NAME,
  description: "an account's first stack: the bucket of Terraform's states, and the roles that CI takes",
  configuration,
  functions: [],
  outputs: stackOutputsSchema,
  stack: async () => (await import("./stack/bootstrap-stack")).BootstrapStack,
  processes: [],
  command: () => Promise.resolve({ groups: [], local: { verbs: [], examples: [] }, examples: [], exits: {}, usageErrors: [] }),
});
