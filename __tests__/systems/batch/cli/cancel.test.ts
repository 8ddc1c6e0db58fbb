import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { Harness } from "./harness";

let harness: Harness;
let batchId: string;
beforeEach(async () => {
  harness = await Harness.make();
  await mkdir(path.join(harness.directory, "texts"));
  await writeFile(path.join(harness.directory, "texts/a.txt"), "words");
  await harness.run("local", "up");
  harness.finishes = false;
  batchId = (await harness.run("submit", "texts")).stdout.trim();
});
afterEach(async () => {
  await rm(harness.directory, { recursive: true, force: true });
});

test("invariant 5: the batch takes no more work, its execution is stopped, and what to do next is said; exit code 0", async () => {
  const { exitCode, stdout, stderr } = await harness.run("cancel", batchId);
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: `${batchId} cancelled\n` });
  expect(stderr).toContain("takes no more work; it is sealed and reported next");
  expect(stderr).toMatch(/^next: npx filemill results \w{26} +what was finished\nnext: npx filemill resume \w{26} +take up the rest$/m);
  expect(harness.workflow.stopped).toEqual([`${batchId}-g1`]);
  expect(await harness.ledger.getGeneration({ batchId, generation: 1 })).toMatchObject({ closeCause: "cancelled" });
});

test("cancelled again it is still cancelled: exit code 0, one end", async () => {
  await harness.run("cancel", batchId);
  expect(await harness.run("cancel", batchId)).toMatchObject({ exitCode: 0, stdout: `${batchId} cancelled\n` });
  expect([...harness.workflow.executions.keys()]).toEqual([`${batchId}-g1`, `${batchId}-g1-finish`]);
});

test("--watch waits for the completion message and exits as the batch did", async () => {
  const { exitCode, stdout } = await harness.run("cancel", "latest", "--watch");
  expect({ exitCode, stdout }).toEqual({ exitCode: 4, stdout: expect.stringContaining(`batch ${batchId} cancelled`) as string });
  const again = await harness.run("cancel", batchId, "--watch", "--json");
  expect(again.exitCode).toBe(4);
  expect(JSON.parse(again.stdout)).toMatchObject({ batchId, status: "cancelled" });
});

test("a cancelled batch can be resumed, and cancelled again as that generation", async () => {
  await harness.run("cancel", batchId);
  expect(await harness.run("resume", batchId)).toMatchObject({ exitCode: 0 });
  expect(await harness.run("cancel", batchId, "--json")).toMatchObject({
    exitCode: 0,
    stdout: `{"schemaVersion":2,"batchId":"${batchId}","generation":2,"outcome":"cancelled","end":"cancelled"}\n`,
  });
});

test("a batch that had completed has nothing to cancel: exit code 1", async () => {
  await harness.finishGeneration({ batchId, generation: 1 });
  const { exitCode, stdout, stderr } = await harness.run("cancel", batchId);
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: `${batchId} completed\n` });
  expect(stderr).toMatch(/had ended already: completed\nnext: npx filemill results \w{26} +what it came to: there is nothing to cancel\n$/);
});

test.each([
  ["an unknown batch", "01JD3Z0T2V5Y8W4KQ6R7M9N1PX", /no such batch: 01JD3Z0T2V5Y8W4KQ6R7M9N1PX\nfix: /],
  ["no id", "what", /'what' is not a batch's id and no request id, and no batch's id begins like that\nfix: /],
])("%s exits with 2", async (_name, given, message) => {
  const { exitCode, stdout, stderr } = await harness.run("cancel", given);
  expect(stderr).toMatch(message);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
});
