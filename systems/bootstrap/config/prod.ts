import { dev } from "./dev";
import type { EnvironmentInput } from "./schema";

/** The account of production. */
export const prod = {
  ...dev,
  name: "prod",
  owner: "prod",
  noncurrentVersionDays: 365,
  deployedEnvironments: ["prod"],
} satisfies EnvironmentInput;
