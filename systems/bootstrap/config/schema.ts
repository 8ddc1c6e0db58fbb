import { z } from "zod";
import { ENVIRONMENT_NAMES } from "./environment-names";
import { deploymentShape } from "../../../kit/config/deployment";
import { CI_HOST_NAMES } from "../contracts/ci-hosts";

/**
 * An owner or group, and a project: no wildcard, so that a trust is of one repository. Beginning with a dash it is nobody's: no host lets
 * names begin so.
 */
export const repositorySchema = z.string().regex(/^[\w-][\w.-]*(\/[\w-][\w.-]*)+$/, "no OWNER/NAME");
export const issuerSchema = z.string().regex(/^https:\/\/[a-z0-9.-]+(\/[\w./-]*[\w-])?$/, "no https address without a slash at its end");
export const branchSchema = z.string().regex(/^[\w][\w./-]*$/, "no branch");
/** Names of environments; GitHub's are called the same. */
export const environmentNameSchema = z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, "small letters, digits and dashes, at most 31");
/** What names begin with: of one letter it would be next to everything. */
export const prefixSchema = z.string().regex(/^[a-z][a-z0-9-]{2,30}$/, "small letters, digits and dashes, 3 to 31");

export const environmentSchema = z.strictObject({
  name: z.enum(ENVIRONMENT_NAMES),
  ...deploymentShape,
  /** Days that an overwritten state is kept. */
  noncurrentVersionDays: z.int().min(30),
  ci: z.strictObject({
    host: z.enum(CI_HOST_NAMES),
    /** @default the service's own - another one for one's own server */
    issuer: issuerSchema.optional(),
    repository: repositorySchema,
    /** The branch that is deployed. */
    branch: branchSchema,
  }),
  /** A deploy role for each: the environments whose stacks live in this account. */
  deployedEnvironments: z.array(environmentNameSchema).min(1).max(4),
  /** What names of whatever is deployed begin with; the roles may change nothing else. */
  deployedPrefixes: z.array(prefixSchema).min(1).max(5),
});
export type EnvironmentConfig = z.output<typeof environmentSchema>;
export type EnvironmentInput = z.input<typeof environmentSchema>;
