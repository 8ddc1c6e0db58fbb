import { announceWorkerVersion, isOutdated } from "../../../core/capacity/worker-version";
import { FinishWorld } from "../finish/finish-world";

test.each<[string, Parameters<typeof isOutdated>[1], boolean]>([
  ["nothing was announced yet", undefined, false],
  ["it is the deployed one", { current: "v2", earlier: ["v1"] }, false],
  ["it was deployed before", { current: "v3", earlier: ["v2", "v1"] }, true],
  ["nobody has announced it yet: its instance is newer than the announcement", { current: "v1", earlier: ["v0"] }, false],
  ["it was deployed before and is again", { current: "v2", earlier: ["v3", "v2"] }, false],
])("a worker of version v2, when %s", (_what, versions, outdated) => {
  expect(isOutdated("v2", versions)).toBe(outdated);
});

describe("announcing the deployed version", () => {
  let world: FinishWorld;
  beforeEach(() => {
    world = new FinishWorld();
  });
  const announceAll = async (...versions: string[]): Promise<boolean[]> => {
    const announced = [];
    for (const version of versions) announced.push(await announceWorkerVersion(world.deps, version));
    return announced;
  };

  test("design 6: the first one makes nobody outdated, each later one those before it; it is announced once", async () => {
    expect(await announceAll("v1", "v1", "v2", "v2", "v3")).toEqual([true, false, true, false, true]);
    expect(await world.ledger.workerVersions()).toEqual({ current: "v3", earlier: ["v2", "v1"] });
    expect(world.logged).toEqual([
      { event: "worker_version_announced", fields: { version: "v1" } },
      { event: "worker_version_announced", fields: { version: "v2", before: "v1" } },
      { event: "worker_version_announced", fields: { version: "v3", before: "v2" } },
    ]);
  });

  test("a way back to an earlier version makes the newer one outdated, and not itself", async () => {
    await announceAll("v1", "v2", "v1");
    const versions = await world.ledger.workerVersions();
    expect(versions).toEqual({ current: "v1", earlier: ["v2"] });
    expect([isOutdated("v1", versions), isOutdated("v2", versions)]).toEqual([false, true]);
  });

  test("twenty are remembered", async () => {
    await announceAll(...Array.from({ length: 25 }, (_, index) => `v${index}`));
    const { earlier } = (await world.ledger.workerVersions()) ?? { earlier: [] };
    expect([earlier.length, earlier[0], earlier.at(-1)]).toEqual([20, "v23", "v4"]);
  });
});
