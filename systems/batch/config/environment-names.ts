/** The environments that are synthesized: one stack `batch-<name>` each. */
export const ENVIRONMENT_NAMES = ["local", "dev", "prod", "coursework"] as const;
export type EnvironmentName = (typeof ENVIRONMENT_NAMES)[number];
