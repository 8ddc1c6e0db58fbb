import { LocalSynthesis } from "../support/permissions";
import { expectNoticed, isCheckedAtStart, noticedGrants } from "./cases";

jest.setTimeout(10 * 60_000);
const synthesis = new LocalSynthesis();
afterAll(() => {
  synthesis.remove();
});

test.each(noticedGrants(synthesis, (grant) => grant.role.endsWith("-lambda") && !isCheckedAtStart(grant)))(
  "the run fails and names %s",
  async (_title, grant) => {
    await expectNoticed(synthesis, grant);
  },
);
