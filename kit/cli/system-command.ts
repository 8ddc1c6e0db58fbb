import type { LocalSystem } from "../local";
import type { ErrorKind } from "./exit-code-of-error";
import type { ExitTexts } from "./help/exit-texts";
import type { ListedVerb } from "./help/listed-verb";
import type { Verb } from "./help/verb";
import type { VerbContext } from "./verb-context";

/** Adds a verb to the command, or to a verb that groups others. */
export type AddVerb = (parent: Verb, context: VerbContext) => void;

/** A line to type, and what it does where that doesn't go without saying. */
export type Example = readonly [line: string, text?: string];

/** A system's part of the command. */
export interface SystemCommand {
  /** Verbs as the help groups them. */
  readonly groups: readonly (readonly [heading: string, verbs: readonly ListedVerb[]])[];
  /** Verbs below `filemill local`, beside `up`, `down` and `status`; and examples of them. */
  readonly local: { readonly verbs: () => Promise<readonly AddVerb[]>; readonly examples: readonly Example[] };
  /** Examples of the whole command. */
  readonly examples: readonly Example[];
  /** What exit codes mean, by a verb's words after `filemill`; by "" for the whole command. */
  readonly exits: Readonly<Record<string, ExitTexts>>;
  /** Errors that are the user's to put right, and say so with exit code 2. */
  readonly usageErrors: () => Promise<readonly ErrorKind[]>;
}

/** A system, as far as the command needs it. */
export interface CommandSystem extends LocalSystem {
  /** What it does, in half a sentence. */
  readonly description: string;
  readonly command: SystemCommand;
}
