import { rm } from "node:fs/promises";
import { Harness } from "./harness";

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.upWithTexts();
});
afterEach(async () => {
  await rm(harness.directory, { recursive: true, force: true });
});

test("what a batch cost by its parts, beside what its plan expected; said to be as on AWS", async () => {
  const batchId = await harness.submitted();
  const { exitCode, stdout } = await harness.run("costs", "latest");
  expect(exitCode).toBe(0);
  const text = stdout.replaceAll(/\s+/g, " ");
  expect(text).toContain(`batch ${batchId}, generation 1, on route fleet; on this machine, priced as on AWS`);
  expect(text).toMatch(/compute │ instances, or memory of Lambdas │ \$0\.0218 │/);
  expect(text).toContain("worked: 7200.0 s of slots, 1 claim of 1 chunk, 1 commit, 14 calls of AWS");
  expect(text).toContain("1 worker with 100 s of boot and 300 s idle each");
  expect(text).toMatch(/expected by the plan: \$0\.0100; it comes to \$0\.0298 \(298 %\)\. 1 s were expected, 2 s it took/);
  for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  const document = JSON.parse((await harness.run("costs", batchId, "--json")).stdout) as Record<string, unknown>;
  expect(document).toMatchObject({
    batchId,
    generation: 1,
    route: "fleet",
    over: true,
    local: true,
    lostToSpot: { claims: 0, atMostUsd: 0 },
    expected: { seconds: 1, costUsd: 0.01 },
    work: { slotSeconds: 7_200, claims: 1, calls: 14, workers: 1 },
    seconds: 1.5,
  });
});

test("Lambda has no spot; a batch at work is priced so far, one without a plan not at all", async () => {
  await harness.submitted("--route", "lambda");
  const { stdout } = await harness.run("costs", "latest");
  expect(stdout).toContain("on route lambda");
  expect(stdout).not.toContain("spot");
  harness.finishes = false;
  await harness.submitted();
  const { exitCode, stderr } = await harness.run("costs", "latest");
  expect(exitCode).toBe(2);
  expect(stderr).toContain("has no plan, so nothing of it was worked on");
});
