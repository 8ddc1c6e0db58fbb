import { VERSIONS } from "../../../../../systems/batch/contracts/versions";
import { RowLedger } from "../../../../../systems/batch/core/ledger/row-ledger";
import { readBatchProgress } from "../../../../../systems/batch/core/results/batch-progress";
import type { BatchProgress } from "../../../../../systems/batch/core/results/batch-progress";
import type { ExecutionState } from "../../../../../systems/batch/ports/workflow";
import { UnknownBatchError } from "../../../../../systems/batch/core/stored-batch/errors";
import { NotArrivedError } from "../../../../../systems/batch/core/stored-batch/arrivals";
import { submissionList } from "../../../../../systems/batch/core/stored-batch/submission-list";
import { submissionKey } from "../../../../../systems/batch/contracts/state-keys";
import { watchBatch, WorkflowFailedError, type WatchBatchPorts } from "../../../../../systems/batch/core/results/watch-batch";
import { MemoryObjectStore } from "../../../../../kit/simulator/memory/memory-object-store";
import { MemoryRowStore } from "../../../../../kit/simulator/memory/memory-row-store";
import { batchRecord } from "../../../../support/batch-record";
import { FakeClock } from "../../../../support/fakes/clock";
import { FakeWorkflow } from "../../../../support/fakes/workflow";

const [UPLOADING, STATE] = ["uploading", "batch-state"];
const REF = { batchId: "01JD3Z0T2V5Y8W4KQ6R7M9N1PX", generation: 1 };
const FILES = { total: 3, processed: 3, skipped: 0, quarantined: 0, unfinished: 0 };
const PLAN = {
  route: "fleet",
  fileCount: 3,
  bytes: 30,
  splitCount: 3,
  chunkCount: 1_001,
  manifestSha256: "0".repeat(64),
  planSha256: "2".repeat(64),
  carriedFileCount: 0,
  versions: VERSIONS,
  estimatedSeconds: 1,
  estimatedCostUsd: 0.01,
  acknowledgePer: "file",
} as const;

const CLAIMANT = { worker: "worker", leaseUntil: 1 };
let clock: FakeClock;
let ledger: RowLedger;
let workflow: FakeWorkflow;
let objects: MemoryObjectStore;
let ports: WatchBatchPorts;

beforeEach(async () => {
  clock = new FakeClock();
  ledger = new RowLedger(new MemoryRowStore(), clock);
  workflow = new FakeWorkflow(clock);
  objects = new MemoryObjectStore([UPLOADING, STATE]);
  ports = { ledger, workflow, clock, objects, stateBucket: STATE };
  await ledger.createBatch(
    batchRecord({
      batchId: REF.batchId,
      requestId: "r",
      sources: [{ bucket: UPLOADING, prefix: "p/" }],
      submittedAt: new Date(clock.now()).toISOString(),
    }),
  );
  await workflow.start(REF);
});

async function report(): Promise<void> {
  await ledger.closeGeneration(REF, "complete");
  await ledger.sealGeneration(REF, { files: FILES, sealedSha256: "1".repeat(64) });
  await ledger.putCompletion(REF, "{}");
  await ledger.markCompletionSent(REF, new Date(clock.now()).toISOString());
}

