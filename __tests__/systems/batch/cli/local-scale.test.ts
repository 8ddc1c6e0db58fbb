import { rm } from "node:fs/promises";
import { Harness } from "./harness";

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.make();
  const group = { name: "fleet", minimum: 0, desired: 1, maximum: 2, suspended: ["AZRebalance"] };
  const instance = { id: "i-1", state: "InService", zone: "us-east-1a", market: "spot", instanceType: "c7g.large" } as const;
  const activity = { startedAt: "2026-01-01T10:20:30.000Z", status: "Successful", description: "Launching i-1", cause: "somebody set it" };
  harness.scaling = {
    groups: [{ ...group, instances: [instance], activities: [activity] }],
    alarms: [{ name: "jobs-scale-out", state: "ALARM", reason: "the latest datapoint is 12", changedAt: "2026-01-01T10:20:00.000Z" }],
  };
});
afterEach(async () => {
  await rm(harness.directory, { recursive: true, force: true });
});

describe("local scale", () => {
  test("shows sizes, instances, activities with their causes, and alarms", async () => {
    await harness.run("local", "up");
    const { exitCode, stdout } = await harness.run("local", "scale");
    expect(exitCode).toBe(0);
    expect(stdout).toContain("fleet: 0 to 2 instances, 1 desired, 1 there\nsuspended: AZRebalance\n");
    for (const cell of ["i-1", "InService", "us-east-1a", "spot", "10:20:30", "somebody set it", "jobs-scale-out", "ALARM"])
      expect(stdout).toContain(cell);
  });

  test("with --json has all of it", async () => {
    await harness.run("local", "up");
    expect(JSON.parse((await harness.run("local", "scale", "--json")).stdout)).toMatchObject({ timeFactor: 1, ...harness.scaling });
  });

  test("orders what was asked for", async () => {
    await harness.run("local", "up");
    await harness.run("local", "scale", "--desired", "2");
    await harness.run("local", "scale", "--interrupt", "i-1");
    await harness.run("local", "scale", "--rebalance", "i-1");
    expect(harness.events.slice(-3)).toEqual(["set fleet to 2", "interrupt i-1", "rebalance i-1"]);
  });

  test.each([
    ["a capacity out of the bounds", ["--desired", "3"], "fleet has 0 to 2 instances"],
    ["a capacity that is none", ["--desired", "many"], "expected a whole number"],
  ])("%s is refused, and nothing is done", async (_what, args, problem) => {
    await harness.run("local", "up");
    const before = harness.events.length;
    const { exitCode, stderr, stdout } = await harness.run("local", "scale", ...args);
    expect({ exitCode, stdout, events: harness.events.length }).toEqual({ exitCode: 2, stdout: "", events: before });
    expect(stderr).toContain(problem);
  });

  test("without a stack that is up it says how to start one", async () => {
    const { exitCode, stderr } = await harness.run("local", "scale");
    expect(exitCode).toBe(2);
    expect(stderr).toContain("npx filemill local up");
  });
});
