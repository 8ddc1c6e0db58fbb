import { wordTotalOf } from "../../../../workloads/word-count/view";
import { type CommandContext, printJson } from "../context";
import { exitCodeOf } from "../exit-code-of";
import { renderBatch } from "../render/batch";
import { tableColumns } from "../../../../kit/cli/terminal/terminal";
import { deliver, tellBeside } from "./deliver";
import { firstDoubtful, tellDoubtful } from "./doubtful-files";
import type { FinishedRun } from "./finished-run";

export interface ResultForm {
  /** The folder for results. @default none: it is printed */
  readonly out?: string;
  /** Where its outputs lie by now. @default they are not fetched */
  readonly outputsFolder?: string;
  readonly json?: true;
}

/** Brings a batch's result: into a folder, as JSON, or for people; the command ends as the batch did. */
export async function showResult(context: CommandContext, run: FinishedRun, options: ResultForm): Promise<void> {
  const { outputsFolder } = options;
  if (options.out !== undefined) {
    await deliver(context, run, { ...options, out: options.out });
    return;
  }
  if (options.json === true) {
    tellBeside(context, run, outputsFolder);
    printJson(context.terminal, run.document);
  } else {
    const shown = { detail: run.detail, ...(outputsFolder === undefined ? {} : { outputsFolder }) };
    context.terminal.stdout.print(renderBatch(run.document, shown, tableColumns(context.terminal)));
  }
  await endAs(context, run);
}

/** Tells of files whose text is doubtful, and sets the exit code. */
export async function endAs(context: CommandContext, run: FinishedRun): Promise<void> {
  if (mayBeDoubtful(run)) await tellDoubtful(context, run, await firstDoubtful(run));
  context.exitWith(exitCodeOf(run.document));
}

/** Looking for doubtful files reads every file's result. */
const mayBeDoubtful = ({ document }: FinishedRun): boolean => (wordTotalOf(document.workload, document.result)?.doubtfulFiles ?? 0) > 0;
