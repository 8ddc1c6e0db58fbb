import type { FileAcknowledgement } from "../../contracts/messages";
import { uploadAcknowledgedKey, uploadRunOf } from "../../contracts/state-keys";
import type { ObjectStore } from "../../../../kit/ports/object-store";

/**
 * Notes for the runs of the upload path that their files are acknowledged. To be called once the results queue has the messages and before
 * the job is deleted (invariant 4): what is noted is true, and what a fault leaves out the redelivery notes, under the same key.
 */
export async function noteAcknowledged(
  { stateBucket, store }: { readonly store: ObjectStore; readonly stateBucket: string },
  acknowledgements: readonly Pick<FileAcknowledgement, "bucket" | "key" | "messageId">[],
): Promise<void> {
  for (const { bucket, key, messageId } of acknowledgements) {
    const runId = uploadRunOf(key);
    if (runId !== undefined) await store.put(stateBucket, uploadAcknowledgedKey(runId, `${bucket}/${key}`), JSON.stringify({ messageId }));
  }
}
