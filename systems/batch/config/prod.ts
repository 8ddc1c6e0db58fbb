import { dev } from "./dev";
import type { EnvironmentInput } from "./schema";

/**
 * What production has otherwise: more of everything, data that can't be deleted by mistake, a share on demand, and what a review asks for
 * where it costs next to nothing (docs/infrastructure.md, "Hardening").
 */
export const prod = {
  ...dev,
  name: "prod",
  owner: "prod",
  vpcCidr: "10.43.0.0/16",
  // a fifth of what the fleet costs that stands at its maximum on demand: a normal month is far below, a forgotten loop far above
  observability: { ...dev.observability, monthlyBudgetDollars: 1_000 },
  protectData: true,
  networkAcl: true,
  // who did what is asked months later: a year of the programs' logs, a quarter of what every request and connection adds up to
  logRetentionDays: 365,
  auditLogDays: 90,
  // as long as a batch's results
  backupDays: 365,
  storage: { deepArchiveAfterDays: 30, batchRetentionDays: 365, noncurrentVersionDays: 30 },
  // the longest SQS keeps a message: a fleet that stands still over a holiday loses nothing
  queues: { ...dev.queues, retentionSeconds: 1_209_600 },
  fleet: {
    ...dev.fleet,
    maximumInstances: 100,
    // one tenth on demand goes on when spot capacity is gone for an hour. EC2 Auto Scaling rounds it up: of one instance one, of eleven
    // two are on demand, so that even the smallest fleet has one that stays
    onDemandPercentage: 10,
    // a tenth of the fleet, as much as is on demand in it
    onDemandRescue: { ...dev.fleet.onDemandRescue, maximumInstances: 10 },
    instanceTypes: ["c7g.large", "c8g.large", "m7g.large", "c6g.large", "m8g.large", "m6g.large", "c7gd.large", "r7g.large"],
  },
  workflow: {
    // 100 workers of two slots, and as many chunks waiting
    fleetConcurrency: 800,
    // of the account's default of 1,000, for one batch; several open ones take all of it, unless reservedLambdaConcurrency bounds them
    lambdaConcurrency: 800,
    fleetTaskTimeoutSeconds: 86_400,
    // twenty times the workers of dev, but each batch may fill them all: twice the batches keep them busy while some begin and end
    maximumOpenBatches: 20,
  },
  planning: { ...dev.planning, targetChunkBytes: 256 * 1_048_576, splitBytes: 1_024 * 1_048_576 },
} satisfies EnvironmentInput;
