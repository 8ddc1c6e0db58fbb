import { COURSEWORK_SIMPLE_SCALING, COURSEWORK_STEP_SCALING } from "./coursework";
import { deployedAs } from "../../../kit/config/deployment";
import { observedAs } from "../../../kit/config/observability";
import { ConfigurationError } from "../../../kit/config/errors";
import type { Architecture } from "./fleet-schema";
import { isArmType } from "./instance-types";
import { SYSTEM_NAME } from "../contracts/names";
import type { Overrides } from "./overrides";
import type { EnvironmentInput } from "./schema";

/** AWS's public parameters of the newest Amazon Linux 2023. https://docs.aws.amazon.com/linux/al2023/ug/ec2.html */
export const AMAZON_LINUX_PARAMETERS: Readonly<Record<Architecture, string>> = {
  arm64: "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64",
  x86_64: "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
};

/** Zones that are taken of a region that no configuration names the zones of (requirement S1.101). */
const ZONES_OF_ANOTHER_REGION = { first: 3 };

/**
 * An environment with the values that variables give in place of its own.
 *
 * @throws ConfigurationError for variables that contradict each other or the environment
 */
export function applyOverrides(base: EnvironmentInput, given: Overrides): EnvironmentInput {
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
  const types = given.FILEMILL_INSTANCE_TYPES;
  // types of both kinds are refused by the schema
  const architecture = types === undefined ? fleet.architecture : types.some(isArmType) ? "arm64" : "x86_64";
  return {
    ...fleet,
    architecture,
    instanceTypes: types ?? fleet.instanceTypes,
    maximumInstances: given.FILEMILL_MAXIMUM_INSTANCES ?? fleet.maximumInstances,
    image: imageOf(fleet.image, architecture, given),
    rootDeviceName: given.FILEMILL_ROOT_DEVICE ?? fleet.rootDeviceName,
    keyPairName: given.FILEMILL_KEY_PAIR ?? fleet.keyPairName,
    scaleOut: scaleOutOf(base, given),
  };
}

function imageOf(
  image: EnvironmentInput["fleet"]["image"],
  architecture: Architecture,
  { FILEMILL_AMI_ID: amiId, FILEMILL_AMI_NAME: amiName }: Overrides,
): EnvironmentInput["fleet"]["image"] {
  if (amiId !== undefined && amiName !== undefined) {
    throw new ConfigurationError("FILEMILL_AMI_NAME", `  '${amiName}' is given beside FILEMILL_AMI_ID '${amiId}'`, "unset one of the two");
  }
  if (amiId !== undefined) return { kind: "id", amiId };
  if (amiName !== undefined) return { kind: "name", amiName };
  return image.kind === "parameter" ? { kind: "parameter", name: AMAZON_LINUX_PARAMETERS[architecture] } : image;
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
