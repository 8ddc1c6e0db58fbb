import { Help, type Command } from "commander";
import type { AddVerb } from "../system-command";
import type { VerbContext } from "../verb-context";
import { Verb } from "./verb";

/** A verb as the command's help lists it. All else of it is loaded when a command line names it: most of the command is never used. */
export interface ListedVerb {
  /** As it is typed: `cancel [options] <batch>`. */
  readonly term: string;
  readonly description: string;
  readonly load: () => Promise<AddVerb>;
}

const OPTIONS = " [options]";

/** A verb is not what it is listed as. */
class ListedOtherwiseError extends Error {
  public override readonly name = "ListedOtherwiseError";
  public constructor(term: string, listed: string) {
    super(`the verb '${term}' is listed as '${listed}'; correct the list`);
  }
}

const nameOf = ({ term }: ListedVerb): string => term.split(" ", 1)[0] ?? "";

/**
 * Adds a verb to the command: whole, or only what the command's help shows of it.
 *
 * @param typed the command line; undefined: every verb is wanted whole
 */
export async function addListedVerb(program: Verb, listed: ListedVerb, context: VerbContext, typed?: readonly string[]): Promise<void> {
  const name = nameOf(listed);
  if (typed !== undefined && !typed.includes(name)) {
    program.command(listed.term.replace(OPTIONS, "")).description(listed.description).isOutline = true;
    return;
  }
  const add = await listed.load();
  add(program, context);
  const added = program.verbs.find((verb) => verb.name() === name);
  added?.description(listed.description);
  const term = added === undefined ? "" : new Help().subcommandTerm(added);
  if (term !== listed.term) throw new ListedOtherwiseError(term, listed.term);
}

/** Of a verb in the command's help: one that is not whole has no options to tell that there are some. */
export const termIn =
  (verbs: readonly ListedVerb[]) =>
  (verb: Command): string => {
    const listed = verb instanceof Verb && verb.isOutline ? verbs.find((each) => nameOf(each) === verb.name()) : undefined;
    return listed?.term ?? new Help().subcommandTerm(verb);
  };
