import type { EvaluatedStack } from "../../graph/evaluated-stack";
import type { FaultKind } from "../kernel/faults";

/** A change of the project's own source, made on the way into the bundle of the simulated worlds. */
export interface Patch {
  readonly file: string;
  /** Text that the file holds exactly once. */
  readonly find: string;
  readonly replace: string;
}

/** One rule switched off, in the sources or in what is deployed. A world must notice: checks that never see a rule broken prove nothing. */
export interface Sabotage {
  readonly name: string;
  /** What the code does then. */
  readonly breaks: string;
  readonly patches: readonly Patch[];
  /** What is deployed otherwise. @default nothing */
  readonly deploys?: (stack: EvaluatedStack) => EvaluatedStack;
  /** Variables of the configuration that the stack of the worlds is synthesized with. @default those of whoever starts them */
  readonly variables?: Readonly<Record<string, string>>;
  /** Faults without which nothing shows it: they happen in each of its worlds. @default chance decides */
  readonly provokedBy?: readonly FaultKind[];
  /** A seed whose world has shown it, where many don't: looked at first. What else shows it is looked for when it doesn't any more. */
  readonly shownBy?: number;
}

export const before = (file: string, find: string, inserted: string): Patch => ({ file, find, replace: inserted + find });
export const instead = (file: string, find: string, replace: string): Patch => ({ file, find, replace });
