import type { VerbContext } from "../../../kit/cli/verb-context";
import { chooseTarget, type ChooseOptions } from "../../../kit/cli/choose-target";
import { BATCH_OUTPUTS } from "../contracts/stack-outputs";
import type { Connect, Services, Target } from "./services";

export { printJson } from "../../../kit/cli/json";

/** What every verb of this system gets. */
export interface CommandContext extends VerbContext {
  readonly connect: Connect;
}

/** Finds the stack a verb talks to and connects to it. @throws UsageError */
export async function connectToTarget(
  context: CommandContext,
  stackOutputs: string | undefined,
  options: ChooseOptions = {},
): Promise<Services> {
  return connectTo(context, await chooseTarget(context, BATCH_OUTPUTS, stackOutputs, options));
}

/** Connects to a stack; rows of its ledger that can't be read are told of. */
export const connectTo = ({ connect, reporter }: CommandContext, target: Target): Promise<Services> =>
  connect(target, (error) => {
    reporter.say(error.message);
  });
