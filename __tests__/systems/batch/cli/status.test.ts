import { rm } from "node:fs/promises";
import { VERSIONS } from "../../../../systems/batch/contracts/versions";
import { ENVIRONMENT, Harness } from "./harness";

const UNKNOWN = "01JD3Z0T2V5Y8W4KQ6R7M9N1PX";

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.upWithTexts();
});
afterEach(() => rm(harness.directory, { recursive: true, force: true }));

describe("status", () => {
  test("lists batches, newest first, or none", async () => {
    expect((await harness.run("status")).stdout).toBe("no batches yet\n");
    const batchIds = [await harness.submitted(), await harness.submitted("--route", "lambda")];
    const { stdout } = await harness.run("status");
    for (const batchId of batchIds) expect(stdout).toContain(batchId);
    const listed = JSON.parse((await harness.run("status", "--json")).stdout) as { batches: { batchId: string }[] };
    expect(listed.batches.map(({ batchId }) => batchId).toSorted()).toEqual(batchIds.toSorted());
  });
  test("of one batch tells plan, progress and counts", async () => {
    harness.finishes = false;
    const ref = { batchId: await harness.submitted("--request-id", "r\u001b"), generation: 1 };
    expect((await harness.run("status", ref.batchId)).stdout).toMatch(/: running\n.*request 'r\\u\{1b\}'.*\nprogress: planning\n/);
    await harness.ledger.recordPlan(ref, {
      route: "fleet",
      fileCount: 2,
      bytes: 10,
      splitCount: 2,
      chunkCount: 1,
      manifestSha256: "0".repeat(64),
      planSha256: "0".repeat(64),
      estimatedSeconds: 3,
      estimatedCostUsd: 0.01,
      acknowledgePer: "file",
      carriedFileCount: 0,
      versions: VERSIONS,
    });
    const leaseUntil = harness.clock.now() + 1_000;
    await harness.ledger.claimChunk(ref, 0, { worker: "w", leaseUntil });
    await harness.ledger.commitGroup(ref, 0, 1, { group: 0, outcomes: "P", finishes: false, leaseUntil, slotMilliseconds: 1 });
    const { stdout } = await harness.run("status", ref.batchId);
    expect(stdout).toContain("plan: 2 files, 10 B, in 1 chunk on route fleet; expected 3 s and $0.0100 on AWS\nprogress: 1 of 2 files\n");
    const json = JSON.parse((await harness.run("status", ref.batchId, "--json")).stdout) as object;
    expect(json).toMatchObject({ ...ref, status: "open", progress: { phase: "processing", settled: 1, total: 2 }, reported: false });
  });
  test("of a finished batch tells its end", async () => {
    const { stdout } = await harness.run("status", await harness.submitted());
    expect(stdout).toMatch(/: completed\n[\s\S]*progress: reported\nfiles: 1 processed, 0 skipped, 1 quarantined, 0 unfinished\n/);
    expect(stdout).toContain("\ncalls of AWS: 14, 7 a file\n");
    expect(JSON.parse((await harness.run("status", "latest", "--json")).stdout)).toMatchObject({ calls: { total: 14, perFile: 7 } });
  });
  test.each([
    ["an unknown batch", UNKNOWN, /no such batch/],
    ["no id", "what", /'what' is not a batch's id/],
  ])("%s exits with 2", async (_name, id, message) => {
    const { exitCode, stderr } = await harness.run("status", id);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(message);
  });
});

describe("the local stack that stays up", () => {
  test("up --json is enough for any AWS client", async () => {
    await harness.run("local", "down");
    const { stdout } = await harness.run("local", "up", "--json");
    expect(stdout).toMatch(/^[^\n]+\n$/);
    expect(JSON.parse(stdout)).toEqual({ schemaVersion: 2, endpoint: "http://127.0.0.1:4566", environment: ENVIRONMENT });
  });
  test("a second up is refused and the first stays", async () => {
    const { exitCode, stderr } = await harness.run("local", "up");
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/is up already at http:\/\/127\.0\.0\.1:4566 with 2 workers\nfix: .*local down/);
    expect(harness.events).toEqual(["claim", "synthesize", "start background", "release"]);
  });
  test("status and down", async () => {
    expect((await harness.run("local", "status")).stderr).toContain(
      "up at http://127.0.0.1:4566 with 2 workers since 2026-01-01T00:00:00.000Z;",
    );
    expect(JSON.parse((await harness.run("local", "status", "--json")).stdout)).toMatchObject({ up: true, workers: 2 });
    expect((await harness.run("local", "down")).stdout).toBe("stopped the local stack at http://127.0.0.1:4566\n");
    expect((await harness.run("local", "down")).stdout).toBe("no local stack was up\n");
    expect((await harness.run("local", "status")).stderr).toBe("no local stack is up\n");
    expect(JSON.parse((await harness.run("local", "status", "--json")).stdout)).toEqual({ schemaVersion: 2, up: false });
  });
});
