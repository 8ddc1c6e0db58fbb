import { checkBefore, settleNewStack } from "../../../../../systems/batch/cli/load-test/preflight";
import type { Reporter } from "../../../../../kit/cli/render/reporter";
import { RowLedger } from "../../../../../systems/batch/core/ledger/row-ledger";
import { MemoryRowStore } from "../../../../../kit/simulator/memory/memory-row-store";
import { MemoryResultStore } from "../../../../../systems/batch/simulation/world/memory-result-store";
import { FakeClock } from "../../../../support/fakes/clock";
import { FakeDepth, FakeLoadTest } from "../../../../support/fakes/load-test";
import { OUTPUTS } from "../harness";

function stack() {
  const clock = new FakeClock();
  const said: string[] = [];
  const reporter = { say: (text: string) => said.push(text), wait: () => undefined } as unknown as Reporter;
  const parts = {
    clock,
    ledger: new RowLedger(new MemoryRowStore(), clock),
    loadTest: new FakeLoadTest(() => new MemoryResultStore()),
    outputs: OUTPUTS,
    chunks: new FakeDepth(),
  };
  const check = (purge = false) => checkBefore(parts, { purge, reporter, signal: new AbortController().signal });
  return { ...parts, parts, said, check };
}

test("a fleet alone at its minimum with empty queues may be loaded, and what nobody can see is said (S1.71)", async () => {
  const { check, loadTest } = stack();
  const { group, purged, unseen } = await check();
  expect(group.minimum).toBe(1);
  expect(purged).toBeUndefined();
  expect(unseen.join("\n")).toContain("SQS lists no consumers");
  expect(loadTest.jobs.purges + loadTest.results.purges).toBe(0);
});

test("messages are deleted with leave only, and their numbers are said either way (S1.72)", async () => {
  const { check, loadTest, said } = stack();
  loadTest.jobs.visible = 7;
  loadTest.results.visible = 1;
  await expect(check()).rejects.toThrow("the queues are not empty: 7 messages in the jobs queue and 1 message in the results queue");
  expect(loadTest.jobs.purges + loadTest.results.purges).toBe(0);

  const { purged } = await check(true);
  expect(said).toContain("deleting 7 messages in the jobs queue and 1 message in the results queue");
  expect(purged).toEqual({ jobs: { visible: 7, inFlight: 0 }, results: { visible: 1, inFlight: 0 } });
  expect(loadTest.jobs.visible + loadTest.results.visible).toBe(0);
});

test("an empty queue is not purged, though the other one is", async () => {
  const { check, loadTest } = stack();
  loadTest.results.visible = 3;
  await check(true);
  expect([loadTest.jobs.purges, loadTest.results.purges]).toEqual([0, 1]);
});

test("a queue that fills as it is purged is no empty one", async () => {
  const { check, loadTest } = stack();
  loadTest.jobs.visible = 3;
  loadTest.jobs.purge = () => Promise.resolve();
  await expect(check(true)).rejects.toThrow("somebody goes on sending");
});

test("batches' messages are never deleted: they are a reason to wait", async () => {
  const { check, parts } = stack();
  parts.chunks.visible = 2;
  await expect(check(true)).rejects.toThrow("a batch is at work: 2 messages in the chunks queue");
  expect(parts.chunks.purges).toBe(0);
});

test("a message in flight is somebody's, whatever may be deleted (S1.71)", async () => {
  const { check, loadTest } = stack();
  loadTest.jobs.inFlight = 1;
  await expect(check(true)).rejects.toThrow("1 message of the jobs queue is in flight");
  expect(loadTest.jobs.purges).toBe(0);
});

test.each([
  ["has one more", { desired: 1, instances: ["a", "b"] }],
  ["wants one more", { desired: 2, instances: ["a"] }],
  ["is still starting", { desired: 1, instances: ["a:Pending"] }],
])("a group that %s is not at its minimum", async (_, { desired, instances }) => {
  const { check, loadTest } = stack();
  loadTest.fleet.state = {
    ...loadTest.fleet.state,
    desired,
    instances: instances.map((each) => ({ id: each[0] ?? "", zone: "z", state: each.split(":")[1] ?? "InService" })),
  };
  await expect(check()).rejects.toThrow("the group is not at its minimum");
});

test("an instance of the application outside of the group is named: the developer's own, say (S1.71)", async () => {
  const { check, loadTest } = stack();
  loadTest.fleet.others = ["i-dev"];
  await expect(check()).rejects.toThrow("others than the group's instances may take messages: i-dev");
});

test("a worker that gave a sign of life of late is there, unless the group has ended it; one that is silent is not", async () => {
  const { check, clock, ledger, loadTest } = stack();
  await ledger.noteHost({ worker: "i-alive", at: clock.now(), version: "v" });
  await expect(check()).rejects.toThrow("i-alive");
  loadTest.fleet.done = [
    { startedAt: "2026-01-01T00:00:00.000Z", status: "Successful", description: "Terminating EC2 instance: i-alive", cause: "" },
  ];
  await expect(check()).resolves.toBeDefined();
  loadTest.fleet.done = [];
  await clock.sleep(6 * 60_000);
  await expect(check()).resolves.toBeDefined();
});

test("a stack without a fleet in the way of uploads, and a group that can't grow, are refused", async () => {
  const { check, loadTest, parts } = stack();
  loadTest.fleet.state = { ...loadTest.fleet.state, maximum: 1 };
  await expect(check()).rejects.toThrow("the group has 1 to 1 instances: it can't scale");
  const lambda = { ...parts, outputs: { ...OUTPUTS, ingest: "lambda" as const } };
  const signal = new AbortController().signal;
  await expect(checkBefore(lambda, { purge: false, reporter: undefined as never, signal })).rejects.toThrow(
    "uploads of this stack go to Lambda",
  );
});

test("a new stack is at rest when its test message and the worker that it woke are gone, and the cooldown of the first launch is over", async () => {
  const { clock, loadTest, parts } = stack();
  loadTest.jobs.visible = 1;
  const start = clock.monotonic();
  await settleNewStack(parts, 10, new AbortController().signal);
  expect(loadTest.jobs.purges).toBe(1);
  expect(clock.monotonic() - start).toBe(30_000);

  loadTest.fleet.state = { ...loadTest.fleet.state, minimum: 0 };
  await expect(settleNewStack(parts, 10, new AbortController().signal)).rejects.toThrow(
    "the new stack does not come to rest: 1 instance of 0",
  );
});
