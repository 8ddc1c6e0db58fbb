import { rm } from "node:fs/promises";
import path from "node:path";
import type { Command } from "commander";
import { Option } from "commander";
import type { CommandContext } from "../context";
import { printJson } from "../context";
import { UsageError } from "../errors";
import type { BackgroundStack, LocalRuntime } from "../local-runtime";
import { jsonOption, portNumber, resolveFrom, stackFileOption, workersOption } from "../options";
import { plural } from "../render/numbers";
import { shellWord } from "../render/shell-word";

interface JsonOption {
  readonly json?: true;
}
interface UpOptions extends JsonOption {
  readonly workers: number;
  readonly port?: number;
  readonly stackFile?: string;
}

const UP_EXAMPLES = `
Examples:
  $ npx filemill local up
  $ npx filemill submit texts/ --watch
  $ npx filemill local down
  $ eval "$(npx filemill local up)" && aws s3 ls      the stack's address and credentials for any AWS client

Standard output has the variables as lines that a shell takes, and nothing else. \`local status\` prints them again.
`;
const STATUS_EXAMPLES = `
Examples:
  $ npx filemill local status
  $ eval "$(npx filemill local status)" && aws sqs list-queues
  $ npx filemill local status --json | jq .outputs

Standard output has what \`local up\` printed; it is empty when no stack is up.
`;

export function addLocalUp(local: Command, context: CommandContext): void {
  local
    .command("up")
    .description("start everything and leave it running")
    .addOption(workersOption())
    .addOption(new Option("--port <n>", "port of the emulator on 127.0.0.1 (default: a free one)").argParser(portNumber))
    .addOption(jsonOption())
    .addOption(stackFileOption())
    .addHelpText("after", UP_EXAMPLES)
    .action((options: UpOptions) => localUp(context, options));
}

export function addLocalDown(local: Command, context: CommandContext): void {
  local
    .command("down")
    .description("stop what `local up` started; its data is gone")
    .addOption(jsonOption())
    .action((options: JsonOption) => localDown(context, options));
}

export function addLocalStatus(local: Command, context: CommandContext): void {
  local
    .command("status")
    .description("tell whether a local stack is up, and print its variables for AWS clients")
    .addOption(jsonOption())
    .addHelpText("after", STATUS_EXAMPLES)
    .action((options: JsonOption) => localStatus(context, options));
}

const upDirectory = ({ homeDirectory }: LocalRuntime): string => path.join(homeDirectory, "up");

async function localUp(context: CommandContext, options: UpOptions): Promise<void> {
  const { local, reporter } = context;
  const running = await local.findBackground();
  if (running !== undefined) {
    throw new UsageError(
      `a local stack is up already at ${running.endpoint} with ${plural(running.workers, "worker")}`,
      "use it, or stop it with `npx filemill local down`",
    );
  }
  const stackFile =
    options.stackFile === undefined
      ? // a fixed folder: the stack outlives this command, and the next `up` empties it
        await local.synthesize(path.join(upDirectory(local), "synth"), context.signal)
      : resolveFrom(context.workingDirectory, options.stackFile);
  const stack = await local.startBackground({
    stackFile,
    workers: options.workers,
    ...(options.port === undefined ? {} : { port: options.port }),
    onStage: (stage) => {
      reporter.say(stage);
    },
    signal: context.signal,
  });
  if (options.json === true) printJson(context.terminal, { endpoint: stack.endpoint, environment: stack.environment });
  else {
    reporter.say(`up at ${stack.endpoint} with ${plural(stack.workers, "worker")}; for any AWS client:`);
    context.terminal.stdout.write(exportLines(stack));
  }
}

/** The credentials are shown to who owns the stack: only that user can read them where they are kept. */
const exportLines = ({ environment }: BackgroundStack): string =>
  Object.entries(environment)
    .map(([name, value]) => `export ${name}=${shellWord(String(value))}\n`)
    .join("");

async function localDown({ local, terminal }: CommandContext, options: JsonOption): Promise<void> {
  const stack = await local.findBackground();
  // also when nothing answers: what a stack that crashed left behind goes now
  await local.stopBackground();
  await rm(upDirectory(local), { recursive: true, force: true });
  if (options.json === true) printJson(terminal, stack === undefined ? { stopped: false } : { stopped: true, endpoint: stack.endpoint });
  else terminal.stdout.write(stack === undefined ? "no local stack was up\n" : `stopped the local stack at ${stack.endpoint}\n`);
}

async function localStatus({ local, reporter, terminal }: CommandContext, options: JsonOption): Promise<void> {
  const stack = await local.findBackground();
  if (options.json === true) printJson(terminal, stack === undefined ? { up: false } : { up: true, ...stack });
  else if (stack === undefined) reporter.say("no local stack is up");
  else {
    reporter.say(`up at ${stack.endpoint} with ${plural(stack.workers, "worker")} since ${stack.startedAt}; for any AWS client:`);
    terminal.stdout.write(exportLines(stack));
  }
}
