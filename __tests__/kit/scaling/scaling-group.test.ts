import fc from "fast-check";
import type { LifecycleHook } from "../../../kit/scaling/definition";
import { ScalingRefusedError } from "../../../kit/scaling/errors";
import type { SimplePolicy } from "../../../kit/scaling/policy";
import { DrivenGroup, MINUTE, SECOND } from "./driven-group";

const OUT: SimplePolicy = { kind: "simple", name: "out", adjustmentType: "ChangeInCapacity", adjustment: 1, cooldownSeconds: 120 };
const READING = { value: 50, threshold: 10 };
const DRAIN: LifecycleHook = {
  name: "drain",
  transition: "autoscaling:EC2_INSTANCE_TERMINATING",
  heartbeatTimeoutSeconds: 180,
  defaultResult: "CONTINUE",
};

test("a simple policy acts once, and again when its cooldown is over, which begins with the last instance in service (S1.84)", () => {
  const driven = new DrivenGroup({ desired: 1, minimum: 1 }, 20);
  driven.until(MINUTE);
  const raised: number[] = [];
  for (let at = 10 * MINUTE; at <= 20 * MINUTE; at += MINUTE) {
    driven.until(at);
    if (driven.group.execute(OUT, READING, at, "queue").kind === "set") raised.push(at / MINUTE);
    driven.settle();
  }
  // 20 s until it is in service, 120 s of cooldown: the next whole minute is the third
  expect(raised).toEqual([10, 13, 16, 19]);
});

test("instances come to the zones in turn, and go from the zone with most, the newest first (S1.83)", () => {
  const driven = new DrivenGroup({ desired: 5, terminationPolicies: ["NewestInstance"] });
  driven.until(MINUTE);
  expect(driven.group.instances.map(({ zone }) => zone)).toEqual(["a", "b", "c", "a", "b"]);
  driven.group.setDesired(2, 2 * MINUTE);
  driven.now = 2 * MINUTE;
  driven.settle();
  // of alike ages the oldest stay: those of the first round, less the one of the last zone
  expect(driven.group.instances.map(({ zone }) => zone)).toEqual(["a", "b"]);
});

test("the base is on demand, then the share, whatever goes and comes", () => {
  const driven = new DrivenGroup({ desired: 10, mix: { instanceTypes: ["large"], onDemandBase: 2, onDemandPercentage: 25 } });
  const onDemand = (): number => driven.group.instances.filter(({ market }) => market === "on-demand").length;
  expect(onDemand()).toBe(4);
  driven.until(MINUTE);
  driven.group.setDesired(4, MINUTE);
  driven.settle();
  expect([onDemand(), driven.group.instances.length]).toEqual([3, 4]);
});

test("a pool without capacity is left for the next type, then for the next zone; without any it is told once and asked again", () => {
  const driven = new DrivenGroup({ mix: { instanceTypes: ["large", "medium"], onDemandBase: 0, onDemandPercentage: 0 }, maximum: 3 });
  for (const pool of ["a large spot", "a medium spot", "b large spot"]) driven.withoutCapacity.add(pool);
  driven.group.setDesired(1, 0);
  driven.settle();
  expect(driven.group.instances.map(({ instanceType, zone }) => `${zone} ${instanceType}`)).toEqual(["b medium"]);
  for (const zone of ["a", "b", "c"]) for (const type of ["large", "medium"]) driven.withoutCapacity.add(`${zone} ${type} spot`);
  driven.until(2 * MINUTE);
  driven.group.setDesired(3, 2 * MINUTE);
  driven.settle();
  expect(driven.group.instances).toHaveLength(1);
  expect(driven.group.activities.at(-1)).toMatchObject({ status: "Failed", description: "Launching a new EC2 instance" });
  driven.withoutCapacity.clear();
  driven.until(4 * MINUTE);
  expect(driven.inService).toHaveLength(3);
});

