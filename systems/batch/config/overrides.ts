import { z } from "zod";
import { deploymentVariables } from "../../../kit/config/deployment";
import { observabilityVariables } from "../../../kit/config/observability";
import { choiceVariable, commaSeparated, countVariable, environmentVariable, variable } from "../../../kit/config/variables";
import { INGEST_KINDS } from "../contracts/upload-events";
import { COURSEWORK_RUN_NAMES } from "./coursework-runs";
import { ENVIRONMENT_NAMES } from "./environment-names";
import { EGRESS_KINDS, environmentSchema } from "./schema";

const { shape } = environmentSchema;
const YES_OR_NO = ["yes", "no"] as const;

/**
 * The variables that `synth` reads; what is absent keeps the environment's own value. docs/infrastructure.md describes each, and a test
 * compares.
 */
export const overridesSchema = z.object({
  /** @default dev - the one to experiment with */
  FILEMILL_ENVIRONMENT: environmentVariable(ENVIRONMENT_NAMES).default("dev"),
  ...deploymentVariables,
  ...observabilityVariables,
  FILEMILL_ZONES: variable(
    commaSeparated(z.string().regex(/^[a-z]{2}-[a-z]+-\d[a-z]$/), 2, 6),
    "two to six zones with commas between, such as us-west-1a,us-west-1c",
  ),
  /** Buckets that batches may read. */
  FILEMILL_SOURCE_BUCKETS: variable(commaSeparated(shape.sourceBuckets.element, 1, 1_000), "names of buckets with commas between"),
  FILEMILL_EGRESS: choiceVariable(EGRESS_KINDS),
  FILEMILL_INGEST: choiceVariable(INGEST_KINDS),
  FILEMILL_INSTANCE_TYPES: variable(
    commaSeparated(z.string().regex(/^[a-z][a-z0-9-]*\.[a-z0-9]+$/), 1, 40),
    "one to 40 instance types with commas between, best first, such as c5.large,m5.large",
  ),
  FILEMILL_MINIMUM_INSTANCES: countVariable(0, 5_000),
  FILEMILL_MAXIMUM_INSTANCES: countVariable(1, 5_000),
  /** 0: chunks never wait for on-demand capacity. */
  FILEMILL_ON_DEMAND_AFTER_SPOT_LOSSES: countVariable(0, 100),
  /** 0: each acknowledgement and deletion goes out at once. */
  FILEMILL_GATHERING_MILLISECONDS: countVariable(0, 5_000),
  FILEMILL_FLEET_CONCURRENCY: countVariable(1, 10_000),
  FILEMILL_LAMBDA_CONCURRENCY: countVariable(1, 10_000),
  FILEMILL_RESERVED_LAMBDA_CONCURRENCY: countVariable(1, 100_000),
  FILEMILL_MAXIMUM_OPEN_BATCHES: countVariable(1, 100),
  FILEMILL_AMI_ID: variable(z.string().regex(/^ami-[0-9a-f]{8,17}$/), "an image's id, such as ami-0123456789abcdef0"),
  FILEMILL_AMI_NAME: variable(
    z.string().regex(/^[A-Za-z0-9()[\] ./'@_-]{3,128}$/),
    "an image's name of 3 to 128 characters, such as wordfreq-worker-ami",
  ),
  FILEMILL_ROOT_DEVICE: variable(z.string().regex(/^\/dev\/[a-z]{3,4}[0-9]?$/), "a device, such as /dev/xvda or /dev/sda1"),
  FILEMILL_KEY_PAIR: variable(z.string().min(1).max(255), "a key pair's name of 1 to 255 characters"),
  FILEMILL_RESULTS_ARE_READ: variable(
    z.enum(YES_OR_NO).transform((word) => word === "yes"),
    `one of ${YES_OR_NO.join(", ")}`,
  ),
  /** `coursework` only: the policy as built, or the optimised one. */
  FILEMILL_SCALING: choiceVariable(["simple", "step"]),
  /** `coursework` only: the policy and the instance type of a run that the sources publish times of. */
  FILEMILL_COURSEWORK_RUN: choiceVariable(COURSEWORK_RUN_NAMES),
});
export type Overrides = z.output<typeof overridesSchema>;
