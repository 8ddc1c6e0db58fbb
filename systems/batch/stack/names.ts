import type { EnvironmentConfig } from "../config/schema";
import type { LambdaName } from "../../../lambdas/batch/functions";
import { ON_DEMAND_SUFFIX, QUEUE_NAMES, STATE_MACHINE_NAME, TABLE_NAMES } from "../contracts/names";

/** The deployed names, all from the contracts, with the environment's prefix where two environments share an account. */
export function deployedNames({ namePrefix, bucketPrefix, owner, fleet }: EnvironmentConfig) {
  return {
    uploadingBucket: `${bucketPrefix}-uploading-${owner}`,
    processingBucket: `${bucketPrefix}-data-processing-${owner}`,
    stateBucket: `${bucketPrefix}-batch-state-${owner}`,
    logBucket: `${bucketPrefix}-logs-${owner}`,
    backups: `${namePrefix}wordfreq-backups`,
    jobsQueue: namePrefix + QUEUE_NAMES.jobs,
    chunksQueue: namePrefix + QUEUE_NAMES.chunks,
    onDemandChunksQueue: namePrefix + QUEUE_NAMES.chunks + ON_DEMAND_SUFFIX,
    resultsQueue: namePrefix + QUEUE_NAMES.results,
    resultsTable: namePrefix + TABLE_NAMES.results,
    ledgerTable: namePrefix + TABLE_NAMES.ledger,
    stateMachine: namePrefix + STATE_MACHINE_NAME,
    lambda: (name: LambdaName): string => `${namePrefix}wordfreq-${name}`,
    workerRole: `${namePrefix}wordfreq-worker`,
    workerLogGroup: `/filemill/${namePrefix}wordfreq-worker`,
    network: "filemill",
    launchTemplate: namePrefix + fleet.launchTemplateName,
    group: namePrefix + fleet.groupName,
    onDemandGroup: namePrefix + fleet.groupName + ON_DEMAND_SUFFIX,
    terminationHook: `${namePrefix}wordfreq-worker-drains`,
    rule: (what: string): string => `${namePrefix}wordfreq-${what}`,
    /** Of docs/runbook.md: an alarm's name without the environment's prefix. */
    runbookSection: (what: string): string => `wordfreq-${what}`,
    alarm: (what: string): string => `${namePrefix}wordfreq-${what}`,
    /** In front of a severity: the topic of its alarms. */
    alert: `${namePrefix}wordfreq-alerts-`,
    dashboard: `${namePrefix}wordfreq`,
    /** The folder of the saved queries. */
    queries: `${namePrefix}wordfreq/`,
    budget: `${namePrefix}wordfreq-month`,
    /** The value of the one dimension that the system's own metrics have. */
    metricsSystem: `${namePrefix}wordfreq`,
  } as const;
}
export type DeployedNames = ReturnType<typeof deployedNames>;
