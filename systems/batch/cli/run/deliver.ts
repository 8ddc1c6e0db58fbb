import { type CommandContext, printJson } from "../context";
import { exitCodeOf } from "../exit-code-of";
import { resolveFrom } from "../../../../kit/cli/resolve-from";
import type { OutputOptions } from "../options";
import { writeResults, type Part } from "./results-folder";
import { printable } from "../../../../kit/lib/printable";
import { outputLines, renderBatch } from "../render/batch";
import { tableColumns } from "../../../../kit/cli/terminal/terminal";
import { tellDoubtful } from "./doubtful-files";
import type { FinishedRun } from "./finished-run";
import { tellNext } from "./next-steps";
import { tellHowToBring } from "./start-telling";
import type { BatchRecord } from "../../contracts/ledger-rows";
import { isArriving } from "../../core/stored-batch/arrivals";

/**
 * Writes a run's results, shows them, and sets the exit code.
 *
 * @param options with `outputsFolder`, where outputs lie by now; @default they are not fetched
 * @param further files that go with them
 * @throws RunFailedError when they can't be written
 */
export async function deliver(
  context: CommandContext,
  run: FinishedRun,
  options: OutputOptions & { readonly outputsFolder?: string },
  further: readonly Part[] = [],
): Promise<void> {
  const out = resolveFrom(context.workingDirectory, options.out);
  context.reporter.wait("fetching results");
  const { doubtful, exceptions, folder } = await writeResults(out, run, { signal: context.signal, further });
  if (options.json === true) {
    context.reporter.say(`results: ${folder}`);
    tellBeside(context, run, options.outputsFolder);
    printJson(context.terminal, run.document);
  } else
    context.terminal.stdout.print(
      renderBatch(
        run.document,
        {
          folder,
          exceptions,
          detail: run.detail,
          ...(options.outputsFolder === undefined ? {} : { outputsFolder: options.outputsFolder }),
        },
        tableColumns(context.terminal),
      ),
    );
  await tellDoubtful(context, run, doubtful);
  context.exitWith(exitCodeOf(run.document));
}

/** Says what neither JSON nor a table of words has a place for: why the batch was closed, and where its fetched outputs lie. */
export function tellBeside({ reporter }: CommandContext, { detail, document }: FinishedRun, outputsFolder: string | undefined): void {
  if (detail !== undefined) reporter.say(printable(detail));
  if (outputsFolder !== undefined) for (const line of outputLines(document, outputsFolder)) reporter.say(line);
}

/** What can be done about a batch's files that have no result, of a stack that stays up. */
export function tellWaysOut(context: CommandContext, { batchId, files, status }: FinishedRun["document"], batch: BatchRecord): void {
  // there is nothing that a resume could take up
  if (isArriving(batch) && status !== "completed") {
    tellHowToBring(context, batch);
    return;
  }
  tellNext(context, [
    ...(files.unfinished > 0 ? [[`resume ${batchId}`, "take up what is unfinished"] as const] : []),
    ...(files.quarantined > 0 ? [[`quarantine list ${batchId}`, "see what is quarantined"] as const] : []),
  ]);
}
