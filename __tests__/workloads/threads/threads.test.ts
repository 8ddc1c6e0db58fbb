import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Worker } from "node:worker_threads";
import { gzipSync } from "node:zlib";
import { buildSync } from "esbuild";
import { nodeZlib } from "../../../kit/aws/node-zlib";
import { systemClock } from "../../../kit/aws/system-clock";
import { present } from "../../../kit/lib/present";
import { MemoryObjectStore } from "../../../kit/simulator/memory/memory-object-store";
import { Sessions, type SlotSessions } from "../../../systems/batch/core/workloads/sessions";
import { ArtefactCache } from "../../../systems/batch/core/workloads/artefact-cache";
import { ThreadedSessions } from "../../../systems/batch/core/workloads/threaded-sessions";
import { BoundWorkload } from "../../../workloads/bound-workload";
import { isMachineError } from "../../../workloads/machine-error";
import { ThreadDiedError } from "../../../workloads/threads/thread-errors";
import { ThreadPartial, WorkThread } from "../../../workloads/threads/work-thread";
import { until } from "../../support/until";
import type { SplitPartial, WorkContext, Worked, WorkSource } from "../../../workloads/workload";

const PROJECT = path.resolve(__dirname, "..", "..", "..");
const wordCount = BoundWorkload.of("word-count", { minimumWordLength: 2, top: 5, encoding: "auto" });
const accessLog = BoundWorkload.of("access-log", {});

