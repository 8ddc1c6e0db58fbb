import path from "node:path";
import type { CommandContext } from "../context";
import { printJson } from "../context";
import type { BackgroundClaim, BackgroundStack } from "../local-runtime";
import { ValueOption } from "../../../../kit/cli/help/verb";
import type { Verb } from "../../../../kit/cli/help/verb";
import { jsonOption, pinnedNodeOption, portNumber, stackFileOption, workersOption } from "../options";
import { resolveFrom } from "../../../../kit/cli/resolve-from";
import { plural } from "../../../../kit/cli/render/numbers";
import { sayingTo } from "../../../../kit/cli/render/reporter";
import { shellWord } from "../../../../kit/cli/render/shell-word";

interface JsonOption {
  readonly json?: true;
}
interface UpOptions extends JsonOption {
  readonly workers: number;
  readonly port?: number;
  readonly pinnedNode?: true;
  readonly stackFile?: string;
}

export function addLocalUp(local: Verb, context: CommandContext): void {
  local
    .command("up")
    .description("start everything and leave it running")
    .addOption(workersOption())
    .addOption(
      new ValueOption("--port <n>", "port of the emulator on 127.0.0.1, 1024 to 65535 (default: a free one)", "4566").argParser(portNumber),
    )
    .addOption(pinnedNodeOption())
    .addOption(jsonOption())
    .addOption(stackFileOption())
    .withExamples([
      ["npx filemill local up"],
      ["npx filemill submit texts/ --watch"],
      ['eval "$(npx filemill local up)" && aws s3 ls', "its address and credentials for any AWS client"],
      ["npx filemill local down"],
    ])
    .action((options: UpOptions) => localUp(context, options));
}

export function addLocalDown(local: Verb, context: CommandContext): void {
  local
    .command("down")
    .description("stop what `local up` started; its data is gone")
    .addOption(jsonOption())
    .withExamples([["npx filemill local down"], ["npx filemill local down --json"]])
    .action((options: JsonOption) => localDown(context, options));
}

export function addLocalStatus(local: Verb, context: CommandContext): void {
  local
    .command("status")
    .description("tell whether a local stack is up, and print its variables for AWS clients")
    .addOption(jsonOption())
    .withExamples([
      ["npx filemill local status"],
      ['eval "$(npx filemill local status)" && aws sqs list-queues', "what `local up` printed; nothing when no stack is up"],
      ["npx filemill local status --json | jq .outputs"],
    ])
    .action((options: JsonOption) => localStatus(context, options));
}

async function localUp(context: CommandContext, options: UpOptions): Promise<void> {
  const { local, reporter } = context;
  const claim = await local.claimBackground(sayingTo(reporter));
  let stack: BackgroundStack;
  try {
    stack = await startClaimed(context, claim, options);
  } finally {
    await claim.release();
  }
  if (options.json === true) printJson(context.terminal, { endpoint: stack.endpoint, environment: stack.environment });
  else {
    reporter.say(`up at ${stack.endpoint} with ${plural(stack.workers, "worker")}; for any AWS client:`);
    context.terminal.stdout.write(exportLines(stack));
  }
}

/** The synthesis is needed until the stack is made from it. */
function startClaimed(
  { local, reporter, signal, workingDirectory }: CommandContext,
  claim: BackgroundClaim,
  options: UpOptions,
): Promise<BackgroundStack> {
  return local.withRunFolder(sayingTo(reporter), async (folder) => {
    if (options.pinnedNode === true) reporter.wait("getting the pinned Node");
    const node = options.pinnedNode === true ? { nodeFile: await local.pinnedNode(signal) } : {};
    reporter.wait("synthesizing the stack");
    return claim.start({
      stackFile:
        options.stackFile === undefined
          ? await local.synthesize(path.join(folder, "synth"), signal)
          : resolveFrom(workingDirectory, options.stackFile),
      workers: options.workers,
      ...node,
      ...(options.port === undefined ? {} : { port: options.port }),
      onStage: (stage) => {
        reporter.step(stage);
      },
      signal,
    });
  });
}

/** The credentials are shown to who owns the stack: only that user can read them where they are kept. */
const exportLines = ({ environment }: BackgroundStack): string =>
  Object.entries(environment)
    .map(([name, value]) => `export ${name}=${shellWord(String(value))}\n`)
    .join("");

async function localDown({ local, reporter, terminal }: CommandContext, options: JsonOption): Promise<void> {
  reporter.wait("stopping the local stack");
  // also when nothing answers: what a stack that crashed left behind goes now
  const stack = await local.stopBackground(sayingTo(reporter));
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
