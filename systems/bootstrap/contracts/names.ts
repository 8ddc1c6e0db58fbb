/** Of its stacks (`bootstrap-prod`), and of its folder. */
export const SYSTEM_NAME = "bootstrap";

/** Of roles and policies that only an account's administrator changes: no stack's are in it. */
export const BOOTSTRAP_PATH = "/bootstrap/";

/** The role that plans, and looks for drift. */
export const PLAN_ROLE_NAME = "filemill-plan";

/** The role that applies an environment's stacks. */
export const deployRoleName = (environment: string): string => `filemill-deploy-${environment}`;

/** The most that any role of a stack may do, whatever its policies say. */
export const BOUNDARY_NAME = "filemill-boundary";