test("protected instances stay although the capacity falls; their own end lowers it (invariant 6)", () => {
  const driven = new DrivenGroup({ desired: 3, protectsNewInstances: true });
  driven.until(MINUTE);
  driven.group.setDesired(1, MINUTE);
  driven.settle();
  expect(driven.inService).toHaveLength(3);
  driven.group.protect("i-2", false);
  driven.settle();
  expect(driven.inService).toEqual(["i-1", "i-3"]);
  driven.group.terminate("i-1", MINUTE, { lowersDesired: true });
  driven.settle();
  expect([driven.group.desired, driven.inService]).toEqual([0, ["i-3"]]);
});

test("an end that would go below the minimum is refused; one that keeps the capacity is replaced", () => {
  const driven = new DrivenGroup({ desired: 1, minimum: 1 });
  driven.until(MINUTE);
  expect(() => {
    driven.group.terminate("i-1", MINUTE, { lowersDesired: true });
  }).toThrow(ScalingRefusedError);
  driven.group.terminate("i-1", MINUTE, { lowersDesired: false });
  driven.until(2 * MINUTE);
  expect([driven.group.desired, driven.inService]).toEqual([1, ["i-2"]]);
});

test("a hook holds an instance that goes until it is answered, or until its time is over; what is lost waits for nobody", () => {
  const driven = new DrivenGroup({ desired: 3, hooks: [DRAIN] });
  driven.until(MINUTE);
  driven.group.setDesired(0, MINUTE);
  driven.settle();
  expect(driven.held).toHaveLength(3);
  expect(driven.group.instances.map(({ state }) => state)).toEqual(Array(3).fill("Terminating:Wait"));
  driven.group.completeHook("i-1", "drain", "CONTINUE", MINUTE);
  driven.group.lost("i-2", MINUTE, "spot");
  driven.settle();
  expect(driven.group.instances.map(({ id }) => id)).toEqual(["i-3"]);
  driven.until(2 * MINUTE);
  driven.group.heartbeat("i-3", "drain", 2 * MINUTE);
  driven.until(MINUTE + 180 * SECOND);
  expect(driven.group.instances).toHaveLength(1);
  driven.until(2 * MINUTE + 180 * SECOND);
  expect(driven.group.instances).toHaveLength(0);
  expect(() => {
    driven.group.completeHook("i-3", "drain", "CONTINUE", driven.now);
  }).toThrow("not found");
});

test("what is suspended doesn't happen, and happens when it is resumed", () => {
  const driven = new DrivenGroup({ desired: 1, suspended: ["Launch", "AlarmNotification", "AZRebalance"] });
  expect(driven.group.instances).toEqual([]);
  expect(driven.group.execute(OUT, READING, 0, "queue")).toMatchObject({ kind: "keep" });
  driven.group.resume(["Launch", "AlarmNotification"]);
  driven.until(MINUTE);
  expect(driven.inService).toEqual(["i-1"]);
  driven.group.suspend(["Terminate"]);
  driven.group.setDesired(0, MINUTE);
  driven.settle();
  expect(driven.inService).toEqual(["i-1"]);
});

test("zones out of balance get one in the poor zone before one of the rich zone goes", () => {
  const driven = new DrivenGroup({ maximum: 4, suspended: [] });
  for (const type of ["large", "medium"]) driven.withoutCapacity.add(`c ${type} on-demand`);
  driven.until(30 * SECOND);
  driven.group.setDesired(4, 30 * SECOND);
  driven.until(50 * SECOND);
  const zones = (): string[] => driven.group.instances.map(({ zone }) => zone).sort();
  expect(zones()).toEqual(["a", "a", "b", "b"]);
  driven.withoutCapacity.clear();
  driven.until(3 * MINUTE);
  expect(zones()).toEqual(["a", "b", "b", "c"].sort());
  expect(driven.group.activities.some(({ cause }) => cause.includes("out of balance"))).toBe(true);
});

