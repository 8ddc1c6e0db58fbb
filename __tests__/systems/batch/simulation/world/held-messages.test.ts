import { MINUTE, SECOND, START_MILLISECONDS } from "../../../../../kit/simulator/kernel/times";
import { VirtualTime } from "../../../../../kit/simulator/kernel/virtual-time";
import { MemoryQueue } from "../../../../../kit/simulator/memory/memory-queue";
import { HeldMessages } from "../../../../../systems/batch/simulation/world/held-messages";

const RECEIVE = { maximumMessages: 10, waitSeconds: 0, leaseSeconds: 60 };

test.each([
  ["deleted", false],
  ["given back", false],
  ["renewed", true],
  ["left", false],
] as const)("a message that is %s in time: whether it is held two minutes later is %s", async (what, isHeld) => {
  const time = new VirtualTime(START_MILLISECONDS);
  const memory = new MemoryQueue({ name: "jobs", clock: time, random: () => 0.5 });
  await memory.send(["a job"]);
  const held = new HeldMessages(() => time.now());
  const queue = held.watch(memory);
  expect(held.isHolding).toBe(false);
  const messages = await queue.receive(RECEIVE);
  expect(held.isHolding).toBe(true);
  await time.run(() => false, START_MILLISECONDS + 50 * SECOND);
  if (what === "deleted") await queue.delete(messages);
  if (what === "given back") await queue.extend(messages, 0);
  if (what === "renewed") await queue.extend(messages, 120);
  time.after(2 * MINUTE - 50 * SECOND, () => undefined);
  await time.run(() => false, START_MILLISECONDS + 2 * MINUTE);
  expect(held.isHolding).toBe(isHeld);
});
