import { rm } from "node:fs/promises";
import path from "node:path";
import type { CommandContext } from "../context";
import { printJson } from "../context";
import { UsageError } from "../errors";
import type { BackgroundStack, LocalRuntime } from "../local-runtime";
import { ValueOption } from "../help/verb";
import type { Verb } from "../help/verb";
import { jsonOption, portNumber, resolveFrom, stackFileOption, workersOption } from "../options";
import { plural } from "../render/numbers";

interface JsonOption {
  readonly json?: true;
}
interface UpOptions extends JsonOption {
  readonly workers: number;
  readonly port?: number;
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
    .addOption(jsonOption())
    .addOption(stackFileOption())
    .withExamples([
      ["npx filemill local up"],
      ["npx filemill submit texts/ --watch"],
      [
        `npx filemill local up --json | jq -r '.environment | to_entries[] | "export \\(.key)=\\(.value)"'`,
        "variables that are enough for any AWS client",
      ],
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
    .description("tell whether a local stack is up")
    .addOption(jsonOption())
    .withExamples([["npx filemill local status"], ["npx filemill local status --json"]])
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
  reporter.wait("synthesizing the stack");
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
      reporter.step(stage);
    },
    signal: context.signal,
  });
  if (options.json === true) printJson(context.terminal, { endpoint: stack.endpoint, environment: stack.environment });
  else context.terminal.stdout.write(renderUp(stack));
}

function renderUp({ endpoint, environment, workers }: BackgroundStack): string {
  const exports = Object.entries(environment).map(([name, value]) => `export ${name}=${value}`);
  return [`up at ${endpoint} with ${plural(workers, "worker")}; for any AWS client:`, ...exports, ""].join("\n");
}

async function localDown({ local, reporter, terminal }: CommandContext, options: JsonOption): Promise<void> {
  const stack = await local.findBackground();
  reporter.wait("stopping the local stack");
  // also when nothing answers: what a stack that crashed left behind goes now
  await local.stopBackground();
  await rm(upDirectory(local), { recursive: true, force: true });
  if (options.json === true) printJson(terminal, stack === undefined ? { stopped: false } : { stopped: true, endpoint: stack.endpoint });
  else terminal.stdout.write(stack === undefined ? "no local stack was up\n" : `stopped the local stack at ${stack.endpoint}\n`);
}

async function localStatus({ local, terminal }: CommandContext, options: JsonOption): Promise<void> {
  const stack = await local.findBackground();
  if (options.json === true) printJson(terminal, stack === undefined ? { up: false } : { up: true, ...stack });
  else if (stack === undefined) terminal.stdout.write("no local stack is up\n");
  else terminal.stdout.write(`up at ${stack.endpoint} with ${plural(stack.workers, "worker")} since ${stack.startedAt}\n`);
}
