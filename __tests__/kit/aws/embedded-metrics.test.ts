import { embeddedMetrics } from "../../../kit/aws/embedded-metrics";
import { powertoolsLog } from "../../../kit/aws/powertools-log";
import { BATCH_METRICS, EVENT_METRICS } from "../../../systems/batch/contracts/metrics";

const NOW = Date.UTC(2026, 10, 28);
const of = embeddedMetrics(EVENT_METRICS, "wordfreq");
const COMMITTED = { processed: 3, skipped: 0, quarantined: 1, bytes: 4_096, commitMilliseconds: 12, finishedChunks: 1 };

test("a line's metrics are in CloudWatch's embedded format, by one dimension, with the time of the line", () => {
  expect(of("group_committed", COMMITTED, NOW)).toEqual({
    _aws: {
      Timestamp: NOW,
      CloudWatchMetrics: [
        {
          Namespace: "Filemill",
          Dimensions: [["System"]],
          Metrics: [
            { Name: "FilesProcessed", Unit: "Count" },
            { Name: "FilesSkipped", Unit: "Count" },
            { Name: "FilesQuarantined", Unit: "Count" },
            { Name: "BytesWorked", Unit: "Bytes" },
            { Name: "CommitMilliseconds", Unit: "Milliseconds" },
            { Name: "ChunksFinished", Unit: "Count" },
          ],
        },
      ],
    },
    System: "wordfreq",
    FilesProcessed: 3,
    FilesSkipped: 0,
    FilesQuarantined: 1,
    BytesWorked: 4_096,
    CommitMilliseconds: 12,
    ChunksFinished: 1,
  });
});

test("each line has its own values, an event without a field counts one, and other events nothing", () => {
  of("group_committed", COMMITTED, NOW);
  expect(of("spot_notice", { at: "soon" }, NOW)).toMatchObject({ SpotNotices: 1 });
  expect(of("spot_notice", {}, NOW)).not.toHaveProperty("FilesProcessed");
  expect(of("job_received", { jobId: "1" }, NOW)).toEqual({});
  expect(of("toString", {}, NOW)).toEqual({});
});

test("a Lambda's line is one line, with its fields and its metrics", () => {
  const lines: string[] = [];
  const spy = jest.spyOn(process.stdout, "write").mockImplementation((line) => lines.push(String(line)) > 0);
  powertoolsLog("process-chunk", of)("info", "group_committed", COMMITTED);
  spy.mockRestore();
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { level: "INFO", message: "group_committed", service: "process-chunk", quarantined: 1, FilesQuarantined: 1, System: "wordfreq" },
  ]);
});

test("there are few of them, since each costs by the month", () => {
  expect(BATCH_METRICS.length).toBeLessThanOrEqual(10);
  expect(new Set(BATCH_METRICS.map(({ name }) => name)).size).toBe(BATCH_METRICS.length);
});
