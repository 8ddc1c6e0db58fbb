import type { EnvironmentName } from "../../../../../systems/batch/config/environment-names";
import type { EnvironmentConfig } from "../../../../../systems/batch/config/schema";
import type { SynthesizedStack } from "../../../../support/synth";

export interface Environment {
  readonly name: EnvironmentName;
  readonly config: EnvironmentConfig;
  readonly stack: SynthesizedStack;
}

export interface Assertion {
  readonly title: string;
  /** Throws when what the title says doesn't hold. */
  readonly check: () => void;
}

/** States one assertion. */
export type State = (title: string, check: () => void) => void;

/** What must hold of an environment's stack: run by `assertions.test.ts`, and on changed stacks by `npm run mutate:infrastructure`. */
export interface Assertions {
  readonly subject: string;
  /** @throws when the stack is so wrong that the assertions can't even be stated */
  readonly of: (environment: Environment) => Assertion[];
}

export const assertions = (subject: string, stateAll: (environment: Environment, test: State) => void): Assertions => ({
  subject,
  of: (environment) => {
    const stated: Assertion[] = [];
    stateAll(environment, (title, check) => stated.push({ title, check }));
    if (stated.length === 0) throw new Error(`nothing is asserted about the ${subject}`);
    return stated;
  },
});