test("tells the phases in their order and ends with the report", async () => {
  // one step of the batch for every look of the watcher
  const steps: (() => Promise<unknown>)[] = [
    () => ledger.recordPlan(REF, PLAN),
    async () => {
      await ledger.claimChunk(REF, 0, CLAIMANT);
      await ledger.commitGroup(REF, 0, 1, { group: 0, outcomes: "Pn", finishes: true, leaseUntil: 1, slotMilliseconds: 1 });
      await ledger.claimChunk(REF, 1_000, CLAIMANT);
      await ledger.commitGroup(REF, 1_000, 1, { group: 0, outcomes: "P", finishes: true, leaseUntil: 1, slotMilliseconds: 1 });
    },
    () => ledger.closeGeneration(REF, "complete"),
    () => ledger.sealGeneration(REF, { files: FILES, sealedSha256: "1".repeat(64) }),
    report,
  ];
  const sleep = clock.sleep.bind(clock);
  clock.sleep = async (milliseconds, signal) => {
    await steps.shift()?.();
    await sleep(milliseconds, signal);
  };
  const told: BatchProgress[] = [];
  const generation = await watchBatch(ports, REF, { onProgress: (progress) => told.push(progress) });
  expect(generation.files).toEqual(FILES);
  expect(told).toEqual([
    { phase: "planning" },
    { phase: "processing", settled: 0, total: 3 },
    { phase: "processing", settled: 3, total: 3 }, // chunk 1,000 lies in the second shard
    { phase: "closing" },
    { phase: "reducing" },
    { phase: "reported" },
  ]);
});

test("an execution that failed leaves the backstop time to report, then is an error with its cause", async () => {
  workflow.end(`${REF.batchId}-g1`, "failed", "States.TaskFailed", "AccessDenied: s3:ListBucket");
  const startedAt = clock.now();
  const watching = watchBatch(ports, REF);
  await expect(watching).rejects.toThrow(WorkflowFailedError);
  await expect(watching).rejects.toThrow(/States.TaskFailed: AccessDenied: s3:ListBucket/);
  expect(clock.now() - startedAt).toBeGreaterThanOrEqual(90_000);
});

test.each<[string, ExecutionState | undefined, string]>([
  ["that does not exist", undefined, "its execution does not exist"],
  ["that succeeded", { status: "succeeded", startedAt: 0 }, "its execution succeeded without a report"],
  ["that failed without a word", { status: "failed", startedAt: 0 }, "its execution failed with no error name: no cause given"],
])("an execution %s is looked at each 5 s, and given up 90 s after it was first seen so", async (_, state, problem) => {
  const startedAt = clock.now();
  const looks: number[] = [];
  workflow.status = () => {
    looks.push(clock.now() - startedAt);
    return Promise.resolve(state);
  };
  await expect(watchBatch(ports, REF)).rejects.toThrow(problem);
  expect(looks).toEqual(Array.from({ length: 19 }, (_value, look) => 5_000 * (look + 1)));
  expect(clock.now() - startedAt).toBe(95_000);
});

test("an execution that runs again is given its time anew", async () => {
  const startedAt = clock.now();
  workflow.status = () => {
    const at = clock.now() - startedAt;
    return Promise.resolve(at === 50_000 ? { status: "running", startedAt } : { status: "failed", startedAt });
  };
  await expect(watchBatch(ports, REF)).rejects.toThrow(WorkflowFailedError);
  expect(clock.now() - startedAt).toBe(55_000 + 90_000);
});

test("the backstop's report ends the wait", async () => {
  workflow.end(`${REF.batchId}-g1`, "failed", "States.TaskFailed", "no");
  const sleep = clock.sleep.bind(clock);
  clock.sleep = async (milliseconds, signal) => {
    if (clock.slept.length === 30) await report();
    await sleep(milliseconds, signal);
  };
  await expect(watchBatch(ports, REF)).resolves.toMatchObject({ closeCause: "complete" });
});

test("an unknown batch is an error at once", async () => {
  await expect(watchBatch(ports, { batchId: "01JD3Z0T2V5Y8W4KQ6R7M9N1PY", generation: 1 })).rejects.toThrow(UnknownBatchError);
});

test("an interruption ends the wait with its reason", async () => {
  const controller = new AbortController();
  const reason = new Error("interrupted");
  const watching = watchBatch(ports, REF, {
    onProgress: () => {
      controller.abort(reason);
    },
    signal: controller.signal,
  });
  await expect(watching).rejects.toBe(reason);
});

/** Makes each look at the ledger take its time; the batch is reported before the last one. */
function looksTake(...durations: readonly number[]): void {
  const getGeneration = ledger.getGeneration.bind(ledger);
  let looks = 0;
  ledger.getGeneration = async (ref) => {
    clock.advance(durations[looks] ?? 0);
    looks += 1;
    if (looks === durations.length) await report();
    return getGeneration(ref);
  };
}

