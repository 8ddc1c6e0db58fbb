import { dev } from "./dev";
import type { EnvironmentInput } from "./schema";

/** All that a local run has otherwise than `dev`, each with its reason (invariant 10). */
export const LOCAL_DIFFERENCES = { name: "its own stack", owner: "bucket names that show what they are" } as const;

/** `dev` with the values of LOCAL_DIFFERENCES. */
export const local = { ...dev, name: "local", owner: "local" } satisfies EnvironmentInput;
