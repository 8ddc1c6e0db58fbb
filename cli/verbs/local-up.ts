import path from "node:path";
import type { Command } from "commander";
import { Option } from "commander";
import type { CommandContext } from "../context";
import { printJson } from "../context";
import type { BackgroundClaim, BackgroundStack } from "../local-runtime";
import { jsonOption, portNumber, resolveFrom, stackFileOption, workersOption } from "../options";
import { plural } from "../render/numbers";
import { sayingTo } from "../render/reporter";

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
  $ npx filemill local up --json | jq -r '.environment | to_entries[] | "export \\(.key)=\\(.value)"'
                                                            four variables, enough for any AWS client
  $ npx filemill local down
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
    .description("tell whether a local stack is up")
    .addOption(jsonOption())
    .action((options: JsonOption) => localStatus(context, options));
}

async function localUp(context: CommandContext, options: UpOptions): Promise<void> {
  const claim = await context.local.claimBackground(sayingTo(context.reporter));
  let stack: BackgroundStack;
  try {
    stack = await startClaimed(context, claim, options);
  } finally {
    await claim.release();
  }
  if (options.json === true) printJson(context.terminal, { endpoint: stack.endpoint, environment: stack.environment });
  else context.terminal.stdout.write(renderUp(stack));
}

/** The synthesis is needed until the stack is made from it. */
function startClaimed(
  { local, reporter, signal, workingDirectory }: CommandContext,
  claim: BackgroundClaim,
  options: UpOptions,
): Promise<BackgroundStack> {
  return local.withRunFolder(sayingTo(reporter), async (folder) =>
    claim.start({
      stackFile:
        options.stackFile === undefined
          ? await local.synthesize(path.join(folder, "synth"), signal)
          : resolveFrom(workingDirectory, options.stackFile),
      workers: options.workers,
      ...(options.port === undefined ? {} : { port: options.port }),
      onStage: sayingTo(reporter),
      signal,
    }),
  );
}

function renderUp({ endpoint, environment, workers }: BackgroundStack): string {
  const exports = Object.entries(environment).map(([name, value]) => `export ${name}=${value}`);
  return [`up at ${endpoint} with ${plural(workers, "worker")}; for any AWS client:`, ...exports, ""].join("\n");
}

async function localDown({ local, reporter, terminal }: CommandContext, options: JsonOption): Promise<void> {
  // also when nothing answers: what a stack that crashed left behind goes now
  const stack = await local.stopBackground(sayingTo(reporter));
  if (options.json === true) printJson(terminal, stack === undefined ? { stopped: false } : { stopped: true, endpoint: stack.endpoint });
  else terminal.stdout.write(stack === undefined ? "no local stack was up\n" : `stopped the local stack at ${stack.endpoint}\n`);
}

async function localStatus({ local, terminal }: CommandContext, options: JsonOption): Promise<void> {
  const stack = await local.findBackground();
  if (options.json === true) printJson(terminal, stack === undefined ? { up: false } : { up: true, ...stack });
  else if (stack === undefined) terminal.stdout.write("no local stack is up\n");
  else terminal.stdout.write(`up at ${stack.endpoint} with ${plural(stack.workers, "worker")} since ${stack.startedAt}\n`);
}
