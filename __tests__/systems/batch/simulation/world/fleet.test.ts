import type { GroupDefinition, LifecycleHook } from "../../../../../kit/scaling/definition";
import { ScalingRefusedError } from "../../../../../kit/scaling/errors";
import type { ScalingPolicy } from "../../../../../kit/scaling/policy";
import { FaultPlan, type FaultRates } from "../../../../../kit/simulator/kernel/faults";
import { Random } from "../../../../../kit/simulator/kernel/random";
import { HOUR, MINUTE, START_MILLISECONDS } from "../../../../../kit/simulator/kernel/times";
import { Trace } from "../../../../../kit/simulator/kernel/trace";
import { VirtualTime } from "../../../../../kit/simulator/kernel/virtual-time";
import { Fleet } from "../../../../../systems/batch/simulation/world/fleet";
import type { Instance } from "../../../../../systems/batch/simulation/world/instance";
import { groupDefinition } from "../../../../kit/scaling/driven-group";

const IN: ScalingPolicy = { kind: "simple", name: "in", adjustmentType: "ChangeInCapacity", adjustment: -1, cooldownSeconds: 60 };

/** A fleet whose workers run until they are told to stop. */
class Driven {
  public readonly time = new VirtualTime(START_MILLISECONDS);
  public readonly running = new Map<string, Instance>();
  public readonly told = { ended: [] as string[], recommended: [] as string[], refused: 0, keptWaiting: 0 };
  public readonly fleet: Fleet;

  public constructor(changes: Partial<GroupDefinition>, rates: FaultRates = {}) {
    const { time, told } = this;
    const faults = new FaultPlan(new Random(1), true);
    faults.begin(rates);
    const trace = new Trace(START_MILLISECONDS, () => time.now(), false);
    this.fleet = new Fleet(
      { time, faults, trace, random: new Random(2), latencyMilliseconds: 1 },
      { definition: groupDefinition(changes), policies: new Map([["arn:in", IN]]) },
      { startsFrom: () => START_MILLISECONDS },
      {
        runWorker: (process, instance, stop) =>
          new Promise((resolve) => {
            this.running.set(instance.id, instance);
            process.whenKilled(() => this.running.delete(instance.id));
            stop.addEventListener("abort", () => {
              this.running.delete(instance.id);
              resolve("stopped");
            });
          }),
        onInterruption: () => undefined,
        onRebalanceRecommendation: (id) => told.recommended.push(id),
        onLoss: () => undefined,
        onClockStepped: () => undefined,
        onRetired: () => undefined,
        onKeptWaiting: () => told.keptWaiting++,
        onLiveReplaced: () => undefined,
        decisions: {
          launched: () => undefined,
          refused: () => (told.refused += 1),
          ended: ({ id }) => told.ended.push(id),
          scaled: () => undefined,
          settled: () => undefined,
        },
      },
    );
    this.fleet.begin();
  }

  public async until(milliseconds: number): Promise<void> {
    const end = START_MILLISECONDS + milliseconds;
    // time passes although nothing may happen
    this.time.after(end - this.time.now(), () => undefined);
    await this.time.run(() => false, end);
  }

  public get zones(): string[] {
    return [...this.running.values()].map(({ placed }) => placed.zone).sort();
  }
}

test("a worker at the minimum is refused and stays; one above it goes, and its instance is paid for no more", async () => {
  const driven = new Driven({ desired: 2, minimum: 1 });
  await driven.until(5 * MINUTE);
  const [first, second] = [...driven.running.values()];
  if (first === undefined || second === undefined) throw new Error("two workers were to run");
  await expect(driven.fleet.retirementOf(first).retire()).resolves.toBe(true);
  await driven.until(10 * MINUTE);
  await expect(driven.fleet.retirementOf(second).retire()).resolves.toBe(false);
  await driven.until(20 * MINUTE);
  expect([driven.fleet.size, [...driven.running.keys()]]).toEqual([1, [second.id]]);
  expect(driven.told.ended).toEqual([]);
  expect(driven.fleet.paid.since(START_MILLISECONDS + 10 * MINUTE)).toBe(10 * MINUTE);
});

test("a capacity out of the bounds is refused, as the API does it", async () => {
  const driven = new Driven({ maximum: 2 });
  await expect(driven.fleet.setDesired(3)).rejects.toThrow(ScalingRefusedError);
  await driven.until(5 * MINUTE);
  expect(driven.fleet.size).toBe(0);
});

