import { rm } from "node:fs/promises";
import { Harness } from "./harness";

/** What the build puts in place of the name (scripts/build/workload-versions.mjs); here it changes as by a deployment. */
const deployed = globalThis as { WORKLOAD_VERSIONS?: Readonly<Record<string, string>> };
const OLD = "0123456789abcdef";
const NEW = "fedcba9876543210";

let harness: Harness;
beforeEach(async () => {
  deployed.WORKLOAD_VERSIONS = { "word-count": OLD };
  harness = await Harness.upWithTexts();
});
afterEach(async () => {
  delete deployed.WORKLOAD_VERSIONS;
  await rm(harness.directory, { recursive: true, force: true });
});

/** A batch of which a file is quarantined or, when it was cancelled, all are unfinished. */
async function batchOf(verb: string): Promise<string> {
  if (verb === "quarantine replay") return harness.submitted();
  harness.finishes = false;
  const batchId = await harness.submitted();
  await harness.run("cancel", batchId);
  harness.finishes = true;
  return batchId;
}

describe.each(["resume", "quarantine replay"])("%s", (verb) => {
  test("refuses another version of the workload than the batch was submitted with, unless told --allow-version", async () => {
    const batchId = await batchOf(verb);
    deployed.WORKLOAD_VERSIONS = { "word-count": NEW };
    const refused = await harness.run(...verb.split(" "), batchId);
    expect(refused).toMatchObject({ exitCode: 2, stdout: "" });
    expect(refused.stderr).toContain(`batch ${batchId} was submitted with version ${OLD} of word-count; now it is ${NEW}`);
    expect(refused.stderr).toMatch(/\nfix: .*--allow-version/);
    expect(await harness.batches()).toMatchObject([{ batch: { latestGeneration: 1 } }]);

    const allowed = await harness.run(...verb.split(" "), batchId, "--allow-version", "--json");
    expect(JSON.parse(allowed.stdout)).toEqual({ batchId, generation: 2, opened: true, schemaVersion: 2 });
    // what the batch is of stays what it was submitted with
    expect(await harness.batches()).toMatchObject([{ batch: { latestGeneration: 2, workload: { version: OLD } } }]);
  });

  test("goes on without being told with the version that the batch was submitted with", async () => {
    const batchId = await batchOf(verb);
    deployed.WORKLOAD_VERSIONS = { "word-count": OLD, "access-log": NEW };
    expect(await harness.run(...verb.split(" "), batchId)).toMatchObject({ exitCode: 0, stdout: `${batchId}\n` });
  });
});
