import { rm } from "node:fs/promises";
import { RESULTS_SCHEMA_VERSION } from "../../../../systems/batch/contracts/messages";
import { Harness } from "./harness";

const BATCH_ID = "01JD3Z0T2V5Y8W4KQ6R7M9N1PX";
const TOKEN = "AQCEAAAAKgAAAAMAAAAA-secret";
const chunkJob = (change: object = {}): string =>
  JSON.stringify({
    schemaVersion: 1,
    type: "chunk",
    batchId: BATCH_ID,
    generation: 2,
    chunk: { index: 7, offset: 0, length: 1, sha256: "0".repeat(64) },
    token: TOKEN,
    ...change,
  });
const event = (...keys: string[]): string =>
  JSON.stringify({
    Records: keys.map((key) => ({
      eventSource: "aws:s3",
      eventName: "ObjectCreated:Put",
      s3: { bucket: { name: "processing" }, object: { key } },
    })),
  });

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.make();
  harness.columns = 200;
  await harness.run("local", "up");
});
afterEach(async () => {
  await rm(harness.directory, { recursive: true, force: true });
});

const listed = async (...args: string[]): Promise<{ queue: string; receiveCount: number; content: object }[]> => {
  const { exitCode, stdout } = await harness.run("dlq", "list", ...args, "--json");
  expect(exitCode).toBe(0);
  return (JSON.parse(stdout) as { messages: { queue: string; receiveCount: number; content: object }[] }).messages;
};

describe("dlq list", () => {
  test("tells what each message is, of all queues or of one, and takes nothing away", async () => {
    await harness.deadLetters.chunks.send([chunkJob()]);
    await harness.deadLetters.jobs.send([event("a+b.txt", "%C3%B6", "c", "d")]);
    await harness.deadLetters.results.send([
      JSON.stringify({
        schemaVersion: RESULTS_SCHEMA_VERSION,
        type: "chunk-processed",
        messageId: "m",
        batchId: BATCH_ID,
        generation: 2,
        chunkIndex: 7,
        files: COUNTS,
      }),
    ]);
    const { exitCode, stdout } = await harness.run("dlq", "list");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(new RegExp(`chunks +│ chunks-dead-letters-1 +│ +1 │ chunk 7 of batch ${BATCH_ID}, generation 2`));
    expect(stdout).toContain("S3 event: processing/a b.txt, processing/ö, processing/c and 1 more object");
    expect(stdout).toContain(`chunk-processed of batch ${BATCH_ID}, generation 2`);
    expect((await listed("chunks")).map(({ queue, receiveCount }) => [queue, receiveCount])).toEqual([["chunks", 2]]);
    expect(harness.deadLetters.chunks.bodies).toEqual([chunkJob()]);
  });

  test.each([
    ["of a chunk", chunkJob()],
    ["of a chunk of a newer version", chunkJob({ schemaVersion: 2 })],
    ["in what is cut off", chunkJob().slice(0, -2)],
    ["in another place", JSON.stringify({ Records: TOKEN })],
  ])("a task token %s is never shown", async (_name, body) => {
    for (const name of ["jobs", "chunks", "results"] as const) await harness.deadLetters[name].send([body]);
    for (const args of [[], ["--json"]]) {
      const { stdout, stderr } = await harness.run("dlq", "list", ...args);
      expect(stdout + stderr).not.toContain(TOKEN.slice(0, 8));
      expect(stdout + stderr).not.toContain("secret");
    }
  });

  test("a token that a slot's own words quote is never shown", async () => {
    await harness.deadLetters.chunks.send([chunkJob({ problem: `the token ${TOKEN} is refused` })]);
    const { stdout } = await harness.run("dlq", "list", "chunks");
    expect(stdout).toContain("the token TOKEN is refused");
    expect(stdout).not.toContain("secret");
  });

  describe("what means harm is told in a few words, soon, and drives nothing", () => {
    const DEEP = 10_000;
    /** Of a processor, for six listings of such a message; they take two at most, and what is quadratic in a MiB takes minutes. */
    const MOST_SECONDS = 5;
    const nested = `${"[".repeat(DEEP)}${"]".repeat(DEEP)}`;
    const inObjects = `${'{"a":'.repeat(DEEP)}1${"}".repeat(DEEP)}`;
    const records = (record: object): string => JSON.stringify({ Records: Array.from({ length: 8_000 }, () => record) });
    test.each([
      ["deep nesting", nested],
      ["deep objects", inObjects],
      ["deep nesting where a field is", `{"Records":${nested},"chunk":${inObjects},"type":${nested}}`],
      ["a nesting that never ends", "[".repeat(500_000)],
      ["8,000 records, none of them right", records({ token: TOKEN, eventSource: TOKEN, s3: TOKEN })],
      ["8,000 records that are right", event(...Array.from({ length: 8_000 }, (_, index) => `k${index}`))],
      [
        "keys of the prototype",
        '{"__proto__":{"Records":[]},"constructor":{"prototype":1},"Records":[{"__proto__":{"eventSource":"aws:s3"}}]}',
      ],
      ["a key that is not URL-encoded", event("%E0%A4%A")],
      ["words that quote a token", chunkJob({ problem: `${TOKEN} `.repeat(1_000) })],
      ["1 MiB that quotes a token", chunkJob({ problem: `${TOKEN} `.repeat(1_048_000 / (TOKEN.length + 1)) })],
      ["1 MiB that quotes a token of one letter", chunkJob({ token: "A", problem: "A".repeat(1_048_000) })],
      ["a token for a key", JSON.stringify({ [TOKEN]: TOKEN, Records: { [TOKEN]: 1 }, type: "chunk", token: { [TOKEN]: 1 } })],
      ["no text at all", ""],
    ])("%s", async (_name, body) => {
      for (const name of ["jobs", "chunks", "results"] as const) await harness.deadLetters[name].send([body === "" ? " " : body]);
      harness.columns = undefined;
      const before = process.cpuUsage();
      const { exitCode, stdout, stderr } = await harness.run("dlq", "list");
      expect({ exitCode, stderr: stderr.replaceAll(/^next: .*\n/gm, "") }).toEqual({ exitCode: 0, stderr: "" });
      // three messages of a few lines each
      expect(stdout.split("\n").length).toBeLessThan(60);
      const asJson = await harness.run("dlq", "list", "--json");
      const { user, system } = process.cpuUsage(before);
      expect((user + system) / 1e6).toBeLessThan(MOST_SECONDS);
      expect((JSON.parse(asJson.stdout) as { messages: object[] }).messages).toHaveLength(3);
      for (const text of [stdout, asJson.stdout]) expect(text).not.toMatch(/secret|AQCEAAAA/);
      expect(Object.keys(Object.prototype)).toEqual([]);
    });
  });

  test("what can't be read says why; names are made safe for a terminal", async () => {
    await harness.deadLetters.jobs.send(["hello not ", event("%1b[2J"), '{"Event":"s3:TestEvent"}']);
    const { stdout } = await harness.run("dlq", "list", "jobs");
    expect(stdout).toContain("unreadable, 10 bytes: not JSON");
    expect(stdout).toContain("processing/\\u{1b}[2J");
    expect(stdout).toContain("S3's test event: nothing to do");
    expect(stdout).not.toContain("\u001b");
  });

  test("none, and no more than the limit", async () => {
    expect((await harness.run("dlq", "list")).stdout).toBe("no dead letters\n");
    await harness.deadLetters.jobs.send(["a", "b", "c"]);
    expect(await listed("jobs", "--limit", "2")).toHaveLength(2);
  });
});

