/** One stack `bootstrap-<name>` for each account: an account has one identity provider for each host. */
export const ENVIRONMENT_NAMES = ["dev", "prod"] as const;
