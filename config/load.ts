import { coursework, COURSEWORK_SIMPLE_SCALING, COURSEWORK_STEP_SCALING } from "./coursework";
import { dev } from "./dev";
import type { EnvironmentName } from "./environment-names";
import { ConfigurationError } from "./errors";
import { local } from "./local";
import { overridesSchema, type Overrides } from "./overrides";
import { prod } from "./prod";
import { environmentSchema, type EnvironmentConfig, type EnvironmentInput } from "./schema";
import { schemaProblems } from "../core/schema-problem";

const ENVIRONMENTS: Readonly<Record<EnvironmentName, EnvironmentInput>> = { local, dev, prod, coursework };

/**
 * The configuration to synthesize: the environment that FILEMILL_ENVIRONMENT names, with the values that other variables override.
 *
 * @throws ConfigurationError with every problem, of the variables or of the configuration that they give
 */
export function loadConfiguration(source: NodeJS.ProcessEnv): EnvironmentConfig {
  const overrides = overridesSchema.safeParse(source);
  if (!overrides.success) {
    throw new ConfigurationError(
      "the environment of synth",
      listed(schemaProblems(overrides.error, source)),
      "set or unset the variables named above (docs/infrastructure.md)",
    );
  }
  const name = overrides.data.FILEMILL_ENVIRONMENT;
  return validateConfiguration(applyOverrides(ENVIRONMENTS[name], overrides.data));
}

/** @throws ConfigurationError with every problem */
export function validateConfiguration(input: EnvironmentInput): EnvironmentConfig {
  const parsed = environmentSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new ConfigurationError(
    `the configuration '${input.name}'`,
    listed(schemaProblems(parsed.error, input)),
    `correct config/${input.name}.ts or the variable that set the value`,
  );
}

/** A line each. */
const listed = (problems: readonly string[]): string => problems.map((problem) => `  ${problem}`).join("\n");

function applyOverrides(base: EnvironmentInput, given: Overrides): EnvironmentInput {
  const region = given.FILEMILL_REGION ?? base.region;
  return {
    ...base,
    region,
    availabilityZones: base.availabilityZones.map((zone) => zone.replace(base.region, region)),
    owner: given.FILEMILL_OWNER ?? base.owner,
    bucketPrefix: given.FILEMILL_BUCKET_PREFIX ?? base.bucketPrefix,
    namePrefix: given.FILEMILL_NAME_PREFIX ?? base.namePrefix,
    sourceBuckets: given.FILEMILL_SOURCE_BUCKETS ?? base.sourceBuckets,
    egress: given.FILEMILL_EGRESS ?? base.egress,
    backend:
      given.FILEMILL_TERRAFORM_STATE_BUCKET === undefined
        ? base.backend
        : { kind: "s3", bucket: given.FILEMILL_TERRAFORM_STATE_BUCKET, key: `filemill/batch-${base.name}.tfstate`, region },
    fleet: {
      ...base.fleet,
      image: given.FILEMILL_AMI_ID === undefined ? base.fleet.image : { kind: "id", amiId: given.FILEMILL_AMI_ID },
      scaleOut: scaleOutOf(base, given),
    },
  };
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
