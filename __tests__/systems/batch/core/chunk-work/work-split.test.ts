import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { QUARANTINE_REASONS, SKIP_REASONS } from "../../../../../systems/batch/contracts/files";
import { OUTCOME_LETTERS } from "../../../../../systems/batch/contracts/ledger-rows";
import { BrokenRunError } from "../../../../../workloads/word-count/counter/run-file";
import {
  ObjectAccessDeniedError,
  ObjectArchivedError,
  ObjectChangedError,
  ObjectMissingError,
} from "../../../../../kit/ports/object-store";
import { TryAgainLaterError, WorkloadUnusableError } from "../../../../../workloads/workload";
import { letterOfReason, outcomeOfLetter } from "../../../../../systems/batch/contracts/outcome";
import {
  TransferError,
  workSplit,
  type SplitToRead,
  type WorkedSplit,
  type WorkSplitDeps,
} from "../../../../../systems/batch/core/chunk-work/work-split";
import { MemoryObjectStore } from "../../../../../kit/simulator/memory/memory-object-store";
import { countDeps, temporaryDirectory } from "../../../../support/count-harness";
import { FakeClock } from "../../../../support/fakes/clock";
import { resultWords, sessionsIn, wordCountOf } from "../../../../support/word-count";

const BUCKET = "uploading";
const KEY = "file.txt";
const directory = temporaryDirectory();
afterAll(() => {
  directory.remove();
});
afterEach(() => {
  directory.assertEmpty();
});

let store: MemoryObjectStore;
let clock: FakeClock;
let sleep: jest.SpyInstance<Promise<void>, Parameters<FakeClock["sleep"]>>;
beforeEach(() => {
  store = new MemoryObjectStore([BUCKET]);
  store.set(BUCKET, KEY, "alpha betas");
  clock = new FakeClock();
  sleep = jest.spyOn(clock, "sleep").mockResolvedValue();
});

const never = new AbortController().signal;
const deps = (): WorkSplitDeps => ({
  store,
  clock,
  room: countDeps(directory.path),
  sessions: sessionsIn({ store, stateBucket: "batch-state", directory: directory.path }),
});
const work = (split: Partial<SplitToRead> = {}, signal = never): Promise<WorkedSplit> =>
  workSplit(deps(), { bucket: BUCKET, key: KEY, ...split }, () => wordCountOf({ minimumWordLength: 1 }), signal);
/** Counts and disposes. */
async function totalOf(worked: WorkedSplit): Promise<number> {
  if (worked.status !== "processed") throw new Error(`expected counts, got ${worked.status}`);
  await worked.partial?.dispose();
  return resultWords(worked.result).totalWords;
}
/** The next transfers break off with this error after their first bytes. */
function breakOff(times: number, error: Error, first: Uint8Array = Buffer.from("alpha ")): void {
  const get = store.get.bind(store);
  const spy = jest.spyOn(store, "get");
  for (let time = 0; time < times; time += 1) {
    spy.mockImplementationOnce(async (...place) => {
      const object = await get(...place);
      object.body.destroy();
      async function* broken(): AsyncGenerator<Uint8Array> {
        yield await Promise.resolve(first);
        throw error;
      }
      return { ...object, body: Readable.from(broken()) };
    });
  }
}

test("what is read is what was asked for: a range, an encoding, an identity", async () => {
  expect(await totalOf(await work())).toBe(2);
  expect(store.gets).toEqual([`${BUCKET}/${KEY}`]);
  expect(await totalOf(await work({ range: { start: 5, end: 11, index: 1, count: 2 }, encoding: "utf-8" }))).toBe(1);
  expect(store.gets[1]).toBe(`${BUCKET}/${KEY} 5-`);
  store.set(BUCKET, KEY, Buffer.from("alpha betas", "utf16le"));
  expect(await totalOf(await work({ encoding: "utf-16le" }))).toBe(2);
  expect(await work({ identity: { etag: "another" } })).toMatchObject({ status: "quarantined", reason: "changed" });
});

test("the object comes with its outcome, also of a file without text", async () => {
  const { etag } = await store.head(BUCKET, KEY);
  const processed = await work();
  await totalOf(processed);
  expect(processed.object).toMatchObject({ etag });
  store.set(BUCKET, KEY, Buffer.alloc(100));
  expect(await work()).toMatchObject({ status: "skipped", reason: "not-text", object: { size: 100 } });
});

test.each(["file.gz", "file.txt.GZ", "file.gzip", "file.tgz", "file.gz.1", "file"])("gzip is unpacked, named %s too", async (key) => {
  store.set(BUCKET, key, gzipSync("alpha betas gamma"));
  expect(await totalOf(await work({ key }))).toBe(3);
});

test("what is named .gz and begins otherwise is damaged; of a range only the planner's word counts", async () => {
  for (const key of ["file.gz", "file.GZ"]) {
    store.set(BUCKET, key, "alpha betas");
    expect(await work({ key })).toMatchObject({ status: "quarantined", reason: "corrupt-gzip" });
  }
  for (const key of ["file.gzip", "file.gz.1", "gz"]) {
    store.set(BUCKET, key, "alpha betas");
    expect(await totalOf(await work({ key }))).toBe(2);
  }
  store.set(BUCKET, "empty.gz", "");
  expect(await totalOf(await work({ key: "empty.gz" }))).toBe(0);
});

