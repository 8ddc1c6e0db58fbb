import { announceWorkerVersion, isOutdated } from "../../../../../systems/batch/core/capacity/worker-version";
import { FinishWorld, MINUTE } from "../finish/finish-world";

test.each<[string, Parameters<typeof isOutdated>[1], boolean]>([
  ["nothing was announced yet", undefined, false],
  ["its version is the deployed one", { version: "v2", announcedAt: 101 }, false],
  ["another one was deployed since it booted", { version: "v3", announcedAt: 101 }, true],
  ["it booted after the last announcement: its version is to be announced yet", { version: "v1", announcedAt: 99 }, false],
  ["it booted with it", { version: "v1", announcedAt: 100 }, false],
])("a worker of version v2 that booted at 100, when %s", (_what, deployed, outdated) => {
  expect(isOutdated({ version: "v2", bootedAt: 100 }, deployed)).toBe(outdated);
});

describe("announcing the deployed version", () => {
  let world: FinishWorld;
  beforeEach(() => {
    world = new FinishWorld();
  });
  const announce = async (version: string): Promise<boolean> => {
    world.clock.advance(MINUTE);
    return announceWorkerVersion(world.deps, version);
  };

  test("invariant 6: it is announced once, with the time of the first announcement", async () => {
    const begun = world.clock.now();
    expect([await announce("v1"), await announce("v1")]).toEqual([true, false]);
    expect(await world.ledger.workerVersion()).toEqual({ version: "v1", announcedAt: begun + MINUTE });
    expect(await announce("v2")).toBe(true);
    expect(await world.ledger.workerVersion()).toEqual({ version: "v2", announcedAt: begun + 3 * MINUTE });
    expect(world.logged).toEqual([
      { event: "worker_version_announced", fields: { version: "v1", before: undefined } },
      { event: "worker_version_announced", fields: { version: "v2", before: "v1" } },
    ]);
  });

  test("a way back makes whoever runs outdated, and nobody of the version gone back to who boots before it is announced", async () => {
    await announce("v1");
    await announce("v2");
    const [before, after] = [world.clock.now() - 1, world.clock.now() + 1];
    const outdated = async (version: string, bootedAt: number): Promise<boolean> =>
      isOutdated({ version, bootedAt }, await world.ledger.workerVersion());
    expect(await outdated("v1", after)).toBe(false);
    await announce("v1");
    expect([await outdated("v2", before), await outdated("v2", after), await outdated("v1", after)]).toEqual([true, true, false]);
  });

  test("of two deployments that are announced as one the first is outdated, too", async () => {
    await announce("v1");
    const bootedAt = world.clock.now() + 1;
    await announce("v3");
    expect(isOutdated({ version: "v2", bootedAt }, await world.ledger.workerVersion())).toBe(true);
  });
});