test("a recommendation brings a replacement first where the group is told so, and nothing where it is not", () => {
  const plain = new DrivenGroup({ desired: 1 });
  plain.until(MINUTE);
  plain.group.rebalanceRecommended("i-1", MINUTE);
  plain.until(3 * MINUTE);
  expect(plain.inService).toEqual(["i-1"]);
  const rebalancing = new DrivenGroup({ desired: 1, capacityRebalance: true });
  rebalancing.until(MINUTE);
  rebalancing.group.rebalanceRecommended("i-1", MINUTE);
  rebalancing.settle();
  expect(rebalancing.group.instances).toHaveLength(2);
  rebalancing.until(3 * MINUTE);
  expect(rebalancing.inService).toEqual(["i-2"]);
});

test("property: left alone, a group comes to its desired capacity within its bounds, and what it ends was not protected", () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("desire" as const), capacity: fc.integer({ min: 0, max: 10 }) }),
    fc.record({ kind: fc.constant("lose" as const), which: fc.nat(9) }),
    fc.record({ kind: fc.constant("protect" as const), which: fc.nat(9), isProtected: fc.boolean() }),
    fc.record({ kind: fc.constant("bounds" as const), minimum: fc.integer({ min: 0, max: 4 }), maximum: fc.integer({ min: 4, max: 10 }) }),
    fc.record({ kind: fc.constant("capacity" as const), zone: fc.constantFrom("a", "b", "c"), isThere: fc.boolean() }),
    fc.record({ kind: fc.constant("wait" as const), seconds: fc.integer({ min: 1, max: 200 }) }),
  );
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 40 }),
      fc.boolean(),
      fc.integer({ min: 0, max: 100 }),
      (steps, isHooked, onDemandPercentage) => {
        const driven = new DrivenGroup({
          mix: { instanceTypes: ["large"], onDemandBase: 1, onDemandPercentage },
          hooks: isHooked ? [DRAIN] : [],
          suspended: ["AZRebalance"],
        });
        const { group } = driven;
        for (const each of steps) {
          const protectedBefore = new Set(group.instances.filter(({ isProtected }) => isProtected).map(({ id }) => id));
          const member = "which" in each ? group.instances[each.which] : undefined;
          const { maximum, minimum } = group.settings;
          if (each.kind === "desire") group.setDesired(Math.max(minimum, Math.min(maximum, each.capacity)), driven.now);
          else if (each.kind === "lose" && member !== undefined) group.lost(member.id, driven.now, "it failed");
          else if (each.kind === "protect" && member !== undefined) group.protect(member.id, each.isProtected);
          else if (each.kind === "bounds") group.update({ minimum: each.minimum, maximum: each.maximum }, driven.now);
          else if (each.kind === "capacity")
            for (const market of ["spot", "on-demand"])
              driven.withoutCapacity[each.isThere ? "delete" : "add"](`${each.zone} large ${market}`);
          driven.settle();
          const isOwn = each.kind === "desire" || each.kind === "bounds";
          const standing = new Set(group.instances.filter(({ state }) => !state.startsWith("Terminating")).map(({ id }) => id));
          expect([...protectedBefore].filter((id) => isOwn && !standing.has(id))).toEqual([]);
          if (each.kind === "wait") driven.until(driven.now + each.seconds * SECOND);
          expect(group.desired).toBeGreaterThanOrEqual(group.settings.minimum);
          expect(group.desired).toBeLessThanOrEqual(group.settings.maximum);
        }
        driven.withoutCapacity.clear();
        for (const { id } of group.instances) group.protect(id, false);
        driven.settle();
        driven.until(driven.now + 30 * MINUTE);
        expect(driven.inService).toHaveLength(group.desired);
        expect(group.activities.filter(({ status }) => status === "InProgress")).toEqual([]);
        const onDemand = group.instances.filter(({ market }) => market === "on-demand").length;
        expect(onDemandPercentage === 100 ? onDemand : group.desired).toBe(group.desired);
      },
    ),
    { numRuns: 300 },
  );
});
