import { Readable } from "node:stream";
import { resultMessageSchema } from "../../../../../systems/batch/contracts/messages";
import { parseUploadMessage, type UploadRecord } from "../../../../../systems/batch/contracts/s3-event";
import { uploadAcknowledgedKey } from "../../../../../systems/batch/contracts/state-keys";
import { RowLedger } from "../../../../../systems/batch/core/ledger/row-ledger";
import { takeUploads, uploadWorkerName, type TakeUploadsDeps } from "../../../../../systems/batch/core/upload-work/take-uploads";
import { MemoryObjectStore } from "../../../../../kit/simulator/memory/memory-object-store";
import { MemoryQueue } from "../../../../../kit/simulator/memory/memory-queue";
import { MemoryRowStore } from "../../../../../kit/simulator/memory/memory-row-store";
import { MemoryResultStore } from "../../../../../systems/batch/simulation/world/memory-result-store";
import { countDeps, temporaryDirectory } from "../../../../support/count-harness";
import { testFaults } from "../../../../support/fakes/service-faults";
import { letPass, ManualClock } from "../../../../support/manual-clock";
import { wordCountOf } from "../../../../support/word-count";

const BUCKET = "processing";
const STATE = "batch-state";
const RUN = "01JRVN00000000000000000000";
const KEY = `uploads/${RUN}/a.txt`;
const TIMEOUT_MILLISECONDS = 300_000;
/** What takeUploads leaves for the rest. */
const RESERVE_MILLISECONDS = 60_000;
const BYTES_PER_SECOND = 1_000;
/** Half of what is worked through in the time. */
const LARGEST_BYTES = 120_000;

const directory = temporaryDirectory();
afterAll(() => {
  directory.remove();
});
afterEach(() => {
  directory.assertEmpty();
});

/** What an event tells; its time is now, or unknown, where nothing else is said. */
interface Told extends Omit<Partial<UploadRecord>, "happenedAt"> {
  readonly happenedAt?: number | "unknown";
}
const timeOf = ({ happenedAt, ...rest }: Told, now: number): Partial<UploadRecord> =>
  happenedAt === "unknown" ? rest : { ...rest, happenedAt: happenedAt ?? now };

class Uploads {
  public readonly clock = new ManualClock();
  public readonly store = new MemoryObjectStore([BUCKET, STATE], { now: () => this.clock.now() });
  public readonly results = new MemoryResultStore();
  public readonly ledger = new RowLedger(new MemoryRowStore(), this.clock);
  public readonly jobs = new MemoryQueue({ name: "jobs", clock: this.clock });
  public readonly told: string[] = [];
  public readonly logged: { readonly event: string; readonly fields: Readonly<Record<string, unknown>> }[] = [];

  public take(record: Told = {}, changes: Partial<TakeUploadsDeps> = {}, further: readonly UploadRecord[] = []) {
    const { clock, jobs, ledger, results, store } = this;
    const deps: TakeUploadsDeps = {
      clock,
      jobs,
      ledger,
      results,
      store,
      stateBucket: STATE,
      workload: wordCountOf(),
      room: countDeps(directory.path),
      faults: testFaults,
      bytesPerSlotSecond: BYTES_PER_SECOND,
      acknowledge: (messages) => {
        this.told.push(...messages.map((message) => JSON.stringify(message)));
        return Promise.resolve();
      },
      log: (_level, event, fields) => void this.logged.push({ event, fields }),
      ...changes,
    };
    const began = clock.monotonic();
    return takeUploads(deps, [{ bucket: BUCKET, key: KEY, ...timeOf(record, clock.now()) }, ...further], {
      requestId: "request-1",
      remainingMilliseconds: () => TIMEOUT_MILLISECONDS - (clock.monotonic() - began),
    });
  }

  public get handedOver(): { readonly cause: unknown; readonly key: string }[] {
    const causes = this.logged.filter(({ event }) => event === "upload_handed_over").map(({ fields }) => fields["cause"]);
    return this.jobs.bodies.flatMap((body, index) => {
      const message = parseUploadMessage(body);
      return message.kind === "records" ? message.records.map(({ key }) => ({ cause: causes[index], key })) : [];
    });
  }

  public async notes(): Promise<number> {
    return (await this.ledger.getUploadSuspicion({ bucket: BUCKET, key: KEY })).deaths;
  }
}
let world: Uploads;
beforeEach(() => {
  world = new Uploads();
});

test("S1.116: item, acknowledgement and the note for the run that waits, in that order", async () => {
  world.store.set(BUCKET, KEY, "alpha alpha betas");
  expect(await world.take()).toEqual({ acknowledged: 1, handedOver: 0 });
  const [item] = await world.results.get([`${BUCKET}/${KEY}`]);
  const [message] = world.told.map((body) => resultMessageSchema.parse(JSON.parse(body)));
  expect(message).toMatchObject({ type: "file-processed", bucket: BUCKET, key: KEY, etag: item?.etag });
  expect(JSON.parse(world.store.text(STATE, uploadAcknowledgedKey(RUN, `${BUCKET}/${KEY}`)))).toEqual({ messageId: message?.messageId });
});

