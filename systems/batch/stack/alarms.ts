import { Construct } from "constructs";
import { addAlarm, type AlarmNotice, type AlertTopics, type Severity } from "../../../constructs/observability/alarm";
import { FunctionCountAlarm, FunctionTimeAlarm, type NamedFunctions } from "../../../constructs/observability/function-alarms";
import { LogAlarm } from "../../../constructs/observability/log-alarm";
import { awsMetric, metricId, sumOf, type Metric } from "../../../constructs/observability/metric";
import type { EnvironmentConfig } from "../config/schema";
import { batchMetric } from "./batch-metric";
import type { Data } from "./data";
import type { Fleet } from "./fleet";
import type { Functions } from "./functions";
import type { Ingest } from "./ingest";
import type { DeployedNames } from "./names";
import { RECONCILE_MINUTES, SWEEP_MINUTES } from "./schedules";
import type { Repairs } from "./repairs";
import type { Workflow } from "./workflow";

export interface WatchedParts {
  readonly config: EnvironmentConfig;
  readonly names: DeployedNames;
  readonly data: Data;
  readonly fleet: Fleet;
  readonly functions: Functions;
  readonly ingest: Ingest;
  readonly workflow: Workflow;
  readonly repairs: Repairs;
}

export interface AlarmsProps extends WatchedParts {
  readonly topics: AlertTopics;
}

const MINUTE_SECONDS = 60;
const FIVE_MINUTES_SECONDS = 300;
const HOUR_SECONDS = 3_600;

/** An error rate above it is critical (requirement S2.94), in percent of files. */
const QUARANTINED_PERCENT = 5;
/** Of fewer files in a quarter of an hour one that is broken would be above it. */
const QUARANTINED_OF_FILES = 20;
/**
 * No chunk is finished for so long while some are in work. A chunk is some seconds of work by plan, and one with a giant in it, of the
 * 4 GiB that are a slot's most at the slowest that the plan proves, well below; a lost claim comes back within minutes.
 */
const STALLED_HOURS = 1;
/** A batch that is bigger than the fleet keeps it at its maximum by design; half a working day of it is worth a look. */
const AT_MAXIMUM_HOURS = 4;
/** Longer than a boot, a spot request that another pool fills, and a second try. */
const SHORT_OF_HOSTS_MINUTES = 20;
/** A quarter of the fleet in an hour, and two at least: more is a pool that runs dry, not the usual one in twenty. */
const SPOT_LOSS_SHARE = 0.25;
const SPOT_LOSSES_AT_LEAST = 2;
/** A run that takes so much of its timeout ends; one that is a quarter bigger may not. */
const TIMEOUT_SHARE = 0.8;
/** The machine repeats a step; what fails so often in half an hour is no hiccup. */
const FAILED_RUNS = 3;

/** What tells of trouble beyond queues: docs/runbook.md has a section for each. */
export class Alarms extends Construct {
  readonly #props: AlarmsProps;

