import { rm } from "node:fs/promises";
import path from "node:path";
import { runCommand, testHome } from "../support/command";
import { linkEmulator } from "../support/emulator-home";
import { UpStack } from "../support/up-stack";

const HOME = testHome("drills");
afterAll(() => rm(HOME, { recursive: true, force: true }));

test("a batch lives through a deployment of other code, machine and workers; its chunks are handed over", async () => {
  await linkEmulator(HOME);
  const { exitCode, stderr, stdout } = await runCommand(HOME, ["drill", "redeploy", "--workers", "2", "--json"]);
  expect(exitCode === 0 ? "" : stderr + stdout).toBe("");
  const found = JSON.parse(stdout) as { changes: { updated: string[]; replaced: number }; before: { chunks: number; finished: number } };
  expect(found).toMatchObject({
    holds: true,
    status: "completed",
    deaths: 0,
    wrong: [],
    changes: { killed: 0, left: [], gone: [], replaced: 2 },
  });
  expect(found.before.finished).toBeLessThan(found.before.chunks);
  const types = new Set(found.changes.updated.map((address) => address.split(".")[0]));
  expect([...types].sort()).toEqual(["aws_lambda_function", "aws_s3_object", "aws_sfn_state_machine"]);
}, 300_000);

test("S1.107: both tables are brought back beside themselves, agree with the receipts, and go again", async () => {
  const stack = await UpStack.start(HOME);
  try {
    await stack.submit(path.join(HOME, "out"), "examples/texts");
    const { exitCode, stderr, stdout } = await runCommand(HOME, ["drill", "restore", "--json"]);
    expect(exitCode === 0 ? "" : stderr + stdout).toBe("");
    expect(JSON.parse(stdout)).toMatchObject({ holds: true, missing: [], emulator: true, batches: [{ files: 7, wrong: [] }] });
    const again = JSON.parse((await runCommand(HOME, ["drill", "restore", "--dry-run", "--json"])).stdout) as { left: string[] };
    expect(again.left).toEqual([]);
  } finally {
    await stack.stop();
  }
}, 120_000);
