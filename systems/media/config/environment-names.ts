/** The environments that are synthesized: one stack `media-<name>` each. */
export const ENVIRONMENT_NAMES = ["local", "dev", "prod"] as const;
