import type { Construct } from "constructs";
import { Dashboard } from "../../../constructs/observability/dashboard";
import { bucketLines, functionLines, queueLines, tableLines } from "../../../constructs/observability/graph-lines";
import type { WatchedParts } from "./alarms";

const DAY_SECONDS = 86_400;

/** One page that tells how the media system is. */
export function addDashboard(scope: Construct, parts: WatchedParts, alarmArns: readonly string[]): void {
  const { classify, config, failedEvents, input, queues, unknown, uploads } = parts;
  const all = { ...queues, unknown, failedEvents };
  new Dashboard(scope, "Dashboard", {
    dashboardName: `${config.namePrefix}media`,
    region: config.region,
    alarmArns,
    sections: [
      {
        heading: "Uploads",
        graphs: [
          { title: "Uploads by type", isStacked: true, lines: queueLines(all, "NumberOfMessagesSent", "Sum") },
          { title: "Waiting", lines: queueLines(all, "ApproximateNumberOfMessagesVisible", "Maximum") },
          { title: "Oldest message in s", lines: queueLines(all, "ApproximateAgeOfOldestMessage", "Maximum") },
          { title: "Received", lines: queueLines(all, "NumberOfMessagesReceived", "Sum") },
          {
            title: "Dead letters",
            lines: queueLines(all, "ApproximateNumberOfMessagesVisible", "Maximum", "deadLetterQueueName"),
          },
        ],
      },
      {
        heading: "Classify, table and bucket",
        graphs: [
          {
            title: "Runs",
            lines: [
              ...functionLines({ runs: classify }, "Invocations", "Sum"),
              ...functionLines({ errors: classify }, "Errors", "Sum"),
              ...functionLines({ throttles: classify }, "Throttles", "Sum"),
            ],
          },
          {
            title: "Time of a run in ms",
            lines: [
              ...functionLines({ median: classify }, "Duration", "p50"),
              ...functionLines({ longest: classify }, "Duration", "Maximum"),
            ],
          },
          { title: "At the same time", lines: [...functionLines({ runs: classify }, "ConcurrentExecutions", "Maximum")] },
          {
            title: "Units used, and calls refused",
            lines: [
              ...tableLines({ reads: uploads }, "ConsumedReadCapacityUnits"),
              ...tableLines({ writes: uploads }, "ConsumedWriteCapacityUnits"),
              ...tableLines({ "reads refused": uploads }, "ReadThrottleEvents"),
              ...tableLines({ "writes refused": uploads }, "WriteThrottleEvents"),
            ],
          },
          {
            title: "Bytes stored (S3 Standard)",
            periodSeconds: DAY_SECONDS,
            lines: bucketLines({ input }, "BucketSizeBytes"),
          },
          { title: "Objects stored", periodSeconds: DAY_SECONDS, lines: bucketLines({ input }, "NumberOfObjects") },
        ],
      },
    ],
  });
}
