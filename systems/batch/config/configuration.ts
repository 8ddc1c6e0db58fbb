import { defineConfiguration } from "../../../kit/config/configuration";
import { applyOverrides } from "./apply-overrides";
import { coursework } from "./coursework";
import { dev } from "./dev";
import type { EnvironmentName } from "./environment-names";
import { local, LOCAL_DIFFERENCES } from "./local";
import { overridesSchema } from "./overrides";
import { prod } from "./prod";
import { environmentSchema, type EnvironmentInput } from "./schema";

const ENVIRONMENTS: Readonly<Record<EnvironmentName, EnvironmentInput>> = { local, dev, prod, coursework };

/** How the batch system is configured: the environment that FILEMILL_ENVIRONMENT names, with the values that other variables override. */
export const configuration = defineConfiguration({
  environments: ENVIRONMENTS,
  localDifferences: LOCAL_DIFFERENCES,
  schema: environmentSchema,
  variables: overridesSchema,
  apply: applyOverrides,
  folder: "systems/batch/config",
});
