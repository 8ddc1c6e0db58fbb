import type { ConfiguredNeeds } from "../contracts/stack-outputs";
import { vcpusOf } from "./instance-types";
import type { EnvironmentConfig } from "./schema";

/**
 * What a configuration asks of an account's quotas when all of it is at work. EC2 Auto Scaling rounds a share of on-demand instances up, so
 * both kinds of instances are counted at the group's maximum.
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/allocation-strategies.html
 */
export function quotaNeeds(config: EnvironmentConfig): ConfiguredNeeds {
  const { fleet, functions, workflow } = config;
  const aboveBase = Math.max(0, fleet.maximumInstances - fleet.onDemandBaseCapacity);
  const onDemandInstances = fleet.maximumInstances - aboveBase + Math.ceil((aboveBase * fleet.onDemandPercentage) / 100);
  const spotInstances = fleet.maximumInstances - onDemandInstances;
  // the schema refuses types whose size doesn't tell
  const vcpusPerInstance = Math.max(...fleet.instanceTypes.map((type) => vcpusOf(type) ?? 0));
  return {
    largest_function_mebibytes: Math.max(...Object.values(functions).map(({ memoryMebibytes }) => memoryMebibytes)),
    lambda_concurrency: workflow.lambdaConcurrency,
    reserved_lambda_concurrency: workflow.reservedLambdaConcurrency ?? 0,
    maximum_open_batches: workflow.maximumOpenBatches,
    vcpus_per_instance: vcpusPerInstance,
    spot_vcpus: spotInstances * vcpusPerInstance,
    on_demand_vcpus: (onDemandInstances + (fleet.onDemandRescue?.maximumInstances ?? 0)) * vcpusPerInstance,
  };
}
