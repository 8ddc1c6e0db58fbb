import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import { receiptKey, resultKey, resultsKey } from "../../../../systems/batch/contracts/state-keys";
import { BATCH_ID, GenerationWorld, PREFIX, refOf, SOURCE, STATE } from "../../../support/generation-world";
import { Harness, OUTPUTS } from "./harness";

/** Batches that the real code planned, counted, sealed and reported, in memory. */
let world: GenerationWorld;
let harness: Harness;
beforeEach(async () => {
  world = new GenerationWorld();
  harness = await Harness.make();
  const { clock, ledger, results, store, workflow } = world;
  harness.parts = { clock, ledger, results, workflow, objects: store, outputs: { ...OUTPUTS, state_bucket: STATE } };
  await harness.run("local", "up");
  for (const name of ["a.txt", "b.txt", "c.txt"]) world.store.set(SOURCE, PREFIX + name, `${name} alpha betas alpha`);
  await world.createBatch();
});
afterEach(async () => {
  world.dispose();
  await rm(harness.directory, { recursive: true, force: true });
});

const damage = (key: string): void => {
  world.store.set(STATE, key, world.store.text(STATE, key).replace('"alpha"', '"omega"').replace('"totalWords":9', '"totalWords":10'));
};

describe("verify", () => {
  test("a true receipt: every check with what was looked at, the verdict last, exit code 0", async () => {
    await world.run(1, () => "work");
    const { exitCode, stdout } = await harness.run("verify", BATCH_ID, "--recount", "3");
    expect(stdout).toMatch(/\n│ recount +│ [^│]+│ yes +│ recounted 3/);
    expect(stdout).not.toContain("NO");
    expect(stdout).toMatch(new RegExp(`\nthe receipt of batch ${BATCH_ID}, generation 1, is true\n$`));
    expect(exitCode).toBe(0);
  });

  test.each([
    ["results.jsonl", resultsKey(refOf(1)), "results"],
    ["result.json", resultKey(refOf(1)), "result"],
    ["receipt.json", receiptKey(refOf(1)), "receipt"],
  ])("one word changed in %s is found, named, and exits with 1", async (_name, key, check) => {
    await world.run(1, () => "work");
    damage(key);
    const { exitCode, stdout } = await harness.run("verify", "latest");
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(new RegExp(`\n│ ${check} +│ [^│]+│ NO `));
    expect(stdout).toMatch(new RegExp(`\n${check}: .*${key}[\\s\\S]*is false\n$`));
    const json = JSON.parse((await harness.run("verify", "latest", "--json")).stdout) as { checks: { name: string; holds: boolean }[] };
    expect(json).toMatchObject({ ...refOf(1), holds: false });
    expect(json.checks.filter(({ holds }) => !holds).map(({ name }) => name)).toEqual([check]);
  });

  test("a generation that is at work is not true yet; its number has to exist", async () => {
    await world.plan(1);
    const open = await harness.run("verify", BATCH_ID);
    expect(open).toMatchObject({ exitCode: 1, stdout: expect.stringContaining("only a sealed one can be verified") as string });
    const none = await harness.run("verify", BATCH_ID, "--generation", "2");
    expect(none.exitCode).toBe(2);
    expect(none.stderr).toMatch(/has no generation 2; its newest is 1\nfix: /);
  });
});

describe("generations", () => {
  beforeEach(async () => {
    await world.run(1, ({ key }) => (key.endsWith("c.txt") ? "stop" : "work"), "cancelled");
  });

  test("resume takes up what is unfinished, once", async () => {
    expect(await harness.run("resume", "latest", "--json")).toMatchObject({
      exitCode: 0,
      stdout: `{"schemaVersion":2,"batchId":"${BATCH_ID}","generation":2,"opened":true}\n`,
    });
    expect((await harness.run("resume", BATCH_ID)).stderr).toContain("generation 2 is at work already");
    await world.run(2, () => "work");
    expect(await harness.run("verify", BATCH_ID)).toMatchObject({ exitCode: 0 });
    const again = await harness.run("resume", BATCH_ID);
    expect(again.exitCode).toBe(2);
    expect(again.stderr).toMatch(/error: batch \w+ has no unfinished file\nfix: .*quarantine replay/);
  });

  test("results are the newest generation's, or the one that is asked for, each with its own receipt", async () => {
    await harness.run("resume", BATCH_ID);
    const running = await harness.run("results", BATCH_ID);
    expect(running.exitCode).toBe(2);
    expect(running.stderr).toMatch(/generation 2 of batch \w+ has no result yet\nfix: .*--generation 1 has the result it supersedes/);
    await world.run(2, () => "work");
    const first = await harness.run("results", BATCH_ID, "--generation", "1", "--out", "first", "--json");
    expect(first.exitCode).toBe(4);
    expect(JSON.parse(first.stdout)).toMatchObject({ generation: 1, status: "cancelled", files: { processed: 2, unfinished: 1 } });
    const second = await harness.run("results", BATCH_ID, "--out", "second", "--json");
    expect(second.exitCode).toBe(0);
    expect(JSON.parse(second.stdout)).toMatchObject({ generation: 2, status: "completed", files: { processed: 3, unfinished: 0 } });
    for (const [folder, generation] of [
      ["first", 1],
      ["second", 2],
    ] as const) {
      const written = await readFile(path.join(harness.directory, folder, BATCH_ID, "receipt.json"), "utf8");
      expect(written).toBe(world.store.text(STATE, receiptKey(refOf(generation))));
    }
  });

  test("a receipt that is not the reported one is an error, and nothing is written", async () => {
    const key = receiptKey(refOf(1));
    world.store.set(STATE, key, world.store.text(STATE, key).replace("cancelled", "completed"));
    const { exitCode, stderr } = await harness.run("results", BATCH_ID, "--out", "out");
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /the receipt s3:.*receipt\.json has SHA-256 [0-9a-f]{64}, but the batch was reported with [0-9a-f]{64}\nfix: trust neither/,
    );
    await expect(readFile(path.join(harness.directory, "out", BATCH_ID, "batch.json"))).rejects.toThrow(/ENOENT/);
  });

  test("status tells the generation, what it supersedes, and what its work cost", async () => {
    expect((await harness.run("status", BATCH_ID)).stdout).toMatch(
      /, generation 1: cancelled\n[\s\S]*\nwork: 1 chunk, 1 claim; 0 spot losses, 0 unexplained deaths\n/,
    );
    await harness.run("resume", BATCH_ID);
    const { stdout } = await harness.run("status", BATCH_ID);
    expect(stdout).toMatch(/, generation 2: running\nsupersedes generation 1: takes up what that left unfinished\n/);
    expect(stdout).not.toContain("work:");
    const listed = await harness.run("status");
    expect(listed.stdout).toMatch(new RegExp(`${BATCH_ID} │ [^\\n]+\\n│ generation 2 `));
  });
});
