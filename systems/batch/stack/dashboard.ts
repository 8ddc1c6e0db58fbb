import type { Construct } from "constructs";
import { Dashboard, type DashboardSection, type GraphLine } from "../../../constructs/observability/dashboard";
import { bucketLines, functionLines, metricLine, queueLines, tableLines } from "../../../constructs/observability/graph-lines";
import { awsMetric, type Measure, type Metric, type Statistic } from "../../../constructs/observability/metric";
import { LAMBDA_GIBIBYTE_SECOND, SPOT_WORKER_SECOND } from "../../../kit/lib/prices";
import type { WatchedParts } from "./alarms";
import { batchMetric } from "./batch-metric";

const PERIOD_SECONDS = 300;
const DAY_SECONDS = 86_400;
const MEGABYTE = 1_000_000;
const GIGABYTE = 1_000_000_000;
const MEBIBYTES_PER_GIBIBYTE = 1_024;

const line = (label: string, measure: Measure): GraphLine => ({ label, measure });

/** One page that tells how the batch system is: work, fleet, trouble, and each service below it. */
export function addDashboard(scope: Construct, parts: WatchedParts, alarmArns: readonly string[]): void {
  const { config, names } = parts;
  new Dashboard(scope, "Dashboard", {
    dashboardName: names.dashboard,
    region: config.region,
    alarmArns,
    sections: [work(parts), fleet(parts), queues(parts), functions(parts), stores(parts)],
  });
}

function work({ config, fleet: { group }, functions: { processChunk }, names, workflow: { machine } }: WatchedParts): DashboardSection {
  const own = (metric: Parameters<typeof batchMetric>[1], statistic: Statistic = "Sum"): Metric => batchMetric(names, metric, statistic);
  const executions = (metric: "ExecutionsFailed" | "ExecutionsStarted" | "ExecutionsSucceeded" | "ExecutionsTimedOut"): Metric =>
    awsMetric("AWS/States", metric, { StateMachineArn: machine.machineArn }, "Sum");
  const functionGibibytes = config.functions["process-chunk"].memoryMebibytes / MEBIBYTES_PER_GIBIBYTE;
  const workerPeriod = SPOT_WORKER_SECOND * PERIOD_SECONDS;
  const functionMillisecond = (LAMBDA_GIBIBYTE_SECOND * functionGibibytes) / 1_000;
  const cost = {
    workers: awsMetric("AWS/AutoScaling", "GroupInServiceInstances", { AutoScalingGroupName: group.groupName }, "Average"),
    lambda: awsMetric("AWS/Lambda", "Duration", { FunctionName: processChunk.functionName }, "Sum"),
  };
  // toFixed: what is synthesized is the same wherever it is
  const dollars = `(FILL(workers, 0) * ${workerPeriod.toFixed(9)} + FILL(lambda, 0) * ${functionMillisecond.toFixed(12)})`;
  return {
    heading: "Work",
    graphs: [
      {
        title: "Files by outcome",
        isStacked: true,
        lines: [
          metricLine("processed", own("FilesProcessed")),
          metricLine("skipped", own("FilesSkipped")),
          metricLine("quarantined", own("FilesQuarantined")),
          metricLine("unfinished, of reported batches", own("FilesUnfinished")),
        ],
      },
      {
        title: "MB/s, as stored",
        lines: [
          line("MB/s", {
            label: "MB/s",
            expression: `bytes / ${PERIOD_SECONDS * MEGABYTE}`,
            metrics: { bytes: own("BytesWorked") },
          }),
        ],
      },
      {
        title: "Estimated cost: workers on spot and Lambda, list prices",
        lines: [
          line("$ per GB", {
            label: "$ per GB",
            expression: `IF(bytes > 0, ${dollars} / bytes * ${GIGABYTE})`,
            metrics: { ...cost, bytes: own("BytesWorked") },
          }),
          line("$ an hour", { label: "$ an hour", expression: `${dollars} * ${3_600 / PERIOD_SECONDS}`, metrics: cost }),
        ],
      },
      { title: "Chunks finished", lines: [metricLine("chunks", own("ChunksFinished"))] },
      {
        title: "Time of a commit in ms",
        lines: [metricLine("median", own("CommitMilliseconds", "p50")), metricLine("of 100 the slowest", own("CommitMilliseconds", "p99"))],
      },
      {
        title: "Batches",
        lines: [
          metricLine("executions started", executions("ExecutionsStarted")),
          metricLine("succeeded", executions("ExecutionsSucceeded")),
          metricLine("failed", executions("ExecutionsFailed")),
          metricLine("timed out", executions("ExecutionsTimedOut")),
          metricLine("completions reported", own("BatchesReported")),
        ],
      },
    ],
  };
}

