import { z } from "zod";
import { defineConfiguration } from "../../../kit/config/configuration";
import { deployedAs, deploymentVariables } from "../../../kit/config/deployment";
import { ConfigurationError } from "../../../kit/config/errors";
import { choiceVariable, commaSeparated, environmentVariable, variable } from "../../../kit/config/variables";
import { stackNameOf } from "../../../kit/lib/stack-marks";
import { CI_HOST_NAMES } from "../contracts/ci-hosts";
import { BOOTSTRAP_PATH, SYSTEM_NAME } from "../contracts/names";
import { dev } from "./dev";
import { ENVIRONMENT_NAMES } from "./environment-names";
import { prod } from "./prod";
import {
  branchSchema,
  environmentNameSchema,
  environmentSchema,
  issuerSchema,
  prefixSchema,
  repositorySchema,
  type EnvironmentInput,
} from "./schema";

const ciVariables = {
  FILEMILL_CI_HOST: choiceVariable(CI_HOST_NAMES),
  FILEMILL_CI_ISSUER: variable(issuerSchema, "an address without a slash at its end, such as https://gitlab.example.org"),
  FILEMILL_REPOSITORY: variable(repositorySchema, "OWNER/NAME"),
  FILEMILL_DEPLOYED_BRANCH: variable(branchSchema, "a branch, such as main"),
  FILEMILL_DEPLOYED_ENVIRONMENTS: variable(commaSeparated(environmentNameSchema, 1, 4), "one to four environments, with commas between"),
  FILEMILL_DEPLOYED_PREFIXES: variable(
    commaSeparated(prefixSchema, 1, 5),
    "one to five beginnings of names, each of 3 to 31 small letters, digits and dashes, with commas between",
  ),
} as const;

/**
 * Its state lies apart from the stacks': who deploys them can't write it. Where roles are, and a key, are those that the stacks are given.
 *
 * @throws ConfigurationError where the stacks' roles would be among bootstrap's own
 */
function deployed(base: EnvironmentInput, given: Parameters<typeof deployedAs>[2]): ReturnType<typeof deployedAs> {
  const { backend, ...rest } = deployedAs(SYSTEM_NAME, base, given);
  if (rest.rolePath?.startsWith(BOOTSTRAP_PATH) === true)
    throw new ConfigurationError(
      "FILEMILL_ROLE_PATH",
      `  '${rest.rolePath}' is where the roles of CI are: they could change themselves`,
      `give a path that doesn't begin with ${BOOTSTRAP_PATH}`,
    );
  if (rest.permissionsBoundaryArn !== undefined)
    throw new ConfigurationError(
      "FILEMILL_PERMISSIONS_BOUNDARY_ARN",
      `  '${rest.permissionsBoundaryArn}' is for the stacks' roles; the roles of CI have no boundary`,
      "unset it: bootstrap makes the boundary, and the stacks are given it",
    );
  return {
    ...rest,
    backend: backend.kind === "s3" ? { ...backend, key: `bootstrap/${stackNameOf(SYSTEM_NAME, base.name)}.tfstate` } : backend,
  };
}

/** How the bootstrap is configured: the account that FILEMILL_ENVIRONMENT names, for the repository that other variables name. */
export const configuration = defineConfiguration({
  environments: { dev, prod } satisfies Readonly<Record<(typeof ENVIRONMENT_NAMES)[number], EnvironmentInput>>,
  localDifferences: {},
  schema: environmentSchema,
  variables: z.object({
    FILEMILL_ENVIRONMENT: environmentVariable(ENVIRONMENT_NAMES).default("dev"),
    ...deploymentVariables,
    ...ciVariables,
  }),
  apply: (base: EnvironmentInput, given): EnvironmentInput => ({
    ...base,
    ...deployed(base, given),
    ci: {
      ...base.ci,
      host: given.FILEMILL_CI_HOST ?? base.ci.host,
      ...(given.FILEMILL_CI_ISSUER === undefined ? {} : { issuer: given.FILEMILL_CI_ISSUER }),
      repository: given.FILEMILL_REPOSITORY ?? base.ci.repository,
      branch: given.FILEMILL_DEPLOYED_BRANCH ?? base.ci.branch,
    },
    deployedEnvironments: given.FILEMILL_DEPLOYED_ENVIRONMENTS ?? base.deployedEnvironments,
    deployedPrefixes: given.FILEMILL_DEPLOYED_PREFIXES ?? base.deployedPrefixes,
  }),
  folder: "systems/bootstrap/config",
});
