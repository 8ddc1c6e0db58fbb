import { wordTotalOf } from "../../../../workloads/word-count/view";
import { type CommandContext, printJson } from "../context";
import { exitCodeOf } from "../exit-code-of";
import { renderBatch } from "../render/batch";
import { tableColumns } from "../../../../kit/cli/terminal/terminal";
import { deliver, tellClosed } from "./deliver";
import { firstDoubtful, tellDoubtful } from "./doubtful-files";
import type { FinishedRun } from "./finished-run";

export interface ResultForm {
  /** The folder for results. @default none: it is printed */
  readonly out?: string;
  readonly json?: true;
}

/** Brings a batch's result: into a folder, as JSON, or for people; the command ends as the batch did. */
export async function showResult(context: CommandContext, run: FinishedRun, options: ResultForm): Promise<void> {
  if (options.out !== undefined) {
    await deliver(context, run, { out: options.out, ...(options.json === undefined ? {} : { json: options.json }) });
    return;
  }
  if (options.json === true) {
    tellClosed(context, run);
    printJson(context.terminal, run.document);
  } else context.terminal.stdout.print(renderBatch(run.document, { detail: run.detail }, tableColumns(context.terminal)));
  await endAs(context, run);
}

/** Tells of files whose text is doubtful, and sets the exit code. */
export async function endAs(context: CommandContext, run: FinishedRun): Promise<void> {
  if (mayBeDoubtful(run)) await tellDoubtful(context, run, await firstDoubtful(run));
  context.exitWith(exitCodeOf(run.document));
}

/** Looking for doubtful files reads every file's result. */
const mayBeDoubtful = ({ document }: FinishedRun): boolean => (wordTotalOf(document.workload, document.result)?.doubtfulFiles ?? 0) > 0;
