import type { EnvironmentTerms } from "../core/forecast/terms";
import { configuration } from "./configuration";
import { vcpusOf } from "./instance-types";
import { planSettings } from "./plan-settings";
import type { EnvironmentConfig } from "./schema";

function termsOf(config: EnvironmentConfig): EnvironmentTerms {
  const { fleet, name, workflow } = config;
  const { reservedLambdaConcurrency } = workflow;
  const [instanceType = ""] = fleet.instanceTypes;
  return {
    ...planSettings(config),
    name,
    instanceType,
    // the schema refuses types whose size doesn't tell
    vcpusPerInstance: vcpusOf(instanceType) ?? 1,
    onDemandBase: fleet.onDemandBaseCapacity,
    onDemandPercentage: fleet.onDemandPercentage,
    ...(reservedLambdaConcurrency === undefined ? {} : { reservedLambdaConcurrency }),
  };
}

/** The environment that variables name and change, for those who may not know the configuration; others' variables are no slips of it. */
export const environmentTerms = (variables: NodeJS.ProcessEnv): EnvironmentTerms =>
  termsOf(configuration.load(Object.fromEntries(Object.entries(variables).filter(([name]) => configuration.variables.includes(name)))));
