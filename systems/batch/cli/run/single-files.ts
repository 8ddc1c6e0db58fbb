import { uploadRunPrefix } from "../../contracts/state-keys";
import type { CommandContext } from "../context";
import { printJson } from "../context";
import { wordCountOptionsOf } from "../options";
import type { OutputOptions, WorkOptions } from "../options";
import type { Services } from "../services";
import type { FinishedRun } from "./finished-run";
import { tellNext } from "./next-steps";
import { finishUpload } from "./upload-run";
import type { UploadRun } from "./upload-run";
import { goesOn } from "./watching";

/** Waits for single files, which the stack works on whether anybody waits or not. */
export async function uploadToEnd(context: CommandContext, services: Services, run: UploadRun, options: WorkOptions): Promise<FinishedRun> {
  try {
    return await finishUpload(services, run, wordCountOptionsOf(options), context);
  } catch (error) {
    if (goesOn(context, error)) {
      context.reporter.finish();
      context.reporter.say("the stack goes on with the files; what it finds are single items of its table");
      tellNext(context, [[`results ${uploadAddress(services, run.runId)}NAME`, "the result of one file"]]);
    }
    throw error;
  }
}

const uploadAddress = ({ outputs }: Services, runId: string): string => `${outputs.processing_bucket}/${uploadRunPrefix(runId)}`;

/** Without `--watch` nothing waits for the files; their results are single items of the table. */
export function tellUpload(context: CommandContext, services: Services, runId: string, options: Pick<OutputOptions, "json">): void {
  const prefix = uploadAddress(services, runId);
  if (options.json === true) printJson(context.terminal, { batchId: runId, generation: 1, filenamePrefix: prefix });
  else context.terminal.stdout.print(`${runId}\n`);
  tellNext(context, [[`results ${prefix}NAME`, "the result of one file"]]);
}
