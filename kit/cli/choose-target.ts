import type { z } from "zod";
import type { OutputsOf } from "../local";
import { forgetAwsSettings } from "../aws/forget-aws-settings";
import { tellTrouble } from "./local/local-trouble";
import { findTarget, STACK_OUTPUTS_VARIABLE, type Target } from "./target";
import type { VerbContext } from "./verb-context";

export interface ChooseOptions {
  /** true: the local stack is named, too. @default false - it goes without saying: it is there because its user started it */
  readonly alwaysTell?: boolean;
}

/**
 * Finds the stack that a verb talks to. A deployed one is named on stderr, for what is done there may cost something. With a local one the
 * user's AWS settings are forgotten before the first client is made, and what goes wrong with it is told while the verb works.
 *
 * @param stackOutputs file of `--stack-outputs`
 * @throws UsageError
 */
export async function chooseTarget<Outputs extends z.ZodObject>(
  context: VerbContext,
  system: OutputsOf<Outputs>,
  stackOutputs: string | undefined,
  { alwaysTell = false }: ChooseOptions,
): Promise<Target<z.output<Outputs>>> {
  context.targetOption.file = stackOutputs;
  const target = await findTarget(system, {
    option: stackOutputs,
    variable: context.environment[STACK_OUTPUTS_VARIABLE],
    workingDirectory: context.workingDirectory,
    findBackground: () => context.local.findBackground(),
  });
  if (target.environment === undefined || alwaysTell) context.reporter.say(`with ${target.description}`);
  if (target.environment !== undefined) {
    forgetAwsSettings(context.environment);
    context.guardStack(target.environment.AWS_ENDPOINT_URL);
    tellTrouble(context);
  }
  return target;
}