  public constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    this.#props = props;
    this.#addWorkAlarms();
    this.#addFunctionAlarms();
    this.#addMachineAlarm();
    this.#addTableAlarm();
    this.#addFleetAlarms();
    this.#addLogAlarms();
  }

  #notice(what: string, severity: Severity, alarmDescription: string): AlarmNotice {
    const { names, topics } = this.#props;
    return { alarmName: names.alarm(what), alarmDescription, runbookSection: names.runbookSection(what), severity, topics };
  }

  #addWorkAlarms(): void {
    const { data, names } = this.#props;
    const files = (metric: "FilesProcessed" | "FilesQuarantined" | "FilesSkipped"): Metric => batchMetric(names, metric, "Sum");
    const all = "processed + skipped + quarantined";
    addAlarm(this, "FilesQuarantined", {
      ...this.#notice("files-quarantined", "critical", `More than ${QUARANTINED_PERCENT} % of the files can't be processed`),
      // each line has all three, zeros too: none is missing beside another
      measure: {
        label: "quarantined, percent of files",
        expression: `IF(${all} >= ${QUARANTINED_OF_FILES}, 100 * quarantined / (${all}), 0)`,
        metrics: { processed: files("FilesProcessed"), skipped: files("FilesSkipped"), quarantined: files("FilesQuarantined") },
      },
      periodSeconds: 3 * FIVE_MINUTES_SECONDS,
      goesOff: "above",
      threshold: QUARANTINED_PERCENT,
    });
    const chunks = (metricName: "ApproximateNumberOfMessagesNotVisible" | "NumberOfMessagesDeleted", statistic: "Minimum" | "Sum") =>
      awsMetric("AWS/SQS", metricName, { QueueName: data.chunks.queueName }, statistic);
    addAlarm(this, "ProgressStalled", {
      ...this.#notice("progress-stalled", "critical", "Chunks are in work, and none of them is ever finished"),
      // whoever finishes a chunk deletes its message; a queue that has messages reports both, each minute
      measure: {
        label: "chunks in work while none is finished",
        expression: "IF(finished > 0, 0, inWork)",
        metrics: { finished: chunks("NumberOfMessagesDeleted", "Sum"), inWork: chunks("ApproximateNumberOfMessagesNotVisible", "Minimum") },
      },
      periodSeconds: FIVE_MINUTES_SECONDS,
      periods: (STALLED_HOURS * HOUR_SECONDS) / FIVE_MINUTES_SECONDS,
      goesOff: "from",
      threshold: 1,
    });
  }

  #addFunctionAlarms(): void {
    const { plan, processChunk, seal, mergeRange, reduce, report, orchestrate } = this.#props.functions;
    const { finish } = this.#props.workflow;
    const { reconcile, spotNotices } = this.#props.repairs;
    const { processUpload } = this.#props.ingest;
    const uploads: NamedFunctions = processUpload === undefined ? {} : { processUpload };
    const steps: NamedFunctions = { plan, seal, mergeRange, reduce, report };
    const backstops: NamedFunctions = { finish, orchestrate, reconcile, spotNotices };
    new FunctionCountAlarm(this, "StepsFail", {
      ...this.#notice("steps-failing", "warning", "Lambdas of the batch machine fail: it repeats them, and gives up after some tries"),
      functions: { ...steps, processChunk, ...uploads },
      counted: "Errors",
      periods: 1,
      count: FAILED_RUNS,
    });
    new FunctionCountAlarm(this, "BackstopsFail", {
      ...this.#notice("backstops-failing", "critical", "What ends, repairs and feeds batches fails run after run: nobody stands in for it"),
      functions: backstops,
      counted: "Errors",
      // a schedule's next run makes good what one didn't do
      periods: 3,
      count: 1,
    });
    new FunctionCountAlarm(this, "Throttled", {
      ...this.#notice("functions-throttled", "warning", "Lambda refuses runs: the account's concurrency is used up"),
      // without process-chunk: a batch that takes all there is waits for its turn by design
      functions: { ...steps, ...uploads, ...backstops },
      counted: "Throttles",
      periods: 3,
      count: 1,
    });
    new FunctionTimeAlarm(this, "NearTimeout", {
      ...this.#notice("functions-near-timeout", "warning", "A Lambda takes nearly all of its time: a bigger batch would not end"),
      functions: { plan, seal, mergeRange, reduce, reconcile },
      share: TIMEOUT_SHARE,
    });
  }

  #addMachineAlarm(): void {
    const { machineArn } = this.#props.workflow.machine;
    const ended = (metricName: "ExecutionsFailed" | "ExecutionsTimedOut"): Metric =>
      awsMetric("AWS/States", metricName, { StateMachineArn: machineArn }, "Sum");
    addAlarm(this, "ExecutionsFailed", {
      ...this.#notice("executions-failed", "warning", "Executions of the batch machine fail: their batches are ended by the backstop"),
      measure: sumOf("executions that failed or timed out", { failed: ended("ExecutionsFailed"), timedOut: ended("ExecutionsTimedOut") }),
      periodSeconds: FIVE_MINUTES_SECONDS,
      goesOff: "from",
      threshold: 1,
    });
  }

  #addTableAlarm(): void {
    const { ledger, resultTable } = this.#props.data;
    const throttled = (table: string, { tableName }: { readonly tableName: string }): Record<string, Metric> =>
      Object.fromEntries(
        (["Read", "Write"] as const).map((kind) => [
          metricId(`${table}${kind}`),
          awsMetric("AWS/DynamoDB", `${kind}ThrottleEvents`, { TableName: tableName }, "Sum"),
        ]),
      );
    addAlarm(this, "TablesThrottled", {
      ...this.#notice("tables-throttled", "warning", "DynamoDB refuses calls, and workers wait for it"),
      measure: sumOf("throttled calls", { ...throttled("ledger", ledger), ...throttled("results", resultTable) }),
      periodSeconds: FIVE_MINUTES_SECONDS,
      // a table on demand that is suddenly asked for much more refuses for minutes; calls are repeated meanwhile
      periods: 3,
      goesOff: "from",
      threshold: 1,
    });
  }

  #addFleetAlarms(): void {
    const { config, data, fleet, names } = this.#props;
    const ofGroup = (metricName: "GroupDesiredCapacity" | "GroupInServiceInstances"): Metric =>
      awsMetric("AWS/AutoScaling", metricName, { AutoScalingGroupName: fleet.group.groupName }, "Minimum");
    const waiting = (queueName: string): Metric =>
      awsMetric("AWS/SQS", "ApproximateNumberOfMessagesVisible", { QueueName: queueName }, "Minimum");
    const { maximumInstances } = config.fleet;
    addAlarm(this, "FleetAtMaximum", {
      ...this.#notice("fleet-at-maximum", "warning", `All ${maximumInstances} workers run, and work waits for hours`),
      measure: {
        label: "messages that wait for a fleet at its maximum",
        expression: `IF(workers >= ${maximumInstances}, FILL(jobs, 0) + FILL(chunks, 0), 0)`,
        metrics: {
          workers: ofGroup("GroupInServiceInstances"),
          jobs: waiting(data.jobs.queueName),
          chunks: waiting(data.chunks.queueName),
        },
      },
      periodSeconds: FIVE_MINUTES_SECONDS,
      periods: (AT_MAXIMUM_HOURS * HOUR_SECONDS) / FIVE_MINUTES_SECONDS,
      goesOff: "from",
      threshold: 1,
    });
    addAlarm(this, "FleetShort", {
      ...this.#notice("fleet-short", "warning", "Workers are wanted and don't come: no spot capacity, or a quota"),
      measure: {
        label: "workers that are wanted and not there",
        expression: "wanted - workers",
        metrics: { wanted: ofGroup("GroupDesiredCapacity"), workers: ofGroup("GroupInServiceInstances") },
      },
      periodSeconds: MINUTE_SECONDS,
      periods: SHORT_OF_HOSTS_MINUTES,
      goesOff: "from",
      threshold: 1,
    });
    addAlarm(this, "SpotLosses", {
      ...this.#notice("spot-losses", "warning", "EC2 takes unusually many spot instances back"),
      measure: { metric: batchMetric(names, "SpotNotices", "Sum") },
      periodSeconds: HOUR_SECONDS,
      goesOff: "above",
      threshold: Math.max(SPOT_LOSSES_AT_LEAST, Math.round(maximumInstances * SPOT_LOSS_SHARE)),
    });
  }

  #addLogAlarms(): void {
    const { fleet, repairs, workflow } = this.#props;
    const reconciled = { logGroupName: repairs.reconcile.logGroupName, repeatedEverySeconds: RECONCILE_MINUTES * MINUTE_SECONDS };
    new LogAlarm(this, "BatchesUnended", {
      ...this.#notice("batches-unended", "critical", "A batch can't be ended: no completion of it is reported"),
      logGroupName: workflow.finish.logGroupName,
      events: ["finish_failed", "sweep_failed"],
      repeatedEverySeconds: SWEEP_MINUTES * MINUTE_SECONDS,
      // the sweep tries again: the third time in a row is no hiccup
      lines: 3,
    });
    new LogAlarm(this, "ChunksGivenUp", {
      ...this.#notice("chunks-given-up", "warning", "Chunks are given up: their files are unfinished"),
      ...reconciled,
      events: ["dead_chunk_given_up", "chunks_stuck"],
    });
    new LogAlarm(this, "HostsSilent", {
      ...this.#notice("hosts-silent", "warning", "Hosts of the fleet show no sign of life and are replaced"),
      ...reconciled,
      events: ["host_replaced", "host_ended"],
    });
    new LogAlarm(this, "WorkersFail", {
      ...this.#notice("workers-failing", "warning", "Workers can't start, or end by an error"),
      logGroupName: fleet.logGroupName,
      events: ["worker_failed", "worker_start_failed"],
      repeatedEverySeconds: FIVE_MINUTES_SECONDS,
    });
  }
}