test("what an alarm asks for is done by the group: it ends the instances that it chooses, but none that is protected", async () => {
  for (const protectsNewInstances of [true, false]) {
    const driven = new Driven({ desired: 2, protectsNewInstances });
    // the launches' own cooldown is five minutes
    await driven.until(10 * MINUTE);
    driven.fleet.act({ arn: "arn:in", alarm: { name: "quiet", threshold: 1 }, value: 0 });
    await driven.until(15 * MINUTE);
    expect(driven.fleet.figures.desired).toBe(1);
    expect([driven.told.ended.length, driven.running.size]).toEqual(protectsNewInstances ? [0, 2] : [1, 1]);
  }
});

test("silent hosts: one that is replaced has a successor, one that is ended has none; one that is gone is left at that", async () => {
  const driven = new Driven({ desired: 2, protectsNewInstances: true });
  await driven.until(5 * MINUTE);
  const [first = "", second = ""] = await driven.fleet.inService();
  await driven.fleet.replace(first);
  await driven.fleet.end(second);
  await driven.until(10 * MINUTE);
  await driven.fleet.end(second);
  expect(await driven.fleet.inService()).toEqual(["i-3"]);
  expect(driven.told.ended).toEqual([]);
});

test("a group with a hook waits for the worker of an instance that it ends, and no longer than it may", async () => {
  const drain: LifecycleHook = {
    name: "drain",
    transition: "autoscaling:EC2_INSTANCE_TERMINATING",
    heartbeatTimeoutSeconds: 300,
    defaultResult: "CONTINUE",
  };
  const driven = new Driven({ desired: 2, hooks: [drain] });
  await driven.until(10 * MINUTE);
  const [told, silent] = [...driven.running.values()];
  if (told === undefined || silent === undefined) throw new Error("two workers were to run");
  const termination = driven.fleet.terminationOf(told);
  await expect(Promise.all([termination.isDue(), termination.complete()])).resolves.toEqual([false, false]);
  for (const instance of [told, silent]) await driven.fleet.retirementOf(instance).retire();
  await driven.until(11 * MINUTE);
  await expect(Promise.all([termination.isDue(), termination.complete()])).resolves.toEqual([true, true]);
  await driven.until(12 * MINUTE);
  expect([driven.fleet.size, [...driven.running.keys()]]).toEqual([1, [silent.id]]);
  await driven.until(20 * MINUTE);
  expect([driven.fleet.size, driven.running.size, driven.told.keptWaiting]).toEqual([0, 0, 1]);
});

test("a lost zone takes all of its instances at once; the others come to what is left, and back when it is", async () => {
  const driven = new Driven({ desired: 3, zones: ["a", "b"] }, { "zone-lost": 1 });
  const seen = new Set<string>();
  for (let minute = 1; minute < 60; minute += 1) {
    await driven.until(minute * MINUTE);
    seen.add(driven.zones.join());
  }
  expect(seen).toContain("a,a,b");
  expect([...seen].some((zones) => zones !== "" && (!zones.includes("a") || !zones.includes("b")))).toBe(true);
});

test("a pool without capacity is left for another one, and asked again when it has some", async () => {
  const driven = new Driven({ desired: 2, zones: ["a", "b"] }, { "capacity-refused": 0.5 });
  await driven.until(6 * HOUR);
  expect(driven.told.refused).toBeGreaterThan(0);
  expect(driven.running.size).toBe(2);
});

test("a recommendation to rebalance is told of spot instances only, and ends nothing unless the group is to follow it", async () => {
  const spot = { instanceTypes: ["large"], onDemandBase: 0, onDemandPercentage: 0 };
  const onDemand = { ...spot, onDemandPercentage: 100 };
  const live = async (changes: Partial<GroupDefinition>): Promise<Driven["told"]> => {
    const driven = new Driven({ desired: 1, ...changes }, { "rebalance-recommended": 1 });
    await driven.until(20 * MINUTE);
    return driven.told;
  };
  expect(await live({ mix: spot })).toMatchObject({ ended: [], recommended: expect.arrayContaining(["i-1"]) as string[] });
  expect(await live({ mix: onDemand })).toMatchObject({ recommended: [], ended: [] });
  expect((await live({ mix: spot, capacityRebalance: true })).ended[0]).toBe("i-1");
});