test("invariant 4: nobody is told that it is acknowledged when it was not, and the event is tried again", async () => {
  world.store.set(BUCKET, KEY, "alpha");
  await expect(world.take({}, { acknowledge: () => Promise.reject(new Error("SQS is away")) })).rejects.toThrow("SQS is away");
  expect(world.store.has(STATE, uploadAcknowledgedKey(RUN, `${BUCKET}/${KEY}`))).toBe(false);
  await world.take();
  await world.take();
  expect(new Set(world.told).size).toBe(1);
});

describe("an upload under suspicion", () => {
  const notesMeanwhile = async (happenedAt: number | "unknown"): Promise<number> => {
    world.store.set(BUCKET, KEY, "alpha");
    let meanwhile = -1;
    const get = world.store.get.bind(world.store);
    jest.spyOn(world.store, "get").mockImplementation(async (...call) => {
      meanwhile = await world.notes();
      return get(...call);
    });
    await world.take({ happenedAt });
    return meanwhile;
  };

  test.each([
    ["an event of just now is a first attempt, and costs nothing more", 0, 0],
    ["one that is nearly a minute old is, too", 59_999, 0],
    ["one of a minute ago may be a repetition, and is noted before it is read", 60_000, 1],
    ["one whose time nobody knows may be, too", undefined, 1],
  ])("%s", async (_name, age, notes) => {
    expect(await notesMeanwhile(age === undefined ? "unknown" : world.clock.now() - age)).toBe(notes);
    expect(await world.notes()).toBe(0);
  });

  test("invariant 7: the note names the invocation, and stands when that dies", async () => {
    world.store.set(BUCKET, KEY, "alpha");
    const begin = jest.spyOn(world.ledger, "beginUpload");
    jest.spyOn(world.store, "get").mockReturnValue(new Promise(() => undefined));
    void world.take({ happenedAt: "unknown" });
    await letPass(world.clock, 1_000);
    expect(begin.mock.calls.map(([, { worker }]) => worker)).toEqual([uploadWorkerName("request-1")]);
    expect(await world.notes()).toBe(1);
  });

  test("an error takes it back: it says nothing of the file", async () => {
    jest.spyOn(world.store, "get").mockRejectedValue(new Error("S3 is away"));
    await expect(world.take({ happenedAt: "unknown" })).rejects.toThrow("S3 is away");
    expect(await world.notes()).toBe(0);
  });
});

describe("what is too much for a function is the fleet's (X11)", () => {
  test.each([
    [LARGEST_BYTES, []],
    [LARGEST_BYTES + 1, [{ cause: "too-large", key: KEY }]],
  ])("by its size: %d bytes", async (size, handedOver) => {
    world.store.set(BUCKET, KEY, "alpha");
    const get = jest.spyOn(world.store, "get");
    expect(await world.take({ size })).toMatchObject({ handedOver: handedOver.length });
    expect(world.handedOver).toEqual(handedOver);
    expect([get.mock.calls.length, world.told.length]).toEqual(handedOver.length === 0 ? [1, 1] : [0, 0]);
  });

  test.each([new ManualClock().now(), "unknown"] as const)(
    "by the time that it takes, first attempt or not: its end is the fleet's, and no death",
    async (happenedAt) => {
      world.store.set(BUCKET, KEY, "alpha");
      const get = world.store.get.bind(world.store);
      jest.spyOn(world.store, "get").mockImplementation(async (...call) => {
        const { body, ...rest } = await get(...call);
        body.destroy();
        const signal = call[2]?.signal;
        // says nothing, for as long as it is waited for
        const silent = new Readable({ read: () => undefined });
        signal?.addEventListener("abort", () => silent.destroy(signal.reason as Error));
        return { ...rest, body: silent };
      });
      const taken = world.take({ happenedAt });
      await letPass(world.clock, TIMEOUT_MILLISECONDS - RESERVE_MILLISECONDS - 1);
      expect(world.handedOver).toEqual([]);
      await letPass(world.clock, 1);
      expect(await taken).toEqual({ acknowledged: 0, handedOver: 1 });
      expect(world.handedOver).toEqual([{ cause: "too-slow", key: KEY }]);
      expect([await world.notes(), world.told]).toEqual([0, []]);
    },
  );

  test("by the room that it takes on the disk", async () => {
    world.store.set(BUCKET, KEY, "alpha");
    const full = Object.assign(new Error("no space left on device"), { code: "ENOSPC", syscall: "write" });
    jest.spyOn(world.results, "put").mockRejectedValue(new Error("spilling failed", { cause: full }));
    expect(await world.take()).toEqual({ acknowledged: 0, handedOver: 1 });
    expect(world.handedOver).toEqual([{ cause: "no-room", key: KEY }]);
  });

  test("of several files each has its own way, and those that are done are acknowledged", async () => {
    world.store.set(BUCKET, KEY, "alpha");
    const big = { bucket: BUCKET, key: "big.txt", size: LARGEST_BYTES + 1 };
    expect(await world.take({}, {}, [big])).toEqual({ acknowledged: 1, handedOver: 1 });
    expect(world.handedOver).toEqual([{ cause: "too-large", key: "big.txt" }]);
    expect(world.told).toHaveLength(1);
  });
});
