import { renderExits, type ExitTexts } from "../kit/cli/help/exit-texts";
import { addListedVerb, termIn, type ListedVerb } from "../kit/cli/help/listed-verb";
import { usageErrorOf } from "../kit/cli/help/usage-error";
import { HELP_COLUMNS, Verb } from "../kit/cli/help/verb";
import type { CommandSystem } from "../kit/cli/system-command";
import type { VerbContext } from "../kit/cli/verb-context";
import { KIT_EXITS } from "../kit/cli/verbs/exits";

/**
 * The command `filemill`: the verbs of the kit and those of the systems, as the help groups them. Errors of usage are thrown, not printed:
 * whoever runs it renders all errors alike.
 *
 * @param typed the command line, whose verb is loaded. @default all verbs are
 */
export async function makeProgram(
  context: VerbContext,
  version: string,
  systems: readonly CommandSystem[],
  typed?: readonly string[],
): Promise<Verb> {
  const groups: readonly (readonly [heading: string, verbs: readonly ListedVerb[]])[] = [
    ["On this machine:", [localOf(systems)]],
    ...systems.flatMap(({ command }) => command.groups),
    ["Infrastructure:", [PLAN_REVIEW]],
  ];
  const program = new Verb("filemill")
    .description("Turns very many files into results on AWS, or all of it on this machine.")
    .version(version, "-v, --version", "print the version")
    .option("--debug", "also show where an error came from")
    .configureHelp({ subcommandTerm: termIn(groups.flatMap(([, verbs]) => verbs)) })
    .withExamples(systems.flatMap(({ command }) => command.examples));
  for (const [heading, verbs] of groups) {
    program.commandsGroup(heading);
    for (const verb of verbs) await addListedVerb(program, verb, context, typed);
  }
  program.commandsGroup("Help:");
  const exits = exitsOf(systems);
  for (const verb of program.family) finishVerb(verb, context, exits);
  return program;
}

const localOf = (systems: readonly CommandSystem[]): ListedVerb => ({
  term: "local",
  description: "the whole system on this machine, with no AWS account",
  load: async () => {
    const [{ addLocal }, ...own] = await Promise.all([
      import("../kit/cli/verbs/local"),
      ...systems.map(({ command }) => command.local.verbs()),
    ]);
    return addLocal(systems, own.flat());
  },
});

const PLAN_REVIEW: ListedVerb = {
  term: "plan-review [options] <plan>",
  description: "say what a Terraform plan would do, and block what nobody should apply unread",
  load: async () => (await import("../kit/cli/verbs/plan-review")).addPlanReview,
};

type Exits = (words: string) => ExitTexts;

/** What exit codes mean, by a verb's words; the first system says it for the whole command. */
function exitsOf(systems: readonly CommandSystem[]): Exits {
  const all = [...systems.map(({ command }) => command.exits).reverse(), KIT_EXITS];
  const texts = new Map(all.flatMap((exits) => Object.entries(exits)));
  return (words) => {
    const found = texts.get(words);
    if (found === undefined) throw new Error(`no system's command says what the exit codes of \`filemill ${words}\` mean`);
    return found;
  };
}

function finishVerb(verb: Verb, context: VerbContext, exitsOfVerb: Exits): void {
  verb
    .helpOption("-h, --help", "explain this command")
    .exitOverride((error) => {
      throw usageErrorOf(verb, error);
    })
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: (text) => {
        context.terminal.stdout.write(text);
      },
      writeErr: (text) => {
        context.terminal.stderr.write(text);
      },
      outputError: () => undefined,
      getOutHelpWidth: () => context.terminal.stdout.columns ?? HELP_COLUMNS,
      getErrHelpWidth: () => context.terminal.stderr.columns ?? HELP_COLUMNS,
    });
  if (verb.isOutline) return;
  if (verb.verbs.length > 0) verb.helpCommand("help [command...]", "explain a command");
  if (verb.parent === null) verb.addHelpText("after", renderExits(exitsOfVerb("")));
  // a group only has commands, which have exit codes of their own
  else if (verb.verbs.length === 0) verb.addHelpText("after", renderExits(exitsOfVerb(verb.line.replace(/^filemill /, ""))));
}
