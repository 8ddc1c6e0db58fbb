import { CreateLogStreamCommand, PutLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import type { CloudWatchLogsClient, PutLogEventsCommandInput } from "@aws-sdk/client-cloudwatch-logs";
import { CloudWatchLogSink } from "../../../kit/aws/cloudwatch-log-sink";
import { embeddedMetrics } from "../../../kit/aws/embedded-metrics";
import { deliveredLog } from "../../../kit/aws/delivered-log";

const STREAM = { group: "/filemill/workers", stream: "i-1" };
const named = (name: string): Error => Object.assign(new Error(name), { name });

/** A service that takes lines unless `answer` gives an error. */
function serviceOf(answer: (call: number) => Error | undefined) {
  const batches: PutLogEventsCommandInput[] = [];
  let streams = 0;
  let calls = 0;
  const send = (command: unknown): Promise<unknown> => {
    if (command instanceof CreateLogStreamCommand) {
      streams += 1;
      if (streams > 1) return Promise.reject(named("ResourceAlreadyExistsException"));
    }
    if (command instanceof PutLogEventsCommand) {
      calls += 1;
      const problem = answer(calls);
      if (problem !== undefined) return Promise.reject(problem);
      batches.push(command.input);
    }
    return Promise.resolve({});
  };
  const troubles: { error?: unknown; lostLines?: number }[] = [];
  const client = { send } as unknown as CloudWatchLogsClient;
  const sinkOf = (): CloudWatchLogSink => new CloudWatchLogSink(client, STREAM, (trouble) => troubles.push(trouble), 1);
  return { sinkOf, batches, troubles, lines: () => batches.flatMap(({ logEvents = [] }) => logEvents.map(({ message }) => message)) };
}

test("lines come in the order of time, in the worker's stream, also when its clock is set back or its stream is there", async () => {
  const { batches, lines, sinkOf, troubles } = serviceOf(() => undefined);
  for (const sink of [sinkOf(), sinkOf()]) {
    sink.add(2_000, "first");
    sink.add(1_000, "second");
    await sink.close();
  }
  expect(lines()).toEqual(["first", "second", "first", "second"]);
  expect(batches[0]).toMatchObject({ logGroupName: STREAM.group, logStreamName: STREAM.stream });
  expect(batches[0]?.logEvents?.map(({ timestamp }) => timestamp)).toEqual([2_000, 2_000]);
  expect(troubles).toEqual([]);
});

test("what can't be delivered is tried again, and told, and lines that came meanwhile come after it", async () => {
  const { lines, sinkOf, troubles } = serviceOf((call) => (call === 1 ? named("ServiceUnavailableException") : undefined));
  const sink = sinkOf();
  sink.add(1, "first");
  while (troubles.length === 0) await new Promise(setImmediate);
  sink.add(2, "second");
  await sink.close();
  expect(lines()).toEqual(["first", "second"]);
  expect(troubles).toMatchObject([{ error: { name: "ServiceUnavailableException" } }]);
});

test("a batch that is refused as it is doesn't hold up what comes after it, and its lines are told as lost", async () => {
  const { lines, sinkOf, troubles } = serviceOf((call) => (call === 1 ? named("InvalidParameterException") : undefined));
  const sink = sinkOf();
  sink.add(1, "refused");
  while (troubles.length === 0) await new Promise(setImmediate);
  sink.add(2, "good");
  await sink.close();
  expect(lines()).toEqual(["good"]);
  expect(troubles).toEqual([{ lostLines: 1 }]);
});

test("invariant 9: during an outage memory is bounded by what one call takes, and what is dropped is counted", async () => {
  const down = { is: true };
  const { batches, lines, sinkOf, troubles } = serviceOf(() => (down.is ? named("ServiceUnavailableException") : undefined));
  const sink = sinkOf();
  const line = "ä".repeat(20_000);
  for (let index = 0; index < 200; index += 1) sink.add(index, line);
  while (troubles.length === 0) await new Promise(setImmediate);
  down.is = false;
  await sink.close();
  const bytes = lines().reduce((sum, each = "") => sum + Buffer.byteLength(each) + 26, 0);
  expect(batches).toHaveLength(1);
  expect(bytes).toBeLessThanOrEqual(1_048_576);
  expect(bytes).toBeGreaterThan(1_000_000);
  expect(troubles.at(-1)).toEqual({ lostLines: 200 - lines().length });
});

test("warnings, errors, the worker's life and what carries metrics are delivered, readable, and without task tokens", () => {
  const delivered: string[] = [];
  const written: string[] = [];
  const log = deliveredLog((_level, event) => written.push(event), {
    service: "wordfreq",
    sink: { add: (_at, line) => delivered.push(line) },
    metrics: embeddedMetrics({ counted: [{ name: "Seen", unit: "Count" }] }, "wordfreq"),
    clock: { now: () => 0, monotonic: () => 0 } as never,
  });
  log("info", "job_received", { jobId: "1" });
  log("info", "counted", {});
  log("info", "worker_started", { slots: 2 });
  log("error", "job_failed", {
    error: new Error('can\'t send {"token":"secret-1"}', { cause: new Error("no way") }),
    body: '{"taskToken":"secret-2"}',
  });
  expect(written).toEqual(["job_received", "counted", "worker_started", "job_failed"]);
  expect(delivered.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { level: "INFO", message: "counted", service: "wordfreq", Seen: 1, System: "wordfreq" },
    { level: "INFO", message: "worker_started", service: "wordfreq", slots: 2, timestamp: "1970-01-01T00:00:00.000Z" },
    { level: "ERROR", message: "job_failed", error: { name: "Error", cause: { message: "no way" } } },
  ]);
  expect(delivered.join()).not.toMatch(/secret/);
});
