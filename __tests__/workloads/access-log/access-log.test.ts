import fc from "fast-check";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { nodeZlib } from "../../../kit/aws/node-zlib";
import { accessLogWorkload } from "../../../workloads/access-log/access-log-workload";
import { parseLine } from "../../../workloads/access-log/line";
import type { LogResult } from "../../../workloads/access-log/results";
import type { Worked } from "../../../workloads/workload";
import { MAXIMUM_RESULT_BYTES } from "../../../workloads/workload";
import { chunked } from "../../support/count-harness";
import { WorkloadBench } from "../../support/workload-run";

const bench = new WorkloadBench(accessLogWorkload);
afterAll(() => bench.close());
const options = { top: 3 };
const LOG = `1.2.3.4 - - [10/Oct/2000:13:55:36 -0700] "GET /a?x=1 HTTP/1.0" 200 2326
::1 - jane [10/Oct/2000:13:55:36 -0700] "POST /b HTTP/1.1" 404 -
1.2.3.4 - - [10/Oct/2000:13:55:36 -0700] "GET /a HTTP/1.1" 304 10 "http://x/\\"q\\"" "Mozilla/5.0 (a \\"b\\")"
not a line of a log

h - - [x] "\\x16\\x03\\x01" 400 0
`;

test("lines of both formats, and what is none", () => {
  expect(parseLine(LOG.split("\n")[0] ?? "")).toEqual({ client: "1.2.3.4", path: "/a", status: 200, bytes: 2326 });
  expect(parseLine('h - John Q. Public [x] "GET /p HTTP/1.1" 200 1')).toMatchObject({ client: "h", path: "/p" });
  for (const line of ["", "-", 'h - - [x] "GET / HTTP/1.1" 20 1', 'h - - [x] "GET / 200 1', `h - - [x] "GET /" 200 ${"9".repeat(20)}`])
    expect(parseLine(line)).toBeUndefined();
});

const result = {
  requests: 4,
  bytes: 2336,
  statuses: { "1xx": 0, "2xx": 1, "3xx": 1, "4xx": 2, "5xx": 0, other: 0 },
  unparsableLines: 1,
  firstUnparsable: "not a line of a log",
  distinctPaths: 3,
  distinctClients: 3,
  paths: [
    { name: "/a", requests: 2 },
    { name: "-", requests: 1 },
    { name: "/b", requests: 1 },
  ],
  clients: [
    { name: "1.2.3.4", requests: 2 },
    { name: "::1", requests: 1 },
    { name: "h", requests: 1 },
  ],
};

test("a log is added up, plain, compressed, with any line ends and with bytes that are no text", async () => {
  for (const content of [LOG, LOG.replaceAll("\n", "\r\n"), gzipSync(LOG)])
    expect(await bench.run(options, content)).toMatchObject({ status: "processed", result });
  const broken = Buffer.concat([Buffer.from(LOG), Buffer.from([0xff, 0xfe, 0x0a])]);
  expect(await bench.run(options, broken)).toMatchObject({ result: { ...result, unparsableLines: 2 } });
  expect(await bench.run(options, Buffer.from([0, 1, 2]))).toEqual({ status: "skipped", reason: "not-text" });
  expect(await bench.run(options, gzipSync(LOG).subarray(0, 30))).toMatchObject({ reason: "corrupt-gzip" });
});

test("lines and names of any length come to a result that fits", async () => {
  const long = Array.from(
    { length: 120 },
    (_, index) => `${index}${"中".repeat(20_000)} - - [x] "GET /${index}${"中".repeat(3_000)}" 200 1`,
  );
  const longPaths = Array.from(
    { length: 120 },
    (_, index) => `${index}${"中".repeat(300)} - - [x] "GET /${index}${"中".repeat(3_000)}" 200 1`,
  );
  const outcome = (await bench.run({ top: 50 }, [...long, ...longPaths].join("\n"))) as Worked<LogResult> & { result: LogResult };
  expect(outcome.result).toMatchObject({ requests: 120, unparsableLines: 120, distinctPaths: 120 });
  expect(Buffer.byteLength(JSON.stringify(outcome.result))).toBeLessThanOrEqual(MAXIMUM_RESULT_BYTES);
});

test("ranges joined, and sections added up, are the whole: whatever the cuts and however little memory there is", async () => {
  const parsed = accessLogWorkload.options.parse(options);
  const session = await bench.open(options);
  const whole = LOG.repeat(3);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: whole.length - 1 }), { maxLength: 4 }), async (cuts) => {
      const edges = [0, ...[...new Set(cuts)].sort((a, b) => a - b), whole.length];
      const [one, sum] = [accessLogWorkload.merge(parsed, bench.mergeContext()), accessLogWorkload.merge(parsed, bench.mergeContext())];
      const results: LogResult[] = [];
      for (const [index, end] of edges.slice(1).entries()) {
        const start = edges[index] ?? 0;
        const body = chunked(Buffer.from(whole).subarray(start), [11]);
        const range = { start, end, index, count: edges.length - 1 };
        const context = { memoryBytes: 4_096, directory: bench.folder(), decompressor: nodeZlib, decompressionLimitBytes: 1e9 };
        const worked = await session.work({ key: "k", size: whole.length, body, range, encoding: "utf-8" }, context);
        if (worked.status !== "processed" || worked.partial === undefined) throw new Error("not processed");
        results.push(worked.result);
        await one.add(worked.partial);
      }
      await sum.addSection([await buffer(one.section())] as never);
      const joined = await sum.join(results);
      expect(joined).toEqual(((await bench.run(options, whole, { session })) as { result?: unknown }).result);
      sum.addResult(joined);
      expect(await sum.total()).toEqual({ files: 1, ...joined });
      await one.dispose();
      await sum.dispose();
    }),
    { numRuns: 20 },
  );
});

test("a table has the most telling first", () => {
  const table = accessLogWorkload.table?.({ files: 2, ...result });
  expect(table?.rows.slice(0, 2)).toEqual([
    ["files", "", 2],
    ["requests", "", 4],
  ]);
  expect(table?.rows).toContainEqual(["path", "/a", 2]);
});
