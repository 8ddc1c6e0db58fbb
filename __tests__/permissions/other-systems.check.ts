import { SYSTEMS } from "../../systems";
import { present } from "../../kit/lib/present";
import { testHome, type CommandResult } from "../support/command";
import { expectNamed, LocalSynthesis, takeOut, type Grant } from "../support/permissions";
import { listedGrants, noticedGrants } from "./cases";
import { runMedia } from "./media-run";

jest.setTimeout(10 * 60_000);
const HOME = testHome("permissions-of-systems");

/** How a system runs on a stack file: exit code 0 when everything worked. `batch` has many scenarios, in files of its own. */
const RUNS: Readonly<Record<string, (home: string, stackFile: string) => Promise<CommandResult>>> = { media: runMedia };

describe.each(SYSTEMS.map(({ name }) => name).filter((name) => name !== "batch"))("%s", (system) => {
  const run = present(RUNS[system], `how ${system} runs: add it to RUNS, so that its grants are taken out one by one`);
  const synthesis = new LocalSynthesis(system);
  afterAll(() => {
    synthesis.remove();
  });

  const runWithout = (grants: readonly Grant[]): Promise<CommandResult> =>
    synthesis.withCopy(
      (stack) => {
        takeOut(stack, grants);
      },
      (stackFile) => run(HOME, stackFile),
    );

  test("needs nothing of the list", async () => {
    expect(await runWithout(listedGrants(synthesis))).toMatchObject({ exitCode: 0, stderr: "" });
  });

  test.each(noticedGrants(synthesis, () => true))("it fails and names %s", async (_title, grant) => {
    expectNamed(await runWithout([grant]), grant);
  });
});
