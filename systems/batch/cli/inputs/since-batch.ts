import { changedSince } from "../../core/submission/changed-since";
import type { HashedFile } from "../../core/submission/submission";
import { UsageError } from "../../../../kit/cli/command-errors";
import { plural } from "../../../../kit/cli/render/numbers";
import { findBatch } from "../batch-reference";
import type { CommandContext } from "../context";
import type { Services } from "../services";

/**
 * The files that are new or changed since an earlier batch; what is left out is told.
 *
 * @returns none when nothing has changed: there is nothing to submit
 * @throws UsageError for a batch that can't be compared with; UnknownBatchError
 */
export async function filesSince(
  { reporter }: Pick<CommandContext, "reporter">,
  { ledger, objects, outputs }: Services,
  reference: string,
  files: readonly HashedFile[],
): Promise<readonly HashedFile[]> {
  const batch = await findBatch(ledger, reference);
  if (batch.submission === undefined) {
    throw new UsageError(
      `--changed-since ${batch.batchId}: it is of objects in S3, of which no content is known`,
      "name a batch that was submitted with files, or submit all of them",
    );
  }
  if (batch.arrivedAt === undefined) {
    throw new UsageError(
      `--changed-since ${batch.batchId}: the upload of its files broke off or is still under way`,
      `submit its files again with --request-id '${batch.requestId}', or name an earlier batch`,
    );
  }
  const { files: changed, gone, unchanged } = await changedSince(objects, outputs.state_bucket, batch, files);
  reporter.say(
    `since batch ${batch.batchId}: ${plural(changed.length, "file")} new or changed, ${plural(unchanged, "file")} unchanged and left out, ${plural(gone, "file")} no longer there`,
  );
  return changed;
}
