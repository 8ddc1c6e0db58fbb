import { completeTermination, watchTermination } from "../../worker/termination";
import { runWorker } from "../../worker/compose";
import { REF, SOURCE } from "../support/batch-world";
import { FakeRetirement, FakeTermination } from "../support/fakes/capacity";
import { holdFiles } from "../support/hold-files";
import { letPass, ManualClock } from "../support/manual-clock";
import { until } from "../support/until";
import { s3Event, TEN_FILES, WorkerWorld } from "../support/worker-world";

describe("a worker whose group ends its instance", () => {
  let world: WorkerWorld;
  let clock: ManualClock;
  beforeEach(() => {
    world = new WorkerWorld();
    clock = new ManualClock();
  });
  afterEach(() => {
    world.dispose();
  });
  const settings = () => world.settings({ slots: 1, leaseSeconds: 3_000, progressTimeoutSeconds: 3_000 });
  const never = new AbortController().signal;

  test("S1.69: scale-in while busy loses nothing: the file is finished, the rest given back, and only then may the instance go", async () => {
    await world.plan(TEN_FILES, { filesPerChunk: 10 });
    await world.queues.chunks.send(world.chunkMessages());
    const held = holdFiles(world.store, SOURCE);
    const termination = new FakeTermination();
    const running = runWorker(world.ports({ clock, termination }), settings(), never);
    await until(() => held.count > 0);
    termination.due = true;
    await letPass(clock, 5_000);
    expect([world.indexOf("termination_due") >= 0, world.drainCauses(), termination.completions]).toEqual([true, ["stopped"], 0]);
    held.release();
    expect(await running).toBe("stopped");
    expect(termination.completions).toBe(1);
    const order = ["termination_due", "drain_started", "collector_stopped", "termination_completed"].map((event) => world.indexOf(event));
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(await world.ledger.getChunk(REF, 0)).toMatchObject({ outcomes: "P", released: { claim: 1, cause: "drain" } });
    expect(await world.queues.chunks.read()).toEqual({ visible: 1, inFlight: 0 });
  });

  test("S1.69: what waited for a slot goes back untouched", async () => {
    const held = holdFiles(world.store, SOURCE);
    for (let index = 0; index < 4; index += 1) world.store.set(SOURCE, `${index}.txt`, "delta");
    await world.queues.jobs.send(Array.from({ length: 4 }, (_, index) => s3Event(`${index}.txt`)));
    const termination = new FakeTermination();
    const running = runWorker(world.ports({ clock, termination }), settings(), never);
    await until(() => held.count === 1);
    termination.due = true;
    await letPass(clock, 5_000);
    held.release();
    await running;
    expect(await world.queues.jobs.read()).toEqual({ visible: 3, inFlight: 0 });
  });

  test("one that retired doesn't keep its group waiting: as soon as that waits, it is told", async () => {
    const termination = new FakeTermination([false, true]);
    const running = runWorker(
      world.ports({ clock, termination, retirement: new FakeRetirement() }),
      world.settings({ idleSeconds: 60 }),
      never,
    );
    await letPass(clock, 60_000);
    await until(() => termination.completions === 1);
    await letPass(clock, 5_000);
    expect(await running).toBe("retired");
    expect(termination.completions).toBe(2);
  });

  test("one that is told to stop by its machine, or goes on because its group refused, completes nothing", async () => {
    const termination = new FakeTermination();
    const stop = new AbortController();
    const running = runWorker(
      world.ports({ clock, termination, retirement: new FakeRetirement(false) }),
      world.settings({ idleSeconds: 60 }),
      stop.signal,
    );
    await letPass(clock, 60_000);
    await until(() => world.indexOf("retirement_refused") >= 0);
    stop.abort();
    expect(await running).toBe("stopped");
    expect(termination.completions).toBe(0);
  });
});

describe("telling the group", () => {
  const told = async (termination: FakeTermination, milliseconds: number, stop = new AbortController()): Promise<unknown[]> => {
    const clock = new ManualClock();
    const logged: unknown[] = [];
    const log = (level: string, event: string): void => void logged.push(`${level} ${event}`);
    const telling = completeTermination({ clock, log, termination }, stop.signal);
    for (let passed = 0; passed < milliseconds; passed += 5_000) {
      await until(() => clock.sleeping === 1);
      clock.advance(5_000);
    }
    await telling;
    return [...logged, termination.completions];
  };

  test("a call that fails is made again", async () => {
    expect(await told(new FakeTermination([new Error("throttled"), true]), 5_000)).toEqual(["info termination_completed", 2]);
  });

  test("it is given up after two minutes, and said: then the hook's own time ends the instance", async () => {
    const refusing = new FakeTermination(Array.from({ length: 100 }, () => false));
    expect(await told(refusing, 120_000)).toEqual(["warn termination_not_completed", 24]);
  });

  test("a machine that goes down tells nobody", async () => {
    const stop = new AbortController();
    stop.abort();
    expect(await told(new FakeTermination(), 0, stop)).toEqual([0]);
  });
});

test("watching: asked each 5 s, again after a question that failed, and it ends with the worker", async () => {
  const clock = new ManualClock();
  const logged: string[] = [];
  const termination = new FakeTermination();
  jest.spyOn(termination, "isDue").mockRejectedValueOnce(new Error("timeout"));
  const [ending, ended] = [new AbortController(), new AbortController()];
  const watching = watchTermination({ clock, termination, log: (_level, event) => void logged.push(event) }, ending, ended.signal);
  await until(() => clock.sleeping === 1);
  clock.advance(4_999);
  expect(clock.sleeping).toBe(1);
  clock.advance(1);
  await until(() => clock.sleeping === 1);
  ended.abort();
  await watching;
  expect([logged, ending.signal.aborted]).toEqual([["termination_watch_failed"], false]);
});
