import { renderExits, type ExitTexts } from "../kit/cli/help/exit-texts";
import { usageErrorOf } from "../kit/cli/help/usage-error";
import { HELP_COLUMNS, Verb } from "../kit/cli/help/verb";
import type { AddVerb, CommandSystem } from "../kit/cli/system-command";
import type { VerbContext } from "../kit/cli/verb-context";
import { addPlanReview, PLAN_REVIEW_EXITS } from "../kit/cli/verbs/plan-review";
import { addLocal, LOCAL_EXITS } from "../kit/cli/verbs/local";

/**
 * The command `filemill`: the verbs of the kit and those of the systems, as the help groups them. Errors of usage are thrown, not printed:
 * whoever runs it renders all errors alike.
 */
export function makeProgram(context: VerbContext, version: string, systems: readonly CommandSystem[]): Verb {
  const program = new Verb("filemill")
    .description("Turns very many files into results on AWS, or all of it on this machine.")
    .version(version, "-v, --version", "print the version")
    .option("--debug", "also show where an error came from")
    .withExamples(systems.flatMap(({ command }) => command.examples));
  const groups: readonly (readonly [heading: string, verbs: readonly AddVerb[]])[] = [
    ["On this machine:", [addLocal(systems)]],
    ...systems.flatMap(({ command }) => command.groups),
    ["Infrastructure:", [addPlanReview]],
  ];
  for (const [heading, verbs] of groups) {
    program.commandsGroup(heading);
    for (const add of verbs) add(program, context);
  }
  program.commandsGroup("Help:");
  const exits = exitsOf(systems);
  for (const verb of program.family) finishVerb(verb, context, exits);
  return program;
}

type Exits = (words: string) => ExitTexts;

/** What exit codes mean, by a verb's words; the first system says it for the whole command. */
function exitsOf(systems: readonly CommandSystem[]): Exits {
  const all = [...systems.map(({ command }) => command.exits).reverse(), LOCAL_EXITS, PLAN_REVIEW_EXITS];
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
  if (verb.verbs.length > 0) verb.helpCommand("help [command...]", "explain a command");
  if (verb.parent === null) verb.addHelpText("after", renderExits(exitsOfVerb("")));
  // a group only has commands, which have exit codes of their own
  else if (verb.verbs.length === 0) verb.addHelpText("after", renderExits(exitsOfVerb(verb.line.replace(/^filemill /, ""))));
}
