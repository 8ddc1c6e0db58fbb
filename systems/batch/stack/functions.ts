import path from "node:path";
import { Construct } from "constructs";
import { planSettings } from "../config/plan-settings";
import type { EnvironmentConfig } from "../config/schema";
import { describedFunction, type DescribedFunctionProps, type GivenTo } from "../../../constructs/functions/described-function";
import type { NodeFunction } from "../../../constructs/functions/node-function";
import { usableFunction, usableGroup } from "../../../constructs/functions/usable";
import type { BatchFunction } from "../../../lambdas/batch/functions";
import { mergeRangeFunction } from "../../../lambdas/batch/merge-range/function";
import { orchestrateFunction } from "../../../lambdas/batch/orchestrate/function";
import { planFunction } from "../../../lambdas/batch/plan/function";
import { processChunkFunction } from "../../../lambdas/batch/process-chunk/function";
import { reduceFunction } from "../../../lambdas/batch/reduce/function";
import { reportFunction } from "../../../lambdas/batch/report/function";
import { sealFunction } from "../../../lambdas/batch/seal/function";
import type { Data } from "./data";
import type { Fleet } from "./fleet";
import type { DeployedNames } from "./names";
import { usableData } from "./usable-data";

export interface FunctionsProps {
  readonly config: EnvironmentConfig;
  readonly names: DeployedNames;
  readonly data: Data;
  readonly fleet: Fleet;
  /** Holds lambdas/batch/<name>.zip. */
  readonly buildDirectory: string;
}

/** One of the project's Lambdas, with what the environment says of its size. */
export function makeFunction<F extends BatchFunction>(
  scope: Construct,
  id: string,
  { config, names, buildDirectory }: Pick<FunctionsProps, "config" | "names" | "buildDirectory">,
  description: F,
  given: GivenTo<F>,
  further: Pick<DescribedFunctionProps, "failedEvents" | "reservedConcurrency"> = {},
): NodeFunction {
  const { name } = description;
  return describedFunction(scope, id, description, given, {
    ...config.functions[name],
    ...further,
    functionName: names.lambda(name),
    metricsSystem: names.metricsSystem,
    zipFile: path.join(buildDirectory, "lambdas", "batch", `${name}.zip`),
    logRetentionDays: config.logRetentionDays,
  });
}

/** The Lambdas that the machine calls, and the orchestrator. What each may do is said where it is described. */
export class Functions extends Construct {
  public readonly plan: NodeFunction;
  public readonly processChunk: NodeFunction;
  public readonly seal: NodeFunction;
  public readonly mergeRange: NodeFunction;
  public readonly reduce: NodeFunction;
  public readonly report: NodeFunction;
  public readonly orchestrate: NodeFunction;

  public constructor(scope: Construct, id: string, props: FunctionsProps) {
    super(scope, id);
    const { config, data, fleet, names } = props;
    const resources = usableData(data);
    // by its name, which is known: the machine and its functions need not wait for the group
    const group = { ...usableGroup(fleet.group), address: names.group };
    const onDemandGroup =
      fleet.onDemandGroup === undefined ? undefined : { ...usableGroup(fleet.onDemandGroup), address: names.onDemandGroup };
    this.orchestrate = makeFunction(this, "Orchestrate", props, orchestrateFunction, {
      resources: { ...resources, group, onDemandGroup },
      settings: { jobsPerWorker: config.planning.jobsPerWorker, slotsPerWorker: config.fleet.slotsPerWorker },
    });
    this.plan = makeFunction(this, "Plan", props, planFunction, {
      resources: { ...resources, orchestrate: usableFunction(this.orchestrate) },
      settings: planSettings(config),
    });
    const counterMemoryMebibytes = config.work.functionCounterMemoryMebibytes;
    const { decompressionLimitMebibytes } = config.work;
    const { reservedLambdaConcurrency: reserved } = config.workflow;
    this.processChunk = makeFunction(
      this,
      "ProcessChunk",
      props,
      processChunkFunction,
      { resources, settings: { counterMemoryMebibytes, decompressionLimitMebibytes } },
      reserved === undefined ? {} : { reservedConcurrency: reserved },
    );
    this.seal = makeFunction(this, "Seal", props, sealFunction, {
      resources,
      settings: { partialsPerRange: config.planning.partialsPerRange },
    });
    this.mergeRange = makeFunction(this, "MergeRange", props, mergeRangeFunction, { resources, settings: { counterMemoryMebibytes } });
    this.reduce = makeFunction(this, "Reduce", props, reduceFunction, { resources, settings: { counterMemoryMebibytes } });
    this.report = makeFunction(this, "Report", props, reportFunction, { resources });
  }
}
