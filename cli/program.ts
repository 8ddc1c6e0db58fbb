import { Command } from "commander";
import type { CommandContext } from "./context";
import { addCancel } from "./verbs/cancel";
import { addDlq } from "./verbs/dlq";
import { addDoctor } from "./verbs/doctor";
import { addLocal } from "./verbs/local";
import { addQuarantine } from "./verbs/quarantine";
import { addResults } from "./verbs/results";
import { addResume } from "./verbs/resume";
import { addStatus } from "./verbs/status";
import { addSubmit } from "./verbs/submit";
import { addVerify } from "./verbs/verify";

const EXAMPLES = `
Examples:
  $ npx filemill local run                 everything on this machine, with a corpus that comes along
  $ npx filemill local run texts/          files of your own
  $ npx filemill local up                  leave it running, then:
  $ npx filemill submit texts/ --watch

Exit code: 0 done, 1 failed, 2 wrong usage or input, 3 done with quarantined files, 4 cancelled, 130 interrupted.
`;

/** The command `filemill`. Errors of usage are thrown, not printed: the composition root renders all errors alike. */
export function makeProgram(context: CommandContext, version: string): Command {
  const program = new Command("filemill")
    .description("Turns very many files into results on AWS, or all of it on this machine.")
    .version(version, "-V, --version", "print the version")
    .option("--debug", "show where an error came from")
    .addHelpText("after", EXAMPLES);
  addLocal(program, context);
  addSubmit(program, context);
  addResults(program, context);
  addStatus(program, context);
  addCancel(program, context);
  addResume(program, context);
  addQuarantine(program, context);
  addDlq(program, context);
  addVerify(program, context);
  addDoctor(program, context);
  for (const command of withSubcommands(program)) {
    command
      .exitOverride()
      .showSuggestionAfterError()
      .configureOutput({
        writeOut: (text) => {
          context.terminal.stdout.write(text);
        },
        writeErr: (text) => {
          context.terminal.stderr.write(text);
        },
        outputError: () => undefined,
      });
  }
  return program;
}

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}
