import { setTimeout as wait } from "node:timers/promises";
import { writeFileSync } from "node:fs";
import { LocalSynthesis, runOnStack } from "../support/permissions";
import { SCENARIOS } from "./scenarios";
jest.setTimeout(120_000);
const synthesis = new LocalSynthesis();
afterAll(() => { synthesis.remove(); });
test("try", async () => {
  await synthesis.withCopy((s) => { SCENARIOS[process.env["TRY"] as keyof typeof SCENARIOS].change(s); }, async (file) => {
    writeFileSync("/tmp/perm/failing.json", file);
    const r = await runOnStack("/work/main/.filemill/test-homes/permissions", file, SCENARIOS[process.env["TRY"] as keyof typeof SCENARIOS]);
    console.log(r.stderr);
  });
  await wait(1);
  expect(1).toBe(1);
});
