import { dev } from "./dev";
import type { EnvironmentInput } from "./schema";

/** What production has otherwise: data that can't be deleted by mistake. */
export const prod = {
  ...dev,
  name: "prod",
  owner: "prod",
  protectData: true,
  logRetentionDays: 365,
  auditLogDays: 90,
  backupDays: 365,
  noncurrentVersionDays: 30,
  // the longest SQS keeps a message: consumers that stand still over a holiday lose nothing
  queues: { ...dev.queues, retentionSeconds: 1_209_600 },
} satisfies EnvironmentInput;
