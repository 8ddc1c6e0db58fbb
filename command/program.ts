import type { CommandContext } from "../systems/batch/cli/context";
import { renderExits } from "../systems/batch/cli/help/exit-texts";
import { usageErrorOf } from "../kit/cli/help/usage-error";
import { HELP_COLUMNS, Verb } from "../kit/cli/help/verb";
import { addCancel } from "../systems/batch/cli/verbs/cancel";
import { addDestroy } from "../systems/batch/cli/verbs/destroy";
import { addDlq } from "../systems/batch/cli/verbs/dlq";
import { addDoctor } from "../systems/batch/cli/verbs/doctor";
import { addFiles } from "../systems/batch/cli/verbs/files";
import { addLocal } from "../systems/batch/cli/verbs/local";
import { addQuarantine } from "../systems/batch/cli/verbs/quarantine";
import { addResults } from "../systems/batch/cli/verbs/results";
import { addResume } from "../systems/batch/cli/verbs/resume";
import { addStatus } from "../systems/batch/cli/verbs/status";
import { addSubmit } from "../systems/batch/cli/verbs/submit";
import { addVerify } from "../systems/batch/cli/verbs/verify";
import { addWatch } from "../systems/batch/cli/verbs/watch";

type AddVerb = (program: Verb, context: CommandContext) => void;

/** The commands as the help groups them. */
const GROUPS: readonly (readonly [heading: string, verbs: readonly AddVerb[]])[] = [
  ["On this machine:", [addLocal]],
  ["Batches:", [addSubmit, addStatus, addWatch, addResults, addFiles, addCancel, addResume]],
  ["When something is wrong:", [addQuarantine, addDlq, addVerify, addDoctor]],
  ["When a stack is no longer needed:", [addDestroy]],
];

/** The command `filemill`. Errors of usage are thrown, not printed: whoever runs it renders all errors alike. */
export function makeProgram(context: CommandContext, version: string): Verb {
  const program = new Verb("filemill")
    .description("Turns very many files into results on AWS, or all of it on this machine.")
    .version(version, "-v, --version", "print the version")
    .option("--debug", "also show where an error came from")
    .withExamples([
      ["npx filemill local run", "everything here, with texts that come along"],
      ["npx filemill local run texts/", "files of your own"],
      ["npx filemill local up", "leave it running, then:"],
      ["npx filemill submit texts/ --watch"],
    ]);
  for (const [heading, verbs] of GROUPS) {
    program.commandsGroup(heading);
    for (const add of verbs) add(program, context);
  }
  program.commandsGroup("Help:");
  for (const verb of program.family) finishVerb(verb, context);
  return program;
}

function finishVerb(verb: Verb, context: CommandContext): void {
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
  if (verb.parent === null) verb.addHelpText("after", renderExits(""));
  // a group only has commands, which have exit codes of their own
  else if (verb.verbs.length === 0) verb.addHelpText("after", renderExits(verb.line.replace(/^filemill /, "")));
}