describe("dlq replay", () => {
  beforeEach(async () => {
    await harness.deadLetters.jobs.send([event("a"), event("b")]);
  });

  test("without --yes shows what would be sent, sends nothing, and exits with 2", async () => {
    const { exitCode, stdout, stderr } = await harness.run("dlq", "replay", "jobs");
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toMatch(/processing\/a[\s\S]*error: 2 messages would go back to wordfreq-jobs; nothing was sent\nfix: .*--yes\n$/);
    expect(harness.queue.bodies).toEqual([]);
    expect(harness.deadLetters.jobs.bodies).toHaveLength(2);
  });
  test("with --yes they are in their queue again and no dead letters any more", async () => {
    const { exitCode, stdout } = await harness.run("dlq", "replay", "jobs", "--yes");
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "sent 2 messages back to wordfreq-jobs\n" });
    expect(harness.queue.bodies.toSorted()).toEqual([event("a"), event("b")]);
    expect(harness.deadLetters.jobs.bodies).toEqual([]);
  });
  test("no more than the limit, and that is said", async () => {
    const { stdout, stderr } = await harness.run("dlq", "replay", "jobs", "--yes", "--limit", "1", "--json");
    expect(stdout).toBe('{"schemaVersion":2,"queue":"jobs","sent":1}\n');
    expect(stderr).toContain("there may be more: the limit was reached");
    expect(harness.deadLetters.jobs.bodies).toHaveLength(1);
  });
  test("S1.52: a message that comes back at once is sent once, not round and round, and that is said", async () => {
    const queue = harness.deadLetters.jobs;
    const source = { send: (bodies: readonly string[]) => queue.send(bodies) };
    const none = { queue: harness.deadLetters.results, source };
    harness.parts = { deadLetters: { jobs: { queue, source }, chunks: none, results: none } };
    const { exitCode, stdout, stderr } = await harness.run("dlq", "replay", "jobs", "--yes");
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "sent 2 messages back to wordfreq-jobs\n" });
    expect(stderr).toContain("left 2 messages the same as one just sent");
    expect(queue.bodies).toHaveLength(2);
  });
  test("none to send is nothing to confirm", async () => {
    expect(await harness.run("dlq", "replay", "results")).toMatchObject({ exitCode: 0 });
  });
});

test.each([
  ["an unknown queue", ["list", "letters"], /Allowed choices are jobs, chunks, results/],
  ["no queue to replay", ["replay"], /missing required argument 'queue'/],
])("%s exits with 2", async (_name, args, message) => {
  const { exitCode, stderr } = await harness.run("dlq", ...args);
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(message);
});

const COUNTS = { total: 1, processed: 1, skipped: 0, quarantined: 0, unfinished: 0 };
