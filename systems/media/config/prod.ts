import { dev } from "./dev";
import type { EnvironmentInput } from "./schema";

/** What production has otherwise: data that can't be deleted by mistake. */
export const prod = {
  ...dev,
  name: "prod",
  owner: "prod",
  // four days of 5 TB (requirement S4.24) cost $460 a month to store: more is a flood, or consumers that keep what they should not
  observability: { ...dev.observability, monthlyBudgetDollars: 500 },
  protectData: true,
  logRetentionDays: 365,
  auditLogDays: 90,
  backupDays: 365,
  noncurrentVersionDays: 30,
  // the longest SQS keeps a message: consumers that stand still over a holiday lose nothing
  queues: { ...dev.queues, retentionSeconds: 1_209_600 },
} satisfies EnvironmentInput;