test.each([
  ["missing", new ObjectMissingError(BUCKET, KEY), { status: "quarantined", reason: "missing" }],
  ["changed", new ObjectChangedError(BUCKET, KEY), { status: "quarantined", reason: "changed" }],
  ["denied", new ObjectAccessDeniedError(BUCKET, KEY), { status: "quarantined", reason: "access-denied" }],
  ["archived", new ObjectArchivedError(BUCKET, KEY), { status: "skipped", reason: "archived" }],
])("invariant 7: what is wrong with the file is its outcome, and asked for once: %s", async (_, error, outcome) => {
  const get = jest.spyOn(store, "get").mockRejectedValue(error);
  expect(await work()).toMatchObject(outcome);
  expect(get).toHaveBeenCalledTimes(1);
});

test("what is wrong with the way to the object is thrown: another attempt may do better", async () => {
  jest.spyOn(store, "get").mockRejectedValue(new Error("getaddrinfo ENOTFOUND"));
  await expect(work()).rejects.toThrow("ENOTFOUND");
});

test("a transfer that breaks off twice is tried again, after longer each time; what was counted before counts nothing", async () => {
  breakOff(2, new Error("socket hang up"));
  expect(await totalOf(await work())).toBe(2);
  expect(sleep.mock.calls.map(([milliseconds]) => milliseconds)).toEqual([200, 400]);
});

test("a transfer that breaks off three times is given up, with the file and the cause, and says nothing about the file", async () => {
  const cause = new Error("socket hang up");
  breakOff(3, cause);
  const error = await work().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(TransferError);
  expect(error).toMatchObject({ message: `s3://${BUCKET}/${KEY}: the transfer broke off: socket hang up` });
  expect(sleep).toHaveBeenCalledTimes(2);
});

test("a gzip that is cut by its transfer is no corrupt gzip", async () => {
  const packed = gzipSync("alpha betas");
  store.set(BUCKET, "file.gz", packed);
  for (let length = 0; length < packed.length; length += 1) {
    breakOff(3, new Error("socket hang up"), packed.subarray(0, length));
    await expect(work({ key: "file.gz" })).rejects.toThrow(TransferError);
    jest.restoreAllMocks();
    jest.spyOn(clock, "sleep").mockResolvedValue();
  }
});

test("who gives the lease up is told so, and nothing is tried again", async () => {
  const lost = new Error("the lease is lost");
  const stop = new AbortController();
  const get = store.get.bind(store);
  const spy = jest.spyOn(store, "get").mockImplementation((...place) => {
    stop.abort(lost);
    return get(...place);
  });
  await expect(work({}, stop.signal)).rejects.toBe(lost);
  expect(spy).toHaveBeenCalledTimes(1);
});

test.each<[string, Error]>([
  ["a full disk", Object.assign(new Error("no space left on device"), { syscall: "write", code: "ENOSPC" })],
  ["a run that something cut", new BrokenRunError({ path: "run-1", bytes: 10 }, "has 5 bytes instead of 10")],
  ["a workload that is busy", new TryAgainLaterError("the license server is away")],
  ["a workload that can do no file", new WorkloadUnusableError("no such program")],
])(
  "invariant 7: an error of this machine or of the workload as a whole is thrown, the file has nothing to do with it: %s",
  async (_, error) => {
    const failing = {
      get: () => {
        throw error;
      },
    };
    await expect(workSplit(deps(), { bucket: BUCKET, key: KEY }, () => failing.get(), never)).rejects.toBe(error);
  },
);

test("invariant 7: a workload that fails on a file costs that file, and its connection is closed", async () => {
  const bodies: Readable[] = [];
  const get = store.get.bind(store);
  jest.spyOn(store, "get").mockImplementation(async (...place) => {
    const object = await get(...place);
    bodies.push(object.body);
    return object;
  });
  const worked = await workSplit(
    deps(),
    { bucket: BUCKET, key: KEY },
    () => {
      throw new TypeError("no such property");
    },
    never,
  );
  expect(worked).toEqual({ status: "quarantined", reason: "workload-error", detail: "no such property" });
  expect(bodies.map(({ destroyed }) => destroyed)).toEqual([true]);
});

describe("what outcomes are called", () => {
  test("every outcome has its letter, and every letter its outcome", () => {
    for (const [letter, outcome] of Object.entries(OUTCOME_LETTERS)) expect(outcomeOfLetter(letter)).toBe(outcome);
    const reasons = Object.values(OUTCOME_LETTERS).flatMap((outcome) => ("reason" in outcome ? [outcome.reason] : []));
    expect([...reasons].sort()).toEqual([...SKIP_REASONS, ...QUARANTINE_REASONS].sort());
    expect(reasons.map((reason) => outcomeOfLetter(letterOfReason(reason)))).toEqual(
      reasons.map((reason) => expect.objectContaining({ reason }) as unknown),
    );
  });

  test("an unknown letter or reason is an error, not an outcome", () => {
    expect(() => outcomeOfLetter("?")).toThrow(/'\?' is unknown here/);
    expect(() => letterOfReason("no-such-reason" as never)).toThrow(/no outcome letter stands for reason 'no-such-reason'/);
  });
});
