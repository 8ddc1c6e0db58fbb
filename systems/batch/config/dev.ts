import { NEW_ACCOUNT_FUNCTION_MEBIBYTES } from "../core/quotas/compare-quotas";
import { PARTIALS_PER_RANGE } from "../core/reduce/partial-ranges";
import { FLEET_BOOT_SECONDS, FLEET_IDLE_SECONDS } from "../core/pricing/estimate";
import { AMAZON_LINUX_PARAMETERS } from "./amazon-linux";
import type { EnvironmentInput } from "./schema";

/** One vCPU at 1,769 MiB: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
const ONE_VCPU_MEBIBYTES = 1_769;
const MEBIBYTE = 1_048_576;
const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 86_400;

/** Short calls to the ledger and one other service: half a GiB keeps the start short, a minute is far above any retry. */
const SMALL_FUNCTION = { memoryMebibytes: 512, timeoutSeconds: 60, ephemeralStorageMebibytes: 512 };

/** The development environment, complete. The others say where they differ. */
export const dev = {
  name: "dev",
  region: "us-east-1",
  availabilityZones: ["us-east-1a", "us-east-1b", "us-east-1c"],
  namePrefix: "",
  bucketPrefix: "filemill",
  owner: "dev",
  sourceBuckets: [],
  backend: { kind: "local" },
  // cheapest for a fleet that is mostly at zero: an address costs $0.005/h and only while its worker runs (docs/infrastructure.md)
  egress: "public-address",
  vpcCidr: "10.42.0.0/16",
  // half of what two workers cost that run on demand for a whole month: who forgets them hears of it in the first days
  observability: { level: "full", criticalAlerts: [], warningAlerts: [], monthlyBudgetDollars: 50 },
  protectData: false,
  networkAcl: false,
  logRetentionDays: 14,
  storage: { deepArchiveAfterDays: 30, batchRetentionDays: 30, noncurrentVersionDays: 7 },
  queues: {
    // renewed at a third of it while there is progress, so it bounds only how late a lost worker's job is taken up again
    visibilityTimeoutSeconds: 120,
    // a job that failed five workers in turn is the job's fault; more only delays its diagnosis
    jobReceives: 5,
    chunkReceives: 100,
    // 4 days, SQS's default: longer than any weekend outage of the fleet
    retentionSeconds: 4 * DAY_SECONDS,
  },
  // S3 tells the queue, and workers take from it, as the course has it (requirement S1.40)
  ingest: "queue",
  fleet: {
    launchTemplateName: "wordfreq-launch-template",
    groupName: "wordfreq-ASG",
    instanceNameTag: "Worker-Node",
    images: { arm64: { kind: "parameter", name: AMAZON_LINUX_PARAMETERS.arm64 } },
    // 2 vCPU each, so that one worker's slots are the same everywhere; four families in three zones are twelve spot pools
    instanceTypes: ["c7g.large", "c8g.large", "m7g.large", "c6g.large"],
    onDemandBaseCapacity: 0,
    onDemandPercentage: 0,
    // one loss is chance, and what comes back within a lease may meet the wave that took the first instance; a third is neither. One
    // worker: a chunk takes seconds, and a new account has 5 vCPUs on demand, of which this is 2
    // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-on-demand-instances.html#ec2-on-demand-instances-limits
    onDemandRescue: { afterSpotLosses: 3, maximumInstances: 1 },
    minimumInstances: 0,
    initialInstances: 0,
    // 4 vCPUs: a new account has 5 for spot instances
    // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-spot-limits.html
    maximumInstances: 2,
    protectFromScaleIn: true,
    terminationPolicies: ["NewestInstance"],
    warmUpSeconds: FLEET_BOOT_SECONDS,
    // a slot may get nowhere for two minutes and live, and a worker that is stopped has about two to drain; a host that never started costs
    // five minutes more, of about twenty
    terminationTimeoutSeconds: 300,
    idleRetireSeconds: FLEET_IDLE_SECONDS,
    workerRuntime: "bundled",
    spotNotices: "imds",
    slotsPerWorker: 2,
    // a slot counts ten files of a megabyte or more in a second, so that calls are full; nobody minds a file told of a second late
    gatheringMilliseconds: 1_000,
    // two slots, their buffers and Node fit the 4 GiB of a c7g.large several times
    counterMemoryMebibytes: 256,
    // Amazon Linux takes 2 GiB; the rest is spilled counts
    rootVolumeGibibytes: 20,
  },
  functions: {
    // sorting a manifest of 2 million lines on disk takes about 1 GiB
    plan: { memoryMebibytes: ONE_VCPU_MEBIBYTES, timeoutSeconds: 900, ephemeralStorageMebibytes: 4_096 },
    "process-chunk": { memoryMebibytes: ONE_VCPU_MEBIBYTES, timeoutSeconds: 900, ephemeralStorageMebibytes: 2_048 },
    // a file of 2.4 GB for sure, at 10 MB/s (half of bytesPerSlotSecond) for all but the last minute; what takes longer is the fleet's, so
    // that a file that hangs costs five minutes of a function at most
    "process-upload": { memoryMebibytes: ONE_VCPU_MEBIBYTES, timeoutSeconds: 300, ephemeralStorageMebibytes: 2_048 },
    seal: { memoryMebibytes: ONE_VCPU_MEBIBYTES, timeoutSeconds: 900, ephemeralStorageMebibytes: 2_048 },
    // one of many at the same time, each an eighth or less of what reduce is given: one vCPU, and the disk for what a range may spill
    "merge-range": { memoryMebibytes: ONE_VCPU_MEBIBYTES, timeoutSeconds: 900, ephemeralStorageMebibytes: 10_240 },
    // merges partials on disk: the largest scratch space Lambda has costs nothing while it doesn't run. Memory is what gives it processor
    // time: 1.7 vCPUs, the most that every account has
    reduce: { memoryMebibytes: NEW_ACCOUNT_FUNCTION_MEBIBYTES, timeoutSeconds: 900, ephemeralStorageMebibytes: 10_240 },
    report: SMALL_FUNCTION,
    finish: SMALL_FUNCTION,
    orchestrate: SMALL_FUNCTION,
    // lists 10,000 objects and looks as many items up: a minute; the rest is for dead letters, each a few calls. No longer than its
    // schedule's period, so that two runs hardly meet
    reconcile: { ...SMALL_FUNCTION, timeoutSeconds: 300 },
    "spot-notices": SMALL_FUNCTION,
  },
  workflow: {
    // two workers of two slots, and nine messages ready for each slot
    fleetConcurrency: 40,
    // a fifth of an account's default of 1,000. Each open batch has as many; where that is more than the account has (10 in a new one),
    // chunks wait for their turn
    lambdaConcurrency: 200,
    fleetTaskTimeoutSeconds: 6 * HOUR_SECONDS,
    // more would share the same workers and all end later; fewer would let a small batch wait for big ones
    maximumOpenBatches: 10,
  },
  reconcile: {
    prefix: "",
    // 10 listings and 10,000 reads of items, $0.0013 a run (list prices of 2024): 2.9 million objects a day for $0.38
    maximumObjects: 10_000,
  },
  planning: {
    // about 3 s of work of one slot: long against a chunk's fixed cost of 0.1 s, short against a spot notice of 120 s
    targetChunkBytes: 64 * MEBIBYTE,
    maximumFilesPerChunk: 1_000,
    // about 25 ms of calls a file (GET and PutItem) at 20 MB/s
    fileOverheadBytes: MEBIBYTE / 2,
    splitBytes: 256 * MEBIBYTE,
    maximumFiles: 2_000_000,
    partialsPerRange: PARTIALS_PER_RANGE,
    bytesPerSlotSecond: 20_000_000,
    // the course's threshold for one more instance (requirement S1.67)
    jobsPerWorker: 10,
  },
  work: {
    uploadWorkload: { name: "word-count", options: { minimumWordLength: 5, top: 10, encoding: "auto" } },
    progressTimeoutSeconds: 120,
    // 10 GiB of text from one gzip file: a thousandfold of the largest that make sense here
    decompressionLimitMebibytes: 10_240,
    functionCounterMemoryMebibytes: 512,
  },
  resultsAreRead: false,
  orchestrateEachMinute: true,
} satisfies EnvironmentInput;
