import { testHome } from "../support/command";
import type { LocalSynthesis } from "../support/permissions";
import { expectNamed, grantsOf, runOnStack, takeOut, titleOf, type Grant } from "../support/permissions";
import type { CommandResult } from "../support/command";
import { scenarioOf, SCENARIOS, type ScenarioName } from "./scenarios";
import { unnoticedOf } from "./unnoticed";

const HOME = testHome("permissions");

/** Runs a scenario with grants taken out of its stack. */
export const runWithout = (synthesis: LocalSynthesis, name: ScenarioName, grants: readonly Grant[]): Promise<CommandResult> =>
  synthesis.withCopy(
    (stack) => {
      SCENARIOS[name].change(stack);
      takeOut(stack, grants);
    },
    (stackFile) => runOnStack(HOME, stackFile, SCENARIOS[name]),
  );

export async function expectNoticed(synthesis: LocalSynthesis, grant: Grant): Promise<void> {
  expectNamed(await runWithout(synthesis, scenarioOf(grant), [grant]), grant);
}

const isListed = ({ system }: LocalSynthesis, grant: Grant): boolean =>
  unnoticedOf(system).some(({ role, sid, action }) => titleOf({ role, sid, action, resources: [] }) === titleOf(grant));

export const listedGrants = (synthesis: LocalSynthesis): Grant[] => grantsOf(synthesis.stack).filter((grant) => isListed(synthesis, grant));

/** Rows for `test.each`: grants that a run must miss, each with its title. */
export const noticedGrants = (synthesis: LocalSynthesis, among: (grant: Grant) => boolean): [string, Grant][] =>
  grantsOf(synthesis.stack)
    .filter((grant) => among(grant) && !isListed(synthesis, grant))
    .map((grant) => [titleOf(grant), grant]);

/** The state machine's role and the log groups are not enforced by the emulator; the start asks IAM about them. */
export const isCheckedAtStart = ({ role, sid }: Grant): boolean => role === "wordfreq-batch-machine" || sid === "WriteLogs";
