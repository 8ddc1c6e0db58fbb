import { printJson, type CommandContext } from "../context";
import { EXIT } from "../../../../kit/cli/exit-codes";
import { UsageError } from "../../../../kit/cli/command-errors";
import { jsonOption, type JsonOption } from "../../../../kit/cli/options";
import { ValueOption, type Verb } from "../../../../kit/cli/help/verb";
import { byteSize } from "../../../../kit/cli/render/numbers";
import { printable } from "../../../../kit/lib/printable";
import { resolveFrom } from "../../../../kit/cli/resolve-from";
import { unreadable } from "../../../../kit/cli/system-error";
import { withCommandFolder } from "../../../../kit/cli/temporary-folder";
import { nodeZlib } from "../../../../kit/aws/node-zlib";
import { checkModule, type ModuleCheck } from "../../../../workloads/module/check-module";
import { stat } from "node:fs/promises";

interface CheckOptions extends JsonOption {
  readonly sample?: string;
}

export function addWorkloadCheck(workload: Verb, context: CommandContext): void {
  workload
    .command("check")
    .description("look at a module of yours as a batch would: types, shape, and a run on a sample")
    .argument("<file>", "the TypeScript or JavaScript file")
    .addOption(new ValueOption("--sample <file>", "a file to run it on (default: it is loaded and set up only)", "texts/one.txt"))
    .addOption(jsonOption())
    .withExamples([
      ["npx filemill workload check ./my.ts", "types and shape"],
      ["npx filemill workload check ./my.ts --sample texts/one.txt", "and what it makes of a file"],
    ])
    .action((file: string, options: CheckOptions) => check(context, file, options));
}

async function check(context: CommandContext, file: string, options: CheckOptions): Promise<void> {
  const whole = resolveFrom(context.workingDirectory, file);
  await lookAt(file, whole);
  const sample = options.sample === undefined ? undefined : resolveFrom(context.workingDirectory, options.sample);
  if (sample !== undefined) await lookAt(options.sample ?? "", sample);
  context.reporter.wait("looking at the workload");
  const found = await withCommandFolder(context, (directory) =>
    checkModule(whole, { directory, decompressor: nodeZlib, ...(sample === undefined ? {} : { sample }) }),
  );
  const isUsable = found.hooks !== undefined && found.findings.every(({ level }) => level !== "error");
  if (options.json === true) printJson(context.terminal, { usable: isUsable, ...found });
  else context.terminal.stdout.print(render(file, found, isUsable));
  context.exitWith(isUsable ? EXIT.done : EXIT.failed);
}

async function lookAt(given: string, file: string): Promise<void> {
  try {
    if ((await stat(file)).isFile()) return;
  } catch (error) {
    throw unreadable(given, error);
  }
  throw new UsageError(`'${given}' is no file`, "give a file");
}

function render(file: string, { bundleBytes, findings, hooks, sha256 }: ModuleCheck, isUsable: boolean): string {
  return [
    `${printable(file)}: ${isUsable ? "usable" : "not usable"}`,
    ...(hooks === undefined ? [] : [`hooks: ${printable(JSON.stringify(hooks))}`]),
    ...(bundleBytes === undefined || sha256 === undefined ? [] : [`bundle: ${byteSize(bundleBytes)}, SHA-256 ${sha256}`]),
    ...findings.map(({ level, text }) => `${level}: ${printable(text, { keepLineFeeds: true })}`),
    "",
  ].join("\n");
}
