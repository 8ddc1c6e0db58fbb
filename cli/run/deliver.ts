import type { CommandContext } from "../context";
import { printJson } from "../context";
import { exitCodeOf } from "../exit-codes";
import { resolveFrom } from "../options";
import type { OutputOptions } from "../options";
import { writeResults } from "../output/results-folder";
import { renderBatch } from "../render/batch";
import { tellDoubtful } from "./doubtful-files";
import type { FinishedRun } from "./finished-run";

/** Writes a run's results, shows them, and sets the exit code. @throws RunFailedError when they can't be written */
export async function deliver(context: CommandContext, run: FinishedRun, options: OutputOptions): Promise<void> {
  const out = resolveFrom(context.workingDirectory, options.out);
  const { doubtful, exceptions, folder } = await writeResults(out, run, { signal: context.signal });
  context.reporter.finish();
  if (options.json === true) {
    context.reporter.say(`results: ${folder}`);
    printJson(context.terminal, run.document);
  } else context.terminal.stdout.write(renderBatch(run.document, { folder, exceptions, detail: run.detail }));
  await tellDoubtful(context, run, doubtful);
  context.exitWith(exitCodeOf(run.document));
}

/** What can be done about a batch's files that have no result, of a stack that stays up. */
export function tellWaysOut({ reporter }: CommandContext, { batchId, files }: FinishedRun["document"]): void {
  if (files.unfinished > 0) reporter.say(`take up what is unfinished: npx filemill resume ${batchId}`);
  if (files.quarantined > 0) reporter.say(`see what is quarantined:    npx filemill quarantine list ${batchId}`);
}