const folder = mkdtempSync(path.join(tmpdir(), "filemill-test-"));
const program = path.join(folder, "thread.js");
beforeAll(() => {
  buildSync({
    entryPoints: [path.join(PROJECT, "worker", "thread.ts")],
    outfile: program,
    bundle: true,
    platform: "node",
    external: ["esbuild"],
  });
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Less than where workers use threads: tests count small texts. */
const LEAST_THREAD_BYTES = 65_536;
const MANY = LEAST_THREAD_BYTES / 8;
const TEXT = Array.from({ length: MANY }, (_, index) => `wörd${index % 997} again ${index}`).join("\n");
const LOG = Array.from(
  { length: 2_000 },
  (_, index) => `10.0.0.${index % 9} - - [10/Oct/2000:13:55:36 -0700] "GET /page/${index % 50} HTTP/1.0" 200 ${index}`,
).join("\n");

describe("work in threads", () => {
  let directory: string;
  let sessions: Sessions;
  let threaded: SlotSessions;
  let thread: WorkThread;
  let workers: Worker[];
  let deaths: Error[];
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), "filemill-test-"));
    sessions = new Sessions(new ArtefactCache(new MemoryObjectStore(["state"]), "state", directory), directory);
    workers = [];
    deaths = [];
    const start = (): Worker => {
      const worker = new Worker(program);
      workers.push(worker);
      return worker;
    };
    thread = new WorkThread({ start, clock: systemClock, onDeath: (error) => deaths.push(error) });
    threaded = new ThreadedSessions(sessions, thread, LEAST_THREAD_BYTES);
  });
  afterEach(async () => {
    await thread.end();
    await sessions.dispose();
    rmSync(directory, { recursive: true, force: true });
  });

  const context = (change: Partial<WorkContext> = {}): WorkContext => ({
    memoryBytes: 4 * 1_048_576,
    directory,
    decompressor: nodeZlib,
    decompressionLimitBytes: 64 * 1_048_576,
    ...change,
  });
  /** @param step bytes of one chunk of the body */
  function sourceOf(content: string | Buffer, change: Partial<WorkSource> = {}, step = 10_007): WorkSource {
    const bytes = Buffer.from(content);
    async function* body(): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < bytes.length; at += step) yield await Promise.resolve(bytes.subarray(at, at + step));
    }
    return { key: "a.txt", size: bytes.length, body: body(), ...change };
  }
  const work = (use: SlotSessions, source: WorkSource, change: Partial<WorkContext> = {}, bound = wordCount): Promise<Worked<unknown>> =>
    use.use(bound, (session) => session.work(source, context(change)));
  const partialOf = (worked: Worked<unknown>): SplitPartial =>
    present(worked.status === "processed" ? worked.partial : undefined, "a partial");
  async function sectionOf(use: SlotSessions, bound: BoundWorkload, partials: readonly SplitPartial[]): Promise<string> {
    const merge = use.merge(bound, { memoryBytes: 1_048_576, directory });
    try {
      for (const partial of partials) await merge.add(partial);
      const pieces: Buffer[] = [];
      for await (const piece of merge.section()) pieces.push(Buffer.from(piece));
      return Buffer.concat(pieces).toString();
    } finally {
      await merge.dispose();
    }
  }

  test.each<[string, () => WorkSource, BoundWorkload]>([
    ["text", () => sourceOf(TEXT), wordCount],
    ["UTF-16", () => sourceOf(Buffer.from(`\ufeff${TEXT}`, "utf16le")), wordCount],
    ["gzip", () => sourceOf(gzipSync(TEXT, { level: 0 }), { key: "a.txt.gz" }), wordCount],
    ["broken gzip", () => sourceOf(gzipSync(TEXT, { level: 0 }).subarray(0, -9), { key: "a.txt.gz" }), wordCount],
    ["what is no text", () => sourceOf(Buffer.alloc(2 * LEAST_THREAD_BYTES)), wordCount],
    [
      "a range",
      () =>
        sourceOf(Buffer.from(TEXT).subarray(10), {
          range: { start: 10, end: 10 + LEAST_THREAD_BYTES, index: 0, count: 1 },
          encoding: "utf-8",
        }),
      wordCount,
    ],
    ["an access log", () => sourceOf(LOG), accessLog],
  ])("%s comes to the same result and the same section as without them", async (_what, source, bound) => {
    const [here, there] = [await work(sessions, source(), {}, bound), await work(threaded, source(), {}, bound)];
    const [ours, theirs] = [here, there].map((worked) => (worked.status === "processed" ? worked.partial : undefined));
    expect({ ...there, partial: undefined }).toEqual({ ...here, partial: undefined });
    expect(theirs === undefined).toBe(ours === undefined);
    if (ours === undefined || theirs === undefined) return;
    expect(theirs).toBeInstanceOf(ThreadPartial);
    const section = await sectionOf(sessions, bound, [ours]);
    expect(section).not.toBe("");
    expect(await sectionOf(threaded, bound, [theirs])).toBe(section);
  });

  test("small files are worked on here, and add up with those of the thread", async () => {
    const small = "again and again";
    const here = [await work(sessions, sourceOf(TEXT)), await work(sessions, sourceOf(small))];
    const there = [await work(threaded, sourceOf(TEXT)), await work(threaded, sourceOf(small))];
    expect(there.map((worked) => partialOf(worked) instanceof ThreadPartial)).toEqual([true, false]);
    expect(await sectionOf(threaded, wordCount, there.map(partialOf))).toBe(await sectionOf(sessions, wordCount, here.map(partialOf)));
  });

  test("a partial that was merged, or disposed of, can be disposed of again, as whoever worked on an upload does", async () => {
    const [merged, dropped] = [partialOf(await work(threaded, sourceOf(TEXT))), partialOf(await work(threaded, sourceOf(TEXT)))];
    const section = await sectionOf(threaded, wordCount, [merged]);
    await merged.dispose();
    await dropped.dispose();
    await dropped.dispose();
    expect(section).toBe(await sectionOf(sessions, wordCount, [partialOf(await work(sessions, sourceOf(TEXT)))]));
  });

  test("invariant 9: what doesn't fit goes to disk there, and is gone with its partial", async () => {
    const words = Array.from({ length: 60_000 }, (_, index) => `word${index}`).join(" ");
    const worked = await work(threaded, sourceOf(words), { memoryBytes: 262_144 });
    expect(readdirSync(directory)).not.toEqual([]);
    await partialOf(worked).dispose();
    expect(readdirSync(directory)).toEqual([]);
  });

  test("two slots share one: each gets its own answer", async () => {
    const [one, two] = await Promise.all([work(threaded, sourceOf(TEXT)), work(threaded, sourceOf(TEXT.toUpperCase()))]);
    expect(one).toMatchObject({ status: "processed", result: ((await work(sessions, sourceOf(TEXT))) as { result: unknown }).result });
    expect(two).toMatchObject({
      status: "processed",
      result: ((await work(sessions, sourceOf(TEXT.toUpperCase()))) as { result: unknown }).result,
    });
    expect(workers).toHaveLength(1);
  });

  test("invariant 8: progress is told of", async () => {
    let bytes = 0;
    const long = TEXT.repeat(Math.ceil((3 * 1_048_576) / TEXT.length));
    await work(threaded, sourceOf(long, {}, 65_536), { onProgress: (more) => (bytes += more) });
    expect(bytes).toBeGreaterThanOrEqual(2 * 1_048_576);
  });

  test("a body that breaks off fails the work with what was wrong with it", async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(Buffer.from(TEXT));
      throw new Error("connection reset");
    }
    await expect(work(threaded, sourceOf(TEXT, { body: broken() }))).rejects.toThrow("connection reset");
  });

  test("a fault of the machine stays one: it is not the file's", async () => {
    const error: unknown = await work(threaded, sourceOf(TEXT.repeat(9)), {
      memoryBytes: 65_536,
      directory: path.join(directory, "none"),
    }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "ThreadedMachineError", code: "ENOENT" });
    expect(isMachineError(error)).toBe(true);
  });

  test("a thread that dies fails what it works on and what it held, and the next work has another", async () => {
    const held = partialOf(await work(threaded, sourceOf(TEXT)));
    const dying = work(
      threaded,
      sourceOf(TEXT, {
        body: (async function* endless(): AsyncGenerator<Uint8Array> {
          for (;;) yield await new Promise<Uint8Array>((resolve) => setImmediate(resolve, Buffer.from(TEXT)));
        })(),
      }),
    );
    await present(workers[0], "a thread").terminate();
    await expect(dying).rejects.toThrow(ThreadDiedError);
    expect(deaths).toHaveLength(1);
    const next = partialOf(await work(threaded, sourceOf(TEXT)));
    await expect(sectionOf(threaded, wordCount, [next, held])).rejects.toThrow(ThreadDiedError);
    await held.dispose();
    expect(workers).toHaveLength(2);
  });

  test("told to stop, work that waits for input ends with the reason, and its thread lives", async () => {
    const stop = new AbortController();
    const never: AsyncIterable<Uint8Array> = { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }) };
    const stopped = work(threaded, sourceOf(TEXT, { body: never }), { signal: stop.signal });
    stop.abort(new Error("lease lost"));
    await expect(stopped).rejects.toThrow("lease lost");
    expect((await work(threaded, sourceOf(TEXT))).status).toBe("processed");
    expect([workers.length, deaths]).toEqual([1, []]);
  });

  test("told to stop, work that computes on is ended with its thread", async () => {
    const stubborn = new WorkThread({
      start: () => {
        const worker = new Worker("for (;;);", { eval: true });
        workers.push(worker);
        return worker;
      },
      clock: { ...systemClock, sleep: () => Promise.resolve() },
      onDeath: (error) => deaths.push(error),
    });
    const stop = new AbortController();
    const stopped = work(new ThreadedSessions(sessions, stubborn, LEAST_THREAD_BYTES), sourceOf(TEXT), { signal: stop.signal });
    await until(() => workers.length === 1);
    stop.abort(new Error("lease lost"));
    await expect(stopped).rejects.toThrow("lease lost");
    expect(deaths).toHaveLength(1);
    await stubborn.end();
  });
});
