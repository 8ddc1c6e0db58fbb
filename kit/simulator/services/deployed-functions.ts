import type { StackModel } from "../stack/stack-model";
import type { SimFunction } from "./functions-service";

/**
 * The stack's functions, by the names of their code: what runs is the composition of that name, for as long and with such retries of
 * events as are synthesized.
 *
 * @throws Error when the stack has a function that nobody has composed
 */
export function deployedFunctions(
  deployed: StackModel,
  compositions: Readonly<Record<string, Pick<SimFunction, "run">>>,
): Readonly<Record<string, SimFunction>> {
  return Object.fromEntries(
    deployed.functions.map(({ code, name, timeoutSeconds }): [string, SimFunction] => {
      const composition = compositions[code];
      if (composition === undefined) throw new Error(`the function ${name} runs the code '${code}', which no world has composed`);
      const events = deployed.eventInvokeConfig(name);
      return [code, { run: composition.run, timeoutSeconds, ...(events === undefined ? {} : { asynchronousEvents: events }) }];
    }),
  );
}
