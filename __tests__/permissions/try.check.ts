import { LocalSynthesis } from "../support/permissions";
import { runWithout } from "./cases";
jest.setTimeout(120_000);
const synthesis = new LocalSynthesis();
afterAll(() => { synthesis.remove(); });
test("try", async () => {
  const started = Date.now();
  const result = await runWithout(synthesis, process.env["TRY"] as never, []);
  console.log(result.exitCode, Date.now() - started, result.stderr, result.stdout);
  expect(1).toBe(1);
});
