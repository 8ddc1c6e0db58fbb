import { z } from "zod";
import { defineConfiguration } from "../../../kit/config/configuration";
import { deployedAs, deploymentVariables } from "../../../kit/config/deployment";
import { observabilityVariables, observedAs } from "../../../kit/config/observability";
import { environmentVariable } from "../../../kit/config/variables";
import { SYSTEM_NAME } from "../contracts/names";
import { dev } from "./dev";
import { local, LOCAL_DIFFERENCES } from "./local";
import { prod } from "./prod";
import { ENVIRONMENT_NAMES } from "./environment-names";
import { environmentSchema, type EnvironmentInput } from "./schema";

/** How the media system is configured: the environment that FILEMILL_ENVIRONMENT names, deployed as other variables say. */
export const configuration = defineConfiguration({
  environments: { local, dev, prod } satisfies Readonly<Record<(typeof ENVIRONMENT_NAMES)[number], EnvironmentInput>>,
  localDifferences: LOCAL_DIFFERENCES,
  schema: environmentSchema,
  variables: z.object({
    FILEMILL_ENVIRONMENT: environmentVariable(ENVIRONMENT_NAMES).default("dev"),
    ...deploymentVariables,
    ...observabilityVariables,
  }),
  apply: (base: EnvironmentInput, given): EnvironmentInput => ({
    ...base,
    ...deployedAs(SYSTEM_NAME, base, given),
    observability: observedAs(base.observability, given),
  }),
  folder: "systems/media/config",
});
