import type { EnvironmentInput } from "./schema";

/** The development environment, complete. The others say where they differ. */
export const dev = {
  name: "dev",
  region: "us-east-1",
  namePrefix: "",
  bucketPrefix: "filemill",
  owner: "dev",
  backend: { kind: "local" },
  // classify costs cents: more than this is a flood of uploads, or something that goes round in a circle
  observability: { level: "full", criticalAlerts: [], warningAlerts: [], monthlyBudgetDollars: 20 },
  protectData: false,
  logRetentionDays: 14,
  noncurrentVersionDays: 7,
  queues: {
    // a consumer takes up an upload, at most a quarter of an hour of work in Lambda
    visibilityTimeoutSeconds: 900,
    // what failed five consumers in turn is the upload's fault; more only delays its diagnosis
    maximumReceives: 5,
    // 4 days, SQS's default: longer than any weekend outage of the consumers
    retentionSeconds: 345_600,
  },
  // four short calls: half a GiB keeps the start short
  classify: { memoryMebibytes: 512, timeoutSeconds: 30, ephemeralStorageMebibytes: 512 },
} satisfies EnvironmentInput;
