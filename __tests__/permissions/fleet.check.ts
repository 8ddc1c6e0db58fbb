import { LocalSynthesis } from "../support/permissions";
import { expectNoticed, isCheckedAtStart, listedGrants, noticedGrants, runWithout } from "./cases";
import { SCENARIOS, type ScenarioName } from "./scenarios";

jest.setTimeout(10 * 60_000);
const synthesis = new LocalSynthesis();
afterAll(() => {
  synthesis.remove();
});

test.each(Object.keys(SCENARIOS) as ScenarioName[])("%s: needs nothing of the list", async (name) => {
  const { exitCode, stderr } = await runWithout(synthesis, name, listedGrants(synthesis));
  // else a stack that can't be made would do for a run that is to fail
  expect(stderr).toMatch(/^(batch \w+ started|uploaded \d+\/\d+ files .*)$/m);
  expect({ exitCode, stderr }).toEqual({
    exitCode: SCENARIOS[name].exitCode,
    stderr: expect.not.stringContaining("not allowed") as unknown,
  });
});

test.each(noticedGrants(synthesis, (grant) => grant.role === "wordfreq-worker"))("the run fails and names %s", async (_title, grant) => {
  await expectNoticed(synthesis, grant);
});

test.each(noticedGrants(synthesis, isCheckedAtStart))("the start fails and names %s", async (_title, grant) => {
  await expectNoticed(synthesis, grant);
});
