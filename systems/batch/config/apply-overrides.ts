import { AMAZON_LINUX_PARAMETERS } from "./amazon-linux";
import { COURSEWORK_RUNS } from "./coursework-runs";
import { COURSEWORK_SIMPLE_SCALING, COURSEWORK_STEP_SCALING } from "./coursework";
import { deployedAs } from "../../../kit/config/deployment";
import { observedAs } from "../../../kit/config/observability";
import { ConfigurationError } from "../../../kit/config/errors";
import { architecturesOf, type Architecture } from "./instance-types";
import { SYSTEM_NAME } from "../contracts/names";
import type { Overrides } from "./overrides";
import type { EnvironmentInput } from "./schema";

/** Zones that are taken of a region that no configuration names the zones of (requirement S1.101). */
const ZONES_OF_ANOTHER_REGION = { first: 3 };

/**
 * An environment with the values that variables give in place of its own.
 *
 * @throws ConfigurationError for variables that contradict each other or the environment
 */
export function applyOverrides(base: EnvironmentInput, variables: Overrides): EnvironmentInput {
  const given = { ...variables, ...publishedRun(base, variables) };
  const deployment = deployedAs(SYSTEM_NAME, base, given);
  return {
    ...base,
    ...deployment,
    observability: observedAs(base.observability, given),
    availabilityZones: given.FILEMILL_ZONES ?? (deployment.region === base.region ? base.availabilityZones : ZONES_OF_ANOTHER_REGION),
    sourceBuckets: given.FILEMILL_SOURCE_BUCKETS ?? base.sourceBuckets,
    ingest: given.FILEMILL_INGEST ?? base.ingest,
    egress: given.FILEMILL_EGRESS ?? base.egress,
    resultsAreRead: given.FILEMILL_RESULTS_ARE_READ ?? base.resultsAreRead,
    workflow: workflowOf(base, given),
    fleet: fleetOf(base, given),
  };
}

/** What the run that is named stands for. */
function publishedRun({ name }: EnvironmentInput, given: Overrides): Partial<Overrides> {
  const { FILEMILL_COURSEWORK_RUN: run } = given;
  if (run === undefined) return {};
  if (name !== "coursework") {
    throw new ConfigurationError(
      "FILEMILL_COURSEWORK_RUN",
      `  '${run}' is given with FILEMILL_ENVIRONMENT '${name}'`,
      "it names a published run of coursework: unset it, or set FILEMILL_ENVIRONMENT=coursework",
    );
  }
  const chosen = COURSEWORK_RUNS[run];
  for (const variable of Object.keys(chosen)) {
    if (!(variable in given) || given[variable as keyof typeof chosen] === undefined) continue;
    throw new ConfigurationError(
      "FILEMILL_COURSEWORK_RUN",
      `  '${run}' is given beside ${variable}, which it stands for, too`,
      `unset one of the two: run ${run} is ${chosen.FILEMILL_SCALING} scaling on ${chosen.FILEMILL_INSTANCE_TYPES.join(", ")}`,
    );
  }
  return chosen;
}

function workflowOf({ workflow }: EnvironmentInput, given: Overrides): EnvironmentInput["workflow"] {
  const reserved = given.FILEMILL_RESERVED_LAMBDA_CONCURRENCY ?? workflow.reservedLambdaConcurrency;
  return {
    ...workflow,
    fleetConcurrency: given.FILEMILL_FLEET_CONCURRENCY ?? workflow.fleetConcurrency,
    // what is kept for all batches bounds each of them
    lambdaConcurrency: given.FILEMILL_LAMBDA_CONCURRENCY ?? Math.min(workflow.lambdaConcurrency, reserved ?? workflow.lambdaConcurrency),
    reservedLambdaConcurrency: reserved,
    maximumOpenBatches: given.FILEMILL_MAXIMUM_OPEN_BATCHES ?? workflow.maximumOpenBatches,
  };
}

