import fc from "fast-check";
import { groupDefinition } from "../../scaling/driven-group";
import { simulateLoad } from "../../../../kit/simulator/load/simulate-load";
import type { Load } from "../../../../kit/simulator/load/load";
import type { GroupDefinition } from "../../../../kit/scaling/definition";

const DRAIN = {
  name: "drain",
  transition: "autoscaling:EC2_INSTANCE_TERMINATING",
  heartbeatTimeoutSeconds: 300,
  defaultResult: "CONTINUE",
} as const;

const load = (group: Partial<GroupDefinition>, changes: Partial<Load> = {}): Load => ({
  group: { definition: groupDefinition({ warmUpSeconds: 30, protectsNewInstances: true, ...group }), policies: new Map() },
  alarms: [],
  queueName: "jobs",
  arrivals: { files: 100, bytesOf: () => 1e6 },
  typeOf: () => ({ slots: 1, secondsPerFile: () => 2 }),
  secondsToInService: 10,
  secondsToWork: 30,
  receivesAhead: 0,
  visibilitySeconds: 120,
  ...changes,
});

test("a load on instances that are there takes as long as its files divided among them, one that waits for a launch longer", () => {
  expect(simulateLoad(load({ desired: 4 })).seconds).toBeCloseTo((100 / 4) * 2, 1);
  expect(simulateLoad(load({}, { raises: [{ atSeconds: 5, capacity: 4 }] })).seconds).toBeCloseTo(5 + 30 + 50, 1);
  expect(simulateLoad(load({}, { orchestrator: { messagesPerWorker: 50 } })).seconds).toBeCloseTo(60 + 30 + 100, 0);
  expect(simulateLoad(load({ desired: 4 }, { filesPerSecond: 0.5 })).seconds).toBeCloseTo(99 * 2 + 2, 0);
  expect(simulateLoad(load({ desired: 4 }, { accountInstances: 2 })).seconds).toBeCloseTo(100, 0);
  expect(simulateLoad(load({ maximum: 3 }, { untilSeconds: 600 })).seconds).toBeUndefined();
});

test("idle workers end themselves down to the minimum; what it costs after the last file is their idle time and no more", () => {
  const {
    instances,
    seconds = 0,
    settledSeconds = 0,
  } = simulateLoad(load({ minimum: 1, desired: 1 }, { idleRetireSeconds: 300, raises: [{ atSeconds: 0, capacity: 4 }] }));
  expect(settledSeconds).toBeGreaterThan(seconds + 290);
  expect(settledSeconds).toBeLessThanOrEqual(seconds + 301);
  expect(instances.filter(({ endedAt }) => endedAt === undefined)).toHaveLength(1);
});

test("a burstable instance slows to its baseline when its credits are used up", () => {
  const credits = { atLaunch: 1, baseline: 0.1 };
  const slow = simulateLoad(
    load({ desired: 1 }, { typeOf: () => ({ slots: 1, secondsPerFile: () => 2, credits }), arrivals: { files: 100, bytesOf: () => 1 } }),
  );
  const quick = simulateLoad(load({ desired: 1 }));
  expect(quick.seconds).toBeCloseTo(200, 0);
  // an hour of waiting for the load has earned six credits and it was launched with one: seven minutes at full speed would have been enough
  expect(slow.seconds).toBeCloseTo(200, 0);
  const more = simulateLoad(
    load({ desired: 1 }, { typeOf: () => ({ slots: 1, secondsPerFile: () => 2, credits }), arrivals: { files: 600, bytesOf: () => 1 } }),
  );
  expect(more.seconds).toBeGreaterThan(600 * 2 * 3);
});

test("property: every file is done once in the end, whatever is lost, refused or drained, and the same seed tells the same", () => {
  fc.assert(
    fc.property(
      fc.record({
        files: fc.integer({ min: 1, max: 200 }),
        perSecond: fc.option(fc.integer({ min: 1, max: 50 }), { nil: undefined }),
        atMostOpen: fc.option(fc.integer({ min: 1, max: 40 }), { nil: undefined }),
        receivesAhead: fc.integer({ min: 0, max: 12 }),
        perHour: fc.constantFrom(0, 1, 4),
        noticeSeconds: fc.constantFrom(0, 120),
        isHooked: fc.boolean(),
        capacity: fc.integer({ min: 1, max: 10 }),
        lower: fc.integer({ min: 1, max: 600 }),
        seed: fc.integer({ min: 1, max: 1_000 }),
      }),
      ({ atMostOpen, capacity, files, isHooked, lower, noticeSeconds, perHour, perSecond, receivesAhead, seed }) => {
        const given = load(
          {
            mix: { instanceTypes: ["large"], onDemandBase: 0, onDemandPercentage: 0 },
            hooks: isHooked ? [DRAIN] : [],
            protectsNewInstances: false,
          },
          {
            arrivals: {
              files,
              bytesOf: (file) => file,
              ...(perSecond === undefined ? {} : { perSecond }),
              ...(atMostOpen === undefined ? {} : { atMostOpen }),
            },
            receivesAhead,
            raises: [{ atSeconds: 0, capacity }],
            idleRetireSeconds: 60 + lower,
            orchestrator: { messagesPerWorker: 20 },
            spotLosses: { perHour, noticeSeconds },
            seed,
          },
        );
        const result = simulateLoad(given);
        expect(result.seconds).toBeDefined();
        expect(result.instances.reduce((sum, each) => sum + each.files, 0)).toBe(files);
        expect(result.settledSeconds).toBeGreaterThanOrEqual(result.seconds ?? Number.POSITIVE_INFINITY);
        expect(simulateLoad(given)).toEqual(result);
      },
    ),
    { numRuns: 60 },
  );
});