function fleet({ fleet: { group, onDemandGroup }, names }: WatchedParts): DashboardSection {
  const dimensions = { AutoScalingGroupName: group.groupName };
  const onDemand =
    onDemandGroup === undefined
      ? []
      : [
          metricLine(
            "on demand, for chunks that spot loses",
            awsMetric("AWS/AutoScaling", "GroupInServiceInstances", { AutoScalingGroupName: onDemandGroup.groupName }, "Average"),
          ),
        ];
  const workers = (
    metric: "GroupDesiredCapacity" | "GroupInServiceInstances" | "GroupPendingInstances" | "GroupTerminatingInstances",
  ): Metric => awsMetric("AWS/AutoScaling", metric, dimensions, "Average");
  return {
    heading: "Fleet",
    graphs: [
      {
        title: "Workers by state",
        periodSeconds: 60,
        lines: [
          metricLine("wanted", workers("GroupDesiredCapacity")),
          metricLine("in service", workers("GroupInServiceInstances")),
          metricLine("booting", workers("GroupPendingInstances")),
          metricLine("ending", workers("GroupTerminatingInstances")),
          ...onDemand,
        ],
      },
      { title: "Spot notices", lines: [metricLine("instances that EC2 takes back", batchMetric(names, "SpotNotices", "Sum"))] },
      {
        title: "Processor of the workers in %",
        lines: [
          metricLine("average", awsMetric("AWS/EC2", "CPUUtilization", dimensions, "Average")),
          metricLine("busiest", awsMetric("AWS/EC2", "CPUUtilization", dimensions, "Maximum")),
        ],
      },
    ],
  };
}

function queues({ data }: WatchedParts): DashboardSection {
  const own = { jobs: data.jobs, chunks: data.chunks, results: data.results };
  const all = { ...own, ...(data.onDemandChunks === undefined ? {} : { "chunks for on demand": data.onDemandChunks }) };
  return {
    heading: "Queues",
    graphs: [
      { title: "Waiting", lines: queueLines(all, "ApproximateNumberOfMessagesVisible", "Maximum") },
      { title: "In work", lines: queueLines(all, "ApproximateNumberOfMessagesNotVisible", "Maximum") },
      { title: "Oldest message in s", lines: queueLines(all, "ApproximateAgeOfOldestMessage", "Maximum") },
      { title: "Sent", lines: queueLines(all, "NumberOfMessagesSent", "Sum") },
      { title: "Received", lines: queueLines(all, "NumberOfMessagesReceived", "Sum") },
      { title: "Dead letters", lines: queueLines(own, "ApproximateNumberOfMessagesVisible", "Maximum", "deadLetterQueueName") },
    ],
  };
}

function functions({ functions: steps, ingest, repairs, workflow }: WatchedParts): DashboardSection {
  const { mergeRange, orchestrate, plan, processChunk, reduce, report, seal } = steps;
  const all = {
    plan,
    processChunk,
    ...(ingest.processUpload === undefined ? {} : { processUpload: ingest.processUpload }),
    seal,
    mergeRange,
    reduce,
    report,
    orchestrate,
    finish: workflow.finish,
    reconcile: repairs.reconcile,
    spotNotices: repairs.spotNotices,
  };
  return {
    heading: "Lambdas",
    graphs: [
      { title: "Errors", lines: functionLines(all, "Errors", "Sum") },
      { title: "Longest run in ms", lines: functionLines(all, "Duration", "Maximum") },
      { title: "Throttles", lines: functionLines(all, "Throttles", "Sum") },
      { title: "At the same time", lines: functionLines(all, "ConcurrentExecutions", "Maximum") },
      { title: "Runs", lines: functionLines(all, "Invocations", "Sum") },
    ],
  };
}

function stores({ data }: WatchedParts): DashboardSection {
  const buckets = { uploading: data.uploading, processing: data.processing, state: data.state };
  const ofTables = (what: string, metric: Parameters<typeof tableLines>[1]): GraphLine[] =>
    tableLines({ [`ledger ${what}`]: data.ledger, [`results ${what}`]: data.resultTable }, metric);
  return {
    heading: "Tables and buckets",
    graphs: [
      {
        title: "Units used",
        lines: [...ofTables("reads", "ConsumedReadCapacityUnits"), ...ofTables("writes", "ConsumedWriteCapacityUnits")],
      },
      { title: "Calls refused", lines: [...ofTables("reads", "ReadThrottleEvents"), ...ofTables("writes", "WriteThrottleEvents")] },
      { title: "Bytes stored (S3 Standard)", periodSeconds: DAY_SECONDS, lines: bucketLines(buckets, "BucketSizeBytes") },
      { title: "Objects stored", periodSeconds: DAY_SECONDS, lines: bucketLines(buckets, "NumberOfObjects") },
    ],
  };
}
