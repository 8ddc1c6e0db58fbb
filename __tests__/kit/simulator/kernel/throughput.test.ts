import { FaultPlan } from "../../../../kit/simulator/kernel/faults";
import { Random } from "../../../../kit/simulator/kernel/random";
import { VirtualTime } from "../../../../kit/simulator/kernel/virtual-time";
import { Throughput, ThrottledWriteError, type WriteLimits } from "../../../../kit/simulator/kernel/throughput";

const SMALL = { text: "x" };
const LARGE = { text: "x".repeat(1_000) };

function tableOf(limits: WriteLimits | undefined): { throughput: Throughput; time: VirtualTime; faults: FaultPlan } {
  const time = new VirtualTime(0);
  const faults = new FaultPlan(new Random(1));
  return { time, faults, throughput: new Throughput({ time, faults }, limits) };
}

/** How many writes of a row a second takes. */
function taken(throughput: Throughput, row: object, pk: (write: number) => string): number {
  for (let write = 0; ; write += 1) {
    try {
      throughput.write(pk(write), { ...row });
    } catch (error) {
      expect(error).toBeInstanceOf(ThrottledWriteError);
      return write;
    }
  }
}

test("a partition takes its units a second, by the size of the row; others are not touched until the table is full", () => {
  const limits = { partition: 10, table: 25 };
  expect(taken(tableOf(limits).throughput, SMALL, () => "one")).toBe(10);
  expect(taken(tableOf(limits).throughput, LARGE, () => "one")).toBe(1);
  expect(taken(tableOf(limits).throughput, SMALL, (write) => `key ${write}`)).toBe(25);
});

test("the next second takes as much again, and after half an hour the table twice as much", async () => {
  const { throughput, time } = tableOf({ partition: 100, table: 4 });
  expect(taken(throughput, SMALL, () => "one")).toBe(4);
  time.after(1_000, () => undefined);
  time.after(30 * 60_000, () => undefined);
  await time.run(() => time.now() >= 1_000, 1_000);
  expect(taken(throughput, SMALL, () => "one")).toBe(4);
  await time.run(() => time.now() >= 30 * 60_000, 30 * 60_000);
  expect(taken(throughput, SMALL, () => "one")).toBe(8);
});

test("without limits it takes all; a limit binds on once faults have ceased (invariant 13); what it refuses is counted", () => {
  const { faults, throughput } = tableOf({ partition: 1, table: 1 });
  expect(taken(throughput, SMALL, () => "one")).toBe(1);
  expect(faults.counts).toEqual({ "write-capacity-used-up": 1 });
  faults.cease();
  expect(taken(throughput, SMALL, () => "one")).toBe(0);
  const free = tableOf(undefined).throughput;
  for (let write = 0; write < 50; write += 1) free.write("one", LARGE);
  expect(faults.counts).toEqual({ "write-capacity-used-up": 2 });
});
