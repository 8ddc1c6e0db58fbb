import { uploadWorkloadSchema } from "./upload-workload-schema";
import { z } from "zod";
import { hardeningShape } from "../../../kit/config/hardening";
import { bucketNameSchema, deploymentShape } from "../../../kit/config/deployment";
import { observabilitySchema } from "../../../kit/config/observability";
import { LAMBDA_RESERVE_SECONDS } from "../contracts/lambda-rounds";
import { SETTING_RANGES } from "../contracts/setting-ranges";
import { ingestSchema } from "../contracts/upload-events";
import { LAMBDA_NAMES, type LambdaName } from "../../../lambdas/batch/functions";
import { ENVIRONMENT_NAMES } from "./environment-names";
import { fleetSchema } from "./fleet-schema";
import { scaleOutReach } from "./scaling-schema";

/** How workers reach SQS and Step Functions, which gateway endpoints don't cover; docs/infrastructure.md has the price of each. */
export const EGRESS_KINDS = ["public-address", "interface-endpoints", "nat"] as const;

/** With one zone its loss would stop the fleet. */
const MINIMUM_ZONES = 2;
/** As many as the largest region has; each takes a /20 of the network. */
const MAXIMUM_ZONES = 6;

const functionSchema = z.strictObject({
  /** MiB; 1,769 MiB is one vCPU. https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
  memoryMebibytes: z.int().min(128).max(10_240),
  timeoutSeconds: z.int().min(3).max(900),
  /** /tmp in MiB. */
  ephemeralStorageMebibytes: z.int().min(512).max(10_240),
});

/** A size for each function that there is. */
type FunctionSizes = Readonly<Record<LambdaName, typeof functionSchema>>;

