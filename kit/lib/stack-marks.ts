/** Tags of every resource that takes any: also the mark by which a stack's own parts are known when it is removed. */
export const TAG_KEYS = { project: "Project", environment: "Environment", owner: "Owner", stack: "Stack" } as const;
export const PROJECT_TAG = "filemill";

/** Name of a system's stack in an environment, and of Terraform's folder for it: `batch-dev`. */
export const stackNameOf = (system: string, environment: string): string => `${system}-${environment}`;