function fleetOf(base: EnvironmentInput, given: Overrides): EnvironmentInput["fleet"] {
  const { fleet } = base;
  const instanceTypes = given.FILEMILL_INSTANCE_TYPES ?? fleet.instanceTypes;
  const minimumInstances = given.FILEMILL_MINIMUM_INSTANCES ?? fleet.minimumInstances;
  return {
    ...fleet,
    instanceTypes,
    minimumInstances,
    // at creation only; scaling would raise it to the minimum all the same
    initialInstances: Math.max(fleet.initialInstances, minimumInstances),
    maximumInstances: given.FILEMILL_MAXIMUM_INSTANCES ?? fleet.maximumInstances,
    onDemandRescue: rescueOf(base, given),
    gatheringMilliseconds: given.FILEMILL_GATHERING_MILLISECONDS ?? fleet.gatheringMilliseconds,
    images: imagesOf(fleet.images, architecturesOf(instanceTypes), given),
    rootDeviceName: given.FILEMILL_ROOT_DEVICE ?? fleet.rootDeviceName,
    keyPairName: given.FILEMILL_KEY_PAIR ?? fleet.keyPairName,
    scaleOut: scaleOutOf(base, given),
  };
}

function rescueOf(
  { fleet: { onDemandRescue }, name }: EnvironmentInput,
  { FILEMILL_ON_DEMAND_AFTER_SPOT_LOSSES: losses }: Overrides,
): EnvironmentInput["fleet"]["onDemandRescue"] {
  if (losses === undefined) return onDemandRescue;
  if (losses === 0) return undefined;
  if (onDemandRescue === undefined) {
    throw new ConfigurationError(
      "FILEMILL_ON_DEMAND_AFTER_SPOT_LOSSES",
      `  '${losses}' is given with FILEMILL_ENVIRONMENT '${name}'`,
      "its instances are on demand already: unset it",
    );
  }
  return { ...onDemandRescue, afterSpotLosses: losses };
}

type Images = EnvironmentInput["fleet"]["images"];
type Image = NonNullable<Images[Architecture]>;

function imagesOf(
  images: Images,
  architectures: readonly Architecture[],
  { FILEMILL_AMI_ID: amiId, FILEMILL_AMI_NAME: amiName }: Overrides,
): Images {
  if (amiId !== undefined && amiName !== undefined) {
    throw new ConfigurationError("FILEMILL_AMI_NAME", `  '${amiName}' is given beside FILEMILL_AMI_ID '${amiId}'`, "unset one of the two");
  }
  if (amiId !== undefined && architectures.length > 1) {
    throw new ConfigurationError(
      "FILEMILL_AMI_ID",
      `  '${amiId}' is the image of one architecture, and FILEMILL_INSTANCE_TYPES has types of ${architectures.join(" and ")}`,
      "name an image of each by FILEMILL_AMI_NAME, which is looked for by architecture, or take types of one architecture",
    );
  }
  const imageOf = (architecture: Architecture): Image => {
    if (amiId !== undefined) return { kind: "id", amiId };
    if (amiName !== undefined) return { kind: "name", amiName };
    return images[architecture] ?? { kind: "parameter", name: AMAZON_LINUX_PARAMETERS[architecture] };
  };
  return Object.fromEntries(architectures.map((architecture) => [architecture, imageOf(architecture)]));
}

function scaleOutOf(base: EnvironmentInput, { FILEMILL_SCALING: kind }: Overrides): EnvironmentInput["fleet"]["scaleOut"] {
  if (kind === undefined) return base.fleet.scaleOut;
  if (base.name !== "coursework") {
    throw new ConfigurationError(
      "FILEMILL_SCALING",
      `  '${kind}' is given with FILEMILL_ENVIRONMENT '${base.name}'`,
      "it chooses between the policies of coursework: unset it",
    );
  }
  return kind === "simple" ? COURSEWORK_SIMPLE_SCALING : COURSEWORK_STEP_SCALING;
}