export const environmentSchema = z
  .strictObject({
    name: z.enum(ENVIRONMENT_NAMES),
    ...deploymentShape,
    observability: observabilitySchema,
    /**
     * One subnet in each; three where the region has them, so that one can fail (requirement S1.101), and two at least. `first`: so many of
     * those that the region offers to the account, which only Terraform can ask for.
     */
    availabilityZones: z.union([
      z.array(z.string()).min(MINIMUM_ZONES).max(MAXIMUM_ZONES),
      z.strictObject({ first: z.int().min(MINIMUM_ZONES).max(MAXIMUM_ZONES) }),
    ]),
    /** Other buckets that batches may read, beside the uploading bucket. */
    sourceBuckets: z.array(bucketNameSchema),
    egress: z.enum(EGRESS_KINDS),
    vpcCidr: z.cidrv4(),
    ...hardeningShape,
    /** A network ACL for the workers' subnets, which says once more what their security group says; it costs nothing. */
    networkAcl: z.boolean(),
    logRetentionDays: z.int().min(1),
    storage: z.strictObject({
      /** Days after which what lies in the uploading bucket goes to Deep Archive (requirement S1.105). Absent: never. */
      deepArchiveAfterDays: z.int().min(1).optional(),
      /** Days a batch's manifests, partials and results are kept. */
      batchRetentionDays: z.int().min(1),
      /** Days an overwritten or deleted object version is kept. */
      noncurrentVersionDays: z.int().min(1),
    }),
    queues: z.strictObject({
      /**
       * How long a received message stays hidden; workers renew it while they make progress. SQS takes 43,200 at most. 10 at least: a claim
       * counts as over 5 s before its end (`LEASE_TOLERANCE_MILLISECONDS`), and who renews at a third has two thirds of it left, so from
       * 7.5 s down a live worker would be taken for a dead one; the rest is for a slow renewal.
       */
      visibilityTimeoutSeconds: z.int().min(10).max(43_200),
      /** Receives of an upload job before it goes to the dead-letter queue. */
      jobReceives: z.int().min(1).max(1_000),
      /** The same of a chunk; high, since giving up a chunk is the ledger's decision (docs/adr/0002-ledger.md). */
      chunkReceives: z.int().min(1).max(1_000),
      retentionSeconds: SETTING_RANGES.retentionSeconds,
    }),
    /**
     * Who is told of uploads: `queue`, whose messages the fleet's workers take, or `lambda`, a function that S3 calls for each (requirement
     * S1.116); the fleet then has batches, and uploads that are too much for a function (docs/adr/0041-uploads-by-lambda.md).
     */
    ingest: ingestSchema,
    fleet: fleetSchema,
    functions: z.strictObject(Object.fromEntries(LAMBDA_NAMES.map((name) => [name, functionSchema])) as FunctionSizes),
    workflow: z.strictObject({
      fleetConcurrency: SETTING_RANGES.fleetConcurrency,
      lambdaConcurrency: SETTING_RANGES.lambdaConcurrency,
      /**
       * Lambda concurrency kept for `process-chunk`, and the most that all open batches together have of it.
       *
       * @default none: the function shares the account's. Lambda refuses to keep any where less than 100 would be left to others (10 in a
       * new account), and the deployment fails; what is throttled waits (constructs/workflow/retries.ts).
       * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
       */
      reservedLambdaConcurrency: z.int().min(1).max(100_000).optional(),
      fleetTaskTimeoutSeconds: SETTING_RANGES.fleetTaskTimeoutSeconds,
      maximumOpenBatches: SETTING_RANGES.maximumOpenBatches,
    }),
    reconcile: z.strictObject({
      prefix: SETTING_RANGES.reconcilePrefix,
      maximumObjects: SETTING_RANGES.reconcileMaximumObjects,
    }),
    planning: z.strictObject({
      targetChunkBytes: SETTING_RANGES.targetChunkBytes,
      maximumFilesPerChunk: SETTING_RANGES.maximumFilesPerChunk,
      fileOverheadBytes: SETTING_RANGES.fileOverheadBytes,
      splitBytes: SETTING_RANGES.splitBytes,
      maximumFiles: SETTING_RANGES.maximumFiles,
      partialsPerRange: SETTING_RANGES.partialsPerRange,
      bytesPerSlotSecond: SETTING_RANGES.bytesPerSlotSecond,
      jobsPerWorker: SETTING_RANGES.jobsPerWorker,
    }),
    work: z.strictObject({
      /** What is done with files of the upload path, which no batch is about; it makes no outputs. */
      uploadWorkload: uploadWorkloadSchema,
      progressTimeoutSeconds: z.int().min(10).max(3_600),
      decompressionLimitMebibytes: SETTING_RANGES.decompressionLimitMebibytes,
      /** Memory of a Lambda's counts in MiB before they spill to /tmp. */
      functionCounterMemoryMebibytes: SETTING_RANGES.counterMemoryMebibytes,
    }),
    /**
     * Something of yours takes messages from the results queue: an alarm tells when one waits for long. Off by default, since without a
     * reader they wait until they expire, and the alarm would never rest.
     */
    resultsAreRead: z.boolean(),
    /** Run the orchestrator each minute. Off in `coursework`, whose capacity is the published policies' alone. */
    orchestrateEachMinute: z.boolean(),
  })
  .superRefine((config, context) => {
    const problem = (path: string[], message: string): void => {
      context.addIssue({ code: "custom", path, message });
    };
    const { workflow, queues, functions, work, planning } = config;
    if (config.orchestrateEachMinute === (config.fleet.scaleOut !== undefined)) {
      problem(
        ["fleet", "scaleOut"],
        "either the orchestrator runs each minute or policies scale out: two would raise without knowing of each other",
      );
    }
    if (config.fleet.onDemandRescue !== undefined && !config.orchestrateEachMinute) {
      problem(["fleet", "onDemandRescue"], "needs orchestrateEachMinute: nobody else raises its group's capacity");
    }
    if (workflow.fleetTaskTimeoutSeconds > queues.retentionSeconds) {
      problem(
        ["workflow", "fleetTaskTimeoutSeconds"],
        `${workflow.fleetTaskTimeoutSeconds} s: the queue forgets a message after ${queues.retentionSeconds} s`,
      );
    }
    if (config.fleet.terminationTimeoutSeconds <= work.progressTimeoutSeconds) {
      problem(
        ["fleet", "terminationTimeoutSeconds"],
        `${config.fleet.terminationTimeoutSeconds} s: a slot that lives may take progressTimeoutSeconds ${work.progressTimeoutSeconds} to its next look`,
      );
    }
    for (const name of ["process-chunk", "process-upload"] as const) {
      if (functions[name].timeoutSeconds <= LAMBDA_RESERVE_SECONDS) {
        problem(["functions", name, "timeoutSeconds"], `must be above the ${LAMBDA_RESERVE_SECONDS} s that it keeps for its last commit`);
      }
      if (work.functionCounterMemoryMebibytes * 2 > functions[name].memoryMebibytes) {
        problem(["work", "functionCounterMemoryMebibytes"], `must leave half of the memory of ${name} to Node and its buffers`);
      }
    }
    if (planning.splitBytes < planning.targetChunkBytes) {
      problem(
        ["planning", "splitBytes"],
        `${planning.splitBytes} is below targetChunkBytes ${planning.targetChunkBytes}: files would be split that fit a chunk`,
      );
    }
    const zones = Array.isArray(config.availabilityZones) ? config.availabilityZones : [];
    for (const zone of zones) {
      if (!zone.startsWith(config.region)) problem(["availabilityZones"], `${zone} is not in ${config.region}`);
    }
    if (new Set(zones).size < zones.length) problem(["availabilityZones"], "a zone is named twice");
    const { reservedLambdaConcurrency: reserved, lambdaConcurrency, fleetConcurrency } = workflow;
    if (reserved !== undefined && lambdaConcurrency > reserved) {
      problem(
        ["workflow", "lambdaConcurrency"],
        `${lambdaConcurrency} chunks of one batch, but ${reserved} are kept for all: more would only be throttled`,
      );
    }
    const inWork = config.fleet.maximumInstances * config.fleet.slotsPerWorker;
    const visible = config.fleet.scaleOut === undefined ? 0 : scaleOutReach(config.fleet.scaleOut);
    if (!config.orchestrateEachMinute && fleetConcurrency < visible + inWork) {
      problem(
        ["workflow", "fleetConcurrency"],
        `${fleetConcurrency} chunks at a time, up to ${inWork} of them in work: the policies look at what is visible and need ${visible}, so one batch would never let the fleet grow`,
      );
    }
  });
export type EnvironmentConfig = z.output<typeof environmentSchema>;
export type EnvironmentInput = z.input<typeof environmentSchema>;