test("looks that take long are made seldom, but nobody waits longer than 20 s for what is known", async () => {
  looksTake(1_500, 1_500, 1_800, 9_000, 9_000, 1_000);
  await watchBatch(ports, REF);
  expect(clock.slept).toEqual([15_000, 15_000, 15_000, 18_000, 20_000]);
});

test("a single look that was held up delays nothing", async () => {
  looksTake(20, 30_000, 20, 7_200_000, 20, 20);
  await watchBatch(ports, REF);
  expect(clock.slept).toEqual(Array.from({ length: 5 }, () => 500));
});

test("progress of a generation without a plan reads no chunk rows", async () => {
  const generation = await ledger.getGeneration(REF);
  if (generation === undefined) throw new Error("no generation");
  expect(await readBatchProgress(ports, generation)).toEqual({ phase: "planning" });
});

describe("a batch whose submission brings its files along", () => {
  const ARRIVING = { ...REF, batchId: "01JD3Z0T2V5Y8W4KQ6R7M9N1PZ" };
  const LIST = submissionList(["a", "b", "c"].map((name) => ({ name, size: 1, sha256: "0".repeat(64) })));
  beforeEach(() =>
    ledger.createBatch(
      batchRecord({
        batchId: ARRIVING.batchId,
        requestId: "nightly",
        sources: [{ bucket: UPLOADING, prefix: "new/" }],
        submission: LIST.summary,
      }),
    ),
  );
  /** One step of the submission for every look of the watcher. */
  const during = (steps: (() => unknown)[]): void => {
    const sleep = clock.sleep.bind(clock);
    clock.sleep = async (milliseconds, signal) => {
      await steps.shift()?.();
      await sleep(milliseconds, signal);
    };
  };
  const put = (name: string) => (): void => {
    objects.set(UPLOADING, `new/${name}`, "x");
  };

  test("tells how many files are there, from the moment it is known until all are", async () => {
    const stop = new AbortController();
    during([
      () => {
        objects.set(STATE, submissionKey(ARRIVING.batchId), LIST.text);
      },
      put("b"),
      put("not of the batch"),
      put("a"),
      put("c"),
      () => ledger.markArrived(ARRIVING.batchId, "2026-01-01T00:00:01.000Z"),
      () => {
        stop.abort(new Error("seen enough"));
      },
    ]);
    const told: BatchProgress[] = [];
    const watching = watchBatch(ports, ARRIVING, { onProgress: (progress) => told.push(progress), signal: stop.signal });
    await expect(watching).rejects.toThrow("seen enough");
    expect(told).toEqual([...[0, 0, 1, 1, 2, 3].map((arrived) => ({ phase: "uploading", arrived, total: 3 })), { phase: "planning" }]);
  });

  test("is given up when no file comes any more, with how to go on; each file that comes begins the time anew", async () => {
    objects.set(STATE, submissionKey(ARRIVING.batchId), LIST.text);
    const startedAt = clock.now();
    const halfway = once(() => clock.now() - startedAt >= 300_000, put("b"));
    const sleep = clock.sleep.bind(clock);
    clock.sleep = (milliseconds, signal) => {
      halfway();
      return sleep(milliseconds, signal);
    };
    const watching = watchBatch(ports, ARRIVING);
    await expect(watching).rejects.toThrow(NotArrivedError);
    await expect(watching).rejects.toThrow(/^1 of the 3 files of batch \S+ are there/);
    expect(clock.now() - startedAt).toBeGreaterThanOrEqual(900_000);
    expect(clock.now() - startedAt).toBeLessThan(902_000);
  });
});

/** Runs `act` once, the first time that `isDue`. */
function once(isDue: () => boolean, act: () => void): () => void {
  let done = false;
  return () => {
    if (done || !isDue()) return;
    done = true;
    act();
  };
}
